//! Routable tokens of GitLab: `<prefix><base 64 of 16 random bytes, routing facts and their length>.01.<length><CRC-32>`,
//! the length in two and the checksum of all before it in seven digits of base 36. An older form lacks the version.
//!
//! Source: `lib/authn/token_field/generator/routable_token.rb` of <https://gitlab.com/gitlab-org/gitlab>, and
//! <https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Reading;

/// Digits of the checksum.
const CHECKSUM: usize = 7;
/// Bytes before the routing facts. They are the secret.
const RANDOM: usize = 16;
/// The routing facts and what they mean.
const FACTS: &[(&str, &str)] =
    &[("o", "organisation"), ("g", "group"), ("p", "project"), ("u", "user"), ("c", "cell"), ("t", "runner-type")];

/// Reads checksum and routing facts; tokens of the older forms have neither.
pub(super) fn routable(token: &str) -> Reading {
    let mut reading = Reading::default();
    let Some((front, _)) = token.split_once('.') else { return reading };
    let Some((body, sum)) = token.len().checked_sub(CHECKSUM).and_then(|at| token.split_at_checked(at)) else {
        return reading;
    };
    if i64::from_str_radix(sum, 36) != Ok(i64::from(crc32fast::hash(body.as_bytes()))) {
        reading.tell("checksum", "wrong");
        reading.doubted("its checksum is wrong: a test value, a typo or a newer format");
        return reading;
    }
    reading.tell("checksum", "valid");
    reading.confirmed();
    for line in facts(front).unwrap_or_default().lines() {
        let Some((key, value)) = line.split_once(':') else { continue };
        if let Some((_, name)) = FACTS.iter().find(|(known, _)| *known == key) {
            // Ids are numbers in base 36.
            let id = u64::from_str_radix(value, 36).map_or_else(|_| value.to_owned(), |id| id.to_string());
            reading.tell(name, &id);
        }
    }
    reading
}

/// The routing facts behind the random bytes.
fn facts(front: &str) -> Option<String> {
    let payload = front.split_once('-').map_or(front, |(_prefix, payload)| payload);
    let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let (length, rest) = bytes.split_last()?;
    let facts = rest.get(RANDOM..).filter(|facts| facts.len() == usize::from(*length))?;
    String::from_utf8(facts.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;

    fn base36(mut number: u32, digits: usize) -> String {
        let mut out = String::new();
        while number > 0 {
            out.insert(0, char::from_digit(number % 36, 36).unwrap());
            number /= 36;
        }
        format!("{out:0>digits$}")
    }

    fn token(facts: &str) -> String {
        let payload =
            [b"sixteen bytes...".as_slice(), facts.as_bytes(), &[u8::try_from(facts.len()).unwrap()]].concat();
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let body = format!("glpat-{payload}.01.{}", base36(u32::try_from(payload.len()).unwrap(), 2));
        let sum = base36(crc32fast::hash(body.as_bytes()), 7);
        body + &sum
    }

    fn told(reading: &Reading) -> Vec<(&str, &str)> {
        reading.readouts.iter().map(|readout| (&*readout.name, &*readout.value)).collect()
    }

    #[test]
    fn the_owner_is_told_in_decimal_and_the_random_bytes_are_not() {
        let reading = routable(&token("c:1\no:1\nu:zik0zj"));
        assert_eq!(
            told(&reading),
            [("checksum", "valid"), ("cell", "1"), ("organisation", "1"), ("user", "2147483647")]
        );
        assert!(!format!("{reading:?}").contains("sixteen"));
        assert_eq!(reading.confidence, Some((Confidence::High, "".into())));
    }

    #[test]
    fn a_wrong_checksum_tells_nothing_else_and_is_doubted() {
        let reading = routable(&token("o:1").replacen("glpat-", "glpat-A", 1));
        assert_eq!(told(&reading), [("checksum", "wrong")]);
        assert!(matches!(reading.confidence, Some((Confidence::Low, _))));
    }

    #[test]
    fn a_token_of_the_older_form_is_neither_confirmed_nor_doubted() {
        assert_eq!(routable("glpat-abcdefghij0123456789"), Reading::default());
        assert_eq!(routable(""), Reading::default());
    }
}
