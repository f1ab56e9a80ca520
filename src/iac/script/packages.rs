//! Where imports of configuration scripts lead that are no relative paths: through a `tsconfig.json`, and to packages of the same
//! repository.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use smol_str::SmolStr;

use super::eval::Machine;
use super::module::module_file;
use crate::iac::clean;
use crate::iac::document::{self, Node};

/// How deep packages stand below the root of a workspace.
const DEPTH: usize = 4;
/// How many files are looked at for the packages of one workspace.
const MAX_FILES: usize = 20_000;
/// What the root of a workspace has; a `package.json` has to list packages besides.
const WORKSPACES: [&str; 3] = ["pnpm-workspace.yaml", "lerna.json", "rush.json"];

impl Machine<'_> {
    /// The file of an import that is no relative path.
    pub(super) fn named(&mut self, specifier: &str) -> Option<PathBuf> {
        let through = |pattern: &str, target: &Path| {
            let path = match pattern.split_once('*') {
                Some((before, after)) => {
                    let rest = specifier.strip_prefix(before)?.strip_suffix(after)?;
                    target.to_string_lossy().replace('*', rest)
                }
                None => (pattern == specifier).then(|| target.to_string_lossy().into_owned())?,
            };
            module_file(self.files, &clean(Path::new(&path)))
        };
        let aliased = self.aliases().iter().find_map(|(pattern, target)| through(pattern, target));
        aliased.or_else(|| self.of_package(specifier))
    }

    /// `paths` and `baseUrl` of the `tsconfig.json` nearest to the service, or of the one it extends. What starts the script reads
    /// the file of that name, or the one beside it with the paths only.
    /// <https://www.typescriptlang.org/tsconfig/#baseUrl>
    fn aliases(&self) -> Vec<(String, PathBuf)> {
        const NAMES: [&str; 2] = ["tsconfig.json", "tsconfig.paths.json"];
        let mut found = Vec::new();
        let mut based = None;
        let nearest = self.around().into_iter().find(|folder| NAMES.iter().any(|name| self.files.is_file(&folder.join(name))));
        for config in nearest.iter().flat_map(|folder| NAMES.map(|name| folder.join(name))) {
            let mut config = config;
            for _ in 0..4 {
                let Some(folder) = config.parent().map(Path::to_path_buf) else { break };
                let documents = self.files.read(&config).ok().and_then(|file| document::read(&file).ok());
                let Some(root) = documents.as_ref().and_then(document::Documents::mapping) else { break };
                let base = root.path(&["compilerOptions", "baseUrl"]).and_then(Node::as_str);
                let start = folder.join(base.unwrap_or("."));
                if let (None, Some(_)) = (&based, base) {
                    based = Some(("*".to_owned(), start.join("*")));
                }
                if let Some(paths) = root.path(&["compilerOptions", "paths"]).filter(|_| found.is_empty()) {
                    found.extend(paths.entries().iter().flat_map(|entry| {
                        let targets = entry.value.items().iter().filter_map(Node::as_str);
                        targets.map(|target| (entry.key.to_string(), start.join(target))).collect::<Vec<_>>()
                    }));
                }
                let Some(extends) = root.get("extends").and_then(|node| node.items().last()?.as_str()) else { break };
                config = folder.join(extends);
                if config.extension().is_none() {
                    config.set_extension("json");
                }
            }
        }
        found.into_iter().chain(based).collect()
    }

    /// A package of the workspace that the service is a part of.
    fn of_package(&mut self, specifier: &str) -> Option<PathBuf> {
        let mut slashes = specifier.match_indices('/').map(|(at, _)| at);
        let end = if specifier.starts_with('@') { slashes.nth(1) } else { slashes.next() };
        let (package, inner) = end.map_or((specifier, ""), |at| (&specifier[..at], &specifier[at + 1..]));
        let package = SmolStr::from(package);
        if !self.packages.contains_key(&package) {
            let found = self.workspaces().find_map(|root| self.package_in(&root, &package));
            self.packages.insert(package.clone(), found);
        }
        let folder = self.packages.get(&package)?.clone()?;
        if !inner.is_empty() {
            return module_file(self.files, &folder.join(inner))
                .or_else(|| module_file(self.files, &folder.join("src").join(inner)));
        }
        let main = self.manifest(&folder).and_then(|root| root.get("main").and_then(Node::as_str).map(str::to_owned));
        let main = main.and_then(|main| module_file(self.files, &clean(&folder.join(main))));
        main.or_else(|| module_file(self.files, &folder)).or_else(|| module_file(self.files, &folder.join("src")))
    }

    /// The folders around the service that list packages.
    fn workspaces(&self) -> impl Iterator<Item = PathBuf> {
        let is_root = |folder: &PathBuf| {
            let lists = || self.manifest(folder).is_some_and(|root| root.get("workspaces").is_some());
            WORKSPACES.iter().any(|name| self.files.is_file(&folder.join(name))) || lists()
        };
        self.around().into_iter().filter(is_root).collect::<Vec<_>>().into_iter()
    }

    /// The service's folder and those it is in, up to the one that is analyzed.
    fn around(&self) -> Vec<PathBuf> {
        let base = clean(self.files.base());
        let folder = clean(self.folder);
        let named = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() };
        let within = |folder: &PathBuf| base == Path::new(".") && folder.is_relative() || folder.starts_with(&base);
        folder.ancestors().map(named).filter(within).collect()
    }

    fn package_in(&self, root: &Path, package: &str) -> Option<PathBuf> {
        let walk = WalkBuilder::new(root)
            .max_depth(Some(DEPTH))
            .filter_entry(|entry| entry.file_name() != "node_modules" && entry.file_name() != ".git")
            .build();
        let manifests = walk.filter_map(Result::ok).take(MAX_FILES).filter(|entry| entry.file_name() == "package.json");
        let mut folders = manifests.filter_map(|entry| entry.path().parent().map(Path::to_path_buf));
        folders.find(|folder| self.manifest(folder).is_some_and(|root| root.get("name").and_then(Node::as_str) == Some(package)))
    }

    fn manifest(&self, folder: &Path) -> Option<Node> {
        let file = self.files.read(&folder.join("package.json")).ok()?;
        document::read(&file).ok()?.mapping().cloned()
    }
}
