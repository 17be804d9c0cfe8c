//! Which PromQL a Prometheus understands: its version, and the feature flags that are on.

use std::fmt;
use std::str::FromStr;

/// A minor version of Prometheus: `3.14`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Major.
    pub major: u16,
    /// Minor.
    pub minor: u16,
}

impl Version {
    /// The oldest version a target may be: the last of Prometheus 2 with long-term support.
    pub const OLDEST: Version = Version::new(2, 53);
    /// The newest version known.
    pub const LATEST: Version = Version::new(3, 14);

    /// `major.minor`.
    pub const fn new(major: u16, minor: u16) -> Version {
        Version { major, minor }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = String;

    /// `3.5`, `v3.5`, `3.5.3`; the error says what was expected.
    fn from_str(text: &str) -> Result<Version, String> {
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || parts.next().and_then(|p| p.parse::<u16>().ok());
        match (number(), number()) {
            (Some(major), Some(minor)) => Ok(Version { major, minor }),
            _ => Err(format!("`{text}` is no version of Prometheus such as `{}`", Version::LATEST)),
        }
    }
}

/// A feature flag of Prometheus (`--enable-feature`) that changes what the parser accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// `promql-experimental-functions`
    ExperimentalFunctions,
    /// `promql-extended-range-selectors`: `anchored`, `smoothed`.
    ExtendedRangeSelectors,
    /// `promql-binop-fill-modifiers`: `fill`, `fill_left`, `fill_right`.
    FillModifiers,
    /// `promql-duration-expr`: arithmetic in ranges and offsets; needed before 3.14 only.
    DurationExpressions,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Feature; 4] = [
        Feature::ExperimentalFunctions,
        Feature::ExtendedRangeSelectors,
        Feature::FillModifiers,
        Feature::DurationExpressions,
    ];

    /// The flag's name.
    pub fn flag(self) -> &'static str {
        match self {
            Feature::ExperimentalFunctions => "promql-experimental-functions",
            Feature::ExtendedRangeSelectors => "promql-extended-range-selectors",
            Feature::FillModifiers => "promql-binop-fill-modifiers",
            Feature::DurationExpressions => "promql-duration-expr",
        }
    }

    /// The feature of that flag.
    pub fn find(flag: &str) -> Option<Feature> {
        Feature::ALL.into_iter().find(|f| f.flag() == flag)
    }

    /// The first version that has the flag.
    pub fn since(self) -> Version {
        match self {
            Feature::ExperimentalFunctions => Version::new(2, 53),
            Feature::ExtendedRangeSelectors => Version::new(3, 7),
            Feature::FillModifiers => Version::new(3, 10),
            Feature::DurationExpressions => Version::new(3, 4),
        }
    }
}

/// The features that are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Features {
    bits: u8,
}

impl Features {
    /// None.
    pub fn none() -> Features {
        Features::default()
    }

    /// All of them.
    pub fn all() -> Features {
        Feature::ALL.into_iter().fold(Features::none(), Features::with)
    }

    /// These and one more.
    pub fn with(self, feature: Feature) -> Features {
        Features { bits: self.bits | 1 << feature as u8 }
    }

    /// True when it is on.
    pub fn has(self, feature: Feature) -> bool {
        self.bits & 1 << feature as u8 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_as_people_write_them() {
        assert_eq!("v3.5.3".parse(), Ok(Version::new(3, 5)));
        assert!(Version::new(3, 9) < Version::LATEST);
        assert!("3".parse::<Version>().is_err());
    }
}
