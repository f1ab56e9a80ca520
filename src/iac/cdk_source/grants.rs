//! Methods of constructs: permissions that they grant, events that they connect, variables that they set.

use smol_str::SmolStr;

use super::function::{self, set_variable};
use super::policy::{self, inline, managed, policy};
use super::{Reader, arn_of, made, props, rules};
use crate::flow::SdkCall;
use crate::iac::declared::{DeclaredPolicy, DeclaredStatement, PolicySource};
use crate::iac::stack::{EventKind, EventSource};
use crate::policy::Condition;
use crate::sdk::construct::{
    ASSIGNED, GrantFact, behind_grants, called_as, class_with_grant, construct, construct_fact, granted_when_made, is_low_level,
    made_with, own_class, spelled, static_grant,
};
use crate::value::{Arg, ArgMap, Hole, Text};

impl Reader<'_> {
    /// Takes in a call of a method.
    pub(super) fn called(&mut self, call: &SdkCall, method: &str) {
        let Some(receiver) = call.params.get("receiver") else { return };
        let first = argument(
            &call.params,
            "0",
            &["grantee", "identity", "statement", "source", "subscription", "dest", "key", "policy", "managedPolicy", "role"],
        );
        match method {
            "addEnvironment" => {
                let name = first.and_then(Arg::as_text).and_then(|text| text.as_literal().map(SmolStr::from));
                let value = argument(&call.params, "1", &["value"]);
                for at in self.functions_of(receiver) {
                    match (&name, value) {
                        (Some(name), Some(value)) => set_variable(&mut self.stack.functions[at], name, value, call),
                        _ => self.stack.functions[at].further_variables = true,
                    }
                }
            }
            "addEventSource" => {
                for at in self.functions_of(receiver) {
                    if let Some(source) = first {
                        self.event(at, source, call);
                    }
                }
            }
            "configureAsyncInvoke" => {
                self.invoked(receiver, props(&call.params), call);
            }
            "addLayers" => self.add_layers(receiver, call),
            "addEventSourceMapping" => self.mapped(receiver, call),
            "addPropertyOverride" | "addOverride" => {
                let path = call.params.get("0").and_then(Arg::as_text);
                let given = call.params.get("1").cloned().unwrap_or_else(|| Arg::Map(props(&call.params).clone()));
                if let Some(path) = path.as_ref().and_then(Text::as_literal) {
                    self.overridden(receiver, path.strip_prefix("Properties.").unwrap_or(path), &given, call);
                }
            }
            method if method == &ASSIGNED[1..] => self.assigned(receiver, call),
            "addPreHook" | "addPostHook" => {
                let status = vec!["codedeploy:PutLifecycleEventHookExecutionStatus".into()];
                let group = Text::hole(Hole::Unknown("the deployment group".into()));
                let source = PolicySource::Grant { name: method.into(), resource: group.clone() };
                let policy = policy(source, vec![allow(status, vec![group], Vec::new(), call)], call);
                first.into_iter().for_each(|hook| self.declare(hook, policy.clone()));
            }
            "addToRolePolicy" | "addToPrincipalPolicy" | "addToPolicy" => {
                let policy = inline(first, first.is_some(), call);
                self.declare(receiver, policy);
            }
            "addManagedPolicy" => {
                let written = Arg::Map(props(&call.params).clone());
                self.declare(receiver, managed(first.unwrap_or(&written), call));
            }
            "addStatements" => self.add_statements(receiver, call),
            "attachInlinePolicy" => {
                if let Some((_, Some(id), _)) = first.and_then(construct) {
                    self.declare(receiver, policy(PolicySource::Resource(id.into()), Vec::new(), call));
                }
            }
            "attachToRole" => {
                if let (Some(role), Some((_, Some(id), _))) = (first, construct(receiver)) {
                    self.declare(role, policy(PolicySource::Resource(id.into()), Vec::new(), call));
                }
            }
            "addEventNotification" => self.pushed(receiver, argument(&call.params, "1", &["dest"]), "s3", call),
            "addObjectCreatedNotification" | "addObjectRemovedNotification" => self.pushed(receiver, first, "s3", call),
            "addSubscription" => self.pushed(receiver, first, "sns", call),
            "addTarget" => match (construct(receiver), first) {
                (Some((rules::RULE, Some(rule), _)), Some(target)) => self.targeted(rule, target, call),
                _ => self.pushed(receiver, first, "eventbridgerule", call),
            },
            _ => self.granted(receiver, method, first, call),
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
        let known = id.as_ref().and_then(|id| self.by_construct.get(id)).into_iter().flatten();
        let own: Vec<usize> = known
            .filter(|made| self.stack.functions[made.at].origin == call.at && Some(made.mark.as_str()) == made_with(&call.params))
            .map(|made| made.at)
            .collect();
        for at in own {
            self.implicit_grants(at, props, call);
            for source in list("events") {
                self.event(at, &source, call);
            }
            let (statements, complete) = policy::list(props.get("initialPolicy"));
            if !statements.is_empty() || !complete {
                self.stack.functions[at].declared.push(inline(statements, complete, call));
            }
        }
        let rule = id.clone();
        if let Some(id) = id.filter(|id| self.policies.contains_key(id)) {
            for role in policy::list(props.get("roles")).0 {
                self.declare(role, policy(PolicySource::Resource(id.clone()), Vec::new(), call));
            }
        }
        self.granted_by_library(call);
        self.granted_when_made(call);
        if let Some(id) = &rule {
            self.sent_when_made(id, call);
        }
        if let Some(rule) = rule.filter(|_| call.operation == rules::RULE) {
            for target in list("targets") {
                self.targeted(&rule, &target, call);
            }
        }
        if let Some(target) = props.get("target").filter(|_| call.operation == "aws-lambda.EventSourceMapping") {
            self.mapped(target, call);
        }
        if let Some(target) = props.get("function").filter(|_| call.operation == "aws-lambda.EventInvokeConfig") {
            self.invoked(target, props, call);
        }
    }

    /// Where the results of functions go that are invoked asynchronously, and what is granted for that.
    fn invoked(&mut self, target: &Arg, props: &ArgMap, call: &SdkCall) {
        for at in self.functions_of(target) {
            function::destinations(&mut self.stack.functions[at], props, call);
            self.grant_destinations(at, props, call);
        }
    }

    /// A mapping of an event source that is written by hand.
    fn mapped(&mut self, target: &Arg, call: &SdkCall) {
        let props = props(&call.params);
        let Some(arn) = props.get("eventSourceArn").and_then(arn_of) else { return };
        for at in self.functions_of(target) {
            let failed = props.get("onFailure").and_then(construct);
            let failed = failed.and_then(|(_, _, data)| data.get("0")).and_then(arn_of);
            let declared = match arn.as_hole() {
                Some(Hole::Resource { id, .. }) => self.stack.resources.get(id.as_str()).map(|resource| resource.kind.as_str()),
                _ => None,
            };
            let kind = crate::iac::events::mapping_kind(&arn, declared);
            self.polled(at, kind, Some(arn.clone()), failed, call);
        }
    }

    /// `fn.node.defaultChild.addPropertyOverride('DurableConfig', {…})`: a property of the resource, whatever the construct says.
    /// <https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html#develop-customize-escape-raw>
    fn overridden(&mut self, receiver: &Arg, path: &str, given: &Arg, call: &SdkCall) {
        for at in self.functions_of(receiver) {
            function::overridden(&mut self.stack.functions[at], path, given, call);
        }
        if let Some((_, Some(id), _)) = construct(receiver)
            && let Some(resource) = self.stack.resources.get_mut(id)
            && let Arg::Map(properties) = &mut resource.properties
            && !path.contains('.')
        {
            properties.entries.insert(path.into(), given.clone());
        }
    }

    /// `fn.node.defaultChild.handler = '…'`: the same with the resource's own properties. What a construct that is generated from
    /// a resource type has set is read where it is made.
    fn assigned(&mut self, receiver: &Arg, call: &SdkCall) {
        let name = call.params.get("0").and_then(Arg::as_text);
        let (Some(name), Some(given)) = (name.as_ref().and_then(Text::as_literal), call.params.get("1")) else { return };
        if !construct(receiver).is_some_and(|(class, id, _)| id.is_some() && !is_low_level(class)) {
            return;
        }
        match (name, given.as_map().and_then(|map| map.get("variables"))) {
            ("environment", Some(variables)) => self.overridden(receiver, "Environment.Variables", variables, call),
            _ => self.overridden(receiver, &made::upper_first(name), &made::inner(given, None, made::NESTING), call),
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
            // Whatever gives the cluster's ARN, the function polls one.
            (EventKind::Msk, _) => {
                let arn = named.and_then(|named| named.get("clusterArn")).and_then(arn_of);
                Some(arn.unwrap_or_else(|| Text::hole(Hole::Unknown("the ARN of a cluster".into()))))
            }
            _ => from.and_then(arn_of),
        };
        let failed = named.and_then(|named| named.get("onFailure")).and_then(construct);
        let target = failed.and_then(|(_, _, data)| data.get("0")).and_then(arn_of);
        self.polled(at, kind, resource, target, call);
        self.granted_with(at, source, call);
        self.grant_implicitly(at, from, grant, "polls its event source", call);
        if let Some((class, _, data)) = failed {
            self.grant_implicitly(at, data.get("0"), sends(class), "polls its event source", call);
        }
    }

    fn polled(&mut self, at: usize, kind: EventKind, resource: Option<Text>, on_failure: Option<Text>, call: &SdkCall) {
        self.push_event(
            at,
            EventSource {
                // A constructor has no name that anybody gave it.
                name: if call.function.starts_with("__") { "EventSourceMapping".into() } else { call.function.clone() },
                kind,
                resource,
                on_failure,
                properties: ArgMap { open: true, ..ArgMap::default() },
                origin: call.at.clone(),
            },
        );
    }

    fn pushed(&mut self, receiver: &Arg, target: Option<&Arg>, kind: &'static str, call: &SdkCall) {
        self.pushed_from(Some(receiver), target, kind, call);
    }

    fn pushed_from(&mut self, source: Option<&Arg>, target: Option<&Arg>, kind: &'static str, call: &SdkCall) {
        for at in target.map(|target| self.functions_of(target)).unwrap_or_default() {
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

    pub(super) fn push_event(&mut self, at: usize, event: EventSource) {
        let same = |known: &EventSource, event: &EventSource| {
            (&known.kind, &known.resource, &known.properties) == (&event.kind, &event.resource, &event.properties)
        };
        let events = &mut self.stack.functions[at].events;
        if !events.iter().any(|known| same(known, &event)) {
            events.push(event);
        }
    }

    /// `table.grantReadData(fn)`, to a function or to a role.
    fn granted(&mut self, receiver: &Arg, method: &str, grantee: Option<&Arg>, call: &SdkCall) {
        let Some(grantee) = grantee.filter(|grantee| construct(grantee).is_some()) else { return };
        let told = || Some((class_with_grant(method, called_as(&call.params)?.as_literal()?).unwrap_or_default(), ""));
        let made = construct(receiver).filter(|(class, id, _)| id.is_some() || fact_of(class).is_some());
        let Some((class, id)) = made.map(|(class, id, _)| (class, id.unwrap_or_default())).or_else(told) else { return };
        // Newer methods are those of `grants`, without the word.
        let long = behind_grants(method);
        let knows = |name: &str| fact_of(class).is_some_and(|fact| fact.grants.contains_key(name));
        let method = if knows(&long) { long.as_str() } else { method };
        if !method.starts_with("grant") {
            return;
        }
        let policy = self.granted_on((class, id), self.arn(receiver), method, call);
        self.declare(grantee, policy);
    }

    /// `Grant.addToPrincipal({ grantee, actions, resourceArns })`, and functions that grant something of their own.
    fn granted_by_library(&mut self, call: &SdkCall) {
        let params = props(&call.params);
        let Some(grantee) = argument(&call.params, "0", &["grantee"]) else { return };
        let class = call.operation.as_str();
        if class.starts_with("aws-iam.Grant.addToPrincipal") {
            let (actions, complete) = policy::known_actions(policy::texts(params.get("actions")));
            let (resources, _) = policy::texts(params.get("resourceArns"));
            let mut policy = inline(&[], complete && !actions.is_empty(), call);
            policy.statements_mut().push(allow(actions, resources, Vec::new(), call));
            self.declare(grantee, policy);
        } else if let Some(fact) = static_grant(class) {
            let name = class.rsplit('.').next().unwrap_or(class);
            let statements = self.statements(fact, None, "", call);
            let source = PolicySource::Grant { name: name.into(), resource: Text::literal("*") };
            self.declare(grantee, policy(source, statements, call));
        }
    }

    /// What is granted to the functions that something is made with: `new LambdaInvokeAction({ lambda })`.
    fn granted_when_made(&mut self, call: &SdkCall) {
        let params = props(&call.params);
        for fact in granted_when_made(&call.operation) {
            if let Some(grantee) = fact.to.as_ref().and_then(|to| params.get(to)) {
                let receiver = call.params.get("receiver");
                let policy = self.of_made(fact, &call.operation, &call.params, receiver, call);
                self.declare(grantee, policy);
            }
        }
    }

    /// What a function is granted for what is hung onto it: an event source, a file system.
    pub(super) fn granted_with(&mut self, at: usize, value: &Arg, call: &SdkCall) {
        let Some((class, _, data)) = construct(value) else { return };
        let is_given = |on: &String| data.get(on).is_some() || props(data).get(on).is_some();
        for fact in granted_when_made(class).iter().filter(|fact| fact.to.is_none() && fact.on.iter().all(is_given)) {
            let policy = self.of_made(fact, class, data, None, call);
            self.stack.functions[at].declared.push(policy);
        }
    }

    /// What something grants because it is made; `params` is what it is made with.
    fn of_made(&self, fact: &GrantFact, class: &str, params: &ArgMap, receiver: Option<&Arg>, call: &SdkCall) -> DeclaredPolicy {
        let on = fact.on.as_ref().and_then(|on| params.get(on).or_else(|| props(params).get(on))).or(receiver);
        let arn = on.and_then(|on| self.arn(on));
        let id = on.and_then(construct).and_then(|(_, id, _)| id).unwrap_or_default();
        if let Some(name) = &fact.managed {
            return policy(PolicySource::Managed(name.into()), Vec::new(), call);
        }
        let name = class.rsplit('.').next().unwrap_or(class).into();
        let statements = self.statements(fact, arn.as_ref(), id, call);
        policy(PolicySource::Grant { name, resource: arn.unwrap_or_else(|| Text::literal("*")) }, statements, call)
    }

    /// What the library grants to a function because of how it is set up.
    pub(super) fn grant_implicitly(&mut self, at: usize, on: Option<&Arg>, method: &str, why: &'static str, call: &SdkCall) {
        if let Some(mut policy) = on.and_then(|on| self.grant(on, method, call)).filter(|_| !method.is_empty()) {
            policy.source = PolicySource::Implicit(SmolStr::new_static(why));
            self.stack.functions[at].declared.push(policy);
        }
    }

    /// What a method of a construct grants on the resource it stands for.
    fn grant(&self, on: &Arg, method: &str, call: &SdkCall) -> Option<DeclaredPolicy> {
        let (class, id, _) = construct(on).filter(|(class, id, _)| id.is_some() || fact_of(class).is_some())?;
        Some(self.granted_on((class, id.unwrap_or_default()), self.arn(on), method, call))
    }

    /// What a method grants on a construct of a class, which has no id when nothing makes it. Of a method that is not known,
    /// nothing is.
    fn granted_on(&self, (class, id): (&str, &str), arn: Option<Text>, method: &str, call: &SdkCall) -> DeclaredPolicy {
        let fact = fact_of(class);
        let of_id = || if id.is_empty() { unknown("the ARN of a construct") } else { Text::literal(id) };
        let arn_or_id = arn.clone().unwrap_or_else(of_id);
        let source = PolicySource::Grant { name: method.into(), resource: arn_or_id };
        // Functions of a class can be called on what it makes.
        let of_class = || static_grant(&format!("{}.{method}", own_class(class)));
        let statements = match (fact, fact.and_then(|fact| fact.grants.get(method)).or_else(of_class)) {
            (Some(fact), Some(grant)) => {
                let mut statements = self.statements(grant, arn.as_ref(), id, call);
                let key = fact.key.as_ref().and_then(|_| self.keys.get(id)).and_then(|key| self.arn(key));
                if let Some(key) = key.filter(|_| !grant.key.is_empty()) {
                    statements.push(allow(grant.key.iter().map(SmolStr::from).collect(), vec![key], Vec::new(), call));
                }
                statements
            }
            // `bucket.grant(fn, 's3:GetObject')`
            (fact, None) if method == "grant" => {
                let given = (1..call.params.entries.len()).map_while(|at| call.params.get(&at.to_string()));
                let (actions, whole) = policy::known_actions((given.flat_map(Arg::texts).collect(), true));
                let itself = [String::new()];
                let written = fact.map_or(&itself[..], |fact| &fact.grant);
                let resources: Vec<Text> = written.iter().map(|written| fill(written, arn.as_ref(), id, call)).collect();
                let is_known = whole && !actions.is_empty() && !resources.is_empty();
                is_known.then(|| allow(actions, resources, Vec::new(), call)).into_iter().collect()
            }
            _ => Vec::new(),
        };
        policy(source, statements, call)
    }

    fn statements(&self, grant: &GrantFact, arn: Option<&Text>, id: &str, call: &SdkCall) -> Vec<DeclaredStatement> {
        let one = |grant: &GrantFact| {
            let resources = grant.resources.iter().map(|written| fill(written, arn, id, call)).collect();
            let conditions = grant.conditions.iter().flat_map(|(operator, keys)| {
                keys.iter().map(move |(key, value)| {
                    let values = match value {
                        serde_json::Value::Array(items) => {
                            items.iter().filter_map(|item| item.as_str()).map(Text::literal).collect()
                        }
                        value => vec![spelled(value.as_str().unwrap_or_default(), id, |_| None)],
                    };
                    Condition::new(operator, key, values)
                })
            });
            allow(grant.actions.iter().map(SmolStr::from).collect(), resources, conditions.collect(), call)
        };
        [grant].into_iter().chain(&grant.also).map(one).collect()
    }

    fn declare(&mut self, receiver: &Arg, policy: DeclaredPolicy) {
        let functions = self.functions_of(receiver);
        if functions.is_empty() {
            return self.at_role(receiver, policy);
        }
        for at in functions {
            self.stack.functions[at].declared.push(policy.clone());
        }
    }

    fn at_role(&mut self, role: &Arg, granted: DeclaredPolicy) {
        if let Some(id) = policy::id_of(role)
            && let Some(role) = self.stack.roles.get_mut(&id)
        {
            role.policies.push(granted);
        }
    }
}

fn argument<'a>(params: &'a ArgMap, position: &str, names: &[&str]) -> Option<&'a Arg> {
    params.get(position).or_else(|| names.iter().find_map(|name| props(params).get(name)))
}

/// The facts about a class; what is imported from elsewhere has those of the class it is imported as.
fn fact_of(class: &str) -> Option<&'static crate::sdk::construct::ConstructFact> {
    construct_fact(own_class(class))
}

/// The method that a target's class calls on it: `new SqsDestination(queue)`, `new SnsDlq(topic)`.
pub(super) fn sends(class: &str) -> &'static str {
    match class.rsplit('.').next().unwrap_or(class) {
        "SqsDestination" | "SqsDlq" => "grantSendMessages",
        "SnsDestination" | "SnsDlq" => "grantPublish",
        "LambdaDestination" => "grantInvoke",
        "EventBridgeDestination" => "grantPutEventsTo",
        "S3Destination" | "S3OnFailureDestination" => "grantReadWrite",
        _ => "",
    }
}

pub(super) fn allow(
    actions: Vec<SmolStr>,
    resources: Vec<Text>,
    conditions: Vec<Condition>,
    call: &SdkCall,
) -> DeclaredStatement {
    DeclaredStatement { conditions, ..DeclaredStatement::allow(actions, resources, call.at.clone()) }
}

fn unknown(what: &str) -> Text {
    Text::hole(Hole::Unknown(what.into()))
}

/// A resource of a grant: see [`GrantFact::resources`].
fn fill(written: &str, arn: Option<&Text>, id: &str, call: &SdkCall) -> Text {
    if written == "*" {
        return Text::literal("*");
    }
    let mut out = Text::default();
    if !written.starts_with("arn:") && !written.starts_with("${") {
        out = arn.cloned().unwrap_or_else(|| unknown("the ARN of a construct"));
    }
    out.push_text(&spelled(written, id, |variable| {
        let given = || call.params.get(variable).and_then(Arg::as_text).unwrap_or_else(|| Text::literal("*"));
        match variable {
            position if position.starts_with(|first: char| first.is_ascii_digit()) => Some(given()),
            "Partition" | "Region" | "Account" => None,
            // Of what nothing makes, no attribute is known.
            attribute if id.is_empty() && !attribute.starts_with('?') => Some(unknown("an attribute of a construct")),
            _ => None,
        }
    }));
    out
}
