//! Claims: what should hold at which times, and whether it does.

use std::collections::BTreeSet;
use std::fmt;

use super::coverage::{Covered, Shown};
use super::notified::{Asked, Told};
use super::{Case, Clock, World, invalid};
use crate::check::types::analyse;
use crate::diagnostic::codes::tester::{TEST_FAILED, UNTESTED_ALERT_NAME};
use crate::diagnostic::{Diagnostic, Severity, nearest};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::gostd::strconv::{format_value, quote};
use crate::ir::Part;
use crate::prometheus::rules::{Alert, Millis, RuleInfo, State, Timeline};
use crate::promql::ast::{Expr, MatchOp};
use crate::promql::duration::Duration;
use crate::promql::engine::{self, Prepared};
use crate::promql::labels::{Labels, METRIC_NAME};
use crate::promql::matcher::Matcher;
use crate::promql::value::{Point, Sample, Value};
use crate::source::Span;
use crate::syntax::ast::{
    self, AlertRef, Claim, ClaimKind, Expected, ExpectedValue, MomentKind, Promql, Said,
};
use crate::tester::chart::Pen;
use crate::tester::hints::too_far_apart;

/// Judges the claims of a test by what came of its rules.
pub(super) struct Judge<'c, 'a> {
    pub(super) world: &'c World<'a>,
    pub(super) case: &'c Case<'a>,
    pub(super) clock: &'c Clock,
    pub(super) timeline: &'c Timeline<'c>,
    /// Alerts of missing data whose series the test does not give: see [`unasked`].
    pub(super) unasked: &'c BTreeSet<String>,
    /// Who was told what, if a claim asks for it.
    pub(super) told: Option<Told<'c>>,
    /// Draws what fails.
    pub(super) pen: Pen,
}

/// The alerts of missing data that watch no series of a test: only a test that is about them has to count them.
pub(super) fn unasked(
    world: &World<'_>,
    timeline: &Timeline<'_>,
    given: &BTreeSet<String>,
) -> BTreeSet<String> {
    let no_data: BTreeSet<&str> = {
        let alerts = world.program.alerts().filter(|a| a.origin.part == Part::NoData);
        alerts.map(|a| a.name.as_str()).collect()
    };
    let rules = timeline.rules().map(|(_, rule, _)| rule);
    rules
        .filter(|r| no_data.contains(r.name) && !reads_any(r.expr, given))
        .map(|r| r.name.to_string())
        .collect()
}

/// True when an expression names one of these metrics.
pub fn reads_any(expr: &str, metrics: &BTreeSet<String>) -> bool {
    let mut words = expr.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    words.any(|word| metrics.contains(word))
}

/// An alert that a claim is about.
pub(super) struct Wanted {
    pub(super) name: String,
    matchers: Vec<Matcher>,
}

impl Wanted {
    /// True for the alert of these labels, of which `alertname` is one.
    pub(super) fn is<'l>(&self, label: impl Fn(&str) -> &'l str) -> bool {
        label("alertname") == self.name && self.matchers.iter().all(|m| m.matches(label(&m.name)))
    }

    /// True for a rule whose alerts can be the one: its own labels, as far as they are fixed, say nothing against it.
    pub(super) fn may_be(&self, rule: &RuleInfo<'_>) -> bool {
        let fits = |m: &Matcher| {
            rule.labels.get(&m.name).is_none_or(|value| value.contains("{{") || m.matches(value))
        };
        rule.name == self.name && self.matchers.iter().all(fits)
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.matchers.is_empty() {
            return Ok(());
        }
        let matcher = |m: &Matcher| format!("{}{}{}", m.name, m.op.as_str(), quote(&m.value));
        write!(f, "{{{}}}", self.matchers.iter().map(matcher).collect::<Vec<_>>().join(", "))
    }
}

/// What an alert should say.
pub(super) struct Text {
    pub(super) key: String,
    wanted: String,
    pattern: Option<Regexp>,
    pub(super) span: Span,
}

impl Text {
    pub(super) fn accepts(&self, text: &str) -> bool {
        self.pattern.as_ref().map_or(text == self.wanted, |p| p.is_match(text))
    }

    /// A finding with how the text differs, if it does.
    pub(super) fn told(&self, diagnostic: Diagnostic, actual: Option<&str>) -> Diagnostic {
        if actual.is_some_and(|a| self.accepts(a)) {
            return diagnostic;
        }
        let actual = actual.map_or("(none)".to_string(), quote);
        let like = if self.pattern.is_some() { "like      " } else { "expected  " };
        let wanted = quote(&self.wanted);
        let note = format!("{}\n  {like}{wanted}\n  actual    {actual}", self.key);
        diagnostic.also(self.span, "differs").note(note)
    }
}

/// When a claim should hold.
enum When {
    /// At each of these steps.
    All(Vec<usize>),
    /// At one of them.
    Some(Vec<usize>),
    /// At none of them.
    None(Vec<usize>),
}

impl<'a> Judge<'_, 'a> {
    /// What is wrong with a claim; what it shows is added to `covered` if it holds.
    pub(super) fn claim(&self, span: Span, claim: &'a Claim, covered: &mut Vec<Covered>) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let Some(when) = self.when(claim, &mut found) else { return found };
        match &claim.kind {
            ClaimKind::NoAlerts(_) => {
                let holds = |step: usize| self.firing(step).is_empty();
                if let Some((step, _)) = failing(&when, holds) {
                    let names = self.firing(step);
                    let at = self.since(step);
                    let mut diagnostic =
                        Diagnostic::new(&TEST_FAILED, span, format!("an alert fires at {at}"));
                    for (_, rule, alert) in names.iter().take(3) {
                        diagnostic = diagnostic.note(format!("{} fires", alert.labels));
                        diagnostic = self.with_picture(diagnostic, step, |r| r.name == rule.name);
                    }
                    found.push(diagnostic);
                }
            }
            ClaimKind::State { state, only, alerts } => {
                let state = self.case.bindings.name(state);
                let state = match state.as_str() {
                    "firing" => State::Firing,
                    "pending" => State::Pending,
                    "inactive" => State::Inactive,
                    _ => {
                        let message = format!("`{state}` is no state");
                        found.push(
                            invalid(claim.moment.span, message).help("`inactive`, `pending` or `firing`"),
                        );
                        return found;
                    }
                };
                let (Some(wanted), Some(texts)) =
                    (self.wanted(alerts, &mut found), self.texts(&claim.said, &mut found))
                else {
                    return found;
                };
                self.state(span, state, *only, &wanted, &texts, &when, &mut found, covered);
            }
            ClaimKind::Notified { receivers, resolved, often, only, alerts, .. } => {
                let asked =
                    Asked { span, claim, receivers, resolved: resolved.is_some(), often, only, alerts };
                self.notified(&asked, &mut found, covered);
            }
            ClaimKind::Value { expr, expected, .. } => self.value(span, expr, expected, &when, &mut found),
        }
        found
    }

    fn since(&self, step: usize) -> Duration {
        Duration::from_millis(self.timeline.times().get(step).map_or(0, |t| t - self.clock.start))
    }

    /// The steps that a claim is about.
    fn when(&self, claim: &Claim, found: &mut Vec<Diagnostic>) -> Option<When> {
        let mut at = |v: &ast::Value| {
            let offset = self.case.bindings.duration(v, found)?;
            Some(self.clock.start + offset)
        };
        let times = self.timeline.times();
        let between = |from: Millis, to: Millis| {
            let first = self.timeline.step_at(from).unwrap_or(0);
            let last = self.timeline.step_at(to).unwrap_or(0);
            (first..=last).collect::<Vec<_>>()
        };
        let all = || (0..times.len()).collect::<Vec<_>>();
        Some(match &claim.moment.kind {
            MomentKind::At(t) => When::All(vec![self.timeline.step_at(at(t)?)?]),
            MomentKind::Within(t) => When::Some(between(self.clock.start, at(t)?)),
            MomentKind::From(from, to) => When::All(between(at(from)?, at(to)?)),
            MomentKind::Never(None) => When::None(all()),
            MomentKind::Never(Some((from, to))) => When::None(between(at(from)?, at(to)?)),
        })
    }

    /// Every alert that fires at a step, except those that always do.
    fn firing(&self, step: usize) -> Vec<(usize, RuleInfo<'_>, &Alert)> {
        let Some(t) = self.timeline.times().get(step) else { return Vec::new() };
        let mut all = Vec::new();
        for (number, rule, alerts) in self.timeline.rules() {
            if self.is_left_out(rule.name) {
                continue;
            }
            all.extend(alerts.iter().filter(|a| a.state(*t) == State::Firing).map(|a| (number, rule, a)));
        }
        all
    }

    /// True for alerts that only count where they are named: those that always fire, and those of missing data that the
    /// test is not about.
    pub(super) fn is_left_out(&self, name: &str) -> bool {
        self.world.always_firing.iter().any(|a| a == name) || self.unasked.contains(name)
    }

    pub(super) fn wanted(&self, refs: &[AlertRef], found: &mut Vec<Diagnostic>) -> Option<Vec<Wanted>> {
        let mut wanted = Vec::new();
        for alert in refs {
            let name = self.case.bindings.name(&alert.name);
            let known = || self.timeline.rules().map(|(_, r, _)| r.name);
            if !known().any(|n| n == name) {
                let mut diagnostic = Diagnostic::new(
                    &UNTESTED_ALERT_NAME,
                    alert.name.span,
                    format!("there is no alert `{name}`"),
                )
                .label("no such alert");
                diagnostic.severity = Severity::Error;
                if let Some(near) = nearest(&name, known()) {
                    diagnostic = diagnostic.fix(format!("write `{near}`"), alert.name.span, near);
                }
                found.push(diagnostic);
                return None;
            }
            let mut matchers = Vec::new();
            for matcher in alert.matchers.iter().flat_map(|m| &m.items) {
                let op = match matcher.op {
                    ast::MatchOp::Equal => MatchOp::Equal,
                    ast::MatchOp::NotEqual => MatchOp::NotEqual,
                    ast::MatchOp::Regex => MatchOp::Regexp,
                    ast::MatchOp::NotRegex => MatchOp::NotRegexp,
                };
                match Matcher::new(&matcher.name.text, op, &self.case.bindings.matcher(matcher)) {
                    Ok(matcher) => matchers.push(matcher),
                    Err(error) => {
                        found.push(invalid(matcher.value.span(), error.to_string()));
                        return None;
                    }
                }
            }
            wanted.push(Wanted { name, matchers });
        }
        Some(wanted)
    }

    pub(super) fn texts(&self, said: &[Said], found: &mut Vec<Diagnostic>) -> Option<Vec<Text>> {
        let mut texts = Vec::new();
        for said in said {
            let wanted = self.case.bindings.text(&said.value);
            let pattern = match said.regex {
                None => None,
                Some(_) => match Regexp::new(&wanted, Anchor::Prometheus) {
                    Ok(pattern) => Some(pattern),
                    Err(error) => {
                        found.push(invalid(said.value.span, format!("no pattern: {error}")));
                        return None;
                    }
                },
            };
            let key = match said.key.text.as_str() {
                "runbook" => "runbook_url".to_string(),
                "dashboard" => "dashboard_url".to_string(),
                key => key.to_string(),
            };
            texts.push(Text { key, wanted, pattern, span: said.key.span });
        }
        Some(texts)
    }

    /// The alerts of a rule's name and these labels, in a state, at a step.
    fn matching(&self, wanted: &Wanted, state: State, step: usize) -> Vec<(usize, &Alert)> {
        let Some(t) = self.timeline.times().get(step) else { return Vec::new() };
        let mut all = Vec::new();
        for (number, rule, alerts) in self.timeline.rules() {
            if rule.name != wanted.name {
                continue;
            }
            let matches = |a: &&Alert| a.state(*t) == state && wanted.is(|name| a.labels.get(name));
            all.extend(alerts.iter().filter(matches).map(|a| (number, a)));
        }
        all
    }

    /// True when the claim about one alert holds at a step.
    fn holds(&self, wanted: &Wanted, state: State, texts: &[Text], step: usize) -> bool {
        if state == State::Inactive {
            return self.matching(wanted, State::Firing, step).is_empty()
                && self.matching(wanted, State::Pending, step).is_empty();
        }
        let matching = self.matching(wanted, state, step);
        matching.into_iter().any(|(rule, alert)| {
            texts.is_empty() || {
                let said = self.timeline.annotations(rule, alert, step);
                texts.iter().all(|t| said.get(&t.key).is_some_and(|s| t.accepts(s)))
            }
        })
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of a claim")]
    fn state(
        &self,
        span: Span,
        state: State,
        only: Option<Span>,
        wanted: &[Wanted],
        texts: &[Text],
        when: &When,
        found: &mut Vec<Diagnostic>,
        covered: &mut Vec<Covered>,
    ) {
        for alert in wanted {
            let holds = |step: usize| self.holds(alert, state, texts, step);
            match failing(when, holds) {
                Some((step, how)) => found.push(self.failure(span, alert, state, texts, step, how)),
                None => self.cover(alert, state, texts, when, covered),
            }
        }
        if only.is_some() {
            let others = |step: usize| -> Vec<(usize, RuleInfo<'_>, &Alert)> {
                let is_wanted = |a: &Alert| wanted.iter().any(|w| w.is(|name| a.labels.get(name)));
                self.firing(step).into_iter().filter(|(_, _, a)| !is_wanted(a)).collect()
            };
            if let Some((step, _)) = failing(when, |step| others(step).is_empty())
                && let Some((_, rule, alert)) = others(step).first()
            {
                let message = format!("another alert fires at {}: `{}`", self.since(step), rule.name);
                let diagnostic =
                    Diagnostic::new(&TEST_FAILED, span, message).note(format!("{} fires", alert.labels));
                found.push(self.with_picture(diagnostic, step, |r| r.name == rule.name));
            }
        }
    }

    fn failure(
        &self,
        span: Span,
        alert: &Wanted,
        state: State,
        texts: &[Text],
        step: usize,
        how: How,
    ) -> Diagnostic {
        let at = self.since(step);
        let shown = alert.to_string();
        let message = match how {
            How::Not => {
                let states = [State::Firing, State::Pending];
                let actual = states.into_iter().find(|s| !self.matching(alert, *s, step).is_empty());
                let actual = actual.unwrap_or(State::Inactive).as_str();
                format!("`{shown}` is {actual}, not {}, at {at}", state.as_str())
            }
            How::NeverBy => format!("`{shown}` is at no time {} up to {at}", state.as_str()),
            How::Yet => format!("`{shown}` is {} at {at}", state.as_str()),
        };
        let mut diagnostic = Diagnostic::new(&TEST_FAILED, span, message);
        // In the right state, but it says something else.
        let matching = self.matching(alert, state, step);
        if let (Some((rule, found)), false, How::Not | How::NeverBy) =
            (matching.first(), texts.is_empty(), how)
        {
            diagnostic.message = format!("`{shown}` is {} at {at} and says something else", state.as_str());
            let said = self.timeline.annotations(*rule, found, step);
            for text in texts {
                diagnostic = text.told(diagnostic, said.get(&text.key).map(String::as_str));
            }
            return diagnostic;
        }
        let is_there = |state: State| !self.matching(alert, state, step).is_empty();
        if state == State::Inactive && is_there(State::Pending) && !is_there(State::Firing) {
            diagnostic = diagnostic
                .help("`inactive` means not even pending: where pending is fine, claim `no alerts` or `never firing`");
        } else if state != State::Inactive && !matches!(how, How::Yet) {
            let mut rules =
                self.timeline.rules().filter(|(_, r, alerts)| alert.may_be(r) && alerts.is_empty());
            let interval = self.clock.interval;
            diagnostic
                .help
                .extend(rules.find_map(|(_, r, _)| too_far_apart(self.timeline, r.expr, interval)));
        }
        self.with_picture(diagnostic, step, |r| alert.may_be(r))
    }

    fn with_picture(
        &self,
        diagnostic: Diagnostic,
        step: usize,
        wanted: impl Fn(&RuleInfo<'_>) -> bool,
    ) -> Diagnostic {
        let at = self.timeline.times().get(step).copied().unwrap_or(0);
        diagnostic.picture(self.pen.rules(self.timeline, at, wanted))
    }

    /// Counts what a claim that holds has shown.
    fn cover(&self, wanted: &Wanted, state: State, texts: &[Text], when: &When, covered: &mut Vec<Covered>) {
        let severity = |r: &RuleInfo<'_>| r.labels.get("severity").unwrap_or("").to_string();
        let mut add = |rule: &RuleInfo<'_>, shown: Shown| {
            covered.push(Covered { alert: rule.name.to_string(), severity: severity(rule), shown });
        };
        let quiet = matches!((state, when), (State::Inactive, When::All(_)) | (State::Firing, When::None(_)));
        if quiet {
            for (_, rule, _) in self.timeline.rules().filter(|(_, r, _)| r.name == wanted.name) {
                let own = severity(&rule);
                let means = wanted.matchers.iter().filter(|m| m.name == "severity").all(|m| m.matches(&own));
                if means {
                    add(&rule, Shown::Quiet);
                }
            }
        }
        let (When::All(steps) | When::Some(steps)) = when else { return };
        if state != State::Firing {
            return;
        }
        for step in steps {
            for (number, _) in self.matching(wanted, State::Firing, *step) {
                if let Some(rule) = self.timeline.rule(number) {
                    add(&rule, Shown::Firing);
                    if !texts.is_empty() {
                        add(&rule, Shown::Text);
                    }
                }
            }
        }
    }

    fn value(
        &self,
        span: Span,
        promql: &'a Promql,
        expected: &'a [Expected],
        when: &When,
        found: &mut Vec<Diagnostic>,
    ) {
        let given = self.case.bindings.given();
        let Some(expanded) = self.world.expander.expand(promql, &given, found) else { return };
        let prepared = match Prepared::new(&expanded.expr) {
            Ok(prepared) => prepared,
            Err(error) => {
                found.push(invalid(promql.span, error.message));
                return;
            }
        };
        let unit = analyse(&expanded.expr, &self.world.metrics).ty.known_unit().cloned();
        let mut wanted: Vec<(Option<Labels>, Option<f64>)> = Vec::new();
        for element in expected {
            let labels = element.labels.as_ref().map(|l| {
                Labels::new(l.items.iter().map(|l| (l.name.text.clone(), self.case.bindings.text(&l.value))))
            });
            let value = match &element.value {
                ExpectedValue::Nothing(_) => None,
                ExpectedValue::Value(v) => {
                    let Some(quantity) = self.case.bindings.quantity(v, found) else { return };
                    match super::series::in_unit(&quantity, unit.as_ref()) {
                        Ok(value) => Some(value),
                        Err(error) => {
                            found.push(invalid(v.span(), error));
                            return;
                        }
                    }
                }
            };
            wanted.push((labels, value));
        }
        let evaluate = |step: usize| run(&prepared, self.world, self.timeline, step);
        let holds = |step: usize| evaluate(step).is_ok_and(|samples| as_wanted(&samples, &wanted));
        let Some((step, how)) = failing(when, holds) else { return };
        let at = self.since(step);
        let message = match how {
            How::Yet => format!("the expression has this value at {at}"),
            _ => format!("the expression has another value at {at}"),
        };
        let mut diagnostic = Diagnostic::new(&TEST_FAILED, span, message);
        match evaluate(step) {
            Err(error) => diagnostic = diagnostic.note(error),
            Ok(samples) => {
                let text = |labels: &Labels, value: String| match labels.is_empty() {
                    true => value,
                    false => format!("{labels} {value}"),
                };
                let wanted = wanted.iter().map(|(l, v)| {
                    text(l.as_ref().unwrap_or(&Labels::EMPTY), v.map_or("nothing".to_string(), format_value))
                });
                let actual = samples.iter().take(10).map(|s| {
                    let value = s.point.as_float().map_or("a histogram".to_string(), format_value);
                    text(&s.labels.with(METRIC_NAME, ""), value)
                });
                let mut actual: Vec<String> = actual.collect();
                if actual.is_empty() {
                    actual.push("nothing".to_string());
                    let hint = too_far_apart(self.timeline, &expanded.text, self.clock.interval);
                    diagnostic.help.extend(hint);
                }
                diagnostic = diagnostic.note(format!(
                    "expected  {}\nactual    {}",
                    wanted.collect::<Vec<_>>().join(", "),
                    actual.join(", ")
                ));
            }
        }
        let t = self.timeline.times().get(step).copied().unwrap_or(0);
        found.push(diagnostic.picture(self.pen.expr(self.timeline, &expanded.text, t)));
    }
}

/// What an expression gives at a step.
pub(super) fn evaluate(
    world: &World<'_>,
    timeline: &Timeline<'_>,
    expr: &Expr,
    step: usize,
) -> Result<Vec<Sample>, String> {
    run(&Prepared::new(expr).map_err(|e| e.message)?, world, timeline, step)
}

fn run(
    prepared: &Prepared,
    world: &World<'_>,
    timeline: &Timeline<'_>,
    step: usize,
) -> Result<Vec<Sample>, String> {
    let options = engine::Options {
        version: world.version,
        visibility: engine::Visibility::UpToInstant,
        ..engine::Options::default()
    };
    let at = timeline.times().get(step).copied().unwrap_or(0);
    match prepared.instant(timeline.storage(), &options, at).map_err(|e| e.message)?.value {
        Value::Vector(samples) => Ok(samples),
        Value::Scalar(v) => Ok(vec![Sample { labels: Labels::EMPTY, point: Point::Float(v) }]),
        _ => Err("the expression gives neither a vector nor a number".to_string()),
    }
}

/// How a claim fails.
#[derive(Clone, Copy)]
enum How {
    /// It does not hold.
    Not,
    /// It held at no time.
    NeverBy,
    /// It holds where it should not.
    Yet,
}

/// The step at which a claim fails, if it does.
fn failing(when: &When, holds: impl Fn(usize) -> bool) -> Option<(usize, How)> {
    match when {
        When::All(steps) => steps.iter().copied().find(|s| !holds(*s)).map(|s| (s, How::Not)),
        When::Some(steps) if steps.iter().any(|s| holds(*s)) => None,
        When::Some(steps) => steps.last().map(|s| (*s, How::NeverBy)),
        When::None(steps) => steps.iter().copied().find(|s| holds(*s)).map(|s| (s, How::Yet)),
    }
}

/// True when a result is what is expected: one element, or those with these labels; equal but for rounding.
fn as_wanted(samples: &[Sample], wanted: &[(Option<Labels>, Option<f64>)]) -> bool {
    let close =
        |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * a.abs().max(b.abs());
    wanted.iter().all(|(labels, value)| {
        let has = |s: &&Sample| {
            labels.iter().flat_map(Labels::iter).all(|(name, value)| s.labels.get(name) == value)
        };
        let mut matching = samples.iter().filter(has);
        match (matching.next(), value) {
            (None, None) => true,
            (Some(sample), Some(value)) => {
                matching.next().is_none() && sample.point.as_float().is_some_and(|v| close(v, *value))
            }
            _ => false,
        }
    })
}
