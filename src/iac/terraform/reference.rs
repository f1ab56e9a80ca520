//! References: `var.x`, `local.x`, `module.x.y`, `data.type.name.attribute`, `type.name.attribute`.
//! <https://developer.hashicorp.com/terraform/language/expressions/references>

use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Expr, ExprKind};
use super::document;
use super::roles::OWNER;
use super::value::{Kind, Value};
use super::world::{Declared, Expansion, Scope, World};
use crate::iac::{Parameter, resource_type};
use crate::span::Location;
use crate::value::{Hole, Piece, Text};

/// A step from a value to a part of it.
enum Step<'e> {
    Name(&'e SmolStr),
    Index(&'e Expr),
}

impl World<'_> {
    pub(super) fn reference(&self, expr: &Expr, scope: &Scope) -> Value {
        let mut steps = Vec::new();
        let mut base = expr;
        loop {
            base = match &base.kind {
                ExprKind::Attr(inner, name) => {
                    steps.push(Step::Name(name));
                    inner
                }
                ExprKind::Index(inner, index) => {
                    steps.push(Step::Index(index));
                    inner
                }
                _ => break,
            };
        }
        steps.reverse();
        let at = scope.at(expr.span);
        let (mut value, used) = match &base.kind {
            ExprKind::Name(name) => self.root(name, &steps, scope, &at),
            _ => (self.eval(base, scope), 0),
        };
        for step in steps.get(used..).unwrap_or_default() {
            value = match step {
                Step::Name(name) => self.member(&value, name, &at),
                Step::Index(index) => {
                    let key = self.eval(index, scope);
                    self.index(&value, &key, &at)
                }
            };
        }
        value
    }

    /// Whether an expression refers to something that the module makes, however the deployment decides.
    pub(super) fn is_made(&self, expr: &Expr, scope: &Scope) -> bool {
        let mut names: Vec<&SmolStr> = Vec::new();
        let mut base = expr;
        while let ExprKind::Attr(inner, _) | ExprKind::Index(inner, _) = &base.kind {
            if let ExprKind::Attr(_, name) = &base.kind {
                names.push(name);
            }
            base = inner;
        }
        let ExprKind::Name(kind) = &base.kind else { return false };
        let Some(name) = names.last() else { return false };
        let key = SmolStr::from(format!("{kind}.{name}"));
        let Some(placed) = scope.instance.module.resources.get(&key) else { return false };
        let own = Scope::new(&scope.instance, &placed.file);
        !matches!(*self.expansion(&own, &key, placed), Expansion::Unknown { .. })
    }

    /// What the first names of a reference mean, and how many steps they take.
    fn root(&self, name: &SmolStr, steps: &[Step<'_>], scope: &Scope, at: &Location) -> (Value, usize) {
        if let Some((_, value)) = scope.names.iter().rev().find(|(known, _)| known == name) {
            return (value.clone(), 0);
        }
        let first = match steps.first() {
            Some(Step::Name(first)) => Some(*first),
            _ => None,
        };
        let second = match steps.get(1) {
            Some(Step::Name(second)) => Some(*second),
            _ => None,
        };
        let instance = &scope.instance;
        match (name.as_str(), first, second) {
            ("var", Some(name), _) => {
                let narrowed = scope.names.iter().rev().find(|(known, _)| known.strip_prefix("var.") == Some(name.as_str()));
                (narrowed.map_or_else(|| self.variable(instance, name, at), |(_, value)| value.clone()), 1)
            }
            ("local", Some(name), _) => (self.local(instance, name, at), 1),
            ("path", Some(name), _) => {
                let path = if name == "module" { instance.path.as_str() } else { "." };
                (Value::text(path, at), 1)
            }
            ("terraform", Some(name), _) => (Value::hole(Hole::Parameter(format!("terraform.{name}").into()), at), 1),
            ("each" | "count" | "self", Some(_), _) => (Value::unknown("a value of another block", at), 1),
            ("module", Some(name), _) => (self.module_call(name, scope, at), 1),
            ("data", Some(kind), Some(name)) => (self.resource(&format!("data.{kind}.{name}").into(), scope, at), 2),
            (kind, Some(name), _) => (self.resource(&format!("{kind}.{name}").into(), scope, at), 1),
            _ => (Value::unknown("a name that is not known", at), 0),
        }
    }

    fn resource(&self, key: &SmolStr, scope: &Scope, at: &Location) -> Value {
        let Some(placed) = scope.instance.module.resources.get(key) else {
            self.note(at, format!("there is no `{key}` in this module"));
            let address = format!("{}{key}", scope.instance.prefix).into();
            return Value::hole(Hole::Resource { id: address, attribute: "id".into() }, at);
        };
        let own = Scope::new(&scope.instance, &placed.file);
        let expansion = self.expansion(&own, key, placed);
        let all = self.declared(scope, key);
        self.collected(&expansion, all, at, |declared| Value::new(Kind::Resource(declared), at))
    }

    fn module_call(&self, name: &SmolStr, scope: &Scope, at: &Location) -> Value {
        let Some(placed) = scope.instance.module.calls.get(name) else {
            self.note(at, format!("there is no module `{name}`"));
            return Value::unknown("a module that is not declared", at);
        };
        let own = Scope::new(&scope.instance, &placed.file);
        let expansion = self.expansion(&own, &format!("module.{name}").into(), placed);
        let all = Self::instances_of(&expansion, at);
        let mut addresses = Vec::new();
        for (suffix, names) in all {
            let address: SmolStr = format!("{}module.{name}{suffix}", scope.instance.prefix).into();
            // Makes the instance known under its address.
            self.child(&own.with(names), name, &address);
            addresses.push(address);
        }
        self.collected(&expansion, addresses, at, |address| Value::new(Kind::Module(address), at))
    }

    /// `value.name`
    pub(super) fn member(&self, value: &Value, name: &SmolStr, at: &Location) -> Value {
        match &value.kind {
            Kind::Map(map) => match map.entries.get(name) {
                Some(value) => value.clone(),
                None if map.open => Value::unknown("an entry that is not known", at),
                None => Value::null(at),
            },
            Kind::Resource(declared) => self.attribute(declared, name, at),
            Kind::Module(address) => self.module_output(address, name, at),
            Kind::OneOf(values) => Value::one_of(values.iter().map(|value| self.member(value, name, at)), at),
            Kind::Variable(variable, default) => self.part_of_default(variable, name, self.member(default, name, at)),
            Kind::List(list) if name.parse::<usize>().is_ok() => {
                let item = name.parse::<usize>().ok().and_then(|index| list.items.get(index));
                item.cloned().unwrap_or_else(|| Value::unknown("an item that is not known", at))
            }
            // A resource with `count` used like one without: Terraform rejects it, we take the first.
            Kind::List(list) => list
                .items
                .first()
                .map_or_else(|| Value::unknown("an item that is not known", at), |item| self.member(item, name, at)),
            Kind::Unknown(hole) => Value::hole(part_of(hole, &format!(".{name}")), at),
            _ => Value::unknown("a part of a value that has none", at),
        }
    }

    /// `value[key]`
    pub(super) fn index(&self, value: &Value, key: &Value, at: &Location) -> Value {
        let literal = key.literal();
        match &value.kind {
            Kind::List(list) => match literal.as_ref().and_then(|key| key.parse::<usize>().ok()) {
                Some(index) => list.items.get(index).cloned().unwrap_or_else(|| Value::unknown("an item that is not known", at)),
                None if list.items.is_empty() || list.open => Value::unknown("an item that is not known", at),
                None => Value::one_of(list.items.iter().cloned(), at),
            },
            Kind::Map(map) => match &literal {
                Some(key) if map.entries.contains_key(key) || !map.open => {
                    map.entries.get(key).cloned().unwrap_or_else(|| Value::unknown("an entry that does not exist", at))
                }
                None if !map.open && !map.entries.is_empty() => Value::one_of(map.entries.values().cloned(), at),
                _ => Value::unknown("an entry that is not known", at),
            },
            Kind::OneOf(values) => Value::one_of(values.iter().map(|value| self.index(value, key, at)), at),
            Kind::Variable(variable, default) => {
                self.part_of_default(variable, literal.as_deref().unwrap_or("*"), self.index(default, key, at))
            }
            // One instance stands for all whose keys are not known.
            Kind::Resource(declared) => match &literal {
                Some(name) if declared.names.is_empty() && name.parse::<usize>().is_err() => self.attribute(declared, name, at),
                _ => value.clone(),
            },
            Kind::Module(address) => match &literal {
                Some(name) if name.parse::<usize>().is_err() => self.module_output(address, name, at),
                _ => value.clone(),
            },
            Kind::Unknown(hole) => Value::hole(part_of(hole, &indexed(literal.as_deref())), at),
            _ => Value::unknown("a part of a value that has none", at),
        }
    }

    /// A part of the default of a variable decides as little as the whole. Texts and what is made of them stay what they are.
    fn part_of_default(&self, variable: &SmolStr, part: &str, value: Value) -> Value {
        if !matches!(value.kind, Kind::Bool(_) | Kind::Number(_) | Kind::Null) {
            return value;
        }
        self.by_default(smol_str::format_smolstr!("{variable}.{part}"), value)
    }

    /// What is only so by the default of a variable, under a name of its own.
    pub(super) fn by_default(&self, name: SmolStr, value: Value) -> Value {
        let at = value.at.clone();
        let default = if value.is_null() { None } else { value.as_text() };
        let is_filled = default.as_ref().is_some_and(|text| !text.is_empty());
        let parameter = || Parameter { default, is_filled, kind: "any".into(), origin: at.clone() };
        self.parameters.borrow_mut().entry(name.clone()).or_insert_with(parameter);
        Value::new(Kind::Variable(name, Rc::new(value)), &at)
    }

    fn module_output(&self, address: &SmolStr, name: &SmolStr, at: &Location) -> Value {
        let output = self.instance_at(address).and_then(|instance| match self.output(&instance, name, at) {
            Some(value) => Some(value),
            None => {
                self.note(at, format!("`{address}` has no output `{name}`"));
                None
            }
        });
        output.unwrap_or_else(|| Value::hole(Hole::Resource { id: address.clone(), attribute: name.clone() }, at))
    }

    /// An attribute of a resource: what the deployment decides is a hole, what is configured is known.
    fn attribute(&self, declared: &Declared, name: &SmolStr, at: &Location) -> Value {
        let own = || Value::hole(Hole::Resource { id: declared.address.clone(), attribute: name.clone() }, at);
        if declared.key.starts_with("data.")
            && let Some(value) = self.data(declared, name, at)
        {
            return value;
        }
        if resource_type(&declared.kind).is_some_and(|facts| facts.knows(name)) || is_packaging(&declared.kind) {
            return own();
        }
        let Some((instance, scope)) = self.scope_of(declared) else { return own() };
        let Some(placed) = instance.module.resources.get(&declared.key) else { return own() };
        match placed.block.body.attribute(name) {
            Some(attribute) => self.eval(&attribute.value, &scope),
            None if placed.block.body.blocks.iter().any(|block| block.kind == *name) => {
                let body = self.body(&placed.block.body, &scope, &placed.at());
                self.member(&body, name, at)
            }
            None => own(),
        }
    }

    /// Attributes of data sources that mean something to permissions.
    fn data(&self, declared: &Declared, name: &SmolStr, at: &Location) -> Option<Value> {
        let hole = |hole| Some(Value::hole(hole, at));
        match (declared.kind.as_str(), name.as_str()) {
            ("aws_caller_identity", "account_id" | "id") => hole(Hole::Account),
            ("aws_region", "name" | "id" | "region") => hole(Hole::Region),
            ("aws_partition", "partition" | "id") => hole(Hole::Partition),
            ("aws_partition", "dns_suffix") => Some(Value::text("amazonaws.com", at)),
            ("aws_iam_policy_document", "json" | "minified_json") => {
                let (instance, scope) = self.scope_of(declared)?;
                let placed = instance.module.resources.get(&declared.key)?;
                let read = || document::policy(&self.body(&placed.block.body, &scope, &placed.at()));
                Some(self.once(&instance, declared.address.clone(), at, read))
            }
            ("aws_iam_policy", "arn" | "id") => {
                let (instance, scope) = self.scope_of(declared)?;
                let placed = instance.module.resources.get(&declared.key)?;
                let configured = |name: &str| {
                    let attribute = placed.block.body.attribute(name)?;
                    Some(self.eval(&attribute.value, &scope))
                };
                if let Some(arn) = configured("arn") {
                    return Some(arn);
                }
                // A policy that is found by its name may be AWS's or the account's own.
                let policy = configured("name")?.literal()?;
                let arn = [
                    Piece::Literal("arn:".into()),
                    Piece::Hole(Hole::Partition),
                    Piece::Literal(":iam::".into()),
                    Piece::Hole(Hole::Unknown(OWNER.into())),
                    Piece::Literal(format!(":policy/{policy}").into()),
                ];
                Some(Value::new(Kind::Text(Text::from_pieces(arn)), at))
            }
            _ => None,
        }
    }

    /// Evaluates what a call's address means, when that is a module of the repository.
    fn instance_at(&self, address: &SmolStr) -> Option<Rc<super::world::Instance>> {
        let prefix = format!("{address}.");
        (0..).map_while(|number| self.instance(number)).find(|instance| instance.prefix == prefix)
    }
}

/// Packages and uploads, whose paths lead back to the source.
fn is_packaging(kind: &str) -> bool {
    matches!(kind, "archive_file" | "aws_s3_object" | "aws_s3_bucket_object" | "aws_lambda_layer_version")
}

/// A part of something unknown, by what leads to it: `.name`, `[0]`.
fn part_of(hole: &Hole, step: &str) -> Hole {
    match hole {
        Hole::Resource { id, attribute } => Hole::Resource { id: id.clone(), attribute: format!("{attribute}{step}").into() },
        Hole::Parameter(variable) => Hole::Parameter(format!("{variable}{step}").into()),
        other => other.clone(),
    }
}

/// An index as it is written; a name is a step like any other.
fn indexed(key: Option<&str>) -> String {
    match key {
        Some(key) if key.parse::<usize>().is_err() => format!(".{key}"),
        key => format!("[{}]", key.unwrap_or("*")),
    }
}
