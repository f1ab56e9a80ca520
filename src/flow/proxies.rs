//! Objects that stand for another one: what is read from them is what a trap makes of the name, or what the other one has.

use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::span::Span;

/// Under which name a wrapper keeps what it wraps: `wrapt.ObjectProxy`, `functools.update_wrapper`.
/// <https://docs.python.org/3/library/functools.html#functools.update_wrapper>
pub(super) const WRAPPED: &str = "__wrapped__";

impl Interp<'_> {
    /// `new Proxy(target, handler)`: without a trap for reading, it is the target; with one, an object that keeps both. Whoever
    /// else gets hold of it may read anything, and so calls the trap.
    ///
    /// <https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Proxy/Proxy/get>
    pub(super) fn new_proxy(&mut self, args: &Args, span: Span) -> Value {
        let (target, handler) = (args.get(0), args.get(1));
        let get = self.member(&handler, &"get".into(), span).filtered(|atom| matches!(atom, Atom::Function(_)));
        let mut traps = self.functions_in(std::iter::once(&handler));
        traps.retain(|trap| *trap != get);
        self.hand_over(&traps, Vec::new(), span);
        if get.is_none() {
            return target;
        }
        let mut proxy = Obj::new(ObjKind::Dict);
        proxy.rest = get.clone();
        proxy.items = vec![get, target.clone()];
        let proxy = Value::object(self.store.alloc(proxy));
        // What is called itself has no need of the trap.
        proxy.joined(&target.filtered(|atom| matches!(atom, Atom::Function(_))))
    }

    /// What reading a proxy gives; nothing for other objects. What was stored in it may be there, too.
    pub(super) fn trapped(&mut self, id: ObjId, name: &Value, span: Span) -> Option<Value> {
        let object = self.store.get(id);
        let [get, target] = object.items.as_slice() else { return None };
        if object.kind != ObjKind::Dict {
            return None;
        }
        let (get, target) = (get.clone(), target.clone());
        let own = name.as_literal().and_then(|name| object.fields.get(name).cloned());
        let mut given = self.call_back(&get, vec![target.clone(), name.clone(), Value::object(id)], span);
        let is_known = |atom: &Atom| !matches!(atom, Atom::Hole(_) | Atom::Null(_));
        if !given.atoms().iter().any(is_known)
            && let Some(name) = name.as_literal()
        {
            given.join(&self.member(&target, &name.into(), span));
        }
        Some(own.map_or(given.clone(), |own| own.joined(&given)))
    }

    /// What is stored in a proxy goes into what it stands for, unless a trap says otherwise.
    pub(super) fn proxied(&self, id: ObjId) -> Option<Value> {
        let object = self.store.get(id);
        match object.items.as_slice() {
            [_, target] if object.kind == ObjKind::Dict => Some(target.clone()),
            _ => None,
        }
    }
}
