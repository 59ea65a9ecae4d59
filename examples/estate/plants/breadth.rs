//! Credentials that are good for too much, or that too many work with.

use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::session::{Session, Shown, address};

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[
    many_services,
    many_uses,
    too_long_for_its_use,
    a_burst,
    nobodys_name,
    two_places,
    from_pull_requests,
    by_the_broker,
];

/// Calls to services of their own.
const CALLS: [(&str, &str); 8] = [
    ("s3", "ListBuckets"),
    ("ec2", "DescribeInstances"),
    ("dynamodb", "ListTables"),
    ("sqs", "ListQueues"),
    ("ecr", "DescribeRepositories"),
    ("secretsmanager", "ListSecrets"),
    ("cloudformation", "DescribeStacks"),
    ("rds", "DescribeDBInstances"),
];

/// Eight services, and seven with the two that every session talks to.
fn many_services(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (services, is_fault) in [(8, true), (7, false)] {
        let session = plot.session(time, HOUR);
        let beside = [("kms", "Decrypt"), ("sts", "GetCallerIdentity")];
        for (minute, call) in (10..).zip(CALLS[..services].iter().chain(&beside)) {
            plot.session_used_for(&session, minute * 60, *call);
        }
        plot.tell("general-purpose-token", &session.role_arn(), is_fault);
    }
}

/// So many sessions of one role, a day or so apart, each used from its begin for so long and so often.
fn sessions(plot: &mut Plot, number: i64, used_for: i64, times: impl Fn(i64) -> i64) -> Session {
    let role = format!("plot-{}", plot.next());
    let subject = format!("repo:acme/{role}:ref:refs/heads/main");
    let mut sessions = (0..number).map(|one| {
        let session = plot.session_of(&role, 5 * DAY + one * 2 * DAY, HOUR, &Shown::Token(&subject));
        for time in 1..=times(one) {
            plot.session_used(&session, used_for * time / times(one));
        }
        session
    });
    let first = sessions.next();
    let rest = sessions.count();
    first.filter(|_| rest > 0).unwrap_or_else(|| unreachable!("more than one session"))
}

/// One of 22 sessions was used more than five times as often as the others, or just five times.
fn many_uses(plot: &mut Plot) {
    for (most, is_fault) in [(56, true), (55, false)] {
        let session = sessions(plot, 22, 1800, |one| if one == 7 { most } else { 11 });
        plot.tell("unlimited-use", &session.role_arn(), is_fault);
    }
}

/// Used for a tenth of their life, and a little longer.
fn too_long_for_its_use(plot: &mut Plot) {
    for (used_for, is_fault) in [(360, true), (420, false)] {
        let session = sessions(plot, 20, used_for, |_| 1);
        plot.tell("ttl-not-sized-to-use", &session.role_arn(), is_fault);
    }
}

/// Ten sessions within a minute, and ten in exactly one.
fn a_burst(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (last, is_fault) in [(59, true), (60, false)] {
        let role = format!("plot-{}", plot.next());
        let subject = format!("repo:acme/{role}:ref:refs/heads/main");
        for one in 0..10 {
            let session = plot.session_of(&role, time + last * one / 9, HOUR, &Shown::Token(&subject));
            plot.session_used(&session, 900);
            if one == 9 {
                plot.tell("issuance-noise", &session.role_arn(), is_fault);
            }
        }
    }
}

/// Three callers under one name, and three branches of one repository with a second one.
fn nobodys_name(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (subjects, is_fault) in
        [(["a:ref:main", "b:ref:main", "c:ref:main"], true), (["a:ref:x", "a:ref:y", "b:ref:x"], false)]
    {
        let role = format!("plot-{}", plot.next());
        for (hour, subject) in (0..).zip(subjects) {
            let subject = format!("repo:acme/{role}-{subject}");
            let session = plot.session_named(&role, "deploy", time + hour * HOUR, HOUR, &Shown::Token(&subject));
            plot.session_used(&session, 1200);
            if hour == 2 {
                plot.tell("unattributable-session", &session.role_arn(), is_fault);
            }
        }
    }
}

/// Two networks inside one minute, and on both sides of its end.
fn two_places(plot: &mut Plot) {
    let time = plot.some_time(5) / 60 * 60;
    for (second, is_fault) in [(59, true), (60, false)] {
        let session = plot.session(time, HOUR);
        plot.session_used(&session, 600);
        let elsewhere = address(plot.next() ^ 0xbad);
        plot.session_used_from(&session, 600 + second, &elsewhere, None);
        plot.tell("concurrent-use", &session.key, is_fault);
        plot.fault("replayed-credential", &session.key);
    }
}

/// A run for a pull request, and runs whose branch or environment has that name.
fn from_pull_requests(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (what, is_fault) in
        [("pull_request", true), ("environment:pull_request", false), ("ref:refs/heads/pull_request", false)]
    {
        let role = format!("plot-{}", plot.next());
        let session = plot.session_of(&role, time, HOUR, &Shown::Token(&format!("repo:acme/{role}:{what}")));
        plot.session_used(&session, 1200);
        plot.tell("elevation-without-mfa", &session.role_arn(), is_fault);
    }
}

/// The role of the broker taken by somebody else, under an approved request all the same.
fn by_the_broker(plot: &mut Plot) {
    for (who, is_fault) in [("mallory", true), ("access-broker", false)] {
        let asked = super::governed::Asked::new(plot);
        asked.decided(plot, 300, "bob", "user", "approve");
        let name = format!("ann-{}", asked.id);
        let session = plot.session_named(&asked.role, &name, asked.time + 600, HOUR, &Shown::Assertion(who));
        plot.session_used(&session, 900);
        plot.tell("broker-bypass", &session.role_arn(), is_fault);
    }
}
