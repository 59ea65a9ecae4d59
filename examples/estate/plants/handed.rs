//! What the access broker itself hands out, as its own log tells; and the certificates of Teleport.

use serde_json::json;

use crate::estate::plot::{DAY, Plot};
use crate::estate::record::instant;

use super::governed::{Asked, JOBS, tell};

/// All stories.
pub(crate) const PLANTS: &[super::Plant] =
    &[elsewhere, for_anybody, without_end, in_two_tasks, outside_its_target, certificates];

/// A credential of the broker.
struct Handed {
    id: String,
    /// What it is good for.
    scope: String,
    /// Who holds it.
    holder: String,
    /// Seconds from the beginning of the log.
    time: i64,
}

impl Handed {
    /// A credential for a scope of its own that nobody asked for; `more` belongs to it, `beside` to the record.
    fn new(plot: &mut Plot, time: i64, more: &str, beside: &str) -> Self {
        let scope = format!("read-{}", plot.next());
        Self::under(plot, time, ("", &scope), (more, beside))
    }

    /// A credential for a scope under a request.
    fn under(plot: &mut Plot, time: i64, (request, scope): (&str, &str), (more, beside): (&str, &str)) -> Self {
        let number = plot.next();
        let handed = Self { id: format!("c-{number}"), scope: scope.to_owned(), holder: format!("svc-{number}"), time };
        let (inside, beside) = (
            format!(r#","roles":["{}"]"#, handed.scope),
            format!(
                r#","subject":"{}","credential":{{"id":"{}"{more}}},"proof":"oidc"{beside}"#,
                handed.holder, handed.id
            ),
        );
        tell(plot, plot.at(time), "credential.issued", request, (&handed.holder, "service"), (&inside, &beside));
        handed
    }

    /// The credential is used so many seconds later; `inside` belongs to the request, `beside` to the record.
    fn used(&self, plot: &mut Plot, after: i64, request: &str, (inside, beside): (&str, &str)) {
        let beside = format!(
            r#","subject":"{}","credential":{{"id":"{}"}},"call":"orders.select"{beside}"#,
            self.holder, self.id
        );
        let at = plot.at(self.time + after);
        tell(plot, at, "credential.used", request, (&self.holder, "service"), (inside, &beside));
    }
}

/// A token that is meant for one host, used at another one, and at a part of the one that is meant.
fn elsewhere(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (host, is_fault) in [("notvault.acme.example", true), ("eu.vault.acme.example", false)] {
        let token = Handed::new(plot, time, r#","ttl":3600,"audience":"https://vault.acme.example""#, "");
        token.used(plot, 1800, "", (&format!(r#","target":"https://{host}/v1""#), ""));
        plot.tell("wrong-audience", &token.scope, is_fault);
    }
}

/// A token for everybody, and one for a host that only sounds like it.
fn for_anybody(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (audience, is_fault) in [("https://*.acme.example", true), ("https://default.acme.example", false)] {
        let token = Handed::new(plot, time, &format!(r#","ttl":3600,"audience":"{audience}""#), "");
        token.used(plot, 1800, "", ("", ""));
        plot.tell("wrong-audience", &token.scope, is_fault);
    }
}

/// A credential without an end, and one for a year.
fn without_end(plot: &mut Plot) {
    for (ttl, is_fault) in [(0, true), (365 * DAY, false)] {
        let token = Handed::new(plot, -10 * DAY, &format!(r#","ttl":{ttl}"#), "");
        token.used(plot, 1800, "", ("", ""));
        plot.tell("non-expiring-credential", &token.id, is_fault);
    }
}

/// A credential of one run that the next one works with: on the same runner, on another one; and in one run twice.
fn in_two_tasks(plot: &mut Plot) {
    for (same_runner, same_task) in [(true, false), (false, false), (true, true)] {
        let time = plot.some_time(5);
        let (first, second) = (plot.next(), plot.next());
        for (job, begin, runner) in [(first, 0, first), (second, 600, if same_runner { first } else { second })] {
            let (begins, ends) = (instant(plot.at(time + begin)), instant(plot.at(time + begin + 540)));
            let row = format!("{job},runner-{runner},success,{begins},{ends},ann");
            plot.beside.row("jobs.csv", JOBS, row);
        }
        let task = |job: u64| format!(r#","task":"acme-ci/{job}""#);
        let token = Handed::new(plot, time, r#","ttl":780"#, &task(first));
        token.used(plot, 300, "", ("", &task(first)));
        token.used(plot, if same_task { 400 } else { 720 }, "", ("", &task(if same_task { first } else { second })));
        plot.tell("reused-across-tasks", &token.scope, !same_task);
        plot.tell("cached-by-runner", &token.scope, !same_task && same_runner);
    }
}

/// Asked for one target and used at one whose name begins alike, or at a part of it.
fn outside_its_target(plot: &mut Plot) {
    for (target, is_fault) in [("prod/orders-eu", true), ("prod/orders/eu", false)] {
        let asked = Asked::new(plot);
        let more = r#","target":"prod/orders""#;
        asked.tell(plot, asked.time + 1, "access.requested", ("ann", "user"), (more, ""));
        asked.decided(plot, 300, "bob", "user", "approve");
        let token = Handed::under(plot, asked.time + 600, (&asked.id, &asked.role), (r#","ttl":3600"#, ""));
        token.used(plot, 1800, &asked.id, (&format!(r#","target":"{target}""#), ""));
        plot.tell("used-outside-approved-target", &asked.id, is_fault);
    }
}

/// A certificate of a person for a minute longer than it may last, and for as long as it may.
fn certificates(plot: &mut Plot) {
    let cluster = format!("c{}.teleport.example", plot.next());
    let time = plot.some_time(5);
    for (minutes, is_fault) in [(721, true), (720, false)] {
        let (at, number) = (plot.at(time), plot.next());
        let user = format!("person-{number}");
        let line = json!({"event": "cert.create", "code": "TC000I", "ei": 0, "uid": format!("t-{number}"),
            "cluster_name": cluster, "time": instant(at), "user": user, "cert_type": "user",
            "identity": {"user": user, "roles": ["dev"], "expires": instant(at + minutes * 60),
                "prev_identity_expires": "0001-01-01T00:00:00Z", "route_to_cluster": cluster}});
        plot.beside.line("teleport.ndjson", at, line.to_string());
        plot.tell("certificate-over-lifetime", &format!("{user} dev {}", instant(at)), is_fault);
    }
}
