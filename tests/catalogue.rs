//! One id = one file = one YAML entry = one folder of fixtures = one line in a registry, for everything that has an id.

#![expect(clippy::unwrap_used, reason = "what cannot be read in a test has failed the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use overstay::check::CHECKS;
use overstay::import::{Formats, IMPORTERS};
use overstay::model::Relation;
use overstay::report::REPORTERS;
use overstay::rules::check::{CheckRule, CheckRules};
use overstay::rules::control::Controls;

/// How many checks each family of the catalogue has: A01 to A09, B01 to B06 and so on.
const CATALOGUE: [(char, u8); 10] =
    [('A', 9), ('B', 6), ('C', 11), ('D', 10), ('E', 7), ('F', 5), ('G', 5), ('H', 5), ('I', 8), ('J', 6)];

/// Files of `src/check` that are no checks.
const NO_CHECKS: [&str; 2] = ["mod", "severity"];

type Ids = BTreeSet<String>;

#[test]
fn checks_in_code_rules_fixtures_and_registry_are_the_same() {
    let registered = ids(CHECKS.iter().map(|check| check.id()));
    let in_code: Ids =
        files("src/check", "rs").into_iter().filter(|name| !NO_CHECKS.contains(&name.as_str())).collect();
    assert_eq!(kebab(&in_code), registered, "src/check and CHECKS differ");
    assert_eq!(kebab(&files("rules/checks", "yaml")), registered, "rules/checks and CHECKS differ");
    assert_eq!(folders("fixtures/check"), registered, "fixtures/check and CHECKS differ");
    assert_eq!(ids(rules().iter().map(|rule| rule.id.as_str())), registered, "ids in rules/checks and CHECKS differ");
}

#[test]
fn the_file_of_a_rule_bears_its_id() {
    for folder in ["rules/checks", "rules/import"] {
        for name in files(folder, "yaml") {
            let text = read(&format!("{folder}/{name}.yaml"));
            let id = format!("id: {}\n", name.replace('_', "-"));
            assert!(text.starts_with(&id), "{folder}/{name}.yaml describes something else");
        }
    }
}

#[test]
fn every_importer_has_its_source_and_its_fixtures_and_no_fixture_is_left_over() {
    let coded = ids(IMPORTERS.iter().map(|importer| importer.id()));
    for id in &coded {
        let stem = root().join("src/import").join(id.replace('-', "_"));
        assert!(stem.with_extension("rs").is_file() || stem.join("mod.rs").is_file(), "{id} has no file in src/import");
    }
    let mapped = kebab(&files("rules/import", "yaml"));
    assert!(coded.is_disjoint(&mapped), "described twice, in src/import and in rules/import");
    let registered = ids(formats());
    assert_eq!(coded.union(&mapped).cloned().collect::<Ids>(), registered, "rules/import and the formats differ");
    assert_eq!(folders("fixtures/import"), registered, "fixtures/import and the formats differ");
}

#[test]
fn every_report_format_has_its_source() {
    for reporter in REPORTERS {
        let stem = root().join("src/report").join(reporter.id().replace('-', "_"));
        let found = stem.with_extension("rs").is_file() || stem.join("mod.rs").is_file();
        assert!(found, "{} has no file in src/report", reporter.id());
    }
}

#[test]
fn ids_are_unique_and_in_kebab_case() {
    let checks = CHECKS.iter().map(|check| check.id());
    let importers = formats();
    let reporters = REPORTERS.iter().map(|reporter| reporter.id());
    let mut seen = Ids::new();
    for id in checks.chain(importers).chain(reporters) {
        let plain = id
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert!(plain, "{id} is not in kebab-case");
        assert!(seen.insert(id.to_owned()), "{id} is there twice");
    }
}

#[test]
fn registries_are_in_order_of_their_ids() {
    let checks: Vec<&str> = CHECKS.iter().map(|check| check.id()).collect();
    assert!(checks.is_sorted(), "CHECKS is out of order");
}

#[test]
fn catalogue_numbers_exist_and_are_given_once() {
    let valid: Ids =
        CATALOGUE.iter().flat_map(|(family, last)| (1..=*last).map(move |n| format!("{family}{n:02}"))).collect();
    assert_eq!(valid.len(), 72);
    let mut seen = BTreeMap::new();
    for rule in rules().iter() {
        let Some(number) = &rule.catalogue else { continue };
        assert!(valid.contains(number), "{}: {number} is not in the catalogue", rule.id);
        if let Some(other) = seen.insert(number.clone(), rule.id.clone()) {
            panic!("{number} is both {other} and {}", rule.id);
        }
    }
}

#[test]
fn every_check_is_documented_under_every_heading() {
    let controls = Controls::embedded().unwrap();
    for rule in rules().iter() {
        let sections = rule.explain(&controls);
        let headings: Vec<&str> = sections.iter().map(|section| section.heading).collect();
        assert_eq!(headings, CheckRule::HEADINGS, "{}", rule.id);
        for section in sections {
            let empty = section.lines.iter().all(|line| line.trim().is_empty());
            assert!(!empty, "{}: nothing under {}", rule.id, section.heading);
        }
        assert!(!rule.inputs.is_empty() && rule.inputs.iter().all(|way| !way.is_empty()), "{} needs no input", rule.id);
        let weblike = rule.references.iter().all(|reference| reference.starts_with("https://"));
        assert!(weblike && !rule.references.is_empty(), "{}: references are addresses", rule.id);
    }
}

#[test]
fn thresholds_in_the_code_are_the_ones_in_the_rules() {
    for rule in rules().iter() {
        let name = rule.id.replace('-', "_");
        let mut code = read(&format!("src/check/{name}.rs"));
        match rule.id.as_str() {
            "hardcoded-secret" => code.push_str(&read("src/check/severity.rs")),
            "no-revocation-on-failure" => code.push_str(&read("src/check/no_revocation_on_completion.rs")),
            _ => {}
        }
        let in_code: Ids = ["ctx.parameter(\"", "ctx.span(\"", "ctx.limit(\"", "over(\""]
            .iter()
            .flat_map(|call| code.split(call).skip(1).filter_map(|rest| rest.split('"').next()))
            .map(str::to_owned)
            .collect();
        let in_rule = ids(rule.parameters.iter().map(|parameter| parameter.name.as_str()));
        assert_eq!(in_code, in_rule, "{}: thresholds in the code and in the rule differ", rule.id);
    }
}

#[test]
fn every_citation_is_known() {
    let controls = Controls::embedded().unwrap();
    for rule in rules().iter() {
        controls.admit(&rule.id, &rule.controls).unwrap();
        assert_eq!(rule.controls.len(), ids(rule.controls.iter().map(String::as_str)).len(), "{} cites twice", rule.id);
        assert!(!rule.controls.is_empty(), "{} cites nothing", rule.id);
    }
}

#[test]
fn every_check_about_credentials_shows_both_requested_labels_with_their_published_ids() {
    let controls = Controls::embedded().unwrap();
    for rule in rules().iter().filter(|rule| rule.id != "coverage-hole") {
        let shown = controls.resolve(&rule.controls);
        let has = |label: &str, version: &str, id: &str, relation: Relation| {
            shown.iter().any(|control| {
                control.requested_label == label
                    && control.version == version
                    && control.published_id.as_deref() == Some(id)
                    && control.relation == relation
            })
        };
        assert!(has("PR.AC-4", "1.1", "PR.AC-4", Relation::Exact), "{} lacks PR.AC-4 (CSF 1.1)", rule.id);
        assert!(has("PR.AC-4", "2.0", "PR.AA-05", Relation::Primary), "{} lacks PR.AA-05 (CSF 2.0)", rule.id);
        assert!(shown.iter().any(|control| control.requested_label == "NHI-03"), "{} lacks NHI-03", rule.id);
    }
}

#[test]
fn no_conflicting_id_can_be_emitted() {
    let controls = Controls::embedded().unwrap();
    let all: Vec<String> = controls.citations().map(str::to_owned).collect();
    for conflict in controls.conflicts() {
        let cite = std::slice::from_ref(&conflict.cites);
        assert!(controls.admit("any", cite).is_err(), "{} can be cited", conflict.cites);
        let labelled = controls.resolve(&all).into_iter().find(|control| {
            control.requested_label == conflict.label
                && control.published_id.as_deref() == conflict.cites.split('/').nth(1)
        });
        assert_eq!(labelled, None);
        let cited = rules().iter().any(|rule| rule.controls.contains(&conflict.cites));
        assert!(!cited, "{} is cited", conflict.cites);
    }
    assert!(!controls.conflicts().is_empty());
}

#[test]
fn the_lists_of_published_ids_are_complete_where_they_say_so() {
    let controls = Controls::embedded().unwrap();
    let count = |key: &str| controls.citations().filter(|cite| cite.split('/').next() == Some(key)).count();
    assert_eq!((count("nist-csf-1.1"), count("nist-csf-2.0")), (108, 106));
    assert_eq!((count("owasp-nhi-2025"), count("owasp-agentic-2026")), (10, 10));
}

/// The ids of all formats that travel in the binary.
fn formats() -> impl Iterator<Item = &'static str> {
    Formats::shipped().unwrap().iter().map(overstay::import::Importer::id)
}

fn rules() -> CheckRules {
    CheckRules::embedded(&Controls::embedded().unwrap()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn ids<'a>(all: impl Iterator<Item = &'a str>) -> Ids {
    all.map(str::to_owned).collect()
}

fn kebab(names: &Ids) -> Ids {
    names.iter().map(|name| name.replace('_', "-")).collect()
}

/// The names of the files with this extension, without it.
fn files(folder: &str, extension: &str) -> Ids {
    let is_wanted = |path: &Path| path.is_file() && path.extension().is_some_and(|found| found == extension);
    entries(folder).into_iter().filter(|path| is_wanted(path)).filter_map(|path| stem(&path)).collect()
}

/// The names of the folders; none where the folder itself is not there.
fn folders(folder: &str) -> Ids {
    entries(folder).into_iter().filter(|path| path.is_dir()).filter_map(|path| stem(&path)).collect()
}

fn entries(folder: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(root().join(folder)) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem()?.to_str().map(str::to_owned)
}

/// The families of the catalogue, in order.
const FAMILIES: [(&str, &str); 11] = [
    ("A", "What stands: credentials and grants that nobody takes back"),
    ("B", "How long: lives, renewals, certificates"),
    ("C", "Revocation: whether an end ends anything"),
    ("D", "Request and approval"),
    ("E", "Who asks, and what issues"),
    ("F", "How wide: scope, audience, number of uses"),
    ("G", "Reuse, replay, caches"),
    ("H", "Agents and chains"),
    ("I", "Ways around just-in-time access"),
    ("J", "Evidence, and controls on paper"),
    ("", "What exports and code show"),
];

/// The catalogue as people read it: every check by its family, with what it needs and a worked example.
fn catalogue() -> String {
    use std::fmt::Write as _;

    let rules = rules();
    let mut text = String::from(
        "# The checks\n\nWritten from `rules/checks` by `OVERSTAY_WRITE=1 cargo test --test catalogue`. \
         `overstay explain ID` tells all about one; `overstay doctor PATHS` says which of them your inputs let answer, \
         and which log or export would let the others.\n",
    );
    for (family, title) in FAMILIES {
        let mut of_family: Vec<&CheckRule> =
            rules.iter().filter(|rule| rule.catalogue.as_deref().map_or("", |number| &number[..1]) == family).collect();
        of_family.sort_by_key(|rule| (rule.catalogue.clone(), rule.id.clone()));
        let heading = if family.is_empty() { title.to_owned() } else { format!("{family}. {title}") };
        let page = family.to_lowercase();
        let linked = |line: String| if family.is_empty() { String::new() } else { line };
        let link = linked(format!("[A worked example](examples/{page}.md): log lines, the command, the answer.\n\n"));
        writeln!(
            text,
            "\n## {heading}\n\n{link}| | check | severity | needs | finds | for example |\n|---|---|---|---|---|---|"
        )
        .unwrap();
        for rule in of_family {
            let ways =
                rule.inputs.iter().map(|way| way.iter().map(|need| need.say()).collect::<Vec<_>>().join(" and "));
            let (number, severity) = (rule.catalogue.as_deref().unwrap_or_default(), rule.severity.name());
            let needs = ways.collect::<Vec<_>>().join("; or ");
            let example = rule.example.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
            writeln!(text, "| {number} | `{}` | {severity} | {needs} | {} | {example} |", rule.id, rule.title).unwrap();
        }
    }
    text
}

#[test]
fn the_written_catalogue_is_what_the_rules_say() {
    let path = root().join("reports/checks.md");
    if std::env::var_os("OVERSTAY_WRITE").is_some() {
        fs::write(&path, catalogue()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), catalogue(), "run with OVERSTAY_WRITE=1");
}

#[test]
fn every_number_of_the_catalogue_has_its_check() {
    let numbers: Ids = rules().iter().filter_map(|rule| rule.catalogue.clone()).collect();
    assert_eq!(numbers.len(), 72);
}
