//! What `can` and `who-can` share: where the exports come from, who is meant, and how a decision is written.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::access::{Deciding, Decision, Estate};
use crate::config;
use crate::ledger::access::Access;
use crate::ledger::{identity_key, store};
use crate::model::{Evidence, FingerprintKey, Place, Verdict};
use crate::report::{full_place, plain};
use crate::rules::nearest::suggestion;
use crate::scan::{self, Scope};

use super::screen::Screen;
use super::{Error, Exit, say};

/// Where the exports come from, and how the answer is written.
#[derive(Debug, clap::Args)]
pub(super) struct Sources {
    /// Export files or folders of them, as for `scan`
    #[arg(short, long, value_name = "PATH", num_args = 1.., required_unless_present = "ledger", conflicts_with = "ledger")]
    input: Vec<PathBuf>,
    /// The folder given to `scan --ledger`
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// Judge as of this time [default: the newest evidence, or that of the ledger]
    #[arg(long, value_name = "TIME", value_parser = config::time)]
    as_of: Option<Timestamp>,
    /// How the answer is written
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
}

/// A form of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

impl Sources {
    /// Reads what there is.
    pub(super) fn read(&self) -> Result<Access, Error> {
        let mut access = match &self.ledger {
            Some(dir) => store::open_access(dir)?,
            None => scan::access(&self.request()?)?,
        };
        access.as_of = self.as_of.unwrap_or(access.as_of);
        Ok(access)
    }

    fn request(&self) -> Result<scan::Request, Error> {
        let options = config::Options { directory: PathBuf::from("."), ..config::Options::default() };
        let (policy, policy_file) = config::policy(&options, &|name| std::env::var_os(name))?;
        let mappings = config::mappings(&policy, policy_file.as_deref(), &[])?;
        Ok(scan::Request {
            command: "can".to_owned(),
            paths: self.input.clone(),
            listed: None,
            scope: Scope::All,
            policy,
            baseline: None,
            mappings,
            // No credential is told, so no fingerprint is either.
            key: FingerprintKey::new(vec![0; 32]),
            as_of: self.as_of,
            history: false,
            archives: true,
            show_filtered: false,
            threads: None,
            ledger_dir: None,
        })
    }
}

/// Says what was not examined, and whether an answer may rest on it.
pub(super) fn is_incomplete(access: &Access, quiet: bool) -> bool {
    let gaps: Vec<_> = access.gaps.iter().filter(|gap| gap.reason.makes_incomplete()).collect();
    if !quiet {
        for gap in gaps.iter().take(5) {
            say(&format!("not examined: {}: {}", gap.what, gap.detail));
        }
        if gaps.len() > 5 {
            say(&format!("not examined: {} more", gaps.len() - 5));
        }
    }
    !gaps.is_empty() || access.identities.is_empty()
}

/// The id of the identity that is meant: an id, an ARN without its path, or a name that only one has.
pub(super) fn principal<'a>(estate: &Estate<'a>, given: &str) -> Result<&'a str, Error> {
    let ids = || estate.principals.keys().copied();
    if let Some(exact) = ids().find(|id| *id == given) {
        return Ok(exact);
    }
    let key = identity_key(given);
    let named = estate.principals.iter().filter(|(id, it)| it.name == given || identity_key(id) == key);
    let named: Vec<&str> = named.map(|(id, _)| *id).collect();
    match named.as_slice() {
        [one] => Ok(one),
        [] => {
            let hint = suggestion(given, estate.principals.values().map(|principal| principal.name));
            Err(Error::Usage(format!("no export describes an identity `{given}`{hint}")))
        }
        many => {
            let list = many.iter().take(5).copied().collect::<Vec<_>>().join(", ");
            Err(Error::Usage(format!("{} identities are called `{given}`: {list}; give the id", many.len())))
        }
    }
}

/// The exit code of an answer: 0 allowed, 1 denied, 3 where the exports do not decide it.
pub(super) fn exit(verdict: Verdict, incomplete: bool) -> Exit {
    match verdict {
        _ if incomplete => Exit::Incomplete,
        Verdict::Allowed => Exit::Clean,
        Verdict::Denied => Exit::Findings,
        Verdict::Conditional | Verdict::Unknown => Exit::Incomplete,
    }
}

/// A verdict in one word.
pub(super) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Conditional => "conditional",
        Verdict::Denied => "denied",
        Verdict::Unknown => "unknown",
    }
}

/// A decision as lines: the answer, then what decides and where it stands.
pub(super) fn lines(decision: &Decision, screen: Screen) -> Vec<String> {
    let why = if decision.why.is_empty() { String::new() } else { format!(": {}", decision.why) };
    let mut lines = screen.wrap(&plain(&format!("{}{why}", word(decision.verdict))), "");
    for it in &decision.deciding {
        lines.push(String::new());
        lines.extend(screen.wrap(&plain(&it.statement), "  "));
        lines.extend(screen.wrap(&plain(&format!("{} ({})", it.policy, it.via)), "    "));
        for evidence in &it.evidence {
            let place = format!("{}: {}", evidence.shows, full_place(evidence));
            lines.extend(screen.wrap(&plain(&place), "    "));
        }
    }
    lines
}

/// A decision for programs.
#[derive(Serialize)]
pub(super) struct DecisionView<'a> {
    principal: &'a str,
    system: &'a str,
    verdict: Verdict,
    why: &'a str,
    deciding: Vec<DecidingView<'a>>,
}

#[derive(Serialize)]
struct DecidingView<'a> {
    policy: &'a str,
    statement: &'a str,
    via: &'a str,
    evidence: Vec<EvidenceView<'a>>,
}

#[derive(Serialize)]
struct EvidenceView<'a> {
    shows: &'a str,
    input: &'a str,
    sha256: Option<String>,
    place: &'a Place,
}

impl<'a> DecisionView<'a> {
    /// The decision about an identity.
    pub(super) fn of(principal: &'a str, system: &'a str, decision: &'a Decision) -> Self {
        let deciding = |it: &'a Deciding| DecidingView {
            policy: &it.policy,
            statement: &it.statement,
            via: &it.via,
            evidence: it.evidence.iter().map(EvidenceView::of).collect(),
        };
        let deciding = decision.deciding.iter().map(deciding).collect();
        Self { principal, system, verdict: decision.verdict, why: &decision.why, deciding }
    }
}

impl<'a> EvidenceView<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            shows: &evidence.shows,
            input: evidence.input.name(),
            sha256: evidence.input.sha256().map(|digest| digest.to_string()),
            place: &evidence.place,
        }
    }
}

/// A document as indented JSON lines.
pub(super) fn json(document: &impl Serialize) -> Result<Vec<String>, Error> {
    let text = serde_json::to_string_pretty(document).map_err(|error| Error::Stdout(error.into()))?;
    Ok(text.lines().map(str::to_owned).collect())
}
