//! Holes filled: arguments in the scope of their call, bodies of lets, constants.

use super::Expander;
use super::holes::{Context, Hole, collect, holds_error, hole_span};
use super::origin::Piece;
use crate::check::layout::{Writer, column};
use crate::check::types::Quantity;
use crate::diagnostic::codes::names;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::gostd::strconv::quote;
use crate::promql::ast::{Expr, ExprKind, Matcher, params_in};
use crate::source::{FileId, Span};
use crate::syntax::ast::{Let, LetValue, Promql};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Binding<'s, 'a> {
    /// An argument, to be read in the scope of the call.
    Expr(&'a Expr, &'s Scope<'s, 'a>),
    /// A text given from outside, such as a window.
    Text(&'s str),
}

/// The parameters that an expression sees; constants are seen everywhere.
#[derive(Debug, Default)]
pub(super) struct Scope<'s, 'a> {
    pub(super) bindings: Vec<(&'a str, Binding<'s, 'a>)>,
}

/// More text than this from one expression is a let gone wild.
const MAX_TEXT: usize = 1 << 17;
/// Lets within lets deeper than this are not followed.
const MAX_DEPTH: usize = 64;

pub(super) struct Run<'r, 'a> {
    pub(super) expander: &'r Expander<'a>,
    pub(super) writer: Writer,
    pub(super) pieces: Vec<Piece>,
    pub(super) stack: Vec<&'a Let>,
    /// Texts in the place of constants, wherever they are used.
    pub(super) instead: &'r [(&'a str, &'r str)],
    /// Too much text: nothing more is written.
    pub(super) overflow: bool,
    pub(super) out: &'r mut Vec<Diagnostic>,
}

impl<'a> Run<'_, 'a> {
    /// Writes an expression of the source with its holes filled.
    pub(super) fn emit(&mut self, expr: &'a Expr, scope: &Scope<'_, 'a>, context: Context) {
        if self.overflow {
            return;
        }
        let Some(text) = self.expander.sources.get(expr.span.file).map(crate::source::SourceFile::text)
        else {
            return;
        };
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
                    if let Some((_, text)) = self.instead.iter().find(|(n, _)| *n == name) {
                        self.piece(span);
                        self.writer.push(text);
                        return;
                    }
                    self.body(found, span, &Scope::default(), context);
                }
            }
        }
    }

    /// True, and reported, when a let needs itself.
    fn cycle(&mut self, found: &'a Let, used: Span) -> bool {
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
            return true;
        }
        false
    }

    fn body(&mut self, found: &'a Let, used: Span, scope: &Scope<'_, 'a>, context: Context) {
        if self.cycle(found, used) {
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
                match Quantity::new(&quantity.number, &quantity.unit).ok().and_then(|q| q.base_value()) {
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
        if let Some(value) = self.interpolated(&matcher.value, matcher.value_span, scope) {
            self.piece(matcher.value_span);
            self.writer.push(&quote(&value));
        }
    }

    /// A text with its names replaced.
    fn interpolated(&mut self, text: &'a str, span: Span, scope: &Scope<'_, 'a>) -> Option<String> {
        let mut value = String::new();
        let mut at = 0;
        for (name, range) in params_in(text) {
            value.push_str(&text[at..range.start]);
            value.push_str(&self.text_of(name, span, scope)?);
            at = range.end;
        }
        value.push_str(&text[at..]);
        Some(value)
    }

    /// What a name means inside a string.
    fn text_of(&mut self, name: &'a str, span: Span, scope: &Scope<'_, 'a>) -> Option<String> {
        let (expr, outer) = match scope.bindings.iter().find(|(n, _)| *n == name) {
            Some((_, Binding::Text(text))) => return Some((*text).to_string()),
            Some((_, Binding::Expr(arg, outer))) => (*arg, Some(*outer)),
            None => {
                let found = self.find_let(name, span, false)?;
                if let Some((_, text)) = self.instead.iter().find(|(n, _)| *n == name) {
                    return Some((*text).to_string());
                }
                match &found.value {
                    Some(LetValue::Quantity(q)) => return Some(format!("{}{}", q.number, q.unit)),
                    Some(LetValue::Promql(Promql { expr, .. })) => {
                        if let ExprKind::String(s) = &expr.kind {
                            if self.cycle(found, span) {
                                return None;
                            }
                            self.stack.push(found);
                            let text = self.interpolated(&s.value, expr.span, &Scope::default());
                            self.stack.pop();
                            return text;
                        }
                        (expr, None)
                    }
                    _ => {
                        self.broken(found, span);
                        return None;
                    }
                }
            }
        };
        match (&expr.kind, outer) {
            (ExprKind::String(s), Some(outer)) => self.interpolated(&s.value, expr.span, outer),
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
