//! "May this identity do that?"

use super::held::{Allows, Held};
use super::{RoleJudge, fact};
use crate::access::{Deciding, Decision, Question};
use crate::model::{IdentityKind, Verdict};

impl RoleJudge<'_> {
    /// Allowed where a role says so for certain; what no export tells stays unknown.
    pub(super) fn answer(&self, question: &Question<'_>) -> Decision {
        let holdings = self.holdings(question.principal);
        let reaches = |held: &&Held<'_>| question.resource.is_none_or(|resource| self.lies_in(resource, held.scope()));
        let (mut certain, mut open, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for held in holdings.held.iter().filter(reaches) {
            match self.allows(held.role, question.action) {
                Allows::Yes if held.open.is_empty() => certain.push(held),
                Allows::Yes => open.push(held),
                Allows::Unknown => unknown.push(held),
                Allows::No => {}
            }
        }
        let eligible = holdings.eligible.iter().filter(reaches);
        let activated = eligible.filter(|held| self.allows(held.role, question.action) == Allows::Yes).count();
        if let Some(first) = certain.first() {
            return self.decision(question.action, Verdict::Allowed, self.in_words(first), &certain);
        }
        if let Some(first) = open.first() {
            return self.decision(
                question.action,
                Verdict::Conditional,
                format!("as {}, if {}", self.in_words(first), first.open),
                &open,
            );
        }
        if activated > 0 {
            return self.decision(
                question.action,
                Verdict::Conditional,
                "only after it activates a role".to_owned(),
                &[],
            );
        }
        if let Some(first) = unknown.first() {
            let why = format!("what {} allows is not in the export", self.in_words(first));
            return self.decision(question.action, Verdict::Unknown, why, &unknown);
        }
        let beyond = holdings.held.iter().find(|held| {
            question.resource.is_some_and(|resource| self.rules.may_lie_in(resource, held.scope()))
                && self.allows(held.role, question.action) != Allows::No
        });
        if let Some(held) = beyond {
            let why =
                format!("no export tells whether it lies in {}, where it is {}", held.scope(), self.role_name(held));
            return self.decision(question.action, Verdict::Unknown, why, &[held]);
        }
        if let Some(group) = self.unlisted_group(question) {
            let why = format!("no export tells whether it is a member of {group}");
            return self.decision(question.action, Verdict::Unknown, why, &[]);
        }
        self.decision(question.action, Verdict::Denied, "none of its roles allows it there".to_owned(), &[])
    }

    /// A group that may do it and whose members no export lists.
    fn unlisted_group(&self, question: &Question<'_>) -> Option<&str> {
        let asking = self.estate.principals.get(question.principal);
        if asking.is_some_and(|own| own.kind == IdentityKind::Public) {
            return None;
        }
        let unlisted = self.own().filter(|(id, principal)| {
            *id != question.principal
                && self.rules.has_members(id, principal)
                && fact(principal, "members") != Some("listed")
        });
        let mut allowed = unlisted.filter(|(id, _)| {
            self.holdings(id).held.iter().any(|held| {
                question.resource.is_none_or(|resource| self.lies_in(resource, held.scope()))
                    && self.allows(held.role, question.action) == Allows::Yes
            })
        });
        allowed.next().map(|(id, _)| id)
    }

    fn decision(&self, action: &str, verdict: Verdict, why: String, held: &[&Held<'_>]) -> Decision {
        let deciding = held.iter().map(|held| {
            let policy = self.estate.policies.get(held.role);
            let condition = &held.grant.condition;
            let when = if condition.is_empty() { String::new() } else { format!(" if {condition}") };
            Deciding {
                policy: held.role.into(),
                statement: match self.pattern(held.role, action) {
                    Some(pattern) => format!("Allow {pattern} on {}{when}", held.scope()),
                    None => format!("{} on {}{when}", self.role_name(held), held.scope()),
                },
                via: held.through.map_or_else(|| "held".to_owned(), |_| held.by().trim_start().to_owned()),
                evidence: held.evidence(policy),
            }
        });
        Decision { verdict, why, deciding: deciding.collect() }
    }
}
