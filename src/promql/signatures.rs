//! The functions of PromQL 3.14 and their types (Prometheus promql/parser/functions.go).

use super::features::Version;
use super::types::ValueType::{self, Matrix, Scalar, String, Vector};

/// A function of PromQL.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// The types of the arguments; the last also of all that follow when the function is variadic.
    pub args: &'static [ValueType],
    /// 0: as many arguments as types. n > 0: the last is optional, and up to n of its type may be given.
    /// -1: the last may be given any number of times, or not at all.
    pub variadic: i8,
    /// What it gives.
    pub returns: ValueType,
    /// True when it needs `promql-experimental-functions` in the newest version.
    pub experimental: bool,
    /// The first version that has it.
    pub since: Version,
    /// The first version in which it needs no feature flag, for functions that were experimental once.
    pub stable_since: Option<Version>,
}

impl Function {
    /// True when that version wants the feature flag for it.
    pub fn is_experimental_in(&self, version: Version) -> bool {
        self.experimental || self.stable_since.is_some_and(|stable| version < stable)
    }

    /// How many arguments it takes: at least, and at most (none: no limit).
    pub fn arity(&self) -> (usize, Option<usize>) {
        let types = self.args.len();
        match self.variadic {
            0 => (types, Some(types)),
            n if n > 0 => (types - 1, Some(types - 1 + n as usize)),
            _ => (types - 1, None),
        }
    }

    /// The type of the argument at an index, from 0; none when there is no such argument.
    pub fn arg_type(&self, index: usize) -> Option<ValueType> {
        match self.args.get(index) {
            Some(t) => Some(*t),
            None if self.variadic != 0 => self.args.last().copied(),
            None => None,
        }
    }
}

/// The function of that name. Names are lower case and matched exactly.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.binary_search_by(|f| f.name.cmp(name)).ok().and_then(|i| FUNCTIONS.get(i))
}

const fn f(name: &'static str, args: &'static [ValueType], returns: ValueType) -> Function {
    Function {
        name,
        args,
        variadic: 0,
        returns,
        experimental: false,
        since: Version::OLDEST,
        stable_since: None,
    }
}

impl Function {
    const fn variadic(self, n: i8) -> Function {
        Function { variadic: n, ..self }
    }

    const fn since(self, major: u16, minor: u16) -> Function {
        Function { since: Version::new(major, minor), ..self }
    }

    const fn experimental(self) -> Function {
        Function { experimental: true, ..self }
    }

    const fn stable(self, major: u16, minor: u16) -> Function {
        Function { stable_since: Some(Version::new(major, minor)), ..self }
    }
}

/// Every function, sorted by name.
pub static FUNCTIONS: &[Function] = &[
    f("abs", &[Vector], Vector),
    f("absent", &[Vector], Vector),
    f("absent_over_time", &[Matrix], Vector),
    f("acos", &[Vector], Vector),
    f("acosh", &[Vector], Vector),
    f("asin", &[Vector], Vector),
    f("asinh", &[Vector], Vector),
    f("atan", &[Vector], Vector),
    f("atanh", &[Vector], Vector),
    f("avg_over_time", &[Matrix], Vector),
    f("ceil", &[Vector], Vector),
    f("changes", &[Matrix], Vector),
    f("clamp", &[Vector, Scalar, Scalar], Vector),
    f("clamp_max", &[Vector, Scalar], Vector),
    f("clamp_min", &[Vector, Scalar], Vector),
    f("cos", &[Vector], Vector),
    f("cosh", &[Vector], Vector),
    f("count_over_time", &[Matrix], Vector),
    f("day_of_month", &[Vector], Vector).variadic(1),
    f("day_of_week", &[Vector], Vector).variadic(1),
    f("day_of_year", &[Vector], Vector).variadic(1),
    f("days_in_month", &[Vector], Vector).variadic(1),
    f("deg", &[Vector], Vector),
    f("delta", &[Matrix], Vector),
    f("deriv", &[Matrix], Vector),
    f("double_exponential_smoothing", &[Matrix, Scalar, Scalar], Vector).since(3, 0).experimental(),
    f("end", &[], Scalar).since(3, 12).experimental(),
    f("exp", &[Vector], Vector),
    f("first_over_time", &[Matrix], Vector).since(3, 7).stable(3, 14),
    f("floor", &[Vector], Vector),
    f("histogram_avg", &[Vector], Vector),
    f("histogram_count", &[Vector], Vector),
    f("histogram_fraction", &[Scalar, Scalar, Vector], Vector),
    f("histogram_quantile", &[Scalar, Vector], Vector),
    f("histogram_quantiles", &[Vector, String, Scalar, Scalar], Vector)
        .variadic(9)
        .since(3, 11)
        .experimental(),
    f("histogram_stddev", &[Vector], Vector),
    f("histogram_stdvar", &[Vector], Vector),
    f("histogram_sum", &[Vector], Vector),
    f("hour", &[Vector], Vector).variadic(1),
    f("idelta", &[Matrix], Vector),
    f("increase", &[Matrix], Vector),
    f("info", &[Vector, Vector], Vector).variadic(1).since(3, 0).experimental(),
    f("irate", &[Matrix], Vector),
    f("label_join", &[Vector, String, String, String], Vector).variadic(-1),
    f("label_replace", &[Vector, String, String, String, String], Vector),
    f("last_over_time", &[Matrix], Vector),
    f("ln", &[Vector], Vector),
    f("log10", &[Vector], Vector),
    f("log2", &[Vector], Vector),
    f("mad_over_time", &[Matrix], Vector).experimental(),
    f("max_of", &[Scalar, Scalar], Scalar).since(3, 13).experimental(),
    f("max_over_time", &[Matrix], Vector),
    f("min_of", &[Scalar, Scalar], Scalar).since(3, 13).experimental(),
    f("min_over_time", &[Matrix], Vector),
    f("minute", &[Vector], Vector).variadic(1),
    f("month", &[Vector], Vector).variadic(1),
    f("pi", &[], Scalar),
    f("predict_linear", &[Matrix, Scalar], Vector),
    f("present_over_time", &[Matrix], Vector),
    f("quantile_over_time", &[Scalar, Matrix], Vector),
    f("rad", &[Vector], Vector),
    f("range", &[], Scalar).since(3, 12).experimental(),
    f("rate", &[Matrix], Vector),
    f("resets", &[Matrix], Vector),
    f("round", &[Vector, Scalar], Vector).variadic(1),
    f("scalar", &[Vector], Scalar),
    f("sgn", &[Vector], Vector),
    f("sin", &[Vector], Vector),
    f("sinh", &[Vector], Vector),
    f("sort", &[Vector], Vector),
    f("sort_by_label", &[Vector, String], Vector).variadic(-1).experimental(),
    f("sort_by_label_desc", &[Vector, String], Vector).variadic(-1).experimental(),
    f("sort_desc", &[Vector], Vector),
    f("sqrt", &[Vector], Vector),
    f("start", &[], Scalar).since(3, 12).experimental(),
    f("start_timestamp", &[Vector], Vector).since(3, 14).experimental(),
    f("stddev_over_time", &[Matrix], Vector),
    f("stdvar_over_time", &[Matrix], Vector),
    f("step", &[], Scalar).since(3, 12).experimental(),
    f("sum_over_time", &[Matrix], Vector),
    f("tan", &[Vector], Vector),
    f("tanh", &[Vector], Vector),
    f("time", &[], Scalar),
    f("timestamp", &[Vector], Vector),
    f("ts_of_first_over_time", &[Matrix], Vector).since(3, 7).experimental(),
    f("ts_of_last_over_time", &[Matrix], Vector).since(3, 5).experimental(),
    f("ts_of_max_over_time", &[Matrix], Vector).since(3, 5).experimental(),
    f("ts_of_min_over_time", &[Matrix], Vector).since(3, 5).experimental(),
    f("vector", &[Scalar], Vector),
    f("year", &[Vector], Vector).variadic(1),
];

/// Functions that Prometheus once had under another name: the old name, and the new one.
pub static RENAMED: &[(&str, &str)] = &[("holt_winters", "double_exponential_smoothing")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_every_function_is_found() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(FUNCTIONS.iter().all(|f| find(f.name) == Some(f)));
        assert_eq!(find("Rate"), None);
    }

    #[test]
    fn arity_counts_optional_arguments() {
        let arity = |n| find(n).map(Function::arity);
        assert_eq!(arity("rate"), Some((1, Some(1))));
        assert_eq!(arity("round"), Some((1, Some(2))));
        assert_eq!(arity("label_join"), Some((3, None)));
        assert_eq!(arity("time"), Some((0, Some(0))));
    }
}
