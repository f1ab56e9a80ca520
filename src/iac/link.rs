//! Follows the references between the parts of a stack: functions to roles, policies to roles, events, settings and
//! connectors to functions, layers to their content.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::carried::carry;
use super::cloudformation::{LayerContent, Parts};
use super::declared::{DeclaredPolicy, PolicySource};
use super::events::mapping_kind;
use super::sam::Connector;
use super::stack::{EventKind, EventSource, LambdaFunction, Role, RoleRef, Setting, SettingKind, Stack};
use super::strings::named_resource;
use crate::note::{Note, NoteKind};
use crate::value::{Hole, Piece, Text};

/// How many aliases and versions may stand between an event and its function.
const MAX_HOPS: usize = 4;

/// Makes one stack of all parts.
pub(crate) fn link(parts: Parts) -> Stack {
    let Parts { mut stack, attachments, events, settings, connectors, layers, .. } = parts;
    attach_events(&mut stack, events);
    attach_settings(&mut stack, settings);
    attach_policies(&mut stack, attachments);
    fill_managed(&mut stack);
    attach_roles(&mut stack);
    attach_connectors(&mut stack, &connectors);
    find_layers(&mut stack, &layers);
    stack
}

impl Stack {
    /// The position of the function that a name, an ARN or a reference means; aliases and versions lead to theirs.
    pub fn function_of(&self, reference: &Text) -> Option<usize> {
        let mut reference = reference.clone();
        for _ in 0..MAX_HOPS {
            let Some(id) = named_resource(&reference) else { return self.function_by_name(&reference) };
            if let Some(at) = self.functions.iter().position(|function| function.id == *id || is_part_of(id, &function.id)) {
                return Some(at);
            }
            reference = self.resources.get(id)?.property("FunctionName")?.as_text()?;
        }
        None
    }

    fn function_by_name(&self, reference: &Text) -> Option<usize> {
        // Names may have holes, too: the same ones make the same name.
        if let Some(at) = self.functions.iter().position(|function| function.name.as_ref() == Some(reference)) {
            return Some(at);
        }
        let Some(Piece::Literal(last)) = reference.pieces().last() else { return None };
        let name = last.split_once(":function:").map_or(last.as_str(), |(_, name)| name);
        let name = name.split(':').next().filter(|name| !name.is_empty())?;
        self.functions.iter().position(|function| function.name.as_ref().and_then(Text::as_literal) == Some(name))
    }

    /// The role of the stack that a reference, a name or an ARN means.
    pub(crate) fn role_of(&self, reference: &Text) -> Option<SmolStr> {
        if let Some(id) = named_resource(reference) {
            return self.roles.contains_key(id).then(|| id.clone());
        }
        let named = |role: &&Role| match (&role.name, reference.pieces().last()) {
            (Some(name), _) if name == reference => true,
            (Some(name), Some(Piece::Literal(last))) => name.as_literal() == Some(last.rsplit('/').next().unwrap_or(last)),
            _ => false,
        };
        self.roles.values().find(named).map(|role| role.id.clone())
    }
}

/// `Function.Alias` and `Function.Version`, which SAM offers to `Ref`.
fn is_part_of(id: &str, function: &str) -> bool {
    id.strip_prefix(function).is_some_and(|rest| rest.starts_with('.'))
}

/// The functions that a function hands its events on to: the CDK's provider framework stands between custom resources and the
/// function of the application.
/// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#provider-framework>
fn relayed(stack: &Stack, at: usize) -> Vec<usize> {
    const USERS: [&str; 2] = ["USER_ON_EVENT_FUNCTION_ARN", "USER_IS_COMPLETE_FUNCTION_ARN"];
    let variables = USERS.iter().filter_map(|name| stack.functions[at].environment.get(*name));
    let mut users: Vec<usize> =
        variables.flat_map(|variable| &variable.values).filter_map(|value| stack.function_of(value)).collect();
    users.sort_unstable();
    users.dedup();
    users
}

fn attach_events(stack: &mut Stack, events: Vec<(Text, EventSource)>) {
    let mut sent = Vec::new();
    for (reference, mut event) in events {
        let Some(at) = stack.function_of(&reference) else {
            sent.push((reference, event));
            continue;
        };
        for user in relayed(stack, at) {
            stack.functions[user].events.push(event.clone());
        }
        if event.kind == EventKind::UnknownMapping {
            let source = event.resource.clone().unwrap_or_default();
            let kind = named_resource(&source).and_then(|id| stack.resources.get(id)).map(|resource| resource.kind.as_str());
            event.kind = mapping_kind(&source, kind);
        }
        stack.functions[at].events.push(event);
    }
    carry(stack, &sent);
}

fn attach_settings(stack: &mut Stack, settings: Vec<(Text, Vec<Setting>)>) {
    for (reference, settings) in settings {
        if let Some(at) = stack.function_of(&reference) {
            stack.functions[at].settings.extend(settings);
        }
    }
    for function in &mut stack.functions {
        let layers = function.layers.iter().filter(|layer| layer.name.pattern().contains(":layer:LambdaInsightsExtension"));
        let insights = layers.map(|layer| Setting { kind: SettingKind::Insights, value: None, origin: layer.origin.clone() });
        function.settings.extend(insights.collect::<Vec<_>>());
    }
}

/// Puts separate policies where they are attached: at roles, or at the function whose role SAM makes.
fn attach_policies(stack: &mut Stack, attachments: Vec<(Vec<Text>, DeclaredPolicy)>) {
    for (roles, policy) in attachments {
        for reference in roles {
            if let Some(id) = stack.role_of(&reference)
                && let Some(role) = stack.roles.get_mut(&id)
            {
                role.policies.push(policy.clone());
                continue;
            }
            let implicit = named_resource(&reference).and_then(|id| id.strip_suffix("Role").map(SmolStr::from));
            let function = implicit.and_then(|id| stack.functions.iter_mut().find(|function| function.id == id));
            if let Some(function) = function {
                function.declared.push(policy.clone());
            } else {
                let message = format!("this policy is attached to a role the template does not declare, {}", reference.pattern());
                stack.notes.push(Note::at(NoteKind::Template, policy.origin.clone(), message));
            }
        }
    }
}

/// Fills references to the template's own managed policies with their statements.
fn fill_managed(stack: &mut Stack) {
    let Stack { functions, roles, policies, resources, .. } = stack;
    let at_roles = roles.values_mut().flat_map(|role| &mut role.policies);
    let at_functions = functions.iter_mut().flat_map(|function| &mut function.declared);
    for policy in at_roles.chain(at_functions) {
        let PolicySource::Resource(id) = &policy.source else { continue };
        if !policy.statements.is_empty() {
            continue;
        }
        match policies.get(id) {
            Some(known) => {
                policy.name.clone_from(&known.name);
                policy.statements.clone_from(&known.statements);
                policy.notes.extend(known.notes.iter().cloned());
            }
            None if resources.get(id).is_some_and(|resource| resource.kind.ends_with("Policy")) => {}
            None => {
                let reference = Text::hole(Hole::Resource { id: id.clone(), attribute: "Ref".into() });
                let message = format!("`{id}` is not a managed policy of this template");
                policy.notes.push(Note::at(NoteKind::Template, policy.origin.clone(), message));
                policy.source = PolicySource::External(reference);
            }
        }
    }
}

fn attach_roles(stack: &mut Stack) {
    let implicit: BTreeMap<SmolStr, Vec<DeclaredPolicy>> =
        stack.functions.iter().map(|function| (format!("{}Role", function.id).into(), function.declared.clone())).collect();
    for at in 0..stack.functions.len() {
        let id = match &stack.functions[at].role {
            RoleRef::Implicit => continue,
            RoleRef::Declared(id) => Some(id.clone()),
            RoleRef::External(text) => stack.role_of(text),
        };
        let Some(id) = id else { continue };
        let policies = stack.roles.get(&id).map(|role| role.policies.clone()).or_else(|| implicit.get(&id).cloned());
        let known = stack.resources.contains_key(&id) || policies.is_some();
        let function = &mut stack.functions[at];
        if !known {
            let message = format!("the role `{id}` is not declared in this template");
            function.notes.push(Note::at(NoteKind::Template, function.origin.clone(), message));
            function.role = RoleRef::External(Text::hole(Hole::Resource { id, attribute: "Arn".into() }));
            continue;
        }
        function.declared.extend(policies.unwrap_or_default());
        function.role = RoleRef::Declared(id);
    }
}

/// A connector grants to the role of whichever end is a function, and so to everything that runs with that role.
fn attach_connectors(stack: &mut Stack, connectors: &[Connector]) {
    for connector in connectors {
        for (end, for_source) in [(&connector.source, true), (&connector.destination, false)] {
            let Some(at) = stack.function_of(end) else { continue };
            let source = PolicySource::Connector {
                source: connector.source.clone(),
                source_kind: connector.source_kind.clone(),
                destination: connector.destination.clone(),
                destination_kind: connector.destination_kind.clone(),
                permissions: connector.permissions.clone(),
                for_source,
            };
            let policy = DeclaredPolicy::named(source, connector.origin.clone());
            let Stack { functions, roles, .. } = stack;
            let role = functions[at].role.clone();
            let shares = |(index, function): &(usize, &mut LambdaFunction)| {
                *index == at || matches!(&role, RoleRef::Declared(_)) && function.role == role
            };
            for (_, function) in functions.iter_mut().enumerate().filter(shares) {
                function.declared.push(policy.clone());
            }
            if let RoleRef::Declared(id) = &role
                && let Some(role) = roles.get_mut(id)
            {
                role.policies.push(policy);
            }
        }
    }
}

fn find_layers(stack: &mut Stack, layers: &BTreeMap<SmolStr, LayerContent>) {
    for layer in stack.functions.iter_mut().flat_map(|function| &mut function.layers) {
        let id = layer.name.holes().find_map(|hole| match hole {
            Hole::Resource { id, .. } => Some(id),
            _ => None,
        });
        if let Some(content) = id.and_then(|id| layers.get(id)) {
            layer.content = Some(content.path.clone());
            layer.build_method.clone_from(&content.build_method);
        }
    }
}
