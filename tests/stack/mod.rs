//! The real Prometheus and Alertmanager run what alertc generated, sixty times as fast, on a test's series; what a
//! webhook is told agrees with what alertc says. One line adds the test of another project: see CONTRIBUTING.md.
//!
//! `hasten` shortens all durations, `expected` asks alertc, `real` runs the two programs, `http` is what they talk to.

mod expected;
mod hasten;
mod http;
mod real;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use alertc::alertmanager::config::Config;
use alertc::alertmanager::read_config;
use alertc::prometheus::{RuleFile, decode_rule_file};
use alertc::source::FileId;
use alertc::yaml::Node;
use serde_yaml::Value;

/// Milliseconds.
type Millis = i64;

/// How much faster everything is.
const FACTOR: Millis = 60;
/// The longest run.
const LONGEST: Millis = 90_000;
/// How much later than alertc says a message may come: the phases of scrapes and evaluations, and the machine.
const LATE: Millis = 3_000;
/// How often a run is tried that disagrees: a busy machine is late.
const TRIES: usize = 2;

#[test]
#[ignore = "needs prometheus and alertmanager, and most of a minute"]
fn buildnest_tells_what_alertc_says() {
    agrees("buildnest", None, "a full pool warns, then pages, then both hear that it is over");
}

#[test]
#[ignore = "needs prometheus and alertmanager, and half a minute"]
fn buildnest_groups_as_alertc_says() {
    agrees("buildnest", None, "alerts of two instances come in one message");
}

#[test]
#[ignore = "needs prometheus and alertmanager, and most of a minute"]
fn ecommerce_tells_what_alertc_says() {
    agrees("ecommerce", Some("prod"), "a pod that is not ready pages after two minutes");
}

#[test]
#[ignore = "needs prometheus and alertmanager, and most of a minute"]
fn jtoye_tells_what_alertc_says() {
    agrees("jtoye", None, "an instance is down for three minutes");
}

#[test]
#[ignore = "needs prometheus and alertmanager, and most of a minute"]
fn sastabazar_tells_what_alertc_says() {
    agrees("sastabazar", None, "no instance answers for a minute");
}

/// Asserts that the real programs tell of a test what alertc says: the test of that title, of a project of the workspace
/// in one of its environments. A test can be played when its series are floats and it takes at most an hour; time
/// intervals are left out, since they go by the real clock.
fn agrees(project: &str, environment: Option<&str>, title: &str) {
    let Some(programs) = real::Programs::find() else {
        println!("skipped: prometheus or alertmanager is not here");
        return;
    };
    let play = Play::load(project, environment, title);
    let expected = expected::told(&play);
    assert!(!expected.is_empty(), "nobody is told anything in {title:?}: there is nothing to compare");
    let until = expected.iter().map(|m| m.at).max().unwrap_or(0) + play.longest_group_interval() + LATE;
    assert!(
        until <= LONGEST,
        "{title:?} takes {} s, at most {} can be waited for",
        until / 1000,
        LONGEST / 1000
    );
    for attempt in 1..=TRIES {
        let told = real::told(&programs, &play, until);
        let Some(difference) = difference(&play, &expected, &told) else {
            println!("{title:?}: {} messages agree", expected.len());
            return;
        };
        assert!(attempt < TRIES, "{title:?}\n{difference}");
        println!("{title:?}, once more:\n{difference}");
    }
}

/// What is played, with all durations shortened.
struct Play {
    rules: Vec<RuleFile>,
    config: Config,
    external_labels: BTreeMap<String, String>,
    /// Between samples.
    interval: Millis,
    /// Samples one `interval` apart; the last one stays. Those of counters are slower by as much as all is faster.
    series: Vec<(String, Vec<Option<f64>>)>,
}

/// Labels or annotations.
type Texts = BTreeMap<String, String>;

/// A message that tells something new.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    /// The receiver's number in the configuration, and the integration's in the receiver.
    endpoint: (usize, usize),
    group_key: String,
    /// Since the first scrape.
    at: Millis,
    status: String,
    /// Labels, status and annotations.
    alerts: Vec<(Texts, String, Texts)>,
}

impl Play {
    fn load(project: &str, environment: Option<&str>, title: &str) -> Play {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tree = root.join("generated").join(project).join(environment.unwrap_or(""));
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(tree.join("rules")).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let rules = files.iter().map(|path| {
            let (node, text) = yaml(path);
            hasten::rules(decode_rule_file(&node, &text).model)
        });
        let (node, text) = yaml(&tree.join("alertmanager.yml"));
        let config = hasten::config(read_config(&node, &text, Default::default()).model);
        let group = exported(root, project, environment, title);
        let text = |value: &Value| value.as_str().unwrap().to_string();
        let externals = group.get("external_labels").and_then(Value::as_mapping);
        let interval = text(&group["interval"]).parse::<alertc::prometheus::Duration>().unwrap().millis();
        let series = group["input_series"].as_sequence().unwrap().iter().map(|one| {
            let (name, values) = (text(&one["series"]), text(&one["values"]));
            let samples = hasten::samples(&name, &values);
            (name, samples)
        });
        Play {
            rules: rules.collect(),
            config,
            external_labels: externals.into_iter().flatten().map(|(n, v)| (text(n), text(v))).collect(),
            interval: interval / FACTOR,
            series: series.collect(),
        }
    }

    /// A group's change waits as long at most.
    fn longest_group_interval(&self) -> Millis {
        let tree = alertc::alertmanager::route::RouteTree::new(&self.config);
        (0..).map_while(|i| tree.get(i)).map(|node| node.group_interval).max().unwrap_or(0)
    }
}

fn yaml(path: &Path) -> (Node, String) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (alertc::yaml::read(FileId::NONE, &text).remove(0).root.unwrap(), text)
}

/// A test as `alertc test --export promtool` writes it.
fn exported(root: &Path, project: &str, environment: Option<&str>, title: &str) -> Value {
    let dir = real::Scratch::new("export");
    let mut command = Command::new(env!("CARGO_BIN_EXE_alertc"));
    command.current_dir(root).args(["test", "--quiet", "--export", "promtool"]).arg(&dir.0);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let environment = environment.map_or(String::new(), |e| format!("-{e}"));
    let path = dir.0.join(format!("{project}{environment}.test.yml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let file: Value = serde_yaml::from_str(&text).unwrap();
    let all = file["tests"].as_sequence().unwrap();
    let found = all.iter().find(|group| group["name"].as_str() == Some(title));
    found.unwrap_or_else(|| panic!("{project} has no test {title:?}")).clone()
}

/// How what was told differs from what should be, or nothing.
fn difference(play: &Play, expected: &[Message], told: &[Message]) -> Option<String> {
    let sorted = |all: &[Message]| {
        let mut all = all.to_vec();
        all.sort_by(|a, b| (a.endpoint, &a.group_key, a.at).cmp(&(b.endpoint, &b.group_key, b.at)));
        all
    };
    let (expected, told) = (sorted(expected), sorted(told));
    let latest = play.longest_group_interval() + LATE;
    let same = |(e, t): (&Message, &Message)| {
        (e.at - 500..=e.at + latest).contains(&t.at) && Message { at: e.at, ..t.clone() } == *e
    };
    if expected.len() == told.len() && expected.iter().zip(&told).all(same) {
        return None;
    }
    let lines = |all: &[Message]| {
        let line = |m: &Message| {
            let receiver = &play.config.receivers[m.endpoint.0].name;
            let alerts: Vec<String> =
                m.alerts.iter().map(|(l, s, a)| format!("\n      {s} {l:?} {a:?}")).collect();
            format!("  {:>6} ms {receiver} {} {}{}\n", m.at, m.status, m.group_key, alerts.concat())
        };
        all.iter().map(line).collect::<String>()
    };
    Some(format!("alertc says\n{}the real ones say\n{}", lines(&expected), lines(&told)))
}
