//! Secret rules: what a credential looks like in text, how long it lives, and what can be read off it without asking
//! anybody. Severity is not here: the checks own it.

mod assignment;
pub mod reach;
pub mod sample;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::embedded;
use crate::model::StandingClass;
use crate::yaml;

/// Why a rule set cannot be used. Each message names the file and the rule.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The YAML does not parse, or a key is unknown or missing.
    #[error(transparent)]
    Yaml(#[from] yaml::Error),
    /// The rules inside the binary do not parse.
    #[error("the rules in this binary are broken: {0}")]
    Embedded(#[from] serde_json::Error),
    /// A rule contradicts itself or lacks something.
    #[error("{file}: rule `{rule}`: {flaw}")]
    Rule {
        /// The file as the user would name it.
        file: String,
        /// The rule's id.
        rule: String,
        /// What is wrong and what was expected.
        flaw: String,
    },
    /// There is no rule at all, so that nothing could ever be found.
    #[error("the rule set holds no secret rule: a scan with it would find nothing and look clean")]
    Empty,
}

/// Whether keywords are looked for as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Case {
    /// As written.
    #[default]
    Sensitive,
    /// ASCII letters in either case. The pattern has to say `(?i)` itself.
    Insensitive,
}

/// Which rule keeps a place that several rules claim: the narrowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breadth {
    /// One credential type of one provider.
    #[default]
    Narrow,
    /// A format that many issuers share: a JWT, a PEM block, a connection URL.
    Format,
    /// A value without a form of its own, assigned to a name that tells its provider.
    Named,
    /// Anything that is assigned to a telling name.
    Generic,
}

/// On what the default lifetime rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The provider's documentation says so.
    Documented,
    /// Known from practice, not found in documentation.
    Assumed,
    /// Nobody knows.
    Unknown,
}

/// What can be read off the credential itself, offline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decode {
    /// Nothing beyond its form.
    #[default]
    None,
    /// The account id inside an AWS access key id.
    AwsKeyId,
    /// Account and user name inside a long-term Amazon Bedrock key.
    AwsBedrockKey,
    /// The CRC-32 at the end of GitHub's tokens.
    GithubCrc32,
    /// The CRC-32 at the end of npm's tokens.
    NpmCrc32,
    /// The CRC-32 at the end of Vercel's tokens.
    VercelCrc32,
    /// The CRC-32 at the end of Atlassian's API tokens.
    AtlassianCrc32,
    /// The CRC-32 at the end of Zuplo's consumer keys.
    ZuploCrc32,
    /// The CRC-32 at the end of Synapse's access tokens, and the user's name in them.
    MatrixCrc32,
    /// The CRC-32 at the end of NetBird's tokens.
    NetbirdCrc32,
    /// The CRC-32 and the owner inside GitLab's routable tokens.
    GitlabRoutable,
    /// Index, id, scope and end of a PyPI token.
    PypiMacaroon,
    /// The CRC-16 and the role inside a NATS nkey seed.
    NatsNkey,
    /// Whether a key is for live or for test mode.
    KeyMode,
    /// The claims of a JSON web token.
    Jwt,
    /// The app and the claims of a stateless GitHub installation token.
    GithubStateless,
    /// Start, end, account and service of a presigned URL.
    PresignedUrl,
    /// Month of issue and service inside an Azure key of the common annotated form.
    AzureAnnotatedKey,
    /// The token id inside a Jira or Confluence Data Center token.
    AtlassianDataCenter,
    /// The key id inside an Elasticsearch API key.
    ElasticApiKey,
    /// The parameters of an Azure shared access signature.
    AzureSas,
    /// The other fields of a Google service-account key file.
    GcpServiceAccount,
    /// Passphrase, key type and a certificate that lies beside.
    PrivateKey,
    /// The client certificate beside a key in a kubeconfig.
    KubeconfigKey,
    /// The JSON object inside a token that is prefix and base64.
    Base64Json,
    /// The client id or the user name on a line beside it.
    Beside,
    /// The user name in base 64 of `user:password`.
    BasicLogin,
    /// The scheme of a password's hash.
    PasswordHash,
    /// The expiry inside a JFrog reference token.
    JfrogReference,
}

/// How a log names a credential whose value it must not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoggedAs {
    /// The field `hashed_token` of GitHub's audit log.
    GithubHashedToken,
}

/// One secret rule, as its YAML file states it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SecretRule {
    /// Kebab-case and unique.
    pub id: String,
    /// The name for people.
    pub title: String,
    /// Who issues it.
    pub provider: String,
    /// A regular expression over bytes with a group `secret`, and optionally a group `id` for the public id beside it.
    /// Made from `assigned_to` and `value` where the rule states these instead.
    #[serde(default)]
    pub pattern: String,
    /// A regular expression for the name, in any case, that the value is assigned to.
    #[serde(default)]
    pub assigned_to: Option<String>,
    /// A regular expression for the value that is assigned.
    #[serde(default)]
    pub value: Option<String>,
    /// Literals of which each match contains at least one.
    pub keywords: Vec<String>,
    /// Whether the keywords' case matters.
    #[serde(default)]
    pub case: Case,
    /// How far from its keyword, in bytes, a pattern without a bound of its own may reach.
    #[serde(default)]
    pub reach: Option<usize>,
    /// Who wins where rules overlap: as stated, else `named` for a rule with a name, else `narrow`.
    #[serde(skip)]
    pub breadth: Breadth,
    /// What the file states.
    #[serde(default, rename = "breadth")]
    stated_breadth: Option<Breadth>,
    /// The system that issues the public id in the group `id`.
    #[serde(default)]
    pub id_system: Option<String>,
    /// Rules whose match nearby is the public id of this secret.
    #[serde(default)]
    pub pair: Vec<String>,
    /// The name that a log gives to credentials of the type.
    #[serde(default)]
    pub logged_as: Option<LoggedAs>,
    /// Whether credentials of the type end by themselves.
    pub standing: StandingClass,
    /// How long it lives if nobody chose otherwise: `never`, or words.
    pub default_lifetime: String,
    /// The longest life that the provider allows, in words, where it is documented.
    #[serde(default)]
    pub max_lifetime: Option<String>,
    /// On what that rests.
    pub lifetime_basis: Basis,
    /// What can be read offline.
    #[serde(default)]
    pub decode: Decode,
    /// What the form alone tells, as readouts: `mode: live`.
    #[serde(default)]
    pub tells: BTreeMap<String, String>,
    /// Fewest bits of Shannon entropy per byte; below it a match is set aside as `low-entropy`.
    #[serde(default)]
    pub min_entropy: Option<f64>,
    /// What to use instead, and how to get rid of it.
    pub fix: String,
    /// Texts with the secret between « and », each of which the rule must find.
    pub examples: Vec<String>,
    /// Near misses that the rule must not report.
    pub counter_examples: Vec<String>,
    /// Values printed in documentation: recognised, counted and set aside. A leading `*` stands for any beginning.
    #[serde(default)]
    pub documentation_values: Vec<String>,
    /// Where the form and the lifetime are documented.
    pub references: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rules: Vec<SecretRule>,
}

/// A checked rule set, in order of the ids.
#[derive(Clone, Debug)]
pub struct SecretRules {
    rules: Vec<Arc<SecretRule>>,
}

impl SecretRules {
    /// The rules that travel inside the binary. They were proven when it was made: see [`SecretRules::proven`].
    pub fn embedded() -> Result<Self, Error> {
        let mut rules: Vec<SecretRule> = serde_json::from_str(embedded::SECRETS)?;
        for rule in &mut rules {
            rule.compose().map_err(|flaw| refusal("rules/secrets/", rule, flaw))?;
        }
        Self::sorted(rules)
    }

    /// The same rules, read from their YAML and with all their promises proven.
    pub fn proven() -> Result<Self, Error> {
        Self::parse(embedded::yaml("rules/secrets/"))
    }

    /// Rules from files, as name and text. Every flaw is an error that names the file and the rule.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut rules = Vec::new();
        let mut origins = Vec::new();
        for (name, text) in files {
            let mut file: File = yaml::parse(name, text)?;
            for rule in &mut file.rules {
                rule.compose().map_err(|flaw| refusal(name, rule, flaw))?;
            }
            origins.resize(rules.len() + file.rules.len(), name);
            rules.extend(file.rules);
        }
        check_all(&rules, &origins)?;
        Self::sorted(rules)
    }

    fn sorted(mut rules: Vec<SecretRule>) -> Result<Self, Error> {
        if rules.is_empty() {
            return Err(Error::Empty);
        }
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(Self { rules: rules.into_iter().map(Arc::new).collect() })
    }

    /// The rules, in order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &SecretRule> {
        self.shared().map(|rule| &**rule)
    }

    /// The same, to be kept without a copy.
    pub(crate) fn shared(&self) -> impl ExactSizeIterator<Item = &Arc<SecretRule>> {
        self.rules.iter()
    }

    /// The rule called `id`.
    pub fn find(&self, id: &str) -> Option<&SecretRule> {
        let index = self.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()?;
        self.rules.get(index).map(|rule| &**rule)
    }
}

fn check_all(rules: &[SecretRule], origins: &[&str]) -> Result<(), Error> {
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let mut seen = BTreeSet::new();
    for (rule, file) in rules.iter().zip(origins) {
        let refuse = |flaw: String| refusal(file, rule, flaw);
        if !seen.insert(rule.id.as_str()) {
            return Err(refuse("another rule has the same id".to_owned()));
        }
        if let Some(other) = rule.pair.iter().find(|other| !ids.contains(other.as_str())) {
            return Err(refuse(format!("`pair` names `{other}`, and no rule has that id")));
        }
        validate::rule(rule).map_err(refuse)?;
    }
    Ok(())
}

fn refusal(file: &str, rule: &SecretRule, flaw: String) -> Error {
    Error::Rule { file: file.to_owned(), rule: rule.id.clone(), flaw }
}

#[cfg(test)]
mod tests;
