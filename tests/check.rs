//! What a user sees of the checks: each file of `tests/suite/check` is a small project, its snapshot all its findings.

use std::path::Path;

use alertc::pipeline::{self, ProjectSources};
use alertc::project;
use alertc::source::Sources;

fn findings(name: &str, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let project = project::standalone(Path::new("/project"), Vec::new());
    let input = ProjectSources {
        project: &project,
        files: vec![(file, name.to_string())],
        shared: Vec::new(),
        today: Some("2026-01-31".to_string()),
    };
    let checked = pipeline::check(&sources, &input);
    alertc::diagnostic::render::to_plain_string(&sources, &checked.diagnostics)
}

#[test]
fn findings_as_a_user_sees_them() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "snapshots/check" }, {
        insta::glob!("suite/check/*.alert", |path| {
            let text = std::fs::read_to_string(path).unwrap();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(findings(&name, &text));
        });
    });
}
