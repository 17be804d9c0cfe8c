//! What the notation means, and what is refused.

use super::*;
use crate::promql::histogram::CounterResetHint;

fn values(text: &str) -> Result<Vec<SeriesItem>, String> {
    let (items, diagnostics) = parse_values(text, FileId::NONE, 0);
    match diagnostics.first() {
        Some(d) => Err(format!("{:?} {}", d.primary.span, d.message)),
        None => Ok(items),
    }
}

fn float(first: f64, step: Option<f64>, repeat: u64) -> SeriesItem {
    SeriesItem::Floats { first, step, repeat }
}

#[test]
fn items_are_runs() {
    assert_eq!(
        values("1+1x10 _x5  -2-0.5x1\t5x0 _ 1_000 .5 5. 1e3 010 Inf-1x2"),
        Ok(vec![
            float(1.0, Some(1.0), 10),
            SeriesItem::Missing { count: 5 },
            float(-2.0, Some(-0.5), 1),
            float(5.0, None, 0),
            SeriesItem::Missing { count: 1 },
            float(1000.0, None, 0),
            float(0.5, None, 0),
            float(5.0, None, 0),
            float(1000.0, None, 0),
            float(8.0, None, 0),
            float(f64::INFINITY, Some(-1.0), 2),
        ])
    );
    assert_eq!(values(""), Ok(vec![]));
    let stale = values("stale").unwrap();
    assert!(matches!(stale[..], [SeriesItem::Floats { first, .. }] if first.to_bits() == STALE_NAN));
    assert_eq!(values("1+1x1000000000000").map(|v| v[0].len()), Ok(1_000_000_000_001));
}

#[test]
fn what_prometheus_refuses_is_refused() {
    for text in [
        "1+-2x3",
        "1 + 1x3",
        "1x-1",
        "5x2x2",
        "1+1",
        "stalex2",
        "NaNx2",
        "infx2",
        "5m",
        "0x",
        "1x",
        "x3",
        "abc",
        "{{",
        "{{ schema:0}}",
        "{{buckets:[]}}",
        "{{sum:1 sum:2}}",
        "{{sum: 1}}",
        "{{sum:1,count:2}}",
        "{{sum:+1}}",
        "{{schema:1}}+{{schema:0}}x3",
        "{{sum:1}}+{{sum:1}}",
        "{{foo:1}}",
        "{{z_bucket_w:-1}}",
        "1,2",
        "_x1.5",
        "Stale",
        "1x1e3",
        "{{counter_reset_hint:maybe}}",
    ] {
        assert!(values(text).is_err(), "{text} is accepted");
    }
}

#[test]
fn histograms_keep_what_was_written() {
    let text = "{{schema:1 sum:-0.3 count:3.1 z_bucket:7.1 z_bucket_w:0.05 buckets:[5.1 10 7 ] offset:-3 \
                n_buckets:[4.1 -inf] n_offset:-5 custom_values:[1 2] counter_reset_hint:gauge }}x2";
    let expected = HistogramLiteral {
        schema: 1,
        sum: -0.3,
        count: 3.1,
        zero_count: 7.1,
        zero_threshold: 0.05,
        buckets: vec![5.1, 10.0, 7.0],
        offset: -3,
        negative_buckets: vec![4.1, f64::NEG_INFINITY],
        negative_offset: -5,
        custom_values: vec![1.0, 2.0],
        counter_reset_hint: Some(CounterResetHint::Gauge),
    };
    assert_eq!(
        values(text),
        Ok(vec![SeriesItem::Histograms { first: Box::new(expected), step: None, repeat: 2 }])
    );
    assert!(values("{{}}").is_ok() && values("{{ }}+{{sum:1}}x4").is_ok());
}

#[test]
fn errors_do_not_hide_each_other() {
    let (items, diagnostics) = parse_values("1 2x 3 {{sum: 1 count:2}}x3 4 5y", FileId::NONE, 10);
    assert_eq!(items.len(), 3);
    let spans: Vec<String> = diagnostics.iter().map(|d| format!("{:?}", d.primary.span)).collect();
    assert_eq!(spans, ["14..15", "23..24", "40..42"]);
}

#[test]
fn series_are_a_metric_and_values() {
    let (labels, items, diagnostics) = parse_series(r#"up{b="x y",a='1',d=""} 1x3"#, FileId::NONE, 0);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let pair = |n: &str, v: &str| (n.to_string(), v.to_string());
    assert_eq!(labels, [pair("__name__", "up"), pair("a", "1"), pair("b", "x y")]);
    assert_eq!(items, [float(1.0, None, 3)]);
    for bad in ["m.x 1", r#"up {a="b"} 1"#, "up{a=~\"b\"} 1", "up{a=\"1\",a=\"2\"} 1", "up{a=\"1\" 1"] {
        assert!(!parse_series(bad, FileId::NONE, 0).2.is_empty(), "{bad}");
    }
}
