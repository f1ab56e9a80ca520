//! Functions, methods and their parameters.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::kinds::{Field, Kind};
use super::node::{Children, span};
use super::{Context, Lowerer};
use crate::ids::{ClassId, ExprId, FuncId};
use crate::ir::{Block, Expr, Param, ParamKind, Pattern, Receiver, Role, Stmt};
use crate::lower::ctx::Signature;

/// What is known about a function before its code is looked at.
#[derive(Default)]
pub(super) struct Definition {
    /// Its name, in the frame of the function around it.
    pub(super) name: SmolStr,
    /// The class that it is a method of.
    pub(super) owner: Option<ClassId>,
    /// What decorates it.
    pub(super) decorators: Vec<ExprId>,
    /// Whether it is a generator that stands for an `async` function.
    pub(super) compiled_async: bool,
}

impl<'a> Lowerer<'a> {
    /// Defines the function that a statement declares, if it does.
    pub(super) fn hoisted_function(&mut self, node: Node<'a>, out: &mut Block) {
        match self.kind(node) {
            Kind::Function | Kind::Generator => self.function_declaration(node, out),
            Kind::Export => {
                if let Some(declaration) = self.child(node, Field::Declaration)
                    && matches!(self.kind(declaration), Kind::Function | Kind::Generator)
                {
                    self.function_declaration(declaration, out);
                }
            }
            Kind::Labeled => {
                if let Some(body) = self.child(node, Field::Body)
                    && self.kind(body) == Kind::Function
                {
                    self.function_declaration(body, out);
                }
            }
            _ => {}
        }
    }

    fn function_declaration(&mut self, node: Node<'a>, out: &mut Block) {
        if !self.enter(node) {
            return;
        }
        let name = self.child(node, Field::Name).map(|name| self.resolve(name)).unwrap_or_default();
        self.scopes.define(&name);
        let function = self.function(node, Definition { name, ..Definition::default() });
        self.push(Stmt::DefineFunction(function), out);
        self.leave();
    }

    /// An arrow function or function expression. Its own name, if it has and uses one, is a variable of the function around it.
    pub(super) fn function_expression(&mut self, node: Node<'a>) -> ExprId {
        let hint = self.context.name_hint.take();
        let own_name = self.child(node, Field::Name).map(|name| SmolStr::from(self.text(name)));
        let name = hint.or_else(|| own_name.clone()).unwrap_or_else(|| "<lambda>".into());
        let definition = Definition { name, ..Definition::default() };
        let local = own_name.map(|own_name| self.enter_own_name_scope(&own_name));
        let function = self.function(node, definition);
        self.named_by_itself(Expr::Function(function), local, node)
    }

    /// A function or class expression, assigned to its own name if that was used within.
    pub(super) fn named_by_itself(&mut self, expr: Expr, local: Option<SmolStr>, node: Node<'a>) -> ExprId {
        let value = self.add(expr, node);
        let Some(local) = local.filter(|_| self.leave_own_name_scope()) else { return value };
        self.builder.declare(&local);
        self.add(Expr::Assign { target: Box::new(Pattern::Name(local)), value }, node)
    }

    /// A method of an object literal.
    pub(super) fn method_function(&mut self, node: Node<'a>, children: &Children<'a>) -> FuncId {
        let name = children.field(Field::Name).and_then(|name| self.property_name(name));
        self.function(node, Definition { name: name.unwrap_or_else(|| "<computed>".into()), ..Definition::default() })
    }

    /// Any function.
    pub(super) fn function(&mut self, node: Node<'a>, definition: Definition) -> FuncId {
        let children = self.children(node);
        let kind = self.kind(node);
        let id = self.builder.open(None);
        let params = self.parameters(&children);
        let context = Context { yield_awaits: definition.compiled_async, ..Context::default() };
        let (params, body) = self.in_new_context(context, |lowerer| lowerer.function_code(&params, &children));
        let is_generator = matches!(kind, Kind::Generator | Kind::GeneratorExpression)
            || (kind == Kind::Method && children.has_before(Kind::TokenStar, Field::Name));
        if is_generator && !definition.compiled_async {
            self.builder.frame.yields = true;
        }
        let is_lexical = kind == Kind::Arrow || definition.compiled_async;
        let signature = Signature {
            name: definition.name,
            span: span(node),
            params,
            role: if kind == Kind::Method { Self::role(&children, definition.owner) } else { Role::Plain },
            receiver: if is_lexical { Receiver::Lexical } else { Receiver::This },
            owner: definition.owner,
            decorators: definition.decorators,
        };
        self.builder.close(id, signature, body);
        id
    }

    fn role(children: &Children<'a>, owner: Option<ClassId>) -> Role {
        let before = |kind| children.has_before(kind, Field::Name);
        if owner.is_none() {
            Role::Plain
        } else if before(Kind::TokenGet) || before(Kind::TokenStaticGet) {
            Role::Getter
        } else if before(Kind::TokenSet) {
            Role::Setter
        } else if before(Kind::TokenStatic) {
            Role::Static
        } else {
            Role::Plain
        }
    }

    fn parameters(&mut self, children: &Children<'a>) -> Vec<Node<'a>> {
        if let Some(parameters) = children.field(Field::Parameters) {
            return self.children(parameters).named().map(|child| child.node).collect();
        }
        children.field(Field::Parameter).into_iter().collect()
    }

    fn function_code(&mut self, params: &[Node<'a>], children: &Children<'a>) -> (Vec<Param>, Block) {
        let body = children.field(Field::Body);
        let is_block = body.is_some_and(|body| self.kind(body) == Kind::Block);
        let statements: Vec<_> = match body {
            Some(body) if is_block => self.children(body).named().map(|child| child.node).collect(),
            _ => Vec::new(),
        };
        let variables = self.enter_function_scope(params, &statements);
        let mut code = Block::new();
        let params = params.iter().filter_map(|param| self.parameter(*param, &mut code)).collect();
        self.empty_variables(variables, &statements, &mut code);
        self.statements(&statements, &mut code);
        if let Some(body) = body.filter(|_| !is_block) {
            let value = self.value(body, &mut code);
            self.push(Stmt::Return(Some(value)), &mut code);
        }
        self.leave_function_scope();
        (params, code)
    }

    /// A parameter; `this` is none. What stands in a region that did not parse is evaluated when the function starts.
    fn parameter(&mut self, node: Node<'a>, code: &mut Block) -> Option<Param> {
        let kind = self.kind(node);
        let (pattern, default, annotation) = match kind {
            Kind::RequiredParameter | Kind::OptionalParameter => {
                let children = self.children(node);
                let pattern = children.field(Field::Pattern)?;
                if self.kind(pattern) == Kind::This {
                    return None;
                }
                if children.has(Kind::Accessibility) || children.has(Kind::TokenReadonly) || children.has(Kind::OverrideModifier)
                {
                    self.parameter_property(pattern, code);
                }
                (pattern, children.field(Field::Value), children.field(Field::Type))
            }
            Kind::AssignmentPattern => {
                let children = self.children(node);
                (children.field(Field::Left)?, children.field(Field::Right), None)
            }
            Kind::Error => {
                self.stmt(node, code);
                return None;
            }
            _ => (node, None, None),
        };
        let (pattern, kind) = match self.kind(pattern) {
            Kind::RestPattern => (self.children(pattern).first()?, ParamKind::RestList),
            _ => (pattern, ParamKind::Normal),
        };
        let default = default.map(|default| self.named_value(pattern, default));
        let annotation = annotation.and_then(|annotation| self.annotation(annotation));
        let decorators: Vec<_> = self.children(node).fields(Field::Decorator).collect();
        let annotation = self.with_decorators(&decorators, annotation, node);
        Some(Param { pattern: self.pattern(pattern), default, kind, annotation })
    }

    /// TypeScript's `constructor(private x)` assigns `this.x = x`.
    fn parameter_property(&mut self, pattern: Node<'a>, code: &mut Block) {
        let object = self.name("this".into(), pattern);
        let value = self.expr(pattern);
        let pattern_member = Pattern::Member { object, name: self.text(pattern).into() };
        self.push(Stmt::Bind { pattern: pattern_member, value, annotation: None }, code);
    }
}
