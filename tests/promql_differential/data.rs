//! Random series in the notation of rule tests.

use super::random::Random;

/// Samples of a series; the grid has a sample every 30 seconds.
const SAMPLES: usize = 41;

/// Series with their values: gauges `g` and `u` (no two equal values), counters `c_total`, a second gauge `k` with other labels, classic histograms `b_bucket` and
/// native histograms `h` and `n` (custom buckets).
pub fn series(random: &mut Random) -> Vec<(String, String)> {
    let mut series = Vec::new();
    for job in ["a", "b", "c"] {
        for instance in ["0", "1"] {
            if random.one_in(8) {
                continue;
            }
            series.push((format!("g{{job=\"{job}\",instance=\"{instance}\"}}"), gauge(random)));
            series.push((format!("u{{job=\"{job}\",instance=\"{instance}\"}}"), unique(random)));
            series.push((format!("c_total{{job=\"{job}\",instance=\"{instance}\"}}"), counter(random)));
        }
        series.push((format!("k{{job=\"{job}\",team=\"t{}\"}}", random.below(2)), gauge(random)));
        series.extend(classic(job, random));
        series.push((format!("h{{job=\"{job}\"}}"), native(random)));
        series.push((format!("n{{job=\"{job}\"}}"), custom(random)));
    }
    series
}

fn join(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join(" ")
}

fn gauge(random: &mut Random) -> String {
    let kind = random.below(4);
    join((0..SAMPLES).map(|_| match (random.below(24), kind) {
        (0, _) => "_".to_string(),
        (1, 0) => "stale".to_string(),
        (2, 1) => "NaN".to_string(),
        (3, 1) => random.pick(&["Inf", "-Inf"]).to_string(),
        (_, 2) => random.below(5).to_string(),
        _ => random.decimal().to_string(),
    }))
}

fn unique(random: &mut Random) -> String {
    join((0..SAMPLES).map(|_| (random.below(1_000_000_000) as f64 / 1e6).to_string()))
}

fn counter(random: &mut Random) -> String {
    let mut value = random.below(100) as f64;
    let step = [1.0, 0.1, 30.0, 1e6][random.below(4)];
    join((0..SAMPLES).map(|_| {
        if random.one_in(30) {
            return "_".to_string();
        }
        value = if random.one_in(15) { step } else { value + step * random.below(10) as f64 };
        value.to_string()
    }))
}

fn classic(job: &str, random: &mut Random) -> Vec<(String, String)> {
    let bounds = ["0.1", "0.5", "1", "2.5", "+Inf"];
    let mut counts = vec![0.0; bounds.len()];
    let mut values = vec![Vec::new(); bounds.len()];
    for _ in 0..SAMPLES {
        let mut below = 0.0;
        for (count, values) in counts.iter_mut().zip(&mut values) {
            *count += random.below(7) as f64;
            below += *count;
            values.push(below.to_string());
        }
    }
    let named = |(bound, values): (&&str, &Vec<String>)| {
        (format!("b_bucket{{job=\"{job}\",le=\"{bound}\"}}"), values.join(" "))
    };
    bounds.iter().zip(&values).map(named).collect()
}

/// Growing native histograms of small whole counts, so that sums of them are exact.
fn native(random: &mut Random) -> String {
    let schema = random.below(4) as i32 - 1;
    let offset = random.below(5) as i32 - 2;
    let mut zero = 0;
    let mut positive = vec![0; 1 + random.below(5)];
    let mut negative = vec![0; random.below(3)];
    join((0..SAMPLES).map(|_| {
        zero += random.below(3);
        for count in positive.iter_mut().chain(&mut negative) {
            *count += random.below(4);
        }
        let count: usize = zero + positive.iter().sum::<usize>() + negative.iter().sum::<usize>();
        let list = |counts: &[usize]| counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        let mut parts =
            format!("schema:{schema} count:{count} sum:{} z_bucket:{zero} z_bucket_w:0.001", count * 3);
        parts += &format!(" offset:{offset} buckets:[{}]", list(&positive));
        if !negative.is_empty() {
            parts += &format!(" n_buckets:[{}]", list(&negative));
        }
        format!("{{{{{parts}}}}}")
    }))
}

/// Growing native histograms with custom buckets, all with the same bounds.
fn custom(random: &mut Random) -> String {
    let mut counts = [0; 4];
    join((0..SAMPLES).map(|_| {
        for count in &mut counts {
            *count += random.below(4);
        }
        let count: usize = counts.iter().sum();
        let [a, b, c, d] = counts;
        format!(
            "{{{{schema:-53 count:{count} sum:{} custom_values:[0.5 1 2.5] buckets:[{a} {b} {c} {d}]}}}}",
            count * 2
        )
    }))
}
