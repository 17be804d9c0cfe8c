//! Runs again whenever a file that was read has changed.
//!
//! The files are looked at a few times a second: a run reads some hundred at most, and looking costs microseconds
//! each, works on every file system, and needs no further library.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::cli::disk::{Stamp, stamp};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Waits until one of the paths is no longer what it was.
pub(super) fn wait(seen: &BTreeMap<PathBuf, Stamp>) {
    while !changed(seen) {
        std::thread::sleep(EVERY);
    }
}

fn changed(seen: &BTreeMap<PathBuf, Stamp>) -> bool {
    seen.iter().any(|(path, was)| stamp(path) != *was)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_made_or_removed_has_changed() {
        let dir = std::env::temp_dir().join(format!("alertc-watch-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (file, later) = (dir.join("a"), dir.join("b"));
        std::fs::write(&file, "one").unwrap();
        let look = || [&file, &later].map(|p| (p.clone(), stamp(p))).into_iter().collect::<BTreeMap<_, _>>();
        let seen = look();
        assert!(!changed(&seen));
        std::fs::write(&file, "longer").unwrap();
        assert!(changed(&seen));
        let seen = look();
        std::fs::write(&later, "").unwrap();
        assert!(changed(&seen));
        let seen = look();
        std::fs::remove_file(&later).unwrap();
        assert!(changed(&seen));
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
