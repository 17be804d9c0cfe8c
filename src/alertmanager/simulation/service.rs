//! How the services behind integrations answer, and when a message is tried again (notify/retry_stage.go).

use std::fmt;
use std::sync::Arc;

use super::record::Notification;
use crate::alertmanager::config::Config;

/// How long an attempt waits at least for the next one, in milliseconds.
const FIRST_PAUSE: f64 = 500.0;
/// How much longer each pause is than the one before.
const GROWTH: f64 = 1.5;
/// The longest pause, in milliseconds.
const LONGEST_PAUSE: f64 = 60_000.0;

/// What a service says to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Answer {
    /// It takes it.
    #[default]
    Accepted,
    /// It fails for now (5xx, no connection): Alertmanager tries again.
    Unavailable,
    /// It refuses it (most of 4xx): Alertmanager gives up until the next tick.
    Refused,
}

/// How a service behaves: at once and well unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// Milliseconds until it answers.
    pub latency: i64,
    /// Its answers, one for each attempt; the last one stays.
    pub answers: Vec<Answer>,
    /// How many answers it has given.
    given: usize,
}

impl Service {
    /// A service with a latency in milliseconds, below 0 counting as 0, and answers of which the last one stays.
    pub fn new(latency: i64, answers: Vec<Answer>) -> Service {
        Service { latency: latency.max(0), answers, given: 0 }
    }

    /// The answer to the next attempt.
    pub fn answer(&mut self) -> Answer {
        let answer = self.answers.get(self.given).or(self.answers.last()).copied().unwrap_or_default();
        self.given += 1;
        answer
    }
}

/// What becomes of a message in the place of what its service would answer.
type Write = dyn Fn(&Config, &Notification) -> Option<Answer> + Send + Sync;

/// Writes messages, and tells what becomes of one that can't be written: it never reaches its service.
#[derive(Clone)]
pub struct Writer(Arc<Write>);

impl Writer {
    /// One that gives the answer in the service's place; none for a message that is sent.
    pub fn new(write: impl Fn(&Config, &Notification) -> Option<Answer> + Send + Sync + 'static) -> Writer {
        Writer(Arc::new(write))
    }

    pub(super) fn write(&self, config: &Config, notification: &Notification) -> Option<Answer> {
        (self.0)(config, notification)
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

/// The pause between an attempt (from 1) and the next one, in milliseconds. Alertmanager's varies by half, by chance;
/// this is the middle.
pub fn pause_after(attempt: u32) -> i64 {
    let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
    // At most 60,000.
    (FIRST_PAUSE * GROWTH.powi(exponent)).min(LONGEST_PAUSE).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute() {
        assert_eq!([1, 2, 3, 100].map(pause_after), [500, 750, 1125, 60_000]);
    }
}
