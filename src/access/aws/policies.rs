//! All policies, made ready to be asked: conditions read, the actions that matter to paths marked.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::condition::Condition;
use super::escalation::marks::Marks;
use crate::access::Estate;
use crate::model::{Effect, Evidence, Statement};
use crate::rules::embedded;
use crate::yaml;

/// The most that the patterns and conditions of a policy may add up to; AWS allows at most 32 KiB for any policy.
const MAX_BYTES: usize = 128 << 10;

/// A policy, ready to be asked.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    /// Its statements.
    pub(super) rules: Vec<Rule<'a>>,
    /// Where the export holds it; nothing for one whose content is published.
    pub(super) evidence: Option<&'a Evidence>,
}

/// A statement, ready to be asked.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    /// As the export holds it.
    pub(super) statement: &'a Statement,
    /// Its condition.
    pub(super) condition: Condition,
    /// Which of the actions of the escalation methods it covers.
    pub(super) marks: Marks,
}

impl<'a> Policy<'a> {
    fn new(statements: &'a [Statement], evidence: Option<&'a Evidence>) -> Self {
        Self { rules: statements.iter().map(Rule::new).collect(), evidence }
    }
}

impl<'a> Rule<'a> {
    fn new(statement: &'a Statement) -> Self {
        Self { statement, condition: Condition::parse(&statement.conditions), marks: Marks::of(statement) }
    }

    /// Whether it denies.
    pub(super) fn denies(&self) -> bool {
        self.statement.effect == Effect::Deny
    }
}

/// The policies of an estate.
#[derive(Debug)]
pub(super) struct Policies<'a>(BTreeMap<&'a str, Policy<'a>>);

impl<'a> Policies<'a> {
    /// Reads the policies of AWS.
    pub(super) fn new(estate: &'a Estate<'a>) -> Self {
        let own =
            estate.policies.iter().filter(|(_, policy)| &*policy.system == "aws" && is_possible(&policy.statements));
        Self(own.map(|(id, policy)| (&**id, Policy::new(&policy.statements, Some(&policy.evidence)))).collect())
    }

    /// The policy of this id, as the export holds it or as AWS publishes it.
    pub(super) fn get(&self, id: &str) -> Option<&Policy<'a>> {
        self.0.get(id).or_else(|| published(id))
    }
}

/// Whether a policy is no longer than several times what AWS allows. One that is longer was made up to cost time; it is
/// treated as one that is not in the export.
fn is_possible(statements: &[Statement]) -> bool {
    let length = |statement: &Statement| {
        let patterns = statement.actions.iter().chain(&statement.resources);
        patterns.map(|pattern| pattern.len() + 1).sum::<usize>() + statement.conditions.len() + 1
    };
    statements.iter().map(length).sum::<usize>() <= MAX_BYTES
}

/// A policy that AWS manages and whose content its documentation states.
///
/// The policies of an organisation go by their short id: `p-FullAWSAccess`.
fn published(id: &str) -> Option<&'static Policy<'static>> {
    static READY: OnceLock<BTreeMap<&'static str, Policy<'static>>> = OnceLock::new();
    let name = match id.strip_prefix("arn:aws").and_then(|rest| rest.split_once(':')) {
        Some((partition, name)) if partition.is_empty() || partition.starts_with('-') => name,
        Some(_) => return None,
        None => id,
    };
    let name = if name.starts_with("organizations::aws:") { name.rsplit('/').next()? } else { name };
    let ready = || documents().iter().map(|it| (&*it.id, Policy::new(&it.statements, None))).collect();
    READY.get_or_init(ready).get(name)
}

struct Document {
    id: String,
    statements: Vec<Statement>,
}

/// One entry of `rules/access/aws/managed.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    #[expect(dead_code, reason = "tells people where the content is published")]
    reference: String,
    statements: Vec<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    effect: Effect,
    #[serde(default)]
    actions: Vec<Box<str>>,
    #[serde(default)]
    all_but_actions: Vec<Box<str>>,
}

fn documents() -> &'static [Document] {
    static DOCUMENTS: OnceLock<Vec<Document>> = OnceLock::new();
    const FILE: &str = "rules/access/aws/managed.yaml";
    DOCUMENTS.get_or_init(|| {
        let text = embedded::yaml(FILE).next().map_or("", |(_, text)| text);
        // A broken file is told by a test; without it these policies are unknown, as any other that is absent.
        let entries: Vec<Entry> = yaml::parse(FILE, text).unwrap_or_default();
        let document = |entry: Entry| Document {
            id: entry.id,
            statements: entry.statements.into_iter().map(Written::statement).collect(),
        };
        entries.into_iter().map(document).collect()
    })
}

impl Written {
    fn statement(self) -> Statement {
        let not_actions = self.actions.is_empty();
        let actions = if not_actions { self.all_but_actions } else { self.actions };
        Statement { effect: self.effect, not_actions, ..Statement::allow(actions) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_longer_than_any_can_be_is_not_looked_into() {
        let long = |length: usize| [Statement::allow(["*".repeat(length).into()])];
        assert!(is_possible(&long(10_240)) && !is_possible(&long(MAX_BYTES)));
    }

    #[test]
    fn published_policies_are_known_in_every_partition_and_nowhere_else() {
        for id in ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws-cn:iam::aws:policy/AdministratorAccess"] {
            assert_eq!(published(id).expect(id).rules.len(), 1, "{id}");
        }
        for id in [
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "AdministratorAccess",
            "arn:awsx:iam::aws:policy/AWSDenyAll",
        ] {
            assert!(published(id).is_none(), "{id}");
        }
        assert_eq!(documents().len(), 6);
    }
}
