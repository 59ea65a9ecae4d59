//! Roles of PostgreSQL: `pg_dumpall --roles-only`, or `pg_roles` as CSV.
//!
//! A role that may log in has a password without an end unless `VALID UNTIL` says otherwise. Hashes of passwords are not
//! read; the file is read as text as well.

use super::ends::end;
use super::lookup::Node;
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{
    Credential, CredentialId, Evidence, Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, Place, Readout,
    Standing, StandingClass,
};

const SYSTEM: &str = "postgres";
/// What a role may be, as SQL says it and as columns of `pg_roles` do.
const RIGHTS: &[(&str, &str)] = &[
    ("SUPERUSER", "rolsuper"),
    ("CREATEROLE", "rolcreaterole"),
    ("CREATEDB", "rolcreatedb"),
    ("REPLICATION", "rolreplication"),
    ("BYPASSRLS", "rolbypassrls"),
];

/// Reads roles of PostgreSQL.
pub(super) struct Postgres;

impl Importer for Postgres {
    fn id(&self) -> &'static str {
        "postgres"
    }

    fn title(&self) -> &'static str {
        "PostgreSQL roles"
    }

    fn how_to_export(&self) -> &'static str {
        "pg_dumpall --roles-only --no-role-passwords > roles.sql, or psql --csv -c 'SELECT * FROM pg_roles' > roles.csv"
    }

    fn layout(&self) -> Layout {
        Layout::Whole
    }

    fn shapes(&self) -> &'static [Shape] {
        &[Shape { list: None, keys: &["rolname", "rolsuper", "rolcanlogin", "rolvaliduntil"] }]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["CREATE ROLE ", "ALTER ROLE "]
    }

    fn is_text(&self, head: &str) -> bool {
        let has = |start: &str, part: &str| head.lines().any(|line| line.starts_with(start) && line.contains(part));
        has("CREATE ROLE ", ";") && (has("ALTER ROLE ", " WITH NOSUPERUSER ") || has("ALTER ROLE ", " WITH SUPERUSER "))
    }

    fn may_hold_secrets(&self) -> bool {
        true
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Roles)
    }
}

struct Roles;

impl Worker for Roles {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        if record.text.trim_start().starts_with("rolname")
            || record.text.lines().next().is_some_and(|line| line.contains("rolname"))
        {
            return table(record, out);
        }
        for (number, line) in (1_u64..).zip(record.text.lines()) {
            let line = line.trim();
            let read = if let Some(rest) = line.strip_prefix("ALTER ROLE ") {
                altered(rest, number, record, out)
            } else if let Some(rest) = line.strip_prefix("GRANT ") {
                granted(rest, number, record, out)
            } else {
                continue;
            };
            out.items(1);
            if read.is_none() {
                out.problem(record, "", GapReason::Damaged, format!("line {number} cannot be read"));
            }
        }
    }
}

/// What is known of one role.
struct Role<'a> {
    name: &'a str,
    rights: Vec<&'static str>,
    can_log_in: bool,
    ends: Expiry,
    line: u64,
}

impl Role<'_> {
    fn emit(self, record: &Record<'_>, out: &mut Out<'_>) {
        if self.name.starts_with("pg_") {
            return out.sink.set_aside("postgres-predefined-role", 1);
        }
        let at = |shows: &str| Evidence::new(shows, record.input, Place::Line { line: self.line, column: 1 });
        let id = id(self.name);
        // Vault names the roles that it makes for one session like this.
        let is_leased = self.name.starts_with("v-");
        let mut identity = Identity::observed(SYSTEM, &id, IdentityKind::User, at("role"));
        identity.name = self.name.into();
        identity.facts.push(Readout::new("login", if self.can_log_in { "true" } else { "false" }));
        out.sink.identity(identity);
        for right in self.rights {
            let object = GrantObject::Role(right.into());
            let seen = Grant::observed(SYSTEM, &id, object, at("right of the role"));
            out.sink.grant(Grant { standing: Standing::Standing, expiry: self.ends, ..seen });
        }
        if !self.can_log_in {
            return;
        }
        let key = CredentialId::derived(SYSTEM, &format!("{id}#login"));
        let mut login = Credential::observed(key, "postgres-login", "PostgreSQL login", at("login"));
        login.principal = Some(id.as_str().into());
        login.expiry = self.ends;
        login.standing = match self.ends {
            Expiry::Never => StandingClass::Standing,
            _ if is_leased => StandingClass::Ephemeral,
            _ => StandingClass::Depends,
        };
        if is_leased {
            login.readouts.push(Readout::new("made-by", "Vault"));
        }
        out.sink.credential(login);
    }
}

/// `name WITH SUPERUSER INHERIT ... PASSWORD '...' VALID UNTIL '...';`
fn altered(rest: &str, line: u64, record: &Record<'_>, out: &mut Out<'_>) -> Option<()> {
    let (name, options) = identifier(rest)?;
    let Some(options) = options.trim_start().strip_prefix("WITH ") else { return Some(()) };
    let (mut words, mut rights, mut can_log_in) = (options, Vec::new(), false);
    let mut ends = Expiry::Never;
    while let Some((word, rest)) = word(words) {
        match word {
            "LOGIN" => can_log_in = true,
            "VALID" => {
                let (_, until) = self::word(rest)?;
                let (text, rest) = quoted(until.trim_start())?;
                ends = until_text(text);
                words = rest;
                continue;
            }
            "PASSWORD" => {
                words = quoted(rest.trim_start()).map_or(rest, |(_, rest)| rest);
                continue;
            }
            _ => rights.extend(RIGHTS.iter().filter(|(right, _)| *right == word).map(|(right, _)| *right)),
        }
        words = rest;
    }
    Role { name: &name, rights, can_log_in, ends, line }.emit(record, out);
    Some(())
}

/// `role TO member [WITH ADMIN OPTION] [GRANTED BY x];`
fn granted(rest: &str, line: u64, record: &Record<'_>, out: &mut Out<'_>) -> Option<()> {
    let (role, rest) = identifier(rest)?;
    let (member, rest) = identifier(rest.trim_start().strip_prefix("TO ")?)?;
    let evidence = Evidence::new("membership", record.input, Place::Line { line, column: 1 });
    let object = GrantObject::Group(id(&role).into());
    let mut facts = Vec::new();
    if rest.contains("WITH ADMIN") {
        facts.push(Readout::new("may-pass-on", "true"));
    }
    let seen = Grant::observed(SYSTEM, &id(&member), object, evidence);
    out.sink.grant(Grant { standing: Standing::Standing, expiry: Expiry::Never, facts, ..seen });
    Some(())
}

fn table(record: &Record<'_>, out: &mut Out<'_>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(record.text.as_bytes());
    let Ok(header) = reader.headers().cloned() else {
        return out.problem(record, "", GapReason::Damaged, "the header is not valid CSV");
    };
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
    for (index, row) in reader.records().enumerate() {
        let line = index as u64 + 2;
        let Ok(row) = row else {
            out.problem(record, "", GapReason::Damaged, format!("line {line} is not valid CSV"));
            continue;
        };
        out.items(1);
        let field = |name: &str| {
            columns.iter().position(|column| column == name).and_then(|at| row.get(at)).unwrap_or_default()
        };
        let is = |name: &str| matches!(field(name), "t" | "true" | "1");
        let line = row.position().map_or(line, csv::Position::line);
        if field("rolname").is_empty() {
            out.problem(record, "", GapReason::Damaged, format!("line {line} names no role"));
            continue;
        }
        let rights = RIGHTS.iter().filter(|(_, column)| is(column)).map(|(right, _)| *right).collect();
        let until = field("rolvaliduntil");
        let ends = if until.is_empty() { Expiry::Never } else { until_text(until) };
        Role { name: field("rolname"), rights, can_log_in: is("rolcanlogin"), ends, line }.emit(record, out);
    }
}

/// `2026-01-01 00:00:00+00`, whose offset has no minutes, or `infinity`.
fn until_text(text: &str) -> Expiry {
    let value = serde_json::Value::from(text);
    match end(Node::of(&value), Expiry::Never) {
        Expiry::Unknown => instant(&format!("{text}:00")).map_or(Expiry::Unknown, Expiry::At),
        known => known,
    }
}

fn id(name: &str) -> String {
    format!("postgres/{name}")
}

/// A name, quoted or not, and what follows it.
fn identifier(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start();
    if let Some(rest) = text.strip_prefix('"') {
        let mut name = String::new();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek()) {
                ('"', Some((_, '"'))) => {
                    chars.next();
                    name.push('"');
                }
                ('"', _) => return Some((name, rest.get(at + 1..)?)),
                _ => name.push(c),
            }
        }
        return None;
    }
    let end = text.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (name.to_owned(), rest))
}

fn word(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start().trim_start_matches(';');
    let end = text.find(|c: char| c.is_whitespace() || c == ';').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    (!word.is_empty()).then_some((word, rest))
}

/// A text in single quotes; two of them inside stand for one.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('\'')?;
    let mut from = 0;
    loop {
        let at = from + rest.get(from..)?.find('\'')?;
        if rest.get(at + 1..)?.starts_with('\'') {
            from = at + 2;
        } else {
            return Some((rest.get(..at)?, rest.get(at + 1..)?));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_names_and_texts_end_where_they_end() {
        assert_eq!(identifier("\"a \"\"b\"\" c\" WITH"), Some(("a \"b\" c".to_owned(), " WITH")));
        assert_eq!(identifier("app;"), Some(("app".to_owned(), ";")));
        assert_eq!(identifier("\"open"), None);
        assert_eq!(quoted("'it''s' x"), Some(("it''s", " x")));
        assert_eq!(quoted("'open"), None);
    }

    #[test]
    fn ends_are_read_with_an_offset_of_hours() {
        assert_eq!(until_text("infinity"), Expiry::Never);
        assert_eq!(
            until_text("2026-01-01 00:00:00+00").at().map(|time| time.to_string()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!(until_text("soon"), Expiry::Unknown);
    }
}
