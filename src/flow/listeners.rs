//! Listeners of emitters: `on` keeps them under a name, and `emit` calls them with what it is given.
//!
//! <https://nodejs.org/api/events.html#class-eventemitter>

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use smol_str::SmolStr;

use super::call::{Args, UNKNOWN_ARGUMENT};
use super::interp::Interp;
use super::value::Value;
use crate::sdk::{Ecosystem, RESULT, SdkValue};
use crate::span::Span;

/// How many names are remembered.
const MAX_NAMES: usize = 256;

/// The listeners of one name.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    functions: Vec<Value>,
    /// Whether something in the program calls them.
    emitted: bool,
}

/// All listeners by their names.
pub(super) type ByName = IndexMap<SmolStr, Listeners, FxBuildHasher>;

impl Interp<'_> {
    /// Calls a method of an emitter; nothing for all else. Emitters are not told apart.
    pub(super) fn call_emitter(&mut self, method: &SdkValue, args: &Args, span: Span) -> Option<Value> {
        let SdkValue::External { ecosystem: Ecosystem::Npm, path } = method else { return None };
        let path: Vec<&str> = path.iter().map(SmolStr::as_str).collect();
        let ("events", [.., RESULT, method]) = (*path.first()?, path.as_slice()) else { return None };
        let name = SmolStr::from(args.get(0).as_literal()?);
        match *method {
            "on" | "once" | "addListener" | "prependListener" | "prependOnceListener" => {
                let functions = self.functions_in(std::iter::once(&args.get(1)));
                if self.listeners.len() >= MAX_NAMES || functions.is_empty() {
                    return None;
                }
                self.store.new_epoch();
                let known = &mut self.listeners.entry(name).or_default().functions;
                for function in functions {
                    if !known.contains(&function) {
                        known.push(function);
                    }
                }
                Some(Value::sdk(SdkValue::External {
                    ecosystem: Ecosystem::Npm,
                    path: ["events", "EventEmitter", RESULT].map(SmolStr::new_static).to_vec(),
                }))
            }
            "emit" => {
                let listeners = self.listeners.get_mut(&name)?;
                listeners.emitted = true;
                let functions = listeners.functions.clone();
                let given = args.positional.get(1..).unwrap_or_default().to_vec();
                for function in functions {
                    let call = Args { positional: given.clone(), rest: args.rest.clone(), ..Args::default() };
                    let result = self.perhaps(|this| this.call_value(&function, call, span));
                    self.awaited(&result);
                }
                Some(super::eval::unknown_bool())
            }
            _ => None,
        }
    }

    /// Calls the listeners of names that nothing in the program emits: a library may do it.
    pub(super) fn call_listeners(&mut self) {
        let left = self.listeners.values().filter(|listeners| !listeners.emitted);
        let functions: Vec<Value> = left.flat_map(|listeners| listeners.functions.iter().cloned()).collect();
        for function in functions {
            let args = Args { rest: Value::unknown(UNKNOWN_ARGUMENT), open: true, ..Args::default() };
            let result = self.perhaps(|this| this.call_from_outside(&function, args, Span::default()));
            self.hand_over_results(&result, Span::default());
        }
    }
}
