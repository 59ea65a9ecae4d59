//! `overstay can`: whether an identity may do something, and which statements decide.

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{Decision, Judge, Question, judges};
use crate::model::Verdict;
use crate::report::plain;

use super::access::{DecisionView, Format, Sources, exit, is_incomplete, json, lines, principal, word};
use super::screen::{Screen, print};
use super::{Error, Exit};

/// How many actions of a pattern are listed for people.
const MOST_LISTED: usize = 20;

/// Say whether an identity may do something, and which statements decide
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    /// An ARN or other id, or a name that only one identity has
    principal: String,
    /// An action as its system writes it, such as s3:GetObject; a pattern such as 'iam:*' is told action by action
    action: String,
    /// The resource, which may be a pattern [default: any resource at all]
    resource: Option<String>,
    #[command(flatten)]
    sources: Sources,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  allowed
  1  denied
  2  usage, configuration or fatal error
  3  the exports do not decide it: conditional, unknown, or not all was examined";

/// Judges and prints.
pub(super) fn run(arguments: &Arguments, screen: Screen, quiet: bool) -> Result<Exit, Error> {
    let access = arguments.sources.read()?;
    let estate = access.estate();
    let judges = judges(&estate);
    let id = principal(&estate, &arguments.principal)?;
    let system = estate.principals.get(id).map_or("", |principal| principal.system);
    let Some(judge) = judges.get(system) else {
        return Err(Error::Usage(format!("policies of `{system}` are not evaluated yet")));
    };
    let incomplete = is_incomplete(&access, quiet);
    let question = Question { principal: id, action: &arguments.action, resource: arguments.resource.as_deref() };
    let actions = judge.actions(&arguments.action);
    let decision = judge.decide(&question);
    let each = each(&**judge, &question, &actions);
    let lines = match arguments.sources.format {
        Format::Text => text(&question, &decision, &each, screen),
        Format::Json => json(&Answer {
            as_of: access.as_of,
            action: question.action,
            resource: question.resource,
            complete: !incomplete,
            decision: DecisionView::of(id, system, &decision),
            actions: each.iter().map(|(action, verdict)| Each { action, verdict: *verdict }).collect(),
        })?,
    };
    print(&lines)?;
    Ok(exit(decision.verdict, incomplete))
}

#[derive(Serialize)]
struct Answer<'a> {
    as_of: Timestamp,
    action: &'a str,
    resource: Option<&'a str>,
    complete: bool,
    #[serde(flatten)]
    decision: DecisionView<'a>,
    /// Each action of a pattern that is not denied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Each<'a>>,
}

#[derive(Serialize)]
struct Each<'a> {
    action: &'a str,
    verdict: Verdict,
}

/// The answer for each action of a pattern.
fn each<'a>(judge: &dyn Judge, question: &Question<'_>, actions: &'a [&'a str]) -> Vec<(&'a str, Verdict)> {
    let verdict = |action: &&'a str| (*action, judge.decide(&Question { action, ..*question }).verdict);
    actions.iter().map(verdict).collect()
}

fn text(question: &Question<'_>, decision: &Decision, each: &[(&str, Verdict)], screen: Screen) -> Vec<String> {
    let on = question.resource.map(|resource| format!(" on {resource}")).unwrap_or_default();
    let asked = format!("{} {}{on}", question.principal, question.action);
    let mut lines = screen.wrap(&plain(&asked), "");
    lines.extend(self::lines(decision, screen));
    if each.is_empty() {
        return lines;
    }
    let of = |wanted: Verdict| each.iter().filter(move |(_, verdict)| *verdict == wanted);
    lines.push(String::new());
    for verdict in [Verdict::Allowed, Verdict::Conditional, Verdict::Unknown, Verdict::Denied] {
        let count = of(verdict).count();
        if count == 0 {
            continue;
        }
        lines.push(format!("{count} of {} actions {}", each.len(), word(verdict)));
        if verdict != Verdict::Denied {
            let names: Vec<&str> = of(verdict).take(MOST_LISTED).map(|(action, _)| *action).collect();
            let more = if count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
            lines.extend(screen.wrap(&format!("{}{more}", names.join(", ")), "  "));
        }
    }
    lines
}
