//! What importing and building real files gives, before the real promtool and amtool.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use alertc::import::Options;
use alertc::pipeline::{self, Selection};
use alertc::project::{self, Target};
use alertc::source::{MemoryLoader, Sources};
use rayon::prelude::*;

use super::corpus::{self, Entry};

/// The files that the project of an imported file builds, with their texts.
fn rebuilt(entry: &Entry, target: Target) -> Vec<(String, String)> {
    let (_, imported) = corpus::import(&entry.path, &Options::default());
    let mut loader = MemoryLoader::new();
    for (path, text) in imported.files {
        loader.add(format!("/p/{path}"), text);
    }
    let (mut sources, mut found) = (Sources::new(), Vec::new());
    let workspace =
        project::load(&loader, Path::new("/p"), &mut sources, &mut found).expect("it was just written");
    let project = workspace.into_iter().flat_map(|w| w.projects).next().expect("a project");
    let input = pipeline::read(&loader, &project, &mut sources, &mut found).expect("its sources");
    // promtool reads no manifests.
    let selection = Selection { targets: [target].into(), ..Selection::default() };
    let built = pipeline::build(&loader, &mut sources, &input, "", &selection).expect("no templates");
    assert!(!built.documents.is_empty(), "{} does not build", entry.path.display());
    built.documents.into_iter().map(|d| (d.path, d.text)).collect()
}

/// The output of each file of one kind in a directory of its own.
fn write(dir: &Path, kind: &str, target: Target) -> (usize, Vec<PathBuf>) {
    let every = std::env::var("EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    let entries = corpus::corpus().into_iter().filter(|e| e.kind == kind);
    let entries: Vec<Entry> = entries.step_by(every).collect();
    let documents: Vec<_> = entries.par_iter().map(|e| rebuilt(e, target)).collect();
    let mut paths = Vec::new();
    for (number, documents) in documents.into_iter().enumerate() {
        for (path, text) in documents {
            let path = dir.join(format!("{kind}-{number}")).join(path);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a place for it");
            fs::write(&path, text).expect("room for it");
            paths.push(path);
        }
    }
    (entries.len(), paths)
}

/// Runs a tool on files, a hundred at a time. What it refuses, in its words.
fn refused(command: &[&str], paths: &[PathBuf]) -> Vec<String> {
    let [program, arguments @ ..] = command else { return Vec::new() };
    let run = |paths: &[PathBuf]| {
        let output = Command::new(program).args(arguments).args(paths).output().expect("the real tool");
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), told)
    };
    let mut refused = Vec::new();
    for some in paths.chunks(100) {
        if !run(some).0 {
            let alone = some.iter().map(|path| run(std::slice::from_ref(path)));
            refused.extend(alone.filter(|(taken, _)| !taken).map(|(_, told)| told));
        }
    }
    refused
}

/// All of the corpus, or with `EVERY=5` each fifth file. Without the corpus nothing is tried.
#[test]
#[ignore = "needs the real promtool and amtool; .ci/run runs it where they are"]
fn the_real_tools_take_what_imported_files_build() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("import");
    let _ = fs::remove_dir_all(&dir);
    let mut failed = Vec::new();
    for (kind, target, command) in [
        ("rules", Target::Prometheus, ["promtool", "check", "rules"].as_slice()),
        ("prometheusrule-crd", Target::Prometheus, ["promtool", "check", "rules"].as_slice()),
        ("alertmanager", Target::Alertmanager, ["amtool", "check-config"].as_slice()),
    ] {
        let (files, paths) = write(&dir, kind, target);
        let refused = refused(command, &paths);
        eprintln!(
            "{} takes {} of the {} files that {files} imported files of kind {kind} build",
            command.join(" "),
            paths.len() - refused.len(),
            paths.len(),
        );
        assert!(files == 0 || paths.len() >= files * 9 / 10, "{kind}: {} of {files} are built", paths.len());
        failed.extend(refused);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
