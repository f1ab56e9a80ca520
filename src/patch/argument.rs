//! Arguments of the community's module for functions that belong together: policies, how many there are, and whether they count.
//! The module counts by the number, so that a policy less without a number less is an error when it is planned.

use std::collections::BTreeMap;
use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;

use super::items::{Kind, List, with_gap};
use super::text::{Edits, line_end, line_start};

/// The arguments with what switches them on and says how many there are.
/// <https://registry.terraform.io/modules/terraform-aws-modules/lambda/aws/latest>
const GROUPS: [(&str, &str, Option<&str>); 5] = [
    ("policy_json", "attach_policy_json", None),
    ("policy_jsons", "attach_policy_jsons", Some("number_of_policy_jsons")),
    ("policy", "attach_policy", None),
    ("policies", "attach_policies", Some("number_of_policies")),
    ("policy_statements", "attach_policy_statements", None),
];

/// An argument, or an item of its list.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// The argument's value.
    pub(super) value: Range<usize>,
    /// The items of its list; none where it is no list.
    items: Vec<Range<usize>>,
    /// Which of them it is.
    own: Range<usize>,
    /// The argument and what belongs to it.
    group: Vec<Range<usize>>,
    number: Option<Number>,
}

/// What says how many items there are.
#[derive(Debug, Clone)]
struct Number {
    name: &'static str,
    at: Range<usize>,
    /// Nothing where it is computed.
    value: Option<usize>,
}

impl Member {
    /// The item that starts at `own` in an argument of a module; nothing for arguments that stand for themselves.
    pub(super) fn of(
        block: &Block,
        (key, value): (&str, &Expression),
        own: Range<usize>,
        range: &dyn Fn(Option<Range<usize>>) -> Range<usize>,
    ) -> Option<Self> {
        let (name, switch, number) = GROUPS.into_iter().find(|(name, ..)| *name == key && block.ident.as_str() == "module")?;
        let attribute = |name: &str| block.body.get_attribute(name);
        let place = |name: &str| {
            let attribute = attribute(name)?;
            Some(range(attribute.key.span()).start..range(attribute.value.span()).end)
        };
        let items = value.as_array().map_or_else(Vec::new, |list| list.iter().map(|item| range(item.span())).collect());
        let counted = |name: &'static str| {
            let value = &attribute(name)?.value;
            let known = value.as_number().and_then(hcl_edit::Number::as_u64).and_then(|number| usize::try_from(number).ok());
            Some(Number { name, at: range(value.span()), value: known })
        };
        Some(Self {
            value: range(value.span()),
            items,
            own,
            group: [Some(name), Some(switch), number].into_iter().flatten().filter_map(place).collect(),
            number: number.and_then(counted),
        })
    }
}

/// Takes items of one argument away; with the last one the argument goes, and what belongs to it.
pub(super) fn remove(text: &str, members: &[Member], edits: &mut Edits) -> Result<(), String> {
    let Some(first) = members.first() else { return Ok(()) };
    let gone = |item: &Range<usize>| members.iter().any(|member| member.own == *item);
    let left = first.items.iter().filter(|item| !gone(item)).count();
    if left == 0 {
        for lines in lines(text, &first.group) {
            let mut lines = with_gap(text, &lines);
            let before = text[..lines.start].trim_end_matches([' ', '\t', '\n', '\r']);
            if text[lines.end..].trim_start().starts_with('}') && lines.start > line_end(text, before.len()) {
                // No empty line is left behind the last argument.
                lines.start = line_end(text, before.len());
            }
            edits.replace(lines, "");
        }
        return Ok(());
    }
    if let Some(number) = &first.number {
        if number.value != Some(first.items.len()) {
            return Err(format!("`{}` says how many there are and does not follow: change both by hand", number.name));
        }
        edits.replace(number.at.clone(), left.to_string());
    }
    let changes = first.items.iter().enumerate().filter(|(_, item)| gone(item));
    let changes: BTreeMap<_, _> = changes.map(|(at, _)| (at, (String::new(), Vec::new()))).collect();
    let list = List { kind: Kind::Names, siblings: first.items.clone(), changes, more: Vec::new(), owner: None };
    super::items::write(text, &list, edits)
}

/// The lines of some parts; those that follow each other are one.
fn lines(text: &str, parts: &[Range<usize>]) -> Vec<Range<usize>> {
    // A heredoc ends with its line.
    let whole = |part: &Range<usize>| {
        let end = part.start + text[part.clone()].trim_end().len();
        line_start(text, part.start)..line_end(text, end) - 1
    };
    let mut all: Vec<Range<usize>> = parts.iter().map(whole).collect();
    all.sort_by_key(|part| part.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for part in all {
        match merged.last_mut() {
            Some(last) if last.end + 1 >= part.start => last.end = last.end.max(part.end),
            _ => merged.push(part),
        }
    }
    merged
}
