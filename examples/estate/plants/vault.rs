//! Tokens of Vault in its audit log: used after their end, revoked with their parent, renewed for ever, almighty.

use serde_json::{Value, json};

use crate::estate::plot::{HOUR, Plot};
use crate::estate::random::Random;
use crate::estate::record::instant;
use crate::estate::session::address;

/// All stories.
pub(crate) const PLANTS: &[super::Plant] =
    &[late, revoked, with_its_parent, renewed_for_ever, almighty, from_elsewhere, child_that_lives_longer];

/// Stories about the whole log.
pub(crate) const WHOLE: &[super::Plant] = &[sums];

/// A token.
#[derive(Clone)]
struct Token {
    number: u64,
    /// Policies, of which the first is its own.
    policies: Vec<String>,
    /// In seconds; 0 for one without an end.
    ttl: i64,
    /// In seconds since 1970.
    issued: i64,
    /// Who it is.
    entity: String,
}

/// A value as the audit log shows it.
fn hashed(number: u64, salt: u64) -> String {
    let mut random = Random::new(number ^ salt);
    let mut quarter = || random.next();
    format!("hmac-sha256:{:016x}{:016x}{:016x}{:016x}", quarter(), quarter(), quarter(), quarter())
}

impl Token {
    fn new(plot: &mut Plot, time: i64, ttl: i64) -> Self {
        let number = plot.next();
        let (policies, entity) = (vec![format!("read-{number}")], format!("ent-{number}"));
        Self { number, policies, ttl, issued: plot.at(time), entity }
    }

    /// The id under which findings name it.
    fn id(&self) -> String {
        hashed(self.number, 0xacc)
    }

    /// What the log says about it as a caller.
    fn auth(&self) -> Value {
        json!({"client_token": hashed(self.number, 0x70c), "accessor": self.id(), "display_name": format!("job-{}", self.number),
            "policies": self.policies, "token_policies": self.policies, "entity_id": self.entity,
            "token_type": "service", "token_ttl": self.ttl, "token_issue_time": instant(self.issued)})
    }

    /// The token is handed out: to a workload that logs in, or by another token.
    fn handed_out(&self, plot: &mut Plot, parent: Option<(&Token, &str)>) {
        let answer = json!({"auth": self.auth()});
        match parent {
            None => {
                let path = "auth/kubernetes/login";
                tell(plot, self.issued, (path, "kubernetes"), &json!({}), Some(answer), self.number);
            }
            Some((parent, path)) => {
                tell(plot, self.issued, (path, "token"), &parent.auth(), Some(answer), parent.number);
            }
        }
    }

    /// The token is used so many seconds after its issue.
    fn used(&self, plot: &mut Plot, after: i64) {
        tell(plot, self.issued + after, ("secret/data/shop", "kv"), &self.auth(), None, self.number);
    }

    /// The token does something about itself: `renew-self`, `revoke-self`.
    fn itself(&self, plot: &mut Plot, after: i64, what: &str) {
        let answer = (what == "renew-self").then(|| json!({"auth": self.auth()}));
        tell(plot, self.issued + after, (&format!("auth/token/{what}"), "token"), &self.auth(), answer, self.number);
    }
}

/// A line of the audit log, from the address of a number.
fn tell(plot: &mut Plot, at: i64, (path, mount): (&str, &str), auth: &Value, answer: Option<Value>, from: u64) {
    let operation = if mount == "kv" { "read" } else { "update" };
    let line = json!({"time": instant(at), "type": "response", "auth": auth,
        "request": {"id": format!("q-{}", plot.next()), "operation": operation, "path": path, "mount_type": mount,
            "namespace": {"id": "root"}, "remote_address": address(from), "client_token": auth["client_token"],
            "client_token_accessor": auth["accessor"]},
        "response": answer.unwrap_or_else(|| json!({}))});
    plot.beside.line("vault.ndjson", at, line.to_string());
}

/// Used after its end; and after the end that it had before it was renewed.
fn late(plot: &mut Plot) {
    let time = plot.some_time(5);
    for is_fault in [true, false] {
        let token = Token::new(plot, time, HOUR);
        token.handed_out(plot, None);
        token.used(plot, 1800);
        if !is_fault {
            token.itself(plot, 3000, "renew-self");
        }
        token.used(plot, HOUR + 1500);
        plot.tell("use-after-expiry", &token.id(), is_fault);
    }
}

/// Used after it revoked itself, and just before.
fn revoked(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (after, is_fault) in [(2401, true), (2100, false)] {
        let token = Token::new(plot, time, HOUR);
        token.handed_out(plot, None);
        token.used(plot, 600);
        token.itself(plot, 2100, "revoke-self");
        token.used(plot, after);
        plot.tell("use-after-revocation", &token.id(), is_fault);
    }
}

/// A child ends with its parent; an orphan does not, though it goes on after what it was obtained with.
fn with_its_parent(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (path, is_fault) in [("auth/token/create", true), ("auth/token/create-orphan", false)] {
        let parent = Token::new(plot, time, HOUR);
        parent.handed_out(plot, None);
        let child = Token { entity: parent.entity.clone(), ..Token::new(plot, time + 600, 1800) };
        child.handed_out(plot, Some((&parent, path)));
        parent.itself(plot, 1200, "revoke-self");
        child.used(plot, 1500);
        plot.tell("use-after-revocation", &child.id(), is_fault);
        plot.fault("session-outlives-parent", &child.id());
    }
}

/// Renewed every half hour for longer than four times its hour, and for as long.
fn renewed_for_ever(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (seconds, is_fault) in [(1, true), (0, false)] {
        let token = Token::new(plot, time, HOUR);
        token.handed_out(plot, None);
        (1..8).for_each(|half| token.itself(plot, half * 1800, "renew-self"));
        token.used(plot, 4 * HOUR + seconds);
        plot.tell("renewal-chain", &token.id(), is_fault);
    }
}

/// The policy `root`, and one whose name only begins with it.
fn almighty(plot: &mut Plot) {
    let time = plot.some_time(5);
    let root = Token { policies: vec!["root".to_owned()], ..Token::new(plot, time, HOUR) };
    root.handed_out(plot, None);
    root.used(plot, 1800);
    plot.fault("admin-scoped-session", "root");
    let policy = format!("root-of-shop-{}", plot.next());
    let like = Token { policies: vec![policy.clone()], ..Token::new(plot, time, HOUR) };
    like.handed_out(plot, None);
    like.used(plot, 1800);
    plot.decoy("admin-scoped-session", &policy);
}

/// Used from two networks, and twice from one.
fn from_elsewhere(plot: &mut Plot) {
    let time = plot.some_time(5);
    for is_fault in [true, false] {
        let token = Token::new(plot, time, HOUR);
        token.handed_out(plot, None);
        token.used(plot, 1200);
        let from = if is_fault { plot.next() } else { token.number };
        tell(plot, token.issued + 1800, ("secret/data/shop", "kv"), &token.auth(), None, from);
        plot.tell("replayed-credential", &token.id(), is_fault);
    }
}

/// A token made with another one for five minutes longer than that one has left, and for a second more.
fn child_that_lives_longer(plot: &mut Plot) {
    let time = plot.some_time(5);
    for (ttl, is_fault) in [(3301, true), (3300, false)] {
        let parent = Token::new(plot, time, HOUR);
        parent.handed_out(plot, None);
        let child = Token { entity: parent.entity.clone(), ..Token::new(plot, time + 600, ttl) };
        child.handed_out(plot, Some((&parent, "auth/token/create-orphan")));
        child.used(plot, 1500);
        plot.tell("chain-resets-ttl", &child.policies[0], is_fault);
    }
}

/// What the late uses add up to.
fn sums(plot: &mut Plot) {
    plot.fault("paper-control", "vault-audit/");
}
