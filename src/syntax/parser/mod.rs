//! From text to tree by recursive descent: one function for each construct of the grammar, grouped as the tree is.
//!
//! No function gives up on the file. A construct that cannot be read reports one finding, marks the parser as
//! [out of step](Parser::lost), and leaves it to the block around it to find the next place that can be read
//! ([`blocks`]).

mod analysis;
mod blocks;
mod braces;
mod cursor;
mod declarations;
mod escalation;
mod fields;
mod habits;
mod intervals;
mod parts;
mod promql;
mod routing;
mod rules;
mod shapes;
mod testing;

use std::ops::{Deref, DerefMut};

use crate::promql::features::{Features, Version};
use crate::source::FileId;

use super::Parsed;
use super::ast::{File, Item};
use super::keywords::{DEFAULT_SEVERITIES, ITEMS};
use blocks::Frame;
use cursor::{Ahead, Cursor, Peek};

pub(in crate::syntax) use cursor::quoted_length;

/// What a parser must know beyond the text.
#[derive(Debug, Clone)]
pub struct Options {
    /// The project's severities, for files that do not declare them. A file's own declaration counts too; without
    /// any, critical, warning and info do.
    pub severities: Vec<String>,
    /// The Prometheus that will run the rules; what it lacks is refused.
    pub version: Version,
    /// Its feature flags.
    pub features: Features,
}

impl Default for Options {
    /// The newest Prometheus, no feature flags, the default severities.
    fn default() -> Options {
        Options { severities: Vec::new(), version: Version::LATEST, features: Features::none() }
    }
}

/// Parses one file. The tree has no spans beyond `text`, the findings none outside it.
///
/// Time and memory are linear in the length of `text`, and nesting is limited.
pub fn parse(file: FileId, text: &str, options: &Options) -> Parsed {
    let mut severities = options.severities.clone();
    severities.extend(declared_severities(text));
    if severities.is_empty() {
        severities.extend(DEFAULT_SEVERITIES.iter().map(ToString::to_string));
    }
    let mut parser = Parser {
        cursor: Cursor::new(file, text),
        severities,
        version: options.version,
        features: options.features,
        words: ITEMS,
        levels: false,
        lost: false,
        frames: Vec::new(),
    };
    let items = parser.items();
    let Cursor { comments, mut diagnostics, .. } = parser.cursor;
    diagnostics.sort_by_key(|d| (d.primary.span.start, d.primary.span.end));
    Parsed { file: File { items }, comments, diagnostics }
}

/// The severities that a text declares, read without parsing it: what `severity a, b` at the start of a line lists.
///
/// A project collects them from all its files before it parses any.
pub fn declared_severities(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|t| t.find("severity")).map(|n| n + from) {
        from = at + "severity".len();
        if at > 0 && text.as_bytes().get(at - 1) != Some(&b'\n') {
            continue;
        }
        let mut ahead = Ahead::new(text, from);
        if matches!(ahead.peek(), Peek::Word(_)) || ahead.trivia() {
            continue;
        }
        while let Some(word) = ahead.word() {
            found.push(word.to_string());
            if !ahead.at_mark(&[","]) {
                break;
            }
            ahead.pos += 1;
            ahead.trivia();
        }
    }
    found
}

/// The parser's state.
struct Parser<'s> {
    cursor: Cursor<'s>,
    severities: Vec<String>,
    version: Version,
    features: Features,
    /// The keywords of the innermost block.
    words: &'static [&'static str],
    /// True in a block that holds levels.
    levels: bool,
    /// True after an error from which the text behind it can't be told apart; the block around recovers.
    lost: bool,
    /// The open blocks.
    frames: Vec<Frame>,
}

impl<'s> Deref for Parser<'s> {
    type Target = Cursor<'s>;

    fn deref(&self) -> &Cursor<'s> {
        &self.cursor
    }
}

impl DerefMut for Parser<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.cursor
    }
}

impl Parser<'_> {
    /// All items of the file.
    fn items(&mut self) -> Vec<Item> {
        let mut items = Vec::new();
        loop {
            match self.peek() {
                Peek::End => return items,
                Peek::Mark("}" | ")" | "]") => self.unmatched_closer(),
                _ => {
                    let start = self.pos;
                    self.lost = false;
                    items.extend(self.item());
                    if self.lost {
                        self.recover(start, 0);
                    }
                }
            }
        }
    }

    /// One item; `None` after a word that starts none.
    fn item(&mut self) -> Option<Item> {
        let start = self.pos;
        let dash = self.dash();
        let (keyword, span) = self.keyword("an item", ITEMS)?;
        self.colon(dash, span);
        match keyword {
            "severity" => self.severities(start).map(Item::Severity),
            "project" => self.defaults(span).map(Item::Project),
            "defaults" => self.defaults(span).map(Item::Defaults),
            "metric" => self.metric(start).map(Item::Metric),
            "let" => self.let_item(start).map(Item::Let),
            "group" => self.group(start).map(Item::Group),
            "alert" => self.alert(span).map(Item::Alert),
            "record" => self.record(span).map(Item::Record),
            "slo" => self.slo(span).map(Item::Slo),
            "analysis" => self.analysis(span).map(Item::Analysis),
            "global" => self.global(start).map(Item::Global),
            "receiver" => self.receiver(start).map(Item::Receiver),
            "escalation" => self.escalation(start).map(Item::Escalation),
            "route" => self.route(span).map(Item::Route),
            "time_interval" => self.time_interval(start).map(Item::TimeInterval),
            "inhibit" => self.inhibit(start).map(Item::Inhibit),
            "require" => self.require(start).map(Item::Require),
            "environment" => self.environment(start).map(Item::Environment),
            "override" => self.override_item(start).map(Item::Override),
            _ => self.test(start).map(Item::Test),
        }
    }
}
