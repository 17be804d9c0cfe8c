//! The built binary as a user runs it: each file of `tests/suite/cli/` is a session in a fresh directory.
//!
//! A session begins with its commands, one a line after `$ `, and then lists the files they find, each after a line
//! `-- path --`. Beside `alertc` there are `cat FILE`, `tree`, `rm FILE` and `append FILE WORDS`; `< FILE` at the end
//! gives a file to standard input and `cd DIR;` at the front runs the command there.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A directory in which no project is found upwards, as it would be below this repository.
fn fresh(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("alertc-test-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

/// The commands of a session, and its files written to `dir`.
fn unpack(text: &str, dir: &Path) -> Vec<String> {
    let mut parts = text.split("\n-- ");
    let commands = parts.next().unwrap_or("").lines().filter_map(|l| l.strip_prefix("$ "));
    let commands = commands.map(str::to_string).collect();
    for part in parts {
        let (name, body) = part.split_once(" --\n").expect("a file begins with `-- path --`");
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("{}\n", body.trim_end_matches('\n'))).unwrap();
    }
    commands
}

fn tree(dir: &Path, root: &Path, out: &mut String) {
    let mut entries: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            tree(&path, root, out);
        } else {
            out.push_str(&format!("{}\n", path.strip_prefix(root).unwrap().display()));
        }
    }
}

fn alertc(dir: &Path, words: &[&str], input: Option<Vec<u8>>) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(words)
        .current_dir(dir)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The command may end without reading.
    let _ = stdin.write_all(&input.unwrap_or_default());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let mut out = String::from_utf8(output.stdout).unwrap().replace('\x1b', "\\e");
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        out.push_str(&format!("! {line}\n"));
    }
    match output.status.code() {
        Some(0) => {}
        code => out.push_str(&format!("exit {}\n", code.expect("no signal"))),
    }
    out
}

fn run(root: &Path, command: &str) -> String {
    let (dir, command) = match command.strip_prefix("cd ").and_then(|c| c.split_once("; ")) {
        Some((dir, rest)) => (root.join(dir), rest),
        None => (root.to_path_buf(), command),
    };
    let (command, input) = match command.split_once(" < ") {
        Some((command, file)) => (command, Some(fs::read(dir.join(file)).unwrap())),
        None => (command, None),
    };
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["alertc", rest @ ..] => alertc(&dir, rest, input),
        ["cat", file] => fs::read_to_string(dir.join(file)).unwrap_or_else(|e| format!("{e}\n")),
        ["tree"] => {
            let mut out = String::new();
            tree(&dir, &dir, &mut out);
            out
        }
        ["rm", file] => fs::remove_file(dir.join(file)).map(|()| String::new()).unwrap(),
        ["append", file, rest @ ..] => {
            let mut file = fs::OpenOptions::new().append(true).create(true).open(dir.join(file)).unwrap();
            writeln!(file, "{}", rest.join(" ")).unwrap();
            String::new()
        }
        _ => panic!("there is no command `{command}`"),
    }
}

#[test]
fn sessions() {
    insta::glob!("suite/cli/*.session", |path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let dir = fresh(&name);
        let mut out = String::new();
        for command in unpack(&fs::read_to_string(path).unwrap(), &dir) {
            out.push_str(&format!("$ {command}\n{}\n", run(&dir, &command)));
        }
        let _ = fs::remove_dir_all(&dir);
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(name, out);
        });
    });
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = fresh("broken-pipe");
    let mut child = Command::new(env!("CARGO_BIN_EXE_alertc"))
        .args(["explain"])
        .current_dir(&dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
