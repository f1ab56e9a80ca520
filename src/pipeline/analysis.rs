//! What the code of one function does, found once for all functions that start in the same place and see the same
//! environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Settings;
use super::jobs::{Job, Target, link_options};
use super::placeholder::{self, Placeholders};
use crate::flow::{Analysis, Entry, FlowOptions, LinkOptions, Program, analyze};
use crate::ids::Id;
use crate::note::{Note, NoteKind};
use crate::project::{DiskTree, Function, Handler};
use crate::span::Location;
use crate::value::{Hole, Text};
use crate::wording::counted;

/// What was found in a function's code.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The handler's file as displayed, if it was found.
    pub(super) file: Option<String>,
    /// The handler's symbol; absent when a file is analyzed as a whole.
    pub(super) symbol: Option<SmolStr>,
    /// The handlers' symbols, if the file has none of these.
    pub(super) lacking: Option<String>,
    /// The requests and what could not be decided.
    pub(super) analysis: Analysis,
    /// What is to be said about the code itself.
    pub(super) notes: Vec<Note>,
    /// `leash:` comments, by place.
    pub(super) directives: Vec<(Location, SmolStr)>,
    /// Names in requests that the code is yet to be given.
    pub(super) placeholders: Placeholders,
}

/// Everything that decides what is found in a function's code, except for the values of its environment variables.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Question {
    /// Which of the folders that leash was pointed at.
    tree: usize,
    paths: Vec<PathBuf>,
    symbols: Vec<SmolStr>,
    link: LinkOptions,
    environment_complete: bool,
    deployed_apart: Vec<(PathBuf, SmolStr)>,
}

/// The values of the variables that the code asks for, and what was found with them.
type Answer = (Vec<(SmolStr, Seen)>, Arc<Found>);

/// What the code sees of a variable: its values, and what is known of those that are not: whether they are never empty, and how they are
/// written.
type Seen = Option<Vec<(Text, bool, Option<Text>)>>;

fn seen(flow: &FlowOptions, name: &str) -> Seen {
    let is_filled = |text: &Text| matches!(text.as_hole(), Some(Hole::Parameter(name)) if flow.filled_parameters.contains(name));
    let form = |text: &Text| text.as_hole().and_then(|hole| flow.forms.get(hole)).cloned();
    Some(flow.environment.get(name)?.iter().map(|text| (text.clone(), is_filled(text), form(text))).collect())
}

/// The answers so far that another function may need: one template can deploy the same code many times.
#[derive(Debug, Default)]
pub(super) struct Answers {
    asked: FxHashMap<Question, Mutex<Asked>>,
}

#[derive(Debug, Default)]
struct Asked {
    /// How many functions are still to ask this.
    left: usize,
    answers: Vec<Answer>,
}

impl Answers {
    /// Prepares for some functions.
    pub(super) fn expected<'j>(jobs: impl Iterator<Item = (&'j DiskTree, &'j Path, &'j Job)>, settings: &Settings) -> Self {
        let mut asked: FxHashMap<Question, usize> = FxHashMap::default();
        for (tree, base, job) in jobs {
            if let Some(question) = question(tree, base, job, settings) {
                *asked.entry(question).or_default() += 1;
            }
        }
        let several = asked.into_iter().filter(|(_, count)| *count > 1);
        Self { asked: several.map(|(question, left)| (question, Mutex::new(Asked { left, answers: Vec::new() }))).collect() }
    }

    /// What is found in the code of a function.
    pub(super) fn of(&self, tree: &DiskTree, base: &Path, job: &Job, settings: &Settings) -> Found {
        let Some(question) = question(tree, base, job, settings) else { return Found::default() };
        let flow = flow_options(&job.function, settings, question.deployed_apart.clone());
        let Some(asked) = self.asked.get(&question) else { return found(tree, &question, &flow, settings) };
        let lock = || asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().known(&flow) {
            return Arc::unwrap_or_clone(known);
        }
        let found = Arc::new(found(tree, &question, &flow, settings));
        let value = |name: &SmolStr| (name.clone(), seen(&flow, name));
        let values = found.analysis.asked.iter().map(value).collect();
        lock().add(values, &found);
        Arc::unwrap_or_clone(found)
    }
}

impl Asked {
    /// What was found with the same values of all variables that matter.
    fn known(&mut self, flow: &FlowOptions) -> Option<Arc<Found>> {
        let fits = |answer: &&Answer| answer.0.iter().all(|(name, value)| seen(flow, name) == *value);
        let known = self.answers.iter().find(fits).map(|(_, found)| Arc::clone(found))?;
        self.count();
        Some(known)
    }

    fn add(&mut self, values: Vec<(SmolStr, Seen)>, found: &Arc<Found>) {
        self.answers.push((values, Arc::clone(found)));
        self.count();
    }

    /// One function less is to ask; what nobody will ask for is dropped.
    fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.answers = Vec::new();
        }
    }
}

/// What is to be found for a function, if it has code.
fn question(tree: &DiskTree, base: &Path, job: &Job, settings: &Settings) -> Option<Question> {
    let (paths, symbols): (Vec<PathBuf>, Vec<SmolStr>) = match &job.target {
        Target::Handlers(handlers) => handlers.iter().cloned().unzip(),
        Target::Whole(path) => (vec![path.clone()], Vec::new()),
        Target::None => return None,
    };
    let link =
        link_options(tree, &job.function, base.to_path_buf(), settings.follow_packages, paths.first().map(PathBuf::as_path));
    Some(Question {
        tree: std::ptr::from_ref(tree).addr(),
        paths,
        symbols,
        link,
        environment_complete: job.function.environment_complete,
        deployed_apart: deployed_apart(job),
    })
}

fn found(tree: &DiskTree, question: &Question, flow: &FlowOptions, settings: &Settings) -> Found {
    let Question { paths, symbols, .. } = question;
    let Some(program) = Program::load_all(tree, paths, &question.link) else { return Found::default() };
    let first = Id::from_index(0);
    let file = program.modules.get(first).map(|linked| linked.module.file.path.clone());
    let entry = if settings.whole_program && !symbols.is_empty() {
        Entry::Whole(program.modules.iter_enumerated().map(|(id, _)| id).collect())
    } else if symbols.is_empty() {
        Entry::Whole(vec![first])
    } else {
        let module = |path: &PathBuf| program.at_path(path).unwrap_or(first);
        Entry::Handlers(paths.iter().map(module).zip(symbols.iter().cloned()).collect())
    };
    let analysis = analyze(&program, &entry, flow);
    let lacking = (!symbols.is_empty() && !analysis.entered).then(|| symbols.join("`, `"));
    let notes = syntax_notes(&program);
    let placeholders = placeholder::of_calls(&analysis.calls, &program);
    let symbol = symbols.first().cloned();
    Found { file, symbol, lacking, analysis, notes, directives: directives(&program), placeholders }
}

/// Environment variables: those given by hand, then the template's.
fn flow_options(function: &Function, settings: &Settings, deployed_apart: Vec<(PathBuf, SmolStr)>) -> FlowOptions {
    let set = |(name, variable): (&SmolStr, &crate::iac::Variable)| {
        let not_given = |_: &str| Some(Hole::Env { name: name.clone(), default: None });
        let value = |text: &Text| placeholder::filled(text, not_given);
        (name.clone(), variable.values.iter().map(value).collect())
    };
    let mut environment: BTreeMap<SmolStr, Vec<Text>> = function.environment.iter().map(set).collect();
    let own = settings.overrides.get(&function.name).map(|given| &given.environment);
    for (name, value) in settings.environment.iter().chain(own.into_iter().flatten()) {
        environment.insert(name.clone(), vec![value.clone()]);
    }
    let parameters = environment.values().flatten().filter_map(Text::as_hole);
    let filled_parameters = parameters
        .filter_map(|hole| match hole {
            Hole::Parameter(name) => function.stack.as_ref()?.is_filled(name).then(|| name.clone()),
            _ => None,
        })
        .collect();
    let holes = environment.values().flatten().filter_map(Text::as_hole);
    let forms = holes.filter_map(|hole| Some((hole.clone(), function.stack.as_ref()?.form_of(hole)?))).collect();
    let filled = match &function.handler {
        Handler::Inline { filled, .. } => filled.clone(),
        _ => BTreeMap::new(),
    };
    let environment_complete = function.environment_complete;
    FlowOptions { environment, filled_parameters, forms, environment_complete, deployed_apart, filled, ..FlowOptions::default() }
}

/// What other functions of the same application start with. Its decorators get to see them all, and each function is deployed with all
/// the code, but only runs its own.
fn deployed_apart(job: &Job) -> Vec<(PathBuf, SmolStr)> {
    let function = &job.function;
    let (Some(stack), Some(root)) = (&function.stack, &function.code_root) else { return job.beside.clone() };
    let is_own = |id: &SmolStr| function.id.as_ref() == Some(id);
    let own: Vec<&SmolStr> = stack.functions.iter().filter(|one| is_own(&one.id)).flat_map(|one| &one.entries).collect();
    if own.is_empty() {
        // A library that wraps each handler of a file calls none of them.
        return job.beside.clone();
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
            let more =
                if errors.len() > 1 { format!(" and in {}", counted(errors.len() - 1, "more place")) } else { String::new() };
            notes.push(Note::at(
                NoteKind::Syntax,
                at,
                format!("does not parse here{more}; calls in the broken part may be missing"),
            ));
        }
    }
    notes
}
