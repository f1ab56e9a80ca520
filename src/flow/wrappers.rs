//! Handlers that a library wraps: `middy(handler).use(…)` calls the handler when what it gave is called, and not before. A
//! wrapper that no entry leads to, such as the one that another function of the same file starts with, calls nothing.

use std::hash::{Hash as _, Hasher as _};
use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHasher};
use smol_str::SmolStr;

use super::fields::Slot;
use super::interp::Interp;
use super::value::{Atom, SdkAtom, Value};
use crate::ids::ModuleId;
use crate::sdk::SdkValue;
use crate::span::Span;
use crate::value::Arg;

/// What each wrapper calls when it is called, with the arguments.
#[derive(Default)]
pub(super) struct Wrappers(IndexMap<SdkValue, Vec<(Value, Vec<Value>)>, FxBuildHasher>);

impl Wrappers {
    fn add(&mut self, wrapper: SdkValue, functions: &[Value], args: &[Value]) {
        let known = self.0.entry(wrapper).or_default();
        for function in functions {
            let call = (function.clone(), args.to_vec());
            if !known.contains(&call) {
                known.push(call);
            }
        }
    }

    /// Whether something is a wrapper with a function in it.
    pub(super) fn has(&self, value: &SdkValue) -> bool {
        self.0.contains_key(value)
    }
}

impl Interp<'_> {
    /// Puts functions into a wrapper that a library made, or that a method of it gave back; gives the wrapper.
    pub(super) fn wrap(&mut self, wrapper: &Value, functions: &[Value], args: &[Value]) -> Value {
        if functions.is_empty() {
            return wrapper.clone();
        }
        let mut hasher = FxHasher::default();
        functions.hash(&mut hasher);
        let mark: SmolStr = hasher.finish().to_string().into();
        let mut is_kept = false;
        let mut marked = Value::none();
        for atom in wrapper.atoms() {
            let Atom::Sdk(sdk) = atom else {
                marked.join(&Value::one(atom.clone()));
                continue;
            };
            let mut own = (**sdk).clone();
            let mut value = own.value.as_ref().clone();
            if let SdkValue::Instance { data, .. } = &mut value {
                // A method changes the wrapper itself: `const h = middy(); h.handler(f)`.
                self.wrappers.add(own.value.as_ref().clone(), functions, args);
                data.change(|data| drop(data.entries.insert(Slot::Wraps.key(), Arg::Number(mark.clone()))));
                is_kept = true;
            }
            self.wrappers.add(value.clone(), functions, args);
            own.value = value.into();
            marked.join(&Value::one(Atom::Sdk(Rc::new(own))));
        }
        if !is_kept {
            self.hand_over(functions, args.to_vec(), Span::default());
        }
        marked
    }

    /// Calls what a wrapper has in it, where this is one.
    pub(super) fn call_wrapped(&mut self, sdk: &SdkAtom, span: Span) {
        let value = match sdk.value.as_ref() {
            // Nobody knows what other methods of it do.
            SdkValue::Method { receiver, .. } if crate::sdk::undescribed_method(&sdk.value).is_some() => receiver.as_ref(),
            value => value,
        };
        let Some(calls) = self.wrappers.0.get(value).cloned() else { return };
        for (function, args) in calls {
            self.hand_over(&[function], args, span);
        }
    }

    /// Calls what is in all wrappers: where no handler is named, any of them may be it.
    pub(super) fn call_all_wrapped(&mut self, module: ModuleId) {
        let frame = self.modules[module].frame;
        self.stack.push(self.top_activation(module, frame));
        for (function, args) in self.wrappers.0.values().flatten().cloned().collect::<Vec<_>>() {
            self.hand_over(&[function], args, Span::default());
        }
        self.stack.pop();
    }
}
