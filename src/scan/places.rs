//! One secret at one path of a repository is one place, however many versions of the file hold it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Gathered;
use crate::model::{Credential, CredentialId, Evidence, Exception, Exposure, Filtered, Presence, Sink};

/// The places of the secrets in a history: for each secret and path the version that brought it in, and the version
/// that `HEAD` holds.
#[derive(Default)]
pub(super) struct Places {
    places: BTreeMap<(CredentialId, Box<str>, Box<str>), Versions>,
    set_aside: BTreeMap<Look, Option<Filtered>>,
}

/// A look-alike: the path, the rule that matched, the filter that set it aside.
type Look = (Box<str>, Box<str>, &'static str);

struct Versions {
    first: Credential,
    head: Option<Credential>,
    /// What allows the secret in `HEAD`: nothing where any of its places there is not allowed. Older versions of the
    /// file cannot be changed any more, so what holds for the newest holds for them.
    allowed: Option<Exception>,
}

impl Places {
    /// Adds a secret as one version of a file holds it, and what a comment there says that allows it.
    pub(super) fn add(&mut self, credential: Credential, allowed: Option<Exception>) {
        let Some(exposure) = &credential.exposure else { return };
        let key = (credential.id.clone(), exposure.rule.clone(), credential.evidence.input.name().into());
        let head = (exposure.presence == Presence::InHead).then(|| credential.clone());
        match self.places.get_mut(&key) {
            None => {
                let allowed = allowed.filter(|_| head.is_some());
                self.places.insert(key, Versions { first: credential, head, allowed });
            }
            Some(versions) => versions.add(credential, head, allowed),
        }
    }

    /// Adds a look-alike that was recognised at `path` by `rule` and set aside by `filter`; of the versions that hold
    /// one the first by place is kept, where places are asked for.
    pub(super) fn add_set_aside(&mut self, path: &str, rule: &str, filter: &'static str, place: Option<Filtered>) {
        let kept = self.set_aside.entry((path.into(), rule.into(), filter)).or_default();
        if kept.is_none() || place < *kept {
            *kept = place;
        }
    }

    /// Reports every place.
    pub(super) fn report(self, gathered: &mut Gathered) {
        for Versions { mut first, head, allowed } in self.places.into_values() {
            if let Some(exception) = allowed {
                gathered.marks.allow(&first.evidence, exception.clone());
                if let Some(head) = &head {
                    gathered.marks.allow(&head.evidence, exception);
                }
            }
            if let (Some(head), Some(exposure)) = (&head, &mut first.exposure) {
                exposure.presence = Presence::InHead;
                if head.evidence != first.evidence {
                    gathered.fold.credential(head.clone());
                }
            }
            gathered.fold.credential(first);
        }
        for ((_, _, filter), place) in self.set_aside {
            gathered.fold.set_aside(filter, 1);
            if let Some(place) = place {
                gathered.fold.filtered(place);
            }
        }
    }
}

impl Versions {
    fn add(&mut self, credential: Credential, head: Option<Credential>, allowed: Option<Exception>) {
        if head.is_some() {
            self.allowed = if self.head.is_none() { allowed } else { self.allowed.take().and(allowed) };
        }
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
