//! `leash infer`: the policy of every function.

#![expect(clippy::doc_markdown, reason = "the comments are the help text, where back quotes would be printed")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::args::{Deployment, Input, Part};
use crate::cli::input;
use crate::cli::output::{self, Output};
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::pipeline::Report;
use crate::report::{self, View, is_answered, notes};

/// Print the least-privilege policy of every Lambda function found at PATH
///
/// One function gives the bare IAM document, ready for `aws iam create-policy --policy-document`; several give one object
/// with a `functions` array. The template formats answer with references to the template's own resources.
#[derive(Debug, Args)]
pub(in crate::cli) struct Infer {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    deployment: Deployment,
    /// The form of the answer
    #[arg(short, long, value_enum, default_value_t = Format::Json, help_heading = "Output")]
    format: Format,
    /// Write one file per function into this folder instead of printing
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
}

/// The forms of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// IAM policy documents in JSON
    Json,
    /// The same in YAML
    Yaml,
    /// A table for people
    Text,
    /// Everything leash found, in JSON with a schema (`leash schema`)
    Report,
    /// The same with one line per function, each with all that concerns it (`leash schema jsonl`)
    Jsonl,
    /// A `Policies:` block for a SAM template
    Sam,
    /// An `AWS::IAM::ManagedPolicy` per function for a CloudFormation template
    Cloudformation,
    /// An `aws_iam_policy_document` per function for Terraform
    Terraform,
    /// `iam.role.statements` for the Serverless Framework
    Serverless,
    /// `PolicyStatement`s for the CDK in TypeScript
    Cdk,
}

impl Format {
    /// The renderer.
    const fn renderer(self) -> report::Renderer {
        match self {
            Self::Json => report::policy::json,
            Self::Yaml => report::policy::yaml,
            Self::Text => report::text::render,
            Self::Report => report::json_v1::render,
            Self::Jsonl => report::json_v1::lines,
            Self::Sam => report::template::sam::render,
            Self::Cloudformation => report::template::cloudformation::render,
            Self::Terraform => report::template::terraform::render,
            Self::Serverless => report::template::serverless::render,
            Self::Cdk => report::template::cdk::render,
        }
    }

    /// Whether it can name the template's resources.
    const fn is_symbolic(self) -> bool {
        matches!(self, Self::Sam | Self::Cloudformation | Self::Terraform | Self::Serverless | Self::Cdk)
    }

    /// What files of this form are called behind the function's name.
    const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml | Self::Sam | Self::Cloudformation | Self::Serverless => "yaml",
            Self::Text => "txt",
            Self::Report => "report.json",
            Self::Jsonl => "jsonl",
            Self::Terraform => "tf",
            Self::Cdk => "ts",
        }
    }
}

impl Infer {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let mut settings = settings::settings(&self.input, Some(&self.deployment))?;
        settings.shard = self.part.shard;
        settings.symbolic = self.format.is_symbolic();
        if settings.symbolic && self.deployment.partition.is_none() {
            // Templates have a name for the partition.
            settings.draft.partition = None;
        }
        let report = input::analyze(&settings, output)?;
        match &self.out {
            None => output.answer(&render(self.format, &View::of(&report)))?,
            Some(folder) => self.write(folder, &report, output)?,
        }
        if self.format == Format::Json && self.out.is_none() {
            remark_split(&report, output);
        }
        if self.format == Format::Text && self.out.is_none() {
            // The table has the notes of its functions.
            output.notes(&report.notes);
        } else {
            output.notes(&notes::collect(&report));
        }
        Ok(Outcome::Clean)
    }

    fn write(&self, folder: &Path, report: &Report, output: &Output) -> Result<(), CliError> {
        let view = View::of(report);
        let mut names = FileNames::default();
        let mut written = Vec::new();
        for function in view.functions.iter().filter(|function| is_answered(function)) {
            let name = format!("{}.{}", names.of(&function.name), self.format.extension());
            let alone = View { functions: vec![function], notes: &[] };
            written.push((name, render(self.format, &alone)));
        }
        output::write_files(folder, &written)?;
        for (name, _) in &written {
            output.remark(&format!("wrote {}", folder.join(name).display()));
        }
        Ok(())
    }
}

fn render(format: Format, view: &View<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    // A buffer takes everything.
    let _ = format.renderer()(view, &mut out);
    out
}

/// A policy of several documents is a list, which no command takes as it is.
fn remark_split(report: &Report, output: &Output) {
    if let [function] = report.functions.as_slice()
        && function.draft.documents.len() > 1
    {
        let count = function.draft.documents.len();
        output.remark(&format!(
            "the policy does not fit into one document: the answer is a list of {count}; create one policy of each"
        ));
    }
}

/// Names of files for functions: nothing that leaves the folder, no two alike even where case does not count.
#[derive(Default)]
struct FileNames {
    taken: BTreeSet<String>,
}

impl FileNames {
    fn of(&mut self, function: &str) -> String {
        let plain: String = function
            .chars()
            .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
            .take(100)
            .collect();
        let plain = match plain.trim_matches(['.', '-']) {
            "" => "function",
            name => name,
        };
        let mut name = plain.to_owned();
        let mut number = 2;
        while !self.taken.insert(name.to_lowercase()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_their_folder_and_differ() {
        let mut names = FileNames::default();
        assert_eq!(names.of("../../etc/passwd"), "etc-passwd");
        assert_eq!(names.of("Orders"), "Orders");
        assert_eq!(names.of("orders"), "orders-2");
        assert_eq!(names.of(".."), "function");
    }
}
