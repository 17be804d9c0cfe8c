//! The formatter: one canonical layout for a program.
//!
//! The author decides where a block stands on one line and where on several, where the lines of an expression and of
//! a long list break, and where a blank line separates. All else is decided here: indentation, spaces, and the
//! columns in which properties, levels, claims and declarations stand. Comments stay where they are.
//!
//! The result is parsed again and given out only if it means the same.

mod analysis;
mod declarations;
mod expression;
mod lines;
mod routing;
mod rules;
mod testing;
mod writer;

use crate::diagnostic::{Diagnostic, codes};
use crate::promql::features::Features;
use crate::source::{FileId, Span};

use super::ast::{Block, Item};
use super::{Options, Parsed, dump, parse};
use writer::Writer;

/// The formatted text.
///
/// # Errors
/// The findings of the parser if `text` has errors: what could not be read can't be formatted. Nothing is changed
/// either (`format-defect`) if the result would mean something else, which would be a defect of the formatter.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    format_file(FileId(0), text, &Options { features: Features::all(), ..Options::default() })
}

/// As [`format()`], for a file of a project.
///
/// # Errors
/// Those of [`format()`].
pub fn format_file(file: FileId, text: &str, options: &Options) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(file, text, options);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        return Err(parsed.diagnostics);
    }
    let formatted = lay_out(&parsed, text);
    let again = parse(file, &formatted, options);
    if again.diagnostics.iter().any(Diagnostic::is_error)
        || dump(&again.file, &formatted) != dump(&parsed.file, text)
        || comments(&again, &formatted) != comments(&parsed, text)
    {
        return Err(vec![defect(file)]);
    }
    Ok(formatted)
}

fn defect(file: FileId) -> Diagnostic {
    let start = Span::new(file, 0, 0);
    Diagnostic::new(&codes::syntax::FORMAT_DEFECT, start, "formatting this file would change what it means")
        .help("please report this with the file; until then it stays as it is")
}

/// The texts of all comments, in any order.
fn comments<'t>(parsed: &Parsed, text: &'t str) -> Vec<&'t str> {
    let mut all: Vec<&str> = parsed.comments.iter().filter_map(|c| text.get(c.range())).collect();
    all.sort_unstable();
    all
}

fn lay_out(parsed: &Parsed, text: &str) -> String {
    let mut writer = Writer::new(text, &parsed.comments);
    for item in &parsed.file.items {
        writer.item(item);
    }
    writer.finish()
}

impl Writer<'_> {
    /// One item on lines of its own.
    fn item(&mut self, item: &Item) {
        let body = body(item);
        if let Some(body) = body {
            self.separate(body);
        }
        self.begin(item.span());
        match item {
            Item::Severity(i) => self.severities(i),
            Item::Project(i) | Item::Defaults(i) => self.defaults(i),
            Item::Metric(i) => self.metric(i),
            Item::Let(i) => self.let_item(i),
            Item::Group(i) => self.group(i),
            Item::Alert(i) => self.alert(i),
            Item::Record(i) => self.record(i),
            Item::Slo(i) => self.slo(i),
            Item::Analysis(i) => self.analysis(i),
            Item::Global(i) => self.global(i),
            Item::Receiver(i) => self.receiver(i),
            Item::Escalation(i) => self.escalation(i),
            Item::Route(i) => self.route(i),
            Item::TimeInterval(i) => self.time_interval(i),
            Item::Inhibit(i) => self.inhibit(i),
            Item::Require(i) => self.require(i),
            Item::Environment(i) => self.environment(i),
            Item::Override(i) => self.override_item(i),
            Item::Test(i) => self.test(i),
        }
        if let Some(body) = body {
            self.end_item(body);
        }
    }
}

/// The braces of an item that is a block.
fn body(item: &Item) -> Option<Span> {
    match item {
        Item::Project(i) | Item::Defaults(i) => Some(i.body.span()),
        Item::Group(i) => Some(i.body.span()),
        Item::Alert(i) => Some(i.body.span()),
        Item::Slo(i) => Some(i.body.span()),
        Item::Analysis(i) => Some(i.body.span()),
        Item::Global(i) => Some(i.body.span()),
        Item::Receiver(i) => Some(i.body.span()),
        Item::Escalation(i) => Some(i.body.span()),
        Item::Route(i) => i.branch.body.as_ref().map(Block::span),
        Item::TimeInterval(i) => Some(i.body.span()),
        Item::Environment(i) => Some(i.body.span()),
        Item::Override(i) => Some(i.body.span()),
        Item::Test(i) => Some(i.body.span()),
        Item::Severity(_)
        | Item::Metric(_)
        | Item::Let(_)
        | Item::Record(_)
        | Item::Inhibit(_)
        | Item::Require(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render::to_plain_string;
    use crate::source::Sources;

    #[test]
    fn a_defect_reads_well() {
        let mut sources = Sources::new();
        let file = sources.add("a.alert", "severity critical\n");
        insta::assert_snapshot!(to_plain_string(&sources, &[defect(file)]));
    }
}
