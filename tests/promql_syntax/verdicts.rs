//! Verdicts on corners: of Prometheus' lexer, and of versions and features.

use alertc::promql::features::{Feature, Features, Version};
use alertc::promql::parser::Options;

use super::{accept, all_features};

#[test]
fn corners_of_the_lexer_are_prometheus_own() {
    for (text, accepted) in [
        ("x[NaN]", false),
        ("x[# five minutes\n5m]", false),
        ("x[5m # five minutes\n]", true),
        ("label_replace(x, \"\\xff\", \"\", \"y\", \"z\")", true),
        ("fill + fill{a=\"b\"} * fill_left", true),
        ("sum + by / offset offset 5m", true),
        ("bool", false),
        ("sum(x) by (by, on, bool, without)", false),
        ("sum(x) by (by, on, bool, inf)", false),
        ("sum(x) by (by, on, bool, a:b)", true),
        ("x offset -2^2", true),
        ("1 + x offset -5m ^ 2", true),
        ("x offset (5m) + 1", true),
        ("{a!=\"\"} or {__name__=~\".+\"}", true),
        ("x{a=\"b\",}", true),
        ("x{,}", false),
        ("sum(x,)", false),
        ("a or on () b", true),
        ("017 + 08 + 1_000 + 0x_f + .5 + 5.", true),
        ("1__0", false),
        ("START()", false),
        ("Sum(x) AND y UNLESS z", true),
    ] {
        assert_eq!(accept(text, &all_features()).is_ok(), accepted, "{text}");
    }
}

#[test]
fn what_a_version_lacks_is_refused_with_the_version_that_has_it() {
    let at = |text: &str, major, minor, features| {
        let options = Options { version: Version::new(major, minor), features, ..Options::default() };
        accept(text, &options).err().map(|d| d[0].message.clone())
    };
    let experimental = Features::none().with(Feature::ExperimentalFunctions);
    for (text, major, minor, features, message) in [
        (
            "x + 5m",
            2,
            53,
            Features::none(),
            Some("a duration as a number needs Prometheus 2.54, the target is 2.53"),
        ),
        (
            "x[300]",
            2,
            53,
            Features::none(),
            Some("a number in place of a duration needs Prometheus 2.54, the target is 2.53"),
        ),
        ("x[5m]", 2, 53, Features::none(), None),
        ("x >/ 5", 3, 10, Features::none(), Some("`>/` needs Prometheus 3.11, the target is 3.10")),
        ("x >/ 5", 3, 11, Features::none(), None),
        (
            "{\"a.b\"}",
            2,
            53,
            Features::none(),
            Some("a name outside of [a-zA-Z0-9_:] needs Prometheus 3.0, the target is 2.53"),
        ),
        (
            "info(x)",
            2,
            53,
            experimental,
            Some("the function `info` needs Prometheus 3.0, the target is 2.53"),
        ),
        ("info(x)", 3, 0, experimental, None),
        (
            "first_over_time(x[5m])",
            3,
            13,
            Features::none(),
            Some("the function `first_over_time` is experimental"),
        ),
        ("first_over_time(x[5m])", 3, 14, Features::none(), None),
        ("x[5m * 2]", 3, 13, Features::none(), Some("arithmetic on durations is experimental")),
        ("x[5m * 2]", 3, 13, Features::none().with(Feature::DurationExpressions), None),
        ("x[5m * 2]", 3, 14, Features::none(), None),
        ("x anchored", 3, 6, Features::all(), Some("`anchored` needs Prometheus 3.7, the target is 3.6")),
        ("x anchored", 3, 7, Features::all(), None),
        ("a + fill (0) b", 3, 14, Features::none().with(Feature::FillModifiers), None),
    ] {
        assert_eq!(at(text, major, minor, features).as_deref(), message, "{text} {major}.{minor}");
    }
}
