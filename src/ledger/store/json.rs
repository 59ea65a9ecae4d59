//! Evidence and stream windows as JSON, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
use crate::model::{Evidence, Input, Place, Sha256Digest};

/// One piece of evidence as it is written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::ledger) struct StoredEvidence {
    shows: Box<str>,
    input: Box<str>,
    sha256: Option<String>,
    place: Place,
    record_id: Option<Box<str>>,
}

impl StoredEvidence {
    /// The form in which `evidence` is written.
    pub(in crate::ledger) fn of(evidence: &Evidence) -> Self {
        Self {
            shows: evidence.shows.as_ref().into(),
            input: evidence.input.name().into(),
            sha256: evidence.input.sha256().map(|digest| digest.to_string()),
            place: evidence.place.clone(),
            record_id: evidence.record_id.as_ref().map(|id| id.to_string().into()),
        }
    }
}

/// The form in which pieces of evidence are written.
pub(in crate::ledger) fn stored<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Vec<StoredEvidence> {
    evidence.into_iter().map(StoredEvidence::of).collect()
}

/// The inputs that evidence points into, each made once.
#[derive(Debug, Default)]
pub(super) struct Inputs(BTreeMap<(Box<str>, Option<String>), Arc<Input>>);

impl Inputs {
    /// Evidence as it was before it was written; nothing where its digest is none.
    pub(super) fn evidence(&mut self, stored: StoredEvidence) -> Option<Evidence> {
        let digest = match &stored.sha256 {
            Some(text) => Some(digest(text)?),
            None => None,
        };
        let input = self.0.entry((stored.input.clone(), stored.sha256)).or_insert_with(|| {
            let input = Input::streamed(stored.input);
            if let Some(digest) = digest {
                input.seal(digest);
            }
            input
        });
        let evidence = Evidence::new(stored.shows, input, stored.place);
        Some(evidence.with_record_id(stored.record_id.as_deref()))
    }
}

fn digest(text: &str) -> Option<Sha256Digest> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Sha256Digest(bytes))
}

/// One log stream: the time between its first and last record, and where that time has holes of more than an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamWindow {
    /// The importer, such as `aws-cloudtrail`.
    pub importer: Box<str>,
    /// The account, device or cluster; empty where the records do not say.
    pub scope: Box<str>,
    /// The first record.
    pub from: Timestamp,
    /// The last record.
    pub to: Timestamp,
    /// How many records.
    pub records: u64,
    /// The records before and after each hole.
    pub holes: Vec<(Timestamp, Timestamp)>,
}

impl StreamWindow {
    /// The windows of all streams that have a record.
    pub fn all(ledger: &Ledger) -> Vec<Self> {
        let window = |(key, coverage): (&crate::model::StreamKey, &crate::ledger::StreamCoverage)| {
            let (from, to) = coverage.window()?;
            Some(Self {
                importer: key.importer.as_ref().into(),
                scope: key.scope.as_ref().into(),
                from,
                to,
                records: coverage.records(),
                holes: coverage.gaps(SignedDuration::from_hours(1)),
            })
        };
        ledger.streams.iter().filter_map(window).collect()
    }
}
