//! What a library that nothing describes is told beside a client, and addresses that only a client of AWS opens.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::call::Args;
use super::interp::Interp;
use super::reach::Reach;
use super::value::{Atom, Value};
use crate::note::NoteKind;
use crate::sdk::{Confidence, SdkValue};
use crate::span::Span;

/// What a library gets.
#[derive(Default)]
struct Given {
    /// Clients with the texts that stand beside them.
    clients: Vec<(SdkValue, Vec<SmolStr>)>,
    texts: Vec<SmolStr>,
}

impl Interp<'_> {
    /// Records the operations that a library is told by name beside a client, and says that it gets an address of what only clients
    /// reach.
    pub(super) fn note_told(&mut self, library: &SdkValue, args: &Args, span: Span) {
        let (SdkValue::External { ecosystem, path } | SdkValue::Instance { ecosystem, path, .. }) = library else { return };
        let Some(package) = path.first() else { return };
        if super::link::is_part_of_language(*ecosystem, package) || crate::sdk::knows_package(*ecosystem, package) {
            return;
        }
        let given = self.given(args);
        // A common library that asks nothing of AWS by itself still opens what an address tells it to.
        let asks_nothing = crate::sdk::is_container(*ecosystem, package) || super::link::is_common(*ecosystem, package);
        let what: BTreeSet<String> = given.texts.iter().filter_map(|text| reached(text, asks_nothing)).collect();
        if !asks_nothing {
            for (client, texts) in &given.clients {
                let named = texts.iter().filter_map(|text| crate::sdk::operation_told(client, text));
                named.for_each(|draft| self.request(draft, span, Confidence::Likely));
            }
        }
        for what in what {
            let message = format!("{what} is handed to `{package}`, which is not followed; say what it may do in an override");
            self.note(NoteKind::UnfollowedPackage, span, message);
        }
    }

    /// The clients and texts among some arguments, in lists and plain objects too.
    fn given(&self, args: &Args) -> Given {
        let mut given = Given::default();
        for beside in self.store.reach(Reach::TOLD, args.all()) {
            let texts: Vec<SmolStr> = beside.values.iter().flat_map(|value| beginning(value)).collect();
            for atom in beside.atoms() {
                if let Atom::Sdk(sdk) = atom
                    && sdk.trust > Confidence::Possible
                    && matches!(*sdk.value, SdkValue::Client(_))
                {
                    given.clients.push(((*sdk.value).clone(), texts.clone()));
                }
            }
            given.texts.extend(texts);
        }
        given
    }
}

/// The texts that a value is, as far as they are known from their beginning on.
fn beginning(value: &Value) -> Vec<SmolStr> {
    let first = |text: &crate::value::Text| match text.pieces().first() {
        Some(crate::value::Piece::Literal(literal)) => Some(SmolStr::from(literal.as_str())),
        _ => None,
    };
    value.atoms().iter().filter_map(|atom| if let Atom::Text(text) = atom { first(text) } else { None }).collect()
}

/// What a text leads to where it is an address that only a client of AWS can open.
fn reached(text: &str, asks_nothing: bool) -> Option<String> {
    const ALWAYS: [&str; 2] = ["awsathena", "dynamodb"];
    const ELSE: [&str; 3] = ["s3", "s3a", "sqs"];
    let (scheme, _) = text.split_once("://")?;
    let scheme = scheme.split('+').next().unwrap_or(scheme);
    let is_aws = ALWAYS.contains(&scheme) || (!asks_nothing && ELSE.contains(&scheme));
    is_aws.then(|| format!("an address that begins with `{scheme}`"))
}
