//! Rule groups evaluated over time: what is recorded, which alerts are pending and firing, and what they say.
//!
//! [`RuleSet::new`] prepares groups once; [`RuleSet::evaluate`] runs them over a storage at many timestamps. A rule is
//! evaluated over all timestamps at once wherever dependencies allow (`order`); only rules that read what later ones
//! write go step by step. What comes out is a [`Timeline`]: each [`Alert`] with the times at which it became active,
//! fired and ended. Labels and annotations of an alert are expanded when someone asks for them.
//!
//! Source: Prometheus rules/group.go, rules/alerting.go, rules/recording.go at v3.14.0.

mod alert;
mod expand;
mod order;
mod prepare;
mod record;
mod send;
mod silent;
mod timeline;
mod write;

use std::sync::Arc;

use rayon::prelude::*;

use super::model::RuleGroup;
use crate::diagnostic::Diagnostic;
use crate::gotemplate::{Budget, StringMap as TemplateMap};
use crate::promql::engine;
use crate::promql::features::{Features, Version};
use crate::promql::storage::Storage;
use crate::yaml::StringMap;

pub use send::{RESEND_DELAY, SentAlert, sent};
pub use timeline::{Alert, RuleError, State, Timeline};

use prepare::Rule;

/// Milliseconds since 1970, or between two times.
pub type Millis = i64;

/// How rules are prepared and evaluated.
#[derive(Debug, Clone)]
pub struct Options {
    /// The Prometheus that is meant.
    pub version: Version,
    /// The syntax that is accepted.
    pub features: Features,
    /// The step of subqueries that name none: the global evaluation interval.
    pub evaluation_interval: Millis,
    /// Labels that Prometheus adds to what it sends; templates see them, alerts here do not get them.
    pub external_labels: StringMap,
    /// `$externalURL` in templates.
    pub external_url: String,
    /// Groups run at their own `interval`, as in Prometheus; otherwise at every time, as in promtool. The times must be
    /// `evaluation_interval` apart, and a group's interval is rounded down to a multiple of it.
    pub group_intervals: bool,
    /// The most evaluations of rules that read what later ones write, which take turns at each time.
    pub turns: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            version: Version::LATEST,
            features: Features::all(),
            evaluation_interval: 60_000,
            external_labels: StringMap::new(),
            external_url: String::new(),
            group_intervals: false,
            turns: TURNS,
        }
    }
}

/// Rule groups, prepared: made once, evaluated over any number of storages.
#[derive(Debug, Clone)]
pub struct RuleSet {
    groups: Vec<Group>,
    rules: Vec<Rule>,
    /// The order of evaluation.
    blocks: Vec<order::Block>,
}

/// What counts for all rules of a group.
#[derive(Debug, Clone)]
struct Group {
    name: String,
    /// How far in the past its rules look and write.
    query_offset: Millis,
    /// The most alerts or series of a rule; 0 is no limit.
    limit: usize,
    /// Its own interval, if it has one.
    interval: Option<Millis>,
}

/// A rule's name and place, as readers of a timeline know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleInfo<'a> {
    /// The group's name.
    pub group: &'a str,
    /// `alertname`, or the metric that is recorded.
    pub name: &'a str,
    /// True for alerting rules.
    pub is_alert: bool,
    /// How long the condition must hold before the alert fires.
    pub hold: Millis,
    /// PromQL.
    pub expr: &'a str,
    /// The rule's labels, its group's among them, as written.
    pub labels: &'a StringMap,
}

impl RuleSet {
    /// Prepares groups in the order of their evaluation.
    ///
    /// # Errors
    /// What is wrong with expressions and templates; spans are in no file.
    pub fn new<'a>(
        groups: impl IntoIterator<Item = &'a RuleGroup>,
        options: &Options,
    ) -> Result<RuleSet, Vec<Diagnostic>> {
        let mut set = RuleSet { groups: Vec::new(), rules: Vec::new(), blocks: Vec::new() };
        let mut diagnostics = Vec::new();
        for group in groups {
            for rule in &group.rules {
                match Rule::new(set.groups.len(), group, rule, options) {
                    Ok(rule) => set.rules.push(rule),
                    Err(found) => diagnostics.extend(found),
                }
            }
            set.groups.push(Group {
                name: group.name.clone(),
                query_offset: group.query_offset.map_or(0, super::super::promql::duration::Duration::millis),
                limit: group.limit.and_then(|l| usize::try_from(l).ok()).unwrap_or(0),
                interval: group.interval.map(super::super::promql::duration::Duration::millis),
            });
        }
        if !diagnostics.is_empty() {
            return Err(diagnostics);
        }
        set.blocks = order::blocks(&set.rules);
        Ok(set)
    }

    /// Evaluates every rule at each of `times` (ascending) over the samples of `storage`, and adds what the rules
    /// write to it. At a time only samples that are not newer than it are seen.
    ///
    /// The first time at which a rule fails ends the evaluation: see [`Timeline::errors`].
    pub fn evaluate(&self, storage: Storage, times: &Arc<[Millis]>, options: &Options) -> Timeline<'_> {
        let engine = engine::Options {
            version: options.version,
            default_subquery_step: std::time::Duration::from_millis(
                u64::try_from(options.evaluation_interval).unwrap_or(60_000),
            ),
            visibility: engine::Visibility::UpToInstant,
            ..engine::Options::default()
        };
        let external = TemplateMap::new(options.external_labels.iter());
        let budget = Budget::new(expand::TEMPLATE_STEPS);
        let context = expand::Context { engine, external, url: options.external_url.clone(), budget };
        let mut run = Run {
            set: self,
            times: times.clone(),
            storage,
            context,
            every: self.groups.iter().map(|g| every(g, options)).collect(),
            states: self.rules.iter().map(|_| None).collect(),
            turns: 0,
            most_turns: options.turns,
            errors: Vec::new(),
        };
        for block in &self.blocks {
            run.block(block);
        }
        run.finish()
    }

    /// Every rule, in the order of evaluation.
    pub fn rules(&self) -> impl Iterator<Item = RuleInfo<'_>> {
        self.rules.iter().map(|r| self.info(r))
    }

    fn info<'a>(&'a self, rule: &'a Rule) -> RuleInfo<'a> {
        RuleInfo {
            group: self.groups.get(rule.group).map_or("", |g| g.name.as_str()),
            name: &rule.name,
            is_alert: rule.alert.is_some(),
            hold: rule.alert.as_ref().map_or(0, |a| a.hold),
            expr: &rule.expr,
            labels: &rule.labels,
        }
    }
}

/// Of how many steps a group takes the first.
fn every(group: &Group, options: &Options) -> usize {
    let own = group.interval.filter(|_| options.group_intervals);
    // A group without an interval has Prometheus' default of one minute.
    let own = own.unwrap_or(if options.group_intervals { 60_000 } else { options.evaluation_interval });
    usize::try_from(own / options.evaluation_interval.max(1)).unwrap_or(1).max(1)
}

/// What a rule remembers from one evaluation to the next.
#[derive(Debug, Default)]
struct RuleState {
    alerts: alert::Alerts,
    written: write::Written,
}

/// The most evaluations of rules for one step alone: they cost a thousand times as much as those of all steps at once.
const TURNS: usize = 1_000_000;
/// How many turns of rules that certainly give nothing take as long as one evaluation.
const SILENT: usize = 16;
/// Series times steps from which on rules are evaluated several at a time.
const MUCH: usize = 100_000;

/// What a rule's expression gave at some steps.
struct Results {
    /// The number of the first step.
    first: usize,
    /// How many steps lie between two of them, plus one.
    stride: usize,
    times: Arc<[Millis]>,
    /// The times that the expression saw: earlier by the group's `query_offset`.
    shifted: Arc<[Millis]>,
    instants: engine::Instants,
}

/// An evaluation under way.
struct Run<'a> {
    set: &'a RuleSet,
    times: Arc<[Millis]>,
    storage: Storage,
    context: expand::Context,
    /// Of how many steps each group takes the first.
    every: Vec<usize>,
    /// None for a rule that has given nothing so far.
    states: Vec<Option<Box<RuleState>>>,
    /// How often rules were evaluated for one step alone, in parts of [`SILENT`].
    turns: usize,
    most_turns: usize,
    errors: Vec<RuleError>,
}

impl<'a> Run<'a> {
    /// The first step that nobody needs any more, since a rule failed before it.
    fn end(&self) -> usize {
        self.errors.iter().map(|e| e.step + 1).min().unwrap_or(self.times.len())
    }

    fn block(&mut self, block: &order::Block) {
        match block {
            order::Block::Apart(rules) => self.apart(rules),
            order::Block::Together(rules) => {
                let mut step = 0;
                while step < self.end() {
                    if let (true, Some(rule)) = (self.turns / SILENT >= self.most_turns, rules.first()) {
                        let message = format!(
                            "rules that read what later ones write take turns at each step: more than {} turns",
                            self.most_turns
                        );
                        self.errors.push(RuleError { step, rule: *rule, message });
                        return;
                    }
                    for rule in rules {
                        self.turns += 1;
                        if let Some(results) = self.evaluate(*rule, step..step + 1) {
                            self.turns += SILENT - 1;
                            self.take(*rule, results);
                        }
                    }
                    step += 1;
                }
            }
        }
    }

    /// Evaluates rules that do not read each other, as many at once as there are processors where it is worth it, and
    /// takes in their results in their order.
    fn apart(&mut self, rules: &[usize]) {
        let is_much = self.storage.len().saturating_mul(self.times.len()) > MUCH;
        let at_once = if is_much { rayon::current_num_threads().max(1) } else { 1 };
        for rules in rules.chunks(at_once) {
            let steps = 0..self.end();
            let results: Vec<Option<Results>> = match rules {
                [rule] => vec![self.evaluate(*rule, steps)],
                _ => rules.par_iter().map(|rule| self.evaluate(*rule, steps.clone())).collect(),
            };
            for (rule, results) in rules.iter().zip(results) {
                if let Some(results) = results {
                    self.take(*rule, results);
                }
            }
        }
    }

    /// What one rule's expression gives at the given steps; none where it certainly gives nothing new.
    fn evaluate(&self, at: usize, steps: std::ops::Range<usize>) -> Option<Results> {
        let rule = self.set.rules.get(at)?;
        if self.states.get(at)?.is_none() && rule.is_silent(&self.storage) {
            return None;
        }
        let group = self.set.groups.get(rule.group)?;
        let stride = self.every.get(rule.group).copied().unwrap_or(1).max(1);
        let first = steps.start.next_multiple_of(stride);
        let times = self.times.get(first..steps.end).filter(|t| !t.is_empty())?;
        let (times, shifted): (Arc<[Millis]>, Arc<[Millis]>) = match (stride, group.query_offset) {
            (1, 0) if times.len() == self.times.len() => (self.times.clone(), self.times.clone()),
            (_, offset) => {
                let times: Arc<[Millis]> = times.iter().copied().step_by(stride).collect();
                let shifted =
                    if offset == 0 { times.clone() } else { times.iter().map(|t| t - offset).collect() };
                (times, shifted)
            }
        };
        let instants = rule.prepared.instants(&self.storage, &self.context.engine, &shifted);
        Some(Results { first, stride, times, shifted, instants })
    }

    /// Writes the results of one rule, and goes on with its alerts.
    fn take(&mut self, at: usize, results: Results) {
        let (Some(rule), Some(state)) = (self.set.rules.get(at), self.states.get_mut(at)) else { return };
        let Some(group) = self.set.groups.get(rule.group) else { return };
        let state = state.get_or_insert_default();
        let Results { first, stride, times, shifted, instants } = results;
        let mut failure = instants.failure.map(|(step, error)| (step, error.message));
        let valid = failure.as_ref().map_or(times.len(), |(step, _)| *step);
        let batch = write::Batch {
            first,
            stride,
            times: times.get(..valid).unwrap_or(&[]),
            written_at: &shifted,
            group,
            whole: times.len(),
        };
        let result = match &rule.alert {
            None => record::write(rule, state, &batch, instants.steps.series, &mut self.storage),
            Some(alert) => {
                let seen = alert::Seen { series: instants.steps.series, context: &self.context };
                alert.advance(rule, state, &batch, &seen, &mut self.storage)
            }
        };
        if let Err(earlier) = result {
            failure = Some(earlier);
        }
        if let Some((step, message)) = failure {
            self.errors.push(RuleError { step: first + step * stride, rule: at, message });
        }
    }

    fn finish(mut self) -> Timeline<'a> {
        let first = self.errors.iter().map(|e| e.step).min();
        self.errors.retain(|e| Some(e.step) == first);
        self.errors.sort_by_key(|e| e.rule);
        let alerts = self.states.into_iter().map(|s| s.map_or(Vec::new(), |s| s.alerts.into_alerts()));
        let alerts = alerts.collect();
        Timeline {
            set: self.set,
            times: self.times,
            storage: self.storage,
            context: self.context,
            every: self.every,
            alerts,
            errors: self.errors,
        }
    }
}

#[cfg(test)]
mod tests;
