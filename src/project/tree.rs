//! Source files on disk, each read, parsed and lowered once however many functions share it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use ignore::WalkBuilder;
use rustc_hash::FxHashMap;

use super::SOURCE_EXTENSIONS;
use crate::flow::{REQUIREMENT_LISTS as LISTS, SourceTree, above};
use crate::iac::{FileKind, Files, NameIndex, clean, document};
use crate::ir::Module;
use crate::lower::lower;
use crate::note::{Note, NoteKind};
use crate::syntax::Language;
use crate::value::Arg;

/// Larger source files are bundles or data.
const MAX_SOURCE: u64 = 16 << 20;
/// Most files that are listed below one folder.
const MAX_LISTED: usize = 5_000;
/// How deep a data file is read.
const NESTING: usize = 32;

/// Most files that are looked at for the names of modules.
const MAX_INDEXED: usize = 200_000;

/// Folders around another one, and the repository's own.
type Around = (Vec<PathBuf>, Option<PathBuf>);

type Slot = Arc<OnceLock<Option<Arc<Module>>>>;

/// The files below (and around) the folder leash was pointed at.
#[derive(Debug)]
pub struct DiskTree {
    files: Files,
    modules: Mutex<FxHashMap<PathBuf, Slot>>,
    /// How many functions that start in a file are still to be analyzed.
    starts: Mutex<FxHashMap<PathBuf, usize>>,
    kinds: Mutex<FxHashMap<PathBuf, Option<FileKind>>>,
    listings: Mutex<FxHashMap<PathBuf, Arc<[String]>>>,
    /// The folders around others whose `package.json` counts.
    packages: Mutex<FxHashMap<PathBuf, PathBuf>>,
    around: Mutex<FxHashMap<PathBuf, Around>>,
    virtual_files: FxHashMap<PathBuf, Arc<crate::span::SourceFile>>,
    notes: Mutex<Vec<Note>>,
}

impl DiskTree {
    /// Files are named relative to the base of `files`.
    pub fn new(files: Files) -> Self {
        Self {
            files,
            modules: Mutex::default(),
            starts: Mutex::default(),
            kinds: Mutex::default(),
            listings: Mutex::default(),
            packages: Mutex::default(),
            around: Mutex::default(),
            virtual_files: FxHashMap::default(),
            notes: Mutex::default(),
        }
    }

    /// Adds a file that exists in a template only.
    pub fn add_virtual(&mut self, path: PathBuf, file: Arc<crate::span::SourceFile>) {
        self.virtual_files.insert(path, file);
    }

    /// The folder whose `package.json` or `tsconfig.json` says where the imports of the code below another one lead: the nearest
    /// around, when the user points at a part of a program. Looked for once for all functions.
    pub fn packages_around(&self, folder: &Path) -> PathBuf {
        lock(&self.packages).entry(folder.to_path_buf()).or_insert_with(|| packages_around(folder)).clone()
    }

    /// The folders around one that its code may import from, the nearest first, and the last of them if it is a repository: up
    /// to the one with `.git`, else up to the working folder. Looked for once for all functions.
    pub fn folders_around(&self, folder: &Path) -> Around {
        lock(&self.around).entry(folder.to_path_buf()).or_insert_with(|| folders_around(folder)).clone()
    }

    /// Prepares for the analysis of a function that starts in a file.
    pub fn expect_start(&self, path: &Path) {
        *lock(&self.starts).entry(clean(path)).or_default() += 1;
    }

    /// Says that a function that starts in a file was analyzed. After the last one its code is dropped, which nothing else
    /// imports as a rule: what does has it read again.
    pub fn done_with_start(&self, path: &Path) {
        let path = clean(path);
        let mut starts = lock(&self.starts);
        let Some(left) = starts.get_mut(&path) else { return };
        *left = left.saturating_sub(1);
        if *left == 0 {
            starts.remove(&path);
            lock(&self.modules).remove(&path);
        }
    }

    /// What could not be read so far, by place.
    pub fn take_notes(&self) -> Vec<Note> {
        let mut notes = std::mem::take(&mut *lock(&self.notes));
        notes.sort();
        notes
    }

    fn kind(&self, path: &Path) -> Option<FileKind> {
        if let Some(kind) = lock(&self.kinds).get(path) {
            return *kind;
        }
        let kind = self.files.kind(path);
        lock(&self.kinds).insert(path.to_path_buf(), kind);
        kind
    }

    fn load(&self, path: &Path) -> Option<Arc<Module>> {
        if let Some(file) = self.virtual_files.get(path) {
            let language = path.to_str().and_then(Language::from_path)?;
            return Some(Arc::new(lower(Arc::clone(file), language)));
        }
        let language = path.to_str().and_then(Language::from_path)?;
        if std::fs::metadata(path).is_ok_and(|meta| meta.len() > MAX_SOURCE) {
            let message = format!("{} is larger than {} MB and was not read", self.files.display(path), MAX_SOURCE >> 20);
            self.note(message);
            return None;
        }
        match self.files.read(path) {
            Ok(file) if file.text.contains('\0') => {
                self.note(format!("{} is a binary file and was not read", file.path));
                None
            }
            Ok(file) => {
                lock(&self.notes).extend(Note::not_utf8(&file));
                Some(Arc::new(lower(file, language)))
            }
            Err(message) => {
                self.note(format!("{} {message}", self.files.display(path)));
                None
            }
        }
    }

    fn note(&self, message: String) {
        lock(&self.notes).push(Note::general(NoteKind::UnreadableFile, message));
    }
}

/// A panic of another thread while it held the lock left the map as it was.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl SourceTree for DiskTree {
    fn is_file(&self, path: &Path) -> bool {
        self.virtual_files.contains_key(path) || self.kind(path) == Some(FileKind::File)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.kind(path) == Some(FileKind::Folder)
    }

    fn module(&self, path: &Path) -> Option<Arc<Module>> {
        let slot = Arc::clone(lock(&self.modules).entry(clean(path)).or_default());
        slot.get_or_init(|| self.load(path)).clone()
    }

    fn text(&self, path: &Path) -> Option<String> {
        self.files.read(path).ok().map(|file| file.text.clone())
    }

    fn data(&self, path: &Path) -> Option<Arg> {
        let file = self.files.read(path).ok()?;
        if !matches!(path.extension().and_then(|extension| extension.to_str()), Some("yaml" | "yml")) {
            return crate::value::json_file(&file.text);
        }
        let documents = document::read(&file).ok()?;
        Some(documents.roots.first()?.to_arg(NESTING))
    }

    fn entries(&self, folder: &Path) -> Arc<[String]> {
        if let Some(known) = lock(&self.listings).get(folder) {
            return Arc::clone(known);
        }
        let names: Arc<[String]> = self.files.names(folder).into();
        lock(&self.listings).insert(folder.to_path_buf(), Arc::clone(&names));
        names
    }

    fn sources_below(&self, folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
        let wanted = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            extensions.iter().any(|extension| name == *extension || name.ends_with(&format!(".{extension}")))
        };
        if let Some(packed) = self.files.packed(folder) {
            return packed.into_iter().take(MAX_LISTED).filter(|path| wanted(path)).collect();
        }
        let walk = WalkBuilder::new(folder)
            .standard_filters(false)
            .max_depth(Some(4))
            .filter_entry(|entry| entry.file_name() != "node_modules" && entry.file_name() != ".git")
            .build();
        let mut found: Vec<PathBuf> =
            walk.filter_map(Result::ok).take(MAX_LISTED).map(ignore::DirEntry::into_path).filter(|path| wanted(path)).collect();
        found.sort();
        found
    }

    fn folders_with_python(&self, boundary: &Path, name: &str) -> Vec<PathBuf> {
        self.files.name_index(boundary, "python", || python_folders(boundary)).get(name).cloned().unwrap_or_default()
    }

    fn folders_with_node(&self, boundary: &Path, name: &str) -> Vec<PathBuf> {
        self.files.name_index(boundary, "node", || node_folders(boundary)).get(name).cloned().unwrap_or_default()
    }
}

fn packages_around(boundary: &Path) -> PathBuf {
    const HIGHEST: usize = 8;
    let says = |folder: &PathBuf| {
        ["package.json", "rush.json", "tsconfig.json", "jsconfig.json", ".git"].iter().any(|name| folder.join(name).exists())
    };
    let mut around = std::iter::successors(Some(boundary.to_path_buf()), |folder| above(folder)).take(HIGHEST);
    let found = around.find(says).unwrap_or_else(|| boundary.to_path_buf());
    // The current folder, seen from a relative path, has no name.
    if found.as_os_str().is_empty() && found != boundary { PathBuf::from(".") } else { found }
}

fn folders_around(folder: &Path) -> Around {
    let Ok(whole) = std::fs::canonicalize(folder) else { return Around::default() };
    let repository = whole.ancestors().find(|above| above.join(".git").exists());
    let here = std::fs::canonicalize(".").ok().filter(|here| whole.starts_with(here));
    let Some(top) = repository.map(Path::to_path_buf).or(here) else { return Around::default() };
    let steps = whole.strip_prefix(&top).map_or(0, |inner| inner.components().count());
    let mut around = Vec::new();
    let mut folder = clean(folder);
    for _ in 0..steps {
        let Some(next) = above(&folder) else { break };
        around.push(clean(&next));
        folder = next;
    }
    let repository = repository.and_then(|_| around.last().cloned());
    (around, repository)
}

/// Where Python modules and packages are, by their names, and where lists of requirements are. Tests and what tools wrote are nobody's layer.
fn python_folders(boundary: &Path) -> NameIndex {
    let mut found = NameIndex::new();
    let mut lists = Vec::new();
    for path in walk_sources(boundary) {
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| LISTS.contains(name))
            && let Some(folder) = path.parent()
        {
            lists.push((name.to_owned(), folder.to_path_buf()));
        }
        if path.extension().is_some_and(|extension| extension == "py") {
            // A folder with packages in it is one itself: <https://peps.python.org/pep-0420/>.
            path.ancestors().take_while(|part| *part != boundary).for_each(|part| add(&mut found, part));
        }
    }
    for (name, folder) in lists {
        found.entry(name).or_default().push(folder);
    }
    sorted(found)
}

/// Where modules for Node.js are, and folders with some in them, by their names, and where manifests are.
fn node_folders(boundary: &Path) -> NameIndex {
    let is_source = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
        SOURCE_EXTENSIONS[1..].contains(&extension) && !name.contains(".d.")
    };
    let mut found = NameIndex::new();
    for path in walk_sources(boundary) {
        if path.file_name().is_some_and(|name| name == "package.json")
            && let Some(folder) = path.parent()
        {
            found.entry("package.json".to_owned()).or_default().push(folder.to_path_buf());
        }
        if !is_source(&path) {
            continue;
        }
        path.ancestors().take_while(|part| *part != boundary).for_each(|part| add(&mut found, part));
    }
    sorted(found)
}

/// The files below a folder, without tests and what tools wrote.
fn walk_sources(boundary: &Path) -> impl Iterator<Item = PathBuf> {
    const SKIPPED: [&str; 9] =
        ["node_modules", "site-packages", "cdk.out", "tests", "test", "venv", "__pycache__", "build", "dist"];
    let walk = WalkBuilder::new(boundary)
        .filter_entry(|entry| entry.file_name().to_str().is_none_or(|name| !SKIPPED.contains(&name)))
        .build();
    walk.filter_map(Result::ok).take(MAX_INDEXED).map(ignore::DirEntry::into_path)
}

fn add(index: &mut NameIndex, path: &Path) {
    if let (Some(name), Some(folder)) = (path.file_stem().and_then(|name| name.to_str()), path.parent()) {
        let folders = index.entry(name.to_owned()).or_default();
        if folders.last().is_none_or(|last| last != folder) {
            folders.push(folder.to_path_buf());
        }
    }
}

fn sorted(mut index: NameIndex) -> NameIndex {
    for folders in index.values_mut() {
        folders.sort();
        folders.dedup();
    }
    index
}
