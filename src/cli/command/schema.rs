//! `leash schema`: the schemas of what programs read.

use clap::{Args, ValueEnum};

use crate::cli::output::Output;
use crate::cli::{CliError, Outcome};
use crate::report::{calls, compare_json, diff_json, json_v1, lookup_json};

/// Print the JSON Schema of an answer
#[derive(Debug, Args)]
pub(in crate::cli) struct Schema {
    /// Which answer
    #[arg(value_name = "ANSWER", value_enum, default_value_t = Answer::Report)]
    answer: Answer,
}

/// The answers with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Answer {
    /// `leash infer --format report`
    Report,
    /// A line of `leash infer --format jsonl`
    Jsonl,
    /// `leash diff --format json`
    Diff,
    /// A line of `leash diff --format jsonl`
    DiffJsonl,
    /// `leash calls --format json`
    Calls,
    /// `leash lookup --format json`
    Lookup,
    /// `leash compare --format json`
    Compare,
    /// A line of `leash compare --format jsonl`
    CompareJsonl,
}

impl Schema {
    pub(in crate::cli) fn run(&self, output: &Output) -> Result<Outcome, CliError> {
        let schema = match self.answer {
            Answer::Report => json_v1::schema::<json_v1::Report>(),
            Answer::Jsonl => json_v1::schema::<json_v1::Line>(),
            Answer::Diff => json_v1::schema::<diff_json::Answer<'_>>(),
            Answer::DiffJsonl => json_v1::schema::<diff_json::Line<'_>>(),
            Answer::Calls => json_v1::schema::<calls::Answer<'_>>(),
            Answer::Lookup => json_v1::schema::<lookup_json::Answer>(),
            Answer::Compare => json_v1::schema::<compare_json::Answer<'_>>(),
            Answer::CompareJsonl => json_v1::schema::<compare_json::Line<'_>>(),
        };
        let text = serde_json::to_string_pretty(&schema).unwrap_or_default();
        output.answer(format!("{text}\n").as_bytes())?;
        Ok(Outcome::Clean)
    }
}
