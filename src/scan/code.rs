//! From text to facts: what the engine found in one file or blob, and where those places are.

use std::sync::Arc;

use jiff::Timestamp;

use super::Scan;
use crate::model::{Credential, Evidence, Gap, GapReason, Input, Place, Presence, Sink};
use crate::secret::{Examined, Match};

/// Where one text lies: a file of a tree, or a blob as a commit introduced it.
pub(super) struct Home<'a> {
    /// The input that evidence points into, sealed with the digest of the content.
    pub(super) input: &'a Arc<Input>,
    /// In `HEAD`, in history only, in a plain tree.
    pub(super) presence: Presence,
    /// The introducing commit and the path in it, for blobs.
    pub(super) commit: Option<(&'a str, &'a str)>,
    /// The author date of that commit.
    pub(super) since: Option<Timestamp>,
}

impl Scan<'_> {
    /// The matches in a text; nothing where there are none, so that most texts cost no memory.
    pub(super) fn examine(&self, text: &[u8]) -> Option<Examined> {
        let found = self.engine.examine(text);
        (!found.matches.is_empty() || found.beyond_limit > 0).then_some(found)
    }

    /// Reports the matches of one text at one place.
    pub(super) fn expose(&self, found: &Examined, home: &Home<'_>, sink: &mut dyn Sink) {
        for secret in &found.matches {
            match secret.set_aside {
                Some(reason) => sink.set_aside(reason, 1),
                None => sink.credential(self.credential(secret, home)),
            }
        }
        Self::cut_off(found, home, sink);
    }

    /// One match as a fact.
    pub(super) fn credential(&self, secret: &Match, home: &Home<'_>) -> Credential {
        let (line, column) = (secret.line, secret.column);
        let place = match home.commit {
            Some((commit, path)) => Place::Commit {
                commit: commit.to_owned(),
                path: path.to_owned(),
                line,
                column,
                author_date: home.since,
            },
            None => Place::Line { line, column },
        };
        let evidence = Evidence::new("secret in code", home.input, place);
        self.engine.credential(secret, evidence, home.presence, home.since)
    }

    /// Says where one text held more matches than are kept.
    pub(super) fn cut_off(found: &Examined, home: &Home<'_>, sink: &mut dyn Sink) {
        if found.beyond_limit > 0 {
            sink.gap(Gap {
                what: home.input.name().into(),
                reason: GapReason::TooLarge,
                detail: format!("{} more matches than are kept for one file", found.beyond_limit).into(),
                effect: "secrets after the last reported one may be missing".into(),
                count: 1,
            });
        }
    }
}
