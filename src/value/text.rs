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
    /// A part of the invocation event: `Records[].s3.bucket.name`; empty for the event itself.
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

    /// The one hole that is the whole string, if it is one.
    pub fn as_hole(&self) -> Option<&Hole> {
        match self.pieces.as_slice() {
            [Piece::Hole(hole)] => Some(hole),
            _ => None,
        }
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
    use super::*;

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
