//! What `cdk synth` writes: `CloudFormation` templates next to the folders of their assets.

use std::path::PathBuf;

use super::document::{Entry, Node};
use super::template::Template;
use crate::note::{Note, NoteKind};

/// What the paths of functions contain that the library adds to an application by itself, and what they are for.
/// <https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/custom-resource-handlers>
const OF_THE_LIBRARY: [(&str, &str); 6] = [
    ("/BucketNotificationsHandler050a0587b7544547bf325f094a3db834", "sets up the notifications of buckets"),
    ("/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", "sets how long log groups are kept"),
    ("/AWS679f53fac002430cb0da5b7982bd2287", "makes the calls of `AwsCustomResource`"),
    ("/Custom::CDKBucketDeployment", "copies files into buckets"),
    ("CustomResourceProvider/Handler", "makes a custom resource of the library"),
    ("/framework-", "stands between custom resources and the functions that make them"),
];

/// Says of a function that the library brings along that it is none of the application's.
pub(crate) fn of_library(template: &Template<'_>, entry: &Entry) -> Option<Note> {
    let path = template.literal(entry.value.path(&["Metadata", "aws:cdk:path"])?)?;
    let (_, what) = OF_THE_LIBRARY.iter().find(|(part, _)| path.contains(part))?;
    let message = format!("this function is the CDK's own, not the application's: it {what}");
    Some(Note::at(NoteKind::Info, template.at(entry.key_span), message))
}

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
    (!name.contains('*') && template.files.kind(&folder).is_some()).then_some(folder)
}
