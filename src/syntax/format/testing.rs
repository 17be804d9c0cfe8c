//! Layout of tests.

use crate::source::Span;
use crate::syntax::ast::{
    AlertRef, Cell, Claim, ClaimKind, Each, Expected, ExpectedValue, MomentKind, Observed, Row, Series,
    SeriesData, Shape, ShapeKind, Sign, Step, StepKind, Test, Value,
};

use super::lines::Table;
use super::writer::Writer;

/// The usual width of a moment, so that most tests of a file look alike.
const USUAL_MOMENT: usize = "within 16m".len();

/// A moment longer than this (`from … to …`) does not move the claims of the others.
const LONG_MOMENT: usize = 12;

/// The tables of one test.
#[derive(Clone, Copy)]
struct Tables {
    moments: usize,
    claims: usize,
}

impl Writer<'_> {
    pub(super) fn test(&mut self, item: &Test) {
        self.word("test");
        self.token(item.title.span);
        let tables = Tables {
            moments: self.table(Table { gap: 1, min: USUAL_MOMENT, max: LONG_MOMENT, alone: 1 }),
            claims: self.table(Table { gap: 1, min: 0, max: LONG_MOMENT, alone: 1 }),
        };
        // Further lines of a claim stand below what is claimed.
        let below = item
            .body
            .items
            .iter()
            .filter_map(|s| match &s.kind {
                StepKind::Claim(c) => Some(self.moment_width(c)).filter(|w| *w <= LONG_MOMENT),
                _ => None,
            })
            .max()
            .unwrap_or(0)
            .max(USUAL_MOMENT);
        self.block(&item.body, |w, step| w.step(step, tables, below + 1));
    }

    /// The width of a claim's moment once it is written.
    fn moment_width(&self, claim: &Claim) -> usize {
        let value = |v: &Value| self.slice(v.span()).len();
        match &claim.moment.kind {
            MomentKind::At(v) => "at ".len() + value(v),
            MomentKind::Within(v) => "within ".len() + value(v),
            MomentKind::From(a, b) => "from  to ".len() + value(a) + value(b),
            MomentKind::Never(None) => "never".len(),
            MomentKind::Never(Some((a, b))) => "never from  to ".len() + value(a) + value(b),
        }
    }

    fn step(&mut self, step: &Step, tables: Tables, below: usize) {
        match &step.kind {
            StepKind::Series(series) => {
                self.series(step.span, series);
                return;
            }
            StepKind::Each(_)
            | StepKind::Environment(_)
            | StepKind::ExternalLabels(_)
            | StepKind::Start(_)
            | StepKind::Interval(_) => {
                self.begin(step.span);
                self.token(step.keyword);
            }
            StepKind::Claim(_) => self.begin(step.span),
        }
        match &step.kind {
            StepKind::Each(each) => self.each(each),
            StepKind::Environment(name) => self.token(name.span),
            StepKind::ExternalLabels(labels) => self.labels(labels),
            StepKind::Start(date) => self.token(date.span),
            StepKind::Interval(value) => self.token(value.span()),
            StepKind::Claim(claim) => self.claim(claim, tables, below),
            StepKind::Series(_) => {}
        }
    }

    fn each(&mut self, each: &Each) {
        self.word("(");
        self.glue = true;
        self.list(&each.params, 4, |p| p.span, |w, p| w.token(p.span));
        self.glued(")");
        self.word("in");
        let columns: Vec<usize> = each.params.iter().map(|_| self.table(Table::new(1))).collect();
        self.list(&each.rows, 2, |r| r.span, |w, row| w.row(row, &columns));
    }

    fn row(&mut self, row: &Row, columns: &[usize]) {
        self.word("(");
        self.glue = true;
        // Columns only for rows on lines of their own.
        let alone = self.line.cells.len() == 1 && self.line.cells.first().is_some_and(|c| c == "(");
        for (i, cell) in row.cells.iter().enumerate() {
            self.token(match cell {
                Cell::Quantity(q) => q.span,
                Cell::Text(t) => t.span,
                Cell::Name(n) => n.span,
            });
            if i + 1 < row.cells.len() {
                self.glued(",");
                if let Some(column) = columns.get(i).filter(|_| alone) {
                    self.cell(*column);
                }
            }
        }
        self.glued(")");
        self.end = self.end.max(row.span.end as usize);
    }

    fn series(&mut self, span: Span, series: &Series) {
        self.begin(span);
        let equals = matches!(&series.data, Some(SeriesData::Shapes { .. }));
        let tables = if equals { self.run("series", &[1]) } else { Vec::new() };
        self.word("series");
        self.selector(&series.selector);
        match &series.data {
            Some(SeriesData::Shapes { shapes, .. }) => {
                if let Some(table) = tables.first() {
                    self.cell(*table);
                }
                self.word("=");
                self.list(shapes, 4, |s| s.span, Writer::shape);
            }
            Some(SeriesData::Observes { keyword, observed }) => {
                self.break_before(*keyword, 2);
                self.token(*keyword);
                self.list(observed, 4, |o| o.span, Writer::observed);
            }
            None => {}
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match &shape.kind {
            ShapeKind::Notation(text) => self.token(text.span),
            ShapeKind::Missing => self.word("missing"),
            ShapeKind::Stale => self.word("stale"),
            ShapeKind::Constant(value) => self.token(value.span()),
            ShapeKind::Ramp { from, to, over } => {
                self.token(from.span());
                self.word("to");
                self.token(to.span());
                self.word("over");
                self.token(over.span());
            }
            ShapeKind::Slope { from, sign, step } => {
                if let Some(from) = from {
                    self.token(from.span());
                }
                self.word(if *sign == Sign::Plus { "+" } else { "-" });
                self.glue = from.is_none();
                self.token(step.span());
            }
        }
        self.duration(&shape.duration);
    }

    fn observed(&mut self, observed: &Observed) {
        for (i, observation) in observed.observations.iter().enumerate() {
            if i > 0 {
                self.word("+");
            }
            self.token(observation.rate.span());
            self.word("of");
            self.token(observation.value.span());
        }
        self.duration(&observed.duration);
    }

    fn duration(&mut self, duration: &Option<(Span, Value)>) {
        if let Some((keyword, value)) = duration {
            self.token(*keyword);
            self.token(value.span());
        }
    }

    fn claim(&mut self, claim: &Claim, tables: Tables, below: usize) {
        match &claim.moment.kind {
            MomentKind::At(v) => self.words("at", &[v]),
            MomentKind::Within(v) => self.words("within", &[v]),
            MomentKind::From(a, b) => self.words("from", &[a, b]),
            MomentKind::Never(None) => self.word("never"),
            MomentKind::Never(Some((a, b))) => {
                self.word("never");
                self.words("from", &[a, b]);
            }
        }
        self.end = self.end.max(claim.moment.span.end as usize);
        let long = self.moment_width(claim) > LONG_MOMENT;
        if !long {
            self.cell(tables.moments);
        }
        let column = if long { None } else { Some(tables.claims) };
        match &claim.kind {
            ClaimKind::NoAlerts(span) => {
                self.word("no");
                self.word("alerts");
                self.end = self.end.max(span.end as usize);
            }
            ClaimKind::State { state, only, alerts } => {
                self.token(state.span);
                self.claim_cell(column);
                if let Some(only) = only {
                    self.token(*only);
                }
                self.alerts(alerts);
            }
            ClaimKind::Notified { keyword, receivers, resolved, often, only, alerts } => {
                self.token(*keyword);
                self.claim_cell(column);
                self.list(receivers, 4, |n| n.span, |w, n| w.token(n.span));
                if let Some(resolved) = resolved {
                    self.token(*resolved);
                }
                if let Some(often) = often {
                    if let Some(times) = &often.times {
                        self.token(times.span());
                    }
                    self.token(often.word);
                }
                if !alerts.is_empty() {
                    self.word("of");
                    if let Some(only) = only {
                        self.token(*only);
                    }
                    self.alerts(alerts);
                }
            }
            ClaimKind::Value { keyword, expr, expected } => {
                self.token(*keyword);
                self.claim_cell(column);
                self.promql(expr.span);
                self.word("=");
                self.list(expected, 4, expected_span, Writer::expected);
            }
        }
        let said = self.table(Table { gap: 1, min: 0, max: usize::MAX, alone: 1 });
        for line in &claim.said {
            let broke = self.break_before(line.key.span, below + 2);
            self.token(line.key.span);
            if broke {
                self.cell(said);
            }
            if line.regex.is_some() {
                self.word("=~");
            }
            self.token(line.value.span);
        }
    }

    fn claim_cell(&mut self, column: Option<usize>) {
        if let Some(column) = column {
            self.cell(column);
        }
    }

    fn words(&mut self, first: &str, values: &[&Value]) {
        self.word(first);
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.word("to");
            }
            self.token(value.span());
        }
    }

    fn alerts(&mut self, alerts: &[AlertRef]) {
        self.list(
            alerts,
            4,
            |a| a.name.span,
            |w, alert| {
                w.token(alert.name.span);
                if let Some(matchers) = &alert.matchers {
                    w.glue = true;
                    w.matchers(matchers);
                }
            },
        );
    }

    fn expected(&mut self, expected: &Expected) {
        if let Some(labels) = &expected.labels {
            self.labels(labels);
        }
        match &expected.value {
            ExpectedValue::Value(value) => self.token(value.span()),
            ExpectedValue::Nothing(span) => self.token(*span),
        }
    }
}

fn expected_span(expected: &Expected) -> Span {
    let value = match &expected.value {
        ExpectedValue::Value(value) => value.span(),
        ExpectedValue::Nothing(span) => *span,
    };
    expected.labels.as_ref().map_or(value, |l| l.open.to(value))
}
