//! `key value` fields: Alertmanager's global section and the integrations of receivers.

use crate::diagnostic::{Diagnostic, codes};
use crate::syntax::ast::{Block, Field, FieldValue, Global, Integration, Receiver, Word};

use super::{Parser, Peek};

/// What a field's value can be, for messages.
const VALUE: &str = "a value: a string, a number or duration, `true`, `false`, `{ … }` or `[ … ]`";

impl Parser<'_> {
    /// `global { … }`, behind the keyword.
    pub(super) fn global(&mut self, start: usize) -> Option<Global> {
        let body = self.field_block()?;
        Some(Global { body, span: self.since(start) })
    }

    /// `receiver NAME { … }`, behind the keyword.
    pub(super) fn receiver(&mut self, start: usize) -> Option<Receiver> {
        let name = self.name("the receiver's name")?;
        let mut escalation = None;
        let mut first = true;
        let body = self.block(&[], |p| {
            if std::mem::take(&mut first) && p.peek() == Peek::Word("escalation") {
                escalation = p.receiver_escalation();
                return None;
            }
            let start = p.pos;
            let Peek::Word(word) = p.peek() else { return p.expected("an integration such as `slack`") };
            let kind = Word { text: word.to_string(), span: p.take(word.len()) };
            p.colon(None, kind.span);
            let fields = p.field_block()?;
            Some(Integration { kind, fields, span: p.since(start) })
        })?;
        Some(Receiver { name, escalation, body, span: self.since(start) })
    }

    fn field_block(&mut self) -> Option<Block<Field>> {
        self.block(&[], Parser::field)
    }

    fn field(&mut self) -> Option<Field> {
        let start = self.pos;
        let key = match self.peek() {
            Peek::Word(_) | Peek::Quote => self.name("a field")?,
            _ => return self.expected("a field and its value, such as `channel \"#alerts\"`"),
        };
        self.colon(None, key.span);
        if let Some(span) = self.accept("=") {
            self.report(
                Diagnostic::new(
                    &codes::syntax::UNEXPECTED_TOKEN,
                    span,
                    "no `=` stands between a field and its value",
                )
                .fix("remove it", span, ""),
            );
        }
        let value = self.field_value(0)?;
        Some(Field { key, value, span: self.since(start) })
    }

    fn field_value(&mut self, depth: usize) -> Option<FieldValue> {
        match self.peek() {
            Peek::Mark("{") => self.field_block().map(FieldValue::Fields),
            Peek::Mark("[") => self.field_list(depth),
            Peek::Number | Peek::Mark("-" | "+") => self.quantity(VALUE).map(FieldValue::Quantity),
            Peek::Word("true") if !self.opens_line => Some(FieldValue::Bool(true, self.take(4))),
            Peek::Word("false") if !self.opens_line => Some(FieldValue::Bool(false, self.take(5))),
            Peek::Word(word) if !self.opens_line => {
                // A word is taken for a text without quotes, unless a value follows it: then the value is missing.
                let mut ahead = self.ahead();
                ahead.pos += word.len();
                let same_line = !ahead.trivia();
                if same_line && matches!(ahead.peek(), Peek::Quote | Peek::Number | Peek::Mark("{" | "["))
                    || matches!(ahead.peek(), Peek::Word("true" | "false"))
                {
                    return self.missing_value();
                }
                self.text(VALUE).map(FieldValue::Text)
            }
            Peek::Word(_) | Peek::Mark("}") => self.missing_value(),
            _ => self.text(VALUE).map(FieldValue::Text),
        }
    }

    fn missing_value<T>(&mut self) -> Option<T> {
        self.lost = true;
        let at = self.span(self.last, self.last);
        let label = format!("found {}", self.found());
        self.report(
            Diagnostic::new(&codes::syntax::UNEXPECTED_TOKEN, at, format!("expected {VALUE}")).label(label),
        );
        None
    }

    fn field_list(&mut self, depth: usize) -> Option<FieldValue> {
        if self.at_limit(depth) {
            return None;
        }
        let open = self.take(1);
        let mut values = Vec::new();
        loop {
            if let Some(close) = self.accept("]") {
                return Some(FieldValue::List(values, open.to(close)));
            }
            values.push(self.list_value(depth + 1)?);
            if self.lost {
                return None;
            }
            if self.accept(",").is_none() && self.peek() != Peek::Mark("]") {
                let at = self.span(self.last, self.last);
                self.lost = true;
                self.report(
                    Diagnostic::new(&codes::syntax::UNCLOSED_BLOCK, open, "this `[` is never closed")
                        .label("opened here")
                        .also(at, "expected `,` or `]`")
                        .fix("close it with `]`", at, "]"),
                );
                return Some(FieldValue::List(values, self.since(open.start as usize)));
            }
        }
    }

    fn list_value(&mut self, depth: usize) -> Option<FieldValue> {
        if self.peek() == Peek::Quote {
            // Inside brackets a value may open a line.
            return self.text(VALUE).map(FieldValue::Text);
        }
        self.field_value(depth)
    }
}
