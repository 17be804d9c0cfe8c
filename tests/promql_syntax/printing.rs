//! Printed as Prometheus prints it (`promtool promql format` and error texts show the same).

use super::{accept, all_features};

#[test]
fn expressions_print_as_prometheus_prints_them() {
    for (text, printed) in [
        (
            "sum by(a,b)(rate(x{c='d',b=\"e\"}[90s] offset 1h))",
            "sum by (a, b) (rate(x{b=\"e\",c=\"d\"}[1m30s] offset 1h))",
        ),
        ("SUM(x) BY (job)", "sum by (job) (x)"),
        ("sum by () (x) + sum without () (y)", "sum(x) + sum without () (y)"),
        ("topk(5,x)", "topk(5, x)"),
        ("a+on()b", "a + on () b"),
        ("a * ignoring(x) group_left(y,z) b", "a * ignoring (x) group_left (y, z) b"),
        ("a > bool 1", "a > bool 1"),
        ("-a ^ 2", "-a ^ 2"),
        ("- 1", "-1"),
        ("x @ 1.5 offset -5m", "x @ 1.500 offset -5m"),
        ("x[5m] @ start()", "x[5m] @ start()"),
        ("(x)[1h:] offset 1d", "(x)[1h:] offset 1d"),
        ("x[300:60]", "x[5m:1m]"),
        ("5m + 1e3 + 0x10 + Inf", "5m + 1000 + 16 + +Inf"),
        ("{\"a.b\",\"c d\"=\"e\"}", "{\"c d\"=\"e\",__name__=\"a.b\"}"),
        ("sum by (\"x.y\") (z)", "sum by (\"x.y\") (z)"),
        ("x offset (step() * 2)", "x offset (step() * 2)"),
        ("x[5m+1m]", "x[5m + 1m]"),
        ("a + fill(0) b", "a + fill (0) b"),
        ("a + fill_left(1e6) fill_right(2) b", "a + fill_left (1e+06) fill_right (2) b"),
        ("x anchored offset 5m", "x anchored offset 5m"),
        ("x[5m] smoothed", "x[5m] smoothed"),
        ("'a\\'b'", "\"a'b\""),
        ("a and ignoring() b", "a and b"),
    ] {
        let tree = accept(text, &all_features()).unwrap_or_else(|d| panic!("{text}: {d:?}"));
        assert_eq!(tree.to_string(), printed, "{text}");
    }
}
