//! Findings for people, like a compiler's messages: what is the matter, where in the template, where in the code, what to do.

use std::io;

use anstyle::Style;

use super::style::{ACTION, BOLD, DIM, ERROR, NOTE, RESET, WARNING};
use crate::diff::{Diff, Finding, Place, Severity};
use crate::span::Location;
use crate::wording::counted;

/// Places of one finding beyond this are only counted.
const PLACES: usize = 4;
/// Doubts of one finding beyond this are only counted.
const DOUBTS: usize = 3;
/// Lines of source are cut behind this column.
const WIDTH: usize = 120;

/// Prints all findings and a summary.
///
/// # Errors
///
/// When writing fails.
pub fn render(diff: &Diff, out: &mut dyn io::Write) -> io::Result<()> {
    for finding in diff.findings.iter().filter(|finding| finding.allowed.is_none()) {
        one(finding, out)?;
        writeln!(out)?;
    }
    super::columns::text(diff, out)?;
    summary(diff, out)
}

const fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => ERROR,
        Severity::Medium | Severity::Low => WARNING,
        Severity::Info => NOTE,
    }
}

fn one(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let style = style(finding.severity);
    let rule = finding.rule;
    writeln!(out, "{style}{}[{} {}]{RESET}{BOLD}: {}{RESET}", finding.severity.id(), rule.id(), rule.name(), finding.message)?;
    places(&finding.declared, out)?;
    places(&finding.code, out)?;
    for doubt in finding.doubts.iter().take(DOUBTS) {
        writeln!(out, "  {DIM}={RESET} {BOLD}not certain:{RESET} {doubt}")?;
    }
    if finding.doubts.len() > DOUBTS {
        writeln!(out, "  {DIM}={RESET} and {}", counted(finding.doubts.len() - DOUBTS, "more doubt"))?;
    }
    writeln!(out, "  {DIM}={RESET} {BOLD}help:{RESET} {}", finding.remedy)?;
    if let Some(statements) = &finding.statements {
        for line in super::compact::lines(statements) {
            writeln!(out, "      {ACTION}{line}{RESET}")?;
        }
    }
    Ok(())
}

fn places(all: &[Place], out: &mut dyn io::Write) -> io::Result<()> {
    for place in all.iter().take(PLACES) {
        match &place.at {
            Some(at) => excerpt(at, &place.what, out)?,
            None => writeln!(out, "  {DIM}-->{RESET} {}", place.what)?,
        }
    }
    if all.len() > PLACES {
        writeln!(out, "  {DIM}--> and {}{RESET}", counted(all.len() - PLACES, "more place"))?;
    }
    Ok(())
}

/// The line of a place, with the place marked.
fn excerpt(at: &Location, what: &str, out: &mut dyn io::Write) -> io::Result<()> {
    let (line, column) = at.file.line_column(at.span.start);
    writeln!(out, "  {DIM}-->{RESET} {}:{line}:{column}", at.file.path)?;
    let Some(text) = at.file.line(line) else { return Ok(()) };
    let shown: String = text.chars().take(WIDTH).map(|c| if c == '\t' || c.is_control() { ' ' } else { c }).collect();
    let before = (column as usize).saturating_sub(1);
    let length = shown.chars().count();
    if before >= length || shown.trim().is_empty() {
        return Ok(());
    }
    let (end_line, end_column) = at.file.line_column(at.span.end);
    let end = if end_line == line { (end_column as usize).saturating_sub(1) } else { length };
    let marked = end.min(length).saturating_sub(before).max(1);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    writeln!(out, "  {DIM}{number} |{RESET} {}", shown.trim_end())?;
    writeln!(out, "  {DIM}{margin} |{RESET} {}{NOTE}{} {what}{RESET}", " ".repeat(before), "^".repeat(marked))
}

fn summary(diff: &Diff, out: &mut dyn io::Write) -> io::Result<()> {
    let [used, unused, untold] = diff.verdicts();
    let count = |severity: Severity| {
        diff.findings.iter().filter(|finding| finding.allowed.is_none() && finding.severity == severity).count()
    };
    let severities = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];
    let parts: Vec<String> = severities
        .into_iter()
        .filter(|severity| count(*severity) > 0)
        .map(|severity| format!("{} {}", count(severity), severity.id()))
        .collect();
    let findings = if parts.is_empty() { "no findings".to_owned() } else { format!("findings: {}", parts.join(", ")) };
    writeln!(out, "{findings}")?;
    let functions: usize = diff.subjects.iter().map(|subject| subject.functions.len()).sum();
    writeln!(
        out,
        "{} compared; declared permissions: {used} used, {unused} unused, {untold} that cannot be told",
        counted(functions, "function")
    )?;
    let allowed = diff.findings.iter().filter(|finding| finding.allowed.is_some()).count();
    if allowed > 0 {
        let verb = if allowed == 1 { "is" } else { "are" };
        writeln!(out, "{} {verb} allowed or in the baseline", counted(allowed, "finding"))?;
    }
    if !diff.skipped.is_empty() {
        let count = diff.skipped.len();
        let verb = if count == 1 { "has" } else { "have" };
        writeln!(out, "{} {verb} nothing to be compared with", counted(count, "function"))?;
    }
    Ok(())
}
