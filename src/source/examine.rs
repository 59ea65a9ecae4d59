//! What a reader of texts has to offer, and how it can profit from texts being versions of each other.

use super::archive::Format;

/// Looks into texts. Any function from a text to a result does; it just cannot profit from versions.
pub trait Examine: Sync {
    /// What is found in one text.
    type Found: Send;
    /// What is remembered of one text, so that a version of it costs less.
    type Trace: Send + Sync;

    /// Looks into a text. `base` is what was remembered of another text, and the stretches that this one has from it,
    /// in order and apart from each other: it may save work and must not change the answer. What is remembered of this
    /// text comes back where `keep` asks for it.
    fn examine(
        &self,
        text: &[u8],
        base: Option<(&Self::Trace, &[Copied])>,
        keep: bool,
    ) -> (Option<Self::Found>, Option<Self::Trace>);

    /// Whether something found is to be shown, so that the digest of its text is needed.
    fn is_evidence(&self, _found: &Self::Found) -> bool {
        true
    }

    /// Whether archives are looked into as well. If not, they count as what their first bytes look like.
    fn opens_archives(&self) -> bool {
        false
    }

    /// Looks into an archive that lies in memory.
    fn open(&self, _format: Format, _content: &[u8]) -> Option<Self::Found> {
        None
    }
}

/// A stretch of bytes that a text has from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it begins in the other text.
    pub from: usize,
    /// Where it begins in this one.
    pub at: usize,
    /// Bytes.
    pub length: usize,
}

impl Copied {
    /// Where it ends in the other text.
    pub fn from_end(&self) -> usize {
        self.from + self.length
    }

    /// Where it ends in this text.
    pub fn at_end(&self) -> usize {
        self.at + self.length
    }
}

impl<R: Send, F: Fn(&[u8]) -> Option<R> + Sync + ?Sized> Examine for F {
    type Found = R;
    type Trace = ();

    fn examine(&self, text: &[u8], _base: Option<(&(), &[Copied])>, _keep: bool) -> (Option<R>, Option<()>) {
        (self(text), None)
    }
}
