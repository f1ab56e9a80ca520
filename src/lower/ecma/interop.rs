//! Calls that say something about modules or functions rather than doing something: `require`, `import()`,
//! `Object.defineProperty`, and the helpers that TypeScript, Babel, swc and esbuild write into what they compile.
//!
//! Each is turned back into what the author wrote, as far as the intermediate form can say it.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::function::Definition;
use super::kinds::{Field, Kind};
use crate::ids::{ExprId, ImportId};
use crate::ir::{Argument, ArgumentKind, CallKind, Entry, EntryKey, Expr, Pattern, Stmt};

impl<'a> Lowerer<'a> {
    /// The value of a call that is known by its callee's name; nothing for ordinary calls.
    pub(super) fn known_call(&mut self, function: Node<'a>, arguments: Node<'a>, node: Node<'a>) -> Option<ExprId> {
        let function = self.bare(function);
        match self.kind(function) {
            Kind::Import => {
                return self.import_call(arguments, node).map(|(import, specifier)| self.whole(import, &specifier, node));
            }
            Kind::Identifier if self.text(function) == "require" => {
                return self
                    .import_call(arguments, node)
                    .map(|(import, _)| self.add(Expr::Import(import), node))
                    .or_else(|| self.chosen_import(arguments, node));
            }
            Kind::Identifier | Kind::Member => {}
            _ => return None,
        }
        let name = self.callee_name(function)?;
        match name {
            "__importStar"
            | "__importDefault"
            | "__toESM"
            | "__toCommonJS"
            | "_interopRequireDefault"
            | "_interopRequireWildcard"
            | "_interop_require_default"
            | "_interop_require_wildcard" => {
                let args = self.children(arguments);
                args.first().map(|value| self.expr(value))
            }
            "__exportStar" | "__reExport" | "__export" => self.export_helper(name, arguments, node),
            "__awaiter" | "__async" => self.awaiter(arguments, node),
            "_asyncToGenerator" | "_async_to_generator" => self.async_function(arguments),
            "defineProperty" => self.define_property(function, arguments, node),
            _ => None,
        }
    }

    /// `__importStar`, `tslib_1.__importStar`, `_interop_require_default._`.
    fn callee_name(&mut self, function: Node<'a>) -> Option<&'a str> {
        if self.kind(function) == Kind::Identifier {
            let name = self.text(function);
            return name.starts_with('_').then_some(name);
        }
        let children = self.children(function);
        let name = self.text(children.field(Field::Property)?);
        match name {
            "_" => children.field(Field::Object).map(|object| self.text(object)),
            "defineProperty" => Some(name),
            _ => name.starts_with('_').then_some(name),
        }
    }

    /// `require('x')` and `import('x')`; with a computed argument they stay calls.
    fn import_call(&mut self, arguments: Node<'a>, node: Node<'a>) -> Option<(ImportId, SmolStr)> {
        let first = self.children(arguments).first()?;
        let specifier = self.constant_text(first)?;
        Some((self.import_request(specifier.clone(), node, false), specifier))
    }

    /// `require(condition ? 'x' : 'y')` imports one of the two, as the condition says.
    fn chosen_import(&mut self, arguments: Node<'a>, node: Node<'a>) -> Option<ExprId> {
        let first = self.children(arguments).first()?;
        let choice = self.bare(first);
        if self.kind(choice) != Kind::Ternary {
            return None;
        }
        let parts = self.children(choice);
        let condition = parts.field(Field::Condition)?;
        let names = [Field::Consequence, Field::Alternative].map(|field| parts.field(field));
        let [Some(then), Some(otherwise)] = names.map(|name| self.constant_text(name?)) else { return None };
        let cond = self.expr(condition);
        let [then, otherwise] = [then, otherwise].map(|name| {
            let import = self.import_request(name, node, false);
            self.add(Expr::Import(import), node)
        });
        Some(self.add(Expr::Conditional { cond, then, otherwise }, node))
    }

    /// What importing all of a module gives. JSON is the default export of one; bundlers also export its entries.
    /// <https://nodejs.org/api/esm.html#json-modules>
    pub(super) fn whole(&mut self, import: ImportId, specifier: &str, node: Node<'_>) -> ExprId {
        let value = self.add(Expr::Import(import), node);
        if !specifier.ends_with(".json") {
            return value;
        }
        let default = Entry::Pair { key: EntryKey::Name("default".into()), value };
        self.add(Expr::Object(vec![Entry::Spread(value), default]), node)
    }

    /// `__exportStar(module, exports)`, `__reExport(exports, module)`, and both meanings of `__export`.
    fn export_helper(&mut self, name: &str, arguments: Node<'a>, node: Node<'a>) -> Option<ExprId> {
        let parts: Vec<_> = self.children(arguments).named().map(|child| child.node).collect();
        match (name, &parts[..]) {
            ("__exportStar", [module, target]) | ("__reExport", [target, module, ..]) => {
                let target = self.expr(*target);
                let module = self.expr(*module);
                Some(self.object_assign(target, module, node))
            }
            ("__export", [module]) if self.kind(*module) == Kind::Call => {
                let target = self.name("exports".into(), node);
                let module = self.expr(*module);
                Some(self.object_assign(target, module, node))
            }
            ("__export", [target, getters]) if self.kind(*getters) == Kind::Object && self.builder.at_top_level() => {
                Some(self.define_getters(*target, *getters, node))
            }
            _ => None,
        }
    }

    fn object_assign(&mut self, target: ExprId, source: ExprId, node: Node<'a>) -> ExprId {
        let object = self.name("Object".into(), node);
        let callee = self.add(Expr::Member { object, name: "assign".into() }, node);
        let args = [target, source].map(|value| Argument { kind: ArgumentKind::Positional, value }).into();
        self.add(Expr::Call { callee, args, kind: CallKind::Call }, node)
    }

    /// esbuild's `__export(target, { name: () => variable })`: the variables have values at the end of the module only.
    fn define_getters(&mut self, target: Node<'a>, getters: Node<'a>, node: Node<'a>) -> ExprId {
        let pairs: Vec<_> = self.children(getters).named().collect();
        for pair in pairs {
            let children = self.children(pair.node);
            let (Some(key), Some(getter)) = (children.field(Field::Key), children.field(Field::Value)) else { continue };
            let Some(name) = self.property_name(key) else { continue };
            let object = self.expr(target);
            let value = self.getter_value(getter);
            let pattern = Pattern::Member { object, name };
            let id = self.builder.stmt(Stmt::Bind { pattern, value, annotation: None });
            self.deferred.push(id);
        }
        self.undefined(node)
    }

    /// What a getter gives. `() => x` is `x` without a call.
    fn getter_value(&mut self, getter: Node<'a>) -> ExprId {
        let getter = self.bare(getter);
        if self.kind(getter) == Kind::Arrow
            && let Some(body) = self.child(getter, Field::Body)
            && matches!(self.kind(body), Kind::Identifier | Kind::Member)
        {
            return self.expr(body);
        }
        let callee = self.expr(getter);
        self.add(Expr::Call { callee, args: Vec::new(), kind: CallKind::Call }, getter)
    }

    /// `__awaiter(this, arguments, Promise, function* (…) { … })` is the async function, called.
    fn awaiter(&mut self, arguments: Node<'a>, node: Node<'a>) -> Option<ExprId> {
        let parts: Vec<_> = self.children(arguments).named().map(|child| child.node).collect();
        let generator = *parts.last()?;
        if self.kind(generator) != Kind::GeneratorExpression {
            return None;
        }
        let passed = parts.get(1).copied().filter(|&passed| matches!(self.kind(passed), Kind::Identifier | Kind::Array));
        let args = passed.map(|passed| Argument { kind: ArgumentKind::SpreadList, value: self.expr(passed) });
        let callee = self.compiled_async(generator, "<lambda>".into());
        Some(self.add(Expr::Call { callee, args: args.into_iter().collect(), kind: CallKind::Call }, node))
    }

    /// `_asyncToGenerator(function* (…) { … })` is the async function.
    fn async_function(&mut self, arguments: Node<'a>) -> Option<ExprId> {
        let generator = self.children(arguments).first()?;
        (self.kind(generator) == Kind::GeneratorExpression).then(|| self.compiled_async(generator, "<lambda>".into()))
    }

    fn compiled_async(&mut self, generator: Node<'a>, name: SmolStr) -> ExprId {
        let function = self.function(generator, Definition { name, compiled_async: true, ..Definition::default() });
        self.add(Expr::Function(function), generator)
    }

    /// `Object.defineProperty(object, 'name', { value })` or `{ get }` is an assignment.
    fn define_property(&mut self, function: Node<'a>, arguments: Node<'a>, node: Node<'a>) -> Option<ExprId> {
        let object = self.child(function, Field::Object)?;
        let parts: Vec<_> = self.children(arguments).named().map(|child| child.node).collect();
        let &[target, key, descriptor] = &parts[..] else { return None };
        if self.text(object) != "Object" || self.kind(descriptor) != Kind::Object {
            return None;
        }
        let name = self.constant_text(key)?;
        let entries: Vec<_> = self.children(descriptor).named().collect();
        let mut value = None;
        for entry in entries {
            let children = self.children(entry.node);
            let key = children.field(Field::Key).or_else(|| children.field(Field::Name));
            match (key.map(|key| self.text(key)), entry.kind, children.field(Field::Value)) {
                (Some("value"), Kind::Pair, Some(node)) => value = Some(self.expr(node)),
                (Some("get"), Kind::Pair, Some(node)) => value = Some(self.getter_value(node)),
                (Some("get"), Kind::Method, _) => {
                    let function = self.method_function(entry.node, &children);
                    let callee = self.add(Expr::Function(function), entry.node);
                    value = Some(self.add(Expr::Call { callee, args: Vec::new(), kind: CallKind::Call }, entry.node));
                }
                // Flags are constants; anything else makes this an ordinary call.
                (Some("enumerable" | "configurable" | "writable"), Kind::Pair, _) => {}
                _ => return None,
            }
        }
        let value = value?;
        let object = self.expr(target);
        let target = Box::new(Pattern::Member { object, name });
        Some(self.add(Expr::Assign { target, value }, node))
    }
}
