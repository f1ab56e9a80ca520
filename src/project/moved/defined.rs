//! What files say about a name.

use std::path::Path;

use crate::iac::Files;
use crate::sdk::packages::imports_cdk;

/// Whether a line defines a name, brings it in or hands it out: `def name(`, `name = `, `from x import name`, `exports.name = `,
/// `export const name`.
pub(super) fn is_definition(line: &str, name: &str) -> bool {
    let line = line.trim_start();
    let is_word = |at: usize| {
        let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '$');
        !line[..at].ends_with(is_part) && !line[at + name.len()..].starts_with(is_part)
    };
    let mut words = line.match_indices(name).map(|(at, _)| at).filter(|&at| is_word(at));
    let Some(at) = words.next() else { return false };
    let before = line[..at].trim_end();
    let says = ["def", "class", "function", "import", "from", "export", "exports", "module.exports"];
    let is_told = before.split(|letter: char| !(letter.is_alphanumeric() || letter == '.' || letter == '_')).next();
    let is_bound = || line[at + name.len()..].trim_start().starts_with(['=', ':']);
    let word = is_told.map(|word| word.trim_end_matches('.')).unwrap_or_default();
    says.contains(&word) || word == "async" || (before.is_empty() && is_bound())
}

/// Whether the name occurs in the file at all; what it stands for is seen when the file is read. What describes infrastructure
/// is no handler.
pub(super) fn defines(files: &Files, path: &Path, symbol: &str) -> bool {
    let name = symbol.rsplit('.').next().unwrap_or(symbol);
    let has_name = |text: &str| memchr::memmem::find(text.as_bytes(), name.as_bytes()).is_some();
    files.read(path).is_ok_and(|file| has_name(&file.text) && !imports_cdk(&file.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_speak_of_a_name_do_not_define_it() {
        for line in [
            "def handler(event, context):",
            "    async def handler(event, context):",
            "handler = Mangum(app)",
            "handler: Handler = make()",
            "from .app import run as handler",
            "exports.handler = async () => 1;",
            "module.exports = { handler };",
            "export const handler = async () => 1;",
        ] {
            assert!(is_definition(line, "handler"), "{line}");
        }
        for line in ["# create a console handler", "logging.handler = 1", "def handlers():", "make(handler)", "// export handler"]
        {
            assert!(!is_definition(line, "handler"), "{line}");
        }
    }
}
