//! What the scripts of a `package.json` say about how its code is bundled.

use std::path::{Path, PathBuf};

use super::SOURCE_EXTENSIONS;
use crate::iac::document::{self, Node};
use crate::iac::{Files, clean};

/// Programs that make one file of a module and all it imports.
const BUNDLERS: [&str; 9] = ["ncc", "esbuild", "tsup", "rollup", "webpack", "microbundle", "parcel", "rolldown", "bun"];

/// A source file that a script hands to a bundler.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bundled {
    pub(super) source: PathBuf,
    /// The file that is made of it, without its extension, or the folder that it is put into; where the script says so.
    made: Option<PathBuf>,
}

impl Bundled {
    /// Whether a file without its extension is what is made of the source.
    pub(super) fn makes(&self, built: &Path) -> bool {
        let in_folder = || built.file_stem() == self.source.file_stem() && built.parent() == self.made.as_deref();
        self.made.as_deref() == Some(built) || in_folder()
    }
}

/// The source files that the scripts of the nearest `package.json` hand to a bundler, in their order.
pub(super) fn bundled(files: &Files, root: &Path) -> Vec<Bundled> {
    let root = clean(root);
    let base = clean(files.base());
    let within = root.ancestors().take_while(|folder| base == Path::new(".") || folder.starts_with(&base));
    let Some(folder) = within.into_iter().find(|folder| folder.join("package.json").is_file()) else { return Vec::new() };
    let document = files.read(&folder.join("package.json")).ok().and_then(|file| document::read(&file).ok());
    let Some(document) = document else { return Vec::new() };
    let mut found: Vec<Bundled> = Vec::new();
    for entry in document.mapping().and_then(|root| root.get("scripts")).map_or(&[][..], Node::entries) {
        for command in entry.value.as_str().unwrap_or_default().split(['&', '|', ';']) {
            let words: Vec<&str> = command.split_whitespace().collect();
            if words.iter().any(|word| BUNDLERS.contains(word)) {
                let made = made(folder, &words);
                let sources = words.into_iter().filter_map(|word| source(folder, word)).filter(|path| path.is_file());
                found.extend(sources.map(|source| Bundled { source, made: made.clone() }));
            }
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert((one.source.clone(), one.made.clone())));
    found
}

/// Where a command says that it writes to.
/// <https://esbuild.github.io/api/#outfile>
fn made(folder: &Path, words: &[&str]) -> Option<PathBuf> {
    let is_output = |name: &str| ["--outfile", "--outdir", "--out-dir", "--out", "--output", "-o", "-d"].contains(&name);
    let value = words.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some((name, value)) => is_output(name).then_some(value),
        None => is_output(word).then(|| words.get(at + 1).copied()).flatten(),
    })?;
    let path = clean(&folder.join(value.trim_matches(['"', '\''])));
    let is_file = path.extension().and_then(|extension| extension.to_str()).is_some_and(|one| SOURCE_EXTENSIONS.contains(&one));
    Some(if is_file { path.with_extension("") } else { path })
}

/// The nearest package around a folder within another one, and its name.
pub(super) fn named_above(files: &Files, folder: &Path, within: &Path) -> Option<(PathBuf, String)> {
    let inside = |folder: &&Path| within == Path::new(".") || folder.starts_with(within);
    let found = folder.ancestors().take_while(inside).find(|folder| folder.join("package.json").is_file())?;
    let document = document::read(&files.read(&found.join("package.json")).ok()?).ok()?;
    Some((found.to_path_buf(), document.mapping()?.get("name")?.as_str()?.to_owned()))
}

/// The file that a word of a command names, if it can be source: `src/lambda.ts`, `--entry=src/lambda.ts`.
fn source(folder: &Path, word: &str) -> Option<PathBuf> {
    let word = word.trim_matches(['"', '\'']);
    let word = if word.starts_with('-') { word.split_once(['=', ':'])?.1 } else { word };
    let extension = Path::new(word).extension()?.to_str()?;
    // `--outfile=dist/index.js` is what is made.
    let is_source = SOURCE_EXTENSIONS.contains(&extension) && !["dist/", "build/", "out/"].iter().any(|out| word.contains(out));
    is_source.then(|| clean(&folder.join(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_points_of_bundlers_are_found_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("a file");
        };
        let scripts = r#"{"scripts": {"lint": "eslint src/other.ts", "build": "rm -r dist && ncc build src/lambda.ts -o dist"}}"#;
        write("package.json", scripts);
        write("src/lambda.ts", "export const handler = 1;");
        write("src/other.ts", "");
        let files = Files::new(folder.path());
        let found = bundled(&files, &folder.path().join("webhook"));
        let shown: Vec<String> = found.iter().map(|one| files.display(&one.source)).collect();
        assert_eq!(shown, ["src/lambda.ts"]);
        assert!(found[0].makes(&folder.path().join("dist/lambda")) && !found[0].makes(&folder.path().join("dist/index")));
    }

    #[test]
    fn scripts_say_what_they_make() {
        let of = |command: &str| made(Path::new("app"), &command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(of("esbuild a/entry.ts --bundle --outfile=./dist/one/index.js"), Some("app/dist/one/index".into()));
        assert_eq!(of("esbuild a/entry.ts --outdir=dist"), Some("app/dist".into()));
        assert_eq!(of("rollup -i src/a.ts -o 'build/a.mjs'"), Some("app/build/a".into()));
        assert_eq!(of("tsup src/a.ts"), None);
    }
}
