//! Gzip inside another encoding: Helm releases, user data of cloud machines, state files.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::Budget;

/// At most so many times its size is inflated.
const MOST_RATIO: usize = 100;

/// What a gzip stream says, as far as it is sound and the budget suffices.
pub(super) fn inflate(bytes: &[u8], budget: &mut Budget) -> Vec<u8> {
    let room = budget.bytes.min(bytes.len().saturating_mul(MOST_RATIO));
    let mut text = Vec::new();
    let mut stream = MultiGzDecoder::new(bytes).take(room as u64 + 1);
    let _what_was_sound_is_kept = stream.read_to_end(&mut text);
    if text.len() > room {
        text.truncate(room);
        budget.left.beyond_budget += 1;
    }
    budget.bytes -= text.len();
    text
}
