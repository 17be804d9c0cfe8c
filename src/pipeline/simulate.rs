//! Scenarios played through an Alertmanager configuration, with the messages that are sent.

use std::path::Path;

use super::routes::routed_file;
use crate::alertmanager::config::Config;
use crate::alertmanager::message::{self, Composer, Message};
use crate::alertmanager::simulation::scenario::{Expected, Scenario, read_with};
use crate::alertmanager::simulation::{History, Notification, Semantics};
use crate::diagnostic::{Diagnostic, codes};
use crate::gotemplate::alertmanager::Templates;
use crate::source::{FileId, Loader, Sources, Span, glob};

/// How much later or earlier than expected a notification may be, in milliseconds: observed ones are never exact.
const TOLERANCE: i64 = 500;

/// A scenario that was played. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone)]
pub struct Simulated {
    /// Its name.
    pub name: String,
    /// When it began.
    pub start: i64,
    /// What was sent, each with its message as far as the configuration at the beginning knows the receiver.
    pub sent: Vec<(Notification, Option<Message>)>,
    /// All that happened.
    pub history: History,
    /// Notifications that the scenario expects and that were not sent.
    pub missing: Vec<Expected>,
    /// Notifications to webhooks that it does not expect, when it expects any.
    pub unexpected: Vec<Expected>,
}

/// Plays the scenarios of a file, with the configuration of another or each with its own. Template files are looked for
/// from the configuration's directory `dir` on. `semantics`, if given, counts in place of the scenarios' own.
pub fn simulate(
    loader: &dyn Loader,
    sources: &Sources,
    dir: &Path,
    config: Option<FileId>,
    scenarios: FileId,
    semantics: Option<Semantics>,
) -> (Vec<Simulated>, Vec<Diagnostic>) {
    let mut given = None;
    if let Some(file) = config {
        let (routed, found) = routed_file(sources, file);
        match routed {
            Some(routed) => given = Some(routed.config),
            None => return (Vec::new(), found),
        }
    }
    let Some(source) = sources.get(scenarios) else { return (Vec::new(), Vec::new()) };
    match read_with(scenarios, source.text(), given.as_ref()) {
        Err(found) => (Vec::new(), found),
        Ok(all) => {
            let mut diagnostics = Vec::new();
            let here = Span { file: scenarios, start: 0, end: 0 };
            let played = all.iter().filter_map(|scenario| {
                let (templates, found) = templates(loader, dir, &scenario.config, here);
                diagnostics.extend(found);
                match play(scenario, semantics.unwrap_or(scenario.semantics), templates) {
                    Ok(played) => Some(played),
                    Err(error) => {
                        let message = format!("`{}`: {error}", scenario.name);
                        diagnostics.push(Diagnostic::new(
                            &codes::alertmanager::SUSPICIOUS_SETTING,
                            here,
                            message,
                        ));
                        None
                    }
                }
            });
            (played.collect(), diagnostics)
        }
    }
}

/// The template files of a configuration; one that can't be read or parsed is told, and left out.
fn templates(loader: &dyn Loader, dir: &Path, config: &Config, here: Span) -> (Templates, Vec<Diagnostic>) {
    let mut templates = Templates::default();
    let mut found = Vec::new();
    let mut tell = |message: String| {
        found.push(Diagnostic::new(&codes::alertmanager::TEMPLATE_FAILS, here, message));
    };
    for pattern in &config.templates {
        match add_templates(loader, dir, pattern, &mut templates) {
            Ok(0) => tell(format!("no template file matches `{pattern}`")),
            Ok(_) => {}
            Err(message) => tell(message),
        }
    }
    (templates, found)
}

/// Adds the template files that match a pattern, and tells how many there are.
///
/// # Errors
/// A malformed pattern, a file that can't be read, one that does not parse: in Alertmanager's words.
pub fn add_templates(
    loader: &dyn Loader,
    dir: &Path,
    pattern: &str,
    templates: &mut Templates,
) -> Result<usize, String> {
    let files = glob(loader, dir, pattern).map_err(|e| e.to_string())?;
    for path in &files {
        let text = loader.read(path).map_err(|e| e.to_string())?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        templates.add_file(&name, &String::from_utf8_lossy(&text)).map_err(|e| e.to_string())?;
    }
    Ok(files.len())
}

fn play(scenario: &Scenario, semantics: Semantics, templates: Templates) -> Result<Simulated, String> {
    let written = message::writer(templates.clone());
    let (to_webhooks, simulation) = scenario.play(semantics, Some(written)).map_err(|e| e.to_string())?;
    let composer = Composer::new(&scenario.config).with_templates(templates);
    let history = simulation.history().clone();
    let sent = history.notifications.iter().map(|n| (n.clone(), composer.message(n))).collect();
    let (missing, unexpected) = compare(&scenario.expected, to_webhooks);
    Ok(Simulated { name: scenario.name.clone(), start: scenario.start, sent, history, missing, unexpected })
}

/// What is missing of the expected notifications, and what was sent beside them.
fn compare(expected: &[Expected], mut sent: Vec<Expected>) -> (Vec<Expected>, Vec<Expected>) {
    if expected.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let mut missing = Vec::new();
    for wanted in expected {
        let fits = |one: &Expected| {
            (one.at - wanted.at).abs() <= TOLERANCE && Expected { at: wanted.at, ..one.clone() } == *wanted
        };
        match sent.iter().position(fits) {
            Some(at) => drop(sent.remove(at)),
            None => missing.push(wanted.clone()),
        }
    }
    (missing, sent)
}
