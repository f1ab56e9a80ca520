//! Names that tell functions apart.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::Function;
use crate::iac::{LambdaFunction, Stack};
use crate::note::{Note, NoteKind};
use crate::value::Text;

/// Makes names unique: by the template's folder, then by its path, then by a number. Sorts by name.
pub(super) fn make_unique(functions: &mut [Function]) {
    qualify(functions, |template| template.rsplit_once('/').map(|(folder, _)| folder.to_owned()));
    qualify(functions, |template| Some(template.to_owned()));
    let mut seen: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for function in functions.iter_mut() {
        let count = seen.entry(function.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            function.name = format!("{}#{count}", function.name).into();
        }
    }
    functions.sort_by(|a, b| a.name.cmp(&b.name));
}

/// Functions of one stack that are said to be deployed under the same name.
pub(super) fn shared(stack: &Stack) -> Vec<Note> {
    let mut first: BTreeMap<&str, &LambdaFunction> = BTreeMap::new();
    let mut notes = Vec::new();
    for function in &stack.functions {
        let Some(name) = function.name.as_ref().and_then(Text::as_literal) else { continue };
        match first.get(name) {
            Some(other) => {
                let message = format!(
                    "`{}` and `{}` are both named `{name}`; AWS refuses that unless a condition leaves one out",
                    other.id, function.id
                );
                notes.push(Note::at(NoteKind::Info, function.origin.clone(), message));
            }
            None => drop(first.insert(name, function)),
        }
    }
    notes
}

/// Puts a part of the template's path before every name that several functions have.
fn qualify(functions: &mut [Function], part: impl Fn(&str) -> Option<String>) {
    let mut count: BTreeMap<SmolStr, usize> = BTreeMap::new();
    for function in functions.iter() {
        *count.entry(function.name.clone()).or_insert(0) += 1;
    }
    for function in functions.iter_mut().filter(|function| count.get(&function.name).is_some_and(|&count| count > 1)) {
        let prefix = function.origin.as_ref().and_then(|origin| part(&origin.file.path));
        let own = function.id.as_ref().unwrap_or(&function.name);
        if let Some(prefix) = prefix {
            function.name = format!("{prefix}/{own}").into();
        }
    }
}
