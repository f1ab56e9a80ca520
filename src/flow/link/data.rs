//! Data files that a program opens by name: `json.load(open("config.json"))`, `JSON.parse(readFileSync(join(__dirname, "a.json")))`.
//!
//! What a program consists of is settled before it is interpreted. A file that opens others therefore brings along those that
//! its texts name, whole or by their folder or their end; which of them are meant shows when the name is known.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::computed::{called, named_folders};
use super::node::normalize;
use super::{LinkOptions, Program, SourceTree, without_dot};
use crate::ids::ModuleId;
use crate::ir::{Expr, Literal, Module};
use crate::value::{Arg, Piece, Text};

/// Most data files that one module brings along.
const MAX_FILES: usize = 40;

/// Longest data file that is read, in bytes.
const MAX_BYTES: usize = 1 << 18;

/// What data files end in.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// Where functions find their code and their layers.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const DEPLOYED_TO: [&str; 2] = ["/var/task/", "/opt/"];

/// A data file of the program.
#[derive(Debug)]
pub(super) struct DataFile {
    path: PathBuf,
    /// What it is called in messages.
    name: SmolStr,
    value: Arg,
}

/// The data files that the texts of a module name.
pub(super) fn opened(tree: &dyn SourceTree, options: &LinkOptions, importer: &Path, module: &Module) -> Vec<PathBuf> {
    let exprs =
        || module.functions.iter().flat_map(|function| function.body.exprs.iter().map(|expr| (expr, &function.body.exprs)));
    let opens = |(expr, exprs): (&Expr, &crate::ids::IndexVec<crate::ids::ExprId, Expr>)| {
        let Some((name, args)) = called(expr, exprs) else { return false };
        matches!(name, "read_text" | "read_bytes") || matches!(name, "open" | "readFile" | "readFileSync") && !args.is_empty()
    };
    if !exprs().any(opens) {
        return Vec::new();
    }
    let texts: Vec<&str> = exprs()
        .filter_map(|(expr, _)| match expr {
            Expr::Literal(Literal::Text(text)) if !text.contains(char::is_whitespace) => Some(below(text)),
            _ => None,
        })
        .filter(|text| !text.is_empty())
        .collect();
    if !texts.iter().any(|text| is_data(text)) {
        return Vec::new();
    }
    let own = importer.parent().unwrap_or(Path::new(""));
    let around: Vec<PathBuf> = options.roots.iter().cloned().chain([own.to_path_buf()]).collect();
    let inner = named_folders(tree, options, &around, texts.iter().copied().filter(|text| !is_data(text)));
    let folders: Vec<PathBuf> = around.into_iter().chain(inner).collect();
    let mut found = Vec::new();
    for text in texts.iter().filter(|text| is_data(text)) {
        let files = folders.iter().map(|folder| normalize(&folder.join(text)));
        let before = found.len();
        found.extend(files.filter(|file| options.is_within_boundary(file) && tree.is_file(file)));
        // `f"config/{stage}.json"`: only the end of the name is written out.
        if found.len() == before && !text.contains('/') {
            let ending = |folder: &PathBuf| {
                let names = tree.entries(folder);
                names.iter().filter(|name| name.ends_with(text)).map(|name| folder.join(name)).collect::<Vec<_>>()
            };
            found.extend(folders.iter().flat_map(ending));
        }
        if found.len() >= MAX_FILES {
            break;
        }
    }
    found.truncate(MAX_FILES);
    found
}

/// A path as it stands below the folder of the code.
pub(in crate::flow) fn below(path: &str) -> &str {
    DEPLOYED_TO.iter().find_map(|folder| path.strip_prefix(folder)).unwrap_or(path).trim_start_matches('/')
}

fn is_data(name: &str) -> bool {
    EXTENSIONS.iter().any(|end| name.ends_with(end))
}

/// The folder that the known beginning of a path names, and the rest.
fn split(path: &Text) -> (&str, Text) {
    let Some(Piece::Literal(first)) = path.pieces().first() else { return ("", path.clone()) };
    let folder = first.rfind('/').map_or("", |at| &first[..=at]);
    let rest = Piece::Literal(first[folder.len()..].into());
    (folder, Text::from_pieces(std::iter::once(rest).chain(path.pieces()[1..].iter().cloned())))
}

impl Program {
    /// Takes in a data file, unless it is there already or too long.
    pub(super) fn add_data(&mut self, tree: &dyn SourceTree, options: &LinkOptions, path: PathBuf) {
        let is_known = self.data.iter().any(|file| file.path == path);
        if is_known || tree.text(&path).is_none_or(|text| text.len() > MAX_BYTES) {
            return;
        }
        let Some(value) = tree.data(&path) else { return };
        let shown = without_dot(&path).strip_prefix(without_dot(&options.boundary)).unwrap_or(&path).to_string_lossy();
        self.data.push(DataFile { name: shown.replace('\\', "/").into(), path, value });
    }

    /// What a data file of this name holds.
    pub fn data(&self, name: &str) -> Option<&Arg> {
        self.data.iter().find(|file| file.name == name).map(|file| &file.value)
    }

    /// The data files that a path may mean when a module opens it: seen from the folder of the code, else from the module's own.
    /// A path whose beginning is not known starts at the module, as `__dirname` and `__file__` do.
    pub fn data_files(&self, importer: ModuleId, path: &Text) -> Vec<SmolStr> {
        if self.data.is_empty() {
            return Vec::new();
        }
        let own = self.modules[importer].path.parent().unwrap_or(Path::new(""));
        let from_module = matches!(path.pieces(), [Piece::Hole(_), Piece::Literal(rest), ..] if rest.starts_with('/'));
        let mut pieces = path.pieces()[usize::from(from_module)..].to_vec();
        if let Some(Piece::Literal(first)) = pieces.first_mut() {
            let relative = below(first);
            if first.starts_with('/') && !from_module && relative.len() + 1 == first.len() {
                return Vec::new();
            }
            *first = relative.into();
        }
        let path = Text::from_pieces(pieces);
        let (folder, name) = split(&path);
        let says_something =
            |text: &Text| text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(known) if !is_data(known)));
        if folder.is_empty() && !says_something(&name) && name.as_literal().is_none() {
            return Vec::new();
        }
        let roots = self.roots.iter().map(PathBuf::as_path);
        let bases: Vec<&Path> =
            if from_module { std::iter::once(own).chain(roots).collect() } else { roots.chain([own]).collect() };
        let within = |base: &Path| -> Vec<SmolStr> {
            let base = normalize(&base.join(folder));
            let fits = |file: &&DataFile| {
                let inner = without_dot(&file.path).strip_prefix(without_dot(&base)).ok().and_then(Path::to_str);
                inner.is_some_and(|inner| name.may_be(inner))
            };
            self.data.iter().filter(fits).map(|file| file.name.clone()).collect()
        };
        bases.into_iter().map(within).find(|found| !found.is_empty()).unwrap_or_default()
    }
}
