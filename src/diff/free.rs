//! Requests that need no permission: what allows them is unused, although code makes them.

use super::Place;
use super::subject::Subject;
use crate::catalog::Catalog;
use crate::policy::{Action, ActionPattern};

/// The calls of requests that an action is called after and that need no permission, and the page that says so.
pub(super) fn calls(subject: &Subject<'_>, action: &ActionPattern) -> (Vec<Place>, Option<String>) {
    let catalog = Catalog::embedded();
    let (mut places, mut page) = (Vec::new(), None);
    for call in subject.functions.iter().flat_map(|function| &function.calls) {
        let names = catalog.prefixes_of(&call.service).into_iter().map(|prefix| format!("{prefix}:{}", call.operation));
        let is_meant = |name: &String| Action::parse(name).is_some_and(|own| action.matches(&own));
        let Some(name) = names.into_iter().find(is_meant) else { continue };
        let Some(entry) = catalog.entry(&call.service, &call.operation).filter(|entry| entry.permissionless) else { continue };
        places.push(Place { at: Some(call.at.clone()), what: name });
        page = page.or_else(|| entry.doc.clone());
    }
    places.sort();
    places.dedup();
    (places, page)
}
