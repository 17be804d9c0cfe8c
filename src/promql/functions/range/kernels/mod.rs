//! Fast paths for series of numbers: windows slide, and nothing is computed twice. Each kernel yields the same bits as
//! the function's definition in this module's siblings; a property test holds that.

mod count;
mod extreme;
mod lanes;
mod moments;
mod quantile;
mod rate;
mod regression;
mod sum;

use super::RangeFunction;
use crate::promql::eval::Scalars;
use crate::promql::eval::window::{Bound, Windows};

/// What series of one grid of timestamps share.
pub(crate) struct Grid<'a> {
    pub(crate) times: &'a [i64],
    pub(crate) windows: &'a Windows,
    pub(crate) bounds: &'a [Bound],
    /// Evaluation times.
    pub(crate) steps: &'a [i64],
    /// The call's scalar arguments.
    pub(crate) params: &'a [Scalars],
}

/// The fast path of one call.
pub(crate) enum Kernel {
    Rate(rate::Rate),
    Instant(rate::Instant),
    Count(count::Count),
    Edge(count::Edge),
    Sum(sum::Sum),
    Extreme(extreme::Extreme),
    Regression(regression::Regression),
    Moments(moments::Moments),
    Quantile(quantile::Quantile),
}

impl Kernel {
    /// The fast path of a function over a range (in milliseconds), if it has one.
    pub(crate) fn new(function: RangeFunction, range: i64) -> Option<Kernel> {
        use RangeFunction::*;
        let seconds = range as f64 / 1000.0;
        Some(match function {
            Rate => Kernel::Rate(rate::Rate::new(true, Some(seconds))),
            Increase => Kernel::Rate(rate::Rate::new(true, None)),
            Delta => Kernel::Rate(rate::Rate::new(false, None)),
            Irate => Kernel::Instant(rate::Instant { rate: true }),
            Idelta => Kernel::Instant(rate::Instant { rate: false }),
            Changes | Resets => Kernel::Count(count::Count::new(function == Resets)),
            CountOverTime => Kernel::Edge(count::Edge::Count),
            PresentOverTime => Kernel::Edge(count::Edge::Present),
            FirstOverTime => Kernel::Edge(count::Edge::First),
            LastOverTime => Kernel::Edge(count::Edge::Last),
            TsOfFirstOverTime => Kernel::Edge(count::Edge::TimeOfFirst),
            TsOfLastOverTime => Kernel::Edge(count::Edge::TimeOfLast),
            SumOverTime => Kernel::Sum(sum::Sum::new(false)),
            AvgOverTime => Kernel::Sum(sum::Sum::new(true)),
            MaxOverTime | MinOverTime | TsOfMaxOverTime | TsOfMinOverTime => {
                Kernel::Extreme(extreme::Extreme::new(function))
            }
            Deriv | PredictLinear => {
                Kernel::Regression(regression::Regression::new(function == PredictLinear))
            }
            StddevOverTime => Kernel::Moments(moments::Moments { root: true }),
            StdvarOverTime => Kernel::Moments(moments::Moments { root: false }),
            QuantileOverTime => Kernel::Quantile(quantile::Quantile::new()),
            MadOverTime | DoubleExponentialSmoothing => return None,
        })
    }

    /// Of so many samples in all windows together those that are looked at. None: windows slide.
    pub(crate) fn looks_at(&self, samples: u64) -> u64 {
        match self {
            Kernel::Sum(_) | Kernel::Regression(_) | Kernel::Moments(_) => samples,
            // Sorted values make room for another faster than they are added up.
            Kernel::Quantile(_) => samples / 16,
            Kernel::Rate(_)
            | Kernel::Instant(_)
            | Kernel::Count(_)
            | Kernel::Edge(_)
            | Kernel::Extreme(_) => 0,
        }
    }

    /// False where the fast path would take too much memory for so many samples in all windows.
    pub(crate) fn fits(&self, samples: u64) -> bool {
        !matches!(self, Kernel::Regression(_)) || samples <= 20_000_000
    }

    /// Computes what depends on timestamps alone.
    pub(crate) fn prepare(&mut self, grid: &Grid<'_>) {
        match self {
            Kernel::Rate(kernel) => kernel.prepare(grid),
            Kernel::Regression(kernel) => kernel.prepare(grid),
            _ => {}
        }
    }

    /// Computes one series. `out` is all absent.
    pub(crate) fn run(&mut self, grid: &Grid<'_>, values: &[f64], out: &mut [f64]) {
        match self {
            Kernel::Rate(kernel) => kernel.run(grid, values, out),
            Kernel::Instant(kernel) => kernel.run(grid, values, out),
            Kernel::Count(kernel) => kernel.run(grid, values, out),
            Kernel::Edge(kernel) => kernel.run(grid, values, out),
            Kernel::Sum(kernel) => kernel.run(grid, values, out),
            Kernel::Extreme(kernel) => kernel.run(grid, values, out),
            Kernel::Regression(kernel) => kernel.run(grid, values, out),
            Kernel::Moments(kernel) => kernel.run(grid, values, out),
            Kernel::Quantile(kernel) => kernel.run(grid, values, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::promql::functions::range::{Notes, Window, evaluate};
    use crate::promql::labels::Labels;
    use crate::promql::plan::Edges;
    use crate::promql::value::{ABSENT, is_absent};
    use crate::source::Span;

    const FUNCTIONS: [&str; 24] = [
        "rate",
        "increase",
        "delta",
        "irate",
        "idelta",
        "changes",
        "resets",
        "count_over_time",
        "present_over_time",
        "first_over_time",
        "last_over_time",
        "ts_of_first_over_time",
        "ts_of_last_over_time",
        "sum_over_time",
        "avg_over_time",
        "max_over_time",
        "min_over_time",
        "ts_of_max_over_time",
        "ts_of_min_over_time",
        "deriv",
        "predict_linear",
        "stddev_over_time",
        "stdvar_over_time",
        "quantile_over_time",
    ];

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            8 => (0..50i32).prop_map(f64::from),
            8 => -100.0..100.0f64,
            1 => prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, -0.0, 1e-300]),
        ]
    }

    /// Values in runs of one kind, so that exact, constant and infinite stretches come up.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        prop_oneof![
            prop::collection::vec(value(), 0..120),
            prop::collection::vec((0..9i32).prop_map(f64::from), 0..120),
            (value(), 0..120usize).prop_map(|(v, n)| vec![v; n]),
        ]
    }

    fn bound(t: i64, range: i64) -> Bound {
        Bound { after: t - range, until: t, range_start: t - range, range_end: t }
    }

    fn definition(name: &str, grid: &Grid<'_>, values: &[f64], range: i64) -> Vec<f64> {
        let function = RangeFunction::find(name).unwrap();
        let notes = Notes { labels: &Labels::EMPTY, span: Span::NONE, first_arg: Span::NONE, add: &|_| {} };
        let point = |step: usize| {
            let (from, to) = grid.windows.at(step);
            let window = Window {
                times: &grid.times[from..to],
                values: &values[from..to],
                starts: &[],
                histograms: &[],
                use_starts: false,
                range_start: grid.bounds[step].range_start,
                range_end: grid.bounds[step].range_end,
                time: grid.steps[step],
                range_seconds: range as f64 / 1000.0,
                edges: Edges::Plain,
                params: [grid.params.first().map_or(0.0, |p| p.at(step)), 0.0],
            };
            if from == to {
                return ABSENT;
            }
            evaluate(function, &window, &notes).unwrap().map_or(ABSENT, |p| p.as_float().unwrap())
        };
        (0..grid.steps.len()).map(point).collect()
    }

    fn same(a: f64, b: f64) -> bool {
        is_absent(a) == is_absent(b) && (a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
    }

    proptest! {
        #[test]
        fn kernels_yield_the_bits_of_the_definitions(
            values in values(),
            gaps in prop::collection::vec(prop_oneof![5 => Just(30_000i64), 1 => 1..100_000i64], 120),
            regular in any::<bool>(),
            step in prop::sample::select(vec![15_000i64, 60_000, 77_000]),
            range in prop::sample::select(vec![60_000i64, 300_000, 1_000_000]),
            offset in -100_000..100_000i64,
            param in prop::sample::select(vec![0.0, 0.3, 0.5, 0.9, 1.0, 600.0, f64::NAN]),
        ) {
            let mut t = 0;
            let times: Vec<i64> = gaps[..values.len()]
                .iter()
                .map(|gap| { t += if regular { 30_000 } else { *gap }; t })
                .collect();
            let steps: Vec<i64> = (0..60).map(|i| i * step + offset).collect();
            let bounds: Vec<Bound> = steps.iter().map(|t| bound(*t, range)).collect();
            let windows = Windows::new(&times, &bounds);
            let params = [Scalars::Const(param)];
            let grid = Grid { times: &times, windows: &windows, bounds: &bounds, steps: &steps, params: &params };
            for name in FUNCTIONS {
                let mut kernel = Kernel::new(RangeFunction::find(name).unwrap(), range).unwrap();
                kernel.prepare(&grid);
                let expected = definition(name, &grid, &values, range);
                // Twice: nothing of one series may stick to the next.
                for _ in 0..2 {
                    let mut out = vec![ABSENT; steps.len()];
                    kernel.run(&grid, &values, &mut out);
                    for (step, (a, b)) in out.iter().zip(&expected).enumerate() {
                        prop_assert!(same(*a, *b), "{} at step {}: {} instead of {}", name, step, a, b);
                    }
                }
            }
        }
    }
}
