//! Identity Center: what its users and groups may do by the permission sets that they are assigned in accounts.

use super::AwsJudge;
use super::context::Context;
use super::powers::Powers;
use super::words::short;
use crate::model::{Evidence, Grant, GrantObject, IdentityKind, Privilege};

/// A permission set in an account, as it is assigned to somebody.
pub(super) struct Assignment<'s> {
    /// The permission set.
    pub(super) set: &'s str,
    /// The account.
    pub(super) account: &'s str,
    /// The group by which it is assigned, where it is.
    group: Option<&'s str>,
    /// What says so: a membership, an assignment.
    evidence: Vec<&'s Evidence>,
}

impl AwsJudge<'_> {
    /// The permission sets that an identity is assigned, itself or by its groups.
    pub(super) fn assignments<'s>(&'s self, id: &str) -> Vec<Assignment<'s>> {
        let mut found = Vec::new();
        for grant in self.holders.of(id) {
            match &grant.object {
                GrantObject::Role(_) => found.extend(assignment(grant, None)),
                GrantObject::Group(group) => {
                    let of_group = self.holders.of(group).iter();
                    found.extend(of_group.filter_map(|assigned| assignment(assigned, Some((group, &grant.evidence)))));
                }
                _ => {}
            }
        }
        found
    }

    /// All that decides about a session of a permission set in an account.
    pub(super) fn assigned_powers<'s>(&'s self, assignment: &Assignment<'s>) -> Powers<'s> {
        let context = Context { as_of: self.estate.as_of, id: assignment.set, principal: None, fixed: &[] };
        let mut powers = Powers::new(context, &self.holders, &self.policies);
        let account = Some(assignment.account);
        powers.caps.extend(self.organisation.layers(account, false, &self.policies));
        powers.resource_caps = self.organisation.layers(account, true, &self.policies);
        powers
    }

    /// What an identity is by its permission sets; nothing where it is assigned none.
    pub(super) fn assigned_privilege(&self, id: &str) -> Option<Privilege> {
        let mut best: Option<Privilege> = None;
        for assignment in self.assignments(id) {
            let privilege = match self.set_privilege(&assignment) {
                Privilege::Admin { how, evidence } => {
                    let via =
                        assignment.group.map(|group| format!(" via group {}", self.name(group))).unwrap_or_default();
                    let set = self.name(assignment.set);
                    let how = format!("{how} by permission set {set} in account {}{via}", assignment.account);
                    let own = assignment.evidence.into_iter().cloned();
                    return Some(Privilege::Admin { how, evidence: own.chain(evidence).collect() });
                }
                other => other,
            };
            if !matches!(best, Some(Privilege::Unknown(_))) {
                best = Some(privilege);
            }
        }
        best
    }

    fn set_privilege(&self, assignment: &Assignment<'_>) -> Privilege {
        let powers = self.assigned_powers(assignment);
        if powers.own.held.is_empty() {
            let set = self.name(assignment.set);
            return Privilege::Unknown(format!("the policies of permission set {set} are not in the export"));
        }
        super::privilege::privilege(&powers)
    }

    /// The short name of a group or set.
    fn name<'s>(&'s self, id: &'s str) -> &'s str {
        self.estate.principals.get(id).map_or_else(|| short(id), |principal| principal.name)
    }

    /// Whether it is a permission set of which no policy is known.
    pub(super) fn is_bare_set(&self, id: &str, kind: IdentityKind) -> bool {
        let is_policy = |grant: &Grant| matches!(grant.object, GrantObject::Policy(_));
        kind == IdentityKind::Role && id.contains(":sso:") && !self.holders.of(id).iter().any(is_policy)
    }
}

fn assignment<'s>(grant: &'s Grant, group: Option<(&'s str, &'s Evidence)>) -> Option<Assignment<'s>> {
    let GrantObject::Role(set) = &grant.object else { return None };
    let evidence = group.map(|(_, membership)| membership).into_iter().chain([&grant.evidence]).collect();
    Some(Assignment { set, account: &grant.scope, group: group.map(|(group, _)| group), evidence })
}
