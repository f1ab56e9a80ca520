//! From an operation and its parameters to the permissions it needs.

use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexMap;

use super::format::{Choice, ConditionEntry, EncryptionEntry, Entry, GrantEntry, Kin, NoteEntry, ResourceEntry, When};
use super::load::entry;
use super::template::{Filled, Template};
use super::when::{Truth, eval};
use super::{AccessLevel, Answer, Authorization, Catalog, Encryption, Grant, GrantCondition, Reason, Scope};
use crate::value::{Arg, ArgMap, Hole, Text};

impl Catalog {
    /// What an operation needs with these parameters. `service` is botocore's name, `operation` in Pascal case;
    /// `region` is the client's, where the code sets one.
    pub fn authorize(&self, service: &str, operation: &str, params: &ArgMap, region: Option<&Text>) -> Authorization {
        self.answer(service, operation, params, region).authorization
    }

    /// Like [`Catalog::authorize`], with what the user should be told besides.
    pub fn answer(&self, service: &str, operation: &str, params: &ArgMap, region: Option<&Text>) -> Answer {
        self.narrow_answer(service, operation, params, region, false)
    }

    /// Like [`Catalog::answer`]; `narrow` asks for the conditions that count only on request, too.
    pub fn narrow_answer(&self, service: &str, operation: &str, params: &ArgMap, region: Option<&Text>, narrow: bool) -> Answer {
        let unknown = |reason: String| Answer { authorization: Authorization::Unknown(reason), ..Answer::default() };
        let Some(file) = self.store.service(service) else {
            return unknown(format!("the api-maps do not have a service {service}"));
        };
        let Some(entry) = entry(&file, operation) else {
            return unknown(format!("the api-maps do not have {service}:{operation}"));
        };
        // A local stand-in for a service is reached at a region that does not exist.
        let region = region.filter(|region| region.as_literal().is_none_or(is_region));
        let is_named = |kin: &&Kin| {
            let marks = When::Contains(Choice { param: kin.param.clone(), values: kin.marks.clone() });
            eval(&marks, params) == Truth::Yes
        };
        let kin = file.kin.iter().find(is_named);
        Request { catalog: self, params, region, entry: &entry, narrow, kin }.answer()
    }
}

/// One request against one entry.
struct Request<'a> {
    catalog: &'a Catalog,
    params: &'a ArgMap,
    region: Option<&'a Text>,
    entry: &'a Entry,
    narrow: bool,
    /// The service that authorizes the request instead of its own.
    kin: Option<&'a Kin>,
}

impl Request<'_> {
    fn answer(&self) -> Answer {
        let mut answer = Answer { notes: self.notes(&self.entry.notes), ..Answer::default() };
        answer.notes.extend(self.kin.and_then(|kin| kin.note.clone()));
        if let Some(key) = &self.entry.encryption {
            answer.encryption = Some(encryption(key));
            if key.when.as_ref().is_none_or(|when| eval(when, self.params) >= Truth::Maybe) {
                answer.notes.extend(key.note.clone());
            }
        }
        answer.authorization = match &self.entry.unknown {
            Some(reason) => Authorization::Unknown(reason.clone()),
            None if self.entry.permissionless => Authorization::Permissionless,
            None => self.grants(&mut answer.notes),
        };
        answer
    }

    fn notes(&self, notes: &[NoteEntry]) -> Vec<String> {
        let said = notes.iter().filter(|note| note.when.as_ref().is_none_or(|when| eval(when, self.params) >= Truth::Maybe));
        said.map(|note| note.text.clone()).collect()
    }

    fn grants(&self, notes: &mut Vec<String>) -> Authorization {
        let mut hidden = Vec::new();
        let mut grants = Vec::new();
        for entry in &self.entry.grants {
            match entry.when.as_ref().map_or(Truth::Yes, |when| eval(when, self.params)) {
                Truth::No => {}
                Truth::Hidden => hidden.push(entry),
                Truth::Maybe | Truth::Yes => grants.extend(self.of_entry(entry)),
            }
        }
        if grants.is_empty() {
            // Everything depends on parameters that do not show: then each of them may be meant.
            grants.extend(hidden.iter().flat_map(|entry| self.of_entry(entry)));
        } else {
            notes.extend(needed_besides(&hidden));
        }
        if grants.is_empty() { Authorization::Permissionless } else { Authorization::Grants(merge(grants)) }
    }

    /// The grants of an entry: one for what is certain, one for what may be spared.
    fn of_entry(&self, entry: &GrantEntry) -> Vec<Grant> {
        let of_kin = self.kin.and_then(|kin| self.of_kin(kin, entry));
        let entry = of_kin.as_ref().unwrap_or(entry);
        let Resources { certain, spare, scope } = self.resources(entry);
        let reason = match &entry.forward {
            Some(what) => Reason::Forward(what.as_str().into()),
            None if entry.dependent => Reason::Dependent,
            None => Reason::Direct,
        };
        let grant = |resources, spare| Grant {
            action: entry.action.as_str().into(),
            resources,
            scope,
            conditions: entry.conditions.iter().filter_map(|condition| self.condition(condition)).collect(),
            access_level: self.catalog.access_level(&entry.action).unwrap_or(AccessLevel::Write),
            spare,
            reason: reason.clone(),
            citation: entry.doc.as_deref().or(self.entry.doc.as_deref()).map(Into::into),
        };
        let both = [(certain, false), (spare, true)].into_iter().filter(|(resources, _)| !resources.is_empty());
        both.map(|(resources, spare)| grant(resources, spare)).collect()
    }

    /// The grant as another service asks for it, where that has such an action and the grant is about what the request names.
    fn of_kin(&self, kin: &Kin, entry: &GrantEntry) -> Option<GrantEntry> {
        let action = kin.action_instead(entry)?;
        self.catalog.action(&action)?;
        let (resources, optional) = match &kin.resources {
            Some(resources) => (resources.clone(), Vec::new()),
            None => (entry.resources.clone(), entry.optional.clone()),
        };
        Some(GrantEntry { action, resources, optional, doc: Some(kin.doc.clone()), ..entry.clone() })
    }

    /// The resources of a grant.
    fn resources(&self, entry: &GrantEntry) -> Resources {
        if entry.resources.is_empty() && entry.optional.is_empty() {
            return Resources::any(Scope::Account);
        }
        let mut found = Resources::any(Scope::Resource);
        found.certain.clear();
        let mut bound = false;
        let mut star = false;
        for Chosen { template, filled, undecided } in self.fill(&entry.resources) {
            bound |= !template.is_unbound();
            star |= template.is_star();
            let texts = match (filled.texts.is_empty(), filled.hidden.is_empty()) {
                (false, _) => filled.texts,
                (true, false) => filled.hidden,
                (true, true) => vec![filled.widest],
            };
            found.add(texts, undecided || template.is_sender());
        }
        let is_required = !entry.resources.is_empty();
        let mut hidden = Vec::new();
        for Chosen { template, filled, undecided } in self.fill(&entry.optional) {
            bound |= !template.is_unbound() && !filled.texts.is_empty();
            // One may name the required type and not the others.
            // <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
            found.add(filled.texts, undecided || is_required && template.is_open());
            hidden.extend(filled.hidden);
        }
        if found.is_empty() && !hidden.is_empty() {
            found.certain = hidden;
            bound = true;
        }
        if found.is_empty() {
            return Resources::any(Scope::Unbound);
        }
        found.settle();
        found.scope = match (star && found.certain.len() == 1 && found.spare.is_empty(), bound) {
            (true, _) => Scope::Account,
            (false, true) => Scope::Resource,
            (false, false) => Scope::Unbound,
        };
        found
    }

    /// Fills the templates whose conditions hold; where none does for all that shows, those that may. Each alternative of a
    /// parameter decides for itself.
    fn fill(&self, entries: &[ResourceEntry]) -> Vec<Chosen> {
        let mut all = Vec::new();
        let alternatives = self.alternatives(entries);
        let truth = |entry: &ResourceEntry, params: &ArgMap| entry.when().map_or(Truth::Yes, |when| eval(when, params));
        let truths: Vec<Vec<Truth>> =
            alternatives.iter().map(|params| entries.iter().map(|entry| truth(entry, params)).collect()).collect();
        let best_of = |truths: &[Truth]| truths.iter().copied().max().unwrap_or(Truth::No);
        let names_something = truths.iter().any(|truths| best_of(truths) > Truth::No);
        for (params, truths) in alternatives.iter().map(Cow::as_ref).zip(&truths) {
            let best = best_of(truths).min(Truth::Maybe);
            if best == Truth::No && names_something {
                // A request that names nothing it could touch does not succeed.
                continue;
            }
            let chosen = entries.iter().zip(truths).filter(|(_, truth)| **truth >= best);
            all.extend(chosen.filter_map(|(entry, truth)| {
                let template = self.catalog.store.template(entry.arn())?;
                let filled = template.fill(params, self.region);
                Some(Chosen { template, filled, undecided: *truth == Truth::Maybe })
            }));
        }
        let has_name = |chosen: &&Chosen| !chosen.filled.no_name && !chosen.filled.texts.is_empty();
        let named: Vec<Arc<Template>> = all.iter().filter(has_name).map(|chosen| Arc::clone(&chosen.template)).collect();
        all.retain(|chosen| !(chosen.filled.no_name && named.contains(&chosen.template)));
        all
    }

    /// The parameters, once for each alternative of the only one that has several, where conditions may depend on it.
    fn alternatives(&self, entries: &[ResourceEntry]) -> Vec<Cow<'_, ArgMap>> {
        const MOST: usize = 8;
        let mut several = self.params.entries.iter().filter_map(|(name, value)| match value {
            Arg::OneOf(values) if values.len() <= MOST => Some((name, values)),
            _ => None,
        });
        match (several.next(), several.next()) {
            (Some((name, values)), None) if entries.iter().any(|entry| entry.when().is_some()) => {
                let with = |value: &Arg| {
                    let mut params = self.params.clone();
                    params.entries.insert(name.clone(), value.clone());
                    Cow::Owned(params)
                };
                values.iter().map(with).collect()
            }
            _ => vec![Cow::Borrowed(self.params)],
        }
    }

    /// A condition, when all of its values are known from the request.
    fn condition(&self, entry: &ConditionEntry) -> Option<GrantCondition> {
        let unasked = entry.on_request && !self.narrow;
        if unasked || entry.when.as_ref().is_some_and(|when| eval(when, self.params) != Truth::Yes) {
            return None;
        }
        let mut values = Vec::new();
        for value in &entry.values {
            let filled = self.catalog.store.template(value)?.fill(self.params, self.region);
            if filled.texts.is_empty() || !filled.hidden.is_empty() {
                return None;
            }
            values.extend(filled.texts);
        }
        let of_the_deployment = |hole: &Hole| matches!(hole, Hole::Partition | Hole::Region | Hole::Account);
        let known = values.iter().all(|value| value.holes().all(of_the_deployment));
        values.sort();
        values.dedup();
        known.then(|| GrantCondition { operator: entry.operator.as_str().into(), key: entry.key.as_str().into(), values })
    }
}

/// A template that may be what the request is about, filled.
struct Chosen {
    template: Arc<Template>,
    filled: Filled,
    /// Whether its condition depends on a value that is not known.
    undecided: bool,
}

/// The resources of a grant.
struct Resources {
    certain: Vec<Text>,
    /// Those that need not be asked for, see [`Grant::spare`].
    spare: Vec<Text>,
    scope: Scope,
}

impl Resources {
    fn any(scope: Scope) -> Self {
        Self { certain: vec![Text::literal("*")], spare: Vec::new(), scope }
    }

    fn add(&mut self, texts: Vec<Text>, spare: bool) {
        if spare { self.spare.extend(texts) } else { self.certain.extend(texts) }
    }

    fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.spare.is_empty()
    }

    /// Each once; the only one is certain.
    fn settle(&mut self) {
        for texts in [&mut self.certain, &mut self.spare] {
            texts.sort();
            texts.dedup();
        }
        self.spare.retain(|text| self.certain.binary_search(text).is_err());
        if self.certain.is_empty() && self.spare.len() == 1 {
            std::mem::swap(&mut self.certain, &mut self.spare);
        }
    }
}

fn encryption(entry: &EncryptionEntry) -> Encryption {
    Encryption {
        actions: entry.actions.iter().map(|action| action.as_str().into()).collect(),
        via_service: entry.via.as_str().into(),
        note: entry.note.clone(),
    }
}

/// What conditions that the arguments do not decide ask for, each said once.
fn needed_besides(hidden: &[&GrantEntry]) -> Vec<String> {
    let mut actions: IndexMap<String, Vec<&str>> = IndexMap::new();
    for entry in hidden {
        if let Some(when) = &entry.when {
            actions.entry(when.phrase()).or_default().push(&entry.action);
        }
    }
    let say = |(when, mut actions): (String, Vec<&str>)| {
        actions.dedup();
        let are = if actions.len() == 1 { "is" } else { "are" };
        format!("{} {are} also needed when {when}, which the arguments do not show", actions.join(", "))
    };
    actions.into_iter().map(say).collect()
}

/// Joins grants that differ in their resources only, keeping the order of first appearance.
fn merge(grants: Vec<Grant>) -> Vec<Grant> {
    let mut out: Vec<Grant> = Vec::new();
    for grant in grants {
        let same = out.iter_mut().find(|known| {
            known.action == grant.action
                && known.conditions == grant.conditions
                && known.reason == grant.reason
                && known.scope == grant.scope
                && known.spare == grant.spare
        });
        match same {
            Some(known) => {
                known.resources.extend(grant.resources);
                known.resources.sort();
                known.resources.dedup();
            }
            None => out.push(grant),
        }
    }
    out
}

/// Whether a text has the form of a region: `eu-west-1`, `us-gov-east-1`.
fn is_region(text: &str) -> bool {
    let labels: Vec<&str> = text.split('-').collect();
    labels.len() >= 3 && labels.last().is_some_and(|last| !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}
