//! What is to change in one template: which items of which lists go, what takes their place, and what that leaves empty.

use std::collections::BTreeMap;

use super::text::Edits;
use super::tree::{Chain, Tree, entry_of};
use crate::iac::document::{Entry, Node};
use crate::report::template::document_yaml;
use crate::report::yaml::Yaml;
use crate::span::Span;

/// A unit of a plan, by their positions; [`ADDED`] stands for what the plan adds.
pub(super) type UnitRef = (usize, usize);

/// See [`UnitRef`].
pub(super) const ADDED: usize = usize::MAX;

/// Why something cannot be written, and for which units that matters.
#[derive(Debug, Clone)]
pub(super) struct Obstacle {
    pub(super) units: Vec<UnitRef>,
    pub(super) why: String,
}

/// What the items of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Items {
    /// Statements.
    Statements,
    /// Policies of a function: documents, names and policy templates.
    Policies,
    /// Names of managed policies.
    Names,
}

/// A template with its changes.
pub(super) struct Sheet {
    pub(super) tree: Tree,
    is_utf8: bool,
    lists: BTreeMap<Span, Change>,
    /// Values that are no list, by their places.
    values: BTreeMap<Span, (Vec<Yaml>, Vec<UnitRef>)>,
    /// Entries to add, by the place of their dictionary.
    entries: Vec<(Span, String, Yaml, Vec<UnitRef>)>,
}

#[derive(Default)]
struct Change {
    items: BTreeMap<usize, Vec<Yaml>>,
    more: Vec<Yaml>,
    units: Vec<UnitRef>,
}

impl Sheet {
    pub(super) fn new(tree: Tree) -> Self {
        let is_utf8 = !tree.file.text.contains('\u{fffd}');
        Self { tree, is_utf8, lists: BTreeMap::new(), values: BTreeMap::new(), entries: Vec::new() }
    }

    /// What a unit is an item of; an error says why it cannot be changed.
    pub(super) fn items(&self, at: Span, is_statement: bool) -> Result<Items, String> {
        let chain = self.chain(at)?;
        items(&chain, is_statement)
    }

    fn chain(&self, at: Span) -> Result<Chain<'_>, String> {
        if !self.is_utf8 {
            return Err("the file is not UTF-8".to_owned());
        }
        let missing = || "it does not stand in the file as it is, but is put together from variables or the like".to_owned();
        self.tree.value(at).ok_or_else(missing)
    }

    /// Puts statements in the place of a unit.
    pub(super) fn change(&mut self, at: Span, is_statement: bool, new: Vec<Yaml>, units: &[UnitRef]) -> Result<(), String> {
        let chain = self.chain(at)?;
        let new = match items(&chain, is_statement)? {
            Items::Policies if !new.is_empty() => vec![document_yaml(new)],
            _ => new,
        };
        let parent = chain[chain.len() - 2];
        let Some(list) = parent.as_sequence() else {
            let change = self.values.entry(at).or_default();
            change.0.extend(new);
            change.1.extend_from_slice(units);
            return Ok(());
        };
        let position = list.iter().position(|item| item.span == at).unwrap_or_default();
        let span = parent.span;
        let change = self.lists.entry(span).or_default();
        change.items.entry(position).or_default().extend(new);
        change.units.extend_from_slice(units);
        Ok(())
    }

    /// Adds statements behind a unit's list.
    pub(super) fn append_beside(&mut self, at: Span, new: Vec<Yaml>, units: &[UnitRef]) -> Result<(), String> {
        let chain = self.chain(at)?;
        let parent = chain[chain.len() - 2];
        if parent.as_sequence().is_some() {
            let span = parent.span;
            self.append(span, new, units);
            return Ok(());
        }
        let text = self.tree.file.text.get(at.start as usize..at.end as usize).unwrap_or_default();
        let taken = self.values.contains_key(&at);
        if !taken && text.contains('\n') {
            return Err("its statement stands alone; make a list of it first".to_owned());
        }
        let own = if taken { Vec::new() } else { vec![Yaml::Raw(text.to_owned())] };
        let change = self.values.entry(at).or_default();
        change.0.extend(own);
        change.0.extend(new);
        change.1.extend_from_slice(units);
        Ok(())
    }

    /// Adds items behind a list.
    pub(super) fn append(&mut self, list: Span, new: Vec<Yaml>, units: &[UnitRef]) {
        let change = self.lists.entry(list).or_default();
        change.more.extend(new);
        change.units.extend_from_slice(units);
    }

    /// Adds an entry to the dictionary at a place.
    pub(super) fn add(&mut self, mapping: Span, key: &str, value: Yaml, units: &[UnitRef]) {
        self.entries.push((mapping, key.to_owned(), value, units.to_vec()));
    }

    /// Puts a list in the place of a value that stands alone, which stays its first item.
    pub(super) fn grow(&mut self, value: Span, new: Vec<Yaml>, units: &[UnitRef]) -> Result<(), String> {
        if self.values.contains_key(&value) {
            let change = self.values.entry(value).or_default();
            change.0.extend(new);
            change.1.extend_from_slice(units);
            return Ok(());
        }
        self.append_beside(value, new, units)
    }

    /// Whether the changes leave no statement of a document that stands alone.
    pub(super) fn empties_document(&self) -> bool {
        let list = self.tree.root().and_then(|root| root.get("Statement"));
        let Some(list) = list else { return false };
        match (list.as_sequence(), self.lists.get(&list.span)) {
            (Some(items), Some(change)) => {
                change.more.is_empty() && (0..items.len()).all(|at| change.items.get(&at).is_some_and(Vec::is_empty))
            }
            (Some(_), None) => false,
            (None, _) => self.values.get(&list.span).is_some_and(|(new, _)| new.is_empty()),
        }
    }

    /// Everything that changes it.
    pub(super) fn units(&self) -> Vec<UnitRef> {
        let lists = self.lists.values().map(|change| &change.units);
        lists.chain(self.values.values().map(|(_, units)| units)).flatten().copied().collect()
    }

    /// The text with all changes.
    pub(super) fn finish(mut self) -> Result<String, Obstacle> {
        let mut edits = Edits::new(&self.tree.source);
        let all = self.units();
        for (span, (new, units)) in std::mem::take(&mut self.values) {
            self.value(span, new, &units, &mut edits).map_err(|why| Obstacle { units, why })?;
        }
        // What stands within others stands behind their start: what it leaves empty is known before they are written.
        while let Some((span, mut change)) = self.lists.pop_last() {
            let units = change.units.clone();
            let failed = |why: String| Obstacle { units: units.clone(), why };
            let up = {
                let chain = self.tree.list(span).ok_or_else(|| failed("its list is not there".to_owned()))?;
                let list = chain[chain.len() - 1];
                let holder = chain.len().checked_sub(2).map(|at| chain[at]);
                let count = list.as_sequence().map_or(0, <[Node]>::len);
                let emptied =
                    change.more.is_empty() && count > 0 && (0..count).all(|at| change.items.get(&at).is_some_and(Vec::is_empty));
                if emptied {
                    Some(emptied_list(&self.tree, &chain, &mut edits).map_err(&failed)?)
                } else {
                    if holder.is_some_and(|holder| entry_of(holder, list).is_none()) {
                        return Err(failed("its list stands within another".to_owned()));
                    }
                    self.tree.change_list(list, holder, &change.items, &change.more, &mut edits).map_err(&failed)?;
                    None
                }
            };
            if let Some(Up::Item(outer, position)) = up {
                let outer = self.lists.entry(outer).or_default();
                outer.items.insert(position, Vec::new());
                outer.units.append(&mut change.units);
            }
        }
        for (span, key, value, units) in &self.entries {
            let failed = |why: String| Obstacle { units: units.clone(), why };
            let chain = self.tree.value(*span).ok_or_else(|| failed("it is not there".to_owned()))?;
            self.tree.add(chain[chain.len() - 1], key, value, &mut edits).map_err(failed)?;
        }
        edits.apply().ok_or_else(|| Obstacle { units: all, why: "its parts stand on the same line as others".to_owned() })
    }

    /// A value that stands alone becomes a list, or goes with its key.
    fn value(&mut self, span: Span, new: Vec<Yaml>, units: &[UnitRef], edits: &mut Edits) -> Result<(), String> {
        let chain = self.tree.value(span).ok_or("it is not there")?;
        let [.., holder, value] = chain.as_slice() else { return Err("it stands alone".to_owned()) };
        let (mapping, entry) = entry_of(holder, value).ok_or("it has no key")?;
        if !new.is_empty() {
            return self.tree.set(mapping, entry, &Yaml::List(new), edits);
        }
        if let Up::Item(list, position) = emptied_entry(&self.tree, &chain[..chain.len() - 1], entry, edits)? {
            let change = self.lists.entry(list).or_default();
            change.items.insert(position, Vec::new());
            change.units.extend_from_slice(units);
        }
        Ok(())
    }
}

/// What a list that holds nothing any more takes with it.
enum Up {
    /// Nothing further.
    Done,
    /// An item of another list.
    Item(Span, usize),
}

fn emptied_list(tree: &Tree, chain: &[&Node], edits: &mut Edits) -> Result<Up, String> {
    let [.., holder, list] = chain else { return Err("the file would hold nothing any more".to_owned()) };
    let (_, entry) = entry_of(holder, list).ok_or("its list stands within another")?;
    emptied_entry(tree, &chain[..chain.len() - 1], entry, edits)
}

/// Takes an entry away whose value is empty. `chain` ends with its dictionary.
fn emptied_entry(tree: &Tree, chain: &[&Node], entry: &Entry, edits: &mut Edits) -> Result<Up, String> {
    let Some(mapping) = chain.last() else { return Err("it is not there".to_owned()) };
    match entry.key.as_str() {
        "Statement" => emptied_document(tree, chain, edits),
        "Policies" | "ManagedPolicyArns" | "managedPolicies" | "iamManagedPolicies" => {
            tree.remove(mapping, entry, edits)?;
            Ok(Up::Done)
        }
        _ => {
            tree.set(mapping, entry, &Yaml::List(Vec::new()), edits)?;
            Ok(Up::Done)
        }
    }
}

/// Takes a resource away that nothing refers to. `chain` ends with its properties.
fn emptied_resource(tree: &Tree, chain: &[&Node], edits: &mut Edits) -> Result<Up, String> {
    let by_hand = || "nothing of the policy is used: remove the resource, and what refers to it, by hand".to_owned();
    let [.., resources, resource, _] = chain else { return Err(by_hand()) };
    let (_, entry) = entry_of(resources, resource).ok_or_else(by_hand)?;
    let text = &tree.file.text;
    let is_word = |at: usize| text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    let ends = |at: usize| text[at..].starts_with(|c: char| c.is_ascii_alphanumeric());
    let key = entry.key.as_str();
    let named = text.match_indices(key).filter(|(at, _)| !is_word(*at) && !ends(at + key.len())).count();
    if named != 1 || resource.get("Type").is_none() {
        return Err(by_hand());
    }
    tree.remove(resources, entry, edits)?;
    Ok(Up::Done)
}

/// A policy document without statements is none, so it goes with what holds it.
fn emptied_document(tree: &Tree, chain: &[&Node], edits: &mut Edits) -> Result<Up, String> {
    let resource = || "nothing of the policy is used: remove it by hand".to_owned();
    match chain {
        [_] => Err(super::items::BY_HAND.to_owned()),
        [.., outer, document] => match (outer.as_sequence(), entry_of(outer, document)) {
            (Some(items), _) => Ok(item(outer, items, document)),
            (None, Some((_, own))) if own.key == "Policies" => {
                tree.remove(outer, own, edits)?;
                Ok(Up::Done)
            }
            (None, Some((_, own))) if own.key == "PolicyDocument" => match chain {
                [.., list, policy, _] => match list.as_sequence() {
                    Some(items) => Ok(item(list, items, policy)),
                    None => emptied_resource(tree, &chain[..chain.len() - 1], edits),
                },
                _ => Err(resource()),
            },
            _ => Err(resource()),
        },
        [] => Err(resource()),
    }
}

fn item(list: &Node, items: &[Node], own: &Node) -> Up {
    let position = items.iter().position(|item| std::ptr::eq(item, own)).unwrap_or_default();
    Up::Item(list.span, position)
}

/// What the list around a unit holds.
fn items(chain: &[&Node], is_statement: bool) -> Result<Items, String> {
    let [.., parent, unit] = chain else { return Err("its file is filled in where it is used".to_owned()) };
    let repeated = |node: &&&Node| node.entries().iter().any(|entry| entry.key.starts_with("Fn::ForEach"));
    if chain.iter().find(repeated).is_some() {
        return Err("it stands in a loop".to_owned());
    }
    let key = match (parent.as_sequence(), chain) {
        (Some(_), [.., holder, list, _]) => entry_of(holder, list).map(|(_, entry)| entry.key.as_str()),
        (Some(_), _) => Some(""),
        (None, _) => entry_of(parent, unit).map(|(_, entry)| entry.key.as_str()),
    };
    let is_list = parent.as_sequence().is_some();
    match key {
        None => Err("its list stands within another".to_owned()),
        Some(key) if key.starts_with("Fn::") => Err(format!("it stands within `{key}`, which decides when it applies")),
        Some("Policies") if !is_statement => Ok(Items::Policies),
        Some("ManagedPolicyArns" | "managedPolicies" | "iamManagedPolicies") if !is_statement && is_list => Ok(Items::Names),
        Some("Statement") if is_statement => Ok(Items::Statements),
        Some(_) if is_statement && is_list => Ok(Items::Statements),
        Some(key) => Err(format!("it stands in `{key}`, which leash does not change")),
    }
}
