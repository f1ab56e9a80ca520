//! Functions of lists, sets and maps.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::super::eval::{items_of, joined, pairs};
use super::super::value::{Kind, Value};
use crate::span::Location;

/// How long a `range` may be.
const MAX_RANGE: usize = 1000;

pub(super) fn call(name: &str, values: &[Value], at: &Location) -> Option<Value> {
    let first = values.first();
    let items = || first.map_or_else(|| (Vec::new(), true), pairs);
    let list = |items: Vec<Value>, open: bool| Some(Value::list(items, open, at));
    match name {
        "tolist" => joined(&[first?.clone()], at).into(),
        "toset" | "distinct" | "setunion" => Some(distinct(values, at)),
        "sort" => Some(sorted(first?, at)),
        "compact" => {
            let (items, open) = items();
            let items = items.into_iter().map(|(_, item)| item);
            list(items.filter(|item| !item.is_null() && item.literal().as_deref() != Some("")).collect(), open)
        }
        "flatten" => Some(flattened(first?, at)),
        "reverse" => {
            let (items, open) = items();
            list(items.into_iter().rev().map(|(_, item)| item).collect(), open)
        }
        "keys" => {
            let (items, open) = items();
            list(items.into_iter().map(|(key, _)| key).collect(), open)
        }
        "values" => {
            let (items, open) = items();
            list(items.into_iter().map(|(_, value)| value).collect(), open)
        }
        "tomap" => first.cloned(),
        "lookup" => Some(lookup(first?, values.get(1)?, values.get(2), at)),
        "element" => element(first?, values.get(1)?, at),
        "one" => Some(one(first?, at)),
        "coalesce" => Some(coalesce(values, at)),
        "coalescelist" => values.iter().find(|value| !pairs(value).0.is_empty()).cloned(),
        "length" => {
            let value = first?;
            if let Kind::Text(text) = &value.settled().kind {
                return Some(number(text.as_literal()?.chars().count(), at));
            }
            let (items, open) = items();
            (!open && !matches!(value.kind, Kind::OneOf(_))).then(|| number(items.len(), at))
        }
        "contains" => contains(first?, values.get(1)?, at),
        "zipmap" => Some(zipmap(first?, values.get(1)?, at)),
        "slice" => {
            let (from, to) = (values.get(1)?.literal()?.parse::<usize>().ok()?, values.get(2)?.literal()?.parse::<usize>().ok()?);
            let (items, open) = items();
            list(items.into_iter().map(|(_, item)| item).take(to).skip(from).collect(), open)
        }
        "range" => range(values, at),
        "setproduct" => Some(set_product(values, at)),
        "chunklist" | "setsubtract" | "setintersection" | "matchkeys" => list(Vec::new(), true),
        _ => None,
    }
}

/// The only item, or null where there is none; each that is possible where that is not certain.
fn one(value: &Value, at: &Location) -> Value {
    let of = |list: &Value| {
        let (items, open) = pairs(list);
        let none = || if open { Value::unknown("an item that is not known", at) } else { Value::null(at) };
        items.into_iter().next().map_or_else(none, |(_, item)| item)
    };
    Value::one_of(value.alternatives().iter().map(of), at)
}

fn number(number: usize, at: &Location) -> Value {
    Value::new(Kind::Number(number.to_string().into()), at)
}

/// Terraform keeps sets of strings in order.
fn distinct(values: &[Value], at: &Location) -> Value {
    let (mut items, open) = items_of(values);
    let mut seen = std::collections::BTreeSet::new();
    items.retain(|item| item.as_text().is_none_or(|text| seen.insert(text)));
    Value::list(items, open, at)
}

/// In order as far as all items are known.
fn sorted(list: &Value, at: &Location) -> Value {
    let (items, open) = pairs(list);
    let mut items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    if items.iter().all(|item| item.literal().is_some()) {
        items.sort_by_cached_key(Value::literal);
    }
    Value::list(items, open, at)
}

fn flattened(value: &Value, at: &Location) -> Value {
    let mut out = Vec::new();
    let mut more = false;
    let mut open = vec![value.clone()];
    while let Some(value) = open.pop() {
        match &value.settled().kind {
            Kind::List(list) => {
                open.extend(list.items.iter().rev().cloned());
                more |= list.open;
            }
            Kind::OneOf(values) => open.extend(values.iter().rev().cloned()),
            Kind::Null => {}
            _ => out.push(value),
        }
    }
    Value::list(out, more, at)
}

fn lookup(map: &Value, key: &Value, default: Option<&Value>, at: &Location) -> Value {
    let mut found: Vec<Value> = Vec::new();
    let mut certain = true;
    for map in map.alternatives() {
        let Some(entries) = map.as_map() else {
            certain = false;
            continue;
        };
        match key.literal() {
            Some(name) if matches!(key.kind, Kind::Text(_) | Kind::Number(_)) => match entries.entries.get(&name) {
                Some(value) => found.push(value.clone()),
                None => certain = false,
            },
            _ => {
                found.extend(entries.entries.values().cloned());
                certain = false;
            }
        }
    }
    if !certain || found.is_empty() {
        found.extend(default.cloned());
    }
    if found.is_empty() { Value::unknown("an entry that is not known", at) } else { Value::one_of(found, at) }
}

fn element(list: &Value, index: &Value, at: &Location) -> Option<Value> {
    let (items, open) = pairs(list);
    let index = index.literal().and_then(|index| index.parse::<usize>().ok());
    let mut items: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    if items.is_empty() || open {
        return None;
    }
    let len = items.len();
    Some(match index {
        Some(index) => items.swap_remove(index % len),
        None => Value::one_of(items, at),
    })
}

/// The first that is neither null nor empty; what may be either leaves the next ones possible.
fn coalesce(values: &[Value], at: &Location) -> Value {
    let mut possible = Vec::new();
    for value in values {
        let given = |value: &&Value| !value.is_null() && value.literal().as_deref() != Some("");
        let certain =
            matches!(value.kind, Kind::Text(_) | Kind::List(_) | Kind::Map(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Json(_));
        possible.extend(value.alternatives().iter().filter(given).cloned());
        if certain && value.alternatives().iter().any(|value| given(&value)) {
            break;
        }
    }
    Value::one_of(possible, at)
}

fn contains(list: &Value, wanted: &Value, at: &Location) -> Option<Value> {
    if matches!(list.kind, Kind::Variable(..)) || !matches!(wanted.kind, Kind::Text(_) | Kind::Number(_)) {
        return None;
    }
    let (items, open) = pairs(list);
    let wanted = wanted.literal()?;
    let known: Option<Vec<SmolStr>> = items.iter().map(|(_, item)| item.literal()).collect();
    let known = known.filter(|_| !open)?;
    Some(Value::new(Kind::Bool(known.contains(&wanted)), at))
}

fn zipmap(keys: &Value, values: &Value, at: &Location) -> Value {
    let ((keys, open), (values, more)) = (pairs(keys), pairs(values));
    let mut entries = BTreeMap::new();
    let mut unknown = open || more;
    for ((_, key), (_, value)) in keys.into_iter().zip(values) {
        match key.literal() {
            Some(key) => drop(entries.insert(key, value)),
            None => unknown = true,
        }
    }
    Value::map(entries, unknown, at)
}

fn range(values: &[Value], at: &Location) -> Option<Value> {
    let numbers: Option<Vec<i64>> = values.iter().map(|value| value.literal()?.parse().ok()).collect();
    let (from, to) = match numbers?.as_slice() {
        [to] => (0, *to),
        [from, to] => (*from, *to),
        _ => return None,
    };
    let items = (from..to).take(MAX_RANGE).map(|number| Value::new(Kind::Number(number.to_string().into()), at));
    Some(Value::list(items.collect(), to.saturating_sub(from) > MAX_RANGE as i64, at))
}

fn set_product(values: &[Value], at: &Location) -> Value {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    let mut unknown = false;
    for list in values {
        let (items, open) = pairs(list);
        unknown |= open;
        if rows.len().saturating_mul(items.len()) > MAX_RANGE {
            return Value::list(Vec::new(), true, at);
        }
        let extend = |row: &Vec<Value>| {
            let row = row.clone();
            items.iter().map(move |(_, item)| row.iter().cloned().chain([item.clone()]).collect::<Vec<_>>()).collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(extend).collect();
    }
    Value::list(rows.into_iter().map(|row| Value::list(row, false, at)).collect(), unknown, at)
}
