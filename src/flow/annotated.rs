//! What a type annotation tells: what a value is that is unknown otherwise, and a field that is declared without one.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::call::Args;
use super::exec::NO_VALUE;
use super::interp::Interp;
use super::settings::annotation_key;
use super::store::ObjKind;
use super::value::{Atom, ObjId, SdkAtom, Value};
use crate::ids::ExprId;
use crate::ir::{Expr, LogicalOp};
use crate::sdk::{Confidence, construct};
use crate::span::Span;

/// How many classes that derive from a class stand for it.
const MAX_DERIVED: usize = 8;

impl Interp<'_> {
    /// What a type annotation says of a value that is unknown otherwise.
    pub(super) fn with_annotation(&mut self, value: Value, annotation: ExprId) -> Value {
        let is_open = |atom: &Atom| matches!(atom, Atom::Hole(_) | Atom::Null(_));
        if !value.atoms().iter().all(is_open) || value.atoms().iter().all(|atom| matches!(atom, Atom::Null(_))) {
            return value;
        }
        if let Some(injected) = self.injected(annotation) {
            return injected;
        }
        let told = self.eval(self.type_of(annotation));
        let told = self.instance_of(&told);
        if told.is_none() { value } else { told }
    }

    /// What a field of a class is that is declared without a value, as `static instance: Store`: unknown until something is
    /// assigned. What its type says is kept for whoever reads it before.
    pub(super) fn declared_in_class(&mut self, class: ObjId, name: &str, annotation: ExprId) -> Value {
        if let Some(injected) = self.injected(annotation) {
            return injected;
        }
        let types = self.eval(self.type_of(annotation));
        let types = types.filtered(|atom| match atom {
            // What holds an instance of itself makes it, too.
            Atom::Object(id) => *id != class && matches!(self.store.get(*id).kind, ObjKind::Class { .. }),
            atom => matches!(atom, Atom::Sdk(_)),
        });
        if !types.is_none() {
            self.set_field(class, &annotation_key(name), types, true);
        }
        Value::unknown(NO_VALUE)
    }

    /// An attribute of a class as it is read: what was assigned, else what its type says, which may be absent still.
    pub(super) fn assigned_or_declared(&mut self, class: ObjId, name: &str, found: Value) -> Value {
        if !found.is_unknown(NO_VALUE) {
            return found;
        }
        let assigned = found.filtered(|atom| !atom.is_unknown(NO_VALUE));
        if assigned.atoms().iter().any(|atom| !matches!(atom, Atom::Null(_))) {
            return assigned;
        }
        let types = self.find_in_class(class, &annotation_key(name)).unwrap_or_default();
        let told = self.instance_of(&types);
        if told.is_none() { found } else { told.joined(&Value::null()) }
    }

    /// The type in an annotation, which stands after decorators.
    fn type_of(&self, mut annotation: ExprId) -> ExprId {
        while let Expr::Logical { op: LogicalOp::Coalesce, right, .. } = &self.body().exprs[annotation] {
            annotation = *right;
        }
        annotation
    }

    /// An instance of an annotated type.
    fn instance_of(&mut self, types: &Value) -> Value {
        let mut all = Value::none();
        for atom in types.atoms() {
            match atom {
                Atom::Sdk(sdk) => {
                    if let Some(value) = crate::sdk::annotation(&sdk.value) {
                        if let Some(service) = crate::sdk::created_service(&value) {
                            self.record.services.insert(service.into());
                        }
                        all.add(Atom::Sdk(Rc::new(SdkAtom {
                            value: Arc::new(value),
                            trust: Confidence::Likely,
                            bound: Vec::new(),
                            bound_named: Vec::new(),
                        })));
                    }
                }
                Atom::Object(id) if matches!(self.store.get(*id).kind, ObjKind::Class { .. }) => {
                    let made = self.instance_for_annotation(*id);
                    all.join(&made);
                }
                _ => {}
            }
        }
        all
    }

    /// What dependency injection would pass: an instance of the class, or of those that derive from it.
    pub(super) fn instance_for_annotation(&mut self, class: ObjId) -> Value {
        // A class whose body still runs has no methods yet: `static instance?: Store`.
        let unfinished = self.stack.iter().any(|activation| activation.class_body == Some(class));
        if unfinished || self.annotating.len() > 6 || !self.annotating.insert(class) {
            return Value::none();
        }
        let mut made: Value = match &self.store.get(class).kind {
            ObjKind::Class { module, class: id, .. } => self
                .instances
                .get(&(*module, *id))
                .map(|known| known.iter().map(|&id| Value::object(id)).collect())
                .unwrap_or_default(),
            _ => Value::none(),
        };
        // What a program that describes infrastructure makes is made where it says so: nothing puts it in.
        if self.infrastructure.is_some() && self.library_bases(class).iter().any(|base| construct::is_of_library(base)) {
            self.annotating.remove(&class);
            return made;
        }
        if made.is_none() {
            let args = self.args_from_library(class, Span::default());
            made = self.construct(class, args, Span::default());
        }
        for derived in self.derived_from(class) {
            let instance = self.construct(derived, Args::unknown(), Span::default());
            made.join(&instance);
        }
        self.annotating.remove(&class);
        made
    }

    /// Classes that derive from a class directly.
    pub(super) fn derived_from(&self, class: ObjId) -> Vec<ObjId> {
        let mut known = self.derived.borrow_mut();
        if known.0 != self.defined {
            let mut derived: FxHashMap<ObjId, Vec<ObjId>> = FxHashMap::default();
            for &id in self.classes.values() {
                for base in self.bases_of(id) {
                    let of_base = derived.entry(base).or_default();
                    if of_base.last() != Some(&id) && of_base.len() < MAX_DERIVED {
                        of_base.push(id);
                    }
                }
            }
            *known = (self.defined, derived);
        }
        known.1.get(&class).cloned().unwrap_or_default()
    }
}
