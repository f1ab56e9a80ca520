//! `leash lock` and `leash compare`: what changed between two states of a project.

use std::path::Path;

use tempfile::TempDir;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use run::git;

fn leash(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let run = run::leash(folder, args);
    (run.status, run.out)
}

fn code(operation: &str) -> String {
    format!("import boto3\n\n\ndef handler(event, context):\n    boto3.client('s3').{operation}(Bucket='photos', Key='a.png')\n")
}

fn project(operation: &str) -> TempDir {
    project::project(&[("app.py", &code(operation))])
}

fn edit(folder: &TempDir, text: &str) {
    project::write(folder.path(), "app.py", text);
}

#[test]
fn a_lock_file_changes_with_permissions_only() {
    let folder = project("get_object");
    let at = folder.path();
    assert_eq!(leash(at, &["lock", "--check"]).0, Some(2), "there is none yet");
    assert_eq!(leash(at, &["lock"]).0, Some(0));
    let written = std::fs::read_to_string(at.join("leash.lock")).expect("it was written");
    assert!(written.contains("\n[app]\ns3:GetObject arn:*:s3:::photos/a.png\n"), "{written}");
    assert_eq!(leash(at, &["lock", "--check"]), (Some(0), String::new()));

    edit(&folder, &format!("# moved\n\n{}", code("get_object")));
    assert_eq!(leash(at, &["lock", "--check"]).0, Some(0));

    edit(&folder, &code("delete_object"));
    let (status, changes) = leash(at, &["lock", "--check"]);
    assert_eq!(status, Some(1));
    assert_eq!(changes, "[app]\n- s3:GetObject arn:*:s3:::photos/a.png\n+ s3:DeleteObject arn:*:s3:::photos/a.png\n");
}

#[test]
fn folders_are_compared_by_what_their_functions_may_do() {
    let (before, after) = (project("get_object"), project("delete_object"));
    let names = |folder: &TempDir| folder.path().to_str().expect("text").to_owned();
    let (status, text) = leash(before.path(), &["compare", &names(&before), &names(&after)]);
    assert_eq!(status, Some(1));
    assert!(text.contains("+ s3:DeleteObject arn:*:s3:::photos/a.png"), "{text}");
    assert!(text.contains("app.py:5") && text.ends_with("permissions: 1 added, 1 removed, 0 widened\n"), "{text}");
    assert_eq!(leash(before.path(), &["compare", &names(&before), &names(&before)]).0, Some(0));

    edit(&after, "def handler(event, context):\n    return 1\n\n\n# boto3\n");
    let (status, text) = leash(before.path(), &["compare", &names(&before), &names(&after)]);
    assert_eq!((status, text.contains("- s3:GetObject")), (Some(0), true), "dropping permissions is no finding: {text}");
}

#[test]
fn reports_are_compared_with_folders() {
    let folder = project("get_object");
    let (_, report) = leash(folder.path(), &["infer", "--format", "report"]);
    std::fs::write(folder.path().join("before.json"), report).expect("written");
    assert_eq!(leash(folder.path(), &["compare", "before.json", "."]).0, Some(0));
    edit(&folder, &code("put_object"));
    let (status, text) = leash(folder.path(), &["compare", "before.json", ".", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(status, Some(1));
    assert_eq!(json["changes"][0]["added"][0]["action"], "s3:PutObject");
    std::fs::write(folder.path().join("other.json"), "{\"a\": 1}").expect("written");
    assert_eq!(leash(folder.path(), &["compare", "other.json", "."]).0, Some(2), "it is neither a report nor a template");
}

#[test]
fn revisions_are_compared_without_touching_the_checkout() {
    let folder = project("get_object");
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "app.py"]);
    git(folder.path(), &["commit", "-q", "-m", "one"]);
    edit(&folder, &code("delete_object"));
    git(folder.path(), &["commit", "-q", "-a", "-m", "two"]);
    edit(&folder, "broken (");
    let (status, text) = leash(folder.path(), &["compare", "HEAD~1", "HEAD"]);
    assert_eq!(status, Some(1));
    assert!(text.contains("+ s3:DeleteObject") && text.contains("- s3:GetObject"), "{text}");
    assert_eq!(std::fs::read_to_string(folder.path().join("app.py")).expect("still there"), "broken (");
    assert_eq!(leash(folder.path(), &["compare", "no-such-revision", "HEAD"]).0, Some(2));
}
