//! Texts that many timelines share (roles, actions, user agents), each held once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// All texts of one run. Copies share what they hold: threads that fold the same log hand out the same text.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts(Arc<Mutex<HashSet<Arc<str>>>>);

impl Texts {
    /// The one copy of a text.
    pub(super) fn share(&self, text: &str) -> Arc<str> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shared) = known.get(text) {
            return Arc::clone(shared);
        }
        let shared: Arc<str> = text.into();
        known.insert(Arc::clone(&shared));
        shared
    }
}

/// Where a text lies. Timelines hold most texts once: of what two say that lie in one place, the one need not be worked out
/// again. Means something only while both are held.
pub(crate) fn place(text: &str) -> (usize, usize) {
    (text.as_ptr().addr(), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_held_once_whoever_asks() {
        let texts = Texts::default();
        assert!(Arc::ptr_eq(&texts.share("s3:GetObject"), &texts.clone().share("s3:GetObject")));
    }
}
