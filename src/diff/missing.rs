//! What the code needs and the role does not allow.

use std::collections::BTreeMap;

use super::observed;
use super::subject::Subject;
use super::wanted::Wanted;
use super::{Finding, Options, Place, Rule, Severity, listed, remedy};
use crate::catalog::Reason;
use crate::declared::{Holder, is_guarded_in_sight};
use crate::flow::SdkCall;
use crate::iac::{Format, RoleRef};
use crate::needs::instead_of;
use crate::pipeline::{Evidence, FunctionReport};
use crate::policy::algebra::{Coverage, Decision, Doubt};
use crate::policy::{Action, ActionPattern};
use crate::value::{Hole, unchanged};

/// Finds missing permissions, and those of which it cannot be told.
pub(super) fn find(subject: &Subject<'_>, options: &Options, out: &mut Vec<Finding>) {
    if let Some(reason) = subject.unknown_role.as_ref().filter(|_| subject.policies.is_empty()) {
        if subject.functions[0].function.stack.is_some() {
            out.push(unknown_role(subject, reason));
        }
        return;
    }
    let mut of_settings: BTreeMap<(usize, Option<Place>), Vec<&Wanted>> = BTreeMap::new();
    let sure = subject.wanted.iter().filter(|wanted| wanted.is_sure() && !is_given(subject, wanted));
    let open = sure.map(|wanted| (wanted, subject.allowed(wanted)));
    let open: Vec<(&Wanted, Decision)> = open.filter(|(_, decision)| decision.coverage != Coverage::Full).collect();
    let mut alike: BTreeMap<(usize, &Action), Vec<(&Wanted, Coverage)>> = BTreeMap::new();
    for (wanted, decision) in &open {
        alike.entry((wanted.function, &wanted.action)).or_default().push((wanted, decision.coverage));
    }
    for (wanted, decision) in &open {
        let others = &alike[&(wanted.function, &wanted.action)];
        if others.iter().any(|(other, by)| *by == decision.coverage && says_as_much(other, wanted)) {
            continue;
        }
        match decision.coverage {
            Coverage::Full => {}
            Coverage::None if wanted.by_settings && is_met_otherwise(subject, wanted) => {}
            Coverage::None if wanted.by_settings => {
                let setting = remedy::places(subject, &[wanted]).into_iter().next();
                of_settings.entry((wanted.function, setting)).or_default().push(wanted);
            }
            // Names that deployment makes up are compared with names that people guess.
            Coverage::Partial if wanted.by_settings => {}
            Coverage::None if wanted.spare && is_allowed_beside(subject, wanted) => out.push(spared(subject, wanted, options)),
            Coverage::None => out.push(missing(subject, wanted, options)),
            Coverage::Partial => out.extend(partly(subject, wanted, &decision.doubts, options)),
        }
    }
    out.extend(of_settings.into_iter().map(|((_, setting), wanted)| for_setting(subject, setting, &wanted, options)));
}

/// Whether what is said of one need says it of another one of the same function, action and requests: its resource covers the
/// other's.
fn says_as_much(wider: &Wanted, narrower: &Wanted) -> bool {
    let covers = |wider: &Wanted, narrower: &Wanted| wider.resource.covers(&narrower.resource);
    (wider.by_settings, wider.spare) == (narrower.by_settings, narrower.spare)
        && wider.conditions == narrower.conditions
        && narrower.evidence.iter().all(|evidence| wider.evidence.contains(evidence))
        && covers(wider, narrower)
        && !covers(narrower, wider)
}

/// Whether the format grants a need by itself, whatever is declared.
pub(super) fn is_given(subject: &Subject<'_>, wanted: &Wanted) -> bool {
    wanted.by_settings && subject.is_used_by_runtime(wanted.action.as_str()) && implicit_role(subject)
}

/// Whether what a setting needs is allowed in another way that is known to work: for an action that is about no resource, on what the
/// setting is about, which is how frameworks write `ListStreams`; or by the action that may stand in its place.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.Tutorial.html>
fn is_met_otherwise(subject: &Subject<'_>, wanted: &Wanted) -> bool {
    let of_setting = |other: &&Wanted| {
        other.function == wanted.function && other.evidence.iter().any(|evidence| wanted.evidence.contains(evidence))
    };
    let others = || subject.wanted.iter().filter(of_setting);
    let on_source = || others().filter(|other| !other.resource.is_any()).map(|other| &other.resource);
    let own = wanted.resource.is_any() && on_source().any(|source| subject.allows(&wanted.pattern, source));
    own || instead_of(wanted.action.as_str()).and_then(ActionPattern::parse).is_some_and(|action| {
        std::iter::once(&wanted.resource).chain(on_source()).any(|resource| subject.allows(&action, resource))
    })
}

/// What a setting of a function needs and the role does not allow.
fn for_setting(subject: &Subject<'_>, setting: Option<Place>, wanted: &[&Wanted], options: &Options) -> Finding {
    // Without its logs and traces a function still runs.
    let runs = |wanted: &&Wanted| wanted.spare || matches!(wanted.action.service(), "logs" | "xray" | "cloudwatch");
    let severity = if wanted.iter().all(runs) { Severity::Info } else { Severity::High };
    let mut finding = about(subject, wanted[0], Rule::MissingPermission, severity, options);
    let mut unread = unread(subject);
    unread.extend(wanted.iter().find_map(|wanted| resource_side(subject, wanted)));
    if !unread.is_empty() {
        finding.rule = Rule::Undecidable;
    }
    let format = remedy::format_of(subject);
    finding.permissions =
        wanted.iter().map(|wanted| (wanted.action.to_string(), vec![remedy::named(&wanted.shown, format)])).collect();
    finding.code = setting.into_iter().collect();
    finding.statements = remedy::statements(subject, wanted, options);
    finding.about.needs = wanted.iter().map(|wanted| wanted.position).collect();
    let actions: Vec<String> = finding.permissions.iter().map(|(action, _)| action.clone()).collect();
    let what = finding.code.first().map_or("a setting", |place| place.what.as_str());
    let list = listed(&actions);
    finding.message = format!("{} ({what}) needs {list}, which the role does not allow", finding.functions[0]);
    finding.remedy = format!("allow {list}");
    finding.doubtful(unread);
    finding.identify(&[]);
    finding
}

/// Whether the format makes the role and grants what settings need by itself.
fn implicit_role(subject: &Subject<'_>) -> bool {
    subject.functions.iter().all(|function| function.function.role == RoleRef::Implicit) && options_are_templates(subject)
}

fn options_are_templates(subject: &Subject<'_>) -> bool {
    !subject.policies.iter().any(|policy| policy.holder == Holder::File)
}

fn unknown_role(subject: &Subject<'_>, reason: &str) -> Finding {
    let names = subject.functions.iter().map(|function| function.name.clone()).collect();
    let mut finding = Finding::new(Rule::Undecidable, Severity::Info, names);
    finding.message = format!("{reason}, so there is nothing to compare the code with");
    "name the role's policy with --role FILE".clone_into(&mut finding.remedy);
    finding.declared = declared_at(subject, 0);
    finding.identify(&["role"]);
    finding
}

fn declared_at(subject: &Subject<'_>, function: usize) -> Vec<Place> {
    let function = &subject.functions[function].function;
    let place = |at: &crate::span::Location| Place { at: Some(at.clone()), what: "the function is declared here".to_owned() };
    function.origin.iter().map(place).collect()
}

/// Why the role may allow more than could be read.
fn unread(subject: &Subject<'_>) -> Vec<String> {
    let mut doubts = remedy::sentences(subject.policies.iter().flat_map(|policy| &policy.unread));
    doubts.extend(subject.unknown_role.clone());
    let by_template = subject.policies.iter().all(|policy| policy.holder != Holder::File);
    match remedy::format_of(subject) {
        Some(Format::CdkSource) if by_template => {
            doubts.push("constructs grant permissions that only `cdk synth` shows: run leash on cdk.out".to_owned());
        }
        Some(Format::Zappa) if by_template => {
            doubts.push("the framework makes the role's policy when it deploys".to_owned());
        }
        _ => {}
    }
    doubts
}

/// A finding about one need.
fn about(subject: &Subject<'_>, wanted: &Wanted, rule: Rule, severity: Severity, options: &Options) -> Finding {
    let function = subject.functions[wanted.function];
    let resource = remedy::named(&wanted.shown, remedy::format_of(subject));
    let mut finding = Finding::new(rule, severity, vec![function.name.clone()]);
    finding.permissions = vec![(wanted.action.to_string(), vec![resource])];
    finding.code = remedy::places(subject, &[wanted]);
    finding.declared = declared_at(subject, wanted.function);
    finding.statements = remedy::statements(subject, &[wanted], options);
    finding.about.needs = vec![wanted.position];
    finding
}

fn missing(subject: &Subject<'_>, wanted: &Wanted, options: &Options) -> Finding {
    let mut doubts = unread(subject);
    doubts.extend(resource_side(subject, wanted));
    let (rule, severity) = if doubts.is_empty() {
        (Rule::MissingPermission, Severity::of_reach(wanted.level))
    } else {
        (Rule::Undecidable, Severity::Low)
    };
    let mut finding = about(subject, wanted, rule, severity, options);
    let what = &subject.functions[wanted.function].name;
    let resource = &finding.permissions[0].1[0];
    finding.message = if doubts.is_empty() {
        format!("{what} needs {} on {resource}, which the role does not allow", wanted.action)
    } else {
        format!("{what} needs {} on {resource}, which nothing that leash can read allows", wanted.action)
    };
    finding.remedy = format!("allow {} on {resource}", wanted.action);
    finding.doubts = doubts;
    finding.identify(&[]);
    if let Some(observed) = &options.observed {
        finding.code.extend(observed::met(subject, wanted, observed));
    }
    finding
}

/// Whether the role allows the same action on something else that the same requests may be about.
fn is_allowed_beside(subject: &Subject<'_>, wanted: &Wanted) -> bool {
    subject.wanted.iter().any(|other| {
        other.function == wanted.function
            && other.action == wanted.action
            && other.resource != wanted.resource
            && other.evidence.iter().any(|evidence| wanted.evidence.contains(evidence))
            && subject.allowed(other).coverage != Coverage::None
    })
}

/// A need that is none where the request turns out to be about what the role allows.
fn spared(subject: &Subject<'_>, wanted: &Wanted, options: &Options) -> Finding {
    let mut finding = about(subject, wanted, Rule::Undecidable, Severity::Info, options);
    let resource = &finding.permissions[0].1[0];
    let name = &subject.functions[wanted.function].name;
    finding.message = format!("{name} may need {} on {resource}, and the role allows it on other resources", wanted.action);
    "check what the request is about".clone_into(&mut finding.remedy);
    finding.doubts = vec!["whether the request is about that does not follow from the call".to_owned()];
    finding.identify(&[]);
    finding
}

/// Permissions that the resource itself may give, without the role, or that only some requests need.
///
/// Keys: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html>, roles:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-context.html>
fn resource_side(subject: &Subject<'_>, wanted: &Wanted) -> Option<String> {
    let function = subject.functions[wanted.function];
    let needs = || wanted.needs.iter().filter_map(|position| function.needs.get(*position));
    let in_sight = || function.function.stack.as_deref().is_some_and(|stack| is_guarded_in_sight(wanted.shown.text(), stack));
    if (wanted.action.service() == "kms" || wanted.action.as_str() == "sts:AssumeRole") && !in_sight() {
        return Some("the policy of the resource itself may allow it, which leash does not read".to_owned());
    }
    if let Some(Reason::Forward(what)) = needs().next().map(|need| &need.grant.reason) {
        return Some(format!("it is needed only where {what}"));
    }
    helper(subject, wanted)
}

/// A helper of a library makes several requests, some of them in some cases only (the clean-up of a failed upload). When
/// another request of the same call is allowed, the call may well work as it is.
fn helper(subject: &Subject<'_>, wanted: &Wanted) -> Option<String> {
    let function = subject.functions[wanted.function];
    let calls: Vec<&SdkCall> = calls_of(function, wanted).collect();
    let via = calls.first()?.via.as_ref()?;
    let beside = |call: &&SdkCall| {
        call.via.is_some()
            && subject.wanted.iter().any(|other| {
                other.function == wanted.function
                    && other.action != wanted.action
                    && calls_of(function, other).any(|sibling| sibling.at == call.at && sibling.via == call.via)
                    && subject.allowed(other).coverage != Coverage::None
            })
    };
    calls.iter().all(beside).then(|| format!("{via} makes this request in some cases only, and what else it does is allowed"))
}

fn calls_of<'f>(function: &'f FunctionReport, wanted: &'f Wanted) -> impl Iterator<Item = &'f SdkCall> {
    wanted.evidence.iter().filter_map(|id| match function.evidence.get(id.0 as usize) {
        Some(Evidence::Call(index)) => function.calls.get(*index),
        _ => None,
    })
}

/// A need that the role allows in part, or sometimes.
fn partly(subject: &Subject<'_>, wanted: &Wanted, doubts: &[Doubt], options: &Options) -> Option<Finding> {
    // A condition that somebody wrote is meant to hold for what the function does.
    if doubts.iter().any(|doubt| matches!(doubt, Doubt::Condition(_)))
        && !doubts.iter().any(|doubt| matches!(doubt, Doubt::Denied(_)))
    {
        return None;
    }
    let mut reasons = Vec::new();
    if doubts.iter().any(|doubt| matches!(doubt, Doubt::Denied(_))) {
        reasons.push("a statement denies part of it".to_owned());
    }
    if doubts.iter().any(|doubt| matches!(doubt, Doubt::Unread(_))) {
        reasons.push("a statement could not be read completely".to_owned());
    }
    if doubts.iter().any(|doubt| matches!(doubt, Doubt::Part(_))) {
        reasons.push(open_part(wanted));
    }
    let mut finding = about(subject, wanted, Rule::Undecidable, Severity::Info, options);
    let resource = &finding.permissions[0].1[0];
    let name = &subject.functions[wanted.function].name;
    let is_denied = |doubt: &Doubt| matches!(doubt, Doubt::Denied(_));
    finding.message = if doubts.iter().all(is_denied) {
        format!("{name} needs {} on {resource}, and the role denies some of it", wanted.action)
    } else {
        format!("{name} needs {} on {resource}, and the role allows it on some resources", wanted.action)
    };
    "check that the role covers the resource that is used".clone_into(&mut finding.remedy);
    finding.declared = served_by(subject, wanted);
    finding.doubts = reasons;
    finding.identify(&[]);
    Some(finding)
}

/// What is not known of the resource.
fn open_part(wanted: &Wanted) -> String {
    let part = wanted.shown.text().holes().find_map(|hole| match hole {
        Hole::Event(path) => Some(match unchanged(path) {
            "" => "a part of its name comes from the event".to_owned(),
            part => format!("a part of its name comes from the event ({part})"),
        }),
        Hole::Env { name, .. } => Some(format!("a part of its name is the environment variable {name}")),
        Hole::Parameter(name) => Some(format!("a part of its name is the parameter {name}")),
        Hole::Context(_) | Hole::Response { .. } | Hole::Content(_) | Hole::Unknown(_) => {
            Some("a part of its name is not known".to_owned())
        }
        Hole::Resource { id, .. } => Some(format!("the name of {id} is decided by the deployment")),
        Hole::Partition | Hole::Region | Hole::Account => None,
    });
    part.unwrap_or_else(|| "which resource it is does not follow from the call".to_owned())
}

/// The statements that allow some of it.
fn served_by(subject: &Subject<'_>, wanted: &Wanted) -> Vec<Place> {
    let serves = |list: &[usize]| list.iter().any(|index| std::ptr::eq(&raw const subject.wanted[*index], wanted));
    let places = subject.granted().filter(|(_, _, served)| serves(&served.all));
    places.map(|(policy, granted, _)| Place { at: Some(granted.origin.clone()), what: policy.label.clone() }).collect()
}
