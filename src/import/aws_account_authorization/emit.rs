//! Turns the export's objects into identities, policies and grants.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::about;
use super::detail::{Attached, Holder, Inline, ManagedPolicy, Version};
use super::trust::{Trusted, tags_sessions, trusted};
use crate::import::aws::Arn;
use crate::import::aws_policy::{Read, document, expiry};
use crate::import::lenient::{elements, texts};
use crate::import::time::instant;
use crate::import::{Out, Record};
use crate::model::{
    Effect, Expiry, GapReason, Grant, GrantObject, Identity, IdentityKind, LastUse, Policy, Readout, Standing,
    Statement,
};

/// Where the trust policy of a role stands.
const TRUST: &str = "AssumeRolePolicyDocument";

/// What kind of holder a list holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HolderKind {
    User,
    Group,
    Role,
}

/// One record on its way to the sink.
pub(super) struct Emitter<'e, 'r, 'o> {
    pub(super) record: &'e Record<'r>,
    pub(super) out: &'e mut Out<'o>,
}

/// A grant before its place is known.
struct Given<'g> {
    object: GrantObject,
    expiry: Expiry,
    shows: &'g str,
    inside: &'g str,
}

impl Emitter<'_, '_, '_> {
    /// A user, group or role.
    pub(super) fn holder(&mut self, kind: HolderKind, holder: &Holder<'_>) {
        let Some((arn, parsed)) = holder.arn.get().and_then(|arn| Some((arn, Arn::parse(arn)?))) else {
            return self.problem("Arn", "has no Arn");
        };
        if holder.path.or_empty().starts_with("/aws-service-role/")
            || parsed.resource.starts_with("role/aws-service-role/")
        {
            return self.out.sink.set_aside("aws-service-linked-role", 1);
        }
        let group = (kind == HolderKind::Group).then(|| group_id(&parsed, parsed.name()));
        let arn = group.as_deref().unwrap_or(arn);
        let created = holder.create_date.get().and_then(instant);
        let last_use = last_use(holder);
        let (identity, shows, inline, list) = match kind {
            HolderKind::User => (IdentityKind::User, "user", holder.user_policy_list, "UserPolicyList"),
            HolderKind::Group => (IdentityKind::Group, "group", holder.group_policy_list, "GroupPolicyList"),
            HolderKind::Role => (IdentityKind::Role, "role", holder.role_policy_list, "RolePolicyList"),
        };
        let boundary = holder.permissions_boundary.get().and_then(|cap| cap.permissions_boundary_arn.get());
        let seen = Identity::observed("aws", arn, identity, self.record.evidence(shows, ""));
        let trust = holder.assume_role_policy_document.and_then(|raw| self.document(Some(raw), TRUST));
        let mut facts = about::facts(holder);
        if trust.iter().flatten().any(|read| read.statement.effect == Effect::Allow && tags_sessions(read)) {
            facts.push(Readout::new("session-tags", "allowed"));
        }
        self.out.sink.identity(Identity {
            facts,
            account: Some(parsed.account.into()),
            name: parsed.name().into(),
            created,
            last_use,
            boundary: boundary.map(Into::into),
            ..seen
        });
        self.inline(arn, inline, list);
        self.attached(arn, holder.attached_managed_policies);
        self.groups(arn, &parsed, holder.group_list);
        self.trust(arn, trust.unwrap_or_default());
    }

    /// A managed policy: the default version only.
    pub(super) fn managed(&mut self, policy: &ManagedPolicy<'_>) {
        let Some(arn) = policy.arn.get() else {
            return self.problem("Arn", "has no Arn");
        };
        for (index, version) in self.each::<Version<'_>>(policy.policy_version_list, "PolicyVersionList") {
            if !version.is_default.is_true() {
                continue;
            }
            let created = version.create_date.get().and_then(instant);
            let inside = format!("PolicyVersionList/{index}/Document");
            if let Some(read) = self.document(version.document, &inside) {
                self.policy(arn, read, created, &inside);
            }
            return;
        }
        self.problem("PolicyVersionList", "has no default version that can be read: what the policy allows is unknown");
    }

    fn inline(&mut self, holder: &str, list: Option<&RawValue>, key: &str) {
        for (index, inline) in self.each::<Inline<'_>>(list, key) {
            let Some(name) = inline.policy_name.get() else {
                self.problem(&format!("{key}/{index}"), "an inline policy has no name");
                continue;
            };
            let id = format!("{holder}#inline/{name}");
            let inside = format!("{key}/{index}");
            let read = self.document(inline.policy_document, &format!("{inside}/PolicyDocument"));
            let ends = read.as_deref().map_or(Expiry::Unknown, expiry);
            let object = GrantObject::Policy(id.as_str().into());
            self.grant(holder, Given { object, expiry: ends, shows: "inline policy", inside: &inside });
            if let Some(read) = read {
                self.policy(&id, read, None, &inside);
            }
        }
    }

    fn attached(&mut self, holder: &str, list: Option<&RawValue>) {
        for (index, attached) in self.each::<Attached<'_>>(list, "AttachedManagedPolicies") {
            let inside = format!("AttachedManagedPolicies/{index}");
            let Some(arn) = attached.policy_arn.get() else {
                self.problem(&inside, "an attached policy has no PolicyArn");
                continue;
            };
            let object = GrantObject::Policy(arn.into());
            self.grant(holder, Given { object, expiry: Expiry::Never, shows: "attached policy", inside: &inside });
        }
    }

    /// Members name their groups without path.
    fn groups(&mut self, holder: &str, arn: &Arn<'_>, list: Option<&RawValue>) {
        let Ok(names) = texts(list) else {
            return self.problem("GroupList", "the list of groups cannot be read");
        };
        for (index, name) in names.iter().enumerate() {
            let inside = format!("GroupList/{index}");
            let object = GrantObject::Group(group_id(arn, name).into());
            self.grant(holder, Given { object, expiry: Expiry::Never, shows: "member of the group", inside: &inside });
        }
    }

    fn trust(&mut self, role: &str, statements: Vec<Read>) {
        for (index, read) in statements.into_iter().enumerate() {
            if read.not_principal {
                self.out.note("trust statements with NotPrincipal, not evaluated", 1);
            }
            match (read.statement.effect, trusted(&read)) {
                (_, principals) if principals.is_empty() => {}
                (Effect::Allow, principals) => self.trusted(role, &read, principals),
                (Effect::Deny, principals) => self.distrusted(role, index, read, principals),
            }
        }
    }

    /// Principals that may assume the role.
    fn trusted(&mut self, role: &str, read: &Read, principals: Vec<Trusted>) {
        for principal in principals {
            let grant = Grant::observed(
                "aws",
                &principal.id,
                GrantObject::AssumeRole(role.into()),
                self.record.evidence("trusted by the role", TRUST),
            );
            let expiry = read.ends.map_or(Expiry::Never, Expiry::At);
            let standing = if expiry == Expiry::Never { Standing::Standing } else { Standing::Unknown };
            let all_but = if read.statement.not_actions { "all but " } else { "" };
            let action = format!("{all_but}{}", read.statement.actions.join(", "));
            let facts = vec![Readout::new("action", &action), Readout::new("principal-kind", &principal.kind)];
            let condition = read.statement.conditions.clone();
            self.out.sink.grant(Grant { condition, standing, expiry, facts, ..grant });
        }
    }

    /// Principals to whom the trust policy denies it, whatever else it says: a cap on them that is about this role.
    fn distrusted(&mut self, role: &str, index: usize, read: Read, principals: Vec<Trusted>) {
        let id = format!("{role}#trust/{index}");
        for principal in principals {
            let evidence = self.record.evidence("denied by the trust policy of the role", TRUST);
            let grant = Grant::observed("aws", &principal.id, GrantObject::Cap(id.as_str().into()), evidence);
            let facts = vec![Readout::new("principal-kind", &principal.kind)];
            self.out.sink.grant(Grant { standing: Standing::Standing, expiry: Expiry::Never, facts, ..grant });
        }
        let statement = Statement { resources: vec![role.into()], not_resources: false, ..read.statement };
        let evidence = self.record.evidence("policy", TRUST);
        let statements = vec![statement];
        self.out.sink.policy(Policy { id: id.into(), system: "aws".into(), statements, created: None, evidence });
    }

    fn document(&mut self, raw: Option<&RawValue>, inside: &str) -> Option<Vec<Read>> {
        let read = raw.ok_or("has no policy document").and_then(document);
        read.map_err(|detail| self.problem(inside, detail)).ok()
    }

    fn policy(&mut self, id: &str, read: Vec<Read>, created: Option<Timestamp>, inside: &str) {
        let statements: Vec<Statement> = read.into_iter().map(|read| read.statement).collect();
        let evidence = self.record.evidence("policy", inside);
        self.out.sink.policy(Policy { id: id.into(), system: "aws".into(), statements, created, evidence });
    }

    /// A grant with an end is neither standing nor over before somebody says as of when.
    fn grant(&mut self, holder: &str, given: Given<'_>) {
        let standing = if given.expiry == Expiry::Never { Standing::Standing } else { Standing::Unknown };
        let evidence = self.record.evidence(given.shows, given.inside);
        let grant = Grant::observed("aws", holder, given.object, evidence);
        self.out.sink.grant(Grant { standing, expiry: given.expiry, ..grant });
    }

    /// The elements of a list that can be read; each other one is a problem of its own.
    fn each<'a, T: Deserialize<'a>>(&mut self, raw: Option<&'a RawValue>, key: &str) -> Vec<(usize, T)> {
        let Ok(list) = elements(raw) else {
            self.problem(key, "is not a list");
            return Vec::new();
        };
        let mut found = Vec::with_capacity(list.len());
        for (index, raw) in list.into_iter().enumerate() {
            match serde_json::from_str(raw.get()) {
                Ok(element) if raw.get().starts_with('{') => found.push((index, element)),
                _ => self.problem(&format!("{key}/{index}"), "is not an object of the expected kind"),
            }
        }
        found
    }

    fn problem(&mut self, inside: &str, detail: &str) {
        self.out.problem(self.record, inside, GapReason::Damaged, detail);
    }
}

/// A group's ARN without its path: names are unique in an account, and members know only the name.
fn group_id(arn: &Arn<'_>, name: &str) -> String {
    format!("arn:{}:iam::{}:group/{name}", arn.partition, arn.account)
}

fn last_use(holder: &Holder<'_>) -> LastUse {
    match holder.role_last_used.get() {
        Some(used) => match used.last_used_date.get().and_then(instant) {
            Some(time) => LastUse::At(time),
            None => LastUse::NotInWindow,
        },
        None => LastUse::Unknown,
    }
}
