//! Region and credentials that the code gives a client.

use super::request::argument;
use super::{CallArgs, Config, Credentials, Response, SdkValue};
use crate::note::NoteKind;
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// A finding about how a client is made.
pub(super) type ConfigNote = (NoteKind, String);

/// What the arguments of `boto3.client`, `boto3.resource` and `Session` say; `first` is the position of the access
/// key where the function takes it by position.
pub(super) fn python(args: &CallArgs, base: &Config, first: Option<usize>) -> (Config, Vec<ConfigNote>) {
    let at = |offset: usize| first.map_or(usize::MAX, |first| first + offset);
    let region_at = match first {
        Some(0) => 3,
        _ => 1,
    };
    let mut config = base.clone();
    if let Some(region) = argument(args, region_at, "region_name").and_then(known_text) {
        config.region = Some(region);
    }
    let key = argument(args, at(0), "aws_access_key_id");
    let secret = argument(args, at(1), "aws_secret_access_key");
    let mut notes = sign(&mut config, key, secret);
    emulated(&mut config, &mut notes, argument(args, usize::MAX, "endpoint_url"));
    (config, notes)
}

/// The address that a client's requests go to, for services where it tells what they are about.
pub(super) fn endpoint(service: &str, option: Option<&Arg>) -> Option<Text> {
    super::tables::endpoint_input(service)?;
    let of_instance = |value: &Arg| match value {
        Arg::Sdk(sdk) => match sdk.as_ref() {
            SdkValue::Instance { data, .. } => data.get("url").and_then(known_text),
            _ => None,
        },
        value => known_text(value),
    };
    match option?.alternatives() {
        [value] => of_instance(value),
        _ => None,
    }
}

/// What the options of a JavaScript client say. Of several options those count that narrow the least: one without a region is in
/// the function's own, one without credentials has the function's.
pub(super) fn ecma(options: Option<&Arg>) -> (Config, Vec<ConfigNote>) {
    let Some(options) = options else { return (Config::default(), Vec::new()) };
    let mut notes = Vec::new();
    let mut whole: Option<Config> = None;
    for alternative in options.alternatives() {
        let (config, found) = alternative.as_map().map(of_options).unwrap_or_default();
        notes.extend(found);
        let Some(known) = &mut whole else {
            whole = Some(config);
            continue;
        };
        if known.region != config.region {
            known.region = None;
        }
        if config.credentials == Credentials::Own {
            known.credentials = Credentials::Own;
        }
    }
    (whole.unwrap_or_default(), notes)
}

fn of_options(options: &ArgMap) -> (Config, Vec<ConfigNote>) {
    let mut config = Config { region: options.get("region").and_then(known_text), ..Config::default() };
    let mut notes = sign(&mut config, options.get("accessKeyId"), options.get("secretAccessKey"));
    if let Some(credentials) = options.get("credentials") {
        let (credentials, note) = provided(credentials);
        config.credentials = credentials;
        notes.extend(note);
    }
    emulated(&mut config, &mut notes, options.get("endpoint"));
    (config, notes)
}

/// Leaves out the finding about keys that are for no account of AWS: requests go to the own machine wherever they are signed
/// with these keys.
fn emulated(config: &mut Config, notes: &mut Vec<ConfigNote>, endpoint: Option<&Arg>) {
    let Some(endpoint) = endpoint else { return };
    let addresses = endpoint.alternatives();
    // Where there may be no keys, there may be no address of an emulator either.
    let may_be_absent = config.credentials == Credentials::Own && addresses.iter().any(is_local);
    if !addresses.iter().all(|address| is_local(address) || may_be_absent && *address == Arg::Null) {
        return;
    }
    if config.credentials == Credentials::Literal {
        config.credentials = Credentials::Explicit;
    }
    notes.retain(|(kind, _)| *kind != NoteKind::HardcodedCredentials);
}

/// Whose credentials a value of the JavaScript SDKs' option `credentials` stands for.
pub(super) fn provided(value: &Arg) -> (Credentials, Option<ConfigNote>) {
    let mut own = None;
    for alternative in value.alternatives() {
        let (credentials, note) = match alternative {
            Arg::Map(map) => {
                let mut config = Config::default();
                let notes = sign(&mut config, map.get("accessKeyId"), map.get("secretAccessKey"));
                (config.credentials, notes.into_iter().next())
            }
            other => {
                let credentials = of_key(other);
                let note = (credentials == Credentials::Literal && is_literal(other)).then(written_down);
                (credentials, note)
            }
        };
        // One own alternative is enough for the function's role to need the permission.
        match credentials {
            Credentials::Own => own = Some((credentials, note)),
            other if value.alternatives().len() == 1 || own.is_none() => own = Some((other, note)),
            _ => {}
        }
        if matches!(own, Some((Credentials::Own, _))) {
            break;
        }
    }
    own.unwrap_or_default()
}

/// Whose credentials a request is signed with by hand, by the credentials or their access key. What nobody knows may be the function's
/// own, however it got there.
pub(super) fn of_signer(value: &Arg) -> Credentials {
    let is_known = |key: &Arg| match key {
        Arg::Text(text) => !matches!(text.as_hole(), Some(Hole::Unknown(_))),
        Arg::Unknown(hole) => !matches!(hole, Hole::Unknown(_)),
        Arg::Sdk(value) => match value.as_ref() {
            SdkValue::Method { receiver, .. } => matches!(receiver.as_ref(), SdkValue::Credentials(_)),
            value => matches!(value, SdkValue::Credentials(_) | SdkValue::Response(_)),
        },
        _ => false,
    };
    let is_told = |value: &Arg| match value {
        Arg::Map(map) => map.get("accessKeyId").is_some_and(|key| key.alternatives().iter().all(is_known)),
        value => is_known(value),
    };
    match provided(value).0 {
        role @ Credentials::Role(_) => role,
        credentials if value.alternatives().iter().all(is_told) => credentials,
        _ => Credentials::Own,
    }
}

/// Sets the credentials that a pair of keys stands for. Where the keys may be absent, they are the function's own: one such
/// alternative is enough for its role to need the permission.
pub(super) fn sign(config: &mut Config, key: Option<&Arg>, secret: Option<&Arg>) -> Vec<ConfigNote> {
    let Some(key) = key else { return Vec::new() };
    let given: Vec<Credentials> = key.alternatives().iter().map(of_key).collect();
    let has_literal = |value: Option<&Arg>| value.is_some_and(|value| value.alternatives().iter().any(is_literal));
    let is_written = given.contains(&Credentials::Literal);
    config.credentials = given.into_iter().min_by_key(|credentials| *credentials != Credentials::Own).unwrap_or_default();
    // What is no key has no secret.
    if !is_written && (has_literal(Some(key)) || !has_literal(secret)) {
        return Vec::new();
    }
    if config.credentials != Credentials::Own {
        config.credentials = Credentials::Literal;
    }
    vec![written_down()]
}

/// The finding about keys in the source; it does not repeat them.
fn written_down() -> ConfigNote {
    let message = "credentials are written into the source; use the function's role or a secret store, and revoke these keys";
    (NoteKind::HardcodedCredentials, message.to_owned())
}

/// Whether a text is made like an access key; what emulators of AWS's services are given, such as `dummy`, is not.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn is_access_key(text: &str) -> bool {
    ["AKIA", "ASIA"].iter().any(|prefix| text.starts_with(prefix))
}

/// Whether requests to an address stay on the own machine, or in the network of containers that emulate AWS there.
fn is_local(endpoint: &Arg) -> bool {
    let Some(text) = known_text(endpoint) else { return false };
    let Some(Piece::Literal(start)) = text.pieces().first() else { return false };
    let host = start.split_once("://").map_or(start.as_str(), |(_, rest)| rest);
    let host = host.split([':', '/']).next().unwrap_or_default();
    ["localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal", "localstack", "dynamodb-local"].contains(&host)
}

fn is_literal(value: &Arg) -> bool {
    matches!(value, Arg::Text(text) if text.as_literal().is_some_and(|literal| !literal.is_empty()))
}

/// Whose credentials an access key, or a whole credentials value, belongs to.
fn of_key(key: &Arg) -> Credentials {
    match key {
        Arg::Null | Arg::Bool(_) => Credentials::Own,
        Arg::Text(text) if text.as_literal().is_some_and(str::is_empty) => Credentials::Own,
        Arg::Text(text) => match (text.as_literal(), text.as_hole()) {
            (Some(literal), _) if is_access_key(literal) => Credentials::Literal,
            (_, Some(hole)) => of_hole(hole),
            _ => Credentials::Explicit,
        },
        Arg::Unknown(hole) => of_hole(hole),
        Arg::Sdk(value) => match value.as_ref() {
            SdkValue::Credentials(credentials) => credentials.clone(),
            SdkValue::Response(response) => of_response(response),
            // `credentials.access_key`
            SdkValue::Method { receiver, .. } => match receiver.as_ref() {
                SdkValue::Credentials(credentials) => credentials.clone(),
                _ => Credentials::Explicit,
            },
            _ => Credentials::Explicit,
        },
        _ => Credentials::Explicit,
    }
}

/// Whether a value holds the function's own credentials, or a part of them.
pub fn are_own_credentials(value: &SdkValue) -> bool {
    match value {
        SdkValue::Credentials(credentials) => *credentials == Credentials::Own,
        SdkValue::Method { receiver, .. } => are_own_credentials(receiver),
        _ => false,
    }
}

fn of_hole(hole: &Hole) -> Credentials {
    match hole {
        // The variables in which Lambda hands a function the credentials of its own role:
        // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        Hole::Env { name, .. } if name.starts_with("AWS_ACCESS_KEY") || name == "AWS_SECRET_ACCESS_KEY" => Credentials::Own,
        Hole::Response { service, operation, .. } if service == "sts" && operation.starts_with("AssumeRole") => {
            Credentials::Role(Box::new(Arg::unknown("an assumed role")))
        }
        _ => Credentials::Explicit,
    }
}

fn of_response(response: &Response) -> Credentials {
    if response.service != "sts" || !response.operation.starts_with("AssumeRole") {
        return Credentials::Explicit;
    }
    let role = response.echo.get("RoleArn").cloned();
    Credentials::Role(Box::new(role.unwrap_or_else(|| Arg::unknown("an assumed role"))))
}

fn known_text(value: &Arg) -> Option<Text> {
    match value {
        Arg::Null => None,
        other => other.as_text(),
    }
}
