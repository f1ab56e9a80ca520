//! The recipes of `docs/ci.md`, the steps of `action.yml` and the hooks: run as they stand, with the built binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use leash::iac::document::{self, Node};
use leash::span::SourceFile;
use tempfile::TempDir;

use super::run::git;
use super::{CODE, TEMPLATE, folder, write};

fn repository_file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("the file is there")
}

fn yaml(name: &str, text: &str) -> Node {
    document::read(&SourceFile::new(name, text)).expect("YAML").roots.remove(0)
}

/// A repository of two commits with the example in it, whose role lacks nothing and allows nothing more.
fn example(clean: bool) -> TempDir {
    let template = if clean {
        TEMPLATE.replace(", 'dynamodb:Query', 'sqs:PurgeQueue'], Resource: '*'", "], Resource: !GetAtt Orders.Arn")
    } else {
        TEMPLATE.to_owned()
    };
    let log = r#"{"Records": []}"#;
    let folder =
        folder(&[("template.yaml", &template), ("app.py", "def save(event, context):\n    pass\n"), ("logs/a.json", log)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    write(folder.path(), "app.py", CODE.as_bytes());
    git(folder.path(), &["commit", "-q", "-a", "-m", "two"]);
    folder
}

/// Runs a script as a workflow's runner does, with leash on the path.
fn bash(at: &Path, script: &str, environment: &BTreeMap<String, String>) -> (Option<i32>, String) {
    let binary = Path::new(env!("CARGO_BIN_EXE_leash")).parent().expect("a folder").display().to_string();
    let path = format!("{binary}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script])
        .current_dir(at)
        .env("PATH", path)
        .envs(environment);
    let output = command.output().expect("bash starts");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), text)
}

/// What a run of the action left behind.
struct Action {
    status: Option<i32>,
    said: String,
    summary: String,
    outputs: String,
}

/// Runs the steps of the action with these inputs.
fn action(at: &Path, given: &[(&str, &str)]) -> Action {
    let action = yaml("action.yml", &repository_file("action.yml"));
    let inputs = action.get("inputs").expect("inputs");
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for entry in inputs.entries() {
        values.insert(entry.key.to_string(), entry.value.get("default").and_then(Node::as_str).unwrap_or_default().to_owned());
    }
    for (name, value) in given {
        assert!(values.insert((*name).to_owned(), (*value).to_owned()).is_some(), "{name} is no input");
    }
    let scratch = TempDir::new().expect("a temporary folder");
    let file = |name: &str| -> PathBuf { scratch.path().join(name) };
    let mut environment: BTreeMap<String, String> = BTreeMap::new();
    for name in ["GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        std::fs::write(file(name), "").expect("written");
        environment.insert(name.to_owned(), file(name).display().to_string());
    }
    let read = |name: &str| std::fs::read_to_string(file(name)).expect("readable");
    let (mut status, mut said) = (Some(0), String::new());
    let steps = action.get("runs").and_then(|runs| runs.get("steps")).and_then(Node::as_sequence).expect("steps");
    for step in steps {
        if let Some(condition) = step.get("if").and_then(Node::as_str) {
            assert_eq!(condition, "inputs.base != ''", "the one condition this test knows");
            if values["base"].is_empty() {
                continue;
            }
        }
        let mut own = environment.clone();
        own.extend(
            read("GITHUB_ENV")
                .lines()
                .filter_map(|line| line.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        for entry in step.get("env").into_iter().flat_map(Node::entries) {
            let text = entry.value.as_str().unwrap_or_default();
            let name = text.strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            let value = name.map_or_else(String::new, |name| values[name].clone());
            own.insert(entry.key.to_string(), value);
        }
        let script = step.get("run").and_then(Node::as_str).expect("a script");
        assert!(!script.contains("${{"), "inputs reach scripts through the environment only: {script}");
        let (code, text) = bash(at, script, &own);
        said.push_str(&text);
        if code != Some(0) {
            status = code;
            break;
        }
    }
    Action { status, said, summary: read("GITHUB_STEP_SUMMARY"), outputs: read("GITHUB_OUTPUT") }
}

#[test]
fn the_action_s_steps_find_annotate_and_fail() {
    let leash = env!("CARGO_BIN_EXE_leash");
    let clean = example(true);
    let run = action(clean.path(), &[("leash", leash), ("base", "HEAD~1")]);
    assert_eq!(run.status, Some(0), "{}", run.said);
    assert!(
        run.summary.contains("## leash: changed permissions") && run.summary.contains("+ dynamodb:PutItem"),
        "{}",
        run.summary
    );
    assert!(run.summary.contains("## leash: permissions against code"), "{}", run.summary);
    assert_eq!(run.outputs, "sarif=leash.sarif\n");
    let sarif = std::fs::read_to_string(clean.path().join("leash.sarif")).expect("it was written");
    assert!(sarif.contains("\"version\": \"2.1.0\""));

    let broad = example(false);
    let run = action(broad.path(), &[("leash", leash), ("sarif", ""), ("args", "--region eu-west-1 --verbose")]);
    assert_eq!(run.status, Some(2), "--quiet and --verbose exclude each other: {}", run.said);
    let run = action(broad.path(), &[("leash", leash), ("sarif", ""), ("args", "--region eu-west-1")]);
    assert_eq!(run.status, Some(1), "{}", run.said);
    assert!(run.said.contains("::error file=template.yaml,line="), "{}", run.said);
    assert!(!broad.path().join("leash.sarif").exists() && run.outputs.is_empty());
    let run = action(broad.path(), &[("leash", leash), ("fail-on", "none")]);
    assert_eq!(run.status, Some(0), "{}", run.said);
}

#[test]
fn the_shell_recipes_run() {
    let text = repository_file("docs/ci.md");
    let blocks: Vec<&str> = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    assert!(blocks.len() >= 5, "{blocks:#?}");
    let folder = example(true);
    for block in blocks {
        let (status, said) = bash(folder.path(), block, &BTreeMap::new());
        assert_eq!(status, Some(0), "{block}\n{said}");
    }
    for written in ["leash-baseline.json", "leash.lock", "changes.md", "observed.md"] {
        assert!(std::fs::metadata(folder.path().join(written)).is_ok_and(|meta| meta.len() > 0), "{written}");
    }
}

#[test]
fn the_gitlab_job_runs() {
    let text = repository_file("docs/ci.md");
    let blocks = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    let job = blocks.map(|block| yaml("docs/ci.md", block)).find_map(|root| root.get("leash").cloned()).expect("the job");
    let lines: Vec<&str> =
        job.get("script").and_then(Node::as_sequence).expect("lines").iter().filter_map(Node::as_str).collect();
    for (clean, status) in [(true, 0), (false, 1)] {
        let folder = example(clean);
        let (code, said) = bash(folder.path(), &lines.join("\n"), &BTreeMap::new());
        assert_eq!(code, Some(status), "{said}");
        let json = std::fs::read_to_string(folder.path().join("leash.json")).expect("an artifact");
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    }
}

#[test]
fn the_hooks_run() {
    let hooks = yaml(".pre-commit-hooks.yaml", &repository_file(".pre-commit-hooks.yaml"));
    let hooks = hooks.as_sequence().expect("a list");
    let entry = |id: &str| {
        let hook = hooks.iter().find(|hook| hook.get("id").and_then(Node::as_str) == Some(id)).expect("the hook");
        hook.get("entry").and_then(Node::as_str).expect("a command").to_owned()
    };
    let (diff, lock) = (entry("leash-diff"), entry("leash-lock"));
    assert_eq!(hooks.len(), 2);
    let (clean, broad) = (example(true), example(false));
    let run = |folder: &TempDir, line: &str| bash(folder.path(), line, &BTreeMap::new()).0;
    assert_eq!((run(&clean, &diff), run(&broad, &diff)), (Some(0), Some(1)));
    assert_eq!(run(&clean, &lock), Some(2), "there is no lock yet");
    assert_eq!(run(&clean, "leash lock"), Some(0));
    assert_eq!(run(&clean, &lock), Some(0));
    write(clean.path(), "app.py", CODE.replace("put_item", "delete_item").as_bytes());
    assert_eq!(run(&clean, &lock), Some(1));
}
