//! What sources become: each file of `tests/suite/lower` is a small project, its snapshot all that is written.

use std::path::Path;

use alertc::pipeline::{self, ProjectSources, Selection};
use alertc::project::{self, Target};
use alertc::source::{MemoryLoader, Sources};

fn documents(name: &str, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let project = project::standalone(Path::new("/project"), Vec::new());
    let input = ProjectSources {
        project: &project,
        files: vec![(file, name.to_string())],
        shared: Vec::new(),
        today: None,
    };
    let targets = [Target::Prometheus, Target::Alertmanager, Target::AnalysisTemplate].into();
    let selection = Selection { targets, environments: Vec::new() };
    let built = pipeline::build(&MemoryLoader::new(), &mut sources, &input, "", &selection).unwrap();
    let mut out = alertc::diagnostic::render::to_plain_string(&sources, &built.diagnostics);
    for document in &built.documents {
        out.push_str(&format!("--- {}\n{}", document.path, document.text));
    }
    out
}

#[test]
fn documents_as_they_are_written() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots/lower" }, {
        insta::glob!("suite/lower/*.alert", |path| {
            let text = std::fs::read_to_string(path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(documents(&name, &text));
        });
    });
}
