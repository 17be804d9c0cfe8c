//! The README's tour, as a reader follows it: its files are written, its commands run, and they say what is told there.
//!
//! A block whose fence names a file after the language is that file; of a `console` block the lines after `$ ` are
//! commands, and what follows is what they print.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a terminal shows: without blanks at the ends of lines, which no reader sees.
fn shown(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_string()
}

fn run(dir: &mut PathBuf, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words.as_slice() {
        ["cd", to] => {
            dir.push(to);
            assert!(dir.is_dir(), "there is no {to}");
            String::new()
        }
        ["cat", file] => fs::read_to_string(dir.join(file)).unwrap_or_else(|e| e.to_string()),
        ["sed", "-i", edit, file] => {
            let [_, old, new, _] = edit.split('/').collect::<Vec<_>>()[..] else { panic!("{edit}") };
            let text = fs::read_to_string(dir.join(file)).unwrap();
            fs::write(dir.join(file), text.replace(old, new)).unwrap();
            String::new()
        }
        ["alertc", rest @ ..] => {
            let output = Command::new(env!("CARGO_BIN_EXE_alertc"))
                .args(rest)
                .current_dir(&*dir)
                .env_clear()
                .output()
                .unwrap();
            let (out, err) = (output.stdout, output.stderr);
            String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap()
        }
        _ => panic!("the tour has no command `{command}`"),
    }
}

/// The fenced blocks: what stands after the first fence, and the text.
fn blocks(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            found.push((info, body.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn the_tour_is_true() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let tour = readme.split("\n## Five minutes\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let root = std::env::temp_dir().join(format!("alertc-test-{}-readme", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    let mut dir = root.clone();
    let mut commands = 0;
    for (info, body) in blocks(tour) {
        if info != "console" {
            let file = info.split(' ').nth(1).expect("a block is a file or of the console");
            fs::write(dir.join(file), body).unwrap();
            continue;
        }
        for part in format!("\n{body}").split("\n$ ").skip(1) {
            let (command, told) = part.split_once('\n').unwrap_or((part, ""));
            let said = run(&mut dir, command);
            assert_eq!(shown(&said), shown(told), "`{command}` says:\n{said}");
            commands += 1;
        }
    }
    let _ = fs::remove_dir_all(&root);
    assert!(commands > 8, "{commands} commands");
}
