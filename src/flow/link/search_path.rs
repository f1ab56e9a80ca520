//! Folders that a Python program puts on the path on which imports are looked for:
//! `sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../common"))`.
//!
//! <https://docs.python.org/3/library/sys.html#sys.path>

use std::path::{Path, PathBuf};

use super::SourceTree;
use super::node::normalize;
use crate::ids::ExprId;
use crate::ir::{Argument, BinaryOp, Body, Expr, Literal, Module, Pattern, Stmt};

/// How deep the expression of a folder is followed.
const MAX_NESTED: usize = 16;

/// The folders that imports are looked for in beside the usual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SearchPath {
    /// Before all others.
    pub(super) first: Vec<PathBuf>,
    /// After all others.
    pub(super) last: Vec<PathBuf>,
}

impl SearchPath {
    /// Adds what the code of a module puts there, as far as that is written as a place beside the module's own file.
    pub(super) fn extend(&mut self, tree: &dyn SourceTree, path: &Path, module: &Module) {
        let top = &module.top().body;
        for body in module.functions.iter().map(|function| &function.body) {
            for expr in body.exprs.iter() {
                let Expr::Call { callee, args, .. } = expr else { continue };
                let Some((method, folder)) = added(body, *callee, args) else { continue };
                let Some(folder) = place(body, top, path, folder, 0).map(|folder| normalize(&folder)) else { continue };
                let list = if method == "append" { &mut self.last } else { &mut self.first };
                if tree.is_dir(&folder) && !list.contains(&folder) {
                    list.push(folder);
                }
            }
        }
    }
}

/// The method of `sys.path` that is called, and the folder it gets.
fn added<'b>(body: &'b Body, callee: ExprId, args: &[Argument]) -> Option<(&'b str, ExprId)> {
    let Expr::Member { object, name } = &body.exprs[callee] else { return None };
    let Expr::Member { object: of, name: list } = &body.exprs[*object] else { return None };
    let is_path = list == "path" && matches!(&body.exprs[*of], Expr::Name(name) if name == "sys");
    let folder = match (name.as_str(), args) {
        ("append", [folder]) | ("insert", [_, folder]) => folder.value,
        _ => return None,
    };
    is_path.then_some((name.as_str(), folder))
}

/// The path that an expression means, if it begins with the place of the module's own file.
fn place(body: &Body, top: &Body, file: &Path, expr: ExprId, depth: usize) -> Option<PathBuf> {
    if depth > MAX_NESTED {
        return None;
    }
    let inner = |expr: ExprId| place(body, top, file, expr, depth + 1);
    match &body.exprs[expr] {
        Expr::Name(name) if name == "__file__" => Some(file.to_path_buf()),
        Expr::Name(name) => {
            let value = bound(top, name)?;
            place(top, top, file, value, depth + 1)
        }
        Expr::Member { object, name } if name == "parent" => Some(inner(*object)?.parent()?.to_path_buf()),
        // `Path(__file__).parents[1]`
        Expr::Index { object, index } => {
            let Expr::Member { object, name } = &body.exprs[*object] else { return None };
            let Expr::Literal(Literal::Number(number)) = &body.exprs[*index] else { return None };
            let number: usize = number.parse().ok()?;
            if name != "parents" {
                return None;
            }
            inner(*object)?.ancestors().nth(number + 1).map(Path::to_path_buf)
        }
        Expr::Binary { op: BinaryOp::Div, left, right } => Some(inner(*left)?.join(literal(body, *right)?)),
        // `os.path.dirname(__file__) + "/lib"`
        Expr::Binary { op: BinaryOp::Add, left, right } => {
            let mut text = inner(*left)?.into_os_string();
            text.push(literal(body, *right)?);
            Some(text.into())
        }
        Expr::Template(pieces) => {
            let (first, rest) = pieces.split_first()?;
            let mut text = inner(*first)?.into_os_string();
            for piece in rest {
                text.push(literal(body, *piece)?);
            }
            Some(text.into())
        }
        Expr::Call { callee, args, .. } => called(body, *callee, args, &inner),
        _ => None,
    }
}

/// The same for what a function of `os.path` or a method of a path gives.
fn called(body: &Body, callee: ExprId, args: &[Argument], inner: &dyn Fn(ExprId) -> Option<PathBuf>) -> Option<PathBuf> {
    let first = args.first().map(|first| first.value);
    match &body.exprs[callee] {
        Expr::Name(name) if matches!(name.as_str(), "str" | "Path" | "PurePath" | "abspath" | "realpath") => inner(first?),
        Expr::Name(name) if name == "dirname" => Some(inner(first?)?.parent()?.to_path_buf()),
        Expr::Member { object, name } => match name.as_str() {
            "abspath" | "realpath" | "normpath" | "Path" | "fspath" => inner(first?),
            "dirname" => Some(inner(first?)?.parent()?.to_path_buf()),
            "join" => joined(body, inner(first?)?, &args[1..]),
            "resolve" | "absolute" | "as_posix" => inner(*object),
            "joinpath" => joined(body, inner(*object)?, args),
            _ => None,
        },
        _ => None,
    }
}

fn joined(body: &Body, start: PathBuf, parts: &[Argument]) -> Option<PathBuf> {
    parts.iter().try_fold(start, |path, part| {
        // `os.pardir`
        let is_parent = matches!(&body.exprs[part.value], Expr::Member { name, .. } if name == "pardir");
        Some(path.join(if is_parent { ".." } else { literal(body, part.value)? }))
    })
}

fn literal(body: &Body, expr: ExprId) -> Option<&str> {
    match &body.exprs[expr] {
        Expr::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

/// The value that the top of a module gives a name.
fn bound(top: &Body, name: &str) -> Option<ExprId> {
    top.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Bind { pattern: Pattern::Name(known), value, .. } if known == name => Some(*value),
        _ => None,
    })
}
