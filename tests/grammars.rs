//! The lists of node kinds under `grammars/kinds/` account for every kind of their grammar.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use leash::syntax::Language;

/// Reads a list: one kind a line, each with what the lowering does with it.
fn listed(grammar: &str) -> BTreeMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammars/kinds").join(format!("{grammar}.txt"));
    let text = fs::read_to_string(path).expect("the list is part of the repository");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.is_sorted(), "{grammar}.txt is not sorted");
    let mut kinds = BTreeMap::new();
    for line in lines {
        let (kind, treatment) = line.split_once(' ').unwrap_or_else(|| panic!("{grammar}.txt: `{line}` is no entry"));
        assert!(matches!(treatment, "lowered" | "transparent" | "opaque"), "{grammar}.txt: {line}");
        assert!(kinds.insert(kind.into(), treatment.into()).is_none(), "{grammar}.txt: {kind} is listed twice");
    }
    kinds
}

/// The named, visible kinds of a grammar.
fn kinds(language: Language) -> Vec<String> {
    let grammar = language.grammar();
    let mut kinds: Vec<_> = (0..grammar.node_kind_count() as u16)
        .filter(|&id| grammar.node_kind_is_named(id) && grammar.node_kind_is_visible(id))
        .filter(|&id| !grammar.node_kind_is_supertype(id))
        .filter_map(|id| grammar.node_kind_for_id(id).map(String::from))
        .filter(|kind| kind != "ERROR")
        .collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn assert_complete(language: Language, list: &str) {
    let listed = listed(list);
    let kinds = kinds(language);
    let unlisted: Vec<_> = kinds.iter().filter(|kind| !listed.contains_key(*kind)).collect();
    assert!(unlisted.is_empty(), "{list}.txt lacks {unlisted:?}");
    let unknown: Vec<_> = listed.keys().filter(|kind| !kinds.contains(kind)).collect();
    assert!(unknown.is_empty(), "{list}.txt has kinds the grammar does not know: {unknown:?}");
}

#[test]
fn every_python_kind_is_accounted_for() {
    assert_complete(Language::Python, "python");
}

#[test]
fn every_javascript_kind_is_accounted_for() {
    assert_complete(Language::JavaScript, "javascript");
}

#[test]
fn every_typescript_kind_is_accounted_for() {
    assert_complete(Language::TypeScript, "typescript");
}

#[test]
fn every_tsx_kind_is_accounted_for() {
    assert_complete(Language::Tsx, "tsx");
}
