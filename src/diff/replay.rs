//! What would have fired differently: both programs over the same series, and both configurations over what fires.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::change::{Change, Kind, Verdict};
use super::facts::{Facts, RoutingFacts};
use crate::alertmanager::simulation::{Endpoint, Semantics, Status};
use crate::prometheus::RuleGroup;
use crate::prometheus::rules::{Millis, Options, RuleSet, State, Timeline};
use crate::promql::duration::Duration;
use crate::promql::features::{Features, Version};
use crate::promql::storage::Storage;
use crate::tester::blocks::{self, Recording};

/// What came of all recordings.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Replay {
    /// Over how many recordings of series both programs ran; none: nothing that matters changed.
    pub recordings: usize,
    /// Alerts that fire, or are told of, differently.
    pub alerts: Vec<AlertReplay>,
    /// Messages to each receiver in sum, where their number differs.
    pub messages: Vec<Messages>,
    /// Recordings over which they could not run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<String>,
}

/// One level of an alert over all recordings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertReplay {
    /// Its name after the change.
    pub name: String,
    /// Its severity.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// The environment, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// How often it fired before.
    pub fired_before: usize,
    /// How often it fires now.
    pub fired_after: usize,
    /// For how long, in milliseconds, alerts fire that did not.
    pub gained: Millis,
    /// For how long, in milliseconds, alerts do not fire that did.
    pub lost: Millis,
    /// Messages that name it, where their number differs.
    pub messages: Vec<Messages>,
    /// The recordings in which it fires differently.
    pub courses: Vec<Course>,
}

/// How many messages a receiver gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Messages {
    /// The receiver, as its author named it.
    pub receiver: String,
    /// Before.
    pub before: usize,
    /// After.
    pub after: usize,
}

/// What an alert does in one recording. Times are milliseconds from its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Course {
    /// The recording's title.
    pub recording: String,
    /// Stretches in which more alerts fire than before.
    pub gained: Vec<(Millis, Millis)>,
    /// Stretches in which fewer do.
    pub lost: Vec<(Millis, Millis)>,
    /// The course before, as a picture: inactive, pending, firing.
    pub before: String,
    /// The course after.
    pub after: String,
    /// How long a column of the pictures is.
    pub column: Millis,
}

/// One side of an environment, ready to run.
#[derive(Debug, Clone)]
pub struct Rules<'a> {
    /// Its groups as they are emitted.
    pub groups: Vec<RuleGroup>,
    /// What it says.
    pub facts: &'a Facts,
    /// The author's receivers behind the integrations of the configuration.
    pub owners: Option<&'a BTreeMap<Endpoint, String>>,
    /// The Prometheus that is meant.
    pub version: Version,
    /// Its feature flags.
    pub features: Features,
    /// How the Alertmanager that is told behaves.
    pub semantics: Semantics,
}

/// New names by the old ones.
#[derive(Debug, Clone, Default)]
pub struct Renamed {
    /// Of alerts.
    pub alerts: BTreeMap<String, String>,
    /// Of receivers.
    pub receivers: BTreeMap<String, String>,
}

impl Renamed {
    /// What a review found to be renamed.
    pub fn of(changes: &[Change]) -> Renamed {
        let of_kind = |kind: Kind| {
            let changes = changes.iter().filter(|c| c.kind == kind);
            changes.filter_map(|c| Some((c.renamed_from.clone()?, c.name.clone()))).collect()
        };
        Renamed { alerts: of_kind(Kind::Alert), receivers: of_kind(Kind::Receiver) }
    }
}

fn new_name(names: &BTreeMap<String, String>, name: &str) -> String {
    names.get(name).map_or(name, String::as_str).to_string()
}

/// The most evaluations of a rule over one recording.
const MAX_STEPS: Millis = 2_000_000;
/// Columns of a picture.
const WIDTH: usize = 60;

impl Replay {
    /// True when nothing fires differently.
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.messages.is_empty()
    }

    /// Adds what came of another environment.
    pub fn extend(&mut self, other: Replay) {
        self.recordings += other.recordings;
        self.alerts.extend(other.alerts);
        for more in other.messages {
            match self.messages.iter_mut().find(|m| m.receiver == more.receiver) {
                Some(known) => {
                    known.before += more.before;
                    known.after += more.after;
                }
                None => self.messages.push(more),
            }
        }
        self.failures.extend(other.failures);
    }
}

/// True when a change can let alerts fire or be told of differently.
pub fn matters(changes: &[Change]) -> bool {
    changes.iter().any(|c| match c.kind {
        Kind::Alert => !(c.is_text_only() || is_new_name_only(c)),
        Kind::Receiver => !is_new_name_only(c),
        _ => true,
    })
}

fn is_new_name_only(change: &Change) -> bool {
    change.verdict == Verdict::Renamed
        && change.parts.is_empty()
        && change.told.is_empty()
        && change.inhibited.is_empty()
}

/// Runs both sides over every recording.
pub fn run(
    before: Option<&Rules<'_>>,
    after: Option<&Rules<'_>>,
    recordings: &[&Recording],
    renamed: &Renamed,
) -> Replay {
    let mut replay = Replay::default();
    let Some(some) = after.or(before).filter(|_| !recordings.is_empty()) else { return replay };
    let mut given = Storage::new();
    for series in recordings.iter().flat_map(|r| r.storage.iter()) {
        given.series_id(series.labels());
    }
    let (old, new) = rayon::join(|| prepared(before, &given), || prepared(after, &given));
    let sides = [old, new];
    let [Ok(old), Ok(new)] = &sides else {
        replay.failures.push("the rules can't be evaluated".to_string());
        return replay;
    };
    let groups = before.into_iter().chain(after).flat_map(|r| &r.groups);
    let base = blocks::grid(groups);
    let results: Vec<Result<One, String>> = recordings
        .par_iter()
        .map(|recording| {
            if (recording.end - recording.start) / base > MAX_STEPS {
                return Err(format!("{}: too long for the intervals of the groups", recording.title));
            }
            let grid: Arc<[Millis]> =
                (0..=(recording.end - recording.start) / base).map(|i| recording.start + i * base).collect();
            let a = before.map(|r| side(r, old, recording, &grid, base, renamed)).transpose()?;
            let b = after.map(|r| side(r, new, recording, &grid, base, &Renamed::default())).transpose()?;
            Ok(compare(&a.unwrap_or_default(), &b.unwrap_or_default(), recording, &grid, base))
        })
        .collect();
    let mut alerts: BTreeMap<Key, AlertReplay> = BTreeMap::new();
    let mut messages: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut of_alert: BTreeMap<(Key, String), (usize, usize)> = BTreeMap::new();
    for result in results {
        let one = match result {
            Ok(one) => one,
            Err(words) => {
                replay.failures.push(words);
                continue;
            }
        };
        replay.recordings += 1;
        for (key, fired, gained, lost, course) in one.alerts {
            let known = alerts.entry(key.clone()).or_insert_with(|| empty(&key, some.facts));
            known.fired_before += fired.0;
            known.fired_after += fired.1;
            known.gained += gained;
            known.lost += lost;
            known.courses.extend(course);
        }
        for (key, counts) in one.messages {
            add(of_alert.entry(key).or_default(), counts);
        }
        for (receiver, counts) in one.sums {
            add(messages.entry(receiver).or_default(), counts);
        }
    }
    let differs = |(_, (a, b)): &(_, (usize, usize))| a != b;
    for ((key, receiver), (before, after)) in of_alert.into_iter().filter(|(_, (a, b))| a != b) {
        let known = alerts.entry(key.clone()).or_insert_with(|| empty(&key, some.facts));
        known.messages.push(Messages { receiver, before, after });
    }
    replay.alerts =
        alerts.into_values().filter(|a| !a.courses.is_empty() || !a.messages.is_empty()).collect();
    replay.messages = messages
        .into_iter()
        .filter(differs)
        .map(|(receiver, (before, after))| Messages { receiver, before, after })
        .collect();
    replay
}

fn add(sum: &mut (usize, usize), more: (usize, usize)) {
    sum.0 += more.0;
    sum.1 += more.1;
}

/// An alert's name and severity.
type Key = (String, String);

fn empty(key: &Key, facts: &Facts) -> AlertReplay {
    AlertReplay {
        name: key.0.clone(),
        level: key.1.clone(),
        environment: facts.environment.clone(),
        fired_before: 0,
        fired_after: 0,
        gained: 0,
        lost: 0,
        messages: Vec::new(),
        courses: Vec::new(),
    }
}

fn options(rules: &Rules<'_>, base: Millis) -> Options {
    Options {
        version: rules.version,
        features: rules.features,
        evaluation_interval: base,
        external_labels: rules.facts.external_labels.iter().collect(),
        group_intervals: true,
        ..Options::default()
    }
}

/// The rules that can give something where there are no other series than these: most of a large project can't.
fn prepared(rules: Option<&Rules<'_>>, given: &Storage) -> Result<Option<RuleSet>, ()> {
    let Some(rules) = rules else { return Ok(None) };
    let options = options(rules, 60_000);
    let set = RuleSet::new(&rules.groups, &options).map_err(|_| ())?;
    let mut speaking = set.speaking(given).into_iter();
    if speaking.as_slice().iter().all(|s| *s) {
        return Ok(Some(set));
    }
    let groups: Vec<RuleGroup> = rules
        .groups
        .iter()
        .map(|group| {
            let kept = group.rules.iter().filter(|_| speaking.next() != Some(false)).cloned().collect();
            RuleGroup { rules: kept, ..group.clone() }
        })
        .filter(|group| !group.rules.is_empty())
        .collect();
    RuleSet::new(&groups, &options).map(Some).map_err(|_| ())
}

/// When one alert was pending, firing and over.
#[derive(Debug, Clone, Copy)]
struct Episode {
    active: Millis,
    fired: Option<Millis>,
    ended: Millis,
}

/// What one side did in a recording.
#[derive(Debug, Default)]
struct Seen {
    episodes: BTreeMap<Key, Vec<Episode>>,
    /// Messages that name an alert, by receiver.
    messages: BTreeMap<(Key, String), usize>,
    /// All messages by receiver.
    sums: BTreeMap<String, usize>,
}

fn side(
    rules: &Rules<'_>,
    set: &Option<RuleSet>,
    recording: &Recording,
    grid: &Arc<[Millis]>,
    base: Millis,
    renamed: &Renamed,
) -> Result<Seen, String> {
    let Some(set) = set else { return Ok(Seen::default()) };
    let timeline = set.evaluate(recording.storage.clone(), grid, &options(rules, base));
    if let Some(error) = timeline.errors().first() {
        let name = timeline.rule(error.rule).map_or("", |r| r.name);
        return Err(format!("{}: the rule `{name}` fails: {}", recording.title, error.message));
    }
    let mut seen = Seen::default();
    let given: BTreeSet<String> =
        recording.storage.iter().map(|s| s.labels().metric_name().to_string()).collect();
    // A test gives the series that it needs: what is missing besides is no news.
    let asked = |expr: &str| {
        !recording.test || !expr.trim_start().starts_with("absent") || blocks::reads_any(expr, &given)
    };
    let name = |name: &str| new_name(&renamed.alerts, name);
    for (_, rule, alerts) in timeline.rules().filter(|(_, rule, _)| asked(rule.expr)) {
        for alert in alerts {
            let key = (name(rule.name), alert.labels.get("severity").to_string());
            let ended = alert.ended_at.unwrap_or(recording.end + base);
            let episode = Episode { active: alert.active_at, fired: alert.fired_at, ended };
            seen.episodes.entry(key).or_default().push(episode);
        }
    }
    if let Some(routing) = &rules.facts.routing {
        notifications(rules, routing, recording, &timeline, &asked, renamed, &mut seen)?;
    }
    Ok(seen)
}

fn notifications(
    rules: &Rules<'_>,
    routing: &RoutingFacts,
    recording: &Recording,
    timeline: &Timeline<'_>,
    asked: &dyn Fn(&str) -> bool,
    renamed: &Renamed,
    seen: &mut Seen,
) -> Result<(), String> {
    let unasked: BTreeSet<&str> =
        timeline.rules().filter(|(_, r, _)| !asked(r.expr)).map(|(_, r, _)| r.name).collect();
    let simulation = blocks::simulate(
        (&routing.config, rules.semantics),
        &rules.facts.external_labels.iter().collect(),
        recording.start..recording.end,
        timeline,
        |name| !unasked.contains(name),
        None,
    )
    .map_err(|e| format!("{}: notifications: {e}", recording.title))?;
    let mut told: BTreeSet<(String, Millis, &str)> = BTreeSet::new();
    for message in simulation.history().notifications.iter().filter(|n| n.delivered) {
        let owner = rules.owners.and_then(|o| o.get(&message.endpoint));
        let receiver = new_name(&renamed.receivers, owner.unwrap_or(&message.endpoint.receiver));
        // Integrations of one receiver tell the same.
        if !told.insert((receiver.clone(), message.at, &message.group_key)) {
            continue;
        }
        *seen.sums.entry(receiver.clone()).or_default() += 1;
        let firing = message.alerts.iter().filter(|a| a.status == Status::Firing);
        let label = |l: &crate::alertmanager::route::Labels, n: &str| l.get(n).cloned().unwrap_or_default();
        let keys: BTreeSet<Key> = firing
            .map(|a| {
                (new_name(&renamed.alerts, &label(&a.labels, "alertname")), label(&a.labels, "severity"))
            })
            .collect();
        for key in keys {
            *seen.messages.entry((key, receiver.clone())).or_default() += 1;
        }
    }
    Ok(())
}

/// Before and after.
type Counts = (usize, usize);

/// An alert in one recording: how often it fires, for how long it does more and less, and its course where it differs.
type OfAlert = (Key, Counts, Millis, Millis, Option<Course>);

/// The differences in one recording.
struct One {
    alerts: Vec<OfAlert>,
    messages: Vec<((Key, String), Counts)>,
    sums: Vec<(String, Counts)>,
}

fn compare(a: &Seen, b: &Seen, recording: &Recording, grid: &[Millis], base: Millis) -> One {
    let keys: BTreeSet<&Key> = a.episodes.keys().chain(b.episodes.keys()).collect();
    let mut alerts = Vec::new();
    for key in keys {
        let none = Vec::new();
        let (old, new) = (a.episodes.get(key).unwrap_or(&none), b.episodes.get(key).unwrap_or(&none));
        let fired = |list: &[Episode]| list.iter().filter(|e| e.fired.is_some()).count();
        let (was, is) = (counts(old, grid), counts(new, grid));
        let (mut gained, mut lost) = (0, 0);
        for (x, y) in was.iter().zip(&is) {
            gained += Millis::from(y.saturating_sub(*x)) * base;
            lost += Millis::from(x.saturating_sub(*y)) * base;
        }
        let course = (gained + lost > 0).then(|| Course {
            recording: recording.title.clone(),
            gained: stretches(&was, &is, base),
            lost: stretches(&is, &was, base),
            before: picture(old, grid),
            after: picture(new, grid),
            column: base * Millis::try_from(grid.len().div_ceil(WIDTH).max(1)).unwrap_or(1),
        });
        alerts.push((key.clone(), (fired(old), fired(new)), gained, lost, course));
    }
    One { alerts, messages: both(&a.messages, &b.messages), sums: both(&a.sums, &b.sums) }
}

fn both<K: Ord + Clone>(a: &BTreeMap<K, usize>, b: &BTreeMap<K, usize>) -> Vec<(K, Counts)> {
    let keys: BTreeSet<&K> = a.keys().chain(b.keys()).collect();
    let count = |map: &BTreeMap<K, usize>, key: &K| map.get(key).copied().unwrap_or(0);
    keys.into_iter().map(|key| (key.clone(), (count(a, key), count(b, key)))).collect()
}

/// How many alerts fire at each time.
fn counts(episodes: &[Episode], grid: &[Millis]) -> Vec<u32> {
    let mut counts = vec![0; grid.len()];
    for episode in episodes {
        let Some(fired) = episode.fired else { continue };
        let (from, to) = (grid.partition_point(|t| *t < fired), grid.partition_point(|t| *t < episode.ended));
        for count in counts.iter_mut().take(to).skip(from) {
            *count += 1;
        }
    }
    counts
}

/// From when to when `more` exceeds `less`, from the start on.
fn stretches(less: &[u32], more: &[u32], base: Millis) -> Vec<(Millis, Millis)> {
    let mut found: Vec<(Millis, Millis)> = Vec::new();
    for (step, (l, m)) in less.iter().zip(more).enumerate() {
        if m <= l {
            continue;
        }
        let at = Millis::try_from(step).unwrap_or(0) * base;
        match found.last_mut().filter(|(_, end)| *end == at) {
            Some(last) => last.1 = at + base,
            None => found.push((at, at + base)),
        }
    }
    found
}

/// The highest state of any of the alerts in each column.
fn picture(episodes: &[Episode], grid: &[Millis]) -> String {
    let state = |t: Millis| {
        let of = episodes.iter().map(|e| match e.fired {
            _ if t < e.active || t >= e.ended => State::Inactive,
            Some(fired) if t >= fired => State::Firing,
            _ => State::Pending,
        });
        of.max().unwrap_or(State::Inactive)
    };
    grid.chunks(grid.len().div_ceil(WIDTH).max(1))
        .map(|column| match column.iter().map(|t| state(*t)).max() {
            Some(State::Firing) => '█',
            Some(State::Pending) => '░',
            _ => '·',
        })
        .collect()
}

/// A stretch of time in words.
pub(super) fn stretch((from, to): (Millis, Millis)) -> String {
    format!("{}-{}", Duration::from_millis(from), Duration::from_millis(to))
}
