//! The known ways from some rights to more of them, as `rules/access/escalation/kubernetes.yaml` states them.

use std::sync::OnceLock;

use serde::Deserialize;

use super::action::Action;
use crate::rules::embedded;
use crate::yaml;

/// Where the methods stand.
const FILE: &str = "rules/access/escalation/kubernetes.yaml";

/// One method.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Method {
    /// Its id: `kubernetes-exec`.
    pub(super) id: String,
    /// What is done.
    pub(super) title: String,
    /// What must be allowed, all of it; each with alternatives.
    pub(super) actions: Vec<String>,
    /// What is won.
    pub(super) target: Target,
    /// The only namespace in which it works.
    #[serde(default)]
    pub(super) namespace: String,
    /// Names of objects of which one suffices, where rights are limited to names.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// What names of objects are names of.
    #[serde(default)]
    pub(super) names_are: NamesAre,
    /// What must be there besides, and no export tells.
    #[serde(default)]
    pub(super) needs: String,
    /// Where it is documented.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is there for who reads the file"))]
    pub(super) references: Vec<String>,
}

/// What a method wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Target {
    /// The whole cluster.
    Cluster,
    /// The service accounts where the rights hold: of a namespace, or all.
    Account,
    /// The same, of those as which pods run.
    Workload,
}

/// What names of objects are names of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NamesAre {
    /// Of something that does not matter.
    #[default]
    Objects,
    /// Of service accounts.
    Accounts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    methods: Vec<Method>,
}

impl Method {
    /// For each of its actions the alternatives.
    pub(super) fn needed(&self) -> impl Iterator<Item = Vec<Action<'_>>> {
        self.actions.iter().map(|action| action.split(" or ").flat_map(alternatives).collect())
    }
}

/// `get|list pods|secrets` as four actions.
fn alternatives(text: &str) -> Vec<Action<'_>> {
    let (verbs, resources) = text.split_once(' ').unwrap_or((text, ""));
    let of = |verb| resources.split('|').map(move |resource| Action::stated(verb, resource));
    verbs.split('|').flat_map(of).collect()
}

/// The methods inside the binary. A broken file is told by a test; without it there are none.
pub(super) fn methods() -> &'static [Method] {
    static METHODS: OnceLock<Vec<Method>> = OnceLock::new();
    METHODS.get_or_init(|| {
        let text = embedded::yaml(FILE).next().map_or("methods: []", |(_, text)| text);
        yaml::parse::<File>(FILE, text).map(|file| file.methods).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_methods_are_read_in_order_and_say_where_they_are_documented() {
        let text = embedded::yaml(FILE).next().expect("the file").1;
        let file: File = yaml::parse(FILE, text).expect("readable");
        assert_eq!(file.methods.len(), 18);
        assert!(file.methods.is_sorted_by_key(|method| &method.id));
        for method in &file.methods {
            assert!(method.id.starts_with("kubernetes-") && !method.title.is_empty() && !method.references.is_empty());
            assert!(method.needed().all(|alternatives| !alternatives.is_empty()), "{}", method.id);
        }
    }
}
