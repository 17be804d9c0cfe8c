//! Fast paths for series of numbers: windows slide, and nothing is computed twice. Each kernel yields the same bits as
//! the function's definition in this module's siblings.

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
pub(crate) struct Kernel;

impl Kernel {
    /// The fast path of a function over a range (in milliseconds), if it has one.
    pub(crate) fn new(_: RangeFunction, _: i64) -> Option<Kernel> {
        None
    }

    /// Computes what depends on timestamps alone.
    pub(crate) fn prepare(&mut self, _: &Grid<'_>) {}

    /// Computes one series. `out` is all absent.
    pub(crate) fn run(&mut self, _: &Grid<'_>, _: &[f64], _: &mut [f64]) {}
}
