//! AWS Organizations: service and resource control policies, what they are attached to, and the tree of units.
//!
//! Several answers do not say whom they are about (`list-targets-for-policy`, `list-policies-for-target`,
//! `list-parents`, `list-children`, `list-accounts-for-parent`): the id is taken from the name of the file, such as
//! `list-parents-111122223333.json`. Policies of other types (tags, backups) cap nothing and are counted.

use super::Shape;
use super::aws_policy::encoded;
use super::format::{Facts, Format, readouts};
use super::part::Part;
use crate::model::{Grant, GrantObject, Identity, IdentityKind, Policy, Status};

/// Reads answers of `aws organizations`.
pub(super) static FORMAT: Format = Format {
    id: "aws-organizations",
    title: "AWS Organizations: control policies, their targets, accounts and units",
    how_to_export: "aws organizations list-roots > roots.json; for each policy P: aws organizations describe-policy \
                    --policy-id P > P.json; aws organizations list-targets-for-policy --policy-id P > targets-P.json; \
                    for each account or unit C: aws organizations list-parents --child-id C > parents-C.json; \
                    aws organizations list-accounts > accounts.json",
    lists: &[],
    shapes: &[
        Shape { list: Some("Policies"), keys: &["Id", "Arn", "Type", "AwsManaged"] },
        Shape { list: None, keys: &["Policy.PolicySummary", "Policy.Content"] },
        Shape { list: None, keys: &["PolicySummary.Type", "Content"] },
        Shape { list: None, keys: &["Targets.TargetId", "Targets.Type"] },
        Shape { list: None, keys: &["Parents.Id", "Parents.Type"] },
        Shape { list: None, keys: &["Children.Id", "Children.Type"] },
        Shape { list: None, keys: &["Accounts.Id", "Accounts.JoinedMethod"] },
        Shape { list: None, keys: &["OrganizationalUnits.Id", "OrganizationalUnits.Arn"] },
        Shape { list: None, keys: &["Roots.Id", "Roots.PolicyTypes"] },
        Shape { list: None, keys: &["Organization.MasterAccountId", "Organization.FeatureSet"] },
    ],
    read,
};

fn read(answer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let named = Named::read(facts.stem());
    if answer.text("Id").is_some() && (answer.at("Policies").is_list() || answer.at("Children").is_list()) {
        node(answer, None, "", facts);
        return true;
    }
    let described = if answer.has("PolicySummary") { (answer, "") } else { (answer.at("Policy"), "Policy/") };
    if described.0.has("PolicySummary") {
        content(described.0.at("PolicySummary"), described.0, described.1, facts);
        return true;
    }
    if answer.has("Organization") {
        organization(answer.at("Organization"), facts);
        return true;
    }
    let lists = ["Policies", "Targets", "Parents", "Children", "Accounts", "OrganizationalUnits", "Roots"];
    let Some(list) = lists.into_iter().find(|list| answer.at(list).is_list()) else { return false };
    let whose = if list == "Targets" { named.policy.as_deref() } else { named.target.as_deref() };
    if whose.is_none() && ["Targets", "Parents", "Children"].contains(&list) {
        facts.absent(
            list,
            "the file does not say whose they are: put the id of the policy, account or unit into its name",
        );
        return true;
    }
    for (index, element) in answer.each(list) {
        let inside = format!("{list}/{index}");
        match list {
            "Policies" => summary(element, whose, &inside, facts),
            "Targets" => cap(element.text("TargetId"), whose, None, &inside, facts),
            "Parents" => below(whose, element.text("Id"), &inside, facts),
            _ => {
                scope(element, &inside, facts);
                below(element.text("Id"), whose, &inside, facts);
            }
        }
    }
    true
}

/// The ids in the name of a file.
#[derive(Default)]
struct Named {
    policy: Option<String>,
    target: Option<String>,
}

impl Named {
    fn read(stem: &str) -> Self {
        let words: Vec<&str> = stem.split(['-', '.', '_', ' ']).collect();
        let mut named = Self::default();
        for (place, word) in words.iter().enumerate() {
            let next = |by: usize| words.get(place + by).copied().unwrap_or_default();
            let is_id =
                |text: &str, least| text.len() >= least && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            match *word {
                "ou" if is_id(next(1), 4) && is_id(next(2), 8) => {
                    named.target = Some(format!("ou-{}-{}", next(1), next(2)));
                }
                "r" if is_id(next(1), 4) => named.target = Some(format!("r-{}", next(1))),
                "p" if is_id(next(1), 8) => named.policy = Some(format!("p-{}", next(1))),
                _ if word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                    named.target = Some((*word).to_owned());
                }
                _ => {}
            }
        }
        named
    }
}

/// A node of a tree in which policies and children stand inside what they belong to.
fn node(node: Part<'_>, parent: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = node.text("Id") else { return facts.damaged(inside, "has no Id") };
    scope(node, inside, facts);
    below(Some(id), parent, inside, facts);
    for (index, policy) in node.each("Policies") {
        summary(policy, Some(id), &join(inside, "Policies", index), facts);
    }
    for (index, child) in node.each("Children") {
        self::node(child, Some(id), &join(inside, "Children", index), facts);
    }
}

fn join(inside: &str, list: &str, index: usize) -> String {
    let slash = if inside.is_empty() { "" } else { "/" };
    format!("{inside}{slash}{list}/{index}")
}

/// A policy as lists show it: without content, but in a tree or where it was merged.
fn summary(policy: Part<'_>, target: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let kind = policy.text("Type").unwrap_or_default();
    if !is_control(kind) {
        return facts.out.note("policies of other types than service and resource control", 1);
    }
    if target.is_some() {
        cap(target, policy.text("Id"), Some(kind), inside, facts);
    }
    if policy.has("Content") {
        content(policy, policy, &format!("{inside}/"), facts);
    } else if target.is_none() {
        facts.out.note("control policies listed without content: describe-policy has it", 1);
    }
}

fn is_control(kind: &str) -> bool {
    matches!(kind, "SERVICE_CONTROL_POLICY" | "RESOURCE_CONTROL_POLICY")
}

/// The content is JSON text, or an object where somebody unpacked it.
fn content(summary: Part<'_>, holder: Part<'_>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = summary.text("Id") else { return facts.damaged(inside, "a policy has no Id") };
    if !is_control(summary.text("Type").unwrap_or_default()) {
        return facts.out.note("policies of other types than service and resource control", 1);
    }
    let inside = format!("{inside}Content");
    let part = holder.at("Content");
    let text = part.as_text().map_or_else(|| part.to_json(), str::to_owned);
    match encoded(&text) {
        Ok(statements) => {
            let statements = statements.into_iter().map(|read| read.statement).collect();
            let evidence = facts.evidence("control policy", &inside);
            let policy = Policy { id: id.into(), system: "aws".into(), statements, created: None, evidence };
            facts.out.sink.policy(policy);
        }
        Err(detail) => facts.damaged(&inside, detail),
    }
}

fn cap(target: Option<&str>, policy: Option<&str>, kind: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let (Some(target), Some(policy)) = (target, policy) else {
        return facts.damaged(inside, "lacks the id of the policy or of its target");
    };
    let evidence = facts.evidence("control policy attached", inside);
    let grant = Grant::observed("aws", target, GrantObject::Cap(policy.into()), evidence);
    facts.out.sink.grant(Grant { facts: readouts(&[("policy-type", kind)]), ..grant });
}

/// An account, a unit or a root.
fn scope(part: Part<'_>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let Some(id) = part.text("Id") else { return facts.damaged(inside, "has no Id") };
    let is_account = id.bytes().all(|byte| byte.is_ascii_digit());
    let seen = Identity::observed("aws", id, IdentityKind::Scope, facts.evidence("part of the organisation", inside));
    let status = match part.text("Status") {
        Some("ACTIVE") => Status::Active,
        Some(_) => Status::Inactive,
        None => Status::Unknown,
    };
    let identity = Identity {
        account: is_account.then(|| id.into()),
        name: part.text("Name").unwrap_or(id).into(),
        created: part.time("JoinedTimestamp"),
        status,
        ..seen
    };
    facts.identity(identity, &[]);
}

fn below(child: Option<&str>, parent: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let (Some(child), Some(parent)) = (child, parent) else { return };
    let evidence = facts.evidence("place in the organisation", inside);
    facts.out.sink.grant(Grant::observed("aws", child, GrantObject::Group(parent.into()), evidence));
}

/// The management account, which control policies do not reach.
fn organization(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) {
    let Some(account) = part.text("MasterAccountId") else {
        return facts.damaged("Organization", "has no MasterAccountId");
    };
    let evidence = facts.evidence("management account", "Organization");
    let seen = Identity::observed("aws", account, IdentityKind::Scope, evidence);
    let identity = Identity { account: Some(account.into()), ..seen };
    facts.identity(identity, &[("management-account-of", part.text("Id").or(Some("the organisation")))]);
}

#[cfg(test)]
mod tests {
    use super::Named;

    #[test]
    fn ids_are_found_in_file_names() {
        let of = |stem| {
            let named = Named::read(stem);
            (named.policy, named.target)
        };
        assert_eq!(of("list-parents-ou-ab12-cdef3456"), (None, Some("ou-ab12-cdef3456".to_owned())));
        assert_eq!(of("targets_p-abcd1234"), (Some("p-abcd1234".to_owned()), None));
        assert_eq!(of("parents-111122223333"), (None, Some("111122223333".to_owned())));
        assert_eq!(of("list-policies"), (None, None));
    }
}
