//! Tokens that carry a CRC-32 of themselves.
//!
//! GitHub and npm: the last six characters are the CRC-32 (ISO-HDLC, as in zip) of the random characters between the
//! prefix and the checksum, prefix not included, in base 62 with the alphabet 0-9A-Za-z, padded on the left with `0`
//! (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>).
//! Vercel does the same. Atlassian writes the CRC-32 of everything before it, the `=` included, in eight hexadecimal
//! digits. The forms of Vercel and Atlassian were measured on published tokens, not found in documentation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

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

/// Reads the checksum of `nbp_...` (`personal_access_token.go` of <https://github.com/netbirdio/netbird>).
pub(super) fn netbird(token: &str) -> Reading {
    base62(token)
}

/// Reads the checksum of `ATATT...`.
pub(super) fn atlassian(token: &str) -> Reading {
    let Some((body, sum)) = token.len().checked_sub(8).and_then(|at| token.split_at_checked(at)) else {
        return Reading::default();
    };
    judged(format!("{:08X}", crc32fast::hash(body.as_bytes())) == sum)
}

/// Reads the checksum of `zpka_<random>_<CRC-32 of random, hexadecimal>`
/// (<https://zuplo.com/docs/articles/api-key-leak-detection>).
pub(super) fn zuplo(token: &str) -> Reading {
    let body = token.strip_prefix("zpka_").unwrap_or(token);
    body.split_once('_').map_or_else(Reading::default, |(random, sum)| {
        judged(format!("{:08x}", crc32fast::hash(random.as_bytes())) == sum)
    })
}

/// Reads name and checksum of `syt_<user name in base 64>_<random>_<CRC-32 of all before it, base 62>`
/// (`generate_access_token` of <https://github.com/element-hq/synapse>).
pub(super) fn matrix(token: &str) -> Reading {
    let Some((body, sum)) = token.rsplit_once('_') else { return Reading::default() };
    let mut reading = judged(crc32_base62(body.as_bytes()) == sum);
    let name = body.strip_prefix("syt_").and_then(|body| body.rsplit_once('_')).map(|(name, _random)| name);
    let name = name.and_then(|name| STANDARD_NO_PAD.decode(name).ok()).and_then(|name| String::from_utf8(name).ok());
    reading.tell("user", &name.unwrap_or_default());
    reading
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
    fn a_zuplo_checksum_covers_the_random_part_alone() {
        let random = "abcdefghijklmnopqrstuvwxyz012345";
        let token = format!("zpka_{random}_{:08x}", crc32fast::hash(random.as_bytes()));
        assert_eq!(&*zuplo(&token).readouts[0].value, "valid");
        assert_eq!(&*zuplo(&token.replace("abc", "abd")).readouts[0].value, "wrong");
    }

    #[test]
    fn a_matrix_token_tells_its_user_and_whether_its_checksum_is_right() {
        let body = "syt_Y2k_AbCdEfGhIjKlMnOpQrSt";
        let reading = matrix(&format!("{body}_{}", crc32_base62(body.as_bytes())));
        let told: Vec<&str> = reading.readouts.iter().map(|readout| &*readout.value).collect();
        assert_eq!(told, ["valid", "ci"]);
        assert_eq!(&*matrix(&format!("{body}_000000")).readouts[0].value, "wrong");
    }

    #[test]
    fn an_atlassian_checksum_covers_all_that_precedes_it() {
        let body = "ATATT3xFfGF0abcdefghijklmnop=";
        let token = format!("{body}{:08X}", crc32fast::hash(body.as_bytes()));
        assert_eq!(&*atlassian(&token).readouts[0].value, "valid");
        assert_eq!(&*atlassian(&token.replace("abc", "abd")).readouts[0].value, "wrong");
    }
}
