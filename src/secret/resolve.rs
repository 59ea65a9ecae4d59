//! One secret at one place is one match: where rules overlap, the narrowest keeps the place.

use std::collections::BTreeMap;

use super::compiled::{Compiled, Hit};

/// The hits that keep their places, in order of the text.
pub(super) fn resolve(mut hits: Vec<Hit>, rules: &[Compiled]) -> Vec<Hit> {
    hits.sort_by_cached_key(|hit| {
        let length = hit.secret.len();
        (rules[hit.rule].rule.breadth, std::cmp::Reverse(length), hit.secret.start, hit.rule, hit.whole.start)
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    hits.retain(|hit| {
        // Taken places do not overlap each other, so the last one that begins before our end is the only candidate.
        let before = taken.range(..hit.secret.end).next_back();
        let free = before.is_none_or(|(_, &end)| end <= hit.secret.start);
        if free {
            taken.insert(hit.secret.start, hit.secret.end);
        }
        free
    });
    hits.sort_by_key(|hit| (hit.secret.start, hit.rule));
    hits
}
