//! Variables of CircleCI contexts. Values are in no list.

use super::Shape;
use super::listing::{Element, Ends, Listed, Listing};
use crate::model::{Expiry, LastUse};

/// Reads `GET /api/v2/context/ID/environment-variable`.
pub(super) static FORMAT: Listed = Listed {
    id: "circleci",
    title: "CircleCI context variables",
    how_to_export: "GET /api/v2/context/ID/environment-variable, saved as JSON",
    lists: &["items"],
    openings: &[],
    shapes: &[Shape { list: None, keys: &["variable", "context_id", "created_at"] }],
    elements: &[Element::Credential(Listing {
        system: "circleci",
        kind: "circleci-context-variable",
        title: "CircleCI context variable",
        id: ("context/", &["context_id", "variable"]),
        owner: ("", &[]),
        created: &["updated_at", "created_at"],
        ends: Ends::Always(Expiry::Unknown),
        used: (&[], LastUse::Unknown),
        works: &[],
        facts: &[],
    })],
};
