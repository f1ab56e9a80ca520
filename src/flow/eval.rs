//! Expressions: one short arm per form.

use std::rc::Rc;

use smol_str::SmolStr;

use super::interp::Interp;
use super::late::NOT_ASSIGNED;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Closure, LONG_TEXT, Nothing, ObjId, SuperAtom, Value};
use crate::ids::{ExprId, FuncId, ModuleId};
use crate::ir::{BinaryOp, CompareOp, Element, Entry, EntryKey, Expr, Func, LogicalOp, Receiver, Role};
use crate::sdk::Confidence;
use crate::span::Span;
use crate::value::{Hole, Piece, Text};

impl Interp<'_> {
    pub(super) fn eval(&mut self, id: ExprId) -> Value {
        if !self.tick() || !self.may_nest() {
            return Value::unknown("nested too deeply");
        }
        self.budget.nest();
        self.store.sites.at(id);
        let value = self.eval_inner(id);
        self.budget.unnest();
        value
    }

    fn eval_inner(&mut self, id: ExprId) -> Value {
        let span = self.span_of(id);
        match &self.body().exprs[id] {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Template(pieces) => {
                let whole = self.template(pieces);
                self.note_signature(&whole, span);
                whole
            }
            Expr::Name(name) => self.name(name, span),
            Expr::Member { object, name } => {
                if let Some(known) = self.id_of_node(*object, name) {
                    return known;
                }
                let object = self.eval(*object);
                self.read_member(&object, name, span)
            }
            Expr::Index { object, index } => {
                let object = self.eval(*object);
                let index = self.eval(*index);
                self.index(&object, &index, span)
            }
            Expr::Slice { object, start, end } => self.slice(*object, *start, *end),
            Expr::Call { callee, args, kind } => self.call_expr(id, *callee, args, *kind),
            Expr::Function(func) => self.closure(*func),
            Expr::Class(class) => self.class_value(*class),
            Expr::Object(entries) => self.object(entries),
            Expr::Sequence { items, .. } => self.sequence(items),
            Expr::Conditional { cond, then, otherwise } => self.conditional(*cond, *then, *otherwise),
            Expr::Logical { op, left, right } => self.logical(*op, *left, *right),
            Expr::Binary { op, left, right } => {
                let whole = self.binary_expr(*op, *left, *right);
                self.note_signature(&whole, span);
                whole
            }
            Expr::Compare { op, left, right } => self.compare(*op, *left, *right),
            Expr::Not(operand) => {
                let value = self.eval(*operand);
                self.decide(&value, span).map_or_else(unknown_bool, |truth| Value::one(Atom::Bool(!truth)))
            }
            Expr::Await(operand) => {
                let value = self.eval(*operand);
                let made = self.made_by_wrapped(&value, span);
                self.awaited(&value).joined(&made)
            }
            Expr::Yield { value, delegate } => self.yielded(*value, *delegate, span),
            Expr::Assign { target, value } => {
                let value = self.eval(*value);
                self.bind(target, value.clone());
                value
            }
            Expr::Import(import) => self.import(*import),
            Expr::ImportFrom { import, name } => self.import_from(*import, name),
            Expr::Comprehension { clauses, element, key } => self.comprehension(clauses, *element, *key),
            Expr::Super => self.super_value(),
            Expr::Opaque(children) => {
                for child in children {
                    self.eval(*child);
                }
                Value::unknown("a value that the code computes")
            }
            Expr::Missing => Value::unknown("code that is not there"),
        }
    }

    /// A left-deep chain of operators is evaluated from its innermost operand, without nesting.
    fn binary_expr(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> Value {
        let mut chain = vec![(op, right)];
        let mut first = left;
        while let Expr::Binary { op, left, right } = &self.body().exprs[first] {
            chain.push((*op, *right));
            first = *left;
        }
        let mut value = self.eval(first);
        while let Some((op, right)) = chain.pop() {
            let span = self.span_of(right);
            let right = self.eval(right);
            value = self.binary(op, &value, &right, span);
        }
        value
    }

    fn template(&mut self, pieces: &[ExprId]) -> Value {
        let mut whole = Value::literal("");
        for &piece in pieces {
            let value = self.eval(piece);
            whole = concat(&whole, &self.stringified(&value));
        }
        whole
    }

    /// Reads a variable; names that nobody declares are the language's own.
    pub(super) fn name(&mut self, name: &SmolStr, span: Span) -> Value {
        // What compilers put before the code they write is known by its name.
        if matches!(name.as_str(), "__generator" | "__awaiter") && !self.in_python() {
            return self.language_name(name, span);
        }
        if let Some(value) = self.assigned(name) {
            return value.clone();
        }
        match self.find_variable(name) {
            Some(frame) => self.hoisted(frame, name).unwrap_or_else(|| Value::unknown(NOT_ASSIGNED)),
            None => self.language_name(name, span),
        }
    }

    /// The innermost frame in which a variable has a value. A default such as `def f(s3=s3)` reads the outer one.
    fn assigned(&self, name: &SmolStr) -> Option<&Value> {
        let mut frame = Some(self.current().frame);
        while let Some(id) = frame {
            let object = self.store.get(id);
            if let Some(value) = object.fields.get(name).filter(|value| !value.is_none()) {
                return Some(value);
            }
            frame = match object.kind {
                ObjKind::Frame(parent) => parent,
                _ => None,
            };
        }
        None
    }

    /// The frame that declares a variable, from the innermost outwards.
    pub(super) fn find_variable(&self, name: &SmolStr) -> Option<ObjId> {
        let mut frame = Some(self.current().frame);
        while let Some(id) = frame {
            let object = self.store.get(id);
            if object.fields.contains_key(name) {
                return Some(id);
            }
            frame = match object.kind {
                ObjKind::Frame(parent) => parent,
                _ => None,
            };
        }
        None
    }

    /// A top-level function that is used before its definition ran, as in code called through an import cycle, or what such a
    /// cycle imported before it was defined.
    fn hoisted(&mut self, frame: ObjId, name: &SmolStr) -> Option<Value> {
        if !self.is_module_frame(frame) {
            return None;
        }
        let (module, _) = self.modules.iter_enumerated().find(|(_, state)| state.frame == frame)?;
        let functions = &self.program.modules[module].module.functions;
        let is_it = |func: &Func| func.name == *name && func.owner.is_none() && func.role == Role::Plain;
        match functions.iter_enumerated().find(|(_, func)| is_it(func)) {
            Some((func, _)) => Some(self.top_closure(module, func)),
            None => self.imported_late(module, name),
        }
    }

    /// A function of a module as its top level would define it.
    pub(super) fn top_closure(&self, module: ModuleId, func: FuncId) -> Value {
        Value::one(Atom::Function(Rc::new(Closure {
            module,
            func,
            frame: self.modules[module].frame,
            receiver: None,
            class: None,
            bound: Vec::new(),
            bound_named: Vec::new(),
            is_getter: false,
        })))
    }

    /// A function value that closes over the running code's frame.
    pub(super) fn closure(&mut self, func: FuncId) -> Value {
        let module = self.current().module;
        let class = self.current().class_body;
        // Names of a class body are not visible in its methods.
        let frame = match (class, &self.store.get(self.current().frame).kind) {
            (Some(_), ObjKind::Frame(Some(parent))) => *parent,
            _ => self.current().frame,
        };
        let frame = match class {
            Some(class) if !self.in_python() && self.func(module, func).receiver == Receiver::Lexical => {
                self.frame_with_this(class, frame)
            }
            _ => frame,
        };
        let value = Value::one(Atom::Function(Rc::new(Closure {
            module,
            func,
            frame,
            receiver: None,
            class,
            bound: Vec::new(),
            bound_named: Vec::new(),
            is_getter: false,
        })));
        self.definitions.insert((module, func), value.clone());
        value
    }

    /// What a static initializer sees: the class as `this`, but not its attributes as variables.
    fn frame_with_this(&mut self, class: ObjId, parent: ObjId) -> ObjId {
        let mut frame = Obj::new(ObjKind::Frame(Some(parent)));
        frame.fields.insert("this".into(), Value::object(class));
        self.store.alloc(frame)
    }

    fn object(&mut self, entries: &[Entry]) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        for entry in entries {
            match entry {
                Entry::Pair { key, value } => {
                    let key = self.entry_key(key);
                    let value = self.eval(*value);
                    self.put(id, &key, value, true);
                }
                Entry::Spread(other) => {
                    let other = self.eval(*other);
                    self.merge_into(id, &other);
                }
            }
        }
        Value::object(id)
    }

    pub(super) fn entry_key(&mut self, key: &EntryKey) -> Value {
        match key {
            EntryKey::Name(name) => Value::literal(name.clone()),
            EntryKey::Computed(expr) => self.eval(*expr),
        }
    }

    fn sequence(&mut self, items: &[Element]) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::List));
        for item in items {
            match item {
                Element::Item(expr) => {
                    let value = self.eval(*expr);
                    self.append(id, value);
                }
                Element::Spread(expr) => {
                    let span = self.span_of(*expr);
                    let value = self.eval(*expr);
                    self.extend(id, &value, span);
                }
            }
        }
        Value::object(id)
    }

    fn conditional(&mut self, cond: ExprId, then: ExprId, otherwise: ExprId) -> Value {
        let (test, span) = (cond, self.span_of(cond));
        let cond = self.eval(cond);
        match self.decide(&cond, span) {
            Some(true) => self.eval(then),
            Some(false) => self.eval(otherwise),
            None => self.either(&[(then, true), (otherwise, false)], Some(test), false),
        }
    }

    /// Chains lean to the left and may be as long as the source, so that they are gone through from their first operand.
    fn logical(&mut self, op: LogicalOp, left: ExprId, right: ExprId) -> Value {
        let mut chain = vec![(op, left, right)];
        let mut first = left;
        while let Expr::Logical { op, left, right } = &self.body().exprs[first] {
            chain.push((*op, *left, *right));
            first = *left;
        }
        let mut value = self.eval(first);
        while let Some((op, left, right)) = chain.pop() {
            value = self.either_operand(op, (left, value), right);
        }
        value
    }

    fn either_operand(&mut self, op: LogicalOp, (left, value): (ExprId, Value), right: ExprId) -> Value {
        let span = self.span_of(left);
        let truth = match op {
            LogicalOp::Coalesce => self.is_null(&value).map(|null| !null),
            _ => self.decide(&value, span),
        };
        let decided = match op {
            LogicalOp::And => truth == Some(false),
            LogicalOp::Or | LogicalOp::Coalesce => truth == Some(true),
        };
        if decided {
            return value;
        }
        let needed = truth.is_some();
        let asked = (op != LogicalOp::Coalesce).then_some(left);
        let other = self.either(&[(right, op == LogicalOp::And)], asked, !needed);
        if needed {
            return other;
        }
        match op {
            LogicalOp::And => other.joined(&self.what_is_false(&value)),
            LogicalOp::Or => self.or_default(&value.filtered(|atom| self.atom_truth(atom) != Some(false)), &other),
            LogicalOp::Coalesce => self.or_default(&value.filtered(|atom| !matches!(atom, Atom::Null(_))), &other),
        }
    }

    /// What a value is where it counts as false; of something unknown that is taken to be nothing.
    fn what_is_false(&self, value: &Value) -> Value {
        let mut all = value.filtered(|atom| self.atom_truth(atom) == Some(false));
        if value.atoms().iter().any(|atom| self.atom_truth(atom).is_none()) {
            all.join(&Value::null());
        }
        all
    }

    /// Whether a value is null, where that is certain.
    pub(super) fn is_null(&self, value: &Value) -> Option<bool> {
        let mut answers = value.atoms().iter().map(|atom| match atom {
            Atom::Null(_) => Some(true),
            // What a template refers to is a string.
            Atom::Hole(hole) if matches!(**hole, Hole::Resource { .. } | Hole::Parameter(_)) => Some(false),
            // What is read from an unknown value may be a method or nothing.
            Atom::Hole(_) | Atom::Wrapped(_) | Atom::Bound(_) => None,
            Atom::Sdk(sdk) if sdk.trust != Confidence::Certain => None,
            Atom::Sdk(_) => self.atom_is_made(atom).then_some(false),
            _ => Some(false),
        });
        let first = answers.next()??;
        answers.all(|answer| answer == Some(first)).then_some(first)
    }

    fn atom_is_made(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Sdk(sdk) => crate::sdk::is_made(&sdk.value),
            _ => true,
        }
    }

    fn compare(&mut self, op: CompareOp, left: ExprId, right: ExprId) -> Value {
        let span = self.span_of(left);
        let left = self.eval(left);
        let right = self.eval(right);
        let (left, right) = (self.plain(&left), self.plain(&right));
        if self.magic_compare(op, &left, &right, span).is_some() {
            return unknown_bool();
        }
        let equal = match op {
            CompareOp::Equal | CompareOp::NotEqual => self.equal(&left, &right),
            CompareOp::Identical | CompareOp::NotIdentical => match (left.single(), right.single()) {
                // Only of a `null` that is written it is known that it is not `undefined`; the reverse is not.
                (Some(Atom::Null(left)), Some(Atom::Null(right))) if (*left == Nothing::Null) != (*right == Nothing::Null) => {
                    None
                }
                _ => self.equal(&left, &right),
            },
            CompareOp::In | CompareOp::NotIn => {
                self.ask_if_in(&left, &right);
                self.contained(&left, &right)
            }
            CompareOp::Other => None,
        };
        for (value, other) in [(&left, &right), (&right, &left)] {
            if equal.is_some() {
                self.ask_what_decides(value);
            }
            if self.is_null(other) == Some(true) {
                self.ask_if_set(value);
            }
        }
        let negated = op == CompareOp::NotIn || op.equality() == Some(false);
        equal.map_or_else(unknown_bool, |equal| Value::one(Atom::Bool(equal != negated)))
    }

    pub(super) fn equal(&self, left: &Value, right: &Value) -> Option<bool> {
        match (left.single()?, right.single()?) {
            (Atom::Text(_), Atom::Text(_)) => Some(left.as_literal()? == right.as_literal()?),
            (Atom::Null(_), _) => self.is_null(right),
            (_, Atom::Null(_)) => self.is_null(left),
            (Atom::Bool(left), Atom::Bool(right)) => Some(left == right),
            (main @ Atom::Sdk(_), module @ Atom::Object(_)) | (module @ Atom::Object(_), main @ Atom::Sdk(_)) => {
                self.is_main_check(main, module).then_some(self.as_main)
            }
            (Atom::Number(left), Atom::Number(right)) => Some(left == right),
            _ => None,
        }
    }

    pub(super) fn contained(&self, item: &Value, collection: &Value) -> Option<bool> {
        let Atom::Object(id) = collection.single()? else { return None };
        if let Some(is_key) = self.is_paired_key(*id, item) {
            return Some(is_key);
        }
        // JavaScript tells its two kinds of nothing apart.
        let is_nothing = matches!(item.single()?, Atom::Null(_)) && !self.in_python();
        let object = self.store.get(*id);
        if is_nothing || object.open || !object.rest.is_none() || object.kind != ObjKind::List {
            return None;
        }
        let mut all = Some(false);
        for known in &object.items {
            match self.equal(item, &self.plain(known)) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => all = None,
            }
        }
        all
    }

    pub(super) fn binary(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Value {
        if let Some(value) = self.magic_binary(op, left, right, span) {
            return value;
        }
        let (left, right) = (&self.plain(left), &self.plain(right));
        match op {
            BinaryOp::Add => self.add(left, right),
            BinaryOp::Mod => self.percent(left, right),
            BinaryOp::Div if has_text(left) => {
                let slash = concat(&self.stringified(left), &Value::literal("/"));
                concat(&slash, &self.stringified(right))
            }
            BinaryOp::Union => self.union(left, right),
            BinaryOp::Div | BinaryOp::Other => Value::unknown("a number that the code computes"),
        }
    }

    fn add(&mut self, left: &Value, right: &Value) -> Value {
        let lists = |value: &Value| value.atoms().iter().any(|atom| matches!(atom, Atom::Object(_)));
        if lists(left) || lists(right) {
            let id = self.store.alloc(Obj::new(ObjKind::List));
            self.extend(id, left, Span::default());
            self.extend(id, right, Span::default());
            return Value::object(id);
        }
        if let (Some(Atom::Number(left)), Some(Atom::Number(right))) = (left.single(), right.single()) {
            return sum(left, right);
        }
        if is_arithmetic(left, right) {
            return self.derived(&[left, right], "a number that the code computes");
        }
        concat(&self.stringified(left), &self.stringified(right))
    }

    fn union(&mut self, left: &Value, right: &Value) -> Value {
        let objects = |value: &Value| value.atoms().iter().any(|atom| matches!(atom, Atom::Object(_)));
        if !objects(left) && !objects(right) {
            // `S3Client | None` in an annotation.
            return left.clone().joined(&right.filtered(|atom| !matches!(atom, Atom::Null(_))));
        }
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        self.merge_into(id, left);
        self.merge_into(id, right);
        Value::object(id)
    }

    fn slice(&mut self, object: ExprId, start: Option<ExprId>, end: Option<ExprId>) -> Value {
        let value = self.eval(object);
        let [start, end] = [start, end].map(|bound| bound.map(|bound| self.eval(bound)));
        let lists = value.filtered(|atom| matches!(atom, Atom::Object(_)));
        if lists.is_none() {
            let bounds = super::builtin::Bounds::new(start.as_ref(), end.as_ref());
            let texts = value.texts();
            return if texts.is_empty() {
                Value::unknown("part of a string")
            } else {
                texts.iter().map(|text| self.part_of(text, bounds)).collect()
            };
        }
        let copy = self.store.alloc(Obj::new(ObjKind::List));
        let all = self.elements(&lists);
        self.store.get_mut(copy).rest = all;
        Value::object(copy)
    }

    fn yielded(&mut self, value: Option<ExprId>, delegate: bool, span: Span) -> Value {
        let value = value.map_or_else(Value::null, |value| self.eval(value));
        let made = self.made_by_wrapped(&value, span);
        let value = if delegate { self.item_of(&value, span) } else { value }.joined(&made);
        if let Some(list) = self.current().yields {
            self.store.get_mut(list).rest.join(&value);
        }
        // What `yield` gives is what a driver sends in: for the generators of transpiled `async` code, the awaited value.
        self.awaited(&value)
    }

    fn super_value(&mut self) -> Value {
        let mut index = self.stack.len();
        while let Some(at) = index.checked_sub(1) {
            let activation = &self.stack[at];
            if let (Some(class), Some(receiver)) = (activation.class, &activation.receiver) {
                return Value::one(Atom::Super(Rc::new(SuperAtom { class, receiver: receiver.clone() })));
            }
            index = at;
            // An arrow function inside a method sees the method's `super`.
            if self.func(self.stack[at].module, self.stack[at].func).receiver != Receiver::Lexical {
                break;
            }
        }
        Value::unknown("`super` outside a class")
    }
}

pub(super) fn unknown_bool() -> Value {
    Value::unknown("whether a condition holds")
}

/// Whether a sum is one of numbers: there is one, and no text.
fn is_arithmetic(left: &Value, right: &Value) -> bool {
    let numbers = |value: &Value| !value.is_none() && value.atoms().iter().all(|atom| matches!(atom, Atom::Number(_)));
    let texts = |value: &Value| value.atoms().iter().any(|atom| matches!(atom, Atom::Text(_)));
    (numbers(left) && !texts(right)) || (numbers(right) && !texts(left))
}

fn has_text(value: &Value) -> bool {
    value.atoms().iter().any(|atom| matches!(atom, Atom::Text(_) | Atom::Hole(_)))
}

fn sum(left: &str, right: &str) -> Value {
    match (left.parse::<i64>(), right.parse::<i64>()) {
        (Ok(left), Ok(right)) => left.checked_add(right).map_or_else(
            || Value::unknown("a number that the code computes"),
            |sum| Value::one(Atom::Number(sum.to_string().into())),
        ),
        _ => Value::unknown("a number that the code computes"),
    }
}

/// How many known and unknown parts a string may be put together from.
const MAX_PIECES: usize = 64;

/// Every combination of two sets of strings, within bounds.
pub(super) fn concat(left: &Value, right: &Value) -> Value {
    let (lefts, rights) = (left.texts(), right.texts());
    if lefts.len() * rights.len() > 32 {
        return Value::text(Text::from_pieces(
            common(&lefts).pieces().iter().chain(common(&rights).pieces()).cloned().collect::<Vec<Piece>>(),
        ));
    }
    let mut all = Value::none();
    for left in &lefts {
        for right in &rights {
            let mut text = left.clone();
            text.push_text(right);
            let many = text.pieces().len() > MAX_PIECES;
            all.join(&if many { Value::unknown(LONG_TEXT) } else { Value::text(text) });
        }
    }
    all
}

/// One text for several: itself when there is one, else a hole.
fn common(texts: &[Text]) -> Text {
    match texts {
        [text] => text.clone(),
        _ => Text::hole(Hole::Unknown("too many values".into())),
    }
}
