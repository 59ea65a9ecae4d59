//! Archives made for the tests.

use std::io::Write as _;

use overstay::model::Sha256Digest;
use serde_json::json;

/// One gzip stream.
pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A tape archive with these members.
pub(crate) fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in members {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(header);
        archive.extend(*content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// An OCI image layout with one image of the given layers, in an index inside the index: paths and contents. The paths of
/// the layers come first, from the lowest up.
pub(crate) fn layout(tag: &str, layers: &[Vec<u8>]) -> Vec<(String, Vec<u8>)> {
    let digest = |content: &[u8]| Sha256Digest::of(content).to_string();
    let mut files: Vec<(String, Vec<u8>)> =
        layers.iter().map(|layer| (format!("blobs/sha256/{}", digest(layer)), layer.clone())).collect();
    let described: Vec<_> = layers.iter().map(|layer| json!({"digest": format!("sha256:{}", digest(layer))})).collect();
    let mut document = |content: serde_json::Value| {
        let content = content.to_string().into_bytes();
        let name = digest(&content);
        files.push((format!("blobs/sha256/{name}"), content));
        format!("sha256:{name}")
    };
    let manifest = document(json!({"schemaVersion": 2, "layers": described}));
    let platform = json!({"os": "linux", "architecture": "arm64"});
    let index = document(json!({"manifests": [{"digest": manifest, "platform": platform}]}));
    let annotations = json!({"org.opencontainers.image.ref.name": tag});
    let top = json!({"manifests": [{"digest": index, "annotations": annotations}]});
    files.push(("index.json".to_owned(), top.to_string().into_bytes()));
    files.push(("oci-layout".to_owned(), br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec()));
    files
}
