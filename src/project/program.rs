//! Programs that scripts and images start by themselves, instead of a handler that Lambda calls: web servers behind an adapter.
//! <https://github.com/awslabs/aws-lambda-web-adapter>

use std::path::{Path, PathBuf};

use super::{EntryPoint, SOURCE_EXTENSIONS, node};
use crate::iac::document::{self, Node};
use crate::iac::{Files, clean};

/// How often a package's scripts may start each other.
const MAX_HOPS: usize = 3;

/// The program that a script starts, by the first of its lines that starts one of these folders.
pub(super) fn of_script(files: &Files, roots: &[PathBuf], script: &Path) -> Option<EntryPoint> {
    let file = files.read(script).ok()?;
    let lines = file.text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.into_iter().find_map(|line| of_command(files, roots, line.split_whitespace(), 0))
}

/// The program of a command: `node app.js`, `python -m server`, `exec gunicorn main:app`, `npm start`.
pub(super) fn of_words(files: &Files, roots: &[PathBuf], words: &[String]) -> Option<EntryPoint> {
    // The shell's form has all words in one.
    of_command(files, roots, words.iter().flat_map(|word| word.split_whitespace()), 0)
}

fn of_command<'w>(files: &Files, roots: &[PathBuf], words: impl Iterator<Item = &'w str>, hops: usize) -> Option<EntryPoint> {
    let words: Vec<&str> = words.map(|word| word.trim_matches(['"', '\''])).collect();
    if words.iter().any(|word| ["npm", "yarn", "pnpm"].contains(word)) && hops < MAX_HOPS {
        let name = words.iter().rev().find(|word| !word.starts_with('-'))?;
        return roots.iter().find_map(|root| {
            let script = script_of(files, root, name)?;
            of_command(files, roots, script.split_whitespace(), hops + 1)
        });
    }
    let plain = words.iter().filter(|word| !word.starts_with('-') && !word.contains(['=', '$']));
    plain.into_iter().find_map(|word| roots.iter().find_map(|root| module(files, root, word)))
}

/// The file that a word names, and the application in it.
fn module(files: &Files, root: &Path, word: &str) -> Option<EntryPoint> {
    let is_source = |path: &Path| {
        path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| SOURCE_EXTENSIONS.contains(&extension))
    };
    let path = clean(&root.join(word));
    if is_source(&path) {
        let source = || node::source(files, root, path.strip_prefix(clean(root)).ok()?.with_extension("").to_str()?, "", &[]);
        let path = if files.is_file(&path) { path.clone() } else { source()? };
        return Some(EntryPoint { path, symbol: "".into() });
    }
    let (module, symbol) = word.split_once(':').unwrap_or((word, ""));
    let is_name = |name: &str| name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let path = clean(&root.join(format!("{}.py", module.replace('.', "/"))));
    let symbol = symbol.split('(').next().unwrap_or_default();
    (!module.is_empty() && is_name(module) && files.is_file(&path)).then(|| EntryPoint { path, symbol: symbol.into() })
}

/// A script of the folder's `package.json`.
fn script_of(files: &Files, root: &Path, name: &str) -> Option<String> {
    let document = document::read(&files.read(&root.join("package.json")).ok()?).ok()?;
    document.mapping()?.get("scripts")?.get(name).and_then(Node::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_lead_to_the_programs_they_start() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("app.js", ""), ("server/main.py", ""), ("package.json", r#"{"scripts": {"start": "node app.js"}}"#)]
        {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, text).expect("a file");
        }
        let files = Files::new(folder.path());
        let started = |command: &str| {
            let entry = of_words(&files, &[folder.path().to_path_buf()], &[command.to_owned()])?;
            Some(format!("{}:{}", files.display(&entry.path), entry.symbol))
        };
        assert_eq!(started("exec node app.js").as_deref(), Some("app.js:"));
        assert_eq!(started("npm run start").as_deref(), Some("app.js:"));
        assert_eq!(started("PORT=80 python -m uvicorn --port=$PORT server.main:app").as_deref(), Some("server/main.py:app"));
        assert_eq!(started("python -m server.main").as_deref(), Some("server/main.py:"));
        assert_eq!(started("./bootstrap"), None);
    }
}
