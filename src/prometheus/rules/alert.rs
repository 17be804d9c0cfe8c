//! Alerting rules: from the results of their expressions to alerts that are pending, fire and end.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::expand::Context;
use super::prepare::{AlertRule, Rule};
use super::timeline::Alert;
use super::write::{Batch, Failure, earlier};
use super::{Millis, RuleState};
use crate::promql::labels::{Labels, LabelsBuilder, METRIC_NAME};
use crate::promql::storage::{SeriesId, Storage};
use crate::promql::value::{Column, ColumnSeries, Point};

const SAME_LABELS: &str = "vector contains metrics with the same labelset after applying alert labels";

/// The results of an alerting rule's expression.
pub(super) struct Seen<'a> {
    pub(super) series: Vec<ColumnSeries>,
    pub(super) context: &'a Context,
}

/// All alerts of a rule so far.
#[derive(Debug, Default)]
pub(super) struct Alerts {
    all: Vec<Alert>,
    /// Those that are pending or firing, by their labels.
    active: HashMap<Labels, Live>,
}

/// What is known of an active alert only.
#[derive(Debug)]
struct Live {
    /// Its place among all.
    at: usize,
    /// Since when its condition is over while it goes on firing.
    keep_firing_since: Option<Millis>,
}

impl Alerts {
    pub(super) fn into_alerts(self) -> Vec<Alert> {
        self.all
    }
}

/// The results of one label set: at which steps, and from which series of the result.
#[derive(Default)]
struct Presence {
    at: Vec<(usize, usize)>,
}

impl AlertRule {
    /// Goes on with the state of every alert over the steps of the batch, and writes ALERTS and ALERTS_FOR_STATE.
    ///
    /// Source: Prometheus rules/alerting.go `Eval`.
    pub(super) fn advance(
        &self,
        rule: &Rule,
        state: &mut RuleState,
        batch: &Batch<'_>,
        seen: &Seen<'_>,
        storage: &mut Storage,
    ) -> Result<(), Failure> {
        if seen.series.is_empty() && state.alerts.active.is_empty() {
            // Its last series may still have to be marked as ended.
            return state.written.add(batch, Vec::new(), storage);
        }
        let (by_labels, mut failure) = self.presence(rule, batch, seen, storage);
        let mut columns = Columns { rule, steps: batch.times.len(), by_series: BTreeMap::new() };
        let mut counts = vec![0usize; batch.times.len()];
        // Those that were active before and have no result now.
        let mut order: Vec<Labels> =
            state.alerts.active.keys().filter(|l| !by_labels.contains_key(*l)).cloned().collect();
        order.extend(by_labels.keys().cloned());
        order.sort();
        for labels in order {
            let presence = by_labels.get(&labels);
            self.one(&labels, presence, state, batch, seen, &mut columns, storage, &mut counts);
        }
        let limit = batch.group.limit;
        if let Some((step, count)) = counts.iter().enumerate().find(|(_, c)| limit > 0 && **c > limit) {
            failure = earlier(failure, (step, format!("exceeded limit of {limit} with {count} alerts")));
        }
        let columns = columns.by_series.into_iter().collect();
        match (failure, state.written.add(batch, columns, storage)) {
            (None, result) => result,
            (Some(failure), result) => Err(result.err().filter(|e| e.0 < failure.0).unwrap_or(failure)),
        }
    }

    /// The results by the labels of their alerts.
    fn presence(
        &self,
        rule: &Rule,
        batch: &Batch<'_>,
        seen: &Seen<'_>,
        storage: &Storage,
    ) -> (HashMap<Labels, Presence>, Option<Failure>) {
        let mut by_labels: HashMap<Labels, Presence> = HashMap::new();
        let mut unsorted = false;
        for (number, series) in seen.series.iter().enumerate() {
            let mut fixed: Option<Labels> = None;
            for (step, point) in series.column.points().take_while(|(step, _)| *step < batch.times.len()) {
                let labels = match &fixed {
                    Some(labels) => labels.clone(),
                    None => {
                        let at = batch.times.get(step).copied().unwrap_or(0);
                        self.labels(rule, &series.labels, &point, at, seen.context, storage)
                    }
                };
                if self.static_labels && fixed.is_none() {
                    fixed = Some(labels.clone());
                }
                match by_labels.entry(labels) {
                    Entry::Occupied(mut there) => {
                        unsorted |= there.get().at.last().is_some_and(|(last, _)| *last >= step);
                        there.get_mut().at.push((step, number));
                    }
                    Entry::Vacant(place) => {
                        place.insert(Presence { at: vec![(step, number)] });
                    }
                }
            }
        }
        let mut failure = None;
        if unsorted {
            let mut clashes: Vec<usize> = Vec::new();
            #[allow(clippy::iter_over_hash_type, reason = "the smallest of all is taken")]
            for presence in by_labels.values_mut() {
                presence.at.sort_unstable();
                clashes.extend(presence.at.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| w[0].0));
            }
            if let Some(step) = clashes.into_iter().min() {
                failure = Some((step, SAME_LABELS.to_string()));
            }
        }
        (by_labels, failure)
    }

    /// The labels of an alert: its result's without the metric's name, the rule's, and the alert's name.
    fn labels(
        &self,
        rule: &Rule,
        result: &Labels,
        point: &Point,
        at: Millis,
        context: &Context,
        storage: &Storage,
    ) -> Labels {
        let mut builder = LabelsBuilder::from(result);
        builder.remove(METRIC_NAME);
        if self.labels.iter().all(|(_, t)| t.literal().is_some()) {
            for (name, template) in &self.labels {
                builder.set(name, template.literal().unwrap_or(""));
            }
        } else {
            let data = context.data(result, point);
            for (name, value) in context.expand(&self.labels, &data, at, storage) {
                builder.set(name, &value);
            }
        }
        builder.set("alertname", &rule.name);
        builder.labels()
    }

    /// One label set over the steps of the batch.
    #[allow(clippy::too_many_arguments, reason = "the parts of one loop")]
    fn one(
        &self,
        labels: &Labels,
        presence: Option<&Presence>,
        state: &mut RuleState,
        batch: &Batch<'_>,
        seen: &Seen<'_>,
        columns: &mut Columns<'_>,
        storage: &mut Storage,
        counts: &mut [usize],
    ) {
        let alerts = &mut state.alerts;
        let mut live = alerts.active.remove(labels);
        let present = presence.map_or(&[][..], |p| p.at.as_slice());
        let mut present = present.iter().peekable();
        let mut series: Option<AlertSeries> = None;
        let mut step = if live.is_some() { 0 } else { present.peek().map_or(batch.times.len(), |(s, _)| *s) };
        while let Some(now) = batch.times.get(step).copied() {
            let mut result = None;
            while let Some((_, number)) = present.next_if(|(s, _)| *s == step) {
                result = result.or(Some(*number));
            }
            match (&mut live, result.and_then(|n| seen.series.get(n))) {
                (None, None) => {
                    // On to the next result.
                    match present.peek() {
                        Some((next, _)) => step = *next,
                        None => break,
                    }
                    continue;
                }
                (there, Some(result)) => {
                    let live = there.get_or_insert_with(|| {
                        alerts.all.push(Alert::new(labels.clone(), now));
                        Live { at: alerts.all.len() - 1, keep_firing_since: None }
                    });
                    live.keep_firing_since = None;
                    if let (Some(alert), Some(point)) = (alerts.all.get_mut(live.at), result.column.get(step))
                    {
                        alert.see(batch.first + step * batch.stride, point, &result.labels);
                    }
                }
                (Some(there), None) => {
                    let Some(alert) = alerts.all.get_mut(there.at) else { break };
                    let keeps = alert.fired_at.is_some() && {
                        let since = *there.keep_firing_since.get_or_insert(now);
                        now - since < self.keep_firing_for
                    };
                    if !keeps {
                        alert.ended_at = Some(now);
                        live = None;
                        step += 1;
                        continue;
                    }
                }
            }
            let Some(alert) = live.as_ref().and_then(|l| alerts.all.get_mut(l.at)) else { break };
            if alert.fired_at.is_none() && now - alert.active_at >= self.hold {
                alert.fired_at = Some(now);
            }
            if let Some(count) = counts.get_mut(step) {
                *count += 1;
            }
            let series = series.get_or_insert_with(|| columns.series(labels, storage));
            columns.set(series, step, alert);
            step += 1;
        }
        if let Some(live) = live {
            alerts.active.insert(labels.clone(), live);
        }
    }
}

/// The series that tell of one alert.
struct AlertSeries {
    pending: SeriesId,
    firing: SeriesId,
    for_state: SeriesId,
}

/// What the rule writes of its alerts.
struct Columns<'a> {
    rule: &'a Rule,
    steps: usize,
    by_series: BTreeMap<SeriesId, Column>,
}

impl Columns<'_> {
    /// ALERTS and ALERTS_FOR_STATE begin with the rule's labels as they are written, not expanded.
    ///
    /// Source: Prometheus rules/alerting.go `sample` and `forStateSample`.
    fn series(&self, labels: &Labels, storage: &mut Storage) -> AlertSeries {
        let mut builder = LabelsBuilder::default();
        for (name, value) in self.rule.labels.iter() {
            builder.set(name, value);
        }
        for (name, value) in labels.iter() {
            builder.set(name, value);
        }
        builder.set(METRIC_NAME, "ALERTS_FOR_STATE");
        let for_state = storage.series_id(&builder.labels());
        builder.set(METRIC_NAME, "ALERTS");
        builder.set("alertstate", "pending");
        let pending = storage.series_id(&builder.labels());
        builder.set("alertstate", "firing");
        AlertSeries { pending, firing: storage.series_id(&builder.labels()), for_state }
    }

    fn set(&mut self, series: &AlertSeries, step: usize, alert: &Alert) {
        let state = if alert.fired_at.is_some() { series.firing } else { series.pending };
        let since = alert.active_at.div_euclid(1000);
        for (id, value) in [(state, 1.0), (series.for_state, since as f64)] {
            let column = self.by_series.entry(id).or_insert_with(|| Column::absent(self.steps));
            column.set(step, Point::Float(value));
        }
    }
}
