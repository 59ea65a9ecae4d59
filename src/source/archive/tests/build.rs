//! Archives made for the tests, byte by byte where no crate writes them.

use std::io::{Cursor, Write as _};

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn xz(content: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

pub(super) fn lz4(content: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Members deflated, one central directory.
pub(super) fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in members {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        let deflated = encoder.finish().unwrap();
        let mut common = Vec::new();
        for field in [20_u16, 0, 8, 0, 0] {
            common.extend(field.to_le_bytes());
        }
        let sizes = [crc32fast::hash(content), deflated.len() as u32, content.len() as u32];
        for field in sizes {
            common.extend(field.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((archive.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(deflated);
    }
    let (start, count) = (archive.len() as u32, members.len() as u16);
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend([(directory.len() as u32).to_le_bytes(), start.to_le_bytes()].concat());
    archive.extend([0, 0]);
    archive
}

pub(super) fn sevenz(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = sevenz_rust2::ArchiveWriter::new(Cursor::new(Vec::new())).unwrap();
    for (name, content) in members {
        let entry = sevenz_rust2::ArchiveEntry::new_file(name);
        writer.push_archive_entry(entry, Some(*content)).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// How many bytes at the end of a 7z archive are its header.
pub(super) fn sevenz_header_size(archive: &[u8]) -> usize {
    let size = archive[20..28].first_chunk().map(|eight| u64::from_le_bytes(*eight)).unwrap();
    usize::try_from(size).unwrap()
}

pub(super) fn ar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, content) in members {
        writeln!(
            archive,
            "{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`",
            format!("#1/{}", name.len()),
            0,
            0,
            0,
            644,
            content.len() + name.len()
        )
        .unwrap();
        archive.extend(name.as_bytes());
        archive.extend(*content);
        if (content.len() + name.len()) % 2 == 1 {
            archive.push(b'\n');
        }
    }
    archive
}

pub(super) fn cpio(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in members.iter().chain([&("TRAILER!!!", b"".as_slice())]) {
        let fields = [1, 0o100_644, 0, 0, 1, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
        archive.extend(b"070701");
        for field in fields {
            write!(archive, "{field:08x}").unwrap();
        }
        archive.extend(name.as_bytes());
        archive.push(0);
        archive.resize(archive.len().next_multiple_of(4), 0);
        archive.extend(*content);
        archive.resize(archive.len().next_multiple_of(4), 0);
    }
    archive
}

/// A package with a script, and files in a cpio archive as it was compressed.
pub(super) fn rpm(script: &str, payload: &[u8]) -> Vec<u8> {
    let header = |entries: &[[u32; 4]], store: &[u8]| {
        let sizes = [entries.len() as u32, store.len() as u32].map(u32::to_be_bytes).concat();
        let entries: Vec<u8> = entries.iter().flatten().flat_map(|field| field.to_be_bytes()).collect();
        [b"\x8e\xad\xe8\x01\0\0\0\0".as_slice(), &sizes, &entries, store].concat()
    };
    let mut package = vec![0; 96];
    package[..6].copy_from_slice(b"\xed\xab\xee\xdb\x03\0");
    package.extend(header(&[[1000, 6, 0, 1]], b"odd\0"));
    package.resize(package.len().next_multiple_of(8), 0);
    let store = format!("name\0{script}\0").into_bytes();
    package.extend(header(&[[1000, 6, 0, 1], [1024, 6, 5, 1]], &store));
    package.extend(payload);
    package
}

/// A tape archive in the making.
#[derive(Default)]
pub(super) struct Tar(Vec<u8>);

impl Tar {
    pub(super) fn of(members: &[(&str, &[u8])]) -> Vec<u8> {
        members.iter().fold(Self::default(), |tar, (name, content)| tar.entry(b'0', name, content)).end()
    }

    pub(super) fn gnu_long(self, name: &str, content: &[u8]) -> Self {
        self.entry(b'L', "././@LongLink", format!("{name}\0").as_bytes()).entry(b'0', &name[..99], content)
    }

    pub(super) fn pax(self, name: &str, content: &[u8]) -> Self {
        let body = format!(" path={name}\n");
        let length = (1..10_000).find(|length: &usize| length.to_string().len() + body.len() == *length).unwrap();
        self.entry(b'x', "PaxHeaders/f", format!("{length}{body}").as_bytes()).entry(b'0', "short", content)
    }

    fn entry(mut self, kind: u8, name: &str, content: &[u8]) -> Self {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = kind;
        header[257..265].copy_from_slice(b"ustar\x0000");
        seal(&mut header);
        self.0.extend(header);
        self.0.extend(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

/// Lets the first header state another size.
pub(super) fn set_tar_size(tar: &mut [u8], size: &[u8; 12]) {
    tar[124..136].copy_from_slice(size);
    seal(&mut tar[..512]);
}

fn seal(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}
