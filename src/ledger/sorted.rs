//! Small sorted collections. Most timelines hold one or two networks, agents and actions: a tree would take more memory
//! for its first node than all of them.

use std::borrow::Borrow;

use serde::{Serialize, Serializer};
use thin_vec::ThinVec;

/// A set in order of its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortedSet<T>(ThinVec<T>);

/// A map in order of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortedMap<K, V>(ThinVec<(K, V)>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(ThinVec::new())
    }
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(ThinVec::new())
    }
}

impl<T> SortedSet<T> {
    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest.
    pub fn first(&self) -> Option<&T> {
        self.0.first()
    }

    /// The largest.
    pub fn last(&self) -> Option<&T> {
        self.0.last()
    }
}

impl<T: Ord> SortedSet<T> {
    /// Whether the item is there.
    pub fn contains(&self, item: &T) -> bool {
        self.0.binary_search(item).is_ok()
    }

    /// Adds an item; false if it was there.
    pub(super) fn insert(&mut self, item: T) -> bool {
        if self.0.last().is_some_and(|last| *last == item) {
            return false;
        }
        let Err(at) = self.0.binary_search(&item) else { return false };
        room(&mut self.0);
        self.0.insert(at, item);
        true
    }

    /// Adds an item unless the set is full of smaller ones; true if an item had to go or could not come.
    pub(super) fn insert_smallest(&mut self, item: T, limit: usize) -> bool {
        self.insert(item) && self.keep_smallest(limit)
    }

    /// Adds an item and lets the smallest go where there are more than `limit`.
    pub(super) fn insert_largest(&mut self, item: T, limit: usize) {
        if self.insert(item) && self.0.len() > limit {
            self.0.drain(..self.0.len() - limit);
        }
    }

    /// Keeps the `limit / 2` smallest and the `limit / 2` largest items: the middle of a long story goes.
    pub(super) fn keep_ends(&mut self, limit: usize) {
        if self.0.len() > limit {
            self.0.drain(limit / 2..self.0.len() - limit / 2);
        }
    }

    fn keep_smallest(&mut self, limit: usize) -> bool {
        let more = self.0.len() > limit;
        self.0.truncate(limit);
        more
    }
}

impl<K, V> SortedMap<K, V> {
    /// The entries in order of keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in order of keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entry with the smallest key.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.0.first().map(|(key, value)| (key, value))
    }

    /// The entry with the largest key.
    pub fn last_key_value(&self) -> Option<(&K, &V)> {
        self.0.last().map(|(key, value)| (key, value))
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let at = self.find(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.find(key).is_ok()
    }

    /// The value of a key, which is made where it is not there. Of more than `limit` keys the largest goes, or does not
    /// come: then there is no value, and true beside it.
    pub(super) fn at_smallest<Q: Ord + ?Sized>(
        &mut self,
        key: &Q,
        limit: usize,
        make: impl FnOnce() -> (K, V),
    ) -> (Option<&mut V>, bool)
    where
        K: Borrow<Q>,
    {
        match self.find(key) {
            Ok(at) => (self.0.get_mut(at).map(|(_, value)| value), false),
            Err(at) if at >= limit => (None, true),
            Err(at) => {
                let more = self.0.len() >= limit;
                self.0.truncate(limit.saturating_sub(1));
                room(&mut self.0);
                self.0.insert(at, make());
                (self.0.get_mut(at).map(|(_, value)| value), more)
            }
        }
    }

    /// Takes out the entry at this place in the order.
    pub(super) fn remove_at(&mut self, at: usize) {
        if at < self.0.len() {
            self.0.remove(at);
        }
    }

    fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        self.0.binary_search_by(|(known, _)| known.borrow().cmp(key))
    }
}

/// Room for one more, and for half as many again: the first item takes the room of one.
fn room<T>(items: &mut ThinVec<T>) {
    if items.len() == items.capacity() {
        items.reserve_exact(1 + items.len() / 2);
    }
}

impl<T: Serialize> Serialize for SortedSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_slice().serialize(serializer)
    }
}

impl<T> IntoIterator for SortedSet<T> {
    type Item = T;
    type IntoIter = thin_vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = thin_vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a SortedMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&'a (K, V)) -> (&'a K, &'a V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_keys_stay_and_the_rest_is_told() {
        let mut map: SortedMap<u32, u32> = SortedMap::default();
        for key in [5, 1, 3] {
            assert!(!map.at_smallest(&key, 3, || (key, key)).1);
        }
        assert!(!map.at_smallest(&3, 3, || (3, 9)).1, "it is there already");
        assert!(map.at_smallest(&2, 3, || (2, 2)).1, "5 goes");
        assert_eq!(map.at_smallest(&7, 3, || (7, 7)), (None, true), "7 does not come");
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [(1, 1), (2, 2), (3, 3)]);
    }

    #[test]
    fn a_set_is_in_order_and_holds_everything_once() {
        let mut set = SortedSet::default();
        for item in [4, 1, 4, 3, 9] {
            set.insert(item);
        }
        assert_eq!(set.iter().copied().collect::<Vec<_>>(), [1, 3, 4, 9]);
        set.keep_ends(2);
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [1, 9]);
    }

    #[test]
    fn the_largest_stay_where_the_smallest_go() {
        let mut set = SortedSet::default();
        for item in [4, 1, 3, 9] {
            set.insert_largest(item, 2);
        }
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [4, 9]);
    }
}
