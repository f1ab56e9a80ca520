//! What people say is needed although no analysis can see it: `# leash: allow ACTION [RESOURCE] -- reason` in the code, and
//! `[[allow]]` in `leash.toml`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::{Finding, Place, Rule, Severity};
use crate::pipeline::{Allowance, FunctionReport};
use crate::policy::{ActionPattern, ArnPattern};
use crate::span::Location;

/// Allowances, with what they were good for.
#[derive(Debug, Default)]
pub(super) struct Allowances {
    entries: Vec<Entry>,
    used: RefCell<BTreeSet<usize>>,
    /// Comments that are no allowance, and why.
    wrong: Vec<(SmolStr, Location, String)>,
}

#[derive(Debug)]
struct Entry {
    action: ActionPattern,
    resource: Option<ArnPattern>,
    function: Option<SmolStr>,
    reason: String,
    at: Option<Location>,
}

impl Allowances {
    /// Those of the settings and those in the code of the functions.
    pub(super) fn collect(given: &[Allowance], functions: &[FunctionReport]) -> Self {
        let mut all = Self::default();
        for allowance in given {
            let Some(action) = ActionPattern::parse(&allowance.action) else { continue };
            all.entries.push(Entry {
                action,
                resource: allowance.resource.as_deref().map(ArnPattern::parse),
                function: allowance.function.clone(),
                reason: allowance.reason.clone(),
                at: None,
            });
        }
        for function in functions {
            for (at, text) in &function.directives {
                all.read(function, at, text);
            }
        }
        all
    }

    fn read(&mut self, function: &FunctionReport, at: &Location, text: &str) {
        let Some(rest) = text.strip_prefix("allow") else { return };
        let (what, reason) = rest.split_once("--").map_or((rest, ""), |(what, reason)| (what, reason.trim()));
        let mut words = what.split_whitespace();
        let action = words.next().and_then(ActionPattern::parse);
        let resource = words.next().map(ArnPattern::parse);
        let problem = match (&action, words.next()) {
            (None, _) => "names no action: write `leash: allow service:Action -- reason`",
            (_, Some(_)) => "has more than an action and a resource before the reason",
            _ if reason.is_empty() => "has no reason: write `-- reason` behind it",
            _ => "",
        };
        let Some(action) = action.filter(|_| problem.is_empty()) else {
            self.wrong.push((function.name.clone(), at.clone(), format!("this allowance {problem}")));
            return;
        };
        let function = Some(function.name.clone());
        self.entries.push(Entry { action, resource, function, reason: reason.to_owned(), at: Some(at.clone()) });
    }

    /// The reason why a permission of some functions is to stay as it is, if there is one.
    pub(super) fn covers(&self, functions: &[SmolStr], action: &str, resources: &[ArnPattern]) -> Option<Place> {
        let action = ActionPattern::parse(action)?;
        let position = self.entries.iter().position(|entry| {
            entry.function.as_ref().is_none_or(|function| functions.contains(function))
                && entry.action.covers(&action)
                && entry
                    .resource
                    .as_ref()
                    .is_none_or(|allowed| !resources.is_empty() && resources.iter().all(|own| allowed.covers(own)))
        })?;
        self.used.borrow_mut().insert(position);
        let entry = &self.entries[position];
        Some(Place { at: entry.at.clone(), what: format!("allowed: {}", entry.reason) })
    }

    /// Marks findings that are allowed in all that they are about.
    pub(super) fn apply(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.rule != Rule::HardcodedCredentials) {
            let reasons: Vec<Option<Place>> = finding
                .permissions
                .iter()
                .map(|(action, resources)| {
                    let resources: Vec<ArnPattern> = resources.iter().map(|text| ArnPattern::parse(text)).collect();
                    self.covers(&finding.functions, action, &resources)
                })
                .collect();
            if let Some(Some(first)) = reasons.first()
                && reasons.iter().all(Option::is_some)
            {
                finding.allowed = Some(first.what.clone());
            }
        }
    }

    /// Allowances that are wrong or were good for nothing.
    pub(super) fn findings(&self, functions: &[FunctionReport]) -> Vec<Finding> {
        let used = self.used.borrow();
        let mut findings: Vec<Finding> = Vec::new();
        let mut add = |functions: Vec<SmolStr>, at: Option<&Location>, message: String, key: &str| {
            let mut finding = Finding::new(Rule::StaleAllowance, Severity::Low, functions);
            finding.message = message;
            "correct the allowance, or remove it".clone_into(&mut finding.remedy);
            finding.code = vec![Place { at: at.cloned(), what: "the allowance".to_owned() }];
            finding.identify(&[key]);
            findings.push(finding);
        };
        // One comment can be in the code of several functions; it is stale when it is for all of them.
        let is_used = |entry: &Entry| {
            self.entries.iter().enumerate().any(|(index, other)| {
                used.contains(&index) && (std::ptr::eq(other, entry) || entry.at.is_some() && other.at == entry.at)
            })
        };
        let mut seen = BTreeSet::new();
        for entry in self.entries.iter().filter(|entry| !is_used(entry)) {
            if entry.at.as_ref().is_some_and(|at| !seen.insert(at)) {
                continue;
            }
            let names = match &entry.function {
                Some(name) => vec![name.clone()],
                None => functions.iter().map(|function| function.name.clone()).collect(),
            };
            let message = format!("the allowance of {} matches no declared permission and no finding", entry.action);
            add(names, entry.at.as_ref(), message, entry.action.as_str());
        }
        let mut seen = BTreeSet::new();
        for (function, at, problem) in &self.wrong {
            if seen.insert(at) {
                add(vec![function.clone()], Some(at), problem.clone(), problem);
            }
        }
        findings
    }
}
