//! The export's own objects, read so that a wrong type costs a field and not the object.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::lenient::{Maybe, Text};

/// What an object of the export holds besides its lists.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Page<'a> {
    #[serde(borrow)]
    pub(super) is_truncated: Text<'a>,
    user_detail_list: Option<&'a RawValue>,
    group_detail_list: Option<&'a RawValue>,
    role_detail_list: Option<&'a RawValue>,
    policies: Option<&'a RawValue>,
}

impl<'a> Page<'a> {
    /// What stands where lists are expected; those that are lists are empty by now.
    pub(super) fn lists(&self) -> [(&'static str, Option<&'a RawValue>); 4] {
        [
            ("UserDetailList", self.user_detail_list),
            ("GroupDetailList", self.group_detail_list),
            ("RoleDetailList", self.role_detail_list),
            ("Policies", self.policies),
        ]
    }
}

/// A user, a group or a role.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Holder<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    pub(super) path: Text<'a>,
    pub(super) create_date: Text<'a>,
    pub(super) user_policy_list: Option<&'a RawValue>,
    pub(super) group_policy_list: Option<&'a RawValue>,
    pub(super) role_policy_list: Option<&'a RawValue>,
    pub(super) attached_managed_policies: Option<&'a RawValue>,
    pub(super) group_list: Option<&'a RawValue>,
    pub(super) permissions_boundary: Maybe<Boundary<'a>>,
    pub(super) assume_role_policy_document: Option<&'a RawValue>,
    pub(super) max_session_duration: Text<'a>,
    pub(super) tags: Option<&'a RawValue>,
    pub(super) role_last_used: Maybe<RoleLastUsed<'a>>,
}

/// The cap of a user or role.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Boundary<'a> {
    #[serde(borrow)]
    pub(super) permissions_boundary_arn: Text<'a>,
}

/// When a role was last used; empty if not within the 400 days that AWS tracks.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct RoleLastUsed<'a> {
    #[serde(borrow)]
    pub(super) last_used_date: Text<'a>,
}

/// A policy inside its holder.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Inline<'a> {
    #[serde(borrow)]
    pub(super) policy_name: Text<'a>,
    pub(super) policy_document: Option<&'a RawValue>,
}

/// A managed policy attached to its holder.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Attached<'a> {
    #[serde(borrow)]
    pub(super) policy_arn: Text<'a>,
}

/// A managed policy with its versions.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct ManagedPolicy<'a> {
    #[serde(borrow)]
    pub(super) arn: Text<'a>,
    pub(super) policy_version_list: Option<&'a RawValue>,
}

/// One version of a managed policy.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Version<'a> {
    #[serde(borrow, rename = "IsDefaultVersion")]
    pub(super) is_default: Text<'a>,
    pub(super) create_date: Text<'a>,
    pub(super) document: Option<&'a RawValue>,
}
