//! `alertc routes show`: the tree, drawn.

use serde_json::{Value, json};

use super::{RoutesArgs, configurations, duration, group_by_json, grouping, print_json, receiver};
use crate::alertmanager::config::{Config, Route};
use crate::alertmanager::route::{RouteNode, RouteTree};
use crate::cli::outcome::{Failure, Outcome};
use crate::cli::printer::Printer;

pub(super) fn run(args: &RoutesArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let all = match configurations(args, printer)? {
        Ok(all) => all,
        Err(outcome) => return Ok(outcome),
    };
    if printer.is_json() {
        let trees = all.iter().map(|routed| {
            let tree = RouteTree::new(&routed.config);
            json!({"name": routed.name, "route": node_json(&routed.config, &tree, 0)})
        });
        print_json(printer, &trees.collect())?;
        return Ok(Outcome::Clean);
    }
    printer.stdout(|out| {
        for (index, routed) in all.iter().enumerate() {
            if all.len() > 1 {
                writeln!(out, "{}{}", if index == 0 { "" } else { "\n" }, routed.name)?;
            }
            out.write_all(drawn(&routed.config).as_bytes())?;
        }
        Ok(())
    })?;
    Ok(Outcome::Clean)
}

fn drawn(config: &Config) -> String {
    let tree = RouteTree::new(config);
    let mut out = String::new();
    if let Some(root) = tree.get(0) {
        let mut parts = vec![
            format!("any alert → {}", receiver(config, &root.receiver)),
            grouping(&root.group_by),
            format!("wait {}", duration(root.group_wait)),
            format!("interval {}", duration(root.group_interval)),
            format!("repeat {}", duration(root.repeat_interval)),
        ];
        parts.extend(limits(&config.route));
        out = format!("{}\n", parts.join(" · "));
        children(config, &tree, &config.route, root, "", &mut out);
    }
    out
}

/// Draws the children of a route, each with what it sets itself.
fn children(
    config: &Config,
    tree: &RouteTree,
    route: &Route,
    node: &RouteNode,
    indent: &str,
    out: &mut String,
) {
    for (index, (child, number)) in route.routes.iter().zip(&node.children).enumerate() {
        let Some(child_node) = tree.get(*number) else { continue };
        let is_last = index + 1 == route.routes.len();
        let (branch, below) = if is_last { ("└── ", "    ") } else { ("├── ", "│   ") };
        out.push_str(&format!("{indent}{branch}{}\n", line(config, child, child_node)));
        children(config, tree, child, child_node, &format!("{indent}{below}"), out);
    }
}

fn line(config: &Config, route: &Route, node: &RouteNode) -> String {
    let conditions = if node.matchers.is_empty() { "any alert".to_string() } else { node.conditions() };
    let told = receiver(config, &node.receiver);
    let mut parts = match route.receiver {
        Some(_) => vec![format!("{conditions} → {told}")],
        None => vec![conditions],
    };
    if route.continues {
        parts.push("continue".to_string());
    }
    parts.extend(route.group_by.as_ref().map(grouping));
    let timings =
        [("wait", route.group_wait), ("interval", route.group_interval), ("repeat", route.repeat_interval)];
    parts.extend(timings.iter().filter_map(|(name, own)| Some(format!("{name} {}", (*own)?))));
    parts.extend(limits(route));
    parts.join(" · ")
}

/// When it tells nobody.
fn limits(route: &Route) -> Vec<String> {
    let mut parts = Vec::new();
    if !route.mute_time_intervals.is_empty() {
        parts.push(format!("muted during {}", route.mute_time_intervals.join(", ")));
    }
    if !route.active_time_intervals.is_empty() {
        parts.push(format!("only during {}", route.active_time_intervals.join(", ")));
    }
    parts
}

fn node_json(config: &Config, tree: &RouteTree, number: usize) -> Value {
    let Some(node) = tree.get(number) else { return Value::Null };
    let mut value = route_json(config, node);
    value["routes"] = node.children.iter().map(|child| node_json(config, tree, *child)).collect();
    value
}

/// A route with everything that it inherits.
pub(super) fn route_json(config: &Config, node: &RouteNode) -> Value {
    let integrations: Vec<&str> = config
        .receiver(&node.receiver)
        .iter()
        .flat_map(|r| &r.integrations)
        .map(|i| i.integration.name)
        .collect();
    json!({
        "matchers": node.matchers.iter().map(crate::alertmanager::matcher::Matcher::to_config).collect::<Vec<_>>(),
        "receiver": node.receiver,
        "integrations": integrations,
        "continue": node.continues,
        "group_by": group_by_json(&node.group_by),
        "group_wait": duration(node.group_wait),
        "group_interval": duration(node.group_interval),
        "repeat_interval": duration(node.repeat_interval),
        "mute_time_intervals": node.mute_time_intervals,
        "active_time_intervals": node.active_time_intervals,
    })
}
