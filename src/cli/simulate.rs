//! `alertc simulate`: alerts through an Alertmanager configuration, in virtual time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::disk::Disk;
use super::inputs;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::alertmanager::message::Message;
use crate::alertmanager::route::Labels;
use crate::alertmanager::simulation::scenario::Expected;
use crate::alertmanager::simulation::{Decision, FlushedAlert, Notification, Semantics, Tick};
use crate::diagnostic::Diagnostic;
use crate::pipeline::{self, Simulated};
use crate::project;
use crate::source::{FileId, Sources};

#[derive(Debug, Args)]
pub(super) struct SimulateArgs {
    /// The Alertmanager configuration, then the file of scenarios; or the latter alone, with configurations of its own
    #[arg(num_args = 1..=2, required = true, value_names = ["CONFIG", "SCENARIO"])]
    files: Vec<PathBuf>,
    /// Play only scenarios whose name holds this text
    #[arg(long, value_name = "TEXT")]
    run: Option<String>,
    /// Which Alertmanager, where 0.33 differs from what is documented; without it the scenario says it
    #[arg(long, value_enum, value_name = "VERSION")]
    semantics: Option<SemanticsName>,
    /// Show every tick of a group too, and what held each alert back
    #[arg(long)]
    ticks: bool,
    /// Show what each message says, field by field
    #[arg(long)]
    messages: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SemanticsName {
    /// As documented, and as it is from 0.34.1 on
    Documented,
    /// 0.30 to 0.34.0: of several sources of an inhibition only one counts
    #[value(name = "0.33")]
    V0_33,
}

pub(super) fn run(args: &SimulateArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut sources = Sources::new();
    let mut diagnostics = Vec::new();
    let mut read = |path: &Path| -> Result<Option<FileId>, Failure> {
        if inputs::is_stdin(path) {
            inputs::stdin(&mut sources, &mut diagnostics)
        } else {
            Ok(project::read_source(&disk, &disk.absolute(path), &mut sources, &mut diagnostics)?)
        }
    };
    let semantics = args.semantics.map(|name| match name {
        SemanticsName::Documented => Semantics::Documented,
        SemanticsName::V0_33 => Semantics::V0_33,
    });
    let mut files = Vec::new();
    for path in &args.files {
        files.extend(read(path)?);
    }
    let (mut played, found) = match files.as_slice() {
        [config, scenarios] => {
            let dir = args.files.first().map(|path| disk.absolute(path)).unwrap_or_default();
            let dir = dir.parent().unwrap_or(&dir);
            pipeline::simulate(&disk, &sources, dir, Some(*config), *scenarios, semantics)
        }
        [scenarios] if args.files.len() == 1 => {
            pipeline::simulate(&disk, &sources, disk.cwd(), None, *scenarios, semantics)
        }
        _ => (Vec::new(), Vec::new()),
    };
    diagnostics.extend(found);
    if !diagnostics.is_empty() {
        printer.findings_to_stderr(&sources, &diagnostics)?;
    }
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Ok(Outcome::Findings);
    }
    if let Some(text) = &args.run {
        played.retain(|one| one.name.contains(text.as_str()));
    }
    if printer.is_json() {
        let all: Value = played.iter().map(simulated_json).collect();
        printer.stdout(|out| writeln!(out, "{all:#}"))?;
    } else {
        printer.stdout(|out| played.iter().try_for_each(|one| out.write_all(shown(one, args).as_bytes())))?;
    }
    let sent: usize = played.iter().map(|one| one.sent.len()).sum();
    let differ = played.iter().filter(|one| !one.missing.is_empty() || !one.unexpected.is_empty()).count();
    let mut words = format!("{} in {}", counted(sent, "notification"), counted(played.len(), "scenario"));
    if differ > 0 {
        let _ = write!(words, ", {} not as expected", counted(differ, "scenario"));
    }
    printer.status(&words);
    Ok(if differ > 0 { Outcome::Findings } else { Outcome::Clean })
}

/// A scenario as lines: notifications, and with `--ticks` what happened before each.
fn shown(one: &Simulated, args: &SimulateArgs) -> String {
    let mut out = String::new();
    if !one.name.is_empty() {
        let _ = writeln!(out, "{}", one.name);
    }
    let mut ticks = one.history.ticks.iter().filter(|_| args.ticks).peekable();
    for (notification, message) in &one.sent {
        while let Some(tick) = ticks.next_if(|tick| tick.at <= notification.at) {
            out.push_str(&tick_text(one, tick));
        }
        out.push_str(&notification_text(one, notification));
        if let Some(message) = message.as_ref().filter(|_| args.messages) {
            out.push_str(&message_text(message));
        }
    }
    for tick in ticks {
        out.push_str(&tick_text(one, tick));
    }
    if one.sent.is_empty() {
        out.push_str("  nobody is told\n");
    }
    for (words, all) in [("missing", &one.missing), ("not expected", &one.unexpected)] {
        for expected in all {
            let _ = writeln!(out, "  {words}: {}", expected_text(one, expected));
        }
    }
    out
}

/// The time since the start, `+1h2m3.5s`.
fn since(one: &Simulated, at: i64) -> String {
    let milliseconds = at - one.start;
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("+");
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if minutes > 0 || hours > 0 && (seconds > 0 || rest > 0) {
        let _ = write!(text, "{minutes}m");
    }
    if seconds > 0 || rest > 0 || hours == 0 && minutes == 0 {
        let _ = write!(text, "{seconds}");
        if rest > 0 {
            let fraction = format!("{rest:03}");
            let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
        }
        text.push('s');
    }
    text
}

fn notification_text(one: &Simulated, notification: &Notification) -> String {
    let endpoint = &notification.endpoint;
    let failed = if notification.delivered { "" } else { " (fails)" };
    let mut out = format!(
        "  {:<10} {} by {}[{}]: {}, {}{failed}, group {}\n",
        since(one, notification.at),
        endpoint.receiver,
        endpoint.integration,
        endpoint.index,
        notification.status.as_str(),
        notification.reason,
        notification.group_key,
    );
    for alert in &notification.alerts {
        let _ = writeln!(out, "             {:<8} {}", alert.status.as_str(), labels_text(&alert.labels));
    }
    out
}

fn labels_text(labels: &Labels) -> String {
    let pairs: Vec<String> = labels
        .iter()
        .map(|(name, value)| format!("{name}={}", crate::gostd::strconv::quote(value)))
        .collect();
    format!("{{{}}}", pairs.join(", "))
}

fn message_text(message: &Message) -> String {
    let mut out = String::new();
    for (field, text) in message.fields().filter(|(_, text)| !text.is_empty()) {
        let mut lines = text.trim_end_matches('\n').split('\n');
        let _ = writeln!(out, "             {field}: {}", lines.next().unwrap_or(""));
        for line in lines {
            let _ = writeln!(out, "               {line}");
        }
    }
    for cut in &message.cuts {
        let _ = writeln!(out, "             ! {cut}");
    }
    for failure in &message.failures {
        let _ = writeln!(out, "             ! `{}` fails: {}", failure.field, failure.error);
    }
    out
}

fn tick_text(one: &Simulated, tick: &Tick) -> String {
    let mut out = format!("  {:<10} tick of {} for {}\n", since(one, tick.at), tick.group_key, tick.receiver);
    for (alert, held) in &tick.alerts {
        if let Some(held) = held {
            let _ = writeln!(out, "             {} is {held}", labels_text(&alert.labels));
        }
    }
    for (endpoint, decision) in &tick.decisions {
        let words = match decision {
            Decision::Send(_) => continue,
            Decision::ResolvedNotSent => "is not told what is resolved".to_string(),
            Decision::Deduplicated { until } => format!("knows it already, until {}", since(one, *until)),
            Decision::NothingFiring => "was not told that it fired".to_string(),
        };
        let _ = writeln!(out, "             {}[{}] {words}", endpoint.integration, endpoint.index);
    }
    out
}

fn expected_text(one: &Simulated, expected: &Expected) -> String {
    let alerts: Vec<String> =
        expected.alerts.iter().map(|(name, status)| format!("{name} {status}")).collect();
    format!(
        "{} {}: {}, {}, group {}: {}",
        since(one, expected.at),
        expected.webhook,
        expected.status,
        expected.reason,
        expected.group_key,
        alerts.join(", ")
    )
}

fn time_json(at: i64) -> Value {
    json!(jiff::Timestamp::from_millisecond(at).map(|t| t.to_string()).unwrap_or_default())
}

fn alert_json(alert: &FlushedAlert) -> Value {
    json!({
        "status": alert.status.as_str(),
        "labels": *alert.labels,
        "annotations": *alert.annotations,
        "starts_at": time_json(alert.starts_at),
        "ends_at": alert.ends_at.map(time_json),
    })
}

fn simulated_json(one: &Simulated) -> Value {
    let sent = one.sent.iter().map(|(notification, message)| {
        let message = message.as_ref().map(|message| {
            let fields: serde_json::Map<String, Value> = message
                .fields()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_string(), json!(text)))
                .collect();
            json!({
                "sent": message.is_sent,
                "fields": fields,
                "cuts": message.cuts.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "failures": message.failures.iter().map(|f| json!({"field": f.field, "error": f.error.message})).collect::<Vec<_>>(),
            })
        });
        json!({
            "at": time_json(notification.at),
            "seconds": (notification.at - one.start) as f64 / 1000.0,
            "receiver": notification.endpoint.receiver,
            "integration": notification.endpoint.integration,
            "index": notification.endpoint.index,
            "group_key": notification.group_key,
            "group_labels": *notification.group_labels,
            "status": notification.status.as_str(),
            "reason": notification.reason.as_str(),
            "attempt": notification.attempt,
            "delivered": notification.delivered,
            "alerts": notification.alerts.iter().map(alert_json).collect::<Vec<_>>(),
            "message": message,
        })
    });
    let expected = |all: &[Expected]| all.iter().map(|e| expected_text(one, e)).collect::<Vec<_>>();
    json!({
        "name": one.name,
        "start": time_json(one.start),
        "notifications": sent.collect::<Vec<_>>(),
        "missing": expected(&one.missing),
        "unexpected": expected(&one.unexpected),
    })
}
