//! Access tokens of Databricks. Times are milliseconds; -1 is no end.

use super::Shape;
use super::listing::{Element, Ends, Listed, Listing};
use crate::model::{Expiry, LastUse};

/// Reads `GET /api/2.0/token-management/tokens`.
pub(super) static FORMAT: Listed = Listed {
    id: "databricks",
    title: "Databricks access tokens",
    how_to_export: "databricks token-management list --output json > tokens.json",
    lists: &["token_infos"],
    openings: &[],
    shapes: &[Shape { list: None, keys: &["token_id", "creation_time", "expiry_time"] }],
    elements: &[Element::Credential(Listing {
        system: "databricks",
        kind: "databricks-token",
        title: "Databricks access token",
        id: ("", &["token_id"]),
        owner: ("databricks/", &["owner_id", "created_by_id"]),
        created: &["creation_time"],
        ends: Ends::Or(&["expiry_time"], Expiry::Never),
        used: (&["last_used_day"], LastUse::Unknown),
        works: &[],
        facts: &[("comment", &["comment"]), ("created-by", &["created_by_username"])],
    })],
};
