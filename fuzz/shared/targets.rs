//! The targets. Each says what holds for every input; that nothing panics, hangs or grows without bound holds for all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use leash::declared::read_role;
use leash::flow::{Analysis, Entry, FlowOptions, LinkOptions, Program, SourceTree, analyze};
use leash::iac::{self, Files, document};
use leash::ids::ModuleId;
use leash::ir::{Module, dump};
use leash::lower::lower;
use leash::pipeline::{self, Settings};
use leash::policy::algebra::{self, Coverage, Request};
use leash::policy::{ActionPattern, ArnPattern, Clause, PolicyDocument, Statement};
use leash::span::{SourceFile, Span};
use leash::syntax::Language;

use super::generate::{Choices, text};
use super::grammar::{self, Grammar};

/// A target by name.
pub struct Target {
    /// Its name, which is also that of its corpus.
    pub name: &'static str,
    /// What it does with an input.
    pub run: fn(&[u8]),
    /// The grammar of its inputs, when they are text.
    pub grammar: Option<&'static Grammar>,
    /// How the names of files end that make good inputs.
    pub extensions: &'static [&'static str],
}

/// All targets.
pub const TARGETS: [Target; 9] = [
    Target { name: "python", run: python, grammar: Some(grammar::PYTHON), extensions: &["py"] },
    Target { name: "javascript", run: javascript, grammar: Some(grammar::ECMA), extensions: &["js", "mjs", "cjs", "jsx"] },
    Target { name: "typescript", run: typescript, grammar: Some(grammar::ECMA), extensions: &["ts", "tsx", "mts"] },
    Target { name: "interpret", run: interpret, grammar: None, extensions: &[] },
    Target { name: "document", run: documents, grammar: Some(grammar::TEMPLATE), extensions: &["yaml", "yml", "json"] },
    Target { name: "template", run: template, grammar: Some(grammar::TEMPLATE), extensions: &["yaml", "yml", "template"] },
    Target { name: "serverless", run: serverless, grammar: Some(grammar::SERVERLESS), extensions: &["yml"] },
    Target { name: "terraform", run: terraform, grammar: Some(grammar::TERRAFORM), extensions: &["tf"] },
    Target { name: "policy", run: policy, grammar: Some(grammar::POLICY), extensions: &["json"] },
];

fn source(name: &str, data: &[u8]) -> Arc<SourceFile> {
    SourceFile::new(name, String::from_utf8_lossy(data).into_owned())
}

/// Lowering and interpretation of a Python file.
pub fn python(data: &[u8]) {
    code("app.py", Language::Python, data);
}

/// The same for JavaScript.
pub fn javascript(data: &[u8]) {
    code("app.js", Language::JavaScript, data);
}

/// The same for TypeScript, with and without JSX.
pub fn typescript(data: &[u8]) {
    if data.len().is_multiple_of(2) { code("app.ts", Language::TypeScript, data) } else { code("app.tsx", Language::Tsx, data) }
}

fn code(name: &str, language: Language, data: &[u8]) {
    let module = lower(source(name, data), language);
    assert_sound(&module);
    run_program(vec![(PathBuf::from(name), module)]);
}

/// Everything the intermediate form refers to is there, and every place is one of the file.
fn assert_sound(module: &Module) {
    let text = &module.file.text;
    let fits = |span: &Span| text.get(span.start as usize..span.end as usize).is_some();
    for function in module.functions.iter() {
        assert!(fits(&function.span), "{} stands at {:?}", function.name, function.span);
        assert_eq!(function.body.exprs.len(), function.body.expr_spans.len());
        assert!(function.body.expr_spans.iter().all(fits), "an expression of {}", function.name);
    }
    assert!(module.classes.iter().all(|class| fits(&class.span)));
    assert!(module.syntax_errors.iter().all(fits));
    assert!(module.directives.iter().all(|(span, _)| fits(span)));
    // Follows every reference.
    dump(module);
}

/// Files that are nowhere but here.
struct Memory(BTreeMap<PathBuf, Arc<Module>>);

impl SourceTree for Memory {
    fn is_file(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
    fn is_dir(&self, path: &Path) -> bool {
        path.as_os_str().is_empty() || path == Path::new(".")
    }
    fn module(&self, path: &Path) -> Option<Arc<Module>> {
        self.0.get(path).cloned()
    }
    fn text(&self, _: &Path) -> Option<String> {
        None
    }
    fn entries(&self, _: &Path) -> Arc<[String]> {
        self.0.keys().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
    }
    fn sources_below(&self, _: &Path, _: &[&str]) -> Vec<PathBuf> {
        self.0.keys().cloned().collect()
    }
}

/// A program of several modules that import each other, made of the input's decisions.
pub fn interpret(data: &[u8]) {
    let mut choices = Choices::new(data);
    let python = choices.below(2) == 0;
    let (grammar, language, extension) =
        if python { (grammar::PYTHON, Language::Python, "py") } else { (grammar::ECMA, Language::JavaScript, "js") };
    let modules = ["app", "m0", "m1", "m2"].map(|name| {
        let path = format!("{name}.{extension}");
        let module = lower(SourceFile::new(path.clone(), text(grammar, "start", &mut choices)), language);
        assert_sound(&module);
        (PathBuf::from(path), module)
    });
    run_program(modules.into());
}

/// Interprets a program from its handlers and as a whole, twice each: the same program has the same answer.
fn run_program(modules: Vec<(PathBuf, Module)>) {
    let Some((first, _)) = modules.first() else { return };
    let first = first.clone();
    let tree = Memory(modules.into_iter().map(|(path, module)| (path, Arc::new(module))).collect());
    let options = LinkOptions { roots: vec![PathBuf::new()], ..LinkOptions::default() };
    let Some(program) = Program::load(&tree, &first, &options) else { return };
    let ids: Vec<ModuleId> = program.modules.iter_enumerated().map(|(id, _)| id).collect();
    let Some((&entry, linked)) = ids.first().zip(program.modules.iter().next()) else { return };
    let handlers = linked.module.handlers.iter().take(2).map(|name| (entry, name.clone())).collect();
    let flow = FlowOptions::default();
    for entry in [Entry::Handlers(handlers), Entry::Whole(ids)] {
        let once = analyze(&program, &entry, &flow);
        let again = analyze(&program, &entry, &flow);
        assert_eq!(answer(&once), answer(&again), "two analyses differ");
        let calls = once.calls.iter().map(|call| &call.at);
        for at in calls.chain(once.unreached.iter().map(|call| &call.at)) {
            assert!(at.file.text.get(at.span.start as usize..at.span.end as usize).is_some());
        }
    }
}

fn answer(analysis: &Analysis) -> (&[leash::flow::SdkCall], &[leash::flow::Unreached], &[leash::note::Note]) {
    (&analysis.calls, &analysis.unreached, &analysis.notes)
}

/// The reader of YAML and JSON.
pub fn documents(data: &[u8]) {
    for name in ["t.yaml", "t.json"] {
        let file = source(name, data);
        match document::read(&file) {
            Ok(documents) => documents.roots.iter().for_each(|root| assert_places(root, &file)),
            Err(error) => {
                assert!(!error.message.contains('\n'), "a message of several lines: {}", error.message);
                assert!(error.line >= 1 && error.column >= 1);
            }
        }
    }
}

fn assert_places(root: &document::Node, file: &SourceFile) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let span = node.span;
        assert!(file.text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
        open.extend(node.as_sequence().unwrap_or_default());
        open.extend(node.entries().iter().map(|entry| &entry.value));
    }
}

/// A folder with the input as one of its files.
fn folder(name: &str, data: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, data).expect("a writable folder");
    (folder, path)
}

/// Everything leash does with a template, from finding it to the policies.
pub fn template(data: &[u8]) {
    project("template.yaml", data);
}

/// The same for a Serverless service.
pub fn serverless(data: &[u8]) {
    project("serverless.yml", data);
}

/// The same for a Terraform configuration.
pub fn terraform(data: &[u8]) {
    project("main.tf", data);
}

const CODE: &str =
    "import os, boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl=os.environ['T'])\n";

fn project(name: &str, data: &[u8]) {
    let (folder, _) = folder(name, data);
    fs::write(folder.path().join("app.py"), CODE).expect("a writable folder");
    fs::create_dir(folder.path().join("m")).expect("a writable folder");
    fs::write(folder.path().join("m/main.tf"), "variable \"v\" {}\noutput \"o\" {\n  value = var.v\n}\n")
        .expect("a writable folder");
    let settings = Settings { paths: vec![folder.path().to_path_buf()], jobs: Some(1), ..Settings::default() };
    let report = pipeline::run(&settings, &|_| {});
    for function in &report.functions {
        let failed = function.notes.iter().find(|note| note.message.contains("please report this"));
        assert!(failed.is_none(), "{failed:?}");
    }
    let files = Files::new(folder.path());
    if name.ends_with(".tf") {
        // A plan is JSON, and anything may be called one.
        let file = source("plan.json", data);
        drop(iac::read_plan(&files, Path::new("plan.json"), &file));
    } else {
        let file = source("zappa_settings.json", data);
        drop(iac::read_zappa(&files, Path::new("zappa_settings.json"), &file));
    }
}

/// Statements that are compared with each other; the comparison of all with all is not the point.
const MAX_STATEMENTS: usize = 12;
/// Items of a clause that are compared.
const MAX_ITEMS: usize = 6;

/// Reading, writing and comparing policies.
pub fn policy(data: &[u8]) {
    let file = source("policy.json", data);
    drop(read_role(&file));
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let read = PolicyDocument::from_json(&json);
    let again = PolicyDocument::from_json(&read.to_json());
    if read.problems.is_empty() {
        assert_eq!(read.to_json(), again.to_json(), "a policy that does not survive being written");
    }
    let small = |statement: &&Statement| statement.actions.items().len().max(statement.resources.items().len()) <= MAX_ITEMS;
    let statements: Vec<Statement> = read.statements.iter().filter(small).take(MAX_STATEMENTS).cloned().collect();
    compare(&statements);
}

fn compare(statements: &[Statement]) {
    let requests: Vec<Request> = statements.iter().flat_map(requests).collect();
    for request in &requests {
        algebra::allows(statements, request);
    }
    algebra::usage(statements, &requests);
    let merged = algebra::merge(statements);
    for request in &requests {
        let (before, after) = (algebra::allows(statements, request).coverage, algebra::allows(&merged, request).coverage);
        assert!(after >= before || before != Coverage::Full, "merging lost {request:?}");
        assert!(after == Coverage::None || before != Coverage::None, "merging allowed {request:?}");
    }
    leash::policy::escalation::escalations(statements, &|_, _| true);
    let _ = algebra::subtract(statements, &merged);
}

/// Each action on each resource of a statement.
fn requests(statement: &Statement) -> Vec<Request> {
    let (Clause::Only(actions), Clause::Only(resources)) = (&statement.actions, &statement.resources) else { return Vec::new() };
    let pair = |action: &ActionPattern, resource: &ArnPattern| Request {
        conditions: statement.conditions.clone(),
        ..Request::new(action.clone(), resource.clone())
    };
    actions.iter().flat_map(|action| resources.iter().map(move |resource| pair(action, resource))).collect()
}
