//! The names that `CloudFormation` gives to what has none.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html>

use smol_str::SmolStr;

use super::resources::{Spelling, resource_type};
use super::stack::{Format, Stack};
use crate::value::{Hole, Piece, Text};

/// Why the end of a generated name is not known.
pub const RANDOM: &str = "characters that CloudFormation adds to a name";
/// The pseudo parameter that stands for the name of the stack.
pub(super) const STACK_NAME: &str = "AWS::StackName";
/// How many characters of a logical id, and of a stack's name, a generated name holds at least, when together they are too
/// long for it.
const KEPT_OF_ID: usize = 24;

/// Whether what has no name gets one that holds its logical id.
pub const fn generates_names(format: Format) -> bool {
    matches!(format, Format::Sam | Format::CloudFormation | Format::CdkOut)
}

/// What `CloudFormation` names a function without a name: stack, logical id and random characters with dashes between
/// them. A logical id that makes the name too long is cut.
pub fn generated(id: &str) -> Text {
    // Functions of nested stacks carry the nested stack's logical id, which their name does not begin with.
    let own = id.rsplit('/').next().unwrap_or(id);
    with_id(own)
}

fn with_id(id: &str) -> Text {
    Text::from_pieces([
        Piece::Hole(Hole::Parameter(SmolStr::new_static(STACK_NAME))),
        Piece::Literal(format!("-{}", kept(id)).into()),
        Piece::Hole(Hole::Unknown(RANDOM.into())),
    ])
}

/// What a generated name holds of an id or of a stack's name, for certain.
fn kept(id: &str) -> String {
    let kept: String = id.chars().take(KEPT_OF_ID).collect();
    let dash = if kept.len() == id.len() { "-" } else { "" };
    format!("{kept}{dash}")
}

impl Stack {
    /// What `CloudFormation` names a function without a name whose logical id is not known: it begins with the stack's name.
    pub fn generated_in_stack(&self) -> Option<Text> {
        let name = self.parameters.get(STACK_NAME)?.default.as_ref()?.as_literal()?;
        Some(Text::from_pieces([Piece::Literal(kept(name).into()), Piece::Hole(Hole::Unknown(RANDOM.into()))]))
    }

    /// The name that the deployment gives to a resource of the template without one, as far as it is known before: for the
    /// hole that stands for the name in the resource's ARN.
    pub fn generated_name(&self, hole: &Hole) -> Option<Text> {
        let Hole::Resource { id, attribute } = hole else { return None };
        let resource = self.resources.get(id).filter(|_| generates_names(self.format) || self.format == Format::Serverless)?;
        let spelling = resource_type(&resource.kind)?.generated(attribute)?;
        let own = id.rsplit('/').next().unwrap_or(id);
        Some(match spelling {
            Spelling::Kept => with_id(own),
            Spelling::Lower => with_id(&own.to_lowercase()),
            Spelling::Alone => Text::from_pieces([Piece::Literal(kept(own).into()), Piece::Hole(Hole::Unknown(RANDOM.into()))]),
        })
    }
}
