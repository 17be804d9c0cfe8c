//! Tokens to trees, with the errors of Go's text/template/parse/parse.go.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::TemplateError;
use super::ast::{Branch, Command, Node, NodeKind, Operand, OperandKind, Pipe, Tree};
use super::function::FunctionSet;
use super::lexer::{Kind, Token, lex};
use crate::gostd::strconv::{self, quote};

/// Deeper nesting of blocks or parentheses is refused: the tree is walked recursively.
const MAX_DEPTH: usize = 100;

/// The trees of a text by their names: its own and those it defines.
pub type Trees = BTreeMap<Arc<str>, Arc<Tree>>;

/// Parses a text. The tree of the text itself is found under `name`, unless it is empty and `name` is defined elsewhere.
pub fn parse(name: &str, text: &str, functions: FunctionSet) -> Result<(Arc<Tree>, Trees), TemplateError> {
    let mut parser = Parser {
        name: name.into(),
        source: text.into(),
        tokens: lex(text),
        next: 0,
        furthest: 0,
        functions,
        vars: vec!["$".into()],
        range_depth: 0,
        depth: 0,
        action_line: None,
        trees: Trees::new(),
    };
    let root = parser.top()?;
    let main = Arc::new(parser.tree(name.into(), root));
    Ok((main, parser.trees))
}

struct Parser<'a> {
    name: Arc<str>,
    source: Arc<str>,
    tokens: Vec<Token<'a>>,
    next: usize,
    /// One past the last token ever looked at: errors are on its line.
    furthest: usize,
    functions: FunctionSet,
    vars: Vec<Arc<str>>,
    range_depth: usize,
    depth: usize,
    action_line: Option<usize>,
    trees: Trees,
}

/// How a list of statements ends.
enum End {
    End,
    Else,
}

impl End {
    fn text(&self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else => "{{else}}",
        }
    }
}

enum Item {
    Node(Node),
    End(End),
}

type Result<T, E = TemplateError> = std::result::Result<T, E>;

impl<'a> Parser<'a> {
    fn tree(&self, name: Arc<str>, root: Vec<Node>) -> Tree {
        Tree { parse_name: self.name.clone(), name, source: self.source.clone(), root }
    }

    fn line(&self, pos: usize) -> usize {
        1 + self.source[..pos.min(self.source.len())].matches('\n').count()
    }

    fn error<T>(&self, message: impl AsRef<str>) -> Result<T> {
        let at = self.tokens.get(self.furthest.max(1) - 1).map_or(0, |t| t.pos);
        Err(TemplateError {
            message: format!("template: {}:{}: {}", self.name, self.line(at), message.as_ref()),
            reason: message.as_ref().to_string(),
            offset: at,
            length: self
                .tokens
                .get(self.furthest.max(1) - 1)
                .filter(|t| t.kind != Kind::Error)
                .map_or(0, |t| t.text.len()),
        })
    }

    fn unexpected<T>(&self, token: &Token<'a>, context: &str) -> Result<T> {
        if token.kind != Kind::Error {
            return self.error(format!("unexpected {} in {context}", describe(token)));
        }
        let mut extra = String::new();
        let line = self.line(token.pos);
        if let Some(started) = self.action_line.filter(|l| *l != line) {
            extra = format!(" in action started at {}:{started}", self.name);
            if token.text.ends_with(" action") {
                extra = extra[" in action".len()..].to_string();
            }
        }
        self.error(format!("{}{extra}", token.text))
    }

    /// The token `ahead` of the next one; past the end, the last one.
    fn look(&mut self, ahead: usize) -> Token<'a> {
        let index = (self.next + ahead).min(self.tokens.len() - 1);
        self.furthest = self.furthest.max(index + 1);
        self.tokens[index].clone()
    }

    fn peek(&mut self) -> Token<'a> {
        self.look(0)
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.look(0);
        self.next = (self.next + 1).min(self.tokens.len());
        token
    }

    fn skip_space(&mut self) {
        while self.peek().kind == Kind::Space {
            self.next += 1;
        }
    }

    fn peek_non_space(&mut self) -> Token<'a> {
        self.skip_space();
        self.peek()
    }

    fn take_non_space(&mut self) -> Token<'a> {
        self.skip_space();
        self.take()
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Result<Token<'a>> {
        let token = self.take_non_space();
        if token.kind == kind { Ok(token) } else { self.unexpected(&token, context) }
    }

    fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.error(format!("nested deeper than {MAX_DEPTH} levels"))
        } else {
            Ok(())
        }
    }

    fn top(&mut self) -> Result<Vec<Node>> {
        let mut root = Vec::new();
        while self.peek().kind != Kind::Eof {
            let start = self.next;
            if self.peek().kind == Kind::LeftDelim {
                self.take();
                if self.take_non_space().kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.next = start;
            }
            match self.item()? {
                Item::Node(node) => root.push(node),
                Item::End(end) => return self.error(format!("unexpected {}", end.text())),
            }
        }
        Ok(root)
    }

    fn definition(&mut self) -> Result<()> {
        let context = "define clause";
        let token = self.take_non_space();
        let name = self.template_name(&token, context)?;
        self.expect(Kind::RightDelim, context)?;
        self.body_of(name, context)
    }

    /// The body of a `define` or `block`: it sees no variables but `$`.
    fn body_of(&mut self, name: Arc<str>, context: &str) -> Result<()> {
        let vars = std::mem::replace(&mut self.vars, vec!["$".into()]);
        let range_depth = std::mem::take(&mut self.range_depth);
        let (root, end) = self.list()?;
        if let End::Else = end {
            return self.error(format!("unexpected {} in {context}", end.text()));
        }
        self.vars = vars;
        self.range_depth = range_depth;
        let tree = self.tree(name.clone(), root);
        match self.trees.get(&name) {
            Some(old) if !old.is_empty() => {
                if !tree.is_empty() {
                    return self.error(format!("template: multiple definition of template {}", quote(&name)));
                }
            }
            _ => {
                self.trees.insert(name, Arc::new(tree));
            }
        }
        Ok(())
    }

    fn template_name(&mut self, token: &Token<'a>, context: &str) -> Result<Arc<str>> {
        match token.kind {
            Kind::String | Kind::RawString => self.unquote(&token.text),
            _ => self.unexpected(token, context),
        }
    }

    fn unquote(&self, text: &str) -> Result<Arc<str>> {
        match strconv::unquote(text) {
            Ok(value) => Ok(value.into()),
            Err(_) => self.error("invalid syntax"),
        }
    }

    fn list(&mut self) -> Result<(Vec<Node>, End)> {
        self.enter()?;
        let mut list = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.item()? {
                Item::Node(node) => list.push(node),
                Item::End(end) => {
                    self.depth -= 1;
                    return Ok((list, end));
                }
            }
        }
        self.error("unexpected EOF")
    }

    fn item(&mut self) -> Result<Item> {
        let token = self.take_non_space();
        match token.kind {
            Kind::Text => {
                Ok(Item::Node(Node { pos: token.pos, kind: NodeKind::Text(token.text.as_ref().into()) }))
            }
            Kind::LeftDelim => {
                self.action_line = Some(self.line(token.pos));
                let item = self.action();
                self.action_line = None;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn action(&mut self) -> Result<Item> {
        self.skip_space();
        let start = self.next;
        let token = self.take();
        let kind = match token.kind {
            Kind::Block => return self.block().map(Item::Node),
            Kind::Break => self.loop_control("{{break}}", NodeKind::Break)?,
            Kind::Continue => self.loop_control("{{continue}}", NodeKind::Continue)?,
            Kind::Else => {
                if !matches!(self.peek_non_space().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Item::End(End::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Item::End(End::End));
            }
            Kind::If | Kind::Range | Kind::With => return self.control(token.kind).map(Item::Node),
            Kind::Template => {
                let context = "template clause";
                let name_token = self.take_non_space();
                let name = self.template_name(&name_token, context)?;
                let pipe = if self.peek_non_space().kind == Kind::RightDelim {
                    self.take();
                    None
                } else {
                    Some(self.pipeline(context, Kind::RightDelim)?)
                };
                let text = quote(&name).into();
                return Ok(Item::Node(Node {
                    pos: name_token.pos,
                    kind: NodeKind::Template { name, text, pipe },
                }));
            }
            _ => {
                self.next = start;
                NodeKind::Action(self.pipeline("command", Kind::RightDelim)?)
            }
        };
        Ok(Item::Node(Node { pos: token.pos, kind }))
    }

    fn loop_control(&mut self, text: &str, kind: NodeKind) -> Result<NodeKind> {
        self.expect(Kind::RightDelim, text)?;
        if self.range_depth == 0 { self.error(format!("{text} outside {{{{range}}}}")) } else { Ok(kind) }
    }

    fn block(&mut self) -> Result<Node> {
        let context = "block clause";
        let token = self.take_non_space();
        let name = self.template_name(&token, context)?;
        let pipe = Some(self.pipeline(context, Kind::RightDelim)?);
        self.body_of(name.clone(), context)?;
        let text = quote(&name).into();
        Ok(Node { pos: token.pos, kind: NodeKind::Template { name, text, pipe } })
    }

    fn control(&mut self, kind: Kind) -> Result<Node> {
        let context = match kind {
            Kind::If => "if",
            Kind::With => "with",
            _ => "range",
        };
        self.enter()?;
        let visible = self.vars.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        self.range_depth += usize::from(kind == Kind::Range);
        let (body, end) = self.list()?;
        self.range_depth -= usize::from(kind == Kind::Range);
        let otherwise = match end {
            End::End => None,
            // "else if" is an if in an else, with one end for both.
            End::Else if kind != Kind::Range && self.peek().kind == kind => {
                self.take();
                Some(vec![self.control(kind)?])
            }
            End::Else => {
                let (list, end) = self.list()?;
                if let End::Else = end {
                    return self.error(format!("expected end; found {}", end.text()));
                }
                Some(list)
            }
        };
        self.vars.truncate(visible);
        self.depth -= 1;
        let pos = pipe.pos;
        let branch = Branch { pipe, body, otherwise };
        let kind = match kind {
            Kind::If => NodeKind::If(branch),
            Kind::With => NodeKind::With(branch),
            _ => NodeKind::Range(branch),
        };
        Ok(Node { pos, kind })
    }

    fn pipeline(&mut self, context: &str, end: Kind) -> Result<Pipe> {
        self.enter()?;
        let pos = self.peek_non_space().pos;
        let mut pipe = Pipe { pos, declared: Vec::new(), assigns: false, commands: Vec::new() };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.peek_non_space();
            if token.kind == end {
                self.take();
                break;
            }
            match token.kind {
                Kind::Bool
                | Kind::CharConstant
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => pipe.commands.push(self.command()?),
                _ => return self.unexpected(&token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (i, command) in pipe.commands.iter().enumerate().skip(1) {
            use OperandKind::*;
            if let Some(Bool(_) | Dot | Nil | Number(_) | String { .. }) =
                command.args.first().map(|a| &a.kind)
            {
                return self.error(format!("non executable command in pipeline stage {}", i + 1));
            }
        }
        self.depth -= 1;
        Ok(pipe)
    }

    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<()> {
        while self.peek_non_space().kind == Kind::Variable {
            let start = self.next;
            let variable: Arc<str> = self.take().text.as_ref().into();
            let next = self.peek_non_space();
            let comma = next.kind == Kind::Char && next.text == ",";
            if !comma && !matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.next = start;
                return Ok(());
            }
            self.take();
            pipe.declared.push(variable.clone());
            self.vars.push(variable);
            if !comma {
                pipe.assigns = next.kind == Kind::Assign;
                return Ok(());
            }
            if context != "range" || pipe.declared.len() >= 2 {
                return self.error(format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_non_space().kind, Kind::Variable | Kind::RightDelim | Kind::RightParen) {
                return self.error("range can only initialize variables");
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Command> {
        let pos = self.peek_non_space().pos;
        let mut args = Vec::new();
        loop {
            self.skip_space();
            args.extend(self.operand()?);
            let token = self.peek();
            match token.kind {
                Kind::Space => {
                    self.take();
                }
                Kind::RightDelim | Kind::RightParen => break,
                Kind::Pipe => {
                    self.take();
                    break;
                }
                _ => {
                    self.take();
                    return self.unexpected(&token, "operand");
                }
            }
        }
        if args.is_empty() { self.error("empty command") } else { Ok(Command { pos, args }) }
    }

    /// A term and the fields taken of it.
    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        if self.peek().kind != Kind::Field {
            return Ok(Some(operand));
        }
        let pos = self.peek().pos;
        let mut added: Vec<Arc<str>> = Vec::new();
        while self.peek().kind == Kind::Field {
            added.push(self.take().text[1..].into());
        }
        match &mut operand.kind {
            OperandKind::Field(fields) | OperandKind::Variable { fields, .. } => {
                fields.extend(added);
                operand.pos = pos;
                Ok(Some(operand))
            }
            OperandKind::Function(_) | OperandKind::Pipe(_) | OperandKind::Chain { .. } => {
                Ok(Some(Operand { pos, kind: OperandKind::Chain { of: Box::new(operand), fields: added } }))
            }
            _ => self.error(format!("unexpected . after term {}", quote(&operand.to_string()))),
        }
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.peek_non_space();
        let kind = match token.kind {
            Kind::Identifier => match self.functions.find(&token.text) {
                Some(function) => OperandKind::Function(function),
                None => return self.error(format!("function {} not defined", quote(&token.text))),
            },
            Kind::Dot => OperandKind::Dot,
            Kind::Nil => OperandKind::Nil,
            Kind::Variable => {
                let name: Arc<str> = token.text.as_ref().into();
                if !self.vars.contains(&name) {
                    return self.error(format!("undefined variable {}", quote(&name)));
                }
                OperandKind::Variable { name, fields: Vec::new() }
            }
            Kind::Field => OperandKind::Field(vec![token.text[1..].into()]),
            Kind::Bool => OperandKind::Bool(token.text == "true"),
            Kind::CharConstant | Kind::Number => match super::number::number(&token.text) {
                Ok(number) => OperandKind::Number(number),
                Err(message) => return self.error(message),
            },
            Kind::LeftParen => {
                self.take();
                let pipe = self.pipeline("parenthesized pipeline", Kind::RightParen)?;
                return Ok(Some(Operand { pos: pipe.pos, kind: OperandKind::Pipe(Box::new(pipe)) }));
            }
            Kind::String | Kind::RawString => {
                let value = self.unquote(&token.text)?;
                OperandKind::String { text: token.text.as_ref().into(), value }
            }
            _ => return Ok(None),
        };
        self.take();
        Ok(Some(Operand { pos: token.pos, kind }))
    }
}

/// A token as errors name it.
fn describe(token: &Token<'_>) -> String {
    match token.kind {
        Kind::Eof => "EOF".to_string(),
        kind if kind.is_keyword() => format!("<{}>", token.text),
        _ if token.text.len() > 10 => {
            let start: String = token.text.chars().take(10).collect();
            format!("{}...", quote(&start))
        }
        _ => quote(&token.text),
    }
}
