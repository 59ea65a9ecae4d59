//! E01: a short-lived credential that was obtained with a static one although a stronger way exists.

use std::collections::{BTreeMap, HashSet};

use super::basis::card;
use super::basis::words::{count, list, minute};
use super::{Answers, Check, Context, severity};
use crate::ledger::texts::place;
use crate::ledger::{CredentialRow, Privilege, Timeline, identity_key};
use crate::model::{CredentialId, Evidence, FindingBuilder, GrantObject, Proof, StandingClass, Subject, SubjectKind};
use crate::rules::policy::proof_name;

/// Trusted principals that stand for a proof of the requester itself, as parts of a trust policy's principal.
const STRONG_PRINCIPALS: [&str; 4] =
    [":oidc-provider/", ":saml-provider/", "rolesanywhere.amazonaws.com", "pods.eks.amazonaws.com"];

/// See `rules/checks/weak_issuance_proof.yaml`.
pub(super) struct WeakIssuanceProof;

/// What one credential obtained for one scope.
struct Minted<'a> {
    sessions: Vec<&'a Timeline>,
    parent: Option<&'a CredentialRow>,
}

/// Why a stronger way exists, and where that is written.
struct Stronger {
    how: String,
    evidence: Evidence,
}

/// Stronger ways by the scope that they lead to.
type Ways = BTreeMap<String, Stronger>;

impl Check for WeakIssuanceProof {
    fn id(&self) -> &'static str {
        "weak-issuance-proof"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let ways = ways(ctx);
        for ((parent, scope), minted) in weakly_minted(ctx) {
            answers.examine();
            if let Some(stronger) = ways.get(&identity_key(scope)) {
                report(ctx, parent, scope, &minted, stronger, answers);
            }
        }
    }
}

fn weakly_minted<'a>(ctx: &Context<'a>) -> BTreeMap<(&'a CredentialId, &'a str), Minted<'a>> {
    let mut groups: BTreeMap<_, Minted<'a>> = BTreeMap::new();
    for timeline in ctx.shared.groups.values().flatten().map(|session| session.life) {
        let weak = matches!(timeline.proof, Proof::StaticKey | Proof::Password | Proof::Token);
        let (Some(id), Some(scope), true) = (&timeline.parent, timeline.scope.as_deref(), weak) else { continue };
        let parent = ctx.shared.lineage.get(id);
        if parent.is_some_and(|parent| parent.standing == StandingClass::Ephemeral) {
            continue;
        }
        let group = groups.entry((id, scope)).or_insert_with(|| Minted { sessions: Vec::new(), parent });
        group.sessions.push(timeline);
    }
    groups
}

/// Roles whose trust policy names a proof of the requester itself, then scopes that somebody obtained with one.
fn ways(ctx: &Context<'_>) -> Ways {
    let mut ways = Ways::new();
    for grant in &ctx.ledger.grants {
        let GrantObject::AssumeRole(role) = &grant.object else { continue };
        if STRONG_PRINCIPALS.iter().any(|part| grant.holder.contains(part)) {
            let how = format!("{} trusts {}", card::short(role), card::short(&grant.holder));
            ways.entry(identity_key(role)).or_insert(Stronger { how, evidence: grant.evidence.clone() });
        }
    }
    let mut seen = HashSet::new();
    for timeline in ctx.ledger.credentials.iter().filter_map(|row| row.timeline.as_deref()) {
        let strong = matches!(timeline.proof, Proof::Oidc | Proof::Saml | Proof::Attested | Proof::Mtls);
        let moment = timeline.issued.as_ref().or(timeline.seen.as_ref());
        let (Some(scope), Some(issued), true) = (timeline.scope.as_deref(), moment, strong) else { continue };
        if !seen.insert(place(scope)) {
            continue;
        }
        let (proof, when) = (proof_name(timeline.proof), minute(issued.time));
        let how = format!("{} was obtained with {proof} on {when}", card::short(scope));
        ways.entry(identity_key(scope)).or_insert(Stronger { how, evidence: issued.evidence.clone() });
    }
    ways
}

fn report(
    ctx: &Context<'_>,
    parent: &CredentialId,
    scope: &str,
    minted: &Minted<'_>,
    stronger: &Stronger,
    answers: &mut Answers,
) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), privilege(ctx, scope, minted.parent));
    let finding = minted.parent.map_or_else(
        || {
            let id = ctx.credential_id(parent, scope);
            FindingBuilder::new(&ctx.rule.id, id, unknown_parent(parent), rating.severity, &rating.reason)
        },
        |row| card::about(ctx, row, &rating, scope),
    );
    let name = minted.parent.map_or_else(|| format!("Credential {parent}"), card::name);
    let sessions = count(minted.sessions.len() as u64, "session");
    let mut issued: Vec<_> = minted.sessions.iter().filter_map(|session| session.issued.as_ref()).collect();
    issued.sort();
    let proofs = minted.sessions.iter().map(|session| proof_name(session.proof).to_owned());
    let mut proofs: Vec<String> = proofs.collect();
    proofs.sort();
    proofs.dedup();
    let finding = finding
        .message(format!(
            "{name} obtained {sessions} of {} with {}, although {}.",
            card::short(scope),
            list(proofs, 3),
            stronger.how
        ))
        .fact("Scope", scope)
        .fact("Stronger way", stronger.how.clone())
        .evidence(card::records(issued))
        .evidence([stronger.evidence.clone()]);
    let subject = parent.to_string();
    match minted.parent {
        Some(row) => {
            let finding = finding.evidence(card::evidence(row));
            answers.found(&subject, card::complete(ctx, row, finding));
        }
        None => answers.found(&subject, finding),
    }
}

/// The higher privilege of the two: of the identity that asked, or of the role that it got.
fn privilege<'a>(ctx: &Context<'a>, scope: &str, parent: Option<&'a CredentialRow>) -> &'a Privilege {
    let key = identity_key(scope);
    let role = ctx.ledger.identities.values().find(|identity| identity_key(&identity.id) == key);
    let role = role.map(|identity| &identity.privilege);
    let own = parent.map(|parent| &parent.privilege);
    let admin = [own, role].into_iter().flatten().find(|privilege| matches!(privilege, Privilege::Admin { .. }));
    admin.or(own).or(role).unwrap_or(&Privilege::NotExamined)
}

fn unknown_parent(id: &CredentialId) -> Subject {
    Subject {
        kind: SubjectKind::Credential,
        class: "unknown".to_owned(),
        id: id.to_string(),
        title: "credential".to_owned(),
        principal: None,
    }
}
