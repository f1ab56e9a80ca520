//! What the role allows more broadly than it is used: wildcards in actions and resources, resources nobody touches.

use std::collections::{BTreeMap, BTreeSet};

use super::granted::{doubts, levels, names, needs_of, resources};
use super::place::{self, Fields};
use super::remedy;
use super::subject::{Served, Subject};
use super::wanted::Wanted;
use super::{Finding, Options, Place, Rule, Severity, highest, listed};
use crate::catalog::{AccessLevel, Catalog, Scope};
use crate::declared::{Granted, Kind, Policy};
use crate::policy::{Action, ActionPattern, ArnPattern, Clause, Effect};

/// Finds grants that are broader than their use.
pub(super) fn find(subject: &Subject<'_>, options: &Options, out: &mut Vec<Finding>) {
    for (policy, granted, served) in subject.granted() {
        if policy.kind == Kind::Implicit || granted.shown.effect == Effect::Deny {
            continue;
        }
        let context = Context { subject, policy, granted, served, options };
        out.extend(context.wildcard_actions());
        out.extend(context.excepted_actions());
        out.extend(context.wildcard_resources());
        out.extend(context.unused_resources());
    }
}

/// One statement with all around it.
struct Context<'s, 'a> {
    subject: &'s Subject<'a>,
    policy: &'s Policy,
    granted: &'s Granted,
    served: &'s Served,
    options: &'s Options,
}

impl<'s> Context<'s, '_> {
    fn finding(&self, rule: Rule, severity: Severity, kept: &[&Wanted]) -> Finding {
        let mut finding = Finding::new(rule, severity, names(self.subject));
        finding.code = remedy::places(self.subject, kept);
        finding.declared = vec![Place { at: Some(self.granted.origin.clone()), what: self.policy.label.clone() }];
        finding.statements = remedy::statements(self.subject, kept, self.options);
        finding
    }

    fn sure(&self, action: &ActionPattern) -> Vec<&'s Wanted> {
        let mut needs = needs_of(self.subject, action, &self.served.all);
        needs.retain(|wanted| wanted.is_sure());
        needs
    }

    /// Wildcards in actions of which some are used and some are not.
    fn wildcard_actions(&self) -> Option<Finding> {
        let Clause::Only(actions) = &self.granted.shown.actions else { return None };
        let mut kept: Vec<&Wanted> = Vec::new();
        let mut broad: Vec<String> = Vec::new();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut excess: Vec<AccessLevel> = Vec::new();
        let mut why: Vec<String> = Vec::new();
        for action in actions.iter().filter(|action| action.has_wildcard()) {
            let needs = self.sure(action);
            let all = Catalog::embedded().expand_action_pattern(action.as_str());
            let runtime: Vec<&String> = all.iter().filter(|name| self.subject.is_used_by_runtime(name)).collect();
            let mut of_pattern: BTreeSet<Action> = needs.iter().map(|wanted| wanted.action.clone()).collect();
            of_pattern.extend(runtime.iter().filter_map(|name| Action::parse(name)));
            let left = all.iter().filter_map(|name| Action::parse(name)).filter(|action| !of_pattern.contains(action));
            let left: Vec<AccessLevel> = left.flat_map(|action| levels(&ActionPattern::from(&action))).collect();
            if of_pattern.is_empty() || left.is_empty() {
                continue;
            }
            broad.push(action.to_string());
            used.extend(of_pattern.iter().map(ToString::to_string));
            excess.extend(left);
            why.extend(doubts(self.subject, action));
            kept.extend(needs);
        }
        if broad.is_empty() {
            return None;
        }
        let mut finding = self.finding(Rule::WildcardAction, Severity::of_reach(highest(excess.iter().copied())), &kept);
        let used: Vec<String> = used.into_iter().collect();
        finding.message = format!(
            "{} allows {}, {} actions more than the {} of them that {} uses: {}",
            self.policy.label,
            listed(&broad),
            excess.len(),
            used.len(),
            self.subject.name(),
            listed(&used)
        );
        finding.remedy = format!("list the actions that are used: {}", listed(&used));
        let resources = resources(self.subject, self.granted);
        finding.permissions = broad.into_iter().map(|action| (action, resources.clone())).collect();
        self.settle(finding, why)
    }

    /// `NotAction`: everything but a few.
    fn excepted_actions(&self) -> Option<Finding> {
        let Clause::Except(actions) = &self.granted.shown.actions else { return None };
        let kept: Vec<&Wanted> = self.served.all.iter().filter_map(|index| self.subject.wanted.get(*index)).collect();
        let mut finding = self.finding(Rule::WildcardAction, Severity::High, &kept);
        let listed_actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
        finding.message = format!("{} allows every action but {}", self.policy.label, listed(&listed_actions));
        finding.remedy = "list the actions that are used".to_owned();
        let resources = resources(self.subject, self.granted);
        finding.permissions = vec![(format!("NotAction {}", listed_actions.join(" ")), resources)];
        let why = doubts(self.subject, &ActionPattern::any());
        self.settle(finding, why)
    }

    /// Resources with wildcards where all that is used is narrower.
    fn wildcard_resources(&self) -> Option<Finding> {
        let Clause::Only(declared) = &self.granted.compared.resources else { return None };
        let mut kept: BTreeMap<usize, &'s Wanted> = BTreeMap::new();
        let mut broad: Vec<String> = Vec::new();
        let mut is_wide = false;
        for (position, resource) in declared.iter().enumerate() {
            let Some(indices) = self.served.resources.get(position) else { continue };
            if !is_broad(resource) {
                continue;
            }
            let narrower = self.narrower(resource, indices);
            if narrower.is_empty() {
                continue;
            }
            is_wide |= is_wide_open(resource);
            broad.extend(self.granted.shown.resources.items().get(position).map(|shown| {
                remedy::named(shown, remedy::format_of(self.subject))
            }));
            kept.extend(narrower);
        }
        if kept.is_empty() {
            return None;
        }
        let kept: Vec<&Wanted> = kept.into_values().collect();
        let actions: BTreeSet<String> = kept.iter().map(|wanted| wanted.action.to_string()).collect();
        let actions: Vec<String> = actions.into_iter().collect();
        let level = highest(kept.iter().map(|wanted| wanted.level));
        let severity = if is_wide { Severity::of_reach(level) } else { Severity::Info };
        let mut finding = self.finding(Rule::WildcardResource, severity, &kept);
        let used: BTreeSet<String> =
            kept.iter().map(|wanted| remedy::named(&wanted.shown, remedy::format_of(self.subject))).collect();
        let used: Vec<String> = used.into_iter().collect();
        finding.message = format!(
            "{} allows {} on {}, and {} uses only {}",
            self.policy.label,
            listed(&actions),
            listed(&broad),
            self.subject.name(),
            listed(&used)
        );
        finding.remedy = format!("limit {} to {}", listed(&actions), listed(&used));
        finding.permissions = actions.into_iter().map(|action| (action, broad.clone())).collect();
        let why = kept.iter().flat_map(|wanted| doubts(self.subject, &wanted.pattern)).collect();
        self.settle(finding, why)
    }

    /// The needs of those actions that use less than the resource covers, all of them narrower.
    fn narrower(&self, resource: &ArnPattern, indices: &[usize]) -> BTreeMap<usize, &'s Wanted> {
        let mut by_action: BTreeMap<&Action, Vec<(usize, &'s Wanted)>> = BTreeMap::new();
        for index in indices {
            if let Some(wanted) = self.subject.wanted.get(*index)
                && self.granted.shown.actions.may_overlap(&wanted.pattern)
            {
                by_action.entry(&wanted.action).or_default().push((*index, wanted));
            }
        }
        let is_narrower = |(_, wanted): &(usize, &Wanted)| {
            let opened = place::opened(&wanted.resource, [true; 3]);
            wanted.scope != Scope::Account && !opened.covers(&place::opened(resource, [true; 3])) && !wanted.resource.is_any()
        };
        let by_runtime = |action: &Action, needs: &[(usize, &Wanted)]| {
            needs.iter().all(|(_, wanted)| wanted.by_settings) || is_log_action(action) && self.subject.is_used_by_runtime(action.as_str())
        };
        by_action
            .into_iter()
            .filter(|(action, needs)| needs.iter().all(is_narrower) && !by_runtime(action, needs))
            .flat_map(|(_, needs)| needs)
            .filter(|(_, wanted)| wanted.is_sure())
            .collect()
    }

    /// Resources of a statement that none of its used actions has to do with.
    fn unused_resources(&self) -> Option<Finding> {
        let Clause::Only(declared) = &self.granted.compared.resources else { return None };
        if self.policy.kind != Kind::Written || declared.len() < 2 || self.served.all.is_empty() {
            return None;
        }
        let unused: Vec<usize> = (0..declared.len())
            .filter(|at| self.served.resources.get(*at).is_some_and(Vec::is_empty) && !self.is_beside_a_used_one(declared, *at))
            .collect();
        let settings_use = self.granted.shown.actions.items().iter().any(|action| {
            let mut all = Catalog::embedded().expand_action_pattern(action.as_str());
            all.retain(|name| self.subject.is_used_by_runtime(name));
            !all.is_empty()
        });
        if unused.is_empty() || settings_use {
            return None;
        }
        let format = remedy::format_of(self.subject);
        let shown = self.granted.shown.resources.items();
        let names: Vec<String> = unused.iter().filter_map(|at| shown.get(*at)).map(|arn| remedy::named(arn, format)).collect();
        let level = highest(self.granted.shown.actions.items().iter().flat_map(levels));
        let mut finding = self.finding(Rule::UnusedResource, Severity::of_excess(level), &[]);
        finding.message = format!("{} names {}, which no code that {} reaches uses", self.policy.label, listed(&names), self.subject.name());
        finding.remedy = format!("remove {} from the statement", listed(&names));
        let actions = self.granted.shown.actions.items().iter().map(ToString::to_string);
        finding.permissions = actions.map(|action| (action, names.clone())).collect();
        let mut why: Vec<String> =
            self.granted.shown.actions.items().iter().flat_map(|action| doubts(self.subject, action)).collect();
        why.sort();
        why.dedup();
        self.settle(finding, why)
    }

    /// The indexes of a table, the objects of a bucket: listed along with what they belong to.
    fn is_beside_a_used_one(&self, declared: &[ArnPattern], at: usize) -> bool {
        declared.iter().enumerate().any(|(other, resource)| {
            let used = self.served.resources.get(other).is_some_and(|list| !list.is_empty());
            other != at && used && (belongs(&declared[at], resource) || belongs(resource, &declared[at]))
        })
    }

    fn settle(&self, mut finding: Finding, mut why: Vec<String>) -> Option<Finding> {
        why.sort();
        why.dedup();
        finding.doubtful(why);
        finding.identify(&[&self.policy.key]);
        Some(finding)
    }
}

/// Whether one ARN is another with more behind it.
fn belongs(part: &ArnPattern, whole: &ArnPattern) -> bool {
    let mut all = whole.text().clone();
    all.push_str("*");
    place::opened(&ArnPattern::new(all), [true; 3]).covers(&place::opened(part, [true; 3]))
}

/// Whether a resource has a wildcard that is not just an open region or account.
fn is_broad(resource: &ArnPattern) -> bool {
    match Fields::of(resource.text()) {
        Some(fields) => ArnPattern::new(fields.rest().clone()).has_wildcard() || fields.service() == Some("*"),
        None => resource.has_wildcard(),
    }
}

/// Whether the wildcard leaves open which table, bucket, queue it is, rather than what within it.
fn is_wide_open(resource: &ArnPattern) -> bool {
    let Some(fields) = Fields::of(resource.text()) else { return true };
    let pattern = fields.rest().pattern();
    let mut segments = pattern.split(['/', ':']);
    let (first, second) = (segments.next().unwrap_or_default(), segments.next());
    // Names that stand alone: buckets, queues, topics. All others stand behind their type.
    let alone = matches!(fields.service(), Some("s3" | "sqs" | "sns")) || second.is_none();
    let name = if alone { first } else { second.unwrap_or_default() };
    first.contains('*') && fields.rest().holes().next().is_none() || is_only_wild(name, &fields, alone)
}

/// Whether a name holds a wildcard of its own rather than a part that deployment fills in.
fn is_only_wild(name: &str, fields: &Fields, alone: bool) -> bool {
    if !name.contains('*') {
        return false;
    }
    let literal: String = fields
        .rest()
        .pieces()
        .iter()
        .map(|piece| match piece {
            crate::value::Piece::Literal(text) => text.as_str(),
            crate::value::Piece::Hole(_) => "\u{0}",
        })
        .collect();
    let segment = literal.split(['/', ':']).nth(usize::from(!alone)).unwrap_or_default();
    segment.contains(['*', '?'])
}

fn is_log_action(action: &Action) -> bool {
    action.service().eq_ignore_ascii_case("logs")
}
