//! Findings for programs: frozen wire types of their own.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use super::json_v1::{WireRole, role_of};
use super::{View, columns, handler_of};
use crate::diff::{self, Diff, SubjectDiff, Verdict};
use crate::pipeline::FunctionReport;
use crate::span::Location;

/// The version of the format.
const VERSION: u32 = 1;

/// What the roles allow against what the code needs.
#[derive(Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// The version of this format: 1.
    version: u32,
    /// The version of leash.
    leash: &'static str,
    /// What to act on: the most severe first.
    findings: Vec<Finding<'a>>,
    /// The functions, or roles that several of them share.
    functions: Vec<Subject<'a>>,
    /// Functions without declared permissions.
    not_compared: Vec<Skipped<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Evidences<'a>>,
}

/// Where what was observed comes from.
#[derive(Serialize, JsonSchema)]
struct Evidences<'a> {
    files: &'a [String],
    passed_over: Vec<Stranger<'a>>,
}

/// A role that runs none of the functions.
#[derive(Serialize, JsonSchema)]
struct Stranger<'a> {
    role: &'a str,
    requests: u64,
}

/// One function on a line of its own, readable without any other line.
#[derive(Serialize, JsonSchema)]
pub struct Line<'a> {
    /// The version of this format: 1.
    version: u32,
    /// The version of leash.
    leash: &'static str,
    /// The function's name, as `leash infer` prints it.
    name: &'a str,
    /// `file:symbol`; the file alone when it is analyzed as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<String>,
    /// Where the template declares it.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<Place<'a>>,
    /// The role it runs with, where a template says.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<WireRole>,
    /// The other functions with that role. What they need is part of the figures below.
    shared_with: Vec<&'a str>,
    /// Whether there were declared permissions to compare with.
    compared: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// How many actions IAM knows that the role allows on anything; denials are not taken off.
    allowed_actions: usize,
    /// How many actions the code and the settings need.
    needed_actions: usize,
    /// The declared permissions, each with a verdict.
    declared: Vec<Declared<'a>>,
    /// The findings about the function; those about several functions are on the lines of each.
    findings: Vec<Finding<'a>>,
}

/// Something to act on, or to know.
#[derive(Serialize, JsonSchema)]
struct Finding<'a> {
    id: &'static str,
    name: &'static str,
    severity: &'static str,
    functions: Vec<&'a str>,
    message: &'a str,
    remedy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<&'a serde_json::Value>,
    permissions: Vec<Permission<'a>>,
    code: Vec<Evidence<'a>>,
    declared: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    doubts: &'a [String],
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<&'a str>,
}

/// An action with its resources.
#[derive(Serialize, JsonSchema)]
struct Permission<'a> {
    action: &'a str,
    resources: &'a [String],
}

/// What is at a place.
#[derive(Serialize, JsonSchema)]
struct Evidence<'a> {
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    at: Option<Place<'a>>,
    what: &'a str,
}

/// A place in a file; lines and columns count from one.
#[derive(Serialize, JsonSchema)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

/// A function, or a role that several share.
#[derive(Serialize, JsonSchema)]
struct Subject<'a> {
    name: &'a str,
    functions: Vec<&'a str>,
    needed: usize,
    declared: Vec<Declared<'a>>,
    /// Declared, inferred and observed side by side, where somebody looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<columns::Wire<'a>>,
}

/// A declared permission and what is known about it.
#[derive(Serialize, JsonSchema)]
struct Declared<'a> {
    action: &'a str,
    resources: &'a [String],
    policy: &'a str,
    #[serde(flatten)]
    at: Place<'a>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    used_by: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    because: &'a [String],
}

/// A function without declared permissions, and why.
#[derive(Serialize, JsonSchema)]
struct Skipped<'a> {
    function: &'a str,
    reason: &'a str,
}

/// Prints everything as one JSON object.
///
/// # Errors
///
/// When writing fails.
pub fn render(diff: &Diff, out: &mut dyn io::Write) -> io::Result<()> {
    let wire = Answer {
        version: VERSION,
        leash: env!("CARGO_PKG_VERSION"),
        findings: diff.findings.iter().map(finding).collect(),
        functions: diff.subjects.iter().map(subject).collect(),
        not_compared: diff.skipped.iter().map(|(function, reason)| Skipped { function, reason }).collect(),
        observed: diff.evidence.as_ref().map(|evidence| Evidences {
            files: &evidence.files,
            passed_over: evidence.strangers.iter().map(|(role, requests)| Stranger { role, requests: *requests }).collect(),
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &wire)?;
    writeln!(out)
}

/// Prints one line per function of the view.
///
/// # Errors
///
/// When writing fails.
pub fn lines(diff: &Diff, view: &View<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    for function in &view.functions {
        serde_json::to_writer(&mut *out, &line(diff, function))?;
        writeln!(out)?;
    }
    Ok(())
}

fn line<'a>(diff: &'a Diff, function: &'a FunctionReport) -> Line<'a> {
    let own = |names: &[smol_str::SmolStr]| names.contains(&function.name);
    let role = diff.subjects.iter().find(|subject| own(&subject.functions));
    let others = role.into_iter().flat_map(|role| &role.functions).filter(|name| **name != function.name);
    Line {
        version: VERSION,
        leash: env!("CARGO_PKG_VERSION"),
        name: &function.name,
        handler: Some(handler_of(function)).filter(|handler| !handler.is_empty()),
        template: function.function.origin.as_ref().map(at),
        role: role_of(function),
        shared_with: others.map(smol_str::SmolStr::as_str).collect(),
        compared: role.is_some(),
        reason: diff.skipped.iter().find(|(name, _)| *name == function.name).map(|(_, reason)| reason.as_str()),
        allowed_actions: role.map_or(0, |role| role.allowed_actions),
        needed_actions: role.map_or(0, |role| role.needed_actions),
        declared: role.into_iter().flat_map(declared_of).collect(),
        findings: diff.findings.iter().filter(|finding| own(&finding.functions)).map(finding).collect(),
    }
}

fn declared_of(subject: &SubjectDiff) -> impl Iterator<Item = Declared<'_>> {
    subject.permissions.iter().map(declared)
}

fn finding(finding: &diff::Finding) -> Finding<'_> {
    Finding {
        id: finding.rule.id(),
        name: finding.rule.name(),
        severity: finding.severity.id(),
        functions: finding.functions.iter().map(smol_str::SmolStr::as_str).collect(),
        message: &finding.message,
        remedy: &finding.remedy,
        statements: finding.statements.as_ref(),
        permissions: finding.permissions.iter().map(|(action, resources)| Permission { action, resources }).collect(),
        code: finding.code.iter().map(evidence).collect(),
        declared: finding.declared.iter().map(evidence).collect(),
        doubts: &finding.doubts,
        fingerprint: &finding.fingerprint,
        allowed: finding.allowed.as_deref(),
    }
}

fn evidence(place: &diff::Place) -> Evidence<'_> {
    Evidence { at: place.at.as_ref().map(at), what: &place.what }
}

fn at(location: &Location) -> Place<'_> {
    Place { file: &location.file.path, line: location.line(), column: location.column() }
}

fn subject(subject: &diff::SubjectDiff) -> Subject<'_> {
    Subject {
        name: &subject.name,
        functions: subject.functions.iter().map(smol_str::SmolStr::as_str).collect(),
        needed: subject.needed,
        declared: declared_of(subject).collect(),
        columns: subject.rows.iter().map(columns::wire).collect(),
    }
}

fn declared(permission: &diff::Permission) -> Declared<'_> {
    let (used_by, because): (Vec<Evidence<'_>>, &[String]) = match &permission.verdict {
        Verdict::Used(places) => (places.iter().map(evidence).collect(), &[]),
        Verdict::Unused => (Vec::new(), &[]),
        Verdict::CannotTell(why) => (Vec::new(), why),
    };
    Declared {
        action: &permission.action,
        resources: &permission.resources,
        policy: &permission.policy,
        at: at(&permission.at),
        verdict: permission.verdict.id(),
        used_by,
        because,
    }
}
