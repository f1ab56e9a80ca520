//! Parts of answers: `response["Items"][0]["id"]`, and the few whose text follows from the request.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use smol_str::{SmolStr, format_smolstr};

use super::{CallArgs, Callbacks, Outcome, RESULT, Response, SdkValue};
use crate::embedded;
use crate::value::{Arg, ArgMap, Hole, Text};

/// Longest path that is kept; a longer one stays as it is.
const LONGEST_PATH: usize = 160;

/// Methods of dictionaries, lists, promises and streams that give the value they are called on.
const SAME: &[&str] = &["items", "values", "copy", "build_full_result", "promise", "slice", "reverse", "sort"];

/// `api-maps/sdk/responses.json`, which its README describes.
type Templates = BTreeMap<&'static str, BTreeMap<&'static str, Parts<'static>>>;

#[derive(Debug, Deserialize)]
struct Parts<'t> {
    #[serde(default, borrow)]
    texts: BTreeMap<&'t str, &'t str>,
    #[serde(default, borrow)]
    values: BTreeMap<&'t str, &'t str>,
    #[serde(default, borrow)]
    echo: Vec<&'t str>,
}

fn parts(service: &str, operation: &str) -> Option<&'static Parts<'static>> {
    static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
        embedded::get("sdk/responses.json").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    });
    TEMPLATES.get(service)?.get(operation)
}

/// Most answers that one request may have.
const MOST_ANSWERS: usize = 16;

/// The parameters that parts of an operation's answer repeat, once for each value they can have.
pub(super) fn echoed(service: &str, operation: &str, params: &ArgMap) -> Vec<ArgMap> {
    let mut echoes = vec![ArgMap { open: params.open, ..ArgMap::default() }];
    for name in parts(service, operation).into_iter().flat_map(|parts| &parts.echo) {
        let Some(value) = params.get(name) else { continue };
        let values = value.alternatives();
        let values = if echoes.len() * values.len() > MOST_ANSWERS { std::slice::from_ref(value) } else { values };
        let with = |echo: &ArgMap, value: &Arg| {
            let mut echo = echo.clone();
            echo.entries.insert(SmolStr::from(*name), value.clone());
            echo
        };
        echoes = echoes.iter().flat_map(|echo| values.iter().map(move |value| with(echo, value))).collect();
    }
    echoes
}

impl Response {
    /// A named part.
    pub(super) fn part(&self, name: &str) -> SdkValue {
        if self.path.len() + name.len() >= LONGEST_PATH {
            return SdkValue::Response(self.clone());
        }
        let path = if self.path.is_empty() { name.into() } else { format_smolstr!("{}.{name}", self.path) };
        SdkValue::Response(Self { path, ..self.clone() })
    }

    /// The part at a key or position.
    pub(super) fn item(&self, key: &Arg) -> SdkValue {
        match key {
            Arg::Text(text) => text.as_literal().map_or_else(|| self.each(), |name| self.part(name)),
            _ => self.each(),
        }
    }

    /// Each item of the part; a whole answer is iterated page by page.
    pub(super) fn each(&self) -> SdkValue {
        if self.path.is_empty() || self.path.len() + 2 >= LONGEST_PATH {
            return SdkValue::Response(self.clone());
        }
        SdkValue::Response(Self { path: format_smolstr!("{}[]", self.path), ..self.clone() })
    }

    /// The part that the last step was taken from, and that step.
    pub(super) fn step(&self) -> (Self, &str) {
        let (path, step) = self.path.rsplit_once('.').unwrap_or(("", &self.path));
        (Self { path: path.into(), ..self.clone() }, step)
    }

    /// The same where a text within it is known better.
    pub(super) fn with_part(&self, name: &str, known: impl FnOnce(&Text) -> Option<Text>) -> Option<Self> {
        let SdkValue::Response(part) = self.part(name) else { return None };
        let text = known(&part.text())?;
        let mut whole = self.clone();
        whole.echo.change(|echo| drop(echo.entries.insert(known_part(&part.path), Arg::Text(text))));
        Some(whole)
    }

    fn text(&self) -> Text {
        let known = (!self.echo.entries.is_empty()).then(|| self.echo.get(&known_part(&self.path))).flatten();
        if let Some(Arg::Text(text)) = known {
            return text.clone();
        }
        let template = parts(&self.service, &self.operation).and_then(|parts| parts.texts.get(self.path.as_str()));
        match template {
            Some(template) => self.expand(template),
            None => Text::hole(self.hole()),
        }
    }

    /// The parameter of its request that it is a part of, if it is one.
    pub(super) fn repeated(&self) -> Option<&Arg> {
        let param = parts(&self.service, &self.operation)?.values.get(self.path.as_str())?;
        self.echo.get(param)
    }

    fn hole(&self) -> Hole {
        Hole::Response { service: self.service.clone(), operation: self.operation.clone(), path: self.path.clone() }
    }

    /// Fills a template of `responses.json` in.
    fn expand(&self, template: &str) -> Text {
        Text::of_template(template, |name| {
            let text = match (name, name.strip_prefix("param:")) {
                (_, Some(param)) => match (param.split_once('|'), self.echo.open) {
                    (Some((param, default)), false) if self.echo.get(param).is_none() => Some(Text::literal(default)),
                    (Some((param, _)), _) => self.echo.get(param).and_then(Arg::as_text),
                    (None, _) => self.echo.get(param).and_then(Arg::as_text),
                },
                ("region", _) => Some(Text::hole(Hole::Region)),
                ("account", _) => Some(Text::hole(Hole::Account)),
                ("partition", _) => Some(Text::hole(Hole::Partition)),
                _ => None,
            };
            text.unwrap_or_else(|| Text::hole(self.hole()))
        })
    }
}

/// What is known of a part of an answer stands beside the parameters under this name, which none of them has.
fn known_part(path: &str) -> SmolStr {
    format_smolstr!("={path}")
}

/// Calling a part of an answer: its methods are those of dictionaries, lists, strings and streams.
pub(super) fn call(response: &Response, args: &CallArgs) -> Outcome {
    let (owner, method) = response.step();
    let value = match method {
        "get" | "pop" | "at" => args.positional.first().map_or_else(|| owner.each(), |key| owner.item(key)),
        "search" => Response { path: "search()".into(), ..owner }.each(),
        "map" | "forEach" | "find" | "flatMap" | "some" | "every" | "filter" | "findIndex" => {
            return Outcome { callbacks: Callbacks::Called(vec![owner.each().into()]), ..Outcome::gives(owner.each()) };
        }
        name if SAME.contains(&name) => SdkValue::Response(owner),
        name => owner.part(&format_smolstr!("{name}()")),
    };
    Outcome { callbacks: Callbacks::Unknown, ..Outcome::gives(value) }
}

/// A path as code writes it: `a.b().c()`.
fn called(path: &[SmolStr]) -> String {
    let mut out = String::new();
    for segment in path {
        if segment != RESULT && !out.is_empty() {
            out.push('.');
        }
        out.push_str(segment);
    }
    out
}

/// A library's value as a string: a part of an answer as far as it is known, the result of a library call as a hole.
pub fn as_text(value: &SdkValue) -> Option<Text> {
    match value {
        SdkValue::Response(response) => Some(response.text()),
        SdkValue::Instance { path, .. } => Some(Text::hole(Hole::Unknown(format_smolstr!("the result of {}", called(path))))),
        SdkValue::External { path, .. } if path.iter().any(|segment| segment == RESULT) => {
            Some(Text::hole(Hole::Unknown(format_smolstr!("the result of {}", called(path)))))
        }
        _ => None,
    }
}
