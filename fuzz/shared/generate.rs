//! Random texts from grammars: a grammar is a table of rules, a rule is a list of templates with `<rule>` in them.
//!
//! The first template of each rule leads to an end, so that exhausted input or depth always stops. A template's lines keep
//! the indentation of the place they are put in, which is all that Python and YAML ask for.

use super::grammar::Grammar;

/// Rules within rules; beyond it, the first template counts.
const MAX_DEPTH: usize = 14;
/// Longest text.
const MAX_LENGTH: usize = 60_000;

/// Decisions, read from bytes. When they are used up, every answer is zero.
pub struct Choices<'a> {
    bytes: &'a [u8],
}

impl<'a> Choices<'a> {
    /// Decides by these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        usize::from(*first) % limit.max(1)
    }

    /// Whether nothing is left to decide by.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// A text of a grammar, starting from a rule.
pub fn text(grammar: &Grammar, rule: &str, choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    expand(grammar, rule, choices, 0, 0, &mut out);
    out
}

fn expand(grammar: &Grammar, rule: &str, choices: &mut Choices<'_>, depth: usize, indent: usize, out: &mut String) {
    let Some((_, templates)) = grammar.iter().find(|(name, _)| *name == rule) else {
        out.push_str(rule);
        return;
    };
    let spent = depth > MAX_DEPTH || out.len() > MAX_LENGTH;
    let template = if spent { templates[0] } else { templates[choices.below(templates.len())] };
    let mut rest = template;
    let mut here = indent;
    while let Some(at) = rest.find(['<', '\n']) {
        out.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'\n' {
            let line = &rest[at + 1..];
            let spaces = line.len() - line.trim_start_matches(' ').len();
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            here = indent + spaces;
            rest = line;
            continue;
        }
        match rest[at + 1..].find('>') {
            Some(end) if is_rule(&rest[at + 1..at + 1 + end]) => {
                let inner = &rest[at + 1..at + 1 + end];
                expand(grammar, inner, choices, depth + 1, here, out);
                rest = &rest[at + end + 2..];
            }
            _ => {
                out.push('<');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
}

fn is_rule(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
}
