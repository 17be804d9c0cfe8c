//! What a template uses: fields of its data, functions, other templates and queries, with their places.

use std::ops::Range;

use super::Template;
use super::ast::{Branch, Node, NodeKind, Operand, OperandKind, Pipe, Tree};

/// One thing that a template uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is.
    pub what: Used,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
    /// The `define` or `block` it stands in, if any: there the data is what the caller passes.
    pub inside: Option<String>,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// `$labels.job`, `.CommonLabels.job`, `index $labels "job"`: where it starts and the names that follow.
    /// Without names the whole value is used.
    Path(Root, Vec<String>),
    /// A function, by its name.
    Function(String),
    /// `{{ template "x" }}`.
    Template(String),
    /// The text of a query that is written out: `query "up"`. What is put together at run time is not known.
    Query(String),
}

/// Where a path starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Root {
    /// The data of the template: `.` where nothing has changed it, or `$`.
    Data,
    /// `.` inside a `range` or `with`: an item or what the `with` is about.
    Inner,
    /// A variable, by its name with the dollar.
    Variable(String),
}

impl Template {
    /// What this template and the templates it defines use, in the order of the text.
    pub fn uses(&self) -> Vec<Use> {
        let mut walk = Walk { uses: Vec::new(), tree: &self.main, inside: None, inner: false };
        walk.list(&self.main.root);
        for tree in self.trees.values().filter(|t| t.name != self.main.name) {
            walk.tree = tree;
            walk.inside = Some(tree.name.to_string());
            walk.list(&tree.root);
        }
        let mut uses = walk.uses;
        uses.sort_by_key(|u| u.at.start);
        uses
    }
}

struct Walk<'a> {
    uses: Vec<Use>,
    tree: &'a Tree,
    inside: Option<String>,
    /// The dot is not the data of the template any more.
    inner: bool,
}

impl Walk<'_> {
    fn add(&mut self, what: Used, at: Range<usize>) {
        self.uses.push(Use { what, at, inside: self.inside.clone() });
    }

    fn list(&mut self, nodes: &[Node]) {
        for node in nodes {
            match &node.kind {
                NodeKind::Action(pipe) => self.pipe(pipe),
                NodeKind::If(branch) => self.branch(branch, false),
                NodeKind::With(branch) | NodeKind::Range(branch) => self.branch(branch, true),
                NodeKind::Template { name, pipe, .. } => {
                    let end = self.end_of_string(node.pos);
                    self.add(Used::Template(name.to_string()), node.pos..end);
                    if let Some(pipe) = pipe {
                        self.pipe(pipe);
                    }
                }
                NodeKind::Text(_) | NodeKind::Break | NodeKind::Continue => {}
            }
        }
    }

    fn branch(&mut self, branch: &Branch, changes_dot: bool) {
        self.pipe(&branch.pipe);
        let inner = self.inner;
        self.inner |= changes_dot;
        self.list(&branch.body);
        self.inner = inner;
        if let Some(otherwise) = &branch.otherwise {
            self.list(otherwise);
        }
    }

    fn pipe(&mut self, pipe: &Pipe) {
        let mut before: Option<&Operand> = None;
        for command in &pipe.commands {
            let Some((first, args)) = command.args.split_first() else { continue };
            if let OperandKind::Function(function) = &first.kind {
                self.add(
                    Used::Function(function.name.to_string()),
                    first.pos..first.pos + function.name.len(),
                );
                // The text of a query is its argument, or comes through the pipe.
                if function.name == "query"
                    && let Some(Operand { pos, kind: OperandKind::String { text, value } }) =
                        args.first().or(before)
                {
                    self.add(Used::Query(value.to_string()), *pos..*pos + text.len());
                }
                if function.name == "index" && self.index(args) {
                    before = None;
                    continue;
                }
            } else {
                self.operand(first);
            }
            for arg in args {
                self.operand(arg);
            }
            before = args.is_empty().then_some(first);
        }
    }

    /// `index $labels "job"` is the path `$labels.job`.
    fn index(&mut self, args: &[Operand]) -> bool {
        let Some((of, keys)) = args.split_first() else { return false };
        let Some((root, mut fields, at)) = self.path(of) else { return false };
        let mut end = at.end;
        for key in keys {
            let OperandKind::String { text, value } = &key.kind else { return false };
            fields.push(value.to_string());
            end = key.pos + text.len();
        }
        self.add(Used::Path(root, fields), at.start..end);
        true
    }

    fn operand(&mut self, operand: &Operand) {
        match &operand.kind {
            OperandKind::Function(function) => {
                self.add(
                    Used::Function(function.name.to_string()),
                    operand.pos..operand.pos + function.name.len(),
                );
            }
            OperandKind::Pipe(pipe) => self.pipe(pipe),
            OperandKind::Chain { of, .. } => self.operand(of),
            _ => {
                if let Some((root, fields, at)) = self.path(operand) {
                    self.add(Used::Path(root, fields), at);
                }
            }
        }
    }

    fn path(&self, operand: &Operand) -> Option<(Root, Vec<String>, Range<usize>)> {
        let dot = || if self.inner { Root::Inner } else { Root::Data };
        let (root, fields) = match &operand.kind {
            OperandKind::Dot => (dot(), &[][..]),
            OperandKind::Field(fields) => (dot(), fields.as_slice()),
            OperandKind::Variable { name, fields } if name.as_ref() == "$" => (Root::Data, fields.as_slice()),
            OperandKind::Variable { name, fields } => (Root::Variable(name.to_string()), fields.as_slice()),
            _ => return None,
        };
        let fields = fields.iter().map(ToString::to_string).collect();
        // Go places a path of several parts at its second one; the text tells where it starts.
        let text = operand.to_string();
        let source = &self.tree.source;
        let start = (operand.pos.saturating_sub(text.len())..=operand.pos)
            .find(|start| source.get(*start..start + text.len()) == Some(text.as_str()))
            .unwrap_or(operand.pos);
        Some((root, fields, start..start + text.len()))
    }

    fn end_of_string(&self, start: usize) -> usize {
        let rest = self.tree.source.get(start..).unwrap_or_default();
        let delimiter = rest.chars().next().unwrap_or('"');
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                '\\' if delimiter == '"' && !escaped => escaped = true,
                c if c == delimiter && !escaped => return start + at + 1,
                _ => escaped = false,
            }
        }
        start + rest.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gotemplate::prometheus::{LATEST, RuleTemplate, functions};

    /// Each use as `kind text`, where the text is what stands at its place.
    fn uses(text: &str) -> Vec<String> {
        let template = RuleTemplate::parse("A", text, functions(LATEST)).unwrap();
        let show = |u: &Use| {
            let what = match &u.what {
                Used::Path(root, names) => format!("{root:?}/{}", names.join("/")),
                Used::Function(name) => format!("function {name}"),
                Used::Template(name) => format!("template {name}"),
                Used::Query(query) => format!("query {query}"),
            };
            let inside = u.inside.as_ref().map_or(String::new(), |name| format!(" in {name}"));
            format!("{what} <{}>{inside}", &text[u.at.clone()])
        };
        template.uses().iter().map(show).collect()
    }

    #[test]
    fn labels_functions_templates_and_queries_have_their_places() {
        assert_eq!(
            uses(
                "é {{ $labels.job | title }} {{ index $labels \"a-b\" }}\n{{ .Labels.x }}{{ $.Labels.y }}{{ $labels }}"
            ),
            [
                "Variable(\"$labels\")/job <$labels.job>",
                "function title <title>",
                "function index <index>",
                "Variable(\"$labels\")/a-b <$labels \"a-b\">",
                "Data/Labels/x <.Labels.x>",
                "Data/Labels/y <$.Labels.y>",
                "Variable(\"$labels\")/ <$labels>",
            ]
        );
        assert_eq!(
            uses(
                "{{ range query \"up\" }}{{ .Labels.a }}{{ end }}{{ `b` | query | first }}{{ with $v := $value }}{{ . }}{{ end }}"
            ),
            [
                "function query <query>",
                "query up <\"up\">",
                "Inner/Labels/a <.Labels.a>",
                "query b <`b`>",
                "function query <query>",
                "function first <first>",
                "Variable(\"$value\")/ <$value>",
                "Inner/ <.>",
            ]
        );
        assert_eq!(
            uses("{{ define \"t\" }}{{ .x }}{{ end }}{{ template \"t\" (args $labels.z) }}"),
            [
                "Data/x <.x> in t",
                "template t <\"t\">",
                "function args <args>",
                "Variable(\"$labels\")/z <$labels.z>",
            ]
        );
        assert!(uses("no actions").is_empty());
    }
}
