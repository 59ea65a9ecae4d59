//! Rules as data: YAML files, embedded in the binary, turned into checked values.

pub mod check;
pub mod control;
pub mod embedded;
pub mod nearest;
pub mod policy;
pub mod secret;
