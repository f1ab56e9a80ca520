//! Calls of library values: what the SDK model says they do.

use std::rc::Rc;

use smol_str::SmolStr;

use super::bound::Bound;
use super::call::{Args, UNKNOWN_ARGUMENT};
use super::interp::Interp;
use super::member::trusted;
use super::proxies::WRAPPED;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, SdkAtom, Value};
use crate::ids::ExprId;
use crate::ir::Expr;
use crate::note::NoteKind;
use crate::sdk::construct::{BASE, construct, is_part_of_library, mark};
use crate::sdk::{CallArgs, Callbacks, Confidence, Returned, SdkValue};
use crate::span::Span;
use crate::value::Piece;

/// How many parts of arguments cost as much to hand out as a step of evaluation.
const PARTS_PER_STEP: u64 = 2;

impl Interp<'_> {
    /// Gives a variable or attribute, a method of which was called, what the method made of it.
    pub(super) fn changed_by_call(&mut self, callee: ExprId, receiver: &Value, method: &str) {
        let after = |atom: &Atom| match atom {
            Atom::Sdk(sdk) => {
                let value = crate::sdk::after_call(&sdk.value, method)?;
                Some(Atom::Sdk(Rc::new(SdkAtom { value: std::sync::Arc::new(value), ..(**sdk).clone() })))
            }
            _ => None,
        };
        if !receiver.atoms().iter().any(|atom| after(atom).is_some()) {
            return;
        }
        let changed: Value =
            receiver.atoms().iter().map(|atom| Value::one(after(atom).unwrap_or_else(|| atom.clone()))).collect();
        let body = self.body();
        let Expr::Member { object, .. } = &body.exprs[callee] else { return };
        let (holder, name) = match &body.exprs[*object] {
            Expr::Name(name) => (self.find_variable(name), name),
            Expr::Member { object, name } if matches!(body.exprs[*object], Expr::Name(_)) => match self.eval(*object).single() {
                Some(Atom::Object(id)) => (Some(*id), name),
                _ => return,
            },
            _ => return,
        };
        if let Some(id) = holder.filter(|id| self.store.get(*id).fields.get(name) == Some(receiver)) {
            self.set_field(id, name, changed, true);
        }
    }

    /// Calls a value of a library. `shared` are the arguments on their way out, where several such values get them.
    pub(super) fn call_sdk(&mut self, sdk: &Rc<SdkAtom>, mut args: Args, span: Span, shared: Option<&CallArgs>) -> Value {
        let several = shared.is_some();
        let shared = shared.filter(|_| sdk.bound.is_empty() && sdk.bound_named.is_empty());
        args.bind(&sdk.bound, &sdk.bound_named);
        if let Some(value) = self.language_call(&sdk.value, &args, span) {
            return value;
        }
        let known = self.call_container(&sdk.value, &args, span).or_else(|| self.call_emitter(&sdk.value, &args, span));
        if let Some(value) = known {
            return value;
        }
        if let Some((items, name)) = self.gone_through(sdk, &args) {
            return self.each_of(&items, name, &args, span);
        }
        if let Some(kept) = self.get_from_library(&sdk.value, &args) {
            return kept;
        }
        self.keep_on_library(&sdk.value, &args);
        self.call_wrapped(sdk, span);
        self.tell_parts_apart(&sdk.value, &mut args, span);
        let mut outcome = match shared {
            Some(exported) => crate::sdk::call(&sdk.value, exported),
            None => crate::sdk::call(&sdk.value, &self.export_args(&args)),
        };
        self.tell_apart(&mut outcome, &args, span);
        let mut is_construct = false;
        if let Returned::Value(value) = &mut outcome.value {
            is_construct = construct(value).is_some();
            mark(value, || self.store.alloc(Obj::new(ObjKind::Dict)).0);
        }
        if let Some(service) = outcome_service(&outcome.value) {
            self.record.services.insert(service);
        }
        let at_most = if several { sdk.trust.min(Confidence::Likely) } else { sdk.trust };
        for draft in outcome.requests {
            self.request(draft, span, at_most);
        }
        for (kind, message) in outcome.notes {
            self.note(kind, span, message);
        }
        if matches!(outcome.callbacks, Callbacks::Unknown) {
            self.given_to_unknown(&sdk.value, &args, span);
        }
        if let (Returned::Called, Callbacks::Called(with)) = (&outcome.value, &outcome.callbacks) {
            let with = with.iter().map(|arg| self.import_arg(arg)).collect();
            return self.called(&args, with, span);
        }
        let is_decorator = matches!(outcome.value, Returned::Identity | Returned::Argument(0));
        let result = self.given_back(outcome.value, &outcome.callbacks, &args, span);
        let result = trusted(result, sdk.trust);
        if matches!(outcome.callbacks, Callbacks::Unknown)
            && let Some(given) = self.handed_by(&sdk.value, &args)
        {
            let functions = self.functions_in(args.all());
            self.hand_over(&functions, vec![given], span);
            return result.joined(&Value::one(Value::wrapped(functions)));
        }
        let is_unknown = matches!(outcome.callbacks, Callbacks::Unknown);
        let after = self.call_back_from(outcome.callbacks, (result.clone(), is_decorator), &args, span);
        if is_unknown {
            self.given_by(&sdk.value, &after);
        }
        // A construct is what it is, whatever it is given.
        if is_construct { result } else { after }
    }

    /// The items of a library's list whose method calls the function among the arguments for each of them, and that method's name.
    fn gone_through<'s>(&mut self, sdk: &'s SdkAtom, args: &Args) -> Option<(Value, &'s str)> {
        if !args.get(0).atoms().iter().any(|atom| matches!(atom, Atom::Function(_))) {
            return None;
        }
        if let Some(name) = crate::sdk::undescribed_method(&sdk.value).filter(|name| super::names::calls_for_each(name)) {
            let items = match self.handed_by(&sdk.value, args) {
                Some(item) => self.list(Vec::new(), item),
                None => Value::unknown("a library's value"),
            };
            return Some((items, name));
        }
        let (items, name) = crate::sdk::method_of_answer(&sdk.value)?;
        let is_each = super::names::calls_for_each(name) && !self.in_python();
        is_each.then(|| (trusted(Value::sdk(items), sdk.trust), name))
    }

    /// Says and remembers what an unknown library gets.
    fn given_to_unknown(&mut self, library: &SdkValue, args: &Args, span: Span) {
        self.note_caller(library, span);
        self.note_handed(library, args, span);
        self.note_told(library, args, span);
        self.let_out(library, args);
        self.told_library(library, args);
        self.extensions_handed_over(Some(library), args, span);
    }

    /// What a method gives of something that an unknown library made and told the name of a service, if that is what a client of
    /// the service has.
    pub(super) fn call_of_told(&mut self, receiver: &Value, method: &str, args: &Args, span: Span) -> Value {
        let mut result = Value::none();
        let mut exported = None;
        for atom in receiver.atoms() {
            let Atom::Sdk(made) = atom else { continue };
            if !crate::sdk::is_told(&made.value) {
                continue;
            }
            let exported = exported.get_or_insert_with(|| self.export_args(args));
            let Some(method) = crate::sdk::method_of_told(&made.value, method, exported) else { continue };
            let trust = made.trust.min(Confidence::Likely);
            let callee = SdkAtom { value: method.into(), trust, bound: Vec::new(), bound_named: Vec::new() };
            result.join(&self.call_sdk(&Rc::new(callee), args.clone(), span, None));
        }
        result
    }

    /// Calls the functions among a library's arguments as it does; gives back its result, or what they make of it.
    fn call_back_from(&mut self, callbacks: Callbacks, given: (Value, bool), args: &Args, span: Span) -> Value {
        let (result, is_decorator) = given;
        let functions = self.functions_in(args.all());
        match callbacks {
            Callbacks::Ignored if is_decorator => {
                // What a decorator is told by name it calls around what it decorates: `retry(before_sleep=…)`.
                let hooks = self.functions_in(args.named.iter().map(|(_, value)| value));
                self.hand_over(&hooks, vec![Value::unknown(UNKNOWN_ARGUMENT)], span);
                result
            }
            Callbacks::Ignored => result,
            Callbacks::Called(with) => {
                let with: Vec<Value> = with.iter().map(|arg| self.import_arg(arg)).collect();
                self.hand_over(&functions, with, span);
                result
            }
            Callbacks::Wrapped(with) => {
                let with: Vec<Value> = with.iter().map(|arg| self.import_arg(arg)).collect();
                self.wrap(&result, &functions, &with)
            }
            // What a library makes of the environment, such as a checked copy, has its variables.
            Callbacks::Unknown
                if functions.is_empty() && args.all().flat_map(Value::atoms).any(|atom| self.is_environment(atom)) =>
            {
                self.checked_environment()
            }
            Callbacks::Unknown if functions.is_empty() && self.classes_among(args).is_empty() => {
                self.commands_handed_over(args, span);
                result
            }
            Callbacks::Unknown => {
                // An unknown decorator or wrapper: what it gives behaves like what it was given.
                let wrapped = self.call_unknown(args, span);
                match args.positional.as_slice() {
                    [function] if functions.contains(function) && args.named.is_empty() && !args.construct => function.clone(),
                    _ => wrapped.joined(&result.filtered(|atom| !matches!(atom, Atom::Hole(_)))),
                }
            }
        }
    }

    /// Says that a request is signed without any library: a text is the header that signed requests have.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
    pub(super) fn note_signature(&mut self, text: &Value, span: Span) {
        let Some(Atom::Text(text)) = text.single() else { return };
        let literals = || {
            text.pieces().iter().filter_map(|piece| match piece {
                Piece::Literal(literal) => Some(literal.as_str()),
                Piece::Hole(_) => None,
            })
        };
        // The signature is what comes last.
        let is_signed = matches!(text.pieces(), [.., Piece::Literal(before), Piece::Hole(_)] if before.ends_with("Signature="));
        if !is_signed || !literals().any(|literal| literal.contains("AWS4-HMAC-SHA256 Credential=")) {
            return;
        }
        // `…/eu-west-1/execute-api/aws4_request`
        let scope = literals().find_map(|literal| literal.split_once("/aws4_request")).map(|(before, _)| before);
        let service = scope.and_then(|scope| scope.rsplit_once('/')).map(|(_, service)| service).filter(|name| !name.is_empty());
        let to = service.map(|name| format!(" to {name}")).unwrap_or_default();
        let message = format!("requests{to} are signed by hand here; what they need is not in the policy");
        self.note(NoteKind::SignedRequest, span, message);
    }

    /// Says that a library which is not there depends on AWS's SDK. What its instances do is part of that.
    fn note_caller(&mut self, library: &SdkValue, span: Span) {
        let SdkValue::External { path, .. } = library else { return };
        let Some(package) = path.first().filter(|_| !crate::sdk::is_result(library)) else { return };
        if let Some(reason) = self.program.calls_aws(package) {
            let message = format!("`{package}` calls AWS and is not followed ({reason}); say what it may do in an override");
            self.note(NoteKind::UnfollowedPackage, span, message);
        }
    }

    /// What an instance of a program's own class is when its constructor hands on to that of a library's construct: it keeps the
    /// construct, and stands for it. Says whether there is one.
    pub(super) fn construct_base(&mut self, class: ObjId, instance: &Value, args: &Args, span: Span) -> bool {
        let Some(Atom::Object(id)) = instance.single().cloned() else { return false };
        let bases = self.library_bases(class);
        let exported = if bases.is_empty() { return false } else { self.export_args(args) };
        self.stands_in(id, &bases, args);
        if bases.iter().any(|base| self.construct_thread(base, class, id, args, span)) {
            return true;
        }
        for base in bases {
            let mut outcome = crate::sdk::call(&base, &exported);
            self.tell_apart(&mut outcome, args, span);
            // A stack is no resource, and still its name begins those of what is in it.
            outcome.requests.into_iter().for_each(|draft| self.request(draft, span, Confidence::Certain));
            let made = match outcome.value {
                Returned::Value(made) => made,
                // A class that gives what it is made with, or what that gives, wraps it.
                wrapped @ (Returned::Argument(_) | Returned::Result(..)) => {
                    let wrapped = self.given_back(wrapped, &Callbacks::Ignored, args, span);
                    self.set_field(id, &SmolStr::new_static(WRAPPED), wrapped, true);
                    return true;
                }
                _ => continue,
            };
            if is_part_of_library(&made) {
                let made = self.import_arg(&made);
                self.set_field(id, &SmolStr::new_static(BASE), made, true);
                return true;
            }
            self.note_handed(&base, args, span);
        }
        false
    }

    /// What a library's function gives back.
    fn given_back(&mut self, given: Returned, callbacks: &Callbacks, args: &Args, span: Span) -> Value {
        match given {
            Returned::Value(arg) => self.import_arg(&arg),
            Returned::Argument(index) => args.get(index),
            Returned::Named(name) => args.named(&name).cloned().unwrap_or_else(|| Value::unknown("a missing argument")),
            Returned::Identity => self.identity(callbacks),
            Returned::Variable(names, default) => self.variable(&names, default.as_ref()),
            Returned::Environment => self.process_environment(),
            Returned::Parsed => self.parsed(args),
            Returned::AppContext(names) => self.app_context(&names),
            Returned::Result(index, name) => self.result_of(&args.either(index, &name), span),
            Returned::Checked(schema, entry) => self.checked(&schema, entry.as_ref(), &args.get(0), span),
            Returned::MethodOf(index, name, method) => {
                let callee = self.member(&args.either(index, &name), &method, span);
                self.call_value(&callee, Args::default(), span)
            }
            Returned::Provider => self.provider(args, span),
            Returned::Applied => self.applied(args, span),
            Returned::Curried => Self::curried(args),
            Returned::Flow(flow) => self.flowing(&flow, args, span),
            Returned::Called => Value::unknown("the result of a library call"),
            Returned::Settings(index, name) => self.settings_of(&args.either(index, &name), span),
        }
    }

    /// A function that returns its argument, for decorators. What a decorator registers is called by the library, with the
    /// arguments that the library tells.
    pub(super) fn identity(&mut self, callbacks: &Callbacks) -> Value {
        if let Callbacks::Called(with) = callbacks {
            let with = with.iter().map(|arg| self.import_arg(arg)).collect();
            return Bound::Registers(with).into();
        }
        Value::sdk(crate::sdk::import(crate::sdk::Ecosystem::Python, &["builtins".into(), "identity".into()]))
    }

    /// The classes of the program among some arguments, as in `container.resolve(Service)`.
    pub(super) fn classes_among(&self, args: &Args) -> Vec<ObjId> {
        let class = |atom: &Atom| match atom {
            Atom::Object(id) => matches!(self.store.get(*id).kind, ObjKind::Class { .. }).then_some(*id),
            _ => None,
        };
        args.all().flat_map(Value::atoms).filter_map(class).collect()
    }

    /// Calls what a decorator of a library registered, and gives it back.
    pub(super) fn register(&mut self, with: Vec<Value>, args: &Args, span: Span) -> Value {
        let functions = self.functions_in(args.all());
        self.hand_over(&functions, with, span);
        let given = args.get(0);
        if given.is_none() { Value::null() } else { given }
    }

    pub(super) fn export_args(&mut self, args: &Args) -> CallArgs {
        let mut parts = 0;
        let mut export = |value: &Value| {
            let (arg, count) = self.export_counted(value);
            parts += count as u64;
            arg
        };
        let positional = args.positional.iter().map(&mut export).collect();
        let entries = args.named.iter().map(|(name, value)| (name.clone(), export(value))).collect();
        self.budget.spend(parts / PARTS_PER_STEP);
        CallArgs {
            positional,
            named: crate::value::ArgMap { entries, open: args.open, computed: Vec::new() },
            open: !args.rest.is_none(),
            construct: args.construct,
        }
    }

    /// A call whose callee is computed and that could be anything.
    pub(super) fn dynamic_operation(&mut self, span: Span, what: &str) {
        self.note(
            NoteKind::DynamicOperation,
            span,
            format!("the name of the operation called on {what} is computed; add the permissions it needs by hand"),
        );
    }
}

/// The service of a client that a call made.
fn outcome_service(value: &Returned) -> Option<SmolStr> {
    match value {
        Returned::Value(arg) => arg.alternatives().iter().find_map(|made| match made {
            crate::value::Arg::Sdk(value) => crate::sdk::created_service(value).map(SmolStr::new),
            _ => None,
        }),
        _ => None,
    }
}
