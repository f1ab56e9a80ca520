//! Nested stacks with local templates: read once, when something first needs them, as parts of the stack around them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use smol_str::SmolStr;

use super::cloudformation::{Parts, parts};
use super::document::{self, Node};
use super::files::clean;
use super::template::{Parent, Template};
use crate::value::Arg;

/// How deep stacks may nest.
const MAX_DEPTH: usize = 8;
/// How many nested stacks one template may consist of, those of its nested stacks included.
const MAX_STACKS: usize = 1_000;

/// The nested stacks of one template.
pub(crate) struct Nested {
    /// The templates on the way here, this one last.
    chain: Vec<PathBuf>,
    /// How many were read so far, for all templates that belong together.
    read: Rc<Cell<usize>>,
    states: RefCell<BTreeMap<SmolStr, State>>,
}

enum State {
    /// Its parameters are being evaluated; asking for an output now means that stacks need each other.
    Reading,
    Unavailable,
    Read(Box<Parts>),
}

impl Nested {
    pub(crate) fn new(chain: Vec<PathBuf>, read: Rc<Cell<usize>>) -> Self {
        Self { chain, read, states: RefCell::new(BTreeMap::new()) }
    }

    /// What a template gets that is read within this one; nothing when it must not be.
    pub(crate) fn inner(&self, path: &Path) -> Option<Parent> {
        let may_be_read = !self.chain.contains(&clean(path)) && self.chain.len() < MAX_DEPTH && self.read.get() < MAX_STACKS;
        may_be_read.then(|| {
            self.read.set(self.read.get() + 1);
            Parent { chain: self.chain.clone(), nested: Rc::clone(&self.read), ..Parent::default() }
        })
    }

    /// Reads something once, under an id.
    pub(crate) fn read_as(&self, id: &str, read: impl FnOnce() -> Option<Parts>) {
        if self.states.borrow().contains_key(id) {
            return;
        }
        self.states.borrow_mut().insert(id.into(), State::Reading);
        let state = read().map_or(State::Unavailable, |parts| State::Read(Box::new(parts)));
        self.states.borrow_mut().insert(id.into(), state);
    }

    /// A part of what was read under an id.
    pub(crate) fn of<T>(&self, id: &str, part: impl FnOnce(&Parts) -> Option<T>) -> Option<T> {
        match self.states.borrow().get(id) {
            Some(State::Read(parts)) => part(parts),
            _ => None,
        }
    }
}

impl Template<'_> {
    /// The value of an output of a nested stack, if its template is at hand.
    pub(crate) fn nested_output(&self, id: &str, output: &str) -> Option<Arg> {
        self.read_nested(id);
        self.nested.of(id, |parts| parts.outputs.get(output).cloned())
    }

    /// Reads every nested stack and hands over what they consist of.
    pub(crate) fn take_nested(&self) -> Vec<Parts> {
        for entry in &self.resources {
            if self.nested_location(&entry.key).is_some() {
                self.read_nested(&entry.key);
            }
        }
        let states = std::mem::take(&mut *self.nested.states.borrow_mut());
        states
            .into_values()
            .filter_map(|state| match state {
                State::Read(parts) => Some(*parts),
                State::Reading | State::Unavailable => None,
            })
            .collect()
    }

    /// Where the template of a nested stack is said to be, and the values for its parameters.
    fn nested_location(&self, id: &str) -> Option<(&Node, Option<&Node>)> {
        let property = match self.kind(id)?.as_str() {
            "AWS::CloudFormation::Stack" => "TemplateURL",
            "AWS::Serverless::Application" => "Location",
            _ => return None,
        };
        let entry = self.resources.iter().find(|entry| entry.key == id)?;
        let asset = entry.value.path(&["Metadata", "aws:asset:path"]);
        let properties = entry.value.get("Properties")?;
        Some((asset.or_else(|| properties.get(property))?, properties.get("Parameters")))
    }

    fn read_nested(&self, id: &str) {
        if self.nested.states.borrow().contains_key(id) {
            return;
        }
        let Some((location, parameters)) = self.nested_location(id) else { return };
        self.nested.states.borrow_mut().insert(id.into(), State::Reading);
        let state = match self.nested_parts(id, location, parameters) {
            Ok(parts) => State::Read(Box::new(parts)),
            Err(message) => {
                self.note(location.span, format!("the nested stack `{id}` was not read: {message}"));
                State::Unavailable
            }
        };
        self.nested.states.borrow_mut().insert(id.into(), state);
    }

    fn nested_parts(&self, id: &str, location: &Node, parameters: Option<&Node>) -> Result<Parts, String> {
        let path = match self.literal(location) {
            Some(url) if !url.contains("://") || url.starts_with("file://") => self.join(&url),
            other => match self.copied_up(location) {
                Some(path) => {
                    let taken = self.files.display(&path);
                    self.remark(
                        location.span,
                        format!("{taken} was taken for the template of `{id}`, which is deployed from a copy"),
                    );
                    path
                }
                None => {
                    return Err(
                        other.map_or("its template is not a local file".to_owned(), |url| format!("{url} is not a local file"))
                    );
                }
            },
        };
        if self.nested.chain.contains(&clean(&path)) {
            return Err("it contains itself".to_owned());
        }
        if self.nested.chain.len() >= MAX_DEPTH {
            return Err(format!("stacks nest deeper than {MAX_DEPTH} levels"));
        }
        if self.nested.read.get() >= MAX_STACKS {
            return Err(format!("the template consists of more than {MAX_STACKS} stacks"));
        }
        self.nested.read.set(self.nested.read.get() + 1);
        let file = self.files.read(&path).map_err(|error| format!("{} {error}", self.files.display(&path)))?;
        let documents = document::read(&file).map_err(|error| error.to_string())?;
        let root = documents.mapping().ok_or_else(|| format!("{} is not a template", file.path))?;
        let bindings = parameters.map_or(&[][..], Node::entries);
        let bindings = bindings.iter().map(|entry| (entry.key.clone(), self.eval(&entry.value))).collect();
        let prefix = self.qualified(&format!("{id}/"));
        let depth = Rc::clone(&self.depth);
        let parent = Parent {
            prefix,
            bindings,
            chain: self.nested.chain.clone(),
            depth,
            nested: Rc::clone(&self.nested.read),
            is_alone: self.is_alone,
            ..Parent::default()
        };
        let child = Template::new(self.files, &path, &file, root, parent);
        let mut parts = parts(&child);
        parts.stack.notes.extend(documents.notes.iter().cloned());
        parts.stack.included.push(self.included(&path));
        Ok(parts)
    }

    /// The template of the repository that a URL names: before a deployment, templates are copied to a bucket. As many of the URL's
    /// last parts as possible are those of its path; of several such templates, the one in the same folder is meant.
    fn copied_up(&self, location: &Node) -> Option<PathBuf> {
        let url = self.with_defaults(&self.text(location)?).pattern();
        let (_, rest) = url.split_once("://")?;
        let (_, rest) = rest.split(['?', '#']).next()?.split_once('/')?;
        let parts: Vec<&str> = rest.rsplit('/').take_while(|part| !part.is_empty() && !part.contains('*')).collect();
        let shared = |path: &Path| {
            let own = path.components().rev().map(std::path::Component::as_os_str);
            own.zip(&parts).take_while(|(own, part)| *own == std::ffi::OsStr::new(part)).count()
        };
        let others = self.files.templates().iter().filter(|path| clean(path) != clean(&self.path));
        let all: Vec<(usize, &PathBuf)> =
            others.map(|path| (shared(&clean(path)), path)).filter(|(shared, _)| *shared > 0).collect();
        let most = all.iter().map(|(shared, _)| *shared).max()?;
        let best: Vec<&PathBuf> = all.into_iter().filter(|(shared, _)| *shared == most).map(|(_, path)| path).collect();
        let mut beside = best.iter().filter(|path| path.parent().map(clean) == Some(clean(&self.folder)));
        match best.as_slice() {
            [only] => Some((*only).clone()),
            _ => beside.next().filter(|_| beside.next().is_none()).map(|path| (*path).clone()),
        }
    }

    fn included(&self, path: &Path) -> PathBuf {
        PathBuf::from(self.files.display(path))
    }
}
