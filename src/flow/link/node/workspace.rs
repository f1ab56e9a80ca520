//! Packages of the same repository: where manifests and the tools of workspaces say that they are.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value as Json;

use super::{NodeResolver, folder_of, mains, mapped_targets, normalize, split_specifier};

/// How the places of packages that are no versions begin; those behind `LOCAL[0]` are paths.
/// <https://docs.npmjs.com/cli/v10/configuring-npm/package-json#local-paths>, <https://pnpm.io/workspaces#workspace-protocol-workspace>
const LOCAL: [&str; 4] = ["workspace:", "file:", "link:", "portal:"];

/// The packages that a manifest asks for.
#[derive(Default)]
pub(super) struct Listed {
    /// Those that come from a registry, and the package itself.
    pub(super) published: FxHashSet<String>,
    /// Those that stand in the same repository.
    own: FxHashSet<String>,
}

impl NodeResolver<'_> {
    /// A package of the same repository: the folder whose `package.json` has that name.
    pub(super) fn workspace(&self, folder: &Path, specifier: &str, other_form: &str) -> Option<PathBuf> {
        let (package, _) = split_specifier(specifier);
        let mut folders = self.options.around(folder);
        let found = folders.find_map(|ancestor| self.workspaces_of(&ancestor).get(package).cloned())?;
        self.within(&found, specifier, other_form)
    }

    /// The condition of the form of import by which a file does not ask for a package.
    pub(super) fn other_form(&self, importer: &Path, specifier: &str) -> &'static str {
        let text = self.tree.text(importer).unwrap_or_default();
        let requires = |quote: &str| text.contains(&format!("require({quote}{specifier}{quote}"));
        if ["'", "\""].into_iter().any(requires) { "import" } else { "require" }
    }

    /// The file of a package that an import names: what the package says it stands for, then what is called that.
    fn within(&self, package: &Path, specifier: &str, other_form: &str) -> Option<PathBuf> {
        let (_, inner) = split_specifier(specifier);
        let manifest = self.json(&package.join("package.json")).unwrap_or_default();
        if inner.is_empty() {
            let typed = manifest["types"].as_str().map(|types| types.replace(".d.ts", ".js"));
            let mut entries = mains(&manifest, other_form).into_iter().map(str::to_owned).chain(typed);
            return entries.find_map(|entry| self.made(package, &entry)).or_else(|| self.folder(package));
        }
        let exported = mapped_targets(&manifest["exports"], &format!("./{inner}"), other_form);
        let named = exported.iter().find_map(|target| self.made(package, target));
        let plain = || self.file(&package.join(inner)).or_else(|| self.file(&package.join("src").join(inner)));
        named.or_else(plain).or_else(|| self.source(package, Path::new(inner)))
    }

    /// A file that a manifest names: itself, or what it is made from.
    fn made(&self, package: &Path, named: &str) -> Option<PathBuf> {
        let named = normalize(Path::new(named));
        let there = normalize(&package.join(&named));
        self.plain_file(&there).or_else(|| self.source(package, &named)).or_else(|| self.index_in(&there))
    }

    /// What a file comes from: the folder that a compiler writes is not there before it ran, and its sources are laid out the same.
    fn source(&self, package: &Path, made: &Path) -> Option<PathBuf> {
        let config = self.json(&package.join("tsconfig.json")).unwrap_or_default();
        let root = config["compilerOptions"]["rootDir"].as_str();
        let roots: Vec<PathBuf> = root.into_iter().chain(["src", ""]).map(|root| normalize(&package.join(root))).collect();
        // An output may have a folder for each kind of module, as `dist/esm`.
        let outputs: Vec<&Path> = made.ancestors().skip(1).filter(|output| !output.as_os_str().is_empty()).collect();
        let missing = outputs.into_iter().rev().filter(|output| !self.tree.is_dir(&package.join(output)));
        let mut sources = missing.filter_map(|output| made.strip_prefix(output).ok());
        sources.find_map(|source| roots.iter().find_map(|root| self.file(&root.join(source))))
    }

    /// Whether a package stands in this repository, so that a file of it that is missing is no library.
    pub(super) fn is_own_package(&self, importer: &Path, specifier: &str) -> bool {
        let (package, _) = split_specifier(specifier);
        let mut folders = self.options.around(folder_of(importer));
        folders.any(|folder| self.workspaces_of(&folder).contains_key(package))
    }

    /// A package that a manifest around says to stand in this repository, and that no list of packages names.
    pub(super) fn own_package(&self, importer: &Path, specifier: &str) -> Option<PathBuf> {
        let (package, _) = split_specifier(specifier);
        let mut folders = self.options.around(folder_of(importer));
        let list = folders.find_map(|folder| self.dependencies(&folder).filter(|list| list.own.contains(package)));
        if list.is_none() || self.options.boundary.as_os_str().is_empty() {
            return None;
        }
        let other_form = self.other_form(importer, specifier);
        let below = |boundary: &Path| -> Vec<(PathBuf, PathBuf)> {
            let manifests = self.tree.folders_with_node(boundary, "package.json").into_iter();
            let named = manifests.filter(|folder| {
                self.json(&folder.join("package.json")).is_some_and(|json| json["name"].as_str() == Some(package))
            });
            named.filter_map(|folder| self.within(&folder, specifier, other_form).map(|file| (folder, file))).collect()
        };
        self.options.only_nearest(importer, &below)
    }

    /// The folders of a workspace's packages: by npm, yarn and bun in `package.json`, by pnpm and Lerna in files of their own.
    fn globs(&self, folder: &Path, package: &Json) -> Vec<String> {
        let listed =
            |list: &Json| list.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>();
        let mut globs = listed(&package["workspaces"]);
        globs.extend(listed(&package["workspaces"]["packages"]));
        globs.extend(self.json(&folder.join("lerna.json")).iter().flat_map(|lerna| listed(&lerna["packages"])));
        let pnpm = folder.join("pnpm-workspace.yaml");
        if self.tree.is_file(&pnpm) {
            let text = self.tree.text(&pnpm).unwrap_or_default();
            let packages = text.lines().skip_while(|line| !line.starts_with("packages:")).skip(1);
            let items =
                packages.map_while(|line| line.trim().strip_prefix('-').map(|item| item.trim().trim_matches(['"', '\''])));
            globs.extend(items.filter(|item| !item.starts_with('!')).map(str::to_owned));
        }
        globs
    }

    fn workspaces_of(&self, folder: &Path) -> Rc<FxHashMap<String, PathBuf>> {
        if let Some(known) = self.workspaces.borrow().get(folder) {
            return Rc::clone(known);
        }
        let mut found = FxHashMap::default();
        let package = self.json(&folder.join("package.json")).unwrap_or_default();
        for (name, place) in ["dependencies", "devDependencies"].iter().filter_map(|kind| package[*kind].as_object()).flatten() {
            let place = place.as_str().and_then(|place| {
                LOCAL[1..].iter().find_map(|start| place.strip_prefix(start)).or(place.starts_with('.').then_some(place))
            });
            if let Some(own) = place.map(|place| normalize(&folder.join(place))).filter(|own| self.tree.is_dir(own)) {
                found.insert(name.clone(), own);
            }
        }
        for glob in self.globs(folder, &package) {
            let base = normalize(&folder.join(glob.trim_end_matches('*').trim_end_matches('/')));
            for manifest in self.tree.sources_below(&base, &["package.json"]) {
                let name = self.json(&manifest).and_then(|json| json["name"].as_str().map(str::to_owned));
                if let (Some(name), Some(parent)) = (name, manifest.parent()) {
                    found.entry(name).or_insert_with(|| parent.to_path_buf());
                }
            }
        }
        for (name, project) in self.rush(folder) {
            found.entry(name).or_insert(project);
        }
        let found = Rc::new(found);
        self.workspaces.borrow_mut().insert(folder.to_path_buf(), Rc::clone(&found));
        found
    }

    /// The packages that Rush knows, which are listed one by one. <https://rushjs.io/pages/configs/rush_json/>
    fn rush(&self, folder: &Path) -> Vec<(String, PathBuf)> {
        let Some(rush) = self.json(&folder.join("rush.json")) else { return Vec::new() };
        let projects = rush["projects"].as_array().into_iter().flatten();
        let named = projects.filter_map(|project| Some((project["packageName"].as_str()?, project["projectFolder"].as_str()?)));
        named.map(|(name, place)| (name.to_owned(), normalize(&folder.join(place)))).collect()
    }

    /// The packages that a folder's `package.json` asks for.
    pub(super) fn dependencies(&self, folder: &Path) -> Option<Rc<Listed>> {
        if let Some(known) = self.manifests.borrow().get(folder) {
            return known.clone();
        }
        let read = self.json(&folder.join("package.json")).map(|package| {
            let kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "bundledDependencies"];
            let is_own = |place: &Json| place.as_str().is_some_and(|place| LOCAL.iter().any(|start| place.starts_with(start)));
            let mut listed = Listed::default();
            for (name, place) in kinds.iter().filter_map(|kind| package[*kind].as_object()).flatten() {
                if is_own(place) {
                    listed.own.insert(name.clone())
                } else {
                    listed.published.insert(name.clone())
                };
            }
            listed.published.extend(package["name"].as_str().map(str::to_owned));
            Rc::new(listed)
        });
        self.manifests.borrow_mut().insert(folder.to_path_buf(), read.clone());
        read
    }
}
