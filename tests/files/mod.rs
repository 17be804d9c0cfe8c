//! YAML files as people write them: rule files, manifests, Alertmanager configurations.

mod configs;
mod corpus;
mod diagnostics;
mod hostile;
mod matchers;

use std::path::{Path, PathBuf};

/// A file of the conformance set or the corpus beside the crate; none, with a message, when it is not there.
#[allow(clippy::print_stderr)]
fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}
