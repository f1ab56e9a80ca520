//! What of AWS's SDK gets into the hands of libraries that nobody knows: they can make requests with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::store::ObjKind;
use super::value::{Atom, Value};
use crate::note::NoteKind;
use crate::sdk::SdkValue;
use crate::span::Span;
use crate::value::{Piece, Text};

/// How many lists and objects are opened to find it.
const MAX_DEPTH: u32 = 2;

/// What runs other programs. <https://docs.python.org/3/library/subprocess.html>, <https://nodejs.org/api/child_process.html>
const RUNNERS: [(&str, &str); 17] = [
    ("asyncio", "create_subprocess_exec"),
    ("asyncio", "create_subprocess_shell"),
    ("child_process", "exec"),
    ("child_process", "execFile"),
    ("child_process", "execFileSync"),
    ("child_process", "execSync"),
    ("child_process", "spawn"),
    ("child_process", "spawnSync"),
    ("os", "popen"),
    ("os", "system"),
    ("subprocess", "Popen"),
    ("subprocess", "call"),
    ("subprocess", "check_call"),
    ("subprocess", "check_output"),
    ("subprocess", "getoutput"),
    ("subprocess", "getstatusoutput"),
    ("subprocess", "run"),
];

impl Interp<'_> {
    /// Says that a library which is not followed gets a client, or the function's own credentials.
    pub(super) fn note_handed(&mut self, library: &SdkValue, args: &Args, span: Span) {
        let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = library else { return };
        self.note_program(path, args, span);
        let Some(package) = path.first().filter(|package| !super::link::is_of_language(*ecosystem, package)) else { return };
        let mut held = Vec::new();
        self.sdk_values_in(args.all().collect(), MAX_DEPTH, &mut held);
        if held.iter().any(|value| crate::sdk::are_own_credentials(value)) {
            let message =
                format!("`{package}` gets this function's own credentials; what it requests with them is not in the policy");
            self.note(NoteKind::SignedRequest, span, message);
        }
        let makers: BTreeSet<String> = held.iter().filter_map(|value| crate::sdk::made_with_own(value)).collect();
        let is_known = super::link::is_common(*ecosystem, package) || crate::sdk::knows_package(*ecosystem, package);
        if !makers.is_empty() && !is_known {
            let makers: Vec<String> = makers.into_iter().collect();
            let message =
                format!("`{package}` gets {} and is not followed; say what it may do in an override", makers.join(" and "));
            self.note(NoteKind::UnfollowedPackage, span, message);
        }
    }

    /// Says that AWS's command line is run, which makes requests of its own.
    /// <https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-commandstructure.html>
    fn note_program(&mut self, path: &[SmolStr], args: &Args, span: Span) {
        let [module, .., function] = path else { return };
        if !RUNNERS.contains(&(module.trim_start_matches("node:"), function)) {
            return;
        }
        let is_cli = |text: &Text| {
            let known = text.pieces().iter().filter_map(|piece| match piece {
                Piece::Literal(literal) => Some(literal.as_str()),
                Piece::Hole(_) => None,
            });
            let mut words = known.flat_map(str::split_whitespace);
            words.any(|word| word == "aws" || (word.starts_with(['/', '.']) && word.ends_with("/aws")))
        };
        let mut words: Vec<Text> = Vec::new();
        for value in args.all() {
            words.extend(value.texts());
            for atom in value.atoms() {
                if let Atom::Object(id) = atom {
                    words.extend(self.store.get(*id).items.iter().flat_map(Value::texts));
                }
            }
        }
        if words.iter().any(is_cli) {
            let message = "AWS's command line is run here; what its commands need is not in the policy";
            self.note(NoteKind::UnfollowedPackage, span, message.to_owned());
        }
    }

    fn sdk_values_in(&self, values: Vec<&Value>, depth: u32, found: &mut Vec<Arc<SdkValue>>) {
        for atom in values.into_iter().flat_map(Value::atoms) {
            match atom {
                Atom::Sdk(sdk) => found.push(Arc::clone(&sdk.value)),
                Atom::Object(id) if depth > 0 => {
                    let object = self.store.get(*id);
                    if matches!(object.kind, ObjKind::Dict | ObjKind::List) {
                        let inner = object.fields.values().chain(&object.items).chain([&object.rest]).collect();
                        self.sdk_values_in(inner, depth - 1, found);
                    }
                }
                _ => {}
            }
        }
    }
}
