//! Members and calls: functions of the scripts themselves, and the few of the language that configuration uses.

use std::rc::Rc;

use smol_str::SmolStr;

use super::eval::{MAX_DEPTH, Machine, Scope, put};
use super::value::{Field, Frame, MAX_SIZE, Value};
use crate::iac::clean;
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind};
use crate::span::Span;

impl Machine<'_> {
    /// A member of a value.
    pub(super) fn member(&mut self, value: &Value, name: &str, span: Span) -> Value {
        match value {
            Value::Object(fields, _) => match fields.iter().find(|field| field.key == name) {
                Some(field) => field.value.clone(),
                None => Value::Unknown(name.into(), span),
            },
            Value::List(items, _) => match name.parse::<usize>() {
                Ok(index) => items.get(index).cloned().unwrap_or_else(|| Value::Unknown(name.into(), span)),
                Err(_) => Value::Method(Box::new(value.clone()), name.into()),
            },
            Value::Builtin(object) if object == "process.env" => Value::text(["${env:", name, "}"].concat(), span),
            Value::Builtin(object) => Value::Builtin([object.as_str(), ".", name].concat().into()),
            Value::Scalar(..) => Value::Method(Box::new(value.clone()), name.into()),
            Value::Module(loaded) => self.exported(loaded, name, 0).unwrap_or_else(|| Value::Unknown(name.into(), span)),
            Value::Either(first, second, _) => {
                let first = (**first).clone();
                match &first {
                    Value::Object(fields, _) if !fields.iter().any(|field| field.key == name) => match &**second {
                        Value::Object(fields, _) => fields
                            .iter()
                            .find(|field| field.key == name)
                            .map_or_else(|| Value::Unknown(name.into(), span), |field| field.value.clone()),
                        _ => Value::Unknown(name.into(), span),
                    },
                    Value::Object(..) | Value::List(..) | Value::Scalar(..) => self.member(&first, name, span),
                    _ => Value::Unknown(name.into(), span),
                }
            }
            Value::Function(..) | Value::Method(..) | Value::Unknown(..) => Value::Unknown(name.into(), span),
        }
    }

    /// A call in the code.
    pub(super) fn call_expr(&mut self, scope: Scope<'_>, expr: ExprId, callee: ExprId, args: &[Argument]) -> Value {
        let span = scope.loaded.module.functions[scope.function].body.expr_spans[expr];
        let span = Span::new(span.start.saturating_add(scope.loaded.base), span.end.saturating_add(scope.loaded.base));
        let function = self.eval(scope, callee);
        let mut values = Vec::new();
        for arg in args {
            let value = self.eval(scope, arg.value);
            match (&arg.kind, value) {
                (ArgumentKind::SpreadList, Value::List(items, _)) => values.extend(items.iter().cloned()),
                // Patterns have no value, but what they replace can be told from how they are written.
                (_, Value::Unknown(..)) if scope.source(arg.value).starts_with('/') => {
                    values.push(Value::Unknown(scope.source(arg.value).into(), span));
                }
                (_, value) => values.push(value),
            }
        }
        match self.call(&function, values, span, scope.depth) {
            Value::Unknown(..) => scope.unknown(expr),
            value => value,
        }
    }

    /// Calls a value.
    pub(super) fn call(&mut self, function: &Value, args: Vec<Value>, span: Span, depth: usize) -> Value {
        let unknown = || Value::Unknown("the result of a call".into(), span);
        if depth > MAX_DEPTH {
            return unknown();
        }
        match function {
            Value::Function(loaded, id, around) => {
                let frame = Rc::new(Frame { around: Some(Rc::clone(around)), ..Frame::default() });
                let func = &loaded.module.functions[*id];
                let scope = Scope { loaded, function: *id, frame: &frame, depth: depth + 1 };
                let mut args = args.into_iter();
                for param in &func.params {
                    let value = match (args.next(), param.default) {
                        (Some(value), _) => value,
                        (None, Some(default)) => self.eval(scope, default),
                        (None, None) => Value::Unknown("an argument".into(), span),
                    };
                    self.bind(scope, &param.pattern, value);
                }
                self.block(loaded, *id, &frame, &func.body.entry, depth + 1).unwrap_or_else(unknown)
            }
            Value::Builtin(name) => {
                let result = self.builtin(name, &args, span).unwrap_or_else(unknown);
                self.made(result)
            }
            Value::Method(object, name) => {
                let result = self.method(object, name, &args, span, depth).unwrap_or_else(unknown);
                self.made(result)
            }
            _ => unknown(),
        }
    }

    fn builtin(&mut self, name: &str, args: &[Value], span: Span) -> Option<Value> {
        match name {
            "process.cwd" => Some(Value::text(super::ROOT, span)),
            "path.join" | "path.resolve" | "path.posix.join" => {
                let mut path = std::path::PathBuf::new();
                for arg in args {
                    path.push(arg.as_str()?.trim_start_matches(|c| c == '/' && !path.as_os_str().is_empty()));
                }
                Some(Value::text(clean(&path).to_string_lossy().as_ref(), span))
            }
            "path.relative" => {
                let (from, to) = (args.first()?.as_str()?, args.get(1)?.as_str()?);
                Some(Value::text(to.strip_prefix(from)?.trim_start_matches('/'), span))
            }
            "Object.assign" => {
                let mut fields = Vec::new();
                args.iter().for_each(|arg| self.spread(arg, &mut fields, 0));
                Some(Value::Object(Rc::new(fields), span))
            }
            "Object.keys" | "Object.values" | "Object.entries" => {
                let Value::Object(fields, _) = args.first()? else { return None };
                let item = |field: &Field| match name {
                    "Object.keys" => Value::text(field.key.clone(), field.span),
                    "Object.values" => field.value.clone(),
                    _ => {
                        let pair = vec![Value::text(field.key.clone(), field.span), field.value.clone()];
                        Value::list(pair, field.span)
                    }
                };
                Some(Value::list(fields.iter().map(item).collect(), span))
            }
            "Object.fromEntries" => {
                let Value::List(items, _) = args.first()? else { return None };
                let mut fields = Vec::new();
                for item in items.iter() {
                    let Value::List(pair, at) = item else { return None };
                    let [key, value] = pair.as_slice() else { return None };
                    put(&mut fields, Field { key: key.written()?.into(), span: *at, value: value.clone() });
                }
                Some(Value::Object(Rc::new(fields), span))
            }
            "Promise.resolve" | "Object.freeze" | "String" => args.first().cloned(),
            _ => None,
        }
    }

    fn method(&mut self, object: &Value, name: &SmolStr, args: &[Value], span: Span, depth: usize) -> Option<Value> {
        match object {
            Value::Scalar(scalar, _) => text_method(&scalar.text, name, args, span),
            Value::List(items, _) => self.list_method(items, name, args, span, depth),
            _ => None,
        }
    }

    fn list_method(&mut self, items: &[Value], name: &str, args: &[Value], span: Span, depth: usize) -> Option<Value> {
        match name {
            "join" => {
                let delimiter = args.first().and_then(Value::as_str).unwrap_or(",");
                Some(Value::text(joined(items, delimiter)?, span))
            }
            "concat" => {
                let mut all = items.to_vec();
                for arg in args {
                    match arg {
                        Value::List(more, _) => all.extend(more.iter().cloned()),
                        other => all.push(other.clone()),
                    }
                    if all.len() > MAX_SIZE {
                        break;
                    }
                }
                Some(Value::list(all, span))
            }
            "map" | "flatMap" => {
                let function = args.first()?;
                let mut results = Vec::new();
                for item in items {
                    match self.call(function, vec![item.clone()], span, depth + 1) {
                        Value::List(more, _) if name == "flatMap" => results.extend(more.iter().cloned()),
                        value => results.push(value),
                    }
                    if results.len() > MAX_SIZE {
                        break;
                    }
                }
                Some(Value::list(results, span))
            }
            // What a condition removes is not known; what it leaves is a part of all.
            "filter" => Some(Value::list(items.to_vec(), span)),
            "reduce" => {
                let mut all = args.get(1)?.clone();
                for item in items {
                    all = self.call(args.first()?, vec![all, item.clone()], span, depth + 1);
                }
                Some(all)
            }
            _ => None,
        }
    }
}

fn text_method(text: &str, name: &str, args: &[Value], span: Span) -> Option<Value> {
    let number = |index: usize| args.get(index).and_then(Value::as_str).and_then(|text| text.parse::<usize>().ok());
    let string = |index: usize| args.get(index).and_then(Value::as_str);
    let result = match name {
        "toString" | "trim" | "normalize" => text.trim().to_owned(),
        "toLowerCase" => text.to_lowercase(),
        "toUpperCase" => text.to_uppercase(),
        "concat" => [text, &joined(args, "")?].concat(),
        "substring" | "slice" | "substr" => {
            let start = number(0)?.min(text.len());
            let end = match (number(1), name) {
                (Some(length), "substr") => start.saturating_add(length),
                (Some(end), _) => end,
                (None, _) => text.len(),
            };
            text.get(start..end.clamp(start, text.len()))?.to_owned()
        }
        "replace" | "replaceAll" => {
            let (pattern, by) = (args.first()?, string(1)?);
            match pattern {
                Value::Unknown(pattern, _) => {
                    let (literal, all) = literal_pattern(pattern)?;
                    replaced(text, &literal, by, all)?
                }
                pattern => replaced(text, pattern.as_str()?, by, name == "replaceAll")?,
            }
        }
        "split" => {
            let parts = text.split(string(0).filter(|delimiter| !delimiter.is_empty())?);
            return Some(Value::list(parts.map(|part| Value::text(part, span)).collect(), span));
        }
        _ => return None,
    };
    Some(Value::text(result, span))
}

/// The characters of some values, one after the other; nothing where one of them has none, or where they become too many.
fn joined(items: &[Value], delimiter: &str) -> Option<String> {
    let mut text = String::new();
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            text.push_str(delimiter);
        }
        text.push_str(&item.written()?);
        if text.len() > MAX_SIZE {
            return None;
        }
    }
    Some(text)
}

/// A text in which one part, or every such part, is another one; nothing where it becomes too long.
fn replaced(text: &str, from: &str, to: &str, all: bool) -> Option<String> {
    let count = text.matches(from).take(if all { usize::MAX } else { 1 }).count();
    (count.saturating_mul(to.len()) <= MAX_SIZE).then(|| text.replacen(from, to, count))
}

/// The string a regular expression stands for, when it is one of plain characters, and whether every occurrence is meant.
fn literal_pattern(written: &str) -> Option<(String, bool)> {
    let (pattern, flags) = written.strip_prefix('/')?.rsplit_once('/')?;
    let mut literal = String::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => literal.push(chars.next().filter(|c| !c.is_alphanumeric())?),
            '^' | '$' | '.' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}' => return None,
            other => literal.push(other),
        }
    }
    (!literal.is_empty()).then(|| (literal, flags.contains('g')))
}
