//! One variable: its sources are asked in order, the first that has a value wins.

use std::rc::Rc;

use smol_str::SmolStr;

use super::build;
use super::expand::{Expander, Known, MAX_ACTIVE, STAGE, weight};
use super::variable::Source;
use crate::iac::document::{Node, NodeKind, Scalar};
use crate::span::Span;

/// What a source says.
enum Answer {
    /// Its value.
    Value(Node),
    /// The deployment decides; the name says which parameter that makes.
    Decided(String),
    /// It has none, for a reason worth telling when no other source has one either.
    Missing(String),
    /// It has none.
    Nothing,
}

impl Expander<'_> {
    /// The value of a variable.
    pub(super) fn variable(&mut self, written: &str, sources: &[Source<'_>], span: Span, depth: usize) -> Node {
        if self.active.len() >= MAX_ACTIVE || depth > crate::iac::document::MAX_DEPTH {
            self.note(span, format!("`{}` nests too deep", shown(written)));
            return self.parameter(&bare(written), None, span);
        }
        let mut why = String::new();
        for (index, source) in sources.iter().enumerate() {
            match self.ask(source, span, depth) {
                Answer::Value(node) => return node,
                Answer::Decided(name) => return self.decided(&name, &sources[index + 1..], span, depth),
                Answer::Missing(reason) => why = format!(" ({reason})"),
                Answer::Nothing => {}
            }
        }
        // A fallback of nothing is meant: the property is left out.
        if !sources.iter().any(|source| matches!(source, Source::Constant("null" | "", _))) {
            self.note(span, format!("`{}` has no value here{why}; it counts as unknown", shown(written)));
        }
        self.parameter(&bare(written), None, span)
    }

    /// A parameter; the rest of the sources gives its default. A default that is no string takes its place.
    fn decided(&mut self, name: &str, rest: &[Source<'_>], span: Span, depth: usize) -> Node {
        for source in rest {
            match self.ask(source, span, depth) {
                Answer::Value(node) => match self.literal(&node) {
                    Some(default) => return self.parameter(name, Some(default), span),
                    None => return node,
                },
                Answer::Decided(_) | Answer::Missing(_) | Answer::Nothing => {}
            }
        }
        self.parameter(name, None, span)
    }

    fn ask(&mut self, source: &Source<'_>, span: Span, depth: usize) -> Answer {
        match *source {
            Source::Constant("null", false) | Source::Unreadable("") => Answer::Nothing,
            Source::Constant(text, quoted) => {
                let scalar = Scalar { text: text.into(), plain: !quoted, block: false };
                // A string in quotes may have variables in it.
                Answer::Value(self.expand(&Node { kind: NodeKind::Scalar(scalar), span, tag: None }, depth + 1))
            }
            Source::Unreadable(text) => {
                self.note(span, format!("`{text}` is neither a variable nor a constant"));
                Answer::Nothing
            }
            Source::Lookup { kind, param, address } => {
                let Some(address) = self.literal_text(address, span, depth) else {
                    self.note(span, format!("the address `{address}` depends on the deployment"));
                    return Answer::Decided(bare(&format!("{kind}:{address}")));
                };
                self.lookup(kind, param, &address, span, depth)
            }
        }
    }

    /// One arm per kind of source.
    /// <https://www.serverless.com/framework/docs/providers/aws/guide/variables>
    fn lookup(&mut self, kind: &str, param: Option<&str>, address: &str, span: Span, depth: usize) -> Answer {
        match kind {
            "self" => self.own(address, span, depth),
            "opt" | "sls" => self.option(kind, address, span),
            "env" => Answer::Decided(format!("env:{address}")),
            "aws" => match address {
                "accountId" => Answer::Value(build::reference("AWS::AccountId", span)),
                "region" => Answer::Value(build::reference("AWS::Region", span)),
                _ => Answer::Decided(format!("aws:{address}")),
            },
            "file" => self.file(param.unwrap_or_default(), address, span, depth),
            "construct" => self.construct(address, span),
            "param" => self.service_parameter(address, span, depth),
            "strToBool" => match self.literal_text(param.unwrap_or_default(), span, depth) {
                Some(text) => Answer::Value(build::text(text, span)),
                None => Answer::Nothing,
            },
            // Values of other stacks and stores, and of plugins: `cf`, `ssm`, `s3`, `output`, `git`, `vault` …
            _ => Answer::Decided(match param {
                Some(param) => bare(&format!("{kind}({param}):{address}")),
                None => format!("{kind}:{address}"),
            }),
        }
    }

    /// A variable of a construct.
    fn construct(&mut self, address: &str, span: Span) -> Answer {
        let found = address.split_once('.').and_then(|(construct, name)| {
            let kind = self.section(&["constructs", construct, "type"])?;
            super::constructs::variable(construct, kind.as_str()?, name, span)
        });
        found.map_or_else(|| Answer::Decided(format!("construct:{address}")), Answer::Value)
    }

    /// Options of the command line, of which stage and region matter to everyone.
    fn option(&mut self, kind: &str, name: &str, span: Span) -> Answer {
        match name {
            // While the stage's own default is being looked up, the option counts as not given.
            "stage" | "s" if self.stage.is_empty() => Answer::Nothing,
            "region" | "r" if kind == "opt" && self.region.is_empty() => Answer::Nothing,
            "stage" | "s" => {
                let stage = self.stage.clone();
                Answer::Value(self.parameter(STAGE, Some(stage), span))
            }
            "region" | "r" if kind == "opt" => Answer::Value(build::reference("AWS::Region", span)),
            _ => Answer::Decided(format!("{kind}:{name}")),
        }
    }

    /// A value of the service itself.
    fn own(&mut self, address: &str, span: Span, depth: usize) -> Answer {
        match address {
            "provider.stage" if !self.stage.is_empty() => return self.option("sls", "stage", span),
            "provider.region" if !self.region.is_empty() => return Answer::Value(build::reference("AWS::Region", span)),
            _ => {}
        }
        if let Some(known) = self.known.get(address).cloned() {
            return known.map_or(Answer::Nothing, |known| Answer::Value(self.copy(&known, span)));
        }
        let key = format!("self:{address}");
        if self.active.contains(&key) {
            self.note(span, format!("`{key}` contains itself"));
            return Answer::Decided(key);
        }
        self.active.push(key);
        let found = self.own_value(address, depth);
        self.active.pop();
        let known = found.clone().map(|value| Known { size: weight(&value), value: Rc::new(value) });
        self.known.insert(address.to_owned(), known);
        found.map_or(Answer::Nothing, Answer::Value)
    }

    fn own_value(&mut self, address: &str, depth: usize) -> Option<Node> {
        let root = self.root;
        let name = root.path(&["service", "name"]);
        let found = match (address, name) {
            // `service` is a name, or has one; either way both addresses mean it.
            ("service", Some(name)) => name.clone(),
            ("service.name", None) => root.get("service")?.clone(),
            _ => self.walk(root, &keys(address), depth + 1)?,
        };
        Some(self.expand(&found, depth + 1)).filter(|node| !node.is_null())
    }

    /// A file, or a value in it.
    fn file(&mut self, path: &str, address: &str, span: Span, depth: usize) -> Answer {
        let Some(path) = self.literal_text(path.trim_matches(['\'', '"']), span, depth) else {
            self.note(span, format!("which file `{path}` is depends on the deployment"));
            return Answer::Decided(bare(&format!("file({path}):{address}")));
        };
        let key = format!("file({path}):{address}");
        if self.active.contains(&key) {
            self.note(span, format!("`{key}` contains itself"));
            return Answer::Decided(key);
        }
        let keys = keys(address);
        let content = match self.included.content(&path, &keys) {
            Ok(content) => content,
            Err(error) => return Answer::Missing(error),
        };
        self.active.push(key);
        let found = self.walk(&content, &keys, depth + 1);
        let value = found.map(|node| self.expand(&node, depth + 1)).filter(|node| !node.is_null());
        self.active.pop();
        value.map_or(Answer::Nothing, Answer::Value)
    }

    /// A parameter of the service: of the stage, or by default.
    /// <https://www.serverless.com/framework/docs/guides/parameters>
    fn service_parameter(&mut self, name: &str, span: Span, depth: usize) -> Answer {
        if let Some(given) = self.params.get(name).cloned() {
            let key = format!("param:{name}");
            let literal = given.as_text().and_then(|text| text.as_literal().map(SmolStr::from));
            return Answer::Value(self.parameter(&key, literal, span));
        }
        let stage = self.stage.clone();
        let path = |parts: &[&str]| -> Vec<SmolStr> { parts.iter().map(|part| SmolStr::from(*part)).collect() };
        let places = [
            path(&["params", &stage, name]),
            path(&["stages", &stage, "params", name]),
            path(&["params", "default", name]),
            path(&["stages", "default", "params", name]),
        ];
        let key = format!("param:{name}");
        if self.active.contains(&key) {
            self.note(span, format!("`{key}` contains itself"));
            return Answer::Decided(key);
        }
        self.active.push(key.clone());
        let root = self.root;
        let mut value = None;
        for place in &places {
            if let Some(found) = self.walk(root, place, depth + 1) {
                value = Some(self.expand(&found, depth + 1));
                break;
            }
        }
        self.active.pop();
        match value {
            // Another stage may have another value, and the dashboard, too: the default is one of several.
            Some(node) if node.as_str().is_some() => {
                let default = self.literal(&node);
                Answer::Value(self.parameter(&key, default, span))
            }
            Some(node) => Answer::Value(node),
            None => Answer::Decided(key),
        }
    }
}

fn keys(address: &str) -> Vec<SmolStr> {
    address.split('.').filter(|key| !key.is_empty()).map(SmolStr::from).collect()
}

/// A variable without its brackets, as the name of a parameter.
fn bare(written: &str) -> String {
    written.replace(['$', '{', '}'], "").trim().to_owned()
}

/// A variable as messages show it.
fn shown(written: &str) -> String {
    const LONGEST: usize = 80;
    match written.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &written[..end]),
        None => written.to_owned(),
    }
}
