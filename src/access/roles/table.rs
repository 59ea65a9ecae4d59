//! Roles whose permissions their provider publishes, as far as they matter: `rules/access/<system>/roles.yaml`.

use serde::Deserialize;

use crate::rules::embedded;
use crate::yaml;

/// The roles of one system, in order of ids.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::access) struct Table {
    roles: Vec<Role>,
}

/// One role.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::access) struct Role {
    /// Its id, as grants name it.
    pub(in crate::access) id: String,
    /// Its name for people.
    pub(in crate::access) title: String,
    /// What it allows; patterns with `*`.
    #[serde(default)]
    pub(in crate::access) actions: Vec<String>,
    /// What of that it does not allow.
    #[serde(default)]
    pub(in crate::access) except: Vec<String>,
    /// Nothing else is allowed: what is not listed is not in the role.
    #[serde(default)]
    pub(in crate::access) complete: bool,
    /// Who holds it over a wide scope is an administrator there: how, in words.
    #[serde(default)]
    pub(in crate::access) administrator: String,
}

impl Table {
    /// The role of this id.
    pub(in crate::access) fn get(&self, id: &str) -> Option<&Role> {
        let place = self.roles.binary_search_by(|role| role.id.as_str().cmp(id)).ok()?;
        self.roles.get(place)
    }

    /// All roles.
    #[cfg(test)]
    pub(in crate::access) fn all(&self) -> &[Role] {
        &self.roles
    }
}

/// Reads the table of a system from inside the binary. A broken file is told by a test; without it there are no roles.
pub(in crate::access) fn table(system: &str) -> Table {
    let file = format!("rules/access/{system}/roles.yaml");
    let text = embedded::yaml(&file).next().map_or("roles: []", |(_, text)| text);
    let mut table: Table = yaml::parse(&file, text).unwrap_or_default();
    table.roles.sort_by(|one, other| one.id.cmp(&other.id));
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read_and_each_role_stands_once() {
        for (system, least) in [("gcp", 20), ("azure", 30)] {
            let table = table(system);
            assert!(table.all().len() >= least, "{system}: {}", table.all().len());
            assert!(table.all().windows(2).all(|pair| pair[0].id != pair[1].id), "{system}");
            assert!(table.all().iter().all(|role| !role.title.is_empty()), "{system}");
        }
    }
}
