//! What a rule must fulfil to be used at all.

use regex_syntax::hir::{Hir, HirKind};

use super::reach::{self, Reach};
use super::{Case, SecretRule, sample};

impl SecretRule {
    /// How far a match can lie around a keyword; the proof that every match contains one.
    pub fn reach(&self) -> Result<Reach, String> {
        let hir = parse(&self.pattern)?;
        reach::prove(&hir, &self.keywords, self.case == Case::Insensitive, self.reach)
    }
}

/// Checks everything that can be told without running the examples.
pub(super) fn rule(rule: &SecretRule) -> Result<(), String> {
    kebab("id", &rule.id)?;
    for (name, text) in [("title", &rule.title), ("provider", &rule.provider), ("fix", &rule.fix)] {
        if text.trim().is_empty() {
            return Err(format!("`{name}` is empty"));
        }
    }
    if rule.max_lifetime.as_ref().is_some_and(|most| most.trim().is_empty()) {
        return Err("`max-lifetime` is empty: leave it out where no limit is documented".to_owned());
    }
    groups(rule)?;
    keywords(rule)?;
    rule.reach()?;
    if rule.min_entropy.is_some_and(|bits| !(0.0..=8.0).contains(&bits)) {
        return Err("`min-entropy` is in bits per byte, from 0 to 8".to_owned());
    }
    rule.tells.keys().try_for_each(|name| kebab("tells", name))?;
    samples(rule)
}

fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(pattern)
        .map_err(|error| format!("`pattern` is no regular expression: {error}"))
}

fn kebab(what: &str, name: &str) -> Result<(), String> {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if name.split('-').all(plain) { Ok(()) } else { Err(format!("`{what}` `{name}` is not in kebab-case")) }
}

fn groups(rule: &SecretRule) -> Result<(), String> {
    let mut names = Vec::new();
    collect_groups(&parse(&rule.pattern)?, &mut names);
    if !names.iter().any(|name| name == "secret") {
        return Err("`pattern` has no group `(?<secret>...)`".to_owned());
    }
    let mut others = names.iter().filter(|name| !matches!(name.as_str(), "secret" | "id"));
    others.try_for_each(|name| kebab("pattern", &name.replace('_', "-")))?;
    if names.iter().any(|name| name == "id") != rule.id_system.is_some() {
        return Err("a group `(?<id>...)` and `id-system` belong together".to_owned());
    }
    Ok(())
}

fn collect_groups(hir: &Hir, names: &mut Vec<String>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            names.extend(capture.name.as_deref().map(str::to_owned));
            collect_groups(&capture.sub, names);
        }
        HirKind::Repetition(repetition) => collect_groups(&repetition.sub, names),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().for_each(|sub| collect_groups(sub, names)),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => {}
    }
}

fn keywords(rule: &SecretRule) -> Result<(), String> {
    if rule.keywords.is_empty() {
        return Err("`keywords` is empty, so that the pattern would never run".to_owned());
    }
    match rule.keywords.iter().find(|keyword| keyword.len() < 3) {
        Some(short) => Err(format!("keyword `{short}` is shorter than 3 bytes and would occur everywhere")),
        None => Ok(()),
    }
}

fn samples(rule: &SecretRule) -> Result<(), String> {
    if rule.examples.is_empty() {
        return Err("`examples` is empty".to_owned());
    }
    if rule.counter_examples.len() < 2 {
        return Err("`counter-examples` needs two near misses or more".to_owned());
    }
    if rule.references.is_empty() {
        return Err("`references` is empty".to_owned());
    }
    for example in &rule.examples {
        sample::example(&rule.id, example)?;
    }
    rule.counter_examples.iter().try_for_each(|text| sample::counter_example(&rule.id, text).map(drop))
}
