//! Arithmetic of histograms, by examples worked out by hand.

use super::*;

/// A histogram with exponential buckets; count and sum as given.
fn exponential(schema: i32, count: f64, sum: f64, offset: i32, buckets: &[f64]) -> FloatHistogram {
    FloatHistogram {
        schema,
        count,
        sum,
        positive: Buckets::contiguous(offset, buckets.to_vec()),
        ..Default::default()
    }
}

fn custom(bounds: &[f64], counts: &[f64]) -> FloatHistogram {
    FloatHistogram {
        schema: CUSTOM_SCHEMA,
        count: counts.iter().sum(),
        custom_values: bounds.into(),
        positive: Buckets::contiguous(0, counts.to_vec()),
        ..Default::default()
    }
}

fn sum(a: &FloatHistogram, b: &FloatHistogram) -> (FloatHistogram, Added) {
    let mut sum = a.clone();
    let added = sum.add(b).unwrap();
    sum.compact();
    (sum, added)
}

#[test]
fn addition_merges_layouts() {
    let a = exponential(0, 3.0, 4.0, -1, &[1.0, 2.0]);
    let b = exponential(0, 7.0, 9.0, 0, &[3.0, 0.0, 4.0]);
    assert_eq!(sum(&a, &b).0.test_expression(), "{{count:10 sum:13 offset:-1 buckets:[1 5 0 4]}}");
    let mut difference = b.clone();
    difference.subtract(&a).unwrap();
    assert_eq!(difference.to_string(), "{count:4, sum:5, (0.25,0.5]:-1, (0.5,1]:1, (2,4]:4}");
}

#[test]
fn the_lower_resolution_wins() {
    // Schema 1 buckets (1, 1.41], (1.41, 2], (2, 2.83] are (1, 2] and a part of (2, 4] of schema 0.
    let fine = exponential(1, 6.0, 0.0, 1, &[1.0, 2.0, 3.0]);
    let coarse = exponential(0, 10.0, 0.0, 1, &[10.0]);
    for (a, b) in [(&fine, &coarse), (&coarse, &fine)] {
        assert_eq!(sum(a, b).0.test_expression(), "{{count:16 offset:1 buckets:[13 3]}}");
    }
}

#[test]
fn the_wider_zero_bucket_wins() {
    let narrow = FloatHistogram {
        zero_threshold: 0.001,
        zero_count: 1.0,
        ..exponential(0, 4.0, 0.0, -1, &[1.0, 2.0])
    };
    // 0.4 lies in the bucket (0.25, 0.5], which has observations, so the zero bucket grows to 0.5.
    let wide = FloatHistogram { zero_threshold: 0.4, zero_count: 10.0, ..Default::default() };
    for (a, b) in [(&narrow, &wide), (&wide, &narrow)] {
        assert_eq!(sum(a, b).0.test_expression(), "{{count:4 z_bucket:12 z_bucket_w:0.5 buckets:[2]}}");
    }
}

#[test]
fn custom_bounds_meet_in_their_intersection() {
    let a = custom(&[1.0, 2.0, 5.0], &[1.0, 2.0, 3.0, 4.0]);
    let b = custom(&[2.0, 5.0, 7.0], &[10.0, 20.0, 30.0, 40.0]);
    let (joined, added) = sum(&a, &b);
    assert!(added.custom_bounds_reconciled);
    assert_eq!(joined.test_expression(), "{{schema:-53 count:110 custom_values:[2 5] buckets:[13 23 74]}}");
    assert!(!sum(&a, &a).1.custom_bounds_reconciled);
    let nothing_shared = sum(&a, &custom(&[3.0], &[5.0, 6.0])).0;
    assert_eq!(nothing_shared.test_expression(), "{{schema:-53 count:21 custom_values:[] buckets:[21]}}");
    assert_eq!(a.clone().add(&exponential(0, 1.0, 1.0, 0, &[1.0])), Err(IncompatibleSchemas));
}

#[test]
fn hints_of_a_sum() {
    use CounterResetHint::{Gauge, NotReset, Reset, Unknown};
    let with = |hint| FloatHistogram { counter_reset_hint: hint, ..exponential(0, 1.0, 1.0, 0, &[1.0]) };
    for (a, b, expected, collision) in [
        (Reset, Reset, Reset, false),
        (Reset, NotReset, Unknown, true),
        (Gauge, Reset, Gauge, false),
        (Unknown, Gauge, Gauge, false),
        (Unknown, NotReset, Unknown, false),
    ] {
        let (added, notes) = sum(&with(a), &with(b));
        assert_eq!(
            (added.counter_reset_hint, notes.counter_reset_collision),
            (expected, collision),
            "{a:?} + {b:?}"
        );
    }
}

#[test]
fn multiplication_and_division() {
    let mut h = exponential(0, 6.0, 3.0, 0, &[2.0, 4.0]);
    h.multiply(-0.5);
    assert_eq!(h.test_expression(), "{{count:-3 sum:-1.5 counter_reset_hint:gauge buckets:[-1 -2]}}");
    h.divide(0.0);
    assert_eq!(h.test_expression(), "{{count:-Inf sum:-Inf z_bucket:NaN counter_reset_hint:gauge}}");
}

#[test]
fn resets() {
    let before = exponential(1, 6.0, 3.0, 0, &[2.0, 0.0, 4.0]);
    let reset = |now: &FloatHistogram| now.is_reset_since(&before);
    assert!(!reset(&before));
    assert!(!reset(&exponential(1, 7.0, 3.0, 0, &[2.0, 1.0, 4.0])));
    assert!(!reset(&exponential(0, 6.0, 3.0, 0, &[2.0, 4.0])), "a lower resolution is no reset");
    assert!(reset(&exponential(2, 9.0, 3.0, 0, &[9.0])), "a finer resolution is one");
    assert!(reset(&exponential(1, 5.0, 3.0, 0, &[2.0, 0.0, 4.0])), "smaller count");
    assert!(reset(&exponential(1, 9.0, 3.0, 0, &[9.0, 0.0, 3.0])), "smaller bucket");
    assert!(reset(&exponential(1, 9.0, 3.0, 0, &[9.0])), "a populated bucket is gone");
    let hinted = FloatHistogram { counter_reset_hint: CounterResetHint::NotReset, ..Default::default() };
    assert!(!reset(&hinted), "the hint decides");
    let custom_before = custom(&[1.0, 2.0], &[1.0, 2.0, 3.0]);
    assert!(!custom(&[2.0, 3.0], &[3.0, 1.0, 2.0]).is_reset_since(&custom_before));
    assert!(custom(&[2.0, 3.0], &[2.0, 2.0, 2.0]).is_reset_since(&custom_before));
}

#[test]
fn quantiles_and_fractions() {
    // (1, 2] has 4, (2, 4] has 4 observations.
    let h = exponential(0, 8.0, 20.0, 1, &[4.0, 4.0]);
    let q = |q| quantile(q, &h).0;
    assert_eq!(q(0.0), 1.0);
    assert_eq!(q(0.25), crate::gostd::math::exp2(0.5));
    assert_eq!(q(0.5), 2.0);
    assert_eq!(q(1.0), 4.0);
    assert_eq!((q(-0.1), q(1.1)), (f64::NEG_INFINITY, f64::INFINITY));
    assert!(q(f64::NAN).is_nan());
    assert!(quantile(0.5, &FloatHistogram::default()).0.is_nan());
    assert_eq!(fraction(2.0, 4.0, &h), (0.5, false));
    assert!((fraction(f64::NEG_INFINITY, 2.0_f64.sqrt(), &h).0 - 0.25).abs() < 1e-15);
    assert_eq!(fraction(3.0, 2.0, &h).0, 0.0);

    let nhcb = custom(&[1.0, 2.0], &[2.0, 2.0, 4.0]);
    assert_eq!(quantile(0.125, &nhcb).0, 0.5, "the first bucket begins at zero");
    assert_eq!(quantile(0.9, &nhcb).0, 2.0, "the last bucket has no end");
    assert_eq!(fraction(0.0, 1.5, &nhcb).0, 0.375);

    let zero = FloatHistogram { zero_threshold: 0.5, zero_count: 4.0, count: 4.0, ..Default::default() };
    assert_eq!(quantile(0.75, &zero).0, 0.25);
}

#[test]
fn nan_observations_skew() {
    let h = FloatHistogram { sum: f64::NAN, ..exponential(0, 10.0, 0.0, 1, &[4.0, 4.0]) };
    assert_eq!(quantile(0.9, &h).1, Some(NanEffect::Result));
    assert_eq!(quantile(0.1, &h).1, Some(NanEffect::Skew));
    assert_eq!(fraction(f64::NEG_INFINITY, f64::INFINITY, &h), (0.8, true));
}

#[test]
fn moments() {
    let h = exponential(0, 2.0, 3.0, 1, &[1.0, 1.0]);
    assert_eq!(h.mean(), 1.5);
    // Geometric means of (1, 2] and (2, 4].
    let expected = ((2.0_f64.sqrt() - 1.5).powi(2) + (8.0_f64.sqrt() - 1.5).powi(2)) / 2.0;
    assert!((h.variance() - expected).abs() < 1e-15);
}

#[test]
fn trims() {
    let mut h = exponential(0, 8.0, 20.0, 1, &[4.0, 4.0]);
    h.trim(2.0, Keep::Below);
    assert_eq!((h.count, h.positive.len()), (4.0, 1));
    assert!((h.sum - 4.0 * 2.0_f64.sqrt()).abs() < 1e-14);
    let mut h = custom(&[1.0, 2.0], &[2.0, 2.0, 4.0]);
    h.trim(1.5, Keep::Above);
    assert_eq!(
        h.test_expression(),
        "{{schema:-53 count:5 sum:9.75 custom_values:[1 2] offset:1 buckets:[1 4]}}"
    );
    let unchanged = exponential(0, 8.0, 123.0, 1, &[4.0, 4.0]);
    let mut h = unchanged.clone();
    h.trim(100.0, Keep::Below);
    assert!(h.same_data(&unchanged), "nothing dropped, nothing estimated");
}

#[test]
fn sums_and_means() {
    let h = |n: f64| exponential(0, n, n, 0, &[n]);
    let mut total = HistogramSum::new(&h(1e100));
    for n in [1.0, -1e100, 1.0] {
        total.add(&h(n)).unwrap();
    }
    assert_eq!(total.finish().test_expression(), "{{count:2 sum:2 buckets:[2]}}", "nothing is lost to 1e100");
    let mut mean = HistogramMean::new(&h(f64::MAX));
    mean.add(&h(f64::MAX)).unwrap();
    mean.add(&h(f64::MAX)).unwrap();
    assert!(
        (mean.finish().count / f64::MAX - 1.0).abs() < 1e-12,
        "the sum would overflow, the mean does not"
    );
}

#[test]
fn classic_histograms() {
    let buckets = |counts: &[(f64, f64)]| {
        let mut buckets: Vec<_> =
            counts.iter().map(|&(upper_bound, count)| ClassicBucket { upper_bound, count }).collect();
        sort_and_join(&mut buckets);
        buckets
    };
    let inf = f64::INFINITY;
    let mut b = buckets(&[(inf, 10.0), (1.0, 4.0), (2.0, 4.0), (2.0, 4.0)]);
    assert_eq!(b.len(), 3);
    assert_eq!(classic_quantile(0.6, &mut b), (1.5, None));
    assert_eq!(classic_quantile(0.9, &mut b).0, 2.0);
    assert_eq!(classic_quantile(0.2, &mut b).0, 0.5);
    assert_eq!(classic_fraction(0.5, 1.5, &b), 0.4);
    assert!(classic_quantile(0.5, &mut buckets(&[(1.0, 4.0)])).0.is_nan());
    let mut falling = buckets(&[(1.0, 5.0), (2.0, 4.0), (inf, 10.0)]);
    let forced = classic_quantile(0.5, &mut falling).1.unwrap();
    assert_eq!((forced.min_bound, forced.max_bound, forced.max_difference), (2.0, 2.0, 1.0));
    assert_eq!(classic_quantile(0.1, &mut buckets(&[(-1.0, 5.0), (inf, 10.0)])).0, -1.0);
}

#[test]
fn classic_to_custom() {
    let buckets = [(2.0, 5.0), (1.0, 2.0), (f64::INFINITY, 9.0)];
    let buckets: Vec<_> =
        buckets.iter().map(|&(upper_bound, count)| ClassicBucket { upper_bound, count }).collect();
    let nhcb = FloatHistogram::from_classic(buckets.clone(), Some(9.0), 3.5).unwrap();
    assert_eq!(nhcb.test_expression(), "{{schema:-53 count:9 sum:3.5 custom_values:[1 2] buckets:[2 3 4]}}");
    assert_eq!(
        FloatHistogram::from_classic(buckets, Some(8.0), 3.5).unwrap_err().to_string(),
        "count mismatch"
    );
}

#[test]
fn validation() {
    let error = |h: FloatHistogram| h.validate().unwrap_err().to_string();
    assert!(custom(&[1.0], &[1.0, 2.0]).validate().is_ok());
    assert_eq!(
        error(custom(&[1.0], &[1.0, 2.0, 3.0])),
        "custom buckets: histogram custom bounds are too few"
    );
    assert_eq!(
        error(custom(&[1.0, 1.0], &[1.0])),
        "custom buckets: histogram custom bounds must be in strictly increasing order"
    );
    assert!(error(FloatHistogram { schema: 9, ..Default::default() }).contains("got schema 9"));
    assert!(error(exponential(0, 1.0, 1.0, 0, &[-1.0])).starts_with("positive side: bucket number 1"));
}
