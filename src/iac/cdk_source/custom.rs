//! Custom resources of a CDK application: the functions that make them get their properties.
//! <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.CustomResource.html>

use smol_str::SmolStr;

use super::{Reader, props, text_of};
use crate::flow::SdkCall;
use crate::iac::events::CUSTOM_RESOURCE;
use crate::iac::stack::{EventKind, EventSource};
use crate::value::{Arg, ArgMap, Hole};

impl Reader<'_> {
    /// Connects the custom resources to the functions that make them, directly or by way of a provider.
    pub(super) fn custom_resources(&mut self, calls: &[SdkCall]) {
        for call in calls.iter().filter(|call| call.operation == "CustomResource") {
            let token = text_of(props(&call.params), "serviceToken");
            let Some(Hole::Resource { id, .. }) = token.as_ref().and_then(|token| token.as_hole()) else { continue };
            let provided: Vec<usize> = calls.iter().flat_map(|call| self.handlers(call, id)).collect();
            let direct = self.by_construct.get(id).into_iter().flatten().map(|made| made.at);
            let functions: std::collections::BTreeSet<usize> = direct.chain(provided).collect();
            for at in functions {
                self.stack.functions[at].events.push(event(call));
            }
        }
    }

    /// The functions of a provider, when the call makes the one of this id.
    fn handlers(&self, call: &SdkCall, id: &str) -> Vec<usize> {
        let own = text_of(&call.params, "id");
        if call.operation != "custom-resources.Provider" || own.as_ref().and_then(|own| own.as_literal()) != Some(id) {
            return Vec::new();
        }
        let handlers = ["onEventHandler", "isCompleteHandler"].iter().filter_map(|name| props(&call.params).get(name));
        handlers.flat_map(|handler| self.functions_of(handler)).collect()
    }
}

fn event(call: &SdkCall) -> EventSource {
    let properties = props(&call.params).get("properties").and_then(Arg::as_map);
    EventSource {
        name: SmolStr::new_static(CUSTOM_RESOURCE),
        kind: EventKind::Push(SmolStr::new_static(CUSTOM_RESOURCE)),
        resource: None,
        on_failure: None,
        properties: properties.cloned().unwrap_or_else(|| ArgMap { open: true, ..ArgMap::default() }),
        origin: call.at.clone(),
    }
}
