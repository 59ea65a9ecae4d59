//! A role that a whole identity provider may take.

use super::basis::pipeline::claims;
use super::basis::{card, holder};
use super::{Answers, Check, Context, severity};
use crate::model::{Grant, GrantObject};

/// See `rules/checks/unrestricted_oidc_trust.yaml`.
pub(super) struct UnrestrictedOidcTrust;

/// Claims that name no workload: they say for whom a token is, not whose it is.
const NAMELESS: [&str; 4] = ["aud", "amr", "azp", "iss"];
/// Beginnings of subjects that every token of a provider has.
const COMMON: [&str; 6] = ["repo", "project_path", "organization", "system", "serviceaccount", "org"];

impl Check for UnrestrictedOidcTrust {
    fn id(&self) -> &'static str {
        "unrestricted-oidc-trust"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for grant in &ctx.ledger.grants {
            let GrantObject::AssumeRole(role) = &grant.object else { continue };
            let Some((_, provider)) = grant.holder.split_once(":oidc-provider/") else { continue };
            answers.examine();
            match claims(&grant.condition) {
                None => answers.inconclusive(role, "the condition of the trust policy cannot be read"),
                Some(claims) if claims.iter().any(|(name, values)| names_a_workload(name, values)) => {}
                Some(claims) => report(ctx, grant, (role, provider), &claims, answers),
            }
        }
    }
}

/// Whether a claim with one of these values belongs to some workloads of the provider only.
fn names_a_workload(claim: &str, values: &[String]) -> bool {
    !NAMELESS.contains(&claim) && !values.is_empty() && values.iter().all(|value| is_particular(value))
}

/// Whether the text before the first wildcard says more than what every subject begins with.
fn is_particular(value: &str) -> bool {
    let literal = value.split(['*', '?']).next().unwrap_or_default();
    let mut parts = literal.split([':', '/']).filter(|part| !part.is_empty());
    parts.any(|part| !COMMON.contains(&part))
}

fn report(
    ctx: &Context<'_>,
    grant: &Grant,
    (role, provider): (&str, &str),
    claims: &[(String, Vec<String>)],
    answers: &mut Answers,
) {
    let Some(row) = ctx.ledger.identities.get(role) else {
        return answers.inconclusive(role, "no export describes the role");
    };
    let rating = severity::for_privilege(ctx, severity::default(ctx), &row.privilege);
    let asked = claims.iter().map(|(name, values)| format!("{name} = {}", values.join(" or "))).collect::<Vec<_>>();
    let asked = if asked.is_empty() { "nothing".to_owned() } else { asked.join(", ") };
    let finding = holder::about(ctx, row, &rating, provider)
        .message(format!("Every workload of {provider} may take {}.", card::short(role)))
        .fact("Trusts", provider)
        .fact("Asks for", asked)
        .evidence([grant.evidence.clone()])
        .evidence(holder::evidence(row));
    answers.found(role, holder::complete(ctx, row, finding));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_that_every_token_has_names_nobody() {
        for open in ["*", "repo:*", "repo:*:ref:refs/heads/main", "system:serviceaccount:*", "project_path:*"] {
            assert!(!is_particular(open), "{open}");
        }
        for closed in ["repo:acme/shop:*", "repo:acme/*", "system:serviceaccount:shop:*", "project_path:acme/x:*"] {
            assert!(is_particular(closed), "{closed}");
        }
    }
}
