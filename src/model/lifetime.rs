//! When something ends and when it was last used, with "unknown" kept apart from "never".

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When a credential or grant stops working by itself.
///
/// Importers translate each system's sentinels (`9999-12-31`, `0001-01-01`, `-1`, TTL 0, `infinity`, null)
/// into these three values; nothing above them sees a sentinel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expiry {
    /// Ends at this instant.
    At(Timestamp),
    /// The issuing system says that it has no end.
    Never,
    /// Nothing read so far says whether it ends.
    #[default]
    Unknown,
}

impl Expiry {
    /// The instant of expiry, where one is known.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Never | Self::Unknown => None,
        }
    }

    /// What two observations of one credential say together: a known end wins over `Never`, `Never` over `Unknown`;
    /// of two known ends the later one counts (a renewal moves the end). Commutative and associative.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(a.max(b)),
            (Self::At(a), _) | (_, Self::At(a)) => Self::At(a),
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Unknown, Self::Unknown) => Self::Unknown,
        }
    }
}

/// When a credential was last used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LastUse {
    /// Last seen in use at this instant.
    At(Timestamp),
    /// The issuing system tracks use and says that there was none.
    Never,
    /// No use inside the window that the system or the log covers; before it, nobody knows.
    NotInWindow,
    /// Nothing read so far speaks about use.
    #[default]
    Unknown,
}

impl LastUse {
    /// The instant of the last use, where one is known.
    pub fn at(self) -> Option<Timestamp> {
        match self {
            Self::At(time) => Some(time),
            Self::Never | Self::NotInWindow | Self::Unknown => None,
        }
    }

    /// The most that two observations say together: the latest use, else `Never`, else `NotInWindow`.
    /// Commutative and associative.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(a), Self::At(b)) => Self::At(a.max(b)),
            (Self::At(a), _) | (_, Self::At(a)) => Self::At(a),
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::NotInWindow, _) | (_, Self::NotInWindow) => Self::NotInWindow,
            (Self::Unknown, Self::Unknown) => Self::Unknown,
        }
    }
}
