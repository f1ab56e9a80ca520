//! What could not be known, and why. Every loss of precision becomes a [`Note`]; nothing is dropped in silence.

use std::sync::Arc;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::span::{Location, SourceFile};

/// Something leash could not decide, or decided with a caveat the user should know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note {
    /// What kind of doubt this is.
    pub kind: NoteKind,
    /// Where it arises; absent when it is about a whole run.
    pub at: Option<Location>,
    /// One sentence for the user: what is unknown and what to do about it.
    pub message: String,
}

impl Note {
    /// A note at a place.
    pub fn at(kind: NoteKind, at: Location, message: impl Into<String>) -> Self {
        Self { kind, at: Some(at), message: message.into() }
    }

    /// A note about the whole run.
    pub fn general(kind: NoteKind, message: impl Into<String>) -> Self {
        Self { kind, at: None, message: message.into() }
    }

    /// A note about the first bytes of a file that are no UTF-8, if there are any.
    pub fn not_utf8(file: &Arc<SourceFile>) -> Option<Self> {
        let message =
            "is not UTF-8 from here on; bytes that could not be read count as unknown characters: save the file as UTF-8";
        file.replaced().map(|at| Self::at(NoteKind::UnreadableFile, at, message))
    }
}

/// Notes in the order in which they arose, each once.
pub type Notes = IndexSet<Note, FxBuildHasher>;

/// The closed set of doubts. [`NoteKind::blocks_removal`] says which of them stand in the way of "this permission is unused".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoteKind {
    /// A client of a service whose name is computed.
    DynamicService,
    /// An operation whose name is computed.
    DynamicOperation,
    /// A call whose target could not be found and that could reach AWS.
    UnresolvedCall,
    /// An import of the program's own that leads nowhere.
    UnresolvedImport,
    /// A package that could call AWS and that was not followed.
    UnfollowedPackage,
    /// `eval`, `exec` and the like.
    DynamicCode,
    /// An operation that the service's model does not have.
    UnknownOperation,
    /// An operation whose IAM action is not known.
    UnmappedOperation,
    /// A name in an ARN that comes from the event.
    NameFromEvent,
    /// A name in an ARN that comes from an environment variable nobody bound.
    NameFromEnvironment,
    /// A name in an ARN that is unknown for another reason.
    UnknownName,
    /// A call that counts as possible only.
    PossibleCall,
    /// AWS calls that no handler reaches.
    Unreachable,
    /// AWS calls that the code makes only if a variable is set that the template does not set, or sets to something else.
    UnsetVariable,
    /// Credentials other than the function's own.
    OtherCredentials,
    /// Credentials written into the source.
    HardcodedCredentials,
    /// A key whose permissions cannot be told from here.
    EncryptionKey,
    /// Part of a file that did not parse.
    Syntax,
    /// A file that could not be read or was skipped.
    UnreadableFile,
    /// A handler that a template names and that was not found.
    UnresolvedHandler,
    /// Something in a template that leash could not read.
    Template,
    /// The analysis ran into one of its budgets and widened.
    Budget,
    /// A policy larger than one of IAM's quotas.
    Quota,
    /// A request that is signed by hand, outside any SDK.
    SignedRequest,
    /// Anything worth saying that is no doubt.
    Info,
}

impl NoteKind {
    /// Stable kebab-case identifier used in machine-readable output.
    pub const fn id(self) -> &'static str {
        match self {
            Self::DynamicService => "dynamic-service",
            Self::DynamicOperation => "dynamic-operation",
            Self::UnresolvedCall => "unresolved-call",
            Self::UnresolvedImport => "unresolved-import",
            Self::UnfollowedPackage => "unfollowed-package",
            Self::DynamicCode => "dynamic-code",
            Self::UnknownOperation => "unknown-operation",
            Self::UnmappedOperation => "unmapped-operation",
            Self::NameFromEvent => "name-from-event",
            Self::NameFromEnvironment => "name-from-environment",
            Self::UnknownName => "unknown-name",
            Self::PossibleCall => "possible-call",
            Self::Unreachable => "unreachable",
            Self::UnsetVariable => "unset-variable",
            Self::OtherCredentials => "other-credentials",
            Self::HardcodedCredentials => "hardcoded-credentials",
            Self::EncryptionKey => "encryption-key",
            Self::Syntax => "syntax",
            Self::UnreadableFile => "unreadable-file",
            Self::UnresolvedHandler => "unresolved-handler",
            Self::Template => "template",
            Self::Budget => "budget",
            Self::Quota => "quota",
            Self::SignedRequest => "signed-request",
            Self::Info => "info",
        }
    }

    /// Whether a permission that was not found may still be needed because of this note.
    pub const fn blocks_removal(self) -> bool {
        matches!(
            self,
            Self::DynamicService
                | Self::DynamicOperation
                | Self::UnresolvedCall
                | Self::UnresolvedImport
                | Self::UnfollowedPackage
                | Self::DynamicCode
                | Self::UnmappedOperation
                | Self::PossibleCall
                | Self::Syntax
                | Self::UnreadableFile
                | Self::UnresolvedHandler
                | Self::Budget
                | Self::SignedRequest
        )
    }
}
