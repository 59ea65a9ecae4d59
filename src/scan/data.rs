//! Exports and logs: which files are some, and reading them in parallel without counting a copy twice.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

use rayon::prelude::*;

use super::{Gathered, Scan};
use crate::import::{self, Importer, Recognised};
use crate::ledger::Fold;
use crate::model::{Gap, GapReason, Shard, Sink};
use crate::source::File;

/// How many files are read before their facts are merged: bounds memory for folders of many small logs.
const BATCH: usize = 64;

/// Which files of a tree are exports or logs.
#[derive(Default)]
pub(super) struct Data {
    /// The names of those that were imported.
    pub(super) imported: BTreeSet<Box<str>>,
    /// The names of those that hold data of no known format.
    foreign: Vec<Box<str>>,
}

impl Scan<'_> {
    /// Imports the files that an importer recognises. A file with the same content as an earlier one is said and not
    /// counted twice.
    pub(super) fn import_known(&self, files: &[File], gathered: &mut Gathered) -> Data {
        let judged: Vec<_> = files.par_iter().map(|file| import::recognise(&file.path)).collect();
        let (mut known, mut data) = (Vec::<(&File, &'static dyn Importer)>::new(), Data::default());
        for (file, judged) in files.iter().zip(judged) {
            match judged {
                Ok(Recognised::Known(importer)) => known.push((file, importer)),
                Ok(Recognised::Foreign { .. }) => data.foreign.push(file.name.clone()),
                _ => {}
            }
        }
        if !known.is_empty() {
            self.progress.begin(&format!("importing {} exports and logs", known.len()));
        }
        for batch in known.chunks(BATCH) {
            let shards: Vec<Fold> = batch
                .par_iter()
                .map(|(file, importer)| {
                    let mut shard = Fold::new();
                    import::import(*importer, &file.path, &file.name, &self.limits, &mut shard);
                    shard
                })
                .collect();
            for ((file, _), shard) in batch.iter().zip(shards) {
                gathered.join_once(&file.name, shard);
            }
        }
        data.imported = known.into_iter().map(|(file, _)| file.name.clone()).collect();
        data
    }
}

impl Data {
    /// One line for the data of a tree that no importer knows: it can be an export that the answer should rest on.
    pub(super) fn foreign(&self, tree: &str) -> Option<Gap> {
        let some = self.foreign.get(..3).unwrap_or(&self.foreign).join(", ");
        let more = if self.foreign.len() > 3 { ", ..." } else { "" };
        (!self.foreign.is_empty()).then(|| Gap {
            what: tree.into(),
            reason: GapReason::Skipped,
            detail: format!("JSON or CSV that no importer knows: {some}{more}").into(),
            effect: "read as text only; name such a file to see which format is nearest".into(),
            count: self.foreign.len() as u64,
        })
    }
}

impl Gathered {
    /// Joins the facts of the input `name`, unless its bytes were imported before.
    pub(super) fn join_once(&mut self, name: &str, shard: Fold) {
        let digest = shard.inputs().find_map(|summary| summary.sha256.clone());
        let first = digest.and_then(|digest| match self.digests.entry(digest) {
            Entry::Vacant(vacant) => {
                vacant.insert(name.into());
                None
            }
            Entry::Occupied(occupied) => Some(occupied.get().clone()),
        });
        match first {
            None => self.fold.join(shard),
            Some(first) => self.fold.gap(Gap {
                what: name.into(),
                reason: GapReason::Skipped,
                detail: format!("the same bytes as {first}").into(),
                effect: "counted once".into(),
                count: 1,
            }),
        }
    }
}

/// What to say of a file that looks like an export and that nobody reads; nothing where it is known or no data.
pub(super) fn unknown_format(name: &str, judged: Recognised) -> Option<Gap> {
    let (detail, effect) = match judged {
        Recognised::Known(_) | Recognised::NotData => return None,
        Recognised::Unusable { reason } => (reason, "nothing was imported from it"),
        Recognised::Foreign { nearest: Some((importer, missing)) } => {
            (format!("no importer knows this format; nearest is {importer}: {missing}"), "read as text only")
        }
        Recognised::Foreign { nearest: None } => ("no importer knows this format".to_owned(), "read as text only"),
    };
    let what = name.into();
    Some(Gap { what, reason: GapReason::UnknownFormat, detail: detail.into(), effect: effect.into(), count: 1 })
}
