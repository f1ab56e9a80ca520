//! The properties that `AWS::Serverless::Function` and `AWS::Lambda::Function` share.

use std::path::PathBuf;

use smol_str::SmolStr;

use super::document::{Entry, Node};
use super::stack::{CodeSource, ImageCode, InlineCode, LambdaFunction, Layer, Setting, SettingKind, Variable};
use super::template::Template;
use crate::span::SourceFile;

impl Template<'_> {
    /// A function with everything but its code, events and policies.
    pub(crate) fn function(&self, entry: &Entry, properties: &Node) -> LambdaFunction {
        let mut function = LambdaFunction::new(self.qualified(&entry.key), self.at(entry.key_span));
        let literal = |key: &str| properties.get(key).and_then(|node| self.literal(node));
        function.name = properties.get("FunctionName").and_then(|node| self.text(node));
        function.runtime = literal("Runtime");
        function.handler = literal("Handler");
        function.entry_points = self.entry_points(&entry.value);
        self.environment(properties, &mut function);
        function.layers = self.layers(properties);
        function.settings = self.settings(properties);
        if let Some(role) = properties.get("Role") {
            function.take_role(self.texts(role), &self.at(role.span));
        }
        function
    }

    fn entry_points(&self, resource: &Node) -> Vec<SmolStr> {
        let points = resource.path(&["Metadata", "BuildProperties", "EntryPoints"]);
        points.map_or_else(Vec::new, |points| self.literals(points))
    }

    fn environment(&self, properties: &Node, function: &mut LambdaFunction) {
        let Some(environment) = properties.get("Environment") else { return };
        // What an expression gives is not listed, and its name is none of a variable.
        let is_function = |entry: &Entry| entry.key.starts_with("Fn::") || entry.key == "Ref";
        let is_listed = |node: &&Node| node.as_mapping().is_some_and(|mapping| !mapping.entries.iter().any(is_function));
        let branches = environment.branches();
        function.further_variables = !branches.iter().all(is_listed);
        for variables in branches.into_iter().filter_map(|node| node.get("Variables")) {
            let branches = variables.branches();
            function.further_variables |= !branches.iter().all(is_listed);
            for entry in branches.into_iter().flat_map(Node::entries).filter(|entry| !is_function(entry)) {
                let values = self.texts(&entry.value);
                let variable = Variable { values: values.clone(), origin: self.at(entry.key_span) };
                let known = function.environment.entry(entry.key.clone()).or_insert(variable);
                for value in values {
                    if !known.values.contains(&value) {
                        known.values.push(value);
                    }
                }
            }
        }
    }

    fn layers(&self, properties: &Node) -> Vec<Layer> {
        let nodes = properties.get("Layers").map_or_else(Vec::new, |list| list.branches());
        let texts = nodes.into_iter().flat_map(|node| self.texts(node).into_iter().map(move |text| (text, node.span)));
        texts.map(|(name, span)| Layer { name, content: None, build_method: None, origin: self.at(span) }).collect()
    }

    fn settings(&self, properties: &Node) -> Vec<Setting> {
        let mut settings = Vec::new();
        let mut add = |kind, node: &Node, value: Option<&Node>| {
            let value = value.and_then(|node| self.text(node));
            settings.push(Setting { kind, value, origin: self.at(node.span) });
        };
        let present = |path: &[&str]| {
            let node = properties.path(path)?;
            node.branches().into_iter().next()
        };
        if let Some(node) = present(&["VpcConfig"]) {
            let subnets = node.get("SubnetIds").or_else(|| node.get("SubnetIDs"));
            if subnets.is_some_and(|list| list.as_sequence().is_none_or(|items| !items.is_empty())) {
                add(SettingKind::Vpc, node, None);
            }
        }
        for path in [&["Tracing"][..], &["TracingConfig", "Mode"]] {
            if let Some(node) = present(path) {
                add(SettingKind::Tracing, node, Some(node));
            }
        }
        for path in [["DeadLetterQueue", "TargetArn"], ["DeadLetterConfig", "TargetArn"]] {
            if let Some(node) = present(&path) {
                add(SettingKind::DeadLetter, node, Some(node));
            }
        }
        if let Some(node) = present(&["KmsKeyArn"]) {
            add(SettingKind::KmsKey, node, Some(node));
        }
        if let Some(node) = present(&["DurableConfig"]) {
            add(SettingKind::Durable, node, None);
        }
        if let Some(node) = present(&["LoggingConfig", "LogGroup"]) {
            add(SettingKind::LogGroup, node, Some(node));
        }
        for node in properties.get("FileSystemConfigs").map_or_else(Vec::new, |list| list.branches()) {
            add(SettingKind::FileSystem, node, node.get("Arn"));
        }
        if let Some(node) = properties.path(&["EventInvokeConfig", "DestinationConfig"]) {
            settings.extend(self.destinations(node));
        }
        settings
    }

    /// The destinations of asynchronous invocations.
    pub(crate) fn destinations(&self, node: &Node) -> Vec<Setting> {
        let mut settings = Vec::new();
        for (key, kind) in [("OnSuccess", SettingKind::OnSuccess), ("OnFailure", SettingKind::OnFailure)] {
            if let Some(node) = node.get(key) {
                let value = node.get("Destination").and_then(|node| self.text(node));
                settings.push(Setting { kind, value, origin: self.at(node.span) });
            }
        }
        settings
    }

    /// A container image, from SAM's `Metadata` and the function's own command.
    pub(crate) fn image(&self, resource: &Node, properties: &Node, uri: Option<&Node>) -> CodeSource {
        let metadata = |key: &str| resource.path(&["Metadata", key]).and_then(|node| self.literal(node));
        let context: Option<PathBuf> = metadata("DockerContext").map(|path| self.join(&path));
        let dockerfile = match (&context, metadata("Dockerfile")) {
            (Some(context), name) => Some(context.join(name.as_deref().unwrap_or("Dockerfile"))),
            (None, Some(name)) => Some(self.join(&name)),
            (None, None) => None,
        };
        let command = properties.path(&["ImageConfig", "Command"]).map_or_else(Vec::new, |node| self.literals(node));
        let given = resource.path(&["Metadata", "DockerBuildArgs"]).map_or(&[][..], Node::entries);
        let given = given.iter().filter_map(|entry| Some((entry.key.clone(), self.literal(&entry.value)?)));
        let arguments = given.collect();
        CodeSource::Image(ImageCode { context, dockerfile, arguments, command, uri: uri.and_then(|node| self.text(node)) })
    }

    /// How many lines of the template stand above the first line of a code written into it.
    fn lines_above(&self, code: &Node, text: &str) -> usize {
        let start = first_words(code).span.start as usize;
        let rest = self.file.text.get(start..).unwrap_or_default();
        // The sign that opens a block stands above its lines.
        let header = if rest.starts_with(['|', '>']) { rest.find('\n').unwrap_or_default() } else { 0 };
        let blank = rest[header..].len() - rest[header..].trim_start().len();
        let (line, _) = self.file.line_column((start + header + blank) as u32);
        let leading = text[..text.len() - text.trim_start().len()].matches('\n').count();
        (line as usize - 1).saturating_sub(leading)
    }

    /// Code written into the template, as a file of its own.
    pub(crate) fn inline(&self, id: &str, code: &Node, runtime: Option<&str>) -> Option<CodeSource> {
        let text = self.texts(code).into_iter().next()?;
        if text.is_unknown() {
            return None;
        }
        let extension = if runtime.is_some_and(|runtime| runtime.starts_with("nodejs")) { "js" } else { "py" };
        let name = format!("{}#{}.{extension}", self.file.path, self.qualified(id));
        let (text, filled) = super::spelled::spelled(&text, &name);
        let code_text = "\n".repeat(self.lines_above(code, &text)) + &text;
        Some(CodeSource::Inline(InlineCode { file: SourceFile::new(name, code_text), filled, origin: self.at(code.span) }))
    }
}

/// The node that holds the first words of a code: what is joined or substituted, else the node itself.
fn first_words(code: &Node) -> &Node {
    let Some(entry) = code.single() else { return code };
    match (entry.key.as_str(), entry.value.as_sequence()) {
        ("Fn::Join", Some([_, lines])) => lines.items().first().unwrap_or(code),
        ("Fn::Sub", Some([text, ..])) => text,
        _ => &entry.value,
    }
}
