//! Calls and their arguments, with the two calls that are something else: `super()` and the import functions.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, CallKind, Element, Expr, ImportRequest, Literal};
use crate::syntax::{Child, span_of};

impl<'t> Lowering<'t> {
    pub(super) fn call(&mut self, node: Node<'t>, kids: &[Child<'t>], callee: ExprId) -> ExprId {
        let args = self.in_field(kids, Field::Arguments).map(|node| self.arguments(node)).unwrap_or_default();
        if matches!(&self.builder.frame.body.exprs[callee], Expr::Name(name) if name == "super") {
            return self.add(Expr::Super, node);
        }
        match self.import_call(callee, &args, node) {
            Some(import) => import,
            None => self.add(Expr::Call { callee, args, kind: CallKind::Call }, node),
        }
    }

    fn arguments(&mut self, node: Node<'t>) -> Vec<Argument> {
        if self.kind(node) != Kind::ArgumentList {
            return vec![Argument { kind: ArgumentKind::Positional, value: self.expr(node) }];
        }
        let kids = self.kids(node);
        let mut args = Vec::with_capacity(kids.len());
        for child in &kids {
            args.push(self.argument(child.node));
        }
        args
    }

    pub(super) fn argument(&mut self, node: Node<'t>) -> Argument {
        match self.kind(node) {
            Kind::KeywordArgument => {
                let kids = self.kids(node);
                let name = self.in_field(&kids, Field::Name).map(|name| self.name(name)).unwrap_or_default();
                let value = self.expr_in(&kids, Field::Value).unwrap_or_else(|| self.missing(node));
                Argument { kind: ArgumentKind::Named(name), value }
            }
            Kind::DictionarySplat => {
                let inner = self.kids(node).first().map(|child| child.node);
                let value = self.expr_or_missing(inner, node);
                Argument { kind: ArgumentKind::SpreadMap, value }
            }
            _ => match self.splatted(node) {
                Some(inner) => Argument { kind: ArgumentKind::SpreadList, value: self.expr(inner) },
                None => Argument { kind: ArgumentKind::Positional, value: self.expr(node) },
            },
        }
    }

    /// `importlib.import_module("a.b")` and `__import__("a.b")` with a constant name.
    fn import_call(&mut self, callee: ExprId, args: &[Argument], node: Node<'t>) -> Option<ExprId> {
        let exprs = &self.builder.frame.body.exprs;
        let is_builtin = match &exprs[callee] {
            Expr::Name(name) if name == "__import__" => true,
            Expr::Name(name) if self.import_module.contains(name) => false,
            Expr::Member { object, name } if name == "import_module" => match &exprs[*object] {
                Expr::Name(module) if self.importlib.contains(module) => false,
                _ => return None,
            },
            _ => return None,
        };
        let first = args.first()?;
        let Expr::Literal(Literal::Text(request)) = &exprs[first.value] else { return None };
        let is_name = match &first.kind {
            ArgumentKind::Positional => true,
            ArgumentKind::Named(name) => name == "name",
            _ => false,
        };
        let level = request.bytes().take_while(|byte| *byte == b'.').count();
        let own_package =
            args.get(1).is_some_and(|package| matches!(&exprs[package.value], Expr::Name(name) if name == "__package__"));
        if !is_name || (level > 0 && (is_builtin || !own_package)) {
            return None;
        }
        let segments: Vec<SmolStr> = request[level..].split('.').map(SmolStr::new).collect();
        if !segments.iter().all(|segment| is_identifier(segment)) {
            return None;
        }
        if is_builtin && args.len() == 1 && segments.len() > 1 {
            return Some(self.outermost_package(&segments, node));
        }
        Some(self.import_of(level as u32, segments, node))
    }

    fn import_of(&mut self, level: u32, segments: Vec<SmolStr>, node: Node<'t>) -> ExprId {
        let types_only = self.types_only > 0;
        let import = self.builder.import(ImportRequest::Dotted { level, segments }, span_of(node), types_only);
        self.add(Expr::Import(import), node)
    }

    /// `__import__("a.b")` runs both modules and gives `a`: the first item of a tuple of both.
    fn outermost_package(&mut self, segments: &[SmolStr], node: Node<'t>) -> ExprId {
        let mut items = Vec::new();
        for length in 1..=segments.len() {
            items.push(Element::Item(self.import_of(0, segments[..length].to_vec(), node)));
        }
        let object = self.add(Expr::Sequence { items }, node);
        let index = self.add(Expr::Literal(Literal::Number("0".into())), node);
        self.add(Expr::Index { object, index }, node)
    }
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && chars.all(|next| next == '_' || next.is_alphanumeric())
}
