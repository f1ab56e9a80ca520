//! Imports that TypeScript leaves out of what it writes, because their names stand in types only.
//!
//! <https://www.typescriptlang.org/docs/handbook/modules/reference.html#type-only-imports-and-exports>

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tree_sitter::Tree;

use crate::ids::ImportId;
use crate::ir::Module;

/// Marks the imports of a module of which no value is used; `bound` are the names that each of them binds.
pub(super) fn mark(module: &mut Module, bound: &[(ImportId, SmolStr)], tree: &Tree, text: &str) {
    if bound.is_empty() {
        return;
    }
    let names: FxHashSet<&str> = bound.iter().map(|(_, name)| name.as_str()).collect();
    let used = values(tree, text, &names);
    let taken: FxHashSet<ImportId> =
        bound.iter().filter(|(_, name)| used.contains(name.as_str())).map(|(import, _)| *import).collect();
    for (import, _) in bound.iter().filter(|(import, _)| !taken.contains(import)) {
        module.imports[*import].erased = true;
    }
}

/// Which of the names stand outside of imports and types.
fn values<'t>(tree: &Tree, text: &'t str, names: &FxHashSet<&str>) -> FxHashSet<&'t str> {
    let mut used = FxHashSet::default();
    let language = tree.language();
    let [identifier, shorthand, import] =
        ["identifier", "shorthand_property_identifier", "import_statement"].map(|kind| language.id_for_node_kind(kind, true));
    let mut cursor = tree.walk();
    loop {
        let node = cursor.node();
        let kind = node.kind_id();
        if (kind == identifier || kind == shorthand)
            && let Some(name) = text.get(node.byte_range()).filter(|name| names.contains(name))
        {
            used.insert(name);
            if used.len() == names.len() {
                return used;
            }
        }
        if kind != import && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return used;
            }
        }
    }
}
