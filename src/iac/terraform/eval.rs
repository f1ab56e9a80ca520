//! Evaluates expressions. Nothing is decided that the deployment decides: conditions on variables give both branches.
//! <https://developer.hashicorp.com/terraform/language/expressions>

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Expr, ExprKind, For, Operator, Part, SPLAT};
use super::value::{Kind, Value};
use super::world::{Scope, World};
use crate::iac::strings::{TOO_LONG, followed_by, is_too_long};
use crate::span::Location;
use crate::value::{Hole, Text};

impl World<'_> {
    /// What an expression can be.
    pub(super) fn eval(&self, expr: &Expr, scope: &Scope) -> Value {
        let at = scope.at(expr.span);
        let Some(_level) = self.enter(&at) else {
            return Value::unknown("an expression that nests too deeply", &at);
        };
        match &expr.kind {
            ExprKind::Null => Value::null(&at),
            ExprKind::Bool(value) => Value::new(Kind::Bool(*value), &at),
            ExprKind::Number(number) => Value::new(Kind::Number(number.clone()), &at),
            ExprKind::Text(text) => Value::text(text.clone(), &at),
            ExprKind::Template(parts) => self.afford_text(self.template(parts, scope, &at), &at),
            ExprKind::List(items) => Value::list(items.iter().map(|item| self.eval(item, scope)).collect(), false, &at),
            ExprKind::Map(entries) => self.map(entries, scope, &at),
            ExprKind::Name(_) | ExprKind::Attr(..) | ExprKind::Index(..) => self.reference(expr, scope),
            ExprKind::Splat(list, result) => self.splat(list, result, scope, &at),
            ExprKind::Call { name, arguments, expand } => self.afford_text(self.call(name, arguments, *expand, scope, &at), &at),
            ExprKind::Choice(parts) => self.choice(parts, scope, &at),
            ExprKind::Not(inner) => match self.eval(inner, scope).kind {
                Kind::Bool(value) => Value::new(Kind::Bool(!value), &at),
                _ => Value::unknown("a condition of the deployment", &at),
            },
            ExprKind::Negate(inner) => match self.eval(inner, scope).literal() {
                Some(number) => Value::new(Kind::Number(format!("-{number}").into()), &at),
                None => Value::unknown("a number that is not known", &at),
            },
            ExprKind::Binary(operator, sides) => self.binary(*operator, sides, scope, &at),
            ExprKind::For(each) => self.for_expr(each, scope, &at),
        }
    }

    fn map(&self, entries: &[(Expr, Expr)], scope: &Scope, at: &Location) -> Value {
        let mut out = BTreeMap::new();
        let mut open = false;
        for (key, value) in entries {
            let key = self.eval(key, scope);
            let value = self.eval(value, scope);
            match key.literal() {
                Some(name) => drop(out.insert(name, value)),
                None => match key.one_text() {
                    // Policies have keys like `${local.issuer}:sub`; as a pattern they still say something.
                    Some(text) if !text.is_unknown() => drop(out.insert(text.pattern().into(), value)),
                    _ => open = true,
                },
            }
        }
        // Entries keep their own places, which is where policy statements and environment variables are shown.
        Value::map(out, open, at)
    }

    fn choice(&self, parts: &[Expr; 3], scope: &Scope, at: &Location) -> Value {
        let [condition, yes, no] = parts;
        match self.eval(condition, scope).kind {
            Kind::Bool(true) => self.eval(yes, scope),
            Kind::Bool(false) => self.eval(no, scope),
            _ => {
                let where_it = |truth: bool| self.narrowed(condition, truth, scope.clone());
                Value::one_of([self.eval(yes, &where_it(true)), self.eval(no, &where_it(false))], at)
            }
        }
    }

    /// What names mean where a condition holds, or does not: a variable that is compared with its own default is something else
    /// where it differs.
    fn narrowed(&self, condition: &Expr, truth: bool, scope: Scope) -> Scope {
        match &condition.kind {
            ExprKind::Not(inner) => self.narrowed(inner, !truth, scope),
            ExprKind::Binary(operator, sides) => match operator {
                Operator::And | Operator::Or if truth == (*operator == Operator::And) => {
                    sides.iter().fold(scope, |scope, side| self.narrowed(side, truth, scope))
                }
                Operator::Equal | Operator::NotEqual if truth == (*operator == Operator::NotEqual) => {
                    let [left, right] = sides.as_ref();
                    let other = self.differing(left, right, &scope).or_else(|| self.differing(right, left, &scope));
                    let scope = scope.with(other);
                    self.among(left, right, truth == (*operator == Operator::Equal), scope)
                }
                Operator::Equal | Operator::NotEqual => {
                    let [left, right] = sides.as_ref();
                    self.among(left, right, truth == (*operator == Operator::Equal), scope)
                }
                _ => scope,
            },
            _ => scope,
        }
    }

    /// Where one of two sides is a name that stands for one of several values: those that are equal to the other side, or differ.
    fn among(&self, left: &Expr, right: &Expr, are_equal: bool, scope: Scope) -> Scope {
        let one = |named: &Expr, other: &Expr| {
            let name = name_of(named)?;
            let value = self.eval(named, &scope);
            let Kind::OneOf(values) = &value.kind else { return None };
            let other = self.eval(other, &scope);
            let left = values.iter().filter(|value| equal(value, &other) != Some(!are_equal));
            let left: Vec<Value> = left.cloned().collect();
            (!left.is_empty() && left.len() < values.len()).then(|| (name, Value::one_of(left, &value.at)))
        };
        let known = one(left, right).or_else(|| one(right, left));
        scope.with(known)
    }

    /// A name whose default is what it differs from, and what it is then.
    fn differing(&self, named: &Expr, from: &Expr, scope: &Scope) -> Option<(SmolStr, Value)> {
        let name = name_of(named)?;
        let value = self.eval(named, scope);
        let Kind::Variable(variable, default) = &value.kind else { return None };
        let is_default = equal(default, &self.eval(from, scope)) == Some(true);
        let reason = format!("the variable {variable}, which is not its default here");
        is_default.then(|| (name, Value::unknown(&reason, &value.at)))
    }

    fn splat(&self, list: &Expr, result: &Expr, scope: &Scope, at: &Location) -> Value {
        let list = self.eval(list, scope);
        let (items, open) = match &list.settled().kind {
            Kind::List(list) => (list.items.clone(), list.open),
            Kind::Null => (Vec::new(), false),
            Kind::Unknown(_) | Kind::OneOf(_) => (Vec::new(), true),
            // A splat on anything else makes a list of it.
            _ => (vec![list.clone()], false),
        };
        let each = |item| self.eval(result, &scope.with([(SmolStr::from(SPLAT), item)]));
        Value::list(items.into_iter().map(each).collect(), open, at)
    }

    fn for_expr(&self, each: &For, scope: &Scope, at: &Location) -> Value {
        let collection = self.eval(&each.collection, scope);
        let (pairs, mut open) = pairs(&collection);
        let mut items = Vec::new();
        let mut entries: BTreeMap<SmolStr, Value> = BTreeMap::new();
        let mut groups: BTreeMap<SmolStr, Vec<Value>> = BTreeMap::new();
        for (key, value) in pairs {
            let names = each.key.iter().map(|name| (name.clone(), key.clone())).chain([(each.value.clone(), value)]);
            let scope = scope.with(names.collect::<Vec<_>>());
            if let Some(condition) = &each.condition
                && let Kind::Bool(false) = self.eval(condition, &scope).kind
            {
                continue;
            }
            let result = self.eval(&each.result, &scope);
            let Some(key) = &each.result_key else {
                items.push(result);
                continue;
            };
            match self.eval(key, &scope).literal() {
                Some(key) if each.grouping => groups.entry(key).or_default().push(result),
                Some(key) => drop(entries.insert(key, result)),
                None => open = true,
            }
        }
        entries.extend(groups.into_iter().map(|(key, group)| (key, Value::list(group, false, at))));
        if each.result_key.is_some() { Value::map(entries, open, at) } else { Value::list(items, open, at) }
    }

    fn binary(&self, operator: Operator, sides: &[Expr; 2], scope: &Scope, at: &Location) -> Value {
        let left = self.eval(&sides[0], scope);
        match (operator, &left.kind) {
            (Operator::And, Kind::Bool(false)) => return Value::new(Kind::Bool(false), at),
            (Operator::Or, Kind::Bool(true)) => return Value::new(Kind::Bool(true), at),
            _ => {}
        }
        let right = self.eval(&sides[1], scope);
        let truth = match operator {
            Operator::Equal => equal(&left, &right),
            Operator::NotEqual => equal(&left, &right).map(|same| !same),
            Operator::And | Operator::Or => match (&left.kind, &right.kind) {
                (Kind::Bool(left), Kind::Bool(right)) if operator == Operator::And => Some(*left && *right),
                (Kind::Bool(left), Kind::Bool(right)) => Some(*left || *right),
                (_, Kind::Bool(right)) if *right == (operator == Operator::Or) => Some(*right),
                _ => None,
            },
            _ => return self.arithmetic(operator, &left, &right, at),
        };
        truth.map_or_else(|| Value::unknown("a condition of the deployment", at), |truth| Value::new(Kind::Bool(truth), at))
    }

    /// Every pair of alternatives is one. What is computed with the default of a variable is as little certain as that.
    fn arithmetic(&self, operator: Operator, left: &Value, right: &Value, at: &Location) -> Value {
        let is_variable = |side: &Value| matches!(side.kind, Kind::Variable(..));
        let pairs = left.alternatives().iter().flat_map(|left| right.alternatives().iter().map(move |right| [left, right]));
        let written = |side: &Value| match &side.kind {
            Kind::Variable(name, _) => name.clone(),
            _ => side.literal().unwrap_or_default(),
        };
        let one = |[left, right]: [&Value; 2]| {
            let value = arithmetic(operator, left, right, at);
            match &value.kind {
                _ if !is_variable(left) && !is_variable(right) => value,
                Kind::Number(_) => {
                    let name = smol_str::format_smolstr!("{} {} {}", written(left), operator.sign(), written(right));
                    self.by_default(name, value)
                }
                Kind::Bool(_) => Value::unknown("a condition of the deployment", at),
                _ => value,
            }
        };
        Value::one_of(pairs.map(one), at)
    }

    /// A string with values in it; alternatives of the values are alternatives of the string.
    pub(super) fn template(&self, parts: &[Part], scope: &Scope, at: &Location) -> Value {
        if let [Part::Value(expr)] = parts {
            return self.eval(expr, scope);
        }
        let texts = self.parts(parts, scope, at).into_iter().map(|text| Value::new(Kind::Text(text), at));
        Value::one_of(texts, at)
    }

    fn parts(&self, parts: &[Part], scope: &Scope, at: &Location) -> Vec<Text> {
        let Some(_level) = self.enter(at) else {
            return vec![Text::hole(Hole::Unknown("an expression that nests too deeply".into()))];
        };
        let mut texts = vec![Text::default()];
        for part in parts {
            let next = match part {
                Part::Text(text) => vec![Text::literal(text.clone())],
                Part::Value(expr) => self.eval(expr, scope).texts(),
                Part::If(condition, yes, no) => match self.eval(condition, scope).kind {
                    Kind::Bool(true) => self.parts(yes, scope, at),
                    Kind::Bool(false) => self.parts(no, scope, at),
                    _ => {
                        let where_it = |truth: bool| self.narrowed(condition, truth, scope.clone());
                        [self.parts(yes, &where_it(true), at), self.parts(no, &where_it(false), at)].concat()
                    }
                },
                Part::For { key, value, collection, body } => {
                    let collection = self.eval(collection, scope);
                    vec![self.repeated(key.as_ref(), value, &collection, body, scope, at)]
                }
            };
            texts = followed_by(&texts, &next);
        }
        texts
    }

    fn repeated(
        &self,
        key: Option<&SmolStr>,
        name: &SmolStr,
        collection: &Value,
        body: &[Part],
        scope: &Scope,
        at: &Location,
    ) -> Text {
        let (pairs, open) = pairs(collection);
        let mut out = Text::default();
        for (index, value) in pairs {
            let names = key.into_iter().map(|name| (name.clone(), index.clone())).chain([(name.clone(), value)]);
            let scope = scope.with(names.collect::<Vec<_>>());
            match self.parts(body, &scope, at).as_slice() {
                [text] => out.push_text(text),
                _ => out.push_text(&Text::hole(Hole::Unknown("too many values".into()))),
            }
            if is_too_long(&out) {
                return Text::hole(Hole::Unknown(TOO_LONG.into()));
            }
        }
        if open {
            out.push_text(&Text::hole(Hole::Unknown("further items of a list".into())));
        }
        out
    }
}

/// The name that an expression is, of those that conditions tell more about.
fn name_of(named: &Expr) -> Option<SmolStr> {
    match &named.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Attr(base, name) if matches!(&base.kind, ExprKind::Name(base) if base == "var") => {
            Some(smol_str::format_smolstr!("var.{name}"))
        }
        _ => None,
    }
}

/// Keys and values of a collection, and whether there may be more.
pub(super) fn pairs(collection: &Value) -> (Vec<(Value, Value)>, bool) {
    let at = &collection.at;
    match &collection.settled().kind {
        Kind::List(list) => {
            let index = |index: usize| Value::new(Kind::Number(index.to_string().into()), at);
            (list.items.iter().enumerate().map(|(at, item)| (index(at), item.clone())).collect(), list.open)
        }
        Kind::Map(map) => {
            (map.entries.iter().map(|(key, value)| (Value::text(key.clone(), at), value.clone())).collect(), map.open)
        }
        Kind::OneOf(values) => {
            let mut all = Vec::new();
            let mut open = false;
            for value in values.iter().filter(|value| !matches!(value.kind, Kind::OneOf(_))) {
                let (pairs, more) = pairs(value);
                all.extend(pairs);
                open |= more;
            }
            (all, open)
        }
        Kind::Null => (Vec::new(), false),
        _ => (Vec::new(), true),
    }
}

/// Whether two values are equal, where that does not depend on the deployment.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (Kind::Unknown(hole), Kind::Null) | (Kind::Null, Kind::Unknown(hole)) if is_always_there(hole) => Some(false),
        (Kind::Variable(..) | Kind::Unknown(_) | Kind::OneOf(_), _)
        | (_, Kind::Variable(..) | Kind::Unknown(_) | Kind::OneOf(_)) => None,
        (Kind::Null, Kind::Null) => Some(true),
        (Kind::Null, _) | (_, Kind::Null) => Some(false),
        (Kind::List(left), Kind::List(right)) if left.items.is_empty() || right.items.is_empty() => {
            (!left.open && !right.open).then_some(left.items.is_empty() && right.items.is_empty())
        }
        (Kind::Map(left), Kind::Map(right)) if left.entries.is_empty() || right.entries.is_empty() => {
            (!left.open && !right.open).then_some(left.entries.is_empty() && right.entries.is_empty())
        }
        _ => {
            let (left, right) = (left.as_text()?, right.as_text()?);
            Some(left.as_literal()? == right.as_literal()?)
        }
    }
}

/// Whether it is an attribute that every resource has once it is made. Outputs of modules may be called alike and be null.
fn is_always_there(hole: &Hole) -> bool {
    let Hole::Resource { id, attribute } = hole else { return false };
    let is_module = id.split('[').next().and_then(|id| id.rsplit('.').nth(1)).is_none_or(|kind| kind == "module");
    matches!(attribute.as_str(), "arn" | "id") && !is_module
}

fn arithmetic(operator: Operator, left: &Value, right: &Value, at: &Location) -> Value {
    let number = |value: &Value| value.literal().and_then(|text| text.parse::<f64>().ok());
    let (Some(a), Some(b)) = (number(left), number(right)) else {
        return Value::unknown("a number that is not known", at);
    };
    let truth = |truth: bool| Value::new(Kind::Bool(truth), at);
    let result = match operator {
        Operator::Less => return truth(a < b),
        Operator::LessEqual => return truth(a <= b),
        Operator::Greater => return truth(a > b),
        Operator::GreaterEqual => return truth(a >= b),
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        _ => a % b,
    };
    if result.is_finite() {
        Value::new(Kind::Number(result.to_string().into()), at)
    } else {
        Value::unknown("a number that is not known", at)
    }
}

/// The items of several lists, in order, and whether there may be more.
pub(super) fn items_of(lists: &[Value]) -> (Vec<Value>, bool) {
    let mut items = Vec::new();
    let mut open = false;
    for list in lists {
        let (pairs, more) = pairs(list);
        items.extend(pairs.into_iter().map(|(_, item)| item));
        open |= more;
    }
    (items, open)
}

/// One list of several, in order.
pub(super) fn joined(lists: &[Value], at: &Location) -> Value {
    let (items, open) = items_of(lists);
    Value::list(items, open, at)
}

/// One map of several; later ones win.
pub(super) fn merged(maps: &[Value], at: &Location) -> Value {
    let mut entries: BTreeMap<SmolStr, Value> = BTreeMap::new();
    let mut open = false;
    for map in maps {
        let certain = !matches!(map.kind, Kind::OneOf(_));
        for alternative in map.alternatives() {
            match &alternative.settled().kind {
                Kind::Map(map) => {
                    for (key, value) in &map.entries {
                        let value = match entries.get(key) {
                            Some(known) if !certain => Value::one_of([known.clone(), value.clone()], at),
                            _ => value.clone(),
                        };
                        entries.insert(key.clone(), value);
                    }
                    open |= map.open;
                }
                Kind::Null => {}
                _ => open = true,
            }
        }
    }
    Value::map(entries, open, at)
}

/// A value shared by many.
pub(super) fn json(value: Value, at: &Location) -> Value {
    Value::new(Kind::Json(Rc::new(value)), at)
}
