//! Metadata that programs keep beside classes and functions. <https://github.com/microsoft/reflect-metadata>

use smol_str::{SmolStr, format_smolstr};

use super::super::call::Args;
use super::super::eval::unknown_bool;
use super::super::interp::Interp;
use super::super::store::ObjKind;
use super::super::value::{Atom, ObjId, Value};
use crate::sdk::Ecosystem;

/// How the names begin under which metadata is kept, behind which a key and the name of a member follow.
const START: &str = "__metadata:";
/// What stands for a key or a member that is not known.
const ANY: &str = "*";
/// What the compiler itself says of types, which nothing here does. <https://www.typescriptlang.org/tsconfig/#emitDecoratorMetadata>
const OF_COMPILER: &str = "design:";

impl Interp<'_> {
    /// The functions that `Reflect` has from the package; nothing for its own.
    pub(super) fn metadata_function(&mut self, name: &str, args: &Args) -> Option<Value> {
        Some(match name {
            "defineMetadata" => {
                let [key, value, target, member] = [0, 1, 2, 3].map(|index| args.get(index));
                self.define_metadata(&key, &value, &target, &member);
                Value::null()
            }
            "metadata" => {
                let path = ["globals", "Reflect", "defineMetadata"].map(SmolStr::new_static);
                let define = Value::sdk(crate::sdk::import(Ecosystem::Npm, &path));
                self.partial(&define, None, &[args.get(0), args.get(1)], &[])
            }
            "getMetadata" | "getOwnMetadata" => self.metadata(&args.get(0), &args.get(1), &args.get(2)),
            "hasMetadata" | "hasOwnMetadata" => unknown_bool(),
            _ => return None,
        })
    }

    fn define_metadata(&mut self, key: &Value, value: &Value, target: &Value, member: &Value) {
        let name = format_smolstr!("{START}{}:{}", key.as_literal().unwrap_or(ANY), member_of(member).unwrap_or(ANY));
        let certain = target.single().is_some() && !name.contains(ANY);
        for atom in target.atoms() {
            let holder = match atom {
                Atom::Object(id) => *id,
                Atom::Function(closure) => self.function_object((closure.module, closure.func, closure.frame)),
                _ => continue,
            };
            self.set_field(holder, &name, value.clone(), certain);
        }
    }

    fn metadata(&mut self, key: &Value, target: &Value, member: &Value) -> Value {
        let mut all = Value::none();
        for atom in target.atoms() {
            let holders: Vec<ObjId> = match atom {
                Atom::Object(id) => match self.store.get(*id).kind {
                    ObjKind::Class { .. } => self.line_of(*id).to_vec(),
                    ObjKind::Instance(class) => [*id].into_iter().chain(self.line_of(class).iter().copied()).collect(),
                    _ => vec![*id],
                },
                Atom::Function(closure) => vec![self.function_object((closure.module, closure.func, closure.frame))],
                _ => {
                    all.join(&Value::unknown("metadata"));
                    continue;
                }
            };
            let found = holders.iter().map(|holder| self.metadata_of(*holder, key, member)).find(|found| !found.is_none());
            let is_known = key.as_literal().is_some_and(|key| !key.starts_with(OF_COMPILER));
            all.join(&found.unwrap_or_else(|| if is_known { Value::null() } else { Value::unknown("metadata") }));
        }
        all
    }

    fn metadata_of(&self, holder: ObjId, key: &Value, member: &Value) -> Value {
        let fits = |kept: &str, asked: Option<&str>| asked.is_none_or(|asked| kept == asked || kept == ANY);
        let kept = self.store.get(holder).fields.iter().filter_map(|(name, value)| {
            let (of, part) = name.strip_prefix(START)?.rsplit_once(':')?;
            (fits(of, key.as_literal()) && fits(part, member_of(member))).then_some(value)
        });
        kept.fold(Value::none(), Value::joined)
    }
}

/// The name of a member, empty for the target itself; nothing where it is not known.
fn member_of(member: &Value) -> Option<&str> {
    if member.atoms().iter().all(|atom| matches!(atom, Atom::Null(_))) { Some("") } else { member.as_literal() }
}
