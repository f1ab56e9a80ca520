//! What the calls and the settings of a function need.

use std::collections::BTreeSet;

use indexmap::{IndexMap, IndexSet};
use smol_str::SmolStr;

use super::{Evidence, FunctionReport, Settings};
use crate::bind::{self, Style};
use crate::catalog::{Answer, Authorization, Catalog, Grant, GrantCondition, Reason, Scope};
use crate::draft::{EvidenceId, Need};
use crate::flow::SdkCall;
use crate::iac::{RANDOM, Stack};
use crate::needs::{self, Wanted};
use crate::note::{Note, NoteKind};
use crate::sdk::{Confidence, Credentials};
use crate::value::{Hole, Piece, Text};

/// Looks up what each call needs.
pub(super) fn call_needs(report: &mut FunctionReport, settings: &Settings) {
    let style = if settings.symbolic { Style::Symbolic } else { Style::Literal };
    let stack = report.function.stack.clone();
    let mut seen_notes = BTreeSet::new();
    let own_name = needs::deployed_name(&report.function, settings.deployed_name(&report.name));
    let calls = std::mem::take(&mut report.calls);
    for (index, call) in calls.iter().enumerate() {
        if let Some(note) = other_credentials(call) {
            report.notes.push(note);
            continue;
        }
        let evidence = EvidenceId(report.evidence.len() as u32);
        report.evidence.push(Evidence::Call(index));
        let (region, narrow) = (call.region.as_ref(), settings.conditions);
        let answer = Catalog::embedded().narrow_answer(&call.service, &call.operation, &call.params, region, narrow);
        let answer = settled(answer, call, stack.as_deref(), narrow);
        for message in answer.notes {
            if seen_notes.insert((Some(call.at.clone()), message.clone())) {
                report.notes.push(Note::at(NoteKind::Info, call.at.clone(), message));
            }
        }
        match answer.authorization {
            Authorization::Grants(grants) => {
                let mut bound = Vec::new();
                for grant in grants {
                    let named = bind::name_sources(&grant, &report.function.events);
                    for note in assumed(&grant, &named, call) {
                        if seen_notes.insert((note.at.clone(), note.message.clone())) {
                            report.notes.push(note);
                        }
                    }
                    let grant = bind::name_function(named, &own_name);
                    if let (Some(stack), Some(encryption)) = (&stack, &answer.encryption) {
                        key_needs(report, &grant, stack, encryption, evidence, call.confidence, style);
                    }
                    bound.push(bind::bind(&grant, stack.as_deref(), style));
                }
                report.notes.extend(name_notes(&bound, call, settings.symbolic));
                for grant in bound {
                    let grant = if settings.symbolic { grant } else { bind::without_variables(grant) };
                    report.needs.push(Need { grant, evidence, confidence: call.confidence });
                }
            }
            Authorization::Permissionless => {}
            Authorization::Unknown(reason) => {
                let message = format!("{}:{}: {reason}; add the permission it needs by hand", call.service, call.operation);
                report.notes.push(Note::at(NoteKind::UnmappedOperation, call.at.clone(), message));
            }
        }
        if call.confidence == Confidence::Possible {
            let message = format!(
                "this may be {}:{}, but the client could not be resolved; --include possible adds it to the policy",
                call.service, call.operation
            );
            report.notes.push(Note::at(NoteKind::PossibleCall, call.at.clone(), message));
        }
    }
    report.calls = calls;
}

/// What is taken for granted where the template says what comes with the event: others may invoke the function, too.
fn assumed(grant: &Grant, named: &Grant, call: &SdkCall) -> Vec<Note> {
    let paths = |grant: &Grant| {
        let holes = grant.resources.iter().flat_map(Text::holes);
        holes.filter_map(|hole| if let Hole::Event(path) = hole { Some(path.clone()) } else { None }).collect::<BTreeSet<_>>()
    };
    let left = paths(named);
    let known = paths(grant).into_iter().filter(|path| !left.contains(path));
    let note = |path| {
        let message = format!("`{path}` of the event is taken to be what the template connects the function to");
        Note::at(NoteKind::Info, call.at.clone(), message)
    };
    known.map(note).collect()
}

/// Which kinds of resources a request is about can depend on values that are parameters of the template: then their
/// defaults decide, as what the deployment passes in is of the same kind as a rule.
fn settled(answer: Answer, call: &SdkCall, stack: Option<&Stack>, narrow: bool) -> Answer {
    let Some(known) = stack.and_then(|stack| bind::at_defaults(&call.params, stack)) else { return answer };
    let decided = Catalog::embedded().narrow_answer(&call.service, &call.operation, &known, call.region.as_ref(), narrow);
    match (kinds(&answer.authorization), kinds(&decided.authorization)) {
        // Where no kind stands before the name, as with buckets, there is only one.
        (Some(open), Some(closed)) if open != closed && open.iter().all(|(_, kind)| !kind.is_empty()) => decided,
        _ => answer,
    }
}

/// The kinds of resources of each action: their ARNs up to where names begin.
fn kinds(authorization: &Authorization) -> Option<BTreeSet<(&str, String)>> {
    let Authorization::Grants(grants) = authorization else { return None };
    let kind = |arn: &Text| arn.pattern().splitn(6, ':').nth(5).unwrap_or_default().split(['/', ':']).next().map(str::to_owned);
    let all = grants.iter().flat_map(|grant| grant.resources.iter().map(move |arn| (grant.action.as_str(), kind(arn))));
    Some(all.map(|(action, kind)| (action, kind.filter(|kind| !kind.contains('*')).unwrap_or_default())).collect())
}

/// Requests that are not signed with the function's role need nothing from it.
pub(super) fn other_credentials(call: &SdkCall) -> Option<Note> {
    let whose = match &call.credentials {
        Credentials::Own => return None,
        Credentials::Role(role) => match role.as_text().as_ref().and_then(Text::as_literal) {
            Some(arn) => format!("with the credentials of {arn}; that role needs the permission"),
            None => "with the credentials of an assumed role; that role needs the permission".to_owned(),
        },
        Credentials::Explicit => "with credentials of its own, not with the function's role".to_owned(),
        Credentials::Literal => "with credentials written into the source, not with the function's role".to_owned(),
    };
    let message = format!("{}:{} is called {whose}", call.service, call.operation);
    Some(Note::at(NoteKind::OtherCredentials, call.at.clone(), message))
}

/// What the customer keys behind the resources need.
pub(super) fn key_needs(
    report: &mut FunctionReport,
    grant: &Grant,
    stack: &Stack,
    encryption: &crate::catalog::Encryption,
    evidence: EvidenceId,
    confidence: Confidence,
    style: Style,
) {
    if grant.reason != Reason::Direct {
        return;
    }
    for resource in bind::references(grant, stack).collect::<Vec<_>>() {
        let Some(key) = resource.kms_key.filter(|key| !is_managed(key)) else { continue };
        let via = Text::from_pieces([
            Piece::Literal(smol_str::format_smolstr!("{}.", encryption.via_service)),
            Piece::Hole(Hole::Region),
            Piece::Literal(".amazonaws.com".into()),
        ]);
        for action in &encryption.actions {
            let grant = Grant {
                action: action.clone(),
                resources: vec![key_arn(&key)],
                scope: Scope::Resource,
                conditions: vec![GrantCondition {
                    operator: "StringLike".into(),
                    key: "kms:ViaService".into(),
                    values: vec![via.clone()],
                }],
                access_level: crate::catalog::AccessLevel::Write,
                reason: Reason::Forward(smol_str::format_smolstr!("{} is encrypted with a customer key", resource.id)),
                citation: None,
            };
            report.needs.push(Need { grant: bind::bind(&grant, Some(stack), style), evidence, confidence });
        }
    }
}

/// Whether a key is one of AWS's own, which its service may use for everyone: `alias/aws/ssm`.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk>
fn is_managed(key: &Text) -> bool {
    matches!(key.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("alias/aws/") || text.contains(":alias/aws/"))
}

/// A key's ARN from what a template writes: an ARN, a bare key id, or a reference. Which key an alias stands for is not known.
pub(super) fn key_arn(key: &Text) -> Text {
    let is_alias = matches!(key.pieces().first(), Some(Piece::Literal(text)) if text.starts_with("alias/"));
    let key = &if is_alias { Text::hole(Hole::Unknown("the key of an alias".into())) } else { key.clone() };
    if key.as_literal().is_some_and(|key| key.starts_with("arn:")) {
        return key.clone();
    }
    let mut arn = Text::from_pieces([
        Piece::Literal("arn:".into()),
        Piece::Hole(Hole::Partition),
        Piece::Literal(":kms:".into()),
        Piece::Hole(Hole::Region),
        Piece::Literal(":".into()),
        Piece::Hole(Hole::Account),
        Piece::Literal(":key/".into()),
    ]);
    arn.push_text(key);
    arn
}

/// Names in ARNs that the code does not tell: one note for each way in which some of the call's permissions lack a name.
pub(super) fn name_notes(grants: &[Grant], call: &SdkCall, symbolic: bool) -> Vec<Note> {
    let mut lacks: IndexMap<(&str, Lack), IndexSet<String>> = IndexMap::new();
    for grant in grants {
        for hole in grant.resources.iter().flat_map(Text::holes) {
            if let Some((lack, detail)) = lack(hole, grant.scope, symbolic) {
                lacks.entry((&grant.action, lack)).or_default().extend(detail);
            }
        }
    }
    let mut notes: IndexMap<(Lack, Vec<String>), Vec<&str>> = IndexMap::new();
    for ((action, lack), details) in lacks {
        notes.entry((lack, details.into_iter().collect())).or_default().push(action);
    }
    let note = |((lack, details), actions): ((Lack, Vec<String>), Vec<&str>)| {
        let part = format!("part of the resource of {}", listed(&actions));
        let (kind, message) = match lack {
            Lack::Event => {
                let paths = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
                (NoteKind::NameFromEvent, format!("{part} comes from the event{paths}, so the policy has `*` there"))
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
        Note::at(kind, call.at.clone(), message)
    };
    notes.into_iter().map(note).collect()
}

/// In which way a name is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Lack {
    Event,
    Variable(SmolStr),
    OwnName,
    Parameter(SmolStr),
    Unknown,
}

/// How a part of a name is unknown, if it is, and what there is to say about it.
fn lack(hole: &Hole, scope: Scope, symbolic: bool) -> Option<(Lack, Option<String>)> {
    match hole {
        Hole::Event(path) => Some((Lack::Event, (!path.is_empty()).then(|| format!("`{path}`")))),
        Hole::Env { name, default } => {
            // `os.environ.get("TABLE", "")` and `process.env.TABLE || "TABLE"` are no names to advise.
            let real = default.as_ref().filter(|default| !default.is_empty() && *default != name);
            Some((Lack::Variable(name.clone()), real.map(ToString::to_string)))
        }
        // The template's own language refers to it instead; the stack's name is part of names that the deployment makes up.
        Hole::Parameter(name) if !symbolic && scope == Scope::Resource && name != "AWS::StackName" => {
            Some((Lack::Parameter(name.clone()), None))
        }
        Hole::Context(path) if scope == Scope::Resource && bind::is_own_name(path) => Some((Lack::OwnName, None)),
        Hole::Unknown(why) if scope == Scope::Resource && why != RANDOM => Some((Lack::Unknown, Some(why.to_string()))),
        _ => None,
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Adds what the function's settings need.
pub(super) fn setting_needs(report: &mut FunctionReport, settings: &Settings) {
    let style = if settings.symbolic { Style::Symbolic } else { Style::Literal };
    let function_name = settings.deployed_name(&report.name).map(str::to_owned);
    let wanted = Wanted { logs: settings.logs, function_name, symbolic: settings.symbolic };
    let stack = report.function.stack.clone();
    let (needs, notes) = needs::of_settings(&report.function, &wanted);
    report.notes.extend(notes);
    for need in needs {
        let evidence = EvidenceId(report.evidence.len() as u32);
        report.evidence.push(Evidence::Setting { what: need.what, at: need.at });
        for (grant, encryption) in need.grants {
            if let (Some(stack), Some(encryption)) = (&stack, &encryption) {
                key_needs(report, &grant, stack, encryption, evidence, Confidence::Certain, style);
            }
            let grant = bind::bind(&grant, stack.as_deref(), style);
            report.needs.push(Need { grant, evidence, confidence: Confidence::Certain });
        }
    }
}
