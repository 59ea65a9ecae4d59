//! The source layer against repositories and trees that are built here, object by object, good ones and bad ones.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test whose repository cannot be built has to stop")]

mod attribution;
mod blobs;
mod damage;
mod hostile;
mod index;
mod pack;
mod range;
mod repo;
mod shapes;
mod staged;
mod tree;

use overstay::model::{Gap, GapReason};
use overstay::source::{BlobScan, Options, Repository};

/// What a test looks for; never a real credential.
pub(crate) const SECRET: &str = "fake-secret-for-tests";

/// Finds the text of every blob that holds [`SECRET`].
pub(crate) fn secrets(repository: &Repository) -> BlobScan<String> {
    secrets_with(repository, &Options::default())
}

/// The same with other options.
pub(crate) fn secrets_with(repository: &Repository, options: &Options) -> BlobScan<String> {
    repository.scan_blobs(options, &|text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        text.contains(SECRET).then(|| text.into_owned())
    })
}

/// The reasons and counts of all gaps.
pub(crate) fn reasons(gaps: &[Gap]) -> Vec<(GapReason, u64)> {
    gaps.iter().map(|gap| (gap.reason, gap.count)).collect()
}
