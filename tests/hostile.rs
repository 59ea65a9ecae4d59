//! Bad input as whole runs of the binary: one line says what was not examined and why, the rest is examined, the exit
//! code says that the run is incomplete, and memory stays bounded.

#[path = "hostile/run.rs"]
mod run;

use std::fs;
use std::io::Write as _;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use run::Site;

/// A CloudTrail record of minute `n`.
fn record(n: u64) -> serde_json::Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": { "type": "AWSService", "invokedBy": "config.amazonaws.com" },
        "eventTime": format!("2026-01-01T00:{:02}:00Z", n % 60),
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetBucketAcl",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "config.amazonaws.com",
        "userAgent": "config.amazonaws.com",
        "requestParameters": null,
        "responseElements": null,
        "eventID": format!("00000000-0000-4000-8000-{n:012}"),
        "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333",
    })
}

fn lines(count: u64) -> Vec<u8> {
    (0..count).flat_map(|n| format!("{}\n", record(n)).into_bytes()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn a_good_log_beside_a_good_file_leaves_no_gap() {
    let site = Site::new();
    site.file("trail.json.gz", &gzip(&lines(50)));
    site.scan(&[]).assert_complete();
}

#[test]
fn a_truncated_gzip_is_one_gap() {
    let site = Site::new();
    let whole = gzip(&lines(2000));
    site.file("trail.json.gz", &whole[..whole.len() * 2 / 3]);
    site.scan(&[]).assert_one_gap("trail.json.gz", "damaged");
}

#[test]
fn a_gzip_with_a_wrong_checksum_is_one_gap() {
    let site = Site::new();
    let mut bytes = gzip(&lines(50));
    let end = bytes.len();
    bytes[end - 6] ^= 0x55;
    site.file("trail.json.gz", &bytes);
    site.scan(&[]).assert_one_gap("trail.json.gz", "damaged");
}

#[test]
fn a_json_line_cut_in_half_is_one_gap() {
    let site = Site::new();
    let whole = lines(20);
    site.file("trail.json", &whole[..whole.len() - 200]);
    site.scan(&[]).assert_one_gap("trail.json", "damaged");
}

#[test]
fn a_line_of_two_gigabytes_is_one_gap_and_is_not_held() {
    let site = Site::new();
    let mut start = lines(3);
    start.extend(br#"{"eventVersion":"1.11","eventID":""#);
    let path = site.file("trail.json", &start);
    // Sparse: the file takes no room on the disk, and still reads as two gigabytes without a line break.
    fs::OpenOptions::new().write(true).open(path).unwrap().set_len(2 << 30).unwrap();
    site.scan(&[]).assert_one_gap("trail.json", "too-large");
}

#[test]
fn a_gzip_bomb_is_one_gap() {
    let site = Site::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&lines(3)).unwrap();
    let blank = vec![b' '; 1 << 20];
    for _ in 0..600 {
        encoder.write_all(&blank).unwrap();
    }
    site.file("trail.json.gz", &encoder.finish().unwrap());
    let ran = site.scan(&[]);
    let gaps = ran.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    ran.assert_one_gap("trail.json.gz", "too-large");
}

#[test]
fn a_deeply_nested_record_is_one_gap() {
    let site = Site::new();
    let depth = 200_000;
    let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let mut bytes = lines(3);
    bytes.extend(
        record(4).to_string().replace("\"requestParameters\":null", &format!("\"requestParameters\":{nested}")).bytes(),
    );
    bytes.push(b'\n');
    bytes.extend(lines(2));
    site.file("trail.json", &bytes);
    site.scan(&[]).assert_one_gap("trail.json", "too-deep");
}

#[test]
fn an_alias_bomb_as_policy_is_a_configuration_error() {
    let site = Site::new();
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let list = vec![format!("*a{}", level - 1); 10].join(", ");
        text = format!("{text}a{level}: &a{level} [{list}]\n");
    }
    fs::write(site.above().join("overstay.yaml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_overstay"))
        .arg("scan")
        .arg(site.path())
        .current_dir(site.above())
        .env("OVERSTAY_KEY", "5a".repeat(32))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("overstay.yaml") && !stderr.contains("panicked"), "{stderr}");
}

#[test]
fn an_alias_bomb_in_a_tree_is_text_like_any_other() {
    let site = Site::new();
    site.file("bomb.yaml", b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n");
    site.scan(&[]).assert_complete();
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_one_gap() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = Site::new();
    let path = site.file("locked.env", b"nothing\n");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    site.run(unprivileged(&site), &[]).assert_one_gap("locked.env", "unreadable");
}

#[cfg(unix)]
#[test]
fn an_unreadable_folder_is_one_gap() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = Site::new();
    let path = site.file("locked/inside.env", b"nothing\n");
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o000)).unwrap();
    let ran = site.run(unprivileged(&site), &[]);
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    ran.assert_one_gap("locked", "unreadable");
}

/// The binary as a user whom permissions bind: the superuser may read everything.
#[cfg(unix)]
fn unprivileged(site: &Site) -> Command {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;

    const NOBODY: u32 = 65534;
    if fs::metadata(site.above()).is_ok_and(|metadata| metadata.uid() != 0) {
        return Command::new(env!("CARGO_BIN_EXE_overstay"));
    }
    fs::set_permissions(site.above(), fs::Permissions::from_mode(0o777)).expect("the own folder");
    let copy = site.above().join("overstay");
    fs::copy(env!("CARGO_BIN_EXE_overstay"), &copy).expect("room for the binary");
    let mut command = Command::new(copy);
    command.uid(NOBODY).gid(NOBODY);
    command
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_said_and_ends() {
    use std::os::unix::fs::symlink;

    let site = Site::new();
    symlink(".", site.path().join("again")).unwrap();
    symlink("there", site.path().join("here")).unwrap();
    symlink("here", site.path().join("there")).unwrap();
    let ran = site.scan(&[]);
    ran.assert_complete();
    let text = ran.report["coverage"]["gaps"].to_string();
    assert!(text.contains("link"), "{text}");
}

#[test]
fn a_broken_pack_is_one_gap() {
    let site = Site::new();
    let company = site.above().join("company");
    overstay::demo::materialise(&company).unwrap();
    fs::rename(company.join("repositories/web-shop"), site.path().join("shop")).unwrap();
    let name = format!("pack-{}", "1234567890abcdef1234567890abcdef12345678");
    site.file(&format!("shop/.git/objects/pack/{name}.pack"), b"PACK but not one");
    site.file(&format!("shop/.git/objects/pack/{name}.idx"), &[0xff; 64]);
    site.scan(&[]).assert_one_gap("shop", "damaged");
}

#[test]
fn a_broken_object_is_one_gap() {
    let site = Site::new();
    let company = site.above().join("company");
    overstay::demo::materialise(&company).unwrap();
    fs::rename(company.join("repositories/web-shop"), site.path().join("shop")).unwrap();
    let shop = gix::open(site.path().join("shop")).unwrap();
    let tree = shop.head_commit().unwrap().tree().unwrap();
    let blob = tree.lookup_entry_by_path("README.md").unwrap().unwrap().object_id().to_string();
    let path = site.path().join(format!("shop/.git/objects/{}/{}", &blob[..2], &blob[2..]));
    fs::remove_file(&path).unwrap();
    fs::write(&path, b"x\x9cnot zlib").unwrap();
    site.scan(&[]).assert_one_gap("shop", "damaged");
}

#[test]
fn invalid_utf8_in_a_log_is_one_gap() {
    let site = Site::new();
    let mut bytes = lines(5);
    let at = bytes.iter().position(|byte| *byte == b'G').unwrap();
    bytes[at] = 0xff;
    site.file("trail.json", &bytes);
    site.scan(&[]).assert_one_gap("trail.json", "damaged");
}

#[test]
fn invalid_utf8_in_text_hides_nothing() {
    let site = Site::new();
    let id = run::good_id();
    site.file("good.env", &[b"caf\xe9 \xff\n".as_slice(), id.as_bytes(), b"\n"].concat());
    site.scan(&[]).assert_complete();
}

#[test]
fn an_export_in_utf16_is_read_like_any_other() {
    let site = Site::new();
    let text = r#"{"AccessKeyMetadata": [{"UserName": "x", "AccessKeyId": "KEY", "Status": "Inactive", "CreateDate": "2026-01-01T00:00:00+00:00"}]}"#;
    let text = text.replace("KEY", &overstay::demo::resolve("@{aws-key utf16}").unwrap());
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    site.file("keys.json", &bytes);
    let ran = site.scan(&[]);
    ran.assert_complete();
    let inputs = ran.report["coverage"]["inputs"].to_string();
    assert!(inputs.contains("aws-access-keys"), "{inputs}");
}

#[test]
fn a_file_of_zero_bytes_that_was_named_is_one_gap() {
    let site = Site::new();
    let path = site.above().join("credential-report.csv");
    fs::write(&path, b"").unwrap();
    site.scan(&[&path]).assert_one_gap("credential-report.csv", "unknown-format");
}

#[test]
fn an_error_page_saved_as_an_export_is_one_gap() {
    let site = Site::new();
    let path = site.above().join("gaad.json");
    let page =
        "<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head><body>Try later</body></html>\n";
    fs::write(&path, page).unwrap();
    site.scan(&[&path]).assert_one_gap("gaad.json", "unknown-format");
}

#[test]
fn an_error_body_in_place_of_a_report_is_one_gap_that_names_the_nearest_format() {
    let site = Site::new();
    let path = site.above().join("keys.json");
    fs::write(&path, r#"{"AccessKeyMetadata": null, "Error": {"Code": "ReportExpired", "Message": "old"}}"#).unwrap();
    let ran = site.scan(&[&path]);
    assert_eq!(ran.gaps().len(), 1, "{:#?}", ran.gaps());
    assert_eq!(ran.code, Some(3));
}

#[test]
fn a_path_that_does_not_exist_is_a_usage_error() {
    let site = Site::new();
    let output = Command::new(env!("CARGO_BIN_EXE_overstay"))
        .args(["scan", "no-such-file.json"])
        .current_dir(site.above())
        .env("OVERSTAY_KEY", "5a".repeat(32))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no-such-file.json"));
}

#[test]
fn a_folder_with_nothing_to_examine_is_not_clean() {
    let site = Site::new();
    fs::remove_file(site.path().join("good.env")).unwrap();
    let ran = site.scan(&[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
}
