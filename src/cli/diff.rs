//! `alertc diff`: what a change means for the person on call.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::disk::Disk;
use super::git::Repository;
use super::outcome::{Failure, Outcome};
use super::printer::{Printer, counted};
use crate::diff::render;
use crate::diff::review::Review;
use crate::diff::risk::Allowed;
use crate::diff::{series, text};
use crate::pipeline::{self, DiffOptions, Side};
use crate::project::Risk;
use crate::source::Loader;
use crate::tester::blocks::Recording;

/// Arguments of `alertc diff`.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// What was: a git revision (`main`, `main...`, `v1.2:path/in/it`), a directory, or a YAML file; by default where
    /// HEAD left the default branch
    pub(super) base: Option<String>,
    /// What is: the same; by default the working tree
    pub(super) head: Option<String>,
    /// How the review is printed
    #[arg(long = "as", value_enum, default_value_t = Form::Text, value_name = "FORM")]
    pub(super) form: Form,
    /// Compare only this environment; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(super) env: Vec<String>,
    /// Run both over recorded series too: OpenMetrics or Prometheus text with timestamps, or what `promtool tsdb dump`
    /// prints; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) series: Vec<PathBuf>,
    /// Append the difference of the files that are generated
    #[arg(long)]
    pub(super) text: bool,
    /// Exit with 1 when anything changes
    #[arg(long)]
    pub(super) exit_code: bool,
    /// Allow what `[diff] risk` forbids: a risk, or one for one alert (`silenced:RedisDown`); may be repeated
    #[arg(long, value_name = "RISK[:NAME]")]
    pub(super) allow: Vec<String>,
}

/// A form of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Words for a terminal
    Text,
    /// A comment for a pull request
    Markdown,
    /// JSON
    Json,
}

/// What one of the two arguments names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// The project of the working directory.
    WorkingTree,
    /// A commit, as it is called, and a path in it.
    Revision { commit: String, name: String, path: Option<String> },
    /// A directory or file.
    Path(PathBuf),
}

pub(super) fn run(args: &DiffArgs, printer: &Printer) -> Result<Outcome, Failure> {
    let disk = Disk::new().map_err(|e| Failure::io(".", &e))?;
    let mut allowed = args.allow.iter().map(|a| allowed(a)).collect::<Result<Vec<_>, _>>()?;
    let (before, after) = places(args, &disk)?;
    allowed.extend(allowed_by_commits(&before, &after, &disk, printer)?);
    let loader = |place: &Place| -> Result<Box<dyn Loader + '_>, Failure> {
        Ok(match place {
            Place::Revision { commit, name, .. } => {
                Box::new(Repository::find(disk.cwd())?.tree(commit, name, &disk)?)
            }
            _ => Box::new(DiskView(&disk)),
        })
    };
    let (old, new) = (loader(&before)?, loader(&after)?);
    let (a, b) = rayon::join(|| side(&*old, &before, &disk), || side(&*new, &after, &disk));
    let (a, b) = (a?, b?);
    let mut broken = false;
    for (place, side) in [(&before, &a), (&after, &b)] {
        if side.is_broken() {
            let errors: Vec<_> = side.diagnostics.iter().filter(|d| d.is_error()).cloned().collect();
            printer.findings(&side.sources, &errors)?;
            printer.status(&format!("{} has errors: nothing is compared", called(place)));
            broken = true;
        }
    }
    if broken {
        return Ok(Outcome::Findings);
    }
    unknown_environment(&args.env, &a, &b)?;
    let options = DiffOptions { environments: args.env.clone(), allowed };
    let mut review =
        Review { before: called(&before), after: called(&after), ..pipeline::diff(&a, &b, &options) };
    pipeline::replay(&mut review, &a, &b, &options, &recorded(&args.series, &disk, printer)?);
    if args.text {
        review.texts = pipeline::text_diff((&*old, &a), (&*new, &b))?;
    }
    print(&review, args, printer)?;
    printer.status(&review.summary());
    Ok(match (args.exit_code && !review.is_empty()) || review.is_risky() {
        true => Outcome::Findings,
        false => Outcome::Clean,
    })
}

/// Recorded series as something to run rules over.
fn recorded(files: &[PathBuf], disk: &Disk, printer: &Printer) -> Result<Vec<Recording>, Failure> {
    let mut found = Vec::new();
    for path in files {
        let title = path.display().to_string();
        let bytes = disk.read(&disk.absolute(path))?;
        let text =
            String::from_utf8(bytes).map_err(|_| Failure::Usage(format!("`{title}` is not UTF-8 text")))?;
        let recorded = series::read(&text).map_err(|words| Failure::Usage(format!("`{title}`, {words}")))?;
        if recorded.left_out > 0 {
            let left_out = counted(recorded.left_out, "sample");
            printer.status(&format!(
                "`{title}`: {left_out} of native histograms left out: what rules make of them is not compared"
            ));
        }
        let Some((start, end)) = recorded.span else {
            return Err(Failure::Usage(format!("`{title}` holds no samples")));
        };
        found.push(Recording { title, storage: recorded.storage, start, end, test: false });
    }
    Ok(found)
}

/// A loader that borrows the disk.
struct DiskView<'a>(&'a Disk);

impl Loader for DiskView<'_> {
    fn read(&self, path: &Path) -> Result<Vec<u8>, crate::source::LoadError> {
        self.0.read(path)
    }

    fn list(&self, dir: &Path) -> Result<Vec<crate::source::Entry>, crate::source::LoadError> {
        self.0.list(dir)
    }

    fn display_name(&self, path: &Path) -> String {
        self.0.display_name(path)
    }
}

/// `RISK` or `RISK:NAME`.
fn risk_of(text: &str) -> Result<Allowed, String> {
    let (risk, name) = match text.split_once(':') {
        Some((risk, name)) => (risk, Some(name.to_string())),
        None => (text, None),
    };
    let risk = Risk::find(risk).ok_or_else(|| {
        let known: Vec<&str> = Risk::ALL.iter().map(|r| r.as_str()).collect();
        format!("there is no risk `{risk}`; they are {}", known.join(", "))
    })?;
    Ok(Allowed { risk, name, reason: None })
}

fn allowed(text: &str) -> Result<Allowed, Failure> {
    risk_of(text).map_err(|words| Failure::Usage(format!("--allow: {words}")))
}

/// What the messages of the commits allow that make the change, each with its reason: `Alertc-allow: RISK[:NAME] REASON`.
fn allowed_by_commits(
    before: &Place,
    after: &Place,
    disk: &Disk,
    printer: &Printer,
) -> Result<Vec<Allowed>, Failure> {
    let (Place::Revision { commit: from, .. }, to) = (before, after) else { return Ok(Vec::new()) };
    let to = match to {
        Place::WorkingTree => "HEAD",
        Place::Revision { commit, .. } => commit,
        Place::Path(_) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for (commit, text) in Repository::find(disk.cwd())?.allowances(from, to)? {
        let (what, reason) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let reason = reason.trim().trim_matches('"');
        match risk_of(what) {
            Ok(_) if reason.is_empty() => printer.status(&format!(
                "the commit {commit} allows nothing: `Alertc-allow: {text}` gives no reason"
            )),
            Ok(allowed) => {
                found.push(Allowed { reason: Some(format!("{reason}, {commit}")), ..allowed });
            }
            Err(words) => printer.status(&format!("the commit {commit} allows nothing: {words}")),
        }
    }
    Ok(found)
}

/// What the arguments name.
fn places(args: &DiffArgs, disk: &Disk) -> Result<(Place, Place), Failure> {
    match (&args.base, &args.head) {
        (None, _) => {
            let repository = Repository::find(disk.cwd())?;
            let branch = repository.default_branch()?;
            let commit = repository.merge_base("HEAD", &branch)?;
            let name = repository.short(&commit);
            Ok((Place::Revision { commit, name, path: None }, Place::WorkingTree))
        }
        (Some(range), None) if range.contains("..") && !Path::new(range).exists() => {
            let three = range.contains("...");
            let (from, to) = range.split_once(if three { "..." } else { ".." }).unwrap_or((range, ""));
            let from = if from.is_empty() { "HEAD" } else { from };
            let after = if to.is_empty() { Place::WorkingTree } else { place(to, disk)? };
            if !three {
                return Ok((place(from, disk)?, after));
            }
            let repository = Repository::find(disk.cwd())?;
            let commit = repository.merge_base(from, if to.is_empty() { "HEAD" } else { to })?;
            let name = repository.short(&commit);
            Ok((Place::Revision { commit, name, path: None }, after))
        }
        (Some(base), head) => {
            let head = head.as_deref().map_or(Ok(Place::WorkingTree), |h| place(h, disk))?;
            Ok((place(base, disk)?, head))
        }
    }
}

/// A directory, a file, or a revision.
fn place(text: &str, disk: &Disk) -> Result<Place, Failure> {
    let path = disk.absolute(Path::new(text));
    let exists = path.exists();
    let explicit = text == "." || text == ".." || text.starts_with("./") || text.starts_with("../");
    if exists && (explicit || Path::new(text).is_absolute()) {
        return Ok(Place::Path(path));
    }
    let repository = match Repository::find(disk.cwd()) {
        Ok(repository) => repository,
        Err(_) if exists => return Ok(Place::Path(path)),
        Err(failure) => return Err(failure),
    };
    let (name, inner) = match text.split_once(':') {
        Some((name, inner)) => (name, Some(inner.to_string())),
        None => (text, None),
    };
    match repository.commit(name) {
        Some(_) if exists => Err(Failure::Usage(format!(
            "`{text}` is a revision and a path; write `./{text}` for the path or `refs/heads/{text}` for the branch"
        ))),
        Some(commit) => Ok(Place::Revision {
            commit,
            name: repository.short(name),
            path: inner.filter(|p| !p.is_empty()),
        }),
        None if exists => Ok(Place::Path(path)),
        None => Err(Failure::Usage(format!("`{text}` is neither a git revision nor a directory or file"))),
    }
}

fn called(place: &Place) -> String {
    match place {
        Place::WorkingTree => "the working tree".to_string(),
        Place::Revision { name, path: None, .. } => name.clone(),
        Place::Revision { name, path: Some(path), .. } => format!("{name}:{path}"),
        Place::Path(path) => {
            path.file_name().map_or_else(|| ".".into(), |n| n.to_string_lossy()).into_owned()
        }
    }
}

/// Loads what is named.
fn side(loader: &dyn Loader, place: &Place, disk: &Disk) -> Result<Side, Failure> {
    let (path, whole) = match place {
        Place::WorkingTree | Place::Revision { path: None, .. } => (disk.cwd().to_path_buf(), true),
        Place::Revision { path: Some(path), .. } => (Repository::find(disk.cwd())?.inside(path), false),
        Place::Path(path) => (path.clone(), false),
    };
    if whole || pipeline::is_project(loader, &path).unwrap_or(false) {
        return match pipeline::side_of_project(loader, &path)? {
            Some(side) => Ok(side),
            // Before there was a project there were no alerts.
            None if matches!(place, Place::Revision { .. }) => Ok(Side::default()),
            None => Err(Failure::Usage(
                "there is no alertc.toml here or in any directory above; `alertc init` starts a project"
                    .to_string(),
            )),
        };
    }
    pipeline::side_of_yaml(loader, &path)?.ok_or_else(|| {
        Failure::Usage(format!(
            "`{}` holds no project, no rule file and no Alertmanager configuration",
            loader.display_name(&path)
        ))
    })
}

fn unknown_environment(names: &[String], a: &Side, b: &Side) -> Result<(), Failure> {
    let known = |name: &String| {
        let facts = a.facts.iter().chain(&b.facts);
        facts.into_iter().any(|f| f.environment.as_ref() == Some(name))
    };
    match names.iter().find(|n| !known(n)) {
        Some(name) => Err(Failure::Usage(format!("no project has an environment `{name}`"))),
        None => Ok(()),
    }
}

fn print(review: &Review, args: &DiffArgs, printer: &Printer) -> Result<(), Failure> {
    let text = match args.form {
        // A program that wants findings in JSON wants the review in it, too.
        Form::Text if printer.is_json() => render::json(review),
        Form::Text => {
            let mut out = render::terminal(review, printer.colored(), printer.width());
            for file in &review.texts {
                let (old, new) = (file.before.as_deref(), file.after.as_deref());
                out.push_str(&text::unified(&file.path, old, new, printer.colored()));
            }
            out
        }
        Form::Markdown => render::markdown(review),
        Form::Json => render::json(review),
    };
    printer.stdout(|out| out.write_all(text.as_bytes()))?;
    Ok(())
}
