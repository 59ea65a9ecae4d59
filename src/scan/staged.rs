//! What is staged, for a hook that runs before each commit: only what the commit would add is reported.
//!
//! The whole staged file is examined, so that places are right. A match is left out where `HEAD` has the same secret in
//! the same file on a line of the same text: it was there before, and this commit neither adds nor changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::archive::Sums;
use super::code::{Blob, Found, Home};
use super::repository::inside;
use super::{Error, Gathered, Scan};
use crate::model::{CredentialId, Evidence, Gap, GapReason, Input, InputSummary, Place, Presence, Sink};
use crate::secret::Match;
use crate::source::archive::{Format, recognise};
use crate::source::git::{Before, Repository, StagedContent};
use crate::source::text::{self, Decoded};

/// Said with a count of what was left out.
const THERE_BEFORE: &str = "not-staged";

/// What a staged file holds: what is new in it, and how many matches were there before.
struct New {
    found: Blob,
    there_before: u64,
}

/// What makes a match the same as another: its rule, its secret and the text of its line.
type Identity<'a> = (Box<str>, Option<CredentialId>, &'a [u8]);

impl Scan<'_> {
    /// Examines what is staged in the repository at `path`. Neither history nor the work tree is read.
    pub(super) fn staged(
        &self,
        path: &Path,
        name: &str,
        index: Option<&Path>,
        gathered: &mut Gathered,
    ) -> Result<(), Error> {
        let error = |source| Error::Repository { source, hint: String::new() };
        let repository = Repository::open_at_head(path, name).map_err(error)?;
        let mut staged = repository.staged(index).map_err(error)?;
        repository.head_time().into_iter().for_each(|time| gathered.fold.committed(time));
        staged.gaps.drain(..).for_each(|gap| gathered.fold.gap(gap));
        let all = staged.files.len();
        staged.files.retain(|file| !self.options.ignore.is_match(&file.path));
        gathered.leave_out_staged(name, (all - staged.files.len()) as u64);
        let scanned =
            repository.scan_staged(&staged.files, &self.options, &|content, before| self.staged_anew(content, before));
        scanned.gaps.into_iter().for_each(|gap| gathered.fold.gap(gap));
        let mut there_before = 0;
        let mut archives = Sums::default();
        for (file, digest, new) in scanned.hits {
            there_before += new.there_before;
            let path = inside(name, &file.path);
            let input = match &new.found {
                Blob::Text(found) => Self::input(path, digest, found),
                Blob::Archive(opened) => opened.input(path, digest),
            };
            let home =
                Home { input: &input, presence: Presence::Staged, commit: None, since: None, member: None, root: name };
            match &new.found {
                Blob::Text(found) => self.expose(found, &home, gathered),
                Blob::Archive(opened) => {
                    self.expose_members(opened, &home, gathered);
                    archives.add(input.name(), opened);
                }
            }
        }
        archives.report(name, &mut gathered.fold);
        if there_before > 0 {
            gathered.fold.set_aside(THERE_BEFORE, there_before);
        }
        gathered.fold.examined(InputSummary {
            name: name.into(),
            format: "git-index".into(),
            sha256: None,
            bytes: scanned.bytes,
            items: staged.entries,
            ignored: 0,
            notes: vec![format!("staged {}", scanned.files)],
        });
        Ok(())
    }

    /// The matches in what is staged that `before` does not have.
    fn staged_anew(&self, content: StagedContent<'_>, before: Before<'_>) -> Option<New> {
        match content {
            StagedContent::Text(text) => self.text_anew(text, before),
            StagedContent::Archive(format, content) => self.archive_anew(format, content, before),
        }
    }

    fn text_anew(&self, text: &[u8], before: Before<'_>) -> Option<New> {
        let mut found = self.matches(text)?;
        let before = before();
        if let Some(Decoded::Text(old)) = before.as_deref().map(text::decode)
            && let Some(old_found) = self.matches(&old)
        {
            let (matches, old_matches) = (&mut found.examined.matches, &old_found.examined.matches);
            let lines = (lines_of(matches, text), lines_of(old_matches, &old));
            let there_before = self.leave_out_known(matches, &lines.0, old_matches, &lines.1);
            return Some(New { found: Blob::Text(found), there_before });
        }
        Some(New { found: Blob::Text(found), there_before: 0 })
    }

    /// The same for an archive. The lines of members are not kept, so a match was there before where the same member has
    /// the same secret.
    fn archive_anew(&self, format: Format, content: &[u8], before: Before<'_>) -> Option<New> {
        let mut opened = self.archive_bytes(format, content);
        let mut there_before = 0;
        if !opened.is_silent()
            && let Some(old) = before()
            && let Some(format) = recognise(&old)
        {
            let old = self.archive_bytes(format, &old);
            let known: BTreeMap<&str, &Found> = old.members().map(|(member, found)| (member.path, found)).collect();
            for (path, found) in opened.members_mut() {
                let Some(old) = known.get(path) else { continue };
                let (matches, old) = (&mut found.examined.matches, &old.examined.matches);
                there_before += self.leave_out_known(matches, &[], old, &[]);
            }
        }
        let new = New { found: Blob::Archive(Box::new(opened)), there_before };
        (new.there_before > 0 || !matches!(&new.found, Blob::Archive(opened) if opened.is_silent())).then_some(new)
    }

    /// Removes the matches that `old` has as well, each as often as it has it; how many these were. The text of the
    /// line of each match stands beside it.
    fn leave_out_known(&self, matches: &mut Vec<Match>, lines: &[&[u8]], old: &[Match], old_lines: &[&[u8]]) -> u64 {
        let mut known: BTreeMap<Identity<'_>, u64> = BTreeMap::new();
        for (place, old) in old.iter().enumerate() {
            let line = old_lines.get(place).copied().unwrap_or_default();
            *known.entry(self.identity(old, line)).or_default() += 1;
        }
        let (all, mut lines) = (matches.len(), lines.iter());
        matches.retain(|secret| {
            let line = lines.next().copied().unwrap_or_default();
            let left = known.get_mut(&self.identity(secret, line));
            left.is_none_or(|left| std::mem::replace(left, left.saturating_sub(1)) == 0)
        });
        (all - matches.len()) as u64
    }

    fn identity<'a>(&self, secret: &Match, line: &'a [u8]) -> Identity<'a> {
        // Of look-alikes the line alone is compared: they have no identity.
        let evidence = || Evidence::new("", &Input::streamed(""), Place::Line { line: 0, column: 0 });
        let credential = || self.engine.credential(secret, evidence(), Presence::Staged, None).id;
        (secret.rule.clone(), secret.set_aside.is_none().then(credential), line)
    }
}

/// The text of the line of each match.
fn lines_of<'a>(matches: &[Match], text: &'a [u8]) -> Vec<&'a [u8]> {
    let wanted: BTreeSet<u64> = matches.iter().map(|secret| secret.line).collect();
    let lines = (1_u64..).zip(text.split(|byte| *byte == b'\n')).filter(|(number, _)| wanted.contains(number));
    let lines: BTreeMap<u64, &[u8]> = lines.collect();
    matches.iter().map(|secret| lines.get(&secret.line).copied().unwrap_or_default()).collect()
}

impl Gathered {
    /// Says how many staged files an ignore rule left out.
    fn leave_out_staged(&mut self, name: &str, count: u64) {
        if count > 0 {
            self.fold.gap(Gap {
                what: name.into(),
                reason: GapReason::Skipped,
                detail: "left out by an ignore rule: staged files".into(),
                effect: "not examined, as asked for".into(),
                count,
            });
        }
    }
}
