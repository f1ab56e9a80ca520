//! Names in ARNs that the code does not tell: one note for each way in which the permissions of a place lack a name.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Besides;
use super::placeholder::is_no_name;
use crate::bind;
use crate::catalog::{Authorization, Catalog, Grant, NO_REQUEST_SAYS, Scope};
use crate::flow::{SdkCall, Unreached, Unset};
use crate::iac::RANDOM;
use crate::note::{Note, NoteKind};
use crate::policy::Action;
use crate::span::Location;
use crate::value::{ArgMap, Hole, Piece, Text, unchanged};

/// Most variables that one sentence names.
const MAX_UNSET: usize = 3;

/// What the calls of a function lack.
#[derive(Debug, Default)]
pub(super) struct Lacks {
    /// Whether what the template refers to is written as it does.
    symbolic: bool,
    found: BTreeMap<(Location, Lack), Said>,
}

/// The actions whose resources lack a name, and what there is to say about it.
#[derive(Debug, Default)]
struct Said {
    actions: BTreeSet<String>,
    details: BTreeSet<String>,
}

/// In which way a name is not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lack {
    Event,
    Variable(SmolStr),
    OwnName,
    Parameter(SmolStr),
    Answer,
    Unknown,
}

impl Lacks {
    pub(super) fn new(symbolic: bool) -> Self {
        Self { symbolic, found: BTreeMap::new() }
    }

    /// Takes in what a call needs. The same place may make several calls, for different values.
    pub(super) fn add(&mut self, grants: &[Grant], call: &SdkCall) {
        for grant in grants {
            for hole in grant.resources.iter().flat_map(names) {
                if let Some((lack, detail)) = lack(hole, grant.scope, self.symbolic) {
                    let said = self.found.entry((call.at.clone(), lack)).or_default();
                    said.actions.insert(grant.action.to_string());
                    said.details.extend(detail);
                }
            }
        }
    }

    pub(super) fn into_notes(self) -> impl Iterator<Item = Note> {
        self.found.into_iter().map(|((at, lack), said)| said.note(at, lack))
    }
}

/// The holes of an ARN, apart from what is only a part of its region, where `*` is no loss of a name.
fn names(arn: &Text) -> Vec<&Hole> {
    const REGION: usize = 3;
    let (mut colons, mut found) = (0, Vec::new());
    for piece in arn.pieces() {
        match piece {
            Piece::Literal(text) => colons += text.matches(':').count(),
            Piece::Hole(_) if colons == REGION => {}
            Piece::Hole(Hole::Unknown(why)) if why == NO_REQUEST_SAYS && is_named(arn) => {}
            Piece::Hole(hole) => found.push(hole),
        }
    }
    found
}

/// Whether an ARN names its resource, or could, though AWS adds something to it: `stack/orders/*`.
fn is_named(arn: &Text) -> bool {
    let is_other = |hole: &Hole| {
        let is_context = matches!(hole, Hole::Partition | Hole::Region | Hole::Account);
        !is_context && !matches!(hole, Hole::Unknown(why) if why == NO_REQUEST_SAYS)
    };
    if arn.holes().any(is_other) {
        return true;
    }
    let pattern = arn.pattern();
    let name = pattern.splitn(6, ':').nth(5).unwrap_or_default();
    name.split(['/', ':']).skip(1).any(|part| part.chars().any(|c| !matches!(c, '*' | '?' | '-')))
}

impl Said {
    fn note(self, at: Location, lack: Lack) -> Note {
        let listed_actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        let part = format!("part of the resource of {}", listed(&listed_actions, "and"));
        let details: Vec<&str> = self.details.iter().map(String::as_str).collect();
        let among = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        let (kind, message) = match lack {
            Lack::Event => (NoteKind::NameFromEvent, format!("{part} comes from the event{among}, so the policy has `*` there")),
            Lack::Answer => {
                (NoteKind::UnknownName, format!("{part} comes from the answer of AWS{among}, so the policy has `*` there"))
            }
            Lack::Variable(name) => {
                let advice = match details.first() {
                    Some(default) => format!("the code falls back on `{default}`: bind it with --env {name}={default}"),
                    None => format!("bind it with --env {name}=VALUE"),
                };
                let message = format!("{part} is the environment variable {name}, whose value is not known: {advice}");
                (NoteKind::NameFromEnvironment, message)
            }
            Lack::OwnName => {
                (NoteKind::UnknownName, format!("{part} is the function's own name: give it with --function-name NAME"))
            }
            Lack::Parameter(name) => {
                let why = "which only the deployment knows, so the policy has `*` there";
                (NoteKind::UnknownName, format!("{part} is `{name}`, {why}"))
            }
            Lack::Unknown => {
                let why = details.join("; ");
                (NoteKind::UnknownName, format!("{part} is not known ({why}), so the policy has `*` there"))
            }
        };
        Note::at(kind, at, message)
    }
}

/// How a part of a name is unknown, if it is, and what there is to say about it.
fn lack(hole: &Hole, scope: Scope, symbolic: bool) -> Option<(Lack, Option<String>)> {
    match hole {
        Hole::Event(path) => {
            let part = unchanged(path);
            Some((Lack::Event, (!part.is_empty()).then(|| format!("`{part}`"))))
        }
        Hole::Env { name, default } => {
            // `os.environ.get("TABLE", "")` and `process.env.TABLE || "TABLE"` are no names to advise.
            let is_real = |default: &&SmolStr| !default.is_empty() && *default != name && !is_no_name(default);
            Some((Lack::Variable(name.clone()), default.as_ref().filter(is_real).map(ToString::to_string)))
        }
        // The template's own language refers to it instead; the stack's name is part of names that the deployment makes up.
        Hole::Parameter(name) if !symbolic && scope == Scope::Resource && name != "AWS::StackName" => {
            Some((Lack::Parameter(name.clone()), None))
        }
        Hole::Context(path) if scope == Scope::Resource && bind::is_own_name(path) => Some((Lack::OwnName, None)),
        Hole::Response { service, operation, .. } if scope == Scope::Resource => {
            Some((Lack::Answer, Some(format!("{service}:{operation}"))))
        }
        Hole::Unknown(why) if scope == Scope::Resource && why != RANDOM => Some((Lack::Unknown, Some(why.to_string()))),
        _ => None,
    }
}

/// What each request would need that the code makes only if some variable is set that the template does not set, or to something
/// else: it is granted nothing, which is said, and what it needs is not said to be unused.
pub(super) fn left_out(unset: &Unset) -> Vec<Besides> {
    let named = |variables: &BTreeSet<SmolStr>| {
        let names: Vec<&str> = variables.iter().take(MAX_UNSET).map(SmolStr::as_str).collect();
        match variables.len() {
            more if more > MAX_UNSET => format!("variables such as {}", listed(&names, "and")),
            _ => listed(&names, "or"),
        }
    };
    let unset_ones = || format!("the template does not set {}, so the code's own default counts", named(&unset.variables));
    let decisive = || format!("the code makes it only with another value of {}", named(&unset.decisive));
    let why = match (unset.variables.is_empty(), unset.decisive.is_empty()) {
        (false, true) => unset_ones(),
        (true, _) => decisive(),
        (false, false) => format!("{}, or {}", decisive(), unset_ones()),
    };
    let params = ArgMap { open: true, ..ArgMap::default() };
    let of_request = |call: &Unreached| {
        let grants = match Catalog::embedded().authorize(&call.service, &call.operation, &params, None) {
            Authorization::Grants(grants) => grants,
            Authorization::Permissionless | Authorization::Unknown(_) => Vec::new(),
        };
        let message = format!("{}:{} grants nothing: {why}", call.service, call.operation);
        let note = Note::at(NoteKind::UnsetVariable, call.at.clone(), message);
        Besides { actions: grants.iter().filter_map(|grant| Action::parse(&grant.action)).collect(), note }
    };
    unset.requests.iter().map(of_request).collect()
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str], last_by: &str) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} {last_by} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(pieces: &[Result<&str, Hole>]) -> Text {
        Text::from_pieces(pieces.iter().map(|piece| match piece {
            Ok(text) => Piece::Literal((*text).into()),
            Err(hole) => Piece::Hole(hole.clone()),
        }))
    }

    #[test]
    fn only_what_somebody_could_name_is_lacking() {
        let added = || Err(Hole::Unknown(NO_REQUEST_SAYS.into()));
        let event = || Err(Hole::Event("name".into()));
        let count = |pieces: &[Result<&str, Hole>]| names(&arn(pieces)).len();
        assert_eq!(count(&[Ok("arn:aws:cloudformation:*:*:stack/orders/"), added()]), 0);
        assert_eq!(count(&[Ok("arn:aws:cloudformation:*:*:stack/"), event(), Ok("/"), added()]), 1);
        assert_eq!(count(&[Ok("arn:aws:execute-api:*:*:"), added()]), 1);
        assert_eq!(count(&[Ok("arn:aws:sqs:"), event(), Ok(":"), event(), Ok(":q")]), 1, "not the region");
        assert_eq!(count(&[event()]), 1);
    }
}
