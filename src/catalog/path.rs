//! Finding a parameter's value in a request: `Entries[].EventBusName`, `RequestItems{}`, `Targets{*}.RoleArn`, `Key{1}`.
//!
//! A path meets *choices* on its way: the items of a list, the entries of a map, the alternatives of a value. All paths
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
        let (name, marks) = split_marks(segment);
        at.push('.');
        at.push_str(name);
        let inner = current.map_or_else(|| entry(params, name), |outer| field(outer, name));
        let mut found = settle(inner, &at, choices);
        for mark in marks.split_inclusive([']', '}']) {
            found = match mark {
                "[]" => {
                    at.push_str(mark);
                    settle(item(found, &at, choices), &at, choices)
                }
                // A key and its value are one choice.
                "{}" | "{*}" => {
                    at.push_str("{}");
                    let of = if mark == "{}" { keys } else { values };
                    settle(one_of_map(found, of, &at, choices), &at, choices)
                }
                "{1}" => settle(only(found), &at, choices),
                _ => Found::Absent,
            };
        }
        if !matches!(found, Found::Value(_)) {
            return found;
        }
        current = Some(found);
    }
    current.unwrap_or(Found::Absent)
}

/// A name of a path, and the marks behind it that say what of its value is meant: `Actions` and `{*}[]`.
pub fn split_marks(segment: &str) -> (&str, &str) {
    segment.split_at(segment.find(['[', '{']).unwrap_or(segment.len()))
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

/// What one entry of a map gives.
fn one_of_map(from: Found, of: fn(ArgMap) -> Vec<Arg>, at: &str, choices: &mut Choices) -> Found {
    match from {
        Found::Value(Arg::Map(map)) => {
            let all = of(map);
            match choices.pick(at, all.len()) {
                Some(index) => all.into_iter().nth(index).map_or(Found::Absent, Found::Value),
                None => too_many(),
            }
        }
        other => other,
    }
}

/// The keys of a map.
fn keys(map: ArgMap) -> Vec<Arg> {
    let further = map.open && map.computed.is_empty();
    let mut keys: Vec<Arg> = map.entries.keys().map(|key| Arg::text(key)).collect();
    keys.extend(map.computed.into_iter().map(Arg::Text));
    keys.extend(further.then(|| Arg::unknown("a key of a map")));
    keys
}

/// The values of a map, in the order of its keys.
fn values(map: ArgMap) -> Vec<Arg> {
    let further = if map.open { map.computed.len().max(1) } else { map.computed.len() };
    let unknown = std::iter::repeat_n(Arg::unknown("a value of a map"), further);
    map.entries.into_values().chain(unknown).collect()
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

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn map(entries: Vec<(&str, Arg)>, open: bool, computed: Vec<Text>) -> ArgMap {
        ArgMap { entries: entries.into_iter().map(|(name, value)| (name.into(), value)).collect(), open, computed }
    }

    /// Everything that two paths of one template lead to.
    fn pairs(params: &ArgMap, paths: [&str; 2]) -> Vec<[Found; 2]> {
        let (mut choices, mut out) = (Choices::default(), Vec::new());
        loop {
            out.push(paths.map(|path| find(params, path, &mut choices)));
            if !choices.advance() {
                return out;
            }
        }
    }

    #[test]
    fn a_key_of_a_map_goes_with_its_value_and_what_is_computed_may_have_any() {
        let target = |role: &str| Arg::Map(map(vec![("Role", Arg::text(role))], false, Vec::new()));
        let key = Text::hole(Hole::Unknown("a key".into()));
        let targets = map(vec![("one", target("first")), ("two", target("second"))], true, vec![key.clone()]);
        let request = map(vec![("Targets", Arg::Map(targets))], false, Vec::new());
        let text = |text: &str| Found::Value(Arg::text(text));
        let unknown = Found::Value(Arg::unknown("a value of a map"));
        let wanted = [[text("one"), text("first")], [text("two"), text("second")], [Found::Value(Arg::Text(key)), unknown]];
        assert_eq!(pairs(&request, ["Targets{}", "Targets{*}.Role"]), wanted);
        assert_eq!(find(&request, "Targets{}.Role", &mut Choices::default()), Found::Absent);
        let nested = Template::parse("a:${param:Targets{*}.Parts{*}.Role|raw}/${param:Key{1}}:${any:Id}");
        let read = nested.map(|template| template.params().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(read, Ok(vec!["Targets{*}.Parts{*}.Role".to_owned(), "Key{1}".to_owned()]));
        let none = map(vec![("Targets", Arg::Map(ArgMap::default()))], false, Vec::new());
        assert_eq!(find(&none, "Targets{*}.Role", &mut Choices::default()), Found::Absent);
    }
}
