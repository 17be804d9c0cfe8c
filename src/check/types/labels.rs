//! Label flow: which labels the result of an expression surely, possibly or never carries, with which values, and why.

use std::sync::Arc;

use crate::source::Span;

/// What is known of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence<'a> {
    /// Every series of the result has it.
    Surely(&'a Values),
    /// Some may have it.
    Possibly(&'a Values),
    /// None has it.
    Never(Reason),
}

impl Presence<'_> {
    /// True unless no series has the label.
    pub fn is_possible(self) -> bool {
        !matches!(self, Presence::Never(_))
    }
}

/// The values a label can have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Values {
    /// Nothing is known.
    #[default]
    Any,
    /// One of these, from `=` and from alternations (`=~"a|b"`), in the order in which they are written.
    OneOf(Arc<[Arc<str>]>),
    /// What the anchored regular expression matches.
    Matches(Arc<str>),
}

impl Values {
    /// Exactly this value.
    pub fn exactly(value: &str) -> Values {
        Values::OneOf(Arc::from([Arc::from(value)]))
    }

    /// The one value, if there is just one.
    pub fn fixed(&self) -> Option<&str> {
        match self {
            Values::OneOf(values) => match &**values {
                [value] => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// All values, if they are finitely many.
    pub fn all(&self) -> Option<&[Arc<str>]> {
        match self {
            Values::OneOf(values) => Some(values),
            _ => None,
        }
    }

    /// What is in both. None when that is surely nothing.
    pub fn meet(&self, other: &Values) -> Option<Values> {
        match (self, other) {
            (Values::Any, known) | (known, Values::Any) => Some(known.clone()),
            (Values::OneOf(a), Values::OneOf(b)) => {
                let both: Vec<_> = a.iter().filter(|v| b.contains(v)).cloned().collect();
                if both.is_empty() { None } else { Some(Values::OneOf(both.into())) }
            }
            (finite @ Values::OneOf(_), Values::Matches(_)) | (Values::Matches(_), finite) => {
                Some(finite.clone())
            }
        }
    }

    /// What is in either.
    pub fn join(&self, other: &Values) -> Values {
        match (self, other) {
            _ if self == other => self.clone(),
            (Values::OneOf(a), Values::OneOf(b)) => {
                let more = b.iter().filter(|v| !a.contains(v));
                Values::OneOf(a.iter().chain(more).cloned().collect())
            }
            _ => Values::Any,
        }
    }
}

/// Why a label is there, or not: what happened, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// What happened.
    pub cause: Cause,
    /// The text that made it happen.
    pub span: Span,
}

/// What gives a label or takes it away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The metric is not declared: it may have any label.
    OpenMetric,
    /// The metric's declaration lists it, or does not.
    Declaration,
    /// Prometheus adds it to what it scrapes (`job`, `instance`).
    Target,
    /// A matcher.
    Matcher,
    /// A matcher that asks for the empty value.
    EmptyMatcher,
    /// `by (…)`, or an aggregation without grouping.
    By,
    /// `without (…)`.
    Without,
    /// `on (…)` of a one-to-one match.
    On,
    /// `ignoring (…)` of a one-to-one match.
    Ignoring,
    /// `group_left (…)` or `group_right (…)`.
    Include,
    /// The other operand has no such label, and both must agree on it.
    OtherOperand,
    /// `label_replace` or `label_join`.
    Rewrite,
    /// `count_values`.
    CountValues,
    /// A value without labels: a scalar, `vector()`, `time()`.
    NoLabels,
    /// `absent()` has the labels of its `=` matchers only.
    Absent,
    /// A histogram function consumes `le`.
    Histogram,
    /// Functions and operators that make a new value drop the metric's name.
    NameDropped,
    /// `info()` adds labels.
    Info,
}

impl Reason {
    /// Why the label is absent, as a clause for the place at `span`.
    pub fn absence(&self) -> &'static str {
        match self.cause {
            Cause::Declaration => "the metric is declared without it",
            Cause::EmptyMatcher => "this matcher takes only series without it",
            Cause::By => "the aggregation drops it here",
            Cause::Without => "`without` drops it here",
            Cause::On => "a one-to-one match keeps only the labels in `on`",
            Cause::Ignoring => "a one-to-one match drops the labels in `ignoring`",
            Cause::Include => "the other operand does not have it, so `group_left`/`group_right` removes it",
            Cause::OtherOperand => "this operand does not have it, and both must agree",
            Cause::Rewrite => "rewritten to nothing here",
            Cause::NoLabels => "this value has no labels",
            Cause::Absent => "`absent` gives only the labels of `=` matchers",
            Cause::Histogram => "consumed by the histogram function",
            Cause::NameDropped => "a new value drops the metric's name",
            Cause::OpenMetric | Cause::Target | Cause::Matcher | Cause::CountValues | Cause::Info => {
                "dropped here"
            }
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Present { sure: bool, values: Values, why: Reason },
    Absent(Reason),
}

impl State {
    fn presence(&self) -> Presence<'_> {
        match self {
            State::Present { sure: true, values, .. } => Presence::Surely(values),
            State::Present { sure: false, values, .. } => Presence::Possibly(values),
            State::Absent(reason) => Presence::Never(*reason),
        }
    }

    /// Of a label on which both operands agree.
    fn meet(&self, other: &State) -> State {
        match (self, other) {
            (State::Absent(_), _) => self.clone(),
            (_, State::Absent(r)) => State::Absent(Reason { cause: Cause::OtherOperand, span: r.span }),
            (State::Present { sure: a, values: v, why }, State::Present { sure: b, values: w, .. }) => {
                State::Present { sure: *a || *b, values: v.meet(w).unwrap_or_default(), why: *why }
            }
        }
    }

    /// Of a label in a union.
    fn join(&self, other: &State) -> State {
        match (self, other) {
            (State::Absent(_), State::Absent(_)) => self.clone(),
            (State::Absent(_), State::Present { values, why, .. })
            | (State::Present { values, why, .. }, State::Absent(_)) => {
                State::Present { sure: false, values: values.clone(), why: *why }
            }
            (State::Present { sure: a, values: v, why }, State::Present { sure: b, values: w, .. }) => {
                State::Present { sure: *a && *b, values: v.join(w), why: *why }
            }
        }
    }
}

/// The labels of a result. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelSet(Arc<Inner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Inner {
    /// Sorted by name.
    listed: Vec<(Arc<str>, State)>,
    /// Every other label; its values are unknown and it is never sure.
    rest: State,
}

impl LabelSet {
    /// Nothing is known: any label may be there.
    pub fn open(span: Span) -> LabelSet {
        let why = Reason { cause: Cause::OpenMetric, span };
        LabelSet::new(State::Present { sure: false, values: Values::Any, why })
    }

    /// No label, for this reason.
    pub fn none(cause: Cause, span: Span) -> LabelSet {
        LabelSet::new(State::Absent(Reason { cause, span }))
    }

    fn new(rest: State) -> LabelSet {
        LabelSet(Arc::new(Inner { listed: Vec::new(), rest }))
    }

    fn state(&self, name: &str) -> &State {
        match self.0.listed.binary_search_by(|(n, _)| (**n).cmp(name)) {
            Ok(at) => self.0.listed.get(at).map_or(&self.0.rest, |(_, state)| state),
            Err(_) => &self.0.rest,
        }
    }

    /// What is known of a label.
    pub fn get(&self, name: &str) -> Presence<'_> {
        self.state(name).presence()
    }

    /// Why a label is there or absent.
    pub fn reason(&self, name: &str) -> Reason {
        match self.state(name) {
            State::Present { why, .. } => *why,
            State::Absent(reason) => *reason,
        }
    }

    /// True when no label but the listed ones is possible.
    pub fn is_closed(&self) -> bool {
        matches!(self.0.rest, State::Absent(_))
    }

    /// The labels that are listed and possible, sorted; for an open set there may be more.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.listed().map(|(name, _)| name)
    }

    /// The listed possible labels and what is known of each, sorted by name.
    pub fn listed(&self) -> impl Iterator<Item = (&str, Presence<'_>)> {
        self.0.listed.iter().map(|(n, s)| (&**n, s.presence())).filter(|(_, p)| p.is_possible())
    }

    fn set(&mut self, name: &str, state: State) {
        let inner = Arc::make_mut(&mut self.0);
        match inner.listed.binary_search_by(|(n, _)| (**n).cmp(name)) {
            Ok(at) => {
                if let Some(entry) = inner.listed.get_mut(at) {
                    entry.1 = state;
                }
            }
            Err(at) => inner.listed.insert(at, (Arc::from(name), state)),
        }
    }

    /// Adds a label or replaces what is known of it.
    pub fn insert(&mut self, name: &str, sure: bool, values: Values, cause: Cause, span: Span) {
        self.set(name, State::Present { sure, values, why: Reason { cause, span } });
    }

    /// Takes a label away.
    pub fn remove(&mut self, name: &str, cause: Cause, span: Span) {
        if self.get(name).is_possible() {
            self.set(name, State::Absent(Reason { cause, span }));
        }
    }

    /// Narrows a label to values that a matcher lets through; false when nothing is left.
    pub fn narrow(&mut self, name: &str, sure: bool, values: &Values, span: Span) -> bool {
        let (was_sure, old) = match self.state(name) {
            State::Present { sure, values, .. } => (*sure, values.clone()),
            State::Absent(_) => return !sure,
        };
        let met = old.meet(values);
        let possible = met.is_some();
        self.insert(name, was_sure || sure, met.unwrap_or_default(), Cause::Matcher, span);
        possible
    }

    /// Only these labels, as `by` and `on` leave them.
    pub fn keep<'a>(&self, names: impl IntoIterator<Item = &'a str>, cause: Cause, span: Span) -> LabelSet {
        let mut kept = LabelSet::none(cause, span);
        for name in names {
            kept.set(name, self.state(name).clone());
        }
        kept
    }

    /// All but these, as `without` and `ignoring` leave them.
    pub fn discard<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
        cause: Cause,
        span: Span,
    ) -> LabelSet {
        let mut left = self.clone();
        for name in names {
            left.remove(name, cause, span);
        }
        left
    }

    /// Of samples matched with others on every label for which `on` is true: on those both agree.
    pub fn meet(&self, other: &LabelSet, on: impl Fn(&str) -> bool) -> LabelSet {
        let mut result = self.clone();
        for (name, state) in &other.0.listed {
            if on(name) {
                let met = self.state(name).meet(state);
                if met != *self.state(name) {
                    result.set(name, met);
                }
            }
        }
        // What the other side does not list is decided by its rest.
        if let State::Absent(reason) = &other.0.rest {
            let gone = State::Absent(Reason { cause: Cause::OtherOperand, span: reason.span });
            let unlisted: Vec<Arc<str>> = self
                .0
                .listed
                .iter()
                .filter(|(n, s)| s.presence().is_possible() && on(n) && !other.lists(n))
                .map(|(n, _)| Arc::clone(n))
                .collect();
            for name in unlisted {
                result.set(&name, gone.clone());
            }
        }
        result
    }

    /// Closes an open set with the other's absence of further labels, when a match is on all labels.
    pub fn close_like(&mut self, other: &LabelSet) {
        if let (State::Present { .. }, State::Absent(reason)) = (&self.0.rest, &other.0.rest) {
            let rest = State::Absent(Reason { cause: Cause::OtherOperand, span: reason.span });
            Arc::make_mut(&mut self.0).rest = rest;
        }
    }

    fn lists(&self, name: &str) -> bool {
        self.0.listed.binary_search_by(|(n, _)| (**n).cmp(name)).is_ok()
    }

    /// Of a union of two results.
    pub fn join(&self, other: &LabelSet) -> LabelSet {
        if Arc::ptr_eq(&self.0, &other.0) {
            return self.clone();
        }
        let mut result = LabelSet::new(self.0.rest.join(&other.0.rest));
        for name in self.0.listed.iter().chain(&other.0.listed).map(|(n, _)| n) {
            if !result.lists(name) {
                result.set(name, self.state(name).join(other.state(name)));
            }
        }
        result
    }

    /// Lets further labels be possible, as `info()` does.
    pub fn opened(&self, cause: Cause, span: Span) -> LabelSet {
        let mut result = self.clone();
        let why = Reason { cause, span };
        Arc::make_mut(&mut result.0).rest = State::Present { sure: false, values: Values::Any, why };
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(labels: &LabelSet) -> String {
        let listed = labels.listed().map(|(name, presence)| match presence {
            Presence::Surely(values) => match values.fixed() {
                Some(value) => format!("{name}={value}"),
                None => name.to_string(),
            },
            _ => format!("{name}?"),
        });
        let rest = if labels.is_closed() { vec![] } else { vec!["...".to_string()] };
        listed.chain(rest).collect::<Vec<_>>().join(" ")
    }

    fn of(names: &[&str]) -> LabelSet {
        let mut set = LabelSet::none(Cause::Declaration, Span::NONE);
        for name in names {
            set.insert(name, true, Values::Any, Cause::Declaration, Span::NONE);
        }
        set
    }

    #[test]
    fn aggregation_and_matching() {
        let metric = of(&["pod", "job"]);
        assert_eq!(show(&metric.keep(["pod", "zone"], Cause::By, Span::NONE)), "pod");
        assert_eq!(show(&metric.discard(["pod"], Cause::Without, Span::NONE)), "job");
        let open = LabelSet::open(Span::NONE);
        assert_eq!(show(&open.keep(["pod"], Cause::By, Span::NONE)), "pod?");
        assert_eq!(show(&open.meet(&metric, |_| true)), "job pod ...");
        assert_eq!(show(&metric.meet(&of(&["pod"]), |_| true)), "pod");
        assert_eq!(show(&metric.join(&of(&["pod"]))), "job? pod");
    }

    #[test]
    fn matchers_narrow() {
        let mut set = LabelSet::open(Span::NONE);
        assert!(set.narrow(
            "a",
            true,
            &Values::OneOf(Arc::from([Arc::from("x"), Arc::from("y")])),
            Span::NONE
        ));
        assert!(set.narrow("a", true, &Values::exactly("x"), Span::NONE));
        assert_eq!(show(&set), "a=x ...");
        assert!(!set.narrow("a", true, &Values::exactly("z"), Span::NONE));
    }

    #[test]
    fn absence_has_a_reason() {
        let set = of(&["pod"]).keep(["pod"], Cause::By, Span::NONE);
        let Presence::Never(reason) = set.get("job") else { panic!("job is gone") };
        assert_eq!(reason.cause, Cause::By);
    }
}
