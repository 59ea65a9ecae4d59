//! Looks for secrets in outputs, whole and in the forms in which they usually leak.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use overstay::demo::Minted;
use sha2::Digest as _;

/// One line for each secret and output in which it stands in any form.
pub(crate) fn find(minted: &[Minted], outputs: &[(String, Vec<u8>)]) -> Vec<String> {
    let secrets: Vec<&Minted> = minted.iter().filter(|minted| !minted.public).collect();
    assert!(secrets.len() > 50, "only {} secrets to look for", secrets.len());
    let mut found = Vec::new();
    for secret in secrets {
        for (form, needle) in forms(secret.value.expose()) {
            for (name, bytes) in outputs {
                if memchr::memmem::find(bytes, needle.as_bytes()).is_some() {
                    found.push(format!("{} stands in {name} as {form}", secret.marker));
                }
            }
        }
    }
    found
}

fn forms(value: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("itself", value.to_owned()),
        ("base64", STANDARD_NO_PAD.encode(value)),
        ("base64url", URL_SAFE_NO_PAD.encode(value)),
        ("hexadecimal", hex(value.as_bytes())),
        ("escaped JSON", serde_json::Value::from(value).to_string().trim_matches('"').to_owned()),
    ];
    // A part that is long enough to be worth something: most of it, without the prefix that everybody knows.
    if let Some(tail) = value.len().checked_sub(24).and_then(|start| value.get(start..)) {
        forms.push(("its last 24 characters", tail.to_owned()));
    }
    for line in value.lines().filter(|line| line.len() > 40 && !line.starts_with("-----")) {
        forms.push(("a line of it", line.to_owned()));
    }
    let sha256 = sha2::Sha256::digest(value.as_bytes());
    let sha1 = sha1::Sha1::digest(value.as_bytes());
    let md5 = md5::Md5::digest(value.as_bytes());
    for (name, digest) in [("SHA-256", sha256.as_slice()), ("SHA-1", sha1.as_slice()), ("MD5", md5.as_slice())] {
        forms.push((name, hex(digest)));
        forms.push((name, STANDARD.encode(digest)));
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
