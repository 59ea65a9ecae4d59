//! C08: a credential that stays valid after its task failed or was cancelled.

use super::{Answers, Check, Context, no_revocation_on_completion};

/// See `rules/checks/no_revocation_on_failure.yaml`.
pub(super) struct NoRevocationOnFailure;

impl Check for NoRevocationOnFailure {
    fn id(&self) -> &'static str {
        "no-revocation-on-failure"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        no_revocation_on_completion::ask(ctx, answers, |held| !held.end.completed, "failed or cancelled");
    }
}
