//! Methods that a class defines for operators, built-in functions and attributes: `len(batch)`, `order in queue`, `if queue:`.

use std::sync::Arc;

use smol_str::SmolStr;

use super::call::Args;
use super::fields::Slot;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, ObjId, Value};
use crate::ir::{BinaryOp, CompareOp};
use crate::sdk::SdkValue;
use crate::span::Span;

impl Interp<'_> {
    /// Calls the methods of these names that the classes of a value's instances define; what they give.
    pub(super) fn magic(&mut self, value: &Value, names: &[&str], args: &[Value], span: Span) -> Option<Value> {
        let mut given: Option<Value> = None;
        for atom in value.atoms() {
            let Atom::Object(id) = atom else { continue };
            for name in names {
                if !self.defines(atom, name) {
                    continue;
                }
                let method = self.member(&Value::object(*id), &(*name).into(), span);
                let result = self.call_value(&method, Args::positional(args.to_vec()), span);
                given.get_or_insert_with(Value::none).join(&result);
            }
        }
        given
    }

    /// Whether an atom is an instance whose class, or one of its bases in the program, defines a method.
    pub(super) fn defines(&self, atom: &Atom, name: &str) -> bool {
        let Atom::Object(id) = atom else { return false };
        let ObjKind::Instance(class) = self.store.get(*id).kind else { return false };
        let is_function = |atom: &Atom| matches!(atom, Atom::Function(_));
        self.find_in_class(class, name).is_some_and(|method| method.atoms().iter().any(is_function))
    }

    /// Tells the descriptors among the attributes of a new class what they are called.
    pub(super) fn name_descriptors(&mut self, class: ObjId, span: Span) {
        let attributes: Vec<(SmolStr, Value)> =
            self.store.get(class).fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in attributes {
            if let Some(descriptor) = self.descriptor_of_library(&value) {
                self.set_field(descriptor, &Slot::Owner.key(), Value::object(class), true);
                self.set_field(descriptor, &Slot::Name.key(), Value::literal(name.clone()), true);
            }
            self.magic(&value, &["__set_name__"], &[Value::object(class), Value::literal(name)], span);
        }
    }

    /// An instance of a class of the program that a library tells where it stands, because its base class does.
    fn descriptor_of_library(&self, value: &Value) -> Option<ObjId> {
        let Some(Atom::Object(id)) = value.single() else { return None };
        let ObjKind::Instance(class) = self.store.get(*id).kind else { return None };
        let is_told = |base: &Arc<SdkValue>| crate::sdk::gives_member(base, "__set_name__");
        self.library_bases(class).iter().any(is_told).then_some(*id)
    }

    /// Whether a condition holds, where that is certain. Asking it can be a call.
    pub(super) fn decide(&mut self, value: &Value, span: Span) -> Option<bool> {
        self.ask_if_set(value);
        if value.as_literal() == Some("") {
            self.ask_what_decides(value);
        }
        match self.magic(value, &["__bool__", "__len__"], &[], span) {
            Some(answer) => self.truth(&answer),
            None => self.truth(value),
        }
    }

    pub(super) fn magic_binary(&mut self, op: BinaryOp, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let (names, mirrored): (&[&str], &[&str]) = match op {
            BinaryOp::Add => (&["__add__", "__iadd__"], &["__radd__"]),
            BinaryOp::Mod => (&["__mod__"], &["__rmod__"]),
            BinaryOp::Union => (&["__or__", "__ior__"], &["__ror__"]),
            BinaryOp::Div => (&["__truediv__"], &["__rtruediv__"]),
            BinaryOp::Other => (&OTHER_OPERATORS, &[]),
        };
        let own = self.magic(left, names, std::slice::from_ref(right), span);
        own.or_else(|| self.magic(right, mirrored, std::slice::from_ref(left), span))
    }

    pub(super) fn magic_compare(&mut self, op: CompareOp, left: &Value, right: &Value, span: Span) -> Option<Value> {
        let (subject, names, other): (_, &[&str], _) = match op {
            CompareOp::Equal | CompareOp::Identical => (left, &["__eq__"], right),
            CompareOp::NotEqual | CompareOp::NotIdentical => (left, &["__ne__", "__eq__"], right),
            CompareOp::In | CompareOp::NotIn => (right, &["__contains__"], left),
            CompareOp::Other => (left, &["__lt__", "__le__", "__gt__", "__ge__"], right),
        };
        self.magic(subject, names, std::slice::from_ref(other), span)
    }
}

/// The methods of the operators that the representation does not tell apart.
const OTHER_OPERATORS: [&str; 10] =
    ["__sub__", "__mul__", "__matmul__", "__floordiv__", "__pow__", "__lshift__", "__rshift__", "__and__", "__xor__", "__isub__"];
