//! Every resource, data source and community module of a configuration, evaluated, and what they make together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Block, Body};
use super::value::Value;
use super::world::{Expansion, Instance, Scope, World};
use super::{apart, code, community, elsewhere, events, function, guard, roles};
use crate::iac::strings::named_resource;
use crate::iac::{Files, Parameter, Resource, Stack, clean};
use crate::note::{Note, NoteKind};
use crate::span::{Location, Span};
use crate::value::Text;

/// Everything that was declared, by address.
pub(super) struct Collected {
    /// The root module's folder.
    pub(super) root: PathBuf,
    pub(super) entries: BTreeMap<SmolStr, Entry>,
    /// Addresses in the order in which they are declared.
    order: Vec<SmolStr>,
    /// The variables of the root module, and what is only so by their defaults.
    parameters: BTreeMap<SmolStr, Parameter>,
}

/// A resource, data source or community module.
pub(super) struct Entry {
    pub(super) address: SmolStr,
    /// `aws_sqs_queue`; for modules, their source without a version or subfolder.
    pub(super) kind: SmolStr,
    pub(super) is_data: bool,
    pub(super) values: Value,
    pub(super) at: Location,
    /// Paths that content was read from with `file`, by the name they have in an archive.
    pub(super) contents: Vec<(SmolStr, SmolStr)>,
    /// Attributes whose changes Terraform leaves alone.
    pub(super) ignored: Vec<SmolStr>,
    /// Whether it stands for all that a `count` or `for_each` makes whose keys are not known.
    pub(super) is_any: bool,
}

impl Collected {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: clean(root), entries: BTreeMap::new(), order: Vec::new(), parameters: BTreeMap::new() }
    }

    /// Evaluates a root module and what it calls.
    pub(super) fn gather(&mut self, world: &World<'_>) {
        let root = world.root_instance();
        parameters(world, &root);
        let mut open = vec![root];
        while let Some(instance) = open.pop() {
            self.resources(world, &instance);
            let mut children = self.calls(world, &instance);
            children.reverse();
            open.extend(children);
        }
        self.parameters.clone_from(&world.parameters.borrow());
    }

    fn resources(&mut self, world: &World<'_>, instance: &Rc<Instance>) {
        let mut placed: Vec<_> = instance.module.resources.iter().collect();
        placed.sort_by_key(|(_, placed)| (placed.file.path.clone(), placed.block.span));
        for (key, placed) in placed {
            let scope = Scope::new(instance, &placed.file);
            let is_any = instance.is_any || matches!(*world.expansion(&scope, key, placed), Expansion::Unknown { .. });
            for declared in world.declared(&scope, key) {
                let scope = scope.with(declared.names.iter().cloned());
                let at = placed.at();
                let values = world.afford(world.body(&placed.block.body, &scope, &at), &at);
                let contents = if declared.kind == "archive_file" { contents(world, &placed.block, &scope) } else { Vec::new() };
                let is_data = key.starts_with("data.");
                let ignored = ignored(&placed.block);
                let (address, kind) = (declared.address.clone(), declared.kind.clone());
                self.add(Entry { address, kind, is_data, values, at, contents, ignored, is_any });
            }
        }
    }

    /// Follows local modules; community modules that are known are entries themselves.
    fn calls(&mut self, world: &World<'_>, instance: &Rc<Instance>) -> Vec<Rc<Instance>> {
        let mut children = Vec::new();
        let mut calls: Vec<_> = instance.module.calls.iter().collect();
        calls.sort_by_key(|(_, placed)| (placed.file.path.clone(), placed.block.span));
        for (name, placed) in calls {
            let scope = Scope::new(instance, &placed.file);
            let at = placed.at();
            let expansion = world.expansion(&scope, &format!("module.{name}").into(), placed);
            for (suffix, names) in World::instances_of(&expansion, &at) {
                let scope = scope.with(names);
                let address: SmolStr = format!("{}module.{name}{suffix}", instance.prefix).into();
                // A copy of the community's module packs code with a program that only runs at deployment, as the original does.
                let child = world.child(&scope, name, &address);
                let is_copy = child.as_ref().is_some_and(|child| community::is_copy(&child.module));
                if let Some(child) = child.filter(|_| !is_copy) {
                    children.push(child);
                    continue;
                }
                let source = world.source(placed, &scope).unwrap_or_default();
                let values = world.afford(world.body(&placed.block.body, &scope, &at), &at);
                let kind = if is_copy { SmolStr::new_static(community::LAMBDA) } else { community::normalized(&source) };
                if !source.starts_with('.') && !community::is_known(&kind) {
                    let message =
                        format!("the module `{name}` is not in this repository ({source}); what it declares was not read");
                    world.note(&at, message);
                }
                self.add(Entry {
                    address,
                    kind,
                    is_data: false,
                    values,
                    at: at.clone(),
                    contents: Vec::new(),
                    ignored: Vec::new(),
                    is_any: instance.is_any || matches!(*expansion, Expansion::Unknown { .. }),
                });
            }
        }
        children
    }

    pub(super) fn add(&mut self, entry: Entry) {
        self.order.push(entry.address.clone());
        self.entries.insert(entry.address.clone(), entry);
    }

    /// All entries in the order in which they are declared.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Entry> {
        self.order.iter().filter_map(|address| self.entries.get(address))
    }

    pub(super) fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.in_order().filter(move |entry| entry.kind == kind)
    }

    /// The entry that a text refers to by its first hole.
    pub(super) fn entry_of(&self, text: &Text) -> Option<&Entry> {
        self.entries.get(named_resource(text)?)
    }

    /// A string that is needed to find the code: the defaults of variables count, wherever in it they stand.
    pub(super) fn literal(&self, value: &Value) -> Option<SmolStr> {
        value.literal_by(&self.parameters)
    }

    /// A path of the configuration, as it can be opened.
    pub(super) fn path(&self, path: &str) -> PathBuf {
        clean(&self.root.join(path))
    }

    /// Makes the stack.
    pub(super) fn build(&self, files: &Files, stack: &mut Stack) {
        for entry in self.in_order() {
            let resource = Resource {
                id: entry.address.clone(),
                kind: entry.kind.clone(),
                properties: entry.values.to_arg(),
                origin: entry.at.clone(),
            };
            stack.resources.insert(entry.address.clone(), resource);
        }
        apart::attach(self, stack);
        let mut notes: Vec<Note> = Vec::new();
        let of_modules = roles::declare(self, stack, &mut notes);
        guard::declare(self, stack);
        for entry in self.of_kind("aws_lambda_function").filter(|entry| !entry.is_data) {
            let mut function = function::resource(self, files, entry);
            function.code = code::of_function(self, files, entry, &mut function);
            stack.functions.push(function);
        }
        for entry in self.of_kind(community::LAMBDA) {
            let function = community::function(self, stack, files, entry);
            stack.functions.extend(function);
        }
        stack.functions.extend(self.in_order().filter_map(|entry| elsewhere::function(self, files, entry)));
        for function in stack.functions.iter_mut().filter(|function| self.entries.get(&function.id).is_some_and(|of| of.is_any)) {
            let message = "how many functions this makes, and what of, is up to the deployment; one stands for all of them";
            function.notes.push(Note::at(NoteKind::Template, function.origin.clone(), message));
        }
        roles::attach(self, stack, &of_modules, &mut notes);
        events::attach(self, stack);
        stack.notes.extend(notes);
    }
}

/// Variables of the root module.
fn parameters(world: &World<'_>, root: &Rc<Instance>) {
    for (name, placed) in &root.module.variables {
        let at = placed.at();
        let value = world.variable(root, name, &at);
        let default = if value.is_null() { None } else { value.settled().one_text() };
        let kind = placed.block.body.attribute("type").map_or("any", |attribute| {
            let Span { start, end } = attribute.value.span;
            placed.file.text.get(start as usize..end as usize).unwrap_or("any")
        });
        let default = default.filter(|text| !text.is_unknown());
        // Without a default, it can as well be that nothing is given: `null`.
        let is_filled = default.as_ref().is_some_and(|text| !text.is_empty());
        let parameter = Parameter { default, is_filled, kind: kind.into(), origin: at };
        world.parameters.borrow_mut().insert(name.clone(), parameter);
    }
}

/// What `lifecycle { ignore_changes = […] }` lists.
fn ignored(block: &Block) -> Vec<SmolStr> {
    use super::ast::ExprKind;
    let lifecycle = block.body.blocks.iter().filter(|inner| inner.kind == "lifecycle");
    let listed = lifecycle.filter_map(|inner| inner.body.attribute("ignore_changes"));
    let of = |kind: &ExprKind| match kind {
        ExprKind::Name(name) | ExprKind::Text(name) => Some(name.clone()),
        _ => None,
    };
    let names = |kind: &ExprKind| match kind {
        ExprKind::List(items) => items.iter().filter_map(|item| of(&item.kind)).collect(),
        other => of(other).into_iter().collect::<Vec<_>>(),
    };
    listed.flat_map(|attribute| names(&attribute.value.kind)).collect()
}

/// The `source` blocks of an archive whose content is a file of the repository, those that a `dynamic` block makes included: by
/// their names in the archive.
fn contents(world: &World<'_>, block: &Block, scope: &Scope) -> Vec<(SmolStr, SmolStr)> {
    let one = |body: &Body, scope: &Scope| {
        let name = world.literal(&world.eval(&body.attribute("filename")?.value, scope))?;
        let super::ast::ExprKind::Call { name: function, arguments, .. } = &body.attribute("content")?.value.kind else {
            return None;
        };
        let reads = matches!(function.as_str(), "file" | "templatefile");
        let path = world.literal(&world.eval(arguments.first().filter(|_| reads)?, scope))?;
        Some((name, path))
    };
    let mut found = Vec::new();
    for inner in &block.body.blocks {
        match (inner.kind.as_str(), inner.labels.first()) {
            ("source", _) => found.extend(one(&inner.body, scope)),
            ("dynamic", Some(kind)) if kind == "source" => {
                let Some((content, rounds, _)) = world.rounds(inner, scope) else { continue };
                found.extend(rounds.iter().filter_map(|scope| one(&content.body, scope)));
            }
            _ => {}
        }
    }
    found
}
