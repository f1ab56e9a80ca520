//! Bad input through the real binary: one clear line with the file, what is wrong with it, and nothing half written.

use std::fs;
use std::path::Path;

use assert_cmd::Command;

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn leash_in(folder: &Path, args: &[&str]) -> Run {
    let mut command = Command::cargo_bin("leash").expect("the binary is built with the tests");
    let output = command.current_dir(folder).env_clear().args(args).output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

impl Run {
    /// The one line that says why there is no answer.
    fn error(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{}", self.stderr);
        let lines: Vec<&str> = self.stderr.lines().filter(|line| line.starts_with("error")).collect();
        assert_eq!(lines.len(), 1, "{}", self.stderr);
        lines[0]
    }
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("files are in folders")).expect("folders can be made");
        fs::write(path, text).expect("files can be written");
    }
    folder
}

const READER: &[u8] = b"import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b', Key='k')\n";

#[test]
fn a_handler_that_is_not_there_is_one_line() {
    let folder = folder(&[("app.py", READER)]);
    let run = leash_in(folder.path(), &["infer", "app.py", "--handler", "app.py:nope"]);
    assert_eq!(run.error(), "error: app.py has no function `nope`; its handlers are handler");
    assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
}

#[test]
fn text_that_is_no_utf8_is_said_with_its_place() {
    let folder = folder(&[(
        "app.py",
        b"import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b\xe9', Key='k')\n",
    )]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("is not UTF-8 from here on") && run.stderr.contains("app.py:3:"), "{}", run.stderr);
}

#[test]
fn templates_that_are_no_utf8_are_said() {
    let template = b"Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Handler: app.handler, Runtime: python3.12, Code: ., Description: '\xe9'}}\n";
    let folder = folder(&[("app.py", READER), ("template.yaml", template)]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert!(run.code == Some(0) && run.stderr.contains("template.yaml:2:"), "{}", run.stderr);
}

#[test]
fn a_broken_template_is_named_as_the_reason() {
    let folder = folder(&[
        ("template.yaml", b"Resources:\n  F:\n    Type: AWS::Serverless::Function\n   Bad: [\n"),
        ("main.tf", b"resource \"a\" \"b\" {\n  x = \n}\n"),
    ]);
    for path in [".", "template.yaml", "main.tf"] {
        let run = leash_in(folder.path(), &["infer", path]);
        assert!(run.error().ends_with("what the notes above name could not be read"), "{}", run.stderr);
        assert!(run.stderr.contains("line "), "{}", run.stderr);
    }
}

#[test]
fn a_bracket_without_end_is_shown_where_it_opens() {
    let folder = folder(&[("app.py", b"import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    s3.get_object(Bucket='b', Key='k')\n    x = (\n")]);
    let run = leash_in(folder.path(), &["infer", "."]);
    assert!(run.stdout.contains("s3:GetObject") && run.stderr.contains("app.py:5:"), "{}", run.stderr);
}

#[test]
fn unknown_short_forms_are_said_like_unknown_functions() {
    let template = b"Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: app.handler\n      Runtime: python3.12\n      Code: .\n      Environment: {Variables: {A: !Magic x, B: {'Fn::Wow': 1}}}\n";
    let folder = folder(&[("app.py", READER), ("template.yaml", template)]);
    let run = leash_in(folder.path(), &["infer", "."]);
    for name in
        ["`!Magic` is an intrinsic function leash does not know", "`Fn::Wow` is an intrinsic function leash does not know"]
    {
        assert!(run.code == Some(0) && run.stderr.contains(name), "{}", run.stderr);
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
    assert!(run.stderr.contains("`L` and `M` are both named `same`"), "{}", run.stderr);
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
        assert!(run.error().starts_with(expected), "{}", run.stderr);
    }
}

#[test]
fn settings_that_are_wrong_are_named_from_here() {
    let folder = folder(&[("leash.toml", b"x = [\n"), ("src/app.py", READER)]);
    assert!(leash_in(folder.path(), &["infer", "src"]).error().starts_with("error: leash.toml:1:"));
    assert!(leash_in(&folder.path().join("src"), &["infer"]).error().starts_with("error: ../leash.toml:1:"));
}
