//! Finding a parameter's value in a request: `Entries[].EventBusName`, `RequestItems{}`, `Key{1}`.
//!
//! A path meets *choices* on its way: the items of a list, the keys of a map, the alternatives of a value. All paths
//! of one template share their choices, so that the two halves of `${param:Items[].Db}/${param:Items[].Table}` speak of
//! the same item.

use crate::value::{Arg, ArgMap, Hole, Text};

/// How many combinations of choices a template is filled for before it falls back on holes.
const COMBINATIONS: usize = 64;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A value.
    Value(Arg),
    /// Certainly nothing: the request does not have it.
    Absent,
    /// Nothing that shows, but something unknown was spread into the request.
    Hidden,
}

/// The choices made while following the paths of one template; an odometer over all of them.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    picks: Vec<Pick>,
    rounds: usize,
    exhausted: bool,
}

#[derive(Debug)]
struct Pick {
    place: String,
    count: usize,
    picked: usize,
}

impl Choices {
    /// Moves to the next combination; `false` after the last one.
    pub(crate) fn advance(&mut self) -> bool {
        self.rounds += 1;
        if self.exhausted {
            return false;
        }
        while let Some(last) = self.picks.last_mut() {
            last.picked += 1;
            if last.picked < last.count {
                self.exhausted = self.rounds >= COMBINATIONS;
                if self.exhausted {
                    self.picks.clear();
                }
                return true;
            }
            self.picks.pop();
        }
        false
    }

    /// Which of `count` to take at a place; nothing once there were too many combinations.
    fn pick(&mut self, place: &str, count: usize) -> Option<usize> {
        if count <= 1 {
            return Some(0);
        }
        if self.exhausted {
            return None;
        }
        if let Some(pick) = self.picks.iter().find(|pick| pick.place == place) {
            return Some(pick.picked);
        }
        self.picks.push(Pick { place: place.to_owned(), count, picked: 0 });
        Some(0)
    }
}

/// Follows a path.
pub(crate) fn find(params: &ArgMap, path: &str, choices: &mut Choices) -> Found {
    let mut at = String::with_capacity(path.len());
    let mut current = None;
    for segment in path.split('.') {
        let (name, lone) = segment.strip_suffix("{1}").map_or((segment, false), |name| (name, true));
        let (name, list, keys) = split_segment(name);
        at.push('.');
        at.push_str(name);
        let inner = current.map_or_else(|| entry(params, name), |outer| field(outer, name));
        let mut found = settle(inner, &at, choices);
        if list {
            at.push_str("[]");
            found = settle(item(found, &at, choices), &at, choices);
        }
        if keys {
            at.push_str("{}");
            found = key(found, &at, choices);
        }
        if lone {
            found = settle(only(found), &at, choices);
        }
        if !matches!(found, Found::Value(_)) {
            return found;
        }
        current = Some(found);
    }
    current.unwrap_or(Found::Absent)
}

fn split_segment(segment: &str) -> (&str, bool, bool) {
    if let Some(name) = segment.strip_suffix("[]") {
        (name, true, false)
    } else if let Some(name) = segment.strip_suffix("{}") {
        (name, false, true)
    } else {
        (segment, false, false)
    }
}

/// Settles on one alternative of a value; `null` counts as absent.
fn settle(found: Found, at: &str, choices: &mut Choices) -> Found {
    match found {
        Found::Value(Arg::OneOf(values)) => match choices.pick(&format!("{at}|"), values.len()) {
            Some(index) => settle(values.into_iter().nth(index).map_or(Found::Absent, Found::Value), at, choices),
            None => too_many(),
        },
        Found::Value(Arg::Null) => Found::Absent,
        other => other,
    }
}

fn entry(map: &ArgMap, name: &str) -> Found {
    match map.entries.get(name) {
        Some(value) => Found::Value(value.clone()),
        None if map.open => Found::Hidden,
        None => Found::Absent,
    }
}

fn field(from: Found, name: &str) -> Found {
    match from {
        Found::Value(Arg::Map(map)) => entry(&map, name),
        Found::Value(Arg::Unknown(hole)) => Found::Value(Arg::Unknown(hole)),
        Found::Value(Arg::Other(what)) => Found::Value(Arg::Unknown(Hole::Unknown(what))),
        Found::Value(Arg::Sdk(_)) => Found::Value(Arg::unknown("a value of the SDK")),
        Found::Value(_) => Found::Absent,
        none => none,
    }
}

fn item(from: Found, at: &str, choices: &mut Choices) -> Found {
    match from {
        Found::Value(Arg::List { mut items, open }) => {
            if open && items.is_empty() {
                items.push(Arg::unknown("an item of a list"));
            }
            match choices.pick(at, items.len()) {
                Some(index) => items.into_iter().nth(index).map_or(Found::Absent, Found::Value),
                None => too_many(),
            }
        }
        // A value that fits in one place of a list is often passed without it.
        other => other,
    }
}

fn key(from: Found, at: &str, choices: &mut Choices) -> Found {
    match from {
        Found::Value(Arg::Map(map)) => {
            let mut keys: Vec<Arg> = map.entries.keys().map(|key| Arg::text(key)).collect();
            keys.extend(map.computed.iter().cloned().map(Arg::Text));
            if map.open && map.computed.is_empty() {
                keys.push(Arg::unknown("a key of a map"));
            }
            match choices.pick(at, keys.len()) {
                Some(index) => keys.into_iter().nth(index).map_or(Found::Absent, Found::Value),
                None => too_many(),
            }
        }
        other => other,
    }
}

/// The value of a map's only key, without the type that `DynamoDB` wraps around it (`{"S": "value"}`).
fn only(from: Found) -> Found {
    let mut found = from;
    for _ in 0..2 {
        let Found::Value(Arg::Map(map)) = &found else { break };
        let lone = !map.open && map.computed.is_empty() && map.entries.len() == 1;
        let value = map.entries.values().next().filter(|_| lone).cloned();
        found = Found::Value(value.unwrap_or_else(|| Arg::unknown("one of several keys")));
    }
    found
}

fn too_many() -> Found {
    Found::Value(Arg::unknown("too many values"))
}

/// A value as a string; what has no string form is a hole.
pub(crate) fn text_of(value: &Arg) -> Text {
    value.as_text().unwrap_or_else(|| Text::hole(Hole::Unknown("a value that is no text".into())))
}
