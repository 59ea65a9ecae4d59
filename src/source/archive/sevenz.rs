//! 7z archives, with the methods that need no further crate: copy, LZMA, LZMA2, their filters.

use std::io::{self, Read, SeekFrom};

use sevenz_rust2::{Archive, BlockDecoder, Error, Password};

use super::walk::Walk;
use super::{Source, sevenz_header};
use crate::model::GapReason;

/// Reads every member.
pub(super) fn read(walk: &mut Walk<'_>, mut source: &mut dyn Source) -> io::Result<()> {
    if let Some(detail) = sevenz_header::refuse(source)? {
        walk.lose("", GapReason::TooLarge, detail);
        return Ok(());
    }
    source.seek(SeekFrom::Start(0))?;
    let password = Password::empty();
    let archive = match Archive::read(&mut source, &password) {
        Ok(archive) => archive,
        Err(error) => return lost(walk, error),
    };
    for block in 0..archive.blocks.len() {
        let decoder = BlockDecoder::new(1, block, &archive, &password, &mut source);
        let count = decoder.entry_count() as u64;
        let mut failed = None;
        let result = decoder.for_each_entries(&mut |entry, content: &mut dyn Read| {
            let mut metered = walk.metered(content);
            let examined = if entry.is_directory() {
                Ok(())
            } else {
                walk.member(entry.name().as_bytes(), &mut metered).and_then(|()| {
                    // The members of a block are one stream: what is not read here would not be counted.
                    io::copy(&mut metered, &mut io::sink()).map(|_| ())
                })
            };
            failed = examined.err();
            Ok(failed.is_none())
        });
        if let Some(error) = failed {
            walk.survive(b"", Err(error))?;
        } else if let Err(error) = result {
            match error {
                Error::PasswordRequired | Error::MaybeBadPassword(_) => walk.contents().encrypted += count,
                Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) => walk.contents().unsupported += count,
                error => lost(walk, error)?,
            }
        }
    }
    Ok(())
}

/// What an error of the whole archive means.
fn lost(walk: &mut Walk<'_>, error: Error) -> io::Result<()> {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => walk.contents().encrypted += 1,
        Error::UnsupportedCompressionMethod(_) | Error::Unsupported(_) | Error::ExternalUnsupported => {
            walk.contents().unsupported += 1;
        }
        Error::Io(error, _) => walk.survive(b"", Err(error))?,
        _ => walk.survive(b"", Err(io::ErrorKind::InvalidData.into()))?,
    }
    Ok(())
}
