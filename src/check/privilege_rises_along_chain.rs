//! H03: a chain of credentials that ends with more than it began with.

use std::collections::BTreeMap;

use super::basis::issued::{self, Privileges, Session};
use super::basis::words::list;
use super::basis::{card, request};
use super::severity::Rating;
use super::{Answers, Check, Context, severity};
use crate::ledger::{CredentialRow, Privilege, Request, identity_key};
use crate::model::Evidence;

/// See `rules/checks/privilege_rises_along_chain.yaml`.
pub(super) struct PrivilegeRisesAlongChain;

/// A credential and the first short-lived one of its chain.
struct Chain<'a> {
    root: Session<'a>,
    last: Session<'a>,
}

/// What is more at the end than at the beginning.
struct Rise<'a> {
    said: String,
    rating: Rating,
    request: Option<&'a Request>,
}

impl Check for PrivilegeRisesAlongChain {
    fn id(&self) -> &'static str {
        "privilege-rises-along-chain"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let (lineage, known) = (&ctx.shared.lineage, &ctx.shared.privileges);
        let mut groups: BTreeMap<_, Vec<Chain<'_>>> = BTreeMap::new();
        for last in ctx.shared.sessions.iter().copied() {
            let short = |row: &&CredentialRow| Session::of(row).is_some_and(|one| issued::is_short(&one));
            let root = lineage.ancestors(last.row).into_iter().take_while(short).last().and_then(Session::of);
            let Some(root) = root.filter(|_| !has_own_approval(ctx, known, &last)) else { continue };
            let places = (root.group().1, root.life.request.as_deref(), last.group());
            groups.entry(places).or_default().push(Chain { root, last });
        }
        for chains in groups.into_values() {
            answers.examine();
            let Some(first) = chains.first() else { continue };
            match rise(ctx, known, first) {
                Ok(Some(rise)) => report(ctx, known, &chains, &rise, answers),
                Ok(None) => {}
                Err(why) => answers.inconclusive(&first.last.name(), why),
            }
        }
    }
}

/// Somebody decided about the last credential by itself.
fn has_own_approval(ctx: &Context<'_>, privileges: &Privileges<'_>, session: &Session<'_>) -> bool {
    let request = session.life.request.as_deref().and_then(|id| ctx.ledger.requests.get(id));
    request
        .is_some_and(|request| request.first_approval().is_some() && asked_for(privileges, request, session.group().1))
}

/// Whether the request names the scope, or asks for it in other words that an export explains.
fn asked_for(privileges: &Privileges<'_>, request: &Request, scope: &str) -> bool {
    let key = identity_key(scope);
    request.more_scopes
        || request.scopes.iter().any(|asked| {
            identity_key(asked) == key
                || card::short(scope).rsplit('/').next() == Some(&**asked)
                || matches!(privileges.get(asked), Privilege::Admin { .. })
        })
}

fn rise<'a>(ctx: &Context<'a>, privileges: &Privileges<'a>, chain: &Chain<'a>) -> Result<Option<Rise<'a>>, String> {
    let (from, to) = (chain.root.group().1, chain.last.group().1);
    if identity_key(from) == identity_key(to) {
        return Ok(None);
    }
    let (before, after) = (privilege(privileges, &chain.root), privilege(privileges, &chain.last));
    let known = chain.root.life.request.as_deref().and_then(|id| ctx.ledger.requests.get_key_value(id));
    if let Some((id, request)) = known.filter(|(_, request)| !request.scopes.is_empty()) {
        if asked_for(privileges, request, to) {
            return Ok(None);
        }
        let asked = list(request.scopes.iter().map(|scope| card::short(scope).to_owned()), 3);
        let default = severity::default(ctx);
        let rating = match after {
            Privilege::Admin { .. } => default,
            _ => severity::by_threshold(
                default.severity.lowered(),
                format!("{}; one step down: it is not known to be an administrator", default.reason),
            ),
        };
        return Ok(Some(Rise { said: format!("request {id} asked for {asked}"), rating, request: Some(request) }));
    }
    match (before, after) {
        (Privilege::Limited, Privilege::Admin { how, .. }) => {
            let said = format!("the first is limited and the last an administrator ({how})");
            Ok(Some(Rise { said, rating: severity::default(ctx), request: None }))
        }
        (Privilege::Unknown(_) | Privilege::NotExamined, Privilege::Admin { .. }) => {
            Err(format!("what {} allows is not known: no export holds its policies", chain.root.name()))
        }
        (Privilege::Limited, Privilege::Unknown(_) | Privilege::NotExamined) => {
            Err(format!("what {} allows is not known: no export holds its policies", chain.last.name()))
        }
        (Privilege::Unknown(_) | Privilege::NotExamined, Privilege::Unknown(_) | Privilege::NotExamined) => {
            Err(format!(
                "what {} and {} allow is not known: no export holds their policies, and no request says what was approved",
                chain.root.name(),
                chain.last.name()
            ))
        }
        _ => Ok(None),
    }
}

fn privilege<'a>(privileges: &Privileges<'a>, session: &Session<'a>) -> &'a Privilege {
    match &session.row.privilege {
        Privilege::NotExamined => privileges.get(session.group().1),
        known => known,
    }
}

fn report(
    ctx: &Context<'_>,
    privileges: &Privileges<'_>,
    chains: &[Chain<'_>],
    rise: &Rise<'_>,
    answers: &mut Answers,
) {
    let Some(first) = chains.first() else { return };
    let (roots, ends): (Vec<Session<'_>>, Vec<Session<'_>>) =
        chains.iter().map(|chain| (chain.root, chain.last)).unzip();
    let because: Vec<Evidence> = match privilege(privileges, &first.last) {
        Privilege::Admin { evidence, .. } => evidence.iter().take(4).cloned().collect(),
        _ => Vec::new(),
    };
    let finding = issued::about(ctx, &first.last, first.root.group().1, &rise.rating)
        .message(format!(
            "{} was obtained over a credential for {}, although {}.",
            card::name(first.last.row),
            first.root.name(),
            rise.said
        ))
        .fact("Began with", format!("{} ({})", first.root.name(), first.root.row.id))
        .fact("Ended with", format!("{} ({})", first.last.name(), first.last.row.id));
    let finding = issued::tell(finding, &ends).evidence(issued::records(&roots)).evidence(because);
    let finding = finding.evidence(rise.request.map(request::evidence).unwrap_or_default());
    answers.found(&first.last.name(), finding);
}
