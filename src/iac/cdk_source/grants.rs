//! Methods of constructs: permissions that they grant, events that they connect, variables that they set.

use smol_str::SmolStr;

use super::function::set_variable;
use super::{Reader, arn_of, props};
use crate::flow::SdkCall;
use crate::iac::declared::{DeclaredEffect, DeclaredPolicy, DeclaredStatement, PolicySource};
use crate::iac::stack::{EventKind, EventSource, Role, RoleRef};
use crate::sdk::construct::{construct, construct_fact};
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
                let statements = first.and_then(|value| statement(value, call)).into_iter().collect();
                self.declare(receiver, PolicySource::Inline, statements, call);
            }
            "addManagedPolicy" => {
                if let Some(source) = first.and_then(managed) {
                    self.declare(receiver, source, Vec::new(), call);
                }
            }
            "attachInlinePolicy" => {}
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
            for value in list("initialPolicy") {
                let statements: Vec<_> = statement(&value, call).into_iter().collect();
                self.stack.functions[at].declared.push(policy(PolicySource::Inline, statements, call));
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

    fn declare(&mut self, receiver: &Arg, source: PolicySource, statements: Vec<DeclaredStatement>, call: &SdkCall) {
        let policy = policy(source, statements, call);
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
            let statements = |document: &Arg| {
                let (_, _, data) = construct(document)?;
                let Some(Arg::List { items, .. }) = data.get("props")?.as_map()?.get("statements") else { return None };
                Some(items.iter().filter_map(|value| statement(value, call)).collect())
            };
            policies
                .extend(documents.entries.values().filter_map(statements).map(|found| policy(PolicySource::Inline, found, call)));
        }
        let name = props.get("roleName").and_then(Arg::as_text);
        let role = Role { id: id.clone(), name, policies, trust: Vec::new(), boundary: None, origin: call.at.clone() };
        self.stack.roles.entry(id.clone()).or_insert(role);
    }

    /// Gives functions with a declared role its policies, and no others: the construct adds to a role of its own only.
    pub(super) fn finish(&mut self) {
        for function in &mut self.stack.functions {
            let RoleRef::Declared(id) = &function.role else { continue };
            let Some(role) = self.stack.roles.get(id) else { continue };
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

/// `new PolicyStatement({ actions, resources })`.
fn statement(value: &Arg, call: &SdkCall) -> Option<DeclaredStatement> {
    let (_, _, data) = construct(value)?;
    let props = data.get("props")?.as_map()?;
    let texts = |name: &str| match props.get(name) {
        Some(Arg::List { items, .. }) => {
            items.iter().flat_map(|item| arn_of(item).into_iter().chain(item.texts())).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    let mut resources = texts("resources");
    resources.dedup();
    let mut actions: Vec<SmolStr> = texts("actions").iter().map(|text| text.pattern().into()).collect();
    actions.dedup();
    let denies = props.get("effect").and_then(crate::sdk::construct::constant).is_some_and(|effect| effect.ends_with(".DENY"));
    Some(DeclaredStatement {
        sid: props.get("sid").and_then(Arg::as_text).and_then(|sid| sid.as_literal().map(SmolStr::from)),
        effect: if denies { DeclaredEffect::Deny } else { DeclaredEffect::Allow },
        actions,
        not_action: false,
        resources,
        not_resource: false,
        principals: Vec::new(),
        conditions: Vec::new(),
        origin: call.at.clone(),
    })
}
