//! API keys of the Anthropic Admin API. The hint, which is a part of the key, is not told.

use super::Shape;
use super::listing::{Element, Ends, Listed, Listing, Works};
use crate::model::{Expiry, LastUse};

/// Reads `GET /v1/organizations/api_keys`.
pub(super) static FORMAT: Listed = Listed {
    id: "anthropic",
    title: "Anthropic API keys",
    how_to_export: "GET /v1/organizations/api_keys?limit=1000, saved as JSON",
    lists: &["data"],
    openings: &[],
    shapes: &[Shape { list: None, keys: &["id", "type=api_key", "partial_key_hint", "created_by"] }],
    elements: &[Element::Credential(Listing {
        system: "anthropic",
        kind: "anthropic-api-key",
        title: "Anthropic API key",
        id: ("", &["id"]),
        owner: ("anthropic/", &["created_by.id"]),
        created: &["created_at"],
        ends: Ends::Or(&["expires_at"], Expiry::Never),
        used: (&[], LastUse::Unknown),
        works: &[Works::Word("status", "active")],
        facts: &[("name", &["name"]), ("workspace", &["workspace_id"])],
    })],
};
