//! What operations get from general rules and from overrides.

use leash::catalog::format::When;
use serde_json::{Value, json};

use super::super::fixtures::{self, action, mapped, prefix};
use super::super::iam::Action;
use super::*;

fn model() -> Result<Model> {
    Ok(serde_json::from_value(json!({
        "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
        "operations": { "GetThing": { "http": { "method": "GET", "requestUri": "/" }, "input": { "shape": "Input" } } },
        "shapes": {
            "Input": { "type": "structure", "members": { "Tags": { "shape": "Tags" }, "VpcId": { "shape": "Text" } } },
            "Tags": { "type": "string" },
            "Text": { "type": "string" },
        },
    }))?)
}

fn iam(dependent: &[&str]) -> Iam {
    let dependent = dependent.iter().map(|&name| name.to_owned()).collect();
    let get = Action { dependent_actions: dependent, ..action("GetThing", "Read") };
    fixtures::iam([("thing", prefix([get, action("ReadThing", "Read"), action("TagThing", "Tagging")]))])
}

/// `action` or `action when …` per grant of the one operation.
fn grants(iam: &Iam, reference: &Reference, overrides: &Overrides) -> Result<Vec<String>> {
    let map = map("thing", &model()?, &Sources { iam, overrides, reference, roles: &overrides.pass_role })?;
    let show = |grant: &GrantEntry| match &grant.when {
        Some(when) => format!("{} when {}", grant.action, when.phrase()),
        None => grant.action.clone(),
    };
    Ok(map.operations["GetThing"].grants.iter().map(show).collect())
}

#[test]
fn the_service_reference_wins_over_names_and_an_override_over_both() -> Result<()> {
    let (iam, mut overrides) = (iam(&[]), Overrides::default());
    assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing"]);
    let mut reference = Reference::default();
    let file = json!({ "Name": "thing", "Operations": [
        { "Name": "GetThing", "AuthorizedActions": [{ "Name": "ReadThing", "Service": "thing" }] },
    ]});
    reference.add(file.to_string().as_bytes())?;
    assert_eq!(grants(&iam, &reference, &overrides)?, ["thing:ReadThing"]);
    let own = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "operations": {
        "GetThing": { "grants": ["thing:GetThing", "thing:ReadThing"] },
    }});
    overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
    assert_eq!(grants(&iam, &reference, &overrides)?, ["thing:GetThing", "thing:ReadThing"]);
    Ok(())
}

#[test]
fn tags_are_looked_for_within_the_structure_that_is_made_and_noted_where_nothing_holds_them() -> Result<()> {
    let iam = iam(&["thing:TagThing"]);
    let of = |model| mapped(&model, &iam, &Overrides::default());
    let with = |inner: &str| {
        serde_json::from_value::<Model>(json!({
            "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
            "operations": { "GetThing": { "http": { "method": "GET", "requestUri": "/" }, "input": { "shape": "Input" } } },
            "shapes": {
                "Input": { "type": "structure", "members": { "Thing": { "shape": "Thing" } } },
                "Thing": { "type": "structure", "members": { inner: { "shape": "Text" } } },
                "Text": { "type": "string" },
            },
        }))
    };
    let entry = of(with("Tags")?)?.operations.remove("GetThing").unwrap_or_default();
    assert_eq!(entry.grants[1].when, Some(When::Present("Thing.Tags".to_owned())));
    let entry = of(with("Color")?)?.operations.remove("GetThing").unwrap_or_default();
    assert_eq!(entry.grants.len(), 1);
    assert!(entry.notes[0].text.contains("thing:TagThing"), "{:?}", entry.notes);
    Ok(())
}

#[test]
fn a_part_of_an_override_that_overrides_nothing_is_an_error() -> Result<()> {
    let (iam, mut overrides) = (iam(&["thing:ReadThing"]), Overrides::default());
    let own = |not_triggered: &[&str], bind: Value, types: &[&str]| {
        let of_operation = json!({ "not_triggered": not_triggered, "add": [{ "action": "thing:TagThing", "types": types }] });
        let file = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "bind": bind, "operations": {
            "GetThing": of_operation,
        }});
        serde_json::from_value::<ServiceOverrides>(file)
    };
    overrides.services.insert("thing".to_owned(), own(&["thing:ReadThing", "thing:TagThing"], json!({ "no/Id": "x" }), &["no"])?);
    let found = grants(&iam, &Reference::default(), &overrides).err().map(|error| format!("{error:#}")).unwrap_or_default();
    let parts = ["GetThing: not_triggered[1]", "GetThing: add[0].types[0]", "GetThing: add[0].types", "bind.no/Id"];
    let wanted = parts.map(|part| format!("overrides/thing.json: {part} overrides nothing"));
    assert_eq!(found.lines().collect::<Vec<_>>(), wanted);
    let mut useful = own(&["thing:ReadThing"], json!({}), &[])?;
    for over in useful.operations.values_mut() {
        over.add.clear();
    }
    overrides.services.insert("thing".to_owned(), useful);
    assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing"]);
    Ok(())
}

#[test]
fn verbs_stand_for_what_has_no_action_of_its_own_and_arns_in_paths_are_encoded() -> Result<()> {
    let operation = |uri: &str| json!({ "http": { "method": "GET", "requestUri": uri }, "input": { "shape": "Input" } });
    let model: Model = serde_json::from_value(json!({
        "metadata": { "endpointPrefix": "thing", "serviceId": "Thing" },
        "operations": { "GetPart": operation("/parts/{id}"), "GetTags": operation("/tags/{arn}"), "GetThing": operation("/things") },
        "shapes": {
            "Input": { "type": "structure", "members": {
                "PartId": { "shape": "Text", "location": "uri", "locationName": "id" },
                "ResourceArn": { "shape": "Text", "location": "uri", "locationName": "arn" },
            } },
            "Text": { "type": "string" },
        },
    }))?;
    let mut iam = iam(&[]);
    iam.prefixes.entry("thing".to_owned()).or_default().actions.insert("get".to_owned(), action("GET", "Read"));
    let mut overrides = Overrides::default();
    let own = json!({ "service": "thing", "http_verbs": true });
    overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
    let map = mapped(&model, &iam, &overrides)?;
    let first = |name: &str| {
        let grant = &map.operations[name].grants[0];
        (grant.action.clone(), grant.resources.first().map(|resource| resource.arn().to_owned()))
    };
    let path = |path: &str| ("thing:GET".to_owned(), Some(format!("arn:${{Partition}}:thing:${{Region}}::{path}")));
    assert_eq!(first("GetPart"), path("/parts/${param:PartId|raw}"));
    assert_eq!(first("GetTags"), path("/tags/${any:arn}"));
    assert_eq!(first("GetThing"), ("thing:GetThing".to_owned(), None));
    Ok(())
}

#[test]
fn dependent_actions_count_as_far_as_parameters_let_them() -> Result<()> {
    let iam = iam(&["thing:TagThing", "thing:ReadThing", "iam:PassRole"]);
    let wanted = ["thing:GetThing", "thing:ReadThing", "thing:TagThing when Tags is given"];
    let mut found = grants(&iam, &Reference::default(), &Overrides::default())?;
    found.sort();
    assert_eq!(found, wanted);
    let own = json!({ "service": "thing", "doc": "https://docs.aws.amazon.com/", "operations": {
        "GetThing": { "not_triggered": ["thing:ReadThing"] },
    }});
    let mut overrides = Overrides::default();
    overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
    assert_eq!(grants(&iam, &Reference::default(), &overrides)?, ["thing:GetThing", "thing:TagThing when Tags is given"]);
    Ok(())
}

#[test]
fn a_part_of_a_general_rule_that_says_nothing_is_an_error() -> Result<()> {
    let (mut iam, mut overrides) = (iam(&["thing:TagThing"]), Overrides::default());
    iam.prefixes.insert("other".to_owned(), prefix([action("GetThing", "Read")]));
    let found = |overrides: &Overrides| {
        let error = grants(&iam, &Reference::default(), overrides).err().map(|error| format!("{error:#}"));
        let lines = error.unwrap_or_default();
        lines.lines().map(|line| line.trim_start_matches("overrides/thing.json: ").to_owned()).collect::<Vec<_>>()
    };
    let kin = |prefix: &str, param: &str| json!({ "prefix": prefix, "param": param, "marks": [":x:"], "doc": "https://docs.aws.amazon.com/" });
    let own = json!({
        "service": "thing", "doc": "https://docs.aws.amazon.com/", "service_linked_role": "thing.amazonaws.com",
        "tag_on_create": { "doc": "https://docs.aws.amazon.com/", "action": "thing:TagThing", "params": ["Tags", "Labels"],
            "condition": "thing:CreateAction", "names": { "thing": "gadget" } },
        "kin": [kin("other", "VpcId"), kin("other", "Tags"), kin("nothing", "VpcId")],
        "operations": { "GetThing": { "grants": [{ "action": "thing:GetThing", "resources": ["arn:p:thing:r:a:${param:VpcId}"] }] } },
    });
    overrides.services.insert("thing".to_owned(), serde_json::from_value(own)?);
    let wanted = ["tag_on_create.params[1]", "tag_on_create.names.thing", "service_linked_role", "kin[1]", "kin[2]"];
    assert_eq!(found(&overrides), wanted.map(|part| format!("{part} overrides nothing")));
    Ok(())
}
