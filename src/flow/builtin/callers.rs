//! Functions of Python's standard library that call what they are given: threads, timers, pools, event loops.

use smol_str::SmolStr;

use super::super::call::Args;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, ObjId, Value};
use crate::sdk::SdkValue;
use crate::span::Span;

/// How a function is told what to call.
#[derive(Debug, Clone, Copy)]
enum Told {
    /// By the argument at this position, whose own arguments are those behind it.
    Rest(usize),
    /// By three arguments: the function, a list of its arguments and a dictionary of its named ones, each at this position or under
    /// this name.
    Packed([(usize, &'static str); 3]),
}

const THREAD: Told = Told::Packed([(1, "target"), (3, "args"), (4, "kwargs")]);
const SCHEDULED: Told = Told::Packed([(2, "action"), (3, "argument"), (4, "kwargs")]);
const APPLIED: Told = Told::Packed([(0, "func"), (1, "args"), (2, "kwds")]);

/// <https://docs.python.org/3/library/index.html>
const FUNCTIONS: [(&str, Told); 14] = [
    ("_thread.start_new_thread", Told::Packed([(0, "function"), (1, "args"), (2, "kwargs")])),
    ("asyncio.loop.call_soon", Told::Rest(0)),
    ("asyncio.to_thread", Told::Rest(0)),
    ("contextlib.AsyncExitStack.().callback", Told::Rest(0)),
    ("contextlib.ExitStack.().callback", Told::Rest(0)),
    ("contextvars.Context.().run", Told::Rest(0)),
    ("contextvars.copy_context.().run", Told::Rest(0)),
    ("multiprocessing.Process", THREAD),
    ("sched.scheduler.().enter", SCHEDULED),
    ("sched.scheduler.().enterabs", SCHEDULED),
    ("signal.signal", Told::Rest(1)),
    ("threading.Thread", THREAD),
    ("threading.Timer", Told::Packed([(1, "function"), (2, "args"), (3, "kwargs")])),
    ("weakref.finalize", Told::Rest(1)),
];

/// Where instances of the classes among these keep what they are to call, its arguments and its named ones.
const THREADS: [(&str, [&str; 3]); 3] = [
    ("multiprocessing.Process", ["_target", "_args", "_kwargs"]),
    ("threading.Thread", ["_target", "_args", "_kwargs"]),
    ("threading.Timer", ["function", "args", "kwargs"]),
];

/// Methods of thread pools, process pools, event loops and groups of tasks, whatever these were made by.
/// <https://docs.python.org/3/library/asyncio-eventloop.html>, <https://docs.python.org/3/library/multiprocessing.html>
const METHODS: [(&str, Told); 10] = [
    ("apply", APPLIED),
    ("apply_async", APPLIED),
    ("call_at", Told::Rest(1)),
    ("call_later", Told::Rest(1)),
    ("call_soon", Told::Rest(0)),
    ("call_soon_threadsafe", Told::Rest(0)),
    ("run_in_executor", Told::Rest(1)),
    ("start_soon", Told::Rest(0)),
    ("submit", Told::Rest(0)),
    ("to_thread", Told::Rest(0)),
];

/// What the names of the makers of pools and loops have in common.
const POOLS: [&str; 5] = ["Executor", "Pool", "loop", "TaskGroup", "create_task_group"];

impl Interp<'_> {
    /// `Thread(target=f, args=xs)`, `executor.submit(f, *args)`, `executor.map(f, xs)`, `loop.call_later(1, f, *args)`.
    pub(super) fn python_caller(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        if let Some((_, told)) = FUNCTIONS.iter().find(|(name, _)| *name == path) {
            return Some(self.call_told(*told, args, span));
        }
        let (owner, name) = path.rsplit_once('.')?;
        if !POOLS.iter().any(|part| owner.contains(part)) {
            return None;
        }
        if let Some((_, told)) = METHODS.iter().find(|(method, _)| *method == name) {
            return Some(self.call_told(*told, args, span));
        }
        match name {
            "starmap" | "starmap_async" => Some(self.star_map(&args.get(0), &args.either(1, "iterable"), span)),
            "map" | "imap" | "imap_unordered" | "map_async" if args.positional.len() == 2 => {
                let each = Args::positional(vec![args.get(0)]);
                Some(self.each_of(&args.get(1), "map", &each, span))
            }
            "map" => Some(self.map_together(args, span)),
            "imap" | "imap_unordered" | "map_async" => Some(self.call_told(Told::Rest(0), args, span)),
            _ => None,
        }
    }

    /// An instance of a class of the program's that inherits from a thread's: it keeps what it is to call for its `run`, which calls
    /// that where the class has no other. Says whether the base is a thread's.
    /// <https://github.com/python/cpython/blob/main/Lib/threading.py>
    pub(in crate::flow) fn construct_thread(
        &mut self,
        base: &SdkValue,
        class: ObjId,
        id: ObjId,
        args: &Args,
        span: Span,
    ) -> bool {
        let name = crate::sdk::name_of(base);
        let Some((_, fields)) = THREADS.iter().find(|(thread, _)| name.as_deref() == Some(thread)) else { return false };
        let told = FUNCTIONS.iter().find(|(thread, _)| name.as_deref() == Some(thread));
        let Some((_, told @ Told::Packed(places))) = told else { return false };
        for (field, (at, name)) in fields.iter().zip(places) {
            let value = args.either(*at, name);
            self.set_field(id, &SmolStr::new_static(field), value, true);
        }
        if self.find_in_class(class, "run").is_none() {
            self.call_told(*told, args, span);
        }
        true
    }

    fn call_told(&mut self, told: Told, args: &Args, span: Span) -> Value {
        let [function, given, named] = match told {
            Told::Rest(at) => return self.call_rest(args, at, span),
            Told::Packed(places) => places.map(|(at, name)| args.either(at, name)),
        };
        let rounds = self.rounds_of(&given, span);
        let mut call = Args { positional: rounds.items, rest: rounds.rest, ..Args::default() };
        if let Some(Atom::Object(id)) = named.single() {
            let object = self.store.share(*id);
            call.named = object.fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            call.open = object.open;
        }
        let value = self.perhaps(|this| this.call_value(&function, call, span));
        self.future(value)
    }

    /// Calls the argument at a position with those behind it.
    pub(super) fn call_rest(&mut self, args: &Args, at: usize, span: Span) -> Value {
        let function = args.get(at);
        let call = Args {
            positional: args.positional.get(at + 1..).unwrap_or_default().to_vec(),
            rest: args.rest.clone(),
            named: args.named.clone(),
            open: args.open,
            ..Args::default()
        };
        let value = self.perhaps(|this| this.call_value(&function, call, span));
        self.future(value)
    }

    /// A future gives its value through `result()`.
    fn future(&mut self, value: Value) -> Value {
        let future = self.store.alloc(Obj::new(ObjKind::Promise));
        self.store.get_mut(future).rest = value;
        Value::object(future)
    }
}
