//! The standard input: an export or a log where an importer recognises it, an archive, else one text.

use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::archive::Sums;
use super::code::Home;
use super::data::unknown_format;
use super::{Gathered, Scan};
use crate::import::{self, Recognised};
use crate::ledger::Fold;
use crate::model::{Gap, GapReason, InputSummary, Presence, Sha256Digest, Sink};
use crate::source::archive::{self, Format};
use crate::source::file::Digesting;
use crate::source::text::{self, Decoded};

/// What reports call it.
const NAME: &str = "stdin";
/// How much of it is looked at to recognise it.
const HEAD: u64 = 1 << 20;

impl Scan<'_> {
    /// Reads the standard input to its end.
    pub(super) fn stdin(&self, gathered: &mut Gathered) {
        self.progress.begin("reading the standard input");
        let mut head = Vec::new();
        if let Err(error) = io::stdin().lock().take(HEAD).read_to_end(&mut head) {
            return failed(GapReason::Unreadable, &error.to_string(), gathered);
        }
        // A file of columns says at its end what is in it.
        if head.starts_with(b"PAR1") {
            let room = (self.limits.max_document_bytes as u64).saturating_sub(HEAD).saturating_add(1);
            if let Err(error) = io::stdin().lock().take(room).read_to_end(&mut head) {
                return failed(GapReason::Unreadable, &error.to_string(), gathered);
            }
        }
        match self.formats.recognise_head(head.as_slice()) {
            Ok(Recognised::Known(importer)) => {
                let mut shard = Fold::under(&self.request.key);
                import::read(importer, Cursor::new(head).chain(io::stdin()), NAME, &self.limits, &mut shard);
                gathered.join_once(NAME, shard);
                if importer.may_hold_secrets() {
                    let detail = "an export in which secrets may stand, and the standard input is read only once";
                    let effect = "imported, and not read as text: name the file to have both";
                    let (what, reason) = (NAME.into(), GapReason::Skipped);
                    gathered.fold.gap(Gap { what, reason, detail: detail.into(), effect: effect.into(), count: 1 });
                }
            }
            Ok(judged) => {
                if let Some(gap) = unknown_format(NAME, judged) {
                    gathered.fold.gap(gap);
                }
                match archive::recognise(&head) {
                    Some(_) if !self.options.archives => {
                        failed(GapReason::Skipped, "an archive or compressed, not opened as asked for", gathered);
                    }
                    Some(format) => self.stdin_archive(format, head, gathered),
                    None => self.stdin_text(head, gathered),
                }
            }
            Err(error) => failed(GapReason::Unreadable, &error.to_string(), gathered),
        }
    }

    /// Examines an archive that begins with `head` while it is read.
    fn stdin_archive(&self, format: Format, head: Vec<u8>, gathered: &mut Gathered) {
        let mut source = Digesting::new(Cursor::new(head).chain(io::stdin()));
        let opened = self.archive_stream(NAME, format, &mut source);
        // Of what was not read to its end there is no digest, and what passed a limit is not read on.
        let (mut digest, mut bytes) = (None, source.length());
        if opened.contents().problems.is_empty()
            && let Ok((whole, length)) = source.finish()
        {
            (digest, bytes) = (Some(whole), length);
        }
        let input = opened.input(NAME.to_owned(), digest);
        let home = Home { input: &input, presence: Presence::Tree, commit: None, since: None, member: None, root: "" };
        self.expose_members(&opened, &home, gathered);
        let mut sums = Sums::default();
        sums.add(NAME, &opened);
        sums.report(NAME, &mut gathered.fold);
        gathered.fold.examined(InputSummary {
            name: NAME.into(),
            format: "file".into(),
            sha256: input.sha256().map(|digest| digest.to_string()),
            bytes,
            items: 1,
            ignored: 0,
            notes: sums.notes(),
        });
    }

    /// Reads what follows `bytes` and examines all of it as one text.
    fn stdin_text(&self, mut bytes: Vec<u8>, gathered: &mut Gathered) {
        let limit = self.options.max_file_bytes;
        let room = limit.saturating_sub(bytes.len() as u64).saturating_add(1);
        if let Err(error) = io::stdin().lock().take(room).read_to_end(&mut bytes) {
            return failed(GapReason::Unreadable, &error.to_string(), gathered);
        }
        if bytes.len() as u64 > limit {
            return failed(GapReason::TooLarge, &format!("more than {limit} bytes"), gathered);
        }
        let Decoded::Text(text) = text::decode(&bytes) else {
            return failed(GapReason::UnknownFormat, "binary content", gathered);
        };
        let Ok(found) = catch_unwind(AssertUnwindSafe(|| self.matches(&text))) else {
            return failed(GapReason::Internal, "the examination itself failed", gathered);
        };
        let digest = Sha256Digest::of(&bytes);
        let told = found.as_ref().is_none_or(|found| !found.examined.little_else);
        if let Some(found) = found {
            let input = Self::input(NAME, Some(digest), &found);
            let home =
                Home { input: &input, presence: Presence::Tree, commit: None, since: None, member: None, root: "" };
            self.expose(&found, &home, gathered);
        }
        gathered.fold.examined(InputSummary {
            name: NAME.into(),
            format: "file".into(),
            sha256: told.then(|| digest.to_string()),
            bytes: bytes.len() as u64,
            items: u64::from(!bytes.is_empty()),
            ignored: 0,
            notes: Vec::new(),
        });
    }
}

fn failed(reason: GapReason, detail: &str, gathered: &mut Gathered) {
    let (what, effect) = (NAME.into(), "nothing of it was examined".into());
    gathered.fold.gap(Gap { what, reason, detail: detail.into(), effect, count: 1 });
}
