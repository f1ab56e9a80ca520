//! How the parts of ARNs that deployment decides are called in the languages of templates.

use crate::iac::{Format, shown_parameter};
use crate::value::Hole;

/// A reference in the language of a format; nothing for what has no name there.
pub fn reference(hole: &Hole, format: Option<Format>) -> Option<String> {
    let format = format?;
    let text = match (hole, format) {
        (Hole::Partition, Format::Terraform) => "${data.aws_partition.current.partition}".to_owned(),
        (Hole::Region, Format::Terraform) => "${data.aws_region.current.name}".to_owned(),
        (Hole::Account, Format::Terraform) => "${data.aws_caller_identity.current.account_id}".to_owned(),
        (Hole::Parameter(name), Format::Terraform) => format!("${{var.{name}}}"),
        (Hole::Partition, _) => "${AWS::Partition}".to_owned(),
        (Hole::Region, _) => "${AWS::Region}".to_owned(),
        (Hole::Account, _) => "${AWS::AccountId}".to_owned(),
        (Hole::Parameter(name), _) if !name.starts_with('?') => shown_parameter(name),
        (Hole::Resource { id, attribute }, _) if attribute == "Ref" => format!("${{{id}}}"),
        (Hole::Resource { id, attribute }, _) => format!("${{{id}.{attribute}}}"),
        _ => return None,
    };
    Some(text)
}
