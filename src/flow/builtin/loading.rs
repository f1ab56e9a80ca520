//! Parts of Python's standard library that load modules by a path or by name.

use super::super::call::Args;
use super::super::fields::Slot;
use super::super::interp::Interp;
use super::super::store::{Obj, ObjKind};
use super::super::value::{Atom, Value};
use crate::sdk::Ecosystem;
use crate::span::Span;

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
