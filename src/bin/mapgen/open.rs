//! Templates for resources that no parameter names one by one.

use leash::catalog::format::{ResourceEntry, When};

use super::iam::{Action, TypeUse};
use super::names::verb;

/// More types than these are one pattern.
const LISTED: usize = 3;

/// What operations with these verbs make or set going can do without resources of the optional types.
const MAKES: [&str; 11] =
    ["Create", "Import", "Start", "Run", "Register", "Copy", "Restore", "Request", "Allocate", "Invite", "Purchase"];

/// What different structures name, each where it is given; where something is needed and none of them is, the first stands
/// for whatever it is.
pub(super) fn one_of(first: String, rivals: Vec<String>, required: bool) -> Vec<ResourceEntry> {
    let test = |arn: &str, test: fn(String) -> When| {
        let mut tests: Vec<When> =
            leash::catalog::parameters(arn).unwrap_or_default().into_iter().filter(|path| path.contains('.')).map(test).collect();
        tests.pop().unwrap_or(When::All(Vec::new()))
    };
    if !required {
        return std::iter::once(first).chain(rivals).map(ResourceEntry::Plain).collect();
    }
    let mut none: Vec<When> = rivals.iter().map(|arn| test(arn, When::Absent)).collect();
    let none = if none.len() == 1 { none.remove(0) } else { When::All(none) };
    let given = When::Any(vec![test(&first, When::Present), none]);
    let rivals = rivals.into_iter().map(|arn| {
        let when = test(&arn, When::Present);
        ResourceEntry::Conditional { arn, when }
    });
    std::iter::once(ResourceEntry::Conditional { arn: first, when: given }).chain(rivals).collect()
}

/// One template for a parameter that takes the ARN of any of several types.
pub(super) fn common(param: &str, templates: &[String]) -> String {
    match templates {
        [only] => only.clone(),
        _ => format!("{}:${{param:{param}}}", shared(templates)),
    }
}

/// The first five fields of ARNs, as far as they agree.
fn shared(templates: &[String]) -> String {
    let fields = |template: &str| template.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    let Some((first, rest)) = templates.split_first() else { return String::new() };
    let mut shared = fields(first);
    for template in rest {
        for (index, (own, other)) in shared.iter_mut().zip(fields(template)).enumerate() {
            if *own != other {
                *own = format!("${{any:{}}}", ["Prefix", "Partition", "Service", "Region", "Account", "Resource"][index.min(5)]);
            }
        }
    }
    shared.truncate(5);
    shared.join(":")
}

/// Optional types that nothing binds count only when there is nothing better. What changes something changes a resource of
/// one of them. What reads may be about no resource at all, and what makes something may do without the optional ones: a
/// pattern for resources would not match such requests.
pub(super) fn unbound(
    dropped: &[(&TypeUse, String)],
    action: &Action,
    required: &mut Vec<ResourceEntry>,
    optional: &[ResourceEntry],
) {
    let Some((kind, _)) = dropped.first().filter(|_| required.is_empty() && optional.is_empty()) else { return };
    let mut templates: Vec<String> = Vec::new();
    for (_, template) in dropped {
        if !templates.contains(template) {
            templates.push(template.clone());
        }
    }
    let level = action.level();
    if matches!(level, "List" | "Read") || level != "Tagging" && MAKES.contains(&verb(&action.name)) {
        templates = vec![format!("${{any:{}}}", kind.name)];
    } else if templates.len() > LISTED {
        templates = vec![format!("{}:${{any:Resource}}", shared(&templates))];
    }
    required.extend(templates.into_iter().map(ResourceEntry::Plain));
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{action, type_use};
    use super::*;

    #[test]
    fn types_that_nothing_binds_are_their_format_only_where_a_resource_is_certain() {
        let kinds = ["first", "second", "third", "fourth"].map(|name| type_use(name, false));
        let found = |name: &str, level: &str, count: usize| {
            let dropped: Vec<_> =
                kinds[..count].iter().map(|kind| (kind, format!("arn:p:s:r:a:{}/${{any:Id}}", kind.name))).collect();
            let mut required = Vec::new();
            unbound(&dropped, &action(name, level), &mut required, &[]);
            required.iter().map(|resource| resource.arn().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("DeleteIt", "Write", 2), ["arn:p:s:r:a:first/${any:Id}", "arn:p:s:r:a:second/${any:Id}"]);
        assert_eq!(found("DeleteIt", "Write", 4), ["arn:p:s:r:a:${any:Resource}"]);
        assert_eq!(found("CreateTags", "Tagging", 1), ["arn:p:s:r:a:first/${any:Id}"]);
        assert_eq!(found("CreateIt", "Write", 1), ["${any:first}"]);
        assert_eq!(found("ListThem", "List", 1), ["${any:first}"]);
    }

    #[test]
    fn what_is_needed_is_named_by_one_structure_or_is_anything() {
        let [first, second] = ["p/${param:A.Id}", "p/${param:B.Id}"].map(str::to_owned);
        let needed = one_of(first.clone(), vec![second.clone()], true);
        let shown: Vec<_> =
            needed.iter().map(|resource| (resource.arn(), resource.when().map(When::phrase).unwrap_or_default())).collect();
        assert_eq!(
            shown,
            [
                ("p/${param:A.Id}", "A.Id is given or B.Id is not given".to_owned()),
                ("p/${param:B.Id}", "B.Id is given".to_owned()),
            ]
        );
        assert!(one_of(first, vec![second], false).iter().all(|resource| resource.when().is_none()));
    }
}
