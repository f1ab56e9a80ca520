//! Changing the policies of Terraform files where they stand.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Block, Body, Structure};

use super::argument::{self, Member};
use super::heredoc;
use super::items::BY_HAND;
use super::sheet::{Items, Obstacle, UnitRef};
use super::text::{Edits, indent_of, line_end, line_start};
use crate::diff::plan::{Plan, Unit};
use crate::policy::Statement;
use crate::report::template::terraform::{Used, block, json, module_statement, object};
use crate::report::yaml::Yaml;
use crate::span::{SourceFile, Span};

/// A Terraform file with its changes.
pub(super) struct Hcl {
    pub(super) file: Arc<SourceFile>,
    body: Body,
    /// Bytes before what was parsed.
    skipped: usize,
    changes: Vec<Change>,
    /// Data sources that the new text refers to.
    pub(super) used: BTreeSet<String>,
    /// Blocks to add, by the byte behind which they stand.
    blocks: Vec<(usize, String)>,
    /// Documents in JSON with their changes.
    documents: BTreeMap<usize, Within>,
}

/// A document in JSON within the file.
struct Within {
    range: Range<usize>,
    sheet: super::sheet::Sheet,
    owner: Option<Owner>,
}

/// What goes with a policy that is empty.
#[derive(Debug, Clone)]
enum Owner {
    /// A block that holds nothing else.
    Block(Range<usize>),
    /// An argument of a module.
    Argument(Member),
}

/// The change of one item.
struct Change {
    place: Place,
    new: Vec<String>,
    more: bool,
    units: Vec<UnitRef>,
}

/// What a unit is in a file.
#[derive(Debug, Clone)]
enum Place {
    /// A `statement` block, and its siblings.
    Block { range: Range<usize>, siblings: Vec<Range<usize>> },
    /// An object of a list, or one that stands alone.
    Item { range: Range<usize>, siblings: Vec<Range<usize>>, alone: bool, module: bool, owner: Option<Owner> },
    /// The value of an entry of a map.
    Entry { range: Range<usize>, key: String, siblings: Vec<Range<usize>>, owner: Option<Owner> },
    /// JSON in a string.
    Document { range: Range<usize>, owner: Option<Owner> },
    /// A whole block that names a policy.
    Attachment { range: Range<usize> },
    /// The name of a policy in a list.
    Name { range: Range<usize>, siblings: Vec<Range<usize>>, member: Option<Member> },
}

/// A step on the way to what is looked for.
#[derive(Clone, Copy)]
enum Step<'h> {
    Block(&'h Block),
    Attribute(&'h str),
    Expr(&'h Expression),
}

impl Hcl {
    pub(super) fn read(file: &Arc<SourceFile>) -> Option<Self> {
        let text = file.text.strip_prefix('\u{feff}').unwrap_or(&file.text);
        let body = hcl_edit::parser::parse_body(text).ok()?;
        Some(Self {
            file: Arc::clone(file),
            body,
            skipped: file.text.len() - text.len(),
            changes: Vec::new(),
            used: BTreeSet::new(),
            blocks: Vec::new(),
            documents: BTreeMap::new(),
        })
    }

    fn range(&self, span: Option<Range<usize>>) -> Range<usize> {
        span.map_or(0..0, |span| span.start + self.skipped..span.end + self.skipped)
    }

    /// What a unit is an item of; an error says why it cannot be changed.
    pub(super) fn items(&self, unit: &Unit) -> Result<Items, String> {
        let place = self.place(unit.at.span, unit.is_statement())?;
        if let Place::Document { range, .. } = &place {
            heredoc::sheet(&self.file, range)?.0.turn(unit.turn)?;
        }
        Ok(if unit.is_statement() { Items::Statements } else { Items::Names })
    }

    fn place(&self, at: Span, is_statement: bool) -> Result<Place, String> {
        let mut path = Vec::new();
        if !self.find(&self.body, at, &mut path) {
            return Err("it does not stand in the file as it is, but comes from a variable, a function or the like".to_owned());
        }
        match (path.as_slice(), is_statement) {
            ([.., Step::Block(outer), Step::Block(own)], true) if own.ident.as_str() == "statement" => {
                let blocks =
                    outer.body.iter().filter_map(Structure::as_block).filter(|block| block.ident.as_str() == "statement");
                let siblings = blocks.map(|block| self.range(block.span())).collect();
                Ok(Place::Block { range: self.range(own.span()), siblings })
            }
            ([.., Step::Expr(own)], true) => match own {
                Expression::Object(_) => self.object(&path),
                Expression::HeredocTemplate(_) | Expression::String(_) | Expression::StringTemplate(_) => {
                    Ok(Place::Document { range: self.range(own.span()), owner: self.owner(&path) })
                }
                _ => Err("it is the result of a function or a variable".to_owned()),
            },
            ([Step::Block(block), Step::Attribute("policy_arn"), ..], false) => self.attachment(block),
            ([.., Step::Expr(Expression::Array(list)), Step::Expr(own)], false) => {
                let siblings = list.iter().map(|item| self.range(item.span())).collect();
                Ok(Place::Name { range: self.range(own.span()), siblings, member: self.member(&path) })
            }
            ([Step::Block(_), Step::Attribute(_), Step::Expr(own)], false) if self.member(&path).is_some() => {
                Ok(Place::Name { range: self.range(own.span()), siblings: Vec::new(), member: self.member(&path) })
            }
            _ => Err("it is not written in a way that leash can change".to_owned()),
        }
    }

    /// A statement that is an object.
    fn object(&self, path: &[Step<'_>]) -> Result<Place, String> {
        let is_module = path.iter().any(|step| matches!(step, Step::Attribute("policy_statements")));
        match path {
            [.., Step::Expr(Expression::Array(list)), Step::Expr(own)] => {
                let siblings = list.iter().map(|item| self.range(item.span())).collect();
                Ok(Place::Item {
                    range: self.range(own.span()),
                    siblings,
                    alone: false,
                    module: is_module,
                    owner: self.owner(path),
                })
            }
            [.., Step::Expr(Expression::Object(outer)), Step::Expr(own)] => {
                let value = self.range(own.span());
                let key_of = |key: &ObjectKey| match key {
                    ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                    ObjectKey::Expression(Expression::Variable(name)) => Some(name.as_str().to_owned()),
                    ObjectKey::Expression(Expression::String(name)) => Some(name.value().as_str().to_owned()),
                    ObjectKey::Expression(_) => None,
                };
                let entries = outer.iter().map(|(key, entry)| (key, self.range(entry.expr().span())));
                let entries: Vec<_> =
                    entries.map(|(key, value)| (key_of(key), self.range(key.span()).start..value.end, value)).collect();
                let own = entries.iter().find(|(_, _, inner)| *inner == value);
                let Some((Some(key), range, _)) = own else { return Err("its key is computed".to_owned()) };
                if key == "Statement" {
                    return Ok(Place::Item {
                        range: value,
                        siblings: Vec::new(),
                        alone: true,
                        module: false,
                        owner: self.owner(path),
                    });
                }
                let siblings = entries.iter().map(|(_, range, _)| range.clone()).collect();
                Ok(Place::Entry { range: range.clone(), key: key.clone(), siblings, owner: self.owner(path) })
            }
            _ => Err("it is not written in a way that leash can change".to_owned()),
        }
    }

    /// The argument of a module that something stands in, or the item of its list.
    fn member(&self, path: &[Step<'_>]) -> Option<Member> {
        let [Step::Block(block), Step::Attribute(key), Step::Expr(value), inner @ ..] = path else { return None };
        let own = match (value, inner.first()) {
            (Expression::Array(_), Some(Step::Expr(item))) => item,
            _ => value,
        };
        Member::of(block, (key, value), self.range(own.span()), &|span| self.range(span))
    }

    /// What goes when a policy is empty: that of a role, unless others refer to it, or an argument of a module.
    fn owner(&self, path: &[Step<'_>]) -> Option<Owner> {
        if let Some(member) = self.member(path) {
            return Some(Owner::Argument(member));
        }
        let Some(Step::Block(block)) = path.first() else { return None };
        let labels: Vec<&str> = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect();
        let own = block.ident.as_str() == "resource" && labels.first() == Some(&"aws_iam_role_policy");
        (own && !self.file.text.contains(&labels.join("."))).then(|| Owner::Block(self.range(block.span())))
    }

    /// The block that attaches a policy, unless others depend on it.
    fn attachment(&self, block: &Block) -> Result<Place, String> {
        let labels: Vec<&str> = block.labels.iter().map(hcl_edit::structure::BlockLabel::as_str).collect();
        let repeated = ["count", "for_each"].iter().any(|key| block.body.has_attribute(key));
        if block.ident.as_str() != "resource" || repeated {
            return Err("it is attached in a loop".to_owned());
        }
        if self.file.text.contains(&labels.join(".")) {
            return Err("others refer to its attachment: remove it by hand".to_owned());
        }
        Ok(Place::Attachment { range: self.range(block.span()) })
    }

    /// Looks for a block or expression by its place. The parser bounds how deep it is nested.
    fn find<'h>(&self, body: &'h Body, at: Span, path: &mut Vec<Step<'h>>) -> bool {
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    path.push(Step::Attribute(attribute.key.as_str()));
                    if self.find_expr(&attribute.value, at, path) {
                        return true;
                    }
                }
                Structure::Block(block) => {
                    path.push(Step::Block(block));
                    let start = self.range(block.ident.span()).start as u32;
                    if start == at.start || self.find(&block.body, at, path) {
                        return true;
                    }
                }
            }
            path.pop();
        }
        false
    }

    fn find_expr<'h>(&self, expr: &'h Expression, at: Span, path: &mut Vec<Step<'h>>) -> bool {
        let own = self.range(expr.span());
        path.push(Step::Expr(expr));
        if own == (at.start as usize..at.end as usize) && !matches!(expr, Expression::Parenthesis(_)) {
            return true;
        }
        let found = match expr {
            Expression::Array(items) => items.iter().any(|item| self.find_expr(item, at, path)),
            Expression::Object(object) => object.iter().any(|(_, value)| self.find_expr(value.expr(), at, path)),
            Expression::Parenthesis(inner) => self.find_expr(inner.inner(), at, path),
            Expression::FuncCall(call) => call.args.iter().any(|argument| self.find_expr(argument, at, path)),
            _ => false,
        };
        if !found {
            path.pop();
        }
        found
    }

    /// Puts statements in the place of a unit.
    pub(super) fn change(&mut self, unit: &Unit, new: &[Statement], plan: &Plan<'_>, units: &[UnitRef]) -> Result<(), String> {
        self.write(unit, new, plan, units, false)
    }

    /// Adds statements behind those a unit stands among.
    pub(super) fn append(&mut self, unit: &Unit, new: &[Statement], plan: &Plan<'_>, units: &[UnitRef]) -> Result<(), String> {
        self.write(unit, new, plan, units, true)
    }

    fn write(&mut self, unit: &Unit, new: &[Statement], plan: &Plan<'_>, units: &[UnitRef], more: bool) -> Result<(), String> {
        let place = self.place(unit.at.span, unit.is_statement())?;
        let function = plan.functions()[0];
        let mut used = Used::new();
        if let Place::Document { range, owner } = &place {
            let trees: Vec<Yaml> = new.iter().map(|one| json(one, function, &mut used)).collect::<Result<_, _>>()?;
            self.note_used(&used);
            return self.document((range, owner.clone()), unit, trees, units, more);
        }
        let indent = indent_of(&self.file.text, unit.at.span.start as usize);
        let mut keys = Keys { taken: &self.file.text, given: Vec::new() };
        let one = |statement: &Statement| match &place {
            Place::Entry { .. } if more => {
                format!("{} = {}", keys.of(statement), module_statement(statement, function, indent, &mut used))
            }
            Place::Block { .. } => indented(&block(statement, function, &mut used), indent),
            Place::Entry { .. } | Place::Item { module: true, .. } => module_statement(statement, function, indent, &mut used),
            _ => object(statement, function, indent, &mut used),
        };
        let new: Vec<String> = new.iter().map(one).collect();
        self.note_used(&used);
        self.changes.push(Change { place, new, more, units: units.to_vec() });
        Ok(())
    }

    pub(super) fn note_used(&mut self, used: &Used) {
        self.used.extend(used.iter().map(|source| (*source).to_owned()));
    }

    fn document(
        &mut self,
        (range, owner): (&Range<usize>, Option<Owner>),
        unit: &Unit,
        new: Vec<Yaml>,
        units: &[UnitRef],
        more: bool,
    ) -> Result<(), String> {
        if !self.documents.contains_key(&range.start) {
            let (document, inner) = heredoc::sheet(&self.file, range)?;
            self.documents.insert(range.start, Within { range: inner, sheet: document.into_sheet(), owner });
        }
        let Some(within) = self.documents.get_mut(&range.start) else { return Ok(()) };
        let at = heredoc::statement(&within.sheet, unit.turn)?;
        if more { within.sheet.append_beside(at, new, units) } else { within.sheet.change(at, true, new, units) }
    }

    /// Adds blocks behind the block that starts at a place.
    pub(super) fn add_behind(&mut self, at: Span, text: String) -> Result<(), String> {
        let block = self.body.iter().filter_map(Structure::as_block);
        let block = block.map(|block| self.range(block.span())).find(|range| range.start == at.start as usize);
        let end = block.ok_or("its place in the file is not known")?.end;
        self.blocks.push((line_end(&self.file.text, end), text));
        Ok(())
    }

    /// The `count` or `for_each` of the block that starts at a place, as it is written.
    pub(super) fn repeated(&self, at: Span) -> Option<(&'static str, &str)> {
        let mut blocks = self.body.iter().filter_map(Structure::as_block);
        let block = blocks.find(|block| self.range(block.span()).start == at.start as usize)?;
        let one = |key: &'static str| {
            let value = &block.body.get_attribute(key)?.value;
            Some((key, self.file.text.get(self.range(value.span()))?))
        };
        one("count").or_else(|| one("for_each"))
    }

    /// Adds blocks behind everything.
    pub(super) fn add_last(&mut self, text: String) {
        self.blocks.push((self.file.text.len(), text));
    }

    /// Adds attributes to the block that starts at a place.
    pub(super) fn add_within(&mut self, at: Span, names: &[&str], text: &str) -> Result<(), String> {
        let mut blocks = self.body.iter().filter_map(Structure::as_block);
        let block = blocks.find(|block| self.range(block.span()).start == at.start as usize);
        let block = block.ok_or("its place in the file is not known")?;
        if let Some(name) = names.iter().find(|name| block.body.has_attribute(name)) {
            return Err(format!("it sets `{name}` already"));
        }
        let end = self.range(block.span()).end;
        let close = end.saturating_sub(1);
        let start = line_start(&self.file.text, close);
        if self.file.text[start..close].trim().is_empty() {
            self.blocks.push((start, text.to_owned()));
            return Ok(());
        }
        Err("it is written on one line".to_owned())
    }

    /// The text with all changes.
    pub(super) fn finish(self) -> Result<String, Obstacle> {
        let mut edits = Edits::new(&self.file);
        let text = &self.file.text;
        let mut groups: BTreeMap<(usize, usize), Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            let siblings = change.place.siblings();
            let key = siblings.first().map_or_else(|| change.place.range().start, |first| first.start);
            groups.entry((key, siblings.len())).or_default().push(change);
        }
        let all: Vec<UnitRef> = self.changes.iter().flat_map(|change| change.units.iter().copied()).collect();
        let mut arguments: BTreeMap<usize, (Vec<Member>, Vec<UnitRef>)> = BTreeMap::new();
        let mut empty = |member: Member, units: Vec<UnitRef>| {
            let known = arguments.entry(member.value.start).or_default();
            known.0.push(member);
            known.1.extend(units);
        };
        for changes in groups.values() {
            let units: Vec<UnitRef> = changes.iter().flat_map(|change| change.units.iter().copied()).collect();
            let list = merged(changes);
            let members: Vec<Member> = changes.iter().filter_map(|change| change.place.emptied(&list)).collect();
            if members.is_empty() {
                super::items::write(text, &list, &mut edits).map_err(|why| Obstacle { units, why })?;
            } else {
                members.into_iter().for_each(|member| empty(member, units.clone()));
            }
        }
        for within in self.documents.into_values() {
            let units = within.sheet.units();
            match within.owner {
                _ if !within.sheet.empties_document() => edits.replace(within.range, within.sheet.finish()?),
                Some(Owner::Block(owner)) => edits.replace(super::items::with_gap(text, &owner), ""),
                Some(Owner::Argument(member)) => empty(member, units),
                None => return Err(Obstacle { units, why: BY_HAND.to_owned() }),
            }
        }
        for (members, units) in arguments.into_values() {
            argument::remove(text, &members, &mut edits).map_err(|why| Obstacle { units, why })?;
        }
        let mut open = !text.is_empty() && !text.ends_with('\n');
        for (at, added) in self.blocks {
            let ends = at == text.len() && std::mem::take(&mut open);
            edits.insert(at, if ends { format!("\n{added}") } else { added });
        }
        edits.apply().ok_or_else(|| Obstacle { units: all, why: "its parts stand on the same line as others".to_owned() })
    }
}

/// What [`items`](super::items) needs to know about the items of one list.
fn merged(changes: &[&Change]) -> super::items::List {
    let place = &changes[0].place;
    let mut siblings = place.siblings().to_vec();
    if siblings.is_empty() {
        siblings.push(place.range());
    }
    let owner = match place {
        Place::Item { owner: Some(Owner::Block(block)), .. } => Some(block.clone()),
        _ => None,
    };
    let mut list = super::items::List { kind: place.kind(), siblings, changes: BTreeMap::new(), more: Vec::new(), owner };
    for change in changes {
        let own = change.place.range();
        let position = list.siblings.iter().position(|sibling| *sibling == own).unwrap_or_default();
        if change.more {
            list.more.extend(change.new.iter().cloned());
            continue;
        }
        let key = match &change.place {
            Place::Entry { key, .. } => key.clone(),
            _ => String::new(),
        };
        let known = list.changes.entry(position).or_insert_with(|| (key, Vec::new()));
        known.1.extend(change.new.iter().cloned());
    }
    list
}

impl Place {
    fn range(&self) -> Range<usize> {
        match self {
            Self::Block { range, .. }
            | Self::Item { range, .. }
            | Self::Entry { range, .. }
            | Self::Document { range, .. }
            | Self::Attachment { range }
            | Self::Name { range, .. } => range.clone(),
        }
    }

    fn siblings(&self) -> &[Range<usize>] {
        match self {
            Self::Block { siblings, .. }
            | Self::Item { siblings, .. }
            | Self::Entry { siblings, .. }
            | Self::Name { siblings, .. } => siblings,
            Self::Document { .. } | Self::Attachment { .. } => &[],
        }
    }

    /// The argument of a module, or the item of it, that goes when this changes as its list does.
    fn emptied(&self, list: &super::items::List) -> Option<Member> {
        match self {
            Self::Name { member, .. } => member.clone(),
            Self::Item { owner: Some(Owner::Argument(member)), .. }
            | Self::Entry { owner: Some(Owner::Argument(member)), .. } => list.is_emptied().then(|| member.clone()),
            _ => None,
        }
    }

    const fn kind(&self) -> super::items::Kind {
        match self {
            Self::Block { .. } => super::items::Kind::Blocks,
            Self::Item { alone: true, .. } => super::items::Kind::Alone,
            Self::Item { .. } => super::items::Kind::Items,
            Self::Entry { .. } => super::items::Kind::Entries,
            Self::Document { .. } | Self::Attachment { .. } => super::items::Kind::Attachment,
            Self::Name { .. } => super::items::Kind::Names,
        }
    }
}

/// Keys for statements, each its own.
pub(super) struct Keys<'t> {
    /// The text in which they must not stand yet.
    pub(super) taken: &'t str,
    /// Those that were given.
    pub(super) given: Vec<String>,
}

impl Keys<'_> {
    /// The service of the statement, with a number where that is taken.
    pub(super) fn of(&mut self, statement: &Statement) -> String {
        let service = statement.actions.items().first().map_or("needed", |action| action.service()).replace('-', "_");
        let mut key = service.clone();
        let mut number = 2;
        let is_set = |key: &str| self.taken.lines().any(|line| line.trim_start().starts_with(&format!("{key} ")));
        while self.given.contains(&key) || is_set(&key) {
            key = format!("{service}_{number}");
            number += 1;
        }
        self.given.push(key.clone());
        key
    }
}

/// Lines that are indented by two, indented otherwise.
fn indented(text: &str, indent: usize) -> String {
    let line = |line: &str| {
        let rest = line.strip_prefix("  ").unwrap_or(line);
        if rest.trim().is_empty() { "\n".to_owned() } else { format!("{}{rest}\n", " ".repeat(indent)) }
    };
    text.lines().map(line).collect()
}
