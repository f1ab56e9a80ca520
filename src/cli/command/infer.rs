//! `leash infer`: the policy of every function.

#![expect(clippy::doc_markdown, reason = "the comments are the help text, where back quotes would be printed")]

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::merge::{self, merge};
use crate::cli::args::{Deployment, Input, Part};
use crate::cli::file_names::FileNames;
use crate::cli::input;
use crate::cli::output::{self, Output};
use crate::cli::settings;
use crate::cli::{CliError, Outcome};
use crate::pipeline::Report;
use crate::report::{self, View, notes};

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
    /// Keep the policy in this file and add what it lacks; added statements have names that begin with Leash
    #[arg(long, value_name = "FILE", conflicts_with = "out", help_heading = "Output")]
    merge: Option<PathBuf>,
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

    /// The form of a merged policy.
    fn merged(self) -> Result<merge::Form, CliError> {
        match self {
            Self::Json => Ok(merge::Form::Json),
            Self::Yaml => Ok(merge::Form::Yaml),
            Self::Text => Ok(merge::Form::Text),
            _ => Err(CliError::Usage("--merge prints a policy: use --format json, yaml or text".to_owned())),
        }
    }

    /// Whether it can name the template's resources.
    const fn is_symbolic(self) -> bool {
        matches!(self, Self::Text | Self::Sam | Self::Cloudformation | Self::Terraform | Self::Serverless | Self::Cdk)
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
        settings.each_alone = self.part.shard.is_some() || self.format == Format::Jsonl;
        settings.policies_only = matches!(self.format, Format::Json | Format::Yaml) && self.merge.is_none();
        settings.lists_everything = matches!(self.format, Format::Report | Format::Jsonl) && self.out.is_none();
        settings.symbolic = self.format.is_symbolic();
        if settings.symbolic && self.format != Format::Text && self.deployment.partition.is_none() {
            // Templates have a name for the partition.
            settings.draft.partition = None;
        }
        let form = self.merge.as_ref().map(|_| self.format.merged()).transpose()?;
        let report = input::analyze(&settings, output)?;
        match (&self.merge, form, &self.out) {
            (Some(path), Some(form), _) => output.answer(&merge(path, form, &report, &settings.draft, output)?)?,
            (_, _, None) => output.answer(&render(self.format, &View::of(&report)))?,
            (_, _, Some(folder)) => self.write(folder, &report, output)?,
        }
        if self.format == Format::Json && self.out.is_none() && self.merge.is_none() {
            remark_split(&report, output);
        }
        if self.format == Format::Text && self.out.is_none() && self.merge.is_none() {
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
        for function in view.functions.iter().filter(|function| function.unanswered().is_none()) {
            let name = format!("{}.{}", names.of(&function.name), self.format.extension());
            let alone = View { functions: vec![function], notes: &[], deployment: view.deployment };
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
