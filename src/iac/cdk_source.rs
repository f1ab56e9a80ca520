//! Applications of the AWS Cloud Development Kit, read from their source.
//!
//! The interpreter runs the application and tells which constructs it makes and which of their methods it calls (see
//! [`construct`](crate::sdk::construct)). Here they become a [`Stack`]: functions with their code, environment and events,
//! the resources these refer to, and what `grantReadData` and its like declare. Ids are those of the constructs, not the
//! logical ids that synthesis makes of them.

mod changed;
mod custom;
mod function;
mod grants;
mod layers;
mod made;
mod names;
mod policy;
mod qualified;
mod rules;
mod sam;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::cloudformation::{LayerContent, read_template};
use super::declared::DeclaredPolicy;
use super::files::{Files, clean};
use super::stack::{Format, Parameter, Stack};
use crate::flow::{FlowOptions, LinkOptions, Program, SdkCall, SourceTree, constructs};
use crate::sdk::Confidence;
use crate::sdk::construct::{ASSET, INCLUDE, arn_of as construct_arn, construct, construct_fact, is_made_up, made_with};
use crate::span::{Location, SourceFile, Span};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// Stack of the thread that interprets an application; only what is used is ever committed.
const THREAD_STACK: usize = 256 << 20;

/// Reads the application that a `cdk.json` starts. Nothing when it is written in a language that leash does not read.
pub fn read_cdk_app(files: &Files, tree: &dyn SourceTree, manifest: &Path) -> Option<Stack> {
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let text = tree.text(manifest)?;
    let json: serde_json::Value = serde_json::from_str(&text).ok()?;
    let entry = entry(tree, folder, json.get("app")?.as_str()?)?;
    read_cdk_source(files, tree, folder, &entry)
}

/// Reads the application that starts in a file; `folder` is where it is started from.
pub fn read_cdk_source(files: &Files, tree: &dyn SourceTree, folder: &Path, entry: &Path) -> Option<Stack> {
    let base = files.base().to_path_buf();
    let options =
        LinkOptions { roots: vec![folder.to_path_buf()], boundary: base.clone(), packages: base, ..LinkOptions::default() };
    let program = Program::load(tree, entry, &options)?;
    let started_in = Files::new(folder);
    let named = |path: &PathBuf| (path.clone(), started_in.display(path).into());
    let paths = program.modules.iter().map(|linked| named(&linked.path)).collect();
    let context = context(tree, folder);
    let flow = FlowOptions { paths, context, ..FlowOptions::default() };
    let run = || constructs(&program, &flow);
    let calls = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(THREAD_STACK).spawn_scoped(scope, run);
        thread.ok().and_then(|thread| thread.join().ok())
    })?;
    let file = &program.modules.iter().next()?.module.file;
    let folders = program.modules.iter().map(|linked| (linked.module.file.path.as_str(), linked.path.as_path())).collect();
    let mut stack = Stack::new(Format::CdkSource, file, folder);
    stack.included = program.modules.iter().skip(1).map(|linked| PathBuf::from(&linked.module.file.path)).collect();
    let mut reader = Reader {
        tree,
        files,
        folder: folder.to_path_buf(),
        folders,
        stack,
        runs: false,
        by_construct: BTreeMap::new(),
        qualified: BTreeMap::new(),
        assets: BTreeMap::new(),
        layers: BTreeMap::new(),
        policies: BTreeMap::new(),
        keys: BTreeMap::new(),
        rules: BTreeMap::new(),
    };
    reader.stack.parameters = defaults(&flow.context, files, tree, folder);
    reader.read(&calls);
    Some(reader.stack)
}

/// What the application's context holds unless the command line says otherwise: what `cdk.json` declares, and what an earlier
/// run looked up. The library's own switches have names with an `@`.
/// <https://docs.aws.amazon.com/cdk/v2/guide/context.html>
fn context(tree: &dyn SourceTree, folder: &Path) -> BTreeMap<SmolStr, Arg> {
    let object = |name: &str| tree.data(&folder.join(name))?.as_map().cloned();
    let declared = object("cdk.json").and_then(|manifest| manifest.get("context")?.as_map().cloned());
    let maps = declared.into_iter().chain(object("cdk.context.json"));
    maps.flat_map(|map| map.entries).filter(|(name, _)| !name.starts_with('@')).collect()
}

/// The texts of the context, which a deployment may replace like the defaults of parameters.
fn defaults(
    context: &BTreeMap<SmolStr, Arg>,
    files: &Files,
    tree: &dyn SourceTree,
    folder: &Path,
) -> BTreeMap<SmolStr, Parameter> {
    let path = folder.join("cdk.json");
    let file = SourceFile::new(files.display(&path), tree.text(&path).unwrap_or_default());
    let parameter = |(name, value): (&SmolStr, &Arg)| {
        let Arg::Text(default) = value else { return None };
        let start = file.text.find(&format!("\"{name}\"")).unwrap_or_default() as u32;
        let origin = Location::new(&file, Span::new(start, start));
        Some((
            name.clone(),
            Parameter { default: Some(default.clone()), is_filled: !default.is_empty(), kind: "String".into(), origin },
        ))
    };
    context.iter().filter_map(parameter).collect()
}

/// The file that the command starts: `npx ts-node --prefer-ts-exts bin/app.ts`, `python3 app.py`.
fn entry(tree: &dyn SourceTree, folder: &Path, command: &str) -> Option<PathBuf> {
    let mut words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    words.find_map(|word| source_file(tree, &folder.join(word)))
}

/// The source of a file that may be named by what it is compiled to, or without its extension.
fn source_file(tree: &dyn SourceTree, path: &Path) -> Option<PathBuf> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let known = |extension: &str| matches!(extension, "ts" | "js" | "mjs" | "mts" | "cjs" | "py");
    if extension.is_some_and(known) && tree.is_file(path) {
        return Some(clean(path));
    }
    let compiled = extension == Some("js") || (extension.is_none() && path.to_str().is_some_and(|path| path.contains('/')));
    let source = path.with_extension("ts");
    (compiled && tree.is_file(&source)).then(|| clean(&source))
}

/// Makes a stack of what an application did.
struct Reader<'a> {
    tree: &'a dyn SourceTree,
    files: &'a Files,
    /// The folder of `cdk.json`, where relative paths start.
    folder: PathBuf,
    /// The files of the application, by the names they are shown under.
    folders: BTreeMap<&'a str, &'a Path>,
    stack: Stack,
    /// Whether the application makes anything by itself.
    runs: bool,
    /// The functions by the id of their construct: by condition, one id may have several.
    by_construct: BTreeMap<SmolStr, Vec<Made>>,
    /// What aliases and versions are of, by their ids, with their marks.
    qualified: BTreeMap<SmolStr, Vec<(SmolStr, Arg)>>,
    /// Folders and files that are uploaded by themselves, by their id and by their mark.
    assets: BTreeMap<SmolStr, PathBuf>,
    /// What layers bring, by the layer's id.
    layers: BTreeMap<SmolStr, LayerContent>,
    /// Policies that are constructs of their own, by their id.
    policies: BTreeMap<SmolStr, DeclaredPolicy>,
    /// The keys that constructs are encrypted with, by the constructs' ids.
    keys: BTreeMap<SmolStr, Arg>,
    /// What rules match, as templates write it, by their ids.
    rules: BTreeMap<SmolStr, ArgMap>,
}

/// A function and what it was made with.
struct Made {
    /// Its position in the stack.
    at: usize,
    /// The mark of the construct.
    mark: SmolStr,
    props: ArgMap,
}

impl Reader<'_> {
    fn read(&mut self, calls: &[SdkCall]) {
        let calls = &*changed::completed(calls);
        self.runs = calls.iter().any(|call| !is_supposed(call));
        for call in calls {
            self.layer(call);
            self.qualified(call);
            self.rule(call);
            self.template(call);
            let id = text_of(&call.params, "id").and_then(|id| id.as_literal().map(SmolStr::from));
            if call.operation == ASSET
                && let Some(id) = id
                && let Some(path) = text_of(props(&call.params), "path").and_then(|text| self.path(&text, call))
            {
                self.assets.extend(made_with(&call.params).map(|mark| (mark.into(), path.clone())));
                self.assets.entry(id).or_insert(path);
            }
        }
        // What the application was seen to make comes first, and what has an id: of the rest, some is the same.
        let has_no_id = |call: &SdkCall| {
            text_of(&call.params, "id").is_some_and(|id| id.as_literal().is_some_and(|id| is_made_up(&call.operation, id)))
        };
        let mut made: Vec<&SdkCall> = calls.iter().filter(|call| !call.operation.starts_with('#')).collect();
        made.sort_by_key(|call| (is_supposed(call), has_no_id(call)));
        made.into_iter().for_each(|call| self.made(call));
        for call in calls {
            if let Some(method) = call.operation.strip_prefix('#') {
                self.called(call, method);
            } else {
                self.attached(call);
            }
        }
        self.custom_resources(calls);
        self.finish();
        names::name_stack(calls, &mut self.stack);
    }

    /// Takes in the resources of a template that the application includes. Its functions are those of a stack of their own.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloudformation_include-readme.html>
    fn template(&mut self, call: &SdkCall) {
        if call.operation != INCLUDE {
            return;
        }
        let path = text_of(props(&call.params), "templateFile").and_then(|text| self.path(&text, call));
        let Some(Ok(Some(stack))) = path.map(|path| read_template(self.files, &path)) else { return };
        for (id, resource) in stack.resources {
            self.stack.resources.entry(id).or_insert(resource);
        }
        for (id, parameter) in stack.parameters {
            self.stack.parameters.entry(id).or_insert(parameter);
        }
    }

    /// A path that the application names: relative to its folder, or to the source file when it begins with that file's.
    fn path(&self, text: &Text, call: &SdkCall) -> Option<PathBuf> {
        if let Some(path) = text.as_literal() {
            return Some(clean(&self.folder.join(path)));
        }
        match text.pieces() {
            [Piece::Hole(Hole::Unknown(_)), Piece::Literal(rest)] => {
                let source = self.folders.get(call.at.file.path.as_str())?.parent()?;
                Some(clean(&source.join(rest.trim_start_matches('/'))))
            }
            // A folder of the machine that deploys, which is the application's or one around it.
            [Piece::Hole(Hole::Env { .. }), Piece::Literal(rest)] if rest.starts_with('/') => {
                Some(clean(&self.folder.join(rest.trim_start_matches('/'))))
            }
            _ => None,
        }
    }

    /// The ARN of a construct: the reference that gives it, or what is known of it.
    fn arn(&self, value: &Arg) -> Option<Text> {
        arn_of(value).or_else(|| {
            let (_, id, _) = construct(value)?;
            Some(self.stack.resolve_attribute(id?, "Ref")?.arn)
        })
    }

    /// The functions that a value is, or is for (`new LambdaDestination(fn)`).
    fn functions_of(&self, value: &Arg) -> Vec<usize> {
        let Some((_, id, data)) = construct(value) else { return Vec::new() };
        let value = match (id, data.get("0")) {
            (None, Some(inner)) => inner,
            _ => value,
        };
        let mut found: Vec<usize> = self.unqualified(value).iter().flat_map(|value| self.made_as(value)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The functions that a construct is: those with its mark, else all of its id.
    fn made_as(&self, value: &Arg) -> Vec<usize> {
        let Some((_, Some(id), data)) = construct(value) else { return Vec::new() };
        let all = self.by_construct.get(id).map(Vec::as_slice).unwrap_or_default();
        let same: Vec<usize> = all.iter().filter(|made| made_with(data) == Some(&made.mark)).map(|made| made.at).collect();
        if same.is_empty() { all.iter().map(|made| made.at).collect() } else { same }
    }
}

/// Whether code makes something that the application was not seen to run.
fn is_supposed(call: &SdkCall) -> bool {
    call.confidence == Confidence::Possible
}

/// The properties object of a construct.
fn props(params: &ArgMap) -> &ArgMap {
    static NONE: ArgMap = ArgMap { entries: BTreeMap::new(), open: false, computed: Vec::new() };
    params.get("props").and_then(Arg::as_map).unwrap_or(&NONE)
}

fn text_of(map: &ArgMap, name: &str) -> Option<Text> {
    map.get(name).and_then(Arg::as_text)
}

/// The reference that gives the ARN of a construct, or an ARN as it is written.
fn arn_of(value: &Arg) -> Option<Text> {
    match construct(value) {
        Some((_, Some(_), _)) => construct_arn(value),
        // Of which only the type is known.
        Some((class, None, _)) if construct_fact(class).is_some() => {
            Some(Text::hole(Hole::Unknown("the ARN of a construct".into())))
        }
        _ => value.as_text(),
    }
}

#[cfg(test)]
mod tests;
