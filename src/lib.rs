//! Finds credentials and grants that outstay their task, offline: see `ARCHITECTURE.md` for the layers.

pub mod access;
pub mod baseline;
pub mod check;
pub mod cli;
pub mod config;
pub mod demo;
pub mod import;
pub mod ledger;
pub mod model;
pub mod report;
pub mod rules;
pub mod scan;
pub mod secret;
pub mod source;
pub mod yaml;
