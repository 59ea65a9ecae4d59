//! Container images, as `docker save` writes them and as the OCI image layout lays them out: which layers delete what.
//!
//! A file that a later layer deletes is still in the image, for everybody who reads its layers one by one.

use serde::Deserialize;

/// At most so many deletions are remembered.
const MOST_WHITEOUTS: usize = 20_000;
/// A manifest may be this large.
const MOST_MANIFEST: usize = 1 << 20;

/// What an archive says about the layers in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The layers from the lowest up, as the manifest names them.
    layers: Vec<String>,
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

/// An entry of `manifest.json` in the form of `docker save`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    #[serde(default)]
    layers: Vec<String>,
}

impl Image {
    /// Whether a member is named as layers of images are.
    pub(super) fn is_layer(name: &str) -> bool {
        name == "layer.tar" || name.ends_with("/layer.tar") || name.starts_with("blobs/sha256/")
    }

    /// Takes the order of the layers from a manifest.
    pub(super) fn note_manifest(&mut self, path: &str, text: &[u8]) {
        if path == "manifest.json"
            && text.len() <= MOST_MANIFEST
            && let Ok(images) = serde_json::from_slice::<Vec<Saved>>(text)
        {
            self.layers = images.into_iter().flat_map(|image| image.layers).collect();
        }
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

    /// The layer that deletes a member, named as `layer!/path` is, where a later one does.
    pub fn deleted_by(&self, member: &str) -> Option<&str> {
        let (layer, path) = member.split_once("!/")?;
        let position = |name: &str| self.layers.iter().position(|layer| layer == name);
        let own = position(layer)?;
        let is_hidden = |whiteout: &Whiteout| match whiteout {
            Whiteout::Path(deleted) => path == deleted || is_below(path, deleted),
            Whiteout::Below(directory) => directory.is_empty() || is_below(path, directory),
        };
        let is_above = |by: &str| position(by).is_some_and(|by| by > own);
        let found = self.whiteouts.iter().find(|(by, whiteout)| is_above(by) && is_hidden(whiteout));
        found.map(|(by, _)| by.as_str())
    }
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}
