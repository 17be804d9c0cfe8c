//! Layout of severities, defaults, metrics and lets.

use crate::source::Span;
use crate::syntax::ast::{
    Block, Buckets, Defaults, Label, Labels, Let, LetValue, Matcher, Matchers, Metric, Setting, SettingKind,
    Severities,
};

use super::lines::Table;
use super::writer::Writer;

/// Columns right of `metric` for the line of its buckets.
const BELOW_METRIC: usize = "metric ".len();

impl Writer<'_> {
    pub(super) fn severities(&mut self, item: &Severities) {
        self.word("severity");
        self.list(&item.names, 4, |n| n.span, |w, n| w.token(n.span));
    }

    pub(super) fn defaults(&mut self, item: &Defaults) {
        self.token(item.keyword);
        let table = self.properties(0);
        self.block(&item.body, |w, s| w.setting(s, table));
    }

    /// The table of a block's properties; `min` is the width of the keywords that it usually has.
    pub(super) fn properties(&mut self, min: usize) -> usize {
        let alone = if min == 0 { 1 } else { 2 };
        self.table(Table { gap: 2, min, max: usize::MAX, alone })
    }

    pub(super) fn setting(&mut self, setting: &Setting, table: usize) {
        self.keyword(setting.span, setting.keyword, table);
        self.setting_kind(&setting.kind);
    }

    /// Starts a property: its keyword, and the cell of what it gives.
    pub(super) fn keyword(&mut self, span: Span, keyword: Span, table: usize) {
        self.begin_property(span);
        self.token(keyword);
        self.cell(table);
    }

    pub(super) fn setting_kind(&mut self, kind: &SettingKind) {
        match kind {
            SettingKind::For(v) | SettingKind::KeepFiringFor(v) => self.token(v.span()),
            SettingKind::Severity(n) => self.token(n.span),
            SettingKind::Labels(l) | SettingKind::Annotations(l) => self.labels(l),
            SettingKind::Text(_, text) => self.token(text.span),
        }
    }

    pub(super) fn labels(&mut self, labels: &Labels) {
        let span = |l: &Label| l.name.span.to(l.value.span);
        self.braces(labels, span, |w, l| {
            w.token(l.name.span);
            w.glued("=");
            w.glue = true;
            w.token(l.value.span);
        });
    }

    pub(super) fn matchers(&mut self, matchers: &Matchers) {
        self.braces(matchers, Matcher::span, Writer::matcher);
    }

    pub(super) fn matcher(&mut self, matcher: &Matcher) {
        self.token(matcher.name.span);
        self.glued(matcher.op.as_str());
        self.glue = true;
        self.token(matcher.value.span());
    }

    pub(super) fn metric(&mut self, item: &Metric) {
        let tables = self.run("metric", &[1, 1]);
        self.word("metric");
        self.token(item.name.span);
        if let [names, kinds] = *tables {
            self.cell(names);
            if let Some((_, span)) = item.kind {
                self.token(span);
            }
            if let Some(unit) = &item.unit {
                self.token(unit.span);
            }
            self.cell(kinds);
        }
        if let Some(labels) = &item.labels {
            let block: &Block<_> = labels;
            self.braces(block, |n| n.span, |w, n| w.token(n.span));
        }
        match &item.buckets {
            Some(Buckets::Bounds { keyword, bounds }) => {
                self.break_before(*keyword, BELOW_METRIC);
                self.token(*keyword);
                self.list(bounds, BELOW_METRIC + 2, |q| q.span, |w, q| w.token(q.span));
            }
            Some(Buckets::Native(span)) => {
                self.break_before(*span, BELOW_METRIC);
                self.token(*span);
            }
            None => {}
        }
        self.drop_empty_cell();
    }

    pub(super) fn let_item(&mut self, item: &Let) {
        self.word("let");
        self.token(item.name.span);
        if let Some(params) = &item.params {
            self.glued("(");
            self.glue = true;
            self.list(params, 4, |p| p.span, |w, p| w.token(p.span));
            self.glued(")");
        }
        self.word("=");
        match &item.value {
            Some(LetValue::Quantity(q)) => self.token(q.span),
            Some(LetValue::Promql(p)) => self.promql_below(p.span),
            None => {}
        }
    }
}
