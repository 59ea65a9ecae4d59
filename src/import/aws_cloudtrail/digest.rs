//! Digest files: the log files of an hour and the digest before, each with the SHA-256 of its content.
//!
//! The hash is that of the file before compression, as the validation of the AWS command line computes it. Signatures
//! are not checked: they lie in the metadata of the S3 object, which no file holds.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::import::lenient::{Text, elements};
use crate::import::{Out, Record};
use crate::model::{ListedFile, Sha256Digest, StreamKey};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Digest<'a> {
    #[serde(borrow)]
    aws_account_id: Text<'a>,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Text<'a>,
    previous_digest_hash_value: Text<'a>,
    log_files: Option<&'a RawValue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct LogFile<'a> {
    #[serde(borrow, rename = "s3Object")]
    object: Text<'a>,
    hash_value: Text<'a>,
}

/// Pushes the files that a digest file lists, and the digest before it.
pub(super) fn listed(record: &Record<'_>, out: &mut Out<'_>) {
    let digest: Digest<'_> = serde_json::from_str(record.text).unwrap_or_default();
    let stream = StreamKey::new(super::ID, digest.aws_account_id.or_empty());
    let mut list = |object: Option<&str>, hash: Option<&str>, is_list: bool| {
        let Some((object, sha256)) = object.zip(hash.and_then(sha256)) else { return };
        let name = object.rsplit('/').next().unwrap_or(object);
        let evidence = record.origin(None).evidence("listed in the digest");
        out.sink.listed(ListedFile { stream: stream.clone(), name: name.into(), sha256, is_list, evidence });
    };
    list(digest.previous_object.get(), digest.previous_digest_hash_value.get(), true);
    for raw in elements(digest.log_files).unwrap_or_default() {
        let file: LogFile<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
        list(file.object.get(), file.hash_value.get(), false);
    }
}

fn sha256(text: &str) -> Option<Sha256Digest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(Sha256Digest(bytes))
}
