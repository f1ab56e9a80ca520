//! What the lists of a Python project say to install.
//!
//! A package may be called otherwise than what it brings: `PyYAML` is imported as `yaml`. Where the two differ by more than a
//! prefix or an ending, `grammars/python/common-packages.txt` says so.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::python::{is_standard, normal};
use super::{LinkOptions, SourceTree};
use crate::sdk::Ecosystem;

/// Files that list what is to be installed.
/// <https://packaging.python.org/en/latest/tutorials/installing-packages/>
pub const LISTS: [&str; 8] = [
    "requirements.txt",
    "requirements.in",
    "requirements-dev.txt",
    "pyproject.toml",
    "Pipfile",
    "setup.py",
    "setup.cfg",
    "environment.yml",
];

/// Packages that the runtime brings beside AWS's SDK, or templates with code in them.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html>
const RUNTIME: [&str; 5] = ["dateutil", "six", "awslambdaric", "cfnresponse", "snapshot_restore_py"];

/// Modules that Python 2 brought under names which Python 3 does not have.
/// <https://docs.python.org/2.7/py-modindex.html>
const OF_PYTHON_2: [&str; 25] = [
    "BaseHTTPServer",
    "CGIHTTPServer",
    "ConfigParser",
    "Cookie",
    "HTMLParser",
    "Queue",
    "SimpleHTTPServer",
    "SocketServer",
    "StringIO",
    "UserDict",
    "UserList",
    "UserString",
    "anydbm",
    "cPickle",
    "cStringIO",
    "commands",
    "cookielib",
    "htmlentitydefs",
    "httplib",
    "md5",
    "robotparser",
    "sets",
    "urllib2",
    "urlparse",
    "xmlrpclib",
];

/// What is installed, by all lists around; read when first asked for.
pub(super) struct Requirements<'a> {
    tree: &'a dyn SourceTree,
    options: &'a LinkOptions,
    listed: OnceCell<FxHashSet<String>>,
}

impl<'a> Requirements<'a> {
    pub(super) fn new(tree: &'a dyn SourceTree, options: &'a LinkOptions) -> Self {
        Self { tree, options, listed: OnceCell::new() }
    }

    /// Whether something tells where a module that is not here comes from: Python, the runtime, a list, or that everyone knows it.
    pub(super) fn explain(&self, path: &[SmolStr]) -> bool {
        let Some(first) = path.first().map(SmolStr::as_str) else { return true };
        let is_typing = first.ends_with("_stubs") || crate::sdk::packages::is_types_of_python(first);
        let known = is_standard(first) || OF_PYTHON_2.contains(&first) || is_of_runtime(first) || is_typing || is_common(first);
        known || knows(path) || self.list(path)
    }

    /// Whether nothing but its name tells of a package that a list names what it does, and that it has to do with AWS.
    pub(super) fn tells_of_aws(&self, path: &[SmolStr]) -> bool {
        let Some(first) = path.first().map(SmolStr::as_str) else { return false };
        let is_typing = first.ends_with("_stubs") || crate::sdk::packages::is_types_of_python(first);
        let known = is_typing || is_standard(first) || is_of_runtime(first) || is_common(first) || knows(path);
        !known && crate::sdk::packages::is_named_after_aws(first) && self.list(path)
    }

    fn list(&self, path: &[SmolStr]) -> bool {
        let listed = self.listed.get_or_init(|| self.read());
        let path: Vec<String> = path.iter().map(|segment| normal(segment)).collect();
        listed.iter().any(|package| brings(package, &path))
    }

    fn read(&self) -> FxHashSet<String> {
        let scope = self.options.repository.as_ref().unwrap_or(&self.options.boundary);
        let mut folders: Vec<PathBuf> = self.options.roots.iter().chain(&self.options.outer).cloned().collect();
        folders.extend(LISTS.iter().flat_map(|name| self.tree.folders_with_python(scope, name)));
        folders.sort();
        folders.dedup();
        let files = folders.iter().flat_map(|folder| LISTS.iter().map(move |name| (folder.join(name), *name)));
        let mut listed = FxHashSet::default();
        for (path, name) in files.filter(|(path, _)| self.tree.is_file(path)) {
            listed.extend(self.tree.text(&path).iter().flat_map(|text| packages(name, text)));
        }
        listed
    }
}

/// Whether a description of libraries knows the module or one around it.
fn knows(path: &[SmolStr]) -> bool {
    (1..=path.len()).any(|length| crate::sdk::knows_package(Ecosystem::Python, &path[..length].join(".")))
}

/// Whether the runtime brings a package, or it belongs to AWS's SDK.
pub(super) fn is_of_runtime(module: &str) -> bool {
    RUNTIME.contains(&module) || crate::sdk::packages::is_python_or_foundation(module)
}

/// Packages that many programs use and that ask nothing of AWS.
pub(super) fn is_common(module: &str) -> bool {
    static NAMES: LazyLock<FxHashSet<&str>> =
        LazyLock::new(|| include_str!("../../../grammars/python/common-packages.txt").split_whitespace().collect());
    NAMES.contains(module)
}

/// A module's name of this length is hardly the beginning of a package's by accident.
const TELLING: usize = 5;

/// Endings of packages' names that say nothing of what is in them.
const ENDINGS: [&str; 8] = ["api", "binary", "client", "core", "lib", "sdk", "slim", "headless"];

/// Whether a package of this name may well bring a module of that one: `psycopg2-binary` brings `psycopg2`, `PyJWT` `jwt`.
/// One of several packages that share a first name brings what is called like it further on: `google-cloud-storage` brings
/// `google.cloud.storage`, and `acme-constructs` hardly `acme.core`.
fn brings(package: &str, path: &[String]) -> bool {
    let Some((module, inner)) = path.split_first() else { return false };
    let joined = |name: &str| name.replace('_', "");
    let continues = |rest: &str| {
        let rest = joined(rest);
        inner.first().is_none_or(|second| rest.starts_with(&joined(second))) || ENDINGS.iter().any(|ending| rest == *ending)
    };
    let extends = |long: &str, short: &str| long.strip_prefix(short).and_then(|rest| rest.strip_prefix('_')).map(str::to_owned);
    let bare = package.strip_prefix("python_").or_else(|| package.strip_prefix("py_")).or_else(|| package.strip_prefix("py"));
    let begins = || joined(package).strip_prefix(&joined(module)).map(str::to_owned);
    joined(package) == joined(module)
        || bare.is_some_and(|bare| bare == module || extends(bare, module).is_some())
        || (module.len() >= TELLING && package.contains('_') && begins().is_some_and(|rest| continues(&rest)))
        || extends(package, module).is_some_and(|rest| continues(&rest))
        || extends(module, package).is_some()
        || package.strip_suffix(module.as_str()).is_some_and(|before| before.ends_with('_'))
}

/// The normalized names of the packages that a list names.
fn packages(file: &str, text: &str) -> Vec<String> {
    if file.ends_with(".toml") || file == "Pipfile" {
        let mut found = Vec::new();
        if let Ok(document) = text.parse::<toml::Table>() {
            named(&toml::Value::Table(document), false, &mut found);
        }
        return found;
    }
    if file == "setup.py" {
        return text.split(['"', '\'']).skip(1).step_by(2).filter_map(package).collect();
    }
    text.lines().filter_map(|line| package(line.trim().trim_start_matches("- "))).collect()
}

/// What stands in tables and lists of dependencies, and the project's own name.
fn named(value: &toml::Value, is_list: bool, found: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let of_list =
                    key.contains("dependencies") || key == "packages" || key == "dev-packages" || key == "dependency-groups";
                if is_list || key == "name" {
                    found.extend(package(if is_list { key } else { value.as_str().unwrap_or_default() }));
                }
                // A list may have groups: `optional-dependencies.dev = ["x"]`.
                named(value, of_list || (is_list && value.is_array()), found);
            }
        }
        toml::Value::Array(items) => items.iter().for_each(|item| named(item, is_list, found)),
        toml::Value::String(text) if is_list => found.extend(package(text)),
        _ => {}
    }
}

/// The package of one requirement: `name[extra]>=1; marker`, `name @ url`, `-e ../folder`, `git+https://host/name.git#egg=name`.
/// <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>
fn package(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches("-e ").trim_start_matches("--editable ").trim();
    let by_egg = line.split_once("#egg=").map(|(_, name)| name);
    let line = line.split(" #").next().unwrap_or(line);
    let by_path = || {
        let place = line.split(['#', '@', ';']).next().filter(|place| place.contains('/'))?;
        Path::new(place).file_stem().and_then(|name| name.to_str())
    };
    let name = by_egg.or_else(by_path).unwrap_or(line);
    let name = name.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).next().unwrap_or_default();
    (name.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| normal(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_kinds_name_packages() {
        let requirements = "# x\nPyYAML==6.0\nrequests[socks] >= 2 ; python_version > '3'\n-e ../libs/shared-code\n-r other.txt\n\
                            private @ git+ssh://git@host/x.git\ngit+https://host/tools.git@v1\n";
        let found = packages("requirements.txt", requirements);
        assert_eq!(found, ["pyyaml", "requests", "shared_code", "private", "tools"]);
        let project = "[project]\nname = 'own'\ndependencies = ['httpx>=0.2']\n[project.optional-dependencies]\nx = ['ruff']\n\
                       [tool.poetry.dependencies]\npython = '^3'\nmy-lib = { path = '../lib' }\n[tool.poetry.group.dev.dependencies]\nmoto = '*'\n\
                       [dependency-groups]\ntest = ['pytest']\n";
        let mut found = packages("pyproject.toml", project);
        found.sort();
        for name in ["own", "httpx", "ruff", "my_lib", "moto", "pytest"] {
            assert!(found.contains(&name.to_owned()), "{name}: {found:?}");
        }
        assert!(packages("setup.py", "setup(install_requires=['click>=7', \"jinja2\"])").contains(&"jinja2".to_owned()));
        assert_eq!(packages("Pipfile", "[packages]\nflask = '*'\n"), ["flask"]);
    }

    #[test]
    fn modules_that_are_called_otherwise_than_their_package_are_listed() {
        assert!(["bson", "gridfs", "apiclient", "yaml", "PIL"].iter().all(|module| is_common(module)));
    }

    #[test]
    fn packages_bring_modules_of_similar_names() {
        let brings = |package: &str, module: &str| {
            let path: Vec<String> = module.split('.').map(str::to_owned).collect();
            super::brings(package, &path)
        };
        assert!(brings("psycopg2_binary", "psycopg2.extras") && brings("pyjwt", "jwt") && brings("python_dateutil", "dateutil"));
        assert!(brings("google_cloud_storage", "google.cloud.storage") && brings("google_cloud_storage", "google"));
        assert!(brings("ruamel_yaml", "ruamel.yaml.main") && brings("my_lib", "mylib.deep.inside"));
        assert!(brings("python_telegram_bot", "telegram.ext") && brings("line_bot_sdk", "linebot.models"));
        assert!(!brings("pytest", "somewhere") && !brings("requests", "request"));
        assert!(!brings("acme_constructs", "acme.core.helpers") && !brings("acme_python", "acme.core"));
    }
}
