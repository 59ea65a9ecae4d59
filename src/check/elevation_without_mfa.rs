//! E04: access that was won without a second factor, without an attestation, or from a pull request.

use std::collections::BTreeMap;

use super::basis::actor::{Actor, Actors};
use super::basis::card;
use super::basis::issued::{self, Session};
use super::basis::words::count;
use super::severity::Rating;
use super::{Answers, Check, Context, severity};
use crate::ledger::Privilege;
use crate::model::Proof;
use crate::rules::policy::proof_name;

/// See `rules/checks/elevation_without_mfa.yaml`.
pub(super) struct ElevationWithoutMfa;

/// What was not shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    SecondFactor,
    Attestation,
    ReviewedCode,
}

impl Check for ElevationWithoutMfa {
    fn id(&self) -> &'static str {
        "elevation-without-mfa"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let (actors, privileges) = (Actors::of(ctx), &ctx.shared.privileges);
        for ((requester, scope), sessions) in ctx.shared.known_groups() {
            let admin = matches!(privileges.get(scope), Privilege::Admin { .. });
            let guarded = admin || ctx.policy.jit.hands_out(scope) || ctx.policy.jit.takes_approval(scope);
            let from_pull_request = is_pull_request(requester);
            let said = sessions.iter().map(|session| session.life.requester_kind).min().unwrap_or_default();
            let signed_in = sessions.iter().any(|session| session.life.proof == Proof::Saml);
            let who = if signed_in { Actor::Person } else { actors.what(requester, said) };
            if !from_pull_request && (!guarded || who == Actor::Unknown) {
                continue;
            }
            answers.examine();
            let mut lacking: BTreeMap<Lack, Vec<Session<'_>>> = BTreeMap::new();
            for session in sessions {
                if let Some(lack) = lack(who, from_pull_request, session) {
                    lacking.entry(lack).or_default().push(*session);
                }
            }
            for (lack, sessions) in lacking {
                report(ctx, lack, privileges.get(scope), &sessions, answers);
            }
        }
    }
}

/// Claims in a subject of GitHub whose value somebody chooses, so that it may be `pull_request`.
const CHOSEN: [&str; 5] = ["environment", "workflow", "actor", "head_ref", "base_ref"];

/// The subject that GitHub gives to a run for a pull request, whose code nobody has merged. An environment may bear the
/// same name: `repo:owner/name:environment:pull_request`.
fn is_pull_request(requester: &str) -> bool {
    let before = requester.split(':').scan("", |before, part| Some((std::mem::replace(before, part), part)));
    requester.starts_with("repo:")
        && before.into_iter().any(|(before, part)| part == "pull_request" && !CHOSEN.contains(&before))
}

fn lack(who: Actor, from_pull_request: bool, session: &Session<'_>) -> Option<Lack> {
    let life = session.life;
    match who {
        _ if from_pull_request => Some(Lack::ReviewedCode),
        Actor::Person if life.proof == Proof::Mfa => None,
        Actor::Person => (life.mfa == Some(false)).then_some(Lack::SecondFactor),
        Actor::Workload | Actor::Agent => {
            let bare = matches!(life.proof, Proof::Token | Proof::Password);
            (bare && life.parent.is_none()).then_some(Lack::Attestation)
        }
        Actor::Unknown => None,
    }
}

fn rating(ctx: &Context<'_>, lack: Lack, privilege: &Privilege) -> Rating {
    let default = severity::default(ctx);
    if lack == Lack::ReviewedCode {
        let reason = format!("{}; one step up: whoever may open a pull request has it", default.reason);
        return severity::by_threshold(default.severity.raised(), reason);
    }
    severity::for_privilege(ctx, default, privilege)
}

fn report(ctx: &Context<'_>, lack: Lack, privilege: &Privilege, sessions: &[Session<'_>], answers: &mut Answers) {
    let Some(first) = sessions.first() else { return };
    let requester = first.group().0;
    let number = count(sessions.len() as u64, "credential");
    let who = card::short(requester);
    let (place, said, claim) = match lack {
        Lack::SecondFactor => (
            "mfa",
            format!("{who} took {number} of {} without a second factor", first.name()),
            "no second factor".to_owned(),
        ),
        Lack::Attestation => {
            let proof = proof_name(first.life.proof);
            (
                "attestation",
                format!("{who} took {number} for {} with no more than {proof}", first.name()),
                proof.to_owned(),
            )
        }
        Lack::ReviewedCode => (
            "code",
            format!("{number} of {} went to runs for pull requests ({who})", first.name()),
            requester.to_owned(),
        ),
    };
    let finding = issued::about(ctx, first, place, &rating(ctx, lack, privilege)).message(format!("{said}."));
    let finding = finding.fact("Shown at issue", claim);
    answers.found(&first.name(), issued::tell(finding, sessions));
}
