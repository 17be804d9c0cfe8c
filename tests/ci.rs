//! What continuous integration runs: the steps of `action.yml`, the job of `ci/gitlab.yml` and the hooks, read out of those
//! files and run by bash on a clone of a repository with a branch that breaks its policy. `gh` and `curl` are stand-ins that
//! write down what they are asked for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::review::{alertc, apply, fresh, git, has_git, repository};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(file: &str) -> Value {
    serde_yaml::from_str(&fs::read_to_string(root().join(file)).unwrap()).unwrap()
}

/// A clone whose branch `change` lets a critical alert reach nobody who is paged, which `main` forbids.
fn clone(name: &str) -> PathBuf {
    let origin = repository(&format!("{name}-origin"));
    apply("alertc.toml\n+ [diff]\n+ risk = [\"silenced\"]\n", &origin);
    for words in [&["fmt"][..], &["build"], &["snapshot"]] {
        alertc(&origin, words);
    }
    git(&origin, &["add", "--all"]);
    git(&origin, &["commit", "--quiet", "--message=generated"]);
    let dir = fresh(name);
    git(&dir, &["clone", "--quiet", origin.to_str().unwrap(), "clone"]);
    let dir = dir.join("clone");
    git(&dir, &["checkout", "--quiet", "-b", "change"]);
    let change = "routing.alert\n- require alert{severity=\"critical\"} reaches pagerduty, slack_critical\n\n-  -> pagerduty, slack_critical { group_wait 0s }\n+  -> slack_critical { group_wait 0s }\n";
    apply(change, &dir);
    for words in [&["fmt"][..], &["build"], &["snapshot"]] {
        alertc(&dir, words);
    }
    git(&dir, &["add", "--all"]);
    git(&dir, &["commit", "--quiet", "--message=nobody is paged"]);
    dir
}

/// A directory with the commands that a job finds on its PATH, `gh` and `curl` among them: they append their words to
/// the file `asked`, and `gh` answers a question for comments with what stands in the file `known`.
fn tools(name: &str) -> PathBuf {
    let dir = fresh(name);
    let script = |name: &str, text: &str| {
        let path = dir.join(name);
        fs::write(&path, format!("#!/usr/bin/env bash\nset -eu\n{text}\n")).unwrap();
        let done = Command::new("chmod").arg("+x").arg(&path).status().unwrap();
        assert!(done.success());
    };
    let asked = dir.join("asked").display().to_string();
    let known = dir.join("known").display().to_string();
    script("gh", &format!("echo \"gh $*\" >>'{asked}'\n[[ $* != *--jq* ]] || cat '{known}'"));
    script("curl", &format!("echo \"curl $*\" >>'{asked}'"));
    script("alertc", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_alertc")));
    script("alertc-review", &format!("exec '{}' \"$@\"", root().join("ci/review.sh").display()));
    fs::write(dir.join("known"), "").unwrap();
    dir
}

/// Runs a step as a runner does: what it prints, and its exit code.
fn bash(script: &str, dir: &Path, tools: &Path, env: &BTreeMap<&str, String>) -> (Option<i32>, String) {
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(dir)
        .envs(env)
        .env("PATH", path)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("ALERTC_FORMAT", "concise")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|o| String::from_utf8(o).unwrap()).concat();
    (output.status.code(), text)
}

/// Removes what a test made: the clone, its origin beside it, and the tools.
fn clean(clone: &Path, tools: &Path) {
    let beside = clone.parent().unwrap();
    let origin = format!("{}-origin", beside.display());
    for dir in [beside, Path::new(&origin), tools] {
        let _ = fs::remove_dir_all(dir);
    }
}

fn wrong(output: &str) -> Vec<&str> {
    output.lines().filter(|l| l.starts_with("!!")).collect()
}

#[cfg(unix)]
#[test]
fn the_action_of_github() {
    if !has_git() {
        return;
    }
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let run = |name: &str| {
        let step = steps.iter().find(|s| s["name"] == name).unwrap();
        assert_eq!(step["shell"], "bash");
        let script = step["run"].as_str().unwrap();
        // Words of a pull request must not become part of a script.
        assert!(!script.contains("${{"), "{script}");
        (step, script)
    };
    assert_eq!(steps.len(), 3);
    let dir = clone("ci-action");
    let tools = tools("ci-action-tools");
    let file = |name: &str| tools.join(name).display().to_string();
    let mut env = BTreeMap::from([
        ("GITHUB_ACTION_PATH", root().display().to_string()),
        ("GITHUB_ACTIONS", "true".to_string()),
        ("GITHUB_OUTPUT", file("output")),
        ("GITHUB_STEP_SUMMARY", file("summary")),
        ("GITHUB_REPOSITORY", "buildnest/alerts".to_string()),
        ("GH_TOKEN", "none".to_string()),
        ("ALERTC", env!("CARGO_BIN_EXE_alertc").to_string()),
        ("ALERTC_ALLOW", String::new()),
        ("BASE", "origin/main".to_string()),
        ("NUMBER", "7".to_string()),
        ("REVIEW_FILE", file("review.md")),
    ]);
    // Everything that the steps are given is known here.
    for (step, _) in [run("Review"), run("Comment")] {
        for name in step["env"].as_object().unwrap().keys() {
            assert!(env.contains_key(name.as_str()), "{name}");
        }
    }
    let (code, out) = bash(run("Review").1, &dir, &tools, &env);
    assert_eq!((code, wrong(&out)), (Some(1), vec!["!! tests", "!! the review"]), "{out}");
    assert_eq!(fs::read_to_string(file("output")).unwrap(), format!("file={}\n", file("review.md")));
    let review = fs::read_to_string(file("review.md")).unwrap();
    assert!(review.contains("**not allowed: silenced**"), "{review}");
    assert_eq!(fs::read_to_string(file("summary")).unwrap(), review);

    // The first run writes a comment, the next one replaces it.
    let comment = |env: &BTreeMap<&str, String>| {
        let (code, out) = bash(run("Comment").1, &dir, &tools, env);
        assert_eq!(code, Some(0), "{out}");
        let asked = fs::read_to_string(file("asked")).unwrap();
        fs::remove_file(file("asked")).unwrap();
        asked.lines().last().unwrap().replace(&file("review.md"), "FILE")
    };
    assert_eq!(
        comment(&env),
        "gh api --method POST repos/buildnest/alerts/issues/7/comments --field body=@FILE --silent"
    );
    fs::write(file("known"), "42\n43\n").unwrap();
    assert_eq!(
        comment(&env),
        "gh api --method PATCH repos/buildnest/alerts/issues/comments/42 --field body=@FILE --silent"
    );

    // What is wrong is allowed, by the input and by a commit.
    env.insert("ALERTC_ALLOW", "silenced".to_string());
    let (_, out) = bash(run("Review").1, &dir, &tools, &env);
    assert_eq!(wrong(&out), ["!! tests"], "{out}");
    env.insert("ALERTC_ALLOW", String::new());
    let words = "nobody is paged\n\nAlertc-allow: silenced the night shift looks at the channel";
    git(&dir, &["commit", "--quiet", "--amend", "--message", words]);
    let (_, out) = bash(run("Review").1, &dir, &tools, &env);
    assert_eq!(wrong(&out), ["!! tests"], "{out}");
    let review = fs::read_to_string(file("review.md")).unwrap();
    assert!(review.contains("allowed: silenced (the night shift looks at the channel, "), "{review}");
    clean(&dir, &tools);
}

#[cfg(unix)]
#[test]
fn the_job_of_gitlab() {
    if !has_git() {
        return;
    }
    let job = &yaml("ci/gitlab.yml")[".alertc"];
    let lines = |key: &str| {
        let lines: Vec<&str> = job[key].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
        lines.join("\n")
    };
    let dir = clone("ci-gitlab");
    let tools = tools("ci-gitlab-tools");
    let mut env = BTreeMap::from([
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main".to_string()),
        ("CI_API_V4_URL", "https://gitlab.example/api/v4".to_string()),
        ("CI_PROJECT_ID", "3".to_string()),
        ("CI_MERGE_REQUEST_IID", "7".to_string()),
        ("REVIEW_FILE", job["variables"]["REVIEW_FILE"].as_str().unwrap().to_string()),
    ]);
    let (code, out) = bash(&lines("script"), &dir, &tools, &env);
    assert_eq!((code, wrong(&out)), (Some(1), vec!["!! tests", "!! the review"]), "{out}");
    assert!(fs::read_to_string(dir.join("alertc-review.md")).unwrap().starts_with("<!-- alertc diff -->\n"));
    assert_eq!(bash(&lines("after_script"), &dir, &tools, &env), (Some(0), String::new()));
    assert!(!tools.join("asked").exists(), "without a token nobody is told");
    env.insert("ALERTC_TOKEN", "token".to_string());
    assert_eq!(bash(&lines("after_script"), &dir, &tools, &env), (Some(0), String::new()));
    let asked = fs::read_to_string(tools.join("asked")).unwrap();
    assert!(asked.contains("https://gitlab.example/api/v4/projects/3/merge_requests/7/notes"), "{asked}");
    clean(&dir, &tools);
}

#[cfg(unix)]
#[test]
fn the_hooks_of_pre_commit() {
    if !has_git() {
        return;
    }
    let hooks = yaml(".pre-commit-hooks.yaml");
    let dir = clone("ci-hooks");
    let tools = tools("ci-hooks-tools");
    let run = |id: &str, file: &str| {
        let hook = hooks.as_array().unwrap().iter().find(|h| h["id"] == id).unwrap();
        let entry = hook["entry"].as_str().unwrap();
        let file = if hook["pass_filenames"] == false { "" } else { file };
        bash(&format!("{entry} {file}"), &dir, &tools, &BTreeMap::new())
    };
    assert_eq!(hooks.as_array().unwrap().len(), 4);
    for (id, file) in [
        ("alertc-fmt", "routing.alert"),
        ("alertc-check", "routing.alert"),
        ("alertc-check-existing", "generated/buildnest/alertmanager.yml"),
        ("alertc-build", ""),
    ] {
        let (code, out) = run(id, file);
        assert_eq!(code, Some(0), "{id}: {out}");
    }
    apply("routing.alert\n-   group_by alertname, app\n+       group_by alertname\n", &dir);
    let (code, out) = run("alertc-build", "");
    assert_eq!(code, Some(1), "{out}");
    let (code, out) = run("alertc-fmt", "routing.alert");
    assert_eq!(code, Some(0), "{out}");
    assert!(fs::read_to_string(dir.join("routing.alert")).unwrap().contains("\n  group_by alertname\n"));
    clean(&dir, &tools);
}

/// What is installed beside the binary.
#[cfg(unix)]
#[test]
fn completions_and_manual_pages() {
    let tools = tools("ci-pages");
    let script = "alertc completions bash >completions; source completions; complete -p alertc";
    let (code, out) = bash(script, &tools, &tools, &BTreeMap::new());
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("-F _alertc"), "{out}");
    let (code, out) = bash("alertc man pages && ls pages", &tools, &tools, &BTreeMap::new());
    assert_eq!(code, Some(0), "{out}");
    for page in ["alertc.1", "alertc-diff.1", "alertc-snapshot.1"] {
        assert!(out.lines().any(|l| l == page), "{out}");
        let text = fs::read_to_string(tools.join("pages").join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    let _ = fs::remove_dir_all(tools);
}
