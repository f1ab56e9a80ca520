//! Statements in as few lines as can be read.

use serde_json::Value;

/// A list of statements: one line for each element, lists on one line unless they are long.
pub(super) fn lines(statements: &Value) -> Vec<String> {
    const WIDTH: usize = 100;
    let mut out = Vec::new();
    let list = statements.as_array().map_or(std::slice::from_ref(statements), Vec::as_slice);
    for statement in list {
        let whole = spaced(statement);
        if whole.chars().count() <= WIDTH {
            out.push(whole);
            continue;
        }
        out.push("{".to_owned());
        let Some(entries) = statement.as_object() else { continue };
        let count = entries.len();
        for (index, (key, value)) in in_order(entries).into_iter().enumerate() {
            let comma = if index + 1 < count { "," } else { "" };
            element(key, value, comma, &mut out);
        }
        out.push("}".to_owned());
    }
    out
}

fn element(key: &str, value: &Value, comma: &str, out: &mut Vec<String>) {
    const WIDTH: usize = 96;
    let line = format!("  \"{key}\": {}{comma}", spaced(value));
    match value.as_array() {
        Some(items) if line.chars().count() > WIDTH => {
            out.push(format!("  \"{key}\": ["));
            for (index, item) in items.iter().enumerate() {
                let comma = if index + 1 < items.len() { "," } else { "" };
                out.push(format!("    {}{comma}", spaced(item)));
            }
            out.push(format!("  ]{comma}"));
        }
        _ => out.push(line),
    }
}

/// The elements of a statement in IAM's usual order.
fn in_order(entries: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    const ORDER: [&str; 7] = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    let mut entries: Vec<(&String, &Value)> = entries.iter().collect();
    entries.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
    entries
}

/// JSON on one line with a blank behind commas and colons.
fn spaced(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> = in_order(entries)
                .into_iter()
                .map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), spaced(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_statements_take_one_line_and_all_are_json() {
        let short = serde_json::json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]);
        assert_eq!(lines(&short).len(), 1);
        let actions: Vec<String> = (0..9).map(|index| format!("dynamodb:SomeLongAction{index}")).collect();
        let long = serde_json::json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
        let text = lines(&long).join("\n");
        assert_eq!(serde_json::from_str::<Value>(&text).ok().as_ref(), long.get(0));
    }
}
