//! Decisions that nearly are what they should be, and grants that end early.

use crate::estate::plot::{DAY, HOUR, Plot};

use super::governed::{Asked, tell};

/// All stories.
pub(crate) const PLANTS: &[super::Plant] =
    &[change_of_mind, same_person, without_reading, ended_early, one_of_two_grants];

/// Declined and then approved, and the other way round.
fn change_of_mind(plot: &mut Plot) {
    for (decisions, is_fault) in [(["approve", "deny"], true), (["deny", "approve"], false)] {
        let asked = Asked::new(plot);
        asked.decided(plot, 200, "bob", "user", decisions[0]);
        asked.decided(plot, 400, "bob", "user", decisions[1]);
        asked.taken(plot, HOUR);
        plot.tell("issued-after-denial", &asked.id, is_fault);
        plot.decoy("issued-without-approval", &asked.id);
    }
}

/// Approved by the requester under another name, and by somebody whose name only begins alike.
fn same_person(plot: &mut Plot) {
    let number = plot.next();
    let (who, admin) = (format!("kim-{number}"), format!("kim-{number}-admin"));
    plot.beside.decide("people", format!("  {who}: [acme/user/{who}, acme/user/{admin}]"));
    for (approver, is_fault) in [(&admin, true), (&format!("{who}2"), false)] {
        let role = format!("jit-{}", plot.next());
        let asked = Asked::by(plot, &who, &role);
        asked.decided(plot, 300, approver, "user", "approve");
        asked.taken(plot, HOUR);
        plot.tell("self-approval", &asked.id, is_fault);
    }
}

/// Twenty approvals of which more than half came within nine seconds, and within ten.
fn without_reading(plot: &mut Plot) {
    let time = plot.some_time(6);
    for (seconds, is_fault) in [(9, true), (10, false)] {
        let approver = format!("quick-{}", plot.next());
        for minute in 0..20 {
            let role = format!("jit-{}", plot.next());
            let asked = Asked::at(plot, &role, time + minute * 60);
            asked.decided(plot, if minute < 9 { 300 } else { seconds }, &approver, "user", "approve");
        }
        plot.tell("rubber-stamp-approval", &format!("acme/user/{approver}"), is_fault);
    }
}

/// Taken back after half an hour and used for six more minutes, and for four.
fn ended_early(plot: &mut Plot) {
    for (minutes, is_fault) in [(36, true), (34, false)] {
        let asked = Asked::new(plot);
        asked.decided(plot, 300, "bob", "user", "approve");
        let session = asked.taken(plot, HOUR);
        let inside = format!(r#","roles":["{}"]"#, asked.role);
        asked.tell(plot, asked.time + 600 + 1800, "access.revoked", ("bob", "user"), (&inside, r#","subject":"ann""#));
        plot.session_used(&session, minutes * 60);
        plot.tell("session-outlives-grant", &session.key, is_fault);
    }
}

/// A role over one target is taken away: it was the only one, or the same role over another target is left.
fn one_of_two_grants(plot: &mut Plot) {
    for (targets, is_fault) in [(&["orders"][..], true), (&["orders", "billing"], false)] {
        let number = plot.next();
        let (who, role, key) = (format!("pat-{number}"), format!("read-{number}"), format!("c-{number}"));
        let at = plot.at(-5 * DAY);
        let inside = |target: &str| format!(r#","roles":["{role}"],"target":"{target}""#);
        let held = format!(r#","subject":"{who}""#);
        for target in targets {
            tell(plot, at, "access.granted", "", ("bob", "user"), (&inside(target), &held));
        }
        let own = format!(r#","subject":"{who}","credential":{{"id":"{key}","ttl":7200}},"proof":"password+otp""#);
        let whole = format!(r#","roles":["{role}"]"#);
        tell(plot, at + 600, "credential.issued", "", (&who, "user"), (&whole, &own));
        tell(plot, at + HOUR, "access.revoked", "", ("bob", "user"), (&inside("orders"), &held));
        tell(plot, at + HOUR + 1800, "credential.used", "", (&who, "user"), (&whole, &own));
        plot.tell("session-outlives-grant", &key, is_fault);
    }
}
