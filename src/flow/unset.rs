//! Environment variables that the function's template does not set: the code falls back on something else.
//!
//! ```text
//! table = os.environ.get("TABLE")        # the template sets no TABLE
//! if not table:                          # what the code asks for is not there,
//!     table = "orders"                   # and of several names it is not this one
//! ```
//!
//! A variable may still be set by hand after the deployment. So no way is left out because of that, only names are; one that has
//! no other stays open.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::interp::Interp;
use super::value::{Atom, Value};
use crate::value::{Arg, ArgMap, Hole, Piece};

/// What Lambda or its runtimes set besides the names that begin with `AWS_`.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const OF_RUNTIMES: [&str; 10] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "LANG",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
    "PATH",
    "PYTHONPATH",
    "TZ",
];

/// The environment variables that the program asks for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    variables: BTreeSet<SmolStr>,
    /// Those that the template does not set, and of which the program asks whether they are there.
    if_set: FxHashSet<SmolStr>,
    /// Those that the template does not set, and in whose place the code's own default counts.
    defaulted: BTreeSet<SmolStr>,
    /// The names of those whose values are known, by these in small letters.
    given: FxHashMap<SmolStr, BTreeSet<SmolStr>>,
    /// Those of which a known value is what a condition was decided by.
    decisive: BTreeSet<SmolStr>,
}

impl Asked {
    /// Remembers that the program asks for a variable.
    pub(super) fn ask(&mut self, name: &str) {
        if !self.variables.contains(name) {
            self.variables.insert(name.into());
        }
    }

    /// The names of all of them.
    pub(super) fn into_variables(self) -> BTreeSet<SmolStr> {
        self.variables
    }

    /// Remembers what the program finds in a variable.
    pub(super) fn give(&mut self, name: &str, value: &str) {
        self.given.entry(value.to_lowercase().into()).or_default().insert(name.into());
    }

    /// Remembers that something was decided by a text, which may be what is in variables.
    fn decide_by(&mut self, text: &str) {
        if let Some(names) = self.given.get(text.to_lowercase().as_str()) {
            self.decisive.extend(names.iter().cloned());
        }
    }

    /// Those whose values decided conditions.
    pub(super) fn decisive(&self) -> &BTreeSet<SmolStr> {
        &self.decisive
    }

    /// Those that are not set, whose defaults count.
    pub(super) fn defaulted(&self) -> &BTreeSet<SmolStr> {
        &self.defaulted
    }
}

impl Interp<'_> {
    /// Whether no variable of this name is set: the template lists all there are, and it is none of them.
    fn is_unset(&self, name: &str) -> bool {
        let is_given = self.options.environment.get(name).is_some_and(|texts| !texts.is_empty());
        self.options.environment_complete && !is_given && !name.starts_with("AWS_") && !OF_RUNTIMES.contains(&name)
    }

    /// The code's own default of a variable, where nothing sets that.
    pub(super) fn default_of_unset<'v>(&mut self, name: &str, default: Option<&'v Value>) -> Option<&'v Value> {
        let default = default.filter(|_| self.is_unset(name))?;
        self.asked.defaulted.insert(name.into());
        Some(default)
    }

    fn unset_name<'a>(&self, hole: &'a Hole) -> Option<&'a SmolStr> {
        match hole {
            Hole::Env { name, default: None } if self.is_unset(name) => Some(name),
            _ => None,
        }
    }

    /// `VARIABLE or "default"`: a variable that may be set remembers what the code falls back on.
    ///
    /// What a parameter of the template gives is there, so that its name is no other. Flags are parameters as well, so no way hangs on it.
    pub(super) fn or_default(&mut self, value: &Value, default: &Value) -> Value {
        let is_filled = |atom: &Atom| match atom {
            Atom::Hole(hole) => matches!(&**hole, Hole::Parameter(name) if self.options.filled_parameters.contains(name)),
            _ => false,
        };
        if !value.is_none() && value.atoms().iter().all(is_filled) {
            return value.clone();
        }
        let unset = |atom: &Atom| match atom {
            Atom::Hole(hole) => self.unset_name(hole).cloned(),
            _ => None,
        };
        let set = value.filtered(|atom| unset(atom).is_none());
        if self.is_null(default) != Some(true) {
            let names: Vec<SmolStr> = value.atoms().iter().filter_map(unset).collect();
            self.asked.defaulted.extend(names);
        }
        match set.is_none() {
            // A way that ends here gives nothing: `process.env.TABLE ?? fail()`.
            true if self.is_null(default) == Some(true) => value.clone(),
            true => default.clone(),
            false => with_default(&set, default),
        }
    }

    /// Remembers that the program asks whether a value is there.
    pub(super) fn ask_if_set(&mut self, value: &Value) {
        for atom in value.atoms() {
            if let Atom::Hole(hole) = atom
                && let Some(name) = self.unset_name(hole)
            {
                self.asked.if_set.insert(name.clone());
            }
        }
    }

    /// Remembers the variables by whose values a comparison was decided, or a text found to be empty.
    pub(super) fn ask_what_decides(&mut self, value: &Value) {
        if let Some(text) = value.as_literal() {
            self.asked.decide_by(text);
        }
    }

    /// `"TABLE" in os.environ`.
    pub(super) fn ask_if_in(&mut self, name: &Value, collection: &Value) {
        if let Some(name) = name.as_literal()
            && collection.atoms().iter().any(|atom| self.is_environment(atom))
        {
            self.asked.ask(name);
            if self.is_unset(name) {
                self.asked.if_set.insert(name.into());
            }
        }
    }

    /// The parameters of a request, without names of variables that nothing sets where the program asks for that and has others.
    pub(super) fn without_unset(&self, params: ArgMap) -> ArgMap {
        if self.asked.if_set.is_empty() {
            return params;
        }
        let entries = params.entries.into_iter().map(|(name, arg)| (name, self.set_alternatives(arg))).collect();
        ArgMap { entries, ..params }
    }

    fn set_alternatives(&self, arg: Arg) -> Arg {
        match arg {
            Arg::OneOf(all) => {
                let set: Vec<Arg> = all.iter().filter(|arg| !self.names_unset(arg)).cloned().collect();
                if set.iter().all(|arg| *arg == Arg::Null) { Arg::OneOf(all) } else { Arg::one_of(set) }
            }
            Arg::Map(map) => Arg::Map(self.without_unset(map)),
            Arg::List { items, open } => {
                Arg::List { items: items.into_iter().map(|item| self.set_alternatives(item)).collect(), open }
            }
            other => other,
        }
    }

    fn names_unset(&self, arg: &Arg) -> bool {
        let is_unset = |hole: &Hole| self.unset_name(hole).is_some_and(|name| self.asked.if_set.contains(name));
        match arg {
            Arg::Unknown(hole) => is_unset(hole),
            Arg::Text(text) => text.pieces().iter().any(|piece| matches!(piece, Piece::Hole(hole) if is_unset(hole))),
            _ => false,
        }
    }
}

fn with_default(value: &Value, default: &Value) -> Value {
    let is_variable = |atom: &Atom| matches!(atom, Atom::Hole(hole) if matches!(**hole, Hole::Env { .. }));
    if value.single().is_some_and(is_variable) && matches!(default.single(), Some(Atom::Null(_))) {
        // Falling back on nothing gives no other name.
        return value.clone();
    }
    if let (Some(Atom::Hole(hole)), Some(literal)) = (value.single(), default.as_literal())
        && let Hole::Env { name, default: None } = &**hole
    {
        return Value::hole(Hole::Env { name: name.clone(), default: Some(literal.into()) });
    }
    value.clone().joined(default)
}
