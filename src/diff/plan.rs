//! What to change so that a role allows what its functions need: which statements go, which stay, and what takes their place.
//!
//! Nothing gets wider on the way. A need takes the place of a statement that allowed it, with the conditions of that
//! statement; where the statement allowed only a part of what the need may be, its own resources stay. What nobody can tell
//! stays as it is, and the plan says why.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::remedy;
use super::subject::Subject;
use super::wanted::Wanted;
use super::{Diff, Finding, Options, Permission, Rule, Verdict, compared, missing};
use crate::catalog::Catalog;
use crate::declared::{Granted, Kind};
use crate::draft::DraftOptions;
use crate::iac::{Role, Stack};
use crate::pipeline::{FunctionReport, Report};
use crate::policy::algebra::{Coverage, Doubt, Request, allows};
use crate::policy::{ActionPattern, ArnPattern, Condition, Effect, Statement, is_symbol};
use crate::span::Location;
use crate::value::Hole;

/// What to change about one role.
pub struct Plan<'a> {
    subject: Subject<'a>,
    draft: DraftOptions,
    /// Needs that are missing for certain.
    missing: BTreeSet<usize>,
    /// Actions that somebody or Lambda itself uses although no need says so, by statement.
    as_declared: BTreeMap<(usize, usize), Vec<ActionPattern>>,
    /// Everything that can be changed by itself, in the order of the template.
    pub units: Vec<Unit>,
    /// What may be missing, or may be allowed where leash cannot read it: a sentence and where it is needed.
    pub doubtful: Vec<(Option<Location>, String)>,
}

/// A statement somebody wrote, or a policy somebody named.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The policy, by its position in the role.
    policy: usize,
    /// The statement; nothing for a policy that can only be changed as a whole.
    statement: Option<usize>,
    /// Its position among those of its policy that have the same place, and how many there are.
    pub turn: (usize, usize),
    /// What it is called in a sentence.
    pub label: String,
    /// The name of the statement.
    pub sid: Option<SmolStr>,
    /// Where it stands.
    pub at: Location,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a part of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing speaks against it.
    Fine,
    /// Nothing that was found uses some of it, and this stands in the way of being sure.
    Unsure(String),
    /// Something speaks against it, and it stays for this reason.
    Stays(String),
    /// It goes; what was used of it is written anew.
    Goes,
}

/// The statements to write.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// For each unit, what takes its place.
    pub instead: Vec<Vec<Statement>>,
    /// What no statement allowed before.
    pub new: Vec<Statement>,
}

/// Compares as [`diff`](super::diff) does, and says for each role what to change.
pub fn plan<'a>(report: &'a Report, options: &Options) -> (Diff, Vec<Plan<'a>>) {
    let (diff, subjects) = compared(report, options);
    let chosen = |subject: &Subject<'_>| {
        options.functions.is_empty() || subject.functions.iter().any(|one| options.functions.iter().any(|name| one.name == *name))
    };
    let mut findings: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in diff.findings.iter().filter(|finding| finding.allowed.is_none()) {
        findings.entry(finding.about.subject).or_default().push(finding);
    }
    let verdicts: BTreeMap<&[SmolStr], &[Permission]> =
        diff.subjects.iter().rev().map(|one| (one.functions.as_slice(), one.permissions.as_slice())).collect();
    let subjects = subjects.into_iter().enumerate().filter(|(_, subject)| chosen(subject));
    let plan = |(position, subject): (usize, Subject<'a>)| {
        let names: Vec<SmolStr> = subject.functions.iter().map(|function| function.name.clone()).collect();
        let own = findings.get(&position).map_or(&[][..], Vec::as_slice);
        let verdicts = verdicts.get(names.as_slice()).copied().unwrap_or_default();
        Plan::new(subject, own, verdicts, &options.draft)
    };
    let plans = subjects.map(plan).collect();
    (diff, plans)
}

impl<'a> Plan<'a> {
    fn new(subject: Subject<'a>, findings: &[&Finding], verdicts: &[Permission], draft: &DraftOptions) -> Self {
        let mut found: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        let mut missing = BTreeSet::new();
        let mut doubtful = Vec::new();
        for finding in findings {
            if let (Rule::Undecidable, [_, ..], Some(why)) =
                (finding.rule, finding.about.needs.as_slice(), finding.doubts.first())
            {
                doubtful.push((finding.primary().cloned(), format!("{}: {why}", finding.message)));
            }
            if finding.rule == Rule::MissingPermission && finding.doubts.is_empty() {
                missing.extend(&finding.about.needs);
            }
            for unit in &finding.about.units {
                found.entry(*unit).or_default().extend(finding.doubts.iter().cloned());
            }
        }
        let mut doubts: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
        let mut as_declared: BTreeMap<(usize, usize), Vec<ActionPattern>> = BTreeMap::new();
        for permission in verdicts {
            match &permission.verdict {
                // IAM has no such action, as far as leash knows: the words stay, and there is a finding for them.
                Verdict::CannotTell(_) if Catalog::embedded().expand_action_pattern(&permission.action).is_empty() => {
                    let kept = ActionPattern::parse(&permission.action);
                    as_declared.entry(permission.unit).or_default().extend(kept);
                }
                Verdict::CannotTell(why) => doubts.entry(permission.unit).or_default().extend(why.iter().cloned()),
                Verdict::Used(_) => {
                    let kept = unneeded(&subject, permission.unit, &permission.action);
                    as_declared.entry(permission.unit).or_default().extend(kept);
                }
                Verdict::Unused => {}
            }
        }
        let units = units(&subject, &found, &doubts);
        Self { subject, draft: draft.clone(), missing, as_declared, units, doubtful }
    }

    /// The functions that run with the role.
    pub fn functions(&self) -> &[&'a FunctionReport] {
        &self.subject.functions
    }

    /// The role, where the template declares it.
    pub const fn role(&self) -> Option<&'a Role> {
        self.subject.role
    }

    /// The stack of the functions.
    pub fn stack(&self) -> Option<&'a Stack> {
        self.subject.functions[0].function.stack.as_deref()
    }

    /// What to call it in a sentence.
    pub fn name(&self) -> String {
        self.subject.name()
    }

    /// Parts of the role that could not be read, with their places.
    pub fn unread(&self) -> Vec<(Location, String)> {
        let notes = self.subject.policies.iter().flat_map(|policy| policy.unread.iter().map(move |note| (policy, note)));
        notes.map(|(policy, note)| (note.at.clone().unwrap_or_else(|| policy.origin.clone()), note.message.clone())).collect()
    }

    /// Why nothing is known about the role, where that is so.
    pub fn unknown_role(&self) -> Option<&str> {
        self.subject.unknown_role.as_deref().filter(|_| self.subject.policies.is_empty())
    }

    /// Decides what to write. A unit that cannot be written anew without getting wider stays.
    pub fn settle(&mut self) -> Settled {
        loop {
            match self.attempt() {
                Ok(settled) => return settled,
                Err((unit, why)) => self.units[unit].fate = Fate::Stays(why),
            }
        }
    }

    fn attempt(&self) -> Result<Settled, (usize, String)> {
        let mut gone = BTreeSet::new();
        for unit in self.units.iter().filter(|unit| unit.fate == Fate::Goes) {
            gone.extend(self.statements_of(unit));
        }
        let mut pieces: Vec<Pieces<'_>> = self.units.iter().map(|_| Pieces::default()).collect();
        let mut new: Vec<&Wanted> = Vec::new();
        for (index, wanted) in self.subject.wanted.iter().enumerate() {
            if !wanted.is_sure() || missing::is_given(&self.subject, wanted) {
                continue;
            }
            let is_missing = self.missing.contains(&index);
            let worse = || self.subject.allowed_without(wanted, &gone).coverage < self.subject.allowed(wanted).coverage;
            if is_missing || worse() {
                let placed = self.place(index, wanted, &mut pieces)?;
                if is_missing && !placed {
                    new.push(wanted);
                }
            }
        }
        for (position, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.fate == Fate::Goes) {
            for id in self.statements_of(unit) {
                let kept = self.as_declared.get(&id).map_or(&[][..], Vec::as_slice);
                let granted = &self.subject.policies[id.0].statements[id.1];
                for action in kept {
                    let resources = granted.shown.resources.items().to_vec();
                    pieces[position].part(action.clone(), resources, granted).map_err(|why| (position, why))?;
                }
            }
        }
        let instead = pieces.into_iter().map(|pieces| pieces.statements(&self.subject, &self.draft)).collect();
        Ok(Settled { instead, new: remedy::drafted(&self.subject, &new, &self.draft) })
    }

    /// Gives a need to the unit that allowed it, if one of those that go did.
    fn place<'s>(&'s self, index: usize, wanted: &'s Wanted, pieces: &mut [Pieces<'s>]) -> Result<bool, (usize, String)> {
        let mut serving: Vec<(Fit, usize, (usize, usize))> = Vec::new();
        for (position, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.fate == Fate::Goes) {
            for id in self.statements_of(unit) {
                if self.subject.served[id.0][id.1].all.contains(&index) {
                    serving.push((fit(&self.subject, id, wanted), position, id));
                }
            }
        }
        serving.sort_unstable();
        match serving.first() {
            None => return Ok(false),
            Some((Fit::Whole, position, id)) => {
                let granted = &self.subject.policies[id.0].statements[id.1];
                pieces[*position].whole(wanted, &granted.shown.conditions).map_err(|why| (*position, why))?;
                return Ok(true);
            }
            Some(_) => {}
        }
        for (fit, position, id) in serving {
            let granted = &self.subject.policies[id.0].statements[id.1];
            let done = if fit == Fit::Sometimes {
                pieces[position].whole(wanted, &granted.shown.conditions)
            } else {
                let resources = self.resources_for(index, id, granted);
                pieces[position].part(wanted.pattern.clone(), resources, granted)
            };
            done.map_err(|why| (position, why))?;
        }
        Ok(true)
    }

    /// The resources of a statement that have to do with a need.
    fn resources_for(&self, need: usize, id: (usize, usize), granted: &Granted) -> Vec<ArnPattern> {
        let served = &self.subject.served[id.0][id.1].resources;
        let shown = granted.shown.resources.items().iter().zip(served);
        shown.filter(|(_, list)| list.contains(&need)).map(|(resource, _)| resource.clone()).collect()
    }

    fn statements_of(&self, unit: &Unit) -> Vec<(usize, usize)> {
        match unit.statement {
            Some(statement) => vec![(unit.policy, statement)],
            None => (0..self.subject.policies[unit.policy].statements.len()).map(|at| (unit.policy, at)).collect(),
        }
    }
}

/// How well a statement allows a need, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// All of it.
    Whole,
    /// All of it, under the statement's conditions.
    Sometimes,
    /// Some of it, as far as can be told.
    Part,
}

fn fit(subject: &Subject<'_>, (policy, statement): (usize, usize), wanted: &Wanted) -> Fit {
    let opened = &subject.opened(wanted.open_fields)[policy][statement];
    let request =
        Request { action: wanted.pattern.clone(), resource: wanted.resource.clone(), conditions: wanted.conditions.clone() };
    let decision = allows(&[opened], &request);
    match decision.coverage {
        Coverage::Full => Fit::Whole,
        _ if !decision.doubts.is_empty() && decision.doubts.iter().all(|doubt| matches!(doubt, Doubt::Condition(_))) => {
            Fit::Sometimes
        }
        _ => Fit::Part,
    }
}

/// What is used of a unit.
#[derive(Default)]
struct Pieces<'s> {
    /// Needs that were allowed, by the conditions they were allowed under.
    whole: Vec<(Vec<Condition>, Vec<&'s Wanted>)>,
    /// Actions on resources as they are declared, with their conditions.
    parts: Vec<(Vec<ArnPattern>, Vec<Condition>, Vec<ActionPattern>)>,
}

impl<'s> Pieces<'s> {
    fn whole(&mut self, wanted: &'s Wanted, conditions: &[Condition]) -> Result<(), String> {
        check_conditions(conditions)?;
        match self.whole.iter_mut().find(|(known, _)| known == conditions) {
            Some((_, needs)) => needs.push(wanted),
            None => self.whole.push((conditions.to_vec(), vec![wanted])),
        }
        Ok(())
    }

    fn part(&mut self, action: ActionPattern, resources: Vec<ArnPattern>, granted: &Granted) -> Result<(), String> {
        if granted.shown.resources.is_negated() || resources.is_empty() {
            return Err("it allows everything but some resources, and what is used of it is not known".to_owned());
        }
        if resources.iter().any(|resource| resource.text().holes().any(|hole| !can_be_written(hole))) {
            return Err("a part of its resources is not known here".to_owned());
        }
        let conditions = &granted.shown.conditions;
        check_conditions(conditions)?;
        match self.parts.iter_mut().find(|(known, under, _)| *known == resources && under == conditions) {
            Some((_, _, actions)) => {
                if !actions.contains(&action) {
                    actions.push(action);
                }
            }
            None => self.parts.push((resources, conditions.clone(), vec![action])),
        }
        Ok(())
    }

    fn statements(self, subject: &Subject<'_>, draft: &DraftOptions) -> Vec<Statement> {
        let mut all = Vec::new();
        for (resources, conditions, mut actions) in self.parts {
            actions.sort();
            all.push(Statement::allow(actions, resources).with_conditions(conditions));
        }
        for (conditions, needs) in self.whole {
            for statement in remedy::drafted(subject, &needs, draft) {
                let under = statement.conditions.iter().chain(&conditions).cloned().collect();
                all.push(statement.with_conditions(under));
            }
        }
        all
    }
}

fn check_conditions(conditions: &[Condition]) -> Result<(), String> {
    let unknown =
        conditions.iter().flat_map(|one| &one.values).flat_map(crate::value::Text::holes).any(|hole| !can_be_written(hole));
    if unknown { Err("a part of its conditions is not known here".to_owned()) } else { Ok(()) }
}

/// Whether a template can say again what it said.
fn can_be_written(hole: &Hole) -> bool {
    is_symbol(hole) || matches!(hole, Hole::Partition | Hole::Region | Hole::Account)
}

/// Actions behind a used pattern that no need stands for: those of Lambda itself, or what somebody allowed.
fn unneeded(subject: &Subject<'_>, unit: (usize, usize), action: &str) -> Vec<ActionPattern> {
    let Some(pattern) = ActionPattern::parse(action) else { return Vec::new() };
    let served = &subject.served[unit.0][unit.1].all;
    let sure = |pattern: &ActionPattern| {
        served.iter().filter_map(|at| subject.wanted.get(*at)).any(|one| one.is_sure() && pattern.matches(&one.action))
    };
    let names = Catalog::embedded().expand_action_pattern(action);
    let runtime: Vec<ActionPattern> = names
        .iter()
        .filter(|name| subject.is_used_by_runtime(name))
        .filter_map(|name| ActionPattern::parse(name))
        .filter(|name| !subject.wanted.iter().any(|one| one.is_sure() && name.matches(&one.action)))
        .collect();
    if runtime.is_empty() && !sure(&pattern) {
        return vec![pattern];
    }
    runtime
}

type Reasons = BTreeMap<(usize, usize), Vec<String>>;

/// Everything that can be changed by itself.
fn units(subject: &Subject<'_>, found: &Reasons, doubts: &Reasons) -> Vec<Unit> {
    let mut units = Vec::new();
    for (index, policy) in subject.policies.iter().enumerate() {
        let ids: Vec<(usize, usize)> = (0..policy.statements.len()).map(|at| (index, at)).collect();
        let unit = |statement: Option<usize>, at: &Location, ids: &[(usize, usize)]| Unit {
            policy: index,
            statement,
            turn: turn(policy, statement),
            label: policy.label.clone(),
            sid: statement.and_then(|at| policy.statements[at].shown.sid.clone()),
            at: at.clone(),
            fate: fate(policy, ids, found, doubts),
        };
        match policy.kind {
            Kind::Implicit => {}
            Kind::Named => units.push(unit(None, &policy.origin, &ids)),
            Kind::Written => units.extend(ids.iter().map(|id| {
                let granted = &policy.statements[id.1];
                unit(Some(id.1), &granted.origin, &[*id])
            })),
        }
    }
    units
}

/// Statements of one text can have the text's place, all of them.
fn turn(policy: &crate::declared::Policy, statement: Option<usize>) -> (usize, usize) {
    let Some(own) = statement else { return (0, 1) };
    let place = &policy.statements[own].origin;
    let same = |at: &usize| policy.statements[*at].origin == *place;
    ((0..own).filter(same).count(), (0..policy.statements.len()).filter(same).count())
}

fn fate(policy: &crate::declared::Policy, ids: &[(usize, usize)], found: &Reasons, doubts: &Reasons) -> Fate {
    let statements = || ids.iter().map(|id| &policy.statements[id.1]);
    if statements().any(|granted| granted.shown.effect == Effect::Deny) {
        return Fate::Fine;
    }
    let mut why: Vec<&String> = ids.iter().flat_map(|id| found.get(id).into_iter().chain(doubts.get(id))).flatten().collect();
    why.sort();
    why.dedup();
    let untold = match why.as_slice() {
        [] => None,
        [one] => Some(format!("what is needed of it cannot be told: {one}")),
        [first, rest @ ..] => Some(format!("what is needed of it cannot be told: {first} (and {} more)", rest.len())),
    };
    if !ids.iter().any(|id| found.contains_key(id)) {
        return untold.map_or(Fate::Fine, Fate::Unsure);
    }
    let unread = policy.unread.iter().find(|note| match &note.at {
        Some(at) => statements().any(|granted| {
            let own = &granted.origin;
            at.file.path == own.file.path && own.span.start <= at.span.start && at.span.end <= own.span.end
        }),
        None => true,
    });
    match (unread, untold) {
        (Some(note), _) => Fate::Stays(note.message.clone()),
        (None, Some(why)) => Fate::Stays(why),
        (None, None) => Fate::Goes,
    }
}

impl Unit {
    /// Whether it is a statement somebody wrote, rather than a policy somebody named.
    pub const fn is_statement(&self) -> bool {
        self.statement.is_some()
    }
}
