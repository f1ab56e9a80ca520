//! What of AWS's SDK gets into the hands of libraries that nobody knows: they can make requests with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::call::Args;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, Value};
use crate::note::NoteKind;
use crate::sdk::SdkValue;
use crate::span::Span;

/// How deep lists and objects are opened to find it.
const MAX_DEPTH: u32 = 2;
/// How many values of one call are looked at; nobody hands a client over among more.
const MAX_VALUES: usize = 400;

impl Interp<'_> {
    /// Says that a library which is not followed gets a client, or the function's own credentials.
    pub(super) fn note_handed(&mut self, library: &SdkValue, args: &Args, span: Span) {
        let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = library else { return };
        let Some(package) = path.first().filter(|package| !super::link::is_of_language(*ecosystem, package)) else { return };
        let mut held = Vec::new();
        self.sdk_values_in(args.all().collect(), &mut held);
        if held.iter().any(|value| crate::sdk::are_own_credentials(value)) {
            let message =
                format!("`{package}` gets this function's own credentials; what it requests with them is not in the policy");
            self.note(NoteKind::SignedRequest, span, message);
        }
        let makers: BTreeSet<String> = held.iter().filter_map(|value| crate::sdk::made_with_own(value)).collect();
        let is_known = super::link::is_common(*ecosystem, package)
            || crate::sdk::knows_package(*ecosystem, package)
            || crate::sdk::is_container(*ecosystem, package);
        if !makers.is_empty() && !is_known {
            let makers: Vec<String> = makers.into_iter().collect();
            let message =
                format!("`{package}` gets {} and is not followed; say what it may do in an override", makers.join(" and "));
            self.note(NoteKind::UnfollowedPackage, span, message);
        }
    }

    /// The SDK's values among some values, nearer ones first; every object is opened once.
    fn sdk_values_in(&self, values: Vec<&Value>, found: &mut Vec<Arc<SdkValue>>) {
        let mut seen = FxHashSet::default();
        let mut level = values;
        let mut left = MAX_VALUES;
        for _ in 0..=MAX_DEPTH {
            let mut next: Vec<&Value> = Vec::new();
            for atom in level.into_iter().flat_map(Value::atoms) {
                let Some(fewer) = left.checked_sub(1) else { return };
                left = fewer;
                match atom {
                    Atom::Sdk(sdk) => found.push(Arc::clone(&sdk.value)),
                    Atom::Object(id) if next.len() < MAX_VALUES && seen.insert(*id) => {
                        let object = self.store.get(*id);
                        if matches!(object.kind, ObjKind::Dict | ObjKind::List) {
                            let inner = object.fields.values().chain(&object.items).chain([&object.rest]);
                            next.extend(inner.take(MAX_VALUES));
                        }
                    }
                    _ => {}
                }
            }
            level = next;
        }
    }
}
