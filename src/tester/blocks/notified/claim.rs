//! `notified` claims: whether somebody is told of alerts in a stretch of time, how often, and in which words.

use std::collections::BTreeSet;

use super::super::claims::{Judge, Text, Wanted};
use super::super::coverage::{Covered, Shown};
use super::super::invalid;
use super::{Told, Window, label};
use crate::alertmanager::message::{Message, known_names};
use crate::alertmanager::schema::integration;
use crate::alertmanager::simulation::{FlushedAlert, Notification, Status};
use crate::diagnostic::codes::names::UNKNOWN_RECEIVER;
use crate::diagnostic::codes::tester::TEST_FAILED;
use crate::diagnostic::{Diagnostic, nearest};
use crate::prometheus::rules::Millis;
use crate::promql::duration::Duration;
use crate::source::Span;
use crate::syntax::ast::{AlertRef, Claim, MomentKind, Name, Often};

/// A claim about who is notified.
pub(in crate::tester::blocks) struct Asked<'a> {
    /// The whole step.
    pub(in crate::tester::blocks) span: Span,
    pub(in crate::tester::blocks) claim: &'a Claim,
    pub(in crate::tester::blocks) receivers: &'a [Name],
    /// That alerts are resolved rather than that they fire.
    pub(in crate::tester::blocks) resolved: bool,
    pub(in crate::tester::blocks) often: &'a Option<Often>,
    pub(in crate::tester::blocks) only: &'a Option<Span>,
    pub(in crate::tester::blocks) alerts: &'a [AlertRef],
}

/// A claim with its names looked up, about one receiver.
pub(super) struct About<'w> {
    pub(super) receiver: String,
    /// All of these; any alert that counts if empty.
    pub(super) alerts: &'w [Wanted],
    pub(super) status: Status,
    pub(super) window: Window,
    only: bool,
    /// How often exactly; at least once if none.
    often: Option<usize>,
    never: bool,
}

/// A notification with the message that its integration makes of it.
struct Sent<'n> {
    notification: &'n Notification,
    message: Option<Message>,
}

impl Sent<'_> {
    /// False when a template fails so that nothing is sent. Without the configuration's own template files that can't be
    /// told.
    fn goes_out(&self) -> bool {
        self.notification.delivered && self.message.as_ref().is_none_or(|m| m.is_sent)
    }

    /// A finding with what could be meant by a key that the message does not have.
    fn instead_of(&self, diagnostic: Diagnostic, text: &Text) -> Diagnostic {
        let Some(integration) = integration(self.notification.endpoint.integration) else {
            return diagnostic;
        };
        let mut known: Vec<&str> = known_names(integration);
        known.extend(self.notification.alerts.iter().flat_map(|a| a.annotations.keys().map(String::as_str)));
        known.sort_unstable();
        known.dedup();
        match nearest(&text.key, known.iter().copied()) {
            Some(near) => diagnostic.fix(format!("write `{near}`"), text.span, near),
            None => diagnostic.help(format!("a message of {} has {}", integration.title, known.join(", "))),
        }
    }

    fn failures(&self) -> impl Iterator<Item = String> {
        let message = self.message.iter();
        message.flat_map(|m| {
            m.failures.iter().map(|f| {
                format!("{} sends nothing: the template of `{}` fails: {}", m.integration(), f.field, f.error)
            })
        })
    }
}

impl Judge<'_, '_> {
    /// What is wrong with a claim about who is notified.
    pub(in crate::tester::blocks) fn notified(
        &self,
        asked: &Asked<'_>,
        found: &mut Vec<Diagnostic>,
        covered: &mut Vec<Covered>,
    ) {
        let Some(told) = &self.told else {
            let message = "the project has no route: nobody is notified";
            let help = "declare receivers and a route: `route -> NAME { … }`";
            found.push(invalid(asked.claim.moment.span.to(asked.span), message).help(help));
            return;
        };
        let receivers: Vec<Option<String>> =
            asked.receivers.iter().map(|name| self.receiver(name, found)).collect();
        let often = match asked.often {
            None => Some(None),
            Some(often) => self.times(often, asked, found).map(Some),
        };
        let (Some(alerts), Some(texts), Some(window), Some(often)) = (
            self.wanted(asked.alerts, found),
            self.texts(&asked.claim.said, found),
            self.window(asked.claim, found),
            often,
        ) else {
            return;
        };
        for receiver in receivers.into_iter().flatten() {
            let about = About {
                receiver,
                alerts: &alerts,
                status: if asked.resolved { Status::Resolved } else { Status::Firing },
                window,
                only: asked.only.is_some(),
                often,
                never: matches!(asked.claim.moment.kind, MomentKind::Never(_)),
            };
            self.receiver_notified(told, asked, &about, &texts, found, covered);
        }
    }

    fn receiver_notified(
        &self,
        told: &Told<'_>,
        asked: &Asked<'_>,
        about: &About<'_>,
        texts: &[Text],
        found: &mut Vec<Diagnostic>,
        covered: &mut Vec<Covered>,
    ) {
        let in_time = told.to(&about.receiver).filter(|n| about.window.holds(n.at) && self.tells(about, n));
        let (telling, unsent): (Vec<Sent<'_>>, Vec<Sent<'_>>) =
            in_time.map(|n| Sent { notification: n, message: told.message(n) }).partition(Sent::goes_out);
        let says = |sent: &&Sent<'_>| texts.iter().all(|text| self.says(about, sent, text));
        let right: Vec<&Notification> = telling.iter().filter(says).map(|sent| sent.notification).collect();
        // A receiver's integrations are told together.
        let times = right.iter().map(|n| (&n.group_key, n.tick)).collect::<BTreeSet<_>>().len();
        let holds = match about.often {
            _ if about.never => times == 0,
            None => times > 0,
            Some(often) => times == often,
        };
        if holds {
            if !about.never && about.status == Status::Firing {
                for alert in right.iter().flat_map(|n| self.told_of(about, n)) {
                    let (alert, severity) = (label(alert, "alertname"), label(alert, "severity"));
                    covered.push(Covered {
                        alert: alert.to_string(),
                        severity: severity.to_string(),
                        shown: Shown::Told,
                    });
                }
            }
            return;
        }
        let message = self.message(asked, about, times, right.first().copied());
        let mut diagnostic = Diagnostic::new(&TEST_FAILED, asked.span, message);
        if let (0, false, Some(first)) = (times, about.never, telling.first()) {
            let at = self.elapsed(first.notification.at);
            diagnostic.message =
                format!("`{}` is notified{} at {at}, in other words", about.receiver, of(about));
            for text in texts {
                let actual = self.texts_of(about, first, &text.key);
                let accepted = actual.iter().find(|a| text.accepts(a)).or(actual.first());
                diagnostic = text.told(diagnostic, accepted.map(String::as_str));
                if actual.is_empty() {
                    diagnostic = first.instead_of(diagnostic, text);
                }
            }
            found.push(diagnostic);
            return;
        }
        for failure in unsent.iter().flat_map(Sent::failures).take(3) {
            diagnostic = diagnostic.note(failure);
        }
        let mut picture = self.picture_of(told, about);
        let log = self.log_of(told, about);
        if !picture.is_empty() && !log.is_empty() {
            picture.text("");
        }
        log.into_iter().for_each(|line| picture.text(line));
        diagnostic = diagnostic.picture(picture);
        found.push(diagnostic);
    }

    /// A receiver of the source.
    fn receiver(&self, name: &Name, found: &mut Vec<Diagnostic>) -> Option<String> {
        let text = self.case.bindings.name(name);
        let known = || self.world.receivers.iter().map(String::as_str);
        if known().any(|k| k == text) {
            return Some(text);
        }
        let mut diagnostic =
            Diagnostic::new(&UNKNOWN_RECEIVER, name.span, format!("unknown receiver `{text}`"))
                .label("not declared");
        if let Some(near) = nearest(&text, known()) {
            diagnostic = diagnostic.fix(format!("write `{near}`"), name.span, near);
        } else if known().next().is_some() {
            diagnostic = diagnostic.help(format!("declared: {}", known().collect::<Vec<_>>().join(", ")));
        }
        found.push(diagnostic);
        None
    }

    /// How often, exactly.
    fn times(&self, often: &Often, asked: &Asked<'_>, found: &mut Vec<Diagnostic>) -> Option<usize> {
        if let MomentKind::Never(_) = asked.claim.moment.kind {
            let help = "say when instead of `never`: `from 0s to 1h notified … 3 times`";
            found.push(invalid(often.word, "`never` leaves nothing to count").help(help));
            return None;
        }
        let Some(times) = &often.times else { return Some(1) };
        let text = self.case.bindings.value(times, found)?;
        let number = text.parse::<usize>().ok().filter(|n| *n > 0);
        if number.is_none() {
            let help = "write a whole number: `3 times`; that nobody is notified is `never notified …`";
            found.push(invalid(times.span(), format!("`{text}` is no number of times")).help(help));
        }
        number
    }

    /// When a notification counts. `at T` is from the scrape before T, which does not count, to T.
    fn window(&self, claim: &Claim, found: &mut Vec<Diagnostic>) -> Option<Window> {
        let start = self.clock.start;
        let mut at = |value| Some(start + self.case.bindings.duration(value, found)?);
        Some(match &claim.moment.kind {
            MomentKind::At(t) => {
                let to = at(t)?;
                Window { from: to - self.clock.interval + 1, to }
            }
            MomentKind::Within(t) => Window { from: start, to: at(t)? },
            MomentKind::From(from, to) | MomentKind::Never(Some((from, to))) => {
                Window { from: at(from)?, to: at(to)? }
            }
            MomentKind::Never(None) => Window { from: start, to: start + self.clock.end },
        })
    }

    /// Whether a notification tells what a claim is about.
    fn tells(&self, about: &About<'_>, notification: &Notification) -> bool {
        let told = self.told_of(about, notification);
        let all = about.alerts.iter().all(|w| told.iter().any(|a| w.is(|name| label(a, name))));
        let others = || {
            let known = |a: &FlushedAlert| about.alerts.iter().any(|w| w.is(|name| label(a, name)));
            notification.alerts.iter().any(|a| !known(a) && !self.is_left_out(label(a, "alertname")))
        };
        !told.is_empty() && all && !(about.only && others())
    }

    /// The alerts of a notification that a claim is about.
    fn told_of<'n>(&self, about: &About<'_>, notification: &'n Notification) -> Vec<&'n FlushedAlert> {
        let alerts = notification.alerts.iter().filter(|a| a.status == about.status);
        alerts.filter(|a| self.concerns(about, |name| label(a, name))).collect()
    }

    /// Whether a claim is about the alert of these labels.
    pub(super) fn concerns<'l>(&self, about: &About<'_>, label: impl Fn(&str) -> &'l str) -> bool {
        match about.alerts {
            [] => !self.is_left_out(label("alertname")),
            alerts => alerts.iter().any(|w| w.is(&label)),
        }
    }

    fn says(&self, about: &About<'_>, sent: &Sent<'_>, text: &Text) -> bool {
        self.texts_of(about, sent, &text.key).iter().any(|t| text.accepts(t))
    }

    /// What a notification says under a key: a field of the message by its own name, else an annotation of the alerts
    /// that the claim is about, else the field that stands for a natural name.
    fn texts_of(&self, about: &About<'_>, sent: &Sent<'_>, key: &str) -> Vec<String> {
        let own = sent.message.iter().flat_map(Message::fields).find(|(name, _)| *name == key);
        if let Some((_, text)) = own {
            return vec![text.to_string()];
        }
        let alerts = self.told_of(about, sent.notification);
        let annotations: Vec<String> =
            alerts.iter().filter_map(|a| a.annotations.get(key)).cloned().collect();
        if !annotations.is_empty() {
            return annotations;
        }
        sent.message.iter().filter_map(|m| m.field(key)).map(str::to_string).collect()
    }

    fn message(
        &self,
        asked: &Asked<'_>,
        about: &About<'_>,
        times: usize,
        first: Option<&Notification>,
    ) -> String {
        let (receiver, of) = (&about.receiver, of(about));
        let to = self.elapsed(about.window.to);
        let when = match &asked.claim.moment.kind {
            MomentKind::At(_) => format!("at {to}"),
            MomentKind::Within(_) => format!("up to {to}"),
            MomentKind::From(..) | MomentKind::Never(_) => {
                format!("from {} to {to}", self.elapsed(about.window.from))
            }
        };
        let counted = |n: usize| if n == 1 { "once".to_string() } else { format!("{n} times") };
        match (about.never, about.often, first) {
            (true, _, Some(first)) => {
                format!("`{receiver}` is notified{of} at {}", self.elapsed(first.at))
            }
            (_, Some(often), Some(_)) => {
                format!("`{receiver}` is notified{of} {}, not {}, {when}", counted(times), counted(often))
            }
            _ => format!("`{receiver}` is not notified{of} {when}"),
        }
    }

    /// The time since the start of the test.
    pub(super) fn elapsed(&self, at: Millis) -> Duration {
        Duration::from_millis((at - self.clock.start).max(0))
    }
}

/// ` of X, Y`, ` that X is resolved`; nothing where any alert would do.
fn of(about: &About<'_>) -> String {
    let only = if about.only { "only " } else { "" };
    let names: Vec<String> = about.alerts.iter().map(|a| format!("`{a}`")).collect();
    match (about.status, names.as_slice()) {
        (Status::Firing, []) => String::new(),
        (Status::Firing, names) => format!(" of {only}{}", names.join(", ")),
        (Status::Resolved, []) => " that an alert is resolved".to_string(),
        (Status::Resolved, [name]) => format!(" that {only}{name} is resolved"),
        (Status::Resolved, names) => format!(" that {only}{} are resolved", names.join(", ")),
    }
}
