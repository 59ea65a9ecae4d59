//! A policy of Vault or OpenBao in its own language, as `vault policy read` writes it.
//!
//! The text does not name the policy: that is the file's name. Of the language only what policies use is read: `path`
//! blocks with lists, texts, numbers and nested maps, comments, heredocs not. The same in JSON is read too.

mod hcl;

use super::vault::policy_id;
use super::{Importer, Layout, Out, Record, Shape, Worker};
use crate::model::{GapReason, Policy, Statement};

/// Reads `vault policy read`.
pub(super) struct VaultPolicy;

impl Importer for VaultPolicy {
    fn id(&self) -> &'static str {
        "vault-policy"
    }

    fn title(&self) -> &'static str {
        "Vault or OpenBao policy"
    }

    fn how_to_export(&self) -> &'static str {
        "for p in $(vault policy list); do vault policy read \"$p\" > \"$p.hcl\"; done"
    }

    fn layout(&self) -> Layout {
        Layout::Whole
    }

    fn shapes(&self) -> &'static [Shape] {
        &[]
    }

    fn openings(&self) -> &'static [&'static str] {
        &["path \""]
    }

    fn is_text(&self, head: &str) -> bool {
        hcl::blocks_before_damage(head) > 0
    }

    fn worker(&self, name: &str) -> Box<dyn Worker> {
        Box::new(File { named: name.rsplit(['/', '\\']).next().unwrap_or(name).trim_end_matches(".hcl").to_owned() })
    }
}

struct File {
    named: String,
}

impl Worker for File {
    fn record(&mut self, record: &Record<'_>, out: &mut Out<'_>) {
        match statements(record.text) {
            Ok(statements) => {
                out.items(statements.len() as u64);
                out.sink.policy(Policy {
                    id: policy_id(&self.named).into(),
                    system: "vault".into(),
                    statements,
                    created: None,
                    evidence: record.evidence("policy", ""),
                });
            }
            Err(Fault { line, what }) => {
                let detail = format!("line {line} of the policy {what}: what it allows is unknown");
                out.problem(record, "", GapReason::Damaged, detail);
            }
        }
    }
}

/// What is wrong with a policy, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong, without any of the text.
    pub(super) what: &'static str,
}

/// The statements of a policy in HCL or JSON: capabilities on a path. `deny` denies.
pub(super) fn statements(text: &str) -> Result<Vec<Statement>, Fault> {
    let blocks = if text.trim_start().starts_with('{') { hcl::json(text)? } else { hcl::blocks(text)? };
    Ok(blocks.into_iter().map(hcl::Block::statement).collect())
}
