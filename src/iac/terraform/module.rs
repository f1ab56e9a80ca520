//! The files of one folder as a module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::ast::{Block, Body, Expr};
use super::{json, parse};
use crate::iac::{Files, clean};
use crate::note::{Note, NoteKind};
use crate::span::{Location, SourceFile};

/// A block with the file it stands in.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) block: Block,
    pub(super) file: Arc<SourceFile>,
}

impl Placed {
    pub(super) fn at(&self) -> Location {
        Location::new(&self.file, self.block.span)
    }
}

/// An expression with the file it stands in.
#[derive(Debug, Clone)]
pub(super) struct PlacedExpr {
    pub(super) expr: Expr,
    pub(super) file: Arc<SourceFile>,
}

/// What the files of a folder declare.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// The folder, as it can be opened.
    pub(super) folder: PathBuf,
    /// Its files, main file first.
    pub(super) files: Vec<Arc<SourceFile>>,
    pub(super) variables: BTreeMap<SmolStr, Placed>,
    pub(super) locals: BTreeMap<SmolStr, PlacedExpr>,
    pub(super) outputs: BTreeMap<SmolStr, Placed>,
    /// Resources by `type.name`, data sources by `data.type.name`.
    pub(super) resources: BTreeMap<SmolStr, Placed>,
    pub(super) calls: BTreeMap<SmolStr, Placed>,
    pub(super) notes: Vec<Note>,
}

impl Module {
    /// Reads a folder. Files that cannot be read become notes; the others still count.
    pub(super) fn read(files: &Files, folder: &Path) -> Self {
        let mut module = Self { folder: folder.to_path_buf(), ..Self::default() };
        let mut overrides = Vec::new();
        for path in listing(files, folder) {
            let name = file_name(&path);
            let stem = name.trim_end_matches(".json").trim_end_matches(".tf").trim_end_matches(".tofu");
            match files.read(&path) {
                Ok(file) if stem == "override" || stem.ends_with("_override") => overrides.push(file),
                Ok(file) => module.add(&file, false),
                Err(message) => {
                    let message = format!("{} {message}", files.display(&path));
                    module.notes.push(Note::general(NoteKind::UnreadableFile, message));
                }
            }
        }
        for file in overrides {
            module.add(&file, true);
        }
        module
    }

    fn add(&mut self, file: &Arc<SourceFile>, is_override: bool) {
        let body = if file.path.ends_with(".json") { json::body(file) } else { parse::body(file) };
        match body {
            Ok(body) => self.declare(file, body, is_override),
            Err(note) => self.notes.push(note),
        }
        self.notes.extend(Note::not_utf8(file));
        self.files.push(Arc::clone(file));
    }

    fn declare(&mut self, file: &Arc<SourceFile>, body: Body, is_override: bool) {
        for block in body.blocks {
            let placed = Placed { block, file: Arc::clone(file) };
            let labels: Vec<SmolStr> = placed.block.labels.clone();
            match (placed.block.kind.as_str(), labels.as_slice()) {
                ("locals", _) => {
                    for attribute in placed.block.body.attributes {
                        let local = PlacedExpr { expr: attribute.value, file: Arc::clone(file) };
                        self.locals.insert(attribute.name, local);
                    }
                }
                ("variable", [name]) => self.put(|module| &mut module.variables, name.clone(), placed, is_override),
                ("output", [name]) => self.put(|module| &mut module.outputs, name.clone(), placed, is_override),
                ("module", [name]) => self.put(|module| &mut module.calls, name.clone(), placed, is_override),
                ("resource", [kind, name]) => {
                    self.put(|module| &mut module.resources, format!("{kind}.{name}").into(), placed, is_override);
                }
                ("data" | "ephemeral", [kind, name]) => {
                    self.put(|module| &mut module.resources, format!("data.{kind}.{name}").into(), placed, is_override);
                }
                ("resource" | "data" | "module" | "variable" | "output", _) => {
                    let message = format!("this `{}` block does not have the labels it needs", placed.block.kind);
                    self.notes.push(Note::at(NoteKind::Template, placed.at(), message));
                }
                _ => {}
            }
        }
    }

    /// Files of overrides change single arguments; elsewhere, a second declaration is a mistake.
    fn put(
        &mut self,
        table: impl FnOnce(&mut Self) -> &mut BTreeMap<SmolStr, Placed>,
        name: SmolStr,
        placed: Placed,
        is_override: bool,
    ) {
        let table = table(self);
        let Some(known) = table.get_mut(&name) else {
            table.insert(name, placed);
            return;
        };
        if is_override {
            for attribute in placed.block.body.attributes {
                known.block.body.attributes.retain(|old| old.name != attribute.name);
                known.block.body.attributes.push(attribute);
            }
            // Blocks take the place of all blocks of their type, except that `lifecycle` adds to what is there.
            let named = |block: &Block| if block.kind == "dynamic" { block.labels.first() } else { Some(&block.kind) }.cloned();
            let given = placed.block.body.blocks;
            let kinds: BTreeSet<SmolStr> = given.iter().filter_map(named).filter(|kind| kind != "lifecycle").collect();
            known.block.body.blocks.retain(|old| named(old).is_none_or(|kind| !kinds.contains(&kind)));
            known.block.body.blocks.extend(given);
            return;
        }
        let note = Note::at(NoteKind::Template, placed.at(), format!("`{name}` is declared twice; the first declaration counts"));
        self.notes.push(note);
    }

    /// The file that stands for the module.
    pub(super) fn main_file(&self) -> Option<&Arc<SourceFile>> {
        self.files.iter().find(|file| file.name() == "main.tf").or_else(|| self.files.first())
    }
}

/// The `.tf` files of a folder, in order of their names.
fn listing(files: &Files, folder: &Path) -> Vec<PathBuf> {
    paths(files, folder, is_source)
}

/// Whether a file is a part of a Terraform module.
pub(crate) fn is_source(name: &str) -> bool {
    let endings = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    endings.iter().any(|ending| name.ends_with(ending)) && !name.starts_with('.')
}

/// Values that Terraform takes by itself, in the order in which later ones win.
/// <https://developer.hashicorp.com/terraform/language/values/variables#variable-definition-precedence>
pub(super) fn values_of(files: &Files, folder: &Path, notes: &mut Vec<Note>) -> BTreeMap<SmolStr, PlacedExpr> {
    let mut found = BTreeMap::new();
    let fixed = ["terraform.tfvars", "terraform.tfvars.json"].map(|name| folder.join(name));
    let automatic = paths(files, folder, |name| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"));
    for path in fixed.into_iter().filter(|path| files.is_file(path)).chain(automatic) {
        match definitions(files, &path) {
            Ok(values) => found.extend(values),
            Err(note) => notes.push(note),
        }
    }
    found
}

/// Values that a script passes with `-var-file`: those of the file that is named like the folder, else those that all files
/// around it agree on.
pub(super) fn passed_values(files: &Files, folder: &Path) -> BTreeMap<SmolStr, PlacedExpr> {
    let base = clean(files.base());
    let within = folder.ancestors().take_while(|above| base == Path::new(".") || above.starts_with(&base));
    let named = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() };
    let around: Vec<PathBuf> = within.flat_map(|folder| paths(files, &named(folder), |name| name.ends_with(".tfvars"))).collect();
    let own = |path: &Path| path.file_stem().is_some() && path.file_stem() == folder.file_name();
    let (named, others): (Vec<&PathBuf>, Vec<&PathBuf>) = around.iter().partition(|path| own(path));
    let read =
        |paths: Vec<&PathBuf>| paths.into_iter().filter_map(|path| definitions(files, path).ok()).flatten().collect::<Vec<_>>();
    let mut found: BTreeMap<SmolStr, PlacedExpr> = BTreeMap::new();
    let mut disputed = BTreeSet::new();
    for (name, value) in read(others) {
        let text = |value: &PlacedExpr| {
            value.file.text.get(value.expr.span.start as usize..value.expr.span.end as usize).map(str::to_owned)
        };
        match found.get(&name) {
            Some(known) if text(known) != text(&value) => drop(disputed.insert(name)),
            Some(_) => {}
            None => drop(found.insert(name, value)),
        }
    }
    found.retain(|name, _| !disputed.contains(name));
    found.extend(read(named));
    found
}

fn definitions(files: &Files, path: &Path) -> Result<Vec<(SmolStr, PlacedExpr)>, Note> {
    let unreadable = |message| Note::general(NoteKind::UnreadableFile, format!("{} {message}", files.display(path)));
    let file = files.read(path).map_err(unreadable)?;
    let body = if file.path.ends_with(".json") { json::values(&file) } else { parse::body(&file) }?;
    let placed = |expr| PlacedExpr { expr, file: Arc::clone(&file) };
    Ok(body.attributes.into_iter().map(|attribute| (attribute.name, placed(attribute.value))).collect())
}

fn paths(files: &Files, folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    files.names(folder).into_iter().filter(|name| wanted(name)).map(|name| folder.join(name)).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
