//! Accounts of MySQL and MariaDB: `mysql.user` as CSV, and what `SHOW GRANTS` prints.
//!
//! A password has no end unless the account has a lifetime of its own; the default of the server is in no export.

use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{
    Credential, CredentialId, Evidence, Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, Place, Readout,
    Standing, StandingClass, Status,
};

const SYSTEM: &str = "mysql";

/// Reads accounts of MySQL.
pub(super) struct Mysql;

impl Importer for Mysql {
    fn id(&self) -> &'static str {
        "mysql"
    }

    fn title(&self) -> &'static str {
        "MySQL or MariaDB accounts and grants"
    }

    fn how_to_export(&self) -> &'static str {
        "SHOW GRANTS FOR each account, in one file, and mysql.user as CSV without the column authentication_string"
    }

    fn layout(&self) -> Layout {
        Layout::Whole
    }

    fn shapes(&self) -> &'static [Shape] {
        &[Shape { list: None, keys: &["Host", "User", "Super_priv"] }]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["Grants for ", "| Grants for ", "GRANT "]
    }

    fn is_text(&self, head: &str) -> bool {
        let mut found = false;
        let all = head.lines().map(inner).filter(|line| !line.is_empty()).all(|line| {
            found |= line.starts_with("GRANT ") && line.contains(" TO ") && line.contains('@');
            line.starts_with("GRANT ")
                || line.starts_with("REVOKE ")
                || line.starts_with("Grants for ")
                || line.starts_with("--")
        });
        // The last line may be cut.
        found && all
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Accounts)
    }
}

/// A line without the frame that the client draws around tables.
fn inner(line: &str) -> &str {
    let line = line.trim().trim_matches(|c| matches!(c, '|' | '+')).trim();
    if line.bytes().all(|byte| matches!(byte, b'-' | b'+')) { "" } else { line }
}

struct Accounts;

impl Worker for Accounts {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        if record.text.lines().next().is_some_and(|line| line.contains("Super_priv")) {
            return table(record, out);
        }
        for (number, line) in (1_u64..).zip(record.text.lines()) {
            let Some(rest) = inner(line).strip_prefix("GRANT ") else { continue };
            out.items(1);
            if granted(rest, number, record, out).is_none() {
                out.problem(record, "", GapReason::Damaged, format!("line {number} cannot be read"));
            }
        }
    }
}

/// ``PRIVILEGES ON object TO `user`@`host` [WITH GRANT OPTION]``, or `` `role`@`host` TO ... ``.
fn granted(rest: &str, line: u64, record: &Record<'_>, out: &mut Out<'_>) -> Option<()> {
    let (what, to) = rest.rsplit_once(" TO ")?;
    let account = account(to)?;
    let at = |shows: &str| Evidence::new(shows, record.input, Place::Line { line, column: 1 });
    out.sink.identity(Identity::observed(SYSTEM, &account, IdentityKind::User, at("account")));
    let give = |object: GrantObject, scope: &str, out: &mut Out<'_>| {
        let seen = Grant::observed(SYSTEM, &account, object, at("grant"));
        out.sink.grant(Grant { scope: scope.into(), standing: Standing::Standing, expiry: Expiry::Never, ..seen });
    };
    let Some((privileges, scope)) = what.rsplit_once(" ON ") else {
        give(GrantObject::Group(self::account(what)?.into()), "", out);
        return Some(());
    };
    for privilege in privileges.split(',').map(str::trim).filter(|privilege| !matches!(*privilege, "USAGE" | "")) {
        give(GrantObject::Role(privilege.into()), &scope.replace('`', ""), out);
    }
    if to.contains("WITH GRANT OPTION") {
        give(GrantObject::Role("GRANT OPTION".into()), scope, out);
    }
    Some(())
}

/// `mysql/user@host` of an account in any kind of quotes.
fn account(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(text.len());
    let plain: String = text.get(..end)?.chars().filter(|c| !matches!(c, '`' | '\'' | '"')).collect();
    plain.contains('@').then(|| format!("mysql/{plain}"))
}

fn table(record: &Record<'_>, out: &mut Out<'_>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(record.text.as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        return out.problem(record, "", GapReason::Damaged, "the header is not valid CSV");
    };
    for (index, row) in reader.records().enumerate() {
        let Ok(row) = row else {
            out.problem(record, "", GapReason::Damaged, format!("line {} is not valid CSV", index + 2));
            continue;
        };
        out.items(1);
        let line = row.position().map_or(index as u64 + 2, csv::Position::line);
        let field = |name: &str| {
            header
                .iter()
                .position(|column| column.eq_ignore_ascii_case(name))
                .and_then(|at| row.get(at))
                .unwrap_or_default()
        };
        if field("User").is_empty() {
            out.problem(record, "", GapReason::Damaged, format!("line {line} names no user"));
            continue;
        }
        user(&field, line, record, out);
    }
}

fn user<'f>(field: &dyn Fn(&str) -> &'f str, line: u64, record: &Record<'_>, out: &mut Out<'_>) {
    let id = format!("mysql/{}@{}", field("User"), field("Host"));
    let at = |shows: &str| Evidence::new(shows, record.input, Place::Line { line, column: 1 });
    let is = |name: &str| field(name).eq_ignore_ascii_case("Y");
    let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::User, at("account"));
    identity.status = if is("account_locked") { Status::Inactive } else { Status::Active };
    let status = identity.status;
    out.sink.identity(identity);
    for (column, right) in
        [("Super_priv", "SUPER"), ("Grant_priv", "GRANT OPTION"), ("Create_user_priv", "CREATE USER")]
    {
        if is(column) {
            let seen = Grant::observed(SYSTEM, &id, GrantObject::Role(right.into()), at("right of the account"));
            out.sink.grant(Grant { scope: "*.*".into(), standing: Standing::Standing, expiry: Expiry::Never, ..seen });
        }
    }
    let key = CredentialId::derived(SYSTEM, &format!("{id}#password"));
    let mut password = Credential::observed(key, "mysql-password", "MySQL password", at("password"));
    password.principal = Some(id.as_str().into());
    password.created = instant(field("password_last_changed"));
    password.status = if is("password_expired") { Status::Inactive } else { status };
    let days: Option<i64> = field("password_lifetime").parse().ok();
    password.expiry = match (password.created, days) {
        (_, Some(0)) => Expiry::Never,
        (Some(set), Some(days)) => {
            let span = jiff::SignedDuration::from_secs(days.saturating_mul(86_400));
            set.checked_add(span).map_or(Expiry::Unknown, Expiry::At)
        }
        _ => Expiry::Unknown,
    };
    password.standing = if password.expiry == Expiry::Never { StandingClass::Standing } else { StandingClass::Depends };
    if !field("plugin").is_empty() {
        password.readouts.push(Readout::new("plugin", field("plugin")));
    }
    out.sink.credential(password);
}

#[cfg(test)]
mod tests {
    use super::{account, inner};

    #[test]
    fn accounts_come_in_every_kind_of_quotes_and_frames() {
        assert_eq!(account("`root`@`%` WITH GRANT OPTION").as_deref(), Some("mysql/root@%"));
        assert_eq!(account("'app'@'10.0.0.1';").as_deref(), Some("mysql/app@10.0.0.1"));
        assert_eq!(account("nobody"), None);
        assert_eq!(inner("| GRANT USAGE ON *.* TO `a`@`b` |"), "GRANT USAGE ON *.* TO `a`@`b`");
        assert_eq!(inner("+--------------+"), "");
    }
}
