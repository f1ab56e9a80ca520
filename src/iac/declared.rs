//! Permissions as infrastructure code declares them.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::note::Note;
use crate::policy::{Condition, Effect};
use crate::span::Location;
use crate::value::{Arg, Text};

/// What SAM and the Serverless Framework add for the network interfaces of pollers that reach into a VPC.
pub(super) const POLLER_NETWORK: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
];

/// A policy that gives a function permissions today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPolicy {
    /// Its name, when it has one.
    pub name: Option<Text>,
    /// How it is attached; tells where the statements of managed policies and policy templates have to be looked up.
    pub source: PolicySource,
    /// The statements that the template itself contains. Everything that a policy is attached to shares them.
    pub statements: Arc<Vec<DeclaredStatement>>,
    /// Parts that could not be read. With any of these, the policy may allow more than the statements say.
    pub notes: Vec<Note>,
    /// Where it is declared.
    pub origin: Location,
}

impl DeclaredPolicy {
    /// A policy without a name of its own, of which nothing is unread.
    pub fn new(source: PolicySource, statements: Vec<DeclaredStatement>, origin: Location) -> Self {
        Self { name: None, source, statements: Arc::new(statements), notes: Vec::new(), origin }
    }

    /// A policy that is only named: what is in it has to be looked up, or is not known.
    pub fn named(source: PolicySource, origin: Location) -> Self {
        Self::new(source, Vec::new(), origin)
    }

    /// Its statements, for changing them; those of others that share them stay as they are.
    pub(crate) fn statements_mut(&mut self) -> &mut Vec<DeclaredStatement> {
        Arc::make_mut(&mut self.statements)
    }
}

/// How a policy comes to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// Statements written in the template at the function or role.
    Inline,
    /// A separate policy resource of the template, by its logical id.
    Resource(SmolStr),
    /// An AWS managed policy by its name (`AWSLambdaBasicExecutionRole`, `service-role/` and the like removed); statements are not filled in.
    Managed(SmolStr),
    /// A managed policy that is neither AWS's nor in the template: its ARN or reference.
    External(Text),
    /// A SAM policy template with its parameters; statements are not filled in.
    SamTemplate {
        /// `DynamoDBCrudPolicy`.
        name: SmolStr,
        /// `TableName` and so on.
        parameters: BTreeMap<SmolStr, Arg>,
    },
    /// A SAM connector from the function to a resource (or from a resource to the function); statements are not filled in.
    Connector {
        /// The profile's source and destination, as resource ids or ARNs.
        source: Text,
        /// Type of the source resource, where known.
        source_kind: Option<SmolStr>,
        /// The destination's id or ARN.
        destination: Text,
        /// Type of the destination resource, where known.
        destination_kind: Option<SmolStr>,
        /// `Read`, `Write`.
        permissions: Vec<SmolStr>,
        /// Whether the function is the source; else it is the destination.
        for_source: bool,
    },
    /// A plugin or construct of the format that grants by a name of its own (Serverless plugins, CDK's `grantReadData`).
    Grant {
        /// The method or plugin key: `grantReadData`.
        name: SmolStr,
        /// What it grants on.
        resource: Text,
    },
    /// Permissions that the format adds without being asked (SAM's and Serverless's logging); the text says why.
    Implicit(SmolStr),
    /// An AWS managed policy that the format attaches without being asked.
    ImplicitManaged {
        /// Its name, as in [`PolicySource::Managed`].
        name: SmolStr,
        /// Why it is attached, as the rest of a sentence about the function: "runs in a VPC".
        reason: SmolStr,
    },
}

/// One statement of a declared policy, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredStatement {
    /// Its `Sid`.
    pub sid: Option<SmolStr>,
    /// Allow or deny.
    pub effect: Effect,
    /// Action patterns as written; unknown parts are `*`, with a note at the policy.
    pub actions: Vec<SmolStr>,
    /// Whether the actions are those *not* covered (`NotAction`).
    pub not_action: bool,
    /// Resource patterns.
    pub resources: Vec<Text>,
    /// Whether the resources are those *not* covered (`NotResource`).
    pub not_resource: bool,
    /// Principals, as type and value; in trust policies and resource policies only.
    pub principals: Vec<(SmolStr, Text)>,
    /// Whether the principals are those *not* covered (`NotPrincipal`).
    pub not_principal: bool,
    /// Conditions.
    pub conditions: Vec<Condition>,
    /// Where it is written.
    pub origin: Location,
}

impl DeclaredStatement {
    /// Allows actions on resources, under no condition.
    pub fn allow(actions: Vec<SmolStr>, resources: Vec<Text>, origin: Location) -> Self {
        Self {
            sid: None,
            effect: Effect::Allow,
            actions,
            not_action: false,
            resources,
            not_resource: false,
            principals: Vec::new(),
            not_principal: false,
            conditions: Vec::new(),
            origin,
        }
    }
}
