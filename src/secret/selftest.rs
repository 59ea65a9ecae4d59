//! Runs the rules' own examples: what `overstay rules check` says.

use super::{Engine, Error};
use crate::model::FingerprintKey;
use crate::rules::secret::{SecretRule, SecretRules, sample};

/// An example or counter-example that does not come out as its rule says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The rule's id.
    pub rule: String,
    /// What came out instead.
    pub message: String,
}

/// Runs every example and counter-example. No problem means that the rules do what they say.
pub fn check(rules: &SecretRules) -> Result<Vec<Problem>, Error> {
    let engine = Engine::new(rules, &FingerprintKey::new(b"examples".to_vec()))?;
    let mut problems = Vec::new();
    for rule in rules.iter() {
        let examples = rule.examples.iter().filter_map(|example| run_example(&engine, rule, example).err());
        let counters = rule.counter_examples.iter().filter_map(|text| run_counter_example(&engine, rule, text).err());
        problems.extend(examples.chain(counters).map(|message| Problem { rule: rule.id.clone(), message }));
    }
    Ok(problems)
}

/// The example's secret is found by this rule and no other, and nothing else is found.
fn run_example(engine: &Engine, rule: &SecretRule, source: &str) -> Result<(), String> {
    let sample = sample::example(&rule.id, source)?;
    let found = engine.scan(sample.text.as_bytes());
    let of_rule = |found: &&super::Match| *found.rule == *rule.id && found.range == (sample.start..sample.end);
    let Some(own) = found.iter().find(of_rule) else {
        let others: Vec<&str> = found.iter().map(|found| &*found.rule).collect();
        return Err(format!("example `{source}` is not found at its place; found instead: {others:?}"));
    };
    if let Some(why) = own.set_aside {
        return Err(format!("example `{source}` is set aside as {why}"));
    }
    let claims = |other: &&super::Match| {
        *other.rule != *rule.id && other.set_aside.is_none() && !rule.pair.contains(&other.rule.to_string())
    };
    match found.iter().find(claims) {
        Some(other) => Err(format!("example `{source}` is also found by `{}`", other.rule)),
        None => Ok(()),
    }
}

/// The counter-example is not reported by this rule; another rule may.
fn run_counter_example(engine: &Engine, rule: &SecretRule, source: &str) -> Result<(), String> {
    let text = sample::counter_example(&rule.id, source)?;
    let found = engine.scan(text.as_bytes());
    if found.iter().any(|found| *found.rule == *rule.id && found.set_aside.is_none()) {
        return Err(format!("counter-example `{source}` is found"));
    }
    Ok(())
}
