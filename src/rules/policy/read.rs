//! The form of a policy file, and how two of them become one policy.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, civil};
use serde::Deserialize;

use crate::model::{Proof, Severity};
use crate::rules::check::CheckRules;
use crate::rules::embedded;
use crate::rules::nearest::suggestion;
use crate::yaml;

use super::{BreakGlass, Class, Error, Globs, Jit, Persona, Policy, Serves, Subnet, exception};

const DEFAULT: &str = "rules/policy/default.yaml";
/// The order in which the default classes claim a credential; an organisation's own classes come first.
const ORDER: [&str; 5] = ["ci", "batch", "agent", "svid", "human"];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    as_of: Option<String>,
    #[serde(rename = "key-file")]
    key: Option<String>,
    fail_on: Option<String>,
    persona: Option<String>,
    thresholds: BTreeMap<String, BTreeMap<String, u64>>,
    known_accounts: Vec<String>,
    jit: JitFile,
    break_glass: BreakGlassFile,
    people: BTreeMap<String, BTreeSet<String>>,
    networks: NetworksFile,
    ignore: Vec<String>,
    classes: BTreeMap<String, ClassFile>,
    skip_checks: Vec<String>,
    mappings: Vec<String>,
    exceptions: Vec<exception::Written>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct JitFile {
    roles: Vec<String>,
    mounts: Vec<String>,
    serves: Vec<ServesFile>,
    brokers: Vec<String>,
    approved: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct BreakGlassFile {
    identities: Vec<String>,
    roles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ServesFile {
    by: String,
    actions: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct NetworksFile {
    ignore: Vec<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct ClassFile {
    ceiling: Option<String>,
    roles: Option<Vec<String>>,
    mounts: Option<Vec<String>>,
    subjects: Option<Vec<String>>,
    proofs: Option<Vec<Proof>>,
}

/// Reads the defaults and lays `own` over them.
pub(super) fn policy(own: Option<(&str, &str)>, rules: &CheckRules) -> Result<Policy, Error> {
    let text = embedded::yaml(DEFAULT).next().map_or("", |(_, text)| text);
    let base: File = yaml::parse(DEFAULT, text)?;
    let Some((name, text)) = own else { return Reader { file: DEFAULT, rules }.build(base) };
    let mut file = if is_blank(text) { File::default() } else { yaml::parse(name, text)? };
    file.fail_on = file.fail_on.or(base.fail_on);
    for (class, defaults) in base.classes {
        let given = file.classes.remove(&class).unwrap_or_default();
        file.classes.insert(class, overlay(given, defaults));
    }
    Reader { file: name, rules }.build(file)
}

/// A file of comments only is an empty policy and not a null.
fn is_blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
}

fn overlay(given: ClassFile, defaults: ClassFile) -> ClassFile {
    ClassFile {
        ceiling: given.ceiling.or(defaults.ceiling),
        roles: given.roles.or(defaults.roles),
        mounts: given.mounts.or(defaults.mounts),
        subjects: given.subjects.or(defaults.subjects),
        proofs: given.proofs.or(defaults.proofs),
    }
}

struct Reader<'a> {
    file: &'a str,
    rules: &'a CheckRules,
}

impl Reader<'_> {
    fn build(&self, file: File) -> Result<Policy, Error> {
        let skip_checks = self.skipped(file.skip_checks)?;
        self.check_thresholds(&file.thresholds)?;
        Ok(Policy {
            as_of: file.as_of.map(|text| self.time(&text)).transpose()?,
            key_file: file.key.map(Into::into),
            fail_on: self.severity(file.fail_on.as_deref().unwrap_or("high"))?,
            persona: self.persona(file.persona.as_deref())?,
            thresholds: file.thresholds,
            known_accounts: file.known_accounts.into_iter().collect(),
            jit: self.jit(file.jit)?,
            break_glass: BreakGlass {
                identities: self.globs("break-glass.identities", file.break_glass.identities)?,
                roles: self.globs("break-glass.roles", file.break_glass.roles)?,
            },
            people: file.people,
            ignored_networks: self.subnets(&file.networks.ignore)?,
            ignore: self.globs("ignore", file.ignore)?.texts,
            classes: self.classes(file.classes)?,
            skip_checks,
            mappings: file.mappings.into_iter().map(Into::into).collect(),
            exceptions: exception::Exceptions::read(self.file, file.exceptions),
        })
    }

    fn persona(&self, given: Option<&str>) -> Result<Persona, Error> {
        let Some(given) = given else { return Ok(Persona::default()) };
        let found = Persona::ALL.into_iter().find(|persona| persona.name() == given);
        found.ok_or_else(|| self.unknown("persona", "persona", given, Persona::ALL.map(Persona::name).to_vec()))
    }

    fn skipped(&self, given: Vec<String>) -> Result<BTreeSet<String>, Error> {
        for id in &given {
            self.known_check("skip-checks", id)?;
        }
        let skipped: BTreeSet<String> = given.into_iter().collect();
        if self.rules.iter().all(|rule| skipped.contains(&rule.id)) {
            return Err(Error::NothingToCheck(self.file.to_owned()));
        }
        Ok(skipped)
    }

    fn check_thresholds(&self, thresholds: &BTreeMap<String, BTreeMap<String, u64>>) -> Result<(), Error> {
        for (check, parameters) in thresholds {
            self.known_check("thresholds", check)?;
            let rule = self.rules.iter().find(|rule| rule.id == *check);
            let known: Vec<&str> =
                rule.into_iter().flat_map(|rule| &rule.parameters).map(|p| p.name.as_str()).collect();
            if let Some(given) = parameters.keys().find(|name| !known.contains(&name.as_str())) {
                return Err(self.unknown(&format!("thresholds.{check}"), "parameter", given, known));
            }
        }
        Ok(())
    }

    fn known_check(&self, key: &str, id: &str) -> Result<(), Error> {
        let mut known = self.rules.iter().map(|rule| rule.id.as_str());
        if known.any(|rule| rule == id) {
            return Ok(());
        }
        Err(self.unknown(key, "check", id, self.rules.iter().map(|rule| rule.id.as_str()).collect()))
    }

    fn unknown(&self, key: &str, what: &'static str, given: &str, known: Vec<&str>) -> Error {
        let suggestion = suggestion(given, known);
        Error::Unknown {
            file: self.file.to_owned(),
            key: key.to_owned(),
            what,
            given: yaml::shown(given).to_owned(),
            suggestion,
        }
    }

    fn value(&self, key: &str, expected: &'static str) -> Error {
        Error::Value { file: self.file.to_owned(), key: key.to_owned(), expected }
    }

    fn time(&self, text: &str) -> Result<Timestamp, Error> {
        let day = || text.parse::<civil::Date>().ok()?.at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok();
        let time = text.parse().ok().or_else(|| day().map(|zoned| zoned.timestamp()));
        time.ok_or_else(|| self.value("as-of", "a time such as 2026-01-31T00:00:00Z, or a day such as 2026-01-31"))
    }

    fn severity(&self, text: &str) -> Result<Severity, Error> {
        let found = Severity::ALL.into_iter().find(|severity| severity.name() == text);
        let known = Severity::ALL.map(Severity::name).to_vec();
        found.ok_or_else(|| self.unknown("fail-on", "severity", text, known))
    }

    fn globs(&self, key: &str, texts: Vec<String>) -> Result<Globs, Error> {
        Globs::new(texts).map_err(|_| self.value(key, "globs such as arn:aws:iam::*:role/*-jit"))
    }

    /// Mounts are prefixes: `aws/creds/` stands for everything below it.
    fn mounts(&self, key: &str, texts: Vec<String>) -> Result<Globs, Error> {
        let below = |text: String| if text.contains('*') { text } else { format!("{text}*") };
        self.globs(key, texts.into_iter().map(below).collect())
    }

    fn jit(&self, file: JitFile) -> Result<Jit, Error> {
        let serves = file.serves.into_iter().map(|entry| {
            let by = if entry.by.starts_with("arn:") {
                self.globs("jit.serves.by", vec![entry.by])
            } else {
                self.mounts("jit.serves.by", vec![entry.by])
            };
            Ok(Serves { by: by?, actions: self.globs("jit.serves.actions", entry.actions)? })
        });
        Ok(Jit {
            serves: serves.collect::<Result<_, Error>>()?,
            roles: self.globs("jit.roles", file.roles)?,
            mounts: self.mounts("jit.mounts", file.mounts)?,
            brokers: self.globs("jit.brokers", file.brokers)?,
            approved: self.globs("jit.approved", file.approved)?,
        })
    }

    fn subnets(&self, texts: &[String]) -> Result<Vec<Subnet>, Error> {
        let subnet = |text: &String| {
            Subnet::parse(text).ok_or_else(|| self.value("networks.ignore", "networks such as 198.51.100.0/24"))
        };
        texts.iter().map(subnet).collect()
    }

    fn classes(&self, files: BTreeMap<String, ClassFile>) -> Result<Vec<Class>, Error> {
        let mut classes =
            files.into_iter().map(|(name, file)| self.class(name, file)).collect::<Result<Vec<_>, _>>()?;
        let place = |class: &Class| ORDER.iter().position(|name| *name == class.name).map_or(0, |place| place + 1);
        classes.sort_by_key(place);
        Ok(classes)
    }

    fn class(&self, name: String, file: ClassFile) -> Result<Class, Error> {
        let key = |field: &str| format!("classes.{name}.{field}");
        let ceiling = file.ceiling.as_deref().and_then(|text| text.parse::<SignedDuration>().ok());
        let positive = ceiling.filter(SignedDuration::is_positive);
        Ok(Class {
            ceiling: positive.ok_or_else(|| self.value(&key("ceiling"), "a duration such as 1h or 30m"))?,
            roles: self.globs(&key("roles"), file.roles.unwrap_or_default())?,
            mounts: self.mounts(&key("mounts"), file.mounts.unwrap_or_default())?,
            subjects: self.globs(&key("subjects"), file.subjects.unwrap_or_default())?,
            proofs: file.proofs.unwrap_or_default(),
            name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::control::Controls;

    fn parse(text: &str) -> Result<Policy, Error> {
        let rules = CheckRules::embedded(&Controls::embedded().unwrap()).unwrap();
        Policy::parse("overstay.yaml", text, &rules)
    }

    fn refusal(text: &str) -> String {
        parse(text).expect_err("refused").to_string()
    }

    #[test]
    fn a_file_extends_the_defaults() {
        let policy = parse("classes:\n  ci:\n    ceiling: 30m\n").unwrap();
        let ci = policy.classes.iter().find(|class| class.name == "ci").unwrap();
        assert_eq!(ci.ceiling, SignedDuration::from_mins(30));
        assert!(ci.claims(None, Some("repo:acme/x:ref:refs/heads/main"), Proof::Oidc).is_some());
        assert_eq!(policy.fail_on, Severity::High);
        assert!(policy.classes.iter().any(|class| class.name == "human"));
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(parse("# nothing\n").unwrap().classes.len(), ORDER.len());
    }

    #[test]
    fn an_unknown_key_names_the_nearest_one() {
        assert!(refusal("fail_on: high\n").contains("did you mean `fail-on`"), "{}", refusal("fail_on: high\n"));
        let nested = refusal("jit:\n  role: []\n");
        assert!(nested.contains("did you mean `roles`"), "{nested}");
    }

    #[test]
    fn an_unknown_check_or_parameter_names_the_nearest_one() {
        let check = refusal("thresholds:\n  idle-credentials: {medium: 1}\n");
        assert!(check.contains("did you mean `idle-credential`"), "{check}");
        let parameter = refusal("thresholds:\n  idle-credential: {medium-day: 1}\n");
        assert!(parameter.contains("did you mean `medium-days`"), "{parameter}");
    }

    #[test]
    fn a_bad_value_says_what_is_expected() {
        assert!(refusal("as-of: yesterday\n").contains("a time such as"));
        assert!(refusal("fail-on: hihg\n").contains("did you mean `high`"));
        assert!(refusal("networks:\n  ignore: [office]\n").contains("networks such as"));
        assert!(refusal("classes:\n  ci: {ceiling: soon}\n").contains("a duration such as"));
        assert!(refusal("jit:\n  roles: ['a[']\n").contains("globs such as"));
    }

    #[test]
    fn skipping_every_check_is_an_error() {
        let rules = CheckRules::embedded(&Controls::embedded().unwrap()).unwrap();
        let all: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let message = refusal(&format!("skip-checks: [{}]\n", all.join(", ")));
        assert!(message.contains("no check to run"), "{message}");
    }

    #[test]
    fn a_day_is_a_time() {
        assert_eq!(parse("as-of: 2026-01-31\n").unwrap().as_of, Some("2026-01-31T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn a_mount_stands_for_everything_below_it() {
        let policy = parse("jit:\n  mounts: [aws/creds/]\n").unwrap();
        assert!(policy.jit.mounts.matches("aws/creds/deploy"));
        assert!(!policy.jit.mounts.matches("kv/data/x"));
    }
}
