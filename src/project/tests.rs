//! What alertc.toml may say, and what a user sees when it says something else.

use std::path::Path;

use super::*;
use crate::diagnostic::render::to_plain_string;
use crate::source::{MemoryLoader, Sources};

fn load_at(loader: &MemoryLoader, dir: &str) -> (Option<Workspace>, String) {
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    let workspace = load(loader, Path::new(dir), &mut sources, &mut diagnostics).unwrap();
    crate::diagnostic::sort(&mut diagnostics);
    (workspace, to_plain_string(&sources, &diagnostics))
}

#[test]
fn every_wrong_key_and_value_is_reported_at_once() {
    let mut loader = MemoryLoader::new();
    loader.add("/p/a.alert", "");
    loader.add(
        "/p/alertc.toml",
        r#"[project]
name = "Shop Alerts"
source = ["alerts"]

[output]
targets = ["prometheus", "prometeusrule", "grafana"]

[output.prometheusrule]
namespace = "Monitoring"
labels = { role = "alert rules" }

[prometheus]
version = 2.53
features = "promql-duration-expr"
external_labels = { cluster = 1 }

[lints]
config-sintax = "warn"
config-syntax = "warn"
project-without-sources = "deny"

[prometeus]
version = "3.5"
"#,
    );
    insta::assert_snapshot!(load_at(&loader, "/p").1);
}

#[test]
fn broken_toml_still_gives_the_other_findings() {
    let mut loader = MemoryLoader::new();
    loader.add("/p/a.alert", "").add("/p/alertc.toml", "[project\nname = 3\n\n[lint]\nx = \n");
    insta::assert_snapshot!(load_at(&loader, "/p").1);
}

fn workspace() -> MemoryLoader {
    let mut loader = MemoryLoader::new();
    loader
        .add(
            "/w/alertc.toml",
            "[workspace]\nmembers = [\"alerts/shop\", \"alerts/pay\"]\n[prometheus]\nversion = \"2.53\"\n",
        )
        .add("/w/alerts/shop/alertc.toml", "[project]\n[dependencies]\ncommon = \"../../common\"\n")
        .add("/w/alerts/shop/b.alert", "")
        .add("/w/alerts/shop/sub/a.alert", "")
        .add("/w/alerts/shop/.git/x.alert", "")
        .add("/w/alerts/shop/inner/alertc.toml", "")
        .add("/w/alerts/shop/inner/x.alert", "")
        .add("/w/alerts/pay/alertc.toml", "[project]\nname = \"payments\"\n[prometheus]\nversion = \"3.1\"\n")
        .add("/w/alerts/pay/p.alert", "")
        .add("/w/common/alertc.toml", "[dependencies]\nbase = { path = \"../base\" }\n")
        .add("/w/base/alertc.toml", "")
        .add("/w/common/metrics.alert", "");
    loader
}

#[test]
fn a_project_that_depends_on_itself_is_told_with_the_way() {
    let mut loader = workspace();
    loader.add("/w/base/alertc.toml", "[dependencies]\nshop = \"../alerts/shop\"\n");
    let (_, findings) = load_at(&loader, "/w");
    let way = "`/w/alerts/shop` -> `/w/common` -> `/w/base` -> `/w/alerts/shop`";
    assert!(
        findings.starts_with(&format!("error[cyclic-dependency]: a project depends on itself: {way}")),
        "{findings}"
    );
}

#[test]
fn a_workspace_loads_its_members_and_their_dependencies() {
    let (workspace, findings) = load_at(&workspace(), "/w");
    assert_eq!(findings, "");
    let workspace = workspace.unwrap();
    assert_eq!(workspace.output, Path::new("/w/generated"));
    assert!(workspace.whole);
    let names: Vec<_> = workspace.projects.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["shop", "payments"]);
    let shop = &workspace.projects[0];
    assert_eq!(shop.files, [Path::new("/w/alerts/shop/b.alert"), Path::new("/w/alerts/shop/sub/a.alert")]);
    assert_eq!(shop.settings.prometheus, Version::new(2, 53), "inherited");
    assert_eq!(workspace.projects[1].settings.prometheus, Version::new(3, 1), "its own");
    assert_eq!(shop.dependencies.len(), 2, "those of its dependencies too");
    assert_eq!(shop.dependencies[0].files, [Path::new("/w/common/metrics.alert")]);
}

#[test]
fn a_member_is_found_from_below_and_writes_to_its_workspace() {
    let (found, findings) = load_at(&workspace(), "/w/alerts/shop/sub");
    assert_eq!(findings, "");
    let found = found.unwrap();
    assert_eq!(found.output, Path::new("/w/generated"));
    assert!(!found.whole);
    assert_eq!(found.projects.len(), 1);
    assert_eq!(found.projects[0].settings.prometheus, Version::new(2, 53));
    assert!(load_at(&workspace(), "/").0.is_none());
}

#[test]
fn missing_members_sources_and_one_name_twice() {
    let mut loader = MemoryLoader::new();
    loader
        .add("/w/alertc.toml", "[workspace]\nmembers = [\"a/x\", \"b/x\", \"c\"]\n")
        .add(
            "/w/a/x/alertc.toml",
            "[project]\nsources = [\"none\", \"gone.alert\"]\n[output]\ndirectory = \"out\"\n",
        )
        .add("/w/b/x/alertc.toml", b"# caf\xe9\n");
    insta::assert_snapshot!(load_at(&loader, "/w").1);
}

#[test]
fn levels_change_findings_in_one_place() {
    use crate::diagnostic::codes::project::{CONFIG_SYNTAX, PROJECT_WITHOUT_SOURCES};
    let mut lints = Lints::default();
    lints.set(&PROJECT_WITHOUT_SOURCES, Some(Severity::Error));
    let finding = |code| Diagnostic::new(code, Span::NONE, "");
    let mut findings = vec![finding(&PROJECT_WITHOUT_SOURCES), finding(&CONFIG_SYNTAX)];
    lints.apply(&mut findings);
    assert!(findings.iter().all(Diagnostic::is_error));
    lints.set(&PROJECT_WITHOUT_SOURCES, None);
    lints.apply(&mut findings);
    assert_eq!(findings.len(), 1);
}

#[test]
fn the_review_policy_is_read() {
    let mut loader = MemoryLoader::new();
    loader.add("/p/a.alert", "");
    loader.add(
        "/p/alertc.toml",
        "[project]\nname = \"p\"\n\n[diff]\npaging = [\"pager\"]\nrisk = [\"silenced\", \"silensed\"]\n",
    );
    let (workspace, findings) = load_at(&loader, "/p");
    let review = &workspace.unwrap().projects[0].settings.review;
    assert_eq!(review.paging, ["pager"]);
    assert_eq!(review.risks, [Risk::Silenced]);
    assert!(findings.contains("there is no risk `silensed`"), "{findings}");
}
