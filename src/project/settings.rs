//! From the text of an alertc.toml to its settings.

use std::path::Path;

use super::reader::{Reader, Table, list};
use super::{Config, ProjectTable, Risk, Settings, Target};
use crate::diagnostic::{Diagnostic, Severity, codes, did_you_mean, nearest};
use crate::promql::features::{Feature, Features, Version};
use crate::source::{FileId, join};

/// Reads one alertc.toml, which stands in `root`. What it leaves out keeps the values of `base`.
pub(super) fn read(file: FileId, text: &str, root: &Path, base: &Settings) -> (Config, Vec<Diagnostic>) {
    let mut reader = Reader::new(file);
    let document = reader.parse(text);
    let top = reader.document(
        &document,
        &["project", "dependencies", "output", "prometheus", "alertmanager", "lints", "diff", "workspace"],
    );
    let mut settings = base.clone();
    let project = reader.table(top, "project", "project", &["name", "sources"]);
    let project = project.map(|table| self::project(&mut reader, table));
    let workspace = reader.table(top, "workspace", "workspace", &["members"]);
    let members = workspace.map(|table| reader.strings(table, "members").unwrap_or_default());
    let dependencies = reader.paths(top, "dependencies");
    let output =
        reader.table(top, "output", "output", &["directory", "targets", "templates", "prometheusrule"]);
    let directory = output.and_then(|table| {
        output_settings(&mut reader, table, root, &mut settings);
        reader.string(table, "directory")
    });
    let prometheus =
        reader.table(top, "prometheus", "prometheus", &["version", "features", "external_labels"]);
    if let Some(table) = prometheus {
        prometheus_settings(&mut reader, table, &mut settings);
    }
    if let Some(table) = reader.table(top, "alertmanager", "alertmanager", &["version"]) {
        alertmanager_settings(&mut reader, table, &mut settings);
    }
    lints(&mut reader, top, &mut settings);
    if let Some(table) = reader.table(top, "diff", "diff", &["paging", "risk"]) {
        review_settings(&mut reader, table, &mut settings);
    }
    let config = Config { file, project, members, output: directory, dependencies, settings };
    (config, reader.diagnostics)
}

fn project(reader: &mut Reader, table: Table<'_, '_>) -> ProjectTable {
    let name = reader.string(table, "name").and_then(|name| {
        if is_dns_name(&name.value) {
            return Some(name.value);
        }
        let offer = dns_name(&name.value);
        reader.invalid(name.span, format!("`{}` can't be the name of a project", name.value)).help.push(
            "it names a directory and Kubernetes objects: lower-case letters, digits, `-` and `.`".into(),
        );
        (!offer.is_empty()).then_some(offer)
    });
    ProjectTable { name, sources: reader.strings(table, "sources") }
}

fn output_settings(reader: &mut Reader, table: Table<'_, '_>, root: &Path, settings: &mut Settings) {
    if let Some(targets) = reader.strings(table, "targets") {
        settings.targets.clear();
        for name in targets {
            match Target::ALL.into_iter().find(|t| t.as_str() == name.value) {
                Some(target) => settings.targets.extend([target]),
                None => one_of(reader, &name, "target", &Target::ALL.map(Target::as_str)),
            }
        }
    }
    if let Some(path) = reader.string(table, "templates") {
        settings.templates = Some(join(root, &path.value));
    }
    let known = ["namespace", "labels", "annotations"];
    let Some(manifest) = reader.table(table, "prometheusrule", "output.prometheusrule", &known) else {
        return;
    };
    if let Some(namespace) = reader.string(manifest, "namespace") {
        if is_dns_name(&namespace.value) && !namespace.value.contains('.') && namespace.value.len() <= 63 {
            settings.manifest.namespace = Some(namespace.value);
        } else {
            reader
                .invalid(namespace.span, format!("`{}` is no Kubernetes namespace", namespace.value))
                .help
                .push("a namespace has at most 63 lower-case letters, digits and `-`".into());
        }
    }
    for (key, (span, value)) in reader.map(manifest, "labels") {
        if !is_qualified_name(&key) {
            reader.invalid(span, format!("`{key}` can't be the key of a Kubernetes label"));
        } else if !is_label_value(&value.value) {
            reader
                .invalid(value.span, format!("`{}` can't be the value of a Kubernetes label", value.value))
                .help
                .push("a value has at most 63 letters, digits, `-`, `_` and `.`".into());
        } else {
            settings.manifest.labels.insert(key, value.value);
        }
    }
    for (key, (span, value)) in reader.map(manifest, "annotations") {
        if is_qualified_name(&key) {
            settings.manifest.annotations.insert(key, value.value);
        } else {
            reader.invalid(span, format!("`{key}` can't be the key of a Kubernetes annotation"));
        }
    }
}

fn prometheus_settings(reader: &mut Reader, table: Table<'_, '_>, settings: &mut Settings) {
    if let Some(version) = reader.string(table, "version") {
        match version.value.parse::<Version>() {
            Ok(found) if (Version::OLDEST..=Version::LATEST).contains(&found) => settings.prometheus = found,
            Ok(_) => {
                let words = format!("Prometheus {} is not known", version.value);
                let range = format!("alertc knows {} to {}", Version::OLDEST, Version::LATEST);
                reader.invalid(version.span, words).help.push(range);
            }
            Err(words) => {
                reader.invalid(version.span, words);
            }
        }
    }
    if let Some(features) = reader.strings(table, "features") {
        settings.features = Features::none();
        for name in features {
            match Feature::find(&name.value) {
                Some(feature) => settings.features = settings.features.with(feature),
                None => one_of(reader, &name, "feature", &Feature::ALL.map(Feature::flag)),
            }
        }
    }
    for (key, (span, value)) in reader.map(table, "external_labels") {
        if key.is_empty() || key == "__name__" || key == "alertname" {
            reader.invalid(span, format!("`{key}` can't be an external label"));
        } else {
            settings.external_labels.insert(key, value.value);
        }
    }
}

fn alertmanager_settings(reader: &mut Reader, table: Table<'_, '_>, settings: &mut Settings) {
    let Some(version) = reader.string(table, "version") else { return };
    let text = version.value.strip_prefix('v').unwrap_or(&version.value);
    let numbers: Option<Vec<u16>> = text.split('.').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([major, minor, rest @ ..]) if (0, 30) <= (*major, *minor) && rest.len() < 2 => {
            settings.alertmanager = Some((*major, *minor, rest.first().copied().unwrap_or(0)));
        }
        Some([_, _]) | Some([_, _, _]) => {
            let words = format!("Alertmanager {} is not known", version.value);
            reader.invalid(version.span, words).help.push("alertc knows 0.30 and newer".into());
        }
        _ => {
            let words = format!("`{}` is no version of Alertmanager such as `0.33`", version.value);
            reader.invalid(version.span, words);
        }
    }
}

fn lints(reader: &mut Reader, top: Table<'_, '_>, settings: &mut Settings) {
    for (name, (span, level)) in reader.map(top, "lints") {
        let Some(code) = codes::find(&name) else {
            let finding = Diagnostic::new(
                &codes::project::CONFIG_UNKNOWN_KEY,
                span,
                format!("there is no finding called `{name}`"),
            );
            reader.diagnostics.push(match nearest(&name, codes::all().map(|c| c.name)) {
                Some(near) => finding.fix(format!("write `{near}`"), span, near),
                None => finding.help("`alertc explain` lists them all"),
            });
            continue;
        };
        let severity = match level.value.as_str() {
            "error" => Some(Severity::Error),
            "warn" => Some(Severity::Warning),
            "info" => Some(Severity::Info),
            "allow" => None,
            _ => {
                one_of(reader, &level, "level", &["error", "warn", "info", "allow"]);
                continue;
            }
        };
        let lowered = severity != Some(Severity::Error);
        if code.severity == Severity::Error && lowered && !codes::is_judgement(code) {
            reader
                .invalid(level.span, format!("`{name}` is always an error"))
                .help
                .push("Prometheus or Alertmanager would not take it, or it can't be built at all".into());
            continue;
        }
        settings.lints.set(code, severity);
    }
}

fn review_settings(reader: &mut Reader, table: Table<'_, '_>, settings: &mut Settings) {
    if let Some(names) = reader.strings(table, "paging") {
        settings.review.paging = names.into_iter().map(|n| n.value).collect();
    }
    if let Some(names) = reader.strings(table, "risk") {
        settings.review.risks.clear();
        for name in names {
            match Risk::find(&name.value) {
                Some(risk) => settings.review.risks.push(risk),
                None => one_of(reader, &name, "risk", &Risk::ALL.map(Risk::as_str)),
            }
        }
    }
}

fn one_of(reader: &mut Reader, found: &super::Located<String>, what: &str, known: &[&'static str]) {
    let finding = reader.invalid(found.span, format!("there is no {what} `{}`", found.value));
    finding.help.push(match did_you_mean(&found.value, known.iter().copied()) {
        Some(near) => near,
        None => format!("the {what}s are {}", list(known)),
    });
}

/// A DNS subdomain (RFC 1123), as Kubernetes' object names are.
pub(super) fn is_dns_name(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.len() <= 253
        && name.split('.').all(|part| {
            edge(part.chars().next())
                && edge(part.chars().last())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
}

/// The DNS name most like `name`; empty when nothing of it can stay.
pub fn dns_name(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().flat_map(char::to_lowercase) {
        let c = if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
        if out.len() < 200 && !(c == '-' && (out.is_empty() || out.ends_with('-'))) {
            out.push(c);
        }
    }
    out.truncate(out.trim_end_matches('-').len());
    out
}

fn is_label_value(value: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    value.len() <= 63
        && edge(value.chars().next())
        && edge(value.chars().last())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

fn is_qualified_name(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => is_dns_name(prefix) && !name.is_empty() && is_label_value(name),
        None => !key.is_empty() && is_label_value(key),
    }
}
