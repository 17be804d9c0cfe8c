//! YAML with positions: a spanned tree to read from, strict decoding that reports every error, and the one writer.
//!
//! `read` makes the tree (saphyr-parser's events, resolved as go-yaml resolves them), `decode` takes values out of
//! it, `offsets` leads from a character of a decoded scalar back to the author's text, `write` prints models.

mod decode;
mod layout;
mod map;
mod node;
mod offsets;
mod quoted;
mod read;
mod scalar;
mod text;
pub mod write;

pub use decode::{Decoder, quote_as};
pub use map::StringMap;
pub use node::{Entry, Mapping, Node, Scalar, Style, Tag, Value};
pub use offsets::{source_offset, source_span};
pub use read::{Document, read};
pub use text::{TextError, decode_text};
