//! Who a trust policy lets assume a role.

use serde_json::Value;

use crate::import::aws_policy::Read;
use crate::model::Effect;

/// The principals of a statement, as the policy writes them: `*`, an ARN, an account, a service, a provider.
/// Empty if the statement lets nobody assume the role.
pub(super) fn trusted(read: &Read) -> Vec<Box<str>> {
    if read.statement.effect == Effect::Deny || !assumes(read) {
        return Vec::new();
    }
    let Some(principal) = read.principal.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()) else {
        return Vec::new();
    };
    match &principal {
        Value::String(one) => vec![one.as_str().into()],
        Value::Object(by_kind) => by_kind.values().flat_map(names).collect(),
        _ => Vec::new(),
    }
}

fn names(value: &Value) -> Vec<Box<str>> {
    match value {
        Value::String(one) => vec![one.as_str().into()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(Into::into).collect(),
        _ => Vec::new(),
    }
}

/// Whether the statement's actions hold one of `sts:AssumeRole*`.
fn assumes(read: &Read) -> bool {
    let named = read.statement.actions.iter().any(|action| {
        let action = action.to_ascii_lowercase();
        let prefix = action.split(['*', '?']).next().unwrap_or_default();
        "sts:assumerole".starts_with(prefix) || action.starts_with("sts:assumerole")
    });
    named != read.statement.not_actions
}
