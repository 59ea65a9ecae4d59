//! What all checks stand on: the context, the answers, the coverage gate, and the words of a finding.

pub(super) mod actions;
pub(super) mod actor;
pub(super) mod alert;
mod answers;
pub(super) mod card;
mod context;
pub(super) mod emergency;
pub(super) mod gate;
pub(super) mod generations;
pub(super) mod grant;
pub(super) mod holder;
pub(super) mod issued;

pub(super) mod life;
pub(super) mod lineage;
pub(super) mod lived;
pub(super) mod log;
pub(super) mod origins;
pub(super) mod pipeline;
pub(super) mod request;
mod shared;
pub(super) mod task;
pub(super) mod words;

pub use answers::Answers;
pub use context::Context;
pub use shared::Shared;
