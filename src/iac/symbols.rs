//! Values that only the deployment knows and that a template gets by an expression: what another stack exports, what a store
//! holds. They are parameters that are called like the expression, so that the same expression is the same value.

use super::alike::pseudo_parameter;
use super::spelled::spelled;
use crate::value::{Hole, Text};

const IMPORT: &str = "!ImportValue ";
const RESOLVE: &str = "{{resolve:";

/// An expression that gives the value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expression<'t> {
    /// `Fn::ImportValue` of this name, in which variables stand as `Fn::Sub` writes them.
    Import(&'t str),
    /// A dynamic reference, likewise.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
    Dynamic(&'t str),
}

/// The expression that a parameter stands for, if it is none that the template declares.
pub fn expression(parameter: &str) -> Option<Expression<'_>> {
    let import = parameter.strip_prefix(IMPORT).map(Expression::Import);
    import.or_else(|| parameter.starts_with(RESOLVE).then_some(Expression::Dynamic(parameter)))
}

/// A parameter as people read it.
pub fn shown(parameter: &str) -> String {
    match expression(parameter) {
        Some(Expression::Import(name)) => format!("${{ImportValue {name}}}"),
        Some(Expression::Dynamic(text)) => text.to_owned(),
        None => format!("${{{parameter}}}"),
    }
}

/// What another stack exports under a name.
pub(crate) fn imported(name: &Text) -> Hole {
    let unknown = || Hole::Unknown(format!("the export `{}` of another stack", name.pattern()).into());
    written(name).map_or_else(unknown, |name| Hole::Parameter([IMPORT, &name].concat().into()))
}

/// What a dynamic reference stands for.
pub(crate) fn looked_up(reference: &Text) -> Hole {
    let unknown = || {
        let pattern = reference.pattern();
        let (service, name) = pattern.split_once(':').unwrap_or((&pattern, ""));
        let what = if service == "secretsmanager" { "a secret" } else { "a parameter of the parameter store" };
        Hole::Unknown(format!("the value of {what}, {name}").into())
    };
    written(reference).map_or_else(unknown, |reference| Hole::Parameter([RESOLVE, &reference, "}}"].concat().into()))
}

/// A text with its variables; nothing where one of them has no name.
fn written(text: &Text) -> Option<String> {
    let is_named = |hole: &Hole| {
        matches!(hole, Hole::Region | Hole::Account | Hole::Partition | Hole::Resource { .. })
            || matches!(hole, Hole::Parameter(name) if expression(name).is_none())
    };
    text.holes().all(is_named).then(|| spelled(text, "").0)
}

/// The text of an expression with its variables as holes.
pub fn parts(text: &str) -> Text {
    Text::of_template(text, |name| {
        let own = || match name.split_once('.') {
            Some((id, attribute)) if !name.starts_with("AWS::") => Hole::Resource { id: id.into(), attribute: attribute.into() },
            _ => Hole::Parameter(name.into()),
        };
        Text::hole(pseudo_parameter(name).unwrap_or_else(own))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Piece;

    #[test]
    fn expressions_are_read_back() {
        let mut name = Text::hole(Hole::Parameter("Stage".into()));
        name.push_str("-table");
        let Hole::Parameter(parameter) = imported(&name) else { panic!("a symbol") };
        assert_eq!(expression(&parameter), Some(Expression::Import("${Stage}-table")));
        assert_eq!(parts("${Stage}-table"), name);
        assert_eq!(expression("Stage"), None);
        let mut unknown = Text::literal("a-");
        unknown.push(Piece::Hole(Hole::Unknown("something".into())));
        assert!(matches!(imported(&unknown), Hole::Unknown(_)));
        let Hole::Parameter(parameter) = looked_up(&Text::literal("ssm:/a/b")) else { panic!("a symbol") };
        assert_eq!(shown(&parameter), "{{resolve:ssm:/a/b}}");
    }
}
