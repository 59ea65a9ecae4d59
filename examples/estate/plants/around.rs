//! Ways around the broker, and agents.

use crate::estate::plot::{ACCOUNT, DAY, HOUR, Plot};
use crate::estate::record::{Caller, user};
use crate::estate::session::Shown;

use super::governed::Asked;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[on_its_scope, weak_broker, tools, ungoverned, in_a_pipeline];

/// A key for what the roles of the broker are there for, and for a service whose name only begins alike.
fn on_its_scope(plot: &mut Plot) {
    let time = plot.recent_time();
    for (call, is_fault) in [(("rds", "DescribeDBInstances"), true), (("rds-data", "ExecuteStatement"), false)] {
        let key = plot.old_key();
        plot.used_for(&key, time, call);
        plot.tell("static-credential-on-jit-scope", &key.id, is_fault);
    }
}

/// Brokers that work with a key, or from three networks, or from two.
fn weak_broker(plot: &mut Plot) {
    let user = format!("broker-{}", plot.next());
    let key = plot.key_of(&user);
    let time = plot.recent_time();
    plot.used(&key, time);
    plot.fault("weak-broker-credential", &key.user_arn());
    for (networks, is_fault) in [(3, true), (2, false)] {
        let role = format!("broker-{}", plot.next());
        let subject = format!("repo:acme/{role}:ref:refs/heads/main");
        for day in 0..networks {
            let session = plot.session_of(&role, time + day * DAY, HOUR, &Shown::Token(&subject));
            plot.session_used(&session, 1200);
        }
        plot.tell("weak-broker-credential", &format!("arn:aws:iam::{ACCOUNT}:role/{role}"), is_fault);
    }
}

/// An agent with three tools, and with two beside what every session talks to.
fn tools(plot: &mut Plot) {
    for (third, is_fault) in [("sqs", true), ("kms", false)] {
        let role = format!("jit-{}-agent", plot.next());
        let time = plot.some_time(6);
        let asked = Asked::at(plot, &role, time);
        asked.decided(plot, 300, "bob", "user", "approve");
        let session = asked.taken(plot, HOUR);
        plot.session_used_for(&session, 960, ("dynamodb", "GetItem"));
        plot.session_used_for(&session, 1020, (third, "ListQueues"));
        plot.tell("tool-switch", &session.role_arn(), is_fault);
        plot.decoy("ungoverned-agent", &session.role_arn());
    }
}

/// An agent whose role takes no approval.
fn ungoverned(plot: &mut Plot) {
    let time = plot.some_time(5);
    let role = format!("agent-{}", plot.next());
    let subject = format!("repo:acme/{role}:ref:refs/heads/main");
    let session = plot.session_of(&role, time, HOUR, &Shown::Token(&subject));
    plot.session_used(&session, 1200);
    plot.fault("ungoverned-agent", &session.role_arn());
}

/// The key of a person in a pipeline, and in the hands of the person.
fn in_a_pipeline(plot: &mut Plot) {
    let time = plot.recent_time();
    for (agent, is_fault) in [("GitHub-Actions/2 aws-cli/2.15.0", true), ("aws-cli/2.15.0 Python/3.11.6", false)] {
        let key = plot.old_key();
        plot.beside.decide("people", format!("  {}: [\"{}\", \"{}@example.com\"]", key.user, key.user_arn(), key.user));
        let caller = Caller { agent, ..user(ACCOUNT, &key.user, &key.id, key.address.clone()) };
        plot.calls(&caller, ACCOUNT, plot.at(time), ("s3", "ListBuckets"), None);
        plot.tell("wrong-credential-kind", &key.id, is_fault);
    }
}
