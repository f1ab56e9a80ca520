//! Findings as a comment of a pull request: a table for the overview, a section to unfold per function.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::diff::{Diff, Finding, Place, Rule, Severity};
use crate::wording::counted;

/// Comments may have 65,536 characters; this leaves room for what a workflow adds.
const LIMIT: usize = 64_000;
/// Places of one side of a finding beyond this are only counted.
const PLACES: usize = 3;

/// Prints the comment. What does not fit is counted.
///
/// # Errors
///
/// When writing fails.
pub fn render(diff: &Diff, out: &mut dyn io::Write) -> io::Result<()> {
    let findings: Vec<&Finding> = diff.findings.iter().filter(|finding| finding.allowed.is_none()).collect();
    let mut text = String::from("## leash: permissions against code\n\n");
    let [used, unused, untold] = diff.verdicts();
    let _ = write!(text, "Declared permissions: {used} used, {unused} unused, {untold} that cannot be told.\n\n");
    if findings.is_empty() {
        text.push_str("No findings.\n\n");
    } else {
        text.push_str(&table(&findings));
        sections(&findings, &mut text);
    }
    let room = LIMIT.saturating_sub(text.len());
    text.push_str(&super::columns::markdown(diff, html, room));
    out.write_all(text.as_bytes())
}

/// How many findings of each rule there are.
fn table(findings: &[&Finding]) -> String {
    let mut counts: BTreeMap<Rule, (usize, Severity)> = BTreeMap::new();
    for finding in findings {
        let entry = counts.entry(finding.rule).or_insert((0, finding.severity));
        entry.0 += 1;
        entry.1 = entry.1.max(finding.severity);
    }
    let mut text = String::from("| rule | findings | highest severity |\n|---|---:|---|\n");
    for (rule, (count, severity)) in counts {
        let _ = writeln!(text, "| {} {} | {count} | {} |", rule.id(), rule.name(), severity.id());
    }
    text.push('\n');
    text
}

fn sections(findings: &[&Finding], text: &mut String) {
    let mut groups: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let names: Vec<&str> = finding.functions.iter().map(smol_str::SmolStr::as_str).collect();
        groups.entry(names.join(", ")).or_default().push(finding);
    }
    let mut left = findings.len();
    for (name, findings) in groups {
        let highest = findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info);
        let name: String = name.chars().take(200).collect();
        let start = format!(
            "<details><summary><b>{}</b>: {}, highest {}</summary>\n\n",
            html(&name),
            counted(findings.len(), "finding"),
            highest.id()
        );
        let mut section = start.clone();
        for finding in findings {
            let item = item(finding);
            if text.len() + section.len() + item.len() + 200 > LIMIT {
                break;
            }
            section.push_str(&item);
            left -= 1;
        }
        if section.len() == start.len() {
            break;
        }
        text.push_str(&section);
        text.push_str("\n</details>\n\n");
    }
    if left > 0 {
        let _ = writeln!(text, "… and {}: too many for a comment.", counted(left, "more finding"));
    }
}

fn item(finding: &Finding) -> String {
    let mut text =
        format!("- **{}** {} `{}`: {}\n", finding.severity.id(), finding.rule.id(), finding.rule.name(), html(&finding.message));
    for (side, places) in [("declared", &finding.declared), ("code", &finding.code)] {
        if let Some(line) = places_line(places) {
            let _ = writeln!(text, "  - {side}: {line}");
        }
    }
    if let Some(doubt) = finding.doubts.first() {
        let _ = writeln!(text, "  - not certain: {}", html(doubt));
    }
    let _ = writeln!(text, "  - help: {}", html(&finding.remedy));
    if let Some(statements) = &finding.statements {
        text.push_str("\n    ```json\n");
        for line in super::compact::lines(statements) {
            let _ = writeln!(text, "    {line}");
        }
        text.push_str("    ```\n");
    }
    text
}

fn places_line(places: &[Place]) -> Option<String> {
    let all: Vec<String> =
        places.iter().filter_map(|place| place.at.as_ref()).map(|at| format!("`{}`", at.short().replace('`', "'"))).collect();
    let shown = all.iter().take(PLACES).cloned().collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => None,
        count if count > PLACES => Some(format!("{shown} and {} more", count - PLACES)),
        _ => Some(shown),
    }
}

/// Text from code and templates, without a meaning of its own in Markdown or HTML.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '*' | '_' | '|' | '[' | ']' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::Severity;

    #[test]
    fn a_comment_never_grows_too_long() {
        let mut diff = Diff::default();
        for index in 0..2_000 {
            let mut finding = Finding::new(Rule::UnusedAction, Severity::Low, vec![smol_str::format_smolstr!("F{}", index % 50)]);
            finding.message = format!("<b>{index}</b> {}", "x".repeat(200));
            diff.findings.push(finding);
        }
        let mut out = Vec::new();
        render(&diff, &mut out).expect("a buffer takes everything");
        let text = String::from_utf8(out).expect("text");
        assert!(text.len() < 65_000 && text.len() > 50_000, "{}", text.len());
        assert!(text.contains("more findings: too many for a comment") && !text.contains("<b>7</b>"));
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }
}
