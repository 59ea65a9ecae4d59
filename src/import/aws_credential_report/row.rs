//! One row of the report: a user or root, and each credential it names.

use std::sync::Arc;

use csv::StringRecord;
use jiff::Timestamp;

use crate::import::aws::{ACCESS_KEY, ACCESS_KEY_TITLE, Arn, PASSWORD, key_tracking_began, password};
use crate::import::time::instant;
use crate::model::{
    Credential, CredentialId, Evidence, Expiry, Identity, IdentityKind, Input, LastUse, Place, Readout, Sink,
    StandingClass, Status,
};

/// How the report names the root user.
const ROOT: &str = "<root_account>";

/// Where the columns stand; reports of different ages have different ones.
pub(super) struct Columns {
    names: Vec<Box<str>>,
    /// The text has quotes, so that fields are longer in it than they are.
    quoted: bool,
}

impl Columns {
    /// The columns of a header, if it names users.
    pub(super) fn of(header: &StringRecord, text: &str) -> Option<Self> {
        let names: Vec<Box<str>> = header.iter().map(|name| name.trim().into()).collect();
        let has = |wanted: &str| names.iter().any(|name| &**name == wanted);
        (has("user") && has("arn")).then(|| Self { names, quoted: text.contains('"') })
    }
}

/// A row with its place.
pub(super) struct Row<'a> {
    pub(super) columns: &'a Columns,
    pub(super) line: &'a StringRecord,
    pub(super) number: u64,
    pub(super) input: &'a Arc<Input>,
    pub(super) made: Option<Timestamp>,
}

/// A cell: the report has four ways to say nothing.
enum Cell<'a> {
    /// `N/A` or empty: there is no such thing, or it was never used.
    Nothing,
    /// `no_information`: AWS has no data in its tracking period.
    NoInformation,
    /// `not_supported`: the report does not tell for this row, or the column is missing.
    NotTold,
    /// A value.
    Value(&'a str),
}

impl Row<'_> {
    /// Pushes what the row says. The error says what is wrong with it.
    pub(super) fn emit(&self, sink: &mut dyn Sink) -> Result<(), &'static str> {
        if self.line.len() < self.columns.names.len() {
            return Err("has fewer fields than the header");
        }
        let (Cell::Value(user), Cell::Value(arn)) = (self.cell("user"), self.cell("arn")) else {
            return Err("has no user or no arn");
        };
        let Some(parsed) = Arn::parse(arn) else { return Err("has no ARN in the column arn") };
        let is_root = user == ROOT;
        let mut found: Vec<Credential> = Vec::new();
        found.extend(self.password(arn, is_root));
        found.extend(["1", "2"].iter().filter_map(|slot| self.access_key(arn, slot)));
        found.extend(["1", "2"].iter().filter_map(|slot| self.certificate(arn, slot)));
        let last_use = of_all(&found);
        let created = self.time("user_creation_time");
        let kind = if is_root { IdentityKind::Root } else { IdentityKind::User };
        let seen = Identity::observed("aws", arn, kind, self.evidence("user in the credential report", "user"));
        let name = if is_root { "root" } else { user }.into();
        let facts = self.second_factor(is_root);
        sink.identity(Identity { account: Some(parsed.account.into()), name, created, last_use, facts, ..seen });
        for credential in found {
            sink.credential(credential);
        }
        Ok(())
    }

    /// Whether the user signs in to the console, and whether with a second factor. The root user always can, where the
    /// report does not say otherwise.
    fn second_factor(&self, is_root: bool) -> Vec<Readout> {
        let told = |column: &str| match self.cell(column) {
            Cell::Value(text) if text.eq_ignore_ascii_case("true") => Some("true"),
            Cell::Value(text) if text.eq_ignore_ascii_case("false") => Some("false"),
            _ => None,
        };
        let console = told("password_enabled").or(is_root.then_some("true"));
        let facts = [("console", console), ("mfa", told("mfa_active"))];
        facts.into_iter().filter_map(|(name, value)| Some(Readout::new(name, value?))).collect()
    }

    fn access_key(&self, arn: &str, slot: &str) -> Option<Credential> {
        let status = self.status(&format!("access_key_{slot}_active"));
        let created = self.time(&format!("access_key_{slot}_last_rotated"));
        if created.is_none() && status != Status::Active {
            return None;
        }
        let id = derived(arn, &format!("key{slot}"), created);
        let evidence = self.evidence("access key in the credential report", &format!("access_key_{slot}_active"));
        let mut credential = Credential::observed(id, ACCESS_KEY, ACCESS_KEY_TITLE, evidence);
        credential.expiry = Expiry::Never;
        credential.last_use = match self.cell(&format!("access_key_{slot}_last_used_date")) {
            Cell::Value(text) => instant(text).map_or(LastUse::Unknown, LastUse::At),
            Cell::Nothing if created.is_some_and(|created| created >= key_tracking_began()) => LastUse::Never,
            Cell::Nothing | Cell::NoInformation => LastUse::NotInWindow,
            Cell::NotTold => LastUse::Unknown,
        };
        Some(self.completed(credential, arn, status, created))
    }

    fn password(&self, arn: &str, is_root: bool) -> Option<Credential> {
        let status = self.status("password_enabled");
        if status != Status::Active && !is_root {
            return None;
        }
        let evidence = self.evidence("console password in the credential report", "password_enabled");
        let mut credential = Credential::observed(password(arn), PASSWORD, "AWS console password", evidence);
        credential.expiry = match self.cell("password_next_rotation") {
            // After that date the password still opens the console, to change it: it is no end.
            Cell::Value(_) | Cell::NoInformation | Cell::NotTold => Expiry::Unknown,
            Cell::Nothing => Expiry::Never,
        };
        credential.last_use = match self.cell("password_last_used") {
            Cell::Value(text) => instant(text).map_or(LastUse::Unknown, LastUse::At),
            Cell::NoInformation => LastUse::NotInWindow,
            Cell::Nothing | Cell::NotTold => LastUse::Unknown,
        };
        let created = self.time("password_last_changed");
        Some(self.completed(credential, arn, status, created))
    }

    fn certificate(&self, arn: &str, slot: &str) -> Option<Credential> {
        let status = self.status(&format!("cert_{slot}_active"));
        let created = self.time(&format!("cert_{slot}_last_rotated"));
        if created.is_none() && status != Status::Active {
            return None;
        }
        let id = derived(arn, &format!("cert{slot}"), created);
        let evidence = self.evidence("signing certificate in the credential report", &format!("cert_{slot}_active"));
        let credential = Credential::observed(id, "aws-signing-certificate", "AWS signing certificate", evidence);
        Some(self.completed(credential, arn, status, created))
    }

    fn completed(
        &self,
        mut credential: Credential,
        arn: &str,
        status: Status,
        created: Option<Timestamp>,
    ) -> Credential {
        credential.standing = StandingClass::Standing;
        credential.principal = Some(arn.into());
        credential.created = created;
        credential.status = status;
        credential.observed_at = self.made;
        credential
    }

    fn status(&self, column: &str) -> Status {
        match self.cell(column) {
            Cell::Value(text) if text.eq_ignore_ascii_case("true") => Status::Active,
            Cell::Value(text) if text.eq_ignore_ascii_case("false") => Status::Inactive,
            _ => Status::Unknown,
        }
    }

    fn time(&self, column: &str) -> Option<Timestamp> {
        match self.cell(column) {
            Cell::Value(text) => instant(text),
            _ => None,
        }
    }

    fn cell(&self, column: &str) -> Cell<'_> {
        let Some(index) = self.columns.names.iter().position(|name| &**name == column) else { return Cell::NotTold };
        match self.line.get(index).map(str::trim) {
            None | Some("not_supported") => Cell::NotTold,
            Some("" | "N/A") => Cell::Nothing,
            Some("no_information") => Cell::NoInformation,
            Some(text) => Cell::Value(text),
        }
    }

    /// The place of a cell, with its column in characters; the first column where quotes hide the real one.
    fn evidence(&self, shows: &str, column: &str) -> Evidence {
        let index = self.columns.names.iter().position(|name| &**name == column).unwrap_or(0);
        let index = if self.columns.quoted { 0 } else { index };
        let before: usize = self.line.iter().take(index).map(|field| field.chars().count() + 1).sum();
        Evidence::new(shows, self.input, Place::Line { line: self.number, column: before as u64 + 1 })
    }
}

/// When the holder of all these was last used; never only if none of them ever was.
fn of_all(found: &[Credential]) -> LastUse {
    let uses = || found.iter().map(|credential| credential.last_use);
    match uses().filter_map(LastUse::at).max() {
        Some(latest) => LastUse::At(latest),
        None if found.is_empty() || uses().any(|last_use| last_use == LastUse::Unknown) => LastUse::Unknown,
        None if uses().all(|last_use| last_use == LastUse::Never) => LastUse::Never,
        None => LastUse::NotInWindow,
    }
}

fn derived(arn: &str, what: &str, created: Option<Timestamp>) -> CredentialId {
    let text = created.map_or_else(|| format!("{arn}#{what}"), |created| format!("{arn}#{what}@{created}"));
    CredentialId::derived("aws", &text)
}
