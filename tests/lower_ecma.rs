//! The lowering of JavaScript and TypeScript: small sources beside the intermediate form they become.

use leash::ir::{Module, dump};
use leash::lower::lower;
use leash::span::SourceFile;
use leash::syntax::Language;

fn module(path: &str, source: &str) -> Module {
    let language = Language::from_path(path).expect("the tests name files with known extensions");
    lower(SourceFile::new(path, source), language)
}

/// One snapshot per source: `name: "file.ext", "source"`.
macro_rules! lowered {
    ($($name:ident: $path:literal, $source:literal;)*) => {$(
        #[test]
        fn $name() {
            let module = module($path, $source);
            assert_eq!(module.syntax_errors, [], "the source parses");
            insta::with_settings!({ description => $source, omit_expression => true, snapshot_path => "lower_ecma", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(dump(&module));
            });
        }
    )*};
}

lowered! {
    esm_handler: "a.mjs", r#"
import AWS, { S3, SQS as Queue } from "aws-sdk";
import * as dynamo from "@aws-sdk/client-dynamodb";
import "./side-effect.js";
const s3 = new S3({ region: process.env.AWS_REGION });
export const handler = async (event, context) => {
  const { Records: [first, ...others], [event.key]: value = 1, ...rest } = event;
  return await s3.getObject({ Bucket: `b-${event.name}-x`, Key: first?.s3["object"]?.key }).promise();
};
export default handler;
"#;
    commonjs_handler: "a.js", r#"
const { S3Client } = require("@aws-sdk/client-s3"), path = require(`path`);
const table = require("./config").table;
exports.a = exports.b = function () { return table; };
module.exports.handler = async function named(event) { return named.x, load(require(event.name)); };
async function load(x) { return (await import("./lazy.js")).run(x); }
"#;
    module_exports_object: "a.js", r#"
const run = (event) => event;
module.exports = { run, other: async (evt, ctx) => 1, VERSION: "1", helper(x) { return x; } };
"#;
    exports: "a.ts", r#"
export { a as b, type T } from "./x";
export * from "./all";
export * as ns from "./ns";
export type { U } from "./types";
import type { V } from "./v";
import { type W } from "./w";
import { type X, y } from "./x-y";
import fs = require("fs");
import Put = y.commands.Put;
export const { p, q: [r] } = y, s = 1;
export function f(): void;
export function f(x?: V) { return x; }
export class C {}
export enum E { A, B = "b", C = A, D = 7, F }
export default class extends C {}
export { s as t };
"#;
    export_assignment: "a.ts", r#"
import AWS = require("aws-sdk");
const handler = async (e: AWS.Event) => new AWS.S3();
export = { handler };
"#;
    default_function: "a.js", "export default async function (event) { return other(event); }\nfunction other() {}\n";
    scopes: "a.js", r"
const x = 1;
let only = 0;
function f(x) {
  { let x = 2; use(x); (() => x)(); }
  for (const x of [x]) use(x);
  for (let i = 0; i < 3; i++) { const only = i; use(only); }
  for (let i = 9; i; i--) use(i);
  try { g(); } catch (e) { use(e); } finally { done(); }
  try { g(); } catch { } 
  switch (x) { case 1: let x = 3; use(x); }
  if (x) { function g() { return only; } var late = g(); }
  return [x, late, only];
}
{ const process = 1; use(process); }
";
    own_names: "a.js", r"
const f = function g(n) { return n ? g(n - 1) : 0; };
const C = class D { static make() { return new D(); } };
const h = function unused() {};
";
    class: "a.ts", r#"
@injectable()
export class Repo<T> extends mixin(Base, Other) implements I {
  private static readonly table = process.env.TABLE;
  static client = client;
  static { setup(this); }
  #count = 0;
  readonly s3: S3Client;
  name?: string;
  load = async (key: string) => this.s3.send(key);
  @prop() value = 1;
  constructor(private readonly db: Db<Item>, @inject("x") public x = 1, plain: number) { super(db); this.s3 = plain; }
  get size() { return this.#count; }
  set size(v) { this.#count = v; }
  static async create(): Promise<Repo> { return new this(); }
  @log("put") @metric async put(item: T) { return super.put(item); }
  *[Symbol.iterator]() { yield* this.items; }
  abstract gone(): void;
}
"#;
    standard_class: "a.js", r"
class A { @dec field; static #x = 1; 'quoted'() {} ['computed' + 1]() {} static async *gen() { yield 1; } }
const o = new class extends A { x = () => super.m; }();
";
    annotations: "a.ts", r#"
let client: S3Client | undefined;
const a: Array<Handler<E>> = [], b: string[] = [], c: "lit" | null = null, d: ns.deep.Type<X> = e as unknown as F;
function f(this: Window, x: Foo | Bar, y?: readonly Baz[], ...z: import("./m").Z): void {}
const g = <S3>h, i = j!.k satisfies L;
"#;
    enums_and_namespaces: "a.ts", r#"
namespace A.B { export const x = 1; const hidden = 2; export function f() { return hidden + x; } export namespace C { export class K {} } }
declare namespace Gone { const y: number; }
declare const ambient: string;
const enum Key { Table = "TABLE", Bucket = "BUCKET" }
enum Key { More = 1 << 2 }
abstract class Merged {}
namespace Merged { export const z = Key.Table; }
interface I { x: number }
type T = string;
"#;
    objects: "a.js", r#"
const o = { a, b: 1, "c-d": 2, [k]: 3, ['e']: 4, 5: 6, f() {}, async *g() {}, get h() { return 7; }, set h(v) { w(v); }, ...rest };
const l = [1, , ...xs, 2];
[a.b, l[0], { c: o.d = 5, ...o.r }] = f();
({ x, y = 1 } = o);
"#;
    strings: "a.js", r#"
const s = ['a\n\x41B\u{43}\'', "it's", `plain\tt`, `a${b}c${`d${e}`}\n`, tag`x${1}y`, String.raw`\d`];
"#;
    operators: "a.js", r#"
let n = a + b - c, t = typeof a, u = void 0, v = !0, w = !x, y = -1, z = a?.b?.[c]?.(d);
n += 1; n -= 2; n ||= d(); o.p ??= e(); q &&= r; n++; --o.m;
const i = (n += 1, o.k ||= s, n++, a = b = c);
const j = a && b || c ?? d, k = a === b, l = a != b, m = "x" in o, p = o instanceof P, q2 = /re/g;
delete o.x; a ? b() : c ? d() : e(); a && (b(), c()); a || d(); (0, o.call)(1); new.target; import.meta.url;
"#;
    loops: "a.js", r"
async function* f() {
  for await (const page of pages()) { yield page; continue; }
  for (const k in o) if (k) break;
  for (;;) { break; }
  while (next()) step();
  do { step(); } while (more(), again());
  for (a.b of c) ;
  for (var i = 0, n = 2; i < n; i++, n--) use(i);
}
";
    labels: "a.js", r"
outer: for (const a of as) { inner: while (a) { if (x) continue outer; if (y) break outer; break; } }
block: { if (z) break block; rest(); }
last();
";
    switches: "a.js", r#"
function f(x) {
  switch (x.type) {
    case "a":
    case Kind.B: one(); break;
    case check(): two();
    case "d": { three(); break; }
    case "e": return 4;
    default: five();
  }
  while (x) switch (x) { case 1: if (y) break; more(); continue; case 2: throw e; }
}
"#;
    branches: "a.js", r"
if (a) b(); else if (c, d) { e(); } else f();
if (g) h();
throw i(), j();
";
    jsx: "a.tsx", r#"
const App = () => <Page title={title()} kind="x" {...props}><div onClick={() => save()}>{items.map((i) => <Row i={i} />)}</div><></></Page>;
"#;
    generic_calls_are_awaited: "a.ts", "async () => { const r = await this.insert<T>(x); const s = await g<T>(x).y(2); const t = (await g<T>(x)).z; (await h)(1); };\n";
    resources: "a.js", "{ using a = open(); await using b = openLater(); }\n";
    resources_typed: "a.ts", "{ using a = open(); await using b = openLater(); use(a, b); }\n";
    compiled_typescript: "a.js", r#"
"use strict";
var __importDefault = (this && this.__importDefault) || function (mod) { return (mod && mod.__esModule) ? mod : { "default": mod }; };
Object.defineProperty(exports, "__esModule", { value: true });
exports.handler = exports.other = void 0;
const client_s3_1 = require("@aws-sdk/client-s3");
const lib_1 = __importDefault(require("./lib"));
__exportStar(require("./more"), exports);
Object.defineProperty(exports, "thing", { enumerable: true, get: function () { return lib_1.thing; } });
const handler = (event_1, ...args_1) => __awaiter(void 0, [event_1, ...args_1], void 0, function* (event, n = 1) { yield (0, lib_1.default)(event, n); });
exports.handler = handler;
function other() { return __awaiter(this, void 0, void 0, function* () { return this.x; }); }
exports.other = other;
"#;
    bundled_by_esbuild: "a.js", r#"
var src_exports = {};
__export(src_exports, { handler: () => handler });
module.exports = __toCommonJS(src_exports);
var import_s3 = __toESM(require("@aws-sdk/client-s3"), 1);
var handler = async (event) => new import_s3.S3Client(event);
"#;
    directives: "a.js", r#"
// leash: allow s3:GetObject arn:aws:s3:::x -- by hand
const s = "// leash: no";
/* leash: ignore */
/** leash: doc */
// see leash: not at the start
"#;
    wrapped_handlers: "a.ts", r#"
const main = async ({ pathParameters }) => main2;
const util = (x) => x;
export const start = middy(main).use(json()).use(cors());
export const users: Handler<APIGatewayProxyEvent> = wrap(util);
export const helper = util;
export const lambdaHandler = factory();
export const config = { handler: "x" };
export const onEvent = (e: SQSEvent) => e;
export async function handler(input) {}
export { apiHandler } from "./api";
"#;
}

#[test]
fn handlers_are_ranked() {
    let named = |file, source| module(file, source).handlers.iter().map(ToString::to_string).collect::<Vec<_>>();
    let found = |source| named("a.ts", source);
    assert_eq!(found("export default async (input) => input;"), ["default"]);
    assert!(named("a.tsx", "export default (props) => <p>{props.text}</p>;").is_empty(), "a component");
    assert!(named("a.js", "export default function App({ title }) { return <p>{title}</p>; }").is_empty(), "likewise");
    assert_eq!(named("a.tsx", "export const handler = async (event) => <p/>;"), ["handler"]);
    assert_eq!(found("export const run = (event) => 1; export const handler = () => 1; export const x = 1;"), ["handler", "run"]);
    assert_eq!(found("export default function () {}; export function helper(a, b) {}"), ["default"]);
    assert_eq!(found("module.exports = async (event) => 1"), ["module.exports"]);
    assert_eq!(found("exports.myHandler = wrap(1); exports.handler = 'text';"), ["myHandler"]);
}

#[test]
fn broken_regions_keep_their_calls() {
    let module =
        module("a.js", "function f( { s3.getObject({ Bucket: 'a' }\n const x = require('aws-sdk');\nclass { y( { g(h()) }\n");
    assert!(!module.syntax_errors.is_empty());
    let text = dump(&module);
    assert!(text.contains("getObject"), "{text}");
    assert!(text.contains("aws-sdk"), "{text}");
    assert!(text.contains('h'), "{text}");
}

/// Code nested or repeated beyond all measure: on a thread with the usual small stack it must come out, and quickly.
#[test]
fn hostile_sources() {
    let many = 20_000;
    let repeated = |text: &str| text.repeat(many);
    let sources = [
        repeated("["),
        repeated("[") + &repeated("]"),
        repeated("("),
        repeated("{"),
        repeated("f("),
        repeated("a=>"),
        repeated("!"),
        repeated("`${"),
        repeated("if(a)"),
        repeated("x:"),
        repeated("class A{static{"),
        repeated("function f(a=function(){"),
        format!("var {}", repeated("[")),
        repeated("new "),
        repeated("await "),
        repeated("namespace A{"),
        repeated("<a>"),
        repeated("switch(a){case 1:"),
    ];
    for source in sources {
        for path in ["a.js", "a.tsx"] {
            let module = module(path, &source);
            assert!(!module.functions.is_empty());
        }
    }
}

/// What generated code repeats by the thousand loses nothing.
#[test]
fn long_chains() {
    let many = 5_000;
    let text = |source: String| {
        let module = module("a.js", &source);
        assert_eq!(module.syntax_errors, [], "nothing is too deep");
        let top = &module.top().body;
        top.exprs.iter().filter(|expr| matches!(expr, leash::ir::Expr::Call { .. })).count()
    };
    assert_eq!(text(format!("x = {}1;", "f() + ".repeat(many))), many);
    assert_eq!(text(format!("x = a{};", ".f()".repeat(many))), many);
    assert_eq!(text(format!("x = ({}1);", "f(), ".repeat(many))), many);
    assert_eq!(text(format!("{}1;", "f(), ".repeat(many))), many);
    assert_eq!(text(format!("{} {{}}", "if (f()) {} else ".repeat(many))), many);
    assert_eq!(text(format!("x = {}1;", "f() ? 1 : ".repeat(many))), many);
    assert_eq!(text(format!("{}1;", "f() ? 1 : ".repeat(many))), many);
    assert_eq!(text(format!("{}f();", "a.b = ".repeat(many))), 1);
    assert_eq!(text(format!("{}1;", "f() && ".repeat(many))), many);
}

/// What `a.b ??= c` changes runs once, however deep such assignments are in each other, and so it is written once, too.
#[test]
fn places_that_are_read_and_written_run_once() {
    for (assigned, ends) in [(".p ??= 1)", ""), (".p += 1)", ""), ("[f()] ||= 1)", ""), (".p++)", "")] {
        let deep = 12;
        let module = module("a.js", &format!("x = {}a(){}{ends};", "(".repeat(deep), assigned.repeat(deep)));
        let shown = leash::ir::dump(&module);
        assert!(shown.len() < 5_000, "{assigned}: {} bytes", shown.len());
        assert_eq!(shown.matches("a(").count(), 1, "{assigned}");
    }
}
