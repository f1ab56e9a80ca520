//! Whether a document follows a JSON Schema.

/// What is wrong with a document.
pub(crate) fn problems(value: &serde_json::Value, schema: &serde_json::Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(value, schema, schema, "", &mut problems);
    problems
}

/// Just enough of JSON Schema for what schemars writes of the report.
fn check(
    value: &serde_json::Value,
    schema: &serde_json::Value,
    root: &serde_json::Value,
    path: &str,
    problems: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/$defs/")) {
        return check(value, &root["$defs"][name], root, path, problems);
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str()) {
        if value.get(name).is_none() {
            problems.push(format!("{path} has no {name}"));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        serde_json::Value::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str()).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let kind = match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(_) => "integer",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        problems.push(format!("{path} is {kind}, not {kinds:?}"));
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, value) in object {
            match properties.get(name) {
                Some(schema) => check(value, schema, root, &format!("{path}.{name}"), problems),
                None => problems.push(format!("{path}.{name} is not in the schema")),
            }
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        check(item, &schema["items"], root, &format!("{path}[{index}]"), problems);
    }
}
