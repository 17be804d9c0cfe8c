//! The tree of a template. It prints as Go prints its nodes, since error texts quote them.

use std::fmt;
use std::sync::Arc;

use super::function::Function;
use super::value::Value;

/// One parsed template: the text itself, or a `define` or `block` in it.
#[derive(Debug)]
pub struct Tree {
    /// The name by which errors call the text it stands in.
    pub parse_name: Arc<str>,
    /// Its own name.
    pub name: Arc<str>,
    /// The whole text it stands in.
    pub source: Arc<str>,
    pub root: Vec<Node>,
}

impl Tree {
    /// Nothing but space and definitions: such a template never replaces another.
    pub fn is_empty(&self) -> bool {
        self.root.iter().all(|n| matches!(&n.kind, NodeKind::Text(t) if t.trim().is_empty()))
    }
}

/// A statement.
#[derive(Debug)]
pub struct Node {
    pub pos: usize,
    pub kind: NodeKind,
}

#[derive(Debug)]
pub enum NodeKind {
    Text(Box<str>),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template { name: Arc<str>, text: Box<str>, pipe: Option<Pipe> },
    Break,
    Continue,
}

/// What `if`, `with` and `range` share.
#[derive(Debug)]
pub struct Branch {
    pub pipe: Pipe,
    pub body: Vec<Node>,
    pub otherwise: Option<Vec<Node>>,
}

/// `$x := a | b c`.
#[derive(Debug)]
pub struct Pipe {
    pub pos: usize,
    pub declared: Vec<Arc<str>>,
    /// `=` rather than `:=`.
    pub assigns: bool,
    pub commands: Vec<Command>,
}

/// A function, method or value, and its arguments.
#[derive(Debug)]
pub struct Command {
    pub pos: usize,
    pub args: Vec<Operand>,
}

#[derive(Debug)]
pub struct Operand {
    pub pos: usize,
    pub kind: OperandKind,
}

#[derive(Debug)]
pub enum OperandKind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    String {
        text: Box<str>,
        value: Arc<str>,
    },
    /// `.a.b`
    Field(Vec<Arc<str>>),
    /// `$x.a.b`: the name has its dollar.
    Variable {
        name: Arc<str>,
        fields: Vec<Arc<str>>,
    },
    Function(&'static Function),
    Pipe(Box<Pipe>),
    /// `(…).a.b`
    Chain {
        of: Box<Operand>,
        fields: Vec<Arc<str>>,
    },
}

/// A number literal: untyped as in Go, until it is used.
#[derive(Debug)]
pub struct Number {
    pub text: Box<str>,
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
}

impl Number {
    /// The value it has where no type is asked for.
    pub fn ideal(&self) -> Option<Value> {
        let hex = self.text.strip_prefix(['+', '-']).unwrap_or(&self.text);
        let hex_int = (hex.starts_with("0x") || hex.starts_with("0X")) && !hex.contains(['p', 'P']);
        let looks_float =
            self.text.contains(['.', 'e', 'E', 'p', 'P']) && !hex_int && !self.text.starts_with('\'');
        match (self.float, self.int) {
            (Some(f), _) if looks_float => Some(Value::Float(f)),
            (_, Some(i)) => Some(Value::Int(i)),
            _ => None,
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let branch = |f: &mut fmt::Formatter<'_>, word: &str, b: &Branch| {
            write!(f, "{{{{{word} {}}}}}", b.pipe)?;
            b.body.iter().try_for_each(|n| n.fmt(f))?;
            if let Some(otherwise) = &b.otherwise {
                f.write_str("{{else}}")?;
                otherwise.iter().try_for_each(|n| n.fmt(f))?;
            }
            f.write_str("{{end}}")
        };
        match &self.kind {
            NodeKind::Text(text) => f.write_str(text),
            NodeKind::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            NodeKind::If(b) => branch(f, "if", b),
            NodeKind::With(b) => branch(f, "with", b),
            NodeKind::Range(b) => branch(f, "range", b),
            NodeKind::Template { text, pipe: None, .. } => write!(f, "{{{{template {text}}}}}"),
            NodeKind::Template { text, pipe: Some(pipe), .. } => write!(f, "{{{{template {text} {pipe}}}}}"),
            NodeKind::Break => f.write_str("{{break}}"),
            NodeKind::Continue => f.write_str("{{continue}}"),
        }
    }
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.declared.is_empty() {
            write!(f, "{} {} ", self.declared.join(", "), if self.assigns { "=" } else { ":=" })?;
        }
        for (i, command) in self.commands.iter().enumerate() {
            if i > 0 {
                f.write_str(" | ")?;
            }
            command.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.args.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match &arg.kind {
                OperandKind::Pipe(pipe) => write!(f, "({pipe})")?,
                _ => arg.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dotted = |f: &mut fmt::Formatter<'_>, fields: &[Arc<str>]| {
            fields.iter().try_for_each(|field| write!(f, ".{field}"))
        };
        match &self.kind {
            OperandKind::Dot => f.write_str("."),
            OperandKind::Nil => f.write_str("nil"),
            OperandKind::Bool(b) => b.fmt(f),
            OperandKind::Number(n) => f.write_str(&n.text),
            OperandKind::String { text, .. } => f.write_str(text),
            OperandKind::Field(fields) => dotted(f, fields),
            OperandKind::Variable { name, fields } => {
                f.write_str(name)?;
                dotted(f, fields)
            }
            OperandKind::Function(function) => f.write_str(function.name),
            OperandKind::Pipe(pipe) => pipe.fmt(f),
            OperandKind::Chain { of, fields } => {
                match &of.kind {
                    OperandKind::Pipe(pipe) => write!(f, "({pipe})")?,
                    _ => of.fmt(f)?,
                }
                dotted(f, fields)
            }
        }
    }
}
