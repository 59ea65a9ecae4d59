//! Cloud Asset Inventory: `search-all-iam-policies`, and exports and lists of assets with policies or resources.
//!
//! Exports write snake case (`asset_type`, `iam_policy`), newer ones and the API camel case; both are read. Of resources
//! only service accounts, their keys and custom roles matter here; others give their place in the hierarchy.

use super::Shape;
use super::format::{Facts, Format};
use super::gcp::{inside_of, policy, scope, tell_scope};
use super::part::Part;
use super::{gcp_keys, gcp_roles, gcp_service_accounts};

/// Reads assets and the results of searches.
pub(super) static FORMAT: Format = Format {
    id: "gcp-assets",
    title: "Google Cloud assets with IAM policies or resources (asset export, asset list, search-all-iam-policies, effective policies)",
    how_to_export: "gcloud asset search-all-iam-policies --scope=organizations/O --format=json > policies.json; or \
                    gcloud asset list --organization=O --content-type=iam-policy --format=json > assets.json; likewise \
                    with --content-type=resource",
    lists: &["assets", "results", "policyResults", "policy_results"],
    shapes: &[
        Shape { list: None, keys: &["name", "asset_type"] },
        Shape { list: None, keys: &["name", "assetType"] },
        Shape { list: None, keys: &["resource", "policy.bindings"] },
        Shape { list: None, keys: &["fullResourceName", "policies.attachedResource"] },
        Shape { list: None, keys: &["full_resource_name", "policies.attached_resource"] },
    ],
    read,
};

fn read(asset: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if let Some(name) = asset.text("fullResourceName").map(scope) {
        effective(asset, name, facts);
        return true;
    }
    let Some(name) = asset.first(&["name", "resource"]).map(scope) else { return false };
    let kind = asset.text("assetType").unwrap_or_default();
    place(asset, name, facts);
    let mut known = false;
    for key in ["iamPolicy", "policy"] {
        if asset.at(key).is_object() {
            known = true;
            tell_scope(name, Some(kind).filter(|kind| !kind.is_empty()), "", facts);
            policy(asset.at(key), name, key, facts);
        }
    }
    if asset.has("resource/data") {
        known = true;
        resource(asset, kind, name, facts);
    }
    if !known {
        facts.out.ignore("assets without policy and resource");
    }
    true
}

/// The policies in force for a resource, its own and those of what it lies in, from the nearest to the organisation.
fn effective(asset: Part<'_>, name: &str, facts: &mut Facts<'_, '_, '_>) {
    let mut child = name;
    for (index, attached) in asset.each("policies") {
        let inside = format!("policies/{index}");
        let Some(owner) = attached.text("attachedResource").map(scope) else {
            facts.damaged(&inside, "a policy does not say to which resource it is attached");
            continue;
        };
        inside_of(child, owner, &inside, facts);
        tell_scope(owner, None, &inside, facts);
        policy(attached.at("policy"), owner, &format!("{inside}/policy"), facts);
        child = owner;
    }
}

/// The scopes above an asset: `ancestors` from the nearest to the organisation, or project, folders and organisation of
/// a search, in the same order.
fn place(asset: Part<'_>, name: &str, facts: &mut Facts<'_, '_, '_>) {
    let mut chain = asset.texts("ancestors");
    if chain.is_empty() {
        chain.extend(asset.text("project"));
        chain.extend(asset.texts("folders"));
        chain.extend(asset.text("organization"));
    }
    let mut child = name;
    for parent in chain {
        let parent = scope(parent);
        inside_of(child, parent, "", facts);
        child = parent;
    }
}

fn resource(asset: Part<'_>, kind: &str, name: &str, facts: &mut Facts<'_, '_, '_>) {
    let data = asset.at("resource/data");
    let own = name.strip_prefix("//iam.googleapis.com/").unwrap_or(name);
    match kind {
        "iam.googleapis.com/ServiceAccountKey" => {
            let name = data.text("name").unwrap_or(own);
            gcp_keys::service_account_key(data, name, "resource/data", facts);
        }
        "iam.googleapis.com/ServiceAccount" => gcp_service_accounts::account(data, "resource/data", facts),
        "iam.googleapis.com/Role" => gcp_roles::role(data, Some(own), "resource/data", facts),
        _ => facts.out.note("resources that hold no identity, key or role", 1),
    }
}
