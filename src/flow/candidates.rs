//! Calls on receivers that could not be resolved and that may be requests all the same: a client that nothing in the program
//! makes, because code that was not analyzed passes it. They count as possible, never as more.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::value::{Atom, Value};
use super::{PathStep, SdkCall};
use crate::ids::ExprId;
use crate::ir::Expr;
use crate::sdk::{CallArgs, Confidence, RequestDraft};
use crate::span::{Location, Span};

/// Most members of members that are looked through.
const LONGEST: usize = 8;

/// A call on an unknown receiver whose name and arguments may fit an operation.
#[derive(Debug)]
pub(super) struct Candidate {
    at: Location,
    /// What the code calls the receiver: `client` in `self.client.get_item(…)`.
    receiver: Option<SmolStr>,
    method: SmolStr,
    args: CallArgs,
    path: Vec<PathStep>,
    function: SmolStr,
}

/// Calls on receivers of one name in one file, which are taken for one receiver.
type Groups<'c> = IndexMap<(&'c str, &'c str), Vec<&'c Candidate>, FxBuildHasher>;

impl Interp<'_> {
    /// Remembers a call whose receiver is unknown, in case its arguments fit an operation.
    pub(super) fn note_candidate(
        &mut self,
        callee: ExprId,
        (receiver, method): (&Value, Option<&SmolStr>),
        value: &Value,
        args: &Args,
        span: Span,
    ) {
        // A program that describes infrastructure makes no requests.
        if self.infrastructure.is_some() {
            return self.note_grant(callee, value, args, span);
        }
        let Some(method) = method else { return };
        if value.atoms().iter().any(|atom| matches!(atom, Atom::Function(_))) {
            return;
        }
        // What a variable's name tells may be wrong: `elb_client` is often one of version 2.
        // A library may hand out clients, and calls them so: `manager.s3_client.get_object(…)`.
        let name = self.name_of_receiver(callee);
        let is_client = name.as_deref().is_some_and(is_client_name);
        let is_unknown = |atom: &Atom| match atom {
            Atom::Sdk(sdk) => sdk.trust == Confidence::Possible || (is_client && crate::sdk::is_of_unknown_library(&sdk.value)),
            _ => is_part_of_unknown(atom, LONGEST),
        };
        let unknown = |value: &Value| value.atoms().iter().any(is_unknown);
        if !(unknown(receiver) || unknown(value)) {
            return;
        }
        let receiver = name;
        let names_one = |name: &str| args.either(0, name).as_literal().is_some();
        let is_told = is_client
            || self.has_names(args)
            || crate::sdk::naming_argument(method).is_some_and(names_one)
            || self.is_of_named_service(receiver.as_deref(), method, args);
        if is_told && self.record.seen_candidates.insert((self.location(span), method.clone())) {
            let (at, args) = (self.location(span), self.export_args(args));
            let (path, function) = (self.path(), self.function_name());
            self.record.candidates.push(Candidate { at, receiver, method: method.clone(), args, path, function });
        }
    }

    /// Whether a call passes names, which is the least that tells an operation.
    fn has_names(&self, args: &Args) -> bool {
        let is_filled = |atom: &Atom| match atom {
            Atom::Object(id) => !self.store.get(*id).fields.is_empty(),
            _ => false,
        };
        !args.named.is_empty() || args.positional.first().is_some_and(|first| first.atoms().iter().any(is_filled))
    }

    /// Whether what a receiver is called says which service it is a client of, and a call names an operation of that service that
    /// needs nothing else: `iam.list_users()`.
    fn is_of_named_service(&mut self, receiver: Option<&str>, method: &str, args: &Args) -> bool {
        let Some(service) = receiver.and_then(named_service) else { return false };
        let args = self.export_args(args);
        crate::sdk::bare_candidate(service, method, &args).is_some()
    }

    /// What the code calls the object of a method call.
    pub(super) fn name_of_receiver(&self, callee: ExprId) -> Option<SmolStr> {
        let Expr::Member { object, .. } = &self.body().exprs[callee] else { return None };
        match &self.body().exprs[*object] {
            Expr::Member { name, .. } | Expr::Name(name) if !matches!(name.as_str(), "self" | "this" | "cls") => {
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// Turns remembered calls into possible requests: of the services that the program makes clients of, else of the one
    /// service that has such an operation.
    pub(super) fn settle_candidates(&mut self) {
        let mut candidates = std::mem::take(&mut self.record.candidates);
        let known = self.record.places();
        candidates.retain(|candidate| !known.contains(&candidate.at));
        let services = self.record.services.clone();
        let mut others: Groups<'_> = IndexMap::default();
        for candidate in &candidates {
            let drafts: Vec<RequestDraft> = services.iter().filter_map(|service| candidate.draft_of(service)).collect();
            if drafts.is_empty() {
                let receiver = candidate.receiver.as_deref().unwrap_or_default();
                others.entry((&candidate.at.file.path, receiver)).or_default().push(candidate);
            }
            drafts.into_iter().for_each(|draft| self.record.call(candidate.request(draft)));
        }
        let uses_sdk = self.uses_sdk();
        others.retain(|(_, receiver), _| is_client_name(receiver) || uses_sdk || named_service(receiver).is_some());
        let named = |receiver: &str| named_service(receiver).filter(|_| uses_sdk || is_client_name(receiver));
        for draft in others.iter().flat_map(|((_, receiver), group)| of_one_service(named(receiver), group)) {
            self.record.call(draft);
        }
    }

    /// Whether any file of the program imports an AWS SDK.
    fn uses_sdk(&self) -> bool {
        crate::sdk::packages::roots().any(|name| self.program.uses_library(name))
    }
}

impl Candidate {
    /// The request that the call is if its receiver is a client of a service that the program makes clients of.
    fn draft_of(&self, service: &str) -> Option<RequestDraft> {
        let receiver = self.receiver.as_deref().unwrap_or_default();
        let fits = crate::sdk::candidates(service, &self.method, &self.args);
        let is_client = || is_client_name(receiver) || named_service(receiver) == Some(service);
        fits.or_else(|| is_client().then(|| crate::sdk::bare_candidate(service, &self.method, &self.args)).flatten())
    }

    fn request(&self, draft: RequestDraft) -> SdkCall {
        SdkCall {
            at: self.at.clone(),
            service: draft.service,
            operation: draft.operation,
            params: draft.params,
            region: None,
            credentials: draft.credentials,
            confidence: Confidence::Possible,
            via: draft.via,
            path: self.path.clone(),
            function: self.function.clone(),
        }
    }
}

/// Whether something is not known, or is a part of such: `req.app.db.getItem(…)`.
fn is_part_of_unknown(atom: &Atom, longest: usize) -> bool {
    match atom {
        Atom::Hole(_) | Atom::Wrapped(_) => true,
        Atom::Bound(bound) if longest > 0 => {
            bound.receiver().is_some_and(|of| of.atoms().iter().any(|atom| is_part_of_unknown(atom, longest - 1)))
        }
        _ => false,
    }
}

/// Requests of the only service that has everything that is called on a receiver, else of those calls that only one has, or that
/// the service has which the receiver is called like.
fn of_one_service(named: Option<&'static str>, calls: &[&Candidate]) -> Vec<SdkCall> {
    let fits: Vec<Vec<&'static str>> =
        calls.iter().map(|call| crate::sdk::candidate_services(&call.method, &call.args)).collect();
    let mut told = fits.iter().filter(|services| !services.is_empty());
    let first = told.next().map(Vec::as_slice).unwrap_or_default();
    let others: Vec<_> = told.collect();
    let common: Vec<&str> =
        first.iter().copied().filter(|service| others.iter().all(|services| services.contains(service))).collect();
    let of_call = |(call, services): (&&Candidate, &Vec<&'static str>)| {
        let draft = match (common.as_slice(), services.as_slice(), named) {
            ([only], ..) | (_, [only], _) => crate::sdk::candidate_of(only, &call.method, &call.args),
            (_, [], Some(named)) => crate::sdk::bare_candidate(named, &call.method, &call.args),
            (.., Some(named)) if services.contains(&named) => crate::sdk::candidate_of(named, &call.method, &call.args),
            _ => None,
        };
        draft.map(|draft| call.request(draft))
    };
    calls.iter().zip(&fits).filter_map(of_call).collect()
}

/// The service that a variable is called like: `iam`, `_s3_client`.
fn named_service(name: &str) -> Option<&'static str> {
    let name = name.trim_start_matches('_');
    let stem = name.strip_suffix("_client").or_else(|| name.strip_suffix("Client")).unwrap_or(name);
    crate::sdk::service_by_nickname(stem)
}

/// Whether a variable is called what clients of AWS are called.
fn is_client_name(name: &str) -> bool {
    name == "client" || name.ends_with("_client") || name.ends_with("Client")
}
