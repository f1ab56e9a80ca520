//! Strings known in pieces: `"daily/" + date + ".json"` is a literal, a hole and a literal.

use smol_str::SmolStr;

/// A string whose unknown parts remember where they come from.
///
/// Adjacent literals are always merged, so that equal texts compare equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// One part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Known characters.
    Literal(SmolStr),
    /// Unknown characters of known origin.
    Hole(Hole),
}

/// Where an unknown part of a string comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hole {
    /// An environment variable of the function; `default` is what the code falls back on.
    Env {
        /// The variable's name.
        name: SmolStr,
        /// The code's own fallback, when it is a constant.
        default: Option<SmolStr>,
    },
    /// A part of the invocation event: `Records[].s3.bucket.name`; empty for the event itself. What code makes of a part by
    /// changing its text is no longer that part: see [`Hole::changed`].
    Event(SmolStr),
    /// A part of the invocation context: `function_name`, `aws_request_id`.
    Context(SmolStr),
    /// A part of the answer to an AWS call.
    Response {
        /// botocore's service name.
        service: SmolStr,
        /// The operation, in Pascal case.
        operation: SmolStr,
        /// Which part of the answer, dotted.
        path: SmolStr,
    },
    /// The ARN's partition (`aws`), where the deployment decides it.
    Partition,
    /// The region the function runs in.
    Region,
    /// The account the function runs in.
    Account,
    /// An attribute of a resource that a template declares. `attribute` is `Ref`, or an attribute
    /// as `Fn::GetAtt` (or Terraform) names it: `Arn`, `StreamArn`, `QueueName`.
    Resource {
        /// The resource's logical id, or its Terraform address.
        id: SmolStr,
        /// Which attribute.
        attribute: SmolStr,
    },
    /// A template parameter or variable without a known value.
    Parameter(SmolStr),
    /// What a file of a program that describes infrastructure holds, by its path.
    Content(SmolStr),
    /// Anything else; the sentence fragment says what ("too many values", "read from a file").
    Unknown(SmolStr),
}

/// What stands behind the path of a changed part, and between what is known to stand around what is left of one.
const CHANGED: char = '~';

impl Hole {
    /// What code makes of a part of the event or the context by changing its text: it still says where it comes from, but is not
    /// what that part names. Any other hole is itself.
    #[must_use]
    pub fn changed(&self) -> Self {
        let marked = |path: &SmolStr| smol_str::format_smolstr!("{}{CHANGED}", unchanged(path));
        match self {
            Self::Event(path) => Self::Event(marked(path)),
            Self::Context(path) => Self::Context(marked(path)),
            other => other.clone(),
        }
    }

    /// What is left of it behind a text that it is known to begin with, or before one that it ends with; nothing for what is given a
    /// value later.
    pub fn beside(&self, edge: &str, at_start: bool) -> Option<Self> {
        match self {
            Self::Response { .. } | Self::Unknown(_) => Some(self.clone()),
            Self::Event(path) => Some(match within(path) {
                Some((part, "", end)) if at_start && !edge.contains(CHANGED) => {
                    Self::Event(smol_str::format_smolstr!("{part}{CHANGED}{edge}{CHANGED}{end}"))
                }
                Some((part, start, "")) if !at_start && !edge.contains(CHANGED) => {
                    Self::Event(smol_str::format_smolstr!("{part}{CHANGED}{start}{CHANGED}{edge}"))
                }
                _ => self.changed(),
            }),
            _ => None,
        }
    }
}

/// The path of the part that a part of the event or the context is made of: itself, unless code changed it.
pub fn unchanged(path: &str) -> &str {
    path.split_once(CHANGED).map_or(path, |(path, _)| path)
}

/// The part that the path of a part of the event names as it is, with the texts that are known to stand before and behind what this
/// is of it; nothing for what code made of a part.
pub fn within(path: &str) -> Option<(&str, &str, &str)> {
    let Some((part, edges)) = path.split_once(CHANGED) else { return Some((path, "", "")) };
    let (start, end) = edges.split_once(CHANGED)?;
    Some((part, start, end))
}

impl Text {
    /// A fully known string.
    pub fn literal(text: impl Into<SmolStr>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::default() } else { Self { pieces: vec![Piece::Literal(text)] } }
    }

    /// A fully unknown string.
    pub fn hole(hole: Hole) -> Self {
        Self { pieces: vec![Piece::Hole(hole)] }
    }

    /// Builds a text from pieces, merging adjacent literals.
    pub fn from_pieces(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut text = Self::default();
        for piece in pieces {
            text.push(piece);
        }
        text
    }

    /// A template with what its `${variables}` stand for. What is not closed stays as it is.
    pub fn of_template(template: &str, mut value: impl FnMut(&str) -> Self) -> Self {
        let mut out = Self::default();
        let mut rest = template;
        while let Some((before, (variable, behind))) =
            rest.split_once("${").and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            out.push_str(before);
            out.push_text(&value(variable));
            rest = behind;
        }
        out.push_str(rest);
        out
    }

    /// The same where each variable has several values: once for every combination, and not at all where one has none.
    pub fn each_of_template(template: &str, mut values: impl FnMut(&str) -> Vec<Self>) -> Vec<Self> {
        let mut all = vec![Self::default()];
        let mut rest = template;
        while let Some((before, (variable, behind))) =
            rest.split_once("${").and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            let values = values(variable);
            let longer = |start: &Self| {
                let mut start = start.clone();
                start.push_str(before);
                let with = |value: &Self| {
                    let mut text = start.clone();
                    text.push_text(value);
                    text
                };
                values.iter().map(with).collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
            rest = behind;
        }
        all.iter_mut().for_each(|text| text.push_str(rest));
        all
    }

    /// The parts of a text whose literals are cut like this. Holes are not cut.
    pub fn split_by<'t, I: IntoIterator<Item = &'t str>>(&'t self, cut: impl Fn(&'t str) -> I) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut last = Self::default();
        for piece in &self.pieces {
            match piece {
                Piece::Hole(_) => last.push(piece.clone()),
                Piece::Literal(literal) => {
                    for (index, part) in cut(literal).into_iter().enumerate() {
                        if index > 0 {
                            parts.push(std::mem::take(&mut last));
                        }
                        last.push_str(part);
                    }
                }
            }
        }
        parts.push(last);
        parts
    }

    /// Appends one piece.
    pub fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (_, Piece::Literal(new)) if new.is_empty() => {}
            (Some(Piece::Literal(last)), Piece::Literal(new)) => *last = [last.as_str(), new.as_str()].concat().into(),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// Appends known characters.
    pub fn push_str(&mut self, text: &str) {
        self.push(Piece::Literal(text.into()));
    }

    /// Appends another text.
    pub fn push_text(&mut self, text: &Self) {
        for piece in &text.pieces {
            self.push(piece.clone());
        }
    }

    /// The parts, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The whole string, when every part is known.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The same where it is known to begin, or end, with a text; nothing if it does not.
    pub fn with_edge(&self, edge: &str, at_start: bool) -> Option<Self> {
        let outer = if at_start { self.pieces.first() } else { self.pieces.last() };
        let hole = match outer {
            None => return edge.is_empty().then(|| self.clone()),
            Some(Piece::Literal(literal)) => {
                let (own, other) = (literal.as_str(), edge);
                let has = |text: &str, edge: &str| if at_start { text.starts_with(edge) } else { text.ends_with(edge) };
                return (has(own, other) || self.pieces.len() > 1 && has(other, own)).then(|| self.clone());
            }
            Some(Piece::Hole(hole)) => hole,
        };
        // Where the known texts can overlap, they need not both be there.
        let mut inner = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Literal(literal) => Some(literal.as_str()),
            Piece::Hole(_) => None,
        });
        let inner = if at_start { inner.next() } else { inner.next_back() };
        let (before, behind) = if at_start { (edge, inner.unwrap_or_default()) } else { (inner.unwrap_or_default(), edge) };
        let overlap = |(at, _)| at > 0 && before.ends_with(&behind[..at]);
        let may_overlap = inner.is_some_and(|inner| edge.contains(inner))
            || behind.char_indices().any(overlap)
            || !behind.is_empty() && before.ends_with(behind);
        let Some(rest) = hole.beside(edge, at_start).filter(|_| !may_overlap && !edge.is_empty()) else {
            return Some(self.clone());
        };
        let mut pieces = self.pieces.clone();
        let known = Piece::Literal(edge.into());
        if at_start {
            pieces.splice(..1, [known, Piece::Hole(rest)]);
        } else {
            pieces.splice(pieces.len() - 1.., [Piece::Hole(rest), known]);
        }
        Some(Self { pieces })
    }

    /// The one hole that is the whole string, if it is one.
    pub fn as_hole(&self) -> Option<&Hole> {
        match self.pieces.as_slice() {
            [Piece::Hole(hole)] => Some(hole),
            _ => None,
        }
    }

    /// Whether it is certainly the empty string.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether nothing is known about the string.
    pub fn is_unknown(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| matches!(piece, Piece::Hole(_)))
    }

    /// The unknown parts, in order.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Hole(hole) => Some(hole),
            Piece::Literal(_) => None,
        })
    }

    /// The string as a pattern: literals stay, each run of holes becomes one `*`.
    pub fn pattern(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Hole(_) if out.ends_with('*') => {}
                Piece::Hole(_) => out.push('*'),
            }
        }
        out
    }

    /// Whether a string can be what this becomes: the known parts stand in it in their order, with anything between them.
    pub fn may_be(&self, text: &str) -> bool {
        if let Some(literal) = self.as_literal() {
            return literal == text;
        }
        let at_end = match self.pieces.last() {
            Some(Piece::Literal(literal)) => literal.as_str(),
            _ => "",
        };
        let Some(mut rest) = text.strip_suffix(at_end) else { return false };
        let last = self.pieces.len() - usize::from(!at_end.is_empty());
        for (index, piece) in self.pieces[..last].iter().enumerate() {
            let Piece::Literal(literal) = piece else { continue };
            // The first place is as good as any: what comes after it has the most room there.
            let at = if index == 0 { rest.starts_with(literal.as_str()).then_some(0) } else { rest.find(literal.as_str()) };
            let Some(at) = at else { return false };
            rest = &rest[at + literal.len()..];
        }
        true
    }

    /// Replaces holes: `fill` gives the text for a hole, or nothing to keep it.
    pub fn fill(&self, mut fill: impl FnMut(&Hole) -> Option<Self>) -> Self {
        let mut out = Self::default();
        for piece in &self.pieces {
            match piece {
                Piece::Hole(hole) => match fill(hole) {
                    Some(text) => out.push_text(&text),
                    None => out.push(piece.clone()),
                },
                Piece::Literal(_) => out.push(piece.clone()),
            }
        }
        out
    }

    /// What stands before and behind the first occurrence of a mark in the known parts.
    pub fn split_once(&self, mark: &str) -> Option<(Self, Self)> {
        self.pieces.iter().enumerate().find_map(|(index, piece)| {
            let Piece::Literal(text) = piece else { return None };
            let (before, after) = text.split_once(mark)?;
            let left = self.pieces[..index].iter().cloned().chain([Piece::Literal(before.into())]);
            let right = std::iter::once(Piece::Literal(after.into())).chain(self.pieces[index + 1..].iter().cloned());
            Some((Self::from_pieces(left), Self::from_pieces(right)))
        })
    }

    /// Bytes of known characters plus one per hole; a bound on how large a text has grown.
    pub fn weight(&self) -> usize {
        self.pieces.iter().map(|piece| if let Piece::Literal(text) = piece { text.len() } else { 1 }).sum()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::literal(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What [`Text::may_be`] answers, by trying everything.
    fn may_be_by_trial(pieces: &[Piece], text: &str) -> bool {
        match pieces.split_first() {
            None => text.is_empty(),
            Some((Piece::Literal(literal), rest)) => {
                text.strip_prefix(literal.as_str()).is_some_and(|text| may_be_by_trial(rest, text))
            }
            Some((Piece::Hole(_), rest)) => (0..=text.len()).any(|at| may_be_by_trial(rest, &text[at..])),
        }
    }

    proptest! {
        #[test]
        fn a_text_may_be_what_fits_around_its_holes(
            pieces in prop::collection::vec(prop::option::of("[ab]{0,2}"), 0..6),
            text in "[ab]{0,8}",
        ) {
            let piece = |known: Option<String>| known.map_or(Piece::Hole(Hole::Region), |known| Piece::Literal(known.into()));
            let pattern = Text::from_pieces(pieces.into_iter().map(piece));
            prop_assert_eq!(pattern.may_be(&text), may_be_by_trial(pattern.pieces(), &text));
        }
    }

    #[test]
    fn many_holes_take_no_longer_than_the_text() {
        let piece = |index: usize| if index.is_multiple_of(2) { Piece::Hole(Hole::Region) } else { Piece::Literal("x".into()) };
        let mut pattern = Text::from_pieces((0..60).map(piece));
        pattern.push_str("z");
        assert!(!pattern.may_be(&"x".repeat(1_000)));
    }

    #[test]
    fn adjacent_literals_merge_and_runs_of_holes_become_one_star() {
        let mut text = Text::literal("daily/");
        text.push_str("2024-");
        text.push(Piece::Hole(Hole::Event("date".into())));
        text.push(Piece::Hole(Hole::Unknown("time".into())));
        text.push_str(".json");
        assert_eq!(text.pieces().len(), 4);
        assert_eq!(text.pattern(), "daily/2024-*.json");
        assert_eq!(text.as_literal(), None);
    }
}
