//! `overstay rules`: what is looked for, and whether the rules do what they say.

use comfy_table::Width;

use crate::model::{Severity, StandingClass};
use crate::report::layout;
use crate::rules::check::CheckRules;
use crate::rules::control::Controls;
use crate::rules::secret::SecretRules;
use crate::secret;

use super::screen::{Screen, print};
use super::{Error, Exit, say};

/// List the checks and secret rules, or prove them
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// List all checks and secret rules
    List,
    /// Run the examples and counter-examples of every secret rule and prove every citation
    Check,
}

/// Lists or proves.
pub(super) fn run(arguments: &Arguments, screen: Screen) -> Result<Exit, Error> {
    let controls = Controls::embedded()?;
    let checks = CheckRules::embedded(&controls)?;
    match arguments.what {
        What::List => print(&list(&checks, &SecretRules::embedded()?, screen))?,
        What::Check => return prove(&checks, &SecretRules::proven()?, &controls),
    }
    Ok(Exit::Clean)
}

fn list(checks: &CheckRules, secrets: &SecretRules, screen: Screen) -> Vec<String> {
    let paint = screen.paint();
    let mut lines = vec![paint.bold(&format!("{} checks", checks.iter().count()))];
    for rule in checks.iter() {
        let number = rule.catalogue.as_deref().unwrap_or("-");
        let paint_as = |text: &str| paint.severity(rule.severity, text);
        lines.extend(row([&rule.id, number, rule.severity.name(), &rule.title], screen, paint_as));
    }
    lines.extend([String::new(), paint.bold(&format!("{} secret rules", secrets.iter().count()))]);
    for rule in secrets.iter() {
        let standing = match rule.standing {
            StandingClass::Standing => "standing",
            StandingClass::Ephemeral => "ephemeral",
            StandingClass::Depends => "depends",
        };
        let paint_as = |text: &str| match rule.standing {
            StandingClass::Standing => paint.severity(Severity::Medium, text),
            StandingClass::Ephemeral => paint.good(text),
            StandingClass::Depends => text.to_owned(),
        };
        lines.extend(row([&rule.id, "-", standing, &rule.title], screen, paint_as));
    }
    lines.extend([String::new(), paint.dim("overstay explain ID tells more")]);
    lines
}

/// Id, number, class in colour, title.
fn row(cells: [&str; 4], screen: Screen, paint_as: impl Fn(&str) -> String) -> Vec<String> {
    let [id, number, class, title] = cells;
    let indent = 36 + 5 + 11;
    let room = screen.look.width.clamp(80, 160) - indent;
    let titles = layout::columns(&[Width::Fixed(room)], vec![vec![title.to_owned()]]);
    let first = format!("{id:<35} {number:<4} {}", paint_as(&format!("{class:<10}")));
    let line = |(index, text): (usize, &String)| match index {
        0 => format!("{first} {text}"),
        _ => format!("{:indent$}{text}", "", indent = usize::from(indent)),
    };
    titles.iter().enumerate().map(line).collect()
}

/// Loading proved the form of every rule and every citation; the examples are run here.
fn prove(checks: &CheckRules, secrets: &SecretRules, controls: &Controls) -> Result<Exit, Error> {
    let problems = secret::check(secrets)?;
    for problem in &problems {
        say(&format!("rule `{}`: {}", problem.rule, problem.message));
    }
    if !problems.is_empty() {
        return Ok(Exit::Error);
    }
    let examples: usize = secrets.iter().map(|rule| rule.examples.len()).sum();
    let counters: usize = secrets.iter().map(|rule| rule.counter_examples.len()).sum();
    let rules = secrets.iter().count();
    let lines = [
        format!("{rules} secret rules: {examples} examples found, {counters} counter-examples left alone"),
        format!("{} checks: every citation is a published id", checks.iter().count()),
        format!("{} clauses of frameworks", controls.citations().count()),
    ];
    print(&lines)?;
    Ok(Exit::Clean)
}
