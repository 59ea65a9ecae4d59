//! One secret at one path of a repository is one place, however many versions of the file hold it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{Credential, CredentialId, Evidence, Exposure, Presence, Sink};

/// The places of the secrets in a history: for each secret and path the version that brought it in, and the version
/// that `HEAD` holds.
#[derive(Default)]
pub(super) struct Places {
    places: BTreeMap<(CredentialId, Box<str>, Box<str>), Versions>,
    set_aside: BTreeSet<(Box<str>, Box<str>, &'static str)>,
}

struct Versions {
    first: Credential,
    head: Option<Credential>,
}

impl Places {
    /// Adds a secret as one version of a file holds it.
    pub(super) fn add(&mut self, credential: Credential) {
        let Some(exposure) = &credential.exposure else { return };
        let key = (credential.id.clone(), exposure.rule.clone(), credential.evidence.input.name().into());
        let head = (exposure.presence == Presence::InHead).then(|| credential.clone());
        match self.places.get_mut(&key) {
            None => {
                self.places.insert(key, Versions { first: credential, head });
            }
            Some(versions) => versions.add(credential, head),
        }
    }

    /// Adds a look-alike that was recognised at `path` by `rule` and left out for `reason`.
    pub(super) fn add_set_aside(&mut self, path: &str, rule: &str, reason: &'static str) {
        self.set_aside.insert((path.into(), rule.into(), reason));
    }

    /// Reports every place.
    pub(super) fn report(self, sink: &mut dyn Sink) {
        for Versions { mut first, head } in self.places.into_values() {
            if let (Some(head), Some(exposure)) = (&head, &mut first.exposure) {
                exposure.presence = Presence::InHead;
                if head.evidence != first.evidence {
                    sink.credential(head.clone());
                }
            }
            sink.credential(first);
        }
        self.set_aside.iter().for_each(|(_, _, reason)| sink.set_aside(reason, 1));
    }
}

impl Versions {
    fn add(&mut self, credential: Credential, head: Option<Credential>) {
        if let Some(head) = head
            && self.head.as_ref().is_none_or(|known| head.evidence < known.evidence)
        {
            self.head = Some(head);
        }
        if order(&credential) < order(&self.first) {
            self.first = credential;
        }
    }
}

/// The oldest introduction comes first; a version without a date last.
fn order(credential: &Credential) -> (bool, Option<Timestamp>, &Evidence) {
    let since = credential.exposure.as_ref().and_then(|exposure: &Exposure| exposure.since);
    (since.is_none(), since, &credential.evidence)
}
