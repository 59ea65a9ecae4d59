//! Which records an event is made of.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use super::compile::Compiler;
use super::pointer::Pointer;
use super::written;

/// What must hold of a record.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Where.
    pub at: Pointer,
    /// What must stand there.
    pub test: Test,
}

/// What a value must be.
#[derive(Clone, Debug)]
pub enum Test {
    /// One of these texts; of a list one element suffices.
    OneOf(Vec<Box<str>>),
    /// None of these texts; a value that is not there is none.
    NoneOf(Vec<Box<str>>),
    /// A text with one of these beginnings.
    Prefix(Vec<Box<str>>),
    /// A text that one of these globs matches.
    Glob(Vec<GlobMatcher>),
    /// Something that is neither null nor empty.
    Present,
    /// Null, empty, or not there.
    Absent,
}

impl Compiler<'_> {
    /// The conditions of an event, in order of their pointers.
    pub(super) fn conditions(&mut self, written: BTreeMap<String, written::Condition>) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (at, condition) in written {
            let pointer = self.pointer(&format!("when.{at}"), &at);
            for test in self.tests(&format!("when.{at}"), condition) {
                conditions.push(Condition { at: pointer.clone(), test });
            }
        }
        conditions
    }

    fn tests(&mut self, key: &str, written: written::Condition) -> Vec<Test> {
        let boxed = |all: Vec<String>| all.into_iter().map(Into::into).collect::<Vec<Box<str>>>();
        let tests = match written {
            written::Condition::OneOf(texts) => return vec![Test::OneOf(boxed(texts))],
            written::Condition::Tests(tests) => tests,
        };
        let mut all = Vec::new();
        if let Some(is_present) = tests.present {
            all.push(if is_present { Test::Present } else { Test::Absent });
        }
        if let Some(texts) = tests.not {
            all.push(Test::NoneOf(boxed(texts.0)));
        }
        if let Some(texts) = tests.prefix {
            all.push(Test::Prefix(boxed(texts.0)));
        }
        if let Some(texts) = tests.glob {
            let globs = texts.0.iter().map(|text| globset::Glob::new(text).map(|glob| glob.compile_matcher()));
            match globs.collect() {
                Ok(globs) => all.push(Test::Glob(globs)),
                Err(error) => self.flaw(key, format!("a glob is none: {}", error.kind())),
            }
        }
        if all.is_empty() {
            self.flaw(key, "says nothing; write a text, a list of texts, or prefix, glob, not, present".to_owned());
        }
        all
    }
}
