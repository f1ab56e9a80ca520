//! Finding a parameter's value in a request: `Entries[].EventBusName`, `RequestItems{}`, `Targets{*}.RoleArn`, `Key{1}`.
//!
//! A path meets *choices* on its way: the items of a list, the entries of a map, the alternatives of a value. All paths
//! of one template share their choices, so that the two halves of `${param:Items[].Db}/${param:Items[].Table}` speak of
//! the same item.

use std::borrow::Cow;

use crate::value::{Arg, ArgMap, Hole, Text};

/// How many combinations of choices a template is filled for before it falls back on holes.
const COMBINATIONS: usize = 64;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A value: a part of the request, or what stands for one that is not known.
    Value(Cow<'a, Arg>),
    /// Certainly nothing: the request does not have it.
    Absent,
    /// Nothing that shows, but something unknown was spread into the request.
    Hidden,
}

impl Found<'_> {
    fn unknown(what: &str) -> Self {
        Self::Value(Cow::Owned(Arg::unknown(what)))
    }
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
    fn pick(&mut self, place: Place<'_>, count: usize) -> Option<usize> {
        if count <= 1 {
            return Some(0);
        }
        if self.exhausted {
            return None;
        }
        let place = place.name();
        if let Some(pick) = self.picks.iter().find(|pick| pick.place == place) {
            return Some(pick.picked);
        }
        self.picks.push(Pick { place, count, picked: 0 });
        Some(0)
    }
}

/// How far a path was followed, and whether an alternative is chosen there. It gets a name only where there is a choice.
#[derive(Debug, Clone, Copy)]
struct Place<'p> {
    followed: &'p str,
    alternative: bool,
}

impl Place<'_> {
    /// A key and its value are one choice.
    fn name(self) -> String {
        self.followed.replace("{*}", "{}") + if self.alternative { "|" } else { "" }
    }
}

/// Follows a path.
pub(crate) fn find<'a>(params: &'a ArgMap, path: &str, choices: &mut Choices) -> Found<'a> {
    follow(params, path, false, choices)
}

/// Follows a path to a text. The SDK refuses to send objects and lists in its place, so that they are none of several values.
pub(crate) fn find_text<'a>(params: &'a ArgMap, path: &str, choices: &mut Choices) -> Found<'a> {
    follow(params, path, true, choices)
}

fn follow<'a>(params: &'a ArgMap, path: &str, to_text: bool, choices: &mut Choices) -> Found<'a> {
    let mut current = None;
    let mut end = 0;
    for segment in path.split('.') {
        let (name, marks) = split_marks(segment);
        end += name.len();
        let inner = current.map_or_else(|| entry(params, name), |outer| field(outer, name));
        let mut found = settle(without_objects(inner, to_text && end == path.len()), &path[..end], choices);
        for mark in marks.split_inclusive([']', '}']) {
            end += mark.len();
            let followed = &path[..end];
            let place = Place { followed, alternative: false };
            let part = match mark {
                "[]" => item(found, place, choices),
                "{}" => one_of_map(found, key, place, choices),
                "{*}" => one_of_map(found, value, place, choices),
                "{1}" => only(found),
                _ => Found::Absent,
            };
            found = settle(without_objects(part, to_text && end == path.len()), followed, choices);
        }
        if !matches!(found, Found::Value(_)) {
            return found;
        }
        current = Some(found);
        end += 1;
    }
    current.unwrap_or(Found::Absent)
}

/// A name of a path, and the marks behind it that say what of its value is meant: `Actions` and `{*}[]`.
pub fn split_marks(segment: &str) -> (&str, &str) {
    segment.split_at(segment.find(['[', '{']).unwrap_or(segment.len()))
}

/// A part of a value; nothing where it does not have it.
fn part<'a>(of: Cow<'a, Arg>, take: impl for<'v> FnOnce(&'v Arg) -> Option<&'v Arg>) -> Found<'a> {
    let part = match of {
        Cow::Borrowed(whole) => take(whole).map(Cow::Borrowed),
        Cow::Owned(whole) => take(&whole).cloned().map(Cow::Owned),
    };
    part.map_or(Found::Absent, Found::Value)
}

/// A value without those alternatives that are no text, where it is one and others are.
fn without_objects(found: Found<'_>, is_text: bool) -> Found<'_> {
    let is_object = |value: &Arg| matches!(value, Arg::Map(_) | Arg::List { .. });
    match &found {
        Found::Value(value) if is_text => match &**value {
            Arg::OneOf(values) if values.iter().any(is_object) && values.iter().any(|value| value.as_text().is_some()) => {
                Found::Value(Cow::Owned(Arg::one_of(values.iter().filter(|value| !is_object(value)).cloned())))
            }
            _ => found,
        },
        _ => found,
    }
}

/// Settles on one alternative of a value; `null` counts as absent.
fn settle<'a>(found: Found<'a>, followed: &str, choices: &mut Choices) -> Found<'a> {
    let Found::Value(value) = found else { return found };
    match &*value {
        Arg::OneOf(values) => match choices.pick(Place { followed, alternative: true }, values.len()) {
            Some(index) => {
                let one = part(value, |value| if let Arg::OneOf(values) = value { values.get(index) } else { None });
                settle(one, followed, choices)
            }
            None => too_many(),
        },
        Arg::Null => Found::Absent,
        _ => Found::Value(value),
    }
}

fn entry<'a>(map: &'a ArgMap, name: &str) -> Found<'a> {
    match map.entries.get(name) {
        Some(value) => Found::Value(Cow::Borrowed(value)),
        None if map.open => Found::Hidden,
        None => Found::Absent,
    }
}

fn field<'a>(from: Found<'a>, name: &str) -> Found<'a> {
    let Found::Value(value) = from else { return from };
    match &*value {
        Arg::Map(map) if !map.entries.contains_key(name) => {
            if map.open {
                Found::Hidden
            } else {
                Found::Absent
            }
        }
        Arg::Map(_) => part(value, |value| value.as_map()?.get(name)),
        Arg::Unknown(_) => Found::Value(value),
        Arg::Other(what) => Found::Value(Cow::Owned(Arg::Unknown(Hole::Unknown(what.clone())))),
        Arg::Sdk(_) => Found::unknown("a value of the SDK"),
        _ => Found::Absent,
    }
}

fn item<'a>(from: Found<'a>, place: Place<'_>, choices: &mut Choices) -> Found<'a> {
    let Found::Value(value) = from else { return from };
    match &*value {
        Arg::List { items, open: true } if items.is_empty() => Found::unknown("an item of a list"),
        Arg::List { items, .. } => match choices.pick(place, items.len()) {
            Some(index) => part(value, |value| if let Arg::List { items, .. } = value { items.get(index) } else { None }),
            None => too_many(),
        },
        // A value that fits in one place of a list is often passed without it.
        _ => Found::Value(value),
    }
}

/// What one entry of a map gives.
fn one_of_map<'a>(from: Found<'a>, of: fn(&ArgMap, usize) -> Arg, place: Place<'_>, choices: &mut Choices) -> Found<'a> {
    let Found::Value(value) = from else { return from };
    let Arg::Map(map) = &*value else { return Found::Value(value) };
    let further = map.open && map.computed.is_empty();
    let count = map.entries.len() + map.computed.len() + usize::from(further);
    match choices.pick(place, count) {
        Some(index) if index < count => Found::Value(Cow::Owned(of(map, index))),
        Some(_) => Found::Absent,
        None => too_many(),
    }
}

/// The key of a map's entry; those that are computed stand behind the known ones.
fn key(map: &ArgMap, index: usize) -> Arg {
    let known = map.entries.keys().nth(index).map(|key| Arg::text(key));
    let computed = || map.computed.get(index - map.entries.len()).cloned().map(Arg::Text);
    known.or_else(computed).unwrap_or_else(|| Arg::unknown("a key of a map"))
}

/// The value that goes with a key.
fn value(map: &ArgMap, index: usize) -> Arg {
    map.entries.values().nth(index).cloned().unwrap_or_else(|| Arg::unknown("a value of a map"))
}

/// The value of a map's only key, without the type that `DynamoDB` wraps around it (`{"S": "value"}`).
fn only(from: Found<'_>) -> Found<'_> {
    let mut found = from;
    for _ in 0..2 {
        let Found::Value(value) = found else { return found };
        let Some(map) = value.as_map() else { return Found::Value(value) };
        let lone = !map.open && map.computed.is_empty() && map.entries.len() == 1;
        found = if lone {
            part(value, |value| value.as_map()?.entries.values().next())
        } else {
            Found::unknown("one of several keys")
        };
    }
    found
}

fn too_many<'a>() -> Found<'a> {
    Found::unknown("too many values")
}

/// A value as a string; what has no string form is a hole.
pub(crate) fn text_of(value: &Arg) -> Text {
    value.as_text().unwrap_or_else(|| Text::hole(Hole::Unknown("an object or a list where a text is expected".into())))
}

#[cfg(test)]
mod tests {
    use super::super::template::Template;
    use super::*;

    fn map(entries: Vec<(&str, Arg)>, open: bool, computed: Vec<Text>) -> ArgMap {
        ArgMap { entries: entries.into_iter().map(|(name, value)| (name.into(), value)).collect(), open, computed }
    }

    /// Everything that two paths of one template lead to.
    fn pairs<'a>(params: &'a ArgMap, paths: [&str; 2]) -> Vec<[Found<'a>; 2]> {
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
        let key = Text::hole(Hole::Unknown("a key of an unknown object".into()));
        let targets = map(vec![("one", target("first")), ("two", target("second"))], true, vec![key.clone()]);
        let request = map(vec![("Targets", Arg::Map(targets))], false, Vec::new());
        let text = |text: &str| Found::Value(Cow::Owned(Arg::text(text)));
        let unknown = Found::Value(Cow::Owned(Arg::unknown("a value of a map")));
        let wanted =
            [[text("one"), text("first")], [text("two"), text("second")], [Found::Value(Cow::Owned(Arg::Text(key))), unknown]];
        assert_eq!(pairs(&request, ["Targets{}", "Targets{*}.Role"]), wanted);
        assert_eq!(find(&request, "Targets{}.Role", &mut Choices::default()), Found::Absent);
        let nested = Template::parse("a:${param:Targets{*}.Parts{*}.Role|raw}/${param:Key{1}}:${any:Id}");
        let read = nested.map(|template| template.params().map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(read, Ok(vec!["Targets{*}.Parts{*}.Role".to_owned(), "Key{1}".to_owned()]));
        let none = map(vec![("Targets", Arg::Map(ArgMap::default()))], false, Vec::new());
        assert_eq!(find(&none, "Targets{*}.Role", &mut Choices::default()), Found::Absent);
    }
}
