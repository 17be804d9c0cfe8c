//! Who declares what: every name of a project, in one environment, with the findings about double and missing
//! declarations that need no look inside. `changes` applies what an environment changes.

mod changes;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::codes::names;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{FileId, Span};
use crate::syntax::DEFAULT_SEVERITIES;
use crate::syntax::ast::{
    Alert, Analysis, Environment, Escalation, File, Global, Group, GroupEntry, GroupSetting, Inhibit, Item,
    Label, Let, Metric, Name, NameKind, Receiver, Record, Require, Route, Setting, Severities, Slo, StepKind,
    Test, TimeInterval,
};

pub use changes::{effective, effective_slo};

/// A source file, parsed.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its path relative to the project, with `/` between its parts.
    pub path: &'a str,
    /// Its tree.
    pub tree: &'a File,
    /// True for files of a package: their declarations are shared, their rules are not built.
    pub package: bool,
}

/// Everything a project declares in one environment, by name; the changes of the environment are applied.
#[derive(Debug, Default)]
pub struct Declarations<'a> {
    /// Highest first.
    pub severities: Vec<&'a str>,
    /// The `severity` item.
    pub severity_item: Option<&'a Severities>,
    /// Defaults of the whole project, in order.
    pub project: Vec<&'a Setting>,
    /// Metrics by name.
    pub metrics: BTreeMap<&'a str, &'a Metric>,
    /// Of those, the ones that are declared twice: nothing is known of them until one declaration is gone.
    pub contested: BTreeSet<&'a str>,
    /// Lets by name.
    pub lets: BTreeMap<&'a str, &'a Let>,
    /// Rules, file by file.
    pub files: Vec<FileRules<'a>>,
    /// Alertmanager's global section.
    pub global: Option<&'a Global>,
    /// Receivers in order.
    pub receivers: Vec<&'a Receiver>,
    /// The root of the route tree.
    pub route: Option<&'a Route>,
    /// Time intervals in order.
    pub intervals: Vec<&'a TimeInterval>,
    /// Inhibitions in order.
    pub inhibits: Vec<&'a Inhibit>,
    /// Policies in order.
    pub requires: Vec<&'a Require>,
    /// Labels that Prometheus adds when it sends.
    pub external_labels: Vec<&'a Label>,
    /// Canary analyses in order.
    pub analyses: Vec<&'a Analysis>,
    /// Escalations in order.
    pub escalations: Vec<&'a Escalation>,
    /// Environments in order.
    pub environments: Vec<&'a Environment>,
    /// Tests in order, with the index of their file.
    pub tests: Vec<(usize, &'a Test)>,
    /// What the environment switches off.
    pub disabled: Vec<&'a crate::syntax::ast::Disable>,
}

impl<'a> Declarations<'a> {
    /// The first slo, if there is any.
    pub fn slo(&self) -> Option<&'a Slo> {
        let rules = self.files.iter().flat_map(|f| &f.groups).flat_map(|g| &g.rules);
        rules.filter_map(|rule| if let RuleItem::Slo(slo, _) = rule { Some(*slo) } else { None }).next()
    }
}

/// The rules of one file.
#[derive(Debug)]
pub struct FileRules<'a> {
    /// Index of the file in the project.
    pub index: usize,
    /// The file's path.
    pub path: &'a str,
    /// `defaults` of the file.
    pub defaults: Vec<&'a Setting>,
    /// Groups; rules outside a group stand in one named after the file.
    pub groups: Vec<GroupRules<'a>>,
}

/// The rules of one group.
#[derive(Debug)]
pub struct GroupRules<'a> {
    /// The group's name.
    pub name: String,
    /// Where it is named; of a group named after its file, its first rule.
    pub span: Span,
    /// How it runs.
    pub settings: Vec<&'a GroupSetting>,
    /// Defaults for its alerts.
    pub defaults: Vec<&'a Setting>,
    /// Rules in order.
    pub rules: Vec<RuleItem<'a>>,
}

/// A rule as declared.
#[derive(Debug, Clone)]
pub enum RuleItem<'a> {
    /// An alert, and the changes an environment makes to it.
    Alert(&'a Alert, Vec<&'a Alert>),
    /// A recording rule.
    Record(&'a Record),
    /// A service level objective, and the changes an environment makes to it.
    Slo(&'a Slo, Vec<&'a Slo>),
}

impl<'a> RuleItem<'a> {
    /// The name in the source.
    pub fn name(&self) -> &'a Name {
        match self {
            RuleItem::Alert(a, _) => &a.name,
            RuleItem::Record(r) => &r.name,
            RuleItem::Slo(s, _) => &s.name,
        }
    }
}

/// The environments that a project declares, in order.
pub fn environment_names<'a>(sources: &[Source<'a>]) -> Vec<&'a str> {
    let items = sources.iter().flat_map(|s| &s.tree.items);
    items
        .filter_map(|i| match i {
            Item::Environment(e) => Some(e.name.text.as_str()),
            _ => None,
        })
        .collect()
}

/// Collects the declarations of all files and applies `environment`.
pub fn collect<'a>(
    sources: &[Source<'a>],
    environment: Option<&str>,
    out: &mut Vec<Diagnostic>,
) -> Declarations<'a> {
    let mut collector = Collector { all: Declarations::default(), packages: Vec::new(), out };
    // What packages bring comes first, so that a second declaration is the project's own.
    for (index, source) in sources.iter().enumerate().filter(|(_, s)| s.package) {
        collector.file(index, source);
    }
    collector.packages = sources
        .iter()
        .filter(|s| s.package)
        .flat_map(|s| s.tree.items.first())
        .map(|i| i.span().file)
        .collect();
    for (index, source) in sources.iter().enumerate().filter(|(_, s)| !s.package) {
        collector.file(index, source);
    }
    if collector.all.severities.is_empty() {
        collector.all.severities.extend(DEFAULT_SEVERITIES);
    }
    collector.duplicates();
    for source in sources {
        for item in &source.tree.items {
            if let Item::Override(o) = item {
                collector.changes(&o.body.items);
            }
        }
    }
    let chosen =
        collector.all.environments.iter().find(|e| Some(e.name.text.as_str()) == environment).copied();
    if let Some(chosen) = chosen {
        collector.changes(&chosen.body.items);
    }
    collector.all
}

struct Collector<'a, 'd> {
    all: Declarations<'a>,
    /// The files of packages.
    packages: Vec<FileId>,
    out: &'d mut Vec<Diagnostic>,
}

/// The group that holds a file's rules outside any group.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".alert").unwrap_or(name)
}

impl<'a> Collector<'a, '_> {
    fn file(&mut self, index: usize, source: &Source<'a>) {
        let mut rules = FileRules { index, path: source.path, defaults: Vec::new(), groups: Vec::new() };
        // The group of rules outside any group stands where its first rule does.
        let mut own: Option<usize> = None;
        for item in &source.tree.items {
            match item {
                Item::Severity(s) => self.severities(s),
                Item::Project(p) => self.all.project.extend(&p.body.items),
                Item::Defaults(d) => rules.defaults.extend(&d.body.items),
                Item::Group(g) => rules.groups.push(group(g)),
                Item::Alert(a) => {
                    own_group(&mut rules, &mut own, a.name.span).push(RuleItem::Alert(a, Vec::new()));
                }
                Item::Record(r) => own_group(&mut rules, &mut own, r.name.span).push(RuleItem::Record(r)),
                // Its many rules are evaluated beside others, not behind them.
                Item::Slo(s) => rules.groups.push(GroupRules {
                    name: format!("slo.{}", s.name.text),
                    span: s.name.span,
                    settings: Vec::new(),
                    defaults: Vec::new(),
                    rules: vec![RuleItem::Slo(s, Vec::new())],
                }),
                // A package's analyses are about its own alerts, which are not built here.
                Item::Analysis(_) if source.package => {}
                Item::Environment(e) => self.all.environments.push(e),
                Item::Test(t) => self.all.tests.push((index, t)),
                Item::Override(_) => {}
                other => self.declare(other, false),
            }
        }
        if !source.package {
            self.all.files.push(rules);
        }
    }

    fn severities(&mut self, item: &'a Severities) {
        if let Some(first) = self.all.severity_item {
            self.out.push(
                Diagnostic::new(&names::DUPLICATE_NAME, item.span, "severities are declared twice")
                    .label("a second declaration")
                    .also(first.span, "the first one")
                    .help("keep one list, highest severity first"),
            );
            return;
        }
        self.all.severity_item = Some(item);
        for word in &item.names {
            match item.names.iter().find(|w| w.text == word.text && w.span < word.span) {
                Some(first) => self.out.push(twice("severity", &word.text, word.span, first.span)),
                None => self.all.severities.push(&word.text),
            }
        }
    }

    /// A declaration outside the rules. In an environment (`replace`) it takes the place of one of its name.
    fn declare(&mut self, item: &'a Item, replace: bool) {
        match item {
            Item::Metric(m) => {
                if let Some(first) = self.all.metrics.insert(&m.name.text, m)
                    && !replace
                {
                    self.all.contested.insert(&m.name.text);
                    self.twice("metric", &m.name.text, m.name.span, first.name.span, merged(first, m));
                }
            }
            Item::Let(l) => {
                if let Some(first) = self.all.lets.insert(&l.name.text, l)
                    && !replace
                {
                    self.twice("let", &l.name.text, l.name.span, first.name.span, None);
                }
            }
            Item::Global(g) => {
                if let Some(first) = self.all.global.replace(g)
                    && !replace
                {
                    self.out.push(
                        Diagnostic::new(&names::DUPLICATE_NAME, g.span, "`global` is declared twice")
                            .also(first.span, "the first one")
                            .help("put all fields into one `global` block"),
                    );
                }
            }
            Item::Receiver(r) => {
                self.named(replace, "receiver", &r.name, |all| &mut all.receivers, r, |r| &r.name);
            }
            Item::Analysis(a) => {
                self.named(replace, "analysis", &a.name, |all| &mut all.analyses, a, |a| &a.name);
            }
            Item::Escalation(e) => {
                self.named(replace, "escalation", &e.name, |all| &mut all.escalations, e, |e| &e.name);
            }
            Item::TimeInterval(t) => {
                self.named(replace, "time interval", &t.name, |all| &mut all.intervals, t, |t| &t.name);
            }
            Item::Route(r) => {
                if let Some(first) = self.all.route.replace(r)
                    && !replace
                {
                    self.out.push(
                        Diagnostic::new(&names::DUPLICATE_NAME, r.keyword, "a project has one `route`")
                            .label("a second root")
                            .also(first.keyword, "the first one")
                            .help("make it a `when {…} -> …` inside the first route"),
                    );
                }
            }
            Item::Inhibit(i) => self.all.inhibits.push(i),
            Item::Require(r) => self.require(r, replace),
            _ => {}
        }
    }

    /// A second declaration; of what a package brings there is a way to change it.
    fn twice(&mut self, what: &str, name: &str, second: Span, first: Span, repair: Option<String>) {
        let mut d = twice(what, name, second, first);
        d.help.extend(repair);
        if self.packages.contains(&first.file) && !self.packages.contains(&second.file) {
            d = d.help("to change what the package brings, put it into `override { … }`");
        }
        self.out.push(d);
    }

    /// A policy has no name: in an environment it replaces the one that says the same of the same alerts.
    fn require(&mut self, require: &'a Require, replace: bool) {
        let head = |r: &Require| {
            let matchers = r.matchers.iter().flat_map(|m| &m.items).map(crate::check::scope::promql);
            let mut matchers: Vec<String> = matchers.collect();
            matchers.sort();
            (matchers, r.policy.as_ref().map(std::mem::discriminant))
        };
        let known = self.all.requires.iter_mut().find(|r| replace && head(r) == head(require));
        match known {
            Some(known) => *known = require,
            None => self.all.requires.push(require),
        }
    }

    fn named<T>(
        &mut self,
        replace: bool,
        what: &str,
        name: &'a Name,
        list: impl for<'l> Fn(&'l mut Declarations<'a>) -> &'l mut Vec<&'a T>,
        item: &'a T,
        name_of: impl Fn(&'a T) -> &'a Name,
    ) {
        let list = list(&mut self.all);
        match list.iter_mut().find(|other| name_of(other).text == name.text) {
            Some(place) if replace => *place = item,
            Some(first) => {
                let first = name_of(first).span;
                self.out.push(twice(what, &name.text, name.span, first));
            }
            None => list.push(item),
        }
    }

    /// Alerts and slos share a namespace, in which alerts may have one name; so do groups within a file.
    fn duplicates(&mut self) {
        let mut alerts: BTreeMap<&str, (Span, bool)> = BTreeMap::new();
        let mut environments: BTreeMap<&str, Span> = BTreeMap::new();
        for file in &self.all.files {
            let mut groups: BTreeMap<&str, Span> = BTreeMap::new();
            for group in &file.groups {
                match groups.get(group.name.as_str()) {
                    Some(first) => self.out.push(twice("group", &group.name, group.span, *first)),
                    None => drop(groups.insert(&group.name, group.span)),
                }
                for rule in &group.rules {
                    let (name, is_alert) = match rule {
                        RuleItem::Alert(a, _) => (&a.name, true),
                        RuleItem::Slo(s, _) => (&s.name, false),
                        RuleItem::Record(_) => continue,
                    };
                    let help = "give one alert several levels, or give the second another name";
                    match alerts.get(name.text.as_str()) {
                        Some((first, true)) if is_alert => self.out.push(
                            Diagnostic::new(
                                &names::REPEATED_ALERT,
                                name.span,
                                format!("another alert is called `{}`", name.text),
                            )
                            .label("again here")
                            .also(*first, "the first one")
                            .help(help),
                        ),
                        Some((first, _)) => {
                            self.out.push(twice("alert", &name.text, name.span, *first).help(help));
                        }
                        None => drop(alerts.insert(&name.text, (name.span, is_alert))),
                    }
                }
            }
        }
        for (_, test) in &self.all.tests {
            for step in &test.body.items {
                let StepKind::Environment(name) = &step.kind else { continue };
                let known: Vec<&str> = self.all.environments.iter().map(|e| e.name.text.as_str()).collect();
                // What a parameter stands for is seen when the tests are run.
                if known.contains(&name.text.as_str()) || name.kind == NameKind::Param {
                    continue;
                }
                let mut d = Diagnostic::new(
                    &names::UNKNOWN_ENVIRONMENT,
                    name.span,
                    format!("there is no environment `{}`", name.text),
                )
                .label("this test would never run");
                match nearest(&name.text, known.iter().copied()) {
                    Some(near) => d = d.fix(format!("write `{near}`"), name.span, near),
                    None if known.is_empty() => d = d.help("the project declares none: remove the line"),
                    None => d = d.help(format!("declared: {}", known.join(", "))),
                }
                self.out.push(d);
            }
        }
        for environment in &self.all.environments {
            let name = &environment.name;
            match environments.get(name.text.as_str()) {
                Some(first) => self.out.push(twice("environment", &name.text, name.span, *first)),
                None => drop(environments.insert(&name.text, name.span)),
            }
        }
    }
}

fn own_group<'r, 'a>(
    rules: &'r mut FileRules<'a>,
    own: &mut Option<usize>,
    span: Span,
) -> &'r mut Vec<RuleItem<'a>> {
    let index = *own.get_or_insert_with(|| {
        rules.groups.push(GroupRules {
            name: stem(rules.path).to_string(),
            span,
            settings: Vec::new(),
            defaults: Vec::new(),
            rules: Vec::new(),
        });
        rules.groups.len() - 1
    });
    &mut rules.groups[index].rules
}

fn group(item: &Group) -> GroupRules<'_> {
    let mut group = GroupRules {
        name: item.name.text.clone(),
        span: item.name.span,
        settings: Vec::new(),
        defaults: Vec::new(),
        rules: Vec::new(),
    };
    for entry in &item.body.items {
        match entry {
            GroupEntry::Group(s) => group.settings.push(s),
            GroupEntry::Setting(s) => group.defaults.push(s),
            GroupEntry::Alert(a) => group.rules.push(RuleItem::Alert(a, Vec::new())),
            GroupEntry::Record(r) => group.rules.push(RuleItem::Record(r)),
            GroupEntry::Slo(s) => group.rules.push(RuleItem::Slo(s, Vec::new())),
        }
    }
    group
}

/// How two declarations of a metric become one.
fn merged(first: &Metric, second: &Metric) -> Option<String> {
    let kind = |m: &Metric| (m.kind.map(|(kind, _)| kind), m.unit.as_ref().map(|u| u.text.clone()));
    let labels = |m: &Metric| -> BTreeSet<String> {
        m.labels.iter().flat_map(|l| &l.items).map(|n| n.text.clone()).collect()
    };
    let (mine, other) = (labels(first), labels(second));
    if kind(first) != kind(second) || first.labels.is_none() || second.labels.is_none() {
        return None;
    }
    if mine == other {
        return Some("remove one of them".to_string());
    }
    let all: Vec<&str> = mine.union(&other).map(String::as_str).collect();
    Some(format!("keep one, with the labels of both: `{{{}}}`", all.join(", ")))
}

/// A name that is declared a second time.
fn twice(what: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(&names::DUPLICATE_NAME, second, format!("{what} `{name}` is declared twice"))
        .label("a second declaration")
        .also(first, "the first one")
}
