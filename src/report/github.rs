//! Findings as annotations of a GitHub workflow.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::io;

use super::Root;
use crate::diff::{Diff, Finding, Severity};

/// Prints one workflow command per finding.
///
/// # Errors
///
/// When writing fails.
pub fn render(diff: &Diff, root: &Root, out: &mut dyn io::Write) -> io::Result<()> {
    diff.findings.iter().filter(|finding| finding.allowed.is_none()).try_for_each(|finding| command(finding, root, out))
}

fn command(finding: &Finding, root: &Root, out: &mut dyn io::Write) -> io::Result<()> {
    let kind = match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Low => "warning",
        Severity::Info => "notice",
    };
    let mut place = String::new();
    if let Some(at) = finding.primary_where(|at| root.path(&at.file.path).is_some())
        && let Some(file) = root.path(&at.file.path)
    {
        place = format!("file={},line={},col={},", property(&file), at.line(), at.column());
    }
    let title = property(&format!("{} {}", finding.rule.id(), finding.rule.name()));
    let message = data(&format!("{}\n{}", finding.message, finding.remedy));
    writeln!(out, "::{kind} {place}title={title}::{message}")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("100%\nx::y"), "100%25%0Ax::y");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }
}
