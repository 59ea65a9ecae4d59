use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Contents, Format, Layer, Limits, Problem, read, read_stream, recognise};
use crate::model::GapReason;

mod build;

use build::{Tar, ar, bzip2, cpio, gzip, lz4, rpm, sevenz, xz, zip, zstd};

/// What an archive handed on, and what else there is to say of it.
fn examined(name: &str, archive: &[u8], limits: &Limits) -> (Vec<(String, String)>, Contents) {
    let mut texts = Vec::new();
    let format = recognise(archive).expect("an archive");
    let mut source = Cursor::new(archive);
    let contents = read(name, format, &mut source, archive.len() as u64, limits, &mut |path, text| {
        texts.push((path.to_owned(), String::from_utf8_lossy(text).into_owned()));
    });
    (texts, contents)
}

fn texts(name: &str, archive: &[u8]) -> Vec<(String, String)> {
    let (texts, contents) = examined(name, archive, &Limits::default());
    assert_eq!(contents.problems, []);
    texts
}

fn paths(archive: &[u8], limits: &Limits) -> (Vec<String>, Vec<Problem>) {
    let (texts, contents) = examined("a", archive, limits);
    (texts.into_iter().map(|(path, _)| path).collect(), contents.problems)
}

fn pair(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

fn small() -> Limits {
    Limits { decoded_bytes: 1 << 20, free_bytes: 1 << 20, ratio: 0, depth: 3, members: 100, member_bytes: 64 << 10 }
}

const MEMBERS: [(&str, &[u8]); 3] =
    [("app/.env", b"A=1\n"), ("app/logo.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"), ("b.txt", b"second\n")];

#[test]
fn every_archive_format_hands_on_its_texts_and_counts_what_is_binary() {
    let archives = [zip(&MEMBERS), Tar::of(&MEMBERS), ar(&MEMBERS), cpio(&MEMBERS), sevenz(&MEMBERS)];
    for archive in archives {
        let (texts, contents) = examined("x", &archive, &Limits::default());
        assert_eq!(texts, [pair("app/.env", "A=1\n"), pair("b.txt", "second\n")], "{:?}", recognise(&archive));
        assert_eq!((contents.members, contents.texts, contents.binary), (3, 2, 1));
        assert_eq!((contents.bytes, contents.problems), (11, Vec::new()));
    }
}

#[test]
fn every_compression_hands_on_its_text_under_its_name_without_the_extension() {
    let text = "password = x\n".repeat(1000);
    let all = [gzip, bzip2, xz, zstd, lz4].map(|compress: fn(&[u8]) -> Vec<u8>| compress(text.as_bytes()));
    for archive in all {
        assert_eq!(texts("dir/dump.sql.zz", &archive), [pair("dump.sql", &text)], "{:?}", recognise(&archive));
    }
}

#[test]
fn a_compressed_tar_is_one_archive() {
    let limits = Limits { depth: 1, ..Limits::default() };
    for compress in [gzip, bzip2, xz, zstd, lz4] {
        let (paths, problems) = paths(&compress(&Tar::of(&MEMBERS)), &limits);
        assert_eq!((paths, problems), (vec!["app/.env".to_owned(), "b.txt".to_owned()], vec![]));
    }
}

#[test]
fn several_streams_in_one_file_are_read_on() {
    for compress in [gzip, bzip2, xz, zstd] {
        let archive = [compress(b"first half, "), compress(b"second half\n")].concat();
        assert_eq!(texts("a.x", &archive), [pair("a", "first half, second half\n")], "{:?}", recognise(&archive));
    }
    let skippable = [b"\x50\x2a\x4d\x18\x03\0\0\0abc".as_slice(), &zstd(b"text of a frame\n")].concat();
    let archive = [zstd(b"one, "), skippable].concat();
    assert_eq!(texts("a.zst", &archive), [pair("a", "one, text of a frame\n")]);
}

#[test]
fn archives_inside_archives_are_followed_and_their_names_joined() {
    let inner = zip(&[("WEB-INF/web.xml", b"<x/>\n")]);
    let middle = gzip(&Tar::of(&[("lib/in.war", &inner)]));
    let outer = zip(&[("bundle.tgz", &middle)]);
    assert_eq!(texts("o.zip", &outer), [pair("bundle.tgz!/lib/in.war!/WEB-INF/web.xml", "<x/>\n")]);
}

#[test]
fn a_zip_with_something_before_it_and_a_comment_behind_it_is_read() {
    let mut archive = zip(&MEMBERS);
    let comment = archive.len() - 2;
    archive[comment..].copy_from_slice(&4_u16.to_le_bytes());
    archive.extend(b"done");
    let archive = [b"#!/bin/sh\nexit 0\n".as_slice(), &archive].concat();
    let mut names = Vec::new();
    let mut visit = |path: &str, _: &[u8]| names.push(path.to_owned());
    let size = archive.len() as u64;
    read("x", Format::Zip, &mut Cursor::new(&archive), size, &Limits::default(), &mut visit);
    assert_eq!(names, ["app/.env", "b.txt"]);
}

#[test]
fn an_encrypted_member_is_counted_and_the_others_are_read() {
    let mut archive = zip(&[("a", b"secret\n"), ("b", b"plain\n")]);
    let directory = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    archive[directory + 8] |= 1;
    let (texts, contents) = examined("x", &archive, &Limits::default());
    assert_eq!((texts, contents.encrypted, contents.members), (vec![pair("b", "plain\n")], 1, 2));
}

#[test]
fn an_unknown_compression_is_counted() {
    let mut archive = zip(&[("a", b"text\n")]);
    let directory = memchr::memmem::find(&archive, b"PK\x01\x02").unwrap();
    archive[directory + 10] = 99;
    assert_eq!(examined("x", &archive, &Limits::default()).1.unsupported, 1);
}

#[test]
fn long_names_of_gnu_and_pax_are_whole() {
    let long = format!("{}/file.txt", "directory/".repeat(20).trim_end_matches('/'));
    assert_eq!(texts("a.tar", &Tar::default().gnu_long(&long, b"x\n").end()), [pair(&long, "x\n")]);
    assert_eq!(texts("a.tar", &Tar::default().pax(&long, b"y\n").end()), [pair(&long, "y\n")]);
}

#[test]
fn a_hostile_name_is_shown_and_cut() {
    let archive = Tar::of(&[("../../etc/\x1b[31mpasswd", b"x\n")]);
    assert_eq!(texts("a", &archive)[0].0, "../../etc/\\u{1b}[31mpasswd");
    let (endless, _) = examined("a", &zip(&[(&"n".repeat(9000), b"x\n")]), &Limits::default());
    assert_eq!(endless[0].0.len(), 403);
}

#[test]
fn a_bomb_is_one_problem_and_ends_the_reading() {
    let zeros = vec![b'a'; 2 << 20];
    let nested = gzip(&gzip(&zeros));
    for archive in [gzip(&zeros), xz(&zeros), zstd(&zeros), nested, zip(&[("a", &zeros)]), sevenz(&[("a", &zeros)])] {
        let limits = Limits { member_bytes: 64 << 20, ..small() };
        let (paths, problems) = paths(&archive, &limits);
        assert!(paths.len() <= 1);
        let [only] = problems.as_slice() else { panic!("{problems:?}") };
        assert_eq!((&*only.member, only.reason), ("", GapReason::TooLarge));
        assert!(only.detail.contains("decodes to more than 1048576 bytes"), "{}", only.detail);
    }
}

#[test]
fn members_that_share_their_bytes_count_each_time() {
    let big = vec![b'a'; 60 << 10];
    let mut archive = zip(&[("a", &big)]);
    let directory = memchr::memmem::rfind(&archive, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&archive, b"PK\x05\x06").unwrap();
    let (entry, record) = (archive[directory..end].to_vec(), archive[end..].to_vec());
    archive.truncate(end);
    (0..50).for_each(|_| archive.extend(&entry));
    let size = u32::try_from(archive.len() - directory).unwrap();
    let at = archive.len();
    archive.extend(record);
    archive[at + 12..at + 16].copy_from_slice(&size.to_le_bytes());
    let (paths, problems) = paths(&archive, &small());
    assert!(paths.len() < 20, "{}", paths.len());
    assert_eq!((problems.len(), problems[0].reason), (1, GapReason::TooLarge));
}

#[test]
fn a_member_that_is_too_large_costs_only_itself() {
    let big = vec![b'a'; 100 << 10];
    for archive in [zip(&[("big", &big), ("b", b"x\n")]), Tar::of(&[("big", &big), ("b", b"x\n")])] {
        let (paths, problems) = paths(&archive, &small());
        assert_eq!(paths, ["b"]);
        assert_eq!((&*problems[0].member, problems[0].reason, problems.len()), ("big", GapReason::TooLarge, 1));
    }
}

#[test]
fn too_many_members_are_one_problem() {
    let names: Vec<String> = (0..150).map(|number| number.to_string()).collect();
    let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x\n".as_slice())).collect();
    let (paths, problems) = paths(&Tar::of(&members), &small());
    assert_eq!((paths.len(), problems.len()), (100, 1));
    assert!(problems[0].detail.contains("more than 100 members"));
}

#[test]
fn an_archive_nested_a_thousand_deep_is_one_problem() {
    let mut archive = b"the end\n".to_vec();
    for _ in 0..1000 {
        archive = Tar::of(&[("in.tar", &archive)]);
    }
    let (paths, problems) = paths(&archive, &Limits::default());
    assert_eq!(paths, Vec::<String>::new());
    assert_eq!((problems.len(), problems[0].reason), (1, GapReason::TooDeep));
    assert_eq!(&*problems[0].member, "in.tar!/in.tar!/in.tar");
}

#[test]
fn a_truncated_archive_gives_what_is_before_the_cut_and_one_problem() {
    let lines: String = (0..20_000).map(|line: u32| line.wrapping_mul(2_654_435_761).to_string() + "\n").collect();
    let members: [(&str, &[u8]); 2] = [("a", b"first\n"), ("long", lines.as_bytes())];
    let archives = [Tar::of(&members), gzip(&Tar::of(&members)), ar(&members), cpio(&members)];
    for archive in archives {
        let (texts, contents) = examined("x", &archive[..archive.len() * 3 / 4], &Limits::default());
        assert_eq!(texts.first(), Some(&pair("a", "first\n")), "{:?}", recognise(&archive));
        assert_eq!(contents.problems.len(), 1, "{:?}", contents.problems);
        assert_eq!(contents.problems[0].reason, GapReason::Damaged);
    }
}

#[test]
fn a_zip_without_its_end_is_one_problem() {
    let archive = zip(&MEMBERS);
    let (paths, problems) = paths(&archive[..archive.len() - 30], &Limits::default());
    assert_eq!((paths.len(), problems.len(), &*problems[0].detail), (0, 1, "ends early"));
}

#[test]
fn a_lying_header_costs_one_problem() {
    let mut tar = Tar::of(&[("a", b"x\n")]);
    build::set_tar_size(&mut tar, b"77777777777\0");
    assert_eq!(paths(&tar, &Limits::default()).1.len(), 1);
    let mut zip = zip(&[("a", b"x\n"), ("b", b"y\n")]);
    let directory = memchr::memmem::find(&zip, b"PK\x01\x02").unwrap();
    zip[directory + 42..directory + 46].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
    let (names, problems) = paths(&zip, &Limits::default());
    assert_eq!((names, problems.len()), (vec!["b".to_owned()], 1));
}

#[test]
fn a_header_of_7z_that_is_a_bomb_is_refused_before_it_is_decoded() {
    let mut archive = sevenz(&MEMBERS);
    let header = archive.len() - build::sevenz_header_size(&archive);
    // An encoded header: one packed stream, one coder without properties, and 2^40 bytes of output.
    let bomb = [0x17, 6, 0, 1, 9, 1, 0, 7, 11, 1, 0, 1, 1, 0, 12, 0xfc, 0, 0, 0, 0, 0, 1, 0, 0];
    archive.truncate(header);
    archive.extend(bomb);
    archive[20..28].copy_from_slice(&(bomb.len() as u64).to_le_bytes());
    let (_, problems) = paths(&archive, &Limits::default());
    assert_eq!((problems.len(), problems[0].reason), (1, GapReason::TooLarge));
}

#[test]
fn a_file_that_a_later_layer_deletes_is_still_found_and_the_layer_is_named() {
    let lower = Tar::of(&[("app/.env", b"A=1\n"), ("app/keep", b"k\n"), ("tmp/x/y", b"y\n")]);
    let upper = Tar::of(&[("app/.wh..env", b""), ("tmp/x/.wh..wh..opq", b"")]);
    let manifest = br#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["one/layer.tar","two/layer.tar"]}]"#;
    let image = Tar::of(&[("two/layer.tar", &upper), ("one/layer.tar", &lower), ("manifest.json", manifest)]);
    let (texts, contents) = examined("image.tar", &image, &Limits::default());
    let names: Vec<&str> = texts.iter().map(|(path, _)| path.as_str()).collect();
    let layer = |path| format!("one/layer.tar!/{path}");
    assert_eq!(names, [&layer("app/.env"), &layer("app/keep"), &layer("tmp/x/y"), "manifest.json"]);
    let place = |path| contents.images.layer("one/layer.tar", path).unwrap();
    let expected = |deleted_by| Layer { image: "a:1", number: 1, of: 2, deleted_by };
    assert_eq!(place("app/.env"), expected(Some("two/layer.tar")));
    assert_eq!(place("tmp/x/y"), expected(Some("two/layer.tar")));
    assert_eq!(place("app/keep"), expected(None));
    assert_eq!(contents.images.layer("other/layer.tar", "app/.env"), None);
}

#[test]
fn layers_of_an_image_do_not_count_as_depth() {
    let jar = zip(&[("app.properties", b"a=b\n")]);
    let image = Tar::of(&[("blobs/sha256/00ff", &gzip(&Tar::of(&[("app/a.jar", &jar)])))]);
    let (paths, problems) = paths(&image, &Limits { depth: 2, ..Limits::default() });
    assert_eq!((paths, problems), (vec!["blobs/sha256/00ff!/app/a.jar!/app.properties".to_owned()], vec![]));
}

#[test]
fn a_package_gives_its_scripts_and_its_files_however_they_are_compressed() {
    let files = cpio(&[("./etc/app.conf", b"a=b\n")]);
    for payload in [files.clone(), gzip(&files), xz(&files), zstd(&files), bzip2(&files)] {
        let (texts, contents) = examined("x.rpm", &rpm("echo post", &payload), &Limits::default());
        assert_eq!(texts, [pair("%post", "echo post"), pair("etc/app.conf", "a=b\n")]);
        assert_eq!(contents.problems, []);
    }
    let lzma = rpm("echo post", b"]\0\0\x80\0 an old compression");
    let (texts, contents) = examined("x.rpm", &lzma, &Limits::default());
    assert_eq!((texts.len(), contents.unsupported, contents.problems), (1, 1, vec![]));
}

#[test]
fn a_package_that_is_cut_or_lies_costs_one_problem() {
    let whole = rpm("echo post", &gzip(&cpio(&[("./etc/app.conf", b"a=b\n")])));
    for length in (8..whole.len() - 12).step_by(7) {
        let (_, problems) = paths(&whole[..length], &Limits::default());
        assert_eq!(problems.len(), 1, "{length}: {problems:?}");
    }
    let mut lying = whole;
    lying[96 + 8..96 + 16].fill(0xff);
    assert_eq!(paths(&lying, &Limits::default()).1.len(), 1);
}

#[test]
fn what_is_read_forwards_gives_what_is_read_from_a_file() {
    for archive in &*SOUND {
        let format = recognise(archive).unwrap();
        let mut texts = Vec::new();
        let mut visit = |path: &str, text: &[u8]| texts.push(pair(path, std::str::from_utf8(text).unwrap()));
        let contents = read_stream("x", format, &mut archive.as_slice(), &Limits::default(), &mut visit);
        assert_eq!((texts, contents), examined("x", archive, &Limits::default()), "{format:?}");
    }
}

#[test]
fn what_is_read_forwards_may_decode_to_so_many_times_what_was_read_of_it() {
    let limits = Limits { free_bytes: 1000, ratio: 2, ..Limits::default() };
    let mut decoded = 0;
    let archive = gzip(&Tar::of(&[("a", &[b'a'; 900]), ("b", &vec![b'b'; 90_000]), ("c", b"c\n")]));
    let visit = &mut |_path: &str, text: &[u8]| decoded += text.len();
    let contents = read_stream("x", Format::Gzip, &mut archive.as_slice(), &limits, visit);
    assert!(decoded < 4000, "{decoded}");
    assert_eq!((contents.problems.len(), contents.problems[0].reason), (1, GapReason::TooLarge));
}

/// One sound archive of each format.
static SOUND: LazyLock<[Vec<u8>; 11]> = LazyLock::new(|| {
    let members: [(&str, &[u8]); 3] = [("a/b", b"text\n"), ("c.gz", &gzip(b"inner\n")), ("d", &[b'x'; 3000])];
    let tar = Tar::of(&members);
    let plain = [zip(&members), tar.clone(), ar(&members), cpio(&members), sevenz(&members)];
    let [a, b, c, d, e] = plain;
    let package = rpm("echo", &zstd(&cpio(&members)));
    [a, b, c, d, e, gzip(&tar), bzip2(&tar), xz(&tar), zstd(&tar), lz4(&tar), package]
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_makes_it_panic_or_go_on_without_end(
        which in 0..11_usize,
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..12),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut archive = SOUND[which].clone();
        let format = recognise(&archive).unwrap();
        for (at, value) in flips {
            let at = at.index(archive.len());
            archive[at] = value;
        }
        archive.truncate(cut.index(archive.len()) + archive.len() / 2);
        let mut bytes = 0;
        let contents = read("x", format, &mut Cursor::new(&archive), archive.len() as u64, &small(), &mut |_, text| {
            bytes += text.len();
        });
        prop_assert!(bytes <= 2 << 20);
        prop_assert!(contents.problems.iter().all(|problem| problem.reason != GapReason::Internal));
    }

    #[test]
    fn no_bytes_behind_a_magic_make_it_panic(which in 0..10_usize, tail in any::<Vec<u8>>()) {
        let magics: [&[u8]; 8] = [
            b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18",
            b"7z\xbc\xaf\x27\x1c", b"!<arch>\n",
        ];
        let Some(magic) = magics.get(which) else { return Ok(()) };
        let bytes = [magic, tail.as_slice()].concat();
        if let Some(format) = recognise(&bytes) {
            let contents =
                read("x", format, &mut Cursor::new(&bytes), bytes.len() as u64, &small(), &mut |_, _| {});
            prop_assert!(contents.problems.iter().all(|problem| problem.reason != GapReason::Internal));
        }
    }
}

#[test]
fn text_that_only_begins_like_an_archive_is_none() {
    for text in ["BZh9 is a format", "070701 and more digits", "PK", "7z", "!<arch", "\u{28}"] {
        assert_eq!(recognise(text.as_bytes()), None, "{text}");
    }
    let mut write = Vec::new();
    writeln!(write, "{}ustar", "a".repeat(257)).unwrap();
    write.resize(600, b' ');
    assert_eq!(recognise(&write), None);
}
