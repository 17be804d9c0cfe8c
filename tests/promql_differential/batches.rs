//! Many instants evaluated together must give what each of them gives alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use alertc::promql::engine::{Options, Prepared, Visibility};
use alertc::promql::storage::Storage;
use alertc::promql::value::{Point, Value};

use super::promtool::Answer;
use super::random::Random;
use super::{data, expression, load, nearly_equal, parse, setting, show};

/// Evaluates one expression both ways; says where the results differ.
fn compare(storage: &Storage, options: &Options, expression: &str, times: &Arc<[i64]>) -> Result<(), String> {
    let Ok(prepared) = Prepared::new(&parse(expression)?) else { return Ok(()) };
    let together = prepared.instants(storage, options, times);
    for (step, t) in times.iter().enumerate() {
        let alone = prepared.instant(storage, options, *t);
        if let Some((failed, error)) = together.failure.as_ref().filter(|(failed, _)| *failed <= step) {
            return match alone {
                // Which of several culprits is named depends on the order of series.
                Err(alone) if alone.kind == error.kind => Ok(()),
                alone if *failed == step => Err(format!("at {t}: together {error:?}, alone {alone:?}")),
                _ => Ok(()),
            };
        }
        let mut samples: BTreeMap<String, String> = BTreeMap::new();
        for series in &together.steps.series {
            if let Some(point) = series.column.get(step) {
                samples.insert(series.labels.to_string(), show(&point));
            }
        }
        let expected: BTreeMap<String, String> = match alone.map(|output| output.value) {
            Ok(Value::Vector(samples)) => {
                samples.iter().map(|s| (s.labels.to_string(), show(&s.point))).collect()
            }
            Ok(Value::Scalar(value)) => [("{}".to_string(), show(&Point::Float(value)))].into(),
            other => return Err(format!("at {t}: alone {other:?}")),
        };
        // Alone, what topk and sort give is in their order; the last bits of what is computed from it depend on that.
        let ordered = ["topk", "bottomk", "sort_by_label"].iter().any(|name| expression.contains(name));
        let near =
            ordered && nearly_equal(&Answer::Samples(samples.clone()), &Answer::Samples(expected.clone()));
        if samples != expected && !near {
            return Err(format!("at {t}: together {samples:?}, alone {expected:?}"));
        }
    }
    Ok(())
}

#[test]
fn together_is_as_alone() {
    let mut different = Vec::new();
    for seed in 1..=setting("DIFFERENTIAL_BATCHES", 4) {
        let mut random = Random::new(seed);
        let storage = load(&data::series(&mut random));
        let times: Arc<[i64]> = (0..14).map(|i| i * 97_000).collect();
        for visibility in [Visibility::All, Visibility::UpToInstant] {
            let options = Options { visibility, ..Options::default() };
            for _ in 0..60 {
                let expression = expression::expression(&mut random);
                if let Err(difference) = compare(&storage, &options, &expression, &times) {
                    different.push(format!("seed {seed}, {visibility:?}, {expression}\n    {difference}"));
                }
            }
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}
