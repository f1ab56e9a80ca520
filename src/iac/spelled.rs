//! Code that a template holds, with what the template fills in: every place of that stands as `${Name}`, in such a way that the
//! code around it still parses. In a quoted text it stands as it is, elsewhere as a text of its own.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use smol_str::SmolStr;

use crate::syntax::Language;
use crate::value::{Hole, Piece, Text};

/// The code of a file of this name, and what its marks stand for.
pub(crate) fn spelled(text: &Text, name: &str) -> (String, BTreeMap<SmolStr, Hole>) {
    let mut out = String::new();
    let mut filled = BTreeMap::new();
    let mut scanner = Scanner::of(name);
    for piece in text.pieces() {
        match piece {
            Piece::Literal(code) => {
                scanner.read(code);
                out.push_str(code);
            }
            Piece::Hole(hole) => {
                let mark = format!("${{{}}}", name_of(hole));
                let (before, after) = scanner.around();
                out.extend([before, mark.as_str(), after]);
                filled.entry(mark.into()).or_insert_with(|| hole.clone());
            }
        }
    }
    (out, filled)
}

fn name_of(hole: &Hole) -> String {
    match hole {
        Hole::Region => "AWS::Region".to_owned(),
        Hole::Account => "AWS::AccountId".to_owned(),
        Hole::Partition => "AWS::Partition".to_owned(),
        Hole::Resource { id, attribute } if attribute != "Ref" => format!("{id}.{attribute}"),
        Hole::Parameter(name) | Hole::Resource { id: name, .. } => name.to_string(),
        _ => "unknown".to_owned(),
    }
}

/// What the code is in at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Code, so many braces deep.
    Code(usize),
    /// A text in these quotes, which ends with its line.
    Quotes(char),
    /// A text in three of these quotes.
    Long(char),
    /// A text in backticks.
    Template,
    /// A comment that ends with its line.
    Line,
    /// A comment between marks.
    Block,
}

/// Reads code just as far as it takes to know where quoted texts begin and end.
struct Scanner {
    language: Option<Language>,
    within: Vec<Within>,
}

impl Scanner {
    fn of(name: &str) -> Self {
        Self { language: Language::from_path(name), within: vec![Within::Code(0)] }
    }

    fn read(&mut self, code: &str) {
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            match self.within.last().copied().unwrap_or(Within::Code(0)) {
                Within::Code(depth) => self.code(c, depth, &mut chars),
                _ if c == '\\' => drop(chars.next()),
                Within::Quotes(quote) if c == quote || c == '\n' => self.leave(),
                Within::Line if c == '\n' => self.leave(),
                Within::Long(quote) if c == quote && takes(&mut chars, &[quote, quote]) => self.leave(),
                Within::Template if c == '`' => self.leave(),
                Within::Template if c == '$' && takes(&mut chars, &['{']) => self.within.push(Within::Code(0)),
                Within::Block if c == '*' && takes(&mut chars, &['/']) => self.leave(),
                _ => {}
            }
        }
    }

    fn code(&mut self, c: char, depth: usize, chars: &mut Peekable<Chars<'_>>) {
        let is_python = self.language == Some(Language::Python);
        let inner = match c {
            '"' | '\'' if is_python && takes(chars, &[c, c]) => Within::Long(c),
            '"' | '\'' => Within::Quotes(c),
            '#' if is_python => Within::Line,
            '`' if !is_python => Within::Template,
            '/' if !is_python && takes(chars, &['/']) => Within::Line,
            '/' if !is_python && takes(chars, &['*']) => Within::Block,
            '{' => return self.turn(Within::Code(depth + 1)),
            '}' if depth == 0 && self.within.len() > 1 => return self.leave(),
            '}' => return self.turn(Within::Code(depth.saturating_sub(1))),
            _ => return,
        };
        self.within.push(inner);
    }

    fn turn(&mut self, within: Within) {
        if let Some(last) = self.within.last_mut() {
            *last = within;
        }
    }

    fn leave(&mut self) {
        self.within.pop();
    }

    /// What stands around something that is filled in here.
    fn around(&self) -> (&'static str, &'static str) {
        match self.within.last() {
            _ if self.language.is_none() => ("", ""),
            Some(Within::Code(_)) | None => ("\"", "\""),
            Some(Within::Template) => ("${\"", "\"}"),
            Some(_) => ("", ""),
        }
    }
}

/// Whether these characters come next; then they are read.
fn takes(chars: &mut Peekable<Chars<'_>>, wanted: &[char]) -> bool {
    let mut ahead = chars.clone();
    if wanted.iter().all(|c| ahead.next() == Some(*c)) {
        *chars = ahead;
        return true;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(name: &str, parts: &[&str]) -> String {
        let mut text = Text::default();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                text.push(Piece::Hole(Hole::Parameter("P".into())));
            }
            text.push_str(part);
        }
        spelled(&text, name).0
    }

    #[test]
    fn what_stands_outside_of_quotes_gets_some() {
        assert_eq!(code("a.js", &["const a = ", "; const b = 'x-", "'"]), "const a = \"${P}\"; const b = 'x-${P}'");
        assert_eq!(code("a.py", &["a = ", "  # it's ", "\nb = '''it's ", "'''\nc = ", ""]), {
            "a = \"${P}\"  # it's ${P}\nb = '''it's ${P}'''\nc = \"${P}\""
        });
        assert_eq!(code("a.js", &["// don't\nf(", "); /* isn't ", " */"]), "// don't\nf(\"${P}\"); /* isn't ${P} */");
    }

    #[test]
    fn a_text_in_backticks_has_it_as_an_expression() {
        assert_eq!(code("a.js", &["`${f({a: ", "})}-", "`"]), "`${f({a: \"${P}\"})}-${\"${P}\"}`");
        assert_eq!(code("a.py", &["`", "`"]), "`\"${P}\"`");
        assert_eq!(code("", &["a = ", ""]), "a = ${P}", "nothing is known of the language");
    }
}
