//! Expressions.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{BinaryOp, CompareOp, Element, Expr, Literal, LogicalOp, Pattern};
use crate::syntax::{Child, Children, span_of};

/// One link of a chain that leans to the left.
struct Link<'t> {
    node: Node<'t>,
    kind: Kind,
    kids: Children<'t>,
}

impl<'t> Lowering<'t> {
    /// An expression of the function being built.
    pub(super) fn expr(&mut self, node: Node<'t>) -> ExprId {
        let kind = self.kind(node);
        match kind {
            Kind::Identifier => self.variable(node),
            Kind::String | Kind::ConcatenatedString => {
                self.deeper(node, |this| this.string(node)).unwrap_or_else(|| self.missing(node))
            }
            Kind::None => self.add(Expr::Literal(Literal::Null), node),
            Kind::True => self.add(Expr::Literal(Literal::Bool(true)), node),
            Kind::False => self.add(Expr::Literal(Literal::Bool(false)), node),
            Kind::Integer | Kind::Float => self.number(node),
            Kind::Ellipsis => self.add(Expr::Opaque(Vec::new()), node),
            _ => self.deeper(node, |this| this.compound(node, kind)).unwrap_or_else(|| self.missing(node)),
        }
    }

    /// The expression of a child in a field, if it is there.
    pub(super) fn expr_in(&mut self, kids: &[Child<'t>], field: Field) -> Option<ExprId> {
        self.in_field(kids, field).map(|node| self.expr(node))
    }

    /// An expression that may be absent from a broken form.
    pub(super) fn expr_or_missing(&mut self, node: Option<Node<'t>>, at: Node<'t>) -> ExprId {
        match node {
            Some(node) => self.expr(node),
            None => self.missing(at),
        }
    }

    fn compound(&mut self, node: Node<'t>, kind: Kind) -> ExprId {
        match kind {
            Kind::Attribute
            | Kind::BinaryOperator
            | Kind::BooleanOperator
            | Kind::Call
            | Kind::ParenthesizedExpression
            | Kind::Subscript => self.chain(node),
            Kind::AsPattern => self.named_as(node),
            Kind::Await => self.awaited(node),
            Kind::ComparisonOperator => self.comparison(node),
            Kind::ConditionalExpression => self.conditional(node),
            Kind::Dictionary => self.dictionary(node),
            Kind::DictionaryComprehension | Kind::GeneratorExpression | Kind::ListComprehension | Kind::SetComprehension => {
                self.comprehension(node)
            }
            Kind::DottedName => self.dotted_name(node),
            Kind::Lambda => self.lambda(node, "<lambda>"),
            Kind::ExpressionList
            | Kind::List
            | Kind::ListPattern
            | Kind::PatternList
            | Kind::Set
            | Kind::Tuple
            | Kind::TuplePattern => self.collection(node),
            Kind::NamedExpression => self.walrus(node),
            Kind::NotOperator => self.negation(node),
            Kind::Type => self.annotation(node),
            Kind::UnaryOperator => self.unary(node),
            Kind::Yield => self.yielded(node),
            kind if kind.is_statement() => {
                self.set_aside.push(node);
                self.missing(node)
            }
            _ => self.opaque(node),
        }
    }

    /// Something without meaning for the analysis whose parts still run.
    pub(super) fn opaque(&mut self, node: Node<'t>) -> ExprId {
        let parts = self.kids(node).iter().map(|child| self.expr(child.node)).collect();
        self.add(Expr::Opaque(parts), node)
    }

    pub(super) fn missing(&mut self, node: Node<'t>) -> ExprId {
        self.add(Expr::Missing, node)
    }

    pub(super) fn number(&mut self, node: Node<'t>) -> ExprId {
        let text = self.name(node);
        self.add(Expr::Literal(Literal::Number(text)), node)
    }

    /// A variable that is read.
    pub(super) fn variable(&mut self, node: Node<'t>) -> ExprId {
        let name = self.text(node);
        if name.is_empty() {
            return self.missing(node);
        }
        let other = self.renamed.iter().rev().find(|(from, _)| from == name).and_then(|(_, to)| to.clone());
        self.add(Expr::Name(other.unwrap_or_else(|| SmolStr::new(name))), node)
    }

    /// Unrolls `a.b(c)[d] + e` from its leftmost part on.
    fn chain(&mut self, node: Node<'t>) -> ExprId {
        let mut links: Vec<Link<'t>> = Vec::new();
        let mut at = node;
        loop {
            let kind = self.kind(at);
            let first = match kind {
                Kind::Attribute => Field::Object,
                Kind::Call => Field::Function,
                Kind::Subscript => Field::Value,
                Kind::BinaryOperator | Kind::BooleanOperator => Field::Left,
                Kind::ParenthesizedExpression => Field::Other,
                _ => break,
            };
            let kids = self.kids_and_tokens(at);
            let next = kids.iter().find(|child| self.kind(child.node) != Kind::Token && self.kinds.field(child) == first);
            let Some(next) = next.map(|child| child.node) else { break };
            links.push(Link { node: at, kind, kids });
            at = next;
        }
        let mut value = if links.is_empty() { self.opaque(at) } else { self.expr_or_opaque(at) };
        for link in links.iter().rev() {
            value = self.link(link, value);
        }
        value
    }

    /// The innermost part of a chain; one that is a broken link itself must not be unrolled again.
    fn expr_or_opaque(&mut self, node: Node<'t>) -> ExprId {
        match self.kind(node) {
            Kind::Attribute
            | Kind::BinaryOperator
            | Kind::BooleanOperator
            | Kind::Call
            | Kind::ParenthesizedExpression
            | Kind::Subscript => self.deeper(node, |this| this.opaque(node)).unwrap_or_else(|| self.missing(node)),
            _ => self.expr(node),
        }
    }

    fn link(&mut self, link: &Link<'t>, left: ExprId) -> ExprId {
        let node = link.node;
        match link.kind {
            Kind::Attribute => match self.in_field(&link.kids, Field::Attribute) {
                Some(name) if name.start_byte() < name.end_byte() => {
                    let name = self.name(name);
                    self.add(Expr::Member { object: left, name }, node)
                }
                _ => left,
            },
            Kind::Call => self.call(node, &link.kids, left),
            Kind::Subscript => self.subscript(node, &link.kids, left),
            Kind::BinaryOperator => {
                let op = self.operator(&link.kids);
                let Some(right) = self.expr_in(&link.kids, Field::Right) else { return left };
                self.add(Expr::Binary { op, left, right }, node)
            }
            Kind::BooleanOperator => {
                let op = match self.in_field(&link.kids, Field::Operator).map(|token| self.text(token)) {
                    Some("or") => LogicalOp::Or,
                    _ => LogicalOp::And,
                };
                let Some(right) = self.expr_in(&link.kids, Field::Right) else { return left };
                self.add(Expr::Logical { op, left, right }, node)
            }
            _ => left,
        }
    }

    /// The operator of a binary operation or augmented assignment.
    pub(super) fn operator(&self, kids: &[Child<'t>]) -> BinaryOp {
        match self.in_field(kids, Field::Operator).map(|token| self.text(token)) {
            Some("+" | "+=") => BinaryOp::Add,
            Some("%" | "%=") => BinaryOp::Mod,
            Some("|" | "|=") => BinaryOp::Union,
            Some("/" | "/=") => BinaryOp::Div,
            _ => BinaryOp::Other,
        }
    }

    fn subscript(&mut self, node: Node<'t>, kids: &[Child<'t>], object: ExprId) -> ExprId {
        let keys: Vec<_> =
            kids.iter().filter(|child| self.kinds.field(child) == Field::Subscript).map(|child| child.node).collect();
        match keys.as_slice() {
            [] => object,
            [key] if self.kind(*key) == Kind::Slice => self.slice(node, *key, object),
            _ => {
                let index = self.index(node, &keys);
                self.add(Expr::Index { object, index }, node)
            }
        }
    }

    /// The key of `x[key]`; several are a tuple.
    pub(super) fn index(&mut self, node: Node<'t>, keys: &[Node<'t>]) -> ExprId {
        let keys = keys.iter().map(|key| self.expr(*key)).collect();
        self.one_or_tuple(keys, node)
    }

    /// One value as it is, several as a tuple.
    pub(super) fn one_or_tuple(&mut self, values: Vec<ExprId>, node: Node<'t>) -> ExprId {
        if let [value] = values.as_slice() {
            return *value;
        }
        let items = values.into_iter().map(Element::Item).collect();
        self.add(Expr::Sequence { items }, node)
    }

    fn slice(&mut self, node: Node<'t>, slice: Node<'t>, object: ExprId) -> ExprId {
        let mut bounds = [None; 3];
        let mut colons = 0;
        for child in self.kids_and_tokens(slice) {
            if self.kind(child.node) != Kind::Token {
                bounds[colons] = Some(self.expr(child.node));
            } else if self.text(child.node) == ":" {
                colons = (colons + 1).min(2);
            }
        }
        if let [start, end, None] = bounds {
            return self.add(Expr::Slice { object, start, end }, node);
        }
        let parts = std::iter::once(object).chain(bounds.into_iter().flatten()).collect();
        self.add(Expr::Opaque(parts), node)
    }

    fn dotted_name(&mut self, node: Node<'t>) -> ExprId {
        let mut value = None;
        for child in self.kids(node) {
            let name = self.name(child.node);
            value = Some(match value {
                None => self.variable(child.node),
                Some(object) => self.add(Expr::Member { object, name }, node),
            });
        }
        value.unwrap_or_else(|| self.missing(node))
    }

    /// `value as target` outside of the statements that define it.
    fn named_as(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let Some(value) = kids.first().map(|child| self.expr(child.node)) else { return self.missing(node) };
        match kids.get(1) {
            Some(target) => {
                let target = Box::new(self.pattern(target.node));
                self.add(Expr::Assign { target, value }, node)
            }
            None => value,
        }
    }

    fn awaited(&mut self, node: Node<'t>) -> ExprId {
        let Some(child) = self.kids(node).first().copied() else { return self.missing(node) };
        let operand = self.expr(child.node);
        self.add(Expr::Await(operand), node)
    }

    fn negation(&mut self, node: Node<'t>) -> ExprId {
        let Some(child) = self.kids(node).first().copied() else { return self.missing(node) };
        let operand = self.expr(child.node);
        self.add(Expr::Not(operand), node)
    }

    fn unary(&mut self, node: Node<'t>) -> ExprId {
        let text = self.text(node);
        match self.kids(node).first() {
            Some(child) if text.starts_with('-') && matches!(self.kind(child.node), Kind::Integer | Kind::Float) => {
                let number = smol_str::format_smolstr!("-{}", self.text(child.node));
                self.add(Expr::Literal(Literal::Number(number)), node)
            }
            Some(child) => {
                let operand = self.expr(child.node);
                self.add(Expr::Opaque(vec![operand]), node)
            }
            None => self.missing(node),
        }
    }

    fn yielded(&mut self, node: Node<'t>) -> ExprId {
        self.builder.frame.yields = true;
        let mut value = None;
        let mut delegate = false;
        for child in self.kids_and_tokens(node) {
            if self.kind(child.node) != Kind::Token {
                value = Some(self.expr(child.node));
            } else if self.text(child.node) == "from" {
                delegate = true;
            }
        }
        self.add(Expr::Yield { value, delegate }, node)
    }

    fn conditional(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let [then, cond, otherwise] = kids.as_slice() else { return self.opaque(node) };
        let (cond, then, otherwise) = (self.expr(cond.node), self.expr(then.node), self.expr(otherwise.node));
        self.add(Expr::Conditional { cond, then, otherwise }, node)
    }

    fn walrus(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let Some(value) = self.expr_in(&kids, Field::Value) else { return self.opaque(node) };
        let Some(target) = self.in_field(&kids, Field::Name) else { return value };
        let name = self.name(target);
        self.builder.declare(&name);
        self.add(Expr::Assign { target: Box::new(Pattern::Name(name)), value }, node)
    }

    /// `a < b`, and `a < b < c` as `a < b and b < c`.
    fn comparison(&mut self, node: Node<'t>) -> ExprId {
        let mut result: Option<ExprId> = None;
        let mut left: Option<ExprId> = None;
        let mut op = CompareOp::Other;
        let kids = self.kids_and_tokens(node);
        for (position, child) in kids.iter().enumerate() {
            if self.kinds.field(child) == Field::Operators {
                op = compare_op(self.text(child.node));
                continue;
            }
            if self.kind(child.node) == Kind::Token {
                continue;
            }
            let operand = self.expr(child.node);
            let is_last = position + 1 == kids.len();
            // An operand in the middle runs once.
            let (here, later) = if left.is_none() || is_last {
                (operand, operand)
            } else {
                self.builder.used_twice(operand, span_of(child.node))
            };
            if let Some(left) = left {
                let compared = self.add(Expr::Compare { op, left, right: here }, node);
                result = Some(match result {
                    None => compared,
                    Some(before) => self.add(Expr::Logical { op: LogicalOp::And, left: before, right: compared }, node),
                });
            }
            left = Some(later);
        }
        result.or(left).unwrap_or_else(|| self.missing(node))
    }
}

fn compare_op(text: &str) -> CompareOp {
    match text {
        "==" | "is" => CompareOp::Equal,
        "!=" | "<>" => CompareOp::NotEqual,
        "in" => CompareOp::In,
        _ if text.starts_with("is") => CompareOp::NotEqual,
        _ if text.starts_with("not") => CompareOp::NotIn,
        _ => CompareOp::Other,
    }
}
