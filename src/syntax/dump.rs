//! The tree as an s-expression without positions: what two texts have in common if they mean the same.
//!
//! Tests show it; the formatter compares it before and after. It therefore holds everything but spans and layout.

use super::ast::*;
use crate::source::Span;

/// A file as an s-expression; `text` is what it was parsed from.
pub fn dump(file: &File, text: &str) -> String {
    let dumper = Dumper { text };
    let mut out = String::new();
    for item in &file.items {
        dumper.item(item).write(&mut out, 0);
        out.push('\n');
    }
    out
}

/// An atom, or a list.
enum Node {
    Atom(String),
    List(Vec<Node>),
}

/// A line holds no more.
const WIDTH: usize = 100;

impl Node {
    fn width(&self) -> usize {
        match self {
            Node::Atom(a) => a.chars().count(),
            Node::List(l) => l.iter().map(|n| n.width() + 1).sum::<usize>() + 1,
        }
    }

    fn write(&self, out: &mut String, indent: usize) {
        match self {
            Node::Atom(a) => out.push_str(a),
            Node::List(list) => {
                let broken = indent + self.width() > WIDTH;
                out.push('(');
                let mut atoms = true;
                for (i, node) in list.iter().enumerate() {
                    // The head's own atoms stay on its line.
                    atoms &= matches!(node, Node::Atom(_));
                    if i > 0 && broken && !atoms {
                        out.push('\n');
                        out.extend(std::iter::repeat_n(' ', indent + 2));
                    } else if i > 0 {
                        out.push(' ');
                    }
                    node.write(out, indent + 2);
                }
                out.push(')');
            }
        }
    }
}

fn atom(text: impl Into<String>) -> Node {
    Node::Atom(text.into())
}

/// A list that starts with a word.
fn list(head: &str, rest: impl IntoIterator<Item = Node>) -> Node {
    Node::List(std::iter::once(atom(head)).chain(rest).collect())
}

/// A list of a word and what is there.
fn some(head: &str, rest: impl IntoIterator<Item = Option<Node>>) -> Node {
    list(head, rest.into_iter().flatten())
}

struct Dumper<'s> {
    text: &'s str,
}

impl Dumper<'_> {
    fn item(&self, item: &Item) -> Node {
        let head = item.keyword();
        match item {
            Item::Severity(i) => list(head, i.names.iter().map(word)),
            Item::Project(i) | Item::Defaults(i) => list(head, i.body.items.iter().map(|s| setting(&s.kind))),
            Item::Metric(i) => some(
                head,
                [
                    Some(name(&i.name)),
                    i.kind.map(|(k, _)| atom(k.as_str())),
                    i.unit.as_ref().map(word),
                    i.labels.as_ref().map(|b| list("labels", b.items.iter().map(name))),
                    i.buckets.as_ref().map(|b| match b {
                        Buckets::Bounds { bounds, .. } => list("buckets", bounds.iter().map(quantity)),
                        Buckets::Native(_) => atom("native"),
                    }),
                ],
            ),
            Item::Let(i) => some(
                head,
                [
                    Some(word(&i.name)),
                    i.params.as_ref().map(|p| list("params", p.iter().map(word))),
                    i.value.as_ref().map(|v| match v {
                        LetValue::Quantity(q) => quantity(q),
                        LetValue::Promql(p) => self.promql(p),
                    }),
                ],
            ),
            Item::Group(i) => named(head, &i.name, i.body.items.iter().map(|e| self.group_entry(e))),
            Item::Alert(i) => self.alert(i),
            Item::Record(i) => self.record(i),
            Item::Slo(i) => self.slo(i),
            Item::Analysis(i) => named(head, &i.name, i.body.items.iter().map(analysis_entry)),
            Item::Global(i) => list(head, i.body.items.iter().map(field)),
            Item::Escalation(i) => named(
                head,
                &i.name,
                i.body.items.iter().map(|e| match &e.kind {
                    EscalationEntry::Schedule(t) => list("schedule", [text(t)]),
                    EscalationEntry::Level { who, within } => {
                        some("level", [Some(name(who)), within.as_ref().map(value)])
                    }
                }),
            ),
            Item::Receiver(i) => {
                let escalation = i.escalation.iter().map(|e| list("escalation", [name(e)]));
                let integrations =
                    i.body.items.iter().map(|n| list(&n.kind.text, n.fields.items.iter().map(field)));
                named(head, &i.name, escalation.chain(integrations))
            }
            Item::Route(i) => list(head, branch(&i.branch)),
            Item::TimeInterval(i) => named(
                head,
                &i.name,
                i.body.items.iter().flat_map(|s| {
                    let zone = s.zone.as_ref().map(|(_, z)| list("in", [text(z)]));
                    [list("span", s.parts.iter().map(interval_part))].into_iter().chain(zone)
                }),
            ),
            Item::Inhibit(i) => some(
                head,
                [
                    Some(matchers(&i.target)),
                    i.source.as_ref().map(|m| list("by", [matchers(m)])),
                    (!i.equal.is_empty()).then(|| list("equal", i.equal.iter().map(name))),
                ],
            ),
            Item::Require(i) => some(
                head,
                [
                    i.matchers.as_ref().map(matchers),
                    i.policy.as_ref().map(|p| match p {
                        Policy::Reaches(names) => list("reaches", names.iter().map(name)),
                        Policy::Has(needs) => list("has", needs.iter().map(need)),
                    }),
                ],
            ),
            Item::Environment(i) => named(head, &i.name, i.body.items.iter().map(|c| self.change(c))),
            Item::Override(i) => list(head, i.body.items.iter().map(|c| self.change(c))),
            Item::Test(i) => list(
                head,
                std::iter::once(text(&i.title)).chain(i.body.items.iter().map(|s| self.step(&s.kind))),
            ),
        }
    }

    fn group_entry(&self, entry: &GroupEntry) -> Node {
        match entry {
            GroupEntry::Group(s) => match &s.kind {
                GroupSettingKind::Interval(v) => list("interval", [value(v)]),
                GroupSettingKind::QueryOffset(v) => list("query_offset", [value(v)]),
                GroupSettingKind::Limit(v) => list("limit", [value(v)]),
            },
            GroupEntry::Setting(s) => setting(&s.kind),
            GroupEntry::Alert(a) => self.alert(a),
            GroupEntry::Record(r) => self.record(r),
            GroupEntry::Slo(s) => self.slo(s),
        }
    }

    fn alert(&self, alert: &Alert) -> Node {
        named(
            "alert",
            &alert.name,
            alert.body.items.iter().map(|p| match &p.kind {
                AlertProperty::Expr(e) => list("expr", [self.promql(e)]),
                AlertProperty::Value(e) => list("value", [self.promql(e)]),
                AlertProperty::Level(l) => some(
                    "level",
                    [
                        Some(word(&l.severity)),
                        l.matchers.as_ref().map(matchers),
                        Some(operator(&l.op)),
                        Some(value(&l.threshold)),
                        l.until.as_ref().map(|u| list("until", [operator(&u.op), value(&u.threshold)])),
                    ]
                    .into_iter()
                    .chain(l.holds.iter().map(|h| Some(hold(h)))),
                ),
                AlertProperty::Setting(s) => setting(s),
                AlertProperty::NoData(n) => no_data(n),
                AlertProperty::Allow(a) => allow(a),
            }),
        )
    }

    fn record(&self, record: &Record) -> Node {
        some(
            "record",
            [Some(name(&record.name)), record.labels.as_ref().map(labels), Some(self.promql(&record.expr))],
        )
    }

    fn slo(&self, slo: &Slo) -> Node {
        named("slo", &slo.name, slo.body.items.iter().map(|p| self.slo_property(&p.kind)))
    }

    fn slo_property(&self, property: &SloProperty) -> Node {
        match property {
            SloProperty::Objective { target, window } => {
                some("objective", [Some(quantity(target)), window.as_ref().map(value)])
            }
            SloProperty::Errors(e) => list("errors", [self.promql(e)]),
            SloProperty::Good(e) => list("good", [self.promql(e)]),
            SloProperty::Total(e) => list("total", [self.promql(e)]),
            SloProperty::Latency { selector: s, bound, by } => {
                let by = (!by.is_empty()).then(|| list("by", by.iter().map(name)));
                some("latency", [Some(selector(s)), bound.as_ref().map(quantity), by])
            }
            SloProperty::Signal(e) => list("signal", [self.promql(e)]),
            SloProperty::MinTraffic(v) => list("min_traffic", [value(v)]),
            SloProperty::Page(n) => list("page", [name(n)]),
            SloProperty::Ticket(n) => list("ticket", [name(n)]),
            SloProperty::NoData(n) => no_data(n),
            SloProperty::Allow(a) => allow(a),
            SloProperty::Setting(s) => setting(s),
        }
    }

    fn change(&self, change: &Change) -> Node {
        match change {
            Change::ExternalLabels { labels: l, .. } => list("external_labels", [labels(l)]),
            Change::Disable(d) => some(
                "disable",
                [
                    Some(atom(d.kind.as_str())),
                    Some(name(&d.name)),
                    d.until.as_ref().map(|d| list("until", [atom(&d.text)])),
                    d.reason.as_ref().map(text),
                ],
            ),
            Change::Item(item) => self.item(item),
        }
    }

    fn step(&self, step: &StepKind) -> Node {
        match step {
            StepKind::Each(e) => list(
                "each",
                std::iter::once(list("params", e.params.iter().map(word))).chain(e.rows.iter().map(|r| {
                    list(
                        "row",
                        r.cells.iter().map(|c| match c {
                            Cell::Quantity(q) => quantity(q),
                            Cell::Text(t) => text(t),
                            Cell::Name(n) => name(n),
                        }),
                    )
                })),
            ),
            StepKind::Environment(n) => list("environment", [name(n)]),
            StepKind::ExternalLabels(l) => list("external_labels", [labels(l)]),
            StepKind::Start(d) => list("start", [atom(&d.text)]),
            StepKind::Interval(v) => list("interval", [value(v)]),
            StepKind::Series(s) => {
                let data: Vec<Node> = match &s.data {
                    Some(SeriesData::Shapes { shapes, .. }) => shapes.iter().map(shape).collect(),
                    Some(SeriesData::Observes { observed: o, .. }) => o.iter().map(observed).collect(),
                    None => Vec::new(),
                };
                list("series", std::iter::once(selector(&s.selector)).chain(data))
            }
            StepKind::Claim(c) => self.claim(c),
        }
    }

    fn claim(&self, claim: &Claim) -> Node {
        let moment = match &claim.moment.kind {
            MomentKind::At(v) => list("at", [value(v)]),
            MomentKind::Within(v) => list("within", [value(v)]),
            MomentKind::From(a, b) => list("from", [value(a), value(b)]),
            MomentKind::Never(None) => list("never", []),
            MomentKind::Never(Some((a, b))) => list("never", [value(a), value(b)]),
        };
        let what = match &claim.kind {
            ClaimKind::NoAlerts(_) => atom("no-alerts"),
            ClaimKind::State { state, only, alerts } => some(
                "state",
                [Some(name(state)), only.map(|_| atom("only"))]
                    .into_iter()
                    .chain(alerts.iter().map(|a| Some(alert_ref(a)))),
            ),
            ClaimKind::Notified { receivers, resolved, often, only, alerts, .. } => {
                let often = often.as_ref().map(|o| match &o.times {
                    Some(times) => list("times", [value(times)]),
                    None => atom("once"),
                });
                let words = [resolved.map(|_| atom("resolved")), often, only.map(|_| atom("only"))];
                some(
                    "notified",
                    receivers
                        .iter()
                        .map(|r| Some(name(r)))
                        .chain(words)
                        .chain(alerts.iter().map(|a| Some(alert_ref(a)))),
                )
            }
            ClaimKind::Value { expr, expected, .. } => list(
                "value",
                std::iter::once(self.promql(expr)).chain(expected.iter().map(|e| {
                    some(
                        "is",
                        [
                            e.labels.as_ref().map(labels),
                            Some(match &e.value {
                                ExpectedValue::Value(v) => value(v),
                                ExpectedValue::Nothing(_) => atom("nothing"),
                            }),
                        ],
                    )
                })),
            ),
        };
        let said = claim
            .said
            .iter()
            .map(|s| some("said", [Some(word(&s.key)), s.regex.map(|_| atom("=~")), Some(text(&s.value))]));
        list("claim", [moment, what].into_iter().chain(said))
    }

    /// The expression as written, its white space and comments outside strings reduced to one space.
    fn promql(&self, promql: &Promql) -> Node {
        let mut out = String::from("`");
        normalize(self.slice(promql.span), &mut out);
        out.push('`');
        Node::Atom(out)
    }

    fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

fn normalize(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            ' ' | '\t' | '\r' | '\n' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
                1
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' | '`' => {
                let length = super::parser::quoted_length(rest);
                out.push_str(rest.get(..length).unwrap_or(""));
                length
            }
            _ => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or("");
    }
}

fn named(head: &str, of: &Name, rest: impl IntoIterator<Item = Node>) -> Node {
    list(head, std::iter::once(name(of)).chain(rest))
}

fn word(word: &Word) -> Node {
    atom(&word.text)
}

fn name(name: &Name) -> Node {
    atom(match name.kind {
        NameKind::Plain => name.text.clone(),
        NameKind::Quoted => format!("{:?}", name.text),
        NameKind::Param => format!("${}", name.text),
    })
}

fn text(text: &Text) -> Node {
    // Whether it interpolates is part of what it means.
    let raw = if text.quote == Quote::Backtick { "raw" } else { "" };
    atom(format!("{raw}{:?}", text.value))
}

fn quantity(quantity: &Quantity) -> Node {
    atom(format!("{}{}", quantity.number, quantity.unit))
}

fn value(value: &Value) -> Node {
    match value {
        Value::Quantity(q) => quantity(q),
        Value::Param(p) => atom(format!("${}", p.name)),
    }
}

fn operator(operator: &Operator) -> Node {
    atom(operator.op.as_str())
}

fn hold(hold: &Hold) -> Node {
    list(hold.kind.as_str(), [value(&hold.duration)])
}

fn no_data(no_data: &NoData) -> Node {
    list("no_data", std::iter::once(name(&no_data.severity)).chain(no_data.holds.iter().map(hold)))
}

fn allow(allow: &Allow) -> Node {
    some(
        "allow",
        [
            Some(name(&allow.code)),
            allow.until.as_ref().map(|d| list("until", [atom(&d.text)])),
            allow.reason.as_ref().map(text),
        ],
    )
}

fn setting(setting: &SettingKind) -> Node {
    match setting {
        SettingKind::For(v) => list("for", [value(v)]),
        SettingKind::KeepFiringFor(v) => list("keep_firing_for", [value(v)]),
        SettingKind::Severity(n) => list("severity", [name(n)]),
        SettingKind::Labels(l) => list("labels", [labels(l)]),
        SettingKind::Annotations(l) => list("annotations", [labels(l)]),
        SettingKind::Text(key, t) => list(key.as_str(), [text(t)]),
    }
}

fn labels(labels: &Labels) -> Node {
    Node::List(labels.items.iter().map(|l| list("=", [name(&l.name), text(&l.value)])).collect())
}

fn matchers(matchers: &Matchers) -> Node {
    Node::List(
        matchers
            .items
            .iter()
            .map(|m| {
                let value = match &m.value {
                    MatcherValue::Text(t) => text(t),
                    MatcherValue::Param(p) => atom(format!("${}", p.name)),
                };
                list(m.op.as_str(), [name(&m.name), value])
            })
            .collect(),
    )
}

fn selector(selector: &Selector) -> Node {
    some("series", [selector.name.as_ref().map(name), selector.matchers.as_ref().map(matchers)])
}

fn alert_ref(alert: &AlertRef) -> Node {
    some("alert", [Some(name(&alert.name)), alert.matchers.as_ref().map(matchers)])
}

fn field(field: &Field) -> Node {
    Node::List(vec![name(&field.key), field_value(&field.value)])
}

fn field_value(value: &FieldValue) -> Node {
    match value {
        FieldValue::Text(t) => text(t),
        FieldValue::Quantity(q) => quantity(q),
        FieldValue::Bool(b, _) => atom(b.to_string()),
        FieldValue::Fields(block) => list("fields", block.items.iter().map(field)),
        FieldValue::List(values, _) => list("list", values.iter().map(field_value)),
    }
}

fn branch(branch: &Branch) -> Vec<Node> {
    let mut nodes = Vec::new();
    if branch.arrow.is_some() {
        nodes.push(list("->", branch.receivers.iter().map(name)));
    }
    if let Some(body) = &branch.body {
        nodes.extend(body.items.iter().map(|e| route_entry(&e.kind)));
    }
    nodes
}

fn route_entry(entry: &RouteEntryKind) -> Node {
    match entry {
        RouteEntryKind::GroupBy(GroupBy::All(_)) => list("group_by", [atom("...")]),
        RouteEntryKind::GroupBy(GroupBy::Labels(names)) => list("group_by", names.iter().map(name)),
        RouteEntryKind::GroupWait(v) => list("group_wait", [value(v)]),
        RouteEntryKind::GroupInterval(v) => list("group_interval", [value(v)]),
        RouteEntryKind::RepeatInterval(v) => list("repeat_interval", [value(v)]),
        RouteEntryKind::MuteTimeIntervals(names) => list("mute_time_intervals", names.iter().map(name)),
        RouteEntryKind::ActiveTimeIntervals(names) => list("active_time_intervals", names.iter().map(name)),
        RouteEntryKind::Escalation(n) => list("escalation", [name(n)]),
        RouteEntryKind::Continue => list("continue", []),
        RouteEntryKind::When(when) => {
            list("when", std::iter::once(matchers(&when.matchers)).chain(branch(&when.branch)))
        }
    }
}

fn interval_part(part: &IntervalPart) -> Node {
    let range = |head: &str, from: i64, to: i64| list(head, [atom(from.to_string()), atom(to.to_string())]);
    match part {
        IntervalPart::Weekdays { from, to, .. } => range("weekdays", (*from).into(), (*to).into()),
        IntervalPart::Months { from, to, .. } => range("months", (*from).into(), (*to).into()),
        IntervalPart::Times { from, to } => range("minutes", from.minutes.into(), to.minutes.into()),
        IntervalPart::Days { from, to, .. } => range("days", (*from).into(), (*to).into()),
        IntervalPart::Years { from, to, .. } => range("years", (*from).into(), (*to).into()),
    }
}

fn need(need: &Need) -> Node {
    match need {
        Need::Property(w) => word(w),
        Need::Label { name: n, .. } => list("label", [name(n)]),
        Need::Hold { kind, op, duration, .. } => list(kind.as_str(), [operator(op), value(duration)]),
    }
}

fn duration(duration: &Option<(Span, Value)>) -> Option<Node> {
    duration.as_ref().map(|(_, v)| list("for", [value(v)]))
}

fn shape(shape: &Shape) -> Node {
    let what = match &shape.kind {
        ShapeKind::Notation(t) => text(t),
        ShapeKind::Missing => atom("missing"),
        ShapeKind::Stale => atom("stale"),
        ShapeKind::Constant(v) => value(v),
        ShapeKind::Ramp { from, to, over } => list("ramp", [value(from), value(to), value(over)]),
        ShapeKind::Slope { from, sign, step } => some(
            if *sign == Sign::Plus { "rise" } else { "fall" },
            [from.as_ref().map(|f| list("from", [value(f)])), Some(value(step))],
        ),
    };
    some("shape", [Some(what), duration(&shape.duration)])
}

fn observed(observed: &Observed) -> Node {
    some(
        "observed",
        observed
            .observations
            .iter()
            .map(|o| Some(list("of", [value(&o.rate), value(&o.value)])))
            .chain([duration(&observed.duration)]),
    )
}

fn analysis_entry(entry: &AnalysisEntry) -> Node {
    match entry {
        AnalysisEntry::Setting(setting) => analysis_setting(&setting.kind),
        AnalysisEntry::Metric(m) => some(
            "metric",
            [
                Some(name(&m.name)),
                Some(name(&m.alert)),
                m.severity.as_ref().map(word),
                m.matchers.as_ref().map(matchers),
                m.body.as_ref().map(|b| list("settings", b.items.iter().map(|s| analysis_setting(&s.kind)))),
            ],
        ),
    }
}

fn analysis_setting(setting: &AnalysisSetting) -> Node {
    match setting {
        AnalysisSetting::Prometheus(t) => list("prometheus", [text(t)]),
        AnalysisSetting::Namespace(t) => list("namespace", [text(t)]),
        AnalysisSetting::Args(args) => {
            list("args", args.iter().map(|a| some("arg", [Some(word(&a.name)), a.value.as_ref().map(text)])))
        }
        AnalysisSetting::Interval(v) => list("interval", [value(v)]),
        AnalysisSetting::InitialDelay(v) => list("initial_delay", [value(v)]),
        AnalysisSetting::Count(v) => list("count", [value(v)]),
        AnalysisSetting::FailureLimit(v) => list("failure_limit", [value(v)]),
        AnalysisSetting::InconclusiveLimit(v) => list("inconclusive_limit", [value(v)]),
        AnalysisSetting::ConsecutiveErrorLimit(v) => list("consecutive_error_limit", [value(v)]),
    }
}
