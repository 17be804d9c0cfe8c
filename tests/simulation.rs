//! Alertmanager in virtual time: timelines of the real one, and scenarios of our own.

use std::fmt::Write as _;
use std::path::Path;

use alertc::alertmanager::simulation::scenario::{Expected, Scenario, read};
use alertc::alertmanager::simulation::{Decision, Semantics, Simulation};
use alertc::source::FileId;

/// How much later than its tick a real notification may be, in milliseconds.
const TOLERANCE: i64 = 300;

fn scenarios(path: &Path) -> Vec<Scenario> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    read(FileId(0), &text).unwrap_or_else(|found| panic!("{}: {found:#?}", path.display()))
}

fn own(file: &str) -> Vec<Scenario> {
    scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/simulation").join(file))
}

/// Scenarios of the real Alertmanager, or nothing where they are not.
fn timelines() -> Vec<Scenario> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance/alertmanager/timelines.yml");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return Vec::new();
    }
    scenarios(&path)
}

fn line(scenario: &Scenario, one: &Expected) -> String {
    let alerts: Vec<String> = one.alerts.iter().map(|(n, status)| format!("{n} {status}")).collect();
    let at = (one.at - scenario.start) as f64 / 1000.0;
    let taken = if one.delivered { "taken" } else { "failed" };
    let Expected { webhook, status, reason, group_key, .. } = one;
    format!("{at} {webhook} {taken} {status}, {reason}: {} in {group_key}", alerts.join(", "))
}

/// Notifications without the attempts that follow a failed one: when those come is left to chance.
fn first_attempts(all: &[Expected]) -> Vec<Expected> {
    let mut first: Vec<Expected> = Vec::new();
    for one in all {
        let same = |other: &&Expected| other.group_key == one.group_key && other.webhook == one.webhook;
        let last = first.iter().rev().find(same);
        // A flush has ten seconds or more, so a failed attempt less than that after the last is another try.
        let again = last.is_some_and(|last| !last.delivered && one.at - last.at < 10_000 - TOLERANCE);
        if !again {
            first.push(one.clone());
        }
    }
    first
}

/// How the notifications of a scenario differ from the expected ones; nothing when they do not.
fn difference(scenario: &Scenario, semantics: Semantics, tolerance: i64) -> Option<String> {
    let (sent, _) = scenario.play(semantics, None).unwrap();
    let sorted = |all: &[Expected]| {
        let mut all = first_attempts(all);
        // What is sent at once, the real one sends in any order.
        all.sort_by(|a, b| (&a.webhook, &a.group_key, a.at).cmp(&(&b.webhook, &b.group_key, b.at)));
        all
    };
    let (found, wanted) = (sorted(&sent), sorted(&scenario.expected));
    let agrees = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| {
            let in_time = (found.at - wanted.at).abs() <= tolerance;
            in_time && Expected { at: wanted.at, ..found.clone() } == *wanted
        });
    if agrees {
        return None;
    }
    let mut text = format!("{}\n", scenario.name);
    for (title, all) in [("expected", &wanted), ("sent", &found)] {
        let _ = writeln!(text, "  {title}:");
        for one in all {
            let _ = writeln!(text, "    {}", line(scenario, one));
        }
    }
    Some(text)
}

fn agree(all: &[Scenario], tolerance: i64) {
    let wrong: Vec<String> = all.iter().filter_map(|s| difference(s, s.semantics, tolerance)).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n\n{}", wrong.len(), all.len(), wrong.join("\n"));
    println!("{} scenarios agree", all.len());
}

#[test]
fn timelines_of_the_real_alertmanager_agree() {
    let mut all = timelines();
    for scenario in &mut all {
        scenario.semantics = Semantics::V0_33;
        // Its group interval divides its repeat interval, as that of I3; there the latency was longer than the delay of
        // the timers, here it was shorter.
        if scenario.name.starts_with("E3b") {
            assert!(difference(scenario, Semantics::V0_33, TOLERANCE).is_some());
            scenario.timer_delay = 1;
        }
    }
    agree(&all, TOLERANCE);
}

#[test]
fn documented_semantics_differ_only_where_the_index_of_inhibitions_lost_a_source() {
    let mut all = timelines();
    all.retain(|s| !s.name.starts_with("E3b"));
    let differ = all.iter().filter(|s| difference(s, Semantics::Documented, TOLERANCE).is_some());
    let names: Vec<&str> = differ.filter_map(|s| s.name.split(' ').next()).collect();
    assert!(all.is_empty() || names == ["I6", "I7"], "{names:?}");
}

#[test]
fn own_scenarios_agree() {
    agree(&own("scenarios.yml"), 0);
}

/// Every tick of a scenario that is played to its end, with what held its alerts back.
fn ticks(simulation: &Simulation, start: i64) -> String {
    let seconds = |at: i64| (at - start) as f64 / 1000.0;
    let mut text = String::new();
    for arrival in &simulation.history().arrivals {
        let n = arrival.labels.get("n").map_or("", String::as_str);
        let _ = writeln!(text, "{} {n} waits until {}", seconds(arrival.at), seconds(arrival.until));
    }
    for tick in &simulation.history().ticks {
        let alerts = tick.alerts.iter().map(|(alert, held)| {
            let n = alert.labels.get("n").map_or("", String::as_str);
            let held = held.as_ref().map_or(String::new(), |held| format!(" {held}"));
            format!("{n} {}{held}", alert.status.as_str())
        });
        let decisions = tick.decisions.iter().map(|(endpoint, decision)| {
            let decision = match decision {
                Decision::Deduplicated { until } => format!("told already, again at {}", seconds(*until)),
                Decision::Send(reason) => reason.to_string(),
                other => format!("{other:?}"),
            };
            format!("{} {decision}", endpoint.integration)
        });
        let (alerts, decisions): (Vec<_>, Vec<_>) = (alerts.collect(), decisions.collect());
        let _ = writeln!(text, "{} {}; {}", seconds(tick.at), alerts.join(", "), decisions.join(", "));
    }
    text
}

#[test]
fn every_tick_says_what_held_its_alerts_back() {
    let all = own("held.yml");
    let told: Vec<String> = all
        .iter()
        .map(|s| format!("{}\n{}", s.name, ticks(&s.play(s.semantics, None).unwrap().1, s.start)))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_is_wrong_in_a_scenario_is_said_all_at_once() {
    let text = "name: x\nconfig: |\n  route: {receiver: nobody}\nduration_s: 1e99\nstart: soon\nactions:\n\
                - {at: 0, post_alert: []}\n- {at: x, silence: {matchers: [{name: a, value: '(', isRegex: true}]}}\n";
    let found = read(FileId(0), text).unwrap_err();
    let told: Vec<String> = found.iter().map(|d| format!("{:?} {}", d.primary.span, d.message)).collect();
    insta::assert_snapshot!(told.join("\n"));
}
