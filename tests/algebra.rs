//! The policy algebra against brute force: every answer is checked on every short text of a small alphabet.

use leash::policy::algebra::{Coverage, Request, allows, covers, merge, subtract};
use leash::policy::{ActionPattern, ArnPattern, Clause, Effect, Glob, Statement};
use leash::value::Text;
use proptest::prelude::*;

/// Matches by the definition, without any of the library's shortcuts.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, _) => text.is_empty(),
        (Some((b'*', rest)), _) => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        (Some((b'?', rest)), Some((_, tail))) => matches(rest, tail),
        (Some((wanted, rest)), Some((found, tail))) => wanted == found && matches(rest, tail),
        (Some(_), None) => false,
    }
}

/// All texts over `a`, `b` and a letter no pattern uses, up to a length.
fn words(longest: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let until = all.len();
        for index in from..until {
            for letter in ["a", "b", "z"] {
                all.push(format!("{}{letter}", all[index]));
            }
        }
        from = until;
    }
    all
}

fn glob(text: &str) -> Glob {
    Glob::resource(&Text::literal(text))
}

fn action(text: &str) -> ActionPattern {
    ActionPattern::parse(&format!("x:p{text}")).expect("an action pattern")
}

fn statement(effect: Effect, actions: &[String], resources: &[String], negated: (bool, bool)) -> Statement {
    let actions: Vec<_> = actions.iter().map(|text| action(text)).collect();
    let resources: Vec<_> = resources.iter().map(|text| ArnPattern::parse(text)).collect();
    let mut statement = Statement::allow(Vec::new(), Vec::new());
    statement.effect = effect;
    statement.actions = if negated.0 { Clause::Except(actions) } else { Clause::Only(actions) };
    statement.resources = if negated.1 { Clause::Except(resources) } else { Clause::Only(resources) };
    statement
}

/// The text itself; printing would turn what is no ARN into `*`.
fn as_written(resource: &ArnPattern) -> String {
    resource.text().as_literal().expect("no holes").to_owned()
}

/// What IAM does: an explicit denial wins, then any allowance.
fn evaluate(statements: &[Statement], action: &str, resource: &str) -> bool {
    let clause = |texts: Vec<String>, negated: bool, word: &str| {
        texts.iter().any(|pattern| matches(pattern.as_bytes(), word.as_bytes())) != negated
    };
    let applies = |statement: &Statement| {
        let actions = statement.actions.items().iter().map(|action| action.as_str().to_owned()).collect();
        let resources = statement.resources.items().iter().map(as_written).collect();
        clause(actions, statement.actions.is_negated(), &format!("x:p{action}"))
            && clause(resources, statement.resources.is_negated(), resource)
    };
    let has = |effect| statements.iter().any(|statement| statement.effect == effect && applies(statement));
    has(Effect::Allow) && !has(Effect::Deny)
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[ab*]{1,2}", 1..3)
}

fn any_statement() -> impl Strategy<Value = Statement> {
    let effect = prop_oneof![4 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let negated = (prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    (effect, texts(), texts(), negated)
        .prop_map(|(effect, actions, resources, negated)| statement(effect, &actions, &resources, negated))
}

fn plain_allow() -> impl Strategy<Value = Statement> {
    (texts(), texts()).prop_map(|(actions, resources)| statement(Effect::Allow, &actions, &resources, (false, false)))
}

/// Every pair of an action and a resource of the small universe, with what the two sides say about it.
fn compare(left: &[Statement], right: &[Statement], mut check: impl FnMut(bool, bool) -> bool) -> Result<(), TestCaseError> {
    let words = words(3);
    for action in &words {
        for resource in &words {
            let said = (evaluate(left, action, resource), evaluate(right, action, resource));
            prop_assert!(check(said.0, said.1), "{action:?} on {resource:?}: {said:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn containment_is_containment_of_languages(wide in "[ab?*]{0,6}", narrow in "[ab?*]{0,4}") {
        let truth = words(7).iter()
            .all(|word| !matches(narrow.as_bytes(), word.as_bytes()) || matches(wide.as_bytes(), word.as_bytes()));
        prop_assert_eq!(glob(&wide).covers(&glob(&narrow)), truth);
    }

    #[test]
    fn overlap_is_a_common_text(left in "[ab?*]{0,4}", right in "[ab?*]{0,3}") {
        let truth = words(7).iter()
            .any(|word| matches(left.as_bytes(), word.as_bytes()) && matches(right.as_bytes(), word.as_bytes()));
        prop_assert_eq!(glob(&left).may_overlap(&glob(&right)), truth);
    }

    #[test]
    fn case_matters_in_resources_only(text in "[a-c*]{1,5}") {
        let upper = text.to_uppercase();
        prop_assert!(action(&text).covers(&action(&upper)));
        prop_assert_eq!(glob(&text).covers(&glob(&upper)), text.bytes().all(|byte| byte == b'*'));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn full_and_none_are_certain(
        statements in prop::collection::vec(any_statement(), 0..4), wanted in "[ab*]{0,2}", on in "[ab*]{1,2}",
    ) {
        let request = Request::new(action(&wanted), ArnPattern::parse(&on));
        let coverage = allows(&statements, &request).coverage;
        let words = words(3);
        for verb in words.iter().filter(|word| matches(wanted.as_bytes(), word.as_bytes())) {
            for resource in words.iter().filter(|word| matches(on.as_bytes(), word.as_bytes())) {
                let truth = evaluate(&statements, verb, resource);
                prop_assert!(truth || coverage != Coverage::Full, "{verb} on {resource} is not allowed");
                prop_assert!(!truth || coverage != Coverage::None, "{verb} on {resource} is allowed");
            }
        }
    }

    #[test]
    fn plain_statements_get_the_exact_answer(
        statements in prop::collection::vec(plain_allow(), 0..4), wanted in "[ab*]{0,2}", on in "[ab*]{1,2}",
    ) {
        let request = Request::new(action(&wanted), ArnPattern::parse(&on));
        let words = words(5);
        let fitting = |pattern: &str| -> Vec<&String> {
            words.iter().filter(|word| matches(pattern.as_bytes(), word.as_bytes())).collect()
        };
        let (verbs, resources) = (fitting(&wanted), fitting(&on));
        // Extremes suffice here: with one star a pattern's texts differ only in what the star stands for.
        let all = verbs.iter().all(|verb| resources.iter().all(|on| evaluate(&statements, verb, on)));
        prop_assert_eq!(allows(&statements, &request).coverage == Coverage::Full, all);
    }

    #[test]
    fn merging_changes_no_permission(statements in prop::collection::vec(any_statement(), 0..5)) {
        let merged = merge(&statements);
        prop_assert!(merged.len() <= statements.len());
        compare(&statements, &merged, |before, after| before == after)?;
        prop_assert_eq!(merge(&merged).len(), merged.len());
    }

    #[test]
    fn merged_clauses_hold_nothing_twice(statements in prop::collection::vec(plain_allow(), 0..5)) {
        for statement in merge(&statements) {
            let resources = statement.resources.items();
            for (at, resource) in resources.iter().enumerate() {
                prop_assert!(!resources.iter().enumerate().any(|(other, wide)| other != at && wide.covers(resource)));
            }
        }
    }

    #[test]
    fn subtracting_leaves_what_is_missing(
        from in prop::collection::vec(plain_allow(), 0..4), by in prop::collection::vec(any_statement(), 0..4),
    ) {
        let rest = subtract(&from, &by);
        compare(&from, &rest, |before, left| before || !left)?;
        let words = words(3);
        for verb in &words {
            for resource in words.iter().filter(|resource| evaluate(&from, verb, resource)) {
                prop_assert!(evaluate(&by, verb, resource) || evaluate(&rest, verb, resource), "{verb} on {resource}");
            }
        }
        prop_assert_eq!(covers(&by, &from), rest.is_empty());
    }

    #[test]
    fn nothing_is_left_of_what_is_taken_from_itself(from in prop::collection::vec(plain_allow(), 0..4)) {
        prop_assert!(subtract(&from, &from).is_empty());
    }

    #[test]
    fn clauses_answer_as_their_members_do(items in texts(), negated: bool, wanted in "[ab*]{1,2}") {
        let patterns: Vec<ArnPattern> = items.iter().map(|text| ArnPattern::parse(text)).collect();
        let clause = if negated { Clause::Except(patterns) } else { Clause::Only(patterns) };
        let wanted_pattern = ArnPattern::parse(&wanted);
        let holds = |word: &String| items.iter().any(|item| matches(item.as_bytes(), word.as_bytes())) != negated;
        let words = words(6);
        let mut fitting = words.iter().filter(|word| matches(wanted.as_bytes(), word.as_bytes())).peekable();
        prop_assert!(fitting.peek().is_some());
        let (mut all, mut any) = (true, false);
        for word in fitting {
            all &= holds(word);
            any |= holds(word);
        }
        prop_assert!(!clause.covers(&wanted_pattern) || all);
        prop_assert!(clause.may_overlap(&wanted_pattern) || !any);
        prop_assert!(wanted_pattern.covers(&wanted_pattern));
    }
}
