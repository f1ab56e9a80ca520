//! ARN templates: `arn:${Partition}:sqs:${Region}:${Account}:${param:QueueUrl|last:/}`.

use smol_str::SmolStr;

use super::filter::{self, Filter, is_arn};
use super::path::{Choices, Found, find_text, text_of};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// A template, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(SmolStr),
    Context(Hole),
    /// A variable that no parameter gives.
    Any,
    Param {
        path: SmolStr,
        filters: Vec<Filter>,
    },
}

/// Why a text does not read as a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `${` without its `}`.
    #[error("a variable is not closed")]
    Unclosed,
    /// A variable of unknown form.
    #[error("`{0}` is neither Partition, Region or Account nor `param:` or `any:`")]
    Variable(String),
    /// A filter that does not exist.
    #[error("`{0}` is no filter")]
    Filter(String),
}

/// A template filled from one request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The texts of all combinations whose parameters are given.
    pub(crate) texts: Vec<Text>,
    /// The same for combinations of which a parameter may hide behind a spread.
    pub(crate) hidden: Vec<Text>,
    /// Whether all texts have a name with which no request succeeds: an empty one, or a truth value.
    pub(crate) no_name: bool,
    /// The template with holes in place of absent parameters, if any are.
    pub(crate) widest: Text,
}

impl Template {
    /// Takes a template apart.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if !before.is_empty() {
                parts.push(Part::Literal(before.into()));
            }
            let end = closing(after).ok_or(TemplateError::Unclosed)?;
            parts.push(Part::parse(&after[..end])?);
            rest = &after[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.into()));
        }
        Ok(Self { parts })
    }

    /// The paths of the parameters it reads.
    pub(crate) fn params(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Param { path, .. } => Some(path.as_str()),
            _ => None,
        })
    }

    /// Whether something of it is left to chance: no parameter gives any of its variables, and it has some.
    pub(crate) fn is_unbound(&self) -> bool {
        self.params().next().is_none() && self.parts.iter().any(|part| matches!(part, Part::Any))
    }

    /// Whether it says of a part that it may be anything, so that it is a kind of resources rather than one.
    pub(crate) fn is_open(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('*')))
    }

    /// Whether it names the sender of a mail: the address or its domain, whichever is verified, so that either may be all it takes.
    /// <https://docs.aws.amazon.com/ses/latest/dg/creating-identities.html>
    pub(crate) fn is_sender(&self) -> bool {
        let is_address = |part: &Part| matches!(part, Part::Param { filters, .. } if filters.contains(&Filter::Address));
        self.parts.iter().any(is_address)
    }

    /// Whether it is `*`, the one resource of an action that supports none.
    pub(crate) fn is_star(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Literal(text)] if text == "*")
    }

    /// Fills it from a request's parameters.
    pub(crate) fn fill(&self, params: &ArgMap, region: Option<&Text>) -> Filled {
        let mut filled = Filled::default();
        let mut widest = None;
        let mut choices = Choices::default();
        let mut placeholders = Vec::new();
        loop {
            let round = self.once(params, region, &mut choices);
            match (round.absent, round.hidden) {
                (true, _) => widest = widest.or(Some(round.text)),
                (false, _) if round.placeholder => placeholders.push(round.text),
                (false, true) => filled.hidden.push(round.text),
                (false, false) => filled.texts.push(round.text),
            }
            if !choices.advance() {
                break;
            }
        }
        if filled.texts.is_empty() && filled.hidden.is_empty() && !placeholders.is_empty() {
            filled.texts = placeholders;
            filled.no_name = true;
        }
        filled.widest = widest.unwrap_or_default();
        filled.texts.sort();
        filled.texts.dedup();
        filled.hidden.sort();
        filled.hidden.dedup();
        filled
    }

    fn once(&self, params: &ArgMap, region: Option<&Text>, choices: &mut Choices) -> Round {
        let mut round = Round::default();
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => round.text.push_str(text),
                Part::Context(Hole::Region) if region.is_some() => {
                    round.text.push_text(region.unwrap_or(&Text::default()));
                }
                Part::Context(hole) => round.text.push(Piece::Hole(hole.clone())),
                Part::Any => round.text.push(Piece::Hole(Hole::Unknown(NO_REQUEST_SAYS.into()))),
                Part::Param { path, filters } => {
                    let last = index + 1 == self.parts.len();
                    let in_name = index > 0;
                    let random = matches!(self.parts.get(index + 1), Some(Part::Literal(end)) if end == RANDOM_END);
                    if round.push(path, filters, find_text(params, path, choices), Place { in_name, last, random, region }) {
                        return round;
                    }
                }
            }
        }
        round
    }
}

/// Where a variable's brace closes: its path may have braces of its own, as in `RequestItems{}`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Where in a template a parameter stands, and for which region it is filled.
#[derive(Clone, Copy)]
struct Place<'a> {
    /// Whether it is a part of an ARN rather than all of a value.
    in_name: bool,
    last: bool,
    /// Whether the random end that AWS gives to ARNs follows, and nothing else.
    random: bool,
    region: Option<&'a Text>,
}

#[derive(Default)]
struct Round {
    text: Text,
    absent: bool,
    hidden: bool,
    /// Whether a name is one with which no request succeeds.
    placeholder: bool,
}

impl Round {
    /// Appends a parameter; tells whether the text is complete with it.
    fn push(&mut self, path: &str, filters: &[Filter], found: Found<'_>, place: Place<'_>) -> bool {
        let Place { last, random, region, .. } = place;
        let default = filters.iter().find_map(|filter| match filter {
            Filter::Default(text) => Some(Text::literal(text.clone())),
            _ => None,
        });
        let value = match found {
            // An empty name is a placeholder that somebody fills in later: no request with it would succeed.
            Found::Value(value) if place.in_name && text_of(&value).pieces().is_empty() => {
                self.placeholder |= !path.ends_with("Prefix");
                Text::hole(Hole::Unknown(format!("an empty {path}").into()))
            }
            Found::Value(value) if place.in_name && matches!(*value, Arg::Bool(_)) => {
                self.placeholder = true;
                text_of(&value)
            }
            Found::Value(value) => text_of(&value),
            Found::Absent if default.is_some() => default.unwrap_or_default(),
            Found::Absent => {
                self.absent = true;
                Text::hole(unnamed(path))
            }
            Found::Hidden => {
                self.hidden = true;
                Text::hole(Hole::Unknown(format!("{path} may be given by a spread").into()))
            }
        };
        // The ARN of an alias is none of a key.
        let value = if filters.contains(&Filter::Key) { filter::key(value) } else { value };
        let raw = filters.contains(&Filter::Raw);
        if is_arn(&value) && !raw && self.starts_as_arn() {
            if filters.contains(&Filter::ArnPrefix) {
                self.text = value;
                return false;
            }
            let takes_parts = filters
                .iter()
                .any(|filter| matches!(filter, Filter::Name | Filter::Last(_) | Filter::After(_) | Filter::BeforeLast(_)));
            if filters.contains(&Filter::Arn) || (last && !takes_parts) {
                let version = filters.iter().any(|filter| matches!(filter, Filter::Before(mark) if mark == ":"));
                self.text = if version { filter::unversioned(&value, self.fields()) } else { value };
                if random && !has_random_end(&self.text) {
                    self.text.push_str(RANDOM_END);
                }
                return true;
            }
            if filters.is_empty() {
                self.append(&[Filter::Name], value, path, region);
                return false;
            }
        }
        self.append(filters, value, path, region);
        false
    }

    fn append(&mut self, filters: &[Filter], value: Text, path: &str, region: Option<&Text>) {
        let mut value = value;
        for filter in filters {
            match filter.apply(value) {
                Some(next) if matches!(filter, Filter::QueueField(_)) => {
                    value = next.fill(|hole| region.filter(|_| *hole == Hole::Region).cloned());
                }
                Some(next) => value = next,
                None => {
                    self.absent = true;
                    value = Text::hole(unnamed(path));
                }
            }
        }
        self.text.push_text(&value);
    }

    /// In which of its fields it is so far: they end in colons.
    fn fields(&self) -> usize {
        1 + self
            .text
            .pieces()
            .iter()
            .map(|piece| if let Piece::Literal(text) = piece { text.matches(':').count() } else { 0 })
            .sum::<usize>()
    }

    fn starts_as_arn(&self) -> bool {
        is_arn(&self.text)
    }
}

/// What stands for the six characters that Secrets Manager adds to a secret's name in its ARN. Requests may leave them out,
/// policies may not.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen>
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples.html>
pub const RANDOM_END: &str = "-??????";

/// Whether an ARN has its random characters, or stars for them. Six small letters are a word of the name.
fn has_random_end(arn: &Text) -> bool {
    let Some(Piece::Literal(end)) = arn.pieces().last() else { return false };
    let random = |end: &str| {
        end.len() == RANDOM_END.len() - 1
            && end.chars().all(|c| c.is_ascii_alphanumeric() || c == '?')
            && !end.chars().all(|c| c.is_ascii_lowercase())
    };
    end.ends_with('*') || end.rsplit_once('-').is_some_and(|(_, end)| random(end))
}

/// Why a part of an ARN is not known that is AWS's own: the identifier it adds to a stack's name.
pub const NO_REQUEST_SAYS: &str = "no request says it";

fn unnamed(name: &str) -> Hole {
    Hole::Unknown(format!("the request does not say which {name}").into())
}

impl Part {
    fn parse(variable: &str) -> Result<Self, TemplateError> {
        match variable {
            "Partition" => return Ok(Self::Context(Hole::Partition)),
            "Region" => return Ok(Self::Context(Hole::Region)),
            "Account" => return Ok(Self::Context(Hole::Account)),
            _ => {}
        }
        if variable.starts_with("any:") {
            return Ok(Self::Any);
        }
        let Some(rest) = variable.strip_prefix("param:") else { return Err(TemplateError::Variable(variable.to_owned())) };
        let mut pieces = rest.split('|');
        let path = pieces.next().unwrap_or_default();
        let filters = pieces
            .map(|piece| Filter::parse(piece).ok_or_else(|| TemplateError::Filter(piece.to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::Param { path: path.into(), filters })
    }
}
