//! Terraform configurations and what is read from them.

use std::fmt::Write as _;
use std::path::Path;

use leash::project::{Handler, Options, Project, discover};
use leash::value::{Hole, Text};

#[path = "support/project.rs"]
mod project;

use project::project as folder;

/// The declared statements of the functions of a project, one a line.
fn statements(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(files);
    let project = discover(folder.path(), &Options::default());
    let declared = project.functions.iter().flat_map(|function| &function.declared).flat_map(|policy| policy.statements.iter());
    let resources = |texts: &[leash::value::Text]| texts.iter().map(leash::value::Text::pattern).collect::<Vec<_>>().join(", ");
    declared.map(|statement| format!("{} on {}", statement.actions.join(", "), resources(&statement.resources))).collect()
}

const FUNCTION: &str = "resource \"aws_iam_role\" \"r\" { assume_role_policy = \"{}\" }
resource \"aws_lambda_function\" \"f\" {
  function_name = \"f\"
  filename = \"app.zip\"
  handler = \"app.handler\"
  runtime = \"python3.13\"
  role = aws_iam_role.r.arn
}
";

/// Everything about the functions of a fixture, one fact a line.
fn shown(project: &Project) -> String {
    let mut out = String::new();
    for function in &project.functions {
        let _ = writeln!(out, "{} ({})", function.name, function.runtime.as_deref().unwrap_or("no runtime"));
        let handler = match &function.handler {
            Handler::File { path, symbol } => format!("{}:{symbol}", path.display()),
            Handler::Inline { file, symbol, .. } => format!("{}:{symbol}\n{}", file.path, file.text.trim_start()),
            other => format!("{other:?}"),
        };
        let _ = writeln!(out, "  handler {}", handler.replace('\\', "/"));
        let _ = writeln!(out, "  role {:?}", function.role);
        for (name, variable) in &function.environment {
            let values: Vec<String> = variable.values.iter().map(|text| format!("{:?}", text.pieces())).collect();
            let _ = writeln!(out, "  env {name} = {} at {}", values.join(" | "), variable.origin.short());
        }
        for event in &function.events {
            let source = event.resource.as_ref().map(|text| format!("{:?}", text.pieces()));
            let _ = writeln!(out, "  event {} {:?} {}", event.name, event.kind, source.unwrap_or_default());
        }
        for setting in &function.settings {
            let _ = writeln!(out, "  setting {:?}", setting.kind);
        }
        for policy in &function.declared {
            let _ = writeln!(out, "  policy {:?} at {}", policy.source, policy.origin.short());
            for statement in policy.statements.iter() {
                let resources: Vec<String> = statement.resources.iter().map(|text| format!("{:?}", text.pieces())).collect();
                let negated = if statement.not_action { "not " } else { "" };
                let _ = writeln!(
                    out,
                    "    {:?} {negated}{:?} on {} with {} conditions at {}",
                    statement.effect,
                    statement.actions,
                    resources.join(", "),
                    statement.conditions.len(),
                    statement.origin.short()
                );
            }
            for note in &policy.notes {
                let _ = writeln!(out, "    note {}", note.message);
            }
        }
        for note in &function.notes {
            let _ = writeln!(out, "  note {}", note.message);
        }
    }
    for note in &project.notes {
        let at = note.at.as_ref().map_or_else(String::new, leash::span::Location::short);
        let _ = writeln!(out, "note {at} {}", note.message);
    }
    out
}

fn fixture(name: &str) -> Project {
    discover(&Path::new("tests/iac").join(name), &Options::default())
}

#[test]
fn plain_resources_with_a_local_module() {
    insta::assert_snapshot!(shown(&fixture("terraform-basic")));
}

#[test]
fn community_modules() {
    insta::assert_snapshot!(shown(&fixture("terraform-community")));
}

#[test]
fn named_resources_have_literal_arns() {
    let project = fixture("terraform-basic");
    let stack = project.stacks.first().expect("one stack");
    let queue = stack.resolve_attribute("aws_sqs_queue.jobs[\"created\"]", "url").expect("declared");
    assert_eq!(queue.arn.pattern(), "arn:*:sqs:*:*:jobs-created");
    let table = stack.resolve_attribute("aws_dynamodb_table.orders", "name").expect("declared");
    assert_eq!(table.arn.pattern(), "arn:*:dynamodb:*:*:table/*-orders");
    assert_eq!(stack.parameters["prefix"].default.as_ref().and_then(|text| text.as_literal()), Some("dev"));
}

#[test]
fn lines_of_a_heredoc_stay_whole() {
    let project = read(
        "resource \"aws_iam_role\" \"r\" {}\nresource \"aws_lambda_function\" \"f\" {\n  role = aws_iam_role.r.arn\n}\n\
         resource \"aws_iam_role_policy\" \"p\" {\n  role = aws_iam_role.r.id\n  policy = <<EOF\n{\n    \"Statement\": [\n      {\n\
        \"Effect\": \"Allow\", \"Action\": \"sqs:*\", \"Resource\": [\n          \"${aws_iam_role.r.arn}/a/*\",\n          \"${aws_iam_role.r.arn}/b/*\"\n        ]}\n    ]\n}\nEOF\n}\n",
    );
    let policy = &project.functions[0].declared[0];
    assert!(policy.notes.is_empty(), "{:?}", policy.notes);
    assert_eq!(policy.statements[0].actions, ["sqs:*"]);
}

/// Reads one file as a configuration of its own.
fn read(text: &str) -> Project {
    discover(folder(&[("main.tf", text)]).path(), &Options::default())
}

#[test]
fn hostile_files_become_notes() {
    let function = "resource \"aws_lambda_function\" \"f\" {\n  role = local.x\n  count = 99999999999\n}\n";
    let deep = "[".repeat(100_000);
    let project = read(&format!("{function}locals {{ x = {deep}"));
    assert!(project.functions.is_empty());
    assert!(project.notes.iter().any(|note| note.message.contains("at most 64 nested levels")), "{:?}", project.notes);
    let chain: String = (0..5000).map(|n| format!("  l{n} = local.l{}\n", n + 1)).collect();
    let project = read(&format!("{function}locals {{\n  x = local.l0\n{chain}}}\n"));
    assert_eq!(project.functions.len(), 500);
    assert!(project.notes.iter().any(|note| note.message.contains("only the first 500")));
    let doubling: String = (0..60).map(|n| format!("  l{n} = \"${{local.l{}}}${{local.l{}}}\"\n", n + 1, n + 1)).collect();
    let project =
        read(&format!("resource \"aws_lambda_function\" \"f\" {{ role = local.l0 }}\nlocals {{\n{doubling}l60 = \"x\"\n}}\n"));
    assert_eq!(project.functions.len(), 1);
    let project =
        read("resource \"aws_lambda_function\" \"f\" {\n role = aws_iam_role.gone.arn\n}\nmodule \"m\" {\n source = \"./\"\n}\n");
    assert!(project.notes.iter().any(|note| note.message.contains("there is no `aws_iam_role.gone`")), "{:?}", project.notes);
    assert!(project.notes.iter().any(|note| note.message.contains("calls itself")), "{:?}", project.notes);
}

#[test]
fn plans_are_read_like_configurations() {
    let plan = r#"{
  "format_version": "1.2", "terraform_version": "1.9.0",
  "planned_values": {"root_module": {"resources": [
    {"address": "aws_sqs_queue.jobs", "mode": "managed", "type": "aws_sqs_queue", "name": "jobs", "values": {"name": "jobs"}},
    {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "name": "r", "values": {"name": "r"}},
    {"address": "aws_iam_role_policy.p", "mode": "managed", "type": "aws_iam_role_policy", "name": "p",
     "values": {"policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\"}]}"}},
    {"address": "aws_lambda_function.f[0]", "mode": "managed", "type": "aws_lambda_function", "name": "f", "index": 0,
     "values": {"function_name": "f", "handler": "app.handler", "runtime": "python3.13", "filename": "f.zip", "environment": [{}]}}
  ]}},
  "configuration": {"root_module": {"resources": [
    {"address": "aws_iam_role_policy.p", "expressions": {"role": {"references": ["aws_iam_role.r.id", "aws_iam_role.r"]}}},
    {"address": "aws_lambda_function.f", "expressions": {
      "role": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]},
      "dead_letter_config": [{"target_arn": {"references": ["aws_sqs_queue.jobs.arn", "aws_sqs_queue.jobs"]}}]}}
  ]}}
}"#;
    let folder = folder(&[("plan.json", plan), ("f/app.py", "def handler(event, context): ...")]);
    let project = discover(folder.path(), &Options::default());
    let [function] = project.functions.as_slice() else { panic!("one function, not {:?}", project.functions) };
    assert!(function.handler.is_resolved(), "{:?}", function.notes);
    assert!(!function.environment_complete, "the plan does not say which variables there are");
    assert_eq!(function.declared[0].statements[0].actions, ["sqs:SendMessage"]);
    let target = function.settings[0].value.as_ref().and_then(|text| text.as_hole());
    let queue = leash::value::Hole::Resource { id: "aws_sqs_queue.jobs".into(), attribute: "arn".into() };
    assert_eq!(target, Some(&queue));
}

#[test]
fn try_takes_what_the_module_makes() {
    let policy = |count: &str| {
        format!(
            "{FUNCTION}
variable \"create\" {{ default = true }}
variable \"many\" {{}}
resource \"aws_cloudwatch_log_group\" \"g\" {{
  {count}
  name = \"/aws/lambda/f\"
}}
resource \"aws_iam_role_policy\" \"p\" {{
  role = aws_iam_role.r.id
  policy = jsonencode({{ Statement = [{{ Effect = \"Allow\", Action = \"logs:PutLogEvents\", Resource = \"${{try(aws_cloudwatch_log_group.g[0].arn, \"\")}}:*\" }}] }})
}}
"
        )
    };
    for count in ["count = 1", "count = var.create ? 1 : 0"] {
        assert_eq!(statements(&[("main.tf", &policy(count))]), ["logs:PutLogEvents on *:*"], "{count}");
    }
    assert_eq!(statements(&[("main.tf", &policy("count = var.many"))]), ["logs:PutLogEvents on *:*"], "it may not be there");
    let either = policy("count = var.many").replace(
        "try(aws_cloudwatch_log_group.g[0].arn, ",
        "try(data.aws_cloudwatch_log_group.g[0].arn, aws_cloudwatch_log_group.g[0].arn, ",
    );
    let either = format!("{either}data \"aws_cloudwatch_log_group\" \"g\" {{\n  count = var.many\n  name = \"g\"\n}}\n");
    assert_eq!(statements(&[("main.tf", &either)]), ["logs:PutLogEvents on *:*, *:*"], "one of the two is there");
}

#[test]
fn a_variable_is_not_its_default_where_a_condition_says_so() {
    let main = format!(
        "{FUNCTION}
variable \"key\" {{ default = \"\" }}
resource \"aws_iam_role_policy\" \"p\" {{
  role = aws_iam_role.r.id
  policy = templatefile(\"policy.json\", {{ key = var.key }})
}}
resource \"aws_iam_role_policy\" \"q\" {{
  role = aws_iam_role.r.id
  policy = jsonencode({{ Statement = [{{ Effect = \"Allow\", Action = \"kms:Encrypt\", Resource = var.key != \"\" ? var.key : \"*\" }}] }})
}}
"
    );
    let template = r#"{"Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "%{ if key == "" }*%{ else }${key}%{ endif }"}]}"#;
    let found = statements(&[("main.tf", &main), ("policy.json", template)]);
    assert!(found.iter().all(|statement| !statement.ends_with(" on ") && !statement.ends_with(", ")), "{found:?}");
    assert_eq!(found.last().map(String::as_str), Some("kms:Encrypt on *, *"));
}

#[test]
fn a_module_from_elsewhere_that_is_given_what_a_function_is_given_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "infra/main.tf",
            r#"
resource "aws_sqs_queue" "crates" { name = "crates" }
module "pack" {
  source                  = "https://github.com/acme/modules/releases/download/3.0.6/lambda.zip"
  function_name           = "pack"
  function_code_base_path = "${path.root}/../lambdas"
  function_code_dir       = "pack/dist"
  handler_function_name   = "handler"
  runtime                 = "nodejs22.x"
  lambda_env_vars         = { QUEUE_URL = aws_sqs_queue.crates.url }
}
module "ship" {
  source                = "git::https://github.com/acme/modules.git//lambda?ref=v2"
  name                  = "ship"
  handler               = "index.handler"
  runtime               = "nodejs22.x"
  source_path           = "${path.module}/../lambdas/ship/src"
  environment_variables = { QUEUE_URL = aws_sqs_queue.crates.url }
}
module "fold-boxes" {
  source                  = "https://github.com/acme/modules/releases/download/3.0.6/lambda.zip"
  function_name           = "fold-boxes"
  function_module_name    = "fold-boxes"
  function_code_base_path = "${path.root}/../lambdas"
  function_code_dir       = "fold-boxes/dist"
  handler_function_name   = "handler"
  runtime                 = "nodejs22.x"
}
module "network" {
  source = "git::https://github.com/acme/modules.git//network"
  name   = "network"
}
"#,
        ),
        ("lambdas/pack/src/index.js", "exports.handler = async () => 1;\n"),
        ("lambdas/ship/src/index.js", "exports.handler = async () => 1;\n"),
        ("lambdas/fold-boxes/src/fold-boxes.js", "exports.handler = async () => 1;\n"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let project = discover(folder.path(), &Options::default());
    let answer = shown(&project);
    let found = ["module.pack (nodejs22.x)", "lambdas/pack/src/index.js:handler", "module.ship (nodejs22.x)"];
    let assumed = "so that is taken to be `index`";
    for line in found.into_iter().chain(["lambdas/fold-boxes/src/fold-boxes.js:handler", assumed]) {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert_eq!(answer.matches("env QUEUE_URL = [Hole(Resource { id: \"aws_sqs_queue.crates\"").count(), 2, "{answer}");
    assert_eq!(answer.matches(assumed).count(), 1, "only where no argument says it: {answer}");
    assert!(!answer.contains("module.network"), "{answer}");
}

#[test]
fn what_is_empty_by_default_may_be_filled() {
    let function = |repeat: &str| {
        format!(
            "variable \"functions\" {{ default = {{}} }}\nvariable \"names\" {{ default = [] }}\nvariable \"number\" {{ default = 0 }}\n\
             variable \"all\" {{ default = {{ on = false, more = [] }} }}\n\
             locals {{ listed = {{ for name, given in var.functions : name => given }} }}\n{}",
            FUNCTION.replace("function_name = \"f\"", &format!("function_name = \"f\"\n  {repeat}"))
        )
    };
    let forms = [
        "for_each = var.functions",
        "for_each = local.listed",
        "for_each = merge({}, var.functions)",
        "for_each = toset(var.names)",
        "for_each = toset(var.all.more)",
        "count = length(var.names)",
        "count = length(var.functions) > 0 ? 1 : 0",
        "count = var.number",
        "count = var.all.on ? 1 : 0",
        "count = one(var.names) == null ? 0 : 1",
    ];
    for form in forms {
        let project = read(&function(form));
        assert_eq!(project.functions.len(), 1, "{form}: {:?}", project.notes);
        assert_eq!(project.functions[0].declared.len(), 0);
        // Where only one thing can be made, it is known what that is.
        let says = project.functions[0].notes.iter().any(|note| note.message.contains("is up to the deployment"));
        assert_eq!(says, !form.contains('?'), "{form}: {:?}", project.functions[0].notes);
    }
    let filled = function(forms[0]) + "variable \"n\" { default = 1 }\n";
    let folder = folder(&[("main.tf", &filled), ("dev.tfvars", "functions = { a = {}, b = {} }\n")]);
    assert_eq!(discover(folder.path(), &Options::default()).functions.len(), 2, "a file passes them");
    // What a module is called with is a fact.
    let module = function(forms[0]);
    let files = [("main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"), ("m/main.tf", module.as_str())];
    for (name, text) in files {
        project::write(folder.path(), name, text);
    }
    std::fs::remove_file(folder.path().join("dev.tfvars")).expect("removed");
    assert!(discover(folder.path(), &Options::default()).functions.is_empty());
}

#[test]
fn plans_refer_to_the_instances_of_modules() {
    let statement = |action: &str| {
        format!(
            "\"{{\\\"Statement\\\":[{{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"{action}\\\",\\\"Resource\\\":\\\"*\\\"}}]}}\""
        )
    };
    let resource = |address: &str, kind: &str, values: &str| {
        format!("{{\"address\": \"{address}\", \"mode\": \"managed\", \"type\": \"{kind}\", \"values\": {{{values}}}}}")
    };
    let of_role = |module: &str| {
        let policy = format!("\"policy\": {}", statement("sqs:SendMessage"));
        [
            resource(&format!("{module}.aws_iam_role.y"), "aws_iam_role", "\"assume_role_policy\": \"{}\""),
            resource(&format!("{module}.aws_iam_role_policy.p[\\\"a\\\"]"), "aws_iam_role_policy", &policy),
        ]
        .join(", ")
    };
    let function = resource(
        "module.f.aws_lambda_function.f",
        "aws_lambda_function",
        "\"function_name\": \"f\", \"handler\": \"app.handler\", \"runtime\": \"python3.13\", \"filename\": \"f.zip\", \"environment\": [{\"variables\": {\"A\": \"b\"}}]",
    );
    let added =
        resource("aws_iam_role_policy.more", "aws_iam_role_policy", &format!("\"policy\": {}", statement("sqs:ReceiveMessage")));
    let plan = format!(
        r#"{{
  "format_version": "1.2",
  "planned_values": {{"root_module": {{"resources": [{added}], "child_modules": [
    {{"address": "module.x[0]", "resources": [{}]}},
    {{"address": "module.f", "resources": [{function}]}}
  ]}}}},
  "resource_changes": [
    {{"address": "module.f.aws_lambda_function.f", "change": {{"after_unknown": {{"environment": [{{"variables": {{"LATER": true}}}}], "role": true}}}}}}
  ],
  "configuration": {{"root_module": {{
    "resources": [{{"address": "aws_iam_role_policy.more", "expressions": {{"role": {{"references": ["module.x[0].role_name", "module.x[0]", "module.x"]}}}}}}],
    "module_calls": {{
      "x": {{"module": {{
        "outputs": {{"role_name": {{"expression": {{"references": ["aws_iam_role.y.name", "aws_iam_role.y"]}}}}}},
        "resources": [{{"address": "aws_iam_role_policy.p", "expressions": {{"role": {{"references": ["aws_iam_role.y.id", "aws_iam_role.y"]}}}}}}]
      }}}},
      "f": {{"expressions": {{"role": {{"references": ["module.x[0].role_name", "module.x[0]", "module.x"]}}}}, "module": {{
        "resources": [{{"address": "aws_lambda_function.f", "expressions": {{
          "role": {{"references": ["var.role"]}},
          "environment": [{{"variables": {{"references": ["aws_sqs_queue.q.url", "aws_sqs_queue.q"]}}}}]
        }}}}]
      }}}}
    }}
  }}}}
}}"#,
        of_role("module.x[0]")
    );
    let folder = folder(&[("plan.json", &plan)]);
    let project = discover(folder.path(), &Options::default());
    let [function] = project.functions.as_slice() else { panic!("one function, not {:?}", project.functions) };
    assert_eq!(function.role, leash::iac::RoleRef::Declared("module.x[0].aws_iam_role.y".into()));
    let actions: Vec<_> =
        function.declared.iter().flat_map(|policy| policy.statements.iter()).flat_map(|one| &one.actions).collect();
    assert_eq!(actions.len(), 2, "{actions:?}");
    let later = &function.environment["LATER"].values;
    assert!(later.len() == 1 && later[0].as_hole().is_some(), "{later:?}");
}

#[test]
fn policies_reach_the_roles_that_modules_make() {
    let attachments = "resource \"aws_iam_policy\" \"p\" {
  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sqs:SendMessage\", Resource = \"*\" }] })
}
resource \"aws_iam_policy_attachment\" \"a\" {
  name       = \"a\"
  roles      = [module.role.name]
  policy_arn = aws_iam_policy.p.arn
}
";
    let lambda = "module \"role\" {
  source = \"terraform-aws-modules/lambda/aws\"
  function_name = \"f\"
  handler = \"app.handler\"
  runtime = \"python3.13\"
  source_path = \".\"
  attach_cloudwatch_logs_policy = false
}
";
    let role = FUNCTION.replace("role = aws_iam_role.r.arn", "role = module.role.arn")
        + "module \"role\" {\n  source = \"terraform-aws-modules/iam/aws//modules/iam-role\"\n}\n";
    for text in [lambda, &role] {
        let project = read(&format!("{text}{attachments}"));
        let declared: Vec<_> = project.functions[0].declared.iter().flat_map(|policy| policy.statements.iter()).collect();
        assert_eq!(declared.len(), 1, "{text}: {:?}", project.notes);
    }
}

#[test]
fn what_a_policy_document_leaves_open_is_said() {
    let declared = |document: &str| {
        let text = format!(
            "{FUNCTION}variable \"more\" {{ type = list(string) }}\nvariable \"key\" {{}}\n\
             data \"aws_iam_policy_document\" \"d\" {{\n{document}\n}}\n\
             resource \"aws_iam_role_policy\" \"p\" {{\n  role = aws_iam_role.r.id\n  policy = data.aws_iam_policy_document.d.json\n}}\n"
        );
        read(&text).functions[0].declared[0].clone()
    };
    let statement =
        |condition: &str| format!("statement {{\n  actions = [\"sqs:SendMessage\"]\n  resources = [\"*\"]\n  {condition}\n}}\n");
    for key in ["source_policy_documents", "override_policy_documents"] {
        let policy = declared(&format!("{key} = concat([\"{{}}\"], var.more)\n{}", statement("")));
        assert!(policy.notes.iter().any(|note| note.message.contains("further statements")), "{key}: {:?}", policy.notes);
        assert!(policy.statements[0].conditions.is_empty());
    }
    let condition = |variable: &str, values: &str| {
        format!("condition {{\n  test = \"StringEquals\"\n  variable = {variable}\n  values = [{values}]\n}}\n")
    };
    let twice =
        declared(&statement(&(condition("\"aws:SourceAccount\"", "\"1\"") + &condition("\"aws:SourceAccount\"", "\"2\""))));
    let [both] = twice.statements[0].conditions.as_slice() else { panic!("{:?}", twice.statements[0].conditions) };
    assert_eq!(both.values.len(), 2, "{both:?}");
    for unknown in [
        condition("var.key", "\"1\""),
        "dynamic \"condition\" {\n  for_each = var.more\n  content {\n    test = condition.value\n    variable = \"a\"\n    values = []\n  }\n}\n".to_owned(),
    ] {
        let policy = declared(&statement(&unknown));
        assert!(!policy.statements[0].conditions.is_empty(), "{unknown}");
    }
}

/// What a variable of the function's environment is.
fn variable(files: &[(&str, &str)], value: &str) -> String {
    let main = FUNCTION.replace("role =", &format!("environment {{ variables = {{ V = {value} }} }}\n  role ="));
    let folder = folder(&[files, &[("main.tf", &main)]].concat());
    let project = discover(folder.path(), &Options::default());
    project.functions[0].environment["V"].values.iter().map(leash::value::Text::pattern).collect::<Vec<_>>().join(" | ")
}

#[test]
fn functions_do_what_the_language_says() {
    for (value, expected) in [
        ("format(\"%[2]s-%[1]s-%s\", \"a\", \"b\")", "b-a-b"),
        ("join(\",\", sort([\"b\", \"a\", \"b\"]))", "a,b,b"),
        ("join(\",\", distinct([\"b\", \"a\", \"b\"]))", "b,a"),
        ("join(\",\", { for name in [\"x\", \"y\"] : \"k\" => name... }[\"k\"])", "x,y"),
        ("join(\",\", fileset(\".\", \"*.txt\"))", "one.txt"),
    ] {
        assert_eq!(variable(&[("one.txt", "1")], value), expected, "{value}");
    }
    for above in ["/", "../.."] {
        let value = variable(&[], &format!("join(\",\", fileset(\"{above}\", \"*\"))"));
        assert_eq!(value, "*", "{above} is not listed");
    }
}

#[test]
fn overrides_replace_blocks() {
    let files =
        [("override.tf", "resource \"aws_lambda_function\" \"f\" {\n  environment {\n    variables = { V = \"new\" }\n  }\n}\n")];
    assert_eq!(variable(&files, "\"old\""), "new");
}

#[test]
fn json_has_dynamic_blocks_too() {
    let json = r#"{
  "resource": {
    "aws_iam_role": {"r": {"assume_role_policy": "{}"}},
    "aws_lambda_function": {"f": {"function_name": "f", "handler": "app.handler", "runtime": "python3.13", "filename": "f.zip", "role": "${aws_iam_role.r.arn}"}},
    "aws_iam_role_policy": {"p": {"role": "${aws_iam_role.r.id}", "policy": "${data.aws_iam_policy_document.d.json}"}}
  },
  "data": {"aws_iam_policy_document": {"d": {"dynamic": {"statement": {
    "for_each": ["sqs:SendMessage", "sqs:ReceiveMessage"],
    "content": {"actions": ["${statement.value}"], "resources": ["*"]}
  }}}}}
}"#;
    assert_eq!(statements(&[("main.tf.json", json)]), ["sqs:SendMessage on *", "sqs:ReceiveMessage on *"]);
}

#[test]
fn a_mapping_without_its_function_is_said() {
    let project = read(&format!(
        "{FUNCTION}resource \"aws_lambda_event_source_mapping\" \"m\" {{\n  function_name = \"another\"\n  event_source_arn = \"arn:aws:sqs:eu-west-1:1:q\"\n}}\n"
    ));
    assert!(project.notes.iter().any(|note| note.message.contains("another")), "{:?}", project.notes);
}

#[test]
fn what_is_computed_with_a_default_is_no_more_certain_than_it() {
    let files = [("v.tf", "variable \"n\" { default = 2 }\nvariable \"on\" {}\n")];
    for (value, expected) in [
        ("\"t-${var.n + 1}\"", "t-*"),
        ("\"t-${1 + 1}\"", "t-2"),
        ("\"t-${(var.on ? 1 : 2) + 1}\"", "t-2 | t-3"),
        ("var.n + 1 > 2 ? \"a\" : \"b\"", "a | b"),
        ("(var.on ? 1 : 2) > 0 ? \"a\" : \"b\"", "a"),
    ] {
        assert_eq!(variable(&files, value), expected, "{value}");
    }
    // Instances are there as long as the default says how many.
    let counted = FUNCTION.replace("function_name = \"f\"", "function_name = \"f-${count.index}\"\n  count = var.n + 1");
    assert_eq!(read(&format!("{counted}{}", files[0].1)).functions.len(), 3);
}

const COMMUNITY: &str = "variable \"on\" { default = false }
variable \"poll\" { type = bool }
resource \"aws_sqs_queue\" \"q\" {}
module \"f\" {
  source = \"terraform-aws-modules/lambda/aws\"
  function_name = \"f\"
  handler = \"app.handler\"
  runtime = \"python3.13\"
  source_path = \"src\"
";

#[test]
fn switches_of_modules_are_not_decided_by_defaults() {
    let policy =
        "policy_json = jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"sqs:SendMessage\", Resource = \"*\" }] })";
    let module = |given: &str| read(&format!("{COMMUNITY}  attach_cloudwatch_logs_policy = false\n  {policy}\n  {given}\n}}\n"));
    for (switch, count, says) in
        [("var.on", 1, true), ("var.poll", 1, true), ("true", 1, false), ("false", 0, false), ("null", 0, false)]
    {
        let project = module(&format!("attach_policy_json = {switch}"));
        let function = &project.functions[0];
        assert_eq!(function.declared.len(), count, "{switch}: {:?}", function.declared);
        let noted = function.notes.iter().any(|note| note.message.contains("`attach_policy_json`"));
        assert_eq!(noted, says, "{switch}: {:?}", function.notes);
    }
    assert_eq!(module("create = var.on").functions.len(), 1);
    assert_eq!(module("create = false").functions.len(), 0);
}

#[test]
fn every_map_that_may_be_given_counts() {
    let mapping = "event_source_mapping = var.poll ? {} : { q = { event_source_arn = aws_sqs_queue.q.arn } }";
    let project = read(&format!("{COMMUNITY}  {mapping}\n}}\n"));
    assert_eq!(project.functions[0].events.len(), 1);
    let files = [("v.tf", "variable \"on\" {}\n")];
    assert_eq!(variable(&files, "join(\",\", distinct(var.on ? [] : [\"a\", \"a\"]))"), "a");
}

#[test]
fn whose_a_policy_found_by_its_name_is_follows_from_what_aws_has() {
    let source = |name: &str| {
        let text = format!(
            "{FUNCTION}resource \"aws_iam_policy\" \"own\" {{\n  name = \"AWSOwn\"\n  policy = jsonencode({{ Statement = [{{ Effect = \
             \"Allow\", Action = \"sqs:SendMessage\", Resource = \"*\" }}] }})\n}}\ndata \"aws_iam_policy\" \"p\" {{ name = \"{name}\" }}\n\
             resource \"aws_iam_role_policy_attachment\" \"a\" {{\n  role = aws_iam_role.r.name\n  policy_arn = data.aws_iam_policy.p.arn\n}}\n"
        );
        let project = read(&text);
        let policies = leash::declared::expand(&project.functions[0].declared, None);
        (policies[0].is_read(), policies[0].statements.len())
    };
    assert_eq!(source("AWSOwn"), (true, 1), "the configuration's own");
    assert!(matches!(source("ReadOnlyAccess"), (true, 1..)), "AWS's");
    assert_eq!(source("AWSNobodyHasThis"), (false, 0));
}

#[test]
fn what_a_plan_does_not_say_of_a_resource_stays_open() {
    let plan = r#"{
  "format_version": "1.2",
  "planned_values": {"root_module": {"resources": [
    {"address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function",
     "values": {"function_name": "f", "handler": "app.handler", "runtime": "python3.13", "filename": "f.zip"}},
    {"address": "aws_iam_role.r", "mode": "managed", "type": "aws_iam_role", "values": {"assume_role_policy": "{}"}},
    {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "values": {}},
    {"address": "data.aws_iam_policy_document.d", "mode": "data", "type": "aws_iam_policy_document",
     "values": {"statement": [{"actions": ["s3:GetObject"], "effect": "Allow"}]}},
    {"address": "aws_iam_role_policy.p", "mode": "managed", "type": "aws_iam_role_policy", "values": {}}
  ]}},
  "configuration": {"root_module": {"resources": [
    {"address": "aws_lambda_function.f", "expressions": {"role": {"references": ["aws_iam_role.r.arn", "aws_iam_role.r"]}}},
    {"address": "data.aws_iam_policy_document.d", "expressions": {"statement": [
      {"resources": {"references": ["aws_s3_bucket.b.arn", "aws_s3_bucket.b"]}}]}}
  ]}}
}"#;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plan.json"), plan).expect("written");
    let project = discover(folder.path(), &Options::default());
    let stack = project.functions[0].stack.as_ref().expect("a stack");
    let statements = stack.resources["data.aws_iam_policy_document.d"].property("statement");
    let shown = format!("{statements:?}");
    assert!(shown.contains("aws_s3_bucket.b") && shown.contains("open: true"), "{shown}");
}

#[test]
fn what_may_be_empty_is_not_where_a_template_asks_for_it() {
    let main = format!(
        "{FUNCTION}
variable \"notify\" {{ default = true }}
resource \"aws_sns_topic\" \"done\" {{
  count = var.notify ? 1 : 0
  name  = \"done\"
}}
resource \"aws_iam_role_policy\" \"p\" {{
  role   = aws_iam_role.r.id
  policy = templatefile(\"policy.json\", {{ topic = var.notify ? aws_sns_topic.done[0].arn : \"\" }})
}}
"
    );
    let asks =
        r#"{"Statement": [%{ if topic != "" }{"Effect": "Allow", "Action": "sns:Publish", "Resource": "${topic}"}%{ endif }]}"#;
    let other = r#"{"Statement": [%{ if topic == "" }%{ else }{"Effect": "Allow", "Action": "sns:Publish", "Resource": "${topic}"}%{ endif }]}"#;
    for template in [asks, other] {
        assert_eq!(statements(&[("main.tf", &main), ("policy.json", template)]), ["sns:Publish on *"], "{template}");
    }
}

#[test]
fn the_last_entry_of_a_key_counts() {
    let policy = "resource \"aws_iam_role_policy\" \"p\" {
  role   = aws_iam_role.r.id
  policy = jsonencode({
    Note = \"ä\"
    Statement = [{
      Effect = \"Allow\"
      Action = \"sqs:DeleteQueue\"

      Nested = {
        Action = \"none\"
      }
      Action = \"sqs:PurgeQueue\" # not any more
      \"Action\" = \"sqs:SendMessage\"
      Resource = \"*\"
    }]
  })
}
";
    let text = format!("{FUNCTION}\n{policy}");
    assert_eq!(statements(&[("main.tf", &text)]), ["sqs:SendMessage on *"]);
    let broken = text.replace("\"*\"\n", "\"*\"\n      Resource = }\n");
    assert_eq!(statements(&[("main.tf", &broken)]), [] as [&str; 0], "other mistakes stay mistakes");
}

/// The same with what is not known in braces.
fn spelled(files: &[(&str, &str)], value: &str) -> String {
    let main = FUNCTION.replace("role =", &format!("environment {{ variables = {{ V = {value} }} }}\n  role ="));
    let folder = folder(&[files, &[("main.tf", &main)]].concat());
    let project = discover(folder.path(), &Options::default());
    let named = |hole: &Hole| match hole {
        Hole::Resource { id, attribute } => format!("{{{id}.{attribute}}}"),
        Hole::Parameter(name) => format!("{{{name}}}"),
        other => format!("{{{other:?}}}"),
    };
    let texts = &project.functions[0].environment["V"].values;
    texts.iter().map(|text| text.fill(|hole| Some(Text::literal(named(hole)))).pattern()).collect::<Vec<_>>().join(" | ")
}

const NAMES: &str = r#"
variable "stage" { default = "Dev" }
variable "small" { default = "dev" }
variable "team" {}
resource "aws_s3_bucket" "upload" { bucket = "acme-upload" }
resource "aws_s3_bucket" "unnamed" {}
resource "aws_s3_bucket" "staged" { bucket = "acme-${var.small}" }
resource "aws_sqs_queue" "jobs" { name = "jobs.fifo" }
"#;

#[test]
fn functions_of_strings_take_the_name_that_a_resource_was_given() {
    for (value, expected) in [
        ("replace(aws_s3_bucket.upload.bucket, \"upload\", \"result\")", "acme-result"),
        ("trimsuffix(aws_sqs_queue.jobs.name, \".fifo\")", "jobs"),
        ("upper(aws_s3_bucket.upload.id)", "ACME-UPLOAD"),
        ("replace(aws_s3_bucket.staged.id, \"acme-\", \"x-\")", "x-{small}"),
        ("substr(aws_sqs_queue.jobs.name, 0, 3)", "job"),
        ("split(\":\", aws_sqs_queue.jobs.arn)[5]", "jobs.fifo"),
        // What stays as it is says more as a reference.
        ("lower(aws_s3_bucket.upload.arn)", "{aws_s3_bucket.upload.arn}"),
        ("trimsuffix(aws_sqs_queue.jobs.arn, \":*\")", "{aws_sqs_queue.jobs.arn}"),
        ("lower(\"${var.small}-x\")", "{small}-x"),
        // What nobody knows is what the expression gives, and not what it was before.
        ("replace(aws_s3_bucket.unnamed.bucket, \"a\", \"b\")", "{replace(aws_s3_bucket.unnamed.bucket, \"a\", \"b\")}"),
        ("lower(\"${var.team}-X\")", "{lower(var.team)}-x"),
        ("lower(var.stage)", "{lower(var.stage)}"),
        ("trimsuffix(\"${var.team}.fifo\", \".fifo\")", "{team}"),
    ] {
        assert_eq!(spelled(&[("names.tf", NAMES)], value), expected, "{value}");
    }
}

#[test]
fn a_name_may_be_what_another_resource_is_called() {
    let files = [
        (
            "main.tf",
            r#"module "q" {
  source = "./q"
  name = "orders"
}
data "aws_sqs_queue" "that" { name = module.q.name }
"#,
        ),
        (
            "q/main.tf",
            r#"variable "name" {}
resource "aws_sqs_queue" "this" { name = var.name }
output "name" { value = aws_sqs_queue.this.name }
"#,
        ),
    ];
    let folder = folder(&files);
    let stack = leash::iac::read_terraform(&leash::iac::Files::new(folder.path()), folder.path()).expect("a configuration");
    let queue = stack.resolve_attribute("data.aws_sqs_queue.that", "arn").expect("declared");
    assert_eq!(queue.arn.pattern(), "arn:*:sqs:*:*:orders");
}

#[test]
fn a_setting_that_may_be_left_out_is_given_where_it_is_not() {
    let key = |given: &str| {
        let main = FUNCTION.replace("role =", &format!("kms_key_arn = {given}\n  role ="));
        let more = "resource \"aws_kms_key\" \"k\" {}\nlocals { key = aws_kms_key.k.arn }\nvariable \"on\" {}\n";
        let folder = folder(&[("main.tf", &main), ("more.tf", more)]);
        let project = discover(folder.path(), &Options::default());
        let settings = project.functions[0].settings.iter();
        settings
            .map(|setting| format!("{:?} {:?}", setting.kind, setting.value.as_ref().map(Text::holes).map(Iterator::count)))
            .collect::<Vec<_>>()
    };
    for given in ["local.key == null ? \"\" : local.key", "var.on ? local.key : \"\"", "var.on ? \"\" : local.key"] {
        assert_eq!(key(given), ["KmsKey Some(1)"], "{given}");
    }
    assert_eq!(key("local.key != null ? \"\" : local.key"), Vec::<String>::new());
    assert_eq!(key("var.on ? \"\" : null"), Vec::<String>::new());
}

#[test]
fn defaults_of_variables_count_within_paths_to_code() {
    let function = |more: &str| {
        format!(
            "variable \"stage\" {{ default = \"dev\" }}
variable \"archive\" {{ default = \"lambda.zip\" }}
variable \"unnamed\" {{}}
resource \"aws_lambda_function\" \"f\" {{
  for_each      = {{ carts = \"carts\", bills = \"bills\" }}
  function_name = each.key
  handler       = \"src/app.handler\"
  runtime       = \"python3.13\"
  role          = \"arn:aws:iam::123456789012:role/r\"
  {more}
}}
"
        )
    };
    let code = "def handler(event, context): pass";
    let entered = |main: &str| {
        let files = [
            ("infra/live/main.tf", main),
            ("infra/README.md", "# Only infrastructure"),
            ("infra/hooks/src/hook.py", code),
            ("services/carts/src/app.py", code),
            ("services/bills/src/app.py", code),
        ];
        let folder = folder(&files);
        let project = discover(folder.path(), &Options::default());
        let of = |function: &leash::project::Function| match &function.handler {
            Handler::File { path, .. } => Some(path.strip_prefix(folder.path()).ok()?.to_string_lossy().replace('\\', "/")),
            _ => None,
        };
        project.functions.iter().filter(|function| function.name.starts_with("aws")).filter_map(of).collect::<Vec<_>>()
    };
    let both = ["services/bills/src/app.py", "services/carts/src/app.py"];
    for name in ["lambda.zip", "${var.archive}", "${var.unnamed}", "${var.stage}-${var.archive}"] {
        let filename = format!("filename = \"${{path.root}}/../../services/${{each.key}}/{name}\"");
        assert_eq!(entered(&function(&filename)), both, "{name}");
    }
    let packed = "filename = data.archive_file.z[each.key].output_path
}
variable \"services\" { default = \"services\" }
data \"archive_file\" \"z\" {
  for_each    = { carts = \"carts\", bills = \"bills\" }
  type        = \"zip\"
  source_dir  = \"../../${var.services}/${each.key}\"
  output_path = \"${each.key}.zip\"";
    assert_eq!(entered(&function(packed)), both);
}

#[test]
fn a_file_whose_name_a_variable_says_is_the_one_of_its_default() {
    let main = "variable \"stage\" { default = \"dev\" }
locals { settings = yamldecode(file(\"${path.module}/stages/${var.stage}.yml\")) }
resource \"aws_lambda_function\" \"f\" {
  for_each      = local.settings.functions
  function_name = each.key
  filename      = \"${path.module}/fn/${each.value}\"
  handler       = \"app.handler\"
  runtime       = \"python3.13\"
  role          = \"arn:aws:iam::123456789012:role/r\"
  environment { variables = { TABLE = local.settings.table, MODE = local.settings.is_strict ? \"strict\" : \"loose\" } }
}
";
    let code = "def handler(event, context): pass";
    let folder = folder(&[
        ("main.tf", main),
        ("stages/dev.yml", "table: orders\nis_strict: true\nfunctions:\n  GET: get\n  PUT: put\n"),
        ("fn/get/app.py", code),
        ("fn/put/app.py", code),
    ]);
    let project = discover(folder.path(), &Options::default());
    let names: Vec<&str> = project.functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["aws_lambda_function.f[\"GET\"]", "aws_lambda_function.f[\"PUT\"]"]);
    for function in &project.functions {
        assert!(matches!(function.handler, Handler::File { .. }), "{:?}", function.notes);
        let values = |name: &str| function.environment[name].values.iter().map(leash::value::Text::pattern).collect::<Vec<_>>();
        assert_eq!(values("TABLE"), ["orders"]);
        assert_eq!(values("MODE"), ["strict", "loose"], "another stage may say otherwise");
    }
}
