//! Hostile templates: few lines that describe more than fits into any memory, cycles, and links that lead nowhere. Each is
//! answered soon, and what was left out is said.

use std::fmt::Write as _;
use std::path::Path;

use leash::pipeline::{Report, Settings, run};

#[path = "support/guard.rs"]
mod guard;
#[path = "support/project.rs"]
mod project;

const CODE: &str =
    "import os, boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl=os.environ['T'])\n";

/// Analyzes a folder of files beside `app.py`, and fails when that never ends.
fn analyze(files: &[(&str, String)]) -> Report {
    let given = files.iter().map(|(name, text)| (*name, text.as_str()));
    let folder = project::folder([("app.py", CODE)].into_iter().chain(given));
    analyze_at(folder.path())
}

fn analyze_at(path: &Path) -> Report {
    let settings = Settings { paths: vec![path.to_path_buf()], ..Settings::default() };
    guard::guarded("the template", move || run(&settings, &|_| {}))
}

/// The report's notes and those of its functions.
fn messages(report: &Report) -> Vec<&str> {
    let own = report.functions.iter().flat_map(|function| &function.notes);
    own.chain(&report.notes).map(|note| note.message.as_str()).collect()
}

fn assert_says(report: &Report, part: &str) {
    assert!(messages(report).iter().any(|message| message.contains(part)), "{part}: {:#?}", messages(report));
}

/// The request of the one function's code was found, whatever became of the rest.
fn assert_answered(report: &Report) {
    assert!(report.functions.iter().any(|function| function.calls.len() == 1), "{:#?}", messages(report));
}

const TERRAFORM: &str = "resource \"aws_lambda_function\" \"f\" {\n  function_name = \"f\"\n  handler = \"app.handler\"\n  runtime = \"python3.12\"\n  filename = data.archive_file.z.output_path\n  environment {\n    variables = { T = local.a0 }\n  }\n}\ndata \"archive_file\" \"z\" {\n  type = \"zip\"\n  source_dir = path.module\n  output_path = \"z.zip\"\n}\n";

/// Local values, each made of the next one; the last is `"end"`.
fn locals(count: usize, each: impl Fn(&str) -> String) -> String {
    let mut text = String::from(TERRAFORM);
    text.push_str("locals {\n");
    for index in 0..count {
        let _ = writeln!(text, "  a{index} = {}", each(&format!("local.a{}", index + 1)));
    }
    let _ = writeln!(text, "  a{count} = \"end\"\n}}");
    text
}

#[test]
fn doubling_terraform_values_are_answered() {
    for each in [
        |next: &str| format!("[{next}, {next}]"),
        |next: &str| format!("{{ a = {next}, b = {next} }}"),
        |next: &str| format!("\"${{{next}}}${{{next}}}\""),
        |next: &str| format!("jsonencode([{next}, {next}])"),
        |next: &str| format!("concat([{next}], [{next}])"),
        |next: &str| format!("var.unknown ? [{next}, 1] : [{next}, 2]"),
        |next: &str| format!("flatten([{next}, {next}])"),
        |next: &str| format!("setproduct(flatten([{next}]), flatten([{next}, \"x\"]))"),
        |next: &str| format!("format(\"%s%s\", {next}, {next})"),
        |next: &str| format!("format(\"%s%s\", {next}, var.unknown)"),
        |next: &str| format!("replace({next}, \"e\", \"ee\")"),
        |next: &str| format!("replace({next}, \"e\", {next})"),
        |next: &str| format!("join(\"\", [{next}, {next}])"),
        |next: &str| format!("\"%{{ for x in [1, 2, 3] }}${{{next}}}%{{ endfor }}\""),
        |next: &str| format!("jsonencode({next})"),
    ] {
        // Shorter chains end in a string, longer ones lead too deep.
        for count in [40, 100] {
            assert_answered(&analyze(&[("main.tf", locals(count, each))]));
        }
    }
}

#[test]
fn one_large_terraform_value_may_be_used_by_many_resources() {
    let mut text = locals(14, |next| format!("[{next}, {next}]"));
    for index in 0..1_000 {
        let _ = writeln!(text, "resource \"aws_sqs_queue\" \"q{index}\" {{\n  tags = {{ t = local.a0 }}\n}}");
    }
    let report = analyze(&[("main.tf", text)]);
    assert_answered(&report);
    assert_says(&report, "takes too long to evaluate");
}

#[test]
fn terraform_values_that_need_themselves_are_said() {
    let text = format!("{TERRAFORM}locals {{\n  a0 = local.a1\n  a1 = [local.a0]\n}}\n");
    let report = analyze(&[("main.tf", text)]);
    assert_answered(&report);
    assert_says(&report, "depends on itself");
}

#[test]
fn doubling_serverless_variables_are_answered() {
    for value in [
        "${self:custom.nN}${self:custom.nN}",
        "a-${self:custom.nN}${self:custom.nN, 'x'}",
        "${env:X}${self:custom.nN}${self:custom.nN}",
    ] {
        let mut text = String::from("service: s\nprovider: {name: aws, runtime: python3.12}\ncustom:\n");
        for index in 0..100 {
            let _ = writeln!(text, "  n{index}: {}", value.replace('N', &(index + 1).to_string()));
        }
        text.push_str("  n100: end\nfunctions:\n  f: {handler: app.handler, environment: {T: '${self:custom.n60}'}}\n  g: {handler: app.handler, environment: {T: '${self:custom.n0}'}}\n");
        assert_answered(&analyze(&[("serverless.yml", text)]));
    }
}

#[test]
fn one_long_serverless_value_may_be_used_often() {
    let mut text =
        format!("service: s\nprovider: {{name: aws, runtime: python3.12}}\ncustom:\n  long: {}\n  all:\n", "x".repeat(50_000));
    for _ in 0..3_000 {
        text.push_str("    - a-${self:custom.long}\n");
    }
    text.push_str("functions:\n  f: {handler: app.handler, environment: {T: '${self:custom.all.0}'}}\n");
    let report = analyze(&[("serverless.yml", text)]);
    assert_answered(&report);
}

#[test]
fn doubling_values_of_scripts_are_answered() {
    for each in [
        "[...a, ...a]",
        "a.concat(a)",
        "[a, a].flatMap((x) => x)",
        "[a, a].join(',')",
        "`${a}${a}`",
        "String(a).concat(a, a)",
        "String(a).replaceAll('s', 'ss')",
        "String(a).replace(/s/g, 'ss')",
        "process.env.X ? a : a",
        "{ ...(process.env.X ? a : a), ...(process.env.Y ? a : a) }",
    ] {
        let doubled = format!("  a = {each};\n").repeat(60);
        for start in ["'s3'", "['s3']", "{ s: 's3' }"] {
            let text = format!(
                "const make = () => {{\n  let a = {start};\n{doubled}  return a;\n}};\nmodule.exports = {{ service: 's', provider: {{ name: 'aws', runtime: 'python3.12' }}, custom: make(), functions: {{ f: {{ handler: 'app.handler', environment: {{ T: 'x' }} }} }} }};\n"
            );
            assert_answered(&analyze(&[("serverless.js", text)]));
        }
    }
}

#[test]
fn reductions_of_scripts_that_double_are_answered() {
    let items = "'x', ".repeat(60);
    for each in ["a.concat(a)", "[a, a].join(',')", "a.replaceAll('s', 'ss')", "[...a, ...a]"] {
        for start in ["'s3'", "['s3']"] {
            let text = format!(
                "module.exports = {{ service: 's', provider: {{ name: 'aws', runtime: 'python3.12' }}, custom: {{ a: [{items}].reduce((a) => {each}, {start}) }}, functions: {{ f: {{ handler: 'app.handler', environment: {{ T: 'x' }} }} }} }};\n"
            );
            assert_answered(&analyze(&[("serverless.js", text)]));
        }
    }
}

/// A template of nested stacks only, each of which is the same file.
fn nesting(file: &str, count: usize) -> String {
    let mut text = String::from("Resources:\n");
    for index in 0..count {
        let _ = writeln!(text, "  N{index}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {file}}}}}");
    }
    text
}

const FUNCTION: &str = "  F: {Type: AWS::Lambda::Function, Properties: {Handler: app.handler, Runtime: python3.12, Code: ., Environment: {Variables: {T: x}}}}\n";

#[test]
fn nested_stacks_in_nested_stacks_are_answered() {
    let mut files: Vec<(String, String)> =
        (0..7).map(|level| (format!("s{level}.yaml"), nesting(&format!("s{}.yaml", level + 1), 12))).collect();
    files.push(("s7.yaml".to_owned(), format!("Resources:\n{FUNCTION}")));
    let files: Vec<(&str, String)> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    let report = analyze(&files);
    assert_answered(&report);
    assert_says(&report, "more than 1000 stacks");
}

#[test]
fn nested_stacks_that_contain_each_other_are_said() {
    let report = analyze(&[("a.yaml", nesting("b.yaml", 1) + FUNCTION), ("b.yaml", nesting("a.yaml", 1) + FUNCTION)]);
    assert_answered(&report);
    assert_says(&report, "it contains itself");
}

#[test]
fn loops_that_write_out_too_much_are_cut_off() {
    let values = (0..3_000).map(|index| index.to_string()).collect::<Vec<_>>().join(", ");
    let body = "${x}".repeat(3_000);
    let text = format!(
        "Transform: AWS::LanguageExtensions\nResources:\n{FUNCTION}  Fn::ForEach::L:\n    - x\n    - [{values}]\n    - 'Q${{x}}': {{Type: AWS::SQS::Queue, Properties: {{QueueName: '{body}'}}}}\n"
    );
    let report = analyze(&[("template.yaml", text)]);
    assert_answered(&report);
    assert_says(&report, "the rest was left out");
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::symlink("nowhere", folder.path().join("app.py")).expect("a link");
    std::os::unix::fs::symlink("nowhere", folder.path().join("picture.png")).expect("a link");
    let report = analyze_at(folder.path());
    assert_says(&report, "app.py is a link that leads nowhere");
    assert!(messages(&report).iter().all(|message| !message.contains("picture")));
}
