//! Type annotations: names, members, indices and alternatives; whatever else they hold is opaque.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::written_type::{self, Written};
use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{BinaryOp, Element, Expr, Literal};

impl<'t> Lowering<'t> {
    pub(super) fn annotation(&mut self, node: Node<'t>) -> ExprId {
        self.deeper(node, |this| this.annotation_form(node)).unwrap_or_else(|| self.missing(node))
    }

    fn annotation_form(&mut self, node: Node<'t>) -> ExprId {
        match self.kind(node) {
            Kind::Identifier => self.variable(node),
            Kind::None => self.add(Expr::Literal(Literal::Null), node),
            Kind::Type | Kind::ParenthesizedExpression => match self.kids(node).first() {
                Some(inner) => self.annotation(inner.node),
                None => self.missing(node),
            },
            Kind::Attribute => {
                let kids = self.kids(node);
                let Some(object) = self.in_field(&kids, Field::Object) else { return self.missing(node) };
                let object = self.annotation(object);
                let name = self.in_field(&kids, Field::Attribute).map(|name| self.name(name)).unwrap_or_default();
                self.add(Expr::Member { object, name }, node)
            }
            Kind::MemberType => self.member_type(node),
            Kind::Subscript => {
                let kids = self.kids(node);
                let Some(object) = self.in_field(&kids, Field::Value) else { return self.missing(node) };
                let object = self.annotation(object);
                let keys: Vec<_> =
                    kids.iter().filter(|child| self.kinds.field(child) == Field::Subscript).map(|child| child.node).collect();
                self.indexed_type(node, object, &keys)
            }
            Kind::GenericType => self.generic_type(node),
            Kind::UnionType | Kind::BinaryOperator => self.union_type(node),
            Kind::List | Kind::Tuple => {
                let kids = self.kids(node);
                let items = kids.iter().map(|child| Element::Item(self.annotation(child.node))).collect();
                self.add(Expr::Sequence { items }, node)
            }
            Kind::String => self.quoted_type(node),
            // What a library is told about a field: `Annotated[str, Field(alias="TABLE")]`.
            Kind::Call => self.expr(node),
            _ => {
                let value = self.expr(node);
                self.add(Expr::Opaque(vec![value]), node)
            }
        }
    }

    fn member_type(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let [object, name] = kids.as_slice() else { return self.missing(node) };
        let object = self.annotation(object.node);
        let name = self.name(name.node);
        self.add(Expr::Member { object, name }, node)
    }

    fn generic_type(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let [object, parameters] = kids.as_slice() else { return self.missing(node) };
        let object = self.annotation(object.node);
        let keys: Vec<_> = self.kids(parameters.node).iter().map(|child| child.node).collect();
        self.indexed_type(node, object, &keys)
    }

    fn indexed_type(&mut self, node: Node<'t>, object: ExprId, keys: &[Node<'t>]) -> ExprId {
        let keys = keys.iter().map(|key| self.annotation(*key)).collect();
        let index = self.one_or_tuple(keys, node);
        self.add(Expr::Index { object, index }, node)
    }

    fn union_type(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let [left, right] = kids.as_slice() else { return self.opaque(node) };
        let (left, right) = (self.annotation(left.node), self.annotation(right.node));
        self.add(Expr::Binary { op: BinaryOp::Union, left, right }, node)
    }

    /// `"S3Client"` means what it says; a text that is no type stays a text.
    fn quoted_type(&mut self, node: Node<'t>) -> ExprId {
        let literal = self.string(node);
        let written = match &self.builder.frame.body.exprs[literal] {
            Expr::Literal(Literal::Text(text)) => written_type::parse(text),
            _ => None,
        };
        match written {
            Some(written) => self.written(&written, node),
            None => literal,
        }
    }

    fn written(&mut self, written: &Written, node: Node<'t>) -> ExprId {
        let expr = match written {
            Written::Null => Expr::Literal(Literal::Null),
            Written::Name(path) => return self.dotted(path, node),
            Written::Index(object, keys) => {
                let object = self.written(object, node);
                let keys = keys.iter().map(|key| self.written(key, node)).collect();
                let index = self.one_or_tuple(keys, node);
                Expr::Index { object, index }
            }
            Written::List(items) => {
                let items = items.iter().map(|item| Element::Item(self.written(item, node))).collect();
                Expr::Sequence { items }
            }
            Written::Union(left, right) => {
                let (left, right) = (self.written(left, node), self.written(right, node));
                Expr::Binary { op: BinaryOp::Union, left, right }
            }
        };
        self.add(expr, node)
    }

    fn dotted(&mut self, path: &str, node: Node<'t>) -> ExprId {
        let mut segments = path.split('.').map(SmolStr::new);
        let mut value = self.add(Expr::Name(segments.next().unwrap_or_default()), node);
        for name in segments {
            value = self.add(Expr::Member { object: value, name }, node);
        }
        value
    }
}
