//! One secret at one place is one match: where rules overlap, the narrowest keeps the place.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::compiled::{Compiled, Hit};

/// The hits that keep their places, in order of the text.
pub(super) fn resolve(mut hits: Vec<Hit>, rules: &[Compiled]) -> Vec<Hit> {
    hits.sort_by_cached_key(|hit| {
        // Of two rules that claim the same characters, the one that saw more around them knows more.
        let (length, context) = (Reverse(hit.secret.len()), Reverse(hit.whole.len()));
        (rules[hit.rule].rule.breadth, length, hit.secret.start, context, hit.rule, hit.whole.start)
    });
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    hits.retain(|hit| {
        let free = is_free(&taken, &hit.secret);
        if free {
            taken.insert(hit.secret.start, hit.secret.end);
            // A public id beside its secret is no secret that a wider rule may claim.
            if let Some(id) = hit.id.as_ref().filter(|id| is_free(&taken, id)) {
                taken.insert(id.start, id.end);
            }
        }
        free
    });
    hits.sort_by_key(|hit| (hit.secret.start, hit.rule));
    hits
}

/// Taken places do not overlap each other, so the last one that begins before our end is the only candidate.
fn is_free(taken: &BTreeMap<usize, usize>, place: &Range<usize>) -> bool {
    taken.range(..place.end).next_back().is_none_or(|(_, &end)| end <= place.start)
}
