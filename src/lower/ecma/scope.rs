//! Scopes: what the names of the source are called in the frames of the intermediate form.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::{SmolStr, format_smolstr};
use tree_sitter::Node;

use super::Lowerer;

/// Globals that code uses beside a block's variable of the same name.
const GLOBALS: &[&str] = &[
    "require",
    "module",
    "exports",
    "process",
    "Promise",
    "Object",
    "JSON",
    "console",
    "arguments",
    "Array",
    "String",
    "Buffer",
];

/// The scopes around the current node.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// What each name stands for at the moment, innermost last.
    bindings: FxHashMap<SmolStr, Vec<Binding>>,
    /// The names each open scope declared, to be forgotten at its end.
    open: Vec<Vec<SmolStr>>,
    /// Names in the frames of the open functions.
    taken: Vec<FxHashSet<SmolStr>>,
    /// Functions, classes, enums and namespaces that the open functions defined so far.
    defined: Vec<FxHashSet<SmolStr>>,
    /// How often each name was changed so far.
    renamed: FxHashMap<SmolStr, u32>,
}

#[derive(Debug)]
struct Binding {
    name: SmolStr,
    used: bool,
}

impl Scopes {
    /// What a name of the source is called here; names that nothing declares keep theirs.
    pub(super) fn resolve(&mut self, name: &str) -> SmolStr {
        match self.bindings.get_mut(name).and_then(|stack| stack.last_mut()) {
            Some(binding) => {
                binding.used = true;
                binding.name.clone()
            }
            None => name.into(),
        }
    }

    /// Whether something declares a name here.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.bindings.get(name).is_some_and(|stack| !stack.is_empty())
    }

    /// A name that nothing else in the module has.
    fn fresh(&mut self, name: &SmolStr) -> SmolStr {
        let count = self.renamed.entry(name.clone()).or_default();
        *count += 1;
        format_smolstr!("{name}#{count}")
    }

    fn bind(&mut self, name: SmolStr, to: SmolStr) {
        self.bindings.entry(name.clone()).or_default().push(Binding { name: to, used: false });
        if let Some(scope) = self.open.last_mut() {
            scope.push(name);
        }
    }

    /// Ends the innermost scope; tells whether its first name was used.
    fn close(&mut self) -> bool {
        let mut used = false;
        for name in self.open.pop().unwrap_or_default().iter().rev() {
            if let Some(binding) = self.bindings.get_mut(name).and_then(Vec::pop) {
                used = binding.used;
            }
        }
        used
    }

    /// Notes that a function, class, enum or namespace is defined; whether it is the first of its name.
    pub(super) fn define(&mut self, local: &SmolStr) -> bool {
        self.defined.last_mut().is_none_or(|defined| defined.insert(local.clone()))
    }

    fn is_own(&self, name: &str) -> bool {
        self.taken.last().is_some_and(|taken| taken.contains(name))
    }
}

impl<'a> Lowerer<'a> {
    /// Opens the scope of a function: its parameters, everything `var` below it, and what its outermost block declares. Returns the
    /// names that only `var` declares, in order.
    pub(super) fn enter_function_scope(&mut self, params: &[Node<'a>], body: &[Node<'a>]) -> Vec<SmolStr> {
        self.scopes.open.push(Vec::new());
        self.scopes.taken.push(FxHashSet::default());
        self.scopes.defined.push(FxHashSet::default());
        let mut names = Vec::new();
        for param in params {
            self.pattern_names(*param, &mut names);
        }
        self.block_names(body, &mut names);
        let mut variables = Vec::new();
        self.var_names(body, &mut variables);
        let mut given: FxHashSet<SmolStr> = FxHashSet::default();
        for name in names {
            given.insert(name.clone());
            self.declare_in_function(name);
        }
        variables.retain(|name| given.insert(name.clone()));
        for name in &variables {
            self.declare_in_function(name.clone());
        }
        variables
    }

    /// Declares a name in the scope of the current function, under its own name.
    pub(super) fn declare_in_function(&mut self, name: SmolStr) {
        let new = self.scopes.taken.last_mut().is_none_or(|taken| taken.insert(name.clone()));
        if new {
            self.builder.declare(&name);
            self.scopes.bind(name.clone(), name);
        }
    }

    /// Ends the scope of a function.
    pub(super) fn leave_function_scope(&mut self) {
        self.scopes.close();
        self.scopes.taken.pop();
        self.scopes.defined.pop();
    }

    /// Opens the scope of a block. A name that hides another one, or that another block of the function has, is renamed.
    pub(super) fn enter_block_scope(&mut self, names: Vec<SmolStr>) {
        self.scopes.open.push(Vec::new());
        let mut seen = FxHashSet::default();
        for name in names {
            if seen.insert(name.clone()) {
                self.declare_in_block(name);
            }
        }
    }

    /// Declares a name in the scope of the current block.
    pub(super) fn declare_in_block(&mut self, name: SmolStr) {
        let hides = self.scopes.declares(&name) || self.scopes.is_own(&name) || GLOBALS.contains(&name.as_str());
        let local = if hides { self.scopes.fresh(&name) } else { name.clone() };
        if let Some(taken) = self.scopes.taken.last_mut() {
            taken.insert(local.clone());
        }
        self.builder.declare(&local);
        self.scopes.bind(name, local);
    }

    /// Ends the scope of a block.
    pub(super) fn leave_block_scope(&mut self) {
        self.scopes.close();
    }

    /// Opens a scope for the one name that a function or class expression has within itself. Returns what it is called in
    /// the frame; it must be declared there if [`Self::leave_own_name_scope`] says that it was used.
    pub(super) fn enter_own_name_scope(&mut self, name: &SmolStr) -> SmolStr {
        self.scopes.open.push(Vec::new());
        let local = self.scopes.fresh(name);
        self.scopes.bind(name.clone(), local.clone());
        local
    }

    /// Ends that scope; whether its name was mentioned.
    pub(super) fn leave_own_name_scope(&mut self) -> bool {
        self.scopes.close()
    }

    /// A name of the source as it is called in the frames.
    pub(super) fn resolve(&mut self, node: Node<'a>) -> SmolStr {
        let text = self.text(node);
        self.scopes.resolve(text)
    }
}
