//! What an analysis found: requests with their way from the handler, notes, calls that may turn out to be requests.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::interp::{Activation, Interp};
use super::{PathStep, SdkCall};
use crate::ids::{Id, ModuleId};
use crate::note::Note;
use crate::sdk::construct::CONSTRUCTS;
use crate::sdk::{Confidence, Credentials, RequestDraft};
use crate::span::{Location, Span};
use crate::value::{Arg, ArgMap, Text};

/// Different parameter sets one call site may have before they are joined into one.
const MAX_VARIANTS: usize = 24;
/// The same for what a program that describes infrastructure makes at one place.
const MAX_CONSTRUCTS: usize = 1_000;

/// Everything an analysis found so far.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    calls: IndexMap<CallKey, SdkCall, FxBuildHasher>,
    /// Requests of functions that were called while the program was still being set up, and are called again.
    early: IndexMap<Location, Vec<SdkCall>, FxBuildHasher>,
    variants: FxHashMap<(Location, SmolStr, SmolStr), usize>,
    pub(super) notes: BTreeSet<Note>,
    pub(super) candidates: Vec<super::candidates::Candidate>,
    pub(super) seen_candidates: BTreeSet<(Location, SmolStr)>,
    /// Packages that nothing tells the origin of, and the modules in which that is said.
    pub(super) unlisted: FxHashSet<(ModuleId, SmolStr)>,
    /// Services of the clients that the program makes.
    pub(super) services: BTreeSet<SmolStr>,
    /// Whether a budget was spent.
    pub(super) exhausted: bool,
    /// Whether something was nested too deeply to be followed.
    pub(super) cut_off: bool,
}

/// What makes two requests of one place different ones: where they go and in whose name, too.
type CallKey = (Location, SmolStr, SmolStr, Option<Text>, Credentials, ArgMap);

impl Recorder {
    /// An empty record of a program that makes clients of these services.
    pub(super) fn of(services: BTreeSet<SmolStr>) -> Self {
        Self { services, ..Self::default() }
    }

    pub(super) fn note(&mut self, note: Note) {
        self.notes.insert(note);
    }

    pub(super) fn call(&mut self, call: SdkCall) {
        let site = (call.at.clone(), call.service.clone(), call.operation.clone());
        let (region, credentials) = (call.region.clone(), call.credentials.clone());
        let mut key = (site.0.clone(), site.1.clone(), site.2.clone(), region, credentials, call.params.clone());
        if let Some(known) = self.calls.get_mut(&key) {
            known.confidence = known.confidence.max(call.confidence);
            return;
        }
        let variants = self.variants.entry(site).or_default();
        *variants += 1;
        // Constructs are things of their own, not values of one thing.
        let most = if call.service == CONSTRUCTS { MAX_CONSTRUCTS } else { MAX_VARIANTS };
        if *variants > most {
            key.5 = ArgMap { entries: std::collections::BTreeMap::new(), open: true, computed: Vec::new() };
            let widened = self.calls.entry(key).or_insert_with(|| SdkCall { params: call.params.clone(), ..call.clone() });
            widened.params = join_params(&widened.params, &call.params);
            return;
        }
        self.calls.insert(key, call);
    }

    /// Remembers a request of a function that will be called again when everything is set up.
    fn early_call(&mut self, call: SdkCall) {
        let here = self.early.entry(call.at.clone()).or_default();
        if !here.contains(&call) {
            here.push(call);
        }
    }

    /// The places where requests are made.
    pub(super) fn places(&self) -> FxHashSet<Location> {
        self.calls.keys().map(|key| &key.0).chain(self.early.keys()).cloned().collect()
    }

    /// The requests in the order of their places.
    pub(super) fn finish(mut self) -> (Vec<SdkCall>, BTreeSet<Note>) {
        let mut places: FxHashMap<Location, Vec<usize>> = FxHashMap::default();
        for (index, call) in self.calls.values().enumerate() {
            places.entry(call.at.clone()).or_default().push(index);
        }
        for (at, early) in std::mem::take(&mut self.early) {
            let mut here = places.remove(&at).unwrap_or_default();
            for early in early {
                if !here.iter().any(|&index| is_set_up(&early, &self.calls[index])) {
                    let known = self.calls.len();
                    self.call(early);
                    here.extend(known..self.calls.len());
                }
            }
        }
        let mut calls: Vec<SdkCall> = self.calls.into_values().collect();
        leave_out_refused(&mut calls);
        let told: FxHashSet<_> = calls.iter().filter(|call| !is_assumed(call)).map(place_and_operation).collect();
        calls.retain(|call| !(is_assumed(call) && told.contains(&place_and_operation(call))));
        calls.sort();
        (calls, self.notes)
    }
}

/// Whether only a type tells of a request: what calls the function that makes it, if anything else does, is not known.
fn is_assumed(call: &SdkCall) -> bool {
    crate::sdk::is_assumed(&call.params)
}

/// Leaves out what the SDK refuses to send because it lacks what a request must have, where another way to the same place gives it.
fn leave_out_refused(calls: &mut Vec<SdkCall>) {
    for call in calls.iter_mut() {
        crate::sdk::without_nothing(&call.service, &call.operation, &mut call.params);
    }
    let is_refused = |call: &SdkCall| crate::sdk::lacking(&call.service, &call.operation, &call.params).next().is_some();
    let sent: FxHashSet<_> = calls.iter().filter(|call| !is_refused(call)).map(place_and_operation).collect();
    calls.retain(|call| !is_refused(call) || !sent.contains(&place_and_operation(call)));
}

fn place_and_operation(call: &SdkCall) -> (Location, SmolStr, SmolStr) {
    (call.at.clone(), call.service.clone(), call.operation.clone())
}

/// Whether a request is one that an early one becomes once variables have their values.
fn is_set_up(early: &SdkCall, call: &SdkCall) -> bool {
    let is_nothing = |value: Option<&Arg>| value.is_none_or(|value| *value == Arg::Null);
    early.at == call.at
        && (&early.service, &early.operation) == (&call.service, &call.operation)
        && call.params.entries.iter().any(|(name, value)| *value != Arg::Null && is_nothing(early.params.entries.get(name)))
}

/// Values that two calls of one site give to a parameter; more than a few are unknown.
fn join_params(left: &ArgMap, right: &ArgMap) -> ArgMap {
    let mut joined = ArgMap { entries: left.entries.clone(), open: left.open || right.open, computed: Vec::new() };
    for (name, value) in &right.entries {
        let value = match joined.entries.remove(name) {
            Some(mine) => Arg::one_of([mine, value.clone()]),
            None => value.clone(),
        };
        let value = if value.alternatives().len() > MAX_VARIANTS { Arg::unknown("too many values") } else { value };
        joined.entries.insert(name.clone(), value);
    }
    joined
}

impl Interp<'_> {
    /// Records a request that the call at `span` makes.
    pub(super) fn request(&mut self, draft: RequestDraft, span: Span, at_most: Confidence) {
        let draft = self.with_affixes(draft);
        let was_run = self.infrastructure.as_ref().is_none_or(|scopes| !scopes.done);
        let at_most = if was_run { at_most } else { Confidence::Possible };
        let at_most = if self.hooks.supposed { at_most.min(Confidence::Likely) } else { at_most };
        let call = SdkCall {
            at: self.location(span),
            service: draft.service,
            operation: draft.operation,
            params: self.without_unset(draft.params),
            region: draft.region,
            credentials: draft.credentials,
            confidence: draft.confidence.min(at_most),
            via: draft.via,
            path: self.path(),
            function: self.function_name(),
        };
        if self.setting_up && call.service != CONSTRUCTS { self.record.early_call(call) } else { self.record.call(call) }
    }

    pub(super) fn function_name(&self) -> SmolStr {
        let current = self.current();
        self.func(current.module, current.func).name.clone()
    }

    /// The way from the entry to here: each function with the place it was called from; the first one with its definition.
    pub(super) fn path(&self) -> Vec<PathStep> {
        let last = self.stack.len().saturating_sub(1);
        let inner = self.stack.iter().enumerate().filter(|(index, frame)| frame.func.index() != 0 || *index == last);
        inner.enumerate().map(|(index, (_, activation))| self.step(index, activation)).collect()
    }

    fn step(&self, index: usize, activation: &Activation) -> PathStep {
        let func = self.func(activation.module, activation.func);
        let file = &self.program.modules[activation.module].module.file;
        let definition = || Location::new(file, Span::new(func.span.start, func.span.start));
        let at = if index == 0 { definition() } else { activation.site.clone().unwrap_or_else(definition) };
        PathStep { function: func.name.clone(), at }
    }
}
