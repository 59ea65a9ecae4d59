//! Finds credentials in text with one engine for all rules, and reads off each what it tells without being used.
//!
//! One pass over the text finds the rules' keywords; patterns run only around them. What is found is judged (is it a
//! placeholder, a reference, a documentation key?), and everything that is set aside is named, so that it can be
//! counted. Values stay inside [`crate::model::Secret`].

mod compiled;
mod decode;
mod engine;
mod entropy;
pub mod evidence;
mod grams;
pub mod judge;
mod layered;
mod pass;
mod place;
mod prefilter;
mod resolve;
mod selftest;
mod setting;
mod trace;

pub use decode::Left;
pub use engine::{Engine, Examined, MOST_MATCHES, Match};
pub use selftest::{Problem, check};
pub use setting::Setting;
pub use trace::Trace;

/// Why an engine cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The keywords of all rules together cannot be compiled.
    #[error("the keywords of the rules cannot be compiled: {0}")]
    Keywords(String),
}
