//! All facts, folded by subject and joined. The only module that names polars.

pub mod stream;
pub mod subject;
pub mod timeline;
