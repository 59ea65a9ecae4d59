//! The caps of an organisation: service and resource control policies of accounts, units and roots.

use std::collections::{BTreeMap, BTreeSet};

use super::arn;
use super::policies::Policies;
use super::powers::{Holders, Layer, Via};
use crate::access::{Estate, Principal};
use crate::model::{Grant, GrantObject};

/// How deep a hierarchy may be; AWS allows a root, five units and the account.
const MAX_DEPTH: usize = 16;

/// The caps over every account that an export places in an organisation.
#[derive(Debug, Default)]
pub(super) struct Organisation<'a> {
    /// By account, the caps of each level that has any, from below.
    caps: BTreeMap<&'a str, Vec<(Via<'a>, Vec<&'a Grant>)>>,
}

impl<'a> Organisation<'a> {
    /// Reads the hierarchy above these accounts.
    pub(super) fn new(accounts: &BTreeSet<&'a str>, estate: &'a Estate<'a>, holders: &Holders<'a>) -> Self {
        let exempt = management(estate);
        let bound = accounts.iter().filter(|account| !exempt.contains(**account));
        let caps = |account: &'a str| levels(account, holders).into_iter().flat_map(|level| caps(level, holders));
        Self { caps: bound.map(|&account| (account, caps(account).collect())).collect() }
    }

    /// The service control policies over the identities of an account, or the resource control policies over its
    /// resources: one layer a level.
    pub(super) fn layers<'s>(&self, account: Option<&str>, resource: bool, policies: &'s Policies<'s>) -> Vec<Layer<'s>>
    where
        'a: 's,
    {
        let of_account = account.and_then(|account| self.caps.get(account)).into_iter().flatten();
        let wanted = of_account.filter(|(via, _)| matches!(via, Via::Resource(_)) == resource);
        let layer = |(via, grants): &(Via<'a>, Vec<&'a Grant>)| Layer {
            via: *via,
            held: grants
                .iter()
                .map(|grant| policies.held(grant.object.id(), *via, [Some(&grant.evidence), None]))
                .collect(),
        };
        wanted.map(layer).collect()
    }
}

/// The accounts that no cap binds: management accounts, which own the policies of their organisations.
fn management<'a>(estate: &'a Estate<'a>) -> BTreeSet<&'a str> {
    let manages =
        |principal: &&Principal<'a>| principal.facts.iter().any(|fact| &*fact.name == "management-account-of");
    let described = estate.principals.values().filter(manages).filter_map(|principal| principal.account);
    let caps =
        estate.grants.iter().filter(|grant| matches!(grant.object, GrantObject::Cap(_)) && &*grant.system == "aws");
    let named = |grant: &&Grant| grant.object.id().contains(":organizations::");
    caps.filter(named).filter_map(|grant| arn::account(grant.object.id())).chain(described).collect()
}

/// The account and what lies above it, from below.
fn levels<'a>(account: &'a str, holders: &Holders<'a>) -> Vec<&'a str> {
    let mut levels = vec![account];
    while let Some(&level) = levels.last() {
        let mut parents = holders.of(level).iter().filter_map(|grant| match &grant.object {
            GrantObject::Group(parent) => Some(&**parent),
            _ => None,
        });
        match parents.next() {
            Some(parent) if !levels.contains(&parent) && levels.len() < MAX_DEPTH => levels.push(parent),
            _ => break,
        }
    }
    levels
}

/// The caps of one level, service and resource control policies apart; nothing where no export holds any.
fn caps<'a>(level: &'a str, holders: &Holders<'a>) -> Vec<(Via<'a>, Vec<&'a Grant>)> {
    let all = holders.of(level).iter().filter(|grant| matches!(grant.object, GrantObject::Cap(_)));
    let (resource, service): (Vec<&Grant>, Vec<&Grant>) = all.partition(|grant| is_resource_cap(grant));
    let both = [(Via::Service(level), service), (Via::Resource(level), resource)];
    both.into_iter().filter(|(_, grants)| !grants.is_empty()).collect()
}

fn is_resource_cap(grant: &Grant) -> bool {
    let named = |text: &str| text.to_ascii_lowercase().contains("resource_control_policy");
    let id = grant.object.id();
    named(id) || id.ends_with("p-RCPFullAWSAccess") || grant.facts.iter().any(|fact| named(&fact.value))
}
