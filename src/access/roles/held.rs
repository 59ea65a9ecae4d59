//! The roles that an identity holds, direct and by groups, with what they allow.

use std::collections::BTreeSet;

use super::{Holds, RoleJudge, fact, once};
use crate::model::{Evidence, Grant, GrantObject, IdentityKind, Policy, Standing};

/// How many roles of one identity are looked at.
const MAX_HELD: usize = 1_000;

/// One role over one scope.
#[derive(Clone, Debug)]
pub(super) struct Held<'a> {
    /// The grant itself.
    pub(super) grant: &'a Grant,
    /// The role.
    pub(super) role: &'a str,
    /// Who holds it for the identity: a group, the service principal of an application.
    pub(super) through: Option<&'a str>,
    /// The memberships by which it comes.
    pub(super) via: Vec<&'a Grant>,
    /// The condition, or the membership, that may or may not hold; empty where all is certain.
    pub(super) open: String,
}

/// Whether a role allows an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allows {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nothing tells.
    Unknown,
}

/// All roles of one identity.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings<'a> {
    /// Roles in force now, as far as one can tell.
    pub(super) held: Vec<Held<'a>>,
    /// Roles that it may activate.
    pub(super) eligible: Vec<Held<'a>>,
}

impl<'a> Held<'a> {
    /// The scope.
    pub(super) fn scope(&self) -> &'a str {
        &self.grant.scope
    }

    /// For people: `via group admins`, or nothing.
    pub(super) fn by(&self) -> String {
        self.through.map(|holder| format!(" via {}", holder.trim_start_matches("group:"))).unwrap_or_default()
    }

    /// The records that say so.
    pub(super) fn evidence(&self, policy: Option<&Policy>) -> Vec<Evidence> {
        let grants = self.via.iter().copied().chain([self.grant]).map(|grant| grant.evidence.clone());
        once(grants.chain(policy.map(|policy| policy.evidence.clone())))
    }
}

impl<'a> RoleJudge<'a> {
    /// The roles of an identity.
    pub(super) fn holdings(&self, id: &str) -> Holdings<'a> {
        let mut holdings = Holdings::default();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut next: Vec<(&str, Vec<&'a Grant>, String)> = vec![(id, Vec::new(), String::new())];
        next.extend(self.rules.implied(id).into_iter().map(|group| (group, Vec::new(), String::new())));
        next.extend(self.acting_for(id).iter().map(|other| (*other, Vec::new(), String::new())));
        while let Some((holder, via, open)) = next.pop() {
            if !seen.insert(holder) || holdings.held.len() + holdings.eligible.len() >= MAX_HELD {
                continue;
            }
            for grant in self.grants.get(holder).copied().unwrap_or_default() {
                if &*grant.system != self.rules.id() || grant.standing == Standing::ExpiredStillPresent {
                    continue;
                }
                let open = match self.rules.condition(&grant.condition, self.estate.as_of) {
                    Holds::Yes => open.clone(),
                    Holds::No => continue,
                    Holds::Open(what) => what,
                };
                match &grant.object {
                    GrantObject::Role(role) => {
                        let through = Some(&*grant.holder).filter(|holder| *holder != id);
                        let held = Held { grant, role, through, via: via.clone(), open };
                        let eligible = grant.standing == Standing::Eligible;
                        if eligible { holdings.eligible.push(held) } else { holdings.held.push(held) }
                    }
                    GrantObject::Group(group) => {
                        next.push((group, via.iter().copied().chain([grant]).collect(), open));
                    }
                    _ => {}
                }
            }
        }
        holdings
    }

    /// The service principals that act for an application.
    fn acting_for(&self, id: &str) -> &[&'a str] {
        let application = self.estate.principals.get(id).filter(|own| own.kind == IdentityKind::Application);
        let app = application.and_then(|own| fact(own, "app-id"));
        app.and_then(|app| self.by_application.get(app)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a role allows an action.
    pub(super) fn allows(&self, role: &str, action: &str) -> Allows {
        let known = self.known.get(role).and_then(|known| known.get(action));
        known.copied().unwrap_or_else(|| self.reads(role, action))
    }

    /// The same, read anew: by the export before the published table.
    pub(super) fn reads(&self, role: &str, action: &str) -> Allows {
        if let Some(policy) = self.estate.policies.get(role) {
            let covers = |patterns: &[Box<str>]| patterns.iter().any(|pattern| self.rules.covers(pattern, action));
            let yes = policy.statements.iter().any(|one| covers(&one.actions) && !covers(&one.except));
            return if yes { Allows::Yes } else { Allows::No };
        }
        let Some(known) = self.rules.table().get(role) else { return Allows::Unknown };
        let covers = |patterns: &[String]| patterns.iter().any(|pattern| self.rules.covers(pattern, action));
        match (covers(&known.except), covers(&known.actions), known.complete) {
            (true, ..) | (false, false, true) => Allows::No,
            (false, true, _) => Allows::Yes,
            (false, false, false) => Allows::Unknown,
        }
    }

    /// The pattern of a role that covers an action.
    pub(super) fn pattern(&self, role: &str, action: &str) -> Option<&str> {
        let covers = |pattern: &&str| self.rules.covers(pattern, action);
        match self.estate.policies.get(role) {
            Some(policy) => policy.statements.iter().flat_map(|one| &one.actions).map(AsRef::as_ref).find(covers),
            None => self.rules.table().get(role)?.actions.iter().map(String::as_str).find(covers),
        }
    }

    /// A role for people: its name where one is known.
    pub(super) fn role_name(&self, held: &Held<'_>) -> String {
        let told = held.grant.facts.iter().find(|fact| &*fact.name == "role-name").map(|fact| fact.value.to_string());
        let known = || self.rules.table().get(held.role).map(|role| role.title.clone());
        told.or_else(known).unwrap_or_else(|| held.role.to_owned())
    }

    /// A held role for people: `Owner on projects/corp-prod via admins@corp.example`.
    pub(super) fn in_words(&self, held: &Held<'_>) -> String {
        let on = if held.scope().is_empty() { "a resource that the export does not name" } else { held.scope() };
        format!("{} on {on}{}", self.role_name(held), held.by())
    }
}
