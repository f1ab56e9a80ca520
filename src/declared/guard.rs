//! What policies at resources give a role without its own policies saying so.
//!
//! Within an account either side is enough, and so is a trust policy that names the role itself. That an account is named
//! only hands the decision to the role's own policies.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html>

use smol_str::SmolStr;

use super::{Kind, Policy};
use crate::iac::{DeclaredEffect, DeclaredStatement, Role, Stack};
use crate::note::Note;
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// What the keys of policies at resources begin with.
pub(super) const KEY: &str = "at:";

/// What the policies of resources allow the role of this id; a role that the format makes has the id it makes it under.
pub fn at_resources(role: &str, stack: &Stack) -> Vec<Policy> {
    let guarded = stack.resource_policies.iter().map(|policy| {
        let target = stack_arn(&policy.target, stack);
        (&policy.id, target, &policy.statements[..], &policy.origin)
    });
    let trusted = stack.roles.values().map(|other| {
        let target = stack_arn(&Text::hole(Hole::Resource { id: other.id.clone(), attribute: "Arn".into() }), stack);
        (&other.id, target, &other.trust[..], &other.origin)
    });
    let mut policies = Vec::new();
    for (id, target, statements, origin) in guarded.chain(trusted).filter(|(id, ..)| id.as_str() != role) {
        let granted = statements.iter().filter(|statement| names(statement, role, stack)).cloned();
        let granted: Vec<DeclaredStatement> = granted.map(|statement| on(statement, &target)).collect();
        if !granted.is_empty() {
            policies.push(expanded(id, &granted, origin, stack));
        }
    }
    policies
}

/// Whether everything that guards a resource of the stack is there to be read: then a permission that is missing on the
/// other side is missing. Nothing when the resource is none of those with a policy.
pub fn is_guarded_in_sight(resource: &Text, stack: &Stack) -> bool {
    let Some(id) = resource_id(resource) else { return false };
    let Some(declared) = stack.resources.get(id) else { return false };
    let is_read = |notes: &[Note]| notes.is_empty();
    let policies = stack.resource_policies.iter().filter(|policy| resource_id(&policy.target) == Some(id));
    let read = policies.clone().all(|policy| is_read(&policy.notes));
    match declared.kind.as_str() {
        // Without a policy of its own, a key has one that leaves everything to IAM.
        "AWS::KMS::Key" => read && (policies.count() > 0 || declared.property("KeyPolicy").is_none()),
        "aws_kms_key" => read && (policies.count() > 0 || declared.property("policy").is_none()),
        "AWS::IAM::Role" | "aws_iam_role" => stack.roles.get(id).is_some_and(|role| !role.trust.is_empty()),
        _ => false,
    }
}

fn expanded(id: &SmolStr, granted: &[DeclaredStatement], origin: &Location, stack: &Stack) -> Policy {
    let mut policy = Policy {
        label: format!("the policy at `{id}`"),
        key: format!("{KEY}{id}"),
        kind: Kind::Implicit,
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
                || resource_id(principal) == Some(role)
                || stack.roles.get(role).is_some_and(|role| is_named(role, principal)))
    };
    statement.effect == DeclaredEffect::Allow && statement.principals.iter().any(is_role) != statement.not_principal
}

/// `arn:aws:iam::123456789012:role/name`.
fn is_named(role: &Role, principal: &Text) -> bool {
    let name = role.name.as_ref().and_then(Text::as_literal);
    let last = principal.pieces().last().and_then(|piece| match piece {
        Piece::Literal(text) if text.contains(":role/") => text.rsplit('/').next(),
        _ => None,
    });
    name.is_some() && name == last
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

/// The resource of the stack that a text begins with a reference to.
fn resource_id(text: &Text) -> Option<&str> {
    match text.pieces().first()? {
        Piece::Hole(Hole::Resource { id, .. }) => Some(id),
        _ => None,
    }
}
