//! Python's enumerations: their members are instances of the class, whose value they stand for wherever a plain value is
//! asked for.
//!
//! <https://docs.python.org/3/library/enum.html>

use std::borrow::Cow;

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::sdk::{Ecosystem, SdkValue};
use crate::span::Span;

/// The field of a member that holds its value, as Python calls it.
const VALUE: &str = "_value_";
/// Most members of one class; more are left as they are written.
const MAX_MEMBERS: usize = 256;

impl Interp<'_> {
    /// Whether a class is an enumeration.
    pub(super) fn is_enum(&self, class: ObjId) -> bool {
        self.library_bases(class).iter().any(|base| match &**base {
            SdkValue::External { ecosystem: Ecosystem::Python, path } => {
                path.first().is_some_and(|package| package == "enum" || package == "aenum")
            }
            _ => false,
        })
    }

    /// Makes members of what the body of an enumeration assigned.
    pub(super) fn make_members(&mut self, class: ObjId, span: Span) {
        if !self.is_enum(class) {
            return;
        }
        let written: Vec<(SmolStr, Value)> =
            self.store.get(class).fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut made = 0;
        for (name, value) in written {
            if name.starts_with('_') || name.contains('.') || made >= MAX_MEMBERS || !self.is_member_value(&value) {
                continue;
            }
            made += 1;
            let value = self.member_value(class, &name, value, made, span);
            let member = self.new_member(class, &name, value, span);
            self.set_field(class, &name, Value::object(member), true);
        }
    }

    /// Methods, properties and nested classes are no members.
    fn is_member_value(&self, value: &Value) -> bool {
        value.atoms().iter().all(|atom| match atom {
            Atom::Function(_) | Atom::Bound(_) => false,
            Atom::Object(id) => !matches!(self.store.get(*id).kind, ObjKind::Class { .. }),
            _ => true,
        })
    }

    /// The value of a member; `auto()` is made up by the class, or counts.
    fn member_value(&mut self, class: ObjId, name: &SmolStr, value: Value, position: usize, span: Span) -> Value {
        let is_auto = |atom: &Atom| match atom {
            Atom::Sdk(sdk) => matches!(&*sdk.value, SdkValue::Instance { path, .. } if path.iter().any(|part| part == "auto")),
            _ => false,
        };
        if !value.atoms().iter().any(is_auto) {
            return value;
        }
        let number = Value::one(Atom::Number(smol_str::format_smolstr!("{position}")));
        if let Some(maker) = self.find_in_class(class, "_generate_next_value_") {
            let args = vec![Value::literal(name.clone()), number.clone(), number, Value::unknown("the values before")];
            return self.call_value(&maker, Args::positional(args), span);
        }
        let has_text = self.library_bases(class).iter().any(|base| match &**base {
            SdkValue::External { path, .. } => path.last().is_some_and(|name| name == "StrEnum"),
            _ => false,
        });
        if has_text { Value::literal(name.to_lowercase()) } else { number }
    }

    fn new_member(&mut self, class: ObjId, name: &SmolStr, value: Value, span: Span) -> ObjId {
        let parts = match value.single() {
            Some(Atom::Object(id)) if self.store.get(*id).kind == ObjKind::List => self.store.get(*id).items.clone(),
            _ => vec![value.clone()],
        };
        let args = Args::positional(parts);
        let own = self.find_in_class(class, "__new__");
        let made = own.map(|maker| self.call_on_class(&maker, class, args.clone(), span)).unwrap_or_default();
        let made = made.atoms().iter().find_map(|atom| match atom {
            Atom::Object(id) if self.store.get(*id).kind == ObjKind::Instance(class) => Some(*id),
            _ => None,
        });
        let member = made.unwrap_or_else(|| self.new_instance(class));
        if !self.store.get(member).fields.contains_key(VALUE) {
            self.set_field(member, &VALUE.into(), value, true);
        }
        if let Some(init) = self.find_in_class(class, "__init__") {
            let bound = self.bind_all(&init, &Value::object(member), class, span);
            self.call_value(&bound, args, span);
        }
        let value = self.store.get(member).fields.get(VALUE).cloned().unwrap_or_default();
        for (field, value) in [("value", value), ("name", Value::literal(name.clone()))] {
            // Properties of these names are the program's own.
            if self.find_in_class(class, field).is_none() {
                self.set_field(member, &field.into(), value, true);
            }
        }
        self.set_field(member, &"_name_".into(), Value::literal(name.clone()), true);
        member
    }

    /// The members of an enumeration, in order.
    pub(super) fn members_of(&self, class: ObjId) -> Vec<(SmolStr, Value)> {
        if !self.is_enum(class) {
            return Vec::new();
        }
        let fields = &self.store.get(class).fields;
        let members = fields.iter().filter(|(_, value)| self.enum_value(value).is_some());
        members.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The value that a member stands for.
    fn enum_value(&self, member: &Value) -> Option<Value> {
        match member.single()? {
            Atom::Object(id) => self.value_of_member(*id),
            _ => None,
        }
    }

    /// The value that an object stands for, if it is a member of an enumeration.
    pub(super) fn value_of_member(&self, id: ObjId) -> Option<Value> {
        let object = self.store.get(id);
        if !matches!(object.kind, ObjKind::Instance(_)) {
            return None;
        }
        object.fields.get(VALUE).cloned()
    }

    /// A value in which members of enumerations are what they stand for.
    pub(super) fn plain<'v>(&self, value: &'v Value) -> Cow<'v, Value> {
        let is_member = |atom: &Atom| matches!(atom, Atom::Object(id) if self.value_of_member(*id).is_some());
        if !value.atoms().iter().any(is_member) {
            return Cow::Borrowed(value);
        }
        let mut all = Value::none();
        for atom in value.atoms() {
            match atom {
                Atom::Object(id) => match self.value_of_member(*id) {
                    Some(value) if value.texts().is_empty() => all.join(&self.name_of_member(*id)),
                    Some(value) => all.join(&value),
                    None => all.add(atom.clone()),
                },
                other => all.add(other.clone()),
            }
        }
        Cow::Owned(all)
    }

    /// What stands for a member whose value is no text, as a key.
    fn name_of_member(&self, id: ObjId) -> Value {
        self.store.get(id).fields.get("_name_").cloned().unwrap_or_default()
    }

    /// `Kind("a")`: the member with that value; any of them where the value is not known. Nothing for other classes.
    pub(super) fn member_by_value(&mut self, class: ObjId, args: &Args) -> Option<Value> {
        let members = self.members_of(class);
        if members.is_empty() {
            return None;
        }
        let wanted = args.either(0, "value");
        let found: Value = members
            .iter()
            .filter(|(_, member)| {
                let value = self.enum_value(member).unwrap_or_default();
                wanted.atoms().iter().any(|atom| match atom {
                    Atom::Object(_) => member.atoms().contains(atom),
                    Atom::Text(text) if text.as_literal().is_some() => value.atoms().contains(atom),
                    Atom::Number(_) => value.atoms().contains(atom),
                    _ => false,
                })
            })
            .map(|(_, member)| member.clone())
            .collect();
        Some(if found.is_none() { members.into_iter().map(|(_, member)| member).collect() } else { found })
    }

    /// `Kind[name]`: the member of that name, or any of them.
    pub(super) fn member_by_name(&mut self, class: ObjId, name: &Value) -> Option<Value> {
        let members = self.members_of(class);
        let known = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, member)| member.clone());
        match name.as_literal() {
            _ if members.is_empty() => None,
            Some(literal) => known(literal),
            None => Some(members.into_iter().map(|(_, member)| member).collect()),
        }
    }

    /// `Kind.__members__`.
    pub(super) fn member_map(&mut self, class: ObjId) -> Option<Value> {
        let members = self.members_of(class);
        if members.is_empty() {
            return None;
        }
        let map = self.store.alloc(Obj::new(ObjKind::Dict));
        for (name, member) in members {
            self.set_field(map, &name, member, true);
        }
        Some(Value::object(map))
    }
}
