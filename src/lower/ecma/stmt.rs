//! Statements.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::kinds::{Field, Kind};
use super::node::span;
use super::{Context, Lowerer};
use crate::ids::ExprId;
use crate::ir::{BinaryOp, Block, Expr, Handler, Pattern, Stmt};
use crate::lower::ctx::Signature;

/// How many declarations with `using` one block is nested by.
const MAX_GUARDED: usize = 16;

impl<'a> Lowerer<'a> {
    /// The statements of a block whose scope is open: functions first, since they can be called from anywhere in it.
    pub(super) fn statements(&mut self, nodes: &[Node<'a>], out: &mut Block) {
        let mut rest = Block::new();
        let mut guarded = Vec::new();
        for node in nodes {
            self.hoisted_function(*node, out);
            self.stmt(*node, &mut rest);
            let disposed = self.disposed(*node);
            if !disposed.is_empty() && guarded.len() < MAX_GUARDED {
                guarded.push((disposed, std::mem::take(&mut rest)));
            }
        }
        for (items, mut before) in guarded.into_iter().rev() {
            self.push(Stmt::With { items, body: std::mem::take(&mut rest) }, &mut before);
            rest = before;
        }
        out.append(&mut rest);
    }

    /// What `using` declares, which the end of the block disposes of.
    fn disposed(&mut self, node: Node<'a>) -> Vec<(ExprId, Option<Pattern>)> {
        let mut names = Vec::new();
        self.names_disposed(node, &mut names);
        names.into_iter().map(|name| (self.name(name, node), None)).collect()
    }

    /// A block, or one statement in place of one, in a scope of its own.
    pub(super) fn block(&mut self, node: Node<'a>) -> Block {
        let nodes: Vec<_> = match self.kind(node) {
            Kind::Block => self.children(node).named().map(|child| child.node).collect(),
            _ => vec![node],
        };
        let mut out = Block::new();
        self.scoped(&nodes, Vec::new(), &mut out);
        out
    }

    /// Statements in a scope of their own that holds some names from before.
    pub(super) fn scoped(&mut self, nodes: &[Node<'a>], mut names: Vec<SmolStr>, out: &mut Block) {
        self.block_names(nodes, &mut names);
        self.enter_block_scope(names);
        self.statements(nodes, out);
        self.leave_block_scope();
    }

    /// A function in a place where statements stand, evaluated at once: how statements become an expression.
    pub(super) fn statements_as_expr(&mut self, node: Node<'a>) -> ExprId {
        let function = self.thunk(node, |lowerer| {
            let mut out = Block::new();
            lowerer.scoped(&[node], Vec::new(), &mut out);
            out
        });
        self.call_thunk(function, node)
    }

    /// A statement.
    pub(super) fn stmt(&mut self, node: Node<'a>, out: &mut Block) {
        if !self.enter(node) {
            let missing = self.add(Expr::Missing, node);
            return self.push(Stmt::Evaluate(missing), out);
        }
        self.dispatch(node, out);
        self.leave();
    }

    fn dispatch(&mut self, node: Node<'a>, out: &mut Block) {
        match self.kind(node) {
            Kind::ExpressionStatement => self.expression_statement(node, out),
            Kind::Lexical | Kind::Variable | Kind::Using => self.declaration(node, out),
            Kind::Declarator => self.declarator(node, false, out),
            Kind::ClassDeclaration | Kind::AbstractClass => self.class_declaration(node, Vec::new(), out),
            Kind::Block => out.append(&mut self.block(node)),
            Kind::If => self.branch(node, out),
            Kind::Switch => self.switch(node, out),
            Kind::For => self.for_loop(node, out),
            Kind::ForIn => self.for_each(node, out),
            Kind::While => self.while_loop(node, out),
            Kind::Do => self.do_loop(node, out),
            Kind::Try => self.guarded(node, out),
            Kind::With => self.with(node, out),
            Kind::Labeled => self.labeled(node, out),
            Kind::Break | Kind::Continue => self.jump(node, out),
            Kind::Return => self.leave_with(node, Stmt::Return, out),
            Kind::Throw => self.leave_with(node, Stmt::Throw, out),
            Kind::ImportStatement => self.import_statement(node, out),
            Kind::ImportAlias => self.import_alias(node, out),
            Kind::Export => self.export(node, out),
            Kind::Enum => self.enumeration(node, out),
            Kind::InternalModule | Kind::Module => self.namespace(node, out),
            Kind::Error => self.broken(node, out),
            // Functions were hoisted; the rest has nothing to run.
            Kind::Function
            | Kind::Generator
            | Kind::FunctionSignature
            | Kind::Ambient
            | Kind::Interface
            | Kind::TypeAlias
            | Kind::Empty
            | Kind::Debugger
            | Kind::HashBang => {}
            _ => self.evaluate(node, out),
        }
    }

    /// Whether a node is a statement when it turns up where an expression should be.
    pub(super) const fn is_statement(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::ExpressionStatement
                | Kind::Lexical
                | Kind::Variable
                | Kind::Using
                | Kind::Declarator
                | Kind::Function
                | Kind::Generator
                | Kind::ClassDeclaration
                | Kind::AbstractClass
                | Kind::Block
                | Kind::If
                | Kind::Switch
                | Kind::For
                | Kind::ForIn
                | Kind::While
                | Kind::Do
                | Kind::Try
                | Kind::With
                | Kind::Labeled
                | Kind::Return
                | Kind::Throw
                | Kind::Enum
                | Kind::InternalModule
                | Kind::Module
        )
    }

    /// Code that did not parse: what can be read in it counts.
    fn broken(&mut self, node: Node<'a>, out: &mut Block) {
        let nodes: Vec<_> = self.children(node).named().map(|child| child.node).collect();
        self.statements(&nodes, out);
    }

    fn expression_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let Some(inner) = self.children(node).first() else { return };
        match self.using_assignment(inner) {
            Some(assignment) => self.bind_assignment(assignment, out),
            None => self.evaluate(inner, out),
        }
    }

    /// An expression whose value nobody uses.
    pub(super) fn evaluate(&mut self, node: Node<'a>, out: &mut Block) {
        let node = self.effects(node, out);
        match self.kind(node) {
            Kind::Assignment => self.bind_assignment(node, out),
            Kind::Augmented => self.augmented_statement(node, out),
            Kind::Update => self.update_statement(node, out),
            Kind::Ternary => self.ternary_statement(node, out),
            Kind::Binary => self.binary_statement(node, out),
            Kind::InternalModule => self.namespace(node, out),
            _ => {
                let value = self.expr(node);
                self.push(Stmt::Evaluate(value), out);
            }
        }
    }

    /// Evaluates all but the last part of a comma expression and gives back the last; other expressions are left alone.
    pub(super) fn effects(&mut self, node: Node<'a>, out: &mut Block) -> Node<'a> {
        let mut node = self.bare(node);
        while self.kind(node) == Kind::Sequence {
            let parts: Vec<_> = self.children(node).named().map(|child| child.node).collect();
            let Some((last, before)) = parts.split_last() else { break };
            if !self.enter(node) {
                break;
            }
            for part in before {
                self.evaluate(*part, out);
            }
            self.leave();
            node = self.bare(*last);
        }
        node
    }

    /// The value of an expression after the effects of its comma operators.
    pub(super) fn value(&mut self, node: Node<'a>, out: &mut Block) -> ExprId {
        let node = self.effects(node, out);
        self.expr(node)
    }

    fn bind_assignment(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let (Some(left), Some(right)) = (children.field(Field::Left), children.field(Field::Right)) else { return };
        let right = self.effects(right, out);
        let value = self.named_value(left, right);
        let pattern = self.pattern(left);
        self.push(Stmt::Bind { pattern, value, annotation: None }, out);
    }

    fn declaration(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let starts_empty = children.has(Kind::TokenLet);
        for child in children.named() {
            match child.kind {
                Kind::Declarator => self.declarator(child.node, starts_empty, out),
                _ => self.stmt(child.node, out),
            }
        }
    }

    /// `x: T = value`. Without a value, `let` still empties the variable, and a type still says what it will hold.
    fn declarator(&mut self, node: Node<'a>, starts_empty: bool, out: &mut Block) {
        let children = self.children(node);
        let Some(name) = children.field(Field::Name) else { return };
        let annotation = children.field(Field::Type).and_then(|annotation| self.annotation(annotation));
        let value = match children.field(Field::Value) {
            Some(value) => {
                let value = self.effects(value, out);
                self.named_value(name, value)
            }
            None if annotation.is_some() => self.add(Expr::Missing, name),
            None if starts_empty => self.undefined(name),
            None => return,
        };
        let pattern = self.pattern(name);
        self.push(Stmt::Bind { pattern, value, annotation }, out);
    }

    /// `if` with all its `else if`, from the last one outwards.
    fn branch(&mut self, node: Node<'a>, out: &mut Block) {
        let mut links = Vec::new();
        let mut next = Some(node);
        let mut last = Block::new();
        while let Some(node) = next.take() {
            let children = self.children(node);
            let mut before = Block::new();
            let cond = match children.field(Field::Condition) {
                Some(cond) => self.value(cond, &mut before),
                None => self.add(Expr::Missing, node),
            };
            let then = children.field(Field::Consequence).map(|then| self.block(then)).unwrap_or_default();
            links.push((before, cond, then));
            let otherwise = children.field(Field::Alternative).and_then(|clause| self.children(clause).last());
            match otherwise {
                Some(otherwise) if self.kind(otherwise) == Kind::If => next = Some(otherwise),
                Some(otherwise) => last = self.block(otherwise),
                None => {}
            }
        }
        self.nest(links, last, out);
    }

    /// Branches each of which stands in the one before.
    fn nest(&mut self, links: Vec<(Block, ExprId, Block)>, last: Block, out: &mut Block) {
        let mut otherwise = last;
        for (mut before, cond, then) in links.into_iter().rev() {
            self.push(Stmt::Branch { cond, then, otherwise }, &mut before);
            otherwise = before;
        }
        out.append(&mut otherwise);
    }

    /// `a ? b() : c()` for its effects: as minifiers write `if`.
    fn ternary_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let mut links = Vec::new();
        let mut next = node;
        let mut last = Block::new();
        while self.kind(next) == Kind::Ternary {
            let children = self.children(next);
            let mut before = Block::new();
            let mut then = Block::new();
            let cond = match children.field(Field::Condition) {
                Some(cond) => self.value(cond, &mut before),
                None => self.add(Expr::Missing, next),
            };
            if let Some(consequence) = children.field(Field::Consequence) {
                self.nested_evaluate(consequence, &mut then);
            }
            links.push((before, cond, then));
            let Some(alternative) = children.field(Field::Alternative) else { break };
            next = self.bare(alternative);
            if self.kind(next) != Kind::Ternary {
                self.nested_evaluate(next, &mut last);
            }
        }
        self.nest(links, last, out);
    }

    /// `a && b()` and `a || b()` for their effects.
    fn binary_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let operator = children.field(Field::Operator).map_or("", |operator| operator.kind());
        let (Some(left), Some(right), true) =
            (children.field(Field::Left), children.field(Field::Right), matches!(operator, "&&" | "||"))
        else {
            let value = self.expr(node);
            return self.push(Stmt::Evaluate(value), out);
        };
        let cond = self.value(left, out);
        let mut effects = Block::new();
        self.nested_evaluate(right, &mut effects);
        let (then, otherwise) = if operator == "&&" { (effects, Block::new()) } else { (Block::new(), effects) };
        self.push(Stmt::Branch { cond, then, otherwise }, out);
    }

    /// An expression for its effects, one level further down.
    fn nested_evaluate(&mut self, node: Node<'a>, out: &mut Block) {
        if self.enter(node) {
            self.evaluate(node, out);
            self.leave();
        }
    }

    fn augmented_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let (Some(left), Some(right)) = (children.field(Field::Left), children.field(Field::Right)) else { return };
        let operator = children.field(Field::Operator).map_or("", |operator| operator.kind());
        if let Some(op) = Self::logical_op(operator.trim_end_matches('=')) {
            let right = self.effects(right, out);
            let right = self.named_value(left, right);
            let (target, left) = self.place(left);
            let value = self.add(Expr::Logical { op, left, right }, node);
            return self.push(Stmt::Bind { pattern: target, value, annotation: None }, out);
        }
        let op = if operator == "+=" { BinaryOp::Add } else { BinaryOp::Other };
        let value = self.value(right, out);
        let target = self.pattern(left);
        self.push(Stmt::Update { target, op, value }, out);
    }

    fn update_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let Some(argument) = children.field(Field::Argument) else { return };
        let op = Self::step_op(&children);
        let target = self.pattern(argument);
        let value = self.number("1", node);
        self.push(Stmt::Update { target, op, value }, out);
    }

    /// `return` and `throw`.
    fn leave_with(&mut self, node: Node<'a>, stmt: fn(Option<ExprId>) -> Stmt, out: &mut Block) {
        let value = self.children(node).first().map(|value| self.value(value, out));
        self.push(stmt(value), out);
    }

    fn guarded(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let body = children.field(Field::Body).map(|body| self.block(body)).unwrap_or_default();
        let handlers = children.field(Field::Handler).map(|handler| self.catch(handler)).into_iter().collect();
        let finally = children.field(Field::Finalizer).and_then(|finalizer| self.child(finalizer, Field::Body));
        let finally = finally.map(|finally| self.block(finally)).unwrap_or_default();
        self.push(Stmt::Guarded { body, handlers, otherwise: Block::new(), finally }, out);
    }

    fn catch(&mut self, node: Node<'a>) -> Handler {
        let children = self.children(node);
        let parameter = children.field(Field::Parameter);
        let mut names = Vec::new();
        if let Some(parameter) = parameter {
            self.pattern_names(parameter, &mut names);
        }
        let nodes: Vec<_> = match children.field(Field::Body) {
            Some(body) => self.children(body).named().map(|child| child.node).collect(),
            None => Vec::new(),
        };
        self.block_names(&nodes, &mut names);
        self.enter_block_scope(names);
        let pattern: Option<Pattern> = parameter.map(|parameter| self.pattern(parameter));
        let mut body = Block::new();
        self.statements(&nodes, &mut body);
        self.leave_block_scope();
        Handler { types: None, pattern, body }
    }

    /// `with (object) { … }`: the object is evaluated; what its members hide cannot be known.
    fn with(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        if let Some(object) = children.field(Field::Object) {
            self.evaluate(object, out);
        }
        if let Some(body) = children.field(Field::Body) {
            out.append(&mut self.block(body));
        }
    }

    /// A function without parameters around some code, with the `this` of its surroundings.
    pub(super) fn thunk(&mut self, node: Node<'a>, lower: impl FnOnce(&mut Self) -> Block) -> crate::ids::FuncId {
        let id = self.builder.open(None);
        let context = std::mem::take(&mut self.context);
        self.enter_function_scope(&[], &[node]);
        let body = lower(self);
        self.leave_function_scope();
        self.context = context;
        self.builder.close(id, Signature::plain("<block>".into(), span(node)), body);
        id
    }

    /// Evaluates such a function.
    pub(super) fn call_thunk(&mut self, function: crate::ids::FuncId, node: Node<'a>) -> ExprId {
        let callee = self.add(Expr::Function(function), node);
        self.add(Expr::Call { callee, args: Vec::new(), kind: crate::ir::CallKind::Call }, node)
    }

    /// Runs with the context of a new function.
    pub(super) fn in_new_context<T>(&mut self, context: Context, run: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.context, context);
        let result = run(self);
        self.context = outer;
        result
    }
}
