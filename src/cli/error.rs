//! What can go wrong in a way that leaves no answer: what, where, and what to do about it.

use std::path::PathBuf;

use thiserror::Error;

use crate::declared::RoleFileError;

/// Why there is no answer. Every message is one line.
#[derive(Debug, Error)]
pub enum CliError {
    /// The reader of stdout is gone. Not worth a word.
    #[error("the output was closed")]
    ClosedPipe,
    /// Writing the answer failed.
    #[error("cannot write {}: {reason}", .path.display())]
    Write {
        /// Where to.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A path that does not exist.
    #[error("{} does not exist", .0.display())]
    NoSuchPath(PathBuf),
    /// A file that leash cannot read.
    #[error("cannot read {}: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file that is no policy.
    #[error(transparent)]
    RoleFile(#[from] RoleFileError),
    /// Nothing to analyze, and something that could not be read.
    #[error("no Lambda function found in {0}; what the notes above name could not be read")]
    NothingRead(String),
    /// Nothing to analyze.
    #[error(
        "no Lambda function found in {0}: neither a template that declares one nor a Python, JavaScript or TypeScript file with code for AWS"
    )]
    NoFunctions(String),
    /// Functions, but none that could be analyzed.
    #[error("none of the functions in {0} could be analyzed; the notes above say why")]
    NothingAnalyzed(String),
    /// A handler that is not written as it should be.
    #[error("`{0}` is no handler: write FILE:FUNCTION, such as src/app.py:lambda_handler")]
    HandlerForm(String),
    /// A handler's file that does not exist.
    #[error("the handler's file {} does not exist", .0.display())]
    HandlerFile(PathBuf),
    /// A handler's file without that function.
    #[error("{file} has no function `{symbol}`{hint}")]
    HandlerSymbol {
        /// The file.
        file: String,
        /// What was asked for.
        symbol: String,
        /// What it may have meant.
        hint: String,
    },
    /// No function of a name.
    #[error("there is no function named `{name}`{hint}")]
    NoSuchFunction {
        /// What was asked for.
        name: String,
        /// What it may have meant.
        hint: String,
    },
    /// One deployed name for several functions.
    #[error(
        "--function-name is the name of one function, and there are {0}: say which one with --function, or give each its `function-name` in leash.toml"
    )]
    ManyFunctions(usize),
    /// The function that was asked for is there, but cannot be analyzed.
    #[error("`{name}`{what} was not analyzed: {reason}")]
    NotAnalyzed {
        /// The function.
        name: String,
        /// What is known about it, in parentheses.
        what: String,
        /// Why.
        reason: String,
    },
    /// An environment variable that is not written as it should be.
    #[error("`{0}` is no environment variable: write KEY=VALUE")]
    EnvironmentForm(String),
    /// A value that cannot be what it is said to be.
    #[error("`{value}` is no {what}: {wanted}")]
    Value {
        /// What was given.
        value: String,
        /// What it should be.
        what: &'static str,
        /// What one looks like.
        wanted: &'static str,
    },
    /// A settings file that is wrong.
    #[error("{path}:{line}:{column}: {message}")]
    Config {
        /// The file.
        path: String,
        /// The line.
        line: u32,
        /// The column.
        column: u32,
        /// What is wrong.
        message: String,
    },
    /// A name that the api-maps do not have.
    #[error("{0}")]
    Lookup(String),
    /// Options that do not go together.
    #[error("{0}")]
    Usage(String),
}
