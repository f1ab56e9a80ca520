//! Modules of a configuration script: each is run once; imports lead to files next to it, or through the paths of a `tsconfig.json`.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use smol_str::SmolStr;

use super::eval::Machine;
use super::value::{Field, Frame, Value};
use crate::iac::document;
use crate::iac::{Files, clean};
use crate::ir::{Export, Exports, Import, ImportRequest, Module};
use crate::lower::lower;
use crate::span::{SourceFile, Span};
use crate::syntax::Language;

/// How many modules one service may load.
const MAX_MODULES: usize = 200;
/// Larger files are bundles, not configuration.
const MAX_BYTES: usize = 1 << 20;
const EXTENSIONS: [&str; 7] = ["ts", "js", "mjs", "cjs", "mts", "cts", "json"];

/// A module that was read.
pub(super) struct Loaded {
    pub(super) module: Module,
    /// What to add to its offsets.
    pub(super) base: u32,
    pub(super) path: PathBuf,
    pub(super) frame: Rc<Frame>,
    /// What `module.exports` is, when it is assigned.
    pub(super) common: RefCell<Option<Value>>,
}

impl Loaded {
    /// The value of the whole module: its default export, what it assigns to `module.exports`, or all its exports.
    pub(super) fn exported(self: &Rc<Self>) -> Value {
        self.export("default").unwrap_or_else(|| self.namespace())
    }

    /// All exports as an object.
    fn namespace(&self) -> Value {
        if let Some(value) = &*self.common.borrow() {
            return value.clone();
        }
        let span = Span::new(self.base, self.base);
        let mut fields = Vec::new();
        if let Exports::Listed(list) = &self.module.exports {
            for export in list {
                if let Export::Local { name, local } = export
                    && let Some(value) = self.frame.get(local)
                {
                    fields.push(Field { key: name.clone(), span, value });
                }
            }
        }
        Value::Object(Rc::new(fields), span)
    }

    /// One export that the module has of its own.
    pub(super) fn export(&self, name: &str) -> Option<Value> {
        if let Some(value) = &*self.common.borrow() {
            return match value {
                Value::Object(fields, _) if name != "default" => {
                    fields.iter().find(|field| field.key == name).map(|field| field.value.clone())
                }
                value => (name == "default").then(|| value.clone()),
            };
        }
        let Exports::Listed(list) = &self.module.exports else { return None };
        let local = list.iter().find_map(|export| match export {
            Export::Local { name: outside, local } if outside == name => Some(local),
            _ => None,
        })?;
        self.frame.get(local)
    }
}

impl Machine<'_> {
    /// An export, also one that comes from another module.
    pub(super) fn exported(&mut self, loaded: &Rc<Loaded>, name: &str, depth: usize) -> Option<Value> {
        if let Some(value) = loaded.export(name) {
            return Some(value);
        }
        let Exports::Listed(list) = &loaded.module.exports else { return None };
        if depth > super::eval::MAX_DEPTH {
            return None;
        }
        for export in list {
            let (import, source) = match export {
                Export::From { name: outside, import, source } if outside == name => (import, source.as_str()),
                Export::Namespace { name: outside, import } if outside == name => (import, ""),
                Export::All { import } => (import, name),
                _ => continue,
            };
            let Some(other) = self.import(loaded, &loaded.module.imports[*import]) else { continue };
            let found = match (&other, source) {
                (_, "") => Some(other),
                (Value::Module(other), source) => self.exported(other, source, depth + 1),
                (other, source) => Some(self.member(other, source, Span::default())),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// A value that becomes a part of another one: of a module that is all it exports, with what it only hands on from others.
    pub(super) fn whole(&mut self, value: Value) -> Value {
        let Value::Module(loaded) = &value else { return value };
        let hands_on = |export: &Export| !matches!(export, Export::Local { .. });
        if !matches!(&loaded.module.exports, Exports::Listed(list) if list.iter().any(hands_on)) {
            return value;
        }
        if let Some(default) = loaded.export("default") {
            return default;
        }
        let mut fields = Vec::new();
        self.exports(loaded, &mut fields, 0);
        self.made(Value::Object(Rc::new(fields), Span::new(loaded.base, loaded.base)))
    }

    /// All that a module exports; its own names stand before those of modules that it hands on as a whole.
    fn exports(&mut self, loaded: &Rc<Loaded>, fields: &mut Vec<Field>, depth: usize) {
        let Exports::Listed(list) = &loaded.module.exports else { return };
        if depth > super::eval::MAX_DEPTH || !self.spend() {
            return;
        }
        let span = Span::new(loaded.base, loaded.base);
        let is_new = |fields: &[Field], name: &SmolStr| !fields.iter().any(|field| field.key == *name);
        for export in list {
            let (Export::Local { name, .. } | Export::From { name, .. } | Export::Namespace { name, .. }) = export else {
                continue;
            };
            let is_wanted = depth == 0 || name != "default";
            if is_wanted
                && is_new(fields, name)
                && let Some(value) = self.exported(loaded, name, depth)
            {
                fields.push(Field { key: name.clone(), span, value });
            }
        }
        for export in list {
            let Export::All { import } = export else { continue };
            match self.import(loaded, &loaded.module.imports[*import]) {
                Some(Value::Module(other)) => self.exports(&other, fields, depth + 1),
                Some(Value::Object(more, _)) => {
                    let more: Vec<Field> = more.iter().filter(|field| is_new(fields, &field.key)).cloned().collect();
                    fields.extend(more);
                }
                _ => {}
            }
        }
    }

    /// What a request for a module gives; nothing for packages and missing files.
    pub(super) fn import(&mut self, from: &Loaded, import: &Import) -> Option<Value> {
        let ImportRequest::Specifier(specifier) = &import.request else { return None };
        let name = specifier.strip_prefix("node:").unwrap_or(specifier);
        if matches!(name, "path" | "process" | "fs") {
            return Some(Value::Builtin(name.into()));
        }
        let path = self.resolve(from, specifier)?;
        self.load(&path)
    }

    /// Reads a file as a module, once.
    pub(super) fn load(&mut self, path: &Path) -> Option<Value> {
        if let Some(known) = self.loaded.get(path) {
            return Some(known.clone());
        }
        if self.loaded.len() >= MAX_MODULES {
            return None;
        }
        let file = self.files.read(path).ok()?;
        let base = self.places.add(&file)?;
        if path.extension().is_some_and(|extension| extension == "json") {
            let mut root = document::read(&file).ok()?.roots.into_iter().next()?;
            crate::iac::serverless::shift(&mut root, base);
            let value = Value::from_node(&root);
            self.loaded.insert(path.to_path_buf(), value.clone());
            return Some(value);
        }
        self.run_file(path, &file, base)
    }

    /// Runs the top level of a file. Modules that need each other see what is there so far.
    pub(super) fn run_file(&mut self, path: &Path, file: &Arc<SourceFile>, base: u32) -> Option<Value> {
        let language = Language::from_path(&path.to_string_lossy()).filter(|language| *language != Language::Python)?;
        if file.text.len() > MAX_BYTES {
            return None;
        }
        let loaded = Rc::new(Loaded {
            module: lower(Arc::clone(file), language),
            base,
            path: path.to_path_buf(),
            frame: Rc::new(Frame::default()),
            common: RefCell::new(None),
        });
        self.loaded.insert(path.to_path_buf(), Value::Module(Rc::clone(&loaded)));
        let top = crate::ids::Id::from_index(0);
        let frame = Rc::clone(&loaded.frame);
        frame.set("__dirname".into(), Value::text(self.folder_name(path), Span::new(base, base)));
        self.block(&loaded, top, &frame, &loaded.module.functions[top].body.entry, 0);
        Some(Value::Module(loaded))
    }

    /// A folder below the service's as scripts see it.
    fn folder_name(&self, path: &Path) -> SmolStr {
        let folder = clean(path.parent().unwrap_or(path));
        let below = match folder.strip_prefix(clean(self.folder)) {
            Ok(below) => below.to_string_lossy().replace('\\', "/"),
            Err(_) if self.folder == Path::new(".") => folder.to_string_lossy().into_owned(),
            Err(_) => String::new(),
        };
        let below = below.trim_start_matches("./").trim_matches('.');
        if below.is_empty() { super::ROOT.into() } else { [super::ROOT, "/", below].concat().into() }
    }

    fn resolve(&mut self, from: &Loaded, specifier: &str) -> Option<PathBuf> {
        if specifier.starts_with('.') {
            return module_file(self.files, &clean(&from.path.parent()?.join(specifier)));
        }
        self.named(specifier)
    }
}

/// A module by its path, without or with extension, or the index of a folder.
pub(super) fn module_file(files: &Files, path: &Path) -> Option<PathBuf> {
    if files.is_file(path) {
        return Some(path.to_path_buf());
    }
    let with = |extension: &str| PathBuf::from(format!("{}.{extension}", path.display()));
    let direct = EXTENSIONS.iter().map(|extension| with(extension)).find(|path| files.is_file(path));
    direct.or_else(|| EXTENSIONS.iter().map(|extension| path.join(format!("index.{extension}"))).find(|path| files.is_file(path)))
}
