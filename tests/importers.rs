//! Every importer on its own fixtures, and on files that are broken on purpose.

#[path = "importers/hostile.rs"]
mod hostile;
#[path = "importers/recorder.rs"]
mod recorder;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use overstay::import::{Formats, IMPORTERS, Importer, Limits, Recognised, import};
use recorder::Recorder;

/// All formats that travel in the binary.
fn formats() -> &'static Formats {
    Formats::shipped().expect("sound mappings")
}

/// The fixtures of an importer, in order of their names.
fn fixtures(importer: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import").join(importer);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect("a folder of fixtures").map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

/// The name of a fixture's snapshot: with its extension where another fixture differs from it in that only.
fn snapshot(path: &Path) -> String {
    let folder = fs::read_dir(path.parent().expect("a folder")).expect("a folder of fixtures");
    let twins = folder.filter(|other| other.as_ref().is_ok_and(|other| other.path().file_stem() == path.file_stem()));
    let name = if twins.count() > 1 { path.file_name() } else { path.file_stem() };
    name.expect("a name").to_string_lossy().replace('.', "_")
}

fn known(path: &Path) -> Option<&'static dyn Importer> {
    match formats().recognise(path).expect("readable") {
        Recognised::Known(importer) => Some(importer),
        _ => None,
    }
}

fn read_file(importer: &'static dyn Importer, path: &Path) -> Recorder {
    let mut recorder = Recorder::default();
    let name = path.file_name().expect("a name").to_string_lossy();
    import(importer, path, &name, &Limits::default(), &mut recorder);
    recorder
}

#[test]
fn every_importer_has_fixtures_and_a_unique_id_in_kebab_case() {
    let ids: BTreeSet<&str> = formats().iter().map(Importer::id).collect();
    assert_eq!(ids.len(), formats().iter().count());
    assert!(IMPORTERS.is_sorted_by_key(|importer| importer.id()));
    assert!(formats().iter().is_sorted_by_key(Importer::id));
    for importer in formats().iter() {
        let is_kebab = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(importer.id().bytes().all(is_kebab), "{}", importer.id());
        assert!(fixtures(importer.id()).len() >= 3, "{}", importer.id());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/import");
    let folders: BTreeSet<String> = fs::read_dir(folder)
        .expect("fixtures")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(folders, ids.iter().map(ToString::to_string).collect());
}

#[test]
fn every_fixture_is_recognised_whatever_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for importer in formats().iter() {
        for path in fixtures(importer.id()) {
            let renamed = folder.path().join("x.dat");
            fs::copy(&path, &renamed).expect("copied");
            assert_eq!(known(&renamed).map(Importer::id), Some(importer.id()), "{}", path.display());
        }
    }
}

#[test]
fn every_fixture_says_what_it_is_expected_to_say() {
    for importer in formats().iter() {
        for path in fixtures(importer.id()) {
            let mut recorder = read_file(importer, &path);
            let digest = overstay::model::Sha256Digest::of(&fs::read(&path).expect("readable")).to_string();
            assert_eq!(recorder.inputs.len(), 1, "{}", path.display());
            assert_eq!(recorder.inputs[0].sha256.as_deref(), Some(digest.as_str()), "{}", path.display());
            let name = format!("{}__{}", importer.id(), snapshot(&path));
            insta::with_settings!({snapshot_path => "importers/snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(name, recorder.text());
            });
        }
    }
}
