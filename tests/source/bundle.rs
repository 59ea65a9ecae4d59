//! Git bundles, made of the loose objects of a repository.

use std::fs;
use std::io::Read as _;

use gix::ObjectId;
use gix::objs::Kind;

use super::pack::PackWriter;
use super::repo::Repo;

/// A bundle of these references and prerequisites, with the pack given.
pub(crate) fn bundle(references: &[(&str, ObjectId)], prerequisites: &[ObjectId], pack: &[u8]) -> Vec<u8> {
    let before = prerequisites.iter().map(|id| format!("-{id} before\n"));
    let named = references.iter().map(|(name, id)| format!("{id} {name}\n"));
    let header: String = std::iter::once("# v2 git bundle\n".to_owned()).chain(before).chain(named).collect();
    [header.as_bytes(), b"\n", pack].concat()
}

/// Adds every object that lies loose in a repository, in the order of their ids.
pub(crate) fn add_loose(repo: &Repo, pack: &mut PackWriter) {
    let mut files: Vec<_> = walkdir::WalkDir::new(repo.git.join("objects"))
        .min_depth(2)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file() && path.parent().unwrap().file_name().unwrap().len() == 2)
        .collect();
    files.sort();
    for file in files {
        let mut object = Vec::new();
        flate2::read::ZlibDecoder::new(fs::File::open(file).unwrap()).read_to_end(&mut object).unwrap();
        let end = object.iter().position(|byte| *byte == 0).unwrap();
        let (kind, content) = (object[..end].split(|byte| *byte == b' ').next().unwrap(), &object[end + 1..]);
        match Kind::from_bytes(kind).unwrap() {
            Kind::Blob => pack.blob(content),
            kind => pack.other(kind, content),
        };
    }
}
