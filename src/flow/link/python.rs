//! How Python finds a module: relative to the importing package, else below the import roots.
//!
//! <https://docs.python.org/3/reference/import.html>; Lambda puts the code root and the layers' `python` folders on the path,
//! <https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html>.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::{Found, LinkOptions, SourceTree};
use crate::sdk::Ecosystem;

/// Resolves `from <level dots><segments> import …`.
pub(super) fn resolve(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, level: u32, segments: &[SmolStr]) -> Found {
    if level > 0 {
        let mut base = importer.parent().unwrap_or(Path::new("")).to_path_buf();
        for _ in 1..level {
            base = base.parent().map(Path::to_path_buf).unwrap_or_default();
        }
        return at(tree, options, &base, segments).unwrap_or(Found::Missing);
    }
    // A script's own folder comes first on the path, then the roots. A module of a package that is called like one of Python's is no
    // other name for that.
    let is_standard = segments.first().is_some_and(|first| !first.starts_with('_') && is_standard(first));
    let own = importer.parent().map(Path::to_path_buf).filter(|_| !is_standard);
    for root in options.roots.iter().chain(own.iter()) {
        if let Some(found) = at(tree, options, root, segments) {
            return found;
        }
    }
    let around = segments.first().map(|first| around(options, importer, first));
    if let Some(found) = around.into_iter().flatten().find_map(|folder| file_in(tree, options, folder, segments)) {
        return found;
    }
    elsewhere(tree, options, importer, segments).map_or_else(|| Found::Nowhere(segments.to_vec()), Found::Elsewhere)
}

/// A module that is not part of the function's code but stands somewhere else in the repository, as what a layer brings does
/// when the template does not say where it comes from: the only one of its name in the smallest folder around that has any.
fn elsewhere(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, segments: &[SmolStr]) -> Option<PathBuf> {
    let first = segments.first()?;
    let is_known = is_standard(first) || crate::sdk::knows_package(Ecosystem::Python, first);
    if is_known || options.boundary.as_os_str().is_empty() || is_required(tree, options, importer, first) {
        return None;
    }
    // A folder of the name may also be what a package stands in: `Helper/setup.py` beside `Helper/Helper/__init__.py`.
    // What stands in a package is a part of it, unless the package is what a layer brings, or nothing else in the repository is
    // called so: what a script packs may be the package's content, and many put an `__init__.py` there for tests.
    let is_part = |folder: &Path| tree.is_file(&folder.join("__init__.py")) && !folder.ends_with("python");
    let file_in = |folder: PathBuf| match at(tree, options, &folder, segments)? {
        Found::File(path) => Some((folder, path)),
        _ => None,
    };
    let below = |boundary: &Path| -> Vec<(PathBuf, PathBuf)> {
        let (parts, own): (Vec<_>, Vec<_>) =
            tree.folders_with_python(boundary, first).into_iter().filter_map(file_in).partition(|(folder, _)| is_part(folder));
        if own.is_empty() && parts.len() == 1 { parts } else { own }
    };
    options.only_nearest(importer, &below)
}

/// The `__init__.py` of each package that a module stands in, the outermost first: Python runs them before the module.
///
/// <https://docs.python.org/3/reference/import.html#regular-packages>
pub(super) fn packages_around(tree: &dyn SourceTree, options: &LinkOptions, module: &Path) -> Vec<PathBuf> {
    let is_package = module.file_name().is_some_and(|name| name == "__init__.py");
    let folders = module.ancestors().skip(if is_package { 2 } else { 1 });
    let is_root = |folder: &Path| options.roots.iter().any(|root| super::without_dot(root) == super::without_dot(folder));
    let inner =
        folders.take_while(|folder| !folder.as_os_str().is_empty() && !is_root(folder) && options.is_within_boundary(folder));
    let mut found: Vec<PathBuf> = inner.map(|folder| folder.join("__init__.py")).take_while(|file| tree.is_file(file)).collect();
    found.reverse();
    found
}

/// Whether Python brings a module itself. <https://docs.python.org/3/py-modindex.html>
pub(super) fn is_standard(name: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> =
        LazyLock::new(|| include_str!("../../../grammars/python/standard-library.txt").lines().collect());
    name.starts_with('_') || NAMES.contains(name)
}

/// Whether the code's requirements name a package: those of its roots, and those around the file that imports it.
fn is_required(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, package: &str) -> bool {
    let around = importer.ancestors().skip(1).take_while(|folder| options.is_within_boundary(folder));
    let folders = options.roots.iter().map(PathBuf::as_path).chain(around);
    let mut texts = folders.filter_map(|root| tree.text(&root.join("requirements.txt")));
    texts.any(|text| lists(&text, &normal(package)))
}

/// The folders in which a package may be that is imported from deeper inside the code root than the root itself, as with `src`
/// layouts: those between the importer and the boundary, then those around it. A package of the program's that is called like a
/// library is found by its own path only: `storage.pynamodb`.
pub(super) fn around<'a>(options: &'a LinkOptions, importer: &'a Path, package: &str) -> impl Iterator<Item = &'a Path> {
    let is_known = !package.starts_with('_') && is_standard(package) || crate::sdk::knows_package(Ecosystem::Python, package);
    let inner = importer.ancestors().skip(2).take_while(|folder| options.is_within_boundary(folder));
    inner.chain(options.outer.iter().map(PathBuf::as_path)).filter(move |_| !is_known)
}

/// A module that has a file below a folder on the path.
pub(super) fn file_in(tree: &dyn SourceTree, options: &LinkOptions, folder: &Path, segments: &[SmolStr]) -> Option<Found> {
    at(tree, options, folder, segments).filter(|found| matches!(found, Found::File(_)))
}

fn at(tree: &dyn SourceTree, options: &LinkOptions, base: &Path, segments: &[SmolStr]) -> Option<Found> {
    let mut path = base.to_path_buf();
    for segment in segments {
        path.push(segment.as_str());
    }
    if !segments.is_empty() {
        let file = with_suffix(&path, ".py");
        if tree.is_file(&file) {
            return Some(if is_vendored(tree, &file, base, options) {
                Found::External(segments.to_vec())
            } else {
                Found::File(file)
            });
        }
    }
    let init = path.join("__init__.py");
    if tree.is_file(&init) {
        return Some(if is_vendored(tree, &init, base, options) {
            Found::External(segments.to_vec())
        } else {
            Found::File(init)
        });
    }
    // The importer's own folder as a namespace package says nothing about absolute imports.
    (tree.is_dir(&path) && !segments.is_empty() && !tree.sources_below(&path, &["py"]).is_empty())
        .then(|| Found::Package(dotted_name(&init, options)))
}

/// Whether a file belongs to an installed package rather than to the program.
fn is_vendored(tree: &dyn SourceTree, file: &Path, base: &Path, options: &LinkOptions) -> bool {
    let Ok(inner) = file.strip_prefix(base) else { return false };
    let top = inner.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    if top.as_ref().is_some_and(|top| !options.follow_packages && is_installed(tree, top.trim_end_matches(".py"), base)) {
        return true;
    }
    let in_packages = base.ends_with("site-packages") || base.ends_with("dist-packages");
    // AWS's own SDK and what it stands on are described by data, never followed.
    let is_sdk = top.is_some_and(|name| crate::sdk::packages::is_python_or_foundation(name.trim_end_matches(".py")));
    (in_packages && !options.follow_packages) || is_sdk
}

/// Whether a package was put into a folder by an installer, or is listed in the requirements that are installed there.
///
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>
fn is_installed(tree: &dyn SourceTree, package: &str, base: &Path) -> bool {
    let wanted = normal(package);
    let entries = tree.entries(base);
    // Without a version in its name, `X.egg-info` is what a build writes beside the sources.
    // <https://setuptools.pypa.io/en/latest/deprecated/python_eggs.html>
    let is_eggs = |name: &str| name.strip_suffix(".egg-info").is_some_and(|stem| stem.contains('-'));
    let mut infos = entries.iter().filter(|name| name.ends_with(".dist-info") || is_eggs(name));
    let by_name = |info: &&String| normal(info.split('-').next().unwrap_or_default()) == wanted;
    let by_content = |info: &&String| {
        let top_level = tree.text(&base.join(info.as_str()).join("top_level.txt"));
        top_level.is_some_and(|text| text.lines().any(|line| line.trim() == package))
    };
    if infos.any(|info| by_name(&info) || by_content(&info)) {
        return true;
    }
    // `pip install -t` into the folder that holds the requirements, as layers do.
    let in_layer = base.ends_with("python") || base.ends_with("vendor");
    in_layer
        && entries.iter().any(|name| name == "requirements.txt")
        && tree.text(&base.join("requirements.txt")).is_some_and(|text| lists(&text, &wanted))
}

pub(super) fn normal(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// Whether requirements name a package.
fn lists(requirements: &str, package: &str) -> bool {
    let name_of = |line: &str| line.split(['=', '<', '>', '~', '!', '[', ';', ' ']).next().map(normal).unwrap_or_default();
    requirements.lines().any(|line| name_of(line.trim()) == package)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// The dotted name of a module file below the root that contains it.
pub(super) fn dotted_name(path: &Path, options: &LinkOptions) -> SmolStr {
    let root = options.roots.iter().filter(|root| path.starts_with(root)).max_by_key(|root| root.components().count());
    let inner = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    let mut parts: Vec<String> = inner.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    if let Some(last) = parts.last_mut() {
        *last = last.trim_end_matches(".py").to_owned();
        if last == "__init__" {
            parts.pop();
        }
    }
    parts.join(".").into()
}
