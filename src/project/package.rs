//! What the scripts of a `package.json`, and the bundler's configuration beside it, say about how its code is bundled.

use std::path::{Path, PathBuf};

use super::SOURCE_EXTENSIONS;
use crate::iac::document::{self, Node};
use crate::iac::{Files, clean, constants_of};

/// Programs that make one file of a module and all it imports.
const BUNDLERS: [&str; 9] = ["ncc", "esbuild", "tsup", "rollup", "webpack", "microbundle", "parcel", "rolldown", "bun"];

/// What programs call a bundle that do not name it after its module.
/// <https://github.com/vercel/ncc>, <https://webpack.js.org/concepts/output/>
const BUNDLES: [&str; 2] = ["index", "main"];

/// Where webpack is configured.
/// <https://webpack.js.org/configuration/>
const CONFIGURATIONS: [&str; 4] = ["webpack.config.js", "webpack.config.cjs", "webpack.config.mjs", "webpack.config.ts"];

/// A source file that is handed to a bundler.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bundled {
    pub(super) source: PathBuf,
    /// The file that is made of it, without its extension, or the folder that it is put into; where the script says so.
    made: Option<PathBuf>,
    /// What that file is called, in whichever folder.
    name: Option<PathBuf>,
}

impl Bundled {
    /// Whether a file without its extension is what is made of the source.
    pub(super) fn makes(&self, built: &Path) -> bool {
        if let Some(name) = &self.name {
            return built.ends_with(name);
        }
        let in_folder = || built.file_stem() == self.source.file_stem() && built.parent() == self.made.as_deref();
        self.made.as_deref() == Some(built) || in_folder()
    }

    /// Whether a file without its extension may be what is made of the source: it lies elsewhere, or its name does not say that
    /// another module became it.
    pub(super) fn may_make(&self, built: &Path) -> bool {
        let is_elsewhere = self.made.as_ref().is_none_or(|made| !built.starts_with(made));
        let is_bundlers = built.file_stem().is_some_and(|stem| BUNDLES.iter().any(|name| stem == *name));
        is_elsewhere || is_bundlers || self.makes(built)
    }
}

/// The source files that the nearest package hands to a bundler: in its scripts, in their order, and in webpack's configuration.
pub(super) fn bundled(files: &Files, root: &Path) -> Vec<Bundled> {
    let root = clean(root);
    let base = clean(files.base());
    let within = root.ancestors().take_while(|folder| base == Path::new(".") || folder.starts_with(&base));
    let Some(folder) = within.into_iter().find(|folder| files.is_file(&folder.join("package.json"))) else { return Vec::new() };
    let document = files.read(&folder.join("package.json")).ok().and_then(|file| document::read(&file).ok());
    let Some(document) = document else { return Vec::new() };
    let mut found: Vec<Bundled> = Vec::new();
    for entry in document.mapping().and_then(|root| root.get("scripts")).map_or(&[][..], Node::entries) {
        for command in entry.value.as_str().unwrap_or_default().split(['&', '|', ';']) {
            let words: Vec<&str> = command.split_whitespace().collect();
            if words.iter().any(|word| BUNDLERS.contains(word)) {
                let made = made(folder, &words);
                let sources = words.into_iter().filter_map(|word| source(folder, word)).filter(|path| files.is_file(path));
                found.extend(sources.map(|source| Bundled { source, made: made.clone(), name: None }));
            }
        }
    }
    found.extend(configured(files, folder));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|one| seen.insert((one.source.clone(), one.made.clone(), one.name.clone())));
    found
}

/// The entry points of webpack's configuration, by the names of what is made of them.
fn configured(files: &Files, folder: &Path) -> Vec<Bundled> {
    let Some(path) = CONFIGURATIONS.iter().map(|name| folder.join(name)).find(|path| files.is_file(path)) else {
        return Vec::new();
    };
    let Some(configuration) = constants_of(files, &path) else { return Vec::new() };
    let all = match configuration.as_sequence() {
        Some(several) => several,
        None => std::slice::from_ref(&configuration),
    };
    let entries = all.iter().filter_map(|one| one.get("entry")).flat_map(Node::entries);
    let one = |(name, value): (&str, &Node)| {
        // `{ import: './app.ts' }`, `['./app.ts']`
        let file = value.get("import").unwrap_or(value);
        let file = file.as_sequence().and_then(<[Node]>::last).unwrap_or(file).as_str()?;
        let is_known = [name, file].iter().all(|text| !text.contains("${"));
        let source = clean(&folder.join(file));
        (is_known && files.is_file(&source)).then(|| Bundled { source, made: None, name: Some(clean(Path::new(name))) })
    };
    entries.filter_map(|entry| one((entry.key.as_str(), &entry.value))).collect()
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
    let found = folder.ancestors().take_while(inside).find(|folder| files.is_file(&folder.join("package.json")))?;
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
    fn webpack_calls_what_it_makes_by_the_entrys_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
        let configuration = "const path = require('path');\nconst rest = { scripts: ['./b.ts'], third: { import: './c.ts' } };\n\
             module.exports = { entry: { 'jobs/first': './a.ts', ...rest, [process.env.X]: './a.ts' },\n\
             output: { filename: '[name].js', path: path.resolve(__dirname, 'dist') } };\n";
        write("webpack.config.js", configuration);
        write("package.json", "{}");
        ["a.ts", "b.ts", "c.ts"].iter().for_each(|name| write(name, "export const handler = 1;"));
        let files = Files::new(folder.path());
        let found = bundled(&files, &folder.path().join("dist"));
        let of = |built: &str| {
            let one = found.iter().find(|one| one.makes(&folder.path().join("dist").join(built)));
            one.map(|one| files.display(&one.source))
        };
        let all = ["jobs/first", "scripts", "third", "first"].map(of);
        assert_eq!(all, [Some("a.ts".to_owned()), Some("b.ts".to_owned()), Some("c.ts".to_owned()), None]);
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
