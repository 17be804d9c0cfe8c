//! Functions and methods: their signatures, which Go checks before each call, and the sets of them.

use super::value::{ListType, StringType, Value};
use super::{Environment, builtins};

/// The Go type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`: the builtins take everything, nil as well.
    Reflect,
    /// `string`
    String,
    /// `float64`
    Float,
    /// `int`
    Int,
    /// `*template.sample`, an element of a query's result
    Sample,
    /// `template.queryResult`
    Vector,
    /// `time.Time`
    Time,
    /// `time.Duration`
    Duration,
    /// `[]string`
    Strings,
    /// `[]interface {}`
    Anys,
}

impl Type {
    /// As Go prints the type.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Reflect => "reflect.Value",
            Type::String => "string",
            Type::Float => "float64",
            Type::Int => "int",
            Type::Sample => "*template.sample",
            Type::Vector => "template.queryResult",
            Type::Time => "time.Time",
            Type::Duration => "time.Duration",
            Type::Strings => "[]string",
            Type::Anys => "[]interface {}",
        }
    }

    /// Go's `canBeNil`.
    pub fn can_be_nil(self) -> bool {
        !matches!(self, Type::String | Type::Float | Type::Int | Type::Time | Type::Duration)
    }

    /// Whether the value can be passed; pointers to times are dereferenced by those who take them.
    pub fn accepts(self, value: &Value) -> bool {
        match self {
            Type::Any | Type::Reflect => true,
            Type::String => matches!(value, Value::Str(StringType::Plain, _)),
            Type::Float => matches!(value, Value::Float(_)),
            Type::Int => matches!(value, Value::Int(_)),
            Type::Sample => matches!(value, Value::Struct(t, _) if t.name == "template.sample"),
            Type::Vector => matches!(value, Value::List(ListType::Vector, _)),
            Type::Time => matches!(value, Value::Time { .. }),
            Type::Duration => matches!(value, Value::Duration { .. }),
            Type::Strings => matches!(value, Value::List(ListType::Strings, _)),
            Type::Anys => matches!(value, Value::List(ListType::Any, _)),
        }
    }
}

/// What a function does with its checked arguments; an error is the text that Go would give.
pub type Call = fn(&Environment<'_>, &[Value]) -> Result<Value, String>;

/// A function that templates can call.
#[derive(Debug)]
pub struct Function {
    /// Its name in templates.
    pub name: &'static str,
    /// The first version (major, minor) that has it.
    pub since: (u16, u16),
    /// Fixed parameters.
    pub params: &'static [Type],
    /// The type of any further ones.
    pub variadic: Option<Type>,
    /// Its code.
    pub call: Call,
}

impl Function {
    /// A function of every version.
    pub const fn new(name: &'static str, params: &'static [Type], call: Call) -> Function {
        Function { name, since: (0, 0), params, variadic: None, call }
    }

    /// A function with any number of further arguments.
    pub const fn variadic(name: &'static str, params: &'static [Type], more: Type, call: Call) -> Function {
        Function { name, since: (0, 0), params, variadic: Some(more), call }
    }

    /// A function added in a version.
    pub const fn since(self, major: u16, minor: u16) -> Function {
        Function { since: (major, minor), ..self }
    }
}

/// The functions a template may call: Go's builtins and one program's own.
#[derive(Clone, Copy, Debug)]
pub struct FunctionSet {
    own: &'static [Function],
    version: (u16, u16),
}

impl FunctionSet {
    /// Go's builtins alone.
    pub const GO: FunctionSet = FunctionSet { own: &[], version: (0, 0) };

    /// A program's functions, as of one of its versions (major, minor).
    pub const fn new(own: &'static [Function], version: (u16, u16)) -> FunctionSet {
        FunctionSet { own, version }
    }

    /// The function of that name. The program's own come before the builtins.
    pub fn find(&self, name: &str) -> Option<&'static Function> {
        let own = self.own.iter().find(|f| f.name == name && f.since <= self.version);
        own.or_else(|| builtins::FUNCTIONS.iter().find(|f| f.name == name))
    }

    /// The names of all functions, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let version = self.version;
        let own = self.own.iter().filter(move |f| f.since <= version);
        own.chain(builtins::FUNCTIONS).map(|f| f.name)
    }
}
