//! Exceptions: what an organisation lives with for a time, who answers for it, and until when.
//!
//! An exception that is not complete hides nothing, and that is said. It is no error of the policy: a slip in one
//! exception must not keep a hook from running.

use jiff::civil::Date;
use serde::Deserialize;

use crate::model;

use super::Globs;

/// An exception as it is written in a policy.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Written {
    rule: Option<String>,
    check: Option<String>,
    path: Option<String>,
    subject: Option<String>,
    finding: Option<String>,
    owner: Option<String>,
    requester: Option<String>,
    approver: Option<String>,
    reason: Option<String>,
    expires: Option<String>,
}

/// The exceptions of a policy.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// Those that are complete.
    pub complete: Vec<Exception>,
    /// What is wrong with the others, one sentence each.
    pub faults: Vec<String>,
}

/// What an exception speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Credentials in code that this secret rule found, and no other finding about them.
    Rule(String),
    /// Findings of this check.
    Check(String),
}

/// One complete exception.
#[derive(Clone, Debug)]
pub struct Exception {
    /// What it speaks of.
    pub target: Target,
    /// Places in code, where it is limited to some.
    pub path: Option<Globs>,
    /// The public id of the subject, where it is limited to one.
    pub subject: Option<String>,
    /// The id of the finding or its beginning, where it is limited to one.
    pub finding: Option<String>,
    /// The exception as reports show it.
    pub shown: model::Exception,
}

/// The shortest beginning of a finding's id that may stand for it.
const LEAST_ID: usize = 12;

impl Target {
    /// The id of the rule or check.
    pub fn id(&self) -> &str {
        match self {
            Self::Rule(id) | Self::Check(id) => id,
        }
    }
}

impl Exceptions {
    /// Sorts the complete from the incomplete ones. `file` names the policy.
    pub(super) fn read(file: &str, written: Vec<Written>) -> Self {
        let mut exceptions = Self::default();
        for (number, written) in written.into_iter().enumerate() {
            let at = format!("{file} exceptions[{number}]");
            match written.complete(&at) {
                Ok(exception) => exceptions.complete.push(exception),
                Err(why) => exceptions.faults.push(format!("{at}: {why}; it hides nothing")),
            }
        }
        exceptions
    }
}

impl Written {
    fn complete(self, at: &str) -> Result<Exception, String> {
        let target = match (self.rule, self.check) {
            (Some(rule), None) => Target::Rule(rule),
            (None, Some(check)) => Target::Check(check),
            _ => return Err("it must name either a rule or a check".to_owned()),
        };
        let missing: Vec<&str> = [
            ("owner", &self.owner),
            ("requester", &self.requester),
            ("approver", &self.approver),
            ("reason", &self.reason),
            ("expires", &self.expires),
        ]
        .into_iter()
        .filter(|(_, value)| value.as_ref().is_none_or(|value| value.trim().is_empty()))
        .map(|(name, _)| name)
        .collect();
        if !missing.is_empty() {
            return Err(format!("no {}", missing.join(", no ")));
        }
        let person = |name: &Option<String>| name.as_deref().unwrap_or_default().trim().to_lowercase();
        if [&self.owner, &self.requester].into_iter().any(|other| person(other) == person(&self.approver)) {
            return Err("the approver is the owner or the requester".to_owned());
        }
        let expires = day(self.expires.as_deref().unwrap_or_default())?;
        let finding = self.finding.map(|id| id.to_ascii_lowercase());
        if finding.as_ref().is_some_and(|id| id.len() < LEAST_ID || !id.bytes().all(|digit| digit.is_ascii_hexdigit()))
        {
            return Err(format!("finding takes the id of a finding or its first {LEAST_ID} digits or more"));
        }
        let covers = [("path", &self.path), ("subject", &self.subject), ("finding", &finding)];
        let covers: Vec<String> =
            covers.into_iter().filter_map(|(name, value)| Some(format!("{name} {}", value.as_ref()?))).collect();
        if covers.is_empty() {
            return Err("no path, subject or finding that it is limited to".to_owned());
        }
        let path = self.path.map(|glob| Globs::new(vec![glob])).transpose();
        let shown = model::Exception {
            target: target.id().to_owned(),
            covers: covers.join(", "),
            written: model::Written::Policy,
            at: at.to_owned(),
            owner: self.owner.unwrap_or_default(),
            requester: self.requester,
            approver: self.approver,
            reason: self.reason.unwrap_or_default(),
            expires,
        };
        let path = path.map_err(|_| "path takes a glob such as deploy/**".to_owned())?;
        Ok(Exception { target, path, subject: self.subject, finding, shown })
    }
}

/// A day as exceptions write it.
///
/// Errors: what would be right.
pub fn day(text: &str) -> Result<Date, String> {
    text.trim().parse().map_err(|_| "the day on which it expires is none; write 2026-12-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: [(&str, &str); 7] = [
        ("rule", "aws-access-key-id"),
        ("path", "tests/**"),
        ("owner", "ann"),
        ("requester", "bob"),
        ("approver", "cid"),
        ("reason", "a test account"),
        ("expires", "2026-12-31"),
    ];

    fn read(changes: &[(&str, Option<&str>)]) -> Exceptions {
        let mut fields: std::collections::BTreeMap<&str, &str> = WHOLE.into();
        for (name, value) in changes {
            match value {
                Some(value) => fields.insert(name, value),
                None => fields.remove(name),
            };
        }
        let lines = fields.iter().map(|(name, value)| format!("{name}: '{value}'\n"));
        let written = crate::yaml::parse("overstay.yaml", &lines.collect::<String>()).unwrap();
        Exceptions::read("overstay.yaml", vec![written])
    }

    fn fault(changes: &[(&str, Option<&str>)]) -> String {
        let Exceptions { complete, faults } = read(changes);
        assert!(complete.is_empty(), "{complete:?}");
        faults.concat()
    }

    #[test]
    fn a_complete_exception_is_in_force() {
        let exceptions = read(&[]);
        assert!(exceptions.faults.is_empty(), "{:?}", exceptions.faults);
        let shown = &exceptions.complete[0].shown;
        assert_eq!((shown.covers.as_str(), shown.at.as_str()), ("path tests/**", "overstay.yaml exceptions[0]"));
    }

    #[test]
    fn each_missing_field_is_named() {
        for field in ["owner", "requester", "approver", "reason", "expires"] {
            assert!(fault(&[(field, None)]).contains(&format!("no {field}; it hides nothing")), "{field}");
            assert!(fault(&[(field, Some(" "))]).contains(&format!("no {field}")), "{field}");
        }
        assert!(fault(&[("path", None)]).contains("no path, subject or finding"));
        assert!(fault(&[("rule", None)]).contains("either a rule or a check"));
        assert!(fault(&[("check", Some("idle-credential"))]).contains("either a rule or a check"));
    }

    #[test]
    fn nobody_approves_his_own_exception() {
        for field in ["owner", "requester"] {
            assert!(fault(&[(field, Some("Cid "))]).contains("the approver is"), "{field}");
        }
    }

    #[test]
    fn a_day_that_is_none_and_a_glob_that_is_none_hide_nothing() {
        for day in ["soon", "2026-02-30", "31.12.2026", "2026-12"] {
            assert!(fault(&[("expires", Some(day))]).contains("write 2026-12-31"), "{day}");
        }
        assert!(fault(&[("path", Some("a["))]).contains("glob"));
        assert!(fault(&[("finding", Some("abc"))]).contains("12 digits"));
    }
}
