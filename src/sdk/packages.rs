//! What AWS calls the packages of its SDKs and of the CDK, and how a text shows that it uses them.

use memchr::memmem;

/// The JavaScript SDK of version 2.
pub(super) const JS_V2: &str = "aws-sdk";
/// The scope of the packages of the JavaScript SDK of version 3.
pub const JS_V3: &str = "@aws-sdk/";
/// Commands and clients of `DynamoDB` that take and give plain values.
pub(super) const JS_DOCUMENTS: &str = "@aws-sdk/lib-dynamodb";

/// What the packages of clients of the JavaScript SDK of version 3 are called before their service.
const JS_CLIENTS: &str = "@aws-sdk/client-";
/// The scope of what the JavaScript SDK of version 3 stands on.
const JS_FOUNDATION: &str = "@smithy/";
/// What else makes requests to AWS in JavaScript: libraries of the SDK, and packages that sign.
const JS_REQUESTS: [&str; 5] = ["@aws-sdk/lib-", "aws4", "aws4fetch", "aws4-axios", "aws-sdk-js-v3"];

/// The Python SDK, and its asynchronous variant.
const PYTHON: [&str; 4] = ["boto3", "botocore", "aioboto3", "aiobotocore"];
/// What the Python SDK stands on.
const PYTHON_FOUNDATION: [&str; 3] = ["s3transfer", "jmespath", "urllib3"];
/// Packages of types with one module per service; with a service's name behind them, those of one service.
const PYTHON_STUBS: [&str; 2] = ["mypy_boto3", "types_boto3"];
/// Packages of types of one service each.
const PYTHON_SERVICE_STUBS: [&str; 4] = ["mypy_boto3_", "types_boto3_", "types_aiobotocore_", "types_aioboto3_"];

/// Services whose names mean nothing else in the name of a package.
const SERVICES_IN_NAMES: [&str; 4] = ["dynamodb", "s3", "sqs", "ssm"];

/// The CDK of version 2 for JavaScript.
pub(super) const CDK_V2: &str = "aws-cdk-lib";
/// The CDK in one package: of version 2, and of version 1; and what all of its constructs derive from.
const CDK: [&str; 5] = [CDK_V2, "aws_cdk", "@aws-cdk/core", "monocdk", "constructs"];
/// What the names of the CDK's modules begin with where each is a package or a path of its own.
const CDK_MODULES: [&str; 2] = ["aws-cdk-lib/", "@aws-cdk/"];
/// How programs import the CDK.
const CDK_IMPORTS: [&str; 8] = [
    "'aws-cdk-lib'",
    "\"aws-cdk-lib\"",
    "'aws-cdk-lib/",
    "\"aws-cdk-lib/",
    "'@aws-cdk/",
    "\"@aws-cdk/",
    "import aws_cdk",
    "from aws_cdk",
];

/// Names of which a text has one that uses an SDK or Powertools; `botocore` is also the end of `aiobotocore`.
const MENTIONED: [&str; 5] = ["boto3", "botocore", JS_V2, "aws_lambda_powertools", "aws-lambda-powertools"];

/// Whether a package is the Python SDK or a part of it.
pub(super) fn is_python(package: &str) -> bool {
    PYTHON.contains(&package)
}

/// Whether a module is the Python SDK, or what it stands on.
pub fn is_python_or_foundation(module: &str) -> bool {
    is_python(module) || PYTHON_FOUNDATION.contains(&module)
}

/// Whether a module has nothing but the types of clients.
pub fn is_types_of_python(module: &str) -> bool {
    module.starts_with(PYTHON_STUBS[0]) || module.starts_with("types_")
}

/// Whether the name of a package of Python says that it has to do with AWS: `awsfindings`, `my_boto_helpers`, `dynamodb_lock`.
pub fn is_named_after_aws(package: &str) -> bool {
    let tells = |word: &str| word.starts_with("aws") || word.starts_with("boto") || SERVICES_IN_NAMES.contains(&word);
    package.to_ascii_lowercase().split(['_', '-', '.']).any(tells)
}

/// Whether a package belongs to a JavaScript SDK.
pub fn is_js(package: &str) -> bool {
    package == JS_V2 || package.starts_with(JS_V3) || package.starts_with(JS_FOUNDATION)
}

/// Whether what depends on a package of JavaScript may make requests to AWS.
pub fn makes_requests(package: &str) -> bool {
    let is_one = |known: &str| if known.ends_with('-') { package.starts_with(known) } else { package == known };
    package == JS_V2 || package.starts_with(JS_CLIENTS) || JS_REQUESTS.into_iter().any(is_one)
}

/// Whether a path of JavaScript is that of a package whose members are services or commands.
pub fn has_services(path: &str) -> bool {
    let default = path.strip_suffix(".default").unwrap_or(path);
    default == JS_V2 || (path.starts_with(JS_CLIENTS) && !path.contains('.'))
}

/// The packages of which a program imports one that makes requests by itself.
pub fn roots() -> impl Iterator<Item = &'static str> {
    PYTHON.into_iter().chain([JS_V2])
}

/// Whether a package has the types of all services, each in a module of its name.
pub(super) fn is_stubs(package: &str) -> bool {
    PYTHON_STUBS.contains(&package)
}

/// The service, as modules spell it, whose types a package has.
pub(super) fn stub_service(package: &str) -> Option<&str> {
    PYTHON_SERVICE_STUBS.iter().find_map(|start| package.strip_prefix(start))
}

/// The module of the CDK that a package is, where it is one; the empty name is that of the root.
pub(super) fn cdk_module(package: &str) -> Option<&str> {
    if CDK.contains(&package) {
        return Some("");
    }
    CDK_MODULES.iter().find_map(|start| package.strip_prefix(start))
}

/// Whether a program imports the CDK.
pub fn imports_cdk(text: &str) -> bool {
    has_any(text, &CDK_IMPORTS)
}

/// Whether a text mentions a library that calls AWS.
pub fn mentions_sdk(text: &str) -> bool {
    has_any(text, &MENTIONED)
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}
