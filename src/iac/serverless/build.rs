//! Values that the framework writes into the template it deploys.

use smol_str::SmolStr;

use crate::iac::document::{Entry, Node};
use crate::span::Span;

/// A dictionary of fixed keys.
pub(super) fn map<const N: usize>(span: Span, entries: [(&str, Node); N]) -> Node {
    Node::mapping(entries.into_iter().map(|(key, value)| entry(key, span, value)).collect(), span)
}

/// One entry.
pub(super) fn entry(key: &str, span: Span, value: Node) -> Entry {
    Entry { key: key.into(), key_span: span, value }
}

/// A string.
pub(super) fn text(text: impl Into<SmolStr>, span: Span) -> Node {
    Node::string(text, span)
}

/// `Ref`.
pub(super) fn reference(name: &str, span: Span) -> Node {
    map(span, [("Ref", text(name, span))])
}

/// `Fn::GetAtt`.
pub(super) fn attribute(id: &str, name: &str, span: Span) -> Node {
    map(span, [("Fn::GetAtt", Node::sequence(vec![text(id, span), text(name, span)], span))])
}

/// Strings one after the other.
pub(super) fn join(parts: Vec<Node>, span: Span) -> Node {
    map(span, [("Fn::Join", Node::sequence(vec![text("", span), Node::sequence(parts, span)], span))])
}

/// A policy statement that allows.
pub(super) fn statement(actions: &[&str], resources: Vec<Node>, span: Span) -> Node {
    let actions = actions.iter().map(|action| text(*action, span)).collect();
    map(
        span,
        [
            ("Effect", text("Allow", span)),
            ("Action", Node::sequence(actions, span)),
            ("Resource", Node::sequence(resources, span)),
        ],
    )
}

/// An ARN in the function's own partition, region and account: what stands before the name.
pub(super) fn own_arn(service: &str, span: Span) -> Vec<Node> {
    vec![
        text("arn:", span),
        reference("AWS::Partition", span),
        text([":", service, ":"].concat(), span),
        reference("AWS::Region", span),
        text(":", span),
        reference("AWS::AccountId", span),
        text(":", span),
    ]
}

/// The framework's way to make a logical id of a name: `-` and `_` are spelled, the first letter is upper case.
pub(super) fn logical(name: &str) -> String {
    let spelled = name.replace('-', "Dash").replace('_', "Underscore");
    upper_first(&spelled)
}

/// The same for names of other things, in which only letters and digits stay.
pub(super) fn alphanumeric(name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    upper_first(&kept)
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
