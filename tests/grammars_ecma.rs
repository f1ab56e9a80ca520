//! The lists of node kinds of the JavaScript, TypeScript and TSX grammars account for every kind.

use std::collections::BTreeMap;

use leash::syntax::Language;

/// What the lowering does with each kind of a list.
fn listed(text: &'static str) -> BTreeMap<&'static str, &'static str> {
    let lines: Vec<_> = text.lines().collect();
    assert!(lines.is_sorted(), "the list is not sorted");
    let kinds: BTreeMap<_, _> = lines.iter().filter_map(|line| line.split_once(' ')).collect();
    assert_eq!(kinds.len(), lines.len(), "a line is no entry or an entry is there twice");
    assert!(kinds.values().all(|treatment| matches!(*treatment, "lowered" | "transparent" | "opaque")));
    kinds
}

fn assert_complete(language: Language, list: &'static str) {
    let grammar = language.grammar();
    let kinds: std::collections::BTreeSet<_> = (0..grammar.node_kind_count() as u16)
        .filter(|&id| grammar.node_kind_is_named(id) && grammar.node_kind_is_visible(id) && !grammar.node_kind_is_supertype(id))
        .filter_map(|id| grammar.node_kind_for_id(id))
        .filter(|kind| *kind != "ERROR")
        .collect();
    let listed = listed(list);
    let unlisted: Vec<_> = kinds.iter().filter(|kind| !listed.contains_key(*kind)).collect();
    assert!(unlisted.is_empty(), "not in the list: {unlisted:?}");
    let unknown: Vec<_> = listed.keys().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(unknown.is_empty(), "not in the grammar: {unknown:?}");
}

#[test]
fn every_javascript_kind_is_accounted_for() {
    assert_complete(Language::JavaScript, include_str!("../grammars/kinds/javascript.txt"));
}

#[test]
fn every_typescript_kind_is_accounted_for() {
    assert_complete(Language::TypeScript, include_str!("../grammars/kinds/typescript.txt"));
}

#[test]
fn every_tsx_kind_is_accounted_for() {
    assert_complete(Language::Tsx, include_str!("../grammars/kinds/tsx.txt"));
}
