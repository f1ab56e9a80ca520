//! What sets of statements allow, compared exactly as far as patterns go.
//!
//! Answers have three values. *Full* and *none* are certain; *partial* means "some of it, or only sometimes, or it depends
//! on what a symbol stands for". Conditions narrow: a statement with a condition that the request does not itself
//! guarantee is never more than partial, and the answer says which statement that was.

use std::borrow::Borrow;

use super::statement::{Clause, Effect, Statement};
use super::{ActionPattern, ArnPattern, Condition};

/// What is asked for: actions on resources, in circumstances that are known to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The action or actions.
    pub action: ActionPattern,
    /// The resource or resources.
    pub resource: ArnPattern,
    /// Conditions that the request meets.
    pub conditions: Vec<Condition>,
}

impl Request {
    /// A request about which nothing else is known.
    pub fn new(action: ActionPattern, resource: ArnPattern) -> Self {
        Self { action, resource, conditions: Vec::new() }
    }
}

/// How much of a request is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Coverage {
    /// Nothing of it, for certain.
    None,
    /// Some of it, or all of it sometimes.
    Partial,
    /// All of it, always.
    Full,
}

/// An answer, with what stands between it and certainty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// How much is allowed.
    pub coverage: Coverage,
    /// Why it is not all, in the order of the statements. Empty when the answer is full, or when nothing fits.
    pub doubts: Vec<Doubt>,
}

/// Why a statement that has to do with a request does not settle it. The number is the statement's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// It allows part of the request only.
    Part(usize),
    /// It allows the request under conditions.
    Condition(usize),
    /// It denies part of the request, or all of it sometimes.
    Denied(usize),
    /// A part of it could not be read.
    Unread(usize),
}

/// How one statement relates to a request, its effect aside.
enum Fit {
    Apart,
    Whole,
    Touches(fn(usize) -> Doubt),
}

fn fit(statement: &Statement, request: &Request) -> Fit {
    let whole = statement.actions.covers(&request.action) && statement.resources.covers(&request.resource);
    if whole && !statement.unread.narrower {
        let unconditional = statement.conditions.iter().all(|condition| condition.is_implied_by(&request.conditions));
        return if unconditional { Fit::Whole } else { Fit::Touches(Doubt::Condition) };
    }
    if statement.unread.wider || statement.unread.narrower && touches(statement, request) {
        return Fit::Touches(Doubt::Unread);
    }
    if touches(statement, request) { Fit::Touches(Doubt::Part) } else { Fit::Apart }
}

fn touches(statement: &Statement, request: &Request) -> bool {
    statement.actions.may_overlap(&request.action) && statement.resources.may_overlap(&request.resource)
}

/// How much of a request the statements allow.
pub fn allows<S: Borrow<Statement>>(statements: &[S], request: &Request) -> Decision {
    let mut coverage = Coverage::None;
    let mut doubts = Vec::new();
    let mut denials = Vec::new();
    for (index, statement) in statements.iter().map(Borrow::borrow).enumerate() {
        match (statement.effect, fit(statement, request)) {
            (_, Fit::Apart) => {}
            (Effect::Deny, Fit::Whole) => return Decision { coverage: Coverage::None, doubts: Vec::new() },
            (Effect::Deny, Fit::Touches(_)) => denials.push(Doubt::Denied(index)),
            (Effect::Allow, Fit::Whole) => coverage = Coverage::Full,
            (Effect::Allow, Fit::Touches(doubt)) => {
                coverage = coverage.max(Coverage::Partial);
                doubts.push(doubt(index));
            }
        }
    }
    if coverage == Coverage::Full {
        doubts.clear();
    }
    if coverage != Coverage::None && !denials.is_empty() {
        coverage = Coverage::Partial;
        doubts.append(&mut denials);
        doubts.sort_by_key(|doubt| match doubt {
            Doubt::Part(index) | Doubt::Condition(index) | Doubt::Denied(index) | Doubt::Unread(index) => *index,
        });
    }
    Decision { coverage, doubts }
}

/// Whether everything that the `narrower` statements could allow is allowed by the `wider` ones.
/// Denials among the narrower ones are not counted in their favor.
pub fn covers(wider: &[Statement], narrower: &[Statement]) -> bool {
    subtract(narrower, wider).is_empty()
}

/// Which requests a statement and each of its parts could serve. The numbers are indices of requests, ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests the statement could serve.
    pub statement: Vec<usize>,
    /// For each item of its action clause, the requests that it could serve; empty lists when the clause is negated.
    pub actions: Vec<Vec<usize>>,
    /// The same for its resource clause.
    pub resources: Vec<Vec<usize>>,
}

/// What each statement is needed for. A part that serves no request is unused for certain, as far as it was read.
pub fn usage(statements: &[Statement], requests: &[Request]) -> Vec<Usage> {
    statements.iter().map(|statement| usage_of(statement, requests)).collect()
}

fn usage_of(statement: &Statement, requests: &[Request]) -> Usage {
    let mut usage = Usage {
        statement: Vec::new(),
        actions: vec![Vec::new(); statement.actions.items().len()],
        resources: vec![Vec::new(); statement.resources.items().len()],
    };
    for (index, request) in requests.iter().enumerate() {
        if !touches(statement, request) {
            continue;
        }
        usage.statement.push(index);
        if let Clause::Only(actions) = &statement.actions {
            let served = actions.iter().zip(&mut usage.actions);
            served.filter(|(action, _)| action.may_overlap(&request.action)).for_each(|(_, list)| list.push(index));
        }
        if let Clause::Only(resources) = &statement.resources {
            let served = resources.iter().zip(&mut usage.resources);
            served.filter(|(item, _)| item.may_overlap(&request.resource)).for_each(|(_, list)| list.push(index));
        }
    }
    usage
}

/// What the statements allow beyond what `by` allows for certain, as statements with the same conditions.
///
/// The unit is one action pattern on one resource pattern: a pair stays whole when only a part of it is taken away.
pub fn subtract(from: &[Statement], by: &[Statement]) -> Vec<Statement> {
    from.iter().filter(|statement| statement.effect == Effect::Allow).flat_map(|statement| rest(statement, by)).collect()
}

fn rest(statement: &Statement, by: &[Statement]) -> Vec<Statement> {
    let (Clause::Only(actions), Clause::Only(resources)) = (&statement.actions, &statement.resources) else {
        let denied = by.iter().any(|other| other.effect == Effect::Deny);
        let covered = !denied && by.iter().any(|other| covers_statement(other, statement));
        return if covered { Vec::new() } else { vec![statement.clone()] };
    };
    // Actions that keep the same resources stay in one statement.
    let mut groups: Vec<(Vec<ArnPattern>, Vec<ActionPattern>)> = Vec::new();
    for action in actions {
        let left: Vec<ArnPattern> =
            resources.iter().filter(|resource| !allowed(by, action, resource, statement)).cloned().collect();
        match groups.iter_mut().find(|(resources, _)| *resources == left) {
            _ if left.is_empty() => {}
            Some((_, actions)) => actions.push(action.clone()),
            None => groups.push((left, vec![action.clone()])),
        }
    }
    groups.into_iter().map(|(resources, actions)| part(statement, actions, resources)).collect()
}

fn allowed(by: &[Statement], action: &ActionPattern, resource: &ArnPattern, circumstances: &Statement) -> bool {
    let conditions = circumstances.conditions.clone();
    let request = Request { action: action.clone(), resource: resource.clone(), conditions };
    !circumstances.unread.wider && allows(by, &request).coverage == Coverage::Full
}

/// A statement with other clauses; places are lost where they no longer fit.
fn part(statement: &Statement, actions: Vec<ActionPattern>, resources: Vec<ArnPattern>) -> Statement {
    let mut part = statement.clone();
    part.origin.actions = places(&statement.actions, &statement.origin.actions, &actions);
    part.origin.resources = places(&statement.resources, &statement.origin.resources, &resources);
    part.actions = Clause::Only(actions);
    part.resources = Clause::Only(resources);
    part
}

fn places<T: PartialEq, P: Clone>(all: &Clause<T>, places: &[Option<P>], kept: &[T]) -> Vec<Option<P>> {
    let place = |item: &T| all.items().iter().position(|other| other == item).and_then(|at| places.get(at)?.clone());
    if places.is_empty() { Vec::new() } else { kept.iter().map(place).collect() }
}

/// Whether one statement applies wherever another does.
fn covers_statement(wider: &Statement, narrower: &Statement) -> bool {
    let any_action = ActionPattern::any();
    !wider.unread.narrower
        && !narrower.unread.wider
        && wider.actions.covers_clause(&narrower.actions, &any_action)
        && wider.resources.covers_clause(&narrower.resources, &ArnPattern::any())
        && wider.conditions.iter().all(|condition| condition.is_implied_by(&narrower.conditions))
}

/// The same permissions in fewer words: no item that another of the same clause covers, no statement that another of the
/// same effect covers, statements that differ in one clause only put together. Order is kept, and so is the first name.
pub fn merge(statements: &[Statement]) -> Vec<Statement> {
    let mut merged: Vec<Statement> = statements.to_vec();
    loop {
        merged.iter_mut().for_each(tidy);
        merged = drop_covered(merged);
        let before = merged.len();
        merged = join_alike(merged);
        if merged.len() == before {
            return merged;
        }
    }
}

fn tidy(statement: &mut Statement) {
    if statement.unread.wider || statement.unread.narrower {
        return;
    }
    tidy_clause(&mut statement.actions, &mut statement.origin.actions);
    tidy_clause(&mut statement.resources, &mut statement.origin.resources);
}

/// Drops what another item covers; of two that cover each other the first stays.
fn tidy_clause<T: super::Pattern, P>(clause: &mut Clause<T>, places: &mut Vec<P>) {
    let (Clause::Only(items) | Clause::Except(items)) = clause;
    let redundant = |at: usize| {
        items
            .iter()
            .enumerate()
            .any(|(other, wider)| other != at && wider.covers(&items[at]) && (other < at || !items[at].covers(wider)))
    };
    let keep: Vec<bool> = (0..items.len()).map(|at| !redundant(at)).collect();
    retain(items, &keep);
    if places.len() == keep.len() {
        retain(places, &keep);
    }
}

fn retain<T>(items: &mut Vec<T>, keep: &[bool]) {
    let mut keep = keep.iter();
    items.retain(|_| keep.next().copied().unwrap_or(true));
}

fn drop_covered(statements: Vec<Statement>) -> Vec<Statement> {
    let redundant = |at: usize| {
        statements.iter().enumerate().any(|(other, wider)| {
            let covers = |wider, narrower| same_kind(wider, narrower) && covers_statement(wider, narrower);
            other != at && covers(wider, &statements[at]) && (other < at || !covers(&statements[at], wider))
        })
    };
    let keep: Vec<bool> = (0..statements.len()).map(|at| !redundant(at)).collect();
    let mut statements = statements;
    retain(&mut statements, &keep);
    statements
}

fn same_kind(left: &Statement, right: &Statement) -> bool {
    left.effect == right.effect && left.principal == right.principal
}

fn join_alike(statements: Vec<Statement>) -> Vec<Statement> {
    let mut joined: Vec<Statement> = Vec::with_capacity(statements.len());
    for statement in statements {
        match joined.iter().position(|earlier| can_join(earlier, &statement)) {
            Some(at) => join(&mut joined[at], statement),
            None => joined.push(statement),
        }
    }
    joined
}

fn can_join(left: &Statement, right: &Statement) -> bool {
    let positive = !left.actions.is_negated()
        && !right.actions.is_negated()
        && !left.resources.is_negated()
        && !right.resources.is_negated();
    positive
        && same_kind(left, right)
        && left.conditions == right.conditions
        && left.unread == right.unread
        && (same_items(&left.actions, &right.actions) || same_items(&left.resources, &right.resources))
}

fn same_items<T: Ord>(left: &Clause<T>, right: &Clause<T>) -> bool {
    let sorted = |clause: &Clause<T>| {
        let mut order: Vec<usize> = (0..clause.items().len()).collect();
        order.sort_by(|a, b| clause.items()[*a].cmp(&clause.items()[*b]));
        order
    };
    let (left_order, right_order) = (sorted(left), sorted(right));
    left_order.len() == right_order.len()
        && left_order.iter().zip(&right_order).all(|(a, b)| left.items()[*a] == right.items()[*b])
}

fn join(into: &mut Statement, other: Statement) {
    let (Clause::Only(actions) | Clause::Except(actions)) = &mut into.actions;
    into.origin.actions.resize(actions.len(), None);
    extend(actions, &mut into.origin.actions, other.actions, other.origin.actions);
    let (Clause::Only(resources) | Clause::Except(resources)) = &mut into.resources;
    into.origin.resources.resize(resources.len(), None);
    extend(resources, &mut into.origin.resources, other.resources, other.origin.resources);
}

/// Appends the items that are not there yet, with their places.
fn extend<T: PartialEq, P>(items: &mut Vec<T>, places: &mut Vec<Option<P>>, more: Clause<T>, from: Vec<Option<P>>) {
    let (Clause::Only(more) | Clause::Except(more)) = more;
    let from = from.into_iter().chain(std::iter::repeat_with(|| None));
    for (item, place) in more.into_iter().zip(from) {
        if !items.contains(&item) {
            items.push(item);
            places.push(place);
        }
    }
}
