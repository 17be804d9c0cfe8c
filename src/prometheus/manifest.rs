//! PrometheusRule manifests out of YAML.

use super::model::{Metadata, PrometheusRule};
use super::read::{Dialect, GroupPlaces, Target, groups_of, read_groups};
use crate::diagnostic::{Diagnostic, codes};
use crate::yaml::{Decoder, Node};

/// A manifest, where its groups stand, and what is wrong with it.
#[derive(Debug, Clone)]
pub struct ReadManifest {
    /// What could be read; without errors it is the whole manifest (of the metadata: name, namespace, labels,
    /// annotations).
    pub model: PrometheusRule,
    /// Where each group and rule stands, in the same order.
    pub places: Vec<GroupPlaces>,
    /// Everything that the operator or Prometheus refuses.
    pub diagnostics: Vec<Diagnostic>,
}

const MANIFEST_FIELDS: [&str; 5] = ["apiVersion", "kind", "metadata", "spec", "status"];

/// Reads a PrometheusRule manifest (prometheus-operator pkg/operator/rules.go: the spec is checked as a rule file is).
pub fn read_manifest(root: &Node, text: &str, target: Target) -> ReadManifest {
    read(root, text, Some(target))
}

/// Reads a manifest's form alone: what its expressions and templates say is not looked at.
pub fn decode_manifest(root: &Node, text: &str) -> ReadManifest {
    read(root, text, None)
}

fn read(root: &Node, text: &str, target: Option<Target>) -> ReadManifest {
    let mut decoder = Decoder::new();
    let mut metadata = None;
    let mut groups = &[][..];
    let mut spec_given = false;
    for entry in decoder.mapping(root, "a manifest").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "apiVersion" => {
                let given = decoder.text(value, "`apiVersion`").unwrap_or("");
                // Red Hat's build of the operator serves the same kind under a group of its own, and OpenShift has a
                // kind of the same form for the alerts of its platform.
                let known =
                    [PrometheusRule::API_VERSION, "monitoring.rhobs/v1", "monitoring.openshift.io/v1"];
                if !known.contains(&given) {
                    let message = format!("`{given}` is not an API version of PrometheusRule");
                    decoder.report(
                        Diagnostic::new(&codes::rules::INVALID_MANIFEST, value.span, message).fix(
                            format!("write `{}`", PrometheusRule::API_VERSION),
                            value.span,
                            PrometheusRule::API_VERSION,
                        ),
                    );
                }
            }
            "metadata" => metadata = read_metadata(value, &mut decoder),
            "spec" => {
                spec_given = true;
                let spec = decoder.mapping(value, "`spec`");
                groups = spec.map_or(&[][..], |m| groups_of(m, "`spec`", &mut decoder));
            }
            "kind" | "status" => {}
            _ => decoder.unknown_field(entry, "a manifest", MANIFEST_FIELDS),
        }
    }
    for (given, field) in [(metadata.is_some(), "metadata.name"), (spec_given, "spec")] {
        if !given {
            let message = format!("a PrometheusRule needs `{field}`");
            decoder.missing_field(root.span.at_start(), message);
        }
    }
    let read = read_groups(groups, text, target, Dialect::Manifest, decoder);
    ReadManifest {
        model: PrometheusRule::new(metadata.unwrap_or_default(), read.model.groups),
        places: read.places,
        diagnostics: read.diagnostics,
    }
}

/// None when there is no name.
fn read_metadata(node: &Node, decoder: &mut Decoder) -> Option<Metadata> {
    let mut metadata = Metadata::default();
    let mut named = false;
    for entry in decoder.mapping(node, "`metadata`").map_or(&[][..], |m| &m.entries) {
        let value = &entry.value;
        match entry.name() {
            "name" | "generateName" => {
                let name = decoder.text(value, "`metadata.name`").unwrap_or("");
                named |= !name.is_empty();
                metadata.name = name.to_string();
            }
            "namespace" => {
                metadata.namespace = decoder.text(value, "`metadata.namespace`").map(str::to_string);
            }
            "labels" => metadata.labels = decoder.string_map(value, "`metadata.labels`"),
            "annotations" => metadata.annotations = decoder.string_map(value, "`metadata.annotations`"),
            _ => {}
        }
    }
    named.then_some(metadata)
}
