//! Infrastructure code: what is deployed, with which settings and permissions.
//!
//! There is one reader per format, and each yields one [`Stack`], which serves finding functions, binding their environment
//! *and* knowing the permissions declared for them. [`document`] reads YAML and JSON with positions, [`Files`] opens files.

mod alike;
mod amplify;
mod archive;
mod carried;
mod cdk;
mod cdk_source;
mod chalice;
mod cloudformation;
mod conditions;
mod declared;
pub mod document;
pub(crate) mod events;
mod files;
mod foreach;
mod function;
mod guard;
mod imports;
pub(crate) mod intrinsics;
mod json_text;
mod link;
pub(crate) mod machine;
mod names;
mod nested;
mod places;
mod policies;
mod policy_text;
mod rain;
mod recognize;
mod resources;
mod sam;
mod sam_role;
mod script;
mod serverless;
pub(crate) mod spelled;
mod stack;
mod statements;
mod strings;
mod symbols;
mod target;
mod template;
mod terraform;
mod zappa;

pub use alike::pseudo_parameter;
pub use amplify::is_custom_policies;
pub use cdk_source::{read_cdk_app, read_cdk_source};
pub use cloudformation::{read_template, read_template_text};
pub use declared::{DeclaredPolicy, DeclaredStatement, PolicySource};
pub use files::{FileKind, Files, NameIndex, clean};
pub use guard::ResourcePolicy;
pub use names::{RANDOM, generated, generates_names};
pub use policies::managed_name;
pub use recognize::{has_section, is_cdk_manifest, is_not_read, is_template_name, read, read_app};
pub use resources::{Meaning, ResolvedResource, ResourceType, resource_type};
pub use sam::plain_type;
pub(crate) use script::constants_of;
pub(crate) use stack::is_arn;
pub use stack::{
    CodeSource, EventKind, EventSource, Format, ImageCode, InlineCode, LambdaFunction, Layer, Parameter, Resource, Role, RoleRef,
    Setting, SettingKind, Stack, Variable,
};
pub(crate) use strings::named_resource;
pub use symbols::{Expression, expression, parts as expression_parts, shown as shown_parameter};
pub(crate) use terraform::is_terraform_file;
pub use terraform::{read_plan, read_terraform};
pub use zappa::read_zappa;

use document::DocumentError;

/// Why a template gave no stack at all. Both are about the user's files, not about leash.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened.
    #[error("{path} {message}")]
    Unreadable {
        /// The file, as displayed.
        path: String,
        /// The rest of a sentence that starts with the path.
        message: String,
    },
    /// The file is neither YAML nor JSON.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl ReadError {
    /// The error as a note, for a run that goes on with other files.
    pub fn to_note(&self) -> crate::note::Note {
        match self {
            Self::Unreadable { .. } => crate::note::Note::general(crate::note::NoteKind::UnreadableFile, self.to_string()),
            Self::Document(error) => error.to_note(),
        }
    }
}
