//! Classes.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tree_sitter::Node;

use super::function::Definition;
use super::kinds::{Field, Kind};
use super::node::{Children, span};
use super::{Context, Lowerer};
use crate::ids::{ClassId, ExprId, FuncId};
use crate::ir::{Argument, ArgumentKind, Block, CallKind, Expr, Literal, LogicalOp, Pattern, Receiver, Stmt};
use crate::lower::ctx::Signature;

/// A member of a class with the decorators that stand before it.
struct Member<'a> {
    node: Node<'a>,
    kind: Kind,
    children: Children<'a>,
    decorators: Vec<Node<'a>>,
}

impl Member<'_> {
    fn is_static(&self) -> bool {
        let name = if self.kind == Kind::FieldDefinition { Field::Property } else { Field::Name };
        self.children.has_before(Kind::TokenStatic, name) || self.children.has_before(Kind::TokenStaticGet, name)
    }

    fn is_field(&self) -> bool {
        matches!(self.kind, Kind::FieldDefinition | Kind::PublicField)
    }

    /// A field that each construction sets.
    fn is_of_instances(&self) -> bool {
        self.is_field() && !self.is_static() && !self.is_abstract()
    }

    /// A field that only a derived class has: what that makes of it counts, be it an accessor of its class.
    fn is_abstract(&self) -> bool {
        self.kind == Kind::PublicField && self.children.has_before(Kind::TokenAbstract, Field::Name)
    }
}

impl<'a> Member<'a> {
    fn name(&self) -> Option<Node<'a>> {
        self.children.field(if self.kind == Kind::FieldDefinition { Field::Property } else { Field::Name })
    }
}

impl<'a> Lowerer<'a> {
    /// `class C { … }`, with decorators that stand before an `export`.
    pub(super) fn class_declaration(&mut self, node: Node<'a>, decorators: Vec<Node<'a>>, out: &mut Block) {
        let name = self.child(node, Field::Name).map(|name| self.resolve(name)).unwrap_or_default();
        self.scopes.define(&name);
        let class = self.class(node, name, decorators);
        self.push(Stmt::DefineClass(class), out);
    }

    /// A class as an expression.
    pub(super) fn class_expression(&mut self, node: Node<'a>) -> ExprId {
        let hint = self.context.name_hint.take();
        let own_name = self.child(node, Field::Name).map(|name| SmolStr::from(self.text(name)));
        let name = own_name.clone().or(hint).unwrap_or_else(|| "<class>".into());
        let local = own_name.map(|own_name| self.enter_own_name_scope(&own_name));
        let class = self.class(node, name, Vec::new());
        self.named_by_itself(Expr::Class(class), local, node)
    }

    /// Any class.
    pub(super) fn class(&mut self, node: Node<'a>, name: SmolStr, mut decorators: Vec<Node<'a>>) -> ClassId {
        let id = self.builder.reserve_class(name.clone(), span(node));
        let children = self.children(node);
        decorators.extend(children.fields(Field::Decorator));
        let decorators = decorators.into_iter().filter_map(|decorator| self.decorator(decorator)).collect();
        let bases = match children.of_kind(Kind::Heritage) {
            Some(heritage) => self.bases(heritage),
            None => Vec::new(),
        };
        let members = match children.field(Field::Body) {
            Some(body) => self.members(body),
            None => Vec::new(),
        };
        let body = self.class_function(name.clone(), id, node, |lowerer| lowerer.class_body(id, &members));
        let has_fields = members.iter().any(Member::is_of_instances);
        let instance_init = has_fields.then(|| self.class_function(name, id, node, |lowerer| lowerer.instance_fields(&members)));
        let is_abstract = self.kind(node) == Kind::AbstractClass;
        let class = &mut self.builder.module.classes[id];
        class.decorators = decorators;
        class.bases = bases;
        class.body = body;
        class.instance_init = instance_init;
        class.is_abstract = is_abstract;
        id
    }

    /// Code of a class with the class or its instance as `this`.
    fn class_function(&mut self, name: SmolStr, id: ClassId, node: Node<'a>, lower: impl FnOnce(&mut Self) -> Block) -> FuncId {
        let function = self.builder.open(Some(id));
        self.enter_function_scope(&[], &[]);
        let code = self.in_new_context(Context::default(), lower);
        self.leave_function_scope();
        let signature = Signature { receiver: Receiver::This, owner: Some(id), ..Signature::plain(name, span(node)) };
        self.builder.close(function, signature, code);
        function
    }

    fn decorator(&mut self, node: Node<'a>) -> Option<ExprId> {
        let inner = self.children(node).first()?;
        Some(self.expr(inner))
    }

    fn bases(&mut self, heritage: Node<'a>) -> Vec<ExprId> {
        let parts: Vec<_> = self.children(heritage).named().collect();
        let mut bases = Vec::new();
        for part in parts {
            match part.kind {
                Kind::Extends => {
                    let values = self.children(part.node);
                    bases.extend(values.fields(Field::Value).map(|value| self.expr(value)));
                }
                Kind::Implements => {}
                _ => bases.push(self.expr(part.node)),
            }
        }
        bases
    }

    /// The members that exist at run time. TypeScript's grammar puts a method's decorators before it, not into it.
    fn members(&mut self, body: Node<'a>) -> Vec<Member<'a>> {
        let nodes: Vec<_> = self.children(body).named().collect();
        let mut members = Vec::new();
        let mut decorators = Vec::new();
        for child in nodes {
            match child.kind {
                Kind::Decorator => decorators.push(child.node),
                Kind::MethodSignature | Kind::AbstractMethod | Kind::IndexSignature => decorators.clear(),
                _ => {
                    let children = self.children(child.node);
                    let mut own = std::mem::take(&mut decorators);
                    own.extend(children.fields(Field::Decorator));
                    members.push(Member { node: child.node, kind: child.kind, children, decorators: own });
                }
            }
        }
        members
    }

    /// What runs when the class is defined.
    fn class_body(&mut self, id: ClassId, members: &[Member<'a>]) -> Block {
        let mut attributes = FxHashSet::default();
        for member in members.iter().filter(|member| member.kind == Kind::Method || member.is_static()) {
            attributes.extend(member.name().and_then(|name| self.property_name(name)));
        }
        let mut out = Block::new();
        for member in members {
            match member.kind {
                Kind::Method => self.method(id, member, &mut out),
                Kind::StaticBlock => self.static_block(member, &mut out),
                _ if member.is_field() => {
                    self.apply_decorators(member, &mut out);
                    if member.is_static() || member.is_abstract() {
                        self.static_field(member, &attributes, &mut out);
                    }
                }
                _ => self.stmt(member.node, &mut out),
            }
        }
        out
    }

    fn method(&mut self, id: ClassId, member: &Member<'a>, out: &mut Block) {
        let Some(key) = member.name() else { return };
        self.parameter_decorators(member, out);
        let name = match self.property_name(key) {
            Some(name) if name == "constructor" && !member.is_static() => "__init__".into(),
            Some(name) => name,
            // `[Symbol.iterator]() {}` keeps its brackets, which no other name has.
            None => self.text(key).into(),
        };
        let is_computed = self.property_name(key).is_none();
        let is_symbol = is_computed && name.starts_with("[Symbol.");
        if is_symbol && let Some(inner) = self.children(key).first() {
            self.evaluate(inner, out);
        }
        let decorators = member.decorators.iter().filter_map(|decorator| self.decorator(*decorator)).collect();
        let definition = Definition { name: name.clone(), owner: Some(id), decorators, ..Definition::default() };
        let function = self.function(member.node, definition);
        self.builder.declare(&name);
        self.push(Stmt::DefineFunction(function), out);
        if is_computed && !is_symbol {
            // `[READ]() {}`: what the name is shows when the class is defined.
            let value = self.name(name, key);
            let pattern = self.this_member(key);
            self.push(Stmt::Bind { pattern, value, annotation: None }, out);
        }
    }

    /// Decorators of a constructor's or method's parameters.
    fn parameter_decorators(&mut self, member: &Member<'a>, out: &mut Block) {
        let Some(parameters) = member.children.field(Field::Parameters) else { return };
        let parameters: Vec<_> = self.children(parameters).named().map(|child| child.node).collect();
        for parameter in parameters {
            let children = self.children(parameter);
            for decorator in children.fields(Field::Decorator) {
                self.apply_decorator(decorator, out);
            }
        }
    }

    fn apply_decorators(&mut self, member: &Member<'a>, out: &mut Block) {
        for decorator in &member.decorators {
            self.apply_decorator(*decorator, out);
        }
    }

    /// The decorator of something that is no value: it is called with what the runtime alone knows.
    fn apply_decorator(&mut self, node: Node<'a>, out: &mut Block) {
        let Some(callee) = self.decorator(node) else { return };
        let value = self.add(Expr::Missing, node);
        let args = vec![Argument { kind: ArgumentKind::Positional, value }];
        let call = self.add(Expr::Call { callee, args, kind: CallKind::Call }, node);
        self.push(Stmt::Evaluate(call), out);
    }

    /// What tells of a parameter or field that a library may put something into: its decorators, each before what follows, and its
    /// type.
    pub(super) fn with_decorators(
        &mut self,
        decorators: &[Node<'a>],
        annotation: Option<ExprId>,
        node: Node<'a>,
    ) -> Option<ExprId> {
        decorators.iter().rev().fold(annotation, |known, decorator| {
            let Some(told) = self.decorator(*decorator) else { return known };
            Some(match known {
                Some(right) => self.add(Expr::Logical { op: LogicalOp::Coalesce, left: told, right }, node),
                None => told,
            })
        })
    }

    /// `static { … }`: its variables are its own, so it is a function.
    fn static_block(&mut self, member: &Member<'a>, out: &mut Block) {
        let Some(body) = member.children.field(Field::Body) else { return };
        let call = self.statements_as_expr(body);
        self.push(Stmt::Evaluate(call), out);
    }

    fn static_field(&mut self, member: &Member<'a>, attributes: &FxHashSet<SmolStr>, out: &mut Block) {
        let Some(key) = member.name() else { return };
        let value = member.children.field(Field::Value);
        let annotation = member.children.field(Field::Type).and_then(|annotation| self.annotation(annotation));
        let value = match value {
            Some(value) if self.mentions(value, attributes) => {
                // `static table = table`: the name on the right is not the attribute, which it would be in this frame.
                let function = self.thunk(value, |lowerer| {
                    let mut code = Block::new();
                    let result = lowerer.named_value(key, value);
                    lowerer.push(Stmt::Return(Some(result)), &mut code);
                    code
                });
                self.call_thunk(function, value)
            }
            Some(value) => self.named_value(key, value),
            None => self.unset(annotation.is_some(), key),
        };
        let pattern = match self.property_name(key) {
            Some(name) => {
                self.builder.declare(&name);
                Pattern::Name(name)
            }
            None => self.this_member(key),
        };
        self.push(Stmt::Bind { pattern, value, annotation }, out);
    }

    /// Whether an expression uses one of some names, outside of functions and classes in it.
    fn mentions(&mut self, node: Node<'a>, names: &FxHashSet<SmolStr>) -> bool {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::Shorthand if names.contains(self.text(node)) => return true,
                Kind::Arrow | Kind::FunctionExpression | Kind::GeneratorExpression | Kind::Method | Kind::Class => {}
                _ => pending.extend(self.children(node).named().map(|child| child.node)),
            }
        }
        false
    }

    /// What runs at the start of each construction.
    fn instance_fields(&mut self, members: &[Member<'a>]) -> Block {
        let mut out = Block::new();
        for member in members.iter().filter(|member| member.is_of_instances()) {
            let Some(key) = member.name() else { continue };
            let annotation = member.children.field(Field::Type).and_then(|annotation| self.annotation(annotation));
            let annotation = self.with_decorators(&member.decorators, annotation, key);
            let value = match member.children.field(Field::Value) {
                Some(value) => self.named_value(key, value),
                None => self.unset(annotation.is_some(), key),
            };
            let pattern = self.this_member(key);
            self.push(Stmt::Bind { pattern, value, annotation }, &mut out);
        }
        out
    }

    /// The value of a field without one: nothing, unless its type says what it will hold.
    fn unset(&mut self, typed: bool, node: Node<'a>) -> ExprId {
        self.add(if typed { Expr::Missing } else { Expr::Literal(Literal::Undefined) }, node)
    }

    fn this_member(&mut self, key: Node<'a>) -> Pattern {
        let object = self.name("this".into(), key);
        if let Some(name) = self.property_name(key) {
            return Pattern::Member { object, name };
        }
        let index = self.computed_key(key);
        Pattern::Index { object, index }
    }
}
