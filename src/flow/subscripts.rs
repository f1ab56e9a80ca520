//! Containers of dependencies that give and take by subscript: `container[Store]` is `container.get(Store)`, and
//! `container[Store] = make` tells what stands for it.

use std::rc::Rc;

use smol_str::SmolStr;

use super::call::Args;
use super::hooks::is_unknown;
use super::interp::Interp;
use super::providers::Provider;
use super::value::{Atom, ObjId, SdkAtom, Value};
use crate::ir::Pattern;
use crate::sdk::SdkValue;
use crate::span::Span;

impl Interp<'_> {
    /// What something that nobody knows gives for a key that is a class, or that it was told something for.
    pub(super) fn asked_by_subscript(&mut self, sdk: &Rc<SdkAtom>, key: &Value, span: Span) -> Option<Value> {
        if !self.in_python() || !is_thing(&sdk.value) {
            return None;
        }
        if self.is_provided(key) {
            return self.provided_for(key, span);
        }
        let is_class = |atom: &Atom| matches!(atom, Atom::Object(id) if self.is_class(*id));
        if !key.atoms().iter().any(is_class) {
            return None;
        }
        let method = self.member(&Value::one(Atom::Sdk(Rc::clone(sdk))), &SmolStr::new_static("__getitem__"), span);
        Some(self.call_value(&method, Args::positional(vec![key.clone()]), span))
    }

    /// Remembers what something that nobody knows is told by subscript. Functions are handed over as arguments are.
    pub(super) fn told_by_subscript(&mut self, sdk: &Rc<SdkAtom>, key: &Value, value: &Value) {
        if !self.in_python() || !is_thing(&sdk.value) {
            return;
        }
        let container = Value::one(Atom::Sdk(Rc::clone(sdk)));
        let is_name = |atom: &Atom| matches!(atom, Atom::Text(_));
        for atom in value.atoms() {
            let given = Value::one(atom.clone());
            let provider = match atom {
                Atom::Function(_) => Provider::FactoryOfAll(given, container.clone()),
                // What is wrapped makes it: `Singleton(lambda: Store())`.
                Atom::Wrapped(functions) => {
                    for function in functions.atoms().iter().cloned().map(Value::one) {
                        self.learn_provider(key.clone(), Provider::FactoryOfAll(function, container.clone()));
                    }
                    continue;
                }
                Atom::Object(id) if self.is_class(*id) => Provider::Class(given),
                Atom::Object(_) | Atom::Sdk(_) => Provider::Value(given),
                Atom::Text(_) if key.atoms().iter().all(is_name) => Provider::Value(given),
                _ => continue,
            };
            self.learn_provider(key.clone(), provider);
        }
        let args = Args::positional(vec![key.clone(), value.clone()]);
        self.let_out(&sdk.value, &args);
        let functions = self.functions_in(std::iter::once(value));
        self.hand_over(&functions, vec![container], Span::default());
    }

    /// What a library passes that makes an instance of a class: what it was told under the names of the constructor's parameters, and
    /// whatever else.
    pub(super) fn args_from_library(&mut self, class: ObjId, span: Span) -> Args {
        let mut args = Args::unknown();
        let init = self.find_in_class(class, "__init__").filter(|_| self.provides_by_name());
        let Some(Atom::Function(closure)) = init.as_ref().and_then(Value::single) else { return args };
        for param in &self.func(closure.module, closure.func).params {
            if let Pattern::Name(name) = &param.pattern
                && let token = Value::literal(name.clone())
                && self.is_provided(&token)
                && let Some(value) = self.provided_for(&token, span)
            {
                args.named.push((name.clone(), value));
            }
        }
        args
    }
}

/// Whether something is an object of a library that nobody knows, and none of its classes: `Repository[Order]` is one of these.
fn is_thing(value: &SdkValue) -> bool {
    let is_class = match value {
        SdkValue::External { path, .. } => path.last().is_some_and(|name| name.starts_with(char::is_uppercase)),
        _ => false,
    };
    is_unknown(value) && (crate::sdk::is_result(value) || !is_class)
}
