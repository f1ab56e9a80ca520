//! What a file of JavaScript exports that other files define: `export * from "./put"`. Where its functions are entered, these are.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::interp::Interp;
use super::link::Target;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::ids::{ClassId, ModuleId};
use crate::ir::{Export, Exports};
use crate::sdk::Ecosystem;

/// Functions and classes of other files.
#[derive(Default)]
pub(super) struct FromElsewhere {
    functions: Vec<(ModuleId, Value)>,
    pub(super) classes: Vec<((ModuleId, ClassId), ObjId)>,
}

impl Interp<'_> {
    /// What some modules export that none of them defines.
    pub(super) fn exported_from_elsewhere(&mut self, modules: &[ModuleId]) -> FromElsewhere {
        let mut found = FromElsewhere::default();
        let is_npm = |id: &ModuleId| self.program.modules[*id].ecosystem() == Ecosystem::Npm;
        let exporting: Vec<ModuleId> = modules.iter().copied().filter(is_npm).collect();
        for module in exporting {
            let names = self.exported_names(module);
            let values: Vec<Value> = if names.is_empty() {
                vec![self.commonjs(module)]
            } else {
                names.iter().map(|name| self.module_member(module, name)).collect()
            };
            for function in self.functions_in(values.iter()) {
                if let Some(Atom::Function(closure)) = function.single()
                    && !modules.contains(&closure.module)
                {
                    found.functions.push((closure.module, function));
                }
            }
            for atom in values.iter().flat_map(Value::atoms) {
                if let Atom::Object(id) = atom
                    && let ObjKind::Class { module, class, .. } = &self.store.get(*id).kind
                    && !modules.contains(module)
                {
                    found.classes.push(((*module, *class), *id));
                }
            }
        }
        found
    }

    /// The names that a module exports; none where it assigns to `module.exports`.
    fn exported_names(&self, module: ModuleId) -> BTreeSet<SmolStr> {
        let mut names = BTreeSet::new();
        let mut seen = BTreeSet::from([module]);
        let mut left = vec![module];
        while let Some(module) = left.pop() {
            let linked = &self.program.modules[module];
            let Exports::Listed(exports) = &linked.module.exports else { continue };
            for export in exports {
                match export {
                    Export::Local { name, .. } | Export::From { name, .. } | Export::Namespace { name, .. } => {
                        names.insert(name.clone());
                    }
                    Export::All { import } => match linked.target(*import) {
                        Target::Module(inner) if seen.insert(*inner) => left.push(*inner),
                        _ => {}
                    },
                }
            }
        }
        names
    }

    /// Calls those functions that nothing has called yet.
    pub(super) fn enter_exported(&mut self, exported: &FromElsewhere) {
        for (module, function) in &exported.functions {
            let is_new = |atom: &Atom| matches!(atom, Atom::Function(closure) if !self.visits.contains_key(&(closure.module, closure.func)));
            if function.single().is_some_and(is_new) {
                self.enter_with_unknowns(*module, function);
            }
        }
    }
}
