//! What a CDK application calls its stacks, which the names of all that has none begin with.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html>

use smol_str::SmolStr;

use super::{props, text_of};
use crate::flow::SdkCall;
use crate::iac::names::STACK_NAME;
use crate::iac::stack::{Parameter, Stack};
use crate::value::Text;

/// Remembers the name of the stack, when the application makes one only and calls it by a name that is known. A stage puts
/// its own id before it.
pub(super) fn name_stack(calls: &[SdkCall], stack: &mut Stack) {
    if calls.iter().any(|call| call.operation == "Stage") {
        return;
    }
    let mut names: Vec<(Option<SmolStr>, &SdkCall)> =
        calls.iter().filter(|call| call.operation == "Stack").map(|call| (stack_name(call), call)).collect();
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    names.dedup_by(|(a, _), (b, _)| a == b);
    if let [(Some(name), call)] = names.as_slice() {
        let parameter = Parameter {
            default: Some(Text::literal(name.clone())),
            is_filled: true,
            kind: SmolStr::new_static("String"),
            origin: call.at.clone(),
        };
        stack.parameters.insert(STACK_NAME.into(), parameter);
    }
}

fn stack_name(call: &SdkCall) -> Option<SmolStr> {
    let given = props(&call.params).get("stackName");
    let name = match given {
        Some(given) => given.as_text()?,
        None => text_of(&call.params, "id")?,
    };
    name.as_literal().filter(|name| !name.contains('*')).map(SmolStr::from)
}
