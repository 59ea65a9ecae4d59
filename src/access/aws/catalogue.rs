//! All actions of AWS, so that a pattern can be told in numbers: `rules/access/aws_actions.tsv`.

use std::ops::Range;
use std::sync::OnceLock;

use crate::access::pattern::{covers, is_pattern, literal};
use crate::rules::embedded;

/// Where the actions stand: a line for each service, its actions by level.
const FILE: &str = "rules/access/aws_actions.tsv";

/// What an action does, as AWS groups actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Changes who may do what.
    Permissions,
    /// Changes or makes things.
    Write,
    /// Changes tags.
    Tagging,
    /// Reads contents.
    Read,
    /// Tells what is there.
    List,
}

/// One action.
#[derive(Clone, Debug)]
pub struct Action {
    /// In lower case, by which the list is ordered.
    key: String,
    /// As AWS writes it: `s3:GetObject`.
    pub name: String,
    /// What it does.
    pub level: Level,
}

/// All actions, in order.
#[derive(Debug)]
pub struct Catalogue(Vec<Action>);

/// A set of actions of the catalogue, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions(Vec<u64>);

/// The catalogue inside the binary, read once.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let file = embedded::below(FILE).next().and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        Catalogue::read(file.unwrap_or_default())
    })
}

impl Catalogue {
    fn read(text: &str) -> Self {
        let mut actions = Vec::new();
        for line in text.lines() {
            let mut columns = line.split('\t');
            let service = columns.next().unwrap_or_default();
            for (level, names) in columns.filter_map(|column| column.split_once(':')) {
                let Some(level) = Level::named(level) else { continue };
                actions.extend(names.split(',').map(|name| {
                    let name = format!("{service}:{name}");
                    Action { key: name.to_ascii_lowercase(), name, level }
                }));
            }
        }
        actions.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Self(actions)
    }

    /// All actions, in order of their names in lower case.
    pub fn all(&self) -> &[Action] {
        &self.0
    }

    /// The actions that a pattern covers.
    pub fn expand(&self, pattern: &str) -> Actions {
        let mut found = self.none();
        let key = pattern.to_ascii_lowercase();
        let range = self.range(literal(&key));
        let trailing = key.strip_suffix('*').is_some_and(|start| !is_pattern(start));
        for at in range {
            let Some(action) = self.0.get(at) else { break };
            if trailing || covers(&key, &action.key) {
                found.insert(at);
            }
        }
        found
    }

    /// No action.
    pub fn none(&self) -> Actions {
        Actions(vec![0; self.0.len().div_ceil(64)])
    }

    /// The members of a set, in order.
    pub fn members<'c>(&'c self, set: &Actions) -> impl Iterator<Item = &'c Action> {
        self.0.iter().enumerate().filter(|(at, _)| set.has(*at)).map(|(_, action)| action)
    }

    /// The places of the actions that begin like this.
    fn range(&self, start: &str) -> Range<usize> {
        let first = self.0.partition_point(|action| *action.key < *start);
        let rest = self.0.get(first..).unwrap_or_default();
        first..first + rest.partition_point(|action| action.key.starts_with(start))
    }
}

impl Actions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Adds the members of another set.
    pub fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// Takes the members of another set out.
    pub fn remove(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word &= !other);
    }

    fn insert(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

impl Level {
    fn named(letter: &str) -> Option<Self> {
        match letter {
            "P" => Some(Self::Permissions),
            "W" => Some(Self::Write),
            "T" => Some(Self::Tagging),
            "R" => Some(Self::Read),
            "L" => Some(Self::List),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_whole_and_in_order() {
        let all = catalogue().all();
        assert!(all.is_sorted_by(|one, other| one.key < other.key));
        assert_eq!(all.len(), 20_455);
        let changes = all.iter().filter(|action| action.level == Level::Permissions).count();
        assert_eq!(changes, 535);
    }

    #[test]
    fn a_pattern_is_the_actions_that_it_covers_and_no_other() {
        for pattern in ["s3:Get*", "S3:GETOBJECT", "*:Create?ser", "*", "iam:*Policy", "nothing:*", "iam:Pass*Role"] {
            let set = catalogue().expand(pattern);
            let slow = catalogue().all().iter().filter(|action| covers(pattern, &action.name));
            let names: Vec<&str> = catalogue().members(&set).map(|action| &*action.name).collect();
            assert_eq!(names, slow.map(|action| &*action.name).collect::<Vec<_>>(), "{pattern}");
            assert_eq!(set.len(), names.len());
        }
    }

    #[test]
    fn sets_are_joined_and_taken_out() {
        let mut set = catalogue().expand("iam:*");
        let all = set.len();
        set.join(&catalogue().expand("sts:*"));
        set.remove(&catalogue().expand("iam:*"));
        assert!(set.len() < all && !set.is_empty());
        assert_eq!(set, catalogue().expand("sts:*"));
    }
}
