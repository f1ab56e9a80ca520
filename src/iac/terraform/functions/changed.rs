//! Functions of strings on texts that the deployment decides: the name that a resource was given is known, and what a function
//! makes of anything else is called by the expression that gives it.

use smol_str::{SmolStr, format_smolstr};

use super::super::value::{Kind, Value};
use super::super::world::{Scope, World};
use super::strings;
use crate::iac::resource_type;
use crate::span::Location;
use crate::value::{Hole, Text};

/// How long an expression may be that something is called by.
const MAX_EXPRESSION: usize = 200;

impl World<'_> {
    /// A function of strings. What it leaves as it is stays a reference, which says more than the text.
    pub(super) fn string_function(&self, name: &str, values: &[Value], at: &Location) -> Option<Value> {
        let position = usize::from(name == "split");
        let further: Option<Vec<SmolStr>> = values.iter().skip(1).map(Value::literal).collect();
        let of_hole = |hole: &Hole| self.of_hole(name, hole, further.as_deref(), at);
        let is_known = |text: &Text| text.holes().next().is_none();
        let subject = values.get(position)?;
        if name == "join" || name == "format" || subject.texts().iter().all(is_known) {
            return strings::call(name, values, &of_hole, at);
        }
        let on = |text: Text| {
            let mut values = values.to_vec();
            values[position] = Value::new(Kind::Text(text), at);
            strings::call(name, &values, &of_hole, at)
        };
        let one = |text: Text| {
            let spelled = text.fill(|hole| self.spelled(hole, at));
            let result = on(spelled.clone())?;
            Some(if result.as_text().is_some_and(|result| result == spelled) { Value::new(Kind::Text(text), at) } else { result })
        };
        let results: Option<Vec<Value>> = subject.texts().into_iter().map(one).collect();
        Some(Value::one_of(results?, at))
    }

    /// What a function makes of what is not known.
    fn of_hole(&self, name: &str, hole: &Hole, further: Option<&[SmolStr]>, at: &Location) -> Hole {
        let written = match hole {
            // An account has digits only, and regions and partitions are in small letters.
            Hole::Account => return hole.clone(),
            Hole::Region | Hole::Partition if name == "lower" => return hole.clone(),
            Hole::Parameter(variable) if variable.contains('.') => variable.clone(),
            Hole::Parameter(variable) => format_smolstr!("var.{variable}"),
            Hole::Resource { id, attribute } => format_smolstr!("{id}.{attribute}"),
            Hole::Region | Hole::Partition => return Hole::Unknown(format_smolstr!("what `{name}` makes of a part of an ARN")),
            _ => return hole.clone(),
        };
        let written = further.map(|further| {
            let further: String = further.iter().map(|argument| format!(", {argument:?}")).collect();
            format_smolstr!("{name}({written}{further})")
        });
        let Some(written) = written.filter(|written| written.len() <= MAX_EXPRESSION) else {
            return Hole::Unknown(format_smolstr!("what `{name}` makes of something that is not known"));
        };
        let default = match hole {
            Hole::Parameter(variable) => self.parameters.borrow().get(variable).and_then(|known| known.default.clone()),
            _ => None,
        };
        let Some(default) = default.filter(|default| default.as_literal().is_some_and(|text| !text.is_empty())) else {
            return Hole::Parameter(written);
        };
        let further = further.into_iter().flatten().map(|argument| Value::text(argument.clone(), at));
        let values: Vec<Value> = std::iter::once(Value::new(Kind::Text(default.clone()), at)).chain(further).collect();
        match strings::call(name, &values, &Hole::clone, at) {
            Some(result) if result.as_text().as_ref() == Some(&default) => hole.clone(),
            Some(result) => {
                self.by_default(written.clone(), result);
                Hole::Parameter(written)
            }
            None => Hole::Parameter(written),
        }
    }

    /// What an attribute of a resource is by the name that the resource was given.
    fn spelled(&self, hole: &Hole, at: &Location) -> Option<Text> {
        let Hole::Resource { id, attribute } = hole else { return None };
        let (instance, key) = (0..).map_while(|number| self.instance(number)).find_map(|instance| {
            let own = id.strip_prefix(instance.prefix.as_str())?;
            let key = SmolStr::from(own.split('[').next().unwrap_or(own));
            instance.module.resources.contains_key(&key).then_some((instance, key))
        })?;
        let placed = instance.module.resources.get(&key)?;
        let declared = self.declared(&Scope::new(&instance, &placed.file), &key).into_iter().find(|one| one.address == *id)?;
        let facts = resource_type(&declared.kind)?;
        let (_, scope) = self.scope_of(&declared)?;
        let given = placed.block.body.attribute(facts.name_path()?)?;
        let name = self.once(&instance, format_smolstr!("name of {id}"), at, || self.eval(&given.value, &scope));
        facts.spelled(id, attribute, name.one_text()?)
    }
}
