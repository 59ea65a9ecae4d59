//! What the decoders recognised and left as it is, counted over all files and blobs of a run.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::{Gap, GapReason, Sink};
use crate::secret::Left;
use crate::source::archive::Contents;

/// The sums. Workers add to them in any order; the result is the same.
#[derive(Debug, Default)]
pub(super) struct LeftEncoded {
    media: AtomicU64,
    hashes: AtomicU64,
    deeper: AtomicU64,
    binary_members: AtomicU64,
}

impl LeftEncoded {
    /// Adds what was left of one text.
    pub(super) fn add(&self, left: &Left) {
        let sums = [(&self.media, left.media), (&self.hashes, left.hashes), (&self.deeper, left.deeper)];
        for (sum, count) in sums.into_iter().filter(|(_, count)| *count > 0) {
            sum.fetch_add(count, Ordering::Relaxed);
        }
    }

    /// Adds what an archive in a history holds that is counted and not named.
    pub(super) fn add_archive(&self, contents: &Contents) {
        self.binary_members.fetch_add(contents.binary, Ordering::Relaxed);
    }

    /// Reports the sums.
    pub(super) fn report(&self, sink: &mut dyn Sink) {
        let named = [("embedded-media", &self.media), ("integrity-hash", &self.hashes)];
        for (name, count) in named.map(|(name, sum)| (name, sum.load(Ordering::Relaxed))) {
            if count > 0 {
                sink.set_aside(name, count);
            }
        }
        let deeper = self.deeper.load(Ordering::Relaxed);
        let binary = self.binary_members.load(Ordering::Relaxed);
        if binary > 0 {
            sink.gap(Gap {
                what: "archives in repositories".into(),
                reason: GapReason::Skipped,
                detail: "binary members of archives".into(),
                effect: "secrets inside compiled or packed content are not found".into(),
                count: binary,
            });
        }
        if deeper > 0 {
            sink.gap(Gap {
                what: "encoded text".into(),
                reason: GapReason::Skipped,
                detail: "encoded more than three times over".into(),
                effect: "the fourth layer and those below it were not decoded".into(),
                count: deeper,
            });
        }
    }
}
