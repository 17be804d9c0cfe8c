//! Many tests at once: which are run, when to stop, and who is told how far it is.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::TestResult;
use crate::gostd::regexp::Regexp;

/// How tests are run, whatever their format.
#[derive(Clone, Copy, Default)]
pub struct Running<'a> {
    /// Only tests whose name one of these matches, as `promtool test rules --run`; none: all.
    pub patterns: &'a [Regexp],
    /// Start no test behind the first that fails.
    pub fail_fast: bool,
    /// Columns that the picture of a failing assertion may take; 0: a usual number.
    pub columns: usize,
    /// Who is told how far it is.
    pub progress: Option<&'a dyn Progress>,
}

/// Is told how far a run of tests is, from any thread.
pub trait Progress: Sync {
    /// So many more tests will be run.
    fn expect(&self, tests: usize);
    /// One of them begins.
    fn begin(&self, name: &str);
    /// One of them is done.
    fn done(&self, name: &str, passed: bool);
}

impl Running<'_> {
    /// True for the name of a test that is to be run.
    pub fn wants(&self, name: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|p| p.is_match(name))
    }

    /// Runs tests in parallel. With `fail_fast` the results end with the first test, in order, that fails: the same
    /// one whatever the threads do.
    pub(super) fn all<J: Sync, R: Send>(
        &self,
        jobs: &[J],
        name: impl Fn(&J) -> String + Sync,
        run: impl Fn(&J) -> R + Sync,
        result: impl Fn(&R) -> &TestResult + Sync,
    ) -> Vec<R> {
        let first_failure = AtomicUsize::new(usize::MAX);
        if let Some(progress) = self.progress {
            progress.expect(jobs.len());
        }
        let results: Vec<Option<R>> = jobs
            .par_iter()
            .enumerate()
            .map(|(at, job)| {
                if self.fail_fast && first_failure.load(Ordering::Relaxed) < at {
                    return None;
                }
                if let Some(progress) = self.progress {
                    progress.begin(&name(job));
                }
                let done = run(job);
                let passed = result(&done).passed();
                if !passed {
                    first_failure.fetch_min(at, Ordering::Relaxed);
                }
                if let Some(progress) = self.progress {
                    progress.done(&result(&done).name, passed);
                }
                Some(done)
            })
            .collect();
        let end = match first_failure.into_inner() {
            first if self.fail_fast && first < results.len() => first + 1,
            _ => results.len(),
        };
        results.into_iter().take(end).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::diagnostic::codes::tester::TEST_FAILED;
    use crate::source::Span;

    #[test]
    fn nothing_is_started_behind_the_first_failure() {
        let started = AtomicUsize::new(0);
        let run = |fails: &bool| {
            started.fetch_add(1, Ordering::Relaxed);
            let finding = || Diagnostic::new(&TEST_FAILED, Span::NONE, "no");
            TestResult { findings: fails.then(finding).into_iter().collect(), ..TestResult::default() }
        };
        let mut jobs = vec![true; 10_000];
        jobs[0] = false;
        let running = Running { fail_fast: true, ..Running::default() };
        let results = running.all(&jobs, |_| String::new(), run, |r| r);
        assert_eq!(results.iter().map(TestResult::passed).collect::<Vec<_>>(), [true, false]);
        assert!(started.into_inner() < 10_000, "every test was started");
        assert_eq!(Running::default().all(&jobs, |_| String::new(), run_quietly, |r| r).len(), 10_000);
    }

    fn run_quietly(_: &bool) -> TestResult {
        TestResult::default()
    }
}
