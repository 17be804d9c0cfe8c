//! Groups, alerts, recording rules and slos.

use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::ast::{
    Alert, AlertProperty, Allow, Block, Group, GroupEntry, GroupSetting, GroupSettingKind, Level, Name,
    NoData, Property, Record, Setting, SettingKind, Slo, SloProperty, TextKey, Until,
};
use crate::syntax::keywords::{ALERT, GROUP, SLO};

use super::{Parser, Peek};

impl Parser<'_> {
    /// `group NAME { … }`, behind the keyword.
    pub(super) fn group(&mut self, start: usize) -> Option<Group> {
        let name = self.name("the group's name")?;
        let body = self.block(GROUP, Parser::group_entry)?;
        let settings: Vec<Property<()>> = body
            .items
            .iter()
            .filter_map(|e| match e {
                GroupEntry::Group(s) => Some(Property { keyword: s.keyword, kind: (), span: s.span }),
                GroupEntry::Setting(s) => Some(Property { keyword: s.keyword, kind: (), span: s.span }),
                _ => None,
            })
            .collect();
        self.once(&settings, |()| true);
        Some(Group { name, body, span: self.since(start) })
    }

    fn group_entry(&mut self) -> Option<GroupEntry> {
        let start = self.pos;
        let dash = self.dash();
        let (word, keyword) = self.keyword("a setting of a group, an alert, a record or an slo", GROUP)?;
        self.colon(dash, keyword);
        let kind = match word {
            "alert" => return self.alert(keyword).map(GroupEntry::Alert),
            "record" => return self.record(keyword).map(GroupEntry::Record),
            "slo" => return self.slo(keyword).map(GroupEntry::Slo),
            "interval" => self.duration().map(GroupSettingKind::Interval)?,
            "query_offset" => self.duration().map(GroupSettingKind::QueryOffset)?,
            "limit" => self.value("a number").map(GroupSettingKind::Limit)?,
            _ => {
                let kind = self.setting(word)?;
                return Some(GroupEntry::Setting(Setting { keyword, kind, span: self.since(start) }));
            }
        };
        Some(GroupEntry::Group(GroupSetting { keyword, kind, span: self.since(start) }))
    }

    /// `alert NAME { … }`, behind the keyword.
    pub(super) fn alert(&mut self, keyword: Span) -> Option<Alert> {
        let name = self.name("the alert's name")?;
        let headline = self.headline();
        let levels = std::mem::replace(&mut self.levels, true);
        let body = self.block(ALERT, Parser::alert_property);
        self.levels = levels;
        let mut body = body?;
        if let Some(setting) = headline {
            self.before(setting, &mut body, AlertProperty::Setting);
        }
        self.once(&body.items, |p| !matches!(p, AlertProperty::Level(_) | AlertProperty::Allow(_)));
        self.severity_label(&mut body.items);
        Some(Alert { keyword, name, body, span: self.since(keyword.start as usize) })
    }

    /// The summary behind a name: `alert X "…" {`. Its keyword is itself.
    fn headline(&mut self) -> Option<Setting> {
        if self.peek() != Peek::Quote {
            return None;
        }
        let text = self.text("the summary, as a string")?;
        let span = text.span;
        Some(Setting { keyword: span, kind: SettingKind::Text(TextKey::Summary, text), span })
    }

    /// Puts a headline before the properties of its block, which must not say it again.
    fn before<K>(
        &mut self,
        headline: Setting,
        body: &mut Block<Property<K>>,
        kind: impl Fn(SettingKind) -> K,
    ) {
        let word = |p: &Self, span: Span| p.text.get(span.range()) == Some("summary");
        if let Some(again) = body.items.iter().find(|p| word(self, p.keyword)) {
            let diagnostic = Diagnostic::new(
                &codes::syntax::DUPLICATE_PROPERTY,
                again.keyword,
                "the summary is given twice",
            )
            .label("again here")
            .also(headline.span, "first here, behind the name")
            .fix("remove this one", again.span, "");
            self.report(diagnostic);
        }
        let Setting { keyword, kind: setting, span } = headline;
        body.items.insert(0, Property { keyword, kind: kind(setting), span });
    }

    fn alert_property(&mut self) -> Option<Property<AlertProperty>> {
        let start = self.pos;
        let dash = self.dash();
        if let Peek::Word(word) = self.peek()
            && !ALERT.contains(&word)
            && self.level_shape()
        {
            let (keyword, level) = self.level()?;
            return Some(Property { keyword, kind: AlertProperty::Level(level), span: self.since(start) });
        }
        let (word, keyword) = self.keyword("a property of an alert", ALERT)?;
        self.colon(dash, keyword);
        let kind = match word {
            "expr" => AlertProperty::Expr(self.property_promql()),
            "value" => AlertProperty::Value(self.property_promql()),
            "no_data" => AlertProperty::NoData(self.no_data()?),
            "allow" => AlertProperty::Allow(self.allow()?),
            _ => AlertProperty::Setting(self.setting(word)?),
        };
        Some(Property { keyword, kind, span: self.since(start) })
    }

    /// `critical {…}? > 90% until < 85% for 5m keep_firing_for 10m`
    fn level(&mut self) -> Option<(Span, Level)> {
        let Peek::Word(word) = self.peek() else { return self.expected("a severity") };
        let text = word.to_string();
        let span = self.take(text.len());
        let severity = crate::syntax::ast::Word { text, span };
        let matchers = match self.peek() {
            Peek::Mark("{") => Some(self.matchers("matchers")?),
            _ => None,
        };
        let op = self.operator("a comparison such as `>`")?;
        let threshold = self.value("a threshold such as `90%` or `500ms`")?;
        let mut level = Level { severity, matchers, op, threshold, until: None, holds: Vec::new() };
        if let Some(keyword) = self.accept_word("until") {
            let op = self.operator("a comparison such as `<`")?;
            let threshold = self.value("a threshold such as `80%`")?;
            level.until = Some(Until { keyword, op, threshold });
        }
        level.holds = self.holds();
        if !self.lost && !self.ends_property() {
            let _: Option<()> = self.expected("`until`, `for`, `keep_firing_for` or the next line");
        }
        Some((span, level))
    }

    /// True where a property can end: before a line's end, `}`, or another property on the same line.
    pub(super) fn ends_property(&self) -> bool {
        self.opens_line
            || match self.peek() {
                Peek::End | Peek::Mark("}") => true,
                Peek::Word(word) => self.words.contains(&word) || (self.levels && self.level_shape()),
                _ => false,
            }
    }

    /// `warning for 10m`, behind `no_data`.
    fn no_data(&mut self) -> Option<NoData> {
        let severity = self.name("a severity")?;
        Some(NoData { severity, holds: self.holds() })
    }

    /// `CODE until DATE "reason"`, behind `allow`.
    fn allow(&mut self) -> Option<Allow> {
        let code = self.name("the code of a finding, such as `always-firing`")?;
        let mut until = None;
        if self.accept_word("until").is_some() {
            until = self.date();
        }
        let reason = if self.lost { None } else { self.text("the reason, as a string") };
        Some(Allow { code, until, reason })
    }

    /// `labels {severity="critical"}` sets what `severity` is for: it is reported and taken as such.
    fn severity_label(&mut self, properties: &mut Vec<Property<AlertProperty>>) {
        let mut found = Vec::new();
        for property in properties.iter() {
            let AlertProperty::Setting(SettingKind::Labels(labels)) = &property.kind else { continue };
            let Some(label) = labels.items.iter().find(|l| l.name.text == "severity") else { continue };
            // What only a firing alert can tell is a label like others.
            if label.value.value.contains("{{") {
                continue;
            }
            found.push((property.span, labels.items.len(), label.clone()));
        }
        for (property, count, label) in found {
            let indent = self.line_indent(property.start as usize).unwrap_or(0);
            let word = label.value.value.clone();
            let span = label.name.span.to(label.value.span);
            let (edit, text) = if count == 1 {
                (property, format!("severity {word}"))
            } else {
                (self.without_comma(span), String::new())
            };
            let mut diagnostic = Diagnostic::new(
                &codes::syntax::YAML_HABIT,
                span,
                "the severity is a property, not a label that an alert sets",
            )
            .label(format!("expected `severity {word}`"))
            .fix(format!("write `severity {word}`"), edit, text);
            if count > 1
                && let Some(fix) = &mut diagnostic.fix
            {
                let indent = " ".repeat(indent);
                fix.edits.insert(0, (property.at_start(), format!("severity {word}\n{indent}")));
            }
            self.report(diagnostic);
            let name =
                Name { text: word, span: label.value.span, kind: crate::syntax::ast::NameKind::Quoted };
            let kind = AlertProperty::Setting(SettingKind::Severity(name));
            properties.push(Property { keyword: label.name.span, kind, span });
        }
    }

    /// An entry of braces with the comma behind it.
    fn without_comma(&self, span: Span) -> Span {
        let rest = self.text.get(span.end as usize..).unwrap_or("");
        let trimmed = rest.trim_start();
        let Some(after) = trimmed.strip_prefix(',') else { return span };
        let length = rest.len() - after.trim_start_matches(' ').len();
        self.span(span.start as usize, span.end as usize + length)
    }

    /// `record NAME {labels}? = PROMQL`, behind the keyword.
    pub(super) fn record(&mut self, keyword: Span) -> Option<Record> {
        let name = self.series_name("the name of the recorded series")?;
        let labels = match self.peek() {
            Peek::Mark("{") => Some(self.labels("labels")?),
            _ => None,
        };
        if self.accept("=").is_none() {
            return self.expected("`=` and the expression");
        }
        let expr = self.property_promql();
        Some(Record { keyword, name, labels, expr, span: self.since(keyword.start as usize) })
    }

    /// `slo NAME { … }`, behind the keyword.
    pub(super) fn slo(&mut self, keyword: Span) -> Option<Slo> {
        let name = self.name("the slo's name")?;
        let headline = self.headline();
        let mut body = self.block(SLO, Parser::slo_property)?;
        if let Some(setting) = headline {
            self.before(setting, &mut body, SloProperty::Setting);
        }
        self.once(&body.items, |p| !matches!(p, SloProperty::Allow(_)));
        Some(Slo { keyword, name, body, span: self.since(keyword.start as usize) })
    }

    fn slo_property(&mut self) -> Option<Property<SloProperty>> {
        let start = self.pos;
        let dash = self.dash();
        let (word, keyword) = self.keyword("a property of an slo", SLO)?;
        self.colon(dash, keyword);
        let kind = match word {
            "objective" => {
                let target = self.quantity("a share such as `99.9%`")?;
                let window = match self.accept_word("over") {
                    Some(_) => self.duration(),
                    None => self.expected("`over` and a window such as `30d`"),
                };
                SloProperty::Objective { target, window }
            }
            "errors" => SloProperty::Errors(self.property_promql()),
            "good" => SloProperty::Good(self.property_promql()),
            "total" => SloProperty::Total(self.property_promql()),
            "latency" => {
                let selector = self.selector("a histogram")?;
                let bound = match self.accept("<") {
                    Some(_) => self.quantity("a latency such as `500ms`"),
                    None => self.expected("`<` and a latency such as `500ms`"),
                };
                let by = if self.lost { Vec::new() } else { self.latency_labels() };
                SloProperty::Latency { selector, bound, by }
            }
            "signal" => SloProperty::Signal(self.property_promql()),
            "min_traffic" => SloProperty::MinTraffic(self.value("a rate such as `1/s`")?),
            "page" => SloProperty::Page(self.name("a severity")?),
            "ticket" => SloProperty::Ticket(self.name("a severity")?),
            "no_data" => SloProperty::NoData(self.no_data()?),
            "allow" => SloProperty::Allow(self.allow()?),
            _ => SloProperty::Setting(self.setting(word)?),
        };
        Some(Property { keyword, kind, span: self.since(start) })
    }

    /// `by (gateway, method)` behind a latency's bound.
    fn latency_labels(&mut self) -> Vec<Name> {
        if self.opens_line || self.accept_word("by").is_none() {
            return Vec::new();
        }
        if self.accept("(").is_none() {
            let _: Option<()> = self.expected("`(` and labels");
            return Vec::new();
        }
        let labels = self.list(|p| p.name("a label"));
        if !self.lost && self.accept(")").is_none() {
            let _: Option<()> = self.expected("`,` or `)`");
        }
        labels
    }
}
