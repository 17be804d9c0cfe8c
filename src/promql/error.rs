//! Why an evaluation, or the preparation for it, failed.

use std::fmt;

use crate::source::Span;

/// An error of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalError {
    /// What is wrong, in Prometheus' words where Prometheus has any.
    pub message: String,
    /// The part of the expression that is to blame.
    pub span: Span,
    /// What to do about it, when there is something to say.
    pub help: Option<String>,
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The step at which evaluation failed: the steps before it are sound.
    pub(crate) step: usize,
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The data do not fit the expression (many-to-many matching, duplicate series, bad parameters).
    Execution,
    /// The target version of Prometheus does not have it.
    Version,
    /// It is experimental and its feature is not on.
    Feature,
    /// The sample or time budget is spent, or the expression is too deep.
    Budget,
    /// The data do not fit, somewhere in steps that several queries share. Never leaves the engine.
    #[doc(hidden)]
    Shared,
}

impl EvalError {
    /// A failure on account of the data.
    pub(crate) fn execution(span: Span, message: impl Into<String>) -> EvalError {
        EvalError::of(ErrorKind::Execution, span, message)
    }

    /// A failure of the given kind.
    pub(crate) fn of(kind: ErrorKind, span: Span, message: impl Into<String>) -> EvalError {
        EvalError { message: message.into(), span, help: None, kind, step: 0 }
    }

    /// The same failure, found at `step`.
    pub(crate) fn at_step(mut self, step: usize) -> EvalError {
        self.step = step;
        self
    }

    /// With a word on what to do.
    pub(crate) fn help(mut self, help: impl Into<String>) -> EvalError {
        self.help = Some(help.into());
        self
    }

    /// Two series with the same labels at the same time.
    pub(crate) fn same_labels(span: Span, step: usize) -> EvalError {
        EvalError::execution(span, "vector cannot contain metrics with the same labelset").at_step(step)
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}
