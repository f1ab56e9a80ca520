//! `__generator`, the helper with which TypeScript's output for ES5 runs what was `async` or a generator: the body is a `switch` over
//! labels, each of which says by what it returns how to go on.
//!
//! <https://github.com/microsoft/tslib>

use rustc_hash::FxHashMap;

use super::super::bound::Bound;
use super::super::call::Args;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, ObjId, Value};
use crate::note::NoteKind;
use crate::span::Span;

/// How often one label is run: once more where it gets something else than before.
const MAX_RUNS: u32 = 2;
/// How many labels a body may have; one that has none and goes on at the next all the same would never end.
const MAX_LABELS: usize = 1_000;

/// What a label gets, and how often it was run.
#[derive(Default)]
struct Label {
    sent: Value,
    runs: u32,
}

impl Interp<'_> {
    /// What the body gives in the end, and what it yields on its way is awaited.
    pub(super) fn es5_generator(&mut self, args: &Args, span: Span) -> Value {
        let body = self.partial(&args.get(1), Some(&args.get(0)), &[], &[]);
        let mut labels: FxHashMap<i64, Label> = FxHashMap::default();
        labels.insert(0, Label::default());
        let mut open = std::collections::VecDeque::from([0]);
        let mut result = Value::none();
        while let Some(at) = open.pop_front() {
            let label = labels.entry(at).or_default();
            label.runs += 1;
            let sent = if label.sent.is_none() { Value::null() } else { label.sent.clone() };
            let (state, tries) = self.es5_state(at, sent);
            let call = Args::positional(vec![Value::object(state)]);
            let given = if at == 0 {
                self.call_value(&body, call, span)
            } else {
                self.perhaps(|this| this.call_value(&body, call, span))
            };
            let last = self.store.get(state).fields.get("label").and_then(number).unwrap_or(at);
            let mut further = Vec::new();
            for atom in given.atoms() {
                let Atom::Object(step) = atom else { continue };
                let items = self.store.get(*step).items.clone();
                let value = items.get(1).cloned().unwrap_or_default();
                match items.first().and_then(number) {
                    Some(2) => result.join(&if value.is_none() { Value::null() } else { value }),
                    Some(3) => further.extend(number(&value).map(|target| (target, Value::none()))),
                    // Where the label was set on the way, the body may have left before or after.
                    Some(4 | 5) => {
                        let awaited = self.awaited(&value);
                        further.push((last.saturating_add(1), awaited.clone()));
                        further.extend((last != at).then(|| (at.saturating_add(1), awaited)));
                    }
                    _ => {}
                }
            }
            further.extend(self.es5_handlers(tries));
            for (target, sent) in further {
                if labels.len() >= MAX_LABELS && !labels.contains_key(&target) {
                    let message = "this function goes on at more labels than are followed; calls behind them are not covered";
                    self.note(NoteKind::Budget, span, message);
                    continue;
                }
                let label = labels.entry(target).or_default();
                let before = label.sent.clone();
                label.sent.join(&sent);
                if (label.runs == 0 || label.sent != before) && label.runs < MAX_RUNS && !open.contains(&target) {
                    open.push_back(target);
                }
            }
        }
        if result.is_none() { Value::null() } else { result }
    }

    /// What the body is called with: the label it goes on at, what was sent to it, and the blocks it is in that catch.
    fn es5_state(&mut self, label: i64, sent: Value) -> (ObjId, ObjId) {
        let tries = self.store.alloc(Obj::new(ObjKind::List));
        let operations = self.store.alloc(Obj::new(ObjKind::List));
        let mut state = Obj::new(ObjKind::Dict);
        state.fields.insert("label".into(), Value::one(Atom::Number(label.to_string().into())));
        let sent = Value::from(Bound::Gives(sent));
        state.fields.insert("sent".into(), sent);
        state.fields.insert("trys".into(), Value::object(tries));
        state.fields.insert("ops".into(), Value::object(operations));
        (self.store.alloc(state), tries)
    }

    /// Where it goes on when something is thrown, and behind that: `[try, catch, finally, next]`.
    fn es5_handlers(&mut self, tries: ObjId) -> Vec<(i64, Value)> {
        let mut found = Vec::new();
        let list = self.store.share(tries);
        for atom in list.items.iter().chain([&list.rest]).flat_map(Value::atoms) {
            let Atom::Object(block) = atom else { continue };
            let items = self.store.get(*block).items.clone();
            let at = |index: usize| items.get(index).and_then(number);
            found.extend(at(1).map(|target| (target, self.failure())));
            found.extend([at(2), at(3)].into_iter().flatten().map(|target| (target, Value::none())));
        }
        found
    }
}

fn number(value: &Value) -> Option<i64> {
    match value.single() {
        Some(Atom::Number(number)) => number.parse().ok(),
        _ => None,
    }
}
