//! `overstay explain`: a check, a secret rule, an export format or a framework label, in words.

use crate::import::{Formats, Importer};
use crate::model::StandingClass;
use crate::rules::check::{CheckRule, CheckRules};
use crate::rules::control::{Controls, Meaning};
use crate::rules::nearest::nearest;
use crate::rules::secret::{Basis, SecretRule, SecretRules};

use super::screen::{Screen, print};
use super::{Error, Exit};

/// Explain a check, a secret rule, an export format or a framework label
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The id as reports show it: unrevoked-credential, A01, aws-access-key-id, vault-audit, NHI-03, NHI7:2025
    id: String,
}

/// Prints everything that goes by this id.
pub(super) fn run(arguments: &Arguments, screen: Screen) -> Result<Exit, Error> {
    let controls = Controls::embedded()?;
    let (checks, secrets, formats) = (CheckRules::embedded(&controls)?, SecretRules::embedded()?, Formats::shipped()?);
    let book = Book { controls, checks, secrets, formats, screen };
    let entries = book.entries(arguments.id.trim());
    if entries.is_empty() {
        return Err(Error::Usage(book.unknown(arguments.id.trim())));
    }
    print(&entries.join(&String::new()))?;
    Ok(Exit::Clean)
}

/// Everything that can be explained.
struct Book {
    controls: Controls,
    checks: CheckRules,
    secrets: SecretRules,
    formats: &'static Formats,
    screen: Screen,
}

impl Book {
    /// One entry for each thing of this id.
    fn entries(&self, id: &str) -> Vec<Vec<String>> {
        let check = self.checks.find(id).or_else(|| self.checks.find(&id.to_uppercase()));
        let mut entries: Vec<Vec<String>> = Vec::new();
        entries.extend(check.map(|rule| self.check(rule)));
        entries.extend(self.secrets.find(id).map(|rule| self.secret(rule)));
        entries.extend(self.formats.find(id).map(|importer| self.importer(importer)));
        entries.extend(self.label(id));
        entries
    }

    fn check(&self, rule: &CheckRule) -> Vec<String> {
        let paint = self.screen.paint();
        let number = rule.catalogue.as_ref().map(|number| format!(" ({number})")).unwrap_or_default();
        let severity = paint.severity(rule.severity, rule.severity.name());
        let mut lines = vec![format!("{}  check, {severity}", paint.bold(&format!("{}{number}", rule.id)))];
        lines.extend(self.screen.wrap(&rule.title, ""));
        for section in rule.explain(&self.controls) {
            let as_written = section.heading == "Example";
            let body = section
                .lines
                .iter()
                .flat_map(|line| if as_written { vec![format!("  {line}")] } else { self.screen.wrap(line, "  ") });
            let body: Vec<String> = body.collect();
            self.section(section.heading, body, &mut lines);
        }
        lines
    }

    fn secret(&self, rule: &SecretRule) -> Vec<String> {
        let paint = self.screen.paint();
        let mut lines = vec![format!("{}  secret rule", paint.bold(&rule.id))];
        lines.extend(self.screen.wrap(&format!("{}, issued by {}", rule.title, rule.provider), ""));
        self.section("How long it lives", self.screen.wrap(&lifetime(rule), "  "), &mut lines);
        let found = format!("by its form, near one of: {}", rule.keywords.join(", "));
        self.section("How it is found", self.screen.wrap(&found, "  "), &mut lines);
        self.section("Use instead", self.screen.wrap(&rule.fix, "  "), &mut lines);
        let references = rule.references.iter().map(|reference| format!("  {reference}")).collect();
        self.section("References", references, &mut lines);
        lines
    }

    fn importer(&self, importer: &dyn Importer) -> Vec<String> {
        let paint = self.screen.paint();
        let mut lines = vec![format!("{}  export or log format", paint.bold(importer.id()))];
        lines.extend(self.screen.wrap(importer.title(), ""));
        self.section("How to export it", self.screen.wrap(importer.how_to_export(), "  "), &mut lines);
        lines
    }

    /// A label that people ask for, or an id as published, with what it means and which checks bear on it.
    fn label(&self, id: &str) -> Option<Vec<String>> {
        let meanings = self.controls.label(id);
        let cites: Vec<String> = self.controls.citations().filter(|cite| names(cite, id)).map(str::to_owned).collect();
        if meanings.is_empty() && cites.is_empty() {
            return None;
        }
        let paint = self.screen.paint();
        let mut lines = vec![format!("{}  framework label", paint.bold(id))];
        let means: Vec<String> = meanings.iter().flat_map(|meaning| self.meaning(meaning)).collect();
        if means.is_empty() {
            let published = self.controls.resolve(&cites);
            let line = |control: &crate::model::Control| {
                let published = control.published_id.as_deref().unwrap_or_default();
                let name = format!("{published} {} ({} {})", control.title, control.framework, control.version);
                self.screen.wrap(&name, "  ")
            };
            self.section("As published", published.iter().flat_map(line).collect(), &mut lines);
        } else {
            self.section("What it means", means, &mut lines);
        }
        self.section("Checks that bear on it", self.checks_for(id), &mut lines);
        Some(lines)
    }

    fn meaning(&self, meaning: &Meaning) -> Vec<String> {
        let control = &meaning.control;
        let text = match &control.published_id {
            Some(id) => format!("{id} {} ({} {}): {}", control.title, control.framework, control.version, meaning.why),
            None => format!("{}: no published id found: {}", control.framework, meaning.why),
        };
        self.screen.wrap(&text, "  ")
    }

    fn checks_for(&self, id: &str) -> Vec<String> {
        let bears = |rule: &&CheckRule| {
            let controls = self.controls.resolve(&rule.controls);
            controls.iter().any(|control| {
                control.requested_label.eq_ignore_ascii_case(id)
                    || control.published_id.as_deref().is_some_and(|published| published.eq_ignore_ascii_case(id))
            })
        };
        let names: Vec<String> = self.checks.iter().filter(bears).map(|rule| format!("  {}", rule.id)).collect();
        if names.is_empty() { vec!["  none".to_owned()] } else { names }
    }

    fn section(&self, heading: &str, body: Vec<String>, lines: &mut Vec<String>) {
        if !body.is_empty() {
            lines.extend([String::new(), self.screen.paint().bold(heading)]);
            lines.extend(body);
        }
    }

    fn unknown(&self, id: &str) -> String {
        let checks = self.checks.iter().map(|rule| rule.id.as_str());
        let secrets = self.secrets.iter().map(|rule| rule.id.as_str());
        let importers: Vec<&str> = self.formats.iter().map(Importer::id).collect();
        let published = self.controls.citations().filter_map(|cite| cite.rsplit('/').next());
        let all: Vec<&str> = checks.chain(secrets).chain(importers).chain(published).collect();
        let nearest = near(id, &all);
        let hint = if nearest.is_empty() { String::new() } else { format!("; nearest: {}", nearest.join(", ")) };
        format!("nothing is called `{id}`{hint} (overstay rules list shows all)")
    }
}

/// Up to three ids that are most like `id`.
fn near<'a>(id: &str, all: &[&'a str]) -> Vec<&'a str> {
    let mut left = all.to_vec();
    let mut found = Vec::new();
    while found.len() < 3
        && let Some(best) = nearest(id, left.iter().copied())
    {
        left.retain(|name| *name != best);
        found.push(best);
    }
    found
}

/// Whether a citation such as `owasp-nhi/NHI7:2025` names this published id.
fn names(cite: &str, id: &str) -> bool {
    cite.eq_ignore_ascii_case(id) || cite.split_once('/').is_some_and(|(_, own)| own.eq_ignore_ascii_case(id))
}

fn lifetime(rule: &SecretRule) -> String {
    let class = match rule.standing {
        StandingClass::Standing => "standing: works until somebody revokes it",
        StandingClass::Ephemeral => "ephemeral: ends by itself soon after issue",
        StandingClass::Depends => "depends on how it was issued",
    };
    let basis = match rule.lifetime_basis {
        Basis::Documented => "documented by the provider",
        Basis::Assumed => "assumed from practice",
        Basis::Unknown => "not known",
    };
    let most = rule.max_lifetime.as_deref().map(|most| format!(", at most {most}")).unwrap_or_default();
    format!("{class}; by default {}{most} ({basis})", rule.default_lifetime)
}
