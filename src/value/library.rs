//! Values of libraries: of AWS's SDKs, such as clients, resources, commands and responses, and of any package that is no part of the
//! program. What they mean is for `sdk` to say.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use super::{Arg, ArgMap, Shared, Text};

/// Which package registry an import names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// What a call of an [`External`](Self::External) gave; the path ends with `()`.
    Instance {
        /// Whose package.
        ecosystem: Ecosystem,
        /// Package, members and `()`.
        path: Vec<SmolStr>,
        /// The arguments it was made with, under the names that `api-maps/libraries` gives them.
        data: Shared<ArgMap>,
    },
    /// A method that was read from a value and not called yet.
    Method {
        /// The value.
        receiver: Arc<Self>,
        /// The method.
        name: SmolStr,
    },
    /// A session of boto3, botocore or their asynchronous variants.
    Session(Config),
    /// A client of one service.
    Client(Client),
    /// A boto3 resource.
    Resource(Resource),
    /// A collection of boto3 resources.
    Collection(Collection),
    /// A command of the JavaScript SDK, version 3.
    Command(Command),
    /// A boto3 paginator of an operation.
    Paginator(Client, SmolStr),
    /// A boto3 waiter that polls an operation.
    Waiter(Client, SmolStr),
    /// The answer to a request, or a part of it.
    Response(Response),
    /// A request of the JavaScript SDK, version 2, with the answer it will have.
    Pending(Response),
    /// What a provider of credentials gives.
    Credentials(Credentials),
}

impl From<SdkValue> for Arg {
    fn from(value: SdkValue) -> Self {
        Self::Sdk(Arc::new(value))
    }
}

impl SdkValue {
    /// A member of a value that is looked at when it is called.
    pub(crate) fn method(&self, name: &str) -> Self {
        Self::Method { receiver: Arc::new(self.clone()), name: name.into() }
    }
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

/// Where a client's requests go and who signs them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Config {
    /// The region, when the code sets it.
    pub region: Option<Text>,
    /// Whose credentials it uses.
    pub credentials: Credentials,
    /// Where its requests go, when the code says so and the address tells what they are about.
    pub endpoint: Option<Text>,
}

/// Which SDK a client belongs to, and so how its methods are named and called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// boto3, botocore: `client.get_item(TableName=…)`.
    Boto3,
    /// JavaScript version 3: `client.send(new GetItemCommand({…}))`, `client.getItem({…})`.
    JsV3,
    /// JavaScript version 2: `client.getItem({…}, callback)`, `client.getItem({…}).promise()`.
    JsV2,
    /// `DynamoDBDocument` and `DynamoDBDocumentClient` of version 3: `client.get({…})`.
    Document,
    /// `AWS.DynamoDB.DocumentClient` of version 2: `client.get({…}, callback)`.
    DocumentV2,
}

/// A client of one service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Client {
    /// botocore's service name.
    pub service: SmolStr,
    /// Which SDK it belongs to.
    pub style: Style,
    /// Region and credentials.
    pub config: Config,
    /// Parameters that every request gets (`params` of version 2's constructors).
    pub bound: ArgMap,
}

/// A boto3 resource; the service resource has the empty kind and no identifiers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// botocore's service name.
    pub service: SmolStr,
    /// The type: `Bucket`, `Table`.
    pub kind: SmolStr,
    /// What is known of its identifiers, by their names in the resource model.
    pub identifiers: BTreeMap<SmolStr, Arg>,
    /// Region and credentials.
    pub config: Config,
    /// Whether the answer it was made of has filled its attributes, so that reading them asks for nothing.
    pub is_filled: bool,
}

/// A collection of boto3 resources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Collection {
    /// The resource it belongs to.
    pub parent: Resource,
    /// The collection's attribute name.
    pub name: SmolStr,
    /// Whether the request was already counted, as `all()` and `filter()` do.
    pub requested: bool,
}

/// A command of the JavaScript SDK, version 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command {
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation.
    pub operation: SmolStr,
    /// The parameters.
    pub input: Shared<ArgMap>,
}

/// The answer to a request, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Response {
    /// botocore's service name.
    pub service: SmolStr,
    /// The operation.
    pub operation: SmolStr,
    /// The part, dotted, `[]` for items; empty for the whole answer.
    pub path: SmolStr,
    /// The request's parameters that parts of the answer repeat.
    pub echo: Shared<ArgMap>,
}
