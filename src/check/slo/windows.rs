//! Burn rates: how fast an error budget is spent in which windows, as the SRE workbook has it (chapter 5, table 5-8), for
//! an objective over any window.

use crate::check::model::{Burn, Millis};
use crate::check::types::{Constant, Decimal, Scale};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// The window for which the workbook's windows are meant; it says 30 days, and four weeks are as good.
const REFERENCE: Millis = 28 * DAY;

/// Shorter windows hold too few samples for a rate.
const SHORTEST: Millis = 5 * MINUTE;

/// A long window and how much of the budget is spent in it when the alert fires, in percent.
type Tier = (Millis, &'static str);

/// What a person is woken for.
const PAGE: [Tier; 2] = [(HOUR, "0.02"), (6 * HOUR, "0.05")];

/// What can wait for the next day.
const TICKET: [Tier; 2] = [(DAY, "0.1"), (3 * DAY, "0.1")];

/// The windows of a page or of a ticket, for an objective over `period`.
///
/// The factor is the budget's share times period / long window: 14.4, 6, 3 and 1 for 30 days. The short window, a twelfth
/// of the long one, ends the alert soon after the errors end. Below four weeks the windows shrink with the period.
pub(super) fn burns(page: bool, period: Millis) -> Vec<Burn> {
    let tiers = if page { PAGE } else { TICKET };
    tiers.iter().filter_map(|(long, share)| burn(scaled(*long, period), share, period)).collect()
}

fn scaled(window: Millis, period: Millis) -> Millis {
    if period >= REFERENCE {
        return window;
    }
    let exact = window * period / REFERENCE;
    // Whole five minutes, so that the windows are read easily.
    ((exact + SHORTEST / 2) / SHORTEST * SHORTEST).max(SHORTEST)
}

fn burn(long: Millis, share: &str, period: Millis) -> Option<Burn> {
    let short = (long / 12 / MINUTE * MINUTE).max(SHORTEST);
    let scale = Scale::new(u64::try_from(period).ok()?, u64::try_from(long).ok()?);
    let factor: Constant = Decimal::parse(share)?.times(scale)?;
    Some(Burn { long, short, factor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promql::duration::Duration;

    fn table(days: Millis) -> String {
        let burns = burns(true, days * DAY).into_iter().chain(burns(false, days * DAY));
        let row = |b: Burn| {
            format!("{}/{} {}", Duration::from_millis(b.long), Duration::from_millis(b.short), b.factor)
        };
        burns.map(row).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn factors_are_those_of_the_workbook_and_scale_with_the_period() {
        assert_eq!(table(30), "1h/5m 14.4, 6h/30m 6, 1d/2h 3, 3d/6h 1");
        assert_eq!(table(28), "1h/5m 13.44, 6h/30m 5.6, 1d/2h 2.8, 3d/6h 2.8 / 3");
        assert_eq!(table(90), "1h/5m 43.2, 6h/30m 18, 1d/2h 9, 3d/6h 3");
        assert_eq!(table(7), "15m/5m 13.44, 1h30m/7m 5.6, 6h/30m 2.8, 18h/1h30m 2.8 / 3");
        assert_eq!(table(14), "30m/5m 13.44, 3h/15m 5.6, 12h/1h 2.8, 1d12h/3h 2.8 / 3");
    }
}
