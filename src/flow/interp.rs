//! The interpreter's state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::fields::Fields;
use super::link::Program;
use super::record::Recorder;
use super::store::{Delta, Obj, ObjKind, Store};
use super::value::{ObjId, Value};
use crate::ids::{ExprId, FuncId, Id as _, IndexVec, ModuleId};
use crate::ir::{Body, Func};
use crate::note::{Note, NoteKind};
use crate::span::{Location, Span};
use crate::value::{Arg, Hole, Text};

/// What an analysis is told from outside.
#[derive(Debug, Clone, Default)]
pub struct FlowOptions {
    /// Known environment variables, each with everything it can be.
    pub environment: BTreeMap<SmolStr, Vec<Text>>,
    /// The parameters of the template among their values that are never empty.
    pub filled_parameters: BTreeSet<SmolStr>,
    /// How values of the template's resources are written that are not known as a whole: `arn:…:table/` and the table's name.
    pub forms: BTreeMap<Hole, Text>,
    /// Whether these are all the variables the function has, besides those Lambda sets itself.
    pub environment_complete: bool,
    /// Functions that are deployed on their own, by file and name. Whatever they are handed to does not call them here.
    pub deployed_apart: Vec<(PathBuf, SmolStr)>,
    /// What a template fills into the program's strings, by how it stands there: `${Orders}`.
    pub filled: BTreeMap<SmolStr, Hole>,
    /// What the program's source files are called from the folder it is started in, for programs that describe infrastructure.
    pub paths: BTreeMap<PathBuf, SmolStr>,
    /// What the context of such a program holds, by name.
    pub context: BTreeMap<SmolStr, Arg>,
}

/// The running analysis.
pub(super) struct Interp<'p> {
    pub(super) program: &'p Program,
    pub(super) options: &'p FlowOptions,
    pub(super) store: Store,
    pub(super) modules: IndexVec<ModuleId, ModuleState>,
    pub(super) stack: Vec<Activation>,
    pub(super) record: Recorder,
    pub(super) memo: super::memo::Memo,
    pub(super) visits: FxHashMap<(ModuleId, FuncId), super::visits::Visits>,
    /// Calls that are evaluated in the end.
    pub(super) late: super::visits::LateCalls,
    /// Functions that something unknown holds and may call later.
    pub(super) deferred: super::handover::Deferred,
    /// What libraries wrapped.
    pub(super) wrappers: super::wrappers::Wrappers,
    /// Functions that something unknown holds and does not call: other entries than this one.
    pub(super) apart: FxHashSet<(ModuleId, FuncId)>,
    /// What the program hung onto what is not its own.
    pub(super) hung: super::hung::Hung,
    /// What libraries may call on instances of classes.
    pub(super) hooks: super::hooks::Hooks,
    /// What listens to emitters.
    pub(super) listeners: super::listeners::ByName,
    /// What containers of dependencies know.
    pub(super) providers: super::providers::Providers,
    /// Attributes and prototypes of functions.
    pub(super) function_objects: super::member::FunctionObjects,
    /// Instances that were made, by class, for entries that call every method.
    pub(super) instances: FxHashMap<(ModuleId, crate::ids::ClassId), Vec<ObjId>>,
    /// Classes whose definition ran.
    pub(super) classes: BTreeMap<(ModuleId, crate::ids::ClassId), ObjId>,
    /// Metaclasses of the program.
    pub(super) metaclasses: super::metaclass::Metaclasses,
    /// The order in which the attributes of a class are looked up.
    pub(super) lines: super::bases::Lines,
    /// The frame that each function's last definition closes over.
    pub(super) definitions: FxHashMap<(ModuleId, FuncId), Value>,
    pub(super) thrown: super::thrown::Thrown,
    /// The value `__name__` has in entry modules.
    pub(super) as_main: bool,
    /// Whether the modules have run, and what comes is what happens when a request comes.
    pub(super) ready: bool,
    /// Whether a function is being called that something unknown will call later, when the program is set up.
    pub(super) setting_up: bool,
    /// How many paths had begun when a library or Lambda called what is being evaluated.
    pub(super) paths_before: usize,
    /// The constructs of a program that describes infrastructure; others have none.
    pub(super) infrastructure: Option<super::scopes::Scopes>,
    /// What may be spent, and is.
    pub(super) budget: super::budget::Budget,
    /// The environment variables that were asked for.
    pub(super) asked: super::unset::Asked,
    /// The variables of each function before any has a value.
    frames: FxHashMap<(ModuleId, FuncId), Fields>,
    /// Classes being made for an annotation, so that a class that needs itself comes to an end.
    pub(super) annotating: BTreeSet<ObjId>,
    /// Variables of modules that are being looked up because their imports came too early.
    pub(super) early_imports: rustc_hash::FxHashSet<(ModuleId, smol_str::SmolStr)>,
    /// The methods of the classes of a module, once somebody asked.
    pub(super) methods: std::cell::RefCell<FxHashMap<ModuleId, Methods>>,
    /// The classes that derive directly from a class, of as many as there were when somebody asked.
    pub(super) derived: std::cell::RefCell<(usize, FxHashMap<ObjId, Vec<ObjId>>)>,
    /// Regular expressions of the program.
    pub(super) patterns: std::cell::RefCell<super::builtin::regex::Patterns>,
    /// How often the definition of a class ran.
    pub(super) defined: usize,
}

/// A module's state at run time.
pub(super) struct ModuleState {
    pub(super) frame: ObjId,
    pub(super) phase: Phase,
    /// Whether its functions may look at all their arguments by the name JavaScript gives them.
    pub(super) uses_arguments: bool,
}

/// The functions that belong to each class of a module, in their order.
pub(super) type Methods = Rc<FxHashMap<crate::ids::ClassId, Rc<[FuncId]>>>;

/// How far a module's top-level code got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Idle,
    Started,
}

/// One function call that is being evaluated.
pub(super) struct Activation {
    pub(super) module: ModuleId,
    pub(super) func: FuncId,
    pub(super) frame: ObjId,
    /// Where it was called.
    pub(super) site: Option<Location>,
    /// What it returned so far.
    pub(super) returns: Value,
    /// States in which it returned or threw from within a path.
    pub(super) early: Vec<Delta>,
    /// How many paths had begun when it was called.
    pub(super) paths: usize,
    /// States in which it left or went on with a loop, per loop.
    pub(super) loops: Vec<super::exec::Jumps>,
    /// The list of yielded values.
    pub(super) yields: Option<ObjId>,
    /// The class whose method this is.
    pub(super) class: Option<ObjId>,
    /// The class whose body this is.
    pub(super) class_body: Option<ObjId>,
    pub(super) receiver: Option<Value>,
}

impl<'p> Interp<'p> {
    pub(super) fn new(program: &'p Program, options: &'p FlowOptions) -> Self {
        let mut interp = Self {
            program,
            options,
            store: Store::default(),
            modules: IndexVec::default(),
            stack: Vec::new(),
            record: Recorder::default(),
            memo: super::memo::Memo::default(),
            visits: FxHashMap::default(),
            late: super::visits::LateCalls::default(),
            deferred: super::handover::Deferred::default(),
            apart: FxHashSet::default(),
            hung: super::hung::Hung::default(),
            hooks: super::hooks::Hooks::default(),
            wrappers: super::wrappers::Wrappers::default(),
            listeners: super::listeners::ByName::default(),
            providers: super::providers::Providers::default(),
            paths_before: 0,
            function_objects: super::member::FunctionObjects::default(),
            instances: FxHashMap::default(),
            classes: BTreeMap::new(),
            metaclasses: super::metaclass::Metaclasses::default(),
            lines: super::bases::Lines::default(),
            definitions: FxHashMap::default(),
            thrown: super::thrown::Thrown::default(),
            as_main: false,
            ready: false,
            setting_up: false,
            infrastructure: None,
            budget: super::budget::Budget::default(),
            asked: super::unset::Asked::default(),
            frames: FxHashMap::default(),
            annotating: BTreeSet::new(),
            early_imports: rustc_hash::FxHashSet::default(),
            methods: std::cell::RefCell::default(),
            derived: std::cell::RefCell::default(),
            patterns: std::cell::RefCell::default(),
            defined: 0,
        };
        for (id, linked) in program.modules.iter_enumerated() {
            let frame = interp.new_frame(None, id, FuncId::from_index(0));
            let is_npm = linked.ecosystem() == crate::sdk::Ecosystem::Npm;
            let uses_arguments = is_npm && linked.module.file.text.contains(super::call::ARGUMENTS);
            interp.modules.push(ModuleState { frame, phase: Phase::Idle, uses_arguments });
            interp.provide_module_names(id, frame);
        }
        interp
    }

    /// A frame with every local of a function, none of them assigned yet.
    pub(super) fn new_frame(&mut self, parent: Option<ObjId>, module: ModuleId, func: FuncId) -> ObjId {
        let code = self.func(module, func);
        let fields = self.frames.entry((module, func)).or_insert_with(|| {
            let mut fields = Fields::default();
            for name in &code.locals {
                fields.insert(name.clone(), Value::none());
            }
            fields
        });
        let mut frame = Obj::new(ObjKind::Frame(parent));
        frame.fields = fields.clone();
        self.store.alloc(frame)
    }

    /// The functions that belong to a class, in their order.
    pub(super) fn methods_of(&self, module: ModuleId, class: crate::ids::ClassId) -> Rc<[FuncId]> {
        let mut known = self.methods.borrow_mut();
        let methods = known.entry(module).or_insert_with(|| {
            let mut owned: FxHashMap<crate::ids::ClassId, Vec<FuncId>> = FxHashMap::default();
            for (id, func) in self.program.modules[module].module.functions.iter_enumerated() {
                if let Some(owner) = func.owner {
                    owned.entry(owner).or_default().push(id);
                }
            }
            Rc::new(owned.into_iter().map(|(class, methods)| (class, methods.into())).collect())
        });
        methods.get(&class).cloned().unwrap_or_else(|| Rc::from([]))
    }

    /// The function that is running.
    pub(super) fn current(&self) -> &Activation {
        self.stack.last().expect("expressions are evaluated within a function or a module's top level")
    }

    pub(super) fn current_mut(&mut self) -> &mut Activation {
        self.stack.last_mut().expect("expressions are evaluated within a function or a module's top level")
    }

    pub(super) fn func(&self, module: ModuleId, func: FuncId) -> &'p Func {
        &self.program.modules[module].module.functions[func]
    }

    pub(super) fn body(&self) -> &'p Body {
        let current = self.current();
        &self.func(current.module, current.func).body
    }

    pub(super) fn span_of(&self, expr: ExprId) -> Span {
        self.body().expr_spans[expr]
    }

    /// A place in the file of the running function.
    pub(super) fn location(&self, span: Span) -> Location {
        Location::new(&self.program.modules[self.current().module].module.file, span)
    }

    pub(super) fn note(&mut self, kind: NoteKind, span: Span, message: impl Into<String>) {
        let at = self.location(span);
        self.record.note(Note::at(kind, at, message));
    }

    pub(super) fn is_module_frame(&self, frame: ObjId) -> bool {
        matches!(self.store.get(frame).kind, ObjKind::Frame(None))
    }
}
