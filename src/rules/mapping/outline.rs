//! What a mapping reads of a record; everything else is skipped while the record is parsed.

use std::collections::BTreeMap;

use super::pointer::Step;

/// The parts of a value that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// All of it.
    pub is_whole: bool,
    /// Of an object these members.
    pub members: BTreeMap<Box<str>, Outline>,
    /// Of a list this much of each element.
    pub elements: Option<Box<Outline>>,
}

impl Outline {
    /// The member `key`; all of it where the value is read whole.
    pub fn member(&self, key: &str) -> Option<&Self> {
        if self.is_whole { Some(self) } else { self.members.get(key) }
    }

    /// What is read of each element of a list.
    pub fn of_elements(&self) -> Option<&Self> {
        if self.is_whole { Some(self) } else { self.elements.as_deref() }
    }

    /// Whether anything inside the value is read, and not the value alone.
    pub fn has_inside(&self) -> bool {
        !self.members.is_empty() || self.elements.is_some()
    }

    /// The value at the end of `steps` is read whole.
    pub(super) fn add(&mut self, steps: &[Step]) {
        match steps.split_first() {
            None => self.is_whole = true,
            Some((Step::Key(key), rest)) => {
                self.members.entry(key.clone()).or_default().add(rest);
                if key.bytes().all(|byte| byte.is_ascii_digit()) {
                    self.element().add(rest);
                }
            }
            Some((Step::Pick { key, .. }, rest)) => {
                self.element().add(&[Step::Key(key.clone())]);
                self.element().add(rest);
            }
        }
    }

    /// The outline of the elements of the list.
    pub(super) fn element(&mut self) -> &mut Self {
        self.elements.get_or_insert_default()
    }

    /// The outline at the end of `steps`.
    pub(super) fn below(&mut self, steps: &[Step]) -> &mut Self {
        steps.iter().fold(self, |outline, step| match step {
            Step::Key(key) => outline.members.entry(key.clone()).or_default(),
            Step::Pick { key, .. } => {
                outline.element().add(&[Step::Key(key.clone())]);
                outline.element()
            }
        })
    }
}
