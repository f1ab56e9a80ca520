//! Roles and policies of a CDK application: constructs that are some, and the statements that stand in them.

use smol_str::SmolStr;

use super::function::first;
use super::{Reader, arn_of};
use crate::flow::SdkCall;
use crate::iac::declared::{DeclaredPolicy, DeclaredStatement, PolicySource};
use crate::iac::policies::managed_name;
use crate::iac::stack::{Role, RoleRef};
use crate::iac::statements::conditions;
use crate::note::{Note, NoteKind};
use crate::policy::{Condition, Effect};
use crate::sdk::construct::{constant, construct};
use crate::value::{Arg, ArgMap, Hole, Text};

impl Reader<'_> {
    /// Takes in a construct that is a role.
    pub(super) fn role(&mut self, id: &SmolStr, class: &str, props: &ArgMap, call: &SdkCall) {
        if class == "aws-iam.CfnRole" {
            return self.low_level_role(id, props, call);
        }
        // One that is only made where something is granted to it takes the same.
        if !matches!(class, "aws-iam.Role" | "aws-iam.LazyRole") {
            return;
        }
        let mut policies = Vec::new();
        match props.get("managedPolicies") {
            Some(Arg::List { items, .. }) => policies.extend(items.iter().map(|item| managed(item, call))),
            None | Some(Arg::Null) => {}
            Some(other) => policies.push(managed(other, call)),
        }
        match props.get("inlinePolicies") {
            Some(Arg::Map(documents)) => policies.extend(documents.entries.values().map(|value| document(Some(value), call))),
            // Python hands a list on, whose positions are the names.
            written => {
                let (documents, complete) = list(written);
                policies.extend(documents.iter().map(|value| document(Some(value), call)));
                if !complete {
                    policies.push(inline(&[], false, call));
                }
            }
        }
        let name = props.get("roleName").and_then(Arg::as_text);
        let trust = props.get("assumedBy").map(|principal| trust(principal, props, call)).into_iter().collect();
        let boundary = props.get("permissionsBoundary").and_then(arn_of);
        let role = Role { id: id.clone(), name, policies, trust, boundary, origin: call.at.clone() };
        self.stack.roles.entry(id.clone()).or_insert(role);
    }

    /// A role that is generated from its resource type.
    fn low_level_role(&mut self, id: &SmolStr, props: &ArgMap, call: &SdkCall) {
        let (arns, complete) = texts(props.get("managedPolicyArns"));
        let mut policies: Vec<DeclaredPolicy> = arns.into_iter().map(|arn| policy(by_arn(arn), Vec::new(), call)).collect();
        let (inline_policies, whole) = list(props.get("policies"));
        for written in inline_policies {
            let name = written.as_map().and_then(|map| map.get("policyName").or_else(|| map.get("PolicyName")));
            let mut policy = low_level_document(written.as_map().or_else(|| construct(written)?.2.get("props")?.as_map()), call);
            policy.name = name.and_then(Arg::as_text);
            policies.push(policy);
        }
        if !complete || !whole {
            policies.push(inline(&[], false, call));
        }
        let role = Role {
            id: id.clone(),
            name: props.get("roleName").and_then(Arg::as_text),
            policies,
            trust: Vec::new(),
            boundary: props.get("permissionsBoundary").and_then(arn_of),
            origin: call.at.clone(),
        };
        self.stack.roles.entry(id.clone()).or_insert(role);
    }

    /// Takes in a construct that is a policy; it counts where it is attached.
    pub(super) fn policy(&mut self, id: &SmolStr, class: &str, props: &ArgMap, call: &SdkCall) {
        if let Some(import) = class.strip_prefix("aws-iam.ManagedPolicy.from") {
            let given = props.get("managedPolicyArn").or_else(|| call.params.get("2"));
            let arn = given.and_then(Arg::as_text).filter(|_| import == "ManagedPolicyArn");
            let source = match arn.as_ref().and_then(managed_name) {
                Some(name) => PolicySource::Managed(name),
                None => PolicySource::External(arn.unwrap_or_else(|| Text::literal(id.clone()))),
            };
            self.policies.entry(id.clone()).or_insert_with(|| policy(source, Vec::new(), call));
        }
        if matches!(class, "aws-iam.CfnPolicy" | "aws-iam.CfnManagedPolicy") {
            let mut policy = low_level_document(Some(props), call);
            policy.source = PolicySource::Resource(id.clone());
            self.policies.entry(id.clone()).or_insert(policy);
        }
        if !matches!(class, "aws-iam.Policy" | "aws-iam.ManagedPolicy") {
            return;
        }
        let (statements, complete) = list(props.get("statements"));
        let mut policy = inline(statements, complete, call);
        if let Some(value) = props.get("document") {
            let document = document(Some(value), call);
            policy.statements_mut().extend(document.statements.iter().cloned());
            policy.notes.extend(document.notes);
        }
        policy.source = PolicySource::Resource(id.clone());
        self.policies.entry(id.clone()).or_insert(policy);
    }

    /// `policy.addStatements(…)`.
    pub(super) fn add_statements(&mut self, receiver: &Arg, call: &SdkCall) {
        let own = construct(receiver).and_then(|(_, id, _)| self.policies.get_mut(id?));
        let given: Vec<Arg> = (0..call.params.entries.len()).map_while(|at| call.params.get(&at.to_string()).cloned()).collect();
        if let Some(own) = own {
            let more = inline(&given, !given.is_empty(), call);
            own.statements_mut().extend(more.statements.iter().cloned());
            own.notes.extend(more.notes);
        }
    }

    /// Gives functions with a declared role everything that is granted to it, through whichever of its functions, and nothing
    /// of what the construct gives to a role of its own only.
    pub(super) fn finish(&mut self) {
        let own = |policy: &DeclaredPolicy| match &policy.source {
            PolicySource::ImplicitManaged { name, .. } => name.starts_with("AWSLambda"),
            _ => false,
        };
        for function in &mut self.stack.functions {
            let RoleRef::Declared(id) = &function.role else { continue };
            let Some(role) = self.stack.roles.get_mut(id) else {
                let role = Text::hole(Hole::Resource { id: id.clone(), attribute: SmolStr::new_static("Arn") });
                function.role = RoleRef::External(role);
                continue;
            };
            role.policies.extend(function.declared.drain(..).filter(|policy| !own(policy)));
        }
        let roles = self.stack.roles.values_mut().flat_map(|role| &mut role.policies);
        let functions = self.stack.functions.iter_mut().flat_map(|function| &mut function.declared);
        for policy in roles.chain(functions) {
            let PolicySource::Resource(id) = &policy.source else { continue };
            match self.policies.get(id) {
                Some(known) => *policy = known.clone(),
                None => policy.source = PolicySource::External(Text::literal(id.clone())),
            }
        }
        for function in &mut self.stack.functions {
            if let RoleRef::Declared(id) = &function.role
                && let Some(role) = self.stack.roles.get(id)
            {
                function.declared.extend(role.policies.iter().cloned());
            }
        }
    }
}

/// A policy without a name of its own.
pub(super) fn policy(source: PolicySource, statements: Vec<DeclaredStatement>, call: &SdkCall) -> DeclaredPolicy {
    DeclaredPolicy::new(source, statements, call.at.clone())
}

/// `ManagedPolicy.fromAwsManagedPolicyName('service-role/…')`, a policy of the application, or one from elsewhere.
pub(super) fn managed(value: &Arg, call: &SdkCall) -> DeclaredPolicy {
    let unknown = || PolicySource::External(Text::hole(Hole::Unknown("a policy of the application".into())));
    let source = match construct(value) {
        Some((class, id, data)) if class.ends_with("fromAwsManagedPolicyName") => {
            let name = first(data, "managedPolicyName").and_then(|name| name.as_text()).filter(|_| id.is_none());
            name.map_or_else(unknown, |name| match name.as_literal() {
                Some(name) => PolicySource::Managed(name.rsplit('/').next().unwrap_or(name).into()),
                None => PolicySource::External(name),
            })
        }
        Some((class, Some(id), _)) if class.starts_with("aws-iam.ManagedPolicy") => PolicySource::Resource(id.into()),
        Some((_, Some(id), _)) => PolicySource::External(Text::literal(id)),
        // `IManagedPolicy` asks for no more than an ARN.
        _ => value.as_map().and_then(|map| map.get("managedPolicyArn")).and_then(arn_of).map_or_else(unknown, by_arn),
    };
    policy(source, Vec::new(), call)
}

/// A policy that is named by its ARN: AWS's own, one of the application's, or one from elsewhere.
fn by_arn(arn: Text) -> PolicySource {
    match (managed_name(&arn), arn.as_hole()) {
        (Some(name), _) => PolicySource::Managed(name),
        (None, Some(Hole::Resource { id, .. })) => PolicySource::Resource(id.clone()),
        (None, _) => PolicySource::External(arn),
    }
}

/// The document in the properties of what is generated from a resource type.
fn low_level_document(props: Option<&ArgMap>, call: &SdkCall) -> DeclaredPolicy {
    match props.and_then(|props| props.get("policyDocument").or_else(|| props.get("PolicyDocument"))) {
        Some(Arg::Map(written)) => document_of(written, call),
        value => document(value, call),
    }
}

/// The id of a construct: of itself, or of what an attribute of it is given as.
pub(super) fn id_of(value: &Arg) -> Option<SmolStr> {
    if let Some((_, id, _)) = construct(value) {
        return id.map(SmolStr::from);
    }
    match value.as_text()?.as_hole()? {
        Hole::Resource { id, .. } => Some(id.clone()),
        _ => None,
    }
}

/// Who may assume a role: `new ServicePrincipal('lambda.amazonaws.com')`.
fn trust(principal: &Arg, props: &ArgMap, call: &SdkCall) -> DeclaredStatement {
    let mut principals = Vec::new();
    let mut conditions = Vec::new();
    collect_principals(principal, &mut principals, &mut conditions, 0);
    let ids = list(props.get("externalIds")).0;
    if !ids.is_empty() {
        let values = ids.iter().flat_map(Arg::texts).collect();
        conditions.push(Condition::new("StringEquals", "sts:ExternalId", values));
    }
    let allowed = DeclaredStatement::allow(vec!["sts:AssumeRole".into()], Vec::new(), call.at.clone());
    DeclaredStatement { principals, conditions, ..allowed }
}

/// How many principals may be wrapped in one another.
const MAX_PRINCIPALS: usize = 4;

fn collect_principals(value: &Arg, out: &mut Vec<(SmolStr, Text)>, narrowed: &mut Vec<Condition>, depth: usize) {
    let unknown = || Text::hole(Hole::Unknown("a principal of the application".into()));
    let Some((class, id, data)) = construct(value).filter(|_| depth < MAX_PRINCIPALS) else {
        out.push(("AWS".into(), unknown()));
        return;
    };
    // Python may name it: `ServicePrincipal(service=…)`.
    let named = || {
        let names = ["service", "arn", "accountId", "federated", "openIdConnectProvider", "samlProvider"];
        names.iter().find_map(|name| data.get("props")?.as_map()?.get(name))
    };
    let first =
        || data.get("0").or_else(named).and_then(|value| arn_of(value).or_else(|| value.as_text())).unwrap_or_else(unknown);
    match class.rsplit('.').next().unwrap_or(class) {
        "ServicePrincipal" => {
            let options = data.get("props").and_then(Arg::as_map);
            narrowed.extend(conditions(options.and_then(|options| options.get("conditions"))).0);
            out.push(("Service".into(), first()));
        }
        "AnyPrincipal" | "StarPrincipal" | "Anyone" => out.push(("AWS".into(), Text::literal("*"))),
        "AccountRootPrincipal" => out.push(("AWS".into(), Text::hole(Hole::Account))),
        "FederatedPrincipal" | "WebIdentityPrincipal" | "OpenIdConnectPrincipal" | "SamlPrincipal" => {
            out.push(("Federated".into(), first()));
        }
        "CompositePrincipal" => {
            for at in 0..data.entries.len() {
                let Some(inner) = data.get(&at.to_string()) else { break };
                collect_principals(inner, out, narrowed, depth + 1);
            }
        }
        "PrincipalWithConditions" => {
            narrowed.extend(conditions(data.get("props")).0);
            match data.get("0") {
                Some(inner) => collect_principals(inner, out, narrowed, depth + 1),
                None => out.push(("AWS".into(), unknown())),
            }
        }
        _ if id.is_some() => out.push(("AWS".into(), arn_of(value).unwrap_or_else(unknown))),
        _ => out.push(("AWS".into(), first())),
    }
}

/// `new PolicyDocument({ statements })`, or `PolicyDocument.fromJson({ Statement })`.
fn document(value: Option<&Arg>, call: &SdkCall) -> DeclaredPolicy {
    let props = value.and_then(construct).and_then(|(_, _, data)| data.get("props")?.as_map());
    props.map_or_else(|| inline(&[], false, call), |props| document_of(props, call))
}

/// The statements of a document, or the only one, under each of its names.
pub(super) fn document_of(document: &ArgMap, call: &SdkCall) -> DeclaredPolicy {
    match ["statements", "Statement", "statement"].iter().find_map(|name| document.get(name)) {
        Some(one @ (Arg::Map(_) | Arg::Sdk(_))) => inline([one], true, call),
        given => {
            let (statements, complete) = list(given);
            inline(statements, complete, call)
        }
    }
}

/// A policy of some statements; one that could not be read whole says so.
pub(super) fn inline<'a>(values: impl IntoIterator<Item = &'a Arg>, complete: bool, call: &SdkCall) -> DeclaredPolicy {
    let mut statements = Vec::new();
    let mut whole = complete;
    for value in values {
        match statement(value, call) {
            Some((statement, read)) => {
                whole &= read;
                statements.push(statement);
            }
            None => whole = false,
        }
    }
    let mut policy = policy(PolicySource::Inline, statements, call);
    if !whole {
        let message = "a part of this policy could not be read from the application";
        policy.notes.push(Note::at(NoteKind::Template, call.at.clone(), message));
    }
    policy
}

/// The items of a list, and whether these are all.
pub(super) fn list(value: Option<&Arg>) -> (&[Arg], bool) {
    match value {
        Some(Arg::List { items, open }) => (items, !open),
        None | Some(Arg::Null) => (&[], true),
        Some(_) => (&[], false),
    }
}

/// `new PolicyStatement({ actions, resources })`, or one in the words of IAM, and whether all of it was read.
fn statement(value: &Arg, call: &SdkCall) -> Option<(DeclaredStatement, bool)> {
    let props = match value {
        Arg::Map(map) => map,
        value => construct(value)?.2.get("props")?.as_map()?,
    };
    let get = |names: [&str; 2]| names.iter().find_map(|name| props.get(name));
    let not_action = get(["notActions", "NotAction"]).is_some();
    let not_resource = get(["notResources", "NotResource"]).is_some();
    let actions = texts(get(if not_action { ["notActions", "NotAction"] } else { ["actions", "Action"] }));
    let resources = texts(get(if not_resource { ["notResources", "NotResource"] } else { ["resources", "Resource"] }));
    let (actions, whole) = known_actions(actions);
    let whole = !props.open && whole && !actions.is_empty() && resources.1 && !resources.0.is_empty();
    let (conditions, read) = conditions(get(["conditions", "Condition"]));
    let read = read && conditions.iter().all(|condition| !condition.values.is_empty());
    let effect = get(["effect", "Effect"]);
    let denies = effect.and_then(constant).is_some_and(|effect| effect.rsplit('.').next() == Some("DENY"))
        || effect.and_then(Arg::as_text).is_some_and(|effect| effect.as_literal() == Some("Deny"));
    let statement = DeclaredStatement {
        sid: get(["sid", "Sid"]).and_then(Arg::as_text).and_then(|sid| sid.as_literal().map(SmolStr::from)),
        effect: if denies { Effect::Deny } else { Effect::Allow },
        actions,
        not_action,
        resources: resources.0,
        not_resource,
        principals: Vec::new(),
        not_principal: false,
        conditions,
        origin: call.at.clone(),
    };
    Some((statement, whole && read))
}

/// The actions among some texts, and whether these are all. What is not known of a resource is one text that nobody knows; of
/// an action it would be any action, which nobody wrote.
pub(super) fn known_actions((texts, complete): (Vec<Text>, bool)) -> (Vec<SmolStr>, bool) {
    let known: Vec<SmolStr> = texts.iter().filter_map(|text| text.as_literal().map(SmolStr::from)).collect();
    let whole = complete && known.len() == texts.len();
    (known, whole)
}

/// The texts of a list, or of a value that stands for a list of one, and whether there can be no more.
pub(super) fn texts(value: Option<&Arg>) -> (Vec<Text>, bool) {
    let one;
    let (items, complete) = match value {
        Some(value @ (Arg::Text(_) | Arg::OneOf(_) | Arg::Unknown(Hole::Resource { .. }) | Arg::Sdk(_))) => {
            one = [value.clone()];
            (&one[..], true)
        }
        value => list(value),
    };
    let unknown = || vec![Text::hole(Hole::Unknown("a value of the application".into()))];
    let is_given = |text: &Text| text.as_literal() != Some("");
    let text = |item: &Arg| match arn_of(item).filter(is_given) {
        Some(arn) => vec![arn],
        None => {
            // `config.secret || ""`: nothing could be deployed with the empty text.
            let texts: Vec<Text> = item.texts().into_iter().filter(is_given).collect();
            if texts.is_empty() { unknown() } else { texts }
        }
    };
    (items.iter().flat_map(text).collect(), complete)
}
