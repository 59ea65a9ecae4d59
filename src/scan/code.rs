//! From text to facts: what the engine found in one file or blob, and where those places are.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::archive::Opened;
use super::marker::Markers;
use super::{Gathered, Scan};
use crate::model::{
    CommitPlace, Credential, Evidence, Filtered, Gap, GapReason, Input, Introduction, MemberPlace, Place, Presence,
    Sha256Digest, Sink,
};
use crate::secret::{Examined, Match, Setting, Trace};
use crate::source::archive::{Format, Layer};
use crate::source::{Copied, Examine};

/// What one text holds.
#[derive(Debug)]
pub(super) struct Found {
    /// What the engine found.
    pub(super) examined: Examined,
    /// The exceptions in its comments.
    pub(super) markers: Markers,
}

impl Found {
    /// Whether nothing is to be said about it.
    fn is_empty(&self) -> bool {
        let Examined { matches, beyond_limit, left, .. } = &self.examined;
        matches.is_empty() && *beyond_limit == 0 && left.beyond_budget == 0 && self.markers.is_empty()
    }
}

/// What was found in one blob.
pub(super) enum Blob {
    /// In its text.
    Text(Found),
    /// In the members of the archive that it is.
    Archive(Box<Opened>),
}

/// Where one text lies: a file of a tree, or a blob as a commit introduced it.
pub(super) struct Home<'a> {
    /// The input that evidence points into, as [`Scan::input`] makes it.
    pub(super) input: &'a Arc<Input>,
    /// In `HEAD`, in history only, in a plain tree.
    pub(super) presence: Presence,
    /// The introducing commit and the path in it, for blobs.
    pub(super) commit: Option<(&'a str, &'a str)>,
    /// The author date of that commit.
    pub(super) since: Option<Timestamp>,
    /// The member of the archive that `input` is, with the archives around it.
    pub(super) member: Option<Member<'a>>,
    /// What is examined, as `input` names it: directories above it say nothing about a file.
    pub(super) root: &'a str,
}

/// A member of an archive.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    /// Its path: `lib/app.jar!/conf/db.yml`.
    pub(super) path: &'a str,
    /// The layer of a container image that it lies in, if it does.
    pub(super) layer: Option<Layer<'a>>,
}

impl Home<'_> {
    /// The input, and the member in it.
    pub(super) fn name(&self) -> String {
        match self.member {
            Some(member) => format!("{}!/{}", self.input.name(), member.path),
            None => self.input.name().to_owned(),
        }
    }

    /// The path below what is examined; of a file that was named itself, its own name.
    fn path(&self) -> String {
        match self.member {
            Some(member) => format!("{}!/{}", self.file(), member.path),
            None => self.file(),
        }
    }

    fn file(&self) -> String {
        if let Some((_, path)) = self.commit {
            return path.to_owned();
        }
        let name = Path::new(self.input.name());
        let below = name.strip_prefix(self.root).unwrap_or(name);
        let below = if below.as_os_str().is_empty() { name.file_name().unwrap_or_default().as_ref() } else { below };
        below.to_string_lossy().into_owned()
    }
}

impl Examine for Scan<'_> {
    type Found = Blob;
    type Trace = Trace;

    fn examine(&self, text: &[u8], base: Option<(&Trace, &[Copied])>, keep: bool) -> (Option<Blob>, Option<Trace>) {
        let (examined, trace) = self.engine.examine_version(text, base, keep);
        (self.telling(text, examined).map(Blob::Text), trace)
    }

    fn is_evidence(&self, found: &Blob) -> bool {
        match found {
            Blob::Text(found) => found.examined.matches.iter().any(|found| found.set_aside.is_none()),
            Blob::Archive(_) => true,
        }
    }

    fn opens_archives(&self) -> bool {
        self.options.archives
    }

    fn open(&self, format: Format, content: &[u8]) -> Option<Blob> {
        let opened = self.archive_bytes(format, content);
        self.left.add_archive(opened.contents());
        (!opened.is_silent()).then(|| Blob::Archive(Box::new(opened)))
    }
}

impl Scan<'_> {
    /// What a text holds; nothing where there are neither matches nor markers, so that most texts cost no memory.
    pub(super) fn matches(&self, text: &[u8]) -> Option<Found> {
        self.telling(text, self.engine.examine(text))
    }

    fn telling(&self, text: &[u8], examined: Examined) -> Option<Found> {
        self.left.add(&examined.left);
        let mut markers = Markers::of(text);
        let reported = examined.matches.iter().filter(|secret| secret.set_aside.is_none());
        markers.keep_clear_of(&reported.map(|secret| secret.range.clone()).collect::<Vec<_>>());
        let found = Found { examined, markers };
        (!found.is_empty()).then_some(found)
    }

    /// The input that evidence points into. Of a text that is little more than a secret, as a token file is, there is
    /// no digest: it would be an unsalted hash of the secret.
    pub(super) fn input(name: impl Into<Box<str>>, digest: Option<Sha256Digest>, found: &Found) -> Arc<Input> {
        let input = Input::streamed(name);
        if let Some(digest) = digest.filter(|_| !found.examined.little_else) {
            input.seal(digest);
        }
        input
    }

    /// Reports what was found in one text at one place.
    pub(super) fn expose(&self, found: &Found, home: &Home<'_>, gathered: &mut Gathered) {
        for secret in &found.examined.matches {
            if let Some(filter) = Self::set_aside(secret, home) {
                gathered.fold.set_aside(filter, 1);
                self.filtered(secret, filter, home).into_iter().for_each(|place| gathered.fold.filtered(place));
            }
        }
        let (secrets, allowed) = self.secrets(found, home);
        gathered.marks.note_text(&home.name(), &found.markers, &allowed);
        for (secret, allowed) in secrets.into_iter().zip(allowed) {
            if let Some(exception) = allowed.and_then(|line| found.markers.exception(line, &home.name())) {
                gathered.marks.allow(&secret.evidence, exception);
            }
            gathered.fold.credential(secret);
        }
        Self::cut_off(&found.examined, home, &mut gathered.fold);
    }

    /// The matches that are to be reported as facts, and for each the line of the marker that allows it.
    pub(super) fn secrets(&self, found: &Found, home: &Home<'_>) -> (Vec<Credential>, Vec<Option<u64>>) {
        let reported = found.examined.matches.iter().filter(|secret| Self::set_aside(secret, home).is_none());
        let secrets: Vec<Credential> = reported.map(|secret| self.credential(secret, home)).collect();
        let allowed = found.markers.lines_for(&secrets);
        (secrets, allowed)
    }

    /// One match as a fact.
    fn credential(&self, secret: &Match, home: &Home<'_>) -> Credential {
        let layer = home.member.and_then(|member| member.layer);
        let shows = layer.map_or_else(|| Evidence::IN_CODE.to_owned(), in_image);
        let evidence = Evidence::new(shows, home.input, place(secret, home));
        let mut credential = self.engine.credential(secret, evidence, home.presence, home.since);
        if let Some(setting) = Setting::of(&home.path()) {
            setting.lower(secret, &mut credential);
        }
        credential
    }

    /// The filter that sets a match aside: one that judged the value, or one that judges the file.
    pub(super) fn set_aside(secret: &Match, home: &Home<'_>) -> Option<&'static str> {
        secret.set_aside.or_else(|| Setting::of(&home.path())?.sets_aside(secret))
    }

    /// The place of a match that was set aside, where such places are asked for.
    pub(super) fn filtered(&self, secret: &Match, filter: &str, home: &Home<'_>) -> Option<Filtered> {
        self.request.show_filtered.then(|| Filtered {
            filter: filter.into(),
            rule: secret.rule.clone(),
            input: home.input.name().into(),
            place: place(secret, home),
        })
    }

    /// Says where one text held more than is kept or decoded.
    pub(super) fn cut_off(found: &Examined, home: &Home<'_>, sink: &mut dyn Sink) {
        if found.beyond_limit > 0 {
            sink.gap(Gap {
                what: home.name().into(),
                reason: GapReason::TooLarge,
                detail: format!("{} more matches than are kept for one file", found.beyond_limit).into(),
                effect: "secrets after the last reported one may be missing".into(),
                count: 1,
            });
        }
        if found.left.beyond_budget > 0 {
            sink.gap(Gap {
                what: home.name().into(),
                reason: GapReason::TooLarge,
                detail: "encoded text that decodes to more than is read of one file".into(),
                effect: "secrets in the rest of it are not found".into(),
                count: found.left.beyond_budget,
            });
        }
    }
}

/// Says in which layer of which image a secret lies, and whether a later layer pretends that it does not.
fn in_image(layer: Layer<'_>) -> String {
    let Layer { image, number, of, deleted_by } = layer;
    let deleted = deleted_by.map(|by| format!("; {by} deletes the file, but the layer keeps it")).unwrap_or_default();
    format!("{}, in layer {number} of {of} of the image {image}{deleted}", Evidence::IN_CODE)
}

fn place(secret: &Match, home: &Home<'_>) -> Place {
    let (line, column) = (secret.line, secret.column);
    if let Some(Member { path, .. }) = home.member {
        let introduced = home.commit.map(|(commit, path)| Introduction {
            commit: commit.to_owned(),
            path: path.to_owned(),
            author_date: home.since,
        });
        return Place::Member(Box::new(MemberPlace { member: path.to_owned(), line, column, introduced }));
    }
    match home.commit {
        Some((commit, path)) => {
            let (commit, path) = (commit.to_owned(), path.to_owned());
            Place::Commit(Box::new(CommitPlace { commit, path, line, column, author_date: home.since }))
        }
        None => Place::Line { line, column },
    }
}
