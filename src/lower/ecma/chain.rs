//! Forms that real code nests by the thousand, lowered in loops: member and call chains, operator chains, assignments of
//! assignments, conditionals in conditionals.

use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use super::node::Children;
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, BinaryOp, CallKind, Element, Expr, Pattern};

impl<'a> Lowerer<'a> {
    /// `a.b(c)[d]…`, from the innermost object outwards.
    pub(super) fn chain(&mut self, node: Node<'a>) -> ExprId {
        let mut links: Vec<(Node<'a>, Children<'a>)> = Vec::new();
        let mut base = node;
        // Where the links begin that no parentheses part, and the links whose value is awaited.
        let (mut together, mut awaited) = (0, Vec::new());
        loop {
            let field = match self.kind(base) {
                Kind::Member | Kind::Subscript => Field::Object,
                Kind::Call => Field::Function,
                _ => break,
            };
            let children = self.children(base);
            let Some(inner) = children.field(field) else { break };
            links.push((base, children));
            // The grammar takes `await f<T>(x)` for a call of what `await f` gives.
            let operand = if self.kind(inner) == Kind::Await { self.children(inner).first() } else { None };
            if operand.is_some() {
                awaited.push(together);
            }
            let next = operand.unwrap_or(inner);
            base = self.bare(next);
            if base != next {
                together = links.len();
            }
        }
        let is_await = self.kind(base) == Kind::Identifier && self.text(base) == "await";
        let operator = if is_await { links.pop() } else { None };
        let mut value = match (self.kind(base), &operator) {
            (_, Some((node, children))) => self.awaited_operand(*node, children),
            // A link without its object is broken code.
            (Kind::Member | Kind::Subscript | Kind::Call, None) => self.opaque(base),
            _ => self.expr(base),
        };
        for (index, (node, children)) in links.into_iter().enumerate().rev() {
            value = match self.kind(node) {
                Kind::Member => self.member(value, node, &children),
                Kind::Subscript => self.subscript(value, node, &children),
                _ => self.call(value, node, &children),
            };
            if awaited.contains(&index) {
                value = self.add(Expr::Await(value), node);
            }
        }
        if operator.is_some() { self.add(Expr::Await(value), node) } else { value }
    }

    /// The grammar takes `await [a, b]` for an item of a variable called `await`, and `await (a)` for a call of it.
    fn awaited_operand(&mut self, node: Node<'a>, children: &Children<'a>) -> ExprId {
        match self.kind(node) {
            Kind::Subscript => {
                let Some(index) = children.field(Field::Index) else { return self.opaque(node) };
                let nodes = if self.kind(index) == Kind::Sequence {
                    self.children(index).named().map(|child| child.node).collect()
                } else {
                    vec![index]
                };
                let items = nodes.into_iter().map(|node| Element::Item(self.expr(node))).collect();
                self.add(Expr::Sequence { items }, node)
            }
            Kind::Call => {
                let args = children.field(Field::Arguments).map(|arguments| self.arguments(arguments)).unwrap_or_default();
                match args.last() {
                    Some(last) => last.value,
                    None => self.opaque(node),
                }
            }
            _ => self.opaque(node),
        }
    }

    fn member(&mut self, object: ExprId, node: Node<'a>, children: &Children<'a>) -> ExprId {
        let name = children.field(Field::Property).map(|name| self.text(name)).unwrap_or_default();
        self.add(Expr::Member { object, name: name.into() }, node)
    }

    /// `object["name"]` is `object.name`.
    fn subscript(&mut self, object: ExprId, node: Node<'a>, children: &Children<'a>) -> ExprId {
        let Some(index) = children.field(Field::Index) else { return self.add(Expr::Opaque(vec![object]), node) };
        if let Some(name) = self.constant_text(index) {
            return self.add(Expr::Member { object, name }, node);
        }
        let index = self.expr(index);
        self.add(Expr::Index { object, index }, node)
    }

    fn call(&mut self, callee: ExprId, node: Node<'a>, children: &Children<'a>) -> ExprId {
        let Some(arguments) = children.field(Field::Arguments) else { return self.add(Expr::Opaque(vec![callee]), node) };
        if self.kind(arguments) == Kind::Template {
            return self.tagged_template(callee, arguments, node);
        }
        if let Some(value) = children.field(Field::Function).and_then(|function| self.known_call(function, arguments, node)) {
            return value;
        }
        let args = self.arguments(arguments);
        self.add(Expr::Call { callee, args, kind: CallKind::Call }, node)
    }

    /// The arguments of a call.
    pub(super) fn arguments(&mut self, node: Node<'a>) -> Vec<Argument> {
        let children = self.children(node);
        children.named().map(|child| self.argument(child.node)).collect()
    }

    fn argument(&mut self, node: Node<'a>) -> Argument {
        if self.kind(node) == Kind::Spread
            && let Some(inner) = self.children(node).first()
        {
            return Argument { kind: ArgumentKind::SpreadList, value: self.expr(inner) };
        }
        Argument { kind: ArgumentKind::Positional, value: self.expr(node) }
    }

    /// `new C(…)`.
    pub(super) fn construction(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let Some(constructor) = children.field(Field::Constructor) else { return self.opaque(node) };
        let callee = self.expr(constructor);
        let args = children.field(Field::Arguments).map(|arguments| self.arguments(arguments)).unwrap_or_default();
        self.add(Expr::Call { callee, args, kind: CallKind::New }, node)
    }

    /// `a + b + c …`, from the innermost left operand outwards.
    pub(super) fn binary(&mut self, node: Node<'a>) -> ExprId {
        let mut links: Vec<(Node<'a>, Children<'a>)> = Vec::new();
        let mut base = node;
        while self.kind(base) == Kind::Binary {
            let children = self.children(base);
            let Some(left) = children.field(Field::Left) else { break };
            links.push((base, children));
            base = self.bare(left);
        }
        let mut left = if self.kind(base) == Kind::Binary { self.opaque(base) } else { self.expr(base) };
        for (node, children) in links.into_iter().rev() {
            let operator = children.field(Field::Operator).map_or("", |operator| operator.kind());
            let right = match children.field(Field::Right) {
                Some(right) => self.expr(right),
                None => self.add(Expr::Missing, node),
            };
            left = self.add(Self::operation(operator, left, right), node);
        }
        left
    }

    fn operation(operator: &str, left: ExprId, right: ExprId) -> Expr {
        if let Some(op) = Self::logical_op(operator) {
            return Expr::Logical { op, left, right };
        }
        if let Some(op) = Self::compare_op(operator) {
            return Expr::Compare { op, left, right };
        }
        // `%`, `|` and `/` work on numbers only, unlike their namesakes in Python.
        let op = if operator == "+" { BinaryOp::Add } else { BinaryOp::Other };
        Expr::Binary { op, left, right }
    }

    /// `a ? b : c ? d : …`, from the last alternative outwards.
    pub(super) fn ternary(&mut self, node: Node<'a>) -> ExprId {
        let mut links = Vec::new();
        let mut next = node;
        while self.kind(next) == Kind::Ternary {
            let children = self.children(next);
            let Some(alternative) = children.field(Field::Alternative) else { break };
            let mut part = |field| match children.field(field) {
                Some(part) => self.expr(part),
                None => self.add(Expr::Missing, next),
            };
            links.push((next, part(Field::Condition), part(Field::Consequence)));
            next = self.bare(alternative);
        }
        let mut otherwise = if self.kind(next) == Kind::Ternary { self.opaque(next) } else { self.expr(next) };
        for (node, cond, then) in links.into_iter().rev() {
            otherwise = self.add(Expr::Conditional { cond, then, otherwise }, node);
        }
        otherwise
    }

    /// `a = b = value` as an expression, from the value outwards.
    pub(super) fn assignment(&mut self, node: Node<'a>) -> ExprId {
        let mut links = Vec::new();
        let mut next = node;
        while self.kind(next) == Kind::Assignment {
            let children = self.children(next);
            let (Some(left), Some(right)) = (children.field(Field::Left), children.field(Field::Right)) else { break };
            links.push((next, left));
            next = self.bare(right);
        }
        let mut value = match links.last() {
            Some(&(_, left)) if self.kind(next) != Kind::Assignment => self.named_value(left, next),
            _ => self.opaque(next),
        };
        for (node, left) in links.into_iter().rev() {
            let target = Box::new(self.pattern(left));
            value = self.add(Expr::Assign { target, value }, node);
        }
        value
    }

    /// `a += b`, `a ||= b` as expressions.
    pub(super) fn augmented(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let (Some(left), Some(right)) = (children.field(Field::Left), children.field(Field::Right)) else {
            return self.opaque(node);
        };
        let operator = children.field(Field::Operator).map_or("", |operator| operator.kind());
        let right = self.named_value(left, right);
        let (target, left): (Pattern, _) = self.place(left);
        let operator = operator.strip_suffix('=').unwrap_or(operator);
        let value = self.add(Self::operation(operator, left, right), node);
        self.add(Expr::Assign { target: Box::new(target), value }, node)
    }

    /// A value that goes to a variable or property: functions and classes without a name take that one.
    pub(super) fn named_value(&mut self, target: Node<'a>, value: Node<'a>) -> ExprId {
        let value = self.bare(value);
        if matches!(self.kind(value), Kind::Arrow | Kind::FunctionExpression | Kind::GeneratorExpression | Kind::Class) {
            self.context.name_hint = match self.kind(target) {
                Kind::Identifier | Kind::Property | Kind::PrivateProperty => Some(self.text(target).into()),
                Kind::Member => self.child(target, Field::Property).map(|name| self.text(name).into()),
                Kind::String => self.constant_text(target),
                _ => None,
            };
        }
        self.expr(value)
    }
}
