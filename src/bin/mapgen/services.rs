//! One service's map: every operation with its grants.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use leash::catalog::format::{Entry, GrantEntry, ResourceEntry, When};

use super::bind::{Binder, is_generic, names_arn_of, variables, whole};
use super::iam::{Action, Iam, Prefix};
use super::model::{Member, Model, Operation};
use super::names::{Kind, noun, plain, verb};
use super::open::{common, one_of, unbound};
use super::overrides::{FullGrant, OperationOverride, Overrides, ServiceOverrides};
use super::reference::Reference;

/// A finished map.
pub(crate) struct ServiceMap {
    pub(crate) prefixes: Vec<String>,
    pub(crate) operations: BTreeMap<String, Entry>,
}

/// Everything the maps are made from.
pub(crate) struct Sources<'a> {
    pub(crate) iam: &'a Iam,
    pub(crate) overrides: &'a Overrides,
    pub(crate) reference: &'a Reference,
}

/// Makes the map of a service.
pub(crate) fn map(service: &str, model: &Model, sources: &Sources<'_>) -> Result<ServiceMap> {
    let none = ServiceOverrides::default();
    let own = sources.overrides.services.get(service).unwrap_or(&none);
    for name in own.operations.keys() {
        if !model.operations.contains_key(name) {
            bail!("overrides/{service}.json corrects {name}, which botocore does not have");
        }
    }
    super::keys::check(service, model, own)?;
    sources.overrides.tags.check(service, model)?;
    let prefixes = prefixes(service, model, own, sources.iam);
    let mut operations = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, operation) in &model.operations {
        match entry(service, model, sources, own, &prefixes, (name, operation)) {
            Ok(entry) => drop(operations.insert(name.clone(), entry)),
            Err(error) => wrong.push(format!("{service}:{name}: {error:#}")),
        }
    }
    // All at once: a change of the sources can make many overrides superfluous.
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    let alike = |known: &Entry, built: &Entry| same(known, built) && known.grants.len() == built.grants.len();
    let same = |other: &ServiceOverrides, name: &str| {
        let built = model.operations.get(name).map(|op| entry(service, model, sources, other, &prefixes, (name, op)));
        built.is_none_or(|built| built.is_ok_and(|built| operations.get(name).is_some_and(|known| alike(known, &built))))
    };
    let dead = super::dead::parts(own, &model.operations.keys().map(String::as_str).collect::<Vec<_>>(), same);
    if !dead.is_empty() {
        let lines = dead.iter().map(|part| format!("overrides/{service}.json: {part} overrides nothing"));
        bail!("{}", lines.collect::<Vec<_>>().join("\n"));
    }
    Ok(ServiceMap { prefixes, operations })
}

/// The entry of one operation, under the given corrections.
fn entry(
    service: &str,
    model: &Model,
    sources: &Sources<'_>,
    own: &ServiceOverrides,
    prefixes: &[String],
    (name, operation): (&str, &Operation),
) -> Result<Entry> {
    let over = own.operations.get(name);
    Build { service, model, name, operation, members: &model.members(operation), own, over, sources, prefixes }.entry()
}

/// The IAM prefixes a service's actions can live under.
fn prefixes(service: &str, model: &Model, own: &ServiceOverrides, iam: &Iam) -> Vec<String> {
    if let Some(prefixes) = &own.prefixes {
        return prefixes.clone();
    }
    let id = model.metadata.service_id.to_ascii_lowercase();
    let candidates = [
        model.metadata.signing_name.clone().unwrap_or_default(),
        model.metadata.endpoint_prefix.clone(),
        service.to_owned(),
        id.replace(' ', ""),
        id.replace(' ', "-"),
    ];
    let mut out: Vec<String> = Vec::new();
    for candidate in candidates {
        if iam.prefixes.contains_key(&candidate) && !out.contains(&candidate) {
            out.push(candidate);
        }
    }
    out
}

/// A condition, held against an operation's parameters.
#[derive(PartialEq)]
enum Settled {
    Never,
    Always,
    Open(When),
}

/// One operation on its way to an entry.
#[derive(Clone, Copy)]
pub(super) struct Build<'a> {
    pub(super) service: &'a str,
    pub(super) model: &'a Model,
    pub(super) name: &'a str,
    pub(super) operation: &'a Operation,
    pub(super) members: &'a [Member],
    pub(super) own: &'a ServiceOverrides,
    pub(super) over: Option<&'a OperationOverride>,
    pub(super) sources: &'a Sources<'a>,
    pub(super) prefixes: &'a [String],
}

impl Build<'_> {
    fn entry(&self) -> Result<Entry> {
        let mut entry = self.generated()?;
        if let Some(over) = self.over {
            let plain = Self { over: None, ..*self };
            let mut generated = plain.generated()?;
            plain.add_keys(&mut generated);
            plain.add_documented(&mut generated, &[])?;
            self.apply(over, &mut entry)?;
            self.add_keys(&mut entry);
            self.add_documented(&mut entry, &over.not_triggered)?;
            if same(&entry, &generated) {
                bail!("the override changes nothing any more");
            }
            entry.doc = over.doc.clone().or_else(|| self.own.doc.clone());
            entry.verified = over.verified.clone().or_else(|| self.own.verified.clone());
            if entry.doc.is_none() {
                bail!("the override has no documentation page");
            }
        } else {
            self.add_keys(&mut entry);
            self.add_documented(&mut entry, &[])?;
        }
        if entry.unknown.is_none() {
            entry.encryption = self.encryption().or(entry.encryption);
        }
        self.note_unsettled_keys(&mut entry);
        self.fold_names(&mut entry);
        self.check(&entry)?;
        Ok(entry)
    }

    fn apply(&self, over: &OperationOverride, entry: &mut Entry) -> Result<()> {
        if over.permissionless {
            *entry = Entry { permissionless: true, ..Entry::default() };
        }
        if let Some(reason) = &over.unknown {
            *entry = Entry { unknown: Some(reason.clone()), ..Entry::default() };
        }
        if over.grants.is_some() && entry.unknown.is_some() {
            // What goes by another name than its action's passes roles as well.
            entry.grants = self.passed_roles();
        }
        if over.passes_no_role {
            entry.grants.retain(|grant| grant.action != "iam:PassRole");
        }
        if let Some(grants) = &over.grants {
            entry.unknown = None;
            let roles = entry.grants.iter().filter(|grant| grant.dependent).cloned().collect::<Vec<_>>();
            entry.grants = grants.iter().map(|grant| self.grant(grant.clone().into())).collect::<Result<_>>()?;
            entry.grants.extend(roles);
        }
        for grant in &over.add {
            entry.unknown = None;
            entry.grants.push(self.grant(grant.clone().into())?);
        }
        for action in &over.depends {
            if !entry.grants.iter().any(|known| known.action.eq_ignore_ascii_case(action)) {
                entry.grants.push(self.dependent(action)?);
            }
        }
        if let Some(first) = entry.grants.first_mut() {
            first.conditions.extend(over.conditions.iter().cloned());
        }
        entry.notes.extend(over.notes.iter().cloned());
        Ok(())
    }

    /// What general rules say.
    fn generated(&self) -> Result<Entry> {
        let bearer = self.model.metadata.is_bearer() && !self.operation.is_signed();
        if bearer || self.operation.is_unsigned() {
            return Ok(Entry { permissionless: true, ..Entry::default() });
        }
        let actions = self.actions();
        if actions.is_empty() {
            let reason = self.own.unknown.clone().unwrap_or_else(|| self.missing());
            return Ok(Entry { unknown: Some(reason), ..Entry::default() });
        }
        let mut grants = Vec::new();
        for action in actions {
            grants.push(self.grant(FullGrant { action, ..empty() })?);
        }
        grants.extend(self.passed_roles());
        let tags = self.tags_on_create(grants.first())?;
        grants.extend(tags);
        Ok(Entry { grants, ..Entry::default() })
    }

    /// Why nothing is known.
    fn missing(&self) -> String {
        let Some(prefix) = self.prefixes.first() else {
            return format!("IAM's data does not have the service, and so no action for {}", self.name);
        };
        let action = format!("{prefix}:{}", self.name);
        if self.operation.documents(&action) {
            return format!("its API reference names {action}, which IAM's data does not have yet");
        }
        format!("IAM's data has no action for {}, and its API reference names none", self.name)
    }

    /// The actions of the operation: AWS's own reference first, then the same name, then the HTTP verb.
    fn actions(&self) -> Vec<String> {
        if let Some(actions) = self.sources.reference.actions(self.service, self.prefixes, self.name) {
            return actions;
        }
        let key = self.name.to_ascii_lowercase();
        let found =
            self.prefixes.iter().find_map(|prefix| Some((prefix, self.sources.iam.prefixes.get(prefix)?.actions.get(&key)?)));
        if let Some((prefix, action)) = found {
            return vec![format!("{prefix}:{}", action.name)];
        }
        let verb = || format!("{}:{}", self.prefixes.first().map_or(self.service, String::as_str), self.operation.http.method);
        self.own.http_verbs.then(verb).into_iter().collect()
    }

    pub(super) fn grant(&self, grant: FullGrant) -> Result<GrantEntry> {
        let (prefix, action) =
            self.sources.iam.action(&grant.action).with_context(|| format!("IAM has no action {}", grant.action))?;
        let spelled_prefix = grant.action.split(':').next().unwrap_or_default();
        let spelled = format!("{spelled_prefix}:{}", action.name);
        let (resources, optional) = match (grant.resources.clone(), grant.optional.clone()) {
            (None, None) if self.own.http_verbs && self.is_of(spelled_prefix) && is_http_verb(&action.name) => {
                (vec![ResourceEntry::Plain(self.http_arn())], Vec::new())
            }
            (None, None) => self.resources(prefix, action, &grant),
            (resources, optional) => (resources.unwrap_or_default(), optional.unwrap_or_default()),
        };
        Ok(GrantEntry {
            action: spelled,
            resources,
            optional,
            when: grant.when,
            conditions: grant.conditions,
            dependent: grant.dependent,
            forward: grant.forward,
            doc: None,
        })
    }

    /// API Gateway's resources are the request's paths.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>
    fn http_arn(&self) -> String {
        let path = self.operation.http.request_uri.split('?').next().unwrap_or_default();
        let mut out = format!("arn:${{Partition}}:{}:${{Region}}::", self.prefixes.first().map_or("", String::as_str));
        for part in path.strip_prefix("/v2").unwrap_or(path).split_inclusive('/') {
            let (variable, slash) = part.strip_suffix('/').map_or((part, ""), |variable| (variable, "/"));
            match variable.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    let name = name.trim_end_matches('+');
                    // An ARN stands in the path in another spelling, with its colons and slashes encoded.
                    let given = |member: &&Member| member.uri.as_deref() == Some(name) && member.name().kind != Kind::Arn;
                    let member = self.members.iter().find(given);
                    out.push_str(&member.map_or(format!("${{any:{name}}}"), |member| format!("${{param:{}|raw}}", member.path)));
                }
                None => out.push_str(variable),
            }
            out.push_str(slash);
        }
        out
    }

    fn resources(&self, prefix: &Prefix, action: &Action, grant: &FullGrant) -> (Vec<ResourceEntry>, Vec<ResourceEntry>) {
        let none = OperationOverride::default();
        let over = self.over.unwrap_or(&none);
        // The service's own bindings are for the operations that have their parameters.
        let fits =
            |template: &str| leash::catalog::parameters(template).is_ok_and(|all| all.iter().all(|param| self.has_path(param)));
        let general = self.own.bind.iter().filter(|(_, template)| fits(template));
        let general = general.map(|(variable, template)| (variable.clone(), template.clone())).collect();
        let overrides = vec![&grant.bind, &over.bind, &general];
        // What `CreateImage` triggers it reads, whatever the operation itself creates.
        let operation = if grant.dependent { &action.name } else { self.name };
        let foreign = grant.dependent && !self.is_of(grant.action.split(':').next().unwrap_or_default());
        let binder = Binder { operation, members: self.members, overrides: overrides.clone(), foreign };
        // What else it touches, its `Name` does not name.
        let telling: Vec<Member> = self.members.iter().filter(|member| !is_generic(member.leaf())).cloned().collect();
        let other = Binder { operation, members: &telling, overrides, foreign };
        let stranger = Binder { operation, members: &[], overrides: vec![&grant.bind, &over.bind], foreign };
        let about = noun(self.name);
        let about = about.trim_end_matches('s');
        let mut required = Vec::new();
        let mut optional = Vec::new();
        let mut generic: BTreeMap<(String, bool), Vec<String>> = BTreeMap::new();
        let mut dropped = Vec::new();
        let wanted =
            action.resource_types.iter().filter(|kind| grant.types.as_ref().is_none_or(|types| types.contains(&kind.name)));
        for kind in wanted {
            let list = if kind.required { &mut required } else { &mut optional };
            let resource = prefix.resource(&kind.name);
            let namesake = foreign && resource.is_some_and(|resource| self.is_namesake(&kind.name, &resource.arn));
            let arns = over.arns.get(&kind.name).or_else(|| self.own.arns.get(&kind.name));
            if let Some(arns) = arns.filter(|_| !namesake) {
                let fits: Vec<_> = arns.iter().filter_map(|arn| self.fitted(arn)).collect();
                if arns.is_empty() || !fits.is_empty() {
                    list.extend(fits);
                    continue;
                }
            }
            let Some(resource) = resource else { continue };
            let elsewhere = grant.dependent && !about.ends_with(plain(&kind.name).trim_end_matches('s'));
            let binder = if namesake || foreign && makes(&action.name, &kind.name) && resource.arn.ends_with("Id}") {
                &stranger
            } else if elsewhere {
                &other
            } else {
                &binder
            };
            let mut bound = binder.bind(&kind.name, &resource.arn);
            if !bound.follows
                && !grant.dependent
                && let Some(template) = self.named_from_now_on(&kind.name, &resource.arn)
            {
                (bound.template, bound.follows) = (template, true);
            }
            match bound.generic {
                Some(param) => generic.entry((param, kind.required)).or_default().push(bound.template),
                None if kind.required || bound.follows || variables(&resource.arn).is_empty() => {
                    if bound.rivals.is_empty() {
                        list.extend(self.or_arn(&kind.name, &resource.arn, bound.template));
                    } else {
                        list.extend(one_of(bound.template, bound.rivals, kind.required));
                    }
                }
                None if !grant.dependent && makes(self.name, &kind.name) => required.push(ResourceEntry::Plain(bound.template)),
                None => dropped.push((kind, bound.template)),
            }
        }
        for ((param, needed), templates) in generic {
            let list = if needed { &mut required } else { &mut optional };
            list.push(ResourceEntry::Plain(common(&param, &templates)));
        }
        unbound(&dropped, action, &mut required, &optional);
        dedup(&mut required);
        dedup(&mut optional);
        (required, optional)
    }

    /// Whether a type of another service is called like one of this service's own: what a request to `SageMaker` calls a
    /// cluster is no cluster of EKS.
    fn is_namesake(&self, kind: &str, format: &str) -> bool {
        let service = |arn: &str| arn.split(':').nth(2).unwrap_or_default().to_owned();
        let own = self.prefixes.iter().filter_map(|prefix| self.sources.iam.prefixes.get(prefix)?.resource(kind));
        let mut own = own.map(|resource| service(&resource.arn)).peekable();
        own.peek().is_some() && own.all(|own| own != service(format))
    }

    /// The template; where only optional parameters give it and another one takes the whole ARN (`FirewallName` or
    /// `FirewallArn`), the one or the other.
    fn or_arn(&self, kind: &str, format: &str, template: String) -> Vec<ResourceEntry> {
        let read = leash::catalog::parameters(&template).unwrap_or_default();
        let needed = |member: &Member| member.required && read.contains(&member.path);
        let beside = |member: &Member| read.iter().any(|path| parent(path) == parent(&member.path));
        let other =
            |member: &&Member| !member.required && names_arn_of(member, kind) && !read.contains(&member.path) && beside(member);
        let arn = self.members.iter().find(other).filter(|_| !read.is_empty() && !self.members.iter().any(needed));
        let Some(arn) = arn else { return vec![ResourceEntry::Plain(template)] };
        vec![
            ResourceEntry::Conditional { arn: template, when: When::Absent(arn.path.clone()) },
            ResourceEntry::Conditional { arn: whole(format, &arn.path), when: When::Present(arn.path.clone()) },
        ]
    }

    /// A template of the service as it applies to this operation: nothing, when the operation lacks a parameter
    /// that it reads; its condition without what never or always holds.
    fn fitted(&self, resource: &ResourceEntry) -> Option<ResourceEntry> {
        let params = leash::catalog::parameters(resource.arn()).unwrap_or_default();
        if !params.iter().all(|param| self.has_path(param)) {
            return None;
        }
        let Some(when) = resource.when() else { return Some(resource.clone()) };
        match self.settle(when) {
            Settled::Never => None,
            Settled::Always => Some(ResourceEntry::Plain(resource.arn().to_owned())),
            Settled::Open(when) => Some(ResourceEntry::Conditional { arn: resource.arn().to_owned(), when }),
        }
    }

    /// What is left of a condition for an operation that may lack its parameters.
    fn settle(&self, when: &When) -> Settled {
        match when {
            When::Absent(param) if !self.has_path(param) => Settled::Always,
            When::Not(inner) => match self.settle(inner) {
                Settled::Never => Settled::Always,
                Settled::Always => Settled::Never,
                Settled::Open(inner) => Settled::Open(When::Not(Box::new(inner))),
            },
            When::Certain(inner) => match self.settle(inner) {
                Settled::Open(inner) => Settled::Open(When::Certain(Box::new(inner))),
                settled => settled,
            },
            When::All(parts) => self.settle_list(parts, Settled::Never, When::All),
            When::Any(parts) => self.settle_list(parts, Settled::Always, When::Any),
            test if test.params().iter().all(|param| self.has_path(param)) => Settled::Open(test.clone()),
            _ => Settled::Never,
        }
    }

    fn settle_list(&self, parts: &[When], decides: Settled, join: fn(Vec<When>) -> When) -> Settled {
        let mut open = Vec::new();
        for part in parts {
            match self.settle(part) {
                settled if settled == decides => return settled,
                Settled::Open(part) => open.push(part),
                Settled::Never | Settled::Always => {}
            }
        }
        match (open.len(), decides) {
            (0, Settled::Never) => Settled::Always,
            (0, _) => Settled::Never,
            (1, _) => Settled::Open(open.remove(0)),
            _ => Settled::Open(join(open)),
        }
    }

    /// Whether the operation takes a parameter, in its model or by an SDK's courtesy.
    fn has_path(&self, param: &str) -> bool {
        let courtesy = self.over.is_some_and(|over| over.client_params.iter().any(|known| known == param));
        courtesy || self.model.has_path(self.operation, param)
    }

    /// Every parameter that the entry reads is an input of the operation, and every action one that IAM has.
    fn check(&self, entry: &Entry) -> Result<()> {
        let behind = entry.encryption.iter().flat_map(|key| &key.actions);
        for action in entry.grants.iter().map(|grant| &grant.action).chain(behind) {
            let known = self.sources.iam.action(action).is_some_and(|(_, known)| action.ends_with(&format!(":{}", known.name)));
            if !known {
                bail!("IAM has no action {action}");
            }
        }
        let mut params = BTreeSet::new();
        for grant in &entry.grants {
            for resource in grant.resources.iter().chain(&grant.optional) {
                params.extend(leash::catalog::parameters(resource.arn())?);
                params.extend(resource.when().iter().flat_map(|when| when.params()).map(str::to_owned));
            }
            for condition in &grant.conditions {
                for value in &condition.values {
                    params.extend(leash::catalog::parameters(value)?);
                }
                params.extend(condition.when.iter().flat_map(|when| when.params()).map(str::to_owned));
            }
            params.extend(grant.when.iter().flat_map(|when| when.params()).map(str::to_owned));
        }
        let whens = entry.notes.iter().filter_map(|note| note.when.as_ref());
        params.extend(whens.flat_map(|when| when.params()).map(str::to_owned));
        for param in params {
            if !self.has_path(&param) {
                bail!("the operation has no parameter {param}");
            }
        }
        Ok(())
    }
}

/// Whether an action is one of those that stand for whatever is requested that way.
fn is_http_verb(action: &str) -> bool {
    matches!(action, "DELETE" | "GET" | "PATCH" | "POST" | "PUT")
}

/// The structure that a parameter is in.
fn parent(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(parent, _)| parent)
}

/// Whether an operation makes a resource of a type, whose name or id is then the service's choice.
pub(super) fn makes(operation: &str, kind: &str) -> bool {
    matches!(verb(operation), "Create" | "Register" | "Allocate") && noun(operation) == plain(kind)
}

/// Whether two entries say the same, in whatever order.
fn same(left: &Entry, right: &Entry) -> bool {
    let rest = |entry: &Entry| Entry { grants: Vec::new(), ..entry.clone() };
    let within = |left: &Entry, right: &Entry| left.grants.iter().all(|grant| right.grants.contains(grant));
    rest(left) == rest(right) && within(left, right) && within(right, left)
}

fn dedup(entries: &mut Vec<ResourceEntry>) {
    let mut seen = Vec::new();
    entries.retain(|entry| {
        let new = !seen.contains(entry);
        seen.push(entry.clone());
        new
    });
}

pub(super) fn empty() -> FullGrant {
    super::overrides::GrantOverride::Action(String::new()).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn model() -> Result<Model> {
        Ok(serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "GetThing": { "http": { "method": "GET", "requestUri": "/" }, "input": { "shape": "Input" } } },
            "shapes": {
                "Input": { "type": "structure", "members": { "Tags": { "shape": "Tags" }, "VpcId": { "shape": "Text" } } },
                "Tags": { "type": "string" },
                "Text": { "type": "string" },
            },
        }))?)
    }

    fn iam(dependent: &[&str]) -> Iam {
        let action = |name: &str, level: &str, dependent: &[&str]| Action {
            name: name.to_owned(),
            access_level: level.to_owned(),
            resource_types: Vec::new(),
            condition_keys: Vec::new(),
            dependent_actions: dependent.iter().map(|&name| name.to_owned()).collect(),
        };
        let known = [action("GetThing", "Read", dependent), action("ReadThing", "Read", &[]), action("TagThing", "Tagging", &[])];
        let mut prefix = Prefix::default();
        prefix.actions.extend(known.into_iter().map(|action| (action.name.to_ascii_lowercase(), action)));
        let mut iam = Iam::default();
        iam.prefixes.insert("thing".to_owned(), prefix);
        iam
    }

    /// `action` or `action when …` per grant of the one operation.
    fn grants(iam: &Iam, reference: &Reference, overrides: &Overrides) -> Result<Vec<String>> {
        let map = map("thing", &model()?, &Sources { iam, overrides, reference })?;
        let show = |grant: &GrantEntry| match &grant.when {
            Some(when) => format!("{} when {}", grant.action, when.phrase()),
            None => grant.action.clone(),
        };
        Ok(map.operations["GetThing"].grants.iter().map(show).collect())
    }

    #[test]
    fn the_service_reference_wins_over_names_and_an_override_over_both() -> Result<()> {
        let (iam, mut overrides) = (iam(&[]), Overrides::default());
        assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing"]);
        let mut reference = Reference::default();
        let file = json!({ "Name": "thing", "Operations": [
            { "Name": "GetThing", "AuthorizedActions": [{ "Name": "ReadThing", "Service": "thing" }] },
        ]});
        reference.add(file.to_string().as_bytes())?;
        assert_eq!(grants(&iam, &reference, &overrides)?, ["thing:ReadThing"]);
        let own = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "operations": {
            "GetThing": { "grants": ["thing:GetThing", "thing:ReadThing"] },
        }});
        overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
        assert_eq!(grants(&iam, &reference, &overrides)?, ["thing:GetThing", "thing:ReadThing"]);
        Ok(())
    }

    #[test]
    fn tags_are_looked_for_within_the_structure_that_is_made_and_noted_where_nothing_holds_them() -> Result<()> {
        let iam = iam(&["thing:TagThing"]);
        let sources = Sources { iam: &iam, overrides: &Overrides::default(), reference: &Reference::default() };
        let with = |inner: &str| {
            serde_json::from_value::<Model>(json!({
                "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
                "operations": { "GetThing": { "http": { "method": "GET", "requestUri": "/" }, "input": { "shape": "Input" } } },
                "shapes": {
                    "Input": { "type": "structure", "members": { "Thing": { "shape": "Thing" } } },
                    "Thing": { "type": "structure", "members": { inner: { "shape": "Text" } } },
                    "Text": { "type": "string" },
                },
            }))
        };
        let entry = map("thing", &with("Tags")?, &sources)?.operations.remove("GetThing").unwrap_or_default();
        assert_eq!(entry.grants[1].when, Some(When::Present("Thing.Tags".to_owned())));
        let entry = map("thing", &with("Color")?, &sources)?.operations.remove("GetThing").unwrap_or_default();
        assert_eq!(entry.grants.len(), 1);
        assert!(entry.notes[0].text.contains("thing:TagThing"), "{:?}", entry.notes);
        Ok(())
    }

    #[test]
    fn a_part_of_an_override_that_overrides_nothing_is_an_error() -> Result<()> {
        let (iam, mut overrides) = (iam(&["thing:ReadThing"]), Overrides::default());
        let own = |not_triggered: &[&str], bind: Value, types: &[&str]| {
            let of_operation = json!({ "not_triggered": not_triggered, "add": [{ "action": "thing:TagThing", "types": types }] });
            let file = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "bind": bind, "operations": {
                "GetThing": of_operation,
            }});
            serde_json::from_value::<ServiceOverrides>(file)
        };
        overrides
            .services
            .insert("thing".to_owned(), own(&["thing:ReadThing", "thing:TagThing"], json!({ "no/Id": "x" }), &["no"])?);
        let found = grants(&iam, &Reference::default(), &overrides).err().map(|error| format!("{error:#}")).unwrap_or_default();
        let parts = ["GetThing: not_triggered[1]", "GetThing: add[0].types[0]", "GetThing: add[0].types", "bind.no/Id"];
        let wanted = parts.map(|part| format!("overrides/thing.json: {part} overrides nothing"));
        assert_eq!(found.lines().collect::<Vec<_>>(), wanted);
        let mut useful = own(&["thing:ReadThing"], json!({}), &[])?;
        for over in useful.operations.values_mut() {
            over.add.clear();
        }
        overrides.services.insert("thing".to_owned(), useful);
        assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing"]);
        Ok(())
    }

    #[test]
    fn verbs_stand_for_what_has_no_action_of_its_own_and_arns_in_paths_are_encoded() -> Result<()> {
        let operation = |uri: &str| json!({ "http": { "method": "GET", "requestUri": uri }, "input": { "shape": "Input" } });
        let model: Model = serde_json::from_value(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "GetPart": operation("/parts/{id}"), "GetTags": operation("/tags/{arn}"), "GetThing": operation("/things") },
            "shapes": {
                "Input": { "type": "structure", "members": {
                    "PartId": { "shape": "Text", "location": "uri", "locationName": "id" },
                    "ResourceArn": { "shape": "Text", "location": "uri", "locationName": "arn" },
                } },
                "Text": { "type": "string" },
            },
        }))?;
        let mut iam = iam(&[]);
        let known = &mut iam.prefixes.entry("thing".to_owned()).or_default().actions;
        let get = Action { name: "GET".to_owned(), ..known["getthing"].clone() };
        known.insert("get".to_owned(), get);
        let mut overrides = Overrides::default();
        let own = json!({ "service": "thing", "http_verbs": true });
        overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
        let map = map("thing", &model, &Sources { iam: &iam, overrides: &overrides, reference: &Reference::default() })?;
        let first = |name: &str| {
            let grant = &map.operations[name].grants[0];
            (grant.action.clone(), grant.resources.first().map(|resource| resource.arn().to_owned()))
        };
        let path = |path: &str| ("thing:GET".to_owned(), Some(format!("arn:${{Partition}}:thing:${{Region}}::{path}")));
        assert_eq!(first("GetPart"), path("/parts/${param:PartId|raw}"));
        assert_eq!(first("GetTags"), path("/tags/${any:arn}"));
        assert_eq!(first("GetThing"), ("thing:GetThing".to_owned(), None));
        Ok(())
    }

    #[test]
    fn dependent_actions_count_as_far_as_parameters_let_them() -> Result<()> {
        let iam = iam(&["thing:TagThing", "thing:ReadThing", "iam:PassRole"]);
        let wanted = ["thing:GetThing", "thing:ReadThing", "thing:TagThing when Tags is given"];
        let mut found = grants(&iam, &Reference::default(), &Overrides::default())?;
        found.sort();
        assert_eq!(found, wanted);
        let own = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "operations": {
            "GetThing": { "not_triggered": ["thing:ReadThing"] },
        }});
        let mut overrides = Overrides::default();
        overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
        assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing", "thing:TagThing when Tags is given"]);
        Ok(())
    }
}
