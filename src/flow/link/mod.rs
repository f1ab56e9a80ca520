//! The modules of one function's program and how their imports lead to each other.
//!
//! Everything that can be reached by imports from the entry file is loaded before the interpreter starts, breadth
//! first. Imports resolve like the runtime does; what does not belong to the program is a library.

mod computed;
mod data;
mod fallback;
mod lock;
mod mentioned;
mod node;
mod python;
mod requirements;
mod search_path;

pub(super) use computed::is_python;
pub(super) use mentioned::below;
pub use node::extended;
pub(crate) use node::split_specifier;
pub use requirements::LISTS as REQUIREMENT_LISTS;

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::ids::{Id, ImportId, IndexVec, ModuleId};
use crate::ir::{Expr, Import, ImportRequest, Module};
use crate::sdk::Ecosystem;
use crate::value::Arg;

/// Where source files come from. Implementations cache: asking twice costs nothing.
pub trait SourceTree: Sync {
    /// Whether there is a file of this name.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether there is a folder of this name.
    fn is_dir(&self, path: &Path) -> bool;
    /// The lowered module of a source file in a supported language.
    fn module(&self, path: &Path) -> Option<Arc<Module>>;
    /// The text of a file that is no code.
    fn text(&self, path: &Path) -> Option<String>;
    /// What a data file says, for imports of data and for files that are opened: JSON, and what else the tree can read.
    fn data(&self, path: &Path) -> Option<Arg> {
        crate::value::json_file(&self.text(path)?)
    }
    /// The names of what is in a folder, sorted.
    fn entries(&self, folder: &Path) -> Arc<[String]>;
    /// Every source file below a folder that ends in one of the given extensions, sorted; bounded.
    fn sources_below(&self, folder: &Path, extensions: &[&str]) -> Vec<PathBuf>;
    /// The folders below `boundary` that hold a Python module or package of this name, or a list of requirements, sorted.
    fn folders_with_python(&self, _boundary: &Path, _name: &str) -> Vec<PathBuf> {
        Vec::new()
    }
    /// The folders below `boundary` that hold a file or a folder of this name with code for Node.js, or a `package.json`, sorted.
    fn folders_with_node(&self, _boundary: &Path, _name: &str) -> Vec<PathBuf> {
        Vec::new()
    }
}

/// How many folders around another one are looked at.
const MAX_AROUND: usize = 64;

/// Where imports are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct LinkOptions {
    /// Folders that absolute Python imports and bare npm specifiers are looked for in, in order: the code root, then the
    /// layers' folders.
    pub roots: Vec<PathBuf>,
    /// Whether installed packages (`node_modules`, vendored Python packages) are part of the program.
    pub follow_packages: bool,
    /// The outermost folder that may be read.
    pub boundary: PathBuf,
    /// The folders around the boundary that its code may import from, the nearest first: those up to the repository's own when
    /// the user points at a part of one.
    pub outer: Vec<PathBuf>,
    /// The outermost of them, if it is a repository: what lies anywhere in it can belong to the program.
    pub repository: Option<PathBuf>,
    /// The outermost folder whose `package.json` and `tsconfig.json` count for the code in it; it may be one around the boundary.
    pub packages: PathBuf,
}

impl LinkOptions {
    fn is_within_boundary(&self, path: &Path) -> bool {
        is_within(&self.boundary, path)
    }

    /// The only file in the smallest folder around that has any: among those that `below` finds with their folders in the
    /// boundary, else in the whole repository.
    fn only_nearest(&self, importer: &Path, below: &dyn Fn(&Path) -> Vec<(PathBuf, PathBuf)>) -> Option<PathBuf> {
        let own = below(&self.boundary);
        let found = if own.is_empty() { self.repository.as_deref().map(below).unwrap_or_default() } else { own };
        let around = importer.ancestors().skip(1).take_while(|folder| self.is_within_boundary(folder));
        let mut around = around.chain(self.outer.iter().map(PathBuf::as_path));
        let nearest = around.find_map(|around| {
            let inside: Vec<&PathBuf> =
                found.iter().filter(|(folder, _)| is_within(around, folder)).map(|(_, path)| path).collect();
            (!inside.is_empty()).then_some(inside)
        });
        match nearest?.as_slice() {
            [path] => Some((*path).clone()),
            _ => None,
        }
    }

    /// A folder and those around it whose manifests and settings count, the nearest first. For code from elsewhere in the
    /// repository, those up to that count.
    fn around(&self, folder: &Path) -> impl Iterator<Item = PathBuf> {
        let outermost = if is_within(&self.packages, folder) { Some(&self.packages) } else { self.repository.as_ref() };
        std::iter::successors(Some(folder.to_path_buf()), |folder| above(folder))
            .take(MAX_AROUND)
            .take_while(move |folder| outermost.is_some_and(|outermost| is_within(outermost, folder)))
    }
}

/// The folder around another one. Above the current folder, a relative path does not say what folders are called.
pub fn above(folder: &Path) -> Option<PathBuf> {
    match folder.components().next_back() {
        Some(Component::Normal(_)) => folder.parent().map(Path::to_path_buf),
        Some(Component::ParentDir) => Some(folder.join("..")),
        Some(Component::CurDir) | None => Some(PathBuf::from("..")),
        Some(Component::RootDir | Component::Prefix(_)) => None,
    }
}

/// Whether a path lies in a folder, however either is written: `src/app.ts` lies in `.`, and everything in the folder without a
/// name.
fn is_within(folder: &Path, path: &Path) -> bool {
    let (plain, path) = (without_dot(folder), without_dot(path));
    match (folder.as_os_str().is_empty(), plain.as_os_str().is_empty()) {
        (true, _) => true,
        (false, true) => path.is_relative() && !path.starts_with(".."),
        // Around the current folder are `..`, `../..` and what is in them.
        (false, false) if plain.ends_with("..") && path.is_relative() => {
            let steps_up = |path: &Path| path.components().take_while(|part| *part == Component::ParentDir).count();
            steps_up(path) <= steps_up(plain) && steps_up(plain) == plain.components().count()
        }
        // `../../x` begins with `..`, and lies outside of it.
        (false, false) => path.strip_prefix(plain).is_ok_and(|inner| !inner.starts_with("..")),
    }
}

/// `./src` as `src`.
fn without_dot(path: &Path) -> &Path {
    path.strip_prefix(".").unwrap_or(path)
}

/// Everything a function's code can import, with the imports resolved.
#[derive(Debug, Default)]
pub struct Program {
    /// The modules; the entry is the first.
    pub modules: IndexVec<ModuleId, Linked>,
    by_dotted: FxHashMap<SmolStr, ModuleId>,
    packages: rustc_hash::FxHashSet<SmolStr>,
    /// Libraries that are not there and depend on AWS's SDK, by what imports call them: the lock file and what it names.
    callers: FxHashMap<SmolStr, String>,
    /// Data files that the modules open.
    data: Vec<data::DataFile>,
    /// The folders where the runtime finds the program, the code's own first.
    roots: Vec<PathBuf>,
}

/// A module in its program.
#[derive(Debug)]
pub struct Linked {
    /// The code.
    pub module: Arc<Module>,
    /// Its path on disk.
    pub path: PathBuf,
    /// Dotted name (Python), else the file name.
    pub name: SmolStr,
    /// Where each import leads, by [`ImportId`].
    targets: Vec<Target>,
    /// Imports whose module is not part of the function's code but stands elsewhere in the repository.
    assumed: rustc_hash::FxHashSet<ImportId>,
    /// Imports of packages that are not there and that nothing says to install.
    unlisted: rustc_hash::FxHashSet<ImportId>,
    /// Submodules that `from package import name` takes.
    submodules: FxHashMap<(ImportId, SmolStr), ModuleId>,
    /// The packages around a Python module, which run before it, the outermost first.
    pub(super) packages: Vec<ModuleId>,
}

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A module of the program.
    Module(ModuleId),
    /// A folder of Python modules without code of its own.
    Package(SmolStr),
    /// A library.
    External(Ecosystem, Vec<SmolStr>),
    /// A data file.
    Data(Arg),
    /// Part of the program by its form, but there is no such file.
    Missing,
}

impl Linked {
    /// Where an import leads.
    pub fn target(&self, import: ImportId) -> &Target {
        self.targets.get(import.index()).unwrap_or(&Target::Missing)
    }

    /// Whether an import leads outside the function's code, to a module that a layer may bring.
    pub fn is_assumed(&self, import: ImportId) -> bool {
        self.assumed.contains(&import)
    }

    /// Whether an import leads to a package of which nothing tells where it comes from.
    pub fn is_unlisted(&self, import: ImportId) -> bool {
        self.unlisted.contains(&import)
    }

    /// The submodule that `from package import name` takes.
    pub fn submodule(&self, import: ImportId, name: &SmolStr) -> Option<ModuleId> {
        self.submodules.get(&(import, name.clone())).copied()
    }

    /// Which packages its bare imports name.
    pub fn ecosystem(&self) -> Ecosystem {
        match self.module.exports {
            crate::ir::Exports::Globals => Ecosystem::Python,
            crate::ir::Exports::Listed(_) => Ecosystem::Npm,
        }
    }
}

impl Program {
    /// Loads everything that `entry` reaches. `None` when the entry itself cannot be read.
    pub fn load(tree: &dyn SourceTree, entry: &Path, options: &LinkOptions) -> Option<Self> {
        Self::load_all(tree, std::slice::from_ref(&entry.to_path_buf()), options)
    }

    /// Loads everything that several entries reach; entries that cannot be read are left out.
    pub fn load_all(tree: &dyn SourceTree, entries: &[PathBuf], options: &LinkOptions) -> Option<Self> {
        let mut loader = Loader {
            tree,
            options,
            program: Self { roots: options.roots.clone(), ..Self::default() },
            by_path: FxHashMap::default(),
            queue: VecDeque::new(),
            node: node::NodeResolver::new(tree, options),
            requirements: requirements::Requirements::new(tree, options),
            search_path: search_path::SearchPath::default(),
        };
        for entry in entries {
            loader.admit(entry);
        }
        loader.drain();
        (!loader.program.modules.is_empty()).then_some(loader.program)
    }

    /// A Python module by its dotted name.
    pub fn dotted(&self, name: &str) -> Option<ModuleId> {
        self.by_dotted.get(name).copied()
    }

    /// Whether there is a namespace package of this dotted name.
    pub fn is_package(&self, name: &str) -> bool {
        self.packages.contains(name)
    }

    /// What tells that a library calls AWS, or may do so: a lock file that says what it depends on.
    pub fn calls_aws(&self, library: &str) -> Option<&str> {
        self.callers.get(library).map(String::as_str)
    }

    /// Whether some module imports a library.
    pub fn uses_library(&self, name: &str) -> bool {
        let is_it =
            |target: &Target| matches!(target, Target::External(_, path) if path.first().is_some_and(|first| first == name));
        self.modules.iter().any(|linked| linked.targets.iter().any(is_it))
    }

    /// The module at a path.
    pub fn at_path(&self, path: &Path) -> Option<ModuleId> {
        let is_it = |linked: &Linked| without_dot(&linked.path) == without_dot(path);
        self.modules.iter_enumerated().find(|(_, linked)| is_it(linked)).map(|(id, _)| id)
    }
}

/// Whether a package comes with its language, or is AWS's own SDK.
pub fn is_part_of_language(ecosystem: Ecosystem, package: &str) -> bool {
    match ecosystem {
        Ecosystem::Python => package == "builtins" || python::is_standard(package) || requirements::is_of_runtime(package),
        Ecosystem::Npm => package == "globals" || package.starts_with('.') || node::is_built_in(package) || node::is_sdk(package),
    }
}

/// Most modules one program may have; beyond that imports count as unresolved.
const MAX_MODULES: usize = 20_000;

struct Loader<'a> {
    tree: &'a dyn SourceTree,
    options: &'a LinkOptions,
    program: Program,
    by_path: FxHashMap<PathBuf, Option<ModuleId>>,
    queue: VecDeque<ModuleId>,
    node: node::NodeResolver<'a>,
    requirements: requirements::Requirements<'a>,
    search_path: search_path::SearchPath,
}

/// How a module that an import leads to belongs to the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belonging {
    /// It is a part of it, or a library that something tells of.
    Known,
    /// It is a file of the repository, but not of the function's code.
    Assumed,
    /// Nothing tells where it comes from.
    Unlisted,
}

/// Whether a package is one of those that many programs use and that ask nothing of AWS.
pub(super) fn is_common(ecosystem: Ecosystem, package: &str) -> bool {
    match ecosystem {
        Ecosystem::Python => requirements::is_common(package),
        Ecosystem::Npm => node::is_common(package),
    }
}

/// Whether a package comes with the language, or stands for the names that it has everywhere.
pub(super) fn is_of_language(ecosystem: Ecosystem, package: &str) -> bool {
    match ecosystem {
        Ecosystem::Python => package == "builtins" || python::is_standard(package),
        Ecosystem::Npm => package == "globals" || node::is_built_in(package),
    }
}

/// What resolving a request found, before it is loaded.
pub(super) enum Found {
    File(PathBuf),
    /// A file of the repository that is not part of the function's code.
    Elsewhere(PathBuf),
    Package(SmolStr),
    External(Vec<SmolStr>),
    /// Not here; it may be a library.
    Nowhere(Vec<SmolStr>),
    Missing,
}

impl Loader<'_> {
    fn admit(&mut self, path: &Path) -> Option<ModuleId> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        if self.program.modules.len() >= MAX_MODULES {
            return None;
        }
        let module = self.tree.module(path);
        let id = module.map(|module| {
            let name = python::dotted_name(path, self.options);
            let linked = Linked {
                module,
                path: path.to_path_buf(),
                name: name.clone(),
                targets: Vec::new(),
                assumed: rustc_hash::FxHashSet::default(),
                unlisted: rustc_hash::FxHashSet::default(),
                submodules: FxHashMap::default(),
                packages: Vec::new(),
            };
            let id = self.program.modules.push(linked);
            self.program.by_dotted.entry(name).or_insert(id);
            self.queue.push_back(id);
            id
        });
        self.by_path.insert(path.to_path_buf(), id);
        if let Some(id) = id.filter(|_| has_extension(path, "py")) {
            let packages = python::packages_around(self.tree, self.options, path);
            self.program.modules[id].packages = packages.iter().filter_map(|path| self.admit(path)).collect();
        }
        id
    }

    fn drain(&mut self) {
        while let Some(id) = self.queue.pop_front() {
            let module = Arc::clone(&self.program.modules[id].module);
            let path = self.program.modules[id].path.clone();
            if has_extension(&path, "py") && module.file.text.contains("sys.path") {
                self.search_path.extend(self.tree, &path, &module);
            }
            let mut targets = Vec::with_capacity(module.imports.len());
            for (import, request) in module.imports.iter_enumerated() {
                let (target, belonging) = self.namespace(&path, &module, request).unwrap_or_else(|| self.target(&path, request));
                targets.push(target);
                match belonging {
                    Belonging::Known => false,
                    Belonging::Assumed => self.program.modules[id].assumed.insert(import),
                    Belonging::Unlisted => self.program.modules[id].unlisted.insert(import),
                };
            }
            // What is nowhere to be found is not installed, so that its substitute is what runs.
            let unlisted = &mut self.program.modules[id].unlisted;
            for (tried, instead) in fallback::tried(&module) {
                if instead.iter().any(|import| !unlisted.contains(import)) {
                    unlisted.retain(|import| !tried.contains(import));
                }
            }
            let submodules = self.submodules(&path, &module);
            self.program.modules[id].targets = targets;
            self.program.modules[id].submodules = submodules;
            let computed = computed::candidates(self.tree, self.options, &path, &module);
            for candidate in computed.into_iter().chain(computed::listed(self.tree, &path, &module)) {
                self.admit(&candidate);
            }
            for opened in data::opened(self.tree, self.options, &path, &module) {
                self.program.add_data(self.tree, self.options, opened);
            }
        }
    }

    /// Where an import leads.
    fn target(&mut self, importer: &Path, import: &Import) -> (Target, Belonging) {
        let (ecosystem, found) = match &import.request {
            ImportRequest::Dotted { level, segments } => (Ecosystem::Python, self.dotted(importer, *level, segments)),
            ImportRequest::Specifier(specifier) => (Ecosystem::Npm, self.node.resolve(importer, specifier)),
        };
        if let (Found::External(path) | Found::Nowhere(path), ImportRequest::Specifier(specifier)) = (&found, &import.request)
            && let Some(library) = path.first()
            && !import.type_only
            && let Some(reason) = self.node.depends_on_sdk(importer, specifier)
        {
            self.program.callers.insert(library.clone(), reason);
        }
        if let (Found::Nowhere(path), ImportRequest::Dotted { .. }) = (&found, &import.request)
            && let Some(library) = path.first()
            && !import.type_only
            && self.requirements.tells_of_aws(path)
        {
            self.program.callers.insert(library.clone(), "its name says so".into());
        }
        let belonging = match (&found, &import.request) {
            (Found::Elsewhere(_), _) => Belonging::Assumed,
            (Found::Nowhere(path), ImportRequest::Dotted { .. }) if self.requirements.explain(path) => Belonging::Known,
            (Found::Nowhere(_), _) => Belonging::Unlisted,
            _ => Belonging::Known,
        };
        let target = match found {
            Found::File(path) if has_extension(&path, "json") => self.data(&path),
            Found::File(path) | Found::Elsewhere(path) => self.admit(&path).map_or(Target::Missing, Target::Module),
            Found::Package(name) => {
                self.program.packages.insert(name.clone());
                Target::Package(name)
            }
            Found::External(path) | Found::Nowhere(path) => Target::External(ecosystem, path),
            Found::Missing => Target::Missing,
        };
        (target, belonging)
    }

    /// The folder without code of its own that `import folder.module` binds, where the module is found and the folder alone would
    /// say too little.
    fn namespace(&mut self, importer: &Path, module: &Module, import: &Import) -> Option<(Target, Belonging)> {
        let ImportRequest::Dotted { level: 0, segments } = &import.request else { return None };
        let longer = module.imports.iter().filter(|other| other.span == import.span).find_map(|other| match &other.request {
            ImportRequest::Dotted { level: 0, segments: longer }
                if longer.len() > segments.len() && longer.starts_with(segments) =>
            {
                Some(longer)
            }
            _ => None,
        })?;
        let Found::Nowhere(_) = self.dotted(importer, 0, segments) else { return None };
        let (Found::File(path) | Found::Elsewhere(path)) = self.dotted(importer, 0, longer) else { return None };
        let mut name = python::dotted_name(&path, self.options);
        for _ in segments.len()..longer.len() {
            name = SmolStr::from(name.rsplit_once('.')?.0);
        }
        self.program.packages.insert(name.clone());
        Some((Target::Package(name), Belonging::Known))
    }

    /// Where an import of Python leads, by the folders that the program itself names, too.
    fn dotted(&self, importer: &Path, level: u32, segments: &[SmolStr]) -> Found {
        let file_in = |folders: &[PathBuf]| {
            let folders = folders.iter().filter(|_| level == 0);
            folders.into_iter().find_map(|folder| python::file_in(self.tree, self.options, folder, segments))
        };
        if let Some(found) = file_in(&self.search_path.first) {
            return found;
        }
        match python::resolve(self.tree, self.options, importer, level, segments) {
            found @ (Found::Elsewhere(_) | Found::Nowhere(_)) => file_in(&self.search_path.last).unwrap_or(found),
            found => found,
        }
    }

    fn data(&self, path: &Path) -> Target {
        self.tree.data(path).map_or(Target::Missing, Target::Data)
    }

    /// `from package import name` may take a submodule: load those that exist.
    fn submodules(&mut self, importer: &Path, module: &Module) -> FxHashMap<(ImportId, SmolStr), ModuleId> {
        let mut found = FxHashMap::default();
        for expr in module.functions.iter().flat_map(|function| function.body.exprs.iter()) {
            let Expr::ImportFrom { import, name } = expr else { continue };
            let ImportRequest::Dotted { level, segments } = &module.imports[*import].request else { continue };
            let mut longer = segments.clone();
            longer.push(name.clone());
            if let Found::File(path) | Found::Elsewhere(path) = self.dotted(importer, *level, &longer)
                && let Some(id) = self.admit(&path)
            {
                found.insert((*import, name.clone()), id);
            }
        }
        found
    }
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_paths_however_they_are_written() {
        let holds = |folder: &str, path: &str| is_within(Path::new(folder), Path::new(path));
        assert!(holds(".", "src/app.ts") && holds(".", "./src") && holds(".", ".") && holds(".", ""));
        assert!(holds("./app", "app/src") && holds("app", "./app/src") && holds("", "../x"));
        assert!(holds("..", "../x") && !holds("..", "../../x") && !holds("src", "src/../x"));
        assert!(holds("..", "src") && holds("../..", "../x") && !holds("../y", "src") && !holds("..", "/x"));
        assert!(!holds(".", "../x") && !holds("app", "application/x") && !holds(".", "/x"));
    }
}
