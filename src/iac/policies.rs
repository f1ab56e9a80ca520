//! Permissions as templates declare them: policy documents, references to managed policies, roles.

use smol_str::SmolStr;

use super::declared::{DeclaredPolicy, PolicySource};
use super::document::{Entry, Node};
use super::stack::Role;
use super::statements::{Known, Statements, strings};
use super::template::Template;
use crate::span::Span;
use crate::value::{Arg, Hole, Piece, Text};

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
                None => statements.no_document(&self.at(document.span)),
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
            out.no_statement(&self.at(node.span));
            return;
        }
        let known = Known {
            sid: node.get("Sid").and_then(|sid| self.literal(sid)),
            effect: node.get("Effect").and_then(|effect| self.literal(effect)),
        };
        match self.eval(node) {
            Arg::Map(statement) => out.add(&statement, known, |action| self.with_defaults(action), &self.at(node.span)),
            _ => out.no_statement(&self.at(node.span)),
        }
    }

    /// A string, or a list of strings, with all alternatives side by side.
    pub(crate) fn strings(&self, node: &Node) -> Vec<Text> {
        strings([&self.eval(node)])
    }

    /// A policy whose statements stand in the template.
    pub(crate) fn declared(&self, name: Option<&Node>, document: &Node, source: PolicySource, span: Span) -> DeclaredPolicy {
        let Statements { list, notes } = self.policy_document(document);
        let name = name.and_then(|name| self.text(name));
        DeclaredPolicy { name, notes: notes.into_iter().collect(), ..DeclaredPolicy::new(source, list, self.at(span)) }
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
        DeclaredPolicy::named(source, self.at(span))
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
