//! What the formats of Azure and Entra share: ids, kinds of principals, and how long an assignment holds.

use jiff::Timestamp;

use super::format::{Facts, readouts};
use super::part::Part;
use super::time::instant;
use crate::model::{Expiry, Grant, GrantObject, Identity, IdentityKind, Standing, Status};

/// The system's name in facts, of Azure Resource Manager and of Entra alike.
pub(super) const AZURE: &str = "azure";

/// Ends from this year on mean "never": `2299-12-31` by convention.
const NEVER_FROM: i16 = 2199;

/// The last part of a resource id, in lower case: the GUID of a role, an assignment, a principal.
pub(super) fn guid(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).trim().to_ascii_lowercase()
}

/// Whether a text has the form of a GUID.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The GUID in the name of a file.
pub(super) fn named(stem: &str) -> Option<String> {
    let from = (0..stem.len().saturating_sub(35)).find(|at| stem.get(*at..at + 36).is_some_and(is_guid))?;
    stem.get(from..from + 36).map(str::to_ascii_lowercase)
}

/// When something ends that must have an end: a far year is "never", no end is unknown.
pub(super) fn end(part: Part<'_>, path: &str) -> Expiry {
    let Some(text) = part.text(path) else { return Expiry::Unknown };
    let year = text.get(..4).and_then(|year| year.parse::<i16>().ok());
    if year.is_some_and(|year| year >= NEVER_FROM) {
        return Expiry::Never;
    }
    instant(text).map_or(Expiry::Unknown, Expiry::At)
}

/// The kind of a principal by its type: `User`, `#microsoft.graph.servicePrincipal`.
pub(super) fn kind(name: Option<&str>) -> IdentityKind {
    let name = name.unwrap_or_default();
    match name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase().as_str() {
        "user" | "member" | "guest" => IdentityKind::User,
        "group" | "foreigngroup" => IdentityKind::Group,
        "serviceprincipal" | "msi" | "managedidentity" => IdentityKind::Workload,
        "application" => IdentityKind::Application,
        _ => IdentityKind::Unknown,
    }
}

/// Tells a principal under its object id.
pub(super) fn principal(
    id: &str,
    type_name: Option<&str>,
    name: Option<&str>,
    (shows, inside): (&str, &str),
    facts: &mut Facts<'_, '_, '_>,
) {
    let seen = Identity::observed(AZURE, id, kind(type_name), facts.evidence(shows, inside));
    facts.identity(Identity { name: name.unwrap_or(id).into(), ..seen }, &[]);
}

/// How an assignment of a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// Whether it is there all the time, as far as the export says.
    pub(super) standing: Standing,
    /// When it ends by itself.
    pub(super) expiry: Expiry,
    /// When it began.
    pub(super) created: Option<Timestamp>,
    /// It is a schedule of Privileged Identity Management without a start: made outside of it.
    pub(super) outside: bool,
}

impl Term {
    /// Reads the term of an assignment, plain or of Privileged Identity Management: of an instance with start and end,
    /// or of a schedule with its `scheduleInfo`.
    ///
    /// A plain list shows activated assignments like any other: only the schedule instances tell them apart.
    pub(super) fn read(part: Part<'_>) -> Self {
        let is_assigned = part.has("assignmentType");
        let is_eligible = !is_assigned
            && ["roleEligibilityScheduleId", "memberType", "scheduleInfo"].into_iter().any(|name| part.has(name));
        let (start, last) = if part.has("scheduleInfo") {
            ("scheduleInfo/startDateTime", "scheduleInfo/expiration/endDateTime")
        } else {
            ("startDateTime", "endDateTime")
        };
        let begun = part.time(start);
        if !is_assigned && !is_eligible {
            let created = part.time("createdOn").or_else(|| part.time("createdDateTime"));
            return Self { standing: Standing::Standing, expiry: Expiry::Never, created, outside: false };
        }
        let bounded = part.text("scheduleInfo/expiration/type").is_some_and(|text| text != "noExpiration");
        let expiry = match end(part, last) {
            Expiry::Unknown if !part.has(last) && !bounded => Expiry::Never,
            other => other,
        };
        let is_activated = part.text("assignmentType") == Some("Activated");
        let standing = match expiry {
            _ if is_eligible => Standing::Eligible,
            _ if is_activated => Standing::JitActive,
            Expiry::Never => Standing::Standing,
            _ => Standing::Unknown,
        };
        let expiry = if is_activated && expiry == Expiry::Never { Expiry::Unknown } else { expiry };
        Self { standing, expiry, created: begun, outside: is_assigned && !part.has(start) }
    }
}

/// Whether a schedule is in force: plain assignments have no status.
pub(super) fn in_force(part: Part<'_>) -> bool {
    matches!(part.text("status"), None | Some("Provisioned" | "Accepted" | "Granted"))
}

/// Tells an assignment: `role` for `holder` over `scope`, with its term.
pub(super) fn assign(
    part: Part<'_>,
    (holder, role, scope): (&str, &str, &str),
    id: &str,
    notes: &[(&str, Option<&str>)],
    facts: &mut Facts<'_, '_, '_>,
) {
    let term = Term::read(part);
    let seen = Grant::observed(AZURE, holder, GrantObject::Role(role.into()), facts.evidence("role assignment", ""));
    let mut all = readouts(notes);
    all.extend(readouts(&[
        ("made-outside-pim", term.outside.then_some("yes")),
        ("member-type", part.text("memberType")),
        (
            "activated-from",
            part.first(&["linkedRoleEligibilityScheduleInstanceId", "linkedRoleEligibilityScheduleId"])
                .or_else(|| part.text("activatedUsing/id")),
        ),
    ]));
    facts.out.sink.grant(Grant {
        scope: scope.into(),
        condition: part.text("condition").unwrap_or_default().into(),
        standing: term.standing,
        expiry: term.expiry,
        created: term.created,
        id: id.into(),
        facts: all,
        ..seen
    });
}

/// Tells who owns an application, a service principal or a group, where owners were asked for.
pub(super) fn owners(part: Part<'_>, owned: &str, facts: &mut Facts<'_, '_, '_>) {
    for (index, owner) in part.each("owners") {
        let inside = format!("owners/{index}");
        let Some(id) = owner.text("id") else {
            facts.damaged(&inside, "an owner has no id");
            continue;
        };
        principal(id, owner.text("@odata.type"), owner.text("displayName"), ("owner", &inside), facts);
        let evidence = facts.evidence("owner", &inside);
        let seen = Grant::observed(AZURE, id, GrantObject::Role("owner".into()), evidence);
        facts.out.sink.grant(Grant {
            scope: owned.into(),
            standing: Standing::Standing,
            expiry: Expiry::Never,
            ..seen
        });
    }
}

/// `accountEnabled` as a status.
pub(super) fn status(part: Part<'_>) -> Status {
    match part.flag("accountEnabled") {
        Some(true) => Status::Active,
        Some(false) => Status::Inactive,
        None => Status::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn term(value: &serde_json::Value) -> (Standing, Expiry) {
        let term = Term::read(Part::of(value));
        (term.standing, term.expiry)
    }

    #[test]
    fn a_term_tells_permanent_from_ending_and_eligible_from_active() {
        let at = |text| Expiry::At(instant(text).expect("a time"));
        let (start, later) = ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
        assert_eq!(term(&json!({"createdOn": start})), (Standing::Standing, Expiry::Never));
        let assigned = json!({"assignmentType": "Assigned", "startDateTime": start, "endDateTime": null});
        assert_eq!(term(&assigned), (Standing::Standing, Expiry::Never));
        let ending = json!({"assignmentType": "Assigned", "startDateTime": start, "endDateTime": later});
        assert_eq!(term(&ending), (Standing::Unknown, at(later)));
        let active = json!({"assignmentType": "Activated", "startDateTime": start, "endDateTime": later});
        assert_eq!(term(&active), (Standing::JitActive, at(later)));
        let eligible = json!({"memberType": "Direct", "endDateTime": null});
        assert_eq!(term(&eligible), (Standing::Eligible, Expiry::Never));
        let schedule = json!({"scheduleInfo": {"expiration": {"type": "afterDuration", "duration": "PT8H"}}});
        assert_eq!(term(&schedule), (Standing::Eligible, Expiry::Unknown));
        let outside = json!({"assignmentType": "Assigned", "startDateTime": null, "endDateTime": null});
        assert!(Term::read(Part::of(&outside)).outside);
    }

    #[test]
    fn guids_are_found_in_ids_and_file_names() {
        let id = "/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635";
        assert_eq!(guid(id), "8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
        assert_eq!(named("members-8E3AF657-a8ff-443c-a75c-2fe8c4bcb635").as_deref(), Some(guid(id).as_str()));
        assert_eq!(named("members-of-a-very-long-group-name-without-any-id"), None);
    }
}
