//! Faults of requests, decisions and tasks: the trail beside the log of an access broker and a table of CI jobs.

use crate::estate::plot::{ACCOUNT, DAY, HOUR, Plot};
use crate::estate::record::instant;
use crate::estate::session::{Session, Shown};

/// The columns of the table of CI jobs.
pub(super) const JOBS: &str = "JOB,RUNNER,STATUS,STARTED,ENDED,REQUESTER";

/// All stories.
pub(crate) const PLANTS: &[fn(&mut Plot)] = &[
    as_it_should_be,
    unasked,
    unapproved,
    declined,
    approved_late,
    approved_by_oneself,
    approved_by_a_machine,
    longer_than_approved,
    used_after_the_request,
    used_after_the_task,
    left_after_failure,
    presented_again_and_again,
    outlives_its_key,
];

/// The log of the broker shows that it was running.
pub(crate) fn running(plot: &mut Plot) {
    let (from, to) = (plot.options.from, plot.options.to());
    for at in (from..=to).step_by(3_000) {
        tell(plot, at, "access.listed", "R-0", ("ann", "user"), ("", ""));
    }
}

/// One line of the log of the broker; `inside` belongs to the request, `beside` to the event.
pub(super) fn tell(
    plot: &mut Plot,
    at: i64,
    event: &str,
    request: &str,
    (who, kind): (&str, &str),
    (inside, beside): (&str, &str),
) {
    let line = format!(
        r#"{{"id":"b-{}","ts":"{}","tenant":"acme","event":"{event}","actor":{{"name":"{who}","kind":"{kind}"}},"request":{{"id":"{request}"{inside}}}{beside}}}"#,
        plot.next(),
        instant(at)
    );
    plot.beside.line("broker.ndjson", at, line);
}

/// A request with a role of its own.
pub(super) struct Asked {
    /// Its id.
    pub(super) id: String,
    /// The name of the role that it asks for.
    pub(super) role: String,
    /// Seconds from the beginning of the log.
    pub(super) time: i64,
}

impl Asked {
    /// Somebody asks for a role of its own for two hours.
    pub(super) fn new(plot: &mut Plot) -> Self {
        let role = format!("jit-{}", plot.next());
        let time = plot.some_time(6);
        Self::at(plot, &role, time)
    }

    /// Somebody asks for a role for two hours.
    pub(super) fn at(plot: &mut Plot, role: &str, time: i64) -> Self {
        Self::from("ann", plot, role, time)
    }

    /// This person asks for a role.
    pub(super) fn by(plot: &mut Plot, who: &str, role: &str) -> Self {
        let time = plot.some_time(6);
        Self::from(who, plot, role, time)
    }

    fn from(who: &str, plot: &mut Plot, role: &str, time: i64) -> Self {
        let number = plot.next();
        let asked = Self { id: format!("R-{number}"), role: role.to_owned(), time };
        let more = format!(r#","roles":["{role}"],"reason":"OPS-{number} look at the orders","minutes":120"#);
        asked.tell(plot, asked.time, "access.requested", (who, "user"), (&more, ""));
        asked
    }

    pub(super) fn tell(&self, plot: &mut Plot, time: i64, event: &str, who: (&str, &str), more: (&str, &str)) {
        tell(plot, plot.at(time), event, &self.id, who, more);
    }

    pub(super) fn decided(&self, plot: &mut Plot, after: i64, who: &str, kind: &str, decision: &str) {
        let decision = format!(r#","decision":"{decision}""#);
        self.tell(plot, self.time + after, "access.reviewed", (who, kind), ("", &decision));
    }

    /// A session under the request, ten minutes after it was made.
    pub(super) fn taken(&self, plot: &mut Plot, seconds: i64) -> Session {
        let name = format!("ann-{}", self.id);
        let session =
            plot.session_named(&self.role, &name, self.time + 600, seconds, &Shown::Assertion("access-broker"));
        plot.session_used(&session, 900);
        session
    }
}

fn as_it_should_be(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "bob", "user", "approve");
    let session = asked.taken(plot, HOUR);
    plot.decoy("issued-without-request", &session.role_arn());
    plot.decoy("session-outlives-grant", &session.key);
    for check in [
        "issued-without-approval",
        "issued-after-denial",
        "approval-after-issuance",
        "self-approval",
        "issued-beyond-approval",
    ] {
        plot.decoy(check, &asked.id);
    }
    plot.decoy("rubber-stamp-approval", "acme/user/bob");
    plot.decoy("incomplete-evidence", &format!("aws-cloudtrail/{ACCOUNT}"));
}

fn unasked(plot: &mut Plot) {
    let role = format!("jit-{}", plot.next());
    let time = plot.some_time(6);
    let session = plot.session_named(&role, &format!("ann-{role}"), time, HOUR, &Shown::Assertion("access-broker"));
    plot.session_used(&session, 900);
    plot.fault("issued-without-request", &session.role_arn());
}

fn unapproved(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.taken(plot, HOUR);
    plot.fault("issued-without-approval", &asked.id);
    plot.fault("incomplete-evidence", "example-access-broker/acme");
}

fn declined(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "bob", "user", "deny");
    asked.taken(plot, HOUR);
    plot.fault("issued-after-denial", &asked.id);
    plot.fault("issued-without-approval", &asked.id);
}

fn approved_late(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.taken(plot, HOUR);
    asked.decided(plot, 2400, "bob", "user", "approve");
    plot.fault("approval-after-issuance", &asked.id);
    plot.decoy("issued-without-approval", &asked.id);
}

fn approved_by_oneself(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "ann", "user", "approve");
    asked.taken(plot, HOUR);
    plot.fault("self-approval", &asked.id);
}

fn approved_by_a_machine(plot: &mut Plot) {
    let asked = Asked::new(plot);
    let machine = format!("auto-{}", plot.next());
    asked.decided(plot, 300, &machine, "service", "approve");
    asked.taken(plot, HOUR);
    plot.fault("rubber-stamp-approval", &format!("acme/service/{machine}"));
}

fn longer_than_approved(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "bob", "user", "approve");
    asked.taken(plot, 3 * HOUR);
    plot.fault("issued-beyond-approval", &asked.id);
}

fn used_after_the_request(plot: &mut Plot) {
    let asked = Asked::new(plot);
    asked.decided(plot, 300, "bob", "user", "approve");
    let session = asked.taken(plot, 3 * HOUR);
    plot.session_used(&session, 2 * HOUR + 1800);
    plot.fault("session-outlives-grant", &session.key);
    plot.fault("issued-beyond-approval", &asked.id);
}

/// A job of ten minutes with a session of so many minutes.
fn job(plot: &mut Plot, status: &str, minutes: i64) -> Session {
    let (number, time) = (plot.next(), plot.some_time(6));
    let (begins, ends) = (plot.at(time), plot.at(time + 600));
    let row = format!("{number},runner-{number},{status},{},{},ann", instant(begins), instant(ends));
    plot.beside.row("jobs.csv", JOBS, row);
    let role = format!("plot-{number}");
    let subject = format!("repo:acme/{role}:ref:refs/heads/main");
    let session = plot.session_named(&role, &format!("gha-{number}"), time + 5, minutes * 60, &Shown::Token(&subject));
    plot.session_used(&session, 300);
    session
}

fn used_after_the_task(plot: &mut Plot) {
    let late = job(plot, "success", 40);
    plot.session_used(&late, 1500);
    plot.fault("use-after-task-end", &late.key);
    plot.fault("no-revocation-on-completion", &late.role_arn());
    let short = job(plot, "success", 20);
    plot.session_used(&short, 840);
    plot.decoy("use-after-task-end", &short.key);
    plot.decoy("no-revocation-on-completion", &short.role_arn());
}

fn left_after_failure(plot: &mut Plot) {
    let left = job(plot, "canceled", 40);
    plot.fault("no-revocation-on-failure", &left.role_arn());
    plot.decoy("no-revocation-on-completion", &left.role_arn());
    let short = job(plot, "failed", 20);
    plot.decoy("no-revocation-on-failure", &short.role_arn());
}

fn presented_again_and_again(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (times, is_fault) in [(3, true), (2, false)] {
        let session = plot.session(time, HOUR);
        plot.session_used(&session, 1800);
        for minute in 1..=times {
            plot.session_used_from(&session, HOUR + 60 * minute, &session.address.clone(), Some("ExpiredToken"));
        }
        let check = "expired-credential-presented";
        plot.tell(check, &session.key, is_fault);
    }
}

fn outlives_its_key(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (used_after, is_fault) in [(3000, true), (1500, false)] {
        let key = plot.old_key();
        plot.used(&key, time - DAY);
        let role = format!("plot-{}", plot.next());
        let session = plot.session_of(&role, time, HOUR, &Shown::Key(&key.user, &key.id));
        plot.change(&key, time + 1200, "DeleteAccessKey", "");
        plot.session_used(&session, used_after);
        let check = "session-outlives-parent";
        plot.tell(check, &session.key, is_fault);
    }
}
