//! `leash diff --patch`: the changes of the template that make its permissions those that are needed, as a patch.
//!
//! A [`Plan`] says which statements go and what takes their place; here that becomes changes of bytes. Nothing is written out
//! anew: whatever the plan does not name keeps its comments and its layout. What cannot be changed where it stands stays, and
//! is told with its place.

mod argument;
mod heredoc;
mod items;
mod places;
mod reference;
mod sheet;
mod sources;
mod terraform;
mod text;
mod tree;
pub mod unified;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use sheet::{ADDED, Items, Obstacle, Sheet, UnitRef};
use terraform::Hcl;
use tree::Tree;

use crate::diff::plan::{Fate, Plan, Settled, Unit};
use crate::iac::{Format, LambdaFunction, RoleRef, Stack};
use crate::pipeline::FunctionReport;
use crate::policy::Statement;
use crate::report::template::statement_for;
use crate::report::yaml::Yaml;
use crate::span::{Location, SourceFile};

/// Changed files, and what was not changed.
#[derive(Debug, Default)]
pub struct Patch {
    /// The files, by path.
    pub files: Vec<Changed>,
    /// What should change and does not, each with its place and the reason.
    pub remarks: Vec<String>,
    /// Whether something that should change is left to a person.
    pub is_partial: bool,
}

/// A file before and after.
#[derive(Debug)]
pub struct Changed {
    /// The path as displayed.
    pub path: String,
    /// The file as it is.
    pub before: String,
    /// The file with the changes.
    pub after: String,
}

/// Writes plans as changes of files.
pub fn patch(mut plans: Vec<Plan<'_>>) -> Patch {
    let mut closed: Vec<Option<String>> = plans.iter().map(obstacle_of).collect();
    for (plan, closed) in plans.iter_mut().zip(&closed) {
        if let Some(why) = closed {
            plan.units.iter_mut().filter(|unit| unit.fate == Fate::Goes).for_each(|unit| unit.fate = Fate::Stays(why.clone()));
        }
    }
    let foreign = foreign(&plans);
    keep_foreign(&mut plans, &foreign);
    // Each round closes a plan or keeps a unit, of which there are so many.
    let rounds = plans.iter().map(|plan| plan.units.len() + 1).sum::<usize>();
    for _ in 0..=rounds {
        let settled = settle(&mut plans);
        match Writer::new(&plans, &closed, &foreign).write(&settled) {
            Ok(files) => {
                let remarks = remarks(&plans, &settled, &closed);
                return Patch { files, remarks, is_partial: is_partial(&plans, &settled, &closed) };
            }
            Err(obstacle) => {
                for (plan, unit) in obstacle.units {
                    match plans[plan].units.get_mut(unit) {
                        Some(unit) => unit.fate = Fate::Stays(obstacle.why.clone()),
                        None => closed[plan] = Some(obstacle.why.clone()),
                    }
                }
            }
        }
    }
    let remarks = vec!["the changes could not be written; nothing is changed".to_owned()];
    Patch { files: Vec::new(), remarks, is_partial: true }
}

/// Whether a person has to do the rest.
fn is_partial(plans: &[Plan<'_>], settled: &[Settled], closed: &[Option<String>]) -> bool {
    let stays = plans.iter().flat_map(|plan| &plan.units).any(|unit| matches!(unit.fate, Fate::Stays(_)));
    stays || settled.iter().zip(closed).any(|(settled, closed)| closed.is_some() && !settled.new.is_empty())
}

/// Why nothing of a plan can be written.
fn obstacle_of(plan: &Plan<'_>) -> Option<String> {
    let why = match plan.stack()?.format {
        Format::CdkOut => "cdk.out is generated: change the CDK application",
        Format::CdkSource => "the grants of a CDK application are code: change them there",
        Format::Zappa => "Zappa's policies are not changed",
        Format::Sam | Format::CloudFormation | Format::Serverless | Format::Terraform | Format::Chalice => return None,
    };
    Some(why.to_owned())
}

/// What to write of each plan, when parts that plans share go only where they go for all.
fn settle(plans: &mut [Plan<'_>]) -> Vec<Settled> {
    loop {
        feasible(plans);
        while share(plans) {}
        let before: usize = going(plans).len();
        let settled: Vec<Settled> = plans.iter_mut().map(Plan::settle).collect();
        if going(plans).len() == before {
            return settled;
        }
    }
}

fn going(plans: &[Plan<'_>]) -> Vec<UnitRef> {
    let units =
        plans.iter().enumerate().flat_map(|(at, plan)| plan.units.iter().enumerate().map(move |(own, unit)| ((at, own), unit)));
    units.filter(|(_, unit)| unit.fate == Fate::Goes).map(|(at, _)| at).collect()
}

/// Keeps units that stand where nothing can be changed.
fn feasible(plans: &mut [Plan<'_>]) {
    let mut pages = Pages::default();
    for (plan, unit) in going(plans) {
        let own = &mut plans[plan].units[unit];
        if let Err(why) = pages.of(&own.at.file).and_then(|page| page.items(own)) {
            own.fate = Fate::Stays(why);
        }
    }
}

/// What roles and functions of the stacks use that are not compared, by its place: what they need is not known.
fn foreign(plans: &[Plan<'_>]) -> BTreeMap<Location, String> {
    let mut compared: IndexMap<*const Stack, (&Stack, BTreeSet<&str>)> = IndexMap::new();
    for plan in plans {
        let Some(stack) = plan.stack() else { continue };
        let (_, ids) = compared.entry(stack).or_insert_with(|| (stack, BTreeSet::new()));
        ids.extend(plan.role().map(|role| role.id.as_str()));
        ids.extend(plan.functions().iter().filter_map(|function| function.function.id.as_deref()));
    }
    let mut users: BTreeMap<Location, String> = BTreeMap::new();
    for (stack, known) in compared.into_values() {
        let roles = stack.roles.values().filter(|role| !known.contains(role.id.as_str())).map(|role| (&role.id, &role.policies));
        let is_apart = |function: &&LambdaFunction| function.role == RoleRef::Implicit && !known.contains(function.id.as_str());
        let implicit = stack.functions.iter().filter(is_apart);
        for (id, policies) in roles.chain(implicit.map(|function| (&function.id, &function.declared))) {
            for policy in policies {
                let places = policy.statements.iter().map(|statement| &statement.origin).chain([&policy.origin]);
                users.extend(places.map(|place| (place.clone(), id.to_string())));
            }
        }
    }
    users
}

/// Keeps what is foreign as well.
fn keep_foreign(plans: &mut [Plan<'_>], users: &BTreeMap<Location, String>) {
    for unit in plans.iter_mut().flat_map(|plan| &mut plan.units) {
        if let (Fate::Goes, Some(user)) = (&unit.fate, users.get(&unit.at)) {
            unit.fate = Fate::Stays(format!("{user} shares it, and what that needs is not known"));
        }
    }
}

/// Keeps what one of several users of a place keeps; whether something changed.
fn share(plans: &mut [Plan<'_>]) -> bool {
    let mut users: BTreeMap<(Location, usize), Vec<UnitRef>> = BTreeMap::new();
    for (at, plan) in plans.iter().enumerate() {
        for (own, unit) in plan.units.iter().enumerate() {
            users.entry((unit.at.clone(), unit.turn.0)).or_default().push((at, own));
        }
    }
    let mut changed = false;
    for users in users.values().filter(|users| users.len() > 1) {
        let kept = users.iter().find(|(plan, unit)| plans[*plan].units[*unit].fate != Fate::Goes);
        let stack = |plan: usize| plans[plan].stack().map(std::ptr::from_ref);
        let why = match kept {
            Some((plan, _)) => format!("{} shares it and needs it as it is", plans[*plan].name()),
            None if users.iter().any(|(plan, _)| stack(*plan) != stack(users[0].0)) => "several stacks share it".to_owned(),
            None => continue,
        };
        for (plan, unit) in users {
            let fate = &mut plans[*plan].units[*unit].fate;
            if *fate == Fate::Goes {
                *fate = Fate::Stays(why.clone());
                changed = true;
            }
        }
    }
    changed
}

/// What should change and does not, in the order of the places.
fn remarks(plans: &[Plan<'_>], settled: &[Settled], closed: &[Option<String>]) -> Vec<String> {
    let mut all: BTreeSet<(Option<Location>, String)> = BTreeSet::new();
    for ((plan, settled), closed) in plans.iter().zip(settled).zip(closed) {
        for unit in &plan.units {
            if let Fate::Stays(why) | Fate::Unsure(why) = &unit.fate {
                all.insert((Some(unit.at.clone()), format!("{} stays as it is: {why}", unit.label)));
            }
        }
        for (at, message) in plan.unread() {
            all.insert((Some(at), format!("not changed: {message}")));
        }
        for (at, message) in &plan.doubtful {
            all.insert((at.clone(), format!("not changed: {message}")));
        }
        let origin = plan.functions()[0].function.origin.clone();
        if let Some(why) = plan.unknown_role() {
            all.insert((origin.clone(), format!("nothing to change for {}: {why}", plan.name())));
        }
        if let Some(why) = closed {
            let mut actions: Vec<&str> =
                settled.new.iter().flat_map(|one| one.actions.items()).map(crate::policy::ActionPattern::as_str).collect();
            actions.sort_unstable();
            actions.dedup();
            if !actions.is_empty() {
                all.insert((origin, format!("{} needs {}, which is not added: {why}", plan.name(), actions.join(", "))));
            }
        }
        if plan.functions().len() > 1 && plan.units.iter().any(|unit| unit.fate == Fate::Goes) {
            let names: Vec<&str> = plan.functions().iter().map(|function| function.name.as_str()).collect();
            let at = plan.role().map(|role| role.origin.clone());
            all.insert((at, format!("the role of {} gets what all of them need together", names.join(", "))));
        }
    }
    all.into_iter().map(|(at, text)| at.map_or(text.clone(), |at| format!("{}: {text}", at.short()))).collect()
}

/// Everything that is written, file by file.
struct Writer<'p, 'a> {
    plans: &'p [Plan<'a>],
    closed: &'p [Option<String>],
    pages: Pages,
    foreign: &'p BTreeMap<Location, String>,
    /// Whose unit stands at a place, as far as it is one plan's.
    owners: BTreeMap<&'p Location, Option<usize>>,
    /// What has to be written elsewhere than where it stood, by plan, with the units it is from.
    left: Vec<(Vec<Statement>, Vec<UnitRef>)>,
}

impl<'p, 'a> Writer<'p, 'a> {
    fn new(plans: &'p [Plan<'a>], closed: &'p [Option<String>], foreign: &'p BTreeMap<Location, String>) -> Self {
        let mut owners: BTreeMap<&Location, Option<usize>> = BTreeMap::new();
        for (at, plan) in plans.iter().enumerate() {
            for unit in &plan.units {
                owners.entry(&unit.at).and_modify(|owner| *owner = owner.filter(|owner| *owner == at)).or_insert(Some(at));
            }
        }
        Self { plans, closed, pages: Pages::default(), foreign, owners, left: plans.iter().map(|_| Default::default()).collect() }
    }

    fn write(mut self, settled: &[Settled]) -> Result<Vec<Changed>, Obstacle> {
        let mut places: BTreeMap<(Location, usize), Vec<UnitRef>> = BTreeMap::new();
        for (plan, unit) in going(self.plans) {
            let own = &self.plans[plan].units[unit];
            places.entry((own.at.clone(), own.turn.0)).or_default().push((plan, unit));
        }
        for units in places.values() {
            self.unit(units, settled).map_err(|why| Obstacle { units: units.clone(), why })?;
        }
        for addition in self.additions(settled)? {
            let Addition { plan, statements, units } = addition;
            let added = self.add(plan, &statements, &settled[plan], &units);
            added.map_err(|why| Obstacle { units, why })?;
        }
        sources::declare(self.plans, &mut self.pages);
        self.pages.finish()
    }

    /// What is to be added, once for each role as it is written: nested templates and modules have it once, however often they are
    /// used.
    fn additions(&mut self, settled: &[Settled]) -> Result<Vec<Addition>, Obstacle> {
        let mut all: IndexMap<Option<&Location>, Vec<Addition>> = IndexMap::new();
        for (position, settled) in settled.iter().enumerate() {
            let (mut statements, mut units) = std::mem::take(&mut self.left[position]);
            if self.closed[position].is_none() {
                statements.extend(settled.new.iter().cloned());
                units.push((position, ADDED));
            }
            if !statements.is_empty() {
                all.entry(reference::home(&self.plans[position])).or_default().push(Addition {
                    plan: position,
                    statements,
                    units,
                });
            }
        }
        let mut once = Vec::new();
        for (home, additions) in all {
            match (home, additions.as_slice()) {
                (Some(_), [_, _, ..]) => once.push(self.together(additions)?),
                _ => once.extend(additions),
            }
        }
        Ok(once)
    }

    /// What several roles that are written once get together. Those of a loop would get what the others need.
    fn together(&self, additions: Vec<Addition>) -> Result<Addition, Obstacle> {
        let units: Vec<UnitRef> = additions.iter().flat_map(|addition| addition.units.iter().copied()).collect();
        let plan = additions[0].plan;
        let mut statements: Vec<Statement> = Vec::new();
        for (turn, addition) in additions.iter().enumerate() {
            let own = reference::at_home(&addition.statements, &self.plans[addition.plan], None);
            let own = own.map_err(|why| Obstacle { units: units.clone(), why })?;
            if turn > 0 && own != statements && self.plans[plan].role().is_some_and(|role| role.id.ends_with(']')) {
                let why = "its role is one of several that a loop makes".to_owned();
                return Err(Obstacle { units, why });
            }
            for statement in own {
                if !statements.contains(&statement) {
                    statements.push(statement);
                }
            }
        }
        Ok(Addition { plan, statements, units })
    }

    /// Writes what takes the place of a unit, for all plans that share it.
    fn unit(&mut self, units: &[UnitRef], settled: &[Settled]) -> Result<(), String> {
        let (first, own) = units[0];
        let unit = &self.plans[first].units[own];
        let mut statements: Vec<Statement> = Vec::new();
        for (plan, unit) in units {
            for statement in &settled[*plan].instead[*unit] {
                if !statements.contains(statement) {
                    statements.push(statement.clone());
                }
            }
        }
        let page = self.pages.of(&unit.at.file)?;
        if page.items(unit)? == Items::Names {
            for (plan, unit) in units {
                self.left[*plan].0.extend(settled[*plan].instead[*unit].iter().cloned());
                self.left[*plan].1.push((*plan, *unit));
            }
            statements.clear();
        }
        if let (Some(statement), Some(sid)) = (statements.first_mut(), &unit.sid) {
            statement.sid = Some(sid.clone());
        }
        let statements = reference::at_home(&statements, &self.plans[first], Some(&unit.at))?;
        page.change(unit, &statements, &self.plans[first], units)
    }

    /// Adds statements to a role: behind those that somebody wrote for it alone, or in a policy of their own.
    fn add(&mut self, position: usize, statements: &[Statement], settled: &Settled, units: &[UnitRef]) -> Result<(), String> {
        let plan = &self.plans[position];
        let is_own = |unit: &Unit| {
            let is_owner = self.owners.get(&unit.at) == Some(&Some(position));
            unit.is_statement() && !self.foreign.contains_key(&unit.at) && is_owner
        };
        let mut beside: Vec<(bool, &Unit)> = Vec::new();
        for (unit, instead) in plan.units.iter().zip(&settled.instead).filter(|(unit, _)| is_own(unit)) {
            beside.push((unit.fate == Fate::Goes && instead.is_empty(), unit));
        }
        // Rather behind a statement that stays than in the place of one that goes.
        beside.sort_by_key(|(is_empty, _)| *is_empty);
        for (_, unit) in beside {
            let Ok(page) = self.pages.of(&unit.at.file) else { continue };
            let Ok(statements) = reference::at_home(statements, plan, Some(&unit.at)) else { continue };
            if page.items(unit).is_ok() {
                return page.append(unit, &statements, plan, units);
            }
        }
        let statements = reference::at_home(statements, plan, None)?;
        places::add(plan, &statements, units, &mut self.pages)
    }
}

/// Statements that a role lacks, by the plan whose role it is.
struct Addition {
    plan: usize,
    statements: Vec<Statement>,
    units: Vec<UnitRef>,
}

/// The files that change.
#[derive(Default)]
struct Pages {
    all: BTreeMap<String, Result<Page, String>>,
}

impl Pages {
    fn of(&mut self, file: &Arc<SourceFile>) -> Result<&mut Page, String> {
        let page = self.all.entry(file.path.clone()).or_insert_with(|| Page::open(file));
        page.as_mut().map_err(|why| why.clone())
    }

    fn finish(self) -> Result<Vec<Changed>, Obstacle> {
        let mut files = Vec::new();
        for (path, page) in self.all {
            let Ok(page) = page else { continue };
            let before = page.file().text.clone();
            let after = page.finish()?;
            if before != after {
                files.push(Changed { path, before, after });
            }
        }
        Ok(files)
    }
}

/// A file that changes.
enum Page {
    /// YAML or JSON.
    Tree(Sheet),
    /// Terraform.
    Hcl(Box<Hcl>),
}

impl Page {
    fn open(file: &Arc<SourceFile>) -> Result<Self, String> {
        let is = |extension: &str| file.path.ends_with(extension);
        let broken = || format!("{} does not parse", file.path);
        if is(".tf") {
            return Hcl::read(file).map(|hcl| Self::Hcl(Box::new(hcl))).ok_or_else(broken);
        }
        if [".yml", ".yaml", ".json", ".template"].iter().any(|extension| is(extension)) && !is(".tf.json") {
            return Tree::read(file).map(|tree| Self::Tree(Sheet::new(tree))).ok_or_else(broken);
        }
        Err(format!("{} is of a kind that leash does not change", file.path))
    }

    fn file(&self) -> &Arc<SourceFile> {
        match self {
            Self::Tree(sheet) => &sheet.tree.file,
            Self::Hcl(hcl) => &hcl.file,
        }
    }

    /// What a unit is an item of.
    fn items(&self, unit: &Unit) -> Result<Items, String> {
        match self {
            Self::Tree(sheet) => sheet.items(unit.at.span, unit.is_statement()),
            Self::Hcl(hcl) => hcl.items(unit),
        }
    }

    fn change(&mut self, unit: &Unit, new: &[Statement], plan: &Plan<'_>, units: &[UnitRef]) -> Result<(), String> {
        match self {
            Self::Tree(sheet) => sheet.change(unit.at.span, unit.is_statement(), rendered(new, plan)?, units),
            Self::Hcl(hcl) => hcl.change(unit, new, plan, units),
        }
    }

    fn append(&mut self, unit: &Unit, new: &[Statement], plan: &Plan<'_>, units: &[UnitRef]) -> Result<(), String> {
        match self {
            Self::Tree(sheet) => sheet.append_beside(unit.at.span, rendered(new, plan)?, units),
            Self::Hcl(hcl) => hcl.append(unit, new, plan, units),
        }
    }

    /// The YAML or JSON behind it.
    fn sheet(&mut self) -> Result<&mut Sheet, String> {
        match self {
            Self::Tree(sheet) => Ok(sheet),
            Self::Hcl(hcl) => Err(format!("{} is Terraform", hcl.file.path)),
        }
    }

    fn finish(self) -> Result<String, Obstacle> {
        match self {
            Self::Tree(sheet) => sheet.finish(),
            Self::Hcl(hcl) => hcl.finish(),
        }
    }
}

/// Statements in the language of a plan's template.
fn rendered(statements: &[Statement], plan: &Plan<'_>) -> Result<Vec<Yaml>, String> {
    let format = plan.stack().map(|stack| stack.format).ok_or("it has no template")?;
    let function: &FunctionReport = plan.functions()[0];
    statements.iter().map(|statement| statement_for(statement, function, format)).collect()
}
