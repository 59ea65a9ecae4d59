//! Whether a request is allowed, after the evaluation logic that AWS documents.
//!
//! A statement that denies wins. Then the identity's own policies, its boundary and the service control policies of
//! each level of its organisation must all allow. What depends on a key that no export tells, or could be denied by a
//! policy that is not in the export, is conditional; what only such a policy could allow is unknown.

use super::condition::{Filled, Truth, fill};
use super::context::Context;
use super::policies::Rule;
use super::powers::{Held, Layer, Powers, Via};
use super::words::{self, clip};
use crate::access::pattern::{covers, covers_exactly, is_pattern, overlaps};
use crate::access::{Deciding, Decision};
use crate::model::Verdict;

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'q> {
    /// The action, or a pattern of actions that must all be allowed.
    pub(super) action: &'q str,
    /// Its number among the actions of escalation methods.
    pub(super) mark: Option<usize>,
    /// On what.
    pub(super) on: On<'q>,
    /// Keys that the request itself fixes.
    pub(super) fixed: &'q [(&'q str, &'q str)],
    /// A resource policy in the same account names the identity: its own policies need not allow.
    pub(super) granted: bool,
}

impl<'q> Ask<'q> {
    /// A plain question.
    pub(super) fn new(action: &'q str, on: On<'q>) -> Self {
        Self { action, mark: None, on, fixed: &[], granted: false }
    }
}

/// Which resource is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum On<'q> {
    /// Any resource at all.
    Any,
    /// Some resource that matches.
    Some(&'q str),
    /// This resource, or all that match.
    All(&'q str),
}

/// The answer.
#[derive(Clone, Debug)]
pub(super) struct Answer<'s> {
    pub(super) verdict: Verdict,
    /// On what it depends, or why it is denied; each in words.
    pub(super) why: Vec<String>,
    /// The statements that decide, the strongest first.
    pub(super) deciding: Vec<(Held<'s>, &'s Rule<'s>)>,
    /// The resources on which it is so, where any were asked for.
    pub(super) on: Option<&'s str>,
}

/// How many allowing patterns of resources are tried where any resource is asked for.
const MAX_TRIED: usize = 256;

impl<'s> Powers<'s> {
    /// The answer.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Answer<'s> {
        let On::Any = ask.on else { return self.judge(ask) };
        let allowing = self.own.rules().filter(|(_, rule)| !rule.denies() && covers_action(rule, ask));
        let everything: &[Box<str>] = &[];
        let mut best: Option<Answer<'s>> = None;
        let patterns = allowing.flat_map(|(_, rule)| {
            let statement = rule.statement;
            let listed = if statement.not_resources { everything } else { &statement.resources };
            let whole = (statement.not_resources || listed.is_empty()).then_some("*");
            whole.into_iter().chain(listed.iter().map(|pattern| &**pattern))
        });
        for pattern in patterns.take(MAX_TRIED) {
            let answer = Answer { on: Some(pattern), ..self.judge(&Ask { on: On::Some(pattern), ..*ask }) };
            if answer.verdict == Verdict::Allowed {
                return answer;
            }
            if best.as_ref().is_none_or(|best| answer.rank() < best.rank()) {
                best = Some(answer);
            }
        }
        best.unwrap_or_else(|| self.judge(&Ask { on: On::Some("*"), ..*ask }))
    }

    fn judge(&self, ask: &Ask<'_>) -> Answer<'s> {
        let context = Context { fixed: ask.fixed, ..self.context };
        let mut answer = Answer { verdict: Verdict::Allowed, why: Vec::new(), deciding: Vec::new(), on: None };
        if self.is_denied(ask, &context, &mut answer) {
            return answer;
        }
        let mut unknown = None;
        for layer in std::iter::once(&self.own).chain(&self.caps) {
            if ask.granted && !self.limits_granted(layer) {
                continue;
            }
            let allowed = allows(layer, ask, &context, &mut answer);
            let missing = self.missing(layer);
            match (allowed, missing) {
                (Truth::No, None) if layer.allows_nothing() => answer.why.push(layer.without_allow()),
                (Truth::No, None) => return refused(layer, ask),
                (Truth::No, Some(missing)) => unknown = unknown.or(Some(missing)),
                (Truth::Open(on), _) => answer.why.extend(on.into_iter().map(|on| format!("if {on}"))),
                (Truth::Yes, _) => {}
            }
        }
        if let Some(missing) = unknown {
            return Answer { verdict: Verdict::Unknown, why: vec![missing], deciding: Vec::new(), on: None };
        }
        answer.why.extend(self.could_be_denied());
        if !answer.why.is_empty() {
            answer.verdict = Verdict::Conditional;
        }
        answer
    }

    /// Whether a statement denies for sure; what could deny is noted.
    fn is_denied(&self, ask: &Ask<'_>, context: &Context<'_>, answer: &mut Answer<'s>) -> bool {
        let above: &[Layer<'s>] = if has_resource_caps(ask.action) { &self.resource_caps } else { &[] };
        let layers = std::iter::once(&self.own).chain(&self.caps).chain(above);
        for (held, rule) in layers.flat_map(Layer::rules).filter(|(_, rule)| rule.denies()) {
            match bears(rule, ask, context) {
                Truth::Yes => {
                    let why = vec![format!("{} denies it", held.how())];
                    *answer = Answer { verdict: Verdict::Denied, why, deciding: vec![(*held, rule)], on: None };
                    return true;
                }
                Truth::Open(on) => {
                    let by = held.how();
                    answer.why.extend(on.into_iter().map(|on| format!("unless {on}, where {by} denies it")));
                    answer.deciding.push((*held, rule));
                }
                Truth::No => {}
            }
        }
        false
    }

    /// What a resource policy that names the identity does not lift: the caps of the organisation, and the boundary of
    /// a role; the boundary of a user only where it denies.
    fn limits_granted(&self, layer: &Layer<'_>) -> bool {
        use crate::model::IdentityKind;
        match layer.via {
            Via::Boundary => self.context.principal.is_none_or(|principal| principal.kind != IdentityKind::User),
            Via::Service(_) => true,
            Via::Attached | Via::Group(_) | Via::Resource(_) => false,
        }
    }

    /// What could allow, and is not known.
    fn missing(&self, layer: &Layer<'s>) -> Option<String> {
        if layer.via == Via::Attached {
            if self.cut {
                return Some(format!("it has more than {} policies", super::powers::MAX_HELD));
            }
            if let Some(group) = self.unknown_groups.first() {
                return Some(format!("group {group} is not in the export"));
            }
        }
        let missing = layer.missing()?;
        Some(match layer.via {
            Via::Boundary => format!("permissions boundary {missing} is attached but not in the export"),
            _ => format!("{missing} is attached but not in the export"),
        })
    }

    /// Policies that are not known could deny whatever others allow.
    fn could_be_denied(&self) -> Vec<String> {
        let layers = std::iter::once(&self.own).chain(&self.caps);
        let mut why: Vec<String> = layers
            .filter_map(Layer::missing)
            .map(|missing| format!("unless {missing} denies it, which is not in the export"))
            .collect();
        why.extend(
            self.unknown_groups
                .iter()
                .map(|group| format!("unless group {group} denies it, which is not in the export")),
        );
        if self.cut {
            why.push(format!("unless one of its further policies denies it, beyond {}", super::powers::MAX_HELD));
        }
        why
    }
}

impl Answer<'_> {
    /// Of several answers the one that allows most counts: it has the lowest rank.
    pub(super) fn rank(&self) -> u8 {
        match self.verdict {
            Verdict::Allowed => 0,
            Verdict::Conditional => 1,
            Verdict::Unknown => 2,
            Verdict::Denied => 3,
        }
    }

    /// The answer to a question about an action, as the border wants it.
    pub(super) fn decision(&self, action: &str) -> Decision {
        let on = self.on.filter(|on| *on != "*").map(|on| format!("on {}", clip(on)));
        let mut why = self.why.clone();
        why.dedup();
        if self.verdict != Verdict::Denied {
            why.splice(0..0, on);
        }
        let deciding = self.deciding.iter().map(|(held, rule)| Deciding {
            policy: held.id.into(),
            statement: words::statement(rule.statement, action),
            via: held.via.words(),
            evidence: held.records().collect(),
        });
        Decision { verdict: self.verdict, why: why.join("; "), deciding: deciding.collect() }
    }
}

/// Whether resource control policies speak about the service of an action.
fn has_resource_caps(action: &str) -> bool {
    const SERVICES: &[&str] = &[
        "s3",
        "sts",
        "kms",
        "sqs",
        "secretsmanager",
        "dynamodb",
        "ecr",
        "aoss",
        "cognito-idp",
        "cognito-identity",
        "logs",
    ];
    let service = action.split(':').next().unwrap_or_default();
    is_pattern(service) || SERVICES.iter().any(|own| own.eq_ignore_ascii_case(service))
}

/// Whether one of the policies of a layer allows. The statements that do are noted: one that does for sure, or all that
/// might.
fn allows<'s>(layer: &Layer<'s>, ask: &Ask<'_>, context: &Context<'_>, answer: &mut Answer<'s>) -> Truth {
    let mut might = Vec::new();
    let mut truth = Truth::No;
    for (held, rule) in layer.rules().filter(|(_, rule)| !rule.denies()) {
        match bears(rule, ask, context) {
            Truth::Yes => {
                answer.deciding.push((*held, rule));
                return Truth::Yes;
            }
            Truth::No => {}
            open @ Truth::Open(_) => {
                might.push((*held, rule));
                truth = truth.or(open);
            }
        }
    }
    answer.deciding.append(&mut might);
    truth
}

/// The answer where a layer allows nothing of the kind.
fn refused<'s>(layer: &Layer<'_>, ask: &Ask<'_>) -> Answer<'s> {
    let why = match layer.via {
        Via::Boundary => "the permissions boundary does not allow it".to_owned(),
        Via::Service(holder) => format!("no service control policy of {holder} allows it"),
        _ => format!("no policy allows {}", clip(ask.action)),
    };
    Answer { verdict: Verdict::Denied, why: vec![why], deciding: Vec::new(), on: None }
}

/// Whether a statement speaks about a request.
fn bears(rule: &Rule<'_>, ask: &Ask<'_>, context: &Context<'_>) -> Truth {
    let action = if rule.denies() && is_pattern(ask.action) {
        denied_part(rule, ask.action)
    } else {
        covers_action(rule, ask).into()
    };
    if action == Truth::No {
        return Truth::No;
    }
    match action.and(on_resource(rule, ask.on, context)) {
        Truth::No => Truth::No,
        truth => truth.and(rule.condition.holds(context)),
    }
}

/// Whether the statement covers the action.
fn covers_action(rule: &Rule<'_>, ask: &Ask<'_>) -> bool {
    let statement = rule.statement;
    match ask.mark {
        Some(mark) => rule.marks.has(mark),
        None if statement.not_actions && is_pattern(ask.action) => {
            let action = ask.action.to_ascii_lowercase();
            !statement.actions.iter().any(|pattern| overlaps(&pattern.to_ascii_lowercase(), &action))
        }
        None => statement.actions.iter().any(|pattern| covers(pattern, ask.action)) != statement.not_actions,
    }
}

/// Whether all actions of a pattern are denied; a part of them leaves it open.
fn denied_part(rule: &Rule<'_>, action: &str) -> Truth {
    let statement = rule.statement;
    let lower = action.to_ascii_lowercase();
    let all = statement.actions.iter().any(|pattern| covers(pattern, action));
    let part = statement.actions.iter().any(|pattern| overlaps(&pattern.to_ascii_lowercase(), &lower));
    match (statement.not_actions, all, part) {
        (false, true, _) | (true, _, false) => Truth::Yes,
        (true, true, _) | (false, _, false) => Truth::No,
        _ => Truth::open(format!("it is {}", words::subject(statement))),
    }
}

/// Whether the statement speaks about the resource.
fn on_resource(rule: &Rule<'_>, on: On<'_>, context: &Context<'_>) -> Truth {
    let statement = rule.statement;
    if statement.resources.is_empty() {
        return Truth::Yes;
    }
    let any = statement.resources.iter().fold(Truth::No, |truth, pattern| match truth {
        Truth::Yes => Truth::Yes,
        truth => truth.or(one_resource(pattern, on, rule.denies() != statement.not_resources, context)),
    });
    if statement.not_resources { any.not() } else { any }
}

/// Whether a pattern of a statement covers what is asked. `strict` where only the whole counts, and otherwise a part of
/// it is enough if some resource is asked for.
fn one_resource(pattern: &str, on: On<'_>, strict: bool, context: &Context<'_>) -> Truth {
    let (filled, open) = match fill(pattern, context) {
        Filled::Known(text) => (text, None),
        Filled::Open { pattern, on } => (pattern.into(), Some(on)),
    };
    let touches = |asked: &str| covers_exactly(&filled, asked) || overlaps(&filled, asked);
    let truth = match on {
        On::Any => Truth::Yes,
        On::Some(asked) | On::All(asked) if covers_exactly(&filled, asked) => Truth::Yes,
        On::Some(asked) => (!strict && touches(asked)).into(),
        On::All(asked) if is_pattern(asked) && touches(asked) => Truth::open(format!("it is {}", clip(&filled))),
        On::All(_) => Truth::No,
    };
    match (truth, open) {
        (Truth::No, _) => Truth::No,
        (truth, Some(on)) => truth.and(Truth::open(on)),
        (truth, None) => truth,
    }
}
