//! `leash diff`: what the declared roles have too much, too little or too broadly.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{Deployment, Input};
use crate::cli::input;
use crate::cli::output::Output;
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::declared::{self, Policy};
use crate::diff::{self, Diff, Threshold};
use crate::report::{View, diff_json, diff_text, github, markdown, notes, sarif};
use crate::span::SourceFile;

/// Compare what the role of every function allows with what its code needs
///
/// Exit code 1 when a finding remains that --fail-on names.
#[derive(Debug, Args)]
pub(in crate::cli) struct DiffCommand {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    deployment: Deployment,
    /// Compare with this policy instead of what the template declares
    #[arg(long, value_name = "FILE", help_heading = "Comparison")]
    role: Option<PathBuf>,
    /// Findings that are known already, as `leash diff --format json` printed them
    #[arg(long, value_name = "FILE", help_heading = "Comparison")]
    baseline: Option<PathBuf>,
    /// Which findings fail the run: a severity (info, low, medium, high, critical), any, none, or rules by id or name
    #[arg(long, value_name = "WHAT", default_value = "missing,wildcard,privilege-escalation", value_parser = threshold, help_heading = "Comparison")]
    fail_on: Threshold,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    format: Format,
}

/// The forms of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the source of both sides
    Text,
    /// Everything, for programs
    Json,
    /// The same with one line per function, each with all that concerns it (`leash schema diff-jsonl`)
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// A comment for a pull request
    Markdown,
}

fn threshold(text: &str) -> Result<Threshold, String> {
    Threshold::parse(text)
        .ok_or_else(|| "name a severity, any, none, or rules such as missing,wildcard-action,LEASH007".to_owned())
}

impl DiffCommand {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let mut settings = settings::settings(&self.input, Some(&self.deployment))?;
        settings.symbolic = true;
        if self.deployment.partition.is_none() {
            settings.draft.partition = None;
        }
        let role = self.role.as_deref().map(|path| role(path, output)).transpose()?;
        // What other functions of a role need counts, so all are analyzed; only the answer is filtered.
        let functions = std::mem::take(&mut settings.functions);
        let report = input::analyze(&settings, output)?;
        input::check_functions(&functions, &report)?;
        let options = diff::Options {
            role,
            functions,
            draft: settings.draft.clone(),
            allowances: settings.allowances.clone(),
            baseline: self.baseline.as_deref().map(baseline).transpose()?.unwrap_or_default(),
        };
        let diff = diff::diff(&report, &options);
        let mut view = View::of(&report);
        view.functions
            .retain(|function| options.functions.is_empty() || options.functions.iter().any(|name| function.name == *name));
        output.answer(&render(self.format, &diff, &view))?;
        output.notes(&notes::collect(&report));
        for (function, reason) in &diff.skipped {
            output.remark(&format!("{function} is not compared: {reason}"));
        }
        Ok(if diff.fails(&self.fail_on) { Outcome::Findings } else { Outcome::Clean })
    }
}

fn render(format: Format, diff: &Diff, view: &View<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // A buffer takes everything.
    let _ = match format {
        Format::Text => diff_text::render(diff, &mut out),
        Format::Json => diff_json::render(diff, &mut out),
        Format::Jsonl => diff_json::lines(diff, view, &mut out),
        Format::Sarif => sarif::render(diff, &mut out),
        Format::Github => github::render(diff, &mut out),
        Format::Markdown => markdown::render(diff, &mut out),
    };
    out
}

/// The fingerprints of an earlier answer.
fn baseline(path: &std::path::Path) -> Result<BTreeSet<String>, CliError> {
    let text = input::read_text(path)?;
    let unreadable = || CliError::Unreadable {
        path: path.to_path_buf(),
        reason: "expected what `leash diff --format json` prints".to_owned(),
    };
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|_| unreadable())?;
    let findings = json.get("findings").and_then(serde_json::Value::as_array).ok_or_else(unreadable)?;
    let prints = findings.iter().filter_map(|finding| finding.get("fingerprint")?.as_str());
    Ok(prints.map(str::to_owned).collect())
}

/// The policy that stands for the declared ones.
fn role(path: &std::path::Path, output: &Output) -> Result<Policy, CliError> {
    let text = input::read_text(path)?;
    let shown = path.display().to_string().replace('\\', "/");
    let file = SourceFile::new(shown, text);
    let unreadable = |reason: String| CliError::Unreadable { path: path.to_path_buf(), reason };
    let (policy, problems) = declared::read_role(&file).map_err(|error| unreadable(error.to_string()))?;
    for problem in problems {
        output.remark(&format!("{}: {problem}", file.path));
    }
    Ok(policy)
}
