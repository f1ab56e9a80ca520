//! Functions, lambdas and classes.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::super::ctx::Signature;
use super::handlers::Shape;
use super::{Field, Kind, Lowering};
use crate::ids::{ClassId, ExprId, FuncId, Id as _};
use crate::ir::{Argument, ArgumentKind, Block, Expr, Param, ParamKind, Pattern, Receiver, Role, SequencePatternItem, Stmt};
use crate::syntax::span_of;

/// What a function's decorators say about it.
struct Decorations {
    /// Decorators that are called with the function; those that only say what it is to its class are not among them.
    called: Vec<ExprId>,
    role: Role,
    /// Whether it is what runs when an attribute is deleted; it must not take the getter's place.
    deletes: bool,
}

impl<'t> Lowering<'t> {
    pub(super) fn decorated(&mut self, node: Node<'t>, out: &mut Block) {
        let kids = self.kids(node);
        let mut decorators = Vec::with_capacity(kids.len());
        for child in &kids {
            if self.kind(child.node) == Kind::Decorator {
                decorators.extend(self.kids(child.node).first().map(|inner| inner.node));
            }
        }
        let Some(definition) = self.in_field(&kids, Field::Definition) else {
            for decorator in decorators {
                self.evaluate(decorator, out);
            }
            return;
        };
        match self.kind(definition) {
            Kind::ClassDefinition => {
                let decorators = decorators.iter().map(|decorator| self.expr(*decorator)).collect();
                self.class(definition, node, decorators, out);
            }
            _ => self.function(definition, node, &decorators, out),
        }
    }

    /// `def`; the outer node has the decorators too.
    pub(super) fn function(&mut self, node: Node<'t>, outer: Node<'t>, decorators: &[Node<'t>], out: &mut Block) {
        let kids = self.kids_and_tokens(node);
        let mut name = self.in_field(&kids, Field::Name).map(|name| self.name(name)).unwrap_or_default();
        let owner = self.builder.frame.class;
        let decorations = self.decorations(decorators, owner, &name);
        if decorations.deletes {
            name = smol_str::format_smolstr!("{name}#deleter");
        }
        self.builder.declare(&name);
        let at_top_level = self.builder.at_top_level();

        let id = self.builder.open(None);
        let hidden = std::mem::take(&mut self.renamed);
        let params = self.in_field(&kids, Field::Parameters).map(|params| self.params(params)).unwrap_or_default();
        if at_top_level {
            self.handlers.note_function(&name, &shape(&params));
        }
        let entry = self.block_in(&kids, Field::Body);
        self.renamed = hidden;
        let receiver = if owner.is_some() && decorations.role != Role::Static { Receiver::FirstParam } else { Receiver::Lexical };
        let signature = Signature {
            name,
            span: span_of(outer),
            params,
            role: decorations.role,
            receiver,
            owner,
            decorators: decorations.called,
        };
        self.builder.close(id, signature, entry);
        self.emit(Stmt::DefineFunction(id), out);
    }

    fn decorations(&mut self, decorators: &[Node<'t>], owner: Option<ClassId>, name: &str) -> Decorations {
        let mut found = Decorations { called: Vec::new(), role: Role::Plain, deletes: false };
        if owner.is_some() && matches!(name, "__new__" | "__init_subclass__" | "__class_getitem__") {
            found.role = Role::ClassMethod;
        }
        for decorator in decorators {
            let text = self.text(*decorator);
            let last = text.rsplit('.').next().unwrap_or(text);
            match (last, owner) {
                ("staticmethod", Some(_)) => found.role = Role::Static,
                ("classmethod", Some(_)) => found.role = Role::ClassMethod,
                ("property" | "cached_property" | "abstractproperty", Some(_)) => found.role = Role::Getter,
                ("getter", Some(_)) if last != text => found.role = Role::Getter,
                ("setter", Some(_)) if last != text => found.role = Role::Setter,
                ("deleter", Some(_)) if last != text => found.deletes = true,
                _ => found.called.push(self.expr(*decorator)),
            }
        }
        found
    }

    /// Parameters, inside the function they belong to.
    fn params(&mut self, node: Node<'t>) -> Vec<Param> {
        let kids = self.kids(node);
        let mut params = Vec::with_capacity(kids.len());
        let mut by_name_only = false;
        for child in &kids {
            match self.kind(child.node) {
                Kind::PositionalSeparator => continue,
                Kind::KeywordSeparator => {
                    by_name_only = true;
                    continue;
                }
                _ => {}
            }
            let Some(mut param) = self.param(child.node) else { continue };
            by_name_only |= param.kind == ParamKind::RestList;
            if by_name_only && param.kind == ParamKind::Normal {
                param.kind = ParamKind::Named;
            }
            params.push(param);
        }
        params
    }

    fn param(&mut self, node: Node<'t>) -> Option<Param> {
        match self.kind(node) {
            Kind::DefaultParameter | Kind::TypedDefaultParameter => {
                let kids = self.kids(node);
                let default = self.expr_in(&kids, Field::Value);
                let annotation = self.in_field(&kids, Field::Type).map(|node| self.annotation(node));
                let mut param = self.bare_param(self.in_field(&kids, Field::Name)?)?;
                param.default = default;
                param.annotation = annotation;
                Some(param)
            }
            Kind::TypedParameter => {
                let kids = self.kids(node);
                let annotation = self.in_field(&kids, Field::Type).map(|node| self.annotation(node));
                let mut param = self.bare_param(kids.first()?.node)?;
                param.annotation = annotation;
                Some(param)
            }
            _ => self.bare_param(node),
        }
    }

    fn bare_param(&mut self, node: Node<'t>) -> Option<Param> {
        let (kind, name) = match self.kind(node) {
            Kind::ListSplatPattern => (ParamKind::RestList, self.kids(node).first()?.node),
            Kind::DictionarySplatPattern => (ParamKind::RestMap, self.kids(node).first()?.node),
            Kind::Identifier | Kind::TuplePattern => (ParamKind::Normal, node),
            _ => {
                self.set_aside.push(node);
                return None;
            }
        };
        Some(Param { pattern: self.pattern(name), default: None, kind, annotation: None })
    }

    /// `lambda`, called like the variable it is assigned to.
    pub(super) fn lambda(&mut self, node: Node<'t>, name: &str) -> ExprId {
        let kids = self.kids(node);
        let owner = self.builder.frame.class.filter(|_| name != "<lambda>");
        let id = self.builder.open(None);
        let outside = self.renamed.len();
        let params = self.in_field(&kids, Field::Parameters).map(|params| self.params(params)).unwrap_or_default();
        for param in &params {
            shadow(&param.pattern, &mut self.renamed);
        }
        let mut entry = Block::new();
        if let Some(body) = self.in_field(&kids, Field::Body) {
            let value = self.expr(body);
            self.emit(Stmt::Return(Some(value)), &mut entry);
        }
        self.renamed.truncate(outside);
        let receiver = if owner.is_some() { Receiver::FirstParam } else { Receiver::Lexical };
        let signature = Signature { params, receiver, owner, ..Signature::plain(name.into(), span_of(node)) };
        self.builder.close(id, signature, entry);
        self.add(Expr::Function(id), node)
    }

    /// `class`; the outer node has the decorators too.
    pub(super) fn class(&mut self, node: Node<'t>, outer: Node<'t>, decorators: Vec<ExprId>, out: &mut Block) {
        let kids = self.kids(node);
        let name = self.in_field(&kids, Field::Name).map(|name| self.name(name)).unwrap_or_default();
        let (bases, keywords) = self.in_field(&kids, Field::Superclasses).map(|list| self.bases(list)).unwrap_or_default();
        self.builder.declare(&name);
        let class = self.builder.reserve_class(name.clone(), span_of(outer));
        let body = self.builder.open(Some(class));
        let entry = self.block_in(&kids, Field::Body);
        let frame = self.builder.close(body, Signature::plain(name, span_of(outer)), entry);
        let is_abstract = self.has_abstract_methods(class, body);
        let reserved = &mut self.builder.module.classes[class];
        reserved.bases = bases;
        reserved.keywords = keywords;
        reserved.decorators = decorators;
        reserved.body = body;
        reserved.fields = frame.fields;
        reserved.is_abstract = is_abstract;
        self.emit(Stmt::DefineClass(class), out);
    }

    /// <https://docs.python.org/3/library/abc.html#abc.abstractmethod>
    fn has_abstract_methods(&self, class: ClassId, body: FuncId) -> bool {
        let module = &self.builder.module;
        let exprs = &module.functions[body].body.exprs;
        let is_abstract = |decorator: &ExprId| matches!(&exprs[*decorator], Expr::Name(name) | Expr::Member { name, .. } if name == "abstractmethod");
        module
            .functions
            .iter()
            .skip(body.index())
            .any(|func| func.owner == Some(class) && func.decorators.iter().any(is_abstract))
    }

    /// Base classes, and what is told by name: `metaclass=Registered`.
    fn bases(&mut self, list: Node<'t>) -> (Vec<ExprId>, Vec<(SmolStr, ExprId)>) {
        let kids = self.kids(list);
        let (mut bases, mut keywords) = (Vec::with_capacity(kids.len()), Vec::new());
        for child in &kids {
            match self.kind(child.node) {
                Kind::KeywordArgument => {
                    let Argument { kind, value } = self.argument(child.node);
                    keywords.extend(if let ArgumentKind::Named(name) = kind { Some((name, value)) } else { None });
                }
                _ => bases.push(self.expr(child.node)),
            }
        }
        (bases, keywords)
    }
}

/// The positional parameters, as far as they are names.
fn shape(params: &[Param]) -> Shape<'_> {
    let positional = params.iter().filter(|param| param.kind == ParamKind::Normal);
    Shape {
        required: positional.clone().filter(|param| param.default.is_none()).count(),
        positional: positional.filter_map(|param| name_of(&param.pattern)).collect(),
    }
}

fn name_of(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::Name(name) => Some(name),
        _ => None,
    }
}

/// A lambda's parameters hide the variables of a comprehension around it.
fn shadow(pattern: &Pattern, renamed: &mut Vec<(SmolStr, Option<SmolStr>)>) {
    match pattern {
        Pattern::Name(name) => renamed.push((name.clone(), None)),
        Pattern::Sequence(items) => items.iter().for_each(|SequencePatternItem { pattern, .. }| shadow(pattern, renamed)),
        _ => {}
    }
}
