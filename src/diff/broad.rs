//! What the role allows more broadly than it is used: wildcards in actions and resources, resources nobody touches.

use std::collections::{BTreeMap, BTreeSet};

use super::granted::{doubts, levels, names, needs_of, resources};
use super::place::{self, Fields};
use super::remedy;
use super::served::Served;
use super::subject::Subject;
use super::wanted::Wanted;
use super::{Finding, Options, Place, Rule, Severity, highest, listed};
use crate::catalog::{AccessLevel, Catalog, Scope};
use crate::declared::{Granted, Kind, Policy};
use crate::policy::{Action, ActionPattern, ArnPattern, Clause, Effect, is_symbol};
use crate::value::{Piece, Text};

/// Finds grants that are broader than their use.
pub(super) fn find(subject: &Subject<'_>, options: &Options, out: &mut Vec<Finding>) {
    for (policy, served) in subject.policies.iter().zip(&subject.served) {
        let allows = |part: &Part<'_>| part.granted.shown.effect == Effect::Allow;
        let parts: Vec<Part<'_>> =
            policy.statements.iter().zip(served).map(|(granted, served)| Part { granted, served }).filter(allows).collect();
        let groups: Vec<&[Part<'_>]> = match policy.kind {
            Kind::Implicit => continue,
            // Its statements cannot be changed one by one.
            Kind::Named => vec![&parts],
            Kind::Written => parts.chunks(1).collect(),
        };
        for parts in groups {
            let context = Context { subject, policy, parts, options };
            out.extend(context.wildcard_actions());
            out.extend(context.excepted_actions());
            let resources = context.wildcard_resources();
            // Whoever replaces a policy by what is used limits its resources with that.
            out.extend(resources.filter(|finding| {
                policy.kind == Kind::Written || finding.severity > Severity::Info || !is_replaced(finding, out)
            }));
            out.extend(context.unused_resources());
        }
    }
}

/// Whether another finding replaces what this one is about.
fn is_replaced(finding: &Finding, others: &[Finding]) -> bool {
    let replaces = |other: &&Finding| matches!(other.rule, Rule::UnusedAction | Rule::UnusedService | Rule::WildcardAction);
    others.iter().filter(replaces).any(|other| other.about.units.iter().any(|unit| finding.about.units.contains(unit)))
}

/// A statement and what it serves.
#[derive(Clone, Copy)]
struct Part<'s> {
    granted: &'s Granted,
    served: &'s Served,
}

impl<'s> Part<'s> {
    fn sure(&self, subject: &'s Subject<'_>, action: &ActionPattern) -> Vec<&'s Wanted> {
        let mut needs = needs_of(subject, action, &self.served.all);
        needs.retain(|wanted| wanted.is_sure());
        needs
    }
}

/// Statements that change together, with all around them.
struct Context<'s, 'a> {
    subject: &'s Subject<'a>,
    policy: &'s Policy,
    parts: &'s [Part<'s>],
    options: &'s Options,
}

impl<'s> Context<'s, '_> {
    fn finding(&self, rule: Rule, severity: Severity, kept: &[&Wanted]) -> Finding {
        let mut finding = Finding::new(rule, severity, names(self.subject));
        finding.code = remedy::places(self.subject, kept);
        let origin = self.parts.first().map(|part| part.granted.origin.clone());
        finding.declared = vec![Place { at: origin, what: self.policy.label.clone() }];
        finding.statements = remedy::statements(self.subject, kept, self.options);
        finding.about.units = self.subject.units(self.policy, self.parts.iter().map(|part| part.granted));
        finding
    }

    /// Wildcards in actions of which some are used and some are not.
    fn wildcard_actions(&self) -> Option<Finding> {
        let mut found = Wildcards::default();
        for part in self.parts {
            if let Clause::Only(actions) = &part.granted.shown.actions {
                let resources = resources(self.subject, part.granted);
                actions
                    .iter()
                    .filter(|action| action.has_wildcard())
                    .for_each(|action| self.wildcard(*part, action, &resources, &mut found));
            }
        }
        if found.broad.is_empty() {
            return None;
        }
        let mut finding =
            self.finding(Rule::WildcardAction, Severity::of_reach(highest(found.excess.iter().copied())), &found.kept);
        let used: Vec<String> = found.used.into_iter().collect();
        let broad: Vec<String> = found.broad.iter().map(|(action, _)| action.clone()).collect();
        let all = found.excess.len() + used.len();
        let list = listed(&used);
        let (users, several) = self.subject.users();
        let use_only = if several { "use" } else { "uses" };
        finding.message =
            format!("{} allows {}: of these {all} actions {users} {use_only} only {list}", self.policy.label, listed(&broad));
        finding.remedy = format!("list the actions that are used: {list}");
        finding.permissions = found.broad;
        Some(self.settle(finding, found.why))
    }

    fn wildcard(&self, part: Part<'s>, action: &ActionPattern, resources: &[String], found: &mut Wildcards<'s>) {
        let needs = part.sure(self.subject, action);
        let catalog = Catalog::embedded();
        let all = catalog.expand_action_pattern(action.as_str());
        let mut used: BTreeSet<Action> = needs.iter().map(|wanted| wanted.action.clone()).collect();
        let runtime = all.iter().filter(|name| self.subject.is_used_by_runtime(name));
        used.extend(runtime.filter_map(|name| Action::parse(name)));
        let left = all.iter().filter_map(|name| Action::parse(name)).filter(|action| !used.contains(action));
        let left: Vec<AccessLevel> = left.filter_map(|action| catalog.access_level(action.as_str())).collect();
        if used.is_empty() || left.is_empty() {
            return;
        }
        found.broad.push((action.to_string(), resources.to_vec()));
        found.used.extend(used.iter().map(ToString::to_string));
        found.excess.extend(left);
        found.why.extend(doubts(self.subject, action));
        found.kept.extend(needs);
    }

    /// `NotAction`: everything but a few.
    fn excepted_actions(&self) -> Option<Finding> {
        let excepted = |part: &&Part<'_>| part.granted.shown.actions.is_negated();
        let part = self.parts.iter().find(excepted)?;
        let needs = part.served.all.iter().filter_map(|index| self.subject.wanted.get(*index));
        let kept: Vec<&Wanted> = needs.filter(|wanted| wanted.is_sure()).collect();
        let mut finding = self.finding(Rule::WildcardAction, Severity::High, &kept);
        let actions: Vec<String> = part.granted.shown.actions.items().iter().map(ToString::to_string).collect();
        finding.message = format!("{} allows every action but {}", self.policy.label, listed(&actions));
        "list the actions that are used".clone_into(&mut finding.remedy);
        finding.permissions = vec![(format!("NotAction {}", actions.join(" ")), resources(self.subject, part.granted))];
        let why = doubts(self.subject, &ActionPattern::any());
        Some(self.settle(finding, why))
    }

    /// Resources with wildcards where all that is used is narrower.
    fn wildcard_resources(&self) -> Option<Finding> {
        let format = remedy::format_of(self.subject);
        let mut kept: BTreeMap<usize, &'s Wanted> = BTreeMap::new();
        let mut broad: Vec<String> = Vec::new();
        let mut is_wide = false;
        for part in self.parts {
            let Clause::Only(declared) = &part.granted.compared.resources else { continue };
            let shown = part.granted.shown.resources.items();
            for ((resource, indices), shown) in declared.iter().zip(&part.served.resources).zip(shown) {
                let narrower = if is_broad(resource) { self.narrower(*part, resource, indices) } else { BTreeMap::new() };
                if !narrower.is_empty() {
                    is_wide |= is_wide_open(resource);
                    broad.push(remedy::named(shown, format));
                    kept.extend(narrower);
                }
            }
        }
        if kept.is_empty() {
            return None;
        }
        broad.sort();
        broad.dedup();
        let kept: Vec<&Wanted> = kept.into_values().collect();
        let distinct =
            |of: &dyn Fn(&&Wanted) -> String| kept.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
        let actions = distinct(&|wanted| wanted.action.to_string());
        let used = distinct(&|wanted| remedy::named(&wanted.shown, format));
        let level = highest(kept.iter().map(|wanted| wanted.level));
        let severity = if is_wide { Severity::of_reach(level) } else { Severity::Info };
        let mut finding = self.finding(Rule::WildcardResource, severity, &kept);
        let (what, limit) = (listed(&actions), listed(&used));
        let (users, several) = self.subject.users();
        let use_only = if several { "use" } else { "uses" };
        finding.message =
            format!("{} allows {what} on {}, and {users} {use_only} only {limit}", self.policy.label, listed(&broad));
        finding.remedy = format!("limit {what} to {limit}");
        finding.permissions = actions.into_iter().map(|action| (action, broad.clone())).collect();
        let why = kept.iter().flat_map(|wanted| doubts(self.subject, &wanted.pattern)).collect();
        Some(self.settle(finding, why))
    }

    /// The needs of those actions that use less than the resource covers, all of them narrower.
    fn narrower(&self, part: Part<'s>, resource: &ArnPattern, indices: &[usize]) -> BTreeMap<usize, &'s Wanted> {
        let mut by_action: BTreeMap<&Action, Vec<(usize, &'s Wanted)>> = BTreeMap::new();
        for index in indices {
            if let Some(wanted) = self.subject.wanted.get(*index)
                && part.granted.shown.actions.may_overlap(&wanted.pattern)
            {
                by_action.entry(&wanted.action).or_default().push((*index, wanted));
            }
        }
        let is_narrower = |(_, wanted): &(usize, &Wanted)| {
            let (opened, declared) = (place::opened(&wanted.resource, [true; 3]), place::opened(resource, [true; 3]));
            wanted.scope != Scope::Account
                && !has_open_name(&wanted.resource)
                // What lies outside in part would widen it.
                && declared.covers(&opened)
                && !opened.covers(&declared)
                && !says_no_more(&opened, &declared)
        };
        // What settings need is only narrowed where somebody wrote the resource for it, and never for names that are made up.
        let by_runtime = |action: &Action, needs: &[(usize, &Wanted)]| {
            let by_settings = needs.iter().all(|(_, wanted)| wanted.by_settings);
            by_settings && (self.policy.kind != Kind::Written || !is_wide_open(resource))
                || is_log_action(action) && self.subject.is_used_by_runtime(action.as_str())
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
        let [part] = self.parts else { return None };
        let Clause::Only(declared) = &part.granted.compared.resources else { return None };
        if self.policy.kind != Kind::Written || declared.len() < 2 || part.served.all.is_empty() {
            return None;
        }
        let actions = part.granted.shown.actions.items();
        let runtime_uses = |action: &ActionPattern| {
            Catalog::embedded().expand_action_pattern(action.as_str()).iter().any(|name| self.subject.is_used_by_runtime(name))
        };
        let is_unused = |at: &usize| {
            part.served.resources.get(*at).is_some_and(Vec::is_empty)
                && !is_beside_a_used_one(*part, declared, *at)
                && !self.may_be_meant(*part, &declared[*at])
        };
        let unused: Vec<usize> = (0..declared.len()).filter(is_unused).collect();
        if unused.is_empty() || actions.iter().any(runtime_uses) {
            return None;
        }
        let format = remedy::format_of(self.subject);
        let shown = part.granted.shown.resources.items();
        let names: Vec<String> = unused.iter().filter_map(|at| shown.get(*at)).map(|arn| remedy::named(arn, format)).collect();
        let mut finding = self.finding(Rule::UnusedResource, Severity::of_excess(highest(actions.iter().flat_map(levels))), &[]);
        let list = listed(&names);
        finding.message = format!("{} names {list}, which no code that {} reaches uses", self.policy.label, self.subject.name());
        finding.remedy = format!("remove {list} from the statement");
        finding.permissions = actions.iter().map(|action| (action.to_string(), names.clone())).collect();
        Some(self.settle(finding, actions.iter().flat_map(|action| doubts(self.subject, action)).collect()))
    }

    /// Whether what is used has a name of which nothing is known: then it can be of another kind than it looks, too.
    fn may_be_meant(&self, part: Part<'s>, declared: &ArnPattern) -> bool {
        let service = |arn: &ArnPattern| Fields::of(arn.text()).and_then(|fields| fields.service().map(str::to_owned));
        let needs = part.served.all.iter().filter_map(|index| self.subject.wanted.get(*index));
        needs.filter(|wanted| has_open_name(&wanted.resource)).any(|wanted| service(&wanted.resource) == service(declared))
    }

    fn settle(&self, mut finding: Finding, mut why: Vec<String>) -> Finding {
        why.sort();
        why.dedup();
        if !why.is_empty() {
            finding.message.push_str(", as far as can be told");
        }
        finding.doubtful(why);
        finding.identify(&[&self.policy.key]);
        finding
    }
}

/// What was found about wildcards in actions.
#[derive(Default)]
struct Wildcards<'s> {
    kept: Vec<&'s Wanted>,
    broad: Vec<(String, Vec<String>)>,
    used: BTreeSet<String>,
    excess: Vec<AccessLevel>,
    why: Vec<String>,
}

/// The indexes of a table, the objects of a bucket: listed along with what they belong to.
fn is_beside_a_used_one(part: Part<'_>, declared: &[ArnPattern], at: usize) -> bool {
    declared.iter().enumerate().any(|(other, resource)| {
        let used = part.served.resources.get(other).is_some_and(|list| !list.is_empty());
        other != at && used && (belongs(&declared[at], resource) || belongs(resource, &declared[at]))
    })
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

/// The part of an ARN that tells which table, bucket or queue it is, with `*` for what is open.
fn name_of(resource: &ArnPattern) -> Option<String> {
    let fields = Fields::of(resource.text())?;
    // Parts that deployment fills in are fixed.
    let fixed = fields.rest().fill(|hole| is_symbol(hole).then(|| Text::literal("\u{0}")));
    let pattern = fixed.pattern();
    let mut segments = pattern.split(['/', ':']);
    let (first, second) = (segments.next().unwrap_or_default(), segments.next());
    // The names of buckets, queues and topics stand alone, all others behind their type.
    let alone = first.contains('*') || matches!(fields.service(), Some("s3" | "sqs" | "sns"));
    Some(second.filter(|_| !alone).unwrap_or(first).to_owned())
}

/// Whether a wildcard leaves open which table, bucket or queue it is, rather than what within it.
fn is_wide_open(resource: &ArnPattern) -> bool {
    // What stands behind a reference is within the resource that it names.
    let is_named = matches!(resource.pieces().first(), Some(Piece::Hole(hole)) if is_symbol(hole));
    !is_named && name_of(resource).is_none_or(|name| name.contains(['*', '?']))
}

/// Whether a pattern differs from a broader one by punctuation only, as `bucket/*.*` does from `bucket/*`.
fn says_no_more(narrow: &ArnPattern, broad: &ArnPattern) -> bool {
    let words = |arn: &ArnPattern| {
        let mut words = arn.text().pattern().replace(|c: char| !c.is_alphanumeric() && !matches!(c, '*' | '?'), "");
        while words.contains("**") {
            words = words.replace("**", "*");
        }
        words
    };
    words(narrow) == words(broad)
}

/// Whether nothing is known of the name.
fn has_open_name(resource: &ArnPattern) -> bool {
    resource.is_any() || name_of(resource).is_some_and(|name| name == "*")
}

fn is_log_action(action: &Action) -> bool {
    action.service().eq_ignore_ascii_case("logs")
}
