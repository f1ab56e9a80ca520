//! Steps into the data that a place leads through, and the views that end it.

use super::SdkValue;
use super::request::plain;
use crate::value::{Arg, ArgMap, Piece, Text};

/// One step into a value, over all its alternatives.
pub(super) fn step_into(value: &Arg, step: &str) -> Option<Arg> {
    if let Some(view) = step.strip_prefix('@') {
        let views: Vec<Arg> = value.alternatives().iter().filter_map(|value| viewed(value, view)).collect();
        return (!views.is_empty()).then(|| Arg::one_of(views));
    }
    let entry = |map: &ArgMap| {
        let hidden = || map.open.then(|| Arg::unknown("an entry that was spread in"));
        map.get(step).cloned().or_else(hidden)
    };
    let parts = value.alternatives().iter().filter_map(|value| match value {
        Arg::Map(map) => entry(map),
        Arg::List { items, open } => {
            let hidden = || open.then(|| Arg::unknown("an item of a list"));
            step.parse::<usize>().ok().and_then(|index| items.get(index)).cloned().or_else(hidden)
        }
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { data, .. } => entry(data),
            SdkValue::Resource(resource) => resource.identifiers.get(step).cloned(),
            SdkValue::Response(response) => Some(response.part(step).into()),
            _ => None,
        },
        Arg::Unknown(_) => Some(Arg::unknown("a part of an unknown argument")),
        _ => None,
    });
    let parts: Vec<Arg> = parts.collect();
    (!parts.is_empty()).then(|| Arg::one_of(parts))
}

/// A derived part of a value: the keys or values of an object, bucket and key of an `s3://` address, whether a file
/// mode writes.
fn viewed(value: &Arg, view: &str) -> Option<Arg> {
    match (view, value) {
        ("keys", Arg::Map(map)) => {
            let items = map.entries.keys().map(|name| Arg::text(name)).collect();
            Some(Arg::List { items, open: map.open })
        }
        ("values", Arg::Map(map)) => {
            let unknown = map.open.then(|| Arg::unknown("an entry that was spread in"));
            Some(Arg::one_of(map.entries.values().cloned().chain(unknown)))
        }
        ("values" | "items", Arg::List { items, open }) => {
            let unknown = open.then(|| Arg::unknown("an item of a list"));
            Some(Arg::one_of(items.iter().cloned().chain(unknown)))
        }
        (view, Arg::Text(text)) if view.starts_with("ending:") || view.starts_with("not-ending:") => ending(text, view),
        // What another library gave may end in either way.
        (view, Arg::Sdk(_) | Arg::Other(_)) if view.starts_with("ending:") || view.starts_with("not-ending:") => {
            Some(plain(value))
        }
        ("form", Arg::Text(text)) => Some(Arg::Text(super::library_data::with_file_name(text))),
        ("text", Arg::Text(_)) => Some(value.clone()),
        ("text", _) => None,
        (view, Arg::Text(text)) if view.starts_with("after:") => after(text, view.strip_prefix("after:")?),
        ("s3", Arg::Text(text)) => starts_with_scheme(text).then_some(Arg::Bool(true)),
        ("s3", _) => None,
        ("bucket" | "key", Arg::Text(text)) => address(text, view, false),
        ("store-bucket" | "store-key", Arg::Text(text)) => address(text, view, true),
        ("host" | "path", Arg::Text(text)) => super::web::part(text, view),
        (view, Arg::Text(text)) if view.starts_with("local") => super::extension::viewed(text, view),
        (view, _) if view.starts_with("local") => None,
        ("writes", Arg::Text(text)) => {
            text.as_literal().is_none_or(|mode| mode.contains(['w', 'a', 'x', '+'])).then_some(Arg::Bool(true))
        }
        ("only-writes", Arg::Text(text)) => {
            text.as_literal().is_some_and(|mode| mode.contains(['w', 'a', 'x']) && !mode.contains('+')).then_some(Arg::Bool(true))
        }
        ("only-writes", _) => None,
        (_, Arg::Unknown(_)) => Some(value.clone()),
        _ => None,
    }
}

/// A text that ends as the view says, or may do so.
fn ending(text: &Text, view: &str) -> Option<Arg> {
    let (wanted, end) = view.split_once(':')?;
    let fits = match text.pieces().last() {
        Some(Piece::Literal(last)) => last.ends_with(end) == (wanted == "ending"),
        _ => true,
    };
    fits.then(|| Arg::Text(text.clone()))
}

/// What follows a beginning; nothing for a text that begins otherwise.
fn after(text: &Text, start: &str) -> Option<Arg> {
    match text.pieces().split_first() {
        Some((Piece::Literal(first), rest)) => {
            let first = Piece::Literal(first.strip_prefix(start)?.into());
            Some(Arg::Text(Text::from_pieces([first].into_iter().chain(rest.iter().cloned()))))
        }
        _ => Some(Arg::unknown("the end of an unknown text")),
    }
}

const SCHEMES: [&str; 3] = ["s3://", "s3a://", "s3n://"];

fn starts_with_scheme(text: &Text) -> bool {
    matches!(text.pieces().first(), Some(Piece::Literal(start)) if SCHEMES.iter().any(|scheme| start.starts_with(scheme)))
}

/// Bucket or key of `s3://bucket/key`; nothing for other addresses and local paths, unless the scheme goes without saying.
pub(super) fn address(text: &Text, part: &str, bare: bool) -> Option<Arg> {
    let (mut bucket, mut key) = (Text::default(), None::<Text>);
    for (position, piece) in text.pieces().iter().enumerate() {
        let piece = match (position, piece) {
            (0, Piece::Literal(start)) => {
                let scheme = SCHEMES.iter().find_map(|scheme| start.strip_prefix(scheme));
                Piece::Literal(scheme.or(bare.then_some(start.as_str()))?.into())
            }
            (0, Piece::Hole(_)) if !bare => return Some(Arg::unknown("a part of an unknown address")),
            (_, piece) => piece.clone(),
        };
        match (&mut key, &piece) {
            (Some(key), _) => key.push(piece),
            (None, Piece::Literal(literal)) => match literal.split_once('/') {
                Some((before, after)) => {
                    bucket.push_str(before);
                    key = Some(Text::literal(after));
                }
                None => bucket.push(piece),
            },
            (None, Piece::Hole(_)) => bucket.push(piece),
        }
    }
    Some(Arg::Text(if part.ends_with("bucket") { bucket } else { key.unwrap_or_default() }))
}
