//! How far a long run of tests is, on a terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::tester::Progress;

/// A run that is over before is told nothing of.
const AFTER: Duration = Duration::from_millis(700);
/// How often the line is drawn anew.
const EVERY: Duration = Duration::from_millis(60);
/// Columns of the bar.
const WIDTH: usize = 30;

/// A line on standard error, drawn over and over.
pub(super) struct Bar {
    state: Mutex<State>,
}

struct State {
    expected: usize,
    done: usize,
    failed: usize,
    draw_next: Instant,
    drawn: bool,
}

impl Bar {
    /// A bar, if standard error is a terminal.
    pub(super) fn on_a_terminal() -> Option<Bar> {
        let state =
            State { expected: 0, done: 0, failed: 0, draw_next: Instant::now() + AFTER, drawn: false };
        io::stderr().is_terminal().then(|| Bar { state: Mutex::new(state) })
    }

    /// Takes the line away again.
    pub(super) fn clear(&self) {
        if self.state.lock().is_ok_and(|s| s.drawn) {
            // Nobody looks when standard error can't be written to.
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

impl Progress for Bar {
    fn expect(&self, tests: usize) {
        if let Ok(mut state) = self.state.lock() {
            state.expected += tests;
        }
    }

    fn done(&self, passed: bool) {
        let Ok(mut state) = self.state.lock() else { return };
        state.done += 1;
        state.failed += usize::from(!passed);
        let now = Instant::now();
        if now < state.draw_next {
            return;
        }
        state.draw_next = now + EVERY;
        state.drawn = true;
        let _ = write!(io::stderr().lock(), "\r\x1b[K{}", line(state.done, state.expected, state.failed));
    }
}

fn line(done: usize, expected: usize, failed: usize) -> String {
    let full = (WIDTH * done / expected.max(1)).min(WIDTH);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    format!("{}{} {done}/{expected} tests{failed}", "█".repeat(full), "░".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_fills() {
        assert_eq!(line(0, 0, 0), format!("{} 0/0 tests", "░".repeat(30)));
        assert_eq!(line(5, 10, 1), format!("{}{} 5/10 tests, 1 failed", "█".repeat(15), "░".repeat(15)));
    }
}
