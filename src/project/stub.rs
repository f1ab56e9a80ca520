//! Code that only fills a template's place until something else deploys what really runs.

use smol_str::SmolStr;

use crate::iac::{CodeSource, Format, InlineCode, LambdaFunction, Stack};
use crate::ir::ImportRequest;
use crate::lower::lower;
use crate::syntax::Language;
use crate::value::Text;

/// What to say of code that only stands in for what is deployed, where that is not here.
pub(super) const STANDS_IN: &str = "the code in the template only stands in for what something else deploys, and that was not found \
                                    here; what it calls is not covered";

/// Modules of standard libraries with which nothing is reached.
const HARMLESS: [&str; 12] =
    ["__future__", "datetime", "json", "logging", "os", "sys", "time", "typing", "node:path", "node:util", "path", "util"];

/// Whether code in a template can reach nothing at all, so that it may stand there until the real code is deployed.
fn reaches_nothing(code: &InlineCode) -> bool {
    let Some(language) = Language::from_path(&code.file.path) else { return false };
    let module = lower(std::sync::Arc::clone(&code.file), language);
    let is_harmless = |name: &str| HARMLESS.contains(&name);
    module.imports.iter().all(|import| match &import.request {
        ImportRequest::Dotted { segments, .. } => segments.first().is_some_and(|first| is_harmless(first)),
        ImportRequest::Specifier(name) => is_harmless(name),
    })
}

/// Whether the code that a template has for a function only stands in for it.
pub(super) fn is_stub(function: &LambdaFunction) -> bool {
    matches!(&function.code, CodeSource::Inline(code) if reaches_nothing(code))
}

/// Whether what is deployed is not what the template says: the handler is of another module than code in a template is, or the
/// template keeps away from the code that it deployed once.
pub(super) fn is_replaced(function: &LambdaFunction, stack: &Stack, is_other_module: bool) -> bool {
    function.code_changes_apart || is_other_module && stack.format != Format::Terraform
}

/// What a function may be called where its code is kept: by its id, by its key among several, by its name.
pub(super) fn names(function: &LambdaFunction) -> Vec<SmolStr> {
    let (address, key) = function.id.split_once('[').unwrap_or((&function.id, ""));
    let key = key.trim_end_matches(']').trim_matches('"');
    let own = address.rsplit(['.', '/']).next().unwrap_or_default();
    let name = function.name.as_ref().map(Text::pattern).unwrap_or_default();
    // Several that are made by one block have its name in common.
    let own = if key.is_empty() { own } else { "" };
    [key, own, &name].into_iter().filter(|name| !name.is_empty()).map(SmolStr::from).collect()
}
