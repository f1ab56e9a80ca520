//! Statements of policies in whatever format: what one must have, and what in it could not be read.

use smol_str::SmolStr;

use super::declared::DeclaredStatement;
use crate::note::{Note, NoteKind, Notes};
use crate::policy::{Condition, Effect};
use crate::span::Location;
use crate::value::{Arg, ArgMap, Hole, Text};

/// The statements of a policy document, and what in it could not be read.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    pub(crate) list: Vec<DeclaredStatement>,
    pub(crate) notes: Notes,
}

/// What readers make of single strings that have to be known.
pub(crate) struct Known {
    pub(crate) sid: Option<SmolStr>,
    pub(crate) effect: Option<SmolStr>,
}

impl Statements {
    pub(crate) fn unreadable(&mut self, at: &Location, message: &str) {
        self.notes.insert(Note::at(NoteKind::Template, at.clone(), message));
    }

    /// What has no statements.
    pub(crate) fn no_document(&mut self, at: &Location) {
        self.unreadable(at, "expected a policy document with a `Statement`");
    }

    /// What is no statement at all.
    pub(crate) fn no_statement(&mut self, at: &Location) {
        self.unreadable(at, "expected a statement with `Effect`, `Action` and `Resource`");
    }

    /// Adds a statement. Actions have what parameters are by default, which only the reader knows.
    pub(crate) fn add(&mut self, statement: &ArgMap, known: Known, default: impl Fn(&Text) -> Text, at: &Location) {
        let effect = match known.effect.as_deref() {
            Some("Deny") => Effect::Deny,
            Some("Allow") => Effect::Allow,
            _ => {
                self.unreadable(at, "the `Effect` of this statement is neither Allow nor Deny; it counts as Allow");
                Effect::Allow
            }
        };
        let (actions, not_action) = either(statement, "Action", "NotAction");
        let (resources, not_resource) = either(statement, "Resource", "NotResource");
        let (principal, not_principal) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (None, Some(negated)) => (Some(negated), true),
            (principal, _) => (principal, false),
        };
        let (actions, resources) = (strings(actions), strings(resources.map(filled).as_ref()));
        if actions.is_empty() {
            self.unreadable(at, "this statement has no `Action` that could be read");
            return;
        }
        if resources.is_empty() && principal.is_none() {
            self.unreadable(at, "this statement has no `Resource` that could be read");
        }
        if actions.iter().any(|action| action.holes().next().is_some()) {
            self.unreadable(at, "an action of this statement is not known here; its unknown parts count as `*`");
        }
        self.list.push(DeclaredStatement {
            sid: known.sid.filter(|sid| !sid.is_empty()),
            effect,
            actions: actions.iter().map(|action| default(action).pattern().into()).collect(),
            not_action,
            resources,
            not_resource,
            principals: principal.map_or_else(Vec::new, principals),
            not_principal,
            conditions: all_conditions(statement.get("Condition")),
            origin: at.clone(),
        });
    }
}

/// What stands under a key or its negated twin.
fn either<'a>(statement: &'a ArgMap, key: &str, negated: &str) -> (Option<&'a Arg>, bool) {
    match (statement.get(key), statement.get(negated)) {
        (None, Some(value)) => (Some(value), true),
        (value, _) => (value, false),
    }
}

/// A string, or a list of strings, with all alternatives side by side.
pub(crate) fn strings<'a>(values: impl IntoIterator<Item = &'a Arg>) -> Vec<Text> {
    fn flatten(value: &Arg, out: &mut Vec<Text>) {
        match value {
            Arg::List { items, open } => {
                for item in items {
                    flatten(item, out);
                }
                if *open {
                    out.push(Text::hole(Hole::Unknown("further items of a list".into())));
                }
            }
            Arg::OneOf(values) => {
                for value in values {
                    flatten(value, out);
                }
            }
            other => out.extend(other.as_text()),
        }
    }
    let mut out = Vec::new();
    values.into_iter().for_each(|value| flatten(value, &mut out));
    out
}

/// Resources without what an empty text leaves of them (`""`, `:*`) where another of the alternatives names something: the fallback is
/// for what is not there, and nobody means a statement about nothing. Values nest as deep as their readers let them.
fn filled(value: &Arg) -> Arg {
    let is_left = |value: &Arg| match value.as_text().as_ref().and_then(Text::as_literal) {
        Some(text) => text != "*" && text.chars().all(|letter| matches!(letter, ':' | '/' | '*')),
        None => false,
    };
    match value {
        Arg::List { items, open } => Arg::List { items: items.iter().map(filled).collect(), open: *open },
        Arg::OneOf(values) if !values.iter().all(is_left) => {
            Arg::one_of(values.iter().filter(|value| !is_left(value)).map(filled))
        }
        other => other.clone(),
    }
}

fn principals(value: &Arg) -> Vec<(SmolStr, Text)> {
    match value {
        Arg::Map(map) => {
            let each = |(kind, value): (&SmolStr, &Arg)| {
                strings([value]).into_iter().map(|text| (kind.clone(), text)).collect::<Vec<_>>()
            };
            map.entries.iter().flat_map(each).collect()
        }
        Arg::OneOf(values) => values.iter().flat_map(principals).collect(),
        other => strings([other]).into_iter().map(|text| ("*".into(), text)).collect(),
    }
}

/// The conditions of a statement. Where there may be others, one that nobody knows stands for them: without it, the statement
/// would allow more than it does.
fn all_conditions(value: Option<&Arg>) -> Vec<Condition> {
    let (mut found, is_whole) = conditions(value);
    if !is_whole {
        let unknown = Text::hole(Hole::Unknown("a condition that is not known here".into()));
        found.push(Condition::new("*", "*", vec![unknown]));
    }
    found
}

/// The conditions that a value states, `{ "StringEquals": { "aws:SourceAccount": "…" } }`, and whether these are all.
pub(super) fn conditions(value: Option<&Arg>) -> (Vec<Condition>, bool) {
    let operators = match value {
        None | Some(Arg::Null) => return (Vec::new(), true),
        Some(Arg::Map(operators)) => operators,
        Some(_) => return (Vec::new(), false),
    };
    let mut found = Vec::new();
    let mut is_whole = !operators.open;
    for (operator, keys) in &operators.entries {
        let Arg::Map(keys) = keys else {
            is_whole = false;
            continue;
        };
        is_whole &= !keys.open;
        let condition = |(key, values): (&SmolStr, &Arg)| Condition::new(operator.clone(), key.clone(), strings([values]));
        found.extend(keys.entries.iter().map(condition));
    }
    (found, is_whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_that_may_be_others_leave_one_that_nobody_knows() {
        let map = |key: &str, value: Arg| Arg::Map(ArgMap { entries: [(SmolStr::from(key), value)].into(), ..ArgMap::default() });
        let known = map("StringEquals", map("aws:SourceAccount", Arg::text("1")));
        assert_eq!(all_conditions(Some(&known)).len(), 1);
        assert!(all_conditions(None).is_empty() && all_conditions(Some(&Arg::Null)).is_empty());
        let chosen = Arg::one_of([known.clone(), Arg::Null]);
        let unread = map("StringEquals", Arg::unknown("what a parameter says"));
        let open = Arg::Map(ArgMap { open: true, ..ArgMap::default() });
        for value in [chosen, unread, open, Arg::unknown("a condition")] {
            let found = all_conditions(Some(&value));
            assert!(found.len() == 1 && found[0].values.iter().any(Text::is_unknown), "{value:?}: {found:?}");
        }
    }
}
