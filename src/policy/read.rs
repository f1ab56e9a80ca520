//! Reads documents out of trees: one value or a list everywhere, and nothing lost because something else is wrong.

use smol_str::SmolStr;

use super::document::{PolicyProblem, ProblemKind, VERSION};
use super::source::{Entry, Node, NodeValue};
use super::statement::{Clause, Effect, Origin, Principal, Statement, Unread};
use super::{ActionPattern, ArnPattern, Condition, PolicyDocument};
use crate::span::Location;

pub(super) fn document(node: &Node) -> PolicyDocument {
    let mut reader = Reader::default();
    let NodeValue::Map(entries) = &node.value else {
        reader.not_a_dictionary(node, "policy");
        return reader.document;
    };
    let mut statements = None;
    let mut seen = Seen::default();
    for entry in entries {
        if !seen.first(entry, "policy", &mut reader) {
            continue;
        }
        match entry.key.as_str() {
            "Version" => reader.version(entry),
            "Id" => reader.document.id = literal(&entry.value),
            "Statement" => statements = Some(&entry.value),
            _ => reader.unknown(entry, "policy"),
        }
    }
    if !seen.has("Version") {
        reader.problem(ProblemKind::MissingVersion, "policy", node.at.as_ref());
    }
    match statements {
        Some(statements) => reader.statements(statements),
        None => reader.problem(ProblemKind::Missing("Statement"), "policy", node.at.as_ref()),
    }
    reader.document
}

#[derive(Default)]
struct Reader {
    document: PolicyDocument,
}

/// Which elements were there already.
#[derive(Default)]
struct Seen(Vec<SmolStr>);

impl Seen {
    fn first(&mut self, entry: &Entry, path: &str, reader: &mut Reader) -> bool {
        if self.has(&entry.key) {
            reader.problem(ProblemKind::Repeated(entry.key.clone()), path, entry.at.as_ref());
            return false;
        }
        // Unknown elements need no memory: each is a problem of its own.
        if ELEMENTS.contains(&entry.key.as_str()) {
            self.0.push(entry.key.clone());
        }
        true
    }

    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|seen| seen == key)
    }
}

const ELEMENTS: [&str; 12] = [
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
    "Principal",
    "NotPrincipal",
];

/// The elements of one statement, by name.
#[derive(Default)]
struct Parts<'a> {
    sid: Option<SmolStr>,
    effect: Option<&'a Node>,
    action: Option<&'a Node>,
    not_action: Option<&'a Node>,
    resource: Option<&'a Node>,
    not_resource: Option<&'a Node>,
    condition: Option<&'a Node>,
    principal: Option<Principal>,
}

/// A clause with the places of its items, and whether all of it was read.
struct Read<T> {
    clause: Clause<T>,
    places: Vec<Option<Location>>,
    whole: bool,
}

impl<T> Read<T> {
    fn of(negated: bool, list: List<T>) -> Self {
        let clause = if negated { Clause::Except(list.items) } else { Clause::Only(list.items) };
        Self { clause, places: list.places, whole: list.whole }
    }

    /// What is unknown of the clause: a missing exception makes it narrower than shown, a missing item wider.
    fn unread(&self) -> Unread {
        let negated = self.clause.is_negated();
        Unread { wider: !self.whole && !negated, narrower: !self.whole && negated }
    }
}

/// The items of one element.
struct List<T> {
    items: Vec<T>,
    places: Vec<Option<Location>>,
    whole: bool,
}

impl Reader {
    fn problem(&mut self, kind: ProblemKind, path: &str, at: Option<&Location>) {
        self.document.problems.push(PolicyProblem { kind, path: path.to_owned(), at: at.cloned() });
    }

    fn unknown(&mut self, entry: &Entry, path: &str) {
        self.problem(ProblemKind::UnknownElement(entry.key.clone()), path, entry.at.as_ref());
    }

    fn not_a_dictionary(&mut self, node: &Node, path: &str) {
        let kind = match &node.value {
            NodeValue::Unreadable(what) => ProblemKind::Unreadable(what.clone()),
            _ => ProblemKind::NotADictionary,
        };
        self.problem(kind, path, node.at.as_ref());
    }

    fn version(&mut self, entry: &Entry) {
        let version = literal(&entry.value);
        if version.as_deref() != Some(VERSION) {
            let shown = version.clone().unwrap_or_else(|| "not text".into());
            self.problem(ProblemKind::Version(shown), "policy", entry.value.at.as_ref());
        }
        self.document.version = version;
    }

    fn statements(&mut self, node: &Node) {
        for (index, item) in node.items().iter().enumerate() {
            let path = format!("Statement[{index}]");
            let NodeValue::Map(entries) = &item.value else {
                self.not_a_dictionary(item, &path);
                continue;
            };
            if let Some(statement) = self.statement(item, entries, &path) {
                self.document.statements.push(statement);
            }
        }
    }

    fn statement(&mut self, node: &Node, entries: &[Entry], path: &str) -> Option<Statement> {
        let parts = self.parts(entries, path);
        let effect = self.effect(parts.effect, node, path)?;
        let actions = self.actions(&parts, node, path)?;
        let resources = self.resources(&parts, node, path)?;
        let (conditions, conditions_whole) = self.conditions(parts.condition, path);
        let (of_actions, of_resources) = (actions.unread(), resources.unread());
        let unread = Unread {
            wider: of_actions.wider || of_resources.wider,
            narrower: of_actions.narrower || of_resources.narrower || !conditions_whole,
        };
        Some(Statement {
            sid: parts.sid,
            effect,
            actions: actions.clause,
            resources: resources.clause,
            conditions,
            principal: parts.principal,
            unread,
            origin: Origin { statement: node.at.clone(), actions: actions.places, resources: resources.places },
        })
    }

    fn parts<'a>(&mut self, entries: &'a [Entry], path: &str) -> Parts<'a> {
        let mut parts = Parts::default();
        let mut seen = Seen::default();
        for entry in entries {
            if !seen.first(entry, path, self) {
                continue;
            }
            let value = &entry.value;
            match entry.key.as_str() {
                "Sid" => parts.sid = literal(value),
                "Effect" => parts.effect = Some(value),
                "Action" => parts.action = Some(value),
                "NotAction" => parts.not_action = Some(value),
                "Resource" => parts.resource = Some(value),
                "NotResource" => parts.not_resource = Some(value),
                "Condition" => parts.condition = Some(value),
                "Principal" => parts.principal = Some(Principal { negated: false, value: value.clone() }),
                "NotPrincipal" => parts.principal = Some(Principal { negated: true, value: value.clone() }),
                _ => self.unknown(entry, path),
            }
        }
        parts
    }

    fn effect(&mut self, effect: Option<&Node>, statement: &Node, path: &str) -> Option<Effect> {
        let Some(node) = effect else {
            self.problem(ProblemKind::Missing("Effect"), path, statement.at.as_ref());
            return None;
        };
        match literal(node).as_deref() {
            Some("Allow") => Some(Effect::Allow),
            Some("Deny") => Some(Effect::Deny),
            other => {
                let shown = other.unwrap_or("not text").into();
                self.problem(ProblemKind::Effect(shown), path, node.at.as_ref());
                None
            }
        }
    }

    fn actions(&mut self, parts: &Parts<'_>, node: &Node, path: &str) -> Option<Read<ActionPattern>> {
        let chosen = self.one_of((parts.action, "Action"), (parts.not_action, "NotAction"), node, path)?;
        let read = self.list(chosen.1, &format!("{path}.{}", chosen.2), |text| {
            let Some(literal) = text.as_literal() else {
                return Err(ProblemKind::Unreadable("an action that deployment decides".into()));
            };
            ActionPattern::parse(literal).ok_or_else(|| ProblemKind::Action(literal.into()))
        });
        Some(Read::of(chosen.0, read))
    }

    fn resources(&mut self, parts: &Parts<'_>, node: &Node, path: &str) -> Option<Read<ArnPattern>> {
        if parts.principal.is_some() && parts.resource.is_none() && parts.not_resource.is_none() {
            // A trust policy: it is about the role it belongs to.
            return Some(Read { clause: Clause::Only(vec![ArnPattern::any()]), places: vec![None], whole: true });
        }
        let chosen = self.one_of((parts.resource, "Resource"), (parts.not_resource, "NotResource"), node, path)?;
        let read = self.list(chosen.1, &format!("{path}.{}", chosen.2), |text| Ok(ArnPattern::new(text.clone())));
        Some(Read::of(chosen.0, read))
    }

    /// The element that is there: whether it is the `Not…` form, its value and its name.
    fn one_of<'a>(
        &mut self,
        plain: (Option<&'a Node>, &'static str),
        negated: (Option<&'a Node>, &'static str),
        statement: &Node,
        path: &str,
    ) -> Option<(bool, &'a Node, &'static str)> {
        match (plain.0, negated.0) {
            (Some(node), other) => {
                if other.is_some() {
                    self.problem(ProblemKind::Both(plain.1, negated.1), path, node.at.as_ref());
                }
                Some((false, node, plain.1))
            }
            (None, Some(node)) => Some((true, node, negated.1)),
            (None, None) => {
                self.problem(ProblemKind::Missing(plain.1), path, statement.at.as_ref());
                None
            }
        }
    }

    fn list<T>(&mut self, node: &Node, path: &str, read: impl Fn(&crate::value::Text) -> Result<T, ProblemKind>) -> List<T> {
        let mut result = List { items: Vec::new(), places: Vec::new(), whole: true };
        for (index, item) in node.items().iter().enumerate() {
            let value = match &item.value {
                NodeValue::Text(text) => read(text),
                NodeValue::Unreadable(what) => Err(ProblemKind::Unreadable(what.clone())),
                _ => Err(ProblemKind::Form("text")),
            };
            match value {
                Ok(value) => {
                    result.items.push(value);
                    result.places.push(item.at.clone());
                }
                Err(kind) => {
                    // Text that is no action matches nothing; all else could have been anything.
                    result.whole &= matches!(kind, ProblemKind::Action(_));
                    self.problem(kind, &format!("{path}[{index}]"), item.at.as_ref());
                }
            }
        }
        result
    }

    fn conditions(&mut self, node: Option<&Node>, path: &str) -> (Vec<Condition>, bool) {
        let Some(node) = node else { return (Vec::new(), true) };
        let path = format!("{path}.Condition");
        let NodeValue::Map(operators) = &node.value else {
            self.not_a_dictionary(node, &path);
            return (Vec::new(), false);
        };
        let (mut all, mut whole) = (Vec::new(), true);
        for operator in operators {
            let path = format!("{path}.{}", operator.key);
            let NodeValue::Map(keys) = &operator.value.value else {
                self.not_a_dictionary(&operator.value, &path);
                whole = false;
                continue;
            };
            for key in keys {
                let values: Option<Vec<_>> = key.value.items().iter().map(Node::as_text).collect();
                if let Some(values) = values {
                    all.push(Condition::new(operator.key.clone(), key.key.clone(), values));
                } else {
                    whole = false;
                    self.problem(ProblemKind::Form("text or a list of texts"), &path, key.value.at.as_ref());
                }
            }
        }
        all.sort();
        (all, whole)
    }
}

fn literal(node: &Node) -> Option<SmolStr> {
    match &node.value {
        NodeValue::Text(text) => text.as_literal().map(SmolStr::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_value_or_a_list_everywhere() {
        let document = PolicyDocument::from_json(&json!({
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"],
                "Condition": {"Bool": {"aws:SecureTransport": true}, "StringLike": {"s3:prefix": ["b/*", "a/*"]}}
            }
        }));
        assert_eq!(document.problems, []);
        let [statement] = document.statements.as_slice() else { panic!("one statement") };
        assert_eq!(statement.resources.items().len(), 2);
        assert_eq!(statement.conditions.len(), 2);
        assert_eq!(statement.conditions[0].values, ["true".into()]);
    }

    #[test]
    fn what_is_wrong_costs_nothing_else() {
        let document = PolicyDocument::from_json(&json!({
            "Version": "2008-10-17",
            "Statements": [],
            "Statement": [
                {"Effect": "Allow", "Resource": "*"},
                "nonsense",
                {"Effect": "Allow", "Action": ["s3", "s3:GetObject", {"Ref": "X"}], "Resource": "*", "When": 1},
                {"Effect": "Deny", "NotAction": "iam:*", "NotResource": "*"},
                {"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}
            ]
        }));
        let kinds: Vec<String> = document.problems.iter().map(ToString::to_string).collect();
        assert_eq!(kinds.len(), 8, "{kinds:#?}");
        assert!(kinds.iter().any(|text| text.starts_with("Statement[2].Action[0]: `s3` is no action")), "{kinds:#?}");
        assert_eq!(document.statements.len(), 2);
        assert!(document.statements[0].unread.wider && document.statements[1].unread == Unread::default());
        assert!(document.statements[1].actions.is_negated() && document.statements[1].resources.is_negated());
    }

    #[test]
    fn a_trust_policy_needs_no_resource() {
        let document = PolicyDocument::from_json(&json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}));
        assert_eq!(document.problems, []);
        assert!(document.statements[0].principal.is_some());
    }
}
