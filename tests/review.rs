//! What a reviewer sees: a git repository with BuildNest in it, and a branch for each change in `tests/suite/review/`.
//!
//! A change begins with lines of words (`# …`), the commit's message. Then come edits: a line with a file's name, and below it lines to be replaced
//! (`- …`) with others (`+ …`). `args:` gives words for `alertc diff`; a line `commit` ends a first commit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Runs git in a directory, as nobody in particular; none when there is no git.
fn try_git(dir: &Path, words: &[&str]) -> Option<Output> {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=Reviewer",
            "-c",
            "user.email=reviewer@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(words)
        .current_dir(dir)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output();
    output.ok()
}

pub(super) fn git(dir: &Path, words: &[&str]) -> String {
    let output = try_git(dir, words).expect("git was here a moment ago");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// True when git can be run; says so loudly when it can't.
pub(super) fn has_git() -> bool {
    let there = try_git(Path::new("."), &["--version"]).is_some();
    if !there {
        println!("\n!! SKIPPED: git is not here: no review was tried\n");
    }
    there
}

pub(super) fn fresh(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("alertc-review-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// A repository whose `main` holds BuildNest.
pub(super) fn repository(name: &str) -> PathBuf {
    let dir = fresh(name);
    // As it was one day, so that work on BuildNest does not touch what is expected here.
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/review/buildnest");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, dir.join(path.file_name().unwrap())).unwrap();
        }
    }
    git(&dir, &["init", "--quiet", "--initial-branch=main"]);
    git(&dir, &["add", "--all"]);
    git(&dir, &["commit", "--quiet", "--message=BuildNest"]);
    dir
}

/// Runs alertc; what it prints, and its exit code where that is not 0.
pub(super) fn alertc(dir: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(words)
        .current_dir(dir)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let mut out = String::from_utf8(output.stdout).unwrap().replace('\x1b', "\\e");
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        out.push_str(&format!("! {line}\n"));
    }
    if output.status.code() != Some(0) {
        out.push_str(&format!("exit {}\n", output.status.code().expect("no signal")));
    }
    let base = try_git(dir, &["rev-parse", "main"])
        .map(|o| String::from_utf8_lossy(&o.stdout).trim().to_string())
        .filter(|base| base.len() > 10);
    match base {
        Some(base) => out.replace(&base[..10], "BASE").replace(&dir.display().to_string(), "DIR"),
        None => out.replace(&dir.display().to_string(), "DIR"),
    }
}

/// Applies the edits of a change to the files in `dir`; gives the words for `alertc diff`.
pub(super) fn apply(change: &str, dir: &Path) -> Vec<String> {
    let mut words = Vec::new();
    let mut file = String::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let edit = |file: &str, old: &mut Vec<String>, new: &mut Vec<String>| {
        if old.is_empty() && new.is_empty() {
            return;
        }
        let path = dir.join(file);
        let text = fs::read_to_string(&path).unwrap_or_default();
        let (from, to) = (old.join("\n"), new.join("\n"));
        assert!(old.is_empty() || text.matches(&from).count() == 1, "{file} has once:\n{from}");
        let text = if old.is_empty() { format!("{text}{to}\n") } else { text.replace(&from, &to) };
        fs::write(path, text).unwrap();
        old.clear();
        new.clear();
    };
    for line in change.lines() {
        if let Some(text) = line.strip_prefix("- ") {
            if !new.is_empty() {
                edit(&file, &mut old, &mut new);
            }
            old.push(text.to_string());
        } else if let Some(text) = line.strip_prefix("+ ") {
            new.push(text.to_string());
        } else if line == "+" {
            new.push(String::new());
        } else {
            edit(&file, &mut old, &mut new);
            match line.strip_prefix("args: ") {
                Some(args) => words.extend(args.split_whitespace().map(str::to_string)),
                None if line.trim().is_empty() || line.starts_with("# ") => {}
                None => file = line.trim().to_string(),
            }
        }
    }
    edit(&file, &mut old, &mut new);
    words
}

#[test]
fn changes() {
    if !has_git() {
        return;
    }
    let dir = repository("changes");
    insta::glob!("suite/review/*.change", |path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let change = fs::read_to_string(path).unwrap();
        git(&dir, &["checkout", "--quiet", "-b", &name, "main"]);
        let mut words = Vec::new();
        for commit in change.split("\ncommit\n") {
            words = apply(commit, &dir);
            git(&dir, &["add", "--all"]);
            let message: Vec<&str> = commit.lines().filter_map(|l| l.strip_prefix("# ")).collect();
            git(&dir, &["commit", "--quiet", "--message", &message.join("\n\n")]);
        }
        let run = |form: &[&str]| {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let out = alertc(&dir, &[&["diff"], form, &words[..]].concat());
            out.replace(git(&dir, &["rev-parse", "--short", "HEAD"]).trim(), "COMMIT")
        };
        let out = format!("{}\n{}", run(&[]), run(&["--as", "markdown", "--quiet"]));
        insta::with_settings!({ omit_expression => true, description => change.rsplit("# ").next().and_then(|c| c.lines().next()).unwrap_or("") }, {
            insta::assert_snapshot!(name, out);
        });
    });
    let _ = fs::remove_dir_all(&dir);
}

/// A transcript of commands that go wrong, or nearly.
#[test]
fn repositories_that_are_odd() {
    if !has_git() {
        return;
    }
    let mut out = String::new();
    let mut say = |what: &str, dir: &Path, words: &[&str]| {
        out.push_str(&format!("# {what}\n$ alertc {}\n{}\n", words.join(" "), alertc(dir, words)));
    };
    let dir = repository("odd");
    let file = dir.join("buildnest.alert");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("alert BuildNestRedisDown {", "alert BuildNestRedisGone {")).unwrap();
    say("what is not committed counts", &dir, &["diff"]);
    say("a branch that is not there", &dir, &["diff", "no-such-branch"]);
    say("an option in place of a revision", &dir, &["diff", "--", "--output=x"]);
    say("a directory without alerts", &dir, &["diff", "main:generated"]);
    say("an unknown risk", &dir, &["diff", "--allow", "everything"]);
    say("an unknown environment", &dir, &["diff", "--env", "moon"]);
    say("two revisions are the same", &dir, &["diff", "main", "HEAD", "--exit-code"]);
    say("with --exit-code", &dir, &["diff", "main", "--exit-code", "--quiet"]);
    fs::write(dir.join("main"), "").unwrap();
    say("a file of a branch's name", &dir, &["diff", "main"]);
    fs::remove_file(dir.join("main")).unwrap();

    // A base that does not compile.
    git(&dir, &["checkout", "--quiet", "--", "."]);
    fs::write(dir.join("with space.alert"), "alert Broken { expr up == }\n").unwrap();
    git(&dir, &["add", "--all"]);
    git(&dir, &["commit", "--quiet", "--message=broken"]);
    git(&dir, &["tag", "broken"]);
    fs::write(
        dir.join("with space.alert"),
        "alert Mended {\n  expr up == 0\n  severity warning\n  summary \"x\"\n}\n",
    )
    .unwrap();
    say("a revision with errors", &dir, &["diff", "broken", "--format", "concise"]);
    git(&dir, &["commit", "--quiet", "--all", "--message=mended"]);
    say("a file with a space in its name", &dir, &["diff", "broken~1", "HEAD"]);

    // A submodule, and a link that leads nowhere.
    let other = repository("odd-module");
    git(
        &dir,
        &[
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            other.to_str().unwrap(),
            "module",
        ],
    );
    #[cfg(unix)]
    std::os::unix::fs::symlink("/nowhere", dir.join("link.alert")).unwrap();
    git(&dir, &["add", "--all"]);
    git(&dir, &["commit", "--quiet", "--message=module"]);
    say("submodules and links are left alone", &dir, &["diff", "HEAD~1", "HEAD"]);

    // A clone that knows its last commit only.
    let shallow = fresh("odd-shallow");
    let from = format!("file://{}", dir.display());
    git(&shallow, &["clone", "--quiet", "--depth=1", &from, "clone"]);
    let clone = shallow.join("clone");
    git(&clone, &["checkout", "--quiet", "--orphan", "alone"]);
    git(&clone, &["commit", "--quiet", "--message=alone"]);
    say("a shallow clone", &clone, &["diff"]);

    // No repository, and no project in it.
    let bare = fresh("odd-none");
    say("no repository", &bare, &["diff"]);
    git(&bare, &["init", "--quiet", "--initial-branch=trunk"]);
    say("a repository without commits", &bare, &["diff"]);
    let dirs = [&dir, &other, &shallow, &bare];
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("odd", out);
    });
    for dir in dirs {
        let _ = fs::remove_dir_all(dir);
    }
}

/// Without git directories can be compared all the same.
#[test]
fn without_git() {
    let dir = fresh("without-git");
    fs::create_dir_all(dir.join("empty")).unwrap();
    let run = |words: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_alertc"))
            .args(words)
            .current_dir(&dir)
            .env_clear()
            .env("PATH", dir.join("empty"))
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, words, _) = run(&["diff"]);
    assert_eq!(code, Some(2));
    assert!(words.contains("`git` can't be run"), "{words}");
    let rule = |limit: &str| {
        format!(
            "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up < {limit}\n    for: 5m\n    labels: {{severity: critical}}\n"
        )
    };
    fs::write(dir.join("old.yml"), rule("1")).unwrap();
    fs::write(dir.join("new.yml"), rule("0.5")).unwrap();
    let (code, words, out) = run(&["diff", "old.yml", "new.yml"]);
    assert_eq!((code, words.as_str()), (Some(0), "1 alert changed\n"));
    assert_eq!(
        out,
        "Alerts\n  ~ A\n      critical  < 1 -> < 0.5\n                fires later; clears sooner\n"
    );
    let _ = fs::remove_dir_all(&dir);
}

/// What is generated says what its source says.
#[test]
fn generated_yaml_is_its_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = alertc(&root.join("alerts/buildnest"), &["diff", "../../generated/buildnest"]);
    assert_eq!(out, "! nothing changes for the person on call\n");
}

/// What continuous integration runs, on a branch of a repository with a committed tree.
#[cfg(unix)]
#[test]
fn the_script_of_ci() {
    if !has_git() {
        return;
    }
    let dir = repository("ci");
    for words in [&["fmt"][..], &["build"], &["snapshot"]] {
        alertc(&dir, words);
    }
    git(&dir, &["add", "--all"]);
    git(&dir, &["commit", "--quiet", "--message=generated"]);
    git(&dir, &["checkout", "--quiet", "-b", "change"]);
    let change = "alertc.toml\n+ [diff]\n+ risk = [\"silenced\"]\nrouting.alert\n- require alert{severity=\"critical\"} reaches pagerduty, slack_critical\n\n-  -> pagerduty, slack_critical { group_wait 0s }\n+  -> slack_critical { group_wait 0s }\n";
    apply(change, &dir);
    alertc(&dir, &["fmt"]);
    let script = |allow: &str| {
        let output = Command::new("bash")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("ci/review.sh"))
            .arg("main")
            .current_dir(&dir)
            .env("ALERTC", env!("CARGO_BIN_EXE_alertc"))
            .env("ALERTC_ALLOW", allow)
            .env("ALERTC_FORMAT", "concise")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let steps: Vec<&str> = out.lines().filter(|l| l.starts_with("!!")).collect();
        (output.status.code(), steps.join("\n"), out)
    };
    let (code, wrong, out) = script("");
    let stale = "!! the generated tree is up to date\n!! the snapshot is up to date";
    assert_eq!((code, wrong), (Some(1), format!("!! tests\n{stale}\n!! the review")), "{out}");
    let review = fs::read_to_string(dir.join("alertc-review.md")).unwrap();
    assert!(
        review.starts_with("<!-- alertc diff -->\n") && review.contains("**not allowed: silenced**"),
        "{review}"
    );
    for words in [&["build"][..], &["snapshot"]] {
        alertc(&dir, words);
    }
    let (code, wrong, out) = script("silenced");
    assert_eq!((code, wrong.as_str()), (Some(1), "!! tests"), "{out}");
    let _ = fs::remove_dir_all(&dir);
}
