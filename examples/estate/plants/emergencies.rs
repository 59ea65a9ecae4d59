//! Access for emergencies, and keys that the organisation lives with.

use crate::estate::plot::{DAY, HOUR, Plot};
use crate::estate::record::instant;

use super::governed::Asked;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[routine, unclosed, excepted];

/// A role for emergencies on three days within 30, each time approved; and on three days within 31.
fn routine(plot: &mut Plot) {
    let begin = plot.some_time(20);
    for (last, is_fault) in [(29, true), (30, false)] {
        let role = format!("emergency-{}", plot.next());
        for day in [0, 14, last] {
            let asked = Asked::at(plot, &role, begin - 10 * DAY + day * DAY);
            asked.decided(plot, 300, "bob", "user", "approve");
            asked.taken(plot, HOUR);
        }
        plot.tell("break-glass-without-ticket", &format!("arn:aws:iam::111122223333:role/{role}"), is_fault);
    }
}

/// A key for emergencies that nobody asked for: left as it is, deleted a day later, or used too recently to tell.
fn unclosed(plot: &mut Plot) {
    for (used, closed, is_fault) in [(-9, false, true), (-9, true, false), (-1, false, false)] {
        let user = format!("emergency-{}", plot.next());
        let key = plot.key_of(&user);
        plot.used(&key, used * DAY + HOUR);
        if closed {
            plot.change(&key, used * DAY + 25 * HOUR, "DeleteAccessKey", "");
        }
        plot.fault("break-glass-without-ticket", &key.user_arn());
        plot.tell("unclosed-break-glass", &key.id, is_fault);
    }
}

/// An exception until yesterday, and until today.
fn excepted(plot: &mut Plot) {
    for (days, is_fault) in [(1, true), (0, false)] {
        let key = plot.new_key(-20 * DAY);
        plot.used_during(&key, -19 * DAY, -HOUR, 4 * DAY);
        let expires = instant(plot.options.to() - days * DAY);
        plot.beside.decide(
            "exceptions",
            format!(
                "  - {{check: unrevoked-credential, subject: {}, owner: ann, requester: ann, approver: bob, \
                 reason: the vendor cannot rotate yet, expires: {}}}",
                key.id,
                expires.split('T').next().unwrap_or_default()
            ),
        );
        plot.tell("exception-without-control", &key.id, is_fault);
    }
}
