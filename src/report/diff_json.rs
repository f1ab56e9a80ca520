//! Findings for programs: frozen wire types of their own.

use std::io;

use serde::Serialize;

use super::columns;
use crate::diff::{self, Diff, Verdict};
use crate::span::Location;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Wire<'a> {
    version: u32,
    leash: &'static str,
    findings: Vec<Finding<'a>>,
    functions: Vec<Subject<'a>>,
    not_compared: Vec<Skipped<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<Evidences<'a>>,
}

/// Where what was observed comes from.
#[derive(Serialize)]
struct Evidences<'a> {
    files: &'a [String],
    passed_over: Vec<Stranger<'a>>,
}

/// A role that runs none of the functions.
#[derive(Serialize)]
struct Stranger<'a> {
    role: &'a str,
    requests: u64,
}

#[derive(Serialize)]
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

#[derive(Serialize)]
struct Permission<'a> {
    action: &'a str,
    resources: &'a [String],
}

#[derive(Serialize)]
struct Evidence<'a> {
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    at: Option<Place<'a>>,
    what: &'a str,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
struct Subject<'a> {
    name: &'a str,
    functions: Vec<&'a str>,
    needed: usize,
    declared: Vec<Declared<'a>>,
    /// Declared, inferred and observed side by side, where somebody looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<columns::Wire<'a>>,
}

#[derive(Serialize)]
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

#[derive(Serialize)]
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
    let wire = Wire {
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
        declared: subject.permissions.iter().map(declared).collect(),
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
