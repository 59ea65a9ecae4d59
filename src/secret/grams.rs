//! Finds the few places of a text where a keyword may lie, several times faster than an automaton reads bytes.
//!
//! Of each keyword the rarest four neighbouring bytes are taken. Two small tables tell for any four bytes whether they
//! may be among those; they are asked at every offset, for eight offsets without a branch. An automaton waits at each
//! byte for the step before; here no step waits for another.

use std::collections::HashMap;

/// Each table has so many bits of index: 16 KiB, so that both stay in the first-level cache.
const INDEX_BITS: u32 = 14;
/// Entries are found by so many bits.
const BUCKET_BITS: u32 = 12;
/// Bytes of a gram.
const GRAM: usize = 4;
/// Offsets that are asked for at once.
const BLOCK: usize = 8;
/// Clears the bit that tells upper from lower case.
const FOLD: u32 = 0xdfdf_dfdf;

type Table = Box<[u8; 1 << INDEX_BITS]>;

/// The rarest grams of all keywords.
pub(super) struct Grams {
    /// A gram has one of eight classes; its bit is set at its place in both tables.
    first: Table,
    second: Table,
    /// Where the entries of each bucket begin; one more than buckets.
    starts: Box<[u32]>,
    entries: Box<[Entry]>,
}

/// A gram of a keyword.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    bucket: u16,
    /// The gram, folded.
    word: u32,
    /// Where in the keyword it begins.
    offset: u16,
    keyword: u16,
}

impl Grams {
    /// The grams of keywords of three bytes or more; a keyword is called by its position.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = &'a [u8]>) -> Self {
        let common = commonness();
        let mut entries: Vec<Entry> =
            (0_u16..).zip(keywords).flat_map(|(number, keyword)| entries_of(keyword, number, &common)).collect();
        entries.sort_unstable();
        let (mut first, mut second) = (Box::new([0; 1 << INDEX_BITS]), Box::new([0; 1 << INDEX_BITS]));
        for entry in &entries {
            let (class, mixed) = (1 << (entry.keyword % 8), mixed(entry.word));
            first[first_slot(mixed)] |= class;
            second[second_slot(mixed)] |= class;
        }
        let begin = |bucket: u16| entries.partition_point(|entry| entry.bucket < bucket) as u32;
        let starts = (0..=1 << BUCKET_BITS).map(begin).collect();
        Self { first, second, starts, entries: entries.into() }
    }

    /// Calls `found` with the start of each place where a keyword may lie, and with the keyword's number. Places come
    /// in order of their grams.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, u16)) {
        let mut at = 0;
        while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<{ BLOCK + GRAM - 1 }>()) {
            let mut any = 0;
            for offset in 0..BLOCK {
                any |= self.classes(word_at(block, offset));
            }
            if any != 0 {
                for offset in 0..BLOCK {
                    self.look(word_at(block, offset), at + offset, &mut found);
                }
            }
            at += BLOCK;
        }
        // The end is read as if zeros followed, so that a keyword of three bytes is seen there too.
        let rest = text.get(at..).unwrap_or_default();
        for offset in 0..rest.len() {
            let mut gram = [0; GRAM];
            gram.iter_mut().zip(&rest[offset..]).for_each(|(to, from)| *to = *from);
            self.look(u32::from_le_bytes(gram), at + offset, &mut found);
        }
    }

    #[inline]
    fn classes(&self, word: u32) -> u8 {
        let mixed = mixed(word);
        self.first[first_slot(mixed)] & self.second[second_slot(mixed)]
    }

    #[inline]
    fn look(&self, word: u32, at: usize, found: &mut impl FnMut(usize, u16)) {
        if self.classes(word) == 0 {
            return;
        }
        let bucket = usize::from(bucket(word));
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        for entry in self.entries.get(range).unwrap_or_default() {
            if entry.word == word & FOLD
                && let Some(start) = at.checked_sub(usize::from(entry.offset))
            {
                found(start, entry.keyword);
            }
        }
    }
}

#[inline]
fn word_at(block: &[u8; BLOCK + GRAM - 1], offset: usize) -> u32 {
    u32::from_le_bytes([block[offset], block[offset + 1], block[offset + 2], block[offset + 3]])
}

/// All bits of a gram spread over the upper half.
#[inline]
fn mixed(word: u32) -> u64 {
    u64::from(word & FOLD).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn first_slot(mixed: u64) -> usize {
    (mixed >> (u64::BITS - INDEX_BITS)) as usize
}

#[inline]
fn second_slot(mixed: u64) -> usize {
    (mixed >> (u64::BITS - 2 * INDEX_BITS)) as usize & ((1 << INDEX_BITS) - 1)
}

fn bucket(word: u32) -> u16 {
    (mixed(word) >> (u64::BITS - BUCKET_BITS)) as u16
}

/// The entries of a keyword: one, or one for each byte that can follow where the keyword has three bytes only.
fn entries_of(keyword: &[u8], number: u16, common: &HashMap<&[u8], usize>) -> Vec<Entry> {
    let offset = rarest(keyword, common);
    let known = keyword.get(offset..).unwrap_or_default();
    let word = known.iter().take(GRAM).rev().fold(0, |word, &byte| (word << 8) | u32::from(byte)) & FOLD;
    let entry = |word| Entry { bucket: bucket(word), word, offset: offset as u16, keyword: number };
    if known.len() >= GRAM {
        return vec![entry(word)];
    }
    let following = (0..=u8::MAX).filter(|byte| u32::from(*byte) & FOLD == u32::from(*byte));
    following.map(|byte| entry(word | (u32::from(byte) << 24))).collect()
}

/// The most frequent grams of source code and prose in lower case, the most frequent first: counted over the work trees
/// of eight public projects by `benches/common_grams.py`.
static COMMON: &str = include_str!("common_grams.txt");

/// How common each of the most frequent grams is: the higher, the more.
fn commonness() -> HashMap<&'static [u8], usize> {
    COMMON.as_bytes().split(|&byte| byte == b'\n').filter(|gram| !gram.is_empty()).rev().zip(1..).collect()
}

/// Where in a keyword its rarest gram begins: one that is not common, and of those the one of the rarest bytes.
fn rarest(keyword: &[u8], common: &HashMap<&[u8], usize>) -> usize {
    let by_bytes = |gram: &[u8]| gram.iter().map(|&byte| u64::from(frequency(byte))).product::<u64>();
    let weight = |gram: &[u8]| (common.get(gram).copied().unwrap_or_default(), by_bytes(gram));
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

    fn grams(keywords: &[&str]) -> Grams {
        Grams::new(keywords.iter().map(|keyword| keyword.as_bytes()))
    }

    fn found(grams: &Grams, text: &[u8]) -> Vec<(usize, u16)> {
        let mut all = Vec::new();
        grams.find(text, |start, keyword| all.push((start, keyword)));
        all
    }

    #[test]
    fn a_keyword_is_found_at_every_offset_and_at_both_ends_in_either_case() {
        let grams = grams(&["eyj", "glpat-"]);
        for before in 0..40 {
            for after in 0..20 {
                for (number, keyword) in [(0, &b"EYj"[..]), (1, b"gLPAt-")] {
                    let text = [".".repeat(before).as_bytes(), keyword, ".".repeat(after).as_bytes()].concat();
                    assert_eq!(found(&grams, &text), [(before, number)], "{before} {after}");
                }
            }
        }
    }

    #[test]
    fn a_gram_without_room_for_the_rest_of_its_keyword_is_passed_over() {
        let grams = grams(&["token_qz"]);
        assert_eq!(rarest(b"token_qz", &commonness()), 4, "n_qz");
        assert!(found(&grams, b"en_qz and more").is_empty());
        assert!(found(&grams, b"n_q").is_empty());
    }

    #[test]
    fn thousands_of_keywords_are_all_found() {
        let keywords: Vec<String> = (0..3000).map(|number| format!("q{number:04}")).collect();
        let grams = Grams::new(keywords.iter().map(String::as_bytes));
        for (number, keyword) in (0..).zip(&keywords) {
            assert!(found(&grams, format!("  {keyword}  ").as_bytes()).contains(&(2, number)), "{keyword}");
        }
    }

    #[test]
    fn the_rarest_part_of_a_keyword_avoids_common_letters() {
        assert_eq!(rarest(b"authkey", &commonness()), 3, "hkey");
    }

    #[test]
    fn the_rarest_part_of_a_keyword_avoids_what_common_words_hold() {
        assert_eq!(rarest(b"portainer", &commonness()), 1, "orta, and not rtai as in certain, whose bytes are rarer");
    }
}
