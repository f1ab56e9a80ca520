//! Roles, and what is attached to them.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::document::{self, blocks};
use super::value::Value;
use crate::iac::statements::Statements;
use crate::iac::strings::named_resource;
use crate::iac::{DeclaredPolicy, PolicySource, Role, RoleRef, Stack, managed_name};
use crate::note::{Note, NoteKind};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// The account in the ARN of a policy that is found by its name.
pub(super) const OWNER: &str = "the account of a policy that is found by its name";

/// What is attached to roles that modules make, by the addresses of these.
pub(super) type OfModules = BTreeMap<SmolStr, Vec<DeclaredPolicy>>;

/// Reads roles and managed policies.
pub(super) fn declare(collected: &Collected, stack: &mut Stack, notes: &mut Vec<Note>) -> OfModules {
    for entry in collected.of_kind("aws_iam_policy").filter(|entry| !entry.is_data) {
        let source = PolicySource::Resource(entry.address.clone());
        let policy = policy(entry.values.get("name"), entry.values.get("policy"), source, &entry.at);
        stack.policies.insert(entry.address.clone(), policy);
    }
    for entry in collected.of_kind("aws_iam_role").filter(|entry| !entry.is_data) {
        let role = role(entry, stack);
        stack.roles.insert(entry.address.clone(), role);
    }
    separate(collected, stack, notes)
}

/// A policy with its statements.
pub(super) fn policy(name: Option<&Value>, document: Option<&Value>, source: PolicySource, at: &Location) -> DeclaredPolicy {
    let Statements { list, mut notes } = document.map(document::read).unwrap_or_default();
    if document.is_none() {
        notes.insert(Note::at(NoteKind::Template, at.clone(), "this policy is not known here"));
    }
    let name = name.and_then(Value::one_text);
    DeclaredPolicy { name, notes: notes.into_iter().collect(), ..DeclaredPolicy::new(source, list, at.clone()) }
}

fn role(entry: &Entry, stack: &Stack) -> Role {
    let values = &entry.values;
    let mut policies = Vec::new();
    for inline in values.get("inline_policy").map_or_else(Vec::new, blocks) {
        // An empty block says that there are to be no inline policies.
        if let Some(document) = inline.get("policy") {
            policies.push(policy(inline.get("name"), Some(document), PolicySource::Inline, &inline.at));
        }
    }
    if let Some(list) = values.get("managed_policy_arns") {
        policies.extend(managed(stack, list));
    }
    Role {
        id: entry.address.clone(),
        name: values.get("name").and_then(Value::one_text),
        policies,
        trust: values.get("assume_role_policy").map_or_else(Vec::new, |document| document::read(document).list),
        boundary: values.get("permissions_boundary").and_then(Value::one_text),
        origin: entry.at.clone(),
    }
}

/// Managed policies by their ARNs; those of the stack come with their statements.
pub(super) fn managed(stack: &Stack, list: &Value) -> Vec<DeclaredPolicy> {
    let values = list.members().into_iter().filter_map(|value| Some((value.as_text()?, value)));
    let mut found: Vec<DeclaredPolicy> = values.map(|(text, value)| by_arn(stack, &text, &value.at)).collect();
    if list.has_more() {
        let source = PolicySource::External(Text::hole(Hole::Unknown("further policies".into())));
        found.push(DeclaredPolicy::named(source, list.at.clone()));
    }
    found
}

pub(super) fn by_arn(stack: &Stack, arn: &Text, at: &Location) -> DeclaredPolicy {
    let none = |source| DeclaredPolicy::named(source, at.clone());
    if let Some(known) = named_resource(arn).and_then(|id| stack.policies.get(id)) {
        return DeclaredPolicy { origin: at.clone(), ..known.clone() };
    }
    if let Some(name) = managed_name(arn) {
        return none(PolicySource::Managed(name));
    }
    // A policy by its name in this account: `arn:…:policy/name`.
    let last = match arn.pieces().last() {
        Some(Piece::Literal(last)) => last.rsplit('/').next().unwrap_or_default(),
        _ => "",
    };
    let named = |policy: &&DeclaredPolicy| !last.is_empty() && policy.name.as_ref().and_then(Text::as_literal) == Some(last);
    let is_found = || arn.holes().any(|hole| matches!(hole, Hole::Unknown(why) if why == OWNER));
    match stack.policies.values().find(named) {
        Some(known) => DeclaredPolicy { origin: at.clone(), ..known.clone() },
        // Whether AWS has one of that name is known where it is written out.
        None if is_found() => none(PolicySource::Managed(last.into())),
        None => none(PolicySource::External(arn.clone())),
    }
}

/// Policies and attachments that are resources of their own.
fn separate(collected: &Collected, stack: &mut Stack, notes: &mut Vec<Note>) -> OfModules {
    let mut of_modules = OfModules::new();
    for entry in collected.in_order().filter(|entry| !entry.is_data) {
        let values = &entry.values;
        let (roles, policies) = match entry.kind.as_str() {
            "aws_iam_role_policy" => {
                let source = PolicySource::Resource(entry.address.clone());
                (values.get("role"), vec![policy(values.get("name"), values.get("policy"), source, &entry.at)])
            }
            "aws_iam_role_policy_attachment" => (values.get("role"), arns(stack, values.get("policy_arn"))),
            "aws_iam_policy_attachment" => (values.get("roles"), arns(stack, values.get("policy_arn"))),
            "aws_iam_role_policy_attachments_exclusive" => {
                let given = arns(stack, values.get("policy_arns"));
                let missing = without_known(collected, stack, values.get("role_name"), given);
                (values.get("role_name"), missing)
            }
            _ => continue,
        };
        for text in roles.map_or_else(Vec::new, document::strings) {
            if let Some(role) = stack.role_of(&text).and_then(|id| stack.roles.get_mut(&id)) {
                role.policies.extend(policies.iter().cloned());
            } else if let Some(id) = named_resource(&text).filter(|id| is_module(collected, id)) {
                of_modules.entry(id.clone()).or_default().extend(policies.iter().cloned());
            } else {
                let message = format!("this policy is attached to a role that is not declared here, {}", text.pattern());
                notes.push(Note::at(NoteKind::Template, entry.at.clone(), message));
            }
        }
    }
    of_modules
}

fn arns(stack: &Stack, value: Option<&Value>) -> Vec<DeclaredPolicy> {
    value.map_or_else(Vec::new, |value| managed(stack, value))
}

/// Lists of all attachments name again what other resources attach.
fn without_known(
    collected: &Collected,
    stack: &Stack,
    role: Option<&Value>,
    mut policies: Vec<DeclaredPolicy>,
) -> Vec<DeclaredPolicy> {
    let attached = collected.of_kind("aws_iam_role_policy_attachment").filter(|entry| {
        let same = |value: &Value| Some(value.texts()) == role.map(Value::texts);
        entry.values.get("role").is_some_and(same)
    });
    let known: Vec<DeclaredPolicy> = attached.flat_map(|entry| arns(stack, entry.values.get("policy_arn"))).collect();
    policies.retain(|policy| known.iter().all(|known| known.source != policy.source));
    policies
}

/// Whether a module that is not read is behind an address: the kind of such an entry is where it comes from.
fn is_module(collected: &Collected, id: &SmolStr) -> bool {
    collected.entries.get(id).is_some_and(|entry| entry.kind.contains('/'))
}

/// Gives functions the policies of their roles.
pub(super) fn attach(collected: &Collected, stack: &mut Stack, of_modules: &OfModules, notes: &mut Vec<Note>) {
    for function in stack.functions.iter_mut().filter(|function| function.role == RoleRef::Implicit) {
        function.declared.extend(of_modules.get(&function.id).into_iter().flatten().cloned());
    }
    let implicit: BTreeMap<SmolStr, Vec<DeclaredPolicy>> = stack
        .functions
        .iter()
        .filter(|function| function.role == RoleRef::Implicit)
        .map(|function| (function.id.clone(), function.declared.clone()))
        .collect();
    for at in 0..stack.functions.len() {
        let reference = match &stack.functions[at].role {
            RoleRef::Implicit => continue,
            RoleRef::Declared(id) => Text::hole(Hole::Resource { id: id.clone(), attribute: "arn".into() }),
            RoleRef::External(text) => text.clone(),
        };
        let known = stack.role_of(&reference);
        let policies = known.as_ref().and_then(|id| stack.roles.get(id)).map(|role| role.policies.clone());
        // The role that a community module made for another function.
        let shared = named_resource(&reference).and_then(|id| implicit.get(id).or_else(|| of_modules.get(id))).cloned();
        let function = &mut stack.functions[at];
        function.declared.extend(policies.or(shared).unwrap_or_default());
        function.role = match known {
            Some(id) => RoleRef::Declared(id),
            None => RoleRef::External(reference.clone()),
        };
        let undeclared = named_resource(&reference).is_some_and(|id| !collected.entries.contains_key(id));
        if undeclared {
            let message = format!("the role {} is not declared in this configuration", reference_name(&reference));
            notes.push(Note::at(NoteKind::Template, function.origin.clone(), message));
        }
    }
}

fn reference_name(reference: &Text) -> String {
    named_resource(reference).map_or_else(|| reference.pattern(), |id| format!("`{id}`"))
}
