//! Routes of real configurations, compared with the real amtool.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use alertc::alertmanager::matcher::{Matcher, Mode, Op};
use alertc::alertmanager::read_config;
use alertc::alertmanager::route::{Labels, RouteTree};
use alertc::alertmanager::ways;
use alertc::alertmanager::worlds::{Arriving, Known, Worlds, matchers};
use alertc::pipeline::{Routed, routed_file};
use alertc::source::{FileId, Sources};
use proptest::prelude::*;
use rayon::prelude::*;

/// Most label sets that are tried on one configuration.
const MAX_SETS: usize = 24;

/// The configurations of the corpus that the real tool takes; none where the corpus is not.
fn corpus() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(index) = std::fs::read_to_string(dir.join("index.tsv")) else {
        println!("skipped: {} is not there", dir.display());
        return Vec::new();
    };
    let rows = index.lines().skip(1).filter_map(|line| {
        let [repo, _, path, kind, .., verdict, _, _] = *line.split('\t').collect::<Vec<_>>() else {
            panic!("a row of the index: {line}")
        };
        let taken = kind == "alertmanager" && verdict == "pass";
        taken.then(|| dir.join(repo.replacen('/', "+", 1)).join(path))
    });
    rows.collect()
}

fn routed(path: &Path) -> Routed {
    let text = std::fs::read_to_string(path).unwrap();
    let mut sources = Sources::new();
    let file = sources.add(path.display().to_string(), text);
    let (routed, found) = routed_file(&sources, file);
    routed.unwrap_or_else(|| panic!("{}: {found:?}", path.display()))
}

/// An alert of which nothing is known.
struct Unknown;

impl Arriving for Unknown {
    fn known(&self, _: &str) -> Known {
        Known::nothing()
    }
}

/// Label sets that the routes tell apart, spread over all of them.
fn label_sets(routed: &Routed) -> BTreeSet<Labels> {
    let all = matchers(&routed.config.route);
    let (worlds, _) = Worlds::new(&all).of(&Unknown);
    let step = worlds.len().div_ceil(MAX_SETS).max(1);
    let mut sets: BTreeSet<Labels> = worlds.iter().step_by(step).cloned().collect();
    // Where there are too many, each matcher at least for itself.
    for matcher in all.iter().take(MAX_SETS) {
        let found = Worlds::new(&[matcher]).of(&Unknown).0;
        sets.extend(found.iter().cloned());
    }
    // amtool takes no empty value.
    let non_empty = |set: Labels| set.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    sets.into_iter().map(non_empty).collect()
}

#[test]
fn every_configuration_of_the_corpus_can_be_explained() {
    for path in corpus() {
        let routed = routed(&path);
        let tree = RouteTree::new(&routed.config);
        let found = ways::ways(&routed.config, &tree, &Unknown);
        assert!(!found.ways.is_empty(), "{}", path.display());
        assert!(found.ways.iter().all(|way| !way.routes.is_empty() && !way.when.is_empty()));
    }
}

#[test]
#[ignore = "runs the real amtool: .ci/run does it"]
fn amtool_routes_the_same_labels_to_the_same_receivers() {
    let amtool = std::env::var_os("AMTOOL").expect("AMTOOL names the binary");
    let answer = |program: &std::ffi::OsStr, words: &[&str], path: &Path, labels: &[String]| {
        let config = format!("--config.file={}", path.display());
        let output =
            Command::new(program).args(words).arg(config).arg("--tree").args(labels).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.success())
    };
    let alertc = std::ffi::OsString::from(env!("CARGO_BIN_EXE_alertc"));
    let cases: Vec<(PathBuf, Vec<String>)> = corpus()
        .into_iter()
        .flat_map(|path| {
            let sets = label_sets(&routed(&path));
            let as_words = |set: Labels| -> Vec<String> {
                let word = |(name, value): (String, String)| {
                    Matcher::new(name, Op::Equal, value).map(|m| m.to_config()).unwrap()
                };
                set.into_iter().map(word).collect()
            };
            sets.into_iter().map(move |set| (path.clone(), as_words(set))).collect::<Vec<_>>()
        })
        .collect();
    assert!(cases.len() > 100, "{} cases", cases.len());
    let wrong: Vec<String> = cases
        .par_iter()
        .filter_map(|(path, labels)| {
            let theirs = answer(&amtool, &["config", "routes", "test"], path, labels);
            let ours = answer(&alertc, &["routes", "test", "-q"], path, labels);
            let words = labels.join(" ");
            (ours != theirs).then(|| format!("{} {words}\n{}\n{}", path.display(), ours.0, theirs.0))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        cases.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    println!("{} label sets agree", cases.len());
}

/// Values of a label that tell all patterns of [`any_matcher`] apart.
const VALUES: [&str; 8] = ["", "1", "2", "x", "x1", "xy", "xyz", "other"];

fn any_matcher() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        (prop_oneof![Just("="), Just("!=")], prop_oneof![Just("1"), Just("2"), Just("x1"), Just("")])
            .prop_map(|(op, value)| format!("{op}\"{value}\"")),
        (
            prop_oneof![Just("=~"), Just("!~")],
            prop_oneof![
                Just("1|2"),
                Just("x.*"),
                Just("xy.+|1"),
                Just(".+"),
                Just("x[0-9]"),
                Just("(x|2)y?")
            ]
        )
            .prop_map(|(op, value)| format!("{op}\"{value}\"")),
    ];
    (prop_oneof![Just("a"), Just("b")], value).prop_map(|(label, value)| format!("{label}{value}"))
}

/// A route in YAML's flow style.
fn any_route() -> impl Strategy<Value = String> {
    let matchers = proptest::collection::vec(any_matcher(), 0..3);
    let leaf = (matchers, any::<bool>()).prop_map(|(matchers, continues)| {
        let quoted: Vec<String> = matchers.iter().map(|m| format!("'{m}'")).collect();
        format!("matchers: [{}], continue: {continues}", quoted.join(", "))
    });
    leaf.prop_recursive(2, 8, 4, |inner| {
        (inner.clone(), proptest::collection::vec(inner, 1..4)).prop_map(|(own, children)| {
            let own = own.split(", routes: ").next().unwrap_or(&own).to_string();
            let children: Vec<String> = children.iter().map(|c| format!("{{{c}}}")).collect();
            format!("{own}, routes: [{}]", children.join(", "))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_route_is_called_unreachable_only_if_no_label_set_gets_there(
        children in proptest::collection::vec(any_route(), 1..5)
    ) {
        let children: Vec<String> = children.iter().map(|c| format!("  - {{{c}}}\n")).collect();
        let text = format!("route:\n  receiver: r\n  routes:\n{}receivers: [{{name: r}}]\n", children.concat());
        let root = alertc::yaml::read(FileId::NONE, &text).remove(0).root.unwrap();
        let read = read_config(&root, &text, Mode::default());
        let tree = RouteTree::new(&read.model);
        let mut reached = BTreeSet::new();
        for (a, b) in VALUES.iter().flat_map(|a| VALUES.iter().map(move |b| (a, b))) {
            let labels = [("a", a), ("b", b)].into_iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
            for route in tree.matching(&labels) {
                reached.extend(tree.path(route));
            }
        }
        let found = |span: alertc::source::Span| {
            read.diagnostics.iter().any(|d| d.code.name == "unreachable-route" && d.primary.span == span)
        };
        let is_plain = !text.contains("[0-9]") && !text.contains("(x");
        for (number, place) in read.places.route.all().iter().enumerate().skip(1) {
            let above = tree.path(number).into_iter().rev().skip(1);
            let told_above = above.clone().any(|n| found(read.places.route.all()[n].head()));
            if reached.contains(&number) {
                prop_assert!(!found(place.head()), "route {number} of\n{text}{:?}", read.diagnostics);
            } else if is_plain && !told_above {
                prop_assert!(found(place.head()), "route {number} can't be reached:\n{text}");
            }
        }
    }
}
