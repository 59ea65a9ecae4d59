//! The operational log of a Vault or OpenBao server: leases that ended by themselves or with their parents, which the audit
//! log does not tell, and audit devices that were switched on and off.
//!
//! Lines are text, as `hclog` writes it, or JSON; a prefix of a journal or a container runtime before the time is skipped.
//! Leases are named in clear, so they join those of the audit log. Leases of tokens are named by a salted hash that no
//! other log has: they are counted.

use std::borrow::Cow;

use jiff::Timestamp;

use super::lookup::Node;
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker, vault_audit};
use crate::model::{CredentialId, Event, EventKind, GapReason, Origin, Outcome, StreamKey};

const ID: &str = "vault-server-log";
/// How much of a line is read.
const MAX_LINE: usize = 64 << 10;

/// Reads server logs of Vault and OpenBao.
pub(super) struct VaultServerLog;

impl Importer for VaultServerLog {
    fn id(&self) -> &'static str {
        ID
    }

    fn title(&self) -> &'static str {
        "Vault or OpenBao server log (ends of leases)"
    }

    fn how_to_export(&self) -> &'static str {
        "journalctl -u vault -o cat > vault.log, or the file of log_file; the level must be info or lower"
    }

    fn layout(&self) -> Layout {
        Layout::Whole
    }

    fn shapes(&self) -> &'static [Shape] {
        &[Shape { list: None, keys: &["@level", "@message", "@module", "@timestamp"] }]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["20", "==> Vault server", "==> OpenBao server"]
    }

    fn is_text(&self, head: &str) -> bool {
        head.lines().filter_map(|line| Line::read(line).ok().flatten()).any(|line| line.is_of_vault())
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Lines { own: StreamKey::new(ID, ""), audited: StreamKey::new(vault_audit::ID, "") })
    }
}

struct Lines {
    own: StreamKey,
    /// The stream that starts and stops with the audit devices.
    audited: StreamKey,
}

impl Worker for Lines {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let mut offset = 0;
        for (index, text) in (0_u64..).zip(record.text.split_inclusive('\n')) {
            let at = Origin { input: record.input, index, offset, record_id: None };
            offset += text.len() as u64;
            if text.trim().is_empty() {
                continue;
            }
            out.items(1);
            match Line::read(text) {
                Ok(Some(line)) => self.line(&line, at, out),
                Ok(None) => out.ignore("lines without a time"),
                Err(detail) => out.problem(record, "", GapReason::Damaged, detail),
            }
        }
    }
}

impl Lines {
    fn line(&self, line: &Line<'_>, at: Origin<'_>, out: &mut Out<'_>) {
        out.sink.observed(&self.own, line.time);
        let (stream, kind) = match (&*line.module, &*line.message) {
            ("expiration", "revoked lease") => (&self.own, EventKind::Revoked),
            ("expiration", "failed to revoke lease") => {
                return out.ignore("leases that could not be revoked yet");
            }
            ("core", "enabled audit backend") => (&self.audited, EventKind::LogStarted),
            ("core", "disabled audit backend") => (&self.audited, EventKind::LogStopped),
            _ => return out.ignore("lines about other things"),
        };
        let mut event = Event::new(line.time, kind, stream, at);
        event.outcome = Outcome::Ok;
        event.by_service = true;
        event.action = Some(&line.message);
        if kind == EventKind::Revoked {
            let Some(lease) = line.lease.as_deref() else { return out.ignore("ends of leases without an id") };
            if lease.starts_with("auth/") {
                return out.ignore("ends of tokens, named by a hash that no other log has");
            }
            event.credential = Some(CredentialId::issued("vault", lease));
            event.credential_kind = "vault-lease";
            event.scope = lease.rsplit_once('/').map(|(path, _)| path);
        }
        out.sink.event(&event);
    }
}

/// One line: `2024-03-04T05:06:07.123Z [INFO]  expiration: revoked lease: lease_id=database/creds/x/1`.
struct Line<'a> {
    time: Timestamp,
    module: Cow<'a, str>,
    message: Cow<'a, str>,
    lease: Option<Cow<'a, str>>,
}

impl<'a> Line<'a> {
    /// Reads a line; nothing for one without a time and a level.
    fn read(text: &'a str) -> Result<Option<Self>, &'static str> {
        let text = text.get(..text.floor_char_boundary(MAX_LINE)).unwrap_or_default().trim();
        if text.starts_with('{') { Self::json(text) } else { Ok(Self::plain(text)) }
    }

    fn plain(text: &'a str) -> Option<Self> {
        let (before, rest) =
            ["[INFO]", "[WARN]", "[ERROR]", "[DEBUG]", "[TRACE]"].iter().find_map(|level| text.split_once(level))?;
        let time = before.split_whitespace().next_back().and_then(instant)?;
        let (module, message) = rest.trim_start().split_once(": ")?;
        let (message, fields) = message.split_once(": ").unwrap_or((message, ""));
        let lease = fields.split_whitespace().find_map(|field| field.strip_prefix("lease_id="));
        let lease = lease.map(|lease| Cow::Borrowed(lease.trim_matches('"')));
        Some(Self { time, module: module.into(), message: message.trim().into(), lease })
    }

    fn json(text: &str) -> Result<Option<Self>, &'static str> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|_| "a line is not valid JSON")?;
        let node = Node::of(&value);
        let field = |name: &str| node.key(name).text().map(|text| Cow::Owned(text.into_owned()));
        let Some(time) = node.key("@timestamp").time() else { return Ok(None) };
        let module: Cow<'_, str> = field("@module").unwrap_or_default();
        let module = Cow::Owned(module.rsplit('.').next().unwrap_or_default().to_owned());
        Ok(Some(Self { time, module, message: field("@message").unwrap_or_default(), lease: field("lease_id") }))
    }

    /// Whether only Vault writes such a line.
    fn is_of_vault(&self) -> bool {
        (self.module == "expiration" && self.message.contains("lease"))
            || (self.module == "core"
                && [
                    "vault is ",
                    "enabled audit backend",
                    "disabled audit backend",
                    "post-unseal setup",
                    "security barrier",
                ]
                .iter()
                .any(|start| self.message.starts_with(start)))
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn a_prefix_before_the_time_does_not_matter() {
        let text =
            "Mar 04 05:06:07 host vault[7]: 2024-03-04T05:06:07.123Z [INFO]  expiration: revoked lease: lease_id=a/b/1";
        let line = Line::read(text).expect("no JSON").expect("a line");
        assert_eq!(
            (&*line.module, &*line.message, line.lease.as_deref()),
            ("expiration", "revoked lease", Some("a/b/1"))
        );
        assert!(line.is_of_vault());
    }

    #[test]
    fn a_line_of_another_program_is_none_of_vault() {
        let line =
            Line::read("2024-03-04T05:06:07.123Z [INFO]  agent: started: x=1").expect("no JSON").expect("a line");
        assert!(!line.is_of_vault());
        assert!(Line::read("2024-03-04 something else").expect("no JSON").is_none());
    }
}
