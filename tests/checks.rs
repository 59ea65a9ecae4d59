//! Every check against the fixtures in `fixtures/check/<id>`: it fires, stays quiet or says why it cannot tell.

#![expect(clippy::unwrap_used, reason = "what cannot be read in a test has failed the test")]

#[path = "checks/facts.rs"]
mod facts;

use std::fs;
use std::path::Path;

use facts::{Expected, ExpectedFinding, Fixture};
use overstay::check::{CHECKS, run_all};
use overstay::model::{CheckSummary, Finding, FingerprintKey};
use overstay::rules::check::CheckRules;
use overstay::rules::control::Controls;
use overstay::rules::policy::Policy;
use overstay::yaml;

/// The rules that all fixtures share.
struct Rules {
    controls: Controls,
    checks: CheckRules,
    key: FingerprintKey,
}

#[test]
fn every_fixture_is_answered_as_it_expects() {
    let rules = rules();
    let mut wrong = Vec::new();
    for check in CHECKS {
        for (name, text) in fixtures(check.id()) {
            wrong.extend(differences(&rules, check.id(), &name, &text));
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_check_has_a_case_in_which_it_fires_and_one_in_which_it_is_quiet() {
    for check in CHECKS {
        let names: Vec<String> = fixtures(check.id()).into_iter().map(|(name, _)| name).collect();
        for kind in ["fires", "quiet"] {
            assert!(names.iter().any(|name| name.starts_with(kind)), "{} lacks a {kind} fixture", check.id());
        }
    }
}

#[test]
fn every_check_that_rests_on_absence_has_an_inconclusive_case() {
    for rule in rules().checks.iter().filter(|rule| rule.absence) {
        let found = fixtures(&rule.id).iter().any(|(name, _)| name.starts_with("inconclusive"));
        assert!(found, "{} lacks an inconclusive fixture", rule.id);
    }
}

#[test]
fn the_name_of_a_fixture_tells_its_outcome() {
    for check in CHECKS {
        for (name, text) in fixtures(check.id()) {
            let expect = parse(&name, &text).expect;
            let kind = match (expect.findings.is_empty(), expect.inconclusive.is_empty()) {
                (false, _) => "fires",
                (true, false) => "inconclusive",
                (true, true) => "quiet",
            };
            assert!(name.starts_with(kind), "{}/{name} should be called {kind}...", check.id());
        }
    }
}

#[test]
fn without_any_fact_no_check_has_examined_anything() {
    let rules = rules();
    let text = "as-of: 2026-01-31T00:00:00Z\nabout: nothing\nexpect: {examined: 0}\n";
    for check in CHECKS {
        let (findings, summary) = answer(&rules, check.id(), &parse("nothing", text));
        assert_eq!((findings.len(), summary.examined), (0, 0), "{}", check.id());
    }
}

#[test]
fn a_check_that_the_policy_skips_says_so() {
    let rules = rules();
    let text = "as-of: 2026-01-31T00:00:00Z\nabout: nothing\nexpect: {examined: 0}\n";
    let policy = Policy::parse("overstay.yaml", "skip-checks: [idle-credential]\n", &rules.checks).unwrap();
    let ledger = facts::ledger(&parse("nothing", text), &[], &rules.key);
    let (_, summaries) = run_all(&ledger, &rules.checks, &rules.controls, &policy, &rules.key);
    let skipped = summaries.iter().find(|summary| summary.check == "idle-credential").unwrap();
    assert!(skipped.inconclusive.iter().any(|one| one.reason.contains("skipped")), "{skipped:?}");
    assert_eq!(summaries.len(), CHECKS.len());
}

#[test]
fn what_the_default_persona_holds_back_is_counted_and_the_other_one_reports_it() {
    let rules = rules();
    let (name, text) =
        fixtures("hardcoded-secret").into_iter().find(|(name, _)| name == "quiet-held-back.yaml").unwrap();
    let held_back = |persona: &str| {
        let mut fixture = parse(&name, &text);
        fixture.policy = format!("persona: {persona}\n");
        let (findings, summary) = answer(&rules, "hardcoded-secret", &fixture);
        (findings.len(), summary.fired, summary.held_back)
    };
    assert_eq!((held_back("ci"), held_back("audit")), ((0, 0, 1), (1, 1, 0)));
}

#[test]
fn findings_come_worst_first_and_the_same_facts_give_the_same_findings() {
    let rules = rules();
    let (name, text) = fixtures("hardcoded-secret").into_iter().find(|(name, _)| name == "fires-card.yaml").unwrap();
    let policy = Policy::defaults(&rules.checks).unwrap();
    let ledger = facts::ledger(&parse(&name, &text), &[], &rules.key);
    let run = || run_all(&ledger, &rules.checks, &rules.controls, &policy, &rules.key).0;
    let findings = run();
    assert!(findings.len() > 2 && findings.windows(2).all(|pair| pair[0].severity >= pair[1].severity));
    assert_eq!(format!("{findings:?}"), format!("{:?}", run()));
}

#[test]
fn the_id_of_a_finding_depends_on_the_key_and_not_on_lines() {
    let mut rules = rules();
    let (name, text) = fixtures("hardcoded-secret").into_iter().find(|(name, _)| name == "fires-card.yaml").unwrap();
    let id = |rules: &Rules, text: &str| answer(rules, "hardcoded-secret", &parse(&name, text)).0[0].id;
    let first = id(&rules, &text);
    assert_eq!(first, id(&rules, &text.replace("line: 11", "line: 12")));
    rules.key = FingerprintKey::new(vec![8; 32]);
    assert_ne!(first, id(&rules, &text));
}

fn rules() -> Rules {
    let controls = Controls::embedded().unwrap();
    let checks = CheckRules::embedded(&controls).unwrap();
    Rules { controls, checks, key: FingerprintKey::new(vec![7; 32]) }
}

/// Names and texts of the fixtures of one check, in order.
fn fixtures(check: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/check").join(check);
    let mut all: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    all.sort();
    all
}

fn parse(name: &str, text: &str) -> Fixture {
    yaml::parse(name, text).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs one check alone.
fn answer(rules: &Rules, check: &str, fixture: &Fixture) -> (Vec<Finding>, CheckSummary) {
    let mut policy = Policy::parse("overstay.yaml", &fixture.policy, &rules.checks).unwrap();
    policy.skip_checks = CHECKS.iter().map(|other| other.id().to_owned()).filter(|id| id != check).collect();
    let ledger = facts::ledger(fixture, policy.jit.roles.texts(), &rules.key);
    let (findings, summaries) = run_all(&ledger, &rules.checks, &rules.controls, &policy, &rules.key);
    (findings, summaries.into_iter().find(|summary| summary.check == check).unwrap())
}

/// Everything in which the answer is not what the fixture expects.
fn differences(rules: &Rules, check: &str, name: &str, text: &str) -> Vec<String> {
    let fixture = parse(&format!("{check}/{name}"), text);
    assert!(!fixture.about.is_empty(), "{check}/{name} says nothing about itself");
    let (findings, summary) = answer(rules, check, &fixture);
    let Expected { examined, findings: expected, inconclusive } = &fixture.expect;
    let mut wrong = Vec::new();
    if summary.examined != *examined {
        wrong.push(format!("examined {} and not {examined}", summary.examined));
    }
    let expected_subjects: Vec<&str> = expected.iter().map(|one| one.subject.as_str()).collect();
    let subjects: Vec<&str> = findings.iter().map(|one| one.subject.id.as_str()).collect();
    if subjects != expected_subjects {
        wrong.push(format!("fired for {subjects:?} and not {expected_subjects:?}"));
    }
    for (finding, expected) in findings.iter().zip(expected) {
        wrong.extend(finding_differences(finding, expected));
    }
    let doubts: Vec<(&str, &str)> =
        summary.inconclusive.iter().map(|one| (one.subject.as_str(), one.reason.as_str())).collect();
    let as_expected = doubts.len() == inconclusive.len()
        && doubts.iter().zip(inconclusive).all(|(doubt, one)| doubt.0 == one.subject && doubt.1.contains(&one.because));
    if !as_expected {
        wrong.push(format!("inconclusive: {doubts:?}"));
    }
    wrong.into_iter().map(|line| format!("{check}/{name}: {line}")).collect()
}

fn finding_differences(finding: &Finding, expected: &ExpectedFinding) -> Vec<String> {
    let mut wrong = Vec::new();
    if finding.severity.name() != expected.severity {
        wrong.push(format!("{} and not {}: {}", finding.severity.name(), expected.severity, finding.severity_reason));
    }
    let facts = finding.facts.iter().map(|(label, value)| format!("{label}: {value}"));
    let said: Vec<String> =
        [finding.message.clone(), finding.severity_reason.clone()].into_iter().chain(facts).collect();
    let said = said.join("\n");
    for part in expected.says.iter().filter(|part| !said.contains(part.as_str())) {
        wrong.push(format!("does not say {part:?}, but:\n{said}"));
    }
    let shown: Vec<&str> = finding.evidence.iter().map(|piece| &*piece.shows).collect();
    if !expected.shows.iter().zip(&shown).all(|(one, other)| other.contains(one.as_str()))
        || shown.len() < expected.shows.len()
    {
        wrong.push(format!("shows {shown:?}"));
    }
    let whole = finding.message.ends_with('.') && !finding.severity_reason.is_empty() && !finding.fix.is_empty();
    if !whole || finding.controls.is_empty() || finding.facts.is_empty() {
        wrong.push("lacks a sentence, a reason, a fix, a fact or a control".to_owned());
    }
    wrong
}
