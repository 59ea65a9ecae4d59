//! Rules as data: YAML files, embedded in the binary, turned into checked values.

pub mod check;
pub mod control;
pub mod embedded;
pub mod mapping;
pub mod nearest;
pub mod policy;
pub mod secret;

use crate::model::Sha256Digest;

/// One digest over all rule files, so that two reports can be told to come from the same rules.
pub fn sha256() -> Sha256Digest {
    let digests = embedded::below("rules/").flat_map(|(path, text)| [path.as_bytes(), text].map(Sha256Digest::of));
    let all: Vec<u8> = digests.flat_map(|digest| digest.0).collect();
    Sha256Digest::of(&all)
}
