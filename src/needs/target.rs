//! Where Lambda sends events for a function: dead-letter queues, destinations of asynchronous invocations, and what a
//! source does with records that failed.

use smol_str::SmolStr;

use super::facts::{Fact, fact};
use super::{Settings, TARGET, Variables};
use crate::iac::events::arn_service;
use crate::iac::{Setting, SettingKind, Stack};
use crate::span::Location;
use crate::value::{Hole, Text};

impl Settings<'_> {
    pub(super) fn target_setting(&mut self, setting: &Setting) {
        let what = match setting.kind {
            SettingKind::OnSuccess => "where successful asynchronous invocations go",
            SettingKind::OnFailure => "where failed asynchronous invocations go",
            _ => "the function's dead-letter target",
        };
        let declared = self.function.id.as_ref().and_then(|id| self.stack()?.resources.get(id));
        let service = declared.and_then(|resource| resource.target_service(setting.kind));
        self.target(what, setting.value.as_ref(), service, &setting.origin);
    }

    /// The permissions to send to a target, whose service the template may name.
    pub(super) fn target(&mut self, what: &str, value: Option<&Text>, named: Option<&'static str>, at: &Location) {
        let service = value.and_then(|value| self.service(value)).or_else(|| named.map(SmolStr::new_static));
        match service.as_deref().and_then(|service| fact(TARGET, Some(service))) {
            Some(fact) => {
                let arn = self.arn_or_any(value, fact);
                let variables = Variables::from([("target", arn.into_iter().collect())]);
                self.add(fact, what.to_owned(), Some(at.clone()), &variables);
            }
            None => self.doubt(at, format!("{what} is not known here; add the permission to send there by hand")),
        }
    }

    /// The service of what a text names: from its ARN, or the type of the resource it refers to.
    pub(super) fn service(&self, value: &Text) -> Option<SmolStr> {
        let value = self.with_defaults(value);
        let resolved = value.as_hole().and_then(|hole| self.stack()?.resolve(hole)?.prefix);
        resolved.or_else(|| arn_service(&value))
    }

    /// The text with the defaults of parameters in it.
    fn with_defaults(&self, value: &Text) -> Text {
        let default = |hole: &Hole| match hole {
            Hole::Parameter(name) => {
                self.stack()?.parameters.get(name)?.default.clone().filter(|text| text.as_literal().is_some())
            }
            _ => None,
        };
        value.fill(default)
    }

    /// The ARN of what a text names; when nothing of it is known and nothing in the template's language can name it, any
    /// resource of the kind.
    pub(super) fn arn_or_any(&self, value: Option<&Text>, fact: &Fact) -> Option<Text> {
        let Some(value) = value else { return fact.any() };
        if let Some(resolved) = value.as_hole().and_then(|hole| self.stack()?.resolve(hole)) {
            return Some(resolved.arn_reference.map_or(resolved.arn, Text::hole));
        }
        let known = if self.wanted.symbolic { value.clone() } else { self.with_defaults(value) };
        let symbol = |hole: &Hole| matches!(hole, Hole::Resource { .. } | Hole::Parameter(_));
        match known.as_hole() {
            Some(hole) if !(self.wanted.symbolic && symbol(hole)) => fact.any(),
            _ if known.as_literal() == Some("") => fact.any(),
            _ => Some(known),
        }
    }
}

/// The resource of the stack that a text refers to.
pub(super) fn resource<'a>(stack: Option<&'a Stack>, value: &Text) -> Option<&'a crate::iac::Resource> {
    match value.as_hole()? {
        Hole::Resource { id, .. } => stack?.resources.get(id),
        _ => None,
    }
}
