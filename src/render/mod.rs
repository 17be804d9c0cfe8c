//! IR to YAML documents.
