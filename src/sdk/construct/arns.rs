//! ARNs that the library puts together: `bucket.arnForObjects('in/*')`, `stack.formatArn({…})`.

use smol_str::SmolStr;

use super::{ID, arguments, attribute, class_of, constant, literal};
use crate::sdk::{CallArgs, SdkValue};
use crate::value::{Arg, ArgMap, Hole, Piece, Text};

/// What a method of a construct gives, if that is an ARN, or a reference to an attribute.
pub(super) fn of_method(receiver: &SdkValue, data: &ArgMap, name: &str, args: &CallArgs) -> Option<Arg> {
    let params = arguments(args);
    let props = params.get("props").and_then(Arg::as_map);
    let given = |position: &str, name: &str| params.get(position).or_else(|| props?.get(name)).and_then(Arg::as_text);
    match name {
        "arnForObjects" => {
            let mut arn = attribute(receiver, "bucketArn")?.as_text()?;
            arn.push_str("/");
            arn.push_text(&given("0", "keyPattern").unwrap_or_else(|| Text::literal("*")));
            Some(Arg::Text(arn))
        }
        // Escape hatches lead to the resource that the construct makes.
        "getAtt" => {
            let attribute = given("0", "attributeName")?.as_literal()?.into();
            Some(Arg::Unknown(Hole::Resource { id: data.get(ID).and_then(literal)?, attribute }))
        }
        "arnForExecuteApi" | "arnForExecuteApiV2" => {
            let api = Text::hole(Hole::Resource { id: data.get(ID).and_then(literal)?, attribute: SmolStr::new_static("Ref") });
            let method = given("0", "method").or_else(|| given("0", "route")).filter(|method| method.as_literal() != Some("ANY"));
            let (stage, path) = match name {
                "arnForExecuteApi" => (given("2", "stage"), Some(given("1", "path").unwrap_or_else(|| Text::literal("/*")))),
                _ => (given("1", "stage"), None),
            };
            Some(Arg::Text(execute(&api, stage, method, path)))
        }
        "formatArn" if matches!(class_of(data)?.as_str(), "Stack" | "Stack.of" | "NestedStack") => format(props?),
        _ => None,
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
fn execute(api: &Text, stage: Option<Text>, method: Option<Text>, path: Option<Text>) -> Text {
    let mut arn = start(&Text::literal("execute-api"), None, None, None);
    arn.push_text(api);
    arn.push_str("/");
    arn.push_text(&stage.unwrap_or_else(|| Text::hole(Hole::Unknown(SmolStr::new_static("the stage of an API")))));
    arn.push_str("/");
    arn.push_text(&method.unwrap_or_else(|| Text::literal("*")));
    if let Some(path) = path {
        arn.push_text(&path);
    }
    arn
}

/// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Stack.html#formatwbrarncomponents>
fn format(components: &ArgMap) -> Option<Arg> {
    let text = |name: &str| components.get(name).map(|value| value.as_text().unwrap_or_else(unknown));
    let mut arn = start(&text("service")?, text("partition"), text("region"), text("account"));
    let form = components.get("arnFormat").and_then(constant).unwrap_or_default();
    if form.ends_with("SLASH_RESOURCE_SLASH_RESOURCE_NAME") {
        arn.push_str("/");
    }
    arn.push_text(&text("resource")?);
    let separator = text("sep").and_then(|sep| sep.as_literal().map(str::to_owned));
    let default = if form.ends_with("COLON_RESOURCE_NAME") { ":" } else { "/" };
    if let Some(name) = text("resourceName").filter(|_| !form.ends_with("NO_RESOURCE_NAME")) {
        arn.push_str(separator.as_deref().unwrap_or(default));
        arn.push_text(&name);
    }
    Some(Arg::Text(arn))
}

fn unknown() -> Text {
    Text::hole(Hole::Unknown(SmolStr::new_static("a value of the application")))
}

/// The part of an ARN before its resource; what is not given is the deployment's.
fn start(service: &Text, partition: Option<Text>, region: Option<Text>, account: Option<Text>) -> Text {
    let mut arn = Text::literal("arn:");
    arn.push_text(&partition.unwrap_or_else(|| Text::hole(Hole::Partition)));
    arn.push_str(":");
    arn.push_text(service);
    arn.push_str(":");
    arn.push_text(&region.unwrap_or_else(|| Text::hole(Hole::Region)));
    arn.push_str(":");
    arn.push_text(&account.unwrap_or_else(|| Text::hole(Hole::Account)));
    arn.push(Piece::Literal(":".into()));
    arn
}
