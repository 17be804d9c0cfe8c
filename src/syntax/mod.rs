//! The alert language's text to its syntax tree, and back: parser and formatter.
