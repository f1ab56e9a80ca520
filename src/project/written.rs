//! How templates write runtimes and handlers.

/// The languages leash reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Python,
    Node,
    /// The template does not say; both are tried.
    Either,
}

/// The family of a runtime; none when leash does not read its language.
pub(super) fn family(runtime: Option<&str>) -> Option<Family> {
    // What a script fills in before it deploys (`PYTHON3_VERSION`) says as much.
    let is = |runtime: &str, family: &str| runtime.get(..family.len()).is_some_and(|start| start.eq_ignore_ascii_case(family));
    match runtime {
        None => Some(Family::Either),
        Some(runtime) if is(runtime, "python") => Some(Family::Python),
        Some(runtime) if is(runtime, "nodejs") => Some(Family::Node),
        Some(runtime) if is_runtime(runtime) => None,
        // What is no runtime of Lambda's (`Node.js 22.x`) says nothing; the code does.
        Some(_) => Some(Family::Either),
    }
}

/// Whether a runtime is written the way Lambda does. Identifiers of those that it no longer has begin alike.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
fn is_runtime(runtime: &str) -> bool {
    const FAMILIES: [&str; 6] = ["dotnet", "go1", "java", "nodejs", "provided", "ruby"];
    let is_known = |family: &&str| runtime.strip_prefix(*family).is_some_and(|version| !version.starts_with(char::is_alphabetic));
    FAMILIES.iter().any(is_known) || runtime.starts_with("dotnetcore") || runtime.starts_with("python")
}

/// Module and symbol of a handler in Python, where the symbol starts behind the last dot: `package.module.function`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html>
pub(super) fn split(handler: &str) -> Option<(&str, &str)> {
    let (module, symbol) = handler.rsplit_once('.')?;
    (!module.is_empty() && !symbol.is_empty() && !symbol.contains('/')).then_some((module, symbol))
}

/// Module and symbol of a handler in Node.js, where the symbol starts behind the first dot of the file's name:
/// `folder/file.exported.function`.
/// <https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/UserFunction.js>
pub(super) fn split_first(handler: &str) -> Option<(&str, &str)> {
    let name = handler.rfind('/').map_or(0, |slash| slash + 1);
    let dot = name + handler[name..].find('.')?;
    let (module, symbol) = (&handler[..dot], &handler[dot + 1..]);
    (dot > name && !symbol.is_empty()).then_some((module, symbol))
}
