//! What the archives and bundles of strangers may do: nothing but cost a line.

use std::io::Cursor;

use overstay::model::GapReason;
use overstay::source::archive::{Contents, Limits, read, read_stream, recognise};
use overstay::source::{BlobId, Options, Repository};

use crate::build::{Tar, ar, bzip2, cpio, gzip, lz4, rpm, sevenz, xz, zip, zstd};
use crate::bundle::{add_loose, bundle};
use crate::layout::layout;
use crate::pack::{PackWriter, blob_id};
use crate::repo::Repo;

/// The most bytes that texts of a damaged archive may have here.
const MOST: u64 = 256 << 10;

/// An archive of every format, each also in others, and container images in both forms.
pub(crate) fn archives() -> Vec<Vec<u8>> {
    let members: [(&str, &[u8]); 4] = [
        ("a/b.txt", b"text\n"),
        ("c.gz", &gzip(b"inner\n")),
        ("d.zip", &zip(&[("e", b"deep\n")])),
        ("f", b"\x7fELF\0\0"),
    ];
    let tar = Tar::of(&members);
    let long = Tar::default().gnu_long(&"l".repeat(150), b"gnu\n").pax("p/x", b"pax\n").end();
    let plain = [zip(&members), tar.clone(), ar(&members), cpio(&members), sevenz(&members), long];
    let packed = [rpm("echo\n", &gzip(&cpio(&members))), gzip(&tar), bzip2(&tar), xz(&tar), zstd(&tar), lz4(&tar)];
    let layer = Tar::of(&[("x/.env", b"A=b\n")]);
    let files = layout("1.0", &[gzip(&layer), Tar::of(&[("x/.wh..env", b""), ("y/.wh..wh..opq", b"")])]);
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
    let manifest = br#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["1/layer.tar"]}]"#;
    let saved = Tar::of(&[("1/layer.tar", &layer), ("manifest.json", manifest)]);
    plain.into_iter().chain(packed).chain([Tar::of(&files), saved]).collect()
}

/// Reads the bytes as an archive in both ways.
pub(crate) fn open(bytes: &[u8]) {
    let Some(format) = recognise(bytes) else { return };
    let limits =
        Limits { decoded_bytes: MOST, free_bytes: MOST, ratio: 10, depth: 3, members: 200, member_bytes: 64 << 10 };
    let mut total = 0;
    let mut visit = |path: &str, text: &[u8]| {
        assert!(!path.chars().any(char::is_control), "{path:?}");
        total += text.len() as u64;
    };
    let size = bytes.len() as u64;
    sound(&read("x", format, &mut Cursor::new(bytes), size, &limits, &mut visit));
    sound(&read_stream("x", format, &mut &*bytes, &limits, &mut visit));
    // Each member of a tape archive that is not compressed is a part of the input.
    assert!(total <= 2 * (MOST + size + (64 << 10)), "{total}");
}

fn sound(contents: &Contents) {
    assert!(contents.problems.iter().all(|problem| problem.reason != GapReason::Internal), "{:?}", contents.problems);
    assert!(contents.texts + contents.binary <= contents.members, "{contents:?}");
}

/// A bundle with commits, trees, a tag and differences of both kinds, and one with prerequisites.
pub(crate) fn bundles() -> Vec<Vec<u8>> {
    let repo = Repo::new();
    let first = repo.commit(&[("a", "one\n"), ("d/e", "two\n")], &[], 0);
    let second = repo.commit(&[("a", "three!\n"), ("d/e", "two\n")], &[first], 1);
    let mut pack = PackWriter::default();
    add_loose(&repo, &mut pack);
    let base = b"line one\nline two with some words\n".repeat(20);
    let place = pack.blob(&base);
    let next = pack.appended(place, &base, b"a tail!\n");
    pack.appended(next, &[base.as_slice(), b"a tail!\n"].concat(), b"more\n");
    pack.appended_to_id(blob_id(&base), &base, b"by id\n");
    let named = [("refs/heads/main", second), ("HEAD", second), ("refs/tags/v1", first)];
    let whole = bundle(&named, &[], &pack.bytes());
    pack.appended_to_id(blob_id(b"elsewhere\n"), b"elsewhere\n", b"thin\n");
    vec![whole, bundle(&named, &[first], &pack.bytes())]
}

/// Reads the file as a bundle: everything that a scan does with one. Whether it was whole.
pub(crate) fn unbundle(path: &std::path::Path) -> bool {
    let Ok(repository) = Repository::open_bundle(path, "x.bundle") else { return false };
    let scanned = repository.scan_blobs(&Options::default(), &|text: &[u8]| text.contains(&b'!').then_some(()));
    let ids: Vec<BlobId> = scanned.hits.iter().map(|hit| hit.id).collect();
    let attribution = repository.attribute(&ids);
    assert!(ids.iter().all(|id| !attribution.origins[id].is_empty()));
    let gaps: Vec<_> = repository.gaps().into_iter().chain(scanned.gaps).chain(attribution.gaps).collect();
    assert!(gaps.iter().all(|gap| gap.reason != GapReason::Internal), "{gaps:?}");
    gaps.is_empty() && !ids.is_empty()
}
