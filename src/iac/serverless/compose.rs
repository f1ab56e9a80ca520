//! Several services that are deployed together: `serverless-compose.yml` gives one of them the outputs of others as parameters.
//! <https://www.serverless.com/framework/docs/guides/compose>

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use smol_str::{SmolStr, format_smolstr};

use super::expand::STAGE;
use super::{EXTENSIONS, read_parts, variable};
use crate::iac::cloudformation::Parts;
use crate::iac::document::{self, Node};
use crate::iac::files::{Files, clean};
use crate::iac::template::Parent;
use crate::value::{Arg, Hole, Piece, Text};

/// What the file is called.
const NAMES: [&str; 3] = ["serverless-compose.yml", "serverless-compose.yaml", "serverless-compose.json"];
/// How many services may need each other one after the other.
const MAX_CHAIN: usize = 8;

/// What a service gets from those it is deployed with.
#[derive(Default)]
pub(super) struct Composed {
    /// The values of its parameters, by name.
    pub(super) params: BTreeMap<SmolStr, Arg>,
    /// The services that these refer to.
    pub(super) others: Vec<Parts>,
}

/// The outputs of a service, by name.
type Outputs = BTreeMap<SmolStr, Arg>;

/// The services on the way to one that is read for its outputs.
#[derive(Clone, Default)]
pub(super) struct Chain {
    paths: Vec<PathBuf>,
    /// Whether outputs are not asked for: of a service that is read for what it exports, others are none of its business.
    is_alone: bool,
    /// What was read for the first of them so far: several may need the same service.
    read: Rc<RefCell<BTreeMap<PathBuf, Rc<Outputs>>>>,
}

impl Chain {
    /// Of a service that is read without those around it.
    pub(super) fn alone() -> Self {
        Self { is_alone: true, ..Self::default() }
    }

    /// The same with one more service.
    pub(super) fn with(&self, path: &Path) -> Self {
        let mut longer = self.clone();
        longer.paths.push(clean(path));
        longer
    }
}

/// Reads what the file above a service says about it. `prefix` stands before the service's own names.
pub(super) fn composed(files: &Files, path: &Path, prefix: &str, chain: &Chain) -> Composed {
    let mut composed = Composed::default();
    let Some((folder, services)) = services(files, path) else { return composed };
    let own = services.entries().iter().find(|entry| is_at(files, &folder, &entry.value, path));
    let Some(params) = own.and_then(|own| own.value.get("params")) else { return composed };
    for entry in params.entries() {
        let Some(written) = entry.value.as_str() else {
            let reason = format_smolstr!("the parameter {}, which is no text", entry.key);
            composed.params.insert(entry.key.clone(), Arg::Unknown(Hole::Unknown(reason)));
            continue;
        };
        let mut value = Text::default();
        for piece in pieces(written, &services) {
            match piece {
                Part::Literal(text) => value.push_str(text),
                // Both stages are that of the deployment.
                Part::Variable(STAGE) => value.push(Piece::Hole(Hole::Parameter([prefix, STAGE].concat().into()))),
                Part::Variable(variable) => {
                    value.push(Piece::Hole(Hole::Unknown(format_smolstr!("the variable {variable} of a parameter"))));
                }
                Part::Output(service, output) => {
                    let known = other(files, &folder, &services, service, chain, &mut composed.others);
                    let unknown = || Hole::Unknown(format_smolstr!("the output {output} of the service {service}"));
                    match known.as_ref().and_then(|outputs| outputs.get(output)).and_then(Arg::as_text) {
                        Some(text) => value.push_text(&text),
                        None => value.push(Piece::Hole(unknown())),
                    }
                }
            }
        }
        composed.params.insert(entry.key.clone(), Arg::Text(value));
    }
    composed
}

/// The nearest file around a service, by its folder, with the services that it lists.
fn services(files: &Files, path: &Path) -> Option<(PathBuf, Node)> {
    let base = clean(files.base());
    let own = clean(path);
    let named = |folder: &Path| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() };
    let within = |folder: &PathBuf| base == Path::new(".") && folder.is_relative() || folder.starts_with(&base);
    let around = own.ancestors().skip(1).map(named).take_while(within);
    let found = around.flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|path| files.is_file(path))?;
    let documents = document::read(&files.read(&found).ok()?).ok()?;
    Some((found.parent()?.to_path_buf(), documents.mapping()?.get("services")?.clone()))
}

/// Whether the file lists a service as the one at a path.
fn is_at(files: &Files, folder: &Path, service: &Node, path: &Path) -> bool {
    file_of(files, folder, service).is_some_and(|file| file == clean(path))
}

/// The file of a service.
fn file_of(files: &Files, folder: &Path, service: &Node) -> Option<PathBuf> {
    let own = folder.join(service.get("path")?.as_str()?);
    match service.get("config").and_then(Node::as_str) {
        Some(name) => Some(clean(&own.join(name))),
        None => {
            let mut names = EXTENSIONS.iter().map(|extension| clean(&own.join(format!("serverless.{extension}"))));
            names.find(|file| files.is_file(file))
        }
    }
}

/// The outputs of another service, which becomes a part of the one that refers to it.
fn other(
    files: &Files,
    folder: &Path,
    services: &Node,
    name: &str,
    chain: &Chain,
    others: &mut Vec<Parts>,
) -> Option<Rc<Outputs>> {
    let path = file_of(files, folder, services.get(name)?)?;
    if let Some(known) = chain.read.borrow().get(&path) {
        return Some(Rc::clone(known));
    }
    if chain.is_alone || chain.paths.contains(&path) || chain.paths.len() > MAX_CHAIN {
        return None;
    }
    let parent = Parent { prefix: format_smolstr!("{name}/"), ..Parent::default() };
    let read = |file| read_parts(files, &path, &file, parent, chain).ok().flatten();
    let outputs = files.read(&path).ok().and_then(read).map(|parts| taken(parts, others)).unwrap_or_default();
    let outputs = Rc::new(outputs);
    chain.read.borrow_mut().insert(path, Rc::clone(&outputs));
    Some(outputs)
}

/// The outputs of a service, of which the rest is kept as far as others may refer to it. Its functions are deployed with it.
fn taken(mut parts: Parts, others: &mut Vec<Parts>) -> Outputs {
    let outputs = std::mem::take(&mut parts.outputs);
    parts.stack.functions.clear();
    parts.stack.included.clear();
    parts.stack.consulted.clear();
    parts.stack.notes.clear();
    parts.events.clear();
    parts.settings.clear();
    parts.connectors.clear();
    others.push(parts);
    outputs
}

#[derive(Debug, PartialEq, Eq)]
enum Part<'t> {
    Literal(&'t str),
    /// A service and one of its outputs.
    Output(&'t str, &'t str),
    /// Anything else that the deployment fills in.
    Variable(&'t str),
}

/// A value cut at its variables. One that does not end takes the rest.
fn pieces<'t>(text: &'t str, services: &Node) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let end = variable::closing(rest.as_bytes(), start + 1).unwrap_or(rest.len());
        let variable = rest[start + 2..end].trim();
        let output = variable.split_once('.').filter(|(service, _)| services.get(service).is_some());
        parts.push(Part::Literal(&rest[..start]));
        parts.push(output.map_or(Part::Variable(variable), |(service, output)| Part::Output(service, output)));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    parts.push(Part::Literal(rest));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iac::serverless::build;
    use crate::span::Span;

    #[test]
    fn values_are_cut_at_their_variables() {
        let span = Span::default();
        let services = build::map(span, [("db", build::text("", span))]);
        let expected = [
            Part::Literal("a-"),
            Part::Output("db", "Table"),
            Part::Literal("-"),
            Part::Variable("env:A, ${env:B}"),
            Part::Literal(""),
            Part::Variable("other.Table"),
            Part::Literal(""),
        ];
        assert_eq!(pieces("a-${db.Table}-${env:A, ${env:B}}${other.Table}", &services), expected);
        assert_eq!(pieces("${env:A", &services), [Part::Literal(""), Part::Variable("env:A"), Part::Literal("")]);
    }
}
