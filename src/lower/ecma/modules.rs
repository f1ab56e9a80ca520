//! `import` and `export` in all their forms.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use super::node::{Children, span};
use crate::ids::{ExprId, ImportId};
use crate::ir::{Block, Export, Expr, ImportRequest, Pattern, Stmt};

/// The variable that a default export without a name lives in.
const DEFAULT: &str = "default#export";

/// What an import statement binds.
enum Bound<'a> {
    /// The whole module.
    Namespace(Node<'a>),
    /// One name of it.
    Name { local: Node<'a>, name: SmolStr },
}

impl<'a> Lowerer<'a> {
    /// Notes a request for another module.
    pub(super) fn import_request(&mut self, specifier: SmolStr, node: Node<'_>, type_only: bool) -> ImportId {
        self.builder.import(ImportRequest::Specifier(specifier), span(node), type_only)
    }

    /// The names that an import statement declares.
    pub(super) fn import_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        let children = self.children(node);
        if let Some(clause) = children.of_kind(Kind::ImportRequire) {
            names.extend(self.children(clause).first().map(|name| self.text(name).into()));
        }
        for bound in self.bound(&children).0 {
            let (Bound::Namespace(local) | Bound::Name { local, .. }) = bound;
            names.push(self.text(local).into());
        }
    }

    /// What the clause of an import statement binds, and whether all of it is types.
    fn bound(&mut self, children: &Children<'a>) -> (Vec<Bound<'a>>, bool) {
        let mut bound = Vec::new();
        let mut types = 0;
        let Some(clause) = children.of_kind(Kind::ImportClause) else { return (bound, false) };
        let parts: Vec<_> = self.children(clause).named().collect();
        for part in parts {
            match part.kind {
                Kind::Identifier => bound.push(Bound::Name { local: part.node, name: "default".into() }),
                Kind::NamespaceImport => bound.extend(self.children(part.node).first().map(Bound::Namespace)),
                Kind::NamedImports => {
                    let specifiers: Vec<_> = self.children(part.node).named().map(|child| child.node).collect();
                    for specifier in specifiers {
                        let children = self.children(specifier);
                        types += usize::from(children.has(Kind::TokenType) || children.has(Kind::TokenTypeof));
                        bound.extend(self.specifier(&children));
                    }
                }
                _ => {}
            }
        }
        let all_types = types > 0 && types == bound.len();
        (bound, all_types)
    }

    fn specifier(&mut self, children: &Children<'a>) -> Option<Bound<'a>> {
        let name = children.field(Field::Name)?;
        let local = children.field(Field::Alias).unwrap_or(name);
        Some(Bound::Name { local, name: self.external_name(name) })
    }

    /// The name of an export: an identifier, `default`, or a string.
    fn external_name(&mut self, node: Node<'a>) -> SmolStr {
        if self.kind(node) == Kind::String { self.string_text(node) } else { self.text(node).into() }
    }

    /// `import …`: what it binds is there before anything else runs.
    pub(super) fn import_statement(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let is_type = children.has(Kind::TokenType) || children.has(Kind::TokenTypeof);
        let mut code = Block::new();
        if let Some(clause) = children.of_kind(Kind::ImportRequire) {
            self.import_require(clause, is_type, &mut code);
        } else if let Some(source) = children.field(Field::Source) {
            let (bound, all_types) = self.bound(&children);
            let specifier = self.string_text(source);
            let import = self.import_request(specifier.clone(), node, is_type || all_types);
            if bound.is_empty() {
                let value = self.add(Expr::Import(import), node);
                self.push(Stmt::Evaluate(value), &mut code);
            }
            for bound in bound {
                let (local, value) = match bound {
                    Bound::Namespace(local) => (local, self.whole(import, &specifier, local)),
                    Bound::Name { local, name } => (local, self.add(Expr::ImportFrom { import, name }, local)),
                };
                let name = self.text(local).into();
                self.bound.push((import, name));
                self.bind_import(local, value, &mut code);
            }
        } else {
            // Broken code.
            let value = self.opaque(node);
            self.push(Stmt::Evaluate(value), &mut code);
        }
        if self.builder.at_top_level() {
            self.imports.append(&mut code);
        } else {
            out.append(&mut code);
        }
    }

    fn bind_import(&mut self, local: Node<'a>, value: ExprId, out: &mut Block) {
        let pattern = Pattern::Name(self.resolve(local));
        self.push(Stmt::Bind { pattern, value, annotation: None }, out);
    }

    /// `import x = require('y')`.
    fn import_require(&mut self, clause: Node<'a>, is_type: bool, out: &mut Block) {
        let children = self.children(clause);
        if let (Some(local), Some(source)) = (children.first(), children.field(Field::Source)) {
            let specifier = self.string_text(source);
            let import = self.import_request(specifier, clause, is_type);
            let value = self.add(Expr::Import(import), local);
            self.bind_import(local, value, out);
        }
    }

    /// `import x = A.B`.
    pub(super) fn import_alias(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        let (Some(local), Some(target)) = (children.first(), children.named().nth(1)) else { return };
        let value = match target.kind {
            Kind::NestedIdentifier => self.qualified(target.node, Field::Object, Field::Property),
            _ => self.expr(target.node),
        };
        let pattern = Pattern::Name(self.resolve(local));
        self.push(Stmt::Bind { pattern, value, annotation: None }, out);
    }

    /// `export …`.
    pub(super) fn export(&mut self, node: Node<'a>, out: &mut Block) {
        let children = self.children(node);
        if let Some(declaration) = children.field(Field::Declaration) {
            return self.export_declaration(declaration, &children, out);
        }
        let is_type = children.has(Kind::TokenType);
        if let Some(source) = children.field(Field::Source) {
            return self.export_from(source, is_type, &children, node);
        }
        if let Some(clause) = children.of_kind(Kind::ExportClause) {
            return self.export_clause(clause, is_type);
        }
        if let Some(value) = children.field(Field::Value) {
            return self.export_default(value, out);
        }
        if children.has(Kind::TokenEquals)
            && let Some(value) = children.last()
        {
            return self.export_assignment(value, node, out);
        }
        if children.of_kind(Kind::Error).is_some() {
            let value = self.opaque(node);
            self.push(Stmt::Evaluate(value), out);
        }
    }

    fn export_declaration(&mut self, declaration: Node<'a>, children: &Children<'a>, out: &mut Block) {
        let mut names = Vec::new();
        if self.kind(declaration) == Kind::Variable {
            self.var_names(&[declaration], &mut names);
        } else {
            self.block_names(&[declaration], &mut names);
        }
        let is_default = children.has(Kind::TokenDefault);
        for name in names {
            let local = self.scopes.resolve(&name);
            self.export_local(if is_default { "default".into() } else { name }, local);
        }
        match self.kind(declaration) {
            Kind::ClassDeclaration | Kind::AbstractClass => {
                self.class_declaration(declaration, children.fields(Field::Decorator).collect(), out);
            }
            _ => self.stmt(declaration, out),
        }
    }

    /// Function overloads and the parts of a namespace export one name several times.
    fn export_local(&mut self, name: SmolStr, local: SmolStr) {
        let is_same = |export: &Export| matches!(export, Export::Local { name: known, .. } if *known == name);
        if !self.exports.last().is_some_and(is_same) {
            self.exports.push(Export::Local { name, local });
        }
    }

    /// `export { a, b as c } from 'x'`, `export * from 'x'`, `export * as n from 'x'`.
    fn export_from(&mut self, from: Node<'a>, is_type: bool, children: &Children<'a>, node: Node<'a>) {
        let specifier = self.string_text(from);
        let import = self.import_request(specifier.clone(), node, is_type);
        if !is_type {
            let value = self.add(Expr::Import(import), node);
            let mut code = Block::new();
            self.push(Stmt::Evaluate(value), &mut code);
            self.imports.append(&mut code);
        }
        if let Some(clause) = children.of_kind(Kind::ExportClause) {
            for (source, name, type_only) in self.export_specifiers(clause) {
                let import = if type_only && !is_type { self.import_request(specifier.clone(), node, true) } else { import };
                let source = self.external_name(source);
                self.exports.push(Export::From { name, import, source });
            }
        } else if let Some(namespace) = children.of_kind(Kind::NamespaceExport) {
            if let Some(name) = self.children(namespace).first() {
                let name = self.external_name(name);
                self.exports.push(Export::Namespace { name, import });
            }
        } else {
            self.exports.push(Export::All { import });
        }
    }

    /// `export { a, b as c }`. A type that is exported has no variable.
    fn export_clause(&mut self, clause: Node<'a>, is_type: bool) {
        for (local, name, type_only) in self.export_specifiers(clause) {
            let text = self.text(local);
            if (is_type || type_only) && !self.scopes.declares(text) {
                continue;
            }
            let local = self.resolve(local);
            self.export_local(name, local);
        }
    }

    /// What each specifier takes, under which name, and whether it says `type`.
    fn export_specifiers(&mut self, clause: Node<'a>) -> Vec<(Node<'a>, SmolStr, bool)> {
        let specifiers: Vec<_> = self.children(clause).named().map(|child| child.node).collect();
        let mut found = Vec::new();
        for specifier in specifiers {
            let children = self.children(specifier);
            if let Some(local) = children.field(Field::Name) {
                let name = self.external_name(children.field(Field::Alias).unwrap_or(local));
                found.push((local, name, children.has(Kind::TokenType)));
            }
        }
        found
    }

    fn export_default(&mut self, value: Node<'a>, out: &mut Block) {
        let value = self.effects(value, out);
        if self.kind(value) == Kind::Identifier && self.scopes.declares(self.text(value)) {
            let local = self.resolve(value);
            return self.export_local("default".into(), local);
        }
        self.context.name_hint = match self.kind(value) {
            Kind::Arrow | Kind::FunctionExpression | Kind::GeneratorExpression | Kind::Class => Some("default".into()),
            _ => None,
        };
        let value = self.expr(value);
        self.builder.declare(&DEFAULT.into());
        self.push(Stmt::Bind { pattern: Pattern::Name(DEFAULT.into()), value, annotation: None }, out);
        self.export_local("default".into(), DEFAULT.into());
    }

    /// `export = value` is `module.exports = value`.
    fn export_assignment(&mut self, value: Node<'a>, node: Node<'a>, out: &mut Block) {
        let value: ExprId = self.value(value, out);
        let object = self.name("module".into(), node);
        let pattern = Pattern::Member { object, name: "exports".into() };
        self.push(Stmt::Bind { pattern, value, annotation: None }, out);
    }
}
