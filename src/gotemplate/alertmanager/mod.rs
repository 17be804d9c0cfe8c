//! Alertmanager's templates (0.33.1): the functions of template/template.go, and the default templates.

pub mod data;
mod json;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub use data::{Alert, Data};
use jiff::tz::TimeZone;

use super::function::{Function, FunctionSet, Type};
use super::parser::Trees;
use super::prometheus::{match_string, on_float, re_replace_all, text};
use super::value::{ListType, StringType, Value};
use super::{Environment, Template, TemplateError, case, humanize};
use crate::gostd::url::query_unescape;

/// The functions of notification templates, as of Alertmanager 0.33.
pub const FUNCTIONS: FunctionSet = FunctionSet::new(OWN, (0, 33));

static OWN: &[Function] = &[
    Function::new("toUpper", &[Type::String], |_, args| Ok(Value::string(case::to_upper(&text(args, 0))))),
    Function::new("toLower", &[Type::String], |_, args| Ok(Value::string(case::to_lower(&text(args, 0))))),
    Function::new("title", &[Type::String], |_, args| Ok(Value::string(case::title(&text(args, 0), true)))),
    Function::new("trimSpace", &[Type::String], |_, args| Ok(Value::string(text(args, 0).trim()))),
    Function::new("join", &[Type::String, Type::Strings], |_, args| {
        let Some(Value::List(_, items)) = args.get(1) else { return Ok(Value::string("")) };
        Ok(Value::string(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(&text(args, 0))))
    }),
    Function::new("match", &[Type::String, Type::String], match_string),
    Function::new("safeHtml", &[Type::String], |_, args| Ok(Value::Str(StringType::Html, text(args, 0)))),
    Function::new("safeUrl", &[Type::String], |_, args| Ok(Value::Str(StringType::Url, text(args, 0)))),
    Function::new("urlUnescape", &[Type::String], |_, args| {
        query_unescape(&text(args, 0)).map(Value::string)
    }),
    Function::new("reReplaceAll", &[Type::String, Type::String, Type::String], re_replace_all),
    Function::variadic("stringSlice", &[], Type::String, |_, args| {
        Ok(Value::List(ListType::Strings, Arc::new(args.to_vec())))
    }),
    Function::new("date", &[Type::String, Type::Time], |_, args| match args.get(1) {
        Some(Value::Time { at, .. }) => Ok(Value::string(crate::gostd::time::format(at, &text(args, 0)))),
        _ => Ok(Value::Nil),
    }),
    Function::new("tz", &[Type::String, Type::Time], |_, args| match args.get(1) {
        Some(Value::Time { at, .. }) => Ok(Value::time(at.with_time_zone(time_zone(&text(args, 0))?))),
        _ => Ok(Value::Nil),
    }),
    Function::new("now", &[], |env, _| Ok(Value::time(env.now.to_zoned(TimeZone::UTC)))),
    Function::new("since", &[Type::Time], |env, args| match args.first() {
        Some(Value::Time { at, .. }) => {
            let nanoseconds = env.now.as_nanosecond() - at.timestamp().as_nanosecond();
            Ok(Value::duration(nanoseconds.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64))
        }
        _ => Ok(Value::Nil),
    }),
    Function::new("humanizeDuration", &[Type::Any], |_, args| {
        on_float(args, |v| Ok(humanize::humanize_duration(v)))
    }),
    Function::new("toJson", &[Type::Any], |_, args| {
        let mut out = String::new();
        json::push(&mut out, args.first().unwrap_or(&Value::Nil))?;
        Ok(Value::string(out))
    }),
    Function::variadic("list", &[], Type::Any, |_, args| {
        Ok(Value::List(ListType::Any, Arc::new(args.to_vec())))
    }),
    Function::variadic("append", &[Type::Anys], Type::Any, |_, args| {
        let mut items = match args.first() {
            Some(Value::List(_, items)) => items.as_ref().clone(),
            _ => Vec::new(),
        };
        items.extend(args.iter().skip(1).cloned());
        Ok(Value::List(ListType::Any, Arc::new(items)))
    }),
    Function::variadic("dict", &[], Type::Any, dict),
];

fn dict(_: &Environment<'_>, args: &[Value]) -> Result<Value, String> {
    if !args.len().is_multiple_of(2) {
        return Err("dict requires an even number of arguments".to_string());
    }
    let mut map = BTreeMap::new();
    for pair in args.chunks(2) {
        let [Value::Str(StringType::Plain, key), value] = pair else {
            return Err("dict keys must be strings".to_string());
        };
        map.insert(key.clone(), value.clone());
    }
    Ok(Value::AnyMap(Arc::new(map)))
}

/// Go's `time.LoadLocation`.
fn time_zone(name: &str) -> Result<TimeZone, String> {
    match name {
        // The zone of the machine must not show in a test.
        "" | "UTC" | "Local" => Ok(TimeZone::UTC),
        name => TimeZone::get(name).map_err(|_| format!("unknown time zone {name}")),
    }
}

/// The default templates, and the files of a configuration: what notifications may call.
#[derive(Clone, Debug)]
pub struct Templates {
    shared: Arc<Trees>,
}

impl Default for Templates {
    /// The default templates alone.
    fn default() -> Self {
        static DEFAULTS: LazyLock<Arc<Trees>> = LazyLock::new(|| {
            let mut trees = Trees::new();
            for (name, text) in
                [("default.tmpl", include_str!("default.tmpl")), ("email.tmpl", include_str!("email.tmpl"))]
            {
                let (_, parsed) =
                    super::parser::parse(name, text, FUNCTIONS).expect("the default templates parse");
                trees.extend(parsed);
            }
            Arc::new(trees)
        });
        Templates { shared: DEFAULTS.clone() }
    }
}

impl Templates {
    /// Adds a template file by its base name. Its definitions replace those of the same names, unless they are empty.
    pub fn add_file(&mut self, name: &str, text: &str) -> Result<(), TemplateError> {
        let (main, trees) = super::parser::parse(name, text, FUNCTIONS)?;
        let shared = Arc::make_mut(&mut self.shared);
        for (name, tree) in trees.into_iter().chain([(main.name.clone(), main)]) {
            if !tree.is_empty() || !shared.contains_key(&name) {
                shared.insert(name, tree);
            }
        }
        Ok(())
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.shared.keys().map(AsRef::as_ref)
    }

    /// Parses a text of a receiver's field, which may call all these templates.
    pub fn parse(&self, text: &str) -> Result<Template, TemplateError> {
        let mut template = Template::parse("", text, FUNCTIONS)?;
        template.shared = Some(self.shared.clone());
        Ok(template)
    }

    /// Expands a text (Alertmanager's `ExecuteTextString`).
    pub fn expand(&self, text: &str, data: &Data, env: &Environment<'_>) -> Result<String, TemplateError> {
        self.parse(text)?.execute(&data.to_value(), env)
    }

    /// Expands a text as HTML (Alertmanager's `ExecuteHTMLString`, for e-mails).
    pub fn expand_html(
        &self,
        text: &str,
        data: &Data,
        env: &Environment<'_>,
    ) -> Result<String, TemplateError> {
        self.parse(text)?.execute_html(&data.to_value(), env)
    }
}
