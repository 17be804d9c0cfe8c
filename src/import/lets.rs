//! Sub-expressions that return with another series each time, as lets.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::promql::ast::{Expr, ExprKind};
use crate::promql::features::Features;
use crate::promql::parser::{self, Options};
use crate::source::FileId;

/// A shorter expression is as clear as the let's name.
const MIN_LENGTH: usize = 30;
/// How often an expression must return.
const MIN_COUNT: usize = 3;

/// The lets of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct Lets {
    all: Vec<Let>,
}

/// `let NAME(of) = BEFORE$ofAFTER`
#[derive(Debug, Clone)]
struct Let {
    name: String,
    before: String,
    after: String,
}

/// A place where a let may be called: the whole expression, and the series in it.
struct Place {
    whole: Range<usize>,
    series: Range<usize>,
}

impl Lets {
    /// What returns in the expressions.
    pub(super) fn find<'e>(expressions: impl Iterator<Item = &'e str>) -> Lets {
        let texts: Vec<&str> = expressions.collect();
        let mut found: BTreeMap<(&str, &str), Vec<(usize, Place)>> = BTreeMap::new();
        for (index, text) in texts.iter().enumerate() {
            for place in places(text) {
                let (Some(before), Some(after)) = (
                    text.get(place.whole.start..place.series.start),
                    text.get(place.series.end..place.whole.end),
                ) else {
                    continue;
                };
                if before.len() + after.len() >= MIN_LENGTH
                    && !before.contains(['$', '\n'])
                    && !after.contains(['$', '\n'])
                {
                    found.entry((before, after)).or_default().push((index, place));
                }
            }
        }
        // The longest first: what stands inside it needs no let of its own.
        let mut keys: Vec<_> = found.into_iter().collect();
        keys.sort_by_key(|((before, after), _)| std::cmp::Reverse(before.len() + after.len()));
        let mut taken: Vec<(usize, Range<usize>)> = Vec::new();
        let mut names = BTreeSet::new();
        let mut lets = Lets::default();
        for ((before, after), places) in keys {
            let overlaps = |index: usize, range: &Range<usize>| {
                taken.iter().any(|(i, t)| *i == index && t.start < range.end && range.start < t.end)
            };
            let free: Vec<_> = places.into_iter().filter(|(i, p)| !overlaps(*i, &p.whole)).collect();
            let series: BTreeSet<&str> =
                free.iter().filter_map(|(i, p)| texts.get(*i)?.get(p.series.clone())).collect();
            if free.len() < MIN_COUNT || series.len() < 2 {
                continue;
            }
            let name = free_name(&mut names, before, after);
            lets.all.push(Let { name, before: before.to_string(), after: after.to_string() });
            taken.extend(free.into_iter().map(|(i, p)| (i, p.whole)));
        }
        lets
    }

    /// The declarations.
    pub(super) fn source(&self) -> String {
        self.all.iter().map(|l| format!("let {}(of) = {}$of{}\n", l.name, l.before, l.after)).collect()
    }

    /// An expression with calls in place of what the lets say.
    pub(super) fn apply(&self, text: &str) -> String {
        if self.all.is_empty() {
            return text.to_string();
        }
        let mut out = String::new();
        let mut at = 0;
        for Place { whole, series } in places(text) {
            let (Some(before), Some(middle), Some(after)) = (
                text.get(whole.start..series.start),
                text.get(series.clone()),
                text.get(series.end..whole.end),
            ) else {
                continue;
            };
            let known = self.all.iter().find(|l| l.before == before && l.after == after);
            if let Some(known) = known.filter(|_| whole.start >= at) {
                out.push_str(text.get(at..whole.start).unwrap_or(""));
                out.push_str(&format!("{}({middle})", known.name));
                at = whole.end;
            }
        }
        out.push_str(text.get(at..).unwrap_or(""));
        out
    }
}

/// Every call and aggregation over one series, outer ones before inner ones.
fn places(text: &str) -> Vec<Place> {
    let options = Options { features: Features::all(), ..Options::default() };
    let (expr, _) = parser::parse(text, FileId::NONE, 0, &options);
    let mut places = Vec::new();
    expr.walk(&mut |e| {
        if !matches!(e.kind, ExprKind::Call(_) | ExprKind::Aggregate(_)) {
            return;
        }
        let mut series = Vec::new();
        e.walk(&mut |inner: &Expr| {
            if let ExprKind::VectorSelector(v) = &inner.kind
                && v.metric_name().is_some()
            {
                series.push(inner.span.range());
            }
        });
        if let [series] = series.as_slice() {
            places.push(Place { whole: e.span.range(), series: series.clone() });
        }
    });
    places.sort_by_key(|p| (p.whole.start, std::cmp::Reverse(p.whole.end)));
    places
}

/// A name of what a let does: its functions and its range.
fn free_name(taken: &mut BTreeSet<String>, before: &str, after: &str) -> String {
    let words = before.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let known = |w: &&str| {
        crate::promql::signatures::find(w).is_some()
            || ["sum", "max", "min", "avg", "count", "stddev", "topk", "bottomk", "quantile"].contains(w)
    };
    let mut parts: Vec<&str> = words.filter(known).collect();
    let range = after.split(['[', ']']).nth(1).filter(|r| r.chars().all(|c| c.is_ascii_alphanumeric()));
    parts.extend(range);
    let name = parts.join("_").replace("histogram_quantile", "quantile");
    let name = if parts.len() < 2 { format!("of_{name}") } else { name };
    let mut free = name.clone();
    let mut next = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{next}");
        next += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_returns_becomes_a_let() {
        let of = |m: &str| format!("histogram_quantile(0.95, sum by (le) (rate({m}[5m])))");
        let texts: Vec<String> = ["a_bucket{job=\"x\"}", "b_bucket", "c_bucket"].map(of).to_vec();
        let lets = Lets::find(texts.iter().map(String::as_str));
        let name = "quantile_sum_rate_5m";
        assert_eq!(lets.source(), format!("let {name}(of) = {}\n", of("$of")));
        assert_eq!(lets.apply(&format!("{} > 1", of("d_bucket"))), format!("{name}(d_bucket) > 1"));
        assert!(Lets::find(["sum(a)", "sum(b)", "sum(c)"].into_iter()).source().is_empty());
    }
}
