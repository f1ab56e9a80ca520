//! Walks a tree, reads the templates in it and pairs their functions with code.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use ignore::overrides::OverrideBuilder;
use rayon::prelude::*;
use smol_str::SmolStr;

use super::moved::{Listing, Sources};
use super::{Function, Handler, Options, Project, SOURCE_EXTENSIONS, applications, handler, names, tracked};
use crate::iac::{
    Files, Format, RoleRef, Stack, clean, is_not_read, is_template_name, is_terraform_file, read_app, read_terraform,
};
use crate::note::{Note, NoteKind};

/// Folders that hold what tools produced or downloaded.
const SKIPPED: [&str; 6] = ["node_modules", "cdk.out", ".aws-sam", "__pycache__", "site-packages", "venv"];
/// Finds every function at a path: a folder, a template or a source file.
pub fn discover(path: &Path, options: &Options) -> Project {
    let base = if path.is_dir() {
        path
    } else {
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    };
    let files = Files::new(base);
    let mut found = Found::default();
    if path.is_dir() {
        found.walk(path, options, &files);
    } else if path.exists() {
        found.add(path);
    } else {
        let message = format!("{} does not exist", path.display());
        found.notes.push(Note::general(NoteKind::UnreadableFile, message));
    }
    found.only(&options.templates);
    let files = files.with_templates(&found.templates);
    // The code itself says what Chalice deploys; only files of this name are looked into.
    let apps: Vec<Stack> = found.sources.par_iter().filter_map(|path| read_app(&files, path)).collect();
    let results: Vec<_> = found.templates.par_iter().map(|path| crate::iac::read(&files, path)).collect();
    let mut stacks = Vec::new();
    for result in results {
        match result {
            Ok(stack) => stacks.extend(stack.map(Arc::new)),
            Err(error) => found.notes.push(error.to_note()),
        }
    }
    stacks.extend(applications::read(&files, base, &found.templates, &found.sources));
    stacks.extend(apps.into_iter().map(Arc::new));
    stacks
        .extend(found.terraform.par_iter().filter_map(|folder| read_terraform(&files, folder).map(Arc::new)).collect::<Vec<_>>());
    if options.templates.is_empty() || stacks.is_empty() {
        let alone = applications::alone(&stacks, &found.templates, &found.sources);
        stacks.extend(applications::started_by_hand(&files, base, &alone));
    }
    let mut stacks = applications::without_synthesized(without_included(stacks));
    // What has no functions says nothing, except that a file which may have some could not be read.
    let empty = stacks.extract_if(.., |stack| stack.functions.is_empty());
    let unread = empty.flat_map(|stack| {
        // Most Terraform has nothing to do with functions; a Serverless service without any is a mistake.
        let all = stack.format != Format::Terraform;
        stack.notes.iter().filter(|note| all || note.kind == NoteKind::UnreadableFile).cloned().collect::<Vec<_>>()
    });
    found.notes.extend(unread);
    found.notes.extend(programs(&files, &found));
    let sources = listed(path, base, options, &files, &found);
    let mut functions: Vec<Function> = stacks
        .par_iter()
        .flat_map_iter(|stack| stack.functions.iter().map(|lambda| handler::function(&files, &sources, stack, lambda)))
        .collect();
    let mut unclaimed = Vec::new();
    if functions.is_empty() {
        let unread = found.notes.iter().any(|note| note.kind == NoteKind::UnreadableFile && note.at.is_some());
        if unread && !found.sources.is_empty() {
            let message = "what could not be read may declare functions; without it, the source files are analyzed as they are, \
                           and names that it gives are not known";
            found.notes.push(Note::general(NoteKind::Info, message));
        }
        functions
            .extend(found.dockerfiles.iter().filter_map(|path| handler::packaged(&files, path, bare(&files, base, Vec::new()))));
        let rest = outside(&functions, found.sources.clone());
        unclaimed = within(&functions, found.sources, &rest);
        if !rest.is_empty() {
            functions.push(bare(&files, base, rest));
        }
    } else if path.is_dir() {
        unclaimed = outside(&functions, found.sources);
    }
    names::make_unique(&mut functions);
    for stack in &stacks {
        found.notes.extend(stack.notes.iter().cloned());
        found.notes.extend(names::shared(stack));
    }
    found.notes.sort();
    found.notes.dedup();
    Project { base: base.to_path_buf(), files, functions, stacks, notes: found.notes, unclaimed }
}

/// What is to say about programs that declare functions in a way that leash does not read.
fn programs(files: &Files, found: &Found) -> Option<Note> {
    let programs = found.sources.iter().chain(&found.templates).filter(|path| is_not_read(path));
    let shown: Vec<String> = programs.map(|path| files.display(path)).collect();
    let message = format!(
        "leash does not read programs that declare functions by SST, Pulumi or CDK for Terraform: what {} says of functions, their \
         variables and their permissions is not known",
        shown.join(", ")
    );
    (!shown.is_empty()).then(|| Note::general(NoteKind::Info, message))
}

/// The source files that are not part of any function's code.
fn outside(functions: &[Function], sources: Vec<PathBuf>) -> Vec<PathBuf> {
    // `./app.py` lies in the folder `.`, which is the one without a name.
    let plain = |path: &Path| clean(path).strip_prefix(".").map_or_else(|_| clean(path), Path::to_path_buf);
    let folders = functions.iter().flat_map(|function| function.code_root.iter().chain(&function.import_roots));
    let roots: BTreeSet<PathBuf> = folders.map(|path| plain(path)).collect();
    let is_inside = |path: &Path| plain(path).ancestors().any(|folder| roots.contains(folder));
    // A handler may be the source of what is packed from another folder.
    let entered: BTreeSet<PathBuf> = functions.iter().flat_map(entered).map(plain).collect();
    sources.into_iter().filter(|path| !is_inside(path) && !entered.contains(&plain(path))).collect()
}

/// The source files that are part of a function's code and that none starts in.
fn within(functions: &[Function], sources: Vec<PathBuf>, outside: &[PathBuf]) -> Vec<PathBuf> {
    let entered: BTreeSet<PathBuf> = functions.iter().flat_map(entered).map(clean).collect();
    let outside: BTreeSet<&PathBuf> = outside.iter().collect();
    sources.into_iter().filter(|path| !outside.contains(path) && !entered.contains(&clean(path))).collect()
}

/// The files that a function starts in.
fn entered(function: &Function) -> Vec<&Path> {
    match &function.handler {
        Handler::File { path, .. } => vec![path],
        Handler::Entries(entries) => entries.iter().map(|entry| entry.path.as_path()).collect(),
        _ => Vec::new(),
    }
}

/// The files with code around the templates: those of the walk, or what a walk would find where a single template was named.
fn listed(path: &Path, base: &Path, options: &Options, files: &Files, walked: &Found) -> Sources {
    if path.is_dir() {
        let walked = walked.listed();
        return Sources::new(move || walked);
    }
    let (base, options, files) = (base.to_path_buf(), options.clone(), files.clone());
    Sources::new(move || {
        let mut found = Found::default();
        found.walk(&base, &options, &files);
        found.listed()
    })
}

/// Files that a walk came across, in the order of their paths.
#[derive(Default)]
struct Found {
    templates: Vec<PathBuf>,
    /// Folders with Terraform files.
    terraform: BTreeSet<PathBuf>,
    sources: Vec<PathBuf>,
    dockerfiles: Vec<PathBuf>,
    notes: Vec<Note>,
}

impl Found {
    fn listed(&self) -> Listing {
        Listing { sources: self.sources.clone(), dockerfiles: self.dockerfiles.clone() }
    }

    /// A walk that leaves out what the user excludes, and what `.ignore` does.
    fn walker(&mut self, root: &Path, options: &Options) -> WalkBuilder {
        let mut overrides = OverrideBuilder::new(root);
        for glob in &options.exclude {
            if let Err(error) = overrides.add(&format!("!{glob}")) {
                self.notes.push(Note::general(NoteKind::Info, format!("`{glob}` is not a glob: {error}")));
            }
        }
        let mut walk = WalkBuilder::new(root);
        if let Ok(overrides) = overrides.build() {
            walk.overrides(overrides);
        }
        let standard = !options.no_ignore;
        walk.git_ignore(false).git_global(false).git_exclude(false).ignore(standard).parents(standard).require_git(false);
        walk
    }

    fn walk(&mut self, root: &Path, options: &Options, files: &Files) {
        let mut walk = self.walker(root, options);
        walk.git_ignore(!options.no_ignore);
        walk.filter_entry(|entry| entry.depth() == 0 || !is_skipped(entry.file_name()));
        walk.sort_by_file_path(Path::cmp);
        for entry in walk.build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => self.add(entry.path()),
                Ok(entry) if entry.path_is_symlink() && may_be_read(entry.path()) && std::fs::metadata(entry.path()).is_err() => {
                    let message = format!("{} is a link that leads nowhere", files.display(entry.path()));
                    self.notes.push(Note::general(NoteKind::UnreadableFile, message));
                }
                Ok(_) => {}
                Err(error) => {
                    let message = error.to_string().replace(&files.base().display().to_string(), ".");
                    self.notes.push(Note::general(NoteKind::UnreadableFile, message));
                }
            }
        }
        if !options.no_ignore {
            self.take_tracked(root, options);
        }
    }

    /// Takes in what `.gitignore` excludes and git tracks all the same.
    fn take_tracked(&mut self, root: &Path, options: &Options) {
        let known: BTreeSet<PathBuf> =
            [&self.templates, &self.sources, &self.dockerfiles].into_iter().flatten().map(|path| clean(path)).collect();
        let tracked: Vec<PathBuf> = tracked::below(root).iter().map(|path| clean(path)).collect();
        let missing: BTreeSet<PathBuf> = tracked.into_iter().filter(|path| !known.contains(path) && may_be_read(path)).collect();
        if missing.is_empty() {
            return;
        }
        let folders: BTreeSet<PathBuf> = missing.iter().flat_map(|path| path.ancestors()).map(Path::to_path_buf).collect();
        let mut walk = self.walker(root, options);
        walk.filter_entry(move |entry| {
            let path = clean(entry.path());
            let leads_on = missing.contains(&path) || folders.contains(&path);
            entry.depth() == 0 || leads_on && !is_skipped(entry.file_name())
        });
        for entry in walk.build().filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file())) {
            self.add(entry.path());
        }
        for list in [&mut self.templates, &mut self.sources, &mut self.dockerfiles] {
            list.sort();
        }
    }

    /// Leaves only the templates that were named, if any were.
    fn only(&mut self, named: &[PathBuf]) {
        if !named.is_empty() {
            self.templates.clear();
            self.terraform.clear();
            named.iter().for_each(|path| self.template(path));
        }
    }

    /// A template that was named: Terraform's are whole folders.
    fn template(&mut self, path: &Path) {
        if path.is_dir() {
            self.terraform.insert(path.to_path_buf());
        } else if !self.terraform_file(path) {
            self.templates.push(path.to_path_buf());
        }
    }

    /// Remembers the folder of a Terraform file; says whether it was one.
    fn terraform_file(&mut self, path: &Path) -> bool {
        let is_terraform = path.file_name().and_then(OsStr::to_str).is_some_and(is_terraform_file);
        if is_terraform {
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            self.terraform.insert(folder.to_path_buf());
        }
        is_terraform
    }

    fn add(&mut self, path: &Path) {
        if self.terraform_file(path) {
            return;
        }
        if path.file_stem() == Some(OsStr::new("Dockerfile")) {
            self.dockerfiles.push(path.to_path_buf());
            return;
        }
        match path.extension().and_then(OsStr::to_str) {
            _ if is_template_name(path) => self.templates.push(path.to_path_buf()),
            Some(extension) if SOURCE_EXTENSIONS.contains(&extension) && !is_declaration(path) => {
                self.sources.push(path.to_path_buf());
            }
            _ => {}
        }
    }
}

/// Whether a file of this name would be looked into.
fn may_be_read(path: &Path) -> bool {
    let mut found = Found::default();
    found.add(path);
    !(found.templates.is_empty() && found.terraform.is_empty() && found.sources.is_empty())
}

fn is_skipped(name: &OsStr) -> bool {
    SKIPPED.iter().any(|skipped| name == *skipped)
}

/// Files of types only, which run nothing.
fn is_declaration(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(".d.ts") || name.ends_with(".d.mts"))
}

/// Leaves out templates that are parts of others. Of those that contain each other the first one stays.
fn without_included(mut stacks: Vec<Arc<Stack>>) -> Vec<Arc<Stack>> {
    let contains = |outer: &Stack, inner: &Stack| {
        outer.template.path != inner.template.path && outer.included.iter().any(|path| path == Path::new(&inner.template.path))
    };
    let within: BTreeSet<&Path> = stacks.iter().flat_map(|stack| &stack.included).map(PathBuf::as_path).collect();
    let is_inner = |stack: &Stack| within.contains(Path::new(&stack.template.path));
    let mut kept: Vec<Arc<Stack>> = stacks.iter().filter(|stack| !is_inner(stack)).cloned().collect();
    for stack in stacks.iter().filter(|stack| is_inner(stack)) {
        if !kept.iter().any(|outer| contains(outer, stack)) {
            kept.push(Arc::clone(stack));
        }
    }
    stacks.retain(|stack| kept.iter().any(|kept| Arc::ptr_eq(kept, stack)));
    stacks
}

/// Without infrastructure code, the source files speak for themselves.
fn bare(files: &Files, base: &Path, sources: Vec<PathBuf>) -> Function {
    let name: SmolStr = match sources.as_slice() {
        [file] => files.display(file).into(),
        _ => base.file_name().map_or_else(|| ".".into(), |name| name.to_string_lossy().as_ref().into()),
    };
    Function {
        name,
        id: None,
        origin: None,
        runtime: None,
        handler: Handler::Candidates(sources),
        code_root: Some(base.to_path_buf()),
        import_roots: vec![base.to_path_buf()],
        environment: BTreeMap::new(),
        environment_complete: false,
        events: Vec::new(),
        settings: Vec::new(),
        role: RoleRef::Implicit,
        declared: Vec::new(),
        notes: Vec::new(),
        stack: None,
    }
}
