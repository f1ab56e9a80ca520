//! What the conditions of a template tell about its parameters.

use smol_str::SmolStr;

use super::document::Node;
use super::template::Template;
use crate::value::Arg;

/// How deep conditions may be made of each other.
const MAX_DEPTH: usize = 32;

impl Template<'_> {
    /// What a node is where a condition holds, or does not. A default like `none`, which the condition asks for, is no value there.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html>
    pub(super) fn eval_where(&self, condition: &Node, holds: bool, node: &Node) -> Arg {
        let outer = self.given.borrow().len();
        if let Some(name) = condition.as_str() {
            let mut given = Vec::new();
            self.named_condition(name, holds, &mut given, 0);
            self.given.borrow_mut().extend(given);
        }
        let value = self.eval(node);
        self.given.borrow_mut().truncate(outer);
        value
    }

    fn named_condition(&self, name: &str, holds: bool, given: &mut Vec<SmolStr>, depth: usize) {
        if let Some(condition) = self.root.path(&["Conditions", name]) {
            self.condition(condition, holds, given, depth);
        }
    }

    fn condition(&self, condition: &Node, holds: bool, given: &mut Vec<SmolStr>, depth: usize) {
        let Some(entry) = condition.single().filter(|_| depth < MAX_DEPTH) else { return };
        let depth = depth + 1;
        let parts = entry.value.as_sequence().unwrap_or_default();
        match (entry.key.as_str(), parts) {
            ("Condition", _) => entry.value.as_str().into_iter().for_each(|name| self.named_condition(name, holds, given, depth)),
            ("Fn::Not", [negated]) => self.condition(negated, !holds, given, depth),
            ("Fn::And", all) if holds => all.iter().for_each(|part| self.condition(part, true, given, depth)),
            ("Fn::Or", any) if !holds => any.iter().for_each(|part| self.condition(part, false, given, depth)),
            ("Fn::Equals", [left, right]) if !holds => {
                given.extend(self.sentinel(left, right).or_else(|| self.sentinel(right, left)));
            }
            _ => {}
        }
    }

    /// The parameter that is compared with its own default. An empty one is no value anyway.
    fn sentinel(&self, parameter: &Node, value: &Node) -> Option<SmolStr> {
        let name = parameter.single().filter(|entry| entry.key == "Ref")?.value.as_str()?;
        let default = self.parameter_default(&self.qualified(name))?;
        let value = value.as_str().filter(|value| !value.is_empty())?;
        (default.as_literal() == Some(value)).then(|| name.into())
    }
}
