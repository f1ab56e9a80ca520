//! Findings as SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>,
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Location as SarifLocation, Message, MultiformatMessageString, PhysicalLocation, PropertyBag, Region,
    ReportingConfiguration, ReportingDescriptor, Result as SarifResult, ResultLevel, Run, Sarif, Suppression, Tool,
    ToolComponent,
};
use smol_str::SmolStr;

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
    let mut driver = ToolComponent::builder()
        .name("leash")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(Rule::ALL.iter().map(|rule| rule_of(*rule)).collect::<Vec<_>>())
        .build();
    driver.information_uri = (!HOME.is_empty()).then(|| HOME.to_owned());
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind("unicodeCodePoints")
        .results(diff.findings.iter().take(RESULTS).map(|finding| result(finding, root)).collect::<Vec<_>>())
        .build();
    let log = Sarif::builder().schema("https://json.schemastore.org/sarif-2.1.0.json").version("2.1.0").runs(vec![run]).build();
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn rule_of(rule: Rule) -> ReportingDescriptor {
    let summary = MultiformatMessageString::builder().text(rule.summary()).build();
    ReportingDescriptor::builder()
        .id(rule.id())
        .name(pascal(rule.name()))
        .short_description(summary.clone())
        .full_description(summary)
        .help(MultiformatMessageString::builder().text(rule.help()).markdown(rule.help()).build())
        .default_configuration(ReportingConfiguration::builder().level(json!(level(usual(rule)))).build())
        .properties(
            PropertyBag::builder()
                .tags(vec!["security".to_owned(), "iam".to_owned(), rule.name().to_owned()])
                .additional_properties(named([
                    ("precision", if rule == Rule::Undecidable { "low" } else { "high" }.into()),
                    ("security-severity", score(usual(rule)).into()),
                    ("problem.severity", problem(usual(rule)).into()),
                ]))
                .build(),
        )
        .build()
}

fn named<const N: usize>(properties: [(&str, Value); N]) -> BTreeMap<String, Value> {
    properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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

const fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low | Severity::Info => ResultLevel::Note,
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

fn result(finding: &Finding, root: &Root) -> SarifResult {
    let index = Rule::ALL.iter().position(|rule| *rule == finding.rule).unwrap_or_default();
    // Code scanning shows files of the repository only.
    let primary = finding.primary_where(|at| root.path(&at.file.path).is_some());
    let locations: Vec<SarifLocation> = primary
        .and_then(|at| physical(at, root))
        .into_iter()
        .map(|at| SarifLocation::builder().physical_location(at).build())
        .collect();
    let others: Vec<SarifLocation> = finding
        .code
        .iter()
        .chain(&finding.declared)
        .filter(|place| place.at.as_ref() != primary)
        .filter_map(|place| related(place, root))
        .take(LOCATIONS)
        .zip(1..)
        .map(|(related, id)| SarifLocation { id: Some(id), ..related })
        .collect();
    let functions: Vec<String> = finding.functions.iter().map(ToString::to_string).collect();
    let mut result = SarifResult::builder()
        .rule_id(finding.rule.id())
        .rule_index(i64::try_from(index).unwrap_or_default())
        .level(level(finding.severity))
        .message(message(text(finding)))
        .locations(locations)
        .partial_fingerprints(BTreeMap::from([("leash/v1".to_owned(), finding.fingerprint.clone())]))
        .properties(
            PropertyBag::builder()
                .additional_properties(named([("severity", finding.severity.id().into()), ("functions", functions.into())]))
                .build(),
        )
        .build();
    result.related_locations = (!others.is_empty()).then_some(others);
    result.suppressions = finding
        .allowed
        .as_ref()
        .map(|reason| vec![Suppression::builder().kind("external").justification(reason.clone()).build()]);
    result
}

fn message(text: String) -> Message {
    Message::builder().text(text).build()
}

fn text(finding: &Finding) -> String {
    let mut text =
        format!("{}. {}.", capital(&finding.message, &finding.functions), capital(&finding.remedy, &finding.functions));
    if let Some(doubt) = finding.doubts.first() {
        let _ = write!(text, " Not certain: {doubt}");
        if finding.doubts.len() > 1 {
            let _ = write!(text, " (and {} more)", finding.doubts.len() - 1);
        }
        text.push('.');
    }
    text
}

/// A sentence by itself. One that starts with a name keeps it as it is.
fn capital(sentence: &str, functions: &[SmolStr]) -> String {
    let word = sentence.split(' ').next().unwrap_or_default();
    let is_function = functions.iter().any(|name| word.trim_end_matches(',') == name);
    let is_name = is_function || word.contains([':', '*', '`', '/', '.']) || word.contains(char::is_uppercase);
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) if !is_name => first.to_uppercase().chain(characters).collect(),
        _ => sentence.to_owned(),
    }
}

fn related(place: &Place, root: &Root) -> Option<SarifLocation> {
    let at = physical(place.at.as_ref()?, root)?;
    Some(SarifLocation::builder().physical_location(at).message(message(place.what.clone())).build())
}

fn physical(at: &Location, root: &Root) -> Option<PhysicalLocation> {
    let path = root.path(&at.file.path)?;
    let (line, column) = at.file.line_column(at.span.start);
    let (end_line, end_column) = at.file.line_column(at.span.end.max(at.span.start));
    let region = Region::builder().start_line(line).start_column(column).end_line(end_line).end_column(end_column).build();
    let file = ArtifactLocation::builder().uri(uri(&path)).build();
    Some(PhysicalLocation::builder().artifact_location(file).region(region).build())
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

    #[test]
    fn sentences_start_with_a_capital_and_names_do_not() {
        assert_eq!(capital("revoke them", &[]), "Revoke them");
        for name in [
            "s3:GetObject is unknown",
            "orders.TakeOrder needs it",
            "`leash` says so",
            "takeOrder needs it",
            "app, with its role",
        ] {
            assert_eq!(capital(name, &["app".into()]), name);
        }
    }
}
