//! An event on its way into a timeline.

use std::cell::OnceCell;
use std::sync::Arc;

use crate::model::{Event, Evidence};

use super::absorb::shows;
use super::bounded::{cut, lower, raise};
use super::sorted::SortedMap;
use super::texts::Texts;
use super::timeline::{Moment, Timeline};

/// One event on its way into a timeline. Its record is looked at once, and only if something keeps it.
pub(super) struct Told<'t, 'e> {
    pub(super) event: &'t Event<'e>,
    pub(super) texts: &'t Texts,
    evidence: OnceCell<Evidence>,
}

impl<'t, 'e> Told<'t, 'e> {
    pub(super) fn new(event: &'t Event<'e>, texts: &'t Texts) -> Self {
        Self { event, texts, evidence: OnceCell::new() }
    }

    /// The record, as evidence.
    pub(super) fn evidence(&self) -> Evidence {
        self.evidence.get_or_init(|| self.event.origin.evidence(shows(self.event))).clone()
    }

    /// The time and the record.
    pub(super) fn moment(&self) -> Moment {
        Moment { time: self.event.time, evidence: self.evidence() }
    }

    /// Puts a text in `slot` if it is smaller than what is there.
    pub(super) fn lower_text(&self, slot: &mut Option<Arc<str>>, text: Option<&str>) {
        if let Some(text) = text
            && slot.as_deref().is_none_or(|known| text < known)
        {
            *slot = Some(self.texts.share(text));
        }
    }

    /// Puts the event in `slot` if it is the earliest so far.
    pub(super) fn earliest(&self, slot: &mut Option<Moment>) {
        if slot.as_ref().is_none_or(|known| self.event.time <= known.time) {
            lower(slot, Some(self.moment()));
        }
    }

    /// Puts the event in `slot` if it is the latest so far.
    pub(super) fn latest(&self, slot: &mut Option<Moment>) {
        if slot.as_ref().is_none_or(|known| self.event.time >= known.time) {
            raise(slot, Some(self.moment()));
        }
    }

    /// Enters the event under a text, of which the earliest event is kept.
    pub(super) fn earliest_of(&self, map: &mut SortedMap<Arc<str>, Moment>, more: &mut bool, text: Option<&str>) {
        let Some(text) = text.map(|text| cut(text, Timeline::MAX_TEXT)) else { return };
        let make = || (self.texts.share(text), self.moment());
        let (known, cut_off) = map.at_smallest(text, Timeline::MAX_ORIGINS, make);
        *more |= cut_off;
        self.keep_earlier(known);
    }

    /// Puts the event in the place of a later one.
    pub(super) fn keep_earlier(&self, known: Option<&mut Moment>) {
        if let Some(known) = known.filter(|known| self.event.time <= known.time) {
            let moment = self.moment();
            if moment < *known {
                *known = moment;
            }
        }
    }

    /// Enters the event under its action, of which the latest event is kept.
    pub(super) fn latest_action(&self, map: &mut SortedMap<Arc<str>, Moment>, more: &mut bool) {
        let Some(action) = self.event.action.map(|action| cut(action, Timeline::MAX_TEXT)) else { return };
        let make = || (self.texts.share(action), self.moment());
        let (known, cut_off) = map.at_smallest(action, Timeline::MAX_ACTIONS, make);
        *more |= cut_off;
        if let Some(known) = known.filter(|known| self.event.time >= known.time) {
            let moment = self.moment();
            if moment > *known {
                *known = moment;
            }
        }
    }
}
