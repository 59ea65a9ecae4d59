//! Where the key comes from, and what happens where there is none.

use std::ffi::OsString;

use super::*;

fn hex(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

fn id(byte: u8) -> String {
    FingerprintKey::new(vec![byte; 32]).id()
}

fn found(flag: Option<&Path>, policy: Option<&Path>, variables: &[(&str, OsString)]) -> (String, Vec<String>) {
    let environment = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let mut notes = Vec::new();
    let key = find(flag, policy, &environment, &mut notes).unwrap();
    (key.id(), notes)
}

#[test]
fn a_flag_wins_over_variables_and_variables_win_over_the_policy() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, byte: u8| {
        let path = folder.path().join(name);
        fs::write(&path, hex(byte)).unwrap();
        path
    };
    let (flag, variable, policy) = (write("a", 1), write("b", 2), write("c", 4));
    let mut variables = vec![("OVERSTAY_KEY_FILE", variable.into_os_string()), ("OVERSTAY_KEY", hex(3).into())];
    assert_eq!(found(Some(&flag), Some(&policy), &variables).0, id(1));
    assert_eq!(found(None, Some(&policy), &variables).0, id(2));
    variables.remove(0);
    assert_eq!(found(None, Some(&policy), &variables).0, id(3));
    variables.clear();
    assert_eq!(found(None, Some(&policy), &variables).0, id(4));
}

#[test]
fn a_key_is_read_from_hexadecimal_base64_or_plain_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let base64 = base64::engine::general_purpose::STANDARD.encode([9; 32]);
    for content in [hex(9).into_bytes(), format!("{base64}\n").into_bytes(), vec![9; 32]] {
        fs::write(&path, content).unwrap();
        assert_eq!(found(Some(&path), None, &[]).0, id(9));
    }
}

#[test]
fn a_key_that_could_be_guessed_is_refused_without_being_repeated() {
    let environment = |name: &str| (name == "OVERSTAY_KEY").then(|| OsString::from("hunter2"));
    let error = find(None, None, &environment, &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("at least 16 bytes") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_named_key_file_that_is_missing_is_an_error_that_says_how_to_make_one() {
    let error = find(Some(Path::new("nowhere")), None, &|_| None, &mut Vec::new()).unwrap_err().to_string();
    assert!(error.starts_with("key file nowhere: ") && error.contains("head -c 32"), "{error}");
}

#[test]
fn the_first_need_makes_a_key_that_later_runs_use() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [("XDG_CONFIG_HOME", folder.path().as_os_str().to_owned())];
    let (first, notes) = found(None, None, &variables);
    assert!(notes.len() == 1 && notes[0].starts_with("made the key"), "{notes:?}");
    let (second, notes) = found(None, None, &variables);
    assert_eq!((first, notes), (second, Vec::new()));
    assert_eq!(fs::read_to_string(folder.path().join("overstay/key")).unwrap().trim().len(), 64);
}

#[cfg(unix)]
#[test]
fn a_key_is_made_for_its_owner_only_and_one_open_to_others_is_said() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let variables = [("HOME", folder.path().as_os_str().to_owned())];
    found(None, None, &variables);
    let path = folder.path().join(".config/overstay/key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (_, notes) = found(None, None, &variables);
    assert!(notes[0].contains("mode 644") && notes[0].contains("chmod 600"), "{notes:?}");
}

#[test]
fn where_no_key_can_be_made_a_random_one_serves_and_this_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for variables in [vec![], vec![("HOME", file.into_os_string())]] {
        let ((first, notes), (second, _)) = (found(None, None, &variables), found(None, None, &variables));
        assert_ne!(first, second);
        assert!(notes[0].contains("cannot be compared"), "{notes:?}");
    }
}
