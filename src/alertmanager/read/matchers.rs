//! Matchers: the list form, and the deprecated maps.

use super::Reader;
use crate::alertmanager::matcher::{self, Disagreement, Matcher, Op};
use crate::diagnostic::{Diagnostic, codes};
use crate::yaml::{Entry, Node, source_span};

impl Reader<'_> {
    /// `matchers: ['a="b"', …]`: each text may hold several.
    pub(super) fn matchers(&mut self, node: &Node, what: &str) -> Vec<Matcher> {
        let mut all = Vec::new();
        for item in self.decoder.sequence(node, what) {
            if item.as_scalar().is_none() {
                self.no_text(item, what);
                continue;
            }
            let text = item.as_text().unwrap_or("");
            match matcher::parse(text, self.mode) {
                Ok(parsed) => {
                    if let Some(disagreement) = parsed.disagreement {
                        let finding = ambiguity(item, text, &parsed.matchers, &disagreement);
                        self.decoder.report(finding);
                    }
                    all.extend(parsed.matchers);
                }
                Err(error) => {
                    let span = source_span(self.text, item, error.start, error.end);
                    self.decoder.report(
                        Diagnostic::new(&codes::alertmanager::INVALID_MATCHER, span, error.message)
                            .help("write a matcher as `label=\"value\"`, with `=`, `!=`, `=~` or `!~`"),
                    );
                }
            }
        }
        all
    }

    /// Most often a matcher written as a mapping: `- severity: critical`.
    fn no_text(&mut self, item: &Node, what: &str) {
        let pair =
            item.as_mapping().and_then(|m| if let [pair] = m.entries.as_slice() { Some(pair) } else { None });
        let matcher = pair.and_then(|p| Matcher::new(p.name(), Op::Equal, p.value.as_text()?).ok());
        let Some(matcher) = matcher else {
            self.decoder.text(item, &format!("an item of {what}"));
            return;
        };
        let text = format!("'{}'", matcher.to_config().replace('\'', "''"));
        self.decoder.report(
            Diagnostic::new(
                &codes::yaml::WRONG_TYPE,
                item.span,
                format!("an item of {what} must be text, not a mapping"),
            )
            .label("expected text")
            .fix("write it as a matcher", item.span, text),
        );
    }

    /// The deprecated `match: {a: b}` and `match_re: {a: b}`.
    pub(super) fn match_map(&mut self, entry: &Entry, regexp: bool) -> Vec<Matcher> {
        let mut all = Vec::new();
        let what = format!("`{}`", entry.name());
        for pair in self.decoder.mapping(&entry.value, &what).map_or(&[][..], |m| &m.entries) {
            let name = pair.name();
            if !is_classic_label(name) {
                let message = format!("invalid label name {name:?}");
                self.decoder.report(
                    Diagnostic::new(&codes::rules::INVALID_LABEL_NAME, pair.key.span, message)
                        .help("use `matchers`, which take any label name"),
                );
                continue;
            }
            if regexp && pair.value.is_null() {
                let message = format!("invalid regexp value for {name:?}");
                self.decoder.report(Diagnostic::new(
                    &codes::alertmanager::INVALID_MATCHER,
                    pair.value.span,
                    message,
                ));
                continue;
            }
            if self.decoder.text(&pair.value, &format!("`{name}` in {what}")).is_none()
                && !pair.value.is_null()
            {
                continue;
            }
            let text = pair.value.as_text().unwrap_or("");
            let result = if regexp {
                // Alertmanager anchors the expression itself, and its group keys show that.
                Matcher::new(name, Op::Match, text)
                    .and_then(|_| Matcher::new(name, Op::Match, format!("^(?:{text})$")))
            } else {
                Matcher::new(name, Op::Equal, text)
            };
            match result {
                Ok(matcher) => all.push(matcher),
                Err(error) => {
                    let end = (error.offset + error.part.len()).min(text.len());
                    let span = source_span(self.text, &pair.value, error.offset.min(end), end);
                    let message = error.to_string();
                    self.decoder.report(Diagnostic::new(
                        &codes::alertmanager::INVALID_MATCHER,
                        span,
                        message,
                    ));
                }
            }
        }
        if !all.is_empty() {
            let new = match entry.name() {
                name if name.starts_with("source") => "source_matchers",
                name if name.starts_with("target") => "target_matchers",
                _ => "matchers",
            };
            let list: Vec<String> =
                all.iter().map(|m| format!("'{}'", m.to_config().replace('\'', "''"))).collect();
            self.decoder.report(
                Diagnostic::new(
                    &codes::alertmanager::DEPRECATED_FORM,
                    entry.key.span,
                    format!("{what} is deprecated"),
                )
                .help(format!("write `{new}: [{}]`", list.join(", "))),
            );
        }
        all
    }
}

/// A warning when the two parsers read a text differently and it matters.
fn ambiguity(node: &Node, text: &str, taken: &[Matcher], disagreement: &Disagreement) -> Diagnostic {
    let show = |matchers: &[Matcher]| matchers.iter().map(Matcher::to_config).collect::<Vec<_>>().join(", ");
    let (message, note) = match disagreement {
        Disagreement::Otherwise(utf8) => (
            format!("`{text}` means two things"),
            format!(
                "Alertmanager's two parsers read `{}` and `{}`; the first counts today",
                show(taken),
                show(utf8)
            ),
        ),
        Disagreement::OnlyClassic(error) => (
            format!("`{text}` is read by Alertmanager's old parser only"),
            format!("the new one says: {error}"),
        ),
    };
    let diagnostic = Diagnostic::new(&codes::alertmanager::AMBIGUOUS_MATCHER, node.span, message).note(note);
    let clear = show(taken);
    let quoted = if clear.contains('\'') { format!("{clear:?}") } else { format!("'{clear}'") };
    diagnostic.label(format!("read as {clear}")).fix("write what it is read as", node.span, quoted)
}

fn is_classic_label(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
