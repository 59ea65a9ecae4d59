//! Networks, hosts and workloads from which a credential was used, without those that say nothing.

use std::net::IpAddr;

use crate::ledger::{Concurrency, Moment, Network, Overlap, Timeline};

use super::Context;

/// The networks of accepted uses that name an origin, with the earliest use from each.
pub(in crate::check) fn networks<'a>(ctx: &Context<'_>, timeline: &'a Timeline) -> Vec<(IpAddr, &'a Moment)> {
    let named = timeline.networks.iter().map(|(network, moment)| (network.0, moment));
    named.filter(|(address, _)| !ctx.policy.ignores_network(*address)).collect()
}

/// Two hosts inside one minute, where neither is a network to ignore.
pub(in crate::check) fn concurrency<'a>(ctx: &Context<'_>, timeline: &'a Timeline) -> Option<&'a Concurrency> {
    let seen = timeline.concurrency.as_ref()?;
    let ignored = ctx.policy.ignores(seen.one.0) || ctx.policy.ignores(seen.other.0);
    (!ignored).then_some(seen)
}

/// Networks of a session at work in the same minute, where neither is one to ignore. Of other credentials the hosts of
/// the latest minute with two are known instead: [`concurrency`].
pub(in crate::check) fn overlaps(ctx: &Context<'_>, timeline: &Timeline) -> Vec<Overlap> {
    let ignored =
        |overlap: &&Overlap| [overlap.one, overlap.other].iter().any(|network| ctx.policy.ignores_network(network.0));
    let named = timeline.overlaps.iter().filter(|overlap| !ignored(overlap)).copied();
    let hosts = concurrency(ctx, timeline).and_then(|seen| {
        let (one, other) = (Network::of(seen.one.0), Network::of(seen.other.0));
        (one != other).then(|| Overlap { one: one.min(other), other: one.max(other), minute: seen.minute })
    });
    named.chain(hosts).collect()
}

/// The workloads that the callers' SDKs name: an application id (`app/billing`) or an execution environment
/// (`exec-env/AWS_ECS_FARGATE`). A user agent without one names a tool and no workload.
pub(in crate::check) fn workloads(timeline: &Timeline) -> Vec<(String, &Moment)> {
    let mut found: Vec<(String, &Moment)> = Vec::new();
    for (agent, moment) in &timeline.agents {
        let tag =
            agent.split([' ', '[', ']', ',']).find(|word| word.starts_with("app/") || word.starts_with("exec-env/"));
        if let Some(tag) = tag
            && !found.iter().any(|(known, _)| known == tag)
        {
            found.push((tag.to_owned(), moment));
        }
    }
    found
}

/// `198.51.100.0/24`.
pub(in crate::check) fn network_name(address: IpAddr) -> String {
    let prefix = if address.is_ipv4() { 24 } else { 48 };
    format!("{address}/{prefix}")
}
