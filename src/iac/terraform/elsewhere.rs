//! Modules that are not in the repository and are given what a function is given: its name, its runtime, its handler and its code.
//! Companies wrap functions in modules of their own, and call these by address.

use smol_str::SmolStr;

use super::code;
use super::collect::{Collected, Entry};
use super::community::is_known;
use super::function::{environment, layers, role_texts};
use super::value::Value;
use crate::iac::{CodeSource, Files, LambdaFunction, RoleRef};
use crate::note::{Note, NoteKind};
use crate::value::{Hole, Text};

/// What such modules call the function's name.
const NAMES: [&str; 3] = ["function_name", "lambda_name", "name"];
/// What they call the folder, the file or the archive with the code, most telling first.
const CODE: [&str; 10] = [
    "source_path",
    "source_dir",
    "source_code_path",
    "function_code_dir",
    "lambda_code_dir",
    "code_dir",
    "code_path",
    "source_file",
    "filename",
    "local_existing_package",
];
/// What they call the folder that the code's stands in.
const BASES: [&str; 3] = ["function_code_base_path", "code_base_path", "base_path"];

/// The function that a module from elsewhere makes, as far as its arguments say that it makes one.
pub(super) fn function(collected: &Collected, files: &Files, entry: &Entry) -> Option<LambdaFunction> {
    if !entry.kind.contains('/') || entry.kind.starts_with('.') || is_known(&entry.kind) {
        return None;
    }
    let values = &entry.values;
    let first = |names: &[&str]| names.iter().find_map(|name| values.get(name).filter(|value| !value.is_null()));
    let handler = called(values, "handler").and_then(Value::given)?;
    let (name, code, runtime) = (first(&NAMES)?, first(&CODE)?, called(values, "runtime")?);
    let mut function = LambdaFunction::new(entry.address.clone(), entry.at.clone());
    function.name = name.one_text();
    function.runtime = runtime.given();
    // A function's name alone is that of one in the module that another argument names, or in the one that all others are in by
    // habit.
    let module = named_module(values).filter(|module| !module.contains('/'));
    let is_assumed = !handler.contains('.') && module.is_none();
    let module = module.unwrap_or_else(|| SmolStr::new_static("index"));
    function.handler = Some(if handler.contains('.') { handler } else { smol_str::format_smolstr!("{module}.{handler}") });
    if let Some(variables) = called(values, "env").filter(|value| value.members().iter().any(|one| one.as_map().is_some())) {
        environment(variables.get("variables").unwrap_or(variables), &mut function);
    }
    function.further_variables = true;
    function.layers = layers(collected, files, values.get("layers"));
    match first(&["lambda_role", "role_arn", "role"]) {
        Some(role) => function.take_role(role_texts(role), &role.at),
        None => function.role = RoleRef::External(Text::hole(Hole::Unknown("the role that a module makes".into()))),
    }
    function.code = match (first(&BASES).and_then(|base| collected.literal(base)), collected.literal(code)) {
        (Some(base), Some(folder)) => CodeSource::Local(collected.path(&format!("{base}/{folder}"))),
        (None, Some(path)) if !is_archive(&path) => CodeSource::Local(collected.path(&path)),
        _ => code::package(collected, files, code, &mut function),
    };
    let assumed =
        if is_assumed { "; it does not say which module the handler is in, so that is taken to be `index`" } else { "" };
    let message = format!(
        "`{}` is not in this repository; it is read as a function because it is given what one is{assumed}",
        entry.address
    );
    function.notes.push(Note::at(NoteKind::Template, entry.at.clone(), message));
    Some(function)
}

/// The module that the handler is in, where an argument names it.
fn named_module(values: &Value) -> Option<SmolStr> {
    let is_name = |name: &SmolStr| ["module", "module_name"].iter().any(|end| name.ends_with(end));
    let named = values.as_map()?.entries.iter().filter(|(name, value)| is_name(name) && !value.is_null());
    named.min_by_key(|(name, _)| name.len()).and_then(|(_, value)| value.given())
}

/// The argument with a word in its name, the shortest first.
fn called<'v>(values: &'v Value, word: &str) -> Option<&'v Value> {
    let of_word = |name: &SmolStr| name.split('_').any(|part| part == word || word == "env" && part.starts_with("env"));
    let named = values.as_map()?.entries.iter().filter(|(name, value)| of_word(name) && !value.is_null());
    named.min_by_key(|(name, _)| name.len()).map(|(_, value)| value)
}

fn is_archive(path: &str) -> bool {
    [".zip", ".jar"].iter().any(|ending| path.ends_with(ending))
}
