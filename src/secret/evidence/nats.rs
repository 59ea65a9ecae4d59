//! NATS nkey seeds: base 32 of two prefix bytes, 32 bytes of seed and a CRC-16 (XMODEM) in little-endian order.
//!
//! Source: <https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth> and the
//! encoding in <https://github.com/nats-io/nkeys>.

use super::Reading;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Prefix (2), seed (32), checksum (2).
const BYTES: usize = 36;

/// Reads role and checksum of a seed.
pub(super) fn seed(text: &str) -> Reading {
    let mut reading = Reading::default();
    let role = match text.as_bytes().get(1) {
        Some(b'O') => "operator",
        Some(b'A') => "account",
        Some(b'U') => "user",
        Some(b'N') => "server",
        Some(b'C') => "cluster",
        Some(b'X') => "curve key",
        _ => "",
    };
    reading.tell("role", role);
    let right = decode(text).is_some_and(|bytes| {
        let (body, sum) = bytes.split_at(BYTES - 2);
        crc16(body).to_le_bytes() == *sum
    });
    if right {
        reading.tell("checksum", "valid");
        reading.confirmed();
    } else {
        reading.tell("checksum", "wrong");
        reading.doubted("its checksum is wrong: a test value or a typo");
    }
    reading
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes() {
        let digit = BASE32.iter().position(|&digit| digit == byte)?;
        bits = (bits << 5) | u32::try_from(digit).ok()?;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    (bytes.len() == BYTES).then_some(bytes)
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, &byte| {
        (0..8)
            .fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;

    /// A seed of a user, made from made-up bytes.
    fn made_up() -> String {
        let mut bytes = vec![0x90 | (0xa0 >> 5), (0xa0_u8 & 31) << 3];
        bytes.extend((0..32).map(|at: u8| at.wrapping_mul(37) ^ 0x5a));
        bytes.extend(crc16(&bytes).to_le_bytes());
        let digit = |at: usize| {
            let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
            char::from(BASE32[(0..5).fold(0, |value, bit_at| value * 2 + usize::from(bit(at * 5 + bit_at)))])
        };
        (0..58).map(digit).collect()
    }

    #[test]
    fn the_checksum_is_crc16_xmodem() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn a_right_seed_is_confirmed_with_its_role() {
        let seed = made_up();
        assert!(seed.starts_with("SU"), "{seed}");
        let reading = super::seed(&seed);
        assert_eq!(reading.confidence, Some((Confidence::High, "".into())));
        assert_eq!(&*reading.readouts[0].value, "user");
    }

    #[test]
    fn a_changed_character_and_a_missing_one_are_doubted() {
        let seed = made_up();
        let changed = seed.replacen(&seed[20..21], if &seed[20..21] == "A" { "B" } else { "A" }, 1);
        for wrong in [changed.as_str(), &seed[..57], ""] {
            assert!(matches!(super::seed(wrong).confidence, Some((Confidence::Low, _))), "{wrong}");
        }
    }
}
