//! `count` and `for_each`.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Expr, ExprKind};
use super::module::Placed;
use super::value::{Kind, Value};
use super::world::{Declared, Expansion, MAX_INSTANCES, Scope, World};
use crate::note::{Note, NoteKind};
use crate::span::Location;
use crate::value::Hole;

impl World<'_> {
    pub(super) fn expand(&self, placed: &Placed, scope: &Scope) -> Expansion {
        let body = &placed.block.body;
        if let Some(attribute) = body.attribute("count") {
            return self.counted(&self.eval(&attribute.value, scope));
        }
        if let Some(attribute) = body.attribute("for_each") {
            return self.keyed(&self.eval(&attribute.value, scope));
        }
        Expansion::One
    }

    /// With several possible counts, the largest: what can exist is looked at. That a variable is none by default does not say
    /// that there will be none.
    fn counted(&self, value: &Value) -> Expansion {
        let number = |value: &Value| value.literal().and_then(|text| text.parse::<f64>().ok());
        let largest = value
            .alternatives()
            .iter()
            .filter(|value| !matches!(value.kind, Kind::Variable(..)) || number(value) != Some(0.0))
            .filter_map(number)
            .fold(None, |best: Option<f64>, number| Some(best.map_or(number, |best| best.max(number))));
        match largest {
            Some(count) if count > MAX_INSTANCES as f64 => {
                let message = format!("`count` is {count}; only the first {MAX_INSTANCES} were looked at");
                self.push_note(Note::at(NoteKind::Budget, value.at.clone(), message));
                Expansion::Counted(MAX_INSTANCES)
            }
            Some(count) => Expansion::Counted(count.max(0.0) as usize),
            None => Expansion::Unknown {
                key: Value::unknown("an index of `count`", &value.at),
                value: Value::unknown("an index of `count`", &value.at),
            },
        }
    }

    fn keyed(&self, value: &Value) -> Expansion {
        let mut keys = BTreeMap::new();
        let mut open = false;
        for alternative in value.alternatives() {
            match &alternative.settled().kind {
                Kind::Map(map) => {
                    keys.extend(map.entries.iter().map(|(key, value)| (key.clone(), value.clone())));
                    open |= map.open;
                }
                Kind::List(list) => {
                    for item in &list.items {
                        match item.literal() {
                            Some(key) => drop(keys.insert(key, item.clone())),
                            None => open = true,
                        }
                    }
                    open |= list.open;
                }
                _ => open = true,
            }
        }
        if keys.is_empty() && open {
            let key = Value::unknown("a key of `for_each`", &value.at);
            return Expansion::Unknown { value: key.clone(), key };
        }
        if open {
            self.note(&value.at, "`for_each` has further keys that are not known here; what they add is not known either");
        }
        if keys.len() > MAX_INSTANCES {
            let message = format!("`for_each` has {} keys; only the first {MAX_INSTANCES} were looked at", keys.len());
            self.push_note(Note::at(NoteKind::Budget, value.at.clone(), message));
            keys = keys.into_iter().take(MAX_INSTANCES).collect();
        }
        Expansion::Keyed(keys)
    }

    /// Every instance of a block: what follows its address, and the names it is evaluated under.
    pub(super) fn instances_of(expansion: &Expansion, at: &Location) -> Vec<(String, Vec<(SmolStr, Value)>)> {
        let each = |key: Value, value: Value| {
            let entries = BTreeMap::from([("key".into(), key), ("value".into(), value)]);
            vec![("each".into(), Value::map(entries, false, at))]
        };
        let count = |index: Value| vec![("count".into(), Value::map(BTreeMap::from([("index".into(), index)]), false, at))];
        match expansion {
            Expansion::One => vec![(String::new(), Vec::new())],
            Expansion::Counted(number) => (0..*number)
                .map(|index| {
                    let value = Value::new(Kind::Number(index.to_string().into()), at);
                    (format!("[{index}]"), count(value))
                })
                .collect(),
            Expansion::Keyed(keys) => {
                let one = |(key, value): (&SmolStr, &Value)| {
                    let quoted = format!("[{}]", serde_json::Value::from(key.as_str()));
                    (quoted, each(Value::text(key.clone(), at), value.clone()))
                };
                keys.iter().map(one).collect()
            }
            Expansion::Unknown { key, value } => {
                let mut names = each(key.clone(), value.clone());
                names.extend(count(key.clone()));
                vec![(String::new(), names)]
            }
        }
    }

    /// All instances of a resource or data source.
    pub(super) fn declared(&self, scope: &Scope, key: &SmolStr) -> Vec<Rc<Declared>> {
        let Some(placed) = scope.instance.module.resources.get(key) else { return Vec::new() };
        let own = Scope::new(&scope.instance, &placed.file);
        let expansion = self.expansion(&own, key, placed);
        let kind = placed.block.labels.first().cloned().unwrap_or_default();
        let make = |(suffix, names): (String, Vec<(SmolStr, Value)>)| {
            Rc::new(Declared {
                address: format!("{}{key}{suffix}", scope.instance.prefix).into(),
                kind: kind.clone(),
                key: key.clone(),
                instance: scope.instance.number,
                names,
            })
        };
        Self::instances_of(&expansion, &placed.at()).into_iter().map(make).collect()
    }

    /// What the name of a block means: the one instance, or a list or map of them.
    pub(super) fn collected<T>(&self, expansion: &Expansion, all: Vec<T>, at: &Location, wrap: impl Fn(T) -> Value) -> Value {
        match expansion {
            Expansion::Counted(_) => Value::list(all.into_iter().map(wrap).collect(), false, at),
            Expansion::Keyed(keys) => Value::map(keys.keys().cloned().zip(all.into_iter().map(wrap)).collect(), false, at),
            Expansion::One | Expansion::Unknown { .. } => {
                all.into_iter().next().map_or_else(|| Value::unknown("no instance", at), wrap)
            }
        }
    }

    /// An attribute with `optional(type, default)` that the value leaves out has the default of the declared type.
    pub(super) fn with_optional(&self, value: Value, variable: &Placed) -> Value {
        let Some(kind) = variable.block.body.attribute("type") else { return value };
        Defaults { at: variable.at() }.apply(value, &kind.value)
    }
}

/// Fills in what declared types have by default.
/// <https://developer.hashicorp.com/terraform/language/expressions/type-constraints>
struct Defaults {
    at: Location,
}

impl Defaults {
    /// The parser bounds how deep types nest.
    fn apply(&self, value: Value, kind: &Expr) -> Value {
        let ExprKind::Call { name, arguments, .. } = &kind.kind else { return value };
        match (name.as_str(), arguments.first(), &value.kind) {
            ("map", Some(inner), Kind::Map(map)) => {
                let entries = map.entries.iter().map(|(key, item)| (key.clone(), self.apply(item.clone(), inner)));
                Value::map(entries.collect(), map.open, &value.at)
            }
            ("list" | "set", Some(inner), Kind::List(list)) => {
                let items = list.items.iter().map(|item| self.apply(item.clone(), inner)).collect();
                Value::list(items, list.open, &value.at)
            }
            ("optional", Some(inner), _) => self.apply(value, inner),
            ("object", Some(Expr { kind: ExprKind::Map(fields), .. }), Kind::Map(map)) => {
                let mut entries = map.entries.clone();
                for (key, kind) in fields {
                    let ExprKind::Text(key) = &key.kind else { continue };
                    match entries.get(key) {
                        Some(known) if !known.is_null() => {
                            let known = self.apply(known.clone(), kind);
                            entries.insert(key.clone(), known);
                        }
                        _ => drop(entries.insert(key.clone(), self.default_of(kind))),
                    }
                }
                Value::map(entries, map.open, &value.at)
            }
            _ => value,
        }
    }

    fn default_of(&self, kind: &Expr) -> Value {
        let default = match &kind.kind {
            ExprKind::Call { name, arguments, .. } if name == "optional" => arguments.get(1),
            _ => None,
        };
        default.map_or_else(|| Value::null(&self.at), |expr| constant(expr, &self.at))
    }
}

/// Defaults in types are constants.
fn constant(expr: &Expr, at: &Location) -> Value {
    match &expr.kind {
        ExprKind::Bool(value) => Value::new(Kind::Bool(*value), at),
        ExprKind::Number(number) => Value::new(Kind::Number(number.clone()), at),
        ExprKind::Text(text) => Value::text(text.clone(), at),
        ExprKind::List(items) => Value::list(items.iter().map(|item| constant(item, at)).collect(), false, at),
        ExprKind::Map(entries) => {
            let entry = |(key, value): &(Expr, Expr)| match &key.kind {
                ExprKind::Text(key) => Some((key.clone(), constant(value, at))),
                _ => None,
            };
            Value::map(entries.iter().filter_map(entry).collect(), false, at)
        }
        ExprKind::Null => Value::null(at),
        _ => Value::hole(Hole::Unknown("a default that is no constant".into()), at),
    }
}
