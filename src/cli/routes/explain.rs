//! `alertc routes explain`: every way that an alert can take.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::show::route_json;
use super::{RoutesArgs, duration, grouping, nothing, print_json, receiver, stop, yaml_file};
use crate::alertmanager::route::{RouteNode, RouteTree};
use crate::cli::disk::Disk;
use crate::cli::inputs::{self, Loaded};
use crate::cli::outcome::{Failure, Outcome};
use crate::cli::printer::Printer;
use crate::diagnostic::did_you_mean;
use crate::pipeline::{self, Explained, Explanation, Silencer};
use crate::source::Sources;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// The alert's name; all alerts by default
    alert: Option<String>,
    /// Rule files or PrometheusRules that the alerts come from, beside --config; may be repeated
    #[arg(long, value_name = "FILE", requires = "config")]
    rules: Vec<PathBuf>,
}

pub(super) fn run(args: &RoutesArgs, explain: &ExplainArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let name = explain.alert.as_deref();
    if let (Some(_), None, []) = (&args.config, name, explain.rules.as_slice()) {
        let words = "name an alert, or with `--rules` the files that hold them";
        return Err(Failure::Usage(words.to_string()));
    }
    let mut explanations = Vec::new();
    if let Some(path) = &args.config {
        let mut sources = Sources::new();
        let Some(routed) = super::config_file(&disk, path, &mut sources, printer)? else {
            return Ok(Outcome::Findings);
        };
        let mut diagnostics = Vec::new();
        let mut rules = Vec::new();
        for path in &explain.rules {
            rules.extend(yaml_file(&disk, path, &mut sources, &mut diagnostics)?);
        }
        let (explanation, found) = pipeline::explain_file(&sources, routed, &rules, name);
        diagnostics.extend(found);
        if let Some(outcome) = stop(&sources, &diagnostics, printer)? {
            return Ok(outcome);
        }
        explanations.push(explanation);
    } else {
        let Loaded { mut sources, mut diagnostics, workspace } = inputs::workspace(&disk)?;
        for project in &workspace.projects {
            let program = inputs::read(&disk, project, &mut sources, &mut diagnostics)?;
            let (found, errors) = pipeline::explain(&sources, &program, name, &args.env);
            explanations.extend(found);
            diagnostics.extend(errors);
        }
        if let Some(outcome) = stop(&sources, &diagnostics, printer)? {
            return Ok(outcome);
        }
        nothing(explanations.is_empty(), args)?;
    }
    if explanations.iter().all(|e| e.alerts.is_empty()) {
        let known: Vec<&str> = explanations.iter().flat_map(|e| &e.known).map(String::as_str).collect();
        let Some(name) = name else {
            return Err(Failure::Usage("there are no alerts".to_string()));
        };
        let near = did_you_mean(name, known.iter().copied());
        let help = near.map(|near| format!(": {near}")).unwrap_or_default();
        return Err(Failure::Usage(format!("there is no alert `{name}`{help}")));
    }
    if printer.is_json() {
        print_json(printer, &explanations.iter().map(explanation_json).collect())?;
    } else {
        let text: Vec<String> =
            merged(&explanations).iter().map(|(title, text)| format!("{title}\n{text}")).collect();
        printer.stdout(|out| out.write_all(text.join("\n").as_bytes()))?;
    }
    Ok(Outcome::Clean)
}

/// The texts of the configurations, those that say the same under one title.
fn merged(explanations: &[Explanation]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for explanation in explanations.iter().filter(|e| !e.alerts.is_empty()) {
        let text: String = explanation.alerts.iter().map(|alert| told(explanation, alert)).collect();
        match all.iter_mut().find(|(_, known)| *known == text) {
            Some((title, _)) => title.push_str(&format!(", {}", explanation.routed.name)),
            None => all.push((explanation.routed.name.clone(), text)),
        }
    }
    all
}

fn told(explanation: &Explanation, alert: &Explained) -> String {
    let config = &explanation.routed.config;
    let tree = RouteTree::new(config);
    let severity = alert.severity.as_ref().map(|s| format!(" ({s})")).unwrap_or_default();
    let mut out = format!("  {}{severity}\n", alert.name);
    for way in &alert.ways.ways {
        let when: Vec<String> = way.when.iter().map(|parts| parts.join(" and ")).collect();
        // Writing to a String cannot fail.
        let _ = match when.as_slice() {
            [always] if always.is_empty() => writeln!(out, "    always"),
            [first, rest @ ..] => {
                rest.iter().fold(writeln!(out, "    when {first}"), |_, one| writeln!(out, "      or {one}"))
            }
            [] => Ok(()),
        };
        for (number, node) in way.routes.iter().filter_map(|number| Some((number, tree.get(*number)?))) {
            let _ = writeln!(out, "      → {}", timing(&receiver(config, &node.receiver), node));
            let _ = writeln!(out, "        by {}", path(&tree, node));
            if let Some(Some(levels)) = explanation.routed.escalations.get(*number) {
                let _ = writeln!(out, "        escalation {levels}");
            }
        }
    }
    if !alert.ways.is_complete {
        out.push_str("    and more: there are too many label sets to try them all\n");
    }
    for silencer in &alert.silenced_by {
        let _ = writeln!(out, "    silent while {}", silencer_text(silencer));
    }
    out
}

fn timing(receiver: &str, node: &RouteNode) -> String {
    let mut parts = vec![
        receiver.to_string(),
        grouping(&node.group_by),
        format!("after {}", duration(node.group_wait)),
        format!("changes every {}", duration(node.group_interval)),
        format!("again every {}", duration(node.effective_repeat())),
    ];
    parts.extend(node.mute_time_intervals.iter().map(|name| format!("muted during {name}")));
    if !node.active_time_intervals.is_empty() {
        parts.push(format!("only during {}", node.active_time_intervals.join(", ")));
    }
    parts.join(" · ")
}

/// The matchers on the way to a route.
fn path(tree: &RouteTree, node: &RouteNode) -> String {
    let above = node.parent.map(|parent| tree.path(parent)).unwrap_or_default();
    let nodes = above.iter().filter_map(|number| tree.get(*number)).chain([node]);
    let parts: Vec<String> = nodes.filter(|n| !n.matchers.is_empty()).map(RouteNode::conditions).collect();
    if parts.is_empty() { "the default route".to_string() } else { parts.join(" / ") }
}

fn silencer_text(silencer: &Silencer) -> String {
    let source: Vec<String> = silencer.source.iter().map(ToString::to_string).collect();
    let mut text = if silencer.alerts.is_empty() {
        format!("an alert with {{{}}} fires", source.join(","))
    } else {
        let (shown, rest) = silencer.alerts.split_at(silencer.alerts.len().min(5));
        let more = if rest.is_empty() { String::new() } else { format!(" or {} more", rest.len()) };
        format!("{}{more} fires", shown.join(", "))
    };
    if !silencer.equal.is_empty() {
        let _ = write!(text, " with the same {}", silencer.equal.join(", "));
    }
    text
}

fn explanation_json(explanation: &Explanation) -> Value {
    let config = &explanation.routed.config;
    let tree = RouteTree::new(config);
    let alerts = explanation.alerts.iter().map(|alert| {
        let ways = alert.ways.ways.iter().map(|way| {
            let routes = way.routes.iter().filter_map(|number| {
                let node = tree.get(*number)?;
                let mut value = route_json(config, node);
                value["path"] = json!(path(&tree, node));
                if let Some(Some(levels)) = explanation.routed.escalations.get(*number) {
                    value["escalation"] = json!(levels);
                }
                value["repeats_every"] = json!(duration(node.effective_repeat()));
                Some(value)
            });
            json!({"when": way.when, "routes": routes.collect::<Vec<_>>()})
        });
        let silenced_by = alert.silenced_by.iter().map(|silencer| {
            json!({
                "source_matchers": silencer.source.iter().map(crate::alertmanager::matcher::Matcher::to_config).collect::<Vec<_>>(),
                "equal": silencer.equal,
                "alerts": silencer.alerts,
            })
        });
        json!({
            "alert": alert.name,
            "severity": alert.severity,
            "ways": ways.collect::<Vec<_>>(),
            "complete": alert.ways.is_complete,
            "silenced_by": silenced_by.collect::<Vec<_>>(),
        })
    });
    json!({"name": explanation.routed.name, "alerts": alerts.collect::<Vec<_>>()})
}
