//! A replacement stopped before each of its steps, and what the next run makes of it.

use std::collections::BTreeMap;
use std::io;

use super::journal::{self, Step};
use super::*;

fn fresh(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tmp/tree").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn document(path: &str, body: &str) -> Document {
    Document { path: path.into(), text: format!("{MARKER} from a test.\n{body}\n") }
}

/// Every file of the tree with its text.
fn snapshot(dir: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, dir: &Path, out: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                out.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(dir, dir, &mut out);
    out
}

fn old() -> Vec<Document> {
    vec![
        document("p/rules/a.yml", "old a"),
        document("p/rules/gone/b.yml", "old b"),
        document("p/same.yml", "same"),
    ]
}

fn new() -> Vec<Document> {
    vec![
        document("p/rules/a.yml", "new a"),
        document("p/rules/c.yml", "new c"),
        document("p/same.yml", "same"),
    ]
}

fn owned() -> Vec<String> {
    vec!["p".to_string()]
}

#[cfg(target_os = "linux")]
#[test]
fn trees_change_places_and_what_stays_keeps_its_identity() {
    use std::os::unix::fs::MetadataExt;
    let dir = fresh("exchanged");
    Plan::new(&dir, "out", &old(), &owned()).unwrap().apply().unwrap();
    fs::write(dir.join("p/foreign.yml"), "mine\n").unwrap();
    let inode = |name: &str| fs::metadata(dir.join(name)).unwrap().ino();
    let (tree, same, foreign) = (inode(""), inode("p/same.yml"), inode("p/foreign.yml"));

    let documents = new();
    let plan = Plan::new(&dir, "out", &documents, &owned()).unwrap();
    if !exchange::replace(&dir, &plan).unwrap() {
        println!("skipped: this file system can't exchange directories");
        return;
    }
    assert_ne!(tree, inode(""), "another directory");
    assert_eq!((same, foreign), (inode("p/same.yml"), inode("p/foreign.yml")));
    let after = snapshot(&dir);
    assert_eq!(
        after.keys().map(String::as_str).collect::<Vec<_>>(),
        ["p/foreign.yml", "p/rules/a.yml", "p/rules/c.yml", "p/same.yml"]
    );
    assert!(after["p/rules/a.yml"].contains("new a"));
    assert!(!dir.join("p/rules/gone").exists());
    assert!(!dir.with_file_name(".exchanged.alertc-new").exists());
}

#[test]
fn stopped_anywhere_the_next_run_sees_the_old_or_the_new_tree() {
    let dir = fresh("stopped");
    let mut steps: Vec<Step> = Vec::new();
    for stop in 0.. {
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Plan::new(&dir, "out", &old(), &owned()).unwrap().apply().unwrap();
        fs::write(dir.join("p/foreign.yml"), "mine\n").unwrap();
        let before = snapshot(&dir);

        let documents = new();
        let plan = Plan::new(&dir, "out", &documents, &owned()).unwrap();
        let mut count = 0;
        let mut at = Vec::new();
        let result = journal::replace(&dir, &plan, &mut |step| {
            at.push(step);
            count += 1;
            if count > stop { Err(io::Error::other("killed")) } else { Ok(()) }
        });
        let finished = result.is_ok();
        steps.extend(at.last());

        // The recovery is stopped at every step too.
        for again in 0.. {
            let mut count = 0;
            let recovered = journal::recover(&dir, &mut |_| {
                count += 1;
                if count > again { Err(io::Error::other("killed")) } else { Ok(()) }
            });
            if recovered.is_ok() {
                break;
            }
        }
        let after = snapshot(&dir);
        let committed = at.contains(&Step::Move);
        if committed || finished {
            let expected: BTreeMap<String, String> = new()
                .into_iter()
                .map(|d| (d.path, d.text))
                .chain([("p/foreign.yml".to_string(), "mine\n".to_string())])
                .collect();
            assert_eq!(after, expected, "stopped before step {stop}");
            assert!(!dir.join("p/rules/gone").exists(), "empty directories go too");
        } else {
            assert_eq!(after, before, "stopped before step {stop}");
        }
        if finished {
            break;
        }
    }
    for step in [
        Step::CreateStage,
        Step::WriteStaged,
        Step::WriteJournal,
        Step::Commit,
        Step::Move,
        Step::Remove,
        Step::DropJournal,
        Step::DropStage,
    ] {
        assert!(steps.contains(&step), "{step:?} was tried");
    }
}

#[test]
fn unchanged_files_keep_their_time_and_nothing_is_left_to_do() {
    let dir = fresh("unchanged");
    Plan::new(&dir, "out", &old(), &owned()).unwrap().apply().unwrap();
    let time = |name: &str| fs::metadata(dir.join(name)).unwrap().modified().unwrap();
    let before = time("p/same.yml");
    let documents = new();
    Plan::new(&dir, "out", &documents, &owned()).unwrap().apply().unwrap();
    assert_eq!(time("p/same.yml"), before);
    let again = Plan::new(&dir, "out", &documents, &owned()).unwrap();
    assert!(again.is_empty());
    assert_eq!(again.unchanged, 3);
}

#[test]
fn foreign_files_are_neither_overwritten_nor_removed() {
    let dir = fresh("foreign");
    fs::create_dir_all(dir.join("p/rules")).unwrap();
    fs::write(dir.join("p/rules/a.yml"), "groups: []\n").unwrap();
    let documents = new();
    let Err(Failure::Io(words)) = Plan::new(&dir, "out", &documents, &owned()) else { panic!("accepted") };
    assert!(words.contains("was not made by alertc"), "{words}");
    fs::remove_file(dir.join("p/rules/a.yml")).unwrap();
    fs::write(dir.join("p/rules/other.yml"), "groups: []\n").unwrap();
    Plan::new(&dir, "out", &documents, &owned()).unwrap().apply().unwrap();
    assert!(dir.join("p/rules/other.yml").exists());
}

#[test]
fn a_journal_can_not_lead_out_of_the_tree() {
    let dir = fresh("hostile");
    fs::create_dir_all(dir.join(".alertc-stage")).unwrap();
    fs::write(dir.join(".alertc-stage/0"), "owned").unwrap();
    fs::write(dir.join(".alertc-stage/journal"), r#"{"moves":["../escaped"],"removals":[]}"#).unwrap();
    assert!(open(&dir).is_err());
    assert!(!dir.parent().unwrap().join("escaped").exists());
}
