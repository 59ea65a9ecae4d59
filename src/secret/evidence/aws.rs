//! AWS: the account inside an access key id, and inside a Bedrock key.
//!
//! The 16 characters after the prefix are base 32. The top bit tells the generation: 1 for ids given since about
//! March 2019, whose next 40 bits are the account number; from older ids no account can be read.
//! Sources: <https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489>,
//! <https://labs.withsecure.com/publications/a-bitwise-analysis-of-aws-access-key-identifiers>.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::Reading;
use crate::model::Confidence;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LARGEST_ACCOUNT: u64 = 999_999_999_999;

enum Account {
    Number(u64),
    Older,
    Impossible,
}

/// Reads an access key id.
pub(super) fn key_id(id: &str) -> Reading {
    let mut reading = Reading::default();
    let class = match id.get(..4) {
        Some("AKIA") => "long-term (AKIA)",
        Some("ASIA") => "temporary (ASIA)",
        _ => "other",
    };
    reading.tell("key-class", class);
    let half = "only the key id lies here; without its secret key it opens nothing";
    reading.confidence = Some((Confidence::Medium, half.into()));
    match account(id) {
        Some(Account::Number(number)) => reading.tell("aws-account", &format!("{number:012}")),
        Some(Account::Older) => reading.tell("aws-account", "not in the id (issued before 2019)"),
        Some(Account::Impossible) => reading.doubted("the account number inside the key id is impossible"),
        None => {}
    }
    reading
}

fn account(id: &str) -> Option<Account> {
    let body = id.get(4..).filter(|body| body.len() == 16)?;
    let bits = body.bytes().try_fold(0_u128, |bits, byte| {
        let digit = BASE32.iter().position(|&digit| digit == byte)?;
        Some((bits << 5) | digit as u128)
    })?;
    let first_six_bytes = u64::try_from(bits >> 32).ok()?;
    if first_six_bytes & 0x8000_0000_0000 == 0 {
        return Some(Account::Older);
    }
    let number = (first_six_bytes & 0x7fff_ffff_ff80) >> 7;
    Some(if number <= LARGEST_ACCOUNT { Account::Number(number) } else { Account::Impossible })
}

/// Reads a long-term Bedrock key: base 64 of `BedrockAPIKey-<id>-at-<account>:<secret>`.
pub(super) fn bedrock_key(key: &str) -> Reading {
    let mut reading = Reading::default();
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let decoded = key.strip_prefix("ABSK").and_then(|body| GeneralPurpose::new(&STANDARD, lenient).decode(body).ok());
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let Some((user, _secret)) = text.as_deref().and_then(|text| text.split_once(':')) else {
        reading.doubted("it does not decode to a Bedrock key");
        return reading;
    };
    reading.tell("aws-user", user);
    if let Some((_, account)) = user.rsplit_once("-at-") {
        reading.tell("aws-account", account);
    }
    reading.confirmed();
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An id whose account number is `account`, in the newer generation.
    fn id_of(prefix: &str, account: u64) -> String {
        let bits = ((u128::from(account) << 7) | 0x8000_0000_0055) << 32 | 0x1234_5678;
        let digits = (0..16).rev().map(|at| char::from(BASE32[((bits >> (5 * at)) & 31) as usize]));
        prefix.chars().chain(digits).collect()
    }

    fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
        reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
    }

    #[test]
    fn the_published_pair_of_key_id_and_account_decodes() {
        let reading = key_id(&["ASIA", "Y34FZKBOKMUTVV7A"].concat());
        assert_eq!(told(&reading, "aws-account"), Some("609629065308"));
        assert_eq!(told(&reading, "key-class"), Some("temporary (ASIA)"));
    }

    #[test]
    fn every_account_number_comes_back_with_its_leading_zeros() {
        for (account, shown) in [(111_122_223_333, "111122223333"), (42, "000000000042"), (0, "000000000000")] {
            assert_eq!(told(&key_id(&id_of("AKIA", account)), "aws-account"), Some(shown));
        }
    }

    #[test]
    fn an_id_of_the_older_generation_tells_no_account() {
        let reading = key_id(&["AKIA", "IOSFODNN7ABCDEFG"].concat());
        assert_eq!(told(&reading, "aws-account"), Some("not in the id (issued before 2019)"));
        assert!(matches!(&reading.confidence, Some((Confidence::Medium, _))));
    }

    #[test]
    fn a_key_id_alone_is_only_half_of_a_credential() {
        let reading = key_id(&["AKIA", "Y34FZKBOKMUTVV7A"].concat());
        assert!(matches!(&reading.confidence, Some((Confidence::Medium, doubt)) if doubt.contains("secret key")));
    }

    #[test]
    fn an_impossible_account_number_is_a_doubt_and_no_readout() {
        let reading = key_id(&id_of("AKIA", 1_000_000_000_000));
        assert_eq!(told(&reading, "aws-account"), None);
        assert!(reading.confidence.is_some_and(|(_, doubt)| doubt.contains("impossible")));
    }

    #[test]
    fn a_bedrock_key_tells_its_account_and_user_but_not_its_secret() {
        use base64::engine::general_purpose::STANDARD as BASE64;
        let key = format!("ABSK{}", BASE64.encode("BedrockAPIKey-ab12-at-111122223333:topsecretpart"));
        let reading = bedrock_key(&key);
        assert_eq!(told(&reading, "aws-account"), Some("111122223333"));
        assert!(!format!("{reading:?}").contains("topsecretpart"));
    }
}
