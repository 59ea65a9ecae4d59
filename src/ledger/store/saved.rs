//! A saved ledger, read back as far as a report needs it.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use jiff::Timestamp;
use polars::prelude::{DataFrame, PolarsResult};
use polars_io::prelude::{ParquetReader, SerReader};
use serde::de::DeserializeOwned;

use super::json::{Inputs, StoredEvidence, StreamWindow};
use super::manifest::Manifest;
use super::{Error, Run};
use crate::ledger::frames::{coverage, credentials, findings};
use crate::ledger::population::{self, PopulationRow};
use crate::ledger::schema::Table;
use crate::model::{CheckSummary, Compared, Finding, Gap, InputSummary, Metric, Subject, Suppressed, Triage};

/// Everything that a report says, as it was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The version of the tool that saved it.
    pub version: String,
    /// The time as of which everything was judged.
    pub as_of: Timestamp,
    /// Where that time came from.
    pub as_of_source: String,
    /// The key of the fingerprints and the rules.
    pub run: Run,
    /// The findings that count, in the order of the report.
    pub findings: Vec<Finding>,
    /// What became of the others.
    pub triage: Triage,
    /// What each check answered.
    pub summaries: Vec<CheckSummary>,
    /// What was examined.
    pub inputs: Vec<InputSummary>,
    /// What was not examined.
    pub gaps: Vec<Gap>,
    /// What each log covers.
    pub streams: Vec<StreamWindow>,
    /// What was recognised and set aside, by reason.
    pub set_aside: BTreeMap<String, u64>,
    /// How many credentials there are.
    pub population: Vec<PopulationRow>,
    /// Figures about the whole estate.
    pub metrics: Vec<Metric>,
}

/// Reads the ledger saved as `dir`. Every file must be as its manifest says.
pub fn open(dir: &Path) -> Result<Saved, Error> {
    let manifest = Manifest::read(dir)?;
    let mut saved = Saved {
        findings: Reading::of(dir, &manifest, &findings::TABLE)?.findings()?,
        population: Reading::of(dir, &manifest, &credentials::TABLE)?.population()?,
        version: manifest.version.clone(),
        as_of: manifest.as_of,
        as_of_source: manifest.as_of_source.clone(),
        run: manifest.run.clone(),
        triage: Triage::default(),
        summaries: Vec::new(),
        inputs: Vec::new(),
        gaps: Vec::new(),
        streams: Vec::new(),
        set_aside: BTreeMap::new(),
        metrics: Vec::new(),
    };
    Reading::of(dir, &manifest, &coverage::TABLE)?.coverage(&mut saved)?;
    Ok(saved)
}

impl Saved {
    /// Takes the finding of this id out of those that count.
    fn take(&mut self, id: &str) -> Option<Finding> {
        let place = self.findings.iter().position(|finding| finding.id.to_string() == id)?;
        Some(self.findings.remove(place))
    }
}

/// One table that is being read.
pub(super) struct Reading {
    path: std::path::PathBuf,
    frame: DataFrame,
}

impl Reading {
    pub(super) fn of(dir: &Path, manifest: &Manifest, table: &Table) -> Result<Self, Error> {
        let path = dir.join(table.file());
        let bytes = manifest.content(dir, &table.file())?;
        let read = || ParquetReader::new(Cursor::new(bytes)).set_rechunk(true).finish();
        // The reader may panic on a file that was made to look right; such a file must not end the program.
        let frame = catch_unwind(AssertUnwindSafe(read))
            .map_err(|_| Error::damaged(&path, "not a Parquet file"))?
            .map_err(|error| Error::damaged(&path, error.to_string()))?;
        Ok(Self { path, frame })
    }

    fn population(self) -> Result<Vec<PopulationRow>, Error> {
        population::count(self.frame).map_err(|error| Error::damaged(&self.path, error.to_string()))
    }

    fn findings(&self) -> Result<Vec<Finding>, Error> {
        let columns = Texts::of(&self.frame, findings::TABLE.fields.iter().map(|field| field.name))
            .map_err(|error| self.damaged(error.to_string()))?;
        let mut inputs = Inputs::default();
        (0..self.frame.height())
            .map(|row| {
                columns.finding(row, &mut inputs).ok_or_else(|| self.damaged(format!("row {row} is no finding")))
            })
            .collect()
    }

    fn coverage(&self, saved: &mut Saved) -> Result<(), Error> {
        let columns = Texts::of(&self.frame, ["topic", "name", "record"].into_iter())
            .map_err(|error| self.damaged(error.to_string()))?;
        for row in 0..self.frame.height() {
            columns.cover(row, saved).ok_or_else(|| self.damaged(format!("row {row} is no line of coverage")))?;
        }
        Ok(())
    }

    /// Every row of these text columns, read.
    pub(super) fn rows<T>(
        &self,
        names: &[&'static str],
        mut read: impl FnMut(&Texts, usize) -> Option<T>,
    ) -> Result<Vec<T>, Error> {
        let columns = Texts::of(&self.frame, names.iter().copied()).map_err(|error| self.damaged(error.to_string()))?;
        let row = |at| read(&columns, at).ok_or_else(|| self.damaged(format!("row {at} is not as it was written")));
        (0..self.frame.height()).map(row).collect()
    }

    fn damaged(&self, what: String) -> Error {
        Error::damaged(&self.path, what)
    }
}

/// Text columns by name.
pub(super) struct Texts(BTreeMap<&'static str, polars::prelude::StringChunked>);

impl Texts {
    fn of(frame: &DataFrame, names: impl Iterator<Item = &'static str>) -> PolarsResult<Self> {
        let column = |name| Ok((name, frame.column(name)?.str()?.clone()));
        names.map(column).collect::<PolarsResult<_>>().map(Self)
    }

    pub(super) fn maybe(&self, name: &str, row: usize) -> Option<String> {
        self.0.get(name)?.get(row).map(str::to_owned)
    }

    pub(super) fn json<T: DeserializeOwned>(&self, name: &str, row: usize) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get(row)?).ok()
    }

    /// The value of a plain enum or an id, of which the column holds the name.
    pub(super) fn name<T: DeserializeOwned>(&self, name: &str, row: usize) -> Option<T> {
        serde_json::from_value(serde_json::Value::String(self.maybe(name, row)?)).ok()
    }

    /// The finding of a row; nothing where a part is missing or it has no evidence.
    fn finding(&self, row: usize, inputs: &mut Inputs) -> Option<Finding> {
        let stored: Vec<StoredEvidence> = self.json("evidence", row)?;
        let evidence: Option<Vec<_>> = stored.into_iter().map(|piece| inputs.evidence(piece)).collect();
        Some(Finding {
            check: self.maybe("check", row)?,
            catalogue: self.maybe("catalogue", row),
            id: self.name("id", row)?,
            message: self.maybe("message", row)?,
            severity: self.name("severity", row)?,
            severity_reason: self.maybe("severity_reason", row)?,
            confidence: self.name("confidence", row)?,
            standing: self.name("standing", row)?,
            subject: Subject {
                kind: self.name("subject_kind", row)?,
                class: self.maybe("subject_class", row)?,
                id: self.maybe("subject_id", row)?,
                title: self.maybe("subject_title", row)?,
                principal: self.maybe("principal", row),
            },
            facts: self.json("facts", row)?,
            fix: self.maybe("fix", row)?,
            evidence: evidence.filter(|evidence| !evidence.is_empty())?,
            controls: self.json("controls", row)?,
        })
    }

    fn cover(&self, row: usize, saved: &mut Saved) -> Option<()> {
        match self.maybe("topic", row)?.as_str() {
            coverage::INPUT => saved.inputs.push(self.json("record", row)?),
            coverage::GAP => saved.gaps.push(self.json("record", row)?),
            coverage::STREAM => saved.streams.push(self.json("record", row)?),
            coverage::CHECK => saved.summaries.push(self.json("record", row)?),
            coverage::SUPPRESSED => {
                let finding = saved.take(&self.maybe("name", row)?)?;
                saved.triage.suppressed.push(Suppressed { finding, by: self.json("record", row)? });
            }
            coverage::METRIC => saved.metrics.push(self.json("record", row)?),
            coverage::EXPIRED => saved.triage.lapsed.push(self.json("record", row)?),
            coverage::WARNING => saved.triage.warnings.push(self.json("record", row)?),
            coverage::BASELINE => {
                let (file, fixed) = (self.maybe("name", row)?, self.json("record", row)?);
                saved.triage.baseline = Some(Compared { file, known: Vec::new(), fixed });
            }
            coverage::KNOWN => {
                let finding = saved.take(&self.maybe("name", row)?)?;
                saved.triage.baseline.as_mut()?.known.push(finding);
            }
            coverage::SET_ASIDE => {
                saved.set_aside.insert(self.maybe("name", row)?, self.json("record", row)?);
            }
            _ => return None,
        }
        Some(())
    }
}
