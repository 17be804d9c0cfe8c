//! The risk policy: which changes must not go in unless someone allows them.

use super::change::{Aspect, Change, Kind, Verdict};
use super::review::Options;
use crate::project::Risk;

/// A risk that is taken: for one alert, or for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Which.
    pub risk: Risk,
    /// For what; none: for everything.
    pub name: Option<String>,
    /// Why, and who says so, where that is known.
    pub reason: Option<String>,
}

/// The risks of the policy that a change runs, and those of them that are allowed, in words. `severities`: highest first.
pub(super) fn of(
    change: &Change,
    severities: &[String],
    options: &Options,
) -> (Vec<&'static str>, Vec<String>) {
    let names = |name: &String| *name == change.name || change.renamed_from.as_ref() == Some(name);
    let (mut forbidden, mut allowed) = (Vec::new(), Vec::new());
    for risk in Risk::ALL.into_iter().filter(|r| options.risks.contains(r) && runs(*r, change, severities)) {
        let mut by = options.allowed.iter().filter(|a| a.risk == risk && a.name.as_ref().is_none_or(names));
        match by.next() {
            Some(Allowed { reason: Some(reason), .. }) => {
                allowed.push(format!("{} ({reason})", risk.as_str()));
            }
            Some(_) => allowed.push(risk.as_str().to_string()),
            None => forbidden.push(risk.as_str()),
        }
    }
    (forbidden, allowed)
}

fn runs(risk: Risk, change: &Change, severities: &[String]) -> bool {
    let highest = severities.first().map_or("critical", String::as_str);
    let is_highest = |level: &Option<String>| level.as_deref() == Some(highest);
    let alert = change.kind == Kind::Alert;
    let gone = || change.parts.iter().filter(|p| p.verdict == Verdict::Removed);
    let fields = || change.parts.iter().flat_map(|p| &p.fields);
    match risk {
        Risk::CriticalRemoved => alert && gone().any(|p| is_highest(&p.level)),
        Risk::AlertRemoved => alert && gone().next().is_some(),
        Risk::Silenced => change.told.iter().any(|t| t.silenced && t.after.is_some()),
        Risk::RunbookLost => {
            alert && fields().any(|f| f.aspect == Aspect::Runbook && f.before.is_some() && f.after.is_none())
        }
        Risk::SeverityLowered => {
            let rank = |name: &Option<String>| {
                name.as_ref().and_then(|n| severities.iter().position(|s| s == n)).unwrap_or(usize::MAX)
            };
            alert && fields().any(|f| f.aspect == Aspect::Severity && rank(&f.after) > rank(&f.before))
        }
        Risk::FiresLater => change.parts.iter().any(|p| {
            let touched = p.level.is_none() || is_highest(&p.level);
            touched && p.effects.iter().any(|e| e.starts_with("fires later"))
        }),
        Risk::ReceiverRemoved => change.kind == Kind::Receiver && change.verdict == Verdict::Removed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::change::{Field, Part};

    #[test]
    fn a_policy_is_broken_unless_it_is_allowed() {
        let part = |level: &str, verdict, fields, effects: &[&str]| Part {
            level: Some(level.to_string()),
            verdict,
            fields,
            effects: effects.iter().map(ToString::to_string).collect(),
        };
        let mut change = Change::new(Kind::Alert, "Down", Verdict::Changed);
        let url = Some("https://r.example/down".to_string());
        let lost = Field::of(Aspect::Runbook, "runbook_url", url, None);
        let lower = Field::new(Aspect::Severity, Some("critical".into()), Some("warning".into()));
        change.parts.push(part("critical", Verdict::Changed, vec![lost, lower], &["fires later"]));
        change.parts.push(part("warning", Verdict::Removed, Vec::new(), &[]));
        let severities = ["critical".to_string(), "warning".to_string()];
        let mut options = Options { risks: Risk::ALL.to_vec(), ..Options::default() };
        assert_eq!(
            of(&change, &severities, &options).0,
            ["alert-removed", "runbook-lost", "severity-lowered", "fires-later"]
        );
        options.allowed.push(Allowed { risk: Risk::RunbookLost, name: Some("Up".into()), reason: None });
        let reason = Some("we know better, 1234abc".to_string());
        options.allowed.push(Allowed { risk: Risk::FiresLater, name: Some("Down".into()), reason });
        options.allowed.push(Allowed { risk: Risk::AlertRemoved, name: None, reason: None });
        let (forbidden, allowed) = of(&change, &severities, &options);
        assert_eq!(forbidden, ["runbook-lost", "severity-lowered"]);
        assert_eq!(allowed, ["alert-removed", "fires-later (we know better, 1234abc)"]);
        options.risks.clear();
        assert_eq!(of(&change, &severities, &options), (Vec::new(), Vec::new()));
    }
}
