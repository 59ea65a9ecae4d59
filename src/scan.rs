//! The pipeline, in reading order: sort the arguments, read code and data, join, check, report.

mod archive;
mod bundle;
mod code;
mod data;
mod left;
mod listed;
mod marker;
mod marks;
mod places;
mod range;
mod repository;
mod staged;
mod stdin;
mod tree;
mod triage;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use globset::{Glob, GlobSet, GlobSetBuilder};
use jiff::Timestamp;

use crate::baseline::Baseline;
use crate::check;
use crate::import::{self, Formats};
use crate::ledger::access::Access;
use crate::ledger::{CredentialRow, Fold, Joining, Ledger, store};
use crate::model::{FingerprintKey, Triage};
use crate::report::Report;
use crate::rules;
use crate::rules::check::CheckRules;
use crate::rules::control::Controls;
use crate::rules::mapping::Mapping;
use crate::rules::nearest::suggestion;
use crate::rules::policy::Policy;
use crate::rules::secret::SecretRules;
use crate::secret::Engine;
use crate::source::{self, Root};
use left::LeftEncoded;

pub use listed::paths as listed_paths;
use marks::Marks;
use triage::{Case, Judged};

/// Everything a run depends on. The same request over the same files gives the same report.
#[derive(Clone, Debug)]
pub struct Request {
    /// The command, as the report names it.
    pub command: String,
    /// Repositories, trees, exports and logs, in any mix; `-` is the standard input.
    pub paths: Vec<PathBuf>,
    /// More of them, from a list that was made by another program: what is not there any more is a gap and no error.
    pub listed: Option<Vec<PathBuf>>,
    /// What of them is examined.
    pub scope: Scope,
    /// Thresholds, JIT roles, ignore globs.
    pub policy: Policy,
    /// What was known before.
    pub baseline: Option<Baseline>,
    /// The organisation's own log formats.
    pub mappings: Vec<Mapping>,
    /// The key of all fingerprints.
    pub key: FingerprintKey,
    /// The time as of which everything is judged; the newest evidence where it is not given.
    pub as_of: Option<Timestamp>,
    /// Whether the history of repositories is examined.
    pub history: bool,
    /// Whether archives and compressed files are opened.
    pub archives: bool,
    /// Whether the places of what filters set aside are kept for the report.
    pub show_filtered: bool,
    /// Worker threads; as many as cores where not given.
    pub threads: Option<usize>,
    /// Where the joined facts are saved.
    pub ledger_dir: Option<PathBuf>,
}

/// How much of what the paths name is examined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    #[default]
    All,
    /// What is staged in the repositories that the paths name or lie in, and nothing else: no history, no work tree.
    Staged {
        /// Another index than the work tree's own.
        index: Option<PathBuf>,
    },
    /// What the commits that `HEAD` reaches and this revision does not bring in, and nothing else.
    Since(String),
}

/// What a run gives.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The report.
    pub report: Report,
    /// The baseline of the request without what is fixed, where the run can tell.
    pub pruned: Option<Baseline>,
    /// The credentials that were judged. A process that ends anyway need not spend time on freeing them.
    pub credentials: Vec<CredentialRow>,
}

/// Why a run did not take place. Damage to single inputs is not among it: that is a gap in the report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path that the user named is not there.
    #[error("{}: {source}", .path.display())]
    Path {
        /// The path as given.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A path is to be looked at as a repository and lies in none.
    #[error("{}: neither it nor a folder above it is a git repository", .0.display())]
    NoRepository(PathBuf),
    /// The repository, its index or the revision cannot be used.
    #[error("{source}{hint}")]
    Repository {
        /// Why.
        source: source::git::Error,
        /// What would help.
        hint: String,
    },
    /// The rules that travel in the binary are broken.
    #[error(transparent)]
    SecretRules(#[from] rules::secret::Error),
    /// A check's description is broken.
    #[error(transparent)]
    CheckRules(#[from] rules::check::Error),
    /// A framework's description is broken.
    #[error(transparent)]
    Controls(#[from] rules::control::Error),
    /// An ignore pattern of the policy is none.
    #[error("ignore: {0}")]
    Ignore(#[from] globset::Error),
    /// The engine could not be made of the rules.
    #[error(transparent)]
    Engine(#[from] crate::secret::Error),
    /// The log formats cannot be used together.
    #[error(transparent)]
    Formats(#[from] import::FormatsError),
    /// The ledger could not be saved.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The worker threads could not be started.
    #[error("the worker threads could not be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// Told how far a run is. Shown on terminals, never in a report.
pub trait Progress: Sync {
    /// A new part of the work begins, in words for the user.
    fn begin(&self, stage: &str);
}

/// Says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str) {}
}

/// What all parts of a run share.
struct Scan<'a> {
    engine: Engine,
    left: LeftEncoded,
    options: source::Options,
    limits: import::Limits,
    formats: Formats,
    request: &'a Request,
    progress: &'a dyn Progress,
}

/// What a run has gathered so far.
#[derive(Default)]
struct Gathered {
    fold: Fold,
    marks: Marks,
    /// Digests of imported files, with the name each was first seen under.
    digests: BTreeMap<String, Box<str>>,
    /// Object databases whose history was read: several work trees can share one.
    repositories: BTreeSet<PathBuf>,
}

/// Runs a request.
pub fn run(request: &Request, progress: &dyn Progress) -> Result<Outcome, Error> {
    let started = Instant::now();
    let roots = roots(request)?;
    let rules = Rules::embedded()?;
    let ignore = ignore_globs(&request.policy.ignore)?;
    let options = source::Options { ignore, archives: request.archives, ..source::Options::default() };
    let engine = Engine::new(&rules.secrets, &request.key)?;
    let (left, limits) = (LeftEncoded::default(), import::Limits::default());
    let formats = Formats::with(request.mappings.iter().cloned())?;
    let scan = Scan { engine, left, options, limits, formats, request, progress };
    let work = || {
        let (ledger, marks) = scan.gather(&roots)?;
        let (findings, summaries) =
            check::run_all(&ledger, &rules.checks, &rules.controls, &request.policy, &request.key);
        let metrics = match request.scope {
            Scope::Staged { .. } => Vec::new(),
            Scope::All | Scope::Since(_) => check::metric::measure(&ledger, &request.policy),
        };
        let unknown = |target: &str| rules.unknown(target);
        let (as_of, all) = (ledger.as_of, request.ledger_dir.as_ref().map(|_| findings.clone()));
        let case = Case { request, summaries: &summaries, as_of, marks: &marks, unknown: &unknown };
        let Judged { findings, triage, pruned } = case.judge(findings);
        if let (Some(dir), Some(all)) = (&request.ledger_dir, all) {
            let run = store::Run { key_id: request.key.id(), rules_sha256: rules::sha256().to_string() };
            let answers = store::Answers { findings: &all, summaries: &summaries, metrics: &metrics, triage: &triage };
            store::write(dir, &ledger, &answers, &run)?;
        }
        let (mut report, credentials) = report(request, rules.checks.clone(), ledger);
        (report.findings, report.summaries, report.triage) = (findings, summaries, triage);
        report.metrics = metrics;
        report.elapsed = Some(started.elapsed());
        Ok(Outcome { report, pruned, credentials })
    };
    match request.scope {
        // So little that threads would cost more than they save.
        Scope::Staged { .. } => work(),
        Scope::All | Scope::Since(_) => {
            rayon::ThreadPoolBuilder::new().num_threads(request.threads.unwrap_or(0)).build()?.install(work)
        }
    }
}

/// Reads what a request names, and of it only who may do what. No check is run.
pub fn access(request: &Request) -> Result<Access, Error> {
    let roots = roots(request)?;
    let ignore = ignore_globs(&request.policy.ignore)?;
    let options = source::Options { ignore, archives: request.archives, ..source::Options::default() };
    let engine = Engine::new(&SecretRules::embedded()?, &request.key)?;
    let (left, limits) = (LeftEncoded::default(), import::Limits::default());
    let formats = Formats::with(request.mappings.iter().cloned())?;
    let scan = Scan { engine, left, options, limits, formats, request, progress: &Silent };
    let work = || Ok(scan.gather(&roots)?.0.into());
    rayon::ThreadPoolBuilder::new().num_threads(request.threads.unwrap_or(0)).build()?.install(work)
}

impl Scan<'_> {
    /// Reads everything and joins it.
    fn gather(&self, roots: &[(String, Root)]) -> Result<(Ledger, Marks), Error> {
        let mut gathered = Gathered { fold: Fold::under(&self.request.key), ..Gathered::default() };
        for (name, root) in roots {
            match (root, &self.request.scope) {
                (Root::Git(path), Scope::Staged { index }) => {
                    self.staged(path, name, index.as_deref(), &mut gathered)?;
                }
                (Root::Git(path), Scope::Since(rev)) => self.range(path, name, rev, &mut gathered)?,
                (Root::Git(path), Scope::All) => self.repository(path, name, &mut gathered),
                (Root::Tree(path), _) => self.tree(path, name, &mut gathered),
                (Root::File(path), _) => self.file(path, name, &mut gathered),
                (Root::Stdin, _) => self.stdin(&mut gathered),
            }
        }
        if let Some(paths) = &self.request.listed {
            self.listed(paths, &mut gathered);
        }
        self.left.report(&mut gathered.fold);
        self.progress.begin("joining and checking");
        let jit_roles = self.request.policy.jit.roles.texts();
        let as_of = self.request.as_of.or(self.request.policy.as_of);
        Ok((gathered.fold.finish(&Joining { as_of, jit_roles }), gathered.marks))
    }
}

/// All rules that travel in the binary.
struct Rules {
    secrets: SecretRules,
    checks: CheckRules,
    controls: Controls,
}

impl Rules {
    fn embedded() -> Result<Self, Error> {
        let controls = Controls::embedded()?;
        Ok(Self { secrets: SecretRules::embedded()?, checks: CheckRules::embedded(&controls)?, controls })
    }

    /// The name that is meant, as a suggestion, where neither a rule nor a check goes by this one.
    fn unknown(&self, target: &str) -> Option<String> {
        if self.secrets.find(target).is_some() || self.checks.find(target).is_some() {
            return None;
        }
        let checks = self.checks.iter().map(|rule| rule.id.as_str());
        Some(suggestion(target, self.secrets.iter().map(|rule| rule.id.as_str()).chain(checks)))
    }
}

/// What lies at each path, under the name that reports show.
fn roots(request: &Request) -> Result<Vec<(String, Root)>, Error> {
    let named = |path: &PathBuf| {
        let root = source::classify(path).map_err(|source| Error::Path { path: path.clone(), source })?;
        if request.scope == Scope::All {
            return Ok((path.to_string_lossy().into_owned(), root));
        }
        let repository = source::repository_around(path).ok_or_else(|| Error::NoRepository(path.clone()))?;
        // Files of the repository in which one stands are called by their paths in it.
        let name = if path == Path::new(".") { Cow::Borrowed(".") } else { repository.to_string_lossy() };
        Ok((name.into_owned(), Root::Git(repository)))
    };
    request.paths.iter().map(named).collect()
}

fn ignore_globs(texts: &[String]) -> Result<GlobSet, Error> {
    let mut builder = GlobSetBuilder::new();
    for text in texts {
        builder.add(Glob::new(text)?);
    }
    Ok(builder.build()?)
}

/// The report of a run, still without findings, and the credentials that it speaks of.
fn report(request: &Request, checks: CheckRules, ledger: Ledger) -> (Report, Vec<CredentialRow>) {
    let report = Report {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: request.command.clone(),
        population: ledger.population(),
        met: check::met(&ledger, &request.policy),
        as_of: ledger.as_of,
        as_of_source: ledger.as_of_source.clone(),
        key_id: request.key.id(),
        rules_sha256: rules::sha256().to_string(),
        rules: checks,
        findings: Vec::new(),
        triage: Triage::default(),
        summaries: Vec::new(),
        streams: store::StreamWindow::all(&ledger),
        inputs: ledger.inputs,
        gaps: ledger.gaps,
        set_aside: ledger.set_aside,
        filtered: ledger.filtered,
        metrics: Vec::new(),
        elapsed: None,
    };
    (report, ledger.credentials)
}
