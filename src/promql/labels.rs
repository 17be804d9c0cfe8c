//! Label sets: sorted, immutable, cheap to clone, and the signatures that grouping and matching need.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::gostd::strconv::quote;

/// The label that holds a metric's name.
pub const METRIC_NAME: &str = "__name__";
/// The label that holds a metric's type, when type and unit labels are on.
pub const METRIC_TYPE: &str = "__type__";
/// The label that holds a metric's unit, when type and unit labels are on.
pub const METRIC_UNIT: &str = "__unit__";
/// The label that holds the upper bound of a classic histogram's bucket.
pub const BUCKET_LABEL: &str = "le";

/// True for the labels that describe the metric itself; operations that change what a value means drop them.
///
/// Source: Prometheus schema/labels.go `IsMetadataLabel`.
pub fn is_metadata_label(name: &str) -> bool {
    matches!(name, METRIC_NAME | METRIC_TYPE | METRIC_UNIT)
}

/// A set of labels in the order of their names. No label has an empty value: in PromQL that is the same as
/// not having the label.
#[derive(Clone, Default)]
pub struct Labels(Option<Arc<Inner>>);

/// All names and values one after another: one comparison, one hash, one copy for the whole set.
#[derive(PartialEq, Eq, Hash)]
struct Inner {
    text: Box<str>,
    /// End of each name and each value in `text`: name, value, name, value, …
    ends: Box<[u32]>,
}

impl Labels {
    /// No labels.
    pub const EMPTY: Labels = Labels(None);

    /// The labels of `pairs`, in any order. The last of several pairs of one name wins; empty values vanish.
    pub fn new<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Labels {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.labels()
    }

    /// From pairs that are sorted, unique and not empty.
    fn from_sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Labels {
        let mut text = String::new();
        let mut ends = Vec::new();
        for (name, value) in pairs {
            text.push_str(name);
            ends.push(offset(text.len()));
            text.push_str(value);
            ends.push(offset(text.len()));
        }
        if ends.is_empty() {
            return Labels::EMPTY;
        }
        Labels(Some(Arc::new(Inner { text: text.into(), ends: ends.into() })))
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        let (text, ends): (&str, &[u32]) = match &self.0 {
            Some(inner) => (&inner.text, &inner.ends),
            None => ("", &[]),
        };
        let mut start = 0;
        ends.chunks_exact(2).map(move |pair| {
            let (middle, end) = (pair[0] as usize, pair[1] as usize);
            let found = (&text[start..middle], &text[middle..end]);
            start = end;
            found
        })
    }

    /// The value of `name`, or the empty string.
    pub fn get(&self, name: &str) -> &str {
        self.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }

    /// The metric's name, or the empty string.
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME)
    }

    /// True when the set has a label of that name.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(n, _)| n == name)
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |i| i.ends.len() / 2)
    }

    /// True when there is no label.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The labels whose names `keep` accepts; the same allocation when that is all of them.
    fn filter(&self, keep: impl Fn(&str) -> bool) -> Labels {
        if self.iter().all(|(n, _)| keep(n)) {
            return self.clone();
        }
        Labels::from_sorted(self.iter().filter(|(n, _)| keep(n)))
    }

    /// Without name, type and unit of the metric.
    pub fn drop_metadata(&self) -> Labels {
        self.filter(|n| !is_metadata_label(n))
    }

    /// Only the labels of `names`: what `by` and `on` look at.
    pub fn keep(&self, names: &[String]) -> Labels {
        self.filter(|n| names.iter().any(|k| k == n))
    }

    /// Without the labels of `names`.
    pub fn remove(&self, names: &[String]) -> Labels {
        self.filter(|n| !names.iter().any(|k| k == n))
    }

    /// Without the metric's name and the labels of `names`: what `without` and `ignoring` look at.
    pub fn without(&self, names: &[String]) -> Labels {
        self.filter(|n| n != METRIC_NAME && !names.iter().any(|k| k == n))
    }

    /// This set with `name` set to `value` (removed when `value` is empty).
    pub fn with(&self, name: &str, value: &str) -> Labels {
        let mut builder = LabelsBuilder::from(self);
        builder.set(name, value);
        builder.labels()
    }

    /// The hash that decides who is in the sample of `limit_ratio`.
    ///
    /// Source: Prometheus model/labels/labels_stringlabels.go: xxhash64 of each name and value behind its length
    /// (one byte, or 255 and three bytes, little-endian).
    pub fn prometheus_hash(&self) -> u64 {
        let mut data = Vec::new();
        let mut push = |text: &str| {
            match u8::try_from(text.len()) {
                Ok(n) if n < 255 => data.push(n),
                _ => {
                    data.push(255);
                    data.extend_from_slice(&text.len().to_le_bytes()[..3]);
                }
            }
            data.extend_from_slice(text.as_bytes());
        };
        for (name, value) in self.iter() {
            push(name);
            push(value);
        }
        xxhash_rust::xxh64::xxh64(&data, 0)
    }
}

/// Label sets beyond 4 GiB are refused long before, by the loaders' limits.
fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl PartialEq for Labels {
    fn eq(&self, other: &Labels) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            (None, None) => true,
            _ => false,
        }
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Labels) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    /// By the first label that differs, its name before its value; a prefix comes first.
    ///
    /// Source: Prometheus model/labels `Compare`.
    fn cmp(&self, other: &Labels) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl fmt::Display for Labels {
    /// `{a="b", c="d"}`, names that are no identifiers in quotes.
    ///
    /// Source: Prometheus model/labels `Labels.String`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, (name, value)) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            if is_legacy_name(name) {
                f.write_str(name)?;
            } else {
                f.write_str(&quote(name))?;
            }
            f.write_str("=")?;
            f.write_str(&quote(value))?;
        }
        f.write_str("}")
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// True for names that need no quotes: letters, digits and `_`, not starting with a digit.
pub fn is_legacy_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Changes a label set.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    pairs: Vec<(String, String)>,
}

impl From<&Labels> for LabelsBuilder {
    fn from(labels: &Labels) -> LabelsBuilder {
        LabelsBuilder { pairs: labels.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect() }
    }
}

impl LabelsBuilder {
    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) {
        match self.pairs.binary_search_by(|(n, _)| n.as_str().cmp(name)) {
            Ok(at) if value.is_empty() => {
                self.pairs.remove(at);
            }
            Ok(at) => self.pairs[at].1 = value.to_string(),
            Err(_) if value.is_empty() => {}
            Err(at) => self.pairs.insert(at, (name.to_string(), value.to_string())),
        }
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) {
        self.set(name, "");
    }

    /// The value of a label, or the empty string.
    pub fn get(&self, name: &str) -> &str {
        let found = self.pairs.binary_search_by(|(n, _)| n.as_str().cmp(name)).ok();
        found.map_or("", |at| self.pairs[at].1.as_str())
    }

    /// The result.
    pub fn labels(&self) -> Labels {
        Labels::from_sorted(self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_empty_values_vanish() {
        let l = Labels::new([("b", "2"), ("a", "1"), ("c", ""), ("b", "3")]);
        assert_eq!(l.to_string(), r#"{a="1", b="3"}"#);
        assert_eq!(l, Labels::new([("a", "1"), ("b", "3")]));
        assert_eq!(l.with("a", ""), Labels::new([("b", "3")]));
        assert_eq!(Labels::new([("a", "")]), Labels::EMPTY);
    }

    #[test]
    fn the_order_is_by_the_first_difference() {
        let a = Labels::new([("a", "1")]);
        let ab = Labels::new([("a", "1"), ("b", "1")]);
        let b = Labels::new([("b", "0")]);
        assert!(Labels::EMPTY < a && a < ab && ab < b);
    }

    #[test]
    fn signatures_see_only_their_labels() {
        let l = Labels::new([("__name__", "m"), ("job", "j"), ("zone", "z")]);
        let job = ["job".to_string()];
        assert_eq!(l.keep(&job), Labels::new([("job", "j")]));
        assert_eq!(l.without(&job), Labels::new([("zone", "z")]));
        assert_eq!(l.remove(&job), Labels::new([("__name__", "m"), ("zone", "z")]));
        assert_eq!(l.drop_metadata(), Labels::new([("job", "j"), ("zone", "z")]));
    }

    #[test]
    fn names_that_are_no_identifiers_are_quoted() {
        let l = Labels::new([("http.status", "a\"b\n"), ("x", "é")]);
        assert_eq!(l.to_string(), r#"{"http.status"="a\"b\n", x="é"}"#);
    }
}
