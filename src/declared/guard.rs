//! What policies at resources give a role without its own policies saying so.
//!
//! Within an account either side is enough, and so is a trust policy that names the role itself. That an account is named
//! only hands the decision to the role's own policies.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html>

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::{Holder, Kind, Policy};
use crate::iac::{DeclaredStatement, Role, Stack, named_resource};
use crate::note::Note;
use crate::policy::Effect;
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// What the policies of a stack's resources and the trust policies of its roles allow, by whom they name.
pub struct AtResources<'s> {
    stack: &'s Stack,
    guards: Vec<Guard<'s>>,
    /// Positions of those that may name a role, by what they call it.
    named: BTreeMap<Principal, BTreeSet<usize>>,
}

/// A policy at a resource.
struct Guard<'s> {
    id: &'s SmolStr,
    /// The ARN of what it protects, as far as the stack knows it.
    target: Text,
    statements: &'s [DeclaredStatement],
    origin: &'s Location,
}

/// What a statement may call a role.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Principal {
    Everybody,
    Id(SmolStr),
    Name(SmolStr),
}

impl<'s> AtResources<'s> {
    /// Finds who is named where.
    pub fn new(stack: &'s Stack) -> Self {
        let guarded = stack.resource_policies.iter().map(|policy| Guard {
            id: &policy.id,
            target: stack_arn(&policy.target, stack),
            statements: &policy.statements,
            origin: &policy.origin,
        });
        let trusted = stack.roles.values().map(|role| Guard {
            id: &role.id,
            target: stack_arn(&Text::hole(Hole::Resource { id: role.id.clone(), attribute: "Arn".into() }), stack),
            statements: &role.trust,
            origin: &role.origin,
        });
        let guards: Vec<Guard<'_>> = guarded.chain(trusted).collect();
        let mut named: BTreeMap<Principal, BTreeSet<usize>> = BTreeMap::new();
        for (position, guard) in guards.iter().enumerate() {
            for principal in guard.statements.iter().flat_map(principals) {
                named.entry(principal).or_default().insert(position);
            }
        }
        Self { stack, guards, named }
    }

    /// What they allow the role of this id; a role that the format makes has the id it makes it under.
    pub fn of(&self, role: &str) -> Vec<Policy> {
        let name = self.stack.roles.get(role).and_then(|role| role.name.as_ref()?.as_literal());
        let callings =
            [Principal::Everybody, Principal::Id(role.into())].into_iter().chain(name.map(|name| Principal::Name(name.into())));
        let positions: BTreeSet<usize> = callings.filter_map(|calling| self.named.get(&calling)).flatten().copied().collect();
        let mut policies = Vec::new();
        for guard in positions.into_iter().map(|position| &self.guards[position]).filter(|guard| guard.id != role) {
            let granted = guard.statements.iter().filter(|statement| names(statement, role, self.stack)).cloned();
            let granted: Vec<DeclaredStatement> = granted.map(|statement| on(statement, &guard.target)).collect();
            if !granted.is_empty() {
                policies.push(expanded(guard.id, &granted, guard.origin, self.stack));
            }
        }
        policies
    }
}

/// What a statement that allows something may call roles.
fn principals(statement: &DeclaredStatement) -> Vec<Principal> {
    if statement.effect != Effect::Allow {
        return Vec::new();
    }
    if statement.not_principal {
        return vec![Principal::Everybody];
    }
    let of = |principal: &Text| {
        let everybody = (principal.as_literal() == Some("*")).then_some(Principal::Everybody);
        let id = named_resource(principal).map(|id| Principal::Id(id.clone()));
        let name = role_name(principal).map(|name| Principal::Name(name.into()));
        [everybody, id, name]
    };
    statement.principals.iter().flat_map(|(_, principal)| of(principal)).flatten().collect()
}

/// Whether everything that guards a resource of the stack is there to be read: then a permission that is missing on the
/// other side is missing. Nothing when the resource is none of those with a policy.
pub fn is_guarded_in_sight(resource: &Text, stack: &Stack) -> bool {
    let Some(id) = named_resource(resource) else { return false };
    let Some(declared) = stack.resources.get(id) else { return false };
    let is_read = |notes: &[Note]| notes.is_empty();
    let policies = stack.resource_policies.iter().filter(|policy| named_resource(&policy.target) == Some(id));
    let read = policies.clone().all(|policy| is_read(&policy.notes));
    match declared.has_key_policy() {
        // Without a policy of its own, a key has one that leaves everything to IAM.
        Some(has_policy) => read && (policies.count() > 0 || !has_policy),
        None => declared.is_role() && stack.roles.get(id).is_some_and(|role| !role.trust.is_empty()),
    }
}

fn expanded(id: &SmolStr, granted: &[DeclaredStatement], origin: &Location, stack: &Stack) -> Policy {
    let mut policy = Policy {
        label: format!("the policy at `{id}`"),
        key: format!("at:{id}"),
        kind: Kind::Implicit,
        holder: Holder::Resource,
        statements: Vec::new(),
        malformed: Vec::new(),
        unread: Vec::new(),
        origin: origin.clone(),
    };
    for statement in granted {
        policy.read(statement, Some(stack));
    }
    policy
}

/// Whether a statement allows something to a role by name, or to everybody, or to everybody but others.
fn names(statement: &DeclaredStatement, role: &str, stack: &Stack) -> bool {
    let is_role = |(kind, principal): &(SmolStr, Text)| {
        matches!(kind.as_str(), "AWS" | "*")
            && (principal.as_literal() == Some("*")
                || named_resource(principal).is_some_and(|id| id == role)
                || stack.roles.get(role).is_some_and(|role| is_named(role, principal)))
    };
    statement.effect == Effect::Allow && statement.principals.iter().any(is_role) != statement.not_principal
}

/// `arn:aws:iam::123456789012:role/name`.
fn is_named(role: &Role, principal: &Text) -> bool {
    let name = role.name.as_ref().and_then(Text::as_literal);
    name.is_some() && name == role_name(principal)
}

/// The name in the ARN of a role.
fn role_name(principal: &Text) -> Option<&str> {
    match principal.pieces().last()? {
        Piece::Literal(text) if text.contains(":role/") => text.rsplit('/').next(),
        _ => None,
    }
}

/// A statement on what its policy protects, where it says `*` or nothing.
fn on(mut statement: DeclaredStatement, target: &Text) -> DeclaredStatement {
    let is_all = |text: &Text| text.as_literal() == Some("*");
    if statement.resources.is_empty() || !statement.not_resource && statement.resources.iter().all(is_all) {
        statement.resources = vec![target.clone()];
        statement.not_resource = false;
    }
    statement
}

fn stack_arn(target: &Text, stack: &Stack) -> Text {
    let resolved = target.as_hole().and_then(|hole| stack.resolve(hole));
    resolved.and_then(|resource| resource.arn_reference).map_or_else(|| target.clone(), Text::hole)
}
