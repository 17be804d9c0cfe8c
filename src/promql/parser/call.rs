//! Calls of functions and aggregations.

use super::state::Parser;
use crate::diagnostic::{codes::promql as codes, nearest};
use crate::promql::ast::{
    Aggregate, AggregateOp, Call, Expr, ExprKind, Grouping, GroupingKind, Label, LetCall,
};
use crate::promql::features::{Feature, Version};
use crate::promql::lexer::{Keyword, Token, TokenKind};
use crate::promql::signatures::{self, FUNCTIONS, RENAMED};
use crate::source::Span;

impl Parser<'_> {
    /// A call; the current token is the name and `(` follows.
    pub(super) fn call(&mut self) -> Expr {
        let token = self.bump();
        let name = self.source(token);
        let name_span = self.token_span(token);
        let function = signatures::find(name);
        if function.is_none() && !self.options.lets {
            self.unknown_function(name, name_span);
        }
        let (args, parens) = self.args();
        let span = self.span_from(token.start);
        let kind = match function {
            Some(function) => {
                let what = format!("the function `{name}`");
                self.require_version(function.since, name_span, &what);
                if self.options.version >= function.since && function.is_experimental_in(self.options.version)
                {
                    self.require_feature(Feature::ExperimentalFunctions, name_span, &what);
                }
                ExprKind::Call(Box::new(Call { function, name_span, parens, args }))
            }
            None if self.options.lets => {
                let name = Label { name: name.to_string(), span: name_span };
                ExprKind::LetCall(Box::new(LetCall { name, parens, args }))
            }
            None => ExprKind::Error,
        };
        Expr { kind, span }
    }

    fn unknown_function(&mut self, name: &str, span: Span) {
        let mut diagnostic =
            self.diagnostic(&codes::UNKNOWN_FUNCTION, span, format!("unknown function `{name}`"));
        let renamed = RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new);
        let known = FUNCTIONS.iter().map(|f| f.name).chain(AggregateOp::ALL.iter().map(|op| op.as_str()));
        if let Some(new) = renamed {
            diagnostic = diagnostic.note(format!("Prometheus 3 calls it `{new}`")).fix(
                format!("write `{new}`"),
                span,
                new,
            );
        } else if let Some(near) = nearest(name, known) {
            diagnostic = diagnostic.label(format!("did you mean `{near}`?")).fix(
                format!("write `{near}`"),
                span,
                near,
            );
        } else {
            diagnostic = diagnostic.label("no function of PromQL has this name");
        }
        self.report(diagnostic);
    }

    /// Arguments in parentheses; the current token is `(`.
    fn args(&mut self) -> (Vec<Expr>, Span) {
        let open = self.open();
        let mut args = Vec::new();
        let mut height = 0;
        while !self.at(TokenKind::RightParen) {
            if let Some(comma) = self.eat_extra_comma() {
                self.report(comma);
                continue;
            }
            args.push(self.expression(1));
            height = height.max(self.height);
            if self.panicking && !self.resync() {
                break;
            }
            if !self.at(TokenKind::Comma) && !self.at(TokenKind::RightParen) {
                let diagnostic = if self.at_text() && !self.at(TokenKind::Arrow) {
                    self.unexpected_after_argument().also(self.token_span(open), "the arguments begin here")
                } else {
                    self.unclosed(open)
                };
                self.fail(diagnostic);
                if !self.resync() {
                    break;
                }
            }
            if let Some(comma) = self.eat(TokenKind::Comma)
                && self.at(TokenKind::RightParen)
            {
                let span = self.token_span(comma);
                let diagnostic = self
                    .diagnostic(&codes::SYNTAX, span, "an argument is missing after this comma")
                    .label("PromQL allows no trailing comma here")
                    .fix("remove the comma", span, "");
                self.report(diagnostic);
            }
        }
        self.close(open, TokenKind::RightParen, "`,` or `)`");
        self.grow(height);
        (args, self.span_from(open.start))
    }

    fn eat_extra_comma(&mut self) -> Option<crate::diagnostic::Diagnostic> {
        let comma = self.eat(TokenKind::Comma)?;
        let diagnostic = self.diagnostic(
            &codes::SYNTAX,
            self.token_span(comma),
            "an argument is missing before this comma",
        );
        Some(diagnostic.label("expected an expression"))
    }

    /// True when the aggregation's name at the current token begins an aggregation and is not a metric's name.
    pub(super) fn begins_aggregation(&self) -> bool {
        if self.paren_follows() || self.grouping_follows(self.tok) {
            return true;
        }
        // `sum foo`: the parentheses were forgotten, if it is on one line.
        let rest = self.text.get(self.tok.end..).unwrap_or("");
        let same_line = rest.trim_start_matches([' ', '\t']);
        let word: String =
            same_line.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':')).collect();
        same_line.len() < rest.len()
            && !word.is_empty()
            && matches!(Keyword::find(&word), None | Some(Keyword::Aggregate(_)))
            && !self.options.stop_word.is_some_and(|stop| stop(&word))
    }

    /// An aggregation; the current token is its operator.
    pub(super) fn aggregate(&mut self, op: AggregateOp) -> Expr {
        let token = self.bump();
        let op_span = self.token_span(token);
        let mut grouping = self.grouping();
        let (mut args, parens) = if self.at(TokenKind::LeftParen) {
            self.args()
        } else {
            let operand = self.operand_without_parens(op, token);
            let parens = operand.span;
            (vec![operand], parens)
        };
        let height = self.height;
        if !self.panicking
            && let Some(second) = self.grouping()
        {
            if let Some(first) = &grouping {
                let diagnostic = self
                    .diagnostic(&codes::SYNTAX, second.span, "this aggregation is grouped twice")
                    .label("a second grouping")
                    .also(first.span, "the first one");
                self.report(diagnostic);
            } else {
                grouping = Some(second);
            }
        }
        self.height = height;
        let span = self.span_from(token.start);
        if op.is_experimental() {
            self.require_version(Version::new(2, 54), op_span, &format!("`{}`", op.as_str()));
            self.require_feature(
                Feature::ExperimentalFunctions,
                op_span,
                &format!("the aggregation `{}`", op.as_str()),
            );
        }
        let wanted = if op.takes_param() { 2 } else { 1 };
        if args.len() != wanted && !self.panicking {
            let diagnostic = self.wrong_aggregate_arguments(op, op_span, parens, &args);
            self.report(diagnostic);
        }
        let mut next = || (!args.is_empty()).then(|| args.remove(0));
        let (param, expr) = if op.takes_param() { (next(), next()) } else { (None, next()) };
        let expr = expr.unwrap_or(Expr { kind: ExprKind::Error, span: parens.at_end() });
        let aggregate = Aggregate { op, op_span, grouping, parens, param, expr };
        Expr { kind: ExprKind::Aggregate(Box::new(aggregate)), span }
    }

    fn wrong_aggregate_arguments(
        &self,
        op: AggregateOp,
        op_span: Span,
        parens: Span,
        args: &[Expr],
    ) -> crate::diagnostic::Diagnostic {
        let name = op.as_str();
        let form = match op {
            AggregateOp::CountValues => "count_values(\"label\", vector)".to_string(),
            AggregateOp::Quantile => "quantile(0.95, vector)".to_string(),
            AggregateOp::LimitRatio => "limit_ratio(0.1, vector)".to_string(),
            _ if op.takes_param() => format!("{name}(5, vector)"),
            _ => format!("{name}(vector)"),
        };
        let wanted = if op.takes_param() { "two arguments" } else { "one argument" };
        let span = args.get(1).filter(|_| !op.takes_param()).map_or(parens, |e| e.span);
        let diagnostic = self
            .diagnostic(&codes::ARGUMENTS, span, format!("`{name}` takes {wanted}, not {}", args.len()))
            .label(format!("expected `{form}`"))
            .also(op_span, "in this aggregation");
        match args.get(1) {
            Some(e) if matches!(&e.kind, ExprKind::VectorSelector(v) if v.matchers.is_empty()) => {
                diagnostic.help(format!("labels to group by stand in `by`: `{name} by (label) (vector)`"))
            }
            _ => diagnostic,
        }
    }

    /// `sum foo`: reports the missing parentheses and goes on.
    fn operand_without_parens(&mut self, op: AggregateOp, name: Token) -> Expr {
        if self.panicking {
            return self.missing();
        }
        if !self.starts_operand() {
            let diagnostic = self.unexpected(&format!("`(` and the operand of `{}`", op.as_str()));
            self.fail(diagnostic);
            return self.missing();
        }
        let at = self.diagnostics.len();
        if !self.enter() {
            return self.missing();
        }
        let operand = self.operand();
        self.leave();
        let height = self.height;
        self.grow(height);
        let mut diagnostic = self
            .diagnostic(&codes::SYNTAX, operand.span, "the operand of an aggregation stands in parentheses")
            .label("expected `(`")
            .also(self.token_span(name), format!("`{}` is an aggregation", op.as_str()));
        diagnostic.fix = Some(Box::new(crate::diagnostic::Fix {
            message: "add the parentheses".to_string(),
            edits: vec![(operand.span.at_start(), "(".to_string()), (operand.span.at_end(), ")".to_string())],
        }));
        self.diagnostics.insert(at.min(self.diagnostics.len()), diagnostic);
        operand
    }

    fn grouping(&mut self) -> Option<Grouping> {
        let kind = match self.tok.kind {
            TokenKind::Keyword(Keyword::By) => GroupingKind::By,
            TokenKind::Keyword(Keyword::Without) => GroupingKind::Without,
            _ => return None,
        };
        let keyword = self.bump();
        let labels = self.label_list(keyword);
        Some(Grouping { kind, labels, span: self.span_from(keyword.start) })
    }
}
