//! The neutral model of infrastructure code: what every template format is read into.
//!
//! A [`Stack`] is one deployable unit: a SAM or `CloudFormation` template with its local nested stacks, a Serverless service,
//! a Terraform root module. It serves three purposes at once: finding functions and their code, binding the environment
//! variables of a function to resources, and knowing which permissions are declared today.
//!
//! Values stay symbolic. A string is a [`Text`] whose holes name resources ([`Hole::Resource`](crate::value::Hole::Resource)),
//! parameters and pseudo-parameters; a property tree is an [`Arg`]. What may be one of several strings (`Fn::If`, a Terraform
//! conditional) is a vector of texts, or an [`Arg::OneOf`]. What a hole stands for is answered by
//! [`Stack::resolve`](crate::iac::Stack::resolve).
//!
//! Parts of nested stacks carry the nested stack's logical id as a prefix: `Orders/Table`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use smol_str::SmolStr;

use super::declared::{DeclaredPolicy, DeclaredStatement};
use super::guard::ResourcePolicy;
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile};
use crate::value::{Arg, ArgMap, Hole, Text};

/// One deployable unit of infrastructure.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The format it was read from.
    pub format: Format,
    /// The file it was read from; for formats of several files, the main one.
    pub template: Arc<SourceFile>,
    /// The folder that relative paths in the template start from, as it can be opened.
    pub folder: PathBuf,
    /// The functions, in template order.
    pub functions: Vec<LambdaFunction>,
    /// Every resource by logical id (Terraform: by address), functions and roles included.
    pub resources: BTreeMap<SmolStr, Resource>,
    /// Roles by logical id, each with everything attached to it.
    pub roles: BTreeMap<SmolStr, Role>,
    /// Managed policies that the template itself declares, by logical id. They are also listed with the roles they are attached to.
    pub policies: BTreeMap<SmolStr, DeclaredPolicy>,
    /// Policies at resources: of buckets, queues, topics and keys, and permissions to invoke functions.
    pub resource_policies: Vec<ResourcePolicy>,
    /// Parameters (Terraform: variables).
    pub parameters: BTreeMap<SmolStr, Parameter>,
    /// What the parameters may be that have no default, where the template lists it.
    pub allowed: BTreeMap<SmolStr, Vec<SmolStr>>,
    /// Other local templates that were read as a part of this one: nested stacks, Terraform modules, included files.
    /// As displayed, so that discovery does not read them a second time on their own.
    pub included: Vec<PathBuf>,
    /// Other templates that values were taken from, as displayed: services of their own, that are read for themselves, too.
    pub consulted: Vec<PathBuf>,
    /// What could not be read.
    pub notes: Vec<Note>,
}

impl Stack {
    /// A stack without content.
    pub fn new(format: Format, template: &Arc<SourceFile>, folder: impl Into<PathBuf>) -> Self {
        Self {
            format,
            template: Arc::clone(template),
            folder: folder.into(),
            functions: Vec::new(),
            resources: BTreeMap::new(),
            roles: BTreeMap::new(),
            policies: BTreeMap::new(),
            resource_policies: Vec::new(),
            parameters: BTreeMap::new(),
            allowed: BTreeMap::new(),
            included: Vec::new(),
            consulted: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Whether a parameter is never empty. What another stack exports is not.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>
    pub fn is_filled(&self, parameter: &str) -> bool {
        let is_import = || matches!(super::symbols::expression(parameter), Some(super::symbols::Expression::Import(_)));
        self.parameters.get(parameter).map_or_else(is_import, |parameter| parameter.is_filled)
    }

    /// What a parameter is unless the deployment says otherwise. An empty default is there to be replaced, and so is one that only
    /// stands where an ARN is to be: it begins like one and is none, or the parameter is called one.
    pub fn default_of(&self, parameter: &str) -> Option<&Text> {
        let default = self.parameters.get(parameter)?.default.as_ref()?;
        let text = default.as_literal().unwrap_or("*");
        let is_due = text.starts_with("arn:") || parameter.to_ascii_lowercase().ends_with("arn");
        (!text.is_empty() && (!is_due || text == "*" || is_arn(text))).then_some(default)
    }

    /// A text whose parameters are what they are by default.
    pub fn with_defaults(&self, text: &Text) -> Text {
        text.fill(|hole| match hole {
            Hole::Parameter(name) => self.default_of(name).cloned(),
            _ => None,
        })
    }
}

/// Whether a text is a whole ARN. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(6, ':').count() == 6
}

/// The kinds of infrastructure code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// A template with SAM's transform.
    Sam,
    /// A `CloudFormation` template.
    CloudFormation,
    /// What `cdk synth` wrote.
    CdkOut,
    /// The source of a CDK application.
    CdkSource,
    /// A Serverless Framework service.
    Serverless,
    /// Terraform or `OpenTofu`.
    Terraform,
    /// A Chalice application.
    Chalice,
    /// A Zappa application.
    Zappa,
}

impl Format {
    /// Stable lower-case identifier used in output.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Sam => "sam",
            Self::CloudFormation => "cloudformation",
            Self::CdkOut => "cdk-out",
            Self::CdkSource => "cdk",
            Self::Serverless => "serverless",
            Self::Terraform => "terraform",
            Self::Chalice => "chalice",
            Self::Zappa => "zappa",
        }
    }
}

/// A parameter of a template.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its default, or the value a parent stack passes in.
    pub default: Option<Text>,
    /// Whether every deployment gives it a value and none that is empty, unless somebody empties it on purpose.
    pub is_filled: bool,
    /// The declared type: `String`, `AWS::SSM::Parameter::Value<String>`.
    pub kind: SmolStr,
    /// Where it is declared.
    pub origin: Location,
}

/// A declared resource of any type.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Logical id, or Terraform address.
    pub id: SmolStr,
    /// The type as the format names it: `AWS::DynamoDB::Table`, `aws_dynamodb_table`.
    pub kind: SmolStr,
    /// Its properties, symbolic. Always an [`Arg::Map`] unless the template is malformed.
    pub properties: Arg,
    /// Where it is declared.
    pub origin: Location,
}

impl Resource {
    /// A top-level property.
    pub fn property(&self, name: &str) -> Option<&Arg> {
        self.properties.as_map().and_then(|map| map.get(name))
    }
}

/// A Lambda function as the infrastructure code describes it.
#[derive(Debug, Clone)]
pub struct LambdaFunction {
    /// Logical id in the template (Serverless: the key under `functions`, Terraform: the address).
    pub id: SmolStr,
    /// The deployed name, when the template gives one.
    pub name: Option<Text>,
    /// `python3.12`, `nodejs22.x`; absent for images and when it is not known.
    pub runtime: Option<SmolStr>,
    /// The handler as written: `src/app.lambda_handler`.
    pub handler: Option<SmolStr>,
    /// Where the code is.
    pub code: CodeSource,
    /// Files the build starts from (esbuild's entry points), relative to the code.
    pub entry_points: Vec<SmolStr>,
    /// What the deployed handler dispatches to by itself, written like handlers: the routes of a Chalice application, the
    /// events of a Zappa one. With any of these, they are what runs, rather than the handler's own symbol. A module without a symbol
    /// (`app.`) is imported and no more.
    pub entries: Vec<SmolStr>,
    /// Environment variables, global ones included.
    pub environment: BTreeMap<SmolStr, Variable>,
    /// Whether it may have others that could not be read.
    pub further_variables: bool,
    /// Whether the template leaves its code alone once it is deployed, since something else deploys it.
    pub code_changes_apart: bool,
    /// Layers, in order.
    pub layers: Vec<Layer>,
    /// What invokes it.
    pub events: Vec<EventSource>,
    /// Settings that need permissions by themselves.
    pub settings: Vec<Setting>,
    /// The role it runs with.
    pub role: RoleRef,
    /// The permissions it is deployed with: those of its role, and those listed at the function itself.
    pub declared: Vec<DeclaredPolicy>,
    /// What could not be read about this function.
    pub notes: Vec<Note>,
    /// Where it is declared.
    pub origin: Location,
}

impl LambdaFunction {
    /// A function of which only the name and the place are known.
    pub fn new(id: impl Into<SmolStr>, origin: Location) -> Self {
        Self {
            id: id.into(),
            name: None,
            runtime: None,
            handler: None,
            code: CodeSource::Missing,
            entry_points: Vec::new(),
            entries: Vec::new(),
            environment: BTreeMap::new(),
            further_variables: false,
            code_changes_apart: false,
            layers: Vec::new(),
            events: Vec::new(),
            settings: Vec::new(),
            role: RoleRef::Implicit,
            declared: Vec::new(),
            notes: Vec::new(),
            origin,
        }
    }

    /// Gives it the role that texts refer to, without any (`AWS::NoValue`) none. Of several, one that the stack may declare counts,
    /// of which more is known; which roles the whole stack has is only known when linking.
    pub(crate) fn take_role(&mut self, texts: Vec<Text>, at: &Location) {
        let declared = texts.iter().find_map(|text| match text.as_hole() {
            Some(Hole::Resource { id, .. }) => Some(id.clone()),
            _ => None,
        });
        if let (Some(id), [_, _, ..]) = (&declared, texts.as_slice()) {
            let message = format!("which role this function has is up to the deployment; here it counts as having `{id}`");
            self.notes.push(Note::at(NoteKind::Template, at.clone(), message));
        }
        match (declared, texts.into_iter().next()) {
            (Some(id), _) => self.role = RoleRef::Declared(id),
            (None, Some(text)) => self.role = RoleRef::External(text),
            (None, None) => {}
        }
    }
}

/// The value of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// What it can be: one text, or one per alternative. Empty when the template removes it (`AWS::NoValue`).
    pub values: Vec<Text>,
    /// Where it is set.
    pub origin: Location,
}

/// Where the code of a function is.
#[derive(Debug, Clone)]
pub enum CodeSource {
    /// A folder, a single file or an archive, joined with the template's folder; it need not exist.
    Local(PathBuf),
    /// Code written into the template.
    Inline(InlineCode),
    /// A container image.
    Image(ImageCode),
    /// Somewhere leash cannot look: a bucket, a registry, a URL.
    Remote(Text),
    /// The template does not say.
    Missing,
}

/// Code written into a template.
#[derive(Debug, Clone)]
pub struct InlineCode {
    /// The code, padded with empty lines so that its line numbers are those of the template (where it stands there line by line).
    /// The path is the template's, `#`, and the function's id.
    pub file: Arc<SourceFile>,
    /// What the template fills in, by how it stands in the code: `${Orders}`.
    pub filled: BTreeMap<SmolStr, Hole>,
    /// Where it stands in the template.
    pub origin: Location,
}

/// A function packaged as a container image.
#[derive(Debug, Clone, Default)]
pub struct ImageCode {
    /// The folder the image is built in.
    pub context: Option<PathBuf>,
    /// The Dockerfile, joined with the context; it need not exist.
    pub dockerfile: Option<PathBuf>,
    /// The arguments that the template gives the build.
    pub arguments: BTreeMap<SmolStr, SmolStr>,
    /// The command that the template sets, which goes before the Dockerfile's: the handler is its first word.
    pub command: Vec<SmolStr>,
    /// The image, when the template names one.
    pub uri: Option<Text>,
}

/// A layer of a function.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its ARN or reference, as far as known.
    pub name: Text,
    /// Its local content, joined with the template's folder.
    pub content: Option<PathBuf>,
    /// The runtime it is built for (SAM's `BuildMethod`): then the content has no `python/` or `nodejs/` folder of its own.
    pub build_method: Option<SmolStr>,
    /// Where the function lists it.
    pub origin: Location,
}

/// Something that invokes a function.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// Its name in the template; for separate resources, their logical id.
    pub name: SmolStr,
    /// What kind of source it is.
    pub kind: EventKind,
    /// The queue, stream, topic, table, bucket …, usually an ARN or a reference; absent when the kind needs none.
    pub resource: Option<Text>,
    /// Where records that failed go (`DestinationConfig.OnFailure`), for pulled sources.
    pub on_failure: Option<Text>,
    /// All properties, for whoever needs more: source access configurations, topics, filter keys.
    pub properties: ArgMap,
    /// Where it is declared.
    pub origin: Location,
}

/// The kinds of event sources. Only those that Lambda polls need permissions of the function's own role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// An SQS queue; polled.
    Sqs,
    /// A Kinesis stream or consumer; polled.
    Kinesis,
    /// A `DynamoDB` stream; polled.
    DynamoDb,
    /// An MSK cluster; polled.
    Msk,
    /// A Kafka cluster outside MSK; polled.
    SelfManagedKafka,
    /// An Amazon MQ broker; polled.
    Mq,
    /// A `DocumentDB` change stream; polled.
    DocumentDb,
    /// A mapping whose source ARN does not say what it is; polled.
    UnknownMapping,
    /// Anything that invokes the function through a resource policy, under the format's own name in lower case
    /// (`api`, `httpapi`, `s3`, `sns`, `schedule`, `eventbridgerule`, …).
    Push(SmolStr),
}

impl EventKind {
    /// Whether Lambda polls the source with the permissions of the function's role.
    pub const fn is_polled(&self) -> bool {
        !matches!(self, Self::Push(_))
    }
}

/// A setting of a function that needs permissions by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Which one.
    pub kind: SettingKind,
    /// What it names: the queue's ARN, the key's ARN, the access point's ARN, the log group's name; `Active` for tracing.
    pub value: Option<Text>,
    /// Where it is set.
    pub origin: Location,
}

/// The settings that need permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingKind {
    /// The function runs in a VPC.
    Vpc,
    /// X-Ray tracing.
    Tracing,
    /// The dead-letter queue or topic.
    DeadLetter,
    /// Where asynchronous successes go.
    OnSuccess,
    /// Where asynchronous failures go.
    OnFailure,
    /// An EFS access point or an S3 Files access point that is mounted.
    FileSystem,
    /// The customer key that encrypts the environment.
    KmsKey,
    /// The log group, when it is not the default one.
    LogGroup,
    /// The layer of `CloudWatch` Lambda Insights.
    Insights,
    /// The function is durable: Lambda keeps how far its executions are.
    Durable,
}

/// The role a function runs with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleRef {
    /// The format makes one by itself (SAM without `Role`, a Serverless function with statements of its own). Roles that
    /// functions share are declared ones, also when nobody wrote them: Serverless's `IamRoleLambdaExecution`, Chalice's `default-role`.
    Implicit,
    /// A role of the stack, by its key in [`Stack::roles`].
    Declared(SmolStr),
    /// A role that the template does not declare: an ARN, a parameter, an import.
    External(Text),
}

/// A role that the stack declares.
#[derive(Debug, Clone)]
pub struct Role {
    /// Logical id.
    pub id: SmolStr,
    /// Its deployed name, when the template gives one.
    pub name: Option<Text>,
    /// Everything attached: inline, managed, and separate policy resources that name the role.
    pub policies: Vec<DeclaredPolicy>,
    /// The statements of the trust policy.
    pub trust: Vec<DeclaredStatement>,
    /// The permissions boundary, as ARN or reference.
    pub boundary: Option<Text>,
    /// Where it is declared.
    pub origin: Location,
}
