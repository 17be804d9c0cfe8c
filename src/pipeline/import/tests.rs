//! Imported tests: said in the strongest way that keeps promtool's verdict.

use std::collections::BTreeMap;

use super::with_project;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::import as own;
use crate::import::{self, Project, Read, Say};
use crate::pipeline::{TestSelection, test};
use crate::source::{Loader, Sources};
use crate::tester::promtool;

/// Adds the tests to the project. Gives the way in which each is said, and how many are.
pub(super) fn import(
    loader: &dyn Loader,
    read: &Read,
    project: &mut Project,
    name: &str,
) -> (Vec<Say>, usize) {
    let mut say = vec![Say::Only; read.tests.len()];
    if say.is_empty() {
        return (say, 0);
    }
    let wanted = verdicts(loader, read);
    for (say, wanted) in say.iter_mut().zip(&wanted) {
        if wanted.is_none() {
            *say = Say::Nothing;
        }
    }
    // Each round takes a test one way on, so three are enough.
    for _ in 0..3 {
        import::write_tests(project, read, &say);
        let places: Vec<_> = project.files.iter().enumerate().filter(|(_, f)| !f.tests.is_empty()).collect();
        let mut sources = Sources::new();
        let tested =
            with_project(&mut sources, project, name, "", true, |s, p| test(s, p, &TestSelection::default()));
        let mut again = false;
        for error in tested.diagnostics.iter().filter(|d| d.is_error()) {
            let at = error.primary.span;
            let file = places.iter().find(|(i, _)| *i == at.file.0 as usize);
            let hit = file.and_then(|(_, f)| f.tests.iter().find(|(r, _)| r.contains(&(at.start as usize))));
            if let Some(say) = hit.and_then(|(_, test)| say.get_mut(*test)) {
                *say = Say::Nothing;
                again = true;
            }
        }
        if !again {
            let found: BTreeMap<&str, bool> =
                tested.reports.iter().flat_map(|r| &r.tests).map(|t| (t.name.as_str(), t.passed())).collect();
            for ((say, source), wanted) in say.iter_mut().zip(&read.tests).zip(&wanted) {
                if *say != Say::Nothing && found.get(source.title.as_str()).copied() != *wanted {
                    *say = say.next();
                    again = true;
                }
            }
        }
        if !again {
            break;
        }
    }
    import::write_tests(project, read, &say);
    let kept = project.files.iter().map(|f| f.tests.len()).sum();
    (say, kept)
}

/// promtool's verdict on each test; none where it can't be run.
fn verdicts(loader: &dyn Loader, read: &Read) -> Vec<Option<bool>> {
    let paths: Vec<_> = read.test_files.iter().map(|t| t.path.clone()).collect();
    let mut sources = Sources::new();
    let reports = promtool::run(loader, &paths, &crate::tester::Running::default(), &mut sources);
    let reports = reports.unwrap_or_default();
    let mut verdicts = Vec::new();
    for (index, file) in read.test_files.iter().enumerate() {
        let count = read.tests.iter().filter(|t| t.span.file == file.file).count();
        // A file that can't be run gives no verdicts.
        match reports.get(index).filter(|r| r.tests.len() == count) {
            Some(report) => verdicts.extend(report.tests.iter().map(|t| Some(t.passed()))),
            None => verdicts.extend(std::iter::repeat_n(None, count)),
        }
    }
    verdicts
}

/// The tests that are not among the new sources.
pub(super) fn left_out<'r>(read: &'r Read, say: &'r [Say]) -> impl Iterator<Item = Diagnostic> + 'r {
    read.tests.iter().zip(say).filter(|(_, say)| **say == Say::Nothing).map(|(test, _)| {
        Diagnostic::new(
            &own::NOT_CARRIED_OVER,
            test.span.at_start(),
            format!("the test `{}` can't be said as a `test` block with the same verdict", test.title),
        )
        .label("left out")
        .help("keep the file: `alertc test FILE` runs it as it is")
    })
}
