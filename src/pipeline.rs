//! The whole pipeline as one readable piece: find functions, load their code, interpret it, look up what the calls need,
//! draft the policies. The only place that knows every stage.

mod analysis;
mod defaults;
mod exported;
mod helpers;
mod jobs;
mod lacks;
mod permissions;
mod placeholder;
mod settings;
mod shard;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use smol_str::SmolStr;

pub use settings::{Allowance, FunctionSettings, Settings};
pub use shard::Shard;

use analysis::Answers;
use jobs::{Job, expand, given_handler};
use permissions::{call_needs, setting_needs};

use crate::draft::{DraftOptions, Need, PolicyDraft, draft};
use crate::flow::{SdkCall, Unreached, unreached_notes};
use crate::iac::Stack;
use crate::note::{Note, NoteKind};
use crate::policy::Action;
use crate::project::{self, DiskTree, Function};
use crate::sdk::Confidence;
use crate::span::Location;
use crate::value::ArgMap;

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
    /// A name that was asked for and that no function has.
    pub unknown: Option<UnknownName>,
}

/// A name that no function has.
#[derive(Debug)]
pub struct UnknownName {
    /// The name.
    pub name: String,
    /// The names of the functions there are.
    pub known: Vec<SmolStr>,
    /// Those of the functions that are called so in their template or when they are deployed.
    pub meant: Vec<SmolStr>,
}

impl UnknownName {
    /// The first of these names that none of the functions has.
    pub fn find<'f>(names: &[String], functions: impl Iterator<Item = &'f Function> + Clone) -> Option<Self> {
        let name = names.iter().find(|name| !functions.clone().any(|function| function.name == **name))?;
        // Functions of several templates have their folders before their names.
        let is_meant = |function: &&Function| {
            let deployed = crate::needs::deployed_name(function, None);
            function.id.as_deref() == Some(name) || deployed.as_literal() == Some(name)
        };
        let meant = functions.clone().filter(is_meant).map(|function| function.name.clone()).collect();
        Some(Self { name: name.clone(), known: functions.map(|function| function.name.clone()).collect(), meant })
    }
}

/// What was found about one function.
#[derive(Debug)]
pub struct FunctionReport {
    /// Unique within the report.
    pub name: SmolStr,
    /// The function as discovery knows it.
    pub function: Function,
    /// The name that it is deployed under, where somebody gave one.
    pub deployed: Option<String>,
    /// The handler's file as displayed, if it was found.
    pub file: Option<String>,
    /// The handler's symbol; absent when a file is analyzed as a whole.
    pub symbol: Option<SmolStr>,
    /// Whether the handler's file defines the handler, as far as there is one.
    pub is_entered: bool,
    /// The requests the code can make, by place.
    pub calls: Vec<SdkCall>,
    /// Requests that nothing reaches from the handler.
    pub unreached: Vec<Unreached>,
    /// What the policy rests on; [`EvidenceId`] counts these.
    pub evidence: Vec<Evidence>,
    /// The permissions that are needed, before they were put together.
    pub needs: Vec<Need>,
    /// What requests may need besides, depending on what no call says.
    pub besides: Vec<Besides>,
    /// The policy.
    pub draft: PolicyDraft,
    /// What could not be decided, by place.
    pub notes: Vec<Note>,
    /// `leash:` comments in the code that was loaded, with the text behind `leash:`, by place.
    pub directives: Vec<(Location, SmolStr)>,
}

/// Permissions that may be needed beside those that are known to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Besides {
    /// The actions.
    pub actions: Vec<Action>,
    /// Why, and where.
    pub note: Note,
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
    /// Drops what only explains the policy.
    fn keep_policy(&mut self) {
        self.evidence = Vec::new();
        self.besides = Vec::new();
        self.directives = Vec::new();
        if !self.draft.statements.is_empty() {
            self.needs = Vec::new();
        }
        for call in &mut self.calls {
            (call.params, call.path, call.region) = (ArgMap::default(), Vec::new(), None);
        }
        for draft in &mut self.draft.statements {
            (draft.evidence, draft.wildcards) = (Vec::new(), Vec::new());
        }
    }

    /// Why there is no policy, if there is none: the handler was not entered, or the policy did not pass its check.
    pub fn unanswered(&self) -> Option<&str> {
        if self.file.is_none() || !self.is_entered {
            let reason = self.notes.iter().find(|note| note.kind == NoteKind::UnresolvedHandler);
            return Some(reason.map_or("its code was not found", |note| note.message.as_str()));
        }
        let needs_something = self.needs.iter().any(|need| need.confidence > Confidence::Possible);
        let lost = needs_something && self.draft.statements.is_empty();
        lost.then_some("its policy did not pass leash's own check")
    }

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
    let mut report = Report { functions: Vec::new(), notes: Vec::new(), stacks: Vec::new(), found: 0, deployment, unknown: None };
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
    report.unknown = UnknownName::find(&settings.functions, jobs.iter().map(|(_, _, job)| &job.function));
    jobs.retain(|(_, _, job)| settings.functions.is_empty() || settings.functions.iter().any(|name| job.function.name == *name));
    if !settings.functions.is_empty() {
        let asked: Vec<&Function> = jobs.iter().map(|(_, _, job)| &job.function).collect();
        report.notes.retain(|note| concerns(note, &asked));
    }
    report.found = jobs.len();
    for (_, _, job) in &mut jobs {
        job.deployed = settings.deployed_name(&job.function.name, report.found).map(str::to_owned);
    }
    if let Some(shard) = settings.shard {
        shard.keep(&mut jobs, |(_, base, job)| job.path(base));
        if !shard.is_first() {
            // Every shard finds the same.
            report.notes.clear();
        }
    }
    progress(Progress::Found(jobs.len()));
    let answers = Answers::expected(jobs.iter().map(|(tree, base, job)| (tree.as_ref(), base.as_path(), job)), settings);
    for (tree, _, job) in &jobs {
        job.target.starts().into_iter().for_each(|path| tree.expect_start(path));
    }
    report.functions = jobs
        .par_iter()
        .map(|(tree, base, job)| {
            let result = one(tree.as_ref(), base, job, &answers, settings);
            job.target.starts().into_iter().for_each(|path| tree.done_with_start(path));
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

/// Whether a note about templates has to do with some of these functions: it is about no file, or about one beside their own.
fn concerns(note: &Note, functions: &[&Function]) -> bool {
    let Some(at) = &note.at else { return true };
    let beside = |path: &Path| path.parent() == Path::new(at.file.path.as_str()).parent();
    let read = |stack: &Stack| stack.included.iter().chain(&stack.consulted).any(|path| beside(path));
    let of_stack = |stack: &Stack| beside(Path::new(&stack.template.path)) || read(stack);
    functions.iter().any(|function| function.stack.as_deref().is_none_or(of_stack))
}

/// Says which calls no handler reaches. What another function reaches grants something there, unless each function is to be
/// read without the others.
fn note_unreached(functions: &mut [FunctionReport], each_alone: bool) {
    let others = functions.iter().filter(|_| !each_alone && functions.len() > 1);
    let reached: BTreeSet<Unreached> = others.flat_map(|function| function.calls.iter().map(Unreached::of)).collect();
    for function in functions {
        function.unreached.retain(|call| !reached.contains(call));
        let notes = unreached_notes(&function.unreached, &function.notes);
        function.notes.extend(notes);
        function.notes.sort();
    }
}

/// Analyzes one function.
fn one(tree: &DiskTree, base: &Path, job: &Job, answers: &Answers, settings: &Settings) -> FunctionReport {
    let function = &job.function;
    let mut report = FunctionReport {
        name: function.name.clone(),
        function: function.clone(),
        deployed: job.deployed.clone(),
        file: None,
        symbol: None,
        is_entered: true,
        calls: Vec::new(),
        unreached: Vec::new(),
        evidence: Vec::new(),
        needs: Vec::new(),
        besides: Vec::new(),
        draft: PolicyDraft::default(),
        notes: function.notes.clone(),
        directives: Vec::new(),
    };
    let found = answers.of(tree, base, job, settings);
    report.file = found.file;
    report.symbol = found.symbol;
    report.notes.extend(found.notes);
    if let Some(symbols) = found.lacking {
        let file = report.file.clone().unwrap_or_default();
        let message = format!("{file} has no function `{symbols}`; nothing of it is covered: check the handler's name");
        report.is_entered = false;
        // Where the name stands is where it is to be corrected.
        report.notes.push(match &job.function.origin {
            Some(origin) => Note::at(NoteKind::UnresolvedHandler, origin.clone(), message),
            None => Note::general(NoteKind::UnresolvedHandler, message),
        });
    }
    report.directives = found.directives;
    report.unreached = found.analysis.unreached;
    let left_out = lacks::left_out(&found.analysis.unset);
    report.notes.extend(left_out.iter().map(|besides| besides.note.clone()));
    report.besides.extend(left_out);
    report.notes.extend(found.analysis.notes);
    report.calls = found.analysis.calls;
    let mut placeholders = found.placeholders;
    // What the template spells the same way is what it is deployed as.
    placeholders.retain(|name, _| !function.stack.as_ref().is_some_and(|stack| stack.template.text.contains(name.as_str())));
    call_needs(&mut report, settings, &placeholders);
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
    if settings.policies_only {
        report.keep_policy();
    }
    report
}
