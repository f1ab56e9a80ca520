//! What can be typed. No meaning: [`settings`](super::settings) gives it one.

#![expect(clippy::doc_markdown, reason = "the comments are the help text, where back quotes would be printed")]

use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, ValueEnum};

use crate::pipeline::Shard;

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "General options")]
pub(super) struct Common {
    /// When to use color
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true, value_name = "WHEN")]
    pub(super) color: Color,
    /// Print no notes, only the answer and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Print every note with all of its places, instead of the first ones of each kind
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
}

/// When to use color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What is analyzed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct Input {
    /// Files, folders or templates to analyze
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) options: InputOptions,
}

/// Everything about the input but the paths.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct InputOptions {
    /// Only the function of this name (repeatable)
    #[arg(long = "function", value_name = "NAME")]
    pub(super) functions: Vec<String>,
    /// The function that Lambda calls, such as src/app.py:lambda_handler
    #[arg(long, value_name = "FILE:FUNC")]
    pub(super) handler: Option<String>,
    /// An environment variable of the functions (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) env: Vec<String>,
    /// A file of environment variables, one KEY=VALUE per line
    #[arg(long, value_name = "FILE")]
    pub(super) env_file: Option<PathBuf>,
    /// Settings of the repository [default: leash.toml beside or above PATH]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Leave out files and folders, as a .gitignore pattern (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Read this template only (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(super) template: Vec<PathBuf>,
    /// Look into files that .gitignore excludes, too
    #[arg(long)]
    pub(super) no_ignore: bool,
    /// Treat all code as reached, not only what a handler reaches
    #[arg(long)]
    pub(super) whole_program: bool,
    /// Analyze installed packages (node_modules, site-packages) with the program
    #[arg(long)]
    pub(super) deps: bool,
    /// Number of threads [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
}

/// Which part of the functions is answered.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub(super) struct Part {
    /// Only the K-th of N parts of the functions, for runs on several machines: 1/4 to 4/4 together are the whole answer
    #[arg(long, value_name = "K/N", conflicts_with_all = ["functions", "handler"])]
    pub(super) shard: Option<Shard>,
}

/// What is known about the deployment.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Deployment")]
pub(super) struct Deployment {
    /// The region in ARNs [default: *]
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// The account in ARNs [default: *]
    #[arg(long, value_name = "ID")]
    pub(super) account: Option<String>,
    /// The partition in ARNs [default: aws]
    #[arg(long, value_name = "NAME")]
    pub(super) partition: Option<String>,
    /// The function's deployed name, for the ARN of its log group
    #[arg(long, value_name = "NAME")]
    pub(super) function_name: Option<String>,
    /// Include the permissions for the function's log group
    #[arg(long, overrides_with = "no_logs")]
    pub(super) logs: bool,
    /// Leave the log group's permissions out
    #[arg(long)]
    pub(super) no_logs: bool,
    /// Narrow DynamoDB's permissions to the keys and attributes that the code names
    #[arg(long)]
    pub(super) conditions: bool,
    /// Also grant what less certain findings need
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(super) include: Option<Include>,
}

/// Which calls count although they are not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Include {
    /// Calls whose client could not be resolved but whose name and arguments fit
    Possible,
}

/// Text or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The forms in which changes are reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReviewFormat {
    /// For people
    Text,
    /// Everything, for programs
    Json,
    /// The same with one line per function, each with all that concerns it
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// A comment for a pull request
    Markdown,
}

/// The colors of the help.
pub(super) const fn styles() -> Styles {
    Styles::styled()
        .header(AnsiColor::Green.on_default().bold())
        .usage(AnsiColor::Green.on_default().bold())
        .literal(AnsiColor::Cyan.on_default().bold())
        .placeholder(AnsiColor::Cyan.on_default())
}
