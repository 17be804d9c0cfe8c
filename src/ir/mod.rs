//! The inert, fully resolved program.
