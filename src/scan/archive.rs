//! Archives and compressed files: what lies in them is scanned like files, and nothing of it is imported.

use std::collections::BTreeMap;
use std::io::{BufReader, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::code::{Found, Home, Member};
use super::{Gathered, Scan};
use crate::import::Recognised;
use crate::model::{Gap, GapReason, Input, Presence, Sha256Digest, Sink};
use crate::source::archive::{Contents, Format, Images, Limits, Source, layout_around, read, read_stream};
use crate::source::name::shown;
use crate::source::{File, file};

/// How much of an archive is read at once.
const READ_AHEAD: usize = 256 << 10;
/// How many names stand in a line that counts many things.
const SAMPLES: usize = 3;

/// Is shown the path and the text of each member.
type Visit<'a> = &'a mut dyn FnMut(&str, &[u8]);

/// What was found in one archive.
#[derive(Debug, Default)]
pub(super) struct Opened {
    /// Members with a result, in the order of the archive.
    hits: Vec<(String, Found)>,
    contents: Contents,
    /// Members that an importer would know.
    exports: Vec<String>,
    /// The images of the layout that it is a layer of, and its path in it.
    layer: Option<(Arc<Images>, String)>,
}

impl Scan<'_> {
    /// Examines the archives of a tree and says what was in them.
    pub(super) fn archives(
        &self,
        archives: &[(File, Format)],
        presence: Presence,
        root: &str,
        gathered: &mut Gathered,
    ) -> Sums {
        let mut sums = Sums::default();
        if archives.is_empty() {
            return sums;
        }
        self.progress.begin(&format!("reading {} archives of {root}", archives.len()));
        let mut opened: Vec<_> = archives.par_iter().map(|(file, format)| self.archive_file(file, *format)).collect();
        join_layouts(archives, &mut opened);
        for ((file, _), opened) in archives.iter().zip(opened) {
            let opened = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    gathered.fold.gap(unreadable(&file.name, &error));
                    continue;
                }
            };
            let input = Input::streamed(&*file.name);
            if opened.is_evidence()
                && let Ok(digest) = file::digest(&file.path)
            {
                input.seal(digest);
            }
            let home = Home { input: &input, presence, commit: None, since: None, member: None, root };
            self.expose_members(&opened, &home, gathered);
            sums.add(&file.name, &opened);
        }
        sums.report(root, &mut gathered.fold);
        sums
    }

    /// Reads one archive in memory, such as a blob.
    pub(super) fn archive_bytes(&self, format: Format, content: &[u8]) -> Opened {
        self.open_archive("content", format, &mut Cursor::new(content), content.len() as u64)
    }

    /// Reports what was found in an archive that lies at `home`, and what was not examined in it.
    pub(super) fn expose_members(&self, opened: &Opened, home: &Home<'_>, gathered: &mut Gathered) {
        for (member, found) in opened.members() {
            self.expose(found, &Home { member: Some(member), ..*home }, gathered);
        }
        opened.problems(home.input.name()).into_iter().for_each(|gap| gathered.fold.gap(gap));
    }

    fn archive_file(&self, file: &File, format: Format) -> Result<Opened, file::ReadError> {
        let mut source = BufReader::with_capacity(READ_AHEAD, file::open_regular(&file.path)?);
        Ok(self.open_archive(&file.name, format, &mut source, file.bytes))
    }

    /// Reads one archive that can only be read forwards.
    pub(super) fn archive_stream(&self, name: &str, format: Format, source: &mut dyn Read) -> Opened {
        self.opened(name, |limits, visit| read_stream(name, format, source, limits, visit))
    }

    fn open_archive(&self, name: &str, format: Format, source: &mut dyn Source, size: u64) -> Opened {
        self.opened(name, |limits, visit| read(name, format, source, size, limits, visit))
    }

    fn opened(&self, name: &str, read: impl FnOnce(&Limits, Visit<'_>) -> Contents) -> Opened {
        let limits = Limits { member_bytes: self.options.max_file_bytes, ..Limits::default() };
        let (mut hits, mut exports) = (Vec::new(), Vec::new());
        let contents = read(&limits, &mut |path, text| {
            if self.options.ignore.is_match(format!("{name}!/{path}")) {
                return;
            }
            if matches!(self.formats.recognise_head(text), Ok(Recognised::Known(_))) {
                exports.push(path.to_owned());
            }
            if let Some(found) = self.matches(text) {
                hits.push((path.to_owned(), found));
            }
        });
        Opened { hits, contents, exports, layer: None }
    }
}

impl Opened {
    /// Members with a result, and the layer of an image in which each lies, if it does.
    pub(super) fn members(&self) -> impl Iterator<Item = (Member<'_>, &Found)> {
        self.hits.iter().map(|(path, found)| {
            let layer = match &self.layer {
                Some((images, layer)) => images.layer(layer, path),
                None => path.split_once("!/").and_then(|(layer, path)| self.contents.images.layer(layer, path)),
            };
            (Member { path, layer }, found)
        })
    }

    /// Members with a result, for leaving out some of it.
    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = (&str, &mut Found)> {
        self.hits.iter_mut().map(|(path, found)| (path.as_str(), found))
    }

    /// Whether its digest may be told: something was found, and it is more than one compressed secret, of which the
    /// digest would be an unsalted hash.
    fn is_evidence(&self) -> bool {
        let little_else = self.contents.members <= 1 && self.hits.iter().any(|(_, found)| found.examined.little_else);
        !self.hits.is_empty() && !little_else
    }

    /// The input that evidence points into.
    pub(super) fn input(&self, name: String, digest: Option<Sha256Digest>) -> Arc<Input> {
        let input = Input::streamed(name);
        if let Some(digest) = digest.filter(|_| self.is_evidence()) {
            input.seal(digest);
        }
        input
    }

    /// What it turned out to hold.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Whether there is nothing to report of it.
    pub(super) fn is_silent(&self) -> bool {
        let Contents { problems, encrypted, unsupported, .. } = &self.contents;
        self.hits.is_empty() && problems.is_empty() && *encrypted == 0 && *unsupported == 0 && self.exports.is_empty()
    }

    /// What was not examined in it, where it is called `archive`.
    pub(super) fn problems(&self, archive: &str) -> Vec<Gap> {
        let single = self.contents.problems.iter().map(|problem| Gap {
            what: match &*problem.member {
                "" => archive.into(),
                member => format!("{archive}!/{member}").into(),
            },
            reason: problem.reason,
            detail: problem.detail.clone(),
            effect: "secrets in the part that was not read are not found".into(),
            count: 1,
        });
        let more = (self.contents.more_problems > 0).then(|| Gap {
            what: archive.into(),
            reason: GapReason::Damaged,
            detail: "more members that could not be read".into(),
            effect: "secrets in them are not found".into(),
            count: self.contents.more_problems,
        });
        single.chain(more).collect()
    }
}

/// What many archives have in common, counted.
#[derive(Default)]
pub(super) struct Sums {
    /// Archives read.
    pub(super) archives: u64,
    /// Their members.
    pub(super) members: u64,
    /// Bytes of those members that are text.
    pub(super) bytes: u64,
    binary: Count,
    columnar: Count,
    encrypted: Count,
    unsupported: Count,
    exports: Count,
}

#[derive(Default)]
struct Count {
    count: u64,
    names: Vec<String>,
}

impl Count {
    fn add(&mut self, count: u64, name: &str) {
        self.count += count;
        if count > 0 && self.names.len() < SAMPLES {
            self.names.push(name.to_owned());
        }
    }
}

impl Sums {
    /// Adds what one archive held.
    pub(super) fn add(&mut self, archive: &str, opened: &Opened) {
        let Contents { members, bytes, binary, columnar, encrypted, unsupported, .. } = opened.contents;
        self.archives += 1;
        self.members += members;
        self.bytes += bytes;
        self.binary.add(binary, archive);
        self.columnar.add(columnar, archive);
        self.encrypted.add(encrypted, archive);
        self.unsupported.add(unsupported, archive);
        let first = opened.exports.first().map(|path| format!("{archive}!/{path}")).unwrap_or_default();
        self.exports.add(opened.exports.len() as u64, &first);
    }

    /// How many archives and members there were, if there were any.
    pub(super) fn notes(&self) -> Vec<String> {
        if self.archives == 0 {
            return Vec::new();
        }
        vec![format!("archives {}", self.archives), format!("members {}", self.members)]
    }

    /// One line for each kind of thing that was not examined.
    pub(super) fn report(&self, root: &str, sink: &mut dyn Sink) {
        let effect = "secrets inside compiled or packed content are not found";
        Self::say(&[(&self.binary, "binary members of archives", effect)], root, sink);
        self.report_named(root, sink);
    }

    /// The same without binary members, which a history counts elsewhere.
    pub(super) fn report_named(&self, root: &str, sink: &mut dyn Sink) {
        let lines = [
            (&self.columnar, "Parquet files in archives", "not examined; unpack them to import them"),
            (&self.encrypted, "encrypted members of archives", "secrets in them are not found"),
            (&self.unsupported, "members of archives in an unknown compression", "secrets in them are not found"),
            (
                &self.exports,
                "exports and logs in archives",
                "read as text and not imported; unpack them to import them",
            ),
        ];
        Self::say(&lines, root, sink);
    }

    fn say(lines: &[(&Count, &str, &str)], root: &str, sink: &mut dyn Sink) {
        for (Count { count, names }, detail, effect) in lines.iter().filter(|(count, ..)| count.count > 0) {
            sink.gap(Gap {
                what: root.into(),
                reason: GapReason::Skipped,
                detail: format!("{detail}: in {}", names.join(", ")).into(),
                effect: (*effect).into(),
                count: *count,
            });
        }
    }
}

/// Tells the layers of image layouts that lie as directories to which images they belong.
fn join_layouts(archives: &[(File, Format)], opened: &mut [Result<Opened, file::ReadError>]) {
    let mut layouts: BTreeMap<PathBuf, (Images, Vec<(usize, String)>)> = BTreeMap::new();
    for (place, ((file, _), opened)) in archives.iter().zip(&*opened).enumerate() {
        if let (Some((root, layer)), Ok(opened)) = (layout_around(&file.path), opened) {
            let (images, layers) = layouts.entry(root).or_insert_with_key(|root| (Images::of_layout(root), Vec::new()));
            images.add_layer(&layer, &opened.contents.images);
            layers.push((place, layer));
        }
    }
    for (images, layers) in layouts.into_values() {
        let images = Arc::new(images);
        for (place, layer) in layers {
            if let Some(Ok(opened)) = opened.get_mut(place) {
                opened.layer = Some((Arc::clone(&images), layer));
            }
        }
    }
}

fn unreadable(name: &str, error: &file::ReadError) -> Gap {
    Gap {
        what: name.into(),
        reason: GapReason::Unreadable,
        detail: shown(error.to_string().as_bytes()).into(),
        effect: "its content was not examined".into(),
        count: 1,
    }
}
