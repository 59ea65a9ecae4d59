//! What a credential tells about itself, offline: one file per kind. Nothing read here is a part of the secret.

mod aws;
mod azure;
mod base64_json;
mod beside;
mod certificate;
mod checksum;
mod form;
mod gcp;
mod gitlab;
mod jfrog;
mod jwt;
mod login;
mod nats;
mod presigned;
mod private_key;
mod pypi;

use std::ops::Range;

use jiff::Timestamp;

use crate::model::{Confidence, Expiry, Readout, StandingClass};
use crate::rules::secret::Decode;

/// No readout is longer than this, in characters.
const LONGEST_READOUT: usize = 200;

/// What was read off one credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Facts, in the order they were read.
    pub readouts: Vec<Readout>,
    /// When it was issued.
    pub created: Option<Timestamp>,
    /// When it ends, where the credential itself says so.
    pub expiry: Option<Expiry>,
    /// Whether it ends by itself, where that is known better than from the type.
    pub standing: Option<StandingClass>,
    /// How sure the match is, with the doubt, where something confirms or contradicts it.
    pub confidence: Option<(Confidence, Box<str>)>,
}

impl Reading {
    /// Notes a fact: one line, of bounded length, without control characters.
    pub(super) fn tell(&mut self, name: &str, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).take(LONGEST_READOUT).collect();
        if !value.is_empty() {
            self.readouts.push(Readout { name: name.into(), value: value.into() });
        }
    }

    fn confirmed(&mut self) {
        self.confidence = Some((Confidence::High, "".into()));
    }

    fn doubted(&mut self, doubt: &str) {
        self.confidence = Some((Confidence::Low, doubt.into()));
    }

    /// Takes over a judge's grade where nothing that was read decides.
    pub(super) fn doubt(&mut self, grade: Option<(Confidence, &'static str)>) {
        if self.confidence.is_none() {
            self.confidence = grade.map(|(confidence, doubt)| (confidence, doubt.into()));
        }
    }

    fn expires(&mut self, at: Timestamp) {
        self.expiry = Some(Expiry::At(at));
        self.tell("expires", &at.to_string());
    }

    fn issued(&mut self, at: Timestamp) {
        self.created = Some(at);
        self.tell("created", &at.to_string());
    }
}

/// Where a secret lies.
pub struct Surroundings<'a> {
    /// The whole text.
    pub text: &'a [u8],
    /// What the pattern matched.
    pub whole: Range<usize>,
    /// The secret.
    pub range: Range<usize>,
}

impl<'a> Surroundings<'a> {
    /// All that the pattern matched.
    fn matched(&self) -> &'a [u8] {
        self.text.get(self.whole.clone()).unwrap_or_default()
    }

    /// Up to `most` bytes before and after the match.
    fn beside(&self, most: usize) -> (&'a [u8], &'a [u8]) {
        let before = self.text.get(self.whole.start.saturating_sub(most)..self.whole.start);
        let after = self.text.get(self.whole.end..self.whole.end.saturating_add(most).min(self.text.len()));
        (before.unwrap_or_default(), after.unwrap_or_default())
    }
}

/// Reads what `decode` says can be read.
pub fn read(decode: Decode, secret: &str, around: &Surroundings<'_>) -> Reading {
    match decode {
        Decode::None => Reading::default(),
        Decode::AwsKeyId => aws::key_id(secret),
        Decode::AwsBedrockKey => aws::bedrock_key(secret),
        Decode::GithubCrc32 => checksum::github(secret),
        Decode::NpmCrc32 => checksum::npm(secret),
        Decode::VercelCrc32 => checksum::vercel(secret),
        Decode::AtlassianCrc32 => checksum::atlassian(secret),
        Decode::ZuploCrc32 => checksum::zuplo(secret),
        Decode::MatrixCrc32 => checksum::matrix(secret),
        Decode::NetbirdCrc32 => checksum::netbird(secret),
        Decode::GitlabRoutable => gitlab::routable(secret),
        Decode::PypiMacaroon => pypi::macaroon(secret),
        Decode::NatsNkey => nats::seed(secret),
        Decode::KeyMode => form::mode(secret),
        Decode::Jwt => jwt::read(secret),
        Decode::GithubStateless => jwt::github(secret),
        Decode::PresignedUrl => presigned::read(around.matched()),
        Decode::AzureAnnotatedKey => azure::annotated_key(secret),
        Decode::AtlassianDataCenter => form::atlassian_data_center(secret),
        Decode::ElasticApiKey => form::elastic_api_key(secret),
        Decode::AzureSas => azure::shared_access_signature(around.matched()),
        Decode::GcpServiceAccount => gcp::service_account(secret, around),
        Decode::PrivateKey => private_key::read(secret, around),
        Decode::KubeconfigKey => certificate::kubeconfig(secret, around),
        Decode::Base64Json => base64_json::read(secret),
        Decode::Beside => beside::read(secret, around),
        Decode::BasicLogin => login::basic(secret),
        Decode::PasswordHash => login::hash(secret),
        Decode::JfrogReference => jfrog::reference(secret),
    }
}

/// The system in which the matched text is itself the public id of the credential, not its secret.
pub fn public_system(decode: Decode) -> Option<&'static str> {
    (decode == Decode::AwsKeyId).then_some("aws")
}

/// Whether anybody can make such a credential, as they do for tests: keys and tokens that they sign themselves.
pub fn is_self_made(decode: Decode) -> bool {
    matches!(decode, Decode::Jwt | Decode::PrivateKey | Decode::KubeconfigKey)
}

/// A time in seconds since 1970, where it lies between 2000 and 2200; other numbers are no times.
fn timestamp(seconds: i64) -> Option<Timestamp> {
    (946_684_800..7_258_118_400).contains(&seconds).then(|| Timestamp::from_second(seconds).ok()).flatten()
}
