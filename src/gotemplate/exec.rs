//! Executes a tree: statements and their output, as Go's text/template/exec.go.

use std::sync::Arc;

use super::ast::{Branch, Command, Node, NodeKind, Operand, Pipe, Tree};
use super::html::HtmlWriter;
use super::print;
use super::value::Value;
use super::{Environment, Template, TemplateError};
use crate::gostd::strconv::quote;

/// How deep blocks and called templates may nest. Go allows 100,000 calls, which only endless recursion reaches.
const MAX_DEPTH: usize = 250;
/// How many statements, commands and rounds of loops one execution may take.
const MAX_STEPS: u64 = 1_000_000;
/// How many of them count for nothing where many executions have a budget together: most texts take no more.
const FREE_STEPS: u64 = 100;
/// The largest output, and the largest string on the way to it, in bytes.
pub const MAX_TEXT: usize = 4 << 20;

/// Executes a template on its data: what was written, and the error that ended it early, if one did.
pub fn execute(
    template: &Template,
    data: &Value,
    env: &Environment<'_>,
    html: bool,
) -> (String, Option<TemplateError>) {
    let mut exec = Exec {
        template,
        env,
        tree: &template.main,
        vars: vec![("$", data.clone())],
        at: At::Start,
        depth: 0,
        steps: 0,
        out: if html { Output::Html(HtmlWriter::default()) } else { Output::Text(String::new()) },
    };
    let error = match exec.list(data, &template.main.root) {
        Err(Stop::Error(e)) => Some(*e),
        // `break` and `continue` stand in loops, so they never get here.
        Ok(()) | Err(Stop::Break | Stop::Continue) => None,
    };
    let written = match exec.out {
        Output::Text(text) => text,
        Output::Html(writer) => writer.finish(),
    };
    (written, error)
}

/// The node that errors name: the last one looked at.
#[derive(Clone, Copy)]
pub enum At<'a> {
    Start,
    Node(&'a Node),
    Pipe(&'a Pipe),
    Command(&'a Command),
    Operand(&'a Operand),
}

impl At<'_> {
    fn parts(self) -> (usize, String) {
        match self {
            At::Start => (0, String::new()),
            At::Node(n) => (n.pos, n.to_string()),
            At::Pipe(p) => (p.pos, p.to_string()),
            At::Command(c) => (c.pos, c.to_string()),
            At::Operand(o) => (o.pos, o.to_string()),
        }
    }
}

/// Why a list of statements ended early.
pub enum Stop {
    Error(Box<TemplateError>),
    Break,
    Continue,
}

pub type Result<T, E = Stop> = std::result::Result<T, E>;

enum Output {
    Text(String),
    Html(HtmlWriter),
}

/// The state of an execution.
pub struct Exec<'a> {
    template: &'a Template,
    pub env: &'a Environment<'a>,
    tree: &'a Tree,
    vars: Vec<(&'a str, Value)>,
    pub at: At<'a>,
    depth: usize,
    steps: u64,
    out: Output,
}

impl<'a> Exec<'a> {
    /// An error at the node last looked at.
    pub fn error<T>(&self, message: impl AsRef<str>) -> Result<T> {
        let message = message.as_ref();
        let (pos, node) = self.at.parts();
        let before = &self.tree.source[..pos];
        let line = 1 + before.matches('\n').count();
        let column = pos - before.rfind('\n').map_or(0, |i| i + 1);
        Err(Stop::Error(Box::new(TemplateError {
            message: format!(
                "template: {}:{line}:{column}: executing {} at <{node}>: {message}",
                self.tree.parse_name,
                quote(&self.tree.name)
            ),
            reason: message.to_string(),
            offset: pos,
            length: node.len(),
        })))
    }

    /// Counts one step; execution is bounded.
    pub fn step(&mut self) -> Result<()> {
        self.work(1)
    }

    /// Counts what takes as long as so many steps.
    pub fn work(&mut self, steps: u64) -> Result<()> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MAX_STEPS {
            // Others like it would take as long again.
            if let Some(budget) = self.env.budget {
                budget.exhaust();
            }
            return self.error(format!("the template does not end: stopped after {MAX_STEPS} steps"));
        }
        if self.steps > FREE_STEPS && self.env.budget.is_some_and(|budget| !budget.spend(steps)) {
            return self.error("the templates of the test take too many steps together");
        }
        Ok(())
    }

    fn check_depth(&self) -> Result<()> {
        if self.depth >= MAX_DEPTH { self.error("exceeded maximum template depth (100000)") } else { Ok(()) }
    }

    fn list(&mut self, dot: &Value, nodes: &'a [Node]) -> Result<()> {
        self.check_depth()?;
        self.depth += 1;
        for node in nodes {
            self.node(dot, node)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, dot: &Value, node: &'a Node) -> Result<()> {
        self.at = At::Node(node);
        self.step()?;
        match &node.kind {
            NodeKind::Text(text) => {
                match &mut self.out {
                    Output::Text(out) => out.push_str(text),
                    Output::Html(writer) => writer.template_text(text),
                }
                self.check_output()
            }
            NodeKind::Action(pipe) => {
                let value = self.pipe(dot, pipe)?;
                if pipe.declared.is_empty() {
                    self.at = At::Node(node);
                    self.print(pipe, &value)?;
                }
                Ok(())
            }
            NodeKind::If(branch) => self.branch(dot, branch, false),
            NodeKind::With(branch) => self.branch(dot, branch, true),
            NodeKind::Range(branch) => {
                let mark = self.vars.len();
                let result = self.range(dot, branch);
                self.vars.truncate(mark);
                result
            }
            NodeKind::Template { name, pipe, .. } => self.call_template(dot, name, pipe.as_ref()),
            NodeKind::Break => Err(Stop::Break),
            NodeKind::Continue => Err(Stop::Continue),
        }
    }

    fn print(&mut self, pipe: &Pipe, value: &Value) -> Result<()> {
        let written = match &mut self.out {
            Output::Text(out) => {
                match value {
                    Value::Str(_, s) => out.push_str(s),
                    value => print::push_output(out, value),
                }
                Ok(())
            }
            Output::Html(writer) => writer.value(value, pipe),
        };
        match written {
            Ok(()) => self.check_output(),
            Err(message) => self.error(message),
        }
    }

    fn check_output(&self) -> Result<()> {
        let size = match &self.out {
            Output::Text(out) => out.len(),
            Output::Html(writer) => writer.len(),
        };
        if size > MAX_TEXT {
            self.error(format!("the output is larger than {MAX_TEXT} bytes"))
        } else {
            Ok(())
        }
    }

    fn branch(&mut self, dot: &Value, branch: &'a Branch, is_with: bool) -> Result<()> {
        let mark = self.vars.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let result = if value.is_true() {
            self.list(if is_with { &value } else { dot }, &branch.body)
        } else {
            branch.otherwise.as_ref().map_or(Ok(()), |list| self.list(dot, list))
        };
        // A `break` in here leaves the depth behind: the loop restores it.
        self.vars.truncate(mark);
        result
    }

    fn range(&mut self, dot: &Value, branch: &'a Branch) -> Result<()> {
        let value = self.pipe(dot, &branch.pipe)?;
        let int = |i: usize| Value::Int(i64::try_from(i).unwrap_or(i64::MAX));
        let mut any = false;
        let mut round = |exec: &mut Self, index: Value, item: &Value| {
            any = true;
            exec.round(branch, index, item)
        };
        match &value {
            Value::List(_, items) => {
                for (i, item) in items.iter().enumerate() {
                    if !round(self, int(i), item)? {
                        break;
                    }
                }
            }
            Value::StringMap(map) => {
                for (name, text) in map.iter() {
                    if !round(self, Value::string(name.clone()), &Value::string(text.clone()))? {
                        break;
                    }
                }
            }
            Value::AnyMap(map) => {
                for (name, item) in map.iter() {
                    if !round(self, Value::string(name.clone()), item)? {
                        break;
                    }
                }
            }
            Value::Int(n) => {
                if branch.pipe.declared.len() > 1 {
                    return self.error(format!("can't use {n} to iterate over more than one variable"));
                }
                for i in 0..*n {
                    if !round(self, Value::Nil, &Value::Int(i))? {
                        break;
                    }
                }
            }
            Value::Nil => {}
            other => return self.error(format!("range can't iterate over {}", print::value(other))),
        }
        match &branch.otherwise {
            Some(list) if !any => self.list(dot, list),
            _ => Ok(()),
        }
    }

    /// One round of a loop; false after a `break`.
    fn round(&mut self, branch: &'a Branch, index: Value, item: &Value) -> Result<bool> {
        self.step()?;
        let mark = self.vars.len();
        let depth = self.depth;
        match (branch.pipe.declared.as_slice(), branch.pipe.assigns) {
            ([], _) => {}
            ([one], true) => self.assign(one, item.clone())?,
            ([first, second, ..], true) => {
                self.assign(first, index)?;
                self.assign(second, item.clone())?;
            }
            ([_], false) => self.set_top(1, item.clone()),
            (_, false) => {
                self.set_top(1, item.clone());
                self.set_top(2, index);
            }
        }
        let result = self.list(item, &branch.body);
        self.vars.truncate(mark);
        self.depth = depth;
        match result {
            Ok(()) | Err(Stop::Continue) => Ok(true),
            Err(Stop::Break) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn set_top(&mut self, from_end: usize, value: Value) {
        if let Some(at) = self.vars.len().checked_sub(from_end)
            && let Some(var) = self.vars.get_mut(at)
        {
            var.1 = value;
        }
    }

    fn call_template(&mut self, dot: &Value, name: &Arc<str>, pipe: Option<&'a Pipe>) -> Result<()> {
        let Some(tree) = self.template.lookup(name) else {
            return self.error(format!("template {} not defined", quote(name)));
        };
        self.check_depth()?;
        let argument = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Nil,
        };
        let vars = std::mem::replace(&mut self.vars, vec![("$", argument.clone())]);
        let caller = std::mem::replace(&mut self.tree, tree);
        self.list(&argument, &tree.root)?;
        self.tree = caller;
        self.vars = vars;
        Ok(())
    }

    /// The value of a variable: the innermost of its name.
    pub fn variable(&self, name: &str) -> Result<Value> {
        match self.vars.iter().rev().find(|(n, _)| *n == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    fn assign(&mut self, name: &str, value: Value) -> Result<()> {
        match self.vars.iter_mut().rev().find(|(n, _)| *n == name) {
            Some(var) => {
                var.1 = value;
                Ok(())
            }
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    /// The value of a pipeline; its variables are set.
    pub fn pipe(&mut self, dot: &Value, pipe: &'a Pipe) -> Result<Value> {
        self.at = At::Pipe(pipe);
        let mut value = None;
        for command in &pipe.commands {
            self.step()?;
            value = Some(self.command(dot, command, value)?);
        }
        let value = value.unwrap_or(Value::Nil);
        for name in &pipe.declared {
            if pipe.assigns {
                self.assign(name, value.clone())?;
            } else {
                self.vars.push((name, value.clone()));
            }
        }
        Ok(value)
    }
}
