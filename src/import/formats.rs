//! The formats that a run knows: those written in Rust, the mappings in the binary, and an organisation's own mappings.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::{IMPORTERS, Importer, Layout, mapping};
use crate::rules::mapping::{Error as MappingError, Mapping};

/// All formats of a run.
#[derive(Clone)]
pub struct Formats {
    /// In the order in which they are asked: an organisation's own first.
    all: Vec<&'static dyn Importer>,
    /// All keys under which lists of records stand.
    pub(super) lists: &'static [&'static str],
    /// The bytes that lines of formats begin with that are no JSON: few lines of prose and source code do.
    pub(super) openings: [bool; 256],
}

/// Formats that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FormatsError {
    /// The mappings inside the binary are broken.
    #[error("the mappings in this binary are broken: {0}")]
    Embedded(&'static MappingError),
    /// Two formats have one id.
    #[error("there is a format `{0}` already; give the mapping another id")]
    Taken(Box<str>),
}

static SHIPPED: LazyLock<Result<Formats, MappingError>> = LazyLock::new(|| {
    let mapped = Mapping::embedded()?.into_iter().map(|described| mapping::importer(described, false));
    let mut all: Vec<&'static dyn Importer> = IMPORTERS.iter().copied().chain(mapped).collect();
    all.sort_by_key(|importer| importer.id());
    Ok(Formats::of(all))
});

impl Formats {
    /// The formats that travel in the binary, in order of their ids.
    pub fn shipped() -> Result<&'static Self, FormatsError> {
        SHIPPED.as_ref().map_err(FormatsError::Embedded)
    }

    /// The same, and an organisation's own, which take the place of mappings in the binary with the same id.
    pub fn with(mappings: impl IntoIterator<Item = Mapping>) -> Result<Self, FormatsError> {
        let shipped = Self::shipped()?;
        let mut own: Vec<&'static dyn Importer> = Vec::new();
        for described in mappings {
            if own.iter().chain(IMPORTERS).any(|other| other.id() == &*described.id) {
                return Err(FormatsError::Taken(described.id));
            }
            own.push(mapping::importer(described, false));
        }
        if own.is_empty() {
            return Ok(shipped.clone());
        }
        let ids: BTreeSet<&str> = own.iter().map(|importer| importer.id()).collect();
        let others = shipped.iter().filter(|importer| !ids.contains(importer.id()));
        let all = own.iter().copied().chain(others).collect();
        Ok(Self::of(all))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static dyn Importer> + use<'_> {
        self.all.iter().copied()
    }

    /// The format with an id.
    pub fn find(&self, id: &str) -> Option<&'static dyn Importer> {
        self.iter().find(|importer| importer.id() == id)
    }

    fn of(all: Vec<&'static dyn Importer>) -> Self {
        let mut lists: BTreeSet<&'static str> = BTreeSet::new();
        let mut openings = [false; 256];
        for importer in &all {
            if let Layout::Records(own) | Layout::Documents(own) = importer.layout() {
                lists.extend(own);
            }
            let first = importer.openings().iter().filter_map(|opening| opening.bytes().next());
            first.for_each(|byte| openings[usize::from(byte)] = true);
        }
        Self { all, lists: Vec::leak(lists.into_iter().collect()), openings }
    }
}

/// The importer of one mapping by itself, which also notes what each event of the mapping matched and missed.
pub fn on_trial(mapping: Mapping) -> &'static dyn Importer {
    mapping::importer(mapping, true)
}

#[cfg(test)]
mod tests {
    use super::Formats;
    use crate::rules::mapping::Mapping;

    fn own(id: &str) -> Mapping {
        let text = format!(
            "id: {id}\ntitle: X\nhow-to-export: x\nrecognise: [{{keys: [a, b]}}]\nsystem: x\ntime: /t\nname: /n\n\
             events: [{{kind: log-started}}]\n"
        );
        Mapping::parse("x", &text).expect("valid")
    }

    #[test]
    fn an_organisations_own_formats_come_first_and_cannot_take_an_id() {
        let formats = Formats::with([own("zeta")]).expect("formats");
        assert_eq!(formats.iter().next().map(super::Importer::id), Some("zeta"));
        assert!(Formats::with([own("zeta"), own("zeta")]).is_err());
        assert!(Formats::with([own("aws-cloudtrail")]).is_err());
        let shipped = Formats::shipped().expect("formats").iter().count();
        assert_eq!(Formats::with([own("example-ci-jobs")]).expect("formats").iter().count(), shipped);
    }
}
