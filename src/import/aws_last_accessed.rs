//! `aws iam get-service-last-accessed-details`: when an identity last used each service.
//!
//! The answer does not name the identity that was asked about. It is taken from a member `Arn` that was merged in, or
//! from the file's name where that is the ARN, percent-encoded. Without it only what the answer says of the last user
//! of a service is kept. A service without a date was not used within the tracking period of about 400 days, which is
//! not "never".

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::Shape;
use super::aws::Arn;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Identity, IdentityKind, LastUse};

/// Reads answers of `aws iam get-service-last-accessed-details`.
pub(super) static FORMAT: Format = Format {
    id: "aws-last-accessed",
    title: "AWS services that identities last used (service last accessed details)",
    how_to_export: "J=$(aws iam generate-service-last-accessed-details --arn ARN --granularity ACTION_LEVEL --query JobId \
                    --output text); aws iam get-service-last-accessed-details --job-id $J | jq --arg arn ARN \
                    '. + {Arn: $arn}' > last-accessed.json",
    lists: &[],
    shapes: &[
        Shape { list: None, keys: &["JobStatus", "JobCreationDate"] },
        Shape { list: None, keys: &["ServicesLastAccessed.ServiceNamespace"] },
    ],
    read,
};

/// The note that an answer of a period without use gets.
const NOT_IN_WINDOW: &str = "not-in-window";

fn read(answer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if let Some(time) = answer.time("JobCompletionDate").or_else(|| answer.time("JobCreationDate")) {
        facts.out.sink.exported(time);
    }
    if !answer.at("ServicesLastAccessed").is_list() {
        let detail = match answer.text("JobStatus") {
            Some("IN_PROGRESS") => "the job was still running when this was exported: ask again",
            Some("FAILED") => "the job failed: nothing is known of the services that were used",
            _ => "has no ServicesLastAccessed",
        };
        facts.damaged("", detail);
        return answer.has("JobStatus");
    }
    if let Some(arn) = asked(answer, facts.stem()) {
        of_one(answer, &arn, facts);
        return true;
    }
    facts.absent(
        "",
        "the file does not say whose use it lists: add a member Arn; services without use are attributed to nobody",
    );
    of_users(answer, facts);
    true
}

fn asked(answer: Part<'_>, stem: &str) -> Option<String> {
    let merged = answer.text("Arn").map(str::to_owned);
    let named = || percent_decode_str(stem).decode_utf8().ok().map(String::from);
    merged.or_else(named).filter(|text| Arn::parse(text).is_some())
}

fn of_one(answer: Part<'_>, arn: &str, facts: &mut Facts<'_, '_, '_>) {
    let mut used: BTreeMap<String, String> = BTreeMap::new();
    let mut latest: Option<Timestamp> = None;
    for (index, service) in answer.each("ServicesLastAccessed") {
        let Some(name) = service.text("ServiceNamespace") else {
            facts.damaged(&format!("ServicesLastAccessed/{index}"), "has no ServiceNamespace");
            continue;
        };
        let time = service.time("LastAuthenticated");
        latest = latest.max(time);
        used.insert(fact(name), time.map_or_else(|| NOT_IN_WINDOW.to_owned(), |time| time.to_string()));
        for (_, action) in service.each("TrackedActionsLastAccessed") {
            if let (Some(action), Some(time)) = (action.text("ActionName"), action.time("LastAccessedTime")) {
                used.insert(fact(&format!("{name}:{action}")), time.to_string());
            }
        }
    }
    emit(arn, latest.map_or(LastUse::NotInWindow, LastUse::At), &used, facts);
}

/// What the answer says about the identity that used a service last, whoever was asked about.
fn of_users(answer: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let mut all: BTreeMap<&str, (BTreeMap<String, String>, Option<Timestamp>)> = BTreeMap::new();
    for (_, service) in answer.each("ServicesLastAccessed") {
        let (Some(name), Some(time), Some(arn)) = (
            service.text("ServiceNamespace"),
            service.time("LastAuthenticated"),
            service.text("LastAuthenticatedEntity").filter(|text| Arn::parse(text).is_some()),
        ) else {
            continue;
        };
        let (used, latest) = all.entry(arn).or_default();
        used.insert(fact(name), time.to_string());
        *latest = (*latest).max(Some(time));
    }
    for (arn, (used, latest)) in all {
        emit(arn, latest.map_or(LastUse::Unknown, LastUse::At), &used, facts);
    }
}

fn fact(what: &str) -> String {
    format!("last-used/{what}")
}

fn emit(arn: &str, last_use: LastUse, used: &BTreeMap<String, String>, facts: &mut Facts<'_, '_, '_>) {
    let parsed = Arn::parse(arn);
    let kind = match parsed.and_then(|arn| arn.resource.split('/').next()) {
        Some("user") => IdentityKind::User,
        Some("group") => IdentityKind::Group,
        Some("role") => IdentityKind::Role,
        _ => IdentityKind::Unknown,
    };
    let pairs: Vec<(&str, Option<&str>)> =
        used.iter().map(|(name, value)| (name.as_str(), Some(value.as_str()))).collect();
    let seen = Identity::observed("aws", arn, kind, facts.evidence("services last used", ""));
    let account = parsed.map(|arn| arn.account.into());
    facts.out.sink.identity(Identity { account, last_use, facts: readouts(&pairs), ..seen });
}
