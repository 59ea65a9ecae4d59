use std::collections::BTreeMap;

use super::*;

fn digests(dir: &Path) -> BTreeMap<PathBuf, String> {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| {
            entry.file_type().is_file() && entry.file_name() != "index" && !entry.path().ends_with(".git/config")
        })
        .map(|entry| {
            let digest = crate::model::Sha256Digest::of(&fs::read(entry.path()).unwrap());
            (entry.path().strip_prefix(dir).unwrap().to_owned(), digest.to_string())
        })
        .collect()
}

#[test]
fn the_company_is_the_same_each_time() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    materialise(one.path()).unwrap();
    materialise(other.path()).unwrap();
    let files = digests(one.path());
    assert!(files.len() > 100, "only {} files", files.len());
    assert_eq!(files, digests(other.path()));
}

#[test]
fn the_company_stays_inside_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let company = materialise(&dir.path().join("acme")).unwrap();
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(company.paths.iter().all(|path| path.starts_with(&company.root) && path.exists()));
}

#[test]
fn a_key_id_carries_its_account() {
    let id = resolve("@{aws-key x 444455556666}").unwrap();
    let value = id[4..].bytes().fold(0_u128, |value, letter| {
        let digit = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).unwrap();
        (value << 5) | digit as u128
    });
    let head = (value >> 32) as u64;
    assert_eq!((head & 0x7fff_ffff_ff80) >> 7, 444_455_556_666);
    assert_eq!(id.len(), 20);
}

#[test]
fn an_unknown_marker_is_an_error_that_names_the_file() {
    let error = Mint::default().expand("some.yaml", "key: @{no-such-thing x}").unwrap_err();
    assert_eq!(error.to_string(), "some.yaml: unknown marker `no-such-thing x`");
    assert!(Mint::default().expand("some.yaml", "key: @{aws-key").is_err());
}

#[test]
fn no_secret_of_the_company_lies_in_the_repository() {
    let dir = tempfile::tempdir().unwrap();
    let company = materialise(dir.path()).unwrap();
    let embedded: Vec<&[u8]> = embedded::below(ROOT).map(|(_, bytes)| bytes).collect();
    assert!(company.minted.len() > 50);
    for minted in company.minted {
        let value = minted.value.expose().as_bytes();
        let found = embedded.iter().any(|text| memchr::memmem::find(text, value).is_some());
        assert!(!found, "{} stands in fixtures/acme", minted.marker);
    }
}
