//! Alerts as they are posted, and as Alertmanager keeps and merges them (api/v2/api.go, provider/mem/mem.go).

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::alertmanager::route::Labels;

/// How often resolved alerts are forgotten, in milliseconds (`--alerts.gc-interval`).
const FORGET_EVERY: i64 = 30 * 60_000;

/// An alert as a client posts it. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PostedAlert {
    /// Its labels; those with empty values do not count.
    pub labels: Labels,
    /// Its annotations.
    pub annotations: Labels,
    /// When it began to fire; none: now.
    pub starts_at: Option<i64>,
    /// When it ends or ended; none: after `resolve_timeout`.
    pub ends_at: Option<i64>,
    /// The link to its source.
    pub generator_url: String,
}

/// Why a posted alert is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedAlert {
    /// It has no label.
    NoLabels,
    /// It ends before it starts.
    EndsBeforeStart,
}

/// An alert that Alertmanager knows. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its labels: what it is known by.
    pub labels: Arc<Labels>,
    /// Its newest annotations.
    pub annotations: Arc<Labels>,
    /// When it began to fire.
    pub starts_at: i64,
    /// When it ends or ended.
    pub ends_at: i64,
    /// The link to its source.
    pub generator_url: String,
    /// Whether its end is only a guess by `resolve_timeout`.
    pub timeout: bool,
    /// Which update this is: larger is later.
    pub update: u64,
}

impl Alert {
    /// Whether it is resolved at a time: nothing but its end decides.
    pub fn is_resolved(&self, now: i64) -> bool {
        self.ends_at <= now
    }

    /// The alert with what was known of it before (alert/alert.go Merge).
    fn merged(mut self, old: &Alert, now: i64) -> Alert {
        self.starts_at = self.starts_at.min(old.starts_at);
        let keeps_end = if self.is_resolved(now) { old.is_resolved(now) } else { !old.timeout };
        if keeps_end {
            self.ends_at = self.ends_at.max(old.ends_at);
        }
        self
    }
}

/// The hash that Alertmanager shows as an alert's fingerprint: FNV-1a of names and values in order, in hexadecimal.
pub fn fingerprint(labels: &Labels) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in labels.iter().flat_map(|(n, v)| n.bytes().chain([0xff]).chain(v.bytes()).chain([0xff])) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The order of alerts in a notification: by `job`, `instance` (those without come last), then by all labels, fewer
/// first (alert/alert.go Less).
pub fn notification_order(a: &Labels, b: &Labels) -> Ordering {
    for name in ["job", "instance"] {
        let order = match (a.get(name), b.get(name)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len()).then_with(|| {
        let different = a.iter().zip(b).find(|(a, b)| a != b);
        different.map_or(Ordering::Equal, |((a_name, a_value), (b_name, b_value))| {
            // Of two first names the one that is missing on the other side makes its set the later one.
            b_name.cmp(a_name).then_with(|| a_value.cmp(b_value))
        })
    })
}

/// Every alert that was posted and not yet forgotten.
#[derive(Debug, Clone)]
pub struct AlertStore {
    alerts: BTreeMap<Arc<Labels>, Alert>,
    next_forgetting: i64,
    updates: u64,
}

impl AlertStore {
    /// No alerts, at the start of Alertmanager.
    pub fn new(start: i64) -> AlertStore {
        AlertStore { alerts: BTreeMap::new(), next_forgetting: start + FORGET_EVERY, updates: 0 }
    }

    /// Takes an alert in and returns it as it is known from now on. `resolve_timeout` is in milliseconds.
    ///
    /// # Errors
    /// Alerts that the API refuses.
    pub fn post(
        &mut self,
        posted: &PostedAlert,
        now: i64,
        resolve_timeout: i64,
    ) -> Result<Alert, RefusedAlert> {
        self.forget(now);
        let given = posted.labels.iter().filter(|(_, value)| !value.is_empty());
        let labels: Labels = given.map(|(n, v)| (n.clone(), v.clone())).collect();
        if labels.is_empty() {
            return Err(RefusedAlert::NoLabels);
        }
        let starts_at = posted.starts_at.or(posted.ends_at).unwrap_or(now);
        let ends_at = posted.ends_at.unwrap_or(now.saturating_add(resolve_timeout));
        if ends_at < starts_at {
            return Err(RefusedAlert::EndsBeforeStart);
        }
        self.updates += 1;
        let labels = Arc::new(labels);
        let mut alert = Alert {
            labels: labels.clone(),
            annotations: Arc::new(posted.annotations.clone()),
            starts_at,
            ends_at,
            generator_url: posted.generator_url.clone(),
            timeout: posted.ends_at.is_none(),
            update: self.updates,
        };
        if let Some(old) = self.alerts.get(&labels) {
            let within = |time: i64| old.starts_at < time && time < old.ends_at;
            if within(ends_at) || within(starts_at) {
                alert = alert.merged(old, now);
            }
        }
        self.alerts.insert(labels, alert.clone());
        Ok(alert)
    }

    /// Every alert, sorted by labels.
    pub fn iter(&self) -> impl Iterator<Item = &Alert> {
        self.alerts.values()
    }

    /// Forgets the alerts that were resolved when it was last time to.
    pub fn forget(&mut self, now: i64) {
        if now >= self.next_forgetting {
            let last = now - (now - self.next_forgetting) % FORGET_EVERY;
            self.alerts.retain(|_, alert| !alert.is_resolved(last));
            self.next_forgetting = last + FORGET_EVERY;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(n, v)| ((*n).to_string(), (*v).to_string())).collect()
    }

    #[test]
    fn an_end_that_was_given_outlives_a_guess() {
        let mut store = AlertStore::new(0);
        let mut posted = PostedAlert { labels: labels(&[("a", "1"), ("b", "")]), ..PostedAlert::default() };
        (posted.starts_at, posted.ends_at) = (Some(0), Some(900));
        assert_eq!(store.post(&posted, 0, 100).map(|a| a.labels.len()), Ok(1));
        posted.ends_at = None;
        let merged = store.post(&posted, 10, 100).unwrap();
        assert_eq!((merged.starts_at, merged.ends_at, merged.timeout), (0, 900, true));
        posted.ends_at = Some(5);
        assert_eq!(store.post(&posted, 10, 100).map(|a| (a.starts_at, a.ends_at)), Ok((0, 5)));
        posted.starts_at = Some(6);
        assert_eq!(store.post(&posted, 10, 100), Err(RefusedAlert::EndsBeforeStart));
    }

    #[test]
    fn a_resolved_alert_is_forgotten_and_begins_anew() {
        let mut store = AlertStore::new(0);
        let mut posted = PostedAlert { labels: labels(&[("a", "1")]), ..PostedAlert::default() };
        posted.ends_at = Some(10);
        store.post(&posted, 5, 100).unwrap();
        store.forget(FORGET_EVERY - 1);
        assert_eq!(store.iter().count(), 1);
        store.forget(FORGET_EVERY);
        assert_eq!(store.iter().count(), 0);
    }

    #[test]
    fn fewer_labels_come_first_and_a_missing_name_too() {
        let order = |a: &[(&str, &str)], b: &[(&str, &str)]| notification_order(&labels(a), &labels(b));
        assert_eq!(order(&[("z", "9")], &[("a", "1"), ("b", "1")]), Ordering::Less);
        assert_eq!(order(&[("b", "1")], &[("a", "1")]), Ordering::Less);
        assert_eq!(order(&[("b", "1")], &[("b", "2")]), Ordering::Less);
        assert_eq!(order(&[("b", "1")], &[("job", "2")]), Ordering::Greater);
    }
}
