//! Parts of addresses on the web, as `urlparse(address).netloc` and `new URL(address).host` give them.

use crate::value::{Arg, Hole, Piece, Text};

/// The host, or the path, of an address. What is not known at all is taken for its own host, so that it is still seen where that
/// comes from.
pub(super) fn part(address: &Text, view: &str) -> Option<Arg> {
    let Some(Piece::Literal(first)) = address.pieces().first() else {
        let whole = address.as_hole().filter(|_| view == "host");
        return Some(whole.map_or_else(unknown, |hole| Arg::Text(Text::hole(hole.changed()))));
    };
    let (_, start) = first.split_once("://")?;
    let rest = [Piece::Literal(start.into())].into_iter().chain(address.pieces().iter().skip(1).cloned());
    let (mut host, mut path) = (Text::default(), None::<Text>);
    for piece in rest {
        match (&mut path, &piece) {
            (Some(path), _) => path.push(piece),
            (None, Piece::Literal(literal)) => match literal.find(['/', '?', '#']) {
                Some(end) => {
                    host.push_str(&literal[..end]);
                    path = Some(Text::literal(&literal[end..]));
                }
                None => host.push(piece),
            },
            (None, Piece::Hole(_)) => host.push(piece),
        }
    }
    if view == "host" {
        return Some(Arg::Text(host));
    }
    let mut plain = Text::default();
    for piece in path.unwrap_or_default().pieces() {
        match piece {
            Piece::Literal(literal) => match literal.find(['?', '#']) {
                Some(end) => {
                    plain.push_str(&literal[..end]);
                    break;
                }
                None => plain.push(piece.clone()),
            },
            Piece::Hole(_) => plain.push(piece.clone()),
        }
    }
    Some(Arg::Text(plain))
}

fn unknown() -> Arg {
    Arg::Unknown(Hole::Unknown("a part of an unknown address".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_path_are_told_apart() {
        let hole = || Piece::Hole(Hole::Env { name: "ID".into(), default: None });
        let address =
            Text::from_pieces([Piece::Literal("https://".into()), hole(), Piece::Literal(".example.org:8443/a".into())]);
        let host = Text::from_pieces([hole(), Piece::Literal(".example.org:8443".into())]);
        assert_eq!(part(&address, "host"), Some(Arg::Text(host)));
        assert_eq!(part(&address, "path"), Some(Arg::text("/a")));
        assert_eq!(part(&Text::literal("https://x.org/a/b?c=d"), "path"), Some(Arg::text("/a/b")));
        assert_eq!(part(&Text::literal("x.org"), "host"), None);
        let whole = Text::from_pieces([hole()]);
        assert_eq!(part(&whole, "host"), Some(Arg::Text(whole.clone())));
    }
}
