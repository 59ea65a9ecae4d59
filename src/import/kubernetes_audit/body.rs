//! The bodies of requests and responses, for the few kinds of objects of which they matter.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::import::lenient::embedded;
use crate::import::lookup::Node;

/// A body as a value; null where the level of the log leaves it out.
pub(super) fn value(raw: Option<&RawValue>) -> Value {
    embedded(raw).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// The request and the response of one event.
pub(super) struct Bodies {
    /// What was sent: an object, a patch of one, or options.
    pub(super) request: Value,
    /// What was answered: an object, or a status.
    pub(super) response: Value,
}

impl Bodies {
    /// The first value at `path`: the response is the whole object, the request may be a part of it.
    pub(super) fn first(&self, path: &str) -> Node<'_> {
        let response = Node::of(&self.response).at(path);
        if response.exists() { response } else { Node::of(&self.request).at(path) }
    }

    /// The text at `path`.
    pub(super) fn text(&self, path: &str) -> Option<Cow<'_, str>> {
        self.first(path).text()
    }
}
