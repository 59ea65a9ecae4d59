//! D05: a request that its own requester approved.

use super::basis::card::short;
use super::basis::request;
use super::basis::words::between;
use super::{Answers, Check, Context, severity};
use crate::ledger::{Decision, Request};
use crate::model::Severity;

/// See `rules/checks/self_approval.yaml`.
pub(super) struct SelfApproval;

impl Check for SelfApproval {
    fn id(&self) -> &'static str {
        "self-approval"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        for (id, request) in &ctx.ledger.requests {
            let approvals = || request.decisions.iter().filter(|decision| decision.approved);
            if approvals().next().is_none() {
                continue;
            }
            answers.examine();
            if let Some((approval, rating, how)) = approvals().find_map(|approval| own(ctx, request, approval)) {
                let message = format!("{} was approved by {how}.", request::name(id, request));
                let finding =
                    request::about(ctx, id, request, &rating).message(message).evidence([approval.evidence.clone()]);
                let finding = request::complete(request, finding).evidence(request::evidence(request));
                answers.found(id, finding);
            }
        }
    }
}

/// Whether the approval came from the requester: by name, or, less surely, from the same place within minutes.
fn own<'a>(
    ctx: &Context<'_>,
    request: &Request,
    approval: &'a Decision,
) -> Option<(&'a Decision, severity::Rating, String)> {
    let (requester, approver) = request.requester.as_deref().zip(approval.by.as_deref())?;
    if ctx.policy.one_person(requester, approver) {
        let how = if requester == approver {
            "its own requester".to_owned()
        } else {
            format!("{}, who is the requester under another name", short(approver))
        };
        return Some((approval, severity::default(ctx), how));
    }
    let asked = request.requested.as_ref()?.time;
    let soon = approval.time >= asked && between(approval.time, asked) <= ctx.span("same-place-minutes");
    let place = (Some(approval.address?), Some(approval.agent.clone()?));
    (soon && request.origins.contains(&place)).then(|| {
        let reason = "the approval came from the requester's address and user agent, which is no proof";
        let how = format!("{} from the same address and with the same user agent as it was made", short(approver));
        (approval, severity::by_threshold(Severity::Medium, reason), how)
    })
}
