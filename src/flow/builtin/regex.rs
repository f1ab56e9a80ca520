//! Regular expressions: what replacing, splitting and matching give where pattern and text are known.
//!
//! ```text
//! re.sub(r"[^a-z]+", "-", "my_orders")                       # "my-orders"
//! "MyOrders".replace(/([a-z])([A-Z])/g, "$1-$2")             # "My-Orders"
//! ```
//!
//! Patterns that the languages read in another way than the `regex` crate, or that it does not know, give something unknown.

use regex::bytes::{Captures, Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::super::bound::Bound;
use super::super::call::Args;
use super::super::eval::{concat, unknown_bool};
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Value};
use super::text::changed;
use crate::span::Span;
use crate::value::{Piece, Text};

/// Longest pattern and text that are matched.
const MAX_PATTERN: usize = 500;
const MAX_SUBJECT: usize = 2_000;
/// Most patterns that are kept.
const MAX_KEPT: usize = 64;
/// Most matches that are replaced.
const MAX_MATCHES: usize = 64;

/// A pattern that is known.
struct Known {
    regex: Regex,
    source: SmolStr,
    /// Whether every match counts, as JavaScript's `g` says.
    global: bool,
    is_python: bool,
}

/// Patterns that were compiled, which takes long, by source, flags and whether they are Python's. Nothing for those that cannot be.
#[derive(Default)]
pub(in super::super) struct Patterns {
    compiled: FxHashMap<(SmolStr, SmolStr, bool), Option<Regex>>,
}

impl Patterns {
    fn compiled(&mut self, source: &SmolStr, flags: &SmolStr, is_python: bool) -> Option<Regex> {
        if self.compiled.len() >= MAX_KEPT {
            self.compiled.clear();
        }
        let key = (source.clone(), flags.clone(), is_python);
        self.compiled.entry(key).or_insert_with(|| compile(source, flags, is_python)).clone()
    }
}

/// What a match is replaced by.
enum Replacement {
    /// A text that may refer to groups.
    Template(SmolStr),
    /// What a function of the program gives.
    Function(Value),
}

impl Interp<'_> {
    /// A pattern with its flags.
    pub(super) fn regex_of(&mut self, pattern: &Value, flags: Option<SmolStr>) -> Value {
        if is_regex(pattern) {
            return pattern.clone();
        }
        match (pattern.as_literal(), flags) {
            (Some(source), Some(flags)) => Bound::Regex { source: source.into(), flags }.into(),
            _ => Value::unknown("a regular expression"),
        }
    }

    /// Python's `re.sub(pattern, replacement, text)` and the like.
    ///
    /// <https://docs.python.org/3/library/re.html#functions>
    pub(super) fn python_regex(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        let name = path.strip_prefix("re.")?;
        let at = match name {
            "compile" => 1,
            "sub" | "subn" => 4,
            "split" => 3,
            "match" | "search" | "fullmatch" => 2,
            "escape" => return args.get(0).as_literal().filter(|text| is_plain(text)).map(Value::literal),
            _ => return None,
        };
        let flags = self.python_flags(&args.either(at, "flags"));
        let pattern = self.regex_of(&args.either(0, "pattern"), flags);
        if name == "compile" {
            return self.known(&pattern).is_some().then_some(pattern);
        }
        let rest = Args { positional: args.positional.get(1..).unwrap_or_default().to_vec(), ..args.clone() };
        self.regex_method(&pattern, name, &rest, span)
    }

    /// The letters of flags such as `re.I | re.S`.
    fn python_flags(&self, flags: &Value) -> Option<SmolStr> {
        let letter = |atom: &Atom| match atom {
            Atom::Number(number) if number == "0" => Some(""),
            Atom::Sdk(sdk) => match Self::library_path(&sdk.value)?.1.as_str() {
                "re.I" | "re.IGNORECASE" => Some("i"),
                "re.S" | "re.DOTALL" => Some("s"),
                "re.M" | "re.MULTILINE" => Some("m"),
                "re.A" | "re.ASCII" | "re.U" | "re.UNICODE" => Some(""),
                _ => None,
            },
            _ => None,
        };
        let letters: Option<String> = flags.atoms().iter().map(letter).collect();
        letters.map(SmolStr::from)
    }

    /// A method of a pattern. Nothing where it is not known what it gives.
    fn regex_method(&mut self, regex: &Value, name: &str, args: &Args, span: Span) -> Option<Value> {
        let known = self.known(regex);
        match name {
            "sub" | "subn" => {
                let (replacement, text) = (args.either(0, "repl"), args.either(1, "string"));
                let count = args.either(2, "count");
                let all = count.is_none() || matches!(count.single(), Some(Atom::Number(number)) if number == "0");
                let result = self.regex_replace(&known?, &text, &replacement, all, span)?;
                Some(if name == "sub" {
                    result
                } else {
                    self.list(vec![result, Value::unknown("a number that the code computes")], Value::none())
                })
            }
            "split" => self.regex_split(&known?, &args.either(0, "string")).filter(|_| args.either(1, "maxsplit").is_none()),
            "match" | "search" | "fullmatch" | "exec" => self.regex_match(&known?, &args.either(0, "string"), name),
            "test" => {
                let known = known.filter(|known| !known.global)?;
                let text = args.get(0);
                let text = subject(text.as_literal()?)?;
                Some(Value::one(Atom::Bool(known.regex.is_match(text.as_bytes()))))
            }
            _ => None,
        }
    }

    /// What a method of a pattern gives, whatever it is.
    pub(super) fn method_of_regex(&mut self, atom: &Atom, name: &str, args: &Args, span: Span) -> Value {
        if let Some(value) = self.regex_method(&Value::one(atom.clone()), name, args, span) {
            return value;
        }
        self.call_unknown(args, span);
        match name {
            "test" => unknown_bool(),
            "sub" => self.derived(&[&args.get(1)], "a text that was matched"),
            _ => Value::unknown("what a regular expression gives"),
        }
    }

    /// `text.replace(/pattern/g, replacement)` and the like, where the argument is a pattern.
    pub(super) fn text_with_regex(&mut self, text: &Value, name: &str, args: &Args, span: Span) -> Option<Value> {
        let regex = args.get(0);
        if !is_regex(&regex) {
            return None;
        }
        let known = self.known(&regex)?;
        match name {
            "replace" | "replaceAll" => self.regex_replace(&known, text, &args.get(1), known.global, span),
            "split" if args.positional.len() == 1 => self.regex_split(&known, text),
            "match" if !known.global => self.regex_match(&known, text, "search"),
            _ => None,
        }
    }

    fn known(&self, regex: &Value) -> Option<Known> {
        let Atom::Bound(bound) = regex.single()? else { return None };
        let Bound::Regex { source, flags } = &**bound else { return None };
        let is_python = self.in_python();
        let regex = self.patterns.borrow_mut().compiled(source, flags, is_python)?;
        Some(Known { regex, source: source.clone(), global: flags.contains('g'), is_python })
    }

    fn regex_replace(&mut self, known: &Known, text: &Value, with: &Value, all: bool, span: Span) -> Option<Value> {
        let is_function = with.atoms().iter().any(|atom| matches!(atom, Atom::Function(_)));
        let replacement = match with.as_literal() {
            Some(template) => Replacement::Template(template.into()),
            None if is_function => Replacement::Function(with.clone()),
            None => return None,
        };
        let mut replaced = Value::none();
        for text in text.atoms() {
            let Atom::Text(text) = text else { return None };
            replaced.join(&self.replaced_in(known, text, &replacement, all, span)?);
        }
        Some(replaced)
    }

    /// One text with what matches replaced. Where parts of it are not known, only patterns that match character by character can be
    /// said something about: a part that is known stays where it is, whatever stands beside it.
    fn replaced_in(&mut self, known: &Known, text: &Text, with: &Replacement, all: bool, span: Span) -> Option<Value> {
        let is_same_everywhere = match with {
            Replacement::Template(template) => !template.contains(['$', '\\']),
            Replacement::Function(_) => false,
        };
        let is_by_character = is_of_characters(&known.source) && (is_same_everywhere || !known.source.ends_with('+'));
        if text.as_literal().is_none() && !(all && is_by_character) {
            return None;
        }
        let mut whole = Value::literal("");
        for piece in text.pieces() {
            let part = match piece {
                Piece::Hole(hole) => Value::hole(changed(hole, "replace")),
                Piece::Literal(literal) => self.replaced_in_literal(known, subject(literal)?, with, all, span)?,
            };
            whole = concat(&whole, &part);
        }
        Some(whole)
    }

    fn replaced_in_literal(&mut self, known: &Known, text: &str, with: &Replacement, all: bool, span: Span) -> Option<Value> {
        let mut whole = Value::literal("");
        let mut end = 0;
        for (count, captures) in known.regex.captures_iter(text.as_bytes()).take(if all { usize::MAX } else { 1 }).enumerate() {
            let found = captures.get(0)?;
            // Where nothing is matched, the languages go on in their own ways.
            if found.is_empty() || count >= MAX_MATCHES {
                return None;
            }
            whole = concat(&whole, &Value::literal(&text[end..found.start()]));
            end = found.end();
            let new = match with {
                Replacement::Template(template) if known.is_python => Value::literal(python_template(template, &captures)?),
                Replacement::Template(template) => Value::literal(javascript_template(template, &captures)?),
                Replacement::Function(function) => {
                    let args = self.given_to_replacer(known, &captures);
                    let result = self.call_value(function, Args::positional(args), span);
                    self.stringified(&result)
                }
            };
            whole = concat(&whole, &new);
        }
        Some(concat(&whole, &Value::literal(&text[end..])))
    }

    /// What a function gets that makes the replacement: the match, or its text and those of its groups.
    fn given_to_replacer(&mut self, known: &Known, captures: &Captures<'_>) -> Vec<Value> {
        if known.is_python { vec![self.match_object(&known.regex, captures)] } else { captures.iter().map(group).collect() }
    }

    fn regex_split(&mut self, known: &Known, text: &Value) -> Option<Value> {
        let text = subject(text.as_literal()?)?;
        let mut parts = Vec::new();
        let mut end = 0;
        for captures in known.regex.captures_iter(text.as_bytes()) {
            let found = captures.get(0).filter(|found| !found.is_empty() && parts.len() < MAX_MATCHES)?;
            parts.push(Value::literal(&text[end..found.start()]));
            parts.extend(captures.iter().skip(1).map(group));
            end = found.end();
        }
        parts.push(Value::literal(&text[end..]));
        Some(self.list(parts, Value::none()))
    }

    fn regex_match(&mut self, known: &Known, text: &Value, how: &str) -> Option<Value> {
        let text = subject(text.as_literal()?)?;
        // The languages try every way to match up to an end, the crate only the first one that matches.
        if how == "fullmatch" || known.global {
            return None;
        }
        let captures = known.regex.captures(text.as_bytes());
        let captures = captures.filter(|captures| how != "match" || captures.get(0).is_some_and(|found| found.start() == 0));
        Some(captures.map_or_else(Value::null, |captures| self.match_object(&known.regex, &captures)))
    }

    /// A match: its text and those of its groups, by position and by name.
    fn match_object(&mut self, regex: &Regex, captures: &Captures<'_>) -> Value {
        let mut found = Obj::new(ObjKind::List);
        found.items = captures.iter().map(group).collect();
        let named = regex.capture_names().flatten().map(|name| (SmolStr::from(name), captures.name(name)));
        let named: Vec<(SmolStr, Value)> = named.map(|(name, text)| (name, group(text))).collect();
        let mut groups = Obj::new(ObjKind::Dict);
        for (name, value) in named {
            groups.fields.insert(name, value);
        }
        let groups = Value::object(self.store.alloc(groups));
        found.fields.insert(Slot::Groups.key(), groups.clone());
        if !self.in_python() {
            found.fields.insert("groups".into(), groups);
        }
        Value::object(self.store.alloc(found))
    }

    /// `match.group(1)` and the like.
    pub(super) fn group_of(&mut self, found: &Value, name: &str, args: &Args, span: Span) -> Value {
        let named = self.member(found, &Slot::Groups.key(), span);
        let read = |this: &mut Self, key: &Value| {
            let object = if key.as_literal().is_some() { &named } else { found };
            this.index(object, key, span)
        };
        match (name, args.positional.as_slice()) {
            ("groupdict", _) => named,
            ("groups", _) => {
                let items = self.rounds_of(found, span).items.into_iter().skip(1).collect();
                self.list(items, Value::none())
            }
            (_, []) => read(self, &Value::one(Atom::Number("0".into()))),
            (_, [key]) => read(self, key),
            (_, keys) => {
                let items = keys.iter().map(|key| read(self, key)).collect();
                self.list(items, Value::none())
            }
        }
    }
}

/// Whether a value is a pattern.
fn is_regex(value: &Value) -> bool {
    matches!(value.single(), Some(Atom::Bound(bound)) if matches!(**bound, Bound::Regex { .. }))
}

fn group(found: Option<regex::bytes::Match<'_>>) -> Value {
    found.map_or_else(Value::null, |found| Value::literal(String::from_utf8_lossy(found.as_bytes()).as_ref()))
}

/// A text that means the same to all: of one line, since ends of lines differ, and without letters that some count as letters.
fn subject(text: &str) -> Option<&str> {
    (text.is_ascii() && text.len() <= MAX_SUBJECT && !text.contains(['\n', '\r'])).then_some(text)
}

/// Whether a text has no character that means something in a pattern.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn compile(source: &str, flags: &str, is_python: bool) -> Option<Regex> {
    let is_read_alike = source.len() <= MAX_PATTERN && source.is_ascii() && is_shared(source, is_python);
    if !is_read_alike || flags.contains(|flag| !matches!(flag, 'g' | 'i' | 'm' | 's' | 'd')) {
        return None;
    }
    let has = |flag: char| flags.contains(flag);
    let mut builder = RegexBuilder::new(source);
    builder.unicode(false).case_insensitive(has('i')).multi_line(has('m')).dot_matches_new_line(has('s')).size_limit(1 << 20);
    builder.build().ok()
}

/// Whether a pattern has only forms that mean the same to Python or JavaScript as to the crate.
fn is_shared(source: &str, is_python: bool) -> bool {
    let mut chars = source.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let Some(escaped) = chars.next() else { return false };
                let is_letter = escaped.is_ascii_alphabetic();
                if (is_letter && !"dDwWsSbBnrtfvx".contains(escaped)) || (escaped == 'b' && in_class) || escaped.is_ascii_digit()
                {
                    return false;
                }
                // `\x{41}` is no character of theirs.
                if escaped == 'x' && chars.peek() == Some(&'{') {
                    return false;
                }
            }
            '[' if in_class => return false,
            '[' => {
                in_class = true;
                if chars.peek() == Some(&'^') {
                    chars.next();
                }
                // `[]a]` is a class of two to Python and the crate, and an empty one to JavaScript.
                if chars.peek() == Some(&']') {
                    return false;
                }
            }
            ']' => in_class = false,
            '&' | '-' | '~' if in_class && chars.peek() == Some(&c) => return false,
            '{' if !in_class && !chars.peek().is_some_and(char::is_ascii_digit) => return false,
            '(' if !in_class && chars.peek() == Some(&'?') => {
                let rest: String = chars.clone().skip(1).take(2).collect();
                let is_name = if is_python { rest == "P<" } else { rest.starts_with('<') };
                if !rest.starts_with(':') && !is_name {
                    return false;
                }
            }
            _ => {}
        }
    }
    !in_class
}

/// Whether a pattern is one character or class of characters, perhaps repeated.
fn is_of_characters(source: &str) -> bool {
    let one = source.strip_suffix('+').filter(|rest| !rest.ends_with('\\')).unwrap_or(source);
    let mut chars = one.chars();
    match chars.next() {
        Some('\\') => {
            let escaped = chars.next();
            escaped.is_some_and(|escaped| !matches!(escaped, 'b' | 'B' | 'x')) && chars.next().is_none()
        }
        Some('[') => {
            let mut inside = chars.as_str().chars();
            while let Some(c) = inside.next() {
                match c {
                    '\\' => drop(inside.next()),
                    ']' => return inside.next().is_none(),
                    _ => {}
                }
            }
            false
        }
        Some(c) => !"^$()|?*+{}".contains(c) && chars.next().is_none(),
        None => false,
    }
}

/// A replacement of Python's, with its groups filled in.
fn python_template(template: &str, captures: &Captures<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        if out.len() > MAX_SUBJECT {
            return None;
        }
        let escaped = after.chars().next()?;
        rest = &after[escaped.len_utf8()..];
        let name = if escaped == 'g' {
            let (name, behind) = rest.strip_prefix('<')?.split_once('>')?;
            rest = behind;
            name.to_owned()
        } else if escaped.is_ascii_digit() && escaped != '0' && !rest.starts_with(|c: char| c.is_ascii_digit()) {
            escaped.to_string()
        } else if escaped == '\\' {
            out.push('\\');
            continue;
        } else {
            return None;
        };
        let found = match name.parse::<usize>() {
            Ok(number) if number < captures.len() => captures.get(number),
            Ok(_) => return None,
            Err(_) => captures.name(&name),
        };
        out.push_str(&found.map_or_else(String::new, |found| String::from_utf8_lossy(found.as_bytes()).into_owned()));
    }
    out.push_str(rest);
    Some(out)
}

/// A replacement of JavaScript's.
///
/// <https://developer.mozilla.org/en-US/docs/Web/JavaScript/Reference/Global_Objects/String/replace#specifying_a_string_as_the_replacement>
fn javascript_template(template: &str, captures: &Captures<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        if out.len() > MAX_SUBJECT {
            return None;
        }
        let found = match after.chars().next() {
            Some('$') => {
                out.push('$');
                rest = &after[1..];
                continue;
            }
            Some('&') => 0,
            Some(digit @ '1'..='9') if !after[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                digit.to_digit(10).filter(|number| (*number as usize) < captures.len())? as usize
            }
            _ => return None,
        };
        rest = &after[1..];
        out.push_str(
            &captures.get(found).map_or_else(String::new, |found| String::from_utf8_lossy(found.as_bytes()).into_owned()),
        );
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::{compile, is_of_characters, is_shared};

    #[test]
    fn only_what_all_read_alike_is_matched() {
        for shared in [r"[^a-z0-9]+", r"\s+", r"(\w+)-(\w+)", r"^a{2,3}$", r"a|b", r"(?:x)y?", r"[\]\-]"] {
            assert!(is_shared(shared, true) && is_shared(shared, false), "{shared}");
            assert!(compile(shared, "i", true).is_some(), "{shared}");
        }
        for other in
            [r"(?<!^)(?=[A-Z])", r"(a)\1", r"[a[b]", r"[]a]", r"[a&&b]", r"x{,3}", r"\p{L}", r"\Z", r"(?i)a", "a{", "[a", "\\"]
        {
            assert!(!is_shared(other, true) || compile(other, "", true).is_none(), "{other}");
        }
        assert!(is_shared("(?P<name>a)", true) && is_shared("(?<name>a)", false) && !is_shared("(?P<name>a)", false));
        assert!(compile("a", "y", false).is_none());
    }

    #[test]
    fn classes_of_characters() {
        for one in ["_", r"\W", "[^a-z]+", r"\.", "[ab]", r"[\]x]"] {
            assert!(is_of_characters(one), "{one}");
        }
        for other in ["ab", "^a", "a*", "(a)", "[a]b", r"\b", "", "a|b", "[a"] {
            assert!(!is_of_characters(other), "{other}");
        }
    }
}
