//! Credentials that were obtained with others.

use crate::estate::plot::{HOUR, Plot};
use crate::estate::session::{Session, Shown};

use super::governed::Asked;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] = &[outlives, long, rises];

/// A further session of a role of its own, obtained with this one so many seconds after its begin.
fn onward(plot: &mut Plot, from: &Session, after: i64, seconds: i64) -> Session {
    let role = format!("plot-{}", plot.next());
    onward_to(plot, from, &role, after, seconds)
}

fn onward_to(plot: &mut Plot, from: &Session, role: &str, after: i64, seconds: i64) -> Session {
    let time = from.began + after - plot.options.from;
    let session = plot.session_of(role, time, seconds, &Shown::Session(from));
    plot.session_used(&session, seconds / 2);
    session
}

/// The second session ends an hour later than the one it was obtained with; the other one within the skew of clocks.
fn outlives(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (after, is_fault) in [(301, true), (300, false)] {
        let first = plot.session(time, HOUR);
        plot.session_used(&first, HOUR / 2);
        let second = onward(plot, &first, after, HOUR);
        plot.tell("chain-resets-ttl", &second.role_arn(), is_fault);
    }
}

/// Three links, and two.
fn long(plot: &mut Plot) {
    let time = plot.some_time(5);
    let first = plot.session(time, HOUR);
    let second = onward(plot, &first, 60, 1800);
    let third = onward(plot, &second, 60, 1200);
    plot.decoy("long-delegation-chain", &third.role_arn());
    let fourth = onward(plot, &third, 60, 900);
    plot.fault("long-delegation-chain", &fourth.role_arn());
    let other = onward(plot, &first, 120, 1800);
    let last = onward(plot, &other, 60, 900);
    plot.decoy("long-delegation-chain", &last.role_arn());
}

/// The request asks for one role, and the session leads on to another; once that one was asked for as well.
fn rises(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "bob", "user", "approve");
    let first = asked.taken(plot, HOUR);
    let last = onward(plot, &first, 120, 1800);
    plot.fault("privilege-rises-along-chain", &last.role_arn());
    let both = Asked::new(plot);
    let role = format!("plot-{}", plot.next());
    let more = format!(r#","roles":["{role}"]"#);
    both.tell(plot, both.time + 1, "access.requested", ("ann", "user"), (&more, ""));
    both.decided(plot, 300, "bob", "user", "approve");
    let first = both.taken(plot, HOUR);
    let last = onward_to(plot, &first, &role, 120, 1800);
    plot.decoy("privilege-rises-along-chain", &last.role_arn());
}
