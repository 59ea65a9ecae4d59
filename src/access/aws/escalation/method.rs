//! The known ways from some rights to more of them, as `rules/access/escalation/aws.yaml` states them.

use std::sync::OnceLock;

use serde::Deserialize;

use crate::access::pattern::is_pattern;
use crate::rules::embedded;
use crate::yaml;

/// Where the methods stand.
const FILE: &str = "rules/access/escalation/aws.yaml";

/// One method.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::access::aws) struct Method {
    /// Its id: `aws-create-policy-version`.
    pub(in crate::access::aws) id: String,
    /// What is done.
    pub(in crate::access::aws) title: String,
    /// What must be allowed, all of it; by one policy or by several.
    pub(in crate::access::aws) actions: Vec<String>,
    /// On what the actions of IAM and STS must be allowed, and what is won.
    pub(in crate::access::aws) target: Target,
    /// The services of which the target trusts one.
    #[serde(default)]
    pub(in crate::access::aws) services: Vec<String>,
    /// What must be there besides, and no export tells.
    #[serde(default)]
    pub(in crate::access::aws) needs: String,
    /// Where the actions are documented.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is there for who reads the file"))]
    pub(in crate::access::aws) references: Vec<String>,
}

/// What a method acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::access::aws) enum Target {
    /// The identity itself becomes an administrator.
    #[serde(rename = "self")]
    Itself,
    /// The same, for users only.
    SelfUser,
    /// The same, for roles only.
    SelfRole,
    /// A customer's policy in force for the identity: it becomes an administrator.
    OwnPolicy,
    /// A group it is in: it becomes an administrator.
    OwnGroup,
    /// Its own boundary is all that keeps the user from being an administrator.
    BoundedSelfUser,
    /// A user with more rights: these are won.
    User,
    /// An administrators' group.
    Group,
    /// A role with more rights: these are won.
    Role,
    /// A role with more rights that trusts the identity.
    TrustingRole,
    /// A role with more rights that trusts one of the services: to be passed to it.
    PassedRole,
    /// The same, where something of the service already has the role.
    WorkingRole,
    /// Any other user of the account: it becomes an administrator.
    AnyUser,
    /// Any role of the account: it becomes an administrator.
    AnyRole,
    /// Any role of the account that has a customer's policy: it becomes an administrator.
    AnyRolePolicy,
    /// A role that the identity may assume: it becomes an administrator.
    AssumableRole,
    /// The same, by a customer's policy of the role.
    AssumableRolePolicy,
    /// A role that the identity may assume and that only its boundary keeps from being an administrator.
    BoundedAssumableRole,
    /// A permission set, which no export of the account shows.
    PermissionSet,
}

/// All methods, and the actions they name.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::access::aws) struct Methods {
    /// The methods, in order of ids.
    #[serde(rename = "methods")]
    pub(in crate::access::aws) all: Vec<Method>,
    /// Their actions in lower case, in order; a mark is a place in this list.
    #[serde(skip)]
    pub(in crate::access::aws) actions: Vec<String>,
    /// The actions of each method, as marks.
    #[serde(skip)]
    pub(in crate::access::aws) marks: Vec<Vec<usize>>,
    /// The marks of actions that are patterns.
    #[serde(skip)]
    pub(in crate::access::aws) patterns: Vec<usize>,
    /// The mark of `sts:AssumeRole`.
    #[serde(skip)]
    pub(in crate::access::aws) assume: Option<usize>,
}

impl Methods {
    /// The marks of a method's actions that are asked on its target.
    pub(in crate::access::aws) fn marks_on_target(&self, method: usize) -> impl Iterator<Item = usize> {
        let marks = self.marks.get(method).into_iter().flatten().copied();
        marks.filter(|&mark| self.actions.get(mark).is_some_and(|action| action.starts_with("iam:")))
    }
}

/// The methods inside the binary. A broken file is told by a test; without it there are none.
pub(in crate::access::aws) fn methods() -> &'static Methods {
    static METHODS: OnceLock<Methods> = OnceLock::new();
    METHODS.get_or_init(|| {
        let text = embedded::yaml(FILE).next().map_or("methods: []", |(_, text)| text);
        parse(text).unwrap_or_default()
    })
}

fn parse(text: &str) -> Result<Methods, yaml::Error> {
    let mut methods: Methods = yaml::parse(FILE, text)?;
    let mut actions: Vec<String> =
        methods.all.iter().flat_map(|method| &method.actions).map(|action| action.to_ascii_lowercase()).collect();
    actions.sort_unstable();
    actions.dedup();
    let mark = |action: &String| actions.binary_search(&action.to_ascii_lowercase()).unwrap_or_default();
    methods.marks = methods.all.iter().map(|method| method.actions.iter().map(mark).collect()).collect();
    methods.patterns = (0..actions.len()).filter(|&mark| is_pattern(&actions[mark])).collect();
    methods.assume = actions.binary_search(&"sts:assumerole".to_owned()).ok();
    methods.actions = actions;
    Ok(methods)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::access::aws::escalation::marks::Marks;

    #[test]
    fn the_methods_are_read_and_each_is_told_apart() {
        let text = embedded::yaml(FILE).next().expect("the file").1;
        let methods = parse(text).expect("readable");
        assert_eq!(methods.all.len(), 105);
        let ids: BTreeSet<&str> = methods.all.iter().map(|method| &*method.id).collect();
        let sets: BTreeSet<Vec<usize>> = methods.marks.iter().cloned().collect();
        assert_eq!((ids.len(), sets.len()), (105, 105));
        assert!(methods.all.is_sorted_by_key(|method| &method.id));
        let last = Marks::of(&crate::model::Statement::allow(["*".into()]));
        assert!(last.has(methods.actions.len() - 1), "{} actions are more than there are marks", methods.actions.len());
    }

    #[test]
    fn every_method_says_where_it_is_documented_and_which_services_a_role_must_trust() {
        for method in &methods().all {
            let by_service = matches!(method.target, Target::PassedRole | Target::WorkingRole);
            assert_eq!(by_service, !method.services.is_empty(), "{}", method.id);
            let documented = |link: &String| link.starts_with("https://docs.aws.amazon.com/");
            assert!(!method.references.is_empty() && method.references.iter().all(documented), "{}", method.id);
        }
    }
}
