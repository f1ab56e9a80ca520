//! How long leash takes, next to what tree-sitter alone takes for the same files.
//!
//! ```text
//! cargo bench --bench pipeline
//! ```
//!
//! `parse` and `whole_run` go over the same generated folder, so their ratio is what the analysis adds to parsing.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Instant;

use divan::{Bencher, black_box};
use leash::catalog::Catalog;
use leash::pipeline::{Settings, run};
use leash::span::SourceFile;
use leash::syntax::{Language, parse};
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// Reading one map for the first time, as a run that meets its service does; each has to stay below 2 ms. Every map is read
/// once, and those that take longest are measured.
#[divan::bench(args = slowest_maps())]
fn first_look_into_a_map(bencher: Bencher<'_, '_>, service: &str) {
    bencher.with_inputs(Catalog::default).bench_values(|catalog| catalog.operations(service).map(|all| all.len()));
}

/// Parsing every entry of a map, as no run does: entries are parsed when their operation is met.
#[divan::bench(args = slowest_maps())]
fn whole_map(bencher: Bencher<'_, '_>, service: &str) {
    bencher.with_inputs(Catalog::default).bench_values(|catalog| read_all(&catalog, service));
}

fn read_all(catalog: &Catalog, service: &str) -> usize {
    let operations = catalog.operations(service).unwrap_or_default();
    operations.iter().filter(|operation| catalog.entry(service, operation).is_some()).count()
}

/// The services whose maps take longest to read, slowest first.
fn slowest_maps() -> Vec<&'static str> {
    let read = |service: &str| {
        let catalog = Catalog::default();
        let begin = Instant::now();
        black_box(read_all(&catalog, service));
        begin.elapsed()
    };
    // The fastest of five, so that what else the machine does chooses none of them.
    let mut timed: Vec<_> =
        Catalog::embedded().services().map(|service| ((0..5).map(|_| read(service)).min(), service)).collect();
    timed.sort_unstable();
    timed.iter().rev().take(4).map(|(_, service)| *service).collect()
}

/// A service's worth of functions: each with a handler, a repository class and a shared helper.
fn project(functions: usize) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("the folder can be written to");
    write("shared.py", SHARED);
    for index in 0..functions {
        if index % 2 == 0 {
            write(&format!("handler_{index}.py"), &python(index));
        } else {
            write(&format!("handler{index}.ts"), &typescript(index));
        }
    }
    folder
}

const SHARED: &str = r#"
import os
import boto3

_clients = {}

def client(name):
    if name not in _clients:
        _clients[name] = boto3.client(name)
    return _clients[name]

class Repository:
    def __init__(self, table):
        self.table = boto3.resource("dynamodb").Table(table)

    def get(self, key):
        return self.table.get_item(Key={"id": key}).get("Item")

    def put(self, item):
        self.table.put_item(Item=item)
"#;

fn python(index: usize) -> String {
    let mut text = String::from("import json\nimport os\nfrom shared import Repository, client\n\n");
    let _ = writeln!(text, "orders = Repository(os.environ.get(\"TABLE\", \"orders-{index}\"))\n");
    for step in 0..8 {
        let _ = writeln!(
            text,
            "def step_{step}(event):\n    body = json.loads(event[\"body\"])\n    if body.get(\"kind\") == \"k{step}\":\n        \
             client(\"s3\").put_object(Bucket=\"bucket-{index}\", Key=f\"{step}/{{body['id']}}.json\", Body=json.dumps(body))\n    \
             return body\n"
        );
    }
    text.push_str("def lambda_handler(event, context):\n    for record in event[\"Records\"]:\n");
    for step in 0..8 {
        let _ = writeln!(text, "        orders.put(step_{step}(record))");
    }
    text.push_str("    return orders.get(event[\"id\"])\n");
    text
}

fn typescript(index: usize) -> String {
    let mut text = String::from(
        "import { S3Client, GetObjectCommand } from \"@aws-sdk/client-s3\";\n\
         import { SQSClient, SendMessageCommand } from \"@aws-sdk/client-sqs\";\n\n\
         const s3 = new S3Client({});\nconst sqs = new SQSClient({});\n\n",
    );
    for step in 0..8 {
        let _ = writeln!(
            text,
            "async function step{step}(id: string): Promise<void> {{\n  \
             const object = await s3.send(new GetObjectCommand({{ Bucket: \"bucket-{index}\", Key: `{step}/${{id}}` }}));\n  \
             await sqs.send(new SendMessageCommand({{ QueueUrl: process.env.QUEUE_URL!, MessageBody: String(object) }}));\n}}\n"
        );
    }
    text.push_str("export const handler = async (event: { ids: string[] }) => {\n");
    for step in 0..8 {
        let _ = writeln!(text, "  await Promise.all(event.ids.map((id) => step{step}(id)));");
    }
    text.push_str("};\n");
    text
}

#[divan::bench(args = [1, 100, 200])]
fn parse_alone(bencher: Bencher<'_, '_>, functions: usize) {
    let folder = project(functions);
    let mut files: Vec<_> =
        fs::read_dir(folder.path()).expect("the folder was just made").filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    bencher.bench_local(|| files.iter().map(|path| parse_one(path)).sum::<usize>());
}

fn parse_one(path: &Path) -> usize {
    let name = path.to_str().unwrap_or_default();
    let text = fs::read_to_string(path).expect("the file was just written");
    let Some(language) = Language::from_path(name) else { return 0 };
    parse(SourceFile::new(name, text), language).tree.root_node().child_count() as usize
}

#[divan::bench(args = [1, 100, 200])]
fn whole_run(bencher: Bencher<'_, '_>, functions: usize) {
    let folder = project(functions);
    let settings = Settings { paths: vec![folder.path().to_path_buf()], ..Settings::default() };
    bencher.bench_local(|| run(&settings, &|_| {}).functions.len());
}
