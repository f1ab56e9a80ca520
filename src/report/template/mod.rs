//! Policies in the languages of templates: references to the template's own resources instead of names.

pub mod cdk;
pub mod cloudformation;
mod known;
pub mod sam;
pub mod serverless;
pub mod terraform;

use super::yaml::Yaml;
use crate::iac::{Expression, Format, expression, expression_parts};
use crate::pipeline::FunctionReport;
use crate::policy::{ArnPattern, Clause, Statement};
use crate::value::{Hole, Piece, Text};

/// One part of an ARN or a condition's value, as a template can say it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Characters, wildcards included.
    Literal(String),
    /// An attribute of a resource.
    Attribute(String, String),
    /// A parameter or variable.
    Parameter(String),
    /// What another stack exports, with variables as `Fn::Sub` has them.
    Imported(String),
    /// The partition.
    Partition,
    /// The region.
    Region,
    /// The account.
    Account,
}

/// Families of template languages: a reference of one means nothing to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// `Ref` and `Fn::GetAtt`.
    CloudFormation,
    /// `aws_dynamodb_table.orders.arn`.
    Terraform,
    /// `orders.tableArn`, in programs that use the CDK.
    Cdk,
}

impl Family {
    const fn of(format: Format) -> Self {
        match format {
            Format::Terraform => Self::Terraform,
            Format::CdkSource => Self::Cdk,
            _ => Self::CloudFormation,
        }
    }
}

/// The parts of a text. What the family of languages cannot name becomes the literal name, or `*`.
fn parts(text: &Text, function: &FunctionReport, family: Family) -> Vec<Part> {
    let same = function.function.stack.as_ref().is_some_and(|stack| Family::of(stack.format) == family);
    let mut parts = Vec::new();
    for piece in text.pieces() {
        match piece {
            // Parts of nested stacks cannot be named from outside.
            Piece::Hole(Hole::Resource { id, attribute }) if same && !id.contains('/') => {
                parts.push(Part::Attribute(id.to_string(), attribute.to_string()));
            }
            Piece::Hole(Hole::Parameter(name)) if same && expression(name).is_some() => {
                parts.extend(expression_parts_of(name, function, family));
            }
            Piece::Hole(Hole::Parameter(name)) if same && !name.contains('/') => parts.push(Part::Parameter(name.to_string())),
            Piece::Hole(hole) => {
                let value = super::named(hole, function).unwrap_or_else(|| Text::hole(hole.clone()));
                value.pieces().iter().for_each(|piece| push_plain(&mut parts, piece));
            }
            piece @ Piece::Literal(_) => push_plain(&mut parts, piece),
        }
    }
    // What begins with a wildcard is no ARN, and IAM takes nothing but ARNs and `*`.
    if matches!(parts.first(), Some(Part::Literal(first)) if first.starts_with('*')) {
        return vec![Part::Literal("*".to_owned())];
    }
    parts
}

/// The parts of an expression; what is put together from names of a nested stack cannot be said outside of it.
fn expression_parts_of(name: &str, function: &FunctionReport, family: Family) -> Vec<Part> {
    match expression(name) {
        Some(Expression::Dynamic(text)) => parts(&expression_parts(text), function, family),
        Some(Expression::Import(name)) => {
            let own = |hole: &Hole| !matches!(hole, Hole::Parameter(id) | Hole::Resource { id, .. } if id.contains('/'));
            let is_own = expression_parts(name).holes().all(own);
            vec![if is_own { Part::Imported(name.to_owned()) } else { Part::Literal("*".to_owned()) }]
        }
        None => Vec::new(),
    }
}

/// Appends a piece without the template's names.
fn push_plain(parts: &mut Vec<Part>, piece: &Piece) {
    match piece {
        Piece::Literal(text) => push(parts, text),
        Piece::Hole(Hole::Partition) => parts.push(Part::Partition),
        Piece::Hole(Hole::Region) => parts.push(Part::Region),
        Piece::Hole(Hole::Account) => parts.push(Part::Account),
        Piece::Hole(_) => push(parts, "*"),
    }
}

/// Appends characters; two `*` in a row say no more than one.
fn push(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        Some(Part::Literal(last)) => last.push_str(if last.ends_with('*') { text.trim_start_matches('*') } else { text }),
        _ if text.is_empty() => {}
        _ => parts.push(Part::Literal(text.to_owned())),
    }
}

/// Parts as `CloudFormation` says them: plain, `!Ref`, `!GetAtt` or `!Sub`.
fn intrinsic(parts: &[Part]) -> Yaml {
    match parts {
        [] => Yaml::text(""),
        [Part::Literal(text)] => Yaml::text(text),
        [Part::Attribute(id, attribute)] if attribute == "Ref" => Yaml::Tagged("!Ref", id.clone()),
        [Part::Attribute(id, attribute)] => Yaml::Tagged("!GetAtt", format!("{id}.{attribute}")),
        [Part::Parameter(name)] => Yaml::Tagged("!Ref", name.clone()),
        [Part::Imported(name)] if name.contains("${") => {
            Yaml::Raw(format!("{{\"Fn::ImportValue\": {{\"Fn::Sub\": {}}}}}", serde_json::Value::from(name.as_str())))
        }
        [Part::Imported(name)] => Yaml::Tagged("!ImportValue", name.clone()),
        parts if parts.iter().any(|part| matches!(part, Part::Imported(_))) => joined(parts),
        _ => Yaml::Tagged("!Sub", parts.iter().map(substituted).collect()),
    }
}

/// Parts one after the other, each as itself.
fn joined(parts: &[Part]) -> Yaml {
    let items = parts.iter().map(|part| match part {
        Part::Partition | Part::Region | Part::Account => {
            Yaml::Tagged("!Ref", substituted(part).trim_matches(['$', '{', '}']).to_owned())
        }
        other => intrinsic(std::slice::from_ref(other)),
    });
    Yaml::TaggedList("!Join", vec![Yaml::text(""), Yaml::List(items.collect())])
}

/// A part within `Fn::Sub`.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>
fn substituted(part: &Part) -> String {
    match part {
        Part::Literal(text) => text.replace("${", "${!"),
        Part::Attribute(id, attribute) if attribute == "Ref" => format!("${{{id}}}"),
        Part::Attribute(id, attribute) => format!("${{{id}.{attribute}}}"),
        Part::Parameter(name) => format!("${{{name}}}"),
        Part::Imported(_) => "*".to_owned(),
        Part::Partition => "${AWS::Partition}".to_owned(),
        Part::Region => "${AWS::Region}".to_owned(),
        Part::Account => "${AWS::AccountId}".to_owned(),
    }
}

/// A statement in YAML; `value` writes what holds references.
fn statement_yaml(statement: &Statement, function: &FunctionReport, value: fn(&[Part]) -> Yaml) -> Yaml {
    statement_tree(statement, &mut |text| value(&parts(text, function, Family::CloudFormation)))
}

/// A statement with the keys of IAM; `written` writes what holds references.
fn statement_tree(statement: &Statement, written: &mut dyn FnMut(&Text) -> Yaml) -> Yaml {
    let one_or_many = |mut values: Vec<Yaml>| {
        let mut seen: Vec<Yaml> = Vec::new();
        values.retain(|value| {
            !seen.contains(value) && {
                seen.push(value.clone());
                true
            }
        });
        if values.len() == 1 { values.remove(0) } else { Yaml::List(values) }
    };
    let mut map = Vec::new();
    if let Some(sid) = &statement.sid {
        map.push(("Sid".to_owned(), Yaml::text(sid)));
    }
    map.push(("Effect".to_owned(), Yaml::text(statement.effect.as_str())));
    let actions = statement.actions.items().iter().map(|action| Yaml::text(action.as_str()));
    map.push(("Action".to_owned(), one_or_many(actions.collect())));
    let resources = statement.resources.items().iter().map(|resource| written(resource.text()));
    map.push(("Resource".to_owned(), one_or_many(resources.collect())));
    let mut operators: Vec<(String, Yaml)> = Vec::new();
    for condition in &statement.conditions {
        let entry = (condition.key.to_string(), one_or_many(condition.values.iter().map(&mut *written).collect()));
        match operators.iter_mut().find(|(operator, _)| *operator == condition.operator) {
            Some((_, Yaml::Map(keys))) => keys.push(entry),
            _ => operators.push((condition.operator.to_string(), Yaml::Map(vec![entry]))),
        }
    }
    if !operators.is_empty() {
        map.push(("Condition".to_owned(), Yaml::Map(operators)));
    }
    Yaml::Map(map)
}

/// A statement as the templates of a format say it. Formats without references get names; an error says for what there is none.
pub(crate) fn statement_for(statement: &Statement, function: &FunctionReport, format: Format) -> Result<Yaml, String> {
    Ok(match format {
        Format::Sam | Format::CloudFormation => statement_yaml(statement, function, intrinsic),
        Format::Serverless => statement_yaml(statement, function, serverless::join),
        _ => statement_yaml(&named_statement(statement, function)?, function, plain),
    })
}

/// A statement with the names that the template gives instead of references.
fn named_statement(statement: &Statement, function: &FunctionReport) -> Result<Statement, String> {
    let name = |text: &Text| {
        let named = text.fill(|hole| super::named(hole, function));
        let nameless = named.holes().find_map(|hole| match hole {
            Hole::Resource { id, .. } | Hole::Parameter(id) => Some(format!("it cannot name {id}, whose name is not known")),
            _ => None,
        });
        nameless.map_or(Ok(named), Err)
    };
    let mut statement = statement.clone();
    let (Clause::Only(resources) | Clause::Except(resources)) = &mut statement.resources;
    for resource in resources {
        *resource = ArnPattern::new(name(resource.text())?);
    }
    for condition in &mut statement.conditions {
        condition.values = condition.values.iter().map(name).collect::<Result<_, _>>()?;
    }
    Ok(statement)
}

/// Parts as a policy document says them that no template language reads.
fn plain(parts: &[Part]) -> Yaml {
    let one = |part: &Part| match part {
        Part::Literal(text) => text.clone(),
        Part::Partition => "aws".to_owned(),
        Part::Attribute(..) | Part::Parameter(_) | Part::Imported(_) | Part::Region | Part::Account => "*".to_owned(),
    };
    Yaml::Text(parts.iter().map(one).collect())
}

/// A document of some statements in YAML.
pub(crate) fn document_yaml(statements: Vec<Yaml>) -> Yaml {
    Yaml::Map(vec![("Version".to_owned(), Yaml::text(crate::policy::VERSION)), ("Statement".to_owned(), Yaml::List(statements))])
}

/// What stands above the answer for a function: which one it is, and why it has no policy if so.
fn about(function: &FunctionReport) -> Vec<String> {
    let place = function.function.origin.as_ref().map(|at| format!(" ({})", at.short())).unwrap_or_default();
    let mut lines = vec![format!("{}{place}", function.name)];
    if let Some(reason) = function.unanswered() {
        lines.push(format!("not analyzed: {reason}"));
    } else if function.draft.statements.is_empty() {
        lines.push("needs no permissions".to_owned());
    }
    lines
}

/// A name made of letters and digits only, words joined as the language likes.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if !before.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        }
        before = c;
    }
    if words.is_empty() || words[0].starts_with(|c: char| c.is_ascii_digit()) {
        words.insert(0, "function".to_owned());
    }
    words
}

/// `OrdersApi`.
fn pascal(name: &str) -> String {
    words(name).iter().map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect()
}

/// `ordersApi`.
fn camel(name: &str) -> String {
    let pascal = pascal(name);
    pascal[..1].to_ascii_lowercase() + &pascal[1..]
}

/// `orders_api`.
fn snake(name: &str) -> String {
    words(name).join("_").to_ascii_lowercase()
}

/// Names for things of several functions, no two alike.
#[derive(Debug, Default)]
struct Names {
    taken: std::collections::BTreeSet<String>,
}

impl Names {
    fn unique(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 2;
        while !self.taken.insert(candidate.clone()) {
            candidate = format!("{name}{number}");
            number += 1;
        }
        candidate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_suit_each_language() {
        assert_eq!(snake("src/orders-api/GetItem.handler"), "src_orders_api_get_item_handler");
        assert_eq!(camel("OrdersApi"), "ordersApi");
        assert_eq!(pascal("2fa"), "Function2fa");
        let mut names = Names::default();
        assert_eq!([names.unique("a"), names.unique("a")], ["a", "a2"]);
    }

    #[test]
    fn parts_become_the_shortest_intrinsic() {
        let arn = Part::Attribute("Orders".to_owned(), "Arn".to_owned());
        assert_eq!(intrinsic(std::slice::from_ref(&arn)), Yaml::Tagged("!GetAtt", "Orders.Arn".to_owned()));
        let index = [arn, Part::Literal("/index/*".to_owned())];
        assert_eq!(intrinsic(&index), Yaml::Tagged("!Sub", "${Orders.Arn}/index/*".to_owned()));
        let own = [Part::Partition, Part::Literal(":${aws:username}".to_owned())];
        assert_eq!(intrinsic(&own), Yaml::Tagged("!Sub", "${AWS::Partition}:${!aws:username}".to_owned()));
    }
}
