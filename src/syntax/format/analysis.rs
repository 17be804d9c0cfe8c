//! Layout of canary analyses.

use crate::syntax::ast::{Analysis, AnalysisEntry, AnalysisMetric, AnalysisSetting};

use super::lines::Table;
use super::writer::Writer;

impl Writer<'_> {
    pub(super) fn analysis(&mut self, item: &Analysis) {
        self.word("analysis");
        self.token(item.name.span);
        let table = self.properties(0);
        let metrics = self.table(Table::new(2));
        self.block(&item.body, |w, entry| match entry {
            AnalysisEntry::Setting(setting) => {
                w.keyword(setting.span, setting.keyword, table);
                w.analysis_setting(&setting.kind);
            }
            AnalysisEntry::Metric(metric) => {
                w.begin(metric.span);
                w.analysis_metric(metric, metrics);
            }
        });
    }

    fn analysis_metric(&mut self, metric: &AnalysisMetric, names: usize) {
        self.word("metric");
        self.token(metric.name.span);
        self.cell(names);
        self.word("from");
        self.token(metric.alert.span);
        if let Some(severity) = &metric.severity {
            self.token(severity.span);
        }
        if let Some(matchers) = &metric.matchers {
            self.word("where");
            self.matchers(matchers);
        }
        if let Some(body) = &metric.body {
            let table = self.properties(0);
            self.block(body, |w, setting| {
                w.keyword(setting.span, setting.keyword, table);
                w.analysis_setting(&setting.kind);
            });
        }
    }

    fn analysis_setting(&mut self, setting: &AnalysisSetting) {
        match setting {
            AnalysisSetting::Prometheus(text) | AnalysisSetting::Namespace(text) => self.token(text.span),
            AnalysisSetting::Args(args) => {
                for (index, arg) in args.iter().enumerate() {
                    if index > 0 {
                        self.glued(",");
                    }
                    self.token(arg.name.span);
                    if let Some(value) = &arg.value {
                        self.glued("=");
                        self.glue = true;
                        self.token(value.span);
                    }
                }
            }
            AnalysisSetting::Interval(value)
            | AnalysisSetting::InitialDelay(value)
            | AnalysisSetting::Count(value)
            | AnalysisSetting::FailureLimit(value)
            | AnalysisSetting::InconclusiveLimit(value)
            | AnalysisSetting::ConsecutiveErrorLimit(value) => self.token(value.span()),
        }
    }
}
