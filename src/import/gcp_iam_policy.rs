//! `gcloud projects get-iam-policy` and its like for folders, organisations and single resources.
//!
//! The answer does not name the resource that it is the policy of: it is taken from the name of the file, such as
//! `projects_corp-prod.json` or `folder-1031.json`, and otherwise unknown, which is said.

use super::Shape;
use super::format::{Facts, Format};
use super::gcp::{policy, tell_scope};
use super::part::Part;

/// Reads one IAM policy of a resource.
pub(super) static FORMAT: Format = Format {
    id: "gcp-iam-policy",
    title: "Google Cloud IAM policy of a project, folder, organisation or resource (get-iam-policy)",
    how_to_export: "gcloud projects get-iam-policy P --format=json > projects_P.json; gcloud resource-manager folders \
                    get-iam-policy F --format=json > folders_F.json; gcloud organizations get-iam-policy O \
                    --format=json > organizations_O.json",
    lists: &[],
    shapes: &[
        Shape { list: None, keys: &["bindings.role", "bindings.members", "etag"] },
        Shape { list: None, keys: &["bindings.role", "bindings.members", "version"] },
    ],
    read,
};

fn read(answer: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    if !answer.has("bindings") {
        return false;
    }
    let merged = answer.text("resource").map(str::to_owned);
    let scope = merged.or_else(|| named(facts.stem()));
    if scope.is_none() {
        facts.absent(
            "",
            "the file does not say of which resource this is the policy, so where its roles hold is unknown: name it \
             projects_ID.json, folders_ID.json or organizations_ID.json",
        );
    }
    let scope = scope.unwrap_or_default();
    if !scope.is_empty() {
        tell_scope(&scope, None, "", facts);
    }
    policy(answer, &scope, "", facts);
    true
}

/// `projects/corp-prod` from `projects_corp-prod`, `project-corp-prod` or `corp-prod.project`: a kind and an id.
fn named(stem: &str) -> Option<String> {
    const KINDS: [(&str, &str); 6] = [
        ("projects", "projects"),
        ("project", "projects"),
        ("folders", "folders"),
        ("folder", "folders"),
        ("organizations", "organizations"),
        ("organization", "organizations"),
    ];
    KINDS.iter().find_map(|(word, kind)| {
        let id = stem.strip_prefix(word)?.strip_prefix(['_', '-', '.', '+', ' '])?;
        let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.');
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        let fits = if *kind == "projects" { id.len() >= 4 && id.bytes().all(is_id) } else { !id.is_empty() && digits };
        fits.then(|| format!("{kind}/{id}"))
    })
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_file_name_tells_the_resource_or_nothing() {
        for (stem, expected) in [
            ("projects_corp-prod", Some("projects/corp-prod")),
            ("project-corp-prod", Some("projects/corp-prod")),
            ("folders_1031", Some("folders/1031")),
            ("organization-111", Some("organizations/111")),
            ("folders_x", None),
            ("project_get_iam_policy", None),
            ("policy", None),
        ] {
            assert_eq!(named(stem).as_deref(), expected, "{stem}");
        }
    }
}
