//! Findings as SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};

use super::Root;
use crate::diff::{Diff, Finding, Place, Rule, Severity};
use crate::span::Location;

/// Code scanning takes no more results of a run than this.
const RESULTS: usize = 25_000;
/// Code scanning keeps no more locations of a result than this.
const LOCATIONS: usize = 100;
/// Where the project lives.
const HOME: &str = env!("CARGO_PKG_REPOSITORY");

/// Prints one SARIF log with one run.
///
/// # Errors
///
/// When writing fails.
pub fn render(diff: &Diff, root: &Root, out: &mut dyn io::Write) -> io::Result<()> {
    let mut driver = json!({
        "name": "leash",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": Rule::ALL.iter().map(|rule| rule_of(*rule)).collect::<Vec<_>>(),
    });
    if !HOME.is_empty() {
        driver["informationUri"] = HOME.into();
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "columnKind": "unicodeCodePoints",
            "results": diff.findings.iter().take(RESULTS).map(|finding| result(finding, root)).collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule_of(rule: Rule) -> Value {
    json!({
        "id": rule.id(),
        "name": pascal(rule.name()),
        "shortDescription": { "text": rule.summary() },
        "fullDescription": { "text": rule.summary() },
        "help": { "text": rule.help(), "markdown": rule.help() },
        "defaultConfiguration": { "level": level(usual(rule)) },
        "properties": {
            "tags": ["security", "iam", rule.name()],
            "precision": if rule == Rule::Undecidable { "low" } else { "high" },
            "security-severity": score(usual(rule)),
            "problem.severity": problem(usual(rule)),
        },
    })
}

/// `missing-permission` → `MissingPermission`.
fn pascal(name: &str) -> String {
    name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// What a rule's findings usually are; each finding has its own severity besides.
const fn usual(rule: Rule) -> Severity {
    match rule {
        Rule::PrivilegeEscalation | Rule::HardcodedCredentials | Rule::OpenTrust => Severity::Critical,
        Rule::MissingPermission | Rule::WildcardAction | Rule::WildcardResource | Rule::PublicAccess => Severity::High,
        Rule::UnusedAction
        | Rule::UnusedService
        | Rule::SharedRole
        | Rule::AddedPermission
        | Rule::WidenedPermission
        | Rule::ConfusedDeputy => Severity::Medium,
        Rule::UnusedResource | Rule::UnknownAction | Rule::MalformedResource | Rule::StaleAllowance => Severity::Low,
        Rule::Undecidable | Rule::ObservedNotInferred | Rule::RemovedPermission => Severity::Info,
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

const fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "recommendation",
    }
}

const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.1",
        Severity::High => "7.5",
        Severity::Medium => "5.0",
        Severity::Low => "3.0",
        Severity::Info => "0.1",
    }
}

fn result(finding: &Finding, root: &Root) -> Value {
    let index = Rule::ALL.iter().position(|rule| *rule == finding.rule).unwrap_or_default();
    // Code scanning shows files of the repository only.
    let primary = finding.primary_where(|at| root.path(&at.file.path).is_some());
    let locations: Vec<Value> =
        primary.and_then(|at| physical(at, root)).into_iter().map(|at| json!({ "physicalLocation": at })).collect();
    let others: Vec<Value> = finding
        .code
        .iter()
        .chain(&finding.declared)
        .filter(|place| place.at.as_ref() != primary)
        .filter_map(|place| related(place, root))
        .take(LOCATIONS)
        .enumerate()
        .map(|(id, mut related)| {
            related["id"] = (id + 1).into();
            related
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": text(finding) },
        "locations": locations,
        "partialFingerprints": { "leash/v1": finding.fingerprint },
        "properties": { "severity": finding.severity.id(), "functions": finding.functions.iter().map(ToString::to_string).collect::<Vec<_>>() },
    });
    if !others.is_empty() {
        result["relatedLocations"] = others.into();
    }
    if let Some(reason) = &finding.allowed {
        result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
    }
    result
}

fn text(finding: &Finding) -> String {
    let mut text = format!("{}. {}.", capital(&finding.message), capital(&finding.remedy));
    if let Some(doubt) = finding.doubts.first() {
        let _ = write!(text, " Not certain: {doubt}");
        if finding.doubts.len() > 1 {
            let _ = write!(text, " (and {} more)", finding.doubts.len() - 1);
        }
        text.push('.');
    }
    text
}

/// A sentence that starts with a name keeps it as it is.
fn capital(sentence: &str) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    if matches!(
        word,
        "the" | "what" | "whether" | "with" | "allow" | "remove" | "replace" | "limit" | "list" | "resolve" | "anybody"
    ) {
        return sentence[..1].to_uppercase() + &sentence[1..];
    }
    sentence.to_owned()
}

fn related(place: &Place, root: &Root) -> Option<Value> {
    let at = physical(place.at.as_ref()?, root)?;
    Some(json!({ "physicalLocation": at, "message": { "text": place.what } }))
}

fn physical(at: &Location, root: &Root) -> Option<Value> {
    let path = root.path(&at.file.path)?;
    let (line, column) = at.file.line_column(at.span.start);
    let (end_line, end_column) = at.file.line_column(at.span.end.max(at.span.start));
    Some(json!({
        "artifactLocation": { "uri": uri(&path) },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    }))
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=@".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("src/a b/ü.py"), "src/a%20b/%C3%BC.py");
        assert_eq!(pascal("open-trust"), "OpenTrust");
    }
}
