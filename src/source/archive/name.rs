//! Names of members as they are shown. Nothing is ever written under them.

use crate::source::name::shown;

/// Longer names are cut, in characters.
const LONGEST: usize = 400;
/// The most bytes of a name that are kept at all.
pub(super) const MOST_BYTES: usize = 4096;

/// The shown name of a member: safe for a terminal, without a leading `./`, and not without end.
pub(super) fn member(raw: &[u8]) -> String {
    let raw = raw.get(..MOST_BYTES).unwrap_or(raw);
    let name = shown(raw.strip_prefix(b"./").unwrap_or(raw));
    match name.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}...", &name[..cut]),
        None => name,
    }
}

/// The name of what a compressed file holds: its own without the last extension.
pub(super) fn uncompressed(name: &str) -> &str {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
