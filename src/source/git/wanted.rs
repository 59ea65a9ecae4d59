//! The blobs one asks about, made for asking millions of times about blobs that are not among them.

use gix::ObjectId;
use gix::hashtable::HashSet;

/// Bits of the filter for each blob; at 16 one in sixteen strangers gets past it, and is told by the set.
const BITS_EACH: usize = 16;
/// The filter for few blobs: 8 KiB, which stay in the nearest cache.
const MIN_BITS: usize = 1 << 16;

/// A set of blobs behind a filter of one bit each.
pub(super) struct Wanted {
    set: HashSet<ObjectId>,
    filter: Vec<u64>,
}

impl Wanted {
    /// A set of these blobs.
    pub(super) fn new(blobs: impl Iterator<Item = ObjectId>) -> Self {
        let blobs: Vec<ObjectId> = blobs.collect();
        let bits = (blobs.len() * BITS_EACH).next_power_of_two().max(MIN_BITS);
        let mut wanted = Self { filter: vec![0; bits / 64], set: HashSet::default() };
        for id in blobs {
            let (word, bit) = wanted.place(&id);
            if let Some(word) = wanted.filter.get_mut(word) {
                *word |= bit;
            }
            wanted.set.insert(id);
        }
        wanted
    }

    /// Whether a blob is among them.
    pub(super) fn contains(&self, id: &gix::oid) -> bool {
        let (word, bit) = self.place(id);
        self.filter.get(word).is_some_and(|word| word & bit != 0) && self.set.contains(id)
    }

    /// Whether nothing is asked about.
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    fn place(&self, id: &gix::oid) -> (usize, u64) {
        let number = prefix(id);
        ((number >> 6) as usize % self.filter.len(), 1 << (number & 63))
    }
}

/// Four bytes of an id as a number: ids are hashes, so any four do.
pub(super) fn prefix(id: &gix::oid) -> u32 {
    id.as_bytes().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use gix::ObjectId;

    use super::Wanted;

    fn id(number: u32) -> ObjectId {
        let text = format!("{:040x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
        ObjectId::from_hex(text.as_bytes()).unwrap()
    }

    #[test]
    fn exactly_the_blobs_asked_about_are_in_it() {
        for count in [0, 1, 100, 20_000] {
            let wanted = Wanted::new((0..count).map(|number| id(2 * number)));
            assert!((0..count).all(|number| wanted.contains(&id(2 * number))));
            assert!((0..count.max(1000)).all(|number| !wanted.contains(&id(2 * number + 1))));
            assert_eq!(wanted.is_empty(), count == 0);
        }
    }
}
