//! What there is to analyze: the Lambda functions of a folder, a template or a file, with everything the infrastructure code
//! says about them.
//!
//! [`discover`] walks the tree and reads every template into a [`Stack`]; each function of a stack is paired with its code.
//! Without any template, the source files themselves are the candidates.

mod applications;
mod discover;
mod docker;
mod handler;
mod layers;
mod moved;
mod names;
mod near;
mod node;
mod package;
mod program;
mod stub;
mod tracked;
mod tree;
mod tsconfig;
mod written;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use smol_str::SmolStr;

pub use discover::discover;
pub use tree::DiskTree;

use crate::iac::{DeclaredPolicy, EventSource, Files, RoleRef, Setting, Stack, Variable};
use crate::note::Note;
use crate::span::{Location, SourceFile};
use crate::value::Hole;

/// Everything found at a path.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that displayed paths are relative to.
    pub base: PathBuf,
    /// The files below it, with what was found out about them.
    pub files: Files,
    /// The functions, in the order of their names.
    pub functions: Vec<Function>,
    /// The stacks they are from, in the order of their templates.
    pub stacks: Vec<Arc<Stack>>,
    /// What could not be read, apart from what concerns a single function.
    pub notes: Vec<Note>,
    /// Source files outside of every function's code, where there are functions.
    pub unclaimed: Vec<PathBuf>,
}

/// How to look for functions.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Look into files that `.gitignore` excludes, too.
    pub no_ignore: bool,
    /// Folders and files to leave out, as globs in the syntax of `.gitignore`.
    pub exclude: Vec<String>,
    /// Read these templates only; empty means every one that is found.
    pub templates: Vec<PathBuf>,
}

/// A Lambda function with its code.
#[derive(Debug, Clone)]
pub struct Function {
    /// Unique within the project: the logical id, with the template's folder before it where that is needed.
    pub name: SmolStr,
    /// The logical id within its stack; absent without a template.
    pub id: Option<SmolStr>,
    /// Where it is declared; absent without a template.
    pub origin: Option<Location>,
    /// `python3.12`, `nodejs22.x`, if known.
    pub runtime: Option<SmolStr>,
    /// The code that is entered when it is invoked.
    pub handler: Handler,
    /// The folder its code is packaged from. Absolute imports resolve from here.
    pub code_root: Option<PathBuf>,
    /// Every folder that imports resolve from, in order: the code root, then those of its layers.
    pub import_roots: Vec<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<SmolStr, Variable>,
    /// Whether the template lists every variable there is.
    pub environment_complete: bool,
    /// What invokes it.
    pub events: Vec<EventSource>,
    /// Settings that need permissions by themselves.
    pub settings: Vec<Setting>,
    /// The role it runs with.
    pub role: RoleRef,
    /// The permissions it has today.
    pub declared: Vec<DeclaredPolicy>,
    /// What is not known about it.
    pub notes: Vec<Note>,
    /// The stack it is a part of; absent without a template.
    pub stack: Option<Arc<Stack>>,
}

/// Where a function starts.
#[derive(Debug, Clone)]
pub enum Handler {
    /// A function of a file.
    File {
        /// The file, as it can be opened.
        path: PathBuf,
        /// What the template calls it: `lambda_handler`, `handlers.create`.
        symbol: SmolStr,
    },
    /// A function of code written into a template.
    Inline {
        /// The code.
        file: Arc<SourceFile>,
        /// What the template calls it.
        symbol: SmolStr,
        /// What the template fills in, by how it stands in the code.
        filled: BTreeMap<SmolStr, Hole>,
    },
    /// The handler is the framework's own and dispatches to several functions of the program, which may be in several files:
    /// the routes of a Chalice or Zappa application.
    Entries(Vec<EntryPoint>),
    /// No template names a handler. Any function in these files that has the shape of one counts
    /// (`ir::Module::handlers`); each becomes a function of its own.
    Candidates(Vec<PathBuf>),
    /// A runtime that leash does not read; a note says so.
    Unsupported,
    /// Not found; a note says what was looked for.
    Missing,
}

/// One of several functions that a framework's handler dispatches to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryPoint {
    /// The file, as it can be opened.
    pub path: PathBuf,
    /// The function, or the application object whose views are reached through it.
    pub symbol: SmolStr,
}

impl Handler {
    /// Whether there is code to analyze.
    pub const fn is_resolved(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Inline { .. } | Self::Entries(_))
    }
}

/// Extensions of the files leash reads.
pub const SOURCE_EXTENSIONS: [&str; 9] = ["py", "js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];
