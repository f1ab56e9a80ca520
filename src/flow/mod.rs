//! The abstract interpreter: which requests a handler can make, and with what parameters.
//!
//! `flow` has never heard of IAM and does not read templates. It says "the value of the environment variable
//! `TABLE_NAME`"; `bind` says what that is.

mod accessors;
mod annotated;
mod apart;
mod assign;
mod atoms;
mod bases;
mod beyond;
mod bound;
mod budget;
mod builtin;
mod call;
mod candidates;
mod class;
mod collection;
mod comprehension;
mod convert;
mod curried;
mod edges;
mod enums;
mod escaped;
mod eval;
mod exec;
mod exported;
mod fields;
mod handed;
mod handover;
mod hooks;
mod hung;
mod injected;
mod interp;
mod iterators;
mod late;
mod library;
pub mod link;
mod listeners;
mod magic;
mod member;
mod memo;
mod metaclass;
mod modules;
mod names;
mod narrow;
mod overwrite;
mod pairs;
mod pattern;
mod pipelines;
mod programs;
mod providers;
mod proxies;
mod reach;
mod record;
mod run;
mod schemas;
mod scopes;
mod settings;
mod sites;
mod store;
mod subscripts;
mod thrown;
mod unset;
mod value;
mod visits;
mod wrappers;

use smol_str::SmolStr;

pub use interp::FlowOptions;
pub use link::{LinkOptions, Program, REQUIREMENT_LISTS, SourceTree, above, extended};
pub use run::{Analysis, Entry, Unreached, Unset, analyze, constructs, unreached_notes};

use crate::sdk::{Confidence, Credentials};
use crate::span::Location;
use crate::value::{ArgMap, Text};

/// A request to AWS that a function can make.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SdkCall {
    /// Where the call stands.
    pub at: Location,
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation, in Pascal case.
    pub operation: SmolStr,
    /// The request's parameters by their API names.
    pub params: ArgMap,
    /// The client's region, when the code sets it.
    pub region: Option<Text>,
    /// Whose credentials sign it.
    pub credentials: Credentials,
    /// How sure this is.
    pub confidence: Confidence,
    /// What stands between the code and the request.
    pub via: Option<SmolStr>,
    /// The way from the handler to the call, outermost first.
    pub path: Vec<PathStep>,
    /// Name of the function in the program that contains the call.
    pub function: SmolStr,
}

/// One step of the way from a handler to a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PathStep {
    /// The function that is entered.
    pub function: SmolStr,
    /// Where it is called, or defined for the first step.
    pub at: Location,
}
