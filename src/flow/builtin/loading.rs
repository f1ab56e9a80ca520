//! Parts of Python's standard library that load modules by a path or by name.

use super::super::call::Args;
use super::super::eval::unknown_bool;
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Value};
use crate::sdk::Ecosystem;
use crate::span::Span;
use crate::value::{Hole, Text};

impl Interp<'_> {
    /// <https://docs.python.org/3/library/importlib.html#importing-a-source-file-directly>,
    /// <https://docs.python.org/3/library/runpy.html>
    pub(super) fn loading_call(&mut self, path: &str, args: &Args, span: Span) -> Option<Value> {
        let is_main = args.named("run_name").and_then(Value::as_literal) == Some("__main__")
            || path.starts_with("runpy.") && args.get(2).as_literal() == Some("__main__");
        Some(match path {
            "importlib.util.spec_from_file_location" => {
                let module = self.modules_at(&args.either(1, "location"), false, span);
                self.spec_of(module)
            }
            "importlib.util.module_from_spec" => self.member(&args.either(0, "spec"), &Slot::Module.key(), span),
            "importlib.machinery.SourceFileLoader" => {
                let module = self.modules_at(&args.either(1, "path"), false, span);
                self.loader_of(&module)
            }
            "importlib.util.spec_from_loader" => {
                let load = self.member(&args.either(1, "loader"), &"load_module".into(), span);
                let module = self.call_value(&load, Args::default(), span);
                self.spec_of(module)
            }
            "pkgutil.iter_modules" | "pkgutil.walk_packages" => self.modules_listed(&args.either(1, "prefix")),
            "inspect.getmembers" => self.members_listed(args, span),
            "imp.load_source" => self.modules_at(&args.either(1, "pathname"), false, span),
            "importlib.reload" | "imp.reload" => args.get(0),
            "runpy.run_path" => self.modules_at(&args.either(0, "path_name"), is_main, span),
            "runpy.run_module" => {
                let modules = self.dynamic_import(&args.either(0, "mod_name"), span);
                for atom in modules.atoms() {
                    if let Atom::Object(id) = atom
                        && let ObjKind::Namespace(module) = self.store.get(*id).kind
                        && is_main
                    {
                        self.run_as(module, true);
                    }
                }
                modules
            }
            _ => return None,
        })
    }

    /// The modules of a package, each with its name behind a prefix.
    fn modules_listed(&mut self, prefix: &Value) -> Value {
        let hole = || Text::hole(Hole::Unknown("the name of a module".into()));
        let behind = |prefix: Text| Text::from_pieces(prefix.pieces().iter().chain(hole().pieces()).cloned());
        let mut name: Value = prefix.texts().into_iter().map(|prefix| Value::text(behind(prefix))).collect();
        if name.is_none() {
            name = Value::text(hole());
        }
        let mut info = Obj::new(ObjKind::List);
        info.items = vec![Value::unknown("a finder of modules"), name.clone(), unknown_bool()];
        info.fields.insert("name".into(), name);
        info.fields.insert("ispkg".into(), unknown_bool());
        let info = Value::object(self.store.alloc(info));
        self.list(Vec::new(), info)
    }

    /// The names and values in a module or object, all together; only those that are asked for.
    fn members_listed(&mut self, args: &Args, span: Span) -> Value {
        let all = self.values(&args.either(0, "object"));
        let all = self.item_of(&all, span);
        let asked = args.either(1, "predicate");
        let asked = match asked.single() {
            Some(Atom::Sdk(sdk)) => Self::library_path(&sdk.value).map(|(_, path)| path),
            _ => None,
        };
        let members = all.filtered(|atom| match (asked.as_deref(), atom) {
            (Some("inspect.isclass"), Atom::Object(id)) => matches!(self.store.get(*id).kind, ObjKind::Class { .. }),
            (Some("inspect.isfunction"), atom) => matches!(atom, Atom::Function(_)),
            (Some("inspect.isclass"), atom) => matches!(atom, Atom::Hole(_)),
            _ => true,
        });
        if members.is_none() {
            return self.list(Vec::new(), Value::none());
        }
        let member = self.list(vec![Value::unknown("the name of a member"), members], Value::none());
        self.list(Vec::new(), member)
    }

    fn spec_of(&mut self, module: Value) -> Value {
        let loader = self.loader_of(&module);
        let mut spec = Obj::new(ObjKind::Dict);
        spec.fields.insert(Slot::Module.key(), module);
        spec.fields.insert("loader".into(), loader);
        spec.open = true;
        Value::object(self.store.alloc(spec))
    }

    /// What loads modules: whatever it is told, it gives these.
    fn loader_of(&mut self, module: &Value) -> Value {
        let identity = self.library(Ecosystem::Python, &["builtins".into(), "identity".into()]);
        let load = self.partial(&identity, None, std::slice::from_ref(module), &[]);
        let mut loader = Obj::new(ObjKind::Dict);
        loader.fields.insert("exec_module".into(), load.clone());
        loader.fields.insert("load_module".into(), load);
        loader.open = true;
        Value::object(self.store.alloc(loader))
    }
}
