//! `overstay who-can`: all identities that may do something.

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{Decision, Question, judges};
use crate::model::{IdentityKind, Verdict};
use crate::report::{counted, plain};

use super::access::{DecisionView, Format, Sources, is_incomplete, json, word};
use super::screen::{Screen, print};
use super::{Error, Exit};

/// List all identities that may do something, or might
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// An action as its system writes it, such as iam:CreateUser
    action: String,
    /// The resource, which may be a pattern [default: any resource at all]
    resource: Option<String>,
    #[command(flatten)]
    sources: Sources,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  answered for every identity
  2  usage, configuration or fatal error
  3  not all was examined, or of some identity the exports do not decide it";

/// One line of the answer.
struct Line<'a> {
    id: &'a str,
    system: &'a str,
    decision: Decision,
}

/// Judges and prints.
pub(super) fn run(arguments: &Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let access = arguments.sources.read()?;
    let estate = access.estate();
    let judges = judges(&estate);
    let (mut lines, mut asked) = (Vec::new(), 0);
    for (id, principal) in &estate.principals {
        let Some(judge) = judges.get(principal.system).filter(|_| acts(principal.kind)) else { continue };
        let question = Question { principal: id, action: &arguments.action, resource: arguments.resource.as_deref() };
        let decision = judge.decide(&question);
        asked += 1;
        if decision.verdict != Verdict::Denied {
            lines.push(Line { id, system: principal.system, decision });
        }
    }
    lines.sort_by_key(|line| rank(line.decision.verdict));
    let incomplete = is_incomplete(&access, quiet);
    let text = match arguments.sources.format {
        Format::Text => table(&lines, asked, screen),
        Format::Json => json(&Answer {
            as_of: access.as_of,
            action: &arguments.action,
            resource: arguments.resource.as_deref(),
            complete: !incomplete,
            asked,
            identities: lines.iter().map(|line| DecisionView::of(line.id, line.system, &line.decision)).collect(),
        })?,
    };
    print(&text)?;
    let open = lines.iter().any(|line| line.decision.verdict != Verdict::Allowed);
    Ok(if incomplete || open { Exit::Incomplete } else { Exit::Clean })
}

#[derive(Serialize)]
struct Answer<'a> {
    as_of: Timestamp,
    action: &'a str,
    resource: Option<&'a str>,
    complete: bool,
    /// How many identities were asked about; those that are not listed are denied.
    asked: usize,
    identities: Vec<DecisionView<'a>>,
}

/// Whether such a thing does anything by itself.
fn acts(kind: IdentityKind) -> bool {
    !matches!(kind, IdentityKind::Group | IdentityKind::Scope | IdentityKind::Application)
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allowed => 0,
        Verdict::Conditional => 1,
        Verdict::Unknown => 2,
        Verdict::Denied => 3,
    }
}

/// A line for each identity, the reason behind it; then the numbers.
fn table(lines: &[Line<'_>], asked: usize, screen: Screen) -> Vec<String> {
    let mut text = Vec::new();
    for line in lines {
        let by = line.decision.deciding.first().map(|it| format!("{} in {}", it.statement, it.policy));
        text.push(plain(&format!("{:<12} {}", word(line.decision.verdict), line.id)).into_owned());
        let reasons = [Some(line.decision.why.clone()).filter(|why| !why.is_empty()), by];
        for reason in reasons.into_iter().flatten() {
            text.extend(screen.wrap(&plain(&reason), "             "));
        }
    }
    let of = |wanted| lines.iter().filter(|line| line.decision.verdict == wanted).count();
    let numbers = [Verdict::Allowed, Verdict::Conditional, Verdict::Unknown].map(|it| (of(it), word(it)));
    let told = numbers.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}"));
    let denied = asked - lines.len();
    let told: Vec<String> = told.chain((denied > 0).then(|| format!("{denied} denied"))).collect();
    text.push(format!("{}: {}", counted(asked as u64, "identity", "identities"), told.join(", ")));
    text
}
