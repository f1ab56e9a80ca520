//! Permissions as templates declare them: policy documents, references to managed policies, roles.

use smol_str::SmolStr;

use super::declared::{DeclaredCondition, DeclaredEffect, DeclaredPolicy, DeclaredStatement, PolicySource};
use super::document::{Entry, Node};
use super::stack::Role;
use super::template::Template;
use crate::note::{Note, NoteKind};
use crate::span::Span;
use crate::value::{Arg, Hole, Piece, Text};

/// The statements of a policy document, and what in it could not be read.
#[derive(Default)]
pub(crate) struct Statements {
    pub(crate) list: Vec<DeclaredStatement>,
    pub(crate) notes: Vec<Note>,
}

impl Template<'_> {
    /// Reads a policy document.
    pub(crate) fn policy_document(&self, document: &Node) -> Statements {
        let mut statements = Statements::default();
        for document in document.branches() {
            let of_text = self.document_of_text(document);
            let document = of_text.as_ref().unwrap_or(document);
            self.check_version(document);
            match document.get("Statement") {
                Some(list) => {
                    for statement in list.branches() {
                        self.statement(statement, &mut statements);
                    }
                }
                None => statements.unreadable(self, document.span, "expected a policy document with a `Statement`"),
            }
        }
        statements
    }

    /// IAM refuses any other version, whatever the statements say.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
    fn check_version(&self, document: &Node) {
        let Some(node) = document.get("Version") else { return };
        if let Some(version) = self.literal(node)
            && !matches!(version.as_str(), "2012-10-17" | "2008-10-17")
        {
            self.remark(node.span, format!("`{version}` is no version of a policy: IAM knows 2012-10-17 and 2008-10-17"));
        }
    }

    fn statement(&self, node: &Node, out: &mut Statements) {
        if node.as_mapping().is_none() || node.single().is_some_and(|entry| super::intrinsics::is_intrinsic(&entry.key)) {
            out.unreadable(self, node.span, "expected a statement with `Effect`, `Action` and `Resource`");
            return;
        }
        let effect = match node.get("Effect").and_then(|effect| self.literal(effect)).as_deref() {
            Some("Deny") => DeclaredEffect::Deny,
            Some("Allow") => DeclaredEffect::Allow,
            _ => {
                out.unreadable(self, node.span, "the `Effect` of this statement is neither Allow nor Deny; it counts as Allow");
                DeclaredEffect::Allow
            }
        };
        let (actions, not_action) = self.either(node, "Action", "NotAction");
        let (resources, not_resource) = self.either(node, "Resource", "NotResource");
        let (principal, not_principal) = match (node.get("Principal"), node.get("NotPrincipal")) {
            (None, Some(negated)) => (Some(negated), true),
            (principal, _) => (principal, false),
        };
        if actions.is_empty() {
            out.unreadable(self, node.span, "this statement has no `Action` that could be read");
            return;
        }
        if resources.is_empty() && principal.is_none() {
            out.unreadable(self, node.span, "this statement has no `Resource` that could be read");
        }
        if actions.iter().any(|action| action.holes().next().is_some()) {
            out.unreadable(self, node.span, "an action of this statement is not known here; its unknown parts count as `*`");
        }
        out.list.push(DeclaredStatement {
            sid: node.get("Sid").and_then(|sid| self.literal(sid)),
            effect,
            actions: actions.iter().map(|action| self.with_defaults(action).pattern().into()).collect(),
            not_action,
            resources,
            not_resource,
            principals: principal.map_or_else(Vec::new, |node| self.principals(node)),
            not_principal,
            conditions: node.get("Condition").map_or_else(Vec::new, |node| self.conditions(node)),
            origin: self.at(node.span),
        });
    }

    /// The strings under a key or its negated twin.
    fn either(&self, node: &Node, key: &str, negated: &str) -> (Vec<Text>, bool) {
        match (node.get(key), node.get(negated)) {
            (None, Some(value)) => (self.strings(value), true),
            (value, _) => (value.map_or_else(Vec::new, |value| self.strings(value)), false),
        }
    }

    /// A string, or a list of strings, with all alternatives side by side.
    pub(crate) fn strings(&self, node: &Node) -> Vec<Text> {
        fn flatten(value: &Arg, out: &mut Vec<Text>) {
            match value {
                Arg::List { items, open } => {
                    for item in items {
                        flatten(item, out);
                    }
                    if *open {
                        out.push(Text::hole(Hole::Unknown("further items of a list".into())));
                    }
                }
                Arg::OneOf(values) => {
                    for value in values {
                        flatten(value, out);
                    }
                }
                other => out.extend(other.as_text()),
            }
        }
        let mut out = Vec::new();
        flatten(&self.eval(node), &mut out);
        out
    }

    fn principals(&self, node: &Node) -> Vec<(SmolStr, Text)> {
        if node.as_str().is_some() {
            return self.strings(node).into_iter().map(|text| ("*".into(), text)).collect();
        }
        let entries = node.entries().iter();
        entries.flat_map(|entry| self.strings(&entry.value).into_iter().map(|text| (entry.key.clone(), text))).collect()
    }

    fn conditions(&self, node: &Node) -> Vec<DeclaredCondition> {
        let mut conditions = Vec::new();
        for operator in node.entries() {
            for key in operator.value.entries() {
                conditions.push(DeclaredCondition {
                    operator: operator.key.clone(),
                    key: key.key.clone(),
                    values: self.strings(&key.value),
                });
            }
        }
        conditions
    }

    /// A policy whose statements stand in the template.
    pub(crate) fn declared(&self, name: Option<&Node>, document: &Node, source: PolicySource, span: Span) -> DeclaredPolicy {
        let Statements { list, notes } = self.policy_document(document);
        let name = name.and_then(|name| self.text(name));
        DeclaredPolicy { name, source, statements: list, notes, origin: self.at(span) }
    }

    /// The managed policies a list names.
    pub(crate) fn managed(&self, list: &Node) -> Vec<DeclaredPolicy> {
        let nodes = list.branches();
        nodes
            .into_iter()
            .flat_map(|node| self.strings(node).into_iter().map(|text| self.managed_policy(&text, node.span)))
            .collect()
    }

    /// One managed policy, by ARN, name or reference. References to the template's own policies are resolved when linking.
    pub(crate) fn managed_policy(&self, text: &Text, span: Span) -> DeclaredPolicy {
        let text = self.with_defaults(text);
        let source = match managed_name(&text) {
            Some(name) => PolicySource::Managed(name),
            None => match text.as_hole() {
                Some(Hole::Resource { id, .. }) => PolicySource::Resource(id.clone()),
                _ => PolicySource::External(text.clone()),
            },
        };
        DeclaredPolicy { name: None, source, statements: Vec::new(), notes: Vec::new(), origin: self.at(span) }
    }

    /// An `AWS::IAM::Role`.
    pub(crate) fn role(&self, entry: &Entry, properties: &Node) -> Role {
        let id = self.qualified(&entry.key);
        let mut policies = Vec::new();
        for node in properties.get("Policies").map_or_else(Vec::new, |list| list.branches()) {
            match node.get("PolicyDocument") {
                Some(document) => policies.push(self.declared(node.get("PolicyName"), document, PolicySource::Inline, node.span)),
                None => self.note(node.span, "expected a policy with `PolicyName` and `PolicyDocument`"),
            }
        }
        if let Some(list) = properties.get("ManagedPolicyArns") {
            policies.extend(self.managed(list));
        }
        Role {
            id,
            name: properties.get("RoleName").and_then(|name| self.text(name)),
            policies,
            trust: properties.get("AssumeRolePolicyDocument").map_or_else(Vec::new, |node| self.policy_document(node).list),
            boundary: properties.get("PermissionsBoundary").and_then(|node| self.text(node)),
            origin: self.at(entry.key_span),
        }
    }
}

impl Statements {
    fn unreadable(&mut self, template: &Template<'_>, span: Span, message: &str) {
        self.notes.push(Note::at(NoteKind::Template, template.at(span), message));
    }
}

/// The name of an AWS managed policy, from its ARN or (in SAM) by itself: what follows the last slash.
pub fn managed_name(text: &Text) -> Option<SmolStr> {
    let pieces = text.pieces();
    let Some(Piece::Literal(last)) = pieces.last() else { return None };
    let known = match pieces {
        [Piece::Literal(arn)] if arn.starts_with("arn:") => arn.split(':').nth(4) == Some("aws") && arn.contains(":policy/"),
        [Piece::Literal(name)] => !name.is_empty() && !name.contains(':'),
        [Piece::Literal(start), Piece::Hole(Hole::Partition), Piece::Literal(end)] => {
            start == "arn:" && end.starts_with(":iam::aws:policy/")
        }
        _ => false,
    };
    known.then(|| last.rsplit('/').next().unwrap_or(last).into())
}
