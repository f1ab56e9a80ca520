//! Regions that did not parse. The grammar leaves their pieces side by side, `client . get (` and what follows; calls whose
//! parenthesis was never closed are put together again, since a call must not be lost.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Kind, Lowering};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, Block, CallKind, Expr, Stmt};

/// What was read of a broken region so far.
#[derive(Default)]
struct Region<'t> {
    /// Calls whose closing parenthesis was not met yet.
    open: Vec<(ExprId, Vec<Argument>, Node<'t>)>,
    /// The expression before the current piece.
    last: Option<Node<'t>>,
    /// The name before `=` in an open call.
    keyword: Option<SmolStr>,
    /// Whether the piece before was `def` or `class`, so that a name follows that is not used.
    defines: bool,
}

impl<'t> Lowering<'t> {
    /// Lowers what was set aside as statements, until nothing is left.
    pub(super) fn lower_set_aside(&mut self, out: &mut Block) {
        while !self.set_aside.is_empty() {
            for node in std::mem::take(&mut self.set_aside) {
                if self.kind(node) == Kind::Error {
                    self.region(node, out);
                } else {
                    self.stmt(node, out);
                }
            }
        }
    }

    fn region(&mut self, node: Node<'t>, out: &mut Block) {
        let mut region = Region::default();
        for child in self.kids_and_tokens(node) {
            let kind = self.kind(child.node);
            if kind == Kind::Token {
                self.region_token(child.node, &mut region, out);
            } else if kind.is_statement() {
                self.close_region(&mut region, out);
                self.stmt(child.node, out);
            } else {
                self.place(&mut region, out);
                region.last = (!region.defines).then_some(child.node);
                region.defines = false;
            }
        }
        self.close_region(&mut region, out);
    }

    fn region_token(&mut self, node: Node<'t>, region: &mut Region<'t>, out: &mut Block) {
        let token = self.text(node);
        region.defines = matches!(token, "def" | "class");
        match (token, region.last) {
            ("(", Some(callee)) if matches!(self.kind(callee), Kind::Identifier | Kind::Attribute | Kind::Call) => {
                region.last = None;
                // The keyword belongs to the call that is opened here, and is lost with it.
                region.keyword = None;
                let value = self.expr(callee);
                region.open.push((value, Vec::new(), callee));
            }
            ("=", Some(name)) if !region.open.is_empty() && self.kind(name) == Kind::Identifier => {
                region.last = None;
                region.keyword = Some(self.name(name));
            }
            (")", _) => {
                self.place(region, out);
                self.close_call(region, out);
            }
            _ => self.place(region, out),
        }
    }

    /// Puts the last expression where it belongs: into the innermost open call, or among the statements.
    fn place(&mut self, region: &mut Region<'t>, out: &mut Block) {
        let Some(node) = region.last.take() else { return };
        let keyword = region.keyword.take();
        match region.open.last_mut() {
            Some((_, args, _)) => {
                let mut argument = self.argument(node);
                if let Some(name) = keyword {
                    argument.kind = ArgumentKind::Named(name);
                }
                args.push(argument);
            }
            None => self.evaluate(node, out),
        }
    }

    fn close_call(&mut self, region: &mut Region<'t>, out: &mut Block) {
        let Some((callee, args, node)) = region.open.pop() else { return };
        let value = self.add(Expr::Call { callee, args, kind: CallKind::Call }, node);
        match region.open.last_mut() {
            Some((_, args, _)) => args.push(Argument { kind: ArgumentKind::Positional, value }),
            None => self.emit(Stmt::Evaluate(value), out),
        }
    }

    fn close_region(&mut self, region: &mut Region<'t>, out: &mut Block) {
        self.place(region, out);
        while !region.open.is_empty() {
            self.close_call(region, out);
        }
    }
}
