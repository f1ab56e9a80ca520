//! Resource patterns: ARNs with wildcards and with parts that only deployment knows.
//!
//! A `*` matches any characters, colons included: IAM lets the last `*` of a segment run past the colon, so reading it
//! the wide way is right for what a policy may allow.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::Glob;
use crate::value::{Hole, Piece, Text};

/// What a statement is about: an ARN, a pattern of ARNs, or `*`.
///
/// Parts that deployment decides stay symbolic until they are printed, so that a template can say `!GetAtt Orders.Arn`.
///
/// Copies share the pattern: a draft holds each in several orders.
#[derive(Debug, Clone)]
pub struct ArnPattern {
    inner: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    text: Text,
    glob: Glob,
}

/// How symbolic parts are written in a form of output.
pub struct RenderContext<'a> {
    name: &'a dyn Fn(&Hole) -> Option<String>,
}

impl<'a> RenderContext<'a> {
    /// A form of output that can name some parts; `name` gives nothing for those that become `*`.
    pub fn new(name: &'a dyn Fn(&Hole) -> Option<String>) -> Self {
        Self { name }
    }
}

impl RenderContext<'static> {
    /// Plain IAM JSON: it has no names for anything that is not known.
    pub fn plain() -> Self {
        Self { name: &|_| None }
    }
}

impl fmt::Debug for RenderContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RenderContext")
    }
}

impl ArnPattern {
    /// A pattern from text with symbolic parts.
    pub fn new(text: Text) -> Self {
        let glob = Glob::resource(&text);
        Self { inner: Arc::new(Compiled { text, glob }) }
    }

    /// A pattern as a policy writes it.
    pub fn parse(text: &str) -> Self {
        Self::new(Text::literal(text))
    }

    /// `*`
    pub fn any() -> Self {
        Self::parse("*")
    }

    /// The text, symbolic parts included.
    pub fn text(&self) -> &Text {
        &self.inner.text
    }

    /// The parts, in order.
    pub fn pieces(&self) -> &[Piece] {
        self.inner.text.pieces()
    }

    /// Whether it matches every resource.
    pub fn is_any(&self) -> bool {
        self.inner.glob.is_any()
    }

    /// Whether it can be an ARN. Parts that are not known can be anything; wildcards can stand for several fields.
    ///
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
    pub fn is_well_formed(&self) -> bool {
        let Some(literal) = self.inner.text.as_literal() else { return true };
        let is_filled_in = literal.contains("${");
        let fields = literal.splitn(6, ':').count();
        literal == "*" || is_filled_in || literal.starts_with("arn:") && (fields == 6 || literal.contains('*'))
    }

    /// Whether there is a wildcard, or an unknown part that reads as one.
    pub fn has_wildcard(&self) -> bool {
        self.inner.glob.has_wildcard()
    }

    /// Whether everything that `narrower` matches is matched by this pattern, whatever symbolic parts stand for.
    pub fn covers(&self, narrower: &Self) -> bool {
        self.inner.glob.covers(&narrower.inner.glob)
    }

    /// Whether some resource could be matched by both; a "no" is certain.
    pub fn may_overlap(&self, other: &Self) -> bool {
        self.inner.glob.may_overlap(&other.inner.glob)
    }

    /// The pattern as it is printed. Parts without a name become `*`, and what could then be no ARN any more becomes `*`
    /// as a whole, because IAM takes nothing but ARNs and `*`.
    pub fn render(&self, context: &RenderContext<'_>) -> String {
        let out = Self::render_text(&self.inner.text, context);
        let named_first = matches!(self.pieces().first(), Some(Piece::Hole(hole)) if (context.name)(hole).is_some());
        if named_first || !out.starts_with('*') { out } else { "*".to_owned() }
    }

    /// Any text of a policy as it is printed: parts without a name become `*`.
    pub fn render_text(text: &Text, context: &RenderContext<'_>) -> String {
        let mut out = String::new();
        for piece in text.pieces() {
            match piece {
                Piece::Literal(text) => push_collapsing(&mut out, text),
                Piece::Hole(hole) => match (context.name)(hole) {
                    Some(name) => out.push_str(&name),
                    None => push_collapsing(&mut out, "*"),
                },
            }
        }
        out
    }

    /// The pattern that its printed form is.
    pub fn rendered(&self, context: &RenderContext<'_>) -> Self {
        Self::parse(&self.render(context))
    }
}

/// Appends text; two `*` in a row say no more than one.
fn push_collapsing(out: &mut String, text: &str) {
    let text = if out.ends_with('*') { text.trim_start_matches('*') } else { text };
    out.push_str(text);
}

impl fmt::Display for ArnPattern {
    /// The plain form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&RenderContext::plain()))
    }
}

impl From<Text> for ArnPattern {
    fn from(text: Text) -> Self {
        Self::new(text)
    }
}

impl PartialEq for ArnPattern {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner) || self.inner.text == other.inner.text
    }
}

impl Eq for ArnPattern {}

impl PartialOrd for ArnPattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ArnPattern {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.inner, &other.inner) { Ordering::Equal } else { self.inner.text.cmp(&other.inner.text) }
    }
}

impl Hash for ArnPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.text.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: Hole) -> ArnPattern {
        let mut text = Text::literal("arn:aws:dynamodb:");
        text.push(Piece::Hole(Hole::Region));
        text.push_str(":");
        text.push(Piece::Hole(Hole::Account));
        text.push_str(":table/");
        text.push(Piece::Hole(name));
        ArnPattern::new(text)
    }

    #[test]
    fn symbolic_parts_print_by_name_or_as_a_star() {
        let orders = table(Hole::Resource { id: "Orders".into(), attribute: "Ref".into() });
        assert_eq!(orders.to_string(), "arn:aws:dynamodb:*:*:table/*");
        let sam = |hole: &Hole| match hole {
            Hole::Resource { id, .. } => Some(format!("${{{id}}}")),
            Hole::Region => Some("${AWS::Region}".to_owned()),
            _ => None,
        };
        assert_eq!(orders.render(&RenderContext::new(&sam)), "arn:aws:dynamodb:${AWS::Region}:*:table/${Orders}");
    }

    #[test]
    fn what_would_be_no_arn_prints_as_everything() {
        let mut objects = Text::hole(Hole::Env { name: "BUCKET_ARN".into(), default: None });
        objects.push_str("/*");
        assert_eq!(ArnPattern::new(objects).to_string(), "*");
    }

    #[test]
    fn containment_sees_through_symbols_and_unknown_parts() {
        let orders = table(Hole::Parameter("Name".into()));
        let from_event = table(Hole::Event("table".into()));
        assert!(from_event.covers(&orders) && !orders.covers(&from_event));
        assert!(ArnPattern::parse("arn:aws:dynamodb:*:*:table/*").covers(&orders));
        assert!(!orders.may_overlap(&ArnPattern::parse("arn:aws:s3:::x")));
    }
}
