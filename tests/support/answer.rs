//! What `leash diff --format json` says, in short.

use serde_json::Value;

/// The findings as `LEASH001 dynamodb:PutItem`.
pub(crate) fn findings(report: &Value) -> Vec<String> {
    let all = report["findings"].as_array().expect("a list");
    let one = |finding: &Value| {
        let actions: Vec<&str> =
            finding["permissions"].as_array().expect("a list").iter().filter_map(|one| one["action"].as_str()).collect();
        format!("{} {}", finding["id"].as_str().expect("text"), actions.join(" ")).trim_end().to_owned()
    };
    all.iter().map(one).collect()
}

/// The declared permissions as `dynamodb:PutItem used`.
pub(crate) fn verdicts(report: &Value) -> Vec<String> {
    let functions = report["functions"].as_array().expect("a list");
    let declared = functions.iter().flat_map(|function| function["declared"].as_array().expect("a list"));
    let one = |one: &Value| format!("{} {}", one["action"].as_str().expect("text"), one["verdict"].as_str().expect("text"));
    declared.map(one).collect()
}
