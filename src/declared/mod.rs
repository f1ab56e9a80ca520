//! What a function is deployed with, written out as statements that can be compared with what its code needs.
//!
//! Templates name many of their permissions instead of writing them: AWS's managed policies, SAM's policy templates, and
//! what a format adds by itself. Here each becomes statements. Every statement exists twice: as it is shown, with the
//! template's own references, and as it is compared, with references replaced by what they stand for, so that
//! `!GetAtt Orders.Arn`, `table/${Orders}` and the table's literal name are the same resource.

mod bound;
mod connector;
mod file;
mod guard;
mod named;
mod sam;

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

pub use bound::comparable;
pub use file::{RoleFileError, document_of, read_role};
pub use guard::{AtResources, is_guarded_in_sight};

use crate::iac::{DeclaredPolicy, DeclaredStatement, PolicySource, Stack};
use crate::note::{Note, NoteKind};
use crate::policy::{ActionPattern, ArnPattern, Clause, Origin, Statement};
use crate::span::Location;
use crate::value::{Hole, Text};

/// A declared policy with its statements written out.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What it is called in a sentence: "the policy template `DynamoDBCrudPolicy`".
    pub label: String,
    /// A name that stays the same while the file around it changes.
    pub key: String,
    /// How it came to the function.
    pub kind: Kind,
    /// Where it stands.
    pub holder: Holder,
    /// Its statements.
    pub statements: Vec<Granted>,
    /// Actions that are none, as written.
    pub malformed: Vec<(SmolStr, Location)>,
    /// What could not be read. With any of these the policy may allow more than its statements say.
    pub unread: Vec<Note>,
    /// Where it is declared.
    pub origin: Location,
}

/// How a policy came to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Somebody wrote its statements, so that each can be changed.
    Written,
    /// Somebody named it; it can only be kept or replaced as a whole.
    Named,
    /// The format added it; the runtime uses it.
    Implicit,
}

/// Where a policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// At the role or the function, in the template.
    Role,
    /// At a resource that names the role.
    Resource,
    /// In a file of its own, which counts instead of what the template declares.
    File,
}

/// A statement of a declared policy.
#[derive(Debug, Clone)]
pub struct Granted {
    /// As the template has it.
    pub shown: Statement,
    /// With its references replaced by what they stand for; same actions and resources in the same order.
    pub compared: Statement,
    /// Where it is declared: its own place, or that of the policy that holds it.
    pub origin: Location,
}

/// Writes out the declared policies of a function.
pub fn expand(policies: &[DeclaredPolicy], stack: Option<&Stack>) -> Vec<Policy> {
    let mut seen: FxHashMap<&Location, Vec<&DeclaredPolicy>> = FxHashMap::default();
    let mut expanded = Vec::new();
    for policy in policies {
        // A policy can reach a function on several ways, at its role and by its own attachment.
        let there = seen.entry(&policy.origin).or_default();
        if !there.contains(&policy) {
            there.push(policy);
            expanded.push(expand_one(policy, stack));
        }
    }
    expanded
}

fn expand_one(declared: &DeclaredPolicy, stack: Option<&Stack>) -> Policy {
    let (label, key, kind) = naming(declared);
    let mut policy = Policy {
        label,
        key,
        kind,
        holder: Holder::Role,
        statements: Vec::new(),
        malformed: Vec::new(),
        unread: declared.notes.clone(),
        origin: declared.origin.clone(),
    };
    match &declared.source {
        PolicySource::Managed(name) | PolicySource::ImplicitManaged { name, .. } => match named::managed(name) {
            Some(statements) => policy.take(statements, stack),
            None => policy.unknown("is no AWS managed policy that leash knows, so what it allows is not known"),
        },
        PolicySource::SamTemplate { name, parameters } => match sam::template(name, parameters) {
            Some(statements) => policy.take(statements, stack),
            None => policy.unknown("is no SAM policy template that leash knows, so what it allows is not known"),
        },
        PolicySource::External(_) => {
            policy.unknown("is declared elsewhere, so what it allows is not known: name its document with --role");
        }
        PolicySource::Connector { source, source_kind, destination, destination_kind, permissions, for_source } => {
            let ends = ((source, source_kind.as_ref()), (destination, destination_kind.as_ref()));
            match connector::statements(ends.0, ends.1, *for_source, permissions, stack) {
                Some(statements) => policy.take(statements, stack),
                None => policy.unknown("is no connector that leash knows, so what it allows is not known"),
            }
        }
        PolicySource::Grant { .. } if declared.statements.is_empty() => {
            policy.unknown("is none that leash knows, so what it allows is not known");
        }
        PolicySource::Inline | PolicySource::Resource(_) | PolicySource::Grant { .. } | PolicySource::Implicit(_) => {}
    }
    for statement in declared.statements.iter() {
        policy.read(statement, stack);
    }
    policy
}

impl Policy {
    /// The files that its statements stand in.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.statements.iter().map(|granted| granted.origin.file.path.clone()).collect();
        files.push(self.origin.file.path.clone());
        files.sort();
        files.dedup();
        files
    }

    /// Whether everything it allows is known.
    pub fn is_read(&self) -> bool {
        self.unread.is_empty()
    }

    fn unknown(&mut self, why: &str) {
        let message = format!("{} {why}", self.label);
        self.unread.push(Note::at(NoteKind::Template, self.origin.clone(), message));
    }

    fn take(&mut self, statements: Vec<Statement>, stack: Option<&Stack>) {
        let origin = self.origin.clone();
        self.statements.extend(statements.into_iter().map(|shown| Granted {
            compared: bound::statement(&shown, stack),
            shown,
            origin: origin.clone(),
        }));
    }

    /// A statement that stands in the template.
    fn read(&mut self, declared: &DeclaredStatement, stack: Option<&Stack>) {
        let mut actions = Vec::new();
        for text in &declared.actions {
            match ActionPattern::parse(text) {
                Some(pattern) => actions.push(pattern),
                None => self.malformed.push((text.clone(), declared.origin.clone())),
            }
        }
        if actions.is_empty() {
            return;
        }
        let resources: Vec<ArnPattern> = declared.resources.iter().cloned().map(ArnPattern::new).collect();
        let mut shown = Statement::allow(Vec::new(), Vec::new()).with_conditions(declared.conditions.clone());
        shown.sid.clone_from(&declared.sid);
        shown.effect = declared.effect;
        shown.actions = if declared.not_action { Clause::Except(actions) } else { Clause::Only(actions) };
        shown.resources = if declared.not_resource { Clause::Except(resources) } else { Clause::Only(resources) };
        shown.origin = Origin { statement: Some(declared.origin.clone()), ..Origin::default() };
        self.statements.push(Granted { compared: bound::statement(&shown, stack), shown, origin: declared.origin.clone() });
    }
}

/// What a policy is called, its stable key, and its kind.
fn naming(declared: &DeclaredPolicy) -> (String, String, Kind) {
    let named = |name: &Option<Text>| name.as_ref().map(Text::pattern);
    match &declared.source {
        PolicySource::Inline => match named(&declared.name) {
            Some(name) => (format!("the inline policy `{name}`"), format!("inline:{name}"), Kind::Written),
            None => ("the inline policy".to_owned(), "inline".to_owned(), Kind::Written),
        },
        PolicySource::Resource(id) => (format!("the policy `{id}`"), format!("resource:{id}"), Kind::Written),
        PolicySource::Managed(name) => (format!("the managed policy {name}"), format!("managed:{name}"), Kind::Named),
        PolicySource::External(text) => match text.as_hole() {
            Some(Hole::Unknown(why)) => (format!("the policy ({why})"), format!("external:{why}"), Kind::Named),
            Some(Hole::Parameter(name)) => (format!("the policy `{name}`"), format!("external:{name}"), Kind::Named),
            _ => {
                let name = text.pattern();
                (format!("the policy `{name}`"), format!("external:{name}"), Kind::Named)
            }
        },
        PolicySource::SamTemplate { name, .. } => (format!("the policy template {name}"), format!("sam:{name}"), Kind::Named),
        PolicySource::Connector { source, destination, for_source, .. } => {
            let (word, end) = if *for_source { ("to", destination) } else { ("from", source) };
            let name = match end.as_hole() {
                Some(Hole::Resource { id, .. }) => id.to_string(),
                _ => end.pattern(),
            };
            (format!("the connector {word} `{name}`"), format!("connector:{name}"), Kind::Named)
        }
        PolicySource::Grant { name, .. } => (format!("the grant {name}"), format!("grant:{name}"), Kind::Named),
        PolicySource::Implicit(why) => {
            (format!("what the format adds because the function {why}"), format!("implicit:{why}"), Kind::Implicit)
        }
        PolicySource::ImplicitManaged { name, .. } => {
            (format!("the managed policy {name}"), format!("implicit:{name}"), Kind::Implicit)
        }
    }
}
