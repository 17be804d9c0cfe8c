//! Lets, parameters and constants put into an expression: text to text, as the author laid it out.
//!
//! An expression without any is used as it is, its tree included. Otherwise the text is put together from the pieces
//! of the source and parsed again, and every place in it can be traced back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::layout::{Writer, column};
use crate::diagnostic::codes::names;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::promql::ast::{
    BinaryOp, DurationExpr, DurationKind, Expr, ExprKind, Matcher, Modifiers, UnaryOp, VectorSelector,
    params_in,
};
use crate::promql::features::{Features, Version};
use crate::promql::parser::{Options, parse};
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Let, LetValue, Promql};

/// An expression in which nothing is left to bind.
#[derive(Debug, Clone)]
pub struct Expanded<'a> {
    /// The PromQL to emit.
    pub text: String,
    /// Its tree. Spans are in the source when [`Expanded::pieces`] is empty, else in `text`.
    pub expr: Cow<'a, Expr>,
    /// Where the author wrote it.
    pub span: Span,
    pieces: Vec<Piece>,
}

/// A piece of expanded text and where it came from.
#[derive(Debug, Clone, Copy)]
struct Piece {
    start: u32,
    source: Span,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
enum Binding<'s, 'a> {
    /// An argument, to be read in the scope of the call.
    Expr(&'a Expr, &'s Scope<'s, 'a>),
    /// A text given from outside, such as a window.
    Text(&'s str),
}

/// The parameters that an expression sees; constants are seen everywhere.
#[derive(Debug, Default)]
struct Scope<'s, 'a> {
    bindings: Vec<(&'a str, Binding<'s, 'a>)>,
}

/// More text than this from one expression is a let gone wild.
const MAX_TEXT: usize = 1 << 20;
/// Lets within lets deeper than this are not followed.
const MAX_DEPTH: usize = 64;

/// Puts lets into expressions.
#[derive(Debug)]
pub struct Expander<'a> {
    sources: &'a Sources,
    lets: &'a BTreeMap<&'a str, &'a Let>,
    version: Version,
    features: Features,
}

impl<'a> Expander<'a> {
    /// An expander over the lets of a project; `version` and `features` are those of the Prometheus that will run the rules.
    pub fn new(
        sources: &'a Sources,
        lets: &'a BTreeMap<&'a str, &'a Let>,
        version: Version,
        features: Features,
    ) -> Expander<'a> {
        Expander { sources, lets, version, features }
    }

    /// The expression with everything bound; `given` are texts for names that are bound from outside.
    ///
    /// `None` when it could not be read or a name is unknown, which is reported.
    pub fn expand(
        &self,
        promql: &'a Promql,
        given: &[(&'a str, &str)],
        out: &mut Vec<Diagnostic>,
    ) -> Option<Expanded<'a>> {
        self.expand_expr(&promql.expr, given, out)
    }

    /// Like [`Expander::expand`], for a bare tree of the source.
    pub fn expand_expr(
        &self,
        expr: &'a Expr,
        given: &[(&'a str, &str)],
        out: &mut Vec<Diagnostic>,
    ) -> Option<Expanded<'a>> {
        let text = self.sources.get(expr.span.file)?.text();
        if holds_error(expr) {
            return None;
        }
        if !has_holes(expr) {
            let mut writer = Writer::default();
            writer.push_lines(
                text.get(expr.span.range())?,
                column(text, expr.span.start as usize),
                0,
                &mut |_, _, _| {},
            );
            let text = writer.finish();
            return Some(Expanded { text, expr: Cow::Borrowed(expr), span: expr.span, pieces: Vec::new() });
        }
        let before = out.len();
        let scope =
            Scope { bindings: given.iter().map(|(name, text)| (*name, Binding::Text(text))).collect() };
        let mut run = Run {
            expander: self,
            writer: Writer::default(),
            pieces: Vec::new(),
            stack: Vec::new(),
            overflow: false,
            out,
        };
        run.emit(expr, &scope, Context::Free);
        let (text, pieces) = (run.writer.finish(), run.pieces);
        if out.len() > before {
            return None;
        }
        let options = Options { version: self.version, features: self.features, ..Options::default() };
        let (parsed, found) = parse(&text, FileId::NONE, 0, &options);
        let mut expanded = Expanded { text, expr: Cow::Borrowed(expr), span: expr.span, pieces };
        let failed = found.iter().any(Diagnostic::is_error);
        for mut diagnostic in found {
            expanded.trace(&mut diagnostic);
            out.push(diagnostic);
        }
        if failed {
            return None;
        }
        expanded.expr = Cow::Owned(parsed);
        Some(expanded)
    }
}

impl Expanded<'_> {
    /// True when the tree's spans are places in the source.
    pub fn is_verbatim(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The place in the source of a span of the tree.
    pub fn origin(&self, span: Span) -> Span {
        if self.is_verbatim() || span.file != FileId::NONE {
            return span;
        }
        let index = self.pieces.partition_point(|p| p.start <= span.start);
        let Some(piece) = index.checked_sub(1).and_then(|i| self.pieces.get(i)) else { return self.span };
        let offset = span.start - piece.start;
        let start = (piece.source.start + offset).min(piece.source.end);
        // A span that runs over several pieces ends with the first: the rest stands elsewhere.
        let end = match self.pieces.get(index) {
            Some(next) if span.end > next.start => self.origin_end(span.end, piece.source),
            _ => (start + (span.end - span.start)).min(piece.source.end),
        };
        Span { file: piece.source.file, start, end: end.max(start) }
    }

    fn origin_end(&self, end: u32, first: Span) -> u32 {
        let index = self.pieces.partition_point(|p| p.start < end);
        let last = index.checked_sub(1).and_then(|i| self.pieces.get(i));
        match last {
            Some(last) if last.source.file == first.file && last.source.start >= first.start => {
                (last.source.start + (end - last.start)).min(last.source.end)
            }
            _ => first.end,
        }
    }

    /// Moves a finding about the tree to the source, and says where the let was used if it lies in one.
    pub fn trace(&self, diagnostic: &mut Diagnostic) {
        if self.is_verbatim() {
            return;
        }
        // A repair of expanded text would be a repair of text that nobody wrote.
        diagnostic.fix = None;
        diagnostic.map_spans(&|span| self.origin(span));
        let at = diagnostic.primary.span;
        let inside = at.file == self.span.file && self.span.start <= at.start && at.end <= self.span.end;
        if !inside {
            diagnostic.secondary.push(crate::diagnostic::Label {
                span: self.span,
                text: "used by this expression".to_string(),
            });
        }
    }

    /// The text with insertions and replacements at places of the tree.
    pub fn edited(&self, sources: &Sources, edits: &[(Span, String)]) -> String {
        if edits.is_empty() {
            return self.text.clone();
        }
        let mut edits: Vec<_> = edits.iter().collect();
        edits.sort_by_key(|(span, _)| *span);
        if !self.is_verbatim() {
            let mut out = String::new();
            let mut at = 0;
            for (span, new) in edits {
                out.push_str(self.text.get(at..span.start as usize).unwrap_or(""));
                out.push_str(new);
                at = span.end as usize;
            }
            out.push_str(self.text.get(at..).unwrap_or(""));
            return out;
        }
        let text = sources.get(self.span.file).map_or("", |f| f.text());
        let from = column(text, self.span.start as usize);
        let mut writer = Writer::default();
        let mut at = self.span.start as usize;
        for (span, new) in edits {
            writer.push_lines(text.get(at..span.start as usize).unwrap_or(""), from, 0, &mut |_, _, _| {});
            writer.push(new);
            at = span.end as usize;
        }
        writer.push_lines(text.get(at..self.span.end as usize).unwrap_or(""), from, 0, &mut |_, _, _| {});
        writer.finish()
    }
}

/// What stands around an expression, which tells whether it needs parentheses.
#[derive(Debug, Clone, Copy)]
enum Context {
    /// Nothing that binds: the top, an argument, parentheses.
    Free,
    /// An operand.
    Operand { precedence: u8, right: bool },
    /// A range, offset or subquery follows.
    Postfix,
}

impl Context {
    fn needs_parens(self, expr: &Expr) -> bool {
        let own = match &expr.kind {
            ExprKind::Binary(b) => b.op.precedence(),
            // A sign binds tighter than all but `^`.
            ExprKind::Unary(..) => 6,
            ExprKind::Number(n) if n.value.is_sign_negative() => 6,
            _ => return false,
        };
        match self {
            Context::Free => false,
            Context::Postfix => true,
            Context::Operand { precedence, right } => own < precedence || (own == precedence && right),
        }
    }
}

struct Run<'r, 'a> {
    expander: &'r Expander<'a>,
    writer: Writer,
    pieces: Vec<Piece>,
    stack: Vec<&'a Let>,
    /// Too much text: nothing more is written.
    overflow: bool,
    out: &'r mut Vec<Diagnostic>,
}

/// A place in an expression at which something else is written.
enum Hole<'a> {
    /// `$name` or `p95(x)` as an operand.
    Expr(&'a Expr, Context),
    /// `$name` as a range, offset or step.
    Duration(&'a str, Span),
    /// A matcher's value with `$name` in it.
    Matcher(&'a Matcher),
}

impl<'a> Run<'_, 'a> {
    /// Writes an expression of the source with its holes filled.
    fn emit(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>, context: Context) {
        if self.overflow {
            return;
        }
        let Some(text) = self.expander.sources.get(expr.span.file).map(|f| f.text()) else { return };
        let mut holes = Vec::new();
        collect(expr, context, &mut holes);
        let from = column(text, expr.span.start as usize);
        let to = self.writer.column();
        let parens =
            !matches!(expr.kind, ExprKind::Param(_) | ExprKind::LetCall(_)) && context.needs_parens(expr);
        if parens {
            self.writer.push("(");
        }
        let mut at = expr.span.start as usize;
        for hole in holes {
            let span = match &hole {
                Hole::Expr(e, _) => hole_span(e),
                Hole::Duration(_, span) => *span,
                Hole::Matcher(m) => m.value_span,
            };
            self.verbatim(text, at..span.start as usize, expr.span.file, from, to);
            match hole {
                Hole::Expr(e, context) => self.fill(e, scope, context),
                Hole::Duration(name, span) => self.duration(name, span, scope),
                Hole::Matcher(m) => self.matcher(m, scope),
            }
            at = span.end as usize;
        }
        self.verbatim(text, at..expr.span.end as usize, expr.span.file, from, to);
        if parens {
            self.writer.push(")");
        }
    }

    fn verbatim(&mut self, text: &str, range: std::ops::Range<usize>, file: FileId, from: usize, to: usize) {
        let Some(piece) = text.get(range.clone()) else { return };
        let pieces = &mut self.pieces;
        self.writer.push_lines(piece, from, to, &mut |writer, offset, length| {
            let start = range.start + offset;
            pieces.push(Piece { start: writer.len() as u32, source: Span::new(file, start, start + length) });
        });
    }

    fn piece(&mut self, source: Span) {
        self.pieces.push(Piece { start: self.writer.len() as u32, source });
    }

    /// Writes what a `$name` or a call stands for.
    fn fill(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>, context: Context) {
        match &expr.kind {
            ExprKind::Param(p) => self.name(&p.name, p.name_span, scope, context),
            ExprKind::LetCall(call) => {
                let Some(found) = self.find_let(&call.name.name, call.name.span, true) else { return };
                let params = found.params.as_deref().unwrap_or(&[]);
                if params.len() != call.args.len() {
                    self.out.push(
                        Diagnostic::new(
                            &names::WRONG_ARGUMENT_COUNT,
                            call.parens,
                            format!(
                                "`{}` takes {}, not {}",
                                found.name.text,
                                count(params.len(), "argument"),
                                call.args.len()
                            ),
                        )
                        .label(format!("{} given", count(call.args.len(), "argument")))
                        .also(found.name.span, "declared here"),
                    );
                    return;
                }
                let inner = Scope {
                    bindings: params
                        .iter()
                        .map(|p| p.text.as_str())
                        .zip(call.args.iter().map(|a| Binding::Expr(a, scope)))
                        .collect(),
                };
                self.body(found, call.name.span, &inner, context);
            }
            _ => {}
        }
    }

    fn name(&mut self, name: &'a str, span: Span, scope: &Scope<'_, 'a>, context: Context) {
        match scope.bindings.iter().find(|(n, _)| *n == name) {
            Some((_, Binding::Expr(arg, outer))) => self.emit(arg, outer, context),
            Some((_, Binding::Text(text))) => {
                self.piece(span);
                self.writer.push(text);
            }
            None => {
                if let Some(found) = self.find_let(name, span, false) {
                    self.body(found, span, &Scope::default(), context);
                }
            }
        }
    }

    fn body(&mut self, found: &'a Let, used: Span, scope: &Scope<'_, 'a>, context: Context) {
        if let Some(first) = self.stack.iter().position(|l| std::ptr::eq(*l, found)) {
            let cycle: Vec<&str> = self.stack[first..]
                .iter()
                .map(|l| l.name.text.as_str())
                .chain([found.name.text.as_str()])
                .collect();
            self.out.push(
                Diagnostic::new(
                    &names::CYCLIC_LET,
                    used,
                    format!("`{}` is defined by itself: {}", found.name.text, cycle.join(" -> ")),
                )
                .label("needs itself here")
                .also(found.name.span, "declared here")
                .help("a let may use lets that don't use it"),
            );
            return;
        }
        if self.overflow {
            return;
        }
        if self.stack.len() >= MAX_DEPTH || self.writer.len() > MAX_TEXT {
            self.overflow = true;
            self.out.push(
                Diagnostic::new(&names::LET_TOO_LARGE, used, "lets expand to too much text")
                    .label(format!("more than {MAX_DEPTH} levels or {} KiB", MAX_TEXT / 1024)),
            );
            return;
        }
        self.stack.push(found);
        match &found.value {
            Some(LetValue::Promql(promql)) => {
                if holds_error(&promql.expr) {
                    self.broken(found, used);
                } else {
                    self.emit(&promql.expr, scope, context);
                }
            }
            Some(LetValue::Quantity(quantity)) => {
                self.piece(used);
                match super::types::Quantity::new(&quantity.number, &quantity.unit)
                    .ok()
                    .and_then(|q| q.base_value())
                {
                    Some(value) => self.writer.push(&value.to_string()),
                    None => self.broken(found, used),
                }
            }
            None => self.broken(found, used),
        }
        self.stack.pop();
    }

    /// A let that could not be read: its own error is enough, but the expression can't be built either.
    fn broken(&mut self, found: &Let, used: Span) {
        self.out.push(
            Diagnostic::new(&names::BROKEN_LET, used, format!("`{}` could not be read", found.name.text))
                .also(found.name.span, "declared here"),
        );
    }

    fn duration(&mut self, name: &'a str, span: Span, scope: &Scope<'_, 'a>) {
        self.name(name, span, scope, Context::Free);
    }

    /// A matcher's value: a text in which names are replaced, or a whole value.
    fn matcher(&mut self, matcher: &'a Matcher, scope: &Scope<'_, 'a>) {
        let mut value = String::new();
        let mut at = 0;
        for (name, range) in params_in(&matcher.value) {
            value.push_str(&matcher.value[at..range.start]);
            match self.text_of(name, matcher.value_span, scope) {
                Some(text) => value.push_str(&text),
                None => return,
            }
            at = range.end;
        }
        value.push_str(&matcher.value[at..]);
        self.piece(matcher.value_span);
        self.writer.push(&crate::gostd::strconv::quote(&value));
    }

    /// What a name means inside a string.
    fn text_of(&mut self, name: &'a str, span: Span, scope: &Scope<'_, 'a>) -> Option<String> {
        let (expr, outer) = match scope.bindings.iter().find(|(n, _)| *n == name) {
            Some((_, Binding::Text(text))) => return Some((*text).to_string()),
            Some((_, Binding::Expr(arg, outer))) => (*arg, Some(*outer)),
            None => {
                let found = self.find_let(name, span, false)?;
                match &found.value {
                    Some(LetValue::Quantity(q)) => return Some(format!("{}{}", q.number, q.unit)),
                    Some(LetValue::Promql(Promql { expr, .. })) => (expr, None),
                    _ => {
                        self.broken(found, span);
                        return None;
                    }
                }
            }
        };
        match (&expr.kind, outer) {
            (ExprKind::String(s), _) => Some(s.value.clone()),
            (ExprKind::Param(p), Some(outer)) => self.text_of(&p.name, p.name_span, outer),
            (ExprKind::Number(_), _) => Some(self.expander.sources.slice(expr.span).to_string()),
            (ExprKind::VectorSelector(v), _) if v.matchers.is_empty() && v.modifiers.is_empty() => {
                v.name.as_ref().map(|n| n.name.clone())
            }
            _ => {
                self.out.push(
                    Diagnostic::new(&names::WRONG_CONSTANT, span, format!("`${name}` is no text here"))
                        .label("stands inside a string")
                        .also(expr.span, "this is an expression")
                        .help("bind it to a string: `\"…\"`"),
                );
                None
            }
        }
    }

    fn find_let(&mut self, name: &str, span: Span, call: bool) -> Option<&'a Let> {
        let known = &self.expander.lets;
        match known.get(name) {
            Some(found) if call == found.params.is_some() => Some(found),
            Some(found) => {
                let message = if call {
                    format!("`{name}` is a constant: write `${name}`")
                } else {
                    format!("`{name}` takes arguments: write `{name}(…)`")
                };
                self.out.push(
                    Diagnostic::new(&names::UNDEFINED_LET, span, message)
                        .also(found.name.span, "declared here"),
                );
                None
            }
            None => {
                let what = if call { format!("function or let `{name}`") } else { format!("`${name}`") };
                let mut d = Diagnostic::new(&names::UNDEFINED_LET, span, format!("{what} is not defined"))
                    .label("not defined");
                if name.starts_with("__") {
                    d = d
                        .note("Grafana fills this variable in when it draws a panel; a rule has no panel")
                        .help("write a window, such as `5m`: at least four scrape intervals");
                } else {
                    d.help.extend(did_you_mean(name, known.keys().copied()));
                    if d.help.is_empty() {
                        d = d.help(format!("declare it: `let {name} = …`"));
                    }
                }
                self.out.push(d);
                None
            }
        }
    }
}

/// `1 argument`, `2 arguments`.
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The text that a hole replaces: of a `$name` with modifiers only the name.
fn hole_span(expr: &Expr) -> Span {
    match &expr.kind {
        ExprKind::Param(p) => p.name_span,
        _ => expr.span,
    }
}

fn holds_error(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |e| found |= matches!(e.kind, ExprKind::Error));
    found
}

fn has_holes(expr: &Expr) -> bool {
    let mut holes = Vec::new();
    collect(expr, Context::Free, &mut holes);
    !holes.is_empty()
}

/// The holes of an expression in the order of the text.
fn collect<'a>(expr: &'a Expr, context: Context, out: &mut Vec<Hole<'a>>) {
    match &expr.kind {
        ExprKind::Param(p) => {
            let context = if p.modifiers.is_empty() { context } else { Context::Postfix };
            out.push(Hole::Expr(expr, context));
            modifiers(&p.modifiers, out);
        }
        ExprKind::LetCall(_) => out.push(Hole::Expr(expr, context)),
        ExprKind::VectorSelector(v) => {
            matchers(v, out);
            modifiers(&v.modifiers, out);
        }
        ExprKind::MatrixSelector(m) => {
            collect(&m.selector, Context::Postfix, out);
            duration(&m.range, out);
            modifiers(&m.modifiers, out);
        }
        ExprKind::Subquery(s) => {
            collect(&s.expr, Context::Postfix, out);
            duration(&s.range, out);
            if let Some(step) = &s.step {
                duration(step, out);
            }
            modifiers(&s.modifiers, out);
        }
        ExprKind::Binary(b) => {
            let precedence = b.op.precedence();
            let power = b.op == BinaryOp::Pow;
            collect(&b.lhs, Context::Operand { precedence, right: power }, out);
            collect(&b.rhs, Context::Operand { precedence, right: !power }, out);
        }
        ExprKind::Unary(UnaryOp::Plus | UnaryOp::Minus, e) => {
            collect(e, Context::Operand { precedence: 6, right: false }, out);
        }
        _ => {
            for child in expr.children() {
                collect(child, Context::Free, out);
            }
        }
    }
}

fn matchers<'a>(selector: &'a VectorSelector, out: &mut Vec<Hole<'a>>) {
    for matcher in &selector.matchers {
        if matcher.bare_param || (matcher.value.contains('$') && !params_in(&matcher.value).is_empty()) {
            out.push(Hole::Matcher(matcher));
        }
    }
}

fn modifiers<'a>(modifiers: &'a Modifiers, out: &mut Vec<Hole<'a>>) {
    if let Some(offset) = &modifiers.offset {
        duration(&offset.duration, out);
    }
}

fn duration<'a>(expr: &'a DurationExpr, out: &mut Vec<Hole<'a>>) {
    match &expr.kind {
        DurationKind::Param(name) => out.push(Hole::Duration(name, expr.span)),
        DurationKind::Neg(e) | DurationKind::Paren(e) => duration(e, out),
        DurationKind::Binary(_, a, b) | DurationKind::MinOf(a, b) | DurationKind::MaxOf(a, b) => {
            duration(a, out);
            duration(b, out);
        }
        _ => {}
    }
}
