//! A compact text form of a module, for tests and for `leash debug ir`.
//!
//! Functions follow each other in the order of their ids; where one is defined, its id stands. Deep nesting is cut off with
//! `…`, so that a hostile module cannot exhaust the stack.

mod expr;

use std::fmt::Write as _;

use super::{
    Block, Body, Class, Export, Exports, Func, Handler, Import, ImportRequest, Module, Param, ParamKind, Receiver, Role,
};
use super::{Pattern, SelectArm, Stmt};
use crate::ids::{ExprId, Id, ImportId};

/// Nesting of blocks, expressions and patterns beyond which `…` is written.
const DEPTH_LIMIT: usize = 120;
/// Bytes beyond which `…` is written: an expression that stands in several places is written at each.
const LENGTH_LIMIT: usize = 32 << 20;

/// Renders a module, one line per statement.
pub fn dump(module: &Module) -> String {
    let mut out = String::new();
    header(module, &mut out);
    for (id, class) in module.classes.iter_enumerated() {
        let line = class_line(module, id.index(), class);
        push_line(&mut out, 0, &line);
    }
    for (id, func) in module.functions.iter_enumerated() {
        out.push('\n');
        let mut dumper = Dumper { module, body: &func.body, out: std::mem::take(&mut out), depth: 0 };
        dumper.function(id.index(), func);
        out = dumper.out;
    }
    out
}

fn header(module: &Module, out: &mut String) {
    push_line(out, 0, &format!("module {}", module.file.path));
    for (id, import) in module.imports.iter_enumerated() {
        let types = if import.type_only { " (types)" } else { "" };
        push_line(out, 0, &format!("import#{} {}{types}", id.index(), request(import)));
    }
    if let Exports::Listed(exports) = &module.exports {
        for export in exports {
            push_line(out, 0, &export_line(export));
        }
    }
    if !module.handlers.is_empty() {
        push_line(out, 0, &format!("handlers {}", module.handlers.join(", ")));
    }
    for span in &module.syntax_errors {
        push_line(out, 0, &format!("syntax error at {}..{}", span.start, span.end));
    }
    for (span, text) in &module.directives {
        push_line(out, 0, &format!("directive at {}: {text}", span.start));
    }
}

fn export_line(export: &Export) -> String {
    match export {
        Export::Local { name, local } => format!("export {name} = {local}"),
        Export::From { name, import, source } => format!("export {name} = import#{} {source}", import.index()),
        Export::Namespace { name, import } => format!("export {name} = import#{}", import.index()),
        Export::All { import } => format!("export * = import#{}", import.index()),
    }
}

fn request(import: &Import) -> String {
    match &import.request {
        ImportRequest::Dotted { level, segments } => ".".repeat((*level).min(99) as usize) + &segments.join("."),
        ImportRequest::Specifier(text) => format!("{text:?}"),
    }
}

fn class_line(module: &Module, index: usize, class: &Class) -> String {
    let mut line = format!("class#{index} {} body fn#{}", class.name, class.body.index());
    if let Some(init) = class.instance_init {
        let _ = write!(line, " init fn#{}", init.index());
    }
    if class.is_abstract {
        line.push_str(" abstract");
    }
    if !class.fields.is_empty() {
        let body = module.functions.get(class.body).map(|func| &func.body);
        let fields = class.fields.iter().map(|field| match (field.default, body) {
            (Some(default), Some(body)) => format!("{} = {}", field.name, expr::standalone(module, body, default)),
            _ => field.name.to_string(),
        });
        let _ = write!(line, " fields({})", fields.collect::<Vec<_>>().join(", "));
    }
    line
}

fn push_line(out: &mut String, indent: usize, line: &str) {
    for _ in 0..indent {
        out.push_str("  ");
    }
    out.push_str(line);
    out.push('\n');
}

/// Renders one body.
struct Dumper<'m> {
    module: &'m Module,
    body: &'m Body,
    out: String,
    depth: usize,
}

impl Dumper<'_> {
    fn line(&mut self, line: &str) {
        push_line(&mut self.out, self.depth + 1, line);
    }

    fn function(&mut self, index: usize, func: &Func) {
        let mut line = format!("fn#{index} {}", func.name);
        if index > 0 {
            let params: Vec<_> = func.params.iter().map(|param| self.param(param)).collect();
            let _ = write!(line, "({})", params.join(", "));
        }
        for (holds, word) in [
            (func.is_generator, "generator"),
            (func.role == Role::Static, "static"),
            (func.role == Role::ClassMethod, "classmethod"),
            (func.role == Role::Getter, "getter"),
            (func.role == Role::Setter, "setter"),
            (func.receiver == Receiver::FirstParam, "receiver=first"),
            (func.receiver == Receiver::This, "receiver=this"),
        ] {
            if holds {
                let _ = write!(line, " {word}");
            }
        }
        if let Some(owner) = func.owner {
            let _ = write!(line, " of class#{}", owner.index());
        }
        if !func.locals.is_empty() {
            let _ = write!(line, " locals[{}]", func.locals.join(" "));
        }
        push_line(&mut self.out, 0, &line);
        self.block(&func.body.entry);
    }

    fn param(&self, param: &Param) -> String {
        let mut text = match param.kind {
            ParamKind::Normal => String::new(),
            ParamKind::Named => "named ".into(),
            ParamKind::RestList => "*".into(),
            ParamKind::RestMap => "**".into(),
        };
        text += &self.pattern(&param.pattern);
        if let Some(annotation) = param.annotation {
            let _ = write!(text, ": {}", self.expr(annotation));
        }
        if let Some(default) = param.default {
            let _ = write!(text, " = {}", self.expr(default));
        }
        text
    }

    fn expr(&self, id: ExprId) -> String {
        expr::standalone(self.module, self.body, id)
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        expr::standalone_pattern(self.module, self.body, pattern)
    }

    fn import(&self, id: ImportId) -> String {
        self.module.imports.get(id).map(request).unwrap_or_default()
    }

    fn block(&mut self, block: &Block) {
        if self.depth >= DEPTH_LIMIT {
            self.line("…");
            return;
        }
        for id in block {
            if let Some(stmt) = self.body.stmts.get(*id) {
                self.stmt(stmt);
            }
        }
    }

    fn nested(&mut self, head: &str, block: &Block) {
        self.line(head);
        self.depth += 1;
        self.block(block);
        self.depth -= 1;
    }

    fn nested_unless_empty(&mut self, head: &str, block: &Block) {
        if !block.is_empty() {
            self.nested(head, block);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Bind { pattern, value, annotation } => {
                let annotation = annotation.map(|id| format!(": {}", self.expr(id))).unwrap_or_default();
                self.line(&format!("{}{annotation} = {}", self.pattern(pattern), self.expr(*value)));
            }
            Stmt::Update { target, op, value } => {
                self.line(&format!("{} {}= {}", self.pattern(target), expr::binary(*op), self.expr(*value)));
            }
            Stmt::Evaluate(id) => self.line(&format!("do {}", self.expr(*id))),
            Stmt::Return(value) => self.line(&self.with_value("return", *value)),
            Stmt::Throw(value) => self.line(&self.with_value("throw", *value)),
            Stmt::Delete { object, index } => self.line(&format!("delete {}[{}]", self.expr(*object), self.expr(*index))),
            Stmt::Break => self.line("break"),
            Stmt::Continue => self.line("continue"),
            Stmt::Branch { cond, then, otherwise } => {
                self.nested(&format!("if {}", self.expr(*cond)), then);
                self.nested_unless_empty("else", otherwise);
            }
            Stmt::Select { subject, arms } => {
                self.line(&format!("select {}", self.expr(*subject)));
                for arm in arms {
                    self.arm(arm);
                }
            }
            Stmt::Loop { each, over_keys, cond, body, otherwise } => {
                let head = self.loop_head(each.as_ref(), *cond, if *over_keys { "keys of " } else { "" });
                self.nested(&head, body);
                self.nested_unless_empty("else", otherwise);
            }
            Stmt::Guarded { body, handlers, otherwise, finally } => {
                self.nested("try", body);
                for handler in handlers {
                    self.handler(handler);
                }
                self.nested_unless_empty("else", otherwise);
                self.nested_unless_empty("finally", finally);
            }
            Stmt::With { items, body } => self.with(items, body),
            Stmt::Scope(block) => self.nested("block", block),
            Stmt::DefineFunction(id) => {
                let func = &self.module.functions[*id];
                self.decorators(&func.decorators);
                self.line(&format!("def {} = fn#{}", func.name, id.index()));
            }
            Stmt::DefineClass(id) => {
                let class = &self.module.classes[*id];
                self.decorators(&class.decorators);
                let keywords = class.keywords.iter().map(|(name, value)| format!("{name}={}", self.expr(*value)));
                let bases: Vec<_> = class.bases.iter().map(|base| self.expr(*base)).chain(keywords).collect();
                self.line(&format!("class {}({}) = class#{}", class.name, bases.join(", "), id.index()));
            }
            Stmt::ImportAll(id) => self.line(&format!("import * from {}", self.import(*id))),
        }
    }

    fn with(&mut self, items: &[(ExprId, Option<Pattern>)], body: &Block) {
        let items = items.iter().map(|(value, target)| match target {
            Some(target) => format!("{} as {}", self.expr(*value), self.pattern(target)),
            None => self.expr(*value),
        });
        let head = format!("with {}", items.collect::<Vec<_>>().join(", "));
        self.nested(&head, body);
    }

    fn with_value(&self, word: &str, value: Option<ExprId>) -> String {
        match value {
            Some(value) => format!("{word} {}", self.expr(value)),
            None => word.to_string(),
        }
    }

    fn decorators(&mut self, decorators: &[ExprId]) {
        for decorator in decorators {
            self.line(&format!("@{}", self.expr(*decorator)));
        }
    }

    fn loop_head(&self, each: Option<&(Pattern, ExprId)>, cond: Option<ExprId>, keys: &str) -> String {
        match (each, cond) {
            (Some((pattern, iterable)), _) => format!("for {} in {keys}{}", self.pattern(pattern), self.expr(*iterable)),
            (None, Some(cond)) => format!("while {}", self.expr(cond)),
            (None, None) => "loop".into(),
        }
    }

    fn arm(&mut self, arm: &SelectArm) {
        let mut head = String::from("case");
        for value in &arm.values {
            let _ = write!(head, " {}", self.expr(*value));
        }
        if arm.open {
            head += if arm.always { " always" } else { " open" };
        }
        for capture in &arm.captures {
            let _ = write!(head, " as {}", self.pattern(capture));
        }
        if let Some(guard) = arm.guard {
            let _ = write!(head, " if {}", self.expr(guard));
        }
        if arm.falls_through {
            head += " (falls through)";
        }
        self.nested(&head, &arm.body);
    }

    fn handler(&mut self, handler: &Handler) {
        let mut head = String::from("except");
        if let Some(types) = handler.types {
            let _ = write!(head, " {}", self.expr(types));
        }
        if let Some(pattern) = &handler.pattern {
            let _ = write!(head, " as {}", self.pattern(pattern));
        }
        self.nested(&head, &handler.body);
    }
}
