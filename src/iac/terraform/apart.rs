//! Settings of resources that are resources of their own.

use super::collect::{Collected, Entry};
use super::value::Value;
use crate::iac::Stack;
use crate::value::{Arg, Text};

/// Types of such resources, the argument that names what they are about, and the block that they stand for there.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_server_side_encryption_configuration>
const APART: [(&str, &str, &str); 1] =
    [("aws_s3_bucket_server_side_encryption_configuration", "bucket", "server_side_encryption_configuration")];

/// Gives resources the settings that stand apart from them.
pub(super) fn attach(collected: &Collected, stack: &mut Stack) {
    for (kind, target, block) in APART {
        for entry in collected.of_kind(kind).filter(|entry| !entry.is_data) {
            let about = entry.values.get(target).and_then(Value::one_text).and_then(|text| owner(collected, target, &text));
            let resource = about.and_then(|about| stack.resources.get_mut(&about.address));
            if let Some(Arg::Map(properties)) = resource.map(|resource| &mut resource.properties) {
                let settings = Arg::List { items: vec![entry.values.to_arg()], open: false };
                properties.entries.entry(block.into()).or_insert(settings);
            }
        }
    }
}

/// What is named: by a reference, or by the name that it is given itself.
fn owner<'a>(collected: &'a Collected, name: &str, text: &Text) -> Option<&'a Entry> {
    let named = || {
        let is_it = |entry: &&Entry| entry.values.get(name).and_then(Value::one_text).as_ref() == Some(text);
        collected.of_kind("aws_s3_bucket").find(is_it)
    };
    collected.entry_of(text).or_else(named)
}
