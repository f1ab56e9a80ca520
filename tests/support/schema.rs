//! Whether a document follows a JSON Schema.

use serde_json::Value;

/// What says something of a value, and what only says what it is for.
const WORDS: [&str; 10] =
    ["$ref", "additionalProperties", "anyOf", "const", "items", "oneOf", "properties", "required", "type", "minimum"];
const REMARKS: [&str; 5] = ["$defs", "$schema", "description", "format", "title"];

/// What is wrong with a document.
pub(crate) fn problems(value: &Value, schema: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    check(value, schema, schema, "", &mut problems);
    problems
}

/// Just enough of JSON Schema for what schemars writes of the report; what is beyond that is a problem, too.
fn check(value: &Value, schema: &Value, root: &Value, path: &str, problems: &mut Vec<String>) {
    if *schema == Value::Bool(true) {
        return;
    }
    let Some(words) = schema.as_object() else { return problems.push(format!("{path} has no schema")) };
    let unknown = words.keys().filter(|word| !WORDS.contains(&word.as_str()) && !REMARKS.contains(&word.as_str()));
    problems.extend(unknown.map(|word| format!("{path}: what does {word} say?")));
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.strip_prefix("#/$defs/").unwrap_or_default();
        check(value, &root["$defs"][name], root, path, problems);
    }
    for word in ["anyOf", "oneOf"] {
        let Some(choices) = schema[word].as_array() else { continue };
        let fits = |choice: &&Value| {
            let mut problems = Vec::new();
            check(value, choice, root, path, &mut problems);
            problems.is_empty()
        };
        let fitting = choices.iter().filter(fits).count();
        if fitting == 0 || word == "oneOf" && fitting > 1 {
            problems.push(format!("{path} is {fitting} of the {} that it may be", choices.len()));
        }
    }
    if words.get("const").is_some_and(|constant| constant != value) {
        problems.push(format!("{path} is not {}", schema["const"]));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str()) {
        if value.get(name).is_none() {
            problems.push(format!("{path} has no {name}"));
        }
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(|kind| kind.as_str()).collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !kinds.is_empty() && !kinds.contains(&kind) {
        problems.push(format!("{path} is {kind}, not {kinds:?}"));
    }
    let others = words.get("additionalProperties");
    if let Some(object) = value.as_object().filter(|_| others.is_some() || words.contains_key("properties")) {
        for (name, value) in object {
            match schema["properties"].get(name).or(others) {
                Some(schema) => check(value, schema, root, &format!("{path}.{name}"), problems),
                None => problems.push(format!("{path}.{name} is not in the schema")),
            }
        }
    }
    if let (Some(items), Some(list)) = (words.get("items"), value.as_array()) {
        for (index, item) in list.iter().enumerate() {
            check(item, items, root, &format!("{path}[{index}]"), problems);
        }
    }
}
