//! What a check may look at.

use jiff::SignedDuration;

use crate::ledger::Ledger;
use crate::model::{CredentialId, Fingerprint, FingerprintKey};
use crate::rules::check::{CheckRule, Unit};
use crate::rules::policy::Policy;

use super::Shared;

/// The ledger, the check's own rule, and what the organisation decided.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// All facts, joined.
    pub ledger: &'a Ledger,
    /// The check as `rules/checks` describes it.
    pub rule: &'a CheckRule,
    /// What the organisation decided.
    pub policy: &'a Policy,
    /// The ledger from the sides that several checks ask about.
    pub shared: &'a Shared<'a>,
    /// The key of the fingerprints.
    pub key: &'a FingerprintKey,
}

impl Context<'_> {
    /// The threshold in force: the policy's, or the rule's default. A name that the rule does not list counts as 0;
    /// a test compares the names in the code with those in the rules.
    pub fn parameter(&self, name: &str) -> u64 {
        let default = self.rule.parameter(name).map_or(0, |parameter| parameter.default);
        self.policy.threshold(&self.rule.id, name).unwrap_or(default)
    }

    /// A threshold that is a length of time.
    pub fn span(&self, name: &str) -> SignedDuration {
        let seconds = match self.rule.parameter(name).map(|parameter| parameter.unit) {
            Some(Unit::Days) => 24 * 3600,
            Some(Unit::Hours) => 3600,
            Some(Unit::Minutes) => 60,
            _ => 1,
        };
        let value = i64::try_from(self.parameter(name)).unwrap_or(i64::MAX);
        SignedDuration::from_secs(value.saturating_mul(seconds))
    }

    /// The threshold in words: `30 days`.
    pub fn limit(&self, name: &str) -> String {
        let value = self.parameter(name);
        self.rule.parameter(name).map_or_else(|| value.to_string(), |parameter| parameter.unit.say(value))
    }

    /// The stable id of a finding about a credential.
    pub fn credential_id(&self, id: &CredentialId, place: &str) -> Fingerprint {
        match id {
            CredentialId::Fingerprint { fingerprint } => self.id(&fingerprint.to_string(), place),
            known => self.id(&known.to_string(), place),
        }
    }

    /// The stable id of a finding: check, subject, and the logical place where one subject can have several.
    pub fn id(&self, subject: &str, place: &str) -> Fingerprint {
        let text = [self.rule.id.as_str(), subject, place].join("\0");
        self.key.fingerprint("finding", text.as_bytes())
    }
}
