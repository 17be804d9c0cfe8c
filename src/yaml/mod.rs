//! YAML with positions: a spanned tree to read from, strict decoding that reports every error, and the one writer.
