//! What all Google Cloud formats share: members, names of resources, places in the hierarchy, ends of conditions.

use jiff::Timestamp;

use super::format::{Facts, readouts};
use super::part::Part;
use super::time::instant;
use crate::model::{Expiry, Grant, GrantObject, Identity, IdentityKind, Standing, Status};

/// The system's name in facts.
pub(super) const GCP: &str = "gcp";

/// Years from which on an end means "never": `9999-12-31` of keys, `2200` and `2999` of policy libraries.
const NEVER_FROM: i16 = 2199;

/// The end of a key at `path`. Far years mean "never", and so does an end that is not there.
pub(super) fn end(part: Part<'_>, path: &str) -> Expiry {
    match part.text(path) {
        Some(text) if is_far(text) => Expiry::Never,
        Some(text) => instant(text).map_or(Expiry::Unknown, Expiry::At),
        None if part.has(path) => Expiry::Unknown,
        None => Expiry::Never,
    }
}

/// The time at `path` since when a key is valid; nothing that lies as far ahead as "never".
pub(super) fn start(part: Part<'_>, path: &str) -> Option<Timestamp> {
    part.time(path).filter(|_| !part.text(path).is_some_and(is_far))
}

/// Whether a written time lies so far ahead that it means "never". `9999-12-31` is beyond what a timestamp can hold.
fn is_far(text: &str) -> bool {
    text.get(..4).and_then(|year| year.parse::<i16>().ok()).is_some_and(|year| year >= NEVER_FROM)
}

/// A member as policies name it, under the id that everything else uses: a service account is its bare address.
pub(super) struct Member<'m> {
    /// The id.
    pub(super) id: &'m str,
    /// What kind of thing it is.
    pub(super) kind: IdentityKind,
    /// The short name.
    name: &'m str,
    status: Status,
    /// The Kubernetes service account that acts as this member, as `namespace/name`.
    kubernetes: Option<&'m str>,
}

impl<'m> Member<'m> {
    /// Reads a member; a text of no known form is kept as it is.
    pub(super) fn read(text: &'m str) -> Self {
        let of = |id, kind, name| Self { id, kind, name, status: Status::Unknown, kubernetes: None };
        if let Some(gone) = text.strip_prefix("deleted:") {
            let inner = Self::read(gone);
            return Self { id: text, status: Status::Inactive, ..inner };
        }
        match text.split_once(':') {
            Some(("serviceAccount", address)) => {
                let kubernetes = address.split_once(".svc.id.goog[").and_then(|(_, rest)| rest.strip_suffix(']'));
                Self { kubernetes, ..of(address, IdentityKind::Workload, address) }
            }
            Some(("user", address)) => of(text, IdentityKind::User, address),
            Some(("group" | "domain" | "projectOwner" | "projectEditor" | "projectViewer", name)) => {
                of(text, IdentityKind::Group, name)
            }
            Some(("principal", _)) => of(text, IdentityKind::Workload, last(text)),
            Some(("principalSet", _)) => of(text, IdentityKind::Group, last(text)),
            None if matches!(text, "allUsers" | "allAuthenticatedUsers") => of(text, IdentityKind::Public, text),
            _ => of(text, IdentityKind::Unknown, text),
        }
    }

    /// An agent that Google runs for its own services.
    pub(super) fn is_service_agent(&self) -> bool {
        let Some((local, domain)) = self.id.split_once('@') else { return false };
        let Some(project) = domain.strip_suffix(".iam.gserviceaccount.com") else {
            return domain == "cloudservices.gserviceaccount.com";
        };
        let by_google = project.starts_with("gcp-sa-")
            || project.ends_with("-robot")
            || project.ends_with("-robot-prod")
            || project.ends_with("-accounts")
            || project == "compute-system";
        let number = local.strip_prefix("service-").unwrap_or_default();
        by_google && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Tells the identity behind the member.
    pub(super) fn tell(&self, inside: &str, facts: &mut Facts<'_, '_, '_>) {
        let evidence = facts.evidence("member of a policy", inside);
        let seen = Identity::observed(GCP, self.id, self.kind, evidence);
        let account = project_of(self.id).map(Into::into);
        let identity = Identity { name: self.name.into(), status: self.status, account, ..seen };
        facts.identity(identity, &[("kubernetes-service-account", self.kubernetes)]);
    }
}

/// The project in the address of a service account that somebody made.
pub(super) fn project_of(address: &str) -> Option<&str> {
    address.split_once('@')?.1.strip_suffix(".iam.gserviceaccount.com")
}

fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// The short name of a project, folder or organisation, the full name of everything else.
pub(super) fn scope(name: &str) -> &str {
    name.strip_prefix("//cloudresourcemanager.googleapis.com/").unwrap_or(name)
}

/// Tells that `child` lies in `parent`, so that what is granted on the parent holds for the child.
pub(super) fn inside_of(child: &str, parent: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    if child != parent && !parent.is_empty() {
        let evidence = facts.evidence("place in the hierarchy", inside);
        facts.out.sink.grant(Grant::observed(GCP, child, GrantObject::Group(parent.into()), evidence));
    }
}

/// Tells a project, folder, organisation or resource.
pub(super) fn tell_scope(name: &str, kind: Option<&str>, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let seen = Identity::observed(GCP, name, IdentityKind::Scope, facts.evidence("resource with a policy", inside));
    facts.identity(Identity { name: name.into(), ..seen }, &[("type", kind)]);
}

/// Tells the grants of a policy on `scope`: one for each role and member. `standing` is that of grants without end.
pub(super) fn policy(policy: Part<'_>, scope: &str, inside: &str, facts: &mut Facts<'_, '_, '_>) {
    let lead = if inside.is_empty() { String::new() } else { format!("{inside}/") };
    if policy.has("bindings") && !policy.at("bindings").is_list() {
        return facts.damaged(&format!("{lead}bindings"), "is not a list");
    }
    let mut hidden = false;
    for (index, binding) in policy.each("bindings") {
        let inside = format!("{lead}bindings/{index}");
        let Some(role) = binding.text("role") else {
            facts.damaged(&inside, "a binding has no role");
            continue;
        };
        hidden |= role.contains("_withcond_");
        for member in binding.texts("members") {
            bind(role, member, scope, (binding, &inside), facts);
        }
    }
    if hidden {
        facts.absent(
            &format!("{lead}bindings"),
            "roles with _withcond_ in their names hide their conditions: export the policy with version 3",
        );
    }
}

/// One role for one member. A condition may be the reason why a grant ends.
pub(super) fn bind(
    role: &str,
    member: &str,
    scope: &str,
    (binding, inside): (Part<'_>, &str),
    facts: &mut Facts<'_, '_, '_>,
) {
    let member = Member::read(member);
    if member.is_service_agent() {
        return facts.out.sink.set_aside("gcp-service-agent", 1);
    }
    member.tell(inside, facts);
    let condition = binding.text("condition/expression").unwrap_or_default();
    let hidden = role.contains("_withcond_");
    let expiry = if hidden { Expiry::Unknown } else { ends(condition) };
    let role = role.split("_withcond_").next().unwrap_or(role);
    let seen = Grant::observed(GCP, member.id, GrantObject::Role(role.into()), facts.evidence("binding", inside));
    let standing = if expiry == Expiry::Never { Standing::Standing } else { Standing::Unknown };
    let kind = hidden.then_some("hidden by the version of the export");
    facts.out.sink.grant(Grant {
        scope: scope.into(),
        condition: if hidden { "(hidden)".into() } else { condition.into() },
        standing,
        expiry,
        facts: readouts(&[("condition", kind), ("condition-title", binding.text("condition/title"))]),
        ..seen
    });
}

/// When a condition can no longer be true: the earliest `request.time < timestamp("...")` of those that must all hold.
/// Never without such an end, unknown where alternatives or negations make it one of several.
pub(super) fn ends(condition: &str) -> Expiry {
    if !condition.contains("request.time") {
        return Expiry::Never;
    }
    if condition.contains("||") || condition.contains('!') || condition.contains('?') {
        return Expiry::Unknown;
    }
    let times = condition.split("&&").filter_map(|part| {
        let part = part.trim().trim_matches(['(', ' ']);
        let rest = part.strip_prefix("request.time")?.trim_start().strip_prefix('<')?;
        let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start().strip_prefix("timestamp")?;
        let text = rest.trim_start().strip_prefix('(')?.trim_start();
        let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        instant(text.get(1..)?.split(quote).next()?)
    });
    times.min().map_or(Expiry::Never, Expiry::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_gets_the_id_that_logs_use() {
        let of = |text| {
            let member = Member::read(text);
            (member.id, member.kind, member.status)
        };
        let robot = "ci@corp-prod.iam.gserviceaccount.com";
        assert_eq!(
            of("serviceAccount:ci@corp-prod.iam.gserviceaccount.com"),
            (robot, IdentityKind::Workload, Status::Unknown)
        );
        assert_eq!(of("user:ann@corp.example").0, "user:ann@corp.example");
        assert_eq!(of("deleted:user:ann@corp.example?uid=1").2, Status::Inactive);
        assert_eq!(of("allUsers").1, IdentityKind::Public);
        assert_eq!(of("abcdefg"), ("abcdefg", IdentityKind::Unknown, Status::Unknown));
        assert_eq!(Member::read("serviceAccount:p.svc.id.goog[ns/ksa]").kubernetes, Some("ns/ksa"));
    }

    #[test]
    fn only_agents_of_google_are_agents() {
        let agent = |address| Member::read(address).is_service_agent();
        assert!(agent("serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com"));
        assert!(agent("serviceAccount:123@cloudservices.gserviceaccount.com"));
        assert!(!agent("serviceAccount:service-123@corp-prod.iam.gserviceaccount.com"));
        assert!(!agent("serviceAccount:123-compute@developer.gserviceaccount.com"));
        assert!(!agent("user:service-1@corp.example"));
    }

    #[test]
    fn a_condition_ends_where_all_of_it_must_hold() {
        let at = |text| Expiry::At(instant(text).expect("a time"));
        assert_eq!(ends(""), Expiry::Never);
        assert_eq!(ends("resource.type == \"x\""), Expiry::Never);
        assert_eq!(ends("request.time < timestamp(\"2024-05-01T00:00:00Z\")"), at("2024-05-01T00:00:00Z"));
        assert_eq!(
            ends(
                "(request.time <= timestamp('2024-05-01T00:00:00Z') && request.time > timestamp('2024-01-01T00:00:00Z'))"
            ),
            at("2024-05-01T00:00:00Z")
        );
        assert_eq!(ends("request.time < timestamp(\"2024-05-01T00:00:00Z\") || true"), Expiry::Unknown);
        assert_eq!(ends("request.time.getHours() < 9"), Expiry::Never);
        assert_eq!(ends("request.time > timestamp(\"2024-05-01T00:00:00Z\")"), Expiry::Never);
    }

    #[test]
    fn an_end_that_nobody_will_see_is_never() {
        let of = |text: &str| end(Part::of(&serde_json::json!({"end": text})), "end");
        assert_eq!(of("9999-12-31T23:59:59Z"), Expiry::Never);
        assert_eq!(of("2200-08-22T19:55:36Z"), Expiry::Never);
        assert!(matches!(of("2030-01-01T00:00:00Z"), Expiry::At(_)));
        assert_eq!(of("later"), Expiry::Unknown);
        assert_eq!(end(Part::of(&serde_json::json!({})), "end"), Expiry::Never);
    }
}
