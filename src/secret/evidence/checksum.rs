//! Tokens that carry a CRC-32 of themselves.
//!
//! GitHub and npm: the last six characters are the CRC-32 (ISO-HDLC, as in zip) of the random characters between the
//! prefix and the checksum, prefix not included, in base 62 with the alphabet 0-9A-Za-z, padded on the left with `0`
//! (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).
//! Vercel does the same. Atlassian writes the CRC-32 of everything before it, the `=` included, in eight hexadecimal
//! digits. The forms of Vercel and Atlassian were measured on published tokens, not found in documentation.

use super::Reading;
use crate::rules::secret::sample::crc32_base62;

/// Length of a base-62 checksum.
const DIGITS: usize = 6;

/// Reads the checksum of `ghp_...` and its sisters.
pub(super) fn github(token: &str) -> Reading {
    base62(token)
}

/// Reads the checksum of `npm_...`.
pub(super) fn npm(token: &str) -> Reading {
    base62(token)
}

/// Reads the checksum of `vcp_...` and its sisters.
pub(super) fn vercel(token: &str) -> Reading {
    base62(token)
}

/// Reads the checksum of `ATATT...`.
pub(super) fn atlassian(token: &str) -> Reading {
    let Some((body, sum)) = token.len().checked_sub(8).and_then(|at| token.split_at_checked(at)) else {
        return Reading::default();
    };
    judged(format!("{:08X}", crc32fast::hash(body.as_bytes())) == sum)
}

fn base62(token: &str) -> Reading {
    let body = token.split_once('_').map_or(token, |(_prefix, body)| body);
    let Some((random, sum)) = body.len().checked_sub(DIGITS).and_then(|at| body.split_at_checked(at)) else {
        return Reading::default();
    };
    judged(crc32_base62(random.as_bytes()) == sum)
}

fn judged(right: bool) -> Reading {
    let mut reading = Reading::default();
    if right {
        reading.tell("checksum", "valid");
        reading.confirmed();
    } else {
        reading.tell("checksum", "wrong");
        reading.doubted("its checksum is wrong: a test value, a typo or a newer format");
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;

    #[test]
    fn a_right_checksum_confirms_the_token() {
        let random = "abcdefghijklmnopqrstuvwxyz0123";
        let reading = github(&format!("ghp_{random}{}", crc32_base62(random.as_bytes())));
        assert_eq!(reading.confidence, Some((Confidence::High, "".into())));
    }

    #[test]
    fn a_wrong_checksum_is_told_and_lowers_the_confidence() {
        let reading = npm(&format!("npm_{}", "a".repeat(36)));
        assert_eq!(&*reading.readouts[0].value, "wrong");
        assert!(matches!(&reading.confidence, Some((Confidence::Low, doubt)) if !doubt.is_empty()));
    }

    #[test]
    fn a_small_checksum_is_padded_with_zeros() {
        assert_eq!(crc32_base62(b""), "000000");
        assert_eq!(crc32_base62(b"123456789"), "3jZRME", "CRC-32 check value 0xCBF43926 = 3421780262");
    }

    #[test]
    fn an_atlassian_checksum_covers_all_that_precedes_it() {
        let body = "ATATT3xFfGF0abcdefghijklmnop=";
        let token = format!("{body}{:08X}", crc32fast::hash(body.as_bytes()));
        assert_eq!(&*atlassian(&token).readouts[0].value, "valid");
        assert_eq!(&*atlassian(&token.replace("abc", "abd")).readouts[0].value, "wrong");
    }
}
