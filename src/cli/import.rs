//! `alertc import`: YAML as a project that gives it back.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::disk::Disk;
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::diagnostic::render::{self, Format};
use crate::diagnostic::{self, Diagnostic};
use crate::existing;
use crate::import::{Input, Metrics, Options, rule_files, stem};
use crate::pipeline::{self, ImportSummary, Imported};
use crate::project::{self, CONFIG_FILE, dns_name};
use crate::source::glob;
use crate::source::{Loader, Sources};
use crate::yaml;

/// How many findings are shown; `alertc check` shows them all.
const SHOWN: usize = 10;

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Rule files, PrometheusRule manifests, an Alertmanager configuration; patterns, `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Where the project is written
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) into: PathBuf,
    /// The project's name, the directory's by default
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Keep the YAML's own words: no levels, no defaults, no declarations
    #[arg(long)]
    pub(super) literal: bool,
    /// Give expressions that return with another series a name: `let rate_5m(of) = …`
    #[arg(long, conflicts_with = "literal")]
    pub(super) lets: bool,
    /// Learn kinds, units and labels of metrics from an exposition or an answer of /api/v1/metadata; may be repeated
    #[arg(long, value_name = "FILE|URL")]
    pub(super) metrics: Vec<String>,
    /// Overwrite what is there
    #[arg(long)]
    pub(super) force: bool,
}

pub(super) fn run(args: &ImportArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut sources = Sources::new();
    let mut unreadable = Vec::new();
    let files = read(&disk, &args.files, &mut sources, &mut unreadable)?;
    let into = disk.absolute(&args.into);
    let given = args.name.clone().or_else(|| into.file_name().map(|n| n.to_string_lossy().into_owned()));
    let name =
        Some(dns_name(&given.unwrap_or_default())).filter(|n| !n.is_empty()).unwrap_or("alerts".into());
    let location = match disk.display_name(&into).as_str() {
        "." => String::new(),
        dir => format!("{dir}/"),
    };
    let mut metrics = Metrics::new();
    for input in &args.metrics {
        metrics.extend(super::metrics::read(&disk, input)?);
    }
    let options = Options { literal: args.literal, lets: args.lets, metrics };
    let mut imported = pipeline::import(&disk, &mut sources, &files, &name, &location, &options);
    imported.notes.extend(unreadable);
    diagnostic::sort(&mut imported.notes);
    let broken = imported.notes.iter().any(Diagnostic::is_error);
    if !broken {
        refuse_overwriting(&disk, &into, &imported, args.force)?;
        write(&disk, &into, &imported.files)?;
    }
    report(printer, &sources, &imported, &location)?;
    if broken {
        printer.status("nothing was written");
        return Ok(Outcome::Findings);
    }
    Ok(printer.outcome(&imported.notes))
}

/// The files, and the rule files that tests among them name.
fn read(
    disk: &Disk,
    given: &[PathBuf],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Result<Vec<Input>, Failure> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut files = Vec::new();
    for path in given {
        if inputs::is_stdin(path) {
            let input = |file| Input { file, stem: "rules".to_string(), path: disk.cwd().join("-") };
            files.extend(inputs::stdin(sources, diagnostics)?.map(input));
            continue;
        }
        let absolute = disk.absolute(path);
        let text = path.to_string_lossy();
        if !absolute.exists() && text.contains(['*', '?', '[']) {
            let found =
                glob(disk, disk.cwd(), &text).map_err(|e| Failure::Usage(format!("`{text}`: {e}")))?;
            if found.is_empty() {
                return Err(Failure::Usage(format!("no file matches `{text}`")));
            }
            found.into_iter().for_each(|p| add(&mut paths, p));
        } else {
            add(&mut paths, absolute);
        }
    }
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        let Some(file) = project::read_source(disk, &path, sources, diagnostics)? else { continue };
        let text = sources.get(file).map_or("", |f| f.text());
        let root = yaml::read(file, text).into_iter().next().and_then(|d| d.root);
        if let Some(root) = root.filter(|r| existing::kind_of(r) == Some(existing::Kind::TestFile)) {
            for rules in rule_files(disk, &root, &path) {
                add(&mut paths, rules);
            }
        }
        files.push(Input { file, stem: stem(&path.to_string_lossy()), path });
    }
    // Files of one name are told apart by their directories.
    let stems: Vec<String> = files.iter().map(|f| f.stem.clone()).collect();
    for (index, file) in files.iter_mut().enumerate() {
        let twice = stems.iter().enumerate().any(|(i, s)| i != index && *s == file.stem);
        let parent = file.path.parent().and_then(Path::file_name);
        if let Some(parent) = parent.filter(|_| twice) {
            file.stem = format!("{}-{}", parent.to_string_lossy(), file.stem);
        }
    }
    Ok(files)
}

fn add(paths: &mut Vec<PathBuf>, path: PathBuf) {
    if !paths.contains(&path) {
        paths.push(path);
    }
}

fn refuse_overwriting(disk: &Disk, into: &Path, imported: &Imported, force: bool) -> Result<(), Failure> {
    let there = imported.files.iter().map(|(path, _)| into.join(path)).find(|p| p.exists());
    match there.filter(|_| !force) {
        Some(path) => Err(Failure::Usage(format!(
            "`{}` is already there; choose another directory with `--into`, or overwrite it with `--force`",
            disk.display_name(&path)
        ))),
        None => Ok(()),
    }
}

/// Writes all files or none: they are made beside their places and moved there together.
fn write(disk: &Disk, into: &Path, files: &[(String, String)]) -> Result<(), Failure> {
    let stage = into.join(".alertc-import");
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(&stage)?;
        for (path, text) in files {
            fs::write(stage.join(path), text)?;
        }
        // alertc.toml comes last: without it the directory is no project.
        for (path, _) in files.iter().rev() {
            fs::rename(stage.join(path), into.join(path))?;
        }
        fs::remove_dir(&stage)
    };
    write().map_err(|e| {
        // What was staged is of no use; the error that is told is the first.
        let _ = fs::remove_dir_all(&stage);
        Failure::io(disk.display_name(into), &e)
    })
}

fn report(printer: &Printer, sources: &Sources, imported: &Imported, location: &str) -> Result<(), Failure> {
    if printer.is_json() {
        let found = |diagnostics: &[Diagnostic]| -> Result<serde_json::Value, Failure> {
            let mut out = Vec::new();
            render::write(&mut out, sources, diagnostics, Format::Json)?;
            Ok(serde_json::from_slice(&out).unwrap_or_default())
        };
        let report = json!({
            "summary": imported.summary,
            "files": imported.files.iter().map(|(path, _)| format!("{location}{path}")).collect::<Vec<_>>(),
            "notes": found(&imported.notes)?,
            "findings": found(&imported.findings)?,
        });
        printer.stdout(|out| writeln!(out, "{report:#}"))?;
        return Ok(());
    }
    printer.findings(sources, &imported.notes)?;
    let shown = imported.findings.get(..SHOWN.min(imported.findings.len())).unwrap_or_default();
    printer.findings(sources, shown)?;
    if imported.files.is_empty() {
        return Ok(());
    }
    if imported.findings.len() > shown.len() {
        let more = imported.findings.len() - shown.len();
        printer.status(&format!(
            "{} more, what pages wrongly is told first; `alertc check` shows all",
            counted(more, "finding")
        ));
    }
    for line in summary(&imported.summary) {
        printer.status(&line);
    }
    let place = if location.is_empty() { "." } else { location };
    printer.status(&format!(
        "wrote {} and {CONFIG_FILE} in {place}; now run `alertc build` there",
        counted(imported.files.len() - 1, "source")
    ));
    Ok(())
}

fn summary(summary: &ImportSummary) -> Vec<String> {
    let counts = [
        (summary.groups, "group"),
        (summary.alerts, "alert"),
        (summary.records, "recording rule"),
        (summary.receivers, "receiver"),
        (summary.routes, "route"),
        (summary.tests, "test"),
    ];
    let counts: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, noun)| counted(*n, noun)).collect();
    let mut lines = vec![format!("imported {} from {}", counts.join(", "), counted(summary.files, "file"))];
    let expressions = summary.expressions_same + summary.expressions_same_but_layout;
    if expressions > 0 {
        lines.push(match summary.expressions_same_but_layout {
            0 => "built and compared: all the same, every expression to the byte".to_string(),
            n => format!(
                "built and compared: all the same; of {} all but {n} to the byte, those but for white space and comments",
                counted(expressions, "expression"),
            ),
        });
    }
    let metrics = match summary.lines_of_metrics {
        0 => String::new(),
        n => format!(", and {n} that declare metrics"),
    };
    lines.push(format!(
        "{} of YAML are {} of alertc{metrics}",
        counted(summary.lines_before, "line"),
        counted(summary.lines_after, "line")
    ));
    lines
}
