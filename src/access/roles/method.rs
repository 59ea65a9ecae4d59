//! The known ways from some rights to more of them, as `rules/access/escalation/<system>.yaml` states them.

use serde::Deserialize;

use crate::rules::embedded;
use crate::yaml;

/// One method.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::access) struct Method {
    /// Its id: `gcp-set-project-policy`.
    pub(in crate::access) id: String,
    /// What is done.
    pub(in crate::access) title: String,
    /// What must be allowed over one scope, all of it; by one role or by several.
    #[serde(default)]
    pub(in crate::access) actions: Vec<String>,
    /// What is won.
    pub(in crate::access) target: Target,
    /// For `rights`: what is won, in words, to stand before the scope.
    #[serde(default)]
    pub(in crate::access) wins: String,
    /// What must be there besides, and no export tells.
    #[serde(default)]
    pub(in crate::access) needs: String,
    /// Where the actions are documented.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is there for who reads the file"))]
    pub(in crate::access) references: Vec<String>,
}

/// What a method acts on, and what it wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::access) enum Target {
    /// The scope itself: its administrator.
    Scope,
    /// A custom role that the identity holds: administrator of where it holds it.
    OwnRole,
    /// A workload that lies in the scope: its rights.
    Workload,
    /// A user without a directory role: its rights.
    User,
    /// What the identity owns, an application or a group: its rights.
    Owned,
    /// What `wins` says.
    Rights,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Methods {
    methods: Vec<Method>,
}

/// Reads the methods of a system from inside the binary. A broken file is told by a test; without it there are none.
pub(in crate::access) fn methods(system: &str) -> Vec<Method> {
    let file = format!("rules/access/escalation/{system}.yaml");
    let text = embedded::yaml(&file).next().map_or("methods: []", |(_, text)| text);
    yaml::parse::<Methods>(&file, text).unwrap_or_default().methods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_are_read_in_order_and_each_is_documented() {
        for (system, count) in [("gcp", 23), ("azure", 15)] {
            let methods = methods(system);
            assert_eq!(methods.len(), count, "{system}");
            assert!(methods.windows(2).all(|pair| pair[0].id < pair[1].id), "{system}");
            for method in &methods {
                assert!(method.id.starts_with(system), "{}", method.id);
                assert_eq!(method.actions.is_empty(), method.target == Target::Owned, "{}", method.id);
                assert_eq!(method.wins.is_empty(), method.target != Target::Rights, "{}", method.id);
                let documented = |link: &String| link.starts_with("https://");
                assert!(!method.references.is_empty() && method.references.iter().all(documented), "{}", method.id);
            }
        }
    }
}
