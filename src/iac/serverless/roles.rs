//! Roles: the one that all functions of a service share, those of single functions, and what the framework adds to either.
//!
//! The statements are those of the framework's own packaging (version 3; version 4 adds the same).
//! <https://www.serverless.com/framework/docs/providers/aws/guide/iam>

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::build::{attribute, entry, join, map, own_arn, reference as refer, statement, text};
use super::function::{destination, kms_key, tracing};
use super::service::{Function, Service, reference};
use super::sources;
use crate::iac::declared::{DeclaredPolicy, PolicySource};
use crate::iac::document::{Entry, Node};
use crate::iac::template::Template;
use crate::span::Span;
use crate::value::Text;

/// The role that functions share.
pub(super) const SHARED: &str = "IamRoleLambdaExecution";

/// Something the framework allows by itself, and why.
pub(super) struct Grant {
    pub(super) reason: &'static str,
    pub(super) span: Span,
    pub(super) statement: Node,
}

/// The role of a function as the template names it; nothing when the function has one of its own that nobody wrote.
pub(super) fn role(service: &Service, function: &Function) -> Option<Node> {
    let own = function.get(&["role"]).or_else(|| function.get(&["iam", "role"]).filter(|node| is_role(node)));
    let given = own.or_else(|| provided(service).filter(|_| !has_own_role(service, function)));
    match given {
        Some(role) => Some(named(role)),
        None if has_own_role(service, function) => None,
        None => Some(attribute(SHARED, "Arn", function.key_span)),
    }
}

/// A role that the provider names for all functions.
fn provided(service: &Service) -> Option<&Node> {
    service.setting(&["role"]).or_else(|| service.setting(&["iam", "role"]).filter(|node| is_role(node)))
}

/// Whether a value names a role, rather than describing the shared one.
fn is_role(node: &Node) -> bool {
    node.as_str().is_some() || reference(node)
}

/// ARNs and expressions stay; anything else is a logical id.
fn named(role: &Node) -> Node {
    match role.as_str() {
        Some(id) if !id.contains([':', '/']) => attribute(id, "Arn", role.span),
        _ => role.clone(),
    }
}

/// Whether a function has a role of its own: statements at the function (a plugin's way, and since version 4 the framework's),
/// or the mode that gives one to each.
pub(super) fn has_own_role(service: &Service, function: &Function) -> bool {
    let each = service.setting(&["iam", "role", "mode"]).and_then(Node::as_str) == Some("perFunction");
    function.get(&["role"]).is_none() && (each || own_statements(function).is_some())
}

fn own_statements(function: &Function) -> Option<&Node> {
    let core = function.get(&["iam", "role", "statements"]).or_else(|| function.get(&["iam", "statements"]));
    function.get(&["iamRoleStatements"]).or(core)
}

/// Whether the framework makes the shared role at all.
pub(super) fn has_shared_role(service: &Service) -> bool {
    let uses = |function: &Function| function.get(&["role"]).is_none() && !has_own_role(service, function);
    provided(service).is_none() && service.functions.iter().any(uses)
}

fn shared_statements(service: &Service) -> Option<&Node> {
    service.setting(&["iam", "role", "statements"]).or_else(|| service.setting(&["iamRoleStatements"]))
}

fn shared_managed(service: &Service) -> Option<&Node> {
    service.setting(&["iam", "role", "managedPolicies"]).or_else(|| service.setting(&["iamManagedPolicies"]))
}

/// The shared role with what the service says about it.
pub(super) fn shared_role(service: &Service) -> Entry {
    let span = service.setting(&["iam"]).map_or(service.name.span, |node| node.span);
    let mut properties = Vec::new();
    let mut set = |key: &str, value: Option<&Node>| properties.extend(value.map(|value| entry(key, span, value.clone())));
    set("RoleName", service.setting(&["iam", "role", "name"]));
    set("ManagedPolicyArns", shared_managed(service));
    let boundary = service.setting(&["iam", "role", "permissionsBoundary"]);
    let boundary = boundary.or_else(|| service.setting(&["iam", "role", "permissionBoundary"]));
    set("PermissionsBoundary", boundary.or_else(|| service.setting(&["rolePermissionsBoundary"])));
    let policy = shared_statements(service).map(|statements| {
        let document = map(statements.span, [("Statement", statements.clone())]);
        Node::sequence(vec![map(statements.span, [("PolicyDocument", document)])], statements.span)
    });
    set("Policies", policy.as_ref());
    let role = map(span, [("Type", text("AWS::IAM::Role", span)), ("Properties", Node::mapping(properties, span))]);
    entry(SHARED, span, role)
}

/// The policies of a function that has a role of its own.
pub(super) fn own_policies(template: &Template<'_>, service: &Service, function: &Function) -> Vec<DeclaredPolicy> {
    let mut policies = Vec::new();
    let mut add = |node: &Node| {
        let document = map(node.span, [("Statement", node.clone())]);
        policies.push(template.declared(None, &document, PolicySource::Inline, node.span));
    };
    if let Some(own) = own_statements(function) {
        add(own);
    }
    if inherits(service, function)
        && let Some(shared) = shared_statements(service)
    {
        add(shared);
    }
    let managed = function.get(&["iam", "role", "managedPolicies"]).or_else(|| function.get(&["iamManagedPolicies"]));
    policies.extend(managed.map_or_else(Vec::new, |list| template.managed(list)));
    policies.extend(implicit(template, service, &[function], true));
    policies
}

fn inherits(service: &Service, function: &Function) -> bool {
    let core = function.get(&["iam", "inheritStatements"]).or_else(|| function.get(&["iam", "role", "inheritStatements"]));
    let own = function.get(&["iamRoleStatementsInherit"]).or(core).and_then(Node::as_bool);
    own.unwrap_or(service.inherits)
}

/// What the framework allows a role by itself.
pub(super) fn implicit(template: &Template<'_>, service: &Service, functions: &[&Function], own: bool) -> Vec<DeclaredPolicy> {
    let mut grants = if own { own_logs(service, functions) } else { shared_logs(template, service, functions) };
    for function in functions {
        grants.extend(settings(service, function, own));
        grants.extend(sources::grants(function));
    }
    // They are added to the statements of the provider.
    if !own || functions.iter().any(|function| inherits(service, function)) {
        grants.extend(service.constructs.grants());
    }
    let mut policies: Vec<DeclaredPolicy> = Vec::new();
    let mut known = BTreeSet::new();
    for grant in grants {
        let document = map(grant.span, [("Statement", grant.statement)]);
        let source = PolicySource::Implicit(grant.reason.into());
        let policy = template.declared(None, &document, source, grant.span);
        // Functions that are traced alike need this once only.
        if known.insert((grant.reason, content(&policy))) {
            policies.push(policy);
        }
    }
    let in_network = |function: &&&Function| service.either(function, "vpc").is_some();
    if let Some(function) = functions.iter().find(in_network) {
        let name: SmolStr = "AWSLambdaVPCAccessExecutionRole".into();
        let source = PolicySource::ImplicitManaged { name, reason: "runs in a VPC".into() };
        let span = service.either(function, "vpc").map_or(function.key_span, |node| node.span);
        policies.push(DeclaredPolicy::named(source, template.at(span)));
    }
    policies
}

/// What the statements of a policy are about.
fn content(policy: &DeclaredPolicy) -> Vec<(Vec<SmolStr>, Vec<Text>)> {
    policy.statements.iter().map(|statement| (statement.actions.clone(), statement.resources.clone())).collect()
}

const CREATE_LOGS: [&str; 3] = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"];
const WRITES_LOGS: &str = "writes logs";

/// Log groups of all functions whose names start alike are allowed as one, others one by one.
fn shared_logs(template: &Template<'_>, service: &Service, functions: &[&Function]) -> Vec<Grant> {
    let prefix = join(service.name_prefix(), service.name.span);
    let prefix = template.text(&prefix).map(|text| text.pattern());
    let (mut alike, mut groups) = (false, Vec::new());
    for function in functions.iter().filter(|function| !logs_off(service, function)) {
        let name = service.function_name(function);
        let pattern = template.text(&name).map(|text| text.pattern());
        match (&pattern, &prefix) {
            (Some(name), Some(prefix)) if name.starts_with(prefix.as_str()) => alike = true,
            _ => groups.push((name, function.key_span)),
        }
    }
    let mut resources: Vec<(Vec<Node>, &str)> = groups.into_iter().map(|(name, span)| (group(vec![name], span), "")).collect();
    if alike {
        resources.push((group(service.name_prefix(), service.name.span), "*"));
    }
    let span = service.name.span;
    log_grants(resources, &CREATE_LOGS, span)
}

/// A role of its own may write to the function's own log group.
fn own_logs(service: &Service, functions: &[&Function]) -> Vec<Grant> {
    let logging = functions.iter().filter(|function| !logs_off(service, function));
    let resources = logging.map(|function| (group(vec![service.function_name(function)], function.key_span), "")).collect();
    let span = functions.first().map_or(service.name.span, |function| function.key_span);
    log_grants(resources, &CREATE_LOGS, span)
}

fn log_grants(resources: Vec<(Vec<Node>, &str)>, create: &[&str], span: Span) -> Vec<Grant> {
    if resources.is_empty() {
        return Vec::new();
    }
    let with = |end: &str| -> Vec<Node> {
        let write = |(parts, wild): &(Vec<Node>, &str)| {
            let mut parts = parts.clone();
            parts.push(text([wild, end].concat(), span));
            join(parts, span)
        };
        resources.iter().map(write).collect()
    };
    vec![
        Grant { reason: WRITES_LOGS, span, statement: statement(create, with(":*"), span) },
        Grant { reason: WRITES_LOGS, span, statement: statement(&["logs:PutLogEvents"], with(":*:*"), span) },
    ]
}

fn logs_off(service: &Service, function: &Function) -> bool {
    service.either(function, "disableLogs").and_then(Node::as_bool) == Some(true)
}

fn group(name: Vec<Node>, span: Span) -> Vec<Node> {
    let mut parts = own_arn("logs", span);
    parts.push(text("log-group:/aws/lambda/", span));
    parts.extend(name);
    parts
}

/// What settings of a function need; `own` says whether they are added to a role of its own.
fn settings(service: &Service, function: &Function, own: bool) -> Vec<Grant> {
    let mut grants = Vec::new();
    let mut add = |reason, span, actions: &[&str], resource: Node| {
        grants.push(Grant { reason, span, statement: statement(actions, vec![resource], span) });
    };
    if let Some(mode) = tracing(service, function) {
        add("is traced", mode.span, &["xray:PutTraceSegments", "xray:PutTelemetryRecords"], text("*", mode.span));
    }
    // In the shared role only for ARNs written out: an expression is deployed without a statement.
    if let Some(target) = function.get(&["onError"]).filter(|target| own || is_text(service, target)) {
        add("sends to a dead-letter topic", target.span, &["sns:Publish"], target.clone());
    }
    if let Some(key) = kms_key(service, function).filter(|key| is_text(service, key)) {
        add("has an environment encrypted with a customer key", key.span, &["kms:Decrypt"], key.clone());
    }
    for system in function.get(&["fileSystemConfig"]).map_or(&[][..], Node::items) {
        if let Some(arn) = system.get("arn") {
            let actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
            add("mounts a file system", arn.span, &actions, arn.clone());
        }
    }
    for key in ["onSuccess", "onFailure"] {
        if let Some(target) = function.get(&["destinations", key])
            && let Some(action) = destination_action(target)
        {
            add("sends to a destination", target.span, &[action], destination_resource(service, target));
        }
    }
    grants
}

/// A string, possibly with variables that the deployment fills in. What these were made into stands as a whole where the string
/// stands; parts of an expression have places of their own.
fn is_text(service: &Service, node: &Node) -> bool {
    let is_made = |entry: &Entry| match (entry.key.as_str(), entry.value.as_sequence()) {
        ("Ref", _) => entry.value.as_str().is_some_and(|name| service.variables.contains(name)),
        ("Fn::Join", Some([_, parts])) => parts.items().iter().all(|part| part.span == node.span),
        _ => false,
    };
    node.as_str().is_some() || node.single().is_some_and(is_made)
}

/// What sending to a destination needs, from its type or its ARN.
fn destination_action(target: &Node) -> Option<&'static str> {
    let written = target.get("type").and_then(Node::as_str);
    let by_type = written.and_then(|kind| match kind {
        "function" => Some("lambda:InvokeFunction"),
        "sqs" => Some("sqs:SendMessage"),
        "sns" => Some("sns:Publish"),
        "eventBus" => Some("events:PutEvents"),
        _ => None,
    });
    by_type.or_else(|| match target.as_str()? {
        arn if arn.contains(":sqs:") => Some("sqs:SendMessage"),
        arn if arn.contains(":sns:") => Some("sns:Publish"),
        arn if arn.contains(":event-bus/") => Some("events:PutEvents"),
        name if name.contains(":function:") || !name.starts_with("arn:") => Some("lambda:InvokeFunction"),
        _ => None,
    })
}

/// Functions of the service are allowed by their names.
fn destination_resource(service: &Service, target: &Node) -> Node {
    let named = target.as_str().and_then(|name| service.function(name));
    match named {
        Some(function) => {
            let mut parts = own_arn("lambda", target.span);
            parts.extend([text("function:", target.span), service.function_name(function)]);
            join(parts, target.span)
        }
        None => destination(service, target),
    }
}

/// Any connection of any web socket API of the account.
pub(super) fn connections(span: Span) -> Node {
    let parts = vec![text("arn:", span), refer("AWS::Partition", span), text(":execute-api:*:*:*/@connections/*", span)];
    join(parts, span)
}
