//! Tokens of PyPI: `pypi-` and a macaroon (version 2) in base 64, which names its index, its id and its caveats.
//!
//! Sources: <https://pypi.org/help/#apitoken>, `warehouse/macaroons/caveats` of <https://github.com/pypi/warehouse>, and
//! the binary format in <https://github.com/rescrv/libmacaroons>. The signature at the end is the secret part.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{Reading, timestamp};
use crate::model::{Confidence, Expiry, StandingClass};

const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
/// More caveats are not read.
const MOST_CAVEATS: usize = 32;

/// Reads index, id, scope and end.
pub(super) fn macaroon(token: &str) -> Reading {
    let mut reading = Reading::default();
    let bytes = token.strip_prefix("pypi-").and_then(|body| URL_SAFE_NO_PAD.decode(body).ok());
    let Some(parts) = bytes.as_deref().and_then(parts) else {
        // The prefix alone is particular, so a cut or altered token is still worth a look.
        reading.confidence = Some((Confidence::Medium, "it does not decode to a token of a package index".into()));
        return reading;
    };
    reading.tell("index", &parts.location);
    reading.tell("token-id", &parts.identifier);
    let (mut ends, mut unread) = (false, false);
    for caveat in &parts.caveats {
        match serde_json::from_slice::<Value>(caveat) {
            Ok(caveat) => ends |= tell(&caveat, &mut reading),
            Err(_) => unread = true,
        }
    }
    if !ends && !unread {
        reading.expiry = Some(Expiry::Never);
        reading.standing = Some(StandingClass::Standing);
        reading.tell("expires", "no expiry in the token");
    }
    reading.confirmed();
    reading
}

/// Tells a caveat; whether it limits the time. The older form is an object, the newer one a list that begins with a tag.
fn tell(caveat: &Value, reading: &mut Reading) -> bool {
    let tag = caveat.get(0).and_then(Value::as_i64);
    let names = |value: Option<&Value>| {
        let names = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.collect::<Vec<_>>().join(", ")
    };
    let end = match tag {
        Some(0) => caveat.get(1),
        _ => caveat.get("exp"),
    };
    match tag {
        Some(1) => reading.tell("projects", &names(caveat.get(1))),
        Some(2) => reading.tell("project-ids", &names(caveat.get(1))),
        Some(3) => reading.tell("user-id", caveat.get(1).and_then(Value::as_str).unwrap_or_default()),
        Some(4) => reading.tell("issued-by", "trusted publishing"),
        _ => {}
    }
    match caveat.get("permissions") {
        Some(Value::String(all)) => reading.tell("permissions", all),
        Some(some) => reading.tell("projects", &names(some.get("projects"))),
        None => {}
    }
    if let Some(at) = end.and_then(Value::as_i64).and_then(timestamp) {
        reading.expires(at);
        // Trusted publishing gives tokens of 15 minutes; a caveat added by hand may be years away.
        reading.standing = Some(StandingClass::Depends);
    }
    end.is_some()
}

struct Parts {
    location: String,
    identifier: String,
    caveats: Vec<Vec<u8>>,
}

/// The parts of a macaroon of version 2: sections of fields, each section ended by a zero.
fn parts(bytes: &[u8]) -> Option<Parts> {
    let mut rest = bytes.strip_prefix(&[2])?;
    let (mut location, mut identifier) = (String::new(), None);
    while let Some((kind, data)) = field(&mut rest)? {
        match kind {
            LOCATION => location = String::from_utf8(data.to_vec()).ok()?,
            IDENTIFIER => identifier = Some(String::from_utf8(data.to_vec()).ok()?),
            _ => return None,
        }
    }
    let mut caveats = Vec::new();
    // An empty section ends the list.
    while caveats.len() < MOST_CAVEATS {
        let Some((kind, data)) = field(&mut rest)? else { break };
        let mut caveat = (kind == IDENTIFIER).then_some(data);
        while let Some((kind, data)) = field(&mut rest)? {
            caveat = if kind == IDENTIFIER { Some(data) } else { caveat };
        }
        caveats.push(caveat?.to_vec());
    }
    Some(Parts { location, identifier: identifier?, caveats })
}

/// The next field, or the end of the section; nothing at all where the bytes make no sense.
#[expect(clippy::option_option, reason = "the end of a section is not the end of the sense")]
fn field<'a>(rest: &mut &'a [u8]) -> Option<Option<(u8, &'a [u8])>> {
    let (kind, after) = rest.split_first()?;
    if *kind == 0 {
        *rest = after;
        return Some(None);
    }
    let (low, after) = after.split_first()?;
    // A length takes seven bits a byte; two bytes are enough for any caveat.
    let (length, after) = if *low < 0x80 {
        (usize::from(*low), after)
    } else {
        let (high, after) = after.split_first().filter(|(high, _)| **high < 0x80)?;
        (usize::from(*low & 0x7f) | usize::from(*high) << 7, after)
    };
    let (data, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(Some((*kind, data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(caveats: &[&str]) -> String {
        let part = |kind: u8, data: &[u8]| [&[kind, u8::try_from(data.len()).unwrap()], data].concat();
        let mut bytes =
            [vec![2], part(1, b"pypi.org"), part(2, b"b1a2c3d4-0000-4000-8000-0123456789ab"), vec![0]].concat();
        for caveat in caveats {
            bytes.extend([part(2, caveat.as_bytes()), vec![0]].concat());
        }
        bytes.push(0);
        bytes.extend(part(6, b"hushhushhushhushhushhushhushhush"));
        format!("pypi-{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    fn told<'a>(reading: &'a Reading, name: &str) -> Option<&'a str> {
        reading.readouts.iter().find(|readout| &*readout.name == name).map(|readout| &*readout.value)
    }

    #[test]
    fn a_token_for_a_project_tells_id_and_project_and_never_ends() {
        let token = token(&[r#"[1, ["acme"]]"#, r#"[3, "c0ffee00-0000-4000-8000-0123456789ab"]"#]);
        assert!(token.starts_with("pypi-AgEIcHlwaS5vcmc"), "{token}");
        let reading = macaroon(&token);
        assert_eq!(told(&reading, "projects"), Some("acme"));
        assert_eq!(told(&reading, "token-id"), Some("b1a2c3d4-0000-4000-8000-0123456789ab"));
        assert_eq!((reading.expiry, reading.standing), (Some(Expiry::Never), Some(StandingClass::Standing)));
        assert!(!format!("{reading:?}").contains("hush"));
    }

    #[test]
    fn both_forms_of_an_expiry_are_read() {
        for caveat in ["[0, 1893456000, 1893455100]", r#"{"nbf": 1893455100, "exp": 1893456000}"#] {
            let reading = macaroon(&token(&[caveat, r#"{"version": 1, "permissions": "user"}"#]));
            assert_eq!(reading.expiry.and_then(Expiry::at), timestamp(1_893_456_000), "{caveat}");
            assert_eq!(told(&reading, "permissions"), Some("user"));
        }
    }

    #[test]
    fn a_caveat_that_cannot_be_read_leaves_the_end_unknown() {
        assert_eq!(macaroon(&token(&["nobody knows"])).expiry, None);
    }

    #[test]
    fn a_token_cut_anywhere_is_doubted_and_never_a_panic() {
        let whole = token(&[r#"[1, ["acme"]]"#]);
        for end in 0..whole.len() - 60 {
            assert!(matches!(macaroon(&whole[..end]).confidence, Some((Confidence::Medium, _))), "{end}");
        }
    }
}
