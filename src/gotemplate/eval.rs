//! Evaluates commands: fields, methods, functions and their arguments, as Go's text/template/exec.go.

use std::sync::Arc;

use super::ast::{Command, Operand, OperandKind};
use super::exec::{At, Exec, MAX_TEXT, Result};
use super::function::{Call, Type};
use super::methods;
use super::value::Value;

/// What a call needs to know of a function or method.
#[derive(Clone, Copy)]
pub struct Callee {
    pub name: &'static str,
    pub params: &'static [Type],
    pub variadic: Option<Type>,
    pub call: Call,
}

/// What a field is taken of.
#[derive(Clone, Copy)]
struct Receiver<'v> {
    value: &'v Value,
    /// It came out of a field or map of any values.
    any: bool,
}

/// The steps that a value costs the function that reads or makes it: large ones take time.
fn work_on(value: &Value) -> u64 {
    let size = match value {
        Value::Str(_, s) => s.len() / 32,
        other => other.length().unwrap_or(0) / 4,
    };
    u64::try_from(size).unwrap_or(u64::MAX)
}

impl<'a> Exec<'a> {
    /// A command; `last` is what the command before it in the pipeline gave.
    pub fn command(&mut self, dot: &Value, command: &'a Command, last: Option<Value>) -> Result<Value> {
        let Some((first, args)) = command.args.split_first() else { return Ok(Value::Nil) };
        match &first.kind {
            OperandKind::Field(_) | OperandKind::Variable { .. } | OperandKind::Chain { .. } => {
                self.path(dot, first, args, last)
            }
            OperandKind::Function(function) => {
                self.at = At::Operand(first);
                let callee = Callee {
                    name: function.name,
                    params: function.params,
                    variadic: function.variadic,
                    call: function.call,
                };
                self.call(dot, None, callee, At::Command(command), args, last)
            }
            OperandKind::Pipe(pipe) => {
                self.no_arguments(first, args, last.as_ref())?;
                self.pipe(dot, pipe)
            }
            _ => {
                self.at = At::Operand(first);
                self.no_arguments(first, args, last.as_ref())?;
                match &first.kind {
                    OperandKind::Dot => Ok(dot.clone()),
                    OperandKind::Nil => self.error("nil is not a command"),
                    _ => self.constant(first),
                }
            }
        }
    }

    fn no_arguments(&self, first: &Operand, args: &[Operand], last: Option<&Value>) -> Result<()> {
        if !args.is_empty() || last.is_some() {
            let text = match &first.kind {
                OperandKind::Pipe(pipe) => pipe.to_string(),
                _ => first.to_string(),
            };
            return self.error(format!("can't give argument to non-function {text}"));
        }
        Ok(())
    }

    /// A literal where no type is asked for.
    fn constant(&mut self, operand: &'a Operand) -> Result<Value> {
        self.at = At::Operand(operand);
        match &operand.kind {
            OperandKind::Bool(b) => Ok(Value::Bool(*b)),
            OperandKind::String { value, .. } => Ok(Value::string(value.clone())),
            OperandKind::Number(number) => match number.ideal() {
                Some(value) => Ok(value),
                None => self.error(format!("{} overflows int", number.text)),
            },
            _ => self.error(format!("can't handle assignment of {operand} to empty interface argument")),
        }
    }

    /// A field, a variable or a chain, with arguments for the method it may end in.
    fn path(
        &mut self,
        dot: &Value,
        operand: &'a Operand,
        args: &'a [Operand],
        last: Option<Value>,
    ) -> Result<Value> {
        self.at = At::Operand(operand);
        let (mut value, fields) = match &operand.kind {
            OperandKind::Field(fields) => (dot.clone(), fields),
            OperandKind::Variable { name, fields } => {
                let value = self.variable(name)?;
                if fields.is_empty() {
                    self.no_arguments(operand, args, last.as_ref())?;
                    return Ok(value);
                }
                (value, fields)
            }
            OperandKind::Chain { of, fields } => {
                if let OperandKind::Nil = of.kind {
                    return self.error(format!("indirection through explicit nil in {operand}"));
                }
                (self.argument(dot, None, of)?, fields)
            }
            _ => return self.constant(operand),
        };
        let Some((final_field, before)) = fields.split_last() else { return Ok(value) };
        let mut any = false;
        for field in before {
            let holds_any = value.holds_any(field);
            value = self.field(dot, field, operand, &[], None, Receiver { value: &value, any })?;
            any = holds_any;
        }
        self.field(dot, final_field, operand, args, last, Receiver { value: &value, any })
    }

    fn field(
        &mut self,
        dot: &Value,
        name: &Arc<str>,
        operand: &'a Operand,
        args: &'a [Operand],
        last: Option<Value>,
        receiver: Receiver<'_>,
    ) -> Result<Value> {
        let Receiver { value: receiver, any } = receiver;
        match receiver {
            Value::Nil if any => return self.error(format!("nil pointer evaluating interface {{}}.{name}")),
            Value::Nil => return Ok(Value::Nil),
            _ => {}
        }
        if let Some(callee) = methods::find(receiver, name) {
            return self.call(dot, Some(receiver), callee, At::Operand(operand), args, last);
        }
        let has_args = !args.is_empty() || last.is_some();
        if let Some(value) = receiver.field(name) {
            if has_args {
                return self.error(format!("{name} has arguments but cannot be invoked as function"));
            }
            return Ok(value);
        }
        if let Some(value) = receiver.map_entry(name) {
            if has_args {
                return self.error(format!("{name} is not a method but has arguments"));
            }
            return Ok(value);
        }
        let type_name = if any { "interface {}".to_string() } else { receiver.type_name() };
        self.error(format!("can't evaluate field {name} in type {type_name}"))
    }

    /// Checks and evaluates the arguments, then calls. `site` is the node that an error of the call names.
    fn call(
        &mut self,
        dot: &Value,
        receiver: Option<&Value>,
        callee: Callee,
        site: At<'a>,
        args: &'a [Operand],
        last: Option<Value>,
    ) -> Result<Value> {
        let name = callee.name;
        let count = args.len() + usize::from(last.is_some());
        let fixed = callee.params.len();
        if callee.variadic.is_some() && count < fixed {
            return self
                .error(format!("wrong number of args for {name}: want at least {fixed} got {}", args.len()));
        }
        if callee.variadic.is_none() && count != fixed {
            return self.error(format!("wrong number of args for {name}: want {fixed} got {count}"));
        }
        let param = |i: usize| callee.params.get(i).copied().or(callee.variadic).unwrap_or(Type::Any);
        // No value here is a function, so `call` can only fail; its error names the argument.
        if receiver.is_none()
            && name == "call"
            && let Some(first) = args.first()
        {
            let value = self.argument(dot, Some(Type::Reflect), first)?;
            for arg in args.iter().skip(1) {
                self.argument(dot, Some(Type::Reflect), arg)?;
            }
            self.at = site;
            return match value {
                Value::Nil => self.error("error calling call: call of nil"),
                value => self
                    .error(format!("error calling call: non-function {first} of type {}", value.type_name())),
            };
        }
        if receiver.is_none() && (name == "and" || name == "or") {
            let mut value = Value::Nil;
            for (i, arg) in args.iter().enumerate() {
                value = self.argument(dot, Some(param(i)), arg)?;
                if value.is_true() == (name == "or") {
                    return Ok(value);
                }
            }
            return Ok(last.unwrap_or(value));
        }
        let mut values = Vec::with_capacity(count + usize::from(receiver.is_some()));
        values.extend(receiver.cloned());
        for (i, arg) in args.iter().enumerate() {
            values.push(self.argument(dot, Some(param(i)), arg)?);
        }
        if let Some(last) = last {
            values.push(self.checked(last, param(args.len()))?);
        }
        self.work(values.iter().map(work_on).sum())?;
        match (callee.call)(self.env, &values) {
            Ok(Value::Str(_, s)) if s.len() > MAX_TEXT => {
                self.at = site;
                self.error(format!("the text that {name} gives is larger than {MAX_TEXT} bytes"))
            }
            Ok(value) => {
                self.work(work_on(&value))?;
                Ok(value)
            }
            Err(message) => {
                self.at = site;
                self.error(format!("error calling {name}: {message}"))
            }
        }
    }

    /// Go's `validateType`.
    fn checked(&self, value: Value, to: Type) -> Result<Value> {
        match &value {
            Value::Nil if to.can_be_nil() => Ok(value),
            Value::Nil => self.error(format!("invalid value; expected {}", to.name())),
            _ if to.accepts(&value) => Ok(value),
            _ => {
                self.error(format!("wrong type for value; expected {}; got {}", to.name(), value.type_name()))
            }
        }
    }

    /// One argument for a parameter of that type (Go's `evalArg`).
    fn argument(&mut self, dot: &Value, to: Option<Type>, operand: &'a Operand) -> Result<Value> {
        self.at = At::Operand(operand);
        let value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil => match to {
                Some(to) if !to.can_be_nil() => {
                    return self.error(format!("cannot assign nil to {}", to.name()));
                }
                _ => return Ok(Value::Nil),
            },
            OperandKind::Field(_) | OperandKind::Variable { .. } | OperandKind::Chain { .. } => {
                self.path(dot, operand, &[], None)?
            }
            OperandKind::Pipe(pipe) => self.pipe(dot, pipe)?,
            OperandKind::Function(f) => {
                let callee = Callee { name: f.name, params: f.params, variadic: f.variadic, call: f.call };
                self.call(dot, None, callee, At::Operand(operand), &[], None)?
            }
            OperandKind::Bool(_) | OperandKind::Number(_) | OperandKind::String { .. } => {
                return self.literal(to.unwrap_or(Type::Any), operand);
            }
        };
        match to {
            Some(to) => self.checked(value, to),
            None => Ok(value),
        }
    }

    /// A literal for a parameter of that type.
    fn literal(&mut self, to: Type, operand: &'a Operand) -> Result<Value> {
        match (to, &operand.kind) {
            (Type::Any | Type::Reflect, _) => self.constant(operand),
            (Type::String, OperandKind::String { value, .. }) => Ok(Value::string(value.clone())),
            (Type::Float, OperandKind::Number(n)) if n.float.is_some() => {
                Ok(Value::Float(n.float.unwrap_or_default()))
            }
            (Type::Int | Type::Duration, OperandKind::Number(n)) if n.int.is_some() => {
                let int = n.int.unwrap_or_default();
                Ok(if to == Type::Int { Value::Int(int) } else { Value::duration(int) })
            }
            (Type::String, _) => self.error(format!("expected string; found {operand}")),
            (Type::Float, _) => self.error(format!("expected float; found {operand}")),
            (Type::Int | Type::Duration, _) => self.error(format!("expected integer; found {operand}")),
            _ => self.error(format!("can't handle {operand} for arg of type {}", to.name())),
        }
    }
}
