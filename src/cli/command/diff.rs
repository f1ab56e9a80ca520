//! `leash diff`: what the declared roles have too much, too little or too broadly.

#![expect(clippy::doc_markdown, reason = "the comments are the help text, where back quotes would be printed")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{Deployment, Input, ReviewFormat};
use crate::cli::output::Output;
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::cli::{evidence, input, policies};
use crate::declared;
use crate::diff::{self, Diff, Threshold};
use crate::patch::{self, unified};
use crate::pipeline::Report;
use crate::report::{Root, View, diff_json, diff_text, github, markdown, notes, sarif};
use crate::wording::counted;

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
    /// A folder of policies, each in a file that is called like its function, that stand for what the template declares
    #[arg(long, value_name = "DIR", conflicts_with = "role", help_heading = "Comparison")]
    declared: Option<PathBuf>,
    /// What the functions were seen to request: CloudTrail logs (files or folders of them, packed or not), what
    /// `aws cloudtrail lookup-events` prints, client-side monitoring, or a policy of iamlive; takes all that follows, so
    /// PATH stands before it
    #[arg(long, value_name = "FILE", num_args = 1.., help_heading = "Comparison")]
    observed: Vec<PathBuf>,
    /// Findings that are known already, as `leash diff --format json` printed them
    #[arg(long, value_name = "FILE", help_heading = "Comparison")]
    baseline: Option<PathBuf>,
    /// Which findings fail the run: a severity (info, low, medium, high, critical), any, none, or rules by id or name
    #[arg(long, value_name = "WHAT", default_value = "missing,wildcard,privilege-escalation", value_parser = threshold, help_heading = "Comparison")]
    fail_on: Threshold,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = ReviewFormat::Text, help_heading = "Output")]
    format: ReviewFormat,
    /// Print a patch of the templates instead, which makes their permissions those that are needed; git apply takes it.
    /// Exit code 1 when something is left to do by hand
    #[arg(long, conflicts_with_all = ["format", "role", "declared", "observed"], help_heading = "Output")]
    patch: bool,
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
        let role = self.role.as_deref().map(|path| policies::read(path, output)).transpose()?;
        if let Some(folder) = &self.declared {
            input::check_folder(folder)?;
        }
        let observed = evidence::read(&self.observed, output)?;
        // What other functions of a role need counts, so all are analyzed; only the answer is filtered.
        let functions = std::mem::take(&mut settings.functions);
        let report = input::analyze(&settings, output)?;
        input::check_functions(&functions, &report)?;
        let declared = match &self.declared {
            Some(folder) => policies::folder(folder, &report, output)?,
            None => BTreeMap::new(),
        };
        let options = diff::Options {
            role,
            declared,
            observed,
            functions,
            draft: settings.draft.clone(),
            allowances: settings.allowances.clone(),
            baseline: self.baseline.as_deref().map(baseline).transpose()?.unwrap_or_default(),
        };
        if self.patch {
            return self.patch(&report, &options, output);
        }
        let diff = diff::diff(&report, &options);
        let files = options.role.iter().chain(options.declared.values()).flat_map(declared::Policy::files);
        let root = input::root(&self.input.paths, files);
        let mut view = View::of(&report);
        view.functions
            .retain(|function| options.functions.is_empty() || options.functions.iter().any(|name| function.name == *name));
        output.answer(&render(self.format, &diff, &root, &view))?;
        output.notes(&notes::collect(&report));
        for (function, reason) in &diff.skipped {
            output.remark(&format!("{function} is not compared: {reason}"));
        }
        strangers(&diff, output);
        outside(self.format, &diff, &root, output);
        Ok(if diff.fails(&self.fail_on) { Outcome::Findings } else { Outcome::Clean })
    }

    /// Prints the patch; what it leaves as it is goes to stderr. Exit code 1 when something is left to do by hand.
    fn patch(&self, report: &Report, options: &diff::Options, output: &Output) -> Result<Outcome, CliError> {
        let (_, plans) = diff::plan::plan(report, options);
        let mut patch = patch::patch(plans);
        for file in &mut patch.files {
            file.path = self.path_here(file);
        }
        output.answer(&unified::render(&patch))?;
        output.notes(&notes::collect(report));
        for remark in &patch.remarks {
            output.remark(remark);
        }
        if patch.files.is_empty() && patch.remarks.is_empty() {
            output.remark("nothing to change");
        }
        Ok(if patch.is_partial && self.fail_on != Threshold::Never { Outcome::Findings } else { Outcome::Clean })
    }

    /// The path of a changed file from the folder that leash runs in, where `git apply` will look for it.
    fn path_here(&self, file: &patch::Changed) -> String {
        let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
        for path in &self.input.paths {
            let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
            let place = folder.unwrap_or(Path::new("")).join(&file.path);
            if !input::read_text(&place).is_ok_and(|text| text == file.before) {
                continue;
            }
            if let (Some(here), Ok(whole)) = (&here, place.canonicalize())
                && let Ok(inner) = whole.strip_prefix(here)
            {
                return inner.display().to_string().replace('\\', "/");
            }
        }
        file.path.clone()
    }
}

/// Code scanning and annotations show files of the repository only.
fn outside(format: ReviewFormat, diff: &Diff, root: &Root, output: &Output) {
    if !matches!(format, ReviewFormat::Sarif | ReviewFormat::Github) {
        return;
    }
    let is_outside = |place: &&diff::Place| place.at.as_ref().is_some_and(|at| root.path(&at.file.path).is_none());
    let places = diff.findings.iter().flat_map(|finding| finding.code.iter().chain(&finding.declared)).filter(is_outside);
    let mut files: Vec<&str> = places.filter_map(|place| place.at.as_ref()).map(|at| at.file.path.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    if let Some(first) = files.first() {
        let what = match files.len() {
            1 => format!("{first} is"),
            count => format!("{first} and {} are", counted(count - 1, "more file")),
        };
        output.remark(&format!("{what} outside the repository: findings about them are shown at other places, or without one"));
    }
}

/// Roles that run none of the functions are usual in the log of an account; that all of them are is not.
fn strangers(diff: &Diff, output: &Output) {
    const SHOWN: usize = 5;
    let Some(evidence) = diff.evidence.as_ref().filter(|evidence| !evidence.strangers.is_empty()) else { return };
    let requests: u64 = evidence.strangers.iter().map(|(_, requests)| requests).sum();
    let mut most: Vec<_> = evidence.strangers.iter().collect();
    most.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    let names: Vec<&str> = most.iter().take(SHOWN).map(|(role, _)| role.as_str()).collect();
    let more = if most.len() > SHOWN { format!(" and {} more", most.len() - SHOWN) } else { String::new() };
    output.remark(&format!(
        "requests of roles that no function here is known to run with are passed over ({requests}): {}{more}; if a function \
         does, give its deployed name with --function-name or `function-name` in leash.toml",
        names.join(", ")
    ));
}

fn render(format: ReviewFormat, diff: &Diff, root: &Root, view: &View<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // A buffer takes everything.
    let _ = match format {
        ReviewFormat::Text => diff_text::render(diff, &mut out),
        ReviewFormat::Json => diff_json::render(diff, &mut out),
        ReviewFormat::Jsonl => diff_json::lines(diff, view, &mut out),
        ReviewFormat::Sarif => sarif::render(diff, root, &mut out),
        ReviewFormat::Github => github::render(diff, root, &mut out),
        ReviewFormat::Markdown => markdown::render(diff, &mut out),
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
