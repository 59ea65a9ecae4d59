//! The engine: keywords, windows, patterns, overlaps, judgement.

use std::fmt;
use std::ops::Range;

use jiff::Timestamp;

use super::Error;
use super::compiled::{Compiled, Hit};
use super::decode::Left;
use super::evidence::{self, Reading, Surroundings};
use super::judge;
use super::pass::{Hits, Pass};
use super::place::Places;
use super::prefilter::Prefilter;
use super::resolve::resolve;
use super::trace::{Base, Trace};
use crate::model::{
    Confidence, Credential, CredentialId, Evidence, Expiry, Exposure, Fingerprint, FingerprintKey, Presence, Readout,
    Secret, StandingClass,
};
use crate::rules::secret::{Basis, Breadth, LoggedAs, SecretRule, SecretRules};
use crate::source::Copied;

/// At most so many matches of one text are kept; the others are counted.
pub const MOST_MATCHES: usize = 10_000;
/// Before overlaps are resolved a secret may be matched by several rules.
pub(super) const MOST_HITS: usize = 4 * MOST_MATCHES;
/// Fewer bytes beside the secrets could be guessed together with one.
const LITTLE: usize = 64;
/// A public id belongs to a secret that begins within so many bytes of it.
const PAIR_WITHIN: usize = 400;

/// All secret rules, ready to run. Shared between threads.
pub struct Engine {
    rules: Vec<Compiled>,
    prefilter: Prefilter,
    key: FingerprintKey,
}

/// One secret at one place.
#[derive(Clone, Debug)]
pub struct Match {
    /// The id of the rule that matched.
    pub rule: Box<str>,
    /// Line number from 1.
    pub line: u64,
    /// Column in characters from 1.
    pub column: u64,
    /// Why the match is counted and not reported, such as `documentation-key`; nothing where it is to be reported.
    pub set_aside: Option<&'static str>,
    /// How particular its form is.
    pub breadth: Breadth,
    /// Whether anybody can make such a value, with no provider to issue it.
    pub(super) is_self_made: bool,
    /// Byte range of the secret in the text.
    pub range: Range<usize>,
    /// How it is written where it is not plain: `base64 > gzip`, outermost first.
    pub encoded: Option<Box<str>>,
    index: usize,
    secret: Secret,
    id: Option<Issued>,
    reading: Reading,
}

impl Match {
    /// Whether both are the same secret of the same kind.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.index == other.index && self.secret == other.secret
    }
}

/// The public id of a secret.
#[derive(Clone, Debug)]
struct Issued {
    id: CredentialId,
    /// The rule that the id itself belongs to, where that is another one.
    rule: Option<usize>,
}

/// What a text holds.
#[derive(Debug, Default)]
pub struct Examined {
    /// The matches, in order of the text.
    pub matches: Vec<Match>,
    /// How many more there are than the limit allows to keep. Not zero means that the text was not fully examined.
    pub beyond_limit: u64,
    /// What was recognised as encoded and not decoded.
    pub left: Left,
    /// Whether the text is little more than the secrets in it, so that its digest would be a digest of theirs.
    pub little_else: bool,
}

impl Match {
    /// Whether a checksum in the value itself, or its inner structure, is right.
    pub(super) fn is_confirmed(&self) -> bool {
        matches!(self.reading.confidence, Some((Confidence::High, _)))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Makes the rules ready; patterns are compiled when they are first needed. Secrets without a public id are told
    /// apart by their fingerprint under `key`.
    pub fn new(rules: &SecretRules, key: &FingerprintKey) -> Result<Self, Error> {
        let all: Vec<&SecretRule> = rules.iter().collect();
        let compiled = rules.shared().map(|rule| Compiled::new(rule, &all)).collect();
        Ok(Self { rules: compiled, prefilter: Prefilter::new(&all)?, key: key.clone() })
    }

    /// The matches in a text, in order. Use [`Engine::examine`] to learn whether there were more than are kept.
    pub fn scan(&self, text: &[u8]) -> Vec<Match> {
        self.examine(text).matches
    }

    /// The matches in a text and in what is encoded in it, in order, and how many more there were than are kept.
    pub fn examine(&self, text: &[u8]) -> Examined {
        self.examine_version(text, None, false).0
    }

    /// As [`Engine::examine`], and faster where the text is a version of another one: `base` is what an earlier call
    /// remembered of that, and the stretches that `text` has from it, in order. The answer does not depend on `base`.
    /// What is remembered of `text` comes back where `keep` asks for it and it is worth the memory.
    pub fn examine_version(
        &self,
        text: &[u8],
        base: Option<(&Trace, &[Copied])>,
        keep: bool,
    ) -> (Examined, Option<Trace>) {
        let base = base.map(|(trace, copied)| Base { trace, copied });
        let (mut examined, mut trace) = self.examine_plain(text, base, keep);
        let encoded = self.add_layers(text, base, &mut examined);
        if let Some(trace) = &mut trace {
            trace.encoded = encoded;
        }
        let secret: usize = examined.matches.iter().map(|found| found.range.len()).sum();
        examined.little_else = text.len().saturating_sub(secret) < LITTLE;
        (examined, trace)
    }

    /// How particular the rule of a match is.
    pub(super) fn breadth(&self, found: &Match) -> Breadth {
        self.rules.get(found.index).map_or(Breadth::Generic, |compiled| compiled.rule.breadth)
    }

    /// The matches in a text as it stands.
    pub(super) fn examine_plain(&self, text: &[u8], base: Option<Base<'_>>, keep: bool) -> (Examined, Option<Trace>) {
        let cut = text.get(..u32::MAX as usize).unwrap_or(text);
        let (Hits { hits, more }, trace) = Pass::run(&self.prefilter, &self.rules, cut, base, keep);
        let mut examined = self.judge_all(cut, hits);
        examined.beyond_limit += more + u64::from(cut.len() < text.len());
        (examined, trace)
    }

    fn judge_all(&self, text: &[u8], hits: Vec<Hit>) -> Examined {
        if hits.is_empty() {
            return Examined::default();
        }
        let mut hits = resolve(hits, &self.rules);
        let beyond_limit = hits.len().saturating_sub(MOST_MATCHES) as u64;
        hits.truncate(MOST_MATCHES);
        let mut places = Places::new(text);
        let matches = (0..hits.len()).map(|at| self.judged(text, &hits, at, &mut places)).collect();
        Examined { matches, beyond_limit, ..Examined::default() }
    }

    /// The credential that a match shows, at the place that `evidence` names.
    pub fn credential(
        &self,
        found: &Match,
        evidence: Evidence,
        presence: Presence,
        since: Option<Timestamp>,
    ) -> Credential {
        let Some(Compiled { rule, .. }) = self.rules.get(found.index) else {
            // A match of another engine: what the match itself knows is all there is.
            return Credential::observed(self.identity(found), &found.rule, &found.rule, evidence);
        };
        let owner = found.id.as_ref().and_then(|id| id.rule).and_then(|index| self.rules.get(index));
        let kind = owner.map_or(rule, |owner| &owner.rule);
        let mut credential = Credential::observed(self.identity(found), &kind.id, &kind.title, evidence.clone());
        credential.standing = found.reading.standing.unwrap_or(kind.standing);
        credential.created = found.reading.created;
        credential.expiry = found.reading.expiry.unwrap_or_else(|| default_expiry(kind));
        credential.readouts = readouts(rule, found);
        let (confidence, doubt) = confidence(rule, &found.reading);
        let rule = found.rule.clone();
        credential.exposure = Some(Exposure { rule, evidence, presence, since, confidence, doubt });
        credential
    }

    fn identity(&self, found: &Match) -> CredentialId {
        let logged_as = self.rules.get(found.index).and_then(|compiled| compiled.rule.logged_as);
        found.id.as_ref().map_or_else(
            || CredentialId::fingerprint(self.fingerprint(&found.secret, logged_as)),
            |issued| issued.id.clone(),
        )
    }

    /// What tells a secret without a public id apart: the same as what a log says of it, where one says anything.
    fn fingerprint(&self, secret: &Secret, logged_as: Option<LoggedAs>) -> Fingerprint {
        match logged_as {
            Some(LoggedAs::GithubHashedToken) => self.key.github_token(secret),
            None => self.key.fingerprint("secret", secret.expose().as_bytes()),
        }
    }

    fn judged(&self, text: &[u8], hits: &[Hit], at: usize, places: &mut Places<'_>) -> Match {
        let hit = &hits[at];
        let rule = &self.rules[hit.rule].rule;
        let (line, column) = places.locate(hit.secret.start);
        let secret = Secret::new(String::from_utf8_lossy(&text[hit.secret.clone()]));
        let around = Surroundings { text, whole: hit.whole.clone(), range: hit.secret.clone() };
        let judge::Judgement { set_aside, grade } = judge::judge(rule, secret.expose(), &around);
        let mut reading = match set_aside {
            Some(_) => Reading::default(),
            None => evidence::read(rule.decode, secret.expose(), &around),
        };
        if set_aside.is_none()
            && let Ok(ready) = self.rules[hit.rule].ready()
        {
            ready.told(text, hit).iter().for_each(|(name, value)| reading.tell(name, value));
        }
        reading.doubt(grade);
        let id = self.issued(text, hits, at, secret.expose());
        Match {
            rule: rule.id.as_str().into(),
            line,
            column,
            breadth: rule.breadth,
            is_self_made: rule.breadth > Breadth::Narrow || evidence::is_self_made(rule.decode),
            set_aside,
            range: hit.secret.clone(),
            encoded: None,
            index: hit.rule,
            secret,
            id,
            reading,
        }
    }

    /// The public id of a hit: the credential itself, the group `id`, or the nearest match of a rule in `pair`.
    fn issued(&self, text: &[u8], hits: &[Hit], at: usize, secret: &str) -> Option<Issued> {
        let hit = &hits[at];
        let compiled = &self.rules[hit.rule];
        if let Some(system) = evidence::public_system(compiled.rule.decode) {
            return Some(Issued { id: CredentialId::issued(system, secret), rule: None });
        }
        if let (Some(range), Some(system)) = (&hit.id, &compiled.rule.id_system) {
            let id = String::from_utf8_lossy(&text[range.clone()]);
            return Some(Issued { id: CredentialId::issued(system, &id), rule: None });
        }
        let near = |other: &&Hit| compiled.pair.contains(&other.rule) && distance(hit, other) <= PAIR_WITHIN;
        // Earlier and later neighbours; both directions end at the first one that is too far away.
        let close = |other: &&Hit| distance(hit, other) <= PAIR_WITHIN;
        let before = hits[..at].iter().rev().take_while(close).find(near);
        let after = hits[at + 1..].iter().take_while(close).find(near);
        let nearest = [before, after].into_iter().flatten().min_by_key(|other| distance(hit, other))?;
        let system = evidence::public_system(self.rules[nearest.rule].rule.decode)?;
        let id = String::from_utf8_lossy(&text[nearest.secret.clone()]);
        Some(Issued { id: CredentialId::issued(system, &id), rule: Some(nearest.rule) })
    }
}

fn distance(a: &Hit, b: &Hit) -> usize {
    a.secret.start.abs_diff(b.secret.start)
}

/// "Never" is said only where the provider's documentation says it.
fn default_expiry(rule: &SecretRule) -> Expiry {
    let never = rule.default_lifetime == "never"
        && rule.lifetime_basis == Basis::Documented
        && rule.standing == StandingClass::Standing;
    if never { Expiry::Never } else { Expiry::Unknown }
}

fn readouts(rule: &SecretRule, found: &Match) -> Vec<Readout> {
    let told =
        rule.tells.iter().map(|(name, value)| Readout { name: name.as_str().into(), value: value.as_str().into() });
    let encoded = found.encoded.iter().map(|chain| Readout { name: "encoded".into(), value: chain.clone() });
    let mut all: Vec<Readout> = told.chain(found.reading.readouts.iter().cloned()).chain(encoded).collect();
    all.sort();
    all
}

/// How sure the match is: what was read off it decides, else how particular its form is.
fn confidence(rule: &SecretRule, reading: &Reading) -> (Confidence, Box<str>) {
    if let Some((confidence, doubt)) = &reading.confidence {
        return (*confidence, doubt.clone());
    }
    match rule.breadth {
        Breadth::Narrow => (Confidence::High, "".into()),
        Breadth::Format => (Confidence::Medium, "many issuers use this form".into()),
        Breadth::Named => (Confidence::Medium, "told by the name it is assigned to".into()),
        Breadth::Generic => (Confidence::Low, "told by the name it is assigned to, not by its form".into()),
    }
}
