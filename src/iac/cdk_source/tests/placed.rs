//! What has one id in several places is told apart by what it stands in.

use super::*;

/// The text of a variable of every function.
fn variables(stack: &Stack, name: &str) -> Vec<(SmolStr, Vec<Text>)> {
    let of = |function: &crate::iac::LambdaFunction| function.environment.get(name).map(|variable| variable.values.clone());
    stack.functions.iter().map(|function| (function.id.clone(), of(function).unwrap_or_default())).collect()
}

/// The names of all resources of a type, by their ids.
fn names(stack: &Stack, kind: &str, property: &str) -> Vec<(String, Option<Text>)> {
    let name = |resource: &crate::iac::stack::Resource| resource.properties.as_map()?.get(property)?.as_text();
    let of_kind = stack.resources.values().filter(|resource| resource.kind == kind);
    of_kind.map(|resource| (resource.id.to_string(), name(resource))).collect()
}

const HEAD: &str = r"import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { Function, Runtime, Code } from 'aws-cdk-lib/aws-lambda';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
const code = Code.fromAsset('src'), handler = 'index.handler', runtime = Runtime.NODEJS_20_X;
";

fn typescript(text: &str) -> Stack {
    let text: &'static str = format!("{HEAD}{text}").leak();
    stack(&[("app/cdk.json", r#"{"app": "npx tsx app.ts"}"#), ("app/app.ts", text)])
}

#[test]
fn instances_of_a_class_have_resources_of_their_own() {
    let stack = typescript(
        r"class Kept extends Construct {
  readonly table: Table;
  constructor(scope: Construct, id: string, tableName?: string) { super(scope, id); this.table = new Table(this, 'Table', { tableName }); }
}
const stack = new Stack(new App(), 'S');
const crates = new Kept(stack, 'Crates', 'crates'), ropes = new Kept(stack, 'Ropes', 'ropes');
const [one, two] = ['One', 'Two'].map((id) => new Kept(stack, id));
new Function(stack, 'Pack', { code, handler, runtime, environment: { CRATES: crates.table.tableName,
  ROPES: ropes.table.tableName, ONE: one.table.tableName, TWO: two.table.tableName } });
",
    );
    let own = |name: &str| variables(&stack, name).remove(0).1;
    let all: Vec<Vec<Text>> = ["CRATES", "ROPES", "ONE", "TWO"].into_iter().map(own).collect();
    let expected = ["Table", "Table-2", "Table-3", "Table-4"].map(|id| vec![reference(id, "Ref")]);
    assert_eq!(all, expected);
    let literal = |id: &str, name: &str| (id.to_owned(), Some(Text::literal(name)));
    let unnamed = |id: &str| (id.to_owned(), None);
    let tables = names(&stack, "AWS::DynamoDB::Table", "TableName");
    assert_eq!(tables, [literal("Table", "crates"), literal("Table-2", "ropes"), unnamed("Table-3"), unnamed("Table-4")]);
}

#[test]
fn instances_of_a_python_class_have_resources_of_their_own() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
        (
            "app/app.py",
            r#"from aws_cdk import App, Stack, aws_dynamodb as ddb, aws_lambda as lambda_
from constructs import Construct
class Kept(Construct):
    def __init__(self, scope, id, name):
        super().__init__(scope, id)
        self.table = ddb.Table(self, "Table", table_name=name)
class Mill(Stack):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        kept = {name: Kept(self, name, name) for name in ["crates", "ropes"]}
        lambda_.Function(self, "Pack", runtime=lambda_.Runtime.PYTHON_3_12, handler="pack.handler",
                         code=lambda_.Code.from_asset("src"), environment={"ROPES": kept["ropes"].table.table_name})
Mill(App(), "Mill")
"#,
        ),
    ]);
    assert_eq!(variables(&stack, "ROPES"), [("Pack".into(), vec![reference("Table-2", "Ref")])]);
}

#[test]
fn instances_of_a_class_have_functions_of_their_own() {
    let stack = typescript(
        r"class Worker extends Construct {
  constructor(scope: Construct, id: string, name: string) {
    super(scope, id);
    const dead = new Queue(this, 'Dead', { queueName: `${name}-dead` });
    const queue = new Queue(this, 'Queue', { queueName: name });
    const fn = new Function(this, 'Fn', { functionName: name, code, handler, runtime, environment: { DEAD: dead.queueUrl } });
    fn.addEventSource(new SqsEventSource(queue));
  }
}
class Part extends NestedStack { constructor(scope: Construct, id: string) { super(scope, id); new Worker(this, 'Worker', id); } }
const stack = new Stack(new App(), 'S');
new Worker(stack, 'Pack', 'pack');
new Worker(stack, 'Ship', 'ship');
new Part(stack, 'Weigh');
",
    );
    let dead = |id: &str, queue: &str| (SmolStr::from(id), vec![reference(queue, "Ref")]);
    assert_eq!(variables(&stack, "DEAD"), [dead("Fn", "Dead"), dead("Fn-2", "Dead-2"), dead("Fn-3", "Dead-3")]);
    assert!(stack.functions.iter().all(|function| function.events.len() == 1), "{:#?}", stack.functions);
    let functions: Vec<_> = stack.functions.iter().map(|function| function.name.clone()).collect();
    assert_eq!(functions, ["pack", "ship", "Weigh"].map(|name| Some(Text::literal(name))));
}

#[test]
fn what_differs_between_the_stacks_of_a_class_is_told_apart() {
    let stack = typescript(
        r"class Mill extends Stack {
  constructor(scope: Construct, id: string, stage: string) {
    super(scope, id);
    const table = new Table(this, 'Table', { tableName: `crates-${stage}` });
    new Function(this, 'Pack', { code, handler, runtime, environment: { CRATES: table.tableName, ROPES: table.tableName } });
    new Function(this, 'Same', { code, handler, runtime });
    if (stage === process.env.STAGE) new Function(this, 'Perhaps', { code, handler, runtime, environment: { A: 'a' } });
    else new Function(this, 'Perhaps', { code, handler, runtime, environment: { A: 'b' } });
  }
}
const app = new App();
new Mill(app, 'Dev', 'dev');
new Mill(app, 'Prod', 'prod');
",
    );
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["Pack", "Pack-2", "Same", "Perhaps", "Perhaps-2"]);
    let table = |function: &str, table: &str| (SmolStr::from(function), vec![reference(table, "Ref")]);
    assert_eq!(variables(&stack, "CRATES")[..2], [table("Pack", "Table"), table("Pack-2", "Table-2")]);
    assert_eq!(variables(&stack, "ROPES")[..2], [table("Pack", "Table"), table("Pack-2", "Table-2")]);
}

#[test]
fn constructs_that_only_hold_others_tell_these_apart() {
    let stack = typescript(
        r"const stack = new Stack(new App(), 'S');
const kept = (id: string, tableName: string) => new Table(new Construct(stack, id), 'Table', { tableName });
const crates = kept('Crates', 'crates'), ropes = kept('Ropes', 'ropes');
new Function(stack, 'Pack', { code, handler, runtime, environment: { CRATES: crates.tableName, ROPES: ropes.tableName } });
",
    );
    assert_eq!(variables(&stack, "CRATES")[0].1, [reference("Table", "Ref")]);
    assert_eq!(variables(&stack, "ROPES")[0].1, [reference("Table-2", "Ref")]);
}

#[test]
fn parts_of_constructs_are_called_after_those_that_stand_elsewhere() {
    let stack = typescript(
        r"import { LambdaToDynamoDB } from '@aws-solutions-constructs/aws-lambda-dynamodb';
class Kept extends Construct {
  constructor(scope: Construct, id: string, tableName: string) {
    super(scope, id);
    new LambdaToDynamoDB(this, 'It', { lambdaFunctionProps: { code, handler, runtime }, dynamoTableProps: { tableName } });
  }
}
const stack = new Stack(new App(), 'S');
new Kept(stack, 'Crates', 'crates');
new Kept(stack, 'Ropes', 'ropes');
",
    );
    let table = |function: &str, table: &str| (SmolStr::from(function), vec![reference(table, "Ref")]);
    let expected = [table("It.lambdaFunction", "It.dynamoTable"), table("It-2.lambdaFunction", "It-2.dynamoTable")];
    let mut found = variables(&stack, "DDB_TABLE_NAME");
    found.sort_by_key(|(id, _)| id.len());
    assert_eq!(found, expected);
}

/// Constructs that are chosen by a name, and the application's own that makes one where it is asked to.
const CHOSEN: &str = r"class Pack extends Construct {
  constructor(scope: Construct, id: string, table: string) {
    super(scope, id);
    new Function(this, 'pack', { code, handler, runtime, environment: { TABLE: table } });
  }
}
class Weigh extends Construct {
  constructor(scope: Construct, id: string, table: string) {
    super(scope, id);
    new Function(this, 'weigh', { code, handler, runtime, environment: { TABLE: table } });
  }
}
const parts = { pack: Pack, weigh: Weigh };
class Mill extends Construct {
  add(name: string, table: string) {
    new parts[name](this, `${name}-it`, table);
  }
}
const mill = new Mill(new Stack(new App(), 'S'), 'Mill');
";

#[test]
fn what_the_application_was_not_seen_to_run_makes_nothing_twice_and_says_so() {
    let says = |stack: &Stack, id: &str| {
        let function = stack.functions.iter().find(|function| function.id == id).expect("made");
        function.notes.iter().any(|note| note.message.contains("was not seen to run"))
    };
    let ids = |stack: &Stack| stack.functions.iter().map(|function| function.id.to_string()).collect::<Vec<_>>();
    let called = typescript(format!("{CHOSEN}mill.add('pack', 'crates');\n").leak());
    assert_eq!(ids(&called), ["pack", "weigh"]);
    assert!(!says(&called, "pack") && says(&called, "weigh"));
    assert_eq!(variables(&called, "TABLE")[0].1, [Text::literal("crates")]);
    let uncalled = typescript(CHOSEN);
    assert_eq!(ids(&uncalled), ["pack", "weigh"]);
    assert!(says(&uncalled, "pack") && says(&uncalled, "weigh"));
}

#[test]
fn what_is_told_apart_by_what_it_is_given_stays_apart() {
    let stack = typescript(
        r"const stack = new Stack(new App(), 'S');
const pack = (id: string, table: string) => new Function(stack, id, { code, handler, runtime, environment: { TABLE: table } });
pack('Crates', 'crates');
export function unused() {
  pack('Ropes', 'ropes');
}
",
    );
    let tables: Vec<Vec<Text>> = variables(&stack, "TABLE").into_iter().map(|(_, values)| values).collect();
    assert_eq!(tables, [[Text::literal("crates")], [Text::literal("ropes")]]);
}

#[test]
fn structs_of_python_hold_what_they_are_made_with() {
    let stack = stack(&[
        ("app/cdk.json", r#"{"app": "python3 app.py"}"#),
        (
            "app/app.py",
            r#"from aws_cdk import App, Stack, aws_lambda as lambda_
stack = Stack(App(), "S")
def props(table):
    return lambda_.FunctionProps(code=lambda_.Code.from_asset("src"), handler="app.run", function_name=table,
                                 runtime=lambda_.Runtime.PYTHON_3_13, environment={"TABLE": table})
def one(id, props: lambda_.FunctionProps):
    lambda_.Function(stack, id, code=props.code, handler=props.handler, runtime=props.runtime, vpc=props.vpc,
                     function_name=props.function_name, environment=props.environment)
one("One", props("one"))
lambda_.Function(stack, "Two", **props("two")._values)
lambda_.Function(stack, "Three", **props("three").__dict__["_values"])
"#,
        ),
    ]);
    let ids: Vec<&str> = stack.functions.iter().map(|function| function.id.as_str()).collect();
    assert_eq!(ids, ["One", "Two", "Three"]);
    for (function, table) in stack.functions.iter().zip(["one", "two", "three"]) {
        assert!(matches!(&function.code, CodeSource::Local(path) if path.ends_with("src")), "{:?}", function.code);
        assert_eq!(function.name, Some(Text::literal(table)));
        assert_eq!(function.environment["TABLE"].values, [Text::literal(table)]);
        assert!(function.settings.is_empty(), "{:?}", function.settings);
    }
}
