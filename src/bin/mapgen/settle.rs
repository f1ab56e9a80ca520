//! What a service says in general, held against the parameters of one operation.

use leash::catalog::format::{ResourceEntry, When};

use super::services::Build;

/// A condition, held against an operation's parameters.
#[derive(PartialEq)]
enum Settled {
    Never,
    Always,
    Open(When),
}

impl Build<'_> {
    /// A template of the service as it applies to this operation: nothing, when the operation lacks a parameter
    /// that it reads; its condition without what never or always holds.
    pub(super) fn fitted(&self, resource: &ResourceEntry) -> Option<ResourceEntry> {
        let params = leash::catalog::parameters(resource.arn()).unwrap_or_default();
        if !params.iter().all(|param| self.has_path(param)) {
            return None;
        }
        let Some(when) = resource.when() else { return Some(resource.clone()) };
        match self.settle(when) {
            Settled::Never => None,
            Settled::Always => Some(ResourceEntry::Plain(resource.arn().to_owned())),
            Settled::Open(when) => Some(ResourceEntry::Conditional { arn: resource.arn().to_owned(), when }),
        }
    }

    /// What is left of a condition for an operation that may lack its parameters.
    fn settle(&self, when: &When) -> Settled {
        match when {
            When::Absent(param) if !self.has_path(param) => Settled::Always,
            When::Not(inner) => match self.settle(inner) {
                Settled::Never => Settled::Always,
                Settled::Always => Settled::Never,
                Settled::Open(inner) => Settled::Open(When::Not(Box::new(inner))),
            },
            When::Certain(inner) => match self.settle(inner) {
                Settled::Open(inner) => Settled::Open(When::Certain(Box::new(inner))),
                settled => settled,
            },
            When::All(parts) => self.settle_list(parts, Settled::Never, When::All),
            When::Any(parts) => self.settle_list(parts, Settled::Always, When::Any),
            test if test.params().iter().all(|param| self.has_path(param)) => Settled::Open(test.clone()),
            _ => Settled::Never,
        }
    }

    fn settle_list(&self, parts: &[When], decides: Settled, join: fn(Vec<When>) -> When) -> Settled {
        let mut open = Vec::new();
        for part in parts {
            match self.settle(part) {
                settled if settled == decides => return settled,
                Settled::Open(part) => open.push(part),
                Settled::Never | Settled::Always => {}
            }
        }
        match (open.len(), decides) {
            (0, Settled::Never) => Settled::Always,
            (0, _) => Settled::Never,
            (1, _) => Settled::Open(open.remove(0)),
            _ => Settled::Open(join(open)),
        }
    }
}
