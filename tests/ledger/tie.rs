//! Several ids of one credential, and what is not one.

use overstay::ledger::{Fold, Ledger};
use overstay::model::{CredentialId, Event, EventKind, Input, Origin, Sink, Status};

use crate::facts::*;

fn digest(text: &str) -> CredentialId {
    CredentialId::hashed("github", text)
}

fn accessor(text: &str) -> CredentialId {
    CredentialId::hashed("vault/hmac-sha256", text)
}

/// A call that states the digest of its token, and its id.
fn call(fold: &mut Fold, token: &str, id: &str) {
    let trail = Trail::new();
    let mut event = trail.event("2026-05-01T00:00:00Z", EventKind::Used, "");
    event.credential = Some(digest(token));
    event.credential_kind = "github-fine-grained-token";
    event.also = Some(aws(id));
    fold.event(&event);
}

#[test]
fn a_digest_and_an_id_that_one_record_states_are_one_credential() {
    let ledger = finish(|fold| {
        call(fold, "a", "1");
        let trail = Trail::new();
        fold.event(&trail.event("2026-05-02T00:00:00Z", EventKind::Revoked, "1"));
    });
    let [row] = ledger.credentials.as_slice() else { panic!("{} rows", ledger.credentials.len()) };
    assert_eq!((&row.id, row.aliases.as_slice()), (&aws("1"), &[digest("a")][..]));
    assert_eq!(row.status, Status::Inactive);
    assert_eq!(row.timeline.as_ref().map(|timeline| timeline.uses), Some(1));
}

#[test]
fn a_token_made_anew_under_its_old_id_is_not_taken_for_the_old_one() {
    let ledger = finish(|fold| {
        call(fold, "a", "1");
        call(fold, "b", "1");
        call(fold, "c", "2");
    });
    let ids: Vec<String> = ledger.credentials.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    let old = ledger.credentials.iter().find(|row| row.id == digest("a")).expect("the old one");
    assert!(old.notes[0].contains("records state more than one"), "{:?}", old.notes);
}

/// What a device of a Vault writes about one request.
fn written(fold: &mut Fold, device: &str, request: &str, change: impl FnOnce(&mut Event<'_>)) {
    let trail = Trail::new();
    let input = Input::of(device, b"");
    let mut event = trail.event("2026-05-01T00:00:00Z", EventKind::Used, "");
    event.credential_kind = "vault-token";
    event.origin = Origin { input: &input, index: 0, offset: 0, record_id: Some(request) };
    change(&mut event);
    fold.event(&event);
}

fn two_devices(login: &str) -> Ledger {
    finish(|fold| {
        for (device, request) in [("a", "q1"), ("b", login)] {
            written(fold, device, request, |event| {
                event.kind = EventKind::Issued;
                event.credential = Some(accessor(device));
            });
            written(fold, device, "q2", |event| {
                event.kind = EventKind::Issued;
                event.credential = Some(CredentialId::issued("vault", "database/creds/x/1"));
                event.credential_kind = "vault-lease";
                event.parent = Some(accessor(device));
                event.ends_with_parent = true;
            });
        }
        written(fold, "b", "q3", |event| {
            event.kind = EventKind::Revoked;
            event.credential = Some(accessor("b"));
        });
    })
}

#[test]
fn what_two_audit_devices_write_about_one_request_is_one_token() {
    let ledger = two_devices("q1");
    let token = ledger.credentials.iter().find(|row| row.id == accessor("a")).expect("the token");
    assert_eq!(token.aliases, [accessor("b")]);
    assert_eq!(token.status, Status::Inactive, "revoked in the words of the other device");
    assert_eq!(row(&ledger, "database/creds/x/1").status, Status::Inactive, "it ends with its token");
}

#[test]
fn tokens_of_two_requests_are_two() {
    let ledger = two_devices("q9");
    assert!(ledger.credentials.iter().any(|row| row.id == accessor("b")));
}

#[test]
fn a_wrapping_token_and_the_token_inside_are_two_though_one_request_made_both() {
    let ledger = finish(|fold| {
        for (digest, uses) in [("inside", None), ("around", Some(1))] {
            written(fold, "a", "q1", |event| {
                event.kind = EventKind::Issued;
                event.credential = Some(accessor(digest));
                event.max_uses = uses;
            });
        }
    });
    assert_eq!(ledger.credentials.len(), 2);
}
