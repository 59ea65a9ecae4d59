//! A single IAM policy: a bare document, or `aws iam get-policy-version`. Who holds it, the file does not say.
//!
//! The policy is named after its file. Policies of resources and trust policies (with a `Principal`) are no grants of an
//! identity: they are counted and not evaluated.

use super::Shape;
use super::aws_policy::encoded;
use super::format::{Facts, Format};
use super::part::Part;
use crate::model::Policy;

/// Reads single policy files.
pub(super) static FORMAT: Format = Format {
    id: "aws-policy-document",
    title: "AWS IAM policy in a file of its own",
    how_to_export: "aws iam get-policy-version --policy-arn P --version-id V > NAME.json",
    lists: &[],
    shapes: &[
        Shape { list: None, keys: &["Version", "Statement.Effect"] },
        Shape { list: None, keys: &["PolicyVersion.Document", "PolicyVersion.IsDefaultVersion"] },
    ],
    read,
};

fn read(part: Part<'_>, facts: &mut Facts<'_, '_, '_>) -> bool {
    let version = part.at("PolicyVersion");
    let document = version.at("Document");
    let (text, created, inside) = if version.is_object() {
        let text = document.as_text().map_or_else(|| document.to_json(), str::to_owned);
        (text, version.time("CreateDate"), "PolicyVersion/Document")
    } else {
        (part.to_json(), None, "")
    };
    if version.flag("IsDefaultVersion") == Some(false) {
        facts.out.ignore("policy versions that are not in force");
        return true;
    }
    let read = match encoded(&text) {
        Ok(read) => read,
        Err(detail) => {
            facts.damaged(inside, detail);
            return true;
        }
    };
    if read.iter().any(|read| read.principal.is_some() || read.not_principal) {
        facts.out.ignore("policies of resources and trust policies, not evaluated");
        return true;
    }
    let statements = read.into_iter().map(|read| read.statement).collect();
    let evidence = facts.evidence("policy", inside);
    let id = facts.stem().into();
    facts.out.sink.policy(Policy { id, system: "aws".into(), statements, created, evidence });
    true
}
