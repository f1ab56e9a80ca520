//! Addresses of Lambda extensions on the function's own machine, which make requests with the function's role.
//!
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html>,
//! <https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions.html>

use crate::value::{Arg, Hole, Piece, Text};

/// A part of an address on the own machine, by its view: `local:/path`, `local:/path:parameter`, `local-part:name`.
pub(super) fn viewed(address: &Text, view: &str) -> Option<Arg> {
    let path = local_path(address)?;
    if let Some(name) = view.strip_prefix("local-part:") {
        return after(&path, &format!("/{name}/"), &['/', '?']).map(Arg::Text);
    }
    let (wanted, parameter) = match view.strip_prefix("local:")?.split_once(':') {
        Some((wanted, parameter)) => (wanted, Some(parameter)),
        None => (view.strip_prefix("local:")?, None),
    };
    let query = starts_with(&path, wanted)?;
    let Some(parameter) = parameter else { return Some(Arg::Bool(true)) };
    let marker = |sign: char| format!("{sign}{parameter}=");
    after(&query, &marker('?'), &['&', '#']).or_else(|| after(&query, &marker('&'), &['&', '#'])).map(Arg::Text)
}

/// What follows host and port, when the host is this machine; an address that is just a path counts, too.
fn local_path(address: &Text) -> Option<Text> {
    let Some(Piece::Literal(start)) = address.pieces().first() else { return None };
    if start.starts_with('/') {
        return Some(address.clone());
    }
    let host = start.strip_prefix("http://")?;
    let rest = ["localhost", "127.0.0.1"].iter().find_map(|name| host.strip_prefix(name))?;
    let mut rest_of = Text::literal(rest);
    address.pieces()[1..].iter().for_each(|piece| rest_of.push(piece.clone()));
    cut_before(&rest_of, '/')
}

/// The text from the first known `character` on.
fn cut_before(text: &Text, character: char) -> Option<Text> {
    let pieces = text.pieces();
    let found = |piece: &Piece| if let Piece::Literal(literal) = piece { literal.find(character) } else { None };
    let (index, at) = pieces.iter().enumerate().find_map(|(index, piece)| Some((index, found(piece)?)))?;
    let Piece::Literal(literal) = &pieces[index] else { return None };
    let first = Piece::Literal(literal[at..].into());
    Some(Text::from_pieces([first].into_iter().chain(pieces[index + 1..].iter().cloned())))
}

/// What follows `path`, when the text begins with it and it ends there.
fn starts_with(text: &Text, path: &str) -> Option<Text> {
    let Some(Piece::Literal(first)) = text.pieces().first() else { return None };
    let rest = first.strip_prefix(path)?;
    if !(rest.is_empty() || rest.starts_with(['?', '/'])) {
        return None;
    }
    let first = Piece::Literal(rest.trim_start_matches('/').into());
    Some(Text::from_pieces([first].into_iter().chain(text.pieces()[1..].iter().cloned())))
}

/// What stands between a marker and the next of some characters, percent signs decoded.
fn after(text: &Text, marker: &str, ends: &[char]) -> Option<Text> {
    let mut value: Option<Text> = None;
    for piece in text.pieces() {
        let mut rest = match (piece, &mut value) {
            (Piece::Hole(hole), Some(value)) => {
                value.push(Piece::Hole(hole.clone()));
                continue;
            }
            (Piece::Hole(_), None) => continue,
            (Piece::Literal(literal), _) => literal.as_str(),
        };
        if value.is_none() {
            let Some((_, found)) = rest.split_once(marker) else { continue };
            rest = found;
            value = Some(Text::default());
        }
        let Some(value) = &mut value else { continue };
        let end = rest.find(ends);
        value.push_str(&decoded(&rest[..end.unwrap_or(rest.len())]));
        if end.is_some() {
            break;
        }
    }
    let value = value?;
    // A marker at the end of an address whose rest is not known.
    Some(if value.pieces().is_empty() { Text::hole(Hole::Unknown("a part of an address".into())) } else { value })
}

/// `%2F` is a slash.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(address: &str, view: &str) -> Option<String> {
        viewed(&Text::literal(address), view).map(|value| value.as_text().unwrap_or_default().pattern())
    }

    #[test]
    fn parameters_of_local_addresses() {
        let secret = "local:/secretsmanager/get:secretId";
        assert_eq!(seen("http://localhost:2773/secretsmanager/get?secretId=a%2Fb&versionId=1", secret).as_deref(), Some("a/b"));
        assert_eq!(seen("http://127.0.0.1:2773/secretsmanager/get?versionId=1&secretId=a", secret).as_deref(), Some("a"));
        assert_eq!(seen("/secretsmanager/get?secretId=a", secret).as_deref(), Some("a"));
        assert_eq!(seen("https://example.com/secretsmanager/get?secretId=a", secret), None);
        assert_eq!(seen("http://localhost:2773/secretsmanager/getter?secretId=a", secret), None);
        assert_eq!(seen("http://localhost:2773/secretsmanager/get", "local:/secretsmanager/get").as_deref(), Some("true"));
        assert_eq!(seen("http://localhost:2773/secretsmanager/get?secretId=", secret).as_deref(), Some("*"));
        assert_eq!(seen("http://localhost:2773/é%", secret), None);
    }

    #[test]
    fn ports_and_names_that_are_not_known() {
        let hole = |name: &str| Piece::Hole(Hole::Env { name: name.into(), default: None });
        let literal = |text: &str| Piece::Literal(text.into());
        let address = Text::from_pieces([
            literal("http://localhost:"),
            hole("PORT"),
            literal("/applications/shop/environments/"),
            hole("STAGE"),
            literal("/configurations/main?flag=x"),
        ]);
        assert_eq!(viewed(&address, "local-part:applications"), Some(Arg::text("shop")));
        assert_eq!(viewed(&address, "local-part:environments"), Some(Arg::Text(Text::from_pieces([hole("STAGE")]))));
        assert_eq!(viewed(&address, "local-part:configurations"), Some(Arg::text("main")));
        assert_eq!(viewed(&address, "local-part:secrets"), None);
    }
}
