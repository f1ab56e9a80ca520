//! Files that the texts of a module name, whole or by their folder or their end.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::node::normalize;
use super::{LinkOptions, SourceTree};
use crate::ir::{Expr, Literal, Module};

/// Where functions find their code and their layers.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const DEPLOYED_TO: [&str; 2] = ["/var/task/", "/opt/"];

/// The texts that are written out in a module.
pub(super) fn texts(module: &Module) -> impl Iterator<Item = &SmolStr> {
    let exprs = module.functions.iter().flat_map(|function| function.body.exprs.iter());
    exprs.filter_map(|expr| match expr {
        Expr::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    })
}

/// A path as it stands below the folder of the code.
pub(in crate::flow) fn below(path: &str) -> &str {
    DEPLOYED_TO.iter().find_map(|folder| path.strip_prefix(folder)).unwrap_or(path).trim_start_matches('/')
}

/// Where the texts of a module lead from: the program's roots, the module's own folder, and the folders in these that some of the
/// texts name.
pub(super) struct Around<'t> {
    tree: &'t dyn SourceTree,
    options: &'t LinkOptions,
    folders: Vec<PathBuf>,
}

impl<'t> Around<'t> {
    /// Of `texts`, those that are folders count.
    pub(super) fn new<'m>(
        tree: &'t dyn SourceTree,
        options: &'t LinkOptions,
        importer: &Path,
        texts: impl Iterator<Item = &'m str>,
    ) -> Self {
        let own = importer.parent().unwrap_or(Path::new(""));
        let mut folders: Vec<PathBuf> = options.roots.iter().cloned().chain([own.to_path_buf()]).collect();
        let inner = texts.filter(|text| !text.is_empty());
        let inner = inner.flat_map(|text| folders.iter().map(move |folder| normalize(&folder.join(text))));
        let inner: Vec<PathBuf> = inner.filter(|folder| options.is_within_boundary(folder) && tree.is_dir(folder)).collect();
        folders.extend(inner);
        Self { tree, options, folders }
    }

    /// The files of a name.
    pub(super) fn files(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let files = self.folders.iter().map(move |folder| normalize(&folder.join(name)));
        files.filter(|file| self.options.is_within_boundary(file) && self.tree.is_file(file))
    }

    /// What stands in the folders themselves under a name that ends in a text.
    pub(super) fn ending_in(&self, end: &str) -> impl Iterator<Item = PathBuf> {
        self.folders.iter().flat_map(move |folder| {
            let names = self.tree.entries(folder);
            names.iter().filter(|name| name.ends_with(end)).map(|name| folder.join(name)).collect::<Vec<_>>()
        })
    }
}
