//! How far a long run of tests is, on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::tester::Progress;

/// A run that is over before is told nothing of.
const AFTER: Duration = Duration::from_millis(700);
/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(60);
/// Between two looks at the clock where no test is done.
const TICK: Duration = Duration::from_millis(250);
/// A test that runs longer is named.
const LONG: Duration = Duration::from_secs(2);
/// Columns of the bar.
const WIDTH: usize = 30;
/// Columns for the name of a test.
const NAME: usize = 40;

/// A line on standard error, drawn over and over.
pub(super) struct Bar {
    state: Arc<Mutex<State>>,
}

struct State {
    expected: usize,
    done: usize,
    failed: usize,
    /// The tests that run, in the order in which they began.
    running: Vec<(String, Instant)>,
    draw_next: Instant,
    drawn: bool,
    over: bool,
}

impl Bar {
    /// A bar, if standard error is a terminal.
    pub(super) fn on_a_terminal() -> Option<Bar> {
        if !io::stderr().is_terminal() {
            return None;
        }
        let state = Arc::new(Mutex::new(State {
            expected: 0,
            done: 0,
            failed: 0,
            running: Vec::new(),
            draw_next: Instant::now() + AFTER,
            drawn: false,
            over: false,
        }));
        let shown = Arc::clone(&state);
        // One long test would leave the line as it is.
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(TICK);
                match shown.lock() {
                    Ok(mut state) if !state.over => state.draw(),
                    _ => return,
                }
            }
        });
        Some(Bar { state })
    }

    /// Takes the line away again.
    pub(super) fn clear(&self) {
        if let Ok(mut state) = self.state.lock() {
            state.over = true;
            if state.drawn {
                // Nobody looks when standard error can't be written to.
                let _ = write!(io::stderr().lock(), "\r\x1b[K");
            }
        }
    }
}

impl State {
    fn draw(&mut self) {
        let now = Instant::now();
        if now < self.draw_next {
            return;
        }
        self.draw_next = now + EVERY;
        self.drawn = true;
        let longest = self.running.first().map(|(name, since)| (name.as_str(), now - *since));
        let longest = longest.filter(|(_, time)| *time >= LONG);
        let text = line(self.done, self.expected, self.failed, longest);
        let _ = write!(io::stderr().lock(), "\r\x1b[K{text}");
    }
}

impl Progress for Bar {
    fn expect(&self, tests: usize) {
        if let Ok(mut state) = self.state.lock() {
            state.expected += tests;
        }
    }

    fn begin(&self, name: &str) {
        if let Ok(mut state) = self.state.lock() {
            state.running.push((name.to_string(), Instant::now()));
        }
    }

    fn done(&self, name: &str, passed: bool) {
        let Ok(mut state) = self.state.lock() else { return };
        state.done += 1;
        state.failed += usize::from(!passed);
        if let Some(at) = state.running.iter().position(|(n, _)| n == name) {
            state.running.remove(at);
        }
        state.draw();
    }
}

fn line(done: usize, expected: usize, failed: usize, longest: Option<(&str, Duration)>) -> String {
    let full = (WIDTH * done / expected.max(1)).min(WIDTH);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    let longest = longest.map_or(String::new(), |(name, time)| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(NAME).collect();
        let cut = if shown.len() < name.len() { "…" } else { "" };
        format!(", {}s in {shown}{cut}", time.as_secs())
    });
    format!("{}{} {done}/{expected} tests{failed}{longest}", "█".repeat(full), "░".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(line(0, 0, 0, None), format!("{} 0/0 tests", "░".repeat(30)));
        let long = "a test whose title is longer than the line of the bar has room for";
        let running = format!("{}{} 1/2 tests, 3s in {}…", "█".repeat(15), "░".repeat(15), &long[..40]);
        assert_eq!(line(1, 2, 0, Some((long, Duration::from_millis(3_900)))), running);
        assert_eq!(
            line(5, 10, 1, None),
            format!("{}{} 5/10 tests, 1 failed", "█".repeat(15), "░".repeat(15))
        );
    }
}
