//! The function's log group.

use smol_str::SmolStr;

use super::facts::{fact, with_context};
use super::{Settings, Variables};
use crate::iac::{Format, Resource, SettingKind, generated, generates_names};
use crate::project::Function;
use crate::value::{Hole, Piece, Text};

impl Settings<'_> {
    /// Groups and what is in them are named with `:*` at the end:
    /// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html>,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
    pub(super) fn logs(&mut self) {
        let wanted = self.wanted.logs.unwrap_or(self.wanted.function_name.is_some() || self.stack().is_some());
        let Some(fact) = fact("logs", None).filter(|_| wanted) else { return };
        let set = self.function.settings.iter().find(|setting| setting.kind == SettingKind::LogGroup);
        let name = set.and_then(|setting| setting.value.clone()).unwrap_or_else(|| {
            let mut name = Text::literal("/aws/lambda/");
            name.push_text(&deployed_name(self.function, self.wanted.function_name.as_deref()));
            name
        });
        let mut arn = with_context(&Text::literal("arn:${Partition}:logs:${Region}:${Account}:log-group:"));
        arn.push_text(&name);
        // A log group that the template makes need not be made by the function.
        let declared = self.is_declared(&name);
        let new = if declared { Vec::new() } else { vec![arn.clone()] };
        let variables = Variables::from([("log_group", vec![arn]), ("new_log_group", new)]);
        let at = set.map(|setting| setting.origin.clone()).or_else(|| self.function.origin.clone());
        self.add(fact, fact.what.clone(), at, &variables);
    }

    /// Whether a log group of the template has this name.
    fn is_declared(&self, name: &Text) -> bool {
        let Some(stack) = self.stack() else { return false };
        if let Some(Hole::Resource { id, .. }) = name.as_hole() {
            return stack.resources.get(id).is_some_and(|resource| resource.log_group_name().is_some());
        }
        let names = stack.resources.values().filter_map(Resource::log_group_name).filter(|known| !known.pieces().is_empty());
        names.into_iter().any(|known| known == *name || self.is_after_function(&known))
    }

    /// Whether a log group's name is the prefix with a reference to the function behind it.
    fn is_after_function(&self, name: &Text) -> bool {
        match name.pieces() {
            [Piece::Literal(prefix), Piece::Hole(Hole::Resource { id, attribute })] => {
                prefix == "/aws/lambda/"
                    && self.function.id.as_ref() == Some(id)
                    && matches!(attribute.as_str(), "Ref" | "function_name" | "id")
            }
            _ => false,
        }
    }
}

/// The deployed name of a function as far as it is known: the given one, that of the template, or what the format makes up.
pub fn deployed_name(function: &Function, given: Option<&str>) -> Text {
    if let Some(name) = given {
        return Text::literal(name);
    }
    let stack = function.stack.as_deref();
    let lambda = stack.and_then(|stack| stack.functions.iter().find(|lambda| Some(&lambda.id) == function.id.as_ref()));
    if let Some(name) = lambda.and_then(|lambda| lambda.name.clone()) {
        return name;
    }
    let unknown = Text::hole(Hole::Unknown("the function's deployed name".into()));
    match (&function.id, stack) {
        // Not the reference to the function itself: its role would wait for the function, which waits for its role.
        (Some(id), Some(stack)) if generates_names(stack.format) => generated(id),
        // The CDK puts the ids of all constructs around it into the name, too, behind the stack's name.
        (_, Some(stack)) if stack.format == Format::CdkSource => stack.generated_in_stack().unwrap_or(unknown),
        (Some(id), _) => Text::hole(Hole::Resource { id: id.clone(), attribute: SmolStr::new_static("Ref") }),
        (None, _) => unknown,
    }
}
