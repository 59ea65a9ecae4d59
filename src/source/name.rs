//! Names of files as they are shown: always UTF-8, never able to steer a terminal.

use std::path::{Component, Path};

/// A name from raw bytes: invalid UTF-8 becomes U+FFFD, control and direction-changing characters are escaped.
pub fn shown(raw: &[u8]) -> String {
    let mut name = String::with_capacity(raw.len());
    for character in String::from_utf8_lossy(raw).chars() {
        if character.is_control() || turns_text(character) {
            name.extend(character.escape_unicode());
        } else {
            name.push(character);
        }
    }
    name
}

/// The shown name of a path with `/` between its parts, below `prefix`, which is what the user wrote for the root.
/// A prefix that is empty or `.` adds nothing.
pub(crate) fn below(prefix: &str, relative: &Path) -> String {
    if relative.as_os_str().is_empty() {
        return shown(prefix.as_bytes());
    }
    let mut name = match prefix.trim_end_matches('/') {
        "" if prefix.starts_with('/') => String::from("/"),
        "" | "." => String::new(),
        prefix => format!("{}/", shown(prefix.as_bytes())),
    };
    let parts = relative.components().filter_map(|part| match part {
        Component::Normal(part) => Some(shown(part.as_encoded_bytes())),
        _ => None,
    });
    name.push_str(&parts.collect::<Vec<_>>().join("/"));
    name
}

/// Unicode's bidirectional controls and line separators: they reorder or break what stands around them.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{below, shown};

    #[test]
    fn an_escape_sequence_in_a_name_is_shown_and_not_obeyed() {
        assert_eq!(shown(b"a\x1b[31m\n.txt"), "a\\u{1b}[31m\\u{a}.txt");
    }

    #[test]
    fn a_right_to_left_override_in_a_name_is_shown() {
        assert_eq!(shown("exe\u{202e}txt".as_bytes()), "exe\\u{202e}txt");
    }

    #[test]
    fn invalid_utf8_in_a_name_is_replaced() {
        assert_eq!(shown(b"caf\xe9"), "caf\u{fffd}");
    }

    #[test]
    fn the_prefix_is_what_the_user_wrote() {
        assert_eq!(below("src/", Path::new("a/b.rs")), "src/a/b.rs");
        assert_eq!(below(".", Path::new("a")), "a");
        assert_eq!(below("/", Path::new("etc")), "/etc");
        assert_eq!(below("../x", Path::new("")), "../x");
    }
}
