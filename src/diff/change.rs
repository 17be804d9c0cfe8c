//! The differences of two programs, ready to be told in any form.

use serde::Serialize;

/// What changed about one thing that the programs name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of thing.
    pub kind: Kind,
    /// Its name; after the change, where it was renamed.
    pub name: String,
    /// What happened to it.
    pub verdict: Verdict,
    /// What it was called before, when it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// In what it differs: for alerts a part for each level that changed, and one for all levels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Who is told otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
    /// What inhibitions do with it otherwise, because of what changed in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inhibited: Vec<Inhibited>,
    /// Of an inhibition: what it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inhibits: Option<Inhibits>,
    /// The environments in which this is so; empty when it is so in all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
    /// The project, where there are several.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub project: String,
    /// Rules of the project's risk policy that it breaks, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<&'static str>,
    /// Those that are allowed, each with its reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
}

/// A kind of thing. The order is that in which changes are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All rules of an alert's name.
    Alert,
    /// A recording rule.
    Record,
    /// A service level objective.
    Slo,
    /// A group's settings.
    Group,
    /// A receiver.
    Receiver,
    /// A route.
    Route,
    /// An inhibition.
    Inhibition,
    /// A time interval.
    Interval,
    /// A setting of the whole project.
    Setting,
}

impl Kind {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Alert => "alert",
            Kind::Record => "recording rule",
            Kind::Slo => "objective",
            Kind::Group => "group",
            Kind::Receiver => "receiver",
            Kind::Route => "route",
            Kind::Inhibition => "inhibition",
            Kind::Interval => "time interval",
            Kind::Setting => "setting",
        }
    }
}

/// What happened to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name; it may differ in other things too.
    Renamed,
    /// It says something else.
    Changed,
}

impl Verdict {
    /// One character for lists.
    pub fn sign(self) -> char {
        match self {
            Verdict::Added => '+',
            Verdict::Removed => '-',
            Verdict::Renamed => '>',
            Verdict::Changed => '~',
        }
    }

    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Added => "added",
            Verdict::Removed => "removed",
            Verdict::Renamed => "renamed",
            Verdict::Changed => "changed",
        }
    }
}

/// What changed in one level, or in all of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The severity; none: all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What happened to the level.
    pub verdict: Verdict,
    /// In what it differs; of one that is new or gone, what it says.
    pub fields: Vec<Field>,
    /// What this means for whoever is called: `fires later`, `clears sooner`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// In what.
    pub aspect: Aspect,
    /// Of what, where there are several of the kind: a label's name, a level's scope.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// What it was; none: there was none.
    pub before: Option<String>,
    /// What it is; none: there is none.
    pub after: Option<String>,
}

/// In what something can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// The threshold.
    Threshold,
    /// The end of a hysteresis.
    Until,
    /// `for`
    Hold,
    /// `keep_firing_for`
    KeepFiring,
    /// The severity.
    Severity,
    /// The expression.
    Expression,
    /// How often it is evaluated.
    Interval,
    /// How far in the past it is evaluated.
    QueryOffset,
    /// The most alerts or series.
    Limit,
    /// A label.
    Label,
    /// The link to the runbook.
    Runbook,
    /// Another annotation.
    Annotation,
    /// Another setting.
    Setting,
}

/// Who is told of an alert, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The labels with which it is so, where it depends on labels: `{team="web"}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub when: String,
    /// Receivers before; of a new alert none.
    pub before: Option<Vec<String>>,
    /// Receivers after; of one that is gone none.
    pub after: Option<Vec<String>>,
    /// The routes that take it now, where they are others than before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// True when it reached a receiver that pages and reaches none any more.
    pub silenced: bool,
}

/// An inhibition that both sides have and that silences an alert on one of them only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inhibited {
    /// The severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What the alert is like that silences it: `{severity="critical"}`.
    pub by: String,
    /// True when it can be silenced now, and could not before.
    pub gained: bool,
}

/// What an inhibition that is new, gone or changed does. Alerts stand with their level where it is not all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inhibits {
    /// Alerts that it can silence, and that could not be silenced like this before.
    pub gained: Vec<String>,
    /// Alerts that could be silenced like this, and can't any more.
    pub lost: Vec<String>,
    /// The alerts that silence them, where its name does not say it.
    pub sources: Vec<String>,
    /// True when no alert that there is can be silenced by it.
    pub useless: bool,
}

impl Change {
    /// A change without details.
    pub fn new(kind: Kind, name: impl Into<String>, verdict: Verdict) -> Change {
        Change {
            kind,
            name: name.into(),
            verdict,
            renamed_from: None,
            parts: Vec::new(),
            told: Vec::new(),
            inhibited: Vec::new(),
            inhibits: None,
            environments: Vec::new(),
            project: String::new(),
            risks: Vec::new(),
            allowed: Vec::new(),
        }
    }

    /// True when somebody who was called is not called any more.
    pub fn silences(&self) -> bool {
        self.told.iter().any(|t| t.silenced)
    }

    /// True when nothing but texts differ: when it fires and whom it tells is as before.
    pub fn is_text_only(&self) -> bool {
        let text = |f: &Field| matches!(f.aspect, Aspect::Annotation | Aspect::Runbook);
        self.verdict == Verdict::Changed
            && self.told.is_empty()
            && self.inhibited.is_empty()
            && self.parts.iter().all(|p| p.verdict == Verdict::Changed && p.fields.iter().all(text))
    }
}

impl Field {
    /// A difference in something of which there is one.
    pub fn new(aspect: Aspect, before: Option<String>, after: Option<String>) -> Field {
        Field { aspect, of: String::new(), before, after }
    }

    /// A difference in one of several.
    pub fn of(aspect: Aspect, of: &str, before: Option<String>, after: Option<String>) -> Field {
        Field { of: of.to_string(), ..Field::new(aspect, before, after) }
    }
}
