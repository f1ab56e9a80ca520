//! The files a service is put together from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::iac::document::{self, Node, NodeKind};
use crate::iac::places::Places;
use crate::iac::script;
use crate::iac::{Files, clean};
use crate::note::Note;
use crate::span::{SourceFile, Span};

/// How many files one service may include.
const MAX_FILES: usize = 1_000;

/// Reads each file once and remembers where its values stand.
pub(super) struct Included<'a> {
    files: &'a Files,
    /// The folder of the service.
    pub(super) folder: PathBuf,
    pub(super) places: Places,
    /// What could not be read of them.
    pub(super) notes: Vec<Note>,
    read: BTreeMap<PathBuf, Result<Rc<Node>, String>>,
    /// Those whose functions become functions of the service.
    deployed: BTreeSet<PathBuf>,
}

impl<'a> Included<'a> {
    pub(super) fn new(files: &'a Files, folder: PathBuf) -> Self {
        Self { files, folder, places: Places::default(), notes: Vec::new(), read: BTreeMap::new(), deployed: BTreeSet::new() }
    }

    /// The files that were included, and the services that only a value was taken from, as displayed.
    pub(super) fn displayed(&self) -> (Vec<PathBuf>, Vec<PathBuf>) {
        let found = self.read.iter().filter_map(|(path, content)| Some((path, content.as_ref().ok()?)));
        let stands_alone = |(path, content): &(&PathBuf, &Rc<Node>)| {
            let is_service = ["service", "provider", "functions"].iter().all(|section| content.get(section).is_some());
            is_service && !self.deployed.contains(*path)
        };
        let (consulted, included): (Vec<_>, Vec<_>) = found.partition(stands_alone);
        let shown = |(path, _): &(&PathBuf, &Rc<Node>)| PathBuf::from(self.files.display(path));
        (included.iter().map(shown).collect(), consulted.iter().map(shown).collect())
    }

    /// The main file, whose offsets stay as they are.
    pub(super) fn main(&mut self, path: &Path, file: &Arc<SourceFile>) -> Result<Node, document::DocumentError> {
        let base = self.places.add(file).unwrap_or_default();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("ts" | "js" | "mjs" | "cjs") => Ok(self.script(path, file, base)),
            _ => {
                let documents = document::read(file)?;
                let root = documents.mapping().cloned();
                self.notes.extend(documents.notes);
                Ok(root.unwrap_or_else(|| Node::mapping(Vec::new(), Span::default())))
            }
        }
    }

    /// What a file exports whose offsets start at `base`.
    fn script(&mut self, path: &Path, file: &Arc<SourceFile>, base: u32) -> Node {
        let value = script::constants(self.files, (path, file, base), &self.folder, &mut self.places);
        self.notes.extend(value.notes);
        value.node
    }

    /// The content of a file of the service, of which the part below some keys is taken. The error is a sentence.
    pub(super) fn content(&mut self, path: &str, keys: &[SmolStr]) -> Result<Rc<Node>, String> {
        let path = clean(&self.folder.join(path));
        if keys.first().is_none_or(|key| key == "functions") {
            self.deployed.insert(path.clone());
        }
        if let Some(known) = self.read.get(&path) {
            return known.clone();
        }
        let content = if self.read.len() < MAX_FILES {
            self.load(&path).map(Rc::new)
        } else {
            Err(format!("the service includes more than {MAX_FILES} files"))
        };
        self.read.insert(path, content.clone());
        content
    }

    fn load(&mut self, path: &Path) -> Result<Node, String> {
        let file = self.files.read(path).map_err(|error| format!("{} {error}", self.files.display(path)))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yml" | "yaml" | "json" | "tfstate") => {
                let documents = document::read(&file).map_err(|error| error.to_string())?;
                self.notes.extend(documents.notes);
                let base = self.base(&file)?;
                let mut root = documents.roots.into_iter().next().unwrap_or_else(|| Node::mapping(Vec::new(), Span::default()));
                shift(&mut root, base);
                Ok(root)
            }
            Some("js" | "cjs" | "mjs" | "ts") => {
                let base = self.base(&file)?;
                Ok(self.script(path, &file, base))
            }
            _ => {
                let base = self.base(&file)?;
                Ok(Node::string(file.text.as_str(), Span::new(base, base + file.text.len() as u32)))
            }
        }
    }

    fn base(&mut self, file: &Arc<SourceFile>) -> Result<u32, String> {
        self.places.add(file).ok_or_else(|| format!("{} does not fit in memory with the other files", file.path))
    }
}

/// Moves every span of a value.
pub(crate) fn shift(root: &mut Node, base: u32) {
    let moved = |span: Span| Span::new(span.start.saturating_add(base), span.end.saturating_add(base));
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        node.span = moved(node.span);
        match &mut node.kind {
            NodeKind::Scalar(_) => {}
            NodeKind::Sequence(items) => open.extend(items),
            NodeKind::Mapping(mapping) => {
                for entry in &mut mapping.entries {
                    entry.key_span = moved(entry.key_span);
                    open.push(&mut entry.value);
                }
            }
        }
    }
}
