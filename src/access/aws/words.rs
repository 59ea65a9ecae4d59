//! Statements and policies for people.

use crate::access::pattern::{covers, is_every_resource};
use crate::model::{Effect, Statement};

/// How many characters of a text from an export are repeated.
const MOST: usize = 120;

/// The last part of an ARN: `AdministratorAccess`, `deployers`; for an inline policy its own name.
pub(crate) fn short(id: &str) -> &str {
    let id = id.rsplit_once("#inline/").map_or(id, |(_, name)| name);
    id.rsplit('/').next().unwrap_or(id)
}

/// A text that is not too long.
pub(super) fn clip(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a statement speaks about: `s3:* on arn:aws:s3:::logs/* under conditions`. Long lists are cut.
pub(super) fn subject(statement: &Statement) -> String {
    let all_but = |not: bool| if not { "all but " } else { "" };
    let mut words = format!("{}{}", all_but(statement.not_actions), list(&statement.actions));
    if statement.not_resources || !statement.resources.iter().any(|text| is_every_resource(text)) {
        words = format!("{words} on {}{}", all_but(statement.not_resources), list(&statement.resources));
    }
    if statement.conditions.is_empty() { words } else { format!("{words} under conditions") }
}

/// The whole statement: `Allow s3:* on * if {...}`. Of many actions the one that covers `action` is named.
pub(super) fn statement(statement: &Statement, action: &str) -> String {
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let all_but = |not: bool| if not { "all but " } else { "" };
    let meant = statement.actions.iter().position(|pattern| covers(pattern, action)).unwrap_or_default();
    let actions = format!("{}{}", all_but(statement.not_actions), list_from(&statement.actions, meant));
    let resources = format!("{}{}", all_but(statement.not_resources), list(&statement.resources));
    let on = if resources.is_empty() { String::new() } else { format!(" on {resources}") };
    let when = match &*statement.conditions {
        "" => String::new(),
        conditions => format!(" if {}", clip(conditions)),
    };
    format!("{effect} {actions}{on}{when}")
}

fn list(patterns: &[Box<str>]) -> String {
    list_from(patterns, 0)
}

/// A list of which only one is named.
fn list_from(patterns: &[Box<str>], named: usize) -> String {
    match (patterns.get(named), patterns.len()) {
        (Some(one), 1) => clip(one),
        (Some(one), all) => format!("{} and {} more", clip(one), all - 1),
        (None, _) => "nothing".to_owned(),
    }
}
