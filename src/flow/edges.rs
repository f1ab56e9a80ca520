//! Conditions that ask how a text begins or ends: `if name.startswith("orders-")`.

use std::rc::Rc;

use super::interp::Interp;
use super::value::{Atom, SdkAtom, Value, atom_text};
use crate::ids::ExprId;
use crate::ir::{Argument, ArgumentKind, Body, Expr};

impl Interp<'_> {
    /// What a call asks to begin or end with which texts, and whether it asks for the beginning.
    pub(super) fn asks_for_edge(&mut self, callee: ExprId, args: &[Argument]) -> Option<(ExprId, Value, bool)> {
        let (subject, at_start) = edge_of(self.body(), callee, args)?;
        let wanted = args.first()?.value;
        let edges = match self.constant(wanted) {
            Some(edges) => edges,
            None => self.choices(wanted)?,
        };
        edges.atoms().iter().all(|atom| literal(atom).is_some()).then_some((subject, edges, at_start))
    }

    /// Takes for granted that a text begins or ends with one of some others, or that it does not.
    pub(super) fn assume_edge(&mut self, subject: ExprId, edges: &Value, at_start: bool, holds: bool) {
        let edges: Vec<&str> = edges.atoms().iter().filter_map(literal).collect();
        if let Expr::Name(name) = &self.body().exprs[subject] {
            let Some((frame, value)) = self.own_variable(name) else { return };
            let narrowed = value.atoms().iter().map(|atom| with_edges(atom, &edges, at_start, holds)).collect();
            self.set_narrowed(name, frame, &value, narrowed);
        } else if holds
            && let Some((name, part)) = self.tag(subject)
            && let Some((frame, value)) = self.own_variable(&name)
        {
            let known = |sdk: &SdkAtom, edge: &str| {
                let value = crate::sdk::with_part(&sdk.value, &part, |text| text.with_edge(edge, at_start))?;
                Some(Value::one(Atom::Sdk(Rc::new(SdkAtom { value: value.into(), ..sdk.clone() }))))
            };
            let narrowed = value.atoms().iter().map(|atom| match atom {
                Atom::Sdk(sdk) if matches!(*sdk.value, crate::sdk::SdkValue::Response(_)) => {
                    edges.iter().filter_map(|edge| known(sdk, edge)).collect()
                }
                other => Value::one(other.clone()),
            });
            self.set_narrowed(&name, frame, &value, narrowed.collect());
        }
    }
}

/// What a value is that begins or ends with one of some texts, or does not.
fn with_edges(atom: &Atom, edges: &[&str], at_start: bool, holds: bool) -> Value {
    let text = match atom {
        Atom::Text(_) | Atom::Hole(_) | Atom::Sdk(_) => atom_text(atom),
        _ => None,
    };
    let Some(text) = text else { return Value::one(atom.clone()) };
    if !holds {
        let is_excluded =
            |text: &str| edges.iter().any(|edge| if at_start { text.starts_with(edge) } else { text.ends_with(edge) });
        return if text.as_literal().is_some_and(is_excluded) { Value::none() } else { Value::one(atom.clone()) };
    }
    let narrowed = edges.iter().filter_map(|edge| text.with_edge(edge, at_start));
    // What says no more stays what it is.
    narrowed.map(|narrowed| if narrowed == text { Value::one(atom.clone()) } else { Value::text(narrowed) }).collect()
}

/// What a call asks for its beginning, or its end, and which of both it is.
pub(super) fn edge_of(body: &Body, callee: ExprId, args: &[Argument]) -> Option<(ExprId, bool)> {
    let (Expr::Member { object, name }, [Argument { kind: ArgumentKind::Positional, .. }]) = (&body.exprs[callee], args) else {
        return None;
    };
    match name.as_str() {
        "startswith" | "startsWith" => Some((*object, true)),
        "endswith" | "endsWith" => Some((*object, false)),
        _ => None,
    }
}

fn literal(atom: &Atom) -> Option<&str> {
    match atom {
        Atom::Text(text) => text.as_literal(),
        _ => None,
    }
}
