//! The functions that an application decorates, in `app.py` and in the modules it imports (blueprints).
//! <https://aws.github.io/chalice/api.html>

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::owners::{Owners, named};
use crate::iac::files::Files;
use crate::ids::{ExprId, ImportId};
use crate::ir::{ArgumentKind, Body, Expr, Import, ImportRequest, Literal, Module, Pattern, Stmt};
use crate::lower::lower;
use crate::span::{Location, SourceFile, Span};
use crate::syntax::Language;
use crate::value::{Hole, Text};

/// How many modules of a project are looked into.
const MAX_MODULES: usize = 500;

/// What a decorator makes of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A part of the API.
    Route,
    /// Something that runs before every function.
    Middleware,
    /// A function of its own that an event starts; the word is the decorator's.
    Event(&'static str),
    /// A function of its own.
    Function,
}

const EVENTS: [&str; 11] = [
    "schedule",
    "on_cw_event",
    "on_s3_event",
    "on_sns_message",
    "on_sqs_message",
    "on_kinesis_record",
    "on_dynamodb_record",
    "on_ws_connect",
    "on_ws_disconnect",
    "on_ws_message",
    "authorizer",
];

/// Arguments that say what an event comes from, in the order of preference.
const SOURCES: [&str; 6] = ["queue", "queue_arn", "stream", "stream_arn", "bucket", "topic"];

/// A decorated function.
pub(super) struct Decorated {
    pub(super) kind: Kind,
    /// Its name as a resource.
    pub(super) name: SmolStr,
    /// Module and function, as a handler is written.
    pub(super) handler: SmolStr,
    pub(super) source: Option<Text>,
    pub(super) origin: Location,
}

/// Finds them in order, `app.py` first.
pub(super) fn read(files: &Files, folder: &Path, file: &Arc<SourceFile>) -> Vec<Decorated> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::from([folder.join("app.py")]);
    let mut open = vec![("app".to_owned(), Arc::clone(file))];
    let mut classes = Owners::new(files, folder);
    while let Some((name, file)) = open.pop() {
        let module = lower(file, Language::Python);
        let body = &module.top().body;
        let owners = classes.of(&name, &module).owners.clone();
        // Decorators of nested functions are expressions of other bodies, and nothing a deployment could find.
        let top = body.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::DefineFunction(id) => Some(&module.functions[*id]),
            _ => None,
        });
        for func in top {
            for decorator in &func.decorators {
                let target = Target { name: &func.name, handler: format!("{name}.{}", func.name), span: func.span };
                found.extend(decorated(&module, target, *decorator, &owners));
            }
        }
        found.extend(called(files, folder, &module, &name, &owners));
        let mut imported: Vec<(String, Arc<SourceFile>)> = Vec::new();
        for path in imports(&module, &name) {
            let (file_path, dotted) = match module_file(files, folder, &path) {
                Some(found) => found,
                None => continue,
            };
            if seen.len() < MAX_MODULES && seen.insert(file_path.clone()) {
                imported.extend(files.read(&file_path).ok().map(|file| (dotted, file)));
            }
        }
        imported.reverse();
        open.extend(imported);
    }
    found
}

/// A function that a decorator gets.
struct Target<'a> {
    name: &'a SmolStr,
    /// Module and function.
    handler: String,
    span: Span,
}

/// Decorators that are called like functions: `app.route("/orders")(orders)`.
fn called(files: &Files, folder: &Path, module: &Module, dotted: &str, owners: &BTreeSet<SmolStr>) -> Vec<Decorated> {
    let body = &module.top().body;
    let calls = body.stmts.iter().filter_map(|stmt| match stmt {
        Stmt::Evaluate(value) | Stmt::Bind { value, .. } => Some(*value),
        _ => None,
    });
    let one = |call: ExprId| {
        let Expr::Call { callee, args, .. } = &body.exprs[call] else { return None };
        let [argument] = args.as_slice() else { return None };
        let (name, handler) = function_of(files, folder, module, dotted, argument.value)?;
        let span = body.expr_spans.get(call).copied().unwrap_or_default();
        decorated(module, Target { name, handler, span }, *callee, owners)
    };
    calls.filter_map(one).collect()
}

/// The function that an expression names, as a handler is written: one of the module, one that it imports, or one of a module that it
/// imports.
fn function_of<'m>(
    files: &Files,
    folder: &Path,
    module: &'m Module,
    dotted: &str,
    expr: ExprId,
) -> Option<(&'m SmolStr, String)> {
    let body = &module.top().body;
    let bound = |name: &SmolStr| {
        body.stmts.iter().rev().find_map(|stmt| match stmt {
            Stmt::Bind { pattern: Pattern::Name(known), value, .. } if known == name => Some(&body.exprs[*value]),
            _ => None,
        })
    };
    let path = |import: ImportId| request(&module.imports[import], dotted);
    match &body.exprs[expr] {
        Expr::Name(name) => match bound(name) {
            Some(Expr::ImportFrom { import, name }) => Some((name, format!("{}.{name}", path(*import)?))),
            _ if body
                .stmts
                .iter()
                .any(|stmt| matches!(stmt, Stmt::DefineFunction(id) if module.functions[*id].name == *name)) =>
            {
                Some((name, format!("{dotted}.{name}")))
            }
            _ => None,
        },
        Expr::Member { object, name } => {
            let Expr::Name(owner) = &body.exprs[*object] else { return None };
            let within = match bound(owner)? {
                Expr::ImportFrom { import, name } => match path(*import) {
                    Some(package) => format!("{package}.{name}"),
                    None => name.to_string(),
                },
                Expr::Import(import) => path(*import)?,
                _ => return None,
            };
            module_file(files, folder, &within).map(|(_, within)| (name, format!("{within}.{name}")))
        }
        _ => None,
    }
}

/// What one decorator says, when it is `owner.route(…)` and the like.
fn decorated(module: &Module, target: Target<'_>, decorator: ExprId, owners: &BTreeSet<SmolStr>) -> Option<Decorated> {
    let body = &module.top().body;
    let Expr::Call { callee, args, .. } = body.exprs.get(decorator)? else { return None };
    let Expr::Member { object, name: method } = &body.exprs[*callee] else { return None };
    if !named(body, *object).is_some_and(|owner| owners.contains(&owner)) {
        return None;
    }
    let kind = match method.as_str() {
        "route" => Kind::Route,
        "middleware" => Kind::Middleware,
        "lambda_function" => Kind::Function,
        other => Kind::Event(EVENTS.into_iter().find(|event| *event == other)?),
    };
    let named = |key: &str| {
        let arg = args.iter().find(|arg| matches!(&arg.kind, ArgumentKind::Named(name) if name == key))?;
        text(body, arg.value)
    };
    let own_name = named("name").and_then(|name| name.as_literal().map(SmolStr::from));
    // Web sockets have one function per kind of message, whatever they are called.
    let name = match method.strip_prefix("on_ws_") {
        Some(event) => format!("websocket_{event}").into(),
        None => own_name.unwrap_or_else(|| target.name.clone()),
    };
    let positional = || {
        let takes = matches!(kind, Kind::Event(event) if event.starts_with("on_") && !event.starts_with("on_ws_"));
        let first = args.first().filter(|arg| takes && arg.kind == ArgumentKind::Positional)?;
        text(body, first.value)
    };
    Some(Decorated {
        kind,
        name,
        handler: target.handler.into(),
        source: SOURCES.iter().find_map(|key| named(key)).or_else(positional),
        origin: Location::new(&module.file, target.span),
    })
}

/// A constant, or what is known about where a value comes from.
fn text(body: &Body, expr: ExprId) -> Option<Text> {
    match &body.exprs[expr] {
        Expr::Literal(Literal::Text(text)) => Some(Text::literal(text.clone())),
        Expr::Literal(_) => None,
        Expr::Index { object, index } => {
            let Expr::Member { name, .. } = &body.exprs[*object] else { return None };
            let Expr::Literal(Literal::Text(key)) = &body.exprs[*index] else { return None };
            (name == "environ").then(|| Text::hole(Hole::Env { name: key.clone(), default: None }))
        }
        _ => Some(Text::hole(Hole::Unknown("a value computed in the application".into()))),
    }
}

/// The modules a module asks for, as dotted names from the project's folder; for `from x import y`, `x` and `x.y`.
fn imports(module: &Module, dotted: &str) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(module.imports.iter().filter_map(|import| request(import, dotted)));
    let taken = module.functions.iter().flat_map(|func| func.body.exprs.iter());
    for expr in taken {
        if let Expr::ImportFrom { import, name } = expr
            && let ImportRequest::Dotted { level: 0, segments } = &module.imports[*import].request
        {
            found.push(format!("{}.{name}", segments.join(".")));
        }
    }
    found
}

/// The module that a module asks for, from the project's folder.
fn request(import: &Import, dotted: &str) -> Option<String> {
    let ImportRequest::Dotted { level, segments } = &import.request else { return None };
    let mut parts: Vec<&str> = Vec::new();
    if *level > 0 {
        let package: Vec<&str> = dotted.split('.').collect();
        let kept = package.len().saturating_sub(*level as usize);
        parts.extend(&package[..kept]);
    }
    parts.extend(segments.iter().map(SmolStr::as_str));
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The file of a module of the project, and its dotted name.
pub(super) fn module_file(files: &Files, folder: &Path, dotted: &str) -> Option<(PathBuf, String)> {
    let path = folder.join(dotted.replace('.', "/"));
    let file = PathBuf::from(format!("{}.py", path.display()));
    let package = path.join("__init__.py");
    [file, package].into_iter().find(|path| files.is_file(path)).map(|path| (path, dotted.to_owned()))
}
