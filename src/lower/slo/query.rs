//! The PromQL of what an slo measures, laid out as a person would.

use crate::check::model::{Counted, Indicator, Millis, Operand};
use crate::check::slo::BASE_WINDOW;
use crate::check::types::Constant;
use crate::lower::expr;

/// The recorded series that other windows are computed from.
pub(super) struct Recorded {
    pub(super) errors: String,
    pub(super) total: String,
    pub(super) signal: String,
}

/// A constant behind a `/`.
pub(super) fn denominator(constant: Constant) -> String {
    if constant.is_quotient() { format!("({constant})") } else { constant.to_string() }
}

/// Bad and all events in the base window, bad ones being zero where there are none; nothing for what is measured by time.
pub(super) fn events(indicator: &Indicator) -> Option<(String, String)> {
    match indicator {
        Indicator::Events { counted, windows } => {
            let query = &windows.iter().find(|(w, _)| *w == BASE_WINDOW)?.1;
            let (part, total) = (beside(&query.counted), beside(&query.total));
            let errors = match counted {
                Counted::Errors => format!("{}\nor\n{total} * 0", query.counted.text),
                Counted::Good => format!("{total}\n- ({part} or {total} * 0)"),
                Counted::Fast => format!("{total}\n- {part}"),
            };
            Some((errors, query.total.text.clone()))
        }
        Indicator::Native { bound, windows } => {
            let rate = &windows.iter().find(|(w, _)| *w == BASE_WINDOW)?.1;
            let errors = format!("({})\n* (histogram_count({rate}) > 0)", slow(bound, rate));
            Some((errors, format!("histogram_count({rate})")))
        }
        Indicator::Signal { .. } => None,
    }
}

/// What is measured in the base window, by the word that its author used.
pub(super) fn measures(indicator: &Indicator) -> Vec<(String, String)> {
    let base =
        |windows: &[(Millis, String)]| windows.first().map(|(_, text)| text.clone()).unwrap_or_default();
    let measures = match indicator {
        Indicator::Events { counted, windows } => {
            let Some((_, query)) = windows.first() else { return Vec::new() };
            let word = match counted {
                Counted::Errors => "errors",
                Counted::Good => "good",
                Counted::Fast => "fast enough",
            };
            vec![(word, query.counted.text.clone()), ("total", query.total.text.clone())]
        }
        Indicator::Native { bound, windows } => vec![("latency", format!("{} < {bound}", base(windows)))],
        Indicator::Signal { recorded, selector, .. } => {
            vec![("signal", recorded.clone().unwrap_or_else(|| selector.clone()))]
        }
    };
    measures.into_iter().map(|(word, text)| (word.to_string(), text)).collect()
}

/// The share of bad events in a window.
pub(super) fn ratio(indicator: &Indicator, window: Millis, recorded: &Recorded) -> Option<String> {
    match indicator {
        Indicator::Signal { recorded: expr, selector, .. } => {
            let series = if expr.is_some() { &recorded.signal } else { selector };
            let window = crate::promql::duration::Duration::from_millis(window);
            Some(format!("1 - avg_over_time({series}[{window}])"))
        }
        _ if window == BASE_WINDOW => Some(format!("{}\n/ ({} > 0)", recorded.errors, recorded.total)),
        Indicator::Native { bound, windows } => {
            let rate = &windows.iter().find(|(w, _)| *w == window)?.1;
            Some(slow(bound, rate))
        }
        Indicator::Events { counted, windows } => {
            let query = &windows.iter().find(|(w, _)| *w == window)?.1;
            let (part, total) = (beside(&query.counted), query.total.text.as_str());
            Some(match counted {
                Counted::Errors => format!("{part}\n/ ({total} > 0)"),
                // Where nothing is good there may be no series of good events, but a failure it is.
                Counted::Good => format!(
                    "1 - {part}\n/ ({total} > 0)\nor ignoring (slo)\n({} > 0) * 0 + 1",
                    recorded.total
                ),
                Counted::Fast => format!("1 - {part}\n/ ({total} > 0)"),
            })
        }
    }
}

/// The share above the bound. Without observations it is NaN, which no comparison takes.
fn slow(bound: &str, rate: &str) -> String {
    format!("1 - histogram_fraction(-Inf, {bound}, {rate})")
}

/// An operand beside `/`, `*` or `-`.
fn beside(operand: &Operand) -> String {
    match (operand.is_operation, operand.text.contains('\n')) {
        (false, _) => operand.text.clone(),
        (true, false) => format!("({})", operand.text),
        (true, true) => format!("(\n{}\n)", expr::indented(&operand.text)),
    }
}
