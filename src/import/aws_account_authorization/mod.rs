//! `aws iam get-account-authorization-details`: users, groups, roles, their policies and who trusts whom.
//!
//! The export holds no credentials. An attachment of a managed policy is standing whatever the policy's conditions are;
//! those travel with the policy. A policy that is attached but not in the export stays unknown: nothing is invented.

mod about;
mod detail;
mod emit;
mod trust;

use super::lenient::fault;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::GapReason;
use detail::{Holder, ManagedPolicy, Page};
use emit::{Emitter, HolderKind};
pub(super) use trust::trusted;

/// Reads `aws iam get-account-authorization-details`.
pub(super) struct AwsAccountAuthorization;

impl Importer for AwsAccountAuthorization {
    fn id(&self) -> &'static str {
        "aws-account-authorization"
    }

    fn title(&self) -> &'static str {
        "AWS account authorization details"
    }

    fn how_to_export(&self) -> &'static str {
        "aws iam get-account-authorization-details --output json > authorization-details.json"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: Some("UserDetailList"), keys: &["Arn", "UserName"] },
            Shape { list: Some("GroupDetailList"), keys: &["Arn", "GroupName"] },
            Shape { list: Some("RoleDetailList"), keys: &["Arn", "RoleName"] },
            Shape { list: Some("Policies"), keys: &["Arn", "PolicyVersionList"] },
            Shape { list: None, keys: &["UserDetailList"] },
            Shape { list: None, keys: &["GroupDetailList"] },
            Shape { list: None, keys: &["RoleDetailList"] },
        ]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Details)
    }
}

struct Details;

impl Worker for Details {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let kind = match record.list {
            Some("UserDetailList") => HolderKind::User,
            Some("GroupDetailList") => HolderKind::Group,
            Some("RoleDetailList") => HolderKind::Role,
            Some(_) => return managed(record, out),
            None => {
                return out.problem(
                    record,
                    "",
                    GapReason::Damaged,
                    "is not in a list of users, groups, roles or policies",
                );
            }
        };
        match serde_json::from_str::<Holder<'_>>(record.text) {
            Ok(holder) => Emitter { record, out }.holder(kind, &holder),
            Err(error) => out.problem(record, "", GapReason::Damaged, fault(&error)),
        }
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        let Ok(read) = serde_json::from_str::<Page<'_>>(page.text) else { return };
        if read.is_truncated.is_true() {
            out.problem(page, "IsTruncated", GapReason::Absent, "the last page says that more pages follow");
        }
        for (key, list) in read.lists() {
            if !list.is_none_or(|raw| raw.get().starts_with('[')) {
                out.problem(page, key, GapReason::Damaged, "is not a list");
            }
        }
    }
}

fn managed(record: &Record<'_>, out: &mut Out<'_>) {
    match serde_json::from_str::<ManagedPolicy<'_>>(record.text) {
        Ok(policy) => Emitter { record, out }.managed(&policy),
        Err(error) => out.problem(record, "", GapReason::Damaged, fault(&error)),
    }
}
