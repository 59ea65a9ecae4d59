//! Plain directory trees and single files: exports and logs are imported, everything else is read as text.

use std::path::Path;

use super::bundle::is_bundle;
use super::code::Home;
use super::data::{Data, unknown_format};
use super::repository::inside;
use super::{Gathered, Scan};
use crate::import::Recognised;
use crate::model::{InputSummary, Presence, Sink};
use crate::source::archive::Format;
use crate::source::tree::{Content, Verdict};
use crate::source::{File, Tree, tree};

impl Scan<'_> {
    /// Reads everything below `path` as text, and imports nothing.
    pub(super) fn tree_of_text(&self, path: &Path, name: &str, gathered: &mut Gathered) {
        let mut listed = tree::walk(path, name, &self.options);
        listed.gaps.drain(..).for_each(|gap| gathered.fold.gap(gap));
        self.texts(&listed, Presence::Tree, gathered);
        self.nested(&listed, path, name, gathered);
    }

    /// Examines everything below `path`, including the repositories in it.
    pub(super) fn tree(&self, path: &Path, name: &str, gathered: &mut Gathered) {
        self.progress.begin(&format!("listing {name}"));
        let mut listed = tree::walk(path, name, &self.options);
        listed.gaps.drain(..).for_each(|gap| gathered.fold.gap(gap));
        self.files(&listed, gathered);
        self.nested(&listed, path, name, gathered);
    }

    /// Examines listed files, each read once: imports what is known, and reads the rest as text.
    pub(super) fn files(&self, listed: &Tree, gathered: &mut Gathered) {
        let data = Data::new(&self.formats);
        self.read(listed, Presence::Tree, &|file, content| data.judge(file, content), gathered);
        data.foreign(listed).into_iter().for_each(|gap| gathered.fold.gap(gap));
        self.import(&data.known(listed), gathered);
    }

    /// Reads the files of a listed tree as text.
    pub(super) fn texts(&self, listed: &Tree, presence: Presence, gathered: &mut Gathered) {
        self.read(listed, presence, &|_file, _content| Ok(false), gathered);
    }

    /// Reads the files of a listed tree as text but for those that are `elsewhere`.
    fn read(
        &self,
        listed: &Tree,
        presence: Presence,
        elsewhere: &(dyn Fn(&File, Content<'_>) -> Result<bool, String> + Sync),
        gathered: &mut Gathered,
    ) {
        if listed.files.is_empty() {
            return;
        }
        self.progress.begin(&format!("reading {}", listed.name));
        let scanned = listed.par_read(&self.options, &|file, content| match (elsewhere(file, content), content) {
            (Ok(true), _) => Verdict::Elsewhere,
            (Err(why), _) => Verdict::Broken(why),
            (Ok(false), Content::Text(text)) => self.matches(text).map_or(Verdict::Nothing, Verdict::Found),
            (Ok(false), Content::Closed) => Verdict::Nothing,
        });
        for hit in &scanned.hits {
            let input = Self::input(&*hit.file.name, Some(hit.sha256), &hit.found);
            let home = Home { input: &input, presence, commit: None, since: None, member: None, root: &listed.name };
            self.expose(&hit.found, &home, gathered);
        }
        scanned.gaps.into_iter().for_each(|gap| gathered.fold.gap(gap));
        let (bundles, archives): (Vec<_>, Vec<_>) =
            scanned.archives.into_iter().partition(|(_, format)| *format == Format::GitBundle);
        let archives = self.archives(&archives, presence, &listed.name, gathered);
        for (file, _) in bundles {
            self.bundle(&file, gathered);
        }
        gathered.fold.examined(InputSummary {
            name: listed.name.as_str().into(),
            format: "tree".into(),
            sha256: None,
            bytes: scanned.bytes + archives.bytes,
            items: scanned.files + archives.archives,
            ignored: 0,
            notes: archives.notes(),
        });
    }

    /// The repositories that a walk handed back.
    pub(super) fn nested(&self, listed: &Tree, root: &Path, name: &str, gathered: &mut Gathered) {
        for repository in &listed.repositories {
            let below = repository.strip_prefix(root).unwrap_or(repository);
            let name = inside(name, &below.to_string_lossy());
            self.repository(repository, &name, gathered);
        }
    }

    /// A single file that the user named: an export, a log, or text. An export in which secrets may stand is text too.
    pub(super) fn file(&self, path: &Path, name: &str, gathered: &mut Gathered) {
        let bytes = path.metadata().map(|metadata| metadata.len()).unwrap_or_default();
        let file = File { name: name.into(), path: path.to_owned(), bytes };
        match self.formats.recognise(&file.path) {
            Ok(Recognised::Known(importer)) => {
                self.import(&[(&file, importer)], gathered);
                if !importer.may_hold_secrets() {
                    return;
                }
            }
            Ok(judged) => unknown_format(&file.name, judged).into_iter().for_each(|gap| gathered.fold.gap(gap)),
            Err(_) => {}
        }
        if is_bundle(&file.path) {
            return self.bundle(&file, gathered);
        }
        let listed = Tree { name: name.to_owned(), files: vec![file], ..Tree::default() };
        self.texts(&listed, Presence::Tree, gathered);
    }
}
