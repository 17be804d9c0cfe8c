//! The source's routing as the tree of a configuration.

use super::{Uses, field, interval, joined, nowhere};
use crate::alertmanager::matcher::{Matcher as AmMatcher, Op};
use crate::alertmanager::schema::INTEGRATIONS;
use crate::check::Context;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::alerts;
use crate::source::Span;
use crate::syntax::ast::{
    Branch, GroupBy, Inhibit, MatchOp, Matcher, Matchers, Name, Receiver, RouteEntryKind, Value as AstValue,
};
use crate::yaml::{Entry, Mapping, Node, Scalar, Style, Tag, Value};

/// Text at a place.
pub(super) fn text(text: impl Into<String>, span: Span) -> Node {
    let scalar = Scalar { text: text.into(), style: Style::Double, tag: Tag::Text };
    Node { span, value: Value::Scalar(scalar) }
}

/// A number or a truth value at a place: what its text says.
pub(super) fn plain(text: impl Into<String>, span: Span) -> Node {
    let scalar = Scalar { text: text.into(), style: Style::Plain, tag: Tag::Implicit };
    Node { span, value: Value::Scalar(scalar) }
}

/// A list.
pub(super) fn list(items: Vec<Node>, span: Span) -> Node {
    Node { span, value: Value::Sequence(items) }
}

/// Keys with their places, and values.
pub(super) fn mapping(entries: Vec<(&str, Span, Node)>, span: Span) -> Node {
    let entries = entries
        .into_iter()
        .map(|(key, at, value)| Entry { key: text(key, at), value, merged: false })
        .collect();
    Node { span, value: Value::Mapping(Mapping { entries }) }
}

/// Fields of `global` that stand beside it in a configuration.
pub(super) const BESIDE_GLOBAL: [&str; 3] = ["templates", "tracing", "event_recorder"];

/// The whole configuration.
pub(super) fn config(context: &Context<'_, '_>, uses: &Uses<'_>, out: &mut Vec<Diagnostic>) -> Node {
    let all = context.all;
    let mut entries = Vec::new();
    if let Some(global) = all.global {
        let (beside, inside): (Vec<_>, Vec<_>) =
            global.body.items.iter().partition(|f| BESIDE_GLOBAL.contains(&f.key.text.as_str()));
        if !inside.is_empty() || beside.is_empty() {
            entries.push(("global", global.span, field::fields(inside, global.body.span())));
        }
        for one in beside {
            entries.push((one.key.text.as_str(), one.key.span, field::value(&one.value)));
        }
    }
    let span = all.route.map_or_else(nowhere, |r| r.keyword);
    if let Some(route) = all.route {
        entries.push(("route", route.keyword, branch(context, &route.branch, None, route.keyword, out)));
    }
    let inhibits: Vec<Node> = all.inhibits.iter().filter_map(|i| inhibit(context, i, out)).collect();
    if !inhibits.is_empty() {
        entries.push(("inhibit_rules", span, list(inhibits, span)));
    }
    let intervals: Vec<Node> = all.intervals.iter().map(|t| interval::node(t)).collect();
    if !intervals.is_empty() {
        entries.push(("time_intervals", span, list(intervals, span)));
    }
    // Of several environments each gets those that it names.
    let named = |r: &&&Receiver| {
        !all.environments.is_empty() || uses.sets.iter().flat_map(|s| s.iter()).any(|n| n.text == r.name.text)
    };
    let unnamed = all.receivers.iter().filter(|r| !named(r)).map(|r| std::slice::from_ref(&r.name));
    let sets = uses.sets.iter().copied().chain(unnamed);
    let receivers = sets.map(|names| receiver(context, names)).collect();
    entries.push(("receivers", span, list(receivers, span)));
    mapping(entries, span)
}

/// A configuration of the declared receivers alone, each by itself.
pub(super) fn receivers(context: &Context<'_, '_>) -> Node {
    let declared = context.all.receivers.iter();
    let receivers = declared.map(|r| receiver(context, std::slice::from_ref(&r.name))).collect();
    mapping(vec![("receivers", nowhere(), list(receivers, nowhere()))], nowhere())
}

/// One receiver for a set of names: it holds the integrations of all of them.
fn receiver(context: &Context<'_, '_>, names: &[Name]) -> Node {
    let span = names.first().map_or_else(nowhere, |n| n.span);
    let mut kinds: Vec<(String, Span, Vec<Node>)> = Vec::new();
    for name in names {
        let Some(declared) = context.all.receivers.iter().find(|r| r.name.text == name.text) else {
            continue;
        };
        // An unknown integration has been reported by its own name.
        let known = |kind: &str| INTEGRATIONS.iter().any(|i| i.name == kind);
        for integration in declared.body.items.iter().filter(|i| known(&i.kind.text)) {
            let key = format!("{}_configs", integration.kind.text);
            let mut node = field::block(&integration.fields);
            if integration.kind.text == "pagerduty"
                && let Some(name) = &declared.escalation
            {
                super::escalation::carry(context, name, &mut node);
            }
            match kinds.iter_mut().find(|(k, _, _)| *k == key) {
                Some((_, _, nodes)) => nodes.push(node),
                None => kinds.push((key, integration.kind.span, vec![node])),
            }
        }
    }
    let mut entries = vec![("name", span, text(joined(names), span))];
    for (key, at, nodes) in &kinds {
        entries.push((key.as_str(), *at, list(nodes.clone(), *at)));
    }
    mapping(entries, span)
}

fn branch(
    context: &Context<'_, '_>,
    branch: &Branch,
    matchers: Option<&Matchers>,
    span: Span,
    out: &mut Vec<Diagnostic>,
) -> Node {
    let mut entries = Vec::new();
    if let Some(m) = matchers {
        entries.push(("matchers", m.open, self::matchers(context, m, out)));
    }
    if let (Some(first), Some(last)) = (branch.receivers.first(), branch.receivers.last()) {
        let at = first.span.to(last.span);
        entries.push(("receiver", at, text(joined(&branch.receivers), at)));
    }
    let mut children = Vec::new();
    for entry in branch.body.iter().flat_map(|b| &b.items) {
        let at = entry.keyword;
        match &entry.kind {
            RouteEntryKind::GroupBy(GroupBy::All(dots)) => {
                entries.push(("group_by", at, list(vec![text("...", *dots)], *dots)));
            }
            RouteEntryKind::GroupBy(GroupBy::Labels(labels)) => {
                entries.push(("group_by", at, names(labels, at)));
            }
            RouteEntryKind::GroupWait(v) => entries.push(("group_wait", at, duration(context, v, out))),
            RouteEntryKind::GroupInterval(v) => {
                entries.push(("group_interval", at, duration(context, v, out)));
            }
            RouteEntryKind::RepeatInterval(v) => {
                entries.push(("repeat_interval", at, duration(context, v, out)));
            }
            RouteEntryKind::MuteTimeIntervals(n) => entries.push(("mute_time_intervals", at, names(n, at))),
            RouteEntryKind::ActiveTimeIntervals(n) => {
                entries.push(("active_time_intervals", at, names(n, at)));
            }
            // Alertmanager knows nothing of people; `escalation` does.
            RouteEntryKind::Escalation(_) => {}
            RouteEntryKind::Continue => entries.push(("continue", at, plain("true", at))),
            RouteEntryKind::When(when) => {
                children.push(self::branch(
                    context,
                    &when.branch,
                    Some(&when.matchers),
                    entry.keyword.to(when.matchers.span()),
                    out,
                ));
            }
        }
    }
    if !children.is_empty() {
        entries.push(("routes", span, list(children, span)));
    }
    mapping(entries, span)
}

fn names(names: &[Name], span: Span) -> Node {
    list(names.iter().map(|n| text(n.text.clone(), n.span)).collect(), span)
}

fn duration(context: &Context<'_, '_>, value: &AstValue, out: &mut Vec<Diagnostic>) -> Node {
    let text_of = context.values.text(value, out).unwrap_or_default();
    text(text_of, value.span())
}

/// An inhibition; none when a matcher of it can't be read: with the others alone it would mean something else.
fn inhibit(context: &Context<'_, '_>, inhibit: &Inhibit, out: &mut Vec<Diagnostic>) -> Option<Node> {
    let before = out.len();
    let mut entries = vec![("target_matchers", inhibit.target.open, matchers(context, &inhibit.target, out))];
    if let Some(source) = &inhibit.source {
        entries.insert(0, ("source_matchers", source.open, matchers(context, source, out)));
    }
    if !inhibit.equal.is_empty() {
        entries.push(("equal", inhibit.span, names(&inhibit.equal, inhibit.span)));
    }
    (out.len() == before).then(|| mapping(entries, inhibit.span))
}

/// Matchers in the form that Alertmanager reads in every mode.
fn matchers(context: &Context<'_, '_>, matchers: &Matchers, out: &mut Vec<Diagnostic>) -> Node {
    let items =
        matchers.items.iter().filter_map(|m| Some(text(matcher(context, m, out)?.to_config(), m.span())));
    list(items.collect(), matchers.span())
}

/// A matcher as Alertmanager has it; a broken regular expression or an unknown constant is reported.
pub(super) fn matcher(
    context: &Context<'_, '_>,
    matcher: &Matcher,
    out: &mut Vec<Diagnostic>,
) -> Option<AmMatcher> {
    let op = match matcher.op {
        MatchOp::Equal => Op::Equal,
        MatchOp::NotEqual => Op::NotEqual,
        MatchOp::Regex => Op::Match,
        MatchOp::NotRegex => Op::NotMatch,
    };
    let value = context.values.matcher_text(matcher, out)?;
    match AmMatcher::new(matcher.name.text.clone(), op, value) {
        Ok(matcher) => Some(matcher),
        Err(error) => {
            let what = "this is no regular expression";
            let found = Diagnostic::new(&alerts::INVALID_REGEXP, matcher.value.span(), what);
            out.push(found.label(error.to_string()));
            None
        }
    }
}
