//! The content of a block as a value: nested blocks are lists under their names, as plans have them.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::ast::{Block, Body};
use super::module::Placed;
use super::value::Value;
use super::world::{Expansion, Scope, World};
use crate::span::Location;

/// Blocks that tell Terraform what to do, and not AWS.
const META: [&str; 7] = ["provider", "providers", "lifecycle", "provisioner", "connection", "timeouts", "depends_on"];

impl World<'_> {
    /// Everything in a block, evaluated.
    pub(super) fn body(&self, body: &Body, scope: &Scope, at: &Location) -> Value {
        let mut entries: BTreeMap<SmolStr, Value> = BTreeMap::new();
        let Some(_level) = self.enter(at) else { return Value::map(entries, true, at) };
        for attribute in body.attributes.iter().filter(|attribute| !META.contains(&attribute.name.as_str())) {
            let value = self.eval(&attribute.value, scope);
            entries.insert(attribute.name.clone(), value);
        }
        let mut lists: BTreeMap<SmolStr, Vec<Value>> = BTreeMap::new();
        let mut open = BTreeMap::new();
        for block in body.blocks.iter().filter(|block| !META.contains(&block.kind.as_str())) {
            match (block.kind.as_str(), block.labels.first()) {
                ("dynamic", Some(kind)) => {
                    let (items, unknown) = self.dynamic(block, scope);
                    lists.entry(kind.clone()).or_default().extend(items);
                    open.entry(kind.clone()).and_modify(|known| *known |= unknown).or_insert(unknown);
                }
                _ => {
                    let item = self.body(&block.body, scope, &scope.at(block.span));
                    lists.entry(block.kind.clone()).or_default().push(item);
                }
            }
        }
        for (kind, items) in lists {
            let at = items.first().map_or_else(|| at.clone(), |item| item.at.clone());
            let open = open.get(&kind).copied().unwrap_or_default();
            entries.insert(kind, Value::list(items, open, &at));
        }
        Value::map(entries, false, at)
    }

    /// `dynamic "statement" { for_each = …, content { … } }`
    fn dynamic(&self, block: &Block, scope: &Scope) -> (Vec<Value>, bool) {
        let at = scope.at(block.span);
        let Some((content, rounds, open)) = self.rounds(block, scope) else {
            self.note(&at, "this `dynamic` block has no `content`");
            return (Vec::new(), false);
        };
        (rounds.iter().map(|scope| self.body(&content.body, scope, &at)).collect(), open)
    }

    /// What a `dynamic` block repeats, the names that each round sees, and whether there may be more rounds.
    pub(super) fn rounds<'b>(&self, block: &'b Block, scope: &Scope) -> Option<(&'b Block, Vec<Scope>, bool)> {
        let at = scope.at(block.span);
        let content = block.body.blocks.iter().find(|inner| inner.kind == "content")?;
        let placed = Placed { block: block.clone(), file: std::sync::Arc::clone(&scope.file) };
        let iterator = block.body.attribute("iterator").and_then(|attribute| match &attribute.value.kind {
            super::ast::ExprKind::Name(name) | super::ast::ExprKind::Text(name) => Some(name.clone()),
            _ => None,
        });
        let name = iterator.or_else(|| block.labels.first().cloned()).unwrap_or_default();
        let collection = block.body.attribute("for_each").map(|attribute| self.eval(&attribute.value, scope));
        // Lists are allowed here, with positions as keys and any values.
        let pairs = collection.as_ref().map(super::eval::pairs);
        let (pairs, open) = match pairs {
            Some((pairs, open)) if !pairs.is_empty() || !open => (pairs, open),
            _ => match self.expand(&placed, scope) {
                Expansion::Unknown { key, value } => (vec![(key, value)], true),
                _ => (Vec::new(), false),
            },
        };
        let one = |(key, value)| {
            let each = Value::map(BTreeMap::from([("key".into(), key), ("value".into(), value)]), false, &at);
            scope.with([(name.clone(), each)])
        };
        Some((content, pairs.into_iter().map(one).collect(), open))
    }
}
