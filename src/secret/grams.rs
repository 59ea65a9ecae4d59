//! Finds the few places of a text where a keyword may lie, faster than an automaton reads bytes.
//!
//! Of each keyword the rarest three neighbouring bytes are taken. A table tells for any three bytes whether they are
//! among those; it is asked at every offset, without a branch for eight offsets at a time. An Aho-Corasick automaton
//! over all keywords reads about 0.5 GB/s on this product's rules because each step waits for the one before; the
//! steps here are independent of each other.

/// The table has so many bits of index: 32 KiB, which stay in the first-level cache.
const INDEX_BITS: u32 = 15;
/// Bytes of a gram.
const GRAM: usize = 3;
/// Offsets that are asked for at once.
const BLOCK: usize = 8;
/// Clears the bit that tells upper from lower case, and the fourth byte.
const FOLD: u32 = 0x00df_dfdf;

/// Which grams occur in any keyword.
pub(super) struct Grams {
    /// For each slot: 0, or the number of a group of grams.
    table: Box<[u8; 1 << INDEX_BITS]>,
    /// Group 0 stays empty.
    groups: Vec<Vec<Gram>>,
}

/// Three folded bytes of a keyword.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Gram {
    word: u32,
    /// Where in the keyword they begin.
    offset: usize,
}

impl Grams {
    #[expect(clippy::large_stack_arrays, reason = "32 KiB, once, and on their way to the heap")]
    pub(super) fn new() -> Self {
        Self { table: Box::new([0; 1 << INDEX_BITS]), groups: vec![Vec::new()] }
    }

    /// Makes the rarest gram of a keyword known, and says where in the keyword it begins.
    pub(super) fn insert(&mut self, keyword: &[u8]) -> usize {
        let offset = rarest(keyword);
        let gram = Gram { word: word(keyword.get(offset..).unwrap_or_default()) & FOLD, offset };
        let known = &mut self.table[usize::from(slot(gram.word))];
        if *known == 0 {
            // More groups than a byte can number share the last one.
            *known = u8::try_from(self.groups.len()).unwrap_or(u8::MAX);
            self.groups.resize_with(self.groups.len().max(usize::from(*known) + 1), Vec::new);
        }
        let group = &mut self.groups[usize::from(*known)];
        if !group.contains(&gram) {
            group.push(gram);
        }
        offset
    }

    /// Calls `found` with the start of each place where a keyword may lie, and with the offset of the gram that led
    /// there. Places come in order of their grams.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<{ BLOCK + 3 }>()) {
            let mut any = 0;
            for offset in 0..BLOCK {
                any |= self.table[usize::from(slot(word_at(block, offset)))];
            }
            if any != 0 {
                for offset in 0..BLOCK {
                    self.look(word_at(block, offset), at + offset, &mut found);
                }
            }
            at += BLOCK;
        }
        for (offset, gram) in text.get(at..).unwrap_or_default().windows(GRAM).enumerate() {
            self.look(word(gram), at + offset, &mut found);
        }
    }

    #[inline]
    fn look(&self, word: u32, at: usize, found: &mut impl FnMut(usize, usize)) {
        let group = self.table[usize::from(slot(word))];
        for gram in &self.groups[usize::from(group)] {
            if gram.word == word & FOLD
                && let Some(start) = at.checked_sub(gram.offset)
            {
                found(start, gram.offset);
            }
        }
    }
}

#[inline]
fn word_at(block: &[u8; BLOCK + 3], offset: usize) -> u32 {
    u32::from_le_bytes([block[offset], block[offset + 1], block[offset + 2], block[offset + 3]])
}

/// Three bytes as the lower part of a word.
fn word(gram: &[u8]) -> u32 {
    gram.iter().take(GRAM).rev().fold(0, |word, &byte| (word << 8) | u32::from(byte))
}

#[inline]
fn slot(word: u32) -> u16 {
    (((word & FOLD).wrapping_mul(0x9e37_79b1)) >> (32 - INDEX_BITS)) as u16
}

/// Where in a keyword its rarest gram begins.
fn rarest(keyword: &[u8]) -> usize {
    let weight = |gram: &[u8]| gram.iter().map(|&byte| u64::from(frequency(byte))).product::<u64>();
    let grams = keyword.windows(GRAM).map(weight).enumerate();
    grams.min_by_key(|&(_, weight)| weight).map_or(0, |(at, _)| at)
}

/// How often a byte occurs in source code and prose, roughly, per thousand and doubled.
fn frequency(byte: u8) -> u8 {
    const LETTERS: [u8; 26] =
        [85, 18, 42, 48, 150, 28, 22, 36, 85, 4, 10, 56, 32, 80, 80, 32, 3, 84, 84, 110, 36, 14, 14, 8, 18, 4];
    match byte.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => LETTERS[usize::from(letter - b'a')],
        b' ' => 255,
        b'0' | b'1' | b'2' | b'/' | b'-' | b':' => 24,
        b'_' | b'.' | b'=' => 20,
        b'3'..=b'9' => 12,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(grams: &Grams, text: &[u8]) -> Vec<usize> {
        let mut all = Vec::new();
        grams.find(text, |start, _| all.push(start));
        all
    }

    #[test]
    fn a_gram_is_found_at_every_offset_and_at_both_ends_in_either_case() {
        let mut grams = Grams::new();
        assert_eq!(grams.insert(b"ghp_"), 1, "the rarest gram is hp_");
        for before in 0..40 {
            for after in 0..20 {
                let text = [".".repeat(before).as_bytes(), b"GHp_", ".".repeat(after).as_bytes()].concat();
                assert_eq!(starts(&grams, &text), [before], "{before} {after}");
            }
        }
    }

    #[test]
    fn a_gram_without_room_for_the_rest_of_its_keyword_is_passed_over() {
        let mut grams = Grams::new();
        grams.insert(b"ghp_");
        assert!(starts(&grams, b"hp_ and more text").is_empty());
        assert!(starts(&grams, b"hp").is_empty());
    }

    #[test]
    fn more_grams_than_groups_are_all_found() {
        let mut grams = Grams::new();
        let keywords: Vec<String> = (0..1000).map(|number| format!("q{number:03}")).collect();
        for keyword in &keywords {
            grams.insert(keyword.as_bytes());
        }
        for keyword in &keywords {
            assert!(starts(&grams, format!("  {keyword}  ").as_bytes()).contains(&2), "{keyword}");
        }
    }

    #[test]
    fn the_rarest_part_of_a_keyword_avoids_common_letters() {
        assert_eq!(rarest(b"authkey"), 4, "key");
    }
}
