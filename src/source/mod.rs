//! Text in: files, positions, and the one trait through which the core reads anything.

mod glob;
mod loader;
mod map;
mod span;

pub use glob::{BadPattern, glob};
pub use loader::{Entry, LoadError, LoadErrorKind, Loader, MAX_FILE_BYTES, MemoryLoader, entries_of, join};
pub use map::{LineColumn, SourceFile, Sources};
pub use span::{FileId, Span};
