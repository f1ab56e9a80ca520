//! Statements: who may do what to which resource, and when.

use smol_str::SmolStr;

use super::source::Node;
use super::{ActionPattern, ArnPattern, Condition};
use crate::span::Location;

/// Whether a statement gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl Effect {
    /// The word policies use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Deny => "Deny",
        }
    }
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause<T> {
    /// What any of these matches.
    Only(Vec<T>),
    /// What none of these matches.
    Except(Vec<T>),
}

impl<T> Clause<T> {
    /// The patterns, whichever way they are meant.
    pub fn items(&self) -> &[T] {
        match self {
            Self::Only(items) | Self::Except(items) => items,
        }
    }

    /// Whether it is the `Not…` form.
    pub const fn is_negated(&self) -> bool {
        matches!(self, Self::Except(_))
    }
}

/// Patterns that can be compared, so that clauses of them can.
pub trait Pattern {
    /// Whether everything `narrower` matches is matched by this one.
    fn covers(&self, narrower: &Self) -> bool;
    /// Whether something could be matched by both; a "no" is certain.
    fn may_overlap(&self, other: &Self) -> bool;
}

impl Pattern for ActionPattern {
    fn covers(&self, narrower: &Self) -> bool {
        self.covers(narrower)
    }

    fn may_overlap(&self, other: &Self) -> bool {
        self.may_overlap(other)
    }
}

impl Pattern for ArnPattern {
    fn covers(&self, narrower: &Self) -> bool {
        self.covers(narrower)
    }

    fn may_overlap(&self, other: &Self) -> bool {
        self.may_overlap(other)
    }
}

impl<T: Pattern> Clause<T> {
    /// Whether the clause matches everything that `wanted` matches.
    pub fn covers(&self, wanted: &T) -> bool {
        match self {
            Self::Only(items) => items.iter().any(|item| item.covers(wanted)),
            Self::Except(items) => !items.iter().any(|item| item.may_overlap(wanted)),
        }
    }

    /// Whether the clause could match something that `wanted` matches; a "no" is certain.
    pub fn may_overlap(&self, wanted: &T) -> bool {
        match self {
            Self::Only(items) => items.iter().any(|item| item.may_overlap(wanted)),
            Self::Except(items) => !items.iter().any(|item| item.covers(wanted)),
        }
    }

    /// Whether the clause matches everything that another clause matches.
    pub fn covers_clause(&self, narrower: &Self, everything: &T) -> bool {
        match (self, narrower) {
            (_, Self::Only(items)) => items.iter().all(|item| self.covers(item)),
            (Self::Only(items), Self::Except(_)) => items.iter().any(|item| item.covers(everything)),
            (Self::Except(mine), Self::Except(theirs)) => mine.iter().all(|item| theirs.iter().any(|other| other.covers(item))),
        }
    }
}

/// One statement of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The statement's name within its policy.
    pub sid: Option<SmolStr>,
    /// Whether it gives or takes.
    pub effect: Effect,
    /// Which actions.
    pub actions: Clause<ActionPattern>,
    /// Which resources.
    pub resources: Clause<ArnPattern>,
    /// When; all of them have to hold. Sorted.
    pub conditions: Vec<Condition>,
    /// For whom, in policies that are attached to resources; handed through as read.
    pub principal: Option<Principal>,
    /// What could not be read of it.
    pub unread: Unread,
    /// Where the statement and its parts stand.
    pub origin: Origin,
}

/// How a statement may differ from what it shows, because a part could not be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// It may match more: a listed action or resource is unknown.
    pub wider: bool,
    /// It may match less: a condition or an exception is unknown.
    pub narrower: bool,
}

/// `Principal` or `NotPrincipal`, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Whether it is `NotPrincipal`.
    pub negated: bool,
    /// What stands there.
    pub value: Node,
}

/// Where a statement and its parts stand in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The whole statement.
    pub statement: Option<Location>,
    /// Each item of its action clause, in the same order.
    pub actions: Vec<Option<Location>>,
    /// Each item of its resource clause, in the same order.
    pub resources: Vec<Option<Location>>,
}

impl Statement {
    /// A statement that allows actions on resources.
    pub fn allow(actions: Vec<ActionPattern>, resources: Vec<ArnPattern>) -> Self {
        Self {
            sid: None,
            effect: Effect::Allow,
            actions: Clause::Only(actions),
            resources: Clause::Only(resources),
            conditions: Vec::new(),
            principal: None,
            unread: Unread::default(),
            origin: Origin::default(),
        }
    }

    /// The same with a name.
    pub fn with_sid(self, sid: impl Into<SmolStr>) -> Self {
        Self { sid: Some(sid.into()), ..self }
    }

    /// The same under conditions.
    pub fn with_conditions(self, mut conditions: Vec<Condition>) -> Self {
        conditions.sort();
        conditions.dedup();
        Self { conditions, ..self }
    }
}
