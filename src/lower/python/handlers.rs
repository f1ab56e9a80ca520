//! Which top-level names look like Lambda handlers.

use smol_str::SmolStr;

/// Candidates so far.
#[derive(Default)]
pub(super) struct Handlers {
    candidates: Vec<(Rank, SmolStr)>,
}

/// The better the name, the smaller.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    LambdaHandler,
    Handler,
    NamedHandler,
    Parameters,
}

/// What the definition of a function says about its positional parameters.
pub(super) struct Shape<'n> {
    /// Their names, in order.
    pub(super) positional: Vec<&'n str>,
    /// How many of them have no default.
    pub(super) required: usize,
}

impl Handlers {
    /// A function defined at the top level.
    pub(super) fn note_function(&mut self, name: &SmolStr, shape: &Shape<'_>) {
        let rank = rank(name);
        // Nothing else is called so, and it may take anything: `def lambda_handler(*args)`.
        if rank == Rank::LambdaHandler {
            self.candidates.push((rank, name.clone()));
            return;
        }
        // What is called like a handler may take more, as long as Lambda need not give it.
        let (Some(first), Some(second)) = (shape.positional.first(), shape.positional.get(1)) else { return };
        let named = looks_like_event(first) && looks_like_context(second);
        let named_so = named && (rank < Rank::Parameters || !is_blank(first, second));
        let takes_two = shape.required == 2
            || shape.positional.len() == 2
            || (rank < Rank::Parameters && shape.required < 2)
            // A decorator may add what Lambda does not give.
            || (rank == Rank::Handler && named);
        if takes_two && !name.starts_with("test_") && (named_so || rank <= Rank::Handler) {
            self.candidates.push((rank, name.clone()));
        }
    }

    /// `name = callee(…)`, `name = other` at the top level; the callee is empty when nothing is called.
    pub(super) fn note_assignment(&mut self, name: &SmolStr, callee: &str) {
        let rank = rank(name);
        let named_so = rank <= Rank::Handler || name.ends_with("_handler");
        if named_so && !is_logging_handler(callee) {
            self.candidates.push((rank, name.clone()));
        }
    }

    /// The names, best first, then in source order. Beside a handler that is called like one, functions that the code itself
    /// uses are its helpers, whatever they take.
    pub(super) fn ranked(mut self, is_used: impl Fn(&str) -> bool) -> Vec<SmolStr> {
        self.candidates.sort_by_key(|(rank, _)| *rank);
        if self.candidates.first().is_some_and(|(rank, _)| *rank <= Rank::Handler) {
            self.candidates.retain(|(rank, name)| *rank <= Rank::Handler || !is_used(name));
        }
        let mut names = indexmap::IndexSet::<SmolStr, rustc_hash::FxBuildHasher>::default();
        names.extend(self.candidates.into_iter().map(|(_, name)| name));
        names.into_iter().collect()
    }
}

fn rank(name: &str) -> Rank {
    match name {
        "lambda_handler" => Rank::LambdaHandler,
        "handler" => Rank::Handler,
        _ if name.to_ascii_lowercase().ends_with("handler") || name.contains("lambda_handler") => Rank::NamedHandler,
        _ => Rank::Parameters,
    }
}

fn looks_like_event(name: &str) -> bool {
    let name = name.trim_matches('_').to_ascii_lowercase();
    matches!(name.as_str(), "" | "e" | "ev" | "evt" | "input" | "payload" | "request" | "req" | "message" | "msg" | "data")
        || name.contains("event")
}

fn looks_like_context(name: &str) -> bool {
    let name = name.trim_matches('_').to_ascii_lowercase();
    matches!(name.as_str(), "" | "c" | "ctx" | "cntx" | "contxt") || name.contains("context") || name.ends_with("_ctx")
}

fn is_blank(first: &str, second: &str) -> bool {
    first.trim_matches('_').is_empty() || (second.trim_matches('_').is_empty() && !first.contains("event"))
}

/// `handler = logging.StreamHandler()` is no Lambda handler.
fn is_logging_handler(callee: &str) -> bool {
    let class = callee.rsplit('.').next().unwrap_or(callee);
    callee.starts_with("logging.")
        || ["StreamHandler", "FileHandler", "NullHandler", "LogHandler", "RichHandler"].iter().any(|known| class.ends_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(functions: &[(&str, &[&str])]) -> Vec<SmolStr> {
        let mut handlers = Handlers::default();
        for (name, params) in functions {
            handlers.note_function(&SmolStr::new(name), &Shape { positional: params.to_vec(), required: params.len() });
        }
        handlers.ranked(|_| false)
    }

    #[test]
    fn better_names_come_first() {
        let found = ranked(&[
            ("process", &["event", "context"]),
            ("orders_handler", &["event", "_"]),
            ("handler", &["_event", "_context"]),
            ("lambda_handler", &["e", "c"]),
        ]);
        assert_eq!(found, ["lambda_handler", "handler", "orders_handler", "process"]);
    }

    #[test]
    fn helpers_of_a_handler_are_no_handlers() {
        let mut handlers = Handlers::default();
        for name in ["create", "delete", "lambda_handler"] {
            handlers.note_function(&SmolStr::new(name), &Shape { positional: vec!["event", "context"], required: 2 });
        }
        assert_eq!(handlers.ranked(|name| name == "create"), ["lambda_handler", "delete"]);
    }

    #[test]
    fn what_is_called_like_a_handler_may_take_more_or_less() {
        let mut handlers = Handlers::default();
        handlers.note_function(&"lambda_handler".into(), &Shape { positional: Vec::new(), required: 0 });
        let more = Shape { positional: vec!["event", "context", "password"], required: 1 };
        handlers.note_function(&"lambda_handler_user".into(), &more);
        handlers.note_function(&"create".into(), &more);
        handlers.note_function(&"test_create".into(), &Shape { positional: vec!["event", "context"], required: 2 });
        assert_eq!(handlers.ranked(|_| false), ["lambda_handler", "lambda_handler_user"]);
    }

    #[test]
    fn other_parameters_are_no_handler() {
        assert!(ranked(&[("add", &["a", "b"]), ("error_handler", &["exc", "frame"]), ("run", &["event"])]).is_empty());
    }

    #[test]
    fn log_handlers_are_no_handler() {
        let mut handlers = Handlers::default();
        handlers.note_assignment(&"handler".into(), "logging.StreamHandler");
        handlers.note_assignment(&"lambda_handler".into(), "Mangum");
        handlers.note_assignment(&"table".into(), "Mangum");
        assert_eq!(handlers.ranked(|_| false), ["lambda_handler"]);
    }
}
