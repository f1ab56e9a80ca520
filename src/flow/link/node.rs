//! How Node.js and TypeScript find a module: relative files with extension and index resolution, `tsconfig` paths,
//! workspace packages, Lambda layers, installed packages.
//!
//! <https://nodejs.org/api/modules.html#all-together>, <https://www.typescriptlang.org/docs/handbook/modules/theory.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html>.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;
use smol_str::SmolStr;

mod workspace;

use super::lock::{LOCKS, Lock};
use super::{Found, LinkOptions, SourceTree};

/// How far `extends` is followed.
const MAX_EXTENDS: u32 = 5;
/// How many configurations one may extend at once.
const MAX_EXTENDED: usize = 4;
pub(super) const EXTENSIONS: [&str; 9] = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json"];

/// Modules that Amplify makes, one for each function, with nothing but its variables as `env`: to Node.js, part of `process`.
/// <https://docs.amplify.aws/react/build-a-backend/functions/environment-variables-and-secrets/>
const AMPLIFY_ENVIRONMENT: &str = "$amplify/env/";

pub(super) struct NodeResolver<'a> {
    tree: &'a dyn SourceTree,
    options: &'a LinkOptions,
    configs: RefCell<FxHashMap<PathBuf, Option<Rc<PathMap>>>>,
    workspaces: RefCell<FxHashMap<PathBuf, Rc<FxHashMap<String, PathBuf>>>>,
    manifests: RefCell<FxHashMap<PathBuf, Option<Rc<workspace::Listed>>>>,
    locks: RefCell<FxHashMap<PathBuf, Option<Rc<NamedLock>>>>,
}

/// A lock file and what it is called.
type NamedLock = (&'static str, Lock);

/// `compilerOptions.paths` and `baseUrl` of a `tsconfig.json`.
struct PathMap {
    base: PathBuf,
    has_base_url: bool,
    paths: Vec<(String, Vec<String>)>,
}

impl<'a> NodeResolver<'a> {
    pub(super) fn new(tree: &'a dyn SourceTree, options: &'a LinkOptions) -> Self {
        Self {
            tree,
            options,
            configs: RefCell::default(),
            workspaces: RefCell::default(),
            manifests: RefCell::default(),
            locks: RefCell::default(),
        }
    }

    pub(super) fn resolve(&self, importer: &Path, specifier: &SmolStr) -> Found {
        let folder = folder_of(importer);
        if specifier.starts_with("./") || specifier.starts_with("../") || specifier == "." || specifier == ".." {
            let path = normalize(&folder.join(specifier.as_str()));
            return self.file(&path).or_else(|| self.other_case(&path)).map_or(Found::Missing, Found::File);
        }
        if let Some(inner) = specifier.strip_prefix("/opt/nodejs/").or_else(|| specifier.strip_prefix("/opt/")) {
            let found = self.in_layers(inner).map(Found::File);
            return found.or_else(|| self.elsewhere(importer, inner).map(Found::Elsewhere)).unwrap_or(Found::Missing);
        }
        if specifier.starts_with(AMPLIFY_ENVIRONMENT) {
            return Found::External(vec!["process".into()]);
        }
        if let Some(path) = self.mapped(folder, specifier).or_else(|| self.subpath(folder, specifier)) {
            return Found::File(path);
        }
        if let Some(path) = self
            .workspace(folder, specifier, self.other_form(importer, specifier))
            .or_else(|| self.own_package(importer, specifier))
        {
            return Found::File(path);
        }
        self.package(importer, specifier)
    }

    /// A file by its path without or with extension, or what a folder stands for.
    fn file(&self, path: &Path) -> Option<PathBuf> {
        self.plain_file(path).or_else(|| self.folder(path))
    }

    /// A file by its path without or with extension.
    fn plain_file(&self, path: &Path) -> Option<PathBuf> {
        if self.tree.is_file(path) {
            return Some(path.to_path_buf());
        }
        // TypeScript sources import their siblings by the name of the output: `./db.js` is `./db.ts`.
        let swapped = match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") => &["ts", "tsx"][..],
            Some("mjs") => &["mts"][..],
            Some("cjs") => &["cts"][..],
            Some("jsx") => &["tsx"][..],
            _ => &[],
        };
        let as_output = swapped.iter().map(|extension| path.with_extension(extension));
        let appended = EXTENSIONS.iter().map(|extension| {
            let mut name = path.as_os_str().to_os_string();
            name.push(".");
            name.push(extension);
            PathBuf::from(name)
        });
        as_output.chain(appended).find(|candidate| self.tree.is_file(candidate))
    }

    /// The only file whose name differs in case, which is the same one on macOS and Windows.
    fn other_case(&self, path: &Path) -> Option<PathBuf> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let wanted = path.file_name()?.to_str()?;
        let stem = EXTENSIONS.iter().find_map(|end| wanted.strip_suffix(end)?.strip_suffix('.')).unwrap_or(wanted);
        let fits = |name: &&String| {
            let known = EXTENSIONS.iter().find_map(|end| name.strip_suffix(end)?.strip_suffix('.'));
            known.is_some_and(|known| known.eq_ignore_ascii_case(stem))
        };
        let entries = self.tree.entries(folder);
        let mut found = entries.iter().filter(fits);
        let only = found.next()?;
        if found.next().is_some() { None } else { self.file(&normalize(&folder.join(only))) }
    }

    /// The file that a folder stands for: the one its manifest names, or its index.
    fn folder(&self, path: &Path) -> Option<PathBuf> {
        if !self.tree.is_dir(path) {
            return None;
        }
        let package = self.json(&path.join("package.json")).unwrap_or_default();
        let mut mains = mains(&package, "").into_iter().map(|main| normalize(&path.join(main)));
        // As in Node.js, the manifest of a folder that a manifest names is not asked, so that this comes to an end.
        mains.find_map(|main| self.plain_file(&main).or_else(|| self.index_in(&main))).or_else(|| self.index_in(path))
    }

    fn index_in(&self, folder: &Path) -> Option<PathBuf> {
        let indexes =
            ["index", "src/index"].into_iter().flat_map(|stem| EXTENSIONS.iter().map(move |end| format!("{stem}.{end}")));
        indexes.map(|index| folder.join(index)).find(|file| self.tree.is_file(file))
    }

    fn json(&self, path: &Path) -> Option<Json> {
        if !self.tree.is_file(path) {
            return None;
        }
        serde_json::from_str(&without_comments(&self.tree.text(path)?)).ok()
    }

    fn in_layers(&self, inner: &str) -> Option<PathBuf> {
        self.options
            .roots
            .iter()
            .find_map(|root| self.file(&root.join(inner)).or_else(|| self.file(&root.join("nodejs").join(inner))))
    }

    /// `compilerOptions.paths` of the nearest `tsconfig.json` (or `jsconfig.json`).
    fn mapped(&self, folder: &Path, specifier: &str) -> Option<PathBuf> {
        for ancestor in self.options.around(folder) {
            if let Some(config) = self.config(&ancestor) {
                return self.through(&config, specifier);
            }
        }
        None
    }

    /// What a package calls parts of itself: `imports` of the nearest `package.json`, whose keys begin with `#`.
    /// <https://nodejs.org/api/packages.html#subpath-imports>
    fn subpath(&self, folder: &Path, specifier: &str) -> Option<PathBuf> {
        if !specifier.starts_with('#') {
            return None;
        }
        let mut folders = self.options.around(folder);
        let (folder, package) =
            folders.find_map(|folder| self.json(&folder.join("package.json")).map(|package| (folder, package)))?;
        mapped_targets(&package["imports"], specifier, "").into_iter().find_map(|target| match target.strip_prefix("./") {
            Some(inner) => self.file(&normalize(&folder.join(inner))),
            None => self.workspace(&folder, &target, ""),
        })
    }

    fn through(&self, config: &PathMap, specifier: &str) -> Option<PathBuf> {
        for (pattern, targets) in &config.paths {
            let Some(star) = matched(pattern, specifier) else { continue };
            let mut candidates = targets.iter().map(|target| normalize(&config.base.join(target.replacen('*', star, 1))));
            if let Some(found) = candidates.find_map(|path| self.file(&path)) {
                return Some(found);
            }
        }
        if config.has_base_url { self.file(&normalize(&config.base.join(specifier))) } else { None }
    }

    fn config(&self, folder: &Path) -> Option<Rc<PathMap>> {
        if let Some(known) = self.configs.borrow().get(folder) {
            return known.clone();
        }
        let read =
            ["tsconfig.json", "jsconfig.json"].iter().find_map(|name| self.read_config(&folder.join(name), 0)).map(Rc::new);
        self.configs.borrow_mut().insert(folder.to_path_buf(), read.clone());
        read
    }

    fn read_config(&self, path: &Path, depth: u32) -> Option<PathMap> {
        let json = self.json(path)?;
        let folder = path.parent()?;
        let options = &json["compilerOptions"];
        let base_url = options["baseUrl"].as_str();
        let base = normalize(&folder.join(base_url.unwrap_or(".")));
        let paths: Vec<_> = options["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(pattern, targets)| {
                let targets = targets.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect();
                (pattern.clone(), targets)
            })
            .collect();
        if paths.is_empty() && base_url.is_none() && depth < MAX_EXTENDS {
            // Of several, the last one counts most.
            let written = json["extends"].as_array().map_or(std::slice::from_ref(&json["extends"]), Vec::as_slice);
            let parents = written.iter().rev().take(MAX_EXTENDED).filter_map(Json::as_str);
            let parents = parents.filter_map(|parent| extended(folder, parent, |path| self.tree.is_file(path)));
            let mut read = parents.filter_map(|parent| self.read_config(&parent, depth + 1));
            if let Some(known) = read.find(|known| known.has_base_url || !known.paths.is_empty()) {
                return Some(known);
            }
        }
        Some(PathMap { base, has_base_url: base_url.is_some(), paths })
    }

    /// Whether something tells where a package that is not here comes from: Node.js, the runtime, a `package.json` around, or that
    /// everyone knows it. Otherwise a layer may bring it, or a bundler knows it by another name.
    fn explains(&self, importer: &Path, specifier: &str) -> bool {
        let (package, _) = split_specifier(specifier);
        let comes_with_node = specifier.starts_with("node:") || is_built_in(package);
        if comes_with_node || specifier.contains(':') || is_sdk(package) || package.starts_with("@types/") || is_common(package) {
            return true;
        }
        let mut folders = self.options.around(folder_of(importer));
        let typed = format!("@types/{package}");
        let known = |name: &str| crate::sdk::knows_package(crate::sdk::Ecosystem::Npm, name);
        let lists = |list: &workspace::Listed| list.published.contains(package) || list.published.contains(&typed);
        let is_listed = |folder: &Path| self.dependencies(folder).is_some_and(|list| lists(&list));
        // What stands in this repository has its code here, also where a list names it.
        let mut from_outside = || folders.any(|folder| is_listed(&folder)) || self.in_layer_lists(&is_listed);
        known(specifier) || known(package) || !self.is_own_package(importer, specifier) && from_outside()
    }

    /// Whether the manifest of a layer names a package: of one that the function has, with what it is built from, or of any
    /// folder `nodejs`, which is how layers are laid out, where no template says which layers there are.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-layers.html>
    fn in_layer_lists(&self, is_listed: &dyn Fn(&Path) -> bool) -> bool {
        let has_manifest = |folder: &PathBuf| self.tree.is_file(&folder.join("package.json"));
        let mut own = self.options.roots.iter().flat_map(|root| {
            let inner = [root.join("nodejs")].into_iter().filter(has_manifest);
            inner.chain(self.options.around(root).find(has_manifest))
        });
        if own.any(|folder| is_listed(&folder)) {
            return true;
        }
        if self.options.boundary.as_os_str().is_empty() {
            return false;
        }
        let manifests = self.tree.folders_with_node(&self.options.boundary, "package.json");
        manifests.iter().any(|folder| folder.ends_with("nodejs") && is_listed(folder))
    }

    /// A module of which nothing tells where it comes from, but that stands somewhere else in the repository, as what a layer
    /// brings does when no template says where that comes from.
    fn elsewhere(&self, importer: &Path, specifier: &str) -> Option<PathBuf> {
        let first = specifier.split('/').next()?;
        let stem = EXTENSIONS.iter().find_map(|end| first.strip_suffix(end)?.strip_suffix('.')).unwrap_or(first);
        if self.options.boundary.as_os_str().is_empty() {
            return None;
        }
        let below = |boundary: &Path| -> Vec<(PathBuf, PathBuf)> {
            let folders = self.tree.folders_with_node(boundary, stem).into_iter();
            folders.filter_map(|folder| self.file(&folder.join(specifier)).map(|file| (folder, file))).collect()
        };
        self.options.only_nearest(importer, &below)
    }

    /// What the nearest lock file says when a package, of which nothing else is known, depends on AWS's SDK.
    pub(super) fn depends_on_sdk(&self, importer: &Path, specifier: &str) -> Option<String> {
        let (package, _) = split_specifier(specifier);
        let known = |name: &str| crate::sdk::knows_package(crate::sdk::Ecosystem::Npm, name);
        if is_sdk(package) || is_common(package) || known(package) || known(specifier) {
            return None;
        }
        let mut folders = self.options.around(folder_of(importer));
        let lock = folders.find_map(|folder| self.lock(&folder))?;
        let (file, lock) = &*lock;
        lock.sdk_of(package).map(|sdk| format!("{file}: it depends on {sdk}"))
    }

    fn lock(&self, folder: &Path) -> Option<Rc<NamedLock>> {
        if let Some(known) = self.locks.borrow().get(folder) {
            return known.clone();
        }
        let file = LOCKS.into_iter().find(|name| self.tree.is_file(&folder.join(name)));
        let read = file.and_then(|name| Some(Rc::new((name, Lock::read(name, &self.tree.text(&folder.join(name))?)))));
        self.locks.borrow_mut().insert(folder.to_path_buf(), read.clone());
        read
    }

    /// An installed package, a module on Node's path, else a library that is not there.
    fn package(&self, importer: &Path, specifier: &str) -> Found {
        let (package, inner) = split_specifier(specifier);
        let path: Vec<SmolStr> = vec![specifier.strip_prefix("node:").unwrap_or(specifier).into()];
        if is_sdk(package) {
            return Found::External(path);
        }
        let folders = self.options.around(folder_of(importer));
        let layers = self.options.roots.iter().cloned();
        let bases = folders.chain(layers.clone()).map(|root| root.join("node_modules"));
        let installed = bases.chain(layers.filter(|root| root.ends_with("node_modules")));
        let installed = installed.map(|base| base.join(package)).find(|path| self.tree.is_dir(path));
        if let Some(found) = installed {
            if !self.options.follow_packages && self.is_published(&found) {
                return Found::External(path);
            }
            let file = if inner.is_empty() { self.folder(&found) } else { self.file(&found.join(inner)) };
            return file.map_or(Found::External(path), Found::File);
        }
        if self.explains(importer, specifier) {
            return Found::External(path);
        }
        // The runtime puts the code root and the layers on NODE_PATH.
        // <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
        let on_path = self.options.roots.iter().find_map(|root| self.file(&root.join(specifier)));
        let found = on_path.map(Found::File).or_else(|| self.elsewhere(importer, specifier).map(Found::Elsewhere));
        let missing = || if self.is_own_package(importer, specifier) { Found::Missing } else { Found::Nowhere(path) };
        found.unwrap_or_else(missing)
    }

    /// Whether a folder of `node_modules` is something that npm installed. What somebody wrote there has no manifest, or one that
    /// npm would refuse. <https://docs.npmjs.com/cli/v10/configuring-npm/package-json>
    fn is_published(&self, folder: &Path) -> bool {
        let manifest = self.json(&folder.join("package.json"));
        manifest.is_some_and(|json| json["name"].is_string() && json["version"].is_string() && json["private"] != true)
    }
}

/// Packages, or all of a scope, that many programs use and that ask nothing of AWS beside what descriptions of libraries say.
pub(super) fn is_common(package: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> =
        LazyLock::new(|| include_str!("../../../grammars/node/common-packages.txt").split_whitespace().collect());
    let scope = package.split_once('/').map(|(scope, _)| format!("{scope}/*"));
    NAMES.contains(package) || scope.is_some_and(|scope| NAMES.contains(scope.as_str()))
}

/// Whether a module comes with Node.js.
pub(super) fn is_built_in(package: &str) -> bool {
    package.starts_with("node:") || BUILT_IN.binary_search(&package).is_ok()
}

/// The modules that come with Node.js, in the order of their bytes. <https://nodejs.org/api/module.html#modulebuiltinmodules>
const BUILT_IN: [&str; 37] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "domain",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "inspector",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "vm",
    "worker_threads",
    "zlib",
];

/// Whether a package is part of the AWS SDKs, which the runtime brings.
pub(super) fn is_sdk(package: &str) -> bool {
    crate::sdk::packages::is_js(package)
}

/// `@scope/name/inner/path` → (`@scope/name`, `inner/path`).
pub(crate) fn split_specifier(specifier: &str) -> (&str, &str) {
    let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    end.map_or((specifier, ""), |at| (&specifier[..at], &specifier[at + 1..]))
}

/// What the `*` of a `paths` pattern stands for in a specifier.
fn matched<'s>(pattern: &str, specifier: &'s str) -> Option<&'s str> {
    match pattern.split_once('*') {
        None => (pattern == specifier).then_some(""),
        Some((before, after)) => specifier.strip_prefix(before)?.strip_suffix(after),
    }
}

/// Conditions that Node.js does not set, nor a bundler that writes for it.
const ELSEWHERE: [&str; 7] = ["types", "browser", "deno", "electron", "react-native", "worker", "workerd"];

/// The targets of a name that a `package.json` maps, whatever their conditions; those of the other form of import come last.
/// <https://nodejs.org/api/packages.html#conditional-exports>
fn targets<'j>(value: &'j Json, other_form: &str) -> Vec<&'j str> {
    match value {
        Json::String(target) => vec![target],
        Json::Array(each) => each.iter().flat_map(|target| targets(target, other_form)).collect(),
        Json::Object(conditions) => {
            let set = conditions.iter().filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()));
            let mut set: Vec<_> = set.collect();
            // What always holds is only asked for where nothing else does.
            set.sort_by_key(|(name, _)| (*name == other_form, *name == "default"));
            set.into_iter().flat_map(|(_, target)| targets(target, other_form)).collect()
        }
        _ => Vec::new(),
    }
}

/// The targets of a name in `imports` or `exports` of a `package.json`, whose keys may have a star.
/// <https://nodejs.org/api/packages.html#subpath-patterns>
fn mapped_targets(map: &Json, name: &str, other_form: &str) -> Vec<String> {
    let fitting = map.as_object().into_iter().flatten();
    let fitting = fitting.filter_map(|(key, target)| Some((key, target, matched(key, name)?)));
    // The exact name goes first, then the pattern that says most before its star.
    let weight = |key: &str| key.find('*').unwrap_or(usize::MAX);
    let best = fitting.max_by_key(|(key, ..)| (weight(key), key.len()));
    best.map_or_else(Vec::new, |(_, target, star)| {
        targets(target, other_form).into_iter().map(|target| target.replace('*', star)).collect()
    })
}

/// The files that a package may be, what is preferred first.
fn mains<'j>(package: &'j Json, other_form: &str) -> Vec<&'j str> {
    let exports = &package["exports"];
    // An object may map the names of parts, of which `.` is the package itself, or give conditions at once.
    let has_parts = exports.as_object().is_some_and(|parts| parts.keys().any(|name| name.starts_with('.')));
    let own = if has_parts { &exports["."] } else { exports };
    targets(own, other_form).into_iter().chain(package["main"].as_str()).collect()
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

/// Removes `.` and `..` without asking the file system.
pub(super) fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// The configuration that another one in a folder extends: a file, whose extension may be left out.
/// <https://www.typescriptlang.org/tsconfig/#extends>
pub fn extended(folder: &Path, written: &str, is_file: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    if !written.starts_with('.') {
        return None;
    }
    let path = normalize(&folder.join(written));
    if written.ends_with(".json") || is_file(&path) {
        return Some(path);
    }
    let mut name = path.into_os_string();
    name.push(".json");
    Some(name.into())
}

/// `tsconfig.json` allows comments and trailing commas; JSON does not.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_string = false;
    while let Some(char) = chars.next() {
        match char {
            '\\' if in_string => {
                out.push(char);
                out.extend(chars.next());
            }
            '"' => {
                in_string = !in_string;
                out.push(char);
            }
            '/' if !in_string && chars.peek() == Some(&'/') => {
                for skipped in chars.by_ref() {
                    if skipped == '\n' {
                        out.push('\n');
                        break;
                    }
                }
            }
            '/' if !in_string && chars.peek() == Some(&'*') => {
                let mut last = ' ';
                chars.next();
                for skipped in chars.by_ref() {
                    if last == '*' && skipped == '/' {
                        break;
                    }
                    last = skipped;
                }
            }
            '}' | ']' if !in_string => {
                let end = out.trim_end().len();
                if out[..end].ends_with(',') {
                    out.truncate(end - 1);
                }
                out.push(char);
            }
            _ => out.push(char),
        }
    }
    out
}
