//! Which images there are and which layers they have: `manifest.json` of `docker save`; `index.json` of the OCI layout and
//! the manifests that it leads to.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{Image, is_blob};
use crate::source::archive::name;
use crate::source::file;

/// A manifest may be this large, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// At most so many manifests, images, and layers of one image are kept.
const MOST: usize = 1000;
/// How deep indexes may lie in indexes; the specification's own examples have two.
const DEEPEST: usize = 4;

/// The manifests that were met, and the images that they describe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifests {
    saved: Vec<Image>,
    index: Option<Document>,
    /// Manifests and further indexes by their paths: they can stand before what names them.
    blobs: BTreeMap<String, Document>,
    images: Vec<Image>,
}

/// An entry of `manifest.json` in the form of `docker save`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Saved {
    config: Option<String>,
    repo_tags: Option<Vec<String>>,
    #[serde(default)]
    layers: Vec<String>,
}

/// An image index or an image manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Document {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Descriptor {
    digest: String,
    annotations: Option<BTreeMap<String, String>>,
    platform: Option<Platform>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

impl Manifests {
    /// The images, those of `docker save` first.
    pub(super) fn images(&self) -> &[Image] {
        &self.images
    }

    /// Keeps a member that is a manifest.
    pub(super) fn note(&mut self, path: &str, text: &[u8]) {
        if text.len() > MOST_BYTES {
            return;
        }
        match path {
            "manifest.json" => {
                let saved = serde_json::from_slice::<Vec<Saved>>(text).unwrap_or_default();
                self.saved = saved.into_iter().take(MOST).map(Image::from).collect();
            }
            "index.json" => self.index = serde_json::from_slice(text).ok(),
            _ if is_blob(path) && self.blobs.len() < MOST => {
                let document = serde_json::from_slice::<Document>(text).ok();
                let leads = |document: &Document| !(document.manifests.is_empty() && document.layers.is_empty());
                self.blobs.extend(document.filter(leads).map(|document| (path.to_owned(), document)));
            }
            _ => {}
        }
    }

    /// Joins what was noted.
    pub(super) fn resolve(&mut self) {
        let mut images = std::mem::take(&mut self.saved);
        for descriptor in self.index.iter().flat_map(|index| &index.manifests) {
            let name = descriptor.tag().unwrap_or_else(|| descriptor.short());
            self.follow(descriptor, &name, 0, &mut images);
        }
        *self = Self { images, ..Self::default() };
    }

    /// The images of the layout in a directory.
    pub(super) fn of_layout(root: &Path) -> Self {
        let mut manifests = Self::default();
        let read = |path: &str| file::read_small(&root.join(path), MOST_BYTES as u64).ok();
        if let Some(text) = read("index.json") {
            manifests.note("index.json", &text);
        }
        let listed = |document: &Document| document.manifests.iter().filter_map(Descriptor::path).collect::<Vec<_>>();
        let mut pending: Vec<String> = manifests.index.iter().flat_map(listed).collect();
        let mut reads = 0;
        while let Some(path) = pending.pop()
            && reads < MOST
        {
            reads += 1;
            if !manifests.blobs.contains_key(&path)
                && let Some(text) = read(&path)
            {
                manifests.note(&path, &text);
                pending.extend(manifests.blobs.get(&path).map(listed).unwrap_or_default());
            }
        }
        manifests.resolve();
        manifests
    }

    fn follow(&self, descriptor: &Descriptor, name: &str, depth: usize, images: &mut Vec<Image>) {
        let Some(document) = descriptor.path().and_then(|path| self.blobs.get(&path)) else { return };
        if depth >= DEEPEST || images.len() >= MOST {
            return;
        }
        for inner in &document.manifests {
            let platform = inner.platform.as_ref().map(|platform| format!("{}/{}", platform.os, platform.architecture));
            let of = platform.unwrap_or_else(|| inner.short());
            self.follow(inner, &format!("{name} ({of})"), depth + 1, images);
        }
        let layers: Vec<String> = document.layers.iter().take(MOST).filter_map(Descriptor::path).collect();
        // `docker save` describes each image in both ways.
        if !layers.is_empty() && images.iter().all(|image| image.layers != layers) {
            images.push(Image { name: name::member(name.as_bytes()), layers });
        }
    }
}

impl From<Saved> for Image {
    fn from(saved: Saved) -> Self {
        let tag = saved.repo_tags.and_then(|tags| tags.into_iter().next());
        let name = tag.or(saved.config).unwrap_or_default();
        let layers = saved.layers.into_iter().take(MOST).collect();
        Self { name: name::member(name.as_bytes()), layers }
    }
}

impl Descriptor {
    /// Where the layout keeps what it describes. A digest of another form leads nowhere.
    fn path(&self) -> Option<String> {
        let path = format!("blobs/{}", self.digest.replacen(':', "/", 1));
        is_blob(&path).then_some(path)
    }

    /// The name that the image was given: whole by containerd, else only the tag.
    fn tag(&self) -> Option<String> {
        let annotations = self.annotations.as_ref()?;
        let names = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];
        names.into_iter().find_map(|name| annotations.get(name)).filter(|name| !name.is_empty()).cloned()
    }

    /// The digest as it is usually cut.
    fn short(&self) -> String {
        self.digest.chars().take("sha256:".len() + 12).collect()
    }
}
