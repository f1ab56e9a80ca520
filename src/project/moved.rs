//! Code that a template names by another place than the one it has in the repository: a bucket it is uploaded to before, an asset
//! that was never committed, another machine's folder.

mod defined;
mod words;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use smol_str::SmolStr;

use self::defined::{defines, is_definition};
use self::words::{
    alike, archive, bare, ends_alike, ends_in_words, is_named_after, is_packing, is_usual, parts, plain, telling, unbuilt,
    without, words_leave_out,
};
use super::package;
use crate::iac::{Files, clean};

/// Folders whose code is not deployed.
const NOT_DEPLOYED: [&str; 6] = ["test", "tests", "__tests__", "__mocks__", "node_modules", "site-packages"];

/// What the file is called that a function is entered by, in a folder of its own.
const ENTERED: [&str; 5] = ["handler", "index", "app", "main", "lambda"];

/// What the folder of a project as a whole has.
const PROJECT: [&str; 5] = [".git", "README.md", "README", "README.rst", "LICENSE"];

/// What a walk found: source files and Dockerfiles.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) sources: Vec<PathBuf>,
    pub(super) dockerfiles: Vec<PathBuf>,
}

#[derive(Default)]
struct Index {
    /// The source files by the names of their modules.
    modules: BTreeMap<SmolStr, Vec<PathBuf>>,
    /// The same without capitals and dashes.
    plain: BTreeMap<String, Vec<PathBuf>>,
    dockerfiles: Vec<PathBuf>,
}

/// The source files of the repository by the names of their modules, and its Dockerfiles; made when first asked for.
pub(super) struct Sources {
    index: LazyLock<Index, Box<dyn FnOnce() -> Index + Send>>,
}

/// What is known about code whose place is not.
pub(super) struct Wanted<'a> {
    /// The module of the handler: `src/app`, `package.module`.
    pub(super) module: &'a str,
    /// What the module defines.
    pub(super) symbol: &'a str,
    /// Extensions that the runtime reads.
    pub(super) extensions: &'a [&'a str],
    /// Where the template says it is: a path of any system, the key of an archive.
    pub(super) place: &'a str,
    /// The template's folder.
    pub(super) folder: &'a Path,
    /// Whether other functions have a handler of this name at other places, so that the name alone says nothing.
    pub(super) is_common: bool,
    /// The files that the template itself is written in, as they are shown.
    pub(super) template: &'a [PathBuf],
}

/// How well a file fits: by the names of its folders, by how near it is, by how little stands between it and its package, by how
/// few folders the archive's name leaves out, by whether it defines what the handler is called rather than speaks of it.
type Rank = (usize, usize, Reverse<usize>, Reverse<usize>, bool);

/// Where it is instead.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The folder that the module is relative to.
    pub(super) root: PathBuf,
}

impl Found {
    /// A file that says by itself which module it is.
    fn alone(path: &Path) -> Self {
        Self { path: path.to_path_buf(), root: path.parent().map(clean).unwrap_or_default() }
    }
}

impl Sources {
    /// Lists the files when they are needed.
    pub(super) fn new(list: impl FnOnce() -> Listing + Send + 'static) -> Self {
        let make = move || {
            let mut index = Index::default();
            let listing = list();
            for path in listing.sources {
                let stem = path.file_stem().map(|stem| SmolStr::from(stem.to_string_lossy()));
                if let Some(stem) = stem.filter(|_| !is_apart(&path)) {
                    index.plain.entry(plain(&stem)).or_default().push(path.clone());
                    index.modules.entry(stem).or_default().push(path);
                }
            }
            index.dockerfiles = listing.dockerfiles.into_iter().filter(|path| !is_apart(path)).collect();
            index
        };
        Self { index: LazyLock::new(Box::new(make)) }
    }

    /// The Dockerfiles of the repository.
    pub(super) fn dockerfiles(&self) -> Vec<&PathBuf> {
        self.index.dockerfiles.iter().filter(|path| !path.iter().any(|part| part == ".devcontainer")).collect()
    }

    /// The one file that fits best: its folders are named like the place, and it is near the template. None when two fit equally.
    pub(super) fn find(&self, files: &Files, wanted: &Wanted<'_>) -> Option<Found> {
        let module = wanted.module_parts();
        let (stem, above) = module.split_last()?;
        let place = parts(wanted.place);
        let template = clean(wanted.folder);
        let project = project(&self.index, files, &template);
        let mut ranked: Vec<(Rank, Found)> = Vec::new();
        let named = self.index.modules.get(*stem).map(Vec::as_slice).unwrap_or_default();
        for path in named.iter().filter(|path| wanted.fits(files, path)) {
            let Some(folder) = path.parent() else { continue };
            let written = without(folder, above);
            let Some(root) = written.or_else(|| without(folder, &unbuilt(above)?)).map(clean) else { continue };
            let own = parts(&root.to_string_lossy());
            // The whole name says more than its end.
            let left_out = words_leave_out(&root, wanted.place);
            let says = usize::from(ends_alike(&root, wanted.place)) + usize::from(left_out.is_some());
            let alike = 3 * alike(&own, &place) + says;
            let package = package::named_above(files, &root, &project).filter(|(_, name)| is_named_after(&place, name));
            let (alike, depth) = match package {
                Some((folder, name)) => {
                    (alike.max(3 * parts(&name).len() + 3), root.components().count() - folder.components().count())
                }
                None => (alike, 0),
            };
            let near = root.components().zip(template.components()).take_while(|(a, b)| a == b).count();
            let is_defined = wanted.is_defined_in(files, path);
            // A name of its own is that of the module, be it that of a package, or of the function.
            let has_own = || module.iter().any(|part| !is_usual(&plain(part))) || (is_defined && !is_packing(wanted.symbol));
            if alike > 0 || (written.is_some() && !wanted.is_common && wanted.is_near(files, &root, &template, &project, has_own))
            {
                let rank = (alike, near, Reverse(depth), Reverse(left_out.unwrap_or_default()), is_defined);
                ranked.push((rank, Found { path: path.clone(), root }));
            }
        }
        if ranked.is_empty() {
            return self.renamed(files, wanted, &project, stem).or_else(|| self.bundled(files, wanted, &project, stem));
        }
        only_best(ranked)
    }

    /// The one file whose folder is named like the function, none of those that are `taken` by others: `lambda/lead-splitter` for
    /// `LeadSplitterFunction` and for `crm-lead-splitter-dev`.
    pub(super) fn named(&self, files: &Files, wanted: &Wanted<'_>, names: &[SmolStr], taken: &[PathBuf]) -> Option<Found> {
        let module = wanted.module_parts();
        let (stem, above) = module.split_last()?;
        let project = project(&self.index, files, &clean(wanted.folder));
        let names: Vec<Vec<String>> = names.iter().map(|name| telling(name)).collect();
        let mut ranked: Vec<((bool, usize), Found)> = Vec::new();
        let all = self.index.modules.get(*stem).map(Vec::as_slice).unwrap_or_default();
        for path in all.iter().filter(|path| is_below(path, &project) && wanted.fits(files, path)) {
            let Some(root) = path.parent().and_then(|folder| without(folder, above)).map(clean) else { continue };
            let below = root.strip_prefix(&project).unwrap_or(&root);
            let folders = below.iter().rev().map(|part| part.to_string_lossy());
            let folder = folders.into_iter().find(|part| !is_usual(&plain(part))).map(|part| telling(&part)).unwrap_or_default();
            // Folders may be written in one word: `api/placeorder` for `ApiPlaceOrder`.
            let whole = folder.concat();
            let rank = |name: &Vec<String>| {
                let fits = !whole.is_empty() && ends_in_words(name, &whole);
                fits.then(|| (name.concat() == whole, whole.len()))
            };
            if let Some(best) =
                names.iter().filter_map(rank).max().filter(|_| !taken.contains(&root) && !taken.contains(&clean(path)))
            {
                ranked.push((best, Found { path: path.clone(), root }));
            }
        }
        only_best(ranked)
    }

    /// A file that is named like the archive, which a script packs under the name that the handler has: `ListOrders.zip` is made
    /// from `listOrders.js`, though the handler is `index.handler`.
    fn renamed(&self, files: &Files, wanted: &Wanted<'_>, project: &Path, stem: &str) -> Option<Found> {
        let place = parts(wanted.place);
        let archive = place.last().filter(|name| !name.contains('*') && is_packing(stem))?;
        let named = self.index.plain.get(archive)?.iter();
        only(named.filter(|path| is_below(path, project) && wanted.fits(files, path))).map(|path| Found::alone(path))
    }

    /// What a bundler writes to a file of its own name, that of the folder which the function stands in: `dist/cleanCrates.js` is made
    /// from `src/clean-crates/handler.ts`.
    fn bundled(&self, files: &Files, wanted: &Wanted<'_>, project: &Path, stem: &str) -> Option<Found> {
        let name = plain(stem);
        if is_usual(&name) || !wanted.extensions.contains(&"ts") {
            return None;
        }
        let is_named = |path: &PathBuf| {
            let folder = path.parent().and_then(Path::file_name);
            folder.is_some_and(|folder| plain(&folder.to_string_lossy()) == name)
        };
        let entered = ENTERED.iter().filter_map(|stem| self.index.modules.get(*stem)).flatten();
        only(entered.filter(|path| is_named(path) && is_below(path, project) && wanted.fits(files, path)))
            .map(|path| Found::alone(path))
    }

    /// The only file of the repository that the handler can be in, unless it is `taken` by others. An archive that is written beside
    /// the code is packed from it; one in a bucket may come from anywhere.
    pub(super) fn alone(&self, files: &Files, wanted: &Wanted<'_>, taken: &[PathBuf]) -> Option<Found> {
        if archive(wanted.place).is_empty() || wanted.place.contains("://") {
            return None;
        }
        let module = wanted.module_parts();
        let (stem, above) = module.split_last()?;
        let project = project(&self.index, files, &clean(wanted.folder));
        let named = self.index.modules.get(*stem)?.iter();
        let mut found = named.filter(|path| wanted.fits(files, path) && wanted.is_defined_in(files, path));
        let path = found.next().filter(|path| found.next().is_none() && is_below(path, &project))?;
        let root = path.parent().and_then(|folder| without(folder, above)).map(clean)?;
        let is_taken = taken.contains(&root) || taken.contains(&clean(path));
        (!is_taken).then(|| Found { path: path.clone(), root })
    }

    /// The Dockerfile of an image: the only one in a folder of the template's project that is named like it.
    pub(super) fn dockerfile(&self, files: &Files, folder: &Path, names: &[&str]) -> Option<PathBuf> {
        let names: Vec<String> = names.iter().map(|name| bare(name)).filter(|name| !name.is_empty() && !is_usual(name)).collect();
        let project = project(&self.index, files, &clean(folder));
        let fits = |path: &&PathBuf| {
            let above = path.parent().and_then(Path::file_name).map(|name| bare(&name.to_string_lossy()));
            above.is_some_and(|above| names.contains(&above)) && is_below(path, &project)
        };
        only(self.index.dockerfiles.iter().filter(fits)).cloned()
    }
}

impl Wanted<'_> {
    /// The folders of the module and its name.
    fn module_parts(&self) -> Vec<&str> {
        self.module.split(['/', '\\', '.']).filter(|part| !part.is_empty()).collect()
    }

    /// Whether a file can be the handler's, by its extension and by what it contains.
    fn fits(&self, files: &Files, path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let is_template = || self.template.iter().any(|own| own.as_os_str() == files.display(path).as_str());
        self.extensions.contains(&extension) && defines(files, path, self.symbol) && !is_template()
    }

    /// Whether a file that nothing but its name speaks for is near enough: below the template or beside its folder, where the
    /// template says as far as that is there, or in its project with a name of its own.
    fn is_near(&self, files: &Files, root: &Path, template: &Path, project: &Path, has_own: impl Fn() -> bool) -> bool {
        let within = |folder: &Path| folder == Path::new(".") || root.starts_with(folder);
        let is_part = |folder: &Path| folder != project && (project == Path::new(".") || folder.starts_with(project));
        let beside = template.parent().is_some_and(|around| !around.as_os_str().is_empty() && is_part(around) && within(around));
        within(template) || beside || self.surroundings(files, template).is_some_and(within) || (within(project) && has_own())
    }

    /// The folder that is there of the place where the code should be, unless the template is in it, too.
    fn surroundings(&self, files: &Files, template: &Path) -> Option<&Path> {
        let there =
            Path::new(self.place).ancestors().find(|folder| !folder.as_os_str().is_empty() && files.is_plain_dir(folder))?;
        (there != Path::new(".") && !template.starts_with(clean(there))).then_some(there)
    }

    /// Whether a line of a file says what the handler's name stands for.
    fn is_defined_in(&self, files: &Files, path: &Path) -> bool {
        let name = self.symbol.rsplit('.').next().unwrap_or(self.symbol);
        files.read(path).is_ok_and(|file| file.text.lines().any(|line| is_definition(line, name)))
    }
}

/// The only one there is.
fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The one of the highest rank; none when two have it.
fn only_best<R: Ord + Copy>(ranked: Vec<(R, Found)>) -> Option<Found> {
    let best = ranked.iter().map(|(rank, _)| *rank).max()?;
    only(ranked.into_iter().filter(|(rank, _)| *rank == best)).map(|(_, found)| found)
}

/// Whether a file lies in a project, which is everything where that is the current folder.
fn is_below(path: &Path, project: &Path) -> bool {
    project == Path::new(".") || clean(path).starts_with(project)
}

/// The project that a template belongs to: in a collection of many, the files of the others have nothing to do with it.
fn project(index: &Index, files: &Files, template: &Path) -> PathBuf {
    let base = clean(files.base());
    let within = template.ancestors().take_while(|folder| base == Path::new(".") || folder.starts_with(&base));
    // A folder with a description of its own may hold nothing but infrastructure.
    let has_code = |folder: &Path| index.modules.values().flatten().any(|path| clean(path).starts_with(folder));
    let is_project = |folder: &&Path| PROJECT.iter().any(|name| files.exists(&folder.join(name))) && has_code(folder);
    within.into_iter().find(is_project).map_or(base.clone(), Path::to_path_buf)
}

/// Whether a path leads to tests or installed packages.
pub(super) fn is_apart(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if NOT_DEPLOYED.iter().any(|folder| name == *folder)))
}

#[cfg(test)]
mod tests;
