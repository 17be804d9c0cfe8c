//! `[diff]` of alertc.toml: what a review of changes looks at.

/// What a review of changes looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Review {
    /// Receivers that page; empty: those with an integration that wakes people up.
    pub paging: Vec<String>,
    /// What must not go in unless it is allowed.
    pub risks: Vec<Risk>,
}

/// A kind of change that a policy can forbid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// An alert or level of the highest severity is gone.
    CriticalRemoved,
    /// Any alert or level is gone.
    AlertRemoved,
    /// It reached a receiver that pages and reaches none any more.
    Silenced,
    /// It had a runbook and has none any more.
    RunbookLost,
    /// It has a lower severity.
    SeverityLowered,
    /// A level of the highest severity fires later.
    FiresLater,
    /// A receiver is gone.
    ReceiverRemoved,
}

impl Risk {
    /// Every risk.
    pub const ALL: [Risk; 7] = [
        Risk::CriticalRemoved,
        Risk::AlertRemoved,
        Risk::Silenced,
        Risk::RunbookLost,
        Risk::SeverityLowered,
        Risk::FiresLater,
        Risk::ReceiverRemoved,
    ];

    /// Its name in alertc.toml and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Risk::CriticalRemoved => "critical-removed",
            Risk::AlertRemoved => "alert-removed",
            Risk::Silenced => "silenced",
            Risk::RunbookLost => "runbook-lost",
            Risk::SeverityLowered => "severity-lowered",
            Risk::FiresLater => "fires-later",
            Risk::ReceiverRemoved => "receiver-removed",
        }
    }

    /// The risk of a name.
    pub fn find(name: &str) -> Option<Risk> {
        Risk::ALL.into_iter().find(|r| r.as_str() == name)
    }
}
