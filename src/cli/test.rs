//! `alertc test`: promtool's unit-test files, and the tests of the project or workspace.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::args::TestArgs;
use super::disk::Disk;
use super::inputs::{self, Loaded};
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::diagnostic::Diagnostic;
use crate::gostd::regexp::{Anchor, Regexp};
use crate::pipeline::{self, TestSelection};
use crate::source::Sources;
use crate::tester::blocks::Coverage;
use crate::tester::{Report, TestResult, junit, promtool};

pub(super) fn run(args: &TestArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let patterns = args.run.iter().map(|p| {
        Regexp::new(p, Anchor::None).map_err(|e| Failure::Usage(format!("--run: `{p}` is no pattern: {e}")))
    });
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    if args.files.is_empty() {
        return workspace(&disk, args, &patterns, printer);
    }
    let mut sources = Sources::new();
    let paths: Vec<PathBuf> = args.files.iter().map(|p| disk.absolute(p)).collect();
    if args.list {
        return list(&disk, &paths, &patterns, &mut sources, printer);
    }
    let reports = promtool::run(&disk, &paths, &promtool::Options { run: &patterns }, &mut sources)?;
    finish(args, printer, &sources, Vec::new(), reports)
}

/// Runs the `test` blocks of every project.
fn workspace(
    disk: &Disk,
    args: &TestArgs,
    patterns: &[Regexp],
    printer: &Printer,
) -> Result<Outcome, Failure> {
    let Loaded { mut sources, mut diagnostics, workspace } = inputs::workspace(disk)?;
    let selection =
        TestSelection { patterns, environments: &args.env, list: args.list, export: !args.export.is_empty() };
    let directory = match args.export.as_slice() {
        [] => None,
        [tool, dir] if tool == "promtool" => Some(disk.absolute(Path::new(dir))),
        _ => return Err(Failure::Usage("--export: the one format is `promtool`".to_string())),
    };
    let (mut reports, mut coverage) = (Vec::new(), Coverage::default());
    for project in &workspace.projects {
        let program = pipeline::read(disk, project, &mut sources, &mut diagnostics)?;
        let tested = pipeline::test(&sources, &program, &selection);
        diagnostics.extend(tested.diagnostics);
        coverage.merge(tested.coverage);
        for file in &tested.exported {
            let Some(dir) = &directory else { continue };
            let path = dir.join(&file.path);
            let written = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, &file.text));
            written.map_err(|e| Failure::io(path.display(), &e))?;
        }
        reports.extend(tested.reports);
    }
    if args.list {
        printer.stdout(|out| {
            let names = reports.iter().flat_map(|r| r.tests.iter().map(move |t| (r, t)));
            names.into_iter().try_for_each(|(r, t)| writeln!(out, "{}: {}", r.name, t.name))
        })?;
        return Ok(Outcome::Clean);
    }
    let shown = args.coverage.then(|| coverage.to_string());
    let outcome = finish(args, printer, &sources, diagnostics, reports)?;
    if let Some(shown) = shown {
        printer.stdout(|out| writeln!(out, "{shown}"))?;
    }
    match args.min_coverage.filter(|least| coverage.percent() < *least) {
        Some(least) => {
            printer.status(&format!("coverage is {:.1}%, {least}% is asked for", coverage.percent()));
            Ok(Outcome::Findings)
        }
        None => Ok(outcome),
    }
}

/// Prints what was found.
fn finish(
    args: &TestArgs,
    printer: &Printer,
    sources: &Sources,
    mut findings: Vec<Diagnostic>,
    mut reports: Vec<Report>,
) -> Result<Outcome, Failure> {
    if args.fail_fast {
        until_first_failure(&mut reports);
    }
    if let Some(path) = &args.junit {
        write_junit(path, &reports)?;
    }
    findings.extend(reports.iter().flat_map(Report::all_findings).cloned());
    printer.findings(sources, &findings)?;
    printer.status(&summary(&reports));
    Ok(printer.outcome(&findings))
}

fn list(
    disk: &Disk,
    paths: &[PathBuf],
    patterns: &[Regexp],
    sources: &mut Sources,
    printer: &Printer,
) -> Result<Outcome, Failure> {
    for path in paths {
        let names = promtool::list(disk, path, sources)?;
        let file = crate::source::Loader::display_name(disk, path);
        printer.stdout(|out| {
            let wanted = |n: &&String| patterns.is_empty() || patterns.iter().any(|p| p.is_match(n));
            names.iter().filter(wanted).try_for_each(|name| writeln!(out, "{file}: {name}"))
        })?;
    }
    Ok(Outcome::Clean)
}

/// Keeps what comes up to the first test that fails.
fn until_first_failure(reports: &mut Vec<Report>) {
    let Some(first) = reports.iter().position(|r| !r.passed()) else { return };
    reports.truncate(first + 1);
    if let Some(report) = reports.last_mut()
        && let Some(test) = report.tests.iter().position(|t| !t.passed())
    {
        report.tests.truncate(test + 1);
    }
}

fn write_junit(path: &Path, reports: &[Report]) -> Result<(), Failure> {
    let failure = |e: std::io::Error| Failure::io(path.display(), &e);
    let mut out = BufWriter::new(File::create(path).map_err(failure)?);
    junit::write(&mut out, reports).and_then(|()| out.flush()).map_err(failure)
}

fn summary(reports: &[Report]) -> String {
    let tests = || reports.iter().flat_map(|r| &r.tests);
    let failed = tests().filter(|t| !t.passed()).count();
    let broken = reports.iter().filter(|r| r.findings.iter().any(Diagnostic::is_error)).count();
    let assertions: usize = tests().map(|t: &TestResult| t.assertions).sum();
    let passed = tests().count() - failed;
    let mut words = format!("{} passed", counted(passed, "test"));
    if failed > 0 {
        words.push_str(&format!(", {failed} failed"));
    }
    if broken > 0 {
        words.push_str(&format!(", {} could not be run", counted(broken, "file")));
    }
    format!("{words} ({} in {})", counted(assertions, "assertion"), counted(reports.len(), "file"))
}
