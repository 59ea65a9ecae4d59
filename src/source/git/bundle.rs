//! Git bundles: references and the pack with what they reach, in one file. Read like a repository.
//!
//! The format is described in git's `gitformat-bundle`. A bundle has no index, so the pack is read once more to learn
//! what lies where; nothing is written. A bundle of a part of a history names the commits on which it builds
//! (prerequisites), and its pack may hold differences to objects that only these have.

mod entries;
mod header;
mod resolve;

use std::panic::catch_unwind;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::config::Format;
use super::layout::Layout;
use super::pack::Pack;
use super::pack_file::PackFile;
use super::pack_index::PackIndex;
use super::packs::Packs;
use super::references::References;
use super::{Error, Repository};
use crate::model::{Gap, GapReason};
use crate::source::Shape;
use crate::source::name::shown;
use header::Header;

/// What a bundle lacks, counted.
#[derive(Debug)]
pub(super) struct Bundle {
    /// Commits on which it builds.
    prerequisites: u64,
    /// Differences to objects that it does not hold.
    outside: u64,
    /// Objects that do not decode.
    damaged: u64,
    /// Objects that its pack announces and that were not reached.
    missing: u64,
}

impl Repository {
    /// Opens the git bundle at `path`, which the user calls `name`.
    ///
    /// Errors: the header is damaged, or no pack follows it. A damaged pack opens, and [`Repository::gaps`] says it.
    pub fn open_bundle(path: &Path, name: &str) -> Result<Self, Error> {
        catch_unwind(|| Self::open_bundle_unguarded(path, name)).unwrap_or(Err(Error::Internal))
    }

    fn open_bundle_unguarded(path: &Path, name: &str) -> Result<Self, Error> {
        let header = Header::read(path)?;
        let data = PackFile::open_within(path, header.length, header.hash).map_err(Error::Bundle)?;
        let listed = entries::list(&data);
        let resolved = resolve::resolve(&data, &listed, !header.prerequisites.is_empty());
        let bundle = Bundle {
            prerequisites: header.prerequisites.len() as u64,
            outside: resolved.outside,
            damaged: resolved.damaged,
            missing: u64::from(data.objects).saturating_sub(listed.len() as u64),
        };
        let packs = OnceLock::new();
        packs.get_or_init(|| {
            Arc::new(Packs::only(Pack { index: PackIndex::made(header.hash, resolved.objects), data }))
        });
        Ok(Self {
            name: shown(name.as_bytes()),
            layout: Layout {
                shape: Shape::Bare,
                git_dir: path.to_owned(),
                common_dir: path.canonicalize().unwrap_or_else(|_| path.to_owned()),
                is_linked_worktree: false,
                work_tree: None,
            },
            format: Format { hash: header.hash, promised: header.is_filtered, reftable: false },
            references: References::of_bundle(&header.references),
            alternates: Vec::new(),
            store: None,
            packs,
            bundle: Some(bundle),
        })
    }
}

impl Bundle {
    /// Whether it holds everything that its references reach, as far as it says itself.
    pub(super) fn is_whole(&self) -> bool {
        self.prerequisites + self.outside + self.damaged + self.missing == 0
    }

    /// What it lacks, for the bundle called `name`.
    pub(super) fn gaps(&self, name: &str) -> Vec<Gap> {
        const PARTIAL: &str = "what they hold is not examined, and secrets may be older than stated";
        const EFFECT: &str =
            "their content was not examined, and secrets that are told may wrongly count as unreachable";
        let said = [
            (
                GapReason::Absent,
                "commits on which the bundle builds and that are not in it",
                PARTIAL,
                self.prerequisites,
            ),
            (
                GapReason::Absent,
                "objects stored as a difference to an object that is not in the bundle",
                "their content was not examined",
                self.outside,
            ),
            (GapReason::Damaged, "objects of the bundle that do not decode", EFFECT, self.damaged),
            (
                GapReason::Damaged,
                "the pack of the bundle ends early or is damaged: objects not reached",
                EFFECT,
                self.missing,
            ),
        ];
        let told = said.into_iter().filter(|(.., count)| *count > 0);
        let gap = |(reason, detail, effect, count): (GapReason, &str, &str, u64)| Gap {
            what: name.into(),
            reason,
            detail: detail.into(),
            effect: effect.into(),
            count,
        };
        told.map(gap).collect()
    }
}
