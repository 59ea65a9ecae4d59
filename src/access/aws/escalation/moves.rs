//! Single steps: whether a method works for an identity, and on what.

use std::collections::BTreeSet;

use super::ground::{Goals, Ground, Node, within};
use super::method::{Method, Target, methods};
use crate::access::aws::arn;
use crate::access::aws::condition::Truth;
use crate::access::aws::evaluate::{Ask, On};
use crate::access::aws::powers::{Powers, Via};
use crate::access::aws::privilege;
use crate::access::aws::trust::Trust;
use crate::model::{Evidence, IdentityKind, Privilege, Verdict};

/// How many targets are tried for one identity and one method.
const MAX_TRIED: usize = 1_000;
/// How many targets that depend on something are looked at before the first of them is taken: what one depends on the
/// others mostly do as well.
const MAX_DOUBTFUL: usize = 16;

/// A step that works.
#[derive(Clone, Debug)]
pub(super) struct Move<'s> {
    /// The method, by its place; none for plain assumption of a role.
    pub(super) method: Option<usize>,
    /// The identity whose rights are won; none where the identity becomes an administrator by the step itself.
    pub(super) to: Option<&'s str>,
    /// On what.
    pub(super) on: String,
    /// What shows it.
    pub(super) proof: Proof,
}

/// That something is allowed: the records, and on what it depends.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    pub(super) evidence: BTreeSet<Evidence>,
    pub(super) unless: BTreeSet<String>,
}

impl Proof {
    fn join(&mut self, other: Self) {
        self.evidence.extend(other.evidence);
        self.unless.extend(other.unless);
    }

    fn depend(&mut self, truth: Truth) {
        if let Truth::Open(on) = truth {
            self.unless.extend(on.into_iter().map(|on| format!("if {on}")));
        }
    }
}

/// The steps of one identity towards goals.
pub(super) struct Moves<'g, 's> {
    pub(super) ground: &'g Ground<'s>,
    pub(super) node: &'g Node<'s>,
    pub(super) powers: Powers<'s>,
}

impl<'g, 's> Moves<'g, 's> {
    /// Prepares the steps of an identity.
    pub(super) fn new(ground: &'g Ground<'s>, node: &'g Node<'s>) -> Self {
        Self { ground, node, powers: ground.judge.powers(node.id) }
    }

    /// The best step to one of the goals: one that is certain before one that depends. Steps that make the identity an
    /// administrator at once belong to the `first` round.
    pub(super) fn best(&self, goals: &Goals<'s>, first: bool) -> Option<Move<'s>> {
        let mut best = self.assume(goals);
        for &method in &self.node.methods {
            if best.as_ref().is_some_and(|best| best.proof.unless.is_empty()) {
                break;
            }
            best = better(best, self.find(method, goals, first));
        }
        best
    }

    /// The step by which this method works, if it does.
    pub(super) fn find(&self, method: usize, goals: &Goals<'s>, first: bool) -> Option<Move<'s>> {
        let rule = methods().all.get(method)?;
        let at_once = !matches!(
            rule.target,
            Target::User
                | Target::Group
                | Target::Role
                | Target::TrustingRole
                | Target::PassedRole
                | Target::WorkingRole
        );
        if at_once && !first {
            return None;
        }
        let general = self.prove(method, |action| (!is_of_target(action)).then_some(On::Any), &[])?;
        let mut found = match rule.target {
            Target::TrustingRole => self.assume(goals),
            Target::PassedRole | Target::WorkingRole => self.by_service(method, rule, goals),
            _ => self.on_targets(method, rule, goals),
        }?;
        found.method = Some(method);
        found.proof.join(general);
        if !rule.needs.is_empty() {
            found.proof.unless.insert(format!("if {}", rule.needs));
        }
        Some(found)
    }

    /// Plain assumption of a role that trusts the identity.
    fn assume(&self, goals: &Goals<'s>) -> Option<Move<'s>> {
        first_of(self.assumable(goals), |role| Some((Some(role), self.may_assume(role)?)))
    }

    /// The roles among goals that the identity might assume: those that name it or anybody, and of those that trust its
    /// account the ones that its own statements reach.
    fn assumable(&self, goals: &Goals<'s>) -> Vec<&'s str> {
        let trusts = &self.ground.judge.trusts;
        let mut roles: Vec<&'s str> = trusts.naming(self.node.id).filter(|role| goals.all.contains(role)).collect();
        roles.extend(goals.open_to.get("*").into_iter().flatten());
        if let (true, Some(mark)) = (self.node.assumes, methods().assume) {
            let open = goals.open_to.get(self.node.account).map_or(&[][..], Vec::as_slice);
            roles.extend(within(&self.powers, mark, open));
        }
        roles
    }

    /// That the identity may assume a role.
    fn may_assume(&self, role: &str) -> Option<Proof> {
        if role == self.node.id {
            return None;
        }
        let judge = self.ground.judge;
        let Trust { by_name, holds, evidence } = judge.trusts.trusts(role, &self.powers.context, &judge.policies)?;
        let ask = Ask { granted: by_name, ..Ask::new("sts:AssumeRole", On::All(role)) };
        let mut proof = self.allowed(&Ask { mark: methods().assume, ..ask })?;
        proof.evidence.insert(evidence.clone());
        proof.depend(holds);
        Some(proof)
    }

    fn by_service(&self, method: usize, rule: &Method, goals: &Goals<'s>) -> Option<Move<'s>> {
        let mut best = None;
        for service in &rule.services {
            let Some(roles) = goals.by_service.get(&(self.node.account, service.clone())) else { continue };
            let fixed = [("iam:passedtoservice", service.as_str())];
            let found = first_of(self.reached(method, roles), |role| {
                let trust = self.ground.judge.trusts.trusts_service(role, service, self.powers.context.as_of)?;
                let mut proof = self.prove(method, |action| is_of_target(action).then_some(On::All(role)), &fixed)?;
                proof.evidence.insert(trust.evidence.clone());
                proof.depend(trust.holds);
                Some((Some(role), proof))
            });
            best = better(best, found);
        }
        best
    }

    fn on_targets(&self, method: usize, rule: &Method, goals: &Goals<'s>) -> Option<Move<'s>> {
        let on = |target: &'s str| self.prove(method, |action| is_of_target(action).then_some(On::All(target)), &[]);
        let (account, everyone) = (self.node.account, &self.ground.everyone);
        let is_user = self.node.kind == IdentityKind::User;
        let reached = |ids: Option<&Vec<&'s str>>| self.reached(method, ids.map_or(&[][..], Vec::as_slice));
        let won = |to: &'s str| Some((Some(to), on(to)?));
        let alone = |target: &'s str| Some((None, on(target)?));
        match rule.target {
            Target::User => first_of(reached(goals.users.get(account)), won),
            Target::Group if is_user => first_of(reached(goals.groups.get(account)), won),
            Target::Role => first_of(reached(goals.roles.get(account)), won),
            Target::Itself => first_of(vec![self.node.id], alone),
            Target::SelfUser if is_user => first_of(vec![self.node.id], alone),
            Target::SelfRole if !is_user => first_of(vec![self.node.id], alone),
            Target::BoundedSelfUser if is_user && self.is_only_bounded(self.node.id) => {
                first_of(vec![self.node.id], alone)
            }
            Target::OwnPolicy => first_of(self.own_policies(), alone),
            Target::OwnGroup => first_of(self.own_groups(), alone),
            Target::AnyUser => first_of(reached(everyone.users.get(account)), alone),
            Target::AnyRole => first_of(reached(everyone.roles.get(account)), alone),
            Target::AssumableRole => self.assumed(method, |role| vec![role]),
            Target::AssumableRolePolicy => self.assumed(method, |role| self.policies_of(role)),
            Target::BoundedAssumableRole => {
                self.assumed(method, |role| if self.is_only_bounded(role) { vec![role] } else { Vec::new() })
            }
            Target::AnyRolePolicy => self.any_role_policy(method),
            Target::PermissionSet => Some(Move { method: None, to: None, on: String::new(), proof: Proof::default() }),
            _ => None,
        }
    }

    /// Of ids in order those that statements of the identity may allow all actions of a method on.
    fn reached(&self, method: usize, ids: &[&'s str]) -> Vec<&'s str> {
        let narrow = |ids: Vec<&'s str>, mark| within(&self.powers, mark, &ids);
        methods().marks_on_target(method).fold(ids.to_vec(), narrow)
    }

    /// Roles that the identity may assume and then has changed, or changes before.
    fn assumed(&self, method: usize, changed: impl Fn(&'s str) -> Vec<&'s str>) -> Option<Move<'s>> {
        let mut roles = self.assumable(&self.ground.everyone);
        roles.retain(|role| arn::account(role) == Some(self.node.account));
        first_of(roles, |role| {
            let change = |target: &'s str| {
                let on = |action: &str| (action.starts_with("iam:")).then_some(On::All(target));
                self.prove(method, on, &[])
            };
            let mut proof = self.reached(method, &changed(role)).into_iter().find_map(change)?;
            proof.join(self.may_assume(role)?);
            Some((None, proof))
        })
    }

    fn any_role_policy(&self, method: usize) -> Option<Move<'s>> {
        let mark = |action: &str| methods().actions.iter().position(|known| known == action);
        let roles = self.ground.everyone.roles.get(self.node.account).map_or(&[][..], Vec::as_slice);
        let (trust, version) = (mark("iam:updateassumerolepolicy")?, mark("iam:createpolicyversion")?);
        first_of(within(&self.powers, trust, roles), |role| {
            let change = |policy: &'s str| {
                let on = |action: &str| match action {
                    "iam:createpolicyversion" => Some(On::All(policy)),
                    action => is_of_target(action).then_some(On::All(role)),
                };
                self.prove(method, on, &[])
            };
            let policies = within(&self.powers, version, &self.policies_of(role));
            Some((None, policies.into_iter().find_map(change)?))
        })
    }

    /// The customer's policies that are attached to an identity.
    fn policies_of(&self, id: &str) -> Vec<&'s str> {
        let grants = self.ground.judge.holders.of(id);
        let mut found: Vec<&'s str> =
            grants.iter().map(|grant| grant.object.id()).filter(|id| is_customers(id)).collect();
        found.sort_unstable();
        found
    }

    fn own_policies(&self) -> Vec<&'s str> {
        self.powers.own.held.iter().map(|held| held.id).filter(|id| is_customers(id)).collect()
    }

    fn own_groups(&self) -> Vec<&'s str> {
        let grants = self.ground.judge.holders.of(self.node.id);
        let groups = grants.iter().filter_map(|grant| match &grant.object {
            crate::model::GrantObject::Group(group) => Some(&**group),
            _ => None,
        });
        groups.collect()
    }

    /// Whether an identity would be an administrator but for its boundary.
    fn is_only_bounded(&self, id: &'s str) -> bool {
        let mut powers = self.ground.judge.powers(id);
        let bounded = powers.caps.len();
        powers.caps.retain(|layer| layer.via != Via::Boundary);
        powers.caps.len() < bounded && matches!(privilege::privilege(&powers), Privilege::Admin { .. })
    }

    /// That the actions of a method that `on` gives a resource are allowed on it.
    fn prove<'q>(
        &self,
        method: usize,
        on: impl Fn(&str) -> Option<On<'q>>,
        fixed: &'q [(&'q str, &'q str)],
    ) -> Option<Proof> {
        let all = methods();
        let mut proof = Proof::default();
        for &mark in all.marks.get(method)? {
            let action = all.actions.get(mark)?;
            if let Some(on) = on(action) {
                proof.join(self.allowed(&Ask { mark: Some(mark), fixed, ..Ask::new(action, on) })?);
            }
        }
        Some(proof)
    }

    /// That something is allowed, for sure or under conditions.
    fn allowed(&self, ask: &Ask<'_>) -> Option<Proof> {
        let answer = self.powers.ask(ask);
        let evidence = answer.deciding.iter().filter(|(_, rule)| !rule.denies()).flat_map(|(held, _)| held.records());
        let proof = Proof { evidence: evidence.collect(), unless: answer.why.into_iter().collect() };
        matches!(answer.verdict, Verdict::Allowed | Verdict::Conditional).then_some(proof)
    }
}

/// Whether an action is asked on the target of its method; all others on any resource.
pub(super) fn is_of_target(action: &str) -> bool {
    action.starts_with("iam:") || action.starts_with("sts:")
}

fn is_customers(policy: &str) -> bool {
    policy.contains(":policy/") && arn::account(policy).is_some()
}

/// The one that is certain; of two alike the first.
fn better<'s>(one: Option<Move<'s>>, other: Option<Move<'s>>) -> Option<Move<'s>> {
    match (one, other) {
        (Some(one), Some(other)) if !one.proof.unless.is_empty() && other.proof.unless.is_empty() => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

/// The first target on which it works for sure, or else the first on which it works under conditions.
fn first_of<'s>(
    targets: Vec<&'s str>,
    works: impl Fn(&'s str) -> Option<(Option<&'s str>, Proof)>,
) -> Option<Move<'s>> {
    let found = targets.into_iter().take(MAX_TRIED).filter_map(|target| Some((target, works(target)?)));
    let mut best: Option<Move<'s>> = None;
    for (target, (to, proof)) in found.take(MAX_DOUBTFUL) {
        let certain = proof.unless.is_empty();
        best = better(best, Some(Move { method: None, to, on: target.to_owned(), proof }));
        if certain {
            break;
        }
    }
    best
}
