//! Imports that have a substitute: `try: from cStringIO import StringIO`, `except ImportError: from io import StringIO`.

use crate::ids::ImportId;
use crate::ir::{Block, Body, Expr, Module, Stmt};

/// The imports that are tried somewhere in a module, each with those that take their place when there is no such module.
pub(super) fn tried(module: &Module) -> impl Iterator<Item = (Vec<ImportId>, Vec<ImportId>)> {
    module.functions.iter().map(|function| &function.body).flat_map(|body| {
        body.stmts.iter().filter_map(move |stmt| match stmt {
            Stmt::Guarded { body: tried, handlers, .. } => {
                let instead = handlers.iter().flat_map(|handler| imports(body, &handler.body)).collect();
                Some((imports(body, tried), instead))
            }
            _ => None,
        })
    })
}

/// What the statements of a block import.
fn imports(body: &Body, block: &Block) -> Vec<ImportId> {
    let imported = |stmt: &Stmt| match stmt {
        Stmt::Bind { value, .. } => match &body.exprs[*value] {
            Expr::Import(import) | Expr::ImportFrom { import, .. } => Some(*import),
            _ => None,
        },
        Stmt::ImportAll(import) => Some(*import),
        _ => None,
    };
    block.iter().filter_map(|&stmt| imported(&body.stmts[stmt])).collect()
}
