//! Which findings count: exceptions in force cover some, a baseline knows others, and expired exceptions are said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::marks::Marks;
use super::{Request, Scope};
use crate::baseline::{Baseline, Reach};
use crate::model::{CheckSummary, Compared, Evidence, Exception, Finding, Lapsed, Suppressed, Triage};
use crate::rules::policy::exception::{self, Target};

/// A finding that lists so many places may have more: an exception for places cannot cover it.
const MOST_PLACES: usize = 100;

/// What a run found, before anything is left out of it.
pub(super) struct Case<'a> {
    pub(super) request: &'a Request,
    pub(super) summaries: &'a [CheckSummary],
    pub(super) as_of: Timestamp,
    pub(super) marks: &'a Marks,
    /// Says which name is meant where nothing goes by the name of a target.
    pub(super) unknown: &'a dyn Fn(&str) -> Option<String>,
}

/// The outcome.
#[derive(Default)]
pub(super) struct Judged {
    /// The findings that count.
    pub(super) findings: Vec<Finding>,
    /// What became of the others.
    pub(super) triage: Triage,
    /// The baseline without what is fixed, where one was given and the run can tell.
    pub(super) pruned: Option<Baseline>,
}

impl Case<'_> {
    /// Sorts the findings.
    pub(super) fn judge(&self, findings: Vec<Finding>) -> Judged {
        let mut desk = Desk { case: self, matched: BTreeSet::new(), lapsed: BTreeMap::new() };
        let mut judged = Judged::default();
        let now = self.request.baseline.as_ref().map(|_| Baseline::of(&findings, ""));
        for finding in findings {
            match desk.suppressed_by(&finding) {
                Some(by) => judged.triage.suppressed.push(Suppressed { finding, by }),
                None => judged.findings.push(finding),
            }
        }
        judged.triage.warnings = desk.warnings();
        judged.triage.lapsed = desk.into_lapsed();
        if let (Some(baseline), Some(now)) = (&self.request.baseline, now) {
            self.compare(baseline, &now, &mut judged);
        }
        judged
    }

    fn compare(&self, baseline: &Baseline, now: &Baseline, judged: &mut Judged) {
        let known;
        (known, judged.findings) =
            std::mem::take(&mut judged.findings).into_iter().partition(|finding| baseline.knows(finding));
        let roots = self.request.paths.iter().map(|path| path.to_string_lossy().into_owned());
        let fixed =
            self.is_whole().then(|| baseline.fixed(now, &Reach::of(self.request.history, roots, self.summaries)));
        judged.pruned = fixed.as_ref().map(|fixed| baseline.without(fixed));
        let fixed = fixed.map(|fixed| fixed.len() as u64);
        judged.triage.baseline = Some(Compared { file: baseline.file.clone(), known, fixed });
    }

    /// Whether the run looked at everything that its paths name, so that what it did not find is not there.
    fn is_whole(&self) -> bool {
        let stdin = self.request.paths.iter().any(|path| path.as_os_str() == "-");
        self.request.scope == Scope::All && self.request.listed.is_none() && !stdin
    }

    /// Whether an exception holds; nothing where no input carries a time, so that nobody can tell.
    fn holds(&self, expires: Date) -> Option<bool> {
        let end = expires.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
        (self.as_of != Timestamp::UNIX_EPOCH).then_some(self.as_of < end)
    }

    fn exceptions(&self) -> &[exception::Exception] {
        &self.request.policy.exceptions.complete
    }
}

/// Remembers which exceptions were of use.
struct Desk<'a> {
    case: &'a Case<'a>,
    /// The exceptions of the policy that cover something, by their place in it.
    matched: BTreeSet<usize>,
    /// The expired exceptions, and what they hid.
    lapsed: BTreeMap<Exception, BTreeSet<String>>,
}

impl Desk<'_> {
    /// The exceptions in force that cover a finding; nothing where it counts.
    fn suppressed_by(&mut self, finding: &Finding) -> Option<Vec<Exception>> {
        let code: Vec<&Evidence> = finding.evidence.iter().filter(|piece| piece.is_in_code()).collect();
        let (mut covered, mut by, mut expired) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let all: BTreeSet<usize> = (0..=code.len()).collect();
        let mut cover = |exception: &Exception, places: BTreeSet<usize>| match self.case.holds(exception.expires) {
            Some(true) => {
                covered.extend(places);
                by.insert(exception.clone());
            }
            Some(false) => {
                expired.insert(exception.clone());
            }
            None => {}
        };
        for (number, exception) in self.case.exceptions().iter().enumerate() {
            match covers(exception, finding, &code) {
                Cover::Nothing => continue,
                Cover::Places(places) => cover(&exception.shown, places),
                Cover::All => cover(&exception.shown, all.clone()),
            }
            self.matched.insert(number);
        }
        if finding.check == Finding::SECRET_IN_CODE {
            for (place, piece) in code.iter().enumerate() {
                if let Some(exception) = self.case.marks.of(piece) {
                    cover(exception, [place].into());
                }
            }
        }
        // The number after the last place stands for the finding as a whole.
        let places =
            !code.is_empty() && code.len() < MOST_PLACES && (0..code.len()).all(|place| covered.contains(&place));
        if covered.contains(&code.len()) || places {
            return Some(by.into_iter().collect());
        }
        for exception in expired {
            let hid = format!("{} {}", finding.check, finding.subject.id);
            self.lapsed.entry(exception).or_default().insert(hid);
        }
        None
    }

    /// What is wrong with exceptions.
    fn warnings(&self) -> Vec<String> {
        let (marks, policy) = (self.case.marks, &self.case.request.policy.exceptions);
        let mut warnings: Vec<String> = policy.faults.clone();
        warnings.extend(marks.faults.iter().cloned());
        let meant = |target: &str| (self.case.unknown)(target).unwrap_or_default();
        for (number, exception) in policy.complete.iter().enumerate() {
            let Exception { at, target, expires, .. } = &exception.shown;
            let unknown = (self.case.unknown)(target);
            if let Some(meant) = &unknown {
                warnings.push(format!("{at}: nothing is called `{target}`{meant}; it hides nothing"));
            } else if self.case.holds(*expires) == Some(false) && !self.lapsed.contains_key(&exception.shown) {
                warnings.push(format!("{at}: expired on {expires} and hides nothing; remove it"));
            } else if self.case.is_whole() && !self.matched.contains(&number) {
                warnings.push(format!("{at}: matches nothing; remove it"));
            }
        }
        if self.case.is_whole() {
            let orphan = |(rule, at): &(String, String)| {
                format!("{at}: overstay:allow={rule} stands beside no such secret{}; remove it", meant(rule))
            };
            warnings.extend(marks.orphans.iter().map(orphan));
        }
        if self.case.as_of == Timestamp::UNIX_EPOCH && !(policy.complete.is_empty() && marks.is_empty()) {
            warnings.push("no input carries a time, so no exception can be judged: give --as-of".to_owned());
        }
        warnings
    }

    fn into_lapsed(self) -> Vec<Lapsed> {
        let lapsed = self.lapsed.into_iter();
        lapsed.map(|(exception, hid)| Lapsed { exception, hid: hid.into_iter().collect() }).collect()
    }
}

/// How much of a finding an exception covers.
enum Cover {
    Nothing,
    /// These places in code.
    Places(BTreeSet<usize>),
    All,
}

fn covers(exception: &exception::Exception, finding: &Finding, code: &[&Evidence]) -> Cover {
    let speaks_of = match &exception.target {
        Target::Rule(rule) => finding.check == Finding::SECRET_IN_CODE && finding.subject.class == *rule,
        Target::Check(check) => finding.check == *check,
    };
    let is_subject = exception.subject.as_ref().is_none_or(|subject| *subject == finding.subject.id);
    let is_finding = exception.finding.as_ref().is_none_or(|id| finding.id.to_string().starts_with(id.as_str()));
    if !speaks_of || !is_subject || !is_finding {
        return Cover::Nothing;
    }
    let Some(globs) = &exception.path else { return Cover::All };
    let lies_there = |piece: &Evidence| globs.matches(piece.input.name().trim_start_matches("./"));
    let places: BTreeSet<usize> =
        code.iter().enumerate().filter(|(_, piece)| lies_there(piece)).map(|(place, _)| place).collect();
    if places.is_empty() { Cover::Nothing } else { Cover::Places(places) }
}
