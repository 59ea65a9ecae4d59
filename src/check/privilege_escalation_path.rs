//! An identity that could make itself an administrator.

use super::basis::{card, holder};
use super::{Answers, Check, Context, severity};
use crate::ledger::{IdentityRow, Privilege};
use crate::model::{Confidence, FindingBuilder, Path, Status};

/// See `rules/checks/privilege_escalation_path.yaml`.
pub(super) struct PrivilegeEscalationPath;

impl Check for PrivilegeEscalationPath {
    fn id(&self) -> &'static str {
        "privilege-escalation-path"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for row in ctx.ledger.identities.values().filter(|row| row.status != Status::Inactive) {
            match &row.privilege {
                Privilege::Admin { .. } | Privilege::NotExamined => continue,
                Privilege::Unknown(why) if row.paths.is_empty() => {
                    answers.examine();
                    answers.inconclusive(&row.id, format!("what it may do is not known: {why}"));
                    continue;
                }
                Privilege::Limited | Privilege::Unknown(_) => answers.examine(),
            }
            if let Some(path) = holder::shortest(&row.paths) {
                report(ctx, row, path, answers);
            }
        }
    }
}

fn report(ctx: &Context<'_>, row: &IdentityRow, path: &Path, answers: &mut Answers) {
    let default = severity::default(ctx);
    let rating = if path.unless.is_empty() {
        default
    } else {
        severity::by_threshold(
            default.severity.lowered(),
            format!("{}; one step down: it depends on a condition", default.reason),
        )
    };
    let confidence = if path.unless.is_empty() { Confidence::High } else { Confidence::Medium };
    let more = row.paths.len().saturating_sub(1);
    let finding = holder::about(ctx, row, &rating, &path.to).confidence(confidence).message(format!(
        "{} could become {} in {}.",
        holder::name(row),
        card::short(&path.to),
        holder::steps(path.steps.len())
    ));
    let finding = tell(finding, path);
    let finding = if more > 0 { finding.fact("More ways", more.to_string()) } else { finding };
    answers.found(&row.id, holder::complete(ctx, row, finding.evidence(row.evidence.iter().take(1).cloned())));
}

/// The steps as facts, with their records.
pub(super) fn tell(finding: FindingBuilder, path: &Path) -> FindingBuilder {
    let told = path.steps.iter().zip(1..).fold(finding, |finding, (step, number)| {
        let how = format!("{} -> {}: {} ({})", card::short(&step.from), card::short(&step.to), step.how, step.method);
        finding.fact(&format!("Step {number}"), how).evidence(step.evidence.iter().take(4).cloned())
    });
    if path.unless.is_empty() { told } else { told.fact("Unless", path.unless.to_string()) }
}
