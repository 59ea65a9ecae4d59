//! F01: a token that is meant for nobody in particular, or used where it is not meant for.

use super::basis::issued::{self, Session};
use super::basis::words::list;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Moment, Timeline};

/// Audiences that issuers put in where the requester names none, as prefixes.
const BY_DEFAULT: [&str; 2] = ["https://github.com/", "https://gitlab.com"];

/// See `rules/checks/wrong_audience.yaml`.
pub(super) struct WrongAudience;

/// What is wrong with an audience.
struct Wrong<'a> {
    session: Session<'a>,
    said: String,
    used: Option<&'a Moment>,
}

impl Check for WrongAudience {
    fn id(&self) -> &'static str {
        "wrong-audience"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (_, sessions) in ctx.shared.known_groups() {
            let with: Vec<Session<'_>> =
                sessions.iter().filter(|session| session.life.audience.is_some()).copied().collect();
            if with.is_empty() {
                continue;
            }
            answers.examine();
            let wrong: Vec<Wrong<'_>> = with.into_iter().filter_map(wrong).collect();
            if !wrong.is_empty() {
                report(ctx, &wrong, answers);
            }
        }
    }
}

fn wrong(session: Session<'_>) -> Option<Wrong<'_>> {
    let audience = session.life.audience.as_deref()?;
    let parts: Vec<&str> = audience.split_whitespace().collect();
    let by_default = |part: &&&str| **part == "default" || BY_DEFAULT.iter().any(|known| part.starts_with(known));
    let said = if parts.is_empty() {
        "is meant for nobody in particular".to_owned()
    } else if let Some(part) = parts.iter().find(|part| part.contains('*')) {
        format!("is meant for everybody ({part})")
    } else if let Some(part) = parts.iter().find(by_default) {
        format!("has the audience that its issuer puts in where none is asked for ({part})")
    } else {
        let (host, moment) = elsewhere(session.life, &parts)?;
        return Some(Wrong {
            session,
            said: format!("is meant for {audience} and was used at {host}"),
            used: Some(moment),
        });
    };
    Some(Wrong { session, said, used: None })
}

/// A place where it was accepted and that none of its audiences means. Only hosts are compared with hosts: the name of a
/// cluster or the number of an account says nothing about a URL.
fn elsewhere<'a>(life: &'a Timeline, audience: &[&str]) -> Option<(&'a str, &'a Moment)> {
    let meant: Vec<&str> = audience.iter().map(|part| host(part)).collect::<Option<_>>()?;
    let fits = |place: &str| meant.iter().any(|own| is_within(place, own) || is_within(own, place));
    let used = life.targets.iter().filter_map(|(target, moment)| Some((host(target)?, moment)));
    used.into_iter().find(|(place, _)| !fits(place))
}

/// The host of a URL, or a name with a dot that is one.
fn host(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next()?;
    let is_host = host.contains('.') && !host.contains('@') && text.split("://").count() <= 2;
    let named = text.contains("://") || rest == host;
    let letters = host.bytes().any(|byte| byte.is_ascii_alphabetic());
    (is_host && named && letters).then_some(host)
}

fn is_within(inner: &str, outer: &str) -> bool {
    let cut = inner.len().checked_sub(outer.len());
    let (head, tail) = cut.and_then(|at| inner.split_at_checked(at)).unwrap_or((".", ""));
    (head.is_empty() || head.ends_with('.')) && tail.eq_ignore_ascii_case(outer)
}

fn report(ctx: &Context<'_>, wrong: &[Wrong<'_>], answers: &mut Answers) {
    let Some(first) = wrong.first() else { return };
    let rating = severity::default(ctx);
    let mut audiences: Vec<String> =
        wrong.iter().filter_map(|one| one.session.life.audience.as_deref()).map(|text| format!("`{text}`")).collect();
    audiences.sort();
    audiences.dedup();
    let used = wrong.iter().filter_map(|one| one.used).take(8).map(|moment| moment.evidence.clone());
    let sessions: Vec<Session<'_>> = wrong.iter().map(|one| one.session).collect();
    let finding = issued::about(ctx, &first.session, "", &rating)
        .message(format!("A token for {} {}.", first.session.name(), first.said))
        .fact("Audience", list(audiences, 6));
    let targets = list(first.session.life.targets.keys().map(ToString::to_string), 6);
    let finding = if targets.is_empty() { finding } else { finding.fact("Used at", targets) };
    answers.found(&first.session.name(), issued::tell(finding, &sessions).evidence(used));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_told_from_names_and_numbers() {
        for (text, expected) in [
            ("https://vault.acme.example/v1", Some("vault.acme.example")),
            ("sts.amazonaws.com", Some("sts.amazonaws.com")),
            ("https://k8s.acme.example:6443", Some("k8s.acme.example")),
            ("111122223333", None),
            ("prod-cluster", None),
            ("ana@acme.example", None),
            ("acme.example/shop", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(host(text), expected, "{text}");
        }
    }

    #[test]
    fn a_host_lies_within_its_domain() {
        assert!(is_within("sts.eu-west-1.amazonaws.com", "amazonaws.com"));
        assert!(is_within("a.example", "A.example"));
        assert!(!is_within("evilamazonaws.com", "amazonaws.com"));
        assert!(!is_within("com", "amazonaws.com"));
    }
}
