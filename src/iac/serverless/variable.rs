//! The syntax of variables: `${self:custom.table, 'orders'}`, nested and in the middle of text.
//! <https://www.serverless.com/framework/docs/providers/aws/guide/variables>

/// A part of a string.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// Characters that stand for themselves.
    Literal(&'t str),
    /// A variable: its sources in the order in which they are asked.
    Variable(Vec<Source<'t>>),
    /// A pseudo-parameter written into the text: `AWS::Region`.
    Pseudo(&'t str),
}

/// One place a variable's value may come from.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source<'t> {
    /// A constant: a string in quotes, a number, a truth value. The flag says whether it was in quotes.
    Constant(&'t str, bool),
    /// `kind(param):address`. Parameter and address may hold variables themselves.
    Lookup {
        /// `self`, `file`, `ssm`.
        kind: &'t str,
        /// What stands in parentheses.
        param: Option<&'t str>,
        /// What stands behind the colon.
        address: &'t str,
    },
    /// Neither.
    Unreadable(&'t str),
}

/// Cuts a string at its variables. Other `${…}`, which are `Fn::Sub`'s, stay literal.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    let bytes = text.as_bytes();
    while let Some(found) = memchr::memchr2(b'$', b'#', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        if bytes.get(at) != Some(&b'{') || start > 0 && bytes[start - 1] == b'\\' {
            continue;
        }
        let Some(end) = closing(bytes, at) else { break };
        // With a custom `variableSyntax`, `${{self:x}}` is usual.
        let inner = text[at + 1..end].trim();
        let inner = inner.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')).unwrap_or(inner).trim();
        let part = match bytes[start] {
            b'$' if is_variable(inner) => Part::Variable(sources(inner)),
            _ if is_pseudo(inner) => Part::Pseudo(inner),
            _ => continue,
        };
        if from < start {
            parts.push(Part::Literal(&text[from..start]));
        }
        parts.push(part);
        (from, at) = (end + 1, end + 1);
    }
    if from < text.len() || parts.is_empty() {
        parts.push(Part::Literal(&text[from..]));
    }
    parts
}

/// How deep variables may nest.
const MAX_NESTING: usize = 32;

/// The bracket that closes the one at `open`.
pub(super) fn closing(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, byte) in bytes[open..].iter().enumerate() {
        match byte {
            b'{' if depth == MAX_NESTING => return None,
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(open + offset),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A kind in front of a single colon, or of parentheses.
fn is_variable(inner: &str) -> bool {
    let rest = inner.trim_start_matches(is_kind);
    let kind = &inner[..inner.len() - rest.len()];
    kind.starts_with(|c: char| c.is_ascii_alphabetic())
        && match rest.as_bytes() {
            [b':', b':', ..] => false,
            [b':' | b'(', ..] => true,
            _ => false,
        }
}

fn is_kind(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

fn is_pseudo(inner: &str) -> bool {
    inner.strip_prefix("AWS::").is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
}

/// How many variables are opened that are fallbacks of each other.
const MAX_FALLBACKS: usize = 8;

fn sources(inner: &str) -> Vec<Source<'_>> {
    sources_within(inner, MAX_FALLBACKS)
}

/// The sources of a variable, those of a variable that is a fallback among them: `${opt:stage, ${self:custom.stage, 'dev'}}`.
fn sources_within(inner: &str, levels: usize) -> Vec<Source<'_>> {
    let of = |source| match fallback(source).filter(|_| levels > 0) {
        Some(inner) => sources_within(inner, levels - 1),
        None => vec![read(source)],
    };
    split(inner).into_iter().map(str::trim).flat_map(of).collect()
}

/// What is in a source that is one variable as a whole.
fn fallback(source: &str) -> Option<&str> {
    let inner = source.strip_prefix("${")?.strip_suffix('}')?;
    let mut depth = 0_usize;
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(inner)
}

/// Cuts at commas outside of brackets and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut quote) = (Vec::new(), 0, 0_usize, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{' | '(' | '[') => depth += 1,
            (None, '}' | ')' | ']') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                found.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[from..]);
    found
}

fn read(source: &str) -> Source<'_> {
    for quote in ['\'', '"'] {
        if let Some(inner) = source.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Source::Constant(inner, true);
        }
    }
    let rest = source.trim_start_matches(is_kind);
    let kind = &source[..source.len() - rest.len()];
    let lookup = |param, address| Source::Lookup { kind, param, address };
    if kind.is_empty() {
        // A nested variable as a fallback: `${opt:stage, ${self:provider.stage}}`.
        let nested = source.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        return nested.map_or(Source::Unreadable(source), |inner| read(inner.trim()));
    }
    if let Some(rest) = rest.strip_prefix('(') {
        let Some(end) = rest.rfind(')') else { return Source::Unreadable(source) };
        let address = rest[end + 1..].strip_prefix(':').unwrap_or_default();
        return lookup(Some(rest[..end].trim()), address.trim());
    }
    match rest.strip_prefix(':') {
        Some(address) => lookup(None, address.trim()),
        None if rest.is_empty() => Source::Constant(kind, false),
        None => Source::Unreadable(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup<'t>(kind: &'t str, param: Option<&'t str>, address: &'t str) -> Source<'t> {
        Source::Lookup { kind, param, address }
    }

    #[test]
    fn a_fallback_has_fallbacks_of_its_own() {
        let expected = [
            lookup("opt", None, "stage"),
            lookup("self", None, "custom.stage"),
            Source::Constant("dev", true),
            Source::Constant("last", true),
        ];
        assert_eq!(sources("opt:stage, ${self:custom.stage, 'dev'}, 'last'"), expected);
    }

    #[test]
    fn variables_nest_and_fall_back() {
        let text = "a-${self:custom.${opt:stage, 'dev'}.name, env:NAME, \"x, y\"}-b";
        assert_eq!(
            parts(text),
            [
                Part::Literal("a-"),
                Part::Variable(vec![
                    lookup("self", None, "custom.${opt:stage, 'dev'}.name"),
                    lookup("env", None, "NAME"),
                    Source::Constant("x, y", true),
                ]),
                Part::Literal("-b"),
            ]
        );
        assert_eq!(
            parts("${file(./x.${self:provider.stage}.yml):a.b}"),
            [Part::Variable(vec![lookup("file", Some("./x.${self:provider.stage}.yml"), "a.b")])]
        );
        assert_eq!(parts("${cf.us-west-2:stack.out}"), [Part::Variable(vec![lookup("cf.us-west-2", None, "stack.out")])]);
        assert_eq!(parts("${opt:a, ${self:b}}"), [Part::Variable(vec![lookup("opt", None, "a"), lookup("self", None, "b")])]);
    }

    #[test]
    fn what_belongs_to_substitutions_stays() {
        assert_eq!(parts("${Table.Arn}/${Name}"), [Part::Literal("${Table.Arn}/${Name}")]);
        assert_eq!(
            parts("a${AWS::Region}#{AWS::AccountId}"),
            [Part::Literal("a"), Part::Pseudo("AWS::Region"), Part::Pseudo("AWS::AccountId")]
        );
        assert_eq!(parts(r"\${self:x}"), [Part::Literal(r"\${self:x}")]);
    }

    #[test]
    fn broken_variables_are_text() {
        assert_eq!(parts("${self:x"), [Part::Literal("${self:x")]);
        assert_eq!(parts(""), [Part::Literal("")]);
        let deep = "${self:".repeat(50_000);
        assert_eq!(parts(&deep).len(), 1);
        assert_eq!(parts("${self:a, !}"), [Part::Variable(vec![lookup("self", None, "a"), Source::Unreadable("!")])]);
    }
}
