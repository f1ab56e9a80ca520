//! TypeScript's enums and namespaces.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use super::node::span;
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, Block, CallKind, Entry, EntryKey, Export, Expr, Literal, Pattern, Stmt};
use crate::lower::ctx::Signature;

impl<'a> Lowerer<'a> {
    /// An enum is an object of its members, and of the names of those that are numbers.
    pub(super) fn enumeration(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let (Some(name), Some(body)) = (children.field(Field::Name), children.field(Field::Body)) else { return };
        let members: Vec<_> = self.children(body).named().collect();
        let mut entries: Vec<Entry> = Vec::new();
        let mut values = FxHashMap::default();
        let mut next = Some(0_i64);
        for member in members {
            let parts = (member.kind == Kind::EnumAssignment).then(|| self.children(member.node));
            let key = parts.as_ref().map_or(Some(member.node), |parts| parts.field(Field::Name));
            let Some(key) = key else { continue };
            let written = parts.and_then(|parts| parts.field(Field::Value));
            let number = written.map_or(next, |value| self.integer(value));
            next = number.and_then(|number| number.checked_add(1));
            let value = match (written, number) {
                (Some(value), _) => self.member_value(value, &values),
                (None, Some(number)) => self.number(&number.to_string(), key),
                (None, None) => self.add(Expr::Missing, key),
            };
            let at = key;
            let key = self.entry_key(key);
            let reverse = match (&key, number) {
                (EntryKey::Name(name), Some(number)) => Some((number, name.clone())),
                _ => None,
            };
            if let EntryKey::Name(name) = &key {
                values.insert(name.clone(), value);
            }
            entries.push(Entry::Pair { key, value });
            if let Some((number, name)) = reverse {
                let value = self.add(Expr::Literal(Literal::Text(name)), at);
                entries.push(Entry::Pair { key: EntryKey::Name(number.to_string().into()), value });
            }
        }
        let object = self.add(Expr::Object(entries), node);
        self.bind_merged(name, object, node, out);
    }

    fn integer(&self, value: Node<'a>) -> Option<i64> {
        if self.kind(value) == Kind::Number { self.text(value).parse().ok() } else { None }
    }

    /// Members can name those before them.
    fn member_value(&mut self, value: Node<'a>, values: &FxHashMap<SmolStr, ExprId>) -> ExprId {
        let earlier = if self.kind(value) == Kind::Identifier { values.get(self.text(value)) } else { None };
        earlier.copied().unwrap_or_else(|| self.expr(value))
    }

    /// The first part of a namespace's name, unless it declares a module or nothing that runs.
    pub(super) fn namespace_name(&mut self, node: Node<'a>) -> Option<SmolStr> {
        let name = self.child(node, Field::Name)?;
        self.name_parts(name).first().map(|part| self.text(*part).into())
    }

    fn name_parts(&mut self, name: Node<'a>) -> Vec<Node<'a>> {
        let mut parts = Vec::new();
        let mut pending = vec![name];
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::Property => parts.push(node),
                Kind::NestedIdentifier | Kind::Member => {
                    pending.extend(self.children(node).named().rev().map(|child| child.node));
                }
                _ => {}
            }
        }
        parts
    }

    /// A namespace is what a function gives that runs its code: an object of what it exports.
    pub(super) fn namespace(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let (Some(name), Some(body)) = (children.field(Field::Name), children.field(Field::Body)) else { return };
        let parts = self.name_parts(name);
        let Some((first, inner)) = parts.split_first() else { return };
        let mut value = self.namespace_object(body);
        for part in inner.iter().rev() {
            let key = EntryKey::Name(self.text(*part).into());
            value = self.add(Expr::Object(vec![Entry::Pair { key, value }]), node);
        }
        self.bind_merged(*first, value, node, out);
    }

    fn namespace_object(&mut self, body: Node<'a>) -> ExprId {
        let statements: Vec<_> = self.children(body).named().map(|child| child.node).collect();
        let id = self.builder.open(None);
        let outer = std::mem::take(&mut self.exports);
        let context = super::Context::default();
        let code = self.in_new_context(context, |lowerer| {
            lowerer.enter_function_scope(&[], &statements);
            let mut code = Block::new();
            lowerer.statements(&statements, &mut code);
            let exports = std::mem::take(&mut lowerer.exports);
            let object = lowerer.exported_object(exports, body);
            lowerer.push(Stmt::Return(Some(object)), &mut code);
            lowerer.leave_function_scope();
            code
        });
        self.exports = outer;
        self.builder.close(id, Signature::plain("<namespace>".into(), span(body)), code);
        self.call_thunk(id, body)
    }

    fn exported_object(&mut self, exports: Vec<Export>, node: Node<'a>) -> ExprId {
        let mut entries = Vec::new();
        for export in exports {
            if let Export::Local { name, local } = export {
                let value = self.name(local, node);
                entries.push(Entry::Pair { key: EntryKey::Name(name), value });
            }
        }
        self.add(Expr::Object(entries), node)
    }

    /// Binds an enum or namespace. A second one of the same name, or one of a function's or class's name, adds to the first.
    fn bind_merged(&mut self, name: Node<'a>, value: ExprId, node: Node<'a>, out: &mut Block) {
        let local = self.resolve(name);
        if self.scopes.define(&local) {
            return self.push(Stmt::Bind { pattern: Pattern::Name(local), value, annotation: None }, out);
        }
        let object = self.name("Object".into(), node);
        let target = self.name(local, node);
        let callee = self.add(Expr::Member { object, name: "assign".into() }, node);
        let args = [target, value].map(|value| Argument { kind: ArgumentKind::Positional, value }).into();
        let call = self.add(Expr::Call { callee, args, kind: CallKind::Call }, node);
        self.push(Stmt::Evaluate(call), out);
    }
}
