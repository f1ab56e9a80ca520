//! Functions that hand a value from one function to the next, and functions that call another one for each item of a collection:
//! `flow(trim, save)(name)`, `map(save)(names)`, `of(name).pipe(switchMap(save))`.
//!
//! Which functions of which libraries do so is data. A stream of values is a list of them here.

use super::bound::Bound;
use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Value};
use crate::sdk::Flow;
use crate::span::Span;

impl Interp<'_> {
    /// What a function of a library gives that hands values on.
    pub(super) fn flowing(&mut self, flow: &Flow, args: &Args, span: Span) -> Value {
        match flow {
            Flow::Piped => {
                let functions = self.functions_listed(args.positional.get(1..).unwrap_or_default());
                self.piped(&args.get(0), &functions, span)
            }
            Flow::Pipeline { reversed } => {
                let mut functions = self.functions_listed(&args.positional);
                if *reversed {
                    functions.reverse();
                }
                Bound::HandsOn(self.list(functions, args.rest.clone())).into()
            }
            Flow::Each(each) => {
                let given = |at: Option<usize>| at.map(|at| args.get(at)).unwrap_or_default();
                let (items, function, initial) = (given(each.items), given(each.function), given(each.initial));
                if !items.is_none() {
                    let result = self.through_each(&each.how, &items, &function, &initial, span);
                    let failed = Value::null().joined(&self.failure());
                    self.call_back(&given(each.done), vec![failed, result.clone()], span);
                    return result;
                }
                let with = self.list(vec![function, initial], Value::none());
                Bound::GoesThrough { how: each.how.clone(), with }.into()
            }
            Flow::Listed => self.list(args.positional.clone(), args.rest.clone()),
            Flow::Stream => {
                let source = self.awaited(&args.get(0));
                self.streamed(&source, span)
            }
        }
    }

    /// What a library gives that keeps items of a collection as they are: which of them, and in which order, is not followed.
    fn keeping(&mut self, kept: &str, items: &Value, span: Span) -> Value {
        let item = self.item_of(items, span);
        let all = self.list(Vec::new(), item);
        match kept {
            "chunks" => self.list(Vec::new(), all),
            "groups" => {
                let groups = Obj { rest: all, ..Obj::new(ObjKind::Dict) };
                Value::object(self.store.alloc(groups))
            }
            _ => all,
        }
    }

    /// What a function of a library goes through: of an object, the values.
    fn items_among(&mut self, items: &Value) -> Value {
        let is_dict = |atom: &Atom| matches!(atom, Atom::Object(id) if self.store.get(*id).kind == ObjKind::Dict);
        if !items.is_none() && items.atoms().iter().all(is_dict) { self.values(items) } else { items.clone() }
    }

    /// The functions among some arguments, which may also be given in one list.
    fn functions_listed(&mut self, args: &[Value]) -> Vec<Value> {
        let mut functions = Vec::new();
        for arg in args {
            let is_list = |atom: &Atom| matches!(atom, Atom::Object(id) if self.store.get(*id).kind == ObjKind::List);
            if arg.atoms().iter().all(is_list) {
                let rounds = self.rounds_of(arg, Span::default());
                functions.extend(rounds.items.into_iter().chain(Some(rounds.rest).filter(|rest| !rest.is_none())));
            } else {
                functions.push(arg.clone());
            }
        }
        functions
    }

    /// What becomes of a value that goes through some functions.
    pub(super) fn piped(&mut self, value: &Value, functions: &[Value], span: Span) -> Value {
        functions.iter().fold(value.clone(), |value, function| {
            let result = self.call_value(function, Args::positional(vec![value]), span);
            self.awaited(&result)
        })
    }

    /// Calls what hands on: the first function gets all arguments, each other one what the one before it gave.
    pub(super) fn hand_on(&mut self, functions: &Value, args: Args, span: Span) -> Value {
        let rounds = self.rounds_of(functions, span);
        let Some((first, others)) = rounds.items.split_first() else { return self.call_unknown(&args, span) };
        let value = self.call_value(first, args, span);
        let value = self.awaited(&value);
        let value = self.piped(&value, others, span);
        if rounds.rest.is_none() { value } else { self.call_unknown(&Args::positional(vec![rounds.rest, value]), span) }
    }

    /// Calls what waits for a collection.
    pub(super) fn go_through(&mut self, how: &str, with: &Value, args: &Args, span: Span) -> Value {
        let parts = self.rounds_of(with, span).items;
        let [function, initial] = parts.as_slice() else { return self.call_unknown(args, span) };
        self.through_each(how, &args.get(0), function, initial, span)
    }

    fn through_each(&mut self, how: &str, items: &Value, function: &Value, initial: &Value, span: Span) -> Value {
        let items = &self.items_among(items);
        let given = vec![function.clone(), initial.clone()].into_iter().filter(|value| !value.is_none()).collect();
        let args = Args::positional(given);
        match how {
            // The name of a property stands for a function that reads it.
            "map" if function.as_literal().is_some() => {
                let name = function.as_literal().unwrap_or_default().into();
                let rounds = self.rounds_of(items, span);
                let known = rounds.items.iter().map(|item| self.member(item, &name, span)).collect();
                let rest = if rounds.rest.is_none() { Value::none() } else { self.member(&rounds.rest, &name, span) };
                self.list(known, rest)
            }
            "flat" => {
                let results = if function.is_none() { items.clone() } else { self.each_of(items, "map", &args, span) };
                let rounds = self.rounds_of(&results, span);
                let all = self.list(Vec::new(), Value::none());
                for result in rounds.items.iter().chain(Some(&rounds.rest).filter(|rest| !rest.is_none())) {
                    let inner = self.streamed(result, span);
                    if let Some(Atom::Object(all)) = all.single() {
                        self.extend(*all, &inner, span);
                    }
                }
                all
            }
            "scan" => {
                let total = self.each_of(items, "reduce", &args, span);
                self.list(Vec::new(), total)
            }
            "tap" => {
                self.observe(function, items, span);
                items.clone()
            }
            "catch" => {
                let instead = self.call_back(function, vec![self.failure(), items.clone()], span);
                let instead = self.streamed(&instead, span);
                items.clone().joined(&instead)
            }
            "finally" => {
                self.call_back(function, Vec::new(), span);
                items.clone()
            }
            "pass" => items.clone(),
            "item" => self.item_of(items, span),
            "kept" | "chunks" | "groups" => self.keeping(how, items, span),
            how => self.each_of(items, how, &args, span),
        }
    }

    /// The values that something gives one after the other: those of a list, else itself.
    fn streamed(&mut self, source: &Value, span: Span) -> Value {
        let mut stream = Obj::new(ObjKind::List);
        for atom in source.atoms() {
            let value = Value::one(atom.clone());
            match atom {
                Atom::Object(id) if self.store.get(*id).kind == ObjKind::List && source.atoms().len() == 1 => return value,
                Atom::Object(id) if self.store.get(*id).kind == ObjKind::List => stream.rest.join(&self.item_of(&value, span)),
                _ if source.atoms().len() == 1 => stream.items.push(value),
                _ => stream.rest.join(&value),
            }
        }
        Value::object(self.store.alloc(stream))
    }

    /// Calls an observer with each value: a function, or an object whose `next` is one.
    fn observe(&mut self, observer: &Value, items: &Value, span: Span) {
        let is_plain = |atom: &Atom| matches!(atom, Atom::Object(id) if self.store.get(*id).kind == ObjKind::Dict);
        let objects = observer.filtered(is_plain);
        let mut next = observer.filtered(|atom| !is_plain(atom));
        if !objects.is_none() {
            next.join(&self.member(&objects, &"next".into(), span));
            let failed = self.member(&objects, &"error".into(), span);
            self.call_back(&failed, vec![self.failure()], span);
            let done = self.member(&objects, &"complete".into(), span);
            self.call_back(&done, Vec::new(), span);
        }
        self.each_of(items, "forEach", &Args::positional(vec![next]), span);
    }

    /// Methods that a stream has and no list of the language: `stream.pipe(…)`, `stream.subscribe(…)`.
    pub(super) fn stream_method(&mut self, stream: &Value, name: &str, args: &Args, span: Span) -> Value {
        if name == "pipe" {
            return self.piped(stream, &args.positional, span);
        }
        self.observe(&args.get(0), stream, span);
        self.call_back(&args.get(1), vec![self.failure()], span);
        self.call_back(&args.get(2), Vec::new(), span);
        Value::unknown("a subscription")
    }
}
