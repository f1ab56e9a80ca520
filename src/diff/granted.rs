//! What the role allows, one verdict per declared permission, and findings for what nothing uses.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use super::allow::Allowances;
use super::free::Free;
use super::observed;
use super::remedy;
use super::served::Served;
use super::subject::Subject;
use super::wanted::Wanted;
use super::{Finding, Options, Permission, Place, Rule, Severity, Verdict, highest, listed};
use crate::catalog::{AccessLevel, Catalog};
use crate::declared::{Granted, Kind, Policy};
use crate::policy::{ActionPattern, ArnPattern, Clause, Effect};

/// Gives each declared permission its verdict, and finds what is unused.
pub(super) fn find(subject: &Subject<'_>, options: &Options, allowances: &Allowances, out: &mut Vec<Finding>) -> Vec<Permission> {
    let mut permissions = Vec::new();
    let mut untold = Untold::default();
    let free = LazyCell::new(|| Free::of(subject));
    for (index, (policy, served)) in subject.policies.iter().zip(&subject.served).enumerate() {
        let mut unused = Groups::new();
        for (position, (granted, served)) in policy.statements.iter().zip(served).enumerate() {
            let Clause::Only(actions) = &granted.shown.actions else { continue };
            if policy.kind == Kind::Implicit || granted.shown.effect == Effect::Deny {
                continue;
            }
            for action in actions {
                let mut verdict = verdict(subject, action, served);
                if !matches!(verdict, Verdict::Used(_))
                    && let Some(place) = allowances.covers(&names(subject), action.as_str(), granted.compared.resources.items())
                {
                    verdict = Verdict::Used(vec![place]);
                }
                if !matches!(verdict, Verdict::Used(_))
                    && let Some(observed) = &options.observed
                {
                    verdict = observed::verdict(subject, action, &granted.compared, observed).unwrap_or(verdict);
                }
                match &verdict {
                    // The statements of a policy that is only named cannot be changed one by one.
                    Verdict::Unused if policy.kind == Kind::Named => {
                        unused.entry((0, String::new())).or_default().push((granted, action));
                    }
                    Verdict::Unused => {
                        let service = action.service().to_ascii_lowercase();
                        unused.entry((position, service)).or_default().push((granted, action));
                    }
                    // There is a finding of its own for these.
                    Verdict::CannotTell(_) if is_unknown(action) => {}
                    Verdict::CannotTell(why) => untold.add(action, policy, granted, why),
                    Verdict::Used(_) => {}
                }
                let unit = (index, position);
                permissions.push(Permission { unit, ..permission(subject, policy, granted, action, verdict) });
            }
        }
        if !is_for_pollers(subject, policy, &unused) {
            out.extend(unused.values().map(|unused| unused_actions(subject, policy, unused, &free, options)));
        }
    }
    out.extend(subject.policies.iter().flat_map(|policy| unknown_actions(subject, policy)));
    out.extend(subject.policies.iter().flat_map(|policy| malformed_resources(subject, policy)));
    out.extend(untold.finding(subject));
    out.extend(unread(subject));
    permissions
}

/// Whether a policy that is only named is there for an event source or the like, with nothing in it that another service
/// would need. What it allows beyond that is AWS's choice, not the user's.
fn is_for_pollers(subject: &Subject<'_>, policy: &Policy, unused: &Groups<'_>) -> bool {
    let runtime = |service: &str| Catalog::embedded().actions_of(service).iter().any(|action| subject.is_used_by_runtime(action));
    let harmless = |action: &ActionPattern| levels(action).iter().all(|level| *level < AccessLevel::PermissionsManagement);
    policy.kind == Kind::Named
        && kept(subject, policy).is_empty()
        && policy.statements.iter().flat_map(|granted| granted.shown.actions.items()).any(|action| {
            Catalog::embedded().expand_action_pattern(action.as_str()).iter().any(|action| subject.is_used_by_runtime(action))
        })
        && unused.values().flatten().all(|(_, action)| !action.has_wildcard() && harmless(action) && runtime(action.service()))
}

/// Unused actions by statement and service.
type Groups<'s> = BTreeMap<(usize, String), Vec<(&'s Granted, &'s ActionPattern)>>;

fn permission(subject: &Subject<'_>, policy: &Policy, granted: &Granted, action: &ActionPattern, verdict: Verdict) -> Permission {
    Permission {
        action: action.to_string(),
        resources: resources(subject, granted),
        policy: policy.label.clone(),
        at: granted.origin.clone(),
        verdict,
        unit: (0, 0),
    }
}

/// The resources of a statement as the template names them.
pub(super) fn resources(subject: &Subject<'_>, granted: &Granted) -> Vec<String> {
    let format = remedy::format_of(subject);
    granted.shown.resources.items().iter().map(|resource| remedy::named(resource, format)).collect()
}

/// The needs among some that an action pattern serves.
pub(super) fn needs_of<'s>(subject: &'s Subject<'_>, action: &ActionPattern, served: &[usize]) -> Vec<&'s Wanted> {
    let needs = served.iter().filter_map(|index| subject.wanted.get(*index));
    needs.filter(|wanted| action.matches(&wanted.action)).collect()
}

/// What is known about one declared action.
fn verdict(subject: &Subject<'_>, action: &ActionPattern, served: &Served) -> Verdict {
    let needs = needs_of(subject, action, &served.all);
    let (sure, possible): (Vec<&Wanted>, Vec<&Wanted>) = needs.into_iter().partition(|wanted| wanted.is_sure());
    if !sure.is_empty() {
        return Verdict::Used(remedy::places(subject, &sure));
    }
    let runtime = match action.as_action() {
        Some(action) => subject.is_used_by_runtime(action.as_str()),
        None => {
            Catalog::embedded().expand_action_pattern(action.as_str()).iter().any(|action| subject.is_used_by_runtime(action))
        }
    };
    if runtime {
        return Verdict::Used(vec![Place { at: None, what: "Lambda itself".to_owned() }]);
    }
    if is_unknown(action) {
        return Verdict::CannotTell(vec!["leash knows no such action".to_owned()]);
    }
    let mut why: Vec<String> = remedy::places(subject, &possible)
        .iter()
        .map(|place| match &place.at {
            Some(at) => format!("{}: this may be {}", at.short(), place.what),
            None => format!("this may be {}", place.what),
        })
        .collect();
    why.extend(doubts(subject, action));
    if why.is_empty() { Verdict::Unused } else { Verdict::CannotTell(why) }
}

/// Why an action that nothing uses may be needed all the same.
pub(super) fn doubts(subject: &Subject<'_>, action: &ActionPattern) -> Vec<String> {
    let service = action.service().to_ascii_lowercase();
    let concerns = |prefix: &str| prefix == "*" || service.contains(['*', '?']) || service == prefix;
    let unmapped = subject.unmapped.iter().filter(|(prefix, _)| concerns(prefix)).map(|(_, note)| note);
    let besides = subject.functions.iter().flat_map(|function| &function.besides);
    let besides =
        besides.filter(|besides| besides.actions.iter().any(|other| action.matches(other))).map(|besides| &besides.note);
    let mut all = remedy::sentences(subject.blockers.iter().chain(unmapped).chain(besides));
    all.extend(observed::doubts(subject, action));
    all
}

/// Actions that only appear where something is unknown: one finding for all of them.
#[derive(Default)]
struct Untold {
    permissions: Vec<(String, Vec<String>)>,
    declared: Vec<Place>,
    why: Vec<String>,
}

impl Untold {
    fn add(&mut self, action: &ActionPattern, policy: &Policy, granted: &Granted, why: &[String]) {
        self.permissions.push((action.to_string(), Vec::new()));
        self.declared.push(Place { at: Some(granted.origin.clone()), what: policy.label.clone() });
        self.why.extend_from_slice(why);
    }

    fn finding(mut self, subject: &Subject<'_>) -> Option<Finding> {
        if self.permissions.is_empty() {
            return None;
        }
        self.why.sort();
        self.why.dedup();
        self.permissions.sort();
        self.permissions.dedup();
        self.declared.sort();
        self.declared.dedup();
        let mut finding = Finding::new(Rule::Undecidable, Severity::Info, names(subject));
        let actions: Vec<String> = self.permissions.iter().map(|(action, _)| action.clone()).collect();
        let (verb, them) = if actions.len() == 1 { ("is", "it") } else { ("are", "them") };
        finding.message =
            format!("whether {} {verb} needed cannot be told: nothing that was found uses {them}", listed(&actions));
        "resolve what stands in the way before removing anything".clone_into(&mut finding.remedy);
        finding.permissions = self.permissions;
        finding.declared = self.declared;
        finding.doubts = self.why;
        finding.identify(&["untold"]);
        Some(finding)
    }
}

/// The functions of a subject.
pub(super) fn names(subject: &Subject<'_>) -> Vec<smol_str::SmolStr> {
    subject.functions.iter().map(|function| function.name.clone()).collect()
}

/// Actions of one policy or statement that nothing uses.
fn unused_actions(
    subject: &Subject<'_>,
    policy: &Policy,
    unused: &[(&Granted, &ActionPattern)],
    free: &Free,
    options: &Options,
) -> Finding {
    let granted = unused[0].0;
    let uses = |service: &str| {
        let by_code = subject.wanted.iter().any(|wanted| wanted.action.service().eq_ignore_ascii_case(service));
        let besides = subject.functions.iter().flat_map(|function| &function.besides).flat_map(|besides| &besides.actions);
        by_code
            || besides.into_iter().any(|action| action.service().eq_ignore_ascii_case(service))
            || Catalog::embedded().actions_of(service).iter().any(|action| subject.is_used_by_runtime(action))
    };
    let mut services: Vec<String> = unused.iter().map(|(_, action)| action.service().to_ascii_lowercase()).collect();
    services.sort();
    services.dedup();
    let whole_service = services.iter().all(|service| !service.contains(['*', '?']) && !uses(service));
    let rule = if whole_service { Rule::UnusedService } else { Rule::UnusedAction };
    let level = highest(unused.iter().flat_map(|(_, action)| levels(action)));
    let mut finding = Finding::new(rule, Severity::of_excess(level), names(subject));
    let actions: Vec<String> = unused.iter().map(|(_, action)| action.to_string()).collect();
    let list = listed(&actions);
    finding.message = if whole_service {
        format!("{} allows {list}, and no code that {} reaches uses {} at all", policy.label, subject.name(), listed(&services))
    } else {
        format!("{} allows {list}, which no code that {} reaches uses", policy.label, subject.name())
    };
    let free: Vec<_> = unused.iter().map(|(_, action)| free.named(action)).collect();
    if let Some(at) = free.iter().flat_map(|(places, _)| places).find_map(|place| place.at.as_ref()) {
        let is_all = free.iter().all(|(places, _)| !places.is_empty());
        let names: BTreeSet<String> = free.iter().flat_map(|(places, _)| places).map(|place| place.what.clone()).collect();
        let names: Vec<String> = names.into_iter().collect();
        let needs = if names.len() == 1 { "needs" } else { "need" };
        finding.message = if is_all {
            format!("{} allows {list}, which {} calls and which {needs} no permission", policy.label, at.short())
        } else {
            format!("{}; {} calls {}, which {needs} no permission", finding.message, at.short(), listed(&names))
        };
    }
    finding.code = free.iter().flat_map(|(places, _)| places).cloned().collect();
    let kept = kept(subject, policy);
    let all = granted.shown.actions.items().len() == unused.len();
    finding.remedy = match policy.kind {
        Kind::Written if all => "remove the statement".to_owned(),
        Kind::Written => format!("remove {list} from the statement"),
        _ if kept.is_empty() => format!("remove {}", policy.label),
        _ => format!("replace {} by a statement with what is used", policy.label),
    };
    if let Some(page) = free.iter().find_map(|(_, page)| page.as_ref()) {
        finding.remedy = format!("{} ({page})", finding.remedy);
    }
    if policy.kind == Kind::Named && !kept.is_empty() {
        finding.statements = remedy::statements(subject, &kept, options);
        // What the statement leaves out although it was seen.
        let actions = policy.statements.iter().flat_map(|granted| granted.shown.actions.items());
        finding.doubts = actions.flat_map(|action| observed::doubts(subject, action)).collect();
        finding.doubts.sort();
        finding.doubts.dedup();
    }
    finding.permissions = unused.iter().map(|(granted, action)| (action.to_string(), resources(subject, granted))).collect();
    finding.declared = vec![Place { at: Some(granted.origin.clone()), what: policy.label.clone() }];
    finding.about.units = subject.units(policy, unused.iter().map(|(granted, _)| *granted));
    finding.identify(&[&policy.key]);
    finding
}

/// Everything that a policy is used for.
pub(super) fn kept<'s>(subject: &'s Subject<'_>, policy: &Policy) -> Vec<&'s Wanted> {
    let mut indices: Vec<usize> = subject
        .granted()
        .filter(|(other, _, _)| std::ptr::eq(*other, policy))
        .flat_map(|(_, _, served)| served.all.iter().copied())
        .collect();
    indices.sort_unstable();
    indices.dedup();
    indices.iter().filter_map(|index| subject.wanted.get(*index)).filter(|wanted| wanted.is_sure()).collect()
}

/// The access levels of what an action pattern allows; the lowest when IAM does not know the action.
pub(super) fn levels(action: &ActionPattern) -> Vec<AccessLevel> {
    let catalog = Catalog::embedded();
    if action.as_str() == "*" {
        return vec![AccessLevel::PermissionsManagement];
    }
    let known = catalog.expand_action_pattern(action.as_str());
    if known.is_empty() {
        return vec![AccessLevel::List];
    }
    known.iter().filter_map(|action| catalog.access_level(action)).collect()
}

/// Whether IAM has no action of this name, as far as the api-maps know.
fn is_unknown(action: &ActionPattern) -> bool {
    Catalog::embedded().expand_action_pattern(action.as_str()).is_empty()
}

/// Actions that IAM does not have.
fn unknown_actions(subject: &Subject<'_>, policy: &Policy) -> Vec<Finding> {
    if policy.kind != Kind::Written {
        return Vec::new();
    }
    let mut unknown: Vec<(String, crate::span::Location)> =
        policy.malformed.iter().map(|(text, at)| (text.to_string(), at.clone())).collect();
    for granted in &policy.statements {
        for action in granted.shown.actions.items() {
            if is_unknown(action) {
                unknown.push((action.to_string(), granted.origin.clone()));
            }
        }
    }
    let finding = |(action, at): (String, crate::span::Location)| {
        let mut finding = Finding::new(Rule::UnknownAction, Severity::Low, names(subject));
        finding.message = format!("{} names {action}, which is no action that IAM has", policy.label);
        "correct the spelling, or remove it".clone_into(&mut finding.remedy);
        finding.permissions = vec![(action, Vec::new())];
        finding.declared = vec![Place { at: Some(at), what: policy.label.clone() }];
        finding.identify(&[&policy.key]);
        finding
    };
    unknown.into_iter().map(finding).collect()
}

/// Resources that IAM would not take. What deployment fills in may be anything.
fn malformed_resources(subject: &Subject<'_>, policy: &Policy) -> Vec<Finding> {
    let written = policy.statements.iter().filter(|_| policy.kind == Kind::Written);
    let all = written.flat_map(|granted| granted.shown.resources.items().iter().map(move |resource| (granted, resource)));
    let wrong = all.filter(|(_, resource)| !resource.is_well_formed());
    let finding = |(granted, resource): (&Granted, &ArnPattern)| {
        let mut finding = Finding::new(Rule::MalformedResource, Severity::Low, names(subject));
        let actions: Vec<String> = granted.shown.actions.items().iter().map(ToString::to_string).collect();
        finding.message = format!("{} names the resource `{resource}`, which is no ARN", policy.label);
        "write arn:partition:service:region:account:resource, or *".clone_into(&mut finding.remedy);
        finding.permissions = actions.into_iter().map(|action| (action, vec![resource.to_string()])).collect();
        finding.declared = vec![Place { at: Some(granted.origin.clone()), what: policy.label.clone() }];
        finding.identify(&[&policy.key]);
        finding
    };
    wrong.map(finding).collect()
}

/// Policies that could not be read: what they allow is not known.
fn unread(subject: &Subject<'_>) -> Vec<Finding> {
    let policies = subject.policies.iter().filter(|policy| !policy.is_read());
    policies
        .map(|policy| {
            let mut finding = Finding::new(Rule::Undecidable, Severity::Info, names(subject));
            let note = &policy.unread[0];
            finding.message.clone_from(&note.message);
            "write the statements where leash can read them, or name the policy with --role FILE".clone_into(&mut finding.remedy);
            finding.declared =
                vec![Place { at: note.at.clone().or_else(|| Some(policy.origin.clone())), what: policy.label.clone() }];
            finding.identify(&["unread", &policy.key]);
            finding
        })
        .collect()
}
