//! JFrog reference tokens: base 64 of `reftkn:01:<expiry in unix seconds, 0 for none>:<id>`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Reading, timestamp};
use crate::model::{Expiry, StandingClass};

/// Reads the expiry.
pub(super) fn reference(token: &str) -> Reading {
    let mut reading = Reading::default();
    let decoded =
        STANDARD_NO_PAD.decode(token.trim_end_matches('=')).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let seconds = decoded.as_deref().and_then(|text| {
        let mut parts = text.strip_prefix("reftkn:")?.split(':');
        let _version = parts.next()?;
        parts.next()?.parse::<i64>().ok()
    });
    match seconds {
        Some(0) => {
            reading.expiry = Some(Expiry::Never);
            reading.standing = Some(StandingClass::Standing);
            reading.tell("expires", "never");
        }
        Some(seconds) => match timestamp(seconds) {
            Some(at) => reading.expires(at),
            None => reading.tell("expires", "not readable"),
        },
        None => reading.doubted("it does not decode to a reference token"),
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expiry_is_read_and_zero_means_never() {
        let token = |expiry: &str| STANDARD_NO_PAD.encode(format!("reftkn:01:{expiry}:abcdefghijklmnopqrstuvwxyz"));
        assert_eq!(reference(&token("1893456000")).expiry.and_then(Expiry::at), timestamp(1_893_456_000));
        assert_eq!(reference(&token("0000000000")).expiry, Some(Expiry::Never));
        assert!(reference("cmVmdGtu").confidence.is_some());
    }
}
