//! What templates import from others of the same repository: `Fn::ImportValue`, values of the parameter store, and what a service
//! of the Serverless Framework asks of another stack.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html>
//! <https://www.serverless.com/framework/docs/providers/aws/guide/variables/cf-stack>
//!
//! The template with the export is read like a nested stack, with its path before its logical ids. Its functions stay its own,
//! and so do its roles: who else runs with one of these is not known from here.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use smol_str::SmolStr;

use super::cloudformation::{Parts, parts};
use super::document::{self, Node};
use super::files::{Files, NameIndex, clean};
use super::serverless::{is_service, read_exporter};
use super::stack::Stack;
use super::symbols::{Expression, expression};
use super::template::{Parent, Template};
use crate::value::{Arg, Hole, Text};

/// Stands before the names of the parameter store among those of exports.
const STORE: &str = "ssm:";
/// Stands before the names of stacks and their outputs, likewise.
const OUTPUT: &str = "cf:";

/// The name of an output of a stack among those of exports.
pub(super) fn output_name(stack: &str, output: &str) -> SmolStr {
    smol_str::format_smolstr!("{OUTPUT}{stack}.{output}")
}

/// The name that a dynamic reference looks up in the parameter store, without the version.
fn stored_name(parameter: &str) -> Option<&str> {
    let Some(Expression::Dynamic(text)) = expression(parameter) else { return None };
    let name = text.strip_prefix("{{resolve:ssm:")?.strip_suffix("}}")?;
    Some(name.split(':').next().unwrap_or(name))
}

impl Template<'_> {
    /// The value of an export of another template, if it is the only one of that name.
    pub(crate) fn imported(&self, name: &Text) -> Option<Arg> {
        if self.is_alone {
            return None;
        }
        let name = name.pattern();
        let index = self.files.name_index(self.files.base(), "exports", || exports(self.files));
        let own = clean(&self.path);
        let mut fitting: Vec<&PathBuf> = matching(&index, &name)?.iter().filter(|path| clean(path) != own).collect();
        fitting.dedup();
        let [path] = fitting.as_slice() else { return None };
        self.exported(path, &name)
    }

    /// The text with what other templates put into the parameter store.
    pub(crate) fn stored_in(&self, text: Text) -> Text {
        let is_looked_up = |hole: &Hole| matches!(hole, Hole::Parameter(name) if stored_name(name).is_some());
        if !text.holes().any(is_looked_up) {
            return text;
        }
        text.fill(|hole| match hole {
            Hole::Parameter(name) => self.stored(stored_name(name)?),
            _ => None,
        })
    }

    /// What another template puts into the parameter store under a name.
    pub(crate) fn stored(&self, name: &str) -> Option<Text> {
        self.imported(&Text::literal([STORE, name].concat()))?.as_text()
    }

    /// What another template gives for a variable that the deployment would look up; these are called like names of exports.
    pub(crate) fn given_elsewhere(&self, variable: &str) -> Option<Arg> {
        let is_looked_up = [STORE, OUTPUT].iter().any(|kind| variable.starts_with(kind));
        if is_looked_up { self.imported(&Text::literal(variable)) } else { None }
    }

    /// The name under which a resource puts its value into the parameter store, among those of exports.
    pub(crate) fn store_name(&self, kind: &str, properties: &Node) -> Option<SmolStr> {
        let name = properties.get("Name").filter(|_| kind == "AWS::SSM::Parameter").and_then(|name| self.text(name))?;
        name.as_literal().map(|name| [STORE, name].concat().into())
    }

    fn exported(&self, path: &Path, name: &str) -> Option<Arg> {
        let id = smol_str::format_smolstr!("{}/", self.files.display(path));
        self.nested.read_as(&id, || self.exporter(path, &id));
        self.nested.of(&id, |parts| matching(&parts.exports, name).cloned())
    }

    fn exporter(&self, path: &Path, id: &str) -> Option<Parts> {
        let parent = Parent { prefix: self.qualified(id), depth: Rc::clone(&self.depth), ..self.nested.inner(path)? };
        let file = self.files.read(path).ok()?;
        let parts = if is_service(path, &file.text) {
            read_exporter(self.files, path, &file, parent)?
        } else {
            let documents = document::read(&file).ok()?;
            parts(&Template::new(self.files, path, &file, documents.mapping()?, parent))
        };
        let stack = parts.stack;
        let is_role = |id: &SmolStr| stack.roles.contains_key(id);
        let kept = Stack {
            resources: stack.resources.into_iter().filter(|(id, _)| !is_role(id)).collect(),
            policies: stack.policies,
            resource_policies: stack.resource_policies,
            parameters: stack.parameters,
            ..Stack::new(stack.format, &stack.template, stack.folder)
        };
        Some(Parts { exports: parts.exports, ..Parts::of(kept) })
    }

    /// The name of an output's export, with `*` for what is not known.
    pub(crate) fn export_name(&self, output: &Node) -> Option<SmolStr> {
        self.text(output.path(&["Export", "Name"])?).map(|name| name.pattern().into())
    }
}

/// What is exported under a name: by that name, else by the only one that ends likewise behind the name of its stack.
fn matching<'m, K: std::borrow::Borrow<str> + Ord, V>(
    exports: &'m std::collections::BTreeMap<K, V>,
    name: &str,
) -> Option<&'m V> {
    let end = |key: &'m str| key.strip_prefix('*').filter(|end| !end.is_empty() && !end.contains('*'));
    let mut alike = exports.iter().filter(|(key, _)| end((*key).borrow()).is_some_and(|end| name.ends_with(end)));
    exports.get(name).or_else(|| {
        let (_, only) = alike.next()?;
        alike.next().is_none().then_some(only)
    })
}

/// The templates by the names that they export.
fn exports(files: &Files) -> NameIndex {
    let mut index = NameIndex::new();
    for path in files.templates() {
        let Ok(file) = files.read(path) else { continue };
        if is_service(path, &file.text) {
            // Its outputs may stand in files that it includes.
            let parent = Parent { is_alone: true, ..Parent::default() };
            for name in read_exporter(files, path, &file, parent).into_iter().flat_map(|parts| parts.exports.into_keys()) {
                index.entry(name.into()).or_default().push(path.clone());
            }
            continue;
        }
        let has = |word: &str| memchr::memmem::find(file.text.as_bytes(), word.as_bytes()).is_some();
        let may_give = has("AWS::SSM::Parameter") || has("Outputs") && has("Export");
        if !may_give {
            continue;
        }
        let documents = document::read(&file);
        let Some(root) = documents.as_ref().ok().and_then(|documents| documents.mapping()) else { continue };
        let template = Template::new(files, path, &file, root, Parent { is_alone: true, ..Parent::default() });
        for output in root.get("Outputs").map_or(&[][..], Node::entries) {
            if let Some(name) = template.export_name(&output.value) {
                index.entry(name.into()).or_default().push(path.clone());
            }
        }
        for entry in &template.resources {
            let kind = template.kind(&entry.key).map(SmolStr::as_str).unwrap_or_default();
            if let Some(name) = entry.value.get("Properties").and_then(|properties| template.store_name(kind, properties)) {
                index.entry(name.into()).or_default().push(path.clone());
            }
        }
    }
    index
}
