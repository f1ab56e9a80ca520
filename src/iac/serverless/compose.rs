//! Several services that are deployed together: `serverless-compose.yml` gives one of them the outputs of others as parameters.
//! <https://www.serverless.com/framework/docs/guides/compose>

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::{EXTENSIONS, read_parts};
use crate::iac::cloudformation::Parts;
use crate::iac::document::{self, Node};
use crate::iac::files::{Files, clean};
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

/// The services on the way to one that is read for its outputs.
pub(super) type Chain = Vec<PathBuf>;

/// Reads what the file above a service says about it.
pub(super) fn composed(files: &Files, path: &Path, chain: &Chain) -> Composed {
    let mut composed = Composed::default();
    if chain.len() > MAX_CHAIN {
        return composed;
    }
    let Some((folder, services)) = services(files, path) else { return composed };
    let own = services.entries().iter().find(|entry| is_at(files, &folder, &entry.value, path));
    let Some(params) = own.and_then(|own| own.value.get("params")) else { return composed };
    let mut outputs: BTreeMap<SmolStr, BTreeMap<SmolStr, Arg>> = BTreeMap::new();
    for entry in params.entries() {
        let Some(pieces) = entry.value.as_str().and_then(|text| pieces(text, &services)) else { continue };
        let mut value = Text::default();
        for piece in pieces {
            match piece {
                Part::Literal(text) => value.push_str(text),
                Part::Output(service, output) => {
                    let known = outputs.entry(service.into()).or_insert_with(|| {
                        let parts = other(files, &folder, &services, service, chain);
                        parts.map(|parts| taken(parts, &mut composed.others)).unwrap_or_default()
                    });
                    let unknown = || Hole::Unknown(smol_str::format_smolstr!("the output {output} of the service {service}"));
                    match known.get(output).and_then(Arg::as_text) {
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
    let found = around.flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|path| path.is_file())?;
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

/// Another service, as a part of the one that refers to it.
fn other(files: &Files, folder: &Path, services: &Node, name: &str, chain: &Chain) -> Option<Parts> {
    let path = file_of(files, folder, services.get(name)?)?;
    if chain.contains(&path) {
        return None;
    }
    let file = files.read(&path).ok()?;
    read_parts(files, &path, &file, &format!("{name}/").into(), chain).ok()?
}

/// The outputs of a service, of which the rest is kept as far as others may refer to it. Its functions are deployed with it.
fn taken(mut parts: Parts, others: &mut Vec<Parts>) -> BTreeMap<SmolStr, Arg> {
    let outputs = std::mem::take(&mut parts.outputs);
    parts.stack.functions.clear();
    parts.stack.included.clear();
    parts.stack.notes.clear();
    parts.events.clear();
    parts.settings.clear();
    parts.connectors.clear();
    others.push(parts);
    outputs
}

enum Part<'t> {
    Literal(&'t str),
    /// A service and one of its outputs.
    Output(&'t str, &'t str),
}

/// A value cut at the outputs it refers to; nothing where it has other variables.
fn pieces<'t>(text: &'t str, services: &Node) -> Option<Vec<Part<'t>>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, behind) = after.split_once('}')?;
        let (service, output) = variable.trim().split_once('.').filter(|(service, _)| services.get(service).is_some())?;
        parts.extend([Part::Literal(before), Part::Output(service, output)]);
        rest = behind;
    }
    parts.push(Part::Literal(rest));
    Some(parts)
}
