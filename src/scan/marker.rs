//! Exceptions in comments: `overstay:allow=RULE exp=2026-12-31 owner=NAME reason="..."`, on the line of the secret or
//! on the line above it. No other marker means anything here.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use memchr::memmem;

use crate::model::{Credential, Exception, Place, Written};
use crate::rules::policy::exception::day;

/// How a marker begins.
const BEGIN: &str = "overstay:allow=";
/// Its fields.
const FIELDS: [&str; 3] = ["exp", "owner", "reason"];
static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(BEGIN));
/// Markers beyond so many in one text are not looked at.
const MOST: usize = 1000;
/// A marker is looked for in so many bytes of its line.
const LONGEST: usize = 1024;

/// What a comment allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// The secret rule.
    pub(super) rule: String,
    /// Who has to end it.
    pub(super) owner: String,
    /// Why.
    pub(super) reason: String,
    /// The last day on which it holds.
    pub(super) expires: Date,
    /// How many bytes behind its beginning its last field ends.
    length: usize,
}

/// The markers of one text by line; a marker that is not complete is a fault in words.
#[derive(Clone, Debug, Default)]
pub(super) struct Markers(BTreeMap<u64, Placed>);

/// A marker and the bytes of the text that it covers.
#[derive(Clone, Debug)]
struct Placed {
    bytes: Range<usize>,
    marker: Result<Marker, String>,
}

impl Markers {
    /// Looks for markers. A text without any costs one pass at the speed of memory.
    pub(super) fn of(text: &[u8]) -> Self {
        let (mut markers, mut line, mut counted) = (Self::default(), 1, 0);
        for at in FINDER.find_iter(text).take(MOST) {
            let between = text.get(counted..at).unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count() as u64;
            counted = at;
            let rest = text.get(at + BEGIN.len()..).unwrap_or_default();
            let rest = rest.get(..LONGEST).unwrap_or(rest);
            let rest = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let bytes = at..at + BEGIN.len() + rest.len();
            markers.0.entry(line).or_insert_with(|| Placed { bytes, marker: parse(&String::from_utf8_lossy(rest)) });
        }
        markers
    }

    /// Takes back every marker of which a field holds a part of a secret: what a marker says is shown in reports.
    pub(super) fn keep_clear_of(&mut self, secrets: &[Range<usize>]) {
        for Placed { bytes, marker } in self.0.values_mut() {
            let fields = |marker: &Marker| bytes.start..bytes.start + BEGIN.len() + marker.length;
            let holds = |fields: Range<usize>| {
                secrets.iter().any(|secret| secret.start < fields.end && fields.start < secret.end)
            };
            if marker.as_ref().is_ok_and(|marker| holds(fields(marker))) {
                *marker = Err("a secret stands inside of it".to_owned());
            }
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// For each secret the line of the complete marker that allows it. A marker above a secret counts only where it
    /// allows nothing on its own line.
    pub(super) fn lines_for(&self, secrets: &[Credential]) -> Vec<Option<u64>> {
        let names = |line: u64, secret: &Credential| {
            let rule = secret.exposure.as_ref().map(|exposure| &exposure.rule);
            self.get(line)
                .is_some_and(|marker| rule.is_some_and(|rule| **rule == *marker.rule) || *secret.kind == *marker.rule)
        };
        let taken: BTreeSet<u64> =
            secrets.iter().filter_map(|secret| line_of(secret).filter(|line| names(*line, secret))).collect();
        let line = |secret: &Credential| {
            let own = line_of(secret)?;
            let above = own.checked_sub(1).filter(|line| names(*line, secret) && !taken.contains(line));
            if names(own, secret) { Some(own) } else { above }
        };
        secrets.iter().map(line).collect()
    }

    fn get(&self, line: u64) -> Option<&Marker> {
        self.0.get(&line)?.marker.as_ref().ok()
    }

    /// The complete marker of a line as an exception; `input` is what reports call the text.
    pub(super) fn exception(&self, line: u64, input: &str) -> Option<Exception> {
        let marker = self.get(line)?;
        Some(Exception {
            target: marker.rule.clone(),
            covers: "the secret beside it".to_owned(),
            written: Written::InSource,
            at: format!("{input}:{line}"),
            owner: marker.owner.clone(),
            requester: None,
            approver: None,
            reason: marker.reason.clone(),
            expires: marker.expires,
        })
    }

    /// Every marker with its line.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Result<Marker, String>)> {
        self.0.iter().map(|(line, placed)| (*line, &placed.marker))
    }
}

/// The line of a secret in text.
fn line_of(secret: &Credential) -> Option<u64> {
    match &secret.evidence.place {
        Place::Line { line, .. } => Some(*line),
        Place::Commit(place) => Some(place.line),
        Place::Member(place) => Some(place.line),
        Place::Record { .. } | Place::Pointer { .. } => None,
    }
}

/// The rule and the fields that follow it.
fn parse(text: &str) -> Result<Marker, String> {
    let rule: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let mut rest = text.get(rule.len()..).unwrap_or_default();
    let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
    let mut length = rule.len();
    while let Some((name, value)) = next_field(&mut rest) {
        if FIELDS.contains(&name) && !fields.contains_key(name) {
            fields.insert(name, value.ok_or("a quoted value does not end on its line")?);
            length = text.len() - rest.len();
        }
    }
    let missing: Vec<&str> =
        FIELDS.into_iter().filter(|name| fields.get(name).is_none_or(|v| v.trim().is_empty())).collect();
    if rule.is_empty() {
        return Err("it names no rule".to_owned());
    }
    if !missing.is_empty() {
        return Err(format!("no {}", missing.join(", no ")));
    }
    let field = |name: &str| fields.get(name).copied().unwrap_or_default();
    let expires = day(field("exp"))?;
    Ok(Marker { rule, owner: field("owner").to_owned(), reason: field("reason").to_owned(), expires, length })
}

/// The next `name=value` or `name="value"`; whatever else stands there is passed over. A quoted value that does not end
/// is none: it would take in whatever follows.
fn next_field<'a>(rest: &mut &'a str) -> Option<(&'a str, Option<&'a str>)> {
    loop {
        *rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            *rest = after;
            continue;
        };
        let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
            quoted.split_once('"').map_or((None, ""), |(value, after)| (Some(value), after))
        } else {
            let (value, after) = value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()));
            (Some(value), after)
        };
        *rest = after;
        return Some((name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(line: &str) -> Result<Marker, String> {
        let markers = Markers::of(line.as_bytes());
        let (_, marker) = markers.iter().next().expect("a marker");
        marker.clone()
    }

    #[test]
    fn a_complete_marker_is_read_whatever_comment_it_stands_in() {
        for (before, after) in [("# ", ""), ("x = 1 // ", ""), ("/* ", " */"), ("<!-- ", " -->"), ("-- ", "\r")] {
            let marker = only(&format!(
                "{before}overstay:allow=github-pat exp=2026-12-31 owner=ann reason=\"a fake one\"{after}"
            ));
            let marker = marker.unwrap();
            assert_eq!((marker.rule.as_str(), marker.owner.as_str()), ("github-pat", "ann"));
            assert_eq!((marker.reason.as_str(), marker.expires), ("a fake one", day("2026-12-31").unwrap()));
        }
    }

    #[test]
    fn a_missing_field_or_a_bad_day_is_a_fault_in_words() {
        let fault = |line: &str| only(line).unwrap_err();
        assert_eq!(fault("# overstay:allow=x"), "no exp, no owner, no reason");
        assert_eq!(fault("# overstay:allow= exp=2026-12-31 owner=a reason=b"), "it names no rule");
        assert_eq!(fault("# overstay:allow=x exp=2026-12-31 owner=a reason=\"\""), "no reason");
        assert!(fault("# overstay:allow=x exp=never owner=a reason=b").contains("write 2026-12-31"));
    }

    #[test]
    fn a_quote_that_does_not_end_takes_nothing_in() {
        let fault = only("/* overstay:allow=x exp=2026-12-31 owner=a reason=\"oops */ key = hunter2").unwrap_err();
        assert_eq!(fault, "a quoted value does not end on its line");
    }

    #[test]
    fn a_marker_with_a_secret_in_its_fields_is_taken_back_and_one_beside_a_secret_is_not() {
        let text = "overstay:allow=x exp=2026-12-31 owner=a reason=hunter2 key=hunter3";
        let mut markers = Markers::of(text.as_bytes());
        let at = |secret: &str| text.find(secret).map(|start| start..start + secret.len()).unwrap();
        markers.keep_clear_of(&[at("hunter3")]);
        assert!(markers.get(1).is_some());
        markers.keep_clear_of(&[at("hunter2")]);
        assert!(markers.get(1).is_none());
        assert!(!format!("{markers:?}").contains("hunter"), "{markers:?}");
    }

    #[test]
    fn the_lines_of_markers_are_counted_from_one() {
        let text = b"a\noverstay:allow=x\n\nb overstay:allow=y\noverstay:allowance=z";
        assert_eq!(Markers::of(text).iter().map(|(line, _)| line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn markers_of_other_tools_are_none() {
        for line in ["gitleaks:allow", "# nosec", "# noqa: S105", "pragma: allowlist secret", "trufflehog:ignore"] {
            assert!(Markers::of(line.as_bytes()).is_empty(), "{line}");
        }
    }
}
