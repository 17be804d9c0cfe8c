//! Types of expressions: each file in `suite/types/` declares metrics and shows what is said about its expressions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use alertc::check::types::{
    Analysis, Buckets, Comparison, Env, Kind, LabelSet, Limit, Metric, Presence, Quantity, Range, Unit,
    UnitOf, analyse, check_condition, check_limit,
};
use alertc::diagnostic::{Diagnostic, render};
use alertc::promql::parser::{Options, parse};
use alertc::source::{FileId, Sources, Span};
use alertc::yaml::{self, Node};

/// `metric NAME KIND [UNIT] [{labels}] [buckets …|native]`, as in the alert language.
fn declaration(line: &str, span: Span) -> Metric {
    let (line, labels) = match line.split_once('{') {
        Some((before, rest)) => {
            let (inside, after) = rest.split_once('}').expect("closing brace");
            let labels = inside.split(',').map(|l| l.trim().to_string()).filter(|l| !l.is_empty()).collect();
            (format!("{before} {after}"), Some(labels))
        }
        None => (line.to_string(), None),
    };
    let (line, bounds) = line.split_once(" buckets ").unwrap_or((&line, ""));
    let mut words = line.split_whitespace().skip(1);
    let name = words.next().expect("name").to_string();
    let kind = match words.next().expect("kind") {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "histogram" => Kind::Histogram,
        "summary" => Kind::Summary,
        _ => Kind::Unknown,
    };
    let mut unit = None;
    let mut buckets = Buckets::Unknown;
    for word in words {
        match word {
            "native" => buckets = Buckets::Native,
            _ => unit = Some(Unit::from_word(word)),
        }
    }
    if !bounds.is_empty() {
        let bound = |q: &str| Quantity::parse(q.trim()).unwrap().in_unit(unit.as_ref()).unwrap();
        buckets = Buckets::Classic(bounds.split(',').map(bound).collect());
    }
    Metric { name, kind, unit, labels, buckets, span }
}

fn labels(set: &LabelSet) -> String {
    let mut text: Vec<String> = set
        .listed()
        .filter(|(name, _)| *name != "__name__")
        .map(|(name, presence)| match presence {
            Presence::Surely(values) => match values.all() {
                Some(all) => format!("{name}={}", all.join("|")),
                None => name.to_string(),
            },
            _ => format!("{name}?"),
        })
        .collect();
    if !set.is_closed() {
        text.push("...".to_string());
    }
    format!("{{{}}}", text.join(", "))
}

fn summary(analysis: &Analysis) -> String {
    let unit = match &analysis.ty.unit {
        UnitOf::Unknown => "?".to_string(),
        UnitOf::Number => "number".to_string(),
        UnitOf::Known(unit, basis) if basis.firm => unit.to_string(),
        UnitOf::Known(unit, _) => format!("{unit} (by name)"),
    };
    let range = match analysis.ty.range {
        Range { lo: f64::NEG_INFINITY, hi: f64::INFINITY, .. } => String::new(),
        _ if analysis.ty.empty => String::new(),
        range => format!(" in {:?}..{:?}", range.lo, range.hi),
    };
    let empty = if analysis.ty.empty { " EMPTY" } else { "" };
    let always = if analysis.ty.always { " ALWAYS" } else { "" };
    format!("{unit}{range} {}{empty}{always}", labels(&analysis.ty.labels))
}

fn report(name: &str, text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let mut env = Env::new();
    let mut out = String::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end();
        if line.starts_with("metric ") {
            env.declare(declaration(line, Span::new(file, start, start + line.len())));
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // `level > 500ms: EXPR` is a signal and the limit of a level.
        let (level, line) = match line.strip_prefix("level ").and_then(|l| l.split_once(": ")) {
            Some((level, expr)) => (Some(level), expr),
            None => (None, line),
        };
        let (expr_text, alert) = line.strip_prefix("alert ").map_or((line, false), |e| (e, true));
        let offset = text[..at].trim_end().len() - expr_text.len();
        let (expr, mut diagnostics) = parse(expr_text, file, offset, &Options::default());
        assert!(diagnostics.is_empty(), "{line}: {diagnostics:?}");
        let analysis = analyse(&expr, &env);
        diagnostics.extend(analysis.diagnostics.iter().cloned());
        if let Some(level) = level {
            diagnostics.extend(limit(
                level,
                &analysis,
                expr.span,
                Span::new(file, start + 6, start + 6 + level.len()),
            ));
        }
        if alert {
            diagnostics.extend(check_condition(&expr, &analysis));
        }
        let line = text[start..at].trim_end();
        let _ = writeln!(
            out,
            "> {line}\n= {}\n{}",
            summary(&analysis),
            render::to_plain_string(&sources, &diagnostics)
        );
    }
    out
}

fn limit(level: &str, analysis: &Analysis, signal: Span, span: Span) -> Vec<Diagnostic> {
    let (op, quantity) = level.split_once(' ').expect("operator and quantity");
    let op = if op == ">" { Comparison::Gt } else { Comparison::Lt };
    let quantity = Quantity::parse(quantity).unwrap();
    let value = quantity.in_unit(analysis.ty.known_unit()).unwrap().to_f64();
    let limit = Limit { op, value, shown: quantity.text(), bare: quantity.unit().is_none(), span };
    check_limit(&analysis.ty, signal, limit)
}

#[test]
fn cases() {
    insta::glob!("suite/types/*.txt", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(report(&name, &text)) });
    });
}

/// Findings in real rule files that were read, one by one, and are true: `count(up) == 0`, `unless sum(…)` without
/// `on`, buckets summed without `le`, a share of requests `> 5`.
const TRUE_ERRORS: [(&str, usize); 5] = [
    ("always-empty", 11),
    ("contradictory-matchers", 1),
    ("impossible-match", 23),
    ("quantile-without-le", 3),
    ("rate-of-gauge", 1),
];

/// Every expression of real rule files, with nothing declared: any other error there is likely a false one.
#[test]
fn real_rules_have_no_false_errors() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.is_dir() {
        println!("skipped: no corpus beside the crate");
        return;
    }
    let env = Env::new();
    let mut found: Vec<(bool, String)> = Vec::new();
    let mut expressions = 0;
    for (is_alert, expr_text) in corpus_expressions(&corpus) {
        let (expr, diagnostics) = parse(&expr_text, FileId::NONE, 0, &Options::default());
        if diagnostics.iter().any(Diagnostic::is_error) {
            continue;
        }
        expressions += 1;
        let analysis = analyse(&expr, &env);
        let mut all = analysis.diagnostics.clone();
        if is_alert {
            all.extend(check_condition(&expr, &analysis));
        }
        let flat = expr_text.split_whitespace().collect::<Vec<_>>().join(" ");
        found.extend(all.iter().map(|d| (d.is_error(), format!("{}: {} in {flat}", d.code.name, d.message))));
    }
    found.sort();
    found.dedup();
    if let Ok(path) = std::env::var("ALERTC_TYPES_REPORT") {
        let lines: Vec<String> =
            found.iter().map(|(e, t)| format!("{} {t}", if *e { "E" } else { "W" })).collect();
        std::fs::write(path, lines.join("\n")).unwrap();
    }
    assert!(expressions > 5000, "{expressions} expressions");
    let mut errors: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, text) in found.iter().filter(|(error, _)| *error) {
        *errors.entry(text.split(':').next().unwrap()).or_default() += 1;
    }
    assert_eq!(errors, BTreeMap::from(TRUE_ERRORS));
}

/// The `expr` of every rule of the corpus, each once, and whether it is an alert's.
fn corpus_expressions(corpus: &Path) -> BTreeSet<(bool, String)> {
    let index = std::fs::read_to_string(corpus.join("index.tsv")).unwrap();
    let mut found = BTreeSet::new();
    for line in index.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if !matches!(cells[3], "rules" | "prometheusrule-crd") {
            continue;
        }
        let path = corpus.join(cells[0].replace('/', "+")).join(cells[2]);
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        for document in yaml::read(FileId::NONE, &text) {
            document.root.iter().for_each(|root| collect(root, &mut found));
        }
    }
    found
}

fn collect(node: &Node, found: &mut BTreeSet<(bool, String)>) {
    for child in node.as_sequence().into_iter().flatten() {
        collect(child, found);
    }
    let Some(mapping) = node.as_mapping() else { return };
    if let Some(expr) = mapping.get("expr").and_then(Node::as_text) {
        found.insert((mapping.get("alert").is_some(), expr.to_string()));
    }
    for entry in &mapping.entries {
        collect(&entry.value, found);
    }
}
