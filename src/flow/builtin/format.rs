//! String formatting: `"{}/{name}".format(…)`, `"%s/%s" % (…)`.

use super::super::call::Args;
use super::super::eval::concat;
use super::super::interp::Interp;
use super::super::store::ObjKind;
use super::super::value::{Atom, Value};
use crate::span::Span;
use crate::value::{Piece, Text};

impl Interp<'_> {
    /// `text.format(…)`.
    pub(super) fn format_braces(&mut self, text: &Text, args: &Args) -> Value {
        let mut next = 0;
        self.fill_braces(text, &mut |this, field| {
            let (name, attributes) = split_field(field);
            let value = if name.is_empty() {
                next += 1;
                args.get(next - 1)
            } else if let Ok(index) = name.parse::<usize>() {
                args.get(index)
            } else {
                args.named(name).cloned().unwrap_or_else(|| Value::unknown("a value to format"))
            };
            this.attributes(value, attributes)
        })
    }

    /// `text.format_map(mapping)`.
    pub(super) fn format_with(&mut self, text: &Text, mapping: &Value) -> Value {
        self.fill_braces(text, &mut |this, field| {
            let (name, attributes) = split_field(field);
            let value = this.index(mapping, &Value::literal(name), Span::default());
            this.attributes(value, attributes)
        })
    }

    /// `{0.name[key]}`: what follows the argument's name.
    fn attributes(&mut self, mut value: Value, path: &str) -> Value {
        let mut rest = path;
        loop {
            let (name, after);
            if let Some(inner) = rest.strip_prefix('[') {
                (name, after) = inner.split_once(']').unwrap_or((inner, ""));
                value = self.index(&value, &Value::literal(name), Span::default());
            } else if let Some(inner) = rest.strip_prefix('.') {
                (name, after) = inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()));
                value = self.member(&value, &name.into(), Span::default());
            } else {
                return value;
            }
            rest = after;
        }
    }

    /// A text with something else for each of its known parts.
    fn fill_known(&mut self, text: &Text, mut fill: impl FnMut(&mut Self, &str) -> Value) -> Value {
        let mut whole = Value::literal("");
        for piece in text.pieces() {
            let filled = match piece {
                Piece::Literal(literal) => fill(self, literal),
                Piece::Hole(_) => Value::text(Text::from_pieces([piece.clone()])),
            };
            whole = concat(&whole, &filled);
        }
        whole
    }

    fn fill_braces(&mut self, text: &Text, value_of: &mut dyn FnMut(&mut Self, &str) -> Value) -> Value {
        self.fill_known(text, |this, literal| {
            let (mut filled, mut rest) = (Value::literal(""), literal);
            while let Some(at) = rest.find(['{', '}']) {
                filled = concat(&filled, &Value::literal(&rest[..at]));
                let brace = &rest[at..=at];
                rest = &rest[at + 1..];
                if rest.starts_with(brace) {
                    filled = concat(&filled, &Value::literal(brace));
                    rest = &rest[1..];
                } else if brace == "{" {
                    let Some(end) = rest.find('}') else { break };
                    let (field, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
                    let field = field.split('!').next().unwrap_or_default();
                    rest = &rest[end + 1..];
                    let value = value_of(this, field);
                    let value = this.formatted(&value, &Value::literal(spec));
                    filled = concat(&filled, &value);
                }
            }
            concat(&filled, &Value::literal(rest))
        })
    }

    /// `Template(text).substitute(mapping, **names)`.
    /// <https://docs.python.org/3/library/string.html#template-strings-strings>
    pub(super) fn substitute(&mut self, text: &Text, args: &Args) -> Value {
        self.fill_known(text, |this, literal| {
            let (mut filled, mut rest) = (Value::literal(""), literal);
            while let Some((before, after)) = rest.split_once('$') {
                filled = concat(&filled, &Value::literal(before));
                let (name, behind) = placeholder(after);
                rest = behind;
                let value = match name {
                    Some(name) => this.substituted(name, args),
                    None => Value::literal("$"),
                };
                filled = concat(&filled, &value);
            }
            concat(&filled, &Value::literal(rest))
        })
    }

    /// What stands for a name of a template.
    fn substituted(&mut self, name: &str, args: &Args) -> Value {
        let value = match (args.named(name).cloned(), args.get(0)) {
            (Some(value), _) => value,
            (None, mapping) if !mapping.is_none() => self.index(&mapping, &Value::literal(name), Span::default()),
            _ => Value::none(),
        };
        if value.is_none() || self.is_null(&value) == Some(true) {
            return Value::unknown("a value to substitute");
        }
        self.formatted(&value, &Value::literal(""))
    }

    /// `text % values`.
    pub(in crate::flow) fn percent(&mut self, left: &Value, right: &Value) -> Value {
        let mut all = Value::none();
        for atom in left.atoms() {
            let Atom::Text(text) = atom else { continue };
            let text = (**text).clone();
            let value = self.fill_percent(&text, right);
            all.join(&value);
        }
        if all.is_none() { Value::unknown("a number that the code computes") } else { all }
    }

    fn fill_percent(&mut self, text: &Text, right: &Value) -> Value {
        let tuple = match right.single() {
            Some(Atom::Object(id)) if self.store.get(*id).kind == ObjKind::List => Some(self.rounds_of(right, Span::default())),
            _ => None,
        };
        let mut next = 0;
        let mut whole = Value::literal("");
        for piece in text.pieces() {
            let Piece::Literal(literal) = piece else {
                whole = concat(&whole, &Value::text(Text::from_pieces([piece.clone()])));
                continue;
            };
            let mut rest = literal.as_str();
            while let Some(at) = rest.find('%') {
                whole = concat(&whole, &Value::literal(&rest[..at]));
                rest = &rest[at + 1..];
                if let Some(after) = rest.strip_prefix('%') {
                    whole = concat(&whole, &Value::literal("%"));
                    rest = after;
                    continue;
                }
                let key = rest.strip_prefix('(').and_then(|inner| inner.split_once(')'));
                if let Some((_, after)) = key {
                    rest = after;
                }
                let end = rest.find(|char: char| char.is_ascii_alphabetic()).map_or(rest.len(), |end| end + 1);
                let directive = &rest[..end];
                rest = &rest[end..];
                let value = match (key, &tuple) {
                    (Some((name, _)), _) => self.index(right, &Value::literal(name), Span::default()),
                    (None, Some(rounds)) => rounds.items.get(next).cloned().unwrap_or_else(|| rounds.rest.clone()),
                    (None, None) => right.clone(),
                };
                next += 1;
                let value = self.formatted_by_percent(&value, directive);
                whole = concat(&whole, &value);
            }
            whole = concat(&whole, &Value::literal(rest));
        }
        whole
    }
}

/// `name.attribute[key]` → (`name`, `.attribute[key]`).
fn split_field(field: &str) -> (&str, &str) {
    let end = field.find(['.', '[']).unwrap_or(field.len());
    field.split_at(end)
}

/// What follows a `$`: the name of a placeholder, unless the sign stands for itself, and what comes behind.
fn placeholder(text: &str) -> (Option<&str>, &str) {
    if let Some(rest) = text.strip_prefix('$') {
        return (None, rest);
    }
    if let Some((name, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        return (Some(name), rest);
    }
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) { (None, text) } else { (Some(name), rest) }
}
