//! The series of tests alone, for whoever runs other rules over them.

use super::{Case, World, budget, cases, clock, series};
use crate::diagnostic::Diagnostic;
use crate::prometheus::rules::Millis;
use crate::promql::storage::Storage;
use crate::syntax::ast::Test;

/// Series and the time that they cover.
#[derive(Debug, Clone)]
pub struct Recording {
    /// The title of the test, or the name of the file.
    pub title: String,
    /// The samples.
    pub storage: Storage,
    /// The first evaluation, in milliseconds since 1970.
    pub start: Millis,
    /// The last one.
    pub end: Millis,
    /// True for a test: it gives the series that it needs, not all there are.
    pub test: bool,
}

/// The series of each test, a recording for each row of `each`. Tests that can't be loaded are left out: `alertc test`
/// tells why.
pub fn record<'a>(world: &World<'a>, tests: &[&'a Test]) -> Vec<Recording> {
    cases(world, tests).filter_map(|case| one(world, &case)).collect()
}

fn one(world: &World<'_>, case: &Case<'_>) -> Option<Recording> {
    let mut found = Vec::new();
    let clock = clock(case, &mut found)?;
    if clock.end / clock.interval > budget::STEPS {
        return None;
    }
    let storage = series::load(world, case, &clock, &mut found);
    (!found.iter().any(Diagnostic::is_error)).then(|| Recording {
        title: case.name.clone(),
        storage,
        start: clock.start,
        end: clock.start + clock.end,
        test: true,
    })
}
