//! What Lambda itself does with a function's role because of how the function is set up, whatever its code does.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>

use super::facts::{Fact, facts};
use super::source::source_service;
use super::{FILE_SYSTEM, SOURCE, Settings, TARGET, Wanted, setting_fact};
use crate::iac::{EventKind, EventSource, Setting};
use crate::project::Function;
use crate::value::Text;

/// The actions that Lambda may use with a function's role, those among them that functions run without; some may occur twice.
pub fn actions_of_lambda(function: &Function) -> Vec<&'static str> {
    let settings = Settings { function, wanted: &Wanted::default(), needs: Vec::new(), notes: Vec::new() };
    let mut used: Vec<&'static Fact> = facts("logs", None).collect();
    used.extend(function.settings.iter().flat_map(|setting| settings.of_setting(setting)));
    used.extend(function.events.iter().flat_map(|event| settings.of_event(event)));
    used.into_iter().flat_map(Fact::actions).collect()
}

/// What a role may have in place of an action that a polled source needs.
pub fn instead_of(action: &str) -> Option<&'static str> {
    facts(SOURCE, None).find_map(|fact| fact.instead.get(action)).map(String::as_str)
}

impl Settings<'_> {
    fn of_setting(&self, setting: &Setting) -> Vec<&'static Fact> {
        match setting_fact(setting.kind) {
            Some(TARGET) => {
                let declared = self.function.id.as_ref().and_then(|id| self.stack()?.resources.get(id));
                self.of_target(setting.value.as_ref(), declared.and_then(|resource| resource.target_service(setting.kind)))
            }
            Some(FILE_SYSTEM) => {
                let service = setting.value.as_ref().map(|value| self.file_system_service(value));
                facts(FILE_SYSTEM, service).collect()
            }
            Some(kind) => facts(kind, None).collect(),
            None => Vec::new(),
        }
    }

    fn of_event(&self, event: &EventSource) -> Vec<&'static Fact> {
        let mut used: Vec<&'static Fact> = match (&event.kind, source_service(&event.kind)) {
            (EventKind::UnknownMapping, _) => facts(SOURCE, None).collect(),
            (_, Some(service)) => facts(SOURCE, Some(service)).collect(),
            (_, None) => Vec::new(),
        };
        if event.has_failure_target() {
            used.extend(self.of_target(event.on_failure.as_ref(), event.failure_service()));
        }
        used
    }

    /// A target of which nothing is known may be any.
    fn of_target(&self, value: Option<&Text>, named: Option<&str>) -> Vec<&'static Fact> {
        let service = value.and_then(|value| self.service(value));
        facts(TARGET, service.as_deref().or(named)).collect()
    }
}
