//! What the calls and the settings of a function need.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::lacks::Lacks;
use super::placeholder::{Placeholders, without_placeholders};
use super::{Besides, Evidence, FunctionReport, Settings};
use crate::bind::{self, Style};
use crate::catalog::{Answer, Authorization, Catalog, Grant, GrantCondition, Reason, Scope};
use crate::draft::{EvidenceId, Need};
use crate::flow::SdkCall;
use crate::iac::Stack;
use crate::needs::{self, Wanted};
use crate::note::{Note, NoteKind};
use crate::policy::Action;
use crate::sdk::{Confidence, Credentials};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// Looks up what each call needs.
pub(super) fn call_needs(report: &mut FunctionReport, settings: &Settings, placeholders: &Placeholders) {
    let style = if settings.symbolic { Style::Symbolic } else { Style::Literal };
    let stack = report.function.stack.clone();
    let mut seen_notes = BTreeSet::new();
    let mut lacks = Lacks::new(settings.symbolic);
    let own_name = needs::deployed_name(&report.function, report.deployed.as_deref());
    let calls = std::mem::take(&mut report.calls);
    for (index, call) in calls.iter().enumerate() {
        if let Some(note) = other_credentials(call) {
            report.notes.push(note);
            continue;
        }
        let evidence = EvidenceId(report.evidence.len() as u32);
        report.evidence.push(Evidence::Call(index));
        let of_keys = stack.as_ref().and_then(|stack| bind::with_values(&call.params, |name, hole| key_meant(name, hole, stack)));
        let of_keys = of_keys.map(|params| SdkCall { params, ..call.clone() });
        let call = of_keys.as_ref().unwrap_or(call);
        let (region, narrow) = (call.region.as_ref(), settings.conditions);
        let answer = Catalog::embedded().narrow_answer(&call.service, &call.operation, &call.params, region, narrow);
        let answer = settled(answer, call, stack.as_deref(), narrow);
        let answer = with_copied_models(answer, call, stack.as_deref(), narrow);
        for message in answer.notes {
            let actions = actions_in(&message);
            if !actions.is_empty() {
                let note = Note::at(NoteKind::Info, call.at.clone(), message.clone());
                report.besides.push(Besides { actions, note });
            }
            if seen_notes.insert((Some(call.at.clone()), message.clone())) {
                report.notes.push(Note::at(NoteKind::Info, call.at.clone(), message));
            }
        }
        match answer.authorization {
            Authorization::Grants(grants) => {
                let mut bound = Vec::new();
                for grant in grants {
                    let grant = without_placeholders(grant, placeholders);
                    let named = bind::name_sources(&grant, &report.function.events);
                    for note in assumed(&grant, &named, call) {
                        if seen_notes.insert((note.at.clone(), note.message.clone())) {
                            report.notes.push(note);
                        }
                    }
                    let grant = bind::name_function(named, &own_name);
                    let grant = if settings.symbolic { bind::with_whole_arns(grant, &call.params) } else { grant };
                    if let (Some(stack), Some(encryption)) = (&stack, &answer.encryption) {
                        let basis = Basis { evidence, confidence: call.confidence, at: Some(&call.at) };
                        key_needs(report, &grant, stack, encryption, &basis, style);
                    }
                    let grant = bind::bind(&grant, stack.as_deref(), style);
                    let partition = settings.draft.partition.as_deref().filter(|_| !settings.symbolic);
                    bound.push(bind::in_one_partition(grant, partition));
                }
                lacks.add(&bound, call);
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
    report.notes.extend(lacks.into_notes());
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
        _ => with_derived(answer, decided, stack),
    }
}

/// The answer with what only the value of a parameter tells: the domain of a mail address.
fn with_derived(mut answer: Answer, decided: Answer, stack: Option<&Stack>) -> Answer {
    let (Authorization::Grants(open), Authorization::Grants(closed)) = (&mut answer.authorization, decided.authorization) else {
        return answer;
    };
    let count = |grants: &[Grant], action: &str| -> usize {
        grants.iter().filter(|grant| grant.action == action).map(|grant| grant.resources.len()).sum()
    };
    let known: Vec<Grant> = open.iter().map(|grant| bind::bind(grant, stack, Style::Literal)).collect();
    let is_known =
        |action: &str, resource: &Text| known.iter().any(|grant| grant.action == action && grant.resources.contains(resource));
    let more: Vec<Grant> =
        closed.iter().filter(|grant| count(&closed, &grant.action) > count(open, &grant.action)).cloned().collect();
    for mut grant in more {
        for own in open.iter_mut().filter(|own| own.action == grant.action) {
            own.spare |= grant.spare;
            grant.conditions.clone_from(&own.conditions);
        }
        let bound = bind::bind(&grant, stack, Style::Literal).resources;
        let mut derived = bound.iter().map(|resource| !is_known(&grant.action, resource));
        grant.resources.retain(|_| derived.next().unwrap_or_default());
        if !grant.resources.is_empty() {
            open.push(grant);
        }
    }
    answer
}

/// The answer with what the same request needs for the models that inference profiles of the template are copies of.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html>
fn with_copied_models(mut answer: Answer, call: &SdkCall, stack: Option<&Stack>, narrow: bool) -> Answer {
    let copied = |hole: &Hole, stack: &Stack| stack.resources.get(&stack.resolve(hole)?.id)?.copied_model();
    let params = stack.and_then(|stack| bind::with_values(&call.params, |_, hole| copied(hole, stack)));
    let (Some(params), Authorization::Grants(grants)) = (params, &mut answer.authorization) else { return answer };
    let of_models = Catalog::embedded().narrow_answer(&call.service, &call.operation, &params, call.region.as_ref(), narrow);
    let Authorization::Grants(more) = of_models.authorization else { return answer };
    for mut grant in more {
        let known = |arn: &Text| grants.iter().any(|own| own.action == grant.action && own.resources.contains(arn));
        grant.resources = grant.resources.iter().filter(|arn| !known(arn)).cloned().collect();
        if !grant.resources.is_empty() {
            grants.push(grant);
        }
    }
    answer
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

/// The actions that a sentence names.
fn actions_in(message: &str) -> Vec<Action> {
    let words = message.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
    words.filter_map(|word| Action::parse(&Catalog::embedded().action(word)?.action)).collect()
}

/// What a need rests on.
struct Basis<'a> {
    evidence: EvidenceId,
    confidence: Confidence,
    at: Option<&'a Location>,
}

/// What the customer keys behind the resources need.
fn key_needs(
    report: &mut FunctionReport,
    grant: &Grant,
    stack: &Stack,
    encryption: &crate::catalog::Encryption,
    basis: &Basis<'_>,
    style: Style,
) {
    let Basis { evidence, confidence, at } = *basis;
    if grant.reason != Reason::Direct {
        return;
    }
    let behind = bind::references(grant, stack);
    if behind.is_empty() {
        let message = format!("whether what {} is about is encrypted with a customer key is not known", grant.action);
        let note = Note { at: at.cloned(), ..Note::general(NoteKind::Info, message) };
        report
            .besides
            .push(Besides { actions: encryption.actions.iter().filter_map(|action| Action::parse(action)).collect(), note });
    }
    for resource in behind {
        let Some(key) = resource.kms_key.filter(|key| !crate::catalog::is_managed_key(key)) else { continue };
        let via = Text::from_pieces([
            Piece::Literal(smol_str::format_smolstr!("{}.", encryption.via_service)),
            Piece::Hole(Hole::Region),
            Piece::Literal(".amazonaws.com".into()),
        ]);
        for action in &encryption.actions {
            let grant = Grant {
                action: action.clone(),
                resources: vec![key_arn(&key, stack)],
                scope: Scope::Resource,
                conditions: vec![GrantCondition {
                    operator: "StringLike".into(),
                    key: "kms:ViaService".into(),
                    values: vec![via.clone()],
                }],
                access_level: crate::catalog::AccessLevel::Write,
                spare: false,
                reason: Reason::Forward(smol_str::format_smolstr!("{} is encrypted with a customer key", resource.id)),
                citation: None,
            };
            report.needs.push(Need { grant: bind::bind(&grant, Some(stack), style), evidence, confidence });
        }
    }
}

/// The name behind `alias/`, where a key is written as an alias.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html>
fn alias_name(key: &Text) -> Option<Text> {
    let (before, name) = key.split_once("alias/")?;
    (before.pieces().is_empty() || before.pattern().ends_with(':')).then_some(name)
}

/// The key that an alias of the template stands for.
fn key_of_alias(key: &Text, stack: &Stack) -> Option<Text> {
    let name = alias_name(key);
    let referred = key.as_hole().and_then(|hole| stack.resolve(hole)).map(|resource| resource.id);
    let mut aliases = stack.resources.values().filter_map(|alias| Some((&alias.id, alias.key_alias()?)));
    let is_meant =
        |id: &SmolStr, own: Option<&Text>| referred.as_ref() == Some(id) || name.is_some() && own.and_then(alias_name) == name;
    let (_, (_, key)) = aliases.find(|(id, (own, _))| is_meant(id, own.as_ref()))?;
    key
}

/// The key that a request means where it names an alias of the template: the one that it stands for, else the alias as it is written.
fn key_meant(parameter: &str, hole: &Hole, stack: &Stack) -> Option<Text> {
    if !parameter.to_ascii_lowercase().ends_with("keyid") {
        return None;
    }
    let alias = stack.resolve(hole)?;
    stack.resources.get(&alias.id)?.key_alias()?;
    key_of_alias(&Text::hole(hole.clone()), stack).or_else(|| (alias.value.as_hole() != Some(hole)).then_some(alias.value))
}

/// A key's ARN from what a template writes: an ARN, a bare key id, or a reference. Which key an alias stands for is known where the
/// template declares it.
fn key_arn(key: &Text, stack: &Stack) -> Text {
    let key = &match key_of_alias(key, stack) {
        Some(known) => known,
        None if alias_name(key).is_some() => Text::hole(Hole::Unknown("the key of an alias".into())),
        None => key.clone(),
    };
    if matches!(key.pieces().first(), Some(Piece::Literal(start)) if start.starts_with("arn:")) {
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

/// Adds what the function's settings need.
pub(super) fn setting_needs(report: &mut FunctionReport, settings: &Settings) {
    let style = if settings.symbolic { Style::Symbolic } else { Style::Literal };
    let wanted = Wanted { logs: settings.logs, function_name: report.deployed.clone(), symbolic: settings.symbolic };
    let stack = report.function.stack.clone();
    let (needs, notes) = needs::of_settings(&report.function, &wanted);
    report.notes.extend(notes);
    for need in needs {
        let evidence = EvidenceId(report.evidence.len() as u32);
        report.evidence.push(Evidence::Setting { what: need.what, at: need.at.clone() });
        let basis = Basis { evidence, confidence: Confidence::Certain, at: need.at.as_ref() };
        for (grant, encryption) in need.grants {
            if let (Some(stack), Some(encryption)) = (&stack, &encryption) {
                key_needs(report, &grant, stack, encryption, &basis, style);
            }
            let grant = bind::bind(&grant, stack.as_deref(), style);
            report.needs.push(Need { grant, evidence, confidence: Confidence::Certain });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_names_no_key() {
        let file = crate::span::SourceFile::new("template.yaml", "");
        let stack = Stack::new(crate::iac::Format::Sam, &file, ".");
        let whole = Text::from_pieces([
            Piece::Literal("arn:aws:kms:".into()),
            Piece::Hole(Hole::Region),
            Piece::Literal(":123456789012:alias/jobs".into()),
        ]);
        assert_eq!(key_arn(&whole, &stack).pattern(), "arn:*:kms:*:*:key/*");
        assert_eq!(key_arn(&Text::literal("alias/jobs"), &stack).pattern(), "arn:*:kms:*:*:key/*");
        let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
        assert_eq!(key_arn(&Text::literal(key), &stack).pattern(), key);
    }
}
