//! Our trees beside those of promql-parser, an independent implementation: written in one form, they are equal.

use std::fmt::Write;

use alertc::promql::ast::{
    AtKind, Cardinality, DurationExpr, Expr, ExprKind, GroupingKind, MatchOp, Matcher, Modifiers, UnaryOp,
    VectorSelector,
};
use promql_parser::label::{MatchOp as TheirOp, Matchers};
use promql_parser::parser as theirs;

use super::{accept, all_features, conformance, corpus};

fn ours(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Number(n) => format!("{:?}", n.value),
        ExprKind::String(s) => format!("{:?}", s.value),
        ExprKind::VectorSelector(v) => our_selector(v, &v.modifiers),
        ExprKind::MatrixSelector(m) => {
            let vector = m.vector().expect("no parameters here");
            format!("(range {} {:?})", our_selector(vector, &m.modifiers), ms(&m.range))
        }
        ExprKind::Subquery(s) => {
            let step = s.step.as_ref().map(ms);
            format!("(subquery {} {:?} {step:?}{})", ours(&s.expr), ms(&s.range), our_modifiers(&s.modifiers))
        }
        ExprKind::Call(c) => list(c.function.name, c.args.iter().map(ours)),
        ExprKind::Aggregate(a) => {
            let mut grouping = a.grouping.as_ref().map_or("by []".to_string(), |g| {
                format!(
                    "{} {:?}",
                    if g.kind == GroupingKind::By { "by" } else { "without" },
                    names(&g.labels)
                )
            });
            grouping.make_ascii_lowercase();
            list(a.op.as_str(), [grouping].into_iter().chain(a.param.iter().map(ours)).chain([ours(&a.expr)]))
        }
        ExprKind::Binary(b) => {
            let m = &b.matching;
            let card = match m.card {
                Cardinality::ManyToOne => format!("left {:?}", names(&m.include)),
                Cardinality::OneToMany => format!("right {:?}", names(&m.include)),
                _ => String::new(),
            };
            let on = if m.on || !m.labels.is_empty() {
                format!("{} {:?}", if m.on { "on" } else { "ignoring" }, names(&m.labels))
            } else {
                String::new()
            };
            let fill = format!("{:?} {:?}", m.fill.left, m.fill.right);
            format!(
                "({} {} {on} {card} {fill} {} {})",
                b.op.as_str(),
                b.return_bool.is_some(),
                ours(&b.lhs),
                ours(&b.rhs)
            )
        }
        ExprKind::Unary(UnaryOp::Minus, e) => list("-", [ours(e)]),
        ExprKind::Unary(UnaryOp::Plus, e) | ExprKind::Paren(e) => ours(e),
        kind => panic!("{kind:?} in plain PromQL"),
    }
}

fn names(labels: &[alertc::promql::ast::Label]) -> Vec<String> {
    let mut names: Vec<String> = labels.iter().map(|l| l.name.clone()).collect();
    names.sort();
    names
}

fn ms(d: &DurationExpr) -> i64 {
    d.literal_ms().expect("the other parser has literals only")
}

fn list(head: &str, parts: impl IntoIterator<Item = String>) -> String {
    let mut out = format!("({head}");
    for part in parts {
        let _ = write!(out, " {part}");
    }
    out + ")"
}

fn our_selector(v: &VectorSelector, modifiers: &Modifiers) -> String {
    let mut matchers: Vec<String> = v.matchers.iter().map(our_matcher).collect();
    if let Some(name) = &v.name {
        matchers.push(format!("__name__={:?}", name.name));
    }
    selector(matchers) + &our_modifiers(modifiers)
}

fn selector(mut matchers: Vec<String>) -> String {
    matchers.sort();
    list("select", matchers)
}

fn our_matcher(m: &Matcher) -> String {
    let op = match m.op {
        MatchOp::Equal => "=",
        MatchOp::NotEqual => "!=",
        MatchOp::Regexp => "=~",
        MatchOp::NotRegexp => "!~",
    };
    format!("{}{op}{:?}", m.label.name, m.value)
}

fn our_modifiers(m: &Modifiers) -> String {
    let mut out = String::new();
    if let Some(at) = m.at {
        let _ = match at.kind {
            AtKind::Start => write!(out, " @start"),
            AtKind::End => write!(out, " @end"),
            AtKind::Timestamp(ms) => write!(out, " @{ms}"),
        };
    }
    if let Some(offset) = m.offset.as_ref().map(|o| ms(&o.duration)).filter(|ms| *ms != 0) {
        let _ = write!(out, " offset{offset}");
    }
    out
}

fn other(e: &theirs::Expr) -> String {
    match e {
        theirs::Expr::NumberLiteral(n) => format!("{:?}", n.val),
        theirs::Expr::StringLiteral(s) => format!("{:?}", s.val),
        theirs::Expr::VectorSelector(v) => other_selector(v),
        theirs::Expr::MatrixSelector(m) => {
            format!("(range {} {:?})", other_selector(&m.vs), m.range.as_millis() as i64)
        }
        theirs::Expr::Subquery(s) => {
            let step = s.step.map(|d| d.as_millis() as i64);
            let modifiers = other_modifiers(s.at.as_ref(), s.offset.as_ref());
            format!("(subquery {} {:?} {step:?}{modifiers})", other(&s.expr), s.range.as_millis() as i64)
        }
        theirs::Expr::Call(c) => list(c.func.name, c.args.args.iter().map(|e| other(e))),
        theirs::Expr::Aggregate(a) => {
            let grouping = match &a.modifier {
                None => "by []".to_string(),
                Some(m) => {
                    format!("{} {:?}", if m.is_include() { "by" } else { "without" }, sorted(m.labels()))
                }
            }
            .to_ascii_lowercase();
            let op = a.op.to_string();
            list(&op, [grouping].into_iter().chain(a.param.iter().map(|e| other(e))).chain([other(&a.expr)]))
        }
        theirs::Expr::Binary(b) => {
            let m = b.modifier.as_ref();
            let card = m.map_or(String::new(), |m| match &m.card {
                theirs::VectorMatchCardinality::ManyToOne(l) => format!("left {:?}", sorted(l)),
                theirs::VectorMatchCardinality::OneToMany(l) => format!("right {:?}", sorted(l)),
                _ => String::new(),
            });
            let on = m.and_then(|m| m.matching.as_ref()).map_or(String::new(), |l| {
                if !l.is_include() && l.labels().labels.is_empty() {
                    return String::new();
                }
                format!("{} {:?}", if l.is_include() { "on" } else { "ignoring" }, sorted(l.labels()))
            });
            let fill = m.map_or((None, None), |m| (m.fill_values.lhs, m.fill_values.rhs));
            let fill = format!("{:?} {:?}", fill.0, fill.1);
            let bool = m.is_some_and(|m| m.return_bool);
            format!("({} {bool} {on} {card} {fill} {} {})", b.op, other(&b.lhs), other(&b.rhs))
        }
        theirs::Expr::Unary(u) => match other(&u.expr) {
            number if matches!(*u.expr, theirs::Expr::NumberLiteral(_)) => format!("-{number}"),
            e => list("-", [e]),
        },
        theirs::Expr::Paren(p) => other(&p.expr),
        theirs::Expr::Extension(_) => "extension".to_string(),
    }
}

fn sorted(labels: &promql_parser::label::Labels) -> Vec<String> {
    let mut labels = labels.labels.clone();
    labels.sort();
    labels
}

fn other_selector(v: &theirs::VectorSelector) -> String {
    let Matchers { matchers, .. } = &v.matchers;
    let mut texts: Vec<String> = matchers
        .iter()
        .map(|m| {
            let op = match &m.op {
                TheirOp::Equal => "=",
                TheirOp::NotEqual => "!=",
                TheirOp::Re(_) => "=~",
                TheirOp::NotRe(_) => "!~",
            };
            format!("{}{op}{:?}", m.name, m.value)
        })
        .collect();
    texts.extend(v.name.iter().map(|n| format!("__name__={n:?}")));
    selector(texts) + &other_modifiers(v.at.as_ref(), v.offset.as_ref())
}

fn other_modifiers(at: Option<&theirs::AtModifier>, offset: Option<&theirs::Offset>) -> String {
    let mut out = String::new();
    let _ = match at {
        None => Ok(()),
        Some(theirs::AtModifier::Start) => write!(out, " @start"),
        Some(theirs::AtModifier::End) => write!(out, " @end"),
        Some(theirs::AtModifier::At(t)) => {
            let ms = match t.duration_since(std::time::UNIX_EPOCH) {
                Ok(d) => d.as_millis() as i64,
                Err(e) => -(e.duration().as_millis() as i64),
            };
            write!(out, " @{ms}")
        }
    };
    let offset = offset.map_or(0, |o| match o {
        theirs::Offset::Pos(d) => d.as_millis() as i64,
        theirs::Offset::Neg(d) => -(d.as_millis() as i64),
    });
    if offset != 0 {
        let _ = write!(out, " offset{offset}");
    }
    out
}

#[test]
fn trees_equal_those_of_promql_parser() {
    let texts = conformance::cases().into_iter().map(|c| c.text).chain(corpus::accepted());
    let (mut compared, mut wrong) = (0, Vec::new());
    for text in texts {
        let Ok(tree) = accept(&text, &all_features()) else { continue };
        let Ok(their_tree) = theirs::parse(&text) else { continue };
        compared += 1;
        let (a, b) = (ours(&tree), other(&their_tree));
        // Bytes that are no UTF-8: each crate replaces them in its own way.
        if a != b && !a.contains('\u{fffd}') {
            wrong.push(format!("{text}\n    ours   {a}\n    theirs {b}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}\n{}", wrong.len(), wrong.join("\n"));
    if super::shared("corpus").is_some() {
        assert!(compared > 4000, "only {compared} compared");
    }
}

#[test]
fn the_gate_passes_all_that_prometheus_tests() {
    for text in conformance::cases().into_iter().map(|c| c.text) {
        if accept(&text, &all_features()).is_ok() {
            assert_eq!(alertc::promql::gate::gate(&text), Ok(()), "{text}");
        }
    }
}
