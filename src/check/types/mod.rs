//! Types of PromQL expressions: the kind, unit, labels and range of every value an expression can have.
//!
//! Typing is gradual: what nobody declared is unknown, refined by Prometheus' naming conventions, and an unknown
//! agrees with everything.

mod decimal;
mod humanizer;
mod quantity;
mod unit;

pub use decimal::{Constant, Decimal, Scale};
pub use humanizer::Humanizer;
pub use quantity::{ConversionError, Quantity, QuantityError};
pub use unit::Unit;
