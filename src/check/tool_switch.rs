//! H04: an agent whose credential opens tools that its task does not need.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::actor::Actors;
use super::basis::issued::{self, Session};
use super::basis::words::{count, list, minute};
use super::basis::{actions, card};
use super::{Answers, Check, Context, severity};
use crate::ledger::Moment;

/// See `rules/checks/tool_switch.yaml`.
pub(super) struct ToolSwitch;

/// The tools of one credential, by their first known use.
struct Tools<'a> {
    session: Session<'a>,
    used: BTreeMap<&'a str, &'a Moment>,
    /// The tools that the request does not name; empty where no request names any.
    beyond: BTreeSet<&'a str>,
}

impl Check for ToolSwitch {
    fn id(&self) -> &'static str {
        "tool-switch"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let actors = Actors::of(ctx);
        for (_, sessions) in ctx.shared.known_groups() {
            let used = sessions.iter().filter(|session| !session.life.actions.is_empty());
            let of_agents: Vec<Session<'_>> = used.filter(|session| actors.is_agent(session)).copied().collect();
            if of_agents.is_empty() {
                continue;
            }
            answers.examine();
            let tools = of_agents.into_iter().map(|session| Tools::of(ctx, session));
            let wide: Vec<Tools<'_>> = tools.filter(|tools| tools.is_too_many(ctx)).collect();
            if let Some(worst) = wide.iter().max_by_key(|tools| (tools.beyond.len(), tools.used.len())) {
                report(ctx, worst, &wide, answers);
            }
        }
    }
}

impl<'a> Tools<'a> {
    fn of(ctx: &Context<'a>, session: Session<'a>) -> Self {
        let mut used: BTreeMap<&str, &Moment> = BTreeMap::new();
        for (action, moment) in &session.life.actions {
            if let Some(tool) = actions::service(action) {
                let first = used.entry(tool).or_insert(moment);
                *first = (*first).min(moment);
            }
        }
        let asked = asked(ctx, &session);
        let unasked = |tool: &&str| !asked.is_empty() && !asked.contains(*tool);
        let beyond = used.keys().copied().filter(unasked).collect();
        Self { session, used, beyond }
    }

    fn is_too_many(&self, ctx: &Context<'_>) -> bool {
        self.used.len() as u64 >= ctx.parameter("tools") || !self.beyond.is_empty()
    }
}

/// The tools that the request of the credential names, as actions (`s3:GetObject`) or as names (`tool:search`). A role
/// names none.
fn asked<'a>(ctx: &Context<'a>, session: &Session<'_>) -> BTreeSet<&'a str> {
    let request = session.life.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
    let Some(request) = request.filter(|request| !request.more_scopes) else { return BTreeSet::new() };
    let actions = request.scopes.iter().map(|scope| &**scope);
    let actions = actions.filter(|scope| !scope.starts_with("arn:") && !scope.contains("://"));
    actions.filter(|scope| scope.contains(':')).filter_map(actions::service).collect()
}

fn report(ctx: &Context<'_>, worst: &Tools<'_>, wide: &[Tools<'_>], answers: &mut Answers) {
    let session = &worst.session;
    let rating = severity::for_privilege(ctx, severity::default(ctx), &session.row.privilege);
    let mut in_order: Vec<(&Moment, &str)> = worst.used.iter().map(|(tool, moment)| (*moment, *tool)).collect();
    in_order.sort();
    let beyond = list(worst.beyond.iter().map(|tool| (*tool).to_owned()), 6);
    let said = if beyond.is_empty() {
        format!("was used for {}", count(worst.used.len() as u64, "tool"))
    } else {
        format!("was used for {beyond}, which its request does not name")
    };
    let finding = issued::about(ctx, session, "", &rating)
        .message(format!("{} of an agent {said}.", card::name(session.row)))
        .fact("Tools", list(in_order.iter().map(|(moment, tool)| format!("{tool} ({})", minute(moment.time))), 10))
        .fact("Limit", format!("{} tools", ctx.limit("tools")))
        .evidence(card::records(in_order.iter().map(|(moment, _)| *moment)));
    let sessions: Vec<Session<'_>> = wide.iter().map(|tools| tools.session).collect();
    answers.found(&session.name(), issued::tell(finding, &sessions));
}
