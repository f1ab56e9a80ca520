//! The values that AWS's SDKs make: clients, resources, commands, responses.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Credentials;
use crate::value::{Arg, ArgMap, Shared, Text};

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
