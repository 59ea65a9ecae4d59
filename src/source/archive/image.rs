//! Container images, as `docker save` writes them and as the OCI image layout lays them out, in an archive or in a
//! directory: which image a layer belongs to, and which layers delete what.
//!
//! A file that a later layer deletes is still in the image, for everybody who reads its layers one by one.
//! <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>

mod manifest;

use std::path::{Path, PathBuf};

use manifest::Manifests;

/// At most so many deletions are remembered.
const MOST_WHITEOUTS: usize = 20_000;

/// What an archive or a directory says about the images in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Images {
    manifests: Manifests,
    /// Layer, and what it deletes.
    whiteouts: Vec<(String, Whiteout)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Whiteout {
    /// A file or a directory with everything in it.
    Path(String),
    /// Everything that lower layers put into a directory.
    Below(String),
}

/// An image and its layers.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Image {
    /// Its tag, or its digest where it has none; safe to show.
    name: String,
    /// The layers from the lowest up, by their paths.
    layers: Vec<String>,
}

/// Where a file lies in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layer<'a> {
    /// The tag or the digest of the image.
    pub image: &'a str,
    /// Which layer it is, from 1 for the lowest.
    pub number: usize,
    /// How many layers the image has.
    pub of: usize,
    /// The path of the later layer that deletes the file, if one does.
    pub deleted_by: Option<&'a str>,
}

impl Images {
    /// Whether a member is named as layers of images are.
    pub(super) fn is_layer(name: &str) -> bool {
        name == "layer.tar" || name.ends_with("/layer.tar") || is_blob(name)
    }

    /// Takes note of what a member says about images, if it is a manifest.
    pub(super) fn note_manifest(&mut self, path: &str, text: &[u8]) {
        self.manifests.note(path, text);
    }

    /// Takes note that `layer` deletes something: `dir/.wh.name`, or `dir/.wh..wh..opq` for all that lies in `dir`.
    pub(super) fn note_whiteout(&mut self, layer: &str, name: &[u8]) {
        let name = super::name::member(name);
        let (directory, last) = name.rsplit_once('/').unwrap_or(("", &name));
        let Some(deleted) = last.strip_prefix(".wh.") else { return };
        let whiteout = match deleted {
            ".wh..opq" => Whiteout::Below(directory.to_owned()),
            _ if directory.is_empty() => Whiteout::Path(deleted.to_owned()),
            _ => Whiteout::Path(format!("{directory}/{deleted}")),
        };
        if self.whiteouts.len() < MOST_WHITEOUTS {
            self.whiteouts.push((layer.to_owned(), whiteout));
        }
    }

    /// Joins the manifests, when all of them were noted.
    pub(super) fn resolve(&mut self) {
        self.manifests.resolve();
    }

    /// The images of the layout in the directory `root`, without what its layers delete.
    pub fn of_layout(root: &Path) -> Self {
        Self { manifests: Manifests::of_layout(root), whiteouts: Vec::new() }
    }

    /// Adds what `layer` deletes, as it was found when that layer was read as an archive of its own.
    pub fn add_layer(&mut self, layer: &str, alone: &Self) {
        let room = MOST_WHITEOUTS.saturating_sub(self.whiteouts.len());
        let own = alone.whiteouts.iter().filter(|(inside, _)| inside.is_empty()).take(room);
        self.whiteouts.extend(own.map(|(_, whiteout)| (layer.to_owned(), whiteout.clone())));
    }

    /// Where the file `path` of the layer `layer` lies, if an image has that layer: in the first image in which it is
    /// deleted, else in the first.
    pub fn layer(&self, layer: &str, path: &str) -> Option<Layer<'_>> {
        let mut places = self.manifests.images().iter().filter_map(|image| {
            let number = image.layers.iter().position(|name| name == layer)? + 1;
            let above = image.layers.get(number..).unwrap_or_default();
            let deleted_by = self.deleted_by(above, path);
            Some(Layer { image: &image.name, number, of: image.layers.len(), deleted_by })
        });
        let first = places.next()?;
        if first.deleted_by.is_some() {
            return Some(first);
        }
        Some(places.find(|place| place.deleted_by.is_some()).unwrap_or(first))
    }

    fn deleted_by<'a>(&'a self, above: &[String], path: &str) -> Option<&'a str> {
        let is_hidden = |whiteout: &Whiteout| match whiteout {
            Whiteout::Path(deleted) => path == deleted || is_below(path, deleted),
            Whiteout::Below(directory) => directory.is_empty() || is_below(path, directory),
        };
        let found = self.whiteouts.iter().find(|(by, whiteout)| is_hidden(whiteout) && above.contains(by));
        found.map(|(by, _)| by.as_str())
    }
}

/// The image layout in which a file is a blob, and its path in the layout.
pub fn layout_around(path: &Path) -> Option<(PathBuf, String)> {
    let root = path.ancestors().nth(3)?;
    let name = path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    (is_blob(&name) && root.join("oci-layout").is_file()).then(|| (root.to_owned(), name))
}

/// Whether a path is that of a blob of an image layout: `blobs/sha256/` and a digest.
fn is_blob(path: &str) -> bool {
    path.strip_prefix("blobs/").and_then(|rest| rest.split_once('/')).is_some_and(|(algorithm, digest)| {
        matches!(algorithm, "sha256" | "sha512")
            && !digest.is_empty()
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
