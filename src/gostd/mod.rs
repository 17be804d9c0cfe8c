//! Parts of Go's standard library whose results ours must equal to the byte: number formatting, math, regular expressions, quoting.

pub mod math;
pub mod regexp;
pub mod strconv;
pub mod time;
pub mod url;
