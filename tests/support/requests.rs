//! Requests as `tests/authorize*.rs` make them, and what they need in short.

use leash::catalog::{Authorization, Catalog, Grant};
use leash::value::{Arg, ArgMap, Hole, Piece, Text};

/// Parameters of a request.
pub(crate) fn map(entries: &[(&str, Arg)]) -> ArgMap {
    ArgMap {
        entries: entries.iter().map(|(name, value)| ((*name).into(), value.clone())).collect(),
        open: false,
        computed: Vec::new(),
    }
}

/// What a request needs.
pub(crate) fn grants(service: &str, operation: &str, params: &[(&str, Arg)]) -> Vec<Grant> {
    match Catalog::embedded().authorize(service, operation, &map(params), None) {
        Authorization::Grants(grants) => grants,
        other => panic!("{service}:{operation} gives {other:?}"),
    }
}

/// `action resource` per grant and resource, with context in braces and other holes as stars.
pub(crate) fn lines(service: &str, operation: &str, params: &[(&str, Arg)]) -> Vec<String> {
    let show = |text: &Text| {
        let pieces = text.pieces().iter().map(|piece| match piece {
            Piece::Literal(text) => text.to_string(),
            Piece::Hole(Hole::Partition) => "aws".to_owned(),
            Piece::Hole(Hole::Region) => "R".to_owned(),
            Piece::Hole(Hole::Account) => "A".to_owned(),
            Piece::Hole(_) => "*".to_owned(),
        });
        pieces.collect::<String>()
    };
    let grants = grants(service, operation, params);
    grants.iter().flat_map(|grant| grant.resources.iter().map(move |text| format!("{} {}", grant.action, show(text)))).collect()
}

/// A parameter's text.
pub(crate) fn text(text: &str) -> Arg {
    Arg::text(text)
}

/// A list of values.
pub(crate) fn list(items: &[Arg]) -> Arg {
    Arg::List { items: items.to_vec(), open: false }
}

/// A structure.
pub(crate) fn record(entries: &[(&str, Arg)]) -> Arg {
    Arg::Map(map(entries))
}
