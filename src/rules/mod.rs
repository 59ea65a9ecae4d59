//! Rules as data: YAML files, embedded in the binary, turned into checked values.

pub mod embedded;
