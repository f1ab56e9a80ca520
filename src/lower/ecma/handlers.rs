//! Which exports look like Lambda handlers.
//!
//! Read off the finished module: what each export is bound to, what it is called, what its parameters are.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smol_str::SmolStr;

use crate::ids::{ExprId, FuncId};
use crate::ir::{ArgumentKind, Entry, EntryKey, Export, Exports, Expr, Func, Module, Param, Pattern, Stmt};

/// How far a value is followed through variables and wrapping calls.
const MAX_STEPS: usize = 12;

/// The rank of a function of which only that it is exported by default speaks for it.
const DEFAULT: u8 = 4;

/// Names of event parameters.
const EVENTS: &[&str] = &["event", "evt", "ev", "lambdaEvent", "events", "sqsEvent", "s3Event", "snsEvent"];

/// Fields that handlers destructure from their event.
const EVENT_FIELDS: &[&str] = &[
    "Records",
    "pathParameters",
    "queryStringParameters",
    "requestContext",
    "httpMethod",
    "rawPath",
    "isBase64Encoded",
    "detail",
    "detail-type",
    "headers",
    "body",
];

/// Whether a file has elements of a page in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Markup {
    /// None were seen.
    #[default]
    Absent,
    /// There is `<div>` or the like.
    Present,
}

/// Exported names that look like handlers, best first, and the one of which only that it is exported by default speaks for it.
pub(super) fn handlers(module: &Module, markup: Markup) -> (Vec<SmolStr>, Option<SmolStr>) {
    let mut finder = Finder::new(module);
    let mut found: IndexMap<SmolStr, u8, FxBuildHasher> = IndexMap::default();
    let mut add = |name: SmolStr, rank: Option<u8>| {
        if let Some(rank) = rank {
            found.entry(name).or_insert(rank);
        }
    };
    if let Exports::Listed(exports) = &module.exports {
        for export in exports {
            match export {
                Export::Local { name, local } => add(name.clone(), finder.rank_local(name, local)),
                Export::From { name, import, .. } if !module.imports[*import].type_only => add(name.clone(), name_rank(name)),
                Export::From { .. } => {}
                Export::Namespace { .. } | Export::All { .. } => {}
            }
        }
    }
    for (name, value) in assigned_exports(module) {
        let rank = finder.rank(&name, value);
        add(name, rank);
    }
    found.sort_by(|_, left, _, right| left.cmp(right));
    if markup == Markup::Present || [".tsx", ".jsx"].iter().any(|ending| module.file.path.ends_with(ending)) {
        // What a file with markup exports by default is a component, which takes one argument as well.
        found.retain(|_, rank| *rank < DEFAULT);
    }
    if found.first().is_some_and(|(_, rank)| *rank < 2) {
        // Functions that the code itself uses are helpers of the handler, whatever they take.
        found.retain(|name, rank| *rank < 2 || !module.is_read_in_functions(name));
    }
    let plain = found.last().filter(|(_, rank)| **rank == DEFAULT).map(|(name, _)| name.clone());
    (found.into_keys().collect(), plain)
}

/// The exported functions that give a handler, and the exports that calling a variable gives, with the name of that.
pub(super) fn makers(module: &Module) -> (Vec<SmolStr>, Vec<(SmolStr, SmolStr)>) {
    let (mut makers, mut made) = (Vec::new(), Vec::new());
    let finder = Finder::new(module);
    let mut look = |name: &SmolStr, value: Exported| match value {
        Exported::Function(function) if gives_handler(module, function) => makers.push(name.clone()),
        Exported::Value(value) => {
            if let Expr::Call { callee, .. } = &module.top().body.exprs[value]
                && let Expr::Name(callee) = &module.top().body.exprs[*callee]
            {
                made.push((name.clone(), callee.clone()));
            }
        }
        Exported::Function(_) => {}
    };
    if let Exports::Listed(exports) = &module.exports {
        for export in exports {
            if let Export::Local { name, local } = export
                && let Some(value) = finder.exported(local)
            {
                look(name, value);
            }
        }
    }
    for (name, value) in assigned_exports(module) {
        look(&name, finder.value(value));
    }
    (makers, made)
}

/// What an export is bound to.
enum Exported<'m> {
    Function(&'m Func),
    Value(ExprId),
}

/// Whether a function that takes no event itself gives one that does.
fn gives_handler(module: &Module, function: &Func) -> bool {
    let body = &function.body;
    let is_handler = |id: FuncId| function_shape(&module.functions[id]) == Shape::EventFunction;
    let named = |name: &SmolStr| {
        body.stmts.iter().any(|stmt| match stmt {
            Stmt::DefineFunction(id) => module.functions[*id].name == *name && is_handler(*id),
            Stmt::Bind { pattern: Pattern::Name(bound), value, .. } => {
                bound == name && matches!(body.exprs[*value], Expr::Function(id) if is_handler(id))
            }
            _ => false,
        })
    };
    let gives = |stmt: &Stmt| match stmt {
        Stmt::Return(Some(value)) => match &body.exprs[*value] {
            Expr::Function(id) => is_handler(*id),
            Expr::Name(name) => named(name),
            _ => false,
        },
        _ => false,
    };
    function_shape(function) == Shape::Function && body.stmts.iter().any(gives)
}

/// What a name alone says.
fn name_rank(name: &str) -> Option<u8> {
    match name {
        "handler" => Some(0),
        "lambdaHandler" | "lambda_handler" => Some(1),
        _ if name.ends_with("Handler") || name.ends_with("handler") => Some(2),
        _ => None,
    }
}

/// `exports.name = value`, `module.exports.name = value`, `module.exports = { name }` and `module.exports = value`; also
/// `variable.name = value` once `module.exports = variable` was seen.
fn assigned_exports(module: &Module) -> Vec<(SmolStr, ExprId)> {
    let mut found = Vec::new();
    let mut assigned = FxHashSet::default();
    for (target, value) in assignments(module) {
        if is_module_exports(module, target) {
            whole_export(module, value, &mut found);
            assigned.extend(name_of(module, value));
        } else if let Pattern::Member { object, name } = target
            && (is_exports(module, *object) || name_of(module, *object).is_some_and(|object| assigned.contains(object)))
        {
            found.push((name.clone(), value));
        }
    }
    found
}

/// Every assignment of the top-level code, those within others included.
fn assignments(module: &Module) -> Vec<(&Pattern, ExprId)> {
    let body = &module.top().body;
    let mut found = Vec::new();
    for stmt in &body.entry {
        let (target, mut value) = match &body.stmts[*stmt] {
            Stmt::Bind { pattern, value, .. } => (Some(pattern), *value),
            Stmt::Evaluate(value) => (None, *value),
            _ => continue,
        };
        let mut targets: Vec<&Pattern> = target.into_iter().collect();
        while let Expr::Assign { target, value: inner } = &body.exprs[value] {
            targets.push(target);
            value = *inner;
        }
        found.extend(targets.into_iter().map(|target| (target, value)));
    }
    found
}

fn whole_export(module: &Module, value: ExprId, found: &mut Vec<(SmolStr, ExprId)>) {
    if let Expr::Object(entries) = &module.top().body.exprs[value] {
        for entry in entries {
            if let Entry::Pair { key: EntryKey::Name(name), value } = entry {
                found.push((name.clone(), *value));
            }
        }
    } else {
        found.push(("module.exports".into(), value));
    }
}

fn name_of(module: &Module, expr: ExprId) -> Option<&SmolStr> {
    match &module.top().body.exprs[expr] {
        Expr::Name(name) => Some(name),
        _ => None,
    }
}

fn is_name(module: &Module, expr: ExprId, text: &str) -> bool {
    name_of(module, expr).is_some_and(|name| name == text)
}

fn is_module_exports(module: &Module, pattern: &Pattern) -> bool {
    matches!(pattern, Pattern::Member { object, name } if name == "exports" && is_name(module, *object, "module"))
}

fn is_exports(module: &Module, expr: ExprId) -> bool {
    match &module.top().body.exprs[expr] {
        Expr::Name(name) => name == "exports",
        Expr::Member { object, name } => name == "exports" && is_name(module, *object, "module"),
        _ => false,
    }
}

/// What a value turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A function that takes an event.
    EventFunction,
    /// Another function.
    Function,
    /// What a call gives, or anything else that may be a function.
    Computed,
    /// Something that cannot be called.
    Data,
}

/// Follows exported values through the top-level code.
struct Finder<'m> {
    module: &'m Module,
    /// The statement that binds each top-level name, the last one if there are several.
    bindings: FxHashMap<&'m str, &'m Stmt>,
    steps: usize,
}

impl<'m> Finder<'m> {
    fn new(module: &'m Module) -> Self {
        let body = &module.top().body;
        let mut bindings = FxHashMap::default();
        for stmt in body.entry.iter().map(|stmt| &body.stmts[*stmt]) {
            match stmt {
                Stmt::DefineFunction(id) => bindings.insert(module.functions[*id].name.as_str(), stmt),
                Stmt::DefineClass(id) => bindings.insert(module.classes[*id].name.as_str(), stmt),
                Stmt::Bind { pattern: Pattern::Name(name), .. } => bindings.insert(name.as_str(), stmt),
                _ => None,
            };
        }
        Self { module, bindings, steps: 0 }
    }

    /// What a top-level variable is bound to.
    fn exported(&self, local: &str) -> Option<Exported<'m>> {
        match self.bindings.get(local)? {
            Stmt::DefineFunction(id) => Some(Exported::Function(&self.module.functions[*id])),
            Stmt::Bind { value, .. } => Some(self.value(*value)),
            _ => None,
        }
    }

    fn value(&self, value: ExprId) -> Exported<'m> {
        match &self.module.top().body.exprs[value] {
            Expr::Function(id) => Exported::Function(&self.module.functions[*id]),
            Expr::Name(name) => match self.bindings.get(name.as_str()) {
                Some(Stmt::DefineFunction(id)) => Exported::Function(&self.module.functions[*id]),
                Some(Stmt::Bind { value, .. }) => Exported::Value(*value),
                _ => Exported::Value(value),
            },
            _ => Exported::Value(value),
        }
    }

    fn rank(&mut self, name: &str, value: ExprId) -> Option<u8> {
        self.steps = 0;
        Self::judge(name, self.shape(value))
    }

    fn rank_local(&mut self, name: &str, local: &str) -> Option<u8> {
        self.steps = 0;
        Self::judge(name, self.variable(local))
    }

    fn judge(name: &str, shape: Shape) -> Option<u8> {
        match (name_rank(name), shape) {
            (_, Shape::Data) => None,
            (Some(rank), _) => Some(rank),
            (None, Shape::EventFunction) => Some(3),
            (None, Shape::Function) if matches!(name, "default" | "module.exports") => Some(DEFAULT),
            (None, _) => None,
        }
    }

    /// What the top-level code binds a name to. A declared type such as `Handler` decides at once.
    fn variable(&mut self, local: &str) -> Shape {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Shape::Computed;
        }
        match self.bindings.get(local) {
            Some(Stmt::DefineFunction(id)) => function_shape(&self.module.functions[*id]),
            Some(Stmt::DefineClass(_)) => Shape::Data,
            Some(Stmt::Bind { value, annotation, .. }) => {
                let typed = annotation.and_then(|annotation| type_name(self.module.top(), annotation));
                if typed.is_some_and(|name| name.contains("Handler")) { Shape::EventFunction } else { self.shape(*value) }
            }
            _ => Shape::Computed,
        }
    }

    fn shape(&mut self, value: ExprId) -> Shape {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Shape::Computed;
        }
        match &self.module.top().body.exprs[value] {
            Expr::Function(id) => function_shape(&self.module.functions[*id]),
            Expr::Name(name) => self.variable(name),
            Expr::Assign { value, .. } => self.shape(*value),
            Expr::Call { callee, args, .. } => self.call_shape(*callee, args),
            Expr::Literal(_) | Expr::Template(_) | Expr::Object(_) | Expr::Sequence { .. } | Expr::Class(_) => Shape::Data,
            _ => Shape::Computed,
        }
    }

    /// `middy(fn).use(…)`, `wrap(fn)`: a wrapped handler is a handler.
    fn call_shape(&mut self, callee: ExprId, args: &[crate::ir::Argument]) -> Shape {
        let wraps = args
            .iter()
            .filter(|arg| arg.kind == ArgumentKind::Positional)
            .any(|arg| self.shape(arg.value) == Shape::EventFunction);
        if wraps {
            return Shape::EventFunction;
        }
        match &self.module.top().body.exprs[callee] {
            Expr::Member { object, .. } if self.shape(*object) == Shape::EventFunction => Shape::EventFunction,
            _ => Shape::Computed,
        }
    }
}

fn function_shape(function: &Func) -> Shape {
    match function.params.first() {
        Some(param) if function.params.len() <= 4 && takes_event(function, param) => Shape::EventFunction,
        _ => Shape::Function,
    }
}

fn takes_event(function: &Func, param: &Param) -> bool {
    let typed = param.annotation.and_then(|annotation| type_name(function, annotation));
    if typed.is_some_and(|name| name.contains("Event")) {
        return true;
    }
    match &param.pattern {
        Pattern::Name(name) => {
            let name = name.trim_start_matches('_').trim_end_matches(|last: char| last == '_' || last.is_ascii_digit());
            EVENTS.contains(&name)
        }
        Pattern::Object { entries, .. } => entries.iter().any(|entry| match &entry.key {
            EntryKey::Name(name) => EVENT_FIELDS.contains(&name.as_str()),
            EntryKey::Computed(_) => false,
        }),
        _ => false,
    }
}

/// The last name of a type, without its arguments.
fn type_name(function: &Func, mut annotation: ExprId) -> Option<&SmolStr> {
    for _ in 0..MAX_STEPS {
        match &function.body.exprs[annotation] {
            Expr::Name(name) | Expr::Member { name, .. } => return Some(name),
            Expr::Index { object, .. } => annotation = *object,
            _ => return None,
        }
    }
    None
}
