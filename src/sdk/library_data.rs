//! What entries of `api-maps/libraries` make of data that instances have.

use super::SdkValue;
use super::library_call::Call;
use super::request::plain;
use super::views::step_into;
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How many names the parts of one may make up.
const MAX_NAMES: usize = 16;

impl Call<'_> {
    /// Instances with what the entry adds to their data.
    pub(super) fn with_data(&self, value: &Arg) -> Arg {
        let added: Vec<(&String, Arg)> =
            self.entry.with.iter().filter_map(|(name, place)| Some((name, self.place(place)?))).collect();
        if added.is_empty() {
            return value.clone();
        }
        Arg::one_of(value.alternatives().iter().map(|value| match value {
            Arg::Sdk(sdk) => match sdk.as_ref() {
                SdkValue::Instance { ecosystem, path, data } => {
                    let mut data: ArgMap = (**data).clone();
                    data.entries.extend(added.iter().map(|(name, value)| (name.as_str().into(), value.clone())));
                    SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data: data.into() }.into()
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        }))
    }

    /// The value that places name: of those with ` or ` between them the first that is there. Texts with ` + ` between them make up
    /// one; those that are not there add nothing.
    pub(super) fn at(&self, places: &str) -> Option<Arg> {
        if !places.contains(" + ") {
            return places.split(" or ").find_map(|place| self.place(place));
        }
        let parts: Vec<Arg> =
            places.split(" + ").filter_map(|places| self.at(places)).filter(|part| *part != Arg::Null).collect();
        if parts.is_empty() {
            return None;
        }
        let mut whole = vec![Text::default()];
        for part in &parts {
            let texts = plain(part).texts();
            let is_known = !texts.is_empty() && whole.len() * texts.len() <= MAX_NAMES;
            let texts = if is_known { texts } else { vec![Text::hole(Hole::Unknown("a part of a name".into()))] };
            let joined = |before: &Text| {
                let before = before.clone();
                texts.iter().map(move |text| Text::from_pieces(before.pieces().iter().chain(text.pieces()).cloned()))
            };
            whole = whole.iter().flat_map(joined).collect();
        }
        Some(Arg::one_of(whole.into_iter().map(Arg::Text)))
    }

    /// The alternatives of a value that are told the name that is called: by their entry, or by one of several that it lists.
    pub(super) fn told(&self, value: &Arg, entry: &str) -> Option<Arg> {
        let is_told = |value: &&Arg| {
            if matches!(value, Arg::Unknown(_)) {
                return true;
            }
            let found = entry.split('/').try_fold((*value).clone(), |value, step| step_into(&value, step));
            let names = found.iter().flat_map(Arg::alternatives).flat_map(|name| match name {
                Arg::List { items, .. } => items.iter().flat_map(Arg::texts).collect(),
                name => name.texts(),
            });
            names.into_iter().any(|name| name.as_literal().is_none_or(|name| name == self.own.name))
        };
        let told: Vec<Arg> = value.alternatives().iter().filter(is_told).cloned().collect();
        (!told.is_empty()).then(|| Arg::one_of(told))
    }
}

/// The texts that a value can be. A constant of a library, of which nothing but the name is known, is mostly called what it is:
/// `AUTH_TYPE.AWS_IAM`.
pub(super) fn texts_or_constants(value: &Arg) -> Vec<Text> {
    let mut texts = value.texts();
    for alternative in value.alternatives() {
        if let Arg::Sdk(sdk) = alternative
            && let SdkValue::External { path, .. } = sdk.as_ref()
            && let Some(name) = path.last()
        {
            let is_constant = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
            let unknown = || Text::hole(Hole::Unknown("a constant of a library".into()));
            texts.push(if is_constant { Text::literal(name.clone()) } else { unknown() });
        }
    }
    texts
}

/// The key that a form has, in which S3 puts the name of the uploaded file.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>
pub(super) fn with_file_name(key: &Text) -> Text {
    let mut whole = Text::default();
    for piece in key.pieces() {
        let Piece::Literal(literal) = piece else {
            whole.push(piece.clone());
            continue;
        };
        for (at, part) in literal.split("${filename}").enumerate() {
            if at > 0 {
                whole.push(Piece::Hole(Hole::Unknown("the name of an uploaded file".into())));
            }
            whole.push_str(part);
        }
    }
    whole
}
