//! `aws iam list-access-keys`: which keys exist, since when, and whether they are enabled.
//!
//! The export bears no date, and names the user without account or path, so the principal is the bare user name.
//! `get-access-key-last-used` does not say which key it speaks about; its body counts only where it was merged into the
//! key's object.

use jiff::Timestamp;
use serde::Deserialize;

use super::aws::{ACCESS_KEY_TITLE, access_key, key_tracking_began};
use super::lenient::{Maybe, Text, fault};
use super::time::instant;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{Credential, Expiry, GapReason, LastUse, Readout, StandingClass, Status};

/// Reads `aws iam list-access-keys`.
pub(super) struct AwsAccessKeys;

impl Importer for AwsAccessKeys {
    fn id(&self) -> &'static str {
        "aws-access-keys"
    }

    fn title(&self) -> &'static str {
        "AWS access keys of IAM users (list-access-keys)"
    }

    fn how_to_export(&self) -> &'static str {
        "aws iam list-users --query 'Users[].UserName' --output text | tr '\\t' '\\n' | \
         xargs -I{} aws iam list-access-keys --user-name {} --output json > access-keys.json"
    }

    fn layout(&self) -> Layout {
        Layout::Records(&["AccessKeyMetadata"])
    }

    fn shapes(&self) -> &'static [Shape] {
        &[
            Shape { list: None, keys: &["AccessKeyId", "Status", "CreateDate"] },
            Shape { list: None, keys: &["AccessKeyMetadata"] },
        ]
    }

    fn worker(&self, _name: &str) -> Box<dyn Worker> {
        Box::new(Keys)
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Key<'a> {
    #[serde(borrow)]
    user_name: Text<'a>,
    access_key_id: Text<'a>,
    status: Text<'a>,
    create_date: Text<'a>,
    last_used_date: Text<'a>,
    access_key_last_used: Maybe<LastUsed<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct LastUsed<'a> {
    #[serde(borrow)]
    last_used_date: Text<'a>,
    service_name: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Page<'a> {
    #[serde(borrow)]
    is_truncated: Text<'a>,
}

struct Keys;

impl Worker for Keys {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        let key: Key<'_> = match serde_json::from_str(record.text) {
            Ok(key) => key,
            Err(error) => return out.problem(record, "", GapReason::Damaged, fault(&error)),
        };
        let Some((id, kind)) = key.access_key_id.get().and_then(access_key) else {
            let only_use = key.access_key_last_used.get().is_some();
            let detail = if only_use {
                "says when a key was last used, but not which key: export it merged with list-access-keys"
            } else {
                "has no AccessKeyId"
            };
            return out.problem(record, "", GapReason::Damaged, detail);
        };
        let mut credential = Credential::observed(id, kind, ACCESS_KEY_TITLE, record.evidence("access key", ""));
        credential.standing = StandingClass::Standing;
        credential.expiry = Expiry::Never;
        credential.status = status(key.status.or_empty());
        credential.created = key.create_date.get().and_then(instant);
        credential.last_use = key.last_use(credential.created);
        if let Some(user) = key.user_name.get() {
            credential.principal = Some(user.into());
            credential.readouts.push(Readout { name: "user-name".into(), value: user.into() });
        }
        out.sink.credential(credential);
    }

    fn page(&mut self, page: &Record<'_>, out: &mut Out<'_>) {
        if serde_json::from_str::<Page<'_>>(page.text).is_ok_and(|page| page.is_truncated.is_true()) {
            out.problem(page, "IsTruncated", GapReason::Absent, "the last page says that more pages follow");
        }
    }
}

impl Key<'_> {
    fn last_use(&self, created: Option<Timestamp>) -> LastUse {
        let merged = self.access_key_last_used.get();
        let date = self.last_used_date.get().or_else(|| merged.and_then(|used| used.last_used_date.get()));
        if let Some(time) = date.and_then(instant) {
            return LastUse::At(time);
        }
        match merged.and_then(|used| used.service_name.get()) {
            Some("N/A") if created.is_some_and(|created| created >= key_tracking_began()) => LastUse::Never,
            Some("N/A") => LastUse::NotInWindow,
            _ => LastUse::Unknown,
        }
    }
}

fn status(text: &str) -> Status {
    match text {
        "Active" => Status::Active,
        "Inactive" => Status::Inactive,
        _ => Status::Unknown,
    }
}
