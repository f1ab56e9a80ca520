//! What a Dockerfile says about a function: its command, and which folders are copied into the image.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use crate::iac::{Files, ImageCode, clean};

/// The handler and the folders its module may be in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    /// `app.lambda_handler`.
    pub(super) handler: Option<SmolStr>,
    /// All words of the command line: those of the entry point, and those of the last command.
    pub(super) command: Vec<String>,
    /// Candidates for the folder that becomes the task root, best first.
    pub(super) roots: Vec<PathBuf>,
    /// The folders of what is copied.
    pub(super) copied: Vec<PathBuf>,
    /// Files that are copied to another name, by the path of that from the task root, without its extension.
    renamed: Vec<(PathBuf, PathBuf)>,
}

impl Image {
    /// The file that becomes a module of the task root under another name than its own.
    pub(super) fn renamed(&self, module: &str) -> Option<&Path> {
        let plain = Path::new(module);
        let as_folders = PathBuf::from(module.replace('.', "/"));
        let found = self.renamed.iter().rev().find(|(name, _)| name == plain || *name == as_folders);
        found.map(|(_, path)| path.as_path())
    }
}

/// Reads the Dockerfile of an image; the command of the template goes before its own.
pub(super) fn image(files: &Files, code: &ImageCode) -> Result<Image, String> {
    let Some(dockerfile) = &code.dockerfile else { return Err("the template names an image, but no Dockerfile".to_owned()) };
    let file = files.read(dockerfile).map_err(|error| format!("{} {error}", files.display(dockerfile)))?;
    let context = code.context.clone().unwrap_or_else(|| context(files, &file.text, dockerfile));
    let (mut image, entry) = read(files, &file.text, &context, &code.arguments);
    if let Some(command) = code.command.first() {
        image.handler = Some(command.clone());
        image.command = code.command.iter().map(SmolStr::to_string).collect();
    }
    // What runs handlers is told one; everything else is a program with its arguments.
    if !entry.iter().any(|word| word.contains("lambda")) {
        image.command.splice(0..0, entry);
    }
    Ok(image)
}

/// The folder an image is most likely built from, when nothing says: that of its Dockerfile, or the nearest around that has what is
/// copied.
fn context(files: &Files, text: &str, dockerfile: &Path) -> PathBuf {
    let own = dockerfile.parent().unwrap_or(Path::new(""));
    let lines = instructions(text);
    let copies = lines.iter().filter_map(|line| line.split_once(char::is_whitespace));
    let copies: Vec<&str> = copies.filter(|(word, _)| ["COPY", "ADD"].contains(word)).map(|(_, rest)| rest).collect();
    let fits = |folder: &&Path| copies.iter().flat_map(|rest| sources(rest, folder)).any(|path| files.exists(&path));
    let base = clean(files.base());
    let around = own.ancestors().take_while(|folder| base == Path::new(".") || folder.starts_with(&base));
    around.into_iter().find(fits).unwrap_or(own).to_path_buf()
}

/// What a Dockerfile says, and the words of its entry point. Who builds the image may give other arguments than the defaults there.
fn read(files: &Files, text: &str, context: &Path, given: &BTreeMap<SmolStr, SmolStr>) -> (Image, Vec<String>) {
    let (mut image, mut entry) = (Image::default(), Vec::new());
    let mut arguments: BTreeMap<String, String> = BTreeMap::new();
    for line in instructions(text) {
        let (instruction, rest) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        match instruction.to_ascii_uppercase().as_str() {
            "CMD" => {
                image.command = words(rest);
                image.handler = image.command.first().map(SmolStr::from);
            }
            "ENTRYPOINT" => {
                // The runtime interface client may stand here, with the handler as its argument.
                entry = words(rest);
                let handler = entry.iter().skip(1).find(|word| word.contains('.') && !word.starts_with(['-', '/']));
                image.handler = handler.map(SmolStr::from).or(image.handler);
            }
            "ARG" => arguments.extend(words(rest).iter().filter_map(|word| {
                let (name, default) = word.split_once('=').unwrap_or((word, ""));
                let value = given.get(name).map_or(default.trim_matches(['"', '\'']), SmolStr::as_str);
                (!value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
            })),
            "COPY" | "ADD" => {
                let rest = filled(rest, &arguments);
                image.roots.extend(copied(files, &rest, context));
                image.renamed.extend(renamed(files, &rest, context));
            }
            _ => {}
        }
    }
    image.copied.clone_from(&image.roots);
    image.roots.push(context.to_path_buf());
    image.roots.push(context.join("src"));
    let mut seen = Vec::new();
    image.roots.retain(|root| {
        let fresh = !seen.contains(root);
        seen.push(root.clone());
        fresh
    });
    (image, entry)
}

/// Lines without comments, continued ones joined.
fn instructions(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_suffix('\\') {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => lines.push(std::mem::take(&mut open) + line),
        }
    }
    lines.push(open);
    lines
}

/// The words of the exec form (`["a", "b"]`) or of the shell form.
fn words(rest: &str) -> Vec<String> {
    let list = rest.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match list {
        Some(list) => list.split(',').map(|word| word.trim().trim_matches(['"', '\'']).to_owned()).collect(),
        None => rest.split_whitespace().map(str::to_owned).collect(),
    }
}

/// What is copied. What comes from another stage is not in the repository, but its sources often were copied there.
fn sources(rest: &str, context: &Path) -> Vec<PathBuf> {
    let words = words(rest);
    let mut sources: Vec<&String> = words.iter().filter(|word| !word.starts_with("--")).collect();
    if words.iter().any(|word| word.starts_with("--from")) {
        return Vec::new();
    }
    sources.pop();
    sources.into_iter().map(|source| clean(&context.join(source.trim_end_matches(['*', '/'])))).collect()
}

/// A text with the arguments of the build in it.
fn filled(text: &str, arguments: &BTreeMap<String, String>) -> String {
    let mut filled = text.to_owned();
    for (name, value) in arguments {
        filled = filled.replace(&format!("${{{name}}}"), value).replace(&format!("${name}/"), &format!("{value}/"));
    }
    filled
}

/// A file that is copied to a name of its own, by the path of that from the task root, without its extension.
fn renamed(files: &Files, rest: &str, context: &Path) -> Option<(PathBuf, PathBuf)> {
    let (target, sources) = (words(rest).pop()?, sources(rest, context));
    let [source] = sources.as_slice() else { return None };
    let roots = ["${LAMBDA_TASK_ROOT}/", "$LAMBDA_TASK_ROOT/", "/var/task/", "./"];
    let target = roots.iter().find_map(|root| target.strip_prefix(root)).unwrap_or(&target);
    let (name, own) = (Path::new(target), source.extension()?);
    let is_module = name.extension() == Some(own) && name.is_relative() && files.is_file(source) && !files.is_dir(name);
    (is_module && name.file_name() != source.file_name()).then(|| (clean(&name.with_extension("")), source.clone()))
}

/// The folders that hold what is copied.
fn copied(files: &Files, rest: &str, context: &Path) -> Vec<PathBuf> {
    let folder = |path: PathBuf| if files.is_plain_dir(&path) { Some(path) } else { path.parent().map(Path::to_path_buf) };
    sources(rest, context).into_iter().filter_map(folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_command_is_the_handler_and_copies_are_roots() {
        let text = "FROM public.ecr.aws/lambda/python:3.12\nCOPY requirements.txt ./\nRUN a \\\n  && b\nCOPY fn/app.py ${LAMBDA_TASK_ROOT}/\nCMD [ \"app.lambda_handler\" ]\n";
        let (image, _) = read(&Files::new("."), text, Path::new("ctx"), &BTreeMap::new());
        assert_eq!(image.handler.as_deref(), Some("app.lambda_handler"));
        assert_eq!(image.roots, [PathBuf::from("ctx"), PathBuf::from("ctx/fn"), PathBuf::from("ctx/src")]);
    }

    #[test]
    fn a_runtime_interface_client_takes_the_handler_as_argument() {
        let (image, _) = read(
            &Files::new("."),
            "ENTRYPOINT [\"/usr/bin/python\", \"-m\", \"awslambdaric\"]\nCMD [\"pkg.app.run\"]",
            Path::new("."),
            &BTreeMap::new(),
        );
        assert_eq!(image.handler.as_deref(), Some("pkg.app.run"));
        let text = "ENTRYPOINT [\"npx\", \"aws-lambda-ric\", \"index.handler\"]";
        let (image, _) = read(&Files::new("."), text, Path::new("."), &BTreeMap::new());
        assert_eq!(image.handler.as_deref(), Some("index.handler"));
    }
}
