//! Bad input through the real binary: one clear line with the file, what is wrong with it, and nothing half written.

use std::fs;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use run::leash as leash_in;

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    project::folder(files.iter().copied())
}

const READER: &[u8] = b"import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b', Key='k')\n";

#[test]
fn a_handler_that_is_not_there_is_one_line() {
    let folder = folder(&[("app.py", READER)]);
    let run = leash_in(folder.path(), &["infer", "app.py", "--handler", "app.py:nope"]);
    assert_eq!(run.error(), "error: app.py has no function `nope`; its handlers are handler");
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
}

#[test]
fn text_that_is_no_utf8_is_said_with_its_place() {
    let folder = folder(&[(
        "app.py",
        b"import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b\xe9', Key='k')\n",
    )]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert_eq!(run.status, Some(0));
    assert!(run.err.contains("is not UTF-8 from here on") && run.err.contains("app.py:3:"), "{}", run.err);
}

#[test]
fn templates_that_are_no_utf8_are_said() {
    let template = b"Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Handler: app.handler, Runtime: python3.12, Code: ., Description: '\xe9'}}\n";
    let folder = folder(&[("app.py", READER), ("template.yaml", template)]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert!(run.status == Some(0) && run.err.contains("template.yaml:2:"), "{}", run.err);
}

#[test]
fn a_broken_template_is_named_as_the_reason() {
    let folder = folder(&[
        ("template.yaml", b"Resources:\n  F:\n    Type: AWS::Serverless::Function\n   Bad: [\n"),
        ("main.tf", b"resource \"a\" \"b\" {\n  x = \n}\n"),
    ]);
    for path in [".", "template.yaml", "main.tf"] {
        let run = leash_in(folder.path(), &["infer", path]);
        assert!(run.error().ends_with("what the notes above name could not be read"), "{}", run.err);
        assert!(run.err.contains("line "), "{}", run.err);
    }
}

#[test]
fn a_bracket_without_end_is_shown_where_it_opens() {
    let folder = folder(&[("app.py", b"import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    s3.get_object(Bucket='b', Key='k')\n    x = (\n")]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert!(run.out.contains("s3:GetObject") && run.err.contains("app.py:5:"), "{}", run.err);
}

#[test]
fn unknown_short_forms_are_said_like_unknown_functions() {
    let template = b"Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: app.handler\n      Runtime: python3.12\n      Code: .\n      Environment: {Variables: {A: !Magic x, B: {'Fn::Wow': 1}}}\n";
    let folder = folder(&[("app.py", READER), ("template.yaml", template)]);
    let run = leash_in(folder.path(), &["infer", "."]);
    for name in
        ["`!Magic` is an intrinsic function leash does not know", "`Fn::Wow` is an intrinsic function leash does not know"]
    {
        assert!(run.status == Some(0) && run.err.contains(name), "{}", run.err);
    }
}

#[test]
fn functions_of_one_name_are_said() {
    let function = |id: &str| {
        format!(
            "  {id}: {{Type: AWS::Lambda::Function, Properties: {{FunctionName: same, Handler: app.handler, Runtime: python3.12, Code: .}}}}\n"
        )
    };
    let template = format!("Resources:\n{}{}", function("L"), function("M"));
    let folder = folder(&[("app.py", READER), ("template.yaml", template.as_bytes())]);
    let run = leash_in(folder.path(), &["infer", ".", "--verbose"]);
    assert!(run.err.contains("`L` and `M` are both named `same`"), "{}", run.err);
}

#[test]
fn a_file_is_no_folder_to_write_to() {
    let folder = folder(&[("app.py", READER), ("out", b"precious")]);
    let run = leash_in(folder.path(), &["infer", "app.py", "--out", "out"]);
    assert_eq!(run.error(), "error: cannot write out: it is a file, not a folder");
    assert_eq!(fs::read(folder.path().join("out")).expect("it is still there"), b"precious");
}

#[test]
fn nothing_is_written_without_an_answer() {
    let folder = folder(&[("app.py", b"")]);
    leash_in(folder.path(), &["infer", "missing.py", "--out", "out"]).error();
    leash_in(folder.path(), &["infer", "app.py", "--handler", "app.py:nope", "--out", "out"]).error();
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_role_that_is_no_policy_is_named_once() {
    let folder = folder(&[("app.py", READER), ("broken.json", b"{\"Statement\":\n"), ("other.json", b"{}")]);
    for (name, expected) in [
        ("broken.json", "error: broken.json:2:1: expected a value, found the end of the file"),
        ("other.json", "error: other.json: expected a policy"),
    ] {
        let run = leash_in(folder.path(), &["diff", "app.py", "--role", name]);
        assert!(run.error().starts_with(expected), "{}", run.err);
    }
}

#[test]
fn settings_that_are_wrong_are_named_from_here() {
    let folder = folder(&[("leash.toml", b"x = [\n"), ("src/app.py", READER)]);
    assert!(leash_in(folder.path(), &["infer", "src"]).error().starts_with("error: leash.toml:1:"));
    assert!(leash_in(&folder.path().join("src"), &["infer"]).error().starts_with("error: ../leash.toml:1:"));
}
