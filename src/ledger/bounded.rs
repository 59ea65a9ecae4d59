//! Collections with an upper bound whose content does not depend on the order in which things arrive.
//!
//! Each rule keeps the smallest or the largest keys of everything ever offered, so that folding shards apart and
//! joining them gives the same as folding all of it at once.

use std::collections::{BTreeMap, BTreeSet};

/// Keeps the `limit` smallest items; true when something had to go.
pub(super) fn keep_smallest<T: Ord>(set: &mut BTreeSet<T>, limit: usize) -> bool {
    let before = set.len();
    while set.len() > limit {
        set.pop_last();
    }
    set.len() < before
}

/// Keeps the `limit / 2` smallest and the `limit / 2` largest items: the middle of a long story goes.
pub(super) fn keep_ends<T: Ord + Clone>(set: &mut BTreeSet<T>, limit: usize) {
    if set.len() <= limit {
        return;
    }
    let tail: BTreeSet<T> = set.iter().rev().take(limit / 2).cloned().collect();
    keep_smallest(set, limit / 2);
    set.extend(tail);
}

/// Keeps the `limit` largest keys.
pub(super) fn keep_largest_keys<K: Ord, V>(map: &mut BTreeMap<K, V>, limit: usize) {
    while map.len() > limit {
        map.pop_first();
    }
}

/// The smaller of two values of which either may be absent; a value wins over none.
pub(super) fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (some, None) | (None, some) => some,
    }
}

/// Puts `candidate` in `slot` if it is smaller than what is there, or if nothing is there.
pub(super) fn lower<T: Ord>(slot: &mut Option<T>, candidate: Option<T>) {
    *slot = least(slot.take(), candidate);
}

/// Puts `candidate` in `slot` if it is larger than what is there, or if nothing is there.
pub(super) fn raise<T: Ord>(slot: &mut Option<T>, candidate: Option<T>) {
    *slot = slot.take().max(candidate);
}

/// `text` cut to at most `limit` bytes at a character boundary.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    end.and_then(|end| text.get(..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_long_story_are_kept() {
        let mut set: BTreeSet<u32> = (0..100).collect();
        keep_ends(&mut set, 4);
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [0, 1, 98, 99]);
    }

    #[test]
    fn a_value_wins_over_none() {
        assert_eq!(least(None, Some(1)), Some(1));
        assert_eq!(least(Some(2), Some(1)), Some(1));
        let mut slot = None;
        raise(&mut slot, Some(3));
        raise(&mut slot, None);
        assert_eq!(slot, Some(3));
    }

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 9), "aé");
    }
}
