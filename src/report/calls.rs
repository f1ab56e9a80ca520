//! The requests that were found, as JSON and as a list for people.

use std::collections::BTreeSet;
use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::style::{ACTION, BOLD, DIM, RESET};
use super::{View, arg, handler_of};
use crate::flow::SdkCall;
use crate::note::Note;
use crate::pipeline::FunctionReport;
use crate::sdk::{Confidence, Credentials};

/// The version of the format.
const VERSION: u32 = 1;

/// The requests that functions can make.
#[derive(Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// The version of this format: 1.
    version: u32,
    /// The requests, by function.
    operations: Vec<Operation<'a>>,
    /// What could not be decided.
    notes: Vec<WireNote<'a>>,
}

/// One request.
#[derive(Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the format")]
struct Operation<'a> {
    /// botocore's name of the service.
    service: &'a str,
    /// Its name in the API.
    operation: &'a str,
    /// The function of the program around the call.
    function: &'a str,
    /// Path relative to the folder leash was pointed at.
    file: &'a str,
    /// One-based.
    line: u32,
    /// One-based, in characters.
    column: u32,
    /// `certain`, `likely` or `possible`.
    confidence: &'static str,
    /// What is known of its parameters, by their API names.
    parameters: Value,
    /// The way from the handler to the call.
    path: Vec<Step<'a>>,
    /// The Lambda function that makes the call.
    lambda: &'a str,
    /// The client's region, where the code sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// What stands between the code and the request: `upload_file`, `paginator`.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'a str>,
    /// Whose credentials sign it, where they are not the function's own: `assumed-role`, `explicit` or `literal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<&'static str>,
}

/// A function on the way to a call.
#[derive(Serialize, JsonSchema)]
struct Step<'a> {
    /// Its name.
    function: &'a str,
    /// The file of the call on the way.
    file: &'a str,
    /// The line of that call.
    line: u32,
}

/// Something that could not be decided.
#[derive(Serialize, JsonSchema)]
struct WireNote<'a> {
    /// What kind it is.
    kind: &'static str,
    /// The sentence.
    message: &'a str,
    /// The file it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// One-based.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// One-based, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

/// The word for a confidence.
pub(super) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

/// Whose credentials sign a request, where they are not the function's own.
pub(super) const fn credentials(credentials: &Credentials) -> Option<&'static str> {
    match credentials {
        Credentials::Own => None,
        Credentials::Role(_) => Some("assumed-role"),
        Credentials::Explicit => Some("explicit"),
        Credentials::Literal => Some("literal"),
    }
}

fn operation<'a>(call: &'a SdkCall, function: &'a FunctionReport) -> Operation<'a> {
    let (line, column) = call.at.file.line_column(call.at.span.start);
    let path = call.path.iter().map(|step| Step { function: &step.function, file: &step.at.file.path, line: step.at.line() });
    Operation {
        service: &call.service,
        operation: &call.operation,
        function: &call.function,
        file: &call.at.file.path,
        line,
        column,
        confidence: confidence(call.confidence),
        parameters: arg::parameters(&call.params, function),
        path: path.collect(),
        lambda: &function.name,
        region: call.region.as_ref().map(|region| super::literal_pattern(region, function)),
        via: call.via.as_deref(),
        credentials: credentials(&call.credentials),
    }
}

fn wire_note(note: &Note) -> WireNote<'_> {
    let place = note.at.as_ref().map(|at| (at.file.path.as_str(), at.file.line_column(at.span.start)));
    WireNote {
        kind: note.kind.id(),
        message: &note.message,
        file: place.map(|(file, _)| file),
        line: place.map(|(_, (line, _))| line),
        column: place.map(|(_, (_, column))| column),
    }
}

/// The JSON form.
pub fn json(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let notes: BTreeSet<&Note> = view.functions.iter().flat_map(|function| &function.notes).chain(view.notes).collect();
    let calls = Answer {
        version: VERSION,
        operations: view
            .functions
            .iter()
            .flat_map(|function| function.calls.iter().map(|call| operation(call, function)))
            .collect(),
        notes: notes.into_iter().map(wire_note).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &calls)?;
    writeln!(out)
}

/// The form for people: per function one line per call.
pub fn text(view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for (index, function) in view.functions.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{BOLD}{}{RESET}  {DIM}{}{RESET}", function.name, handler_of(function))?;
        if function.calls.is_empty() {
            writeln!(out, "  no AWS calls found")?;
        }
        for call in &function.calls {
            let place = call.at.short();
            let parameters = arg::line(&call.params, function);
            write!(out, "  {ACTION}{}:{}{RESET}", call.service, call.operation)?;
            if !parameters.is_empty() {
                write!(out, "({parameters})")?;
            }
            writeln!(out)?;
            write!(out, "    {DIM}{place} in {}", call.function)?;
            if let Some(via) = &call.via {
                write!(out, ", through {via}")?;
            }
            if call.confidence != Confidence::Certain {
                write!(out, ", {}", confidence(call.confidence))?;
            }
            if let Some(whose) = credentials(&call.credentials) {
                write!(out, ", with {whose} credentials")?;
            }
            writeln!(out, "{RESET}")?;
        }
    }
    Ok(())
}
