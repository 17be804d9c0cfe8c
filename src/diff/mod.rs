//! What a change means for the person on call: two programs compared by what they do, not by their text.
//!
//! `facts` takes programs and YAML alike, `compare` finds [`change::Change`]s, `reach` who is told of them, `replay` what
//! would have fired; `review` puts it all together, `risk` judges it, and `render` tells it.

pub mod change;
mod compare;
pub mod facts;
mod inhibit;
mod reach;
pub mod render;
pub mod replay;
pub mod review;
pub mod risk;
pub mod series;
pub mod snapshot;
pub mod text;
mod words;
