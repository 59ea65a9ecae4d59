//! Exports and logs: which files are some, and reading them in parallel without counting a copy twice.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::{Gathered, Scan};
use crate::import::{self, Formats, Importer, Recognised};
use crate::ledger::Fold;
use crate::model::{Gap, GapReason, Shard, Sink};
use crate::source::tree::Content;
use crate::source::{File, Tree};

/// How many files are read before their facts are merged: bounds memory for folders of many small logs.
const BATCH: usize = 64;

/// Which files of a tree are exports or logs. Filled by many threads, read in the order of the tree.
pub(super) struct Data<'f> {
    formats: &'f Formats,
    judged: Mutex<BTreeMap<Box<str>, Kind>>,
}

/// What a file is to the importers.
#[derive(Clone, Copy)]
enum Kind {
    Known(&'static dyn Importer),
    /// Data of no known format.
    Foreign,
}

impl Scan<'_> {
    /// Imports files with the importers that recognised them. A file with the same content as an earlier one is said and
    /// not counted twice.
    pub(super) fn import(&self, known: &[(&File, &'static dyn Importer)], gathered: &mut Gathered) {
        if !known.is_empty() {
            self.progress.begin(&format!("importing {} exports and logs", known.len()));
        }
        for batch in known.chunks(BATCH) {
            let whole = &gathered.fold;
            let shards: Vec<Fold> = batch
                .par_iter()
                .map(|(file, importer)| {
                    let mut shard = whole.fork();
                    import::import(*importer, &file.path, &file.name, &self.limits, &mut shard);
                    shard
                })
                .collect();
            for ((file, _), shard) in batch.iter().zip(shards) {
                gathered.join_once(&file.name, shard);
            }
        }
    }
}

impl<'f> Data<'f> {
    /// Nothing was judged yet.
    pub(super) fn new(formats: &'f Formats) -> Self {
        Self { formats, judged: Mutex::default() }
    }

    /// Whether an importer alone reads the file: one in which secrets may stand is read as text as well. An error says why
    /// what is in a closed file cannot be read.
    pub(super) fn judge(&self, file: &File, content: Content<'_>) -> Result<bool, String> {
        let judged = match content {
            Content::Text(text) => self.formats.recognise_head(text),
            Content::Closed => self.formats.recognise(&file.path),
        };
        let kind = match judged {
            Ok(Recognised::Known(importer)) => Kind::Known(importer),
            Ok(Recognised::Foreign { .. }) => Kind::Foreign,
            Ok(Recognised::Unusable { reason }) if matches!(content, Content::Closed) => return Err(reason),
            _ => return Ok(false),
        };
        self.judged.lock().unwrap_or_else(PoisonError::into_inner).insert(file.name.clone(), kind);
        Ok(matches!(kind, Kind::Known(importer) if !importer.may_hold_secrets()))
    }

    /// The files that importers read.
    pub(super) fn known<'t>(&self, tree: &'t Tree) -> Vec<(&'t File, &'static dyn Importer)> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |file: &'t File| match judged.get(&file.name) {
            Some(Kind::Known(importer)) => Some((file, *importer)),
            _ => None,
        };
        tree.files.iter().filter_map(known).collect()
    }

    /// One line for the data of a tree that no importer knows: it can be an export that the answer should rest on.
    pub(super) fn foreign(&self, tree: &Tree) -> Option<Gap> {
        let judged = self.judged.lock().unwrap_or_else(PoisonError::into_inner);
        let is_foreign = |file: &&File| matches!(judged.get(&file.name), Some(Kind::Foreign));
        let foreign: Vec<&str> = tree.files.iter().filter(is_foreign).map(|file| &*file.name).collect();
        let some = foreign.get(..3).unwrap_or(&foreign).join(", ");
        let more = if foreign.len() > 3 { ", ..." } else { "" };
        (!foreign.is_empty()).then(|| Gap {
            what: tree.name.as_str().into(),
            reason: GapReason::Skipped,
            detail: format!("JSON or CSV that no importer knows: {some}{more}").into(),
            effect: "read as text only; name such a file to see which format is nearest".into(),
            count: foreign.len() as u64,
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
