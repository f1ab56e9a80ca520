//! What template values in ARNs stand for: a grant that names *the resource that the variable refers to* gets that resource's ARN.
//!
//! The interpreter and the catalog leave a hole where a template reference goes into an ARN. Depending on what the
//! reference means for its resource type, the hole is a name within the ARN, or stands for the ARN as a whole (a topic's
//! `Ref`, a queue's URL).

mod event;
mod partition;
mod slash;
mod whole;

pub use event::name_sources;
pub use partition::in_one_partition;
pub use whole::with_whole_arns;

use smol_str::SmolStr;

use crate::catalog::{Grant, GrantCondition, RANDOM_END};
use crate::iac::{Meaning, ResolvedResource, Stack, is_arn, resource_type};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// How references are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As references to the template's resources, for answers in the template's own language.
    Symbolic,
    /// As the names that the template gives, `*` where deployment makes them up.
    Literal,
}

/// A grant with its references bound.
pub fn bind(grant: &Grant, stack: Option<&Stack>, style: Style) -> Grant {
    let Some(stack) = stack else { return slash::with_one_slash(grant.clone(), None) };
    let service = service_of(&grant.action);
    let bound = grant.resources.iter().map(|arn| in_frame(arn, bind_arn(arn, stack, style, service), style));
    let resources = bound.flat_map(|arn| each_allowed(arn, stack, style)).collect();
    let conditions = grant
        .conditions
        .iter()
        .map(|condition| GrantCondition {
            values: condition.values.iter().map(|value| bind_value(value, stack, style)).collect(),
            ..condition.clone()
        })
        .collect();
    slash::with_one_slash(Grant { resources, conditions, ..grant.clone() }, Some(stack))
}

/// An ARN that only the deployment knows, written without references: of what the request is about, so much is known as that it is
/// one of these.
fn in_frame(written: &Text, bound: Text, style: Style) -> Text {
    let Some(Piece::Hole(whole @ Hole::Resource { id, attribute })) = bound.pieces().first() else { return bound };
    if style == Style::Symbolic || !matches!(written.pieces().first(), Some(Piece::Literal(start)) if start.starts_with("arn:")) {
        return bound;
    }
    let unknown = Hole::Unknown(smol_str::format_smolstr!("the ARN that {id} has as {attribute}"));
    written.fill(|hole| (hole == whole).then(|| Text::hole(unknown.clone())))
}

/// How many ARNs one is written out as, for the values that parameters may have.
const MAX_ALLOWED: usize = 16;

/// An ARN for each value that the template allows for a parameter without a default: better than one for any value. In the
/// template's own language, the parameter says it best.
fn each_allowed(arn: Text, stack: &Stack, style: Style) -> Vec<Text> {
    let listed = |arn: &Text| {
        arn.holes().find_map(|hole| match hole {
            Hole::Parameter(name) if style == Style::Literal => Some((name.clone(), stack.allowed.get(name)?)),
            _ => None,
        })
    };
    let mut all = vec![arn];
    while let Some((name, values)) = all.first().and_then(listed) {
        if all.len() * values.len() > MAX_ALLOWED {
            break;
        }
        let with = |arn: &Text, value: &SmolStr| {
            arn.fill(|hole| matches!(hole, Hole::Parameter(own) if *own == name).then(|| Text::literal(value.clone())))
        };
        all = all.iter().flat_map(|arn| values.iter().map(|value| with(arn, value)).collect::<Vec<_>>()).collect();
    }
    all
}

fn service_of(action: &str) -> &str {
    action.split(':').next().unwrap_or(action)
}

/// Whether a part of the invocation's context is the function's own name, or the ARN that ends in it.
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-context.html>
/// <https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html>
pub fn is_own_name(path: &str) -> bool {
    matches!(path, "function_name" | "functionName" | "invoked_function_arn" | "invokedFunctionArn")
}

/// A grant in which the name that a function asks its context for is the one it is deployed with, as far as that is known.
pub fn name_function(grant: Grant, name: &Text) -> Grant {
    if matches!(name.as_hole(), Some(Hole::Unknown(_))) {
        return grant;
    }
    let own = |hole: &Hole| match hole {
        Hole::Context(path) if is_own_name(path) => Some(name.clone()),
        _ => None,
    };
    Grant { resources: grant.resources.iter().map(|arn| arn.fill(own)).collect(), ..grant }
}

/// A grant without symbols that only the code's own environment could fill: in plain policies they are unknown parts like others.
pub fn without_variables(grant: Grant) -> Grant {
    let unknown = |hole: &Hole| match hole {
        Hole::Env { name, .. } => Some(Text::hole(Hole::Unknown(smol_str::format_smolstr!("the environment variable {name}")))),
        _ => None,
    };
    Grant { resources: grant.resources.iter().map(|arn| arn.fill(unknown)).collect(), ..grant }
}

/// The template resources that a grant is about: those it refers to, and those it calls by the names that the template gives them.
pub fn references(grant: &Grant, stack: &Stack) -> Vec<ResolvedResource> {
    let mut found: Vec<ResolvedResource> =
        grant.resources.iter().flat_map(Text::holes).filter_map(|hole| stack.resolve(hole)).collect();
    let service = service_of(&grant.action);
    let of_service = |kind: &str| resource_type(kind).is_some_and(|facts| facts.prefix == service);
    for id in stack.resources.values().filter(|resource| of_service(&resource.kind)).map(|resource| &resource.id) {
        let Some(resource) = stack.resolve_attribute(id, "Ref").filter(|resource| resource.name.is_some()) else { continue };
        let is_new = !found.iter().any(|known| known.id == resource.id);
        if is_new && grant.resources.iter().any(|arn| is_within(arn, &resource.arn, stack)) {
            found.push(resource);
        }
    }
    found
}

/// Whether one ARN is the other or stands for a part of it, whatever region and account they are written with.
fn is_within(arn: &Text, whole: &Text, stack: &Stack) -> bool {
    let name = |arn: &Text| {
        let arn = arn.fill(|hole| parameter(hole, stack, Style::Literal));
        (0..5).try_fold(arn, |rest, _| rest.split_once(":").map(|(_, rest)| rest))
    };
    let (Some(mine), Some(theirs)) = (name(arn), name(whole)) else { return false };
    let within = |theirs: &str| match mine.pieces().first() {
        Some(Piece::Literal(mine)) => mine.strip_prefix(theirs).is_some_and(|rest| rest.starts_with('/')),
        _ => false,
    };
    mine == theirs || theirs.as_literal().is_some_and(within)
}

/// One resource with its references bound; `service` is the IAM prefix of the actions it is about.
pub fn bind_arn(arn: &Text, stack: &Stack, style: Style, service: &str) -> Text {
    let whole = match arn.as_hole() {
        Some(hole @ Hole::Parameter(_)) => parameter(hole, stack, style),
        _ => None,
    };
    if whole.as_ref().and_then(Text::as_literal).is_some_and(|text| text != "*" && !is_arn(text)) {
        // Where an ARN is due, a default that is none is no value that anybody deploys.
        return arn.clone();
    }
    let arn = unnested(arn, stack, style).fill(|hole| parameter(hole, stack, style));
    let at = arn.pieces().iter().position(|piece| matches!(piece, Piece::Hole(hole) if stack.resolve(hole).is_some()));
    let Some(at) = at else { return arn };
    let Piece::Hole(hole) = &arn.pieces()[at] else { return arn };
    let Some(resource) = stack.resolve(hole) else { return arn };
    let fits = resource.prefix.as_deref().is_none_or(|prefix| prefix == service || resource.meaning == Meaning::Arn);
    let before = &arn.pieces()[..at];
    let after = &arn.pieces()[at + 1..];
    let whole = fits && (stands_for_whole(&resource) || is_plain_prefix(before, &resource.arn));
    let head: Vec<Piece> = match (whole, style) {
        (true, Style::Literal) => resource.arn.pieces().to_vec(),
        (true, Style::Symbolic) => {
            resource.arn_reference.clone().map_or_else(|| resource.arn.pieces().to_vec(), |hole| vec![Piece::Hole(hole)])
        }
        (false, Style::Literal) => before.iter().chain(resource.value.pieces()).cloned().collect(),
        (false, Style::Symbolic) => before.iter().cloned().chain([arn.pieces()[at].clone()]).collect(),
    };
    let after = if whole { behind_whole(&resource.arn, after) } else { after };
    let rest = Text::from_pieces(after.iter().cloned()).fill(|hole| value_of(hole, stack, style));
    // The names that the template gives may be parameters in turn; others get one from the deployment.
    Text::from_pieces(head.into_iter().chain(rest.pieces().iter().cloned())).fill(|hole| match style {
        Style::Symbolic => None,
        Style::Literal => parameter(hole, stack, style).or_else(|| stack.generated_name(hole)),
    })
}

/// An ARN from the parameter on whose value is an ARN itself.
fn unnested(arn: &Text, stack: &Stack, style: Style) -> Text {
    let whole = arn.pieces().iter().enumerate().skip(1).find_map(|(at, piece)| match piece {
        Piece::Hole(hole) => {
            Some((at, parameter(hole, stack, style)?)).filter(|(_, value)| value.as_literal().is_some_and(is_arn))
        }
        Piece::Literal(_) => None,
    });
    let Some((at, value)) = whole else { return arn.clone() };
    let behind: &[Piece] = match &arn.pieces()[at + 1..] {
        [Piece::Literal(end)] if end == RANDOM_END => &[],
        behind => behind,
    };
    Text::from_pieces(value.pieces().iter().chain(behind).cloned())
}

/// What follows the ARN of a resource, apart from what is a part of the ARN already: the random end of a secret's, the id behind
/// the name of a set of stacks.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html>
fn behind_whole<'p>(arn: &Text, after: &'p [Piece]) -> &'p [Piece] {
    match (arn.pieces().last(), after) {
        (Some(Piece::Hole(_)), [Piece::Literal(more)]) if more == RANDOM_END && arn.as_hole().is_some() => &[],
        (Some(Piece::Literal(end)), [Piece::Literal(more)]) if more == RANDOM_END && end.ends_with(RANDOM_END) => &[],
        (Some(Piece::Literal(end)), [Piece::Literal(more), Piece::Hole(Hole::Unknown(_))])
            if end.strip_suffix('*').is_some_and(|end| end.ends_with(more.as_str())) =>
        {
            &[]
        }
        _ => after,
    }
}

/// A queue's URL or a topic's ARN is no part of an ARN: it stands for all of it.
fn stands_for_whole(resource: &ResolvedResource) -> bool {
    matches!(resource.meaning, Meaning::Arn | Meaning::Url)
}

/// Whether what stands before the reference is just what the resource's own ARN starts with.
fn is_plain_prefix(before: &[Piece], arn: &Text) -> bool {
    let shape = |pieces: &[Piece]| Text::from_pieces(pieces.iter().cloned()).pattern();
    let (before, whole) = (shape(before), arn.pattern());
    let fields = |text: &str| text.split(':').map(str::to_owned).collect::<Vec<_>>();
    let (before, whole) = (fields(&before), fields(&whole));
    // Region and account may be spelled out on one side and open on the other.
    before.len() <= whole.len()
        && before.iter().zip(&whole).enumerate().all(|(index, (mine, theirs))| {
            if index + 1 == before.len() {
                theirs.starts_with(mine.as_str())
            } else {
                mine == theirs || mine == "*" || theirs == "*"
            }
        })
}

/// Any other text with its references bound.
pub fn bind_value(value: &Text, stack: &Stack, style: Style) -> Text {
    value.fill(|hole| value_of(hole, stack, style))
}

fn value_of(hole: &Hole, stack: &Stack, style: Style) -> Option<Text> {
    let bound = parameter(hole, stack, style);
    match style {
        Style::Symbolic => bound,
        Style::Literal => bound.or_else(|| {
            let resource = stack.resolve(hole)?;
            Some(resource.value.fill(|hole| parameter(hole, stack, style)))
        }),
    }
}

/// The parameters of a request with those of the template at their defaults; nothing when there is none of the template's.
pub fn at_defaults(params: &ArgMap, stack: &Stack) -> Option<ArgMap> {
    with_values(params, |_, hole| parameter(hole, stack, Style::Literal))
}

/// The parameters of a request with what holes of theirs stand for, by the parameter's name; nothing when there is none of these.
pub fn with_values(params: &ArgMap, value_of: impl Fn(&str, &Hole) -> Option<Text>) -> Option<ArgMap> {
    let mut filled = params.clone();
    let mut changed = false;
    for (name, value) in &mut filled.entries {
        let bound = value.alternatives().iter().map(|value| match value {
            Arg::Text(_) | Arg::Unknown(_) => value.as_text().map_or_else(
                || value.clone(),
                |text| {
                    let bound = text.fill(|hole| value_of(name, hole));
                    if bound == text { value.clone() } else { Arg::Text(bound) }
                },
            ),
            other => other.clone(),
        });
        let bound = Arg::one_of(bound.collect::<Vec<_>>());
        changed |= bound != *value;
        *value = bound;
    }
    changed.then_some(filled)
}

/// A parameter's default is what it is unless the deployment says otherwise; it stays a parameter in the template's own language.
fn parameter(hole: &Hole, stack: &Stack, style: Style) -> Option<Text> {
    let Hole::Parameter(name) = hole else { return None };
    if style == Style::Symbolic {
        return None;
    }
    stack.default_of(name).filter(|default| default.as_literal().is_some()).cloned()
}
