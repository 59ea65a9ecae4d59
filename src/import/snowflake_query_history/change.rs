//! Users made, changed, disabled and dropped; their passwords, keys and tokens; roles given and taken; policies lifted.

use jiff::SignedDuration;

use super::SYSTEM;
use super::statement::{Rest, Statement, Word};
use crate::import::Out;
use crate::model::{CredentialId, Event, EventKind, Expiry, GrantChange, GrantObject, Standing};

/// How long a programmatic access token lives where the statement does not say:
/// <https://docs.snowflake.com/en/user-guide/programmatic-access-tokens>.
const TOKEN_DAYS: i64 = 15;
/// Settings that are credentials, with the word by which the login history calls them and their type.
const CREDENTIALS: [(&str, &str, &str); 3] = [
    ("PASSWORD", "PASSWORD", "snowflake-password"),
    ("RSA_PUBLIC_KEY", "RSA_KEYPAIR", "snowflake-key-pair"),
    ("RSA_PUBLIC_KEY_2", "RSA_KEYPAIR", "snowflake-key-pair"),
];

/// Pushes what a statement changed; false if that is nothing of concern. `user` ran it, as `event` says.
pub(super) fn told(statement: &Statement, user: &str, event: &Event<'_>, out: &mut Out<'_>) -> bool {
    let change = Change { event, user };
    let made = statement.after(&["CREATE", "OR?", "REPLACE?", "USER", "IF?", "NOT?", "EXISTS?"]);
    let altered = statement.after(&["ALTER", "USER", "IF?", "EXISTS?"]);
    let dropped = statement.after(&["DROP", "USER", "IF?", "EXISTS?"]);
    let given = statement.after(&["GRANT", "ROLE"]);
    let taken = statement.after(&["REVOKE", "ROLE"]);
    let unread = [made, altered, dropped, given, taken].iter().any(Option::is_some);
    let told = if let Some((name, settings)) = made.and_then(Rest::name) {
        change.credentials(name, settings, EventKind::Issued, out)
    } else if let Some(rest) = altered {
        change.altered(rest, out)
    } else if let Some((name, _)) = dropped.and_then(Rest::name) {
        change.identity(name, EventKind::IdentityDeleted, out)
    } else if let Some(told) = given.and_then(|rest| change.role(rest, "TO", EventKind::Granted, out)) {
        told
    } else if let Some(told) = taken.and_then(|rest| change.role(rest, "FROM", EventKind::Ungranted, out)) {
        told
    } else {
        change.policy(statement, out)
    };
    out.note(
        "statements about users and roles that say nothing of credentials or name nobody",
        u64::from(unread && !told),
    );
    told
}

struct Change<'a> {
    event: &'a Event<'a>,
    user: &'a str,
}

impl Change<'_> {
    /// `ALTER USER [name] ...`; without a name it is about who runs it.
    fn altered(&self, rest: Rest<'_>, out: &mut Out<'_>) -> bool {
        if let Some(told) = self.token(self.user, rest, out) {
            return told;
        }
        let Some((name, rest)) = rest.name() else { return false };
        if let Some(told) = self.token(name, rest, out) {
            return told;
        }
        if let Some(settings) = rest.after(&["SET"]) {
            let switched = match settings.value("DISABLED") {
                Some(Word::Name(value)) if value == "TRUE" => self.identity(name, EventKind::IdentityDisabled, out),
                Some(Word::Name(value)) if value == "FALSE" => self.identity(name, EventKind::IdentityEnabled, out),
                _ => false,
            };
            let eased = settings.has("MINS_TO_BYPASS_MFA") && self.weakened("MINS_TO_BYPASS_MFA", name, out);
            let enabled = self.credentials(name, settings, EventKind::Enabled, out);
            let issued = self.credentials(name, settings, EventKind::Issued, out);
            return switched || eased || enabled || issued;
        }
        let Some(settings) = rest.after(&["UNSET"]) else { return false };
        let eased = settings.has("NETWORK_POLICY") && self.weakened("NETWORK_POLICY", name, out);
        self.credentials(name, settings, EventKind::Disabled, out) || eased
    }

    /// The passwords and keys among the settings of a user. They are told by their user, as logins tell them; so one that
    /// is taken away may be given anew.
    fn credentials(&self, user: &str, settings: Rest<'_>, kind: EventKind, out: &mut Out<'_>) -> bool {
        let mut told = false;
        for (setting, factor, of_type) in CREDENTIALS.into_iter().filter(|(setting, ..)| settings.has(setting)) {
            let principal = format!("snowflake/user/{user}");
            let mut event = self.event.clone();
            event.kind = kind;
            event.credential = Some(CredentialId::derived(SYSTEM, &format!("{user} {factor}")));
            event.credential_kind = of_type;
            event.principal = Some(&principal);
            event.scope = Some(setting);
            if kind == EventKind::Issued {
                event.expiry = Expiry::Never;
            }
            out.sink.event(&event);
            told = true;
        }
        told
    }

    /// A programmatic access token that is added, changed or removed; nothing if the statement is about something else.
    fn token(&self, user: &str, rest: Rest<'_>, out: &mut Out<'_>) -> Option<bool> {
        let of = |verb| {
            let long = rest.after(&[verb, "PROGRAMMATIC", "ACCESS", "TOKEN"]);
            long.or_else(|| rest.after(&[verb, "PAT"])).and_then(Rest::name)
        };
        let (kind, name, settings) = if let Some((name, settings)) = of("ADD") {
            (EventKind::Issued, name, settings)
        } else if let Some((name, settings)) = of("REMOVE") {
            (EventKind::Revoked, name, settings)
        } else {
            let (name, settings) = of("MODIFY")?;
            match settings.value("DISABLED") {
                Some(Word::Name(value)) if value == "TRUE" => (EventKind::Disabled, name, settings),
                Some(Word::Name(value)) if value == "FALSE" => (EventKind::Enabled, name, settings),
                _ => return Some(false),
            }
        };
        let principal = format!("snowflake/user/{user}");
        let mut event = self.event.clone();
        event.kind = kind;
        event.credential = Some(CredentialId::issued(SYSTEM, &format!("token/{user}/{name}")));
        event.credential_kind = "snowflake-programmatic-token";
        event.principal = Some(&principal);
        if kind == EventKind::Issued {
            let days = match settings.value("DAYS_TO_EXPIRY") {
                Some(Word::Name(days)) => days.parse().unwrap_or(TOKEN_DAYS),
                _ => TOKEN_DAYS,
            };
            let ttl = SignedDuration::from_hours(days.clamp(0, 3_650) * 24);
            event.ttl_s = Some(ttl.as_secs());
            event.expiry = event.time.checked_add(ttl).map_or(Expiry::Unknown, Expiry::At);
        }
        out.sink.event(&event);
        Some(true)
    }

    fn identity(&self, name: &str, kind: EventKind, out: &mut Out<'_>) -> bool {
        let principal = format!("snowflake/user/{name}");
        let mut event = self.event.clone();
        event.kind = kind;
        event.principal = Some(&principal);
        out.sink.event(&event);
        true
    }

    /// `GRANT ROLE r TO USER u`, `REVOKE ROLE r FROM ROLE s`.
    fn role(&self, rest: Rest<'_>, side: &str, kind: EventKind, out: &mut Out<'_>) -> Option<bool> {
        let (role, rest) = rest.name()?;
        let user = rest.after(&[side, "USER"]).and_then(Rest::name).map(|(name, _)| format!("snowflake/user/{name}"));
        let holder = user.or_else(|| Some(format!("snowflake/role/{}", rest.after(&[side, "ROLE"])?.name()?.0)))?;
        let mut event = self.event.clone();
        event.kind = kind;
        event.principal = Some(&holder);
        event.grant = Some(GrantChange {
            system: SYSTEM.into(),
            holder: holder.as_str().into(),
            object: GrantObject::Role(role.into()),
            scope: "".into(),
            id: "".into(),
            standing: Standing::Standing,
        });
        if kind == EventKind::Granted {
            event.expiry = Expiry::Never;
        }
        out.sink.event(&event);
        Some(true)
    }

    /// A policy of the account that is dropped or no longer in force.
    fn policy(&self, statement: &Statement, out: &mut Out<'_>) -> bool {
        const POLICIES: [&str; 4] = ["NETWORK", "AUTHENTICATION", "PASSWORD", "SESSION"];
        for policy in POLICIES {
            let dropped = statement.after(&["DROP", policy, "POLICY", "IF?", "EXISTS?"]);
            let unset = statement.after(&["ALTER", "ACCOUNT", "UNSET"]);
            let is_unset = unset
                .is_some_and(|rest| rest.has(&format!("{policy}_POLICY")) || rest.after(&[policy, "POLICY"]).is_some());
            if dropped.is_some() || is_unset {
                return self.weakened(&format!("{policy}_POLICY"), "account", out);
            }
        }
        false
    }

    fn weakened(&self, setting: &str, target: &str, out: &mut Out<'_>) -> bool {
        let mut event = self.event.clone();
        event.kind = EventKind::Weakened;
        event.action = Some(setting);
        event.target = Some(target);
        out.sink.event(&event);
        true
    }
}
