//! Whose requests were observed, and which needs they fit.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use smol_str::SmolStr;

use super::subject::Subject;
use crate::iac::{Format, RoleRef, generated, generates_names};
use crate::needs::deployed_name;
use crate::observed::{Count, Observed, Permission, Who};
use crate::pipeline::FunctionReport;
use crate::policy::{ActionPattern, ArnPattern, Glob};
use crate::value::{Hole, Text};

/// Characters of a logical id that are sure to be part of a generated name, which services shorten differently.
const KEPT_OF_ID: usize = 16;

/// What was observed, by function.
#[derive(Debug, Default)]
pub(super) struct Witness {
    /// For each function of the report.
    by_function: BTreeMap<SmolStr, BTreeMap<Permission, Count>>,
    /// What could be any function's.
    unknown: BTreeMap<Permission, Count>,
    /// The same, as every role sees it.
    of_nobody: Vec<Rc<Record>>,
    /// Requests of roles that run none of the functions.
    pub(super) strangers: BTreeMap<SmolStr, u64>,
}

/// Something that was observed.
#[derive(Debug)]
pub(super) struct Record {
    /// The permission.
    pub(super) permission: Permission,
    /// Its action.
    pub(super) action: ActionPattern,
    /// Its resource.
    pub(super) resource: ArnPattern,
    /// The same in small letters.
    small: ArnPattern,
    /// How often.
    pub(super) count: Count,
}

/// What was observed as one of several roles sees it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// What was observed.
    pub(super) record: Rc<Record>,
    /// Whether it is known to be a request of these functions.
    pub(super) is_own: bool,
    /// Positions of the needs it fits.
    pub(super) fits: Vec<usize>,
}

impl Witness {
    /// Finds out whose requests they are.
    pub(super) fn new(observed: &Observed, functions: &[FunctionReport]) -> Self {
        let names: Vec<Names> = functions.iter().map(Names::of).collect();
        let mut witness = Self::default();
        for (who, actions) in &observed.used {
            let owners: Option<Vec<&SmolStr>> = match who {
                Who::Unknown => None,
                Who::Session { role, session } => {
                    let owners = owners(&names, role, session);
                    if owners.is_empty() {
                        let requests: u64 = actions.values().flat_map(BTreeMap::values).map(|count| count.requests).sum();
                        *witness.strangers.entry(role.clone()).or_default() += requests;
                    }
                    Some(owners)
                }
            };
            for (action, resources) in actions {
                for (resource, count) in resources {
                    let permission = Permission { action: action.clone(), resource: resource.clone() };
                    match &owners {
                        None => witness.unknown.entry(permission).or_default().add(count),
                        Some(owners) => owners.iter().for_each(|name| {
                            let own = witness.by_function.entry((*name).clone()).or_default();
                            own.entry(permission.clone()).or_default().add(count);
                        }),
                    }
                }
            }
        }
        witness.of_nobody =
            witness.unknown.iter().filter_map(|(permission, count)| Record::new(permission, count.clone())).collect();
        witness
    }

    /// What was observed of a role's functions. What could be anybody's is theirs for certain when there is nobody else.
    pub(super) fn of(&self, subject: &Subject<'_>, is_only: bool) -> Vec<Seen> {
        let mut own: BTreeMap<&Permission, Count> = BTreeMap::new();
        let functions = subject.functions.iter().filter_map(|function| self.by_function.get(&function.name));
        for (permission, count) in functions.flatten().chain(is_only.then_some(&self.unknown).into_iter().flatten()) {
            own.entry(permission).or_default().add(count);
        }
        let own = own.into_iter().filter_map(|(permission, count)| Some((Record::new(permission, count)?, true)));
        let foreign = self.of_nobody.iter().filter(|_| !is_only).map(|record| (Rc::clone(record), false));
        let format = format_of(subject);
        let needs: Vec<(&ActionPattern, Deployed)> =
            subject.wanted.iter().map(|wanted| (&wanted.pattern, Deployed::new(&wanted.resource, format))).collect();
        let seen = |(record, is_own): (Rc<Record>, bool)| {
            let fits =
                |(action, resource): &(&ActionPattern, Deployed)| record.action.may_overlap(action) && resource.fits(&record);
            let fits = needs.iter().enumerate().filter(|(_, need)| fits(need)).map(|(index, _)| index).collect();
            Seen { record, is_own, fits }
        };
        own.chain(foreign).map(seen).collect()
    }
}

impl Record {
    fn new(permission: &Permission, count: Count) -> Option<Rc<Self>> {
        let action = ActionPattern::parse(&permission.action)?;
        let resource = permission.pattern();
        Some(Rc::new(Self { permission: permission.clone(), action, small: small(&resource), resource, count }))
    }
}

/// The format of a subject's template.
pub(super) fn format_of(subject: &Subject<'_>) -> Option<Format> {
    subject.functions.first()?.function.stack.as_ref().map(|stack| stack.format)
}

/// A resource of a template as it is called when it is deployed. What the deployment names is recognized by its logical id, where
/// the names that are made up hold it, and can be anything elsewhere.
pub(super) struct Deployed {
    pattern: ArnPattern,
    /// Names that are made up of it may be in small letters, as those of buckets are.
    is_generated: bool,
}

impl Deployed {
    pub(super) fn new(template: &ArnPattern, format: Option<Format>) -> Self {
        let is_generated = template.text().holes().any(|hole| matches!(hole, Hole::Resource { .. }));
        let pattern = as_deployed(template, format);
        Self { pattern: if is_generated { small(&pattern) } else { pattern }, is_generated }
    }

    /// Whether it can be the resource that was observed.
    pub(super) fn fits(&self, observed: &Record) -> bool {
        observed.resource.is_any()
            || self.pattern.may_overlap(if self.is_generated { &observed.small } else { &observed.resource })
    }
}

fn small(pattern: &ArnPattern) -> ArnPattern {
    ArnPattern::parse(&pattern.to_string().to_lowercase())
}

/// A resource of the template as it can be called when it is deployed.
pub(super) fn as_deployed(template: &ArnPattern, format: Option<Format>) -> ArnPattern {
    let name = |hole: &Hole| {
        let known = match hole {
            Hole::Resource { id, .. } if format.is_some_and(generates_names) => {
                let own: String = id.rsplit('/').next().unwrap_or(id).chars().take(KEPT_OF_ID).collect();
                format!("*{own}*")
            }
            _ => "*".to_owned(),
        };
        Some(Text::literal(known))
    };
    ArnPattern::parse(&template.text().fill(name).pattern())
}

/// What a function and its role can be called.
struct Names {
    function: SmolStr,
    /// Names that are it for certain.
    exact: BTreeSet<String>,
    /// The deployed name, as far as it is known.
    session: Option<Glob>,
    /// How much of that is known.
    known: usize,
    /// The role's name, as far as it is known.
    role: Option<Glob>,
}

impl Names {
    fn of(report: &FunctionReport) -> Self {
        let function = &report.function;
        let name = deployed_name(function, report.deployed.as_deref()).pattern();
        let mut exact: BTreeSet<String> = [report.name.to_string()].into();
        exact.extend(report.deployed.clone());
        exact.extend(function.id.iter().flat_map(|id| [id.to_string(), id.rsplit(['/', '.']).next().unwrap_or(id).to_owned()]));
        let role = match (&function.role, function.stack.as_deref()) {
            (RoleRef::Declared(id), Some(stack)) => {
                let named = stack.roles.get(id).and_then(|role| role.name.clone());
                named.or_else(|| generates_names(stack.format).then(|| generated(id)))
            }
            // SAM calls the role it makes like the function, with `Role` behind it.
            (RoleRef::Implicit, Some(stack)) if generates_names(stack.format) => {
                function.id.as_ref().map(|id| generated(&format!("{id}Role")))
            }
            (RoleRef::External(text), _) => Some(role_of(text)),
            _ => None,
        };
        let role = role.map(|role| role.pattern());
        Self {
            function: report.name.clone(),
            exact,
            known: letters(&name),
            session: pattern(&name),
            role: role.and_then(|role| pattern(&role)),
        }
    }
}

/// `arn:aws:iam::123456789012:role/path/Name` → `Name`
fn role_of(text: &Text) -> Text {
    Text::literal(text.pattern().rsplit('/').next().unwrap_or_default())
}

fn letters(pattern: &str) -> usize {
    pattern.chars().filter(|c| c.is_alphanumeric()).count()
}

/// A pattern that says something.
fn pattern(text: &str) -> Option<Glob> {
    (letters(text) > 0).then(|| Glob::resource(&Text::literal(text)))
}

/// The functions whose session it is: by the session's name, which is the function's, else by the role.
fn owners<'n>(names: &'n [Names], role: &str, session: &str) -> Vec<&'n SmolStr> {
    let exact: Vec<&SmolStr> = names.iter().filter(|names| names.exact.contains(session)).map(|names| &names.function).collect();
    if !exact.is_empty() {
        return exact;
    }
    let is = |glob: &Option<Glob>, text: &str| {
        let text = Glob::resource(&Text::literal(text));
        glob.as_ref().is_some_and(|glob| glob.covers(&text))
    };
    let fitting: Vec<&Names> = names.iter().filter(|names| is(&names.session, session)).collect();
    // Of several names that fit, the one that says most: `*-OrdersApi-*` before `*-Orders*`.
    let most = fitting.iter().map(|names| names.known).max().unwrap_or_default();
    let best: Vec<&SmolStr> = fitting.iter().filter(|names| names.known == most).map(|names| &names.function).collect();
    if !best.is_empty() {
        return best;
    }
    names.iter().filter(|names| is(&names.role, role)).map(|names| &names.function).collect()
}
