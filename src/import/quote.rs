//! Finds the end of a JSON text. Most are so short that looking at eight bytes at a time beats a vectorised search, which
//! first has to be called.

/// After so many bytes a text is long.
const SHORT: usize = 64;

/// Where the first of these bytes lies.
pub(super) fn first_of<const N: usize>(
    wanted: [u8; N],
    bytes: &[u8],
    long: fn(&[u8]) -> Option<usize>,
) -> Option<usize> {
    let mut at = 0;
    for eight in bytes.as_chunks::<8>().0.iter().take(SHORT / 8) {
        let word = u64::from_le_bytes(*eight);
        let found = wanted.iter().fold(0, |found, byte| found | zeros(word ^ u64::from_ne_bytes([*byte; 8])));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    long(bytes.get(at..)?).map(|found| at + found)
}

/// The highest bit of the lowest zero byte, and perhaps of bytes above it.
fn zeros(word: u64) -> u64 {
    const LOW: u64 = u64::from_ne_bytes([1; 8]);
    word.wrapping_sub(LOW) & !word & LOW << 7
}

#[cfg(test)]
mod tests {
    use super::first_of;

    #[test]
    fn every_place_is_found_as_a_plain_search_finds_it() {
        let long = |rest: &[u8]| memchr::memchr2(b'"', b'\\', rest);
        for length in 0..200 {
            for at in 0..length {
                let mut bytes = vec![b'!'; length];
                for (place, byte) in bytes.iter_mut().enumerate().filter(|(place, _)| place % 3 == 1) {
                    *byte = [0, b'#', 0x80, 0xa2, 0xff][place % 5];
                }
                assert_eq!(first_of(*b"\"\\", &bytes, long), None);
                bytes[at] = b'\\';
                assert_eq!(first_of(*b"\"\\", &bytes, long), Some(at));
                bytes[at / 2] = b'"';
                assert_eq!(first_of(*b"\"\\", &bytes, long), Some(at / 2));
            }
        }
    }
}
