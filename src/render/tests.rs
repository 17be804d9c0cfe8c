//! Rendering from an IR built by hand: what comes out, and that any value survives.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::alertmanager::config::{self, Config, GroupBy, InhibitRule, IntegrationConfig, Receiver, Route};
use crate::alertmanager::matcher::{Matcher, Op};
use crate::alertmanager::schema::{GLOBAL, integration};
use crate::ir::{AlertRule, Group, Origin, Part, RecordRule, Rule};
use crate::project::Manifest;
use crate::source::FileId;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
}

fn alert(name: &str, expr: &str, labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Rule {
    Rule::Alert(AlertRule {
        name: name.into(),
        expr: expr.into(),
        hold: Some(300_000),
        keep_firing_for: None,
        labels: map(labels),
        annotations: annotations.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        result: crate::check::types::LabelSet::open(Span::NONE),
        origin: Origin { declared: name.into(), span: Span::NONE, part: Part::Condition, severity: None },
    })
}

fn group(name: &str, rules: Vec<Rule>) -> Group {
    Group {
        name: name.into(),
        interval: None,
        query_offset: None,
        limit: None,
        labels: BTreeMap::new(),
        rules,
    }
}

fn program(groups: Vec<Group>) -> Program {
    let file = RuleFile { source: "db/pool.alert".into(), stem: "pool".into(), groups };
    Program { project: "shop".into(), files: vec![file], ..Program::default() }
}

fn example() -> Program {
    let long =
        "  sum by (pool) (hikaricp_connections_active)\n/ sum by (pool) (hikaricp_connections_max)\n> 0.9";
    let record = Rule::Record(RecordRule {
        record: "pool:use:ratio".into(),
        expr: "a / b".into(),
        labels: map(&[("tier", "0x1")]),
        span: Span::NONE,
    });
    let mut health =
        group("shop.health", vec![record, alert("Down", "up == 0", &[("severity", "critical")], &[])]);
    health.interval = Some(30_000);
    health.labels = map(&[("team", "no")]);
    let summary = "Pool {{ $labels.pool }} is {{ $value | humanizePercentage }} full";
    let annotations = [("summary", summary), ("description", "First line: yes\n\n- second\n")];
    let pool = alert("PoolFull", long, &[("severity", "warning"), ("app", "shop")], &annotations);
    program(vec![health, group("shop.db", vec![pool])])
}

fn show(program: &Program, settings: &Settings, templates: &Templates) -> String {
    let (documents, findings) = render(program, Options { settings, location: "alerts/shop/" }, templates);
    let mut out = String::new();
    for document in documents {
        out.push_str(&format!("-- {} --\n{}\n", document.path, document.text));
    }
    for finding in findings {
        out.push_str(&format!("{}: {}\n", finding.code.name, finding.message));
        for line in finding.notes {
            out.push_str(&format!("  {line}\n"));
        }
    }
    out
}

fn notifications() -> Config {
    let slack = integration("slack").unwrap();
    let mut settings = config::Settings::new();
    settings.set_text(slack.fields, "api_url_file", "/etc/alertmanager/secrets/slack");
    settings.set_text(slack.fields, "channel", "#shop: yes");
    settings.set_text(
        slack.fields,
        "text",
        "{{ range .Alerts }}\n- {{ .Annotations.summary }}\n{{ end }}\n\n",
    );
    let matcher = |value: &str| vec![Matcher::new("severity", Op::Equal, value).unwrap()];
    let mut global = config::Settings::new();
    global.set_text(GLOBAL, "smtp_from", "on");
    Config {
        global,
        route: Route {
            receiver: Some("team".into()),
            group_by: Some(GroupBy::Labels(vec!["alertname".into(), "app".into()])),
            routes: vec![Route {
                matchers: matcher("critical"),
                group_by: Some(GroupBy::All),
                ..Route::default()
            }],
            ..Route::default()
        },
        inhibit_rules: vec![InhibitRule {
            source_matchers: matcher("critical"),
            target_matchers: matcher("warning"),
            equal: vec!["alertname".into()],
            ..InhibitRule::default()
        }],
        receivers: vec![Receiver {
            name: "team".into(),
            integrations: vec![IntegrationConfig { integration: slack, settings }],
            ..Receiver::default()
        }],
        ..Config::default()
    }
}

#[test]
fn documents() {
    let manifest = Manifest {
        namespace: Some("monitoring".into()),
        labels: map(&[("prometheus", "k8s"), ("role", "alert-rules")]),
        annotations: BTreeMap::new(),
    };
    let settings = Settings { manifest, ..Settings::default() };
    let program = Program { alertmanager: Some(notifications()), ..example() };
    insta::assert_snapshot!(show(&program, &settings, &Templates::default()));
}

#[test]
fn an_environment_has_a_tree_of_its_own() {
    let mut program = example();
    program.environment = Some("eu/../prod".into());
    let templates = Templates::default();
    let settings = Settings::default();
    let (documents, _) = render(&program, Options { settings: &settings, location: "" }, &templates);
    let paths: Vec<_> = documents.iter().map(|d| d.path.as_str()).collect();
    assert_eq!(paths, ["shop/eu-..-prod/rules/pool.yml", "shop/eu-..-prod/kubernetes/pool.yml"]);
    assert!(documents[1].text.contains("name: shop-eu-prod-pool\n"));
}

fn with_template(name: &str, text: &str) -> String {
    let given = Override { name: name.into(), file: FileId(0), text: text.into() };
    let (templates, findings) = Templates::new(vec![given]);
    let mut settings = Settings::default();
    settings.targets.remove(&Target::PrometheusRule);
    let findings: Vec<String> =
        findings.iter().map(|f| format!("{}: {}\n", f.code.name, f.message)).collect();
    findings.concat() + &show(&example(), &settings, &templates)
}

#[test]
fn own_templates() {
    let name = "rules.yml.j2";
    let whole = include_str!("../../templates/rules.yml.j2");
    let cases = [
        ("a licence is added", name, whole.replace("groups:", "# Licence: ours\ngroups:")),
        (
            "a rule is lost",
            name,
            whole.replace("{% for rule in group.rules %}", "{% for rule in group.rules[1:] %}"),
        ),
        (
            "a rule comes twice",
            name,
            whole.replace("{{ rule | item(6) }}", "{{ rule | item(6) }}\n{{ rule | item(6) }}"),
        ),
        ("wrong indentation", name, whole.replace("item(6)", "item(3)")),
        ("no header", name, whole.replace("{{ header }}", "")),
        (
            "a value is changed",
            name,
            whole.replace("rule | item(6)", "rule | replace('0.9', '0.8') | item(6)"),
        ),
        ("an unknown name", name, whole.replace("in groups", "in grups")),
        (
            "no end",
            name,
            "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}".into(),
        ),
        ("a syntax error", name, whole.replace("{% endfor %}", "{% endfr %}")),
        ("a name of no template", "rule.yml.j2", whole.into()),
    ];
    let mut out = String::new();
    for (title, name, text) in cases {
        let shown = with_template(name, &text);
        let shown = shown.lines().take(6).collect::<Vec<_>>().join("\n");
        out.push_str(&format!("## {title}\n{shown}\n\n"));
    }
    insta::assert_snapshot!(out);
}

/// A value that YAML, templates or terminals might take for something else.
fn hostile() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "yes",
        "no",
        "on",
        "~",
        "null",
        "",
        " ",
        "0x1",
        "1e3",
        "12:30",
        "2026-01-01",
        ": ",
        "- ",
        "a: b",
        "- a",
        "#",
        " #",
        "{{ $labels.x }}",
        "{{",
        "}}",
        "{% raw %}",
        "{#",
        "'",
        "\"",
        "\\",
        "\n",
        "\n\n",
        "a\n\n",
        "\n a",
        " a\n  b\n",
        "\t",
        "\r\n",
        "|",
        ">",
        "%",
        "@",
        "`",
        "!x",
        "&a",
        "*a",
        "?",
        "[",
        "{",
        "---",
        "...",
        "😀",
        "\u{202e}abc",
        "\u{feff}",
        "\u{85}",
        "\u{2028}",
        "é",
        "\u{7f}",
    ]);
    prop::collection::vec(prop_oneof![known.prop_map(str::to_string), any::<String>(), "[ -~\n]{0,20}"], 0..5)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_value_survives(label in hostile(), annotation in hostile(), source in hostile()) {
        let rules = vec![
            alert("A", "up == 0", &[("l", &label), ("m", "x")], &[("a", &annotation), ("b", &label)]),
            alert("B", "up == 0", &[], &[("b", &annotation)]),
        ];
        let mut file = program(vec![group("g", rules.clone()), group(&format!("h{label}"), rules)]);
        file.files[0].source = source;
        let settings = Settings::default();
        let options = Options { settings: &settings, location: "" };
        // Rendering reads its documents back and compares them.
        let (documents, findings) = render(&file, options, &Templates::default());
        let findings: Vec<_> = findings.iter().map(|f| (&f.message, &f.notes)).collect();
        prop_assert!(findings.is_empty(), "{:?}", findings);
        prop_assert_eq!(documents.len(), 2);
    }
}

#[test]
fn what_reads_back_differently_is_told() {
    let model = model::rule_file(&example().files[0]);
    let text = format!("{MARKER} from here.\ngroups: []\n");
    let found = readback::check("shop/rules/pool.yml", &text, &Model::Rules(&model), None);
    let sources = crate::source::Sources::new();
    insta::assert_snapshot!(crate::diagnostic::render::to_plain_string(&sources, found.err().as_slice()));
}
