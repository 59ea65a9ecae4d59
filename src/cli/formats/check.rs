//! `overstay formats check`: what a mapping says, and what it makes of a sample.

use std::path::Path;

use crate::config;
use crate::import::{Formats, Limits, Recognised, import, on_trial};
use crate::model::FingerprintKey;
use crate::report::plain;
use crate::rules::mapping::Mapping;
use crate::rules::secret::SecretRules;
use crate::secret::Engine;

use super::fields::Trial;
use crate::cli::screen::{Screen, print};
use crate::cli::{Error, Exit};

/// How many names of records without an event are told.
const MOST_NAMES: usize = 1000;
/// How many things that could not be read are told.
const MOST_GAPS: usize = 20;

/// Checks, and says what was found. What cannot be read of the sample, or a sample without an event, is no clean answer.
pub(super) fn run(path: &Path, sample: Option<&Path>, screen: Screen) -> Result<Exit, Error> {
    let mapping = config::mapping(path)?;
    let formats = Formats::with([mapping.clone()])?;
    let paint = screen.paint();
    let mut lines = vec![format!("{}  {}", paint.bold(&mapping.id), plain(&mapping.title))];
    lines.push(format!("  {} events, valid", mapping.events.len()));
    let mut exit = Exit::Clean;
    if let Some(sample) = sample {
        exit = try_on(mapping, &formats, sample, screen, &mut lines)?;
    }
    print(&lines)?;
    Ok(exit)
}

fn try_on(
    mapping: Mapping,
    formats: &Formats,
    sample: &Path,
    screen: Screen,
    lines: &mut Vec<String>,
) -> Result<Exit, Error> {
    let paint = screen.paint();
    let recognised = formats.recognise(sample);
    let recognised = recognised.map_err(|error| Error::Usage(format!("{}: {}", sample.display(), error.kind())))?;
    let id = mapping.id.clone();
    let mut trial = Trial::new(passing_key());
    let limits = Limits { max_told_names: MOST_NAMES, ..Limits::default() };
    import(on_trial(mapping), sample, &sample.to_string_lossy(), &limits, &mut trial);
    let summary = trial.summary.as_ref();
    let (records, ignored) = summary.map_or((0, 0), |summary| (summary.items, summary.ignored));
    lines.extend([String::new(), paint.bold(&plain(&sample.to_string_lossy()))]);
    lines.push(format!("  {}", taken(&recognised, &id)));
    lines.push(format!("  {records} records, {ignored} ignored, {} streams", trial.streams.len()));
    let redactor = Redactor::new()?;
    for note in summary.into_iter().flat_map(|summary| &summary.notes) {
        lines.push(format!("  {}", plain(&redactor.shown(note))));
    }
    for gap in trial.gaps.iter().take(MOST_GAPS) {
        lines.push(format!("  {} {}: {}", paint.warning("not read:"), plain(&gap.what), plain(&gap.detail)));
    }
    for (name, kind) in &trial.kinds {
        let first = format!("{} events, first of record {}", kind.count, kind.index);
        lines.extend([String::new(), format!("{}  {first}", paint.bold(name))]);
        for (field, value) in &kind.fields {
            lines.push(format!("  {field:<16}{}", plain(&redactor.shown(value))));
        }
    }
    let is_sound = trial.gaps.is_empty() && !trial.kinds.is_empty() && is_taken(&recognised, &id);
    Ok(if is_sound { Exit::Clean } else { Exit::Incomplete })
}

fn is_taken(recognised: &Recognised, id: &str) -> bool {
    matches!(recognised, Recognised::Known(importer) if importer.id() == id)
}

/// Whether a scan would read the sample by this mapping.
fn taken(recognised: &Recognised, id: &str) -> String {
    match recognised {
        Recognised::Known(importer) if importer.id() == id => "recognised by its content".to_owned(),
        Recognised::Known(importer) => format!("NOT recognised: a scan reads it as {}", importer.id()),
        Recognised::Foreign { nearest: Some((nearest, missing)) } => {
            format!("NOT recognised: nearest is {nearest}: {}", plain(missing))
        }
        Recognised::Foreign { nearest: None } => "NOT recognised: no format has its keys".to_owned(),
        Recognised::Unusable { reason } => format!("NOT recognised: {reason}"),
        Recognised::NotData => "NOT recognised: it is neither JSON nor a table".to_owned(),
    }
}

/// No fingerprint is shown, so any key will do.
fn passing_key() -> FingerprintKey {
    FingerprintKey::new(vec![0; 32])
}

/// Keeps secrets out of what is shown.
struct Redactor(Engine);

impl Redactor {
    fn new() -> Result<Self, Error> {
        Ok(Self(Engine::new(&SecretRules::embedded()?, &passing_key())?))
    }

    /// The text, unless a rule recognises a secret in it.
    fn shown(&self, text: &str) -> String {
        match self.0.scan(text.as_bytes()).first() {
            Some(found) => format!("(not shown: {})", found.rule),
            None => text.to_owned(),
        }
    }
}
