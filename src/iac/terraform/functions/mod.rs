//! The functions of the language.
//! <https://developer.hashicorp.com/terraform/language/functions>

mod changed;
mod collections;
mod files;
mod strings;

use std::rc::Rc;

use super::ast::Expr;
use super::eval::{joined, json, merged, pairs};
use super::value::{Kind, Value};
use super::world::{Scope, World};
use crate::span::Location;

impl World<'_> {
    /// A call, of which unknown functions give something unknown.
    pub(super) fn call(&self, name: &str, arguments: &[Expr], expand: bool, scope: &Scope, at: &Location) -> Value {
        if name == "try" || name == "can" {
            return self.attempt(name, arguments, scope, at);
        }
        if name == "file" || name == "templatefile" || name == "fileset" || name == "fileexists" || name == "templatestring" {
            return self.file_function(name, arguments, scope, at);
        }
        let mut values: Vec<Value> = arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if expand && let Some(last) = values.pop() {
            let (items, open) = pairs(&last);
            values.extend(items.into_iter().map(|(_, item)| item));
            if open {
                values.push(Value::unknown("further arguments", at));
            }
        }
        match name {
            // What only marks values.
            "sensitive" | "nonsensitive" | "ephemeralasnull" | "tostring" | "tonumber" | "tobool" | "abspath" | "pathexpand" => {
                values.into_iter().next().unwrap_or_else(|| Value::null(at))
            }
            "jsonencode" => values.into_iter().next().map_or_else(|| Value::null(at), |value| json(value, at)),
            "yamlencode" => Value::unknown("YAML text", at),
            "jsondecode" | "yamldecode" => decoded(&values, at),
            "concat" => joined(&values, at),
            "merge" => merged(&values, at),
            _ => self
                .string_function(name, &values, at)
                .or_else(|| collections::call(name, &values, at))
                .unwrap_or_else(|| Value::unknown("the result of a function", at)),
        }
    }

    /// The first argument that has a value, and those that may be it.
    fn attempt(&self, name: &str, arguments: &[Expr], scope: &Scope, at: &Location) -> Value {
        if name == "can" {
            return Value::unknown("a condition of the deployment", at);
        }
        let mut possible = Vec::new();
        for argument in arguments {
            let value = self.eval(argument, scope);
            match &value.kind {
                // Each of several resources may be the one that there is.
                Kind::Unknown(crate::value::Hole::Resource { .. }) => {
                    possible.push(value);
                    if self.is_made(argument, scope) {
                        break;
                    }
                }
                Kind::Unknown(_) if !possible.is_empty() => {}
                Kind::Unknown(_) => possible.push(value),
                // A part that does not exist is an error, which is what `try` is for.
                Kind::Null if !matches!(argument.kind, super::ast::ExprKind::Null) => {}
                _ => {
                    possible.push(value);
                    break;
                }
            }
        }
        if possible.is_empty() { Value::null(at) } else { Value::one_of(possible, at) }
    }
}

fn decoded(values: &[Value], at: &Location) -> Value {
    let Some(value) = values.first() else { return Value::null(at) };
    let text = value.settled();
    let decoded = match &text.kind {
        Kind::Json(inner) => (**inner).clone(),
        _ => text
            .one_text()
            .and_then(|text| super::document::parsed(&text, &value.settled().at).ok())
            .unwrap_or_else(|| Value::unknown("a text that could not be decoded", at)),
    };
    match &value.kind {
        // What the default of a variable says decides as little as that does.
        Kind::Variable(name, _) if !matches!(decoded.kind, Kind::Unknown(_)) => {
            Value::new(Kind::Variable(name.clone(), Rc::new(decoded)), at)
        }
        _ => decoded,
    }
}
