//! Imports YAML as a project: written, built and compared until every rule comes out as it went in.

mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{ProjectSources, check};
use crate::diagnostic::codes::{self, import as own};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::import::{self, At, Form, Input, Options, Project, Read};
use crate::project::{self, Lints, toml_of};
use crate::prometheus::Rule;
use crate::render;
use crate::source::{FileId, Loader, Sources, Span};
use crate::syntax;

/// What importing gives.
#[derive(Debug, Default)]
pub struct Imported {
    /// The files of the project, alertc.toml first, with their texts; none when there are errors.
    pub files: Vec<(String, String)>,
    /// About the YAML: what is wrong with it, and what could not be carried over.
    pub notes: Vec<Diagnostic>,
    /// What alertc finds in the new sources, what would page wrongly first.
    pub findings: Vec<Diagnostic>,
    /// How much there was.
    pub summary: Summary,
}

/// How much was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// YAML files.
    pub files: usize,
    /// Groups of rules.
    pub groups: usize,
    /// Alerting rules.
    pub alerts: usize,
    /// Recording rules.
    pub records: usize,
    /// Receivers.
    pub receivers: usize,
    /// Routes, the root included.
    pub routes: usize,
    /// Tests.
    pub tests: usize,
    /// Secrets that were left out.
    pub secrets: usize,
    /// Lines of YAML that say something: no blank ones, no comments.
    pub lines_before: usize,
    /// Lines of the sources that say the same.
    pub lines_after: usize,
    /// Lines that declare metrics, which YAML does not say.
    pub lines_of_metrics: usize,
    /// Expressions that come out the same to the byte (without white space around them).
    pub expressions_same: usize,
    /// Expressions of which only white space, or a comment before or behind them, differs.
    pub expressions_same_but_layout: usize,
}

/// Imports files of `sources` as the project `name`. The new sources are added to `sources`, under `location`.
pub fn import(
    loader: &dyn Loader,
    sources: &mut Sources,
    files: &[Input],
    name: &str,
    location: &str,
    options: &Options,
) -> Imported {
    let read = import::read(sources, files);
    let mut imported = Imported { notes: read.diagnostics.clone(), ..Imported::default() };
    if imported.notes.iter().any(Diagnostic::is_error) {
        return imported;
    }
    let mut forms = import::first_forms(&read, options);
    let (mut project, mut built) = loop {
        let project = import::write(&read, &forms, options);
        let mut built = Built::of(&project, name, &read);
        if !built.lower(&read, &project, &mut forms) {
            break (project, built);
        }
    };
    let mut tests = 0;
    if built.failures.is_empty() {
        let (say, kept) = tests::import(loader, &read, &mut project, name);
        tests = kept;
        imported.notes.extend(tests::left_out(&read, &say));
        lay_out(&mut project, &mut built, name, &read);
    }
    imported.notes.extend(built.failures.iter().map(|f| f.diagnostic(&read)));
    imported.notes.extend(secrets(sources, &read, &project));
    imported.notes.extend(import::manifest_notes(&read, &project.settings));
    imported.summary = Summary { tests, ..summary(sources, files, &read, &project, &built) };
    if imported.notes.iter().any(Diagnostic::is_error) {
        return imported;
    }
    let lowered = built.judgements();
    project.settings.lints = Lints::default();
    for code in &lowered {
        project.settings.lints.set(code, Some(Severity::Warning));
    }
    imported.files.push((project::CONFIG_FILE.to_string(), toml_of(name, &project.settings)));
    imported.files.extend(project.files.iter().map(|f| (f.path.clone(), f.text.clone())));
    imported.findings = findings(sources, &project, name, location);
    imported
}

/// The project checked and built in memory.
struct Built {
    /// Findings in its sources, whose files are numbered as the project's are.
    diagnostics: Vec<Diagnostic>,
    /// Rules that differ, by file.
    differing: Vec<(usize, At, String)>,
    /// What can't be helped by writing a rule in another form.
    failures: Vec<Failure>,
    same_bytes: usize,
    same_layout: usize,
}

/// Something that would not come out as it went in.
struct Failure {
    /// The file of rules and perhaps the rule; none is the configuration.
    at: Option<(usize, Option<At>)>,
    why: String,
}

impl Failure {
    fn diagnostic(&self, read: &Read) -> Diagnostic {
        let (span, what) = match self.at {
            Some((file, at)) => {
                let source = read.rules.get(file);
                let places = at.and_then(|(group, _)| source?.places.get(group));
                let place = match (places, at) {
                    (Some(places), Some((_, rule))) => places.rules.get(rule).map(|r| r.name),
                    _ => None,
                };
                let start = Span::new(source.map_or(FileId::NONE, |s| s.file), 0, 0);
                (place.unwrap_or(start), if place.is_some() { "this rule" } else { "this file" })
            }
            None => {
                (Span::new(read.config.as_ref().map_or(FileId::NONE, |c| c.file), 0, 0), "this configuration")
            }
        };
        Diagnostic::new(&own::IMPORT_DIFFERS, span, format!("{what} would not come out as it went in"))
            .label(self.why.clone())
            .help("nothing is written; please report it, and take it out to import the rest")
    }
}

impl Built {
    fn of(project: &Project, name: &str, read: &Read) -> Built {
        let mut sources = Sources::new();
        let checked = with_project(&mut sources, project, name, "", true, check);
        let mut built = Built {
            diagnostics: checked.diagnostics,
            differing: Vec::new(),
            failures: Vec::new(),
            same_bytes: 0,
            same_layout: 0,
        };
        let Some(program) = checked.programs.first() else {
            built.errors(project);
            return built;
        };
        let by_path: BTreeMap<&str, usize> =
            program.files.iter().enumerate().map(|(i, f)| (f.source.as_str(), i)).collect();
        let found = render::rule_files(program);
        for written in &project.files {
            let Some(index) = written.rules else { continue };
            let Some(source) = read.rules.get(index) else { continue };
            let groups = by_path.get(written.path.as_str()).and_then(|i| found.get(*i));
            let differences = import::compare_groups(&source.groups, groups.map_or(&[], |f| &f.groups));
            built.same_bytes += differences.same_bytes;
            built.same_layout += differences.same_layout;
            built.differing.extend(differences.rules.into_iter().map(|(at, why)| (index, at, why)));
            for (group, why) in differences.groups {
                let name = source.groups.get(group).map_or("", |g| g.name.as_str());
                let why = format!("group `{name}` {why}");
                built.failures.push(Failure { at: Some((index, None)), why });
            }
        }
        if let Some(wanted) = &project.config {
            let found = program.alertmanager.as_ref();
            let compared = found.map_or(Err("route".to_string()), |f| import::compare_config(wanted, f));
            if let Err(part) = compared {
                built.failures.push(Failure { at: None, why: format!("its `{part}` differs") });
            }
        }
        built
    }

    /// What keeps the project from being built, told of the rules that it stands in.
    fn errors(&mut self, project: &Project) {
        for diagnostic in self.diagnostics.iter().filter(|d| d.is_error()) {
            let file = project.files.get(diagnostic.primary.span.file.0 as usize);
            let at = diagnostic.primary.span.start as usize;
            let unit = file.and_then(|f| f.units.iter().find(|u| u.range.contains(&at)));
            let why = format!("{} [{}]", diagnostic.message, diagnostic.code.name);
            match (file.and_then(|f| f.rules), unit) {
                (Some(index), Some(unit)) => self
                    .differing
                    .extend(unit.rules.clone().map(|rule| (index, (unit.group, rule), why.clone()))),
                (index, _) => self.failures.push(Failure { at: index.map(|i| (i, None)), why }),
            }
        }
    }

    /// Gives rules that differ a surer form; true when that is to be tried. Where there is none, they fail.
    fn lower(&mut self, read: &Read, project: &Project, forms: &mut [Vec<Vec<Form>>]) -> bool {
        // A group that differs as a whole may do so because its alerts were joined.
        let mut wanted: BTreeSet<(usize, At)> = self.differing.iter().map(|(f, at, _)| (*f, *at)).collect();
        for failure in &self.failures {
            let Some((file, None)) = failure.at else { continue };
            let units = project.files.iter().filter(|f| f.rules == Some(file)).flat_map(|f| &f.units);
            for unit in units.filter(|u| u.rules.len() > 1) {
                wanted.extend(unit.rules.clone().map(|rule| (file, (unit.group, rule))));
            }
        }
        // Rules that were joined go back together.
        for written in &project.files {
            let Some(file) = written.rules else { continue };
            for unit in written.units.iter().filter(|u| u.rules.len() > 1) {
                if unit.rules.clone().any(|r| wanted.contains(&(file, (unit.group, r)))) {
                    wanted.extend(unit.rules.clone().map(|r| (file, (unit.group, r))));
                }
            }
        }
        let mut again = false;
        for (file, at) in wanted {
            let form = forms.get_mut(file).and_then(|f| f.get_mut(at.0)).and_then(|g| g.get_mut(at.1));
            match form.map(|f| (f.surer(), f)) {
                Some((Some(surer), form)) => {
                    *form = surer;
                    again = true;
                }
                _ => {
                    let why = self.differing.iter().find(|(f, a, _)| (*f, *a) == (file, at));
                    let why = why.map_or_else(|| "it differs".to_string(), |(_, _, why)| why.clone());
                    self.failures.push(Failure { at: Some((file, Some(at))), why });
                }
            }
        }
        debug_assert!(read.rules.len() == forms.len(), "a form for every rule");
        again
    }

    /// The codes of errors that only alertc makes of what the YAML says.
    fn judgements(&self) -> Vec<Code> {
        let mut codes: Vec<Code> = Vec::new();
        for diagnostic in self.diagnostics.iter().filter(|d| codes::is_judgement(d.code)) {
            if !codes.iter().any(|c| c.name == diagnostic.code.name) {
                codes.push(diagnostic.code);
            }
        }
        codes.sort_by_key(|c| c.name);
        codes
    }
}

/// Hands the project's files, which become the next ones of `sources`, to a stage.
fn with_project<T>(
    sources: &mut Sources,
    project: &Project,
    name: &str,
    location: &str,
    lenient: bool,
    run: impl FnOnce(&Sources, &ProjectSources<'_>) -> T,
) -> T {
    let mut settings = project.settings.clone();
    if lenient {
        for code in codes::all().filter(|c| codes::is_judgement(c)) {
            settings.lints.set(code, Some(Severity::Warning));
        }
    }
    let mut model = project::standalone(Path::new("/"), Vec::new());
    model.name = name.to_string();
    model.settings = settings;
    let mut files: Vec<(FileId, String)> = project
        .files
        .iter()
        .map(|f| (sources.add(format!("{location}{}", f.path), f.text.clone()), f.path.clone()))
        .collect();
    files.sort_by(|a, b| a.1.cmp(&b.1));
    let input = ProjectSources { project: &model, files, shared: Vec::new(), today: None };
    run(sources, &input)
}

/// Gives every source the one layout, unless that would change what it says.
fn lay_out(project: &mut Project, built: &mut Built, name: &str, read: &Read) {
    let severities = project.files.iter().flat_map(|f| syntax::declared_severities(&f.text)).collect();
    let options = syntax::Options {
        severities,
        version: project.settings.prometheus,
        features: project.settings.features,
    };
    let before: Vec<String> = project.files.iter().map(|f| f.text.clone()).collect();
    for file in &mut project.files {
        if let Ok(text) = syntax::format::format_file(FileId(0), &file.text, &options) {
            file.text = text;
        }
    }
    let again = Built::of(project, name, read);
    let changed: BTreeSet<usize> = again.differing.iter().map(|(file, _, _)| *file).collect();
    if again.failures.is_empty() && changed.is_empty() {
        *built = again;
        return;
    }
    let all = !again.failures.is_empty();
    for (file, text) in project.files.iter_mut().zip(before) {
        if all || file.rules.is_some_and(|r| changed.contains(&r)) {
            file.text = text;
        }
    }
    *built = Built::of(project, name, read);
}

/// What is found in the new sources, what would page wrongly first.
fn findings(sources: &mut Sources, project: &Project, name: &str, location: &str) -> Vec<Diagnostic> {
    let mut found = with_project(sources, project, name, location, false, check).diagnostics;
    found.sort_by_key(|d| rank(d.code));
    found
}

/// The order in which findings are told: alerts that can never fire, that nobody is told of, that fire wrongly, that
/// tell the wrong thing; then all others.
fn rank(code: Code) -> usize {
    const ORDER: [&[&str]; 4] = [
        &["always-empty", "impossible-match", "contradictory-matchers", "missing-series", "unknown-bucket"],
        &[
            "pages-nobody",
            "dead-route",
            "unreachable-route",
            "falls-to-default",
            "broad-inhibition",
            "useless-inhibition",
            "never-resolved",
            "resolve-lost",
        ],
        &[
            "told-twice",
            "late-inhibition",
            "unit-mismatch",
            "percent-of-ratio",
            "rate-of-gauge",
            "rate-of-aggregate",
            "quantile-without-le",
            "quantile-of-non-histogram",
            "quantile-without-rate",
            "quantile-out-of-range",
            "counter-without-rate",
            "slope-of-counter",
            "always-true",
            "bool-condition",
            "no-condition",
            "label-gone",
            "level-order",
        ],
        &["unknown-label", "unknown-metric-label", "relative-link"],
    ];
    ORDER.iter().position(|names| names.contains(&code.name)).unwrap_or(ORDER.len())
}

/// Where each secret stood, and where it is read from now.
fn secrets(sources: &Sources, read: &Read, project: &Project) -> Vec<Diagnostic> {
    let Some(config) = &read.config else { return Vec::new() };
    let Some(file) = sources.get(config.file) else { return Vec::new() };
    let mut from: BTreeMap<&str, usize> = BTreeMap::new();
    let told = project.secrets.iter().map(|secret| {
        let field = secret.field.rsplit('.').next().unwrap_or(&secret.field);
        let start = from.get(field).copied().unwrap_or(0);
        // The first field of that name from there on with the secret close behind it.
        let found = file.text().match_indices(field).map(|(at, _)| at).find(|at| {
            let end = file.text().len().min(at + field.len() + secret.secret.reveal().len() + 200);
            let value = file.text().get(*at..).map(|t| t.get(..end - at).unwrap_or(t));
            *at >= start && value.is_some_and(|v| v.contains(secret.secret.reveal()))
        });
        let place = found.map_or_else(
            || file.name().to_string(),
            |at| {
                from.insert(field, at + field.len());
                format!("{}:{}", file.name(), file.line_column(at).line)
            },
        );
        // Without an excerpt, which would show the secret.
        let message = format!("the secret of `{}` ({place}) is left out", secret.field);
        let found = Diagnostic::new(&own::SECRET_LEFT_OUT, Span::NONE, message);
        match &secret.file {
            Some(file) => found.help(format!("put it into `{file}` on Alertmanager's machine")),
            None => {
                found.help("Alertmanager reads it from no file: put it in place of `<secret>` when deploying")
            }
        }
    });
    told.collect()
}

/// Lines that say something.
fn lines(text: &str) -> usize {
    text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#') && *l != "---").count()
}

fn summary(sources: &Sources, files: &[Input], read: &Read, project: &Project, built: &Built) -> Summary {
    let rules = || read.rules.iter().flat_map(|r| &r.groups).flat_map(|g| &g.rules);
    let routes = read.config.as_ref().map_or(0, |c| count_routes(&c.config.route));
    let of_metrics = |f: &&import::Written| f.path == "metrics.alert" && f.rules.is_none();
    let tests: Vec<FileId> = read.test_files.iter().map(|t| t.file).collect();
    let texts = files.iter().filter(|f| !tests.contains(&f.file)).filter_map(|f| sources.get(f.file));
    Summary {
        files: files.len(),
        groups: read.rules.iter().map(|r| r.groups.len()).sum(),
        alerts: rules().filter(|r| matches!(r, Rule::Alerting(_))).count(),
        records: rules().filter(|r| matches!(r, Rule::Recording(_))).count(),
        receivers: read.config.as_ref().map_or(0, |c| c.config.receivers.len()),
        routes,
        tests: 0,
        secrets: project.secrets.len(),
        lines_before: texts.map(|f| lines(f.text())).sum(),
        lines_after: project
            .files
            .iter()
            .filter(|f| !of_metrics(f) && f.tests.is_empty())
            .map(|f| lines(&f.text))
            .sum(),
        lines_of_metrics: project.files.iter().filter(of_metrics).map(|f| lines(&f.text)).sum(),
        expressions_same: built.same_bytes,
        expressions_same_but_layout: built.same_layout,
    }
}

fn count_routes(route: &crate::alertmanager::config::Route) -> usize {
    1 + route.routes.iter().map(count_routes).sum::<usize>()
}

#[cfg(test)]
mod wording {
    use super::*;
    use crate::diagnostic::render::to_plain_string;

    #[test]
    fn a_rule_that_comes_out_otherwise_reads_well() {
        let mut sources = Sources::new();
        let text = "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n";
        let file = sources.add("rules.yml", text);
        let input = Input { file, stem: "rules".to_string(), path: "rules.yml".into() };
        let read = import::read(&sources, &[input]);
        let failure = Failure { at: Some((0, Some((0, 0)))), why: "`for` differs".to_string() };
        let whole = Failure { at: None, why: "`route` differs".to_string() };
        let found = [failure.diagnostic(&read), whole.diagnostic(&read)];
        insta::assert_snapshot!(to_plain_string(&sources, &found));
    }
}
