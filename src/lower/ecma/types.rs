//! Type annotations, as far as they name what a value is an instance of.

use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ids::ExprId;
use crate::ir::Expr;

impl<'a> Lowerer<'a> {
    /// `: T`.
    pub(super) fn annotation(&mut self, node: Node<'a>) -> Option<ExprId> {
        let inner = if self.kind(node) == Kind::TypeAnnotation { self.children(node).first()? } else { node };
        Some(self.type_expr(inner))
    }

    fn type_expr(&mut self, node: Node<'a>) -> ExprId {
        if !self.enter(node) {
            return self.add(Expr::Missing, node);
        }
        let id = self.dispatch_type(node);
        self.leave();
        id
    }

    fn dispatch_type(&mut self, node: Node<'a>) -> ExprId {
        match self.kind(node) {
            Kind::TypeIdentifier | Kind::Identifier => {
                let name = self.resolve(node);
                self.name(name, node)
            }
            Kind::NestedType => self.qualified(node, Field::Module, Field::Name),
            Kind::NestedIdentifier => self.qualified(node, Field::Object, Field::Property),
            Kind::Generic => self.generic(node),
            Kind::ParenthesizedType | Kind::ReadonlyType => match self.children(node).first() {
                Some(inner) => self.type_expr(inner),
                None => self.add(Expr::Missing, node),
            },
            Kind::ArrayType => {
                let object = self.name("Array".into(), node);
                match self.children(node).first() {
                    Some(item) => {
                        let index = self.type_expr(item);
                        self.add(Expr::Index { object, index }, node)
                    }
                    None => object,
                }
            }
            Kind::Union => self.union(node),
            Kind::LiteralType => match self.children(node).first() {
                Some(inner) if self.kind(inner) == Kind::String => self.string(inner),
                _ => self.add(Expr::Opaque(Vec::new()), node),
            },
            // `import('x').Y`
            Kind::Member | Kind::Call => self.imported_type(node),
            _ => self.add(Expr::Opaque(Vec::new()), node),
        }
    }

    /// `A.B.C`.
    pub(super) fn qualified(&mut self, node: Node<'a>, object: Field, property: Field) -> ExprId {
        let children = self.children(node);
        let (Some(object), Some(property)) = (children.field(object), children.field(property)) else {
            return self.add(Expr::Missing, node);
        };
        let object = if self.kind(object) == Kind::Member { self.expr(object) } else { self.type_expr(object) };
        self.add(Expr::Member { object, name: self.text(property).into() }, node)
    }

    /// `Base<First, …>` is `Base[First]`.
    fn generic(&mut self, node: Node<'a>) -> ExprId {
        let children = self.children(node);
        let Some(base) = children.field(Field::Name) else { return self.add(Expr::Missing, node) };
        let object = self.type_expr(base);
        let arguments = children.of_kind(Kind::TypeArguments);
        let first = arguments.and_then(|arguments| self.children(arguments).first());
        match first {
            Some(first) => {
                let index = self.type_expr(first);
                self.add(Expr::Index { object, index }, node)
            }
            None => object,
        }
    }

    /// `T | undefined` is `T`; a union of several types says nothing.
    fn union(&mut self, node: Node<'a>) -> ExprId {
        let mut pending = vec![node];
        let mut members = Vec::new();
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Union => pending.extend(self.children(node).named().map(|child| child.node)),
                Kind::LiteralType if matches!(self.text(node), "null" | "undefined") => {}
                _ => members.push(node),
            }
        }
        match members[..] {
            [only] => self.type_expr(only),
            _ => self.add(Expr::Opaque(Vec::new()), node),
        }
    }

    fn imported_type(&mut self, node: Node<'a>) -> ExprId {
        let mut names = Vec::new();
        let mut base = node;
        while self.kind(base) == Kind::Member {
            let children = self.children(base);
            let (Some(object), Some(name)) = (children.field(Field::Object), children.field(Field::Property)) else { break };
            names.push((base, self.text(name)));
            base = object;
        }
        let children = self.children(base);
        let is_import = children.field(Field::Function).is_some_and(|function| self.kind(function) == Kind::Import);
        let specifier = children.field(Field::Arguments).filter(|_| is_import);
        let specifier = specifier.and_then(|arguments| self.children(arguments).first());
        let Some(specifier) = specifier.and_then(|specifier| self.constant_text(specifier)) else {
            return self.add(Expr::Opaque(Vec::new()), node);
        };
        let import = self.import_request(specifier, base, true);
        let mut object = self.add(Expr::Import(import), base);
        for (node, name) in names.into_iter().rev() {
            object = self.add(Expr::Member { object, name: name.into() }, node);
        }
        object
    }
}
