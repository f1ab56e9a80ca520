//! What a run is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use smol_str::SmolStr;

use super::Shard;
use crate::draft::DraftOptions;
use crate::project;
use crate::value::Text;

/// What a run is told.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Settings {
    /// Files, folders and templates to analyze.
    pub paths: Vec<PathBuf>,
    /// How functions are looked for.
    pub discovery: project::Options,
    /// Only functions of these names.
    pub functions: Vec<String>,
    /// A handler given by hand: file and symbol.
    pub handler: Option<(PathBuf, String)>,
    /// Environment variables given by hand.
    pub environment: BTreeMap<SmolStr, Text>,
    /// What is known about the deployment.
    pub draft: DraftOptions,
    /// Whether the log group's permissions are part of the policies: always, never, or when a template declares the function or its
    /// name is known.
    pub logs: Option<bool>,
    /// The deployed name of the function, for a single one.
    pub function_name: Option<String>,
    /// Whether code that no handler reaches counts too.
    pub whole_program: bool,
    /// Whether installed packages are analyzed with the program.
    pub follow_packages: bool,
    /// Whether conditions count that narrow a permission to single keys and attributes of a table.
    pub conditions: bool,
    /// Whether ARNs keep references to the template's resources.
    pub symbolic: bool,
    /// What is known about single functions, by their names.
    pub overrides: BTreeMap<SmolStr, FunctionSettings>,
    /// Permissions that no analysis can see, as the repository records them.
    pub allowances: Vec<Allowance>,
    /// The repository's own library descriptions.
    pub libraries: Vec<PathBuf>,
    /// Only the functions of this part.
    pub shard: Option<Shard>,
    /// Whether what is said of a function must not depend on which others there are.
    pub each_alone: bool,
    /// Whether only policies and notes are asked for, so that what they rest on need not be kept until the end.
    pub policies_only: bool,
    /// Whether the answer lists what could not be analyzed, so that there is one even when that is all.
    pub lists_everything: bool,
    /// How many threads work; one per processor unless told.
    pub jobs: Option<usize>,
}

impl Settings {
    /// The deployed name of a function, where somebody gave one. One name for several functions is none.
    pub(super) fn deployed_name(&self, function: &str, count: usize) -> Option<&str> {
        let own = self.overrides.get(function).and_then(|given| given.function_name.as_deref());
        self.function_name.as_deref().filter(|_| count == 1).or(own)
    }
}

/// What a run is told about one function.
#[derive(Debug, Clone, Default)]
pub struct FunctionSettings {
    /// Environment variables of this function only.
    pub environment: BTreeMap<SmolStr, Text>,
    /// Its handler: file and symbol.
    pub handler: Option<(PathBuf, String)>,
    /// Its deployed name.
    pub function_name: Option<String>,
}

/// A permission that no analysis can see, and why it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The action, possibly with wildcards.
    pub action: SmolStr,
    /// The resource; any when absent.
    pub resource: Option<SmolStr>,
    /// The function; all when absent.
    pub function: Option<SmolStr>,
    /// Why it is needed.
    pub reason: String,
}
