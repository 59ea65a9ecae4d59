//! An estate that is made up piece by piece, for tests.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::access::{Decision, Estate, Principal, Question, System};
use crate::model::{
    Evidence, Expiry, Grant, GrantObject, IdentityKind, Input, LastUse, Path, Place, Policy, Privilege, Readout,
    Standing, Statement, Status, Verdict,
};

/// Everything that the exports of a made-up estate say.
pub(in crate::access) struct World {
    system: &'static str,
    people: BTreeMap<String, (IdentityKind, Vec<Readout>)>,
    grants: Vec<Grant>,
    policies: BTreeMap<Box<str>, Policy>,
    evidence: Vec<Evidence>,
}

impl World {
    /// Nothing yet.
    pub(in crate::access) fn new(system: &'static str) -> Self {
        let (people, grants, policies) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
        Self { system, people, grants, policies, evidence: vec![evidence("identity")] }
    }

    /// An identity.
    pub(in crate::access) fn person(&mut self, id: &str, kind: IdentityKind) -> &mut Self {
        self.people.entry(id.to_owned()).or_insert((kind, Vec::new()));
        self
    }

    /// A fact about an identity that is there.
    pub(in crate::access) fn fact(&mut self, id: &str, name: &str, value: &str) -> &mut Self {
        self.people.get_mut(id).expect("known").1.push(Readout::new(name, value));
        self
    }

    /// A role over a scope.
    pub(in crate::access) fn role(&mut self, holder: &str, role: &str, scope: &str) -> &mut Self {
        self.term(holder, role, scope, ("", Standing::Standing))
    }

    /// A role over a scope under a condition, for some time.
    pub(in crate::access) fn term(
        &mut self,
        holder: &str,
        role: &str,
        scope: &str,
        (condition, standing): (&str, Standing),
    ) -> &mut Self {
        let grant = Grant::observed(self.system, holder, GrantObject::Role(role.into()), evidence("grant"));
        let grant = Grant { scope: scope.into(), condition: condition.into(), standing, ..grant };
        self.grants.push(Grant { expiry: Expiry::Never, ..grant });
        self
    }

    /// A membership, or a place in the hierarchy.
    pub(in crate::access) fn member(&mut self, member: &str, group: &str) -> &mut Self {
        let grant = Grant::observed(self.system, member, GrantObject::Group(group.into()), evidence("membership"));
        self.grants.push(grant);
        self
    }

    /// What an export says that a role allows.
    pub(in crate::access) fn defines(&mut self, role: &str, actions: &[&str], except: &[&str]) -> &mut Self {
        let words = |list: &[&str]| list.iter().map(|text| (*text).into()).collect::<Vec<Box<str>>>();
        let statement = Statement { except: words(except), ..Statement::allow(words(actions)) };
        let policy = Policy {
            id: role.into(),
            system: self.system.into(),
            statements: vec![statement],
            created: None,
            evidence: evidence("role"),
        };
        self.policies.insert(role.into(), policy);
        self
    }

    /// What an identity may do, as of the first of March 2024.
    pub(in crate::access) fn privilege(&self, system: &dyn System, id: &str) -> Privilege {
        self.ask(system, |judge| judge.privilege(id))
    }

    /// Whether an identity is an administrator.
    pub(in crate::access) fn is_admin(&self, system: &dyn System, id: &str) -> bool {
        matches!(self.privilege(system, id), Privilege::Admin { .. })
    }

    /// Why nobody can tell what an identity may do.
    pub(in crate::access) fn unknown(&self, system: &dyn System, id: &str) -> String {
        match self.privilege(system, id) {
            Privilege::Unknown(why) => why,
            other => panic!("{id} is {other:?}"),
        }
    }

    /// The way of an identity to more rights.
    pub(in crate::access) fn path(&self, system: &dyn System, id: &str) -> Option<Path> {
        self.ask(system, |judge| judge.paths().into_iter().find(|path| &*path.from == id))
    }

    /// The answer to a question.
    pub(in crate::access) fn decide(&self, system: &dyn System, id: &str, action: &str, on: Option<&str>) -> Decision {
        self.ask(system, |judge| judge.decide(&Question { principal: id, action, resource: on }))
    }

    /// The verdict alone.
    pub(in crate::access) fn verdict(&self, system: &dyn System, id: &str, action: &str, on: &str) -> Verdict {
        self.decide(system, id, action, Some(on)).verdict
    }

    fn ask<T>(&self, system: &dyn System, question: impl FnOnce(&dyn crate::access::Judge) -> T) -> T {
        let mut grants = self.grants.clone();
        grants.sort_by(|one, other| (&one.holder, &one.object).cmp(&(&other.holder, &other.object)));
        let principal =
            |(id, (kind, facts)): (&'_ String, &'_ (IdentityKind, Vec<Readout>))| (id.clone(), *kind, facts.clone());
        let people: Vec<(String, IdentityKind, Vec<Readout>)> = self.people.iter().map(principal).collect();
        let principals = people.iter().map(|(id, kind, facts)| {
            let principal = Principal {
                system: self.system,
                account: None,
                name: id,
                kind: *kind,
                boundary: None,
                status: Status::Unknown,
                last_use: LastUse::Unknown,
                facts,
                evidence: &self.evidence,
            };
            (id.as_str(), principal)
        });
        let as_of: Timestamp = "2024-03-01T00:00:00Z".parse().expect("a time");
        let estate = Estate { as_of, principals: principals.collect(), grants: &grants, policies: &self.policies };
        let judge = system.judge(&estate);
        question(judge.as_ref())
    }
}

fn evidence(shows: &str) -> Evidence {
    Evidence::new(shows, &Input::of("export.json", b"x"), Place::Pointer { pointer: String::new() })
}
