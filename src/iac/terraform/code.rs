//! Where the code of a function is: archives lead back to what they are made from.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::collect::{Collected, Entry};
use super::function::literals;
use super::value::Value;
use crate::iac::{CodeSource, Files, ImageCode, InlineCode, LambdaFunction, clean};
use crate::note::{Note, NoteKind};
use crate::span::SourceFile;
use crate::value::{Piece, Text};

/// Extensions of handler files, in the order in which they are tried.
const EXTENSIONS: [&str; 6] = ["py", "js", "mjs", "cjs", "ts", "mts"];
/// Folders that sources are often kept in, next to the configuration.
const USUAL: [&str; 8] = ["", "src", "lambda", "lambdas", "functions", "function", "code", "app"];
/// How many uploads and packages may stand between a function and its source.
const MAX_HOPS: usize = 4;

/// The code of an `aws_lambda_function`.
pub(super) fn of_function(collected: &Collected, files: &Files, entry: &Entry, function: &mut LambdaFunction) -> CodeSource {
    let values = &entry.values;
    if let Some(uri) = values.get("image_uri") {
        let command = values.path(&["image_config", "command"]).map_or_else(Vec::new, literals);
        let context = image_context(collected, uri).or_else(|| only_dockerfile(collected, files));
        let dockerfile = context.as_ref().map(|context| context.join("Dockerfile"));
        return CodeSource::Image(ImageCode { context, dockerfile, command, uri: uri.one_text(), ..ImageCode::default() });
    }
    if let Some(filename) = values.get("filename") {
        return package(collected, files, filename, function);
    }
    if values.get("s3_bucket").is_some() || values.get("s3_key").is_some() {
        return bucket(collected, files, values, function);
    }
    CodeSource::Missing
}

/// A file that is uploaded: an archive that the configuration makes, or one that something else makes.
pub(super) fn package(collected: &Collected, files: &Files, filename: &Value, function: &mut LambdaFunction) -> CodeSource {
    for text in filename.texts() {
        if let Some(entry) = collected.entry_of(&text)
            && let Some(code) = followed(collected, files, entry, function)
        {
            return code;
        }
    }
    let Some(path) = collected.literal(filename) else {
        if let Some(code) = unnamed(collected, files, filename, function) {
            return code;
        }
        let message = "where the code is depends on the deployment";
        function.notes.push(Note::at(NoteKind::Template, filename.at.clone(), message));
        return CodeSource::Missing;
    };
    let path = collected.path(&path);
    if let Some(archive) = collected.entries.values().find(|entry| makes(collected, entry, &path))
        && let Some(code) = archived(collected, archive, function)
    {
        return code;
    }
    // An archive is a folder, too, but what it was made from says more.
    if files.is_dir(&path) && files.packed(&path).is_none() {
        return CodeSource::Local(path);
    }
    guessed(collected, files, &path, function)
}

/// An archive of which the folder is known and the name is not: its source may be there.
fn unnamed(collected: &Collected, files: &Files, filename: &Value, function: &mut LambdaFunction) -> Option<CodeSource> {
    let folder = filename.texts().iter().find_map(|text| match text.pieces() {
        [Piece::Literal(start), rest @ ..]
            if !rest.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains('/'))) =>
        {
            start.rsplit_once('/').map(|(folder, _)| collected.path(folder))
        }
        _ => None,
    })?;
    match guessed(collected, files, &folder.join("*"), function) {
        CodeSource::Local(found) if found.starts_with(&folder) && files.is_dir(&found) => Some(CodeSource::Local(found)),
        _ => None,
    }
}

/// Code by way of its archive or upload.
fn followed(collected: &Collected, files: &Files, entry: &Entry, function: &mut LambdaFunction) -> Option<CodeSource> {
    let mut entry = entry;
    for _ in 0..MAX_HOPS {
        match entry.kind.as_str() {
            "archive_file" => return archived(collected, entry, function),
            super::community::LAMBDA => return super::community::source(collected, files, entry),
            "aws_s3_object" | "aws_s3_bucket_object" => {
                let source = entry.values.get("source")?;
                match source.texts().iter().find_map(|text| collected.entry_of(text)) {
                    Some(next) => entry = next,
                    None => return Some(package(collected, files, source, function)),
                }
            }
            _ => return None,
        }
    }
    None
}

/// Whether an archive is written to this path.
fn makes(collected: &Collected, entry: &Entry, path: &Path) -> bool {
    let written = || entry.values.get("output_path").and_then(|path| collected.literal(path));
    entry.kind == "archive_file" && written().is_some_and(|written| collected.path(&written) == path)
}

/// What an `archive_file` packs.
/// <https://registry.terraform.io/providers/hashicorp/archive/latest/docs/data-sources/file>
fn archived(collected: &Collected, entry: &Entry, function: &mut LambdaFunction) -> Option<CodeSource> {
    let values = &entry.values;
    for key in ["source_dir", "source_file"] {
        if let Some(path) = values.get(key).and_then(|path| collected.literal(path)) {
            return Some(CodeSource::Local(collected.path(&path)));
        }
    }
    let module = function.handler.as_deref().and_then(|handler| handler.rsplit_once('.')).map(|(module, _)| module.to_owned());
    let fits = |name: &str| {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        module.as_deref().is_none_or(|module| module == stem || module.replace('.', "/") == stem)
    };
    if let Some((_, path)) = entry.contents.iter().find(|(name, _)| fits(name)) {
        return Some(CodeSource::Local(collected.path(path)));
    }
    let sources = values.get("source").map_or_else(Vec::new, Value::members);
    let single = values.get("source_content").map(|content| (values.get("source_content_filename"), content));
    let blocks = sources.iter().filter_map(|source| Some((source.get("filename"), source.get("content")?)));
    let name_of = |name: Option<&Value>| name.and_then(|name| collected.literal(name)).unwrap_or_default();
    if let Some((name, content)) = blocks.chain(single).find(|(name, _)| fits(&name_of(*name))) {
        return inline(&name_of(name), content, function);
    }
    let message = "this archive does not say which file it packs";
    function.notes.push(Note::at(NoteKind::Template, entry.at.clone(), message));
    None
}

/// Code that stands in the configuration, as a file of its own with the configuration's line numbers.
fn inline(name: &str, content: &Value, function: &LambdaFunction) -> Option<CodeSource> {
    let text = content.one_text().filter(|text| !text.is_unknown())?;
    let extension = name.rsplit_once('.').map_or("py", |(_, extension)| extension);
    let path = format!("{}#{}.{extension}", content.at.file.path, function.id);
    let (line, _) = content.at.file.line_column(content.at.span.start);
    // Text between two markers starts on the line below the first.
    let start = content.at.file.text.get(content.at.span.start as usize..).unwrap_or_default();
    let padding = line as usize - usize::from(!start.starts_with("<<"));
    let (spelled, filled) = crate::iac::spelled::spelled(&text, &path);
    let file = SourceFile::new(path, "\n".repeat(padding) + &spelled);
    Some(CodeSource::Inline(InlineCode { file, filled, origin: content.at.clone() }))
}

/// An archive that a build makes before Terraform runs: sources with the handler's name near it.
fn guessed(collected: &Collected, files: &Files, path: &Path, function: &mut LambdaFunction) -> CodeSource {
    let Some(handler) = function.handler.clone() else { return CodeSource::Local(path.to_path_buf()) };
    let (module, symbol) = handler.rsplit_once('.').unwrap_or((handler.as_str(), ""));
    let modules = [module.to_owned(), module.replace('.', "/")];
    let named = |folder: &Path| {
        let in_folder = |module: &String| EXTENSIONS.map(|extension| clean(&folder.join(format!("{module}.{extension}"))));
        modules.iter().flat_map(in_folder).filter(|file| files.is_file(file)).collect::<Vec<_>>()
    };
    let packed = named(path);
    for folder in candidates(collected, files, path) {
        let fits = |file: &PathBuf| {
            let same = packed.is_empty() || packed.iter().any(|packed| files.is_packed(packed, file));
            same && files.read(file).is_ok_and(|file| file.text.contains(symbol))
        };
        if named(&folder).iter().any(fits) {
            let message = format!(
                "{} is built by something else; its source was taken to be {}",
                files.display(path),
                files.display(&folder)
            );
            function.notes.push(Note::at(NoteKind::Info, function.origin.clone(), message));
            return CodeSource::Local(folder);
        }
    }
    CodeSource::Local(path.to_path_buf())
}

/// Folders named like the archive, then the usual ones, around the archive and the configuration.
fn candidates(collected: &Collected, files: &Files, path: &Path) -> Vec<PathBuf> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let around = path.parent().into_iter().flat_map(|folder| [Some(folder), folder.parent()]).flatten();
    let bases: Vec<PathBuf> =
        around.chain([collected.root.as_path()]).chain(collected.root.parent()).map(Path::to_path_buf).collect();
    let mut folders = Vec::new();
    for usual in USUAL {
        folders.extend(bases.iter().map(|base| clean(&base.join(usual).join(&stem))));
    }
    // Folders that are not named like it may hold another function's code; those above the configuration are too far away.
    for usual in USUAL {
        folders.extend(bases.iter().take(bases.len().saturating_sub(1)).map(|base| clean(&base.join(usual))));
    }
    let mut seen = std::collections::BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()) && files.is_dir(folder));
    folders
}

/// Code in a bucket, unless the configuration uploads it itself.
fn bucket(collected: &Collected, files: &Files, values: &Value, function: &mut LambdaFunction) -> CodeSource {
    let texts = values.get("s3_key").map_or_else(Vec::new, Value::texts);
    let by_reference = texts.iter().find_map(|text| collected.entry_of(text));
    let key_of = |values: &Value, name: &str| values.get(name).and_then(|key| collected.literal(key));
    let literal = key_of(values, "s3_key");
    let by_key = || {
        let key = literal.as_ref()?;
        let uploads = |entry: &&Entry| {
            matches!(entry.kind.as_str(), "aws_s3_object" | "aws_s3_bucket_object")
                && key_of(&entry.values, "key").as_ref() == Some(key)
        };
        collected.in_order().find(uploads)
    };
    if let Some(entry) = by_reference.or_else(by_key)
        && let Some(code) = followed(collected, files, entry, function)
    {
        return code;
    }
    let part = |key: &str| values.get(key).and_then(Value::one_text).unwrap_or_default();
    let mut place = Text::literal("s3://");
    place.push_text(&part("s3_bucket"));
    place.push_str("/");
    place.push_text(&part("s3_key"));
    let message = format!("the code is not in this repository but at {}", place.pattern());
    function.notes.push(Note::at(NoteKind::UnresolvedHandler, function.origin.clone(), message));
    CodeSource::Remote(place)
}

/// The folder an image is built from, when the configuration builds it.
/// <https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/image>
fn image_context(collected: &Collected, uri: &Value) -> Option<PathBuf> {
    let entry = uri.texts().iter().find_map(|text| collected.entry_of(text))?;
    let context = match entry.kind.as_str() {
        "docker_image" | "docker_registry_image" => entry.values.path(&["build", "context"]),
        "terraform-aws-modules/lambda/aws//modules/docker-build" => entry.values.get("source_path"),
        _ => None,
    };
    Some(collected.path(&collected.literal(context?)?))
}

/// Images are often built by a script next to the configuration: the folder of the only Dockerfile there is.
fn only_dockerfile(collected: &Collected, files: &Files) -> Option<PathBuf> {
    let folders = files.names(&collected.root).into_iter().map(|name| collected.root.join(name));
    let folders = folders.filter(|folder| files.is_dir(folder)).chain([collected.root.clone()]);
    let mut found: Vec<PathBuf> = folders.filter(|folder| files.is_file(&folder.join("Dockerfile"))).collect();
    let only = found.pop()?;
    found.is_empty().then_some(only)
}

/// The content of an `aws_lambda_layer_version` or of a layer that the community module makes.
pub(super) fn layer_content(collected: &Collected, files: &Files, entry: &Entry) -> Option<PathBuf> {
    let mut entry = entry;
    for _ in 0..MAX_HOPS {
        let values = &entry.values;
        let path = |name: &str| Some(collected.path(&collected.literal(values.get(name)?)?));
        match entry.kind.as_str() {
            super::community::LAMBDA => {
                return match super::community::source(collected, files, entry) {
                    Some(CodeSource::Local(path)) => Some(path),
                    _ => None,
                };
            }
            "archive_file" => return path("source_dir").or_else(|| path("source_file")),
            _ => {}
        }
        let reference = ["filename", "source", "s3_key"].iter().find_map(|key| values.get(key));
        match reference.and_then(|value| value.texts().iter().find_map(|text| collected.entry_of(text))) {
            Some(next) => entry = next,
            None => {
                let archive = collected.path(&collected.literal(reference?)?);
                let made = collected.entries.values().find(|entry| makes(collected, entry, &archive));
                let packed = made.and_then(|made| made.values.get("source_dir")).and_then(|folder| collected.literal(folder));
                return Some(packed.map_or_else(|| archive.with_extension(""), |folder| collected.path(&folder)));
            }
        }
    }
    None
}

/// Whether a word of a `source_path` is a path and not a pattern.
pub(super) fn is_path(text: &SmolStr) -> bool {
    !text.starts_with('!') && !text.contains('*') && !text.starts_with(':')
}
