//! Systems in which a role or a policy alone makes an administrator: `rules/access/administrators.yaml` names them.
//!
//! What others may do is not evaluated for these systems, and how rights grow is not either.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::pattern::is_every_resource;
use super::{Decision, Estate, Judge, Question, System};
use crate::model::{Effect, Evidence, Grant, GrantObject, Path, Policy, Privilege, Standing, Verdict};
use crate::rules::embedded;
use crate::yaml;

/// Where the roles stand.
const FILE: &str = "rules/access/administrators.yaml";
/// How many groups and roles of one identity are followed.
const MAX_FOLLOWED: usize = 1000;

/// A system of the file, by its id.
pub(super) struct Administered(pub(super) &'static str);

impl System for Administered {
    fn id(&self) -> &'static str {
        self.0
    }

    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a> {
        let mut held: BTreeMap<&str, Vec<&Grant>> = BTreeMap::new();
        let in_force = |grant: &&Grant| !matches!(grant.standing, Standing::ExpiredStillPresent | Standing::Eligible);
        for grant in estate.grants.iter().filter(|grant| &*grant.system == self.0).filter(in_force) {
            held.entry(&grant.holder).or_default().push(grant);
        }
        Box::new(AdministeredJudge { estate, held, rules: rules(self.0) })
    }
}

/// What makes an administrator of one system.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Rules {
    /// The system.
    id: String,
    /// What is put before the name of a role to have the id under which it holds further roles.
    roles_are: String,
    /// Roles and permissions.
    administrators: Vec<Administrator>,
    /// Policies by their ids.
    policies: Vec<String>,
    /// A policy that allows all of these everywhere.
    actions: Vec<String>,
    /// Policies that need not be in an export to be judged.
    harmless: Vec<String>,
    /// Where it is documented.
    references: Vec<String>,
}

/// One role that makes an administrator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Administrator {
    role: String,
    /// Only with this scope; with any where it is empty.
    #[serde(default)]
    scope: String,
    of: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    systems: Vec<Rules>,
}

/// The rules of a system. A broken file is told by a test; without it nobody is an administrator.
fn rules(system: &str) -> Option<&'static Rules> {
    static ALL: OnceLock<Vec<Rules>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let text = embedded::yaml(FILE).next().map_or("systems: []", |(_, text)| text);
        yaml::parse::<File>(FILE, text).map(|file| file.systems).unwrap_or_default()
    });
    all.iter().find(|rules| rules.id == system)
}

struct AdministeredJudge<'a> {
    estate: &'a Estate<'a>,
    held: BTreeMap<&'a str, Vec<&'a Grant>>,
    rules: Option<&'static Rules>,
}

impl<'a> AdministeredJudge<'a> {
    /// The grants of an identity, with those of its groups and roles; the ways to them come first.
    fn grants(&self, id: &str, rules: &Rules) -> Vec<(Vec<&'a Grant>, &'a Grant)> {
        let mut found: Vec<(Vec<&'a Grant>, &'a Grant)> = Vec::new();
        let mut seen: BTreeSet<String> = BTreeSet::from([id.to_owned()]);
        let mut open: Vec<(Vec<&'a Grant>, String)> = vec![(Vec::new(), id.to_owned())];
        while let Some((way, holder)) = open.pop() {
            for grant in self.held.get(holder.as_str()).into_iter().flatten() {
                let next = match &grant.object {
                    GrantObject::Group(group) => Some(group.to_string()),
                    GrantObject::Role(role) if !rules.roles_are.is_empty() => {
                        Some(format!("{}{role}", rules.roles_are))
                    }
                    _ => None,
                };
                if let Some(next) = next.filter(|next| seen.len() < MAX_FOLLOWED && seen.insert(next.clone())) {
                    open.push((way.iter().copied().chain([*grant]).collect(), next));
                }
                found.push((way.clone(), grant));
            }
        }
        found.sort_by_key(|(way, _)| way.len());
        found
    }

    fn assess(&self, id: &str) -> Privilege {
        let Some(rules) = self.rules else { return Privilege::NotExamined };
        let grants = self.grants(id, rules);
        for (way, grant) in &grants {
            if let Some((what, policy)) = self.administers(grant, rules) {
                let via: Vec<&str> = way.iter().map(|grant| grant.object.id()).collect();
                let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
                let evidence: BTreeSet<Evidence> =
                    way.iter().chain([grant]).map(|grant| grant.evidence.clone()).collect();
                let evidence = evidence.into_iter().chain(policy.map(|policy| policy.evidence.clone())).collect();
                return Privilege::Admin { how: format!("{what}{via}"), evidence };
            }
        }
        let missing = |grant: &&Grant| matches!(&grant.object, GrantObject::Policy(id) if self.is_missing(id, rules));
        match grants.iter().map(|(_, grant)| *grant).find(missing) {
            Some(grant) => Privilege::Unknown(format!("the policy {} is not in any export", grant.object.id())),
            None if self.held.is_empty() => Privilege::NotExamined,
            None => Privilege::Limited,
        }
    }

    fn is_missing(&self, id: &str, rules: &Rules) -> bool {
        !self.estate.policies.contains_key(id) && !rules.harmless.iter().any(|known| known == id)
    }

    /// What a grant makes its holder an administrator of, with the policy that says so.
    fn administers(&self, grant: &Grant, rules: &Rules) -> Option<(String, Option<&'a Policy>)> {
        match &grant.object {
            GrantObject::Role(role) => {
                let is = |known: &&Administrator| {
                    known.role.eq_ignore_ascii_case(role) && (known.scope.is_empty() || *known.scope == *grant.scope)
                };
                let known = rules.administrators.iter().find(is)?;
                Some((format!("{role}: administrator of {}", known.of), None))
            }
            GrantObject::Policy(id) if rules.policies.iter().any(|known| **known == **id) => {
                Some((format!("the policy {id}"), self.estate.policies.get(id)))
            }
            GrantObject::Policy(id) => {
                let policy = self.estate.policies.get(id)?;
                allows_everywhere(policy, &rules.actions).then(|| (format!("{id} allows everything"), Some(policy)))
            }
            _ => None,
        }
    }
}

/// Whether a policy allows all of these actions on everything, without a condition or a denial of everything.
fn allows_everywhere(policy: &Policy, actions: &[String]) -> bool {
    let everywhere = |effect: Effect| {
        policy.statements.iter().filter(move |statement| {
            statement.effect == effect
                && statement.conditions.is_empty()
                && statement.resources.iter().any(|resource| is_every_resource(resource))
        })
    };
    let allowed = |action: &String| {
        everywhere(Effect::Allow).flat_map(|statement| &statement.actions).any(|own| **own == **action)
    };
    !actions.is_empty() && actions.iter().all(allowed) && everywhere(Effect::Deny).next().is_none()
}

impl Judge for AdministeredJudge<'_> {
    fn privilege(&self, principal: &str) -> Privilege {
        self.assess(principal)
    }

    fn paths(&self) -> Vec<Path> {
        Vec::new()
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        let (verdict, why) = match self.assess(question.principal) {
            Privilege::Admin { how, .. } => (Verdict::Allowed, how),
            _ => (Verdict::Unknown, "single permissions of this system are not evaluated".to_owned()),
        };
        Decision { verdict, why, deciding: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::access::SYSTEMS;
    use crate::model::{Input, Place, Statement};

    fn evidence() -> Evidence {
        Evidence::new("x", &Input::of("x", b""), Place::Line { line: 1, column: 1 })
    }

    fn grant(system: &str, holder: &str, object: GrantObject, scope: &str) -> Grant {
        Grant { scope: scope.into(), ..Grant::observed(system, holder, object, evidence()) }
    }

    fn policy(id: &str, statement: Statement) -> (Box<str>, Policy) {
        let policy = Policy {
            id: id.into(),
            system: "vault".into(),
            statements: vec![statement],
            created: None,
            evidence: evidence(),
        };
        (id.into(), policy)
    }

    fn privilege(system: &str, grants: &[Grant], policies: &BTreeMap<Box<str>, Policy>, id: &str) -> Privilege {
        let estate = Estate { as_of: Timestamp::UNIX_EPOCH, principals: BTreeMap::new(), grants, policies };
        let system = SYSTEMS.iter().find(|own| own.id() == system).expect("a system");
        system.judge(&estate).privilege(id)
    }

    fn role(name: &str) -> GrantObject {
        GrantObject::Role(name.into())
    }

    #[test]
    fn the_file_is_read_and_each_of_its_systems_is_judged() {
        let text = embedded::yaml(FILE).next().expect("the file").1;
        let file: File = yaml::parse(FILE, text).expect("readable");
        assert!(file.systems.is_sorted_by_key(|rules| &rules.id));
        for rules in &file.systems {
            assert!(SYSTEMS.iter().any(|system| system.id() == rules.id), "{}", rules.id);
            assert!(!rules.references.is_empty(), "{}", rules.id);
        }
    }

    #[test]
    fn every_administrators_role_makes_one_and_a_name_like_it_does_not() {
        let text = embedded::yaml(FILE).next().expect("the file").1;
        let file: File = yaml::parse(FILE, text).expect("readable");
        for rules in &file.systems {
            for known in &rules.administrators {
                let of = |name: &str, scope: &str| {
                    privilege(&rules.id, &[grant(&rules.id, "x", role(name), scope)], &BTreeMap::new(), "x")
                };
                assert!(matches!(of(&known.role, &known.scope), Privilege::Admin { .. }), "{}", known.role);
                assert_eq!(of(&format!("{}x", known.role), &known.scope), Privilege::Limited, "{}", known.role);
                if !known.scope.is_empty() {
                    assert_eq!(of(&known.role, "elsewhere"), Privilege::Limited, "{}", known.role);
                }
            }
        }
    }

    #[test]
    fn an_administrator_by_roles_of_roles_says_by_which() {
        let grants = [
            grant("snowflake", "snowflake/user/ANN", role("LEADS"), ""),
            grant("snowflake", "snowflake/role/LEADS", role("ADMINS"), ""),
            grant("snowflake", "snowflake/role/ADMINS", role("LEADS"), ""),
            grant("snowflake", "snowflake/role/ADMINS", role("ACCOUNTADMIN"), ""),
        ];
        let Privilege::Admin { how, .. } = privilege("snowflake", &grants, &BTreeMap::new(), "snowflake/user/ANN")
        else {
            panic!("no administrator")
        };
        assert_eq!(how, "ACCOUNTADMIN: administrator of the account via LEADS, ADMINS");
    }

    #[test]
    fn a_grant_that_has_ended_or_must_be_activated_makes_nobody_an_administrator() {
        for standing in [Standing::ExpiredStillPresent, Standing::Eligible] {
            let ended = Grant { standing, ..grant("postgres", "x", role("SUPERUSER"), "") };
            assert_eq!(privilege("postgres", &[ended], &BTreeMap::new(), "x"), Privilege::NotExamined);
        }
    }

    #[test]
    fn a_policy_of_vault_that_allows_everything_with_sudo_makes_an_administrator() {
        let everywhere = |actions: &[&str], resource: &str| Statement {
            resources: vec![resource.into()],
            ..Statement::allow(actions.iter().map(|action| (*action).into()).collect::<Vec<Box<str>>>())
        };
        let of = |statement: Statement| {
            let object = GrantObject::Policy("sys/policies/acl/p".into());
            let policies = BTreeMap::from([policy("sys/policies/acl/p", statement)]);
            privilege("vault", &[grant("vault", "x", object, "")], &policies, "x")
        };
        assert!(matches!(of(everywhere(&["update", "sudo"], "*")), Privilege::Admin { .. }));
        assert_eq!(of(everywhere(&["update"], "*")), Privilege::Limited);
        assert_eq!(of(everywhere(&["update", "sudo"], "secret/*")), Privilege::Limited);
    }

    #[test]
    fn a_policy_that_no_export_holds_is_unknown_unless_it_is_known_to_do_no_harm() {
        let of = |name: &str| {
            let object = GrantObject::Policy(format!("sys/policies/acl/{name}").into());
            privilege("vault", &[grant("vault", "x", object, "")], &BTreeMap::new(), "x")
        };
        assert!(matches!(of("root"), Privilege::Admin { .. }));
        assert!(matches!(of("team"), Privilege::Unknown(_)));
        assert_eq!(of("default"), Privilege::Limited);
    }
}
