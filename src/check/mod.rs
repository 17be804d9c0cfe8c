//! Syntax tree to checked program: names, kinds, units, label flow, severities, lets, routes.
//!
//! A project is checked once for each of its environments; what is found in several of them is told once.

mod alert;
mod allow;
mod analysis;
mod declare;
pub mod expand;
pub mod inherit;
mod labels;
mod layout;
mod level;
mod metrics;
pub mod model;
pub mod push;
pub mod routing;
pub mod scope;
pub mod slo;
pub mod text;
pub mod types;
mod url;
mod values;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::diagnostic::codes::{alerts, rules};
use crate::diagnostic::{Diagnostic, sort};
use crate::promql::duration::Duration;
use crate::promql::features::{Features, Version};
use crate::source::{Sources, Span};
use crate::syntax::ast::{Date, GroupSettingKind, Record};

pub use declare::{Declarations, Source, environment_names};
use declare::{GroupRules, RuleItem};
use expand::{Expanded, Expander};
use model::{Checked, CheckedFile, CheckedGroup, CheckedRecord, CheckedRule};
use types::{Analysis, Env};
use values::Values;

/// A project to check.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The files of the project and of the packages it uses, in the order of their names.
    pub files: &'a [Source<'a>],
    /// The Prometheus that will run the rules.
    pub version: Version,
    /// Its feature flags.
    pub features: Features,
    /// External labels of alertc.toml.
    pub external_labels: &'a BTreeMap<String, String>,
    /// The receivers that page, of alertc.toml; empty: those whose services wake people up.
    pub paging: &'a [String],
    /// Today, `2026-01-31`: findings that are allowed until a day count again from it on. None: all allowances hold.
    pub today: Option<&'a str>,
}

/// What checks of one environment share.
#[derive(Debug)]
pub struct Context<'c, 'a> {
    all: &'c Declarations<'a>,
    expander: Expander<'a>,
    values: Values<'a>,
    env: Env,
    version: Version,
    external_labels: BTreeMap<String, String>,
    paging: &'a [String],
}

impl Context<'_, '_> {
    /// Types, units and labels of an expression; findings are told in the author's text.
    fn analyse(&self, expanded: &Expanded<'_>, out: &mut Vec<Diagnostic>) -> Analysis {
        let mut analysis = types::analyse(&expanded.expr, &self.env);
        self.report(expanded, std::mem::take(&mut analysis.diagnostics), out);
        analysis
    }

    /// Findings about an expression, told in the author's text.
    fn report(&self, expanded: &Expanded<'_>, found: Vec<Diagnostic>, out: &mut Vec<Diagnostic>) {
        out.extend(found.into_iter().map(|mut diagnostic| {
            expanded.trace(&mut diagnostic);
            diagnostic
        }));
    }
}

/// The declarations of one environment; keep them to [`check`] it.
pub fn declarations<'a>(
    input: &Input<'a>,
    environment: Option<&str>,
    out: &mut Vec<Diagnostic>,
) -> Declarations<'a> {
    declare::collect(input.files, environment, out)
}

/// What is declared of metrics, for whoever has to know units and buckets; findings are told by [`check`].
pub fn metrics(input: &Input<'_>, all: &Declarations<'_>) -> Env {
    let values = Values { sources: input.sources, lets: &all.lets };
    metrics::declare(all, values, &mut Vec::new()).for_version(input.version)
}

/// Checks one environment of a project.
pub fn check<'a>(
    input: &Input<'a>,
    all: &'a Declarations<'a>,
    environment: Option<&str>,
) -> (Checked<'a>, Vec<Diagnostic>) {
    let mut out = Vec::new();
    let mut external_labels = input.external_labels.clone();
    for label in &all.external_labels {
        external_labels.insert(label.name.text.clone(), label.value.value.clone());
    }
    let values = Values { sources: input.sources, lets: &all.lets };
    let mut context = Context {
        all,
        expander: Expander::new(input.sources, &all.lets, input.version, input.features),
        values,
        env: metrics::declare(all, values, &mut out).for_version(input.version),
        version: input.version,
        external_labels,
        paging: input.paging,
    };
    let mut checked = Checked {
        environment: environment.map(str::to_string),
        severities: all.severities.iter().map(ToString::to_string).collect(),
        ..Checked::default()
    };
    // Recorded series first: what reads them then knows their unit and labels.
    let records = Mutex::new(records(&mut context, &mut out));
    for file in &all.files {
        let checked_groups: Vec<_> = file
            .groups
            .par_iter()
            .map(|g| {
                let mut found = Vec::new();
                (group(&context, &file.defaults, g, &records, &mut found), found)
            })
            .collect();
        let mut groups = Vec::with_capacity(checked_groups.len());
        for (group, found) in checked_groups {
            groups.push(group);
            out.extend(found);
        }
        checked.files.push(CheckedFile { path: file.path, groups });
    }
    checked.external_labels = std::mem::take(&mut context.external_labels);
    let routing = routing::check(&context, &mut out);
    routing::prove(&context, &checked, routing.as_ref(), &mut out);
    checked.routing = routing.map(|mut r| {
        r.config.inhibit_rules.extend(routing::inhibitions(&checked, &mut out));
        r
    });
    checked.analyses = analysis::check(&context, &checked, &mut out);
    for disable in &all.disabled {
        if let Some(until) = disable.until.as_ref().filter(|d| has_come(d, input.today)) {
            out.push(expired_disable(&disable.name.text, until));
        }
    }
    allow::apply(input, &mut out);
    sort(&mut out);
    (checked, out)
}

/// What is disabled stays so until the line goes, so that the same source always gives the same output.
fn expired_disable(name: &str, until: &Date) -> Diagnostic {
    Diagnostic::new(
        &alerts::EXPIRED_DISABLE,
        until.span,
        format!("`{name}` was disabled until {}", until.text),
    )
    .label("this day has come")
    .help("remove the line, or give it a new date and reason")
}

/// The recording rules by their place, in the order in which they can read each other.
fn records<'a>(
    context: &mut Context<'_, 'a>,
    out: &mut Vec<Diagnostic>,
) -> BTreeMap<Span, CheckedRecord<'a>> {
    let mut records = BTreeMap::new();
    let all = context.all;
    let rules = all.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
    let declared: Vec<&'a Record> = rules
        .filter_map(|r| match r {
            RuleItem::Record(r) => Some(*r),
            _ => None,
        })
        .collect();
    let mut writers: BTreeMap<&str, usize> = BTreeMap::new();
    for record in &declared {
        *writers.entry(&record.name.text).or_default() += 1;
    }
    for record in declared {
        let Some(expr) = context.expander.expand(&record.expr, &[], out) else { continue };
        let analysis = context.analyse(&expr, out);
        for label in record.labels.iter().flat_map(|l| &l.items) {
            labels::check_label(label, out);
        }
        let labels = record.labels.iter().flat_map(|l| &l.items);
        let labels = labels.map(|l| (l.name.text.as_str(), l.value.value.as_str(), l.name.span));
        // Of a name that several rules write, nothing is taken for known.
        if writers.get(record.name.text.as_str()) == Some(&1) {
            context.env.record(&record.name.text, analysis.ty.clone(), labels);
        }
        let checked = CheckedRecord {
            record,
            expr,
            result: analysis.ty.labels.clone(),
            unit: analysis.ty.known_unit().cloned(),
        };
        records.insert(record.span, checked);
    }
    records
}

fn group<'a>(
    context: &Context<'_, 'a>,
    defaults: &[&'a crate::syntax::ast::Setting],
    group: &GroupRules<'a>,
    records: &Mutex<BTreeMap<Span, CheckedRecord<'a>>>,
    out: &mut Vec<Diagnostic>,
) -> CheckedGroup<'a> {
    let mut checked = CheckedGroup {
        name: group.name.clone(),
        interval: None,
        query_offset: None,
        limit: None,
        rules: Vec::new(),
    };
    let mut interval = None;
    for setting in &group.settings {
        match &setting.kind {
            GroupSettingKind::Interval(v) => {
                checked.interval = context.values.duration(v, out);
                interval = checked.interval.map(|i| (i, setting.span));
                if checked.interval == Some(0) {
                    out.push(
                        Diagnostic::new(
                            &rules::INVALID_DURATION,
                            v.span(),
                            "a group can't run every 0 seconds",
                        )
                        .help("leave the line out for Prometheus' own interval"),
                    );
                }
            }
            GroupSettingKind::QueryOffset(v) => checked.query_offset = context.values.duration(v, out),
            GroupSettingKind::Limit(v) => checked.limit = context.values.count(v, out),
        }
    }
    let defaults: Vec<_> =
        context.all.project.iter().chain(defaults).chain(&group.defaults).copied().collect();
    let place = alert::Place { defaults: &defaults, interval };
    for rule in &group.rules {
        match rule {
            RuleItem::Alert(alert, changes) => {
                if let Some(alert) = alert::check(context, place, alert, changes, out) {
                    checked.rules.push(CheckedRule::Alert(Box::new(alert)));
                }
            }
            RuleItem::Record(record) => {
                let mut records = records.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(record) = records.remove(&record.span) {
                    checked.rules.push(CheckedRule::Record(Box::new(record)));
                }
            }
            RuleItem::Slo(slo, changes) => {
                if let Some(slo) = slo::check(context, place, slo, changes, out) {
                    checked.rules.push(CheckedRule::Slo(Box::new(slo)));
                }
            }
        }
    }
    checked
}

/// Milliseconds as a person writes them.
fn duration_text(ms: model::Millis) -> String {
    Duration::from_millis(ms).to_string()
}

/// True when `date` has come on the day `today`; days compare as their texts do.
pub(crate) fn has_come(date: &Date, today: Option<&str>) -> bool {
    today.is_some_and(|today| date.text.get(..10).unwrap_or(&date.text) <= today)
}
