//! Puts permissions together: per service, statements of actions that share their resources.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::sid::Sids;
use super::widen::{Permission, Support};
use super::{DraftStatement, Wildcard};
use crate::policy::{Action, ActionPattern, ArnPattern, Clause, Condition, Statement};
use crate::value::Piece;

/// Everything about one service under the same conditions. Account-level actions keep to themselves.
type Section = (SmolStr, bool, Vec<Condition>);

/// Actions with their resources, which is what a statement is before it has a name.
#[derive(Debug, Clone)]
struct Block {
    actions: BTreeSet<Action>,
    resources: BTreeSet<ArnPattern>,
}

/// The supports of a section by action and resource.
type Supports = BTreeMap<Action, BTreeMap<ArnPattern, Support>>;

/// The statements that allow these permissions, in the order they are printed.
pub(super) fn statements(permissions: BTreeMap<Permission, Support>) -> Vec<DraftStatement> {
    let mut sections: BTreeMap<Section, Supports> = BTreeMap::new();
    for (permission, support) in permissions {
        let service = SmolStr::from(permission.action.service().to_lowercase());
        let section = sections.entry((service, permission.account_level, permission.conditions)).or_default();
        section.entry(permission.action).or_default().insert(permission.resource, support);
    }
    drop_unconditional(&mut sections);
    let mut all: Vec<(SmolStr, DraftStatement)> = Vec::new();
    for ((service, _, conditions), mut supports) in sections {
        supports.values_mut().for_each(drop_covered);
        for block in fewest(&supports) {
            all.push((service.clone(), statement(&block, &supports, &conditions)));
        }
    }
    all.sort_by(|(left_service, left), (right_service, right)| {
        let key = |statement: &DraftStatement| (statement.level(), statement.statement.resources.items().to_vec());
        (left_service, key(left), left.statement.actions.items(), &left.statement.conditions).cmp(&(
            right_service,
            key(right),
            right.statement.actions.items(),
            &right.statement.conditions,
        ))
    });
    let mut sids = Sids::default();
    all.into_iter().map(|(_, statement)| sids.name(statement)).collect()
}

/// Drops what the same action has without conditions or at account level anyway; the evidence goes along.
fn drop_unconditional(sections: &mut BTreeMap<Section, Supports>) {
    let keys: Vec<Section> = sections.keys().cloned().collect();
    for narrow in &keys {
        for wide in keys.iter().filter(|wide| *wide != narrow && wide.0 == narrow.0 && absorbs(wide, narrow)) {
            let Some(mut from) = sections.remove(narrow) else { continue };
            if let Some(into) = sections.get_mut(wide) {
                from.retain(|action, resources| {
                    if let Some(wider) = into.get_mut(action) {
                        absorb(resources, wider);
                    }
                    !resources.is_empty()
                });
            }
            if !from.is_empty() {
                sections.insert(narrow.clone(), from);
            }
        }
    }
}

/// Whether a statement of the first section can make one of the second superfluous.
fn absorbs(wide: &Section, narrow: &Section) -> bool {
    let implied = wide.2.iter().all(|condition| condition.is_implied_by(&narrow.2));
    let equal = wide.2 == narrow.2;
    implied && if equal { wide.1 && !narrow.1 } else { wide.2.len() <= narrow.2.len() }
}

fn absorb(narrow: &mut BTreeMap<ArnPattern, Support>, wide: &mut BTreeMap<ArnPattern, Support>) {
    narrow.retain(|resource, support| {
        let Some((_, keeper)) = wide.iter_mut().find(|(wider, _)| wider.covers(resource)) else { return true };
        keeper.evidence.append(&mut support.evidence);
        false
    });
}

/// Drops resources that another one covers; the evidence goes to the one that stays. Only patterns can cover others, and
/// only those that begin as they do, which stand next to each other: most resources need not be looked at.
fn drop_covered(resources: &mut BTreeMap<ArnPattern, Support>) {
    let patterns: Vec<ArnPattern> = resources.keys().filter(|resource| resource.has_wildcard()).cloned().collect();
    for wide in &patterns {
        let Some(mut keeper) = resources.remove(wide) else { continue };
        let beginning = fixed_beginning(wide);
        let alike = resources.range(ArnPattern::parse(beginning)..).map(|(resource, _)| resource);
        let alike = alike.take_while(|resource| fixed_beginning(resource).starts_with(beginning));
        let covered: Vec<ArnPattern> = alike.filter(|resource| wide.covers(resource)).cloned().collect();
        for resource in covered {
            if let Some(mut support) = resources.remove(&resource) {
                keeper.evidence.append(&mut support.evidence);
            }
        }
        resources.insert(wide.clone(), keeper);
    }
}

/// What a resource begins with before its first wildcard or symbol.
fn fixed_beginning(resource: &ArnPattern) -> &str {
    match resource.pieces().first() {
        Some(Piece::Literal(text)) => text.split(['*', '?']).next().unwrap_or_default(),
        _ => "",
    }
}

/// The better of two ways to group: by resource (what is done with each) or by action (what each is done to). Fewer
/// statements win, then fewer items; by resource when both are equal, because people think in resources.
fn fewest(supports: &Supports) -> Vec<Block> {
    let by_action = by_action(supports);
    let by_resource = by_resource(supports);
    let cost = |blocks: &[Block]| {
        let items: usize = blocks.iter().map(|block| block.actions.len() + block.resources.len()).sum();
        (blocks.len(), items)
    };
    if cost(&by_action) < cost(&by_resource) { by_action } else { by_resource }
}

fn by_action(supports: &Supports) -> Vec<Block> {
    let mut groups: BTreeMap<BTreeSet<ArnPattern>, BTreeSet<Action>> = BTreeMap::new();
    for (action, resources) in supports {
        groups.entry(resources.keys().cloned().collect()).or_default().insert(action.clone());
    }
    groups
        .into_iter()
        .filter(|(resources, _)| !resources.is_empty())
        .map(|(resources, actions)| Block { actions, resources })
        .collect()
}

fn by_resource(supports: &Supports) -> Vec<Block> {
    let mut actions_of: BTreeMap<&ArnPattern, BTreeSet<Action>> = BTreeMap::new();
    for (action, resources) in supports {
        for resource in resources.keys() {
            actions_of.entry(resource).or_default().insert(action.clone());
        }
    }
    let mut groups: BTreeMap<BTreeSet<Action>, BTreeSet<ArnPattern>> = BTreeMap::new();
    for (resource, actions) in actions_of {
        groups.entry(actions).or_default().insert(resource.clone());
    }
    groups.into_iter().map(|(actions, resources)| Block { actions, resources }).collect()
}

fn statement(block: &Block, supports: &Supports, conditions: &[Condition]) -> DraftStatement {
    let actions = block.actions.iter().map(ActionPattern::from).collect();
    let resources: Vec<ArnPattern> = block.resources.iter().cloned().collect();
    let (mut evidence, mut levels, mut wildcards) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for action in &block.actions {
        for (position, resource) in resources.iter().enumerate() {
            let Some(support) = supports.get(action).and_then(|resources| resources.get(resource)) else { continue };
            evidence.extend(support.evidence.iter().copied());
            levels.extend(support.level);
            wildcards.extend(support.reasons.iter().map(|reason| Wildcard { resource: position, reason: reason.clone() }));
        }
    }
    let mut statement = Statement::allow(actions, Vec::new()).with_conditions(conditions.to_vec());
    statement.resources = Clause::Only(resources);
    DraftStatement {
        statement,
        evidence: evidence.into_iter().collect(),
        levels: levels.into_iter().collect(),
        wildcards: wildcards.into_iter().collect(),
    }
}
