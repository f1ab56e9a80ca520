//! What is looked up of a stack for each of its roles, found once.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::guard::id_of;
use crate::declared::AtResources;
use crate::iac::{LambdaFunction, ResourcePolicy, RoleRef, Stack};

/// A stack by roles, functions and resources.
pub(super) struct Index<'a> {
    /// What the policies of resources allow roles.
    pub(super) at_resources: AtResources<'a>,
    /// The functions with a role, by its id.
    users: BTreeMap<&'a str, Vec<&'a LambdaFunction>>,
    /// The policies of resources, each with the function that it protects.
    guards: Vec<(&'a ResourcePolicy, Option<&'a LambdaFunction>)>,
    /// Positions of those at functions, by the function's id.
    at_functions: BTreeMap<&'a str, Vec<usize>>,
    /// Positions of all others, by the id of the resource.
    at_others: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(stack: &'a Stack) -> Self {
        let mut index = Self {
            at_resources: AtResources::new(stack),
            users: BTreeMap::new(),
            guards: Vec::new(),
            at_functions: BTreeMap::new(),
            at_others: BTreeMap::new(),
        };
        for function in &stack.functions {
            if let RoleRef::Declared(id) = &function.role {
                index.users.entry(id).or_default().push(function);
            }
        }
        for (position, policy) in stack.resource_policies.iter().enumerate() {
            let own = stack.function_of(&policy.target).and_then(|at| stack.functions.get(at));
            index.guards.push((policy, own));
            match (own, id_of(&policy.target)) {
                (Some(own), _) => index.at_functions.entry(&own.id).or_default().push(position),
                (None, Some(id)) => index.at_others.entry(id).or_default().push(position),
                (None, None) => {}
            }
        }
        index
    }

    /// The functions with a role.
    pub(super) fn users(&self, role: &str) -> &[&'a LambdaFunction] {
        self.users.get(role).map_or(&[], Vec::as_slice)
    }

    /// The policies at some functions and other resources, in the order of the template.
    pub(super) fn guards<'i>(
        &'i self,
        functions: impl Iterator<Item = &'i SmolStr>,
        resources: &'i BTreeSet<SmolStr>,
    ) -> impl Iterator<Item = (&'a ResourcePolicy, Option<&'a LambdaFunction>)> {
        let of_functions = functions.filter_map(|id| self.at_functions.get(id.as_str()));
        let of_others = resources.iter().filter_map(|id| self.at_others.get(id.as_str()));
        let positions: BTreeSet<usize> = of_functions.chain(of_others).flatten().copied().collect();
        positions.into_iter().map(|position| self.guards[position])
    }
}
