//! F03: a short-lived credential with which everything may be done.

use super::basis::card;
use super::basis::issued::{self, Privileges, Session};
use super::basis::words::count;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Ledger, Privilege};
use crate::model::CredentialId;

/// See `rules/checks/admin_scoped_session.yaml`.
pub(super) struct AdminScopedSession;

impl Check for AdminScopedSession {
    fn id(&self) -> &'static str {
        "admin-scoped-session"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let privileges = &ctx.shared.privileges;
        for sessions in ctx.shared.by_scope().into_values() {
            answers.examine();
            let Some(how) = sessions.first().and_then(|first| everything(privileges, first)) else { continue };
            let open: Vec<Session<'_>> = sessions.into_iter().filter(|session| !is_meant(ctx, session)).collect();
            if !open.is_empty() {
                report(ctx, &how, privileges, &open, answers);
            }
        }
    }
}

/// Why the scope of the session is everything, in words.
fn everything(privileges: &Privileges<'_>, session: &Session<'_>) -> Option<String> {
    let scope = session.life.scope.as_deref()?;
    for privilege in [&session.row.privilege, privileges.get(scope)] {
        if let Privilege::Admin { how, .. } = privilege {
            return Some(how.clone());
        }
    }
    let of_vault = matches!(&session.row.id, CredentialId::Issued { system, .. } if &**system == "vault")
        || matches!(&session.row.id, CredentialId::Hashed { scheme, .. } if scheme.starts_with("vault/"));
    let mut parts = scope.split([',', ' ']);
    let whole = parts.find(|part| matches!(*part, "*" | "*:*") || (of_vault && *part == "root"))?;
    Some(format!("its scope names {whole}"))
}

/// There for emergencies, or given under a request that somebody approved.
fn is_meant(ctx: &Context<'_>, session: &Session<'_>) -> bool {
    let (requester, scope) = session.group();
    let emergencies = &ctx.policy.break_glass;
    emergencies.roles.matches(scope) || emergencies.identities.matches(requester) || is_approved(ctx.ledger, session)
}

fn is_approved(ledger: &Ledger, session: &Session<'_>) -> bool {
    let request = session.life.request.as_deref().and_then(|id| ledger.requests.get(id));
    let issued = session.life.issued_at.unwrap_or(ledger.as_of);
    request.is_some_and(|request| request.decisions.iter().any(|one| one.approved && one.time <= issued))
}

fn report(ctx: &Context<'_>, how: &str, privileges: &Privileges<'_>, sessions: &[Session<'_>], answers: &mut Answers) {
    let Some(scope) = sessions.first().map(|session| session.group().1) else { return };
    let rating = severity::default(ctx);
    let both = [sessions.first().map(|first| &first.row.privilege), Some(privileges.get(scope))];
    let because = both.into_iter().flatten().flat_map(|privilege| match privilege {
        Privilege::Admin { evidence, .. } => evidence.as_slice(),
        _ => &[],
    });
    let finding = issued::about_scope(ctx, scope, &rating).message(format!(
        "{} of {} may do everything.",
        count(sessions.len() as u64, "short-lived credential"),
        card::short(scope)
    ));
    let finding = finding.fact("Privilege", format!("administrator: {how}"));
    let finding = issued::tell(finding, sessions).evidence(because.take(8).cloned());
    answers.found(scope, finding);
}
