//! Expressions: the dispatch, and the forms that need a few lines only.

use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use super::node::{Children, span};
use crate::ids::ExprId;
use crate::ir::{BinaryOp, CompareOp, Element, Expr, Literal, LogicalOp, Pattern};

impl<'a> Lowerer<'a> {
    /// An expression.
    pub(super) fn expr(&mut self, node: Node<'a>) -> ExprId {
        if !self.enter(node) {
            return self.add(Expr::Missing, node);
        }
        let id = self.dispatch_expr(node);
        self.leave();
        id
    }

    fn dispatch_expr(&mut self, node: Node<'a>) -> ExprId {
        let node = self.bare(node);
        match self.kind(node) {
            Kind::Identifier | Kind::Shorthand | Kind::ShorthandPattern | Kind::TypeIdentifier => {
                let name = self.resolve(node);
                self.name(name, node)
            }
            Kind::This => self.name("this".into(), node),
            Kind::Super => self.add(Expr::Super, node),
            Kind::Member | Kind::Subscript | Kind::Call => self.chain(node),
            Kind::New => self.construction(node),
            Kind::String => self.string(node),
            Kind::Number => self.number(self.text(node), node),
            Kind::True => self.add(Expr::Literal(Literal::Bool(true)), node),
            Kind::False => self.add(Expr::Literal(Literal::Bool(false)), node),
            Kind::Null => self.add(Expr::Literal(Literal::Null), node),
            Kind::Undefined => self.undefined(node),
            Kind::Template => self.template(node),
            Kind::Object => self.object(node),
            Kind::Array => self.array(node),
            Kind::Arrow | Kind::FunctionExpression | Kind::GeneratorExpression => self.function_expression(node),
            Kind::Class => self.class_expression(node),
            Kind::Assignment => self.assignment(node),
            Kind::Augmented => self.augmented(node),
            Kind::Update => self.update(node),
            Kind::Binary => self.binary(node),
            Kind::Unary => self.unary(node),
            Kind::Ternary => self.ternary(node),
            Kind::Await => self.awaited(node),
            Kind::Yield => self.yielded(node),
            Kind::Sequence => self.sequence(node),
            Kind::JsxElement | Kind::JsxSelfClosing => self.jsx(node),
            Kind::Meta if self.text(node) == "import.meta" => self.add(Expr::Name("import.meta".into()), node),
            Kind::Regex => self.regex(node),
            Kind::Meta => self.add(Expr::Opaque(Vec::new()), node),
            Kind::Import => self.name("import".into(), node),
            kind if Self::is_statement(kind) => self.statements_as_expr(node),
            _ => self.opaque(node),
        }
    }

    /// Any other node: whatever can be evaluated in it is evaluated.
    pub(super) fn opaque(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let parts = children.named().filter(|child| !Self::is_inert(child.kind)).map(|child| self.expr(child.node)).collect();
        self.add(Expr::Opaque(parts), node)
    }

    /// Nodes in which nothing can run.
    const fn is_inert(kind: Kind) -> bool {
        matches!(
            kind,
            Kind::Property
                | Kind::PrivateProperty
                | Kind::StatementIdentifier
                | Kind::Fragment
                | Kind::Escape
                | Kind::TypeAnnotation
                | Kind::TypeArguments
                | Kind::TypeParameters
                | Kind::Interface
                | Kind::TypeAlias
                | Kind::Accessibility
                | Kind::OverrideModifier
                | Kind::JsxText
                | Kind::JsxClosing
        )
    }

    fn unary(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let Some(argument) = children.field(Field::Argument) else { return self.opaque(node) };
        let operator = children.field(Field::Operator).map_or("", |operator| operator.kind());
        let argument = self.bare(argument);
        match (operator, self.kind(argument)) {
            // `void 0` and `!0` are how minifiers write `undefined` and `true`.
            ("void", Kind::Number) => self.undefined(node),
            ("!", Kind::Number) => self.add(Expr::Literal(Literal::Bool(self.text(argument) == "0")), node),
            ("-", Kind::Number) => self.number(&format!("-{}", self.text(argument)), node),
            ("!", _) => {
                let operand = self.expr(argument);
                self.add(Expr::Not(operand), node)
            }
            _ => {
                let operand = self.expr(argument);
                self.add(Expr::Opaque(vec![operand]), node)
            }
        }
    }

    fn awaited(&mut self, node: Node<'a>) -> ExprId {
        match self.children(node).first() {
            Some(operand) => {
                let operand = self.expr(operand);
                self.add(Expr::Await(operand), node)
            }
            None => self.add(Expr::Missing, node),
        }
    }

    fn yielded(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let value = children.first().map(|value| self.expr(value));
        let delegate = children.has(Kind::TokenStar);
        match value {
            Some(value) if self.context.yield_awaits => self.add(Expr::Await(value), node),
            value => {
                self.builder.frame.yields = true;
                self.add(Expr::Yield { value, delegate }, node)
            }
        }
    }

    /// `a, b, c` as `[a, b, c][2]`: all are evaluated, the last is the value, and nothing nests.
    fn sequence(&mut self, node: Node<'a>) -> ExprId {
        let parts: Vec<_> = self.children(node).named().map(|child| child.node).collect();
        if let [only] = parts[..] {
            return self.expr(only);
        }
        let last = parts.len().saturating_sub(1).to_string();
        let items = parts.into_iter().map(|part| Element::Item(self.expr(part))).collect();
        let object = self.add(Expr::Sequence { items }, node);
        let index = self.number(&last, node);
        self.add(Expr::Index { object, index }, node)
    }

    /// `x++` as an expression has the new value; one off, which no name depends on.
    fn update(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let Some(argument) = children.field(Field::Argument) else { return self.opaque(node) };
        let op = Self::step_op(&children);
        let (target, left) = self.place(argument);
        let right = self.number("1", node);
        let value = self.add(Expr::Binary { op, left, right }, node);
        self.add(Expr::Assign { target: Box::new(target), value }, node)
    }

    /// The operation of `++` and `--`.
    pub(super) fn step_op(children: &Children<'a>) -> BinaryOp {
        let increments = children.field(Field::Operator).is_some_and(|operator| operator.kind() == "++");
        if increments { BinaryOp::Add } else { BinaryOp::Other }
    }

    /// A place that is first read and then written: as a pattern and as the expression that reads it.
    pub(super) fn place(&mut self, node: Node<'a>) -> (Pattern, ExprId) {
        let mut pattern = self.pattern(node);
        let read = match &mut pattern {
            Pattern::Name(name) => Expr::Name(name.clone()),
            Pattern::Member { object, name } => {
                let (read, written) = self.builder.used_twice(*object, span(node));
                *object = written;
                Expr::Member { object: read, name: name.clone() }
            }
            Pattern::Index { object, index } => {
                let (read, written) = self.builder.used_twice(*object, span(node));
                let (read_at, written_at) = self.builder.used_twice(*index, span(node));
                (*object, *index) = (written, written_at);
                Expr::Index { object: read, index: read_at }
            }
            Pattern::Object { .. } | Pattern::Sequence(_) | Pattern::Ignore => Expr::Missing,
        };
        let read = self.add(read, node);
        (pattern, read)
    }

    /// The short-circuit operator with a spelling.
    pub(super) fn logical_op(text: &str) -> Option<LogicalOp> {
        match text {
            "&&" => Some(LogicalOp::And),
            "||" => Some(LogicalOp::Or),
            "??" => Some(LogicalOp::Coalesce),
            _ => None,
        }
    }

    /// The comparison with a spelling.
    pub(super) fn compare_op(text: &str) -> Option<CompareOp> {
        match text {
            "==" => Some(CompareOp::Equal),
            "!=" => Some(CompareOp::NotEqual),
            "===" => Some(CompareOp::Identical),
            "!==" => Some(CompareOp::NotIdentical),
            "in" => Some(CompareOp::In),
            "<" | "<=" | ">" | ">=" | "instanceof" => Some(CompareOp::Other),
            _ => None,
        }
    }
}
