//! Abnormal behaviour, and revocations that come late, fail or stop half-way.

use crate::estate::plot::{ACCOUNT, DAY, HOUR, Plot};
use crate::estate::trail::Key;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[unanswered, siblings_left, failed, parked];
/// Stories about whole logs.
pub(crate) const WHOLE: &[super::Plant] = &[slow];

/// AWS found the key of the user in public and says so.
fn alerted(plot: &mut Plot, key: &Key, time: i64) {
    let request =
        format!(r#"{{"userName":"{}","policyArn":"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}}"#, key.user);
    plot.inside(&key.account, |plot| plot.iam(time, "AttachUserPolicy", request, None));
}

/// The key is deleted a second too late, and just in time.
fn unanswered(plot: &mut Plot) {
    let time = plot.recent_time();
    for (after, is_fault) in [(901, true), (900, false)] {
        let key = plot.old_key();
        plot.used(&key, time - HOUR);
        alerted(plot, &key, time);
        plot.change(&key, time + after, "DeleteAccessKey", "");
        plot.tell("no-revocation-on-alert", &key.user_arn(), is_fault);
    }
    let expired = plot.old_key();
    alerted(plot, &expired, time);
    plot.decoy("no-revocation-on-alert", &expired.user_arn());
}

/// Two keys of one user, one of them deleted for cause; the other one used an hour later, or deleted as well.
fn siblings_left(plot: &mut Plot) {
    let time = plot.recent_time();
    for is_fault in [true, false] {
        let (one, other) = {
            let one = plot.old_key();
            let other = plot.key_of(&one.user);
            (one, other)
        };
        plot.used(&one, time - HOUR);
        plot.used(&other, time - HOUR);
        alerted(plot, &one, time);
        plot.change(&one, time + 300, "DeleteAccessKey", "");
        if is_fault {
            plot.used(&other, time + 300 + HOUR + 1);
            plot.fault("no-revocation-on-alert", &one.user_arn());
        } else {
            plot.change(&other, time + 600, "DeleteAccessKey", "");
            plot.decoy("no-revocation-on-alert", &one.user_arn());
        }
        plot.tell("partial-revocation", &one.id, is_fault);
    }
}

/// A deletion that failed, and one that was done again.
fn failed(plot: &mut Plot) {
    let time = plot.recent_time();
    for is_fault in [true, false] {
        let key = plot.old_key();
        plot.used(&key, time);
        let request = format!(r#"{{"userName":"{}","accessKeyId":"{}"}}"#, key.user, key.id);
        plot.iam(time + HOUR, "DeleteAccessKey", request, Some("ServiceUnavailable"));
        if !is_fault {
            plot.change(&key, time + HOUR + 60, "DeleteAccessKey", "");
        }
        plot.tell("partial-revocation", &key.id, is_fault);
    }
}

/// Disabled for longer than a month, and for less.
fn parked(plot: &mut Plot) {
    for (days, is_fault) in [(31, true), (29, false)] {
        let key = plot.old_key();
        plot.used(&key, -days * DAY - HOUR);
        plot.change(&key, -days * DAY, "UpdateAccessKey", "Inactive");
        plot.tell("partial-revocation", &key.id, is_fault);
    }
}

/// All that is revoked late in the account of the other stories; and twenty revocations of which two came late, and twenty of which one did: the 95th percentile is the nineteenth.
fn slow(plot: &mut Plot) {
    plot.fault("slow-revocation", &format!("aws-cloudtrail/{ACCOUNT}"));
    for (account, late, is_fault) in [("777700000011", 2, true), ("777700000012", 1, false)] {
        plot.inside(account, |plot| {
            let time = plot.recent_time();
            for one in 0..20 {
                let key = plot.old_key();
                let at = time + one * 600;
                plot.used(&key, at);
                alerted(plot, &key, at + 60);
                let after = if one < late { 1200 } else { 600 };
                plot.change(&key, at + 60 + after, "DeleteAccessKey", "");
                plot.tell("no-revocation-on-alert", &key.user_arn(), one < late);
            }
        });
        plot.tell("slow-revocation", &format!("aws-cloudtrail/{account}"), is_fault);
    }
}
