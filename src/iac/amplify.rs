//! What the Amplify CLI puts into a function's template when it deploys it.

use smol_str::SmolStr;

use super::cloudformation::Parts;
use super::declared::PolicySource;
use super::document::{self, Entry, Node, NodeKind};
use super::template::{Parent, Template};
use crate::note::{Note, NoteKind};
use crate::span::Span;
use crate::value::{Arg, Hole, Text};

/// What the file with a function's own statements is called.
const POLICIES: &str = "custom-policies.json";
/// What the names of the templates end in that the CLI writes for functions.
const TEMPLATE: &str = "-cloudformation-template.json";
/// The role that it writes there.
const ROLE: &str = "LambdaExecutionRole";
/// The parameter with the environment's name, which is filled in.
const ENVIRONMENT: &str = "env";

/// Whether a file is one whose statements the CLI adds to a template.
pub fn is_custom_policies(path: &str) -> bool {
    path.rsplit('/').next() == Some(POLICIES)
}

/// Attaches the statements of `custom-policies.json` beside a template of the Amplify CLI to the function's role.
/// <https://docs.amplify.aws/gen1/javascript/tools/cli/function/#access-existing-aws-resource-from-lambda-function>
pub(crate) fn custom_policies(template: &Template<'_>, parts: &mut Parts) {
    let is_of_amplify = template.path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(TEMPLATE));
    let path = template.folder.join(POLICIES);
    if !is_of_amplify || !template.files.is_file(&path) {
        return;
    }
    let Some(role) = parts.stack.roles.get_mut(&template.qualified(ROLE)) else { return };
    let read = template.files.read(&path).map_err(|message| {
        Note::at(NoteKind::UnreadableFile, template.at(Span::default()), format!("{} {message}", template.files.display(&path)))
    });
    let read = read.and_then(|file| document::read(&file).map(|read| (file, read)).map_err(|error| error.to_note()));
    let (file, documents) = match read {
        Ok(read) => read,
        Err(note) => return parts.stack.notes.push(note),
    };
    for root in &documents.roots {
        let document = document(root);
        let environment = Arg::Text(Text::hole(Hole::Parameter(template.qualified(ENVIRONMENT))));
        let bindings = [(SmolStr::new_static(ENVIRONMENT), environment)].into();
        let own = Template::new(template.files, &path, &file, &document, Parent { bindings, ..Parent::default() });
        role.policies.push(own.declared(None, &document, PolicySource::Inline, root.span));
        parts.stack.notes.extend(own.take_notes());
    }
}

/// The policy document that a list of statements stands for. Those without an action are there to be filled in.
fn document(root: &Node) -> Node {
    let written = root.items().iter().flat_map(|item| item.get("Statement").unwrap_or(item).items());
    let has_actions = |item: &&Node| item.get("Action").is_none_or(|actions| !actions.items().is_empty());
    let list = Node::sequence(written.filter(has_actions).map(statement).collect(), root.span);
    let parameter = Node::mapping(Vec::new(), root.span);
    let parameters = Node::mapping(vec![entry(ENVIRONMENT, parameter)], root.span);
    Node::mapping(vec![entry("Parameters", parameters), entry("Statement", list)], root.span)
}

/// A statement with its effect, which may be left out, and with resources that are filled in.
fn statement(written: &Node) -> Node {
    let mut statement = written.clone();
    let NodeKind::Mapping(mapping) = &mut statement.kind else { return statement };
    if mapping.get("Effect").is_none() {
        mapping.entries.push(entry("Effect", Node::string("Allow", written.span)));
    }
    for entry in mapping.entries.iter_mut().filter(|entry| entry.key == "Resource") {
        match &mut entry.value.kind {
            NodeKind::Sequence(items) => items.iter_mut().for_each(filled_in),
            _ => filled_in(&mut entry.value),
        }
    }
    statement
}

fn filled_in(resource: &mut Node) {
    if resource.as_str().is_some_and(|text| text.contains("${env}")) {
        *resource = Node::mapping(vec![entry("Fn::Sub", resource.clone())], resource.span);
    }
}

fn entry(key: &'static str, value: Node) -> Entry {
    Entry { key: key.into(), key_span: value.span, value }
}
