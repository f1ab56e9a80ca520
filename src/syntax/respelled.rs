//! Forms that the grammars do not know, spelled as forms that they do. Nothing gets longer or shorter by that, so that every
//! place in the tree is one of the file's own text.

use std::borrow::Cow;

use memchr::memmem::find_iter;

use super::Language;

/// The text with such forms spelled anew; nothing where there are none.
pub(super) fn respelled(text: &str, language: Language) -> Option<String> {
    let mut places: Vec<(usize, Cow<'static, str>)> = Vec::new();
    if language != Language::Python {
        places.extend(assertions(text).map(|at| (at, "with  ".into())));
    }
    if matches!(language, Language::TypeScript | Language::Tsx) {
        places.extend(abstract_members(text).map(|at| (at, "_bstract".into())));
        places.extend(imported_types(text).map(|(at, length)| (at, "_".repeat(length).into())));
    }
    if places.is_empty() {
        return None;
    }
    let mut text = text.to_owned();
    for (at, spelling) in places {
        text.replace_range(at..at + spelling.len(), &spelling);
    }
    Some(text)
}

/// `import data from "./data.json" assert { type: "json" }`, which later became `with`.
/// <https://github.com/tc39/proposal-import-attributes#history>
fn assertions(text: &str) -> impl Iterator<Item = usize> {
    find_iter(text.as_bytes(), "assert").filter(|&at| {
        let after = text[at + "assert".len()..].trim_start();
        text[..at].trim_end().ends_with(['"', '\'']) && after.starts_with('{')
    })
}

/// `abstract?: string`, a member of an interface that has the name of a modifier.
fn abstract_members(text: &str) -> impl Iterator<Item = usize> {
    find_iter(text.as_bytes(), "abstract").filter(|&at| {
        let after = text[at + "abstract".len()..].trim_start();
        let is_whole = !text[..at].ends_with(|last: char| last.is_alphanumeric() || "_$.".contains(last));
        is_whole && after.strip_prefix('?').unwrap_or(after).trim_start().starts_with(':')
    })
}

/// `import("./t").T`, which the grammar takes for a type only where nothing is behind it, neither `[]` nor arguments: where the call
/// is, and how long. What `import` gives as an expression is a promise, which has no members but these three.
/// <https://www.typescriptlang.org/docs/handbook/release-notes/typescript-2-9.html#import-types>
fn imported_types(text: &str) -> impl Iterator<Item = (usize, usize)> {
    find_iter(text.as_bytes(), "import").filter_map(|at| {
        let inner = text[at + "import".len()..].trim_start().strip_prefix('(')?.trim_start();
        let quote = inner.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (path, behind) = inner[1..].split_once(quote)?;
        let behind = behind.trim_start().strip_prefix(')')?;
        let member = behind.trim_start().strip_prefix('.')?.trim_start();
        let end = member.find(|char: char| !char.is_alphanumeric() && char != '_' && char != '$')?;
        let is_whole = !text[..at].ends_with(|last: char| last.is_alphanumeric() || "_$.".contains(last));
        let is_type = is_whole && !path.contains('\n') && !matches!(&member[..end], "" | "then" | "catch" | "finally");
        is_type.then(|| (at, text.len() - at - behind.len()))
    })
}
