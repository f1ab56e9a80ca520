//! The whole pipeline as one readable piece: find functions, load their code, interpret it, look up what the calls need,
//! draft the policies. The only place that knows every stage.

mod jobs;
mod permissions;
mod settings;
mod shard;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

pub use settings::{Allowance, FunctionSettings, Settings};
pub use shard::Shard;

use jobs::{Job, Target, expand, given_handler, link_options};
use permissions::{call_needs, setting_needs};

use crate::draft::{DraftOptions, Need, PolicyDraft, draft};
use crate::flow::{Analysis, Entry, FlowOptions, Program, SdkCall, analyze, unreached_notes};
use crate::iac::Stack;
use crate::note::{Note, NoteKind};
use crate::project::{self, DiskTree, Function, Handler};
use crate::span::Location;
use crate::value::Text;

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// The functions, by name.
    pub functions: Vec<FunctionReport>,
    /// What concerns no single function.
    pub notes: Vec<Note>,
    /// The stacks they belong to.
    pub stacks: Vec<Arc<Stack>>,
    /// How many functions there are. More than in `functions` where another shard answers for some.
    pub found: usize,
    /// What was known about the deployment.
    pub deployment: DraftOptions,
}

/// What was found about one function.
#[derive(Debug)]
pub struct FunctionReport {
    /// Unique within the report.
    pub name: SmolStr,
    /// The function as discovery knows it.
    pub function: Function,
    /// The handler's file as displayed, if it was found.
    pub file: Option<String>,
    /// The handler's symbol; absent when a file is analyzed as a whole.
    pub symbol: Option<SmolStr>,
    /// Whether the handler's file defines the handler, as far as there is one.
    pub is_entered: bool,
    /// The requests the code can make, by place.
    pub calls: Vec<SdkCall>,
    /// Requests that nothing reaches from the handler.
    pub unreached: Vec<SdkCall>,
    /// What the policy rests on; [`EvidenceId`] counts these.
    pub evidence: Vec<Evidence>,
    /// The permissions that are needed, before they were put together.
    pub needs: Vec<Need>,
    /// The policy.
    pub draft: PolicyDraft,
    /// What could not be decided, by place.
    pub notes: Vec<Note>,
    /// `leash:` comments in the code that was loaded, with the text behind `leash:`, by place.
    pub directives: Vec<(Location, SmolStr)>,
}

/// What a permission rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A call, by its position in [`FunctionReport::calls`].
    Call(usize),
    /// A setting of the function: what it is, and where it is set.
    Setting {
        /// The setting, as the subject of a sentence: "the function's log group".
        what: String,
        /// Where it is set, when a template sets it.
        at: Option<Location>,
    },
}

impl FunctionReport {
    /// Whether everything the handler reaches was resolved.
    pub fn is_complete(&self) -> bool {
        !self.notes.iter().any(|note| note.kind.blocks_removal())
    }
}

/// Stack of the threads that interpret programs; only what is used is ever committed.
const THREAD_STACK: usize = 256 << 20;

/// Runs everything. `progress` is told the number of functions first, then each one that is done.
pub fn run(settings: &Settings, progress: &(dyn Fn(Progress) + Sync)) -> Report {
    let pool = rayon::ThreadPoolBuilder::new().stack_size(THREAD_STACK).num_threads(settings.jobs.unwrap_or(0)).build();
    match pool {
        Ok(pool) => pool.install(|| run_here(settings, progress)),
        Err(_) => run_here(settings, progress),
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy)]
pub enum Progress {
    /// This many functions were found.
    Found(usize),
    /// One of them is done.
    Done,
}

fn run_here(settings: &Settings, progress: &(dyn Fn(Progress) + Sync)) -> Report {
    let deployment = settings.draft.clone();
    let mut report = Report { functions: Vec::new(), notes: Vec::new(), stacks: Vec::new(), found: 0, deployment };
    let mut jobs = Vec::new();
    for path in &settings.paths {
        let project = match &settings.handler {
            Some((file, symbol)) => given_handler(path, file, symbol),
            None => project::discover(path, &settings.discovery),
        };
        report.notes.extend(project.notes.iter().cloned());
        report.stacks.extend(project.stacks.iter().cloned());
        let (tree, expanded) = expand(&project, settings, &mut report.notes);
        let tree = Arc::new(tree);
        jobs.extend(expanded.into_iter().map(|job| (Arc::clone(&tree), project.base.clone(), job)));
    }
    jobs.retain(|(_, _, job)| settings.functions.is_empty() || settings.functions.iter().any(|name| job.function.name == *name));
    report.found = jobs.len();
    if let Some(shard) = settings.shard {
        shard.keep(&mut jobs, |(_, base, job)| job.path(base));
        if !shard.is_first() {
            // Every shard finds the same.
            report.notes.clear();
        }
    }
    progress(Progress::Found(jobs.len()));
    report.functions = jobs
        .par_iter()
        .map(|(tree, base, job)| {
            let result = one(tree.as_ref(), base, job, settings);
            progress(Progress::Done);
            result
        })
        .collect();
    note_unreached(&mut report.functions, settings.each_alone);
    for (tree, _, _) in &jobs {
        report.notes.extend(tree.take_notes());
    }
    report
        .functions
        .sort_by(|left, right| (&left.name, &left.file, &left.symbol).cmp(&(&right.name, &right.file, &right.symbol)));
    report.notes.sort();
    report.notes.dedup();
    report
}

/// Says which calls no handler reaches. What another function reaches grants something there, unless each function is to be
/// read without the others.
fn note_unreached(functions: &mut [FunctionReport], each_alone: bool) {
    type Place = (Location, SmolStr, SmolStr);
    let place = |call: &SdkCall| -> Place { (call.at.clone(), call.service.clone(), call.operation.clone()) };
    let others = functions.iter().filter(|_| !each_alone);
    let reached: BTreeSet<Place> = others.flat_map(|function| function.calls.iter().map(place)).collect();
    for function in functions {
        function.unreached.retain(|call| !reached.contains(&place(call)));
        function.notes.extend(unreached_notes(&function.unreached));
        function.notes.sort();
    }
}

/// Analyzes one function.
fn one(tree: &DiskTree, base: &Path, job: &Job, settings: &Settings) -> FunctionReport {
    let function = &job.function;
    let mut report = FunctionReport {
        name: function.name.clone(),
        function: function.clone(),
        file: None,
        symbol: None,
        is_entered: true,
        calls: Vec::new(),
        unreached: Vec::new(),
        evidence: Vec::new(),
        needs: Vec::new(),
        draft: PolicyDraft::default(),
        notes: function.notes.clone(),
        directives: Vec::new(),
    };
    let analysis = analysis(tree, base, job, settings, &mut report);
    report.unreached = analysis.unreached;
    report.notes.extend(analysis.notes);
    report.calls = analysis.calls;
    call_needs(&mut report, settings);
    setting_needs(&mut report, settings);
    match draft(&report.needs, &settings.draft) {
        Ok(policy) => {
            report.notes.extend(policy.notes.iter().cloned());
            report.draft = policy;
        }
        Err(failure) => {
            let message = format!("the policy did not pass leash's own check and is not printed; please report this: {failure}");
            report.notes.push(Note::general(NoteKind::Budget, message));
        }
    }
    report.notes.sort();
    report.notes.dedup();
    report
}

fn analysis(tree: &DiskTree, base: &Path, job: &Job, settings: &Settings, report: &mut FunctionReport) -> Analysis {
    let (paths, symbols): (Vec<PathBuf>, Vec<SmolStr>) = match &job.target {
        Target::Handlers(handlers) => handlers.iter().cloned().unzip(),
        Target::Whole(path) => (vec![path.clone()], Vec::new()),
        Target::None => return Analysis::default(),
    };
    let options = link_options(&job.function, base.to_path_buf(), settings.follow_packages, paths.first().map(PathBuf::as_path));
    let Some(program) = Program::load_all(tree, &paths, &options) else { return Analysis::default() };
    let first = crate::ids::Id::from_index(0);
    report.file = program.modules.get(first).map(|linked| linked.module.file.path.clone());
    report.symbol = symbols.first().cloned();
    report.notes.extend(syntax_notes(&program));
    report.directives = directives(&program);
    let flow = flow_options(&job.function, settings);
    let entry = if settings.whole_program && !symbols.is_empty() {
        Entry::Whole(program.modules.iter_enumerated().map(|(id, _)| id).collect())
    } else if symbols.is_empty() {
        Entry::Whole(vec![first])
    } else {
        let module = |path: &PathBuf| program.at_path(path).unwrap_or(first);
        Entry::Handlers(paths.iter().map(module).zip(symbols.iter().cloned()).collect())
    };
    let analysis = analyze(&program, &entry, &flow);
    if !symbols.is_empty() && !analysis.entered {
        let file = report.file.clone().unwrap_or_default();
        let symbol = symbols.join("`, `");
        let message = format!("{file} has no function `{symbol}`; nothing of it is covered: check the handler's name");
        report.is_entered = false;
        // Where the name stands is where it is to be corrected.
        report.notes.push(match &job.function.origin {
            Some(origin) => Note::at(NoteKind::UnresolvedHandler, origin.clone(), message),
            None => Note::general(NoteKind::UnresolvedHandler, message),
        });
    }
    analysis
}

/// Environment variables: those given by hand, then the template's.
fn flow_options(function: &Function, settings: &Settings) -> FlowOptions {
    let mut environment: BTreeMap<SmolStr, Vec<Text>> =
        function.environment.iter().map(|(name, variable)| (name.clone(), variable.values.clone())).collect();
    let own = settings.overrides.get(&function.name).map(|given| &given.environment);
    for (name, value) in settings.environment.iter().chain(own.into_iter().flatten()) {
        environment.insert(name.clone(), vec![value.clone()]);
    }
    FlowOptions {
        environment,
        environment_complete: function.stack.is_some(),
        deployed_apart: deployed_apart(function),
        filled: match &function.handler {
            Handler::Inline { filled, .. } => filled.clone(),
            _ => BTreeMap::new(),
        },
        paths: BTreeMap::new(),
    }
}

/// What other functions of the same application start with. Its decorators get to see them all, and each function is deployed with all
/// the code, but only runs its own.
fn deployed_apart(function: &Function) -> Vec<(PathBuf, SmolStr)> {
    let (Some(stack), Some(root)) = (&function.stack, &function.code_root) else { return Vec::new() };
    let is_own = |id: &SmolStr| function.id.as_ref() == Some(id);
    let own: Vec<&SmolStr> = stack.functions.iter().filter(|one| is_own(&one.id)).flat_map(|one| &one.entries).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let others = stack.functions.iter().flat_map(|one| &one.entries).filter(|entry| !own.contains(entry));
    let places = others.filter_map(|entry| {
        let (module, symbol) = entry.rsplit_once('.')?;
        let path = crate::iac::clean(&root.join(module.replace('.', "/")));
        let file = PathBuf::from(format!("{}.py", path.display()));
        Some([(file, symbol.into()), (path.join("__init__.py"), symbol.into())])
    });
    places.flatten().collect()
}

/// What comments tell leash, by place.
fn directives(program: &Program) -> Vec<(Location, SmolStr)> {
    let of = |linked: &crate::flow::link::Linked| {
        let module = &linked.module;
        let place = |(span, text): &(crate::span::Span, SmolStr)| (Location::new(&module.file, *span), text.clone());
        module.directives.iter().map(place).collect::<Vec<_>>()
    };
    let mut all: Vec<(Location, SmolStr)> = program.modules.iter().flat_map(of).collect();
    all.sort();
    all
}

fn syntax_notes(program: &Program) -> Vec<Note> {
    let mut notes = Vec::new();
    for linked in program.modules.iter() {
        let errors = &linked.module.syntax_errors;
        if let Some(first) = errors.first() {
            let at = Location::new(&linked.module.file, *first);
            let more = if errors.len() > 1 { format!(" and in {} more places", errors.len() - 1) } else { String::new() };
            notes.push(Note::at(
                NoteKind::Syntax,
                at,
                format!("does not parse here{more}; calls in the broken part may be missing"),
            ));
        }
    }
    notes
}
