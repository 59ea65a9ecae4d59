//! Sign-ins to the console with a password.

use serde::Deserialize;

use super::Facts;
use crate::import::aws::{PASSWORD, password};
use crate::import::lenient::Text;
use crate::model::{EventKind, IdentityKind, Outcome, Sink};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Response<'a> {
    #[serde(borrow, rename = "ConsoleLogin")]
    console_login: Text<'a>,
}

/// Pushes the use of a user's or root's password; false if the call is no such sign-in. Sign-ins of roles use no
/// password of AWS, and AWS hides the name of a user that does not exist.
pub(super) fn console(source: &str, name: &str, facts: &Facts<'_>, sink: &mut dyn Sink) -> bool {
    if source != "signin" || name != "ConsoleLogin" {
        return false;
    }
    let Some(identity) = facts.call.user_identity.get() else { return false };
    let holder = match identity.kind.or_empty() {
        "Root" => Some(format!("arn:{}:iam::{}:root", facts.partition(), facts.account())),
        "IAMUser" => match (identity.arn.get(), identity.user_name.get()) {
            (Some(arn), _) => Some(arn.to_owned()),
            (None, Some("HIDDEN_DUE_TO_SECURITY_REASONS") | None) => None,
            (None, name) => facts.arn("user", name),
        },
        _ => None,
    };
    let Some(holder) = holder else { return false };
    let response = facts.call.response_elements.json().unwrap_or_default();
    let response: Response<'_> = serde_json::from_str(&response).unwrap_or_default();
    let mut event = facts.event(EventKind::Used);
    if response.console_login.get() == Some("Failure") {
        event.outcome = Outcome::Refused;
    }
    event.requester = None;
    event.requester_kind = IdentityKind::Unknown;
    event.credential = Some(password(&holder));
    event.credential_kind = PASSWORD;
    event.principal = Some(&holder);
    sink.event(&event);
    true
}
