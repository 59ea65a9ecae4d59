//! Evidence as SARIF locations: relative, percent-encoded URIs and a region, which GitHub requires of every result.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::shape::{Artifact, ArtifactLocation, Location, LocationProperties, Physical, Region, Text, Uri};
use crate::model::{Evidence, Place};
use crate::report::text::clip;

/// Everything but the unreserved characters of RFC 3986 and the slash.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The files that results point at, each with its digest, numbered as they come.
#[derive(Default)]
pub(super) struct Artifacts {
    numbers: BTreeMap<(String, Option<String>), usize>,
}

impl Artifacts {
    /// The files in order of their numbers.
    pub(super) fn into_list(self) -> Vec<Artifact> {
        let mut files: Vec<_> = self.numbers.into_iter().collect();
        files.sort_by_key(|(_, number)| *number);
        let artifact = |((uri, sha256), _): ((String, Option<String>), usize)| Artifact {
            location: Uri { uri },
            hashes: sha256.into_iter().map(|digest| ("sha-256", digest)).collect(),
        };
        files.into_iter().map(artifact).collect()
    }

    fn number(&mut self, uri: &str, sha256: Option<String>) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry((uri.to_owned(), sha256)).or_insert(next)
    }
}

/// The place of a piece of evidence. Members of archives, records and JSON pointers have no line of their file: they point
/// at its line 1 and carry the member or the record in properties.
pub(super) fn of(evidence: &Evidence, id: usize, artifacts: &mut Artifacts) -> Location {
    let uri = uri(evidence.input.name());
    let index = artifacts.number(&uri, evidence.input.sha256().map(|digest| digest.to_string()));
    let (line, column) = match &evidence.place {
        Place::Line { line, column } => (*line.max(&1), *column.max(&1)),
        Place::Commit(place) => (place.line.max(1), place.column.max(1)),
        Place::Member(_) | Place::Record { .. } | Place::Pointer { .. } => (1, 1),
    };
    Location {
        id,
        physical: Physical {
            artifact_location: ArtifactLocation { uri, index },
            region: Region { start_line: line, start_column: column, end_line: line, end_column: column + 1 },
        },
        message: Text { text: clip(&evidence.shows, 1000) },
        properties: properties(evidence),
    }
}

/// Whether the evidence points at a line of text.
pub(super) fn is_text(evidence: &Evidence) -> bool {
    matches!(evidence.place, Place::Line { .. } | Place::Commit(_) | Place::Member(_))
}

fn properties(evidence: &Evidence) -> LocationProperties {
    let mut properties = LocationProperties {
        commit: None,
        member: None,
        member_line: None,
        record_index: None,
        byte_offset: None,
        json_pointer: None,
        record_id: evidence.record_id.as_ref().map(ToString::to_string),
    };
    match &evidence.place {
        Place::Line { .. } => {}
        Place::Commit(place) => properties.commit = Some(place.commit.clone()),
        Place::Member(place) => {
            properties.commit = place.introduced.as_ref().map(|introduced| introduced.commit.clone());
            properties.member = Some(place.member.clone());
            properties.member_line = Some(place.line);
        }
        Place::Record { index, offset } => {
            properties.record_index = Some(*index);
            properties.byte_offset = Some(*offset);
        }
        Place::Pointer { pointer } => properties.json_pointer = Some(pointer.clone()),
    }
    properties
}

/// A path as a URI reference: relative paths stay relative to where the scan ran, absolute ones become `file:` URIs.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|first: char| first.is_ascii_alphabetic());
    let encoded = |path: &str| utf8_percent_encode(path, PATH).to_string();
    if drive {
        let (letter, rest) = path.split_at(2);
        return format!("file:///{letter}{}", encoded(rest));
    }
    if path.starts_with('/') {
        return format!("file:///{}", encoded(path.trim_start_matches('/')));
    }
    let mut relative = path.as_str();
    while let Some(rest) = relative.strip_prefix("./") {
        relative = rest.trim_start_matches('/');
    }
    encoded(relative)
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_relative_path_stays_relative_and_is_encoded() {
        assert_eq!(uri("./a b/c:d%#?.yml"), "a%20b/c%3Ad%25%23%3F.yml");
        assert_eq!(uri("../x"), "../x");
        assert_eq!(uri(r"ci\deploy.yml"), "ci/deploy.yml");
    }

    #[test]
    fn an_absolute_path_is_a_file_uri() {
        assert_eq!(uri("/srv/exports/a.json"), "file:///srv/exports/a.json");
        assert_eq!(uri(r"C:\exports\a.json"), "file:///C:/exports/a.json");
    }

    #[test]
    fn a_name_that_looks_like_a_scheme_is_no_scheme() {
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(uri("//host/share"), "file:///host/share");
    }
}
