//! Glob patterns with `*` and `?`, and symbols: containment and overlap, decided rather than guessed.
//!
//! A pattern is a sequence of characters, wildcards and *symbols*. A symbol stands for text that is fixed but not
//! known here (a table's name that the template decides). It equals itself and nothing else for certain.
//!
//! # Why containment is cheap
//!
//! Let `#` be a character that occurs in neither pattern. Wherever the narrower pattern says "anything", the hardest
//! text for the wider one is a run of `#`, because only wildcards accept it. So, for a wider pattern without `?`,
//! containment is one match of the wider pattern against the narrower one read as text with `#` for its wildcards. Only a
//! wider pattern with `?` needs the length of the runs as well; [`contain`](super::contain) walks through those.

use std::borrow::Cow;
use std::sync::Arc;

use smol_str::SmolStr;

use super::contain;
use crate::value::{Hole, Piece, Text};

/// Patterns longer than this are compared for equality only. No ARN or action comes near it.
const MAX_TOKENS: usize = 4096;

/// Names of policy variables are not longer than this.
const MAX_VARIABLE: usize = 512;

/// A compiled pattern. Copies share it: a draft holds each many times.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Glob {
    /// Normal form: in a run of wildcards each `?` stands before a single `*`.
    tokens: Arc<[Token]>,
}

/// One position of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// This fixed but unknown text. Kept apart, because there is a token for every character.
    Symbol(Arc<Symbol>),
    /// `?`: any one character.
    One,
    /// `*`: any characters.
    Many,
}

/// Text that is fixed but not known here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Symbol {
    /// A part that deployment decides.
    Hole(Hole),
    /// A policy variable: `${aws:PrincipalTag/team}`.
    Variable(SmolStr),
}

impl Token {
    fn symbol(symbol: Symbol) -> Self {
        Self::Symbol(Arc::new(symbol))
    }
}

impl Glob {
    /// Compiles an action pattern: case does not matter, there are no variables.
    pub fn action(pattern: &str) -> Self {
        let mut builder = Builder::with_room(pattern.len());
        for character in pattern.chars().flat_map(char::to_lowercase) {
            builder.wild_or_char(character);
        }
        builder.finish()
    }

    /// Compiles a resource pattern. Holes that deployment fills are symbols, all others match anything.
    pub fn resource(pattern: &Text) -> Self {
        let length = |piece: &Piece| if let Piece::Literal(text) = piece { text.len() } else { 1 };
        let mut builder = Builder::with_room(pattern.pieces().iter().map(length).sum());
        for piece in pattern.pieces() {
            match piece {
                Piece::Literal(text) => builder.literal(text),
                Piece::Hole(hole) if is_symbol(hole) => builder.push(Token::symbol(Symbol::Hole(hole.clone()))),
                Piece::Hole(_) => builder.push(Token::Many),
            }
        }
        builder.finish()
    }

    /// Whether every text that `narrower` matches is matched by this pattern too, whatever the symbols stand for.
    ///
    /// "No" can also mean that it depends on a symbol's value.
    pub fn covers(&self, narrower: &Self) -> bool {
        if self.tokens == narrower.tokens || self.is_any() {
            return true;
        }
        if self.tokens.len() > MAX_TOKENS || narrower.tokens.len() > MAX_TOKENS {
            return false;
        }
        if self.tokens.contains(&Token::One) && narrower.tokens.contains(&Token::Many) {
            return contain::covers(&self.tokens, &narrower.tokens);
        }
        matches(&self.tokens, &narrower.tokens, accepts)
    }

    /// Whether some text could be matched by both patterns. "No" is certain, whatever the symbols stand for.
    pub fn may_overlap(&self, other: &Self) -> bool {
        if self.tokens.len() > MAX_TOKENS || other.tokens.len() > MAX_TOKENS {
            return true;
        }
        // Most pairs differ before the first wildcard, and that takes no copies.
        if !edges_agree(self.tokens.iter(), other.tokens.iter()) {
            return false;
        }
        let (left, right) = (self.without_symbols(), other.without_symbols());
        match (left.contains(&Token::Many), right.contains(&Token::Many)) {
            (true, true) => edges_agree(left.iter(), right.iter()) && edges_agree(left.iter().rev(), right.iter().rev()),
            (true, false) => matches(&left, &right, compatible),
            (false, true) => matches(&right, &left, compatible),
            (false, false) => {
                left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| compatible(left, right))
            }
        }
    }

    /// Whether the pattern matches a text in small letters that has no wildcards and no variables.
    pub(super) fn matches_plain(&self, text: &str) -> bool {
        let fixed = self.tokens.iter().map_while(|token| if let Token::Char(own) = token { Some(*own) } else { None });
        let mut left = text.chars();
        let mut length = 0;
        for own in fixed {
            if left.next() != Some(own) {
                return false;
            }
            length += 1;
        }
        let left: Vec<Token> = left.map(Token::Char).collect();
        self.tokens.len() <= MAX_TOKENS && left.len() <= MAX_TOKENS && matches(&self.tokens[length..], &left, accepts)
    }

    /// Whether the pattern is `*`.
    pub fn is_any(&self) -> bool {
        *self.tokens == [Token::Many]
    }

    /// Whether the pattern has a `*` or `?`.
    pub fn has_wildcard(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::One | Token::Many))
    }

    /// The pattern with every symbol as `*`, which is the most it can stand for.
    fn without_symbols(&self) -> Cow<'_, [Token]> {
        if !self.tokens.iter().any(|token| matches!(token, Token::Symbol(_))) {
            return Cow::Borrowed(&self.tokens);
        }
        let mut builder = Builder::with_room(self.tokens.len());
        for token in self.tokens.iter() {
            builder.push(if matches!(token, Token::Symbol(_)) { Token::Many } else { token.clone() });
        }
        Cow::Owned(builder.tokens)
    }
}

/// Whether deployment gives this hole one fixed value, so that two uses of it are the same text.
pub fn is_symbol(hole: &Hole) -> bool {
    match hole {
        Hole::Env { .. } | Hole::Partition | Hole::Region | Hole::Account | Hole::Resource { .. } | Hole::Parameter(_) => true,
        Hole::Event(_) | Hole::Context(_) | Hole::Response { .. } | Hole::Content(_) | Hole::Unknown(_) => false,
    }
}

/// Collects tokens in normal form.
struct Builder {
    tokens: Vec<Token>,
}

impl Builder {
    fn with_room(tokens: usize) -> Self {
        Self { tokens: Vec::with_capacity(tokens) }
    }

    fn push(&mut self, token: Token) {
        if self.tokens.last() != Some(&Token::Many) {
            self.tokens.push(token);
            return;
        }
        match token {
            Token::Many => {}
            Token::One => {
                let end = self.tokens.len() - 1;
                self.tokens.insert(end, Token::One);
            }
            other => self.tokens.push(other),
        }
    }

    fn wild_or_char(&mut self, character: char) {
        self.push(match character {
            '*' => Token::Many,
            '?' => Token::One,
            other => Token::Char(other),
        });
    }

    /// Literal text with policy variables; `${*}`, `${?}` and `${$}` are the characters themselves.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
    fn literal(&mut self, text: &str) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            if let Some((name, after)) = variable(rest) {
                match name {
                    "*" | "?" | "$" => self.tokens.extend(name.chars().map(Token::Char)),
                    name => self.push(Token::symbol(Symbol::Variable(name.into()))),
                }
                rest = after;
            } else {
                self.wild_or_char(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }

    fn finish(self) -> Glob {
        Glob { tokens: self.tokens.into() }
    }
}

/// The name of the variable that the text starts with, and what follows it.
fn variable(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("${")?;
    let end = text.bytes().take(MAX_VARIABLE).position(|byte| byte == b'}')?;
    Some((&text[..end], &text[end + 1..]))
}

/// Whether a position of the wider pattern takes every text that a position of the narrower one stands for.
/// Wildcards of the narrower pattern read as a character that occurs nowhere else.
pub(super) fn accepts(wider: &Token, narrower: &Token) -> bool {
    match (wider, narrower) {
        (Token::One, Token::Char(_) | Token::One) => true,
        (Token::Char(_) | Token::Symbol(_), _) => wider == narrower,
        _ => false,
    }
}

/// Whether two single positions can stand for the same character.
fn compatible(left: &Token, right: &Token) -> bool {
    match (left, right) {
        (Token::One, _) | (_, Token::One) => true,
        (left, right) => left == right,
    }
}

/// Matches a pattern against positions read as text. After a `*` the earliest fit is always good enough, so going back
/// to the last `*` suffices.
fn matches(pattern: &[Token], text: &[Token], fits: fn(&Token, &Token) -> bool) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Many) => {
                p += 1;
                resume = Some((p, t));
            }
            Some(token) if fits(token, &text[t]) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after, from)) = resume else { return false };
                p = after;
                t = from + 1;
                resume = Some((p, t));
            }
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Many)
}

/// Whether two patterns agree from one end up to the first `*` or symbol of either. When two that both hold a `*` and no symbols
/// agree from both ends they overlap: each can let its `*` stand for the rest of the other.
fn edges_agree<'a>(left: impl Iterator<Item = &'a Token>, right: impl Iterator<Item = &'a Token>) -> bool {
    let is_one = |token: &Token| matches!(token, Token::Char(_) | Token::One);
    left.zip(right).take_while(|(left, right)| is_one(left) && is_one(right)).all(|(left, right)| compatible(left, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(text: &str) -> Glob {
        Glob::resource(&Text::literal(text))
    }

    #[test]
    fn covers_by_language_and_not_by_spelling() {
        for (wide, narrow) in
            [("*", "a"), ("a*", "a*b"), ("a*b", "a*c*b"), ("?*", "*?"), ("*?", "??*"), ("a?c", "abc"), ("*a*", "*ba?*")]
        {
            assert!(glob(wide).covers(&glob(narrow)), "{wide} covers {narrow}");
        }
        for (wide, narrow) in [("a", "*"), ("a*b", "a*"), ("??*", "*?"), ("a?c", "a*c"), ("*aa*", "*a*"), ("", "*")] {
            assert!(!glob(wide).covers(&glob(narrow)), "{wide} does not cover {narrow}");
        }
    }

    #[test]
    fn symbols_equal_themselves_only() {
        let orders = Hole::Resource { id: "Orders".into(), attribute: "Arn".into() };
        let mut index = Text::hole(orders.clone());
        index.push_str("/index/*");
        let (table, index) = (Glob::resource(&Text::hole(orders)), Glob::resource(&index));
        assert!(index.covers(&index) && !table.covers(&index) && !index.covers(&table));
        assert!(glob("*").covers(&table) && !glob("?*").covers(&table));
        assert!(table.may_overlap(&glob("arn:x")), "it may turn out to be that");
    }

    #[test]
    fn variables_are_symbols_and_escapes_are_characters() {
        assert!(glob("${aws:username}/*").covers(&glob("${aws:username}/a")));
        assert!(!glob("${aws:username}").covers(&glob("anna")));
        assert!(!glob("a${*}").covers(&glob("ab")) && glob("a*").covers(&glob("a${*}")));
    }

    #[test]
    fn a_pattern_of_absurd_length_is_answered_at_once() {
        let long = glob(&"a?*".repeat(100_000));
        assert!(long.covers(&long) && !long.covers(&glob("b")) && long.may_overlap(&glob("b")));
    }
}
