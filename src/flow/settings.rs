//! Settings from the environment: classes whose fields a library fills, and what it makes of single variables.

use smol_str::SmolStr;

use super::call::Args;
use super::fields::Slot;
use super::interp::Interp;
use super::store::{Obj, ObjKind};
use super::value::{Atom, ObjId, Value};
use crate::ids::ExprId;
use crate::ir::{Element, Expr};
use crate::sdk::{Ecosystem, FieldSource};
use crate::span::Span;
use crate::value::{Arg, ArgMap, Hole, Text};

/// How deep objects inside settings are filled.
const MAX_NESTED: usize = 4;

impl Interp<'_> {
    /// How a library fills the fields of a class, if it inherits from one that does.
    pub(super) fn field_source(&mut self, class: ObjId, args: &Args) -> Option<FieldSource> {
        let bases = self.library_bases(class);
        if bases.is_empty() {
            return None;
        }
        let mut attributes = ArgMap::default();
        self.collect_attributes(class, &mut attributes, 0);
        let args = self.export_args(args);
        bases.iter().find_map(|base| crate::sdk::field_source(base, &attributes, &args))
    }

    /// Remembers what the annotations of a class say about its fields, for classes that a library fills.
    pub(super) fn note_annotations(&mut self, class: ObjId) {
        let ObjKind::Class { module, class: id, .. } = self.store.get(class).kind else { return };
        let fields = &self.program.modules[module].module.classes[id].fields;
        if fields.is_empty() || self.library_bases(class).is_empty() {
            return;
        }
        for field in fields {
            let parts = self.annotation_parts(field.annotation, 0);
            let kept: Value = parts.filtered(|atom| matches!(atom, Atom::Object(id) if self.is_field(*id) || self.is_class(*id)));
            if !kept.is_none() {
                self.set_field(class, &annotation_key(&field.name), kept, true);
            }
        }
    }

    /// The parts of an annotation: the types and remarks of `Annotated[str, Field(alias="TABLE")]`.
    fn annotation_parts(&mut self, annotation: ExprId, depth: usize) -> Value {
        match &self.body().exprs[annotation] {
            Expr::Index { index, .. } if depth < MAX_NESTED => self.annotation_parts(*index, depth + 1),
            Expr::Sequence { items, .. } if depth < MAX_NESTED => {
                let mut all = Value::none();
                for item in items {
                    if let Element::Item(item) = item {
                        all.join(&self.annotation_parts(*item, depth + 1));
                    }
                }
                all
            }
            Expr::Binary { left, right, .. } if depth < MAX_NESTED => {
                let left = self.annotation_parts(*left, depth + 1);
                left.joined(&self.annotation_parts(*right, depth + 1))
            }
            Expr::Name(_) | Expr::Member { .. } | Expr::Call { .. } => self.eval(annotation),
            _ => Value::none(),
        }
    }

    fn is_field(&self, id: ObjId) -> bool {
        self.store.get(id).fields.contains_key(&Slot::Field.key())
    }

    pub(super) fn is_class(&self, id: ObjId) -> bool {
        matches!(self.store.get(id).kind, ObjKind::Class { .. })
    }

    /// Gives an instance of settings its fields: what it is made with, else environment variables, else defaults.
    pub(super) fn fill_from_environment(&mut self, class: ObjId, instance: ObjId, source: &FieldSource, args: &Args, span: Span) {
        for hook in source.hooks() {
            if let Some(found) = self.find_in_class(class, hook) {
                self.call_value(&found, Args::unknown(), span);
            }
        }
        for name in self.data_fields(class) {
            let value = match args.named(&name).cloned() {
                Some(given) => given,
                None => self.setting(class, &name, source, 0),
            };
            self.set_field(instance, &name, value, true);
        }
        self.after_fields(class, instance);
        let init = self.member(&Value::object(instance), &"__init__".into(), span);
        let init = init.filtered(|atom| matches!(atom, Atom::Function(_)));
        self.call_value(&init, args.clone(), span);
    }

    /// The value of one field of settings.
    fn setting(&mut self, class: ObjId, name: &SmolStr, source: &FieldSource, depth: usize) -> Value {
        let annotation = self.find_in_class(class, &annotation_key(name)).unwrap_or_default();
        let default = self.field_default(class, name);
        let kinds: Vec<ObjId> = annotation.atoms().iter().filter_map(|atom| self.nested_class(atom)).collect();
        if let (Some(inner), [kind]) = (source.inside(name), kinds.as_slice())
            && depth < MAX_NESTED
        {
            return self.nested_settings(*kind, &inner, depth + 1);
        }
        // Settings within settings fill themselves.
        if let Some(default) = default.as_ref().filter(|value| matches!(value.single(), Some(Atom::Object(_)))) {
            return default.clone();
        }
        let told = self.told(class, name, &annotation);
        let names = source.names(name, told.as_ref());
        self.first_set(&names, source.is_exact(), default.as_ref())
    }

    /// An object inside settings, each of whose fields is a variable of its own.
    fn nested_settings(&mut self, class: ObjId, source: &FieldSource, depth: usize) -> Value {
        let instance = self.new_instance(class);
        for name in self.data_fields(class) {
            let value = self.setting(class, &name, source, depth);
            self.set_field(instance, &name, value, true);
        }
        self.after_fields(class, instance);
        Value::object(instance)
    }

    /// A class with annotated fields, the type of a field.
    fn nested_class(&self, atom: &Atom) -> Option<ObjId> {
        match atom {
            Atom::Object(id) if self.is_class(*id) && !self.data_fields(*id).is_empty() => Some(*id),
            _ => None,
        }
    }

    /// What a field is told by `Field(…)`, as its value or in its annotation.
    fn told(&self, class: ObjId, name: &str, annotation: &Value) -> Option<ArgMap> {
        let own = self.find_in_class(class, name).unwrap_or_default();
        let told = own.atoms().iter().chain(annotation.atoms()).find_map(|atom| match atom {
            Atom::Object(id) if self.is_field(*id) => Some(*id),
            _ => None,
        })?;
        match self.export(&Value::object(told)) {
            Arg::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The first of some variables that is set.
    fn first_set(&mut self, names: &[SmolStr], exact: bool, default: Option<&Value>) -> Value {
        let mut all = Value::none();
        for name in names {
            let known =
                self.options.environment.keys().find(|known| *known == name || !exact && known.eq_ignore_ascii_case(name));
            if let Some(known) = known.cloned() {
                return self.environment(&known, default);
            }
            all.join(&self.environment(name, default));
        }
        all
    }

    /// An environment variable that a library's function gives.
    pub(super) fn variable(&mut self, names: &[Text], default: Option<&Arg>) -> Value {
        let names: Value = names.iter().cloned().map(Value::text).collect();
        let default = default.map(|default| self.import_arg(default));
        self.environment_of(&names, default.as_ref())
    }

    /// All environment variables.
    pub(super) fn process_environment(&mut self) -> Value {
        if self.in_python() {
            return self.library(Ecosystem::Python, &["os".into(), "environ".into()]);
        }
        self.library(Ecosystem::Npm, &["globals".into(), "process".into(), "env".into()])
    }

    /// What the context of a CDK application holds under a name. A deployment may replace a text by another one
    /// (`--context stage=prod`), so that it stands for a parameter; dictionaries can only be what the file says.
    /// <https://docs.aws.amazon.com/cdk/v2/guide/context.html>
    pub(super) fn app_context(&mut self, names: &[Text]) -> Value {
        let mut all = Value::none();
        let context = &self.options.context;
        for name in names {
            let own = |name: &str| context.get(name);
            let by_default = match name.as_hole() {
                Some(Hole::Parameter(parameter)) => own(parameter).and_then(Arg::as_text),
                _ => None,
            };
            let held = by_default.as_ref().unwrap_or(name).as_literal().and_then(own);
            let value = match held {
                Some(Arg::Text(_)) => name.as_literal().map(|name| Value::hole(Hole::Parameter(name.into()))),
                Some(dictionary @ (Arg::Map(_) | Arg::List { .. })) => Some(self.import_arg(dictionary)),
                _ => None,
            };
            all.join(&value.unwrap_or_else(|| Value::unknown("the application's context")));
        }
        if all.is_none() { Value::unknown("the application's context") } else { all }
    }

    /// What a library makes of the environment, such as a checked copy. Those that do not throw give it inside a result.
    pub(super) fn checked_environment(&mut self) -> Value {
        let id = self.store.alloc(Obj::new(ObjKind::Dict));
        let environment = self.process_environment();
        self.store.get_mut(id).rest = environment;
        for name in ["data", "output", "value"] {
            self.set_field(id, &name.into(), Value::object(id), true);
        }
        Value::object(id)
    }

    /// Methods that library classes give to classes of the program, and that make instances: `Order.model_validate(event)`,
    /// `OrderView.as_view("orders")`.
    pub(super) fn model_method(&mut self, class: ObjId, name: &str, args: &Args, span: Span) -> Option<Value> {
        if !self.is_class(class) || self.library_bases(class).is_empty() {
            return None;
        }
        let fields = self.data_fields(class);
        let is_maker = matches!(name, "model_validate" | "model_validate_json" | "parse_obj" | "parse_raw" | "from_dict");
        if is_maker && !fields.is_empty() {
            let source = args.get(0);
            let mut given = Args::default();
            for name in fields {
                let value = self.index(&source, &Value::literal(name.clone()), span);
                if self.is_null(&value) != Some(true) {
                    given.named.push((name, value));
                }
            }
            return Some(self.construct(class, given, span));
        }
        if self.is_extension(class) {
            let made = self.perhaps(|this| this.construct(class, Args::unknown(), span));
            return Some(self.call_unknown(args, span).joined(&made));
        }
        None
    }

    /// Instances of classes whose fields are the environment variables of the same names.
    pub(super) fn settings_of(&mut self, classes: &Value, span: Span) -> Value {
        let mut all = Value::none();
        for atom in classes.atoms() {
            let Atom::Object(class) = atom else { continue };
            if !self.is_class(*class) {
                continue;
            }
            let mut args = Args::default();
            for name in self.data_fields(*class) {
                let default = self.field_default(*class, &name);
                let value = self.environment(&name, default.as_ref());
                args.named.push((name, value));
            }
            all.join(&self.construct(*class, args, span));
        }
        if all.is_none() { Value::unknown("settings") } else { all }
    }
}

/// Under which name a class keeps what the annotation of a field says.
pub(super) fn annotation_key(field: &str) -> SmolStr {
    smol_str::format_smolstr!("{field}.annotation")
}
