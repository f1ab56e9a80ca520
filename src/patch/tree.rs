//! Changing lists and entries of YAML and JSON where they stand.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::text::{Edits, indent_of, line_end, line_start};
use crate::iac::document::{self, Entry, Node};
use crate::report::yaml::{Form, Yaml};
use crate::span::{SourceFile, Span};

/// A file with its values.
pub(super) struct Tree {
    pub(super) file: Arc<SourceFile>,
    /// The text that is changed: the file's, which may be a copy without what is no JSON.
    pub(super) source: Arc<SourceFile>,
    roots: Vec<Node>,
    json: bool,
}

/// A value with everything it stands in, from the outside in.
pub(super) type Chain<'t> = Vec<&'t Node>;

impl Tree {
    pub(super) fn read(file: &Arc<SourceFile>) -> Option<Self> {
        let documents = document::read(file).ok()?;
        let json = file.text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
        Some(Self { file: Arc::clone(file), source: Arc::clone(file), roots: documents.roots, json })
    }

    pub(super) fn root(&self) -> Option<&Node> {
        self.roots.iter().find(|root| root.as_mapping().is_some())
    }

    /// The value that was written with these bytes.
    pub(super) fn value(&self, span: Span) -> Option<Chain<'_>> {
        // A list can have the bytes of its only item.
        self.find(span.start, &|node, _| node.span == span && node.as_sequence().is_none())
    }

    /// The list that was written with these bytes.
    pub(super) fn list(&self, span: Span) -> Option<Chain<'_>> {
        self.find(span.start, &|node, _| node.span == span && node.as_sequence().is_some())
    }

    /// The value whose key was written with these bytes.
    pub(super) fn keyed(&self, span: Span) -> Option<Chain<'_>> {
        self.find(span.start, &|_, key| key == Some(span))
    }

    /// What is looked for stands behind everything that holds it, mostly within the last of those that start before it. A copy that
    /// an alias made does not: its place is another.
    fn find(&self, start: u32, is_it: &dyn Fn(&Node, Option<Span>) -> bool) -> Option<Chain<'_>> {
        let mut open: Vec<(&Node, Option<Span>, usize)> = self.roots.iter().rev().map(|root| (root, None, 0)).collect();
        let mut chain: Chain<'_> = Vec::new();
        while let Some((node, key, depth)) = open.pop() {
            chain.truncate(depth);
            chain.push(node);
            if is_it(node, key) {
                return Some(chain);
            }
            let inner: Vec<(&Node, Option<Span>)> = match (node.as_sequence(), node.as_mapping()) {
                (Some(items), _) => items.iter().map(|item| (item, None)).collect(),
                (_, Some(mapping)) => mapping.entries.iter().map(|entry| (&entry.value, Some(entry.key_span))).collect(),
                _ => Vec::new(),
            };
            let first = |inner: &Node, key: Option<Span>| key.map_or(inner.span.start, |key| key.start);
            let own = |(inner, key): &(&Node, Option<Span>)| first(inner, *key) >= node.span.start && first(inner, *key) <= start;
            open.extend(inner.into_iter().filter(own).map(|(inner, key)| (inner, key, depth + 1)));
        }
        None
    }

    fn text(&self) -> &str {
        &self.file.text
    }

    /// Whether a list or dictionary is written in brackets.
    fn is_flow(&self, node: &Node) -> bool {
        self.json || matches!(self.text().as_bytes().get(node.span.start as usize), Some(b'[' | b'{'))
    }

    /// Replaces some items of a list, and adds others behind the last. `holder` is the dictionary that holds the list.
    pub(super) fn change_list(
        &self,
        list: &Node,
        holder: Option<&Node>,
        changes: &BTreeMap<usize, Vec<Yaml>>,
        more: &[Yaml],
        edits: &mut Edits,
    ) -> Result<(), String> {
        let items = list.as_sequence().unwrap_or_default();
        if self.is_flow(list) {
            return self.change_flow(list, holder, changes, more, edits);
        }
        let ranges: Vec<(Range<usize>, usize)> = items.iter().map(|item| self.item(item)).collect::<Result<_, _>>()?;
        for (position, new) in changes {
            let Some((range, indent)) = ranges.get(*position) else { continue };
            edits.replace(range.clone(), if new.is_empty() { String::new() } else { self.ended(range.end, new, *indent) });
        }
        if let (Some((range, indent)), false) = (ranges.last(), more.is_empty()) {
            let text = self.ended(range.end, more, *indent);
            let is_open = range.end == self.text().len() && !self.text().ends_with('\n');
            let kept = !changes.contains_key(&(items.len() - 1));
            edits.insert(range.end, if is_open && kept { format!("\n{text}") } else { text });
        }
        Ok(())
    }

    /// Items as lines; without a last line break where the file has none.
    fn ended(&self, end: usize, items: &[Yaml], indent: usize) -> String {
        let mut text = Yaml::List(items.to_vec()).lines(indent);
        if end == self.text().len() && !self.text().ends_with('\n') {
            text.truncate(text.trim_end_matches('\n').len());
        }
        text
    }

    /// The lines of an item of a block list, and how far its dash is indented.
    fn item(&self, item: &Node) -> Result<(Range<usize>, usize), String> {
        let dash = self.dash(item).ok_or("the list is not written in a way that leash can change")?;
        let start = line_start(self.text(), dash);
        if !self.text()[start..dash].bytes().all(|byte| byte == b' ') {
            return Err("the list starts behind another dash".to_owned());
        }
        let indent = dash - start;
        let least = if self.is_flow(item) { item.span.end as usize } else { dash };
        Ok((start..self.end_of_block(least.max(dash), indent, false), indent))
    }

    /// The dash before an item, with tags and anchors between them.
    fn dash(&self, item: &Node) -> Option<usize> {
        let mut before = self.text()[..item.span.start as usize].trim_end();
        loop {
            if before.ends_with('-') {
                return Some(before.len() - 1);
            }
            let line = &before[line_start(before, before.len())..];
            let word = line.rfind([' ', '\t']).map_or(line, |at| &line[at + 1..]);
            let is_comment = line.trim_start().starts_with('#');
            let skipped = if is_comment { line.len() } else { word.len() };
            if !is_comment && !word.starts_with(['!', '&']) || skipped == 0 {
                return None;
            }
            before = before[..before.len() - skipped].trim_end();
        }
    }

    /// Where a block ends that is indented by more than `indent`: behind the line break of its last line. The lists of a
    /// dictionary may stand as far left as their keys.
    fn end_of_block(&self, from: usize, indent: usize, dashes: bool) -> usize {
        let text = self.text();
        let mut end = line_end(text, from);
        let mut at = end;
        while at < text.len() {
            let next = line_end(text, at);
            let line = text[at..next].trim();
            let own = indent_of(text, at);
            let inside = own > indent || dashes && own == indent && (line == "-" || line.starts_with("- "));
            if !line.is_empty() && !line.starts_with('#') {
                if !inside {
                    break;
                }
                end = next;
            }
            at = next;
        }
        end
    }

    fn change_flow(
        &self,
        list: &Node,
        holder: Option<&Node>,
        changes: &BTreeMap<usize, Vec<Yaml>>,
        more: &[Yaml],
        edits: &mut Edits,
    ) -> Result<(), String> {
        let items = list.as_sequence().unwrap_or_default();
        let written = &self.text()[list.span.start as usize..list.span.end as usize];
        if !self.json && written.contains('#') {
            return Err("the list has comments within its brackets".to_owned());
        }
        if let Some((mapping, entry)) = holder.filter(|holder| !self.is_flow(holder)).and_then(|holder| entry_of(holder, list)) {
            let mut all: Vec<Yaml> = Vec::new();
            for (position, item) in items.iter().enumerate() {
                match changes.get(&position) {
                    Some(new) => all.extend(new.iter().cloned()),
                    None => all.push(Yaml::Raw(self.text()[self.bracketed(item)?].to_owned())),
                }
            }
            all.extend(more.iter().cloned());
            return self.set(mapping, entry, &Yaml::List(all), edits);
        }
        let form = self.form(list);
        let ranges: Vec<Range<usize>> = items.iter().map(|item| self.bracketed(item)).collect::<Result<_, _>>()?;
        let stays = |position: usize| changes.get(&position).is_none_or(|new| !new.is_empty());
        if !(0..items.len()).any(stays) {
            let text = Yaml::List(more.to_vec()).flow(form);
            edits.replace(list.span.start as usize..list.span.end as usize, text);
            return Ok(());
        }
        let (gap, within) = match form {
            Form::Lines { indent, step } => {
                (format!(",\n{}", " ".repeat(indent + step)), Form::Lines { indent: indent + step, step })
            }
            other => (", ".to_owned(), other),
        };
        let written = |new: &[Yaml]| new.iter().map(|item| item.flow(within)).collect::<Vec<_>>().join(&gap);
        for (position, new) in changes {
            let Some(range) = ranges.get(*position).cloned() else { continue };
            let before = (0..*position).any(stays).then(|| position.checked_sub(1)).flatten().and_then(|at| ranges.get(at));
            match (before, ranges.get(position + 1)) {
                _ if !new.is_empty() => edits.replace(range, written(new)),
                (Some(before), _) => edits.replace(before.end..range.end, ""),
                (None, Some(next)) => edits.replace(range.start..next.start, ""),
                (None, None) => edits.replace(range, ""),
            }
        }
        if let (Some(last), false) = (ranges.last(), more.is_empty()) {
            edits.insert(last.end, format!("{gap}{}", written(more)));
        }
        Ok(())
    }

    /// The bytes of an item in brackets, with its tag.
    fn bracketed(&self, item: &Node) -> Result<Range<usize>, String> {
        let (start, end) = (item.span.start as usize, item.span.end as usize);
        let before = self.text()[..start].trim_end();
        let word = before.rfind(['[', ',', ' ', '\n', '\t']).map_or(before, |at| &before[at + 1..]);
        if word.starts_with('&') || self.text()[start..].starts_with('*') {
            return Err("the list has anchors or aliases within its brackets".to_owned());
        }
        let tagged = word.starts_with('!') && !self.text()[start..].starts_with('!');
        Ok(if tagged { before.len() - word.len()..end } else { start..end })
    }

    /// How what stands in brackets is laid out.
    fn form(&self, node: &Node) -> Form {
        let text = self.text();
        let (start, end) = (node.span.start as usize, node.span.end as usize);
        let indent = indent_of(text, start);
        if !self.json {
            return Form::Short;
        }
        match text[start..end].find('\n') {
            Some(first) => {
                let inner = indent_of(text, start + first + 1);
                Form::Lines { indent, step: inner.saturating_sub(indent).clamp(1, 8) }
            }
            None if text.contains('\n') && node.as_sequence().is_none_or(<[Node]>::is_empty) => {
                Form::Lines { indent, step: self.step() }
            }
            None => Form::Line,
        }
    }

    /// How far the first level of a JSON file is indented.
    fn step(&self) -> usize {
        let lines = self.text().lines().skip(1);
        let first = lines.map(|line| line.len() - line.trim_start().len()).find(|indent| *indent > 0);
        first.unwrap_or(2).clamp(1, 8)
    }

    /// Gives an entry of a dictionary another value.
    pub(super) fn set(&self, mapping: &Node, entry: &Entry, value: &Yaml, edits: &mut Edits) -> Result<(), String> {
        if self.is_flow(mapping) {
            let form = if self.json { self.form_of_entry(mapping) } else { Form::Short };
            edits.replace(entry.value.span.start as usize..entry.value.span.end as usize, value.flow(form));
            return Ok(());
        }
        let range = self.entry(entry);
        let indent = range.start - line_start(self.text(), range.start);
        let lines = Yaml::Map(vec![(entry.key.to_string(), value.clone())]).lines(indent);
        let text = lines.trim_start();
        let is_open = range.end == self.text().len() && !self.text().ends_with('\n');
        edits.replace(range, if is_open { text.trim_end() } else { text });
        Ok(())
    }

    /// Adds an entry to a dictionary.
    pub(super) fn add(&self, mapping: &Node, key: &str, value: &Yaml, edits: &mut Edits) -> Result<(), String> {
        // Entries that a merge key brings stand elsewhere.
        let own = |entry: &&Entry| entry.key_span.start >= mapping.span.start;
        let last = mapping.entries().iter().filter(own).max_by_key(|entry| entry.key_span.start);
        let Some(last) = last else { return Err("it has no properties to put it beside".to_owned()) };
        if self.is_flow(mapping) {
            let form = if self.json { self.form_of_entry(mapping) } else { Form::Short };
            let gap = match form {
                Form::Lines { indent, .. } => format!(",\n{}", " ".repeat(indent)),
                Form::Line | Form::Short => ", ".to_owned(),
            };
            let text = format!("{gap}{}: {}", serde_json::Value::from(key), value.flow(form));
            edits.insert(last.value.span.end as usize, text);
            return Ok(());
        }
        let range = self.entry(last);
        let first = mapping.entries().iter().filter(own).map(|entry| entry.key_span.start).min().unwrap_or_default() as usize;
        let indent = first - line_start(self.text(), first);
        let text = Yaml::Map(vec![(key.to_owned(), value.clone())]).lines(indent);
        let is_open = range.end == self.text().len() && !self.text().ends_with('\n');
        edits.insert(range.end, if is_open { format!("\n{}", text.trim_end()) } else { text });
        Ok(())
    }

    /// Takes an entry out of a dictionary.
    pub(super) fn remove(&self, mapping: &Node, entry: &Entry, edits: &mut Edits) -> Result<(), String> {
        if self.is_flow(mapping) {
            let entries = mapping.entries();
            let at = entries.iter().position(|own| std::ptr::eq(own, entry)).ok_or("it is not there")?;
            let key = |entry: &Entry| entry.key_span.start as usize;
            let range = match (at.checked_sub(1).and_then(|before| entries.get(before)), entries.get(at + 1)) {
                (Some(before), _) => before.value.span.end as usize..entry.value.span.end as usize,
                (None, Some(next)) => key(entry)..key(next),
                (None, None) => key(entry)..entry.value.span.end as usize,
            };
            edits.replace(range, "");
            return Ok(());
        }
        let range = self.entry(entry);
        let start = line_start(self.text(), range.start);
        if !self.text()[start..range.start].bytes().all(|byte| byte == b' ') {
            return Err("its key stands behind a dash".to_owned());
        }
        edits.replace(start..range.end, "");
        Ok(())
    }

    /// From a key to the end of the last line of its value.
    fn entry(&self, entry: &Entry) -> Range<usize> {
        let start = entry.key_span.start as usize;
        let indent = start - line_start(self.text(), start);
        let least = if self.is_flow(&entry.value) { entry.value.span.end as usize } else { start };
        start..self.end_of_block(least.max(start), indent, entry.value.as_sequence().is_some())
    }

    /// The layout of what stands behind the keys of a dictionary in JSON.
    fn form_of_entry(&self, mapping: &Node) -> Form {
        match self.form(mapping) {
            Form::Lines { indent, step } => Form::Lines { indent: indent + step, step },
            other => other,
        }
    }
}

/// The entry of a dictionary that holds a value.
pub(super) fn entry_of<'n>(mapping: &'n Node, value: &Node) -> Option<(&'n Node, &'n Entry)> {
    let entry = mapping.entries().iter().find(|entry| std::ptr::eq(&raw const entry.value, value))?;
    Some((mapping, entry))
}
