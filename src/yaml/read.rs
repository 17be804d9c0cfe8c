//! Text to tree: documents, anchors, merge keys, duplicate keys and limits.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::node::{Entry, Mapping, Node, Scalar, Style, Tag, Value};
use super::quoted;
use super::text::forbidden_character;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::{FileId, Span};

/// Most findings about repeated keys in one document.
const MAX_DUPLICATES: usize = 1000;
/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 256 << 20;
/// Deepest nesting of lists and mappings.
const MAX_DEPTH: usize = 100;
/// Most nodes that all aliases of a document may stand for.
const MAX_ALIAS_NODES: usize = 400_000;
/// Most text, in bytes, that all aliases of a document may stand for.
const MAX_ALIAS_TEXT: usize = 64 << 20;

/// One document of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its content, null when it is empty; none when it could not be read.
    pub root: Option<Node>,
    /// What is wrong with the YAML itself.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads every document of a text. There is always at least one; reading ends with the first that is no YAML.
pub fn read(file: FileId, text: &str) -> Vec<Document> {
    if text.len() > MAX_TEXT {
        let message = format!("the file has more than {} MiB", MAX_TEXT >> 20);
        return refused(Diagnostic::new(&codes::yaml::YAML_LIMIT, Span::new(file, 0, 0), message));
    }
    if let Some((offset, c)) = forbidden_character(text) {
        let span = Span::new(file, offset, offset + c.len_utf8());
        let message = format!("the control character U+{:04X} is not allowed in YAML", u32::from(c));
        let help = r#"write it as an escape in double quotes, such as "\x00", or remove it"#;
        return refused(Diagnostic::new(&codes::yaml::YAML_SYNTAX, span, message).help(help));
    }
    let mut flat = Flattened { text: Cow::Borrowed(text), starts: Vec::new() };
    loop {
        match Reader::new(file, text).run(&flat) {
            Ok(documents) => return documents,
            Err(LooseQuote { at, documents }) => match quoted::flatten(&flat.text, at, flat.starts.len()) {
                Some(next) => {
                    flat.text = Cow::Owned(next);
                    flat.starts.push(at);
                }
                None => return documents,
            },
        }
    }
}

/// The text as the parser gets it: the quoted texts that start at `starts` stand on one line.
struct Flattened<'t> {
    text: Cow<'t, str>,
    starts: Vec<usize>,
}

/// Reading ended at a quoted text whose further lines are indented less than its key.
struct LooseQuote {
    at: usize,
    documents: Vec<Document>,
}

fn refused(diagnostic: Diagnostic) -> Vec<Document> {
    vec![Document { root: None, diagnostics: vec![diagnostic] }]
}

/// A list or mapping that is still open.
struct Open {
    start: usize,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { mapping: Mapping, key: Option<Node>, merges: bool },
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    cursor: Cursor<'t>,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    alias_nodes: usize,
    alias_text: usize,
    diagnostics: Vec<Diagnostic>,
    documents: Vec<Document>,
}

impl<'t> Reader<'t> {
    fn new(file: FileId, text: &'t str) -> Reader<'t> {
        Reader {
            file,
            text,
            cursor: Cursor::new(text),
            open: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            alias_nodes: 0,
            alias_text: 0,
            diagnostics: Vec::new(),
            documents: Vec::new(),
        }
    }

    fn run(mut self, flat: &Flattened<'_>) -> Result<Vec<Document>, LooseQuote> {
        let mut parser = Parser::new_from_str(&flat.text);
        let mut loose_quote = None;
        while let Some(next) = parser.next_event() {
            let done = match next {
                Ok((event, span)) => {
                    let start = self.cursor.offset(span.start.index());
                    let end = self.cursor.offset(span.end.index());
                    self.event(event, start, end, &flat.starts)
                }
                Err(error) => {
                    let at = self.cursor.offset(error.marker().index());
                    loose_quote = (error.info() == "invalid indentation in quoted scalar").then_some(at);
                    Err(self.syntax_error(error.info(), at))
                }
            };
            if let Err(diagnostic) = done {
                // One mistake often breaks the text twice: the first finding tells.
                if !self.diagnostics.iter().any(|d| d.code == &codes::yaml::YAML_SYNTAX) {
                    self.diagnostics.push(*diagnostic);
                }
                self.root = None;
                self.end_document(false);
                break;
            }
        }
        if self.documents.is_empty() {
            self.end_document(true);
        }
        match loose_quote {
            Some(at) => Err(LooseQuote { at, documents: self.documents }),
            None => Ok(self.documents),
        }
    }

    fn event(
        &mut self,
        event: Event<'_>,
        start: usize,
        end: usize,
        flattened: &[usize],
    ) -> Result<(), Box<Diagnostic>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map_or(Tag::Implicit, tag_of);
                let style = style_of(style);
                let start = self.content_start(start, end, anchor != 0 || tag != Tag::Implicit, style);
                let text = match self.text.get(start..end) {
                    Some(raw) if flattened.contains(&start) => quoted::decode(raw),
                    _ => text.into_owned(),
                };
                let scalar = Scalar { text, style, tag };
                let end = if matches!(style, Style::Literal | Style::Folded) {
                    start + self.text[start..end].trim_end_matches([' ', '\n', '\r', '\t']).len()
                } else {
                    end
                };
                self.value(Node { span: self.span(start, end), value: Value::Scalar(scalar) }, anchor)
            }
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    let message = "this alias stands inside the very value it stands for";
                    return Err(Box::new(Diagnostic::new(
                        &codes::yaml::YAML_SYNTAX,
                        self.span(start, end),
                        message,
                    )));
                };
                let (nodes, bytes) = size(node);
                self.alias_nodes += nodes;
                self.alias_text += bytes;
                if self.alias_nodes > MAX_ALIAS_NODES || self.alias_text > MAX_ALIAS_TEXT {
                    let message = format!(
                        "the aliases of this document stand for more than {MAX_ALIAS_NODES} values or {} MiB of text",
                        MAX_ALIAS_TEXT >> 20
                    );
                    return Err(Box::new(Diagnostic::new(
                        &codes::yaml::YAML_LIMIT,
                        self.span(start, end),
                        message,
                    )));
                }
                let node = node.clone();
                self.value(node, 0)
            }
            Event::SequenceStart(anchor, _) => self.push(start, end, anchor, Content::Sequence(Vec::new())),
            Event::MappingStart(anchor, _) => self.push(
                start,
                end,
                anchor,
                Content::Mapping { mapping: Mapping::default(), key: None, merges: false },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.pop(end),
            Event::DocumentEnd => {
                self.end_document(true);
                Ok(())
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => Ok(()),
        }
    }

    fn push(
        &mut self,
        start: usize,
        end: usize,
        anchor: usize,
        content: Content,
    ) -> Result<(), Box<Diagnostic>> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Box::new(self.too_deep(start, end)));
        }
        let start = self.content_start(start, end, anchor != 0, Style::Plain);
        self.open.push(Open { start, anchor, content });
        Ok(())
    }

    fn pop(&mut self, end: usize) -> Result<(), Box<Diagnostic>> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { mut mapping, merges, .. } => {
                if merges {
                    merge(&mut mapping, &mut self.diagnostics);
                }
                self.report_duplicates(&mapping);
                Value::Mapping(mapping)
            }
        };
        // A block collection ends where the next token begins: its own text ends before that.
        let own = self.text.get(open.start..end).unwrap_or("").trim_end().len();
        let node = Node { span: self.span(open.start, open.start + own), value };
        self.value(node, open.anchor)
    }

    fn value(&mut self, node: Node, anchor: usize) -> Result<(), Box<Diagnostic>> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|o| &mut o.content) {
            None => self.root = Some(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { mapping, key, merges }) => match key.take() {
                Some(key) => mapping.entries.push(Entry { key, value: node, merged: false }),
                None => {
                    match &node.value {
                        Value::Scalar(s) => *merges |= s.text == "<<" && s.style == Style::Plain,
                        _ => {
                            let template = self.text[..node.span.start as usize].ends_with('{');
                            let message = if template {
                                "a template without quotes"
                            } else {
                                "a list or mapping as a key"
                            };
                            let finding = Diagnostic::new(&codes::yaml::YAML_SYNTAX, node.span, message);
                            self.diagnostics.push(if template {
                                finding.help("a value that starts with `{{` needs quotes around all of it")
                            } else {
                                finding.label("a key is a word")
                            });
                        }
                    }
                    *key = Some(node);
                }
            },
        }
        Ok(())
    }

    fn end_document(&mut self, complete: bool) {
        let end = self.text.len();
        let null = || Node {
            span: Span::new(self.file, end, end),
            value: Value::Scalar(Scalar { text: String::new(), style: Style::Plain, tag: Tag::Implicit }),
        };
        let root = complete.then(|| self.root.take().unwrap_or_else(null));
        self.documents.push(Document { root, diagnostics: std::mem::take(&mut self.diagnostics) });
        self.open.clear();
        self.anchors.clear();
        (self.alias_nodes, self.alias_text) = (0, 0);
    }

    fn report_duplicates(&mut self, mapping: &Mapping) {
        let entries = &mapping.entries;
        if entries.len() <= 12 {
            for (i, entry) in entries.iter().enumerate().skip(1) {
                let name = entry.name();
                if let Some(first) = entries[..i].iter().find(|e| e.name() == name) {
                    self.report_duplicate(first, entry);
                }
            }
            return;
        }
        let mut seen: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
        for entry in entries {
            if let Some(first) = seen.get(entry.name()) {
                self.report_duplicate(first, entry);
            } else {
                seen.insert(entry.name(), entry);
            }
        }
    }

    fn report_duplicate(&mut self, first: &Entry, entry: &Entry) {
        if self.diagnostics.len() < MAX_DUPLICATES {
            self.diagnostics.push(duplicate(first, entry));
        }
    }

    fn syntax_error(&self, info: &str, at: usize) -> Box<Diagnostic> {
        if info == "recursion limit exceeded" {
            return Box::new(self.too_deep(at, at));
        }
        let width = self
            .text
            .get(at..)
            .and_then(|t| t.chars().next())
            .filter(|c| *c != '\n')
            .map_or(0, char::len_utf8);
        let mut diagnostic = Diagnostic::new(
            &codes::yaml::YAML_SYNTAX,
            self.span(at, at + width),
            format!("this is not YAML: {info}"),
        );
        if info.contains("flow") {
            let bracket = self.open.iter().rev().find(|o| self.text[o.start..].starts_with(['[', '{']));
            if let Some(open) = bracket {
                diagnostic = diagnostic.also(self.span(open.start, open.start + 1), "opened here");
            }
        }
        let line_start = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let line = self.text[line_start..].lines().next().unwrap_or("");
        if self.text[line_start..at].contains('\t') || line.trim_start_matches(' ').starts_with('\t') {
            diagnostic = diagnostic.help("YAML is indented with spaces; replace the tab");
        } else if line.contains(": {{") || line.contains("- {{") {
            diagnostic = diagnostic.help("put the template in quotes: a plain value may not start with `{`");
        } else if line.matches(": ").count() > 1 {
            diagnostic =
                diagnostic.help("a plain value may not hold `: `; put it in quotes or in a `|` block");
        }
        Box::new(diagnostic)
    }

    fn too_deep(&self, start: usize, end: usize) -> Diagnostic {
        let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
        Diagnostic::new(&codes::yaml::YAML_LIMIT, self.span(start, end), message)
    }

    /// The start of the value itself when an anchor or a tag stands before it.
    fn content_start(&self, start: usize, end: usize, properties: bool, style: Style) -> usize {
        let raw = self.text.get(start..end).unwrap_or("");
        if !properties || matches!(style, Style::Literal | Style::Folded) {
            return start;
        }
        let mut rest = raw;
        while let Some(after) = rest.strip_prefix(['&', '!']) {
            let word = after.find(|c: char| c.is_whitespace()).unwrap_or(after.len());
            rest = after[word..].trim_start();
        }
        start + (raw.len() - rest.len())
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end.max(start))
    }
}

fn duplicate(first: &Entry, second: &Entry) -> Diagnostic {
    let name = second.name();
    Diagnostic::new(&codes::yaml::DUPLICATE_KEY, second.key.span, format!("the key `{name}` is given twice"))
        .label("again here")
        .also(first.key.span, "first here")
        .help("remove one of the two")
}

/// Puts the entries that `<<` brings behind the mapping's own, which win.
fn merge(mapping: &mut Mapping, diagnostics: &mut Vec<Diagnostic>) {
    let is_merge =
        |e: &Entry| matches!(&e.key.value, Value::Scalar(s) if s.text == "<<" && s.style == Style::Plain);
    let mut merges = Vec::new();
    let mut own = Vec::with_capacity(mapping.entries.len());
    for entry in mapping.entries.drain(..) {
        if is_merge(&entry) { merges.push(entry) } else { own.push(entry) }
    }
    let mut names: HashSet<String> = own.iter().map(|e| e.name().to_string()).collect();
    for entry in merges {
        let sources = match entry.value.value {
            Value::Sequence(items) => items,
            _ => vec![entry.value],
        };
        for source in sources {
            let Value::Mapping(source) = source.value else {
                let message = "`<<` merges a mapping or a list of mappings";
                diagnostics.push(Diagnostic::new(&codes::yaml::YAML_SYNTAX, entry.key.span, message));
                continue;
            };
            for mut entry in source.entries {
                if names.insert(entry.name().to_string()) {
                    entry.merged = true;
                    own.push(entry);
                }
            }
        }
    }
    mapping.entries = own;
}

/// How many nodes and bytes of text a node holds.
fn size(node: &Node) -> (usize, usize) {
    let add = |(n, b): (usize, usize), child: &Node| {
        let (nodes, bytes) = size(child);
        (n + nodes, b + bytes)
    };
    match &node.value {
        Value::Scalar(s) => (1, s.text.len()),
        Value::Sequence(items) => items.iter().fold((1, 0), add),
        Value::Mapping(m) => m.entries.iter().fold((1, 0), |sum, e| add(add(sum, &e.key), &e.value)),
    }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn tag_of(tag: &saphyr_parser::Tag) -> Tag {
    let suffix: Cow<'_, str> = match tag.handle.as_str() {
        "tag:yaml.org,2002:" | "!!" => Cow::Borrowed(&tag.suffix),
        _ => Cow::Owned(format!("{}{}", tag.handle, tag.suffix)),
    };
    match suffix.trim_start_matches("tag:yaml.org,2002:") {
        "int" => Tag::Int,
        "float" => Tag::Float,
        "bool" => Tag::Bool,
        "null" => Tag::Null,
        "binary" => Tag::Binary,
        _ => Tag::Text,
    }
}

/// Turns character indexes, which mostly grow, into byte offsets.
struct Cursor<'t> {
    text: &'t str,
    ascii: bool,
    index: usize,
    offset: usize,
}

impl<'t> Cursor<'t> {
    fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, ascii: text.is_ascii(), index: 0, offset: 0 }
    }

    fn offset(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.text.len());
        }
        let bytes = self.text.as_bytes();
        let is_start = |offset: usize| bytes.get(offset).is_none_or(|b| (*b as i8) >= -0x40);
        while self.index < index && self.offset < bytes.len() {
            self.offset += 1;
            while !is_start(self.offset) {
                self.offset += 1;
            }
            self.index += 1;
        }
        while self.index > index {
            self.offset -= 1;
            while !is_start(self.offset) {
                self.offset -= 1;
            }
            self.index -= 1;
        }
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Node, Vec<Diagnostic>) {
        let mut documents = read(FileId(0), text);
        assert_eq!(documents.len(), 1);
        let document = documents.remove(0);
        (document.root.expect("a document"), document.diagnostics)
    }

    fn error(text: &str) -> Diagnostic {
        read(FileId(0), text).into_iter().flat_map(|d| d.diagnostics).next().expect("an error")
    }

    #[test]
    fn spans_are_byte_ranges_of_the_values() {
        let text = "é: &a !!str x\nb: |\n  one\n  two\n\nc: [d, \"é\"]\n";
        let (root, diagnostics) = one(text);
        assert!(diagnostics.is_empty());
        let map = root.as_mapping().expect("a mapping");
        let shown: Vec<&str> = map.entries.iter().map(|e| &text[e.value.span.range()]).collect();
        assert_eq!(shown, ["x", "one\n  two", "[d, \"é\"]"]);
    }

    #[test]
    fn merge_keys_bring_what_is_not_given() {
        let (root, diagnostics) = one("a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\n");
        assert!(diagnostics.is_empty());
        let b = root.as_mapping().and_then(|m| m.get("b")).and_then(Node::as_mapping).expect("b");
        assert_eq!(b.get("y").and_then(Node::as_text), Some("3"));
        assert_eq!(b.get("x").and_then(Node::as_text), Some("1"));
        assert!(b.entry("x").is_some_and(|e| e.merged));
    }

    #[test]
    fn quoted_text_may_be_indented_less_than_its_key() {
        let text = "a:\n    b: \"x\n  \\u00e9 y\"\n    c: 'd\n e'\n    f: g\n";
        let (root, diagnostics) = one(text);
        assert!(diagnostics.is_empty());
        let a = root.as_mapping().and_then(|m| m.get("a")).and_then(Node::as_mapping).expect("a");
        let values: Vec<_> = a.entries.iter().filter_map(|e| e.value.as_text()).collect();
        assert_eq!(values, ["x é y", "d e", "g"]);
        assert_eq!(&text[a.entries[2].value.span.range()], "g");
    }

    #[test]
    fn repeated_keys_are_found_in_small_and_large_mappings() {
        assert_eq!(one("a: 1\nb: 2\na: 3\n").1.len(), 1);
        let many: String = (0..40).map(|i| format!("k{}: 1\n", i % 39)).collect();
        assert_eq!(one(&many).1.len(), 1);
    }

    #[test]
    fn hostile_input_is_refused_in_bounded_time() {
        let mut laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_string();
        for (next, last) in ('b'..='l').zip('a'..) {
            laughs += &format!("{next}: &{next} [{}]\n", vec![format!("*{last}"); 9].join(", "));
        }
        assert_eq!(error(&laughs).code.name, "yaml-limit");
        assert_eq!(error(&"[".repeat(100_000)).code.name, "yaml-limit");
        assert_eq!(error(&"{a: ".repeat(10_000)).code.name, "yaml-limit");
        assert_eq!(error(&"- ".repeat(10_000)).code.name, "yaml-limit");
        assert_eq!(error("a: b\0c").code.name, "yaml-syntax");
        assert_eq!(error("a: &x [*x]").code.name, "yaml-syntax");
        assert_eq!(error("a: [1, 2").code.name, "yaml-syntax");
    }

    #[test]
    fn documents_before_an_error_are_kept() {
        let documents = read(FileId(0), "a: 1\n---\nb: 2\n---\n]\n");
        assert_eq!(documents.iter().map(|d| d.root.is_some()).collect::<Vec<_>>(), [true, true, false]);
        assert!(read(FileId(0), "").first().is_some_and(|d| d.root.as_ref().is_some_and(Node::is_null)));
    }
}
