//! `.chalice/config.json`: settings of the application, its stages, and single functions of a stage.

use std::path::Path;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::iac::document::{self, Entry, Node};
use crate::iac::files::Files;
use crate::note::Note;
use crate::span::{Location, SourceFile, Span};

/// The stage `chalice deploy` uses when none is named.
const DEFAULT_STAGE: &str = "dev";

/// The configuration, seen from one stage.
pub(super) struct Config {
    pub(super) file: Arc<SourceFile>,
    root: Node,
    /// Whether there is a file, and it says something.
    pub(super) is_read: bool,
    pub(super) stage: SmolStr,
}

impl Config {
    /// Without a file, everything has its default.
    pub(super) fn read(files: &Files, folder: &Path, notes: &mut Vec<Note>) -> Self {
        let path = folder.join(".chalice").join("config.json");
        let file = files.read(&path).unwrap_or_else(|_| SourceFile::new(files.display(&path), ""));
        let empty = || Node::mapping(Vec::new(), Span::default());
        let root = match document::read(&file) {
            _ if file.text.trim().is_empty() => empty(),
            Ok(documents) => {
                notes.extend(documents.notes.iter().cloned());
                documents.mapping().cloned().unwrap_or_else(empty)
            }
            Err(error) => {
                notes.push(error.to_note());
                empty()
            }
        };
        let stages = root.get("stages").map_or(&[][..], Node::entries);
        let named = stages.iter().find(|entry| entry.key == DEFAULT_STAGE).or_else(|| stages.first());
        let stage = named.map_or_else(|| DEFAULT_STAGE.into(), |entry| entry.key.clone());
        Self { file, is_read: !root.entries().is_empty(), root, stage }
    }

    /// A setting: of the function in its stage, the stage, the function, the application.
    pub(super) fn lookup(&self, function: &str, key: &str) -> Option<&Node> {
        let stage = self.stage.as_str();
        let places: [&[&str]; 4] = [
            &["stages", stage, "lambda_functions", function, key],
            &["stages", stage, key],
            &["lambda_functions", function, key],
            &[key],
        ];
        places.iter().find_map(|place| self.root.path(place)).filter(|node| !node.is_null())
    }

    /// Whether Chalice writes the policy itself, from the code.
    pub(super) fn writes_policy(&self, function: &str) -> bool {
        self.lookup(function, "autogen_policy").and_then(Node::as_bool).unwrap_or(true)
    }

    /// The stages besides the chosen one.
    pub(super) fn other_stages(&self) -> impl Iterator<Item = &str> {
        let stages = self.root.get("stages").map_or(&[][..], Node::entries).iter().map(|entry| entry.key.as_str());
        stages.filter(|stage| *stage != self.stage)
    }

    /// Environment variables, those of the chosen stage first. A variable of a narrower place replaces the wider one's. Where each
    /// stage has a policy of its own, the other stages have nothing to do with this one's.
    pub(super) fn environment(&self, function: &str) -> Vec<&Entry> {
        let key = "environment_variables";
        let mut found: Vec<&Entry> = Vec::new();
        let others = self.other_stages().filter(|_| self.writes_policy(function));
        let stages = std::iter::once(self.stage.as_str()).chain(others);
        for stage in stages {
            let places: [&[&str]; 3] = [&[key], &["stages", stage, key], &["stages", stage, "lambda_functions", function, key]];
            let mut own: Vec<&Entry> = Vec::new();
            for entry in places.iter().filter_map(|place| self.root.path(place)).flat_map(Node::entries) {
                own.retain(|known| known.key != entry.key);
                own.push(entry);
            }
            found.extend(own);
        }
        found
    }

    /// The deployed name: of the application, the stage and the function.
    pub(super) fn function_name(&self, function: &str) -> Option<String> {
        let app = self.root.get("app_name").and_then(Node::as_str)?;
        // The API's function has only the name of its stage.
        Some(if function == "api_handler" { format!("{app}-{}", self.stage) } else { format!("{app}-{}-{function}", self.stage) })
    }

    pub(super) fn at(&self, node: &Node) -> Location {
        Location::new(&self.file, node.span)
    }
}
