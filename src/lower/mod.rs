//! Checked program to IR.
