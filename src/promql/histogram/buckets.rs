//! The buckets of one side of a histogram, sparse and in ascending order of their index.

use std::cmp::Ordering;

use super::count::Count;

/// Buckets by index. Indexes rise strictly; every index has a count.
///
/// Prometheus describes the same with spans (a gap and a length); a list of indexes says it without relative offsets, so that merging two
/// layouts is a merge of two sorted lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Buckets<C = f64> {
    indexes: Vec<i32>,
    counts: Vec<C>,
}

impl<C: Count> Buckets<C> {
    /// Adjacent buckets, the first of them at index `offset`.
    ///
    /// Indexes that do not fit an `i32` are left out: no valid histogram reaches them.
    pub fn contiguous(offset: i32, counts: Vec<C>) -> Self {
        let indexes: Vec<i32> = (offset..=i32::MAX).take(counts.len()).collect();
        let mut counts = counts;
        counts.truncate(indexes.len());
        Self { indexes, counts }
    }

    /// The number of buckets, empty ones included.
    pub fn len(&self) -> usize {
        self.indexes.len()
    }

    /// Whether there is no bucket at all, not even an empty one.
    pub fn is_empty(&self) -> bool {
        self.indexes.is_empty()
    }

    /// The highest index.
    pub fn last_index(&self) -> Option<i32> {
        self.indexes.last().copied()
    }

    /// The lowest index.
    pub fn first_index(&self) -> Option<i32> {
        self.indexes.first().copied()
    }

    /// The counts alone, in ascending order of their index.
    pub fn counts(&self) -> &[C] {
        &self.counts
    }

    /// Index and count of each bucket, in ascending order of the index.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i32, C)> + ExactSizeIterator + '_ {
        self.indexes.iter().copied().zip(self.counts.iter().copied())
    }

    /// Index and count of each bucket, the count to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (i32, &mut C)> {
        self.indexes.iter().copied().zip(self.counts.iter_mut())
    }

    /// Adds a bucket above all others; joins it with the last one if the index is the same.
    pub fn push(&mut self, index: i32, count: C) {
        debug_assert!(self.last_index().is_none_or(|last| last <= index));
        if let (Some(&last), Some(sum)) = (self.indexes.last(), self.counts.last_mut())
            && last == index
        {
            *sum = sum.plus(count);
            return;
        }
        self.indexes.push(index);
        self.counts.push(count);
    }

    /// Adds the other's buckets, except its lowest ones for which `skip` holds.
    ///
    /// Source: Prometheus model/histogram/float_histogram.go addBuckets and kahanAddBuckets.
    pub fn add(&mut self, other: &Self, skip: impl Fn(i32) -> bool) {
        let first = other.indexes.iter().position(|&index| !skip(index)).unwrap_or(other.len());
        let (Some(indexes), Some(counts)) = (other.indexes.get(first..), other.counts.get(first..)) else {
            return;
        };
        if self.indexes == indexes {
            for (sum, count) in self.counts.iter_mut().zip(counts) {
                *sum = sum.plus(*count);
            }
            return;
        }
        let theirs = indexes.iter().copied().zip(counts.iter().copied());
        *self = merge(self.iter(), theirs, self.len() + indexes.len());
    }

    /// The buckets of a resolution 2^`steps` times lower.
    ///
    /// Source: Prometheus model/histogram/generic.go reduceResolution.
    #[must_use]
    pub fn reduced(&self, steps: u32) -> Self {
        let mut reduced = Self::default();
        for (index, count) in self.iter() {
            // The upper bounds of the merged buckets coincide where the index is a multiple of 2^steps.
            let target = (i64::from(index) - 1).checked_shr(steps).unwrap_or(0) + 1;
            reduced.push(i32::try_from(target).unwrap_or(index), count);
        }
        reduced
    }

    /// Drops the buckets for which `keep` does not hold.
    pub fn retain(&mut self, keep: impl Fn(i32, C) -> bool) {
        if self.iter().all(|(index, count)| keep(index, count)) {
            return;
        }
        let kept = self.iter().filter(|&(index, count)| keep(index, count)).unzip();
        (self.indexes, self.counts) = kept;
    }

    /// Drops the empty buckets.
    pub fn compact(&mut self) {
        self.retain(|_, count| !count.is_zero());
    }

    /// The same layout with changed counts.
    #[must_use]
    pub fn map<D: Count>(&self, change: impl Fn(C) -> D) -> Buckets<D> {
        Buckets { indexes: self.indexes.clone(), counts: self.counts.iter().copied().map(change).collect() }
    }
}

/// Merges two ascending sequences of buckets; of those with the same index the counts are added.
fn merge<C: Count>(
    left: impl Iterator<Item = (i32, C)>,
    right: impl Iterator<Item = (i32, C)>,
    at_most: usize,
) -> Buckets<C> {
    let mut merged = Buckets { indexes: Vec::with_capacity(at_most), counts: Vec::with_capacity(at_most) };
    let (mut left, mut right) = (left.peekable(), right.peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (Some((l, _)), Some((r, _))) => l.cmp(r),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return merged,
        };
        let from_left = if order == Ordering::Greater { None } else { left.next() };
        let from_right = if order == Ordering::Less { None } else { right.next() };
        for (index, count) in from_left.into_iter().chain(from_right) {
            merged.push(index, count);
        }
    }
}

impl<C: Count> FromIterator<(i32, C)> for Buckets<C> {
    /// Collects buckets given in ascending order of their index.
    fn from_iter<I: IntoIterator<Item = (i32, C)>>(buckets: I) -> Self {
        let mut collected = Self::default();
        for (index, count) in buckets {
            collected.push(index, count);
        }
        collected
    }
}
