//! Go's text/template alone, with the function sets of Prometheus and Alertmanager.
//!
//! A text goes through `lexer`, `parser` (trees: `ast`), and, as often as wanted, `exec` and `eval`. What it may call
//! stands in `builtins`, `prometheus` and `alertmanager`; `uses` tells what it needs without running it. Output and
//! error texts equal Go's to the byte. Execution is bounded in steps, depth and size, since templates can loop.

pub mod alertmanager;
mod ast;
mod builtins;
mod case;
mod eval;
mod exec;
mod function;
mod html;
mod humanize;
mod lexer;
mod methods;
mod number;
mod parser;
mod print;
mod printf;
pub mod prometheus;
mod uses;
mod value;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::gostd::time::Moment;

pub use function::{Function, FunctionSet, Type};
pub use uses::{Root, Use, Used};
pub use value::{Histogram, ListType, StringMap, StringType, StructType, Value};

/// Why a text cannot be parsed or executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Go's whole text: `template: NAME:1:3: executing "NAME" at <.x>: can't …`.
    pub message: String,
    /// Its last part alone: what is wrong, without the place.
    pub reason: String,
    /// The place in the text, in bytes.
    pub offset: usize,
    /// How much of the text it is about, in bytes; 0 where that is not known.
    pub length: usize,
}

impl TemplateError {
    /// The same error of a text that starts so many bytes later.
    fn moved(self, by: usize) -> TemplateError {
        TemplateError { offset: self.offset.saturating_sub(by), ..self }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TemplateError {}

/// Answers a query of a template at the time of its evaluation, or says in Prometheus' words why not.
pub type Query<'a> = &'a dyn Fn(&str) -> Result<Vec<prometheus::Sample>, String>;

/// What functions may ask of the world.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    /// Answers Prometheus' `query`.
    pub query: Option<Query<'a>>,
    /// The external URL; none in promtool, where `externalURL` fails.
    pub external_url: Option<&'a str>,
    /// The time that `now` gives.
    pub now: jiff::Timestamp,
    /// What many executions may take together, beside the first hundred steps of each; none: each is limited on its own.
    pub budget: Option<&'a Budget>,
}

/// Steps that are left for many executions.
#[derive(Debug)]
pub struct Budget(AtomicU64);

impl Budget {
    /// So many steps.
    pub fn new(steps: u64) -> Budget {
        Budget(AtomicU64::new(steps))
    }

    /// Takes steps away; false when there are not so many.
    pub fn spend(&self, steps: u64) -> bool {
        let take = |left: u64| Some(left.saturating_sub(steps));
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok_and(|left| left > steps)
    }

    /// Takes all away.
    pub fn exhaust(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// True when no step is left.
    pub fn is_spent(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }
}

impl Default for Environment<'_> {
    fn default() -> Self {
        Environment { query: None, external_url: None, now: jiff::Timestamp::UNIX_EPOCH, budget: None }
    }
}

/// A parsed template, to be executed many times.
#[derive(Clone, Debug)]
pub struct Template {
    main: Arc<ast::Tree>,
    /// What the text itself defines.
    trees: Arc<parser::Trees>,
    /// What other texts define.
    shared: Option<Arc<parser::Trees>>,
}

impl Template {
    /// Parses a text; errors call it by `name`.
    pub fn parse(name: &str, text: &str, functions: FunctionSet) -> Result<Template, TemplateError> {
        let (main, trees) = parser::parse(name, text, functions)?;
        // A text of nothing but definitions is what it defines under its own name.
        let main = match trees.get(name) {
            Some(tree) if main.is_empty() => tree.clone(),
            _ => main,
        };
        Ok(Template { main, trees: Arc::new(trees), shared: None })
    }

    /// Executes on the data (what `.` and `$` are).
    pub fn execute(&self, data: &Value, env: &Environment<'_>) -> Result<String, TemplateError> {
        finished(self.execute_partly(data, env))
    }

    /// Executes on the data: what was written, and the error that ended it early, if one did.
    pub fn execute_partly(&self, data: &Value, env: &Environment<'_>) -> (String, Option<TemplateError>) {
        if let [] | [ast::Node { kind: ast::NodeKind::Text(_), .. }] = self.main.root.as_slice() {
            return (self.main.root.iter().map(ToString::to_string).collect(), None);
        }
        exec::execute(self, data, env, false)
    }

    /// Executes on the data with the escaping of html/template.
    pub fn execute_html(&self, data: &Value, env: &Environment<'_>) -> Result<String, TemplateError> {
        finished(exec::execute(self, data, env, true))
    }

    /// The tree that a `{{ template }}` of that name runs.
    fn lookup(&self, name: &str) -> Option<&ast::Tree> {
        if let Some(tree) = self.trees.get(name) {
            return Some(tree);
        }
        if *self.main.name == *name {
            return Some(&self.main);
        }
        self.shared.as_ref()?.get(name).map(Arc::as_ref)
    }

    /// The names of the templates that the text defines.
    pub fn defines(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(AsRef::as_ref)
    }
}

/// What was written, unless an error ended it early.
fn finished((written, error): (String, Option<TemplateError>)) -> Result<String, TemplateError> {
    error.map_or(Ok(written), Err)
}

/// A moment in UTC, from Unix milliseconds.
fn utc_milliseconds(milliseconds: i64) -> Moment {
    let at = jiff::Timestamp::from_millisecond(milliseconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC)
}
