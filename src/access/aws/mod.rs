//! Amazon Web Services: what users and roles may do, who may become whom, and how little rights grow into many.
//!
//! The exports tell the policies of identities, boundaries and organisations. They do not tell the policies of resources
//! (buckets, keys, queues): "denied" means that the identity's own policies do not allow it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::{Decision, Estate, Judge, Question, System};
use crate::model::{Evidence, IdentityKind, Path, Privilege, Verdict};

pub(crate) mod arn;
mod assignments;
pub mod catalogue;
mod compare;
mod condition;
mod context;
mod escalation;
mod evaluate;
mod organisation;
mod policies;
mod powers;
mod privilege;
mod trust;
pub(crate) mod words;

use context::Context;
use evaluate::{Answer, Ask, On};
use organisation::Organisation;
use policies::Policies;
use powers::{Holders, Powers};
use trust::Trusts;

/// Amazon Web Services.
pub(super) struct Aws;

impl System for Aws {
    fn id(&self) -> &'static str {
        "aws"
    }

    fn judge<'a>(&self, estate: &'a Estate<'a>) -> Box<dyn Judge + Sync + 'a> {
        Box::new(Self::judge_of(estate))
    }
}

impl Aws {
    fn judge_of<'a>(estate: &'a Estate<'a>) -> AwsJudge<'a> {
        let holders = Holders::new(estate);
        let own = estate.principals.values().filter(|principal| principal.system == "aws");
        let accounts: BTreeSet<&str> = own.filter_map(|principal| principal.account).collect();
        AwsJudge {
            estate,
            policies: Policies::new(estate),
            organisation: Organisation::new(&accounts, estate, &holders),
            holders,
            trusts: Trusts::new(estate.grants),
            exports: exports(estate),
            keys: OnceLock::new(),
            privileges: OnceLock::new(),
        }
    }
}

/// Answers about the AWS accounts of an estate.
struct AwsJudge<'a> {
    estate: &'a Estate<'a>,
    policies: Policies<'a>,
    holders: Holders<'a>,
    organisation: Organisation<'a>,
    trusts: Trusts<'a>,
    /// The files that speak about grants: an identity that such a file lists was examined.
    exports: BTreeSet<&'a str>,
    /// The ids under which exports describe identities, by lookup key.
    keys: OnceLock<BTreeMap<String, Box<str>>>,
    privileges: OnceLock<BTreeMap<Box<str>, Privilege>>,
}

fn exports<'a>(estate: &'a Estate<'a>) -> BTreeSet<&'a str> {
    let grants = estate.grants.iter().map(|grant| &grant.evidence);
    let policies = estate.policies.values().map(|policy| &policy.evidence);
    grants.chain(policies).map(|evidence| evidence.input.name()).collect()
}

impl AwsJudge<'_> {
    /// All that decides about an identity.
    fn powers<'s>(&'s self, id: &'s str) -> Powers<'s> {
        let principal = self.estate.principals.get(id);
        let context = Context { as_of: self.estate.as_of, id, principal, fixed: &[] };
        let account = arn::account(id).or_else(|| principal?.account);
        let mut powers = Powers::new(context, &self.holders, &self.policies);
        powers.caps.extend(self.organisation.layers(account, false, &self.policies));
        powers.resource_caps = self.organisation.layers(account, true, &self.policies);
        powers
    }

    fn privileges(&self) -> &BTreeMap<Box<str>, Privilege> {
        self.privileges.get_or_init(|| {
            let own = self.estate.principals.iter().filter(|(_, principal)| principal.system == "aws");
            own.map(|(id, _)| ((*id).into(), self.assess(id))).collect()
        })
    }

    fn assess(&self, id: &str) -> Privilege {
        let Some(principal) = self.estate.principals.get(id) else { return Privilege::NotExamined };
        if principal.kind == IdentityKind::Root {
            let how = "root user of the account".to_owned();
            return Privilege::Admin { how, evidence: principal.evidence.to_vec() };
        }
        if principal.kind == IdentityKind::Scope {
            return Privilege::NotExamined;
        }
        if let Some(assigned) = self.assigned_privilege(id) {
            return assigned;
        }
        if self.is_bare_set(id, principal.kind) {
            return Privilege::Unknown("its policies are not in the export".to_owned());
        }
        let known = |evidence: &Evidence| self.exports.contains(evidence.input.name());
        if !principal.evidence.iter().any(known) {
            return Privilege::NotExamined;
        }
        privilege::privilege(&self.powers(id))
    }

    /// The id under which exports describe an identity: logs leave the path out.
    fn exported<'q>(&'q self, id: &'q str) -> &'q str {
        if self.estate.principals.contains_key(id) {
            return id;
        }
        let all = || self.estate.principals.keys().map(|known| (arn::key(known), (*known).into())).collect();
        self.keys.get_or_init(all).get(&arn::key(id)).map_or(id, |known| known)
    }

    fn root(&self, id: &str) -> Option<Decision> {
        let principal = self.estate.principals.get(id)?;
        let root = principal.kind == IdentityKind::Root;
        root.then(|| Decision {
            verdict: Verdict::Allowed,
            why: "root user of the account".to_owned(),
            deciding: Vec::new(),
        })
    }
}

impl Judge for AwsJudge<'_> {
    fn privilege(&self, principal: &str) -> Privilege {
        self.privileges().get(principal).cloned().unwrap_or_default()
    }

    fn paths(&self) -> Vec<Path> {
        escalation::paths(self)
    }

    fn actions(&self, pattern: &str) -> Vec<&'static str> {
        if !super::pattern::is_pattern(pattern) {
            return Vec::new();
        }
        let catalogue = catalogue::catalogue();
        catalogue.members(&catalogue.expand(pattern)).map(|action| &*action.name).collect()
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        let id = self.exported(question.principal);
        if let Some(root) = self.root(id) {
            return root;
        }
        let on = question.resource.map_or(On::Any, On::All);
        let ask = Ask::new(question.action, on);
        let assigned = self.assignments(id).into_iter().map(|assignment| self.assigned_powers(&assignment).ask(&ask));
        if let Some(best) = assigned.min_by_key(Answer::rank) {
            return best.decision(question.action);
        }
        let mut powers = self.powers(id);
        if let Some(account) = question.resource.and_then(arn::account) {
            powers.resource_caps = self.organisation.layers(Some(account), true, &self.policies);
        }
        powers.ask(&ask).decision(question.action)
    }
}
