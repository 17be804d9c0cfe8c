//! Go's `strconv`: floats to and from text, quoted strings.

mod atof;
mod ftoa;
mod quote;

pub use atof::{NumError, parse_float};
pub use ftoa::{format_float, format_value};
pub use quote::{UnquoteError, Unquoted, is_print, quote, quote_rune, quote_to_ascii, unquote, unquote_char};
