//! Parts of a stream that are no records, and why.

use crate::model::GapReason;

/// What is wrong with a part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) enum Fault {
    /// The stream ends inside a record or a list.
    Truncated,
    /// The brackets or strings of a record do not close.
    Broken,
    /// Text between records.
    Junk,
    /// A record above the limit.
    TooLarge,
    /// A record nested too deeply.
    TooDeep,
}

impl Fault {
    /// The class of the gap.
    pub(in crate::import) fn reason(self) -> GapReason {
        match self {
            Self::Truncated | Self::Broken | Self::Junk => GapReason::Damaged,
            Self::TooLarge => GapReason::TooLarge,
            Self::TooDeep => GapReason::TooDeep,
        }
    }

    /// The fault in words.
    pub(in crate::import) fn describe(self) -> &'static str {
        match self {
            Self::Truncated => "the file ends in the middle of a record or a list",
            Self::Broken => "a record is cut or its brackets and quotes do not match",
            Self::Junk => "text between the records is not JSON",
            Self::TooLarge => "a record is larger than the limit",
            Self::TooDeep => "a record is nested too deeply",
        }
    }
}

/// One part of the stream that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) struct Damage {
    /// The number of the record that it stands in place of.
    pub(in crate::import) index: u64,
    /// Offset of its first byte.
    pub(in crate::import) offset: u64,
    /// Its length in bytes.
    pub(in crate::import) length: u64,
    /// What is wrong.
    pub(in crate::import) fault: Fault,
}
