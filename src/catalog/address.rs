//! Addresses on the web that name resources: objects of S3, stages of API Gateway's APIs.

use super::filter::{hole_of, strip};
use crate::value::{Hole, Piece, Text};

/// How addresses of objects usually begin.
pub(super) const S3: &str = "s3://";

/// Bucket and key of an object's address in any of its forms: `bucket/key`.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
pub(super) fn s3_object(value: &Text) -> Text {
    let Some((host, path)) = web_address(value) else {
        return ["s3a://", "s3n://", S3].iter().fold(value.clone(), |value, scheme| strip(&value, scheme));
    };
    let first = match host.pieces().first() {
        Some(Piece::Literal(first)) => first.as_str(),
        _ => "",
    };
    if first.starts_with("s3.") || first.starts_with("s3-") {
        return path;
    }
    match host.split_once(".s3.").or_else(|| host.split_once(".s3-")) {
        Some((bucket, _)) => joined(&bucket, &path),
        None => Text::hole(Hole::Unknown("an address that is not S3's".into())),
    }
}

/// The API that an address of API Gateway names. A domain name of one's own names none.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>
pub(super) fn api_id(value: &Text) -> Text {
    let (host, _) = web_address(value).unwrap_or_else(|| split(value));
    match host.split_once(".execute-api.") {
        Some((id, _)) => id,
        None => hole_of(&host).unwrap_or_else(own_domain),
    }
}

/// The stage that an address of API Gateway names. Behind a domain name of one's own, the path may be a mapping to any stage.
pub(super) fn api_stage(value: &Text) -> Text {
    let (host, path) = web_address(value).unwrap_or_else(|| split(value));
    let stage = path.split_once("/").map_or_else(|| path.clone(), |(stage, _)| stage);
    match host.split_once(".execute-api.") {
        Some(_) if stage.pieces().is_empty() => hole_of(&host).unwrap_or_else(own_domain),
        Some(_) => stage,
        None => hole_of(&stage).or_else(|| hole_of(&host).filter(|_| path.pieces().is_empty())).unwrap_or_else(own_domain),
    }
}

fn own_domain() -> Text {
    Text::hole(Hole::Unknown("an API behind a domain name of its own".into()))
}

/// Host and path of an address that begins with `https://`.
fn web_address(value: &Text) -> Option<(Text, Text)> {
    let Some(Piece::Literal(first)) = value.pieces().first() else { return None };
    let scheme = ["https://", "http://", "wss://"].iter().find(|scheme| first.starts_with(**scheme))?;
    Some(split(&strip(value, scheme)))
}

/// What stands before and behind the first slash.
fn split(value: &Text) -> (Text, Text) {
    value.split_once("/").unwrap_or_else(|| (value.clone(), Text::default()))
}

fn joined(bucket: &Text, key: &Text) -> Text {
    let mut whole = bucket.clone();
    whole.push_str("/");
    whole.push_text(key);
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_hole(before: &str, after: &str) -> Text {
        let hole = Piece::Hole(Hole::Env { name: "X".into(), default: None });
        Text::from_pieces([Piece::Literal(before.into()), hole, Piece::Literal(after.into())])
    }

    #[test]
    fn objects_in_every_form_of_address() {
        for address in [
            "s3://media/a/b.mp3",
            "https://media.s3.amazonaws.com/a/b.mp3",
            "https://media.s3.eu-west-1.amazonaws.com/a/b.mp3",
            "https://media.s3-eu-west-1.amazonaws.com/a/b.mp3",
            "https://media.s3.dualstack.eu-west-1.amazonaws.com/a/b.mp3",
            "https://s3.eu-west-1.amazonaws.com/media/a/b.mp3",
            "https://s3-eu-west-1.amazonaws.com/media/a/b.mp3",
            "http://s3.amazonaws.com/media/a/b.mp3",
            "media/a/b.mp3",
        ] {
            assert_eq!(s3_object(&Text::literal(address)).as_literal(), Some("media/a/b.mp3"), "{address}");
        }
        assert_eq!(s3_object(&with_hole("https://s3.", ".amazonaws.com/media/a")).as_literal(), Some("media/a"));
        assert_eq!(s3_object(&with_hole("https://media-", ".s3.amazonaws.com/a")).pattern(), "media-*/a");
        assert_eq!(s3_object(&Text::literal("https://cdn.example.com/a")).pattern(), "*");
    }

    #[test]
    fn stages_of_apis() {
        let named = |address: &Text| (api_id(address).pattern(), api_stage(address).pattern());
        let literal = |address: &str| named(&Text::literal(address));
        let known = ("abc".to_owned(), "prod".to_owned());
        assert_eq!(literal("https://abc.execute-api.eu-west-1.amazonaws.com/prod"), known);
        assert_eq!(literal("https://abc.execute-api.eu-west-1.amazonaws.com/prod/"), known);
        assert_eq!(literal("abc.execute-api.eu-west-1.amazonaws.com/prod"), known);
        assert_eq!(named(&with_hole("https://abc.execute-api.", ".amazonaws.com/prod")), known);
        assert_eq!(named(&with_hole("https://", "/prod")), ("*".to_owned(), "*".to_owned()));
        assert_eq!(literal("https://ws.example.com/prod"), ("*".to_owned(), "*".to_owned()));
    }
}
