//! Modules whose names are put together while the program runs: `require(`./jobs/${kind}`)`,
//! `import_module(f"jobs.{kind}")`.
//!
//! What a program consists of is settled before it is interpreted. A file that imports by a computed name therefore brings
//! along the files of each folder that one of its texts names; which of them are meant shows when the name is known. Files
//! that are not imported in the end do not run.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::mentioned::{Around, below, texts};
use super::node::{EXTENSIONS, normalize};
use super::{LinkOptions, Linked, Program, SourceTree, has_extension};
use crate::ids::ModuleId;
use crate::ir::{Argument, Element, Expr, ImportRequest, Literal, Module, Pattern, Stmt};
use crate::sdk::Ecosystem;
use crate::value::{Piece, Text};

/// Most files that one file brings along this way.
const MAX_CANDIDATES: usize = 200;

/// The files that the computed imports of a module may mean.
pub(super) fn candidates(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, module: &Module) -> Vec<PathBuf> {
    let has = |is_it: &dyn Fn(&Expr, &Exprs) -> bool| {
        module.functions.iter().any(|function| function.body.exprs.iter().any(|expr| is_it(expr, &function.body.exprs)))
    };
    let mut found = if has(&is_start) { started(tree, importer, module) } else { Vec::new() };
    if has(&is_load) {
        loaded(tree, options, importer, module, &mut found);
    }
    if !has(&is_computed_import) {
        return found;
    }
    let packages = if has(&is_listing) { listable(importer, module) } else { Vec::new() };
    let goes_deep = has_extension(importer, "py") && has(&is_walk);
    for folder in texts(module).cloned().chain(packages).flat_map(|text| folders(tree, options, importer, &text)) {
        if found.len() >= MAX_CANDIDATES {
            return found;
        }
        if tree.is_dir(&folder) && !is_installed(&folder) {
            sources_in(tree, &folder, &mut found);
            if goes_deep {
                let inner = tree.sources_below(&folder, &["py"]);
                found.extend(
                    inner.into_iter().filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_source)),
                );
            }
        }
    }
    found.truncate(MAX_CANDIDATES);
    found
}

/// The expressions of a function.
type Exprs = crate::ids::IndexVec<crate::ids::ExprId, Expr>;

/// The name of what an expression calls, whatever it is a member of, and how it is called.
pub(super) fn called<'m>(expr: &'m Expr, exprs: &'m Exprs) -> Option<(&'m str, &'m [Argument])> {
    let Expr::Call { callee, args, .. } = expr else { return None };
    let (Expr::Name(name) | Expr::Member { name, .. }) = &exprs[*callee] else { return None };
    Some((name.as_str(), args))
}

/// Whether an expression imports something whose name is not simply written there.
fn is_computed_import(expr: &Expr, exprs: &Exprs) -> bool {
    let Some((name, args)) = called(expr, exprs) else { return false };
    // Names that are written out have become imports already, unless they are relative to a package that is not.
    matches!(name, "require" | "import" | "import_module" | "__import__" | "run_module") && !args.is_empty()
}

/// Whether an expression lists the modules of a package.
fn is_listing(expr: &Expr, exprs: &Exprs) -> bool {
    let Some((name, _)) = called(expr, exprs) else { return false };
    matches!(name, "iter_modules" | "walk_packages")
}

/// Whether an expression goes through a folder and all in it.
fn is_walk(expr: &Expr, exprs: &Exprs) -> bool {
    let Some((name, _)) = called(expr, exprs) else { return false };
    matches!(name, "walk" | "rglob" | "walk_packages")
}

/// The packages whose modules a file may list: those that it imports, and the one that it is.
fn listable(importer: &Path, module: &Module) -> Vec<SmolStr> {
    let imported = module.imports.iter().filter_map(|import| match &import.request {
        ImportRequest::Dotted { level, segments } => {
            Some(SmolStr::from(format!("{}{}", ".".repeat(*level as usize), segments.join("."))))
        }
        ImportRequest::Specifier(_) => None,
    });
    let is_package = importer.file_name().is_some_and(|name| name == "__init__.py");
    imported.chain(is_package.then(|| SmolStr::new_static("."))).collect()
}

/// Whether an expression loads a file of Python by its path, or is what runs one as a program of its own.
fn is_load(expr: &Expr, exprs: &Exprs) -> bool {
    match expr {
        Expr::Literal(Literal::Text(text)) => is_python(text.split_whitespace().next().unwrap_or_default()),
        Expr::Member { name, .. } => name == "executable",
        _ => {
            let Some((name, args)) = called(expr, exprs) else { return false };
            matches!(name, "spec_from_file_location" | "run_path" | "load_source" | "SourceFileLoader") && !args.is_empty()
        }
    }
}

/// Whether a word of a command line is Python itself: `python3`, `/var/lang/bin/python3.12`.
pub(in crate::flow) fn is_python(word: &str) -> bool {
    let version = word.rsplit('/').next().unwrap_or_default().strip_prefix("python");
    version.is_some_and(|version| version.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// Whether an expression starts a module beside the program: `new Worker(path)`, `fork(path)`.
fn is_start(expr: &Expr, exprs: &Exprs) -> bool {
    let Some((name, args)) = called(expr, exprs) else { return false };
    matches!(name, "Worker" | "fork") && !args.is_empty()
}

/// The files beside a module that its texts name with their ending.
fn started(tree: &dyn SourceTree, importer: &Path, module: &Module) -> Vec<PathBuf> {
    let own = importer.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for text in texts(module) {
        let is_file = |name: &str| name.rsplit_once('.').is_some_and(|(_, end)| end != "json" && EXTENSIONS.contains(&end));
        if !is_file(text) || text.contains(char::is_whitespace) {
            continue;
        }
        let path = normalize(&own.join(text.trim_start_matches('/')));
        let compiled = EXTENSIONS.iter().filter(|end| **end != "json").map(|end| path.with_extension(end));
        found.extend(std::iter::once(path.clone()).chain(compiled).find(|path| tree.is_file(path)));
        if found.len() >= MAX_CANDIDATES {
            break;
        }
    }
    found
}

/// The files of Python that a module's texts name with their ending, in the folders that they name and around.
fn loaded(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, module: &Module, found: &mut Vec<PathBuf>) {
    // A line for a shell is several texts.
    let lines = texts(module).filter(|text| !text.contains(char::is_whitespace) || text.starts_with("python"));
    let words: Vec<&str> = lines.flat_map(|line| line.split_whitespace()).map(below).collect();
    let is_file = |text: &str| text.ends_with(".py");
    let around = Around::new(tree, options, importer, words.iter().copied().filter(|text| !is_file(text)));
    let modules = words.iter().filter(|text| is_dotted(text)).map(|text| format!("{}.py", text.replace('.', "/")));
    let named = words.iter().filter(|text| is_file(text)).map(|text| (*text).to_owned());
    for name in named.chain(modules) {
        found.extend(around.files(&name));
        if found.len() >= MAX_CANDIDATES {
            break;
        }
    }
    found.truncate(MAX_CANDIDATES);
}

/// Whether a text has the form of the name of a module in a package: `jobs.cleanup`.
fn is_dotted(text: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    !text.ends_with(".py") && text.contains('.') && text.split('.').all(is_name)
}

/// The submodules that the `__all__` of a package names, which `from package import *` imports.
///
/// <https://docs.python.org/3/tutorial/modules.html#importing-from-a-package>
pub(super) fn listed(tree: &dyn SourceTree, package: &Path, module: &Module) -> Vec<PathBuf> {
    if package.file_name().is_none_or(|name| name != "__init__.py") {
        return Vec::new();
    }
    let body = &module.top().body;
    let lists = body.stmts.iter().filter_map(|stmt| match stmt {
        Stmt::Bind { pattern: Pattern::Name(name), value, .. } | Stmt::Update { target: Pattern::Name(name), value, .. } => {
            (name == "__all__").then_some(&body.exprs[*value])
        }
        _ => None,
    });
    let mut found = Vec::new();
    for list in lists {
        let Expr::Sequence { items, .. } = list else { continue };
        for item in items {
            let Element::Item(item) = item else { continue };
            let Expr::Literal(Literal::Text(name)) = &body.exprs[*item] else { continue };
            let files = [package.with_file_name(format!("{name}.py")), package.with_file_name(name).join("__init__.py")];
            found.extend(files.into_iter().find(|file| tree.is_file(file)));
        }
    }
    found
}

/// The folders that a text of the program names, if it is the beginning of a module's name.
fn folders(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, text: &str) -> Vec<PathBuf> {
    let own = importer.parent().unwrap_or(Path::new(""));
    if !has_extension(importer, "py") {
        let Some((folder, _)) = text.rsplit_once('/').filter(|_| text.starts_with("./") || text.starts_with("../")) else {
            return Vec::new();
        };
        return vec![normalize(&own.join(folder))];
    }
    let level = text.bytes().take_while(|byte| *byte == b'.').count();
    let segments: Vec<&str> = text[level..].split('.').filter(|segment| !segment.is_empty()).collect();
    let is_name = |segment: &&str| segment.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    if !segments.iter().all(is_name) || (segments.is_empty() && level == 0) {
        return Vec::new();
    }
    let bases: Vec<PathBuf> = if level > 0 {
        own.ancestors().nth(level - 1).map(Path::to_path_buf).into_iter().collect()
    } else {
        options.roots.iter().cloned().chain([own.to_path_buf()]).collect()
    };
    // `"jobs."` is the beginning of a name in that folder, `"jobs.orders"` may be a module in it.
    let inner = segments.len().saturating_sub(1);
    let mut found = Vec::new();
    for base in bases {
        found.push(base.join(segments.iter().collect::<PathBuf>()));
        if inner > 0 || (level > 0 && !segments.is_empty()) {
            found.push(base.join(segments[..inner].iter().collect::<PathBuf>()));
        }
    }
    // A name with a package in it is looked for around the module as well, as those that are written out are.
    let has_package = level == 0 && (inner > 0 || text.ends_with('.'));
    if let Some(first) = segments.first().filter(|_| has_package && !found.iter().any(|folder| tree.is_dir(folder))) {
        let around = super::python::around(options, importer, first);
        let whole: PathBuf = segments.iter().collect();
        let package = if inner > 0 { whole.parent() } else { Some(whole.as_path()) };
        let base = package.and_then(|package| around.into_iter().find(|base| tree.is_dir(&base.join(package))));
        found.extend(base.zip(package).into_iter().flat_map(|(base, package)| [base.join(&whole), base.join(package)]));
    }
    found
}

fn is_installed(folder: &Path) -> bool {
    folder.iter().any(|part| part == "node_modules" || part == "site-packages" || part == "dist-packages")
}

/// The modules in a folder, and the packages in it that have an index.
fn sources_in(tree: &dyn SourceTree, folder: &Path, found: &mut Vec<PathBuf>) {
    for name in tree.entries(folder).iter() {
        let path = folder.join(name);
        if tree.is_dir(&path) {
            let indexes = EXTENSIONS.iter().map(|extension| format!("index.{extension}")).chain(["__init__.py".into()]);
            found.extend(indexes.map(|index| path.join(index)).find(|index| tree.is_file(index)));
        } else if is_source(name) {
            found.push(path);
        }
    }
}

/// Whether a file is code that runs; declarations and tests are not.
fn is_source(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let is_code = extension == "py" || (extension != "json" && EXTENSIONS.contains(&extension));
    is_code && ![".d", ".test", ".spec"].iter().any(|end| stem.ends_with(end))
}

impl Program {
    /// The modules whose path ends in what is written: the one it leads to from another module's folder, else any.
    pub fn ending_in(&self, importer: ModuleId, end: &str) -> Vec<ModuleId> {
        let own = self.modules[importer].path.parent().unwrap_or(Path::new(""));
        let path = normalize(&own.join(end.trim_start_matches('/')));
        if let Some(found) = self.at_path(&path) {
            return vec![found];
        }
        let end = normalize(Path::new(end.trim_start_matches(['/', '.'])));
        let ends = |linked: &Linked| !end.as_os_str().is_empty() && linked.path.ends_with(&end);
        self.modules.iter_enumerated().filter(|(_, linked)| ends(linked)).map(|(id, _)| id).collect()
    }

    /// The modules that a computed name may mean, seen from one of the program's own: those whose name is the text, with
    /// anything in place of its holes. A name of which nothing is known means none.
    pub fn computed(&self, importer: ModuleId, name: &Text) -> Vec<ModuleId> {
        let importer = &self.modules[importer];
        let Some(Piece::Literal(first)) = name.pieces().first() else { return Vec::new() };
        let own = importer.path.parent().unwrap_or(Path::new(""));
        let is_python = importer.ecosystem() == Ecosystem::Python;
        if !is_python && !first.starts_with(['.', '/']) {
            return Vec::new();
        }
        let (base, relative) = if is_python {
            let level = first.bytes().take_while(|byte| *byte == b'.').count();
            let base = own.ancestors().nth(level.saturating_sub(1)).unwrap_or(own).to_path_buf();
            (base, name_without(name, level, |literal| literal.replace('.', "/")))
        } else {
            let folder = first.rsplit_once('/').map_or("", |(folder, _)| folder);
            let inner = if folder.is_empty() { 0 } else { folder.len() + 1 };
            (normalize(&own.join(folder)), name_without(name, inner, str::to_owned))
        };
        let may_be_absolute = is_python && !first.starts_with('.');
        // Packages are found from the folders around, too.
        let around = own.ancestors().skip(1).filter(|_| may_be_absolute && first.contains('.'));
        let fits = |linked: &Linked| {
            let from = |base: &Path| {
                let inner = linked.path.strip_prefix(base).ok().filter(|_| linked.ecosystem() == importer.ecosystem());
                inner.is_some_and(|inner| names(inner, is_python).iter().any(|called| relative.may_be(called)))
            };
            from(&base) || (may_be_absolute && name.may_be(&linked.name)) || around.clone().any(from)
        };
        self.modules.iter_enumerated().filter(|(_, linked)| fits(linked)).map(|(id, _)| id).collect()
    }
}

/// A name without the first bytes of it, which are known, its known parts as files are called.
fn name_without(name: &Text, bytes: usize, as_path: impl Fn(&str) -> String) -> Text {
    Text::from_pieces(name.pieces().iter().enumerate().map(|(index, piece)| match piece {
        Piece::Literal(literal) => Piece::Literal(as_path(&literal[if index == 0 { bytes } else { 0 }..]).into()),
        Piece::Hole(_) => piece.clone(),
    }))
}

/// What a file can be called in an import: with its extension or without, as what it is compiled to, by its folder.
fn names(path: &Path, is_python: bool) -> Vec<SmolStr> {
    let text = |path: &Path| SmolStr::from(path.to_string_lossy().replace('\\', "/"));
    let bare = path.with_extension("");
    let mut names = vec![text(&bare)];
    if !is_python {
        names.push(text(path));
        names.extend(["js", "mjs", "cjs"].iter().map(|extension| text(&path.with_extension(extension))));
    }
    if bare.file_name().is_some_and(|name| name == "index" || name == "__init__") {
        names.extend(bare.parent().map(text));
    }
    names
}
