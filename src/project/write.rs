//! Settings as an alertc.toml.

use super::{DEFAULT_VERSION, Settings, Target};
use crate::promql::features::Feature;

/// The alertc.toml of a project: what differs from what holds without it.
pub fn toml_of(name: &str, settings: &Settings) -> String {
    let mut out = format!("[project]\nname = {}\n", text(name));
    let targets: Vec<String> = settings.targets.iter().map(|t| text(t.as_str())).collect();
    if settings.targets.len() < Target::ALL.len() {
        out.push_str(&format!("\n[output]\ntargets = [{}]\n", targets.join(", ")));
    }
    let manifest = &settings.manifest;
    let mut lines = Vec::new();
    if let Some(namespace) = &manifest.namespace {
        lines.push(format!("namespace = {}", text(namespace)));
    }
    for (key, map) in [("labels", &manifest.labels), ("annotations", &manifest.annotations)] {
        if !map.is_empty() {
            let entries: Vec<String> =
                map.iter().map(|(n, v)| format!("{} = {}", text(n), text(v))).collect();
            lines.push(format!("{key} = {{ {} }}", entries.join(", ")));
        }
    }
    section(&mut out, "output.prometheusrule", &lines);
    let mut lines = Vec::new();
    if settings.prometheus != DEFAULT_VERSION {
        lines.push(format!("version = {}", text(&settings.prometheus.to_string())));
    }
    let features: Vec<String> =
        Feature::ALL.iter().filter(|f| settings.features.has(**f)).map(|f| text(f.flag())).collect();
    if !features.is_empty() {
        lines.push(format!("features = [{}]", features.join(", ")));
    }
    section(&mut out, "prometheus", &lines);
    let lints = settings.lints.levels.iter();
    let lints: Vec<String> = lints
        .map(|(code, level)| {
            let level = level.map_or("allow", |l| {
                if l == crate::diagnostic::Severity::Warning { "warn" } else { l.as_str() }
            });
            format!("{code} = {}", text(level))
        })
        .collect();
    section(&mut out, "lints", &lints);
    out
}

fn section(out: &mut String, name: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n[{name}]\n{}\n", lines.join("\n")));
    }
}

/// A basic string of TOML.
fn text(text: &str) -> String {
    toml::Value::String(text.to_string()).to_string()
}
