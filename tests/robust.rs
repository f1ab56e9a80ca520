//! Hostile input: whatever a file contains, the pipeline answers, and does so soon.

use std::fmt::Write as _;
use std::path::Path;

use leash::pipeline::{Report, Settings, run};

#[path = "support/guard.rs"]
mod guard;
#[path = "support/project.rs"]
mod project;

const PYTHON: &str = r#"
import os, boto3
from dataclasses import dataclass
@dataclass
class Settings:
    bucket: str = os.environ.get("BUCKET", "main")
class Store:
    def __init__(self, settings=None):
        self.settings = settings or Settings()
        self.s3 = boto3.client("s3")
    def keys(self, prefix):
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.settings.bucket, Prefix=prefix):
            yield from (item["Key"] for item in page.get("Contents", []))
def handler(event, context):
    store = Store()
    try:
        with open("/tmp/x") as f:
            data = {**event, "k": [f"in/{key}" for key in store.keys("in/")]}
    except (KeyError, ValueError) as error:
        raise RuntimeError("x") from error
    finally:
        store.s3.delete_object(Bucket="b", Key="lock")
    match event.get("kind"):
        case "a" | "b":
            return data
        case {"x": y, **rest}:
            return y, rest
"#;

const TYPESCRIPT: &str = r#"
import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3";
enum Kind { A = "a", B = "b" }
abstract class Base<T extends object> {
  #client = new S3Client({});
  static { console.log("x"); }
  constructor(protected readonly bucket: string = process.env.BUCKET ?? "main") {}
  get client(): S3Client { return this.#client; }
  abstract run(input: T): Promise<unknown>;
}
class Store extends Base<{ key: string }> {
  async run({ key, ...rest }: { key: string }) {
    outer: for (const part of [key, ...Object.values(rest)]) {
      for (;;) { if (part === Kind.A) continue outer; break; }
      await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: `in/${part}` }));
    }
    switch (key) { case Kind.B: return 1; default: return null; }
  }
}
export const handler = async (event: any) => {
  try { return await Promise.all(event.keys.map((key: string) => new Store().run({ key }))); }
  catch (e) { throw e as Error; } finally { void 0; }
};
"#;

/// A sequence of numbers that looks random and is the same on each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("below a usize")
    }
}

/// Analyzes a folder of files, and fails when that never ends.
fn analyze(files: &[(&str, &[u8])], what: &str) -> Report {
    let folder = project::folder(files.iter().copied());
    analyze_at(folder.path(), what)
}

fn analyze_at(path: &Path, what: &str) -> Report {
    let settings = Settings { paths: vec![path.to_path_buf()], ..Settings::default() };
    guard::guarded(what, move || run(&settings, &|_| {}))
}

/// One file, which has this many AWS calls.
fn calls(name: &str, text: &str) -> usize {
    analyze(&[(name, text.as_bytes())], name).functions.iter().map(|function| function.calls.len()).sum()
}

/// What stands in notes of one kind.
fn notes<'r>(report: &'r Report, kind: &str) -> Vec<&'r str> {
    let notes = report.functions.iter().flat_map(|function| &function.notes);
    notes.filter(|note| note.kind.id() == kind).map(|note| note.message.as_str()).collect()
}

#[test]
fn truncated_sources_are_answered() {
    for (name, text) in [("app.py", PYTHON), ("app.ts", TYPESCRIPT)] {
        assert!(calls(name, text) > 0, "{name}");
        let cut = (0..text.len()).step_by(37).map(|end| analyze(&[(name, &text.as_bytes()[..end])], name));
        let found = cut.filter(|report| report.functions.iter().any(|function| !function.calls.is_empty())).count();
        assert!(found > 0, "no call is found in any part of {name}");
    }
}

#[test]
fn mutated_sources_are_answered() {
    let mut numbers = Numbers(0x5eed);
    let mut found = 0;
    let pieces: [&[u8]; 12] = [b"(", b")", b"{", b"}", b"[", b"\"", b"'''", b"`${", b"\n    ", b"...", b" await ", b"\xff\xfe"];
    for round in 0..60 {
        for (name, text) in [("app.py", PYTHON), ("app.ts", TYPESCRIPT)] {
            let mut text = text.as_bytes().to_vec();
            for _ in 0..=numbers.below(4) {
                let (at, to) = (numbers.below(text.len()), numbers.below(text.len()));
                match numbers.below(4) {
                    0 => drop(text.splice(at..at, pieces[numbers.below(pieces.len())].iter().copied())),
                    1 => drop(text.drain(at.min(to)..at.max(to).min(at.min(to) + 40))),
                    2 => text.swap(at, to),
                    _ => drop(text.splice(at..at, text[at.min(to)..at.max(to).min(at.min(to) + 60)].to_vec())),
                }
            }
            let report = analyze(&[(name, &text)], &format!("{name}, round {round}"));
            found += usize::from(report.functions.iter().any(|function| !function.calls.is_empty()));
        }
    }
    assert!(found > 30, "calls are found in {found} of 120 files that are mostly whole");
}

/// A handler with one call, which all that stands around it leaves there.
const CALL_IN_PYTHON: &str =
    "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    s3.get_object(Bucket='b', Key='k')\n";
const CALL_IN_JAVASCRIPT: &str = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n\
                                  exports.handler = async (event) => s3.getObject({ Bucket: 'b', Key: 'k' });\n";

#[test]
fn nested_brackets_are_answered() {
    let deep = 100_000;
    let open = |bracket: &str, close: &str| format!("x = {}{}\n", bracket.repeat(deep), close.repeat(deep));
    let python = |text: &str| calls("app.py", &format!("{CALL_IN_PYTHON}{text}"));
    let javascript = |text: &str| calls("app.js", &format!("{CALL_IN_JAVASCRIPT}{text}"));
    for (bracket, close) in [("(", ")"), ("[", "]"), ("[", ""), ("f(", ")")] {
        assert_eq!(python(&open(bracket, close)), 1, "{bracket} and {close} in Python");
        assert_eq!(javascript(&open(bracket, close)), 1, "{bracket} and {close} in JavaScript");
    }
    assert_eq!(javascript(&open("{a:", "}")), 1, "objects");
    assert_eq!(javascript(&open("()=>", "1")), 1, "arrow functions");
    assert_eq!(javascript(&"if(a){".repeat(deep)), 1, "blocks");
    assert_eq!(python(&"not ".repeat(deep)), 1, "negations");
}

#[test]
fn long_chains_keep_their_calls() {
    let links = 1_000;
    let python = format!(
        "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    x = event{}\n    s3.get_object(Bucket='b', Key='k')\n",
        ".get('a')".repeat(links)
    );
    assert_eq!(calls("app.py", &python), 1);
    let head = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n";
    let chained = format!(
        "{head}exports.handler = async (event) => s3.headObject({{ Bucket: 'b', Key: 'k' }}){}.then(() => s3.getObject({{ Bucket: 'b', Key: 'k' }}));",
        ".then((x) => x)".repeat(links)
    );
    assert_eq!(calls("app.js", &chained), 2);
}

#[test]
fn long_alternatives_keep_their_calls() {
    let mut python =
        String::from("import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    kind = event['kind']\n");
    let mut script = String::from(
        "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\nexports.handler = async (event) => {\n  const kind = event.kind;\n  ",
    );
    for index in 0..400 {
        let word = if index == 0 { "if" } else { "elif" };
        let _ = write!(python, "    {word} kind == 'k{index}':\n        s3.get_object(Bucket='b', Key='{index}')\n");
        let _ = write!(script, "if (kind === 'k{index}') await s3.getObject({{ Bucket: 'b', Key: '{index}' }});\n  else ");
    }
    script.push_str("return 1;\n};\n");
    // Each stands at a place of its own.
    assert_eq!(calls("app.py", &python), 400);
    assert_eq!(calls("app.js", &script), 400);
}

#[test]
fn endless_alternatives_are_answered() {
    let branches = "elif event['kind'] == 'x':\n        pass\n    ".repeat(150_000);
    assert_eq!(calls("app.py", &format!("{CALL_IN_PYTHON}    if event:\n        pass\n    {branches}\n")), 1, "in Python");
    let within = |text: &str| {
        let call = "await s3.getObject({ Bucket: 'b', Key: 'k' });";
        let head = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n";
        calls("app.js", &format!("{head}exports.handler = async (event) => {{ {call} {text} }};"))
    };
    assert_eq!(within(&format!("{} {{}}", "if (event.a) {} else ".repeat(150_000))), 1, "in JavaScript");
    assert_eq!(within(&format!("return {} 1;", "event.a ? 2 : ".repeat(20_000))), 1, "conditional expressions");
}

#[test]
fn what_is_cut_off_is_said() {
    let deep = 20_000;
    let text = format!(
        "const {{ S3 }} = require('@aws-sdk/client-s3');\nconst s3 = new S3({{}});\nexports.handler = async (event) => event{};",
        ".then((x) => x)".repeat(deep)
    );
    let report = analyze(&[("app.js", text.as_bytes())], "a chain beyond the limits");
    let notes: Vec<&str> = report.functions.iter().flat_map(|function| &function.notes).map(|note| note.kind.id()).collect();
    assert!(notes.contains(&"budget"), "{notes:?}");
}

#[test]
fn recursion_without_end_is_answered() {
    let python = "import boto3\ns3 = boto3.client('s3')\ndef a(x, n):\n    b({'x': x}, [n])\n    s3.get_object(Bucket='b', Key='k')\ndef b(x, n):\n    a([x], n)\n    c(lambda: a(x, n))\ndef c(f):\n    f()\n    c(lambda: f())\ndef handler(event, context):\n    a(event, 1)\n";
    assert_eq!(calls("app.py", python), 1);
    let script = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\nconst fix = (f) => ((x) => x(x))((x) => f((y) => x(x)(y)));\nexports.handler = async (event) => { fix((self) => (n) => { s3.getObject({ Bucket: 'b', Key: 'k' }); return self(n); })(event); };";
    assert_eq!(calls("app.js", script), 1);
}

#[test]
fn classes_that_share_bases_are_answered() {
    let mut python = String::from("import boto3\nclass A0:\n    s3 = boto3.client('s3')\n");
    for index in 1..60 {
        let below = index - 1;
        let _ = write!(
            python,
            "class L{index}(A{below}): pass\nclass R{index}(A{below}): pass\nclass A{index}(L{index}, R{index}): pass\n"
        );
    }
    python.push_str("def handler(event, context):\n    x = A59()\n    x.missing()\n    x.s3.get_object(Bucket='b', Key='k')\n");
    assert_eq!(calls("app.py", &python), 1);
}

#[test]
fn a_large_bundle_is_answered() {
    let mut text = String::from("const{S3:a}=require('@aws-sdk/client-s3');const s=new a({});");
    for index in 0..30_000 {
        let _ = write!(text, "function f{index}(e,t){{return e&&t?f{}(e[t],{{n:t,r:[e]}}):{{k:'v'+t}}}}", index / 2);
    }
    text.push_str("exports.handler=async e=>{f29999(e,'k');return s.getObject({Bucket:'b',Key:'k'})};");
    assert_eq!(calls("app.js", &text), 1);
}

#[test]
fn files_that_are_no_sources_are_answered() {
    let zeros = vec![0_u8; 100_000];
    let latin = b"import boto3\ndef handler(event, context):\n    boto3.client('s3').get_object(Bucket='b\xe9', Key='k')\n";
    let marked = format!("\u{feff}{CALL_IN_JAVASCRIPT}");
    let files: [(&str, &[u8]); 4] =
        [("empty.py", b""), ("binary.js", &zeros), ("latin.py", latin), ("marked.js", marked.as_bytes())];
    let report = analyze(&files, "files of other kinds");
    let found: Vec<_> = report.functions.iter().map(|function| (function.name.as_str(), function.calls.len())).collect();
    assert_eq!(found, [("latin", 1), ("marked", 1)]);
}

#[test]
fn copies_of_copies_are_answered() {
    let mut python = String::from(
        "import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n    s3.get_object(Bucket='b', Key='k')\n    d = {}\n",
    );
    let mut script = String::from(
        "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\nexports.handler = async (event) => {\n  s3.getObject({ Bucket: 'b', Key: 'k' });\n  let d = {};\n",
    );
    for index in 0..2_000 {
        let _ = writeln!(python, "    d = {{**d, 'k{index}': 'v'}}");
        let _ = writeln!(script, "  d = {{ ...d, k{index}: 'v' }};");
    }
    script.push_str("};\n");
    for (name, text) in [("app.py", python), ("app.js", script)] {
        let report = analyze(&[(name, text.as_bytes())], name);
        assert_eq!(report.functions[0].calls.len(), 1, "{name}");
        assert!(report.functions[0].notes.iter().all(|note| note.kind.id() != "budget"), "{name}");
    }
}

#[test]
fn texts_that_double_are_answered() {
    let doubled = |each: &str| format!("    a = {each}\n").repeat(60);
    for each in [
        "a.replace('b', 'bb')",
        "a.replace('b', a)",
        "a + a",
        "f'{a}{a}'",
        "'%s%s' % (a, a)",
        "json.dumps(a)",
        "json.dumps([a, a])",
    ] {
        let text = format!(
            "import json, boto3\ndef handler(event, context):\n    a = 'b'\n{}    boto3.client('s3').get_object(Bucket='b', Key=a)\n",
            doubled(each)
        );
        assert_eq!(calls("app.py", &text), 1, "{each}");
    }
    for each in [
        "a.replaceAll('b', 'bb')",
        "a.replaceAll('b', a)",
        "a.concat(a)",
        "`${a}${a}`",
        "JSON.stringify(a)",
        "JSON.stringify({ a, b: a })",
    ] {
        let text = format!(
            "const {{ S3 }} = require('@aws-sdk/client-s3');\nexports.handler = async () => {{\n    let a = 'b';\n{}    await new S3({{}}).getObject({{ Bucket: 'b', Key: a }});\n}};\n",
            doubled(each)
        );
        assert_eq!(calls("app.js", &text), 1, "{each}");
    }
}

#[test]
fn many_comments_for_leash_are_all_read() {
    let count = 20_000;
    let python = format!("{}def handler(event, context):\n    pass\n", "# leash: allow s3:GetObject -- why\n".repeat(count));
    let script = format!(
        "{}exports.handler = async () => 1;\n",
        "/* leash: allow s3:GetObject -- why */ // no leash: here\n".repeat(count)
    );
    for (name, text) in [("app.py", python), ("app.js", script)] {
        assert_eq!(analyze(&[(name, text.as_bytes())], name).functions[0].directives.len(), count, "{name}");
    }
}

#[test]
fn many_patterns_are_put_together() {
    let mut python = String::from("import boto3\ns3 = boto3.client('s3')\ndef handler(event, context):\n");
    for index in 0..1_000 {
        let _ = writeln!(python, "    s3.get_object(Bucket='b{index}', Key=event['k'])");
    }
    let report = analyze(&[("app.py", python.as_bytes())], "many buckets");
    let resources: usize = report.functions[0].draft.statements.iter().map(|draft| draft.statement.resources.items().len()).sum();
    assert_eq!(resources, 1_000);
}

#[test]
fn what_the_budget_did_not_come_to_is_looked_at_by_itself() {
    let mut script = String::from(
        "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n\
         const finish = async (key) => s3.putObject({ Bucket: 'done', Key: key });\n\
         const unused = async () => s3.deleteObject({ Bucket: 'gone', Key: 'k' });\n\
         exports.handler = async (event) => {\n  let o = {};\n",
    );
    for _ in 0..1_000 {
        script.push_str("  for (const k of event.keys) { o = { ...o, o, [k]: o }; }\n");
    }
    script.push_str("  await finish('report');\n};\n");
    let report = analyze(&[("app.js", script.as_bytes())], "a function beyond the budget");
    let function = &report.functions[0];
    assert!(function.notes.iter().any(|note| note.kind.id() == "budget"), "the budget is not spent");
    let operations: Vec<&str> = function.calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(operations, ["PutObject"]);
    assert_eq!(function.calls[0].confidence, leash::sdk::Confidence::Likely);
}

#[test]
fn long_conditions_are_answered() {
    // What is asked for in a condition is evaluated for each operand behind it.
    let all = |operand: &str, between: &str| vec![operand; if operand == "event" { 100_000 } else { 5_000 }].join(between);
    let s3 = "import boto3\ns3 = boto3.client('s3')\n";
    for condition in [all("event", " or "), all("event", " and "), all("event == 'a'", " or "), all("event != 'a'", " and ")] {
        let call = "s3.get_object(Bucket='b', Key='k')";
        let python = format!("{s3}def handler(event, context):\n    if {condition}:\n        {call}\n");
        assert_eq!(calls("app.py", &python), 1);
        let call = format!("{s3}def handler(event, context):\n    return [{call} for event in [1] if {condition}]\n");
        assert_eq!(calls("app.py", &call), 1);
    }
    let head = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n";
    for condition in [all("event", " || "), all("event", " && "), all("event", " ?? "), all("event === 'a'", " || ")] {
        let call = "await s3.getObject({ Bucket: 'b', Key: 'k' });";
        let script = format!("{head}exports.handler = async (event) => {{ if ({condition}) {call} }};");
        assert_eq!(calls("app.js", &script), 1);
    }
}

#[test]
fn keys_with_many_unknown_parts_are_answered() {
    let key = "{t}x".repeat(25);
    let entry = "x".repeat(60);
    let python = format!("{CALL_IN_PYTHON}    t = event['t']\n    d = {{'{entry}': 1}}\n    d[f'{key}z'] = d[f'{key}z']\n");
    assert_eq!(calls("app.py", &python), 1);
}

#[test]
fn packages_that_name_each_other_are_answered() {
    let (app, call): (&[u8], _) = (b"exports.handler = require('./a');", format!("{CALL_IN_JAVASCRIPT}require('./a');"));
    for (a, b) in [("../b", "../a"), (".", "."), ("./sub", "..")] {
        let manifest = |main: &str| format!("{{\"main\": \"{main}\"}}").into_bytes();
        let (a, b) = (manifest(a), manifest(b));
        let files: [(&str, &[u8]); 4] =
            [("app.js", call.as_bytes()), ("a/package.json", &a), ("a/sub/package.json", &b), ("b/package.json", &b)];
        let report = analyze(&files, "packages in a circle");
        assert_eq!(report.functions[0].calls.len(), 1);
    }
    let main: &[u8] = b"{\"main\": \"lib\"}";
    let index: &[u8] = b"const { S3 } = require('@aws-sdk/client-s3');\nmodule.exports = () => new S3({}).listBuckets({});";
    let report = analyze(&[("app.js", app), ("a/package.json", main), ("a/lib/index.js", index)], "a folder as main");
    assert_eq!(report.functions[0].calls.len(), 1);
}

#[test]
fn odd_numbers_and_format_strings_are_answered() {
    let python = "    '{0[a]é}{0[é}{0.é}{é[}'.format(event)\n    '%(é%é' % event\n    'x'[9223372036854775807]\n    [1][-9223372036854775808]\n    'abc'[-9223372036854775808:9223372036854775807]\n    'a' * 9223372036854775807\n    9223372036854775807 + 1\n";
    assert_eq!(calls("app.py", &format!("{CALL_IN_PYTHON}{python}")), 1);
    let script = "exports.handler = async (event) => { await s3.getObject({ Bucket: 'b', Key: 'k' }); 'x'.charAt(9223372036854775807); 'x'.substr(9223372036854775807, 9223372036854775807); [1].at(9223372036854775807); 9223372036854775807 * 2;\n  return __awaiter(this, void 0, void 0, function () { return __generator(this, function (_a) { _a.label = 9223372036854775807; return [4, event]; }); }); };";
    let head = "const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\n";
    assert_eq!(calls("app.js", &format!("{head}{script}")), 1);
}

#[test]
fn a_value_with_too_many_functions_says_so() {
    let mut python = String::from("import boto3\ns3 = boto3.client('s3')\n");
    for index in 0..120 {
        let _ = writeln!(python, "def f{index}():\n    s3.get_object(Bucket='b{index}', Key='k')");
    }
    let entries: Vec<String> = (0..120).map(|index| format!("'{index}': f{index}")).collect();
    let _ = write!(python, "all = {{{}}}\ndef handler(event, context):\n    all[event['kind']]()\n", entries.join(", "));
    let report = analyze(&[("app.py", python.as_bytes())], "many functions");
    assert_eq!(report.functions[0].calls.len(), 96);
    let notes = notes(&report, "unresolved-call");
    assert!(notes.iter().any(|note| note.contains("more functions and objects can be called here")), "{notes:?}");
}

/// A program of modules that import each other in a chain, the last of which makes a request.
fn chain_of_modules(links: usize, import: &str, last: &str) -> Report {
    let module = |index: usize| import.replace("NEXT", &format!("m{}", index + 1));
    let mut files: Vec<(String, String)> = (0..links).map(|index| (format!("m{index}.py"), module(index))).collect();
    files.push((format!("m{links}.py"), last.to_owned()));
    files.push(("app.py".to_owned(), "from m0 import save\ndef handler(event, context):\n    save()\n".to_owned()));
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
    analyze(&files, "a chain of modules")
}

#[test]
fn chains_of_modules_are_followed() {
    let save = "import boto3\ns3 = boto3.client('s3')\ndef save():\n    s3.put_object(Bucket='b', Key='k')\n";
    let report = chain_of_modules(150, "from NEXT import save\n", save);
    assert_eq!(report.functions.iter().map(|function| function.calls.len()).sum::<usize>(), 1);
    assert_eq!(notes(&report, "budget"), [""; 0]);
    let report = chain_of_modules(400, "from NEXT import save\n", save);
    let notes = notes(&report, "budget");
    assert!(notes.iter().any(|note| note.contains("import each other too deeply")), "{notes:?}");
}

#[test]
fn modules_that_import_from_within_deep_code_are_answered() {
    let nested = |open: &str, close: &str| format!("{}require('./NEXT'){};", open.repeat(300), close.repeat(300));
    for text in [nested("f(", ")"), nested("if (f) {", "}")] {
        let mut files = vec![("app.js".to_owned(), format!("require('./m0');\n{CALL_IN_JAVASCRIPT}"))];
        files.extend((0..220).map(|index| (format!("m{index}.js"), text.replace("NEXT", &format!("m{}", index + 1)))));
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        let report = analyze(&files, "imports in deep code");
        let app = report.functions.iter().find(|function| function.name == "app").expect("the handler");
        assert_eq!(app.calls.len(), 1);
    }
}

#[test]
fn modules_that_export_from_each_other_are_answered() {
    let app = "import { S3 } from '@aws-sdk/client-s3';\nimport { x } from './m0.mjs';\n\
               export const handler = async () => { await new S3({}).getObject({ Bucket: 'b', Key: 'k' }); return x(); };\n";
    let modules = 20;
    let star = |own: usize| {
        (0..modules)
            .filter(|&index| index != own)
            .fold(String::new(), |text, index| format!("{text}export * from './m{index}.mjs';\n"))
    };
    let named = |own: usize| format!("export {{ x }} from './m{}.mjs';\n", (own + 1) % modules);
    for export in [&star as &dyn Fn(usize) -> String, &named] {
        let mut files = vec![("app.mjs".to_owned(), app.to_owned())];
        files.extend((0..modules).map(|own| (format!("m{own}.mjs"), export(own))));
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        let report = analyze(&files, "exports in a circle");
        assert_eq!(report.functions.iter().map(|function| function.calls.len()).sum::<usize>(), 1);
    }
}

#[test]
fn long_lines_of_classes_are_answered() {
    let mut python =
        String::from("import boto3\nclass C0:\n    def m(self): boto3.client('s3').get_object(Bucket='b', Key='k')\n");
    for index in 1..2_000 {
        let _ = write!(python, "class C{index}(C{}):\n    pass\n", index - 1);
    }
    python.push_str("def handler(event, context):\n    C200().m()\n    C1999().n()\n");
    let report = analyze(&[("app.py", python.as_bytes())], "a long line of classes");
    assert_eq!(report.functions[0].calls.len(), 1);
    let notes = notes(&report, "budget");
    assert!(notes.iter().any(|note| note.contains("derives from more classes")), "{notes:?}");
}

#[test]
fn a_handler_that_the_budget_did_not_last_to_is_there_all_the_same() {
    let mut script = String::from("const { S3 } = require('@aws-sdk/client-s3');\nconst s3 = new S3({});\nlet o = {};\n");
    for _ in 0..1_000 {
        script.push_str("for (const k of process.env.KEYS) { o = { ...o, o, [k]: o }; }\n");
    }
    script.push_str("const put = (Key) => s3.putObject({ Bucket: 'done', Key });\n");
    script.push_str("exports.handler = async () => put('report');\n");
    let report = analyze(&[("app.js", script.as_bytes())], "a module beyond the budget");
    let function = &report.functions[0];
    let notes: Vec<&str> = function.notes.iter().map(|note| note.kind.id()).collect();
    assert!(notes.contains(&"budget") && !notes.contains(&"unresolved-handler"), "{notes:?}");
    let operations: Vec<&str> = function.calls.iter().map(|call| call.operation.as_str()).collect();
    assert_eq!(operations, ["PutObject"]);
}
