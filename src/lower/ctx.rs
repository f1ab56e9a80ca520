//! Building a module: functions under construction are a stack, each with its own arenas and set of local names.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashSet};
use smol_str::SmolStr;

use crate::ids::{ClassId, ExprId, FuncId, Id, ImportId, IndexVec, StmtId};
use crate::ir::{
    Block, Body, Class, ClassField, Exports, Expr, Func, Import, ImportRequest, Module, Param, Pattern, Receiver, Role, Stmt,
};
use crate::span::{SourceFile, Span};

/// A function whose body is being built.
#[derive(Default)]
pub(super) struct Frame {
    /// Its code so far.
    pub(super) body: Body,
    /// Names that were assigned so far, in order.
    declared: IndexSet<SmolStr, FxBuildHasher>,
    /// Names that were said to live further out (`global`, `nonlocal`).
    outer: FxHashSet<SmolStr>,
    /// The class whose body this is.
    pub(super) class: Option<ClassId>,
    /// Annotated fields of that class.
    pub(super) fields: Vec<ClassField>,
    /// Whether a `yield` was seen.
    pub(super) yields: bool,
    /// How many names were made up so far.
    renamed: u32,
}

/// What a function's definition says apart from its code.
pub(super) struct Signature {
    pub(super) name: SmolStr,
    pub(super) span: Span,
    pub(super) params: Vec<Param>,
    pub(super) role: Role,
    pub(super) receiver: Receiver,
    pub(super) owner: Option<ClassId>,
    pub(super) decorators: Vec<ExprId>,
}

impl Signature {
    /// The signature of a function without anything special, that sees the `this` around it.
    pub(super) fn plain(name: SmolStr, span: Span) -> Self {
        Self {
            name,
            span,
            params: Vec::new(),
            role: Role::Plain,
            receiver: Receiver::Lexical,
            owner: None,
            decorators: Vec::new(),
        }
    }
}

/// A module under construction.
pub(super) struct Builder {
    /// What is finished so far.
    pub(super) module: Module,
    /// The function being built.
    pub(super) frame: Frame,
    enclosing: Vec<Frame>,
}

impl Builder {
    /// Starts with the top-level code, which is the first function.
    pub(super) fn new(file: Arc<SourceFile>, exports: Exports) -> Self {
        let span = Span::new(0, file.text.len() as u32);
        let mut functions = IndexVec::default();
        functions.push(placeholder_function("<module>".into(), span));
        let module = Module {
            file,
            imports: IndexVec::default(),
            functions,
            classes: IndexVec::default(),
            exports,
            handlers: Vec::new(),
            plain_default: None,
            makers: Vec::new(),
            made: Vec::new(),
            syntax_errors: Vec::new(),
            directives: Vec::new(),
        };
        Self { module, frame: Frame::default(), enclosing: Vec::new() }
    }

    /// Ends the top-level code.
    pub(super) fn finish(mut self, entry: Block) -> Module {
        let locals = self.frame.locals();
        let top = &mut self.module.functions[FuncId::from_index(0)];
        top.locals = locals;
        top.body = std::mem::take(&mut self.frame.body);
        top.body.entry = entry;
        self.module
    }

    /// Adds an expression to the function being built.
    pub(super) fn expr(&mut self, expr: Expr, span: Span) -> ExprId {
        self.frame.body.expr(expr, span)
    }

    /// Adds a statement to the function being built.
    pub(super) fn stmt(&mut self, stmt: Stmt) -> StmtId {
        self.frame.body.stmt(stmt)
    }

    /// Adds an import.
    pub(super) fn import(&mut self, request: ImportRequest, span: Span, type_only: bool) -> ImportId {
        self.module.imports.push(Import { request, span, type_only, erased: false })
    }

    /// Whether the function being built is the top-level code.
    pub(super) fn at_top_level(&self) -> bool {
        self.enclosing.is_empty()
    }

    /// Notes that a name is assigned here.
    pub(super) fn declare(&mut self, name: &SmolStr) {
        if !self.frame.declared.contains(name) {
            self.frame.declared.insert(name.clone());
        }
    }

    /// Makes up a name for a variable whose scope is smaller than the function's.
    pub(super) fn fresh(&mut self, name: &str) -> SmolStr {
        self.frame.renamed += 1;
        let fresh = smol_str::format_smolstr!("{name}#{}", self.frame.renamed);
        self.declare(&fresh);
        fresh
    }

    /// An expression that is used twice and runs once: unless it is trivial, the first use keeps it in a variable.
    pub(super) fn used_twice(&mut self, expr: ExprId, span: Span) -> (ExprId, ExprId) {
        let mut inner = expr;
        while let Expr::Member { object, .. } = self.frame.body.exprs[inner] {
            inner = object;
        }
        if matches!(self.frame.body.exprs[inner], Expr::Name(_) | Expr::Literal(_) | Expr::Missing) {
            return (expr, expr);
        }
        let name = self.fresh("operand");
        let kept = self.expr(Expr::Assign { target: Box::new(Pattern::Name(name.clone())), value: expr }, span);
        let again = self.expr(Expr::Name(name), span);
        (kept, again)
    }

    /// `nonlocal name`: not this function's, wherever it is assigned.
    pub(super) fn declare_outer(&mut self, name: &SmolStr) {
        self.frame.outer.insert(name.clone());
    }

    /// `global name`: the module's, wherever it is assigned.
    pub(super) fn declare_global(&mut self, name: &SmolStr) {
        if let Some(top) = self.enclosing.first_mut() {
            top.declared.insert(name.clone());
            self.declare_outer(name);
        }
    }

    /// Starts a function: what is added from here on is its code.
    pub(super) fn open(&mut self, class: Option<ClassId>) -> FuncId {
        let id = self.module.functions.push(placeholder_function(SmolStr::default(), Span::default()));
        let frame = Frame { class, ..Frame::default() };
        self.enclosing.push(std::mem::replace(&mut self.frame, frame));
        id
    }

    /// Ends the function started last and returns what is left of its frame.
    pub(super) fn close(&mut self, id: FuncId, signature: Signature, entry: Block) -> Frame {
        let outer = self.enclosing.pop().expect("every close follows its own open");
        let mut frame = std::mem::replace(&mut self.frame, outer);
        let mut body = std::mem::take(&mut frame.body);
        body.entry = entry;
        self.module.functions[id] = Func {
            name: signature.name,
            span: signature.span,
            params: signature.params,
            role: signature.role,
            receiver: signature.receiver,
            owner: signature.owner,
            decorators: signature.decorators,
            locals: frame.locals(),
            is_generator: frame.yields,
            body,
        };
        frame
    }

    /// Reserves a class, so that its methods can name it.
    pub(super) fn reserve_class(&mut self, name: SmolStr, span: Span) -> ClassId {
        self.module.classes.push(Class {
            name,
            span,
            bases: Vec::new(),
            keywords: Vec::new(),
            decorators: Vec::new(),
            body: FuncId::from_index(0),
            instance_init: None,
            fields: Vec::new(),
            is_abstract: false,
        })
    }
}

impl Frame {
    fn locals(&mut self) -> Vec<SmolStr> {
        let outer = &self.outer;
        std::mem::take(&mut self.declared).into_iter().filter(|name| !outer.contains(name)).collect()
    }
}

fn placeholder_function(name: SmolStr, span: Span) -> Func {
    Func {
        name,
        span,
        params: Vec::new(),
        role: Role::Plain,
        receiver: Receiver::Lexical,
        owner: None,
        decorators: Vec::new(),
        locals: Vec::new(),
        is_generator: false,
        body: Body::default(),
    }
}
