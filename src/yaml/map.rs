//! A map of text to text that keeps its order.

use serde::{Serialize, Serializer};

/// Names and values in the order in which they were put in: labels, annotations, headers. Lookup is linear, which
/// is right for the handful of entries such maps have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct StringMap(Vec<(String, String)>);

impl StringMap {
    /// No entries.
    pub fn new() -> StringMap {
        StringMap::default()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Sets a name's value: in place when the name is there, else at the end.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(n, _)| *n == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Adds a name that is not there yet: what the reader of YAML has checked.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_string(), value.to_string()));
    }

    /// Every name with its value, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for StringMap {
    /// A later value of a name replaces an earlier one.
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> StringMap {
        let mut map = StringMap::new();
        for (name, value) in entries {
            map.insert(name, value);
        }
        map
    }
}

impl Serialize for StringMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
