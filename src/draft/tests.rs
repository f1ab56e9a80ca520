//! What drafts look like, for needs as the catalog states them.

use proptest::prelude::*;

use super::*;
use crate::catalog::{GrantCondition, Reason, Scope};
use crate::policy::algebra::{Coverage, Request, allows};
use crate::policy::{ActionPattern, ArnPattern};
use crate::value::{Hole, Piece, Text};

fn need(evidence: u32, action: &str, resource: impl Into<Text>, access_level: AccessLevel) -> Need {
    let resource = resource.into();
    let scope = if resource.as_literal() == Some("*") { Scope::Account } else { Scope::Resource };
    let grant = Grant {
        action: action.into(),
        resources: vec![resource],
        scope,
        conditions: Vec::new(),
        access_level,
        spare: false,
        reason: Reason::Direct,
        citation: None,
    };
    Need { grant, evidence: EvidenceId(evidence), confidence: Confidence::Certain }
}

fn table(name: &str) -> Text {
    let mut text = Text::literal("arn:");
    for hole in [Hole::Partition, Hole::Region, Hole::Account] {
        let next = if hole == Hole::Partition { ":dynamodb:" } else { ":" };
        text.push_text(&Text::hole(hole));
        text.push_str(next);
    }
    text.push_str("table/");
    text.push_str(name);
    text
}

fn drafted(needs: &[Need]) -> PolicyDraft {
    draft(needs, &DraftOptions::default()).expect("the draft passes its own check")
}

/// One line per statement: name, actions, resources, evidence.
fn lines(draft: &PolicyDraft) -> String {
    let line = |drafted: &DraftStatement| {
        let actions: Vec<_> = drafted.statement.actions.items().iter().map(ToString::to_string).collect();
        let resources: Vec<_> = drafted.statement.resources.items().iter().map(ToString::to_string).collect();
        let evidence: Vec<_> = drafted.evidence.iter().map(|id| id.0.to_string()).collect();
        let sid = drafted.statement.sid.as_deref().unwrap_or_default();
        format!("{sid}: {} on {} because of {}", actions.join(" "), resources.join(" "), evidence.join(" "))
    };
    draft.statements.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn actions_on_the_same_resource_share_a_statement() {
    let draft = drafted(&[
        need(4, "dynamodb:PutItem", table("orders"), AccessLevel::Write),
        need(1, "dynamodb:GetItem", table("orders"), AccessLevel::Read),
        need(2, "dynamodb:GetItem", table("customers"), AccessLevel::Read),
        need(3, "dynamodb:GetItem", table("orders"), AccessLevel::Read),
        need(5, "ec2:DescribeInstances", "*", AccessLevel::List),
        need(6, "dynamodb:ListTables", "*", AccessLevel::List),
    ]);
    insta::assert_snapshot!(lines(&draft), @r"
    DynamoDBList: dynamodb:ListTables on * because of 6
    DynamoDBReadCustomers: dynamodb:GetItem on arn:aws:dynamodb:*:*:table/customers because of 2
    DynamoDBReadWriteOrders: dynamodb:GetItem dynamodb:PutItem on arn:aws:dynamodb:*:*:table/orders because of 1 3 4
    EC2List: ec2:DescribeInstances on * because of 5
    ");
    assert_eq!(draft.notes, []);
}

fn has_reason(draft: &DraftStatement, reason: &WideningReason) -> bool {
    draft.wildcards.iter().any(|wildcard| wildcard.reason == *reason)
}

#[test]
fn what_is_covered_goes_and_its_evidence_stays() {
    let mut any = table("");
    any.push_text(&Text::hole(Hole::Event("table".into())));
    let draft = drafted(&[
        need(1, "dynamodb:GetItem", table("orders"), AccessLevel::Read),
        need(2, "dynamodb:GetItem", any, AccessLevel::Read),
        need(3, "dynamodb:getitem", table("*"), AccessLevel::Read),
    ]);
    insta::assert_snapshot!(lines(&draft), @"DynamoDBRead: dynamodb:GetItem on arn:aws:dynamodb:*:*:table/* because of 1 2 3");
    assert!(has_reason(&draft.statements[0], &WideningReason::UnknownPart(Hole::Event("table".into()))));
}

#[test]
fn conditions_keep_statements_apart_unless_one_makes_the_other_superfluous() {
    let pass = |evidence, role: &str, service: Option<&str>| {
        let mut pass = need(evidence, "iam:PassRole", Text::literal(format!("arn:aws:iam::*:role/{role}")), AccessLevel::Write);
        pass.grant.conditions.extend(service.map(|service| GrantCondition {
            operator: "StringEquals".into(),
            key: "iam:PassedToService".into(),
            values: vec![service.into()],
        }));
        pass
    };
    let draft = drafted(&[
        pass(1, "a", Some("ecs.amazonaws.com")),
        pass(2, "b", Some("ecs.amazonaws.com")),
        pass(3, "b", Some("glue.amazonaws.com")),
        pass(4, "c", Some("glue.amazonaws.com")),
        pass(5, "c", None),
    ]);
    insta::assert_snapshot!(lines(&draft), @r"
    IAMWrite: iam:PassRole on arn:aws:iam::*:role/a arn:aws:iam::*:role/b because of 1 2
    IAMWriteB: iam:PassRole on arn:aws:iam::*:role/b because of 3
    IAMWriteC: iam:PassRole on arn:aws:iam::*:role/c because of 4 5
    ");
}

#[test]
fn possible_calls_wait_until_they_are_asked_for() {
    let mut possible = need(7, "dynamodb:GetItem", table("orders"), AccessLevel::Read);
    possible.confidence = Confidence::Possible;
    assert_eq!(drafted(std::slice::from_ref(&possible)).statements, []);
    let options = DraftOptions { include_possible: true, ..DraftOptions::default() };
    let draft = draft(&[possible], &options).expect("the draft passes its own check");
    assert_eq!(draft.statements.len(), 1);
}

#[test]
fn deployment_parts_stay_symbolic_and_what_is_no_arn_becomes_everything() {
    let arn = Text::hole(Hole::Resource { id: "Orders".into(), attribute: "Arn".into() });
    let mut broken = Text::hole(Hole::Event("arn".into()));
    broken.push_str("/x");
    let draft = drafted(&[
        need(1, "dynamodb:GetItem", arn.clone(), AccessLevel::Read),
        need(2, "s3:GetObject", broken, AccessLevel::Read),
    ]);
    assert_eq!(draft.statements[0].statement.resources.items(), [ArnPattern::new(arn)]);
    assert_eq!(draft.statements[0].statement.sid.as_deref(), Some("DynamoDBReadOrders"));
    assert!(draft.statements[1].statement.resources.items()[0].is_any());
    assert!(has_reason(&draft.statements[1], &WideningReason::NotAnArn));
}

#[test]
fn the_region_and_account_are_filled_in_when_known() {
    let options =
        DraftOptions { region: Some("eu-west-1".into()), account: Some("123456789012".into()), ..DraftOptions::default() };
    let needs = [need(1, "dynamodb:GetItem", table("orders"), AccessLevel::Read)];
    let draft = draft(&needs, &options).expect("the draft passes its own check");
    let resource = &draft.statements[0].statement.resources.items()[0];
    assert_eq!(resource.to_string(), "arn:aws:dynamodb:eu-west-1:123456789012:table/orders");
    assert_eq!(draft.statements[0].wildcards, []);
}

#[test]
fn a_large_policy_is_split_and_never_widened() {
    let needs: Vec<Need> = (0..400)
        .map(|number| need(number, "dynamodb:GetItem", table(&format!("table-number-{number}")), AccessLevel::Read))
        .collect();
    let draft = drafted(&needs);
    assert!(draft.documents.len() > 2 && draft.notes.len() == 1, "{:?}", draft.notes);
    let statements: Vec<_> = draft.documents.iter().flat_map(|document| document.statements.clone()).collect();
    for document in &draft.documents {
        assert!(document.size(&RenderContext::plain()) <= MANAGED_POLICY_QUOTA);
    }
    let sids: std::collections::BTreeSet<_> = statements.iter().map(|statement| statement.sid.clone()).collect();
    assert_eq!(sids.len(), statements.len());
    let other = Request::new(
        ActionPattern::parse("dynamodb:GetItem").expect("an action"),
        ArnPattern::parse("arn:aws:dynamodb:eu-west-1:1:table/other"),
    );
    assert_eq!(allows(&statements, &other).coverage, Coverage::None);
}

#[test]
fn the_order_of_the_needs_does_not_matter() {
    let mut needs: Vec<Need> = ["orders", "customers", "*"]
        .iter()
        .flat_map(|name| {
            [("dynamodb:GetItem", AccessLevel::Read), ("dynamodb:Query", AccessLevel::Read)]
                .map(|(action, level)| need(0, action, table(name), level))
        })
        .collect();
    let first = drafted(&needs);
    needs.reverse();
    assert_eq!(first, drafted(&needs));
}

#[test]
fn a_grant_that_is_no_action_is_reported() {
    let draft = drafted(&[need(1, "dynamodb", table("orders"), AccessLevel::Read)]);
    assert_eq!((draft.statements.len(), draft.notes.len()), (0, 1));
}

fn any_resource() -> impl Strategy<Value = Text> {
    let hole = prop_oneof![
        Just(Hole::Event("x".into())),
        Just(Hole::Region),
        Just(Hole::Parameter("Name".into())),
        Just(Hole::Resource { id: "Orders".into(), attribute: "Arn".into() }),
    ];
    let piece = prop_oneof![
        "[ab?*]{1,3}".prop_map(|text| Piece::Literal(text.into())),
        Just(Piece::Literal("/".into())),
        hole.prop_map(Piece::Hole),
    ];
    let arn = prop_oneof![4 => Just("arn:aws:x:::"), 1 => Just("")];
    (arn, prop::collection::vec(piece, 0..4))
        .prop_map(|(start, pieces)| Text::from_pieces(std::iter::once(Piece::Literal(start.into())).chain(pieces)))
}

fn any_need() -> impl Strategy<Value = Need> {
    let action = prop::sample::select(vec!["x:Get", "x:Put", "x:List", "y:Get"]);
    let value = prop::sample::select(vec!["", "a.amazonaws.com", "b.amazonaws.com"]);
    (0..5_u32, action, any_resource(), value, 0..3_u8).prop_map(|(evidence, action, resource, value, scope)| {
        let mut need = need(evidence, action, resource, AccessLevel::Read);
        need.grant.scope = [Scope::Account, Scope::Unbound, Scope::Resource][usize::from(scope)];
        if !value.is_empty() {
            let (operator, key) = ("StringEquals".into(), "iam:PassedToService".into());
            need.grant.conditions = vec![GrantCondition { operator, key, values: vec![value.into()] }];
        }
        need
    })
}

proptest! {
    #[test]
    fn every_draft_passes_its_own_check(needs in prop::collection::vec(any_need(), 0..12), quota in 150..800_usize) {
        let result = draft(&needs, &DraftOptions { quota, ..DraftOptions::default() });
        prop_assert!(result.is_ok(), "{result:?}");
        for drafted in result.iter().flat_map(|draft| &draft.statements) {
            prop_assert!(!drafted.evidence.is_empty());
            let resources = drafted.statement.resources.items();
            for (at, resource) in resources.iter().enumerate() {
                prop_assert!(!resources.iter().enumerate().any(|(other, wide)| other != at && wide.covers(resource)));
            }
        }
    }
}
