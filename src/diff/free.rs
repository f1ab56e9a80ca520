//! Requests that need no permission: what allows them is unused, although code makes them.

use super::Place;
use super::subject::Subject;
use crate::catalog::Catalog;
use crate::policy::{Action, ActionPattern};

/// The calls of a subject that need no permission.
pub(super) struct Free {
    calls: Vec<Call>,
}

/// One call that needs no permission.
struct Call {
    /// The actions that it is called after.
    names: Vec<Action>,
    place: Place,
    /// The page that says so.
    page: Option<String>,
}

impl Free {
    /// Looks through all calls of a subject.
    pub(super) fn of(subject: &Subject<'_>) -> Self {
        let catalog = Catalog::embedded();
        let mut calls = Vec::new();
        for call in subject.functions.iter().flat_map(|function| &function.calls) {
            let entry = catalog.entry(&call.service, &call.operation).filter(|entry| entry.permissionless);
            let Some(entry) = entry else { continue };
            let names = catalog.prefixes_of(&call.service).into_iter();
            let names = names.filter_map(|prefix| Action::parse(&format!("{prefix}:{}", call.operation))).collect();
            let place = Place { at: Some(call.at.clone()), what: String::new() };
            calls.push(Call { names, place, page: entry.doc.clone() });
        }
        Self { calls }
    }

    /// The calls that an action is called after, and the page that says that they need no permission.
    pub(super) fn named(&self, action: &ActionPattern) -> (Vec<Place>, Option<String>) {
        let (mut places, mut page) = (Vec::new(), None);
        for call in &self.calls {
            let Some(name) = call.names.iter().find(|name| action.matches(name)) else { continue };
            places.push(Place { what: name.to_string(), ..call.place.clone() });
            page = page.or_else(|| call.page.clone());
        }
        places.sort();
        places.dedup();
        (places, page)
    }
}
