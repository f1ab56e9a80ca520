//! Expressions and patterns in the text form of a module.

use super::{DEPTH_LIMIT, LENGTH_LIMIT, request};
use crate::ids::{ExprId, Id};
use crate::ir::{
    Argument, ArgumentKind, BinaryOp, Body, CallKind, Clause, CompareOp, Element, Entry, EntryKey, Expr, Literal, LogicalOp,
    Module, Pattern,
};

/// One expression as text.
pub(super) fn standalone(module: &Module, body: &Body, id: ExprId) -> String {
    let mut writer = Writer { module, body, out: String::new(), depth: 0 };
    writer.expr(id);
    writer.out
}

/// One pattern as text.
pub(super) fn standalone_pattern(module: &Module, body: &Body, pattern: &Pattern) -> String {
    let mut writer = Writer { module, body, out: String::new(), depth: 0 };
    writer.pattern(pattern);
    writer.out
}

/// An operator as text.
pub(super) fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Mod => "%",
        BinaryOp::Union => "|",
        BinaryOp::Div => "/",
        BinaryOp::Other => "op",
    }
}

struct Writer<'m> {
    module: &'m Module,
    body: &'m Body,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            each(self, item);
        }
    }

    fn exprs(&mut self, ids: &[ExprId]) {
        self.list(ids, |writer, id| writer.expr(*id));
    }

    fn infix(&mut self, left: ExprId, op: &str, right: ExprId) {
        self.push("(");
        self.expr(left);
        self.push(&format!(" {op} "));
        self.expr(right);
        self.push(")");
    }

    fn prefix(&mut self, word: &str, operand: Option<ExprId>) {
        self.push("(");
        self.push(word);
        if let Some(operand) = operand {
            self.push(" ");
            self.expr(operand);
        }
        self.push(")");
    }

    fn expr(&mut self, id: ExprId) {
        if self.depth >= DEPTH_LIMIT || self.out.len() >= LENGTH_LIMIT {
            self.push("…");
            return;
        }
        self.depth += 1;
        if let Some(expr) = self.body.exprs.get(id) {
            self.form(expr);
        }
        self.depth -= 1;
    }

    fn form(&mut self, expr: &Expr) {
        match expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Template(pieces) => {
                self.push("template(");
                self.exprs(pieces);
                self.push(")");
            }
            Expr::Name(name) => self.push(name),
            Expr::Member { object, name } => {
                self.expr(*object);
                self.push(".");
                self.push(name);
            }
            Expr::Index { object, index } => {
                self.expr(*object);
                self.push("[");
                self.expr(*index);
                self.push("]");
            }
            Expr::Slice { object, start, end } => self.slice(*object, *start, *end),
            Expr::Call { callee, args, kind } => self.call(*callee, args, *kind),
            Expr::Function(id) => self.push(&format!("fn#{}", id.index())),
            Expr::Class(id) => self.push(&format!("class#{}", id.index())),
            Expr::Object(entries) => {
                self.push("{");
                self.list(entries, Self::entry);
                self.push("}");
            }
            Expr::Sequence { items } => self.sequence(items),
            Expr::Conditional { cond, then, otherwise } => {
                self.push("(");
                self.expr(*cond);
                self.push(" ? ");
                self.expr(*then);
                self.push(" : ");
                self.expr(*otherwise);
                self.push(")");
            }
            Expr::Logical { op, left, right } => self.infix(*left, logical(*op), *right),
            Expr::Binary { op, left, right } => self.infix(*left, binary(*op), *right),
            Expr::Compare { op, left, right } => self.infix(*left, compare(*op), *right),
            Expr::Not(operand) => self.prefix("not", Some(*operand)),
            Expr::Await(operand) => self.prefix("await", Some(*operand)),
            Expr::Yield { value, delegate } => self.prefix(if *delegate { "yield*" } else { "yield" }, *value),
            Expr::Assign { target, value } => {
                self.push("(");
                self.pattern(target);
                self.push(" := ");
                self.expr(*value);
                self.push(")");
            }
            Expr::Import(import) => {
                let request = self.module.imports.get(*import).map(request).unwrap_or_default();
                self.push(&format!("import({request})"));
            }
            Expr::ImportFrom { import, name } => {
                let request = self.module.imports.get(*import).map(request).unwrap_or_default();
                self.push(&format!("import({request} : {name})"));
            }
            Expr::Comprehension { clauses, element, key } => self.comprehension(clauses, *element, *key),
            Expr::Super => self.push("super"),
            Expr::Opaque(children) => {
                self.push("opaque(");
                self.exprs(children);
                self.push(")");
            }
            Expr::Missing => self.push("missing"),
        }
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.push("null"),
            Literal::Undefined => self.push("undefined"),
            Literal::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Literal::Number(text) => self.push(text),
            Literal::Text(text) => self.push(&format!("{text:?}")),
        }
    }

    fn slice(&mut self, object: ExprId, start: Option<ExprId>, end: Option<ExprId>) {
        self.expr(object);
        self.push("[");
        if let Some(start) = start {
            self.expr(start);
        }
        self.push(":");
        if let Some(end) = end {
            self.expr(end);
        }
        self.push("]");
    }

    fn call(&mut self, callee: ExprId, args: &[Argument], kind: CallKind) {
        if kind == CallKind::New {
            self.push("new ");
        }
        self.expr(callee);
        self.push("(");
        self.list(args, |writer, argument| {
            match &argument.kind {
                ArgumentKind::Positional => {}
                ArgumentKind::Named(name) => writer.push(&format!("{name}=")),
                ArgumentKind::SpreadList => writer.push("*"),
                ArgumentKind::SpreadMap => writer.push("**"),
            }
            writer.expr(argument.value);
        });
        self.push(")");
    }

    fn entry(&mut self, entry: &Entry) {
        match entry {
            Entry::Pair { key, value } => {
                self.key(key);
                self.push(": ");
                self.expr(*value);
            }
            Entry::Spread(other) => {
                self.push("**");
                self.expr(*other);
            }
        }
    }

    fn key(&mut self, key: &EntryKey) {
        match key {
            EntryKey::Name(name) => self.push(name),
            EntryKey::Computed(id) => {
                self.push("[");
                self.expr(*id);
                self.push("]");
            }
        }
    }

    fn sequence(&mut self, items: &[Element]) {
        self.push("[");
        self.list(items, |writer, item| match item {
            Element::Item(id) => writer.expr(*id),
            Element::Spread(id) => {
                writer.push("*");
                writer.expr(*id);
            }
        });
        self.push("]");
    }

    fn comprehension(&mut self, clauses: &[Clause], element: ExprId, key: Option<ExprId>) {
        let (open, close) = if key.is_some() { ("{", "}") } else { ("[", "]") };
        self.push(open);
        if let Some(key) = key {
            self.expr(key);
            self.push(": ");
        }
        self.expr(element);
        for clause in clauses {
            self.push(" for ");
            self.pattern(&clause.pattern);
            self.push(" in ");
            self.expr(clause.iterable);
            for condition in &clause.conditions {
                self.push(" if ");
                self.expr(*condition);
            }
        }
        self.push(close);
    }

    fn pattern(&mut self, pattern: &Pattern) {
        if self.depth >= DEPTH_LIMIT {
            self.push("…");
            return;
        }
        self.depth += 1;
        match pattern {
            Pattern::Name(name) => self.push(name),
            Pattern::Ignore => self.push("_"),
            Pattern::Member { object, name } => {
                self.expr(*object);
                self.push(".");
                self.push(name);
            }
            Pattern::Index { object, index } => {
                self.expr(*object);
                self.push("[");
                self.expr(*index);
                self.push("]");
            }
            Pattern::Object { entries, rest } => {
                self.push("{");
                self.list(entries, |writer, entry| {
                    writer.key(&entry.key);
                    writer.push(": ");
                    writer.pattern(&entry.pattern);
                    writer.default(entry.default);
                });
                if let Some(rest) = rest {
                    self.push(" **");
                    self.pattern(rest);
                }
                self.push("}");
            }
            Pattern::Sequence(items) => {
                self.push("[");
                self.list(items, |writer, item| {
                    writer.push(if item.rest { "*" } else { "" });
                    writer.pattern(&item.pattern);
                    writer.default(item.default);
                });
                self.push("]");
            }
        }
        self.depth -= 1;
    }

    fn default(&mut self, default: Option<ExprId>) {
        if let Some(default) = default {
            self.push(" = ");
            self.expr(default);
        }
    }
}

fn logical(op: LogicalOp) -> &'static str {
    match op {
        LogicalOp::And => "and",
        LogicalOp::Or => "or",
        LogicalOp::Coalesce => "??",
    }
}

fn compare(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Identical => "===",
        CompareOp::NotIdentical => "!==",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
        CompareOp::Other => "<>",
    }
}
