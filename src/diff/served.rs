//! Which statements have to do with which needs. Of a role with many functions, few statements have to do with a need, so needs are
//! found by what they ask for.

use std::collections::BTreeMap;

use super::place::Fields;
use super::same::{Beginning, closed_name, may_be_same};
use super::wanted::Wanted;
use crate::policy::{ActionPattern, ArnPattern, Clause, Statement};
use crate::value::Text;

/// What a statement serves.
#[derive(Debug, Default)]
pub(super) struct Served {
    /// Positions of needs that the statement has to do with.
    pub(super) all: Vec<usize>,
    /// The same for each item of its resource clause.
    pub(super) resources: Vec<Vec<usize>>,
}

/// Needs by action and by resource.
pub(super) struct Needs<'w> {
    wanted: &'w [Wanted],
    /// How the resource of each need begins.
    beginnings: Vec<Beginning>,
    by_action: BTreeMap<&'w ActionPattern, ByResource>,
}

/// The positions of needs of one action.
#[derive(Default)]
struct ByResource {
    /// Those whose resource has one name only, by that.
    named: BTreeMap<Text, Vec<usize>>,
    /// All others.
    open: Vec<usize>,
}

impl<'w> Needs<'w> {
    pub(super) fn new(wanted: &'w [Wanted]) -> Self {
        let mut by_action: BTreeMap<&ActionPattern, ByResource> = BTreeMap::new();
        for (position, wanted) in wanted.iter().enumerate() {
            let own = by_action.entry(&wanted.pattern).or_default();
            match name_of(&wanted.resource) {
                Some(name) => own.named.entry(name).or_default().push(position),
                None => own.open.push(position),
            }
        }
        let beginnings = wanted.iter().map(|wanted| Beginning::of(&wanted.resource)).collect();
        Self { wanted, beginnings, by_action }
    }

    /// What a statement serves, as each need sees it.
    pub(super) fn served<'s>(&self, statement: &Statement, seen_by: impl Fn(&Wanted) -> &'s Statement) -> Served {
        let mut served = Served { all: Vec::new(), resources: vec![Vec::new(); statement.resources.items().len()] };
        for position in self.candidates(statement) {
            let wanted = &self.wanted[position];
            let opened = seen_by(wanted);
            if !is_about(opened, wanted) {
                continue;
            }
            served.all.push(position);
            if let Clause::Only(resources) = &opened.resources {
                for (resource, list) in resources.iter().zip(&mut served.resources) {
                    if may_be_same(&wanted.resource, resource) {
                        list.push(position);
                    }
                }
            }
        }
        served
    }

    /// The needs that a statement may have to do with, ascending.
    fn candidates(&self, statement: &Statement) -> Vec<usize> {
        let (names, beginnings): (Option<Vec<Text>>, Option<Vec<Beginning>>) = match &statement.resources {
            Clause::Only(resources) => {
                (resources.iter().map(name_of).collect(), Some(resources.iter().map(Beginning::of).collect()))
            }
            Clause::Except(_) => (None, None),
        };
        let mut found = Vec::new();
        for (_, own) in self.by_action.iter().filter(|(action, _)| statement.actions.may_overlap(action)) {
            found.extend(&own.open);
            match &names {
                Some(names) => found.extend(names.iter().filter_map(|name| own.named.get(name)).flatten()),
                None => found.extend(own.named.values().flatten()),
            }
        }
        if let Some(beginnings) = beginnings {
            found.retain(|position: &usize| beginnings.iter().any(|beginning| beginning.agrees(&self.beginnings[*position])));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The name of a resource that has one only.
fn name_of(resource: &ArnPattern) -> Option<Text> {
    let fields = Fields::of(resource.text())?;
    closed_name(fields.rest()).then(|| fields.rest().clone())
}

/// Whether a statement can be about the resource of a need.
fn is_about(statement: &Statement, wanted: &Wanted) -> bool {
    match &statement.resources {
        Clause::Only(resources) => resources.iter().any(|resource| may_be_same(&wanted.resource, resource)),
        Clause::Except(_) => statement.resources.may_overlap(&wanted.resource),
    }
}
