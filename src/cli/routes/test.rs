//! `alertc routes test`: amtool's answer on standard output; on standard error when the receivers hear of it.

use clap::Args;
use serde_json::{Value, json};

use super::show::route_json;
use super::{RoutesArgs, configurations, duration, grouping, print_json, receiver};
use crate::alertmanager::config::Config;
use crate::alertmanager::matcher::{Mode, Op, parse};
use crate::alertmanager::route::{Labels, RouteNode, RouteTree, matches};
use crate::alertmanager::simulation::{Semantics, first_tick, held_by_time};
use crate::cli::outcome::{Failure, Outcome};
use crate::cli::printer::Printer;

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Labels of the alert: name=value
    labels: Vec<String>,
    /// Draw the routes that match
    #[arg(long)]
    tree: bool,
    /// Fail unless exactly these receivers are reached, in this order, with commas between them
    #[arg(long = "verify.receivers", alias = "verify-receivers", value_name = "NAMES")]
    verify: Option<String>,
    /// When the alert begins, such as 2026-01-31T22:00:00Z: tells what holds it back then, and until when
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
}

pub(super) fn run(args: &RoutesArgs, test: &TestArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let labels = labels(&test.labels)?;
    let at = test.at.as_deref().map(time).transpose()?;
    let all = match configurations(args, printer)? {
        Ok(all) => all,
        Err(outcome) => return Ok(outcome),
    };
    let mut outcome = Outcome::Clean;
    let mut answers = Vec::new();
    for routed in &all {
        let tree = RouteTree::new(&routed.config);
        let taken: Vec<&RouteNode> =
            tree.matching(&labels).into_iter().filter_map(|number| tree.get(number)).collect();
        let receivers: Vec<&str> = taken.iter().map(|node| node.receiver.as_str()).collect();
        let reached = receivers.join(",");
        let is_wrong = test.verify.as_ref().is_some_and(|wanted| !wanted.is_empty() && *wanted != reached);
        if is_wrong {
            outcome = Outcome::Findings;
        }
        if printer.is_json() {
            let routes: Vec<Value> =
                taken.iter().map(|node| answer_json(&routed.config, node, &labels, at)).collect();
            let silencers = silencers(&routed.config, &labels);
            answers.push(json!({
                "name": routed.name,
                "labels": labels,
                "receivers": receivers,
                "routes": routes,
                "inhibited_while": silencers,
            }));
            continue;
        }
        printer.stdout(|out| {
            if test.tree {
                writeln!(out, "Matching routes:\n.\n{}\n", matching(&tree, &labels))?;
            }
            // Several configurations: each answer says whose it is.
            if all.len() > 1 {
                write!(out, "{}: ", routed.name)?;
            }
            writeln!(out, "{reached}")?;
            if is_wrong {
                writeln!(out, "WARNING: Expected receivers did not match resolved receivers.")?;
            }
            Ok(())
        })?;
        for node in &taken {
            printer.status(&told(&routed.config, node, &labels, at));
        }
        for silencer in silencers(&routed.config, &labels) {
            printer.status(&format!("inhibited while an alert fires {silencer}"));
        }
    }
    if printer.is_json() {
        print_json(printer, &answers.into())?;
    }
    Ok(outcome)
}

/// Labels as amtool takes them; of two with one name the last counts.
fn labels(given: &[String]) -> Result<Labels, Failure> {
    let mut labels = Labels::new();
    for text in given {
        let mut parsed = parse(text, Mode::default())
            .map_err(|e| Failure::Usage(format!("can't read the label `{text}`: {}", e.message)))?;
        let matcher = match parsed.matchers.pop() {
            Some(matcher) if parsed.matchers.is_empty() && matcher.op() == Op::Equal => matcher,
            _ => return Err(Failure::Usage(format!("`{text}`: a label is given as name=value"))),
        };
        labels.insert(matcher.name().to_string(), matcher.value().to_string());
    }
    Ok(labels)
}

fn time(text: &str) -> Result<i64, Failure> {
    let parsed = text.parse::<jiff::Timestamp>();
    parsed.map(jiff::Timestamp::as_millisecond).map_err(|_| {
        Failure::Usage(format!("--at: `{text}` is no time; write it as 2026-01-31T22:00:00Z or with +01:00"))
    })
}

/// The matching part of the tree, as amtool draws it: only the last routes with their receivers.
fn matching(tree: &RouteTree, labels: &Labels) -> String {
    let mut out = String::new();
    draw(tree, 0, labels, "", true, &mut out);
    out
}

fn draw(tree: &RouteTree, number: usize, labels: &Labels, indent: &str, is_last: bool, out: &mut String) {
    let Some(node) = tree.get(number) else { return };
    let mut below = Vec::new();
    for child in &node.children {
        let Some(child_node) = tree.get(*child) else { continue };
        if matches(&child_node.matchers, labels) {
            below.push(*child);
            if !child_node.continues {
                break;
            }
        }
    }
    let conditions = if node.matchers.is_empty() { "default-route".to_string() } else { node.conditions() };
    let (branch, space) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
    let told = if below.is_empty() { format!("  receiver: {}", node.receiver) } else { String::new() };
    out.push_str(&format!("{indent}{branch}{conditions}{told}\n"));
    let indent = format!("{indent}{space}");
    for (index, child) in below.iter().enumerate() {
        draw(tree, *child, labels, &indent, index + 1 == below.len(), out);
    }
}

/// When a receiver hears of the alert.
fn told(config: &Config, node: &RouteNode, labels: &Labels, at: Option<i64>) -> String {
    let mut parts = vec![format!("{}: {}", receiver(config, &node.receiver), grouping(&node.group_by))];
    parts.push(format!("{} after the group's first alert", duration(node.group_wait)));
    parts.push(format!("changes every {}", duration(node.group_interval)));
    parts.push(format!("again every {}", duration(node.effective_repeat())));
    let _ = labels;
    match at {
        None => {
            parts.extend(node.mute_time_intervals.iter().map(|name| format!("muted during {name}")));
            if !node.active_time_intervals.is_empty() {
                parts.push(format!("only during {}", node.active_time_intervals.join(", ")));
            }
        }
        Some(at) => {
            let tick = at.saturating_add(node.group_wait);
            if let Some(held) = held_by_time(config, node, tick, Semantics::default()) {
                parts.push(format!("held back: {held}"));
            }
            parts.push(match first_tick(config, node, at, Semantics::default()) {
                Some(tick) => format!("sent at {}", shown_time(tick)),
                None => "not sent within a year".to_string(),
            });
        }
    }
    parts.join(" · ")
}

fn shown_time(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds).map(|t| t.to_string()).unwrap_or_default()
}

fn answer_json(config: &Config, node: &RouteNode, labels: &Labels, at: Option<i64>) -> Value {
    let group_labels = node.group_labels(labels);
    let mut value = route_json(config, node);
    value["group_labels"] = json!(group_labels);
    value["group_key"] = json!(node.group_key(&group_labels));
    value["repeats_every"] = json!(duration(node.effective_repeat()));
    if let Some(at) = at {
        let tick = at.saturating_add(node.group_wait);
        let held = held_by_time(config, node, tick, Semantics::default());
        value["held_back"] = json!(held.map(|h| h.to_string()));
        value["sent_at"] = json!(first_tick(config, node, at, Semantics::default()).map(shown_time));
    }
    value
}

/// The sources of the inhibitions that can silence the alert: `{severity="critical"} with the same alertname`.
fn silencers(config: &Config, labels: &Labels) -> Vec<String> {
    let targets = config.inhibit_rules.iter().filter(|rule| matches(&rule.target_matchers, labels));
    let words = targets.map(|rule| {
        let source: Vec<String> = rule.source_matchers.iter().map(ToString::to_string).collect();
        let equal = match rule.equal.as_slice() {
            [] => String::new(),
            equal => format!(" with the same {}", equal.join(", ")),
        };
        format!("that has {{{}}}{equal}", source.join(","))
    });
    words.collect()
}
