//! A call to an API server that another log tells in its own form.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::entry::{Annotations, Entry, ObjectRef, User};
use super::{Facts, changed};
use crate::import::lenient::{Maybe, Text};
use crate::import::{Out, Record};
use crate::model::StreamKey;

/// One accepted call; empty texts where the log does not say.
pub(in crate::import) struct Call<'a> {
    pub(in crate::import) verb: &'a str,
    pub(in crate::import) resource: &'a str,
    pub(in crate::import) subresource: &'a str,
    pub(in crate::import) namespace: &'a str,
    pub(in crate::import) name: &'a str,
    pub(in crate::import) user: Option<&'a str>,
    pub(in crate::import) agent: Option<&'a str>,
    pub(in crate::import) address: Option<&'a str>,
    pub(in crate::import) id: Option<&'a str>,
    /// The annotations of the audit event.
    pub(in crate::import) labels: Option<&'a RawValue>,
    pub(in crate::import) request: Option<&'a RawValue>,
    pub(in crate::import) response: Option<&'a RawValue>,
}

/// Pushes what the call changed; false if that is nothing of concern.
pub(in crate::import) fn change(
    call: &Call<'_>,
    record: &Record<'_>,
    stream: &StreamKey,
    time: Timestamp,
    out: &mut Out<'_>,
) -> bool {
    let annotations: Option<Annotations<'_>> = call.labels.and_then(|raw| serde_json::from_str(raw.get()).ok());
    let object = ObjectRef {
        resource: Text::of(call.resource),
        subresource: Text::of(call.subresource),
        namespace: Text::of(call.namespace),
        name: Text::of(call.name),
        ..ObjectRef::default()
    };
    let entry = Entry {
        audit_id: Text::of(call.id.unwrap_or_default()),
        verb: Text::of(call.verb),
        user: Maybe(call.user.map(|user| User { username: Text::of(user), ..User::default() })),
        user_agent: Text::of(call.agent.unwrap_or_default()),
        object_ref: object,
        request_object: call.request,
        response_object: call.response,
        annotations: Maybe(annotations),
        ..Entry::default()
    };
    let mut facts = Facts::of(&entry, record, stream, time);
    facts.address = call.address.and_then(|address| address.parse().ok());
    changed(&facts, out)
}
