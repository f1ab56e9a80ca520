//! Renderers: one form of output each. They get a [`View`] and a writer, and decide nothing but looks.

mod arg;
pub mod calls;
pub mod columns;
mod compact;
pub mod compare;
pub mod compare_json;
pub mod diff_json;
pub mod diff_text;
pub mod explain;
pub mod github;
pub mod json_v1;
pub mod lock;
pub mod lookup;
pub mod lookup_json;
pub mod markdown;
pub mod merged;
pub mod notes;
pub mod policy;
mod root;
pub mod sarif;
pub mod style;
pub mod template;
pub mod text;
pub(crate) mod yaml;

use std::io;

pub use root::Root;

use crate::draft::DraftOptions;
use crate::note::Note;
use crate::pipeline::{FunctionReport, Report};
use crate::policy::PolicyDocument;
use crate::value::{Hole, Text};

/// What is shown: some or all functions of a run.
#[derive(Debug)]
pub struct View<'a> {
    /// The functions, by name.
    pub functions: Vec<&'a FunctionReport>,
    /// What concerns no single function.
    pub notes: &'a [Note],
    /// What was known about the deployment.
    pub deployment: &'a DraftOptions,
}

impl<'a> View<'a> {
    /// All of a run.
    pub fn of(report: &'a Report) -> Self {
        Self { functions: report.functions.iter().collect(), notes: &report.notes, deployment: &report.deployment }
    }
}

/// Writes a view in one form.
pub type Renderer = fn(&View<'_>, &mut dyn io::Write) -> io::Result<()>;

/// `src/app.py:lambda_handler`; the file alone where it is analyzed as a whole.
pub fn handler_of(function: &FunctionReport) -> String {
    match (&function.file, &function.symbol) {
        (Some(file), Some(symbol)) => format!("{file}:{symbol}"),
        (Some(file), None) => file.clone(),
        (None, _) => String::new(),
    }
}

/// The whole policy as one document, whatever the quotas say.
fn whole_document(function: &FunctionReport) -> PolicyDocument {
    PolicyDocument::new(function.draft.statements.iter().map(|draft| draft.statement.clone()).collect())
}

/// A text as a pattern in which the template's references are the names that the template gives.
fn literal_pattern(text: &Text, function: &FunctionReport) -> String {
    text.fill(|hole| named(hole, function)).pattern()
}

/// A text as people read it, with everything filled in that is known before the deployment: a resource of the template by
/// the name that it gives, else as `${Orders}`.
fn readable(text: &Text, function: &FunctionReport, deployment: &DraftOptions) -> String {
    let named = text.fill(|hole| named(hole, function));
    let known = named.fill(|hole| match hole {
        Hole::Partition => deployment.partition.clone().map(Text::literal),
        Hole::Region => deployment.region.clone().map(Text::literal),
        Hole::Account => deployment.account.clone().map(Text::literal),
        Hole::Resource { id, attribute } if attribute == "Ref" => Some(Text::literal(format!("${{{id}}}"))),
        Hole::Resource { id, attribute } => Some(Text::literal(format!("${{{id}.{attribute}}}"))),
        Hole::Parameter(name) => Some(Text::literal(crate::iac::shown_parameter(name))),
        _ => None,
    });
    known.pattern()
}

/// What a reference of the template stands for, as far as the template says.
fn named(hole: &Hole, function: &FunctionReport) -> Option<Text> {
    let stack = function.function.stack.as_ref()?;
    let parameter = |hole: &Hole| match hole {
        Hole::Parameter(name) => stack.default_of(name).cloned(),
        _ => None,
    };
    match hole {
        // The name that the template gives may be a parameter.
        Hole::Resource { .. } => stack.resolve(hole).map(|resource| resource.value.fill(parameter)),
        hole => parameter(hole),
    }
}
