//! F02: a role that allows far more than its sessions do.

use std::collections::{BTreeMap, BTreeSet};

use super::basis::issued::{self, Session};
use super::basis::words::{count, list};
use super::basis::{actions, card, gate, holder};
use super::{Answers, Check, Context, severity};
use crate::access::{self, Judge, Question};
use crate::ledger::{IdentityRow, identity_key};
use crate::model::{Effect, GrantObject, Verdict};

/// Actions that trails record only where somebody asks for it (data events). They count where they were seen.
const OFTEN_UNRECORDED: [&str; 21] = [
    "s3:Get*",
    "s3:Put*",
    "s3:Delete*",
    "s3:List*",
    "s3:Abort*",
    "s3:Restore*",
    "s3:Replicate*",
    "s3:Bypass*",
    "dynamodb:*Item*",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PartiQL*",
    "lambda:Invoke*",
    "sqs:*Message*",
    "sns:Publish*",
    "kinesis:*Record*",
    "kinesis:Subscribe*",
    "cognito-*:*",
    "rds-data:*",
    "ssmmessages:*",
    "logs:*LogEvents",
];

/// See `rules/checks/scope_over_use.yaml`.
pub(super) struct ScopeOverUse;

/// What a role allows, and what it was used for. The log names some actions otherwise than policies do, so what was used
/// is not looked up among what is allowed: each counts.
struct Width<'a> {
    allowed: BTreeSet<&'a str>,
    used: BTreeSet<String>,
}

impl Check for ScopeOverUse {
    fn id(&self) -> &'static str {
        "scope-over-use"
    }

    fn run(&self, ctx: &Context<'_>, answers: &mut Answers) {
        let mut scopes = ctx.shared.by_scope();
        scopes.retain(|_, sessions| {
            sessions.retain(|session| session.life.issued.is_some());
            !sessions.is_empty() && sessions.len() as u64 >= ctx.parameter("issuances")
        });
        if scopes.is_empty() {
            return;
        }
        let roles: BTreeMap<String, &IdentityRow> =
            ctx.ledger.identities.values().map(|row| (identity_key(&row.id), row)).collect();
        let estate = ctx.ledger.estate();
        let judges = access::judges(&estate);
        for (key, sessions) in scopes {
            answers.examine();
            let Some(first) = sessions.first() else { continue };
            let found = roles.get(&key).and_then(|role| Some((*role, judges.get(&*role.system)?)));
            let Some((role, judge)) = found else {
                answers.inconclusive(&first.name(), "no export holds its policies");
                continue;
            };
            match width(ctx, role, &**judge, &sessions) {
                Ok(width) if width.is_too_wide(ctx) => report(ctx, role, &width, &sessions, answers),
                Ok(_) => {}
                Err(why) => answers.inconclusive(&first.name(), why),
            }
        }
    }
}

fn width<'a>(
    ctx: &Context<'a>,
    role: &'a IdentityRow,
    judge: &(dyn Judge + Sync + 'a),
    sessions: &[Session<'a>],
) -> Result<Width<'a>, String> {
    let Some(first) = sessions.iter().min_by_key(|session| session.life.issued_at) else {
        return Err("nothing was issued".to_owned());
    };
    if sessions.iter().any(|session| session.life.more_actions) {
        return Err("one of its sessions was used for more actions than are kept".to_owned());
    }
    let actions = sessions.iter().flat_map(|session| session.life.actions.keys());
    let used: BTreeSet<String> =
        actions.filter(|action| !actions::is_fetching(action)).map(|action| action.to_lowercase()).collect();
    if used.is_empty() {
        return Err("no use of its sessions is in the logs".to_owned());
    }
    gate::covered_since_issue(ctx, first.row, first.life.issued_at.unwrap_or(ctx.ledger.as_of))?;
    let unseen = |action: &str| {
        OFTEN_UNRECORDED.iter().any(|pattern| actions::covers(pattern, action))
            && !used.contains(&action.to_lowercase())
    };
    let allowed: BTreeSet<&str> = allowed(ctx, role, judge)?.into_iter().filter(|action| !unseen(action)).collect();
    Ok(Width { allowed, used })
}

/// The actions that the policies of the role allow and that nothing denies, with patterns written out.
fn allowed<'a>(
    ctx: &Context<'a>,
    role: &'a IdentityRow,
    judge: &(dyn Judge + Sync + 'a),
) -> Result<BTreeSet<&'a str>, String> {
    let mut candidates: BTreeSet<&str> = BTreeSet::new();
    for id in &role.policies {
        let policy =
            ctx.ledger.policies.get(id).ok_or_else(|| format!("no export holds its policy {}", card::short(id)))?;
        for statement in policy.statements.iter().filter(|statement| statement.effect == Effect::Allow) {
            if statement.not_actions {
                candidates.extend(judge.actions("*"));
                continue;
            }
            for pattern in &statement.actions {
                let known = judge.actions(pattern);
                if known.is_empty() && pattern.contains('*') {
                    return Err(format!("what {pattern} stands for is not known in its system"));
                }
                candidates.extend(known);
                candidates.extend((!pattern.contains(['*', '?'])).then_some(&**pattern));
            }
        }
    }
    if !is_capped(ctx, role) {
        return Ok(candidates);
    }
    let may = |action: &&str| {
        let question = Question { principal: &role.id, action, resource: None };
        matches!(judge.decide(&question).verdict, Verdict::Allowed | Verdict::Conditional)
    };
    Ok(candidates.into_iter().filter(may).collect())
}

/// Whether anything takes away from what the policies of the role allow.
fn is_capped(ctx: &Context<'_>, role: &IdentityRow) -> bool {
    let own = role.policies.iter().filter_map(|id| ctx.ledger.policies.get(id));
    role.boundary.is_some()
        || own.flat_map(|policy| &policy.statements).any(|statement| statement.effect == Effect::Deny)
        || ctx.ledger.grants.iter().any(|grant| matches!(grant.object, GrantObject::Cap(_)))
}

impl Width<'_> {
    fn is_too_wide(&self, ctx: &Context<'_>) -> bool {
        let (allowed, used) = (self.allowed.len() as u64, self.used.len() as u64);
        allowed >= ctx.parameter("least-allowed") && 100 * used <= ctx.parameter("used-percent") * allowed
    }
}

fn report(ctx: &Context<'_>, role: &IdentityRow, width: &Width<'_>, sessions: &[Session<'_>], answers: &mut Answers) {
    let rating = severity::for_privilege(ctx, severity::default(ctx), &role.privilege);
    let (allowed, used) = (width.allowed.len(), width.used.len());
    let mut unused: BTreeMap<&str, u64> = BTreeMap::new();
    for action in width.allowed.iter().filter(|action| !width.used.contains(&action.to_lowercase())) {
        *unused.entry(action.split(':').next().unwrap_or(action)).or_default() += 1;
    }
    let mut largest: Vec<(&str, u64)> = unused.into_iter().collect();
    largest.sort_by_key(|(service, number)| (std::cmp::Reverse(*number), *service));
    let limit = format!(
        "{}% of {} actions or more, over {} issuances or more",
        ctx.limit("used-percent"),
        ctx.limit("least-allowed"),
        ctx.limit("issuances")
    );
    let finding = holder::about(ctx, role, &rating, "")
        .message(format!(
            "{} allows {}, and its sessions used {used} in {}.",
            holder::name(role),
            count(allowed as u64, "action"),
            count(sessions.len() as u64, "issuance")
        ))
        .fact("Used", list(width.used.iter().cloned(), 10))
        .fact("Unused", list(largest.into_iter().map(|(service, number)| format!("{number} of {service}")), 8))
        .fact("Limit", limit);
    let finding = issued::tell(finding, sessions).evidence(holder::evidence(role));
    answers.found(&role.id, holder::complete(ctx, role, finding));
}
