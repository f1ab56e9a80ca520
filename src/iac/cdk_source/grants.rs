//! Methods of constructs: permissions that they grant, events that they connect, variables that they set.

use smol_str::SmolStr;

use super::function::set_variable;
use super::{Reader, arn_of, props};
use crate::flow::SdkCall;
use crate::iac::declared::{DeclaredCondition, DeclaredEffect, DeclaredPolicy, DeclaredStatement, PolicySource};
use crate::iac::stack::{EventKind, EventSource, Role, RoleRef};
use crate::note::{Note, NoteKind};
use crate::sdk::construct::{constant, construct, construct_fact};
use crate::value::{Arg, ArgMap, Hole, Text};

impl Reader<'_> {
    /// Takes in a call of a method.
    pub(super) fn called(&mut self, call: &SdkCall, method: &str) {
        let Some(receiver) = call.params.get("receiver") else { return };
        let first =
            argument(&call.params, "0", &["grantee", "identity", "statement", "source", "subscription", "dest", "key", "policy"]);
        match method {
            "addEnvironment" => {
                let name = first.and_then(Arg::as_text).and_then(|text| text.as_literal().map(SmolStr::from));
                let value = argument(&call.params, "1", &["value"]);
                if let (Some(at), Some(name), Some(value)) = (self.function_of(receiver), name, value) {
                    set_variable(&mut self.stack.functions[at], &name, value, call);
                }
            }
            "addEventSource" => {
                if let (Some(at), Some(source)) = (self.function_of(receiver), first) {
                    self.event(at, source, call);
                }
            }
            "addToRolePolicy" | "addToPrincipalPolicy" | "addToPolicy" => {
                let policy = inline(first, first.is_some(), call);
                self.declare(receiver, policy);
            }
            "addManagedPolicy" => {
                if let Some(source) = first.and_then(managed) {
                    self.declare(receiver, policy(source, Vec::new(), call));
                }
            }
            "attachInlinePolicy" => {
                let attached = first.and_then(construct).and_then(|(_, id, _)| self.policies.get(id?).cloned());
                if let Some(policy) = attached {
                    self.declare(receiver, policy);
                }
            }
            "addEventNotification" => self.pushed(receiver, argument(&call.params, "1", &["dest"]), "s3", call),
            "addObjectCreatedNotification" | "addObjectRemovedNotification" => self.pushed(receiver, first, "s3", call),
            "addSubscription" => self.pushed(receiver, first, "sns", call),
            "addTarget" => self.pushed(receiver, first, "eventbridgerule", call),
            _ if method.starts_with("grant") => self.granted(receiver, method, first, call),
            _ => {}
        }
    }

    /// What a construct is attached to when it is made: event sources and targets among its properties.
    pub(super) fn attached(&mut self, call: &SdkCall) {
        let props = props(&call.params);
        let list = |name: &str| match props.get(name) {
            Some(Arg::List { items, .. }) => items.clone(),
            _ => Vec::new(),
        };
        let id = call.params.get("id").and_then(Arg::as_text).and_then(|id| id.as_literal().map(SmolStr::from));
        let own = id
            .as_ref()
            .and_then(|id| self.by_construct.get(id).copied())
            .filter(|&at| self.stack.functions[at].origin == call.at);
        if let Some(at) = own {
            for source in list("events") {
                self.event(at, &source, call);
            }
            let (statements, complete) = self::list(props.get("initialPolicy"));
            if !statements.is_empty() || !complete {
                self.stack.functions[at].declared.push(inline(statements, complete, call));
            }
        }
        if let Some(policy) = id.as_ref().and_then(|id| self.policies.get(id).cloned()) {
            for role in self::list(props.get("roles")).0 {
                self.declare(role, policy.clone());
            }
        }
        if call.operation == "aws-events.Rule" {
            for target in list("targets") {
                self.pushed_from(None, Some(&target), "eventbridgerule", call);
            }
        }
        if call.operation == "aws-lambda.EventSourceMapping"
            && let Some(at) = props.get("target").and_then(|target| self.function_of(target))
            && let Some(arn) = props.get("eventSourceArn").and_then(arn_of)
        {
            self.polled(at, EventKind::UnknownMapping, Some(arn), call);
        }
    }

    /// An event source of a function.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_event_sources-readme.html>
    fn event(&mut self, at: usize, source: &Arg, call: &SdkCall) {
        let Some((class, _, data)) = construct(source) else { return };
        let named = data.get("props").and_then(Arg::as_map);
        let from =
            data.get("0").or_else(|| ["queue", "table", "stream", "bucket", "topic"].iter().find_map(|name| named?.get(name)));
        let (kind, grant) = match class.rsplit('.').next().unwrap_or(class) {
            "SqsEventSource" => (EventKind::Sqs, "grantConsumeMessages"),
            "DynamoEventSource" => (EventKind::DynamoDb, "grantStreamRead"),
            "KinesisEventSource" => (EventKind::Kinesis, "grantRead"),
            "ManagedKafkaEventSource" => (EventKind::Msk, ""),
            "SelfManagedKafkaEventSource" => (EventKind::SelfManagedKafka, ""),
            "S3EventSource" | "S3EventSourceV2" => return self.pushed_to(at, from, "s3", call),
            "SnsEventSource" => return self.pushed_to(at, from, "sns", call),
            _ => return,
        };
        let resource = match (&kind, from.and_then(construct)) {
            (EventKind::DynamoDb, Some((_, Some(id), _))) => {
                Some(Text::hole(Hole::Resource { id: id.into(), attribute: "StreamArn".into() }))
            }
            _ => from.and_then(arn_of),
        };
        self.polled(at, kind, resource, call);
        if let Some(from) = from {
            self.grant_to(at, from, grant, call);
        }
    }

    fn polled(&mut self, at: usize, kind: EventKind, resource: Option<Text>, call: &SdkCall) {
        self.push_event(
            at,
            EventSource {
                name: call.function.clone(),
                kind,
                resource,
                on_failure: None,
                properties: ArgMap { open: true, ..ArgMap::default() },
                origin: call.at.clone(),
            },
        );
    }

    fn pushed(&mut self, receiver: &Arg, target: Option<&Arg>, kind: &'static str, call: &SdkCall) {
        self.pushed_from(Some(receiver), target, kind, call);
    }

    fn pushed_from(&mut self, source: Option<&Arg>, target: Option<&Arg>, kind: &'static str, call: &SdkCall) {
        if let Some(at) = target.and_then(|target| self.function_of(target)) {
            self.pushed_to(at, source, kind, call);
        }
    }

    fn pushed_to(&mut self, at: usize, source: Option<&Arg>, kind: &'static str, call: &SdkCall) {
        let resource = source.and_then(construct).and_then(|(_, id, _)| id);
        let resource = resource.map(|id| Text::hole(Hole::Resource { id: id.into(), attribute: "Ref".into() }));
        self.push_event(
            at,
            EventSource {
                name: SmolStr::new_static(kind),
                kind: EventKind::Push(SmolStr::new_static(kind)),
                resource,
                on_failure: None,
                properties: ArgMap::default(),
                origin: call.at.clone(),
            },
        );
    }

    fn push_event(&mut self, at: usize, event: EventSource) {
        let events = &mut self.stack.functions[at].events;
        if !events.iter().any(|known| known.kind == event.kind && known.resource == event.resource) {
            events.push(event);
        }
    }

    /// `table.grantReadData(fn)`, to a function or to a role.
    fn granted(&mut self, receiver: &Arg, method: &str, grantee: Option<&Arg>, call: &SdkCall) {
        let Some(grantee) = grantee else { return };
        if let Some(at) = self.function_of(grantee) {
            self.grant_to(at, receiver, method, call);
        } else if let Some(policy) = grant(receiver, method, call) {
            self.at_role(grantee, policy);
        }
    }

    fn grant_to(&mut self, at: usize, on: &Arg, method: &str, call: &SdkCall) {
        if let Some(policy) = grant(on, method, call) {
            self.stack.functions[at].declared.push(policy);
        }
    }

    fn declare(&mut self, receiver: &Arg, policy: DeclaredPolicy) {
        match self.function_of(receiver) {
            Some(at) => self.stack.functions[at].declared.push(policy),
            None => self.at_role(receiver, policy),
        }
    }

    fn at_role(&mut self, role: &Arg, policy: DeclaredPolicy) {
        if let Some((_, Some(id), _)) = construct(role)
            && let Some(role) = self.stack.roles.get_mut(id)
        {
            role.policies.push(policy);
        }
    }

    /// Takes in a construct that is a role.
    pub(super) fn role(&mut self, id: &SmolStr, class: &str, props: &ArgMap, call: &SdkCall) {
        if class != "aws-iam.Role" {
            return;
        }
        let mut policies = Vec::new();
        if let Some(Arg::List { items, .. }) = props.get("managedPolicies") {
            policies.extend(items.iter().filter_map(managed).map(|source| policy(source, Vec::new(), call)));
        }
        if let Some(Arg::Map(documents)) = props.get("inlinePolicies") {
            let read = |document: &Arg| {
                let props = construct(document).and_then(|(_, _, data)| data.get("props")?.as_map());
                let (statements, complete) = self::list(props.and_then(|props| props.get("statements")));
                inline(statements, complete && props.is_some(), call)
            };
            policies.extend(documents.entries.values().map(read));
        }
        let name = props.get("roleName").and_then(Arg::as_text);
        let role = Role { id: id.clone(), name, policies, trust: Vec::new(), boundary: None, origin: call.at.clone() };
        self.stack.roles.entry(id.clone()).or_insert(role);
    }

    /// Takes in a construct that is a policy; it counts where it is attached.
    pub(super) fn policy(&mut self, id: &SmolStr, class: &str, props: &ArgMap, call: &SdkCall) {
        if !matches!(class, "aws-iam.Policy" | "aws-iam.ManagedPolicy") {
            return;
        }
        let (statements, complete) = self::list(props.get("statements"));
        self.policies.entry(id.clone()).or_insert_with(|| inline(statements, complete, call));
    }

    /// Gives functions with a declared role its policies, and no others: the construct adds to a role of its own only.
    pub(super) fn finish(&mut self) {
        for function in &mut self.stack.functions {
            let RoleRef::Declared(id) = &function.role else { continue };
            let Some(role) = self.stack.roles.get(id) else {
                let role = Text::hole(Hole::Resource { id: id.clone(), attribute: SmolStr::new_static("Arn") });
                function.role = RoleRef::External(role);
                continue;
            };
            function.declared.retain(|policy| !matches!(policy.source, PolicySource::ImplicitManaged { .. }));
            function.declared.extend(role.policies.iter().cloned());
        }
    }
}

fn argument<'a>(params: &'a ArgMap, position: &str, names: &[&str]) -> Option<&'a Arg> {
    params.get(position).or_else(|| names.iter().find_map(|name| props(params).get(name)))
}

fn policy(source: PolicySource, statements: Vec<DeclaredStatement>, call: &SdkCall) -> DeclaredPolicy {
    DeclaredPolicy { name: None, source, statements, notes: Vec::new(), origin: call.at.clone() }
}

/// What a method of a construct grants on the resource it stands for.
fn grant(on: &Arg, method: &str, call: &SdkCall) -> Option<DeclaredPolicy> {
    let (class, Some(_), _) = construct(on)? else { return None };
    let fact = construct_fact(class.split(".from").next().unwrap_or(class))?.grants.get(method)?;
    let arn = arn_of(on)?;
    let resources = fact.resources.iter().map(|suffix| {
        let mut resource = arn.clone();
        resource.push_str(suffix);
        resource
    });
    let statement = DeclaredStatement {
        sid: None,
        effect: DeclaredEffect::Allow,
        actions: fact.actions.iter().map(SmolStr::from).collect(),
        not_action: false,
        resources: resources.collect(),
        not_resource: false,
        principals: Vec::new(),
        conditions: Vec::new(),
        origin: call.at.clone(),
    };
    Some(policy(PolicySource::Grant { name: method.into(), resource: arn }, vec![statement], call))
}

/// `ManagedPolicy.fromAwsManagedPolicyName('service-role/…')`.
fn managed(value: &Arg) -> Option<PolicySource> {
    let (class, _, data) = construct(value)?;
    let name = data.get("0").and_then(Arg::as_text)?;
    let name = name.as_literal()?;
    class.ends_with("fromAwsManagedPolicyName").then(|| PolicySource::Managed(name.rsplit('/').next().unwrap_or(name).into()))
}

/// A policy of some statements; one that could not be read whole says so.
fn inline<'a>(values: impl IntoIterator<Item = &'a Arg>, complete: bool, call: &SdkCall) -> DeclaredPolicy {
    let mut policy = policy(PolicySource::Inline, Vec::new(), call);
    let mut whole = complete;
    for value in values {
        match statement(value, call) {
            Some((statement, read)) => {
                whole &= read;
                policy.statements.push(statement);
            }
            None => whole = false,
        }
    }
    if !whole {
        let message = "a part of this policy could not be read from the application";
        policy.notes.push(Note::at(NoteKind::Template, call.at.clone(), message));
    }
    policy
}

/// The items of a list, and whether these are all.
fn list(value: Option<&Arg>) -> (&[Arg], bool) {
    match value {
        Some(Arg::List { items, open }) => (items, !open),
        None | Some(Arg::Null) => (&[], true),
        Some(_) => (&[], false),
    }
}

/// `new PolicyStatement({ actions, resources })`, and whether all of it was read.
fn statement(value: &Arg, call: &SdkCall) -> Option<(DeclaredStatement, bool)> {
    let (_, _, data) = construct(value)?;
    let props = data.get("props")?.as_map()?;
    let mut whole = !props.open;
    let mut texts = |name: &str, alternatives: bool| {
        let (items, complete) = list(props.get(name));
        let found: Vec<Vec<Text>> = items.iter().map(|item| arn_of(item).map_or_else(|| item.texts(), |arn| vec![arn])).collect();
        whole &= complete && found.iter().all(|texts| !texts.is_empty() && (alternatives || texts.iter().all(is_literal)));
        found.into_iter().flatten().collect::<Vec<_>>()
    };
    let not_action = props.get("notActions").is_some();
    let not_resource = props.get("notResources").is_some();
    let actions = texts(if not_action { "notActions" } else { "actions" }, false);
    let resources = texts(if not_resource { "notResources" } else { "resources" }, true);
    let (conditions, read) = conditions(props.get("conditions"));
    let denies = props.get("effect").and_then(constant).is_some_and(|effect| effect.rsplit('.').next() == Some("DENY"));
    let statement = DeclaredStatement {
        sid: props.get("sid").and_then(Arg::as_text).and_then(|sid| sid.as_literal().map(SmolStr::from)),
        effect: if denies { DeclaredEffect::Deny } else { DeclaredEffect::Allow },
        actions: actions.iter().map(|text| text.pattern().into()).collect(),
        not_action,
        resources,
        not_resource,
        principals: Vec::new(),
        conditions,
        origin: call.at.clone(),
    };
    Some((statement, whole && read))
}

fn is_literal(text: &Text) -> bool {
    text.as_literal().is_some()
}

/// `{ StringEquals: { 'aws:SourceAccount': '…' } }`, and whether all of it was read.
fn conditions(value: Option<&Arg>) -> (Vec<DeclaredCondition>, bool) {
    let operators = match value {
        None | Some(Arg::Null) => return (Vec::new(), true),
        Some(Arg::Map(operators)) => operators,
        Some(_) => return (Vec::new(), false),
    };
    let mut conditions = Vec::new();
    let mut whole = !operators.open;
    for (operator, keys) in &operators.entries {
        let Arg::Map(keys) = keys else {
            whole = false;
            continue;
        };
        whole &= !keys.open;
        for (key, value) in &keys.entries {
            let values: Vec<Text> = match value {
                Arg::List { items, .. } => items.iter().flat_map(Arg::texts).collect(),
                value => value.texts(),
            };
            whole &= !values.is_empty();
            conditions.push(DeclaredCondition { operator: operator.clone(), key: key.clone(), values });
        }
    }
    (conditions, whole)
}
