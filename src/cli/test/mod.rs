//! `alertc test`: promtool's unit-test files, and the tests of the project or workspace.

mod progress;
mod watch;

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::disk::{Disk, replace};
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::diagnostic::Diagnostic;
use crate::gostd::regexp::{Anchor, Regexp};
use crate::pipeline::{self, TestSelection};
use crate::project::Project;
use crate::source::{FileId, Loader, Sources};
use crate::tester::blocks::Coverage;
use crate::tester::{Counts, Progress, Report, Running, json, junit, promtool};
use progress::Bar;

/// The arguments of `alertc test`.
#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Sources whose tests to run, or promtool's unit-test files; the whole project or workspace by default
    pub(super) files: Vec<PathBuf>,
    /// Run only tests whose name matches; may be repeated
    #[arg(long, visible_alias = "filter", value_name = "REGEX")]
    pub(super) run: Vec<String>,
    /// Run only the tests of this environment; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) env: Vec<String>,
    /// Start no test behind the first that fails
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Print the names of the tests and run none
    #[arg(long)]
    pub(super) list: bool,
    /// Run again whenever a file changes, until interrupted
    #[arg(long, conflicts_with = "list")]
    pub(super) watch: bool,
    /// Write a JUnit report to this file
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write a JSON report to this file
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Accepted for promtool's sake: expected and actual are always shown as a difference
    #[arg(long, hide = true)]
    pub(super) diff: bool,
    /// Show which alerts the tests have seen firing, staying quiet, and saying what they say
    #[arg(long, conflicts_with = "files")]
    pub(super) coverage: bool,
    /// Fail when less than this share of firing, quiet and text is shown, in percent
    #[arg(long, value_name = "PERCENT", conflicts_with = "files")]
    pub(super) min_coverage: Option<f64>,
    /// Also write the tests to a directory in the format of another tool
    #[arg(long, num_args = 2, value_names = ["promtool", "DIR"], conflicts_with = "files")]
    pub(super) export: Vec<String>,
}

pub(super) fn run(args: &TestArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let patterns = args.run.iter().map(|p| {
        Regexp::new(p, Anchor::None).map_err(|e| Failure::Usage(format!("--run: `{p}` is no pattern: {e}")))
    });
    let patterns = patterns.collect::<Result<Vec<_>, _>>()?;
    let failure = |e: std::io::Error| Failure::io(".", &e);
    if !args.watch {
        return once(args, &patterns, &Disk::new().map_err(failure)?, printer);
    }
    loop {
        let disk = Disk::watched().map_err(failure)?;
        if std::io::stdout().is_terminal() {
            // Each run has the screen for itself.
            printer.stdout(|out| write!(out, "\x1b[2J\x1b[H"))?;
        }
        match once(args, &patterns, &disk, printer) {
            Ok(_) => {}
            // What can't be read now may be there in a moment.
            Err(Failure::Io(words)) => printer.status(&words),
            Err(failure) => return Err(failure),
        }
        let seen = disk.seen();
        printer.status(&format!("watching {}", counted(seen.len(), "path")));
        watch::wait(&seen);
    }
}

/// Runs all tests once.
fn once(args: &TestArgs, patterns: &[Regexp], disk: &Disk, printer: &Printer) -> Result<Outcome, Failure> {
    let bar = Bar::on_a_terminal().filter(|_| !printer.quiet());
    let running = Running {
        patterns,
        fail_fast: args.fail_fast,
        columns: printer.columns(),
        progress: bar.as_ref().map(|b| b as &dyn Progress),
    };
    let paths: Vec<PathBuf> = args.files.iter().map(|p| disk.absolute(p)).collect();
    let (asked, promtools): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.into_iter().partition(|p| inputs::is_source(p));
    let run = match (asked.is_empty(), promtools.is_empty()) {
        (false, false) => {
            let words = "the tests of sources and promtool's files are run one or the other";
            return Err(Failure::Usage(words.to_string()));
        }
        (true, false) if !args.env.is_empty() => {
            return Err(Failure::Usage("--env: promtool's files know no environments".to_string()));
        }
        (true, false) => files(disk, args, &promtools, running),
        (_, true) => blocks(disk, args, &asked, running),
    };
    if let Some(bar) = &bar {
        bar.clear();
    }
    run.and_then(|run| finish(args, printer, &run))
}

/// What came of a run.
struct Ran {
    sources: Sources,
    /// What concerns no report.
    findings: Vec<Diagnostic>,
    reports: Vec<Report>,
    coverage: Option<Coverage>,
}

/// Runs promtool's files.
fn files(disk: &Disk, args: &TestArgs, paths: &[PathBuf], running: Running<'_>) -> Result<Ran, Failure> {
    let mut sources = Sources::new();
    let reports = if args.list {
        let mut reports = Vec::new();
        for path in paths {
            reports.push(promtool::list(disk, path, &running, &mut sources)?);
        }
        reports
    } else {
        promtool::run(disk, paths, &running, &mut sources)?
    };
    Ok(Ran { sources, findings: Vec::new(), reports, coverage: None })
}

/// Runs the `test` blocks of every project, or of the given sources.
fn blocks(disk: &Disk, args: &TestArgs, asked: &[PathBuf], running: Running<'_>) -> Result<Ran, Failure> {
    let directory = match args.export.as_slice() {
        [] => None,
        [tool, dir] if tool == "promtool" => Some(disk.absolute(Path::new(dir))),
        _ => return Err(Failure::Usage("--export: the one format is `promtool`".to_string())),
    };
    let (mut sources, mut findings) = (Sources::new(), Vec::new());
    let projects: Vec<(Project, Option<Vec<String>>)> = if asked.is_empty() {
        let loaded = inputs::workspace(disk)?;
        (sources, findings) = (loaded.sources, loaded.diagnostics);
        loaded.workspace.projects.into_iter().map(|p| (p, None)).collect()
    } else {
        let names = |files: Vec<PathBuf>| files.iter().map(|f| disk.display_name(f)).collect();
        let groups = inputs::projects_of(disk, asked, &mut sources, &mut findings)?;
        groups.into_iter().map(|(project, files)| (project, Some(names(files)))).collect()
    };
    let (mut reports, mut coverage) = (Vec::new(), Coverage::default());
    for (project, asked) in &projects {
        let program = pipeline::read(disk, project, &mut sources, &mut findings)?;
        let of_files: Option<Vec<FileId>> = asked.as_ref().map(|asked| {
            let is_asked =
                |file: &FileId| sources.get(*file).is_some_and(|f| asked.iter().any(|a| a == f.name()));
            program.files.iter().map(|(file, _)| *file).filter(is_asked).collect()
        });
        let tested = pipeline::test(
            &sources,
            &program,
            &TestSelection {
                running,
                environments: &args.env,
                files: of_files.as_deref(),
                list: args.list,
                export: !args.export.is_empty(),
                loader: Some(disk),
            },
        );
        findings.extend(tested.diagnostics);
        coverage.merge(tested.coverage);
        for file in &tested.exported {
            let Some(dir) = &directory else { continue };
            let path = dir.join(&file.path);
            let written = std::fs::create_dir_all(dir).and_then(|()| replace(&path, &file.text));
            written.map_err(|e| Failure::io(path.display(), &e))?;
        }
        reports.extend(tested.reports);
        if running.fail_fast && !reports.iter().all(Report::passed) {
            break;
        }
    }
    Ok(Ran { sources, findings, reports, coverage: Some(coverage) })
}

/// Prints what was found, and writes the reports that were asked for.
fn finish(args: &TestArgs, printer: &Printer, run: &Ran) -> Result<Outcome, Failure> {
    let Ran { sources, findings, reports, coverage } = run;
    let mut all = findings.clone();
    all.extend(reports.iter().flat_map(Report::all_findings).cloned());
    if args.list {
        printer.findings(sources, &all)?;
        printer.stdout(|out| {
            let mut tests = reports.iter().flat_map(|r| r.tests.iter().map(move |t| (r, t)));
            tests.try_for_each(|(r, t)| writeln!(out, "{}: {}", r.title(), t.name))
        })?;
        return Ok(printer.outcome(&all));
    }
    if let Some(path) = &args.junit {
        write_report(path, |out| junit::write(out, reports))?;
    }
    if let Some(path) = &args.json {
        write_report(path, |out| json::write(out, sources, findings, reports, coverage.as_ref()))?;
    }
    printer.findings(sources, &all)?;
    if let Some(coverage) = coverage.as_ref().filter(|_| args.coverage) {
        printer.stdout(|out| writeln!(out, "{coverage}"))?;
    }
    printer.status(&summary(reports, if coverage.is_some() { "project" } else { "file" }));
    let percent = coverage.as_ref().map_or(100.0, Coverage::percent);
    match args.min_coverage.filter(|least| percent < *least) {
        Some(least) => {
            printer.status(&format!("coverage is {percent:.1}%, {least}% is asked for"));
            Ok(Outcome::Findings)
        }
        None => Ok(printer.outcome(&all)),
    }
}

fn write_report(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Failure> {
    let failure = |e: std::io::Error| Failure::io(path.display(), &e);
    let mut out = BufWriter::new(File::create(path).map_err(failure)?);
    write(&mut out).and_then(|()| out.flush()).map_err(failure)
}

fn summary(reports: &[Report], noun: &str) -> String {
    let counts = Counts::of(reports);
    if counts.passed + counts.failed + counts.not_run + counts.broken == 0 {
        return "no test was run".to_string();
    }
    let mut words = format!("{} passed", counted(counts.passed, "test"));
    if counts.failed > 0 {
        words.push_str(&format!(", {} failed", counts.failed));
    }
    if counts.not_run > 0 {
        words.push_str(&format!(", {} not started", counts.not_run));
    }
    if counts.broken > 0 {
        words.push_str(&format!(", {} could not be run", counted(counts.broken, noun)));
    }
    let mut names: Vec<&str> = reports.iter().map(|r| r.name.as_str()).collect();
    names.dedup();
    format!("{words} ({} in {})", counted(counts.assertions, "assertion"), counted(names.len(), noun))
}
