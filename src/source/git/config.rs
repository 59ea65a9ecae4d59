//! The three facts that are read from a repository's configuration. Nothing else in it has any effect: no include, no
//! filter, no hook path, no file-system monitor, no alias.

use std::path::Path;

use gix::bstr::ByteSlice;

use super::Error;
use super::layout::LIST;
use crate::source::file;

/// What the object database looks like, as the configuration states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// The hash that names objects.
    pub(super) hash: gix::hash::Kind,
    /// Whether objects may be missing because a server is expected to have them.
    pub(super) promised: bool,
    /// Whether references are kept in tables, which are not understood here.
    pub(super) reftable: bool,
}

impl Format {
    /// Reads `config`. A file that is missing or malformed means what git means without it: SHA-1, complete.
    pub(super) fn read(common_dir: &Path) -> Result<Self, Error> {
        let mut format = Self { hash: gix::hash::Kind::Sha1, promised: false, reftable: false };
        let Ok(content) = file::read_small(&common_dir.join("config"), LIST) else { return Ok(format) };
        let metadata = gix::config::file::Metadata::from(gix::config::Source::Local);
        let Ok(config) =
            gix::config::File::from_bytes_no_includes(&content, metadata, gix::config::file::init::Options::default())
        else {
            return Ok(format);
        };
        if let Some(name) = config.string("extensions.objectFormat") {
            format.hash = hash_named(&name)?;
        }
        let in_tables =
            config.string("extensions.refStorage").is_some_and(|kind| kind.eq_ignore_ascii_case(b"reftable"));
        format.reftable = in_tables || common_dir.join("reftable").is_dir();
        let promisor_remote = config
            .sections_by_name("remote")
            .into_iter()
            .flatten()
            .any(|remote| remote.value("promisor").is_some_and(|value| value.eq_ignore_ascii_case(b"true")));
        format.promised = promisor_remote || config.string("extensions.partialClone").is_some();
        Ok(format)
    }
}

fn hash_named(name: &[u8]) -> Result<gix::hash::Kind, Error> {
    let known = name.to_str().ok().and_then(|name| name.to_ascii_lowercase().parse().ok());
    known.ok_or_else(|| Error::ObjectFormat(crate::source::name::shown(name)))
}
