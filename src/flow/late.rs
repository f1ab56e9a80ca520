//! Imports of modules that import each other: as a module of ECMAScript binds variables and not values, what the other one has
//! not defined yet when it is imported is there when it is read. <https://tc39.es/ecma262/#sec-createimportbinding>

use smol_str::SmolStr;

use super::interp::Interp;
use super::value::Value;
use crate::ids::{ExprId, ModuleId};
use crate::ir::{Expr, Pattern, Stmt};
use crate::sdk::Ecosystem;

/// What a variable is before anything is assigned to it.
pub(super) const NOT_ASSIGNED: &str = "not assigned yet";

impl Interp<'_> {
    /// Whether an import comes before what it takes is defined, so that its variable has no value yet.
    pub(super) fn comes_too_early(&self, import: ExprId, taken: &Value) -> bool {
        matches!(self.body().exprs[import], Expr::ImportFrom { .. })
            && !self.in_python()
            && taken.single().is_some_and(|atom| atom.is_unknown(NOT_ASSIGNED))
    }

    /// What a module's variable holds whose import came too early.
    pub(super) fn imported_late(&mut self, module: ModuleId, name: &SmolStr) -> Option<Value> {
        let linked = &self.program.modules[module];
        if linked.ecosystem() != Ecosystem::Npm {
            return None;
        }
        let body = &linked.module.top().body;
        let import = body.entry.iter().find_map(|stmt| match &body.stmts[*stmt] {
            Stmt::Bind { pattern: Pattern::Name(bound), value, .. } if bound == name => Some(*value),
            _ => None,
        })?;
        if !matches!(body.exprs[import], Expr::ImportFrom { .. }) {
            return None;
        }
        // Modules may hand on to each other what none of them defines.
        if !self.early_imports.insert((module, name.clone())) {
            return None;
        }
        let found = self.in_module(module, |this| this.eval(import));
        self.early_imports.remove(&(module, name.clone()));
        (!found.is_unknown(NOT_ASSIGNED)).then_some(found)
    }
}
