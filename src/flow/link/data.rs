//! Data files that a program opens by name: `json.load(open("config.json"))`, `JSON.parse(readFileSync(join(__dirname, "a.json")))`.
//!
//! What a program consists of is settled before it is interpreted. A file that opens others therefore brings along those that
//! its texts name, whole or by their folder or their end; which of them are meant shows when the name is known.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::computed::called;
use super::mentioned::{Around, below, texts};
use super::node::normalize;
use super::{LinkOptions, Program, SourceTree, without_dot};
use crate::ids::ModuleId;
use crate::ir::{Expr, Module};
use crate::value::{Arg, Piece, Text};

/// Most data files that one module brings along.
const MAX_FILES: usize = 40;

/// Longest data file that is read, in bytes.
const MAX_BYTES: usize = 1 << 18;

/// What data files end in.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

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
    let opens = |(expr, exprs): (&Expr, &crate::ids::IndexVec<crate::ids::ExprId, Expr>)| {
        let Some((name, args)) = called(expr, exprs) else { return false };
        matches!(name, "read_text" | "read_bytes") || matches!(name, "open" | "readFile" | "readFileSync") && !args.is_empty()
    };
    let mut exprs =
        module.functions.iter().flat_map(|function| function.body.exprs.iter().map(|expr| (expr, &function.body.exprs)));
    if !exprs.any(opens) {
        return Vec::new();
    }
    let paths: Vec<&str> = texts(module).filter(|text| !text.contains(char::is_whitespace)).map(|text| below(text)).collect();
    if !paths.iter().any(|path| is_data(path)) {
        return Vec::new();
    }
    let around = Around::new(tree, options, importer, paths.iter().copied().filter(|path| !is_data(path)));
    let mut found = Vec::new();
    for path in paths.into_iter().filter(|path| is_data(path)) {
        let before = found.len();
        found.extend(around.files(path));
        // `f"config/{stage}.json"`: only the end of the name is written out.
        if found.len() == before && !path.contains('/') {
            found.extend(around.ending_in(path));
        }
        if found.len() >= MAX_FILES {
            break;
        }
    }
    found.truncate(MAX_FILES);
    found
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
