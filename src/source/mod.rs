//! Text in: files, positions, and the one trait through which the core reads anything.

mod map;
mod span;

pub use map::{LineColumn, SourceFile, Sources};
pub use span::{FileId, Span};
