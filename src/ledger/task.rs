//! A task for which access is given: a CI run, a job, a run of an agent. Folded in any order.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::{Event, EventKind, Evidence, Outcome, StreamKey};

use super::absorb::{earliest, moment};
use super::bounded::{cut, keep_smallest, lower, raise};
use super::timeline::{Moment, Timeline};

/// How a task ended, and the record that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskEnd {
    /// When.
    pub time: Timestamp,
    /// It was completed; otherwise it failed, was cancelled or ran out of time.
    pub completed: bool,
    /// How it ended, in the system's own word: `cancelled`; empty where it says nothing.
    pub how: Box<str>,
    /// The record.
    pub evidence: Evidence,
}

/// The life of one task as the logs show it. Reading a record again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// The streams that name it; at most [`Timeline::MAX_ORIGINS`].
    pub streams: BTreeSet<StreamKey>,
    /// When it began, the first time.
    pub started: Option<Moment>,
    /// How it ended, the last time: a task that is run again ends again.
    pub ended: Option<TaskEnd>,
    /// Who or what started it.
    pub requester: Option<Box<str>>,
    /// The identity that it runs as.
    pub principal: Option<Box<str>>,
    /// The runner or host.
    pub runner: Option<Box<str>>,
    /// What it works on: a repository, a project.
    pub target: Option<Box<str>>,
}

impl Task {
    /// Takes in one event of this task's own life.
    pub(super) fn absorb(&mut self, event: &Event<'_>) {
        self.streams.insert(event.stream.clone());
        keep_smallest(&mut self.streams, Timeline::MAX_ORIGINS);
        lower(&mut self.requester, event.requester.map(Into::into));
        lower(&mut self.principal, event.principal.map(Into::into));
        lower(&mut self.runner, event.runner.map(Into::into));
        lower(&mut self.target, event.target.map(Into::into));
        match event.kind {
            EventKind::TaskStarted => earliest(&mut self.started, event),
            EventKind::TaskEnded => raise(
                &mut self.ended,
                Some(TaskEnd {
                    time: event.time,
                    completed: event.outcome == Outcome::Ok,
                    how: cut(event.error.unwrap_or_default(), Timeline::MAX_TEXT).into(),
                    evidence: moment(event).evidence,
                }),
            ),
            _ => {}
        }
    }

    /// Takes over what another fold knows about the same task.
    pub(super) fn join(&mut self, other: Self) {
        self.streams.extend(other.streams);
        keep_smallest(&mut self.streams, Timeline::MAX_ORIGINS);
        lower(&mut self.started, other.started);
        raise(&mut self.ended, other.ended);
        lower(&mut self.requester, other.requester);
        lower(&mut self.principal, other.principal);
        lower(&mut self.runner, other.runner);
        lower(&mut self.target, other.target);
    }
}
