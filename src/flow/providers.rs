//! Containers of dependencies: the program says what stands for a token, which is a name, a symbol or a class, and the library puts
//! that in where the token is asked for.

use std::rc::Rc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::bound::Bound;
use super::call::{Args, UNKNOWN_ARGUMENT};
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, SdkAtom, Value};
use crate::ids::ExprId;
use crate::ir::{Expr, LogicalOp, Pattern, Receiver};
use crate::sdk::{Container, Ecosystem, RESULT, RequestDraft, SdkValue};
use crate::span::Span;
use crate::value::{Arg, Hole, Text};

/// The options that make the context of resolvers: itself, and a part of it.
const CONTEXT: [&str; 2] = ["context", "dataSources"];
/// Providers that need providers.
const MAX_INJECTING: u32 = 8;
/// How many tokens are remembered, and how many instances that are made again once all tokens are known.
const MAX_TOKENS: usize = 512;
const MAX_WAITING: usize = 256;

/// What a container puts in for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Provider {
    /// An instance of this class, which gets its dependencies one by one.
    Class(Value),
    /// An instance of this class, which gets all that there is as one object.
    ClassOfAll(Value, Rc<SdkAtom>),
    /// This.
    Value(Value),
    /// What this function gives for what is provided for these tokens.
    Factory(Value, Vec<Value>),
    /// What this function gives for the container itself.
    FactoryOfAll(Value, Value),
    /// What is provided for another token.
    Existing(Value),
}

/// Everything that containers know.
#[derive(Debug, Default)]
pub(super) struct Providers {
    known: indexmap::IndexMap<Value, Vec<Provider>, rustc_hash::FxBuildHasher>,
    /// Functions that make what is provided: the container calls them, and with what they ask for.
    factories: FxHashSet<Value>,
    /// Tokens for which a framework makes what is provided when it starts, whoever asks for it.
    eager: Vec<Value>,
    /// Instances that were made before all of it was known, with their classes.
    waiting: Vec<(ObjId, ObjId)>,
    /// Whether a class may have been missing that a constructor asks for, as modules that import each other were being loaded.
    lacked_imports: bool,
    /// Whether the program has been set up, so that nothing is missing that comes later.
    settled: bool,
    injecting: u32,
    /// What resolvers get as their context.
    context: Option<ObjId>,
    /// What stands around the names of tables.
    affixes: Option<(Text, Text)>,
}

impl Providers {
    fn add(&mut self, token: Value, provider: Provider) {
        // What is not known may be any token.
        if token.single().is_none_or(|token| matches!(token, Atom::Hole(_) | Atom::Wrapped(_))) {
            return;
        }
        if self.known.len() < MAX_TOKENS || self.known.contains_key(&token) {
            let known = self.known.entry(token).or_default();
            if !known.contains(&provider) {
                known.push(provider);
            }
        }
    }

    /// Whether a container calls a function, so that nothing else does.
    pub(super) fn is_factory(&self, function: &Atom) -> bool {
        !self.factories.is_empty() && self.factories.contains(&Value::one(function.clone()))
    }

    /// Remembers that a module imported what was not defined yet.
    pub(super) const fn lack_import(&mut self) {
        self.lacked_imports = true;
    }

    /// Remembers an instance that was made with what a container may know only later.
    pub(super) fn wait(&mut self, class: ObjId, instance: ObjId) {
        if !self.settled && self.waiting.len() < MAX_WAITING {
            self.waiting.push((class, instance));
        }
    }
}

impl Interp<'_> {
    /// Tells the program's container what a token stands for.
    pub(super) fn learn_provider(&mut self, token: Value, provider: Provider) {
        self.store.new_epoch();
        self.providers.add(token, provider);
    }

    /// Calls what belongs to a container; nothing for all else.
    pub(super) fn call_container(&mut self, library: &SdkValue, args: &Args, span: Span) -> Option<Value> {
        let role = crate::sdk::container(library)?;
        let (first, second) = (args.get(0), args.get(1));
        match role {
            Container::Injects => {
                let token = self.token(&first, span);
                let provided = self.provided_for(&token, span)?;
                return Some(provided);
            }
            Container::Binds => return Some(Bound::Binding(first).into()),
            Container::Value => self.learn_provider(first, Provider::Value(second)),
            Container::Class => self.learn_provider(first, Provider::Class(second)),
            Container::AsClass => return Some(Bound::AsClass(first).into()),
            Container::AsFunction => return Some(Bound::AsFunction(first).into()),
            Container::AsValue => return Some(Bound::AsValue(first).into()),
            Container::Resolvers => return Some(self.resolvers(library, args, span)),
            Container::Context => args.positional.iter().for_each(|options| self.fill_context(options, span)),
            Container::Affixes => self.set_affixes(&first, span),
            Container::Cradle => {}
        }
        None
    }

    /// Hands resolvers over to what calls them. What the context is may be said only later; all of them get one object.
    fn resolvers(&mut self, library: &SdkValue, args: &Args, span: Span) -> Value {
        for options in &args.positional {
            self.fill_context(options, span);
        }
        let mut given = Vec::new();
        for atom in args.all().flat_map(Value::atoms) {
            match atom {
                Atom::Object(id) if self.store.get(*id).kind == ObjKind::Dict => {
                    let fields = self.store.get(*id).fields.iter();
                    given.extend(fields.filter(|(name, _)| !CONTEXT.contains(&name.as_str())).map(|(_, value)| value.clone()));
                }
                other => given.push(Value::one(other.clone())),
            }
        }
        let functions = self.functions_in(given.iter());
        let context = self.context();
        let with =
            vec![Value::unknown(UNKNOWN_ARGUMENT), Value::unknown(UNKNOWN_ARGUMENT), context, Value::unknown(UNKNOWN_ARGUMENT)];
        self.hand_over(&functions, with, span);
        match library {
            SdkValue::External { ecosystem, path } => {
                let path = path.iter().cloned().chain([SmolStr::new_static(RESULT)]).collect();
                Value::sdk(SdkValue::Instance { ecosystem: *ecosystem, path, data: crate::value::Shared::default() })
            }
            _ => Value::unknown("the result of a library call"),
        }
    }

    fn context(&mut self) -> Value {
        let known = self.providers.context;
        let id = known.unwrap_or_else(|| {
            let mut context = Obj::new(ObjKind::Dict);
            context.open = true;
            self.store.alloc(context)
        });
        self.providers.context = Some(id);
        Value::object(id)
    }

    /// Puts what options say into the context of resolvers.
    fn fill_context(&mut self, options: &Value, span: Span) {
        for atom in options.atoms() {
            let Atom::Object(id) = atom else { continue };
            for name in CONTEXT {
                let Some(told) = self.store.get(*id).fields.get(name).cloned() else { continue };
                let functions = told.filtered(|atom| matches!(atom, Atom::Function(_)));
                let made = if functions.is_none() {
                    told
                } else {
                    let made = self.perhaps(|this| this.call_value(&functions, Args::unknown(), span));
                    self.awaited(&made)
                };
                let context = self.context();
                let Some(Atom::Object(context)) = context.single() else { continue };
                if name == CONTEXT[0] {
                    self.merge_into(*context, &made.filtered(|atom| matches!(atom, Atom::Object(_))));
                } else {
                    self.set_field(*context, &name.into(), made, false);
                }
            }
        }
    }

    /// Remembers what options put around the names of tables, or their part about tables.
    fn set_affixes(&mut self, options: &Value, span: Span) {
        let part = |this: &mut Self, holder: &Value, name: &'static str| {
            let value = this.member(holder, &SmolStr::new_static(name), span);
            value.filtered(|atom| !matches!(atom, Atom::Null(_)))
        };
        let objects = options.filtered(|atom| matches!(atom, Atom::Object(_)));
        if objects.is_none() {
            return;
        }
        let of_tables = part(self, &objects, "table").filtered(|atom| matches!(atom, Atom::Object(_)));
        let holder = if of_tables.is_none() { objects } else { of_tables };
        let (prefix, suffix) = (part(self, &holder, "prefix"), part(self, &holder, "suffix"));
        if prefix.is_none() && suffix.is_none() {
            return;
        }
        let text = |value: &Value| match value.single() {
            _ if value.is_none() => Text::default(),
            Some(atom) => super::value::atom_text(atom).unwrap_or_else(unknown_affix),
            None => unknown_affix(),
        };
        self.providers.affixes = Some((text(&prefix), text(&suffix)));
    }

    /// A request of a library's models, with what stands around the names of their tables.
    pub(super) fn with_affixes(&self, mut draft: RequestDraft) -> RequestDraft {
        let Some((prefix, suffix)) = &self.providers.affixes else { return draft };
        if draft.service != "dynamodb" || draft.via.as_ref().is_none_or(|via| !via.starts_with("dynamoose")) {
            return draft;
        }
        let around = |name: &Text| Text::from_pieces(prefix.pieces().iter().chain(name.pieces()).chain(suffix.pieces()).cloned());
        if let Some(Arg::Text(name)) = draft.params.entries.get_mut("TableName") {
            *name = around(name);
        }
        if let Some(Arg::Map(tables)) = draft.params.entries.get_mut("RequestItems") {
            let known = std::mem::take(&mut tables.entries);
            for (name, value) in known {
                let name = around(&Text::literal(name));
                match name.as_literal() {
                    Some(literal) => drop(tables.entries.insert(literal.into(), value)),
                    None => {
                        tables.open = true;
                        tables.computed.push(name);
                    }
                }
            }
        }
        draft
    }

    /// A member of all that a container provides.
    pub(super) fn of_cradle(&mut self, library: &SdkValue, name: &str, span: Span) -> Option<Value> {
        let SdkValue::External { path, .. } = library else { return None };
        if self.providers.known.is_empty() || path.last().is_none_or(|last| last != "cradle") {
            return None;
        }
        (crate::sdk::container(library) == Some(Container::Cradle))
            .then(|| self.provided_for(&Value::literal(name), span))
            .flatten()
    }

    /// What follows on `bind(token)`, and settings of what is put under a name: each gives what it was called on.
    pub(super) fn call_on_provider(&mut self, receiver: &Value, name: &str, args: &Args) -> Option<Value> {
        let Some(Atom::Bound(bound)) = receiver.single() else { return None };
        match &**bound {
            Bound::Binding(token) => {
                let first = args.get(0);
                let provider = match name {
                    "to" | "toClass" => Provider::Class(first),
                    "toConstantValue" | "toFunction" => Provider::Value(first),
                    "toDynamicValue" | "toFactory" | "toProvider" => Provider::FactoryOfAll(first, binding_context()),
                    "toAutoFactory" => Provider::Value(Bound::Resolves(first).into()),
                    "toService" | "toAlias" => Provider::Existing(first),
                    _ => return Some(receiver.clone()),
                };
                self.learn_provider(token.clone(), provider);
                Some(receiver.clone())
            }
            Bound::AsClass(_) | Bound::AsFunction(_) | Bound::AsValue(_) => Some(receiver.clone()),
            _ => None,
        }
    }

    /// Remembers what an object among the arguments of a library provides: `{ provide: Token, useClass: Store }`, `{ store:
    /// asClass(Store) }`. `direct` is the token where the object does not say it.
    pub(super) fn provide_from(&mut self, object: ObjId, direct: Option<&Value>, library: &SdkValue) {
        let fields = self.store.share(object);
        let of = |name: &str| fields.fields.get(name).cloned().filter(|value| !value.is_none());
        let kinds = ["useClass", "useValue", "useExisting", "useToken", "useFactory"];
        let told = kinds.iter().find_map(|kind| Some((*kind, of(kind)?)));
        if let Some((kind, given)) = told
            && let Some(token) = of("provide").or_else(|| direct.cloned())
        {
            let provider = match kind {
                "useClass" => Provider::Class(given),
                "useValue" => Provider::Value(given),
                "useFactory" => {
                    self.providers.factories.insert(given.clone());
                    if of("provide").is_some() && self.providers.eager.len() < MAX_TOKENS {
                        self.providers.eager.push(token.clone());
                    }
                    match of("inject") {
                        Some(tokens) => Provider::Factory(given, self.rounds_of(&tokens, Span::default()).items),
                        None => Provider::FactoryOfAll(given, container(library)),
                    }
                }
                _ => Provider::Existing(given),
            };
            self.learn_provider(token, provider);
        }
        for (name, value) in fields.fields.iter() {
            let Some(Atom::Bound(bound)) = value.single() else { continue };
            let provider = match &**bound {
                Bound::AsClass(class) => Provider::ClassOfAll(class.clone(), cradle(library)),
                Bound::AsFunction(function) => Provider::FactoryOfAll(function.clone(), Value::one(Atom::Sdk(cradle(library)))),
                Bound::AsValue(value) => Provider::Value(value.clone()),
                _ => continue,
            };
            self.learn_provider(Value::literal(name.clone()), provider);
        }
    }

    /// What a container puts in for a token, if it knows or a class tells.
    pub(super) fn provided_for(&mut self, token: &Value, span: Span) -> Option<Value> {
        if let Some(known) = self.providers.known.get(token).cloned() {
            if self.providers.injecting >= MAX_INJECTING {
                return Some(Value::unknown("what a container puts in"));
            }
            self.providers.injecting += 1;
            let mut all = Value::none();
            for provider in known {
                let value = self.provide(&provider, span);
                all.join(&value);
            }
            self.providers.injecting -= 1;
            return Some(all);
        }
        match token.single()? {
            Atom::Object(class) if matches!(self.store.get(*class).kind, ObjKind::Class { .. }) => {
                Some(self.instance_for_annotation(*class))
            }
            _ => None,
        }
    }

    /// Makes what a framework provides from the start.
    pub(super) fn provide_eagerly(&mut self) {
        for token in std::mem::take(&mut self.providers.eager) {
            self.perhaps(|this| this.provided_for(&token, Span::default()).unwrap_or_default());
        }
    }

    /// Whether something may be put in that is called like a parameter.
    pub(super) fn provides_by_name(&self) -> bool {
        self.in_python() && !self.providers.known.is_empty()
    }

    /// Whether something was said of what stands for a token.
    pub(super) fn is_provided(&self, token: &Value) -> bool {
        !self.providers.known.is_empty() && self.providers.known.contains_key(token)
    }

    fn provide(&mut self, provider: &Provider, span: Span) -> Value {
        match provider {
            Provider::Value(value) => value.clone(),
            Provider::Existing(token) => {
                self.provided_for(token, span).unwrap_or_else(|| Value::unknown("what a container puts in"))
            }
            Provider::Class(class) => {
                let mut all = Value::none();
                for atom in class.atoms() {
                    match atom {
                        Atom::Object(id) if matches!(self.store.get(*id).kind, ObjKind::Class { .. }) => {
                            all.join(&self.instance_for_annotation(*id));
                        }
                        _ => {
                            let args = Args { construct: true, ..Args::unknown() };
                            all.join(&self.call_value(&Value::one(atom.clone()), args, span));
                        }
                    }
                }
                all
            }
            Provider::ClassOfAll(class, cradle) => {
                let init = match class.single() {
                    Some(Atom::Object(id)) => self.find_in_class(*id, "__init__").unwrap_or_default(),
                    _ => Value::none(),
                };
                let given = self.provided_by_name(&init, &Value::one(Atom::Sdk(Rc::clone(cradle))), span);
                self.call_value(class, Args { construct: true, ..Args::positional(given) }, span)
            }
            Provider::Factory(function, tokens) => {
                let mut given = Vec::new();
                for token in tokens {
                    let token = self.token(token, span);
                    given.push(self.provided_for(&token, span).unwrap_or_else(|| Value::unknown("what a container puts in")));
                }
                let made = self.call_value(function, Args::positional(given), span);
                self.awaited(&made)
            }
            Provider::FactoryOfAll(function, container) => {
                let given = self.provided_by_name(function, container, span);
                let made = self.call_value(function, Args::positional(given), span);
                self.awaited(&made)
            }
        }
    }

    /// What a container passes that injects either all that it provides as one object, or one by one what is called like the
    /// parameters. Only in the second case something is provided under each of their names.
    /// <https://github.com/jeffijoe/awilix#injection-modes>
    fn provided_by_name(&mut self, function: &Value, all: &Value, span: Span) -> Vec<Value> {
        let Some(Atom::Function(closure)) = function.single() else { return vec![all.clone()] };
        let func = self.func(closure.module, closure.func);
        let own = usize::from(func.receiver == Receiver::FirstParam);
        let names = func.params.iter().skip(own).map(|param| match &param.pattern {
            Pattern::Name(name) => Some(Value::literal(name.clone())).filter(|token| self.is_provided(token)),
            _ => None,
        });
        match names.collect::<Option<Vec<Value>>>() {
            Some(tokens) if !tokens.is_empty() => tokens
                .iter()
                .map(|token| self.provided_for(token, span).unwrap_or_else(|| Value::unknown("what a container puts in")))
                .collect(),
            _ => vec![all.clone()],
        }
    }

    /// The token that is meant: `forwardRef(() => Store)` and `{ token: Store, optional: true }` wrap it.
    fn token(&mut self, value: &Value, span: Span) -> Value {
        match value.single() {
            Some(Atom::Function(_)) => self.call_value(value, Args::default(), span),
            Some(Atom::Object(id)) if self.store.get(*id).kind == ObjKind::Dict => {
                self.store.get(*id).fields.get("token").cloned().unwrap_or_else(|| value.clone())
            }
            _ => value.clone(),
        }
    }

    /// What a parameter or field gets whose annotation is a decorator or a type, where a library puts it in: nothing as long as it is
    /// not known what that is, and the program is still being set up.
    pub(super) fn injected(&mut self, mut annotation: ExprId) -> Option<Value> {
        while let Expr::Logical { op: LogicalOp::Coalesce, left, right } = &self.body().exprs[annotation] {
            let (left, right) = (*left, *right);
            if let Some(value) = self.injected_by(left) {
                return Some(value);
            }
            annotation = right;
        }
        match &self.body().exprs[annotation] {
            Expr::Call { .. } => self.injected_by(annotation),
            Expr::Name(_) | Expr::Member { .. } if !self.providers.known.is_empty() => {
                let token = self.eval(annotation);
                self.is_provided(&token).then(|| self.provided_for(&token, Span::default())).flatten()
            }
            _ => None,
        }
    }

    fn injected_by(&mut self, decorator: ExprId) -> Option<Value> {
        let Expr::Call { callee, args, .. } = &self.body().exprs[decorator] else { return None };
        let span = self.span_of(decorator);
        let (callee, first) = (*callee, args.first().map(|argument| argument.value));
        let library = self.eval(callee);
        let Some(Atom::Sdk(sdk)) = library.single().cloned() else { return None };
        if crate::sdk::container(&sdk.value) == Some(Container::Injects) {
            let token = self.eval(first?);
            let token = self.token(&token, span);
            let provided = self.provided_for(&token, span);
            return provided.or_else(|| (!self.providers.settled).then(Value::null));
        }
        // A library that is described says what its decorator puts in.
        if crate::sdk::is_undescribed(&sdk.value) {
            return None;
        }
        let made = self.eval(decorator).filtered(|atom| matches!(atom, Atom::Sdk(_)));
        (!made.is_none() && !made.atoms().iter().any(is_plain_function)).then_some(made)
    }

    /// Makes instances anew that were made before everything was known that they get.
    pub(super) fn settle_providers(&mut self) {
        if self.providers.settled {
            return;
        }
        self.providers.settled = true;
        let waiting = std::mem::take(&mut self.providers.waiting);
        if self.providers.known.is_empty() && !self.providers.lacked_imports {
            return;
        }
        for (class, instance) in waiting {
            let args = self.args_from_library(class, Span::default());
            self.initialize(class, instance, args, Span::default());
        }
    }
}

fn unknown_affix() -> Text {
    Text::hole(Hole::Unknown("what stands around the names of tables".into()))
}

/// A decorator that gives back what it gets is nothing that is put in.
fn is_plain_function(atom: &Atom) -> bool {
    matches!(atom, Atom::Sdk(sdk) if matches!(&*sdk.value, SdkValue::External { .. } | SdkValue::Method { .. }))
}

/// The container that a library's value belongs to, as functions get it that make what is provided.
fn container(library: &SdkValue) -> Value {
    match library {
        SdkValue::External { ecosystem, path } if path.len() > 1 => {
            let path = path[..path.len() - 1].to_vec();
            Value::sdk(SdkValue::External { ecosystem: *ecosystem, path })
        }
        other => Value::sdk(other.clone()),
    }
}

/// What a function gets that a binding makes something with: the context, whose container is the only one.
fn binding_context() -> Value {
    let path = ["inversify", "Container", RESULT].map(SmolStr::new_static).to_vec();
    Value::sdk(SdkValue::External { ecosystem: Ecosystem::Npm, path })
}

/// All that a container provides, by name.
fn cradle(library: &SdkValue) -> Rc<SdkAtom> {
    let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = library else {
        return Rc::new(atom(library.clone()));
    };
    let end = path.iter().position(|segment| segment == RESULT).map_or(path.len(), |at| at + 1);
    let mut path = path[..end].to_vec();
    path.push(SmolStr::new_static("cradle"));
    Rc::new(atom(SdkValue::External { ecosystem: *ecosystem, path }))
}

fn atom(value: SdkValue) -> SdkAtom {
    SdkAtom {
        value: std::sync::Arc::new(value),
        trust: crate::sdk::Confidence::Certain,
        bound: Vec::new(),
        bound_named: Vec::new(),
    }
}
