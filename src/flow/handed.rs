//! What of AWS's SDK gets into the hands of libraries that nobody knows: they can make requests with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::call::Args;
use super::interp::Interp;
use super::reach::Reach;
use super::value::Atom;
use crate::note::NoteKind;
use crate::sdk::SdkValue;
use crate::span::Span;

impl Interp<'_> {
    /// Says that a library which is not followed gets a client, or the function's own credentials.
    pub(super) fn note_handed(&mut self, library: &SdkValue, args: &Args, span: Span) {
        let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = library else { return };
        let Some(package) = path.first().filter(|package| !super::link::is_of_language(*ecosystem, package)) else { return };
        let sdk_value = |atom: &Atom| match atom {
            Atom::Sdk(sdk) => Some(Arc::clone(&sdk.value)),
            _ => None,
        };
        let held: Vec<Arc<SdkValue>> = self.store.reach(Reach::SDK, args.all()).atoms().filter_map(sdk_value).collect();
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
}
