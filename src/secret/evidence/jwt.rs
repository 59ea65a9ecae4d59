//! JSON web tokens: what the claims say. The signature is not checked, for no key is asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde::Deserialize;

use super::{Reading, timestamp};
use crate::model::{Expiry, StandingClass};

/// A longer part is not decoded.
const LONGEST_PART: usize = 64 * 1024;

#[derive(Deserialize)]
struct Header {
    alg: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: Option<Lenient>,
    sub: Option<Lenient>,
    aud: Option<Lenient>,
    iat: Option<Lenient>,
    exp: Option<Lenient>,
    role: Option<Lenient>,
}

/// A claim of the wrong type is no reason to lose the others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Whole(i64),
    Fraction(f64),
    Text(String),
    Texts(Vec<String>),
    Other(serde::de::IgnoredAny),
}

impl Lenient {
    fn time(&self) -> Option<jiff::Timestamp> {
        match self {
            Self::Whole(seconds) => timestamp(*seconds),
            Self::Fraction(seconds) => timestamp(*seconds as i64),
            Self::Text(_) | Self::Texts(_) | Self::Other(_) => None,
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Texts(texts) => texts.join(", "),
            Self::Whole(number) => number.to_string(),
            Self::Fraction(_) | Self::Other(_) => String::new(),
        }
    }
}

/// Reads header and claims.
pub(super) fn read(token: &str) -> Reading {
    let mut reading = Reading::default();
    let mut parts = token.split('.');
    let header: Option<Header> = parts.next().and_then(decode);
    let claims: Option<Claims> = parts.next().and_then(decode);
    let (Some(header), Some(claims)) = (header, claims) else {
        reading.doubted("it has the form of a JSON web token and does not decode as one");
        return reading;
    };
    if header.alg.as_deref().is_some_and(|alg| alg.eq_ignore_ascii_case("none")) {
        reading.tell("algorithm", "none (unsigned)");
        reading.doubted("it is not signed");
    }
    let told = [("issuer", &claims.iss), ("subject", &claims.sub), ("audience", &claims.aud), ("role", &claims.role)];
    for (name, claim) in told {
        reading.tell(name, &claim.as_ref().map(Lenient::text).unwrap_or_default());
    }
    times(&claims, &mut reading);
    reading
}

/// Reads `ghs_<app id>_<token>`, the stateless form of installation tokens
/// (<https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app>).
pub(super) fn github(token: &str) -> Reading {
    let Some((app, jwt)) = token.strip_prefix("ghs_").and_then(|rest| rest.split_once('_')) else {
        return Reading::default();
    };
    let mut reading = read(jwt);
    reading.tell("app-id", app);
    // An installation token ends after an hour, whatever the token says.
    reading.standing = Some(StandingClass::Ephemeral);
    reading
}

fn times(claims: &Claims, reading: &mut Reading) {
    let issued = claims.iat.as_ref().and_then(Lenient::time);
    let ends = claims.exp.as_ref().and_then(Lenient::time);
    if let Some(at) = issued {
        reading.issued(at);
    }
    match (ends, &claims.exp) {
        (Some(end), _) => {
            reading.expires(end);
            let life = issued.map(|issued| end.duration_since(issued));
            reading.standing = life.map(|life| {
                if life <= SignedDuration::from_hours(24) { StandingClass::Ephemeral } else { StandingClass::Depends }
            });
        }
        (None, Some(_)) => reading.tell("expires", "not readable"),
        (None, None) => {
            reading.tell("expires", "no expiry in the token");
            reading.standing = Some(StandingClass::Standing);
            // Kubernetes verifies nothing else than the claims: its old tokens without `exp` have no end.
            if claims.iss.as_ref().is_some_and(|iss| iss.text() == "kubernetes/serviceaccount") {
                reading.expiry = Some(Expiry::Never);
            }
        }
    }
}

fn decode<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    let part = part.trim_end_matches('=');
    if part.len() > LONGEST_PART {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Confidence;

    fn token(header: &str, claims: &str) -> String {
        format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_for_an_hour_is_ephemeral_and_tells_both_times() {
        let reading = read(&token(r#"{"alg":"RS256"}"#, r#"{"iat":1700000000,"exp":1700003600,"iss":"me"}"#));
        assert_eq!(reading.standing, Some(StandingClass::Ephemeral));
        assert_eq!(reading.expiry.and_then(Expiry::at), timestamp(1_700_003_600));
        assert_eq!(reading.created, timestamp(1_700_000_000));
    }

    #[test]
    fn a_token_without_expiry_is_standing_and_its_end_stays_unknown() {
        let reading = read(&token(r#"{"alg":"HS256"}"#, r#"{"iat":1700000000}"#));
        assert_eq!((reading.standing, reading.expiry), (Some(StandingClass::Standing), None));
    }

    #[test]
    fn an_old_kubernetes_token_never_ends() {
        let reading = read(&token(r#"{"alg":"RS256"}"#, r#"{"iss":"kubernetes/serviceaccount"}"#));
        assert_eq!(reading.expiry, Some(Expiry::Never));
    }

    #[test]
    fn a_token_for_ten_years_is_not_ephemeral() {
        let reading = read(&token(r#"{"alg":"HS256"}"#, r#"{"iat":1600000000,"exp":1915360000}"#));
        assert_eq!(reading.standing, Some(StandingClass::Depends));
    }

    #[test]
    fn an_expiry_of_the_wrong_type_is_not_taken_for_no_expiry() {
        let reading = read(&token(r#"{"alg":"HS256"}"#, r#"{"exp":{"a":1}}"#));
        assert_eq!((reading.standing, reading.expiry), (None, None));
    }

    #[test]
    fn a_stateless_installation_token_tells_its_app_and_end() {
        let reading = github(&format!("ghs_1234_{}", token(r#"{"alg":"RS256"}"#, r#"{"exp":1700003600}"#)));
        assert_eq!(reading.standing, Some(StandingClass::Ephemeral));
        assert_eq!(reading.expiry.and_then(Expiry::at), timestamp(1_700_003_600));
        assert!(reading.readouts.iter().any(|readout| (&*readout.name, &*readout.value) == ("app-id", "1234")));
    }

    #[test]
    fn an_unsigned_token_is_doubted() {
        let reading = read(&token(r#"{"alg":"none"}"#, "{}"));
        assert!(matches!(reading.confidence, Some((Confidence::Low, _))));
    }

    #[test]
    fn a_look_alike_that_does_not_decode_is_doubted() {
        assert!(read("eyJhbGciOi.eyJhbGciOi.x").confidence.is_some());
        assert!(read("").confidence.is_some());
    }
}
