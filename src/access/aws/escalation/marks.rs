//! Which actions of the escalation methods a statement covers, as bits.

use super::method::methods;
use crate::access::pattern::{are_disjoint, covers, is_pattern, literal};
use crate::model::Statement;

/// A set of marks; see [`super::method::Methods::actions`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::access::aws) struct Marks([u64; 3]);

impl Marks {
    /// The actions that a statement covers.
    pub(in crate::access::aws) fn of(statement: &Statement) -> Self {
        let methods = methods();
        let mut marks = Self::default();
        for pattern in &statement.actions {
            marks.add(pattern, &methods.actions);
        }
        if !statement.not_actions {
            return marks;
        }
        let mut others = Self::default();
        for mark in (0..methods.actions.len()).filter(|&mark| !marks.has(mark)) {
            others.set(mark);
        }
        for &mark in &methods.patterns {
            if !statement.actions.iter().all(|pattern| are_disjoint(pattern, &methods.actions[mark])) {
                others.0[mark / 64] &= !(1 << (mark % 64));
            }
        }
        others
    }

    /// Whether it holds this mark.
    pub(in crate::access::aws) fn has(&self, mark: usize) -> bool {
        self.0.get(mark / 64).is_some_and(|word| word >> (mark % 64) & 1 == 1)
    }

    /// Adds the marks of another set.
    pub(in crate::access::aws) fn join(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word |= other);
    }

    /// Leaves only what another set holds as well.
    pub(in crate::access::aws) fn keep(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= other);
    }

    /// Takes out what another set holds.
    pub(in crate::access::aws) fn remove(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(word, other)| *word &= !other);
    }

    /// Whether it holds none.
    pub(in crate::access::aws) fn is_empty(self) -> bool {
        self.0 == [0; 3]
    }

    fn set(&mut self, mark: usize) {
        if let Some(word) = self.0.get_mut(mark / 64) {
            *word |= 1 << (mark % 64);
        }
    }

    /// Adds what a pattern covers: a range of the sorted actions begins like it.
    fn add(&mut self, pattern: &str, actions: &[String]) {
        let start = literal(pattern).to_ascii_lowercase();
        let exact = !is_pattern(pattern);
        let first = actions.partition_point(|action| **action < *start);
        for (mark, action) in actions.iter().enumerate().skip(first) {
            if !action.starts_with(&start) {
                break;
            }
            if if exact { **action == *start } else { covers(pattern, action) } {
                self.set(mark);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(statement: &Statement, action: &str) -> bool {
        let mark = methods().actions.binary_search(&action.to_ascii_lowercase()).expect(action);
        Marks::of(statement).has(mark)
    }

    #[test]
    fn marks_are_what_the_patterns_cover() {
        for (pattern, yes, no) in [
            ("iam:Pass*", "iam:PassRole", "iam:PutUserPolicy"),
            ("IAM:passrole", "iam:PassRole", "iam:*"),
            ("*", "iam:*", ""),
            ("*:Put*", "iam:Put*", "iam:*"),
            ("iam:*Policy", "iam:PutUserPolicy", "iam:PassRole"),
        ] {
            let statement = Statement::allow([pattern.into()]);
            assert!(marked(&statement, yes), "{pattern} {yes}");
            assert!(no.is_empty() || !marked(&statement, no), "{pattern} {no}");
        }
    }

    #[test]
    fn all_but_some_is_the_rest_and_no_pattern_that_they_touch() {
        let but = |action: &str| Statement { not_actions: true, ..Statement::allow([action.into()]) };
        assert!(!marked(&but("iam:*"), "iam:PassRole"));
        assert!(marked(&but("iam:*"), "lambda:CreateFunction"));
        assert!(!marked(&but("iam:CreateUser"), "iam:*"));
        assert!(marked(&but("s3:*"), "iam:*"));
    }
}
