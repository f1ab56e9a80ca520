//! What functions and blocks declare, collected before their code is lowered.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tree_sitter::Node;

use super::Lowerer;
use super::kinds::{Field, Kind};
use crate::ir::{Block, Pattern, Stmt};

impl<'a> Lowerer<'a> {
    /// The names that a pattern binds, in order. Walks with a stack of its own, since patterns may nest without bound.
    pub(super) fn pattern_names(&mut self, pattern: Node<'a>, names: &mut Vec<SmolStr>) {
        let mut pending = vec![pattern];
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Identifier | Kind::ShorthandPattern => names.push(self.text(node).into()),
                Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => pending.extend(self.child(node, Field::Left)),
                Kind::PairPattern => pending.extend(self.child(node, Field::Value)),
                Kind::RequiredParameter | Kind::OptionalParameter => pending.extend(self.child(node, Field::Pattern)),
                Kind::ObjectPattern | Kind::ArrayPattern | Kind::RestPattern | Kind::Error => {
                    pending.extend(self.children(node).named().rev().map(|child| child.node));
                }
                _ => {}
            }
        }
    }

    /// The names that the statements of a block declare in it: `let`, `const`, `using`, functions, classes, enums, namespaces
    /// and imports.
    pub(super) fn block_names(&mut self, block: &[Node<'a>], names: &mut Vec<SmolStr>) {
        for node in block {
            self.declared_names(*node, names);
        }
    }

    fn declared_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        match self.kind(node) {
            Kind::Lexical | Kind::Using => self.declarator_names(node, names),
            Kind::Function | Kind::Generator | Kind::ClassDeclaration | Kind::AbstractClass | Kind::Enum => {
                if let Some(name) = self.child(node, Field::Name) {
                    names.push(self.text(name).into());
                }
            }
            Kind::ExpressionStatement => self.expression_statement_names(node, names),
            Kind::InternalModule | Kind::Module => names.extend(self.namespace_name(node)),
            Kind::ImportStatement => self.import_names(node, names),
            Kind::ImportAlias => names.extend(self.children(node).first().map(|name| self.text(name).into())),
            Kind::Export => self.exported_declaration_names(node, names),
            // `label: function f() {}`
            Kind::Labeled => {
                let body = self.child(node, Field::Body);
                if let Some(body) = body.filter(|&body| self.kind(body) == Kind::Function) {
                    self.declared_names(body, names);
                }
            }
            Kind::Error => self.broken_names(node, names),
            _ => {}
        }
    }

    /// Declarations survive inside of a region that did not parse.
    fn broken_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        for child in self.children(node).named() {
            match child.kind {
                Kind::Lexical | Kind::Using => self.declarator_names(child.node, names),
                Kind::Declarator => {
                    if let Some(name) = self.child(child.node, Field::Name) {
                        self.pattern_names(name, names);
                    }
                }
                Kind::Function | Kind::Generator | Kind::ClassDeclaration | Kind::AbstractClass | Kind::Enum => {
                    names.extend(self.child(child.node, Field::Name).map(|name| SmolStr::from(self.text(name))));
                }
                Kind::ImportStatement => self.import_names(child.node, names),
                _ => {}
            }
        }
    }

    fn exported_declaration_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        let children = self.children(node);
        if let Some(declaration) = children.field(Field::Declaration)
            && self.kind(declaration) != Kind::Export
        {
            self.declared_names(declaration, names);
        }
    }

    fn declarator_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        for child in self.children(node).named() {
            if child.kind == Kind::Declarator
                && let Some(name) = self.child(child.node, Field::Name)
            {
                self.pattern_names(name, names);
            }
        }
    }

    /// TypeScript's grammar reads `namespace A {}` as an expression now and then, and `using x = f()` as an assignment.
    fn expression_statement_names(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        let Some(inner) = self.children(node).first() else { return };
        match self.kind(inner) {
            Kind::InternalModule => names.extend(self.namespace_name(inner)),
            Kind::Assignment | Kind::Await => {
                if let Some(assignment) = self.using_assignment(inner)
                    && let Some(left) = self.child(assignment, Field::Left)
                {
                    self.pattern_names(left, names);
                }
            }
            _ => {}
        }
    }

    /// The assignment that TypeScript's grammar makes of `using x = f()` or `await using x = f()`.
    pub(super) fn using_assignment(&mut self, node: Node<'a>) -> Option<Node<'a>> {
        let assignment = match self.kind(node) {
            Kind::Assignment => node,
            Kind::Await => self.children(node).first().filter(|&inner| self.kind(inner) == Kind::Assignment)?,
            _ => return None,
        };
        // A look at the first child is cheaper than fetching them all: most expression statements come by here.
        let first = assignment.child(0)?;
        (self.kind(first) == Kind::TokenUsing).then_some(assignment)
    }

    /// The names that a statement declares with `using`.
    pub(super) fn names_disposed(&mut self, node: Node<'a>, names: &mut Vec<SmolStr>) {
        match self.kind(node) {
            Kind::Using => self.declarator_names(node, names),
            Kind::ExpressionStatement => {
                let inner = self.children(node).first();
                if let Some(assignment) = inner.and_then(|inner| self.using_assignment(inner))
                    && let Some(left) = self.child(assignment, Field::Left)
                {
                    self.pattern_names(left, names);
                }
            }
            _ => {}
        }
    }

    /// The names that `var` declares anywhere in a function's statements.
    pub(super) fn var_names(&mut self, body: &[Node<'a>], names: &mut Vec<SmolStr>) {
        let mut pending: Vec<Node<'a>> = body.iter().rev().copied().collect();
        while let Some(node) = pending.pop() {
            match self.kind(node) {
                Kind::Variable => self.declarator_names(node, names),
                Kind::ForIn => {
                    let children = self.children(node);
                    if children.has(Kind::TokenVar)
                        && let Some(left) = children.field(Field::Left)
                    {
                        self.pattern_names(left, names);
                    }
                    pending.extend(children.field(Field::Body));
                }
                Kind::If
                | Kind::Else
                | Kind::For
                | Kind::While
                | Kind::Do
                | Kind::Try
                | Kind::Catch
                | Kind::Finally
                | Kind::Labeled
                | Kind::With
                | Kind::Block
                | Kind::Switch
                | Kind::SwitchBody
                | Kind::SwitchCase
                | Kind::SwitchDefault
                | Kind::Error => pending.extend(self.children(node).named().rev().map(|child| child.node)),
                Kind::Export => pending.extend(self.child(node, Field::Declaration)),
                _ => {}
            }
        }
    }

    /// What only `var` declares in a function is `undefined` when the function starts. Said only of those that not every path
    /// gives a value where they are declared.
    pub(super) fn empty_variables(&mut self, variables: Vec<SmolStr>, body: &[Node<'a>], out: &mut Block) {
        if variables.is_empty() {
            return;
        }
        let mut given = Vec::new();
        for node in body {
            if self.kind(*node) != Kind::Variable {
                continue;
            }
            for child in self.children(*node).named() {
                let children = self.children(child.node);
                if let (Some(name), Some(_)) = (children.field(Field::Name), children.field(Field::Value)) {
                    self.pattern_names(name, &mut given);
                }
            }
        }
        let given: FxHashSet<SmolStr> = given.into_iter().collect();
        let Some(first) = body.first() else { return };
        for name in variables.into_iter().filter(|name| !given.contains(name)) {
            let value = self.undefined(*first);
            self.push(Stmt::Bind { pattern: Pattern::Name(name), value, annotation: None }, out);
        }
    }
}
