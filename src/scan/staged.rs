//! What is staged, for a hook that runs before each commit: only what the commit would add is reported.
//!
//! The whole staged file is examined, so that places are right. A match is left out where `HEAD` has the same secret in
//! the same file on a line of the same text: it was there before, and this commit neither adds nor changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::code::{Found, Home};
use super::repository::inside;
use super::{Error, Gathered, Scan};
use crate::model::{CredentialId, Evidence, Gap, GapReason, Input, InputSummary, Place, Presence, Sink};
use crate::secret::Match;
use crate::source::git::{Before, Repository};

/// Said with a count of what was left out.
const THERE_BEFORE: &str = "not-staged";

/// What a staged file holds: what is new in it, and how many matches were there before.
struct New {
    found: Found,
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
            repository.scan_staged(&staged.files, &self.options, &|text, before| self.staged_anew(text, before));
        scanned.gaps.into_iter().for_each(|gap| gathered.fold.gap(gap));
        let mut there_before = 0;
        for (file, digest, new) in scanned.hits {
            let input = Self::input(inside(name, &file.path), digest, &new.found);
            let home =
                Home { input: &input, presence: Presence::Staged, commit: None, since: None, member: None, root: name };
            self.expose(&new.found, &home, gathered);
            there_before += new.there_before;
        }
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

    /// The matches in `text` that `before` does not have.
    fn staged_anew(&self, text: &[u8], before: Before<'_>) -> Option<New> {
        let mut found = self.matches(text)?;
        let Some(old) = before() else { return Some(New { found, there_before: 0 }) };
        let Some(old_found) = self.matches(&old) else { return Some(New { found, there_before: 0 }) };
        let mut known: BTreeMap<Identity<'_>, u64> = BTreeMap::new();
        for (old, line) in old_found.examined.matches.iter().zip(lines_of(&old_found.examined.matches, &old)) {
            *known.entry(self.identity(old, line)).or_default() += 1;
        }
        let mut lines = lines_of(&found.examined.matches, text).into_iter();
        let all = found.examined.matches.len();
        found.examined.matches.retain(|secret| {
            let left = known.get_mut(&self.identity(secret, lines.next().unwrap_or_default()));
            left.is_none_or(|left| std::mem::replace(left, left.saturating_sub(1)) == 0)
        });
        let there_before = (all - found.examined.matches.len()) as u64;
        Some(New { found, there_before })
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
