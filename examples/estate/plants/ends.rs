//! Credentials that outlive their end, their use or their task: the log of CloudTrail alone.

use crate::estate::plot::{ACCOUNT, DAY, HOUR, Plot};
use crate::estate::session::{Shown, address};

/// All stories. Each is told as often as asked for.
pub(crate) const PLANTS: &[fn(&mut Plot)] = &[
    use_after_expiry,
    use_after_revocation,
    sessions_used_after_revocation,
    unrevoked,
    never_used,
    idle,
    unfinished_rotation,
    renewal_chain,
    ttl_over_ceiling,
    shared_by_networks,
    shared_by_hosts,
    replayed,
    weak_proof,
];

/// Stories about a whole log: each is told once.
pub(crate) const WHOLE: &[fn(&mut Plot)] = &[stopped_log, log_with_hole, sums];

fn use_after_expiry(plot: &mut Plot) {
    let time = plot.some_time(5);
    let late = plot.session(time, HOUR);
    plot.session_used(&late, 600);
    plot.session_used(&late, HOUR + 2400);
    plot.fault("use-after-expiry", &late.key);
    let in_skew = plot.session(time + HOUR, HOUR);
    plot.session_used(&in_skew, HOUR + 240);
    plot.decoy("use-after-expiry", &in_skew.key);
    let refused = plot.session(time + 2 * HOUR, HOUR);
    plot.session_used(&refused, 60);
    plot.session_used_from(&refused, HOUR + 2400, &refused.address.clone(), Some("ExpiredToken"));
    plot.decoy("use-after-expiry", &refused.key);
}

fn use_after_revocation(plot: &mut Plot) {
    let time = plot.some_time(5);
    let late = plot.old_key();
    plot.used(&late, time);
    plot.change(&late, time + HOUR, "DeleteAccessKey", "");
    plot.used(&late, time + 3 * HOUR);
    plot.fault("use-after-revocation", &late.id);
    let refused = plot.old_key();
    plot.used(&refused, time);
    plot.change(&refused, time + HOUR, "UpdateAccessKey", "Inactive");
    plot.used_from(&refused, time + 3 * HOUR, &refused.address.clone(), Some("InvalidClientTokenId"));
    plot.change(&refused, time + 4 * HOUR, "DeleteAccessKey", "");
    plot.decoy("use-after-revocation", &refused.id);
    let enabled = plot.old_key();
    plot.change(&enabled, time, "UpdateAccessKey", "Inactive");
    plot.change(&enabled, time + HOUR, "UpdateAccessKey", "Active");
    plot.used(&enabled, time + 2 * HOUR);
    plot.change(&enabled, time + 3 * HOUR, "DeleteAccessKey", "");
    plot.decoy("use-after-revocation", &enabled.id);
}

fn sessions_used_after_revocation(plot: &mut Plot) {
    let time = plot.some_time(5);
    let late = plot.session(time, HOUR);
    plot.end_sessions(&late, 900);
    plot.session_used(&late, 2700);
    plot.fault("use-after-revocation", &late.key);
    let newer =
        plot.session_of(&late.role.clone(), time + 1800, 1800, &Shown::Token("repo:acme/x:ref:refs/heads/main"));
    plot.session_used(&newer, 900);
    plot.decoy("use-after-revocation", &newer.key);
}

fn unrevoked(plot: &mut Plot) {
    let old = plot.new_key(-40 * DAY);
    plot.used_during(&old, -40 * DAY + HOUR, -HOUR, 5 * DAY);
    plot.fault("unrevoked-credential", &old.id);
    let young = plot.new_key(-25 * DAY);
    plot.used_during(&young, -25 * DAY + HOUR, -HOUR, 5 * DAY);
    plot.decoy("unrevoked-credential", &young.id);
    let deleted = plot.new_key(-40 * DAY);
    plot.used(&deleted, -39 * DAY);
    plot.change(&deleted, -35 * DAY, "DeleteAccessKey", "");
    plot.decoy("unrevoked-credential", &deleted.id);
}

fn never_used(plot: &mut Plot) {
    let unused = plot.new_key(-20 * DAY);
    plot.fault("never-used-credential", &unused.id);
    let tried = plot.new_key(-20 * DAY);
    plot.used(&tried, -3 * DAY);
    plot.decoy("never-used-credential", &tried.id);
    let young = plot.new_key(-10 * DAY);
    plot.decoy("never-used-credential", &young.id);
}

fn idle(plot: &mut Plot) {
    let idle = plot.old_key();
    plot.used_during(&idle, -59 * DAY, -50 * DAY, DAY);
    plot.fault("idle-credential", &idle.id);
    let seldom = plot.old_key();
    plot.used(&seldom, -55 * DAY);
    plot.used(&seldom, -30 * DAY);
    plot.decoy("idle-credential", &seldom.id);
    let deleted = plot.old_key();
    plot.used(&deleted, -55 * DAY);
    plot.change(&deleted, -50 * DAY, "DeleteAccessKey", "");
    plot.decoy("idle-credential", &deleted.id);
}

fn unfinished_rotation(plot: &mut Plot) {
    let old = plot.new_key(-25 * DAY);
    plot.used_during(&old, -24 * DAY, -HOUR, 4 * DAY);
    let new = plot.further_key(&old, -10 * DAY);
    plot.used_during(&new, -9 * DAY, -HOUR, 3 * DAY);
    plot.fault("unfinished-rotation", &old.id);
    let replaced = plot.new_key(-25 * DAY);
    plot.used_during(&replaced, -24 * DAY, -10 * DAY, 4 * DAY);
    let new = plot.further_key(&replaced, -10 * DAY);
    plot.used_during(&new, -9 * DAY, -HOUR, 3 * DAY);
    plot.change(&replaced, -9 * DAY - HOUR, "DeleteAccessKey", "");
    plot.decoy("unfinished-rotation", &replaced.id);
}

fn renewal_chain(plot: &mut Plot) {
    let time = plot.some_time(6);
    for (hours, is_fault) in [(60, true), (40, false)] {
        let role = format!("plot-chain-{}", plot.next());
        let subject = format!("repo:acme/{role}:ref:refs/heads/main");
        let mut arn = String::new();
        for hour in 0..hours {
            let session = plot.session_of(&role, time + hour * 3500, HOUR, &Shown::Token(&subject));
            plot.session_used(&session, 1200);
            arn = session.role_arn();
        }
        plot.tell("renewal-chain", &arn, is_fault);
    }
}

fn ttl_over_ceiling(plot: &mut Plot) {
    let time = plot.some_time(5);
    let long = plot.session(time, 12 * HOUR);
    plot.session_used(&long, 600);
    plot.fault("ttl-over-ceiling", &long.role_arn());
    plot.fault("ttl-over-task", &long.role_arn());
    let short = plot.session(time, HOUR);
    plot.session_used(&short, 600);
    plot.decoy("ttl-over-ceiling", &short.role_arn());
    plot.decoy("ttl-over-task", &short.role_arn());
    let role = format!("plot-function-{}", plot.next());
    let service = plot.session_of(&role, time, 12 * HOUR, &Shown::Service("lambda"));
    plot.session_used(&service, 600);
    plot.decoy("ttl-over-ceiling", &service.role_arn());
}

fn shared_by_networks(plot: &mut Plot) {
    let time = plot.recent_time();
    for (networks, is_fault) in [(9, true), (7, false)] {
        let key = plot.old_key();
        for network in 0..networks {
            plot.used_from(&key, time + network * 7 * HOUR, &format!("61.{network}.7.9"), None);
        }
        plot.tell("shared-credential", &key.id, is_fault);
    }
}

fn shared_by_hosts(plot: &mut Plot) {
    let time = plot.recent_time() / 60 * 60;
    for (pause, is_fault) in [(30, true), (90, false)] {
        let key = plot.old_key();
        plot.used_from(&key, time, "62.1.1.4", None);
        plot.used_from(&key, time + pause, "62.1.1.5", None);
        plot.tell("shared-credential", &key.id, is_fault);
    }
}

fn replayed(plot: &mut Plot) {
    let time = plot.some_time(5);
    let stolen = plot.session(time, HOUR);
    plot.session_used(&stolen, 300);
    let elsewhere = address(plot.next() ^ 0xbad);
    plot.session_used_from(&stolen, 900, &elsewhere, None);
    plot.fault("replayed-credential", &stolen.key);
    let inside = plot.session(time, HOUR);
    plot.session_used(&inside, 300);
    plot.session_used_from(&inside, 900, "10.1.2.3", None);
    plot.decoy("replayed-credential", &inside.key);
}

fn weak_proof(plot: &mut Plot) {
    let time = plot.recent_time();
    let strong = plot.session(time, HOUR);
    plot.session_used(&strong, 600);
    let key = plot.old_key();
    plot.used(&key, time + HOUR);
    let weak = plot.session_of(&strong.role.clone(), time + 2 * HOUR, HOUR, &Shown::Key(&key.user, &key.id));
    plot.session_used(&weak, 600);
    plot.fault("weak-issuance-proof", &key.id);
    plot.fault("dual-path", &key.id);
    let other = plot.old_key();
    let role = format!("plot-only-keys-{}", plot.next());
    let only = plot.session_of(&role, time + HOUR, HOUR, &Shown::Key(&other.user, &other.id));
    plot.session_used(&only, 600);
    plot.decoy("weak-issuance-proof", &other.id);
    plot.decoy("dual-path", &other.id);
}

/// What the other stories add up to: late uses of what had ended, and keys that people made.
fn sums(plot: &mut Plot) {
    let stream = format!("aws-cloudtrail/{ACCOUNT}");
    for check in ["paper-control", "manual-lifecycle"] {
        plot.fault(check, &stream);
        plot.decoy(check, "aws-cloudtrail/777700000001");
    }
}

fn stopped_log(plot: &mut Plot) {
    let account = "777700000001";
    for hour in 0..48 {
        plot.call_in(account, DAY + hour * HOUR, ("kms", "Decrypt"));
    }
    plot.call_in(account, DAY + 20 * HOUR + 60, ("cloudtrail", "StopLogging"));
    plot.fault("coverage-hole", &format!("aws-cloudtrail/{account}"));
    plot.decoy("coverage-hole", &format!("aws-cloudtrail/{ACCOUNT}"));
}

fn log_with_hole(plot: &mut Plot) {
    for (account, silence, is_fault) in [("777700000002", 150, true), ("777700000003", 50, false)] {
        for minute in (0..24 * 60).filter(|minute| !(600..600 + silence).contains(minute)) {
            for second in [0, 30] {
                plot.call_in(account, DAY + minute * 60 + second, ("kms", "Decrypt"));
            }
        }
        let stream = format!("aws-cloudtrail/{account}");
        plot.tell("coverage-hole", &stream, is_fault);
    }
}
