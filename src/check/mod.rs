//! The checks: each asks the ledger one question about every subject it applies to. One file per check.

pub mod basis;
pub mod metric;
pub mod severity;

mod abandoned_identity;
mod admin_scoped_session;
mod approval_after_issuance;
mod break_glass_without_ticket;
mod broker_bypass;
mod cached_by_runner;
mod certificate_over_lifetime;
mod chain_resets_ttl;
mod concurrent_use;
mod console_user_without_mfa;
mod coverage_hole;
mod cross_system_path;
mod dual_path;
mod elevation_without_mfa;
mod eligible_exists_but_standing_used;
mod exception_without_control;
mod expired_credential_presented;
mod expired_grant_still_present;
mod general_purpose_token;
mod hardcoded_secret;
mod idle_credential;
mod incomplete_evidence;
mod issuance_noise;
mod issued_after_denial;
mod issued_beyond_approval;
mod issued_without_approval;
mod issued_without_request;
mod jit_in_name_only;
mod live_leaked_secret;
mod long_delegation_chain;
mod long_session_role;
mod low_jit_coverage;
mod manual_lifecycle;
mod never_used_credential;
mod no_revocation_on_alert;
mod no_revocation_on_completion;
mod no_revocation_on_failure;
mod non_expiring_credential;
mod orphan_assignment;
mod ownerless_identity;
mod paper_control;
mod partial_revocation;
mod privilege_escalation_path;
mod privilege_rises_along_chain;
mod public_grant;
mod renewal_chain;
mod replayed_credential;
mod requester_already_privileged;
mod reused_across_tasks;
mod revoked_in_log_still_in_export;
mod root_key;
mod rotation_overdue;
mod rubber_stamp_approval;
mod scope_over_use;
mod self_approval;
mod session_outlives_grant;
mod session_outlives_parent;
mod shared_credential;
mod shared_identity;
mod slow_revocation;
mod standing_privileged_grant;
mod standing_role_behind_jit;
mod static_credential_on_jit_scope;
mod tampered_log;
mod tool_switch;
mod truncated_evidence;
mod ttl_not_sized_to_use;
mod ttl_over_ceiling;
mod ttl_over_task;
mod two_active_keys;
mod unattributable_session;
mod unclosed_break_glass;
mod unfinished_rotation;
mod ungoverned_agent;
mod unjoinable_use;
mod unknown_account_trust;
mod unlimited_use;
mod unrestricted_oidc_trust;
mod unrevoked_credential;
mod unrevoked_grant;
mod unused_privilege;
mod use_after_expiry;
mod use_after_revocation;
mod use_after_task_end;
mod used_outside_approved_target;
mod weak_broker_credential;
mod weak_issuance_proof;
mod weakened_safeguard;
mod wrong_audience;
mod wrong_credential_kind;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::ledger::many::FEW;
use crate::ledger::{CredentialRow, Ledger};
use crate::model::{CheckSummary, Finding, FingerprintKey, Inconclusive};
use crate::rules::check::{CheckRules, Needs};
use crate::rules::control::Controls;
use crate::rules::policy::Policy;

pub use basis::{Answers, Context, Shared};

/// A question to the ledger. What it is about lies in `rules/checks`, under the same id.
pub trait Check: Sync {
    /// The id, kebab-case.
    fn id(&self) -> &'static str;
    /// What it asks about each credential, whatever the others are. All such checks look at a credential together, since
    /// fetching it takes longer than asking.
    fn of_row(&self) -> Option<AskRow> {
        None
    }
    /// Asks about every subject that is no single credential.
    fn run(&self, _ctx: &Context<'_>, _answers: &mut Answers) {}
}

/// A question about one credential.
pub type AskRow = fn(&Context<'_>, &CredentialRow, &mut Answers);

/// All checks, in order of their ids.
pub static CHECKS: &[&dyn Check] = &[
    &abandoned_identity::AbandonedIdentity,
    &admin_scoped_session::AdminScopedSession,
    &approval_after_issuance::ApprovalAfterIssuance,
    &break_glass_without_ticket::BreakGlassWithoutTicket,
    &broker_bypass::BrokerBypass,
    &cached_by_runner::CachedByRunner,
    &certificate_over_lifetime::CertificateOverLifetime,
    &chain_resets_ttl::ChainResetsTtl,
    &concurrent_use::ConcurrentUse,
    &console_user_without_mfa::ConsoleUserWithoutMfa,
    &coverage_hole::CoverageHole,
    &cross_system_path::CrossSystemPath,
    &dual_path::DualPath,
    &elevation_without_mfa::ElevationWithoutMfa,
    &eligible_exists_but_standing_used::EligibleExistsButStandingUsed,
    &exception_without_control::ExceptionWithoutControl,
    &expired_credential_presented::ExpiredCredentialPresented,
    &expired_grant_still_present::ExpiredGrantStillPresent,
    &general_purpose_token::GeneralPurposeToken,
    &hardcoded_secret::HardcodedSecret,
    &idle_credential::IdleCredential,
    &incomplete_evidence::IncompleteEvidence,
    &issuance_noise::IssuanceNoise,
    &issued_after_denial::IssuedAfterDenial,
    &issued_beyond_approval::IssuedBeyondApproval,
    &issued_without_approval::IssuedWithoutApproval,
    &issued_without_request::IssuedWithoutRequest,
    &jit_in_name_only::JitInNameOnly,
    &live_leaked_secret::LiveLeakedSecret,
    &long_delegation_chain::LongDelegationChain,
    &long_session_role::LongSessionRole,
    &low_jit_coverage::LowJitCoverage,
    &manual_lifecycle::ManualLifecycle,
    &never_used_credential::NeverUsedCredential,
    &no_revocation_on_alert::NoRevocationOnAlert,
    &no_revocation_on_completion::NoRevocationOnCompletion,
    &no_revocation_on_failure::NoRevocationOnFailure,
    &non_expiring_credential::NonExpiringCredential,
    &orphan_assignment::OrphanAssignment,
    &ownerless_identity::OwnerlessIdentity,
    &paper_control::PaperControl,
    &partial_revocation::PartialRevocation,
    &privilege_escalation_path::PrivilegeEscalationPath,
    &privilege_rises_along_chain::PrivilegeRisesAlongChain,
    &public_grant::PublicGrant,
    &renewal_chain::RenewalChain,
    &replayed_credential::ReplayedCredential,
    &requester_already_privileged::RequesterAlreadyPrivileged,
    &reused_across_tasks::ReusedAcrossTasks,
    &revoked_in_log_still_in_export::RevokedInLogStillInExport,
    &root_key::RootKey,
    &rotation_overdue::RotationOverdue,
    &rubber_stamp_approval::RubberStampApproval,
    &scope_over_use::ScopeOverUse,
    &self_approval::SelfApproval,
    &session_outlives_grant::SessionOutlivesGrant,
    &session_outlives_parent::SessionOutlivesParent,
    &shared_credential::SharedCredential,
    &shared_identity::SharedIdentity,
    &slow_revocation::SlowRevocation,
    &standing_privileged_grant::StandingPrivilegedGrant,
    &standing_role_behind_jit::StandingRoleBehindJit,
    &static_credential_on_jit_scope::StaticCredentialOnJitScope,
    &tampered_log::TamperedLog,
    &tool_switch::ToolSwitch,
    &truncated_evidence::TruncatedEvidence,
    &ttl_not_sized_to_use::TtlNotSizedToUse,
    &ttl_over_ceiling::TtlOverCeiling,
    &ttl_over_task::TtlOverTask,
    &two_active_keys::TwoActiveKeys,
    &unattributable_session::UnattributableSession,
    &unclosed_break_glass::UnclosedBreakGlass,
    &unfinished_rotation::UnfinishedRotation,
    &ungoverned_agent::UngovernedAgent,
    &unjoinable_use::UnjoinableUse,
    &unknown_account_trust::UnknownAccountTrust,
    &unlimited_use::UnlimitedUse,
    &unrestricted_oidc_trust::UnrestrictedOidcTrust,
    &unrevoked_credential::UnrevokedCredential,
    &unrevoked_grant::UnrevokedGrant,
    &unused_privilege::UnusedPrivilege,
    &use_after_expiry::UseAfterExpiry,
    &use_after_revocation::UseAfterRevocation,
    &use_after_task_end::UseAfterTaskEnd,
    &used_outside_approved_target::UsedOutsideApprovedTarget,
    &weak_broker_credential::WeakBrokerCredential,
    &weak_issuance_proof::WeakIssuanceProof,
    &weakened_safeguard::WeakenedSafeguard,
    &wrong_audience::WrongAudience,
    &wrong_credential_kind::WrongCredentialKind,
];

/// How many credentials a thread takes at a time.
const PART: usize = 1024;

/// Runs every check that the policy does not skip. Findings come worst first, then by check, subject and id.
pub fn run_all(
    ledger: &Ledger,
    rules: &CheckRules,
    controls: &Controls,
    policy: &Policy,
    key: &FingerprintKey,
) -> (Vec<Finding>, Vec<CheckSummary>) {
    let shared = Shared::of(ledger, policy);
    let described: Vec<(&dyn Check, Context<'_>)> = CHECKS
        .iter()
        .filter_map(|check| {
            Some((*check, Context { ledger, rule: rules.find(check.id())?, policy, shared: &shared, key }))
        })
        .collect();
    let answers = of_rows(&described);
    let run = |((check, ctx), answers): ((&dyn Check, Context<'_>), Answers)| run_one(check, &ctx, answers, controls);
    let asked = described.into_iter().zip(answers);
    let answered: Vec<_> = if ledger.credentials.len() < FEW {
        asked.map(run).collect()
    } else {
        asked.collect::<Vec<_>>().into_par_iter().map(run).collect()
    };
    let (findings, summaries): (Vec<Vec<Finding>>, Vec<CheckSummary>) = answered.into_iter().unzip();
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| (finding.check.clone(), finding.subject.clone(), finding.id);
        b.severity.cmp(&a.severity).then_with(|| place(a).cmp(&place(b)))
    });
    (findings, summaries)
}

/// What the checks answer that ask about each credential alone, one for each check.
fn of_rows(checks: &[(&dyn Check, Context<'_>)]) -> Vec<Answers> {
    let asking = |(check, ctx): &(&dyn Check, Context<'_>)| check.of_row().filter(|_| !is_skipped(*check, ctx));
    let asking: Vec<Option<AskRow>> = checks.iter().map(asking).collect();
    let ask_all = |rows: &[CredentialRow]| {
        let mut answers = vec![Answers::default(); checks.len()];
        for row in rows {
            for ((ask, (_, ctx)), answers) in asking.iter().zip(checks).zip(&mut answers) {
                if let Some(ask) = ask {
                    ask(ctx, row, answers);
                }
            }
        }
        answers
    };
    let rows = checks.first().map_or(&[][..], |(_, ctx)| &ctx.ledger.credentials);
    if rows.len() < FEW {
        return ask_all(rows);
    }
    let parts: Vec<Vec<Answers>> = rows.par_chunks(PART).map(ask_all).collect();
    let mut all = vec![Answers::default(); checks.len()];
    for part in parts {
        all.iter_mut().zip(part).for_each(|(all, part)| all.append(part));
    }
    all
}

fn is_skipped(check: &dyn Check, ctx: &Context<'_>) -> bool {
    ctx.policy.skip_checks.contains(check.id())
}

/// Which of the things that checks need were read.
pub fn met(ledger: &Ledger, policy: &Policy) -> BTreeSet<Needs> {
    let code = ledger.credentials.iter().any(|row| !row.exposures.is_empty())
        || ledger
            .inputs
            .iter()
            .any(|input| input.format.starts_with("git") || matches!(&*input.format, "tree" | "file"));
    let exports = !ledger.identities.is_empty() || ledger.credentials.iter().any(|row| !row.exports.is_empty());
    let known = [
        (Needs::Code, code),
        (Needs::Export, exports),
        (Needs::Log, !ledger.streams.is_empty()),
        (Needs::Grants, !ledger.grant_lives.is_empty()),
        (Needs::Requests, ledger.requests.values().any(|request| request.requested.is_some())),
        (Needs::Tasks, !ledger.tasks.is_empty()),
        (Needs::Policy, !policy.jit.roles.is_empty() || !policy.jit.mounts.is_empty()),
    ];
    known.into_iter().filter_map(|(need, met)| met.then_some(need)).collect()
}

/// Runs one check and adds to its findings what its rule says about all of them.
fn run_one(
    check: &dyn Check,
    ctx: &Context<'_>,
    mut answers: Answers,
    controls: &Controls,
) -> (Vec<Finding>, CheckSummary) {
    if is_skipped(check, ctx) {
        answers.inconclusive("all", "skipped, as skip-checks in the policy says");
    } else {
        check.run(ctx, &mut answers);
    }
    let Answers { examined, mut findings, mut inconclusive } = answers;
    let found = findings.len();
    findings.retain(|finding| !ctx.policy.persona.holds_back(finding.confidence));
    let held_back = (found - findings.len()) as u64;
    let clauses = controls.resolve(&ctx.rule.controls);
    for finding in &mut findings {
        finding.catalogue.clone_from(&ctx.rule.catalogue);
        finding.fix.clone_from(&ctx.rule.fix);
        finding.controls.clone_from(&clauses);
    }
    inconclusive.sort();
    let summary = CheckSummary { held_back, ..summary(ctx, examined, findings.len() as u64, inconclusive) };
    (findings, summary)
}

fn summary(ctx: &Context<'_>, examined: u64, fired: u64, inconclusive: Vec<Inconclusive>) -> CheckSummary {
    let in_force = |parameter: &crate::rules::check::Parameter| {
        (parameter.name.clone(), parameter.unit.say(ctx.parameter(&parameter.name)))
    };
    CheckSummary {
        check: ctx.rule.id.clone(),
        catalogue: ctx.rule.catalogue.clone(),
        title: ctx.rule.title.clone(),
        examined,
        fired,
        held_back: 0,
        inconclusive,
        parameters: ctx.rule.parameters.iter().map(in_force).collect(),
    }
}
