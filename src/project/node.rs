//! Finding the file behind a Node.js handler, when the repository holds its source and not the built file.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::{package, tsconfig};
use crate::iac::{Files, clean};

/// Extensions in the order in which a module is looked for.
const EXTENSIONS: [&str; 8] = ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"];
/// How many folders on a path say that it is no other one's.
const MANY_FOLDERS: usize = 3;
/// Folders that builds write to.
pub(super) const BUILT: [&str; 8] = ["dist", "build", "lib", "out", "built", "bundle", ".build", "target"];

/// The file of a module: itself, with an extension, or its index.
pub(super) fn module_file(files: &Files, module: &Path) -> Option<PathBuf> {
    let is_source = module.extension().and_then(OsStr::to_str).is_some_and(|extension| EXTENSIONS.contains(&extension));
    if is_source && files.is_file(module) {
        return Some(module.to_path_buf());
    }
    let with = |extension: &&str| {
        let mut name = module.as_os_str().to_owned();
        name.push(".");
        name.push(extension);
        PathBuf::from(name)
    };
    let direct = EXTENSIONS.iter().map(with).find(|path| files.is_file(path));
    direct
        .or_else(|| EXTENSIONS.iter().map(|extension| module.join(format!("index.{extension}"))).find(|path| files.is_file(path)))
}

/// The source that a built module comes from, and what was tried.
///
/// In this order: the entry points of the build, those that the package's scripts name, the compiler's own configuration, the
/// same path without the build folder or with `src` in its place, the same name in the folders the build usually starts from, and
/// the path without the build folder and the one in it.
/// A file that does not even contain the handler's name is not it.
pub(super) fn source(files: &Files, root: &Path, module: &str, symbol: &str, entries: &[PathBuf]) -> Option<PathBuf> {
    let wanted = Path::new(module).file_name()?;
    let named = |path: &&PathBuf| path.file_stem().is_some_and(|stem| stem == wanted);
    let entry = entries.iter().find(named).or_else(|| entries.first().filter(|_| entries.len() == 1));
    let of_entry = |entry: &PathBuf| module_file(files, entry).or_else(|| module_file(files, &entry.with_extension("")));
    if let Some(found) = entry.and_then(of_entry) {
        return Some(found);
    }
    // An entry point may itself be what an earlier build writes.
    let built = entry.map_or_else(|| clean(&root.join(module)), |entry| entry.with_extension(""));
    let bundled = package::bundled(files, root);
    let made = bundled.iter().find(|one| one.makes(&built)).map(|one| &one.source);
    let same = || bundled.iter().map(|one| &one.source).find(|path| named(path));
    // Beside what a compiler makes, a script may bundle a module or two.
    let only = || bundled.first().filter(|one| bundled.len() == 1 && one.may_make(&built)).map(|one| &one.source);
    let bundled = made.or_else(same).or_else(only);
    let configured = tsconfig::sources(files, &built);
    let twins = twins(&built, files.base());
    let nearby = nearby(root, wanted);
    let apart = apart(&built, files.base());
    let mut found = bundled
        .into_iter()
        .chain(&configured)
        .chain(&twins)
        .chain(&nearby)
        .chain(&apart)
        .filter_map(|path| module_file(files, path));
    found.find(|path| may_define(files, path, symbol))
}

/// Whether a file can define a name: it contains it, or leads on to other files.
pub(super) fn may_define(files: &Files, path: &Path, symbol: &str) -> bool {
    let name = symbol.rsplit('.').next().unwrap_or(symbol);
    let is_python = path.extension().is_some_and(|extension| extension == "py");
    let words: &[&str] = if is_python { &["import *"] } else { &["export *", "__exportStar"] };
    let leads_on = |text: &str| words.iter().any(|words| text.contains(words));
    files.read(path).is_ok_and(|file| file.text.contains(name) || leads_on(&file.text))
}

/// The path with each build folder in it (below the base) left out or replaced.
fn twins(built: &Path, base: &Path) -> Vec<PathBuf> {
    let parts: Vec<Component<'_>> = built.components().collect();
    let first = clean(base).components().filter(|part| !matches!(part, Component::CurDir)).count();
    let mut found = Vec::new();
    for (index, part) in parts.iter().enumerate().skip(first) {
        let is_built = matches!(part, Component::Normal(name) if BUILT.iter().any(|built| name == built));
        if !is_built {
            continue;
        }
        let before: PathBuf = parts[..index].iter().collect();
        let behind: PathBuf = parts[index + 1..].iter().collect();
        found.extend([before.join("src").join(&behind), before.join(&behind)]);
        // `dist/orders/index` is often `src/orders.ts`, and `dist/index` is `src/orders/index.ts` at times; only the former is certain.
        if let Some(folder) = behind.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            found.extend([before.join("src").join(folder), before.join(folder)]);
            // What each application of a repository is built to: `dist/apps/orders/main` is `apps/orders/src/main.ts`.
            found.extend(behind.file_name().map(|name| before.join(folder).join("src").join(name)));
        }
    }
    found
}

/// The same without the folder below the build's, as where each application is built to one of its own: `dist/shop/apps/shop/src/main`.
/// A path of a few folders may as well be another application's.
fn apart(built: &Path, base: &Path) -> Vec<PathBuf> {
    let parts: Vec<Component<'_>> = built.components().collect();
    let first = clean(base).components().filter(|part| !matches!(part, Component::CurDir)).count();
    let is_built = |part: &Component<'_>| matches!(part, Component::Normal(name) if BUILT.iter().any(|built| name == built));
    let places =
        parts.iter().enumerate().skip(first).filter(|(index, part)| is_built(part) && parts.len() - index > MANY_FOLDERS + 2);
    places.map(|(index, _)| parts[..index].iter().chain(&parts[index + 2..]).collect()).collect()
}

/// The folders below the code root that builds usually start from.
fn nearby(root: &Path, wanted: &OsStr) -> Vec<PathBuf> {
    ["src", "lib", "lambda"].iter().map(|folder| root.join(folder).join(wanted)).collect()
}
