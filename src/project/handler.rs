//! From what a template says about a function's code to the file and the symbol that are entered.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::moved::{self, Sources};
use super::written::{Family, family, split, split_first};
use super::{EntryPoint, Function, Handler, SOURCE_EXTENSIONS, docker, layers, near, node, program, stub};
use crate::iac::{CodeSource, Files, Format, ImageCode, LambdaFunction, Stack, clean};
use crate::note::{Note, NoteKind};
use crate::span::{Location, Span};
use crate::value::Text;

/// Environment variables in which wrappers that take the handler's place keep the real one.
/// Datadog, New Relic and Lumigo document them with their layers.
const ORIGINAL_HANDLERS: [&str; 3] = ["DD_LAMBDA_HANDLER", "NEW_RELIC_LAMBDA_HANDLER", "LUMIGO_ORIGINAL_HANDLER"];

/// A way to read a handler: the module that is loaded, and what of it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading<'h> {
    family: Family,
    module: &'h str,
    symbol: &'h str,
}

/// A function of a stack, paired with its code.
pub(super) fn function(files: &Files, sources: &Sources, stack: &Arc<Stack>, lambda: &LambdaFunction) -> Function {
    let mut function = Function {
        name: lambda.id.clone(),
        id: Some(lambda.id.clone()),
        origin: Some(lambda.origin.clone()),
        runtime: lambda.runtime.clone(),
        handler: Handler::Missing,
        code_root: None,
        import_roots: Vec::new(),
        environment: lambda.environment.clone(),
        // An image brings variables of its own.
        environment_complete: !lambda.further_variables && !matches!(lambda.code, CodeSource::Image(_)),
        events: lambda.events.clone(),
        settings: lambda.settings.clone(),
        role: lambda.role.clone(),
        declared: lambda.declared.clone(),
        notes: lambda.notes.clone(),
        stack: Some(Arc::clone(stack)),
    };
    let Some(family) = family(lambda.runtime.as_deref()) else {
        let runtime = lambda.runtime.as_deref().unwrap_or_default();
        function.handler = Handler::Unsupported;
        note(
            &mut function,
            lambda,
            format!("leash reads Python, JavaScript and TypeScript; code for {runtime} was not analyzed"),
        );
        return function;
    };
    if let (Family::Either, Some(runtime)) = (family, &lambda.runtime) {
        let message = format!(
            "`{runtime}` is no runtime of Lambda, so the language is taken from the code; write its identifier, such as \
             `nodejs22.x` or `python3.13`"
        );
        function.notes.push(Note::at(NoteKind::Info, lambda.origin.clone(), message));
    }
    let resolver = Resolver { files, sources, folder: clean(&stack.folder), lambda, family };
    let resolved = match resolver.replaced(stack) {
        Some(found) => Ok(found),
        None => resolver.resolve(stack).or_else(|failure| resolver.moved(stack).ok_or(failure)),
    };
    match resolved {
        Ok(Resolved { remark, handler, root, layers }) => {
            // What the template's reader had to say about it is answered.
            function.notes.retain(|note| note.kind != NoteKind::UnresolvedHandler);
            let remark = remark.map(|message| Note::at(NoteKind::Template, lambda.origin.clone(), message));
            function.notes.extend(remark);
            if let Some(outside) = outside(files, &handler) {
                function.notes.push(Note::at(NoteKind::Info, lambda.origin.clone(), outside));
            }
            if matches!(handler, Handler::Inline { .. }) {
                resolver.stands_in(stack).into_iter().for_each(|message| note(&mut function, lambda, message));
            }
            function.handler = match (&root, lambda.entries.as_slice()) {
                (_, []) | (None, _) => handler,
                (Some(root), entries) => {
                    let (found, missing) = resolver.entries_in(root, entries);
                    missing.into_iter().for_each(|message| note(&mut function, lambda, message));
                    Handler::Entries(found)
                }
            };
            function.import_roots.extend(root.iter().cloned());
            function.import_roots.extend(layers);
            function.code_root = root;
            function.notes.extend(layers::extensions(files, lambda));
        }
        Err(Failure::Said) => {}
        Err(Failure::Unsupported(message)) => {
            function.handler = Handler::Unsupported;
            note(&mut function, lambda, message);
        }
        Err(Failure::NotFound(message)) => note(&mut function, lambda, message),
    }
    function
}

fn note(function: &mut Function, lambda: &LambdaFunction, message: String) {
    function.notes.push(Note::at(NoteKind::UnresolvedHandler, lambda.origin.clone(), message));
}

/// What to say about code that is not below the folder leash was pointed at.
fn outside(files: &Files, handler: &Handler) -> Option<String> {
    let Handler::File { path, .. } = handler else { return None };
    let shown = files.display(path);
    shown.starts_with("../").then(|| format!("the code, {shown}, is outside of the folder that is analyzed"))
}

/// By what code is looked for that is not where the template says: by the place that it names, then by name, or by that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    ByPlace,
    ByName,
}

/// The folder or the file that a function is made from.
fn local(lambda: &LambdaFunction) -> Option<&Path> {
    match &lambda.code {
        CodeSource::Local(path) => Some(path),
        _ => None,
    }
}

struct Resolved {
    /// What is worth knowing about how the handler was found.
    remark: Option<String>,
    handler: Handler,
    root: Option<PathBuf>,
    layers: Vec<PathBuf>,
}

enum Failure {
    /// A note was left while the template was read.
    Said,
    Unsupported(String),
    NotFound(String),
}

struct Resolver<'a> {
    files: &'a Files,
    sources: &'a Sources,
    /// The template's folder.
    folder: PathBuf,
    lambda: &'a LambdaFunction,
    family: Family,
}

impl Resolver<'_> {
    /// Code in a template is the module `index`, whatever the handler says. Where that names another one, the code is to be
    /// replaced, and what replaces it may be here.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-function-code.html>
    fn replaced(&self, stack: &Stack) -> Option<Resolved> {
        let is_inline = matches!(self.lambda.code, CodeSource::Inline(_));
        match is_inline && self.is_of_other_module() {
            true => self.moved(stack),
            false if stub::is_stub(self.lambda) => self.taken_for(stack, Search::ByName),
            false => None,
        }
    }

    /// Whether the handler is not of the module that code in a template becomes.
    fn is_of_other_module(&self) -> bool {
        let handler = self.handler_name().unwrap_or_default();
        let readings = self.readings(&handler);
        !readings.is_empty() && readings.iter().all(|reading| reading.module != "index")
    }

    /// What to say where the code of the template only stands in for what is deployed, and that is not here.
    fn stands_in(&self, stack: &Stack) -> Option<String> {
        let is_so = stub::is_stub(self.lambda) && stub::is_replaced(self.lambda, stack, self.is_of_other_module());
        is_so.then(|| stub::STANDS_IN.to_owned())
    }

    fn resolve(&self, stack: &Stack) -> Result<Resolved, Failure> {
        match &self.lambda.code {
            CodeSource::Inline(inline) => {
                let handler = self.lambda.handler.as_deref().unwrap_or_default();
                let readings = self.readings(handler);
                let reading = readings.iter().find(|reading| reading.module == "index").or(readings.first());
                let symbol = reading.map_or("handler", |reading| reading.symbol);
                let file = Arc::clone(&inline.file);
                let handler = Handler::Inline { file, symbol: symbol.into(), filled: inline.filled.clone() };
                Ok(Resolved { remark: None, handler, root: None, layers: layers::roots(self.files, self.lambda, self.family) })
            }
            CodeSource::Local(path) => self.local(path),
            CodeSource::Image(code) => {
                let named = || self.dockerfile(code, stack);
                let nearby =
                    if code.dockerfile.is_none() { near::dockerfile(self.files, &self.folder).or_else(named) } else { None };
                let remark = nearby.as_ref().map(|path| {
                    format!("the template does not say how the image is built; {} was taken for it", self.files.display(path))
                });
                let code =
                    nearby.map_or_else(|| code.clone(), |dockerfile| ImageCode { dockerfile: Some(dockerfile), ..code.clone() });
                let image = docker::image(self.files, &code).map_err(Failure::NotFound)?;
                Ok(Resolved { remark, ..self.image(&image)? })
            }
            CodeSource::Missing if self.lambda.notes.is_empty() => {
                Err(Failure::NotFound("the template does not say where the code is".to_owned()))
            }
            CodeSource::Remote(_) | CodeSource::Missing => Err(Failure::Said),
        }
    }

    /// The Dockerfile whose folder is named like the image or the function, or the only one there is when the template has no
    /// other image.
    fn dockerfile(&self, code: &ImageCode, stack: &Stack) -> Option<PathBuf> {
        let uri = |code: &ImageCode| code.uri.as_ref().map(Text::pattern).unwrap_or_default();
        let repository = uri(code);
        let repository = repository.rsplit('/').next().unwrap_or_default();
        let repository = repository.split([':', '@']).next().unwrap_or_default();
        let name = self.lambda.name.as_ref().and_then(Text::as_literal).unwrap_or_default();
        let id = self.lambda.id.rsplit(['.', '/']).next().unwrap_or_default();
        let id = id.split('[').next().unwrap_or_default();
        let is_other = |other: &LambdaFunction| matches!(&other.code, CodeSource::Image(other) if uri(other) != uri(code));
        let only = || if stack.functions.iter().any(is_other) { None } else { self.only_dockerfile(code) };
        self.sources.dockerfile(self.files, &self.folder, &[repository, name, id]).or_else(only)
    }

    /// The only Dockerfile, else the only one whose command leads to code of the repository, or the only one of these without a
    /// suffix that says what else it is for.
    fn only_dockerfile(&self, code: &ImageCode) -> Option<PathBuf> {
        let all = self.sources.dockerfiles();
        let leads = |path: &&PathBuf| {
            let code = ImageCode { dockerfile: Some((*path).clone()), ..code.clone() };
            docker::image(self.files, &code).is_ok_and(|image| self.image(&image).is_ok())
        };
        let leading = || all.iter().copied().filter(leads).collect::<Vec<_>>();
        let plain = || leading().into_iter().filter(|path| path.extension().is_none()).collect::<Vec<_>>();
        let only = |found: &[&PathBuf]| match found {
            [one] => Some((*one).clone()),
            _ => None,
        };
        only(&all).or_else(|| only(&leading())).or_else(|| only(&plain()))
    }

    /// The handler that counts: the one a wrapper keeps for later, if it does.
    fn handler_name(&self) -> Option<SmolStr> {
        let original = ORIGINAL_HANDLERS.iter().find_map(|name| self.lambda.environment.get(*name));
        let original = original.and_then(|variable| variable.values.first()).and_then(Text::as_literal);
        original.map(SmolStr::from).or_else(|| self.lambda.handler.clone())
    }

    fn local(&self, path: &Path) -> Result<Resolved, Failure> {
        let Some(handler) = self.handler_name() else {
            return Err(Failure::NotFound("the template names no handler".to_owned()));
        };
        let is_source = path.extension().and_then(|extension| extension.to_str()).is_some_and(|e| SOURCE_EXTENSIONS.contains(&e));
        if is_source && self.files.is_file(path) {
            let is_python = path.extension().is_some_and(|extension| extension == "py");
            let symbol = if is_python { split(&handler) } else { split_first(&handler) }.map_or("handler", |(_, symbol)| symbol);
            let found = Handler::File { path: path.to_path_buf(), symbol: symbol.into() };
            return Ok(self.found(found, path.parent().unwrap_or(path)));
        }
        if self.files.is_plain_dir(path) {
            return self.search(&handler, &[path.to_path_buf()]);
        }
        if is_source && let Some(found) = self.compiled(&handler, path) {
            return Ok(found);
        }
        if self.files.is_dir(path) {
            return self.packed(&handler, path);
        }
        let found = self.guessed(&handler, &near::unpacked(path)).or_else(|failure| self.elsewhere(&handler, path, failure));
        if self.files.is_file(path) && matches!(found, Err(Failure::NotFound(_))) {
            let message = format!("the code is packed in {}, which is no archive that leash can open", self.files.display(path));
            return Err(Failure::NotFound(message));
        }
        found
    }

    /// The code is a file that a build writes: its source is here.
    fn compiled(&self, handler: &str, path: &Path) -> Option<Resolved> {
        let symbol = split_first(handler).map_or("handler", |(_, symbol)| symbol);
        let (folder, module) = (path.parent()?, path.file_stem()?.to_str()?);
        let source = node::source(self.files, folder, module, symbol, &[])?;
        Some(self.found(Handler::File { path: source.clone(), symbol: symbol.into() }, source.parent()?))
    }

    /// The code is in an archive. Where a file beside it is what was packed, that one is shown: it is what people edit.
    fn packed(&self, handler: &str, path: &Path) -> Result<Resolved, Failure> {
        let inside = self.search(handler, &[path.to_path_buf()]);
        let beside = self.guessed(handler, &near::unpacked(path)).or_else(|failure| self.elsewhere(handler, path, failure));
        match (inside, beside) {
            (Err(failure), beside) => beside.map_err(|_| failure),
            (Ok(inside), Ok(beside)) => {
                let same = match (&inside.handler, &beside.handler) {
                    (Handler::File { path: packed, .. }, Handler::File { path, .. }) => self.files.is_packed(packed, path),
                    _ => false,
                };
                Ok(if same { beside } else { inside })
            }
            (inside, Err(_)) => inside,
        }
    }

    /// The code's folder does not exist: names on other systems may differ in case, and templates get moved.
    fn elsewhere(&self, handler: &str, path: &Path, failure: Failure) -> Result<Resolved, Failure> {
        let is_here = self.folder == Path::new(".");
        let within = |folder: &PathBuf| is_here && folder.is_relative() || folder.starts_with(&self.folder);
        if let Some(other) = near::from_above(self.files, path).filter(|_| !self.files.exists(path))
            && let Ok(found) = self.local(&other)
        {
            let (wanted, taken) = (self.files.display(path), self.files.display(&other));
            return Ok(Resolved { remark: Some(format!("{wanted} does not exist; {taken} was taken for it")), ..found });
        }
        let above = path.ancestors().skip(1).map(clean).take_while(within);
        for root in near::ignoring_case(self.files, path).into_iter().chain(above) {
            if let Ok(mut found) = self.guessed(handler, std::slice::from_ref(&root)) {
                let (wanted, taken) = (self.files.display(path), self.files.display(&root));
                found.remark = Some(format!("{wanted} does not exist; the handler was found in {taken}"));
                return Ok(found);
            }
        }
        Err(failure)
    }

    /// Looks in folders that the template does not name: a file there that does not even contain the handler's name is not it.
    fn guessed(&self, handler: &str, roots: &[PathBuf]) -> Result<Resolved, Failure> {
        let found = self.search(handler, roots)?;
        match &found.handler {
            Handler::File { path, symbol } if !node::may_define(self.files, path, symbol) => {
                let module = self.readings(handler).first().map_or(handler, |reading| reading.module);
                Err(Failure::NotFound(self.searched(handler, module, &roots.iter().collect::<Vec<_>>())))
            }
            _ => Ok(found),
        }
    }

    /// The code is not where the template says, or the template does not say: the repository may have it at another place.
    fn moved(&self, stack: &Stack) -> Option<Resolved> {
        self.taken_for(stack, Search::ByPlace)
    }

    fn taken_for(&self, stack: &Stack, search: Search) -> Option<Resolved> {
        let place = |lambda: &LambdaFunction| match &lambda.code {
            CodeSource::Local(path) => Some(path.to_string_lossy().into_owned()),
            CodeSource::Remote(text) => Some(stack.with_defaults(text).pattern()),
            CodeSource::Image(ImageCode { uri: Some(uri), dockerfile: None, .. }) => Some(uri.pattern()),
            CodeSource::Missing | CodeSource::Inline(_) => Some(String::new()),
            CodeSource::Image(_) => None,
        };
        let own = place(self.lambda)?;
        let handler = match &self.lambda.code {
            CodeSource::Image(image) => image.command.first().cloned(),
            _ => self.handler_name(),
        }?;
        let is_other = |other: &&LambdaFunction| other.id != self.lambda.id && other.handler.as_deref() == Some(handler.as_str());
        let others =
            || stack.functions.iter().filter(is_other).filter_map(|other| Some((place(other)?, &other.origin.file.path)));
        let is_common = others().any(|(other, _)| other != own);
        // What other nested templates declare stands beside them.
        let is_common_there = others().any(|(other, file)| other != own && *file == self.lambda.origin.file.path);
        // A place that several share does not say whose code it is.
        let is_shared = others().any(|(other, _)| other == own);
        let is_stub = stub::is_stub(self.lambda);
        let is_certain = matches!(self.lambda.code, CodeSource::Inline(_)) && !is_stub && stack.format == Format::Terraform;
        let names = if is_certain { Vec::new() } else { stub::names(self.lambda) };
        let taken: Vec<PathBuf> = stack.functions.iter().filter_map(local).map(clean).collect();
        let template = if stack.format == Format::CdkSource { stack.included.as_slice() } else { &[] };
        let (symbol, found) = self.readings(&handler).into_iter().find_map(|Reading { family, module, symbol }| {
            let extensions = match family {
                Family::Python => &SOURCE_EXTENSIONS[..1],
                Family::Node => &SOURCE_EXTENSIONS[1..],
                Family::Either => &SOURCE_EXTENSIONS[..],
            };
            let from = |folder: &Path, is_common: bool| {
                let wanted = moved::Wanted { module, symbol, extensions, place: &own, folder, is_common, template };
                let by_place = || self.sources.find(self.files, &wanted).filter(|_| search == Search::ByPlace);
                let by_name = || self.sources.named(self.files, &wanted, &names, &taken);
                let found = if is_shared { by_name().or_else(by_place) } else { by_place().or_else(by_name) };
                let alone = || self.sources.alone(self.files, &wanted, &taken).filter(|_| search == Search::ByPlace);
                found.or_else(alone)
            };
            let nested = self.nested(stack);
            let nested = nested.as_deref().and_then(|folder| from(folder, is_common_there));
            let found = nested.or_else(|| from(&self.folder, is_common));
            Some((symbol, found?))
        })?;
        let taken = self.files.display(&found.path);
        let shown = match &self.lambda.code {
            CodeSource::Local(path) => {
                let shown = self.files.display(path);
                match path {
                    path if self.files.is_plain_dir(path) => format!("the handler `{handler}` is not in {shown}"),
                    path if self.files.exists(path) => format!("the code is packed in {shown}"),
                    _ => format!("{shown} does not exist"),
                }
            }
            CodeSource::Missing => "the template does not say where the code is".to_owned(),
            CodeSource::Inline(_) if is_stub && (stack.format == Format::Terraform || !self.is_of_other_module()) => {
                "the code in the template reaches nothing".to_owned()
            }
            CodeSource::Inline(_) => format!("the code in the template is the module `index`, and the handler is `{handler}`"),
            _ if own.trim_start_matches("s3://").is_empty() => "the code is in a bucket".to_owned(),
            _ => format!("the code is at {own}"),
        };
        let mut resolved = self.found(Handler::File { path: found.path, symbol: symbol.into() }, &found.root);
        resolved.remark = Some(format!("{shown}; {taken} was taken for it, the file here that fits best"));
        Some(resolved)
    }

    /// The folder of the nested template that declares the function, where that is another one.
    fn nested(&self, stack: &Stack) -> Option<PathBuf> {
        let declared = &self.lambda.origin.file.path;
        let is_nested = matches!(stack.format, Format::Sam | Format::CloudFormation) && *declared != stack.template.path;
        let folder = is_nested.then(|| self.files.base().join(declared).parent().map(clean))?;
        folder.filter(|folder| *folder != self.folder)
    }

    fn image(&self, image: &docker::Image) -> Result<Resolved, Failure> {
        // A command of several words starts a program; a handler is one word.
        if let Some(entry) = image.command.get(1).and_then(|_| program::of_words(self.files, &image.roots, &image.command)) {
            let root = image.roots.first().map_or(Path::new("."), PathBuf::as_path);
            return Ok(self.found(Handler::Entries(vec![entry]), root));
        }
        let Some(handler) = image.handler.clone().or_else(|| self.lambda.handler.clone()) else {
            return Err(Failure::NotFound("neither the template nor the Dockerfile names a handler (a `CMD`)".to_owned()));
        };
        let renamed = |reading: Reading<'_>| Some((reading.symbol.into(), image.renamed(reading.module)?.to_path_buf()));
        if let Some((symbol, path)) = self.readings(&handler).into_iter().find_map(renamed) {
            let root = path.parent().map(Path::to_path_buf).unwrap_or_default();
            let mut found = self.found(Handler::File { path, symbol }, &root);
            found.layers.extend(image.copied.iter().cloned());
            return Ok(found);
        }
        self.search(&handler, &image.roots)
    }

    /// Looks for the handler's module in the roots, then in the layers.
    fn search(&self, handler: &str, roots: &[PathBuf]) -> Result<Resolved, Failure> {
        let readings = self.readings(handler);
        let Some(first) = readings.first() else {
            return Err(Failure::Unsupported(format!(
                "the handler `{handler}` is not of the form file.function; if it is a script, what it starts was not analyzed"
            )));
        };
        if let Some(script) = roots.iter().map(|root| root.join(handler)).find(|path| self.files.is_file(path)) {
            let shown = self.files.display(&script);
            let Some(entry) = program::of_script(self.files, roots, &script) else {
                return Err(Failure::Unsupported(format!("the handler is a script, {shown}; what it starts was not analyzed")));
            };
            let root = roots.first().map_or(Path::new("."), PathBuf::as_path);
            return Ok(self.found(Handler::Entries(vec![entry]), root));
        }
        let layers = layers::roots(self.files, self.lambda, self.family);
        let mut candidates: Vec<&PathBuf> = roots.iter().collect();
        candidates.extend(&layers);
        for reading in &readings {
            let symbol = reading.symbol;
            for root in &candidates {
                if let Some(path) = self.module(root, reading) {
                    let code_root = if roots.contains(root) {
                        root.as_path()
                    } else {
                        roots.first().map_or(root.as_path(), PathBuf::as_path)
                    };
                    return Ok(self.found(Handler::File { path, symbol: symbol.into() }, code_root));
                }
            }
            for root in roots {
                if reading.family != Family::Python
                    && let Some(path) = node::source(self.files, root, reading.module, symbol, &self.entries(root))
                {
                    return Ok(self.found(Handler::File { path, symbol: symbol.into() }, root));
                }
            }
        }
        Err(Failure::NotFound(self.searched(handler, first.module, &candidates)))
    }

    /// The ways to read a handler, the likelier one first.
    fn readings<'h>(&self, handler: &'h str) -> Vec<Reading<'h>> {
        let reading = |family, (module, symbol)| Reading { family, module, symbol };
        let (first, last) = (split_first(handler), split(handler));
        let both = match self.family {
            Family::Python => [None, last.map(|parts| reading(Family::Python, parts))],
            Family::Node => [first, last].map(|parts| parts.map(|parts| reading(Family::Node, parts))),
            Family::Either if first == last => [None, last.map(|parts| reading(Family::Either, parts))],
            Family::Either => [last.map(|parts| reading(Family::Either, parts)), first.map(|parts| reading(Family::Node, parts))],
        };
        let mut readings: Vec<Reading<'h>> = both.into_iter().flatten().collect();
        readings.dedup();
        readings
    }

    fn found(&self, handler: Handler, root: &Path) -> Resolved {
        Resolved {
            remark: None,
            handler,
            root: Some(root.to_path_buf()),
            layers: layers::roots(self.files, self.lambda, self.family),
        }
    }

    fn module(&self, root: &Path, reading: &Reading<'_>) -> Option<PathBuf> {
        let python = || near::python_module(self.files, root, reading.module);
        let node = || node::module_file(self.files, &clean(&root.join(reading.module)));
        match reading.family {
            Family::Python => python(),
            Family::Node => node(),
            Family::Either => python().or_else(node),
        }
    }

    /// The functions that the handler dispatches to, and what is to say about those that are not there.
    fn entries_in(&self, root: &Path, entries: &[SmolStr]) -> (Vec<EntryPoint>, Vec<String>) {
        let (mut found, mut missing) = (Vec::new(), Vec::new());
        for entry in entries {
            let Some((module, symbol)) = entry.strip_suffix('.').map(|module| (module, "")).or_else(|| split(entry)) else {
                missing.push(format!("`{entry}` is not of the form module.function"));
                continue;
            };
            match self.module(root, &Reading { family: self.family, module, symbol }) {
                Some(path) => found.push(EntryPoint { path, symbol: symbol.into() }),
                None => missing.push(self.searched(entry, module, &[&root.to_path_buf()])),
            }
        }
        (found, missing)
    }

    fn entries(&self, root: &Path) -> Vec<PathBuf> {
        self.lambda.entry_points.iter().map(|entry| clean(&root.join(entry.as_str()))).collect()
    }

    /// What was looked for, so that the reader sees which guess is wrong.
    fn searched(&self, handler: &str, module: &str, roots: &[&PathBuf]) -> String {
        let extensions = match self.family {
            Family::Python => "py",
            Family::Node => "js, mjs, cjs, ts, mts, cts",
            Family::Either => "py, js, mjs, cjs, ts, mts, cts",
        };
        let shown: Vec<String> = roots.iter().take(4).map(|root| self.files.display(root)).collect();
        let missing = roots.first().filter(|root| !self.files.exists(root));
        let is_source = |path: &Path| path.extension().is_some_and(|end| SOURCE_EXTENSIONS.iter().any(|known| end == *known));
        if let Some(file) = missing.filter(|path| is_source(path)) {
            return format!("{} does not exist, where the handler `{handler}` was to be", self.files.display(file));
        }
        let missing = missing.map(|root| format!("; {} does not exist", self.files.display(root))).unwrap_or_default();
        format!("the handler `{handler}` was not found: looked for {module} ({extensions}) in {}{missing}", shown.join(", "))
    }
}

/// The function that a Dockerfile makes, where nothing but it speaks of one: its command names the handler.
pub(super) fn packaged(files: &Files, dockerfile: &Path, function: Function) -> Option<Function> {
    let code = ImageCode { dockerfile: Some(dockerfile.to_path_buf()), ..ImageCode::default() };
    let image = docker::image(files, &code).ok()?;
    let handler = image.handler.as_deref()?;
    let (_, symbol) = split(handler).filter(|(_, symbol)| !SOURCE_EXTENSIONS.contains(symbol))?;
    let start = Location::new(&files.read(dockerfile).ok()?, Span::default());
    let lambda = LambdaFunction::new(SmolStr::from(symbol), start);
    let folder = dockerfile.parent().unwrap_or(Path::new("."));
    let sources = Sources::new(super::moved::Listing::default);
    let resolver = Resolver { files, sources: &sources, folder: clean(folder), lambda: &lambda, family: Family::Either };
    let found = resolver.image(&image).ok()?;
    let Handler::File { path, symbol } = &found.handler else { return None };
    if super::moved::is_apart(path) || !node::may_define(files, path, symbol) {
        return None;
    }
    let shown = files.display(path);
    let name = shown.rsplit_once('.').map_or(shown.as_str(), |(stem, _)| stem).into();
    let root = found.root.unwrap_or_else(|| folder.to_path_buf());
    let import_roots = vec![root];
    Some(Function { name, handler: found.handler, origin: None, code_root: Some(folder.to_path_buf()), import_roots, ..function })
}
