//! Permissions as text: `get pods/log`, `create apps/deployments`, `get /healthz`.

/// Groups whose names have no dot; every other text before a slash is a resource of the core group.
const PLAIN_GROUPS: &[&str] = &["*", "apps", "batch", "autoscaling", "extensions", "policy"];

/// One permission, as a rule gives it or a question asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action<'a> {
    verb: &'a str,
    /// Empty for the core group, nothing where a question leaves it open.
    group: Option<&'a str>,
    /// The resource with its part: `pods/log`; or the path of a URL.
    resource: &'a str,
}

impl<'a> Action<'a> {
    /// A permission as a rule gives it.
    pub(super) fn of_rule(text: &'a str) -> Option<Self> {
        let (verb, rest) = text.split_once(' ')?;
        let (group, resource) = grouped(rest).unwrap_or(("", rest));
        Some(Self { verb, group: Some(group), resource })
    }

    /// A permission as a question asks for it: a resource without a group is one of any group.
    pub(super) fn asked(text: &'a str) -> Option<Self> {
        let (verb, rest) = text.trim().split_once(' ')?;
        let rest = rest.trim();
        match grouped(rest) {
            Some((group, resource)) => Some(Self { verb, group: Some(group), resource }),
            None => Some(Self { verb, group: None, resource: rest }),
        }
    }

    /// A permission of the core group or of the group that is written, as methods state them.
    pub(super) fn stated(verb: &'a str, resource: &'a str) -> Self {
        let (group, resource) = grouped(resource).unwrap_or(("", resource));
        Self { verb, group: Some(group), resource }
    }

    /// Whether a permission of a rule covers what is asked. Only `*` is a pattern, alone or before a part (`*/scale`);
    /// at the end of a URL it stands for what follows.
    pub(super) fn covers(self, asked: Action<'_>) -> bool {
        let verb = self.verb == "*" || self.verb == asked.verb;
        if self.resource.starts_with('/') || asked.resource.starts_with('/') {
            let prefix = self.resource.strip_suffix('*').filter(|prefix| prefix.starts_with('/'));
            return verb
                && (self.resource == asked.resource
                    || prefix.is_some_and(|prefix| asked.resource.starts_with(prefix)));
        }
        // A group that is left open is the core group, or that of a rule which names the resource.
        let group = match asked.group {
            Some(group) => self.group == Some("*") || self.group == Some(group),
            None => matches!(self.group, Some("*" | "")) || self.resource == asked.resource,
        };
        let part = || asked.resource.split_once('/').zip(self.resource.split_once('/'));
        let resource = self.resource == "*"
            || self.resource == asked.resource
            || part().is_some_and(|((_, asked), (of, own))| of == "*" && own == asked);
        verb && group && resource
    }

    /// Whether the API does not tell the name of an object when this is asked: a rule for named objects does not cover it.
    pub(super) fn has_no_name(self) -> bool {
        matches!(self.verb, "create" | "deletecollection") && !self.resource.contains('/')
    }

    /// Everything on everything.
    pub(super) const EVERYTHING: Action<'static> = Action { verb: "*", group: Some("*"), resource: "*" };
}

/// The group before the resource, where one is written.
fn grouped(text: &str) -> Option<(&str, &str)> {
    let (group, resource) = text.split_once('/').filter(|(group, _)| !group.is_empty())?;
    (group.contains('.') || PLAIN_GROUPS.contains(&group)).then_some((group, resource))
}

#[cfg(test)]
mod tests {
    use super::Action;

    fn covers(rule: &str, asked: &str) -> bool {
        Action::of_rule(rule).expect("a rule").covers(Action::asked(asked).expect("a question"))
    }

    #[test]
    fn a_rule_covers_its_own_group_and_part_only() {
        for (rule, asked, expected) in [
            ("get pods", "get pods", true),
            ("get pods", "get pods/log", false),
            ("get pods", "list pods", false),
            ("* */*", "delete apps/deployments", true),
            ("get *", "get pods/log", true),
            ("get *", "get apps/deployments", false),
            ("get apps/*", "get deployments", false),
            ("get apps/deployments", "get deployments", true),
            ("get */pods/exec", "get pods/exec", true),
            ("update */*/scale", "update apps/deployments/scale", true),
            ("update */*/scale", "update apps/deployments", false),
            ("get apps/deployments", "get extensions/deployments", false),
            ("get /metrics", "get /metrics", true),
            ("get /api/*", "get /api/v1", true),
            ("* /*", "get /healthz", true),
            ("* */*", "get /healthz", false),
            ("* /*", "get pods", false),
            ("GET pods", "get pods", false),
        ] {
            assert_eq!(covers(rule, asked), expected, "{rule} | {asked}");
        }
    }

    #[test]
    fn text_without_a_resource_is_no_action() {
        assert_eq!(Action::asked("get"), None);
        assert_eq!(Action::of_rule(""), None);
    }
}
