//! What AWS's libraries mean: which values their imports, members and calls give, and which requests they make.
//!
//! Pure look-ups: nothing here knows the interpreter, its heap or the program. The interpreter (`flow`) hands in
//! evaluated arguments as [`Arg`] trees and gets back a value and the requests that the call makes. What the libraries
//! offer is data: `api-maps/sdk` for AWS's own SDKs, `api-maps/libraries` for what wraps them.

use smol_str::SmolStr;

use crate::note::NoteKind;
use crate::value::{Arg, ArgMap};

/// Which package registry an import names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Python packages and modules.
    Python,
    /// npm packages and Node.js modules.
    Npm,
}

/// A value of a library: of an AWS SDK, or of any package that is not part of the program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SdkValue {
    /// A package, module, class or function of a library, by its path: `["boto3", "client"]`,
    /// `["@aws-sdk/client-s3", "S3Client"]`.
    External {
        /// Whose package.
        ecosystem: Ecosystem,
        /// Package and members, outermost first.
        path: Vec<SmolStr>,
    },
}

/// The evaluated arguments of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallArgs {
    /// Positional arguments.
    pub positional: Vec<Arg>,
    /// Named arguments; `open` when something unknown was spread into them.
    pub named: ArgMap,
    /// Whether something unknown was spread into the positional ones.
    pub open: bool,
    /// Whether the call is `new C(…)`.
    pub construct: bool,
}

/// A request that a call makes, before it has a place in the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDraft {
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation, in Pascal case, as in the service's model.
    pub operation: SmolStr,
    /// The request's parameters by their API names.
    pub params: ArgMap,
    /// The client's region, when the code sets it.
    pub region: Option<crate::value::Text>,
    /// Whose credentials sign it.
    pub credentials: Credentials,
    /// How sure this is.
    pub confidence: Confidence,
    /// What stands between the code and the request, for the reader: `upload_file`, `paginator`, `Powertools parameters.get_secret`.
    pub via: Option<SmolStr>,
}

/// Whose credentials a client uses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Credentials {
    /// The function's own role.
    #[default]
    Own,
    /// A role assumed before; its ARN as far as known.
    Role(Box<Arg>),
    /// Given explicitly, from somewhere unknown.
    Explicit,
    /// Written into the source.
    Literal,
}

/// How sure leash is that a request is really made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// Names and arguments merely fit an operation.
    Possible,
    /// Resolved through a join of several values or through a type annotation.
    Likely,
    /// Resolved.
    Certain,
}

/// What a call of a library's value does.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What it gives.
    pub value: Returned,
    /// The requests it makes.
    pub requests: Vec<RequestDraft>,
    /// What could not be decided.
    pub notes: Vec<(NoteKind, String)>,
    /// What happens to functions among the arguments.
    pub callbacks: Callbacks,
}

/// What a library call gives back.
#[derive(Debug, Clone)]
pub enum Returned {
    /// A value.
    Value(Arg),
    /// The positional argument at this index itself, identity kept: decorators, `captureAWSv3Client(client)`.
    Argument(usize),
    /// The named argument itself.
    Named(SmolStr),
    /// A decorator that returns the function it is given.
    Identity,
}

/// What a library does with functions it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Callbacks {
    /// It is a known function that calls none of them.
    Ignored,
    /// It may call each of them with these arguments.
    Called(Vec<Arg>),
    /// Nothing is known about the library: they count as called with unknown arguments.
    Unknown,
}

/// What iterating a library's value gives.
#[derive(Debug, Clone)]
pub struct Iteration {
    /// Each item.
    pub item: Arg,
    /// The requests that iterating makes.
    pub requests: Vec<RequestDraft>,
}

/// The value of an imported package or module that is not part of the program.
pub fn import(ecosystem: Ecosystem, path: &[SmolStr]) -> SdkValue {
    SdkValue::External { ecosystem, path: path.to_vec() }
}
