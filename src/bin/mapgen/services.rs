//! One service's map: every operation with its grants.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use leash::catalog::format::{Entry, GrantEntry};

use super::iam::Iam;
use super::model::{Member, Model, Operation};
use super::names::{noun, plain, verb};
use super::overrides::{FullGrant, OperationOverride, Overrides, PassRole, ServiceOverrides};
use super::reference::Reference;

/// A finished map.
pub(crate) struct ServiceMap {
    pub(crate) prefixes: Vec<String>,
    pub(crate) operations: BTreeMap<String, Entry>,
}

/// Everything the maps are made from.
#[derive(Clone, Copy)]
pub(crate) struct Sources<'a> {
    pub(crate) iam: &'a Iam,
    pub(crate) overrides: &'a Overrides,
    pub(crate) reference: &'a Reference,
    /// How roles are passed.
    pub(crate) roles: &'a PassRole,
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
    let stays = |other: &ServiceOverrides, name: &str| {
        let derived = self::prefixes(service, model, other, sources.iam);
        let built = model.operations.get(name).map(|op| entry(service, model, sources, other, &derived, (name, op)));
        derived == prefixes && built.is_none_or(|built| built.is_ok_and(|built| alike(&operations[name], &built)))
    };
    let mut dead = super::dead::parts(own, &model.operations.keys().map(String::as_str).collect::<Vec<_>>(), stays);
    dead.extend(super::dead::kin(own, &operations, sources.iam));
    if !dead.is_empty() {
        let lines = dead.iter().map(|part| format!("overrides/{service}.json: {part} overrides nothing"));
        bail!("{}", lines.collect::<Vec<_>>().join("\n"));
    }
    Ok(ServiceMap { prefixes, operations })
}

/// Whether nothing changes for an operation where roles are passed otherwise.
pub(crate) fn passes_the_same(service: &str, model: &Model, sources: &Sources<'_>, map: &ServiceMap, name: &str) -> bool {
    let none = ServiceOverrides::default();
    let own = sources.overrides.services.get(service).unwrap_or(&none);
    let built = entry(service, model, sources, own, &map.prefixes, (name, &model.operations[name]));
    built.is_ok_and(|built| alike(&map.operations[name], &built))
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
        let spelled = format!("{}:{}", grant.action.split(':').next().unwrap_or_default(), action.name);
        let (resources, optional) = match (grant.resources.clone(), grant.optional.clone()) {
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

    /// Whether the operation takes a parameter, in its model or by an SDK's courtesy.
    pub(super) fn has_path(&self, param: &str) -> bool {
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

/// Whether two entries are the same but for their order.
fn alike(left: &Entry, right: &Entry) -> bool {
    same(left, right) && left.grants.len() == right.grants.len()
}

pub(super) fn empty() -> FullGrant {
    super::overrides::GrantOverride::Action(String::new()).into()
}

#[cfg(test)]
mod tests;
