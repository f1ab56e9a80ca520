//! Data that a library checks against a schema: `z.object({ table: z.string().default("orders") }).parse(process.env)`.

use smol_str::SmolStr;

use super::eval::unknown_bool;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, Value};
use crate::sdk::Schema;
use crate::span::Span;

/// What a schema makes of a value that it may change.
const CHANGED: &str = "what a schema makes of a value";

impl Interp<'_> {
    /// What a schema lets through; as an entry of what says whether it was let through, where that has a name.
    pub(super) fn checked(&mut self, schema: &Schema, entry: Option<&SmolStr>, value: &Value, span: Span) -> Value {
        let value = self.let_through(schema, value, span);
        let Some(entry) = entry else { return value };
        let mut answer = Obj { open: true, ..Obj::new(ObjKind::Dict) };
        answer.fields.insert(entry.clone(), value);
        answer.fields.insert("success".into(), unknown_bool());
        Value::object(self.store.alloc(answer))
    }

    fn let_through(&mut self, schema: &Schema, value: &Value, span: Span) -> Value {
        let value = match &schema.default {
            Some(default) => {
                let default = self.import_arg(default);
                let there = value.filtered(|atom| !matches!(atom, Atom::Null(_)));
                if there.is_none() { default } else { self.or_default(&there, &default) }
            }
            None => value.clone(),
        };
        let Some(shape) = &schema.shape else { return value };
        let mut object = Obj::new(ObjKind::Dict);
        for (name, schema) in shape {
            let part = match schema {
                Some(schema) => {
                    let part = self.index(&value, &Value::literal(name.clone()), span);
                    self.let_through(schema, &part, span)
                }
                None => Value::unknown(CHANGED),
            };
            object.fields.insert(name.clone(), part);
        }
        Value::object(self.store.alloc(object))
    }
}
