//! What is compared: a role, the functions that run with it, and what it allows.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Options;
use super::index::Index;
use super::place;
use super::served::{Needs, Served};
use super::wanted::{Wanted, wanted};
use super::witness::Seen;
use crate::catalog::{Authorization, Catalog, Scope};
use crate::declared::{Granted, Policy};
use crate::iac::{Role, RoleRef, Stack};
use crate::needs::actions_of_lambda;
use crate::note::{Note, NoteKind};
use crate::pipeline::FunctionReport;
use crate::policy::algebra::{Coverage, Decision, Request, allows};
use crate::policy::{ActionPattern, ArnPattern, Clause, Effect, Statement};
use crate::project::Function;
use crate::value::{Hole, Piece};

/// A role with its functions.
pub(super) struct Subject<'a> {
    /// The functions, by name; at least one.
    pub(super) functions: Vec<&'a FunctionReport>,
    /// The role as the template declares it; absent where the format makes it.
    pub(super) role: Option<&'a Role>,
    /// The template of the role, where others have one of the same id.
    template: Option<&'a str>,
    /// What it allows.
    pub(super) policies: Vec<Policy>,
    /// What the functions need.
    pub(super) wanted: Vec<Wanted>,
    /// For each policy and statement, which needs it serves.
    pub(super) served: Vec<Vec<Served>>,
    /// For each need, the statements that have to do with it: policy and statement, by their positions.
    touching: Vec<Vec<(usize, usize)>>,
    /// The statements that concern every need: those that deny, and those that may allow more than they say.
    anyway: Vec<(usize, usize)>,
    /// Why a permission that nothing uses may still be needed.
    pub(super) blockers: Vec<Note>,
    /// Services, by IAM prefix, with requests whose permissions are not known.
    pub(super) unmapped: Vec<(String, Note)>,
    /// Where the permissions are not known at all: why.
    pub(super) unknown_role: Option<String>,
    /// What the functions were seen to use.
    pub(super) seen: Vec<Seen>,
    /// The stack of the functions.
    pub(super) index: Option<Rc<Index<'a>>>,
    /// What Lambda itself uses, in small letters.
    by_lambda: FxHashSet<String>,
    /// The statements of the policies as requests see them, by which of the partition, region and account these leave open.
    opened: [OnceCell<Vec<Vec<Statement>>>; 8],
}

/// The id of a function's role; what the format makes for a function is called after it.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html>
fn role_id(function: &Function) -> Option<SmolStr> {
    match &function.role {
        RoleRef::Declared(id) => Some(id.clone()),
        RoleRef::Implicit => function.id.as_ref().map(|id| smol_str::format_smolstr!("{id}Role")),
        RoleRef::External(_) => None,
    }
}

/// A role among all stacks.
type RoleKey = (*const Stack, SmolStr);

/// Puts functions of one role together and writes out what it allows. A function with a policy of its own stands alone.
pub(super) fn subjects<'a>(functions: &'a [FunctionReport], options: &Options) -> Vec<Subject<'a>> {
    let mut groups: Vec<Vec<&'a FunctionReport>> = Vec::new();
    let mut of_role: BTreeMap<RoleKey, usize> = BTreeMap::new();
    for function in functions {
        let key = match (&function.function.stack, &function.function.role) {
            _ if options.declared.contains_key(&function.name) => None,
            (Some(stack), RoleRef::Declared(id)) => Some((Arc::as_ptr(stack), id.clone())),
            // Without anything declared, only what was observed can be compared.
            (None, _) if options.role.is_none() && options.observed.is_none() => continue,
            _ => None,
        };
        let position = key.map_or(groups.len(), |key| *of_role.entry(key).or_insert(groups.len()));
        match groups.get_mut(position) {
            Some(functions) => functions.push(function),
            None => groups.push(vec![function]),
        }
    }
    let mut indexes: BTreeMap<*const Stack, Rc<Index<'a>>> = BTreeMap::new();
    let mut all = Vec::new();
    for functions in groups {
        let stack = functions[0].function.stack.as_deref();
        let index = stack.map(|stack| Rc::clone(indexes.entry(stack).or_insert_with(|| Rc::new(Index::new(stack)))));
        let given = options.given(&functions[0].name);
        all.push(Subject::new(functions, given, index));
    }
    tell_apart(&mut all);
    all
}

/// Names the templates of shared roles that have the same id in several: services all call theirs alike.
fn tell_apart(subjects: &mut [Subject<'_>]) {
    let mut count: BTreeMap<&SmolStr, usize> = BTreeMap::new();
    for role in subjects.iter().filter(|subject| subject.functions.len() > 1).filter_map(|subject| subject.role) {
        *count.entry(&role.id).or_default() += 1;
    }
    for subject in subjects {
        let is_one_of_several = subject.role.is_some_and(|role| count.get(&role.id).is_some_and(|count| *count > 1));
        let stack = subject.functions[0].function.stack.as_deref().filter(|_| is_one_of_several);
        subject.template = stack.map(|stack| stack.template.path.as_str());
    }
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        functions: Vec<&'a FunctionReport>,
        override_policy: Option<&Policy>,
        index: Option<Rc<Index<'a>>>,
    ) -> Self {
        let first = &functions[0].function;
        let stack = first.stack.as_deref();
        let role = match (&first.role, stack) {
            (RoleRef::Declared(id), Some(stack)) => stack.roles.get(id),
            _ => None,
        };
        let mut policies = match override_policy {
            Some(policy) => vec![policy.clone()],
            None => crate::declared::expand(&first.declared, stack),
        };
        if let Some((role, index)) = role_id(first).zip(index.as_ref()) {
            policies.extend(index.at_resources.of(&role));
        }
        let unknown_role = match &first.role {
            _ if override_policy.is_some() => None,
            _ if stack.is_none() => Some("no template declares the role".to_owned()),
            RoleRef::External(text) => Some(match text.as_hole() {
                Some(Hole::Unknown(why)) => format!("the role is not known ({why})"),
                Some(Hole::Parameter(name)) => format!("the role is the parameter `{name}`"),
                Some(Hole::Resource { id, .. }) => format!("the role `{id}` is not declared in this template"),
                _ => format!("the role `{}` is not declared in this template", text.pattern()),
            }),
            RoleRef::Declared(id) if role.is_none() && first.declared.is_empty() => {
                Some(format!("the role `{id}` is not declared in this template"))
            }
            _ => None,
        };
        let mut wanted: Vec<Wanted> = functions.iter().enumerate().flat_map(|(index, report)| wanted(index, report)).collect();
        wanted.iter_mut().enumerate().for_each(|(position, wanted)| wanted.position = position);
        let is_anyway = |granted: &Granted| granted.compared.effect == Effect::Deny || granted.compared.unread.wider;
        let statements = policies
            .iter()
            .enumerate()
            .flat_map(|(at, policy)| policy.statements.iter().enumerate().map(move |(own, granted)| ((at, own), granted)));
        let anyway = statements.filter(|(_, granted)| is_anyway(granted)).map(|(unit, _)| unit).collect();
        let by_lambda =
            functions.iter().flat_map(|report| actions_of_lambda(&report.function)).map(str::to_ascii_lowercase).collect();
        let mut subject = Self {
            functions,
            role,
            template: None,
            policies,
            wanted,
            served: Vec::new(),
            touching: Vec::new(),
            anyway,
            blockers: Vec::new(),
            unmapped: Vec::new(),
            unknown_role,
            seen: Vec::new(),
            index,
            by_lambda,
            opened: Default::default(),
        };
        subject.serve();
        subject.find_blockers();
        subject
    }

    /// What to call it in a sentence.
    pub(super) fn name(&self) -> String {
        match (self.role, self.functions.as_slice()) {
            (Some(role), [_, _, ..]) => format!("{}{}", role.id, self.of_template()),
            (_, functions) => functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>().join(", "),
        }
    }

    /// What follows the id of the role where other templates have one that is called so.
    pub(super) fn of_template(&self) -> String {
        self.template.map(|template| format!(" of {template}")).unwrap_or_default()
    }

    /// The functions as a sentence begins with them, and whether they are several.
    pub(super) fn users(&self) -> (String, bool) {
        match (self.role, self.functions.as_slice()) {
            (Some(role), [_, _, ..]) => (format!("the functions with the role `{}`{}", role.id, self.of_template()), true),
            (_, functions) => (self.name(), functions.len() > 1),
        }
    }

    /// Every statement with its policy.
    pub(super) fn granted(&self) -> impl Iterator<Item = (&Policy, &Granted, &Served)> {
        self.policies.iter().zip(&self.served).flat_map(|(policy, served)| {
            policy.statements.iter().zip(served).map(move |(granted, served)| (policy, granted, served))
        })
    }

    /// Some statements of a policy by their positions: those of the policy and their own, ascending.
    pub(super) fn units<'s>(&self, policy: &Policy, granted: impl Iterator<Item = &'s Granted>) -> Vec<(usize, usize)> {
        let Some(index) = self.policies.iter().position(|own| std::ptr::eq(own, policy)) else { return Vec::new() };
        let position = |granted: &Granted| policy.statements.iter().position(|own| std::ptr::eq(own, granted));
        let mut units: Vec<(usize, usize)> = granted.filter_map(position).map(|position| (index, position)).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// How many actions the functions need, on whatever resources.
    pub(super) fn needed_actions(&self) -> usize {
        let sure = self.wanted.iter().filter(|wanted| wanted.is_sure());
        sure.map(|wanted| wanted.action.as_str().to_ascii_lowercase()).collect::<BTreeSet<_>>().len()
    }

    /// How many of the actions that IAM knows the role allows on anything. Denials are not taken off.
    pub(super) fn allowed_actions(&self) -> usize {
        let catalog = Catalog::embedded();
        let patterns = |actions: &[ActionPattern]| {
            actions.iter().flat_map(|action| catalog.expand_action_pattern(action.as_str())).collect::<BTreeSet<_>>()
        };
        let mut all = BTreeSet::new();
        for (_, granted, _) in self.granted().filter(|(_, granted, _)| granted.shown.effect == Effect::Allow) {
            match &granted.shown.actions {
                Clause::Only(actions) => all.extend(patterns(actions)),
                Clause::Except(actions) => {
                    let except = patterns(actions);
                    all.extend(catalog.expand_action_pattern("*").into_iter().filter(|action| !except.contains(action)));
                }
            }
        }
        all.len()
    }

    /// How much of a need the role allows.
    pub(super) fn allowed(&self, wanted: &Wanted) -> Decision {
        self.allowed_without(wanted, &BTreeSet::new())
    }

    /// How much of a need the role would allow without some of its statements.
    pub(super) fn allowed_without(&self, wanted: &Wanted, gone: &BTreeSet<(usize, usize)>) -> Decision {
        let touching = &self.touching[wanted.position];
        let mut units: Vec<(usize, usize)> = touching.iter().chain(&self.anyway).copied().collect();
        units.sort_unstable();
        units.dedup();
        let all = self.opened(wanted.open_fields);
        let concerns = |unit: &(usize, usize), opened: &Statement| match opened.effect {
            Effect::Deny => !wanted.without_resource || opened.resources.covers(&ArnPattern::any()),
            Effect::Allow => opened.unread.wider || touching.contains(unit) && can_allow(opened, wanted),
        };
        let units = units.into_iter().filter(|unit| !gone.contains(unit)).map(|unit| (unit, &all[unit.0][unit.1]));
        let statements: Vec<&Statement> =
            units.filter(|(unit, opened)| concerns(unit, opened)).map(|(_, opened)| opened).collect();
        let request =
            Request { action: wanted.pattern.clone(), resource: wanted.resource.clone(), conditions: wanted.conditions.clone() };
        let mut decision = allows(&statements, &request);
        if decision.coverage == Coverage::Partial && decision.doubts.is_empty() {
            decision.coverage = Coverage::None;
        }
        decision
    }

    /// Whether the role allows an action on a resource, or on some of what the resource can be.
    pub(super) fn allows(&self, action: &ActionPattern, resource: &ArnPattern) -> bool {
        let open = place::Fields::of(resource.text()).map_or([true; 3], |fields| fields.open());
        let statements: Vec<&Statement> = self.opened(open).iter().flatten().collect();
        let request = Request { action: action.clone(), resource: resource.clone(), conditions: Vec::new() };
        allows(&statements, &request).coverage != Coverage::None
    }

    /// The statements of the policies as a request sees them that leaves these of the partition, region and account open.
    pub(super) fn opened(&self, open: [bool; 3]) -> &[Vec<Statement>] {
        let position = open.iter().fold(0, |position, open| position * 2 + usize::from(*open));
        self.opened[position].get_or_init(|| {
            let one = |granted: &Granted| place::opened_statement(&granted.compared, open);
            self.policies.iter().map(|policy| policy.statements.iter().map(one).collect()).collect()
        })
    }

    /// Whether the runtime itself uses an action, whatever the code does.
    pub(super) fn is_used_by_runtime(&self, action: &str) -> bool {
        self.by_lambda.contains(action.to_ascii_lowercase().as_str())
    }

    /// Finds out which statements have to do with which needs.
    fn serve(&mut self) {
        let needs = Needs::new(&self.wanted);
        let mut served: Vec<Vec<Served>> = Vec::new();
        let mut touching = vec![Vec::new(); self.wanted.len()];
        for (at, policy) in self.policies.iter().enumerate() {
            let one = |(own, granted): (usize, &Granted)| {
                needs.served(&granted.compared, |wanted| &self.opened(wanted.open_fields)[at][own])
            };
            let of_policy: Vec<Served> = policy.statements.iter().enumerate().map(one).collect();
            for (own, served) in of_policy.iter().enumerate() {
                served.all.iter().for_each(|need| touching[*need].push((at, own)));
            }
            served.push(of_policy);
        }
        (self.served, self.touching) = (served, touching);
    }

    fn find_blockers(&mut self) {
        let mut blockers = Vec::new();
        let mut unmapped = Vec::new();
        for function in &self.functions {
            if let Some(reason) = function.unanswered() {
                let message = format!("{} was not analyzed: {reason}", function.name);
                blockers.push(Note::general(NoteKind::UnresolvedHandler, message));
            }
            let said = function.unanswered();
            let whole = |note: &&Note| {
                note.kind.blocks_removal()
                    && !matches!(note.kind, NoteKind::PossibleCall | NoteKind::UnmappedOperation)
                    && said != Some(note.message.as_str())
            };
            blockers.extend(function.notes.iter().filter(whole).cloned());
            unmapped.extend(unmapped_of(function));
        }
        if let Some(role) = self.role {
            blockers.extend(others_that_assume(role));
            blockers.extend(self.unseen_functions(role));
        }
        blockers.sort();
        blockers.dedup();
        self.blockers = blockers;
        self.unmapped = unmapped;
    }

    /// Functions of the stack with the same role that were not analyzed with these.
    fn unseen_functions(&self, role: &Role) -> Vec<Note> {
        let users = self.index.as_ref().map_or(&[][..], |index| index.users(&role.id));
        let seen: BTreeSet<&SmolStr> = self.functions.iter().filter_map(|function| function.function.id.as_ref()).collect();
        let others = users.iter().filter(|other| !seen.contains(&other.id));
        others
            .map(|other| {
                let message = format!("{} runs with the same role and was not analyzed", other.id);
                Note::at(NoteKind::UnresolvedHandler, other.origin.clone(), message)
            })
            .collect()
    }
}

/// Whether the resources of a statement can make it apply: an action that is about no resource is allowed on all of them or not
/// at all. What is not known of a resource may be `*`.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>
fn can_allow(statement: &Statement, wanted: &Wanted) -> bool {
    let Clause::Only(resources) = &statement.resources else { return true };
    let may_be_all = |resource: &ArnPattern| !matches!(resource.text().pieces().first(), Some(Piece::Literal(_)));
    wanted.scope != Scope::Account || statement.resources.covers(&wanted.resource) || resources.iter().any(may_be_all)
}

/// Requests of which leash does not know what they need: they concern their service only.
fn unmapped_of(function: &FunctionReport) -> Vec<(String, Note)> {
    let catalog = Catalog::embedded();
    let notes = function.notes.iter().filter(|note| note.kind == NoteKind::UnmappedOperation);
    let mut found = Vec::new();
    for note in notes {
        let calls = function.calls.iter().filter(|call| note.at.as_ref() == Some(&call.at));
        let mut prefixes: Vec<String> = Vec::new();
        for call in calls {
            let answer = catalog.authorize(&call.service, &call.operation, &call.params, call.region.as_ref());
            if matches!(answer, Authorization::Unknown(_)) {
                let known = catalog.prefixes_of(&call.service);
                // A service without a map can be any.
                if known.is_empty() {
                    prefixes.push("*".to_owned());
                }
                prefixes.extend(known.into_iter().map(str::to_owned));
            }
        }
        if prefixes.is_empty() {
            prefixes.push("*".to_owned());
        }
        found.extend(prefixes.into_iter().map(|prefix| (prefix, note.clone())));
    }
    found
}

/// Whoever else may assume the role uses its permissions too.
fn others_that_assume(role: &Role) -> Vec<Note> {
    let mut notes = Vec::new();
    for statement in &role.trust {
        for (kind, principal) in &statement.principals {
            let name = principal.pattern();
            let name = if statement.not_principal { format!("everybody but {name}") } else { name };
            let runtime = kind == "Service" && matches!(name.split('.').next(), Some("lambda" | "edgelambda"));
            if !runtime {
                let message = format!("{name} may assume the role {} as well", role.id);
                notes.push(Note::at(NoteKind::Template, statement.origin.clone(), message));
            }
        }
    }
    notes
}
