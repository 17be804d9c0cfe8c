//! What an evaluation yields: points, columns of points over many timestamps, and typed results.

use std::sync::Arc;

use super::histogram::FloatHistogram;
use super::labels::Labels;

/// Prometheus' stale marker as bits: a sample that says "this series has ended here".
///
/// Source: Prometheus model/value/value.go `StaleNaN`.
pub const STALE_NAN_BITS: u64 = 0x7ff0_0000_0000_0002;

/// True for the stale marker; an ordinary NaN is a value.
pub fn is_stale_nan(value: f64) -> bool {
    value.to_bits() == STALE_NAN_BITS
}

/// One value: a number or a native histogram.
#[derive(Debug, Clone)]
pub enum Point {
    /// A number.
    Float(f64),
    /// A native histogram.
    Histogram(Arc<FloatHistogram>),
}

impl PartialEq for Point {
    /// Equal bits, so that NaN equals itself; histograms by their data, without the counter reset hint.
    fn eq(&self, other: &Point) -> bool {
        match (self, other) {
            (Point::Float(a), Point::Float(b)) => a.to_bits() == b.to_bits(),
            (Point::Histogram(a), Point::Histogram(b)) => a.same_data(b),
            _ => false,
        }
    }
}

impl Point {
    /// The number, unless this is a histogram.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Point::Float(v) => Some(*v),
            Point::Histogram(_) => None,
        }
    }

    /// The histogram, unless this is a number.
    pub fn as_histogram(&self) -> Option<&Arc<FloatHistogram>> {
        match self {
            Point::Float(_) => None,
            Point::Histogram(h) => Some(h),
        }
    }
}

/// In a column: no point at this step. No computation yields it: it is the stale marker, a signalling NaN, which
/// selectors never let through and arithmetic never produces.
pub(crate) const ABSENT: f64 = f64::from_bits(STALE_NAN_BITS);
/// In a column: the point at this step is a histogram and stands in the list beside.
const HISTOGRAM: f64 = f64::from_bits(STALE_NAN_BITS + 1);

/// True when a column's cell holds a number.
#[inline(always)]
pub(crate) fn is_float(cell: f64) -> bool {
    // One comparison: the two markers are neighbours.
    cell.to_bits().wrapping_sub(STALE_NAN_BITS) > 1
}

/// True when a column's cell holds nothing.
#[inline(always)]
pub(crate) fn is_absent(cell: f64) -> bool {
    cell.to_bits() == STALE_NAN_BITS
}

/// One series over all steps of an evaluation: a dense array with markers where there is no number, and the
/// (few) histograms beside it.
#[derive(Debug, Clone, Default)]
pub struct Column {
    pub(crate) cells: Vec<f64>,
    /// By step.
    pub(crate) histograms: Vec<(u32, Arc<FloatHistogram>)>,
}

impl Column {
    /// A column of `steps` steps without a point.
    pub fn absent(steps: usize) -> Column {
        Column { cells: vec![ABSENT; steps], histograms: Vec::new() }
    }

    /// A column of numbers, one for every step.
    pub(crate) fn of_floats(cells: Vec<f64>) -> Column {
        Column { cells, histograms: Vec::new() }
    }

    /// Makes this a column of `steps` steps without a point, keeping its memory.
    pub(crate) fn reset(&mut self, steps: usize) {
        self.cells.clear();
        self.cells.resize(steps, ABSENT);
        self.histograms.clear();
    }

    /// Number of steps.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// True for a column of no steps.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The point at a step.
    pub fn get(&self, step: usize) -> Option<Point> {
        let cell = *self.cells.get(step)?;
        if is_float(cell) {
            Some(Point::Float(cell))
        } else if is_absent(cell) {
            None
        } else {
            self.histogram(step).map(|h| Point::Histogram(h.clone()))
        }
    }

    /// The number at a step.
    pub fn float(&self, step: usize) -> Option<f64> {
        self.cells.get(step).copied().filter(|c| is_float(*c))
    }

    /// The histogram at a step.
    pub fn histogram(&self, step: usize) -> Option<&Arc<FloatHistogram>> {
        let at = self.histograms.binary_search_by(|(s, _)| (*s as usize).cmp(&step)).ok()?;
        self.histograms.get(at).map(|(_, h)| h)
    }

    /// True when there is a point at the step.
    pub fn is_present(&self, step: usize) -> bool {
        self.cells.get(step).is_some_and(|c| !is_absent(*c))
    }

    /// True when there is a point at any step.
    pub fn any_present(&self) -> bool {
        self.cells.iter().any(|c| !is_absent(*c))
    }

    /// Number of points.
    pub fn present(&self) -> usize {
        self.cells.iter().filter(|c| !is_absent(**c)).count()
    }

    /// True when a point is a histogram.
    pub fn has_histograms(&self) -> bool {
        !self.histograms.is_empty()
    }

    /// Sets the point of a step. Histograms must be set in the order of their steps.
    pub(crate) fn set(&mut self, step: usize, point: Point) {
        match point {
            Point::Float(v) => self.cells[step] = v,
            Point::Histogram(h) => {
                self.cells[step] = HISTOGRAM;
                self.histograms.push((step_index(step), h));
            }
        }
    }

    /// Keeps only the points for which `keep` (asked with step and cell) holds.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(usize) -> bool) {
        for (step, cell) in self.cells.iter_mut().enumerate() {
            if !is_absent(*cell) && !keep(step) {
                *cell = ABSENT;
            }
        }
        let cells = &self.cells;
        self.histograms.retain(|(s, _)| !is_absent(cells[*s as usize]));
    }

    /// Takes the points of `other` where this column has none; the first step at which both have one, if any.
    pub(crate) fn merge(&mut self, other: &Column) -> Option<usize> {
        let clash = self.cells.iter().zip(&other.cells).position(|(a, b)| !is_absent(*a) && !is_absent(*b));
        if clash.is_some() {
            return clash;
        }
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            if !is_absent(*theirs) {
                *mine = *theirs;
            }
        }
        if other.has_histograms() {
            self.histograms.extend(other.histograms.iter().cloned());
            self.histograms.sort_by_key(|(s, _)| *s);
        }
        None
    }

    /// Every present point with its step.
    pub fn points(&self) -> impl Iterator<Item = (usize, Point)> + '_ {
        (0..self.len()).filter_map(|step| Some((step, self.get(step)?)))
    }
}

/// Steps are counted in 32 bits; more would not fit into memory.
pub(crate) fn step_index(step: usize) -> u32 {
    u32::try_from(step).unwrap_or(u32::MAX)
}

/// A labelled point of an instant vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The labels.
    pub labels: Labels,
    /// The value.
    pub point: Point,
}

/// A labelled series of a matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeSeries {
    /// The labels.
    pub labels: Labels,
    /// Timestamps (milliseconds since 1970) and values, by time.
    pub points: Vec<(i64, Point)>,
}

/// The result of an evaluation at one instant or over a range.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Scalar(f64),
    /// A text.
    String(String),
    /// An instant vector; its order is the engine's (what `sort` and `topk` ask for).
    Vector(Vec<Sample>),
    /// Series over time, by labels.
    Matrix(Vec<RangeSeries>),
}

/// A labelled column: one series of [`Steps`].
#[derive(Debug, Clone)]
pub struct ColumnSeries {
    /// The labels.
    pub labels: Labels,
    /// The points, one slot a step.
    pub column: Column,
}

/// An expression's results at many instants, each evaluated on its own.
#[derive(Debug, Clone)]
pub struct Steps {
    /// The series that have a point at any step. A scalar is one series without labels.
    pub series: Vec<ColumnSeries>,
}
