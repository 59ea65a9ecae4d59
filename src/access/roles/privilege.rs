//! Who is an administrator: who holds a role that is one over a wide scope, or may give himself any role there.

use std::collections::BTreeMap;

use super::held::{Allows, Held, Holdings};
use super::{RoleJudge, fact};
use crate::model::{IdentityKind, Privilege};

impl<'a> RoleJudge<'a> {
    /// The privilege of every identity of the system, worked out once.
    pub(super) fn privileges(&self) -> &BTreeMap<&'a str, Privilege> {
        self.privileges.get_or_init(|| self.own().map(|(id, _)| (id, self.assess(id))).collect())
    }

    /// Whether a held role makes its holder an administrator of its scope, and whether by owning it.
    pub(super) fn administers(&self, held: &Held<'_>) -> Option<bool> {
        if !self.rules.is_wide(held.scope()) {
            return None;
        }
        if self.rules.table().get(held.role).is_some_and(|role| !role.administrator.is_empty()) {
            return Some(true);
        }
        let gives = self.rules.giving().iter().any(|action| self.allows(held.role, action) == Allows::Yes);
        gives.then_some(false)
    }

    fn assess(&self, id: &str) -> Privilege {
        let Some(principal) = self.estate.principals.get(id) else { return Privilege::NotExamined };
        if principal.kind == IdentityKind::Scope {
            return Privilege::NotExamined;
        }
        let holdings = self.holdings(id);
        let listed = || principal.evidence.iter().any(|evidence| self.exports.contains(evidence.input.name()));
        if holdings.held.is_empty() && holdings.eligible.is_empty() && !listed() {
            return Privilege::NotExamined;
        }
        if let Some(held) = self.best(&holdings, |held| held.open.is_empty()) {
            let evidence = held.evidence(self.estate.policies.get(held.role));
            return Privilege::Admin { how: self.how(held), evidence };
        }
        if let Some(held) = self.best(&holdings, |held| !held.open.is_empty()) {
            return Privilege::Unknown(format!("administrator as {}, if {}", self.in_words(held), held.open));
        }
        let unknown = |held: &&Held<'_>| {
            self.rules.is_custom(held.role, held.scope())
                && self.rules.is_wide(held.scope())
                && self.allows(held.role, "") == Allows::Unknown
        };
        if let Some(held) = holdings.held.iter().find(unknown) {
            return Privilege::Unknown(format!("what role {} allows is not in the export", self.role_name(held)));
        }
        match self.unlisted() {
            Some((group, how)) if *group != id && principal.kind != IdentityKind::Public => {
                Privilege::Unknown(format!("no export tells whether it is a member of {group}, which is {how}"))
            }
            _ => Privilege::Limited,
        }
    }

    /// The first role that makes an administrator, owning ones first.
    fn best<'h>(&self, holdings: &'h Holdings<'a>, fits: impl Fn(&Held<'a>) -> bool) -> Option<&'h Held<'a>> {
        let fitting = holdings.held.iter().filter(|held| fits(held));
        let ranked = fitting.filter_map(|held| Some((!self.administers(held)?, held)));
        ranked
            .min_by_key(|(gives, held)| (*gives, held.via.len(), held.role, &held.grant.evidence))
            .map(|(_, held)| held)
    }

    /// How a role makes an administrator, for people.
    fn how(&self, held: &Held<'_>) -> String {
        let words = self.rules.table().get(held.role).map(|role| role.administrator.as_str()).unwrap_or_default();
        let means = if words.is_empty() { "may give any role there" } else { words };
        format!("{}: {means}", self.in_words(held))
    }

    /// The first group that administers and whose members no export lists.
    fn unlisted(&self) -> Option<&(&'a str, String)> {
        let find = || {
            let mut groups = self.own().filter(|(id, principal)| {
                self.rules.has_members(id, principal) && fact(principal, "members") != Some("listed")
            });
            groups.find_map(|(id, _)| {
                let holdings = self.holdings(id);
                let held = self.best(&holdings, |held| held.open.is_empty())?;
                Some((id, self.in_words(held)))
            })
        };
        self.unlisted.get_or_init(find).as_ref()
    }
}
