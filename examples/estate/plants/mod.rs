//! The faults, a function each, with what only looks like them; a file for each family.
//!
//! A new one is an entry in a list of its file: it tells a story with [`Plot`], names what a check must find in it
//! ([`Plot::fault`]) and what it must not find ([`Plot::decoy`]). Its subjects are its own, so that stories do not meet;
//! what other checks find in the same story is named too, for everything else that they find counts as a false alarm.

mod abroad;
mod alerts;
mod around;
mod breadth;
mod chains;
mod decided;
mod elsewhere;
mod emergencies;
mod ends;
mod exported;
mod google;
mod governed;
mod handed;
mod logs;
mod privileged;
mod reborn;
mod vault;

use super::plot::Plot;

/// One story.
pub(crate) type Plant = fn(&mut Plot);

/// Told as often as asked for.
pub(crate) const EACH: &[&[Plant]] = &[ends::PLANTS, governed::PLANTS];

/// Told once, about a whole log.
pub(crate) const ONCE: &[&[Plant]] = &[ends::WHOLE, &[governed::running]];

/// Told as often as asked for, where other systems lie beside the trail.
pub(crate) const EACH_BESIDE: &[&[Plant]] = &[
    abroad::PLANTS,
    alerts::PLANTS,
    around::PLANTS,
    breadth::PLANTS,
    chains::PLANTS,
    decided::PLANTS,
    elsewhere::PLANTS,
    emergencies::PLANTS,
    exported::PLANTS,
    google::PLANTS,
    handed::PLANTS,
    privileged::PLANTS,
    reborn::PLANTS,
    vault::PLANTS,
];

/// Told once, where other systems lie beside the trail.
pub(crate) const ONCE_BESIDE: &[&[Plant]] =
    &[abroad::WHOLE, alerts::WHOLE, exported::WHOLE, google::WHOLE, logs::WHOLE, privileged::WHOLE, vault::WHOLE];
