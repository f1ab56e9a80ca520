//! Functions of a CDK application: their code, environment and settings.

use std::collections::BTreeSet;
use std::path::PathBuf;

use smol_str::SmolStr;

use super::grants::{allow, sends};
use super::policy::{id_of, policy};
use super::{Made, Reader, arn_of, is_supposed, sam, text_of};
use crate::flow::SdkCall;
use crate::iac::declared::PolicySource;
use crate::iac::files::clean;
use crate::iac::spelled::spelled;
use crate::iac::stack::{CodeSource, ImageCode, InlineCode, LambdaFunction, RoleRef, Setting, SettingKind, Variable};
use crate::note::{Note, NoteKind};
use crate::sdk::construct::{ASSET, constant, construct, foreign, is_made_up, made_with, written_id, written_second};
use crate::span::SourceFile;
use crate::value::{Arg, ArgMap, Hole, Text};

/// The properties that make a function what it is, those of other libraries' constructs included.
const DECISIVE: [&str; 5] = ["code", "handler", "entry", "app", "fileName"];

impl Reader<'_> {
    /// Takes in a construct that is a function.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html>
    pub(super) fn function(&mut self, id: &SmolStr, class: &str, props: &ArgMap, call: &SdkCall) {
        if is_supposed(call) && self.adds_nothing(props, call) {
            return;
        }
        if self.by_construct.get(id).is_some_and(|known| self.is_known(known, props, call)) || self.is_twin(id, props, call) {
            return;
        }
        if is_made_up(class, id) && self.is_made_here(props, call) {
            return;
        }
        let mut function = LambdaFunction::new(id.clone(), call.at.clone());
        function.runtime = props.get("runtime").and_then(runtime);
        // What the application falls back on where it may be told another.
        let mut handlers = props.get("handler").map_or(&[][..], Arg::alternatives).iter().filter_map(Arg::as_text);
        function.handler = handlers.find_map(|text| text.as_literal().map(SmolStr::from));
        if is_made_up(class, id) {
            let message = format!("the id of this function could not be read from the application, so it is called {id} here");
            function.notes.push(Note::at(NoteKind::Template, call.at.clone(), message));
        }
        if self.runs && is_supposed(call) {
            let message = "the application was not seen to run the code that makes this function, so it may not be deployed";
            function.notes.push(Note::at(NoteKind::Template, call.at.clone(), message));
        }
        match class {
            "aws-lambda.Function" | "aws-lambda.SingletonFunction" => self.asset_code(&mut function, props, call),
            "aws-lambda-nodejs.NodejsFunction" => self.node_code(&mut function, props, call),
            "aws-lambda-python.PythonFunction" => self.python_code(&mut function, props, call),
            "aws-lambda.DockerImageFunction" => self.image_code(&mut function, props, call),
            "aws-lambda-go.GoFunction" => function.runtime = function.runtime.or(Some(SmolStr::new_static("go"))),
            "aws-lambda.CfnFunction" => self.low_level_code(&mut function, props, call),
            "aws-sam.CfnFunction" => {
                self.low_level_code(&mut function, props, call);
                if let Some(path) = text_of(props, "codeUri").and_then(|text| self.path(&text, call)) {
                    (function.code, function.notes) = (CodeSource::Local(path), Vec::new());
                }
            }
            // `experimental.EdgeFunction`, and what others derive: they take what a function takes.
            _ if class.ends_with("Function") && props.get("code").is_some() && props.get("handler").is_some() => {
                self.asset_code(&mut function, props, call);
            }
            _ => match foreign(class) {
                Some(name) => self.foreign_code(&mut function, name, props, call),
                None => return,
            },
        }
        function.name = text_of(props, "functionName");
        set_variables(&mut function, props.get("environment"), call);
        self.layers_of(&mut function, props, call);
        settings(&mut function, props, call);
        implicit(&mut function, class, props, call);
        if class == "aws-sam.CfnFunction" {
            function.declared.extend(sam::policies(props.get("policies"), call));
        }
        if let Some(role) = props.get("role").and_then(id_of) {
            function.role = RoleRef::Declared(role);
        }
        let known = self.by_construct.entry(id.clone()).or_default();
        let functions: BTreeSet<usize> = known.iter().map(|made| made.at).collect();
        let numbered = (functions.len() + 1..).map(|number| match number {
            1 => id.clone(),
            _ => smol_str::format_smolstr!("{id}-{number}"),
        });
        let is_free = |id: &SmolStr| self.stack.functions.iter().all(|known| known.id != *id);
        function.id = numbered.into_iter().find(is_free).unwrap_or_default();
        let mark = made_with(&call.params).unwrap_or_default().into();
        known.push(Made { at: self.stack.functions.len(), mark, props: props.clone() });
        self.stack.functions.push(function);
    }

    /// Whether a function of a known id is made at the same place with the same code: one whose id is not known is that one as
    /// code makes it of which nothing is known that calls it.
    fn is_made_here(&self, props: &ArgMap, call: &SdkCall) -> bool {
        self.by_construct.values().flatten().any(|made| {
            let here = self.stack.functions.get(made.at).is_some_and(|function| function.origin == call.at);
            here && DECISIVE.iter().all(|name| made.props.get(name) == props.get(name))
        })
    }

    /// Whether a function is made at the same place of which all is known that is known here: code that nothing was seen to run
    /// was entered with unknown arguments.
    fn adds_nothing(&self, props: &ArgMap, call: &SdkCall) -> bool {
        let own = variables(props);
        self.by_construct.values().flatten().any(|made| {
            let here = self.stack.functions.get(made.at).is_some_and(|function| function.origin == call.at);
            let is_same = |value: &Arg, other: Option<&Arg>| !is_told(value) || other == Some(value);
            let same = |name: &str| props.get(name).is_none_or(|value| is_same(value, made.props.get(name)));
            let set = |name: &SmolStr| variables(&made.props).and_then(|others| others.get(name));
            let mut variables = own.into_iter().flat_map(|own| &own.entries);
            here && DECISIVE.iter().all(|name| same(name)) && variables.all(|(name, value)| is_same(value, set(name)))
        })
    }

    /// What is made at one place with the same code is one function here, whose variables can be what either was given: the
    /// policy is for both.
    fn is_twin(&mut self, id: &SmolStr, props: &ArgMap, call: &SdkCall) -> bool {
        let Some(known) = self.by_construct.get_mut(id) else { return false };
        let same = |made: &&Made| DECISIVE.iter().all(|name| made.props.get(name) == props.get(name));
        let here = |made: &&Made| self.stack.functions[made.at].origin == call.at;
        let Some(at) = known.iter().filter(here).find(same).map(|made| made.at) else { return false };
        known.push(Made { at, mark: made_with(&call.params).unwrap_or_default().into(), props: props.clone() });
        let environment = props.get("environment").and_then(Arg::as_map);
        self.stack.functions[at].further_variables |= environment.is_none_or(|map| map.open);
        for (name, value) in environment.map(|map| &map.entries).into_iter().flatten() {
            let earlier = self.stack.functions[at].environment.get(name).map(|variable| variable.values.clone());
            set_variable(&mut self.stack.functions[at], name, value, call);
            if let Some(variable) = self.stack.functions[at].environment.get_mut(name) {
                variable.values.extend(earlier.unwrap_or_default());
                variable.values.sort();
                variable.values.dedup();
            }
        }
        true
    }

    /// Whether a function was made at this place already, or one of which more is known.
    fn is_known(&self, known: &[Made], props: &ArgMap, call: &SdkCall) -> bool {
        let tells = |props: &ArgMap, name: &str| props.get(name).is_some_and(|value| !matches!(value, Arg::Unknown(_)));
        let says_less = |other: &ArgMap| {
            let adds_nothing = DECISIVE.iter().all(|name| !tells(props, name) || other.get(name) == props.get(name));
            adds_nothing && DECISIVE.iter().any(|name| tells(other, name) && !tells(props, name))
        };
        let mut here = known.iter().filter(|made| self.stack.functions[made.at].origin == call.at);
        here.any(|other| Some(other.mark.as_str()) == made_with(&call.params) || says_less(&other.props))
    }

    /// `code`: of several, by condition, the first that is there.
    fn asset_code(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        let given = props.get("code").map_or(&[][..], Arg::alternatives);
        let mut codes: Vec<CodeSource> = Vec::new();
        for (class, _, data) in given.iter().filter_map(construct) {
            codes.extend(self.code_of(function, class, data, call));
        }
        let is_there = |code: &CodeSource| match code {
            CodeSource::Local(path) => self.tree.is_dir(path) || self.tree.is_file(path),
            code => !matches!(code, CodeSource::Remote(_)),
        };
        let best = codes.iter().position(is_there).unwrap_or_default();
        match codes.into_iter().nth(best) {
            Some(CodeSource::Image(image)) => {
                // `Runtime.FROM_IMAGE`: the handler is the image's own.
                (function.runtime, function.handler) = (None, None);
                function.code = CodeSource::Image(image);
            }
            Some(code) => function.code = code,
            None => unknown_code(function, call),
        }
    }

    fn code_of(&self, function: &mut LambdaFunction, class: &str, data: &ArgMap, call: &SdkCall) -> Option<CodeSource> {
        match class.rsplit('.').next().unwrap_or(class) {
            "fromAsset" | "asset" | "AssetCode" | "fromDockerBuild" | "fromCustomCommand" => {
                self.known_path(&first(data, "path")?, call).map(CodeSource::Local)
            }
            "fromInline" | "inline" | "InlineCode" => self.inline(&first(data, "code")?, function, call),
            "fromAssetImage" | "AssetImageCode" => self.image(data, call).map(CodeSource::Image),
            "fromBucket" | "bucket" | "S3Code" => Some(self.uploaded(function, data, call)),
            _ => None,
        }
    }

    /// The code of a construct of another library: as the CDK's own would have it, else by what the properties name, which is
    /// the archive or the program more often than not.
    fn foreign_code(&self, function: &mut LambdaFunction, class: &str, props: &ArgMap, call: &SdkCall) {
        let runtime = function.runtime.clone().unwrap_or_default();
        if props.get("code").is_some_and(|code| code.alternatives().iter().any(|code| construct(code).is_some())) {
            self.asset_code(function, props, call);
        } else if props.get("entry").is_some() && runtime.starts_with("python") {
            self.python_code(function, props, call);
        } else if props.get("entry").is_some() {
            self.node_code(function, props, call);
        } else {
            let place = ["fileName", "app", "functionName"].iter().find_map(|name| text_of(props, name));
            let message = "where the code is could not be read from the application";
            function.notes.push(Note::at(NoteKind::UnresolvedHandler, call.at.clone(), message));
            function.code = CodeSource::Remote(place.unwrap_or_else(|| Text::literal(function.id.clone())));
        }
        let message =
            format!("`{class}` is a construct of another library; it is read as a function because it is given what one is");
        function.notes.push(Note::at(NoteKind::Template, call.at.clone(), message));
    }

    /// Code in a bucket: of an asset of the application, or from elsewhere.
    fn uploaded(&self, function: &mut LambdaFunction, data: &ArgMap, call: &SdkCall) -> CodeSource {
        if let Some(asset) = first(data, "bucket").and_then(|bucket| self.asset(&bucket)) {
            return CodeSource::Local(asset);
        }
        let named = || data.get("props").and_then(Arg::as_map)?.get("key");
        let key = data.get("1").or_else(named).or_else(|| written_second(data)).cloned();
        let mut place = Text::literal("s3://*/");
        place.push_text(&key.and_then(|key| key.as_text()).unwrap_or_default());
        let message = format!("the code is not in this repository but at {}", place.pattern());
        function.notes.push(Note::at(NoteKind::UnresolvedHandler, call.at.clone(), message));
        CodeSource::Remote(place)
    }

    /// What is uploaded to a bucket that an asset names: `asset.bucket`, `asset.s3BucketName`. Ids are not unique; what assets are
    /// made with is.
    fn asset(&self, bucket: &Arg) -> Option<PathBuf> {
        let found = match (construct(bucket), bucket) {
            (Some((ASSET, Some(id), data)), _) => {
                made_with(data).and_then(|mark| self.assets.get(mark)).or_else(|| self.assets.get(id))
            }
            (None, Arg::Unknown(Hole::Resource { id, .. })) => self.assets.get(id),
            _ => None,
        };
        found.cloned()
    }

    /// The first of several paths that leads to something; else the first.
    fn known_path(&self, value: &Arg, call: &SdkCall) -> Option<PathBuf> {
        let paths: Vec<PathBuf> = value.texts().iter().filter_map(|text| self.path(text, call)).collect();
        let exists = |path: &&PathBuf| self.tree.is_dir(path) || self.tree.is_file(path);
        paths.iter().find(exists).or(paths.first()).cloned()
    }

    /// Code that the application writes itself, or reads from a file.
    fn inline(&self, value: &Arg, function: &LambdaFunction, call: &SdkCall) -> Option<CodeSource> {
        let text =
            value.texts().into_iter().find(|text| !text.is_unknown() || matches!(text.as_hole(), Some(Hole::Content(_))))?;
        if let Some(Hole::Content(path)) = text.as_hole() {
            return Some(CodeSource::Local(clean(&self.folder.join(path.as_str()))));
        }
        let is_node = function.runtime.as_ref().is_some_and(|runtime| runtime.starts_with("nodejs"));
        let (code, filled) = spelled(&text, if is_node { "index.js" } else { "index.py" });
        let file = SourceFile::new(format!("{}#{}", call.at.file.path, function.id), code);
        Some(CodeSource::Inline(InlineCode { file, filled, origin: call.at.clone() }))
    }

    /// Without an `entry`, the file beside the one that defines the function, with its name and the function's id.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html>
    fn node_code(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        let path = match props.get("entry") {
            Some(entry) => self.known_path(entry, call),
            None if props.get("code").is_some() => return self.asset_code(function, props, call),
            None => written_id(&call.params).and_then(|id| self.beside(id, call)),
        };
        let symbol = function.handler.take().unwrap_or_else(|| SmolStr::new_static("handler"));
        function.handler = Some(if symbol.contains('.') { symbol } else { smol_str::format_smolstr!("index.{symbol}") });
        function.runtime = function.runtime.take().or_else(|| Some(SmolStr::new_static("nodejs")));
        match path {
            Some(path) => function.code = CodeSource::Local(path),
            None => unknown_code(function, call),
        }
    }

    fn beside(&self, id: &str, call: &SdkCall) -> Option<std::path::PathBuf> {
        let source = self.folders.get(call.at.file.path.as_str())?;
        let stem = source.file_stem()?.to_str()?;
        let files =
            ["ts", "js", "mjs", "mts", "cts", "cjs"].map(|extension| source.with_file_name(format!("{stem}.{id}.{extension}")));
        files.into_iter().find(|path| self.tree.is_file(path))
    }

    fn python_code(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        let literal = |name: &str, default: &str| {
            text_of(props, name).and_then(|text| text.as_literal().map(str::to_owned)).unwrap_or_else(|| default.to_owned())
        };
        let index = literal("index", "index.py");
        let module = index.strip_suffix(".py").unwrap_or(&index);
        let symbol = literal("handler", "handler");
        // Some write the module again.
        let symbol = symbol.strip_prefix(module).and_then(|symbol| symbol.strip_prefix('.')).unwrap_or(&symbol);
        function.handler = Some(smol_str::format_smolstr!("{module}.{symbol}"));
        function.runtime = function.runtime.take().or_else(|| Some(SmolStr::new_static("python")));
        match props.get("entry").and_then(|entry| self.known_path(entry, call)) {
            Some(path) => function.code = CodeSource::Local(path),
            None => unknown_code(function, call),
        }
    }

    fn image_code(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        let code = props.get("code").map_or(&[][..], Arg::alternatives);
        match code.iter().filter_map(construct).find_map(|(_, _, data)| self.image(data, call)) {
            Some(image) => function.code = CodeSource::Image(image),
            None => unknown_code(function, call),
        }
    }

    fn image(&self, data: &ArgMap, call: &SdkCall) -> Option<ImageCode> {
        let context = self.known_path(&first(data, "directory")?, call)?;
        let options = data.get("props").and_then(Arg::as_map);
        let file = options.and_then(|options| text_of(options, "file")).and_then(|text| text.as_literal().map(str::to_owned));
        let command = match options.and_then(|options| options.get("cmd")) {
            Some(Arg::List { items, .. }) => {
                items.iter().filter_map(Arg::as_text).filter_map(|text| text.as_literal().map(SmolStr::from)).collect()
            }
            _ => Vec::new(),
        };
        let dockerfile = Some(context.join(file.as_deref().unwrap_or("Dockerfile")));
        let given = options.and_then(|options| options.get("buildArgs")?.as_map());
        let given = given.into_iter().flat_map(|map| &map.entries);
        let arguments = given.filter_map(|(name, value)| Some((name.clone(), value.as_text()?.as_literal()?.into()))).collect();
        Some(ImageCode { context: Some(context), dockerfile, arguments, command, uri: None })
    }

    /// The code of constructs that are generated from the resource types: `code: { zipFile: '…' }`.
    fn low_level_code(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        function.runtime = text_of(props, "runtime").and_then(|text| text.as_literal().map(SmolStr::from));
        let given = props.get("code");
        // Python makes `CfnFunction.CodeProperty(zip_file=…)`.
        let made = given.and_then(construct).and_then(|(_, _, data)| data.get("props"));
        let code = made.or(given).and_then(Arg::as_map);
        let part = |name: &str| code.and_then(|code| code.get(name));
        let written = part("zipFile").or_else(|| props.get("inlineCode"));
        function.code = match (written, part("s3Bucket")) {
            (Some(written), _) => self.inline(written, function, call).unwrap_or(CodeSource::Missing),
            (None, Some(bucket)) => {
                let entries = [("0", Some(bucket)), ("1", part("s3Key"))];
                let entries = entries.into_iter().filter_map(|(name, value)| Some((name.into(), value?.clone())));
                self.uploaded(function, &ArgMap { entries: entries.collect(), open: false, computed: Vec::new() }, call)
            }
            (None, None) => CodeSource::Missing,
        };
        if matches!(function.code, CodeSource::Missing) {
            unknown_code(function, call);
        }
        let variables = props.get("environment").map(|environment| environment.as_map().and_then(|map| map.get("variables")));
        if let Some(variables) = variables {
            set_variables(function, variables.or(Some(&Arg::unknown("variables"))), call);
        }
    }
}

/// The variables among the properties of a construct.
fn variables(props: &ArgMap) -> Option<&ArgMap> {
    props.get("environment").and_then(Arg::as_map)
}

/// Whether all of a value is known, as far as the application says it.
fn is_told(value: &Arg) -> bool {
    match value {
        Arg::Unknown(hole) => !matches!(hole, Hole::Unknown(_)),
        Arg::Text(text) => text.holes().all(|hole| !matches!(hole, Hole::Unknown(_))),
        value => match construct(value).and_then(|(_, id, data)| id.is_none().then_some(data)) {
            Some(data) => data.entries.iter().all(|(name, value)| name.starts_with('#') || is_told(value)),
            None => true,
        },
    }
}

/// The first argument of a function, by position or by name.
pub(super) fn first(data: &ArgMap, name: &str) -> Option<Arg> {
    data.get("0").or_else(|| data.get("props").and_then(Arg::as_map)?.get(name)).cloned()
}

fn unknown_code(function: &mut LambdaFunction, call: &SdkCall) {
    let message = "where the code is could not be read from the application; run cdk synth and point leash at cdk.out";
    function.notes.push(Note::at(NoteKind::UnresolvedHandler, call.at.clone(), message));
}

/// The variables that a construct is made with.
fn set_variables(function: &mut LambdaFunction, environment: Option<&Arg>, call: &SdkCall) {
    let listed = match environment {
        None | Some(Arg::Null) => return,
        Some(other) => other.as_map(),
    };
    function.further_variables |= listed.is_none_or(|map| map.open);
    for (name, value) in listed.map(|map| &map.entries).into_iter().flatten() {
        set_variable(function, name, value, call);
    }
}

pub(super) fn set_variable(function: &mut LambdaFunction, name: &str, value: &Arg, call: &SdkCall) {
    let mut values = value.texts();
    if values.is_empty() {
        values.push(Text::hole(Hole::Unknown("a value of the application".into())));
    }
    function.environment.insert(name.into(), Variable { values, origin: call.at.clone() });
}

/// `Runtime.PYTHON_3_12` → `python3.12`, `Runtime.NODEJS_22_X` → `nodejs22.x`.
fn runtime(value: &Arg) -> Option<SmolStr> {
    let path = constant(value)?;
    let name = path.rsplit('.').next()?.to_ascii_lowercase();
    let (family, version) = name.split_once('_').unwrap_or((&name, ""));
    let version = if version == "latest" { String::new() } else { version.replace('_', ".") };
    Some(smol_str::format_smolstr!("{family}{version}"))
}

fn settings(function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
    let mut add = |kind, value: Option<Text>| function.settings.push(Setting { kind, value, origin: call.at.clone() });
    if props.get("vpc").is_some_and(|vpc| *vpc != Arg::Null) {
        add(SettingKind::Vpc, None);
    }
    if props.get("durableConfig").is_some_and(|config| *config != Arg::Null) {
        add(SettingKind::Durable, None);
    }
    let tracing = props.get("tracing").and_then(constant);
    if tracing.is_some_and(|mode| mode.ends_with(".ACTIVE")) {
        add(SettingKind::Tracing, Some(Text::literal("Active")));
    }
    for (name, kind) in [
        ("deadLetterQueue", SettingKind::DeadLetter),
        ("deadLetterTopic", SettingKind::DeadLetter),
        ("environmentEncryption", SettingKind::KmsKey),
    ] {
        if let Some(arn) = props.get(name).and_then(arn_of) {
            add(kind, Some(arn));
        }
    }
    let mounted = props.get("filesystem").and_then(construct).and_then(|(_, _, data)| data.get("0"));
    if let Some(arn) = mounted.and_then(arn_of) {
        add(SettingKind::FileSystem, Some(arn));
    }
    if let Some((_, Some(id), _)) = props.get("logGroup").and_then(construct) {
        add(SettingKind::LogGroup, Some(Text::hole(Hole::Resource { id: id.into(), attribute: "Ref".into() })));
    }
    destinations(function, props, call);
}

/// Where results of asynchronous invocations go.
pub(super) fn destinations(function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
    for (name, kind) in [("onSuccess", SettingKind::OnSuccess), ("onFailure", SettingKind::OnFailure)] {
        let target = props.get(name).and_then(construct).and_then(|(_, _, data)| data.get("0"));
        if let Some(arn) = target.and_then(arn_of) {
            function.settings.push(Setting { kind, value: Some(arn), origin: call.at.clone() });
        }
    }
}

/// A property of the function's resource that is overridden.
pub(super) fn overridden(function: &mut LambdaFunction, path: &str, value: &Arg, call: &SdkCall) {
    let mut add = |kind, value| function.settings.push(Setting { kind, value, origin: call.at.clone() });
    let nested = |name: &str| value.as_map().and_then(|map| text_of(map, name));
    match path {
        "DurableConfig" => add(SettingKind::Durable, None),
        "VpcConfig" => add(SettingKind::Vpc, None),
        "TracingConfig" => add(SettingKind::Tracing, nested("Mode")),
        "TracingConfig.Mode" => add(SettingKind::Tracing, value.as_text()),
        "DeadLetterConfig" => add(SettingKind::DeadLetter, nested("TargetArn")),
        "DeadLetterConfig.TargetArn" => add(SettingKind::DeadLetter, value.as_text()),
        "KmsKeyArn" => add(SettingKind::KmsKey, value.as_text()),
        "Handler" => function.handler = value.as_text().and_then(|text| text.as_literal().map(SmolStr::from)),
        "Environment.Variables" => {
            for (name, value) in value.as_map().into_iter().flat_map(|map| &map.entries) {
                set_variable(function, name, value, call);
            }
        }
        path => {
            if let Some(name) = path.strip_prefix("Environment.Variables.") {
                set_variable(function, name, value, call);
            }
        }
    }
}

/// What the construct grants by itself: to a role that it makes, and to whichever role it runs with.
/// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html#execution-role>
fn implicit(function: &mut LambdaFunction, class: &str, props: &ArgMap, call: &SdkCall) {
    if class == "aws-lambda.CfnFunction" || foreign(class).is_some() {
        return;
    }
    let mut add = |name: &'static str, reason: &'static str| {
        let source = PolicySource::ImplicitManaged { name: SmolStr::new_static(name), reason: SmolStr::new_static(reason) };
        function.declared.push(policy(source, Vec::new(), call));
    };
    let given = |name: &str| props.get(name).is_some_and(|value| *value != Arg::Null);
    if given("durableConfig") {
        add("AWSLambdaBasicDurableExecutionRolePolicy", "has a role that the construct makes");
    } else {
        add("AWSLambdaBasicExecutionRole", "has a role that the construct makes");
    }
    if given("vpc") {
        add("AWSLambdaVPCAccessExecutionRole", "runs in a VPC");
    }
    if given("insightsVersion") {
        add("CloudWatchLambdaInsightsExecutionRolePolicy", "reports to Lambda Insights");
    }
    let tracing = props.get("tracing").and_then(constant);
    if tracing.is_some_and(|mode| !mode.ends_with(".DISABLED")) {
        let actions = vec!["xray:PutTraceSegments".into(), "xray:PutTelemetryRecords".into()];
        let statement = allow(actions, vec![Text::literal("*")], Vec::new(), call);
        function.declared.push(policy(PolicySource::Implicit(SmolStr::new_static("is traced")), vec![statement], call));
    }
}

impl Reader<'_> {
    /// What the construct grants on what its properties name.
    pub(super) fn implicit_grants(&mut self, at: usize, props: &ArgMap, call: &SdkCall) {
        let dead = "has a dead-letter queue";
        self.grant_implicitly(at, props.get("deadLetterQueue"), "grantSendMessages", dead, call);
        self.grant_implicitly(at, props.get("deadLetterTopic"), "grantPublish", dead, call);
        let key = "has its environment encrypted";
        self.grant_implicitly(at, props.get("environmentEncryption"), "grantEncryptDecrypt", key, call);
        self.grant_implicitly(at, props.get("profilingGroup"), "grantPublish", "is profiled", call);
        if let Some(mounted) = props.get("filesystem") {
            self.granted_with(at, mounted, call);
        }
        self.grant_destinations(at, props, call);
    }

    pub(super) fn grant_destinations(&mut self, at: usize, props: &ArgMap, call: &SdkCall) {
        for name in ["onSuccess", "onFailure"] {
            if let Some((class, _, data)) = props.get(name).and_then(construct) {
                self.grant_implicitly(at, data.get("0"), sends(class), "sends results to a destination", call);
            }
        }
    }
}
