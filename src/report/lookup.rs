//! Entries of the api-maps for people.

use std::io;

use serde_json::Value;

use super::style::{ACTION, BOLD, DIM, RESET};

/// Shows entries: in full, or one line each.
pub fn render(entries: &[Value], detailed: bool, out: &mut dyn io::Write) -> io::Result<()> {
    if detailed {
        for (index, entry) in entries.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            full(entry, out)?;
        }
        return Ok(());
    }
    let width = entries.iter().map(|entry| name(entry).chars().count()).max().unwrap_or(0);
    for entry in entries {
        let name = name(entry);
        writeln!(out, "{BOLD}{name:width$}{RESET}  {}", summary(entry))?;
    }
    Ok(())
}

fn name(entry: &Value) -> String {
    format!("{}:{}", text(&entry["service"]), text(&entry["operation"]))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// All actions on one line; those that depend on something in parentheses.
fn summary(entry: &Value) -> String {
    if entry["permissionless"] == true {
        return "no permission needed".to_owned();
    }
    if entry["unknown"].is_string() {
        return format!("unknown: {}", text(&entry["unknown"]));
    }
    let mut actions: Vec<String> = Vec::new();
    for action in list(&entry["actions"]) {
        let name = text(&action["action"]);
        let name = if action["when"].is_string() { format!("({name})") } else { name.to_owned() };
        if !actions.contains(&name) {
            actions.push(name);
        }
    }
    actions.join(", ")
}

fn full(entry: &Value, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "{BOLD}{}{RESET}", name(entry))?;
    if entry["permissionless"] == true {
        writeln!(out, "  needs no permission")?;
    }
    if entry["unknown"].is_string() {
        writeln!(out, "  unknown: {}", text(&entry["unknown"]))?;
    }
    for action in list(&entry["actions"]) {
        grant(action, out)?;
    }
    if let Some(encryption) = entry.get("encryption") {
        let actions: Vec<&str> = list(&encryption["actions"]).iter().map(text).collect();
        writeln!(out, "  {DIM}with a customer-managed key:{RESET} {}", actions.join(", "))?;
    }
    for note in list(&entry["notes"]) {
        writeln!(out, "  {DIM}note:{RESET} {}", text(note))?;
    }
    if entry["doc"].is_string() {
        let verified = match entry["verified"].as_str() {
            Some(month) => format!(" (checked {month})"),
            None => String::new(),
        };
        writeln!(out, "  {DIM}{}{verified}{RESET}", text(&entry["doc"]))?;
    }
    Ok(())
}

fn grant(action: &Value, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "  {ACTION}{}{RESET}  {DIM}{}{RESET}", text(&action["action"]), text(&action["access_level"]))?;
    if action["when"].is_string() {
        writeln!(out, "    when {}", text(&action["when"]))?;
    }
    if action["forward"].is_string() {
        writeln!(out, "    because the service {}", text(&action["forward"]))?;
    }
    if action["dependent"] == true {
        writeln!(out, "    because the service acts with the caller's rights")?;
    }
    for resource in list(&action["resources"]) {
        let arn = text(resource);
        match &action["resources_when"][arn] {
            Value::String(when) => writeln!(out, "    on {}  when {when}", plain(arn))?,
            _ => writeln!(out, "    on {}", plain(arn))?,
        }
    }
    for condition in list(&action["conditions"]) {
        let values: Vec<&str> = list(&condition["values"]).iter().map(text).collect();
        writeln!(out, "    if {} {} {}", text(&condition["key"]), text(&condition["operator"]), values.join(", "))?;
    }
    Ok(())
}

/// A template without the filters behind its parameters, which say how a value becomes a part of the ARN.
fn plain(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('|') {
        out.push_str(before);
        rest = behind.find('}').map_or("", |end| &behind[end..]);
    }
    out + rest
}
