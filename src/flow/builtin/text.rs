//! Methods of strings.

use super::super::call::Args;
use super::super::eval::concat;
use super::super::interp::Interp;
use super::super::value::{Atom, LONG_TEXT, MAX_TEXT, Value, atom_text};
use super::slice::{self, Bounds};
use crate::span::Span;
use crate::value::{Hole, Piece, Text};

/// Methods whose result says as much about its origin as the string itself.
pub(super) fn keeps_origin(name: &str) -> bool {
    matches!(
        name,
        "strip"
            | "lstrip"
            | "rstrip"
            | "trim"
            | "trimStart"
            | "trimEnd"
            | "lower"
            | "upper"
            | "toLowerCase"
            | "toUpperCase"
            | "casefold"
            | "capitalize"
            | "title"
            | "toString"
            | "encode"
            | "decode"
            | "copy"
            | "replace"
            | "replaceAll"
            | "substring"
            | "substr"
            | "removeprefix"
            | "removesuffix"
            | "normalize"
            | "valueOf"
            | "read"
            | "json"
            | "text"
            | "dict"
            | "model_dump"
            | "to_dict"
            | "isoformat"
            | "zfill"
            | "padStart"
            | "padEnd"
            | "getvalue"
            | "transformToString"
            | "toISOString"
            | "strftime"
            | "item"
    )
}

/// Whether a method takes something off the ends of a string.
pub(super) fn is_trim(name: &str) -> bool {
    matches!(name, "strip" | "lstrip" | "rstrip" | "trim" | "trimStart" | "trimEnd")
}

/// Longer than any text that is followed.
const MAX_PADDED: usize = 1_000;

/// What becomes of a text that is not known here when a method changes it. A name that the deployment or the event gives is no
/// longer that name; of others, it is enough to know where they come from.
pub(super) fn changed(hole: &Hole, method: &str) -> Hole {
    let is_case = matches!(method, "lower" | "toLowerCase" | "casefold");
    let changes = matches!(
        method,
        "lower"
            | "upper"
            | "toLowerCase"
            | "toUpperCase"
            | "casefold"
            | "capitalize"
            | "title"
            | "replace"
            | "replaceAll"
            | "substring"
            | "substr"
            | "removeprefix"
            | "removesuffix"
            | "zfill"
            | "padStart"
            | "padEnd"
    );
    match hole {
        Hole::Account | Hole::Region | Hole::Partition if is_case => hole.clone(),
        _ if changes => part_of_hole(hole),
        _ => hole.clone(),
    }
}

/// What is known of a part of a text that is known only to the deployment or the event.
pub(in crate::flow) fn part_of_hole(hole: &Hole) -> Hole {
    let what = match hole {
        Hole::Parameter(name) => smol_str::format_smolstr!("what the code makes of {name}"),
        Hole::Resource { id, .. } => smol_str::format_smolstr!("what the code makes of a name of {id}"),
        Hole::Region => "what the code makes of the region".into(),
        Hole::Account => "what the code makes of the account".into(),
        Hole::Partition => "what the code makes of the partition".into(),
        other => return other.changed(),
    };
    Hole::Unknown(what)
}

/// The form of a part of the invocation's context whose beginning says where the function runs.
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-context.html>
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html#awslambda-resources-for-iam-policies>
pub(super) fn form_of(hole: &Hole) -> Option<Text> {
    let own = matches!(hole, Hole::Context(path) if matches!(path.as_str(), "invoked_function_arn" | "invokedFunctionArn"));
    let literal = |text: &'static str| Piece::Literal(text.into());
    own.then(|| {
        Text::from_pieces([
            literal("arn:"),
            Piece::Hole(Hole::Partition),
            literal(":lambda:"),
            Piece::Hole(Hole::Region),
            literal(":"),
            Piece::Hole(Hole::Account),
            literal(":function:"),
            Piece::Hole(Hole::Context("function_name".into())),
        ])
    })
}

impl Interp<'_> {
    /// The parts of a text of known form, behind which others may stand: a function's ARN may end in a version.
    pub(super) fn split_form(&mut self, hole: &Hole, args: &Args) -> Value {
        let form = form_of(hole).unwrap_or_else(|| Text::hole(hole.clone()));
        let parts = self.split(&form, false, args);
        if let Some(Atom::Object(list)) = parts.single() {
            self.store.get_mut(*list).items.push(Value::hole(part_of_hole(hole)));
        }
        parts
    }

    /// How a value of the template is written, where it can be told into which parts a separator takes it apart: it occurs, and what is
    /// not known does not have it.
    pub(super) fn parts_of_form(&self, hole: &Hole, args: &Args) -> Option<Text> {
        let form = self.options.forms.get(hole)?;
        let separator = args.either(0, "sep");
        let separator = separator.as_literal().filter(|separator| !separator.is_empty())?;
        let is_named = |hole: &Hole| matches!(hole, Hole::Parameter(_));
        let separates = separator.chars().all(|c| matches!(c, ':' | '/') || c == '.' && !form.holes().any(is_named));
        (separates && form.split_once(separator).is_some()).then(|| form.clone())
    }

    pub(super) fn text_method(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        let Some(text) = atom_text(atom) else { return Value::unknown("a method of a value") };
        let value = Value::one(atom.clone());
        if let Some(value) = self.text_with_regex(&value, name, args, span) {
            return value;
        }
        match name {
            // What makes the replacement is called.
            "replace" | "replaceAll" if !self.functions_in(args.all()).is_empty() => {
                self.call_unknown(args, span);
                Value::unknown("a string after replacing parts of it")
            }
            "format" => self.format_braces(&text, args),
            "format_map" => {
                let mapping = args.get(0);
                self.format_with(&text, &mapping)
            }
            "join" => self.join_texts(&value, &args.get(0), span),
            "concat" => args.positional.iter().fold(value, |whole, part| concat(&whole, &self.stringified(part))),
            "lower" | "toLowerCase" | "casefold" | "toLocaleLowerCase" => map_literals(&text, str::to_lowercase),
            "upper" | "toUpperCase" | "toLocaleUpperCase" => map_literals(&text, str::to_uppercase),
            "title" | "capitalize" | "swapcase" if text.as_literal().is_some() => map_literals(&text, |text| recased(name, text)),
            "strip" | "trim" => trimmed(&text, (true, true), &args.get(0)),
            "lstrip" | "trimStart" => trimmed(&text, (true, false), &args.get(0)),
            "rstrip" | "trimEnd" => trimmed(&text, (false, true), &args.get(0)),
            "replace" | "replaceAll" => replaced(&text, &args.get(0), &args.get(1), name == "replaceAll" || self.in_python()),
            "split" | "rsplit" => self.split(&text, name == "rsplit", args),
            "partition" | "rpartition" => self.partition(&text, name == "rpartition", args.get(0).as_literal()),
            "removeprefix" => without_prefix(&text, args.get(0).as_literal()),
            "removesuffix" => without_suffix(&text, args.get(0).as_literal()),
            "encode" | "decode" | "toString" | "valueOf" | "normalize" => value,
            "startswith" | "startsWith" => edge_test(&text, &args.get(0), true),
            "endswith" | "endsWith" => edge_test(&text, &args.get(0), false),
            "includes" => contains_test(&text, &args.get(0)),
            "charAt" | "at" => self.character(&text, &args.get(0)),
            "indexOf" | "find" | "lastIndexOf" => position(&text, &args.get(0), name == "lastIndexOf"),
            "slice" | "substring" | "substr" => {
                let (start, end) = (args.get(0), args.get(1));
                self.part_of(&text, Bounds::of_method(name, &start, &end))
            }
            "padStart" | "padEnd" | "zfill" | "rjust" | "ljust" => padded(&text, name, &args.get(0), &args.get(1)),
            "safe_substitute" | "substitute" => self.substitute(&text, args),
            _ => {
                self.call_unknown(args, span);
                Value::unknown("part of a string")
            }
        }
    }

    /// The character at a position.
    pub(in crate::flow) fn character(&self, text: &Text, at: &Value) -> Value {
        let at = if at.is_none() { Value::one(Atom::Number("0".into())) } else { at.clone() };
        let next = match at.single() {
            Some(Atom::Number(_)) => slice::number(&at).filter(|at| *at != -1).map(|at| (at + 1).to_string()),
            _ => return Value::unknown("part of a string"),
        };
        let next = next.map(|next| Value::one(Atom::Number(next.into())));
        self.part_of(text, Bounds::new(Some(&at), next.as_ref()))
    }

    /// `text.replace(pattern, f)` calls the function with each match, the groups in it, its position and the whole text.
    /// <https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/replace>
    pub(super) fn call_replacer(&mut self, args: &Args, span: Span) {
        let is_function = |atom: &Atom| matches!(atom, Atom::Function(_) | Atom::Wrapped(_));
        let replacer = args.get(1).filtered(is_function);
        if !replacer.is_none() {
            let part = Value::unknown("part of a string");
            let given = Args { positional: vec![part.clone()], rest: part, ..Args::default() };
            self.perhaps(|this| this.call_value(&replacer, given, span));
        }
    }

    /// `separator.join(parts)`.
    pub(super) fn join_texts(&mut self, separator: &Value, parts: &Value, span: Span) -> Value {
        let rounds = self.rounds_of(parts, span);
        let mut whole = Value::literal("");
        let count = rounds.items.len();
        for (index, item) in rounds.items.into_iter().enumerate() {
            if index > 0 {
                whole = concat(&whole, separator);
            }
            // <https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/Array/join>
            let is_empty = !self.in_python() && self.is_null(&item) == Some(true);
            let item = if is_empty { Value::literal("") } else { self.stringified(&item) };
            whole = concat(&whole, &item);
        }
        if !rounds.rest.is_none() {
            if count > 0 {
                whole = concat(&whole, separator);
            }
            whole = concat(&whole, &Value::unknown("the items of a list"));
        }
        whole
    }

    /// `text.split(separator, limit)`: in Python the limit is how often it is split, and the rest stays in one piece; in JavaScript
    /// how many parts are kept.
    /// <https://docs.python.org/3/library/stdtypes.html#str.split>,
    /// <https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/split>
    fn split(&mut self, text: &Text, from_right: bool, args: &Args) -> Value {
        let (separator, limit) = (args.either(0, "sep"), args.either(1, "maxsplit"));
        let separator = separator.filtered(|atom| !matches!(atom, Atom::Null(_)));
        let known = separator.as_literal().filter(|separator| !separator.is_empty());
        let limit = match limit.filtered(|atom| !matches!(atom, Atom::Null(_))) {
            limit if limit.is_none() => Some(usize::MAX),
            limit => match limit.single() {
                Some(Atom::Number(number)) => number.parse::<i64>().ok().map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
                _ => None,
            },
        };
        let parts = match (text.as_literal(), known, limit) {
            (_, None, Some(_)) if separator.is_none() && !self.in_python() => vec![text.clone()],
            (_, Some(separator), Some(most)) if self.in_python() => {
                rejoined(split_pieces(text, separator), separator, most, from_right)
            }
            (_, Some(separator), Some(most)) => split_pieces(text, separator).into_iter().take(most).collect(),
            (Some(literal), None, Some(most)) if separator.is_none() => {
                split_words(literal, most, from_right).into_iter().map(Text::literal).collect()
            }
            _ => return self.list(Vec::new(), Value::unknown("part of a string")),
        };
        self.list(parts.into_iter().map(Value::text).collect(), Value::none())
    }

    /// `text.partition(separator)`: what is before the separator, itself, and what is behind.
    fn partition(&mut self, text: &Text, from_right: bool, separator: Option<&str>) -> Value {
        let parts = separator.filter(|separator| !separator.is_empty()).map(|separator| {
            let mut parts = rejoined(split_pieces(text, separator), separator, 1, from_right).into_iter();
            (parts.next().unwrap_or_default(), Text::literal(separator), parts.next())
        });
        let unknown = || Value::unknown("part of a string");
        let items = match parts {
            Some((before, separator, Some(behind))) => [before, separator, behind].map(Value::text).to_vec(),
            Some(_) if text.as_literal().is_some() => {
                let mut items = vec![Value::literal(""), Value::literal("")];
                items.insert(if from_right { 2 } else { 0 }, Value::text(text.clone()));
                items
            }
            _ => vec![unknown(), unknown(), unknown()],
        };
        self.list(items, Value::none())
    }
}

/// Parts of which those are put together again that more separators than a number made.
fn rejoined(mut parts: Vec<Text>, separator: &str, most: usize, from_right: bool) -> Vec<Text> {
    if parts.len() <= most.saturating_add(1) {
        return parts;
    }
    let (kept, rest) = if from_right {
        let kept = parts.split_off(parts.len() - most);
        (kept, parts)
    } else {
        let rest = parts.split_off(most);
        (parts, rest)
    };
    let mut whole = Text::default();
    for (index, part) in rest.iter().enumerate() {
        if index > 0 {
            whole.push_str(separator);
        }
        whole.push_text(part);
    }
    if from_right { std::iter::once(whole).chain(kept).collect() } else { kept.into_iter().chain([whole]).collect() }
}

/// The words of a text; of more than a number of gaps between them, the others stay as they are.
fn split_words(text: &str, most: usize, from_right: bool) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = if from_right { text.trim_end() } else { text.trim_start() };
    while !rest.is_empty() {
        let gap = if from_right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(at) = gap.filter(|_| words.len() < most) else {
            words.push(rest);
            break;
        };
        let after = at + rest[at..].chars().next().map_or(1, char::len_utf8);
        let (word, further) =
            if from_right { (&rest[after..], rest[..at].trim_end()) } else { (&rest[..at], rest[after..].trim_start()) };
        words.push(word);
        rest = further;
    }
    if from_right {
        words.reverse();
    }
    words
}

/// `text.title()` and the like.
/// <https://docs.python.org/3/library/stdtypes.html#str.title>
fn recased(method: &str, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for c in text.chars() {
        let upper = match method {
            "title" => !within,
            "swapcase" => c.is_lowercase(),
            _ => out.is_empty(),
        };
        if upper {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        within = c.is_alphabetic();
    }
    out
}

/// Splits at separators in the known parts; what a hole contains is taken to be free of them.
fn split_pieces(text: &Text, separator: &str) -> Vec<Text> {
    let mut parts = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) => {
                for (index, part) in literal.split(separator).enumerate() {
                    if index > 0 {
                        parts.push(Text::default());
                    }
                    if let Some(last) = parts.last_mut() {
                        last.push_str(part);
                    }
                }
            }
            Piece::Hole(_) => {
                if let Some(last) = parts.last_mut() {
                    last.push(piece.clone());
                }
            }
        }
    }
    parts
}

fn map_literals(text: &Text, map: impl Fn(&str) -> String) -> Value {
    Value::text(Text::from_pieces(text.pieces().iter().map(|piece| match piece {
        Piece::Literal(literal) => Piece::Literal(map(literal).into()),
        Piece::Hole(hole) => Piece::Hole(changed(hole, "lower")),
    })))
}

/// Without what stands at its ends: the given characters, else spaces.
fn trimmed(text: &Text, (start, end): (bool, bool), characters: &Value) -> Value {
    let characters = characters.filtered(|atom| !matches!(atom, Atom::Null(_)));
    if !characters.is_none() && characters.as_literal().is_none() {
        return Value::unknown("part of a string");
    }
    let count = text.pieces().len();
    let goes = |c: char| characters.as_literal().map_or_else(|| c.is_whitespace(), |characters| characters.contains(c));
    Value::text(Text::from_pieces(text.pieces().iter().enumerate().map(|(index, piece)| match piece {
        Piece::Literal(literal) => {
            let mut part = literal.as_str();
            if start && index == 0 {
                part = part.trim_start_matches(goes);
            }
            if end && index + 1 == count {
                part = part.trim_end_matches(goes);
            }
            Piece::Literal(part.into())
        }
        Piece::Hole(hole) if !characters.is_none() => Piece::Hole(part_of_hole(hole)),
        Piece::Hole(_) => piece.clone(),
    })))
}

fn replaced(text: &Text, from: &Value, to: &Value, all: bool) -> Value {
    let targets = to.texts();
    let (Some(from), [to]) = (from.as_literal(), targets.as_slice()) else {
        return Value::unknown("a string after replacing parts of it");
    };
    let mut out = Text::default();
    let mut left = if all { usize::MAX } else { 1 };
    let mut room = MAX_TEXT;
    for piece in text.pieces() {
        match piece {
            Piece::Literal(literal) if !from.is_empty() => {
                let count = literal.matches(from).take(left).count();
                let Some(rest) = room.checked_sub(count * to.weight()) else { return Value::unknown(LONG_TEXT) };
                room = rest;
                match to.as_literal() {
                    Some(to) => out.push_str(&literal.replacen(from, to, count)),
                    None => literal.splitn(count + 1, from).enumerate().for_each(|(position, part)| {
                        if position > 0 {
                            out.push_text(to);
                        }
                        out.push_str(part);
                    }),
                }
                left -= count;
            }
            Piece::Literal(_) => out.push(piece.clone()),
            Piece::Hole(hole) => out.push(Piece::Hole(changed(hole, "replace"))),
        }
    }
    Value::text(out)
}

/// A text that is made as long as a number says, with another one before or behind it.
fn padded(text: &Text, method: &str, length: &Value, with: &Value) -> Value {
    let usual = if method == "zfill" { "0" } else { " " };
    let with = if with.is_none() { Some(usual) } else { with.as_literal() };
    let length = match length.single() {
        Some(Atom::Number(number)) => number.parse::<usize>().ok().filter(|length| *length <= MAX_PADDED),
        _ => None,
    };
    let (Some(known), Some(with), Some(length)) = (text.as_literal(), with.filter(|with| !with.is_empty()), length) else {
        return Value::unknown("part of a string");
    };
    let missing = length.saturating_sub(known.chars().count());
    let added: String = with.chars().cycle().take(missing).collect();
    match method {
        "padEnd" | "ljust" => Value::literal(format!("{known}{added}")),
        "zfill" if known.starts_with(['-', '+']) => Value::unknown("part of a string"),
        _ => Value::literal(format!("{added}{known}")),
    }
}

fn without_prefix(text: &Text, prefix: Option<&str>) -> Value {
    match (text.as_literal(), prefix) {
        (Some(literal), Some(prefix)) => Value::literal(literal.strip_prefix(prefix).unwrap_or(literal)),
        _ => Value::unknown("part of a string"),
    }
}

fn without_suffix(text: &Text, suffix: Option<&str>) -> Value {
    match (text.as_literal(), suffix) {
        (Some(literal), Some(suffix)) => Value::literal(literal.strip_suffix(suffix).unwrap_or(literal)),
        _ => Value::unknown("part of a string"),
    }
}

/// Where a part is in a text that is known.
fn position(text: &Text, part: &Value, last: bool) -> Value {
    let (Some(text), Some(part)) = (text.as_literal(), part.as_literal()) else {
        return Value::unknown("the position in a list");
    };
    let found = if last { text.rfind(part) } else { text.find(part) };
    let at = found.map(|at| text[..at].chars().count());
    Value::one(Atom::Number(at.map_or_else(|| "-1".into(), |at| smol_str::format_smolstr!("{at}"))))
}

/// Whether a text begins (or ends) with a part, as far as what is known of that edge tells.
fn edge_test(text: &Text, part: &Value, start: bool) -> Value {
    let (Some(edge), Some(part)) = (edge_of(text, start), part.as_literal()) else {
        return Value::unknown("whether a condition holds");
    };
    let meets = |whole: &str, part: &str| if start { whole.starts_with(part) } else { whole.ends_with(part) };
    let is_all = text.as_literal().is_some();
    match (meets(edge, part), is_all || !meets(part, edge)) {
        (true, _) => Value::one(Atom::Bool(true)),
        (false, true) => Value::one(Atom::Bool(false)),
        (false, false) => Value::unknown("whether a condition holds"),
    }
}

fn contains_test(text: &Text, part: &Value) -> Value {
    let Some(part) = part.as_literal() else { return Value::unknown("whether a condition holds") };
    let known = text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(literal) if literal.contains(part)));
    if known || text.as_literal().is_some() {
        Value::one(Atom::Bool(known || part.is_empty()))
    } else {
        Value::unknown("whether a condition holds")
    }
}

/// The characters that a text is known to begin (or end) with.
fn edge_of(text: &Text, start: bool) -> Option<&str> {
    let pieces = text.pieces();
    match if start { pieces.first() } else { pieces.last() } {
        None => Some(""),
        Some(Piece::Literal(literal)) => Some(literal),
        Some(Piece::Hole(_)) => None,
    }
}
