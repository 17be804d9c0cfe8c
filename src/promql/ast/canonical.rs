//! Trees without their places: to ask whether two texts mean the same.

use super::{
    DurationExpr, DurationKind, Expr, ExprKind, Fill, GroupingKind, Label, METRIC_NAME, MatchOp, Matcher,
    MetricName, Modifiers, VectorMatching, VectorSelector,
};
use crate::source::Span;

impl Expr {
    /// True when both mean the same: equal but for places, comments, quotes, the order of matchers and of label
    /// lists, how numbers and names are spelt, and parentheses that change nothing.
    pub fn same_as(&self, other: &Expr) -> bool {
        self.canonical() == other.canonical()
    }

    /// The same expression without places and parentheses, its matchers and label lists sorted.
    pub fn canonical(&self) -> Expr {
        let mut expr = self.clone();
        erase(&mut expr);
        expr
    }
}

fn erase(expr: &mut Expr) {
    while let ExprKind::Paren(inner) = &mut expr.kind {
        let inner = std::mem::replace(&mut **inner, Expr { kind: ExprKind::Error, span: Span::NONE });
        *expr = inner;
    }
    expr.span = Span::NONE;
    match &mut expr.kind {
        // `5m` as a number is 300.
        ExprKind::Number(n) => n.duration = false,
        ExprKind::Error | ExprKind::Paren(_) | ExprKind::Unary(..) => {}
        ExprKind::String(s) => s.quote = '"',
        ExprKind::VectorSelector(v) => selector(v),
        ExprKind::MatrixSelector(m) => {
            m.brackets = Span::NONE;
            duration(&mut m.range);
            modifiers(&mut m.modifiers);
        }
        ExprKind::Subquery(s) => {
            s.brackets = Span::NONE;
            duration(&mut s.range);
            s.step.iter_mut().for_each(duration);
            modifiers(&mut s.modifiers);
        }
        ExprKind::Call(c) => (c.name_span, c.parens) = (Span::NONE, Span::NONE),
        ExprKind::LetCall(c) => {
            c.parens = Span::NONE;
            c.name.span = Span::NONE;
        }
        ExprKind::Aggregate(a) => {
            (a.op_span, a.parens) = (Span::NONE, Span::NONE);
            if let Some(g) = &mut a.grouping {
                g.span = Span::NONE;
                labels(&mut g.labels);
            }
            // `sum by () (x)` is `sum(x)`.
            if a.grouping.as_ref().is_some_and(|g| g.kind == GroupingKind::By && g.labels.is_empty()) {
                a.grouping = None;
            }
        }
        ExprKind::Binary(b) => {
            b.op_span = Span::NONE;
            b.return_bool = b.return_bool.map(|_| Span::NONE);
            if crate::promql::printer::matches_vectors(b) {
                matching(&mut b.matching);
            } else {
                let card =
                    if b.op.is_set() { super::Cardinality::ManyToMany } else { super::Cardinality::OneToOne };
                b.matching = VectorMatching { card, ..VectorMatching::default() };
            }
        }
        ExprKind::Param(p) => {
            p.name_span = Span::NONE;
            modifiers(&mut p.modifiers);
        }
    }
    for child in expr.children_mut() {
        erase(child);
    }
}

fn selector(v: &mut VectorSelector) {
    if let Some(name) = &mut v.name {
        name.span = Span::NONE;
    }
    v.braces = None;
    v.matchers.iter_mut().for_each(matcher);
    v.matchers.sort_by_cached_key(ToString::to_string);
    v.matchers.dedup();
    // `{__name__="up"}` is `up`.
    let named = |m: &Matcher| m.label.name == METRIC_NAME && m.op == MatchOp::Equal && !m.bare_param;
    if v.name.is_none()
        && let Some(at) = v.matchers.iter().position(named)
    {
        v.name = Some(MetricName { name: v.matchers.remove(at).value, span: Span::NONE });
    }
    modifiers(&mut v.modifiers);
}

fn matcher(m: &mut Matcher) {
    m.label.span = Span::NONE;
    (m.value_span, m.span) = (Span::NONE, Span::NONE);
    m.form = super::MatcherForm::Plain;
}

fn labels(list: &mut Vec<Label>) {
    list.iter_mut().for_each(|l| l.span = Span::NONE);
    list.sort_by(|a, b| a.name.cmp(&b.name));
    list.dedup();
}

fn modifiers(m: &mut Modifiers) {
    // `offset 0s` is no offset.
    if m.offset.as_ref().is_some_and(|o| o.duration.literal_ms() == Some(0)) {
        m.offset = None;
    }
    if let Some(offset) = &mut m.offset {
        offset.span = Span::NONE;
        duration(&mut offset.duration);
    }
    if let Some(at) = &mut m.at {
        at.span = Span::NONE;
    }
    m.anchored = m.anchored.map(|_| Span::NONE);
    m.smoothed = m.smoothed.map(|_| Span::NONE);
}

fn matching(m: &mut VectorMatching) {
    m.labels_span = None;
    m.group_span = None;
    labels(&mut m.labels);
    labels(&mut m.include);
    m.fill = Fill { span: None, ..m.fill };
}

/// A duration by itself: a literal is its milliseconds, however written.
fn duration(d: &mut DurationExpr) {
    if let Some(ms) = d.literal_ms() {
        let value = ms as f64 / 1000.0;
        d.kind = DurationKind::Number(super::NumberLiteral { value, duration: true });
    }
    term(d);
}

fn term(d: &mut DurationExpr) {
    while let DurationKind::Paren(inner) = &mut d.kind {
        let inner =
            std::mem::replace(&mut **inner, DurationExpr { kind: DurationKind::Error, span: Span::NONE });
        *d = inner;
    }
    d.span = Span::NONE;
    match &mut d.kind {
        DurationKind::Neg(a) => term(a),
        DurationKind::Binary(_, a, b) | DurationKind::MinOf(a, b) | DurationKind::MaxOf(a, b) => {
            term(a);
            term(b);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::promql::parser::{Options, parse};
    use crate::source::FileId;

    fn same(a: &str, b: &str) -> bool {
        let tree = |text: &str| {
            let (tree, found) = parse(text, FileId::NONE, 0, &Options::default());
            assert!(found.is_empty(), "{text}: {found:?}");
            tree
        };
        tree(a).same_as(&tree(b))
    }

    #[test]
    fn spellings_of_one_expression_are_the_same() {
        for (a, b) in [
            ("sum by (b, a) (up)", "sum by(a,b)(up)"),
            ("sum(up) by (a)", "sum by (a) (up)"),
            ("a / on (y, x) b", "(a) / on (x, y) (b)"),
            ("up{a=\"1\", b='2'}", "up{b=\"2\", a=`1`, a=\"1\"}"),
            ("{__name__=\"up\", a=\"1\"}", "up{a=\"1\"}"),
            ("up > 5m", "up > 3e2"),
            ("rate(up[60s])", "rate(up[1m])"),
        ] {
            assert!(same(a, b), "{a} is {b}");
        }
        for (a, b) in [
            ("a - (b - c)", "a - b - c"),
            ("sum by (a) (up)", "sum without (a) (up)"),
            ("a / on (x) b", "a / ignoring (x) b"),
            ("up{a=\"1\"}", "up{a!=\"1\"}"),
            ("up > 1", "up >= 1"),
        ] {
            assert!(!same(a, b), "{a} is not {b}");
        }
    }
}
