//! Code that a template names by another place than the one it has in the repository: a bucket it is uploaded to before, an asset
//! that was never committed, another machine's folder.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use smol_str::SmolStr;

use crate::iac::{Files, clean};

/// Folders whose code is not deployed.
const NOT_DEPLOYED: [&str; 6] = ["test", "tests", "__tests__", "__mocks__", "node_modules", "site-packages"];

/// Names of folders and modules that every other function has, too.
const USUAL: [&str; 16] = [
    "src",
    "lib",
    "dist",
    "build",
    "code",
    "app",
    "lambda",
    "lambdas",
    "function",
    "functions",
    "handler",
    "handlers",
    "index",
    "main",
    "lambdafunction",
    "source",
];

type Index = BTreeMap<SmolStr, Vec<PathBuf>>;
/// Modules, and Dockerfiles.
type Indexed = (Index, Vec<PathBuf>);

/// Files of the repository that can hold code.
#[derive(Debug, Clone, Default)]
pub(super) struct Listed {
    pub(super) sources: Vec<PathBuf>,
    pub(super) dockerfiles: Vec<PathBuf>,
}

/// The source files of the repository by the names of their modules, and its Dockerfiles; made when first asked for.
pub(super) struct Sources {
    found: LazyLock<Indexed, Box<dyn FnOnce() -> Indexed + Send>>,
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
}

/// Where it is instead.
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The folder that the module is relative to.
    pub(super) root: PathBuf,
}

impl Sources {
    /// Lists the files when they are needed.
    pub(super) fn new(list: impl FnOnce() -> Listed + Send + 'static) -> Self {
        let make = move || {
            let mut index = Index::new();
            let Listed { sources, dockerfiles } = list();
            for path in sources {
                let stem = path.file_stem().map(|stem| SmolStr::from(stem.to_string_lossy()));
                if let Some(stem) = stem.filter(|_| !is_apart(&path)) {
                    index.entry(stem).or_default().push(path);
                }
            }
            (index, dockerfiles)
        };
        Self { found: LazyLock::new(Box::new(make)) }
    }

    /// The only Dockerfile of the repository.
    pub(super) fn only_dockerfile(&self) -> Option<PathBuf> {
        let mut deployed = self.found.1.iter().filter(|path| !is_apart(path) && !path.iter().any(|part| part == ".devcontainer"));
        let first = deployed.next()?;
        deployed.next().is_none().then(|| first.clone())
    }

    /// The one Dockerfile whose folder has one of these names.
    pub(super) fn dockerfile(&self, names: &[String]) -> Option<PathBuf> {
        let telling = |name: &str| {
            let name = plain(name);
            let ends = ["lambda", "function", "image"];
            let bare = ends.iter().find_map(|end| name.strip_suffix(end).or_else(|| name.strip_prefix(end)));
            bare.filter(|bare| !bare.is_empty()).map_or_else(|| name.clone(), str::to_owned)
        };
        let wanted: Vec<String> = names.iter().map(|name| telling(name)).filter(|name| !is_usual(name)).collect();
        let folder = |path: &PathBuf| {
            // `orders/docker/Dockerfile`, `orders/src/Dockerfile`: the folder around says what it is.
            let folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
            folders.map(telling).find(|name| !is_usual(name) && name != "docker")
        };
        let mut fitting = self.found.1.iter().filter(|path| folder(path).is_some_and(|folder| wanted.contains(&folder)));
        let first = fitting.next()?;
        fitting.next().is_none().then(|| first.clone())
    }

    /// The one file that fits best: its folders are named like the place, and it is near the template. None when two fit equally.
    pub(super) fn find(&self, files: &Files, wanted: &Wanted<'_>) -> Option<Found> {
        let module: Vec<&str> = wanted.module.split(['/', '\\', '.']).filter(|part| !part.is_empty()).collect();
        let (stem, above) = module.split_last()?;
        let place = parts(wanted.place);
        let template = clean(wanted.folder);
        let mut ranked: Vec<((usize, usize), Found)> = Vec::new();
        for path in self.found.0.get(*stem)? {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let Some(root) = path.parent().and_then(|folder| without(folder, above)) else { continue };
            if !wanted.extensions.contains(&extension) || !defines(files, path, wanted.symbol) {
                continue;
            }
            let root = clean(root);
            let alike = alike(&parts(&root.to_string_lossy()), &place);
            let near = root.components().zip(template.components()).take_while(|(a, b)| a == b).count();
            if alike > 0 || (!wanted.is_common && is_near(&root, &template, stem)) {
                ranked.push(((alike, near), Found { path: path.clone(), root }));
            }
        }
        let best = ranked.iter().map(|(rank, _)| *rank).max()?;
        ranked.retain(|(rank, _)| *rank == best);
        let (_, only) = ranked.pop()?;
        ranked.is_empty().then_some(only)
    }
}

/// Whether a path leads to tests or installed packages.
pub(super) fn is_apart(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if NOT_DEPLOYED.iter().any(|folder| name == *folder)))
}

/// How many folders at the end of two paths have the same names. `functions/cost/src` is where the archive `cost` is made from:
/// what every other path ends in is passed over.
fn alike(own: &[String], place: &[String]) -> usize {
    let telling = |parts: &[String]| parts.iter().rev().skip_while(|part| is_usual(part)).cloned().collect::<Vec<_>>();
    telling(own).iter().zip(&telling(place)).take_while(|(a, b)| a == b).count()
}

fn is_usual(part: &str) -> bool {
    USUAL.contains(&part)
}

/// Whether a file that nothing but its name speaks for is near enough: below the template, or beside its folder with a name of its own.
fn is_near(root: &Path, template: &Path, stem: &str) -> bool {
    let beside = || template.parent().is_some_and(|parent| root.starts_with(parent)) && !is_usual(&plain(stem));
    template == Path::new(".") || root.starts_with(template) || beside()
}

/// The folder without the module's own folders at its end.
fn without<'a>(folder: &'a Path, above: &[&str]) -> Option<&'a Path> {
    let mut folder = folder;
    for part in above.iter().rev() {
        folder = folder.file_name().filter(|name| *name == *part).and_then(|_| folder.parent())?;
    }
    Some(folder)
}

/// Whether the name occurs in the file at all; what it stands for is seen when the file is read.
fn defines(files: &Files, path: &Path, symbol: &str) -> bool {
    let name = symbol.rsplit('.').next().unwrap_or(symbol);
    files.read(path).is_ok_and(|file| memchr::memmem::find(file.text.as_bytes(), name.as_bytes()).is_some())
}

/// The folders of a path of any system, such that `ip-retention.zip` and `ip_retention` are one.
fn parts(place: &str) -> Vec<String> {
    let place = place.strip_suffix(".zip").unwrap_or(place);
    let parts = place.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
    parts.map(plain).collect()
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(files: &[&str], module: &str, place: &str, is_common: bool) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let paths: Vec<PathBuf> = files.iter().map(|name| folder.path().join(name)).collect();
        for path in &paths {
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, "def lambda_handler(event, context): pass").expect("a file");
        }
        let template = folder.path().join("deployment");
        let wanted = Wanted { module, symbol: "lambda_handler", extensions: &["py"], place, folder: &template, is_common };
        let base = Files::new(folder.path());
        Sources::new(move || Listed { sources: paths, dockerfiles: Vec::new() })
            .find(&base, &wanted)
            .map(|found| base.display(&found.path))
    }

    #[test]
    fn the_archives_name_decides_between_modules_of_one_name() {
        let files = ["source/timer/src/main.py", "source/ip_retention/main.py"];
        assert_eq!(find(&files, "main", "s3://bucket/v1/timer.zip", true).as_deref(), Some("source/timer/src/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/v1/ip-retention.zip", true).as_deref(), Some("source/ip_retention/main.py"));
        assert_eq!(find(&files, "main", "s3://bucket/v1/other.zip", true), None, "nothing tells them apart");
    }

    #[test]
    fn a_name_that_occurs_once_is_enough_unless_several_functions_share_it() {
        let files = ["source/timer/timer.py", "tests/timer.py", "source/timer/timer.js"];
        assert_eq!(find(&files, "timer", "s3://bucket/code.zip", false).as_deref(), Some("source/timer/timer.py"));
        assert_eq!(find(&files, "timer", "s3://bucket/code.zip", true), None);
    }

    #[test]
    fn folders_of_other_systems_and_of_the_module_count() {
        let files = ["python/lambdas/web/api/app.py", "python/lambdas/error/api/app.py"];
        assert_eq!(find(&files, "api.app", r"C:\work\lambdas\error", true).as_deref(), Some("python/lambdas/error/api/app.py"));
    }
}
