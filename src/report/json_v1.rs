//! The versioned report: frozen wire types of their own, so that nothing inside can change what programs read.
//!
//! New fields may be added within version 1; none is renamed, removed or given another meaning.

use std::collections::BTreeSet;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::calls::{confidence, credentials};
use super::{View, arg, handler_of, whole_document};
use crate::catalog::Reason;
use crate::draft::{DraftStatement, EvidenceId, WideningReason};
use crate::flow::SdkCall;
use crate::iac::RoleRef;
use crate::note::Note;
use crate::pipeline::{Evidence, FunctionReport};
use crate::policy::{RenderContext, Statement};
use crate::sdk::Confidence;
use crate::span::Location;
use crate::value::{Hole, unchanged};

/// The version of the format.
const VERSION: u32 = 1;

/// Everything leash found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this format: 1.
    version: u32,
    /// The version of leash.
    leash: &'static str,
    /// The functions, by name.
    functions: Vec<Function>,
    /// What concerns no single function.
    notes: Vec<WireNote>,
}

/// One function on a line of its own, readable without any other line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    /// The version of this format: 1.
    version: u32,
    /// The version of leash.
    leash: &'static str,
    #[serde(flatten)]
    function: Function,
}

/// One Lambda function.
#[derive(Debug, Serialize, JsonSchema)]
struct Function {
    /// The logical id in its template, or the file it was found in.
    name: String,
    /// `file:symbol`; the file alone when it is analyzed as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<String>,
    /// `python3.12`, where the template says.
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime: Option<String>,
    /// Where the template declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Place>,
    /// The format of that template.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// The role it runs with, where a template says.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<WireRole>,
    /// Whether there is a policy: the handler was found and entered.
    analyzed: bool,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Whether everything the handler reaches was resolved.
    complete: bool,
    /// The policy document with all statements.
    policy: serde_json::Value,
    /// The same in documents that fit IAM's quota; absent where one is enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<serde_json::Value>,
    /// The statements with what they rest on, in the order of the policy.
    statements: Vec<WireStatement>,
    /// The requests the code can make.
    operations: Vec<Operation>,
    /// What the template declares today: one line per policy.
    declared: Vec<Declared>,
    /// What could not be decided.
    notes: Vec<WireNote>,
}

/// The role of a function. Functions of one template with roles of the same kind and name share it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WireRole {
    /// `own`: the format makes one for this function alone. `declared`: a role of the template. `external`: one that the
    /// template only names.
    kind: &'static str,
    /// The logical id of a declared role, the ARN of an external one, or what stands for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

/// A place in a file.
#[derive(Debug, Serialize, JsonSchema)]
struct Place {
    /// Path relative to the folder leash was pointed at.
    file: String,
    /// One-based.
    line: u32,
    /// One-based, in characters.
    column: u32,
}

/// A statement and what it rests on.
#[derive(Debug, Serialize, JsonSchema)]
struct WireStatement {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Its actions.
    actions: Vec<String>,
    /// Its resources.
    resources: Vec<String>,
    /// Whether it has conditions; they are in the policy.
    conditional: bool,
    /// `List`, `Read`, `Tagging`, `Write`, `Permissions management`: the highest of its actions.
    access_level: &'static str,
    /// `certain`, `likely` or `possible`: the highest of its evidence.
    confidence: &'static str,
    /// Calls and settings.
    evidence: Vec<WireEvidence>,
    /// Why its resources have wildcards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    wildcards: Vec<Wildcard>,
}

/// What a statement rests on.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum WireEvidence {
    /// A request in the code.
    Call {
        /// Where.
        #[serde(flatten)]
        at: Place,
        /// botocore's service name.
        service: String,
        /// The operation.
        operation: String,
        /// The way from the handler to the call.
        path: Vec<Step>,
        /// The actions of the statement that this request needs.
        actions: Vec<String>,
    },
    /// A setting of the function.
    Setting {
        /// Which one.
        setting: String,
        /// Where it is set.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Place>,
    },
}

/// One step of the way from a handler to a call.
#[derive(Debug, Serialize, JsonSchema)]
struct Step {
    /// The function that is entered.
    function: String,
    /// Where it is called from, or defined.
    file: String,
    /// The line there.
    line: u32,
}

/// A resource with a wildcard.
#[derive(Debug, Serialize, JsonSchema)]
struct Wildcard {
    /// The resource as printed.
    resource: String,
    /// Why.
    reason: String,
}

/// A request.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the format")]
struct Operation {
    /// botocore's service name.
    service: String,
    /// The operation.
    operation: String,
    /// The function of the program that makes it.
    function: String,
    /// Where.
    #[serde(flatten)]
    at: Place,
    /// `certain`, `likely` or `possible`.
    confidence: &'static str,
    /// By API name; unknown parts are `*`.
    parameters: serde_json::Value,
    /// The client's region, when the code sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// What stands between the code and the request: `upload_file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<String>,
    /// Whose credentials, when they are not the function's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<&'static str>,
    /// The way from the handler.
    path: Vec<Step>,
    /// The permissions it needs, before statements were made of them.
    permissions: Vec<Permission>,
}

/// A permission that a request needs.
#[derive(Debug, Serialize, JsonSchema)]
struct Permission {
    /// The action.
    action: String,
    /// The resources.
    resources: Vec<String>,
    /// `direct`, `dependent`, or what the service uses it for.
    reason: String,
    /// AWS's documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    citation: Option<String>,
}

/// A policy that the function has today.
#[derive(Debug, Serialize, JsonSchema)]
struct Declared {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Where.
    #[serde(flatten)]
    at: Place,
    /// The actions that its statements in the template list.
    actions: Vec<String>,
}

/// Something that could not be decided.
#[derive(Debug, Serialize, JsonSchema)]
struct WireNote {
    /// Stable identifier.
    kind: &'static str,
    /// One sentence.
    message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Place>,
    /// Whether a permission may be missing because of it.
    may_hide_permissions: bool,
}

/// The report as JSON.
pub fn render(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let report = Report {
        version: VERSION,
        leash: env!("CARGO_PKG_VERSION"),
        functions: view.functions.iter().map(|function| function_of(function)).collect(),
        notes: view.notes.iter().map(note_of).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// One line per function.
pub fn lines(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for function in &view.functions {
        let line = Line { version: VERSION, leash: env!("CARGO_PKG_VERSION"), function: function_of(function) };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The JSON Schema of a format.
pub fn schema<T: JsonSchema>() -> serde_json::Value {
    // What is left out when it is empty is not required of a reader's document.
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn function_of(function: &FunctionReport) -> Function {
    let plain = RenderContext::plain();
    let json = |document: &crate::policy::PolicyDocument| serde_json::to_value(document.render(&plain)).unwrap_or_default();
    let documents = &function.draft.documents;
    let known = &function.function;
    Function {
        name: function.name.to_string(),
        handler: Some(handler_of(function)).filter(|handler| !handler.is_empty()),
        runtime: known.runtime.as_ref().map(ToString::to_string),
        template: known.origin.as_ref().map(place),
        format: known.stack.as_ref().map(|stack| stack.format.id()),
        role: role_of(function),
        analyzed: function.unanswered().is_none(),
        reason: function.unanswered().map(str::to_owned),
        complete: function.is_complete(),
        policy: json(&whole_document(function)),
        policies: if documents.len() > 1 { documents.iter().map(json).collect() } else { Vec::new() },
        statements: function.draft.statements.iter().map(|draft| statement_of(draft, function)).collect(),
        operations: function.calls.iter().enumerate().map(|(index, call)| operation_of(index, call, function)).collect(),
        declared: known.declared.iter().map(declared_of).collect(),
        notes: function.notes.iter().map(note_of).collect(),
    }
}

pub(super) fn role_of(function: &FunctionReport) -> Option<WireRole> {
    function.function.stack.as_ref()?;
    let (kind, name) = match &function.function.role {
        RoleRef::Implicit => ("own", None),
        RoleRef::Declared(id) => ("declared", Some(id.to_string())),
        RoleRef::External(text) => ("external", Some(super::literal_pattern(text, function))),
    };
    Some(WireRole { kind, name })
}

fn place(at: &Location) -> Place {
    let (line, column) = at.file.line_column(at.span.start);
    Place { file: at.file.path.clone(), line, column }
}

fn note_of(note: &Note) -> WireNote {
    WireNote {
        kind: note.kind.id(),
        message: note.message.clone(),
        at: note.at.as_ref().map(place),
        may_hide_permissions: note.kind.blocks_removal(),
    }
}

fn statement_of(draft: &DraftStatement, function: &FunctionReport) -> WireStatement {
    let statement = &draft.statement;
    let resources: Vec<String> = statement.resources.items().iter().map(ToString::to_string).collect();
    let wildcards = draft.wildcards.iter().map(|wildcard| Wildcard {
        resource: resources.get(wildcard.resource).cloned().unwrap_or_default(),
        reason: reason_of(&wildcard.reason),
    });
    let needs = function.needs.iter().filter(|need| draft.evidence.contains(&need.evidence));
    let highest = needs.map(|need| need.confidence).max().unwrap_or(Confidence::Possible);
    WireStatement {
        sid: statement.sid.as_ref().map(ToString::to_string),
        actions: statement.actions.items().iter().map(|action| action.as_str().to_owned()).collect(),
        conditional: !statement.conditions.is_empty(),
        access_level: draft.level().name(),
        confidence: confidence(highest),
        evidence: draft.evidence.iter().filter_map(|id| evidence_of(*id, statement, function)).collect(),
        wildcards: wildcards.collect(),
        resources,
    }
}

fn evidence_of(id: EvidenceId, statement: &Statement, function: &FunctionReport) -> Option<WireEvidence> {
    match function.evidence.get(id.0 as usize)? {
        Evidence::Call(index) => {
            let call = function.calls.get(*index)?;
            let listed = |action: &str| statement.actions.items().iter().any(|item| item.as_str().eq_ignore_ascii_case(action));
            let mut actions: Vec<String> = function
                .needs
                .iter()
                .filter(|need| need.evidence == id && listed(&need.grant.action))
                .map(|need| need.grant.action.to_string())
                .collect();
            actions.sort();
            actions.dedup();
            Some(WireEvidence::Call {
                at: place(&call.at),
                service: call.service.to_string(),
                operation: call.operation.to_string(),
                path: path_of(call),
                actions,
            })
        }
        Evidence::Setting { what, at } => Some(WireEvidence::Setting { setting: what.clone(), at: at.as_ref().map(place) }),
    }
}

fn path_of(call: &SdkCall) -> Vec<Step> {
    let steps = call.path.iter();
    steps
        .map(|step| Step { function: step.function.to_string(), file: step.at.file.path.clone(), line: step.at.line() })
        .collect()
}

fn operation_of(index: usize, call: &SdkCall, function: &FunctionReport) -> Operation {
    let evidence = function.evidence.iter().position(|evidence| *evidence == Evidence::Call(index));
    let needs = function.needs.iter().filter(|need| Some(need.evidence.0 as usize) == evidence);
    Operation {
        service: call.service.to_string(),
        operation: call.operation.to_string(),
        function: call.function.to_string(),
        at: place(&call.at),
        confidence: confidence(call.confidence),
        parameters: arg::parameters(&call.params, function),
        region: call.region.as_ref().map(|region| super::literal_pattern(region, function)),
        via: call.via.as_ref().map(ToString::to_string),
        credentials: credentials(&call.credentials),
        path: path_of(call),
        permissions: needs.map(permission_of).collect(),
    }
}

fn permission_of(need: &crate::draft::Need) -> Permission {
    Permission {
        action: need.grant.action.to_string(),
        resources: need.grant.resources.iter().map(crate::value::Text::pattern).collect(),
        reason: match &need.grant.reason {
            Reason::Direct => "direct".to_owned(),
            Reason::Dependent => "dependent".to_owned(),
            Reason::Forward(what) => what.to_string(),
        },
        citation: need.grant.citation.as_ref().map(ToString::to_string),
    }
}

fn declared_of(policy: &crate::iac::DeclaredPolicy) -> Declared {
    let actions: BTreeSet<&SmolStr> = policy.statements.iter().flat_map(|statement| &statement.actions).collect();
    Declared {
        name: policy.name.as_ref().map(crate::value::Text::pattern),
        at: place(&policy.origin),
        actions: actions.into_iter().map(ToString::to_string).collect(),
    }
}

/// Why there is a wildcard, as a fragment of a sentence.
pub(super) fn reason_of(reason: &WideningReason) -> String {
    match reason {
        WideningReason::AccountLevel => "the action supports no resources".to_owned(),
        WideningReason::Unbound => "the request does not say which resource".to_owned(),
        WideningReason::UnknownPart(hole) => format!("{} is known only while the function runs", hole_of(hole)),
        WideningReason::Deployment(hole) => format!("{} is decided by the deployment", hole_of(hole)),
        WideningReason::ByNature => "the action is about everything below the resource".to_owned(),
        WideningReason::NotAnArn => "what the request names is no ARN".to_owned(),
        WideningReason::Condition(key) => format!("the value of the condition {key} is known in parts only"),
    }
}

/// What an unknown part is, as the subject of a sentence.
pub(super) fn hole_of(hole: &Hole) -> String {
    match hole {
        Hole::Env { name, .. } => format!("the environment variable {name}"),
        Hole::Event(path) | Hole::Context(path) if unchanged(path) != path => {
            let part = if matches!(hole, Hole::Event(_)) { Hole::Event } else { Hole::Context };
            format!("what the code makes of {}", hole_of(&part(unchanged(path).into())))
        }
        Hole::Event(path) if path.is_empty() => "the event".to_owned(),
        Hole::Event(path) => format!("`{path}` of the event"),
        Hole::Context(path) => format!("`{path}` of the invocation's context"),
        Hole::Response { service, operation, path } => format!("`{path}` of the answer to {service}:{operation}"),
        Hole::Partition => "the partition".to_owned(),
        Hole::Region => "the region".to_owned(),
        Hole::Account => "the account".to_owned(),
        Hole::Resource { id, attribute } if attribute == "Ref" => format!("the template's resource {id}"),
        Hole::Resource { id, attribute } => format!("{attribute} of the template's resource {id}"),
        Hole::Parameter(name) => format!("the parameter {name}"),
        Hole::Content(path) => format!("a part (the content of {path})"),
        Hole::Unknown(why) => format!("a part ({why})"),
    }
}
