//! Where facts go. Sources and importers push; they never see what holds the facts.

use std::sync::Arc;

use jiff::Timestamp;

use super::chain::ListedFile;
use super::coverage::{Filtered, Gap, InputSummary, StreamKey};
use super::credential::Credential;
use super::event::Event;
use super::evidence::{Input, Sha256Digest};
use super::grant::{Grant, Policy};
use super::identity::Identity;
use super::secret::FingerprintKey;

/// Receives facts. Each worker has a sink of its own; what the sinks hold is merged afterwards, in any order.
pub trait Sink {
    /// A credential was seen.
    fn credential(&mut self, credential: Credential);
    /// An identity was seen.
    fn identity(&mut self, identity: Identity);
    /// A grant was seen.
    fn grant(&mut self, grant: Grant);
    /// A policy was seen.
    fn policy(&mut self, policy: Policy);
    /// Something happened to a credential.
    fn event(&mut self, event: &Event<'_>);
    /// A log record of this stream was read, whether it mattered or not. Called once for each record with a time.
    fn observed(&mut self, stream: &StreamKey, time: Timestamp);
    /// An export speaks as of this time.
    fn exported(&mut self, time: Timestamp);
    /// The newest code that was examined was committed at this time, as its commit says.
    fn committed(&mut self, time: Timestamp);
    /// An input was examined.
    fn examined(&mut self, summary: InputSummary);
    /// Something was not examined.
    fn gap(&mut self, gap: Gap);
    /// Something was recognised and set aside on purpose, counted under `reason` (such as `documentation-key`).
    fn set_aside(&mut self, reason: &str, count: u64);
    /// A place that was set aside, where somebody asked to see such places. It is counted by [`Sink::set_aside`].
    fn filtered(&mut self, _place: Filtered) {}
    /// The content, before compression, of a file that a list of [`Sink::listed`] may name.
    fn content(&mut self, _input: &Arc<Input>, _sha256: Sha256Digest) {}
    /// A list says what a file of a log held when it was written.
    fn listed(&mut self, _listed: ListedFile) {}
    /// The organisation's key, for tokens that a log names by a digest of their value; nothing where the sink has none.
    fn fingerprint_key(&self) -> Option<&FingerprintKey> {
        None
    }
}

/// A sink that can be split for parallel work. Joining is associative and commutative up to the order in which
/// equal things are kept, and that order never shows in a result.
pub trait Shard: Sink + Send + Sized {
    /// An empty sink of the same make.
    #[must_use]
    fn fork(&self) -> Self;
    /// Takes over what the other one received.
    fn join(&mut self, other: Self);
}
