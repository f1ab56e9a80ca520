//! Values on their way out of the interpreter, to the SDK model, and back in.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Nothing, ObjId, SdkAtom, Value};
use crate::ir::Literal;
use crate::sdk::SdkValue;
use crate::sdk::construct::BASE;
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How deep a value is followed on its way out.
const MAX_DEPTH: u32 = 10;
/// How many different objects a value may be on its way out; one more unknown one stands for the rest.
const MAX_ALTERNATIVES: usize = 6;
/// How many parts a value may have on its way out.
const MAX_PARTS: usize = 600;

struct Export {
    parts: usize,
    open: Vec<ObjId>,
}

/// A number as both languages print it: `0x1f` is 31, `1_000` a thousand.
fn plain_number(number: &SmolStr) -> SmolStr {
    let bare = number.trim_end_matches('n').replace('_', "");
    let radix = match bare.get(..2) {
        Some("0x" | "0X") => 16,
        Some("0o" | "0O") => 8,
        Some("0b" | "0B") => 2,
        _ => return if bare.len() == number.len() { number.clone() } else { bare.into() },
    };
    i64::from_str_radix(&bare[2..], radix).map_or_else(|_| number.clone(), |value| value.to_string().into())
}

impl Interp<'_> {
    /// A constant of the program. A template may have filled something in.
    pub(super) fn literal(&self, literal: &Literal) -> Value {
        match literal {
            Literal::Null if !self.in_python() => Value::one(Atom::Null(Nothing::Null)),
            Literal::Null | Literal::Undefined => Value::null(),
            Literal::Bool(value) => Value::one(Atom::Bool(*value)),
            Literal::Number(number) => Value::one(Atom::Number(plain_number(number))),
            Literal::Text(text) if !self.options.filled.is_empty() && text.contains("${") => Value::text(self.filled(text)),
            Literal::Text(text) => Value::literal(text.clone()),
        }
    }

    /// A string of code that stands in a template, with what the template fills in.
    fn filled(&self, text: &str) -> Text {
        let mut out = Text::default();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let end = rest[start..].find('}').map_or(rest.len(), |end| start + end + 1);
            out.push_str(&rest[..start]);
            match self.options.filled.get(&rest[start..end]) {
                Some(hole) => out.push(Piece::Hole(hole.clone())),
                None => out.push_str(&rest[start..end]),
            }
            rest = &rest[end..];
        }
        out.push_str(rest);
        out
    }

    /// A value as an owned tree.
    pub(super) fn export(&self, value: &Value) -> Arg {
        self.export_counted(value).0
    }

    /// The same, and how many parts it has.
    pub(super) fn export_counted(&self, value: &Value) -> (Arg, usize) {
        let mut state = Export { parts: 0, open: Vec::new() };
        (self.export_value(value, 0, &mut state), state.parts)
    }

    fn export_value(&self, value: &Value, depth: u32, state: &mut Export) -> Arg {
        state.parts += 1;
        if depth > MAX_DEPTH || state.parts > MAX_PARTS {
            return Arg::unknown("a value too large to follow");
        }
        if let Some(atom) = value.single() {
            return self.export_atom(atom, depth, state);
        }
        let mut objects = 0;
        let mut all = Vec::new();
        for atom in value.atoms() {
            objects += usize::from(matches!(atom, Atom::Object(_)));
            if objects > MAX_ALTERNATIVES {
                all.push(Arg::unknown("one of many objects"));
                break;
            }
            all.push(self.export_atom(atom, depth, state));
        }
        Arg::one_of(all)
    }

    fn export_atom(&self, atom: &Atom, depth: u32, state: &mut Export) -> Arg {
        match atom {
            Atom::Null(_) => Arg::Null,
            Atom::Bool(value) => Arg::Bool(*value),
            Atom::Number(number) => Arg::Number(number.clone()),
            Atom::Text(text) => Arg::Text((**text).clone()),
            Atom::Hole(hole) => Arg::Unknown((**hole).clone()),
            Atom::Object(id) => self.export_object(*id, depth, state),
            Atom::Sdk(sdk) => Arg::Sdk(sdk.value.clone()),
            Atom::Function(closure) => Arg::Other(self.func(closure.module, closure.func).name.clone()),
            Atom::Bound(bound) => Arg::Other(bound.title()),
            Atom::Wrapped(_) | Atom::Super(_) | Atom::Resolver(_) | Atom::Package(_) => {
                Arg::unknown("a value that the code computes")
            }
        }
    }

    fn export_object(&self, id: ObjId, depth: u32, state: &mut Export) -> Arg {
        if state.open.contains(&id) {
            return Arg::unknown("a value that contains itself");
        }
        state.open.push(id);
        let object = self.store.get(id);
        let arg = match &object.kind {
            ObjKind::List => {
                let mut items: Vec<Arg> = object.items.iter().map(|item| self.export_value(item, depth + 1, state)).collect();
                let open = !object.rest.is_none() || object.open;
                if !object.rest.is_none() {
                    items.push(self.export_value(&object.rest, depth + 1, state));
                }
                if object.open {
                    items.push(Arg::unknown("an item of a list"));
                }
                Arg::List { items, open }
            }
            ObjKind::Instance(_) if object.fields.get(BASE).is_some() => {
                object.fields.get(BASE).map_or(Arg::Null, |made| self.export_value(made, depth + 1, state))
            }
            ObjKind::Instance(_) if self.value_of_member(id).is_some() => {
                let value = self.value_of_member(id).unwrap_or_default();
                self.export_value(&value, depth + 1, state)
            }
            ObjKind::Dict | ObjKind::Instance(_) => Arg::Map(self.export_map(object, depth, state)),
            ObjKind::Class { class, module, .. } => Arg::Other(self.program.modules[*module].module.classes[*class].name.clone()),
            ObjKind::Promise => self.export_value(&object.rest, depth + 1, state),
            ObjKind::Frame(_) | ObjKind::Namespace(_) => Arg::unknown("a module"),
        };
        state.open.pop();
        arg
    }

    fn export_map(&self, object: &Obj, depth: u32, state: &mut Export) -> ArgMap {
        let entries: BTreeMap<SmolStr, Arg> =
            object.fields.iter().map(|(name, value)| (name.clone(), self.export_value(value, depth + 1, state))).collect();
        let computed = if object.open { Vec::new() } else { object.computed.clone() };
        ArgMap { entries, open: object.open || !object.rest.is_none(), computed }
    }

    /// A tree as a value of the interpreter.
    pub(super) fn import_arg(&mut self, arg: &Arg) -> Value {
        match arg {
            Arg::Unknown(hole) => Value::hole(hole.clone()),
            Arg::Null => Value::null(),
            Arg::Bool(value) => Value::one(Atom::Bool(*value)),
            Arg::Number(number) => Value::one(Atom::Number(number.clone())),
            Arg::Text(text) => Value::text(text.clone()),
            Arg::List { items, open } => {
                let items = items.iter().map(|item| self.import_arg(item)).collect();
                let rest = if *open { Value::unknown("an item of an unknown list") } else { Value::none() };
                self.list(items, rest)
            }
            Arg::Map(map) => {
                let id = self.store.alloc(Obj::new(ObjKind::Dict));
                for (name, value) in &map.entries {
                    let value = self.import_arg(value);
                    self.set_field(id, name, value, true);
                }
                self.store.get_mut(id).open = map.open && map.computed.is_empty();
                for key in &map.computed {
                    self.put(id, &Value::text(key.clone()), Value::unknown("an entry of an unknown object"), false);
                }
                Value::object(id)
            }
            Arg::OneOf(values) => values.iter().map(|value| self.import_arg(value)).collect(),
            Arg::Sdk(value) => Value::one(Atom::Sdk(Rc::new(SdkAtom {
                value: value.clone(),
                trust: crate::sdk::Confidence::Certain,
                bound: Vec::new(),
                bound_named: Vec::new(),
            }))),
            Arg::Other(name) => Value::hole(Hole::Unknown(name.clone())),
        }
    }

    /// The path of a library's value that nothing more is known of.
    pub(super) fn library_path(value: &SdkValue) -> Option<(crate::sdk::Ecosystem, String)> {
        match value {
            SdkValue::External { ecosystem, path, .. } => Some((*ecosystem, path.join("."))),
            _ => None,
        }
    }

    /// A hole for something that was computed from other values: what comes from the event still says so.
    pub(super) fn derived(&self, values: &[&Value], what: &'static str) -> Value {
        let origin = values.iter().flat_map(|value| value.atoms()).find_map(|atom| match atom {
            Atom::Hole(hole) => match **hole {
                Hole::Event(_) | Hole::Env { .. } | Hole::Context(_) | Hole::Response { .. } => Some(hole.changed()),
                _ => None,
            },
            _ => None,
        });
        origin.map_or_else(|| Value::unknown(what), Value::hole)
    }
}
