//! F04: one credential for many services or many accounts.

use std::collections::BTreeMap;

use super::basis::actor::{Actor, Actors};
use super::basis::issued::{self, Session};
use super::basis::words::{count, list};
use super::basis::{actions, card};
use super::{Answers, Check, Context, severity};
use crate::ledger::Moment;
use crate::model::{IdentityKind, Proof, StandingClass};

/// See `rules/checks/general_purpose_token.yaml`.
pub(super) struct GeneralPurposeToken;

/// What one credential was used for.
struct Breadth<'a> {
    session: Session<'a>,
    services: BTreeMap<&'a str, &'a Moment>,
}

impl Check for GeneralPurposeToken {
    fn id(&self) -> &'static str {
        "general-purpose-token"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let actors = Actors::of(ctx);
        let mut groups: BTreeMap<(&str, &str), Vec<Breadth<'_>>> = BTreeMap::new();
        for session in ctx.ledger.credentials.iter().filter_map(Session::of) {
            let life = session.life;
            if life.by_service || life.actions.is_empty() && life.targets.is_empty() || is_of_person(&actors, &session)
            {
                continue;
            }
            let standing = session.row.standing == StandingClass::Standing;
            if standing || session.group() == ("", "") {
                answers.examine();
                let own = Breadth::of(session);
                if own.is_wide(ctx) {
                    report(ctx, &own, &[], answers);
                }
            } else {
                groups.entry(session.group()).or_default().push(Breadth::of(session));
            }
        }
        for mut all in groups.into_values() {
            answers.examine();
            all.retain(|one| one.is_wide(ctx));
            let widest = all.iter().max_by_key(|one| (one.services.len(), one.session.life.targets.len()));
            if let Some(widest) = widest {
                let alike: Vec<Session<'_>> = all.iter().map(|one| one.session).collect();
                report(ctx, widest, &alike, answers);
            }
        }
    }
}

/// People go from service to service in one session; that is no fault of a token.
fn is_of_person(actors: &Actors<'_>, session: &Session<'_>) -> bool {
    let life = session.life;
    let person = |id: Option<&str>, said| id.is_some_and(|id| actors.what(id, said) == Actor::Person);
    matches!(life.proof, Proof::Saml | Proof::Mfa)
        || person(life.requester.as_deref(), life.requester_kind)
        || person(session.row.principal.as_deref(), IdentityKind::Unknown)
}

impl<'a> Breadth<'a> {
    fn of(session: Session<'a>) -> Self {
        let mut services: BTreeMap<&str, &Moment> = BTreeMap::new();
        for (action, moment) in &session.life.actions {
            if let Some(service) = actions::service(action) {
                let latest = services.entry(service).or_insert(moment);
                *latest = (*latest).max(moment);
            }
        }
        Self { session, services }
    }

    fn is_wide(&self, ctx: &Context<'_>) -> bool {
        self.services.len() as u64 >= ctx.parameter("services")
            || self.session.life.targets.len() as u64 >= ctx.parameter("targets")
    }

    /// `9 services and 3 accounts or projects`.
    fn said(&self, ctx: &Context<'_>) -> String {
        let life = self.session.life;
        let at_least = |more: bool| if more { "at least " } else { "" };
        let (services, targets) = (self.services.len() as u64, life.targets.len() as u64);
        let mut said = Vec::new();
        if services >= ctx.parameter("services") {
            said.push(format!("{}{}", at_least(life.more_actions), count(services, "service")));
        }
        if targets >= ctx.parameter("targets") {
            said.push(format!("{}{targets} accounts, projects or namespaces", at_least(life.more_targets)));
        }
        said.join(" and ")
    }
}

fn report(ctx: &Context<'_>, widest: &Breadth<'_>, alike: &[Session<'_>], answers: &mut Answers) {
    let Breadth { session: Session { row, life }, services } = widest;
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let standing = row.standing == StandingClass::Standing;
    let (finding, name) = if standing {
        (card::about(ctx, row, &rating, ""), card::name(row))
    } else {
        (issued::about(ctx, &widest.session, "", &rating), format!("A credential for {}", widest.session.name()))
    };
    let limit =
        format!("{} services, {} accounts, projects or namespaces", ctx.limit("services"), ctx.limit("targets"));
    let finding = finding.message(format!("{name} was used for {}.", widest.said(ctx))).fact("Limit", limit);
    let lines = [
        ("Services", list(services.keys().map(|service| (*service).to_owned()), 12)),
        ("Targets", list(life.targets.keys().map(ToString::to_string), 8)),
    ];
    let known = lines.into_iter().filter(|(_, value)| !value.is_empty());
    let finding = known.fold(finding, |finding, (label, value)| finding.fact(label, value));
    let finding = finding.evidence(card::records(services.values().copied().chain(life.targets.values())));
    let finding = if standing {
        card::complete(ctx, row, finding.evidence(card::evidence(row)))
    } else {
        issued::tell(finding, alike)
    };
    answers.found(&widest.session.name(), finding);
}
