//! The type checker: what Prometheus' parser refuses after the grammar has accepted it (promql/parser/parse.go
//! checkAST).

use crate::diagnostic::{Diagnostic, codes::promql as codes};
use crate::gostd::regexp::{Anchor, Regexp};
use crate::promql::ast::{
    Aggregate, AggregateOp, Binary, Call, Cardinality, Expr, ExprKind, METRIC_NAME, MatchOp, Matcher,
    Subquery, UnaryOp, VectorSelector,
};
use crate::promql::types::ValueType::{self, Any, Matrix, Scalar, String as Text, Vector};

/// Checks a tree and gives its type. Unknown types fit everywhere, so that one error is told once.
pub(in crate::promql) fn check(expr: &Expr, out: &mut Vec<Diagnostic>) -> ValueType {
    Checker { out }.expr(expr)
}

struct Checker<'a> {
    out: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> ValueType {
        match &expr.kind {
            ExprKind::Number(_) => Scalar,
            ExprKind::String(_) => Text,
            ExprKind::VectorSelector(v) => {
                self.selector(v, expr);
                Vector
            }
            ExprKind::MatrixSelector(m) => {
                self.expr(&m.selector);
                Matrix
            }
            ExprKind::Subquery(s) => match self.expr(&s.expr) {
                Vector | Any => Matrix,
                t => self.subquery_of(s, t),
            },
            ExprKind::Call(c) => self.call(c, expr),
            ExprKind::LetCall(c) => {
                for arg in &c.args {
                    self.expr(arg);
                }
                Any
            }
            ExprKind::Aggregate(a) => self.aggregate(a),
            ExprKind::Binary(b) => self.chain(b),
            ExprKind::Unary(op, e) => match self.expr(e) {
                t @ (Scalar | Vector | Any) => t,
                t => self.sign_of(*op, e, t),
            },
            ExprKind::Paren(e) => self.expr(e),
            ExprKind::Param(_) | ExprKind::Error => Any,
        }
    }

    // Apart from the recursion, so that its frames stay small.
    fn subquery_of(&mut self, s: &Subquery, found: ValueType) -> ValueType {
        let message = format!("a subquery looks back over an instant vector, this is {}", a(found));
        let diagnostic = Diagnostic::new(&codes::TYPE, s.expr.span, message)
            .label(format!("expected an instant vector, found {}", a(found)))
            .also(s.brackets, "in this subquery");
        self.out.push(diagnostic);
        Any
    }

    fn sign_of(&mut self, op: UnaryOp, e: &Expr, found: ValueType) -> ValueType {
        let sign = if op == UnaryOp::Minus { "-" } else { "+" };
        let message = format!("`{sign}` stands before a number or an instant vector, this is {}", a(found));
        self.out.push(Diagnostic::new(&codes::TYPE, e.span, message).label(a(found)));
        Any
    }

    fn selector(&mut self, v: &VectorSelector, expr: &Expr) {
        let Some(name) = &v.name else {
            if !v.matchers.iter().any(asks_for_something) {
                let diagnostic =
                    Diagnostic::new(&codes::EMPTY_SELECTOR, expr.span, "this selects every series")
                        .label("at least one matcher must not match the empty string")
                        .help("name the metric, or write `.+` in place of `.*`");
                self.out.push(diagnostic);
            }
            return;
        };
        for m in v.matchers.iter().filter(|m| m.label.name == METRIC_NAME) {
            let diagnostic = Diagnostic::new(
                &codes::DUPLICATE_NAME,
                m.span,
                "the metric's name is given twice",
            )
            .label("again here")
            .also(name.span, "the name")
            .help("keep one of the two; several names are one regular expression: `{__name__=~\"a|b\"}`");
            self.out.push(diagnostic);
        }
    }

    fn call(&mut self, call: &Call, expr: &Expr) -> ValueType {
        let f = call.function;
        let (least, most) = f.arity();
        let given = call.args.len();
        let miscounted = given < least || most.is_some_and(|m| given > m);
        if miscounted {
            self.wrong_count(call, expr, least, most);
        }
        if f.name == "info"
            && let Some(data) = call.args.get(1)
        {
            self.info_labels(data);
        }
        for (i, arg) in call.args.iter().enumerate() {
            let Some(wanted) = f.arg_type(i) else {
                self.expr(arg);
                continue;
            };
            // The second argument of info() is a list of matchers that may match the empty string.
            let found = match &arg.kind {
                ExprKind::VectorSelector(v) if f.name == "info" && i == 1 && v.name.is_none() => Vector,
                _ => self.expr(arg),
            };
            // Which argument is missing is not known: their types say nothing then.
            if !miscounted && !found.fits(wanted) {
                self.wrong_argument(call, arg, wanted, found);
            }
        }
        f.returns
    }

    fn info_labels(&mut self, data: &Expr) {
        let message = match &data.kind {
            ExprKind::VectorSelector(v) if v.name.is_none() => return,
            ExprKind::VectorSelector(_) => {
                "the second argument of `info` is matchers without a metric's name"
            }
            ExprKind::Param(_) | ExprKind::LetCall(_) | ExprKind::Error => return,
            _ => "the second argument of `info` is matchers in braces",
        };
        let diagnostic = Diagnostic::new(&codes::TYPE, data.span, message)
            .label("expected `{label=\"…\"}`")
            .help("to choose the info metric, write `{__name__=\"target_info\"}`");
        self.out.push(diagnostic);
    }

    fn wrong_count(&mut self, call: &Call, expr: &Expr, least: usize, most: Option<usize>) {
        let f = call.function;
        let count = match most {
            Some(m) if m == least => plural(least),
            Some(m) if call.args.len() > m => format!("at most {}", plural(m)),
            _ => format!("at least {}", plural(least)),
        };
        let span = match most.and_then(|m| call.args.get(m)) {
            Some(extra) => extra.span.to(call.args.last().map_or(extra.span, |l| l.span)),
            None if call.args.is_empty() => call.parens,
            None => expr.span,
        };
        let found = match call.args.len() {
            0 => "none".to_string(),
            n => n.to_string(),
        };
        let diagnostic =
            Diagnostic::new(&codes::ARGUMENTS, span, format!("`{}` takes {count}, found {found}", f.name))
                .label(if most.is_some_and(|m| call.args.len() > m) { "too many" } else { "too few" })
                .help(format!("its form is `{}`", signature(call)));
        self.out.push(diagnostic);
    }

    fn wrong_argument(&mut self, call: &Call, arg: &Expr, wanted: ValueType, found: ValueType) {
        let name = call.function.name;
        let mut diagnostic = Diagnostic::new(
            &codes::TYPE,
            arg.span,
            format!("`{name}` wants {}, this is {}", a(wanted), a(found)),
        )
        .label(format!("expected {}", a(wanted)));
        diagnostic = match (wanted, found) {
            (Matrix, Vector) => match &arg.kind {
                ExprKind::VectorSelector(v) if v.modifiers.is_empty() => {
                    diagnostic.fix("add a range", arg.span.at_end(), "[5m]")
                }
                ExprKind::VectorSelector(_) => {
                    diagnostic.help("a range stands before `offset` and `@`: `x[5m] offset 1h`")
                }
                _ => diagnostic
                    .fix("look back over the expression with a subquery", arg.span.at_end(), "[5m:]")
                    .note("a range such as `[5m]` belongs to a selector; a computed value takes a subquery"),
            },
            (Vector, Matrix) => match &arg.unwrap_parens().kind {
                ExprKind::MatrixSelector(m) => diagnostic
                    .help("remove the range, or put a function such as `rate` or `avg_over_time` around it")
                    .also(m.brackets, "this makes it a range"),
                _ => diagnostic.help("put a function such as `max_over_time` around it"),
            },
            (Vector, Scalar) => diagnostic.help("`vector(…)` makes an instant vector of a number"),
            (Scalar, Vector) => diagnostic.help("`scalar(…)` makes a number of a vector with one element"),
            _ => diagnostic.help(format!("its form is `{}`", signature(call))),
        };
        self.out.push(diagnostic);
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> ValueType {
        let name = aggregate.op.as_str();
        let found = self.expr(&aggregate.expr);
        if !found.fits(Vector) {
            let message = format!("`{name}` aggregates an instant vector, this is {}", a(found));
            let diagnostic = Diagnostic::new(&codes::TYPE, aggregate.expr.span, message)
                .label("expected an instant vector");
            self.out.push(match (&aggregate.expr.kind, found) {
                (ExprKind::MatrixSelector(m), _) => {
                    diagnostic.also(m.brackets, "this makes it a range").help(format!(
                        "`{name}_over_time` goes over time; `{name}` goes over series: `{name}(rate(x[5m]))`"
                    ))
                }
                (_, Scalar) => diagnostic.help("`vector(…)` makes an instant vector of a number"),
                _ => diagnostic,
            });
        }
        if let Some(param) = &aggregate.param {
            let wanted = if aggregate.op == AggregateOp::CountValues { Text } else { Scalar };
            let found = self.expr(param);
            let missing = matches!(aggregate.expr.kind, ExprKind::Error);
            if !missing && !found.fits(wanted) {
                let message = format!("the parameter of `{name}` is {}, this is {}", a(wanted), a(found));
                self.out.push(
                    Diagnostic::new(&codes::TYPE, param.span, message)
                        .label(format!("expected {}", a(wanted))),
                );
            }
        }
        Vector
    }

    /// `a + b + c + …`: the operators of a chain one after the other, since chains may be long.
    fn chain(&mut self, last: &Binary) -> ValueType {
        let mut chain = vec![last];
        let mut first = &last.lhs;
        while let ExprKind::Binary(b) = &first.kind {
            chain.push(b);
            first = &b.lhs;
        }
        let mut left = self.expr(first);
        while let Some(b) = chain.pop() {
            left = self.binary(b, left);
        }
        left
    }

    fn binary(&mut self, b: &Binary, left: ValueType) -> ValueType {
        let right = self.expr(&b.rhs);
        let op = b.op.as_str();
        for (t, side) in [(left, &b.lhs), (right, &b.rhs)] {
            if !matches!(t, Scalar | Vector | Any) {
                let message = format!("`{op}` works on numbers and instant vectors, this is {}", a(t));
                let diagnostic = Diagnostic::new(&codes::TYPE, side.span, message)
                    .label(a(t))
                    .also(b.op_span, "for this operator");
                self.out.push(match t {
                    Matrix => diagnostic.help("put a function such as `rate` or `avg_over_time` around it"),
                    _ => diagnostic,
                });
            }
        }
        self.modifiers(b);
        let numbers = left == Scalar && right == Scalar;
        if b.op.is_comparison() && b.return_bool.is_none() && numbers {
            let diagnostic =
                Diagnostic::new(&codes::TYPE, b.op_span, "a comparison of two numbers needs `bool`")
                    .label("without a vector there is nothing to filter")
                    .fix("add `bool`", b.op_span.at_end(), " bool");
            self.out.push(diagnostic);
        }
        if b.op.is_set() && (left == Scalar || right == Scalar) {
            let side = if left == Scalar { &b.lhs } else { &b.rhs };
            let message = format!("`{op}` joins two instant vectors, this is a scalar");
            let diagnostic = Diagnostic::new(&codes::TYPE, side.span, message)
                .label("expected an instant vector")
                .also(b.op_span, "for this operator")
                .help("`vector(…)` makes an instant vector of a number");
            self.out.push(diagnostic);
        }
        let known = |t| matches!(t, Scalar | Text | Matrix);
        if known(left) || known(right) {
            self.matching_without_vectors(b);
        } else if b.op.is_set() {
            self.matching_of_sets(b);
        }
        match (left, right) {
            (Scalar, Scalar) => Scalar,
            (Any, Any | Scalar) | (Scalar, Any) if !b.op.is_set() => Any,
            _ => Vector,
        }
    }

    fn modifiers(&mut self, b: &Binary) {
        if let Some(span) = b.return_bool
            && !b.op.is_comparison()
        {
            let message = format!("`bool` belongs to comparisons, not to `{}`", b.op.as_str());
            self.out.push(Diagnostic::new(&codes::MATCHING, span, message).label("remove it").fix(
                "remove `bool`",
                span,
                "",
            ));
        }
        for label in b.matching.include.iter().filter(|_| b.matching.on) {
            if let Some(on) = b.matching.labels.iter().find(|l| l.name == label.name) {
                let message = format!("the label `{}` cannot be both matched on and copied", label.name);
                let diagnostic = Diagnostic::new(&codes::MATCHING, label.span, message)
                    .label("copied here")
                    .also(on.span, "matched on here: both sides have it already");
                self.out.push(diagnostic);
            }
        }
    }

    fn matching_without_vectors(&mut self, b: &Binary) {
        let spans = [
            (
                b.matching.labels_span.filter(|_| !b.matching.labels.is_empty()),
                "matching needs two instant vectors",
            ),
            (b.matching.fill.span, "filling in missing series needs two instant vectors"),
        ];
        for (span, message) in spans {
            if let Some(span) = span {
                self.out.push(Diagnostic::new(&codes::MATCHING, span, message).label("one side is none"));
            }
        }
    }

    fn matching_of_sets(&mut self, b: &Binary) {
        let op = b.op.as_str();
        if b.matching.card != Cardinality::ManyToMany {
            let span = b.matching.group_span.unwrap_or(b.op_span);
            let diagnostic = Diagnostic::new(
                &codes::MATCHING,
                span,
                format!("`{op}` takes no `group_left` or `group_right`"),
            )
            .label("remove it")
            .note("set operators match many to many")
            .fix("remove it", span, "");
            self.out.push(diagnostic);
        }
        if let Some(span) = b.matching.fill.span {
            let message = format!("`{op}` cannot fill in missing series");
            self.out.push(Diagnostic::new(&codes::MATCHING, span, message).label("remove it"));
        }
    }
}

/// True when the matcher does not match a missing label.
fn asks_for_something(m: &Matcher) -> bool {
    if m.bare_param || !m.params().is_empty() {
        return true;
    }
    let matches_empty = |m: &Matcher| {
        m.value.is_empty() || Regexp::new(&m.value, Anchor::Prometheus).is_ok_and(|r| r.is_match(""))
    };
    match m.op {
        MatchOp::Equal => !m.value.is_empty(),
        MatchOp::NotEqual => m.value.is_empty(),
        MatchOp::Regexp => !matches_empty(m),
        MatchOp::NotRegexp => matches_empty(m),
    }
}

/// The type with its article.
fn a(t: ValueType) -> String {
    match t {
        Vector => "an instant vector".to_string(),
        t => format!("a {}", t.documented()),
    }
}

fn plural(n: usize) -> String {
    match n {
        0 => "no arguments".to_string(),
        1 => "one argument".to_string(),
        n => format!("{n} arguments"),
    }
}

/// `clamp(instant vector, scalar, scalar)`; what may be left out stands in brackets.
fn signature(call: &Call) -> String {
    let f = call.function;
    let (least, _) = f.arity();
    let args: Vec<String> = (0..f.args.len())
        .filter_map(|i| {
            let t = f.arg_type(i)?.documented();
            Some(if i >= least {
                format!("[{t}{}]", if f.variadic == 1 { "" } else { ", …" })
            } else {
                t.to_string()
            })
        })
        .collect();
    format!("{}({})", f.name, args.join(", "))
}
