//! Statements: one short arm per form.

use super::interp::Interp;
use super::store::Delta;
use super::value::{Atom, Value};
use crate::ids::{ExprId, StmtId};
use crate::ir::{BinaryOp, Block, Expr, Pattern, SelectArm, Stmt};
use crate::note::NoteKind;

/// How a block ends. The state at that moment is the current one in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Execution goes on behind it.
    Falls,
    /// It leaves the function, by `return` or an exception.
    Leaves,
    /// It leaves the innermost loop.
    Breaks,
    /// It goes on with the next round of the innermost loop.
    Continues,
}

/// States in which rounds of a loop ended from within.
#[derive(Debug)]
pub(super) struct Jumps {
    /// Where a `break` was.
    pub(super) breaks: Vec<Delta>,
    /// Where a `continue` was.
    pub(super) continues: Vec<Delta>,
    /// How many paths had begun before the loop.
    paths: usize,
}

/// One path of several: what it changed and how it ended.
pub(super) struct Way {
    pub(super) delta: Delta,
    pub(super) end: End,
}

/// What a variable is that an annotation declares and nothing assigns.
pub(super) const NO_VALUE: &str = "a variable that is declared without a value";
/// Most items of a known list that a loop takes one by one.
pub(super) const MAX_UNROLLED: usize = 24;
/// Most rounds of a loop over unknown items.
const MAX_ROUNDS: usize = 3;

impl Interp<'_> {
    pub(super) fn block(&mut self, block: &Block) -> End {
        for &stmt in block {
            let end = self.stmt(stmt);
            if end != End::Falls {
                return end;
            }
        }
        End::Falls
    }

    pub(super) fn stmt(&mut self, id: StmtId) -> End {
        if !self.tick() {
            return End::Leaves;
        }
        match &self.body().stmts[id] {
            Stmt::Bind { pattern, value, annotation } => self.bind_stmt(pattern, *value, *annotation),
            Stmt::Update { target, op, value } => self.update(target, *op, *value),
            Stmt::Evaluate(expr) => {
                self.eval(*expr);
                End::Falls
            }
            Stmt::Return(value) => self.ret(*value),
            Stmt::Branch { cond, then, otherwise } => self.branch(*cond, then, otherwise),
            Stmt::Select { subject, arms } => self.select(*subject, arms),
            Stmt::Loop { each, over_keys, cond, body, otherwise } => {
                self.looped(each.as_ref(), *over_keys, *cond, body, otherwise)
            }
            Stmt::Guarded { body, handlers, otherwise, finally } => self.guarded(body, handlers, otherwise, finally),
            Stmt::With { items, body } => self.with(items, body),
            Stmt::Scope(block) => self.block(block),
            Stmt::DefineFunction(func) => {
                self.define_function(*func);
                End::Falls
            }
            Stmt::DefineClass(class) => {
                self.define_class(*class);
                End::Falls
            }
            Stmt::ImportAll(import) => {
                self.import_all(*import);
                End::Falls
            }
            Stmt::Delete { object, index } => {
                let (object, index) = (self.eval(*object), self.eval(*index));
                self.magic(&object, &["__delitem__"], &[index], crate::span::Span::default());
                End::Falls
            }
            Stmt::Break => End::Breaks,
            Stmt::Continue => End::Continues,
            Stmt::Throw(value) => self.throw(*value),
        }
    }

    fn bind_stmt(&mut self, pattern: &Pattern, value: ExprId, annotation: Option<ExprId>) -> End {
        let mut evaluated = self.eval(value);
        if self.comes_too_early(value, &evaluated) {
            self.providers.lack_import();
            return End::Falls;
        }
        if let Some(annotation) = annotation {
            if matches!(self.body().exprs[value], Expr::Missing) {
                evaluated = Value::unknown(NO_VALUE);
                if let (Pattern::Name(name), Some(class), false) = (pattern, self.current().class_body, self.in_python()) {
                    let declared = self.declared_in_class(class, name, annotation);
                    self.bind(pattern, declared);
                    return End::Falls;
                }
            }
            evaluated = self.with_annotation(evaluated, annotation);
            // What JavaScript declares and does not assign is absent until something does.
            let is_known = |atom: &Atom| matches!(atom, Atom::Object(_) | Atom::Sdk(_));
            if matches!(self.body().exprs[value], Expr::Missing) && !self.in_python() && evaluated.atoms().iter().any(is_known) {
                evaluated.join(&Value::null());
            }
        }
        self.bind(pattern, evaluated);
        End::Falls
    }

    fn update(&mut self, target: &Pattern, op: BinaryOp, value: ExprId) -> End {
        let old = self.read_pattern(target);
        let right = self.eval(value);
        let span = self.span_of(value);
        let new = self.binary(op, &old, &right, span);
        self.bind(target, new);
        End::Falls
    }

    fn ret(&mut self, value: Option<ExprId>) -> End {
        let value = value.map_or_else(Value::null, |value| self.eval(value));
        self.current_mut().returns.join(&value);
        End::Leaves
    }

    /// Runs one path from the current state and takes its changes back.
    pub(super) fn way(&mut self, run: impl FnOnce(&mut Self) -> End) -> Way {
        self.store.begin();
        let end = run(self);
        Way { delta: self.store.take(), end }
    }

    /// Continues with whatever paths fall through; the others leave from their own states. When none falls through, the state is
    /// that of those which leave in one way, and the others leave from their own.
    pub(super) fn rejoin(&mut self, ways: Vec<Way>, stay: bool) -> End {
        let is_there = |end: End| ways.iter().any(|way| way.end == end);
        let end = if stay || is_there(End::Falls) {
            End::Falls
        } else {
            [End::Breaks, End::Continues].into_iter().find(|&end| is_there(end)).unwrap_or(End::Leaves)
        };
        let mut ends = Vec::new();
        for way in ways {
            if way.end == end {
                ends.push(way.delta);
            } else {
                self.leave_by(way);
            }
        }
        self.store.merge(ends, stay);
        end
    }

    /// Keeps the state of a path that leaves for where it goes on.
    pub(super) fn leave_by(&mut self, Way { mut delta, end }: Way) {
        let current = self.stack.last_mut().expect("statements are run within a function or a module's top level");
        let (kept, paths) = match (end, current.loops.last_mut()) {
            (End::Breaks, Some(inner)) => (&mut inner.breaks, inner.paths),
            (End::Continues, Some(inner)) => (&mut inner.continues, inner.paths),
            _ => (&mut current.early, current.paths),
        };
        self.store.complete(&mut delta, paths);
        kept.push(delta);
    }

    fn branch(&mut self, cond: ExprId, then: &Block, otherwise: &Block) -> End {
        let (mut cond, mut then, mut otherwise) = (cond, then, otherwise);
        // The ways that were gone before the one that is being gone: `elif` may follow on `elif` as long as the source is.
        let mut taken = Vec::new();
        let mut end = loop {
            let span = self.span_of(cond);
            let value = self.eval(cond);
            match self.decide(&value, span) {
                Some(true) => break self.block(then),
                Some(false) => {}
                None => {
                    taken.push(self.way(|this| {
                        this.assume(cond, true);
                        this.block(then)
                    }));
                    self.store.begin();
                    self.assume(cond, false);
                }
            }
            let [next] = otherwise.as_slice() else { break self.block(otherwise) };
            let Stmt::Branch { cond: next, then: block, otherwise: last } = &self.body().stmts[*next] else {
                break self.block(otherwise);
            };
            if !self.tick() {
                break End::Leaves;
            }
            (cond, then, otherwise) = (*next, block, last);
        };
        while let Some(way) = taken.pop() {
            let other = Way { delta: self.store.take(), end };
            end = self.rejoin(vec![way, other], false);
        }
        end
    }

    /// Evaluates one of several expressions, each from the same state and with what the condition is for it.
    pub(super) fn either(&mut self, choices: &[(ExprId, bool)], cond: Option<ExprId>, stay: bool) -> Value {
        let mut value = Value::none();
        let mut ends = Vec::new();
        for &(choice, holds) in choices {
            self.store.begin();
            if let Some(cond) = cond {
                self.assume(cond, holds);
            }
            value.join(&self.eval(choice));
            ends.push(self.store.take());
        }
        self.store.merge(ends, stay);
        value
    }

    /// Runs code that may or may not run.
    pub(super) fn perhaps<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        self.store.begin();
        let result = run(self);
        let delta = self.store.take();
        self.store.merge(vec![delta], true);
        result
    }

    fn select(&mut self, compared: ExprId, arms: &[SelectArm]) -> End {
        let subject = self.eval(compared);
        let mut ways = Vec::new();
        let mut stay = true;
        for index in 0..arms.len() {
            // A `default` in the middle leaves the arms behind it their subjects.
            let matches =
                self.arm_matches(&subject, &arms[index]).filter(|sure| !sure || !arms[index].always || index + 1 == arms.len());
            match matches {
                Some(false) => {}
                Some(true) => {
                    ways.push(self.way(|this| this.arm(&subject, arms, index)));
                    stay = false;
                    break;
                }
                None => ways.push(self.way(|this| {
                    this.assume_one_of(compared, &arms[index].values);
                    this.arm(&subject, arms, index)
                })),
            }
        }
        self.rejoin(ways, stay)
    }

    /// Whether an arm is taken: certainly, certainly not, or perhaps.
    fn arm_matches(&mut self, subject: &Value, arm: &SelectArm) -> Option<bool> {
        let values: Vec<Value> = arm.values.iter().map(|&value| self.eval(value)).collect();
        let (subject, values) = (self.plain(subject), values.iter().map(|value| self.plain(value)).collect::<Vec<_>>());
        if arm.open {
            return (arm.always && arm.guard.is_none()).then_some(true);
        }
        let answers: Vec<Option<bool>> = values.iter().map(|value| self.equal(&subject, value)).collect();
        if answers.contains(&Some(true)) && arm.guard.is_none() {
            return Some(true);
        }
        answers.iter().all(|answer| *answer == Some(false)).then_some(false)
    }

    fn arm(&mut self, subject: &Value, arms: &[SelectArm], first: usize) -> End {
        for (index, arm) in arms.iter().enumerate().skip(first) {
            if index == first {
                for capture in &arm.captures {
                    self.bind(capture, subject.clone());
                }
                if let Some(guard) = arm.guard {
                    self.eval(guard);
                }
            }
            let end = self.block(&arm.body);
            if end != End::Falls || !arm.falls_through {
                return end;
            }
        }
        End::Falls
    }

    fn looped(
        &mut self,
        each: Option<&(Pattern, ExprId)>,
        over_keys: bool,
        cond: Option<ExprId>,
        body: &Block,
        otherwise: &Block,
    ) -> End {
        let rounds = match each {
            Some((_, iterable)) => {
                let iterable = self.eval(*iterable);
                let span = self.current_span(each);
                if over_keys { self.keys_of(&iterable) } else { self.rounds_of(&iterable, span) }
            }
            None => Rounds { items: Vec::new(), rest: Value::null() },
        };
        let jumps = Jumps { breaks: Vec::new(), continues: Vec::new(), paths: self.store.open_paths() };
        self.current_mut().loops.push(jumps);
        let pattern = each.map(|(pattern, _)| pattern);
        let is_endless = each.is_none() && cond.is_none();
        if !is_endless || self.first_round(body) {
            self.run_rounds(pattern, rounds, cond, body);
        }
        let jumps = self.current_mut().loops.pop();
        let breaks = jumps.map(|jumps| jumps.breaks).unwrap_or_default();
        if otherwise.is_empty() || is_endless {
            self.store.absorb(breaks);
            return End::Falls;
        }
        // What ends with a `break` goes on behind it.
        let mut ways: Vec<Way> = breaks.into_iter().map(|delta| Way { delta, end: End::Falls }).collect();
        if ways.is_empty() {
            return self.block(otherwise);
        }
        ways.push(self.way(|this| this.block(otherwise)));
        self.rejoin(ways, false)
    }

    fn current_span(&self, each: Option<&(Pattern, ExprId)>) -> crate::span::Span {
        each.map(|(_, iterable)| self.span_of(*iterable)).unwrap_or_default()
    }

    fn run_rounds(&mut self, pattern: Option<&Pattern>, rounds: Rounds, cond: Option<ExprId>, body: &Block) {
        if rounds.items.len() <= MAX_UNROLLED {
            for (index, item) in rounds.items.into_iter().enumerate() {
                let in_loop = self.store.sites.in_loop();
                if in_loop {
                    self.store.sites.enter(("item", index));
                }
                self.round(pattern, item, None, body);
                if in_loop {
                    self.store.sites.leave();
                }
            }
        } else {
            let all: Value = rounds.items.into_iter().collect();
            self.round(pattern, all, None, body);
        }
        if rounds.rest.is_none() {
            return;
        }
        // Loops within loops would multiply the work.
        let records = if self.store.sites.in_loop() { vec![rounds.rest] } else { self.apart(rounds.rest) };
        let place = self.store.sites.begin();
        for _ in 0..MAX_ROUNDS {
            // A loop without condition is left from within only; whatever follows is reached through a `break`.
            if let Some(cond) = cond {
                let span = self.span_of(cond);
                let value = self.eval(cond);
                if self.decide(&value, span) == Some(false) {
                    break;
                }
            }
            let mut changes = false;
            for (index, record) in (0..).zip(&records) {
                self.store.sites.enter_round(u64::wrapping_add(place, index));
                changes |= self.round(pattern, record.clone(), cond, body);
                self.store.sites.leave();
            }
            if !changes {
                break;
            }
        }
    }

    /// The first round of a loop that has no condition, which happens whatever follows. Whether others may follow: blocks with a
    /// label are loops that end in a `break`.
    fn first_round(&mut self, body: &Block) -> bool {
        let way = self.way(|this| this.block(body));
        let leaves = way.end == End::Leaves;
        let mut ends = self.ended(way);
        let goes_on = !ends.is_empty();
        if leaves {
            self.store.merge(ends, false);
            return goes_on;
        }
        ends.extend(self.current_mut().loops.last_mut().map(|inner| std::mem::take(&mut inner.breaks)).unwrap_or_default());
        self.store.merge(ends, false);
        goes_on
    }

    /// The states in which a round ends that others may follow.
    fn ended(&mut self, way: Way) -> Vec<Delta> {
        let again = self.current_mut().loops.last_mut().map(|inner| std::mem::take(&mut inner.continues));
        let mut ends = again.unwrap_or_default();
        match way.end {
            End::Falls | End::Continues => ends.push(way.delta),
            End::Leaves | End::Breaks => self.leave_by(way),
        }
        ends
    }

    /// One more round that may or may not happen. Whether it changed anything.
    fn round(&mut self, pattern: Option<&Pattern>, item: Value, cond: Option<ExprId>, body: &Block) -> bool {
        let way = self.way(|this| {
            if let Some(cond) = cond {
                this.assume(cond, true);
            }
            if let Some(pattern) = pattern {
                this.bind(pattern, item);
            }
            this.block(body)
        });
        let ends = self.ended(way);
        self.store.merge(ends, true)
    }

    fn with(&mut self, items: &[(ExprId, Option<Pattern>)], body: &Block) -> End {
        let mut managers = Vec::new();
        for (manager, pattern) in items {
            let span = self.span_of(*manager);
            let value = self.eval(*manager);
            let entered = self.enter_context(&value, span);
            if let Some(pattern) = pattern {
                self.bind(pattern, entered);
            }
            managers.push((value, span));
        }
        if !managers.iter().any(|(value, _)| self.learns_of_exit(value)) {
            return self.block(body);
        }
        let exit = |this: &mut Self| {
            for (value, span) in managers.iter().rev() {
                this.exit_context(value, *span);
            }
            End::Falls
        };
        self.finishing(|this, states| this.steps(body, states), exit)
    }

    /// `eval`, `exec` and the like: what they run cannot be seen.
    pub(super) fn dynamic_code(&mut self, span: crate::span::Span, what: &str) {
        self.note(
            NoteKind::DynamicCode,
            span,
            format!("`{what}` runs code that cannot be read; AWS calls in it are not covered"),
        );
    }

    /// Whether a value counts as true, where that is certain.
    pub(super) fn truth(&self, value: &Value) -> Option<bool> {
        let mut answers = value.atoms().iter().map(|atom| self.atom_truth(atom));
        let first = answers.next()??;
        answers.all(|answer| answer == Some(first)).then_some(first)
    }

    pub(super) fn atom_truth(&self, atom: &Atom) -> Option<bool> {
        match atom {
            Atom::Null(_) => Some(false),
            Atom::Bool(value) => Some(*value),
            Atom::Number(number) => number.parse::<f64>().ok().map(|number| number != 0.0),
            Atom::Text(text) => match text.as_literal() {
                Some(literal) => Some(!literal.is_empty()),
                None => text.pieces().iter().any(|piece| matches!(piece, crate::value::Piece::Literal(_))).then_some(true),
            },
            Atom::Function(_) | Atom::Package(_) => Some(true),
            // A resource of the template has a name.
            Atom::Hole(hole) if matches!(**hole, crate::value::Hole::Resource { .. }) => Some(true),
            // What an annotation tells may still be absent.
            Atom::Sdk(sdk) if sdk.trust != crate::sdk::Confidence::Certain => None,
            Atom::Sdk(sdk) => crate::sdk::is_made(&sdk.value).then_some(true),
            Atom::Object(id) => {
                use super::store::ObjKind;
                matches!(self.store.get(*id).kind, ObjKind::Class { .. } | ObjKind::Namespace(_)).then_some(true).or_else(|| {
                    match &self.store.get(*id).kind {
                        ObjKind::Instance(_) => {
                            let asks = ["__bool__", "__len__"].iter().any(|name| self.defines(atom, name));
                            (!asks).then_some(true)
                        }
                        _ => None,
                    }
                })
            }
            _ => None,
        }
    }
}

/// What a loop goes through: known items one by one, then any number of unknown ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Rounds {
    pub(super) items: Vec<Value>,
    /// Empty when there are no others.
    pub(super) rest: Value,
}

impl Rounds {
    /// Goes through further items: one by one where they are all there is, else as some of those of unknown number.
    pub(super) fn take(&mut self, items: impl IntoIterator<Item = Value>, one_by_one: bool) {
        if one_by_one {
            self.items.extend(items);
        } else {
            items.into_iter().for_each(|item| self.rest.join(&item));
        }
    }
}
