//! Tests: parameters, series and claims.

use crate::source::Span;
use crate::syntax::ast::{
    AlertRef, Cell, Claim, ClaimKind, Each, Expected, ExpectedValue, Moment, MomentKind, Name, NameKind,
    Observation, Observed, Often, Property, Row, Said, Series, SeriesData, Shape, ShapeKind, Sign, Step,
    StepKind, Test, Value, Word,
};
use crate::syntax::keywords::{CLAIMS, TEST};
use crate::syntax::tokens;

use super::{Parser, Peek};

impl Parser<'_> {
    /// `test "TITLE" { … }`, behind the keyword.
    pub(super) fn test(&mut self, start: usize) -> Option<Test> {
        let title = self.text("the test's title, as a string")?;
        let body = self.block(TEST, Parser::step)?;
        self.once(&body.items, |s| !matches!(s, StepKind::Series(_) | StepKind::Claim(_)));
        Some(Test { title, body, span: self.since(start) })
    }

    fn step(&mut self) -> Option<Step> {
        let start = self.pos;
        let dash = self.dash();
        let (word, keyword) = self.keyword("a step of a test", TEST)?;
        self.colon(dash, keyword);
        let kind = match word {
            "each" => StepKind::Each(self.each()?),
            "environment" => StepKind::Environment(self.name("an environment")?),
            "external_labels" => StepKind::ExternalLabels(self.labels("labels in braces")?),
            "start" => StepKind::Start(self.date()?),
            "interval" => StepKind::Interval(self.duration()?),
            "series" => StepKind::Series(self.series()?),
            _ => {
                let moment = self.moment(word)?;
                let moment = Moment { kind: moment, span: self.since(start) };
                StepKind::Claim(Box::new(self.claim(moment)?))
            }
        };
        Some(Property { keyword, kind, span: self.since(start) })
    }

    /// `(a, b) in (1, 2), (3, 4)`, behind `each`.
    fn each(&mut self) -> Option<Each> {
        let Some(open) = self.accept("(") else { return self.expected("parameters in parentheses") };
        let params = self.list(|p| match p.peek() {
            Peek::Param => p.param().map(|q| Word { text: q.name, span: q.span }),
            _ => p.word("the name of a parameter"),
        });
        if self.lost {
            return None;
        }
        if self.accept(")").is_none() {
            self.unclosed_parenthesis(open);
            return None;
        }
        if self.accept_word("in").is_none() {
            return self.expected("`in` and rows of values");
        }
        let rows = self.list(Parser::row);
        Some(Each { params, rows })
    }

    fn row(&mut self) -> Option<Row> {
        let Some(open) = self.accept("(") else { return self.expected("a row of values in parentheses") };
        let cells = self.list(Parser::cell);
        if self.lost {
            return None;
        }
        if self.accept(")").is_none() {
            self.unclosed_parenthesis(open);
        }
        Some(Row { cells, span: self.since(open.start as usize) })
    }

    fn cell(&mut self) -> Option<Cell> {
        if tokens::starts_quantity(self.rest()) {
            return self.quantity("a value").map(Cell::Quantity);
        }
        match self.peek() {
            Peek::Quote => self.text("a value").map(Cell::Text),
            Peek::Word(_) => self.name("a value").map(Cell::Name),
            _ => self.expected("a quantity, a string or a name"),
        }
    }

    /// What a series holds, behind `series`.
    fn series(&mut self) -> Option<Series> {
        let selector = self.selector("a series such as `up{job=\"node\"}`")?;
        if self.lost {
            return Some(Series { selector, data: None });
        }
        let data = if let Some(equals) = self.accept("=") {
            Some(SeriesData::Shapes { equals, shapes: self.list(Parser::shape) })
        } else if let Some(keyword) = self.accept_word("observes") {
            Some(SeriesData::Observes { keyword, observed: self.list(Parser::observed) })
        } else {
            self.expected("`=` and values, or `observes`")
        };
        Some(Series { selector, data })
    }

    fn shape(&mut self) -> Option<Shape> {
        let start = self.pos;
        let kind = match self.peek() {
            Peek::Quote => ShapeKind::Notation(self.text("values")?),
            Peek::Word("missing") => {
                self.skip_token();
                ShapeKind::Missing
            }
            Peek::Word("stale") => {
                self.skip_token();
                ShapeKind::Stale
            }
            Peek::Mark("+") if !tokens::starts_quantity(self.rest()) || !self.rest().starts_with("+I") => {
                self.slope(None)?
            }
            Peek::Mark("-") if self.falls() => self.slope(None)?,
            _ => self.line()?,
        };
        let duration = match self.accept_word("for") {
            Some(keyword) => self.duration().map(|d| (keyword, d)),
            None => None,
        };
        Some(Shape { kind, duration, span: self.since(start) })
    }

    /// True in front of a minus that means "falls by": before a parameter or a rate. A plain `-5` is a value.
    fn falls(&self) -> bool {
        match tokens::quantity(self.rest()) {
            Ok((_, (_, unit))) => unit.contains('/'),
            Err(_) => true,
        }
    }

    /// A shape that starts with a value.
    fn line(&mut self) -> Option<ShapeKind> {
        let from = self.value("a value, `+5/s`, `missing`, `stale` or promtool's notation in quotes")?;
        if self.accept_word("to").is_some() {
            let to = self.value("the value it goes to")?;
            if self.accept_word("over").is_none() {
                return self.expected("`over` and how long it takes");
            }
            return Some(ShapeKind::Ramp { from, to, over: self.duration()? });
        }
        match self.peek() {
            Peek::Mark("+" | "-") if !self.opens_line => self.slope(Some(from)),
            _ => Some(ShapeKind::Constant(from)),
        }
    }

    fn slope(&mut self, from: Option<Value>) -> Option<ShapeKind> {
        let sign = if self.accept("+").is_some() {
            Sign::Plus
        } else {
            self.take(1);
            Sign::Minus
        };
        let step = self.value("how steep, such as `5/s`")?;
        Some(ShapeKind::Slope { from, sign, step })
    }

    /// `18/s of 150ms + 2/s of 1.5s for 20m`
    fn observed(&mut self) -> Option<Observed> {
        let start = self.pos;
        let mut observations = Vec::new();
        loop {
            let rate = self.value("how often, such as `18/s`")?;
            if self.accept_word("of").is_none() {
                return self.expected("`of` and what is observed");
            }
            let value = self.value("what is observed, such as `150ms`")?;
            observations.push(Observation { rate, value });
            if self.accept("+").is_none() {
                break;
            }
        }
        let duration = match self.accept_word("for") {
            Some(keyword) => self.duration().map(|d| (keyword, d)),
            None => None,
        };
        Some(Observed { observations, duration, span: self.since(start) })
    }

    /// The rest of `at T`, `within T`, `from A to B`, `never`, behind its first word.
    fn moment(&mut self, word: &str) -> Option<MomentKind> {
        Some(match word {
            "at" => MomentKind::At(self.duration()?),
            "within" => MomentKind::Within(self.duration()?),
            "from" => {
                let (from, to) = self.stretch()?;
                MomentKind::From(from, to)
            }
            _ => match self.accept_word("from") {
                Some(_) => MomentKind::Never(Some(self.stretch()?)),
                None => MomentKind::Never(None),
            },
        })
    }

    fn stretch(&mut self) -> Option<(Value, Value)> {
        let from = self.duration()?;
        if self.accept_word("to").is_none() {
            return self.expected("`to` and the end of the time");
        }
        Some((from, self.duration()?))
    }

    fn claim(&mut self, moment: Moment) -> Option<Claim> {
        let start = self.pos;
        if let Peek::Param = self.peek() {
            let param = self.param()?;
            let state = Name { text: param.name, kind: NameKind::Param, span: param.span };
            return self.state_claim(moment, state);
        }
        let (word, keyword) = self.keyword(
            "what is claimed: `firing`, `pending`, `inactive`, `no alerts`, `notified` or `value`",
            CLAIMS,
        )?;
        let kind = match word {
            "no" => {
                if self.accept_word("alerts").is_none() {
                    return self.expected("`alerts`");
                }
                ClaimKind::NoAlerts(self.since(start))
            }
            "notified" => {
                let receivers = self.list(|p| p.name("a receiver"));
                let resolved = self.accept_word("resolved");
                let often = if self.lost { None } else { self.often() };
                let (mut only, mut alerts) = (None, Vec::new());
                if !self.lost && self.accept_word("of").is_some() {
                    only = self.only();
                    alerts = self.list(Parser::alert_ref);
                }
                ClaimKind::Notified { keyword, receivers, resolved, often, only, alerts }
            }
            "value" => {
                let expr = self.promql("a PromQL expression", true);
                if self.lost {
                    return Some(Claim {
                        moment,
                        kind: ClaimKind::Value { keyword, expr, expected: vec![] },
                        said: vec![],
                    });
                }
                if self.accept("=").is_none() && self.accept("==").is_none() {
                    return self.expected("`=` and the value");
                }
                ClaimKind::Value { keyword, expr, expected: self.list(Parser::expected_element) }
            }
            _ => {
                let state = Name { text: word.to_string(), kind: NameKind::Plain, span: keyword };
                return self.state_claim(moment, state);
            }
        };
        let said = self.said();
        Some(Claim { moment, kind, said })
    }

    fn state_claim(&mut self, moment: Moment, state: Name) -> Option<Claim> {
        let only = self.only();
        let alerts = self.list(Parser::alert_ref);
        let said = self.said();
        Some(Claim { moment, kind: ClaimKind::State { state, only, alerts }, said })
    }

    /// `only` in front of alerts.
    fn only(&mut self) -> Option<Span> {
        let mut ahead = self.ahead();
        match ahead.word() {
            Some("only") if matches!(ahead.peek(), Peek::Word(_) | Peek::Param | Peek::Quote) => {
                self.accept_word("only")
            }
            _ => None,
        }
    }

    /// `once`, `3 times`
    fn often(&mut self) -> Option<Often> {
        if let Some(word) = self.accept_word("once") {
            return Some(Often { times: None, word });
        }
        if self.peek() != Peek::Param && !tokens::starts_quantity(self.rest()) {
            return None;
        }
        let times = self.value("how often, such as `3 times`")?;
        match self.accept_word("times") {
            Some(word) => Some(Often { times: Some(times), word }),
            None => self.expected("`times`"),
        }
    }

    fn alert_ref(&mut self) -> Option<AlertRef> {
        let name = self.name("an alert")?;
        let mut matchers = None;
        if self.peek() == Peek::Mark("{") {
            matchers = self.matchers("matchers");
        }
        Some(AlertRef { name, matchers })
    }

    fn expected_element(&mut self) -> Option<Expected> {
        let mut labels = None;
        if self.peek() == Peek::Mark("{") {
            labels = Some(self.labels("labels")?);
        }
        let value = match self.accept_word("nothing") {
            Some(span) => ExpectedValue::Nothing(span),
            None => ExpectedValue::Value(self.value("a value, or `nothing`")?),
        };
        Some(Expected { labels, value })
    }

    /// `summary "…"` and `title =~ "…"` behind a claim.
    fn said(&mut self) -> Vec<Said> {
        let mut all = Vec::new();
        while !self.lost {
            let mut ahead = self.ahead();
            let Some(word) = ahead.word().filter(|w| !TEST.contains(w)) else { break };
            if ahead.peek() != Peek::Quote && !ahead.at_mark(&["=~", "="]) {
                break;
            }
            let key = Word { text: word.to_string(), span: self.take(word.len()) };
            let regex = self.accept("=~");
            if regex.is_none() && self.peek() == Peek::Mark("=") {
                let _: Option<()> = self.expected("a string, or `=~` and a pattern");
                break;
            }
            if let Some(value) = self.text("a string") {
                all.push(Said { key, regex, value });
            }
        }
        all
    }
}
