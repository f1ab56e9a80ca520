//! What a function does that is too large to evaluate: the code that the handler mentions is looked at function by function.
//!
//! When the budget is spent, evaluation has stopped somewhere within the program, and what it would have come to next may be
//! anything. So each function that the code reached so far mentions, directly or through others, is entered once by itself,
//! with what is known of its receiver and nothing of its arguments, and calls are followed a few levels only. This costs time
//! in the size of the program, not in the number of its paths. Requests found this way are not certain.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::SdkCall;
use super::interp::{Interp, Phase};
use super::run::Analysis;
use super::value::Value;
use crate::ids::{FuncId, Id as _, ModuleId};
use crate::ir::{Expr, Role};
use crate::sdk::Confidence;
use crate::span::{Location, Span};

/// How many calls within calls are followed there.
const NESTED: usize = 2;

impl Interp<'_> {
    /// The requests of the code that was mentioned, as far as they are not known yet.
    pub(super) fn beyond_budget(&mut self, analysis: &Analysis, handlers: &[(ModuleId, SmolStr)]) -> Vec<SdkCall> {
        let place = |call: &SdkCall| (call.at.clone(), call.operation.clone());
        let mut seen: BTreeSet<(Location, SmolStr)> = analysis.calls.iter().map(place).collect();
        let handlers = handlers.iter().filter_map(|(_, symbol)| symbol.rsplit('.').next()).map(SmolStr::from).collect();
        let mentioned = self.mentioned_by_reached(&handlers);
        let visits = std::mem::take(&mut self.visits);
        self.memo.clear();
        self.budget.follow(Some(NESTED));
        for &(module, func) in &mentioned {
            self.enter_alone(module, func);
        }
        self.budget.follow(None);
        // What was known before stays as it was.
        self.visits.extend(visits);
        let (mut calls, _) = self.begin_again().finish();
        calls.retain(|call| seen.insert(place(call)));
        for call in &mut calls {
            call.confidence = call.confidence.min(Confidence::Likely);
        }
        calls
    }

    /// Enters a function with nothing known of its arguments, a method on the instances that there are.
    fn enter_alone(&mut self, module: ModuleId, func: FuncId) {
        let code = self.func(module, func);
        match code.owner {
            None => {
                let known = self.definitions.get(&(module, func)).cloned();
                // Its definition may be part of what was not come to.
                let value = known.or_else(|| (!self.ready).then(|| self.top_closure(module, func)));
                if let Some(value) = value {
                    self.enter_with_unknowns(module, &value);
                }
            }
            Some(owner) if code.name != "__init__" => {
                let Some(&class) = self.classes.get(&(module, owner)) else { return };
                let receivers = match code.role {
                    Role::ClassMethod | Role::Static => vec![class],
                    _ => self.in_module(module, |this| this.some_instances((module, owner), class)),
                };
                self.in_module(module, |this| {
                    for receiver in receivers {
                        let method = this.member(&Value::object(receiver), &code.name, Span::default());
                        this.enter_value(&method);
                    }
                });
            }
            Some(_) => {}
        }
    }

    /// The handlers, the functions that were reached or that a library holds, and those whose names they read, and so on. What the
    /// top of a module mentions is no part of it: it exports what is for others, too. Only where the budget did not last up to the
    /// handler, it is all there is.
    fn mentioned_by_reached(&self, handlers: &BTreeSet<SmolStr>) -> BTreeSet<(ModuleId, FuncId)> {
        let mut found = BTreeSet::new();
        let mut open: Vec<(ModuleId, FuncId)> = Vec::new();
        let handed: FxHashSet<(ModuleId, FuncId)> =
            self.all_handed_over().map(|closure| (closure.module, closure.func)).collect();
        let mut named: FxHashMap<&SmolStr, Vec<(ModuleId, FuncId)>> = FxHashMap::default();
        for (module, linked) in self.program.modules.iter_enumerated() {
            if !self.ready && self.modules[module].phase != Phase::Idle {
                open.push((module, FuncId::from_index(0)));
            }
            let functions = linked.module.functions.iter_enumerated().filter(|(id, _)| id.index() > 0);
            for (id, code) in functions.filter(|(id, _)| !self.apart.contains(&(module, *id))) {
                named.entry(&code.name).or_default().push((module, id));
                let is_handed = handed.contains(&(module, id)) || handlers.contains(&code.name);
                if is_handed || self.visits.contains_key(&(module, id)) {
                    open.push((module, id));
                }
            }
        }
        while let Some(function) = open.pop() {
            if self.apart.contains(&function) || !found.insert(function) {
                continue;
            }
            let code = self.func(function.0, function.1);
            open.extend(code.body.exprs.iter().flat_map(|expr| match expr {
                // Whoever reads a name reads all that have it, once.
                Expr::Name(name) | Expr::Member { name, .. } => named.remove(name).unwrap_or_default(),
                Expr::Function(func) if function.1.index() == 0 => vec![(function.0, *func)],
                _ => Vec::new(),
            }));
        }
        found.retain(|(_, func)| func.index() > 0);
        found
    }
}
