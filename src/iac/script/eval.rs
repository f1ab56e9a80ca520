//! Expressions and statements.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use smol_str::SmolStr;

use super::module::Loaded;
use super::value::{Field, Frame, MAX_SIZE, Value};
use crate::iac::files::Files;
use crate::iac::places::Places;
use crate::ids::{ExprId, FuncId, StmtId};
use crate::ir::{BinaryOp, Element, Entry, EntryKey, Expr, Func, Literal, LogicalOp, Pattern, Stmt};
use crate::span::Span;

/// How deep expressions and calls may nest.
pub(super) const MAX_DEPTH: usize = 64;
/// How many expressions are evaluated.
const MAX_STEPS: usize = 200_000;

/// Runs the modules of one service.
pub(super) struct Machine<'a> {
    pub(super) files: &'a Files,
    pub(super) folder: &'a Path,
    pub(super) places: &'a mut Places,
    pub(super) loaded: BTreeMap<PathBuf, Value>,
    /// The folders of packages of the repository, by name.
    pub(super) packages: BTreeMap<SmolStr, Option<PathBuf>>,
    steps: usize,
}

/// Where code runs.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) loaded: &'s Rc<Loaded>,
    pub(super) function: FuncId,
    pub(super) frame: &'s Rc<Frame>,
    pub(super) depth: usize,
}

impl Scope<'_> {
    fn func(&self) -> &Func {
        &self.loaded.module.functions[self.function]
    }

    fn span(&self, expr: ExprId) -> Span {
        let span = self.func().body.expr_spans[expr];
        Span::new(span.start.saturating_add(self.loaded.base), span.end.saturating_add(self.loaded.base))
    }

    /// What stands there, in characters that a variable may have.
    pub(super) fn unknown(&self, expr: ExprId) -> Value {
        const LONGEST: usize = 40;
        let written: String =
            self.source(expr).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').take(LONGEST).collect();
        Value::Unknown(written.into(), self.span(expr))
    }

    /// The text of an expression.
    pub(super) fn source(&self, expr: ExprId) -> &str {
        let span = self.func().body.expr_spans[expr];
        self.loaded.module.file.text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

impl<'a> Machine<'a> {
    pub(super) fn new(files: &'a Files, folder: &'a Path, places: &'a mut Places) -> Self {
        Self { files, folder, places, loaded: BTreeMap::new(), packages: BTreeMap::new(), steps: 0 }
    }

    /// Runs statements; the result is what they return.
    pub(super) fn block(
        &mut self,
        loaded: &Rc<Loaded>,
        function: FuncId,
        frame: &Rc<Frame>,
        block: &[StmtId],
        depth: usize,
    ) -> Option<Value> {
        let scope = Scope { loaded, function, frame, depth };
        block.iter().find_map(|stmt| self.statement(scope, *stmt))
    }

    fn statement(&mut self, scope: Scope<'_>, stmt: StmtId) -> Option<Value> {
        self.steps += 1;
        if self.steps > MAX_STEPS || scope.depth > MAX_DEPTH {
            return None;
        }
        let inner = |machine: &mut Self, block: &[StmtId]| {
            machine.block(scope.loaded, scope.function, scope.frame, block, scope.depth + 1)
        };
        match &scope.func().body.stmts[stmt] {
            Stmt::Bind { pattern, value, .. } => {
                let value = self.eval(scope, *value);
                self.bind(scope, pattern, value);
                None
            }
            Stmt::Evaluate(expr) => {
                self.eval(scope, *expr);
                None
            }
            Stmt::Return(value) => {
                Some(value.map_or_else(|| Value::plain("null", Span::default()), |value| self.eval(scope, value)))
            }
            Stmt::Branch { cond, then, otherwise } => match self.eval(scope, *cond).truth() {
                Some(true) => inner(self, then),
                Some(false) => inner(self, otherwise),
                None => {
                    let (first, second) = (inner(self, then), inner(self, otherwise));
                    match (first, second) {
                        (Some(a), Some(b)) => Some(Value::either(a, b, scope.span(*cond))),
                        // What follows may be returned instead; it is the usual case of the two.
                        _ => None,
                    }
                }
            },
            Stmt::Scope(block) => inner(self, block),
            Stmt::Guarded { body, finally, .. } => inner(self, body).or_else(|| inner(self, finally)),
            Stmt::DefineFunction(id) => {
                let name = scope.loaded.module.functions[*id].name.clone();
                scope.frame.set(name, Value::Function(Rc::clone(scope.loaded), *id, Rc::clone(scope.frame)));
                None
            }
            _ => None,
        }
    }

    pub(super) fn bind(&mut self, scope: Scope<'_>, pattern: &Pattern, value: Value) {
        match pattern {
            Pattern::Name(name) => scope.frame.set(name.clone(), value),
            Pattern::Object { entries, .. } => {
                for entry in entries {
                    let EntryKey::Name(key) = &entry.key else { continue };
                    let mut part = self.member(&value, key, Span::default());
                    if let (Value::Unknown(..), Some(default)) = (&part, entry.default) {
                        part = self.eval(scope, default);
                    }
                    self.bind(scope, &entry.pattern, part);
                }
            }
            Pattern::Sequence(items) => {
                for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.rest) {
                    let part = self.member(&value, &index.to_string(), Span::default());
                    self.bind(scope, &item.pattern, part);
                }
            }
            Pattern::Member { object, name } => self.assign_member(scope, *object, name, value),
            Pattern::Index { .. } | Pattern::Ignore => {}
        }
    }

    /// `module.exports = …`, `exports.x = …`, and additions to an object that a name holds.
    fn assign_member(&mut self, scope: Scope<'_>, object: ExprId, name: &SmolStr, value: Value) {
        let span = scope.span(object);
        let field = Field { key: name.clone(), span, value };
        let exports = |loaded: &Loaded, field: Field| {
            let before = loaded.common.borrow_mut().take();
            let mut fields = match before {
                Some(Value::Object(fields, _)) => fields.to_vec(),
                _ => Vec::new(),
            };
            put(&mut fields, field);
            *loaded.common.borrow_mut() = Some(Value::Object(Rc::new(fields), span));
        };
        match &scope.func().body.exprs[object] {
            Expr::Name(owner) if owner == "module" && name == "exports" => {
                *scope.loaded.common.borrow_mut() = Some(field.value);
            }
            Expr::Name(owner) if owner == "exports" => exports(scope.loaded, field),
            Expr::Member { object: inner, name: owner } if owner == "exports" => {
                if matches!(&scope.func().body.exprs[*inner], Expr::Name(owner) if owner == "module") {
                    exports(scope.loaded, field);
                }
            }
            Expr::Name(owner) => {
                if let Some(Value::Object(fields, span)) = scope.frame.get(owner) {
                    let mut fields = fields.to_vec();
                    put(&mut fields, field);
                    scope.frame.set(owner.clone(), Value::Object(Rc::new(fields), span));
                }
            }
            _ => {}
        }
    }

    pub(super) fn eval(&mut self, scope: Scope<'_>, expr: ExprId) -> Value {
        self.steps += 1;
        if self.steps > MAX_STEPS || scope.depth > MAX_DEPTH {
            return scope.unknown(expr);
        }
        let scope = Scope { depth: scope.depth + 1, ..scope };
        let span = scope.span(expr);
        match &scope.func().body.exprs[expr] {
            Expr::Literal(literal) => constant(literal, span),
            Expr::Template(pieces) => self.template(scope, pieces, span),
            Expr::Name(name) => scope.frame.get(name).unwrap_or_else(|| global(name).unwrap_or_else(|| scope.unknown(expr))),
            Expr::Member { object, name } => {
                let value = self.eval(scope, *object);
                self.member(&value, name, span)
            }
            Expr::Index { object, index } => {
                let (value, index) = (self.eval(scope, *object), self.eval(scope, *index));
                index.as_str().map_or_else(|| scope.unknown(expr), |index| self.member(&value, index, span))
            }
            Expr::Call { callee, args, .. } => self.call_expr(scope, expr, *callee, args),
            Expr::Function(id) => Value::Function(Rc::clone(scope.loaded), *id, Rc::clone(scope.frame)),
            Expr::Object(entries) => self.object(scope, entries, span),
            Expr::Sequence { items, .. } => self.list(scope, items, span),
            Expr::Conditional { cond, then, otherwise } => match self.eval(scope, *cond).truth() {
                Some(true) => self.eval(scope, *then),
                Some(false) => self.eval(scope, *otherwise),
                None => {
                    let (yes, no) = (self.eval(scope, *then), self.eval(scope, *otherwise));
                    Value::either(yes, no, span)
                }
            },
            Expr::Logical { op, left, right } => self.logical(scope, *op, *left, *right, span),
            Expr::Binary { op: BinaryOp::Add, left, right } => self.template(scope, &[*left, *right], span),
            Expr::Compare { op, left, right } if op.equality().is_some() => {
                let (left, right) = (self.eval(scope, *left), self.eval(scope, *right));
                match (left.as_str(), right.as_str()) {
                    (Some(a), Some(b)) if !a.contains("${") && !b.contains("${") => {
                        Value::plain(if Some(a == b) == op.equality() { "true" } else { "false" }, span)
                    }
                    _ => scope.unknown(expr),
                }
            }
            Expr::Not(inner) => match self.eval(scope, *inner).truth() {
                Some(truth) => Value::plain(if truth { "false" } else { "true" }, span),
                None => scope.unknown(expr),
            },
            Expr::Await(inner) => self.eval(scope, *inner),
            Expr::Assign { target, value } => {
                let value = self.eval(scope, *value);
                self.bind(scope, target, value.clone());
                value
            }
            Expr::Import(import) => {
                let import = &scope.loaded.module.imports[*import];
                match self.import(scope.loaded, import) {
                    // `require` gives what is exported, by name or as a whole.
                    Some(Value::Module(loaded)) if loaded.common.borrow().is_some() => loaded.exported(),
                    Some(value) => value,
                    None => scope.unknown(expr),
                }
            }
            Expr::ImportFrom { import, name } => {
                let import = &scope.loaded.module.imports[*import];
                match self.import(scope.loaded, import) {
                    Some(Value::Module(loaded)) => self.exported(&loaded, name, 0).unwrap_or_else(|| scope.unknown(expr)),
                    Some(value) if name == "default" => value,
                    Some(value) => self.member(&value, name, span),
                    None => scope.unknown(expr),
                }
            }
            _ => scope.unknown(expr),
        }
    }

    fn template(&mut self, scope: Scope<'_>, pieces: &[ExprId], span: Span) -> Value {
        let mut text = String::new();
        for piece in pieces {
            let value = self.eval(scope, *piece);
            match value.written() {
                Some(written) => text.push_str(&written),
                None => text.push_str(&scope.unknown(*piece).written().unwrap_or_default()),
            }
            if text.len() > MAX_SIZE {
                return Value::Unknown("too long a string".into(), span);
            }
        }
        self.made(Value::text(text, span))
    }

    /// The fallback of an environment variable becomes that of the variable which stands for it.
    fn logical(&mut self, scope: Scope<'_>, op: LogicalOp, left: ExprId, right: ExprId, span: Span) -> Value {
        let first = self.eval(scope, left);
        match (op, first.truth()) {
            (LogicalOp::And, Some(false)) | (LogicalOp::Or, Some(true)) => first,
            (LogicalOp::Coalesce, Some(_)) if first.as_str() != Some("null") => first,
            (_, Some(_)) => self.eval(scope, right),
            (LogicalOp::And, None) => self.eval(scope, right),
            (_, None) => {
                let second = self.eval(scope, right);
                let open = first.as_str().and_then(|text| text.strip_suffix('}')).filter(|text| text.starts_with("${"));
                match (open, &second) {
                    (Some(open), Value::Scalar(scalar, _)) if !scalar.text.contains(['$', '\'']) => {
                        Value::text(format!("{open}, '{}'}}", scalar.text), span)
                    }
                    _ => Value::either(first, second, span),
                }
            }
        }
    }

    fn object(&mut self, scope: Scope<'_>, entries: &[Entry], span: Span) -> Value {
        let mut fields: Vec<Field> = Vec::new();
        for entry in entries {
            match entry {
                Entry::Pair { key, value } => {
                    let name = match key {
                        EntryKey::Name(name) => Some(name.clone()),
                        EntryKey::Computed(key) => self.eval(scope, *key).written().map(SmolStr::from),
                    };
                    let field_span = scope.span(*value);
                    let value = self.eval(scope, *value);
                    let value = self.whole(value);
                    if let Some(key) = name {
                        put(&mut fields, Field { key, span: field_span, value });
                    }
                }
                Entry::Spread(other) => {
                    let other = self.eval(scope, *other);
                    let other = self.whole(other);
                    self.spread(&other, &mut fields, 0);
                }
            }
            if fields.len() > MAX_SIZE {
                break;
            }
        }
        self.made(Value::Object(Rc::new(fields), span))
    }

    /// Counts a step; false when there are none left.
    pub(super) fn spend(&mut self) -> bool {
        self.steps += 1;
        self.steps <= MAX_STEPS
    }

    /// A value that was put together, unless that took too much.
    pub(super) fn made(&mut self, value: Value) -> Value {
        self.steps = self.steps.saturating_add(value.cost());
        if self.steps > MAX_STEPS { Value::Unknown("too large a value".into(), Span::default()) } else { value }
    }

    /// All entries of a value; of two possible ones, those of both.
    pub(super) fn spread(&mut self, value: &Value, fields: &mut Vec<Field>, depth: usize) {
        self.steps += 1;
        match value {
            // Alternatives of alternatives are shared, and so many more than their number.
            _ if self.steps > MAX_STEPS => {}
            Value::Object(more, _) => more.iter().for_each(|field| put(fields, field.clone())),
            Value::Either(a, b, _) if depth < MAX_DEPTH => {
                self.spread(b, fields, depth + 1);
                self.spread(a, fields, depth + 1);
            }
            Value::Module(loaded) => {
                let exported = loaded.exported();
                if depth < MAX_DEPTH {
                    self.spread(&exported, fields, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn list(&mut self, scope: Scope<'_>, items: &[Element], span: Span) -> Value {
        let mut list = Vec::new();
        for item in items {
            match item {
                Element::Item(item) => list.push(self.eval(scope, *item)),
                Element::Spread(other) => match self.eval(scope, *other) {
                    Value::List(more, _) => list.extend(more.iter().cloned()),
                    Value::Either(a, b, _) => {
                        for branch in [a, b] {
                            if let Value::List(more, _) = &*branch {
                                list.extend(more.iter().cloned());
                            }
                        }
                    }
                    _ => {}
                },
            }
            if list.len() > MAX_SIZE {
                break;
            }
        }
        self.made(Value::list(list, span))
    }
}

/// Adds an entry; a later one of the same key replaces an earlier one.
pub(super) fn put(fields: &mut Vec<Field>, field: Field) {
    match fields.iter_mut().find(|known| known.key == field.key) {
        Some(known) => *known = field,
        None => fields.push(field),
    }
}

fn constant(literal: &Literal, span: Span) -> Value {
    match literal {
        Literal::Null | Literal::Undefined => Value::plain("null", span),
        Literal::Bool(value) => Value::plain(if *value { "true" } else { "false" }, span),
        Literal::Number(number) => Value::plain(number.clone(), span),
        Literal::Text(text) => Value::text(text.clone(), span),
    }
}

fn global(name: &str) -> Option<Value> {
    matches!(name, "process" | "Object" | "path" | "JSON" | "String" | "Array" | "Promise").then(|| Value::Builtin(name.into()))
}
