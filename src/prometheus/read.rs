//! Rule files out of YAML: groups, and what must hold between rules.

use std::collections::HashMap;

use rayon::prelude::*;

use super::model::{Rule, RuleFile, RuleGroup};
use super::rule::RuleNodes;
use super::{Duration, DurationError};
use crate::diagnostic::{Diagnostic, codes};
use crate::promql::features::{Features, Version};
use crate::source::Span;
use crate::yaml::{Decoder, Mapping, Node, StringMap, quote_as};

/// A rule file, where its parts stand, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct ReadRules {
    /// What could be read; without errors it is the whole file.
    pub model: RuleFile,
    /// Where each group and rule of `model` stands, in the same order.
    pub places: Vec<GroupPlaces>,
    /// Everything that Prometheus refuses, and promtool's lint as warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where a group stands.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupPlaces {
    /// Its name, or the whole group when it has none.
    pub name: Span,
    /// Where its rules stand.
    pub rules: Vec<RulePlaces>,
}

/// Where a rule stands.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePlaces {
    /// The name after `alert` or `record`.
    pub name: Span,
    /// The expression; `yaml::source_offset` leads to places inside it.
    pub expr: Span,
}

/// The Prometheus that rules are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Its version.
    pub version: Version,
    /// Its feature flags.
    pub features: Features,
}

impl Target {
    /// The newest one with every feature flag: it accepts what any Prometheus accepts.
    pub fn widest() -> Target {
        Target { version: Version::LATEST, features: Features::all() }
    }
}

impl Default for Target {
    /// The newest one, without feature flags.
    fn default() -> Target {
        Target { version: Version::LATEST, features: Features::none() }
    }
}

/// What a group's YAML may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// A rule file, as Prometheus reads it.
    RuleFile,
    /// The spec of a PrometheusRule manifest.
    Manifest,
}

const FILE_FIELDS: [&str; 1] = ["groups"];
const GROUP_FIELDS: [&str; 6] = ["name", "interval", "query_offset", "limit", "rules", "labels"];

/// Reads a rule file (Prometheus model/rulefmt Parse and Validate, strict). `text` is the file's whole text.
pub fn read_rule_file(root: &Node, text: &str, target: Target) -> ReadRules {
    let mut decoder = Decoder::new();
    let groups =
        decoder.mapping(root, "a rule file").map_or(&[][..], |m| groups_of(m, "a rule file", &mut decoder));
    read_groups(groups, text, Some(target), Dialect::RuleFile, decoder)
}

/// Reads a rule file's form alone: what its expressions and templates say is not looked at.
pub fn decode_rule_file(root: &Node, text: &str) -> ReadRules {
    let mut decoder = Decoder::new();
    let groups =
        decoder.mapping(root, "a rule file").map_or(&[][..], |m| groups_of(m, "a rule file", &mut decoder));
    read_groups(groups, text, None, Dialect::RuleFile, decoder)
}

/// The list under `groups`; every other key is unknown.
pub(super) fn groups_of<'n>(mapping: &'n Mapping, what: &str, decoder: &mut Decoder) -> &'n [Node] {
    let mut groups = &[][..];
    for entry in &mapping.entries {
        match entry.name() {
            "groups" => groups = decoder.sequence(&entry.value, "`groups`"),
            _ => decoder.unknown_field(entry, what, FILE_FIELDS),
        }
    }
    groups
}

/// One group, half read.
struct GroupNodes<'n> {
    model: RuleGroup,
    name: Span,
    rules: Vec<RuleNodes<'n>>,
}

/// Without a target, expressions and templates are taken as they are.
pub(super) fn read_groups(
    nodes: &[Node],
    text: &str,
    target: Option<Target>,
    dialect: Dialect,
    mut decoder: Decoder,
) -> ReadRules {
    let groups: Vec<GroupNodes<'_>> =
        nodes.iter().filter_map(|n| read_group(n, dialect, &mut decoder)).collect();
    report_duplicate_groups(&groups, &mut decoder);
    if let Some(target) = target {
        let rules = groups.par_iter().flat_map(|g| g.rules.par_iter());
        let checked: Vec<Diagnostic> = rules.flat_map_iter(|r| r.check(text, target)).collect();
        checked.into_iter().for_each(|d| decoder.report(d));
        report_duplicate_rules(&groups, &mut decoder);
    }

    let mut read = ReadRules { diagnostics: decoder.diagnostics, ..ReadRules::default() };
    for GroupNodes { mut model, name, rules } in groups {
        let mut places = GroupPlaces { name, rules: Vec::with_capacity(rules.len()) };
        for rule in rules {
            if let Some((rule, place)) = rule.into_model() {
                model.rules.push(rule);
                places.rules.push(place);
            }
        }
        read.model.groups.push(model);
        read.places.push(places);
    }
    read
}

fn read_group<'n>(node: &'n Node, dialect: Dialect, decoder: &mut Decoder) -> Option<GroupNodes<'n>> {
    if node.is_null() {
        decoder.missing_field(node.span, "a group without a name");
        return None;
    }
    let mapping = decoder.mapping(node, "a group")?;
    let mut group = GroupNodes { model: RuleGroup::default(), name: node.span.at_start(), rules: Vec::new() };
    let model = &mut group.model;
    for entry in &mapping.entries {
        let value = &entry.value;
        match entry.name() {
            "name" => {
                if let Some(name) = decoder.text(value, "the name of a group") {
                    model.name = name.to_string();
                    group.name = value.span;
                }
            }
            "interval" => model.interval = duration(value, "`interval`", decoder),
            "query_offset" => model.query_offset = duration(value, "`query_offset`", decoder),
            "limit" => model.limit = decoder.integer(value, "`limit`"),
            "labels" => {
                model.labels = decoder.string_map(value, "`labels`");
                check_label_names(value, decoder);
            }
            "partial_response_strategy" if dialect == Dialect::Manifest => {
                model.partial_response_strategy =
                    decoder.text(value, "`partial_response_strategy`").map(str::to_string);
            }
            "rules" => {
                let rules = decoder.sequence(value, "`rules`");
                group.rules = rules.iter().filter_map(|r| RuleNodes::read(r, decoder)).collect();
            }
            _ => decoder.unknown_field(entry, "a group", GROUP_FIELDS),
        }
    }
    if model.name.is_empty() && mapping.get("name").is_none_or(|n| n.as_scalar().is_some()) {
        decoder.missing_field(group.name, "a group without a name");
    }
    Some(group)
}

fn report_duplicate_groups(groups: &[GroupNodes<'_>], decoder: &mut Decoder) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for group in groups {
        let name = group.model.name.as_str();
        match seen.get(name) {
            Some(first) if !name.is_empty() => decoder.report(
                Diagnostic::new(
                    &codes::rules::DUPLICATE_GROUP,
                    group.name,
                    format!("the group `{name}` is there twice"),
                )
                .label("again here")
                .also(*first, "first here")
                .help("give one of them another name, or put their rules together"),
            ),
            Some(_) => {}
            None => {
                seen.insert(name, group.name);
            }
        }
    }
}

/// promtool's lint `duplicate-rules`: rules of one name whose labels, the group's included, are the same.
fn report_duplicate_rules(groups: &[GroupNodes<'_>], decoder: &mut Decoder) {
    type Identity<'n> = (&'n str, Vec<(&'n str, &'n str)>);
    let mut seen: HashMap<Identity<'_>, Span> = HashMap::new();
    for group in groups {
        for rule in &group.rules {
            let Some(name) = rule.name() else { continue };
            let mut labels = rule.labels();
            labels.sort_unstable();
            let own = labels.len();
            for (label, value) in group.model.labels.iter() {
                if labels[..own].binary_search_by(|(name, _)| (*name).cmp(label)).is_err() {
                    labels.push((label, value));
                }
            }
            labels.sort_unstable();
            let first = *seen.entry((name, labels)).or_insert(rule.name_span());
            if first != rule.name_span() {
                let message = format!("another rule has the name `{name}` and the same labels");
                decoder.report(
                    Diagnostic::new(&codes::rules::DUPLICATE_RULE, rule.name_span(), message)
                        .label("again here")
                        .also(first, "first here")
                        .help("give one of them a label of its own, such as another severity"),
                );
            }
        }
    }
}

/// A duration field; absent when null or wrong.
pub(super) fn duration(node: &Node, what: &str, decoder: &mut Decoder) -> Option<Duration> {
    let text = decoder.text(node, what)?;
    match text.parse() {
        Ok(duration) => Some(duration),
        Err(error) => {
            decoder.report(invalid_duration(node, what, text, &error));
            None
        }
    }
}

fn invalid_duration(node: &Node, what: &str, text: &str, error: &DurationError) -> Diagnostic {
    let span = node.span;
    let quote = node.as_scalar().map_or("", |s| s.style.quote());
    let diagnostic =
        Diagnostic::new(&codes::rules::INVALID_DURATION, span, format!("{what} is no duration: {error}"));
    let tight: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if tight != text && tight.parse::<Duration>().is_ok() {
        return diagnostic.fix(format!("write `{tight}`"), span, quote_as(quote, &tight));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        return diagnostic.fix(
            format!("write `{text}s` for seconds"),
            span,
            quote_as(quote, &format!("{text}s")),
        );
    }
    diagnostic.help("write whole numbers with units from large to small: `30s`, `5m`, `1h30m`, `7d`")
}

/// Label names: any text but the empty one, and not the metric's name.
pub(super) fn check_label_names(node: &Node, decoder: &mut Decoder) {
    for entry in node.as_mapping().map_or(&[][..], |m| &m.entries) {
        let name = entry.name();
        if entry.key.as_scalar().is_some() && (name.is_empty() || name == "__name__") {
            decoder.report(
                Diagnostic::new(
                    &codes::rules::INVALID_LABEL_NAME,
                    entry.key.span,
                    format!("invalid label name: {name:?}"),
                )
                .label(if name.is_empty() {
                    "a label needs a name"
                } else {
                    "this is the name of the metric"
                }),
            );
        }
    }
}

impl ReadRules {
    /// Every rule, group by group.
    pub fn rules(&self) -> impl Iterator<Item = (&RuleGroup, &Rule)> {
        self.model.groups.iter().flat_map(|g| g.rules.iter().map(move |r| (g, r)))
    }

    /// True when nothing is wrong.
    pub fn is_accepted(&self) -> bool {
        !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// The labels of a map, for comparison.
pub(super) fn pairs(map: &StringMap) -> Vec<(&str, &str)> {
    map.iter().collect()
}
