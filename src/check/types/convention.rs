//! What a metric's name tells by Prometheus' conventions (prometheus.io/docs/practices/naming).

use super::env::Kind;
use super::unit::Unit;

/// What a name tells.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ByName {
    /// The kind, when the suffix leaves no doubt.
    pub(super) kind: Kind,
    /// True for `_bucket`.
    pub(super) buckets: bool,
    /// The unit of its samples.
    pub(super) unit: Option<Unit>,
    /// For `_bucket`: the unit of what is observed.
    pub(super) observed: Option<Unit>,
}

/// Reads a name. Names with a colon are recorded: their last part is an operation, so nothing is taken from them.
pub(super) fn by_name(name: &str) -> ByName {
    let mut found = ByName { kind: Kind::Unknown, buckets: false, unit: None, observed: None };
    if name.contains(':') {
        return found;
    }
    if let Some(stem) = name.strip_suffix("_bucket") {
        found.buckets = true;
        found.unit = Some(Unit::count());
        found.observed = unit_of_stem(stem);
    } else if let Some(stem) = name.strip_suffix("_total") {
        found.kind = Kind::Counter;
        found.unit = Some(unit_of_stem(stem).unwrap_or_else(Unit::count));
    } else if let Some(stem) = name.strip_suffix("_sum") {
        found.unit = unit_of_stem(stem);
    } else if name.ends_with("_count") {
        found.unit = Some(Unit::count());
    } else if name.ends_with("_created") {
        found.unit = Some(Unit::timestamp());
    } else {
        found.unit = unit_of_gauge(name);
    }
    found
}

/// The unit that the last word of a name tells.
fn unit_of_stem(stem: &str) -> Option<Unit> {
    let word = stem.rsplit('_').next()?;
    match word {
        // Too short, or names of something else: `_count`, `_us` (a region), `_hours` of the day, `_days` of a week.
        "count" | "us" | "ns" | "kB" | "MB" | "GB" | "KiB" | "MiB" | "GiB" | "second" | "byte" | "hours"
        | "days" | "minutes" | "micros" | "nanos" | "millis" => None,
        _ if word.len() == stem.len() => None,
        _ => Unit::known_word(word),
    }
}

/// As [`unit_of_stem`], for names that say neither counter nor histogram: there, `_seconds` may be Unix time.
fn unit_of_gauge(name: &str) -> Option<Unit> {
    const MOMENTS: &[&str] = &["start_time", "boot_time", "timestamp"];
    const DOUBTFUL: &[&str] = &[
        "time",
        "expir",
        "date",
        "last",
        "since",
        "until",
        "renew",
        "not_after",
        "not_before",
        "deadline",
        "modified",
        "created",
        "next",
        "end",
        "epoch",
        "start",
        "completed",
        "finished",
        "success",
    ];
    let unit = unit_of_stem(name)?;
    let Some(stem) = name.strip_suffix("_seconds") else { return Some(unit) };
    if MOMENTS.iter().any(|m| stem.ends_with(m)) {
        return Some(Unit::timestamp());
    }
    (!DOUBTFUL.iter().any(|d| stem.contains(d))).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_tell() {
        let unit = |name: &str| by_name(name).unit.map_or("-".to_string(), |u| u.to_string());
        assert_eq!(unit("http_requests_total"), "a count");
        assert_eq!(unit("node_cpu_seconds_total"), "seconds");
        assert_eq!(unit("node_memory_MemFree_bytes"), "bytes");
        assert_eq!(unit("process_start_time_seconds"), "a timestamp");
        assert_eq!(unit("probe_ssl_last_chain_expiry_timestamp_seconds"), "a timestamp");
        assert_eq!(unit("cert_expires_in_seconds"), "-");
        assert_eq!(unit("http_request_duration_seconds_sum"), "seconds");
        assert_eq!(unit("job:http_errors:ratio_rate5m"), "-");
        assert_eq!(unit("seconds"), "-");
        assert_eq!(by_name("x_seconds_bucket").observed, Some(Unit::seconds()));
        assert_eq!(by_name("x_total").kind, Kind::Counter);
    }
}
