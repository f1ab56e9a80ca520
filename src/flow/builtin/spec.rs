//! Python's format specifications: `{count:03d}`, `"%05.1f" % ratio`, `format(7, "x")`.
//!
//! <https://docs.python.org/3/library/string.html#format-specification-mini-language>

use super::super::interp::Interp;
use super::super::value::{Atom, Value};
use super::text::part_of_hole;

/// Wider than any text that is followed.
const MAX_WIDTH: usize = 1_000;

/// How a value is formatted.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spec {
    fill: char,
    /// `<`, `>`, `^` or `=`; numbers stand on the right where nothing is said, texts on the left.
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

impl Interp<'_> {
    /// A value in the form that a specification says. What is not known, or is formatted as nothing here does it, is unknown.
    pub(super) fn formatted(&mut self, value: &Value, spec: &Value) -> Value {
        if spec.is_none() || spec.as_literal() == Some("") {
            return self.stringified(value);
        }
        let Some(spec) = spec.as_literal().and_then(parse) else { return Value::unknown("a formatted value") };
        let mut all = Value::none();
        for atom in value.atoms() {
            let text = match atom {
                Atom::Text(text) => text.as_literal().and_then(|text| of_text(text, spec)),
                Atom::Number(number) => of_number(number, spec),
                _ => None,
            };
            all.join(&match (text, atom) {
                (Some(text), _) => Value::literal(text),
                (None, Atom::Hole(hole)) => Value::hole(part_of_hole(hole)),
                (None, _) => Value::unknown("a formatted value"),
            });
        }
        all
    }

    /// The same for what stands behind a percent sign: flags, width, precision and kind.
    pub(super) fn formatted_by_percent(&mut self, value: &Value, directive: &str) -> Value {
        if matches!(directive, "s" | "r" | "a" | "") {
            return self.stringified(value);
        }
        let (flags, rest) = directive.split_at(directive.find(|c| !"-+ #0".contains(c)).unwrap_or(directive.len()));
        let kind = rest.chars().last().map_or('s', |kind| if matches!(kind, 'i' | 'u') { 'd' } else { kind });
        let size = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let align = if flags.contains('-') { "<" } else { ">" };
        let zero = if flags.contains('0') && align == ">" && kind != 's' { "0" } else { "" };
        let sign = if flags.contains('+') { "+" } else { "" };
        let align = if zero.is_empty() { align } else { "" };
        self.formatted(value, &Value::literal(format!("{align}{sign}{zero}{size}{kind}")))
    }
}

fn parse(text: &str) -> Option<Spec> {
    let mut spec = Spec { fill: ' ', align: None, sign: None, alternate: false, width: 0, precision: None, kind: '\0' };
    let mut rest: Vec<char> = text.chars().collect();
    let is_align = |c: Option<&char>| matches!(c, Some('<' | '>' | '^' | '='));
    if is_align(rest.get(1)) {
        (spec.fill, spec.align) = (rest[0], Some(rest[1]));
        rest.drain(..2);
    } else if is_align(rest.first()) {
        spec.align = Some(rest.remove(0));
    }
    if matches!(rest.first(), Some('+' | '-' | ' ')) {
        spec.sign = Some(rest.remove(0));
    }
    if rest.first() == Some(&'#') {
        spec.alternate = true;
        rest.remove(0);
    }
    if rest.first() == Some(&'0') {
        rest.remove(0);
        if spec.align.is_none() {
            (spec.fill, spec.align) = ('0', Some('='));
        }
    }
    let rest: String = rest.into_iter().collect();
    let (width, rest) = digits(&rest);
    spec.width = width.unwrap_or_default();
    let rest = match rest.strip_prefix('.') {
        Some(rest) => {
            let (precision, rest) = digits(rest);
            spec.precision = Some(precision?);
            rest
        }
        None => rest,
    };
    let mut kind = rest.chars();
    spec.kind = kind.next().unwrap_or('\0');
    let is_known = matches!(spec.kind, '\0' | 's' | 'd' | 'x' | 'X' | 'o' | 'b' | 'f' | 'F');
    (kind.next().is_none() && is_known && spec.width <= MAX_WIDTH && spec.precision.is_none_or(|most| most <= MAX_WIDTH))
        .then_some(spec)
}

fn digits(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].parse().ok(), &text[end..])
}

fn of_text(text: &str, spec: Spec) -> Option<String> {
    if !matches!(spec.kind, '\0' | 's') || spec.sign.is_some() {
        return None;
    }
    let kept: String = text.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
    Some(padded("", &kept, spec, '<'))
}

fn of_number(number: &str, spec: Spec) -> Option<String> {
    let whole = number.parse::<i64>().ok();
    let (is_negative, digits) = match (spec.kind, whole) {
        ('f' | 'F', _) => {
            let value = number.parse::<f64>().ok()?;
            (value < 0.0, format!("{:.*}", spec.precision.unwrap_or(6), value.abs()))
        }
        _ if spec.precision.is_some() => return None,
        ('\0' | 'd' | 's', Some(whole)) => (whole < 0, whole.unsigned_abs().to_string()),
        ('x', Some(whole)) => (whole < 0, format!("{:x}", whole.unsigned_abs())),
        ('X', Some(whole)) => (whole < 0, format!("{:X}", whole.unsigned_abs())),
        ('o', Some(whole)) => (whole < 0, format!("{:o}", whole.unsigned_abs())),
        ('b', Some(whole)) => (whole < 0, format!("{:b}", whole.unsigned_abs())),
        ('\0', None) => (number.starts_with('-'), number.trim_start_matches('-').to_owned()),
        _ => return None,
    };
    let sign = match (is_negative, spec.sign) {
        (true, _) => "-".to_owned(),
        (false, Some(sign @ ('+' | ' '))) => sign.to_string(),
        _ => String::new(),
    };
    let prefix =
        if spec.alternate && matches!(spec.kind, 'x' | 'X' | 'o' | 'b') { format!("{sign}0{}", spec.kind) } else { sign };
    Some(padded(&prefix, &digits, spec, '>'))
}

fn padded(prefix: &str, text: &str, spec: Spec, usual: char) -> String {
    let missing = spec.width.saturating_sub(prefix.chars().count() + text.chars().count());
    let fill = |count: usize| spec.fill.to_string().repeat(count);
    match spec.align.unwrap_or(usual) {
        '<' => format!("{prefix}{text}{}", fill(missing)),
        '^' => format!("{}{prefix}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
        '=' => format!("{prefix}{}{text}", fill(missing)),
        _ => format!("{}{prefix}{text}", fill(missing)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_in_their_forms() {
        let number = |number: &str, spec: &str| of_number(number, parse(spec)?);
        assert_eq!(number("3", "02d").as_deref(), Some("03"));
        assert_eq!(number("31", "x").as_deref(), Some("1f"));
        assert_eq!(number("31", "#06x").as_deref(), Some("0x001f"));
        assert_eq!(number("-7", "04").as_deref(), Some("-007"));
        assert_eq!(number("1.5", ".2f").as_deref(), Some("1.50"));
        assert_eq!(number("7", "+").as_deref(), Some("+7"));
        assert_eq!(number("1234", ","), None);
        let text = |text: &str, spec: &str| of_text(text, parse(spec)?);
        assert_eq!(text("ab", ">4").as_deref(), Some("  ab"));
        assert_eq!(text("ab", "*^5").as_deref(), Some("*ab**"));
        assert_eq!(text("abc", ".2").as_deref(), Some("ab"));
        assert_eq!(text("ab", "d"), None);
    }
}
