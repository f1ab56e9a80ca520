//! What a condition says about the variables it asks for, on the way that is taken when it holds or does not.
//!
//! ```text
//! if table not in ("orders", "items"):     # table: from the event
//!     raise ValueError(table)              # table: from the event
//! dynamodb.Table(table).delete_item(…)     # table: "orders" | "items"
//! ```
//!
//! A way that a condition narrows to nothing is gone through as if the condition said nothing: that no way is lost is more
//! than what could be gained.

use smol_str::SmolStr;

use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::ids::ExprId;
use crate::ir::{Clause, CompareOp, Element, Expr, Literal, LogicalOp, Pattern};

/// How many texts a variable is narrowed to; as many as a value can hold.
const MAX_CHOICES: usize = 16;
/// How many parts of a condition are asked: each operand of a long chain is evaluated with what those before it say.
const MAX_PARTS: usize = 64;

impl Interp<'_> {
    /// Takes for granted that a condition holds, or that it does not.
    pub(super) fn assume(&mut self, cond: ExprId, holds: bool) {
        for (part, holds) in self.parts(cond, holds).into_iter().rev() {
            self.assume_part(part, holds);
        }
    }

    /// What holds or does not when all of a condition does, from its end; at most so many parts of it.
    fn parts(&self, cond: ExprId, holds: bool) -> Vec<(ExprId, bool)> {
        let mut parts = Vec::new();
        let mut open = vec![(cond, holds)];
        while let Some((cond, holds)) = open.pop()
            && parts.len() < MAX_PARTS
        {
            let both = if holds { LogicalOp::And } else { LogicalOp::Or };
            match &self.body().exprs[cond] {
                Expr::Not(inner) => open.push((*inner, !holds)),
                Expr::Logical { op, left, right } if *op == both => open.extend([(*left, holds), (*right, holds)]),
                _ => parts.push((cond, holds)),
            }
        }
        parts
    }

    fn assume_part(&mut self, cond: ExprId, holds: bool) {
        let body = self.body();
        match &body.exprs[cond] {
            Expr::Logical { op: LogicalOp::Or, .. } if holds => {
                if let Some((name, choices)) = self.one_of(cond) {
                    self.assume_among(&name, &choices, true);
                }
            }
            Expr::Name(name) => self.assume_truth(name, holds),
            Expr::Member { .. } | Expr::Index { .. } => {
                if let Some((name, tag)) = self.tag(cond) {
                    self.narrow_by_tag(&name, &tag, |this, value| this.truth(value) != Some(!holds));
                }
            }
            Expr::Assign { target, .. } => {
                if let Pattern::Name(name) = &**target {
                    self.assume_truth(name, holds);
                }
            }
            Expr::Compare { op, left, right } => self.assume_compared(*op, *left, *right, holds),
            Expr::Call { callee, args, .. } => {
                if let Expr::Member { object, name } = &body.exprs[*callee]
                    && matches!(name.as_str(), "includes" | "has" | "hasOwnProperty")
                    && let [item] = args.as_slice()
                    && let Expr::Name(item) = &body.exprs[item.value]
                    && let Some(choices) = self.choices(*object)
                {
                    self.assume_among(item, &choices, holds);
                }
                if let Some((subject, edges, at_start)) = self.asks_for_edge(*callee, args) {
                    self.assume_edge(subject, &edges, at_start, holds);
                }
            }
            _ => {}
        }
    }

    /// The variable that a condition asks to be one of some constants: `kind == "a" or kind == "b"`.
    fn one_of(&mut self, cond: ExprId) -> Option<(SmolStr, Value)> {
        let body = self.body();
        let mut all: Option<(SmolStr, Value)> = None;
        let mut open = vec![cond];
        let mut asked = 0;
        while let Some(cond) = open.pop() {
            let (op, left, right) = match &body.exprs[cond] {
                Expr::Logical { op: LogicalOp::Or, left, right } => {
                    open.extend([*right, *left]);
                    continue;
                }
                Expr::Compare { op, left, right } if asked < MAX_PARTS => (op, left, right),
                _ => return None,
            };
            asked += 1;
            let Expr::Name(name) = &body.exprs[*left] else { return None };
            let choices = match op {
                CompareOp::In => self.choices(*right),
                op if op.equality() == Some(true) => self.constant(*right),
                _ => None,
            };
            let choices = choices?;
            match &mut all {
                None => all = Some((name.clone(), choices)),
                Some((other, known)) if other == name => known.join(&choices),
                Some(_) => return None,
            }
        }
        all
    }

    fn assume_truth(&mut self, name: &SmolStr, holds: bool) {
        self.narrow(name, |this, atom| this.truth(&Value::one(atom.clone())) != Some(!holds));
    }

    /// Takes for granted that the subject of a `switch` is one of these.
    pub(super) fn assume_one_of(&mut self, subject: ExprId, values: &[ExprId]) {
        if let Expr::Name(name) = &self.body().exprs[subject]
            && !values.is_empty()
            && let Some(known) = values.iter().map(|&value| self.constant(value)).collect::<Option<Vec<Value>>>()
        {
            self.assume_among(name, &known.into_iter().collect(), true);
        }
    }

    /// Takes for granted what a comprehension's conditions say about the items that pass.
    pub(super) fn assume_conditions(&mut self, clause: &Clause) {
        for &condition in &clause.conditions {
            if self.is_about(condition, &clause.pattern) {
                self.assume(condition, true);
            }
        }
    }

    /// Whether all that a condition asks for is bound by a pattern, so that it ends with the round.
    fn is_about(&self, mut cond: ExprId, pattern: &Pattern) -> bool {
        let is = |pattern: &Pattern, name: &SmolStr| matches!(pattern, Pattern::Name(bound) if bound == name);
        let binds = |name: &SmolStr| match pattern {
            Pattern::Sequence(items) => items.iter().any(|item| is(&item.pattern, name)),
            other => is(other, name),
        };
        while let Expr::Not(inner) = &self.body().exprs[cond] {
            cond = *inner;
        }
        match &self.body().exprs[cond] {
            Expr::Name(name) => binds(name),
            Expr::Compare { left, .. } => matches!(&self.body().exprs[*left], Expr::Name(name) if binds(name)),
            Expr::Call { callee, args, .. } => {
                let subject = super::edges::edge_of(self.body(), *callee, args).map(|(subject, _)| subject);
                subject.is_some_and(|subject| match &self.body().exprs[subject] {
                    Expr::Name(name) => binds(name),
                    _ => self.tag(subject).is_some_and(|(name, _)| binds(&name)),
                })
            }
            _ => false,
        }
    }

    fn assume_compared(&mut self, op: CompareOp, left: ExprId, right: ExprId, holds: bool) {
        let body = self.body();
        if let (CompareOp::In | CompareOp::NotIn, Expr::Name(item)) = (op, &body.exprs[left]) {
            if let Some(choices) = self.choices(right) {
                self.assume_among(item, &choices, (op == CompareOp::In) == holds);
            }
            return;
        }
        let Some(equal) = op.equality() else { return };
        for (subject, other) in [(left, right), (right, left)] {
            if let Expr::Name(name) = &body.exprs[subject]
                && let Some(constant) = self.constant(other)
            {
                self.assume_among(name, &constant, equal == holds);
                return;
            }
            if let Some((name, tag)) = self.tag(subject)
                && let Some(constant) = self.constant(other)
                && let Some(constant) = constant.single()
            {
                let same = |atom: &Atom| atom == constant || is_null(atom) && is_null(constant);
                self.narrow_by_tag(&name, &tag, |_, value| {
                    let open = value.atoms().iter().any(|atom| !is_constant(atom));
                    open || value.atoms().iter().any(|atom| same(atom) == (equal == holds))
                });
                return;
            }
        }
    }

    /// The variable and the part of it that a condition asks for: `result.ok`, `result["kind"]`.
    pub(super) fn tag(&self, expr: ExprId) -> Option<(SmolStr, SmolStr)> {
        let body = self.body();
        let (object, tag) = match &body.exprs[expr] {
            Expr::Member { object, name } => (*object, name.clone()),
            Expr::Index { object, index } => match &body.exprs[*index] {
                Expr::Literal(Literal::Text(text)) => (*object, text.clone()),
                _ => return None,
            },
            _ => return None,
        };
        match &body.exprs[object] {
            Expr::Name(name) => Some((name.clone(), tag)),
            _ => None,
        }
    }

    /// Leaves a variable those objects of which a part may be what a condition says: `{ ok: false, error } | { ok: true, value }`.
    fn narrow_by_tag(&mut self, name: &SmolStr, tag: &SmolStr, passes: impl Fn(&Self, &Value) -> bool) {
        self.narrow(name, |this, atom| {
            let Atom::Object(id) = atom else { return true };
            let object = this.store.get(*id);
            if object.kind != ObjKind::Dict {
                return true;
            }
            match object.fields.get(tag) {
                Some(value) => passes(this, value),
                None => object.open || !object.rest.is_none() || passes(this, &Value::null()),
            }
        });
    }

    /// Takes for granted that a variable is one of some constants, or that it is not.
    fn assume_among(&mut self, name: &SmolStr, choices: &Value, among: bool) {
        if choices.is_none() || choices.atoms().len() > MAX_CHOICES {
            return;
        }
        if !among {
            // What is not `x` is not the constant that `x` certainly is; if `x` is one of several, it may be either.
            if choices.single().is_some() {
                let null = choices.atoms().iter().any(is_null);
                self.narrow(name, |_, atom| !(choices.atoms().contains(atom) || null && is_null(atom)));
            }
            return;
        }
        let Some((frame, value)) = self.own_variable(name) else { return };
        let null = choices.atoms().iter().any(is_null);
        let only_null = choices.atoms().iter().all(is_null);
        let is_open = |atom: &Atom| match atom {
            Atom::Hole(_) => true,
            Atom::Text(text) => text.as_literal().is_none(),
            _ => false,
        };
        let mut narrowed = value.filtered(|atom| match atom {
            atom if is_null(atom) => null,
            atom if is_constant(atom) => choices.atoms().contains(atom),
            // An object may say itself what it is equal to, as members of enumerations do.
            atom => !only_null && !is_open(atom),
        });
        if value.atoms().iter().any(is_open) {
            narrowed.join(choices);
        }
        self.set_narrowed(name, frame, &value, narrowed);
    }

    /// Leaves a variable of the running function the alternatives that pass.
    fn narrow(&mut self, name: &SmolStr, keep: impl Fn(&Self, &Atom) -> bool) {
        let Some((frame, value)) = self.own_variable(name) else { return };
        let narrowed = value.filtered(|atom| keep(self, atom));
        self.set_narrowed(name, frame, &value, narrowed);
    }

    pub(super) fn set_narrowed(&mut self, name: &SmolStr, frame: ObjId, before: &Value, narrowed: Value) {
        if !narrowed.is_none() && narrowed != *before {
            self.store.get_mut(frame).fields.insert(name.clone(), narrowed);
        }
    }

    /// A variable of the running function with its value. What belongs to others may change behind the condition's back.
    pub(super) fn own_variable(&self, name: &SmolStr) -> Option<(ObjId, Value)> {
        let frame = self.current().frame;
        let value = self.store.get(frame).fields.get(name).filter(|value| !value.is_none())?;
        Some((frame, value.clone()))
    }

    /// What a collection of nothing but constants holds; the keys of a dictionary.
    pub(super) fn choices(&mut self, collection: ExprId) -> Option<Value> {
        let body = self.body();
        if let Expr::Sequence { items, .. } = &body.exprs[collection] {
            let mut all = Value::none();
            for item in items {
                let Element::Item(item) = item else { return None };
                all.join(&self.constant(*item)?);
            }
            return Some(all);
        }
        let Expr::Name(_) = &body.exprs[collection] else { return None };
        let value = self.eval(collection);
        let Some(Atom::Object(id)) = value.single() else { return None };
        let object = self.store.get(*id);
        if object.open || !object.rest.is_none() {
            return None;
        }
        match object.kind {
            ObjKind::Dict => Some(object.fields.keys().map(|key| Value::literal(key.clone())).collect()),
            ObjKind::List => {
                let known = object.items.iter().all(|item| item.atoms().iter().all(is_constant));
                known.then(|| object.items.iter().cloned().collect())
            }
            _ => None,
        }
    }

    /// A value that is nothing but constants, of an expression that has no effects.
    pub(super) fn constant(&mut self, expr: ExprId) -> Option<Value> {
        if !matches!(&self.body().exprs[expr], Expr::Literal(_) | Expr::Name(_)) {
            return None;
        }
        let value = self.eval(expr);
        (!value.is_none() && value.atoms().iter().all(is_constant)).then_some(value)
    }
}

fn is_null(atom: &Atom) -> bool {
    matches!(atom, Atom::Null(_))
}

/// Whether an alternative is known to the letter.
fn is_constant(atom: &Atom) -> bool {
    match atom {
        Atom::Null(_) | Atom::Bool(_) | Atom::Number(_) => true,
        Atom::Text(text) => text.as_literal().is_some(),
        _ => false,
    }
}
