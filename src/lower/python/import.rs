//! Imports.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Field, Kind, Lowering};
use crate::ids::{ExprId, ImportId};
use crate::ir::{Block, Expr, ImportRequest, Pattern, Stmt};
use crate::syntax::span_of;

impl<'t> Lowering<'t> {
    /// `import a.b.c` runs `a`, `a.b` and `a.b.c` and binds `a`; `import a.b.c as d` binds `a.b.c` to `d`.
    pub(super) fn import(&mut self, node: Node<'t>, out: &mut Block) {
        for child in self.kids(node) {
            let (path, alias) = self.path_and_alias(child.node);
            let Some(first) = path.first().cloned() else { continue };
            if path.len() == 1 && path[0] == "importlib" {
                self.importlib.insert(alias.clone().unwrap_or_else(|| first.clone()));
            }
            let bound = if alias.is_some() { path.len() } else { 1 };
            let local = alias.unwrap_or(first);
            for length in 1..=path.len() {
                let value = self.import_expr(&path[..length], child.node);
                if length == bound {
                    self.bind(local.clone(), value, out);
                } else {
                    self.emit(Stmt::Evaluate(value), out);
                }
            }
        }
    }

    pub(super) fn import_from(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let Some(module) = self.in_field(&kids, Field::ModuleName) else { return };
        let (level, segments) = self.module_name(module);
        let from_importlib = level == 0 && segments.len() == 1 && segments[0] == "importlib";
        let import = self.new_import(level, segments, node);
        for child in &kids {
            if self.kind(child.node) == Kind::WildcardImport {
                self.emit(Stmt::ImportAll(import), out);
            } else if self.kinds.field(child) == Field::Name {
                let (path, alias) = self.path_and_alias(child.node);
                let Some(name) = path.first().cloned() else { continue };
                let local = alias.unwrap_or_else(|| name.clone());
                if from_importlib && name == "import_module" {
                    self.import_module.insert(local.clone());
                }
                let value = self.add(Expr::ImportFrom { import, name }, child.node);
                self.bind(local, value, out);
            }
        }
    }

    fn bind(&mut self, name: SmolStr, value: ExprId, out: &mut Block) {
        self.builder.declare(&name);
        self.emit(Stmt::Bind { pattern: Pattern::Name(name), value, annotation: None }, out);
    }

    fn import_expr(&mut self, path: &[SmolStr], node: Node<'t>) -> ExprId {
        let import = self.new_import(0, path.to_vec(), node);
        self.add(Expr::Import(import), node)
    }

    fn new_import(&mut self, level: u32, segments: Vec<SmolStr>, node: Node<'t>) -> ImportId {
        let types_only = self.types_only > 0;
        self.builder.import(ImportRequest::Dotted { level, segments }, span_of(node), types_only)
    }

    fn path_and_alias(&mut self, node: Node<'t>) -> (Vec<SmolStr>, Option<SmolStr>) {
        if self.kind(node) != Kind::AliasedImport {
            return (self.segments(node), None);
        }
        let kids = self.kids(node);
        let path = self.in_field(&kids, Field::Name).map(|name| self.segments(name)).unwrap_or_default();
        (path, self.in_field(&kids, Field::Alias).map(|alias| self.name(alias)).filter(|alias| !alias.is_empty()))
    }

    fn segments(&mut self, node: Node<'t>) -> Vec<SmolStr> {
        let kids = self.kids(node);
        kids.iter().map(|child| self.name(child.node)).filter(|segment| !segment.is_empty()).collect()
    }

    fn module_name(&mut self, node: Node<'t>) -> (u32, Vec<SmolStr>) {
        if self.kind(node) != Kind::RelativeImport {
            return (0, self.segments(node));
        }
        let level = self.text(node).bytes().take_while(|byte| matches!(byte, b'.' | b' ')).filter(|byte| *byte == b'.').count();
        let name = self.kids(node).iter().find(|child| self.kind(child.node) == Kind::DottedName).map(|child| child.node);
        (level as u32, name.map(|name| self.segments(name)).unwrap_or_default())
    }
}
