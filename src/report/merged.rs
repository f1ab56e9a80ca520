//! A policy that somebody wrote, with what the code needs besides.
//!
//! What somebody wrote is printed as it was written. IAM takes no elements of its own invention in a policy, so in JSON the names of
//! added statements tell them apart; YAML and the table say it in words.

use std::io;
use std::sync::Arc;

use super::style::{ACTION, BOLD, DIM, RESET};
use super::yaml::Yaml;
use crate::diff::{Place, is_added};
use crate::draft::DraftStatement;
use crate::iac::document::{Node, NodeKind};
use crate::policy::{PolicyDocument, RenderContext};
use crate::span::{Location, SourceFile};

/// Both parts of a merged policy.
#[derive(Debug)]
pub struct Merged<'a> {
    /// The function.
    pub function: &'a str,
    /// The file with the written policy.
    pub file: &'a Arc<SourceFile>,
    /// The document in it.
    pub document: &'a Node,
    /// What is added, with the places it rests on.
    pub added: &'a [(DraftStatement, Vec<Place>)],
}

impl<'a> Merged<'a> {
    fn statement(&self) -> Option<&'a Node> {
        self.document.get("Statement")
    }

    /// The statements of the file.
    fn all(&self) -> &'a [Node] {
        self.statement().map_or(&[], |node| node.as_sequence().unwrap_or(std::slice::from_ref(node)))
    }

    /// The statements that somebody wrote.
    fn kept(&self) -> impl Iterator<Item = &'a Node> {
        self.all().iter().filter(|node| !is_added(sid(node)))
    }

    /// The names of statements that an earlier merge added and that nothing needs any more.
    pub fn dropped(&self) -> Vec<String> {
        let still = |name: &str| self.added.iter().any(|(draft, _)| draft.statement.sid.as_deref() == Some(name));
        let before = self.all().iter().filter_map(sid).filter(|name| is_added(Some(name)));
        before.filter(|name| !still(name)).map(str::to_owned).collect()
    }

    /// How many statements somebody wrote.
    pub fn written(&self) -> usize {
        self.kept().count()
    }

    fn source(&self, node: &Node) -> &'a str {
        self.file.text.get(node.span.start as usize..node.span.end as usize).unwrap_or_default()
    }

    /// The blanks before the line that holds a place.
    fn indent(&self, at: u32) -> &'a str {
        let (line, _) = self.file.line_column(at);
        let text = self.file.line(line).unwrap_or_default();
        &text[..text.len() - text.trim_start().len()]
    }

    /// The policy as text, where the file is JSON: what was written byte for byte, with the added statements behind it.
    pub fn json(&self) -> Option<String> {
        let whole = self.source(self.document);
        let statement = self.statement().filter(|_| whole.starts_with('{'))?;
        let was_merged = self.all().iter().any(|node| is_added(sid(node)));
        if self.added.is_empty() && !was_merged {
            return Some(whole.to_owned());
        }
        let outer = self.indent(statement.span.start);
        let own = self.all().first().map_or("", |first| self.indent(first.span.start));
        let inner = if own.len() > outer.len() { own.to_owned() } else { format!("{outer}  ") };
        let mut parts: Vec<String> = self.kept().map(|node| self.source(node).to_owned()).collect();
        for (draft, _) in self.added {
            let text = serde_json::to_string_pretty(&draft.statement.render(&RenderContext::plain())).unwrap_or_default();
            parts.push(text.replace('\n', &format!("\n{inner}")));
        }
        let list = if parts.is_empty() {
            "[]".to_owned()
        } else {
            format!("[\n{inner}{}\n{outer}]", parts.join(&format!(",\n{inner}")))
        };
        let start = self.document.span.start as usize;
        let (from, to) = (statement.span.start as usize - start, statement.span.end as usize - start);
        Some(format!("{}{list}{}", &whole[..from], &whole[to..]))
    }

    /// The merged policy, to be measured.
    pub fn size(&self) -> usize {
        let added = PolicyDocument::new(self.added.iter().map(|(draft, _)| draft.statement.clone()).collect());
        let dense = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        dense(self.source(self.document)) + if self.added.is_empty() { 0 } else { added.size(&RenderContext::plain()) }
    }
}

fn sid(node: &Node) -> Option<&str> {
    node.get("Sid").and_then(Node::as_str)
}

/// Prints the policy in YAML; comments say where each statement comes from.
///
/// # Errors
///
/// When writing fails.
pub fn yaml(merged: &Merged<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let entries = merged.document.as_mapping().map_or(&[][..], |mapping| &mapping.entries);
    let mut map = Vec::new();
    for entry in entries {
        let value = if entry.key == "Statement" { statements(merged) } else { tree(&entry.value) };
        map.push((entry.key.to_string(), value));
    }
    Yaml::Map(map).write(out)
}

fn statements(merged: &Merged<'_>) -> Yaml {
    let kept = merged.kept().map(|node| {
        let at = Location::new(merged.file, node.span);
        Yaml::Commented(vec![format!("written by hand ({})", at.short())], Box::new(tree(node)))
    });
    let added = merged.added.iter().map(|(draft, places)| {
        let statement = super::policy::statement_yaml(&draft.statement.render(&RenderContext::plain()));
        Yaml::Commented(vec![format!("added by leash: {}", because(places))], Box::new(statement))
    });
    Yaml::List(kept.chain(added).collect())
}

/// The places that a statement rests on.
fn because(places: &[Place]) -> String {
    const SHOWN: usize = 3;
    let all: Vec<String> =
        places.iter().map(|place| place.at.as_ref().map_or_else(|| place.what.clone(), Location::short)).collect();
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN { format!("{shown} and {} more", all.len() - SHOWN) } else { shown }
}

/// A value as it was read. The reader bounds its depth.
fn tree(node: &Node) -> Yaml {
    match &node.kind {
        NodeKind::Sequence(items) => Yaml::List(items.iter().map(tree).collect()),
        NodeKind::Mapping(mapping) => {
            Yaml::Map(mapping.entries.iter().map(|entry| (entry.key.to_string(), tree(&entry.value))).collect())
        }
        NodeKind::Scalar(scalar) => Yaml::text(&scalar.text),
    }
}

/// Prints the policy as a table for people.
///
/// # Errors
///
/// When writing fails.
pub fn text(merged: &Merged<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{RESET}  {DIM}{}{RESET}", merged.function, merged.file.path)?;
    for node in merged.kept() {
        let name = sid(node).unwrap_or("(no Sid)");
        let at = Location::new(merged.file, node.span);
        writeln!(out, "  {DIM}by hand{RESET}  {name}  {DIM}{}{RESET}", at.short())?;
        for key in ["Action", "NotAction", "Resource", "NotResource"] {
            let values = node.get(key).map_or_else(Vec::new, texts);
            if !values.is_empty() {
                let effect = if node.get("Effect").and_then(Node::as_str) == Some("Deny") { "not " } else { "" };
                let word = match key {
                    "Action" => effect.to_owned(),
                    "NotAction" => format!("{effect}all but "),
                    "Resource" => "on ".to_owned(),
                    _ => "on all but ".to_owned(),
                };
                writeln!(out, "             {word}{}", values.join(", "))?;
            }
        }
    }
    for (draft, places) in merged.added {
        let name = draft.statement.sid.as_deref().unwrap_or_default();
        writeln!(out, "  {ACTION}added{RESET}    {name}  {DIM}{}{RESET}", because(places))?;
        let join = |items: Vec<String>| items.join(", ");
        writeln!(out, "             {}", join(draft.statement.actions.items().iter().map(ToString::to_string).collect()))?;
        writeln!(out, "             on {}", join(draft.statement.resources.items().iter().map(ToString::to_string).collect()))?;
    }
    Ok(())
}

fn texts(node: &Node) -> Vec<String> {
    let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    items.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
