//! Objectives beside the published examples of sloth: the same objective, evaluated on the same series, fires the same
//! alerts and records the same shares, names apart.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use alertc::pipeline::{self, ProjectSources, Selection};
use alertc::project::{self, Target};
use alertc::prometheus::rules::{Options, RuleSet, State, Timeline};
use alertc::prometheus::{RuleFile, Target as Prometheus, read_rule_file};
use alertc::promql::labels::Labels;
use alertc::promql::storage::Storage;
use alertc::source::{FileId, MemoryLoader, Sources};
use alertc::yaml;

const MINUTE: i64 = 60_000;
const DAYS: i64 = 5;

/// What an example measures, as an objective of ours and as series.
struct Example {
    file: &'static str,
    /// The slo of the example, by its labels `sloth_id`.
    id: &'static str,
    source: &'static str,
    good: &'static [(&'static str, &'static str)],
    bad: &'static [(&'static str, &'static str)],
}

const EXAMPLES: [Example; 3] = [
    Example {
        file: "getting-started.yml",
        id: "myservice-requests-availability",
        source: r#"
slo theirs {
  objective  99.9% over 30d
  errors     sum(rate(http_request_duration_seconds_count{job="myservice", code=~"(5..|429)"}[$window]))
  total      sum(rate(http_request_duration_seconds_count{job="myservice"}[$window]))
  page       critical
  ticket     warning
}"#,
        good: &[("__name__", "http_request_duration_seconds_count"), ("job", "myservice"), ("code", "200")],
        bad: &[("__name__", "http_request_duration_seconds_count"), ("job", "myservice"), ("code", "503")],
    },
    Example {
        file: "getting-started.yml",
        id: "myservice-requests-availability",
        source: r#"
slo theirs {
  objective  99.9% over 30d
  good       sum(rate(http_request_duration_seconds_count{job="myservice", code!~"(5..|429)"}[$window]))
  total      sum(rate(http_request_duration_seconds_count{job="myservice"}[$window]))
  page       critical
  ticket     warning
}"#,
        good: &[("__name__", "http_request_duration_seconds_count"), ("job", "myservice"), ("code", "200")],
        bad: &[("__name__", "http_request_duration_seconds_count"), ("job", "myservice"), ("code", "429")],
    },
    Example {
        file: "kubernetes-apiserver.yml",
        id: "k8s-apiserver-requests-availability",
        source: r#"
slo theirs {
  objective  99.9% over 30d
  errors     sum(rate(apiserver_request_total{code=~"(5..|429)"}[$window]))
  total      sum(rate(apiserver_request_total[$window]))
  page       critical
  ticket     warning
}"#,
        good: &[("__name__", "apiserver_request_total"), ("code", "200")],
        bad: &[("__name__", "apiserver_request_total"), ("code", "500")],
    },
];

fn ours(source: &str) -> RuleFile {
    let mut sources = Sources::new();
    let file = sources.add("slo.alert", source);
    let project = project::standalone(Path::new("/project"), Vec::new());
    let input = ProjectSources {
        project: &project,
        files: vec![(file, "slo.alert".to_string())],
        shared: Vec::new(),
        today: None,
    };
    let selection = Selection { targets: [Target::Prometheus].into(), environments: Vec::new() };
    let built = pipeline::build(&MemoryLoader::new(), &mut sources, &input, "", &selection).unwrap();
    let text =
        built.documents.first().map(|d| d.text.clone()).unwrap_or_else(|| panic!("{:?}", built.diagnostics));
    rules(&text)
}

fn rules(text: &str) -> RuleFile {
    let documents = yaml::read(FileId::NONE, text);
    let root = documents.iter().find_map(|d| d.root.as_ref().filter(|r| r.as_mapping().is_some())).unwrap();
    let read = read_rule_file(root, text, Prometheus::widest());
    assert!(read.diagnostics.iter().all(|d| !d.is_error()), "{:?}", read.diagnostics);
    read.model
}

/// Numbers that look random and are the same each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

/// Steady traffic, of which a changing share fails.
fn storage(example: &Example, seed: u64) -> Storage {
    let mut random = Random(seed);
    let times: Arc<[i64]> = (0..=DAYS * 24 * 60).map(|m| m * MINUTE).collect();
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    let (mut all, mut failed, mut share, mut left) = (0.0, 0.0, 0.0, 0);
    for _ in times.iter() {
        if left == 0 {
            left = 20 + random.next() % 900;
            share = [0.0, 0.0, 0.0005, 0.002, 0.004, 0.01, 0.05][(random.next() % 7) as usize];
        }
        left -= 1;
        good.push(all - failed);
        bad.push(failed);
        all += 600.0;
        failed += 600.0 * share;
    }
    let mut storage = Storage::new();
    for (labels, values) in [(example.good, good), (example.bad, bad)] {
        let id = storage.series_id(&Labels::new(labels.iter().copied()));
        storage.append_floats(id, &times, values);
    }
    storage
}

/// The values of a recorded series by time.
fn recorded(timeline: &Timeline<'_>, name: &str, label: &str, value: &str) -> BTreeMap<i64, f64> {
    let all = timeline.storage().iter().filter(|s| s.labels().metric_name() == name);
    let series = all.filter(|s| s.labels().get(label) == value);
    series
        .flat_map(|s| s.times().iter().copied().zip(s.values().iter().copied()).collect::<Vec<_>>())
        .collect()
}

/// When an alert fires of those that bear a label.
fn firing(timeline: &Timeline<'_>, wanted: impl Fn(&BTreeMap<String, String>) -> bool) -> Vec<bool> {
    let alerts: Vec<_> = timeline
        .rules()
        .flat_map(|(_, _, alerts)| alerts)
        .filter(|a| wanted(&a.labels.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect()))
        .collect();
    timeline.times().iter().map(|t| alerts.iter().any(|a| a.state(*t) == State::Firing)).collect()
}

#[test]
fn the_same_objective_fires_as_sloths_does() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/slok+sloth/examples/_gen");
    if !examples.is_dir() {
        println!("skipped: no corpus beside the crate");
        return;
    }
    for (number, example) in EXAMPLES.iter().enumerate() {
        let theirs = rules(&std::fs::read_to_string(examples.join(example.file)).unwrap());
        let ours = ours(example.source);
        let times: Arc<[i64]> = (0..=DAYS * 24 * 6).map(|m| m * 10 * MINUTE).collect();
        let options = Options { evaluation_interval: 10 * MINUTE, ..Options::default() };
        let groups: Vec<_> =
            theirs.groups.iter().filter(|g| g.name.ends_with(example.id)).chain(&ours.groups).collect();
        assert_eq!(groups.len(), 4, "{}: three groups of theirs, one of ours", example.file);
        let set = RuleSet::new(groups, &options).unwrap();
        let timeline = set.evaluate(storage(example, 7 + number as u64), &times, &options);
        assert!(timeline.errors().is_empty());
        for window in ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] {
            let theirs =
                recorded(&timeline, &format!("slo:sli_error:ratio_rate{window}"), "sloth_id", example.id);
            let ours =
                recorded(&timeline, &format!("slo:errors:ratio_rate{window}"), "slo", "project/theirs");
            assert!(theirs.len() > 100);
            for (t, value) in &theirs {
                let mine = ours.get(t).unwrap_or_else(|| panic!("{window} at {t}"));
                assert!((mine - value).abs() < 1e-9, "{window} at {t}: {mine}, theirs {value}");
            }
        }
        // Steady traffic: the average of ratios is the ratio of all events.
        for (theirs, mine) in [
            ("slo:period_burn_rate:ratio", "slo:period_burn_rate:ratio"),
            ("slo:period_error_budget_remaining:ratio", "slo:period_error_budget_remaining:ratio"),
            ("slo:current_burn_rate:ratio", "slo:current_burn_rate:ratio"),
            ("slo:objective:ratio", "slo:objective:ratio"),
            ("slo:error_budget:ratio", "slo:error_budget:ratio"),
            ("slo:time_period:days", "slo:time_period:days"),
        ] {
            let theirs = recorded(&timeline, theirs, "sloth_id", example.id);
            let ours = recorded(&timeline, mine, "slo", "project/theirs");
            let (t, value) = theirs.last_key_value().unwrap();
            let difference = (ours[t] - value).abs();
            assert!(difference < 1e-3 * value.abs().max(1.0), "{mine}: {}, theirs {value}", ours[t]);
        }
        for (severity, tier) in [("critical", "page"), ("warning", "ticket")] {
            let theirs = firing(&timeline, |l| l.get("sloth_severity").is_some_and(|s| s == tier));
            let ours = firing(&timeline, |l| {
                l.get("slo").is_some_and(|s| s == "project/theirs") && l["severity"] == severity
            });
            assert_eq!(ours, theirs, "{tier} of {}", example.file);
            assert!(ours.contains(&true) && ours.contains(&false), "{tier} of {} changes", example.file);
        }
    }
}
