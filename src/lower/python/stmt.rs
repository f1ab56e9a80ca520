//! Statements that hold no blocks.

use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, Block, CallKind, ClassField, Expr, Pattern, Stmt};
use crate::syntax::Child;

impl<'t> Lowering<'t> {
    /// A statement; most become one, some several or none.
    pub(super) fn stmt(&mut self, node: Node<'t>, out: &mut Block) {
        match self.kind(node) {
            Kind::Error => self.set_aside.push(node),
            Kind::BreakStatement => self.emit(Stmt::Break, out),
            Kind::ContinueStatement => self.emit(Stmt::Continue, out),
            Kind::PassStatement | Kind::FutureImportStatement => {}
            _ => {
                self.deeper(node, |this| this.compound_stmt(node, out));
            }
        }
    }

    pub(super) fn emit(&mut self, stmt: Stmt, out: &mut Block) {
        out.push(self.builder.stmt(stmt));
    }

    fn compound_stmt(&mut self, node: Node<'t>, out: &mut Block) {
        match self.kind(node) {
            Kind::AssertStatement => self.assertion(node, out),
            // Clauses that lost the statement they belong to: their parts run one after the other.
            Kind::Block
            | Kind::CaseClause
            | Kind::Decorator
            | Kind::ElifClause
            | Kind::ElseClause
            | Kind::ExceptClause
            | Kind::FinallyClause
            | Kind::Module => self.stmts_of(node, out),
            Kind::ClassDefinition => self.class(node, node, Vec::new(), out),
            Kind::DecoratedDefinition => self.decorated(node, out),
            Kind::DeleteStatement => self.deletion(node, out),
            Kind::ExecStatement => self.call_like("exec", node, out),
            Kind::ExpressionStatement => self.expression_statement(node, out),
            Kind::ForStatement => self.for_loop(node, out),
            Kind::FunctionDefinition => self.function(node, node, &[], out),
            Kind::GlobalStatement => {
                for child in self.kids(node) {
                    let name = self.name(child.node);
                    self.builder.declare_global(&name);
                }
            }
            Kind::IfStatement => self.branch(node, out),
            Kind::ImportFromStatement => self.import_from(node, out),
            Kind::ImportStatement => self.import(node, out),
            Kind::MatchStatement => self.select(node, out),
            Kind::NonlocalStatement => {
                for child in self.kids(node) {
                    let name = self.name(child.node);
                    self.builder.declare_outer(&name);
                }
            }
            Kind::PrintStatement => self.call_like("print", node, out),
            Kind::RaiseStatement => self.raise(node, out),
            Kind::ReturnStatement => self.returned(node, out),
            Kind::TryStatement => self.guarded(node, out),
            Kind::TypeAliasStatement => self.type_alias(node, out),
            Kind::WhileStatement => self.while_loop(node, out),
            Kind::WithStatement => self.with(node, out),
            Kind::Assignment => self.assignment(node, out),
            Kind::AugmentedAssignment => self.update(node, out),
            _ => self.evaluate(node, out),
        }
    }

    /// An expression for its effects; names and constants have none.
    pub(super) fn evaluate(&mut self, node: Node<'t>, out: &mut Block) {
        let value = self.expr(node);
        if !matches!(self.builder.frame.body.exprs[value], Expr::Literal(_) | Expr::Missing | Expr::Name(_)) {
            self.emit(Stmt::Evaluate(value), out);
        }
    }

    fn assertion(&mut self, node: Node<'t>, out: &mut Block) {
        let value = self.opaque(node);
        self.emit(Stmt::Evaluate(value), out);
    }

    fn expression_statement(&mut self, node: Node<'t>, out: &mut Block) {
        for child in self.kids(node) {
            match self.kind(child.node) {
                Kind::Assignment => self.assignment(child.node, out),
                Kind::AugmentedAssignment => self.update(child.node, out),
                _ => self.evaluate(child.node, out),
            }
        }
    }

    /// `print x` and `exec x`, which Python 2 had as statements, as calls.
    fn call_like(&mut self, name: &str, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let args = kids.iter().map(|child| Argument { kind: ArgumentKind::Positional, value: self.expr(child.node) }).collect();
        let callee = self.add(Expr::Name(name.into()), node);
        let call = self.add(Expr::Call { callee, args, kind: CallKind::Call }, node);
        self.emit(Stmt::Evaluate(call), out);
    }

    fn deletion(&mut self, node: Node<'t>, out: &mut Block) {
        let mut parts = Vec::new();
        let mut targets: Vec<_> = self.kids(node).iter().map(|child| child.node).collect();
        while let Some(target) = targets.pop() {
            match self.kind(target) {
                Kind::Identifier => {
                    let name = self.name(target);
                    self.builder.declare(&name);
                }
                Kind::ExpressionList | Kind::Tuple | Kind::List | Kind::ParenthesizedExpression => {
                    targets.extend(self.kids(target).iter().rev().map(|child| child.node));
                }
                Kind::Subscript => {
                    if let Pattern::Index { object, index } = self.subscript_target(target) {
                        self.emit(Stmt::Delete { object, index }, out);
                    }
                }
                Kind::Attribute => {
                    let kids = self.kids(target);
                    let is_name = |child: &&Child<'t>| self.kinds.field(child) != Field::Attribute;
                    let inner: Vec<_> = kids.iter().filter(is_name).map(|child| child.node).collect();
                    parts.extend(inner.into_iter().map(|node| self.expr(node)));
                }
                _ => parts.push(self.expr(target)),
            }
        }
        if !parts.is_empty() {
            let value = self.add(Expr::Opaque(parts), node);
            self.emit(Stmt::Evaluate(value), out);
        }
    }

    fn raise(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        if let Some(cause) = self.in_field(&kids, Field::Cause) {
            self.evaluate(cause, out);
        }
        let raised = kids.iter().find(|child| self.kinds.field(child) != Field::Cause).map(|child| self.expr(child.node));
        self.emit(Stmt::Throw(raised), out);
    }

    fn returned(&mut self, node: Node<'t>, out: &mut Block) {
        let value = self.kids(node).first().map(|child| self.expr(child.node));
        self.emit(Stmt::Return(value), out);
    }

    fn type_alias(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let (Some(left), Some(right)) = (self.in_field(&kids, Field::Left), self.in_field(&kids, Field::Right)) else { return };
        let value = self.annotation(right);
        let name: String = self.text(left).chars().take_while(|&letter| letter == '_' || letter.is_alphanumeric()).collect();
        let name = name.into();
        self.builder.declare(&name);
        self.emit(Stmt::Bind { pattern: Pattern::Name(name), value, annotation: None }, out);
    }

    fn assignment(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let Some(left) = self.in_field(&kids, Field::Left) else { return };
        let annotation = self.in_field(&kids, Field::Type);
        let right = self.in_field(&kids, Field::Right);
        let value = right.map(|right| self.assigned(right, left));
        if let Some(right) = right {
            self.note_handler_candidate(left, right);
        }
        let annotated = annotation.map(|node| self.annotation(node));
        if let (Some(node), Some(annotated), Kind::Identifier) = (annotation, annotated, self.kind(left)) {
            self.note_field(left, node, annotated, value);
        }
        let pattern = self.pattern(left);
        let value = value.unwrap_or_else(|| self.missing(node));
        self.emit(Stmt::Bind { pattern, value, annotation: annotated }, out);
    }

    /// An annotated name in a class body is a field.
    fn note_field(&mut self, name: Node<'t>, written: Node<'t>, annotation: ExprId, default: Option<ExprId>) {
        let written = self.text(written);
        let is_class_variable = written.starts_with("ClassVar") || written.contains(".ClassVar");
        if self.builder.frame.class.is_some() && !is_class_variable {
            let name = self.name(name);
            self.builder.frame.fields.push(ClassField { name, default, annotation });
        }
    }

    /// The right-hand side of an assignment, which can be an assignment itself; a function takes its target's name.
    fn assigned(&mut self, right: Node<'t>, left: Node<'t>) -> ExprId {
        match self.kind(right) {
            Kind::Assignment => self.deeper(right, |this| this.chained(right)).unwrap_or_else(|| self.missing(right)),
            Kind::Lambda if self.kind(left) == Kind::Identifier => {
                let name = self.text(left);
                self.deeper(right, |this| this.lambda(right, name)).unwrap_or_else(|| self.missing(right))
            }
            _ => self.expr(right),
        }
    }

    fn chained(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let (Some(left), Some(right)) = (self.in_field(&kids, Field::Left), self.in_field(&kids, Field::Right)) else {
            return self.missing(node);
        };
        let value = self.assigned(right, left);
        let target = Box::new(self.pattern(left));
        self.note_handler_candidate(left, right);
        self.add(Expr::Assign { target, value }, node)
    }

    fn update(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids_and_tokens(node);
        let op = self.operator(&kids);
        let value = self.expr_in(&kids, Field::Right).unwrap_or_else(|| self.missing(node));
        let Some(left) = self.in_field(&kids, Field::Left) else { return };
        let target = self.pattern(left);
        self.emit(Stmt::Update { target, op, value }, out);
    }

    /// Notes assignments at the top level that give a handler.
    fn note_handler_candidate(&mut self, left: Node<'t>, right: Node<'t>) {
        if !self.builder.at_top_level() || self.kind(left) != Kind::Identifier {
            return;
        }
        let callee = match self.kind(right) {
            Kind::Call => right.child_by_field_name("function").map(|callee| self.text(callee)).unwrap_or_default(),
            Kind::Attribute | Kind::Identifier | Kind::Lambda => "",
            _ => return,
        };
        let name = self.name(left);
        self.handlers.note_assignment(&name, callee);
    }
}
