//! What entries of `api-maps/libraries` make of data that instances have.

use super::SdkValue;
use super::library_call::Call;
use crate::value::{Arg, ArgMap};

impl Call<'_> {
    /// Instances with what the entry adds to their data.
    pub(super) fn with_data(&self, value: &Arg) -> Arg {
        let added: Vec<(&String, Arg)> =
            self.entry.with.iter().filter_map(|(name, place)| Some((name, self.place(place)?))).collect();
        if added.is_empty() {
            return value.clone();
        }
        Arg::one_of(value.alternatives().iter().map(|value| match value {
            Arg::Sdk(sdk) => match sdk.as_ref() {
                SdkValue::Instance { ecosystem, path, data } => {
                    let mut data: ArgMap = (**data).clone();
                    data.entries.extend(added.iter().map(|(name, value)| (name.as_str().into(), value.clone())));
                    SdkValue::Instance { ecosystem: *ecosystem, path: path.clone(), data: data.into() }.into()
                }
                _ => value.clone(),
            },
            _ => value.clone(),
        }))
    }

    /// The alternatives of a value that are told the name that is called: by their entry, or by one of several that it lists.
    pub(super) fn told(&self, value: &Arg, entry: &str) -> Option<Arg> {
        let is_told = |value: &&Arg| {
            let Arg::Map(map) = value else { return matches!(value, Arg::Unknown(_)) };
            let names = map.get(entry).into_iter().flat_map(Arg::alternatives).flat_map(|name| match name {
                Arg::List { items, .. } => items.clone(),
                name => vec![name.clone()],
            });
            names.flat_map(|name| name.texts()).any(|name| name.as_literal().is_none_or(|name| name == self.own.name))
        };
        let told: Vec<Arg> = value.alternatives().iter().filter(is_told).cloned().collect();
        (!told.is_empty()).then(|| Arg::one_of(told))
    }
}
