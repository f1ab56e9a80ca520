//! Where the constructs of a program that describes infrastructure stand: ids are only unique within what is around them, so
//! what is called the same in two stacks is told apart here.

use std::collections::BTreeSet;
use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};
use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::value::{Atom, ObjId, SdkAtom, Value};
use crate::ids::{ExprId, ModuleId};
use crate::ir::{Argument, Expr};
use crate::sdk::construct::{self, construct};
use crate::sdk::{Confidence, Outcome, Returned, SdkValue};
use crate::span::Span;
use crate::value::Arg;

/// How many constructs may stand in one another.
const NESTING: usize = 32;

/// The constructs that were made so far.
#[derive(Debug, Default)]
pub(super) struct Scopes {
    /// What instances of the program's own constructs stand in, and whether they are stacks that are deployed by themselves.
    around: FxHashMap<ObjId, (Value, bool)>,
    /// The ids of such instances.
    ids: FxHashMap<ObjId, Value>,
    /// The constructs of each id.
    made: FxHashMap<SmolStr, Vec<Made>>,
    /// What was made, by what it stands in and the id it has there.
    children: FxHashMap<(u64, SmolStr), Value>,
    /// Whether the program itself is done, so that what is made now is made by code that it was not seen to run.
    pub(super) done: bool,
}

#[derive(Debug)]
struct Made {
    /// What it stands in, where that is known.
    place: Option<Place>,
    /// Where it is made, and what it is called.
    what: (ModuleId, Span, u64),
    /// The id that tells it apart.
    id: SmolStr,
}

/// What a construct stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    /// The stack; outside of any, the outermost construct.
    stack: Option<u64>,
    /// The ids on the way from there.
    path: u64,
}

impl Place {
    /// Whether two constructs of one id may stand in one place.
    fn may_be(self, other: Self) -> bool {
        self.path == other.path && (self.stack.is_none() || other.stack.is_none() || self.stack == other.stack)
    }
}

impl Scopes {
    /// The id of a construct. What has one id in one place is one construct, by condition, and so is what one line makes with one
    /// name in the same place of another stack.
    fn id_of(&mut self, id: &SmolStr, place: Option<Place>, what: (ModuleId, Span, u64)) -> SmolStr {
        let made = self.made.entry(id.clone()).or_default();
        let both = |known: &Made| known.place.zip(place);
        let same_line = |known: &&Made| known.what == what && both(known).is_none_or(|(one, other)| one.path == other.path);
        let same_place = |known: &&Made| both(known).is_none_or(|(one, other)| one.may_be(other));
        let known = made.iter().find(same_line).or_else(|| made.iter().find(same_place));
        let next = || {
            let ids: BTreeSet<&SmolStr> = made.iter().map(|known| &known.id).collect();
            if ids.is_empty() { id.clone() } else { smol_str::format_smolstr!("{id}-{}", ids.len() + 1) }
        };
        let own = known.map_or_else(next, |known| known.id.clone());
        if !made.iter().any(|known| (known.place, known.what) == (place, what)) {
            made.push(Made { place, what, id: own.clone() });
        }
        own
    }
}

/// The construct around the one that is made.
fn scope(args: &Args) -> Option<Value> {
    let given = args.named("scope").cloned().or_else(|| args.positional.first().cloned())?;
    (args.positional.len() > 1 || args.named("id").is_some() || args.named("construct_id").is_some()).then_some(given)
}

/// The id of the construct that is made.
fn id(args: &Args) -> Option<&Value> {
    args.positional.get(1).or_else(|| args.named("id")).or_else(|| args.named("construct_id"))
}

impl Interp<'_> {
    /// `construct.node.id` of an instance of the program's own class: what its base class was given.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/constructs.Node.html>
    pub(super) fn id_of_node(&mut self, object: ExprId, name: &str) -> Option<Value> {
        self.infrastructure.as_ref().filter(|_| name == "id")?;
        let Expr::Member { object: around, name } = &self.body().exprs[object] else { return None };
        let around = (name == "node").then_some(*around)?;
        let around = self.eval(around);
        let ids = &self.infrastructure.as_ref()?.ids;
        let of = |atom: &Atom| match atom {
            Atom::Object(id) => ids.get(id).cloned(),
            _ => None,
        };
        around.atoms().iter().map(of).collect::<Option<Vec<Value>>>().filter(|all| !all.is_empty()).map(|all| {
            let mut found = Value::none();
            all.iter().for_each(|value| found.join(value));
            found
        })
    }

    /// Remembers what an instance of the program's own class stands in.
    pub(super) fn stands_in(&mut self, instance: ObjId, bases: &[Arc<SdkValue>], args: &Args) {
        let is_stack = bases.iter().any(|base| construct::is_stack(base));
        self.holds(args, &Value::object(instance));
        if let (Some(scopes), Some(around)) = (&mut self.infrastructure, scope(args)) {
            scopes.around.insert(instance, (around, is_stack));
            scopes.ids.extend(id(args).map(|id| (instance, id.clone())));
        }
    }

    /// Gives a construct that was just made an id that none has which stands elsewhere.
    pub(super) fn tell_apart(&mut self, outcome: &mut Outcome, args: &Args, span: Span) {
        if self.infrastructure.is_none() {
            return;
        }
        self.number(outcome, args, span);
        if let Returned::Value(made) = &outcome.value
            && construct(made).is_some_and(|(_, id, _)| id.is_some())
        {
            let made = self.import_arg(made);
            self.holds(args, &made);
        }
    }

    /// The same beforehand for a construct after which its parts are called: another id instead of its own.
    pub(super) fn tell_parts_apart(&mut self, class: &SdkValue, args: &mut Args, span: Span) {
        if self.infrastructure.is_none() || !construct::has_parts(class) {
            return;
        }
        let Some(written) = id(args).and_then(Value::as_literal).map(SmolStr::from) else { return };
        let place = scope(args).and_then(|around| self.place_of(around));
        let exported = self.export_args(args);
        let what = (self.current().module, span, hash(&(exported.positional.get(2), &exported.named)));
        let Some(scopes) = &mut self.infrastructure else { return };
        let own = Value::literal(scopes.id_of(&written, place, what));
        let named = args.named.iter_mut().find(|(name, _)| matches!(name.as_str(), "id" | "construct_id"));
        if let Some(given) = args.positional.get_mut(1).or(named.map(|(_, given)| given)) {
            *given = own;
        }
    }

    fn number(&mut self, outcome: &mut Outcome, args: &Args, span: Span) {
        let Some((id, what)) = construct::named_as(outcome) else { return };
        let place = scope(args).and_then(|around| self.place_of(around));
        let module = self.current().module;
        let Some(scopes) = &mut self.infrastructure else { return };
        let own = scopes.id_of(&id, place, (module, span, what));
        if own != id {
            construct::rename(outcome, &own);
        }
    }

    /// Remembers what stands in something.
    fn holds(&mut self, args: &Args, made: &Value) {
        let id = id(args).and_then(Value::as_literal).map(SmolStr::from);
        if let (Some(scopes), Some(around), Some(id)) = (&mut self.infrastructure, scope(args).as_ref().and_then(place), id) {
            let known = scopes.children.entry((around, id)).or_default();
            // An instance of the program's own class is what its base class makes, too.
            let is_own = |value: &Value| value.atoms().iter().any(|atom| matches!(atom, Atom::Object(_)));
            if is_own(made) || !is_own(known) {
                known.join(made);
            }
        }
    }

    /// `construct.node.findChild(id)`: what was made in it with that id.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/constructs.Node.html#findwbrchildid>
    pub(super) fn child(&mut self, callee: ExprId, args: &[Argument]) -> Option<Value> {
        self.infrastructure.as_ref()?;
        let exprs = &self.body().exprs;
        let Expr::Member { object, name } = &exprs[callee] else { return None };
        if !matches!(name.as_str(), "findChild" | "tryFindChild" | "find_child" | "try_find_child") {
            return None;
        }
        let Expr::Member { object: around, name } = &exprs[*object] else { return None };
        let around = (name == "node").then_some(*around)?;
        let around = self.eval(around);
        // Nothing stands in nothing.
        let around = place(&around.filtered(|atom| !matches!(atom, Atom::Null(_))))?;
        let id = self.args(args).get(0).as_literal().map(SmolStr::from)?;
        self.infrastructure.as_ref()?.children.get(&(around, id)).cloned()
    }

    /// Remembers a call that grants something on a construct which nothing in the program makes: `props.table.grantReadData(fn)`
    /// where nobody knows what calls it with.
    pub(super) fn note_grant(&mut self, callee: ExprId, value: &Value, args: &Args, span: Span) {
        let Expr::Member { object, name } = &self.body().exprs[callee] else { return };
        let is_known = |atom: &Atom| match atom {
            Atom::Function(_) => true,
            Atom::Sdk(sdk) => construct::is_of_library(&sdk.value),
            _ => false,
        };
        // Newer methods stand behind `grants`: `props.table.grants.readData(fn)`.
        let (on, method) = match &self.body().exprs[*object] {
            Expr::Member { name: through, .. } if through == "grants" => (*object, construct::behind_grants(name)),
            _ => (callee, name.clone()),
        };
        if !method.starts_with("grant") || value.atoms().iter().any(is_known) {
            return;
        }
        let called = self.name_of_receiver(on).unwrap_or_default();
        let draft = construct::granted_on_unknown(&called, &method, &self.export_args(args));
        draft.into_iter().for_each(|draft| self.request(draft, span, Confidence::Likely));
    }

    /// Records the requests that a library makes because a member of one of its values is set, and remembers what a property of a
    /// construct is set to: `statement.effect = iam.Effect.DENY`.
    pub(super) fn note_assigned(&mut self, to: &SdkAtom, name: &str, value: &Value, span: Span) {
        let mut drafts = crate::sdk::assigned(&to.value, name, || self.export(value));
        if self.infrastructure.is_some() {
            drafts.extend(construct::assigned(&Arg::Sdk(Arc::clone(&to.value)), name, &self.export(value)));
        }
        drafts.into_iter().for_each(|draft| self.request(draft, span, to.trust));
    }

    /// The place that is in a construct: its stack, and the way from there. Where what is around is not one thing, nothing is known.
    fn place_of(&self, mut around: Value) -> Option<Place> {
        let known = self.infrastructure.as_ref()?;
        let mut path = FxHasher::default();
        let mut stack = None;
        for _ in 0..NESTING {
            match around.single() {
                Some(Atom::Object(object)) => {
                    stack = Some(hash(object));
                    let Some((further, false)) = known.around.get(object) else { break };
                    match known.ids.get(object).and_then(Value::as_literal) {
                        Some(id) => id.hash(&mut path),
                        None => object.hash(&mut path),
                    }
                    around = further.clone();
                }
                Some(Atom::Sdk(sdk)) => {
                    match construct(&Arg::Sdk(Arc::clone(&sdk.value))) {
                        Some(("Stack", Some(id), _)) => stack = Some(hash(&id)),
                        Some((_, Some(id), _)) => id.hash(&mut path),
                        _ => {}
                    }
                    break;
                }
                _ if stack.is_none() => return None,
                _ => break,
            }
        }
        Some(Place { stack, path: path.finish() })
    }
}

/// A number for what constructs stand in.
fn place(around: &Value) -> Option<u64> {
    match around.single()? {
        Atom::Object(id) => Some(hash(id)),
        Atom::Sdk(sdk) => Some(hash(&sdk.value)),
        _ => None,
    }
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
