//! Who a trust policy lets assume a role, and to whom it denies it.

use serde_json::Value;

use crate::import::aws_policy::Read;

/// One principal of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Trusted {
    /// As the policy writes it: `*`, an ARN, an account, a service, a provider.
    pub(in crate::import) id: Box<str>,
    /// `AWS`, `Service`, `Federated`, `CanonicalUser`.
    pub(in crate::import) kind: Box<str>,
}

/// The principals of a statement that is about assuming the role; none if it is about something else.
pub(in crate::import) fn trusted(read: &Read) -> Vec<Trusted> {
    if !covers(read, "sts:assumerole") {
        return Vec::new();
    }
    let Some(principal) = read.principal.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return Vec::new();
    };
    let of_kind = |kind: &str, value: &Value| {
        names(value).into_iter().map(|id| Trusted { id, kind: kind.into() }).collect::<Vec<_>>()
    };
    match &principal {
        Value::String(_) => of_kind("AWS", &principal),
        Value::Object(by_kind) => by_kind.iter().flat_map(|(kind, value)| of_kind(kind, value)).collect(),
        _ => Vec::new(),
    }
}

/// Whether who assumes the role may bring tags of the session's own.
pub(super) fn tags_sessions(read: &Read) -> bool {
    covers(read, "sts:tagsession")
}

fn names(value: &Value) -> Vec<Box<str>> {
    match value {
        Value::String(one) => vec![one.as_str().into()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(Into::into).collect(),
        _ => Vec::new(),
    }
}

/// Whether the statement's actions hold one that begins like this.
fn covers(read: &Read, wanted: &str) -> bool {
    let named = read.statement.actions.iter().any(|action| {
        let action = action.to_ascii_lowercase();
        let prefix = action.split(['*', '?']).next().unwrap_or_default();
        (prefix.len() < action.len() && wanted.starts_with(prefix)) || action.starts_with(wanted)
    });
    named != read.statement.not_actions
}
