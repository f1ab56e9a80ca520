//! Which analyses a project needs: the functions of templates as they are, bare files by the handlers in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::helpers::{called_by_handlers, made_by_others, without_helpers};
use super::{Settings, defaults, exported};
use crate::flow::{LinkOptions, Program, SourceTree as _};
use crate::iac::Files;
use crate::note::{Note, NoteKind};
use crate::project::{DiskTree, Function, Handler, Project};
use crate::sdk::packages::mentions_sdk;

/// A project of one function whose handler the user names.
pub(super) fn given_handler(path: &Path, file: &Path, symbol: &str) -> Project {
    let file = if path.is_dir() && !file.exists() { path.join(file) } else { file.to_path_buf() };
    let folder = if path.is_dir() { path.to_path_buf() } else { folder_of(&file) };
    let mut project = Project {
        files: Files::new(&folder),
        base: folder.clone(),
        functions: Vec::new(),
        stacks: Vec::new(),
        notes: Vec::new(),
        unclaimed: Vec::new(),
    };
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    project.functions.push(bare_function(name.into(), Handler::File { path: file, symbol: symbol.into() }, folder));
    project
}

pub(super) fn folder_of(file: &Path) -> PathBuf {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

pub(super) fn bare_function(name: SmolStr, handler: Handler, root: PathBuf) -> Function {
    Function {
        name,
        id: None,
        origin: None,
        runtime: None,
        handler,
        code_root: Some(root.clone()),
        import_roots: vec![root],
        environment: BTreeMap::new(),
        environment_complete: false,
        events: Vec::new(),
        settings: Vec::new(),
        role: crate::iac::RoleRef::Implicit,
        declared: Vec::new(),
        notes: Vec::new(),
        stack: None,
    }
}

/// One analysis to make.
pub(super) struct Job {
    pub(super) function: Function,
    pub(super) target: Target,
    /// The other functions of the project that start in the same file.
    pub(super) beside: Vec<(PathBuf, SmolStr)>,
    /// The name that the function is deployed under, where somebody gave one.
    pub(super) deployed: Option<String>,
}

impl Job {
    pub(super) fn new(function: Function, target: Target) -> Self {
        Self { function, target, beside: Vec::new(), deployed: None }
    }

    /// The file it starts in, or the template where there is none, below the folder that leash was pointed at. The base is a part
    /// of it because a run may have several.
    pub(super) fn path(&self, base: &Path) -> String {
        let path = match &self.target {
            // There is no such file.
            _ if matches!(self.function.handler, Handler::Inline { .. }) => None,
            Target::Handlers(handlers) => handlers.first().map(|(path, _)| path),
            Target::Whole(path) => Some(path),
            Target::None => None,
        };
        let file = path.map(|path| Files::new(base).display(path));
        let file = file.or_else(|| self.function.origin.as_ref().map(|origin| origin.file.path.clone()));
        format!("{}\n{}", base.display(), file.unwrap_or_default())
    }
}

impl Target {
    /// The files it starts in.
    pub(super) fn starts(&self) -> Vec<&Path> {
        match self {
            Self::Handlers(handlers) => handlers.iter().map(|(path, _)| path.as_path()).collect(),
            Self::Whole(path) => vec![path],
            Self::None => Vec::new(),
        }
    }
}

/// What is analyzed.
pub(super) enum Target {
    /// Handlers, usually one.
    Handlers(Vec<(PathBuf, SmolStr)>),
    /// A file without a handler, as a whole.
    Whole(PathBuf),
    /// Nothing: there is no code.
    None,
}

/// The analyses that a project needs: functions of templates as they are, bare files by the handlers in them.
pub(super) fn expand(project: &Project, settings: &Settings, notes: &mut Vec<Note>) -> (DiskTree, Vec<Job>) {
    let mut tree = DiskTree::new(project.files.clone());
    let mut jobs = Vec::new();
    let mut candidates = Vec::new();
    for function in &project.functions {
        if let Some((path, symbol)) = settings.overrides.get(&function.name).and_then(|given| given.handler.clone()) {
            let mut function = function.clone();
            // What was not found no longer matters.
            function.notes.retain(|note| note.kind != NoteKind::UnresolvedHandler);
            jobs.push(Job::new(function, Target::Handlers(vec![(path, symbol.into())])));
            continue;
        }
        let target = match &function.handler {
            Handler::File { path, symbol } => Target::Handlers(vec![(path.clone(), symbol.clone())]),
            Handler::Entries(entries) => {
                Target::Handlers(entries.iter().map(|entry| (entry.path.clone(), entry.symbol.clone())).collect())
            }
            Handler::Inline { file, symbol, .. } => {
                let path = inline_path(function, &file.text);
                tree.add_virtual(path.clone(), Arc::clone(file));
                Target::Handlers(vec![(path, symbol.clone())])
            }
            Handler::Candidates(files) => {
                candidates.push((function.clone(), files.clone()));
                continue;
            }
            Handler::Unsupported | Handler::Missing => Target::None,
        };
        jobs.push(Job::new(function.clone(), target));
    }
    for (function, files) in candidates {
        let alone = jobs.is_empty();
        jobs.extend(bare_jobs(&tree, &function, &files, alone, notes));
    }
    let unnamed = unnamed(&tree, &project.unclaimed);
    if !jobs.is_empty() && jobs.iter().all(|job| matches!(job.target, Target::None)) && !unnamed.is_empty() {
        jobs.extend(instead(&tree, project, &unnamed, notes));
    } else {
        notes.extend(unnamed_note(&unnamed));
    }
    tell_beside(&tree, &mut jobs);
    (tree, jobs)
}

/// Tells each function which others start in its file. Where one was asked for by name, those are the other handlers there.
fn tell_beside(tree: &DiskTree, jobs: &mut [Job]) {
    let mut starts: FxHashMap<PathBuf, BTreeSet<SmolStr>> = FxHashMap::default();
    for job in jobs.iter() {
        if let Target::Handlers(handlers) = &job.target {
            for (path, symbol) in handlers {
                starts.entry(path.clone()).or_default().insert(symbol.clone());
            }
        }
    }
    if let [Job { function: Function { stack: None, .. }, target: Target::Handlers(handlers), .. }] = jobs {
        for module in handlers.iter().filter_map(|(path, _)| tree.module(path)) {
            starts.values_mut().for_each(|symbols| symbols.extend(module.handlers.iter().cloned()));
        }
    }
    for job in jobs {
        let Target::Handlers(handlers) = &job.target else { continue };
        let of_path = |path: &PathBuf| {
            let symbols = starts.get(path).into_iter().flatten();
            symbols.map(|symbol| (path.clone(), symbol.clone())).filter(|other| !handlers.contains(other)).collect::<Vec<_>>()
        };
        let paths: BTreeSet<&PathBuf> = handlers.iter().map(|(path, _)| path).collect();
        job.beside = paths.into_iter().flat_map(of_path).collect();
    }
}

/// A file that looks like a function although no template names it.
struct Unnamed {
    path: PathBuf,
    /// Its first handler, as displayed.
    shown: String,
}

fn unnamed(tree: &DiskTree, files: &[PathBuf]) -> Vec<Unnamed> {
    let with_handlers = |path: &PathBuf| {
        let plain = path.to_string_lossy().replace('\\', "/");
        if is_test(&plain) || !tree.text(path).is_some_and(|text| mentions_sdk(&text)) {
            return None;
        }
        let module = tree.module(path)?;
        let symbol = exported::handlers(tree, path, &module).into_iter().next()?;
        Some(Unnamed { path: path.clone(), shown: format!("{}:{symbol}", module.file.path) })
    };
    files.par_iter().filter_map(with_handlers).collect()
}

/// A note about handlers that no template names: as a rule they are deployed in another way.
fn unnamed_note(found: &[Unnamed]) -> Option<Note> {
    let message = format!(
        "no template names these handlers, so they are not part of the answer: {}; name the file to analyze one on its own",
        shown(found)
    );
    (!found.is_empty()).then(|| Note::general(NoteKind::Info, message))
}

fn shown(found: &[Unnamed]) -> String {
    const SHOWN: usize = 5;
    let list = found.iter().take(SHOWN).map(|unnamed| unnamed.shown.as_str()).collect::<Vec<_>>().join(", ");
    match found.len().saturating_sub(SHOWN) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// The handlers that no template names, where nothing that one declares has code to analyze: better an answer for them than none.
fn instead(tree: &DiskTree, project: &Project, found: &[Unnamed], notes: &mut Vec<Note>) -> Vec<Job> {
    let message = format!(
        "none of the declared functions has code that leash can analyze, so these handlers, which no template names, are analyzed on \
         their own: {}",
        shown(found)
    );
    notes.push(Note::general(NoteKind::Info, message));
    let files: Vec<PathBuf> = found.iter().map(|unnamed| unnamed.path.clone()).collect();
    let function = bare_function(SmolStr::default(), Handler::Candidates(files.clone()), project.base.clone());
    bare_jobs(tree, &function, &files, false, notes)
}

/// Where code that stands in a template would be if it were a file.
pub(super) fn inline_path(function: &Function, text: &str) -> PathBuf {
    let python = function.runtime.as_ref().map_or_else(|| text.contains("def "), |runtime| runtime.starts_with("python"));
    let extension = if python { "py" } else { "js" };
    let root = function.code_root.clone().unwrap_or_default();
    root.join(format!("{}.inline/index.{extension}", function.name))
}

/// Files without a template: those with handlers are functions; the others count when nothing imports them.
/// `alone` says that there are no other functions, which would import some of them.
pub(super) fn bare_jobs(tree: &DiskTree, function: &Function, files: &[PathBuf], alone: bool, notes: &mut Vec<Note>) -> Vec<Job> {
    let modules: Vec<(PathBuf, Option<Arc<crate::ir::Module>>)> =
        files.par_iter().map(|path| (path.clone(), tree.module(path))).collect();
    let single = files.len() == 1;
    // Tests and what packs the code are deployed only if there is nothing else.
    let is_aside = |path: &str| is_test(path) || is_setup(path);
    let all_aside = modules.iter().all(|(_, module)| module.as_ref().is_none_or(|module| is_aside(&module.file.path)));
    let mut helpers = called_by_handlers(&modules);
    let (makers, made) = made_by_others(&modules);
    helpers.extend(makers);
    // A file that was named on its own is what somebody asks about.
    let plain = if single && alone { FxHashSet::default() } else { defaults::asking_nothing(tree, &modules, function) };
    let mut jobs = Vec::new();
    let mut rest = Vec::new();
    for (path, module) in modules {
        let Some(module) = module.filter(|module| all_aside || !is_aside(&module.file.path)) else { continue };
        let mut handlers = exported::handlers(tree, &path, &module);
        let others = made.get(&path).into_iter().flatten().filter(|name| !module.handlers.contains(name));
        handlers.extend(others.cloned());
        let mut handlers = without_helpers(&helpers, &path, &module, handlers);
        if plain.contains(&path) {
            handlers.retain(|symbol| Some(symbol) != module.plain_default.as_ref());
        }
        if handlers.is_empty() {
            rest.push((path, module));
            continue;
        }
        for symbol in &handlers {
            let name = job_name(&module.file.path, (handlers.len() > 1).then_some(symbol));
            jobs.push(job(function, name, Target::Handlers(vec![(path.clone(), symbol.clone())])));
        }
    }
    let alone = alone && jobs.is_empty();
    let reached = if alone || rest.is_empty() { None } else { reached(tree, &jobs, function) };
    for (path, module) in rest {
        let name = job_name(&module.file.path, None);
        if alone && (single || mentions_sdk(&module.file.text)) {
            jobs.push(job(function, name, Target::Whole(path)));
        } else if !alone
            && mentions_sdk(&module.file.text)
            && reached.as_ref().is_none_or(|program| program.at_path(&path).is_none())
        {
            let message = format!(
                "{} has no handler and no handler imports it; to analyze it on its own, name it: leash infer {0}",
                module.file.path
            );
            notes.push(Note::general(NoteKind::Unreachable, message));
        }
    }
    jobs
}

/// A function of a bare file. It knows its own file only, not all the candidates.
fn job(function: &Function, name: SmolStr, target: Target) -> Job {
    let handler = match &target {
        Target::Handlers(handlers) => handlers
            .first()
            .map_or(Handler::Missing, |(path, symbol)| Handler::File { path: path.clone(), symbol: symbol.clone() }),
        Target::Whole(path) => Handler::Candidates(vec![path.clone()]),
        Target::None => Handler::Missing,
    };
    let function = Function {
        name,
        handler,
        code_root: function.code_root.clone(),
        import_roots: function.import_roots.clone(),
        ..bare_function(SmolStr::default(), Handler::Missing, PathBuf::new())
    };
    Job::new(function, target)
}

/// `src/orders.py` → `src/orders`, with the symbol when the file has several handlers.
pub(super) fn job_name(path: &str, symbol: Option<&SmolStr>) -> SmolStr {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    symbol.map_or_else(|| stem.into(), |symbol| smol_str::format_smolstr!("{stem}.{symbol}"))
}

/// Whether a file is a test by the conventions of the common runners; nothing deploys it.
pub(super) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let in_folder = path.split('/').any(|folder| matches!(folder, "test" | "tests" | "__tests__" | "spec"));
    in_folder
        || name.contains(".test.")
        || name.contains(".spec.")
        || name.starts_with("test_")
        || name.ends_with("_test.py")
        || name == "conftest.py"
}

/// Whether a file describes how the code is packed.
fn is_setup(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("setup.py" | "noxfile.py"))
}

/// Everything that the handlers reach by imports.
fn reached(tree: &DiskTree, jobs: &[Job], function: &Function) -> Option<Program> {
    let entries: Vec<PathBuf> = jobs
        .iter()
        .filter_map(|job| match &job.target {
            Target::Handlers(handlers) => handlers.first().map(|(path, _)| path.clone()),
            _ => None,
        })
        .collect();
    Program::load_all(tree, &entries, &link_options(tree, function, tree_boundary(function), false, None))
}

pub(super) fn tree_boundary(function: &Function) -> PathBuf {
    function.code_root.clone().unwrap_or_default()
}

pub(super) fn link_options(
    tree: &DiskTree,
    function: &Function,
    boundary: PathBuf,
    follow_packages: bool,
    entry: Option<&Path>,
) -> LinkOptions {
    let mut roots = function.import_roots.clone();
    if roots.is_empty()
        && let Some(entry) = entry
    {
        roots.push(folder_of(entry));
    }
    let packages = tree.packages_around(&boundary);
    let (outer, repository) = tree.folders_around(&boundary);
    LinkOptions { roots, follow_packages, boundary, outer, repository, packages }
}
