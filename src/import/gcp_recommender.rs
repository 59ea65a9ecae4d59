//! What Google Cloud observed about use: insights and recommendations about roles, insights about service accounts, and
//! the activity of service accounts and keys that the Policy Analyzer knows.
//!
//! They look back over their observation period only: no use in it is "not in the window", and not "never".

use super::Shape;
use super::format::{Facts, Format, readouts};
use super::gcp::{GCP, Member, scope};
use super::part::Part;
use crate::model::{Credential, CredentialId, Identity, IdentityKind, LastUse, StandingClass};

/// Reads insights, recommendations and activities.
pub(super) static FORMAT: Format = Format {
    id: "gcp-recommender",
    title: "Google Cloud recommender insights and policy analyzer activity",
    how_to_export: "gcloud recommender insights list --insight-type=google.iam.policy.Insight --location=global --project=P \
                    --format=json > insights.json; likewise google.iam.serviceAccount.Insight; gcloud policy-intelligence \
                    query-activity --activity-type=serviceAccountKeyLastAuthentication --project=P --format=json > \
                    activity.json",
    lists: &["insights", "recommendations", "activities"],
    shapes: &[
        Shape { list: None, keys: &["name", "insightSubtype", "content"] },
        Shape { list: None, keys: &["name", "recommenderSubtype", "content"] },
        Shape { list: None, keys: &["fullResourceName", "activityType", "activity"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if let Some(time) = part.time("lastRefreshTime").or_else(|| part.time("observationPeriod/endTime")) {
        facts.out.sink.exported(time);
    }
    if part.has("activityType") {
        return activity(part, facts);
    }
    if !matches!(part.text("stateInfo/state"), None | Some("ACTIVE")) {
        facts.out.ignore("insights and recommendations that are no longer active");
        return true;
    }
    match part.first(&["insightSubtype", "recommenderSubtype"]) {
        Some("SERVICE_ACCOUNT_USAGE") => account(part.at("content"), facts),
        Some("PERMISSIONS_USAGE" | "PERMISSIONS_USAGE_STORAGE_BUCKET") => insight(part, facts),
        Some("REMOVE_ROLE" | "REPLACE_ROLE" | "REPLACE_ROLE_CUSTOMIZABLE") => recommendation(part, facts),
        Some(_) => facts.out.ignore("insights and recommendations of other kinds"),
        None => return false,
    }
    true
}

/// How many of the permissions of a role were used.
fn insight(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let content = part.at("content");
    let (Some(role), Some(member)) = (content.text("role"), content.text("member")) else {
        return facts.damaged("content", "an insight lacks its role or its member");
    };
    let used = content.each("exercisedPermissions").count() + content.each("inferredPermissions").count();
    let all = content.word("currentTotalPermissionsCount").unwrap_or_else(|| "an unknown number".to_owned());
    let targets = part.texts("targetResources");
    let on = targets.first().map(|name| scope(name)).unwrap_or_default();
    let what = format!("{role} on {on}");
    let value = if used == 0 { "not-in-window".to_owned() } else { format!("{used} of {all}") };
    let name = if used == 0 { format!("last-used/{what}") } else { format!("permissions-used/{what}") };
    note(member, &[(&name, Some(&value))], facts);
}

/// What Google would take away.
fn recommendation(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let overview = part.at("content/overview");
    let (Some(role), Some(member)) = (overview.text("removedRole"), overview.text("member")) else {
        return facts.damaged("content/overview", "a recommendation lacks its role or its member");
    };
    let on = overview.text("resource").map(scope).unwrap_or_default();
    let added = overview.texts("addedRoles");
    let instead = if added.is_empty() { "nothing".to_owned() } else { added.join(", ") };
    note(member, &[(&format!("recommended-instead/{role} on {on}"), Some(&instead))], facts);
}

fn note(member: &str, notes: &[(&str, Option<&str>)], facts: &mut Facts<'_, '_, '_>) {
    let member = Member::read(member);
    if member.is_service_agent() {
        return facts.out.sink.set_aside("gcp-service-agent", 1);
    }
    let seen = Identity::observed(GCP, member.id, member.kind, facts.evidence("use as observed by Google", ""));
    let name = member.id.split_once(':').map_or(member.id, |(_, name)| name).into();
    facts.identity(Identity { name, ..seen }, notes);
}

fn account(content: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let Some(email) = content.text("email") else {
        return facts.damaged("content", "an insight about a service account has no email");
    };
    let last_use = content.time("lastAuthenticatedTime").map_or(LastUse::NotInWindow, LastUse::At);
    let evidence = facts.evidence("last use of the service account", "content");
    let seen = Identity::observed(GCP, email, IdentityKind::Workload, evidence);
    facts.identity(Identity { name: email.into(), last_use, ..seen }, &[]);
}

/// When a service account or one of its keys last authenticated.
fn activity(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let Some(name) = part.text("fullResourceName") else { return false };
    let last_use = part.time("activity/lastAuthenticatedTime").map_or(LastUse::NotInWindow, LastUse::At);
    let (account, key) = name.split_once("/keys/").map_or((name, None), |(account, key)| (account, Some(key)));
    let email = account.rsplit('/').next().unwrap_or(account);
    let evidence = facts.evidence("last authentication", "activity");
    match key {
        Some(key) => {
            let (kind, title) = ("gcp-service-account-key", "Google Cloud service account key");
            let seen = Credential::observed(CredentialId::issued(GCP, key), kind, title, evidence);
            let email = email.contains('@').then_some(email);
            facts.out.sink.credential(Credential {
                standing: StandingClass::Standing,
                principal: email.map(Into::into),
                last_use,
                readouts: readouts(&[("email", email)]),
                ..seen
            });
        }
        None if email.contains('@') => {
            let seen = Identity::observed(GCP, email, IdentityKind::Workload, evidence);
            facts.identity(Identity { name: email.into(), last_use, ..seen }, &[]);
        }
        None => facts.damaged("fullResourceName", "names neither a key nor a service account by its address"),
    }
    true
}
