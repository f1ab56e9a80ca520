//! What `cdk synth` writes: `CloudFormation` templates next to the folders of their assets.

use std::path::PathBuf;

use super::document::Node;
use super::template::Template;

/// Whether a template was synthesized: the CDK notes the path of the construct at every resource.
pub(crate) fn is_synthesized(template: &Template<'_>) -> bool {
    template.resources.iter().any(|entry| entry.value.path(&["Metadata", "aws:cdk:path"]).is_some())
}

/// The folder of a function's code, from the hash that names its archive in the bucket: `asset.<hash>` stands beside the template.
/// Only needed where asset metadata is switched off.
pub(crate) fn asset(template: &Template<'_>, properties: &Node) -> Option<PathBuf> {
    let key = template.text(properties.path(&["Code", "S3Key"])?)?.pattern();
    let name = key.rsplit('/').next()?.strip_suffix(".zip")?;
    let folder = template.join(&format!("asset.{name}"));
    (!name.contains('*') && folder.exists()).then_some(folder)
}
